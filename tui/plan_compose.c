/*
 * The document of a plan. Before it is applied every step says all of itself; under way and afterwards a step is a line,
 * with what it gave or why it failed, so that how far it came is seen at once.
 */
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/plan_screen.h"
#include "tui/tab_parts.h"

enum {
	WHAT_AT = 4,        /* of a step that says all of itself */
	DETAIL_AT = 13,
	NUMBER_AT = 10,     /* of a step that is a line: behind "✗ FAILED" */
	LINE_AT = 14,
	EVENT_AT = 19,      /* behind the time */
	NARROW = 60
};

static void
labelled(struct document *d, const char *label, unsigned look, const char *text)
{
	if (text == NULL)
		return;
	document_line(d);
	document_at(d, WHAT_AT, ROLE_DIM, label);
	document_at(d, DETAIL_AT, look, "");
	document_wrap(d, DETAIL_AT, look, text);
}

static void
heading(struct document *d, const char *text)
{
	document_line(d);
	document_line(d);
	document_at(d, 1, ROLE_HEAD, text);
}

static void
sentences(struct document *d, const char *title, const char *const *texts, size_t len)
{
	if (len == 0)
		return;
	heading(d, title);
	for (size_t i = 0; i < len; i++) {
		document_line(d);
		document_at(d, 1, ROLE_DIM, "·");
		document_at(d, 3, ROLE_TEXT, "");
		document_wrap(d, 3, ROLE_TEXT, texts[i]);
	}
}

/* ---- what it is ---- */

/* That it mends a copy only is what must not be overlooked. */
static unsigned
reach_look(const struct plan_picture *p)
{
	return p->reached == REACH_UNKNOWN ? ROLE_WARN : ROLE_TEXT;
}

static void
where_it_mends(struct document *d, const struct plan_picture *p)
{
	for (size_t i = 0; i < p->reach_len; i++)
		document_label(d, i == 0 ? "mends" : "", reach_look(p), p->reach[i]);
	document_label(d, "in", ROLE_TEXT, p->where);
	if (p->cost != NULL)
		document_label(d, "cost", ROLE_TEXT, p->cost);
}

static bool
same_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "") == 0;
}

static const char *
who_at(const struct change_event *e, struct arena *a)
{
	return arena_printf(a, "%s on %s", e->who != NULL ? text_safe_arena(a, text_of(e->who), 0, NULL) : "?",
	    e->host != NULL ? text_safe_arena(a, text_of(e->host), 0, NULL) : "?");
}

/* "for payment, client.expired"; and of a plan out of the record who began it, and when. */
static void
what_for(struct document *d, const struct plan_job *j, struct arena *a)
{
	const struct plan_picture *p = j->picture;
	char time[TIME_TEXT_MAX];


	if (p->target != NULL)
		document_label(d, "for", ROLE_TEXT, arena_printf(a, "%s%s%s", text_safe_arena(a, text_of(p->target), 0, NULL), p->code != NULL ? ", " : "",
		    p->code != NULL ? text_safe_arena(a, text_of(p->code), 0, NULL) : ""));
	if (j->phase == PHASE_SHOWN && p->events_len > 0)
		document_label(d, "by", ROLE_TEXT, arena_printf(a, "%s, %s", who_at(&p->events[0], a), time_human(p->events[0].at, time)));
}

/* ---- steps, before ---- */

static void
whole_step(struct document *d, const struct picture_step *s, size_t n, struct arena *a)
{
	document_line(d);
	document_at(d, 1, ROLE_KEY, arena_printf(a, "%zu", n));
	document_at(d, WHAT_AT, ROLE_HEAD, "");
	document_wrap(d, WHAT_AT, ROLE_HEAD, s->what);
	labelled(d, "reads", ROLE_TEXT, s->reads);
	labelled(d, "changes", ROLE_TEXT, s->changes != NULL ? s->changes : "nothing");
	labelled(d, "call", ROLE_TEXT, s->call);
	labelled(d, "cost", ROLE_TEXT, s->cost);
	labelled(d, "undo", ROLE_TEXT, s->undo);
}

/* ---- steps, under way and afterwards ---- */

static const struct {
	const char *glyph, *word;
	unsigned look;
} steps[] = {
	[STEP_WAITS] = { " ", "waits", ROLE_DIM },
	[STEP_RUNS] = { " ", "RUNS", ROLE_WAIT },
	[STEP_DONE] = { "✓", "done", ROLE_OK },
	[STEP_FAILED] = { "✗", "FAILED", ROLE_FAIL },
	[STEP_UNDONE] = { " ", "undone", ROLE_NOTE },
};

