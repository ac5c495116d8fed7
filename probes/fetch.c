#include "probes/fetch.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/fetch_answer.h"

enum {
	THREADS = 4,            /* requests at once: an examination has about four, and they wait, not work */
	/* Somebody mends a list or a responder and checks again: an answer is good for the targets of a run, and no longer. */
	KEPT_MS = 60 * 1000,    /* for one of many targets: a thousand of one CA ask once */
	FRESH_MS = 5 * 1000,    /* for one that is looked at by itself */
	FOLDER_MS = 1000        /* nobody outside is asked */
};

enum stage { STAGE_RESOLVING, STAGE_QUEUED, STAGE_RUNNING, STAGE_DONE };

/* One question, however many ask it. The fetcher's lock guards all of it but what only a running thread touches. */
struct entry {
	struct entry *next;
	char *key;
	enum stage stage;
	struct fetch *waiting;      /* through next_waiting */
	struct transfer transfer;   /* the running thread's while it runs */
	const struct cert *about, *issuer; /* references */
	char *folder;
	unsigned char nonce[OCSP_NONCE_BYTES];
	enum fetch_kind kind;
	struct transfer_handle *handle; /* while it runs */
	bool cut_short;             /* nobody finds it any more */
	struct answer *answer;
	uint64_t began_us, done_us;
	size_t kept;                /* bytes */
};

struct fetch {
	struct fetch_desk *desk;
	struct entry *entry;        /* NULL once the answer is here */
	struct answer *answer;
	struct lookup *lookup;      /* while it resolves for all */
	bool resolves, shared;
	int family;
	fetch_done done;
	void *user;
	struct fetch *next_waiting; /* in the entry */
	struct fetch *next;         /* in the desk */
};

struct fetcher {
	const struct world *world;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct entry *entries;
	pthread_t threads[THREADS];
	unsigned threads_len, idle;
	bool stop;
};

struct fetch_desk {
	struct fetcher *fetcher;
	struct resolver *resolver;
	uv_async_t tell;
	struct fetch *fetches; /* of this loop: all that are not over */
};

static uint64_t
now_us(const struct fetcher *f)
{
	return f->world->ticks_us(f->world->self);
}

/* ---- entries; the lock is held ---- */

static void
entry_free(struct entry *e)
{
	transfer_done(&e->transfer);
	cert_free(e->about);
	cert_free(e->issuer);
	answer_free(e->answer);
	free(e->folder);
	free(e->key);
	free(e);
}

static void
forget(struct fetcher *f, struct entry *gone)
{
	for (struct entry **at = &f->entries; *at != NULL; at = &(*at)->next)
		if (*at == gone) {
			*at = gone->next;
			entry_free(gone);
			return;
		}
}

static bool
is_stale(const struct fetcher *f, const struct entry *e, bool many)
{
	uint64_t most;

	if (e->stage != STAGE_DONE)
		return false;
	most = (e->folder != NULL ? FOLDER_MS : many ? KEPT_MS : FRESH_MS) * UINT64_C(1000);
	return now_us(f) - e->done_us > most;
}

/* What has become old goes; and of what is kept the oldest, until there is room. The newest stand first. */
static void
tidy(struct fetcher *f)
{
	size_t kept = 0;

	for (struct entry **at = &f->entries; *at != NULL;) {
		struct entry *e = *at;

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
tell_all(struct entry *e)
{
	for (struct fetch *w = e->waiting; w != NULL; w = w->next_waiting)
		uv_async_send(&w->desk->tell);
}

static void
over(struct fetcher *f, struct entry *e, struct answer *a)
{
	e->stage = STAGE_DONE;
	e->answer = a;
	e->done_us = now_us(f);
	e->kept = a->fetched.bytes;
	a->fetched.ms = (double)(e->done_us - e->began_us) / 1000.0;
	tell_all(e);
}

static void
refuse(struct fetcher *f, struct entry *e, bool refused, const char *why)
{
	struct answer *a = answer_new(e->kind);

	answer_problem(a, refused, why);
	over(f, e, a);
}

/* ---- the threads ---- */

/* The oldest, and how many there are. */
static struct entry *
next_queued(struct fetcher *f, unsigned *count)
{
	struct entry *last = NULL;

	*count = 0;
	for (struct entry *e = f->entries; e != NULL; e = e->next)
		if (e->stage == STAGE_QUEUED) {
			last = e;
			(*count)++;
		}
	return last;
}

static void
work(struct entry *e, struct answer *a)
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
	struct entry *e = NULL;
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
			forget(f, e);
	}
	pthread_mutex_unlock(&f->lock);
	return NULL;
}

