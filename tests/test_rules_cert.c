/* The server's certificates one by one: times, purpose, strength, form and names. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/nearest.h"
#include "tests/chains.h"

#include <openssl/x509v3.h> /* after ours: its KU_ macros have the names of our enum */

#define SAN(...) ((const char *const[]){ __VA_ARGS__, NULL })
#define NO_SAN ((const char *const[]){ NULL })

static const char hostile_cn[] = "payment\033[31m\r\nOK\xe2\x80\xae";
static const char nul_dns[] = "payment.internal\0.evil.example";
static const struct pki_raw_san nul_san[] = {
	{ GEN_DNS, "payment.internal", 16 },
	{ GEN_URI, nul_dns, sizeof nul_dns - 1 },
	{ .type = -1 },
};
static const unsigned char serial_zero[] = { 0 };

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "leaf", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },

	{ .name = "expired", .issuer = "issuing", .role = IS_SERVER, .from = -90, .to = -12 },
	{ .name = "future", .issuer = "issuing", .role = IS_SERVER, .from = 1, .to = 90 },
	{ .name = "expiring", .issuer = "issuing", .role = IS_SERVER, .from = -80, .to = 5 },
	{ .name = "ends-in-31", .issuer = "issuing", .role = IS_SERVER, .from = -80, .to = 31 },
	{ .name = "expired-elsewhere", .issuer = "issuing", .role = IS_SERVER, .r = { .san = SAN("DNS:billing.internal") }, .from = -90, .to = -12 },

	{ .name = "client-only", .issuer = "issuing", .role = IS_SERVER, .r = { .eku = "clientAuth" } },
	{ .name = "both", .issuer = "issuing", .role = IS_SERVER, .r = { .eku = "clientAuth,serverAuth" } },
	{ .name = "any-eku", .issuer = "issuing", .role = IS_SERVER, .r = { .eku = "anyExtendedKeyUsage" } },
	{ .name = "no-eku", .issuer = "issuing", .role = IS_SERVER, .r = { .eku = "none" } },
	{ .name = "no-ku", .issuer = "issuing", .role = IS_SERVER, .r = { .key_usage = "none" } },
	{ .name = "rsa2048", .issuer = "issuing", .role = IS_SERVER, .r = { .key_type = PKI_RSA2048 } }, /* such keys take long to make */
	{ .name = "encipher-only", .issuer = "issuing", .role = IS_SERVER,
	    .r = { .key_usage = "critical,keyEncipherment" }, .key_of = "rsa2048" },
	{ .name = "agree-only", .issuer = "issuing", .role = IS_SERVER, .r = { .key_usage = "critical,keyAgreement" } },
	{ .name = "sign-only", .issuer = "issuing", .role = IS_SERVER,
	    .r = { .key_usage = "critical,digitalSignature" }, .key_of = "rsa2048" },
	{ .name = "issuing-rsa", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme RSA CA" }, .key_of = "rsa2048" },

	{ .name = "rsa1024", .issuer = "issuing", .role = IS_SERVER, .r = { .key_type = PKI_RSA1024 } },
	{ .name = "sha1", .issuer = "issuing", .role = IS_SERVER, .r = { .digest = "SHA1" } },
	{ .name = "md5", .issuer = "issuing-rsa", .role = IS_SERVER, .r = { .digest = "MD5" } },
	{ .name = "sha1-root", .role = IS_CA, .r = { .cn = "Old Root CA", .digest = "SHA1" } },
	{ .name = "under-sha1-root", .issuer = "sha1-root", .role = IS_SERVER },
	{ .name = "ed25519", .issuer = "issuing", .role = IS_SERVER, .r = { .key_type = PKI_ED25519 } },

	{ .name = "serial-0", .issuer = "issuing", .role = IS_SERVER, .r = { .serial = serial_zero, .serial_len = 1 } },
	{ .name = "hostile", .issuer = "issuing", .role = IS_SERVER,
	    .r = { .cn_bytes = (const unsigned char *)hostile_cn, .cn_bytes_len = sizeof hostile_cn - 1 } },
	{ .name = "hostile-san", .issuer = "issuing", .role = IS_SERVER, .r = { .raw_san = nul_san } },

	{ .name = "elsewhere", .issuer = "issuing", .role = IS_SERVER, .r = { .san = SAN("DNS:billing.internal", "DNS:payments.internal") } },
	{ .name = "wildcard", .issuer = "issuing", .role = IS_SERVER, .r = { .san = SAN("DNS:*.internal") } },
	{ .name = "swapped", .issuer = "issuing", .role = IS_SERVER, .r = { .san = SAN("DNS:internal.payment") } },
	{ .name = "address", .issuer = "issuing", .role = IS_SERVER, .r = { .san = SAN("IP:127.0.0.1") } },
	{ .name = "address-as-dns", .issuer = "issuing", .role = IS_SERVER, .r = { .san = SAN("DNS:127.0.0.1") } },
	{ .name = "no-san", .issuer = "issuing", .role = IS_SERVER, .r = { .san = NO_SAN } },
	{ .name = "uri-only", .issuer = "issuing", .role = IS_SERVER, .r = { .san = SAN("URI:spiffe://acme/payment") } },
};

