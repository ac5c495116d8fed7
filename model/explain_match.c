#include "model/explain_match.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"

enum {
	STARTS = 16,       /* places where a pattern is tried in one line: hostile lines repeat its beginning for ever */
	GRAM = 4,
	HEADS = 1 << 14,
	GAP = '*', NAMED = '{', BOUNDARY = '~'
};

static unsigned char
low(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 'a' - 'A') : c;
}

/* How many bytes of the pattern from here on are a literal piece. */
static size_t
literal_len(const char *p)
{
	size_t n = 0;

	while (p[n] != '\0' && p[n] != GAP && p[n] != NAMED && p[n] != BOUNDARY && !(p[n] == '$' && p[n + 1] == '\0'))
		n++;
	return n;
}

static bool
literal_here(const char *literal, size_t len, struct text line, size_t at)
{
	if (len > line.len - at)
		return false;
	for (size_t i = 0; i < len; i++)
		if (low(line.bytes[at + i]) != low((unsigned char)literal[i]))
			return false;
	return true;
}

/* The first place at or behind `from` where the literal stands; line.len + 1: nowhere. */
static size_t
literal_from(const char *literal, size_t len, struct text line, size_t from)
{
	unsigned char first = low((unsigned char)literal[0]);

	/* Nearly every place is ruled out by its first letter. */
	for (size_t at = from; at + len <= line.len; at++)
		if (low(line.bytes[at]) == first && literal_here(literal, len, line, at))
			return at;
	return line.len + 1;
}

static bool
is_word(unsigned char c)
{
	return isalnum(c) || c == '_';
}

static bool
boundary(struct text line, size_t at)
{
	bool before = at > 0 && is_word(line.bytes[at - 1]);
	bool after = at < line.len && is_word(line.bytes[at]);

	return !(before && after);
}

static size_t
digits(struct text line, size_t at, bool hex)
{
	size_t n = 0;

	while (at + n < line.len && (hex ? isxdigit(line.bytes[at + n]) : isdigit(line.bytes[at + n])))
		n++;
	return n;
}

static size_t
word(struct text line, size_t at)
{
	size_t n = 0;

	while (at + n < line.len && line.bytes[at + n] > ' ' && strchr(",;()[]{}<>\"'", line.bytes[at + n]) == NULL)
		n++;
	return n;
}

static void
keep(struct match *m, const char *name, size_t name_len, struct text value)
{
	struct capture *c;

	if (m == NULL || m->len == MATCH_CAPTURES)
		return;
	c = &m->captures[m->len++];
	if (name_len >= MATCH_NAME)
		name_len = MATCH_NAME - 1;
	memcpy(c->name, name, name_len);
	c->name[name_len] = '\0';
	c->text = value;
}

/* A gap ends where what follows it in the pattern begins. */
static bool
gap_end(const char *after, struct text line, size_t at, size_t *end)
{
	size_t len;

	if (*after == BOUNDARY)
		after++;
	len = literal_len(after);
	if (len > 0)
		*end = literal_from(after, len, line, at);
	else
		*end = *after == '\0' || *after == '$' ? line.len : at;
	return *end <= line.len;
}

/* One “{…}”: what it takes from here on. False where it does not fit. */
static bool
named(const char **p, struct text line, size_t *at, struct match *m)
{
	const char *name = *p + 1, *close = strchr(name, '}');
	size_t name_len, len = 0, end = *at;
	char kind;

	if (close == NULL)
		return false;
	kind = close > name ? close[-1] : '\0';
	name_len = (size_t)(close - name) - (strchr("#%.", kind) != NULL && kind != '\0' ? 1 : 0);
	if (kind == '#' || kind == '%')
		len = digits(line, *at, kind == '%');
	else if (kind == '.')
		len = word(line, *at);
	else if (!gap_end(close + 1, line, *at, &end))
		return false;
	else
		len = end - *at;
	if (len == 0 && (kind == '#' || kind == '%' || kind == '.'))
		return false;
	keep(m, name, name_len, (struct text){ line.bytes + *at, len });
	*at += len;
	*p = close + 1;
	return true;
}

