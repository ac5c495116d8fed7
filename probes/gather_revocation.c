/* Revocation of what both chains hold: stapled, by the responder, by the list. */
#include <string.h>

#include "model/issuers.h"
#include "model/memory.h"
#include "model/revocation.h"
#include "model/times.h"
#include "probes/gather_internal.h"

static void
keep(struct gathering *g, const struct revocation *r)
{
	struct evidence *e = g->evidence;

	e->revocations = arena_grow(e->arena, e->revocations, e->revocations_len, &e->revocations_cap, sizeof *e->revocations);
	e->revocations[e->revocations_len++] = *r;
}

static bool
ask_list(struct gathering *g, const struct cert *c, const struct cert *issuer)
{
	return c->crl_len > 0 &&
	    gather_ask(g, &(struct ask){ .kind = FETCH_CRL, .url = gather_first(c->crl, c->crl_len), .about = c, .issuer = issuer });
}

void
gather_take_status(struct gathering *g, const struct ask *a, const struct fetched *f)
{
	struct arena *arena = g->evidence->arena;
	struct revocation r = {
		.of = a->about->sha256,
		.by = a->kind == FETCH_OCSP ? REVOCATION_BY_OCSP : REVOCATION_BY_CRL,
		.status = REVOCATION_UNKNOWN,
		.doubt = REVOCATION_NOT_HAD,
		.revoked_at = TIME_UNKNOWN,
		.produced_at = TIME_UNKNOWN,
		.this_update = TIME_UNKNOWN,
		.next_update = TIME_UNKNOWN,
	};

	/* What our own rules forbid tells nothing about the certificate: it stands among the requests. */
	if (f->refused && !a->or_list)
		return;
	if (f->problem != NULL)
		r.why = arena_strdup(arena, f->problem);
	else if (f->crl != NULL)
		crl_look_up(f->crl, a->about, a->issuer, &r);
	else
		ocsp_read(f->response, a->about, a->issuer, f->nonce, arena, &r);
	r.where = gather_url(g, a->url);
	if (!f->refused)
		keep(g, &r);
	if (a->or_list && !revocation_holds(&r, evidence_now(g->evidence)))
		ask_list(g, a->about, a->issuer);
}

/* What the server stapled to its leaf in the baseline. */
static void
read_stapled(struct gathering *g, const struct cert *leaf, const struct cert *issuer)
{
	const struct handshake *h = evidence_baseline(g->evidence);
	struct revocation r;

	if (h->stapled_ocsp.len == 0)
		return;
	ocsp_read(h->stapled_ocsp, leaf, issuer, NULL, g->evidence->arena, &r);
	keep(g, &r);
}

static bool
asked_already(const struct gathering *g, const struct cert *c)
{
	for (size_t i = 0; i < g->asks_len; i++)
		if (g->asks[i].issuer != NULL && fingerprint_equal(&g->asks[i].about->sha256, &c->sha256))
			return true;
	return false;
}

/*
 * The server's: the responder, and the list only where that does not tell. Ours: both, because the server that
 * judges us most likely goes by the list, and its state explains a refusal (knowledge: E21). Of many targets
 * the lists alone, one a CA, and our own status, one for all: no request for every server.
 */
static void
ask_about(struct gathering *g, const struct cert *c, const struct cert *issuer, bool ours)
{
	struct revocation_answer so_far = revocation_of(g->evidence, c, evidence_now(g->evidence));
	bool responder = c->ocsp_len > 0 && (!g->how.many || ours);

	/* What has expired is on no list any more, and that it has expired is said elsewhere. */
	if (!time_between(c->not_before, c->not_after, evidence_now(g->evidence)) || asked_already(g, c))
		return;
	if (so_far.from != NULL && so_far.status != REVOCATION_UNKNOWN && !ours)
		return;
	if (responder)
		gather_ask(g, &(struct ask){ .kind = FETCH_OCSP, .url = gather_first(c->ocsp, c->ocsp_len), .about = c, .issuer = issuer,
			.or_list = !ours });
	if (ours || !responder)
		ask_list(g, c, issuer);
}

/* From the leaf up: an anchor, and whatever signs itself, is revoked by taking it out of the store. */
static void
ask_chain(struct gathering *g, const struct cert *leaf, bool ours)
{
	const struct trust *trust = g->evidence->trust;
	const struct cert *c = leaf, *issuer;

	for (size_t depth = 0; c != NULL && depth < LIMIT_PATH_DEPTH; depth++, c = issuer) {
		if (c->self_signed || (!ours && trust != NULL && trust_has(trust, c)))
			return;
		issuer = issuers_known(g->evidence, c);
		if (issuer == NULL)
			return; /* without its key nothing that is said of it can be verified */
		if (!ours && c == leaf)
			read_stapled(g, c, issuer);
		ask_about(g, c, issuer, ours);
	}
}

bool
gathering_revocation(struct gathering *g)
{
	const struct evidence *e = g->evidence;
	const struct handshake *h = evidence_baseline(e);

	/* Ours first: what both chains share is asked about as ours. */
	if (e->identity != NULL && e->identity->len > 0 && h->sent_certs_len > 0)
		ask_chain(g, e->identity->certs[0], true);
	if (h->server_certs_len > 0)
		ask_chain(g, h->server_certs[0].cert, false);
	return g->open > 0;
}