/* The lock is held. Where no thread can be had, those that are there do the work; without any it has failed. */
static void
queue(struct fetcher *f, struct entry *e)
{
	sigset_t all, old;
	unsigned queued;

	e->stage = STAGE_QUEUED;
	(void)next_queued(f, &queued);
	if (queued > f->idle && f->threads_len < THREADS) {
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, &old);
		if (pthread_create(&f->threads[f->threads_len], NULL, run, f) == 0)
			f->threads_len++;
		pthread_sigmask(SIG_SETMASK, &old, NULL);
	}
	if (f->threads_len == 0)
		refuse(f, e, false, "no thread can be started to ask");
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
	for (struct entry *e = f->entries; e != NULL; e = e->next)
		if (e->handle != NULL)
			transfer_end(e->handle);
	pthread_cond_broadcast(&f->more);
	pthread_mutex_unlock(&f->lock);
	for (unsigned i = 0; i < f->threads_len; i++)
		pthread_join(f->threads[i], NULL);
	while (f->entries != NULL)
		forget(f, f->entries);
	pthread_cond_destroy(&f->more);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

/* ---- resolving: on the loop of the one who asked first ---- */

/* Only what is allowed is kept; what it resolved to is all that will ever be connected. */
static void
keep_allowed(struct transfer *t, const struct address *list, size_t len, const char **why)
{
	for (size_t i = 0; i < len; i++) {
		const char *refused = fetch_address_refused(&list[i].sa, t->loopback);

		if (refused != NULL)
			*why = refused;
		else if (t->addresses_len < TRANSFER_ADDRESSES)
			t->addresses[t->addresses_len++] = list[i];
	}
}

static void
on_resolved(void *user, int error, const char *error_text, const struct address *list, size_t len)
{
	struct fetch *w = user;
	struct fetcher *f = w->desk->fetcher;
	struct entry *e = w->entry;
	const char *why = "its name does not resolve";

	(void)error_text;
	w->lookup = NULL;
	w->resolves = false;
	pthread_mutex_lock(&f->lock);
	if (error == 0)
		keep_allowed(&e->transfer, list, len, &why);
	/* A name with one address that is forbidden and one that is not is a trap more often than a slip. */
	if (error == 0 && e->transfer.addresses_len < len && e->transfer.addresses_len < TRANSFER_ADDRESSES)
		refuse(f, e, true, why);
	else if (e->transfer.addresses_len == 0)
		refuse(f, e, false, why);
	else
		queue(f, e);
	pthread_mutex_unlock(&f->lock);
}

static void
resolve_for_all(struct fetch *w)
{
	struct fetch_place *p = &w->entry->transfer.place;
	struct address literal;

	w->resolves = true;
	if (address_from_literal(p->host, p->port, &literal))
		on_resolved(w, 0, NULL, &literal, 1);
	else
		w->lookup = resolve_start(w->desk->resolver, p->host, p->port, w->family, on_resolved, w);
}

/* ---- asking ---- */

static char *
key_of(const struct fetch_question *q, const struct fetch_place *p)
{
	struct buf b = { 0 };

	if (q->folder != NULL)
		buf_addf(&b, "folder %s", q->folder);
	else
		buf_addf(&b, "%s %d %d %s %s", fetch_kind_name(q->kind), q->loopback, q->family, p->url,
		    q->kind == FETCH_OCSP && q->about != NULL ? q->about->sha256_hex : "");
	return b.data;
}

