/*
 * What is made of a client that `listen` saw: who it is by its hello, why it sent nothing, what it sent, what it has
 * against our certificate, how it ended. A table of plain values; the certificates are tests/chains.h's.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/client.h"
#include "model/json.h"
#include "model/report.h"
#include "model/rules.h"
#include "tests/seen_builder.h"

static void
who_it_is(void **state)
{
	struct listening *l = listening_new();

	(void)state;
	for (size_t i = 0; i < seen_shapes_len; i++) {
		struct client *c = client_new(l);

		seen_set_hello(c, &seen_shapes[i]);
		if (client_stack_guess(c).family != seen_shapes[i].family)
			fail_msg("hello %zu: %s", i, client_stack_guess(c).name);
		/* A hello that did not parse to its end tells nothing. */
		c->hello.whole = false;
		assert_int_equal(client_stack_guess(c).family, CLIENT_UNKNOWN);
		client_free(c);
	}
	listening_free(l);
}

/* ---- verdicts ---- */

#define CHAIN { "leaf", "issuing" }
#define ACME { "root" }

static const struct seen_case cases[] = {
	/* What it sends is fine: with a store, with a list, with neither. */
	{ "fine by the store", CLIENT_OPENSSL, CHAIN, ACME, ACME, .root = "", .says = "accepts that" },
	{ "fine by the list", CLIENT_GO, CHAIN, { 0 }, ACME, .root = "", .says = "names" },
	{ "nobody judges", CLIENT_OPENSSL, CHAIN, .root = "", .says = "--cacert" },
	/* Without a store a single certificate is not called incomplete: what stands above it nobody knows. */
	{ "a leaf, and nobody judges", CLIENT_OPENSSL, { "leaf" }, .root = "" },

	/* It sends nothing. What that may mean depends on its library and on what it was asked. */
	{ "nothing, no list", CLIENT_GO, { 0 }, .root = "client.required", .confidence = CONFIDENCE_HIGH },
	{ "nothing from OpenSSL, with a list", CLIENT_OPENSSL, { 0 }, { 0 }, ACME, .root = "client.required", .confidence = CONFIDENCE_HIGH,
	    .says = "whatever the list" },
	{ "nothing from Go, with a list", CLIENT_GO, { 0 }, { 0 }, ACME, .root = "client.required", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.not-in-ca-list", .says = "Either" },
	{ "nothing from Java, with a list", CLIENT_JAVA, { 0 }, { 0 }, ACME, .root = "client.required", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.not-in-ca-list" },
	{ "nothing from who knows whom", CLIENT_UNKNOWN, { 0 }, { 0 }, ACME, .root = "client.required", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.not-in-ca-list" },
	{ "nothing, RSA only was asked for", CLIENT_OPENSSL, { 0 }, .sigalgs = { 0x0401, 0x0804 }, .root = "client.required",
	    .confidence = CONFIDENCE_MEDIUM, .candidate = "client.not-sent", .says = "an EC key" },
	{ "nothing, ECDSA only was asked for", CLIENT_OPENSSL, { 0 }, .sigalgs = { 0x0403 }, .root = "client.required",
	    .confidence = CONFIDENCE_MEDIUM, .candidate = "client.not-sent", .says = "an RSA key" },
	{ "nothing twice", CLIENT_GO, { 0 }, { 0 }, ACME, .for_any = true, .root = "client.required", .confidence = CONFIDENCE_HIGH, .says = "both times" },

	/* The difference between two connections. */
	{ "kept back by the list", CLIENT_GO, { "strange" }, { 0 }, ACME, .for_any = true, .root = "client.not-in-ca-list", .confidence = CONFIDENCE_HIGH,
	    .says = "is not on the list" },
	{ "kept back by its key", CLIENT_OPENSSL, CHAIN, { 0 }, { 0 }, { 0x0401 }, .for_any = true, .root = "client.not-sent",
	    .confidence = CONFIDENCE_HIGH, .says = "EC P-256" },
	{ "the other way round", CLIENT_GO, { 0 }, { 0 }, ACME, .was_for_any = true, .earlier_sent = 2, .root = "client.not-in-ca-list",
	    .confidence = CONFIDENCE_HIGH },
	/* Somebody has configured it since: that is no fault. */
	{ "configured in between", CLIENT_GO, CHAIN, { 0 }, ACME, .for_any = true, .root = "" },

	/* What it sends has a fault. */
	{ "the intermediate is missing", CLIENT_OPENSSL, { "leaf" }, ACME, ACME, .root = "client.missing-intermediate", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.untrusted", .says = "The client's chain lacks" },
	{ "another CA", CLIENT_OPENSSL, { "strange", "strange-root" }, ACME, ACME, .root = "client.untrusted", .confidence = CONFIDENCE_CERTAIN },
	{ "another CA, leaf only", CLIENT_OPENSSL, { "strange" }, ACME, ACME, .root = "client.untrusted", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "client.missing-intermediate" },
	{ "signs itself", CLIENT_OPENSSL, { "self" }, ACME, ACME, .root = "client.untrusted", .confidence = CONFIDENCE_CERTAIN, .says = "No CA issued" },
	{ "expired", CLIENT_OPENSSL, { "expired", "issuing" }, ACME, ACME, .root = "client.expired", .confidence = CONFIDENCE_CERTAIN },
	{ "not yet valid", CLIENT_OPENSSL, { "early", "issuing" }, ACME, ACME, .root = "client.not-yet-valid", .confidence = CONFIDENCE_CERTAIN },
	{ "for servers", CLIENT_OPENSSL, { "wrongeku", "issuing" }, ACME, ACME, .root = "client.eku", .confidence = CONFIDENCE_CERTAIN },
	{ "sent though not on the list", CLIENT_OPENSSL, { "strange" }, { 0 }, ACME, .root = "client.not-in-ca-list", .confidence = CONFIDENCE_CERTAIN,
	    .says = "as OpenSSL does" },
	{ "another's key", CLIENT_OPENSSL, CHAIN, ACME, ACME, .local = LOCAL_BAD_SIGNATURE, .root = "key.mismatch", .confidence = CONFIDENCE_CERTAIN },
	{ "no certificate at all", CLIENT_OPENSSL, { "leaf" }, ACME, ACME, .garbage = true, .local = LOCAL_UNDECODABLE, .root = "cert.malformed",
	    .confidence = CONFIDENCE_CERTAIN },

	/* What it has against OUR certificate is never said of its own (knowledge "diagnosis", 3.7). */
	{ "48 from OpenSSL", CLIENT_OPENSSL, .alert = 48, .root = "chain.untrusted-root", .confidence = CONFIDENCE_HIGH, .says = "OUR certificate" },
	{ "42 from Go", CLIENT_GO, .alert = 42, .root = "chain.untrusted-root", .confidence = CONFIDENCE_HIGH },
	{ "46 from Java", CLIENT_JAVA, .alert = 46, .root = "chain.untrusted-root", .confidence = CONFIDENCE_HIGH },
	{ "42 from GnuTLS", CLIENT_GNUTLS, .alert = 42, .root = "chain.untrusted-root", .confidence = CONFIDENCE_HIGH },
	{ "nothing from Node", CLIENT_NODE, .silent_end = true, .root = "chain.untrusted-root", .confidence = CONFIDENCE_MEDIUM },
	{ "45 from OpenSSL", CLIENT_OPENSSL, .ours = "server-expired", .alert = 45, .root = "cert.expired", .confidence = CONFIDENCE_HIGH },
	{ "42 from Go, ours has expired", CLIENT_GO, .ours = "server-expired", .alert = 42, .root = "cert.expired", .confidence = CONFIDENCE_MEDIUM,
	    .candidate = "chain.untrusted-root" },
	{ "43 from OpenSSL", CLIENT_OPENSSL, .ours = "server-for-clients", .alert = 43, .root = "eku.no-server-auth", .confidence = CONFIDENCE_HIGH },
	{ "42 from OpenSSL, another name", CLIENT_OPENSSL, .sni = "payment.internal", .alert = 42, .root = "name.mismatch", .confidence = CONFIDENCE_HIGH },
	{ "curl leaves at another name", CLIENT_OPENSSL, .sni = "payment.internal", .silent_end = true, .root = "name.mismatch", .confidence = CONFIDENCE_MEDIUM },
	{ "curl says goodbye at another name", CLIENT_OPENSSL, CHAIN, ACME, ACME, .sni = "payment.internal", .goodbye = true, .root = "name.mismatch",
	    .confidence = CONFIDENCE_LOW, .says = "curl does so" },
	{ "s_client says goodbye", CLIENT_OPENSSL, CHAIN, ACME, ACME, .goodbye = true, .root = "" },
	{ "Go says goodbye", CLIENT_GO, CHAIN, ACME, ACME, .sni = "payment.internal", .goodbye = true, .root = "" },
	/* An alert that nothing of ours accounts for: said, and no cause made up. */
	{ "45 while ours is valid", CLIENT_OPENSSL, .alert = 45, .root = "tls.rejected", .confidence = CONFIDENCE_MEDIUM },
	{ "80 from anyone", CLIENT_UNKNOWN, .alert = 80, .root = "tls.rejected", .confidence = CONFIDENCE_MEDIUM },
	{ "48 from an unknown one", CLIENT_UNKNOWN, .alert = 48, .root = "chain.untrusted-root", .confidence = CONFIDENCE_MEDIUM },
	{ "OpenSSL left without a word", CLIENT_OPENSSL, .silent_end = true, .root = "net.closed", .confidence = CONFIDENCE_HIGH },
};

static struct chains *chains;

static bool
as_expected(const struct seen_case *t, const struct diagnosis *d)
{
	const struct finding *f = d->root != NULL && d->root->severity > SEVERITY_NOTICE ? d->root : NULL;
	const char *root = f != NULL ? code_info(f->code)->name : "";

	return strcmp(root, t->root) == 0 && (f == NULL || f->confidence == t->confidence) &&
	    (t->candidate == NULL || (f != NULL && f->candidates_len > 0 && strcmp(code_info(f->candidates[0].code)->name, t->candidate) == 0)) &&
	    (t->says == NULL || strstr(d->summary, t->says) != NULL);
}

static void
verdicts(void **state)
{
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct seen_case *t = &cases[i];
		struct evidence *e = seen_evidence(chains, t);
		struct diagnosis *d = diagnose(e);
		struct report_style style = { .columns = 80 };
		struct buf page = { 0 };

		if (!as_expected(t, d)) {
			print_error("%s: %s (%s), first candidate %s: %s\n", t->what, d->root != NULL ? code_info(d->root->code)->name : "none",
			    d->root != NULL ? confidence_name(d->root->confidence) : "-",
			    d->root != NULL && d->root->candidates_len > 0 ? code_info(d->root->candidates[0].code)->name : "none", d->summary);
			wrong++;
		}
		/* All of them can be said, in both ways, and none speaks of the client's chain as ours. */
		report_client(d, &style, &page);
		json_client(d, &page);
		assert_null(strstr(buf_str(&page), "Our chain"));
		buf_done(&page);
		diagnosis_free(d);
		evidence_free(e);
	}
	if (wrong > 0)
		fail_msg("%zu of %zu are wrong", wrong, sizeof cases / sizeof cases[0]);
}

/* Who is asked a second time, and otherwise: only whom the first request may have kept from answering. */
static void
who_may_withhold(void **state)
{
	static const struct {
		enum client_family who;
		size_t cas;
		uint16_t sigalg; /* the only one; 0: any */
		bool may;
	} rows[] = {
		{ CLIENT_OPENSSL, 1, 0, false }, { CLIENT_NODE, 1, 0, false }, { CLIENT_GNUTLS, 1, 0, false }, { CLIENT_GO, 1, 0, true },
		{ CLIENT_JAVA, 1, 0, true }, { CLIENT_UNKNOWN, 1, 0, true }, { CLIENT_GO, 0, 0, false }, { CLIENT_OPENSSL, 0, 0x0403, true },
		{ CLIENT_OPENSSL, 0, 0x0804, true },
	};
	struct listening *l = listening_new();

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint16_t one[] = { rows[i].sigalg };
		struct certificate_request r = { .seen = true, .cas_len = rows[i].cas, .sigalgs = one, .sigalgs_len = rows[i].sigalg != 0 };
		struct client *c = client_new(l);

		seen_set_hello(c, seen_shape_of(rows[i].who));
		assert_int_equal(client_may_withhold(c, &r), rows[i].may);
		client_free(c);
	}
	listening_free(l);
}

/* What is told of a client: its title and its sentence, but not the same twice. */
static void
nothing_is_said_twice(void **state)
{
	static const struct {
		const char *title, *summary, *said;
	} told[] = {
		{ "It sends no certificate", "None is configured.", "It sends no certificate. None is configured." },
		{ "It speaks plain HTTP", "It speaks plain HTTP: so it is.", "It speaks plain HTTP: so it is." },
		{ "“order-service” expired 4 d ago", "“order-service” was valid until 2026-11-25.", "“order-service” was valid until 2026-11-25." },
		{ "“order-service” expired 4 d ago", "“order” is another.", "“order-service” expired 4 d ago. “order” is another." },
	};

	(void)state;
	for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
		char title[96], summary[96];
		struct arena *a = arena_new();

		snprintf(title, sizeof title, "%s", told[i].title);
		snprintf(summary, sizeof summary, "%s", told[i].summary);
		struct finding root = { .code = CODE_CLIENT_EXPIRED, .title = title };
		struct diagnosis d = { .verdict = VERDICT_ERROR, .root = &root, .summary = summary };

		assert_string_equal(client_verdict(&d, a), told[i].said);
		arena_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_it_is),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(who_may_withhold),
		cmocka_unit_test(nothing_is_said_twice),
	};
	int failed;

	chains = seen_chains();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
