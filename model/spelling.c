#include "model/spelling.h"

#include <stddef.h>
#include <string.h>

unsigned
spelling_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned d[3][SPELLING_MAX + 1];

	if (la > SPELLING_MAX || lb > SPELLING_MAX)
		return SPELLING_MAX;
	for (size_t j = 0; j <= lb; j++)
		d[0][j] = (unsigned)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned *now = d[i % 3], *before = d[(i + 2) % 3], *earlier = d[(i + 1) % 3];
		now[0] = (unsigned)i;
		for (size_t j = 1; j <= lb; j++) {
			unsigned best = before[j - 1] + (a[i - 1] != b[j - 1]);
			if (before[j] + 1 < best)
				best = before[j] + 1;
			if (now[j - 1] + 1 < best)
				best = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && earlier[j - 2] + 1 < best)
				best = earlier[j - 2] + 1;
			now[j] = best;
		}
	}
	return d[la % 3][lb];
}

unsigned
spelling_distance_to(const char *typed, const char *name)
{
	size_t len = strlen(typed);

	if (len >= 3 && strncmp(typed, name, len) == 0)
		return 0;
	return spelling_distance(typed, name);
}

unsigned
spelling_near(const char *typed)
{
	return (unsigned)(strlen(typed) + 2) / 3;
}
