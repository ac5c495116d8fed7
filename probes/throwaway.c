#include "probes/throwaway.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { YEAR = 365 * 24 * 3600, SERIAL_BYTES = 16, RSA_BITS = 2048 };

/* Say in the server's log what it was. */
static const char name[] = "mtlscope throwaway certificate", ca_name[] = "mtlscope throwaway CA";

static bool
add_extension(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
	bool ok = e != NULL && X509_add_ext(x, e, -1) == 1;

	X509_EXTENSION_free(e);
	return ok;
}

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
set_name(X509_NAME *n, const char *common_name)
{
	return X509_NAME_add_entry_by_NID(n, NID_commonName, MBSTRING_UTF8, (const unsigned char *)common_name, -1, -1, 0) == 1;
}

/* A year each way: whatever the server's clock says, time is not what is wrong with it. */
static bool
fill(X509 *x, EVP_PKEY *key, const char *issuer, EVP_PKEY *signer)
{
	return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -YEAR) != NULL && X509_gmtime_adj(X509_getm_notAfter(x), YEAR) != NULL &&
	    set_name(X509_get_subject_name(x), name) && set_name(X509_get_issuer_name(x), issuer) && X509_set_pubkey(x, key) == 1 &&
	    add_extension(x, NID_basic_constraints, "critical,CA:FALSE") && add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(x, NID_ext_key_usage, "clientAuth") && X509_sign(x, signer, EVP_sha256()) > 0;
}

bool
throwaway_make(bool rsa, X509 **cert, EVP_PKEY **key)
{
	*key = rsa ? EVP_RSA_gen(RSA_BITS) : EVP_EC_gen("P-256");
	*cert = X509_new();
	if (*key != NULL && *cert != NULL && fill(*cert, *key, name, *key))
		return true;
	X509_free(*cert);
	EVP_PKEY_free(*key);
	*cert = NULL;
	*key = NULL;
	return false;
}

X509 *
throwaway_certify(EVP_PKEY *key)
{
	EVP_PKEY *ca = EVP_EC_gen("P-256");
	X509 *cert = X509_new();

	if (ca == NULL || cert == NULL || !fill(cert, key, ca_name, ca)) {
		X509_free(cert);
		cert = NULL;
	}
	EVP_PKEY_free(ca);
	return cert;
}
