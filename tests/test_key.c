/* Keys: their labels, what belongs together, and that a hostile one costs no time. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/cert_fields.h"
#include "model/cert_openssl.h"
#include "model/limits.h"
#include "tests/hand_cert.h"
#include "tests/made.h"

static const struct label_case {
	enum pki_key type;
	const char *label, *curve;
	enum key_type expected;
	int bits, security_bits;
} label_cases[] = {
	{ PKI_P256, "EC P-256", "P-256", KEY_TYPE_EC, 256, 128 },
	{ PKI_P384, "EC P-384", "P-384", KEY_TYPE_EC, 384, 192 },
	{ PKI_P521, "EC P-521", "P-521", KEY_TYPE_EC, 521, 256 },
	{ PKI_RSA1024, "RSA 1024", NULL, KEY_TYPE_RSA, 1024, 80 },
	{ PKI_RSA2048, "RSA 2048", NULL, KEY_TYPE_RSA, 2048, 112 },
	{ PKI_ED25519, "Ed25519", NULL, KEY_TYPE_ED25519, 253, 128 },
};

static void
labels(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof label_cases / sizeof label_cases[0]; i++) {
		const struct label_case *c = &label_cases[i];
		const struct pki_request r = { .cn = "a", .key_type = c->type };
		struct made m = made_issue(&r, NULL);
		const struct public_key *k = &m.cert->key;

		assert_string_equal(k->label, c->label);
		assert_true(k->type == c->expected && k->bits == c->bits && k->security_bits == c->security_bits && k->readable);
		if (c->curve != NULL)
			assert_string_equal(k->curve, c->curve);
		else
			assert_null(k->curve);
		assert_true(!k->explicit_curve);
		made_free(&m);
	}
}

static EVP_PKEY *
on_curve(const char *group)
{
	EVP_PKEY *k = EVP_EC_gen(group);

	assert_non_null(k);
	return k;
}

static void
other_curves(void **state)
{
	static const struct {
		const char *group, *label;
	} cases[] = { { "secp256k1", "EC secp256k1" }, { "brainpoolP384r1", "EC brainpoolP384r1" }, { "secp224r1", "EC P-224" },
		{ "sect283k1", "EC sect283k1" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct key *k = key_from_evp(on_curve(cases[i].group), true, false);

		assert_string_equal(k->pub.label, cases[i].label);
		assert_true(k->pub.readable && k->pub.bits > 200);
		key_free(k);
	}
}

/* The same key with its curve by name and by parameters: other bytes, one key. */
static void
explicit_curve(void **state)
{
	EVP_PKEY *named = on_curve("P-256"), *written = EVP_PKEY_dup(named);
	const struct pki_request r = { .cn = "a", .key = named };
	struct made m = made_issue(&r, NULL);
	struct pki_request er = { .cn = "b", .key = written };
	struct made e;
	struct key *k;

	(void)state;
	assert_true(EVP_PKEY_set_utf8_string_param(written, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT));
	e = made_issue(&er, NULL);
	assert_true(e.cert->key.explicit_curve && e.cert->key.readable && e.cert->self_signed);
	assert_null(e.cert->key.curve);
	assert_string_equal(e.cert->key.label, "EC 256, explicit parameters");
	assert_false(fingerprint_equal(&e.cert->key.spki, &m.cert->key.spki));
	assert_string_equal(e.cert->faults[0].rule, "RFC 5480 2.1.1");
	k = key_from_evp(named, true, false);
	assert_true(key_matches(k, m.cert));
	assert_true(key_matches(k, e.cert));
	key_free(k);
	EVP_PKEY_free(written);
	made_free(&m);
	made_free(&e);
}

static void
belong_together(void **state)
{
	static const enum pki_key types[] = { PKI_P256, PKI_RSA2048, PKI_ED25519 };

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const struct pki_request r = { .cn = "a", .key_type = types[i] };
		struct made m = made_issue(&r, NULL), other = made_issue(&r, NULL);
		struct key *k;

		EVP_PKEY_up_ref(m.pki.key);
		k = key_from_evp(m.pki.key, true, true);
		assert_true(k->is_private && k->was_encrypted);
		assert_true(key_matches(k, m.cert));
		assert_false(key_matches(k, other.cert));
		assert_ptr_equal(key_evp(k), m.pki.key);
		assert_ptr_equal(key_ref(k), k);
		key_free(k);
		key_free(k);
		made_free(&m);
		made_free(&other);
	}
	key_free(NULL);
	assert_null(key_ref(NULL));
}