static bool
is_alive(const struct plan_job *j)
{
	return j->phase == PHASE_APPLYING || j->phase == PHASE_GOING_BACK || j->picture->busy;
}

static void
below_step(struct document *d, const char *label, unsigned look, const char *text, struct arena *a)
{
	document_line_on(d);
	document_at(d, LINE_AT, look, "");
	document_wrap(d, LINE_AT, look, label != NULL ? arena_printf(a, "%s  %s", label, text) : text);
}

static void
step_line(struct document *d, bool alive, bool settled, const struct picture_step *s, size_t n, struct arena *a)
{
	/* What runs while nobody works on it was cut off. */
	const char *word = s->state == STEP_RUNS && !alive ? "CUT" : steps[s->state].word;
	unsigned look = s->state == STEP_RUNS && !alive ? ROLE_FAIL : steps[s->state].look;

	document_line_id(d, n);
	document_at(d, 1, look, s->state == STEP_RUNS && !alive ? "✗" : steps[s->state].glyph);
	document_at(d, 3, look | (s->state == STEP_RUNS ? LOOK_BOLD : 0), word);
	document_at(d, NUMBER_AT, ROLE_TEXT, arena_printf(a, "%zu", n));
	document_at(d, LINE_AT, s->state == STEP_WAITS ? ROLE_DIM : ROLE_TEXT, "");
	document_wrap(d, LINE_AT, s->state == STEP_WAITS ? ROLE_DIM : ROLE_TEXT, s->what);
	/* Of one that is back for good it is history: What happened has it. */
	if (s->error != NULL && (s->state != STEP_UNDONE || !settled))
		below_step(d, NULL, ROLE_FAIL, s->error, a);
	if (s->unsettled && s->gave == NULL)
		below_step(d, NULL, ROLE_WARN, "AWS's answer did not come: it may have been done all the same", a);
	if (s->gave != NULL)
		below_step(d, s->gave_name, ROLE_TEXT, s->gave, a);
}

/* What a plan that stopped has left behind, and what it has taken back: whoever takes over at night needs both. */
static void
what_stands(struct document *d, const struct plan_picture *p, struct arena *a)
{
	size_t standing = 0;

	heading(d, "What stands");
	for (size_t i = 0; i < p->len; i++) {
		const struct picture_step *s = &p->steps[i];

		if (s->state == STEP_UNDONE || (s->state != STEP_DONE && s->gave == NULL) || s->changes == NULL)
			continue;
		standing++;
		document_line(d);
		document_at(d, 1, ROLE_TEXT, arena_printf(a, "%zu", i + 1));
		document_at(d, WHAT_AT, ROLE_TEXT, "");
		document_wrap(d, WHAT_AT, ROLE_TEXT, s->changes);
	}
	if (standing == 0) {
		document_line(d);
		document_at(d, WHAT_AT, ROLE_TEXT, "nothing: what was changed has been taken back, or nothing was");
	}
}

/* In a shell: the keys for it stand above. A plan out of the record has no words of its own for it. */
static void
how_to_go_on(struct document *d, const struct plan_picture *p, struct arena *a)
{
	const char *lines = p->go_on_command != NULL ? p->go_on_command : arena_printf(a, "mtlscope resume %lld --apply%s", (long long)p->id,
	    p->can_go_back ? arena_printf(a, "\nmtlscope undo %lld --apply", (long long)p->id) : "");

	heading(d, "How to go on");
	document_line(d);
	document_at(d, 1, ROLE_TEXT, "");
	document_wrap(d, 1, ROLE_TEXT, p->go_on != NULL ? p->go_on : "Mend the reason, then go on with it or back. In a shell:");
	for (const char *end; *lines != '\0'; lines = *end != '\0' ? end + 1 : end) {
		end = lines + strcspn(lines, "\n");
		document_line(d);
		document_at(d, WHAT_AT, ROLE_TEXT, "");
		document_wrap(d, WHAT_AT, ROLE_TEXT, arena_strndup(a, lines, (size_t)(end - lines)));
	}
}

