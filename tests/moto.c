#include "tests/moto.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/http.h"
#include "tests/program.h"

/* Python with all of AWS in it: 4 s to start on a quiet machine. */
enum { READY_MS = 90000 };

#define UNSIGNED_CALLS "5"

const char *
moto_missing(void)
{
	static const char text[] = "moto_server is not on PATH: nothing is tried against it";
	char folders[4096], path[4200];
	char *save = NULL;

	snprintf(folders, sizeof folders, "%s", getenv("PATH") != NULL ? getenv("PATH") : "");
	for (char *folder = strtok_r(folders, ":", &save); folder != NULL; folder = strtok_r(NULL, ":", &save)) {
		snprintf(path, sizeof path, "%s/moto_server", folder);
		if (access(path, X_OK) == 0)
			return NULL;
	}
	if (getenv("CI") != NULL)
		fail_msg("%s, and CI is set", text);
	fprintf(stderr, "%s\n", text);
	return text;
}

/* One of the first calls, whose signature moto does not look at yet; only its service. */
static bool
unsigned_call(const struct moto *m, const char *form, struct aws_http_answer *out)
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
say(const struct moto *m, const char *form)
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
make_user(struct moto *m)
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
moto_start(struct moto *m, const char *folder)
{
	int port = free_port();
	char number[16];

	memset(m, 0, sizeof *m);
	snprintf(number, sizeof number, "%d", port);
	snprintf(m->url, sizeof m->url, "http://127.0.0.1:%d/", port);
	m->pid = start_server((const char *const[]){ "env", "INITIAL_NO_AUTH_ACTION_COUNT=" UNSIGNED_CALLS, "moto_server", "-H", "127.0.0.1", "-p",
	    number, NULL }, in_folder(folder, "moto.log"));
	if (wait_for_port(port, m->pid, READY_MS) && make_user(m))
		return true;
	moto_stop(m);
	return false;
}

void
moto_stop(struct moto *m)
{
	if (m->pid > 0)
		stop_server(m->pid);
	m->pid = 0;
}
