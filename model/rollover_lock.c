/* What may be done now, on the way and back, and what a person must type for it. */
#include <ctype.h>
#include <string.h>

#include "model/rollover_parts.h"
#include "model/text.h"
#include "model/times.h"

/* What a column says of one and of several: “payment … “, “payment and ledger …”, and without its ending, after “does not”. */
static const char *const column_says[ROLLOVER_COLUMNS][2] = {
	[ROLLOVER_SERVER] = { "lets in clients of the new root", "let in clients of the new root" },
	[ROLLOVER_CLIENT] = { "trusts servers of the new root", "trust servers of the new root" },
	[ROLLOVER_SENDS] = { "sends a chain that leads to the new root", "send a chain that leads to the new root" },
	[ROLLOVER_KEEPS] = { "holds the old root", "hold the old root" },
};

static void
add_name(struct arena *a, const char ***list, size_t *len, size_t *cap, const char *name)
{
	*list = arena_grow(a, *list, *len, cap, sizeof **list);
	(*list)[(*len)++] = name;
}

static void
find_blocking(const struct rollover *r, unsigned columns, struct arena *a, struct rollover_may *out)
{
	size_t no_cap = 0, unknown_cap = 0;

	for (size_t i = 0; i < r->services_len; i++) {
		enum rollover_answer w = rollover_worst(r, &r->services[i], columns);

		if (w == ROLLOVER_NO)
			add_name(a, &out->no, &out->no_len, &no_cap, r->services[i].name);
		else if (w == ROLLOVER_UNKNOWN)
			add_name(a, &out->unknown, &out->unknown_len, &unknown_cap, r->services[i].name);
	}
}

