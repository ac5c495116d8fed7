/*
 * What experiments prove that change what we offer or send: the rows of the verdict table (knowledge:
 * "diagnosis", 5.2 and 5.3) beyond tests/test_rules_proof.c, and what they must not claim.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "model/experiment.h"
#include "model/memory.h"
#include "tests/answers.h"
#include "tests/chains.h"
#include "tests/verdicts.h"

#define SAN(...) ((const char *const[]){ __VA_ARGS__, NULL })
static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "policy", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Policy CA" } },
	{ .name = "issuing-2", .issuer = "policy", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2" } },
	{ .name = "other-root", .role = IS_CA, .r = { .cn = "Stranger Root CA" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "default", .issuer = "issuing", .role = IS_SERVER, .r = { .cn = "default.internal", .san = SAN("DNS:default.internal") } },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-deep", .issuer = "issuing-2", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
};
static struct chains *chains;

#define ALERT_IN(v, s, n, ...) { .phase = (v) == 0x0304 ? PHASE_FINISHED : PHASE_OUR_FLIGHT, .version = v, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, \
	.sent_message = true, .sent = s, .by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, n }, __VA_ARGS__ }
#define NOT_ASKED(n, ...) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = n, __VA_ARGS__ }
#define DIED(n, ...) { .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .how = END_ALERT, .by = PEER_SERVER, .alert = { true, PEER_SERVER, 2, n }, __VA_ARGS__ }
#define RESET(...) { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_RST, .by = PEER_SERVER, __VA_ARGS__ }
#define RENEGOTIATES { .phase = PHASE_RESPONSE, .version = 0x0303, .outcome = OUTCOME_NOT_ASKED, .http_status = 403, .hello_request = true }
#define DID(name, ...) { name, NULL, __VA_ARGS__ }
#define SHOWED(name, leaf, ...) { name, leaf, __VA_ARGS__ }

#define MOST 5
static const struct variant_case {
	const char *what;
	const char *server, *ours[CHAIN_MAX], *listed[CHAIN_MAX];
	struct built base;
	struct {
		const char *name, *leaf; /* leaf: the certificate that the server shows there; NULL: the baseline's */
		struct built built;
	} did[MOST];
	enum code root;            /* CODE_NONE: nothing is wrong */
	enum confidence confidence;
	const char *proof;         /* the experiment of the root's last line of proof; NULL: it has none */
	enum code also, never;     /* a finding or a candidate of the root; CODE_NONE: not looked at */
	const char *says;          /* words of the root; NULL: not looked at */
} cases[] = {
	/* ---- the same certificates in another way ---- */
	{ "in order it is accepted", "server", { "us-deep", "policy", "issuing-2" }, { NULL }, ALERT(3, 48), { DID("in-order", HTTP(3, 200)) },
	    CODE_CLIENT_WRONG_ORDER, CONFIDENCE_CERTAIN, "in-order", CODE_NONE, CODE_CLIENT_REJECTED, "in its right order" },
	{ "in order the answer is the same", "server", { "us-deep", "policy", "issuing-2" }, { "" }, ALERT(3, 48), { DID("in-order", ALERT(3, 48)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, NULL, CODE_CLIENT_WRONG_ORDER, CODE_NONE, NULL },
	{ "without the root it is accepted", "server", { "us", "issuing", "root" }, { NULL }, CLOSE(3), { DID("without-root", HTTP(2, 200)) },
	    CODE_CLIENT_BAD_CHAIN, CONFIDENCE_CERTAIN, "without-root", CODE_NONE, CODE_CLIENT_REJECTED, "without the root" },
	{ "without the root another alert", "server", { "us-expired", "issuing", "root" }, { NULL }, ALERT(3, 48), { DID("without-root", ALERT(2, 45)) },
	    CODE_CLIENT_BAD_CHAIN, CONFIDENCE_HIGH, "without-root", CODE_CLIENT_EXPIRED, CODE_CLIENT_REJECTED, "for another reason" },
	{ "without the root it is the same", "server", { "us", "issuing", "root" }, { "" }, ALERT(3, 48), { DID("without-root", ALERT(2, 48)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, NULL, CODE_NONE, CODE_CLIENT_BAD_CHAIN, NULL },
	/* ---- a made-up CA ---- */
	{ "it trusts neither", "server", { "us", "issuing" }, { "other-root" }, ALERT(2, 48), { DID("no-certificate", ALERT(0, 116)),
	    DID("throwaway", ALERT(1, 48)), DID("other-ca", ALERT(1, 48)) }, CODE_CLIENT_UNTRUSTED, CONFIDENCE_HIGH, "other-ca", CODE_NONE, CODE_CLIENT_REJECTED, NULL },
	{ "it stands in for a throwaway that did not go out", "server", { "us-expired", "issuing" }, { NULL }, ALERT(2, 45), { DID("no-certificate", ALERT(0, 116)),
	    DID("throwaway", ALERT(0, 116)), DID("other-ca", ALERT(1, 48)) }, CODE_CLIENT_EXPIRED, CONFIDENCE_CERTAIN, "other-ca", CODE_NONE, CODE_CLIENT_UNTRUSTED, NULL },
	/* ---- 51, and our key is right ---- */
	{ "51: another key there", "server", { "us", "issuing" }, { NULL }, ALERT(2, 51), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_BAD_CHAIN, CONFIDENCE_MEDIUM, NULL, CODE_NONE, CODE_KEY_MISMATCH, "another CA under the name" },
	{ "and a wrong key shows the same", "server", { "us", "issuing" }, { NULL }, ALERT(2, 51), { DID("no-certificate", ALERT(0, 116)),
	    DID("throwaway", ALERT(1, 48)), DID("garbage", ALERT(2, 50)), DID("wrong-key", ALERT(2, 51)) }, CODE_CLIENT_BAD_CHAIN, CONFIDENCE_HIGH,
	    "wrong-key", CODE_NONE, CODE_CLIENT_REJECTED, NULL },
	/* ---- none came, and one was sent ---- */
	{ "116, and ours went out", "server", { "us", "issuing" }, { NULL }, ALERT(2, 116), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 116)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, "no-certificate", CODE_NONE, CODE_CLIENT_REQUIRED, "Something between us and the server" },
	{ "40 in TLS 1.2, as without one, and a throwaway is told apart", "server", { "us", "issuing" }, { NULL }, ALERT_IN(0x0303, 2, 40, .offered_max = 0x0303),
	    { DID("no-certificate", ALERT_IN(0x0303, 0, 40, .os_error = 0)), DID("throwaway", ALERT_IN(0x0303, 1, 48, .os_error = 0)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, "no-certificate", CODE_NONE, CODE_CLIENT_NOT_SENT, "Something between us and the server" },
	{ "40 in TLS 1.2, and 116 in 1.3", "server", { "us", "issuing" }, { NULL }, ALERT_IN(0x0303, 2, 40, .offered_max = 0x0303), { DID("tls13", ALERT(2, 116)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, NULL, CODE_NONE, CODE_NONE, "Something between us and the server" },
	{ "40 in TLS 1.2 alone says less", "server", { "us", "issuing" }, { NULL }, ALERT_IN(0x0303, 2, 40, .offered_max = 0x0303), { { .name = NULL } },
	    CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, NULL, CODE_NONE, CODE_NONE, NULL },
	{ "a key of another type goes out", "server", { "us", "issuing" }, { NULL },
	    { .phase = PHASE_OUR_FLIGHT, .version = 0x0303, .outcome = OUTCOME_REJECTED_CLOSE, .asked = true, .sent_message = true, .by = PEER_SERVER, .how = END_FIN,
	        .sigalg = 0x0804 }, { DID("throwaway-rsa", ALERT_IN(0x0303, 1, 48, .os_error = 0)) }, CODE_CLIENT_NOT_SENT, CONFIDENCE_CERTAIN, "throwaway-rsa",
	    CODE_NONE, CODE_CLIENT_REJECTED, "rsa_pss_rsae_sha256" },
	/* ---- the name ---- */
	{ "without a name a certificate is asked for", "server", { "us", "issuing" }, { NULL }, NOT_ASKED(200, .body = NULL), { DID("sni-none", ALERT(0, 116)) },
	    CODE_TLS_SNI_REQUIRED, CONFIDENCE_CERTAIN, "sni-none", CODE_MTLS_NOT_REQUESTED, CODE_NONE, "asks for a client certificate" },
	{ "the same for every name", "server", { "us", "issuing" }, { NULL }, NOT_ASKED(200, .body = NULL), { DID("sni-none", NOT_ASKED(200, .body = NULL)) },
	    CODE_MTLS_NOT_REQUESTED, CONFIDENCE_CERTAIN, NULL, CODE_NONE, CODE_TLS_SNI_REQUIRED, NULL },
	{ "another certificate without a name", "server", { "us", "issuing" }, { NULL }, HTTP(2, 200), { SHOWED("sni-none", "default", ALERT(0, 116)) },
	    CODE_TLS_SNI_REQUIRED, CONFIDENCE_CERTAIN, "sni-none", CODE_NONE, CODE_NONE, "“default.internal”" },
	{ "no word without a name", "server", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("sni-none", DIED(112, .no_name = true)) },
	    CODE_TLS_SNI_REQUIRED, CONFIDENCE_HIGH, "sni-none", CODE_NONE, CODE_NONE, "alert 112" },
	{ "no connection says nothing", "server", { "us", "issuing" }, { NULL }, HTTP(2, 200),
	    { DID("sni-none", { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .how = END_RST }) }, CODE_NONE, CONFIDENCE_LOW, NULL, CODE_NONE,
	    CODE_TLS_SNI_REQUIRED, NULL },
	{ "ours is shown for another name", "default", { "us", "issuing" }, { NULL }, HTTP(2, 200), { SHOWED("sni-other", "server", ALERT(0, 116)) },
	    CODE_TLS_SNI_REQUIRED, CONFIDENCE_CERTAIN, "sni-other", CODE_NAME_MISMATCH, CODE_NONE, NULL },
	{ "a name that the server does not know", "default", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("sni-none", ALERT(0, 116)) },
	    CODE_NAME_MISMATCH, CONFIDENCE_CERTAIN, NULL, CODE_NONE, CODE_TLS_SNI_REQUIRED, NULL },
	{ "served once no name is named", "server", { NULL }, { NULL }, DIED(112, .sent = 0), { DID("sni-none", NOT_ASKED(0, .no_name = true)) },
	    CODE_TLS_SNI_REQUIRED, CONFIDENCE_HIGH, "sni-none", CODE_NONE, CODE_TLS_REJECTED, NULL },
	/* ---- protocols, versions ---- */
	{ "without ALPN it goes on", "server", { "us", "issuing" }, { NULL }, DIED(120, .offered_alpn = "h2"), { DID("alpn-none", HTTP(2, 200)) },
	    CODE_TLS_NO_COMMON_ALPN, CONFIDENCE_CERTAIN, "alpn-none", CODE_NONE, CODE_NONE, "Without ALPN the handshake goes on" },
	{ "with http/1.1 it goes on", "server", { "us", "issuing" }, { NULL }, DIED(120, .offered_alpn = "h2"), { DID("alpn-none", DIED(120, .sent = 0)),
	    DID("alpn-http1.1", HTTP(2, 200)) }, CODE_TLS_NO_COMMON_ALPN, CONFIDENCE_CERTAIN, "alpn-http1.1", CODE_NONE, CODE_NONE, "With http/1.1" },
	{ "neither", "server", { "us", "issuing" }, { NULL }, DIED(120, .offered_alpn = "h2"), { DID("alpn-none", DIED(120, .sent = 0)),
	    DID("alpn-http1.1", DIED(120, .sent = 0)) }, CODE_TLS_NO_COMMON_ALPN, CONFIDENCE_HIGH, NULL, CODE_NONE, CODE_NONE, NULL },
	{ "TLS 1.2 alone is answered", "server", { "us", "issuing" }, { NULL }, RESET(.wide_tried = true), { DID("tls12", HTTP(2, 200)) },
	    CODE_TLS_NO_COMMON_VERSION, CONFIDENCE_HIGH, "tls12", CODE_NET_RESET, CODE_NONE, "TLS 1.2 alone is answered" },
	{ "nor is that", "server", { "us", "issuing" }, { NULL }, RESET(.wide_tried = true), { DID("tls12", RESET(.sent = 0)) },
	    CODE_NET_RESET, CONFIDENCE_CERTAIN, NULL, CODE_NONE, CODE_TLS_NO_COMMON_VERSION, NULL },
	/* ---- asked late ---- */
	{ "403 in TLS 1.3, and asked late in 1.2", "server", { "us", "issuing" }, { NULL }, NOT_ASKED(403, .body = NULL), { DID("late-auth", NOT_ASKED(403, .body = NULL)),
	    DID("tls12", RENEGOTIATES) }, CODE_CLIENT_LATE_AUTH, CONFIDENCE_HIGH, "tls12", CODE_MTLS_NOT_REQUESTED, CODE_NONE, "TLS 1.3 has none" },
	{ "403 in both, and never asked", "server", { "us", "issuing" }, { NULL }, NOT_ASKED(403, .body = NULL), { DID("late-auth", NOT_ASKED(403, .body = NULL)),
	    DID("tls12", NOT_ASKED(403, .body = NULL)) }, CODE_MTLS_NOT_REQUESTED, CONFIDENCE_CERTAIN, NULL, CODE_NONE, CODE_CLIENT_LATE_AUTH, NULL },
	{ "HTTP/2, and asked late over 1.1", "server", { "us", "issuing" }, { NULL }, NOT_ASKED(0, .alpn = "h2", .offered_alpn = "h2"),
	    { DID("alpn-http1.1", RENEGOTIATES) }, CODE_CLIENT_LATE_AUTH, CONFIDENCE_HIGH, "alpn-http1.1", CODE_NONE, CODE_NONE, "HTTP/2 forbids" },
	/* ---- the path ---- */
	{ "403 for the path, 200 for /", "server", { "us", "issuing" }, { NULL }, HTTP(2, 403), { DID("no-certificate", HTTP(0, 403)), DID("throwaway", HTTP(1, 403)),
	    DID("root-path", HTTP(2, 200)) }, CODE_CLIENT_REJECTED, CONFIDENCE_LOW, "root-path", CODE_CLIENT_FORBIDDEN, CODE_NONE, "the refusal is about the path" },
	{ "403 for both", "server", { "us", "issuing" }, { NULL }, HTTP(2, 403), { DID("no-certificate", HTTP(0, 403)), DID("throwaway", HTTP(1, 403)),
	    DID("root-path", HTTP(2, 403)) }, CODE_CLIENT_REJECTED, CONFIDENCE_LOW, NULL, CODE_CLIENT_FORBIDDEN, CODE_NONE, NULL },
	/* ---- a server that does not look ---- */
	{ "a wrong signature is taken", "server", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)),
	    DID("wrong-key", HTTP(2, 200)) }, CODE_MTLS_NOT_VERIFIED, CONFIDENCE_CERTAIN, "wrong-key", CODE_NONE, CODE_NONE, "hold the key" },
	{ "one that works without need not look", "server", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", HTTP(0, 200)),
	    DID("wrong-key", HTTP(2, 200)) }, CODE_MTLS_OPTIONAL, CONFIDENCE_CERTAIN, "no-certificate", CODE_NONE, CODE_MTLS_NOT_VERIFIED, NULL },
	/* ---- candidates, in order ---- */
	{ "two intermediates, and our root is named", "server", { "us-deep", "issuing-2", "policy" }, { NULL }, ALERT(3, 48), { DID("no-certificate", ALERT(0, 116)),
	    DID("throwaway", ALERT(1, 48)) }, CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, NULL, CODE_CLIENT_DEPTH_EXCEEDED, CODE_NONE, NULL },
	{ "API Gateway", "server", { "us", "issuing" }, { "" }, { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_REJECTED_HTTP, .asked = true,
	    .sent_message = true, .sent = 2, .http_status = 403, .head = "HTTP/1.1 403 Forbidden\r\nx-amzn-ErrorType: ForbiddenException\r\n" },
	    { DID("no-certificate", CLOSE(0)), DID("throwaway", HTTP(1, 403)) }, CODE_CLIENT_REJECTED, CONFIDENCE_LOW, NULL, CODE_CLIENT_UNTRUSTED, CODE_NONE, NULL },
	/* ---- accepted, and looked at closely: --deep finds nothing where nothing is wrong ---- */
	{ "a calibration is no fault", "server", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)),
	    DID("wrong-key", ALERT(2, 51)), DID("garbage", ALERT(2, 50)), DID("leaf-only", ALERT(1, 48)) }, CODE_NONE, CONFIDENCE_LOW, NULL, CODE_NONE, CODE_CLIENT_BAD_CHAIN, NULL },
};

