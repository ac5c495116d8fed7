/* A certificate into a secret of Secrets Manager: on, back, killed anywhere, in somebody's way; the lab's and moto's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/secretsmanager.h"
#include "fixes/deeds.h"
#include "fixes/plan_store.h"
#include "model/json_scan.h"
#include "tests/install_world.h"
#include "tests/program.h"

#define TOKEN "aaaaaaaabbbbbbbbccccccccdddddddd"
#define V1 "11111111-1111-1111-1111-111111111111"
#define V2 "22222222-2222-2222-2222-222222222222"
#define V3 "33333333-3333-3333-3333-333333333333"

static struct install_world world;

/* The old identity in the contract's shape, among what is not ours. */
static char *
old_text(const char *note)
{
	struct buf b = { 0 };

	buf_addf(&b, "{ \"note\" : \"%s\", \"certificate\":", note);
	json_scan_quote(world.old.cert, strlen(world.old.cert), &b);
	buf_adds(&b, ", \"private_key\" : ");
	json_scan_quote(world.old.key, strlen(world.old.key), &b);
	buf_adds(&b, ",\n \"root_ca\":");
	json_scan_quote(world.old.root, strlen(world.old.root), &b);
	buf_adds(&b, ", \"port\":8443.0 }");
	return b.data;
}

static char *
new_text(const char *note, bool new_key)
{
	struct buf b = { 0 };

	buf_addf(&b, "{ \"note\" : \"%s\", \"certificate\":", note);
	json_scan_quote(new_key ? world.renewed.fullchain : world.same_key.fullchain, strlen(new_key ? world.renewed.fullchain : world.same_key.fullchain), &b);
	buf_adds(&b, ", \"private_key\" : ");
	json_scan_quote(new_key ? world.renewed.key : world.old.key, strlen(new_key ? world.renewed.key : world.old.key), &b);
	buf_adds(&b, ",\n \"root_ca\":");
	json_scan_quote(world.old.root, strlen(world.old.root), &b);
	buf_adds(&b, ", \"port\":8443.0 }");
	return b.data;
}

static cJSON *
body(const char *name, const char *token, const char *text)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, strcmp(token, V1) == 0 ? "Name" : "SecretId", name);
	cJSON_AddStringToObject(in, "ClientRequestToken", token);
	if (text != NULL)
		cJSON_AddStringToObject(in, "SecretString", text);
	return in;
}

static void
create(const char *name, const char *text)
{
	cJSON_Delete(install_world_ask(&world, &aws_secretsmanager, "CreateSecret", body(name, V1, text)));
}

static void
put(const char *name, const char *token, const char *text, const char *stage)
{
	cJSON *in = body(name, token, text);

	if (stage != NULL)
		cJSON_AddItemToArray(cJSON_AddArrayToObject(in, "VersionStages"), cJSON_CreateString(stage));
	cJSON_Delete(install_world_ask(&world, &aws_secretsmanager, "PutSecretValue", in));
}

/* As the end of a rotation does it: the token put once more would be ignored. */
static void
promote(const char *name, const char *version, const char *from)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, "SecretId", name);
	cJSON_AddStringToObject(in, "VersionStage", "AWSCURRENT");
	cJSON_AddStringToObject(in, "MoveToVersionId", version);
	cJSON_AddStringToObject(in, "RemoveFromVersionId", from);
	cJSON_Delete(install_world_ask(&world, &aws_secretsmanager, "UpdateSecretVersionStage", in));
}

static void
delete(const char *name)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, "SecretId", name);
	cJSON_AddTrueToObject(in, "ForceDeleteWithoutRecovery");
	cJSON_Delete(install_world_ask(&world, &aws_secretsmanager, "DeleteSecret", in));
}

