/*
 * The least policy for what plans call, part by part, each narrowed to the ARNs that are known. What AWS lets nobody narrow
 * (lists, describes of load balancers) stands apart with "*". API Gateway's actions are HTTP methods, and a truststore wants
 * two more (Service Authorization Reference: AddCertificateToDomain, RemoveCertificateFromDomain).
 */
#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/paste_lines.h"
#include "model/memory.h"

enum { ACTIONS = 8 };

/* A resource is a template of paste_lines; "*" where AWS knows none. */
static const struct statement {
	unsigned needs;
	const char *sid;
	const char *actions[ACTIONS];
	const char *resources[3];
	const char *condition; /* JSON, or NULL */
} statements[] = {
	{ PASTE_NEEDS_READ, "ListAuthorities", { "acm-pca:ListCertificateAuthorities" }, { "*" }, NULL },
	{ PASTE_NEEDS_READ, "ReadAuthority",
	    { "acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate", "acm-pca:GetCertificateAuthorityCertificate", "acm-pca:ListPermissions", "acm-pca:ListTags" }, { "@ca@" }, NULL },
	{ PASTE_NEEDS_ISSUE, "IssueForServicesOnly", { "acm-pca:IssueCertificate" }, { "@ca@" },
	    "{\"StringLike\":{\"acm-pca:TemplateArn\":[\"arn:@partition@:acm-pca:::template/EndEntity*/V1\",\"arn:@partition@:acm-pca:::template/BlankEndEntityCertificate*/V1\"]}}" },
	{ PASTE_NEEDS_ISSUE, "FetchWhatWasIssued", { "acm-pca:DescribeCertificateAuthority", "acm-pca:GetCertificate", "acm-pca:GetCertificateAuthorityCertificate" }, { "@ca@" }, NULL },
	{ PASTE_NEEDS_REVOKE, "Revoke", { "acm-pca:RevokeCertificate" }, { "@ca@" }, NULL },
	{ PASTE_NEEDS_REPORT, "AskForReport", { "acm-pca:CreateCertificateAuthorityAuditReport", "acm-pca:DescribeCertificateAuthorityAuditReport" }, { "@ca@" }, NULL },
	{ PASTE_NEEDS_REPORT, "ReadReport", { "s3:GetObject" }, { "arn:@partition@:s3:::@report-bucket@/audit-report/@ca-id@/*" }, NULL },
	{ PASTE_NEEDS_REPORT, "ListReports", { "s3:ListBucket" }, { "arn:@partition@:s3:::@report-bucket@" }, "{\"StringLike\":{\"s3:prefix\":[\"audit-report/@ca-id@/*\"]}}" },
	{ PASTE_NEEDS_SECRET, "RotateIdentity",
	    { "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue", "secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage" }, { "@secret@" }, NULL },
	{ PASTE_NEEDS_PARAMETER, "RenewParameter", { "ssm:GetParameter", "ssm:PutParameter" }, { "@parameter@" }, NULL },
	{ PASTE_NEEDS_PARAMETER, "SeeParameters", { "ssm:DescribeParameters" }, { "*" }, NULL },
	{ PASTE_NEEDS_BUNDLE, "ChangeBundle", { "s3:GetObject", "s3:GetObjectVersion", "s3:PutObject" }, { "arn:@partition@:s3:::@bucket@/@object@" }, NULL },
	{ PASTE_NEEDS_BUNDLE, "SeeVersioning", { "s3:GetBucketVersioning", "s3:ListBucket", "s3:ListBucketVersions" }, { "arn:@partition@:s3:::@bucket@" }, NULL },
	{ PASTE_NEEDS_BALANCER, "SeeBalancers",
	    { "elasticloadbalancing:DescribeListeners", "elasticloadbalancing:DescribeTrustStores", "elasticloadbalancing:DescribeTrustStoreAssociations",
	        "elasticloadbalancing:DescribeTrustStoreRevocations" }, { "*" }, NULL },
	{ PASTE_NEEDS_BALANCER, "ChangeTrustStore",
	    { "elasticloadbalancing:GetTrustStoreCaCertificatesBundle", "elasticloadbalancing:ModifyTrustStore" }, { "@store@" }, NULL },
	{ PASTE_NEEDS_BALANCER, "ChangeListener", { "elasticloadbalancing:ModifyListener" }, { "@listener@" }, NULL },
	{ PASTE_NEEDS_GATEWAY, "ChangeDomain",
	    { "apigateway:GET", "apigateway:PATCH", "apigateway:AddCertificateToDomain", "apigateway:RemoveCertificateFromDomain" },
	    { "arn:@partition@:apigateway:@region@::/domainnames/@domain@" }, NULL },
	{ PASTE_NEEDS_GATEWAY, "SeeMappings", { "apigateway:GET" },
	    { "arn:@partition@:apigateway:@region@::/domainnames/@domain@/basepathmappings", "arn:@partition@:apigateway:@region@::/domainnames/@domain@/apimappings" }, NULL },
	{ PASTE_NEEDS_GATEWAY, "SwitchDefaultEndpointOff", { "apigateway:GET", "apigateway:PATCH" },
	    { "arn:@partition@:apigateway:@region@::/restapis/@api@", "arn:@partition@:apigateway:@region@::/apis/@api@" }, NULL },
	{ PASTE_NEEDS_ACM, "ImportCertificate", { "acm:DescribeCertificate", "acm:GetCertificate", "acm:ImportCertificate" }, { "@acm@" }, NULL },
};

