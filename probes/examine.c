#include "probes/examine.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "model/memory.h"
#include "probes/fetch.h"
#include "probes/route.h"
#include "probes/worker.h"

enum {
	JOBS_MOST = 512,       /* behind 100 ms of round trip, 1,000 targets take two turns of four round trips */
	DESCRIPTORS_KEPT = 64, /* for loops, the resolver, files and whoever uses us */
	DESCRIPTORS_EACH = 2,  /* a connection, and a second address that is tried beside it */
	/* sshd drops connections where more than 10 are not logged in yet (sshd_config: MaxStartups 10:30:100; measured). */
	SSH_JOBS_MOST = 8, SSH_LOOPS_MOST = 2,
	LOOPS_MOST = 64,
	HOST_NAME = 256
};

const struct examine_options examine_defaults = {
	.thresholds = { .expires_within = 30, .root_expires_within = 90, .clock_skew = 5 },
	.connect_timeout_ms = 5000,
	.max_time_ms = 30000,
};

struct finished {
	struct examination *x;
	struct finished *next;
};

struct examiner {
	struct examine_mode own;   /* the options it was started with */
	struct examine_mode *modes; /* others */
	struct worker_boss boss;
	struct proofs *proofs;
	char seen_from[HOST_NAME];

	pthread_mutex_t lock; /* for all below */
	pthread_cond_t more;
	struct job *first, **last; /* waiting */
	size_t added, waiting, left;
	struct finished *done, **done_last;
	int tell[2];               /* a pipe that holds one byte while something is done; -1: nobody asked */
	struct worker **workers;   /* started as targets come: one target needs one thread */
	unsigned workers_len, workers_most, room;
	bool workers_failed, going;
	bool many;                 /* the caller's thread only */
	struct identity *other;    /* the same */
};

/* ---- options, which the caller may free after examiner_start() ---- */

static char *
copied(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

static const struct proxy *
copied_proxy(const struct proxy *p)
{
	struct proxy *copy = NULL;

	if (p != NULL) {
		copy = mem_zero(1, sizeof *copy);
		proxy_copy(copy, p);
	}
	return copy;
}

static void
free_proxy(const struct proxy *p)
{
	struct proxy *mine = (struct proxy *)p;

	if (mine != NULL)
		proxy_done(mine);
	free(mine);
}

static void
copy_options(struct examine_options *to, const struct examine_options *from)
{
	struct redirect *redirects = mem_zero(from->redirects_len + 1, sizeof *redirects);

	*to = *from;
	to->ciphers = copied(from->ciphers);
	to->alpn = copied(from->alpn);
	to->interface = copied(from->interface);
	to->keylog_file = copied(from->keylog_file);
	to->no_proxy = copied(from->no_proxy);
	to->proxy = copied_proxy(from->proxy);
	to->other_proxy = copied_proxy(from->other_proxy);
	for (size_t i = 0; i < from->redirects_len; i++) {
		const struct redirect *r = &from->redirects[i];
		size_t n = 0;

		redirects[i] = (struct redirect){
			.host = copied(r->host), .port = r->port, .to_host = copied(r->to_host), .to_port = r->to_port
		};
		while (r->addresses != NULL && r->addresses[n] != NULL)
			n++;
		if (r->addresses == NULL)
			continue;
		redirects[i].addresses = mem_zero(n + 1, sizeof *redirects[i].addresses);
		for (size_t a = 0; a < n; a++)
			redirects[i].addresses[a] = mem_strdup(r->addresses[a]);
	}
	to->redirects = redirects;
	if (to->connect_timeout_ms == 0)
		to->connect_timeout_ms = examine_defaults.connect_timeout_ms;
	if (to->max_time_ms == 0)
		to->max_time_ms = examine_defaults.max_time_ms;
}

static void
free_options(struct examine_options *opt)
{
	free((char *)opt->ciphers);
	free((char *)opt->alpn);
	free((char *)opt->interface);
	free((char *)opt->keylog_file);
	free((char *)opt->no_proxy);
	free_proxy(opt->proxy);
	free_proxy(opt->other_proxy);
	for (size_t i = 0; i < opt->redirects_len; i++) {
		const struct redirect *r = &opt->redirects[i];

		free(r->host);
		free(r->to_host);
		for (size_t a = 0; r->addresses != NULL && r->addresses[a] != NULL; a++)
			free(r->addresses[a]);
		free(r->addresses);
	}
	free((struct redirect *)opt->redirects);
}

/* ---- what this machine gives ---- */

/* Raises the soft limit to the hard one; returns how many examinations may be under way at once. */
static unsigned
room_in_all(unsigned wanted)
{
	unsigned most = wanted != 0 ? wanted : JOBS_MOST;
	struct rlimit limit;
	rlim_t fit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return most < 64 ? most : 64;
	if (limit.rlim_cur < limit.rlim_max) {
		struct rlimit raised = { .rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max };

		if (limit.rlim_cur < (rlim_t)most * DESCRIPTORS_EACH + DESCRIPTORS_KEPT && setrlimit(RLIMIT_NOFILE, &raised) == 0)
			limit = raised;
	}
	fit = limit.rlim_cur > DESCRIPTORS_KEPT ? (limit.rlim_cur - DESCRIPTORS_KEPT) / DESCRIPTORS_EACH : 1;
	if (fit < 1)
		fit = 1;
	return fit < most ? (unsigned)fit : most;
}

static unsigned
cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n < 1 ? 1 : n > LOOPS_MOST ? LOOPS_MOST : (unsigned)n;
}