#define WITH(leaf) { leaf, "issuing" }
#define RSA_EXCHANGE "AES128-GCM-SHA256"
#define ECDHE "ECDHE-RSA-AES128-GCM-SHA256"

static const struct chain_case cases[] = {
	/* Times. */
	{ .what = "expired", .server = WITH("expired"), .expect = { "*E cert.expired" }, .says = "12 d ago" },
	{ .what = "not yet valid", .server = WITH("future"), .expect = { "*E cert.not-yet-valid" } },
	{ .what = "expiring", .server = WITH("expiring"), .expect = { "*W cert.expiring" }, .says = "5 d" },
	{ .what = "ends in 31 days", .server = WITH("ends-in-31") },
	{ .what = "expired, and for others", .server = WITH("expired-elsewhere"), .expect = { "*E cert.expired", "E name.mismatch" } },
	{ .what = "not yet valid by our clock, valid by the server's", .server = WITH("future"), .clock_minutes = 3 * 1440,
	    .expect = { "E cert.not-yet-valid" }, .says = "by the server's clock" },
	{ .what = "valid by our clock: the server's does not matter", .server = WITH("leaf"), .clock_minutes = 4000 * 1440 },

	/* Purpose. */
	{ .what = "for clients only", .server = WITH("client-only"), .expect = { "*E eku.no-server-auth" }, .says = "clientAuth" },
	{ .what = "for both", .server = WITH("both") },
	{ .what = "for any purpose: OpenSSL wants it named", .server = WITH("any-eku"), .expect = { "*E eku.no-server-auth" },
	    .says = "OpenSSL wants that" },
	{ .what = "no purposes named", .server = WITH("no-eku") },
	{ .what = "no key usage named", .server = WITH("no-ku") },
	{ .what = "may only agree on keys, TLS 1.3", .server = WITH("agree-only"), .expect = { "*E eku.no-server-auth" }, .says = "digitalSignature" },
	{ .what = "may only decipher, TLS 1.3", .server = WITH("encipher-only"), .expect = { "*E eku.no-server-auth" } },
	{ .what = "may only decipher, RSA key exchange", .server = WITH("encipher-only"), .cipher = RSA_EXCHANGE },
	{ .what = "may only sign, RSA key exchange", .server = WITH("sign-only"), .cipher = RSA_EXCHANGE,
	    .expect = { "*E eku.no-server-auth" }, .says = "keyEncipherment" },
	{ .what = "may only sign, ECDHE", .server = WITH("sign-only"), .cipher = ECDHE },
	{ .what = "inspect: a client's certificate, no purpose given", .answer = OFFLINE_ANY, .server = WITH("us"), .host = "" },
	{ .what = "inspect: a client's certificate for a server", .answer = OFFLINE_SERVER, .server = WITH("us"), .host = "",
	    .expect = { "*E eku.no-server-auth" } },

	/* Strength. */
	{ .what = "RSA 1024", .server = WITH("rsa1024"), .expect = { "*W cert.weak-key" }, .says = "Debian" },
	{ .what = "RSA 2048", .server = WITH("rsa2048") },
	{ .what = "Ed25519", .server = WITH("ed25519") },
	{ .what = "SHA-1", .server = WITH("sha1"), .expect = { "*W cert.weak-signature" }, .says = "SHA-1" },
	{ .what = "MD5", .server = { "md5", "issuing-rsa" }, .expect = { "*E cert.weak-signature" }, .says = "OpenSSL, Go and Java refuse it" },
	{ .what = "the root's own signature does not matter", .server = { "under-sha1-root" }, .trust = { "sha1-root" } },

	/* Form. */
	{ .what = "serial number 0", .server = WITH("serial-0"), .expect = { "*W cert.malformed" }, .says = "serial" },
	{ .what = "a name that paints", .server = WITH("hostile"), .expect = { "*W cert.hostile-name" } },
	{ .what = "a NUL in an alternative name", .server = WITH("hostile-san"), .expect = { "W cert.hostile-name" }, .says = "NUL" },

	/* Names. */
	{ .what = "for others", .server = WITH("elsewhere"), .expect = { "*E name.mismatch" },
	    .says = "“DNS:payments.internal”: it differs in 1 character" },
	{ .what = "wildcard", .server = WITH("wildcard") },
	{ .what = "wildcard, two labels", .server = WITH("wildcard"), .host = "a.payment.internal", .expect = { "*E name.mismatch" },
	    .says = "one label only" },
	{ .what = "wildcard, the domain itself", .server = WITH("wildcard"), .host = "internal", .expect = { "*E name.mismatch" },
	    .says = "the domain itself" },
	{ .what = "swapped labels", .server = WITH("swapped"), .expect = { "*E name.mismatch" }, .says = "another order" },
	{ .what = "short name", .server = WITH("leaf"), .host = "payment", .expect = { "*E name.mismatch" }, .says = "full name" },
	{ .what = "address", .server = WITH("address"), .host = "127.0.0.1" },
	{ .what = "address as a DNS name", .server = WITH("address-as-dns"), .host = "127.0.0.1", .expect = { "*E name.mismatch" },
	    .says = "as a DNS name" },
	{ .what = "common name only", .server = WITH("no-san"), .expect = { "*E name.no-san" }, .says = "only a common name" },
	{ .what = "SPIFFE only", .server = WITH("uri-only"), .expect = { "*E name.no-san" }, .says = "spiffe" },
	{ .what = "inspect without a name: not judged", .answer = OFFLINE_SERVER, .server = WITH("elsewhere"), .host = "" },
	{ .what = "inspect with a name", .answer = OFFLINE_SERVER, .server = WITH("elsewhere"), .expect = { "*E name.mismatch" } },

	/* The key. */
	{ .what = "the server's key is another one's", .server = WITH("leaf"), .answer = BAD_SERVER_SIGNATURE,
	    .expect = { "*E key.server-mismatch" } },
};