/* A template, filled in; malloc'd. NULL: an error. */
static char *
filled(const struct paste_case *c, const char *text, struct error *err)
{
	const struct paste_line line = { IF_ALWAYS, text };
	struct buf b = { 0 };
	char *out = NULL;

	if (paste_lines(c, FORMAT_PLAIN, &line, 1, &b, err) == STATUS_OK)
		out = mem_strndup(b.data, b.len - 1);
	buf_done(&b);
	return out;
}

static cJSON *
list_of(const struct paste_case *c, const char *const texts[], size_t most, struct error *err)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < most && texts[i] != NULL; i++) {
		char *text = filled(c, texts[i], err);

		if (text == NULL) {
			cJSON_Delete(list);
			return NULL;
		}
		cJSON_AddItemToArray(list, cJSON_CreateString(text));
		free(text);
	}
	return list;
}

static status
add_statement(const struct paste_case *c, const struct statement *s, cJSON *to, struct error *err)
{
	cJSON *o = cJSON_CreateObject(), *actions, *resources;
	char *condition;

	cJSON_AddItemToArray(to, o);
	cJSON_AddStringToObject(o, "Sid", s->sid);
	cJSON_AddStringToObject(o, "Effect", "Allow");
	actions = list_of(c, s->actions, ACTIONS, err);
	if (actions == NULL)
		return STATUS_FAILED;
	cJSON_AddItemToObject(o, "Action", actions);
	resources = list_of(c, s->resources, 3, err);
	if (resources == NULL)
		return STATUS_FAILED;
	cJSON_AddItemToObject(o, "Resource", resources);
	if (s->condition == NULL)
		return STATUS_OK;
	condition = filled(c, s->condition, err);
	if (condition == NULL)
		return STATUS_FAILED;
	cJSON_AddItemToObject(o, "Condition", cJSON_Parse(condition));
	free(condition);
	return STATUS_OK;
}

status
paste_iam(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	unsigned needs = c->needs != 0 ? c->needs : PASTE_NEEDS_ALL;
	cJSON *policy = cJSON_CreateObject(), *list;
	status result = STATUS_OK;
	char *text;

	cJSON_AddStringToObject(policy, "Version", "2012-10-17");
	list = cJSON_AddArrayToObject(policy, "Statement");
	for (size_t i = 0; i < sizeof statements / sizeof statements[0] && result == STATUS_OK; i++)
		if ((statements[i].needs & needs) != 0 && !((needs & PASTE_NEEDS_READ) != 0 && strcmp(statements[i].sid, "FetchWhatWasIssued") == 0))
			result = add_statement(c, &statements[i], list, err);
	if (result == STATUS_OK) {
		text = cJSON_Print(policy);
		out->parts[0] = (struct paste_part){ "policy.json", arena_printf(a, "%s\n", text) };
		out->len = 1;
		out->remark = "Under a KMS key of your own a secret also needs kms:Decrypt and kms:GenerateDataKey on that key, a parameter kms:Decrypt and kms:Encrypt (kms:GenerateDataKey where it is Advanced). What stands as CHANGE-ME is not known here.";
		cJSON_free(text);
	}
	cJSON_Delete(policy);
	return result;
}