static bool
says(const struct finding *f, const char *words)
{
	bool found = strstr(f->why, words) != NULL || strstr(f->title, words) != NULL;

	for (size_t i = 0; i < f->evidence_len; i++)
		found |= strstr(f->evidence[i], words) != NULL;
	return found;
}

static const char *
wrong_with(const struct variant_case *c, const struct diagnosis *d)
{
	const struct finding *root = d->root;
	const char *proof = root != NULL && root->proof_len > 0 ? root->proof[root->proof_len - 1].experiment : NULL;

	if ((root != NULL ? root->code : CODE_NONE) != c->root)
		return "another root cause";
	if (root != NULL && root->confidence != c->confidence)
		return "another confidence";
	if ((proof != NULL) != (c->proof != NULL) || (proof != NULL && strcmp(proof, c->proof) != 0))
		return "another proof";
	if (c->also != CODE_NONE && !verdict_names(d, c->also))
		return "what is also to be named";
	if (c->never != CODE_NONE && verdict_names(d, c->never))
		return "what is not to be named";
	if (c->says != NULL && !says(root, c->says))
		return "what it says";
	return NULL;
}

/* The server's certificate of one more handshake: where it came far enough to show one. */
static void
show(struct handshake *h, const struct cert *c)
{
	if (h->phase < PHASE_SERVER_CERTIFICATE)
		return;
	h->server_certs = arena_array(h->arena, 1, sizeof *h->server_certs);
	h->server_certs[0] = (struct wire_cert){ .der = c->der, .cert = cert_ref(c) };
	h->server_certs_len = 1;
}