/* What an application reads. */
static void
reads(const char *name, const char *text)
{
	cJSON *in = cJSON_CreateObject(), *out;

	cJSON_AddStringToObject(in, "SecretId", name);
	cJSON_AddStringToObject(in, "VersionStage", "AWSCURRENT");
	out = install_world_ask(&world, &aws_secretsmanager, "GetSecretValue", in);
	assert_string_equal(cJSON_GetObjectItem(out, "SecretString")->valuestring, text);
	cJSON_Delete(out);
}

/* "" where nobody holds it. */
static void
holds(const char *name, const char *stage, const char *version)
{
	struct aws_client *c = install_world_client(&world, &world.immortal.world);
	struct aws_error err = { .kind = AWS_FINE };
	struct arena *a = arena_new();
	struct secret_about about;
	const char *holder;

	assert_int_equal(secret_describe(c, name, a, &about, &err), STATUS_OK);
	holder = secret_holder(&about, stage);
	assert_string_equal(holder != NULL ? holder : "", version);
	arena_free(a);
	aws_client_free(c);
}

static struct plan *
make(struct changes *record, const struct world *w, const char *secret, bool new_key)
{
	struct plan *p = install_world_plan(&world, record, w, "server", new_key);
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	cJSON_AddStringToObject(args, "secret", secret);
	cJSON_AddStringToObject(args, "as", "server");
	cJSON_AddBoolToObject(args, "new_key", new_key);
	s = plan_add_deed(p, &deed_put_secret, args);
	s->what = "put it into the secret";
	s->token = TOKEN;
	return p;
}

static struct plan *
fresh(const char *secret, bool new_key)
{
	install_world_begin(&world);
	return make(world.record, &world.immortal.world, secret, new_key);
}

/* No key is in the record, in no file of it; one lies in the plan's folder. */
static void
no_key_is_recorded(const char *key)
{
	char line[256];
	struct run r;

	snprintf(line, sizeof line, "cd '%s/.local/state/mtlscope' && ls changes.db changes.jsonl >/dev/null && grep -aF -e '%.40s' changes*", world.folder,
	    key + strlen("-----BEGIN PRIVATE KEY-----\n"));
	run_program((const char *const[]){ "/bin/sh", "-c", line, NULL }, NULL, &r);
	assert_int_equal(r.status, 1);
	assert_string_equal(buf_str(&r.err), "");
	run_done(&r);
}

static void
on_and_back(void **state)
{
	(void)state;
	for (int new_key = 0; new_key <= 1; new_key++) {
		char *before = old_text("caf\\u00e9 \\/"), *after = new_text("caf\\u00e9 \\/", new_key == 1);
		struct plan *p;

		create("ledger", before);
		p = fresh("ledger", new_key == 1);
		install_world_applied(p);
		reads("ledger", after);
		holds("ledger", "AWSCURRENT", TOKEN);
		holds("ledger", "AWSPREVIOUS", V1);
		holds("ledger", "AWSPENDING", "");
		assert_string_equal(p->steps[0].gave, TOKEN);
		install_world_goes_back(p);
		reads("ledger", before);
		holds("ledger", "AWSCURRENT", V1);
		holds("ledger", "AWSPREVIOUS", "");
		holds("ledger", "AWSPENDING", "");
		assert_int_equal(p->after_len, 0);
		/* And on once more, where no new key was made, which is gone with the plan's end. */
		if (new_key == 0) {
			install_world_applied(p);
			reads("ledger", after);
		}
		no_key_is_recorded(world.old.key);
		no_key_is_recorded(world.renewed.key);
		install_world_free(p);
		delete("ledger");
		free(before);
		free(after);
	}
}

