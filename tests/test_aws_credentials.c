/*
 * The credential chain: which provider is asked when, what each takes and refuses, and that botocore finds the same. Every
 * secret in here has CANARY in it, and no message may have that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aws/credentials_internal.h"
#include "model/memory.h"
#include "model/text.h"
#include "tests/chain_world.h"
#include "tests/boto.h"
#include "tests/http_script.h"
#include "tests/moto.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])
#define NO_METADATA "AWS_EC2_METADATA_DISABLED=true"
enum { VARS_MOST = 10 };

static char *folder;

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	return folder == NULL || mkdir(in_folder(folder, ".aws"), 0700) != 0;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static void
write_text(const char *name, const char *text)
{
	const char *path = in_folder(folder, name);

	if (text == NULL)
		unlink(path);
	else
		assert_true(write_file(path, text, strlen(text)));
}

static void
write_files(const char *config, const char *credentials)
{
	write_text(".aws/config", config);
	write_text(".aws/credentials", credentials);
}

/* A script with a first line, executable; its path. */
static const char *
write_script(const char *name, const char *text)
{
	struct buf all = { .data = NULL };

	buf_addf(&all, "#!/bin/sh\n%s\n", text);
	write_text(name, all.data);
	assert_int_equal(chmod(in_folder(folder, name), 0700), 0);
	buf_done(&all);
	return in_folder(folder, name);
}

/* Profiles and chain over a world, as a client has them. */
struct setting {
	struct chain_world w;
	struct aws_profiles *profiles;
	struct aws_credential_chain *chain;
};

