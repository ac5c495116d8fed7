#include "tui/dialog.h"

#include <stdlib.h>
#include <string.h>

#include "tui/document.h"
#include "tui/key.h"

enum {
	FRAME = 2,          /* rows and columns that the box itself takes */
	MARGIN = 2,         /* columns that stay free beside it */
	QUESTION_WIDTH = 64, /* longer lines are hard to read */
	LABEL_AT = 4,       /* behind the letter */
	NOTE_GAP = 2,
	NOTE_LEAST = 16     /* with less room than this notes stand under their labels */
};

/* Which of the two is selected. */
enum { BUTTON_CANCEL, BUTTON_YES };

struct dialog {
	char *title;
	struct document text;    /* what is inside the box, composed for its width */
	struct choice *choices;  /* of a menu; NULL: a question */
	size_t len, selected;    /* of a question: its button */
	char *question, *yes;
	void (*answer)(struct console *k, int value, void *user);
	void *user;
	bool chosen, pasting;
};

static char *
copy_of(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

/* Composing ------------------------------------------------------------------------------------------- */

static const char *
note_of(const struct choice *c)
{
	return c->disabled != NULL ? c->disabled : c->note;
}

/* The column where notes begin beside their labels. */
static int
note_column(const struct dialog *d)
{
	int label = 0;

	for (size_t i = 0; i < d->len; i++) {
		int width = text_width(d->choices[i].label);
		label = width > label ? width : label;
	}
	return LABEL_AT + label + NOTE_GAP;
}

static void
compose_choice(struct dialog *d, size_t i, int notes)
{
	const struct choice *c = &d->choices[i];
	char letter[2] = { (char)c->key, '\0' };

	document_line_id(&d->text, i + 1);
	document_at(&d->text, 1, c->disabled != NULL ? ROLE_DIM : ROLE_KEY, c->key > ' ' && c->key < 0x7f ? letter : " ");
	document_at(&d->text, LABEL_AT, c->disabled != NULL ? ROLE_DIM : ROLE_TEXT, "");
	document_wrap(&d->text, LABEL_AT, c->disabled != NULL ? ROLE_DIM : ROLE_TEXT, c->label);
	if (note_of(c) == NULL)
		return;
	/* Too narrow for a column of notes: right behind the label where it fits, else below it. */
	if (notes + NOTE_LEAST > d->text.columns) {
		int behind = LABEL_AT + text_width(c->label) + NOTE_GAP;
		bool fits = behind + text_width(note_of(c)) < d->text.columns;

		notes = fits ? behind : LABEL_AT + 2;
		if (!fits)
			document_line_on(&d->text);
	}
	document_at(&d->text, notes, ROLE_DIM, "");
	document_wrap(&d->text, notes, ROLE_DIM, note_of(c));
}

static void
compose(struct dialog *d, int columns)
{
	if (columns == d->text.columns && d->text.len > 0)
		return;
	document_clear(&d->text, columns);
	for (size_t i = 0; i < d->len; i++)
		compose_choice(d, i, note_column(d));
	if (d->choices == NULL) {
		document_line(&d->text);
		document_wrap(&d->text, 1, ROLE_TEXT, d->question);
	}
	document_composed(&d->text);
}

/* Making ---------------------------------------------------------------------------------------------- */

static struct dialog *
dialog_new(const char *title, void (*answer)(struct console *k, int value, void *user), void *user)
{
	struct dialog *d = mem_zero(1, sizeof *d);

	d->title = copy_of(title);
	d->answer = answer;
	d->user = user;
	document_start(&d->text);
	return d;
}

struct dialog *
dialog_menu(const char *title, const struct choice *choices, size_t len, size_t selected,
    void (*chosen)(struct console *k, int value, void *user), void *user)
{
	struct dialog *d = dialog_new(title, chosen, user);

	d->choices = mem_zero(len + 1, sizeof *d->choices);
	d->len = len;
	d->selected = selected < len ? selected : 0;
	for (size_t i = 0; i < len; i++) {
		d->choices[i] = choices[i];
		d->choices[i].label = copy_of(choices[i].label);
		d->choices[i].note = copy_of(choices[i].note);
		d->choices[i].disabled = copy_of(choices[i].disabled);
	}
	return d;
}

struct dialog *
dialog_question(const char *title, const char *text, const char *yes,
    void (*answered)(struct console *k, int yes, void *user), void *user)
{
	struct dialog *d = dialog_new(title, answered, user);

	d->question = copy_of(text);
	d->yes = copy_of(yes);
	d->selected = BUTTON_CANCEL;
	return d;
}

void
dialog_free(struct dialog *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->len; i++) {
		free((char *)d->choices[i].label);
		free((char *)d->choices[i].note);
		free((char *)d->choices[i].disabled);
	}
	free(d->choices);
	free(d->title);
	free(d->question);
	free(d->yes);
	document_done(&d->text);
	free(d);
}

