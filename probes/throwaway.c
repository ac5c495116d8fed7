#include "probes/throwaway.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <time.h>

#include "model/cert_openssl.h"
#include "probes/made_cert.h"

enum { YEAR = 365 * 24 * 3600 };

/* Say in the server's log what it was. */
static const char name[] = "mtlscope throwaway certificate", ca_name[] = "mtlscope throwaway CA";

/* A year each way: whatever the server's clock says, time is not what is wrong with it. */
static X509 *
client_cert(EVP_PKEY *key, X509 *issuer, EVP_PKEY *signer)
{
	int64_t now = time(NULL);

	return made_cert(&(struct made_cert){
		.cn = name,
		.key = key,
		.issuer = issuer,
		.signer = signer,
		.from = now - YEAR,
		.to = now + YEAR,
		.extensions = { { NID_basic_constraints, "critical,CA:FALSE" }, { NID_key_usage, "critical,digitalSignature" },
			{ NID_ext_key_usage, "clientAuth" } },
	});
}

bool
throwaway_make(bool rsa, X509 **cert, EVP_PKEY **key)
{
	*key = rsa ? EVP_RSA_gen(MADE_RSA_BITS) : EVP_EC_gen("P-256");
	*cert = *key != NULL ? client_cert(*key, NULL, *key) : NULL;
	if (*cert != NULL)
		return true;
	EVP_PKEY_free(*key);
	*key = NULL;
	return false;
}

struct identity *
throwaway_identity(void)
{
	struct error unimportant = { .code = ERROR_NONE };
	unsigned char *der = NULL;
	EVP_PKEY *evp = NULL;
	struct identity *made = NULL;
	struct key *key = NULL;
	struct cert *cert;
	X509 *x = NULL;
	int len;

	if (!throwaway_make(false, &x, &evp))
		return NULL;
	len = i2d_X509(x, &der);
	cert = len > 0 ? cert_parse(der, (size_t)len, &unimportant) : NULL;
	key = key_from_evp(evp, true, false);
	if (cert != NULL && key != NULL)
		made = identity_from(name, &cert, 1, key);
	cert_free(cert);
	key_free(key);
	OPENSSL_free(der);
	X509_free(x);
	return made;
}

X509 *
throwaway_certify(EVP_PKEY *key)
{
	EVP_PKEY *ca_key = EVP_EC_gen("P-256");
	/* Its name and key are all that is used of it. */
	X509 *ca = ca_key != NULL ? made_cert(&(struct made_cert){ .cn = ca_name, .key = ca_key, .signer = ca_key }) : NULL;
	X509 *cert = ca != NULL ? client_cert(key, ca, ca_key) : NULL;

	X509_free(ca);
	EVP_PKEY_free(ca_key);
	return cert;
}
