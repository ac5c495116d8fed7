#include "model/diagnosis.h"

#include <stdlib.h>
#include <string.h>

#include "model/ending.h"
#include "model/experiment.h"
#include "model/judged.h"
#include "model/lacking.h"
#include "model/memory.h"
#include "model/places.h"
#include "model/rules.h"
#include "model/summary.h"

/*
 * In the order in which they run: what our files say, what the refusal says, the clock, what experiments prove of all
 * that, other ways in; for a client that listen saw, what it did.
 */
static const struct rule_table *const tables[] = {
	&rules_net, &rules_tls, &rules_chain, &rules_cert, &rules_key, &rules_ours, &rules_revocation, &rules_client, &rules_clock,
	&rules_mtls, &rules_proof, &rules_variants, &rules_offer, &rules_places, &rules_doors, &rules_seen,
};

const char *
verdict_name(enum verdict v)
{
	static const char *const names[] = {
		[VERDICT_OK] = "ok",
		[VERDICT_NOTICE] = "notice",
		[VERDICT_WARNING] = "warning",
		[VERDICT_ERROR] = "error",
		[VERDICT_UNREACHABLE] = "unreachable",
	};

	return names[v];
}

/* ---- facts ---- */

static void
gather_chain(struct facts *f)
{
	const struct evidence *e = f->ev;
	bool leaf_parses = true;

	if (e->offline) {
		f->chain = e->offline_chain;
		f->chain_len = e->offline_len;
	} else if (f->base != NULL && f->base->server_certs_len > 0) {
		f->chain = arena_array(f->arena, f->base->server_certs_len, sizeof(struct cert *));
		leaf_parses = f->base->server_certs[0].cert != NULL;
		for (size_t i = 0; i < f->base->server_certs_len; i++)
			if (f->base->server_certs[i].cert != NULL)
				f->chain[f->chain_len++] = f->base->server_certs[i].cert;
	}
	/* What follows a leaf that cannot be read is no leaf. */
	f->leaf = f->chain_len > 0 && leaf_parses ? f->chain[0] : NULL;
	f->judge_server = f->leaf != NULL && !(e->offline && e->offline_purpose == PURPOSE_CLIENT);
}

static const char *
host_of(const struct evidence *e)
{
	if (e->offline)
		return e->offline_host;
	return target_name(&e->target);
}

static size_t
add_links(struct path_link *pool, size_t at, struct cert *const *certs, size_t len, enum path_source source)
{
	for (size_t i = 0; i < len; i++)
		pool[at++] = (struct path_link){ .cert = certs[i], .source = source };
	return at;
}

static enum path_source
source_named(const char *name)
{
	for (int s = SOURCE_PRESENTED; s <= SOURCE_FILE; s++)
		if (name != NULL && strcmp(path_source_name((enum path_source)s), name) == 0)
			return (enum path_source)s;
	return SOURCE_FILE;
}

static size_t
add_found(struct path_link *pool, size_t at, const struct evidence *e)
{
	for (size_t i = 0; i < e->found_len; i++)
		pool[at++] = (struct path_link){ .cert = e->found[i].cert, .source = source_named(e->found[i].source) };
	return at;
}

static struct path_set *
find_paths(const struct facts *f, const struct cert *leaf, struct cert *const *certs, size_t len, enum path_source source,
    enum purpose purpose, int64_t at)
{
	struct path_link *pool = arena_array(f->arena, len + f->ev->found_len + 1, sizeof *pool);
	size_t n = add_links(pool, 0, certs, len, source);
	struct path_question q = {
		.leaf = leaf,
		.pool = pool,
		.trust = f->ev->trust,
		.purpose = purpose,
		.host = f->host,
		.at = at,
		.partial_chain = true, /* any anchor that was given counts */
	};

	q.pool_len = add_found(pool, n, f->ev);
	return paths_find(&q);
}