/* A secret that somebody else works on is left to him, and he is named. */
static void
in_somebodys_way(void **state)
{
	char *before = old_text("1"), *others = old_text("2");
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	/* A rotation under way. */
	create("ledger", before);
	put("ledger", V2, others, "AWSPENDING");
	install_world_refused(fresh("ledger", true), ERROR_NOT_DONE, "is being rotated by somebody else: its version " V2 " is AWSPENDING");
	reads("ledger", before);
	holds("ledger", "AWSPENDING", V2);
	delete("ledger");

	/* One that has ended and left its mark: it stays where it was, on the way back too. */
	create("ledger", before);
	put("ledger", V2, others, "AWSPENDING");
	promote("ledger", V2, V1);
	p = fresh("ledger", true);
	install_world_applied(p);
	holds("ledger", "AWSCURRENT", TOKEN);
	install_world_goes_back(p);
	holds("ledger", "AWSCURRENT", V2);
	holds("ledger", "AWSPENDING", V2);
	holds("ledger", "AWSPREVIOUS", V1);
	install_world_free(p);
	delete("ledger");

	/* Changed between the look and the try: a plan that stopped at another step, and goes on a day later. */
	create("ledger", before);
	p = fresh("ledger", true);
	p->steps[0].before = cJSON_CreateObject();
	cJSON_AddStringToObject(p->steps[0].before, "version", V3);
	install_world_refused(p, ERROR_NOT_DONE, "has been changed by somebody else since the plan looked at it (version " V1 " is current now, " V3 " was)");
	reads("ledger", before);

	/* Changed since: the way back does not touch it. */
	p = fresh("ledger", true);
	install_world_applied(p);
	put("ledger", V2, others, NULL);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_non_null(strstr(err.text, "has been changed by somebody else"));
	reads("ledger", others);
	install_world_free(p);
	delete("ledger");
	free(before);
	free(others);
}

static void
what_cannot_be_put(void **state)
{
	struct plan *p;

	(void)state;
	install_world_refused(fresh("nowhere", true), ERROR_AWS, "look at the secret");
	create("empty", NULL);
	install_world_refused(fresh("empty", true), ERROR_NOT_DONE, "has no value yet");
	create("words", "hunter2");
	install_world_refused(fresh("words", true), ERROR_INPUT, "the secret words holds no certificate");
	holds("words", "AWSPENDING", "");
	create("keyless", "{\"cert\":\"-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n\"}");
	install_world_refused(fresh("keyless", true), ERROR_INPUT, "has no private key in PEM");
	/* A key that does not belong to what was issued: nothing becomes current. */
	{
		char *strange = new_text("x", true);

		create("strange", strange);
		install_world_refused(fresh("strange", false), ERROR_NOT_DONE, "the private key in the secret strange does not belong to the new certificate");
		reads("strange", strange);
		holds("strange", "AWSCURRENT", V1);
		holds("strange", "AWSPENDING", "");
		free(strange);
	}
	/* No key waits: make-key was never done. */
	create("ledger", "{\"cert\":\"-----BEGIN CERTIFICATE-----\\nMIIB\\n-----END CERTIFICATE-----\\n\"}");
	p = fresh("ledger", true);
	unlink(plan_private(p, "server.key"));
	install_world_refused(p, ERROR_INPUT, "server.key");
	delete("ledger");
}

/* PEM alone, text or bytes, is put back as what it was. */
static void
pem_alone(void **state)
{
	struct buf before = { 0 }, after = { 0 };
	struct plan *p;

	(void)state;
	buf_addf(&before, "%s%s", world.old.key, world.old.cert);
	buf_addf(&after, "%s%s", world.renewed.key, world.renewed.fullchain);
	create("pem", before.data);
	p = fresh("pem", true);
	install_world_applied(p);
	reads("pem", after.data);
	install_world_goes_back(p);
	reads("pem", before.data);
	install_world_free(p);
	delete("pem");
	{
		char *code = cloud_base64(before.data), *expected = cloud_base64(after.data);
		cJSON *in = body("binary", V1, NULL), *out;

		cJSON_AddStringToObject(in, "SecretBinary", code);
		cJSON_Delete(install_world_ask(&world, &aws_secretsmanager, "CreateSecret", in));
		p = fresh("binary", true);
		install_world_applied(p);
		in = cJSON_CreateObject();
		cJSON_AddStringToObject(in, "SecretId", "binary");
		out = install_world_ask(&world, &aws_secretsmanager, "GetSecretValue", in);
		assert_string_equal(cJSON_GetObjectItem(out, "SecretBinary")->valuestring, expected);
		cJSON_Delete(out);
		install_world_free(p);
		free(code);
		free(expected);
	}
	buf_done(&before);
	buf_done(&after);
}

