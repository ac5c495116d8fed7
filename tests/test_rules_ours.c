/* Our own chain: the fault by our files, its weight by what the server made of it. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/chains.h"

static const char hostile_cn[] = "order\033[31m\r\nOK\xe2\x80\xae";

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "server-issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Servers CA", .org = "Acme" } },
	{ .name = "policy", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Policy CA", .org = "Acme" } },
	{ .name = "issuing-2", .issuer = "policy", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2", .org = "Acme" } },
	{ .name = "other-root", .role = IS_CA, .r = { .cn = "Stranger Root CA", .org = "Stranger" } },
	{ .name = "other-issuing", .issuer = "other-root", .role = IS_CA, .r = { .cn = "Stranger Issuing CA", .org = "Stranger" } },
	{ .name = "flat", .role = IS_CA, .r = { .cn = "Clients CA" } },
	{ .name = "ca-expired", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 3" }, .from = -700, .to = -3 },
	{ .name = "ca-expiring", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 4" }, .from = -700, .to = 12 },
	{ .name = "ending-root", .role = IS_CA, .r = { .cn = "Acme Root CA 2017" }, .from = -3500, .to = 60 },
	{ .name = "path0", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Group CA", .has_path_len = true, .path_len = 0 } },
	{ .name = "path0-below", .issuer = "path0", .role = IS_CA, .r = { .cn = "Acme Team CA" } },
	{ .name = "constrained", .issuer = "root", .role = IS_CA,
	    .r = { .cn = "Acme Warehouse CA", .name_constraints = "critical,permitted;DNS:warehouse.internal" } },
	{ .name = "rekeyed-old", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 9", .no_ski = true } },
	{ .name = "rekeyed-new", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 9", .no_ski = true } },

	{ .name = "leaf", .issuer = "server-issuing", .role = IS_SERVER },
	{ .name = "leaf-same-ca", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-deep", .issuer = "issuing-2", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-flat", .issuer = "flat", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-other", .issuer = "other-issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
	{ .name = "us-future", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = 3, .to = 90 },
	{ .name = "us-new", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -1, .to = 90 },
	{ .name = "us-expiring", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -83, .to = 7 },
	{ .name = "us-server-only", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .eku = "serverAuth" } },
	{ .name = "us-any", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .eku = "none", .key_usage = "none" } },
	{ .name = "us-no-signing", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .key_usage = "critical,keyAgreement" } },
	{ .name = "us-ca-expired", .issuer = "ca-expired", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-ca-expiring", .issuer = "ca-expiring", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-ending", .issuer = "ending-root", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -5, .to = 50 },
	{ .name = "us-too-deep", .issuer = "path0-below", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-constrained", .issuer = "constrained", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-rekeyed", .issuer = "rekeyed-old", .role = IS_CLIENT, .r = { .cn = "order-service", .no_aki = true } },
	{ .name = "us-corrupt", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .corrupt_signature = true } },
	{ .name = "us-rsa1024", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .key_type = PKI_RSA1024 } },
	{ .name = "us-sha1", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .digest = "SHA1" } },
	{ .name = "us-self", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-hostile", .issuer = "issuing", .role = IS_CLIENT,
	    .r = { .cn_bytes = (const unsigned char *)hostile_cn, .cn_bytes_len = sizeof hostile_cn - 1 } },
};

#define SERVER .server = { "leaf", "server-issuing" }
#define REFUSES(n) SERVER, .answer = REFUSED, .alert = (n)

static const struct chain_case cases[] = {
	{ .what = "complete", SERVER, .ours = { "us", "issuing" } },
	{ .what = "complete, refused for something else", REFUSES(48), .ours = { "us", "issuing" } },
	{ .what = "complete, with its root", SERVER, .ours = { "us", "issuing", "root" } },
	{ .what = "complete, no list", SERVER, .ours = { "us", "issuing" }, .listed = { "" } },
	{ .what = "another company's, complete", REFUSES(48), .ours = { "us-other", "other-issuing" } },
	{ .what = "another company's with its root", REFUSES(48), .ours = { "us-other", "other-issuing", "other-root" } },
	{ .what = "signs itself: not a matter of our files", REFUSES(48), .ours = { "us-self" } },

	/* What is left out. */
	{ .what = "leaf alone, refused", REFUSES(48), .ours = { "us" }, .expect = { "E client.missing-intermediate" }, .says = "Acme Issuing CA 1" },
	{ .what = "leaf alone, refused; the server's chain has it", .server = { "leaf-same-ca", "issuing" }, .answer = REFUSED,
	    .ours = { "us" }, .expect = { "*E client.missing-intermediate" }, .says = "the server's own chain" },
	{ .what = "leaf alone, refused; our trust store has it", REFUSES(48), .ours = { "us" }, .trust = { "root", "issuing" },
	    .expect = { "*E client.missing-intermediate" }, .says = "root.pem" },
	{ .what = "leaf alone, refused for its date", REFUSES(45), .ours = { "us" }, .found = { "issuing" },
	    .expect = { "E client.missing-intermediate" } },
	{ .what = "leaf alone, accepted: works here", SERVER, .ours = { "us" }, .found = { "issuing" },
	    .expect = { "*W client.missing-intermediate" }, .says = "It works here; a server that holds only the root refuses it" },
	{ .what = "leaf alone, accepted, its CA unknown: a root for all we know", SERVER, .ours = { "us-flat" } },
	{ .what = "leaf alone, its CA is on the list", REFUSES(48), .ours = { "us-flat" }, .listed = { "flat" } },
	{ .what = "leaf alone, its CA is on the list beside the root", REFUSES(48), .ours = { "us" }, .found = { "issuing" },
	    .listed = { "root", "issuing" } },
	{ .what = "the middle one is left out", REFUSES(48), .ours = { "us-deep", "issuing-2" }, .found = { "policy" },
	    .expect = { "*E client.missing-intermediate" }, .says = "Acme Policy CA" },
	{ .what = "the middle one is left out, nobody has it: of one organisation with the root that is wanted", REFUSES(48),
	    .ours = { "us-deep", "issuing-2" }, .expect = { "E client.missing-intermediate" } },
	{ .what = "another company's, its root nowhere", REFUSES(48), .ours = { "us-other", "other-issuing" }, .trust = { "root" } },
	{ .what = "leaf alone, in files", .answer = OFFLINE_CLIENT, .ours = { "us" }, .expect = { "*E client.missing-intermediate" } },

	/* Times. */
	{ .what = "expired, refused for it", REFUSES(45), .ours = { "us-expired", "issuing" }, .expect = { "*E client.expired" }, .says = "4 d ago" },
	{ .what = "expired, refused for what no expiry gives", REFUSES(43), .ours = { "us-expired", "issuing" }, .expect = { "E client.expired" } },
	{ .what = "expired, accepted", SERVER, .ours = { "us-expired", "issuing" }, .expect = { "*W client.expired" }, .says = "It works here" },
	{ .what = "expired, in files", .answer = OFFLINE_CLIENT, .ours = { "us-expired", "issuing" }, .expect = { "*E client.expired" } },
	{ .what = "not yet valid, refused", REFUSES(42), .ours = { "us-future", "issuing" }, .expect = { "*E client.not-yet-valid" } },
	{ .what = "not yet valid by the server's clock", REFUSES(42), .ours = { "us-new", "issuing" }, .clock_minutes = -3 * 1440,
	    .expect = { "E client.not-yet-valid" }, .says = "by the server's clock" },
	{ .what = "expired by our clock only: no cause", REFUSES(45), .ours = { "us-expired", "issuing" }, .clock_minutes = -10 * 1440,
	    .expect = { "W client.expired" }, .says = "it is valid" },
	{ .what = "expiring", SERVER, .ours = { "us-expiring", "issuing" }, .expect = { "*W client.expiring" } },
	{ .what = "intermediate expired", REFUSES(45), .ours = { "us-ca-expired", "ca-expired" }, .expect = { "*E client.intermediate-expired" } },
	{ .what = "intermediate expiring", SERVER, .ours = { "us-ca-expiring", "ca-expiring" }, .expect = { "*W client.intermediate-expiring" } },
	{ .what = "root expiring", SERVER, .ours = { "us-ending" }, .trust = { "root", "ending-root" }, .listed = { "root", "ending-root" },
	    .expect = { "*W client.root-expiring" } },

	/* Purpose, strength, form. */
	{ .what = "for servers only, refused for it", REFUSES(43), .ours = { "us-server-only", "issuing" }, .expect = { "*E client.eku" } },
	{ .what = "for servers only, accepted (GnuTLS)", SERVER, .ours = { "us-server-only", "issuing" }, .expect = { "*W client.eku" } },
	{ .what = "no purposes named", SERVER, .ours = { "us-any", "issuing" } },
	{ .what = "may not sign, refused for it", REFUSES(43), .ours = { "us-no-signing", "issuing" }, .expect = { "*E client.eku" },
	    .says = "digitalSignature" },
	{ .what = "RSA 1024, refused for it", REFUSES(42), .ours = { "us-rsa1024", "issuing" }, .expect = { "*E client.weak" } },
	{ .what = "RSA 1024, accepted", SERVER, .ours = { "us-rsa1024", "issuing" }, .expect = { "*W client.weak" }, .says = "security level 2" },
	{ .what = "SHA-1, refused for it", REFUSES(42), .ours = { "us-sha1", "issuing" }, .expect = { "*E client.weak" } },
	{ .what = "a name that paints", SERVER, .ours = { "us-hostile", "issuing" }, .expect = { "*W client.hostile-name" } },

	/* Links. */
	{ .what = "path length", REFUSES(48), .ours = { "us-too-deep", "path0-below", "path0" }, .expect = { "*E client.bad-chain" } },
	{ .what = "name constraint", REFUSES(46), .ours = { "us-constrained", "constrained" }, .expect = { "*E client.bad-chain" } },
	{ .what = "one bit flipped", REFUSES(51), .ours = { "us-corrupt", "issuing" }, .expect = { "*E client.bad-chain" } },
	{ .what = "re-keyed CA", REFUSES(51), .ours = { "us-rekeyed", "rekeyed-new" },
	    .expect = { "*E client.bad-chain", "-W cert.malformed", "-W cert.malformed" } },
	{ .what = "reversed", SERVER, .ours = { "us-deep", "policy", "issuing-2" }, .expect = { "*W client.wrong-order" } },

	/* Two at once: what the alert fits is the cause, the other is a warning. */
	{ .what = "incomplete and expired, alert 48", REFUSES(48), .ours = { "us-expired" }, .found = { "issuing" },
	    .expect = { "*E client.missing-intermediate", "E client.expired" } },
	{ .what = "expired and incomplete, alert 45", REFUSES(45), .ours = { "us-expired" }, .found = { "issuing" },
	    .expect = { "*E client.expired", "E client.missing-intermediate" } },
};

static struct chains *chains;

static void
each_fault_of_ours(void **state)
{
	(void)state;
	chains_check(chains, cases, sizeof cases / sizeof cases[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_of_ours),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
