/* A roll-over in words: how far it is, what is in the way, what to press; and the ways to begin one. */
#include <ctype.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/console.h"
#include "tui/rollover.h"
#include "tui/rollover_work.h"
#include "tui/tab_parts.h"

enum { LABEL_AT = 5, TEXT_AT = 15, NARROW = 60 };

/* ---- cells ---- */

unsigned
rollover_cell(const struct rollover_picture *p, enum rollover_column c, enum rollover_answer a, struct buf *out)
{
	static const struct {
		const char *glyph;
		unsigned look;
	} answers[] = {
		[ROLLOVER_UNKNOWN] = { " ", ROLE_WAIT },
		[ROLLOVER_NO] = { "✗", ROLE_FAIL },
		[ROLLOVER_YES] = { "✓", ROLE_OK },
		[ROLLOVER_NOT_ONE] = { " ", ROLE_DIM },
	};
	/* That chains are old and the old root is held is as it should be, until it is their step's turn. */
	enum rollover_step next = p->r != NULL ? rollover_next(p->r, p->now) : ROLLOVER_NO_STEP;
	bool later = (c == ROLLOVER_SENDS && next < ROLLOVER_MOVE) || c == ROLLOVER_KEEPS;

	buf_addf(out, "%s %s", later ? " " : answers[a].glyph, rollover_answer_word(a));
	return later && a != ROLLOVER_UNKNOWN ? ROLE_DIM : answers[a].look;
}

unsigned
rollover_blocks(const struct rollover_picture *p, const struct rollover_service *s)
{
	enum rollover_step next = rollover_next(p->r, p->now);
	unsigned found = 0;

	for (unsigned c = 0; c <= ROLLOVER_SENDS; c++) {
		bool bad = s->cells[c].answer == ROLLOVER_NO || s->cells[c].answer == ROLLOVER_UNKNOWN;

		if (bad && (c != ROLLOVER_SENDS || (next == ROLLOVER_REMOVE && p->r->way != ROLLOVER_SAME_KEY)))
			found |= 1u << c;
	}
	return found;
}

/* ---- how far ---- */

static const char *
phase_word(const struct rollover *r, enum rollover_step s)
{
	static const char *const words[ROLLOVER_STEPS] = { "new root", "sign", "measure", "trust", "chains", "old root out", "disable" };

	if (s == ROLLOVER_MAKE_ROOT && r->way == ROLLOVER_SAME_KEY)
		return "new date";
	return s == ROLLOVER_MAKE_ISSUING && r->way == ROLLOVER_NEW ? "issuing CA" : words[s];
}

/* The one that is due stands in capital letters: it is seen without colours too. */
static const char *
capitals(const char *word, struct arena *a)
{
	char *out = arena_strdup(a, word);

	for (char *c = out; *c != '\0'; c++)
		*c = (char)toupper((unsigned char)*c);
	return out;
}

int
rollover_draw_phases(const struct rollover_picture *p, const struct canvas *c, int row)
{
	enum rollover_step next = rollover_next(p->r, p->now);
	struct arena *a = arena_new();
	int at = 1, rows = 1;

	for (enum rollover_step s = ROLLOVER_MAKE_ROOT; s < ROLLOVER_STEPS; s++) {
		bool done = s != next && (s < next || p->r->done[s].at != TIME_UNKNOWN) && !p->r->abandoned;
		const char *text;

		if (!rollover_has_step(p->r->way, s))
			continue;
		text = arena_printf(a, "%s %s", done ? "✓" : s == next ? ">" : "·", s == next ? capitals(phase_word(p->r, s), a) : phase_word(p->r, s));
		if (at > 1 && at + text_width(text) > c->columns) {
			at = 1;
			rows++;
		}
		at += paint(c, row + rows - 1, at, -1, done ? ROLE_OK : s == next ? ROLE_WARN | LOOK_BOLD : ROLE_DIM, text) + 2;
	}
	arena_free(a);
	return rows;
}

/* ---- what is in the way, and what to press ---- */

static const char *
key_of(enum action a, struct arena *arena)
{
	char key[16];

	return arena_strdup(arena, action_key(a, key, sizeof key));
}

