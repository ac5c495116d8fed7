/* The known text that comes nearest to an unknown one: the one that shares the most words with it. */
#include <ctype.h>
#include <string.h>

#include "model/alert.h"
#include "model/explain_parts.h"
#include "model/spelling.h"

enum { WORDS = 24, WORD_MIN = 2, PLAIN_MAX = 200, SHARED_PERCENT = 60, LONG_WORD = 6, FAR = 2 /* letters that a long word may be misspelt by */ };

/* A pattern as people read it: “x509: certificate is valid for …, not …”. */
void
pattern_readable(const char *pattern, char *out, size_t size)
{
	size_t n = 0;

	for (const char *p = pattern; *p != '\0' && n + 4 < size; p++) {
		if (*p == '~' || *p == '^' || (*p == '$' && p[1] == '\0'))
			continue;
		if (*p == '{' && strchr(p, '}') != NULL)
			p = strchr(p, '}');
		else if (*p != '*') {
			out[n++] = *p;
			continue;
		}
		memcpy(out + n, "…", strlen("…"));
		n += strlen("…");
	}
	out[n] = '\0';
}

struct words {
	struct text items[WORDS];
	size_t len;
};

static void
split(struct words *w, struct text t)
{
	w->len = 0;
	for (size_t i = 0; i < t.len && w->len < WORDS;) {
		size_t n = 0;

		while (i + n < t.len && isalnum(t.bytes[i + n]))
			n++;
		if (n >= WORD_MIN)
			w->items[w->len++] = (struct text){ t.bytes + i, n };
		i += n + 1;
	}
}

static bool
same_word(struct text a, struct text b)
{
	char x[SPELLING_MAX + 1], y[SPELLING_MAX + 1];
	unsigned far = a.len >= LONG_WORD ? FAR : 0;

	if (a.len >= sizeof x || b.len >= sizeof y || a.len > b.len + far || b.len > a.len + far)
		return false;
	/* Nearly all pairs end here: a mistake in the first letter is rare. */
	if (tolower(a.bytes[0]) != tolower(b.bytes[0]))
		return false;
	for (size_t i = 0; i < a.len; i++)
		x[i] = (char)tolower(a.bytes[i]);
	for (size_t i = 0; i < b.len; i++)
		y[i] = (char)tolower(b.bytes[i]);
	x[a.len] = y[b.len] = '\0';
	return spelling_distance(x, y) <= far;
}

/* How many percent of the known text's words the typed one has. */
static size_t
shared(const struct words *typed, const struct words *known)
{
	size_t n = 0;

	for (size_t k = 0; k < known->len; k++) {
		for (size_t i = 0; i < typed->len; i++) {
			if (same_word(typed->items[i], known->items[k])) {
				n++;
				break;
			}
		}
	}
	/* One word of many says nothing. */
	if (known->len == 0 || (known->len == 1 && typed->len > 1))
		return 0;
	return n * 100 / (known->len > typed->len ? known->len : (known->len + typed->len) / 2);
}

struct nearest_state {
	struct words typed;
	size_t best;
	char text[PLAIN_MAX];
};

static void
consider(struct nearest_state *s, const char *pattern)
{
	char plain[PLAIN_MAX];
	struct words known;
	size_t percent;

	pattern_readable(pattern, plain, sizeof plain);
	split(&known, text_of(plain));
	percent = shared(&s->typed, &known);
	if (percent <= s->best)
		return;
	s->best = percent;
	memcpy(s->text, plain, sizeof plain);
}

const char *
nearest_text(struct text t, struct arena *a)
{
	struct nearest_state s = { .best = SHARED_PERCENT - 1 };

	split(&s.typed, t);
	if (s.typed.len == 0)
		return NULL;
	for (int n = 0; n < 255; n++)
		if (alert_info((uint8_t)n)->number == n)
			consider(&s, alert_info((uint8_t)n)->name);
	for (size_t k = 0; k < explain_tables_len; k++)
		for (size_t i = 0; i < explain_tables[k]->len; i++)
			for (size_t p = 0; p < 4 && explain_tables[k]->rows[i].texts[p] != NULL; p++)
				consider(&s, explain_tables[k]->rows[i].texts[p]);
	return s.best >= SHARED_PERCENT ? arena_strdup(a, s.text) : NULL;
}
