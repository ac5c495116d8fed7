/* ApiPassthrough (knowledge "aws" 1.1): what a call to IssueCertificate asks for by itself, as extensions. */
#include "lab/pca_parts.h"

#include <openssl/err.h>
#include <stdio.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

static const char bad_args[] = "InvalidArgsException";
static const char extensions_at[] = "apiPassthrough.extensions";

/* A list of 1 to max, or absent. */
static bool
list_of(const cJSON *extensions, const char *member, int max, const cJSON **out, struct pca_fault *fault)
{
	char at[160], constraint[96];
	int count;

	*out = cJSON_GetObjectItemCaseSensitive(extensions, member);
	if (*out == NULL || cJSON_IsNull(*out)) {
		*out = NULL;
		return true;
	}
	snprintf(at, sizeof at, "%s.%c%s", extensions_at, member[0] - 'A' + 'a', member + 1);
	if (!cJSON_IsArray(*out))
		return pca_refuse(fault, "SerializationException", "%s can not be converted to a List", at);
	count = cJSON_GetArraySize(*out);
	if (count >= 1 && count <= max)
		return true;
	snprintf(constraint, sizeof constraint, "Member must have length %s than or equal to %d", count < 1 ? "greater" : "less", count < 1 ? 1 : max);
	return pca_constraint(fault, "[…]", at, constraint);
}

static bool
add_names(STACK_OF(X509_EXTENSION) *list, const cJSON *extensions, bool critical, struct pca_fault *fault)
{
	const cJSON *all, *one;
	GENERAL_NAMES *names;
	bool ok;

	if (!list_of(extensions, "SubjectAlternativeNames", LIMIT_PCA_NAMES, &all, fault))
		return false;
	if (all == NULL)
		return true;
	names = GENERAL_NAMES_new();
	ok = names != NULL || pca_broken(fault);
	cJSON_ArrayForEach(one, all) {
		GENERAL_NAME *g = ok ? pca_general_name(one, "apiPassthrough.extensions.subjectAlternativeNames.member", fault) : NULL;
		ok = g != NULL && sk_GENERAL_NAME_push(names, g) > 0;
		if (!ok) {
			GENERAL_NAME_free(g);
			break;
		}
	}
	if (ok)
		ok = pca_list_make(list, NID_subject_alt_name, names, critical) || pca_broken(fault);
	GENERAL_NAMES_free(names);
	return ok;
}

static bool
add_key_usage(STACK_OF(X509_EXTENSION) *list, const cJSON *extensions, struct pca_fault *fault)
{
	ASN1_BIT_STRING *usage = NULL;
	bool ok = pca_key_usage(cJSON_GetObjectItemCaseSensitive(extensions, "KeyUsage"), "apiPassthrough.extensions.keyUsage", &usage, fault);

	if (ok && usage != NULL) /* critical, as RFC 5280 4.2.1.3 wishes and the templates have it */
		ok = pca_list_make(list, NID_key_usage, usage, true) || pca_broken(fault);
	ASN1_BIT_STRING_free(usage);
	return ok;
}

