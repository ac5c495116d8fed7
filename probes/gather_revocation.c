/* Revocation of what both chains hold: stapled, by the responder, by the list. */
#include <string.h>

#include "model/issuers.h"
#include "model/memory.h"
#include "model/revocation.h"
#include "model/times.h"
#include "probes/gather_internal.h"

void
gather_keep_status(struct gathering *g, const struct revocation *r)
{
	struct evidence *e = g->evidence;

	e->revocations = arena_grow(e->arena, e->revocations, e->revocations_len, &e->revocations_cap, sizeof *e->revocations);
	e->revocations[e->revocations_len++] = *r;
}

/* At the next address that the certificate has for it. False: none is left. */
static bool
ask_next(struct gathering *g, enum fetch_kind kind, const struct cert *c, const struct cert *issuer, bool or_list)
{
	bool list = kind == FETCH_CRL;
	struct text url = gather_next(g, kind, c, list ? c->crl : c->ocsp, list ? c->crl_len : c->ocsp_len);

	return url.len > 0 && gather_ask(g, &(struct ask){ .kind = kind, .url = url, .about = c, .issuer = issuer, .or_list = or_list });
}

void
gather_take_status(struct gathering *g, struct ask *a, const struct fetched *f)
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

	if (f->problem != NULL && ask_next(g, a->kind, a->about, a->issuer, a->or_list))
		return; /* that one may tell; this one stands among the requests */
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
	a->told = !f->refused;
	a->status = r;
	if (a->or_list && !revocation_holds(&r, evidence_now(g->evidence)))
		ask_next(g, FETCH_CRL, a->about, a->issuer, false);
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
	gather_keep_status(g, &r);
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
		ask_next(g, FETCH_OCSP, c, issuer, !ours);
	if (ours || !responder)
		ask_next(g, FETCH_CRL, c, issuer, false);
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

	g->time_is_up = false;
	/* Ours first: what both chains share is asked about as ours. */
	if (e->identity != NULL && e->identity->len > 0 && h->sent_certs_len > 0)
		ask_chain(g, e->identity->certs[0], true);
	if (h->server_certs_len > 0)
		ask_chain(g, h->server_certs[0].cert, false);
	return g->open > 0;
}
