/*
 * The record of changes: every plan that was applied, the newest first: when, by whom, what, and how far it came. Enter
 * shows one; u brings back what was before it, R goes on with it.
 */
#include <stdio.h>
#include <string.h>

#include "model/changes.h"
#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/arrange.h"
#include "tui/change_rows.h"
#include "tui/console.h"
#include "tui/plan_screen.h"
#include "tui/table.h"
#include "tui/tab_parts.h"
#include "tui/wrap.h"

enum column_of { COLUMN_STATE, COLUMN_ID, COLUMN_WHEN, COLUMN_STEPS, COLUMN_TITLE, COLUMN_TARGET, COLUMN_WHO };
enum { WITH_DETAIL = 16, DETAIL_ROWS = 4 };

static const struct column columns[] = {
	[COLUMN_STATE] = { .title = "STATE", .width = 10 },
	[COLUMN_ID] = { .title = "PLAN", .width = 5, .right = true },
	[COLUMN_WHEN] = { .title = "WHEN", .width = 16, .from = 60 },
	[COLUMN_STEPS] = { .title = "STEPS", .width = 7, .from = 50, .right = true },
	[COLUMN_TITLE] = { .title = "WHAT", .width = 14, .grows = 3 },
	[COLUMN_TARGET] = { .title = "TARGET", .width = 14, .from = 100, .grows = 2 },
	[COLUMN_WHO] = { .title = "WHO", .width = 14, .from = 120, .grows = 1 },
	{ .title = NULL },
};

struct changes_screen {
	struct view v;          /* first */
	struct table table;
	struct change_rows rows;
	struct arrangement shown;
};

static struct changes_screen *
screen_of(struct view *v)
{
	return (struct changes_screen *)v;
}

static const struct change *
change_in(const struct changes_screen *s, size_t row)
{
	return &s->rows.items[s->shown.things[row]];
}

static const struct change *
selected(const struct changes_screen *s)
{
	uint64_t id = table_selected(&s->table);

	for (size_t row = 0; id != 0 && row < s->shown.len; row++) {
		if ((uint64_t)change_in(s, row)->id == id)
			return change_in(s, row);
	}
	return NULL;
}

/* ---- rows ---- */

static void
add_safe(struct buf *out, const char *text)
{
	if (text != NULL)
		text_safe(out, text_of(text), 0);
}

static unsigned
state_cell(const struct changes_screen *s, const struct change *c, struct buf *out)
{
	const struct change_state *state = change_state(c, change_rows_cut(&s->rows, c));

	buf_addf(out, "%s %s", state->glyph, state->word);
	return state->look;
}

static unsigned
cell(void *self, size_t row, size_t column, struct buf *out)
{
	const struct changes_screen *s = self;
	const struct change *c = change_in(s, row);
	char text[TIME_TEXT_MAX];

	switch ((enum column_of)column) {
	case COLUMN_STATE: return state_cell(s, c, out);
	case COLUMN_ID: buf_addf(out, "%lld", (long long)c->id); break;
	case COLUMN_WHEN: buf_addf(out, "%.16s", time_human(c->began, text)); break;
	case COLUMN_STEPS: buf_addf(out, "%lld/%lld", (long long)c->done, (long long)c->steps); break;
	case COLUMN_TITLE: add_safe(out, c->title); break;
	case COLUMN_TARGET: add_safe(out, c->target); break;
	case COLUMN_WHO:
		add_safe(out, c->who);
		buf_adds(out, c->host != NULL ? "@" : "");
		add_safe(out, c->host);
		break;
	}
	return ROLE_TEXT;
}

static size_t
count(void *self)
{
	return ((const struct changes_screen *)self)->shown.len;
}

static size_t
all(void *self)
{
	return ((const struct changes_screen *)self)->rows.len;
}

static uint64_t
id(void *self, size_t row)
{
	return (uint64_t)change_in(self, row)->id;
}

static size_t
find(void *self, uint64_t wanted)
{
	const struct changes_screen *s = self;

	for (size_t row = 0; row < s->shown.len; row++) {
		if ((uint64_t)change_in(s, row)->id == wanted)
			return row;
	}
	return SIZE_MAX;
}

static void
filter_text(void *self, size_t thing, struct buf *out)
{
	const struct changes_screen *s = self;
	const struct change *c = &s->rows.items[thing];
	const char *const texts[] = { c->title, c->target, c->code, c->who, c->host, c->kind };

	buf_addf(out, "%lld %s", (long long)c->id, change_state(c, change_rows_cut(&s->rows, c))->word);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		buf_addc(out, ' ');
		add_safe(out, texts[i]);
	}
}

/* As they were read: the newest first. */
static void
arrange_now(void *self, const char *filter, size_t column, bool reverse)
{
	static const struct arrange_ops ops = { .text = filter_text };
	struct changes_screen *s = self;

	arrange(&s->shown, &ops, s, s->rows.len, filter, column, reverse);
}

/* ---- the view ---- */

static void
was_read(struct change_rows *r)
{
	struct changes_screen *s = r->user;

	arrange_now(s, s->table.body.filter_text, s->table.sort_column, s->table.reverse);
	table_changed(&s->table);
}