static void
set_up(struct setting *s, const char *const vars[], const char *profile, bool explicit_profile)
{
	struct aws_error err = { .kind = AWS_FINE };

	chain_world_init(&s->w, folder, vars);
	if (aws_profiles_read(&s->w.world, &s->profiles, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	s->chain = aws_credential_chain_new(s->profiles, profile, explicit_profile, "us-east-1", NULL, &s->w.world);
}

static void
take_down(struct setting *s)
{
	aws_credential_chain_free(s->chain);
	aws_profiles_free(s->profiles);
}

static void
check_error(const struct aws_error *err, const struct aws_credentials *out)
{
	static const struct aws_credentials none;

	assert_int_not_equal(err->kind, AWS_FINE);
	if (strstr(err->message, "CANARY") != NULL || strstr(err->code, "CANARY") != NULL)
		fail_msg("a secret in “%s”", err->message);
	assert_int_equal(text_flags(text_of(err->message)) & TEXT_HOSTILE, 0);
	assert_memory_equal(out, &none, sizeof none);
}

static status
get_once(const char *const vars[], const char *profile, bool explicit_profile, struct aws_credentials *out, struct aws_error *err)
{
	struct setting s;
	status result;

	*err = (struct aws_error){ .kind = AWS_FINE };
	set_up(&s, vars, profile, explicit_profile);
	result = aws_credentials_get(s.chain, false, NULL, out, err);
	if (result != STATUS_OK)
		check_error(err, out);
	take_down(&s);
	return result;
}

/* ---- order and precedence, without a network ---- */

static const char keys_config[] =
    "[default]\naws_access_key_id = AKIDCONFIG\naws_secret_access_key = CANARYconfig\n"
    "[profile both]\naws_access_key_id = AKIDBOTHC\naws_secret_access_key = CANARYbothc\n"
    "[profile old]\naws_access_key_id = AKIDOLD\naws_secret_access_key = CANARYold\naws_security_token = CANARYtoken1\naws_session_token = CANARYtoken2\n"
    "[profile empty]\nregion = us-east-1\n"
    "[profile half]\naws_access_key_id = AKIDHALF\n"
    "[profile blank]\naws_access_key_id = AKID BLANK\naws_secret_access_key = CANARY\n"
    "[profile process]\ncredential_process = ./process 'a b' $HOME\n"
    "[profile process-and-keys]\ncredential_process = ./process x\naws_access_key_id = AKIDAFTER\naws_secret_access_key = CANARYafter\n"
    "[profile process-and-shared]\ncredential_process = ./process x\n"
    "[profile secret-only]\naws_secret_access_key = CANARYalone\n";
static const char keys_credentials[] =
    "[shared]\naws_access_key_id = AKIDSHARED\naws_secret_access_key = CANARYshared\naws_session_token = CANARYtoken\n"
    "[both]\naws_access_key_id = AKIDBOTH\naws_secret_access_key = CANARYboth\n"
    "[half-shared]\naws_access_key_id = AKIDHALF\n"
    "[process-and-shared]\naws_access_key_id = AKIDFIRST\naws_secret_access_key = CANARYfirst\n"
    "[profile odd]\naws_access_key_id = AKIDODD\naws_secret_access_key = CANARYodd\n";

#define ENV_KEYS "AWS_ACCESS_KEY_ID=AKIDENV", "AWS_SECRET_ACCESS_KEY=CANARYenv"

static const struct found_case {
	const char *vars[VARS_MOST];
	const char *profile;
	bool is_explicit;
	const char *key, *secret, *token; /* key NULL: an error */
	enum aws_kind kind;
	const char *says;
	bool not_in_botocore;             /* it is looser there */
} cases[] = {
	{ .vars = { ENV_KEYS }, .key = "AKIDENV", .secret = "CANARYenv" },
	{ .vars = { ENV_KEYS, "AWS_SESSION_TOKEN=CANARYt" }, .key = "AKIDENV", .secret = "CANARYenv", .token = "CANARYt" },
	{ .vars = { ENV_KEYS, "AWS_SESSION_TOKEN=CANARYt", "AWS_SECURITY_TOKEN=CANARYs" }, .key = "AKIDENV", .secret = "CANARYenv",
	    .token = "CANARYs" },
	{ .vars = { ENV_KEYS, "AWS_CREDENTIAL_EXPIRATION=2099-01-01T00:00:00Z" }, .key = "AKIDENV", .secret = "CANARYenv" },
	/* AWS_PROFILE alone does not pass the environment over; a profile that was named does. */
	{ .vars = { ENV_KEYS, "AWS_PROFILE=shared" }, .key = "AKIDENV", .secret = "CANARYenv" },
	{ .vars = { ENV_KEYS }, .profile = "shared", .is_explicit = true, .key = "AKIDSHARED", .secret = "CANARYshared", .token = "CANARYtoken" },
	{ .vars = { "AWS_PROFILE=shared" }, .key = "AKIDSHARED", .secret = "CANARYshared", .token = "CANARYtoken" },
	{ .vars = { NULL }, .key = "AKIDCONFIG", .secret = "CANARYconfig" },
	{ .vars = { "AWS_PROFILE=" }, .key = "AKIDCONFIG", .secret = "CANARYconfig", .not_in_botocore = true },
	{ .profile = "both", .is_explicit = true, .key = "AKIDBOTH", .secret = "CANARYboth" },
	{ .profile = "old", .is_explicit = true, .key = "AKIDOLD", .secret = "CANARYold", .token = "CANARYtoken1" },
	{ .profile = "profile odd", .is_explicit = true, .key = "AKIDODD", .secret = "CANARYodd" },
	{ .profile = "process", .is_explicit = true, .key = "AKIDPROCESS", .secret = "CANARYa b", .kind = AWS_LOCAL,
	    .says = "the secret key has a blank", .not_in_botocore = true },
	{ .profile = "process-and-keys", .is_explicit = true, .key = "AKIDPROCESS", .secret = "CANARYx", .token = "CANARYtoken" },
	{ .profile = "process-and-shared", .is_explicit = true, .key = "AKIDFIRST", .secret = "CANARYfirst" },
	/* A key without its secret is an error, nobody else is asked. */
	{ .vars = { "AWS_ACCESS_KEY_ID=AKIDENV" }, .kind = AWS_LOCAL, .says = "AWS_SECRET_ACCESS_KEY is not" },
	{ .vars = { "AWS_ACCESS_KEY_ID=AKIDENV", "AWS_SECRET_ACCESS_KEY=" }, .kind = AWS_LOCAL, .says = "AWS_SECRET_ACCESS_KEY is not" },
	{ .profile = "half", .is_explicit = true, .kind = AWS_LOCAL, .says = "profile “half” in ~/.aws/config has an access key without its secret key" },
	{ .profile = "half-shared", .is_explicit = true, .kind = AWS_LOCAL, .says = "profile “half-shared” in ~/.aws/credentials has an access key" },
	/* A secret alone is not looked at (botocore), and named where nothing else is found. */
	{ .vars = { "AWS_SECRET_ACCESS_KEY=CANARYenv" }, .key = "AKIDCONFIG", .secret = "CANARYconfig" },
	{ .vars = { NO_METADATA }, .profile = "secret-only", .is_explicit = true, .kind = AWS_NO_CREDENTIALS,
	    .says = "~/.aws/config (a secret key without aws_access_key_id)" },
	{ .profile = "blank", .is_explicit = true, .kind = AWS_LOCAL, .says = "the access key has a blank", .not_in_botocore = true },
	{ .vars = { ENV_KEYS, "AWS_CREDENTIAL_EXPIRATION=tomorrow" }, .kind = AWS_LOCAL, .says = "AWS_CREDENTIAL_EXPIRATION is no time" },
	{ .vars = { ENV_KEYS, "AWS_CREDENTIAL_EXPIRATION=2020-01-01T00:00:00Z" }, .kind = AWS_BAD_CREDENTIALS,
	    .says = "of the environment ended at 2020-01-01T00:00:00Z by this machine's clock" },
	{ .vars = { "AWS_ACCESS_KEY_ID=AKIDENV", "AWS_SECRET_ACCESS_KEY=CANARY\r\nx: y" }, .kind = AWS_LOCAL,
	    .says = "the environment: the secret key has a blank or another character", .not_in_botocore = true },
	{ .vars = { NO_METADATA }, .profile = "nobody", .is_explicit = true, .kind = AWS_NO_CREDENTIALS,
	    .says = "there is no profile “nobody” in ~/.aws/credentials or ~/.aws/config" },
	{ .vars = { NO_METADATA, "AWS_PROFILE=nobody" }, .kind = AWS_NO_CREDENTIALS, .says = "there is no profile “nobody”" },
	{ .vars = { NO_METADATA }, .profile = "empty", .is_explicit = true, .kind = AWS_NO_CREDENTIALS,
	    .says = "for profile “empty”. Looked at: environment (passed over: a profile is named), role_arn, web identity, SSO, "
	            "~/.aws/credentials, credential_process, ~/.aws/config, container, instance metadata (off: AWS_EC2_METADATA_DISABLED)" },
	{ .vars = { NO_METADATA, "AWS_CONFIG_FILE=/nowhere/c", "AWS_SHARED_CREDENTIALS_FILE=/dev/null" }, .kind = AWS_NO_CREDENTIALS,
	    .says = "for profile “default”. Looked at: environment, role_arn, web identity, SSO, /dev/null (no regular file), "
	            "credential_process, /nowhere/c (not there), container, instance" },
	{ .vars = { "AWS_WEB_IDENTITY_TOKEN_FILE=/nowhere" }, .kind = AWS_LOCAL, .says = "no role for it: set AWS_ROLE_ARN" },
	{ .vars = { "AWS_WEB_IDENTITY_TOKEN_FILE=/nowhere", "AWS_ROLE_ARN=arn:aws:iam::111122223333:role/x" }, .kind = AWS_LOCAL,
	    .says = "role arn:aws:iam::111122223333:role/x by web identity: /nowhere: no such file" },
};

static void
write_key_files(void)
{
	write_files(keys_config, keys_credentials);
	write_script("process", "printf '{\"Version\":1,\"AccessKeyId\":\"AKIDPROCESS\",\"SecretAccessKey\":\"CANARY%s\",\"SessionToken\":"
	                        "\"CANARYtoken\",\"Extra\":[]}' \"$1\"; echo CANARY >&2");
	assert_int_equal(chdir(folder), 0); /* credential_process names it from here */
}

static void
who_is_asked_first(void **state)
{
	(void)state;
	write_key_files();
	for (size_t i = 0; i < LEN(cases); i++) {
		const struct found_case *c = &cases[i];
		struct aws_credentials out;
		struct aws_error err;
		status result = get_once(c->vars, c->profile, c->is_explicit, &out, &err);

		if (c->says == NULL) {
			if (result != STATUS_OK)
				fail_msg("%zu: %s", i, err.message);
			assert_string_equal(out.access_key, c->key);
			assert_string_equal(out.secret, c->secret);
			assert_string_equal(out.token, c->token == NULL ? "" : c->token);
			assert_true(out.from[0] != '\0');
			aws_credentials_done(&out);
			continue;
		}
		if (result == STATUS_OK || err.kind != c->kind || strstr(err.message, c->says) == NULL)
			fail_msg("%zu: kind %d, “%s”", i, err.kind, err.message);
	}
}

/* All cases in one process: each with the environment that it has, and nothing else of AWS's. */
static const char found_by_boto[] =
    "import botocore.session, json, os\n"
    "usual, told = dict(os.environ), []\n"
    "for case in json.loads(os.environ['CASES']):\n"
    "  os.environ.clear()\n"
    "  os.environ.update(usual)\n"
    "  os.environ.update(v.split('=', 1) for v in case['vars'])\n"
    "  try:\n"
    "    c = botocore.session.Session(profile=case.get('profile')).get_credentials()\n"
    "    f = c.get_frozen_credentials() if c else None\n"
    "    told.append({'key': f.access_key, 'secret': f.secret_key, 'token': f.token or ''} if f else {'error': 'none'})\n"
    "  except Exception as e:\n"
    "    told.append({'error': str(e)})\n"
    "print(json.dumps(told))\n";

/* What is asked of botocore; the caller frees. */
static char *
cases_for_boto(void)
{
	cJSON *all = cJSON_CreateArray();
	char *text;

	for (size_t i = 0; i < LEN(cases); i++) {
		cJSON *one = cJSON_CreateObject(), *vars = cJSON_AddArrayToObject(one, "vars");
		for (size_t k = 0; cases[i].vars[k] != NULL; k++)
			cJSON_AddItemToArray(vars, cJSON_CreateString(cases[i].vars[k]));
		if (cases[i].profile != NULL)
			cJSON_AddStringToObject(one, "profile", cases[i].profile);
		cJSON_AddItemToArray(all, one);
	}
	text = cJSON_PrintUnformatted(all);
	cJSON_Delete(all);
	return text;
}

static void
botocore_finds_the_same(void **state)
{
	struct buf asked = { .data = NULL };
	char *text;
	cJSON *all;

	(void)state;
	if (boto_python() == NULL)
		skip();
	write_key_files();
	text = cases_for_boto();
	buf_addf(&asked, "CASES=%s", text);
	all = boto_ask(found_by_boto, (const char *const[]){ asked.data, aws_var("HOME", folder), NO_METADATA, NULL });
	for (size_t i = 0; i < LEN(cases); i++) {
		const struct found_case *c = &cases[i];
		const cJSON *theirs = cJSON_GetArrayItem(all, (int)i), *error = cJSON_GetObjectItem(theirs, "error");

		if (c->not_in_botocore)
			continue;
		if ((error != NULL) != (c->says != NULL))
			fail_msg("%zu: botocore says %s", i, error == NULL ? cJSON_GetObjectItem(theirs, "key")->valuestring : error->valuestring);
		if (c->says == NULL) {
			assert_string_equal(cJSON_GetObjectItem(theirs, "key")->valuestring, c->key);
			assert_string_equal(cJSON_GetObjectItem(theirs, "secret")->valuestring, c->secret);
			assert_string_equal(cJSON_GetObjectItem(theirs, "token")->valuestring, c->token == NULL ? "" : c->token);
		}
	}
	cJSON_Delete(all);
	free(text);
	buf_done(&asked);
}

/* ---- roles ---- */

#define STS_ANSWER(action, key) "<" action "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" action "Result><Credentials>" \
	"<AccessKeyId>" key "</AccessKeyId><SecretAccessKey>CANARY" key "/+=</SecretAccessKey><SessionToken>CANARYtoken" key "</SessionToken>" \
	"<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></" action "Result></" action "Response>"
#define STS_ERROR(code, text) "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type><Code>" code \
	"</Code><Message>" text "</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"

static const char roles_config[] =
    "[profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = CANARYbase\n"
    "[profile role]\nrole_arn = arn:aws:iam::111122223333:role/pki\nsource_profile = base\nexternal_id = a b&c=d\n"
    "role_session_name = me@here\nduration_seconds = 900\n"
    "[profile chain]\nrole_arn = arn:aws:iam::111122223333:role/second\nsource_profile = role\nduration_seconds = long\n"
    "[profile self]\nrole_arn = arn:aws:iam::111122223333:role/self\nsource_profile = self\naws_access_key_id = AKIDSELF\n"
    "aws_secret_access_key = CANARYself\n"
    "[profile from-env]\nrole_arn = arn:aws:iam::111122223333:role/e\ncredential_source = Environment\n"
    "[profile self-bare]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = self-bare\n"
    "[profile loop-a]\nrole_arn = arn:aws:iam::111122223333:role/a\nsource_profile = loop-b\n"
    "[profile loop-b]\nrole_arn = arn:aws:iam::111122223333:role/b\nsource_profile = loop-a\n"
    "[profile both]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\ncredential_source = Environment\n"
    "[profile neither]\nrole_arn = arn:aws:iam::111122223333:role/x\n"
    "[profile lost]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = nobody\n"
    "[profile strange]\nrole_arn = arn:aws:iam::111122223333:role/x\ncredential_source = environment\n"
    "[profile nothing]\nregion = us-east-1\n"
    "[profile of-nothing]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = nothing\n"
    "[profile mfa]\nrole_arn = arn:aws:iam::111122223333:role/x\nsource_profile = base\nmfa_serial = arn:aws:iam::111122223333:mfa/me\n"
    "[profile web]\nrole_arn = arn:aws:iam::111122223333:role/web\nweb_identity_token_file = TOKENFILE\n"
    "[profile of-web]\nrole_arn = arn:aws:iam::111122223333:role/of-web\nsource_profile = web\n";

static void
write_roles(void)
{
	const char *path = in_folder(folder, "token"), *at = strstr(roles_config, "TOKENFILE");
	struct buf text = { .data = NULL };

	buf_add(&text, roles_config, (size_t)(at - roles_config));
	buf_adds(&text, path);
	buf_adds(&text, at + strlen("TOKENFILE"));
	write_files(text.data, NULL);
	write_text("token", "CANARY.web.identity-token_~\n");
	buf_done(&text);
}

static void
roles_are_assumed(void **state)
{
	static const struct http_step steps[] = {
		{ .method = "POST", .target = "/$", .has = "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fpki", .body = STS_ANSWER("AssumeRole", "AKIDROLE") },
		{ .method = "POST", .target = "/$", .has = "role%2Fsecond", .body = STS_ANSWER("AssumeRole", "AKIDSECOND") },
		{ .method = "POST", .target = "/$", .has = "role%2Fself", .body = STS_ANSWER("AssumeRole", "AKIDROLE") },
		{ .method = "POST", .target = "/$", .has = "role%2Fe", .body = STS_ANSWER("AssumeRole", "AKIDROLE") },
		{ .method = "POST", .target = "/$", .has = "role%2Fweb", .body = STS_ANSWER("AssumeRoleWithWebIdentity", "AKIDWEB") },
		{ .method = "POST", .target = "/$", .has = "role%2Fof-web", .body = STS_ANSWER("AssumeRole", "AKIDOFWEB") },
		{ .method = NULL },
	};
	static const struct {
		const char *profile, *key;
		size_t calls;
		const char *signed_by;  /* of the last call */
		const char *has[5];     /* in the last call */
	} roles[] = {
		{ "role", "AKIDROLE", 1, "Credential=AKIDBASE/", { "Action=AssumeRole&Version=2011-06-15&", "RoleSessionName=me%40here",
		    "ExternalId=a%20b%26c%3Dd", "DurationSeconds=900" } },
		{ "chain", "AKIDSECOND", 2, "Credential=AKIDROLE/", { "RoleSessionName=mtlscope-", "X-Amz-Security-Token: CANARYtokenAKIDROLE" } },
		{ "self", "AKIDROLE", 1, "Credential=AKIDSELF/", { NULL } },
		{ "from-env", "AKIDROLE", 1, "Credential=AKIDENV/", { NULL } },
		{ "web", "AKIDWEB", 1, NULL, { "Action=AssumeRoleWithWebIdentity&", "WebIdentityToken=CANARY.web.identity-token_~" } },
		{ "of-web", "AKIDOFWEB", 2, "Credential=AKIDWEB/", { NULL } },
	};

	(void)state;
	write_roles();
	for (size_t i = 0; i < LEN(roles); i++) {
		struct http_script *sts = http_script_start(steps);
		const char *vars[] = { ENV_KEYS, NO_METADATA, aws_var("AWS_ENDPOINT_URL_STS", http_script_url(sts)), NULL };
		struct aws_credentials out;
		struct aws_error err;
		const char *last;
		char secret[64];

		if (get_once(vars, roles[i].profile, true, &out, &err) != STATUS_OK)
			fail_msg("%s: %s", roles[i].profile, err.message);
		assert_string_equal(out.access_key, roles[i].key);
		snprintf(secret, sizeof secret, "CANARY%s/+=", roles[i].key);
		assert_string_equal(out.secret, secret);
		assert_int_equal(out.expires, 4070908800);
		assert_non_null(strstr(out.from, "role arn:aws:iam::111122223333:role/"));
		assert_int_equal(http_script_requests(sts), roles[i].calls);
		last = http_script_request(sts, roles[i].calls - 1);
		if (roles[i].signed_by == NULL ? strcasestr(last, "authorization:") != NULL : strstr(last, roles[i].signed_by) == NULL)
			fail_msg("%s: %s", roles[i].profile, last);
		for (size_t k = 0; k < LEN(roles[i].has) && roles[i].has[k] != NULL; k++) {
			if (strcasestr(last, roles[i].has[k]) == NULL)
				fail_msg("%s: no %s in %s", roles[i].profile, roles[i].has[k], last);
		}
		aws_credentials_done(&out);
		http_script_stop(sts);
	}
}

static void
roles_that_cannot_be_assumed(void **state)
{
	static const struct {
		const char *profile;
		enum aws_kind kind;
		const char *says;
	} bad[] = {
		{ "self-bare", AWS_LOCAL, "its source_profile leads in a circle, through “self-bare”" },
		{ "loop-a", AWS_LOCAL, "leads in a circle, through “loop-a”" },
		{ "both", AWS_LOCAL, "it has source_profile and credential_source" },
		{ "neither", AWS_LOCAL, "neither source_profile nor credential_source" },
		{ "lost", AWS_LOCAL, "there is no profile of the name in its source_profile: “nobody”" },
		{ "strange", AWS_LOCAL, "none of Environment, EcsContainer, Ec2InstanceMetadata: “environment”" },
		{ "of-nothing", AWS_LOCAL, "there are no credentials in its source_profile “nothing”" },
		{ "from-env", AWS_LOCAL, "there are no credentials in its credential_source “Environment”" },
		{ "mfa", AWS_NO_CREDENTIALS, "no prompt here; run: eval \"$(aws configure export-credentials --profile mfa --format env)\"" },
	};

	(void)state;
	write_roles();
	for (size_t i = 0; i < LEN(bad); i++) {
		/* Nothing listens there: a call would be AWS_NETWORK. */
		const char *vars[] = { NO_METADATA, "AWS_ENDPOINT_URL_STS=http://127.0.0.1:1", NULL };
		struct aws_credentials out;
		struct aws_error err;

		if (get_once(vars, bad[i].profile, true, &out, &err) == STATUS_OK || err.kind != bad[i].kind ||
		    strstr(err.message, bad[i].says) == NULL)
			fail_msg("%s: kind %d, “%s”", bad[i].profile, err.kind, err.message);
	}
}

static void
what_sts_may_answer(void **state)
{
	static const struct {
		struct http_step steps[4];
		enum aws_kind kind; /* AWS_FINE: it works in the end */
		const char *says, *code;
		size_t calls;
	} answers[] = {
		{ { { "POST", "/$", NULL, 0, 403, NULL, STS_ERROR("AccessDenied", "User: x is not authorized to perform: sts:AssumeRole") } },
		    AWS_DENIED, "role arn:aws:iam::111122223333:role/pki of profile “role”: User: x is not", "AccessDenied", 1 },
		{ { { "POST", "/$", NULL, 0, 403, NULL, STS_ERROR("InvalidClientTokenId", "The security token is invalid: CANARYbase") } },
		    AWS_BAD_CREDENTIALS, "it was refused", "InvalidClientTokenId", 1 },
		{ { { "POST", "/$", NULL, 0, 500, NULL, "<html>oops</html>" } }, AWS_SERVER, "a page came instead of an answer", "", 3 },
		{ { { "POST", "/$", NULL, 2, 503, NULL, "" }, { "POST", "/$", NULL, 0, 0, NULL, STS_ANSWER("AssumeRole", "AKIDLATE") } }, AWS_FINE,
		    "AKIDLATE", NULL, 3 },
		{ { { "POST", "/$", NULL, 1, 400, NULL, STS_ERROR("Throttling", "Rate exceeded") },
		        { "POST", "/$", NULL, 0, 0, NULL, STS_ANSWER("AssumeRole", "AKIDLATE") } }, AWS_FINE, "AKIDLATE", NULL, 2 },
		{ { { "POST", "/$", NULL, 0, 200, NULL, "{\"not\":\"xml\"}" } }, AWS_ANSWER, "no XML", NULL, 1 },
		{ { { "POST", "/$", NULL, 0, 200, NULL, "<AssumeRoleResponse/>" } }, AWS_ANSWER, "no credentials in the answer of STS", NULL, 1 },
		/* A clock that is off by more than five minutes is corrected by their Date, once. */
		{ { { "POST", "/$", NULL, 1, 403, "Date: Fri, 01 Jan 2100 00:00:00 GMT\r\n",
		          STS_ERROR("SignatureDoesNotMatch", "Signature expired: 20261129T000000Z is now earlier than 21000101T000000Z") },
		        { "POST", "/$", "21000101T0000", 0, 0, NULL, STS_ANSWER("AssumeRole", "AKIDCLOCK") } }, AWS_FINE, "AKIDCLOCK", NULL, 2 },
		{ { { "POST", "/$", NULL, 0, 403, "Date: Fri, 01 Jan 2100 00:00:00 GMT\r\n", STS_ERROR("RequestExpired", "Request has expired") } },
		    AWS_CLOCK, "Request has expired", NULL, 2 },
	};

	(void)state;
	write_roles();
	for (size_t i = 0; i < LEN(answers); i++) {
		struct http_script *sts = http_script_start(answers[i].steps);
		const char *vars[] = { NO_METADATA, aws_var("AWS_ENDPOINT_URL_STS", http_script_url(sts)), NULL };
		struct aws_credentials out;
		struct aws_error err;
		status result = get_once(vars, "role", true, &out, &err);

		if ((result == STATUS_OK) != (answers[i].kind == AWS_FINE) || err.kind != answers[i].kind)
			fail_msg("%zu: kind %d, “%s”", i, err.kind, err.message);
		if (result == STATUS_OK)
			assert_string_equal(out.access_key, answers[i].says);
		else if (strstr(err.message, answers[i].says) == NULL || (answers[i].code != NULL && strcmp(err.code, answers[i].code) != 0))
			fail_msg("%zu: %s “%s”", i, err.code, err.message);
		assert_int_equal(http_script_requests(sts), answers[i].calls);
		aws_credentials_done(&out);
		http_script_stop(sts);
	}
}

/* ---- SSO and login ---- */

static const char sso_config[] =
    "[profile sso]\nsso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Ops Admin\n"
    "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example/start\n"
    "[profile legacy]\nsso_start_url = https://corp.example/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = Ops\n"
    "[profile no-session]\nsso_session = nobody\nsso_account_id = 1\nsso_role_name = x\n"
    "[profile no-region]\nsso_start_url = https://corp.example/start\nsso_account_id = 1\nsso_role_name = x\n"
    "[profile no-role]\nsso_session = corp\nsso_account_id = 1\n"
    "[profile differs]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = x\nsso_region = us-east-1\n"
    "[profile bad-region]\nsso_start_url = https://corp.example/start\nsso_account_id = 1\nsso_role_name = x\nsso_region = evil.example/#\n"
    "[profile \"my sso\"]\nsso_session = corp\nsso_account_id = 1\nsso_role_name = x\n";


static const char *
cache_name(const char *of)
{
	static char name[128];
	struct run r;

	run_program((const char *const[]){ "sh", "-c", "printf %s \"$0\" | sha1sum", of, NULL }, NULL, &r);
	snprintf(name, sizeof name, ".aws/sso/cache/%.40s.json", buf_str(&r.out));
	run_done(&r);
	return name;
}

static void
single_sign_on(void **state)
{
	static const char good[] = "{\"roleCredentials\":{\"accessKeyId\":\"AKIDSSO\",\"secretAccessKey\":\"CANARYsso\",\"sessionToken\":"
	                           "\"CANARYt\",\"expiration\":4070908800123}}";
	static const struct {
		const char *profile, *token; /* the cached file; NULL: none */
		struct http_step step;
		enum aws_kind kind;
		const char *says;
	} logins[] = {
		{ "sso", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}",
		    { "GET", "/federation/credentials?role_name=Ops%20Admin&account_id=111122223333$", "sso_bearer_token: CANARYa\r\n", 0, 0, NULL, good },
		    AWS_FINE, "SSO of profile “sso”" },
		{ "legacy", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2099-01-01T00:00:00UTC\"}",
		    { "GET", "/federation/credentials?role_name=Ops&account_id=111122223333$", "sso_bearer_token: CANARYa\r\n", 0, 0, NULL, good },
		    AWS_FINE, "SSO of profile “legacy”" },
		{ "sso", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}", { "GET", "/", NULL, 0, 0, NULL, good },
		    AWS_NO_CREDENTIALS, "the login has ended; run: aws sso login --profile sso" },
		/* What the aws program renews by itself needs no browser; the token that does it stays where it is, and out of what is said. */
		{ "sso", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2020-01-01T00:00:00Z\",\"refreshToken\":\"CANARYr\",\"clientSecret\":\"CANARYc\","
		    "\"registrationExpiresAt\":\"2099-01-01T00:00:00Z\"}", { "GET", "/", NULL, 0, 0, NULL, good }, AWS_NO_CREDENTIALS,
		    "; run: aws sts get-caller-identity --profile sso (where that says that the login has ended: aws sso login --profile sso)" },
		{ "sso", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2020-01-01T00:00:00Z\",\"refreshToken\":\"CANARYr\","
		    "\"registrationExpiresAt\":\"2020-01-01T00:00:00Z\"}", { "GET", "/", NULL, 0, 0, NULL, good }, AWS_NO_CREDENTIALS,
		    "the login has ended; run: aws sso login --profile sso" },
		/* A command that is to be pasted: its words are quoted. */
		{ "my sso", NULL, { "GET", "/", NULL, 0, 0, NULL, good }, AWS_NO_CREDENTIALS, "nobody is logged in; run: aws sso login --profile 'my sso'" },
		{ "sso", NULL, { "GET", "/", NULL, 0, 0, NULL, good }, AWS_NO_CREDENTIALS, "nobody is logged in; run: aws sso login --profile sso" },
		{ "sso", "{\"accessToken\":\"CANARYa\"}", { "GET", "/", NULL, 0, 0, NULL, good }, AWS_NO_CREDENTIALS, "nobody is logged in" },
		{ "sso", "CANARY", { "GET", "/", NULL, 0, 0, NULL, good }, AWS_NO_CREDENTIALS, "nobody is logged in" },
		{ "sso", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}",
		    { "GET", "/", NULL, 0, 401, "x-amzn-ErrorType: UnauthorizedException\r\n", "{\"message\":\"Session token not found or invalid\"}" },
		    AWS_NO_CREDENTIALS, "not taken any more; run: aws sso login --profile sso" },
		{ "sso", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}",
		    { "GET", "/", NULL, 0, 403, "x-amzn-ErrorType: ForbiddenException\r\n", "{\"message\":\"No access\"}" }, AWS_DENIED,
		    "does not give the role “Ops Admin” in the account 111122223333" },
		{ "sso", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}", { "GET", "/", NULL, 0, 500, NULL, "CANARYa" },
		    AWS_SERVER, "the portal answered with HTTP 500" },
		{ "sso", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}", { "GET", "/", NULL, 0, 200, NULL, "{}" },
		    AWS_ANSWER, "there is no accessKeyId in its answer" },
		{ "no-session", NULL, { "GET", "/", NULL, 0, 0, NULL, good }, AWS_LOCAL, "there is no [sso-session nobody] in ~/.aws/config" },
		{ "no-region", NULL, { "GET", "/", NULL, 0, 0, NULL, good }, AWS_LOCAL, "sso_region is not set" },
		{ "no-role", NULL, { "GET", "/", NULL, 0, 0, NULL, good }, AWS_LOCAL, "sso_role_name is not set" },
		{ "differs", NULL, { "GET", "/", NULL, 0, 0, NULL, good }, AWS_LOCAL, "its sso_region is another than that of its sso_session" },
		{ "bad-region", "{\"accessToken\":\"CANARYa\",\"expiresAt\":\"2099-01-01T00:00:00Z\"}", { "GET", "/", NULL, 0, 0, NULL, good },
		    AWS_NO_REGION, "is no region" },
	};

	(void)state;
	write_files(sso_config, NULL);
	(void)mkdir(in_folder(folder, ".aws/sso"), 0700);
	(void)mkdir(in_folder(folder, ".aws/sso/cache"), 0700);
	for (size_t i = 0; i < LEN(logins); i++) {
		const struct http_step steps[] = { logins[i].step, { .method = NULL } };
		struct http_script *portal = http_script_start(steps);
		const char *vars[] = { NO_METADATA, aws_var("AWS_ENDPOINT_URL_SSO", http_script_url(portal)), NULL };
		struct aws_credentials out;
		struct aws_error err;
		status result;

		write_text(cache_name("corp"), strcmp(logins[i].profile, "sso") == 0 ? logins[i].token : NULL);
		write_text(cache_name("https://corp.example/start"), strcmp(logins[i].profile, "sso") == 0 ? NULL : logins[i].token);
		result = get_once(vars, logins[i].profile, true, &out, &err);
		if (err.kind != logins[i].kind || strstr(result == STATUS_OK ? out.from : err.message, logins[i].says) == NULL)
			fail_msg("%zu: kind %d, “%s”", i, err.kind, result == STATUS_OK ? out.from : err.message);
		if (result == STATUS_OK) {
			assert_string_equal(out.access_key, "AKIDSSO");
			assert_string_equal(out.token, "CANARYt");
			assert_int_equal(out.expires, 4070908800);
			assert_null(strcasestr(http_script_request(portal, 0), "authorization:"));
		}
		aws_credentials_done(&out);
		http_script_stop(portal);
	}
}

