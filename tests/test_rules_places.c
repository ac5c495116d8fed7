/*
 * Other looks at the same service, and proofs from another target: what each may change about a verdict, and what it
 * must not. Evidence made by hand; on the wire it is tests/test_engine_places.c and its neighbours.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/experiment.h"
#include "model/matched.h"
#include "model/memory.h"
#include "model/places.h"
#include "model/rules.h"
#include "tests/answers.h"
#include "tests/chains.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
};
static struct chains *chains;

#define OK(s) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_ACCEPTED_APP, .asked = true, .sent_message = true, .sent = s, .http_status = 200 }
#define NOT_ASKED { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 200 }
#define NO_HELLO { .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, 70 } }
#define NOBODY(r, e) { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .by = PEER_SERVER, .how = END_RST, .connect = r, .os_error = e }
#define HERE "192.0.2.7:8443"
#define THERE "192.0.2.8:8443"

enum { MOST = 4 };
static const struct look_case {
	const char *what;
	const char *ours[CHAIN_MAX];
	struct built base;
	struct { const char *name, *address; struct built built; } looks[MOST];
	enum code root;
	enum severity severity, differ; /* SEVERITY_NONE: not found */
	enum confidence confidence;
	const char *says;               /* by the root, or NULL */
	enum code gone;                 /* a finding that must not be there, or that must not be an error; CODE_NONE: none */
} look_cases[] = {
	/* Addresses. */
	{ "the same at both", { "us", "issuing" }, OK(2), { { "address", THERE, OK(2) } }, .root = CODE_NONE },
	{ "refused at the other one", { "us", "issuing" }, OK(2), { { "address", THERE, ALERT(2, 48) } }, CODE_CLIENT_REJECTED, SEVERITY_ERROR,
	    SEVERITY_ERROR, CONFIDENCE_MEDIUM, "At " THERE, CODE_NONE },
	{ "expired, and only the other one minds", { "us-expired", "issuing" }, OK(2), { { "address", THERE, ALERT(2, 45) } }, CODE_CLIENT_EXPIRED,
	    SEVERITY_ERROR, SEVERITY_ERROR, CONFIDENCE_HIGH, "At " THERE, CODE_NONE },
	{ "refused here, let in there", { "us-expired", "issuing" }, ALERT(2, 45), { { "address", THERE, OK(2) } }, CODE_CLIENT_EXPIRED, SEVERITY_ERROR,
	    SEVERITY_ERROR, CONFIDENCE_HIGH, NULL, CODE_NONE },
	{ "refused at both, in two ways", { "us", "issuing" }, ALERT(2, 48), { { "address", THERE, ALERT(2, 42) } }, CODE_CLIENT_REJECTED, SEVERITY_ERROR,
	    SEVERITY_WARNING, CONFIDENCE_MEDIUM, NULL, CODE_NONE },
	{ "another one speaks another TLS", { "us", "issuing" }, OK(2), { { "address", THERE, NO_HELLO } }, CODE_TLS_NO_COMMON_VERSION, SEVERITY_ERROR,
	    SEVERITY_ERROR, CONFIDENCE_LOW, "At " THERE, CODE_NONE },
	{ "nobody there: clients go on", { "us", "issuing" }, OK(2), { { "address", THERE, NOBODY(CONNECT_REFUSED, 111) } }, CODE_NET_ADDRESSES_DIFFER,
	    SEVERITY_WARNING, SEVERITY_WARNING, CONFIDENCE_CERTAIN, "refuses the connection", CODE_NONE },
	{ "no way from here says nothing of them", { "us", "issuing" }, OK(2), { { "address", THERE, NOBODY(CONNECT_UNREACHABLE, 101) } }, .root = CODE_NONE },
	{ "a dead one and one that refuses", { "us", "issuing" }, OK(2), { { "address", "192.0.2.9:8443", NOBODY(CONNECT_TIMEOUT, 110) },
	    { "address", THERE, ALERT(2, 48) } }, CODE_CLIENT_REJECTED, SEVERITY_ERROR, SEVERITY_ERROR, CONFIDENCE_MEDIUM, "At " THERE, CODE_NONE },
	{ "the other one lacks our CA", { "us" }, OK(1), { { "address", THERE, ALERT(1, 48) }, { "address-with-intermediate", THERE, OK(2) } },
	    CODE_CLIENT_MISSING_INTERMEDIATE, SEVERITY_ERROR, SEVERITY_ERROR, CONFIDENCE_CERTAIN, "At " THERE, CODE_NONE },
	{ "and adding it does not help", { "us" }, OK(1), { { "address", THERE, ALERT(1, 48) }, { "address-with-intermediate", THERE, ALERT(2, 48) } },
	    CODE_CLIENT_REJECTED, SEVERITY_ERROR, SEVERITY_ERROR, CONFIDENCE_MEDIUM, "At " THERE, CODE_NONE },
	/* Again. */
	{ "closed once, let in once", { "us", "issuing" }, CLOSE(2), { { "repeat", HERE, OK(2) } }, CODE_CLIENT_REJECTED, SEVERITY_ERROR, SEVERITY_NONE,
	    CONFIDENCE_LOW, "Of 2 tries", CODE_NONE },
	{ "let in once, refused three times", { "us", "issuing" }, OK(2), { { "repeat", HERE, ALERT(2, 48) }, { "repeat", HERE, ALERT(2, 48) },
	    { "repeat", HERE, ALERT(2, 48) } }, CODE_CLIENT_REJECTED, SEVERITY_ERROR, SEVERITY_NONE, CONFIDENCE_LOW, "1 went through and 3 did not", CODE_NONE },
	{ "a fault of ours that does not always hurt is not the cause", { "us-expired", "issuing" }, ALERT(2, 45), { { "repeat", HERE, OK(2) } },
	    CODE_CLIENT_REJECTED, SEVERITY_ERROR, SEVERITY_NONE, CONFIDENCE_LOW, "Of 2 tries", CODE_CLIENT_EXPIRED },
	{ "always the same", { "us-expired", "issuing" }, ALERT(2, 45), { { "repeat", HERE, ALERT(2, 45) } }, CODE_CLIENT_EXPIRED, SEVERITY_ERROR,
	    SEVERITY_NONE, CONFIDENCE_HIGH, NULL, CODE_NONE },
	/* A way round needs proof that there is something to go round. */
	{ "the other one asks nobody, and nobody knows whether this one must", { "us", "issuing" }, OK(2), { { "address", THERE, NOT_ASKED } },
	    CODE_NET_ADDRESSES_DIFFER, SEVERITY_WARNING, SEVERITY_WARNING, CONFIDENCE_CERTAIN, "asks for no certificate", CODE_MTLS_BYPASS },
	{ "and it must", { "us", "issuing" }, OK(2), { { "no-certificate", HERE, ALERT(0, 116) }, { "address", THERE, NOT_ASKED } }, CODE_MTLS_BYPASS,
	    SEVERITY_ERROR, SEVERITY_WARNING, CONFIDENCE_CERTAIN, THERE, CODE_NONE },
};

