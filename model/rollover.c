#include "model/rollover.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "model/rollover_parts.h"
#include "model/times.h"

#define BOTH (AS_BIT(ROLLOVER_SERVER) | AS_BIT(ROLLOVER_CLIENT))
#define ON(way) (1u << (way))
#define EVERY_WAY (ON(ROLLOVER_SAME_KEY) | ON(ROLLOVER_CROSS) | ON(ROLLOVER_NEW))

const struct rollover_step_row rollover_steps[ROLLOVER_STEPS] = {
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
	return rollover_steps[s].name;
}

const char *
rollover_step_words(enum rollover_step s)
{
	return rollover_steps[s].words;
}

bool
rollover_has_step(enum rollover_way w, enum rollover_step s)
{
	return s < ROLLOVER_STEPS && (rollover_steps[s].ways & ON(w)) != 0;
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

bool
rollover_among(const char *name, const char *const *list, size_t len)
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
		bool there = rollover_among(s->name, names, len);

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

enum rollover_answer
rollover_worst(const struct rollover *r, const struct rollover_service *s, unsigned columns)
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
		if (rollover_worst(r, &r->services[i], columns) == answer)
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

bool
rollover_was_done(const struct rollover *r, enum rollover_step s)
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
bool
rollover_is_over(const struct rollover *r, enum rollover_step s, int64_t now)
{
	switch (s) {
	case ROLLOVER_MAKE_ROOT:
		return r->new_root.pem != NULL;
	case ROLLOVER_MAKE_ISSUING:
		return rollover_was_done(r, s) && children_are_signed(r);
	case ROLLOVER_MEASURE: /* once everybody says YES nobody needs to be asked with it */
		return (r->pass.cert != NULL && !r->pass_elsewhere && r->pass.not_after > now) || (r->services_len > 0 && !any(r, BOTH, ROLLOVER_NO) && !any(r, BOTH, ROLLOVER_UNKNOWN));
	case ROLLOVER_TRUST: /* who is not known after it is for a person to say; nobody asked yet is no answer */
		return !any(r, BOTH, ROLLOVER_NO) && (rollover_was_done(r, s) || (r->services_len > 0 && !any(r, BOTH, ROLLOVER_UNKNOWN)));
	case ROLLOVER_MOVE:
		return rollover_was_done(r, s) && !any(r, AS_BIT(ROLLOVER_SENDS), ROLLOVER_NO);
	case ROLLOVER_REMOVE:
		return rollover_was_done(r, s) && !any_keeps(r);
	default:
		return rollover_was_done(r, s);
	}
}

enum rollover_step
rollover_next(const struct rollover *r, int64_t now)
{
	if (r->ended != TIME_UNKNOWN)
		return ROLLOVER_STEPS;
	for (enum rollover_step s = ROLLOVER_MAKE_ROOT; s < ROLLOVER_STEPS; s++) {
		if (rollover_has_step(r->way, s) && !rollover_is_over(r, s, now))
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
		return rollover_steps[ROLLOVER_MOVE].phase;
	return next < ROLLOVER_STEPS ? rollover_steps[next].phase : "done";
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
