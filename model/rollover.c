#include "model/rollover.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/text.h"
#include "model/times.h"

#define AS_BIT(column) (1u << (column))
#define BOTH (AS_BIT(ROLLOVER_SERVER) | AS_BIT(ROLLOVER_CLIENT))
#define ON(way) (1u << (way))
#define EVERY_WAY (ON(ROLLOVER_SAME_KEY) | ON(ROLLOVER_CROSS) | ON(ROLLOVER_NEW))

/*
 * The steps in their order. needs: the columns that must be YES (or "-") for all before it; that is the lock. safe: why nobody who is
 * healthy fails by it.
 */
static const struct {
	const char *name, *words, *phase, *safe;
	unsigned ways, needs;
} steps[ROLLOVER_STEPS] = {
	[ROLLOVER_MAKE_ROOT] = { "make-root", "make the new root", "chosen",
		"Nobody is shown it yet.", EVERY_WAY, 0 },
	[ROLLOVER_MAKE_ISSUING] = { "make-issuing", "have the new root sign what issues", "the new root is made",
		"What is sent stays as it is.", ON(ROLLOVER_CROSS) | ON(ROLLOVER_NEW), 0 },
	[ROLLOVER_MEASURE] = { "measure", "issue a client certificate to measure with", "the new root signs",
		"Nobody uses it but mtlscope.", ON(ROLLOVER_CROSS) | ON(ROLLOVER_NEW), 0 },
	[ROLLOVER_TRUST] = { "trust", "put the new root beside the old one, into every bundle", "trust is being distributed",
		"What was trusted is trusted still: the old root stays.", EVERY_WAY, 0 },
	[ROLLOVER_MOVE] = { "move", "send chains that lead to the new root", "everybody trusts the new root",
		"Everybody trusts the new root, and the old one too.", ON(ROLLOVER_CROSS) | ON(ROLLOVER_NEW), BOTH },
	[ROLLOVER_REMOVE] = { "remove", "take the old root out of the bundles", "what is sent leads to the new root",
		"Everybody trusts the new root, and nobody of the fleet sends what needs the old one.", EVERY_WAY, BOTH | AS_BIT(ROLLOVER_SENDS) },
	[ROLLOVER_RETIRE] = { "retire", "disable the old root", "the old root is out of the bundles",
		"A disabled CA signs nothing more; what it signed stays as it is.", ON(ROLLOVER_CROSS) | ON(ROLLOVER_NEW), 0 },
};

static const struct {
	const char *name, *words;
} ways[ROLLOVER_WAYS] = {
	[ROLLOVER_SAME_KEY] = { "same-key", "the same key with a later date" },
	[ROLLOVER_CROSS] = { "cross", "a new root that also signs the issuing CA's key" },
	[ROLLOVER_NEW] = { "new", "a new root and a new issuing CA" },
};

/* What a column says of one and of several: “payment … “, “payment and ledger …”, and without its ending, after “does not”. */
static const char *const column_says[ROLLOVER_COLUMNS][2] = {
	[ROLLOVER_SERVER] = { "lets in clients of the new root", "let in clients of the new root" },
	[ROLLOVER_CLIENT] = { "trusts servers of the new root", "trust servers of the new root" },
	[ROLLOVER_SENDS] = { "sends a chain that leads to the new root", "send a chain that leads to the new root" },
	[ROLLOVER_KEEPS] = { "holds the old root", "hold the old root" },
};

struct rollover *
rollover_new(void)
{
	struct arena *a = arena_new();
	struct rollover *r = arena_alloc(a, sizeof *r);

	r->arena = a;
	r->busy = ROLLOVER_STEPS;
	r->began = r->ended = r->pass.not_after = TIME_UNKNOWN;
	r->old_root.not_after = r->new_root.not_after = TIME_UNKNOWN;
	for (size_t i = 0; i < ROLLOVER_STEPS; i++)
		r->done[i].at = TIME_UNKNOWN;
	return r;
}

void
rollover_free(struct rollover *r)
{
	if (r != NULL)
		arena_free(r->arena);
}

const char *
rollover_way_name(enum rollover_way w)
{
	return ways[w].name;
}

const char *
rollover_way_words(enum rollover_way w)
{
	return ways[w].words;
}