/* The same server, as far as it came: its chain and its list. */
static void
as_the_baseline(struct handshake *h, const struct handshake *base)
{
	if (h->phase <= PHASE_HELLO)
		return;
	h->request.cas = base->request.cas; /* they end together */
	h->request.cas_len = base->request.cas_len;
	h->server_certs = arena_dup(h->arena, base->server_certs, base->server_certs_len * sizeof *base->server_certs);
	h->server_certs_len = base->server_certs_len;
	for (size_t i = 0; i < h->server_certs_len; i++)
		h->server_certs[i].cert = cert_ref(base->server_certs[i].cert);
}

static struct evidence *
evidence_of(const struct look_case *c)
{
	struct chain_case t = { .server = { "server", "issuing" } };
	struct evidence *e;

	memcpy(t.ours, c->ours, sizeof t.ours);
	e = chains_evidence(chains, &t);
	built_into(e, &c->base);
	for (size_t i = 0; i < MOST && c->looks[i].name != NULL; i++) {
		struct handshake *h;

		built_experiment(e, c->looks[i].name, &c->looks[i].built);
		h = e->handshakes[e->handshakes_len - 1];
		as_the_baseline(h, e->handshakes[0]);
		h->address = c->looks[i].address;
		h->attempts[0].address = c->looks[i].address;
	}
	return e;
}

static const char *
name_of(enum code c)
{
	return c == CODE_NONE ? "nothing" : code_info(c)->name;
}

