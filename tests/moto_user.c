#include "tests/moto_user.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "aws/http.h"
#include "tests/moto.h"
#include "tests/program.h"

enum { UNSIGNED_CALLS = 5 }; /* those below */

/* One of the first calls, whose signature moto does not look at yet; only its service. */
static bool
unsigned_call(const struct moto_user *m, const char *form, struct aws_http_answer *out)
{
	static const struct sigv4_header headers[] = {
		{ "Content-Type", "application/x-www-form-urlencoded" },
		{ "Authorization", "AWS4-HMAC-SHA256 Credential=nobody/20261129/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=00" },
	};
	const struct aws_http_request r = { .method = "POST", .url = m->url, .headers = headers, .headers_len = 2, .body = form,
		.body_len = strlen(form), .within_ms = 60000, .no_proxy = true };
	struct aws_error err = { 0 };

	if (aws_http(&r, out, &err) != STATUS_OK)
		return false;
	if (out->status == 200)
		return true;
	fprintf(stderr, "moto: %s: %d %s\n", form, out->status, buf_str(&out->body));
	aws_http_answer_done(out);
	return false;
}

static bool
say(const struct moto_user *m, const char *form)
{
	struct aws_http_answer answer = { 0 };

	if (!unsigned_call(m, form, &answer))
		return false;
	aws_http_answer_done(&answer);
	return true;
}

/* What stands between <name> and </name>. */
static bool
between(const char *xml, const char *name, char *out, size_t size)
{
	char start[64];
	const char *at;

	snprintf(start, sizeof start, "<%s>", name);
	at = strstr(xml, start);
	if (at == NULL)
		return false;
	at += strlen(start);
	snprintf(out, size, "%.*s", (int)strcspn(at, "<"), at);
	return true;
}

#define ALLOW_ALL "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22%2A%22%2C%22Resource%22%3A%22%2A%22%7D%5D%7D"
#define IAM "&Version=2010-05-08"

static bool
make_user(struct moto_user *m)
{
	struct aws_http_answer answer = { 0 };
	bool ok;

	if (!say(m, "Action=CreateUser&UserName=story" IAM) ||
	    !say(m, "Action=PutUserPolicy&UserName=story&PolicyName=all&PolicyDocument=" ALLOW_ALL IAM) ||
	    !unsigned_call(m, "Action=CreateRole&RoleName=story&AssumeRolePolicyDocument=" ALLOW_ALL IAM, &answer))
		return false;
	ok = between(buf_str(&answer.body), "Arn", m->role_arn, sizeof m->role_arn);
	aws_http_answer_done(&answer);
	if (!ok || !say(m, "Action=PutRolePolicy&RoleName=story&PolicyName=all&PolicyDocument=" ALLOW_ALL IAM) ||
	    !unsigned_call(m, "Action=CreateAccessKey&UserName=story" IAM, &answer))
		return false;
	ok = between(buf_str(&answer.body), "AccessKeyId", m->key, sizeof m->key) &&
	    between(buf_str(&answer.body), "SecretAccessKey", m->secret, sizeof m->secret);
	aws_http_answer_done(&answer);
	return ok;
}

bool
moto_user_start(struct moto_user *m, const char *folder)
{
	memset(m, 0, sizeof *m);
	if (!moto_start(folder, UNSIGNED_CALLS, &m->pid, m->url))
		return false;
	if (!make_user(m))
		fail_msg("moto makes no user: see %s", in_folder(folder, "moto.log"));
	return true;
}

void
moto_user_stop(struct moto_user *m)
{
	if (m->pid > 0)
		stop_server(m->pid);
	m->pid = 0;
}