/* A baseline that ended before it has shown none. */
static void
hide(struct handshake *h)
{
	if (h->phase >= PHASE_SERVER_CERTIFICATE)
		return;
	for (size_t i = 0; i < h->server_certs_len; i++)
		cert_free(h->server_certs[i].cert);
	h->server_certs_len = 0;
}

static struct evidence *
evidence_of(const struct variant_case *c)
{
	struct chain_case t = { .server = { c->server, "issuing" } };
	struct evidence *e;

	memcpy(t.ours, c->ours, sizeof t.ours);
	memcpy(t.listed, c->listed, sizeof t.listed);
	e = chains_evidence(chains, &t);
	built_into(e, &c->base);
	hide(e->handshakes[0]);
	for (size_t k = 0; k < MOST && c->did[k].name != NULL; k++) {
		built_experiment(e, c->did[k].name, &c->did[k].built);
		if (strcmp(c->did[k].name, "sni-none") == 0)
			e->handshakes[e->handshakes_len - 1]->offer.sni = NULL;
		show(e->handshakes[e->handshakes_len - 1], chains_cert(chains, c->did[k].leaf != NULL ? c->did[k].leaf : c->server));
	}
	return e;
}

static const struct variant_case *
case_named(const char *what)
{
	const struct variant_case *c = cases;

	while (strcmp(c->what, what) != 0)
		c++;
	return c;
}

