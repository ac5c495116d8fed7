#include "model/sightings.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"

/* Enough to be told from every other one: 128 bits are drawn for it, and its CA's key where that was seen. */
static const char *
issuer_key(const struct cert *c, const struct handshake *h, char out[SHA256_HEX])
{
	size_t checks = 0;

	for (size_t i = 0; i < h->server_certs_len; i++) {
		const struct cert *issuer = h->server_certs[i].cert;

		if (issuer != NULL && issuer != c && cert_could_issue(issuer, c) && cert_signed_by(c, issuer, &checks))
			return fingerprint_hex(&issuer->key.spki, out);
	}
	return NULL;
}

static void
add(struct sightings *s, const struct cert *c, const char *key, const char *endpoint, int64_t at)
{
	if (c == NULL || c->serial_hex == NULL || c->serial_hex[0] == '-')
		return;
	if (s->len == s->cap) {
		s->cap = s->cap > 0 ? s->cap * 2 : 16;
		s->items = mem_grow(s->items, s->cap, sizeof *s->items);
	}
	s->items[s->len++] = (struct sighting){ .serial = mem_strdup(c->serial_hex), .issuer_key = key != NULL ? mem_strdup(key) : NULL,
		.endpoint = mem_strdup(endpoint), .at = at };
}

void
sightings_add(struct sightings *s, const struct evidence *ev, const char *endpoint, int64_t at)
{
	const struct handshake *h = evidence_baseline(ev);
	char key[SHA256_HEX];

	if (h == NULL)
		return;
	for (size_t i = 0; i < h->server_certs_len; i++)
		if (h->server_certs[i].cert != NULL)
			add(s, h->server_certs[i].cert, issuer_key(h->server_certs[i].cert, h, key), endpoint, at);
	if (h->sent_certs_len > 0)
		add(s, identity_leaf(ev->identity), NULL, endpoint, at);
}

status
sightings_write(const struct sightings *s, const char *path, const struct world *w, struct error *err)
{
	struct inventory *i = NULL;
	status done;

	if (s->len == 0 || !inventory_exists(path, w))
		return STATUS_OK;
	done = inventory_open(path, w, &i, err);
	for (size_t n = 0; n < s->len && done == STATUS_OK; n++)
		done = inventory_put_seen(i, s->items[n].serial, s->items[n].issuer_key, s->items[n].endpoint, s->items[n].at, err);
	inventory_close(i);
	return done;
}

void
sightings_done(struct sightings *s)
{
	for (size_t i = 0; i < s->len; i++) {
		free(s->items[i].serial);
		free(s->items[i].issuer_key);
		free(s->items[i].endpoint);
	}
	free(s->items);
	*s = (struct sightings){ .items = NULL };
}
