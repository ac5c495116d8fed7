#include "model/natural.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static int
lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Two numbers that begin here; both are stepped over. Longer is larger once zeros in front are gone. */
static int
numbers(const char **a, const char **b)
{
	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	size_t x = strspn(*a, "0123456789"), y = strspn(*b, "0123456789");
	int by = x != y ? (x < y ? -1 : 1) : memcmp(*a, *b, x);

	*a += x;
	*b += y;
	return by;
}

int
natural_order(const char *a, const char *b)
{
	size_t same = 0;

	/* What both begin with says nothing; a number that begins in it is looked at as a whole. */
	while (a[same] != '\0' && a[same] == b[same])
		same++;
	while (same > 0 && is_digit(a[same - 1]))
		same--;
	a += same;
	b += same;
	while (*a != '\0' && *b != '\0') {
		int by;

		if (is_digit(*a) && is_digit(*b)) {
			by = numbers(&a, &b);
		} else {
			by = lower((unsigned char)*a) - lower((unsigned char)*b);
			a++;
			b++;
		}
		if (by != 0)
			return by;
	}
	return (*a != '\0') - (*b != '\0');
}