/* A later step fails: the secret is at once what it was. */
static void
a_failure_takes_back(void **state)
{
	char *before = old_text("1");
	struct error err = { .code = ERROR_NONE };
	cJSON *args = cJSON_CreateObject();
	struct plan *p;
	struct plan_step *s;

	(void)state;
	create("later", before);
	p = fresh("later", true);
	cJSON_AddStringToObject(args, "command", "echo no such unit >&2; exit 5");
	s = plan_add_deed(p, &deed_run, args);
	s->what = "reload";
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "no such unit"));
	reads("later", before);
	holds("later", "AWSCURRENT", V1);
	install_world_free(p);
	free(before);
}

/* ---- killed at every moment ---- */

static struct {
	char *before, *after;
	bool there;
} killed;

static void
begin(void *user)
{
	(void)user;
	if (killed.there)
		delete("killed");
	create("killed", killed.before);
	killed.there = true;
}

static struct plan *
make_killed(void *user, struct changes *c, const struct world *w)
{
	(void)user;
	return make(c, w, "killed", true);
}

static void
is_old(void *user)
{
	(void)user;
	reads("killed", killed.before);
	holds("killed", "AWSCURRENT", V1);
	holds("killed", "AWSPENDING", "");
	holds("killed", "AWSPREVIOUS", "");
}

static void
is_new(void *user)
{
	(void)user;
	reads("killed", killed.after);
	holds("killed", "AWSCURRENT", TOKEN);
	holds("killed", "AWSPREVIOUS", V1);
	holds("killed", "AWSPENDING", "");
}

static void
killed_anywhere(void **state)
{
	int moments;

	(void)state;
	killed.before = old_text("k");
	killed.after = new_text("k", true);
	changes_close(world.record);
	world.record = NULL;
	moments = mortal_everywhere(&(struct mortal_case){ .home = world.folder, .begin = begin, .make = make_killed, .open = install_world_open,
	    .is_old = is_old, .is_new = is_new, .user = &world });
	print_message("  %d moments\n", moments);
	assert_true(moments > 12);
	free(killed.before);
	free(killed.after);
}

/* ---- moto ---- */

static void
with_moto(void **state)
{
	char *before, *after;
	struct plan *p;

	(void)state;
	before = old_text("m");
	after = new_text("m", true);
	create("ledger", before);
	p = fresh("ledger", true);
	install_world_applied(p);
	reads("ledger", after);
	holds("ledger", "AWSCURRENT", TOKEN);
	install_world_goes_back(p);
	reads("ledger", before);
	install_world_free(p);
	free(before);
	free(after);
}

static int
lab_starts(void **state)
{
	(void)state;
	install_world_lab(&world);
	return 0;
}

static int
stops(void **state)
{
	(void)state;
	install_world_stop(&world);
	return 0;
}

static void
moto_too(void **state)
{
	if (install_world_moto(&world))
		with_moto(state);
	install_world_stop(&world);
}

int
main(void)
{
	const struct CMUnitTest of_lab[] = {
		cmocka_unit_test(on_and_back),
		cmocka_unit_test(in_somebodys_way),
		cmocka_unit_test(what_cannot_be_put),
		cmocka_unit_test(pem_alone),
		cmocka_unit_test(a_failure_takes_back),
		cmocka_unit_test(killed_anywhere),
	};
	const struct CMUnitTest of_moto[] = { cmocka_unit_test(moto_too) };
	int failed = cmocka_run_group_tests(of_lab, lab_starts, stops);

	return failed + cmocka_run_group_tests(of_moto, NULL, NULL);
}
