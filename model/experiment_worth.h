/*
 * When an experiment is worth a connection: the conditions of the rows that change what we offer or
 * send. For model/experiment.c, where the table is, and for nobody else.
 *
 * worth_…: its answer could still change the verdict. tells_…: with --deep, it would tell something.
 */
#ifndef MODEL_EXPERIMENT_WORTH_H
#define MODEL_EXPERIMENT_WORTH_H

#include "model/experiment.h"

/* ---- what the baseline was ---- */

static inline const struct handshake *
base_of(const struct diagnosis *d)
{
	return evidence_baseline(d->evidence);
}

/* Our certificate went out, and the server said no. */
static inline bool
refused_ours(const struct diagnosis *d)
{
	return base_of(d)->sent_certs_len > 0 && evidence_refused(d->evidence);
}

static inline bool
settled(const struct diagnosis *d)
{
	return d->root != NULL && d->root->confidence == CONFIDENCE_CERTAIN;
}

/* Our certificate was asked for and went out, the server did not mind, and no error is known that matters more. */
static inline bool
accepted_ours(const struct diagnosis *d)
{
	const struct handshake *h = base_of(d);

	return handshake_accepted(h) && h->request.seen && !h->request.after_finished && h->sent_certs_len > 0 &&
	    (d->root == NULL || d->root->severity < SEVERITY_ERROR);
}

/* HTTP forbids it: 401 or 403. */
static inline bool
forbids(const struct handshake *h)
{
	return h->http.status == 401 || h->http.status == 403;
}

/* ---- of a row ---- */

/* Died before the server's certificate though it speaks: does it speak TLS of another kind? */
bool worth_wide_hello(const struct diagnosis *d);
/* After acceptance only where the lack of a certificate was refused: else nothing is left to be found out. */
bool worth_throwaway(const struct diagnosis *d);

bool worth_no_alpn(const struct diagnosis *d);
bool tells_no_alpn(const struct diagnosis *d);
bool worth_http11(const struct diagnosis *d);
bool tells_http11(const struct diagnosis *d);
bool tells_h2(const struct diagnosis *d);
bool worth_tls12(const struct diagnosis *d);
bool worth_tls13(const struct diagnosis *d);
bool worth_no_name(const struct diagnosis *d);
bool tells_no_name(const struct diagnosis *d);
bool worth_other_name(const struct diagnosis *d);
bool worth_root_path(const struct diagnosis *d);
bool worth_order(const struct diagnosis *d);
bool worth_no_root(const struct diagnosis *d);
bool tells_order(const struct diagnosis *d);
bool tells_no_root(const struct diagnosis *d);
bool tells_leaf(const struct diagnosis *d);
bool worth_other_ca(const struct diagnosis *d);
bool tells_rsa(const struct diagnosis *d);
bool worth_rsa(const struct diagnosis *d);
bool was_reached(const struct diagnosis *d);
bool was_sent(const struct diagnosis *d);
bool tells_other_name(const struct diagnosis *d);
bool tells_path(const struct diagnosis *d);
bool tells_http(const struct diagnosis *d);
bool tells_request(const struct diagnosis *d);
bool tells_key(const struct diagnosis *d);

#endif
