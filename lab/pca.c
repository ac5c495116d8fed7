/*
 * The private CA as a service: which operations there are, which states of a CA allow each, how fast they may come, and
 * what every one of them asks first.
 */
#include "lab/pca.h"

#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/arn.h"
#include "lab/pca_check.h"
#include "lab/pca_internal.h"
#include "model/text.h"

enum {
	NAMED = PCA_CREATING | PCA_PENDING | PCA_ACTIVE | PCA_DISABLED | PCA_EXPIRED | PCA_DELETED | PCA_FAILED,
	ALIVE = PCA_PENDING | PCA_ACTIVE | PCA_DISABLED | PCA_EXPIRED
};

#define NOT_FOR "The certificate authority is not in a valid state for "
/* Knowledge "aws" 1.1 (texts), 1.3 (rates), 1.4 (states). */
static const struct operation {
	const char *name;
	unsigned per_second;       /* with --throttle */
	const char *resource;      /* the member that names the CA; NULL: none does */
	unsigned states;           /* that allow it, enum pca_state or'd */
	const char *otherwise;     /* InvalidStateException's text */
	pca_operation *run;
} operations[] = {
	{ "CreateCertificateAuthority", 1, NULL, NAMED, NULL, pca_create },
	{ "CreateCertificateAuthorityAuditReport", 1, "CertificateAuthorityArn", PCA_ACTIVE | PCA_DISABLED, NOT_FOR "generating an audit report.",
	    pca_report_create },
	{ "CreatePermission", 1, "CertificateAuthorityArn", ALIVE, NOT_FOR "creating permissions.", pca_permission_create },
	{ "DeleteCertificateAuthority", 10, "CertificateAuthorityArn", PCA_CREATING | PCA_PENDING | PCA_DISABLED | PCA_EXPIRED | PCA_FAILED,
	    NOT_FOR "deletion.", pca_delete },
	{ "DeletePermission", 1, "CertificateAuthorityArn", ALIVE, NOT_FOR "deleting permissions.", pca_permission_delete },
	{ "DeletePolicy", 5, "ResourceArn", ALIVE, NOT_FOR "deleting its policy.", pca_policy_delete },
	{ "DescribeCertificateAuthority", 20, "CertificateAuthorityArn", NAMED, NULL, pca_describe },
	{ "DescribeCertificateAuthorityAuditReport", 20, "CertificateAuthorityArn", NAMED, NULL, pca_report_describe },
	{ "GetCertificate", 75, "CertificateAuthorityArn", ALIVE,
	    "The certificate authority ARN is not in the correct state to have issued certificates.", pca_get },
	{ "GetCertificateAuthorityCertificate", 20, "CertificateAuthorityArn", PCA_ACTIVE | PCA_DISABLED | PCA_EXPIRED,
	    "The certificate authority ARN is not in the correct state to have a certificate signing request.", pca_tell_ca_certificate },
	{ "GetCertificateAuthorityCsr", 10, "CertificateAuthorityArn", PCA_CREATING | ALIVE,
	    "The certificate authority ARN is not in the correct state to have a certificate signing request.", pca_tell_csr },
	{ "GetPolicy", 5, "ResourceArn", ALIVE, NOT_FOR "reading its policy.", pca_policy_get },
	{ "ImportCertificateAuthorityCertificate", 10, "CertificateAuthorityArn", PCA_PENDING | PCA_ACTIVE | PCA_EXPIRED,
	    NOT_FOR "importing a certificate.", pca_import },
	/* A root that is not active may still sign its own certificate: pca_issue() looks at that. */
	{ "IssueCertificate", 25, "CertificateAuthorityArn", PCA_ACTIVE | PCA_PENDING | PCA_EXPIRED,
	    "The certificate authority is not in a valid state for issuing certificates", pca_issue },
	{ "ListCertificateAuthorities", 20, NULL, NAMED, NULL, pca_list },
	{ "ListPermissions", 5, "CertificateAuthorityArn", ALIVE, NOT_FOR "listing permissions.", pca_permission_list },
	{ "ListTags", 20, "CertificateAuthorityArn", NAMED, NULL, pca_tags },
	{ "PutPolicy", 5, "ResourceArn", ALIVE, NOT_FOR "changing its policy.", pca_policy_put },
	{ "RestoreCertificateAuthority", 20, "CertificateAuthorityArn", PCA_DELETED, NOT_FOR "restoration.", pca_restore },
	{ "RevokeCertificate", 20, "CertificateAuthorityArn", PCA_ACTIVE | PCA_DISABLED, NOT_FOR "revoking certificates.", pca_revoke },
	{ "TagCertificateAuthority", 10, "CertificateAuthorityArn", NAMED, NULL, pca_tag },
	{ "UntagCertificateAuthority", 10, "CertificateAuthorityArn", NAMED, NULL, pca_untag },
	{ "UpdateCertificateAuthority", 10, "CertificateAuthorityArn", PCA_ACTIVE | PCA_DISABLED,
	    "The certificate authority must be in the ACTIVE or DISABLED state to be updated", pca_update },
};
_Static_assert(sizeof operations / sizeof operations[0] == PCA_OPERATIONS, "AWS has 23");

/* ---- what a request holds ---- */

const cJSON *
pca_in(const struct pca_call *k, const char *member)
{
	const cJSON *value = cJSON_GetObjectItemCaseSensitive(k->q->json, member);

	return value != NULL && !cJSON_IsNull(value) ? value : NULL;
}

