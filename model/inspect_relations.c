#include "model/inspect_internal.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/memory.h"

/* Below this many pairs every key is held against every certificate, explicit curves included. */
#define PAIRS_BY_VALUE 65536

const char *
belonging_name(enum belonging b)
{
	static const char *const names[] = {
		[BELONGS_KEY] = "key of",
		[BELONGS_REQUEST] = "request for",
		[BELONGS_REQUEST_KEY] = "key of",
		[BELONGS_ISSUER] = "issuer of",
	};

	return names[b];
}

struct relating {
	struct inspection *out;
	size_t cap;
	size_t checks;
};

static void
relate(struct relating *r, enum belonging kind, size_t object, size_t to)
{
	struct inspection *i = r->out;

	if (i->relations_len >= LIMIT_RELATIONS) {
		i->relations_capped = true;
		return;
	}
	i->relations = arena_grow(i->arena, i->relations, i->relations_len, &r->cap, sizeof *i->relations);
	i->relations[i->relations_len++] = (struct relation){ .kind = kind, .object = object, .to = to };
}

static const struct public_key *
key_of(const struct object *o)
{
	switch (o->kind) {
	case OBJECT_CERT:
		return &o->cert->key;
	case OBJECT_KEY:
	case OBJECT_PUBLIC_KEY:
		return &o->key->pub;
	case OBJECT_CSR:
		return &o->csr->key;
	case OBJECT_CRL:
	case OBJECT_DAMAGED:
		break;
	}
	return NULL;
}

/* An object by its key (SHA-256 of the SubjectPublicKeyInfo), or a certificate by its subject. */
struct keyed {
	size_t object;
	const struct public_key *key;
	X509_NAME *subject;
};

static int
by_key(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int order = memcmp(x->key->spki.bytes, y->key->spki.bytes, SHA256_LEN);

	return order != 0 ? order : x->object < y->object ? -1 : x->object > y->object;
}

static int
by_subject(const void *a, const void *b)
{
	const struct keyed *x = a, *y = b;
	int order = X509_NAME_cmp(x->subject, y->subject);

	return order != 0 ? order : x->object < y->object ? -1 : x->object > y->object;
}

static void
relate_same_key(struct relating *r, const struct keyed *group, size_t len)
{
	const struct object *items = r->out->objects->items;

	for (size_t a = 0; a < len; a++) {
		enum object_kind kind = items[group[a].object].kind;

		if (kind == OBJECT_CERT)
			continue;
		for (size_t b = 0; b < len && !r->out->relations_capped; b++) {
			enum object_kind to = items[group[b].object].kind;

			if (to == OBJECT_CERT)
				relate(r, kind == OBJECT_CSR ? BELONGS_REQUEST : BELONGS_KEY, group[a].object,
				    group[b].object);
			else if (to == OBJECT_CSR && kind != OBJECT_CSR)
				relate(r, BELONGS_REQUEST_KEY, group[a].object, group[b].object);
		}
	}
}

/* The same EC key may spell its curve out in one file and name it in another: its hash differs then. */
static void
relate_by_value(struct relating *r, const size_t *keys, size_t keys_len)
{
	const struct objects *o = r->out->objects;

	for (size_t k = 0; k < keys_len; k++)
		for (size_t c = 0; c < o->len; c++)
			if (o->items[c].kind == OBJECT_CERT &&
			    !fingerprint_equal(&o->items[keys[k]].key->pub.spki, &o->items[c].cert->key.spki) &&
			    key_matches(o->items[keys[k]].key, o->items[c].cert))
				relate(r, BELONGS_KEY, keys[k], c);
}

static void
relate_keys(struct relating *r)
{
	const struct objects *o = r->out->objects;
	struct keyed *all = mem_zero(o->len + 1, sizeof *all);
	size_t *keys = mem_zero(o->len + 1, sizeof *keys);
	size_t len = 0, keys_len = 0, certs = 0;

	for (size_t i = 0; i < o->len; i++) {
		const struct public_key *key = key_of(&o->items[i]);

		certs += o->items[i].kind == OBJECT_CERT;
		if (o->items[i].kind == OBJECT_KEY || o->items[i].kind == OBJECT_PUBLIC_KEY)
			keys[keys_len++] = i;
		if (key != NULL && key->readable)
			all[len++] = (struct keyed){ .object = i, .key = key };
	}
	qsort(all, len, sizeof *all, by_key);
	for (size_t from = 0, to; from < len; from = to) {
		for (to = from + 1; to < len && fingerprint_equal(&all[from].key->spki, &all[to].key->spki); to++)
			;
		relate_same_key(r, &all[from], to - from);
	}
	if (certs == 0 || keys_len <= PAIRS_BY_VALUE / certs)
		relate_by_value(r, keys, keys_len);
	free(keys);
	free(all);
}

static bool
issued(struct relating *r, const struct cert *issuer, const struct cert *c)
{
	size_t computed = 0;

	if (issuer == c || fingerprint_equal(&issuer->sha256, &c->sha256))
		return false;
	if (r->checks++ >= LIMIT_SIGNATURE_CHECKS) {
		r->out->relations_capped = true;
		return false;
	}
	return cert_signed_by(c, issuer, &computed);
}

static void
relate_issuers(struct relating *r)
{
	const struct objects *o = r->out->objects;
	struct keyed *all = mem_zero(o->len + 1, sizeof *all);
	size_t len = 0;

	for (size_t i = 0; i < o->len; i++)
		if (o->items[i].kind == OBJECT_CERT)
			all[len++] = (struct keyed){
				.object = i, .subject = X509_get_subject_name(cert_x509(o->items[i].cert)) };
	qsort(all, len, sizeof *all, by_subject);
	for (size_t i = 0; i < o->len && !r->out->relations_capped; i++) {
		X509_NAME *wanted;
		size_t low = 0, high = len;

		if (o->items[i].kind != OBJECT_CERT || o->items[i].cert->self_signed)
			continue;
		wanted = X509_get_issuer_name(cert_x509(o->items[i].cert));
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (X509_NAME_cmp(all[middle].subject, wanted) < 0)
				low = middle + 1;
			else
				high = middle;
		}
		for (; low < len && !r->out->relations_capped && X509_NAME_cmp(all[low].subject, wanted) == 0; low++)
			if (issued(r, o->items[all[low].object].cert, o->items[i].cert))
				relate(r, BELONGS_ISSUER, all[low].object, i);
	}
	free(all);
}

static int
by_kind(const void *a, const void *b)
{
	const struct relation *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	return x->to < y->to ? -1 : x->to > y->to;
}

void
inspect_relate(struct inspection *i)
{
	struct relating r = { .out = i };

	relate_keys(&r);
	relate_issuers(&r);
	if (i->relations_len > 1)
		qsort(i->relations, i->relations_len, sizeof *i->relations, by_kind);
}
