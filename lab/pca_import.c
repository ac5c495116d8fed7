/* ImportCertificateAuthorityCertificate: is this the certificate of that CA? Knowledge "aws" 1.4. */
#include "lab/pca_parts.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include "model/asn1_times.h"
#include "model/limits.h"

enum { LEVELS = 5 }; /* of a hierarchy, root and importing CA included */
static const char malformed[] = "MalformedCertificateException";
static const char mismatch[] = "CertificateMismatchException";
static const char prohibited[] = "InvalidRequestException";
static const char invalid[] = "ValidationException"; /* the guide's "validation exception" for basic constraints and path length */

/* Every certificate of the PEM, in its order; NULL where there is none, one cannot be read or something else is in it. */
static STACK_OF(X509) *
certificates_of(const unsigned char *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	STACK_OF(X509) *all = sk_X509_new_null();
	X509 *x = NULL;
	bool ok = bio != NULL && all != NULL;

	ERR_clear_error();
	while (ok && (x = PEM_read_bio_X509(bio, NULL, pca_no_passphrase, NULL)) != NULL) {
		ok = sk_X509_push(all, x) > 0;
		if (!ok)
			X509_free(x);
	}
	/* The end is where no further BEGIN line is. */
	ok = ok && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE && sk_X509_num(all) > 0;
	ERR_clear_error();
	BIO_free(bio);
	if (ok)
		return all;
	sk_X509_pop_free(all, X509_free);
	return NULL;
}

/* Critical ones that AWS takes in a CA's certificate; any other that is critical is refused. */
static bool
critical_ones_hold(const X509 *x)
{
	static const int taken[] = { NID_authority_key_identifier, NID_basic_constraints, NID_certificate_policies, NID_ext_key_usage,
		NID_inhibit_any_policy, NID_issuer_alt_name, NID_key_usage, NID_name_constraints, NID_policy_mappings, NID_subject_alt_name,
		NID_subject_directory_attributes, NID_subject_key_identifier, NID_sinfo_access };

	for (int i = 0; i < X509_get_ext_count(x); i++) {
		X509_EXTENSION *e = X509_get_ext(x, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(e));
		bool known = false;

		for (size_t k = 0; k < sizeof taken / sizeof taken[0]; k++)
			known = known || taken[k] == nid;
		if (X509_EXTENSION_get_critical(e) && !known)
			return false;
	}
	return true;
}

static bool
basic_constraints_hold(const X509 *x, struct pca_fault *fault)
{
	int critical = -1;
	BASIC_CONSTRAINTS *b = X509_get_ext_d2i(x, NID_basic_constraints, &critical, NULL);
	bool ca = b != NULL && b->ca != 0;

	BASIC_CONSTRAINTS_free(b);
	if (b == NULL)
		return pca_refuse(fault, invalid, "The certificate does not have the basic constraints extension");
	if (critical != 1)
		return pca_refuse(fault, invalid, "The basic constraints extension of the certificate is not marked critical");
	return ca || pca_refuse(fault, invalid, "The basic constraints extension of the certificate does not say that it is a CA");
}

static bool
signed_by(X509 *x, X509 *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);
	bool ok = key != NULL && EVP_PKEY_get_bits(key) <= LIMIT_RSA_BITS &&
	    X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(issuer)) == 0 && X509_verify(x, key) == 1;

	ERR_clear_error();
	return ok;
}

/* The certificate by itself, whatever is above it. */
static bool
certificate_holds(X509 *x, EVP_PKEY *ca_key, int64_t now, struct pca_fault *fault)
{
	int64_t until = asn1_time(X509_get0_notAfter(x));

	if (X509_get0_pubkey(x) == NULL || EVP_PKEY_eq(X509_get0_pubkey(x), ca_key) != 1)
		return pca_refuse(fault, mismatch, "The public key of the certificate does not match the certificate authority's");
	if (!basic_constraints_hold(x, fault))
		return false;
	if (!critical_ones_hold(x))
		return pca_refuse(fault, malformed, "The certificate has a critical extension that is not allowed");
	if ((X509_get_extension_flags(x) & EXFLAG_INVALID) != 0)
		return pca_refuse(fault, malformed, "An extension of the certificate cannot be read");
	if ((X509_get_key_usage(x) & KU_KEY_CERT_SIGN) == 0)
		return pca_refuse(fault, malformed, "The key usage of the certificate does not allow it to sign certificates");
	if (until <= now) /* an unreadable date too */
		return pca_refuse(fault, malformed, "The certificate is expired");
	return true;
}

