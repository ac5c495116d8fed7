/*
 * Which client sends its certificate to which request: held against what was measured on loopback with
 * `openssl s_server -verify 5` (OpenSSL 3.0.22), which tells whether one came.
 *
 *   OpenSSL 3.0.22 s_client · curl 7.88.1 · Go 1.19.8 · OpenJDK 17.0.15 · Node 20.20.2 · gnutls-cli 3.7.9
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "model/would_send.h"

enum { TLS12 = 0x0303, TLS13 = 0x0304 };

#define NAME(s) { .der = { (const unsigned char *)s, sizeof s - 1 }, .canonical = { (const unsigned char *)s, sizeof s - 1 }, .safe = s, .common_name = s }

static const char *const client_auth[] = { "clientAuth" }, *const server_auth[] = { "serverAuth" };

/* root → issuing → leaf, all signed with RSA and SHA-256. */
#define LEAF(k, c, e, u)                                                                                     \
	{ .subject = NAME("leaf"), .issuer = NAME("issuing"), .key = { .type = k, .curve = c }, .has_eku = (e) != NULL, \
		.eku = (const char **)(uintptr_t)(e), .eku_len = (e) != NULL, .has_key_usage = true, .key_usage = u,  \
		.signature = { .label = "sha256WithRSAEncryption", .hash_bits = 256 } }

static struct cert rsa = LEAF(KEY_TYPE_RSA, NULL, client_auth, USAGE_DIGITAL_SIGNATURE), p256 = LEAF(KEY_TYPE_EC, "P-256", client_auth, USAGE_DIGITAL_SIGNATURE),
		   p384 = LEAF(KEY_TYPE_EC, "P-384", client_auth, USAGE_DIGITAL_SIGNATURE), ed25519 = LEAF(KEY_TYPE_ED25519, NULL, client_auth, USAGE_DIGITAL_SIGNATURE),
		   for_servers = LEAF(KEY_TYPE_RSA, NULL, server_auth, USAGE_DIGITAL_SIGNATURE), no_eku = LEAF(KEY_TYPE_RSA, NULL, NULL, USAGE_DIGITAL_SIGNATURE),
		   no_signing = LEAF(KEY_TYPE_RSA, NULL, client_auth, USAGE_KEY_ENCIPHERMENT);
static struct cert issuing = { .subject = NAME("issuing"), .issuer = NAME("root"), .key = { .type = KEY_TYPE_RSA },
	.signature = { .label = "sha256WithRSAEncryption", .hash_bits = 256 } };
static struct name name_root = NAME("root"), name_issuing = NAME("issuing"), name_other = NAME("other");

/* Algorithms: what s_server -client_sigalgs was given. */
static const uint16_t every[] = { 0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601 },
		      ecdsa[] = { 0x0403 }, any_rsa[] = { 0x0804, 0x0401 }, ecdsa_and_pss[] = { 0x0403, 0x0804 }, pkcs1[] = { 0x0401 };
#define ALGORITHMS(a) a, sizeof(a) / sizeof(a)[0]

/* s, n, ?: sends, nothing, not known; clients in the order of the table in model/would_send.c. .NET was not measured. */
static const struct row {
	struct cert *leaf;
	bool alone;              /* without the issuing CA */
	struct name *ca;         /* the server's list; NULL: empty */
	const uint16_t *algorithms;
	size_t algorithms_len;
	const char *tls12, *tls13; /* OpenSSL, curl, Go, Java SunX509, Java NewSunX509, .NET, Node, GnuTLS */
	const char *comment;
} rows[] = {
	{ &rsa, false, NULL, ALGORITHMS(every), "ssssssss", "ssssssss", "an empty list excludes nobody" },
	{ &rsa, false, &name_root, ALGORITHMS(every), "ssssssss", "ssssssss", "the root is named" },
	{ &rsa, false, &name_issuing, ALGORITHMS(every), "ssssssss", "ssssssss", "the issuing CA is named" },
	{ &rsa, false, &name_other, ALGORITHMS(every), "ssnnn?ss", "ssnnn?ss", "a stranger is named" },
	{ &rsa, true, &name_issuing, ALGORITHMS(every), "ssssssss", "ssssssss", "the leaf alone, its issuer named" },
	{ &rsa, true, &name_root, ALGORITHMS(every), "ssnnn?ss", "ssnnn?ss", "the leaf alone, the root named: nothing leads there" },
	{ &rsa, false, &name_root, ALGORITHMS(ecdsa), "nnnnnnnn", "nnnnnnnn", "an RSA key, ECDSA wanted" },
	{ &p256, false, &name_root, ALGORITHMS(ecdsa), "ssssnsss", "ssssnsss", "NewSunX509 minds that the chain is signed with RSA" },
	{ &p256, false, &name_root, ALGORITHMS(any_rsa), "nnnnnnnn", "nnnnnnnn", "an EC key, RSA wanted" },
	{ &p384, false, &name_root, ALGORITHMS(ecdsa), "sssnnsss", "nnnnnnnn", "in TLS 1.2 the curve is free, but for Java" },
	{ &p384, false, &name_root, ALGORITHMS(any_rsa), "nnnnnnnn", "nnnnnnnn", "another curve, RSA wanted" },
	{ &ed25519, false, &name_root, ALGORITHMS(ecdsa_and_pss), "nnnnnnnn", "nnnnnnnn", "Ed25519 is not among them" },
	{ &rsa, false, &name_root, ALGORITHMS(pkcs1), "ssssssss", NULL, "PKCS#1 is for TLS 1.2 only; in 1.3 the server cannot even ask" },
	{ &for_servers, false, &name_root, ALGORITHMS(every), "sssssnss", "sssssnss", "no clientAuth: only .NET minds" },
	{ &for_servers, false, NULL, ALGORITHMS(every), "sssssnss", "sssssnss", "the same with an empty list" },
	{ &no_eku, false, &name_root, ALGORITHMS(every), "ssssssss", "ssssssss", "no extended key usage at all" },
	{ &no_signing, false, &name_root, ALGORITHMS(every), "sssssssn", "ssssssss", "no digitalSignature: GnuTLS minds in TLS 1.2" },
	{ &no_signing, false, NULL, ALGORITHMS(every), "sssssssn", "ssssssss", "the same with an empty list" },
};