static void
what_they_change(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof look_cases / sizeof look_cases[0]; i++) {
		const struct look_case *c = &look_cases[i];
		struct evidence *e = evidence_of(c);
		struct diagnosis *d = diagnose(e);
		const struct finding *differ = diagnosis_find(d, CODE_NET_ADDRESSES_DIFFER), *gone = c->gone != CODE_NONE ? diagnosis_find(d, c->gone) : NULL;
		enum code root = d->root != NULL ? d->root->code : CODE_NONE;

		built_check_form(d, c->what);
		if (root != c->root)
			fail_msg("%s: %s, not %s", c->what, name_of(root), name_of(c->root));
		if (d->root != NULL && (d->root->severity != c->severity || (c->confidence != CONFIDENCE_LOW && d->root->confidence != c->confidence)))
			fail_msg("%s: %s at %s", c->what, severity_name(d->root->severity), confidence_name(d->root->confidence));
		if ((differ != NULL ? differ->severity : SEVERITY_NONE) != c->differ)
			fail_msg("%s: net.addresses-differ is %s", c->what, severity_name(differ != NULL ? differ->severity : SEVERITY_NONE));
		if (c->says != NULL && strstr(d->root->why, c->says) == NULL)
			fail_msg("%s: it says: %s", c->what, d->root->why);
		if (gone != NULL && (gone->severity == SEVERITY_ERROR || finding_explains(gone, CODE_CLIENT_REJECTED)))
			fail_msg("%s: %s is an error", c->what, name_of(c->gone));
		diagnosis_free(d);
		evidence_free(e);
	}
}

/* On loopback it is ordinary that a service listens on one of the two families only. */
static void
the_other_family_of_loopback(void **state)
{
	static const char *const there[] = { "[::1]:8443", "127.0.0.2:8443" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct look_case c = { "loopback", { "us", "issuing" }, OK(2), { { "address", there[i], NOBODY(CONNECT_REFUSED, 111) } }, .root = CODE_NONE };
		struct evidence *e = evidence_of(&c);
		struct diagnosis *d;

		e->handshakes[0]->address = "127.0.0.1:8443";
		d = diagnose(e);
		assert_int_equal(diagnosis_find(d, CODE_NET_ADDRESSES_DIFFER) != NULL, i == 1);
		diagnosis_free(d);
		evidence_free(e);
	}
}

/* A proxy with two addresses was asked again at the second, over and over, and said to be the service's. */
static void
the_addresses_of_a_proxy_are_not_the_service_s(void **state)
{
	static const enum connect_result first[] = { CONNECT_NOT_TRIED, CONNECT_REFUSED, CONNECT_TIMEOUT };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof first / sizeof first[0]; i++) {
		struct look_case c = { "two addresses", { "us", "issuing" }, OK(2), { { .name = NULL } }, .root = CODE_NONE };
		struct evidence *e = evidence_of(&c);
		struct handshake *h = e->handshakes[0];
		bool proxy = i % 2 == 1;
		struct diagnosis *d;
		size_t left;

		h->attempts = arena_array(h->arena, 2, sizeof *h->attempts);
		h->attempts[0] = (struct attempt){ .address = THERE, .result = first[i / 2], .end_ms = 1 };
		h->attempts[1] = (struct attempt){ .address = HERE, .result = CONNECT_OK, .end_ms = 2 };
		h->attempts_len = 2;
		h->proxy = proxy ? "http://proxy.internal:3128" : NULL;
		h->address = HERE;
		d = diagnose(e);
		assert_true((places_next(e) == 0) == (!proxy && first[i / 2] == CONNECT_NOT_TRIED));
		assert_true((places_left(e, &left, e->arena) != NULL) == (!proxy && first[i / 2] == CONNECT_NOT_TRIED));
		assert_true((diagnosis_find(d, CODE_NET_ADDRESSES_DIFFER) != NULL) == (!proxy && first[i / 2] != CONNECT_NOT_TRIED));
		diagnosis_free(d);
		evidence_free(e);
	}
}

/* ---- proved at another target ---- */

static const struct look_case incomplete = { "our chain lacks its CA", { "us" }, ALERT(1, 48), { { "with-intermediate", HERE, OK(2) } }, .root = CODE_NONE };
static const struct look_case open_there = { "it lets us in without, and not with", { "us", "issuing" }, ALERT(2, 48), { { "no-certificate", HERE, OK(0) },
    { "throwaway", HERE, ALERT(1, 48) } }, .root = CODE_NONE };

/* The proof of one, and a diagnosis of another that was refused in the same way; the first is gone by then. */
static struct diagnosis *
adopt(const struct look_case *c, struct evidence **out)
{
	struct look_case alone = *c;
	struct evidence *there = evidence_of(c), *here;
	struct diagnosis *d = diagnose(there);
	struct matched *m = matched_from(d);

	memset(alone.looks, 0, sizeof alone.looks);
	diagnosis_free(d);
	evidence_free(there);
	assert_non_null(m);
	here = evidence_of(&alone);
	here->matched = m;
	*out = here;
	return diagnose(here);
}