/* ---- what the workers ask for ---- */

/*
 * A few targets are spread over all loops. Somebody always has room in its share while a job waits:
 * otherwise more would be under way than are left.
 */
static struct job *
take(void *self, unsigned active)
{
	struct examiner *x = self;
	struct job *j = NULL;

	pthread_mutex_lock(&x->lock);
	if (x->workers_len > 0 && active < (x->left + x->workers_len - 1) / x->workers_len)
		j = x->first;
	if (j != NULL) {
		x->first = j->next;
		if (x->first == NULL)
			x->last = &x->first;
		x->waiting--;
	}
	pthread_mutex_unlock(&x->lock);
	return j;
}

static void
tell(struct examiner *x)
{
	ssize_t n;

	if (x->tell[1] == -1)
		return;
	n = write(x->tell[1], "", 1);
	(void)n; /* full is as good as told */
}

static void
hand_over(void *self, struct examination *done)
{
	struct examiner *x = self;
	struct finished *f = mem_zero(1, sizeof *f);

	f->x = done;
	pthread_mutex_lock(&x->lock);
	if (x->done == NULL)
		tell(x);
	*x->done_last = f;
	x->done_last = &f->next;
	pthread_cond_signal(&x->more);
	pthread_mutex_unlock(&x->lock);
}

/* The workers' number changes with the lock only; while they go, nobody is left to be woken. */
static void
proved(void *self)
{
	struct examiner *x = self;

	pthread_mutex_lock(&x->lock);
	for (unsigned i = 0; i < x->workers_len && !x->going; i++)
		worker_wake(x->workers[i]);
	pthread_mutex_unlock(&x->lock);
}

/* ---- the examiner ---- */

static status
add_worker(struct examiner *x, struct error *err)
{
	struct worker *w = NULL;

	if (worker_new(&x->boss, x->room, &w, err) != STATUS_OK)
		return STATUS_FAILED;
	x->workers[x->workers_len++] = w;
	return STATUS_OK;
}

/*
 * Threads for the targets that there are, and one at least. Where one cannot be had, those that are
 * there do the work, if need be the caller's own. The lock is held.
 */
static void
launch(struct examiner *x)
{
	struct error ignored = { 0 };

	while (!x->workers_failed && x->workers_len < x->workers_most && x->workers_len < x->left)
		x->workers_failed = add_worker(x, &ignored) != STATUS_OK;
	for (unsigned i = 0; i < x->workers_len && !x->workers_failed; i++)
		x->workers_failed = worker_launch(x->workers[i], &ignored) != STATUS_OK;
	for (unsigned i = 0; i < x->workers_len; i++)
		worker_wake(x->workers[i]);
}

/* The first worker has no thread: its loop turns on the caller's. */
static bool
turns_here(const struct examiner *x)
{
	return !worker_launched(x->workers[0]);
}

