/* What the record says is unfinished: read beside the screen, at the start and whenever a plan has ended. And the question before one leaves. */
#include <stdio.h>
#include <stdlib.h>

#include "model/changes.h"
#include "model/memory.h"
#include "model/text.h"
#include "tui/change_rows.h"
#include "tui/console_parts.h"
#include "tui/plan_job.h"

enum { TITLE_BYTES = 60 /* of its title, in one line */ };

struct unfinished_job {
	char *folder;
	const struct world *world;
	struct arena *arena;
	struct change *items;
	size_t len;
	struct error err;
};

static void
job_free(void *job)
{
	struct unfinished_job *j = job;

	arena_free(j->arena);
	free(j->folder);
	free(j);
}

static void
look(void *job)
{
	struct unfinished_job *j = job;
	struct changes *c = NULL;
	size_t all = 0;

	if (!changes_exist(j->folder, j->world))
		return;
	if (changes_open(j->folder, j->world, &c, &j->err) == STATUS_OK && changes_list(c, true, 0, j->arena, &j->items, &all, &j->err) == STATUS_OK) {
		/* What another program works on is no one's to go on with. */
		for (size_t i = 0; i < all; i++) {
			if (change_is_left(c, &j->items[i]))
				j->items[j->len++] = j->items[i];
		}
	}
	changes_close(c);
}

/* "plan 7, renew payment, stopped after 2 of 5 steps" */
static void
line_of(const struct change *c, char *out, size_t size)
{
	struct buf title = { 0 };

	text_safe(&title, text_of(c->title != NULL ? c->title : ""), TITLE_BYTES);
	snprintf(out, size, "plan %lld is not finished: %s, %s after %lld of %lld steps", (long long)c->id, buf_str(&title), change_state(c, true)->word,
	    (long long)c->done, (long long)c->steps);
	buf_done(&title);
}

static void
found(struct console *k, void *job)
{
	struct unfinished_job *j = job;
	bool first = !k->unfinished.said;
	char key[16];

	k->unfinished.len = j->len;
	k->unfinished.said = true;
	if (first && error_is_set(&j->err))
		console_say(k, ROLE_WARN, "%s", j->err.text);
	for (size_t i = j->len; i-- > 0 && first;) {
		char line[200];

		line_of(&j->items[i], line, sizeof line);
		console_say(k, ROLE_WARN, "%s: %s", line, action_key(ACTION_LOG, key, sizeof key));
	}
	job_free(j);
	console_changed(k);
}

void
console_unfinished(struct console *k)
{
	struct unfinished_job *j;

	k->plan_moves++;
	/* A case is what was; and pictures have nothing in them that differs from machine to machine. */
	if (k->setup.is_case || (k->setup.still && k->setup.changes == NULL))
		return;
	j = mem_zero(1, sizeof *j);
	*j = (struct unfinished_job){ .folder = k->setup.changes != NULL ? mem_strdup(k->setup.changes) : NULL, .world = k->setup.world, .arena = arena_new() };
	(void)console_work(k, look, found, job_free, j);
}

/* It stays in sight until it is dealt with; that under way says itself how far it is. */
bool
unfinished_note(const struct console *k, char *out, size_t size)
{
	size_t len = k->unfinished.len;
	char key[16];

	action_key(ACTION_LOG, key, sizeof key);
	if (k->plan_job != NULL) {
		snprintf(out, size, "a plan is %s: %s", k->plan_job->phase == PHASE_APPLYING ? "being applied" : "being undone", key);
		return !k->plan_job->watched;
	}
	snprintf(out, size, "%zu unfinished plan%s: %s", len, len == 1 ? "" : "s", key);
	return len > 0 && (k->top->ops->scope & (SCOPE_PLAN | SCOPE_LOG)) == 0;
}

static void
leave(struct console *k, int yes, void *user)
{
	(void)user;
	k->over = k->over || yes;
}

bool
plans_keep(struct console *k)
{
	if (k->plan_job == NULL)
		return false;
	console_dialog(k, dialog_question("a plan is under way",
	    "A plan is being applied. If you leave now it is cut off in the middle of a step.\n\n"
	    "Nothing is lost by that: each step is recorded before it is done and after, and mtlscope resume goes on with it. "
	    "But until then something may be half done.", "Leave", leave, NULL));
	return true;
}

void
plans_done(struct console *k)
{
	identity_free(k->identity);
	k->identity = NULL;
}