static struct chains *chains;

static void
each_fault_of_a_certificate(void **state)
{
	(void)state;
	chains_check(chains, cases, sizeof cases / sizeof cases[0]);
}

/* A leaf that does not parse: said as it is, and nothing else is made up about the chain. */
static void
a_leaf_that_cannot_be_read(void **state)
{
	const struct chain_case t = { .server = WITH("leaf"), .answer = BAD_SERVER_SIGNATURE };
	struct evidence *e = chains_evidence(chains, &t);
	struct handshake *h = e->handshakes[0];
	struct diagnosis *d;
	const struct finding *f;

	(void)state;
	cert_free(h->server_certs[0].cert);
	h->server_certs[0].cert = NULL;
	h->server_certs[0].problem = "at byte 4: a SEQUENCE was expected";
	h->local = LOCAL_UNDECODABLE;
	d = diagnose(e);
	f = diagnosis_find(d, CODE_CERT_MALFORMED);
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_ptr_equal(f, d->root);
	assert_non_null(strstr(f->why, "at byte 4"));
	assert_null(diagnosis_find(d, CODE_NAME_MISMATCH));
	assert_null(diagnosis_find(d, CODE_NAME_NO_SAN));
	assert_null(diagnosis_find(d, CODE_EKU_NO_SERVER_AUTH));
	diagnosis_free(d);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_of_a_certificate),
		cmocka_unit_test(a_leaf_that_cannot_be_read),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
