#include "tests/evidence_builder.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/memory.h"
#include "tests/kept_case.h"

enum { HELLO_REQUEST = 0, FINISHED = 20 };
#define NOW_MS INT64_C(1795000000000)

static void
add_message(struct handshake *h, enum peer from, uint8_t type, double at_ms)
{
	struct message *m = arena_array(h->arena, h->messages_len + 1, sizeof *m);

	if (h->messages_len > 0)
		memcpy(m, h->messages, h->messages_len * sizeof *m);
	m[h->messages_len++] = (struct message){ .from = from, .type = type, .bytes = 4, .parsed_ms = at_ms, .at_ms = at_ms };
	h->messages = m;
}

static void
fill(struct handshake *h, const struct built *b)
{
	h->phase = b->phase;
	h->outcome = b->outcome;
	h->version = b->version;
	h->cipher = b->version != 0 ? "TLS_AES_128_GCM_SHA256" : NULL;
	h->request.seen = b->asked || b->asked_after;
	h->request.after_finished = b->asked_after;
	h->sent_certificate_message = b->sent_message || b->sent > 0;
	h->sent_certs_len = b->sent;
	if (b->sent > 0)
		h->sent_certs = arena_array(h->arena, b->sent, sizeof *h->sent_certs);
	h->our_sigalg = b->sent > 0 ? 0x0403 : 0;
	h->offer = (struct offer){ .min_version = 0x0303, .max_version = 0x0304, .ciphers = "TLS_AES_128_GCM_SHA256:ECDHE-ECDSA-AES128-GCM-SHA256",
		.groups = "X25519:secp256r1", .sigalgs = "ecdsa_secp256r1_sha256", .sni = "payment.internal" };
	if (b->offered_max != 0)
		h->offer.max_version = b->offered_max;
	h->offer.alpn = b->offered_alpn;
	h->alpn = b->alpn;
	if (b->no_name)
		h->offer.sni = NULL;
	h->request.sigalgs_len = b->sigalg != 0;
	if (b->sigalg != 0) {
		h->request.sigalgs = arena_array(h->arena, 1, sizeof *h->request.sigalgs);
		h->request.sigalgs[0] = b->sigalg;
	}
	h->alerts_len = 0;
	if (b->alert.there) {
		h->alerts = arena_array(h->arena, 1, sizeof *h->alerts);
		h->alerts[h->alerts_len++] = (struct alert){ .from = b->alert.from, .level = b->alert.level, .number = b->alert.number,
			.phase = b->phase, .at_ms = 7.2 };
	}
	h->ended = (struct ended){ .by = b->by, .how = b->how, .phase = b->phase, .at_ms = 7.2 + b->late_ms, .os_error = b->os_error };
	h->local = b->local;
	h->detail = b->local != LOCAL_NONE ? "a reason" : NULL;
	h->dns_error = b->dns_error;
	h->not_tls = b->not_tls;
	h->plain = text_of(b->plain);
	h->http.requested = b->http_status != 0;
	h->http.status = b->http_status;
	h->http.body = text_of(b->body);
	h->http.server = text_of(b->server);
	h->http.head = text_of(b->head);
	if (b->phase >= PHASE_CONNECT) {
		h->attempts = arena_array(h->arena, 1, sizeof *h->attempts);
		h->attempts[0] = (struct attempt){ .address = "192.0.2.7:8443", .result = b->connect, .os_error = b->os_error, .end_ms = 1 };
		h->attempts_len = 1;
	}
	if (b->phase >= PHASE_OUR_FLIGHT)
		add_message(h, PEER_US, FINISHED, 5.3);
	if (b->hello_request)
		add_message(h, PEER_SERVER, HELLO_REQUEST, 6.1);
}

static struct handshake *
wide_of(const struct built *b)
{
	struct handshake *w = handshake_new();

	w->id = "h2";
	w->experiment = "wide-hello";
	w->version = b->wide_version;
	w->cipher = b->wide_cipher;
	w->group = b->wide_group;
	w->server_sigalg = b->wide_sigalg;
	w->phase = b->wide_version != 0 ? PHASE_SERVER_DONE : PHASE_HELLO;
	w->offer = (struct offer){ .min_version = 0x0301, .max_version = 0x0304 };
	w->outcome = OUTCOME_PROTOCOL;
	return w;
}

