#include "model/spki.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { NAME_MAX_LEN = 80, RAW_MAX = 64 }; /* a curve's name; Ed448 has 57 bytes */

struct parts {
	int algorithm;      /* NID */
	int parameter_type; /* V_ASN1_… */
	ASN1_OBJECT *curve;
	unsigned char *key; /* the BIT STRING's content */
	int key_len;
};

/* Explicit parameters are for OpenSSL to encode. */
static bool
ec_parts(const EVP_PKEY *key, struct parts *p)
{
	char group[NAME_MAX_LEN], encoding[NAME_MAX_LEN];
	int nid;
	size_t len;

	if (EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_EC_ENCODING, encoding, sizeof encoding, NULL) != 1 ||
	    strcmp(encoding, OSSL_PKEY_EC_ENCODING_GROUP) != 0 ||
	    EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, NULL) != 1)
		return false;
	nid = OBJ_txt2nid(group);
	/* In the key's own form, compressed or not. */
	if (nid == NID_undef || EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, NULL, 0, &len) != 1 ||
	    len > INT32_MAX || (p->key = OPENSSL_malloc(len)) == NULL ||
	    EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, p->key, len, &len) != 1)
		return false;
	*p = (struct parts){ NID_X9_62_id_ecPublicKey, V_ASN1_OBJECT, OBJ_nid2obj(nid), p->key, (int)len };
	return true;
}

/* RFC 8017 A.1.1: SEQUENCE { n INTEGER, e INTEGER } */
static bool
rsa_parts(const EVP_PKEY *key, struct parts *p)
{
	BIGNUM *n = NULL, *e = NULL;
	ASN1_INTEGER *an = NULL, *ae = NULL;
	unsigned char *at;
	int content = 0, len = 0;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
	    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && (an = BN_to_ASN1_INTEGER(n, NULL)) != NULL &&
	    (ae = BN_to_ASN1_INTEGER(e, NULL)) != NULL) {
		content = i2d_ASN1_INTEGER(an, NULL) + i2d_ASN1_INTEGER(ae, NULL);
		len = ASN1_object_size(1, content, V_ASN1_SEQUENCE);
	}
	if (len > 0 && (at = p->key = OPENSSL_malloc((size_t)len)) != NULL) {
		ASN1_put_object(&at, 1, content, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
		i2d_ASN1_INTEGER(an, &at);
		i2d_ASN1_INTEGER(ae, &at);
		*p = (struct parts){ NID_rsaEncryption, V_ASN1_NULL, NULL, p->key, len };
	}
	ASN1_INTEGER_free(an);
	ASN1_INTEGER_free(ae);
	BN_free(n);
	BN_free(e);
	return p->key != NULL;
}

static bool
edwards_parts(const EVP_PKEY *key, int nid, struct parts *p)
{
	unsigned char raw[RAW_MAX];
	size_t len = sizeof raw;

	if (EVP_PKEY_get_raw_public_key(key, raw, &len) != 1)
		return false;
	*p = (struct parts){ nid, V_ASN1_UNDEF, NULL, OPENSSL_memdup(raw, len), (int)len };
	return p->key != NULL;
}

static bool
known_parts(const EVP_PKEY *key, struct parts *p)
{
	int type = EVP_PKEY_get_base_id(key);

	switch (type) {
	case EVP_PKEY_EC: return ec_parts(key, p);
	case EVP_PKEY_RSA: return rsa_parts(key, p);
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448: return edwards_parts(key, type, p);
	default: return false;
	}
}

size_t
spki_encode(const EVP_PKEY *key, unsigned char **out)
{
	struct parts p = { 0 };
	X509_PUBKEY *spki = NULL;
	int len = 0;

	*out = NULL;
	if (known_parts(key, &p) && (spki = X509_PUBKEY_new()) != NULL &&
	    X509_PUBKEY_set0_param(spki, OBJ_nid2obj(p.algorithm), p.parameter_type, p.curve, p.key, p.key_len) == 1) {
		p.key = NULL; /* the structure's now */
		len = i2d_X509_PUBKEY(spki, out);
	} else {
		len = i2d_PUBKEY(key, out);
	}
	OPENSSL_free(p.key);
	X509_PUBKEY_free(spki);
	return len > 0 ? (size_t)len : 0;
}
