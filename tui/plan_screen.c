/*
 * The plan on screen. What it says is tui/plan_compose.c and tui/plan_words.c, what is done tui/plan_job.c; here are the
 * keys, the questions, and that the step which runs stays in sight.
 */
#include "tui/plan_screen.h"

#include <stdio.h>
#include <string.h>

#include "model/memory.h"
#include "tui/console.h"
#include "tui/fleet.h"
#include "tui/tab_parts.h"
#include "tui/wrap.h"

enum {
	SAYS_AT = 9,        /* behind "✗ FAIL" */
	SAYS_ROWS = 3,      /* at most, of the banner's sentence; what is longer stands at its step too */
	SAYS_SMALL = 2,
	EXPORT_COLUMNS = 100,
	SMALL = 14          /* rows below which the banner keeps to three */
};

/* What it is opened with. */
struct plan_wish {
	struct entry *entry; /* NULL: one of the record */
	enum code code;
	int64_t id;
	enum plan_ask ask;
	const struct plan_maker *maker; /* of one that is about no endpoint; NULL */
};

struct plan_screen {
	struct view v;      /* first */
	struct document doc;
	struct plan_job *job; /* NULL: it could not be begun */
	enum plan_ask ask;
	unsigned long version; /* of the job, as composed */
	enum plan_effect effect;
	int columns;
};

static struct plan_screen *
screen_of(struct view *v)
{
	return (struct plan_screen *)v;
}

const struct plan_picture *
plan_shown_by(const struct view *v)
{
	const struct plan_screen *s = (const struct plan_screen *)v;

	return v->ops == &plan_view && s->job != NULL ? s->job->picture : NULL;
}

/* ---- opening ---- */

const char *
plan_none_for(const struct entry *e, enum code code)
{
	if (e == NULL)
		return "no endpoint is selected";
	if (e->diagnosis == NULL)
		return "it was not checked yet";
	return code == CODE_NONE && e->diagnosis->root == NULL ? "nothing is wrong here" : NULL;
}

void
plan_open(struct console *k, struct entry *e, enum code code)
{
	console_push(k, &plan_view, &(struct plan_wish){ .entry = e, .code = code });
}

void
plan_open_by(struct console *k, const struct plan_maker *maker)
{
	struct view *before = console_top(k);

	console_push(k, &plan_view, &(struct plan_wish){ .maker = maker });
	/* Too many screens lie upon each other. */
	if (console_top(k) == before && maker->free != NULL)
		maker->free(maker->user);
}

void
plan_open_recorded(struct console *k, int64_t id, enum plan_ask ask)
{
	console_push(k, &plan_view, &(struct plan_wish){ .id = id, .ask = ask });
}

static void
open(struct view *v, const void *argument)
{
	struct plan_screen *s = screen_of(v);
	const struct plan_wish *wish = argument;

	document_start(&s->doc);
	s->doc.columns = 0; /* composed for nothing yet */
	v->body = &s->doc.body;
	v->entry = wish->entry;
	s->ask = wish->ask;
	if (wish->maker != NULL)
		s->job = plan_job_make_by(v->console, wish->maker);
	else
		s->job = wish->entry != NULL ? plan_job_make(v->console, wish->entry, wish->code) : plan_job_read(v->console, wish->id);
}

static void
close(struct view *v)
{
	struct plan_screen *s = screen_of(v);

	if (s->job != NULL)
		plan_job_leave(s->job);
	document_done(&s->doc);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	const struct plan_picture *p = plan_shown_by(v);
	bool named = v->entry != NULL && v->below != NULL && v->below->ops != &endpoint_view && v->below->ops != &changes_view;

	if (p != NULL && p->id != 0)
		snprintf(out, size, "plan %lld%s%s", (long long)p->id, named ? ": " : "", named ? v->entry->name : "");
	else
		snprintf(out, size, "plan%s%s", named ? " for " : "", named ? v->entry->name : "");
	return out;
}

/* ---- the questions ---- */

static void
answered(struct console *k, int yes, void *user)
{
	struct view *v = console_top(k);
	struct plan_screen *s = screen_of(v);
	bool back = user != NULL;

	if (!yes || v->ops != &plan_view || s->job == NULL)
		return;
	/* What was asked about may be another thing by now. */
	if (plan_job_refuses(s->job, back) != NULL)
		console_say(k, ROLE_WARN, "%s", plan_job_refuses(s->job, back));
	else if (!plan_job_apply(s->job, back))
		s->job = NULL;
}

static void
ask(struct plan_screen *s, bool back)
{
	static char is_back;
	const struct plan_picture *p = s->job->picture;
	struct buf text = { 0 };

	plan_question(p, back, &text);
	console_dialog(s->v.console, dialog_question(back ? p->can_end ? "give this plan up?" : "bring back what was before?" : p->id == 0 ? "apply this plan?" : "go on with this plan?",
	    buf_str(&text), back ? p->can_end ? "Give up" : "Bring back" : "Apply", answered, back ? &is_back : NULL));
	buf_done(&text);
}

/* u and R on the list of changes: as if pressed here, once there is something to ask about. */
static void
ask_what_was_wanted(struct plan_screen *s)
{
	enum plan_ask wanted = s->ask;

	if (wanted == ASK_NOTHING || s->job->phase == PHASE_MAKING)
		return;
	s->ask = ASK_NOTHING;
	console_act(s->v.console, wanted == ASK_BACK ? ACTION_UNDO : ACTION_RESUME, NULL);
}