/* RSA with a modulus and an exponent of so many bits, as a SubjectPublicKeyInfo. */
static void
rsa_spki(struct buf *out, size_t modulus_bits, size_t exponent_bits)
{
	static const char algorithm[] = "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
	struct buf numbers = { 0 }, key = { 0 }, bits = { 0 }, inside = { 0 };
	unsigned char *n = calloc(1, modulus_bits / 8 + 1), *e = calloc(1, exponent_bits / 8 + 1);

	memset(n + 1, 0xff, modulus_bits / 8);
	memset(e + 1, 0xff, exponent_bits / 8);
	hand_value(&numbers, 0x02, n, modulus_bits / 8 + 1);
	hand_value(&numbers, 0x02, e, exponent_bits / 8 + 1);
	hand_value(&key, 0x30, numbers.data, numbers.len);
	buf_addc(&bits, 0);
	buf_add(&bits, key.data, key.len);
	buf_add(&inside, algorithm, sizeof algorithm - 1);
	hand_value(&inside, 0x03, bits.data, bits.len);
	hand_value(out, 0x30, inside.data, inside.len);
	free(n);
	free(e);
	buf_done(&numbers);
	buf_done(&key);
	buf_done(&bits);
	buf_done(&inside);
}

static double
cpu_ms(void)
{
	return (double)clock() * 1000 / CLOCKS_PER_SEC;
}

static const struct rsa_case {
	size_t modulus, exponent;
	bool readable;
	const char *text; /* of the fault, or NULL */
} rsa_cases[] = {
	{ 2048, 16, true, NULL },
	{ 4096, 64, true, NULL },
	{ 16384, 16, true, NULL },
	{ 16384, 4096, false, "the RSA exponent has 4096 bits, more than the 64 that are checked here" },
	{ 3072, 3072, false, "the RSA exponent has 3072 bits" },
	{ 32768, 16, false, "the RSA modulus has 32768 bits, more than the 16384 that are checked here" },
	{ 1000000, 1000000, false, "the RSA modulus has 1000000 bits" },
};

/* Read, asked whether it signed itself (its subject is its issuer), and matched: a second of CPU is far beyond it all. */
static void
hostile_rsa(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rsa_cases / sizeof rsa_cases[0]; i++) {
		const struct rsa_case *r = &rsa_cases[i];
		struct buf spki = { 0 }, signature = { 0 };
		struct hand_cert h = {
			.issuer = PIECE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "a"),
			.algorithm = PIECE("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00"),
		};
		struct error err = { 0 };
		double begin = cpu_ms();
		unsigned char *zeros = calloc(1, r->modulus / 8 + 1);
		struct cert *c;
		bool said = r->text == NULL;

		rsa_spki(&spki, r->modulus, r->exponent);
		zeros[r->modulus / 8] = 2;
		hand_value(&signature, 0x03, zeros, r->modulus / 8 + 1);
		h.spki = (struct piece){ spki.data, spki.len, false };
		h.signature = (struct piece){ signature.data, signature.len, false };
		c = hand_cert_parse(&h, &err);
		if (c == NULL)
			fail_msg("RSA %zu: %s", r->modulus, err.text);
		assert_int_equal(c->key.bits, r->modulus);
		assert_int_equal(c->key.exponent_bits, r->exponent);
		assert_int_equal(c->key.readable, r->readable);
		assert_true(c->self_issued && !c->self_signed);
		assert_false(cert_signed_by(c, c, NULL));
		for (size_t k = 0; r->text != NULL && k < c->faults_len; k++)
			said = said || (c->faults[k].fatal && strstr(c->faults[k].text, r->text) != NULL);
		if (!said)
			fail_msg("RSA %zu, %zu: nothing says it", r->modulus, r->exponent);
		if (cpu_ms() - begin > 1000)
			fail_msg("RSA %zu, %zu took %.0f ms", r->modulus, r->exponent, cpu_ms() - begin);
		cert_free(c);
		free(zeros);
		buf_done(&spki);
		buf_done(&signature);
	}
}

/* An explicit curve over a field of so many bits: the parameters are all ones, the generator is junk. */
static void
explicit_spki(struct buf *out, size_t octets, bool compressed)
{
	static const char ec[] = "\x06\x07\x2a\x86\x48\xce\x3d\x02\x01", prime[] = "\x06\x07\x2a\x86\x48\xce\x3d\x01\x01";
	struct buf field = { 0 }, curve = { 0 }, domain = { 0 }, algorithm = { 0 }, inside = { 0 };
	unsigned char *ones = malloc(2 * octets + 2);

	memset(ones, 0xff, 2 * octets + 2);
	ones[0] = 0;
	buf_add(&field, prime, sizeof prime - 1);
	hand_value(&field, 0x02, ones, octets + 1);
	hand_value(&curve, 0x04, ones + 1, octets);
	hand_value(&curve, 0x04, ones + 1, octets);
	buf_add(&domain, "\x02\x01\x01", 3);
	hand_value(&domain, 0x30, field.data, field.len);
	hand_value(&domain, 0x30, curve.data, curve.len);
	ones[0] = compressed ? 2 : 4;
	hand_value(&domain, 0x04, ones, compressed ? octets + 1 : 2 * octets + 1);
	ones[0] = 0;
	hand_value(&domain, 0x02, ones, octets + 1);
	buf_add(&algorithm, ec, sizeof ec - 1);
	hand_value(&algorithm, 0x30, domain.data, domain.len);
	hand_value(&inside, 0x30, algorithm.data, algorithm.len);
	ones[1] = compressed ? 2 : 4;
	hand_value(&inside, 0x03, ones, octets + 2);
	hand_value(out, 0x30, inside.data, inside.len);
	free(ones);
	buf_done(&field);
	buf_done(&curve);
	buf_done(&domain);
	buf_done(&algorithm);
	buf_done(&inside);
}

