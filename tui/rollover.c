/*
 * The screen of a roll-over: what it says is tui/rollover_words.c and tui/rollover_rows.c, how it is drawn tui/rollover_draw.c, what it knows
 * tui/rollover_work.c, its steps are tui/rollover_plan.c; here are the keys and the questions.
 */
#include "tui/rollover.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/console_parts.h"
#include "tui/fleet.h"
#include "tui/rollover_screen.h"
#include "tui/rollover_work.h"

static struct rollover_screen *
screen_of(struct view *v)
{
	return (struct rollover_screen *)v;
}

static bool
is_under_way(const struct rollover_screen *s)
{
	return rollover_has_begun(s) && s->picture->r->ended == TIME_UNKNOWN;
}

/* ---- what is known ---- */

static void begin(struct rollover_screen *s, enum rollover_deed deed, const char *confirm);

static bool
is_stale(const struct rollover_picture *p)
{
	int64_t at = p->r != NULL && p->r->ended == TIME_UNKNOWN ? rollover_measured_at(p->r) : p->now;

	return at == TIME_UNKNOWN || p->now - at > ROLLOVER_FRESH_S;
}

static void
take(struct rollover_screen *s, struct rollover_picture *p)
{
	/* Until somebody moves it the cursor stays at the top, where what is in the way stands. */
	bool first = !rollover_has_begun(s) || s->table.at.selected == 0;

	rollover_rows_take(&s->rows, p, s->table.body.filter_text);
	rollover_picture_free(s->picture);
	s->picture = p;
	s->columns = 0;
	s->again = s->again && p->offered;
	s->v.body = rollover_has_begun(s) ? &s->table.body : &s->ways.body;
	table_changed(&s->table);
	if (first)
		s->table.body.ops->move(&s->table.body, MOVE_FIRST);
	/* Whichever word it was asked for by: from now on it is this one. */
	if (s->ca == NULL && p->r != NULL)
		s->ca = mem_strdup(p->r->old_root.arn);
}

static void
say_what_was_done(const struct rollover_screen *s, enum rollover_deed deed)
{
	struct console *k = s->v.console;

	if (s->problem[0] != '\0')
		console_say(k, ROLE_FAIL, "%s", s->problem);
	else if (deed == ROLLOVER_NOTE_IT)
		console_say(k, ROLE_OK, "noted: it is done, as far as it can be done from here");
	else if (deed == ROLLOVER_GIVE_UP)
		console_say(k, ROLE_OK, "abandoned; what stands, stands");
	else if (s->picture != NULL && s->picture->gone > 0)
		console_say(k, ROLE_NOTE, "%zu not in the configuration here any more: ?? until a step is confirmed with %s", s->picture->gone,
		    s->picture->gone == 1 ? "its name" : "their names");
}

static void
came(struct console *k, struct rollover_work *w, void *user)
{
	struct rollover_screen *s = user;
	enum rollover_deed deed = w->deed;
	bool looked = deed == ROLLOVER_LOOK && !error_is_set(&w->err);

	s->work = NULL;
	snprintf(s->problem, sizeof s->problem, "%s", w->err.text);
	if (w->picture != NULL) {
		take(s, w->picture);
		w->picture = NULL;
	}
	/* What came of plans so far is in it. */
	if (deed == ROLLOVER_LOOK)
		s->plans = k->plan_moves;
	say_what_was_done(s, deed);
	/* It is over: the ways to begin another are asked for. */
	if (deed != ROLLOVER_LOOK && s->problem[0] == '\0' && s->picture != NULL && s->picture->r != NULL && s->picture->r->ended != TIME_UNKNOWN && !s->picture->offered)
		begin(s, ROLLOVER_LOOK, NULL);
	if (looked && s->picture != NULL && is_stale(s->picture))
		begin(s, ROLLOVER_ASK_ALL, NULL);
	console_urgent(k);
}

static void
begin(struct rollover_screen *s, enum rollover_deed deed, const char *confirm)
{
	s->plans = s->v.console->plan_moves;
	s->problem[0] = '\0';
	s->work = rollover_work_begin(s->v.console, deed, s->ca, confirm, came, s);
	if (s->work == NULL)
		snprintf(s->problem, sizeof s->problem, "no thread or no descriptor is left on this machine");
}

/* ---- opening ---- */

void
rollover_open_screen(struct console *k, const char *ca)
{
	console_push(k, &rollover_view, ca);
}

static void
open(struct view *v, const void *argument)
{
	struct rollover_screen *s = screen_of(v);
	struct table_source source;

	s->ca = argument != NULL ? mem_strdup(argument) : NULL;
	s->rows.console = v->console;
	rollover_rows_source(&s->rows, &source);
	table_start(&s->table, &source, NULL);
	document_start(&s->ways);
	v->body = &s->table.body;
	begin(s, ROLLOVER_LOOK, NULL);
}

static void
close(struct view *v)
{
	struct rollover_screen *s = screen_of(v);

	if (s->work != NULL)
		rollover_work_leave(s->work);
	rollover_picture_free(s->picture);
	rollover_rows_done(&s->rows);
	table_done(&s->table);
	document_done(&s->ways);
	free(s->ca);
}