status
examiner_start(const struct examine_options *opt, const struct world *w, struct examiner **out, struct error *err)
{
	struct examiner *x = mem_zero(1, sizeof *x);
	pthread_condattr_t monotonic;
	bool ssh = route_through_ssh(opt);
	unsigned room = room_in_all(opt->jobs == 0 && ssh ? SSH_JOBS_MOST : opt->jobs);

	signal(SIGPIPE, SIG_IGN); /* a write that fails is something to record, not to die of */
	copy_options(&x->own.opt, opt);
	pthread_mutex_init(&x->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&x->more, &monotonic);
	pthread_condattr_destroy(&monotonic);
	x->last = &x->first;
	x->done_last = &x->done;
	x->tell[0] = x->tell[1] = -1;
	x->workers_most = x->own.opt.loops != 0 ? x->own.opt.loops : cores();
	if (x->workers_most > (ssh ? SSH_LOOPS_MOST : LOOPS_MOST))
		x->workers_most = ssh ? SSH_LOOPS_MOST : LOOPS_MOST;
	if (x->workers_most > room)
		x->workers_most = room;
	x->room = (room + x->workers_most - 1) / x->workers_most;
	x->workers = mem_zero(x->workers_most, sizeof *x->workers);
	if (gethostname(x->seen_from, sizeof x->seen_from - 1) != 0)
		memcpy(x->seen_from, "this host", sizeof "this host");
	x->proofs = proofs_new();
	x->boss = (struct worker_boss){
		.self = x,
		.take = take,
		.hand_over = hand_over,
		.proved = proved,
		.proofs = x->proofs,
		.world = w,
		.fetcher = fetcher_new(w),
		.seen_from = x->seen_from,
		.kept = clock_kept(),
	};
	if (tls_contexts_new(&x->own.opt, &x->own.contexts, err) != STATUS_OK || add_worker(x, err) != STATUS_OK) {
		examiner_free(x);
		return STATUS_FAILED;
	}
	*out = x;
	return STATUS_OK;
}

static void
mode_done(struct examine_mode *m)
{
	tls_contexts_free(m->contexts);
	free_options(&m->opt);
}

status
examiner_mode(struct examiner *x, const struct examine_options *opt, const struct examine_mode **out, struct error *err)
{
	struct examine_options wanted = *opt;
	struct examine_mode *m = mem_zero(1, sizeof *m);

	wanted.keylog_file = x->own.opt.keylog_file;
	copy_options(&m->opt, &wanted);
	if (tls_contexts_new(&m->opt, &m->contexts, err) != STATUS_OK) {
		mode_done(m);
		free(m);
		return STATUS_FAILED;
	}
	m->next = x->modes;
	x->modes = m;
	*out = m;
	return STATUS_OK;
}

void
examiner_many(struct examiner *x, bool many)
{
	x->many = many;
}

void
examiner_other(struct examiner *x, const struct identity *other)
{
	identity_free(x->other);
	x->other = other != NULL ? identity_ref(other) : NULL;
}

size_t
examiner_add(struct examiner *x, const struct target *t, const struct identity *id, const struct trust *trust, void *user)
{
	return examiner_add_as(x, NULL, t, id, trust, user);
}

size_t
examiner_add_as(struct examiner *x, const struct examine_mode *mode, const struct target *t, const struct identity *id,
    const struct trust *trust, void *user)
{
	struct job *j = mem_zero(1, sizeof *j);
	size_t index;

	j->mode = mode != NULL ? mode : &x->own;
	target_copy(&j->target, t);
	j->identity = id != NULL ? identity_ref(id) : NULL;
	j->other = x->other != NULL ? identity_ref(x->other) : NULL;
	j->trust = trust != NULL ? trust_ref(trust) : NULL;
	j->many = x->many;
	j->user = user;
	pthread_mutex_lock(&x->lock);
	if (x->left == 0)
		proofs_forget(x->proofs); /* what is checked again is asked again */
	index = j->index = x->added++;
	*x->last = j;
	x->last = &j->next;
	x->waiting++;
	x->left++;
	if (x->left > 1 || !turns_here(x))
		launch(x);
	pthread_mutex_unlock(&x->lock);
	return index;
}

