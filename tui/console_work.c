/* Work beside the screen: a thread for each piece, which hands it back through a pipe when it is done. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "model/memory.h"
#include "tui/console_parts.h"

/*
 * Shared by the console and its threads: whoever is last frees it. A thread that reads from a server
 * which does not answer may outlive the console; it must not hold up the program's end.
 */
struct work {
	pthread_mutex_t lock;
	int tell[2];
	struct piece *done;  /* finished, in any order */
	size_t users;        /* threads, and the console */
	bool closed;         /* the console is gone: what is finished is dropped */
};

struct piece {
	struct work *of;
	struct piece *next;
	void (*work)(void *job);
	void (*done)(struct console *k, void *job);
	void (*drop)(void *job);
	void *job;
};

static struct work *
work_new(void)
{
	struct work *w = mem_zero(1, sizeof *w);

	pthread_mutex_init(&w->lock, NULL);
	if (pipe2(w->tell, O_CLOEXEC | O_NONBLOCK) != 0)
		w->tell[0] = w->tell[1] = -1;
	w->users = 1;
	return w;
}

/* Called with the lock held, which it lets go. */
static void
leave(struct work *w)
{
	bool last = --w->users == 0;

	pthread_mutex_unlock(&w->lock);
	if (!last)
		return;
	if (w->tell[0] >= 0) {
		close(w->tell[0]);
		close(w->tell[1]);
	}
	pthread_mutex_destroy(&w->lock);
	free(w);
}

static void *
run(void *arg)
{
	struct piece *p = arg;
	struct work *w = p->of;

	p->work(p->job);
	pthread_mutex_lock(&w->lock);
	if (w->closed) {
		/* Not under the lock: a job may have a waker, and freeing that takes it too. Closed it stays. */
		pthread_mutex_unlock(&w->lock);
		p->drop(p->job);
		free(p);
		pthread_mutex_lock(&w->lock);
	} else {
		p->next = w->done;
		w->done = p;
		while (write(w->tell[1], "", 1) < 0 && errno == EINTR)
			; /* full: it is readable already */
	}
	leave(w);
	return NULL;
}

struct waker {
	struct work *of;
};

struct waker *
console_waker(struct console *k)
{
	struct waker *waker = mem_zero(1, sizeof *waker);

	if (k->work == NULL)
		k->work = work_new();
	waker->of = k->work;
	pthread_mutex_lock(&k->work->lock);
	k->work->users++;
	pthread_mutex_unlock(&k->work->lock);
	return waker;
}

void
waker_wake(struct waker *waker)
{
	struct work *w = waker->of;

	pthread_mutex_lock(&w->lock);
	while (!w->closed && write(w->tell[1], "", 1) < 0 && errno == EINTR)
		; /* full: it is readable already */
	pthread_mutex_unlock(&w->lock);
}

void
waker_free(struct waker *waker)
{
	if (waker == NULL)
		return;
	pthread_mutex_lock(&waker->of->lock);
	leave(waker->of);
	free(waker);
}

bool
console_work(struct console *k, void (*work)(void *job), void (*done)(struct console *k, void *job),
    void (*drop)(void *job), void *job)
{
	struct piece *p = mem_zero(1, sizeof *p);
	sigset_t all, before;
	pthread_attr_t detached;
	pthread_t thread;
	int failed;

	if (k->work == NULL)
		k->work = work_new();
	*p = (struct piece){ .of = k->work, .work = work, .done = done, .drop = drop, .job = job };
	pthread_mutex_lock(&k->work->lock);
	k->work->users++;
	pthread_mutex_unlock(&k->work->lock);
	pthread_attr_init(&detached);
	pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
	/* Signals are the main thread's: it may be the one that has to be interrupted. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	failed = k->work->tell[0] < 0 ? EMFILE : pthread_create(&thread, &detached, run, p);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&detached);
	if (failed != 0) {
		pthread_mutex_lock(&k->work->lock);
		leave(k->work);
		free(p);
		drop(job);
		console_say(k, ROLE_FAIL, "no thread or no descriptor is left on this machine");
	}
	return failed == 0;
}

int
work_fd(const struct console *k)
{
	return k->work != NULL ? k->work->tell[0] : -1;
}

void
work_collect(struct console *k)
{
	struct piece *p, *next;
	char bytes[64];

	pthread_mutex_lock(&k->work->lock);
	while (read(k->work->tell[0], bytes, sizeof bytes) > 0)
		;
	p = k->work->done;
	k->work->done = NULL;
	pthread_mutex_unlock(&k->work->lock);
	console_changed(k); /* one that only woke us wants a frame too */
	for (; p != NULL; p = next) {
		next = p->next;
		p->done(k, p->job);
		free(p);
		console_changed(k);
	}
}

void
work_done(struct console *k)
{
	struct work *w = k->work;
	struct piece *p, *next;

	if (w == NULL)
		return;
	pthread_mutex_lock(&w->lock);
	w->closed = true;
	p = w->done;
	w->done = NULL;
	leave(w);
	for (; p != NULL; p = next) {
		next = p->next;
		p->drop(p->job);
		free(p);
	}
	k->work = NULL;
}
