#include "tui/wrap.h"

#include <string.h>

static size_t
code_point(const char *s)
{
	size_t n = s[0] != '\0';

	while (n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	return n;
}

/* Columns of one character on this terminal: an ASCII one spells some of them out. */
static int
columns_of(const char *s, size_t len)
{
	char one[8];

	if (len == 1)
		return 1;
	if (len >= sizeof one)
		len = sizeof one - 1;
	memcpy(one, s, len);
	one[len] = '\0';
	return text_width(one);
}

size_t
wrap_character(const char *text)
{
	size_t len = code_point(text);

	while (text[len] != '\0') {
		size_t more = code_point(text + len);

		if (columns_of(text + len, more) > 0)
			break;
		len += more;
	}
	return len;
}

/* Does the first word fit into so many columns? */
static bool
word_fits(const char *text, int room)
{
	int used = 0;

	while (*text != '\0' && *text != ' ' && *text != '\n') {
		size_t n = code_point(text);

		used += columns_of(text, n);
		if (used > room)
			return false;
		text += n;
	}
	return true;
}

/* What is left of text[0..len) without blanks at its end. */
static size_t
trimmed(const char *text, size_t len)
{
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return len;
}

size_t
wrap_line(const char *text, int room, int full, size_t *rest)
{
	size_t i = 0, blank = 0; /* blank: the last one behind a word */
	int used = 0;

	while (text[i] != '\0' && text[i] != '\n') {
		size_t n = code_point(text + i);
		int wide = columns_of(text + i, n);

		if (text[i] == ' ' && trimmed(text, i) > 0)
			blank = i;
		if (used + wide > room && !(used == 0 && room >= full))
			break;
		used += wide;
		i += n;
	}
	if (text[i] == '\0' || text[i] == '\n') {
		*rest = i + (text[i] == '\n');
		return i;
	}
	size_t lead = strspn(text, " ");
	if (blank > 0) {
		*rest = blank + strspn(text + blank, " ");
		return trimmed(text, blank);
	}
	/* The first word does not fit: on a new line it might. */
	if (room < full && (i <= lead || word_fits(text + lead, full))) {
		*rest = 0;
		return 0;
	}
	*rest = i;
	return i;
}

size_t
wrap_lines(const char *text, int width)
{
	size_t lines = 0, rest;

	for (; *text != '\0'; text += rest, lines++)
		wrap_line(text, width, width, &rest);
	return lines;
}

int
wrap_paint(const struct canvas *c, int row, int column, int rows, int width, unsigned look, const char *text)
{
	struct buf line = { 0 };
	int done = 0;

	for (size_t rest; done < rows && *text != '\0'; text += rest, done++) {
		size_t len = wrap_line(text, width, width, &rest);
		bool more = done + 1 == rows && text[rest] != '\0';

		buf_reset(&line);
		/* Longer than it is wide, paint() ends it in “…”. */
		buf_add(&line, text, more ? strcspn(text, "\n") : len);
		if (more && line.len == len)
			buf_adds(&line, " …");
		paint(c, row + done, column, width, look, buf_str(&line));
	}
	buf_done(&line);
	return done;
}