static void
open(struct view *v, const void *argument)
{
	struct changes_screen *s = screen_of(v);
	const struct table_source source = { .columns = columns, .count = count, .all = all, .id = id, .find = find, .cell = cell,
		.arrange = arrange_now, .self = s };

	(void)argument;
	table_start(&s->table, &source, NULL);
	v->body = &s->table.body;
	s->rows.changed = was_read;
	s->rows.user = s;
	change_rows_start(&s->rows, v->console);
}

static void
close(struct view *v)
{
	struct changes_screen *s = screen_of(v);

	change_rows_done(&s->rows);
	arrange_done(&s->shown);
	table_done(&s->table);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	(void)v;
	(void)out;
	(void)size;
	return "record of changes";
}

static void
refresh(struct view *v, int width)
{
	struct changes_screen *s = screen_of(v);

	(void)width;
	change_rows_follow(&s->rows);
	s->table.empty = s->rows.problem[0] != '\0' || !s->rows.read ? NULL :
	    "Nothing has been changed from here yet.\n\nEvery plan that is applied is recorded, step by step, and stands here.\nf on an endpoint that fails shows the plan that mends it.";
}

static void
draw_summary(const struct changes_screen *s, const struct canvas *c)
{
	char line[96], some[32];
	size_t open_ones = change_rows_left(&s->rows);
	int at = 1;

	if (s->rows.problem[0] != '\0') {
		wrap_paint(c, 0, 1, 2, c->columns - 2, ROLE_FAIL, s->rows.problem);
		return;
	}
	if (!s->rows.read) {
		paint(c, 0, 1, -1, ROLE_WAIT, "reading the record …");
		return;
	}
	snprintf(line, sizeof line, "%s plan%s", count_text(s->rows.len, some, sizeof some), s->rows.len == 1 ? "" : "s");
	at += paint(c, 0, at, -1, ROLE_HEAD, line) + 3;
	if (open_ones == 0)
		return;
	snprintf(line, sizeof line, "%s %zu not finished: R goes on, u undoes", state_glyph(STATE_FAIL), open_ones);
	paint(c, 0, at, -1, ROLE_FAIL, line);
}

/* What the narrow table left out. */
static void
draw_detail(const struct change *c, const struct canvas *area)
{
	struct buf line = { 0 };
	char began[TIME_TEXT_MAX], ended[TIME_TEXT_MAX];
	int at = 1;

	paint_line(area, 0, 0, area->columns, ROLE_DIM, "─");
	buf_addf(&line, "plan %lld: ", (long long)c->id);
	add_safe(&line, c->title);
	at += wrap_paint(area, at, 1, 2, area->columns - 2, ROLE_HEAD, buf_str(&line));
	buf_reset(&line);
	add_safe(&line, c->target);
	buf_adds(&line, c->target != NULL && c->code != NULL ? ", " : "");
	add_safe(&line, c->code);
	if (line.len > 0)
		at += wrap_paint(area, at, 1, 1, area->columns - 2, ROLE_TEXT, buf_str(&line));
	buf_reset(&line);
	buf_addf(&line, "began %.16s", time_human(c->began, began));
	if (c->ended != TIME_UNKNOWN)
		buf_addf(&line, ", ended %.16s", time_human(c->ended, ended));
	buf_adds(&line, " UTC, by ");
	add_safe(&line, c->who != NULL ? c->who : "?");
	buf_adds(&line, " on ");
	add_safe(&line, c->host != NULL ? c->host : "?");
	wrap_paint(area, at, 1, 1, area->columns - 2, ROLE_DIM, buf_str(&line));
	buf_done(&line);
}

static void
draw(struct view *v, const struct canvas *c)
{
	struct changes_screen *s = screen_of(v);
	const struct change *of = selected(s);
	bool roomy = c->rows >= WITH_DETAIL && of != NULL;
	int from = c->rows >= WITH_DETAIL ? 2 : 1;
	struct canvas body = canvas_part(c, from, 0, c->rows - from - (roomy ? DETAIL_ROWS + 1 : 0), -1);
	struct canvas detail = canvas_part(c, c->rows - DETAIL_ROWS - 1, 0, -1, -1);

	draw_summary(s, c);
	if (s->rows.problem[0] == '\0')
		s->table.body.ops->draw(&s->table.body, &body);
	if (roomy)
		draw_detail(of, &detail);
}

/* ---- what can be done ---- */

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct changes_screen *s = screen_of(v);
	const struct change *c = selected(s);

	(void)argument;
	if (c == NULL || (a != ACTION_OPEN && a != ACTION_UNDO && a != ACTION_RESUME))
		return false;
	plan_open_recorded(v->console, c->id, a == ACTION_OPEN ? ASK_NOTHING : a == ACTION_UNDO ? ASK_BACK : ASK_APPLY);
	return true;
}

static const char *
refuses(struct view *v, enum action a)
{
	const struct change *c = selected(screen_of(v));

	if (a != ACTION_UNDO && a != ACTION_RESUME)
		return NULL;
	if (c == NULL)
		return "no plan is selected";
	if (a == ACTION_RESUME && (strcmp(c->state, "done") == 0 || strcmp(c->state, "undone") == 0))
		return "it is finished";
	return a == ACTION_UNDO && strcmp(c->state, "undone") == 0 ? "it is undone" : NULL;
}

const struct view_ops changes_view = {
	.name = "changes",
	.scope = SCOPE_LOG,
	.size = sizeof(struct changes_screen),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.refuses = refuses,
};