void
built_into(struct evidence *e, const struct built *b)
{
	bool wide = b->wide_tried || b->wide_version != 0;
	struct handshake **all = arena_array(e->arena, 2, sizeof(struct handshake *));

	all[0] = e->handshakes_len > 0 ? e->handshakes[0] : handshake_new();
	all[0]->id = "h1";
	all[0]->experiment = "baseline";
	all[0]->address = "192.0.2.7:8443";
	fill(all[0], b);
	e->handshakes = all;
	e->handshakes_len = wide ? 2 : 1;
	if (wide)
		all[1] = wide_of(b);
	e->clocks.server_known = b->server_clock;
	e->clocks.server_offset_ms = b->server_offset_ms;
	e->clocks.server_uncertainty_ms = b->server_uncertainty_ms;
	e->clocks.server_source = "http-date";
	e->clocks.kept = b->kept;
}

void
built_experiment(struct evidence *e, const char *name, const struct built *b)
{
	struct handshake **all = arena_array(e->arena, e->handshakes_len + 1, sizeof(struct handshake *));
	struct handshake *h = handshake_new();

	memcpy(all, e->handshakes, e->handshakes_len * sizeof all[0]);
	h->id = arena_printf(h->arena, "h%zu", e->handshakes_len + 1);
	h->experiment = name;
	h->address = "192.0.2.7:8443";
	fill(h, b);
	all[e->handshakes_len++] = h;
	e->handshakes = all;
}

struct evidence *
built_evidence(const struct built *b)
{
	struct evidence *e = evidence_new();

	e->target.host = mem_strdup("payment.internal");
	e->target.spelled = mem_strdup("payment.internal:8443");
	e->target.path = mem_strdup("/");
	e->target.port = 8443;
	e->target.http = true;
	e->clocks.local_ms = NOW_MS;
	e->started_ms = NOW_MS;
	e->seen_from = "bastion-2";
	built_into(e, b);
	return e;
}

static bool
is_text(const char *s)
{
	return s != NULL && s[0] != '\0';
}

void
built_check_form(const struct diagnosis *d, const char *what)
{
	size_t roots = 0;

	if (!is_text(d->headline) || !is_text(d->summary))
		fail_msg("%s: no headline or summary", what);
	if ((d->root == NULL) != (d->len == 0) || (d->root == NULL) != (d->verdict == VERDICT_OK))
		fail_msg("%s: root, findings and verdict disagree", what);
	if ((d->root == NULL) != (d->cause_key == NULL) || (d->root == NULL) != (d->class == CLASS_NONE))
		fail_msg("%s: root, cause key and class disagree", what);
	for (size_t i = 0; i < d->len; i++) {
		const struct finding *f = &d->findings[i];

		roots += f->root_cause;
		if (!is_text(f->title) || !is_text(f->why))
			fail_msg("%s: %s has no words", what, code_info(f->code)->name);
		if (f->severity == SEVERITY_NONE)
			fail_msg("%s: %s has no severity", what, code_info(f->code)->name);
		for (size_t k = 0; k < f->candidates_len; k++)
			if (diagnosis_find(d, f->candidates[k].code) != NULL)
				fail_msg("%s: %s is a candidate and a finding", what, code_info(f->candidates[k].code)->name);
	}
	if (roots != (d->len > 0) || (d->root != NULL && d->root != &d->findings[0]))
		fail_msg("%s: %zu root causes", what, roots);
	kept_check(d->evidence, what);
	if (d->root != NULL && (d->root->code == CODE_CLIENT_REJECTED || d->root->code == CODE_TLS_REJECTED) &&
	    d->root->confidence > CONFIDENCE_MEDIUM)
		fail_msg("%s: a cause that is not known, at more than medium", what);
}