static void
gather_paths(struct facts *f)
{
	const struct evidence *e = f->ev;
	bool ours_given = f->us != NULL && f->us->len > 0;
	enum path_source files = e->client != NULL ? SOURCE_PRESENTED : SOURCE_FILE;

	if (f->judge_server)
		f->paths = find_paths(f, f->leaf, f->chain, f->chain_len, e->offline ? files : SOURCE_PRESENTED,
		    e->offline ? e->offline_purpose : PURPOSE_SERVER, f->now);
	if (ours_given && (f->judge_us || !e->offline))
		f->our_paths = find_paths(f, f->our_leaf, f->us->certs, f->us->len, SOURCE_IDENTITY, PURPOSE_CLIENT, f->server_now);
	else if (f->judge_us && e->offline && e->offline_len > 0)
		f->our_paths = find_paths(f, e->offline_chain[0], e->offline_chain, e->offline_len, files, PURPOSE_CLIENT, f->now);
}

static void
gather(struct facts *f, const struct evidence *e, struct arena *a)
{
	*f = (struct facts){
		.ev = e,
		.base = evidence_baseline(e),
		.us = e->identity,
		.our_leaf = e->identity != NULL && e->identity->len > 0 ? e->identity->certs[0] : NULL,
		.host = host_of(e),
		.refusal = refusal_of(e),
		.accepted = evidence_accepted(e),
		.ending = ending_code(e),
		.wide = evidence_experiment(e, "wide-hello"),
		.none = experiment_told(e, "no-certificate"),
		.throwaway = experiment_told_throwaway(e),
		.completed = experiment_told(e, "with-intermediate"),
		.late = experiment_told(e, "late-auth"),
		.stack = stack_guess(e, a),
		.now = evidence_now(e),
		.server_now = evidence_server_now(e),
		.clocks_differ = evidence_clocks_differ(e),
		.arena = a,
	};
	f->refused = f->ending == CODE_CLIENT_REJECTED;
	if (!f->clocks_differ)
		f->server_now = f->now; /* what lies within the error is no other clock */
	f->judge_us = e->offline ? e->offline_purpose == PURPOSE_CLIENT : f->our_leaf != NULL;
	gather_chain(f);
	gather_paths(f);
	lacking_find(f);
	places_look(f);
}

/* ---- what explains what ---- */

/* The generic words for an end: they hold only while nothing says more. */
static bool
is_generic(enum code c)
{
	return c == CODE_CLIENT_REJECTED || c == CODE_TLS_REJECTED;
}

static const struct finding *
cause_of(const struct findings *in, const struct finding *f)
{
	for (size_t i = 0; i < in->len; i++) {
		const struct finding *other = in->items[i];

		if (other != f && other->severity >= f->severity && finding_explains(other, f->code))
			return other;
	}
	return NULL;
}

/* "No experiment isolates why" (client.rejected) is no longer true once something does. */
static void
withdraw_generic(struct findings *in)
{
	size_t kept = 0;

	for (size_t i = 0; i < in->len; i++)
		if (!is_generic(in->items[i]->code) || cause_of(in, in->items[i]) == NULL)
			in->items[kept++] = in->items[i];
	in->len = kept;
}

/* CONTRACT section 3: a candidate is never also a finding. */
static void
withdraw_candidates(struct findings *in)
{
	for (size_t i = 0; i < in->len; i++) {
		struct finding *f = in->items[i];
		size_t kept = 0;

		for (size_t k = 0; k < f->candidates_len; k++)
			if (findings_find(in, f->candidates[k].code) == NULL)
				f->candidates[kept++] = f->candidates[k];
		f->candidates_len = kept;
	}
}

/* With one thing changed we were let in: no other fault is the cause. */
static bool
isolated(const struct facts *f, const struct finding *n)
{
	static const struct {
		enum code code;
		const char *experiment;
	} changes[] = {
		{ CODE_CLIENT_MISSING_INTERMEDIATE, "with-intermediate" },
		{ CODE_CLIENT_WRONG_ORDER, "in-order" },
		{ CODE_CLIENT_BAD_CHAIN, "without-root" },
	};

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		const struct handshake *h = changes[i].code == n->code ? experiment_told(f->ev, changes[i].experiment) : NULL;

		for (size_t k = 0; h != NULL && handshake_accepted(h) && k < n->proof_len; k++)
			if (strcmp(n->proof[k].handshake, h->id) == 0)
				return true;
	}
	return false;
}

