#include "tui/walkthrough.h"

#include <stdio.h>
#include <string.h>

#include "tui/key.h"
#include "tui/wrap.h"

/* Of the panel: a line above with the title, one below with the keys; at its left and right a blank each. */
enum { FRAME_ROWS = 2, EDGES = 2 };

/* How many lines of text there is room for, by the rows of the screen: the screen itself comes first. */
static const struct {
	int rows, lines;
} room[] = { { 30, 5 }, { 20, 3 }, { 0, 1 } };

static const struct step *
step_of(const struct walk *w)
{
	return &w->of->steps[w->step];
}

static bool
has_condition(const struct step *s)
{
	return s->view != NULL || s->text != NULL || s->gone != NULL;
}

static void
go_on(struct walk *w, uint64_t now_us)
{
	w->step++;
	w->pressed = false;
	w->since_us = now_us;
	if (w->step == w->of->len)
		w->of = NULL;
}

void
walk_start(struct walk *w, const struct walkthrough *of, bool by_itself, unsigned pace_ms, uint64_t now_us)
{
	*w = (struct walk){ .of = of, .by_itself = by_itself, .pace_ms = pace_ms, .since_us = now_us };
}

const char *
walk_place(const struct walk *w)
{
	/* Where the last step that names a view has led to. */
	for (size_t i = w->step; i > 0; i--)
		if (w->of->steps[i - 1].view != NULL)
			return w->of->steps[i - 1].view;
	return w->of->start;
}

/* A word is a key's name, or text to be typed. */
static size_t
press_word(const char *word, size_t len, int *out, size_t most)
{
	int key = key_named(word, len);
	size_t n = 0;

	if (key != KEY_NONE) {
		out[0] = key;
		return most > 0;
	}
	while (n < len && n < most) {
		out[n] = (unsigned char)word[n];
		n++;
	}
	return n;
}

size_t
walk_press(struct walk *w, int out[WALK_KEYS_MOST], uint64_t now_us)
{
	const struct step *s = step_of(w);
	size_t n = 0;

	if (w->pressed && !w->by_itself) {
		go_on(w, now_us);
		return 0;
	}
	for (const char *word = s->press; *word != '\0';) {
		size_t len = strcspn(word, " ");
		n += press_word(word, len, out + n, WALK_KEYS_MOST - n);
		word += len;
		word += strspn(word, " ");
	}
	w->pressed = true;
	w->since_us = now_us;
	if (!has_condition(s))
		go_on(w, now_us);
	return n;
}

int
walk_due_ms(const struct walk *w, uint64_t now_us)
{
	if (w->of == NULL || !w->by_itself)
		return -1;
	uint64_t due = w->since_us + (uint64_t)(w->pressed ? WALK_PATIENCE_MS : w->pace_ms) * 1000;
	/* Rounded up: woken up before its time, one would turn and turn. */
	return due > now_us ? (int)((due - now_us + 999) / 1000) : 0;
}

bool
walk_failed(const struct walk *w, uint64_t now_us)
{
	return w->of != NULL && w->by_itself && w->pressed && walk_due_ms(w, now_us) == 0;
}

bool
walk_look(struct walk *w, const struct view *top, const char *screen, uint64_t now_us)
{
	if (w->of == NULL)
		return false;
	const struct step *s = step_of(w);
	if (!has_condition(s) || (s->view != NULL && strcmp(s->view, top->ops->name) != 0) ||
	    (s->text != NULL && strstr(screen, s->text) == NULL) || (s->gone != NULL && strstr(screen, s->gone) != NULL))
		return false;
	go_on(w, now_us);
	return true;
}

/* Drawing --------------------------------------------------------------------------------------------- */

static int
text_lines(const struct walkthrough *of, int columns)
{
	size_t most = 0;

	for (size_t i = 0; i < of->len; i++) {
		size_t lines = wrap_lines(of->steps[i].say, columns - EDGES);
		most = lines > most ? lines : most;
	}
	return (int)most;
}

int
walk_rows(const struct walk *w, int rows, int columns)
{
	size_t i = 0;

	if (w->of == NULL)
		return 0;
	while (rows < room[i].rows)
		i++;
	int lines = text_lines(w->of, columns);
	return FRAME_ROWS + (lines < room[i].lines ? lines : room[i].lines);
}

static void
draw_title(const struct walk *w, const struct canvas *c)
{
	char title[256];

	paint_line(c, 0, 0, c->columns, ROLE_PANEL, "─");
	snprintf(title, sizeof title, " Walkthrough %zu/%zu: %s ", w->step + 1, w->of->len, w->of->title);
	paint(c, 0, 2, c->columns - 4, ROLE_PANEL | LOOK_BOLD, title);
}

static void
draw_keys(const struct walk *w, const struct canvas *c)
{
	const struct step *s = step_of(w);
	const char *end = w->by_itself ? "N ends it" : s->press[0] != '\0' ? "n: done for you  N: end" : "n: end";
	int row = c->rows - 1, at = 1, width = text_width(end);
	bool has_end = c->columns >= 60 || s->press[0] == '\0';

	int limit = has_end ? c->columns - width - 3 : c->columns - 1;
	if (w->pressed) {
		paint(c, row, at, limit - at, ROLE_WAIT, "waiting for what it brings …");
	} else if (s->press[0] != '\0') {
		at += paint(c, row, at, limit - at, ROLE_TEXT, w->by_itself ? "next: " : "press ");
		at += paint(c, row, at, limit - at, ROLE_KEY, s->press);
		at += paint(c, row, at, limit - at, ROLE_TEXT, "  ");
		paint(c, row, at, limit - at, ROLE_TEXT, s->hint);
	}
	if (has_end)
		paint(c, row, c->columns - 1 - width, width, ROLE_DIM, end);
}

void
walk_draw(const struct walk *w, const struct canvas *c)
{
	if (w->of == NULL || c->rows < FRAME_ROWS)
		return;
	paint_clear(c, ROLE_TEXT);
	draw_title(w, c);
	wrap_paint(c, 1, 1, c->rows - FRAME_ROWS, c->columns - EDGES, ROLE_TEXT, step_of(w)->say);
	draw_keys(w, c);
}
