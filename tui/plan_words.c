/* How a plan stands, in a line and a half: what whoever looks at it at night reads first. And what the dialogs ask. */
#include <stdio.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "tui/console.h"
#include "tui/fleet.h"
#include "tui/plan_screen.h"
#include "tui/tab_parts.h"

enum {
	ASKED_STEPS = 9, /* that a dialog lists; the screen behind it has all */
	NARROW = 60
};

static const char *
key_of(enum action a, struct arena *arena)
{
	char key[16];

	return arena_strdup(arena, action_key(a, key, sizeof key));
}

/* "FAIL client.expired", "OK" */
static const char *
verdict_words(const struct plan_verdict *v, struct arena *a)
{
	if (v->code == CODE_NONE)
		return fleet_state_word(v->state);
	return arena_printf(a, "%s %s", fleet_state_word(v->state), code_info(v->code)->name);
}

/* ---- the banner ---- */

static void
state(struct plan_banner *b, enum state s, const char *says)
{
	b->look = look_of_state(s);
	b->glyph = state_glyph(s);
	b->word = state_word(s);
	b->says = says;
}

static void
waits(struct plan_banner *b, const char *says)
{
	b->look = ROLE_WAIT;
	b->glyph = " ";
	b->word = fleet_state_word(FLEET_WAIT);
	b->says = says;
}

static const char *
what_can_be_done(const struct plan_job *j, struct arena *a)
{
	const struct plan_picture *p = j->picture;
	bool undone = p->state == PLAN_UNDONE;
	const char *on = plan_job_refuses(j, false) != NULL ? "" :
	    arena_printf(a, undone ? "%s applies it again" : "%s goes on from there", key_of(undone ? ACTION_APPLY : ACTION_RESUME, a));
	const char *back = plan_job_refuses(j, true) != NULL ? "" :
	    arena_printf(a, p->can_end ? "%s gives it up" : "%s brings back what was before", key_of(ACTION_UNDO, a));

	if (!console_allows_changes(j->console))
		return p->can_go_back || p->goes_on ? "read-only: start mtlscope with --allow-changes to go on with it, or back" : "";
	return arena_printf(a, "%s%s%s", on, on[0] != '\0' && back[0] != '\0' ? "; " : "", back);
}

/* "before: FAIL client.expired · now: OK"; on a narrow screen without the codes: both states are seen at once. */
static const char *
before_and_now(const struct plan_banner *b, const struct plan_job *j, const struct plan_verdict *now, struct arena *a)
{
	bool narrow = b->columns < NARROW;
	const char *was = narrow ? fleet_state_word(j->before.state) : verdict_words(&j->before, a);

	if (now == NULL)
		return arena_printf(a, "before: %s · now: looking again …", was);
	return arena_printf(a, "before: %s · now: %s", was, narrow ? fleet_state_word(now->state) : verdict_words(now, a));
}

static const struct {
	enum state state;
	const char *says;
} effects[] = {
	[EFFECT_NONE] = { STATE_OK, "DONE" },
	[EFFECT_WAITS] = { STATE_OK, "DONE" },
	[EFFECT_MENDED] = { STATE_OK, "MENDED" },
	[EFFECT_HERE_ONLY] = { STATE_WARN, "MENDED HERE, NOT DEPLOYED" },
	[EFFECT_NEXT] = { STATE_WARN, "MENDED, and now something else is in the way" },
	[EFFECT_UNSEEN] = { STATE_WARN, "DONE, AND NOT SEEN TO WORK" },
	[EFFECT_NOT] = { STATE_FAIL, "NOT MENDED" },
};

static void
banner_done(const struct plan_job *j, struct arena *a, struct plan_banner *b)
{
	const struct plan_picture *p = j->picture;
	struct plan_verdict now;
	enum plan_effect effect = plan_job_effect(j, &now);

	state(b, effects[effect].state, arena_printf(a, "%s: %zu of %zu steps done", effects[effect].says, plan_picture_count(p, STEP_DONE), p->len));
	b->next = effect == EFFECT_NONE ? what_can_be_done(j, a) : before_and_now(b, j, effect == EFFECT_WAITS ? NULL : &now, a);
	b->next_look = effect == EFFECT_NONE ? ROLE_TEXT : ROLE_TEXT | LOOK_BOLD;
}