/* Several faults that account for one refusal: none of them may claim it alone. */
static void
share_the_blame(const struct facts *f, struct findings *in)
{
	size_t n = 0;

	for (size_t i = 0; i < in->len; i++)
		n += finding_explains(in->items[i], CODE_CLIENT_REJECTED) && cause_of(in, in->items[i]) == NULL &&
		    refusal_fits(f->ev, in->items[i]->code) == FITS;
	for (size_t i = 0; i < in->len; i++)
		if (isolated(f, in->items[i]))
			return;
	for (size_t i = 0; n > 1 && i < in->len; i++)
		if (finding_explains(in->items[i], CODE_CLIENT_REJECTED) && in->items[i]->code != CODE_KEY_MISMATCH &&
		    in->items[i]->confidence > CONFIDENCE_MEDIUM)
			in->items[i]->confidence = CONFIDENCE_MEDIUM;
}

/* ---- which one is the root ---- */

struct ranked {
	const struct facts *facts;
	const struct findings *in;
};

/* An end without an answer that may be a refusal (client.unproven) comes before what only may hurt later. */
static bool
ended_it(const struct facts *f, const struct finding *n)
{
	if (n->code == CODE_CLIENT_UNPROVEN)
		return true;
	/* Asked after the handshake: it came to no refusal in TLS, and no fault in our files was ever looked at. */
	if (n->code == CODE_CLIENT_LATE_AUTH)
		return true;
	return f->ending != CODE_NONE && (n->code == f->ending || finding_explains(n, f->ending));
}

/* How well it fits the refusal: of two that both ended it, the one that fits better. */
static int
fit_rank(const struct facts *f, const struct finding *n)
{
	if (!f->refused || !ended_it(f, n) || is_generic(n->code))
		return 0;
	if (n->proof_len > 0)
		return 2; /* an experiment shows it */
	return refusal_fits(f->ev, n->code) == FITS;
}

static int
compare(const struct ranked *r, const struct finding *a, const struct finding *b)
{
	const struct code_info *ia = code_info(a->code), *ib = code_info(b->code);
	bool explained_a = cause_of(r->in, a) != NULL, explained_b = cause_of(r->in, b) != NULL;
	int order[] = {
		(int)b->severity - (int)a->severity,
		explained_a - explained_b,
		ended_it(r->facts, b) - ended_it(r->facts, a),
		ia->group == ib->group ? fit_rank(r->facts, b) - fit_rank(r->facts, a) : 0,
		(int)ia->group - (int)ib->group,
		(int)a->code - (int)b->code,
	};

	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++)
		if (order[i] != 0)
			return order[i];
	return 0;
}

/* By insertion: stable, and there are few. */
static void
sort(const struct facts *f, struct findings *in)
{
	struct ranked r = { .facts = f, .in = in };
	struct finding **sorted = arena_array(f->arena, in->len + 1, sizeof *sorted);

	for (size_t i = 0; i < in->len; i++) {
		size_t at = i;

		for (; at > 0 && compare(&r, sorted[at - 1], in->items[i]) > 0; at--)
			sorted[at] = sorted[at - 1];
		sorted[at] = in->items[i];
	}
	in->items = sorted;
}

static void
root_first(struct findings *in)
{
	for (size_t i = 0; i < in->len; i++) {
		struct finding *f = in->items[i];

		if (cause_of(in, f) != NULL)
			continue;
		memmove(in->items + 1, in->items, i * sizeof(struct finding *));
		in->items[0] = f;
		break;
	}
	if (in->len > 0)
		in->items[0]->root_cause = true;
}

/* ---- all together ---- */

/* A handshake that ended and left no finding would be called healthy: never. */
static void
say_the_end(const struct facts *f, struct findings *to)
{
	struct finding *n;

	if (f->ending == CODE_NONE)
		return;
	for (size_t i = 0; i < to->len; i++)
		if (to->items[i]->severity == SEVERITY_ERROR && ended_it(f, to->items[i]))
			return;
	n = finding_add(to, f->ending);
	n->severity = SEVERITY_ERROR;
	n->confidence = CONFIDENCE_MEDIUM;
	finding_title(to, n, "The handshake ended %s", phase_step(f->base->phase));
	finding_why(to, n, "The handshake ended %s (%s), and nothing that was seen tells more.", phase_step(f->base->phase),
	    outcome_name(f->base->outcome));
}

