/* The loop, the stack of views, and what views ask the console. Keys and what they do: console_keys.c. */
#include "tui/console.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/text.h"
#include "tui/console_parts.h"
#include "tui/key.h"
#include "tui/plan_job.h"

/* How long frames and steps last is no part of what is known: it is real time in tests and pictures too. */
uint64_t
ticks_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/* ---- the stack of views ---- */

/* A view may close itself in the middle of its own act(): its memory stays until the event is over. */
static void
bury(struct console *k, struct view *v)
{
	v->below = k->dead;
	k->dead = v;
}

void
reap_views(struct console *k)
{
	while (k->dead != NULL) {
		struct view *v = k->dead;

		k->dead = v->below;
		if (v->ops->close != NULL)
			v->ops->close(v);
		free(v);
	}
}

static void
put_on_top(struct console *k, const struct view_ops *ops, const void *argument)
{
	struct view *v = mem_zero(1, ops->size);

	v->ops = ops;
	v->console = k;
	v->below = k->top;
	ops->open(v, argument);
	k->top = v;
	k->depth++;
	console_changed(k);
}

static void
take_from_top(struct console *k)
{
	struct view *v = k->top;

	k->top = v->below;
	k->depth--;
	bury(k, v);
}

void
console_push(struct console *k, const struct view_ops *ops, const void *argument)
{
	if (k->depth == VIEWS_MAX)
		console_say(k, ROLE_WARN, "%d screens lie below this one: go back first", VIEWS_MAX - 1);
	else
		put_on_top(k, ops, argument);
}

void
console_replace(struct console *k, const struct view_ops *ops, const void *argument)
{
	struct view *old = k->top;

	/* It is opened while the other still stands: what it is given may belong to that one. */
	put_on_top(k, ops, argument);
	k->top->below = old->below;
	k->depth--;
	bury(k, old);
}

void
console_pop(struct console *k)
{
	if (k->top->below == NULL)
		return;
	take_from_top(k);
	console_changed(k);
}

struct view *
console_top(struct console *k)
{
	return k->top;
}

/* ---- what views ask ---- */

void
console_changed(struct console *k)
{
	k->changed = true;
	k->stale = true;
}

void
console_urgent(struct console *k)
{
	k->urgent = true;
	console_changed(k);
}

void
console_say(struct console *k, unsigned look, const char *fmt, ...)
{
	struct buf b = { 0 };
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	text_safe(&b, text_of(line), 0);
	messages_add(&k->messages, console_now_ms(k), look, buf_str(&b));
	buf_reset(&k->said);
	buf_adds(&k->said, buf_str(&b));
	buf_done(&b);
	k->said_look = look;
	k->said_seen = false;
	console_changed(k);
}

struct fleet *
console_fleet(struct console *k)
{
	return k->fleet;
}

const struct config *
console_config(const struct console *k)
{
	return k->setup.config;
}

const char *
console_config_path(const struct console *k)
{
	return k->setup.config_path;
}

const struct console_setup *
console_setup_of(const struct console *k)
{
	return &k->setup;
}

struct messages *
console_messages(struct console *k)
{
	return &k->messages;
}

int64_t
console_now_ms(const struct console *k)
{
	const struct world *w = k->setup.world;

	if (k->setup.still && k->setup.examine.at_set)
		return k->setup.examine.at * 1000;
	return w->now_ms(w->self);
}

char *
console_path(struct console *k, const char *typed)
{
	const struct world *w = k->setup.world;
	const char *home;
	struct buf whole = { 0 };

	if (strncmp(typed, "~/", 2) != 0)
		return mem_strdup(typed);
	home = w->env(w->self, "HOME");
	if (home == NULL || home[0] == '\0') {
		console_say(k, ROLE_FAIL, "HOME is not set: give the whole path in the place of ~");
		return NULL;
	}
	buf_addf(&whole, "%s%s", home, typed + 1);
	return whole.data;
}

bool
console_practice_lab(const struct console *k)
{
	return k->setup.practice_lab;
}

bool
console_allows_changes(const struct console *k)
{
	return k->setup.allow_changes || k->setup.practice_lab;
}

void
console_quit(struct console *k)
{
	k->over = k->over || !plans_keep(k);
}

int
console_exit_status(const struct console *k)
{
	return k->exit_status;
}

void
end_with(struct console *k, int number)
{
	k->over = true;
	k->exit_status = 128 + number;
}

/* ---- the loop ---- */

static void
take_keys(struct console *k)
{
	int key = KEY_NONE;

	for (int i = 0; i < KEYS_A_TURN && !k->over && (key = terminal_key()) != KEY_NONE; i++)
		console_key(k, key);
	k->more_keys = key != KEY_NONE;
}

static void
take_signals(struct console *k)
{
	int number;

	while ((number = terminal_signal()) != 0) {
		if (number == SIGWINCH || number == SIGTSTP || number == SIGCONT) {
			k->whole = k->urgent = true;
			console_changed(k);
		} else {
			end_with(k, number);
		}
	}
}

static void
say_stderr(struct console *k)
{
	if (k->stderr_line.len > 0)
		console_say(k, ROLE_WARN, "standard error: %s", buf_str(&k->stderr_line));
	buf_reset(&k->stderr_line);
}

