/* Which files hold the identities of configuration and fleet: each once, with who uses it. */
#include "tui/identity_sources.h"

#include <string.h>

#include "model/memory.h"

enum { NAMED_USERS = 5 /* endpoints of an identity that are named; more are counted */ };

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static const char *
key_or_cert(const char *key, const char *cert)
{
	return key != NULL ? key : cert;
}

/* Ten thousand endpoints with hundreds of identities: numbers are compared before texts are. */
static uint64_t
files_hash(const char *cert, const char *key)
{
	const char *texts[] = { cert, key_or_cert(key, cert) };
	uint64_t h = 1469598103934665603u;

	for (size_t i = 0; i < 2; i++)
		for (const char *c = texts[i]; c != NULL && *c != '\0'; c++)
			h = (h ^ (unsigned char)*c) * 1099511628211u;
	return h;
}

/* The identity by those files, if there is one already. */
static struct holdings_source *
source_of(struct identity_sources *r, const struct identity *id)
{
	uint64_t hash = files_hash(id->cert_file, id->key_file);

	for (size_t i = 0; i < r->len; i++) {
		struct holdings_source *s = &r->items[i];
		if (r->hashes[i] == hash && same_text(s->cert, id->cert_file) &&
		    same_text(key_or_cert(s->key, s->cert), key_or_cert(id->key_file, id->cert_file)))
			return s;
	}
	return NULL;
}

static const char *
copied(struct identity_sources *r, const char *text)
{
	return text != NULL ? arena_strdup(r->arena, text) : NULL;
}

/* The first few by name. */
static void
add_user(struct identity_sources *r, struct holdings_source *s, const struct entry *e)
{
	size_t *uses = &r->uses[s - r->items];

	if (++*uses <= NAMED_USERS)
		s->used_by = s->used_by == NULL ? copied(r, e->name) : arena_printf(r->arena, "%s, %s", s->used_by, e->name);
}

static void
count_users(struct identity_sources *r)
{
	for (size_t i = 0; i < r->len; i++)
		if (r->uses[i] > NAMED_USERS)
			r->items[i].used_by = arena_printf(r->arena, "%s and %zu more", r->items[i].used_by, r->uses[i] - NAMED_USERS);
}

/* NULL: there are as many as are read at all. */
static struct holdings_source *
add_source(struct identity_sources *r, const struct holdings_source *s)
{
	if (r->len == HOLDINGS_MOST) {
		r->left_out++;
		return NULL;
	}
	r->items[r->len] = *s;
	r->hashes[r->len] = files_hash(s->cert, s->key);
	return &r->items[r->len++];
}

/* An endpoint's identity was read when the program started, with its passphrase: it knows more than its files tell now. */
static void
add_known(struct identity_sources *r, const struct entry *e)
{
	const struct identity *id = e->identity;
	struct holdings_source *s;

	if (id == NULL || id->cert_file == NULL)
		return;
	s = source_of(r, id);
	if (s == NULL)
		s = add_source(r, &(struct holdings_source){ .name = copied(r, id->name), .cert = copied(r, id->cert_file),
		    .key = copied(r, id->key_file) });
	if (s == NULL)
		return;
	add_user(r, s, e);
	if (s->known == NULL)
		s->known = identity_ref(id);
	if (s->trust == NULL && s->trust_file == NULL)
		s->trust = trust_ref(e->trust);
}

static void
add_configured(struct identity_sources *r, const struct config *c)
{
	for (size_t i = 0; c != NULL && i < c->identities_len; i++) {
		const struct config_identity *id = &c->identities[i];

		if (id->cert != NULL)
			add_source(r, &(struct holdings_source){ .name = copied(r, id->name), .cert = copied(r, id->cert),
			    .key = copied(r, id->key), .trust_file = copied(r, id->trust) });
	}
}

static void
start(struct identity_sources *r)
{
	*r = (struct identity_sources){ .arena = arena_new() };
	r->items = arena_array(r->arena, HOLDINGS_MOST, sizeof *r->items);
	r->uses = arena_array(r->arena, HOLDINGS_MOST, sizeof *r->uses);
	r->hashes = arena_array(r->arena, HOLDINGS_MOST, sizeof *r->hashes);
}

void
identity_sources_path(struct identity_sources *r, const char *path)
{
	start(r);
	add_source(r, &(struct holdings_source){ .path = copied(r, path) });
}

void
identity_sources_known(struct identity_sources *r, const struct config *c, const struct fleet *f)
{
	start(r);
	add_configured(r, c);
	for (size_t i = 0; i < fleet_len(f); i++)
		add_known(r, fleet_at(f, i));
	count_users(r);
}

void
identity_sources_done(struct identity_sources *r)
{
	for (size_t i = 0; i < r->len; i++) {
		trust_free(r->items[i].trust);
		identity_free(r->items[i].known);
	}
	arena_free(r->arena);
	*r = (struct identity_sources){ .items = NULL };
}
