#include "model/page.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"

enum { LABEL_COLUMN = 10 };

static const struct {
	const char *word, *glyph;
	enum tint tint;
} states[] = {
	[STATE_OK] = { "OK", "✓", TINT_OK },
	[STATE_NOTE] = { "NOTE", "·", TINT_NOTE },
	[STATE_WARN] = { "WARN", "!", TINT_WARN },
	[STATE_FAIL] = { "FAIL", "✗", TINT_FAIL },
	[STATE_DOWN] = { "DOWN", "✗", TINT_FAIL },
};

/* Palette numbers of the terminal's own theme with 16 colours; readable on light and dark with 256. */
static const struct {
	const char *sixteen, *many;
} tints[] = {
	[TINT_NONE] = { "", "" },
	[TINT_OK] = { "\033[32m", "\033[38;5;34m" },
	[TINT_NOTE] = { "\033[36m", "\033[38;5;37m" },
	[TINT_WARN] = { "\033[33m", "\033[38;5;172m" },
	[TINT_FAIL] = { "\033[1;31m", "\033[1;38;5;160m" },
	[TINT_HEAD] = { "\033[1m", "\033[1m" },
	[TINT_DIM] = { "\033[2m", "\033[2m" },
};

const char *
state_word(enum state s)
{
	return states[s].word;
}

const char *
state_glyph(enum state s)
{
	return states[s].glyph;
}

enum tint
state_tint(enum state s)
{
	return states[s].tint;
}

enum state
state_of_verdict(enum verdict v)
{
	static const enum state of[] = {
		[VERDICT_OK] = STATE_OK,
		[VERDICT_NOTICE] = STATE_NOTE,
		[VERDICT_WARNING] = STATE_WARN,
		[VERDICT_ERROR] = STATE_FAIL,
		[VERDICT_UNREACHABLE] = STATE_DOWN,
	};

	return of[v];
}

enum state
state_of_severity(enum severity s)
{
	static const enum state of[] = {
		[SEVERITY_NONE] = STATE_OK,
		[SEVERITY_NOTICE] = STATE_NOTE,
		[SEVERITY_WARNING] = STATE_WARN,
		[SEVERITY_ERROR] = STATE_FAIL,
	};

	return of[s];
}

void
page_text(const struct page *p, const char *text)
{
	if (p->style->ascii)
		text_ascii(p->out, text);
	else
		buf_adds(p->out, text);
}

void
page_textf(const struct page *p, const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n >= 0)
		page_text(p, text);
	free(text);
}

void
page_tinted(const struct page *p, enum tint t, const char *text)
{
	bool colour = p->style->colours > 0 && t != TINT_NONE;

	if (colour)
		buf_adds(p->out, p->style->colours >= 256 ? tints[t].many : tints[t].sixteen);
	page_text(p, text);
	if (colour)
		buf_adds(p->out, "\033[0m");
}

void
page_state(const struct page *p, enum state s, bool padded)
{
	char text[32];

	snprintf(text, sizeof text, "%s %s", states[s].glyph, states[s].word);
	page_tinted(p, states[s].tint, text);
	if (padded)
		page_pad(p, strlen(states[s].word), 4);
}

void
page_pad(const struct page *p, size_t at, size_t to)
{
	for (; at < to; at++)
		buf_addc(p->out, ' ');
}

size_t
page_columns_of(const struct page *p, const char *text)
{
	struct buf b = { 0 };

	if (!p->style->ascii)
		return text_columns(text);
	text_ascii(&b, text);
	size_t columns = b.len;
	buf_done(&b);
	return columns;
}

/* Bytes of the first character of safe UTF-8. */
static size_t
character(const char *s)
{
	size_t n = 1;

	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* The bytes of `word` (len of them) that fit into `room` columns, at least one character. */
static size_t
fitting(const char *word, size_t len, size_t room)
{
	char one[8];
	size_t used = 0, i = 0;

	while (i < len) {
		size_t n = character(word + i);
		size_t copy = n < sizeof one ? n : sizeof one - 1;
		memcpy(one, word + i, copy);
		one[copy] = '\0';
		size_t wide = text_columns(one);
		if (used + wide > room && i > 0)
			break;
		used += wide;
		i += n;
	}
	return i < len ? i : len;
}

static void
new_line(const struct page *p, size_t indent)
{
	buf_addc(p->out, '\n');
	page_pad(p, 0, indent);
}

/* Wraps text that is in its final character set already. */
static void
wrap(const struct page *p, size_t at, size_t indent, const char *text)
{
	size_t width = p->style->columns > 0 ? (size_t)p->style->columns : 80;
	size_t used = at;
	bool begun = false; /* a word stands on this line */

	if (width < indent + 10)
		width = indent + 10;
	for (const char *word = text + strspn(text, " \n"); *word != '\0'; word += strspn(word, " \n")) {
		size_t len = strcspn(word, " \n");
		char *copy = mem_strndup(word, len);
		size_t wide = text_columns(copy);
		free(copy);
		if (begun && used + 1 + wide > width) {
			new_line(p, indent);
			used = indent;
			begun = false;
		}
		if (begun) {
			buf_addc(p->out, ' ');
			used++;
		}
		/* Longer than a whole line: broken where the line ends. */
		while (used + wide > width) {
			size_t n = fitting(word, len, width - used);
			buf_add(p->out, word, n);
			word += n;
			len -= n;
			if (len == 0)
				break;
			new_line(p, indent);
			used = indent;
			copy = mem_strndup(word, len);
			wide = text_columns(copy);
			free(copy);
		}
		buf_add(p->out, word, len);
		used += len > 0 ? wide : 0;
		word += len;
		begun = true;
	}
	buf_addc(p->out, '\n');
}

void
page_wrap(const struct page *p, size_t at, size_t indent, const char *text)
{
	struct buf plain = { 0 };

	if (p->style->ascii) {
		text_ascii(&plain, text);
		text = buf_str(&plain);
	}
	wrap(p, at, indent, text);
	buf_done(&plain);
}

static void
label_at(const struct page *p, size_t column, const char *label)
{
	buf_adds(p->out, "  ");
	page_tinted(p, label[0] != '\0' ? TINT_HEAD : TINT_NONE, label);
	page_pad(p, 2 + text_columns(label), column);
}

void
page_labelled_at(const struct page *p, size_t column, const char *label, const char *text)
{
	label_at(p, column, label);
	page_wrap(p, column, column, text);
}

void
page_labelled(const struct page *p, const char *label, const char *text)
{
	page_labelled_at(p, LABEL_COLUMN, label, text);
}

void
page_copied(const struct page *p, size_t column, const char *label, const char *text)
{
	label_at(p, column, label);
	page_text(p, text);
	buf_addc(p->out, '\n');
}

void
page_heading(const struct page *p, const char *text)
{
	buf_addc(p->out, '\n');
	page_tinted(p, TINT_HEAD, text);
	buf_addc(p->out, '\n');
}

const char *
page_cut(struct arena *a, const char *text, size_t columns)
{
	if (text_columns(text) <= columns)
		return text;
	/* An ellipsis is three columns wide in ASCII. */
	return arena_printf(a, "%.*s…", (int)fitting(text, strlen(text), columns - 3), text);
}

const char *
cert_label(const struct cert *c)
{
	if (c->subject.common_name != NULL && c->subject.common_name[0] != '\0')
		return c->subject.common_name;
	if (c->san_len > 0 && c->san[0].safe != NULL)
		return c->san[0].safe;
	if (c->subject.safe != NULL && c->subject.safe[0] != '\0')
		return c->subject.safe;
	return "a certificate without a name";
}
