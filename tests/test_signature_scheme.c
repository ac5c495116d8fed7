/* Which keys make which signatures, in which version: RFC 8446 4.2.3, RFC 5246 7.4.1.4.1, IANA's TLS SignatureScheme. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/memory.h"
#include "model/signature_scheme.h"

#define RSA { .type = KEY_TYPE_RSA, .bits = 2048 }
#define RSA_PSS { .type = KEY_TYPE_RSA_PSS, .bits = 2048 }
#define EC(name, n) { .type = KEY_TYPE_EC, .bits = n, .curve = name }

static void
by_key_and_version(void **state)
{
	static const struct {
		const char *what;
		struct public_key key;
		uint16_t scheme;
		bool in_12, in_13;
	} rows[] = {
		{ "PKCS#1 v1.5 signs no handshake of TLS 1.3", RSA, 0x0401, true, false },
		{ "nor with SHA-1", RSA, 0x0201, true, false },
		{ "rsa_pss_rsae in both", RSA, 0x0804, true, true },
		{ "rsa_pss_pss is for keys that are RSA-PSS", RSA, 0x0809, false, false },
		{ "and these do nothing else", RSA_PSS, 0x0804, false, false },
		{ "rsa_pss_pss", RSA_PSS, 0x080b, true, true },
		{ "no RSA key makes ECDSA", RSA, 0x0403, false, false },
		{ "P-256 with its hash", EC("P-256", 256), 0x0403, true, true },
		{ "P-256 with another: the curve is free in TLS 1.2 only", EC("P-256", 256), 0x0503, true, false },
		{ "P-384", EC("P-384", 384), 0x0503, true, true },
		{ "P-521", EC("P-521", 521), 0x0603, true, true },
		{ "a curve of 256 bits that is not P-256", EC("secp256k1", 256), 0x0403, true, false },
		{ "a curve by its parameters is none that TLS 1.3 names", EC(NULL, 256), 0x0403, true, false },
		{ "Ed25519", { .type = KEY_TYPE_ED25519 }, 0x0807, true, true },
		{ "Ed25519 is not Ed448", { .type = KEY_TYPE_ED25519 }, 0x0808, false, false },
		{ "Ed448", { .type = KEY_TYPE_ED448 }, 0x0808, true, true },
		{ "0x0901 and 0x0903 are no pairs of hash and key: RSA", RSA, 0x0901, false, false },
		{ "EC", EC("P-256", 256), 0x0903, false, false },
		{ "of DSA nothing is known here", { .type = KEY_TYPE_DSA }, 0x0402, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (key_signs(&rows[i].key, rows[i].scheme, 0x0303) != rows[i].in_12 || key_signs(&rows[i].key, rows[i].scheme, 0x0304) != rows[i].in_13)
			fail_msg("%s", rows[i].what);
		assert_int_equal(scheme_kind_known(&rows[i].key), rows[i].key.type != KEY_TYPE_DSA);
	}
}

static void
a_list_of_them(void **state)
{
	uint16_t list[18] = { 0x0503, 0xfe01, 0x0804 };
	struct certificate_request r = { .seen = true, .sigalgs = list, .sigalgs_len = 3 };
	const struct public_key p256 = EC("P-256", 256), rsa = RSA;
	struct arena *a = arena_new();

	(void)state;
	assert_true(key_signs_any(&p256, &r, 0x0303));
	assert_false(key_signs_any(&p256, &r, 0x0304));
	assert_true(key_signs_any(&rsa, &r, 0x0304));
	assert_string_equal(schemes_asked(&r, a), "ecdsa_secp384r1_sha384, 0xfe01, rsa_pss_rsae_sha256");
	for (size_t i = 0; i < 18; i++)
		list[i] = i < 16 ? 0x0807 : 0x0403;
	r.sigalgs_len = 18;
	assert_true(key_signs_any(&p256, &r, 0x0304)); /* the last counts, and is not shown */
	assert_null(strstr(schemes_asked(&r, a), "ecdsa"));
	r.sigalgs_len = 0;
	assert_true(key_signs_any(&p256, &r, 0x0304)); /* it asked for none in particular */
	assert_string_equal(schemes_asked(&r, a), "");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_key_and_version),
		cmocka_unit_test(a_list_of_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