static void
what_aws_login_left(void **state)
{
	static const struct {
		const char *text;
		enum aws_kind kind;
		const char *says;
	} logins[] = {
		{ "{\"accessToken\":{\"accessKeyId\":\"AKIDLOGIN\",\"secretAccessKey\":\"CANARY\",\"sessionToken\":\"CANARY\",\"expiresAt\":"
		  "\"2099-01-01T00:00:00Z\"}}", AWS_FINE, "login_session of profile “in”" },
		{ "{\"accessToken\":{\"accessKeyId\":\"AKIDLOGIN\",\"secretAccessKey\":\"CANARY\",\"sessionToken\":\"CANARY\",\"expiresAt\":"
		  "\"2020-01-01T00:00:00Z\"}}", AWS_NO_CREDENTIALS, "has ended; run: aws login --profile in" },
		{ "{}", AWS_ANSWER, "there is no accessKeyId" },
		{ NULL, AWS_NO_CREDENTIALS, "nobody is logged in; run: aws login --profile in" },
	};
	char hash[SIGV4_SHA256_HEX], name[128];

	(void)state;
	write_files("[profile in]\nlogin_session = arn:aws:iam::111122223333:user/me\n", NULL);
	sigv4_hash("arn:aws:iam::111122223333:user/me", strlen("arn:aws:iam::111122223333:user/me"), hash);
	snprintf(name, sizeof name, "%s.json", hash);
	for (size_t i = 0; i < LEN(logins); i++) {
		const char *vars[] = { NO_METADATA, aws_var("AWS_LOGIN_CACHE_DIRECTORY", "~"), NULL };
		struct aws_credentials out;
		struct aws_error err;
		status result;

		write_text(name, logins[i].text);
		result = get_once(vars, "in", true, &out, &err);
		if (err.kind != logins[i].kind || strstr(result == STATUS_OK ? out.from : err.message, logins[i].says) == NULL)
			fail_msg("%zu: kind %d, “%s”", i, err.kind, err.message);
		aws_credentials_done(&out);
	}
}

