/* Who else may use a CA: permissions of AWS's services (Certificate Manager), and resource policies of other accounts. */
#include "aws/pca.h"

#include "aws/pca_call.h"

static cJSON *
permission(const char *ca, const char *principal, const char *account)
{
	cJSON *in = pca_request(ca);

	cJSON_AddStringToObject(in, "Principal", principal != NULL ? principal : "");
	if (account != NULL)
		cJSON_AddStringToObject(in, "SourceAccount", account);
	return in;
}

status
pca_create_permission(struct aws_client *c, const char *ca, const char *principal, const char *account, const char *const actions[],
    size_t len, struct aws_error *err)
{
	cJSON *in = permission(ca, principal, account), *list = cJSON_AddArrayToObject(in, "Actions");

	for (size_t i = 0; i < len; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(actions[i]));
	return pca_ask(c, "CreatePermission", in, NULL, NULL, NULL, err);
}

status
pca_delete_permission(struct aws_client *c, const char *ca, const char *principal, const char *account, struct aws_error *err)
{
	return pca_ask(c, "DeletePermission", permission(ca, principal, account), NULL, NULL, NULL, err);
}

status
pca_list_permissions(struct aws_client *c, const char *ca, struct arena *a, struct pca_permission **out, size_t *len, struct aws_error *err)
{
	struct pca_rows rows = { 0 };
	status s = pca_ask_pages(c, "ListPermissions", pca_request(ca), a, pca_read_permissions, &rows, err);

	*out = s == STATUS_OK ? rows.items : NULL;
	*len = s == STATUS_OK ? rows.len : 0;
	return s;
}

/* ---- policies ---- */

static cJSON *
resource(const char *arn)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, "ResourceArn", arn != NULL ? arn : "");
	return in;
}

status
pca_put_policy(struct aws_client *c, const char *arn, const char *policy, struct aws_error *err)
{
	cJSON *in = resource(arn);

	cJSON_AddStringToObject(in, "Policy", policy != NULL ? policy : "");
	return pca_ask(c, "PutPolicy", in, NULL, NULL, NULL, err);
}

status
pca_get_policy(struct aws_client *c, const char *arn, struct arena *a, const char **policy, struct aws_error *err)
{
	return pca_ask(c, "GetPolicy", resource(arn), a, pca_read_policy, policy, err);
}

status
pca_delete_policy(struct aws_client *c, const char *arn, struct aws_error *err)
{
	return pca_ask(c, "DeletePolicy", resource(arn), NULL, NULL, NULL, err);
}