/* Keys ------------------------------------------------------------------------------------------------ */

/* How a key moves the selection of a menu, or scrolls the text of a question. */
static bool
move_of_key(int key, enum move *m)
{
	static const struct {
		int key;
		enum move move;
	} moves[] = {
		{ KEY_ARROW_UP, MOVE_UP }, { 'k', MOVE_UP }, { KEY_CONTROL('p'), MOVE_UP }, { KEY_BACK_TAB, MOVE_UP },
		{ KEY_ARROW_DOWN, MOVE_DOWN }, { 'j', MOVE_DOWN }, { KEY_CONTROL('n'), MOVE_DOWN }, { KEY_TAB, MOVE_DOWN },
		{ KEY_PAGE_UP, MOVE_PAGE_UP }, { KEY_PAGE_DOWN, MOVE_PAGE_DOWN },
		{ KEY_TO_HOME, MOVE_FIRST }, { KEY_TO_END, MOVE_LAST },
	};

	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		if (moves[i].key != key)
			continue;
		*m = moves[i].move;
		return true;
	}
	return false;
}

static bool
choose(struct dialog *d, size_t i)
{
	if (i >= d->len)
		return false;
	d->selected = i;
	d->chosen = d->choices[i].disabled == NULL;
	return d->chosen;
}

static bool
menu_key(struct dialog *d, int key)
{
	enum move m;

	if (key == KEY_RETURN)
		return choose(d, d->selected);
	for (size_t i = 0; i < d->len; i++)
		if (key != KEY_NONE && d->choices[i].key == key)
			return choose(d, i);
	if (d->len == 0 || !move_of_key(key, &m))
		return false;
	if (m == MOVE_UP)
		d->selected -= d->selected > 0;
	else if (m == MOVE_DOWN)
		d->selected += d->selected + 1 < d->len;
	else
		d->selected = m == MOVE_FIRST || m == MOVE_PAGE_UP ? 0 : d->len - 1;
	return false;
}

static bool
question_key(struct dialog *d, int key)
{
	enum move m;

	switch (key) {
	case KEY_RETURN:
		d->chosen = d->selected == BUTTON_YES;
		return true;
	case KEY_TAB:
	case KEY_BACK_TAB:
		d->selected = d->selected == BUTTON_YES ? BUTTON_CANCEL : BUTTON_YES;
		return false;
	case KEY_ARROW_LEFT:
		d->selected = BUTTON_CANCEL;
		return false;
	case KEY_ARROW_RIGHT:
		d->selected = BUTTON_YES;
		return false;
	default:
		if (move_of_key(key, &m))
			d->text.body.ops->move(&d->text.body, m);
		return false;
	}
}

bool
dialog_key(struct dialog *d, int key)
{
	/* What is pasted here was meant for somewhere else. */
	if (key == KEY_PASTE || key == KEY_PASTE_END)
		d->pasting = key == KEY_PASTE;
	if (d->pasting)
		return false;
	/* An Esc and a key right behind it look like Alt with that key. */
	if (key == KEY_ESCAPE || key == 'q' || key == KEY_CONTROL('c') || (key & KEY_META) != 0)
		return true;
	return d->choices != NULL ? menu_key(d, key) : question_key(d, key);
}

