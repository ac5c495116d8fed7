/* The server's chain: each fault alone, and next to each the case that must not be taken for it. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/chains.h"

#define SAN(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define EXTENSION(id, der)                                                                            \
	((const struct pki_extension[]){ { (id), true, (const unsigned char *)(der), sizeof(der) - 1 }, { 0 } })

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "policy", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Policy CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA,
	    .r = { .cn = "Acme Issuing CA 1", .org = "Acme", .aia = "http://ca.internal/root.crt" } },
	{ .name = "issuing-2", .issuer = "policy", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2", .org = "Acme" } },
	{ .name = "other-root", .role = IS_CA, .r = { .cn = "Stranger Root CA", .org = "Stranger" } },
	{ .name = "other-issuing", .issuer = "other-root", .role = IS_CA, .r = { .cn = "Stranger Issuing CA", .org = "Stranger" } },
	{ .name = "namesake-root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	/* Cross-signs of one key: the old one has expired, the new one hangs on another root. */
	{ .name = "cross-old", .issuer = "other-root", .role = IS_CA, .r = { .cn = "Acme Services CA", .org = "Acme" }, .from = -700, .to = -3 },
	{ .name = "cross-new", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Services CA", .org = "Acme" }, .key_of = "cross-old" },
	{ .name = "cross-valid", .issuer = "other-root", .role = IS_CA, .r = { .cn = "Acme Services CA", .org = "Acme" }, .key_of = "cross-old" },
	{ .name = "ca-expired", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 3" }, .from = -700, .to = -3 },
	{ .name = "ca-future", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 4" }, .from = 5, .to = 700 },
	{ .name = "ca-expiring", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 5" }, .from = -700, .to = 12 },
	{ .name = "ca-31-days", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 6" }, .from = -700, .to = 31 },
	{ .name = "ca-short", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 7" }, .from = -700, .to = 150 },
	{ .name = "old-root", .role = IS_CA, .r = { .cn = "Acme Root CA 2016" }, .from = -3600, .to = -2 },
	{ .name = "old-issuing", .issuer = "old-root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2016" } },
	{ .name = "ending-root", .role = IS_CA, .r = { .cn = "Acme Root CA 2017" }, .from = -3500, .to = 60 },
	{ .name = "ending-issuing", .issuer = "ending-root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2017" }, .from = -700, .to = 59 },
	{ .name = "later-root", .role = IS_CA, .r = { .cn = "Acme Root CA 2018" }, .from = -3500, .to = 95 },
	{ .name = "path0", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Group CA", .has_path_len = true, .path_len = 0 } },
	{ .name = "path0-below", .issuer = "path0", .role = IS_CA, .r = { .cn = "Acme Team CA" } },
	{ .name = "constrained", .issuer = "root", .role = IS_CA,
	    .r = { .cn = "Acme Warehouse CA", .name_constraints = "critical,permitted;DNS:warehouse.internal" } },
	{ .name = "no-sign-ca", .issuer = "root", .role = IS_CA,
	    .r = { .cn = "Acme Issuing CA 8", .key_usage = "critical,digitalSignature,cRLSign" } },
	{ .name = "rekeyed-old", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 9", .no_ski = true } },
	{ .name = "rekeyed-new", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 9", .no_ski = true } },
	{ .name = "rekeyed-ski-old", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 10" } },
	{ .name = "rekeyed-ski-new", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 10" } },
	{ .name = "client-ca", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Clients CA", .eku = "clientAuth" } },

	{ .name = "leaf", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "leaf-deep", .issuer = "issuing-2", .role = IS_SERVER },
	{ .name = "leaf-by-root", .issuer = "root", .role = IS_SERVER },
	{ .name = "leaf-other", .issuer = "other-issuing", .role = IS_SERVER },
	{ .name = "leaf-other-root", .issuer = "other-root", .role = IS_SERVER },
	{ .name = "leaf-cross", .issuer = "cross-new", .role = IS_SERVER },
	{ .name = "leaf-self", .role = IS_SERVER },
	{ .name = "leaf-self-expired", .role = IS_SERVER, .from = -90, .to = -2 },
	{ .name = "leaf-ca-expired", .issuer = "ca-expired", .role = IS_SERVER },
	{ .name = "leaf-ca-future", .issuer = "ca-future", .role = IS_SERVER },
	{ .name = "leaf-ca-expiring", .issuer = "ca-expiring", .role = IS_SERVER },
	{ .name = "leaf-ca-31-days", .issuer = "ca-31-days", .role = IS_SERVER, .from = -5, .to = 31 },
	{ .name = "leaf-long", .issuer = "ca-short", .role = IS_SERVER, .from = -5, .to = 300 },
	{ .name = "leaf-59-seconds", .issuer = "ca-short", .role = IS_SERVER, .from = -5, .to = 150, .seconds = 59 },
	{ .name = "leaf-60-seconds", .issuer = "ca-short", .role = IS_SERVER, .from = -5, .to = 150, .seconds = 60 },
	{ .name = "leaf-old-root", .issuer = "old-issuing", .role = IS_SERVER },
	{ .name = "leaf-ending", .issuer = "ending-issuing", .role = IS_SERVER, .from = -5, .to = 50 },
	{ .name = "leaf-later", .issuer = "later-root", .role = IS_SERVER, .from = -5, .to = 50 },
	{ .name = "leaf-too-deep", .issuer = "path0-below", .role = IS_SERVER },
	{ .name = "leaf-constrained", .issuer = "constrained", .role = IS_SERVER },
	{ .name = "leaf-permitted", .issuer = "constrained", .role = IS_SERVER, .r = { .san = SAN("DNS:a.warehouse.internal") } },
	{ .name = "leaf-under-leaf", .issuer = "leaf", .role = IS_SERVER },
	{ .name = "leaf-no-sign", .issuer = "no-sign-ca", .role = IS_SERVER },
	{ .name = "leaf-critical", .issuer = "issuing", .role = IS_SERVER, .r = { .extra = EXTENSION("1.3.6.1.4.1.55555.1", "\x05\x00") } },
	{ .name = "leaf-rekeyed", .issuer = "rekeyed-old", .role = IS_SERVER, .r = { .no_aki = true } },
	{ .name = "leaf-rekeyed-ski", .issuer = "rekeyed-ski-old", .role = IS_SERVER },
	{ .name = "leaf-corrupt", .issuer = "issuing", .role = IS_SERVER, .r = { .corrupt_signature = true } },
	{ .name = "leaf-client-ca", .issuer = "client-ca", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-ending", .issuer = "ending-issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -5, .to = 50 },
};

static const struct chain_case cases[] = {
	{ .what = "complete", .server = { "leaf", "issuing" } },
	{ .what = "complete, straight under the root", .server = { "leaf-by-root" } },
	{ .what = "complete, two intermediates", .server = { "leaf-deep", "issuing-2", "policy" } },

	/* What is left out. */
	{ .what = "leaf alone", .server = { "leaf" }, .expect = { "*E chain.missing-intermediate" }, .says = "names no address" },
	{ .what = "leaf alone, its CA was fetched", .server = { "leaf" }, .found = { "issuing" },
	    .expect = { "*E chain.missing-intermediate" }, .says = "It was found at http://ca.internal/issuing.crt" },
	{ .what = "leaf alone, our identity holds its CA", .server = { "leaf" }, .ours = { "us", "issuing" },
	    .expect = { "*E chain.missing-intermediate" }, .says = "It was found in order.crt" },
	{ .what = "leaf alone, our trust store holds its CA and the root", .server = { "leaf" }, .trust = { "root", "issuing" },
	    .expect = { "*W chain.missing-intermediate" }, .says = "others do not" },
	{ .what = "the middle one is left out", .server = { "leaf-deep", "issuing-2" },
	    .expect = { "*E chain.missing-intermediate" }, .says = "Acme Policy CA" },
	{ .what = "the middle one is left out, and known", .server = { "leaf-deep", "issuing-2" }, .found = { "policy" },
	    .expect = { "*E chain.missing-intermediate" }, .says = "It was found at" },
	{ .what = "another CA in its place: one slip", .server = { "leaf", "other-issuing" },
	    .expect = { "*E chain.missing-intermediate", "-W chain.extra-certificate" } },
	{ .what = "left out, and the root is sent", .server = { "leaf", "root" }, .found = { "issuing" },
	    .expect = { "*E chain.missing-intermediate", "N chain.root-included" } },

	/* Where it leads. */
	{ .what = "a root that nobody trusts, sent", .server = { "leaf-other", "other-issuing", "other-root" },
	    .expect = { "*E chain.untrusted-root", "N chain.root-included" }, .says = "Stranger Root CA" },
	{ .what = "a root that nobody trusts, not sent", .server = { "leaf-other", "other-issuing" },
	    .expect = { "*E chain.untrusted-root" }, .says = "Stranger Root CA" },
	{ .what = "straight under such a root", .server = { "leaf-other-root" }, .expect = { "*E chain.untrusted-root" } },
	{ .what = "the issuing CA is trusted, its root is not: any anchor counts", .server = { "leaf-other", "other-issuing" },
	    .trust = { "other-issuing" } },
	{ .what = "the same, and it is not sent", .server = { "leaf-other" }, .trust = { "other-issuing" } },
	{ .what = "the leaf itself is trusted", .server = { "leaf" }, .trust = { "leaf" } },
	{ .what = "a root of the trusted one's name", .server = { "leaf", "issuing", "root" }, .trust = { "namesake-root" },
	    .expect = { "*E chain.untrusted-root", "N chain.root-included" }, .says = "same name is, with another key" },
	{ .what = "signs itself", .server = { "leaf-self" }, .expect = { "*E chain.self-signed" } },
	{ .what = "signs itself and is trusted", .server = { "leaf-self" }, .trust = { "leaf-self" } },
	{ .what = "signs itself, is trusted, has expired", .server = { "leaf-self-expired" }, .trust = { "leaf-self-expired" },
	    .expect = { "*E cert.expired" } },

	/* Order and surplus. */
	{ .what = "reversed", .server = { "leaf-deep", "policy", "issuing-2" }, .expect = { "*W chain.wrong-order" }, .says = "place 2" },
	{ .what = "a stranger", .server = { "leaf", "issuing", "other-issuing" }, .expect = { "*W chain.extra-certificate" } },
	{ .what = "a stranger in between: the order is right", .server = { "leaf", "other-issuing", "issuing" },
	    .expect = { "*W chain.extra-certificate" } },
	{ .what = "twice", .server = { "leaf", "issuing", "issuing" }, .expect = { "*W chain.extra-certificate" }, .says = "twice" },
	{ .what = "the root too", .server = { "leaf", "issuing", "root" }, .ours = { "us", "issuing" }, .expect = { "*N chain.root-included" } },

	/* Links. */
	{ .what = "one bit flipped", .server = { "leaf-corrupt", "issuing" }, .expect = { "*E chain.bad-signature" } },
	{ .what = "re-keyed CA, no key identifiers", .server = { "leaf-rekeyed", "rekeyed-new" },
	    .expect = { "*E chain.bad-signature", "-W cert.malformed", "-W cert.malformed" } },
	{ .what = "re-keyed CA, key identifiers", .server = { "leaf-rekeyed-ski", "rekeyed-ski-new" }, .expect = { "*E chain.bad-signature" } },
	{ .what = "re-keyed CA, both are sent", .server = { "leaf-rekeyed", "rekeyed-new", "rekeyed-old" },
	    .expect = { "*W chain.extra-certificate", "W cert.malformed", "W cert.malformed", "W cert.malformed" } },
	{ .what = "issued by a leaf", .server = { "leaf-under-leaf", "leaf", "issuing" }, .expect = { "*E chain.not-a-ca" } },
	{ .what = "issued by a CA that may not sign", .server = { "leaf-no-sign", "no-sign-ca" },
	    .expect = { "*E chain.not-a-ca", "-W cert.malformed" } },
	{ .what = "path length", .server = { "leaf-too-deep", "path0-below", "path0" }, .expect = { "*E chain.path-length" }, .says = "allows no CA below it" },
	{ .what = "name constraint", .server = { "leaf-constrained", "constrained" }, .expect = { "*E chain.name-constraint" },
	    .says = "Acme Warehouse CA" },
	{ .what = "name constraint kept", .server = { "leaf-permitted", "constrained" }, .host = "a.warehouse.internal" },
	{ .what = "critical extension", .server = { "leaf-critical", "issuing" }, .expect = { "*E chain.unknown-critical-extension" },
	    .says = "1.3.6.1.4.1.55555.1" },
	{ .what = "a CA for clients only", .server = { "leaf-client-ca", "client-ca" }, .expect = { "*E eku.no-server-auth" } },

	/* Times above the leaf. */
	{ .what = "intermediate expired", .server = { "leaf-ca-expired", "ca-expired" }, .expect = { "*E chain.intermediate-expired" },
	    .says = "No other path" },
	{ .what = "intermediate expired, a cross-sign is known", .server = { "leaf-cross", "cross-old" }, .found = { "cross-new" },
	    .trust = { "root", "other-root" }, .expect = { "*E chain.intermediate-expired" }, .says = "Another path is valid" },
	{ .what = "an expired cross-sign beside a valid one", .server = { "leaf-cross", "cross-new", "cross-old" },
	    .trust = { "root", "other-root" }, .expect = { "*W chain.extra-certificate" }, .says = "another path that has expired" },
	{ .what = "two valid cross-signs", .server = { "leaf-cross", "cross-new", "cross-valid" }, .trust = { "root", "other-root" } },
	{ .what = "intermediate not yet valid", .server = { "leaf-ca-future", "ca-future" }, .expect = { "*E chain.invalid" } },
	{ .what = "intermediate expiring", .server = { "leaf-ca-expiring", "ca-expiring" },
	    .expect = { "*W chain.intermediate-expiring" }, .says = "payment.internal" },
	{ .what = "intermediate ends in 31 days", .server = { "leaf-ca-31-days", "ca-31-days" } },
	{ .what = "leaf outlives its CA", .server = { "leaf-long", "ca-short" }, .expect = { "*W cert.outlives-issuer" } },
	/* A chain that was issued in one go, the clock read anew for each: one second made CI red. */
	{ .what = "ends 59 seconds after its CA", .server = { "leaf-59-seconds", "ca-short" } },
	{ .what = "ends a minute after its CA", .server = { "leaf-60-seconds", "ca-short" }, .expect = { "*W cert.outlives-issuer" } },
	{ .what = "root expired", .server = { "leaf-old-root", "old-issuing" }, .trust = { "old-root" }, .expect = { "*E root.expired" } },
	{ .what = "root expired, not trusted either", .server = { "leaf-old-root", "old-issuing", "old-root" },
	    .expect = { "*E chain.untrusted-root", "E root.expired", "N chain.root-included" } },
	{ .what = "root expiring", .server = { "leaf-ending", "ending-issuing" }, .trust = { "ending-root" },
	    .expect = { "*W root.expiring" }, .says = "“Acme Issuing CA 2017” and “payment.internal”" },
	{ .what = "root expiring under both: said once", .server = { "leaf-ending", "ending-issuing" }, .trust = { "ending-root" },
	    .ours = { "us-ending", "ending-issuing" }, .listed = { "ending-root" },
	    .expect = { "*W root.expiring", "-W client.root-expiring" } },
	{ .what = "root ends in 95 days", .server = { "leaf-later" }, .trust = { "later-root" } },

	/* Offline the same. */
	{ .what = "inspect: leaf alone", .answer = OFFLINE_SERVER, .server = { "leaf" }, .host = "", .expect = { "*E chain.missing-intermediate" } },
	{ .what = "inspect: complete", .answer = OFFLINE_SERVER, .server = { "leaf", "issuing" }, .host = "" },
	{ .what = "inspect: intermediate expired", .answer = OFFLINE_ANY, .server = { "leaf-ca-expired", "ca-expired" }, .host = "",
	    .expect = { "*E chain.intermediate-expired" } },
};

static struct chains *chains;

static void
each_fault_of_a_chain(void **state)
{
	(void)state;
	chains_check(chains, cases, sizeof cases / sizeof cases[0]);
}

/* 30 targets behind one expired CA must fall into one group, whatever their leaves are. */
static void
what_targets_share(void **state)
{
	const struct chain_case expired = { .server = { "leaf-ca-expired", "ca-expired" } };
	const struct chain_case lacks = { .server = { "leaf" } };
	struct evidence *e = chains_evidence(chains, &expired);
	struct diagnosis *d = diagnose(e);

	(void)state;
	assert_non_null(d->root);
	assert_string_equal(d->root->shared_key, chains_cert(chains, "ca-expired")->sha256_hex);
	assert_string_equal(d->root->shared_label, "“Acme Issuing CA 3”, 2026-11-15 11:06 UTC");
	diagnosis_free(d);
	evidence_free(e);

	e = chains_evidence(chains, &lacks);
	d = diagnose(e);
	assert_non_null(d->root);
	assert_string_equal(d->root->shared_label, "“Acme Issuing CA 1”");
	assert_ptr_equal(d->root->certificate, chains_cert(chains, "leaf"));
	assert_int_equal(d->root->confidence, CONFIDENCE_MEDIUM); /* nobody saw that CA: it might be a root */
	assert_int_equal(d->root->candidates_len, 1);
	diagnosis_free(d);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_of_a_chain),
		cmocka_unit_test(what_targets_share),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
