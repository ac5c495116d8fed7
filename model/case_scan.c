/* The bounds of a case's JSON, before cJSON allocates for it and recurses into it. */
#include "model/case_parts.h"

#include <string.h>

#include "model/limits.h"

struct scan {
	struct case_reader *r;
	const char *json;
	size_t len, at;
	size_t depth, values;
};

static bool
scan_string(struct scan *s)
{
	size_t begin = s->at++;

	for (; s->at < s->len; s->at++) {
		unsigned char c = (unsigned char)s->json[s->at];

		if (c == '"')
			return true;
		if (c < ' ')
			return get_refuse(s->r, "byte %zu: a control character in a text; expected it escaped", s->at);
		/* It would end what follows for everything that reads C strings. */
		if (c == '\\' && s->len - s->at > 5 && memcmp(s->json + s->at, "\\u0000", 6) == 0)
			return get_refuse(s->r, "byte %zu: a NUL in a text; expected {\"base64\": …} for it", s->at);
		if (c == '\\')
			s->at++;
	}
	return get_refuse(s->r, "byte %zu: a text begins that does not end: the file was cut", begin);
}

static bool
scan_bracket(struct scan *s, bool opens)
{
	if (opens && ++s->depth > LIMIT_CASE_DEPTH)
		return get_refuse(s->r, "byte %zu: nested deeper than %d levels; no case is", s->at, LIMIT_CASE_DEPTH);
	if (!opens && s->depth == 0)
		return get_refuse(s->r, "byte %zu: “%c” closes nothing", s->at, s->json[s->at]);
	if (!opens)
		s->depth--;
	return true;
}

bool
case_scan(struct case_reader *r, const char *json, size_t len)
{
	struct scan s = { .r = r, .json = json, .len = len };

	for (; s.at < len; s.at++) {
		char c = json[s.at];

		if (c == '"' && !scan_string(&s))
			return false;
		if ((c == '{' || c == '[' || c == '}' || c == ']') && !scan_bracket(&s, c == '{' || c == '['))
			return false;
		/* Each value but the first of its list or object has a comma before it. */
		s.values += c == ',' || c == '{' || c == '[';
		if (s.values > LIMIT_CASE_VALUES)
			return get_refuse(r, "byte %zu: more than %d values; no case has so many", s.at, LIMIT_CASE_VALUES);
	}
	return s.depth == 0 || get_refuse(r, "byte %zu: the end, with %zu brackets open: the file was cut", len, s.depth);
}