static const struct rollover *
document_of(const struct rollover_screen *s)
{
	return s->picture == NULL ? NULL : s->picture->r != NULL ? s->picture->r : s->picture->facts;
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	const struct rollover *r = document_of(screen_of(v));

	if (r == NULL)
		return "roll-over";
	snprintf(out, size, "roll-over of %s", r->old_root.name);
	return out;
}

static struct entry *
entry_of(const struct rollover_screen *s)
{
	const struct rollover_service *of = rollover_selected(s);

	return of != NULL ? fleet_named(console_fleet(s->v.console), of->name) : NULL;
}

static void
refresh(struct view *v, int columns)
{
	struct rollover_screen *s = screen_of(v);

	/* A plan began or ended: what it changed is measured, not believed. */
	if (s->picture != NULL && s->plans != v->console->plan_moves && s->work == NULL && v->console->plan_job == NULL)
		begin(s, rollover_has_begun(s) ? ROLLOVER_ASK_ALL : ROLLOVER_LOOK, NULL);
	if (s->picture != NULL && !rollover_has_begun(s) && s->columns != columns) {
		rollover_compose_ways(&s->ways, s->picture, columns);
		s->columns = columns;
	}
	s->table.empty = s->work != NULL || !rollover_has_begun(s) ? NULL : "Nobody has been measured yet: r measures the fleet.";
	v->entry = entry_of(s);
}

/* ---- what can be done ---- */

static void
go_on(struct rollover_screen *s, const char *confirm, bool take_over)
{
	rollover_open_plan(s->v.console, &(struct rollover_step_wish){ .ca = s->picture->r->old_root.arn, .confirm = confirm, .way = ROLLOVER_WAYS, .take_over = take_over });
}

/* What was asked about is still what is on the screen. */
static struct rollover_screen *
still_there(struct console *k)
{
	struct view *v = console_top(k);

	return v->ops == &rollover_view && is_under_way(screen_of(v)) ? screen_of(v) : NULL;
}

static void
names_typed(struct console *k, const char *text, void *user)
{
	struct rollover_screen *s = still_there(k);
	struct arena *a = arena_new();
	struct rollover_may may;

	(void)user;
	if (s != NULL) {
		rollover_may(s->picture->r, rollover_next(s->picture->r, s->picture->now), text, s->picture->now, a, &may);
		if (may.allowed)
			go_on(s, text, false);
		else
			console_say(k, ROLE_FAIL, "locked: %s", may.why);
	}
	arena_free(a);
}

static void
taken_over(struct console *k, int yes, void *user)
{
	struct rollover_screen *s = still_there(k);

	(void)user;
	if (yes && s != NULL)
		go_on(s, NULL, true);
}

static void
ask_take_over(struct rollover_screen *s)
{
	const struct rollover *r = s->picture->r;
	struct buf text = { 0 };

	buf_addf(&text, "“%s” was begun on %s by %s. Only the record there knows how far it came.\n\nIf it is gone on with here, it must not be gone on with there any more.",
	    rollover_step_words(r->busy), r->busy_by.host, r->busy_by.who != NULL ? r->busy_by.who : "?");
	console_dialog(s->v.console, dialog_question("take it over?", buf_str(&text), "Take over", taken_over, NULL));
	buf_done(&text);
}

static void
next_step(struct rollover_screen *s)
{
	const struct rollover_picture *p = s->picture;
	struct arena *a = arena_new();
	struct rollover_may may;

	rollover_may(p->r, rollover_next(p->r, p->now), NULL, p->now, a, &may);
	if (p->r->ended != TIME_UNKNOWN) {
		s->again = true;
		s->columns = 0;
		s->v.body = &s->ways.body;
		console_changed(s->v.console);
	} else if (p->pending != 0)
		plan_open_recorded(s->v.console, p->pending, ASK_NOTHING);
	else if (rollover_begun_elsewhere(p->r, p->host))
		ask_take_over(s);
	else if (may.confirmable)
		console_ask(s->v.console, &(struct asking){ .label = "names of all that are ??, with commas: ", .entered = names_typed });
	else
		go_on(s, NULL, false);
	arena_free(a);
}

/* Of the ways the one that is selected. */
static void
take_way(struct rollover_screen *s)
{
	uint64_t id = document_selected(&s->ways);

	if (id == 0 || id > ROLLOVER_WAYS)
		console_say(s->v.console, ROLE_WARN, "select one of the ways first");
	else if (!s->picture->offers[id - 1].possible)
		console_say(s->v.console, ROLE_WARN, "this way is not possible: %s", s->picture->offers[id - 1].why_not);
	else
		rollover_open_plan(s->v.console, &(struct rollover_step_wish){ .ca = s->picture->facts->old_root.arn, .way = (enum rollover_way)(id - 1) });
}

static void
noted(struct console *k, int yes, void *user)
{
	struct rollover_screen *s = still_there(k);

	(void)user;
	if (yes && s != NULL && s->work == NULL)
		begin(s, ROLLOVER_NOTE_IT, NULL);
}

