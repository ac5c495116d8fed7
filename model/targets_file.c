#include "model/targets_file.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/input.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/quote.h"

#define STAGE "reading"
#define BLANKS " \t"

struct place {
	const char *file; /* printable */
	size_t line;
	struct error *err;
};

static status refuse(const struct place *at, const char *fmt, ...) PRINTF_LIKE(2, 3);

static status
refuse(const struct place *at, const char *fmt, ...)
{
	char text[480];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	return error_set(at->err, ERROR_INPUT, STAGE, "%s:%zu: %s", at->file, at->line, text);
}

/* "list.txt:3" */
static char *
place_of(const char *file, size_t number)
{
	char text[QUOTE_MAX + 24];

	snprintf(text, sizeof text, "%s:%zu", file, number);
	return mem_strdup(text);
}

static status
set_text(char **field, const char *value)
{
	*field = mem_strdup(value);
	return STATUS_OK;
}

static status
set_identity(struct target *t, const char *value, struct error *err)
{
	(void)err;
	return set_text(&t->identity, value);
}

static status
set_group(struct target *t, const char *value, struct error *err)
{
	(void)err;
	return set_text(&t->group, value);
}

static const struct setting {
	const char *key;
	status (*set)(struct target *t, const char *value, struct error *err);
} settings[] = {
	{ .key = "identity", .set = set_identity },
	{ .key = "servername", .set = target_set_servername },
	{ .key = "path", .set = target_set_path },
	{ .key = "group", .set = set_group },
	{ .key = "bypass", .set = target_set_bypass },
};
#define SETTINGS (sizeof settings / sizeof settings[0])

static status
apply_setting(const struct place *at, struct target *t, char *word, unsigned *seen)
{
	char shown[QUOTE_MAX];
	char *equals = strchr(word, '=');
	struct error inner = { 0 };
	uint16_t port;

	if (equals == NULL && target_read_port(word, strlen(word), &port))
		return refuse(at, "host and port are joined by a colon: %s:%s", t->host == NULL ? "HOST" : t->host, word);
	if (equals == NULL)
		return refuse(at, "“%s”: expected identity=, servername=, path=, group= or bypass= after the target",
		    quote_str(word, shown));
	*equals = '\0';
	for (size_t i = 0; i < SETTINGS; i++) {
		if (strcmp(settings[i].key, word) != 0)
			continue;
		if ((*seen & 1u << i) != 0)
			return refuse(at, "“%s=” is given twice", word);
		*seen |= 1u << i;
		if (equals[1] == '\0')
			return refuse(at, "“%s=” has no value", word);
		if (settings[i].set(t, equals + 1, &inner) != STATUS_OK)
			return refuse(at, "%s", inner.text);
		return STATUS_OK;
	}
	return refuse(at, "“%s=” is not known; expected identity=, servername=, path=, group= or bypass=", quote_str(word, shown));
}

/* Cuts the next word off; NULL at the end of the line or at a comment. */
static char *
next_word(char **rest)
{
	char *word = *rest + strspn(*rest, BLANKS);
	size_t len = strcspn(word, BLANKS);

	if (len == 0 || word[0] == '#')
		return NULL;
	*rest = word + len;
	if (**rest != '\0')
		*(*rest)++ = '\0';
	return word;
}

void
targets_add(struct targets *out, struct target *t)
{
	if (out->len == out->cap) {
		out->cap = out->cap == 0 ? 64 : out->cap * 2;
		out->items = mem_grow(out->items, out->cap, sizeof *out->items);
	}
	out->items[out->len++] = *t;
	*t = (struct target){ .port = 0 };
}

/* One line without its end; an empty one or a comment appends nothing. `file` is printable. */
static status
add_line(struct targets *out, const char *file, size_t number, const char *line, size_t len,
    struct error *err)
{
	const struct place at = { .file = file, .line = number, .err = err };
	char text[LIMIT_TARGETS_LINE + 1];
	const char *nul = memchr(line, '\0', len);
	struct error inner = { 0 };
	struct target t = { .port = 0 };
	char *rest = text, *word;
	unsigned seen = 0;

