/* A certificate into a parameter of Parameter Store: on, back, killed anywhere, in somebody's way, too large; the lab's and moto's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "aws/ssm.h"
#include "fixes/deeds.h"
#include "tests/install_world.h"

static struct install_world world;

static char *
joined(const char *a, const char *b, const char *c)
{
	struct buf all = { 0 };

	buf_addf(&all, "%s%s%s", a, b, c);
	return all.data;
}

static void
put(const char *name, const char *value, const char *type, const char *kms, const char *tier)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, "Name", name);
	cJSON_AddStringToObject(in, "Value", value);
	cJSON_AddStringToObject(in, "Type", type);
	if (kms != NULL)
		cJSON_AddStringToObject(in, "KeyId", kms);
	if (tier != NULL)
		cJSON_AddStringToObject(in, "Tier", tier);
	cJSON_AddTrueToObject(in, "Overwrite");
	cJSON_Delete(install_world_ask(&world, &aws_ssm, "PutParameter", in));
}

static void
drop(const char *name)
{
	cJSON *in = cJSON_CreateObject();

	cJSON_AddStringToObject(in, "Name", name);
	cJSON_Delete(install_world_ask(&world, &aws_ssm, "DeleteParameter", in));
}

static void
reads(const char *name, const char *value)
{
	cJSON *in = cJSON_CreateObject(), *out;

	cJSON_AddStringToObject(in, "Name", name);
	cJSON_AddTrueToObject(in, "WithDecryption");
	out = install_world_ask(&world, &aws_ssm, "GetParameter", in);
	assert_string_equal(cJSON_GetObjectItem(cJSON_GetObjectItem(out, "Parameter"), "Value")->valuestring, value);
	cJSON_Delete(out);
}

static void
is_kept(const char *name, const char *type, const char *kms, const char *tier, int version)
{
	struct aws_client *c = install_world_client(&world, &world.immortal.world);
	struct aws_error err = { .kind = AWS_FINE };
	struct arena *a = arena_new();
	struct parameter_about about;

	if (parameter_describe(c, name, a, &about, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	assert_string_equal(about.type, type);
	assert_string_equal(about.kms_key != NULL ? about.kms_key : "", kms);
	if (about.tier != NULL)
		assert_string_equal(about.tier, tier);
	assert_int_equal(about.version, version);
	arena_free(a);
	aws_client_free(c);
}

static struct plan *
make(struct changes *record, const struct world *w, const char *name, bool new_key)
{
	struct plan *p = install_world_plan(&world, record, w, "client", new_key);
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	cJSON_AddStringToObject(args, "parameter", name);
	cJSON_AddStringToObject(args, "as", "client");
	cJSON_AddBoolToObject(args, "new_key", new_key);
	s = plan_add_deed(p, &deed_put_parameter, args);
	s->what = "put it into the parameter";
	return p;
}

static struct plan *
fresh(const char *name, bool new_key)
{
	install_world_begin(&world);
	return make(world.record, &world.immortal.world, name, new_key);
}

static void
on_and_back(void **state)
{
	char *before = joined(world.old.cert, world.old.key, ""), *after = joined(world.renewed.fullchain, world.renewed.key, ""),
	     *same = joined(world.same_key.fullchain, world.old.key, "");
	struct plan *p;

	(void)state;
	put("/reports/tls", before, "SecureString", "alias/reports", NULL);
	p = fresh("/reports/tls", true);
	install_world_applied(p);
	reads("/reports/tls", after);
	is_kept("/reports/tls", "SecureString", "alias/reports", "Standard", 2);
	assert_string_equal(p->steps[0].gave, "2");
	install_world_goes_back(p);
	reads("/reports/tls", before);
	is_kept("/reports/tls", "SecureString", "alias/reports", "Standard", 3);
	install_world_free(p);
	drop("/reports/tls");

	put("plain", before, "String", NULL, "Advanced");
	p = fresh("plain", false);
	install_world_applied(p);
	reads("plain", same);
	is_kept("plain", "String", "", "Advanced", 2);
	install_world_free(p);
	drop("plain");
	free(before);
	free(after);
	free(same);
}

/* More than 4,096 bytes make it Advanced, as the plan said; more than 8,192 are refused, and nothing has changed. */
static void
sizes(void **state)
{
	static const size_t fillings[] = { 2800, 7000 };

	(void)state;
	for (size_t i = 0; i < sizeof fillings / sizeof fillings[0]; i++) {
		struct buf filling = { 0 }, text = { 0 };
		struct plan *p;

		while (filling.len < fillings[i])
			buf_adds(&filling, "MIIB");
		buf_addf(&text, "%s%s-----BEGIN DH PARAMETERS-----\n%s\n-----END DH PARAMETERS-----\n", world.old.cert, world.old.key, filling.data);
		put("large", text.data, "SecureString", NULL, text.len > 4096 ? "Advanced" : NULL);
		p = fresh("large", true);
		if (i == 0) {
			assert_true(text.len < 4096);
			install_world_applied(p);
			is_kept("large", "SecureString", "alias/aws/ssm", "Advanced", 2);
			install_world_goes_back(p);
			reads("large", text.data);
			install_world_free(p);
		} else {
			install_world_refused(p, ERROR_NOT_DONE, "none can have more than 8192: keep it in Secrets Manager");
			reads("large", text.data);
		}
		drop("large");
		buf_done(&filling);
		buf_done(&text);
	}
}