static ASN1_OBJECT *
purpose_of(const cJSON *one, struct pca_fault *fault)
{
	static const struct {
		const char *name, *oid;
	} types[] = {
		{ "SERVER_AUTH", "1.3.6.1.5.5.7.3.1" },
		{ "CLIENT_AUTH", "1.3.6.1.5.5.7.3.2" },
		{ "CODE_SIGNING", "1.3.6.1.5.5.7.3.3" },
		{ "EMAIL_PROTECTION", "1.3.6.1.5.5.7.3.4" },
		{ "TIME_STAMPING", "1.3.6.1.5.5.7.3.8" },
		{ "OCSP_SIGNING", "1.3.6.1.5.5.7.3.9" },
		{ "SMART_CARD_LOGIN", "1.3.6.1.4.1.311.20.2.2" },
		{ "DOCUMENT_SIGNING", "1.3.6.1.4.1.311.10.3.12" },
		{ "CERTIFICATE_TRANSPARENCY", "1.3.6.1.4.1.11129.2.4.4" },
	};
	static const char place[] = "apiPassthrough.extensions.extendedKeyUsage.member.extendedKeyUsageType";
	const cJSON *custom = cJSON_GetObjectItemCaseSensitive(one, "ExtendedKeyUsageObjectIdentifier");
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(one, "ExtendedKeyUsageType");
	bool has_custom = custom != NULL && !cJSON_IsNull(custom), has_type = type != NULL && !cJSON_IsNull(type);

	if (has_custom == has_type) {
		pca_refuse(fault, bad_args, "An ExtendedKeyUsage must have exactly one of ExtendedKeyUsageType and ExtendedKeyUsageObjectIdentifier");
		return NULL;
	}
	if (has_custom)
		return pca_oid(custom, "apiPassthrough.extensions.extendedKeyUsage.member.extendedKeyUsageObjectIdentifier", fault);
	if (!cJSON_IsString(type)) {
		pca_refuse(fault, "SerializationException", "%s can not be converted to a String", place);
		return NULL;
	}
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].name, type->valuestring) == 0)
			return OBJ_txt2obj(types[i].oid, 1);
	pca_constraint(fault, type->valuestring, place,
	    "Member must satisfy enum value set: [SERVER_AUTH, CLIENT_AUTH, CODE_SIGNING, EMAIL_PROTECTION, TIME_STAMPING, OCSP_SIGNING, "
	    "SMART_CARD_LOGIN, DOCUMENT_SIGNING, CERTIFICATE_TRANSPARENCY]");
	return NULL;
}

static bool
add_purposes(STACK_OF(X509_EXTENSION) *list, const cJSON *extensions, struct pca_fault *fault)
{
	const cJSON *all, *one;
	EXTENDED_KEY_USAGE *purposes;
	bool ok;

	if (!list_of(extensions, "ExtendedKeyUsage", LIMIT_PCA_SHORT_LIST, &all, fault))
		return false;
	if (all == NULL)
		return true;
	purposes = EXTENDED_KEY_USAGE_new();
	ok = purposes != NULL || pca_broken(fault);
	cJSON_ArrayForEach(one, all) {
		ASN1_OBJECT *oid = ok ? purpose_of(one, fault) : NULL;
		ok = oid != NULL && sk_ASN1_OBJECT_push(purposes, oid) > 0;
		if (!ok) {
			ASN1_OBJECT_free(oid);
			break;
		}
	}
	if (ok)
		ok = pca_list_make(list, NID_ext_key_usage, purposes, false) || pca_broken(fault);
	EXTENDED_KEY_USAGE_free(purposes);
	return ok;
}

/* PolicyQualifierInfo: a CPS's address is the only kind that AWS has (RFC 5280 4.2.1.4). */
static POLICYQUALINFO *
qualifier_of(const cJSON *one, struct pca_fault *fault)
{
	static const char place[] = "apiPassthrough.extensions.certificatePolicies.member.policyQualifiers.member";
	const char *id = NULL, *cps = NULL;
	POLICYQUALINFO *q;

	if (!pca_text(one, "PolicyQualifierId", place, 0, 64, &id, fault) ||
	    !pca_text(cJSON_GetObjectItemCaseSensitive(one, "Qualifier"), "CpsUri", place, 0, 256, &cps, fault))
		return NULL;
	if (id == NULL || strcmp(id, "CPS") != 0) {
		pca_constraint(fault, id != NULL ? id : "null", place, "Member must satisfy enum value set: [CPS]");
		return NULL;
	}
	if (cps == NULL) {
		pca_constraint(fault, "null", place, "Member must not be null");
		return NULL;
	}
	q = POLICYQUALINFO_new();
	if (q != NULL) {
		ASN1_OBJECT_free(q->pqualid);
		q->pqualid = OBJ_nid2obj(NID_id_qt_cps);
		q->d.cpsuri = ASN1_IA5STRING_new();
		if (q->d.cpsuri != NULL && ASN1_STRING_set(q->d.cpsuri, cps, -1) == 1)
			return q;
	}
	POLICYQUALINFO_free(q);
	pca_broken(fault);
	return NULL;
}