/* Takes the place. */
static struct entry *
entry_new(struct fetcher *f, const struct fetch_question *q, struct fetch_place *place, char *key)
{
	struct entry *e = mem_zero(1, sizeof *e);

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

static const char *
make_question(struct fetcher *f, struct entry *e)
{
	if (e->kind != FETCH_OCSP || e->folder != NULL)
		return NULL;
	f->world->random(f->world->self, e->nonce, sizeof e->nonce);
	if (e->about == NULL || e->issuer == NULL || !ocsp_question(e->about, e->issuer, e->nonce, &e->transfer.body))
		return "OpenSSL cannot make the question";
	return NULL;
}

static struct entry *
find(const struct fetcher *f, const char *key, bool many)
{
	for (struct entry *e = f->entries; e != NULL; e = e->next)
		if (!e->cut_short && strcmp(e->key, key) == 0 && !is_stale(f, e, many))
			return e;
	return NULL;
}

struct fetch *
fetch_start(struct fetch_desk *d, const struct fetch_question *q, fetch_done done, void *user)
{
	struct fetcher *f = d->fetcher;
	struct fetch *w = mem_zero(1, sizeof *w);
	struct fetch_place place = { 0 };
	const char *why = q->folder == NULL ? fetch_place_of(q->url, &place) : NULL;
	char *key = why == NULL ? key_of(q, &place) : mem_strdup("");
	bool resolve = false;

	transfer_start();
	*w = (struct fetch){ .desk = d, .family = q->family, .done = done, .user = user, .next = d->fetches };
	d->fetches = w;
	pthread_mutex_lock(&f->lock);
	tidy(f);
	w->entry = why == NULL ? find(f, key, q->many) : NULL;
	w->shared = w->entry != NULL;
	if (w->entry != NULL)
		free(key);
	else
		w->entry = entry_new(f, q, &place, key);
	w->next_waiting = w->entry->waiting;
	w->entry->waiting = w;
	if (!w->shared) {
		const char *cannot = make_question(f, w->entry);

		if (why != NULL || cannot != NULL)
			refuse(f, w->entry, why != NULL, why != NULL ? why : cannot);
		else if (q->folder != NULL)
			queue(f, w->entry);
		else
			resolve = true;
	} else if (w->entry->stage == STAGE_DONE) {
		uv_async_send(&d->tell);
	}
	pthread_mutex_unlock(&f->lock);
	fetch_place_done(&place);
	if (resolve)
		resolve_for_all(w);
	return w;
}

/* ---- answers, on the loop ---- */

static void
leave_entry(struct fetch *w)
{
	for (struct fetch **at = &w->entry->waiting; *at != NULL; at = &(*at)->next_waiting)
		if (*at == w) {
			*at = w->next_waiting;
			break;
		}
	w->entry = NULL;
}

static void
leave_desk(struct fetch *w)
{
	for (struct fetch **at = &w->desk->fetches; *at != NULL; at = &(*at)->next)
		if (*at == w) {
			*at = w->next;
			return;
		}
}

/* One whose answer is here, with a reference of it; and one that is to resolve, because the one that did has gone. NULL: none. */
static struct fetch *
next_ready(struct fetch_desk *d, struct fetch **resolves)
{
	struct fetch *ready = NULL;

	*resolves = NULL;
	pthread_mutex_lock(&d->fetcher->lock);
	for (struct fetch *w = d->fetches; w != NULL && ready == NULL; w = w->next) {
		if (w->entry->stage == STAGE_DONE) {
			ready = w;
			w->answer = answer_ref(w->entry->answer);
			leave_entry(w);
		} else if (w->resolves && w->lookup == NULL) {
			*resolves = w;
		}
	}
	pthread_mutex_unlock(&d->fetcher->lock);
	return ready;
}

static void
on_tell(uv_async_t *async)
{
	struct fetch_desk *d = async->data;
	struct fetch *w, *resolves;

	while ((w = next_ready(d, &resolves)) != NULL) {
		leave_desk(w);
		w->done(w->user, &w->answer->fetched, w->shared);
		answer_free(w->answer);
		free(w);
		/* The call-back may have closed the desk. */
		if (uv_is_closing((uv_handle_t *)async))
			return;
	}
	if (resolves != NULL)
		resolve_for_all(resolves);
}

/* go_on: it is worth having all the same. */
static void
leave(struct fetch *w, bool go_on)
{
	struct fetcher *f = w->desk->fetcher;
	struct entry *e = w->entry;
	bool resolved = w->resolves;

	if (w->lookup != NULL)
		resolve_abandon(w->lookup);
	pthread_mutex_lock(&f->lock);
	leave_entry(w);
	if (e->waiting == NULL && (e->stage == STAGE_RESOLVING || (e->stage == STAGE_QUEUED && !go_on))) {
		forget(f, e);
	} else if (e->waiting == NULL && e->stage == STAGE_RUNNING && !go_on) {
		e->cut_short = true;
		transfer_end(e->handle);
	} else if (e->waiting != NULL && e->stage == STAGE_RESOLVING && resolved) {
		e->waiting->resolves = true;
		uv_async_send(&e->waiting->desk->tell);
	}
	pthread_mutex_unlock(&f->lock);
	leave_desk(w);
	free(w);
}

void
fetch_cancel(struct fetch *w)
{
	leave(w, false);
}

void
fetch_leave(struct fetch *w)
{
	leave(w, true);
}

/* ---- desks ---- */

struct fetch_desk *
fetch_desk_new(uv_loop_t *loop, struct fetcher *f, struct resolver *r)
{
	struct fetch_desk *d = mem_zero(1, sizeof *d);

	d->fetcher = f;
	d->resolver = r;
	d->tell.data = d;
	if (uv_async_init(loop, &d->tell, on_tell) != 0) {
		free(d);
		return NULL;
	}
	return d;
}

static void
on_closed(uv_handle_t *h)
{
	free(h->data);
}

void
fetch_desk_close(struct fetch_desk *d)
{
	if (d == NULL)
		return;
	while (d->fetches != NULL)
		fetch_cancel(d->fetches);
	uv_close((uv_handle_t *)&d->tell, on_closed);
}
