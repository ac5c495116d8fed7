#include "probes/fetch_kept.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

enum {
	/* Somebody mends a list or a responder and checks again: an answer is good for the targets of a run, and no longer. */
	KEPT_MS = 60 * 1000,    /* for one of many targets: a thousand of one CA ask once */
	FRESH_MS = 5 * 1000,    /* for one that is looked at by itself */
	FOLDER_MS = 1000        /* nobody outside is asked */
};

static uint64_t
now_us(const struct fetcher *f)
{
	return f->world->ticks_us(f->world->self);
}

/* ---- entries; the lock is held ---- */

static void
entry_free(struct fetch_entry *e)
{
	transfer_done(&e->transfer);
	cert_free(e->about);
	cert_free(e->issuer);
	answer_free(e->answer);
	free(e->folder);
	free(e->key);
	free(e);
}

void
fetcher_forget(struct fetcher *f, struct fetch_entry *gone)
{
	for (struct fetch_entry **at = &f->entries; *at != NULL; at = &(*at)->next)
		if (*at == gone) {
			*at = gone->next;
			entry_free(gone);
			return;
		}
}

static bool
is_stale(const struct fetcher *f, const struct fetch_entry *e, bool many)
{
	uint64_t most;

	if (e->stage != STAGE_DONE)
		return false;
	most = (e->folder != NULL ? FOLDER_MS : many ? KEPT_MS : FRESH_MS) * UINT64_C(1000);
	return now_us(f) - e->done_us > most;
}

/* The newest stand first. */
void
fetcher_tidy(struct fetcher *f)
{
	size_t kept = 0;

	for (struct fetch_entry **at = &f->entries; *at != NULL;) {
		struct fetch_entry *e = *at;

		kept += e->kept;
		if (e->stage == STAGE_DONE && e->waiting == NULL && (is_stale(f, e, true) || kept > LIMIT_FETCH_KEPT)) {
			*at = e->next;
			entry_free(e);
		} else {
			at = &e->next;
		}
	}
}

static void
tell_all(struct fetch_entry *e)
{
	for (struct fetch *w = e->waiting; w != NULL; w = w->next_waiting)
		uv_async_send(&w->desk->tell);
}

static void
over(struct fetcher *f, struct fetch_entry *e, struct answer *a)
{
	e->stage = STAGE_DONE;
	e->answer = a;
	e->done_us = now_us(f);
	e->kept = a->fetched.bytes;
	a->fetched.ms = (double)(e->done_us - e->began_us) / 1000.0;
	tell_all(e);
}

void
fetcher_refuse(struct fetcher *f, struct fetch_entry *e, bool refused, const char *why)
{
	struct answer *a = answer_new(e->kind);

	answer_problem(a, refused, why);
	over(f, e, a);
}

struct fetch_entry *
fetcher_find(const struct fetcher *f, const char *key, bool many)
{
	for (struct fetch_entry *e = f->entries; e != NULL; e = e->next)
		if (!e->cut_short && strcmp(e->key, key) == 0 && !is_stale(f, e, many))
			return e;
	return NULL;
}

struct fetch_entry *
fetcher_add(struct fetcher *f, const struct fetch_question *q, struct fetch_place *place, char *key)
{
	struct fetch_entry *e = mem_zero(1, sizeof *e);

	e->key = key;
	e->kind = q->kind;
	e->stage = STAGE_RESOLVING;
	e->began_us = now_us(f);
	e->about = cert_ref(q->about);
	e->issuer = cert_ref(q->issuer);
	e->folder = q->folder != NULL ? mem_strdup(q->folder) : NULL;
	e->transfer.place = *place;
	*place = (struct fetch_place){ 0 };
	e->transfer.loopback = q->loopback;
	e->transfer.most = q->kind == FETCH_CRL ? LIMIT_FETCH_CRL : LIMIT_FETCH_SMALL;
	e->transfer.within_ms = q->kind == FETCH_CRL ? LIMIT_FETCH_CRL_MS : LIMIT_FETCH_MS;
	e->next = f->entries;
	f->entries = e;
	return e;
}

/* ---- the threads ---- */

/* The oldest, and how many there are. */
static struct fetch_entry *
next_queued(struct fetcher *f, unsigned *count)
{
	struct fetch_entry *last = NULL;

	*count = 0;
	for (struct fetch_entry *e = f->entries; e != NULL; e = e->next)
		if (e->stage == STAGE_QUEUED) {
			last = e;
			(*count)++;
		}
	return last;
}

static void
work(struct fetch_entry *e, struct answer *a)
{
	if (e->folder != NULL) {
		answer_from_folder(a, e->folder);
		return;
	}
	transfer_run(&e->transfer, e->handle);
	answer_from_transfer(a, &e->transfer, e->issuer);
	memcpy(a->fetched.nonce, e->nonce, sizeof a->fetched.nonce);
	buf_done(&e->transfer.answer);
}

static void *
run(void *user)
{
	struct fetcher *f = user;
	struct fetch_entry *e = NULL;
	unsigned queued;

	pthread_mutex_lock(&f->lock);
	for (;;) {
		while (!f->stop && (e = next_queued(f, &queued)) == NULL) {
			f->idle++;
			pthread_cond_wait(&f->more, &f->lock);
			f->idle--;
		}
		if (f->stop)
			break;
		struct answer *a = answer_new(e->kind);
		struct transfer_handle *h = e->handle = transfer_handle_new();
		e->stage = STAGE_RUNNING;
		pthread_mutex_unlock(&f->lock);
		work(e, a);
		pthread_mutex_lock(&f->lock);
		e->handle = NULL;
		transfer_handle_free(h);
		over(f, e, a);
		if (e->cut_short)
			fetcher_forget(f, e);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

void
fetcher_queue(struct fetcher *f, struct fetch_entry *e)
{
	sigset_t all, old;
	unsigned queued;

	e->stage = STAGE_QUEUED;
	(void)next_queued(f, &queued);
	if (queued > f->idle && f->threads_len < FETCH_THREADS) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		if (pthread_create(&f->threads[f->threads_len], NULL, run, f) == 0)
			f->threads_len++;
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	if (f->threads_len == 0)
		fetcher_refuse(f, e, false, "no thread can be started to ask");
	pthread_cond_signal(&f->more);
}

struct fetcher *
fetcher_new(const struct world *w)
{
	struct fetcher *f = mem_zero(1, sizeof *f);

	f->world = w;
	pthread_mutex_init(&f->lock, NULL);
	pthread_cond_init(&f->more, NULL);
	return f;
}

void
fetcher_free(struct fetcher *f)
{
	if (f == NULL)
		return;
	pthread_mutex_lock(&f->lock);
	f->stop = true;
	for (struct fetch_entry *e = f->entries; e != NULL; e = e->next)
		if (e->handle != NULL)
			transfer_end(e->handle);
	pthread_cond_broadcast(&f->more);
	pthread_mutex_unlock(&f->lock);
	for (unsigned i = 0; i < f->threads_len; i++)
		pthread_join(f->threads[i], NULL);
	while (f->entries != NULL)
		fetcher_forget(f, f->entries);
	pthread_cond_destroy(&f->more);
	pthread_mutex_destroy(&f->lock);
	free(f);
}
