/*
 * Every endpoint of the lab that is mendable: `fix --apply --yes` against its private CA, then `check` says ok, then `undo` brings the
 * old files back, byte for byte, and the old finding with them.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/buf.h"
#include "model/input.h"
#include "model/memory.h"
#include "tests/lab_process.h"
#include "tests/program.h"

enum { AT_ONCE = 6, MOST_ARGS = 48, MOST_ENV = 16, FILES = 5, SAID = 600 };

static struct lab_process lab;
static char *folder;
static const char *env[MOST_ENV + 1];

/* ---- what lies there ---- */

struct kept {
	const char *path[FILES];
	struct input bytes[FILES];
	mode_t mode[FILES];
	size_t len;
};

static void
keep(struct kept *k, const cJSON *o, const char *name)
{
	const char *path = cJSON_GetStringValue(cJSON_GetObjectItem(o, name));
	struct stat st;

	if (path == NULL || k->len == FILES || stat(path, &st) != 0 || input_read(path, 1 << 20, &k->bytes[k->len], NULL) != STATUS_OK)
		return;
	k->path[k->len] = path;
	k->mode[k->len++] = st.st_mode;
}

static const char *
differs(const struct kept *k)
{
	for (size_t i = 0; i < k->len; i++) {
		struct input now = { .bytes = NULL };
		struct stat st;
		bool same = stat(k->path[i], &st) == 0 && st.st_mode == k->mode[i] && input_read(k->path[i], 1 << 20, &now, NULL) == STATUS_OK &&
		    now.len == k->bytes[i].len && memcmp(now.bytes, k->bytes[i].bytes, now.len) == 0;

		input_free(&now);
		if (!same)
			return k->path[i];
	}
	return NULL;
}

/* ---- one endpoint ---- */

struct command {
	const char *argv[MOST_ARGS];
	size_t len;
};

static void
add(struct command *c, const char *word)
{
	if (c->len + 1 < MOST_ARGS)
		c->argv[c->len++] = word;
}

static void
add_option(struct command *c, const cJSON *e, const char *name, const char *option)
{
	const char *value = cJSON_GetStringValue(cJSON_GetObjectItem(e, name));

	if (value == NULL)
		return;
	add(c, option);
	add(c, value);
}

static struct command
command_for(const char *what, const cJSON *e)
{
	const char *config = cJSON_GetStringValue(cJSON_GetObjectItem(lab.json, "config"));
	struct command c = { .len = 0 };
	const cJSON *word;

	add(&c, mtlscope());
	add(&c, what);
	add(&c, cJSON_GetStringValue(cJSON_GetObjectItem(e, "address")));
	add_option(&c, e, "cert", "--cert");
	add_option(&c, e, "key", "--key");
	add_option(&c, e, "cacert", "--cacert");
	add_option(&c, e, "servername", "--servername");
	add_option(&c, e, "starttls", "--starttls");
	add_option(&c, e, "path", "--path");
	cJSON_ArrayForEach(word, cJSON_GetObjectItem(e, "args"))
		add(&c, word->valuestring);
	if (config != NULL) {
		add(&c, "--config");
		add(&c, config);
	}
	add(&c, "--json");
	return c;
}

static cJSON *
run_json(struct command *c, int *result, struct buf *said)
{
	struct run_options how = { .env = env, .deadline_ms = 120000 };
	struct run r;
	cJSON *o;

	run_program(c->argv, &how, &r);
	*result = r.status;
	o = cJSON_Parse(buf_str(&r.out));
	if (r.err.len > 0)
		buf_addf(said, " %.*s", SAID, r.err.data);
	run_done(&r);
	return o;
}

static const char *
text_of_key(const cJSON *o, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(o, name));

	return text != NULL ? text : "(none)";
}

static void
check_says(const cJSON *e, const char *expect, struct buf *wrong)
{
	struct command c = command_for("check", e);
	struct buf said = { 0 };
	int result;
	cJSON *o = run_json(&c, &result, &said);
	const char *verdict = text_of_key(o, "verdict"), *root = text_of_key(o, "root_cause");

	if (expect == NULL ? strcmp(verdict, "ok") != 0 : strcmp(root, expect) != 0)
		buf_addf(wrong, "; check says %s %s where %s was expected%s", verdict, root, expect == NULL ? "ok" : expect, buf_str(&said));
	cJSON_Delete(o);
	buf_done(&said);
}

