/*
 * What comes back from an endpoint, in each protocol: the first byte picks the service and the HTTP status, the next line
 * is x-amzn-ErrorType, the rest the body. Whatever it is, the error is printable and bounded.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
printable(const char *text, size_t room)
{
	size_t len = strlen(text);

	if (len >= room)
		abort();
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct aws_service *const services[] = { &aws_acm_pca, &aws_elbv2, &aws_s3, &aws_apigateway };
	static const int statuses[] = { 200, 302, 400, 403, 404, 500, 501, 503 };
	struct aws_http_answer a = { .status = 0 };
	struct aws_error err = { .kind = AWS_FINE };
	struct error said = { .code = ERROR_NONE };
	cJSON *json = NULL;
	size_t line = 0;

	if (size < 2)
		return 0;
	a.status = statuses[(data[0] >> 2) % 8];
	while (1 + line < size && line + 1 < sizeof a.error_type && data[1 + line] != '\n')
		line++;
	memcpy(a.error_type, data + 1, line);
	buf_add(&a.body, data + 1 + line, size - 1 - line);
	if (a.status == 200) {
		if ((aws_answer_json(&a, &json, &err) == STATUS_OK) != (json != NULL))
			abort();
		aws_json_forget(json);
	} else {
		aws_answer_error(services[data[0] & 3], &a, &err);
		if (err.kind == AWS_FINE || err.http_status != a.status)
			abort();
	}
	(void)aws_error_say(&err, "list the CAs", "us-east-1", &said);
	printable(err.code, sizeof err.code);
	printable(err.message, sizeof err.message);
	printable(err.request_id, sizeof err.request_id);
	printable(said.text, sizeof said.text);
	aws_http_answer_done(&a);
	return 0;
}