static void
head(struct rollover_head *h, unsigned look, const char *glyph, const char *word, const char *says, const char *press)
{
	*h = (struct rollover_head){ .look = look, .glyph = glyph, .word = word, .says = says, .press = press };
}

/* "Step 4 of 7: put the new root beside the old one, into every bundle" */
static const char *
step_of(const struct rollover *r, enum rollover_step s, struct arena *a)
{
	int n = 0, at = 0;

	for (enum rollover_step i = ROLLOVER_MAKE_ROOT; i < ROLLOVER_STEPS; i++) {
		n += rollover_has_step(r->way, i);
		at = i == s ? n : at;
	}
	return arena_printf(a, "Step %d of %d: %s", at, n, rollover_step_words(s));
}

/* What there is to do in it, counted. */
static const char *
amount(const struct rollover *r, enum rollover_step s, struct arena *a)
{
	size_t distrust = 0, old = 0, hold = 0;

	for (size_t i = 0; i < r->services_len; i++) {
		const struct rollover_cell *c = r->services[i].cells;

		distrust += c[ROLLOVER_SERVER].answer == ROLLOVER_NO || c[ROLLOVER_CLIENT].answer == ROLLOVER_NO;
		old += c[ROLLOVER_SENDS].answer == ROLLOVER_NO;
		hold += c[ROLLOVER_KEEPS].answer == ROLLOVER_YES;
	}
	if (s == ROLLOVER_TRUST)
		return distrust > 0 ? arena_printf(a, "%zu of %zu do not trust the new root yet. ", distrust, r->services_len) : "";
	if (s == ROLLOVER_MOVE)
		return arena_printf(a, "%zu of %zu still send a chain of the old root. ", old, r->services_len);
	return s == ROLLOVER_REMOVE ? arena_printf(a, "%zu of %zu still hold the old root. ", hold, r->services_len) : "";
}

static void
head_of_step(const struct rollover_picture *p, const struct console *k, struct arena *a, struct rollover_head *out)
{
	enum rollover_step next = rollover_next(p->r, p->now);
	const char *key = key_of(ACTION_ROLL_ON, a), *again = key_of(ACTION_MEASURE, a);
	struct rollover_may may;

	if (next >= ROLLOVER_STEPS) {
		head(out, ROLE_OK, "✓", "OVER", "Every step is done: nobody needs the old root any more.", arena_printf(a, "%s notes that it is over", key_of(ACTION_ROLLOVER_DONE, a)));
		return;
	}
	rollover_may(p->r, next, NULL, p->now, a, &may);
	if (may.allowed) {
		head(out, ROLE_TEXT, "✓", "NEXT", arena_printf(a, "%s. %s%s", step_of(p->r, next, a), amount(p->r, next, a), may.why),
		    arena_printf(a, "%s shows its plan%s", key, console_allows_changes(k) ? "" : "; applying it needs --allow-changes"));
		out->briefly = arena_printf(a, "%s shows its plan", key);
	} else if (may.confirmable) {
		head(out, ROLE_WARN, "!", "LOCKED", arena_printf(a, "%s. %s", step_of(p->r, next, a), may.why),
		    may.unknown_len == 1 ? arena_printf(a, "%s measures again; whoever knows better types its name: %s", again, key) :
		    arena_printf(a, "%s measures again; whoever knows better types all %zu names: %s", again, may.unknown_len, key));
		out->briefly = arena_printf(a, "%s types the names", key);
	} else {
		head(out, ROLE_FAIL, "✗", "LOCKED", arena_printf(a, "%s. %s", step_of(p->r, next, a), may.why),
		    arena_printf(a, "%s measures again, once that is mended", again));
		out->briefly = arena_printf(a, "%s measures again", again);
	}
}

