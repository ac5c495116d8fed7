/* Keys of every form, encrypted or not; passphrases; keys and derivations that cost too much. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "tests/reading.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static void
as_pkcs8(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(PEM_write_bio_PrivateKey(b, key, NULL, NULL, 0, NULL, NULL), 1);
}
static void
as_pkcs8_der(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(i2d_PKCS8PrivateKey_bio(b, key, NULL, NULL, 0, NULL, NULL), 1);
}
static void
as_traditional(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(PEM_write_bio_PrivateKey_traditional(b, key, NULL, NULL, 0, NULL, NULL), 1);
}
static void
as_traditional_der(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(i2d_PrivateKey_bio(b, key), 1);
}
static void
as_encrypted_pkcs8(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(b, key, EVP_aes_256_cbc(), SECRET, (int)strlen(SECRET), NULL, NULL), 1);
}
static void
as_encrypted_pkcs8_der(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(i2d_PKCS8PrivateKey_bio(b, key, EVP_aes_128_cbc(), SECRET, (int)strlen(SECRET), NULL, NULL), 1);
}
static void
as_pkcs12_pbe(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(PEM_write_bio_PKCS8PrivateKey_nid(b, key, NID_pbe_WithSHA1And3_Key_TripleDES_CBC, SECRET,
	    (int)strlen(SECRET), NULL, NULL), 1);
}
static void
as_encrypted_traditional(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(PEM_write_bio_PrivateKey_traditional(b, key, EVP_aes_128_cbc(), (const unsigned char *)SECRET,
	    (int)strlen(SECRET), NULL, NULL), 1);
}
static void
as_public(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(PEM_write_bio_PUBKEY(b, key), 1);
}
static void
as_public_der(BIO *b, EVP_PKEY *key)
{
	assert_int_equal(i2d_PUBKEY_bio(b, key), 1);
}

static const struct key_form {
	const char *what;
	void (*write)(BIO *b, EVP_PKEY *key);
	const char *container;
	bool encrypted, is_public;
} key_forms[] = {
	{ "PKCS#8", as_pkcs8, "PKCS#8", false, false },
	{ "PKCS#8 in DER", as_pkcs8_der, "PKCS#8", false, false },
	{ "traditional", as_traditional, "traditional", false, false },
	{ "traditional in DER", as_traditional_der, "traditional", false, false },
	{ "encrypted PKCS#8", as_encrypted_pkcs8, "encrypted PKCS#8", true, false },
	{ "encrypted PKCS#8 in DER", as_encrypted_pkcs8_der, "encrypted PKCS#8", true, false },
	{ "PKCS#8 by PKCS#12's 3DES", as_pkcs12_pbe, "encrypted PKCS#8", true, false },
	{ "encrypted traditional", as_encrypted_traditional, "encrypted traditional", true, false },
	{ "public", as_public, "PEM", false, true },
	{ "public in DER", as_public_der, "DER", false, true },
};

static void
keys_of_every_form(void **state)
{
	EVP_PKEY *const keys[] = { reading_leaf.key, reading_rsa.key };

	(void)state;
	for (size_t i = 0; i < LEN(key_forms); i++) {
		for (size_t k = 0; k < LEN(keys); k++) {
			const struct key_form *f = &key_forms[i];
			BIO *bio = memory_bio();
			struct reading r;

			f->write(bio, keys[k]);
			read_bio(&r, bio, SECRET);
			if (r.st != STATUS_OK)
				fail_msg("%s: %s", f->what, r.err.text);
			assert_int_equal(r.o.len, 1);
			assert_int_equal(r.o.items[0].kind, f->is_public ? OBJECT_PUBLIC_KEY : OBJECT_KEY);
			assert_string_equal(r.o.items[0].container, f->container);
			assert_int_equal(r.o.items[0].key->is_private, !f->is_public);
			assert_int_equal(r.o.items[0].key->was_encrypted, f->encrypted);
			assert_true(r.o.items[0].key->pub.readable);
			assert_int_equal(r.asked.times, f->encrypted ? 1 : 0);
			reading_done(&r);
		}
	}
}

/* Wrong, none, and empty: each says so, and says that it is about a passphrase. */
static void
wrong_passphrases(void **state)
{
	static const struct {
		const char *answer, *says;
	} answers[] = {
		{ "wrong", "test:1: the passphrase does not open the private key" },
		{ "", "test:1: the passphrase does not open the private key" },
		{ NULL, "test:1: the private key is encrypted, and there is no passphrase" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(answers); i++) {
		for (size_t k = 0; k < LEN(key_forms); k++) {
			struct reading r;
			BIO *bio;

			if (!key_forms[k].encrypted || strstr(key_forms[k].what, "DER") != NULL)
				continue;
			bio = memory_bio();
			key_forms[k].write(bio, reading_leaf.key);
			read_bio(&r, bio, answers[i].answer);
			assert_int_equal(r.st, STATUS_FAILED);
			if (strstr(r.err.text, answers[i].says) == NULL)
				fail_msg("%s: %s", key_forms[k].what, r.err.text);
			assert_true(r.o.items[0].needs_passphrase);
			assert_int_equal(r.o.items[0].meant, OBJECT_KEY);
			reading_done(&r);
		}
	}
}

/* Several locked keys in one file: the question comes once. */
static void
one_question_a_file(void **state)
{
	BIO *bio = memory_bio();
	struct reading r;

	(void)state;
	as_encrypted_pkcs8(bio, reading_leaf.key);
	as_encrypted_traditional(bio, reading_rsa.key);
	as_encrypted_pkcs8(bio, reading_rsa.key);
	read_bio(&r, bio, NULL);
	assert_int_equal(r.o.damaged, 3);
	assert_int_equal(r.asked.times, 1);
	reading_done(&r);
}

#define OID_RSA "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
#define OID_DSA "\x2a\x86\x48\xce\x38\x04\x01"

/* SubjectPublicKeyInfo of an RSA key of these sizes. */
static void
rsa_public(struct buf *out, size_t modulus_bits, size_t exponent_bits)
{
	struct buf numbers = { 0 }, key = { 0 }, algorithm = { 0 }, whole = { 0 };

	put_number(&numbers, modulus_bits);
	put_number(&numbers, exponent_bits);
	buf_addc(&key, 0);
	put(&key, 0x30, &numbers);
	put_bytes(&algorithm, 0x06, OID_RSA, sizeof OID_RSA - 1);
	buf_add(&algorithm, "\x05", 2);
	put(&whole, 0x30, &algorithm);
	put(&whole, 0x03, &key);
	put(out, 0x30, &whole);
	buf_done(&numbers);
	buf_done(&key);
	buf_done(&algorithm);
	buf_done(&whole);
}

/* RSAPrivateKey: nine numbers. */
static void
rsa_private(struct buf *out, size_t modulus_bits, size_t exponent_bits)
{
	struct buf numbers = { 0 };

	put_bytes(&numbers, 0x02, "", 1);
	put_number(&numbers, modulus_bits);
	put_number(&numbers, exponent_bits);
	put_number(&numbers, modulus_bits);
	for (int i = 0; i < 5; i++)
		put_number(&numbers, modulus_bits / 2);
	put(out, 0x30, &numbers);
	buf_done(&numbers);
}

/* PKCS#8 of a DSA key, whose public half OpenSSL computes while it reads: g^x mod p. */
static void
dsa_private(struct buf *out, size_t bits)
{
	struct buf params = { 0 }, algorithm = { 0 }, secret = { 0 }, whole = { 0 };

	put_number(&params, bits);
	put_number(&params, bits - 1);
	put_number(&params, bits - 2);
	put_bytes(&algorithm, 0x06, OID_DSA, sizeof OID_DSA - 1);
	put(&algorithm, 0x30, &params);
	put_number(&secret, bits - 2);
	put_bytes(&whole, 0x02, "", 1);
	put(&whole, 0x30, &algorithm);
	put(&whole, 0x04, &secret);
	put(out, 0x30, &whole);
	buf_done(&params);
	buf_done(&algorithm);
	buf_done(&secret);
	buf_done(&whole);
}

/* Big numbers are read in no time; what is beyond the limits is listed as not usable or as damaged. */
static void
big_keys(void **state)
{
	static const struct {
		const char *what;
		void (*make)(struct buf *out, size_t modulus, size_t exponent);
		size_t modulus, exponent;
		bool readable;
	} cases[] = {
		{ "RSA 16,384, public", rsa_public, 16384, 17, true },
		{ "RSA 16,384, private", rsa_private, 16384, 17, true },
		{ "RSA 20,000, public", rsa_public, 20000, 17, false },
		{ "RSA 20,000, private", rsa_private, 20000, 17, false },
		{ "an exponent of 4,096 bits, public", rsa_public, 8192, 4096, false },
		{ "an exponent of 4,096 bits, private", rsa_private, 8192, 4096, false },
		{ "an exponent of 4,096 bits under a small modulus", rsa_public, 4096, 4095, false },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		double began = seconds_now();
		struct buf b = { 0 };
		struct reading r;

		cases[i].make(&b, cases[i].modulus, cases[i].exponent);
		read_bytes(&r, b.data, b.len, NULL, NULL);
		if (r.st != STATUS_OK)
			fail_msg("%s: %s", cases[i].what, r.err.text);
		if (r.o.items[0].key->pub.readable != cases[i].readable)
			fail_msg("%s: %s, readable %d", cases[i].what, r.o.items[0].key->pub.label, !cases[i].readable);
		if (seconds_now() - began > 2)
			fail_msg("%s took %.1f s", cases[i].what, seconds_now() - began);
		reading_done(&r);
		buf_done(&b);
	}
}

static void
slow_keys(void **state)
{
	double began = seconds_now();
	struct buf b = { 0 };
	struct reading r;

	(void)state;
	dsa_private(&b, 60000);
	read_bytes(&r, b.data, b.len, NULL, NULL);
	assert_non_null(strstr(r.err.text, "DSA or DH key with a number of 60000 bits; at most 4096"));
	reading_done(&r);
	buf_reset(&b);

	for (size_t i = 0; i < LIMIT_KEY_DER; i++)
		buf_addc(&b, 0x55);
	struct buf huge = { 0 };
	put(&huge, 0x04, &b);
	buf_reset(&b);
	put_bytes(&b, 0x02, "", 1);
	put_bytes(&b, 0x30, "\x06\x01\x2a", 3);
	buf_add(&b, huge.data, huge.len);
	buf_reset(&huge);
	put(&huge, 0x30, &b);
	read_bytes(&r, huge.data, huge.len, NULL, NULL);
	assert_non_null(strstr(r.err.text, "at most 262144 are read"));
	reading_done(&r);
	buf_done(&huge);
	buf_done(&b);
	assert_true(seconds_now() - began < 2);
}

/* RFC 5480 2.1.1 forbids them; reading them is bounded, and they are known for what they are. */
static void
explicit_curves(void **state)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	EVP_PKEY *key = NULL;
	BIO *bio = memory_bio();
	struct reading r;

	(void)state;
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_ec_paramgen_curve_nid(ctx, NID_X9_62_prime256v1), 1);
	assert_int_equal(EVP_PKEY_CTX_set_ec_param_enc(ctx, OPENSSL_EC_EXPLICIT_CURVE), 1);
	assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
	as_pkcs8(bio, key);
	read_bio(&r, bio, NULL);
	assert_int_equal(r.st, STATUS_OK);
	assert_true(r.o.items[0].key->pub.explicit_curve);
	reading_done(&r);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(ctx);
}

