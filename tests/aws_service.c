#include "tests/aws_service.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "tests/aws_world.h"
#include "tests/boto.h"

void
service_at(struct aws_service_test *t, const char *url)
{
	service_as(t, url, "AKIDTEST", "SECRETCANARY");
}

void
service_as(struct aws_service_test *t, const char *url, const char *key, const char *secret)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct aws_client_options o = { .region = "us-east-1", .endpoint_url = url };

	*t = (struct aws_service_test){ .arena = arena_new() };
	t->env[0] = arena_printf(t->arena, "AWS_ACCESS_KEY_ID=%s", key);
	t->env[1] = arena_printf(t->arena, "AWS_SECRET_ACCESS_KEY=%s", secret);
	t->world = aws_world_new(NULL, NULL);
	t->world->env = t->env;
	o.world = &t->world->world;
	if (aws_client_new(&o, &t->client, &err) != STATUS_OK)
		fail_msg("%s", err.message);
}

void
service_script(struct aws_service_test *t, const struct http_step *steps)
{
	struct http_script *script = http_script_start(steps);

	service_at(t, http_script_url(script));
	t->script = script;
}

void
service_stop(struct aws_service_test *t)
{
	aws_client_free(t->client);
	aws_world_free(t->world);
	arena_free(t->arena);
	http_script_stop(t->script);
}

void
service_asked(struct aws_service_test *t, size_t i, const char *text)
{
	const char *request = http_script_request(t->script, i);

	if (strcasestr(request, text) == NULL)
		fail_msg("request %zu has no “%s”:\n%s", i, text, request);
}

void
service_asked_json(struct aws_service_test *t, size_t i, const char *json)
{
	const char *request = http_script_request(t->script, i), *body = strstr(request, "\r\n\r\n");
	cJSON *sent = body == NULL ? NULL : cJSON_Parse(body + 4), *wanted = cJSON_Parse(json);

	assert_non_null(wanted);
	if (!cJSON_Compare(sent, wanted, true))
		fail_msg("request %zu is not %s:\n%s", i, json, request);
	cJSON_Delete(sent);
	cJSON_Delete(wanted);
}

static const char validate[] =
    "import botocore.session, botocore.validate, json, sys\n"
    "services = {'secretsmanager': 'secretsmanager', 'AmazonSSM': 'ssm', 'GraniteServiceVersion20100801': 'cloudwatch', 'AWSEvents': 'events',"
    " 'ACMPrivateCA': 'acm-pca'}\n"
    "session, wrong = botocore.session.Session(), []\n"
    "for r in json.load(sys.stdin):\n"
    "  prefix, operation = r['target'].split('.')\n"
    "  shape = session.get_service_model(services[prefix]).operation_model(operation).input_shape\n"
    "  report = botocore.validate.ParamValidator().validate(r['body'], shape)\n"
    "  if report.has_errors(): wrong.append(r['target'] + ': ' + report.generate_report())\n"
    "print(json.dumps(wrong))\n";

void
service_validated(struct aws_service_test *t)
{
	cJSON *all = cJSON_CreateArray(), *wrong;
	char *text;

	for (size_t i = 0; i < http_script_requests(t->script); i++) {
		const char *request = http_script_request(t->script, i), *target = strcasestr(request, "\r\nx-amz-target: ");
		const char *body = strstr(request, "\r\n\r\n");
		cJSON *one = cJSON_CreateObject();
		char name[128];

		assert_true(target != NULL && body != NULL);
		snprintf(name, sizeof name, "%.*s", (int)strcspn(target + 16, "\r"), target + 16);
		cJSON_AddStringToObject(one, "target", name);
		cJSON_AddItemToObject(one, "body", cJSON_Parse(body + 4));
		cJSON_AddItemToArray(all, one);
	}
	text = cJSON_PrintUnformatted(all);
	if (boto_python() != NULL) {
		wrong = boto_tell(validate, (const char *const[]){ NULL }, text);
		if (cJSON_GetArraySize(wrong) > 0)
			fail_msg("%s", cJSON_GetArrayItem(wrong, 0)->valuestring);
		cJSON_Delete(wrong);
	}
	cJSON_Delete(all);
	free(text);
}

cJSON *
service_boto(const char *url, const char *program)
{
	struct buf all = { .data = NULL }, place = { .data = NULL };
	cJSON *told;

	buf_adds(&all, "import boto3, json, os\n"
	               "def client(name):\n"
	               "  return boto3.client(name, endpoint_url=os.environ['AT'], region_name='us-east-1', aws_access_key_id='x',"
	               " aws_secret_access_key='y')\n");
	buf_adds(&all, program);
	buf_addf(&place, "AT=%s", url);
	told = boto_ask(all.data, (const char *const[]){ place.data, "AWS_EC2_METADATA_DISABLED=true", NULL });
	buf_done(&all);
	buf_done(&place);
	return told;
}
