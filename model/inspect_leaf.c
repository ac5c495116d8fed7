#include "model/inspect_internal.h"

#include <string.h>

#include "model/memory.h"
#include "model/path_text.h"
#include "model/quote.h"

#define CANDIDATES_SHOWN 6

const char *
inspect_place(struct arena *a, const struct object *o)
{
	char file[QUOTE_MAX];
	const char *name = o->cert != NULL ? path_cert_name(o->cert) : object_kind_name(o->kind);

	quote_str(o->file, file);
	if (o->line != 0)
		return arena_printf(a, "“%s” (%s, line %zu)", name, file, o->line);
	if (o->byte != 0)
		return arena_printf(a, "“%s” (%s, byte %zu)", name, file, o->byte);
	return arena_printf(a, "“%s” (%s)", name, file);
}

static bool
same_cert(const struct object *a, const struct object *b)
{
	return a->cert == b->cert || fingerprint_equal(&a->cert->sha256, &b->cert->sha256);
}

static const struct object *
first_cert(const struct objects *o, const char *file)
{
	for (size_t i = 0; i < o->len; i++)
		if (o->items[i].kind == OBJECT_CERT && strcmp(o->items[i].file, file) == 0)
			return &o->items[i];
	return NULL;
}

/* What a certificate may have that speaks for it. */
enum { HAS_KEY = 1 << 0, IS_NO_CA = 1 << 1 };

/* The one certificate that has all of `wanted`; NULL where there is none or more than one. */
static const struct object *
only_one(const struct objects *o, const unsigned *traits, unsigned wanted)
{
	const struct object *found = NULL;

	for (size_t i = 0; i < o->len; i++) {
		const struct object *c = &o->items[i];

		if (c->kind != OBJECT_CERT || (traits[i] & wanted) != wanted ||
		    (found != NULL && same_cert(found, c)))
			continue;
		if (found != NULL)
			return NULL;
		found = c;
	}
	return found;
}

/* In the order of CONTRACT section 1; the last row is the only certificate there is, be it a CA's. */
static const struct {
	unsigned wanted;
	const char *why;
} ways[] = {
	{ HAS_KEY, "the one whose private key is among the files" },
	{ HAS_KEY | IS_NO_CA, "the one that is no CA and whose private key is among the files" },
	{ IS_NO_CA, "the only one that is no CA" },
	{ 0, "the only certificate" },
};

static unsigned *
traits_of(const struct inspection *i)
{
	const struct objects *o = i->objects;
	unsigned *traits = arena_array(i->arena, o->len + 1, sizeof *traits);

	for (size_t k = 0; k < o->len; k++)
		if (o->items[k].kind == OBJECT_CERT && !o->items[k].cert->is_ca)
			traits[k] |= IS_NO_CA;
	for (size_t k = 0; k < i->relations_len; k++) {
		const struct relation *r = &i->relations[k];

		if (r->kind == BELONGS_KEY && o->items[r->object].key->is_private)
			traits[r->to] |= HAS_KEY;
	}
	return traits;
}

static status
ask_which(const struct inspection *i, struct error *err)
{
	const struct objects *o = i->objects;
	struct buf list = { 0 };
	bool leaves = false;
	size_t shown = 0, left = 0;
	status result;

	for (size_t k = 0; k < o->len; k++)
		leaves = leaves || (o->items[k].kind == OBJECT_CERT && !o->items[k].cert->is_ca);
	for (size_t k = 0; k < o->len; k++) {
		const struct object *c = &o->items[k];

		if (c->kind != OBJECT_CERT || (leaves && c->cert->is_ca))
			continue;
		if (shown == CANDIDATES_SHOWN)
			left++;
		else
			buf_addf(&list, "%s%s", shown++ == 0 ? "" : ", ", inspect_place(i->arena, c));
	}
	if (left > 0)
		buf_addf(&list, " and %zu more", left);
	result = error_set(err, ERROR_INPUT, "choosing", "which certificate is meant? name it with --cert: %s",
	    buf_str(&list));
	buf_done(&list);
	return result;
}

static void
take(struct inspection *i, const struct object *leaf, const char *why)
{
	i->leaf = leaf;
	i->taken = arena_printf(i->arena, "%s: %s", inspect_place(i->arena, leaf), why);
}

status
inspect_choose_leaf(struct inspection *i, const struct inspect_options *opt, struct error *err)
{
	const struct objects *o = i->objects;
	const struct object *found;
	const unsigned *traits;
	bool any = false;

	if (opt->leaf_file != NULL) {
		char file[QUOTE_MAX];

		found = first_cert(o, opt->leaf_file);
		if (found == NULL)
			return error_set(err, ERROR_INPUT, "choosing", "%s holds no certificate that can be read",
			    quote_str(opt->leaf_file, file));
		take(i, found, "named by --cert");
		return STATUS_OK;
	}
	if (opt->first_file != NULL) {
		found = first_cert(o, opt->first_file);
		if (found != NULL && !found->cert->is_ca) {
			take(i, found, "the first certificate of the first file");
			return STATUS_OK;
		}
	}
	traits = traits_of(i);
	for (size_t k = 0; k < sizeof ways / sizeof ways[0]; k++) {
		found = only_one(o, traits, ways[k].wanted);
		if (found != NULL) {
			take(i, found, ways[k].why);
			return STATUS_OK;
		}
	}
	for (size_t k = 0; k < o->len; k++)
		any = any || o->items[k].kind == OBJECT_CERT;
	return any ? ask_which(i, err) : STATUS_OK;
}