static void
in_somebodys_way(void **state)
{
	char *before = joined(world.old.cert, world.old.key, ""), *others = joined(world.old.fullchain, world.old.key, ""), *strange = joined(world.renewed.cert, world.renewed.key, "");
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	/* Between the look and the try. */
	put("/a/b", before, "SecureString", NULL, NULL);
	put("/a/b", others, "SecureString", NULL, NULL);
	p = fresh("/a/b", true);
	p->steps[0].before = cJSON_CreateObject();
	cJSON_AddStringToObject(p->steps[0].before, "name", "/a/b");
	cJSON_AddNumberToObject(p->steps[0].before, "version", 1);
	install_world_refused(p, ERROR_NOT_DONE, "has been changed by somebody else since the plan looked at it (it has version 2 now)");
	reads("/a/b", others);

	/* Since: the way back does not touch it. */
	p = fresh("/a/b", true);
	install_world_applied(p);
	put("/a/b", before, "SecureString", NULL, NULL);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_non_null(strstr(err.text, "has been changed by somebody else"));
	reads("/a/b", before);
	install_world_free(p);

	/* A key that does not belong to what was issued is never there, not for a moment. */
	put("/a/b", strange, "SecureString", NULL, NULL);
	p = fresh("/a/b", false);
	install_world_refused(p, ERROR_NOT_DONE, "the private key in the parameter /a/b does not belong to the new certificate");
	reads("/a/b", strange);
	put("/a/b", "hunter2", "SecureString", NULL, NULL);
	p = fresh("/a/b", true);
	install_world_refused(p, ERROR_INPUT, "the parameter /a/b holds no certificate");
	reads("/a/b", "hunter2");
	install_world_refused(fresh("/none", true), ERROR_AWS, "look at the parameter");
	free(before);
	free(others);
	free(strange);
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
		drop("killed");
	put("killed", killed.before, "SecureString", "alias/k", NULL);
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
}

/* Put once, whenever it was cut off. */
static void
is_new(void *user)
{
	(void)user;
	reads("killed", killed.after);
	is_kept("killed", "SecureString", "alias/k", "Standard", 2);
}

static void
killed_anywhere(void **state)
{
	(void)state;
	killed.before = joined(world.old.cert, world.old.key, "");
	killed.after = joined(world.renewed.fullchain, world.renewed.key, "");
	changes_close(world.record);
	world.record = NULL;
	assert_true(mortal_everywhere(&(struct mortal_case){ .home = world.folder, .begin = begin, .make = make_killed, .open = install_world_open,
	    .is_old = is_old, .is_new = is_new, .user = &world }) > 10);
	free(killed.before);
	free(killed.after);
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
	char *before, *after;
	struct plan *p;

	(void)state;
	if (!install_world_moto(&world)) {
		install_world_stop(&world);
		return;
	}
	before = joined(world.old.cert, world.old.key, "");
	after = joined(world.renewed.fullchain, world.renewed.key, "");
	put("/reports/tls", before, "SecureString", "alias/aws/ssm", NULL);
	p = fresh("/reports/tls", true);
	install_world_applied(p);
	reads("/reports/tls", after);
	is_kept("/reports/tls", "SecureString", "alias/aws/ssm", "Standard", 2);
	install_world_goes_back(p);
	reads("/reports/tls", before);
	install_world_free(p);
	free(before);
	free(after);
	install_world_stop(&world);
}

int
main(void)
{
	const struct CMUnitTest of_lab[] = {
		cmocka_unit_test(on_and_back),
		cmocka_unit_test(sizes),
		cmocka_unit_test(in_somebodys_way),
		cmocka_unit_test(killed_anywhere),
	};
	const struct CMUnitTest of_moto[] = { cmocka_unit_test(moto_too) };
	int failed = cmocka_run_group_tests(of_lab, lab_starts, stops);

	return failed + cmocka_run_group_tests(of_moto, NULL, NULL);
}
