/* Requests: what AWS demands of a CSR before it answers IssueCertificate, what it finds only later, and the CSR of a CA of ours. */
#include "lab/pca_parts.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

enum { RSA_LEAST = 2048, RSA_MOST = 4096, COMMON_NAME_MAX = 64 };
static const char malformed[] = "MalformedCSRException";
static const char failed_later[] = "Certificate ARN is in a failed state.";

int
pca_no_passphrase(char *out, int size, int writing, void *user)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)user;
	return -1;
}

/* RSA of 2048 to 4096 bits and the three NIST curves: KeyAlgorithm's list. */
static bool
key_is_taken(EVP_PKEY *key)
{
	static const char *const curves[] = { SN_X9_62_prime256v1, SN_secp384r1, SN_secp521r1 };
	char curve[80] = "";
	BIGNUM *e = NULL;
	bool ok = false;

	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_RSA:
		ok = EVP_PKEY_get_bits(key) >= RSA_LEAST && EVP_PKEY_get_bits(key) <= RSA_MOST &&
		    EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 && BN_num_bits(e) <= LIMIT_RSA_EXPONENT_BITS;
		BN_free(e);
		return ok;
	case EVP_PKEY_EC:
		if (EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) != 1)
			return false;
		for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
			ok = ok || strcmp(curves[i], curve) == 0;
		return ok;
	default:
		return false;
	}
}

X509_REQ *
pca_csr_read(const unsigned char *pem, size_t len, struct pca_fault *fault)
{
	BIO *bio = len > 0 && len <= LIMIT_PCA_CSR ? BIO_new_mem_buf(pem, (int)len) : NULL;
	X509_REQ *csr = bio != NULL ? PEM_read_bio_X509_REQ(bio, NULL, pca_no_passphrase, NULL) : NULL;
	EVP_PKEY *key = csr != NULL ? X509_REQ_get0_pubkey(csr) : NULL;

	BIO_free(bio);
	if (csr == NULL)
		pca_refuse(fault, malformed, "The certificate signing request is not a PEM-encoded PKCS #10 request");
	else if (key == NULL || !key_is_taken(key))
		pca_refuse(fault, malformed, "The key of the certificate signing request is not RSA of 2048 to 4096 bits, P-256, P-384 or P-521");
	else if (X509_REQ_verify(csr, key) != 1)
		pca_refuse(fault, malformed, "The signature of the certificate signing request is not valid");
	else
		return csr;
	X509_REQ_free(csr);
	return NULL;
}

STACK_OF(X509_EXTENSION) *
pca_csr_extensions(X509_REQ *csr, struct pca_fault *fault)
{
	bool asks = X509_REQ_get_attr_by_NID(csr, NID_ext_req, -1) >= 0 || X509_REQ_get_attr_by_NID(csr, NID_ms_ext_req, -1) >= 0;
	STACK_OF(X509_EXTENSION) *list = asks ? X509_REQ_get_extensions(csr) : sk_X509_EXTENSION_new_null();

	if (list == NULL && asks)
		pca_refuse(fault, malformed, "The extensions of the certificate signing request cannot be read");
	else if (list == NULL)
		pca_broken(fault);
	else if (pca_list_twice(list)) {
		pca_refuse(fault, malformed, "The certificate signing request has an extension twice");
		pca_list_free(list);
		list = NULL;
	}
	return list;
}

