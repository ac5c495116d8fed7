#include "model/evidence.h"

#include <string.h>

#include "model/client.h"
#include "model/matched.h"
#include "model/memory.h"

const struct thresholds thresholds_default = {
	.expires_within = 30,
	.root_expires_within = 90,
	.clock_skew = 5,
};

struct evidence *
evidence_new(void)
{
	struct arena *a = arena_new();
	struct evidence *e = arena_alloc(a, sizeof *e);

	e->arena = a;
	e->thresholds = thresholds_default;
	return e;
}

void
evidence_free(struct evidence *e)
{
	if (e == NULL)
		return;
	for (size_t i = 0; i < e->handshakes_len; i++)
		handshake_free(e->handshakes[i]);
	for (size_t i = 0; i < e->found_len; i++)
		cert_free(e->found[i].cert);
	for (size_t i = 0; i < e->offline_len; i++)
		cert_free(e->offline_chain[i]);
	client_free(e->client);
	identity_free(e->identity);
	identity_free(e->other);
	trust_free(e->trust);
	matched_free(e->matched);
	target_done(&e->target);
	arena_free(e->arena); /* e lies in it */
}

const struct handshake *
evidence_baseline(const struct evidence *e)
{
	return e->offline || e->handshakes_len == 0 ? NULL : e->handshakes[0];
}

const struct handshake *
evidence_experiment(const struct evidence *e, const char *name)
{
	for (size_t i = 0; i < e->handshakes_len; i++)
		if (e->handshakes[i]->experiment != NULL && strcmp(e->handshakes[i]->experiment, name) == 0)
			return e->handshakes[i];
	for (size_t i = 0; e->matched != NULL && i < e->matched->len; i++)
		if (strcmp(e->matched->handshakes[i]->experiment, name) == 0)
			return e->matched->handshakes[i];
	return NULL;
}

size_t
evidence_count(const struct evidence *e, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < e->handshakes_len; i++)
		n += e->handshakes[i]->experiment != NULL && strcmp(e->handshakes[i]->experiment, name) == 0;
	return n;
}

bool
evidence_accepted(const struct evidence *e)
{
	const struct handshake *h = evidence_baseline(e);

	return h != NULL && handshake_accepted(h);
}

/* How far it had come when the server said no. */
static enum phase
refused_at(const struct handshake *h)
{
	const struct alert *alert = handshake_fatal_alert(h, PEER_SERVER);

	if (h->outcome == OUTCOME_REJECTED_ALERT && alert != NULL)
		return alert->phase;
	return h->phase;
}

bool
evidence_refused(const struct evidence *e)
{
	const struct handshake *h = evidence_baseline(e);

	if (h == NULL)
		return false;
	if (h->outcome == OUTCOME_REJECTED_HTTP || h->outcome == OUTCOME_REJECTED_APP)
		return true;
	if (h->outcome != OUTCOME_REJECTED_ALERT && h->outcome != OUTCOME_REJECTED_CLOSE)
		return false;
	if (handshake_asked_late(h))
		return true;
	/* A server that never asked cannot have minded; one that ended before our flight has not looked. */
	return (h->request.seen || h->sent_certificate_message) && refused_at(h) >= PHASE_OUR_FLIGHT;
}

int64_t
evidence_now(const struct evidence *e)
{
	return e->clocks.local_ms / 1000;
}

static int64_t
offset_size(const struct clocks *c)
{
	return c->server_offset_ms < 0 ? -c->server_offset_ms : c->server_offset_ms;
}

int64_t
evidence_server_now(const struct evidence *e)
{
	const struct clocks *c = &e->clocks;

	if (!c->server_known || offset_size(c) <= c->server_uncertainty_ms)
		return evidence_now(e);
	return (c->local_ms + c->server_offset_ms) / 1000;
}

bool
evidence_clocks_differ(const struct evidence *e)
{
	const struct clocks *c = &e->clocks;

	return c->server_known && offset_size(c) - c->server_uncertainty_ms > (int64_t)e->thresholds.clock_skew * 1000;
}