static POLICYINFO *
policy_of(const cJSON *one, struct pca_fault *fault)
{
	static const char place[] = "apiPassthrough.extensions.certificatePolicies.member.certPolicyId";
	const cJSON *qualifiers = cJSON_GetObjectItemCaseSensitive(one, "PolicyQualifiers"), *each;
	ASN1_OBJECT *oid = pca_oid(cJSON_GetObjectItemCaseSensitive(one, "CertPolicyId"), place, fault);
	POLICYINFO *policy = oid != NULL ? POLICYINFO_new() : NULL;

	if (policy == NULL) {
		ASN1_OBJECT_free(oid);
		return NULL;
	}
	ASN1_OBJECT_free(policy->policyid);
	policy->policyid = oid;
	if (cJSON_GetArraySize(qualifiers) > LIMIT_PCA_SHORT_LIST) {
		pca_constraint(fault, "[…]", "apiPassthrough.extensions.certificatePolicies.member.policyQualifiers",
		    "Member must have length less than or equal to 20");
		POLICYINFO_free(policy);
		return NULL;
	}
	cJSON_ArrayForEach(each, qualifiers) {
		POLICYQUALINFO *q = qualifier_of(each, fault);
		if (policy->qualifiers == NULL)
			policy->qualifiers = sk_POLICYQUALINFO_new_null();
		if (q == NULL || policy->qualifiers == NULL || sk_POLICYQUALINFO_push(policy->qualifiers, q) <= 0) {
			POLICYQUALINFO_free(q);
			POLICYINFO_free(policy);
			return NULL;
		}
	}
	return policy;
}

static bool
add_policies(STACK_OF(X509_EXTENSION) *list, const cJSON *extensions, struct pca_fault *fault)
{
	const cJSON *all, *one;
	CERTIFICATEPOLICIES *policies;
	bool ok;

	if (!list_of(extensions, "CertificatePolicies", LIMIT_PCA_SHORT_LIST, &all, fault))
		return false;
	if (all == NULL)
		return true;
	policies = CERTIFICATEPOLICIES_new();
	ok = policies != NULL || pca_broken(fault);
	cJSON_ArrayForEach(one, all) {
		POLICYINFO *policy = ok ? policy_of(one, fault) : NULL;
		ok = policy != NULL && sk_POLICYINFO_push(policies, policy) > 0;
		if (!ok) {
			POLICYINFO_free(policy);
			break;
		}
	}
	if (ok)
		ok = pca_list_make(list, NID_certificate_policies, policies, false) || pca_broken(fault);
	CERTIFICATEPOLICIES_free(policies);
	return ok;
}

/* Base64 as AWS's own tools write it: the alphabet of RFC 4648 4, padded. Into out, len bytes at most; -1: it is none. */
static int
from_base64(const char *text, unsigned char *out)
{
	size_t len = strlen(text), padding = 0;
	int n;

	while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
		padding++;
	if (len == 0 || len % 4 != 0 ||
	    strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != len - padding)
		return -1;
	n = EVP_DecodeBlock(out, (const unsigned char *)text, (int)len);
	return n < 0 ? -1 : n - (int)padding;
}