static void
check_row(const struct row *r, uint16_t version, const char *expected)
{
	struct cert *chain[] = { r->leaf, &issuing };
	struct identity us = { .certs = chain, .len = r->alone ? 1 : 2 };
	struct certificate_request request = { .seen = true, .cas = r->ca, .cas_len = r->ca != NULL, .sigalgs = (uint16_t *)(uintptr_t)r->algorithms,
		.sigalgs_len = r->algorithms_len };
	struct would_send out[WOULD_SEND_CLIENTS];

	assert_int_equal(would_send_for(&request, version, &us, out), WOULD_SEND_CLIENTS);
	assert_int_equal(strlen(expected), WOULD_SEND_CLIENTS);
	for (size_t i = 0; i < WOULD_SEND_CLIENTS; i++) {
		enum sends wanted = expected[i] == 's' ? SENDS_IT : expected[i] == 'n' ? SENDS_NOTHING : SENDS_UNKNOWN;

		if (out[i].sends != wanted)
			fail_msg("%s, TLS %x: %s: %c expected: %s", r->comment, version, out[i].client, expected[i], out[i].because);
		assert_non_null(out[i].because);
		assert_non_null(out[i].version);
		assert_true(strcmp(out[i].source, "measured") == 0 || strcmp(out[i].source, "from documents") == 0);
		assert_int_equal(out[i].withheld == WITHHELD_NOT, out[i].sends == SENDS_IT);
	}
}

static void
as_it_was_measured(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		check_row(&rows[i], TLS12, rows[i].tls12);
		if (rows[i].tls13 != NULL)
			check_row(&rows[i], TLS13, rows[i].tls13);
	}
}

/* A list of which we kept only the beginning may name us further on: nothing is claimed. */
static void
a_cut_list_leaves_it_open(void **state)
{
	struct cert *chain[] = { &rsa, &issuing };
	struct identity us = { .certs = chain, .len = 2 };
	struct certificate_request request = { .seen = true, .cas = &name_other, .cas_len = 1, .cas_truncated = true };
	struct would_send out[WOULD_SEND_CLIENTS];
	struct arena *a = arena_new();

	(void)state;
	assert_int_equal(would_send_for(&request, TLS13, &us, out), WOULD_SEND_CLIENTS);
	assert_int_equal(out[2].sends, SENDS_UNKNOWN);
	assert_int_equal(out[0].sends, SENDS_IT);
	assert_string_equal(would_send_sentence(&out[2], a), "Go may send it or not: the server's list of CAs is too long to be kept whole");
	arena_free(a);
}

/* Nobody asked, or there is nothing to send: no answer. Names compare as each client does: Go by its bytes. */
static void
where_nothing_is_said(void **state)
{
	static const unsigned char printable[] = "ROOT, encoded otherwise";
	struct name same = name_root;
	struct cert *chain[] = { &rsa, &issuing };
	struct identity us = { .certs = chain, .len = 2 }, nobody = { .len = 0 };
	struct certificate_request asked = { .seen = true }, not_asked = { .seen = false };
	struct would_send out[WOULD_SEND_CLIENTS];

	(void)state;
	assert_int_equal(would_send_for(&not_asked, TLS13, &us, out), 0);
	assert_int_equal(would_send_for(&asked, TLS13, &nobody, out), 0);
	assert_int_equal(would_send_for(&asked, TLS13, NULL, out), 0);
	same.der = (struct text){ printable, sizeof printable - 1 };
	asked.cas = &same;
	asked.cas_len = 1;
	assert_int_equal(would_send_for(&asked, TLS13, &us, out), WOULD_SEND_CLIENTS);
	assert_int_equal(out[2].sends, SENDS_NOTHING); /* Go: other bytes, another name (crypto/tls, supportsCertificate) */
	assert_int_equal(out[3].sends, SENDS_IT);      /* Java: X500Principal */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_it_was_measured),
		cmocka_unit_test(a_cut_list_leaves_it_open),
		cmocka_unit_test(where_nothing_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