static void
given_up(struct console *k, int yes, void *user)
{
	struct rollover_screen *s = still_there(k);

	(void)user;
	if (yes && s != NULL && s->work == NULL)
		begin(s, ROLLOVER_GIVE_UP, NULL);
}

static void
ask_note(struct rollover_screen *s)
{
	enum rollover_step next = rollover_next(s->picture->r, s->picture->now);
	struct buf text = { 0 };

	if (next < ROLLOVER_STEPS)
		buf_addf(&text, "Of “%s” nothing is left that can be done from here, and what its owners have to do, they have done or will do.\n\n"
		    "The fleet is measured once more; what a plan could still do keeps this from being noted.", rollover_step_words(next));
	else
		buf_adds(&text, "The roll-over is over: every step is done.");
	console_dialog(s->v.console, dialog_question("note it as done?", buf_str(&text), "Note it", noted, NULL));
	buf_done(&text);
}

static void
ask_give_up(struct rollover_screen *s)
{
	struct buf text = { 0 };

	rollover_what_stands(s->picture->r, &text);
	console_dialog(s->v.console, dialog_question("abandon this roll-over?", buf_str(&text), "Abandon", given_up, NULL));
	buf_done(&text);
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct rollover_screen *s = screen_of(v);
	struct entry *e = entry_of(s);

	(void)argument;
	switch (a) {
	case ACTION_OPEN:
	case ACTION_IN:
		if (rollover_has_begun(s) && e != NULL)
			console_push(v->console, &endpoint_view, e);
		else if (s->picture != NULL && !rollover_has_begun(s))
			take_way(s);
		return true;
	case ACTION_ROLL_ON:
		if (rollover_has_begun(s))
			next_step(s);
		else
			take_way(s);
		return true;
	case ACTION_MEASURE: begin(s, rollover_has_begun(s) ? ROLLOVER_ASK_ALL : ROLLOVER_LOOK, NULL); return true;
	case ACTION_ROLLOVER_DONE: ask_note(s); return true;
	case ACTION_ROLLOVER_ABANDON: ask_give_up(s); return true;
	default: return false;
	}
}

/* Who is known to fail cannot be typed away: the reason is all there is. */
static const char *
refuses_step(struct rollover_screen *s)
{
	const struct rollover_picture *p = s->picture;
	enum rollover_step next = rollover_next(p->r, p->now);
	struct arena *a;
	struct rollover_may may;
	bool closed;

	if (p->r->ended != TIME_UNKNOWN)
		return p->offered ? NULL : p->r->abandoned ? "it was abandoned" : "it is done";
	if (p->pending != 0 || rollover_begun_elsewhere(p->r, p->host))
		return NULL;
	if (next >= ROLLOVER_STEPS)
		return "every step is done: D notes that it is over";
	a = arena_new();
	rollover_may(p->r, next, NULL, p->now, a, &may);
	closed = !may.allowed && !may.confirmable;
	snprintf(s->why, sizeof s->why, "locked: %s", may.why);
	arena_free(a);
	return closed ? s->why : NULL;
}

static const char *
refuses(struct view *v, enum action a)
{
	struct rollover_screen *s = screen_of(v);
	bool changes = a == ACTION_ROLLOVER_DONE || a == ACTION_ROLLOVER_ABANDON;

	if (a != ACTION_ROLL_ON && a != ACTION_OPEN && a != ACTION_MEASURE && !changes)
		return NULL;
	if (s->work != NULL && (changes || a == ACTION_MEASURE || s->picture == NULL))
		return "it is being looked at just now";
	if (a == ACTION_MEASURE)
		return NULL;
	if (s->picture == NULL)
		return "nothing is known of it";
	if (changes && !is_under_way(s))
		return "no roll-over is under way here";
	if (a == ACTION_OPEN && rollover_has_begun(s) && entry_of(s) == NULL)
		return "it is no endpoint of this session: an identity, or not in the fleet";
	return a == ACTION_ROLL_ON && rollover_has_begun(s) ? refuses_step(s) : NULL;
}

/* As a file: what stands above the table too. */
static void
text(struct view *v, struct buf *out)
{
	struct rollover_screen *s = screen_of(v);
	struct arena *a = arena_new();
	struct rollover_head h;

	if (rollover_has_begun(s)) {
		rollover_head_of(s->picture, v->console, a, &h);
		buf_addf(out, "Roll-over of “%s”: %s\n%s %s  %s\n%s%s\n", s->picture->r->old_root.name, rollover_phase(s->picture->r), h.glyph, h.word, h.says, h.press,
		    h.press[0] != '\0' ? "\n" : "");
	}
	v->body->ops->write(v->body, out);
	arena_free(a);
}

const struct view_ops rollover_view = {
	.name = "rollover",
	.scope = SCOPE_ROLLOVER,
	.size = sizeof(struct rollover_screen),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
	.draw = rollover_draw,
	.act = act,
	.refuses = refuses,
	.text = text,
};
