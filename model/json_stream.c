#include "model/json_stream.h"

#include <string.h>

#include "model/characters.h"

enum state {
	VALUE,          /* a value must come */
	VALUE_OR_END,   /* just behind '[' */
	KEY_OR_END,     /* just behind '{' */
	KEY,            /* behind a comma in an object */
	COLON,
	AFTER,          /* a value is complete */
	STRING,
	ESCAPE,
	HEX,            /* of \uXXXX */
	NUMBER,
	WORD,
	END             /* the document is complete */
};

#define REPLACEMENT 0xfffdu

void
json_stream_start(struct json_stream *j, json_tell tell, void *user, size_t most, unsigned deepest)
{
	*j = (struct json_stream){ .tell = tell, .user = user, .most = most, .deepest = deepest, .state = VALUE };
}

void
json_stream_done(struct json_stream *j)
{
	buf_done(&j->text);
}

static bool
wrong(struct json_stream *j, const char *problem)
{
	j->problem = problem;
	return false;
}

static bool
in_object(const struct json_stream *j)
{
	return j->depth > 0 && (j->inside >> (j->depth - 1) & 1) != 0;
}

static bool
tell(struct json_stream *j, enum json_token t)
{
	bool has_text = t == JSON_KEY || t == JSON_STRING || t == JSON_NUMBER;

	return j->tell(j->user, t, has_text ? buf_str(&j->text) : "", has_text ? j->text.len : 0);
}

static void
value_done(struct json_stream *j)
{
	j->state = j->depth == 0 ? END : AFTER;
}

/* ---- strings ---- */

static void
add_code(struct json_stream *j, uint32_t c)
{
	if (c == 0)
		c = REPLACEMENT; /* texts end at a NUL everywhere else */
	add_utf8(&j->text, c);
}

/* The first half of a pair that no second half followed. */
static void
lone_half(struct json_stream *j)
{
	if (j->high != 0)
		add_code(j, REPLACEMENT);
	j->high = 0;
}

static void
unicode(struct json_stream *j)
{
	uint32_t c = j->code;

	if (c >= 0xdc00 && c <= 0xdfff && j->high != 0) {
		add_code(j, 0x10000 + ((j->high - 0xd800) << 10) + (c - 0xdc00));
		j->high = 0;
		return;
	}
	lone_half(j);
	if (c >= 0xd800 && c <= 0xdbff)
		j->high = c;
	else
		add_code(j, c >= 0xdc00 && c <= 0xdfff ? REPLACEMENT : c);
}

/* As far as the string goes in these bytes; how many that were. */
static size_t
string_bytes(struct json_stream *j, const char *bytes, size_t len)
{
	size_t n = 0;

	while (n < len && bytes[n] != '"' && bytes[n] != '\\' && (unsigned char)bytes[n] >= 0x20)
		n++;
	if (n > 0) {
		lone_half(j);
		buf_add(&j->text, bytes, n);
	}
	return n;
}

static bool
string_ends(struct json_stream *j, char c)
{
	if (c == '\\') {
		j->state = ESCAPE;
		return true;
	}
	if (c != '"')
		return wrong(j, "a control character stands in a string");
	lone_half(j);
	if (j->key) {
		j->state = COLON;
		return tell(j, JSON_KEY);
	}
	value_done(j);
	return tell(j, JSON_STRING);
}

static bool
escape(struct json_stream *j, char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *at = c != '\0' ? strchr(from, c) : NULL;

	if (c == 'u') {
		j->state = HEX;
		j->digits = 0;
		return true;
	}
	if (at == NULL)
		return wrong(j, "a backslash is followed by what JSON does not know");
	lone_half(j);
	buf_addc(&j->text, to[at - from]);
	j->state = STRING;
	return true;
}

static bool
hex_digit(struct json_stream *j, char c)
{
	int value = hex_value(c);

	if (value < 0)
		return wrong(j, "\\u is not followed by four hex digits");
	j->code = j->code << 4 | (unsigned)value;
	if (++j->digits == 4) {
		j->state = STRING;
		unicode(j);
	}
	return true;
}

/* ---- numbers and words ---- */

/* RFC 8259 6: -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)? */
static bool
is_number(const char *s)
{
	s += *s == '-';
	if (*s < '0' || *s > '9')
		return false;
	if (*s == '0')
		s++;
	else
		s += strspn(s, "0123456789");
	if (*s == '.') {
		size_t n = strspn(++s, "0123456789");

		if (n == 0)
			return false;
		s += n;
	}
	if (*s == 'e' || *s == 'E') {
		size_t n;

		s++;
		s += *s == '+' || *s == '-';
		n = strspn(s, "0123456789");
		if (n == 0)
			return false;
		s += n;
	}
	return *s == '\0';
}

