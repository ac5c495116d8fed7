#include "tui/prompt.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "tui/key.h"
#include "tui/wrap.h"

/* History --------------------------------------------------------------------------------------------- */

void
history_add(struct history *h, const char *line)
{
	if (line[0] == '\0' || (h->len > 0 && strcmp(h->lines[h->len - 1], line) == 0))
		return;
	if (h->len == HISTORY_MAX) {
		free(h->lines[0]);
		memmove(h->lines, h->lines + 1, (HISTORY_MAX - 1) * sizeof h->lines[0]);
		h->len--;
	}
	h->lines[h->len++] = mem_strdup(line);
}

void
history_done(struct history *h)
{
	for (size_t i = 0; i < h->len; i++)
		free(h->lines[i]);
	h->len = 0;
}

/* The line -------------------------------------------------------------------------------------------- */

static size_t
next_character(const struct prompt *p, size_t at)
{
	return at + wrap_character(p->text + at);
}

static size_t
character_before(const struct prompt *p, size_t at)
{
	size_t before = 0;

	for (size_t i = 0; i < at; i = next_character(p, i))
		before = i;
	return before;
}

/* A word is what stands between blanks; that is how paths and addresses are edited too. */
static size_t
word_before(const struct prompt *p, size_t at)
{
	while (at > 0 && p->text[at - 1] == ' ')
		at--;
	while (at > 0 && p->text[at - 1] != ' ')
		at--;
	return at;
}

static size_t
word_behind(const struct prompt *p, size_t at)
{
	at += strspn(p->text + at, " ");
	return at + strcspn(p->text + at, " ");
}

static bool
erase(struct prompt *p, size_t from, size_t to)
{
	if (from >= to)
		return false;
	memmove(p->text + from, p->text + to, p->len - to + 1);
	p->len -= to - from;
	p->cursor = from;
	return true;
}

static bool
insert(struct prompt *p, const char *text, size_t len)
{
	if (p->len + len >= PROMPT_MAX)
		return false;
	memmove(p->text + p->cursor + len, p->text + p->cursor, p->len - p->cursor + 1);
	memcpy(p->text + p->cursor, text, len);
	p->len += len;
	p->cursor += len;
	return true;
}