	if (len > LIMIT_TARGETS_LINE)
		return refuse(&at, "the line has more than %d bytes", LIMIT_TARGETS_LINE);
	if (nul != NULL)
		return refuse(&at, "byte %zu is NUL; expected a file of text", (size_t)(nul - line) + 1);
	memcpy(text, line, len);
	if (len > 0 && text[len - 1] == '\r')
		len--;
	text[len] = '\0';
	word = next_word(&rest);
	if (word == NULL)
		return STATUS_OK;
	if (target_parse(word, &t, &inner) != STATUS_OK)
		return refuse(&at, "%s", inner.text);
	while ((word = next_word(&rest)) != NULL) {
		if (apply_setting(&at, &t, word, &seen) != STATUS_OK) {
			target_done(&t);
			return STATUS_FAILED;
		}
	}
	t.place = place_of(file, number);
	targets_add(out, &t);
	return STATUS_OK;
}

/* What is left of the last read, and how far we are. */
struct lines {
	char bytes[64 * 1024];
	size_t len;
	struct place at;
};

/* Hands every whole line of the buffer on, and keeps the rest. */
static status
take_lines(struct lines *l, struct targets *out, bool at_end)
{
	char *p = l->bytes, *end = l->bytes + l->len, *newline;

	while (p < end) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (newline == NULL && !at_end && (size_t)(end - p) <= LIMIT_TARGETS_LINE)
			break;
		if (l->at.line > LIMIT_TARGETS)
			return refuse(&l->at, "the file has more than %d lines", LIMIT_TARGETS);
		if (add_line(out, l->at.file, l->at.line, p, (size_t)((newline == NULL ? end : newline) - p),
		        l->at.err) != STATUS_OK)
			return STATUS_FAILED;
		l->at.line++;
		p = newline == NULL ? end : newline + 1;
	}
	l->len = (size_t)(end - p);
	memmove(l->bytes, p, l->len);
	return STATUS_OK;
}

/* A byte order mark is what some editors put first; UTF-16 is no list of targets. */
static status
drop_bom(struct lines *l)
{
	static const char utf8[] = "\xef\xbb\xbf";

	if (l->len >= 2 && (memcmp(l->bytes, "\xff\xfe", 2) == 0 || memcmp(l->bytes, "\xfe\xff", 2) == 0))
		return refuse(&l->at, "the file is UTF-16; expected UTF-8 (iconv -f UTF-16 -t UTF-8 converts it)");
	if (l->len >= 3 && memcmp(l->bytes, utf8, 3) == 0) {
		l->len -= 3;
		memmove(l->bytes, l->bytes + 3, l->len);
	}
	return STATUS_OK;
}

static status
read_lines(int fd, struct lines *l, struct targets *out)
{
	bool first = true;
	ssize_t n;

	for (;;) {
		n = read(fd, l->bytes + l->len, sizeof l->bytes - l->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			/* Standard input that somebody else made non-blocking: it is theirs to leave so. */
			poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1);
			continue;
		}
		if (n < 0)
			return refuse(&l->at, "%s", strerror(errno));
		if (n == 0)
			return take_lines(l, out, true);
		l->len += (size_t)n;
		if (first && l->len >= 3) {
			first = false;
			if (drop_bom(l) != STATUS_OK)
				return STATUS_FAILED;
		}
		if (!first && take_lines(l, out, false) != STATUS_OK)
			return STATUS_FAILED;
	}
}

status
targets_read(const char *path, struct targets *out, struct error *err)
{
	char shown[QUOTE_MAX];
	size_t before = out->len;
	struct lines *l = NULL;
	status st = STATUS_FAILED;
	int fd = -1;

	if (input_open(path, &fd, NULL, err) != STATUS_OK)
		return STATUS_FAILED;
	l = mem_zero(1, sizeof *l);
	l->at = (struct place){ .file = input_name(path, shown), .line = 1, .err = err };
	st = read_lines(fd, l, out);
	if (st == STATUS_OK && out->len == before)
		st = error_set(err, ERROR_INPUT, STAGE, "%s: holds no target; expected one a line", l->at.file);
	free(l);
	close(fd);
	return st;
}

void
targets_done(struct targets *t)
{
	for (size_t i = 0; i < t->len; i++)
		target_done(&t->items[i]);
	free(t->items);
	*t = (struct targets){ .len = 0 };
}
