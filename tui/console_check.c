/* Checking: entries go to the examiner, what comes back goes into the fleet. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tui/console_parts.h"
#include "tui/fleet.h"
#include "tui/save_case.h"

enum { COLLECT_US = 4000 }; /* for results in one turn: a key waits no longer than that */

/* It is started by the first check: the screen comes before it. */
static bool
start(struct console *k)
{
	struct error err = { .code = ERROR_NONE };

	if (k->checks.examiner != NULL)
		return true;
	if (examiner_start(&k->setup.examine, k->setup.world, &k->checks.examiner, &err) == STATUS_OK)
		return true;
	console_say(k, ROLE_FAIL, "nothing can be checked: %s", err.text);
	return false;
}

/* Entries of one group of the configuration share their options: a few modes for thousands of them. */
static bool
mode_of(struct console *k, const struct examine_options *options, const struct examine_mode **out)
{
	struct checks *c = &k->checks;
	struct error err = { .code = ERROR_NONE };

	*out = NULL;
	if (options == NULL)
		return true;
	for (size_t i = 0; i < c->modes_len; i++) {
		if (c->modes[i].options == options) {
			*out = c->modes[i].mode;
			return true;
		}
	}
	if (examiner_mode(c->examiner, options, out, &err) != STATUS_OK) {
		console_say(k, ROLE_FAIL, "not checked: %s", err.text);
		return false;
	}
	c->modes = mem_grow(c->modes, c->modes_len + 1, sizeof *c->modes);
	c->modes[c->modes_len++] = (struct mode_of){ options, *out };
	return true;
}

static void
remember(struct checks *c, struct entry *e)
{
	if (c->jobs_len == c->jobs_cap) {
		c->jobs_cap = c->jobs_cap == 0 ? 64 : c->jobs_cap * 2;
		c->jobs = mem_grow(c->jobs, c->jobs_cap, sizeof *c->jobs);
	}
	c->jobs[c->jobs_len++] = (struct job){ e };
}

static void
begin_batch(struct checks *c)
{
	if (c->left > 0)
		return;
	c->of = 0;
	c->batch_len = 0;
	/* Numbers begin anew once none is out there. */
	if (examiner_left(c->examiner) == 0)
		c->jobs_len = 0;
}

size_t
console_check(struct console *k, struct entry *const *entries, size_t len)
{
	struct checks *c = &k->checks;
	size_t queued = 0;

	if (k->setup.is_case || !start(k))
		return 0;
	begin_batch(c);
	examiner_many(c->examiner, len > 1 && !k->setup.practice_lab); /* nobody reads the lab's logs */
	for (size_t i = 0; i < len; i++) {
		struct entry *e = entries[i];
		const struct examine_mode *mode;

		if (e->waiting || !mode_of(k, e->options, &mode))
			continue;
		remember(c, e);
		examiner_add_as(c->examiner, mode, &e->target, e->identity, e->trust, (void *)(uintptr_t)c->jobs_len);
		fleet_waiting(k->fleet, e, true);
		queued++;
	}
	c->left += queued;
	c->of += queued;
	console_changed(k);
	return queued;
}

size_t
console_check_aloud(struct console *k, struct entry *const *entries, size_t len)
{
	size_t before = 0, queued;

	for (size_t i = 0; i < len; i++)
		before += entries[i]->waiting;
	queued = console_check(k, entries, len);
	if (queued == 1 && len == 1)
		console_say(k, ROLE_TEXT, "checking %s", entries[0]->name);
	else if (queued > 0)
		console_say(k, ROLE_TEXT, "checking %zu endpoint%s", queued, queued == 1 ? "" : "s");
	else if (before == len && len == 1)
		console_say(k, ROLE_NOTE, "%s is being checked already", entries[0]->name);
	else if (before == len && len > 1)
		console_say(k, ROLE_NOTE, "all of these are being checked already");
	/* Else it could not be, and console_check() has said why. */
	return queued;
}

void
for_everything(struct console *k, size_t (*act)(struct console *k, struct entry *const *entries, size_t len))
{
	size_t len = fleet_len(k->fleet);
	struct entry **all = mem_zero(len + 1, sizeof *all);

	for (size_t i = 0; i < len; i++)
		all[i] = fleet_at(k->fleet, i);
	act(k, all, len);
	free(all);
}

size_t
console_running(const struct console *k, size_t *of)
{
	if (of != NULL)
		*of = k->checks.of;
	return k->checks.left;
}

