#include "tests/chains.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "tests/kept_case.h"

#define YEAR (365 * CHAINS_DAY)

struct chains {
	const struct recipe *recipes;
	size_t len;
	struct pki_cert *made;
	struct cert **certs;
};

static size_t
place_of(const struct chains *c, const char *name)
{
	for (size_t i = 0; i < c->len; i++)
		if (strcmp(c->recipes[i].name, name) == 0)
			return i;
	fail_msg("no recipe “%s”", name);
	return 0;
}

static struct pki_request
request_of(const struct chains *c, const struct recipe *recipe)
{
	static const char *const server_san[] = { "DNS:payment.internal", NULL };
	static const char *const client_san[] = { "DNS:order-service", NULL };
	struct pki_request r = recipe->r;
	bool none = recipe->from == 0 && recipe->to == 0;

	if (r.cn == NULL && r.cn_bytes == NULL)
		r.cn = recipe->role == IS_SERVER ? "payment.internal" : recipe->name;
	r.not_before = none ? CHAINS_NOW - YEAR : CHAINS_NOW + recipe->from * CHAINS_DAY;
	r.not_after = none ? CHAINS_NOW + (recipe->role == IS_CA ? 10 : 1) * YEAR : CHAINS_NOW + recipe->to * CHAINS_DAY + recipe->seconds;
	if (recipe->role == IS_CA) {
		r.ca = !r.no_basic_constraints;
		if (r.key_usage == NULL)
			r.key_usage = "critical,keyCertSign,cRLSign";
	} else {
		if (r.key_usage == NULL)
			r.key_usage = "critical,digitalSignature";
		if (r.eku == NULL)
			r.eku = recipe->role == IS_SERVER ? "serverAuth" : "clientAuth";
		if (r.san == NULL && r.raw_san == NULL)
			r.san = recipe->role == IS_SERVER ? server_san : client_san;
	}
	/* "none" leaves out what the role would set. */
	if (r.eku != NULL && strcmp(r.eku, "none") == 0)
		r.eku = NULL;
	if (r.key_usage != NULL && strcmp(r.key_usage, "none") == 0)
		r.key_usage = NULL;
	if (r.san != NULL && r.san[0] == NULL)
		r.san = NULL;
	if (recipe->key_of != NULL)
		r.key = c->made[place_of(c, recipe->key_of)].key;
	return r;
}

struct chains *
chains_make(const struct recipe *recipes, size_t len)
{
	struct chains *c = calloc(1, sizeof *c);

	assert_non_null(c);
	c->recipes = recipes;
	c->len = len;
	c->made = calloc(len, sizeof *c->made);
	c->certs = calloc(len, sizeof *c->certs);
	for (size_t i = 0; i < len; i++) {
		struct pki_request r = request_of(c, &recipes[i]);
		struct error err = { 0 };
		unsigned char *der;
		size_t der_len;

		c->made[i] = pki_issue(&r, recipes[i].issuer != NULL ? &c->made[place_of(c, recipes[i].issuer)] : NULL);
		der = pki_der(&c->made[i], &der_len);
		c->certs[i] = cert_parse(der, der_len, &err);
		if (c->certs[i] == NULL)
			fail_msg("%s: %s", recipes[i].name, err.text);
		free(der);
	}
	return c;
}

void
chains_free(struct chains *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->len; i++) {
		pki_cert_free(&c->made[i]);
		cert_free(c->certs[i]);
	}
	free(c->made);
	free(c->certs);
	free(c);
}

struct cert *
chains_cert(const struct chains *c, const char *name)
{
	return c->certs[place_of(c, name)];
}

static size_t
pick(const struct chains *c, const char *const *names, struct cert **out)
{
	size_t n = 0;

	for (; n < CHAIN_MAX && names[n] != NULL && names[n][0] != '\0'; n++)
		out[n] = chains_cert(c, names[n]);
	return n;
}

static void
add_list(const struct chains *c, const struct chain_case *t, struct handshake *h)
{
	static const char *const usual[CHAIN_MAX] = { "root" };
	struct cert *listed[CHAIN_MAX];
	size_t n = pick(c, t->listed[0] != NULL ? t->listed : usual, listed);

	h->request.seen = true;
	h->request.cas = arena_array(h->arena, n + 1, sizeof *h->request.cas);
	h->request.cas_len = n;
	for (size_t i = 0; i < n; i++)
		h->request.cas[i] = listed[i]->subject;
}