static void
hostile_curve(void **state)
{
	static const size_t sizes[] = { 16, 32, 66, 82, 1024, 100000 };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof sizes / sizeof sizes[0]; i++) {
		struct buf spki = { 0 };
		struct hand_cert h = { .issuer = PIECE("\x30\x0c\x31\x0a\x30\x08\x06\x03\x55\x04\x03\x0c\x01" "a") };
		struct error err = { 0 };
		double begin = cpu_ms();
		struct cert *c;

		explicit_spki(&spki, sizes[i / 2], i % 2 == 0);
		h.spki = (struct piece){ spki.data, spki.len, false };
		c = hand_cert_parse(&h, &err);
		if (c == NULL)
			fail_msg("%zu octets: %s", sizes[i / 2], err.text);
		assert_true(c->key.explicit_curve && !c->key.readable && !c->self_signed);
		assert_int_equal(c->key.bits, sizes[i / 2] * 8);
		if (cpu_ms() - begin > 1000)
			fail_msg("a field of %zu octets took %.0f ms", sizes[i / 2], cpu_ms() - begin);
		cert_free(c);
		buf_done(&spki);
	}
}

/* As a certificate request has them, from their DER alone. */
static void
from_der(void **state)
{
	static const struct {
		const char *algorithm;
		size_t len;
		const char *label, *hash;
		int hash_bits, security_bits;
	} cases[] = {
		{ "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15, "sha256WithRSAEncryption", "SHA-256", 256, 128 },
		{ "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x05\x05\x00", 15, "sha1WithRSAEncryption", "SHA-1", 160, 63 },
		{ "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x04\x05\x00", 15, "md5WithRSAEncryption", "MD5", 128, 39 },
		{ "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a\x30\x00", 15, "rsassaPss", "SHA-1", 160, 63 },
		{ "\x30\x05\x06\x03\x2b\x65\x70", 7, "ED25519", NULL, 0, 128 },
		{ "\x30\x04\x06\x02\x2a\x03", 6, "1.2.3", NULL, 0, 0 },
		{ "\x31\x00", 2, "unreadable", NULL, 0, 0 },
		{ "", 0, "unreadable", NULL, 0, 0 },
	};
	struct arena *a = arena_new();
	struct public_key k;
	struct buf spki = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct signature_info s;

		signature_info_read(a, (struct text){ (const unsigned char *)cases[i].algorithm, cases[i].len }, &s);
		assert_string_equal(s.label, cases[i].label);
		assert_true(s.hash_bits == cases[i].hash_bits && s.security_bits == cases[i].security_bits);
		if (cases[i].hash == NULL)
			assert_null(s.hash);
		else
			assert_string_equal(s.hash, cases[i].hash);
	}
	rsa_spki(&spki, 2048, 16);
	public_key_read(a, (struct text){ (const unsigned char *)spki.data, spki.len }, &k, NULL);
	assert_string_equal(k.label, "RSA 2048");
	assert_true(k.readable);
	public_key_read(a, (struct text){ (const unsigned char *)spki.data, 20 }, &k, NULL);
	assert_string_equal(k.label, "unknown key");
	assert_false(k.readable);
	buf_done(&spki);
	arena_free(a);
}

/* PSS names its hash in its parameters; the lab can sign so. */
static void
pss_signature(void **state)
{
	const struct pki_request r = { .cn = "a", .key_type = PKI_RSA2048, .pss = true, .digest = "SHA384" };
	struct made m = made_issue(&r, NULL);

	(void)state;
	assert_string_equal(m.cert->signature.label, "rsassaPss");
	assert_string_equal(m.cert->signature.hash, "SHA-384");
	assert_true(m.cert->self_signed);
	made_free(&m);
}

static int
start(void **state)
{
	(void)state;
	openssl_start();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(labels),
		cmocka_unit_test(other_curves),
		cmocka_unit_test(explicit_curve),
		cmocka_unit_test(belong_together),
		cmocka_unit_test(hostile_rsa),
		cmocka_unit_test(hostile_curve),
		cmocka_unit_test(from_der),
		cmocka_unit_test(pss_signature),
	};

	return cmocka_run_group_tests(tests, start, NULL);
}
