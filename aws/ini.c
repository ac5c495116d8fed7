#include "aws/ini.h"

#include <openssl/crypto.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/text.h"

struct line {
	size_t number;
	char *start;      /* without blanks at either end */
	size_t len, indent;
};

struct reading {
	const char *name;
	struct ini *ini;
	char *next, *end;
	size_t number;
	size_t section;   /* the one that is filled; NO_SECTION: none yet */
	bool has_entry;   /* the last entry can be continued */
	size_t indent;    /* of the line that began it */
	char *value_end;
	struct aws_error *err;
};

#define NO_SECTION ((size_t)-2)

static status
refuse(const struct reading *r, size_t line, const char *why)
{
	return aws_error_set(r->err, AWS_LOCAL, NULL, "%s, line %zu: %s", r->name, line, why);
}

static bool
is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f); /* Python's str.strip(), of ASCII */
}

/* Cuts off the next line; false at the end. Lines end in \n, \r\n or \r. */
static bool
next_line(struct reading *r, struct line *out)
{
	char *start = r->next, *stop = start, *last;

	if (start == r->end)
		return false;
	while (stop < r->end && *stop != '\n' && *stop != '\r')
		stop++;
	r->next = stop;
	if (r->next < r->end)
		r->next += r->next[0] == '\r' && r->next + 1 < r->end && r->next[1] == '\n' ? 2 : 1;
	last = stop;
	*out = (struct line){ .number = ++r->number, .start = start };
	while (out->start < last && is_blank(*out->start))
		out->start++;
	while (last > out->start && is_blank(last[-1]))
		last--;
	out->indent = (size_t)(out->start - start);
	out->len = (size_t)(last - out->start);
	return true;
}

/* Takes the blanks off the end of the value that was continued. */
static void
end_value(struct reading *r)
{
	const char *value;

	if (!r->has_entry)
		return;
	value = r->ini->entries[r->ini->entries_len - 1].value;
	while (r->value_end > value && is_blank(r->value_end[-1]))
		*--r->value_end = '\0';
	r->has_entry = false;
}

/* One more line of the value: never more bytes than the file had there, so it is written in place. */
static void
continue_value(struct reading *r, const struct line *l)
{
	*r->value_end++ = '\n';
	memmove(r->value_end, l->start, l->len);
	r->value_end += l->len;
	*r->value_end = '\0';
}

/* Greedy: up to the last bracket of the line; what follows it is not looked at. False: it is no header. */
static bool
header(const struct line *l, const char **name, size_t *len)
{
	size_t close = l->len;

	if (l->len < 3 || l->start[0] != '[')
		return false;
	while (close > 0 && l->start[close - 1] != ']')
		close--;
	if (close < 3)
		return false;
	*name = l->start + 1;
	*len = close - 2;
	return true;
}

static status
begin_section(struct reading *r, const struct line *l, const char *name, size_t len)
{
	struct ini *ini = r->ini;
	char *kept = l->start + 1;

	kept[len] = '\0'; /* the closing bracket's place, or one before it */
	if (strcmp(name, "DEFAULT") == 0) {
		r->section = INI_DEFAULTS;
		return STATUS_OK;
	}
	if (ini->sections_len == LIMIT_AWS_PROFILES)
		return refuse(r, l->number, "there are more sections than a file of profiles may have");
	if (ini->sections_len == ini->sections_cap) {
		ini->sections_cap = ini->sections_cap == 0 ? 16 : ini->sections_cap * 2;
		ini->sections = mem_grow(ini->sections, ini->sections_cap, sizeof *ini->sections);
	}
	r->section = ini->sections_len;
	ini->sections[ini->sections_len++] = (struct ini_section){ .name = kept, .line = l->number };
	return STATUS_OK;
}

static void
add_entry(struct ini *ini, const struct ini_entry *e)
{
	if (ini->entries_len == ini->entries_cap) {
		ini->entries_cap = ini->entries_cap == 0 ? 64 : ini->entries_cap * 2;
		ini->entries = mem_grow(ini->entries, ini->entries_cap, sizeof *ini->entries);
	}
	ini->entries[ini->entries_len++] = *e;
}

