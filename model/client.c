#include "model/client.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "model/memory.h"

/* Counted apart from what is read, which does not change any more. */
struct counted {
	struct listening listening; /* first */
	atomic_uint users;
};

bool
numbers_have(const struct numbers *n, uint16_t number)
{
	for (size_t i = 0; i < n->len; i++)
		if (n->items[i] == number)
			return true;
	return false;
}

uint16_t
client_hello_version(const struct client_hello *h)
{
	uint16_t best = h->versions.len == 0 ? h->legacy_version : 0;

	for (size_t i = 0; i < h->versions.len; i++)
		if (h->versions.items[i] > best && h->versions.items[i] <= 0x0304)
			best = h->versions.items[i];
	return best;
}

struct listening *
listening_new(void)
{
	struct counted *c = mem_zero(1, sizeof *c);

	atomic_init(&c->users, 1);
	c->listening.arena = arena_new();
	return &c->listening;
}

const struct listening *
listening_ref(const struct listening *l)
{
	if (l != NULL)
		atomic_fetch_add(&((struct counted *)l)->users, 1);
	return l;
}

void
listening_free(const struct listening *l)
{
	struct counted *c = (struct counted *)l;

	if (c == NULL || atomic_fetch_sub(&c->users, 1) > 1)
		return;
	arena_free(c->listening.arena);
	free(c);
}

struct client *
client_new(const struct listening *l)
{
	struct handshake *h = handshake_new();
	struct client *c = arena_alloc(h->arena, sizeof *c);

	h->listened = true;
	c->handshake = h;
	c->listening = listening_ref(l);
	return c;
}

void
client_free(struct client *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->certs_len; i++)
		cert_free(c->certs[i].cert);
	listening_free(c->listening);
	handshake_free(c->handshake); /* c lies in its arena */
}
