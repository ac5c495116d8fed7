#include "model/identity.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/identity_load.h"
#include "model/memory.h"
#include "model/token.h"

#define STAGE "identity"
#define PATH_SHOWN 4096 /* bytes of a path that are shown: PATH_MAX */
#define READ_BY_OTHERS (S_IRGRP | S_IROTH)

/* `identity` is first: one casts to the other. */
struct identity_whole {
	struct identity identity;
	atomic_size_t refs;
};

/* What is known while an identity is being put together. */
struct loading {
	const struct identity_source *src;
	struct identity *to;
	struct objects certs, keys; /* keys: of a separate file, else empty */
	bool separate;
	struct error *err;
};

struct identity *
identity_new(void)
{
	struct identity_whole *w = mem_zero(1, sizeof *w);

	atomic_init(&w->refs, 1);
	w->identity.arena = arena_new();
	return &w->identity;
}

bool
identity_akin(const struct identity *a, const struct identity *b)
{
	const struct cert *x = a != NULL && a->len > 0 ? a->certs[0] : NULL, *y = b != NULL && b->len > 0 ? b->certs[0] : NULL;

	if (x == NULL || y == NULL || fingerprint_equal(&x->sha256, &y->sha256) || !name_equal(&x->issuer, &y->issuer))
		return false;
	return x->aki.len == 0 || y->aki.len == 0 || (x->aki.len == y->aki.len && memcmp(x->aki.bytes, y->aki.bytes, x->aki.len) == 0);
}

struct identity *
identity_ref(const struct identity *i)
{
	struct identity_whole *w = (struct identity_whole *)(uintptr_t)i;

	if (w == NULL)
		return NULL;
	atomic_fetch_add(&w->refs, 1);
	return &w->identity;
}

void
identity_free(const struct identity *i)
{
	struct identity_whole *w = (struct identity_whole *)(uintptr_t)i;

	if (w == NULL || atomic_fetch_sub(&w->refs, 1) > 1)
		return;
	for (size_t k = 0; k < i->len; k++)
		cert_free(i->certs[k]);
	key_free(i->key);
	arena_free(i->arena);
	free(w);
}

const struct cert *
identity_leaf(const struct identity *i)
{
	return i == NULL || i->len == 0 ? NULL : i->certs[0];
}

static const char *
path_shown(struct arena *a, const char *path)
{
	return token_is_uri(path) ? token_uri_shown(path, a) : text_safe_arena(a, text_of(path), PATH_SHOWN, NULL);
}

static const char *
path_of_file(struct arena *a, const char *path)
{
	return strcmp(path, "-") == 0 || token_is_uri(path) ? NULL : arena_strdup(a, path);
}

static const char *
type_of(const struct object *o)
{
	if (strcmp(o->container, "PKCS#11") == 0)
		return "P11";
	if (strcmp(o->container, "PKCS#12") == 0)
		return "P12";
	if (strcmp(o->container, "PKCS#7") == 0)
		return "P7";
	return o->line > 0 ? "PEM" : "DER";
}

static const char *
called(const struct cert *c)
{
	return c->subject.common_name[0] != '\0' ? c->subject.common_name : c->subject.safe;
}

/* "line 30", "byte 512": where an object begins. */
static const char *
place_of(struct arena *a, const struct object *o)
{
	if (o->friendly_name != NULL)
		return arena_printf(a, "“%s”", o->friendly_name);
	if (o->line > 0)
		return arena_printf(a, "line %zu", o->line);
	return arena_printf(a, "byte %zu", o->byte);
}

static bool
issued_another(const struct objects *o, const struct cert *c)
{
	for (size_t i = 0; i < o->len; i++) {
		const struct cert *other = o->items[i].cert;

		if (o->items[i].kind == OBJECT_CERT && other != c && name_equal(&other->issuer, &c->subject))
			return true;
	}
	return false;
}

/* No CA: nor an old root (version 1), nor what issued another certificate of the file without saying that it may. */
static bool
is_leaf(const struct objects *o, const struct cert *c)
{
	return !c->is_ca && !(c->self_signed && c->version < 3) && !issued_another(o, c);
}

static status
refuse_two_leaves(struct loading *l)
{
	const struct objects *o = &l->certs;
	const struct object *first = NULL;

	for (size_t i = 0; i < o->len; i++) {
		const struct object *at = &o->items[i];

		if (at->kind != OBJECT_CERT || !is_leaf(o, at->cert))
			continue;
		if (first == NULL) {
			first = at;
			continue;
		}
		if (!fingerprint_equal(&first->cert->sha256, &at->cert->sha256))
			return error_set(l->err, ERROR_INPUT, STAGE,
			    "%s: holds two leaf certificates, “%.120s” (%s) and “%.120s” (%s); expected one, then its intermediates",
			    l->to->cert_file, called(first->cert), place_of(l->to->arena, first), called(at->cert),
			    place_of(l->to->arena, at));
	}
	return STATUS_OK;
}