/* What is back is judged by the look after it, which may still be under way. */
static void
banner_undone(const struct plan_job *j, struct arena *a, struct plan_banner *b)
{
	struct plan_verdict now = { .state = FLEET_STATES };
	enum plan_effect effect = plan_job_effect(j, &now);

	if (plan_picture_count(j->picture, STEP_UNDONE) == 0)
		state(b, STATE_OK, "GIVEN UP: nothing of it could be undone, and nobody goes on with it");
	else
		state(b, STATE_OK, arena_printf(a, "UNDONE: it is as it was before, %zu of %zu steps undone",
		    plan_picture_count(j->picture, STEP_UNDONE), j->picture->len));
	if (effect == EFFECT_WAITS || now.state != FLEET_STATES)
		b->next = before_and_now(b, j, effect == EFFECT_WAITS ? NULL : &now, a);
	else
		b->next = what_can_be_done(j, a);
}

static const char *
why_stopped(const struct plan_job *j)
{
	const struct plan_picture *p = j->picture;

	if (p->at < p->len && p->steps[p->at].error != NULL)
		return p->steps[p->at].error;
	for (size_t i = 0; i < p->len; i++) {
		if (p->steps[i].error != NULL)
			return p->steps[i].error;
	}
	return j->problem;
}

/* A plan out of the record does not know where it stopped: its steps do. */
static size_t
step_in_question(const struct plan_picture *p)
{
	for (size_t i = 0; i < p->len; i++) {
		if (p->steps[i].state == STEP_RUNS || p->steps[i].state == STEP_FAILED || p->steps[i].error != NULL)
			return i + 1;
	}
	return p->at < p->len ? p->at + 1 : p->len;
}

static void
banner_stands(const struct plan_job *j, struct arena *a, struct plan_banner *b)
{
	const struct plan_picture *p = j->picture;
	bool changes = console_allows_changes(j->console);

	b->next = what_can_be_done(j, a);
	switch (p->state) {
	case PLAN_MADE:
		b->look = ROLE_HEAD;
		b->glyph = " ";
		b->word = "PLAN";
		b->says = "nothing has been changed";
		b->next = changes ? arena_printf(a, "%s applies it, after a question", key_of(ACTION_APPLY, a)) :
		    "read-only: start mtlscope with --allow-changes to apply it";
		break;
	case PLAN_DONE: banner_done(j, a, b); break;
	case PLAN_UNDONE: banner_undone(j, a, b); break;
	case PLAN_STOPPED:
		state(b, STATE_FAIL, arena_printf(a, "STOPPED at step %zu of %zu: %s", step_in_question(p), p->len, why_stopped(j)));
		break;
	case PLAN_RUNS:
	case PLAN_GOES_BACK:
		if (p->busy) {
			waits(b, arena_printf(a, "somebody works on it: it was in step %zu of %zu when the record was read", step_in_question(p), p->len));
			b->next = plan_under_way(j->console) ? "it may be this very console: the screens below this one" : "another program, or another console";
			break;
		}
		state(b, STATE_FAIL, arena_printf(a, "CUT OFF at step %zu of %zu: the program that %s it ended there", step_in_question(p), p->len,
		    p->state == PLAN_RUNS ? "applied" : "undid"));
		break;
	}
	/* What kept it from its first step is about now; the rest stands as it did. */
	if (j->phase == PHASE_SHOWN && j->problem[0] != '\0') {
		b->next = j->problem;
		b->next_look = ROLE_FAIL | LOOK_BOLD;
	}
}