/* ---- what is seen ---- */

/* While it is applied the step that runs is what is looked at. */
static void
follow(struct plan_screen *s)
{
	const struct plan_picture *p = s->job->picture;

	if (p != NULL && (s->job->phase == PHASE_APPLYING || s->job->phase == PHASE_GOING_BACK) && p->at < p->len)
		document_select(&s->doc, p->at + 1);
}

static void
refresh(struct view *v, int columns)
{
	struct plan_screen *s = screen_of(v);
	struct plan_verdict now;
	enum plan_phase phase;

	if (s->job == NULL)
		return;
	phase = s->job->phase;
	plan_job_look(s->job);
	enum plan_effect effect = plan_job_effect(s->job, &now);

	if (v->entry == NULL && s->job->entry != 0)
		v->entry = fleet_entry(console_fleet(v->console), s->job->entry);
	if (s->columns != columns || s->version != s->job->version || s->effect != effect) {
		plan_compose(&s->doc, s->job, columns);
		/* How it ended stands at the top. */
		if (s->version != s->job->version && (phase == PHASE_ENDED || phase == PHASE_SHOWN))
			s->doc.body.ops->move(&s->doc.body, MOVE_FIRST);
		s->columns = columns;
		s->version = s->job->version;
		s->effect = effect;
	}
	follow(s);
}

/* Rows that it takes. */
static int
draw_banner(const struct plan_banner *b, const struct canvas *c)
{
	bool small = c->rows < SMALL;
	int most = small ? SAYS_SMALL : SAYS_ROWS, rows;

	paint(c, 0, 1, -1, b->look | LOOK_BOLD, b->glyph);
	paint(c, 0, 3, -1, b->look | LOOK_BOLD, b->word);
	rows = wrap_paint(c, 0, SAYS_AT, most, c->columns - SAYS_AT - 1, b->look == ROLE_HEAD ? ROLE_TEXT | LOOK_BOLD : b->look | LOOK_BOLD, b->says);
	rows = rows > 0 ? rows : 1;
	if (b->next[0] != '\0')
		rows += wrap_paint(c, rows, SAYS_AT, small && rows > 1 ? 1 : 2, c->columns - SAYS_AT - 1, b->next_look, b->next);
	return rows;
}

static void
draw(struct view *v, const struct canvas *c)
{
	struct plan_screen *s = screen_of(v);
	struct arena *a = arena_new();
	struct plan_banner b;
	int used;

	if (s->job == NULL) {
		wrap_paint(c, 0, 1, c->rows, c->columns - 2, ROLE_TEXT, "There is no plan: this machine has no thread or descriptor left to make it. q goes back.");
		arena_free(a);
		return;
	}
	plan_banner_of(s->job, c->columns, a, &b);
	used = draw_banner(&b, c);
	used += c->rows >= SMALL;
	struct canvas rest = canvas_part(c, used, 0, -1, -1);
	if (rest.rows > 0)
		s->doc.body.ops->draw(&s->doc.body, &rest);
	arena_free(a);
}

/* ---- what can be done ---- */

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct plan_screen *s = screen_of(v);

	(void)argument;
	if (s->job != NULL && a == ACTION_HALT) {
		plan_job_halt(s->job);
		console_say(v->console, ROLE_TEXT, "it stops before its next step");
		return true;
	}
	if (s->job == NULL || (a != ACTION_APPLY && a != ACTION_RESUME && a != ACTION_UNDO))
		return false;
	ask(s, a == ACTION_UNDO);
	return true;
}

static const char *
refuses(struct view *v, enum action a)
{
	struct plan_screen *s = screen_of(v);
	const struct plan_picture *p = plan_shown_by(v);

	if (a == ACTION_HALT)
		return s->job != NULL && s->job->phase == PHASE_APPLYING ? NULL : "nothing is being applied";
	if (a != ACTION_APPLY && a != ACTION_RESUME && a != ACTION_UNDO)
		return NULL;
	if (s->job == NULL)
		return "there is no plan";
	if (a == ACTION_RESUME && p != NULL && p->state == PLAN_MADE)
		return "it was not begun: a applies it";
	return plan_job_refuses(s->job, a == ACTION_UNDO);
}

/* As a file: what stands above the document too. */
static void
text(struct view *v, struct buf *out)
{
	struct plan_screen *s = screen_of(v);
	struct arena *a = arena_new();
	struct plan_banner b;

	if (s->job != NULL) {
		plan_banner_of(s->job, EXPORT_COLUMNS, a, &b);
		buf_addf(out, "%s %s  %s\n%s%s\n", b.glyph, b.word, b.says, b.next, b.next[0] != '\0' ? "\n" : "");
		s->doc.body.ops->write(&s->doc.body, out);
	}
	arena_free(a);
}

/* What was wished may be asked only when all of this is done: the console does it before the next frame. */
static void
refresh_and_ask(struct view *v, int columns)
{
	struct plan_screen *s = screen_of(v);

	refresh(v, columns);
	if (s->job != NULL)
		ask_what_was_wanted(s);
}

const struct view_ops plan_view = {
	.name = "plan",
	.scope = SCOPE_PLAN,
	.size = sizeof(struct plan_screen),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh_and_ask,
	.draw = draw,
	.act = act,
	.refuses = refuses,
	.text = text,
};