static void
add_end(const struct chain_case *t, struct handshake *h)
{
	bool tls12 = t->cipher != NULL;

	h->phase = PHASE_RESPONSE;
	switch (t->answer) {
	case REFUSED:
		h->phase = tls12 ? PHASE_OUR_FLIGHT : PHASE_FINISHED;
		h->outcome = OUTCOME_REJECTED_ALERT;
		h->alerts = arena_array(h->arena, 1, sizeof *h->alerts);
		h->alerts_len = 1;
		h->alerts[0] = (struct alert){ .from = PEER_SERVER, .level = 2, .number = t->alert != 0 ? t->alert : 48,
			.phase = h->phase, .at_ms = 5 };
		h->ended = (struct ended){ .by = PEER_SERVER, .how = END_ALERT, .phase = h->phase, .at_ms = 5 };
		return;
	case BAD_SERVER_SIGNATURE:
		h->phase = PHASE_SERVER_CERTIFICATE;
		h->outcome = OUTCOME_FAILED_LOCAL;
		h->local = LOCAL_BAD_SIGNATURE;
		h->ended = (struct ended){ .by = PEER_US, .how = END_US, .phase = h->phase, .at_ms = 3 };
		return;
	case NOT_ASKED:
		h->outcome = OUTCOME_NOT_ASKED;
		break;
	default:
		h->outcome = OUTCOME_ACCEPTED_APP;
	}
	h->tickets = 2;
	h->ticket_ms = 5;
	h->http.requested = true;
	h->http.method = "HEAD";
	h->http.status = 200;
	h->ended = (struct ended){ .by = PEER_US, .how = END_US, .phase = PHASE_RESPONSE, .at_ms = 7 };
}

static struct handshake *
handshake_of(const struct chains *c, const struct chain_case *t)
{
	struct handshake *h = handshake_new();
	struct cert *server[CHAIN_MAX], *ours[CHAIN_MAX];
	size_t sent = pick(c, t->ours, ours);

	h->id = "h1";
	h->experiment = "baseline";
	h->address = "127.0.0.1:8443";
	h->version = t->cipher != NULL ? 0x0303 : 0x0304;
	h->cipher = t->cipher != NULL ? t->cipher : "TLS_AES_256_GCM_SHA384";
	h->server_certs_len = pick(c, t->server, server);
	h->server_certs = arena_array(h->arena, h->server_certs_len + 1, sizeof *h->server_certs);
	for (size_t i = 0; i < h->server_certs_len; i++)
		h->server_certs[i] = (struct wire_cert){ .der = server[i]->der, .cert = cert_ref(server[i]) };
	if (t->answer != NOT_ASKED && t->answer != BAD_SERVER_SIGNATURE) {
		add_list(c, t, h);
		h->sent_certificate_message = true;
		h->sent_certs = arena_array(h->arena, sent + 1, sizeof *h->sent_certs);
		h->sent_certs_len = sent;
		for (size_t i = 0; i < sent; i++)
			h->sent_certs[i] = ours[i]->sha256;
		h->our_sigalg = sent > 0 ? 0x0403 : 0;
	}
	h->resolve_ms = h->connect_ms = 0.1;
	h->tls_ms = 3;
	h->verdict_ms = 5;
	add_end(t, h);
	return h;
}

static struct identity *
identity_of(const struct chains *c, const struct chain_case *t)
{
	struct cert *ours[CHAIN_MAX];
	size_t n = pick(c, t->ours, ours);
	const char *key_name = t->our_key != NULL ? t->our_key : t->ours[0];
	EVP_PKEY *pkey;
	struct key *key;
	struct identity *us;

	if (n == 0)
		return NULL;
	pkey = c->made[place_of(c, key_name)].key;
	EVP_PKEY_up_ref(pkey);
	key = key_from_evp(pkey, true, false);
	us = identity_from("order.crt", ours, n, key);
	key_free(key);
	return us;
}

struct evidence *
chains_evidence(const struct chains *c, const struct chain_case *t)
{
	static const char *const usual[CHAIN_MAX] = { "root" };
	struct evidence *e = evidence_new();
	struct cert *certs[CHAIN_MAX];
	const char *host = t->host != NULL ? t->host : "payment.internal";
	size_t n;

	e->target.spelled = strdup("payment.internal:8443");
	e->target.host = strdup(host[0] != '\0' ? host : "payment.internal");
	e->target.port = 8443;
	e->target.path = strdup("/");
	e->target.http = true;
	e->thresholds = thresholds_default;
	e->seen_from = "bastion-2";
	e->clocks.local_ms = e->started_ms = CHAINS_NOW * 1000;
	e->clocks.kept = CLOCK_KEPT;
	if (t->clock_minutes != 0) {
		e->clocks.server_known = true;
		e->clocks.server_offset_ms = t->clock_minutes * INT64_C(60000);
		e->clocks.server_uncertainty_ms = 1000;
		e->clocks.server_source = "http-date";
	}
	e->identity = identity_of(c, t);
	n = pick(c, t->trust[0] != NULL ? t->trust : usual, certs);
	e->trust = trust_from("root.pem", certs, n);
	e->found_len = pick(c, t->found, certs);
	e->found = arena_array(e->arena, e->found_len + 1, sizeof *e->found);
	for (size_t i = 0; i < e->found_len; i++)
		e->found[i] = (struct found_cert){ .cert = cert_ref(certs[i]), .source = "aia", .where = "http://ca.internal/issuing.crt" };
	if (t->answer >= OFFLINE_SERVER) {
		e->offline = true;
		e->offline_purpose = t->answer == OFFLINE_SERVER ? PURPOSE_SERVER :
		    t->answer == OFFLINE_CLIENT ? PURPOSE_CLIENT : PURPOSE_ANY;
		e->offline_host = host[0] != '\0' ? host : NULL;
		n = pick(c, t->answer == OFFLINE_CLIENT ? t->ours : t->server, certs);
		e->offline_chain = arena_array(e->arena, n + 1, sizeof *e->offline_chain);
		e->offline_len = n;
		for (size_t i = 0; i < n; i++)
			e->offline_chain[i] = cert_ref(certs[i]);
		return e;
	}
	e->handshakes = arena_array(e->arena, 1, sizeof *e->handshakes);
	e->handshakes[0] = handshake_of(c, t);
	e->handshakes_len = 1;
	return e;
}

