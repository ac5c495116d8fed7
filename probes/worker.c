#include "probes/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "probes/fetch.h"

enum { SCRATCH = 64 * 1024 }; /* bytes of one read: three or four TLS records */

struct worker {
	const struct worker_boss *boss;
	pthread_t thread;
	bool launched;
	uv_loop_t loop;
	uv_async_t wake;
	uv_poll_t fd; /* for worker_turn() */
	uv_timer_t patience;
	bool fd_ready, time_is_up;
	int fd_watched; /* -1: the handle does not exist */
	struct ground ground;
	unsigned room, active;
	struct examination_run **under_way; /* `room` places, NULL: free */
	atomic_bool cancel, stop;
	bool filling, stopping;
	unsigned char scratch[SCRATCH];
};

static void
forget(struct worker *w, const struct examination_run *run)
{
	for (unsigned i = 0; i < w->room; i++)
		if (w->under_way[i] == run)
			w->under_way[i] = NULL;
}

static void
remember(struct worker *w, struct examination_run *run)
{
	unsigned i = 0;

	while (w->under_way[i] != NULL)
		i++;
	w->under_way[i] = run;
}

static void fill(struct worker *w);

static void
on_done(void *user, struct examination_run *run, struct examination *x)
{
	struct worker *w = user;

	bool proved = examination_proved(run);

	forget(w, run);
	w->active--;
	w->boss->hand_over(w->boss->self, x);
	if (proved)
		w->boss->proved(w->boss->self);
	fill(w);
}

static void
fill(struct worker *w)
{
	const struct worker_boss *b = w->boss;
	struct job *j;

	if (w->filling || w->stopping)
		return;
	w->filling = true;
	while (w->active < w->room && (j = b->take(b->self, w->active)) != NULL) {
		struct examination_run *run;

		w->active++;
		run = examination_start(&w->ground, j, b->proofs, b->seen_from, b->kept, on_done, w);
		if (run != NULL)
			remember(w, run);
	}
	w->filling = false;
}

static void
cancel_all(struct worker *w)
{
	bool before = w->filling;

	w->filling = true; /* nothing new begins while this goes on */
	for (unsigned i = 0; i < w->room; i++)
		if (w->under_way[i] != NULL)
			examination_cancel(w->under_way[i]);
	w->filling = before;
}

static void
on_wake(uv_async_t *async)
{
	struct worker *w = async->data;
	bool stop = atomic_load(&w->stop);

	if (stop && !w->stopping) {
		w->stopping = true;
		cancel_all(w);
		fetch_desk_close(w->ground.desk);
		w->ground.desk = NULL;
		resolver_close(w->ground.resolver);
		w->ground.resolver = NULL;
		uv_close((uv_handle_t *)&w->wake, NULL);
		uv_close((uv_handle_t *)&w->patience, NULL);
		if (w->fd_watched != -1)
			uv_close((uv_handle_t *)&w->fd, NULL);
		return; /* those were the last handles: the loop ends */
	}
	if (atomic_exchange(&w->cancel, false))
		cancel_all(w);
	for (unsigned i = 0; i < w->room; i++)
		if (w->under_way[i] != NULL)
			examination_wake(w->under_way[i]);
	fill(w);
}

static void *
run(void *user)
{
	struct worker *w = user;

	uv_run(&w->loop, UV_RUN_DEFAULT);
	return NULL;
}

status
worker_new(const struct worker_boss *boss, unsigned room, struct worker **out, struct error *err)
{
	struct worker *w = mem_zero(1, sizeof *w);
	int error;

	w->boss = boss;
	w->fd_watched = -1;
	w->room = room;
	w->under_way = mem_zero(room, sizeof *w->under_way);
	error = uv_loop_init(&w->loop);
	if (error != 0)
		goto no_loop;
	error = uv_async_init(&w->loop, &w->wake, on_wake);
	if (error != 0)
		goto no_async;
	w->wake.data = w;
	uv_timer_init(&w->loop, &w->patience);
	w->patience.data = w;
	w->ground = (struct ground){
		.loop = &w->loop,
		.resolver = resolver_new(&w->loop),
		.world = boss->world,
		.scratch = w->scratch,
		.scratch_len = sizeof w->scratch,
	};
	w->ground.desk = fetch_desk_new(&w->loop, boss->fetcher, w->ground.resolver);
	*out = w;
	return STATUS_OK;
no_async:
	uv_loop_close(&w->loop);
no_loop:
	free(w->under_way);
	free(w);
	return error_set(err, ERROR_LOCAL, "starting", "no event loop can be started: %s", uv_strerror(error));
}

status
worker_launch(struct worker *w, struct error *err)
{
	sigset_t all, old;
	int error;

	if (w->launched)
		return STATUS_OK;
	/* Signals are for the program's own thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&w->thread, NULL, run, w);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (error != 0)
		return error_set(err, ERROR_LOCAL, "starting", "no thread can be started: %s", strerror(error));
	w->launched = true;
	return STATUS_OK;
}

bool
worker_launched(const struct worker *w)
{
	return w->launched;
}

static void
on_fd(uv_poll_t *poll, int uv_error, int events)
{
	struct worker *w = poll->data;

	(void)uv_error;
	(void)events;
	w->fd_ready = true;
}

static void
on_patience(uv_timer_t *timer)
{
	struct worker *w = timer->data;

	w->time_is_up = true;
}

bool
worker_turn(struct worker *w, int fd, int timeout_ms)
{
	w->fd_ready = w->time_is_up = false;
	if (fd != -1 && w->fd_watched == -1 && uv_poll_init(&w->loop, &w->fd, fd) == 0) {
		w->fd.data = w;
		w->fd_watched = fd;
	}
	if (fd != -1 && w->fd_watched == fd)
		uv_poll_start(&w->fd, UV_READABLE, on_fd);
	uv_update_time(&w->loop);
	if (timeout_ms >= 0)
		uv_timer_start(&w->patience, on_patience, (uint64_t)timeout_ms, 0);
	fill(w);
	uv_run(&w->loop, UV_RUN_ONCE);
	uv_timer_stop(&w->patience);
	if (w->fd_watched != -1)
		uv_poll_stop(&w->fd);
	return !w->fd_ready && !w->time_is_up;
}

void
worker_wake(struct worker *w)
{
	uv_async_send(&w->wake);
}

void
worker_cancel(struct worker *w)
{
	atomic_store(&w->cancel, true);
	uv_async_send(&w->wake);
}

void
worker_stop(struct worker *w)
{
	if (!atomic_exchange(&w->stop, true))
		uv_async_send(&w->wake);
}

void
worker_free(struct worker *w)
{
	if (w == NULL)
		return;
	worker_stop(w);
	if (w->launched)
		pthread_join(w->thread, NULL);
	else
		uv_run(&w->loop, UV_RUN_DEFAULT);
	uv_loop_close(&w->loop);
	free(w->under_way);
	free(w);
}
