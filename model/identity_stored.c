#include "model/identity_stored.h"

#include <stdlib.h>
#include <string.h>

#include "model/identity_load.h"
#include "model/memory.h"
#include "model/text.h"

static void
clear(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_done(b);
}

static struct cert **
certs_of(const struct objects *o, size_t *len)
{
	struct cert **list = mem_zero(o->len + 1, sizeof *list);

	*len = 0;
	for (size_t i = 0; i < o->len; i++) {
		if (o->items[i].kind == OBJECT_CERT)
			list[(*len)++] = o->items[i].cert;
	}
	return list;
}

/* One that is damaged is refused, whichever it is: what is sent would not be what is kept. */
static status
read_certificates(const struct buf *pem, const char *label, struct objects *o, struct error *err)
{
	struct read_options how = { .ask = NULL };

	if (objects_parse((const unsigned char *)pem->data, pem->len, label, &how, o, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < o->len; i++) {
		if (o->items[i].kind == OBJECT_DAMAGED)
			return error_set(err, ERROR_INPUT, "reading", "%s", o->items[i].problem);
	}
	return STATUS_OK;
}

/* The key that fits, else the first; NULL: none, and why. */
static struct key *
choose_key(const struct objects *keys, const struct cert *leaf, const char **why)
{
	struct key *first = NULL;

	for (size_t i = 0; i < keys->len; i++) {
		const struct object *o = &keys->items[i];

		if (o->kind == OBJECT_DAMAGED && *why == NULL)
			*why = o->problem;
		if (o->kind != OBJECT_KEY || !o->key->pub.readable)
			continue;
		if (key_matches(o->key, leaf))
			return o->key;
		if (first == NULL)
			first = o->key;
	}
	return first;
}

status
identity_from_stored(const char *name, const char *label, const struct stored_identity *s, passphrase_ask ask, void *ask_user,
    struct identity **out, struct error *err)
{
	struct buf pem = { 0 }, key_pem = { 0 };
	struct objects certs = { .len = 0 }, keys = { .len = 0 };
	struct read_options how = { .ask = ask, .ask_user = ask_user };
	struct error why = { .code = ERROR_NONE };
	const char *problem = NULL;
	struct cert **list = NULL;
	struct key *key = NULL;
	size_t len = 0;
	status result;

	*out = NULL;
	stored_certificates(s, &pem);
	stored_key(s, &key_pem);
	result = read_certificates(&pem, label, &certs, err);
	if (result == STATUS_OK) {
		list = certs_of(&certs, &len);
		result = len > 0 ? STATUS_OK : error_set(err, ERROR_INPUT, "reading", "%s: a certificate was expected in it", label);
	}
	if (result == STATUS_OK && key_pem.len > 0) {
		(void)(objects_parse((const unsigned char *)key_pem.data, key_pem.len, label, &how, &keys, &why) == STATUS_OK);
		key = choose_key(&keys, list[0], &problem);
	}
	if (result == STATUS_OK) {
		*out = identity_from(label, list, len, key);
		(*out)->name = text_safe_arena((*out)->arena, text_of(name), TEXT_MAX_DEFAULT, NULL);
		(*out)->key_file = (*out)->cert_file;
		if (key == NULL)
			(*out)->key_problem = problem != NULL ? text_safe_arena((*out)->arena, text_of(problem), 0, NULL)
			                                      : arena_printf((*out)->arena, "%s: holds no private key that can be used", (*out)->cert_file);
	}
	free(list);
	objects_done(&certs);
	objects_done(&keys);
	clear(&pem);
	clear(&key_pem);
	return result;
}

struct trust *
trust_from_stored(const char *label, const struct stored_identity *s)
{
	struct error unimportant = { .code = ERROR_NONE };
	struct objects o = { .len = 0 };
	struct trust *out = NULL;
	struct buf pem = { 0 };

	stored_roots(s, &pem);
	if (pem.len > 0 && read_certificates(&pem, label, &o, &unimportant) == STATUS_OK) {
		size_t len;
		struct cert **list = certs_of(&o, &len);

		out = len > 0 ? trust_from(label, list, len) : NULL;
		free(list);
	}
	objects_done(&o);
	buf_done(&pem);
	return out;
}
