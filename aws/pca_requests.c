/* Writing AWS Private CA's requests. Source: botocore's service model acm-pca 2017-08-22, knowledge "aws" 1.1, 1.2. */
#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/pca_call.h"
#include "aws/pca_pem.h"
#include "aws/pca_shapes.h"
#include "model/limits.h"

/* Only what is set is sent. */
static void
put_text(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

/* As digits: END_DATE's 20351231235959 is beyond what cJSON prints without an exponent on every version. */
static void
put_integer(cJSON *o, const char *name, int64_t value)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, value);
	cJSON_AddRawToObject(o, name, text);
}

/*
 * AWS's blobs: base64 of the bytes of a PEM file. What is sent is the PEM rewritten, so that text before it, CRLF, a
 * private key in the same file, certificates glued together never reach AWS.
 */
static bool
put_pem(cJSON *o, const char *name, const char *pem, enum pca_pem_kind kind, size_t blocks, size_t most, struct aws_error *err)
{
	static const char *const nouns[] = { [PCA_PEM_CERTIFICATE] = "certificate", [PCA_PEM_CSR] = "CSR" };
	struct arena *a = arena_new();
	const char *why = "is missing";
	size_t len = 0, size;
	const char *text = pem != NULL ? pca_pem_join(pem, kind, a, &len, &why) : NULL;
	bool ok = false;
	char *code;

	if (text == NULL)
		aws_error_set(err, AWS_ARGUMENT, NULL, "%s: the %s %s", name, nouns[kind], why);
	else if (len > blocks)
		aws_error_set(err, AWS_ARGUMENT, NULL, "%s: there are %zu where AWS takes one", name, len);
	else if ((size = strlen(text)) > most)
		aws_error_set(err, AWS_ARGUMENT, NULL, "%s: %zu bytes of PEM are more than the %zu that AWS takes", name, size, most);
	else {
		code = mem_alloc(size / 3 * 4 + 5);
		EVP_EncodeBlock((unsigned char *)code, (const unsigned char *)text, (int)size);
		cJSON_AddStringToObject(o, name, code);
		free(code);
		ok = true;
	}
	arena_free(a);
	return ok;
}

/* A lost reply is asked for again: only with a token does AWS issue, and bill, once (knowledge "aws" 1.2, 7 #2). */
static bool
put_token(cJSON *o, const char *token, struct aws_error *err)
{
	if (token == NULL || token[0] == '\0') {
		aws_error_set(err, AWS_ARGUMENT, NULL, "IdempotencyToken: the caller made none");
		return false;
	}
	cJSON_AddStringToObject(o, "IdempotencyToken", token);
	return true;
}

cJSON *
pca_write_tags(const struct pca_pair *tags, size_t len)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < len; i++) {
		cJSON *tag = cJSON_CreateObject();

		put_text(tag, "Key", tags[i].name);
		put_text(tag, "Value", tags[i].value);
		cJSON_AddItemToArray(list, tag);
	}
	return list;
}

static cJSON *
write_subject(const struct pca_subject *s, struct aws_error *err)
{
	const struct {
		const char *name, *value;
	} parts[] = {
		{ "Country", s->country }, { "Organization", s->organization }, { "OrganizationalUnit", s->organizational_unit },
		{ "DistinguishedNameQualifier", s->dn_qualifier }, { "State", s->state }, { "CommonName", s->common_name },
		{ "SerialNumber", s->serial_number }, { "Locality", s->locality }, { "Title", s->title }, { "Surname", s->surname },
		{ "GivenName", s->given_name }, { "Initials", s->initials }, { "Pseudonym", s->pseudonym },
		{ "GenerationQualifier", s->generation_qualifier },
	};
	cJSON *o = cJSON_CreateObject(), *list;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
		put_text(o, parts[i].name, parts[i].value);
	if (s->custom_len == 0)
		return o;
	if (o->child != NULL) {
		aws_error_set(err, AWS_ARGUMENT, NULL, "Subject: AWS does not take custom attributes beside %s", o->child->string);
		cJSON_Delete(o);
		return NULL;
	}
	list = cJSON_AddArrayToObject(o, "CustomAttributes");
	for (size_t i = 0; i < s->custom_len; i++) {
		cJSON *attribute = cJSON_CreateObject();

		put_text(attribute, "ObjectIdentifier", s->custom[i].name);
		put_text(attribute, "Value", s->custom[i].value);
		cJSON_AddItemToArray(list, attribute);
	}
	return o;
}