/* The findings that these tests are about: what certificates, keys and files show. */
static bool
ours_to_judge(enum code code)
{
	static const enum code answers[] = { CODE_CLIENT_REQUIRED, CODE_CLIENT_NOT_SENT, CODE_CLIENT_UNTRUSTED,
		CODE_CLIENT_REVOKED, CODE_CLIENT_NOT_IN_CA_LIST, CODE_CLIENT_DEPTH_EXCEEDED, CODE_CLIENT_PARTIAL_TRUST,
		CODE_CLIENT_FORBIDDEN, CODE_CLIENT_SERVER_REVOCATION, CODE_CLIENT_LATE_AUTH, CODE_CLIENT_REJECTED };
	const struct code_info *info = code_info(code);

	for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
		if (answers[i] == code)
			return false;
	return info->group == GROUP_SERVER || info->group == GROUP_KEY || info->group == GROUP_CLIENT;
}

static void
print_findings(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->len; i++) {
		const struct finding *f = &d->findings[i];

		print_message("  %s%s %s (%s): %s | %s\n", f == d->root ? "*" : "", severity_name(f->severity),
		    code_info(f->code)->name, confidence_name(f->confidence), f->title, f->why);
		for (size_t k = 0; k < f->evidence_len; k++)
			print_message("      %s\n", f->evidence[k]);
	}
}

static bool
is_explained(const struct diagnosis *d, enum code code)
{
	for (size_t i = 0; i < d->len; i++)
		for (size_t k = 0; k < d->findings[i].explains_len; k++)
			if (d->findings[i].explains[k] == code)
				return true;
	return false;
}

static bool
as_expected(const struct diagnosis *d, const char *expect, const char *says)
{
	bool root = expect[0] == '*', explained = expect[0] == '-';
	const char *text = expect + (root || explained);

	for (size_t i = 0; i < d->len; i++) {
		const struct finding *f = &d->findings[i];
		char severity = "?NWE"[f->severity];

		if (strcmp(code_info(f->code)->name, text + 2) != 0 || severity != text[0])
			continue;
		if (root != (f == d->root) && root)
			continue;
		if (explained && !is_explained(d, f->code))
			continue;
		if (f->title == NULL || f->why == NULL || f->evidence_len == 0)
			continue;
		return says == NULL || strstr(f->why, says) != NULL || strstr(f->title, says) != NULL;
	}
	return false;
}

static bool
passes(const struct chains *c, const struct chain_case *t)
{
	struct evidence *e = chains_evidence(c, t);
	struct diagnosis *d = diagnose(e);
	size_t expected = 0, found = 0;
	const char *wrong = NULL;

	for (size_t i = 0; i < d->len; i++)
		found += ours_to_judge(d->findings[i].code);
	for (; expected < CHAIN_MAX && t->expect[expected] != NULL; expected++)
		if (wrong == NULL && !as_expected(d, t->expect[expected], expected == 0 ? t->says : NULL))
			wrong = t->expect[expected];
	if (wrong != NULL || found != expected) {
		print_message("“%s”: %s%s; %zu findings, %zu expected. Found:\n", t->what, wrong != NULL ? "missing: " : "too many",
		    wrong != NULL ? wrong : "", found, expected);
		print_findings(d);
	}
	diagnosis_free(d);
	kept_check(e, t->what);
	evidence_free(e);
	return wrong == NULL && found == expected;
}

void
chains_check(const struct chains *c, const struct chain_case *cases, size_t len)
{
	size_t failed = 0;

	for (size_t i = 0; i < len; i++)
		failed += !passes(c, &cases[i]);
	if (failed > 0)
		fail_msg("%zu of %zu cases", failed, len);
}