enum rollover_way
rollover_way_named(const char *name)
{
	enum rollover_way w = ROLLOVER_SAME_KEY;

	while (w < ROLLOVER_WAYS && strcmp(ways[w].name, name) != 0)
		w++;
	return w;
}

const char *
rollover_step_name(enum rollover_step s)
{
	return steps[s].name;
}

const char *
rollover_step_words(enum rollover_step s)
{
	return steps[s].words;
}

bool
rollover_has_step(enum rollover_way w, enum rollover_step s)
{
	return s < ROLLOVER_STEPS && (steps[s].ways & ON(w)) != 0;
}

const char *
rollover_answer_word(enum rollover_answer a)
{
	static const char *const words[] = {
		[ROLLOVER_UNKNOWN] = "??", [ROLLOVER_NO] = "NO", [ROLLOVER_YES] = "YES", [ROLLOVER_NOT_ONE] = "-" };

	return words[a];
}

/* ---- services ---- */

const struct rollover_service *
rollover_find(const struct rollover *r, const char *name)
{
	for (size_t i = 0; i < r->services_len; i++) {
		if (strcmp(r->services[i].name, name) == 0)
			return &r->services[i];
	}
	return NULL;
}

struct rollover_service *
rollover_service(struct rollover *r, const char *name)
{
	const struct rollover_service *there = rollover_find(r, name);
	struct rollover_service *s;

	if (there != NULL)
		return &r->services[there - r->services];
	r->services = arena_grow(r->arena, r->services, r->services_len, &r->services_cap, sizeof *r->services);
	s = &r->services[r->services_len++];
	*s = (struct rollover_service){ .name = arena_strdup(r->arena, name) };
	for (size_t c = 0; c < ROLLOVER_COLUMNS; c++)
		s->cells[c].at = TIME_UNKNOWN;
	return s;
}

void
rollover_measured(struct rollover *r, struct rollover_service *s, enum rollover_column c, enum rollover_answer a, int64_t at, const char *how)
{
	s->cells[c] = (struct rollover_cell){ .answer = a, .at = at, .how = how != NULL ? arena_strdup(r->arena, how) : NULL };
}

static bool
among(const char *name, const char *const *list, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(list[i], name) == 0)
			return true;
	}
	return false;
}

/* It neither let in, trusted nor sent anything of the two roots. */
static bool
had_no_part(const struct rollover_service *s)
{
	for (size_t c = 0; c <= ROLLOVER_SENDS; c++) {
		if (s->cells[c].answer != ROLLOVER_NOT_ONE)
			return false;
	}
	return true;
}

/* When it was measured last stays with it. */
static void
is_gone(struct rollover *r, struct rollover_service *s)
{
	for (enum rollover_column c = ROLLOVER_SERVER; c < ROLLOVER_COLUMNS; c++) {
		const struct rollover_cell was = s->cells[c];
		char day[TIME_TEXT_MAX];

		rollover_measured(r, s, c, ROLLOVER_UNKNOWN, was.at, was.at == TIME_UNKNOWN ? "it is not in the configuration here any more, and was not asked" :
		    arena_printf(r->arena, "it is not in the configuration here any more, and was not asked; on %s it was %s", time_date(was.at, day),
		        rollover_answer_word(was.answer)));
	}
	s->gone = true;
}

size_t
rollover_only(struct rollover *r, const char *const *names, size_t len)
{
	size_t kept = 0, gone = 0;

	for (size_t i = 0; i < r->services_len; i++) {
		struct rollover_service *s = &r->services[i];
		bool there = among(s->name, names, len);

		if (!there && !s->gone && had_no_part(s))
			continue;
		if (!there && !s->gone)
			is_gone(r, s);
		s->gone = !there;
		gone += !there;
		r->services[kept++] = *s;
	}
	r->services_len = kept;
	return gone;
}

bool
rollover_has_plan(const struct rollover *r, int64_t id, const char *host)
{
	for (size_t i = 0; i < r->plans_len; i++) {
		if (r->plans[i].id == id && strcmp(r->plans[i].host, host) == 0)
			return true;
	}
	return false;
}

