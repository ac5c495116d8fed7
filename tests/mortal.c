#include "tests/mortal.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aws/client.h"
#include "fixes/plan_store.h"
#include "model/memory.h"
#include "probes/examine.h"
#include "tests/program.h"

static int64_t
mortal_now_ms(void *self)
{
	struct mortal *m = self;

	if (m->left >= 0 && m->left-- == 0)
		raise(SIGKILL);
	return world_real()->now_ms(world_real()->self);
}

static const char *
mortal_env(void *self, const char *name)
{
	struct mortal *m = self;

	if (strncmp(name, "XDG_", 4) == 0)
		return NULL;
	return strcmp(name, "HOME") == 0 ? m->home : getenv(name);
}

static uint64_t
mortal_ticks_us(void *self)
{
	(void)self;
	return world_real()->ticks_us(world_real()->self);
}

static void
mortal_random(void *self, unsigned char *out, size_t len)
{
	(void)self;
	world_real()->random(world_real()->self, out, len);
}

char *
mortal_folder(void)
{
	const char *before = getenv("TMPDIR");
	char *kept = before != NULL ? mem_strdup(before) : NULL, *folder;

	if (access("/dev/shm", W_OK | X_OK) == 0)
		setenv("TMPDIR", "/dev/shm", 1);
	folder = make_folder();
	if (kept != NULL)
		setenv("TMPDIR", kept, 1);
	else
		unsetenv("TMPDIR");
	free(kept);
	return folder;
}

void
mortal_init(struct mortal *m, const char *home, int left)
{
	*m = (struct mortal){ .home = home, .left = left };
	m->world = (struct world){ .now_ms = mortal_now_ms, .ticks_us = mortal_ticks_us, .random = mortal_random, .env = mortal_env, .self = m };
}

struct changes *
mortal_record(const struct mortal *m)
{
	struct error err = { .code = ERROR_NONE };
	struct changes *c;

	if (changes_open(NULL, &m->world, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return c;
}

static void
begin(const struct mortal_case *k)
{
	struct run r;

	run_program((const char *const[]){ "rm", "-rf", in_folder(k->home, ".local"), NULL }, NULL, &r);
	run_done(&r);
	k->begin(k->user);
}

/* Another run finds what is unfinished, and goes on with it or back. */
static void
pick_up(const struct mortal_case *k, int at, bool back)
{
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct change *found = NULL;
	struct changes *c;
	struct mortal m;
	struct plan *p;

	mortal_init(&m, k->home, -1);
	c = mortal_record(&m);
	assert_int_equal(changes_find(c, 0, a, &found, &err), STATUS_OK);
	if (found == NULL) {
		k->is_old(k->user); /* it had not begun */
	} else {
		assert_int_equal(plan_recorded(c, found->id, &m.world, &p, &err), STATUS_OK);
		if (k->open != NULL)
			k->open(k->user, p, &m.world);
		if ((back ? plan_go_back(p, NULL, &err) : plan_apply(p, NULL, &err)) != STATUS_OK)
			fail_msg("killed at %d, on its way %s: %s", at, back ? "back" : "on", err.text);
		if (back)
			k->is_old(k->user);
		else
			k->is_new(k->user);
		aws_client_free(p->place.client);
		plan_free(p);
	}
	changes_close(c);
	arena_free(a);
}

/* False: it came through to its end. */
static bool
killed_at(const struct mortal_case *k, int at)
{
	int result;
	pid_t child = fork();

	if (child == 0) {
		struct error err = { .code = ERROR_NONE };
		struct mortal m;
		struct changes *c;
		status ended;

		mortal_init(&m, k->home, at);
		c = mortal_record(&m);
		ended = plan_apply(k->make(k->user, c, &m.world), NULL, &err);
		if (ended != STATUS_OK)
			fprintf(stderr, "%s\n", err.text);
		_exit(ended == STATUS_OK ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &result, 0), child);
	if (!WIFEXITED(result))
		return true;
	assert_int_equal(WEXITSTATUS(result), 0);
	return false;
}

int
mortal_everywhere(const struct mortal_case *k)
{
	int at = 0;

	for (int back = 0; back <= 1; back++) {
		for (at = 0;; at++) {
			begin(k);
			if (!killed_at(k, at))
				break;
			if (k->is_whole != NULL)
				k->is_whole(k->user, at);
			pick_up(k, at, back == 1);
		}
	}
	return at;
}
