#include "tests/boto.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tests/program.h"

extern char **environ;

const char *
boto_python(void)
{
	static const char *const places[] = { "python3", "/usr/bin/python3" };
	static const char *found;
	static bool looked;

	for (size_t i = 0; i < 2 && !looked && found == NULL; i++) {
		struct run r;
		run_program((const char *const[]){ places[i], "-c", "import botocore.session", NULL }, NULL, &r);
		if (r.status == 0)
			found = places[i];
		run_done(&r);
	}
	if (found == NULL && !looked)
		fprintf(stderr, "botocore is not here: what it says is not compared\n");
	looked = true;
	if (found == NULL && getenv("CI") != NULL)
		fail_msg("botocore is not here, and CI is set");
	return found;
}

cJSON *
boto_ask(const char *program, const char *const env[])
{
	return boto_tell(program, env, NULL);
}

cJSON *
boto_tell(const char *program, const char *const env[], const char *input)
{
	const char *all[128];
	size_t len = 0;
	struct run r;
	cJSON *told;

	for (char **e = environ; *e != NULL && len < 64; e++) {
		if (strncmp(*e, "AWS_", 4) == 0)
			all[len++] = mem_strndup(*e, strcspn(*e, "="));
	}
	size_t unset = len;
	for (size_t i = 0; env[i] != NULL && len < 127; i++)
		all[len++] = env[i];
	all[len] = NULL;
	run_program((const char *const[]){ boto_python(), "-c", program, NULL }, &(struct run_options){ .env = all, .input = input,
	    .input_len = input == NULL ? 0 : strlen(input) }, &r);
	if (r.status != 0)
		fail_msg("the Python program ended with %d: %s", r.status, buf_str(&r.err));
	told = cJSON_Parse(buf_str(&r.out));
	if (told == NULL)
		fail_msg("no JSON: %s", buf_str(&r.out));
	run_done(&r);
	for (size_t i = 0; i < unset; i++)
		free((void *)(uintptr_t)all[i]);
	return told;
}
