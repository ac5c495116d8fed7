#include "model/wrong_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>
#include <string.h>

#include "model/limits.h"

enum { RAW_KEY_MAX = 64 }; /* Ed448 has 57 bytes */

/* Builds a key pair from parameters, as a peer of our own making would have them: nothing is checked. */
static EVP_PKEY *
key_from(const char *type, OSSL_PARAM_BLD *bld)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) <= 0 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params) <= 0)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	return key;
}

/* The stranger's private number, or a random one, of at most `bits` bits and never zero. */
static BIGNUM *
private_number(EVP_PKEY *public_half, EVP_PKEY *stranger, const char *param, int bits)
{
	BIGNUM *n = NULL;

	if (stranger != NULL && EVP_PKEY_get_base_id(stranger) == EVP_PKEY_get_base_id(public_half) &&
	    EVP_PKEY_get_bits(stranger) == EVP_PKEY_get_bits(public_half) &&
	    EVP_PKEY_get_bn_param(stranger, param, &n) == 1)
		return n;
	n = BN_secure_new();
	/* One bit short of the modulus or order, the highest set: in range whatever it is. */
	if (n != NULL && BN_priv_rand(n, bits - 1, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) == 1)
		return n;
	BN_clear_free(n);
	return NULL;
}

static EVP_PKEY *
wrong_ec(EVP_PKEY *public_half, EVP_PKEY *stranger)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *priv = private_number(public_half, stranger, OSSL_PKEY_PARAM_PRIV_KEY, EVP_PKEY_get_bits(public_half));
	unsigned char *pub = NULL;
	size_t pub_len = EVP_PKEY_get1_encoded_public_key(public_half, &pub);
	char group[64];
	EVP_PKEY *key = NULL;

	if (bld != NULL && priv != NULL && pub_len > 0 &&
	    EVP_PKEY_get_utf8_string_param(public_half, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) == 1 &&
	    OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME, group, 0) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, pub, pub_len) == 1 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY, priv) == 1)
		key = key_from("EC", bld);
	OPENSSL_free(pub);
	BN_clear_free(priv);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

/* Without the primes OpenSSL has no way to notice: with them it checks its result against e. */
static EVP_PKEY *
wrong_rsa(EVP_PKEY *public_half, EVP_PKEY *stranger, const char *type)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	BIGNUM *d = private_number(public_half, stranger, OSSL_PKEY_PARAM_RSA_D, EVP_PKEY_get_bits(public_half));
	BIGNUM *n = NULL, *e = NULL;
	EVP_PKEY *key = NULL;

	if (bld != NULL && d != NULL && EVP_PKEY_get_bits(public_half) <= LIMIT_RSA_BITS &&
	    EVP_PKEY_get_bn_param(public_half, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(public_half, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, n) == 1 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_E, e) == 1 &&
	    OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_D, d) == 1)
		key = key_from(type, bld);
	BN_free(n);
	BN_free(e);
	BN_clear_free(d);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

static EVP_PKEY *
wrong_edwards(EVP_PKEY *public_half, EVP_PKEY *stranger, const char *type)
{
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	unsigned char pub[RAW_KEY_MAX], priv[RAW_KEY_MAX];
	size_t pub_len = sizeof pub, priv_len = sizeof priv;
	EVP_PKEY *key = NULL;

	if (bld == NULL || EVP_PKEY_get_raw_public_key(public_half, pub, &pub_len) != 1)
		goto done;
	if (stranger == NULL || EVP_PKEY_get_base_id(stranger) != EVP_PKEY_get_base_id(public_half) ||
	    EVP_PKEY_get_raw_private_key(stranger, priv, &priv_len) != 1) {
		priv_len = pub_len;
		if (RAND_priv_bytes(priv, (int)priv_len) != 1)
			goto done;
	}
	if (OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, pub, pub_len) == 1 &&
	    OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PRIV_KEY, priv, priv_len) == 1)
		key = key_from(type, bld);
done:
	OPENSSL_cleanse(priv, sizeof priv);
	OSSL_PARAM_BLD_free(bld);
	return key;
}

EVP_PKEY *
wrong_key(EVP_PKEY *public_half, EVP_PKEY *stranger)
{
	switch (EVP_PKEY_get_base_id(public_half)) {
	case EVP_PKEY_EC: return wrong_ec(public_half, stranger);
	case EVP_PKEY_RSA: return wrong_rsa(public_half, stranger, "RSA");
	case EVP_PKEY_RSA_PSS: return wrong_rsa(public_half, stranger, "RSA-PSS");
	case EVP_PKEY_ED25519: return wrong_edwards(public_half, stranger, "ED25519");
	case EVP_PKEY_ED448: return wrong_edwards(public_half, stranger, "ED448");
	default: return NULL;
	}
}
