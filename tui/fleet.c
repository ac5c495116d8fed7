/* The fleet by name: every endpoint a row, what is worst first; and as a drill-down, those that share a cause. */
#include "tui/fleet.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tui/console.h"
#include "tui/fleet_screen.h"
#include "tui/sort.h"

static struct fleet_screen *
screen_of(struct view *v)
{
	return (struct fleet_screen *)v;
}

static void
open_fleet(struct view *v, const void *argument)
{
	struct fleet_screen *s = screen_of(v);
	const struct fleet_wish *wish = argument;

	s->fleet = console_fleet(v->console);
	if (wish != NULL) {
		s->cause = wish->cause;
		s->label = mem_strdup(wish->label);
	}
	fleet_rows_start(s);
	v->body = &s->table.body;
}

static void
close_fleet(struct view *v)
{
	struct fleet_screen *s = screen_of(v);

	fleet_rows_done(s);
	free(s->label);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	(void)out;
	(void)size;
	return screen_of(v)->label != NULL ? screen_of(v)->label : "fleet";
}

static const char *
nothing(const struct fleet_screen *s)
{
	if (fleet_len(s->fleet) == 0)
		return "No endpoints.\nPress a to add one, or leave and start: mtlscope demo";
	if (s->failing_only)
		return "None of these fails.\nPress ! to see all of them.";
	return "Nobody has this cause any more.\nPress q to go back.";
}

static void
refresh(struct view *v, int columns)
{
	struct fleet_screen *s = screen_of(v);

	s->chosen = s->chosen || s->table.at.selected > 0;
	if (s->version != fleet_version(s->fleet)) {
		s->version = fleet_version(s->fleet);
		fleet_rows_changed(s);
		if (!s->chosen)
			s->table.body.ops->move(&s->table.body, MOVE_FIRST);
	}
	if (s->want != 0) {
		table_select(&s->table, s->want);
		s->want = 0;
	}
	fleet_rows_widths(s, columns);
	s->table.empty = nothing(s);
	v->entry = fleet_entry(s->fleet, table_selected(&s->table));
}

static const char *
left_out(const struct fleet_screen *s)
{
	return s->failing_only ? "only failing: ! for all" : NULL;
}

/* A blank row between counts and table where there is room for it. */
enum { ROOMY = 16 };

static void
draw(struct view *v, const struct canvas *c)
{
	struct fleet_screen *s = screen_of(v);
	int used = 0;

	if (fleet_len(s->fleet) > 0)
		used = fleet_draw_counts(c, &s->counts, fleet_len(s->fleet), left_out(s), console_now_ms(v->console)) +
		    (c->rows >= ROOMY);
	struct canvas rest = canvas_part(c, used, 0, -1, -1);

	s->table.body.ops->draw(&s->table.body, &rest);
}

static void
text(struct view *v, struct buf *out)
{
	struct fleet_screen *s = screen_of(v);

	if (s->label != NULL)
		buf_addf(out, "%s\n", s->label);
	fleet_write_counts(&s->counts, fleet_len(s->fleet), left_out(s), console_now_ms(v->console), out);
	buf_addc(out, '\n');
	s->table.body.ops->write(&s->table.body, out);
}

static void
json(struct view *v, struct buf *out)
{
	struct fleet_screen *s = screen_of(v);

	for (size_t row = 0; row < s->rows.len; row++)
		entry_json(fleet_rows_entry(s, row), out);
}

/* ---- what can be done ---- */

static void
check_all(struct fleet_screen *s)
{
	struct entry **entries = mem_zero(fleet_len(s->fleet) + 1, sizeof(struct entry *));
	size_t len = 0;

	for (size_t i = 0; i < s->ranked; i++)
		if (fleet_rows_member(s, i))
			entries[len++] = fleet_at(s->fleet, i);
	console_check_aloud(s->view.console, entries, len);
	free(entries);
}

/* Marked rows that are listed, as the head of the table counts them; else the selected one. */
static void
check_marked(struct fleet_screen *s)
{
	struct entry **entries = mem_zero(s->rows.len + 1, sizeof(struct entry *));
	size_t len = 0;

	for (size_t row = 0; row < s->rows.len; row++)
		if (fleet_rows_entry(s, row)->marked)
			entries[len++] = fleet_rows_entry(s, row);
	if (len == 0 && s->view.entry != NULL)
		entries[len++] = s->view.entry;
	console_check_aloud(s->view.console, entries, len);
	free(entries);
}

static void
mark(struct fleet_screen *s)
{
	s->view.entry->marked = !s->view.entry->marked;
	s->table.body.ops->move(&s->table.body, MOVE_DOWN);
}

static void
mark_all(struct fleet_screen *s)
{
	bool all = s->rows.len > 0;

	for (size_t row = 0; row < s->rows.len; row++)
		all = all && fleet_rows_entry(s, row)->marked;
	for (size_t row = 0; row < s->rows.len; row++)
		fleet_rows_entry(s, row)->marked = !all;
}

static void
by_cause(struct view *v)
{
	/* The way there and back does not pile up: what lies below is shown again. */
	if (v->below != NULL && v->below->ops == &causes_view)
		console_pop(v->console);
	else
		console_replace(v->console, &causes_view, NULL);
}

void
fleet_view_select(struct view *list, const struct entry *e)
{
	screen_of(list)->want = e->id;
	screen_of(list)->chosen = true;
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct fleet_screen *s = screen_of(v);
	struct console *k = v->console;

	switch (a) {
	case ACTION_OPEN:
		s->chosen = true;
		if (v->entry != NULL)
			console_push(k, &endpoint_view, v->entry);
		return true;
	case ACTION_MARK:
		s->chosen = true;
		if (v->entry != NULL)
			mark(s);
		break;
	case ACTION_MARK_ALL: mark_all(s); break;
	case ACTION_CHECK:
		if (argument != NULL)
			return false;
		check_marked(s);
		break;
	case ACTION_CHECK_ALL: check_all(s); break;
	case ACTION_FAILING:
		s->failing_only = !s->failing_only;
		s->version = 0;
		break;
	case ACTION_BY_CAUSE: by_cause(v); return true;
	default: return sort_act(v, &s->table, a, argument);
	}
	console_changed(k);
	return true;
}

bool
fleet_view_lists(struct view *list, const struct entry *e)
{
	struct fleet_screen *s = screen_of(list);

	return s->table.source.find(s, e->id) != SIZE_MAX;
}

struct entry *
fleet_view_neighbour(struct view *list, const struct entry *e, int step)
{
	struct fleet_screen *s = screen_of(list);

	if (list == NULL || list->ops != &fleet_view)
		return NULL;
	size_t row = s->table.source.find(s, e->id), by = (size_t)(step < 0 ? -step : step);
	if (row == SIZE_MAX || (step < 0 ? row < by : row + by >= s->rows.len))
		return NULL;
	struct entry *there = fleet_rows_entry(s, step < 0 ? row - by : row + by);

	table_select(&s->table, there->id);
	s->chosen = true;
	return there;
}

const struct view_ops fleet_view = {
	.name = "fleet",
	.scope = SCOPE_FLEET,
	.size = sizeof(struct fleet_screen),
	.open = open_fleet,
	.close = close_fleet,
	.crumb = crumb,
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.json = json,
	.text = text,
};