/* ---- credential_process ---- */

static void
processes(void **state)
{
	static const struct {
		const char *script; /* NULL: there is none */
		enum aws_kind kind;
		const char *says;
	} programs[] = {
		{ "echo '{\"Version\":1,\"AccessKeyId\":\"AKIDP\",\"SecretAccessKey\":\"CANARY\"}'", AWS_FINE, "credential_process of profile “p”" },
		{ "echo '{\"Version\":1,\"AccessKeyId\":\"AKIDP\",\"SecretAccessKey\":\"CANARY\",\"SessionToken\":null,\"Expiration\":"
		  "\"2099-01-01T00:00:00+00:00\"}'", AWS_FINE, "credential_process" },
		{ "read x; echo '{\"Version\":1,\"AccessKeyId\":\"AKIDP\",\"SecretAccessKey\":\"CANARY\"}'", AWS_FINE, "credential_process" },
		/* It leaves a child behind that keeps its output open: nobody waits for that one. */
		{ "tail -f /dev/null & echo $! >left; echo '{\"Version\":1,\"AccessKeyId\":\"AKIDP\",\"SecretAccessKey\":\"CANARY\"}'", AWS_FINE,
		    "credential_process" },
		{ "echo '{\"Version\":2,\"AccessKeyId\":\"AKIDP\",\"SecretAccessKey\":\"CANARY\"}'", AWS_ANSWER, "has not \"Version\": 1" },
		{ "echo '{\"AccessKeyId\":\"AKIDP\",\"SecretAccessKey\":\"CANARY\"}'", AWS_ANSWER, "has not \"Version\": 1" },
		{ "echo '{\"Version\":1,\"AccessKeyId\":\"AKIDP\"}'", AWS_ANSWER, "there is no SecretAccessKey" },
		{ "echo '{\"Version\":1,\"AccessKeyId\":7,\"SecretAccessKey\":\"CANARY\"}'", AWS_ANSWER, "there is no AccessKeyId" },
		{ "echo '{\"Version\":1,\"AccessKeyId\":\"AKIDP\",\"SecretAccessKey\":\"CANARY\",\"Expiration\":\"soon\"}'", AWS_ANSWER, "its Expiration is no time" },
		{ "echo '{\"Version\":1,\"AccessKeyId\":\"AKIDP\",\"SecretAccessKey\":\"CANARY\",\"Expiration\":\"2020-01-01T00:00:00Z\"}'",
		    AWS_BAD_CREDENTIALS, "ended at 2020-01-01T00:00:00Z" },
		{ "echo CANARY", AWS_ANSWER, "is no JSON" },
		{ ":", AWS_ANSWER, "is no JSON" },
		{ "echo CANARY >&2; exit 3", AWS_LOCAL, "it ended with status 3; run it by hand" },
		{ "kill -9 $$", AWS_LOCAL, "it ended with status 137" },
		{ "exec yes CANARY", AWS_ANSWER, "it prints more than 65536 bytes" },
		{ "exec >&-; exit 4", AWS_LOCAL, "status 4" },
		{ NULL, AWS_LOCAL, "cannot be started: No such file or directory" },
	};
	char config[512];

	(void)state;
	snprintf(config, sizeof config, "[profile p]\ncredential_process = \"%s\" --secret CANARY\n", in_folder(folder, "program"));
	write_files(config, NULL);
	assert_int_equal(chdir(folder), 0);
	for (size_t i = 0; i < LEN(programs); i++) {
		struct aws_credentials out;
		struct aws_error err;
		status result;

		write_text("program", NULL);
		if (programs[i].script != NULL)
			write_script("program", programs[i].script);
		result = get_once((const char *const[]){ NO_METADATA, NULL }, "p", true, &out, &err);
		if (err.kind != programs[i].kind || strstr(result == STATUS_OK ? out.from : err.message, programs[i].says) == NULL)
			fail_msg("%zu: kind %d, “%s”", i, err.kind, err.message);
		aws_credentials_done(&out);
	}
	struct run r;
	run_program((const char *const[]){ "sh", "-c", "kill $(cat left)", NULL }, NULL, &r);
	run_done(&r);
}