const char *
pca_in_text(const struct pca_call *k, const char *member)
{
	return cJSON_GetStringValue(pca_in(k, member));
}

unsigned char *
pca_base64(struct arena *a, const char *text, size_t *len)
{
	size_t chars = strlen(text);
	unsigned char *out = arena_alloc(a, chars / 4 * 3 + 4);
	int n = chars > 0 ? EVP_DecodeBlock(out, (const unsigned char *)text, (int)chars) : 0;

	if (n < 0)
		return NULL;
	/* It counts what the padding stands for. */
	while (chars > 0 && text[--chars] == '=')
		n--;
	out[n] = '\0';
	*len = (size_t)n;
	return out;
}

unsigned char *
pca_in_blob(const struct pca_call *k, const char *member, size_t *len)
{
	const char *text = pca_in_text(k, member);

	*len = 0;
	return text != NULL ? pca_base64(k->a, text, len) : NULL;
}

int64_t
pca_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- pages ---- */

/* "WHAT AFTER" and a sum over it, so that another list's token, or none at all, is not taken for one. */
static void
page_token(const char *what, int64_t after, char out[160])
{
	unsigned char sum[SHA256_DIGEST_LENGTH];
	char text[96], hex[17];
	int len = snprintf(text, sizeof text, "%.60s %lld", what, (long long)after);

	SHA256((const unsigned char *)text, (size_t)len, sum);
	pca_hex(sum, 8, "", hex);
	len = snprintf(text + len, sizeof text - (size_t)len, " %s", hex) + len;
	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)text, len);
}

bool
pca_page(struct pca_call *k, const char *what, int64_t most, int64_t *after, int64_t *limit)
{
	const char *token = pca_in_text(k, "NextToken");
	const cJSON *wanted = pca_in(k, "MaxResults");
	unsigned char *text = NULL;
	char again[160];
	size_t len;

	*after = 0;
	*limit = wanted != NULL && (int64_t)wanted->valuedouble < most ? (int64_t)wanted->valuedouble : most;
	if (token == NULL)
		return true;
	if (strlen(token) < sizeof again && strlen(token) % 4 == 0)
		text = pca_base64(k->a, token, &len);
	if (text != NULL) {
		const char *number = strrchr((char *)text, ' ');
		while (number != NULL && number > (char *)text && number[-1] != ' ')
			number--;
		*after = number != NULL ? strtoll(number, NULL, 10) : 0;
		page_token(what, *after, again);
		if (strcmp(again, token) == 0)
			return true;
	}
	cloud_fail(k->p, "InvalidNextTokenException", "The token specified in the NextToken argument is not valid.");
	return false;
}

void
pca_page_next(struct pca_call *k, cJSON *out, const char *what, int64_t after)
{
	char token[160];

	(void)k;
	page_token(what, after, token);
	cJSON_AddStringToObject(out, "NextToken", token);
}

/* ---- every call ---- */

/* The CA that the request names. False: refused. */
static bool
find_ca(struct pca_call *k, const struct operation *o)
{
	const char *text = pca_in_text(k, o->resource);
	struct arn arn;

	if (!arn_parse(text, &arn) || strcmp(arn.service, "acm-pca") != 0 || arn_ca_id(text) == NULL ||
	    strncmp(arn.resource, "certificate-authority/", 22) != 0 || strchr(arn.resource + 22, '/') != NULL) {
		cloud_fail(k->p, "InvalidArnException", "The ARN %s is not the ARN of a certificate authority.", text);
		return false;
	}
	if (!pca_may(k, o->name, text))
		return false;
	if (strcmp(arn.region, k->q->region) == 0)
		k->ca = pca_load(k->db, k->a, text, k->q->now);
	if (k->ca == NULL)
		cloud_fail(k->p, "ResourceNotFoundException", "Could not find Certificate Authority with ARN: %s", text);
	return k->ca != NULL;
}

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	struct pca_call k = { .c = c, .db = cloud_db(c), .q = q, .p = p, .a = q->arena };
	size_t i = 0;

	c->pca->wants_work = false;
	while (i < PCA_OPERATIONS && (q->operation == NULL || strcmp(operations[i].name, q->operation) != 0))
		i++;
	if (i == PCA_OPERATIONS) {
		cloud_fail(p, "UnknownOperationException", "%s", "");
		return;
	}
	const struct operation *o = &operations[i];
	if (cloud_settings(c)->throttle && pca_too_fast(c->pca, i, o->per_second)) {
		cloud_fail(p, "ThrottlingException", "Rate exceeded");
		return;
	}
	if (!pca_check_input(q, &pca_inputs[i], p))
		return;
	if (o->resource == NULL ? !pca_may(&k, o->name, NULL) : !find_ca(&k, o))
		return;
	if (k.ca != NULL && (k.ca->state & o->states) == 0) {
		cloud_fail(p, "InvalidStateException", "%s", o->otherwise);
		return;
	}
	o->run(&k);
	if (p->body.len == 0)
		cloud_reply_json(p, cJSON_CreateObject());
}

static bool
prepare(struct cloud *c)
{
	if (c->pca == NULL) {
		c->pca = mem_zero(1, sizeof *c->pca);
		c->pca->cloud = c;
	}
	return pca_store_prepare(c);
}

const struct cloud_service cloud_acm_pca = {
	.signing = "acm-pca",
	.protocol = CLOUD_JSON,
	.target = "ACMPrivateCA",
	.tables = pca_tables,
	.prepare = prepare,
	.serve = serve,
};