void
rollover_add_plan(struct rollover *r, int64_t id, const char *host, enum rollover_step step)
{
	if (rollover_has_plan(r, id, host))
		return;
	r->plans = arena_grow(r->arena, r->plans, r->plans_len, &r->plans_cap, sizeof *r->plans);
	r->plans[r->plans_len++] = (struct rollover_plan_of){ .id = id, .host = arena_strdup(r->arena, host), .step = step };
}

void
rollover_drop_plan(struct rollover *r, int64_t id, const char *host)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->plans_len; i++) {
		if (r->plans[i].id != id || strcmp(r->plans[i].host, host) != 0)
			r->plans[kept++] = r->plans[i];
	}
	r->plans_len = kept;
}

/* ---- what comes next ---- */

/* The worst that a service has in these columns. SENDS means nothing where the key stays: every chain leads to both roots. */
static enum rollover_answer
worst(const struct rollover *r, const struct rollover_service *s, unsigned columns)
{
	enum rollover_answer found = ROLLOVER_YES;

	if (r->way == ROLLOVER_SAME_KEY)
		columns &= ~AS_BIT(ROLLOVER_SENDS);
	for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++) {
		if ((columns & AS_BIT(c)) == 0)
			continue;
		if (s->cells[c].answer == ROLLOVER_NO)
			return ROLLOVER_NO;
		if (s->cells[c].answer == ROLLOVER_UNKNOWN)
			found = ROLLOVER_UNKNOWN;
	}
	return found;
}

static bool
any(const struct rollover *r, unsigned columns, enum rollover_answer answer)
{
	for (size_t i = 0; i < r->services_len; i++) {
		if (worst(r, &r->services[i], columns) == answer)
			return true;
	}
	return false;
}

static bool
any_keeps(const struct rollover *r)
{
	for (size_t i = 0; i < r->services_len; i++) {
		if (r->services[i].cells[ROLLOVER_KEEPS].answer == ROLLOVER_YES)
			return true;
	}
	return false;
}

static bool
was_done(const struct rollover *r, enum rollover_step s)
{
	return r->done[s].at != TIME_UNKNOWN;
}

bool
rollover_in_use(const struct rollover *r, const struct rollover_child *c)
{
	for (size_t i = 0; i < r->services_len; i++) {
		if (r->services[i].issuer != NULL && strcmp(r->services[i].issuer, c->old.arn) == 0)
			return true;
	}
	return false;
}

static bool
children_are_signed(const struct rollover *r)
{
	for (size_t i = 0; i < r->children_len; i++) {
		if (r->children[i].twin.pem == NULL && rollover_in_use(r, &r->children[i]))
			return false;
	}
	return true;
}

/*
 * Is there nothing left to do of it? Made things are there or not; what services do is measured, so that a service that joins the
 * fleet late, or falls back, brings its step back.
 */
static bool
is_over(const struct rollover *r, enum rollover_step s, int64_t now)
{
	switch (s) {
	case ROLLOVER_MAKE_ROOT:
		return r->new_root.pem != NULL;
	case ROLLOVER_MAKE_ISSUING:
		return was_done(r, s) && children_are_signed(r);
	case ROLLOVER_MEASURE: /* once everybody says YES nobody needs to be asked with it */
		return (r->pass.cert != NULL && !r->pass_elsewhere && r->pass.not_after > now) || (r->services_len > 0 && !any(r, BOTH, ROLLOVER_NO) && !any(r, BOTH, ROLLOVER_UNKNOWN));
	case ROLLOVER_TRUST: /* who is not known after it is for a person to say; nobody asked yet is no answer */
		return !any(r, BOTH, ROLLOVER_NO) && (was_done(r, s) || (r->services_len > 0 && !any(r, BOTH, ROLLOVER_UNKNOWN)));
	case ROLLOVER_MOVE:
		return was_done(r, s) && !any(r, AS_BIT(ROLLOVER_SENDS), ROLLOVER_NO);
	case ROLLOVER_REMOVE:
		return was_done(r, s) && !any_keeps(r);
	default:
		return was_done(r, s);
	}
}

enum rollover_step
rollover_next(const struct rollover *r, int64_t now)
{
	if (r->ended != TIME_UNKNOWN)
		return ROLLOVER_STEPS;
	for (enum rollover_step s = ROLLOVER_MAKE_ROOT; s < ROLLOVER_STEPS; s++) {
		if (rollover_has_step(r->way, s) && !is_over(r, s, now))
			return s;
	}
	return ROLLOVER_STEPS;
}

