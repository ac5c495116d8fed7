#include "probes/fetch.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "probes/fetch_kept.h"

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
	struct fetch_entry *e = w->entry;
	const char *why = "its name does not resolve";

	(void)error_text;
	w->lookup = NULL;
	w->resolves = false;
	pthread_mutex_lock(&f->lock);
	if (error == 0)
		keep_allowed(&e->transfer, list, len, &why);
	/* A name with one address that is forbidden and one that is not is a trap more often than a slip. */
	if (error == 0 && e->transfer.addresses_len < len && e->transfer.addresses_len < TRANSFER_ADDRESSES)
		fetcher_refuse(f, e, true, why);
	else if (e->transfer.addresses_len == 0)
		fetcher_refuse(f, e, false, why);
	else
		fetcher_queue(f, e);
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

static const char *
make_question(struct fetcher *f, struct fetch_entry *e)
{
	if (e->kind != FETCH_OCSP || e->folder != NULL)
		return NULL;
	f->world->random(f->world->self, e->nonce, sizeof e->nonce);
	if (e->about == NULL || e->issuer == NULL || !ocsp_question(e->about, e->issuer, e->nonce, &e->transfer.body))
		return "OpenSSL cannot make the question";
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
	fetcher_tidy(f);
	w->entry = why == NULL ? fetcher_find(f, key, q->many) : NULL;
	w->shared = w->entry != NULL;
	if (w->entry != NULL)
		free(key);
	else
		w->entry = fetcher_add(f, q, &place, key);
	w->next_waiting = w->entry->waiting;
	w->entry->waiting = w;
	if (!w->shared) {
		const char *cannot = make_question(f, w->entry);

		if (why != NULL || cannot != NULL)
			fetcher_refuse(f, w->entry, why != NULL, why != NULL ? why : cannot);
		else if (q->folder != NULL)
			fetcher_queue(f, w->entry);
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
	struct fetch_entry *e = w->entry;
	bool resolved = w->resolves;

	if (w->lookup != NULL)
		resolve_abandon(w->lookup);
	pthread_mutex_lock(&f->lock);
	leave_entry(w);
	if (e->waiting == NULL && (e->stage == STAGE_RESOLVING || (e->stage == STAGE_QUEUED && !go_on))) {
		fetcher_forget(f, e);
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