static void
lines_that_are_none(void **state)
{
	static const struct {
		const char *line, *says;
	} lines[] = {
		{ "credential_process = 'a", "a quotation in it is not closed" },
		{ "credential_process = ", "names no program" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(lines); i++) {
		char config[256];
		struct aws_credentials out;
		struct aws_error err;

		snprintf(config, sizeof config, "[profile p]\n%s\n", lines[i].line);
		write_files(config, NULL);
		assert_int_equal(get_once((const char *const[]){ NO_METADATA, NULL }, "p", true, &out, &err), STATUS_FAILED);
		assert_int_equal(err.kind, AWS_LOCAL);
		assert_non_null(strstr(err.message, lines[i].says));
	}
}

/* One that never ends is ended when its time is up, or when the caller gives up; nothing of it lives on. */
static void
a_process_that_hangs(void **state)
{
	struct setting s;
	struct aws_credentials out;
	struct aws_error err = { .kind = AWS_FINE };
	char config[512];
	struct run r;

	(void)state;
	snprintf(config, sizeof config, "[profile p]\ncredential_process = %s\n", write_script("hangs", "echo $$ >hanging; exec tail -f /dev/null"));
	write_files(config, NULL);
	assert_int_equal(chdir(folder), 0);
	set_up(&s, (const char *const[]){ NO_METADATA, NULL }, "p", true);
	atomic_store(&s.w.hurry_us, 20u * 1000 * 1000); /* every look at the clock is 20 s later */
	assert_int_equal(aws_credentials_get(s.chain, false, NULL, &out, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_LOCAL);
	assert_non_null(strstr(err.message, "it was not done after 60 s, and was ended"));
	run_program((const char *const[]){ "sh", "-c", "test ! -s hanging || ! kill -0 $(cat hanging)", NULL }, NULL, &r);
	assert_int_equal(r.status, 0);
	run_done(&r);
	take_down(&s);
}

/* ---- container and instance ---- */

#define HOST_ANSWER(key) "{\"AccessKeyId\":\"" key "\",\"SecretAccessKey\":\"CANARYhost\",\"Token\":\"CANARYt\",\"Expiration\":" \
	"\"2099-01-01T00:00:00Z\",\"Code\":\"Success\"}"

static void
containers(void **state)
{
	static const struct {
		struct http_step steps[3];
		const char *token, *token_file; /* the file's text */
		enum aws_kind kind;
		const char *says;
		size_t calls;
	} answers[] = {
		{ { { "GET", "/creds?id=1$", NULL, 0, 0, NULL, HOST_ANSWER("AKIDC") } }, NULL, NULL, AWS_FINE, "AKIDC", 1 },
		{ { { "GET", "/creds", "uthorization: Basic CANARYauth\r\n", 0, 0, NULL, HOST_ANSWER("AKIDC") } }, "Basic CANARYauth", NULL, AWS_FINE, "AKIDC", 1 },
		/* The file goes first. */
		{ { { "GET", "/creds", "uthorization: CANARYfile\r\n", 0, 0, NULL, HOST_ANSWER("AKIDC") } }, "CANARYauth", "CANARYfile\n", AWS_FINE, "AKIDC", 1 },
		{ { { "GET", "/creds", NULL, 0, 0, NULL, HOST_ANSWER("AKIDC") } }, NULL, "CANARYa\nCANARYb", AWS_LOCAL, "has a line end in it", 0 },
		{ { { "GET", "/creds", NULL, 2, 500, NULL, "CANARY" }, { "GET", "/creds", NULL, 0, 0, NULL, HOST_ANSWER("AKIDC") } }, NULL, NULL, AWS_FINE, "AKIDC", 3 },
		{ { { "GET", "/creds", NULL, 0, 404, NULL, "CANARY" } }, NULL, NULL, AWS_NOT_FOUND, "the container's credentials: it answered with HTTP 404", 3 },
		{ { { "GET", "/creds", NULL, 0, 200, NULL, "CANARY" } }, NULL, NULL, AWS_ANSWER, "its answer is no JSON", 3 },
		{ { { "GET", "/creds", NULL, 0, 200, NULL, "{\"AccessKeyId\":\"AKIDC\",\"SecretAccessKey\":\"CANARY\"}" } }, NULL, NULL, AWS_ANSWER, "there is no Token", 3 },
		{ { { "GET", "/creds", NULL, 0, -1, NULL, NULL } }, NULL, NULL, AWS_NETWORK, "the container's credentials: http://127.0.0.1:", 3 },
	};

	(void)state;
	write_files(NULL, NULL);
	for (size_t i = 0; i < LEN(answers); i++) {
		struct http_script *agent = http_script_start(answers[i].steps);
		char url[128];
		const char *vars[6] = { NO_METADATA };
		size_t len = 1;
		struct aws_credentials out;
		struct aws_error err;
		status result;

		snprintf(url, sizeof url, "%s/creds?id=1", http_script_url(agent));
		vars[len++] = aws_var("AWS_CONTAINER_CREDENTIALS_FULL_URI", url);
		if (answers[i].token != NULL)
			vars[len++] = aws_var("AWS_CONTAINER_AUTHORIZATION_TOKEN", answers[i].token);
		write_text("agent-token", answers[i].token_file);
		if (answers[i].token_file != NULL)
			vars[len++] = aws_var("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", in_folder(folder, "agent-token"));
		result = get_once(vars, NULL, false, &out, &err);
		if (err.kind != answers[i].kind || strstr(result == STATUS_OK ? out.access_key : err.message, answers[i].says) == NULL)
			fail_msg("%zu: kind %d, “%s”", i, err.kind, err.message);
		assert_int_equal(http_script_requests(agent), answers[i].calls);
		aws_credentials_done(&out);
		http_script_stop(agent);
	}
}

static void
whom_the_container_may_ask(void **state)
{
	static const struct {
		const char *url;
		bool allowed;
	} urls[] = {
		{ "https://anywhere.example/x", true },
		{ "HTTPS://anywhere.example/x", true },
		{ "http://169.254.170.2/v2", true },
		{ "http://169.254.170.23:80/v1", true },
		{ "http://[fd00:ec2::23]/v1", true },
		{ "http://127.0.0.1:8080/", true },
		{ "http://127.9.9.9?x", true },
		{ "http://[::1]:80/", true },
		{ "http://localhost/", true },
		{ "http://169.254.169.254/", false },
		{ "http://anywhere.example/x", false },
		{ "http://127.0.0.1.example/", false },
		{ "http://127.0.0.1@evil.example/", false },
		{ "http://evil.example#127.0.0.1", false },
		{ "http://[fd00:ec2::24]/", false },
		{ "http://[::1", false },
		{ "http:///x", false },
		{ "ftp://127.0.0.1/", false },
		{ "127.0.0.1", false },
		{ "", false },
	};
	struct chain_world w;
	struct credential_ask a = { .world = &w.world };
	struct buf out = { .data = NULL };
	struct aws_credentials found;
	struct aws_error err;

	(void)state;
	for (size_t i = 0; i < LEN(urls); i++) {
		if (credential_address_allowed(urls[i].url) != urls[i].allowed)
			fail_msg("%s", urls[i].url);
	}
	chain_world_init(&w, folder, (const char *const[]){ "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=/v2/credentials/1",
	    "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1/", NULL });
	assert_true(credential_container_address(&a, &out));
	assert_string_equal(out.data, "http://169.254.170.2/v2/credentials/1");
	buf_done(&out);
	assert_int_equal(get_once((const char *const[]){ "AWS_CONTAINER_CREDENTIALS_FULL_URI=http://evil.example/", NULL }, NULL, false, &found, &err),
	    STATUS_FAILED);
	assert_int_equal(err.kind, AWS_LOCAL);
	assert_non_null(strstr(err.message, "not for http://evil.example/"));
}

#define ROLES "/latest/meta-data/iam/security-credentials/"

static void
instances(void **state)
{
	static const struct {
		struct http_step steps[5];
		const char *var;
		enum aws_kind kind;
		const char *says;
		size_t calls;
	} answers[] = {
		{ { { "PUT", "/latest/api/token$", "ttl-seconds: 21600\r\n", 0, 0, NULL, "CANARYtoken" },
		        { "GET", ROLES "$", "metadata-token: CANARYtoken\r\n", 0, 0, NULL, "my-role\n" },
		        { "GET", ROLES "my-role$", "metadata-token: CANARYtoken\r\n", 0, 0, NULL, HOST_ANSWER("AKIDI") } }, NULL, AWS_FINE, "AKIDI", 3 },
		/* No token: version 1, unless that is off. */
		{ { { "PUT", "/", NULL, 0, 403, NULL, "" }, { "GET", ROLES "$", NULL, 0, 0, NULL, "my-role" },
		        { "GET", ROLES "my-role$", NULL, 0, 0, NULL, HOST_ANSWER("AKIDI") } }, NULL, AWS_FINE, "AKIDI", 3 },
		{ { { "PUT", "/", NULL, 0, 404, NULL, "" }, { "GET", ROLES, NULL, 0, 0, NULL, "my-role" } }, "AWS_EC2_METADATA_V1_DISABLED=true",
		    AWS_NO_CREDENTIALS, "instance metadata (it gives no token, and version 1 is off)", 1 },
		{ { { "PUT", "/", NULL, 0, 500, NULL, "CANARY" } }, NULL, AWS_NO_CREDENTIALS, "instance metadata (it gives no token)", 1 },
		{ { { "PUT", "/", NULL, 0, 0, NULL, "CANARYtoken" }, { "GET", ROLES "$", NULL, 0, 404, NULL, "" } }, NULL, AWS_NO_CREDENTIALS,
		    "the instance has no role", 2 },
		{ { { "PUT", "/", NULL, 0, 0, NULL, "CANARYtoken" }, { "GET", ROLES "$", NULL, 0, 200, NULL, "" } }, NULL, AWS_NO_CREDENTIALS,
		    "does not say which role", 2 },
		{ { { "PUT", "/", NULL, 0, 0, NULL, "CANARYtoken" }, { "GET", ROLES "$", NULL, 0, 0, NULL, "a b" },
		        { "GET", ROLES "a%20b$", NULL, 0, 0, NULL, "{\"Code\":\"AssumeRoleUnauthorizedAccess\",\"Message\":\"CANARY\"}" } }, NULL,
		    AWS_NO_CREDENTIALS, "no credentials for the instance's role", 3 },
		{ { { "PUT", "/", NULL, 0, 0, NULL, "CANARYtoken" }, { "GET", ROLES "$", NULL, 0, 0, NULL, "r" },
		        { "GET", ROLES "r$", NULL, 0, 0, NULL, "{\"AccessKeyId\":\"AKIDI\",\"SecretAccessKey\":\"CANARY\"}" } }, NULL, AWS_ANSWER,
		    "instance metadata: there is no Token", 3 },
		{ { { "PUT", "/", NULL, 0, -1, NULL, NULL } }, NULL, AWS_NO_CREDENTIALS, "instance metadata (no answer)", 1 },
		{ { { "PUT", "/", NULL, 1, -1, NULL, NULL }, { "PUT", "/", NULL, 0, 0, NULL, "CANARYtoken" },
		        { "GET", ROLES "$", NULL, 0, 0, NULL, "r" }, { "GET", ROLES "r$", NULL, 0, 0, NULL, HOST_ANSWER("AKIDI") } },
		    "AWS_METADATA_SERVICE_NUM_ATTEMPTS=2", AWS_FINE, "AKIDI", 4 },
		{ { { "PUT", "/", NULL, 0, 0, NULL, "CANARYtoken" } }, "AWS_EC2_METADATA_DISABLED=TRUE", AWS_NO_CREDENTIALS,
		    "off: AWS_EC2_METADATA_DISABLED", 0 },
	};

	(void)state;
	write_files(NULL, NULL);
	for (size_t i = 0; i < LEN(answers); i++) {
		struct http_script *host = http_script_start(answers[i].steps);
		const char *vars[] = { aws_var("AWS_EC2_METADATA_SERVICE_ENDPOINT", http_script_url(host)), answers[i].var, NULL };
		struct aws_credentials out;
		struct aws_error err;
		status result = get_once(vars, NULL, false, &out, &err);

		if (err.kind != answers[i].kind || strstr(result == STATUS_OK ? out.access_key : err.message, answers[i].says) == NULL)
			fail_msg("%zu: kind %d, “%s”", i, err.kind, err.message);
		assert_int_equal(http_script_requests(host), answers[i].calls);
		aws_credentials_done(&out);
		http_script_stop(host);
	}
}

/* ---- keeping and renewing ---- */

static void
at(struct setting *s, int64_t seconds)
{
	atomic_store(&s->w.now_ms, seconds * 1000);
}

#define ENDS_AT(key, when) "{\"AccessKeyId\":\"" key "\",\"SecretAccessKey\":\"CANARY\",\"Token\":\"CANARY\",\"Expiration\":\"" when "\"}"
enum { NOON = 1767268800 }; /* 2026-01-01T12:00:00Z */

static const char *
get_key(struct setting *s, bool anew, struct aws_error *err)
{
	static char key[160];
	struct aws_credentials out;

	*err = (struct aws_error){ .kind = AWS_FINE };
	if (aws_credentials_get(s->chain, anew, NULL, &out, err) != STATUS_OK) {
		check_error(err, &out);
		return "";
	}
	snprintf(key, sizeof key, "%s", out.access_key);
	aws_credentials_done(&out);
	return key;
}

static void
renewed_in_time(void **state)
{
	static const struct http_step steps[] = {
		{ .method = "GET", .target = "/c", .times = 1, .body = ENDS_AT("AKID1", "2026-01-01T13:00:00Z") },
		{ .method = "GET", .target = "/c", .times = 3, .status = 500 }, /* one refresh: three tries */
		{ .method = "GET", .target = "/c", .times = 1, .body = ENDS_AT("AKID2", "2026-01-01T14:00:00Z") },
		{ .method = "GET", .target = "/c", .times = 1, .body = ENDS_AT("AKID3", "2026-01-01T14:00:00Z") },
		{ .method = "GET", .target = "/c", .times = 0, .status = 500 },
		{ .method = NULL },
	};
	struct http_script *agent = http_script_start(steps);
	char url[128];
	struct setting s;
	struct aws_error err;

	(void)state;
	write_files(NULL, NULL);
	snprintf(url, sizeof url, "%s/c", http_script_url(agent));
	const char *vars[] = { NO_METADATA, aws_var("AWS_CONTAINER_CREDENTIALS_FULL_URI", url), NULL };
	set_up(&s, vars, NULL, false);
	at(&s, NOON);
	assert_string_equal(get_key(&s, false, &err), "AKID1");
	at(&s, NOON + 3299);                                    /* 5 min 1 s before the end */
	assert_string_equal(get_key(&s, false, &err), "AKID1");
	assert_int_equal(http_script_requests(agent), 1);
	at(&s, NOON + 3301);                                    /* the refresh fails: the old ones still do */
	assert_string_equal(get_key(&s, false, &err), "AKID1");
	assert_int_equal(http_script_requests(agent), 4);
	at(&s, NOON + 3310);                                    /* and it is not tried at every call */
	assert_string_equal(get_key(&s, false, &err), "AKID1");
	assert_int_equal(http_script_requests(agent), 4);
	at(&s, NOON + 3370);
	assert_string_equal(get_key(&s, false, &err), "AKID2");
	assert_string_equal(get_key(&s, true, &err), "AKID3");  /* AWS said that they have expired */
	assert_string_equal(get_key(&s, false, &err), "AKID3");
	assert_int_equal(http_script_requests(agent), 6);
	assert_string_equal(get_key(&s, true, &err), "");       /* then the old ones do not */
	assert_int_equal(err.kind, AWS_SERVER);
	at(&s, NOON + 7201);                                    /* after their end nothing else helps */
	assert_string_equal(get_key(&s, false, &err), "");
	assert_non_null(strstr(err.message, "it answered with HTTP 500"));
	take_down(&s);
	http_script_stop(agent);
}

static void *
get_in_thread(void *user)
{
	struct aws_credentials out;
	struct aws_error err = { .kind = AWS_FINE };
	bool good = aws_credentials_get(user, false, NULL, &out, &err) == STATUS_OK && strcmp(out.access_key, "AKID1") == 0;

	aws_credentials_done(&out);
	return good ? user : NULL;
}

/* Many threads, one request. */
static void
fetched_once_for_all(void **state)
{
	static const struct http_step steps[] = {
		{ .method = "GET", .target = "/c", .times = 1, .body = ENDS_AT("AKID1", "2099-01-01T13:00:00Z") },
		{ .method = NULL },
	};
	struct http_script *agent = http_script_start(steps);
	char url[128];
	struct setting s;
	pthread_t threads[16];
	void *result;

	(void)state;
	write_files(NULL, NULL);
	snprintf(url, sizeof url, "%s/c", http_script_url(agent));
	const char *vars[] = { NO_METADATA, aws_var("AWS_CONTAINER_CREDENTIALS_FULL_URI", url), NULL };
	set_up(&s, vars, NULL, false);
	for (size_t i = 0; i < LEN(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, get_in_thread, s.chain), 0);
	for (size_t i = 0; i < LEN(threads); i++) {
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, s.chain);
	}
	assert_int_equal(http_script_requests(agent), 1);
	take_down(&s);
	http_script_stop(agent);
}

struct waiting {
	struct aws_credential_chain *chain;
	atomic_bool cancel;
	enum aws_kind kind;
};

static void *
wait_in_thread(void *user)
{
	struct waiting *w = user;
	struct aws_credentials out;
	struct aws_error err = { .kind = AWS_FINE };

	(void)!aws_credentials_get(w->chain, false, &w->cancel, &out, &err);
	w->kind = err.kind;
	return NULL;
}

/* An agent that says nothing: who asks it, and who waits for who asks it, can give up. */
static void
given_up(void **state)
{
	static const struct http_step steps[] = { { .method = "GET", .target = "/c", .status = -2 }, { .method = NULL } };
	struct http_script *agent = http_script_start(steps);
	struct waiting w[2] = { { .chain = NULL } };
	char url[128];
	struct setting s;
	pthread_t threads[2];

	(void)state;
	write_files(NULL, NULL);
	snprintf(url, sizeof url, "%s/c", http_script_url(agent));
	const char *vars[] = { NO_METADATA, aws_var("AWS_CONTAINER_CREDENTIALS_FULL_URI", url), NULL };
	set_up(&s, vars, NULL, false);
	for (size_t i = 0; i < 2; i++) {
		w[i].chain = s.chain;
		assert_int_equal(pthread_create(&threads[i], NULL, wait_in_thread, &w[i]), 0);
	}
	http_script_wait(agent, 1);
	atomic_store(&w[0].cancel, true);
	atomic_store(&w[1].cancel, true);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(w[i].kind, AWS_CANCELLED);
	}
	take_down(&s);
	http_script_stop(agent);
}