const char *
rollover_phase(const struct rollover *r)
{
	enum rollover_step next;

	if (r->abandoned)
		return "abandoned";
	/* The end of a certificate to measure with is no phase: any moment will do. */
	next = rollover_next(r, r->pass.cert != NULL ? r->pass.not_after - 1 : 0);
	if (r->way == ROLLOVER_SAME_KEY && next == ROLLOVER_REMOVE) /* nothing is sent anew */
		return steps[ROLLOVER_MOVE].phase;
	return next < ROLLOVER_STEPS ? steps[next].phase : "done";
}

/* ---- the lock ---- */

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
		enum rollover_answer w = worst(r, &r->services[i], columns);

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
		if (!r->services[i].gone || !among(r->services[i].name, names, len))
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
		if (!among(names[i], m->unknown, m->unknown_len))
			return arena_printf(a, "“%s” was typed, and is not among those that are not known: %s.", text_safe_arena(a, text_of(names[i]), 0, NULL),
			    some_names(m->unknown, m->unknown_len, a));
	}
	for (size_t i = 0; i < m->unknown_len; i++) {
		if (!among(m->unknown[i], names, len))
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
		if (rollover_has_step(r->way, b) && !is_over(r, b, now))
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
		out->why = arena_printf(a, "Before it comes: %s.", steps[first].words);
		return;
	}
	if (steps[s].needs != 0 && r->services_len == 0) {
		out->why = "Nobody has been measured yet.";
		return;
	}
	out->allowed = steps[s].needs == 0 && confirm == NULL;
	if (steps[s].needs != 0)
		judge_lock(r, steps[s].needs, confirm, a, out);
	else if (confirm != NULL)
		out->why = "Nothing of this step needs to be confirmed.";
	if (out->allowed)
		out->why = out->unknown_len == 0 ? steps[s].safe :
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
		if (!among(out->unknown[i], typed, len))
			return;
		still = still == NULL ? out->unknown[i] : arena_printf(a, "%s,%s", still, out->unknown[i]);
	}
	rollover_may(r, s, still, now, a, out);
}

bool
rollover_has_lock(enum rollover_step s)
{
	return steps[s].needs != 0;
}

int64_t
rollover_measured_at(const struct rollover *r)
{
	int64_t newest = TIME_UNKNOWN;

	for (size_t i = 0; i < r->services_len; i++) {
		for (size_t c = 0; c < ROLLOVER_COLUMNS; c++) {
			int64_t at = r->services[i].cells[c].at;

			if (at != TIME_UNKNOWN && (newest == TIME_UNKNOWN || at > newest))
				newest = at;
		}
	}
	return newest;
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
		return arena_printf(a, "“%s” rests on it, and is under way on %s: that is gone on with or undone first.", steps[s].words,
		    r->busy_by.host != NULL ? r->busy_by.host : "?");
	if (p != NULL || (was_done(r, s) && d->plan != 0))
		return arena_printf(a, "A later step rests on it, “%s” (plan %lld on %s): that one is undone first.", steps[s].words, (long long)(p != NULL ? p->id : d->plan),
		    p != NULL ? p->host : d->host != NULL ? d->host : "?");
	if (was_done(r, s))
		return arena_printf(a, "A later step rests on it, “%s”, which was done by hand: mtlscope rollover … --abandon --undo-trust looks whether anybody needs the new root.",
		    steps[s].words);
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
		else if (sends == ROLLOVER_UNKNOWN && was_done(r, ROLLOVER_MOVE))
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
	if (was_done(r, ROLLOVER_REMOVE)) {
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

/* ---- names ---- */

const char *
rollover_id(const char *arn, struct arena *a)
{
	enum { LETTERS = 12 };
	const char *from = strrchr(arn, '/');
	char out[LETTERS + 1];
	size_t len = 0;

	for (from = from != NULL ? from + 1 : arn; *from != '\0' && len < LETTERS; from++) {
		if (isalnum((unsigned char)*from))
			out[len++] = (char)tolower((unsigned char)*from);
	}
	out[len] = '\0';
	return arena_strdup(a, len > 0 ? out : "ca");
}
