#include "tests/lab_fix.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tests/mortal.h"

enum { WORDS_MOST = 40, PATIENCE_MS = 120000 };

static void
add_env(struct lab_fix *l, size_t *n, const char *name, const char *value)
{
	struct buf b = { 0 };

	assert_true(*n + 1 < sizeof l->env / sizeof l->env[0]);
	buf_addf(&b, "%s=%s", name, value);
	l->env[(*n)++] = mem_strdup(b.data);
	buf_done(&b);
}

bool
lab_fix_start(struct lab_fix *l, const char *const options[])
{
	const cJSON *item;
	size_t n = 0;

	*l = (struct lab_fix){ .folder = mortal_folder() };
	if (!lab_process_start_with(&l->lab, 0, options))
		return false;
	cJSON_ArrayForEach(item, cJSON_GetObjectItem(l->lab.json, "environment"))
		add_env(l, &n, item->string, item->valuestring);
	add_env(l, &n, "XDG_STATE_HOME", l->folder);
	add_env(l, &n, "XDG_CONFIG_HOME", l->folder);
	return true;
}

void
lab_fix_stop(struct lab_fix *l)
{
	lab_process_stop(&l->lab);
	for (size_t i = 0; l->env[i] != NULL; i++)
		free((char *)(uintptr_t)l->env[i]);
	remove_folder(l->folder);
}

const cJSON *
lab_fix_endpoint(const struct lab_fix *l, const char *name)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, cJSON_GetObjectItem(l->lab.json, "endpoints")) {
		if (strcmp(lab_fix_text(e, "name"), name) == 0)
			return e;
	}
	fail_msg("the lab has no %s", name);
	return NULL;
}

const char *
lab_fix_text(const cJSON *o, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(o, name));

	return text != NULL ? text : "(none)";
}

void
lab_fix_run(const struct lab_fix *l, const char *const words[], struct run *r)
{
	const char *argv[WORDS_MOST + 2] = { mtlscope() };
	struct run_options how = { .env = l->env, .deadline_ms = PATIENCE_MS };
	size_t n = 1;

	for (size_t i = 0; words[i] != NULL; i++) {
		assert_true(n < WORDS_MOST);
		argv[n++] = words[i];
	}
	run_program(argv, &how, r);
}

cJSON *
lab_fix_json(const struct lab_fix *l, const char *const words[], int *result)
{
	const char *all[WORDS_MOST + 1] = { NULL };
	struct run r;
	size_t n = 0;
	cJSON *o;

	for (; words[n] != NULL; n++) {
		assert_true(n + 2 < WORDS_MOST);
		all[n] = words[n];
	}
	all[n] = "--json";
	lab_fix_run(l, all, &r);
	*result = r.status;
	o = cJSON_Parse(buf_str(&r.out));
	if (o == NULL)
		fail_msg("%s: no JSON, status %d: %s", words[0], r.status, buf_str(&r.err));
	run_done(&r);
	return o;
}
