#include "tests/mortal_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixes/plan_store.h"
#include "probes/examine.h"
#include "tests/program.h"

static int64_t fixed_ms;

static int64_t
now_ms(void *self)
{
	struct mortal_world *m = self;

	if (m->left >= 0 && m->left-- == 0)
		raise(SIGKILL);
	return fixed_ms;
}

static const char *
env(void *self, const char *name)
{
	const struct mortal_world *m = self;

	return strcmp(name, "HOME") == 0 ? m->home : NULL;
}

void
mortal_world_init(struct mortal_world *m, const char *home, int64_t now, int left)
{
	*m = (struct mortal_world){ .world = *world_real(), .left = left, .home = home };
	fixed_ms = now * 1000;
	m->world.now_ms = now_ms;
	m->world.env = env;
	m->world.self = m;
}

struct changes *
mortal_record(const struct mortal_world *m)
{
	struct error err = { .code = ERROR_NONE };
	struct changes *c;

	if (changes_open(NULL, &m->world, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return c;
}

/* In the child: its end is the kill, or the end of the plan. */
static void
live(const struct mortal_case *m, int at)
{
	struct mortal_world w;
	struct changes *c;
	struct error err = { .code = ERROR_NONE };

	mortal_world_init(&w, m->home, m->now, -1);
	c = mortal_record(&w);
	w.left = at;
	if (plan_apply(m->make(m->user, c, &w.world), NULL, &err) == STATUS_OK)
		_exit(0);
	fprintf(stderr, "killed at %d: before that %s\n", at, err.text);
	_exit(1);
}

static void
go_on(const struct mortal_case *m, int at, bool back)
{
	struct mortal_world w;
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct change *open_one = NULL;
	struct changes *c;
	struct plan *p;

	mortal_world_init(&w, m->home, m->now, -1);
	c = mortal_record(&w);
	assert_int_equal(changes_find(c, 0, a, &open_one, &err), STATUS_OK);
	if (open_one == NULL) {
		m->check(m->user, false);
	} else {
		assert_int_equal(plan_recorded(c, open_one->id, &w.world, &p, &err), STATUS_OK);
		p->place.client = m->client != NULL ? m->client(m->user) : NULL;
		if ((back ? plan_go_back(p, NULL, &err) : plan_apply(p, NULL, &err)) != STATUS_OK)
			fail_msg("killed at %d, then %s: %s", at, back ? "back" : "on", err.text);
		m->check(m->user, !back);
		plan_free(p);
	}
	changes_close(c);
	arena_free(a);
}

static void
forget(const char *home)
{
	remove_folder(mem_strdup(in_folder(home, ".local")));
}

int
mortal_everywhere(const struct mortal_case *m, bool back)
{
	for (int at = 0;; at++) {
		pid_t child;
		int result;

		forget(m->home);
		m->begin(m->user);
		fflush(NULL);
		child = fork();
		if (child == 0)
			live(m, at);
		assert_int_equal(waitpid(child, &result, 0), child);
		if (WIFEXITED(result)) {
			assert_int_equal(WEXITSTATUS(result), 0);
			m->check(m->user, true);
			return at;
		}
		if (m->between != NULL)
			m->between(m->user);
		go_on(m, at, back);
	}
}