static bool
common_names_fit(const X509_NAME *name)
{
	int at = -1;

	while ((at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0) {
		unsigned char *utf8 = NULL;
		int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
		OPENSSL_free(utf8);
		if (len < 0 || len > COMMON_NAME_MAX)
			return false;
	}
	return true;
}

static bool
fails_later(struct pca_fault *fault, bool *late)
{
	*late = true;
	return pca_refuse(fault, "RequestFailedException", "%s", failed_later);
}

/* Who it is for: a subject, or alternative names that are critical in its place (RFC 5280 4.1.2.6). */
static bool
subject_holds(const struct pca_signing *s, const X509_NAME *subject, const STACK_OF(X509_EXTENSION) *of_csr,
    const struct pca_api *api, struct pca_fault *fault, bool *late)
{
	X509_EXTENSION *san = pca_list_find(of_csr, NID_subject_alt_name);

	if (!common_names_fit(subject))
		return pca_refuse(fault, malformed, "The common name of the certificate signing request is longer than %d characters", COMMON_NAME_MAX);
	if (X509_NAME_entry_count(subject) > 0)
		return true;
	if (s->template->basic == PCA_BASIC_CA)
		return fails_later(fault, late); /* RFC 5280 4.1.2.6: a CA must have a name */
	if (api->extensions != NULL && pca_list_find(api->extensions, NID_subject_alt_name) != NULL)
		return true;
	if (san == NULL)
		return fails_later(fault, late); /* seen in the field: issued, and then failed without a reason */
	if (!X509_EXTENSION_get_critical(san))
		return pca_refuse(fault, malformed, "CSR must mark the SAN extension critical when it has an empty subject");
	return true;
}

/* Custom extensions are bytes to the front end; what encodes the certificate wants DER. */
static bool
values_are_der(const STACK_OF(X509_EXTENSION) *list)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(list); i++) {
		const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data(sk_X509_EXTENSION_value(list, i));
		const unsigned char *p = ASN1_STRING_get0_data(value);
		int len = ASN1_STRING_length(value);
		ASN1_TYPE *any = d2i_ASN1_TYPE(NULL, &p, len);
		bool whole = any != NULL && p == ASN1_STRING_get0_data(value) + len;

		ASN1_TYPE_free(any);
		ERR_clear_error();
		if (!whole)
			return false;
	}
	return true;
}

/* A CA below must be able to issue as its parent allows (knowledge "aws" 1.4). */
static bool
path_length_holds(const struct pca_signing *s, struct pca_fault *fault)
{
	long parent = s->ca != NULL ? X509_get_pathlen(s->ca) : -1;

	if (s->template->root || s->template->basic != PCA_BASIC_CA || parent < 0 || s->template->path_len < parent)
		return true;
	return pca_refuse(fault, "ValidationException",
	    "The path length of the certificate must be less than the path length %ld of the certificate authority", parent);
}

static bool
algorithm_holds(const struct pca_signing *s, struct pca_fault *fault)
{
	bool rsa = EVP_PKEY_get_base_id(s->ca_key) == EVP_PKEY_RSA;
	const char *family = rsa ? "RSA" : "ECDSA";
	char curve[80] = "", key[96];

	if (pca_algorithm_fits(s->signing_algorithm, s->ca_key))
		return true;
	if (s->signing_algorithm == NULL)
		return pca_constraint(fault, "null", "signingAlgorithm", "Member must not be null");
	if (pca_digest(s->signing_algorithm) == NULL)
		return pca_constraint(fault, s->signing_algorithm, "signingAlgorithm",
		    "Member must satisfy enum value set: [SHA256WITHECDSA, SHA384WITHECDSA, SHA512WITHECDSA, SHA256WITHRSA, SHA384WITHRSA, SHA512WITHRSA]");
	if (!rsa)
		(void)EVP_PKEY_get_group_name(s->ca_key, curve, sizeof curve, NULL);
	if (rsa)
		snprintf(key, sizeof key, "RSA_%d", EVP_PKEY_get_bits(s->ca_key));
	else
		snprintf(key, sizeof key, "EC_%s", curve);
	return pca_refuse(fault, "InvalidArgsException",
	    "Signing algorithm %s cannot be used with key type %s. Valid signing algorithms are: SHA256WITH%s, SHA384WITH%s, SHA512WITH%s.",
	    s->signing_algorithm, key, family, family, family);
}