void
dialog_answer(const struct dialog *d, struct console *k)
{
	if (d->choices == NULL)
		d->answer(k, d->chosen, d->user);
	else if (d->chosen)
		d->answer(k, d->choices[d->selected].value, d->user);
}

/* Drawing --------------------------------------------------------------------------------------------- */

static int
least(int a, int b)
{
	return a < b ? a : b;
}

/* Columns that the inside would like to have. */
static int
wished_columns(const struct dialog *d)
{
	int wish = 0, notes = note_column(d);

	for (size_t i = 0; i < d->len; i++) {
		const char *note = note_of(&d->choices[i]);
		int width = note != NULL ? notes + text_width(note) : LABEL_AT + text_width(d->choices[i].label);
		wish = width > wish ? width : wish;
	}
	if (d->choices == NULL)
		wish = QUESTION_WIDTH;
	return wish + 2; /* a blank at the right, and the column that documents leave free */
}

static const char *
hint_of(const struct dialog *d)
{
	return d->choices != NULL ? "Enter chooses, Esc leaves" : "Tab changes, Esc cancels";
}

/*
 * The selected button has brackets too: it can be told without colours. Where both find no room beside
 * each other, it is the one that is shown.
 */
static void
draw_buttons(const struct dialog *d, const struct canvas *in, int row)
{
	const char *labels[] = { [BUTTON_CANCEL] = "Cancel", [BUTTON_YES] = d->yes };
	bool both = text_width(labels[0]) + text_width(labels[1]) + 12 <= in->columns;
	int at = 1;

	for (size_t i = 0; i < 2; i++) {
		if (!both && i != d->selected)
			continue;
		unsigned look = i == d->selected ? ROLE_TEXT | LOOK_SELECTED | LOOK_BOLD : ROLE_TEXT;

		at += paint(in, row, at, -1, look, i == d->selected ? "[ " : "  ");
		at += paint(in, row, at, -1, look, labels[i]);
		at += paint(in, row, at, -1, look, i == d->selected ? " ]" : "  ") + 2;
	}
}

void
dialog_draw(struct dialog *d, const struct canvas *screen)
{
	int columns = wished_columns(d), title = text_width(d->title) + 4, hint = text_width(hint_of(d)) + 2;
	int foot = d->choices != NULL ? 0 : 2; /* the buttons, and a row before them */

	columns = columns > title ? columns : title;
	columns = least(columns > hint ? columns : hint, screen->columns - FRAME - MARGIN);
	compose(d, columns);
	int lines = (int)d->text.shown_len, room = screen->rows - FRAME;
	bool hints = lines + foot + 2 <= room;
	/* Where rows are few, the one before the buttons goes first. */
	foot = least(foot, lines + foot <= room ? foot : 1);
	int rows = least(lines + foot + (hints ? 2 : 0), room);
	struct canvas box = canvas_part(screen, (screen->rows - rows - FRAME) / 2,
	    (screen->columns - columns - FRAME) / 2, rows + FRAME, columns + FRAME);
	struct canvas beside = canvas_part(screen, box.top - screen->top, box.left - screen->left - 1, box.rows, box.columns + 2);
	struct canvas in = canvas_part(&box, 1, 1, rows, columns);
	struct canvas text = canvas_part(&in, 0, 0, least(lines, rows - foot), columns);

	/* A blank beside it keeps its edges apart from what lies below. */
	paint_clear(&beside, ROLE_TEXT);
	paint_box(&box, ROLE_HEAD, d->title);
	d->text.height = (size_t)text.rows;
	if (d->choices != NULL)
		document_select(&d->text, d->selected + 1);
	d->text.body.ops->draw(&d->text.body, &text);
	if (d->choices == NULL)
		draw_buttons(d, &in, hints ? lines + 1 : rows - 1);
	if (hints)
		paint(&in, rows - 1, 1, -1, ROLE_DIM, hint_of(d));
}