static bool
match_here(const char *p, struct text line, size_t at, struct match *m)
{
	while (*p != '\0') {
		size_t len = literal_len(p);

		if (len > 0) {
			if (!literal_here(p, len, line, at))
				return false;
			at += len;
			p += len;
			if (m != NULL)
				m->letters += len;
		} else if (*p == BOUNDARY) {
			if (!boundary(line, at))
				return false;
			p++;
		} else if (*p == '$') {
			return at == line.len;
		} else if (*p == GAP) {
			if (!gap_end(p + 1, line, at, &at))
				return false;
			p++;
		} else if (!named(&p, line, &at, m)) {
			return false;
		}
	}
	return true;
}

bool
match_pattern(const char *pattern, struct text line, struct match *out)
{
	bool at_begin = pattern[0] == '^';
	const char *p = at_begin ? pattern + 1 : pattern;
	size_t skip = *p == BOUNDARY ? 1 : 0, len = literal_len(p + skip), at = 0;

	for (int tried = 0; tried < STARTS; tried++) {
		struct match m = { .len = 0 };

		if (!at_begin && len > 0)
			at = literal_from(p + skip, len, line, at);
		if (at > line.len)
			return false;
		if (match_here(p, line, at, &m)) {
			if (out != NULL)
				*out = m;
			return true;
		}
		if (at_begin)
			return false;
		at++;
	}
	return false;
}

struct text
match_capture(const struct match *m, const char *name)
{
	for (size_t i = 0; i < m->len; i++)
		if (strcmp(m->captures[i].name, name) == 0)
			return m->captures[i].text;
	return (struct text){ NULL, 0 };
}

bool
text_holds(struct text line, const char *literal)
{
	return line.len > 0 && literal_from(literal, strlen(literal), line, 0) <= line.len;
}

/* ---- many at once ---- */

struct match_index {
	struct entry {
		const char *pattern;
		size_t id;
		uint32_t gram;
		size_t next;       /* of the same head: 1 and up; 0: none */
		unsigned long seen; /* the line in which it was last found */
	} *entries;
	size_t len, cap;
	uint16_t heads[HEADS]; /* 0: none */
	uint16_t crowd[HEADS]; /* how many patterns have it */
	unsigned long line;
};

struct match_index *
match_index_new(void)
{
	return mem_zero(1, sizeof(struct match_index));
}

void
match_index_free(struct match_index *x)
{
	if (x == NULL)
		return;
	free(x->entries);
	free(x);
}

static uint32_t
gram_of(const char *s)
{
	uint32_t g = 0;

	for (int i = 0; i < GRAM; i++)
		g = g << 8 | low((unsigned char)s[i]);
	return g;
}

static size_t
head_of(uint32_t gram)
{
	return (gram * 2654435761u) >> 18;
}

bool
match_index_add(struct match_index *x, const char *pattern, size_t id)
{
	const char *best = NULL;
	size_t least = SIZE_MAX;

	/* The four letters that the fewest other patterns have. */
	for (const char *p = pattern[0] == '^' ? pattern + 1 : pattern; *p != '\0';) {
		size_t len = literal_len(p);

		for (size_t i = 0; i + GRAM <= len; i++) {
			size_t others = x->crowd[head_of(gram_of(p + i))];

			if (others < least) {
				least = others;
				best = p + i;
			}
		}
		p += len;
		if (*p == NAMED && strchr(p, '}') != NULL)
			p = strchr(p, '}');
		if (*p != '\0')
			p++;
	}
	if (best == NULL || x->len + 1 >= UINT16_MAX)
		return false;
	if (x->len == x->cap) {
		x->cap = x->cap == 0 ? 256 : x->cap * 2;
		x->entries = mem_grow(x->entries, x->cap, sizeof *x->entries);
	}
	uint16_t *head = &x->heads[head_of(gram_of(best))];
	x->crowd[head_of(gram_of(best))]++;
	x->entries[x->len] = (struct entry){ .pattern = pattern, .id = id, .gram = gram_of(best), .next = *head };
	*head = (uint16_t)++x->len;
	return true;
}

void
match_index_look(struct match_index *x, struct text line, void (*found)(size_t id, const char *pattern, void *user), void *user)
{
	uint32_t gram = 0;

	x->line++;
	for (size_t i = 0; i < line.len; i++) {
		gram = gram << 8 | low(line.bytes[i]);
		if (i + 1 < GRAM)
			continue;
		for (size_t k = x->heads[head_of(gram)]; k != 0; k = x->entries[k - 1].next) {
			struct entry *e = &x->entries[k - 1];

			if (e->gram != gram || e->seen == x->line)
				continue;
			e->seen = x->line;
			found(e->id, e->pattern, user);
		}
	}
}