/* ---- moto ---- */

static const char make_user[] =
    "import boto3, json, os\n"
    "iam = boto3.client('iam', endpoint_url=os.environ['MOTO'], region_name='us-east-1', aws_access_key_id='x', aws_secret_access_key='y')\n"
    "iam.create_user(UserName='u')\n"
    "iam.put_user_policy(UserName='u', PolicyName='p', PolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement':"
    " [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))\n"
    "k = iam.create_access_key(UserName='u')['AccessKey']\n"
    "iam.create_role(RoleName='r', AssumeRolePolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement':"
    " [{'Effect': 'Allow', 'Principal': {'AWS': '*'}, 'Action': 'sts:AssumeRole'}]}))\n"
    "iam.put_role_policy(RoleName='r', PolicyName='p', PolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement':"
    " [{'Effect': 'Allow', 'Action': '*', 'Resource': '*'}]}))\n"
    "print(json.dumps({'key': k['AccessKeyId'], 'secret': k['SecretAccessKey']}))\n";

/* Signatures checked by botocore's own code, in moto. */
static void
moto_gives_a_role(void **state)
{
	pid_t moto = 0;
	char url[64], config[1024];
	struct aws_credentials out;
	struct aws_error err;
	cJSON *key;

	(void)state;
	if (boto_python() == NULL || !moto_start(folder, 5, &moto, url))
		skip();
	key = boto_ask(make_user, (const char *const[]){ aws_var("MOTO", url), NO_METADATA, NULL });
	snprintf(config, sizeof config,
	    "[profile u]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
	    "[profile r]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = u\nexternal_id = a b+c/d=\n"
	    "[profile chained]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = r\n"
	    "[profile wrong]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = wrong\naws_access_key_id = %s\n"
	    "aws_secret_access_key = CANARYwrong\n"
	    "[profile stranger]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = stranger\naws_access_key_id = AKIANOBODY\n"
	    "aws_secret_access_key = CANARYwrong\n",
	    cJSON_GetObjectItem(key, "key")->valuestring, cJSON_GetObjectItem(key, "secret")->valuestring,
	    cJSON_GetObjectItem(key, "key")->valuestring);
	write_files(config, NULL);
	const char *vars[] = { NO_METADATA, aws_var("AWS_ENDPOINT_URL", url), NULL };
	if (get_once(vars, "r", true, &out, &err) != STATUS_OK)
		fail_msg("%s %s", err.code, err.message);
	assert_int_equal(strncmp(out.access_key, "ASIA", 4), 0);
	assert_true(out.token[0] != '\0');
	assert_true(out.expires > 0);
	aws_credentials_done(&out);
	if (get_once(vars, "chained", true, &out, &err) != STATUS_OK)
		fail_msg("%s %s", err.code, err.message);
	aws_credentials_done(&out);
	assert_int_equal(get_once(vars, "wrong", true, &out, &err), STATUS_FAILED);
	if (err.kind != AWS_BAD_CREDENTIALS)
		fail_msg("kind %d, %s: %s", err.kind, err.code, err.message);
	assert_string_equal(err.code, "SignatureDoesNotMatch");
	assert_int_equal(get_once(vars, "stranger", true, &out, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_BAD_CREDENTIALS);
	assert_string_equal(err.code, "InvalidClientTokenId");
	assert_string_equal(err.operation, "sts AssumeRole");
	assert_int_equal(err.http_status, 403);
	cJSON_Delete(key);
	stop_server(moto);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_is_asked_first),
		cmocka_unit_test(botocore_finds_the_same),
		cmocka_unit_test(roles_are_assumed),
		cmocka_unit_test(roles_that_cannot_be_assumed),
		cmocka_unit_test(what_sts_may_answer),
		cmocka_unit_test(single_sign_on),
		cmocka_unit_test(what_aws_login_left),
		cmocka_unit_test(processes),
		cmocka_unit_test(lines_that_are_none),
		cmocka_unit_test(a_process_that_hangs),
		cmocka_unit_test(containers),
		cmocka_unit_test(whom_the_container_may_ask),
		cmocka_unit_test(instances),
		cmocka_unit_test(renewed_in_time),
		cmocka_unit_test(fetched_once_for_all),
		cmocka_unit_test(given_up),
		cmocka_unit_test(moto_gives_a_role),
	};

	return cmocka_run_group_tests_name("aws_credentials", tests, setup, teardown);
}
