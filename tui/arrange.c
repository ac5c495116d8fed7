#include "tui/arrange.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"

/* Filter ---------------------------------------------------------------------------------------------- */

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

/* Where the word stands in the text; NULL: nowhere. */
static const char *
find_word(const char *text, const char *word, size_t len)
{
	char first = lower(word[0]);

	for (; *text != '\0'; text++) {
		size_t i = 1;

		if (lower(*text) != first)
			continue;
		while (i < len && lower(text[i]) == lower(word[i]))
			i++;
		if (i == len)
			return text;
	}
	return NULL;
}

/* The filter's next word from *at on; false: none more. A lone "!" is a word that is not finished yet. */
static bool
next_word(const char **at, const char **word, size_t *len, bool *without)
{
	for (;;) {
		*at += strspn(*at, " ");
		if (**at == '\0')
			return false;
		*word = *at;
		*len = strcspn(*at, " ");
		*at += *len;
		*without = **word == '!';
		*word += *without;
		*len -= *without;
		if (*len > 0)
			return true;
	}
}

bool
filter_matches(const char *filter, const char *text)
{
	const char *word;
	size_t len;
	bool without;

	while (next_word(&filter, &word, &len, &without))
		if ((find_word(text, word, len) != NULL) == without)
			return false;
	return true;
}

bool
filter_part(const char *filter, const char *text, size_t from, size_t *at, size_t *len)
{
	const char *word, *first = NULL;
	size_t word_len;
	bool without;

	while (next_word(&filter, &word, &word_len, &without)) {
		const char *found = without ? NULL : find_word(text + from, word, word_len);

		if (found == NULL || (first != NULL && (found > first || (found == first && word_len <= *len))))
			continue;
		first = found;
		*len = word_len;
	}
	if (first != NULL)
		*at = (size_t)(first - text);
	return first != NULL;
}

/* Order ----------------------------------------------------------------------------------------------- */

struct order {
	const struct arrange_ops *ops;
	void *self;
	size_t column;
	bool reverse;
};

static bool
goes_before(const struct order *o, size_t a, size_t b)
{
	int by = o->ops->compare != NULL ? o->ops->compare(o->self, a, b, o->column) : 0;

	if (o->ops->compare == NULL && o->reverse)
		return a > b;
	return by != 0 ? (by < 0) != o->reverse : a < b;
}

/*
 * Merge sort that leaves halves alone which stand in order already: a list in which a few things changed
 * since it was sorted last costs one comparison each, and a result a millisecond is no work.
 */
static void
sort(const struct order *o, size_t *things, size_t *spare, size_t len)
{
	size_t half = len / 2, left = 0, right = half, out = 0;

	if (len < 2)
		return;
	sort(o, things, spare, half);
	sort(o, things + half, spare, len - half);
	if (!goes_before(o, things[half], things[half - 1]))
		return;
	memcpy(spare, things, half * sizeof *things);
	while (left < half && right < len)
		things[out++] = goes_before(o, things[right], spare[left]) ? things[right++] : spare[left++];
	memcpy(things + out, spare + left, (half - left) * sizeof *things);
}

static bool
kept(const struct arrange_ops *ops, void *self, size_t thing, const char *filter, struct buf *text)
{
	if (ops->keep != NULL && !ops->keep(self, thing))
		return false;
	if (filter == NULL || filter[0] == '\0')
		return true;
	buf_reset(text);
	ops->text(self, thing, text);
	return filter_matches(filter, buf_str(text));
}

static void
make_room(struct arrangement *a, size_t all)
{
	if (all > a->cap) {
		a->cap = all > 2 * a->cap ? all : 2 * a->cap;
		a->things = mem_grow(a->things, a->cap, sizeof *a->things);
		a->where = mem_grow(a->where, a->cap, sizeof *a->where);
	}
	for (size_t i = a->all; i < all; i++)
		a->where[i] = SIZE_MAX;
	a->all = all;
}

void
arrange(struct arrangement *a, const struct arrange_ops *ops, void *self, size_t all, const char *filter,
    size_t column, bool reverse)
{
	const struct order order = { ops, self, column, reverse };
	size_t was = a->len, *spare;
	struct buf text = { 0 };

	make_room(a, all);
	spare = mem_alloc((all + 1) * sizeof *spare);
	/* In the order of last time, so that there is little to sort; then those that were not shown. */
	a->len = 0;
	for (size_t i = 0; i < was; i++)
		if (a->things[i] < all && kept(ops, self, a->things[i], filter, &text))
			a->things[a->len++] = a->things[i];
	for (size_t thing = 0; thing < all; thing++)
		if (a->where[thing] == SIZE_MAX && kept(ops, self, thing, filter, &text))
			a->things[a->len++] = thing;
	sort(&order, a->things, spare, a->len);
	for (size_t thing = 0; thing < all; thing++)
		a->where[thing] = SIZE_MAX;
	for (size_t i = 0; i < a->len; i++)
		a->where[a->things[i]] = i;
	free(spare);
	buf_done(&text);
}

void
arrange_done(struct arrangement *a)
{
	free(a->things);
	free(a->where);
	*a = (struct arrangement){ 0 };
}