/* A private key that is damaged or locked is the key's trouble; anything else damaged would be sent, or not. */
static status
refuse_damaged(struct loading *l)
{
	for (size_t i = 0; i < l->certs.len; i++) {
		const struct object *o = &l->certs.items[i];

		if (o->kind == OBJECT_DAMAGED && o->meant != OBJECT_KEY)
			return error_set(l->err, ERROR_INPUT, STAGE, "%s", o->problem);
	}
	return STATUS_OK;
}

static size_t
count(const struct objects *o, enum object_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < o->len; i++)
		n += o->items[i].kind == kind;
	return n;
}

/* What stands in a file in place of what was expected: "a private key", "2 certificate requests". */
static const char *
holdings(struct arena *a, const struct objects *o)
{
	static const enum object_kind kinds[] = { OBJECT_CERT, OBJECT_KEY, OBJECT_PUBLIC_KEY, OBJECT_CSR, OBJECT_CRL };
	const char *said = NULL;

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t n = count(o, kinds[i]);
		const char *name = object_kind_name(kinds[i]);
		const char *one = n == 1 ? arena_printf(a, "a %s", name) : arena_printf(a, "%zu %ss", n, name);

		if (n > 0)
			said = said == NULL ? one : arena_printf(a, "%s and %s", said, one);
	}
	return said == NULL ? "nothing that can be read" : said;
}

static void
take_certs(struct loading *l)
{
	const struct objects *o = &l->certs;

	l->to->certs = arena_array(l->to->arena, count(o, OBJECT_CERT), sizeof(struct cert *));
	for (size_t i = 0; i < o->len; i++) {
		if (o->items[i].kind != OBJECT_CERT)
			continue;
		l->to->cert_type = type_of(&o->items[i]);
		l->to->certs[l->to->len++] = cert_ref(o->items[i].cert);
	}
}

static status
load_certs(struct loading *l)
{
	const struct read_options opt = {
		.ask = l->src->ask,
		.ask_user = l->src->ask_user,
		.type = l->src->cert_type,
	};

	if (objects_read(l->src->cert, &opt, &l->certs, l->err) != STATUS_OK)
		return STATUS_FAILED;
	if (refuse_damaged(l) != STATUS_OK)
		return STATUS_FAILED;
	if (count(&l->certs, OBJECT_CERT) == 0)
		return error_set(l->err, ERROR_INPUT, STAGE, "%s: holds %s and no certificate; expected the certificate, then its intermediates",
		    l->to->cert_file, holdings(l->to->arena, &l->certs));
	if (refuse_two_leaves(l) != STATUS_OK)
		return STATUS_FAILED;
	take_certs(l);
	return STATUS_OK;
}

static bool
is_private(const struct object *o)
{
	return o->kind == OBJECT_KEY && o->key->is_private;
}

/* The key that belongs to one of our certificates, the first of them before the others; else the first key. */
static const struct object *
choose_key(const struct identity *to, const struct objects *keys)
{
	const struct object *first = NULL;

	for (size_t c = 0; c < to->len; c++) {
		for (size_t i = 0; i < keys->len; i++) {
			if (!is_private(&keys->items[i]))
				continue;
			if (first == NULL)
				first = &keys->items[i];
			if (key_matches(keys->items[i].key, to->certs[c]))
				return &keys->items[i];
		}
	}
	return first;
}

/* Without a usable key: an error, or, where a fleet or inspect wants to go on, a finding. */
static status
without_key(struct loading *l, enum error_code code, const char *problem)
{
	if (!l->src->tolerate_bad_key)
		return error_set(l->err, code, STAGE, "%s", problem);
	l->to->key_problem = arena_strdup(l->to->arena, problem);
	return STATUS_OK;
}

static status
no_key_in(struct loading *l, const struct objects *keys)
{
	struct arena *a = l->to->arena;

	for (size_t i = 0; i < keys->len; i++) {
		if (keys->items[i].kind == OBJECT_DAMAGED && (l->separate || keys->items[i].meant == OBJECT_KEY))
			return without_key(l, ERROR_INPUT, keys->items[i].problem);
	}
	if (l->separate)
		return without_key(l, ERROR_INPUT, arena_printf(a, "%s: holds %s and no private key", l->to->key_file,
		    holdings(a, keys)));
	return without_key(l, ERROR_USAGE, arena_printf(a, "%s: holds no private key; name its file: --key FILE",
	    l->to->cert_file));
}

