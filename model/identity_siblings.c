/* The other half of a key or certificate is often in the same folder: last year's file, or another service's. */
#include "model/identity_load.h"

#include <stdlib.h>
#include <string.h>

#include "model/folder.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/text.h"
#include "model/token.h"

#define PATH_SHOWN 4096

struct search {
	struct identity *to;
	size_t cap;
};

static void
add(struct search *s, const char *file, bool is_key, const struct fingerprint *spki, const char *label)
{
	struct identity *to = s->to;

	to->siblings = arena_grow(to->arena, to->siblings, to->siblings_len, &s->cap, sizeof *to->siblings);
	to->siblings[to->siblings_len++] = (struct sibling){
		.file = file,
		.is_key = is_key,
		.spki = *spki,
		.label = arena_strdup(to->arena, label),
	};
}

static void
add_objects(struct search *s, const struct objects *o, const char *file)
{
	for (size_t i = 0; i < o->len; i++) {
		const struct object *at = &o->items[i];

		if (at->kind == OBJECT_CERT)
			add(s, file, false, &at->cert->key.spki, at->cert->subject.safe);
		else if (at->kind == OBJECT_KEY && at->key->is_private)
			add(s, file, true, &at->key->pub.spki, at->key->pub.label);
	}
}

/* No passphrase is asked for, and none is tried: this is a look around. */
static void
look_into(void *user, const char *path, const struct input *in)
{
	struct search *s = user;
	struct objects o = { .work = LIMIT_KDF_TOTAL };
	struct error ignored = { 0 };

	(void)!objects_parse(in->bytes, in->len, path, NULL, &o, &ignored);
	add_objects(s, &o, text_safe_arena(s->to->arena, text_of(path), PATH_SHOWN, NULL));
	objects_done(&o);
}

/* A chain file that begins with the CA: the certificate that the key belongs to stands further down. */
static void
search_own_file(struct search *s, const struct objects *own)
{
	size_t seen = 0;

	for (size_t i = 0; i < own->len; i++) {
		const struct object *o = &own->items[i];

		if (o->kind != OBJECT_CERT || seen++ == 0 || !key_matches(s->to->key, o->cert))
			continue;
		add(s, o->line > 0 ? arena_printf(s->to->arena, "%s, line %zu", s->to->cert_file, o->line) : s->to->cert_file,
		    false, &s->to->key->pub.spki, o->cert->subject.safe);
	}
}

void
identity_look_around(struct identity *i, const char *cert_path, const char *key_path, const struct objects *own)
{
	struct search s = { .to = i };
	struct folder_look look = { .skip = { cert_path, key_path }, .visit = look_into, .user = &s }; /* our own files */
	char *first = NULL, *second = NULL;

	search_own_file(&s, own);
	if (strcmp(cert_path, "-") != 0 && !token_is_uri(cert_path)) {
		first = folder_of_file(cert_path);
		folder_look(&look, first);
	}
	if (strcmp(key_path, "-") != 0 && !token_is_uri(key_path)) {
		second = folder_of_file(key_path);
		if (first == NULL || strcmp(first, second) != 0)
			folder_look(&look, second);
	}
	free(first);
	free(second);
}
