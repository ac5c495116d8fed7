#include "model/aws_command.h"

#include <ctype.h>
#include <string.h>

/* Where the shell's reader stands. */
struct reader {
	struct text line;
	size_t at;
};

static unsigned char
peek(const struct reader *r, size_t ahead)
{
	return r->at + ahead < r->line.len ? r->line.bytes[r->at + ahead] : '\0';
}

static bool
more(const struct reader *r)
{
	return r->at < r->line.len;
}

static void
skip_blanks(struct reader *r)
{
	while (more(r) && (peek(r, 0) == ' ' || peek(r, 0) == '\t'))
		r->at++;
}

/* $( … ), whatever is in it: up to the bracket that closes it. */
static void
take_inner(struct reader *r, struct buf *plain)
{
	int depth = 0;

	while (more(r)) {
		unsigned char c = peek(r, 0);

		depth += c == '(';
		depth -= c == ')';
		buf_addc(plain, (char)c);
		r->at++;
		if (c == ')' && depth == 0)
			return;
	}
}

static void
take_quoted(struct reader *r, struct buf *plain)
{
	unsigned char mark = peek(r, 0);

	r->at++;
	while (more(r) && peek(r, 0) != mark) {
		if (mark == '"' && peek(r, 0) == '$' && peek(r, 1) == '(') {
			take_inner(r, plain);
			continue;
		}
		if (mark == '"' && peek(r, 0) == '\\' && strchr("\"\\$`", peek(r, 1)) != NULL)
			r->at++;
		if (more(r))
			buf_addc(plain, (char)r->line.bytes[r->at++]);
	}
	if (more(r))
		r->at++;
}

static bool
ends_word(unsigned char c)
{
	return c == '\0' || strchr(" \t;|&)>`", c) != NULL;
}

/* One word; false where none begins here. */
static bool
take_word(struct reader *r, const char **raw, const char **plain, struct arena *a)
{
	struct buf b = { 0 };
	size_t begin = r->at;

	/* <CA_ARN>, as tutorials write what one has to fill in. */
	if (peek(r, 0) == '<') {
		while (more(r) && peek(r, 0) != '>' && peek(r, 0) != ' ')
			r->at++;
		r->at += peek(r, 0) == '>';
	}
	while (more(r) && !ends_word(peek(r, 0))) {
		unsigned char c = peek(r, 0);

		if (c == '\'' || c == '"') {
			take_quoted(r, &b);
		} else if (c == '$' && peek(r, 1) == '(') {
			take_inner(r, &b);
		} else {
			r->at += c == '\\' && r->at + 1 < r->line.len;
			buf_addc(&b, (char)r->line.bytes[r->at++]);
		}
	}
	*raw = arena_strndup(a, (const char *)r->line.bytes + begin, r->at - begin);
	*plain = b.len > 0 ? arena_strndup(a, b.data, b.len) : *raw[0] == '<' ? *raw : "";
	buf_done(&b);
	return r->at > begin;
}

/* “>file”, “2>&1”: the file where it is what the command says. */
static void
take_redirect(struct reader *r, bool errors, struct aws_command *out, struct arena *a)
{
	const char *raw, *plain;

	while (peek(r, 0) == '>')
		r->at++;
	if (peek(r, 0) == '&')
		r->at++;
	skip_blanks(r);
	if (take_word(r, &raw, &plain, a) && !errors) {
		out->file = plain;
		out->file_raw = raw;
	}
}

static void
take_words(struct reader *r, struct aws_command *out, struct arena *a)
{
	for (;;) {
		const char *raw, *plain;

		skip_blanks(r);
		if (peek(r, 0) == '>') {
			take_redirect(r, false, out, a);
			continue;
		}
		if (!take_word(r, &raw, &plain, a))
			break;
		if (peek(r, 0) == '>' && (strcmp(raw, "2") == 0 || strcmp(raw, "1") == 0)) {
			take_redirect(r, raw[0] == '2', out, a);
			continue;
		}
		if (out->len == AWS_WORDS)
			continue;
		out->words[out->len].raw = raw;
		out->words[out->len++].plain = plain;
	}
	out->rest = (struct text){ r->line.bytes + r->at, r->line.len - r->at };
}

/* Global options that take no value; the others take one. */
static bool
is_flag(const char *option)
{
	return strncmp(option, "--no-", 5) == 0 || strcmp(option, "--debug") == 0 || strchr(option, '=') != NULL;
}

static const char *
next_operand(const struct aws_command *c, size_t *i)
{
	while (*i < c->len && strncmp(c->words[*i].plain, "--", 2) == 0)
		*i += is_flag(c->words[*i].plain) ? 1 : 2;
	return *i < c->len ? c->words[(*i)++].plain : "";
}

/* Services and operations are small letters, digits and hyphens. */
static bool
is_name(const char *s)
{
	return islower((unsigned char)s[0]) && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(s);
}

/* “aws ” as a word of its own: a command begins here. */
static bool
begins(struct text line, size_t at)
{
	unsigned char before = at > 0 ? line.bytes[at - 1] : ' ';

	return at + 4 <= line.len && memcmp(line.bytes + at, "aws", 3) == 0 && (line.bytes[at + 3] == ' ' || line.bytes[at + 3] == '\t') &&
	    strchr(" \t(`/;|&", before) != NULL;
}

bool
aws_command_next(struct text line, size_t *at, struct aws_command *out, struct arena *a)
{
	for (; *at + 4 <= line.len; ++*at) {
		struct reader r = { line, *at + 4 };
		size_t i = 0;

		if (line.bytes[*at] != 'a' || !begins(line, *at))
			continue;
		*out = (struct aws_command){ .arena = a };
		take_words(&r, out, a);
		out->service = next_operand(out, &i);
		out->operation = next_operand(out, &i);
		if (!is_name(out->service) || !is_name(out->operation))
			continue;
		*at += 4;
		return true;
	}
	return false;
}

static const char *
option(const struct aws_command *c, const char *name, bool raw)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < c->len; i++) {
		const char *word = raw ? c->words[i].raw : c->words[i].plain;

		if (strncmp(word, name, len) != 0 || (word[len] != '\0' && word[len] != '='))
			continue;
		if (word[len] == '=')
			return word + len + 1;
		if (i + 1 == c->len || strncmp(c->words[i + 1].plain, "--", 2) == 0)
			return "";
		return raw ? c->words[i + 1].raw : c->words[i + 1].plain;
	}
	return NULL;
}

const char *
aws_option(const struct aws_command *c, const char *name)
{
	return option(c, name, false);
}

const char *
aws_option_raw(const struct aws_command *c, const char *name)
{
	return option(c, name, true);
}

bool
aws_is(const struct aws_command *c, const char *service, const char *operation)
{
	return strcmp(c->service, service) == 0 && (operation == NULL || strcmp(c->operation, operation) == 0);
}
