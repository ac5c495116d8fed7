#include "model/json_scan.h"

#include <stdint.h>
#include <string.h>

#include "model/characters.h"

struct scan {
	const char *text;
	size_t at, len;
};

static int
here(const struct scan *s)
{
	return s->at < s->len ? (unsigned char)s->text[s->at] : -1;
}

static void
skip_blanks(struct scan *s)
{
	while (s->at < s->len && strchr(" \t\r\n", s->text[s->at]) != NULL && s->text[s->at] != '\0')
		s->at++;
}

static bool
take(struct scan *s, char c)
{
	if (here(s) != c)
		return false;
	s->at++;
	return true;
}

static bool
is_hex(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
take_escape(struct scan *s)
{
	int c = here(s);

	s->at++;
	if (c != 'u')
		return c > 0 && strchr("\"\\/bfnrt", c) != NULL;
	for (int i = 0; i < 4; i++, s->at++) {
		if (!is_hex(here(s)))
			return false;
	}
	return true;
}

static bool
take_string(struct scan *s)
{
	if (!take(s, '"'))
		return false;
	for (;;) {
		int c = here(s);

		if (c < 0x20) /* the end too */
			return false;
		s->at++;
		if (c == '"')
			return true;
		if (c == '\\' && !take_escape(s))
			return false;
	}
}

static size_t
take_digits(struct scan *s)
{
	size_t began = s->at;

	while (here(s) >= '0' && here(s) <= '9')
		s->at++;
	return s->at - began;
}

static bool
take_number(struct scan *s)
{
	(void)take(s, '-');
	if (!take(s, '0') && take_digits(s) == 0)
		return false;
	if (take(s, '.') && take_digits(s) == 0)
		return false;
	if (!take(s, 'e') && !take(s, 'E'))
		return true;
	if (!take(s, '+'))
		(void)take(s, '-');
	return take_digits(s) > 0;
}

static bool
take_word(struct scan *s)
{
	static const char *const words[] = { "true", "false", "null" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		size_t len = strlen(words[i]);

		if (s->len - s->at < len || memcmp(s->text + s->at, words[i], len) != 0)
			continue;
		s->at += len;
		return true;
	}
	return false;
}

static bool take_value(struct scan *s, int depth);

/* out NULL: only its form is looked at. */
static bool
take_object(struct scan *s, int depth, struct json_members *out)
{
	if (!take(s, '{'))
		return false;
	skip_blanks(s);
	if (take(s, '}'))
		return true;
	do {
		struct json_member m = { .name = 0 };

		skip_blanks(s);
		m.name = s->at;
		if (!take_string(s))
			return false;
		m.name_len = s->at - m.name;
		skip_blanks(s);
		if (!take(s, ':'))
			return false;
		skip_blanks(s);
		m.value = s->at;
		m.is_string = here(s) == '"';
		if (!take_value(s, depth + 1))
			return false;
		m.value_len = s->at - m.value;
		if (out != NULL && out->len == JSON_SCAN_MEMBERS)
			return false;
		if (out != NULL)
			out->items[out->len++] = m;
		skip_blanks(s);
	} while (take(s, ','));
	return take(s, '}');
}

static bool
take_array(struct scan *s, int depth)
{
	if (!take(s, '['))
		return false;
	skip_blanks(s);
	if (take(s, ']'))
		return true;
	do {
		skip_blanks(s);
		if (!take_value(s, depth + 1))
			return false;
		skip_blanks(s);
	} while (take(s, ','));
	return take(s, ']');
}

static bool
take_value(struct scan *s, int depth)
{
	if (depth > JSON_SCAN_DEPTH)
		return false;
	switch (here(s)) {
	case '"': return take_string(s);
	case '{': return take_object(s, depth, NULL);
	case '[': return take_array(s, depth);
	case 't':
	case 'f':
	case 'n': return take_word(s);
	default: return take_number(s);
	}
}

bool
json_scan(const char *text, size_t len, struct json_members *out)
{
	struct scan s = { .text = text, .len = len };
	bool good;

	out->len = 0;
	skip_blanks(&s);
	good = take_object(&s, 0, out);
	skip_blanks(&s);
	out->bad = s.at;
	return good && s.at == len;
}

/* ---- strings ---- */

static unsigned
hex4(const char *at)
{
	unsigned n = 0;

	for (int i = 0; i < 4; i++) {
		unsigned c = (unsigned char)at[i];

		n = n * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return n;
}

/* Behind "\u"; a pair of surrogates is one character, half a pair is U+FFFD. Returns how many bytes it took. */
static size_t
add_unicode(struct buf *out, const char *at, size_t left)
{
	uint32_t c = hex4(at), low = left >= 10 && at[4] == '\\' && at[5] == 'u' ? hex4(at + 6) : 0;

	if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
		add_utf8(out, 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00));
		return 10;
	}
	add_utf8(out, c >= 0xd800 && c < 0xe000 ? 0xfffd : c);
	return 4;
}

void
json_scan_text(const char *quoted, size_t len, struct buf *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";

	for (size_t i = 1; i + 1 < len; i++) {
		if (quoted[i] != '\\') {
			buf_addc(out, quoted[i]);
			continue;
		}
		i++;
		if (quoted[i] == 'u')
			i += add_unicode(out, quoted + i + 1, len - i - 2);
		else
			buf_addc(out, to[strchr(from, quoted[i]) - from]);
	}
}

void
json_scan_quote(const char *text, size_t len, struct buf *out)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";

	buf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		const char *known = text[i] != '\0' ? strchr(from, text[i]) : NULL;

		if (known != NULL) {
			buf_addc(out, '\\');
			buf_addc(out, to[known - from]);
		} else if ((unsigned char)text[i] < 0x20) {
			buf_addf(out, "\\u%04x", (unsigned)(unsigned char)text[i]);
		} else {
			buf_addc(out, text[i]);
		}
	}
	buf_addc(out, '"');
}
