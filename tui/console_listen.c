/* To be the server, seen from the console: starting and stopping beside the screen, what comes in kept for its views. */
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/listen_place.h"
#include "model/memory.h"
#include "tui/console_parts.h"

enum { COLLECT_MOST = 64 }; /* records taken before the next frame */

/* Of the worker while it runs. */
struct starting {
	struct listen_place place;
	struct listen_options options;
	const struct world *world;
	struct listener *listener; /* NULL: it could not */
	struct error err;
};

static void start(struct console *k);

/* ---- what comes ---- */

static void
changed(struct console *k)
{
	k->listens.clients.version++;
	console_changed(k);
}

static void
keep(struct clients *c, struct seen_client *s)
{
	enum verdict v = s->diagnosis->verdict;

	if (c->len == LIMIT_LISTEN_KEPT) {
		seen_client_free(c->items[0]);
		memmove(c->items, c->items + 1, (c->len - 1) * sizeof(struct seen_client *));
		c->len--;
		c->dropped++;
	}
	if (c->items == NULL)
		c->items = mem_zero(LIMIT_LISTEN_KEPT, sizeof *c->items);
	c->items[c->len++] = s;
	c->of[v >= VERDICT_ERROR ? 2 : v == VERDICT_WARNING ? 1 : 0]++;
}

void
listens_collect(struct console *k)
{
	struct seen_client *s;

	for (int i = 0; i < COLLECT_MOST && (s = listener_wait(k->listens.listener, -1, 0)) != NULL; i++)
		keep(&k->listens.clients, s);
	changed(k);
}

int
listens_fd(const struct console *k)
{
	return k->listens.listener != NULL ? listener_fd(k->listens.listener) : -1;
}

const struct clients *
console_clients(struct console *k)
{
	return &k->listens.clients;
}

/* ---- stopping: its threads are waited for beside the screen ---- */

struct ending {
	struct listener *listener; /* NULL: it is gone */
};

static void
free_it(void *job)
{
	struct ending *e = job;

	listener_free(e->listener);
	e->listener = NULL;
}

/* Where no thread could be had it is freed here: better a moment's wait than a port that stays open. */
static void
drop_it(void *job)
{
	free_it(job);
	free(job);
}

static void
freed(struct console *k, void *job)
{
	free(job);
	k->listens.stopping = false;
	if (k->listens.wanted != NULL)
		start(k);
	changed(k);
}

void
console_listen_stop(struct console *k)
{
	struct listens *l = &k->listens;
	struct ending *e;

	if (l->listener == NULL)
		return;
	e = mem_zero(1, sizeof *e);
	e->listener = l->listener;
	console_say(k, ROLE_TEXT, "no longer listening on %s", l->clients.about->address);
	listener_stop(l->listener);
	l->stopping = true;
	l->clients.open = false;
	l->listener = NULL;
	console_work(k, free_it, freed, drop_it, e);
	changed(k);
}

/* ---- starting ---- */

static void
begin(void *job)
{
	struct starting *s = job;

	if (listener_start(&s->options, s->world, &s->listener, &s->err) != STATUS_OK)
		s->listener = NULL;
}

static void
drop(void *job)
{
	struct starting *s = job;

	listener_free(s->listener);
	identity_free(s->options.identity);
	trust_free((struct trust *)s->options.trust);
	free(s);
}

static void
take_over(struct console *k, struct listener *listener)
{
	struct clients *c = &k->listens.clients;

	k->listens.listener = listener;
	listening_free(c->about);
	c->about = listening_ref(listener_about(listener));
	c->open = true;
	changed(k);
}

static void
begun(struct console *k, void *job)
{
	struct starting *s = job;

	k->listens.clients.starting = false;
	if (s->listener == NULL) {
		console_say(k, ROLE_FAIL, "%s", s->err.text);
	} else {
		take_over(k, s->listener);
		console_say(k, ROLE_OK, "listening on %s%s", k->listens.clients.about->address,
		    s->place.address[0] == '\0' ? "; only this machine reaches it: 0.0.0.0:PORT opens it" : "");
	}
	s->listener = NULL;
	drop(s);
	changed(k);
}

static void
start(struct console *k)
{
	struct listens *l = &k->listens;
	const struct console_setup *setup = console_setup_of(k);
	struct starting *s = mem_zero(1, sizeof *s);

	if (setup->listen != NULL)
		s->options = *setup->listen;
	else
		s->options = (struct listen_options){ .thresholds = setup->examine.thresholds, .at_set = setup->examine.at_set, .at = setup->examine.at };
	/* The worker may outlive the console, and with it whom the options were borrowed from. */
	s->options.identity = s->options.identity != NULL ? identity_ref(s->options.identity) : NULL;
	s->options.trust = trust_ref(s->options.trust);
	s->world = setup->world;
	/* It was looked at when it was typed. */
	if (listen_place_read(l->wanted, &s->place, &s->err) == STATUS_OK) {
		s->options.address = s->place.address[0] != '\0' ? s->place.address : NULL;
		s->options.port = s->place.port;
	}
	free(l->wanted);
	l->wanted = NULL;
	l->clients.starting = true;
	if (!console_work(k, begin, begun, drop, s))
		l->clients.starting = false;
	changed(k);
}

void
console_listen(struct console *k, const char *place)
{
	struct listens *l = &k->listens;
	struct listen_place read;
	struct error err = { .code = ERROR_NONE };

	if (console_practice_lab(k)) {
		console_say(k, ROLE_WARN, "not in the practice lab: leave it, and start mtlscope listen");
		return;
	}
	if (listen_place_read(place, &read, &err) != STATUS_OK) {
		console_say(k, ROLE_FAIL, "%s", err.text);
		return;
	}
	if (l->clients.starting) {
		console_say(k, ROLE_DIM, "it is being started already");
		return;
	}
	free(l->wanted);
	l->wanted = mem_strdup(place);
	if (l->listener != NULL)
		console_listen_stop(k);
	else if (!l->stopping)
		start(k);
}

static void
entered(struct console *k, const char *text, void *user)
{
	(void)user;
	if (text[0] != '\0')
		console_act(k, ACTION_LISTEN, text);
}

void
listens_ask(struct console *k)
{
	console_ask(k, &(struct asking){ .label = "listen on port ", .text = "8443", .entered = entered });
}

/* ---- its life ---- */

void
listens_start(struct console *k)
{
	struct clients *c = &k->listens.clients;

	for (size_t i = 0; i < k->setup.seen_len; i++)
		keep(c, k->setup.seen[i]);
	/* Where those came to, until it listens anew. */
	if (c->len > 0)
		c->about = listening_ref(c->items[0]->evidence->client->listening);
	if (k->setup.listener != NULL)
		take_over(k, k->setup.listener);
}

void
listens_done(struct console *k)
{
	struct listens *l = &k->listens;

	listener_free(l->listener);
	for (size_t i = 0; i < l->clients.len; i++)
		seen_client_free(l->clients.items[i]);
	free(l->clients.items);
	listening_free(l->clients.about);
	free(l->wanted);
	*l = (struct listens){ .listener = NULL };
}
