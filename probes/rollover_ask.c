/* Asking the fleet for a roll-over: every service at once, and where a name leads to several addresses, each of them. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probes/rollover_look_parts.h"
#include "probes/throwaway.h"

enum {
	LOOKS_UP_MS = 200,  /* for a signal, while services are asked */
	OTHERS_MOST = 15    /* more addresses of one service than its first: each of them sees a connection more */
};

static bool
is_cancelled(const struct looking *l)
{
	return l->how->cancel != NULL && atomic_load(l->how->cancel);
}

/* Until all that were added have answered, or not in time. */
static void
take_all(struct looking *l, struct examiner *engine)
{
	size_t done = 0, of = examiner_left(engine);
	struct examination *x;

	while (examiner_left(engine) > 0) {
		if (is_cancelled(l)) {
			examiner_cancel(engine);
			return;
		}
		if (l->how->tell != NULL)
			l->how->tell(l->how->tell_user, done, of);
		x = examiner_next(engine, LOOKS_UP_MS);
		if (x == NULL)
			continue;
		((struct asked *)x->user)->x = x;
		done++;
	}
}

/* The same target, there. False: it is no address that can be asked for. */
static bool
aim_at(const struct config_entry *e, const char *address, struct target *out)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct target there;

	if (target_parse(address, &there, &unimportant) != STATUS_OK)
		return false;
	target_copy(out, &e->parsed);
	if (out->servername == NULL && out->host != NULL)
		out->servername = mem_strdup(out->host);
	free(out->host);
	out->host = there.host;
	out->is_ip = there.is_ip;
	out->port = there.port;
	out->port_given = true;
	there.host = NULL;
	target_done(&there);
	return out->is_ip;
}

static void
ask_there(struct looking *l, struct examiner *engine, struct asked *first, const char *address)
{
	struct target t;
	struct asked *a;

	if (aim_at(first->entry, address, &t)) {
		a = mem_zero(1, sizeof *a);
		*a = (struct asked){ .entry = first->entry, .address = mem_strdup(address), .others = first->others };
		first->others = a;
		examiner_add(engine, &t, l->how->pass, l->nobody, a);
		target_done(&t);
	}
}

/* Behind a proxy the addresses are the proxy's. */
static void
ask_the_others(struct looking *l, struct examiner *engine, struct asked *first)
{
	const struct handshake *h = first->x != NULL ? evidence_baseline(first->x->evidence) : NULL;
	size_t n = 0;

	if (h == NULL || h->proxy != NULL || h->address == NULL || first->entry->parsed.host == NULL || first->entry->parsed.is_ip)
		return;
	for (size_t i = 0; i < h->attempts_len && n < OTHERS_MOST; i++) {
		bool same = strcmp(h->attempts[i].address, h->address) == 0;

		for (size_t k = 0; k < i && !same; k++)
			same = strcmp(h->attempts[i].address, h->attempts[k].address) == 0;
		if (same)
			continue;
		ask_there(l, engine, first, h->attempts[i].address);
		n++;
	}
}

/*
 * Is the wire all that says YES? A bundle that can be read says it too; and who refuses the stranger writes a line into a log, which is not to be had for
 * nothing at each measuring.
 */
static bool
wants_a_stranger(const struct looking *l, const struct asked *first)
{
	const char *file = first->entry->serves.trust;

	return l->how->pass != NULL && rollover_lets_in(first->x) && (file == NULL || access(file, R_OK) != 0);
}

static void
ask_as_a_stranger(struct looking *l, struct examiner *engine, struct asked *first, const struct identity *stranger)
{
	if (stranger == NULL || !wants_a_stranger(l, first))
		return;
	first->stranger = mem_zero(1, sizeof *first->stranger);
	first->stranger->entry = first->entry;
	examiner_add(engine, &first->entry->parsed, stranger, l->nobody, first->stranger);
}

status
rollover_ask(struct looking *l, struct asked *asked, struct error *err)
{
	const struct config *c = l->how->config;
	struct examine_options how = *l->how->options;
	struct identity *stranger = l->how->pass != NULL ? throwaway_identity() : NULL;
	struct examiner *engine;

	how.quick = true;
	if (examiner_start(&how, l->how->world, &engine, err) != STATUS_OK) {
		identity_free(stranger);
		return STATUS_FAILED;
	}
	/* Its descriptor asked for: then it runs on a thread of its own, and can be left. */
	if (l->how->cancel != NULL)
		(void)examiner_fd(engine);
	examiner_many(engine, c->fleet_len > 1);
	for (size_t i = 0; i < c->fleet_len; i++) {
		asked[i].entry = &c->fleet[i];
		examiner_add(engine, &c->fleet[i].parsed, l->how->pass, l->nobody, &asked[i]);
	}
	take_all(l, engine);
	for (size_t i = 0; i < c->fleet_len && !is_cancelled(l); i++) {
		ask_the_others(l, engine, &asked[i]);
		ask_as_a_stranger(l, engine, &asked[i], stranger);
	}
	if (!is_cancelled(l))
		take_all(l, engine);
	examiner_free(engine);
	identity_free(stranger);
	return is_cancelled(l) ? error_set(err, ERROR_NOT_DONE, "roll-over", "the measuring was cut short: nothing of it counts") : STATUS_OK;
}

void
rollover_asked_done(struct asked *asked, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		examination_free(asked[i].x);
		if (asked[i].stranger != NULL)
			examination_free(asked[i].stranger->x);
		free(asked[i].stranger);
		while (asked[i].others != NULL) {
			struct asked *a = asked[i].others;

			asked[i].others = a->others;
			examination_free(a->x);
			free(a->address);
			free(a);
		}
	}
	free(asked);
}

bool
rollover_no_way_to(const struct asked *a)
{
	const struct handshake *h = a->x != NULL ? evidence_baseline(a->x->evidence) : NULL;
	enum connect_result result = h != NULL && h->attempts_len > 0 ? h->attempts[h->attempts_len - 1].result : CONNECT_OTHER;

	return result == CONNECT_UNREACHABLE || (result == CONNECT_REFUSED && strcmp(a->entry->parsed.host, "localhost") == 0);
}