static status
begin_entry(struct reading *r, const struct line *l)
{
	size_t at = 0, key_len;
	char *value;

	while (at < l->len && l->start[at] != '=' && l->start[at] != ':')
		at++;
	if (at == l->len)
		return refuse(r, l->number, "is neither “[section]” nor “key = value”");
	for (key_len = at; key_len > 0 && is_blank(l->start[key_len - 1]); key_len--)
		continue;
	if (key_len == 0)
		return refuse(r, l->number, "there is no key before its “=”");
	value = l->start + at + 1;
	r->value_end = l->start + l->len;
	while (value < r->value_end && is_blank(*value))
		value++;
	for (size_t i = 0; i < key_len; i++) {
		if (l->start[i] >= 'A' && l->start[i] <= 'Z')
			l->start[i] = (char)(l->start[i] - 'A' + 'a');
	}
	l->start[key_len] = '\0';
	*r->value_end = '\0';
	add_entry(r->ini, &(struct ini_entry){ .section = r->section, .key = l->start, .value = value, .line = l->number });
	r->has_entry = true;
	r->indent = l->indent;
	return STATUS_OK;
}

static status
take_line(struct reading *r, const struct line *l)
{
	const char *name;
	size_t len;

	if (l->len == 0) { /* an empty line belongs to the value, where another line of it follows */
		if (r->has_entry)
			continue_value(r, l);
		return STATUS_OK;
	}
	if (l->start[0] == '#' || l->start[0] == ';')
		return STATUS_OK;
	if (r->has_entry && l->indent > r->indent) {
		continue_value(r, l);
		return STATUS_OK;
	}
	end_value(r);
	r->indent = l->indent;
	if (header(l, &name, &len))
		return begin_section(r, l, name, len);
	if (r->section == NO_SECTION)
		return refuse(r, l->number, "there is no “[section]” before it");
	return begin_entry(r, l);
}

/* A value whose first line is empty is a block of further keys: each becomes an entry of its own. */
static status
unfold(struct reading *r, struct ini_entry *block)
{
	const struct ini_entry outer = *block;
	char *line = r->ini->text + (outer.value - r->ini->text), *stop, *equals, *end;

	block->value = NULL; /* it has parts, and no value of its own; “block” moves with what is added */
	while (*line != '\0') {
		for (stop = line; *stop != '\0' && *stop != '\n'; stop++)
			continue;
		end = *stop == '\0' ? stop : stop + 1;
		*stop = '\0';
		if (*line != '\0') {
			equals = strchr(line, '=');
			if (equals == NULL)
				return refuse(r, outer.line, "a line of the block that begins here has no “=”");
			stop = equals;
			while (stop > line && is_blank(stop[-1]))
				stop--;
			*stop = '\0';
			for (equals++; is_blank(*equals); equals++)
				continue;
			add_entry(r->ini, &(struct ini_entry){ .section = outer.section, .key = outer.key, .sub = line,
			    .value = equals, .line = outer.line });
		}
		line = end;
	}
	return STATUS_OK;
}

static int
compare(const struct ini_entry *a, const struct ini_entry *b)
{
	int by;

	if (a->section != b->section)
		return a->section < b->section ? -1 : 1;
	by = strcmp(a->key, b->key);
	if (by != 0)
		return by;
	if (a->sub == NULL || b->sub == NULL)
		return (a->sub != NULL) - (b->sub != NULL);
	return strcmp(a->sub, b->sub);
}

/* What is alike stands as it stood in the file, which is the order of its bytes. */
static int
by_place(const void *left, const void *right)
{
	const struct ini_entry *a = left, *b = right;
	int by = compare(a, b);
	uintptr_t at = (uintptr_t)(a->sub != NULL ? a->sub : a->key), bt = (uintptr_t)(b->sub != NULL ? b->sub : b->key);

	return by != 0 ? by : (at > bt) - (at < bt);
}

static int
by_name(const void *left, const void *right)
{
	const struct ini_section *a = left, *b = right;
	int by = strcmp(a->name, b->name);

	return by != 0 ? by : (a->line > b->line) - (a->line < b->line);
}

/* configparser is strict: no section and no key twice. Of a nested key the last one counts. */
static status
refuse_twins(struct reading *r)
{
	struct ini *ini = r->ini;
	struct ini_section *sorted = NULL;
	status result = STATUS_OK;

	if (ini->sections_len > 0) {
		sorted = mem_dup(ini->sections, ini->sections_len * sizeof *sorted);
		qsort(sorted, ini->sections_len, sizeof *sorted, by_name);
	}
	for (size_t i = 1; i < ini->sections_len && result == STATUS_OK; i++) {
		char shown[QUOTE_MAX];
		if (strcmp(sorted[i - 1].name, sorted[i].name) == 0)
			result = aws_error_set(r->err, AWS_LOCAL, NULL, "%s, line %zu: [%s] stands there already, in line %zu", r->name,
			    sorted[i].line, quote_str(sorted[i].name, shown), sorted[i - 1].line);
	}
	free(sorted);
	for (size_t i = 1; i < ini->entries_len && result == STATUS_OK; i++) {
		const struct ini_entry *e = &ini->entries[i];
		if (e->sub == NULL && compare(e - 1, e) == 0)
			result = refuse(r, e->line, "its section has this key already");
	}
	return result;
}