static void
fill_fixes(const struct rule *rule, struct findings *to, size_t from)
{
	for (size_t i = from; i < to->len; i++)
		if (to->items[i]->fixes == NULL)
			to->items[i]->fixes = rule->fixes;
}

static void
run_rules(const struct facts *f, struct findings *to)
{
	for (size_t t = 0; t < sizeof tables / sizeof tables[0]; t++)
		for (size_t i = 0; i < tables[t]->len; i++) {
			const struct rule *rule = &tables[t]->rules[i];
			size_t before = to->len;

			rule->look(f, to);
			fill_fixes(rule, to, before);
		}
}

static enum verdict
verdict_of(const struct facts *f, const struct finding *root)
{
	if (root == NULL)
		return VERDICT_OK;
	switch (root->severity) {
	case SEVERITY_ERROR:
		/* No TLS was reached. */
		if (code_info(root->code)->group == GROUP_NET && f->base != NULL && f->base->phase <= PHASE_HELLO)
			return VERDICT_UNREACHABLE;
		return VERDICT_ERROR;
	case SEVERITY_WARNING: return VERDICT_WARNING;
	case SEVERITY_NOTICE: return VERDICT_NOTICE;
	case SEVERITY_NONE: break;
	}
	return VERDICT_OK;
}

static void
conclude(struct diagnosis *d, const struct facts *f, const struct findings *in)
{
	d->findings = arena_array(d->arena, in->len + 1, sizeof *d->findings);
	for (size_t i = 0; i < in->len; i++)
		d->findings[d->len++] = *in->items[i];
	d->root = d->len > 0 ? &d->findings[0] : NULL;
	d->verdict = verdict_of(f, d->root);
	d->class = d->root != NULL ? code_info(d->root->code)->class : CLASS_NONE;
	d->side = d->root != NULL ? d->root->side : SIDE_CLIENT;
	if (d->root != NULL && d->root->shared_key != NULL)
		d->cause_key = arena_printf(d->arena, "%s:%s", code_info(d->root->code)->name, d->root->shared_key);
	else if (d->root != NULL)
		d->cause_key = code_info(d->root->code)->name;
	d->server_paths = f->paths;
	d->our_paths = f->our_paths;
	d->stack = f->stack;
	d->places = f->places;
	d->places_len = f->places_len;
	lacking_complete(f, d);
	summary_write(d, f);
}

struct diagnosis *
diagnose(const struct evidence *e)
{
	struct arena *a = arena_new();
	struct diagnosis *d = arena_alloc(a, sizeof *d);
	struct facts facts;
	struct findings in = { .facts = &facts };

	d->arena = a;
	d->evidence = e;
	gather(&facts, e, a);
	run_rules(&facts, &in);
	say_the_end(&facts, &in);
	withdraw_generic(&in);
	withdraw_candidates(&in);
	share_the_blame(&facts, &in);
	sort(&facts, &in);
	root_first(&in);
	conclude(d, &facts, &in);
	return d;
}

void
diagnosis_free(struct diagnosis *d)
{
	if (d == NULL)
		return;
	paths_free(d->server_paths);
	paths_free(d->our_paths);
	places_forget(d->places, d->places_len);
	arena_free(d->arena); /* d lies in it */
}

const struct finding *
diagnosis_find(const struct diagnosis *d, enum code code)
{
	for (size_t i = 0; i < d->len; i++)
		if (d->findings[i].code == code)
			return &d->findings[i];
	return NULL;
}

const struct finding *
diagnosis_cause_of(const struct diagnosis *d, const struct finding *of)
{
	for (size_t i = 0; i < d->len; i++) {
		const struct finding *f = &d->findings[i];
		for (size_t k = 0; f != of && k < f->explains_len; k++) {
			if (f->explains[k] == of->code)
				return f;
		}
	}
	return NULL;
}
