#include "aws/advice.h"

#include <stdio.h>
#include <string.h>

#include "aws/arn.h"

/* What an account that a CA is shared with may use at most: RAM's default permission (knowledge "aws" 1.4). */
#define SHARED_TEMPLATES                                                                                              \
	"EndEntityCertificate, EndEntityServerAuthCertificate, EndEntityClientAuthCertificate, "                     \
	"BlankEndEntityCertificate_APIPassthrough or _APICSRPassthrough, SubordinateCACertificate_PathLen0"

/* The first row that fits. NULL: any; code: the beginning of AWS's; says: a part of the message. */
static const struct row {
	enum aws_kind kind;
	const char *operation; /* "acm-pca IssueCertificate", or its beginning */
	const char *code, *says;
	const char *advice;
} rows[] = {
	{ AWS_NO_CREDENTIALS, NULL, NULL, "; run: ", "" }, /* the message says itself what to do */
	{ AWS_NO_CREDENTIALS, NULL, NULL, NULL,
	    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile with --profile, or sign in with “aws sso login”" },
	{ AWS_BAD_CREDENTIALS, NULL, "ExpiredToken", NULL, "The session has ended: sign in again (“aws sso login”), or take the role anew" },
	{ AWS_BAD_CREDENTIALS, NULL, "SignatureDoesNotMatch", NULL, "The secret does not go with the access key: check both" },
	{ AWS_BAD_CREDENTIALS, NULL, "InvalidSignature", NULL, "The secret does not go with the access key: check both" },
	/* What AWS says as well of a key of another partition, and in a region that the account has not switched on. */
	{ AWS_BAD_CREDENTIALS, NULL, "UnrecognizedClient", NULL,
	    "AWS does not know this key here: a wrong key, a session token that is missing or not its own, or a region that the account has not enabled" },
	{ AWS_BAD_CREDENTIALS, NULL, "InvalidClientTokenId", NULL,
	    "AWS does not know this key here: a wrong key, a session token that is missing or not its own, or a region that the account has not enabled" },
	{ AWS_BAD_CREDENTIALS, NULL, NULL, NULL, "Check the credentials: “aws sts get-caller-identity” uses the same ones" },
	{ AWS_NO_REGION, NULL, NULL, NULL, "Name it with --region, AWS_REGION, or “region” of the profile" },
	{ AWS_DENIED, NULL, NULL, "explicit deny", "A policy forbids it expressly (of the user, the resource or the organisation): allowing it elsewhere does not help" },
	{ AWS_DENIED, "acm-pca IssueCertificate", NULL, NULL,
	    "The policy of these credentials must allow acm-pca:IssueCertificate, and a condition acm-pca:TemplateArn in it must name this template" },
	{ AWS_DENIED, NULL, NULL, NULL, "The policy of these credentials, or of the resource, must allow this action" },
	{ AWS_NOT_FOUND, NULL, NULL, NULL, "Check the name, the region and the account: a resource of another one is not found either" },
	{ AWS_STATE, NULL, "ConcurrentModification", NULL, "Somebody else is changing it just now: try again" },
	{ AWS_STATE, "acm-pca GetCertificate", "RequestFailed", NULL,
	    "AWS gives no reason; often the CSR's subject is empty and its SAN not critical. Nothing was issued: correct the CSR and issue anew" },
	{ AWS_STATE, "acm-pca IssueCertificate", NULL, NULL,
	    "Only an ACTIVE CA issues: one in PENDING_CERTIFICATE is finished by “mtlscope pca activate”, a DISABLED one enabled, a DELETED one restored; "
	    "“mtlscope pca show” says which it is" },
	{ AWS_STATE, "acm-pca GetCertificateAuthorityCertificate", NULL, NULL,
	    "The CA has no certificate yet: “mtlscope pca activate” finishes it (request, signature, import)" },
	{ AWS_STATE, "acm-pca GetCertificate", NULL, NULL,
	    "A DELETED CA gives out nothing: it can be restored until the day that “mtlscope pca show” names (aws acm-pca restore-certificate-authority)" },
	{ AWS_STATE, "acm-pca ImportCertificateAuthorityCertificate", NULL, NULL,
	    "A DISABLED CA takes no certificate, and a DELETED one neither: enable or restore it first" },
	{ AWS_STATE, "acm-pca UpdateCertificateAuthority", NULL, NULL,
	    "Only an ACTIVE or DISABLED CA is changed: one in PENDING_CERTIFICATE needs its certificate first (“mtlscope pca activate”), a DELETED one is restored" },
	{ AWS_STATE, "acm-pca DeleteCertificateAuthority", NULL, NULL, "An ACTIVE CA is not deleted: disable it first" },
	{ AWS_STATE, "acm-pca RestoreCertificateAuthority", NULL, NULL,
	    "Only a DELETED CA is restored, until the day that “mtlscope pca show” names; a CA that was still CREATING or FAILED never" },
	{ AWS_ARGUMENT, "acm-pca ", NULL, "S3 bucket",
	    "The bucket's policy must let acm-pca.amazonaws.com put objects and read its ACL and location; where it blocks public access, S3ObjectAcl is "
	    "BUCKET_OWNER_FULL_CONTROL" },
	{ AWS_IN_PROGRESS, "acm-pca CreateCertificateAuthorityAuditReport", NULL, NULL,
	    "AWS makes one in 30 minutes for each CA; “mtlscope pca sync” reads the newest that is there" },
	{ AWS_IN_PROGRESS, NULL, NULL, NULL, "It is still being done: ask again in a few seconds" },
	{ AWS_THROTTLED, NULL, NULL, NULL, "Too many requests: wait a minute, then try again" },
	{ AWS_QUOTA, NULL, NULL, NULL, "A quota of the account is reached: waiting does not help, Service Quotas can raise it" },
	{ AWS_CLOCK, NULL, NULL, NULL, "Set this machine's clock: AWS takes requests within five minutes of its own" },
	{ AWS_SERVER, NULL, NULL, NULL, "This is AWS's fault and may pass: try again" },
	{ AWS_ANSWER, NULL, NULL, NULL, "Is this really AWS, or a proxy that answers for it?" },
	{ AWS_NETWORK, NULL, NULL, NULL, "Check the network, the proxy variables and the region's name" },
	{ AWS_MISSING, NULL, NULL, NULL, "The service at this endpoint does not know the operation" },
};

static bool
begins(const char *text, const char *start)
{
	return start == NULL || strncmp(text, start, strlen(start)) == 0;
}

static bool
fits(const struct row *r, const struct aws_error *e)
{
	/* A whole operation, not one that begins like it: GetCertificate is not GetCertificateAuthorityCertificate. */
	bool operation = r->operation == NULL || strcmp(r->operation, e->operation) == 0 ||
	    (r->operation[strlen(r->operation) - 1] == ' ' && begins(e->operation, r->operation));

	return r->kind == e->kind && operation && begins(e->code, r->code) && (r->says == NULL || strstr(e->message, r->says) != NULL);
}

/* The ARN that stands after these words of a message. */
static bool
arn_after(const char *message, const char *words, struct arn *out)
{
	const char *at = strstr(message, words);
	char text[400];

	if (at == NULL)
		return false;
	at += strlen(words);
	snprintf(text, sizeof text, "%.*s", (int)strcspn(at, " ,;\"'"), at);
	return arn_parse(text, out);
}

/*
 * “User: ARN is not authorized to perform: … on resource: ARN”: where the two accounts differ, the CA is shared, or it is not,
 * and AWS says nothing of templates although most often they are the reason (knowledge "aws" 7 #7).
 */
static bool
foreign_account(const struct aws_error *e, char out[AWS_ADVICE_MAX])
{
	struct arn who, what;

	if (e->kind != AWS_DENIED || !begins(e->operation, "acm-pca ") || !arn_after(e->message, "User: ", &who) ||
	    !arn_after(e->message, "on resource: ", &what) || who.account[0] == '\0' || what.account[0] == '\0' ||
	    strcmp(who.account, what.account) == 0)
		return false;
	if (strcmp(e->operation, "acm-pca IssueCertificate") == 0)
		snprintf(out, AWS_ADVICE_MAX, "The CA is account %s's, you are %s: its owner shares it by RAM, and the share allows few templates: " SHARED_TEMPLATES,
		    what.account, who.account);
	else
		snprintf(out, AWS_ADVICE_MAX, "The CA is account %s's, you are %s: use a profile of that account, or have its owner share the CA (RAM); revoking "
		    "needs a share of its own", what.account, who.account);
	return true;
}

/* Its ARN names another region than the one that was asked. */
static bool
foreign_region(const struct aws_error *e, const char *where, char out[AWS_ADVICE_MAX])
{
	const char *at = strstr(e->message, "arn:");
	struct arn a;

	if (where == NULL || at == NULL || (e->kind != AWS_NOT_FOUND && e->kind != AWS_ARGUMENT) || !arn_after(at, "", &a) ||
	    a.region[0] == '\0' || strstr(where, a.region) != NULL)
		return false;
	snprintf(out, AWS_ADVICE_MAX, "It is in region %s by its ARN: name that with --region", a.region);
	return true;
}

void
aws_advice(const struct aws_error *e, const char *where, char out[AWS_ADVICE_MAX])
{
	out[0] = '\0';
	if (foreign_account(e, out) || foreign_region(e, where, out))
		return;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (fits(&rows[i], e)) {
			snprintf(out, AWS_ADVICE_MAX, "%s", rows[i].advice);
			return;
		}
}