static void
undo(double id, const struct kept *k, struct buf *wrong)
{
	struct command c = { .len = 0 };
	struct buf said = { 0 };
	char number[24];
	int result;

	snprintf(number, sizeof number, "%.0f", id);
	add(&c, mtlscope());
	add(&c, "undo");
	add(&c, number);
	add(&c, "--apply");
	add(&c, "--yes");
	add(&c, "--json");
	cJSON_Delete(run_json(&c, &result, &said));
	if (result != 0)
		buf_addf(wrong, "; undo ended with %d%s", result, buf_str(&said));
	if (differs(k) != NULL)
		buf_addf(wrong, "; %s is not what it was", differs(k));
	buf_done(&said);
}

static void
try_endpoint(const cJSON *e, struct buf *wrong)
{
	const cJSON *serves = cJSON_GetObjectItem(e, "serves");
	struct command c = command_for("fix", e);
	struct kept k = { .len = 0 };
	struct buf said = { 0 };
	int result;
	cJSON *o;

	keep(&k, e, "cert");
	keep(&k, e, "key");
	keep(&k, serves, "cert");
	keep(&k, serves, "key");
	keep(&k, serves, "trust");
	add(&c, "--apply");
	add(&c, "--yes");
	o = run_json(&c, &result, &said);
	if (result != 0)
		buf_addf(wrong, "; fix ended with %d, %s%s", result, text_of_key(o, "by_hand"), buf_str(&said));
	check_says(e, NULL, wrong);
	if (cJSON_IsNumber(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "id"))) {
		undo(cJSON_GetObjectItem(cJSON_GetObjectItem(o, "plan"), "id")->valuedouble, &k, wrong);
		check_says(e, cJSON_GetStringValue(cJSON_GetObjectItem(e, "expect")), wrong);
	} else {
		buf_adds(wrong, "; no plan was recorded");
	}
	for (size_t i = 0; i < k.len; i++)
		input_free(&k.bytes[i]);
	cJSON_Delete(o);
	buf_done(&said);
}

/* ---- all of them, several at once: the record takes that ---- */

static atomic_int next_one, mended;
static pthread_mutex_t faults_lock = PTHREAD_MUTEX_INITIALIZER;
static struct buf faults;

static void *
work(void *user)
{
	const cJSON *endpoints = cJSON_GetObjectItem(lab.json, "endpoints");
	int n = cJSON_GetArraySize(endpoints), i;

	(void)user;
	while ((i = atomic_fetch_add(&next_one, 1)) < n) {
		const cJSON *e = cJSON_GetArrayItem(endpoints, i);
		struct buf wrong = { 0 };

		if (!cJSON_IsTrue(cJSON_GetObjectItem(e, "mendable")))
			continue;
		try_endpoint(e, &wrong);
		atomic_fetch_add(&mended, 1);
		if (wrong.len > 0) {
			pthread_mutex_lock(&faults_lock);
			buf_addf(&faults, "%s%s\n", text_of_key(e, "name"), wrong.data);
			pthread_mutex_unlock(&faults_lock);
		}
		buf_done(&wrong);
	}
	return NULL;
}

static void
every_mendable_endpoint(void **state)
{
	pthread_t threads[AT_ONCE];

	(void)state;
	for (size_t i = 0; i < AT_ONCE; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, work, NULL), 0);
	for (size_t i = 0; i < AT_ONCE; i++)
		pthread_join(threads[i], NULL);
	if (faults.len > 0)
		fail_msg("%s", faults.data);
	assert_true(atomic_load(&mended) >= 33);
	printf("%d endpoints were mended, and unmended\n", atomic_load(&mended));
}

static int
set_up(void **state)
{
	const cJSON *item;
	size_t n = 0;

	(void)state;
	folder = make_folder();
	if (!lab_process_start(&lab, 0))
		return -1;
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(lab.json, "environment")) {
		struct buf b = { 0 };

		buf_addf(&b, "%s=%s", item->string, item->valuestring);
		env[n++] = mem_strdup(b.data);
		buf_done(&b);
	}
	{
		struct buf b = { 0 };

		buf_addf(&b, "XDG_STATE_HOME=%s", folder);
		env[n++] = mem_strdup(b.data);
		buf_reset(&b);
		buf_addf(&b, "XDG_CONFIG_HOME=%s", folder);
		env[n++] = mem_strdup(b.data);
		buf_done(&b);
	}
	env[n] = NULL;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	lab_process_stop(&lab);
	for (size_t i = 0; env[i] != NULL; i++)
		free((char *)(uintptr_t)env[i]);
	buf_done(&faults);
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_mendable_endpoint) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