/* Whichever is first of them: most likely first, and where it is written down. */
static void
first_candidates(void **state)
{
	static const struct {
		const char *what;
		enum code first;
		const char *decided_by;
	} expected[] = {
		{ "two intermediates, and our root is named", CODE_CLIENT_DEPTH_EXCEEDED, "verify depth" },
		{ "API Gateway", CODE_CLIENT_UNTRUSTED, "execution log" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		const struct variant_case *c = case_named(expected[i].what);
		struct evidence *e = evidence_of(c);
		struct diagnosis *d = diagnose(e);

		if (d->root->candidates_len == 0 || d->root->candidates[0].code != expected[i].first ||
		    strstr(d->root->candidates[0].decided_by, expected[i].decided_by) == NULL) {
			verdict_print(d);
			fail_msg("%s", c->what);
		}
		diagnosis_free(d);
		evidence_free(e);
	}
}

/* A reset connection once stood in a proof as "accepted". */
static void
a_dead_handshake_is_not_accepted(void **state)
{
	struct evidence *e = evidence_of(case_named("TLS 1.2 alone is answered"));
	struct diagnosis *d = diagnose(e);

	(void)state;
	assert_string_equal(d->root->proof[0].experiment, "baseline");
	assert_string_equal(d->root->proof[0].outcome, "no answer in TLS");
	assert_string_equal(d->root->proof[1].outcome, "accepted");
	diagnosis_free(d);
	evidence_free(e);
}

static void
the_verdict_table_goes_on(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct variant_case *c = &cases[i];
		struct evidence *e = evidence_of(c);
		struct diagnosis *d = diagnose(e);

		built_check_form(d, c->what);
		if (wrong_with(c, d) != NULL) {
			print_message("“%s”: %s. Found:\n", c->what, wrong_with(c, d));
			verdict_print(d);
			failed++;
		}
		diagnosis_free(d);
		evidence_free(e);
	}
	assert_int_equal(failed, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_table_goes_on),
		cmocka_unit_test(first_candidates),
		cmocka_unit_test(a_dead_handshake_is_not_accepted),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