static bool
is_unordered(const struct object *o)
{
	return strcmp(o->container, "PKCS#12") == 0 || strcmp(o->container, "PKCS#11") == 0;
}

/* In a PKCS#12 or on a token the order of the certificates means nothing: the leaf is the one that the key belongs to. */
static void
leaf_first(struct loading *l)
{
	struct identity *to = l->to;
	struct cert *leaf;

	if (to->key == NULL || l->certs.len == 0 || !is_unordered(&l->certs.items[0]))
		return;
	for (size_t i = 1; i < to->len; i++) {
		if (!key_matches(to->key, to->certs[i]) || key_matches(to->key, to->certs[0]))
			continue;
		leaf = to->certs[i];
		memmove(to->certs + 1, to->certs, i * sizeof *to->certs);
		to->certs[0] = leaf;
		return;
	}
}

static status
load_key(struct loading *l)
{
	const struct read_options opt = {
		.ask = l->src->ask,
		.ask_user = l->src->ask_user,
		.type = l->src->key_type,
	};
	const struct objects *keys = l->separate ? &l->keys : &l->certs;
	struct error err = { 0 };
	const struct object *o;

	if (l->separate && objects_read(l->src->key, &opt, &l->keys, &err) != STATUS_OK)
		return without_key(l, err.code, err.text);
	o = choose_key(l->to, keys);
	if (o == NULL)
		return no_key_in(l, keys);
	if (!o->key->pub.readable)
		return without_key(l, ERROR_INPUT, arena_printf(l->to->arena,
		    "%s, %s: the private key (%s) cannot be used: it is damaged or beyond the limits of this program",
		    l->to->key_file, place_of(l->to->arena, o), o->key->pub.label));
	l->to->key = key_ref(o->key);
	l->to->key_type = type_of(o);
	leaf_first(l);
	l->to->matches = key_matches(l->to->key, l->to->certs[0]);
	return STATUS_OK;
}

/* A key that a passphrase protects is not exposed by who may read its file. */
static void
look_at_mode(struct loading *l)
{
	struct identity *to = l->to;
	const char *path = l->separate ? l->src->key : l->src->cert;
	struct stat sb;

	if (to->key == NULL || strcmp(path, "-") == 0 || stat(path, &sb) != 0 || !S_ISREG(sb.st_mode))
		return;
	to->key_mode = (unsigned)(sb.st_mode & 07777);
	to->key_exposed = !to->key->was_encrypted && (sb.st_mode & READ_BY_OTHERS) != 0;
}

status
identity_load(const struct identity_source *src, struct identity **out, struct error *err)
{
	struct loading l = { .src = src, .to = identity_new(), .err = err };
	struct identity *to = l.to;
	status st = STATUS_FAILED;

	*out = NULL;
	l.separate = src->key != NULL && strcmp(src->key, src->cert) != 0;
	to->name = src->name == NULL ? NULL : text_safe_arena(to->arena, text_of(src->name), TEXT_MAX_DEFAULT, NULL);
	to->cert_file = path_shown(to->arena, src->cert);
	to->key_file = l.separate ? path_shown(to->arena, src->key) : to->cert_file;
	to->cert_path = path_of_file(to->arena, src->cert);
	to->key_path = l.separate ? path_of_file(to->arena, src->key) : to->cert_path;
	if (load_certs(&l) != STATUS_OK || load_key(&l) != STATUS_OK)
		goto out;
	look_at_mode(&l);
	if (to->key != NULL && !to->matches)
		identity_look_around(to, src->cert, l.separate ? src->key : src->cert, &l.certs);
	*out = to;
	to = NULL;
	st = STATUS_OK;
out:
	objects_done(&l.certs);
	objects_done(&l.keys);
	identity_free(to);
	return st;
}

struct identity *
identity_from(const char *label, struct cert *const *certs, size_t len, struct key *key)
{
	struct identity *to = identity_new();

	to->cert_file = label == NULL ? NULL : path_shown(to->arena, label);
	to->certs = arena_array(to->arena, len, sizeof(struct cert *));
	for (size_t i = 0; i < len; i++)
		to->certs[to->len++] = cert_ref(certs[i]);
	to->key = key_ref(key);
	to->matches = key != NULL && len > 0 && key_matches(key, certs[0]);
	return to;
}

struct identity *
identity_unreadable(const char *name, const char *problem)
{
	struct identity *to = identity_new();

	to->name = text_safe_arena(to->arena, text_of(name), TEXT_MAX_DEFAULT, NULL);
	to->cert_file = to->key_file = to->name;
	to->key_problem = text_safe_arena(to->arena, text_of(problem), 0, NULL);
	return to;
}