/* Who it was stands there where somebody else has taken it over. */
static void
events(struct document *d, const struct plan_picture *p, struct arena *a)
{
	int at = d->columns < NARROW ? 3 : EVENT_AT;

	if (p->events_len == 0)
		return;
	heading(d, "What happened");
	for (size_t i = 0; i < p->events_len; i++) {
		const struct change_event *e = &p->events[i], *last = i > 0 ? e - 1 : e;
		bool other = !same_text(e->who, last->who) || !same_text(e->host, last->host);
		char time[TIME_TEXT_MAX];

		document_line(d);
		document_at(d, 1, ROLE_DIM, arena_printf(a, "%.16s", time_human(e->at, time)));
		if (at < EVENT_AT)
			document_line_on(d);
		document_at(d, at, ROLE_TEXT, "");
		document_wrap(d, at, ROLE_TEXT, arena_printf(a, "%s%s%s", other ? who_at(e, a) : "", other ? ": " : "",
		    text_safe_arena(a, text_of(e->what), 0, NULL)));
	}
}

/* ---- by hand ---- */

/* Lines to be copied: each is one, however wide; on the screen they wrap, with y they are whole. */
static void
commands(struct document *d, const struct plan_picture *p, struct arena *a)
{
	struct buf all = { 0 };
	char key[16];

	plan_commands(p, &all);
	if (all.len > 0) {
		heading(d, arena_printf(a, "The same by hand (%s copies)", action_key(ACTION_COPY, key, sizeof key)));
		for (char *line = all.data, *end; line != NULL && *line != '\0'; line = end != NULL ? end + 1 : NULL) {
			end = strchr(line, '\n');
			if (end != NULL)
				*end = '\0';
			document_line(d);
			document_at(d, 1, ROLE_TEXT, "");
			document_wrap(d, 1, line[0] == '#' ? ROLE_DIM : ROLE_TEXT, text_safe_arena(a, text_of(line), 0, NULL));
		}
	}
	buf_done(&all);
}

static bool
says_all(const struct plan_job *j)
{
	return j->phase == PHASE_SHOWN && j->picture->state == PLAN_MADE;
}

/* Where it acts, what it costs and for how many it is not are decided on: they come before the steps. */
static void
compose_before(struct document *d, const struct plan_job *j, const struct plan_picture *p, struct arena *a)
{
	size_t alike = plan_job_alike(j);

	where_it_mends(d, p);
	if (alike > 0)
		document_label(d, "besides", ROLE_NOTE, arena_printf(a, "%zu more ha%s this cause. It need not mend them: all are looked at again after it", alike, alike == 1 ? "s" : "ve"));
	document_line(d);
	for (size_t i = 0; i < p->len; i++)
		whole_step(d, &p->steps[i], i + 1, a);
	sentences(d, "Know before", p->notes, p->notes_len);
	document_line(d);
	what_for(d, j, a);
}

/* Once it was begun, how far it came is what one looks for. */
static void
compose_since(struct document *d, const struct plan_job *j, const struct plan_picture *p, struct arena *a)
{
	bool alive = is_alive(j);

	document_line(d);
	for (size_t i = 0; i < p->len; i++)
		step_line(d, alive, p->state == PLAN_DONE || p->state == PLAN_UNDONE, &p->steps[i], i + 1, a);
	if (p->state == PLAN_STOPPED && !alive) {
		what_stands(d, p, a);
		how_to_go_on(d, p, a);
	}
	sentences(d, "Know now", p->after, p->state == PLAN_DONE ? p->after_len : 0);
	document_line(d);
	where_it_mends(d, p);
	what_for(d, j, a);
}

/* What is to be done instead. Settings to be pasted are lines that begin with blanks: they stay as they are. */
static void
compose_words(struct document *d, const char *words, struct arena *a)
{
	for (const char *end; *words != '\0'; words = *end != '\0' ? end + 1 : end) {
		const char *line;

		end = words + strcspn(words, "\n");
		line = text_safe_arena(a, (struct text){ .bytes = (const unsigned char *)words, .len = (size_t)(end - words) }, 0, NULL);
		document_line(d);
		if (line[0] == ' ')
			document_at(d, 1, ROLE_TEXT, line);
		else
			document_wrap(d, 1, ROLE_TEXT, line);
	}
}

void
plan_compose(struct document *d, const struct plan_job *j, int columns)
{
	const struct plan_picture *p = j->picture;
	struct arena *a = arena_new();

	document_clear(d, columns);
	if (p != NULL) {
		document_label(d, "plan", ROLE_TEXT | LOOK_BOLD, p->id != 0 ? arena_printf(a, "%lld: %s", (long long)p->id, p->title) : p->title);
		if (says_all(j))
			compose_before(d, j, p, a);
		else
			compose_since(d, j, p, a);
		events(d, p, a);
		commands(d, p, a);
	}
	if (j->phase == PHASE_NONE && j->words != NULL)
		compose_words(d, j->words, a);
	document_composed(d);
	arena_free(a);
}
