/* The certificate itself: each extension from the template, else from the call, else from the CSR (knowledge "aws" 2.2). */
#include "lab/pca_parts.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "model/times.h"

enum { SERIAL_LEN = 16 };

static const struct {
	const char *name, *digest;
	int key; /* EVP_PKEY_… */
} algorithms[] = {
	{ "SHA256WITHRSA", "SHA256", EVP_PKEY_RSA }, { "SHA384WITHRSA", "SHA384", EVP_PKEY_RSA },
	{ "SHA512WITHRSA", "SHA512", EVP_PKEY_RSA }, { "SHA256WITHECDSA", "SHA256", EVP_PKEY_EC },
	{ "SHA384WITHECDSA", "SHA384", EVP_PKEY_EC }, { "SHA512WITHECDSA", "SHA512", EVP_PKEY_EC },
};

bool
pca_algorithm_fits(const char *signing_algorithm, EVP_PKEY *key)
{
	for (size_t i = 0; signing_algorithm != NULL && i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (strcmp(algorithms[i].name, signing_algorithm) == 0)
			return EVP_PKEY_get_base_id(key) == algorithms[i].key;
	return false;
}

const EVP_MD *
pca_digest(const char *signing_algorithm)
{
	for (size_t i = 0; signing_algorithm != NULL && i < sizeof algorithms / sizeof algorithms[0]; i++)
		if (strcmp(algorithms[i].name, signing_algorithm) == 0)
			return EVP_get_digestbyname(algorithms[i].digest);
	return NULL;
}

static bool
add_basic_constraints(STACK_OF(X509_EXTENSION) *list, const struct pca_template *t)
{
	BASIC_CONSTRAINTS *b = BASIC_CONSTRAINTS_new();
	bool ca = t->basic == PCA_BASIC_CA, ok = b != NULL;

	if (ok) {
		b->ca = ca ? 0xff : 0; /* as it is encoded: DER has one TRUE (X.690 11.1), and OpenSSL writes what stands here */
		if (ca && t->path_len >= 0)
			ok = (b->pathlen = ASN1_INTEGER_new()) != NULL && ASN1_INTEGER_set(b->pathlen, t->path_len) == 1;
	}
	ok = ok && pca_list_make(list, NID_basic_constraints, b, t->basic != PCA_BASIC_END);
	BASIC_CONSTRAINTS_free(b);
	return ok;
}

/* RFC 5280 4.2.1.2, method 1: SHA-1 of the key's bits. */
static ASN1_OCTET_STRING *
key_id(const X509 *x)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();

	if (id == NULL || X509_pubkey_digest(x, EVP_sha1(), hash, &len) != 1 || ASN1_OCTET_STRING_set(id, hash, (int)len) != 1) {
		ASN1_OCTET_STRING_free(id);
		return NULL;
	}
	return id;
}

static bool
add_key_ids(STACK_OF(X509_EXTENSION) *list, const X509 *x, X509 *ca)
{
	ASN1_OCTET_STRING *own = key_id(x);
	bool ok = own != NULL && pca_list_make(list, NID_subject_key_identifier, own, false);
	const ASN1_OCTET_STRING *of_issuer = ca != NULL ? X509_get0_subject_key_id(ca) : NULL;
	AUTHORITY_KEYID *aki = NULL;

	if (ok && ca != NULL) {
		aki = AUTHORITY_KEYID_new();
		/* A parent outside AWS may have issued our CA without an identifier. */
		ok = aki != NULL && (aki->keyid = of_issuer != NULL ? ASN1_OCTET_STRING_dup(of_issuer) : key_id(ca)) != NULL &&
		    pca_list_make(list, NID_authority_key_identifier, aki, false);
	}
	AUTHORITY_KEYID_free(aki);
	ASN1_OCTET_STRING_free(own);
	return ok;
}

static GENERAL_NAME *
uri_of(const char *url)
{
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *text = ASN1_IA5STRING_new();

	if (name == NULL || text == NULL || ASN1_STRING_set(text, url, -1) != 1) {
		GENERAL_NAME_free(name);
		ASN1_IA5STRING_free(text);
		return NULL;
	}
	GENERAL_NAME_set0_value(name, GEN_URI, text);
	return name;
}