/* A root certifies itself and nobody else; and only a root does. */
static bool
root_holds(const struct pca_signing *s, X509_REQ *csr, struct pca_fault *fault)
{
	if (!s->template->root && s->ca == NULL)
		return pca_refuse(fault, "InvalidStateException", "The certificate authority is not in a valid state for issuing certificates");
	if (!s->template->root)
		return true;
	if (EVP_PKEY_eq(X509_REQ_get0_pubkey(csr), s->ca_key) != 1)
		return pca_refuse(fault, "InvalidArgsException", "Template %s is for the certificate signing request of the certificate authority itself",
		    s->template->name);
	if (s->ca != NULL && X509_NAME_cmp(X509_get_subject_name(s->ca), X509_get_issuer_name(s->ca)) != 0)
		return pca_refuse(fault, "InvalidArgsException", "Template %s cannot be used with a subordinate certificate authority", s->template->name);
	return true;
}

bool
pca_check_request(const struct pca_signing *s, struct pca_fault *fault, bool *late)
{
	X509_REQ *csr = NULL;
	STACK_OF(X509_EXTENSION) *of_csr = NULL;
	struct pca_api api = { 0 };
	const X509_NAME *subject;
	int64_t from, to;
	bool ok = false;

	*fault = (struct pca_fault){ .code = "" };
	*late = false;
	if (!algorithm_holds(s, fault) || (csr = pca_csr_read(s->csr, s->csr_len, fault)) == NULL ||
	    (of_csr = pca_csr_extensions(csr, fault)) == NULL || !root_holds(s, csr, fault))
		goto out;
	subject = X509_REQ_get_subject_name(csr);
	if ((s->template->passthrough & PCA_PASS_API) != 0 &&
	    !pca_api_read(s->api_passthrough, X509_NAME_entry_count(subject) > 0, &api, fault))
		goto out;
	if (api.subject != NULL)
		subject = api.subject;
	if (!path_length_holds(s, fault) || !pca_validity_of(s, &from, &to, fault) || !subject_holds(s, subject, of_csr, &api, fault, late))
		goto out;
	ok = api.extensions == NULL || values_are_der(api.extensions) || fails_later(fault, late);
out:
	pca_api_done(&api);
	pca_list_free(of_csr);
	X509_REQ_free(csr);
	ERR_clear_error();
	return ok;
}

/* SubjectInformationAccess: where the CA publishes (RFC 5280 4.2.2.2). */
static bool
add_information_access(STACK_OF(X509_EXTENSION) *list, const cJSON *all, struct pca_fault *fault)
{
	static const struct {
		const char *name, *oid;
	} methods[] = {
		{ "CA_REPOSITORY", "1.3.6.1.5.5.7.48.5" }, { "RESOURCE_PKI_MANIFEST", "1.3.6.1.5.5.7.48.10" },
		{ "RESOURCE_PKI_NOTIFY", "1.3.6.1.5.5.7.48.13" },
	};
	static const char place[] = "certificateAuthorityConfiguration.csrExtensions.subjectInformationAccess";
	AUTHORITY_INFO_ACCESS *access = AUTHORITY_INFO_ACCESS_new();
	const cJSON *one;
	bool ok = access != NULL;

	cJSON_ArrayForEach(one, all) {
		const cJSON *method = cJSON_GetObjectItemCaseSensitive(one, "AccessMethod");
		const cJSON *custom = cJSON_GetObjectItemCaseSensitive(method, "CustomObjectIdentifier");
		const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(method, "AccessMethodType"));
		ACCESS_DESCRIPTION *d = ACCESS_DESCRIPTION_new();
		ASN1_OBJECT *oid = NULL;
		GENERAL_NAME *location = NULL;

		ok = ok && d != NULL;
		if (ok && (type != NULL) == (custom != NULL))
			ok = pca_refuse(fault, "InvalidArgsException", "An access method must have exactly one of AccessMethodType and CustomObjectIdentifier");
		for (size_t i = 0; ok && type != NULL && oid == NULL && i < sizeof methods / sizeof methods[0]; i++)
			if (strcmp(methods[i].name, type) == 0)
				oid = OBJ_txt2obj(methods[i].oid, 1);
		if (ok && custom != NULL)
			ok = (oid = pca_oid(custom, place, fault)) != NULL;
		if (ok && oid == NULL)
			ok = pca_constraint(fault, type, place, "Member must satisfy enum value set: [CA_REPOSITORY, RESOURCE_PKI_MANIFEST, RESOURCE_PKI_NOTIFY]");
		ok = ok && (location = pca_general_name(cJSON_GetObjectItemCaseSensitive(one, "AccessLocation"), place, fault)) != NULL;
		if (ok) {
			ASN1_OBJECT_free(d->method);
			GENERAL_NAME_free(d->location);
			d->method = oid;
			d->location = location;
			oid = NULL;
			ok = sk_ACCESS_DESCRIPTION_push(access, d) > 0;
			if (ok)
				d = NULL;
		}
		ASN1_OBJECT_free(oid);
		ACCESS_DESCRIPTION_free(d);
		if (!ok)
			break;
	}
	if (ok && sk_ACCESS_DESCRIPTION_num(access) > 0)
		ok = pca_list_make(list, NID_sinfo_access, access, false);
	AUTHORITY_INFO_ACCESS_free(access);
	return ok;
}