/* The whole line becomes this, as much of it as is whole characters and fits. */
static void
set_line(struct prompt *p, const char *text)
{
	size_t len = strlen(text);

	if (len >= PROMPT_MAX) {
		len = PROMPT_MAX - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	memmove(p->text, text, len);
	p->text[len] = '\0';
	p->len = p->cursor = len;
}

/* A character that is typed or pasted; what could not be seen in the line is left out. */
static bool
type(struct prompt *p, int key)
{
	char bytes[4];
	size_t len = key_utf8(key, bytes);

	if (text_flags((struct text){ (const unsigned char *)bytes, len }) != 0)
		return false;
	return insert(p, bytes, len);
}

/* Keys ------------------------------------------------------------------------------------------------ */

static bool
look_back(struct prompt *p)
{
	if (p->history == NULL || p->at == 0)
		return false;
	if (p->at == p->history->len)
		memcpy(p->kept, p->text, p->len + 1);
	set_line(p, p->history->lines[--p->at]);
	return true;
}

static bool
look_forward(struct prompt *p)
{
	if (p->history == NULL || p->at >= p->history->len)
		return false;
	p->at++;
	set_line(p, p->at == p->history->len ? p->kept : p->history->lines[p->at]);
	return true;
}

/*
 * Tab: the first completion of what stands before the cursor, then the next, and behind the last one
 * what was typed; the other way round with Shift.
 */
static bool
complete(struct prompt *p, bool back)
{
	size_t all = 0;

	if (p->complete == NULL)
		return false;
	if (p->completion == 0) {
		memcpy(p->completing, p->text, p->cursor);
		p->completing[p->cursor] = '\0';
	}
	while (p->complete(p->user, p->completing, all) != NULL)
		all++;
	if (all == 0)
		return false;
	size_t round = all + 1, at = p->completion % round;
	at = back ? (at + round - 1) % round : (at + 1) % round;
	p->completion = at == 0 ? round : at;
	set_line(p, at == 0 ? p->completing : p->complete(p->user, p->completing, at - 1));
	return true;
}

/* Pasted text is text: what ends a line or a field is a blank, no key in it does anything. */
static enum prompted
pasted_key(struct prompt *p, int key)
{
	if (key == KEY_RETURN || key == '\n' || key == KEY_TAB)
		key = ' ';
	if (key < KEYS_ABOVE && type(p, key))
		return PROMPT_CHANGED;
	return PROMPT_GOES_ON;
}

static bool
to_start(struct prompt *p)
{
	p->cursor = 0;
	return false;
}

static bool
to_end(struct prompt *p)
{
	p->cursor = p->len;
	return false;
}

static bool
go_left(struct prompt *p)
{
	p->cursor = character_before(p, p->cursor);
	return false;
}

static bool
go_right(struct prompt *p)
{
	p->cursor = next_character(p, p->cursor);
	return false;
}

static bool
word_left(struct prompt *p)
{
	p->cursor = word_before(p, p->cursor);
	return false;
}

static bool
word_right(struct prompt *p)
{
	p->cursor = word_behind(p, p->cursor);
	return false;
}

static bool
erase_left(struct prompt *p)
{
	return erase(p, character_before(p, p->cursor), p->cursor);
}

static bool
erase_right(struct prompt *p)
{
	return erase(p, p->cursor, next_character(p, p->cursor));
}

static bool
erase_word_left(struct prompt *p)
{
	return erase(p, word_before(p, p->cursor), p->cursor);
}

static bool
erase_word_right(struct prompt *p)
{
	return erase(p, p->cursor, word_behind(p, p->cursor));
}

static bool
erase_to_start(struct prompt *p)
{
	return erase(p, 0, p->cursor);
}

static bool
erase_to_end(struct prompt *p)
{
	return erase(p, p->cursor, p->len);
}

/* Each gives whether the text changed. */
static const struct {
	int key;
	bool (*act)(struct prompt *p);
} editing[] = {
	{ KEY_CONTROL('a'), to_start },
	{ KEY_TO_HOME, to_start },
	{ KEY_CONTROL('e'), to_end },
	{ KEY_TO_END, to_end },
	{ KEY_CONTROL('b'), go_left },
	{ KEY_ARROW_LEFT, go_left },
	{ KEY_CONTROL('f'), go_right },
	{ KEY_ARROW_RIGHT, go_right },
	{ KEY_META | 'b', word_left },
	{ KEY_META | 'f', word_right },
	{ KEY_CONTROL('h'), erase_left },
	{ KEY_ERASE, erase_left },
	{ KEY_CONTROL('d'), erase_right },
	{ KEY_DELETE, erase_right },
	{ KEY_CONTROL('w'), erase_word_left },
	{ KEY_META | KEY_ERASE, erase_word_left },
	{ KEY_META | 'd', erase_word_right },
	{ KEY_CONTROL('u'), erase_to_start },
	{ KEY_CONTROL('k'), erase_to_end },
	{ KEY_ARROW_UP, look_back },
	{ KEY_CONTROL('p'), look_back },
	{ KEY_ARROW_DOWN, look_forward },
	{ KEY_CONTROL('n'), look_forward },
};

static enum prompted
entered(struct prompt *p)
{
	if (p->history != NULL)
		history_add(p->history, p->text);
	return PROMPT_ENTERED;
}

enum prompted
prompt_key(struct prompt *p, int key)
{
	if (key == KEY_PASTE || key == KEY_PASTE_END) {
		p->pasting = key == KEY_PASTE;
		return PROMPT_GOES_ON;
	}
	if (p->pasting) {
		p->completion = 0;
		return pasted_key(p, key);
	}
	if (key == KEY_TAB || key == KEY_BACK_TAB)
		return complete(p, key == KEY_BACK_TAB) ? PROMPT_CHANGED : PROMPT_GOES_ON;
	p->completion = 0;
	if (key == KEY_RETURN || key == '\n')
		return entered(p);
	if (key == KEY_ESCAPE || key == KEY_CONTROL('c'))
		return PROMPT_LEFT;
	if ((key == KEY_ERASE || key == KEY_CONTROL('h')) && p->len == 0)
		return PROMPT_LEFT;
	for (size_t i = 0; i < sizeof editing / sizeof editing[0]; i++)
		if (editing[i].key == key)
			return editing[i].act(p) ? PROMPT_CHANGED : PROMPT_GOES_ON;
	if (key >= ' ' && key < KEYS_ABOVE && type(p, key))
		return PROMPT_CHANGED;
	return PROMPT_GOES_ON;
}

void
prompt_start(struct prompt *p, const char *label, const char *text, struct history *h)
{
	memset(p, 0, sizeof *p);
	p->label = label;
	p->history = h;
	p->at = h != NULL ? h->len : 0;
	set_line(p, text != NULL ? text : "");
}

/* Drawing --------------------------------------------------------------------------------------------- */

/* Columns of text[from..to). */
static int
columns_between(const struct prompt *p, size_t from, size_t to)
{
	char part[PROMPT_MAX];

	memcpy(part, p->text + from, to - from);
	part[to - from] = '\0';
	return text_width(part);
}

/* From where the text is shown so that what ends at `end` is, and the cursor behind it. */
static size_t
shown_from(const struct prompt *p, size_t end, int room)
{
	size_t from = 0;
	int cut = 0; /* columns of the “…” that stands for what is out of sight on the left */

	while (from < end && cut + columns_between(p, from, end) + 1 > room) {
		from = next_character(p, from);
		cut = text_width("…");
	}
	return from;
}

void
prompt_draw(const struct prompt *p, const struct canvas *c, int row, const char *note)
{
	int note_width = note != NULL ? text_width(note) : 0;
	int label = paint_padded(c, row, 0, text_width(p->label), ROLE_KEY, false, p->label);
	int room = c->columns - label - (note_width > 0 ? note_width + 2 : 0);

	/* A note is not worth a line that one cannot read. */
	if (room < c->columns / 3) {
		room = c->columns - label;
		note_width = 0;
	}
	/* The end of the line stays in sight as long as the cursor is in what is shown with it. */
	size_t from = shown_from(p, p->len, room);
	if (from > 0 && p->cursor <= from)
		from = shown_from(p, p->cursor, room);
	int cut = from > 0 ? text_width("…") : 0;
	paint_padded(c, row, label, c->columns - label, ROLE_TEXT, false, "");
	if (cut > 0)
		paint(c, row, label, cut, ROLE_DIM, "…");
	paint(c, row, label + cut, room - cut, ROLE_TEXT, p->text + from);
	if (note_width > 0)
		paint(c, row, c->columns - note_width - 1, note_width, ROLE_DIM, note);
	paint_cursor(c, row, label + cut + columns_between(p, from, p->cursor));
}
