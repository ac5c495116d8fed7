#include "model/leave_out.h"

#include <string.h>
#include <strings.h>

#include "model/refusal_table.h"

enum {
	HEADERS_KEPT = 256, /* lines of a head; servers send 30 */
	NAME_KEPT = 64      /* bytes of a header's name */
};
#define LEFT_OUT "(left out)"
#define ENDS " \t\r\n'\"<>" /* where a URL ends in a line, or in a shell's word */

/* ---- URLs ---- */

static size_t
run_until(struct text t, size_t from, const char *stops)
{
	while (from < t.len && (t.bytes[from] == '\0' || strchr(stops, t.bytes[from]) == NULL))
		from++;
	return from;
}

/* From behind "://", or from the beginning of a word: the user and the password before an "@" are passed over. */
static size_t
past_user(struct text t, size_t from, bool in_url)
{
	size_t end = run_until(t, from, in_url ? "/?#" ENDS : "/?#=," ENDS), at = end;
	bool colon = false;

	for (size_t i = from; i < end; i++) {
		colon = colon || t.bytes[i] == ':';
		if (t.bytes[i] == '@' && (in_url || colon))
			at = i;
	}
	return at < end ? at + 1 : from;
}

/* Behind a "?": names stay, and the values go. What has no name may be a token by itself. */
static size_t
keep_query(struct text t, size_t from, struct buf *out)
{
	while (from < t.len) {
		size_t end = run_until(t, from, "&;#" ENDS), equals = run_until(t, from, "=&;#" ENDS);

		if (equals < end) {
			buf_add(out, t.bytes + from, equals + 1 - from);
			buf_adds(out, equals + 1 < end ? "…" : "");
		} else if (end > from) {
			buf_adds(out, "…");
		}
		if (end == t.len || (t.bytes[end] != '&' && t.bytes[end] != ';'))
			return end;
		buf_addc(out, (char)t.bytes[end]);
		from = end + 1;
	}
	return from;
}

void
keep_of_url(struct text in, struct buf *out)
{
	bool word = true, url = false;

	for (size_t i = 0; i < in.len;) {
		unsigned char c = in.bytes[i];

		if (word)
			i = past_user(in, i, false);
		word = false;
		if (i == in.len)
			return;
		c = in.bytes[i];
		if (i + 3 <= in.len && memcmp(in.bytes + i, "://", 3) == 0) {
			buf_adds(out, "://");
			i = past_user(in, i + 3, true);
			url = true;
			continue;
		}
		buf_addc(out, (char)c);
		i++;
		if (c == '?') {
			i = keep_query(in, i, out);
			url = true;
		} else if (c == '#' && url) {
			size_t end = run_until(in, i, ENDS);
			buf_adds(out, end > i ? "…" : "");
			i = end;
		} else if (strchr("=," ENDS, c) != NULL) {
			word = true;
			url = false;
		}
	}
}

/* ---- HTTP heads ---- */

enum header_rule { HEADER_LEFT_OUT, HEADER_KEPT, HEADER_URL, HEADER_FIRST_WORD };

/* What a diagnosis goes by (model/stack.c), what tells two answers apart, and what a provider's support asks for. */
static const struct {
	const char *name;
	enum header_rule rule;
} headers[] = {
	{ "server", HEADER_KEPT },
	{ "via", HEADER_KEPT },
	{ "x-powered-by", HEADER_KEPT },
	{ "date", HEADER_KEPT },
	{ "age", HEADER_KEPT },
	{ "content-type", HEADER_KEPT },
	{ "content-length", HEADER_KEPT },
	{ "transfer-encoding", HEADER_KEPT },
	{ "connection", HEADER_KEPT },
	{ "keep-alive", HEADER_KEPT },
	{ "upgrade", HEADER_KEPT },
	{ "allow", HEADER_KEPT },
	{ "retry-after", HEADER_KEPT },
	{ "location", HEADER_URL },
	{ "www-authenticate", HEADER_FIRST_WORD },
	{ "proxy-authenticate", HEADER_FIRST_WORD },
	/* AWS: by name, as x-amz-security-token and its like are secrets */
	{ "x-amzn-requestid", HEADER_KEPT },
	{ "x-amzn-request-id", HEADER_KEPT },
	{ "x-amz-request-id", HEADER_KEPT },
	{ "x-amz-id-2", HEADER_KEPT },
	{ "x-amzn-errortype", HEADER_KEPT },
	{ "x-amzn-trace-id", HEADER_KEPT },
	{ "x-amz-apigw-id", HEADER_KEPT },
	{ "apigw-requestid", HEADER_KEPT },
	{ "x-amz-cf-id", HEADER_KEPT },
	{ "x-amz-cf-pop", HEADER_KEPT },
};

static enum header_rule
rule_of(struct text name)
{
	for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++)
		if (strlen(headers[i].name) == name.len && strncasecmp(headers[i].name, (const char *)name.bytes, name.len) == 0)
			return headers[i].rule;
	return HEADER_LEFT_OUT;
}