static bool
chain_holds(X509 *x, const STACK_OF(X509) *chain, struct pca_fault *fault)
{
	int n = sk_X509_num(chain);
	X509 *below = x;

	if (n > LEVELS - 1)
		return pca_refuse(fault, prohibited, "A certificate authority hierarchy has at most %d levels", LEVELS);
	for (int i = 0; i < n; i++) {
		X509 *issuer = sk_X509_value(chain, i);
		long allowed;

		if (X509_cmp(issuer, x) == 0)
			return pca_refuse(fault, mismatch, "The certificate chain must not include the certificate that is imported");
		if (!signed_by(below, issuer))
			return pca_refuse(fault, mismatch, "Certificate %d of the chain did not sign the certificate before it", i + 1);
		if (!basic_constraints_hold(issuer, fault) || (X509_get_key_usage(issuer) & KU_KEY_CERT_SIGN) == 0)
			return fault->code[0] != '\0' ? false : pca_refuse(fault, mismatch, "Certificate %d of the chain may not sign certificates", i + 1);
		allowed = X509_get_pathlen(issuer);
		/*
		 * Below it stand the imported CA and the i between (RFC 5280 6.1.4 (l), (m)); and the imported one may not
		 * claim as much as its parent has, as AWS would not have issued it.
		 */
		if (allowed >= 0 && (allowed < i + 1 || (i == 0 && X509_get_pathlen(x) >= allowed)))
			return pca_refuse(fault, invalid, "The certificate violates the path length constraint of certificate %d of the chain", i + 1);
		below = issuer;
	}
	return signed_by(below, below) || pca_refuse(fault, mismatch, "The certificate chain does not end in a root");
}

bool
pca_check_import(bool root, EVP_PKEY *ca_key, const unsigned char *pem, size_t pem_len, const unsigned char *chain, size_t chain_len,
    int64_t now, struct pca_fault *fault, X509 **out)
{
	STACK_OF(X509) *own = pem_len > 0 && pem_len <= LIMIT_PCA_CSR ? certificates_of(pem, pem_len) : NULL;
	STACK_OF(X509) *above = NULL;
	X509 *x = own != NULL ? sk_X509_value(own, 0) : NULL;
	bool self, ok = false;

	*fault = (struct pca_fault){ .code = "" };
	*out = NULL;
	if (own == NULL) {
		pca_refuse(fault, malformed, "The certificate is not a PEM-encoded X.509 certificate");
		goto out;
	}
	if (sk_X509_num(own) > 1) {
		pca_refuse(fault, malformed, "The certificate field contains more than one certificate");
		goto out;
	}
	if (!certificate_holds(x, ca_key, now, fault))
		goto out;
	self = signed_by(x, x);
	if (root && !self) {
		pca_refuse(fault, mismatch, "Only a self-signed certificate can be imported as a root CA");
		goto out;
	}
	if (root && chain != NULL && chain_len > 0) {
		pca_refuse(fault, prohibited, "A certificate chain cannot be specified for a root CA");
		goto out;
	}
	if (!root && self) {
		pca_refuse(fault, mismatch, "A self-signed certificate cannot be imported as a subordinate CA");
		goto out;
	}
	if (!root && (chain == NULL || chain_len == 0)) {
		pca_refuse(fault, prohibited, "A certificate chain must be specified for a subordinate CA");
		goto out;
	}
	if (!root && (chain_len > LIMIT_PCA_CHAIN || (above = certificates_of(chain, chain_len)) == NULL)) {
		pca_refuse(fault, malformed, "The certificate chain is not a list of PEM-encoded X.509 certificates");
		goto out;
	}
	if (!root && !chain_holds(x, above, fault))
		goto out;
	X509_up_ref(x);
	*out = x;
	ok = true;
out:
	sk_X509_pop_free(own, X509_free);
	sk_X509_pop_free(above, X509_free);
	ERR_clear_error();
	return ok;
}