static bool
number_ends(struct json_stream *j)
{
	if (!is_number(buf_str(&j->text)))
		return wrong(j, "this is no number");
	value_done(j);
	return tell(j, JSON_NUMBER);
}

static bool
word_ends(struct json_stream *j)
{
	static const struct {
		const char *word;
		enum json_token token;
	} words[] = { { "true", JSON_TRUE }, { "false", JSON_FALSE }, { "null", JSON_NULL } };

	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (strcmp(buf_str(&j->text), words[k].word) == 0) {
			value_done(j);
			return tell(j, words[k].token);
		}
	return wrong(j, "a word that JSON does not know");
}

/* ---- structure ---- */

static bool
open_bracket(struct json_stream *j, bool object)
{
	if (j->depth >= j->deepest || j->depth >= 64)
		return wrong(j, "too many brackets within brackets");
	if (object)
		j->inside |= UINT64_C(1) << j->depth;
	else
		j->inside &= ~(UINT64_C(1) << j->depth);
	j->depth++;
	j->state = object ? KEY_OR_END : VALUE_OR_END;
	return tell(j, object ? JSON_OBJECT : JSON_ARRAY);
}

static bool
close_bracket(struct json_stream *j, bool object)
{
	if (j->depth == 0 || in_object(j) != object)
		return wrong(j, "a bracket is closed that is not open");
	j->depth--;
	value_done(j);
	return tell(j, object ? JSON_OBJECT_END : JSON_ARRAY_END);
}

static void
begin_text(struct json_stream *j, enum state state, bool key)
{
	buf_reset(&j->text);
	j->token_at = j->offset;
	j->state = (int)state;
	j->key = key;
	j->high = 0;
}

/* A value begins with c. */
static bool
begin_value(struct json_stream *j, char c)
{
	if (c == '{' || c == '[') {
		j->token_at = j->offset;
		return open_bracket(j, c == '{');
	}
	if (c == '"') {
		begin_text(j, STRING, false);
		return true;
	}
	if (c == '-' || (c >= '0' && c <= '9')) {
		begin_text(j, NUMBER, false);
		buf_addc(&j->text, c);
		return true;
	}
	if (c >= 'a' && c <= 'z') {
		begin_text(j, WORD, false);
		buf_addc(&j->text, c);
		return true;
	}
	return wrong(j, "a value was expected");
}

/* One byte between texts, no blank. */
static bool
structure(struct json_stream *j, char c)
{
	switch ((enum state)j->state) {
	case VALUE_OR_END:
		return c == ']' ? close_bracket(j, false) : begin_value(j, c);
	case VALUE:
		return begin_value(j, c);
	case KEY_OR_END:
		if (c == '}')
			return close_bracket(j, true);
		/* fallthrough */
	case KEY:
		if (c != '"')
			return wrong(j, "a key in quotes was expected");
		begin_text(j, STRING, true);
		return true;
	case COLON:
		j->state = VALUE;
		return c == ':' ? true : wrong(j, "a colon was expected");
	case AFTER:
		if (c == '}' || c == ']')
			return close_bracket(j, c == '}');
		j->state = in_object(j) ? KEY : VALUE;
		return c == ',' ? true : wrong(j, "a comma or a closing bracket was expected");
	default:
		return wrong(j, "something follows behind its end");
	}
}

static bool
is_plain(char c) /* of a number or word */
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '+' || c == '-';
}

/* One byte, or many of a string; how many into *n. */
static bool
step(struct json_stream *j, const char *bytes, size_t len, size_t *n)
{
	*n = 1;
	switch ((enum state)j->state) {
	case STRING:
		*n = string_bytes(j, bytes, len);
		if (*n > 0)
			return true;
		*n = 1;
		return string_ends(j, *bytes);
	case ESCAPE:
		j->code = 0;
		return escape(j, *bytes);
	case HEX:
		return hex_digit(j, *bytes);
	case NUMBER:
	case WORD:
		if (is_plain(*bytes)) {
			buf_addc(&j->text, *bytes);
			return true;
		}
		*n = 0;
		return j->state == NUMBER ? number_ends(j) : word_ends(j);
	default:
		if (*bytes == ' ' || *bytes == '\n' || *bytes == '\r' || *bytes == '\t')
			return true;
		return structure(j, *bytes);
	}
}

bool
json_stream_feed(struct json_stream *j, const char *bytes, size_t len)
{
	while (len > 0) {
		size_t n;

		if (!step(j, bytes, len, &n))
			return false;
		if (j->text.len > j->most)
			return wrong(j, "a value is longer than is read");
		bytes += n;
		len -= n;
		j->offset += n;
	}
	return true;
}

bool
json_stream_end(struct json_stream *j)
{
	if (j->state == NUMBER && !number_ends(j))
		return false;
	if (j->state == WORD && !word_ends(j))
		return false;
	return j->state == END ? true : wrong(j, j->offset == 0 ? "it is empty" : "it ends in the middle");
}