/* Until something is done or the time is up. The lock is held. */
static void
wait_for_more(struct examiner *x, int timeout_ms)
{
	struct timespec until;

	if (timeout_ms < 0) {
		while (x->done == NULL && x->left > 0)
			pthread_cond_wait(&x->more, &x->lock);
		return;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += timeout_ms / 1000;
	until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	while (x->done == NULL && x->left > 0)
		if (pthread_cond_timedwait(&x->more, &x->lock, &until) == ETIMEDOUT)
			return;
}

static uint64_t
ticks_ms(const struct examiner *x)
{
	return x->boss.world->ticks_us(x->boss.world->self) / 1000;
}

/* The same where the loop turns on this thread. */
static void
turn(struct examiner *x, int fd, int timeout_ms)
{
	uint64_t from = ticks_ms(x), spent = 0;

	while (x->done == NULL && x->left > 0) {
		int left = timeout_ms < 0 ? -1 : spent < (uint64_t)timeout_ms ? timeout_ms - (int)spent : 0;

		if (!worker_turn(x->workers[0], fd, left))
			return;
		spent = ticks_ms(x) - from;
	}
}

/* The same where somebody else's descriptor counts too. */
static void
wait_for_either(struct examiner *x, int fd, int timeout_ms)
{
	struct pollfd fds[2] = { { .fd = examiner_fd(x), .events = POLLIN }, { .fd = fd, .events = POLLIN } };

	if (poll(fds, 2, timeout_ms) < 0)
		return; /* a signal: the caller looks at that first */
}

/* One that is done; the lock is held. */
static struct examination *
pop(struct examiner *x)
{
	struct examination *result = NULL;
	struct finished *f = x->done;
	char byte;

	if (f != NULL) {
		x->done = f->next;
		if (x->done == NULL) {
			x->done_last = &x->done;
			while (x->tell[0] != -1 && read(x->tell[0], &byte, 1) == 1)
				continue;
		}
		x->left--;
		result = f->x;
		free(f);
	}
	return result;
}

struct examination *
examiner_wait(struct examiner *x, int fd, int timeout_ms)
{
	struct examination *result;

	if (turns_here(x))
		turn(x, fd, timeout_ms);
	else if (fd != -1 && examiner_left(x) > 0)
		wait_for_either(x, fd, timeout_ms);
	pthread_mutex_lock(&x->lock);
	if (x->done == NULL && timeout_ms != 0 && fd == -1 && !turns_here(x))
		wait_for_more(x, timeout_ms);
	result = pop(x);
	pthread_mutex_unlock(&x->lock);
	return result;
}

struct examination *
examiner_next(struct examiner *x, int timeout_ms)
{
	return examiner_wait(x, -1, timeout_ms);
}

size_t
examiner_left(const struct examiner *x)
{
	pthread_mutex_t *lock = (pthread_mutex_t *)&x->lock;
	size_t left;

	pthread_mutex_lock(lock);
	left = x->left;
	pthread_mutex_unlock(lock);
	return left;
}

int
examiner_fd(struct examiner *x)
{
	int fd;

	pthread_mutex_lock(&x->lock);
	if (turns_here(x))
		launch(x);
	if (x->tell[0] == -1) {
		if (pipe2(x->tell, O_NONBLOCK | O_CLOEXEC) != 0)
			x->tell[0] = x->tell[1] = -1; /* then the caller's own time-out must do */
		if (x->done != NULL)
			tell(x);
	}
	fd = x->tell[0];
	pthread_mutex_unlock(&x->lock);
	return fd;
}

void
examiner_cancel(struct examiner *x)
{
	struct job *j;

	pthread_mutex_lock(&x->lock);
	j = x->first;
	x->first = NULL;
	x->last = &x->first;
	x->left -= x->waiting;
	x->waiting = 0;
	for (unsigned i = 0; i < x->workers_len; i++)
		worker_cancel(x->workers[i]);
	pthread_cond_broadcast(&x->more);
	pthread_mutex_unlock(&x->lock);
	while (j != NULL) {
		struct job *next = j->next;

		job_free(j);
		j = next;
	}
}

int
examiner_keylog_error(const struct examiner *x)
{
	int error = tls_contexts_keylog_error(x->own.contexts);

	for (const struct examine_mode *m = x->modes; m != NULL && error == 0; m = m->next)
		error = tls_contexts_keylog_error(m->contexts);
	return error;
}

void
examiner_free(struct examiner *x)
{
	struct examination *rest;

	if (x == NULL)
		return;
	examiner_cancel(x);
	pthread_mutex_lock(&x->lock);
	x->going = true;
	pthread_mutex_unlock(&x->lock);
	for (unsigned i = 0; i < x->workers_len; i++)
		worker_stop(x->workers[i]);
	for (unsigned i = 0; i < x->workers_len; i++)
		worker_free(x->workers[i]);
	fetcher_free(x->boss.fetcher);
	while ((rest = pop(x)) != NULL) /* nobody else is left */
		examination_free(rest);
	while (x->modes != NULL) {
		struct examine_mode *m = x->modes;

		x->modes = m->next;
		mode_done(m);
		free(m);
	}
	mode_done(&x->own);
	proofs_free(x->proofs);
	identity_free(x->other);
	if (x->tell[0] != -1) {
		close(x->tell[0]);
		close(x->tell[1]);
	}
	free(x->workers);
	pthread_cond_destroy(&x->more);
	pthread_mutex_destroy(&x->lock);
	free(x);
}