static void
a_proof_is_worth_a_little_less_elsewhere(void **state)
{
	struct evidence *e;
	struct diagnosis *d = adopt(&incomplete, &e);

	(void)state;
	assert_int_equal(d->root->code, CODE_CLIENT_MISSING_INTERMEDIATE);
	assert_int_equal(d->root->severity, SEVERITY_ERROR);
	assert_int_equal(d->root->confidence, CONFIDENCE_HIGH);
	assert_string_equal(d->root->proof[0].handshake, "h1");
	assert_string_equal(d->root->proof[1].handshake, "h2 of payment.internal:8443");
	assert_int_equal(e->handshakes_len, 1);
	assert_int_equal(evidence_count(e, "with-intermediate"), 0);
	diagnosis_free(d);
	evidence_free(e);
}

/* There it did not help, because that server does not know our CA at all; this one may lack the intermediate only. */
static void
what_acquits_our_chain_there_does_not_acquit_it_here(void **state)
{
	static const struct look_case unknown_there = { "adding it does not help there", { "us" }, ALERT(1, 48), { { "with-intermediate", HERE, ALERT(2, 48) },
	    { "no-certificate", HERE, ALERT(0, 116) }, { "throwaway", HERE, ALERT(1, 48) } }, .root = CODE_NONE };
	const struct experiment_limits here = { .many = true };
	struct evidence *e = evidence_of(&unknown_there);
	struct diagnosis *d = diagnose(e);
	const struct finding *n;

	(void)state;
	assert_int_equal(d->root->code, CODE_CLIENT_REJECTED);
	diagnosis_free(d);
	evidence_free(e);
	d = adopt(&unknown_there, &e);
	n = diagnosis_find(d, CODE_CLIENT_MISSING_INTERMEDIATE);
	assert_non_null(n);
	for (size_t i = 0; i < n->evidence_len; i++)
		assert_null(strstr(n->evidence[i], "not the cause"));
	assert_true(n->root_cause || finding_explains(n, CODE_CLIENT_REJECTED));
	/* And it is asked here. */
	assert_string_equal(experiment_next(d, &here)->name, "with-intermediate");
	diagnosis_free(d);
	evidence_free(e);
}

/* That another server lets everybody in is no finding about this one. */
static void
how_another_server_treats_others_is_not_said_of_this_one(void **state)
{
	struct evidence *e = evidence_of(&open_there);
	struct diagnosis *d = diagnose(e);

	(void)state;
	assert_non_null(diagnosis_find(d, CODE_MTLS_OPTIONAL));
	diagnosis_free(d);
	evidence_free(e);
	d = adopt(&open_there, &e);
	assert_null(diagnosis_find(d, CODE_MTLS_OPTIONAL));
	assert_int_equal(d->root->code, CODE_CLIENT_REJECTED);
	diagnosis_free(d);
	evidence_free(e);
}

/* What was not answered, or is of that server alone, proves nothing for others. */
static void
what_proves_nothing_is_not_handed_on(void **state)
{
	static const struct look_case cases[] = {
		{ "nothing was asked", { "us", "issuing" }, ALERT(2, 48), { { .name = NULL } }, .root = CODE_NONE },
		{ "no answer", { "us", "issuing" }, ALERT(2, 48), { { "no-certificate", HERE, NOBODY(CONNECT_TIMEOUT, 110) } }, .root = CODE_NONE },
		{ "another address", { "us", "issuing" }, ALERT(2, 48), { { "address", THERE, OK(2) } }, .root = CODE_NONE },
		{ "once more", { "us", "issuing" }, CLOSE(2), { { "repeat", HERE, OK(2) } }, .root = CODE_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct evidence *e = evidence_of(&cases[i]);
		struct diagnosis *d = diagnose(e);

		if (matched_from(d) != NULL)
			fail_msg("%s", cases[i].what);
		diagnosis_free(d);
		evidence_free(e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_they_change),
		cmocka_unit_test(the_other_family_of_loopback),
		cmocka_unit_test(the_addresses_of_a_proxy_are_not_the_service_s),
		cmocka_unit_test(a_proof_is_worth_a_little_less_elsewhere),
		cmocka_unit_test(what_acquits_our_chain_there_does_not_acquit_it_here),
		cmocka_unit_test(how_another_server_treats_others_is_not_said_of_this_one),
		cmocka_unit_test(what_proves_nothing_is_not_handed_on),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