/* PUBLIC_READ is AWS's default, and fails on every bucket that blocks public access, as new ones do: knowledge "aws" 7 #12. */
static cJSON *
write_crl(const struct pca_revocation *r)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddBoolToObject(o, "Enabled", r->crl);
	if (!r->crl)
		return o;
	if (r->crl_days > 0)
		cJSON_AddNumberToObject(o, "ExpirationInDays", r->crl_days);
	put_text(o, "CustomCname", r->crl_cname);
	put_text(o, "S3BucketName", r->crl_bucket);
	put_text(o, "S3ObjectAcl", r->crl_acl != NULL ? r->crl_acl : "BUCKET_OWNER_FULL_CONTROL");
	if (r->omit_extension)
		cJSON_AddTrueToObject(cJSON_AddObjectToObject(o, "CrlDistributionPointExtensionConfiguration"), "OmitExtension");
	put_text(o, "CrlType", r->crl_type);
	put_text(o, "CustomPath", r->crl_path);
	return o;
}

cJSON *
pca_write_revocation(const struct pca_revocation *r)
{
	cJSON *o = cJSON_CreateObject(), *ocsp;

	cJSON_AddItemToObject(o, "CrlConfiguration", write_crl(r));
	ocsp = cJSON_AddObjectToObject(o, "OcspConfiguration");
	cJSON_AddBoolToObject(ocsp, "Enabled", r->ocsp);
	if (r->ocsp)
		put_text(ocsp, "OcspCustomCname", r->ocsp_cname);
	return o;
}

cJSON *
pca_write_create(const struct pca_create *r, struct aws_error *err)
{
	cJSON *in = cJSON_CreateObject(), *configuration = cJSON_AddObjectToObject(in, "CertificateAuthorityConfiguration");
	cJSON *subject = write_subject(&r->subject, err);

	if (subject == NULL)
		goto failed;
	put_text(configuration, "KeyAlgorithm", r->key_algorithm);
	put_text(configuration, "SigningAlgorithm", r->signing_algorithm);
	cJSON_AddItemToObject(configuration, "Subject", subject);
	if (r->revocation != NULL)
		cJSON_AddItemToObject(in, "RevocationConfiguration", pca_write_revocation(r->revocation));
	put_text(in, "CertificateAuthorityType", r->type);
	put_text(in, "KeyStorageSecurityStandard", r->key_storage);
	put_text(in, "UsageMode", r->usage_mode);
	if (r->tags_len > 0)
		cJSON_AddItemToObject(in, "Tags", pca_write_tags(r->tags, r->tags_len));
	if (put_token(in, r->token, err))
		return in;
failed:
	cJSON_Delete(in);
	return NULL;
}

static void
put_validity(cJSON *o, const char *name, const struct pca_validity *v)
{
	cJSON *validity;

	if (v->type == NULL)
		return;
	validity = cJSON_AddObjectToObject(o, name);
	put_integer(validity, "Value", v->value);
	put_text(validity, "Type", v->type);
}

cJSON *
pca_write_issue(const struct pca_issue *r, struct aws_error *err)
{
	cJSON *in = pca_request(r->ca);

	if (!put_pem(in, "Csr", r->csr_pem, PCA_PEM_CSR, 1, LIMIT_PCA_BLOB, err) || !put_token(in, r->token, err)) {
		cJSON_Delete(in);
		return NULL;
	}
	put_text(in, "SigningAlgorithm", r->signing_algorithm);
	put_text(in, "TemplateArn", r->template_arn);
	put_validity(in, "Validity", &r->validity);
	put_validity(in, "ValidityNotBefore", &r->not_before);
	if (r->api_passthrough != NULL)
		cJSON_AddItemToObject(in, "ApiPassthrough", cJSON_Duplicate(r->api_passthrough, true));
	return in;
}

cJSON *
pca_write_import(const char *ca, const char *pem, const char *chain, struct aws_error *err)
{
	cJSON *in = pca_request(ca);

	if (put_pem(in, "Certificate", pem, PCA_PEM_CERTIFICATE, 1, LIMIT_PCA_BLOB, err) &&
	    (chain == NULL || put_pem(in, "CertificateChain", chain, PCA_PEM_CERTIFICATE, LIMIT_CHAIN_CERTS, LIMIT_PCA_CHAIN, err)))
		return in;
	cJSON_Delete(in);
	return NULL;
}