/* "ledger, payment and 3 more", printable. */
static const char *
some_names(const char *const *names, size_t len, struct arena *a)
{
	enum { SHOWN = 5 };
	struct buf b = { 0 };
	const char *out;

	for (size_t i = 0; i < len && i < SHOWN; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", text_safe_arena(a, text_of(names[i]), 0, NULL));
	if (len > SHOWN)
		buf_addf(&b, " and %zu more", len - SHOWN);
	out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}

/* The typed names, blanks around them cut off. */
static size_t
typed_names(const char *typed, struct arena *a, const char ***out)
{
	size_t len = 0, cap = 0;

	for (const char *p = typed; *p != '\0';) {
		size_t n = strcspn(p, ",");
		const char *from = p, *to = p + n;

		while (from < to && isspace((unsigned char)*from))
			from++;
		while (to > from && isspace((unsigned char)to[-1]))
			to--;
		if (to > from)
			add_name(a, out, &len, &cap, arena_strndup(a, from, (size_t)(to - from)));
		p += n + (p[n] == ',');
	}
	return len;
}

void
rollover_let_go(struct rollover *r, const char *confirmed)
{
	const char **names = NULL;
	size_t len = confirmed != NULL ? typed_names(confirmed, r->arena, &names) : 0, kept = 0;

	for (size_t i = 0; i < r->services_len; i++) {
		if (!r->services[i].gone || !rollover_among(r->services[i].name, names, len))
			r->services[kept++] = r->services[i];
	}
	r->services_len = kept;
}

/* Exactly the set: a name too few is a service that nobody thought of, one too many is a mistake about what is known. NULL: it is. */
static const char *
wrong_names(const struct rollover_may *m, const char *typed, struct arena *a)
{
	const char **names = NULL;
	size_t len = typed_names(typed, a, &names);

	for (size_t i = 0; i < len; i++) {
		if (!rollover_among(names[i], m->unknown, m->unknown_len))
			return arena_printf(a, "“%s” was typed, and is not among those that are not known: %s.", text_safe_arena(a, text_of(names[i]), 0, NULL),
			    some_names(m->unknown, m->unknown_len, a));
	}
	for (size_t i = 0; i < m->unknown_len; i++) {
		if (!rollover_among(m->unknown[i], names, len))
			return arena_printf(a, "“%s” is not known, and was not typed: every one of them must be.", text_safe_arena(a, text_of(m->unknown[i]), 0, NULL));
	}
	return NULL;
}

/* Which of the columns is it that the first one of them lacks? */
static const char *
lacks(const struct rollover *r, const char *name, unsigned columns, enum rollover_answer answer, bool several)
{
	const struct rollover_service *s = rollover_find(r, name);

	for (unsigned c = 0; s != NULL && c < ROLLOVER_COLUMNS; c++) {
		if ((columns & AS_BIT(c)) != 0 && s->cells[c].answer == answer)
			return column_says[c][several];
	}
	return "is fit";
}

static void
judge_lock(const struct rollover *r, unsigned columns, const char *confirm, struct arena *a, struct rollover_may *out)
{
	const char *wrong;

	find_blocking(r, columns, a, out);
	if (out->no_len > 0) {
		out->why = arena_printf(a, "%s would fail: %s not %s. That cannot be confirmed away.", some_names(out->no, out->no_len, a),
		    out->no_len == 1 ? "it does" : "the first does", lacks(r, out->no[0], columns, ROLLOVER_NO, true));
		return;
	}
	if (out->unknown_len == 0) {
		out->allowed = confirm == NULL;
		if (!out->allowed)
			out->why = "There is nobody left whose state is not known: no name needs to be typed.";
		return;
	}
	if (confirm == NULL) {
		out->confirmable = true;
		out->why = arena_printf(a, "It is not known whether %s %s; unknown counts as NO.",
		    some_names(out->unknown, out->unknown_len, a), lacks(r, out->unknown[0], columns, ROLLOVER_UNKNOWN, out->unknown_len > 1));
		return;
	}
	wrong = wrong_names(out, confirm, a);
	out->allowed = wrong == NULL;
	out->why = wrong;
}

/* A step that comes before it in this way and is not over; ROLLOVER_STEPS: none. */
static enum rollover_step
before_it(const struct rollover *r, enum rollover_step s, int64_t now)
{
	for (enum rollover_step b = ROLLOVER_MAKE_ROOT; b < s; b++) {
		/* Whom it can be shown to and who would need it is the lock's to say. */
		if (b == ROLLOVER_MEASURE || b == ROLLOVER_TRUST)
			continue;
		if (rollover_has_step(r->way, b) && !rollover_is_over(r, b, now))
			return b;
	}
	return ROLLOVER_STEPS;
}

void
rollover_may(const struct rollover *r, enum rollover_step s, const char *confirm, int64_t now, struct arena *a, struct rollover_may *out)
{
	enum rollover_step first;

	*out = (struct rollover_may){ .allowed = false };
	if (r->ended != TIME_UNKNOWN) {
		out->why = r->abandoned ? "The roll-over was abandoned." : "The roll-over is done.";
		return;
	}
	if (!rollover_has_step(r->way, s)) {
		out->why = "This way has no such step.";
		return;
	}
	first = before_it(r, s, now);
	if (first < ROLLOVER_STEPS) {
		out->why = arena_printf(a, "Before it comes: %s.", rollover_steps[first].words);
		return;
	}
	if (rollover_steps[s].needs != 0 && r->services_len == 0) {
		out->why = "Nobody has been measured yet.";
		return;
	}
	out->allowed = rollover_steps[s].needs == 0 && confirm == NULL;
	if (rollover_steps[s].needs != 0)
		judge_lock(r, rollover_steps[s].needs, confirm, a, out);
	else if (confirm != NULL)
		out->why = "Nothing of this step needs to be confirmed.";
	if (out->allowed)
		out->why = out->unknown_len == 0 ? rollover_steps[s].safe :
		    arena_printf(a, "A person says that %s will not fail; all others are known.", some_names(out->unknown, out->unknown_len, a));
}

void
rollover_may_go_on(const struct rollover *r, enum rollover_step s, const char *confirm, int64_t now, struct arena *a, struct rollover_may *out)
{
	const char **typed = NULL, *still = NULL;
	size_t len;

	rollover_may(r, s, confirm, now, a, out);
	if (out->allowed || !out->confirmable || r->busy != s || r->busy_by.confirmed == NULL)
		return;
	len = typed_names(r->busy_by.confirmed, a, &typed);
	for (size_t i = 0; i < out->unknown_len; i++) {
		if (!rollover_among(out->unknown[i], typed, len))
			return;
		still = still == NULL ? out->unknown[i] : arena_printf(a, "%s,%s", still, out->unknown[i]);
	}
	rollover_may(r, s, still, now, a, out);
}

bool
rollover_has_lock(enum rollover_step s)
{
	return rollover_steps[s].needs != 0;
}

/* The newest plan of this step that stands; NULL: none. */
static const struct rollover_plan_of *
plan_that_stands(const struct rollover *r, enum rollover_step s)
{
	for (size_t i = r->plans_len; i-- > 0;) {
		if (r->plans[i].step == s)
			return &r->plans[i];
	}
	return NULL;
}

/* What of this step is in the way of a step before it; NULL: nothing. */
static const char *
stands_in_the_way(const struct rollover *r, enum rollover_step s, struct arena *a)
{
	const struct rollover_plan_of *p = plan_that_stands(r, s);
	const struct rollover_done *d = &r->done[s];

	if (r->busy == s)
		return arena_printf(a, "“%s” rests on it, and is under way on %s: that is gone on with or undone first.", rollover_steps[s].words,
		    r->busy_by.host != NULL ? r->busy_by.host : "?");
	if (p != NULL || (rollover_was_done(r, s) && d->plan != 0))
		return arena_printf(a, "A later step rests on it, “%s” (plan %lld on %s): that one is undone first.", rollover_steps[s].words, (long long)(p != NULL ? p->id : d->plan),
		    p != NULL ? p->host : d->host != NULL ? d->host : "?");
	if (rollover_was_done(r, s))
		return arena_printf(a, "A later step rests on it, “%s”, which was done by hand: mtlscope rollover … --abandon --undo-trust looks whether anybody needs the new root.",
		    rollover_steps[s].words);
	return NULL;
}

/* Who sends what needs the new root, and who may. */
static void
find_needing(const struct rollover *r, struct arena *a, struct rollover_may *out)
{
	size_t no_cap = 0, unknown_cap = 0;

	for (size_t i = 0; i < r->services_len; i++) {
		enum rollover_answer sends = r->services[i].cells[ROLLOVER_SENDS].answer;

		if (sends == ROLLOVER_YES)
			add_name(a, &out->no, &out->no_len, &no_cap, r->services[i].name);
		else if (sends == ROLLOVER_UNKNOWN && rollover_was_done(r, ROLLOVER_MOVE))
			add_name(a, &out->unknown, &out->unknown_len, &unknown_cap, r->services[i].name);
	}
}

static void
judge_needing(const struct rollover *r, const char *confirm, struct arena *a, struct rollover_may *out)
{
	find_needing(r, a, out);
	if (out->no_len > 0) {
		out->why = arena_printf(a, "%s %s a chain that needs the new root: first the old chains must be back (mtlscope undo).", some_names(out->no, out->no_len, a),
		    out->no_len == 1 ? "sends" : "send");
		return;
	}
	/* What is issued comes with the new chain then, whatever is sent now. */
	if (r->busy == ROLLOVER_MOVE || plan_that_stands(r, ROLLOVER_MOVE) != NULL) {
		out->why = stands_in_the_way(r, ROLLOVER_MOVE, a);
		return;
	}
	if (out->unknown_len > 0 && confirm == NULL) {
		out->confirmable = true;
		out->why = arena_printf(a, "It is not known whether %s %s a chain that needs the new root.", some_names(out->unknown, out->unknown_len, a),
		    out->unknown_len == 1 ? "sends" : "send");
		return;
	}
	out->why = out->unknown_len > 0 ? wrong_names(out, confirm, a) : confirm != NULL ? "There is nobody left whose state is not known: no name needs to be typed." : NULL;
	out->allowed = out->why == NULL;
	if (out->allowed)
		out->why = "Nobody of the fleet sends what needs the new root.";
}

void
rollover_may_undo_trust(const struct rollover *r, const char *confirm, struct arena *a, struct rollover_may *out)
{
	const char *removed = stands_in_the_way(r, ROLLOVER_REMOVE, a);

	*out = (struct rollover_may){ .allowed = false };
	if (rollover_was_done(r, ROLLOVER_REMOVE)) {
		out->why = r->way == ROLLOVER_SAME_KEY ? "The old certificate of the root is out of the bundles already." :
		    "The old root is out of the bundles already: the new one is all that is left.";
	} else if (removed != NULL) {
		out->why = removed;
	} else if (r->way == ROLLOVER_SAME_KEY) {
		/* Any chain leads to the old certificate of the root as well, while that is there and valid. */
		out->allowed = true;
		out->why = "Every chain still leads to the old certificate of the root.";
	} else {
		judge_needing(r, confirm, a, out);
	}
}

void
rollover_may_go_back(const struct rollover *r, enum rollover_step s, struct arena *a, struct rollover_may *out)
{
	*out = (struct rollover_may){ .allowed = true, .why = "No later step rests on it." };
	/* Nothing rests on what services are measured with. */
	for (enum rollover_step later = s + 1; s != ROLLOVER_MEASURE && later < ROLLOVER_STEPS; later++) {
		const char *why = later != ROLLOVER_MEASURE ? stands_in_the_way(r, later, a) : NULL;

		if (why == NULL)
			continue;
		*out = (struct rollover_may){ .why = why };
		return;
	}
}
