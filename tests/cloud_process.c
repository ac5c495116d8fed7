#include "tests/cloud_process.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/cloud_internal.h"
#include "probes/examine.h"
#include "tests/program.h"

struct said {
	char url[80], key[80], secret[120];
};

/* In the child: until it is killed, at the latest when the test ends. */
static void
serve(const char *folder, int out)
{
	struct cloud_options o = { .dir = folder, .world = world_real() };
	struct error err = { .code = ERROR_NONE };
	struct said said = { .url = "" };
	struct cloud *cloud = NULL;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (cloud_start(&o, &cloud, &err) != STATUS_OK) {
		fprintf(stderr, "%s\n", err.text);
		_exit(1);
	}
	snprintf(said.url, sizeof said.url, "%s", cloud_url(cloud));
	snprintf(said.key, sizeof said.key, "%s", cloud_access_key(cloud));
	snprintf(said.secret, sizeof said.secret, "%s", cloud_secret(cloud));
	if (write(out, &said, sizeof said) != (ssize_t)sizeof said)
		_exit(1);
	for (;;)
		pause();
}

void
cloud_process_start(struct cloud_process *c)
{
	struct error err = { .code = ERROR_NONE };
	struct said said;
	int ends[2];

	*c = (struct cloud_process){ .folder = make_folder() };
	assert_int_equal(pipe(ends), 0);
	fflush(NULL);
	c->pid = fork();
	assert_true(c->pid >= 0);
	if (c->pid == 0) {
		close(ends[0]);
		serve(c->folder, ends[1]);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &said, sizeof said), (ssize_t)sizeof said);
	close(ends[0]);
	memcpy(c->url, said.url, sizeof c->url);
	memcpy(c->key, said.key, sizeof c->key);
	memcpy(c->secret, said.secret, sizeof c->secret);
	c->db = cloud_open_database(c->folder, &err);
	assert_non_null(c->db);
}

void
cloud_process_stop(struct cloud_process *c)
{
	sqlite3_close(c->db);
	if (c->pid > 0) {
		kill(c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
	}
	if (c->folder != NULL)
		remove_folder(c->folder);
	*c = (struct cloud_process){ .pid = 0 };
}
