#include "probes/made_cert.h"

#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdbool.h>

enum { SERIAL_BYTES = 16 };

static bool
set_serial(X509 *x)
{
	unsigned char bytes[SERIAL_BYTES];
	BIGNUM *n = NULL;
	bool ok = RAND_bytes(bytes, sizeof bytes) == 1;

	bytes[0] = (bytes[0] & 0x7f) | 0x40; /* positive, and of full length */
	if (ok)
		n = BN_bin2bn(bytes, sizeof bytes, NULL);
	ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok;
}

static bool
set_common_name(X509_NAME *n, const char *cn)
{
	return X509_NAME_add_entry_by_NID(n, NID_commonName, MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0) == 1;
}

static bool
add_extensions(X509 *x, X509 *issuer, const struct made_cert *what)
{
	X509V3_CTX ctx;
	bool ok = true;

	X509V3_set_ctx(&ctx, issuer, x, NULL, NULL, 0);
	for (size_t i = 0; ok && i < MADE_EXTENSIONS_MAX && what->extensions[i].value != NULL; i++) {
		X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, what->extensions[i].nid, what->extensions[i].value);

		ok = e != NULL && X509_add_ext(x, e, -1) == 1;
		X509_EXTENSION_free(e);
	}
	return ok;
}

X509 *
made_cert(const struct made_cert *what)
{
	X509 *x = X509_new();
	X509 *issuer = what->issuer != NULL ? what->issuer : x;

	if (x != NULL && X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    ASN1_TIME_set(X509_getm_notBefore(x), (time_t)what->from) != NULL &&
	    ASN1_TIME_set(X509_getm_notAfter(x), (time_t)what->to) != NULL &&
	    set_common_name(X509_get_subject_name(x), what->cn) && X509_set_issuer_name(x, X509_get_subject_name(issuer)) == 1 &&
	    X509_set_pubkey(x, what->key) == 1 && add_extensions(x, issuer, what) && X509_sign(x, what->signer, EVP_sha256()) > 0)
		return x;
	X509_free(x);
	return NULL;
}