static bool
add_ca_extensions(X509_REQ *csr, const cJSON *wanted, struct pca_fault *fault)
{
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	BASIC_CONSTRAINTS *basic = BASIC_CONSTRAINTS_new();
	ASN1_BIT_STRING *usage = NULL;
	bool ok = list != NULL && basic != NULL;

	if (ok) {
		basic->ca = 0xff; /* as it is encoded: DER has one TRUE (X.690 11.1) */
		ok = pca_list_make(list, NID_basic_constraints, basic, true);
	}
	ok = ok && pca_key_usage(cJSON_GetObjectItemCaseSensitive(wanted, "KeyUsage"),
	    "certificateAuthorityConfiguration.csrExtensions.keyUsage", &usage, fault);
	if (ok && usage != NULL)
		ok = pca_list_make(list, NID_key_usage, usage, true);
	ok = ok && add_information_access(list, cJSON_GetObjectItemCaseSensitive(wanted, "SubjectInformationAccess"), fault) &&
	    X509_REQ_add_extensions(csr, list) == 1;
	ASN1_BIT_STRING_free(usage);
	BASIC_CONSTRAINTS_free(basic);
	pca_list_free(list);
	return ok;
}

char *
pca_make_csr(EVP_PKEY *key, const cJSON *configuration, struct pca_fault *fault)
{
	const char *algorithm = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(configuration, "SigningAlgorithm"));
	X509_NAME *subject = NULL;
	X509_REQ *csr = NULL;
	BIO *bio = NULL;
	char *bytes = NULL, *pem = NULL;
	long len;

	*fault = (struct pca_fault){ .code = "" };
	if (algorithm == NULL || !pca_algorithm_fits(algorithm, key)) {
		pca_refuse(fault, "InvalidArgsException", "The signing algorithm of the certificate authority does not fit its key");
		return NULL;
	}
	subject = pca_subject_at(cJSON_GetObjectItemCaseSensitive(configuration, "Subject"), "certificateAuthorityConfiguration.subject", fault);
	if (subject == NULL)
		goto out;
	csr = X509_REQ_new();
	if (csr == NULL || X509_REQ_set_version(csr, X509_REQ_VERSION_1) != 1 || X509_REQ_set_subject_name(csr, subject) != 1 ||
	    X509_REQ_set_pubkey(csr, key) != 1 ||
	    !add_ca_extensions(csr, cJSON_GetObjectItemCaseSensitive(configuration, "CsrExtensions"), fault) ||
	    X509_REQ_sign(csr, key, pca_digest(algorithm)) <= 0 || (bio = BIO_new(BIO_s_mem())) == NULL ||
	    PEM_write_bio_X509_REQ(bio, csr) != 1 || (len = BIO_get_mem_data(bio, &bytes)) <= 0) {
		if (fault->code[0] == '\0')
			pca_broken(fault);
		goto out;
	}
	pem = mem_strndup(bytes, (size_t)len);
out:
	BIO_free(bio);
	X509_REQ_free(csr);
	X509_NAME_free(subject);
	ERR_clear_error();
	return pem;
}