/* EncryptedPrivateKeyInfo with PBES2 (RFC 8018 A.4); `kdf` is the key derivation's SEQUENCE content. */
static void
pbes2_key(struct buf *out, const struct buf *kdf)
{
	static const char aes[] = "\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x2a\x04\x10" "0123456789abcdef";
	struct buf schemes = { 0 }, algorithm = { 0 }, whole = { 0 };

	put(&schemes, 0x30, kdf);
	put_bytes(&schemes, 0x30, aes, sizeof aes - 1);
	put_bytes(&algorithm, 0x06, "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d", 9);
	put(&algorithm, 0x30, &schemes);
	put(&whole, 0x30, &algorithm);
	put_bytes(&whole, 0x04, "0123456789abcdef0123456789abcdef", 32);
	put(out, 0x30, &whole);
	buf_done(&schemes);
	buf_done(&algorithm);
	buf_done(&whole);
}

/* The key derivation is not begun: the answer comes at once. */
static void
endless_derivations(void **state)
{
	static const struct {
		const char *what, *oid, *params; /* params behind the salt */
		size_t oid_len, params_len;
		const char *says;
	} cases[] = {
#define KDF(oid, params) oid, params, sizeof(oid) - 1, sizeof(params) - 1
#define PBKDF2 "\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c"
#define SCRYPT "\x2b\x06\x01\x04\x01\xda\x47\x04\x0b"
		{ "2^31 iterations", KDF(PBKDF2, "\x02\x05\x00\x80\x00\x00\x00"), "2147483648 iterations" },
		{ "2^62 iterations", KDF(PBKDF2, "\x02\x08\x40\x00\x00\x00\x00\x00\x00\x00"), "2^62 iterations" },
		{ "less than none", KDF(PBKDF2, "\x02\x01\x80"), "parameters of its encryption are damaged" },
		{ "no count", KDF(PBKDF2, "\x05\x00"), "parameters of its encryption are damaged" },
		{ "scrypt, N = 2^24", KDF(SCRYPT, "\x02\x04\x01\x00\x00\x00\x02\x01\x08\x02\x01\x01"), "scrypt parameters" },
		{ "scrypt, p = 2^30", KDF(SCRYPT, "\x02\x01\x10\x02\x01\x08\x02\x04\x40\x00\x00\x00"), "scrypt parameters" },
		{ "scrypt, 256 MiB", KDF(SCRYPT, "\x02\x03\x04\x00\x00\x02\x01\x08\x02\x01\x01"), "32 MiB" },
		{ "no derivation that is known", KDF("\x2a\x03", ""), "neither PBKDF2 nor scrypt" },
#undef KDF
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct buf params = { 0 }, kdf = { 0 }, b = { 0 };
		double began = seconds_now();
		struct reading r;

		put_bytes(&params, 0x04, "saltsalt", 8);
		buf_add(&params, cases[i].params, cases[i].params_len);
		put_bytes(&kdf, 0x06, cases[i].oid, cases[i].oid_len);
		put(&kdf, 0x30, &params);
		pbes2_key(&b, &kdf);
		read_bytes(&r, b.data, b.len, SECRET, NULL);
		if (strstr(r.err.text, cases[i].says) == NULL)
			fail_msg("%s: %s", cases[i].what, r.err.text);
		assert_int_equal(r.asked.times, 0);
		assert_true(seconds_now() - began < 0.5);
		reading_done(&r);
		buf_done(&params);
		buf_done(&kdf);
		buf_done(&b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_of_every_form),
		cmocka_unit_test(wrong_passphrases),
		cmocka_unit_test(one_question_a_file),
		cmocka_unit_test(big_keys),
		cmocka_unit_test(slow_keys),
		cmocka_unit_test(explicit_curves),
		cmocka_unit_test(endless_derivations),
	};

	return cmocka_run_group_tests(tests, reading_setup, reading_teardown);
}