static X509_EXTENSION *
custom_of(const cJSON *one, struct pca_fault *fault)
{
	static const char place[] = "apiPassthrough.extensions.customExtensions.member";
	const cJSON *critical = cJSON_GetObjectItemCaseSensitive(one, "Critical");
	const char *value = NULL;
	unsigned char *bytes = NULL;
	ASN1_OBJECT *oid;
	ASN1_OCTET_STRING *octets = NULL;
	X509_EXTENSION *e = NULL;
	int len;

	if (!pca_text(one, "Value", place, 1, LIMIT_PCA_EXTENSION, &value, fault))
		return NULL;
	if (value == NULL) {
		pca_constraint(fault, "null", place, "Member must not be null");
		return NULL;
	}
	if (critical != NULL && !cJSON_IsNull(critical) && !cJSON_IsBool(critical)) {
		pca_refuse(fault, "SerializationException", "%s.critical can not be converted to a Boolean", place);
		return NULL;
	}
	oid = pca_oid(cJSON_GetObjectItemCaseSensitive(one, "ObjectIdentifier"), place, fault);
	if (oid == NULL)
		return NULL;
	bytes = mem_alloc(strlen(value));
	len = from_base64(value, bytes);
	if (len <= 0) {
		pca_refuse(fault, bad_args, "The value of a custom extension is not base64");
	} else {
		octets = ASN1_OCTET_STRING_new();
		if (octets != NULL && ASN1_OCTET_STRING_set(octets, bytes, len) == 1)
			e = X509_EXTENSION_create_by_OBJ(NULL, oid, cJSON_IsTrue(critical), octets);
		if (e == NULL)
			pca_broken(fault);
	}
	ASN1_OCTET_STRING_free(octets);
	ASN1_OBJECT_free(oid);
	free(bytes);
	return e;
}

static bool
add_custom(STACK_OF(X509_EXTENSION) *list, const cJSON *extensions, struct pca_fault *fault)
{
	const cJSON *all, *one;

	if (!list_of(extensions, "CustomExtensions", LIMIT_PCA_NAMES, &all, fault))
		return false;
	cJSON_ArrayForEach(one, all) {
		X509_EXTENSION *e = custom_of(one, fault);
		bool ok = e != NULL;

		if (ok && X509v3_get_ext_by_OBJ(list, X509_EXTENSION_get_object(e), -1) >= 0)
			ok = pca_refuse(fault, bad_args, "ApiPassthrough has an extension twice");
		if (ok)
			ok = pca_list_add(list, e) || pca_broken(fault);
		X509_EXTENSION_free(e);
		if (!ok)
			return false;
	}
	return true;
}

bool
pca_api_read(const cJSON *passthrough, bool csr_has_subject, struct pca_api *out, struct pca_fault *fault)
{
	const cJSON *subject = cJSON_GetObjectItemCaseSensitive(passthrough, "Subject");
	const cJSON *extensions = cJSON_GetObjectItemCaseSensitive(passthrough, "Extensions");
	bool ok;

	*out = (struct pca_api){ .extensions = sk_X509_EXTENSION_new_null() };
	if (out->extensions == NULL)
		return pca_broken(fault);
	if (passthrough == NULL || cJSON_IsNull(passthrough))
		return true;
	ok = cJSON_IsObject(passthrough) || pca_refuse(fault, "SerializationException", "apiPassthrough can not be converted to an ApiPassthrough");
	if (ok && subject != NULL && !cJSON_IsNull(subject))
		ok = (out->subject = pca_subject_at(subject, "apiPassthrough.subject", fault)) != NULL;
	if (ok && extensions != NULL && !cJSON_IsNull(extensions)) {
		ok = cJSON_IsObject(extensions) || pca_refuse(fault, "SerializationException", "%s can not be converted to an Extensions", extensions_at);
		ok = ok && add_key_usage(out->extensions, extensions, fault) && add_purposes(out->extensions, extensions, fault) &&
		    add_names(out->extensions, extensions, out->subject == NULL && !csr_has_subject, fault) &&
		    add_policies(out->extensions, extensions, fault) && add_custom(out->extensions, extensions, fault);
	}
	if (!ok)
		pca_api_done(out);
	return ok;
}

void
pca_api_done(struct pca_api *api)
{
	X509_NAME_free(api->subject);
	pca_list_free(api->extensions);
	*api = (struct pca_api){ 0 };
}