static void
banner_under_way(const struct plan_job *j, struct arena *a, struct plan_banner *b)
{
	const struct plan_picture *p = j->picture;
	size_t at = p->at < p->len ? p->at : p->len > 0 ? p->len - 1 : 0;
	const char *what = p->len > 0 ? p->steps[at].what : "";
	bool can_halt = j->phase == PHASE_APPLYING;

	waits(b, arena_printf(a, "%s step %zu of %zu: %s", j->phase == PHASE_APPLYING ? "applying" : "undoing", at + 1, p->len, what));
	b->next = j->tries > 0 ? arena_printf(a, "waiting, look %u of %u", j->tries, j->of) :
	    arena_printf(a, "it goes on if you leave this screen%s%s%s", can_halt ? "; " : "", can_halt ? key_of(ACTION_HALT, a) : "", can_halt ? " stops it before the next step" : "");
	b->next_look = ROLE_DIM;
}

void
plan_banner_of(const struct plan_job *j, int columns, struct arena *a, struct plan_banner *b)
{
	*b = (struct plan_banner){ .columns = columns, .next = "", .next_look = ROLE_TEXT };
	switch (j->phase) {
	case PHASE_MAKING:
		waits(b, j->entry != 0 ? "making the plan: the endpoint is looked at again, and what mends it is looked for" : "reading the plan");
		b->next = arena_printf(a, "nothing is changed by that; %s leaves it", key_of(ACTION_BACK, a));
		b->next_look = ROLE_DIM;
		break;
	case PHASE_NONE:
		b->look = ROLE_WARN;
		b->glyph = state_glyph(STATE_WARN);
		b->word = "NONE";
		b->says = j->problem[0] != '\0' ? arena_printf(a, "no plan: %s", j->problem) : "no plan from here; this is what is to be done:";
		break;
	case PHASE_APPLYING:
	case PHASE_GOING_BACK: banner_under_way(j, a, b); break;
	case PHASE_SHOWN:
	case PHASE_ENDED: banner_stands(j, a, b); break;
	}
}

/* ---- the dialogs ---- */

static void
apply_lines(const struct plan_picture *p, struct buf *out)
{
	size_t listed = 0, left = 0;

	for (size_t i = 0; i < p->len; i++) {
		if (p->steps[i].state == STEP_DONE)
			continue;
		if (listed++ < ASKED_STEPS)
			buf_addf(out, "%zu  %s\n", i + 1, p->steps[i].what);
		else
			left++;
	}
	if (left > 0)
		buf_addf(out, "… and %zu more\n", left);
}

static void
back_lines(const struct plan_picture *p, struct buf *out)
{
	size_t stays = 0;

	for (size_t i = p->len; i-- > 0;) {
		const struct picture_step *s = &p->steps[i];

		if (s->goes_back)
			buf_addf(out, "%zu  %s\n", i + 1, s->undo != NULL ? s->undo : s->what);
		else
			stays += s->state == STEP_DONE && s->changes != NULL;
	}
	if (p->can_end)
		buf_adds(out, "Nothing of it can be undone. It is given up: nobody goes on with it, and nobody is reminded of it.\n");
	if (p->waiting_key != NULL)
		buf_addf(out, "The new key in %s is removed: a certificate that was issued for it is of no use without it.\n", p->waiting_key);
	for (size_t i = 0; i < p->len && stays > 0; i++) {
		const struct picture_step *s = &p->steps[i];

		if (!s->goes_back && s->state == STEP_DONE && s->changes != NULL)
			buf_addf(out, "stays: %zu  %s\n", i + 1, s->changes);
	}
}

void
plan_question(const struct plan_picture *p, bool back, struct buf *out)
{
	buf_addf(out, "%s\n\n", p->title);
	if (back)
		back_lines(p, out);
	else
		apply_lines(p, out);
	buf_addf(out, "\nin  %s", p->where);
	if (!back && p->cost != NULL)
		buf_addf(out, "\ncost  %s", p->cost);
	if (!back && p->reached == REACH_UNKNOWN)
		buf_adds(out, "\nIt mends the copy on this machine. Whether the running service reads it is not known.");
}

/* ---- for a shell ---- */

void
plan_commands(const struct plan_picture *p, struct buf *out)
{
	for (size_t i = 0; i < p->len; i++) {
		const struct picture_step *s = &p->steps[i];

		if (s->command != NULL)
			buf_addf(out, "# %zu: %s\n%s\n", i + 1, s->what, s->command);
	}
}