/* RFC 9110 5.6.2: what a header's name is made of. Anything else before a colon is no name, and may be anything. */
static bool
is_name(struct text t)
{
	for (size_t i = 0; i < t.len; i++) {
		unsigned char c = t.bytes[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

		if (!letter && (c == '\0' || strchr("!#$%&'*+-.^_`|~", c) == NULL))
			return false;
	}
	return t.len > 0 && t.len <= NAME_KEPT;
}

/* The next line without its end; *at moves behind it. */
static struct text
take_line(struct text t, size_t *at)
{
	size_t from = *at, end = run_until(t, from, "\n");

	*at = end < t.len ? end + 1 : end;
	if (end > from && t.bytes[end - 1] == '\r')
		end--;
	return (struct text){ t.bytes + from, end - from };
}

static struct text
first_bytes(struct text t, size_t most)
{
	return (struct text){ t.bytes, t.len < most ? t.len : most };
}

static struct text
trimmed(struct text t)
{
	while (t.len > 0 && (t.bytes[0] == ' ' || t.bytes[0] == '\t'))
		t = (struct text){ t.bytes + 1, t.len - 1 };
	return t;
}

static void
keep_header(struct text line, struct buf *out)
{
	size_t colon = run_until(line, 0, ":");
	struct text name = { line.bytes, colon }, value = { NULL, 0 };

	if (colon == line.len || !is_name(name)) {
		buf_adds(out, LEFT_OUT "\r\n");
		return;
	}
	value = first_bytes(trimmed((struct text){ line.bytes + colon + 1, line.len - colon - 1 }), KEPT_OF_BODY);
	buf_add(out, name.bytes, name.len);
	buf_adds(out, ": ");
	switch (rule_of(name)) {
	case HEADER_KEPT: buf_add(out, value.bytes, value.len); break;
	case HEADER_URL: keep_of_url(value, out); break;
	case HEADER_FIRST_WORD: buf_add(out, value.bytes, run_until(value, 0, " \t,")); break;
	case HEADER_LEFT_OUT: buf_adds(out, LEFT_OUT); break;
	}
	buf_adds(out, "\r\n");
}

void
keep_of_head(struct text in, struct buf *out)
{
	size_t at = 0, kept = 0;
	struct text line;

	if (in.len == 0)
		return;
	line = first_bytes(take_line(in, &at), KEPT_OF_BODY);
	buf_add(out, line.bytes, line.len);
	buf_adds(out, "\r\n");
	while (at < in.len && kept < HEADERS_KEPT) {
		line = take_line(in, &at);
		if (line.len == 0) {
			buf_adds(out, "\r\n");
			return;
		}
		/* A line that goes on (RFC 9112 5.2) belongs to the value above it, whatever that was. */
		if (line.bytes[0] == ' ' || line.bytes[0] == '\t')
			continue;
		keep_header(line, out);
		kept++;
	}
}

/* ---- bodies and lines ---- */

/* What a refusal is known by, where it stands behind what is kept anyway: the first of the table, as model/refusal.c takes it. */
static const char *
words_beyond(struct text t)
{
	for (size_t i = 0; i < refusal_markers_len && t.len > KEPT_OF_BODY; i++) {
		const char *words = refusal_markers[i].text;
		const unsigned char *found = memmem(t.bytes, t.len, words, strlen(words));

		if (found != NULL)
			return (size_t)(found - t.bytes) + strlen(words) > KEPT_OF_BODY ? words : NULL;
	}
	return NULL;
}

void
keep_of_line(struct text in, struct buf *out)
{
	static const char between[] = "...";
	const char *words = words_beyond(in);
	size_t room = KEPT_OF_BODY - (words != NULL ? strlen(words) + sizeof between - 1 : 0);

	buf_add(out, in.bytes, in.len < room ? in.len : room);
	if (words != NULL) {
		buf_adds(out, between);
		buf_adds(out, words);
	}
}

void
keep_of_body(struct text in, struct buf *out)
{
	size_t start = out->len;

	keep_of_line(in, out);
	for (size_t i = start; i < out->len; i++)
		if (out->data[i] < ' ' || out->data[i] > '~')
			out->data[i] = '.';
}

/* ---- a peer that speaks no TLS ---- */

static void
cover(struct buf *b, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (b->data[i] != '\r' && b->data[i] != '\n')
			b->data[i] = '*';
}

/* Header lines of an HTTP answer, from `at` on; returns where the body begins. */
static size_t
cover_headers(struct text in, size_t at, struct buf *out, size_t start)
{
	bool left_out = true;

	while (at < in.len) {
		size_t from = at, value = 0;
		struct text line = take_line(in, &at), name;

		if (line.len == 0)
			return at;
		/* A line that goes on belongs to the value above it. */
		if (line.bytes[0] != ' ' && line.bytes[0] != '\t') {
			name = (struct text){ line.bytes, run_until(line, 0, ":") };
			value = is_name(name) && name.len < line.len ? name.len + 1 : 0;
			left_out = value == 0 || rule_of(name) != HEADER_KEPT;
		}
		if (left_out)
			cover(out, start + from + value, start + from + line.len);
	}
	return at;
}

void
keep_of_plain(struct text in, struct buf *out)
{
	size_t start = out->len, body = 0;

	if (in.len == 0)
		return;
	buf_add(out, in.bytes, in.len);
	if (text_starts(in, "HTTP/")) {
		(void)take_line(in, &body);
		body = cover_headers(in, body, out, start);
	}
	if (in.len - body > KEPT_OF_BODY)
		cover(out, start + body + KEPT_OF_BODY, start + in.len);
}