/* Libraries write there when something is badly wrong; on the screen it would only be garbage. */
static void
take_stderr(struct console *k)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(terminal_stderr_fd(), bytes, sizeof bytes)) > 0) {
		for (ssize_t i = 0; i < n; i++) {
			if (bytes[i] == '\n' || k->stderr_line.len == STDERR_LINE_MAX)
				say_stderr(k);
			if (bytes[i] != '\n' && bytes[i] != '\0')
				buf_addc(&k->stderr_line, bytes[i]);
		}
	}
}

/* Nobody sees what is drawn: it is polled without events, so that there is nothing but its end to be told. */
static void
take_hang_up(struct console *k)
{
	end_with(k, SIGHUP);
}

static int
sooner(int a, int b)
{
	return a < 0 || (b >= 0 && b < a) ? b : a;
}

/* Milliseconds until a frame that results asked for is due; -1: none is. */
static int
frame_wait_ms(const struct console *k)
{
	uint64_t since = ticks_us() - k->drawn_us;

	if (!k->changed)
		return -1;
	if (k->urgent || since >= FRAME_PACE_MS * 1000)
		return 0;
	return (int)(FRAME_PACE_MS - since / 1000);
}

bool
console_turn(struct console *k, int timeout_ms)
{
	struct {
		int fd;
		void (*take)(struct console *k);
		short events;
	} sources[] = {
		{ terminal_signal_fd(), take_signals, POLLIN },
		{ terminal_fd(), take_keys, POLLIN },
		{ terminal_out_fd(), take_hang_up, 0 },
		{ terminal_stderr_fd(), take_stderr, POLLIN },
		{ checks_fd(k), checks_collect, POLLIN },
		{ listens_fd(k), listens_collect, POLLIN },
		{ work_fd(k), work_collect, POLLIN },
	};
	enum { SOURCES = sizeof sources / sizeof sources[0] };
	struct pollfd fds[SOURCES];

	for (size_t i = 0; i < SOURCES; i++)
		fds[i] = (struct pollfd){ .fd = sources[i].fd, .events = sources[i].events };
	timeout_ms = sooner(timeout_ms, sooner(frame_wait_ms(k), walk_wait_ms(k)));
	if (k->more_keys)
		take_keys(k);
	else if (poll(fds, SOURCES, timeout_ms) > 0)
		for (size_t i = 0; i < SOURCES && !k->over; i++)
			if (fds[i].revents != 0)
				sources[i].take(k);
	if (!k->over)
		walk_turn(k);
	reap_views(k);
	if (!k->over && frame_wait_ms(k) == 0)
		console_draw(k);
	/* A walkthrough that played by itself was all that was asked for. */
	if (k->walk.by_itself && k->walk.of == NULL)
		k->over = true;
	return !k->over;
}

void
console_draw(struct console *k)
{
	bool first = k->drawn_us == 0;

	if (!k->changed || !terminal_is_open())
		return;
	k->changed = k->urgent = false;
	k->frame_ms = console_now_ms(k);
	bring_up_to_date(k);
	frame_draw(k);
	terminal_update(k->whole);
	k->whole = false;
	k->said_seen = true;
	k->drawn_us = ticks_us();
	/* What takes time begins when there is something to look at. */
	if (first && k->setup.check_at_start)
		for_everything(k, console_check); /* in silence: the screen tells what is under way */
	if (first)
		console_unfinished(k);
}

/* ---- its life ---- */

static void
open_first(struct console *k)
{
	size_t len = fleet_len(k->fleet);

	if (k->setup.first != NULL)
		put_on_top(k, k->setup.first, k->setup.first_argument);
	else if (len == 0)
		put_on_top(k, &start_view, NULL);
	else if (len == 1)
		put_on_top(k, &endpoint_view, fleet_at(k->fleet, 0));
	else
		put_on_top(k, &fleet_view, NULL);
}

status
console_new(const struct console_setup *s, struct console **out, struct error *err)
{
	struct console *k;

	if (terminal_open(&s->terminal, err) != STATUS_OK)
		return STATUS_FAILED;
	k = mem_zero(1, sizeof *k);
	k->setup = *s;
	k->fleet = s->fleet;
	if (k->setup.plans == NULL)
		k->setup.plans = &plan_maker_fixes;
	k->urgent = k->whole = true;
	listens_start(k);
	open_first(k);
	if (s->walkthrough != NULL)
		walk_start(&k->walk, s->walkthrough, s->walk_by_itself, s->walk_pace_ms, ticks_us());
	*out = k;
	return STATUS_OK;
}

void
console_free(struct console *k)
{
	if (k == NULL)
		return;
	terminal_close();
	asking_done(k);
	while (k->top != NULL)
		take_from_top(k);
	reap_views(k);
	console_sync_stop(k);
	checks_done(k);
	listens_done(k);
	work_done(k);
	plans_done(k);
	fleet_free(k->fleet);
	messages_done(&k->messages);
	buf_done(&k->said);
	buf_done(&k->stderr_line);
	free(k);
}

status
console_run(const struct console_setup *s, int *exit_status, struct error *err)
{
	struct console *k;

	if (console_new(s, &k, err) != STATUS_OK)
		return STATUS_FAILED;
	console_draw(k);
	while (console_turn(k, -1))
		;
	*exit_status = console_exit_status(k);
	if (walk_failed(&k->walk, ticks_us()))
		error_set(err, ERROR_LOCAL, "walkthrough", "the walkthrough stopped at step %zu of %zu: what it waits for did not come", k->walk.step + 1, k->walk.of->len);
	console_free(k);
	return STATUS_OK;
}