/* What is under way comes back later and is not wanted; what still waited never does. */
void
console_cancel(struct console *k)
{
	struct checks *c = &k->checks;
	size_t stopped = c->left;

	if (stopped == 0)
		return;
	examiner_cancel(c->examiner);
	for (size_t i = 0; i < c->jobs_len; i++) {
		if (c->jobs[i].entry != NULL)
			fleet_waiting(k->fleet, c->jobs[i].entry, false);
		c->jobs[i].entry = NULL;
	}
	c->left = 0;
	if (c->of == 1)
		console_say(k, ROLE_TEXT, "stopped; what was known stays");
	else
		console_say(k, ROLE_TEXT, "stopped: %zu of %zu were checked; what was known of the others stays", c->of - stopped, c->of);
}

static int
by_address(const void *a, const void *b)
{
	uintptr_t x = (uintptr_t)*(struct entry *const *)a, y = (uintptr_t)*(struct entry *const *)b;

	return (x > y) - (x < y);
}

/* The endpoint's own screen says what changed. */
static void
say_one(struct console *k, const struct entry *e)
{
	const char *cause = entry_cause(e);

	if (k->top->ops->scope != SCOPE_ENDPOINT || k->top->entry != e)
		console_say(k, fleet_state_look(fleet_known(e)), "%s: %s%s%s", e->name, fleet_state_word(fleet_known(e)),
		    cause[0] != '\0' ? ", " : "", cause);
}

/* "40 checked: 30 FAIL, 1 DOWN, 9 OK" */
static void
say_batch(struct console *k)
{
	struct checks *c = &k->checks;
	size_t of[FLEET_STATES] = { 0 }, all = 0;
	enum fleet_state worst = FLEET_STATES;
	struct buf b = { 0 };

	/* One that was checked twice in it is one endpoint. */
	qsort(c->batch, c->batch_len, sizeof *c->batch, by_address);
	for (size_t i = 0; i < c->batch_len; i++) {
		if (i > 0 && c->batch[i] == c->batch[i - 1])
			continue;
		of[fleet_known(c->batch[i])]++;
		all++;
	}
	for (enum fleet_state s = 0; s < FLEET_STATES; s++) {
		if (of[s] == 0)
			continue;
		worst = worst == FLEET_STATES ? s : worst;
		buf_addf(&b, "%s%zu %s", b.len > 0 ? ", " : "", of[s], fleet_state_word(s));
	}
	if (all > 1)
		console_say(k, fleet_state_look(worst), "%zu checked: %s", all, buf_str(&b));
	else
		say_one(k, c->batch[0]);
	if (examiner_keylog_error(c->examiner) != 0)
		console_say(k, ROLE_WARN, "the key log is not complete: %s", strerror(examiner_keylog_error(c->examiner)));
	buf_done(&b);
}

/* --save: what the first check saw, as check does it. */
static void
save_first(struct console *k, const struct entry *e)
{
	const char *path = k->setup.save;

	k->setup.save = NULL;
	if (path != NULL)
		save_case_of(k, e, path);
}

static void
take(struct console *k, struct examination *x)
{
	struct checks *c = &k->checks;
	struct entry *e = c->jobs[(uintptr_t)x->user - 1].entry;

	if (e == NULL)
		return;
	c->jobs[(uintptr_t)x->user - 1].entry = NULL;
	if (x->cancelled) {
		fleet_waiting(k->fleet, e, false);
	} else {
		fleet_result(k->fleet, e, x->evidence, x->diagnosis, console_now_ms(k));
		x->evidence = NULL;
		x->diagnosis = NULL;
		if (c->batch_len == c->batch_cap) {
			c->batch_cap = c->batch_cap == 0 ? 64 : c->batch_cap * 2;
			c->batch = mem_grow(c->batch, c->batch_cap, sizeof *c->batch);
		}
		c->batch[c->batch_len++] = e;
		save_first(k, e);
	}
	c->left--;
	console_changed(k);
	if (c->left == 0 && c->batch_len > 0) {
		say_batch(k);
		seen_keep(k, c->batch, c->batch_len);
	}
}

void
checks_collect(struct console *k)
{
	uint64_t until = ticks_us() + COLLECT_US;
	struct examination *x;

	while (ticks_us() < until && (x = examiner_next(k->checks.examiner, 0)) != NULL) {
		take(k, x);
		examination_free(x);
	}
}

int
checks_fd(struct console *k)
{
	return k->checks.examiner != NULL ? examiner_fd(k->checks.examiner) : -1;
}

void
checks_done(struct console *k)
{
	struct checks *c = &k->checks;

	examiner_free(c->examiner);
	free(c->modes);
	free(c->jobs);
	free(c->batch);
	*c = (struct checks){ 0 };
}
