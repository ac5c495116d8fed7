#include "aws/sts.h"

#include <stdio.h>

#include "aws/credentials_internal.h"
#include "aws/fields.h"
#include "aws/xml.h"

static status
ask(struct aws_client *c, const char *action, const struct buf *parameters, struct arena *a, const struct xml_node **root,
    struct aws_error *err)
{
	struct aws_http_answer answer = { .status = 0 };
	struct aws_call call = { .service = &aws_sts, .operation = action, .body = parameters->data, .body_len = parameters->len };
	status result = aws_call(c, &call, &answer, err);

	*root = NULL;
	if (result == STATUS_OK)
		result = xml_read(answer.body.data, answer.body.len, a, root, err);
	aws_http_answer_done(&answer);
	return result;
}

status
sts_identity(struct aws_client *c, struct arena *a, struct sts_identity *out, struct aws_error *err)
{
	const struct buf none = { .data = NULL };
	const struct xml_node *root;

	if (ask(c, "GetCallerIdentity", &none, a, &root, err) != STATUS_OK)
		return STATUS_FAILED;
	*out = (struct sts_identity){
		.account = xml_text(root, "GetCallerIdentityResult/Account"),
		.arn = xml_text(root, "GetCallerIdentityResult/Arn"),
		.user = xml_text(root, "GetCallerIdentityResult/UserId"),
	};
	if (out->account == NULL || out->arn == NULL)
		return aws_error_set(err, AWS_ANSWER, NULL, "there is no Account and Arn in the answer");
	return STATUS_OK;
}

status
sts_assume_role(struct aws_client *c, const char *role, const char *session, const char *external_id, unsigned seconds,
    struct aws_credentials *out, struct aws_error *err)
{
	struct arena *a = arena_new();
	struct buf parameters = { .data = NULL };
	const struct xml_node *root, *found;
	status result;

	*out = (struct aws_credentials){ .access_key = "" };
	query_add(&parameters, "RoleArn", role);
	query_add(&parameters, "RoleSessionName", session);
	query_add(&parameters, "ExternalId", external_id);
	if (seconds > 0)
		buf_addf(&parameters, "&DurationSeconds=%u", seconds);
	result = ask(c, "AssumeRole", &parameters, a, &root, err);
	if (result == STATUS_OK) {
		found = xml_find(root, "AssumeRoleResult/Credentials");
		result = credential_xml(found, "the role", out, err);
		snprintf(out->from, sizeof out->from, "AssumeRole");
	}
	if (result != STATUS_OK)
		aws_credentials_done(out);
	xml_forget(root);
	arena_free(a);
	buf_done(&parameters);
	return result;
}