static bool
add_crl(STACK_OF(X509_EXTENSION) *list, const char *url)
{
	CRL_DIST_POINTS *points = sk_DIST_POINT_new_null();
	DIST_POINT *point = DIST_POINT_new();
	GENERAL_NAME *uri = uri_of(url);
	bool ok = points != NULL && point != NULL && uri != NULL && (point->distpoint = DIST_POINT_NAME_new()) != NULL;

	if (ok) {
		point->distpoint->type = 0; /* fullName */
		ok = (point->distpoint->name.fullname = GENERAL_NAMES_new()) != NULL &&
		    sk_GENERAL_NAME_push(point->distpoint->name.fullname, uri) > 0;
		if (ok)
			uri = NULL;
	}
	if (ok && sk_DIST_POINT_push(points, point) > 0)
		point = NULL;
	ok = ok && point == NULL && pca_list_make(list, NID_crl_distribution_points, points, false);
	GENERAL_NAME_free(uri);
	DIST_POINT_free(point);
	sk_DIST_POINT_pop_free(points, DIST_POINT_free);
	return ok;
}

static bool
add_ocsp(STACK_OF(X509_EXTENSION) *list, const char *url)
{
	AUTHORITY_INFO_ACCESS *all = AUTHORITY_INFO_ACCESS_new();
	ACCESS_DESCRIPTION *one = ACCESS_DESCRIPTION_new();
	GENERAL_NAME *uri = uri_of(url);
	bool ok = all != NULL && one != NULL && uri != NULL;

	if (ok) {
		ASN1_OBJECT_free(one->method);
		one->method = OBJ_nid2obj(NID_ad_OCSP);
		GENERAL_NAME_free(one->location);
		one->location = uri;
		uri = NULL;
		ok = sk_ACCESS_DESCRIPTION_push(all, one) > 0;
		if (ok)
			one = NULL;
	}
	ok = ok && pca_list_make(list, NID_info_access, all, false);
	GENERAL_NAME_free(uri);
	ACCESS_DESCRIPTION_free(one);
	AUTHORITY_INFO_ACCESS_free(all);
	return ok;
}

static bool
add_words(STACK_OF(X509_EXTENSION) *list, int nid, bool critical, const char *words)
{
	char text[160];
	X509_EXTENSION *e;
	bool ok;

	if (words == NULL)
		return true;
	snprintf(text, sizeof text, "%s%s", critical ? "critical," : "", words);
	e = X509V3_EXT_nconf_nid(NULL, NULL, nid, text);
	ok = e != NULL && pca_list_add(list, e);
	X509_EXTENSION_free(e);
	return ok;
}

/*
 * What the template itself defines. A root's own certificate has neither an issuer nor a list or responder to ask about
 * it: AWS refuses to revoke a self-signed certificate.
 */
static bool
add_defined(STACK_OF(X509_EXTENSION) *list, const struct pca_signing *s, const X509 *x)
{
	const struct pca_template *t = s->template;

	return add_basic_constraints(list, t) && add_key_ids(list, x, t->root ? NULL : s->ca) &&
	    add_words(list, NID_key_usage, true, t->key_usage) && add_words(list, NID_ext_key_usage, t->eku_critical, t->eku) &&
	    (t->root || s->crl_url == NULL || add_crl(list, s->crl_url)) &&
	    (t->root || s->ocsp_url == NULL || add_ocsp(list, s->ocsp_url));
}

/* The template says that there is none: nobody else puts one in. */
static bool
forbidden(const struct pca_template *t, int nid)
{
	return t->root && (nid == NID_authority_key_identifier || nid == NID_crl_distribution_points || nid == NID_info_access);
}

static bool
add_all(STACK_OF(X509_EXTENSION) *list, const STACK_OF(X509_EXTENSION) *from, const struct pca_template *t)
{
	for (int i = 0; i < sk_X509_EXTENSION_num(from); i++) {
		X509_EXTENSION *e = sk_X509_EXTENSION_value(from, i);
		if (!forbidden(t, OBJ_obj2nid(X509_EXTENSION_get_object(e))) && !pca_list_add(list, e))
			return false;
	}
	return true;
}

