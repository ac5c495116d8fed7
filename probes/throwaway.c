#include "probes/throwaway.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

enum { YEAR = 365 * 24 * 3600, SERIAL_BYTES = 16 };

/* Says in the server's log what it was. */
static const unsigned char name[] = "mtlscope throwaway certificate";

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

/* A year each way: whatever the server's clock says, time is not what is wrong with it. */
static bool
fill(X509 *x, EVP_PKEY *key)
{
	X509_NAME *subject = X509_get_subject_name(x);

	return X509_set_version(x, X509_VERSION_3) == 1 && set_serial(x) &&
	    X509_gmtime_adj(X509_getm_notBefore(x), -YEAR) != NULL && X509_gmtime_adj(X509_getm_notAfter(x), YEAR) != NULL &&
	    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, name, sizeof name - 1, -1, 0) == 1 &&
	    X509_set_issuer_name(x, subject) == 1 && X509_set_pubkey(x, key) == 1 &&
	    add_extension(x, NID_basic_constraints, "critical,CA:FALSE") && add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	    add_extension(x, NID_ext_key_usage, "clientAuth") && X509_sign(x, key, EVP_sha256()) > 0;
}

bool
throwaway_make(X509 **cert, EVP_PKEY **key)
{
	*key = EVP_EC_gen("P-256");
	*cert = X509_new();
	if (*key != NULL && *cert != NULL && fill(*cert, *key))
		return true;
	X509_free(*cert);
	EVP_PKEY_free(*key);
	*cert = NULL;
	*key = NULL;
	return false;
}
