/* A key's SubjectPublicKeyInfo, byte for byte as OpenSSL's own encoder has it. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

#include "model/spki.h"

struct case_ {
	const char *type, *group; /* RSA: group NULL, bits */
	size_t bits;
	const char *encoding, *form; /* EC: explicit parameters, compressed points; or NULL */
};

static const struct case_ cases[] = {
	{ "EC", "P-256", 0, NULL, NULL },
	{ "EC", "P-384", 0, NULL, NULL },
	{ "EC", "P-521", 0, NULL, NULL },
	{ "EC", "secp256k1", 0, NULL, NULL },
	{ "EC", "brainpoolP256r1", 0, NULL, NULL },
	{ "EC", "P-256", 0, NULL, OSSL_PKEY_EC_POINT_CONVERSION_FORMAT_COMPRESSED },
	{ "EC", "P-256", 0, OSSL_PKEY_EC_ENCODING_EXPLICIT, NULL },
	{ "RSA", NULL, 1024, NULL, NULL },
	{ "RSA", NULL, 1025, NULL, NULL }, /* a modulus that begins with a zero bit */
	{ "RSA-PSS", NULL, 1024, NULL, NULL },
	{ "ED25519", NULL, 0, NULL, NULL },
	{ "ED448", NULL, 0, NULL, NULL },
	{ "X25519", NULL, 0, NULL, NULL }, /* none that we build ourselves */
};

static EVP_PKEY *
make(const struct case_ *c)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, c->type, NULL);
	OSSL_PARAM params[4];
	size_t n = 0, bits = c->bits;
	EVP_PKEY *key = NULL;

	if (c->group != NULL)
		params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)(uintptr_t)c->group, 0);
	if (c->encoding != NULL)
		params[n++] = OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_EC_ENCODING, (char *)(uintptr_t)c->encoding, 0);
	if (bits != 0)
		params[n++] = OSSL_PARAM_construct_size_t(OSSL_PKEY_PARAM_RSA_BITS, &bits);
	params[n] = OSSL_PARAM_construct_end();
	assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
	assert_int_equal(EVP_PKEY_CTX_set_params(ctx, params), 1);
	assert_int_equal(EVP_PKEY_generate(ctx, &key), 1);
	if (c->form != NULL)
		assert_int_equal(EVP_PKEY_set_utf8_string_param(key, OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, c->form), 1);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static void
equals_openssl(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		EVP_PKEY *key = make(&cases[i]);
		unsigned char *ours = NULL, *theirs = NULL;
		size_t len = spki_encode(key, &ours);

		assert_true(len > 0);
		assert_int_equal(i2d_PUBKEY(key, &theirs), len);
		assert_memory_equal(ours, theirs, len);
		OPENSSL_free(ours);
		OPENSSL_free(theirs);
		EVP_PKEY_free(key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equals_openssl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