static bool
add_extensions(X509 *x, const struct pca_signing *s, const struct pca_api *api, const STACK_OF(X509_EXTENSION) *of_csr)
{
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	X509_EXTENSION *san = pca_list_find(of_csr, NID_subject_alt_name);
	bool ok = list != NULL && add_defined(list, s, x) && add_all(list, api->extensions, s->template) &&
	    (san == NULL || pca_list_add(list, san)) && /* the one thing that every template takes from the CSR */
	    ((s->template->passthrough & PCA_PASS_CSR) == 0 || add_all(list, of_csr, s->template));

	for (int i = 0; ok && i < sk_X509_EXTENSION_num(list); i++)
		ok = X509_add_ext(x, sk_X509_EXTENSION_value(list, i), -1) == 1;
	pca_list_free(list);
	return ok;
}

static bool
set_serial(X509 *x, const unsigned char serial[SERIAL_LEN])
{
	unsigned char positive[SERIAL_LEN];
	BIGNUM *n;
	bool ok;

	memcpy(positive, serial, sizeof positive);
	positive[0] &= 0x7f;
	n = BN_bin2bn(positive, sizeof positive, NULL);
	ok = n != NULL && BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x)) != NULL;
	BN_free(n);
	return ok;
}

static bool
set_times(X509 *x, int64_t not_before, int64_t not_after)
{
	ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)not_before), *to = ASN1_TIME_set(NULL, (time_t)not_after);
	bool ok = from != NULL && to != NULL && X509_set1_notBefore(x, from) == 1 && X509_set1_notAfter(x, to) == 1;

	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return ok;
}

X509 *
pca_sign(const struct pca_signing *s, struct pca_fault *fault)
{
	X509 *x = NULL, *out = NULL;
	X509_REQ *csr = NULL;
	STACK_OF(X509_EXTENSION) *of_csr = NULL;
	struct pca_api api = { 0 };
	const X509_NAME *subject = NULL, *issuer = NULL;
	const EVP_MD *digest = pca_digest(s->signing_algorithm);
	unsigned char *der = NULL;
	const unsigned char *p;
	int64_t not_before = 0, not_after = 0;
	int len;

	*fault = (struct pca_fault){ .code = "" };
	if ((csr = pca_csr_read(s->csr, s->csr_len, fault)) == NULL || (of_csr = pca_csr_extensions(csr, fault)) == NULL ||
	    !pca_validity_of(s, &not_before, &not_after, fault))
		goto out;
	subject = X509_REQ_get_subject_name(csr);
	if ((s->template->passthrough & PCA_PASS_API) != 0 &&
	    !pca_api_read(s->api_passthrough, X509_NAME_entry_count(subject) > 0, &api, fault))
		goto out;
	if (api.subject != NULL)
		subject = api.subject;
	issuer = s->ca != NULL && !s->template->root ? X509_get_subject_name(s->ca) : subject;
	x = X509_new();
	if (x == NULL || digest == NULL || X509_set_version(x, X509_VERSION_3) != 1 || !set_serial(x, s->serial) ||
	    !set_times(x, not_before, not_after) || X509_set_subject_name(x, subject) != 1 || X509_set_issuer_name(x, issuer) != 1 ||
	    X509_set_pubkey(x, X509_REQ_get0_pubkey(csr)) != 1 || !add_extensions(x, s, &api, of_csr) ||
	    X509_sign(x, s->ca_key, digest) <= 0 || (len = i2d_X509(x, &der)) <= 0) {
		pca_broken(fault);
		goto out;
	}
	/* Read back, so that nothing OpenSSL remembers of the making differs from what the bytes say. */
	p = der;
	out = d2i_X509(NULL, &p, len);
	if (out == NULL)
		pca_broken(fault);
out:
	OPENSSL_free(der);
	X509_free(x);
	pca_api_done(&api);
	pca_list_free(of_csr);
	X509_REQ_free(csr);
	ERR_clear_error();
	return out;
}