void
rollover_head_of(const struct rollover_picture *p, const struct console *k, struct arena *a, struct rollover_head *out)
{
	const struct rollover *r = p->r;

	if (r->ended != TIME_UNKNOWN)
		head(out, r->abandoned ? ROLE_NOTE : ROLE_OK, r->abandoned ? "·" : "✓", r->abandoned ? "ENDED" : "DONE",
		    r->abandoned ? "It was abandoned: what stood then, stands." : "It is done: the old root is out, and everybody goes by the new one.",
		    p->offered ? arena_printf(a, "%s shows the ways to roll it over once more", key_of(ACTION_ROLL_ON, a)) : "");
	else if (p->pending != 0)
		head(out, ROLE_WARN, "!", "CUT", arena_printf(a, "Plan %lld of it was interrupted%s.", (long long)p->pending, p->pending_back ? " on its way back" : ""),
		    arena_printf(a, "%s shows that plan: go on with it, or undo it", key_of(ACTION_ROLL_ON, a)));
	else if (rollover_begun_elsewhere(r, p->host))
		head(out, ROLE_WARN, "!", "THERE", arena_printf(a, "“%s” was begun on %s by %s, and nothing was heard of it since.", rollover_step_words(r->busy), r->busy_by.host,
		    r->busy_by.who != NULL ? r->busy_by.who : "?"), arena_printf(a, "it is gone on with there; %s takes it over", key_of(ACTION_ROLL_ON, a)));
	else
		head_of_step(p, k, a, out);
}

/* ---- the ways ---- */

static void
part(struct document *d, const char *label, const char *text)
{
	document_line_on(d);
	document_at(d, LABEL_AT, ROLE_DIM, label);
	document_at(d, d->columns < NARROW ? LABEL_AT + 9 : TEXT_AT, ROLE_TEXT, "");
	document_wrap(d, d->columns < NARROW ? LABEL_AT + 9 : TEXT_AT, ROLE_TEXT, text);
}

static void
one_way(struct document *d, const struct rollover_offer *o)
{
	document_line_id(d, (uint64_t)o->way + 1);
	document_at(d, 1, o->possible ? ROLE_KEY : ROLE_DIM, o->possible ? "►" : "✗");
	document_at(d, 3, (o->possible ? ROLE_HEAD : ROLE_DIM) | LOOK_BOLD, rollover_way_words(o->way));
	if (o->recommended)
		document_text(d, ROLE_OK, "  recommended");
	if (!o->possible)
		part(d, "not here", o->why_not);
	part(d, "does", o->what);
	part(d, "cost", o->cost);
	part(d, "stays", o->stays);
	part(d, "needs", o->needs);
	part(d, "measured", o->measured);
	document_line(d);
}

void
rollover_compose_ways(struct document *d, const struct rollover_picture *p, int columns)
{
	document_clear(d, columns);
	/* The one that is recommended first: it is what Enter takes. */
	for (unsigned i = 0; i < ROLLOVER_WAYS; i++) {
		if (p->offers[i].recommended)
			one_way(d, &p->offers[i]);
	}
	for (unsigned i = 0; i < ROLLOVER_WAYS; i++) {
		if (!p->offers[i].recommended)
			one_way(d, &p->offers[i]);
	}
	document_composed(d);
}

/* ---- giving up ---- */

void
rollover_what_stands(const struct rollover *r, struct buf *out)
{
	size_t trust = 0, send = 0;

	for (size_t i = 0; i < r->services_len; i++) {
		trust += r->services[i].cells[ROLLOVER_SERVER].answer == ROLLOVER_YES || r->services[i].cells[ROLLOVER_CLIENT].answer == ROLLOVER_YES;
		send += r->services[i].cells[ROLLOVER_SENDS].answer == ROLLOVER_YES;
	}
	buf_adds(out, "Nothing is taken back by that: what stands, stands.\n\n");
	if (r->new_root.pem != NULL && r->way != ROLLOVER_SAME_KEY)
		buf_addf(out, "“%s” is there, and is billed until it is deleted.\n", r->new_root.name);
	buf_addf(out, "%zu trust the new root: beside the old one that harms nobody.\n", trust);
	if (send > 0)
		buf_addf(out, "%zu send a chain that needs it: undo those plans first.\n", send);
	buf_adds(out, "\nmtlscope rollover … --abandon --undo-trust takes the new root out of the bundles as well.");
}