static status
read_lines(struct reading *r)
{
	struct line l;
	size_t blocks;

	while (next_line(r, &l)) {
		if (take_line(r, &l) != STATUS_OK)
			return STATUS_FAILED;
	}
	end_value(r);
	blocks = r->ini->entries_len;
	for (size_t i = 0; i < blocks; i++) {
		if (r->ini->entries[i].value[0] == '\n' && unfold(r, &r->ini->entries[i]) != STATUS_OK)
			return STATUS_FAILED;
	}
	if (r->ini->entries_len > 1)
		qsort(r->ini->entries, r->ini->entries_len, sizeof *r->ini->entries, by_place);
	return refuse_twins(r);
}

/* The line that a byte is in: for what is wrong with the bytes themselves. */
static size_t
line_of(const char *text, const char *at)
{
	size_t line = 1;

	for (; text < at; text++)
		line += *text == '\n';
	return line;
}

status
ini_read(const char *name, const void *text, size_t len, struct ini *out, struct aws_error *err)
{
	struct reading r = { .name = name, .ini = out, .section = NO_SECTION, .err = err };
	static const char mark[] = "\xef\xbb\xbf";
	const char *nul = len == 0 ? NULL : memchr(text, '\0', len);
	status result = STATUS_FAILED;

	*out = (struct ini){ .text = mem_alloc(len + 1), .text_len = len };
	if (len > 0)
		memcpy(out->text, text, len);
	out->text[len] = '\0';
	r.next = out->text;
	r.end = out->text + len;
	if (len >= 3 && memcmp(out->text, mark, 3) == 0)
		r.next += 3; /* some editors put a byte order mark there */
	if (nul != NULL)
		refuse(&r, line_of(text, nul), "there is a NUL byte in it: the file is damaged, or not a file of profiles");
	else if ((text_flags((struct text){ .bytes = (const unsigned char *)out->text, .len = len }) & TEXT_INVALID) != 0)
		(void)aws_error_set(err, AWS_LOCAL, NULL, "%s: is not UTF-8 text", name);
	else
		result = read_lines(&r);
	if (result != STATUS_OK)
		ini_done(out);
	return result;
}

void
ini_done(struct ini *ini)
{
	if (ini->text != NULL)
		OPENSSL_cleanse(ini->text, ini->text_len);
	free(ini->text);
	free(ini->sections);
	free(ini->entries);
	*ini = (struct ini){ .text = NULL };
}

/* The last of those that are like it; NULL: none. */
static const struct ini_entry *
find(const struct ini *ini, const struct ini_entry *like)
{
	size_t low = 0, high = ini->entries_len;

	while (low < high) { /* the first that is greater */
		size_t middle = low + (high - low) / 2;
		if (compare(&ini->entries[middle], like) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && compare(&ini->entries[low - 1], like) == 0 ? &ini->entries[low - 1] : NULL;
}

/* "acm_pca.endpoint_url" in its two parts, which the caller frees with *first; *sub NULL: it has none. */
static void
split(const char *key, char **first, const char **sub)
{
	char *dot;

	*first = mem_strdup(key);
	dot = strchr(*first, '.');
	*sub = dot == NULL ? NULL : dot + 1;
	if (dot != NULL)
		*dot = '\0';
}

static const struct ini_entry *
find_key(const struct ini *ini, size_t section, const char *key, const char *sub)
{
	const struct ini_entry *e = find(ini, &(struct ini_entry){ .section = section, .key = key });

	if (e == NULL && section != INI_DEFAULTS) {
		section = INI_DEFAULTS;
		e = find(ini, &(struct ini_entry){ .section = section, .key = key });
	}
	if (e == NULL || sub == NULL)
		return e;
	return find(ini, &(struct ini_entry){ .section = section, .key = key, .sub = sub });
}

const char *
ini_get(const struct ini *ini, size_t section, const char *key)
{
	const struct ini_entry *e = find_key(ini, section, key, NULL);
	const char *sub;
	char *first;

	if (e == NULL) {
		split(key, &first, &sub);
		if (sub != NULL)
			e = find_key(ini, section, first, sub);
		free(first);
	}
	return e == NULL ? NULL : e->value;
}

bool
ini_has(const struct ini *ini, size_t section, const char *key)
{
	const char *sub;
	char *first;
	bool has;

	split(key, &first, &sub);
	has = find_key(ini, section, first, NULL) != NULL || find_key(ini, section, key, NULL) != NULL;
	free(first);
	return has;
}
