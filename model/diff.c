#include "model/diff.h"

#include <string.h>

#include "model/diff_cert.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/page.h"
#include "model/quote.h"
#include "model/times.h"

/* One side while it is being paired. */
struct diff_side {
	const struct objects *objects;
	size_t len;
	bool *used;
};

static bool
same(const struct object *a, const struct object *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->cert != NULL && b->cert != NULL)
		return fingerprint_equal(&a->cert->sha256, &b->cert->sha256);
	if (a->key != NULL && b->key != NULL)
		return fingerprint_equal(&a->key->pub.spki, &b->key->pub.spki);
	if (a->csr != NULL && b->csr != NULL)
		return fingerprint_equal(&a->csr->key.spki, &b->csr->key.spki) &&
		    text_equal(a->csr->subject.der, b->csr->subject.der);
	return false;
}

static bool
same_subject(const struct object *a, const struct object *b)
{
	return a->cert != NULL && b->cert != NULL && name_equal(&a->cert->subject, &b->cert->subject);
}

/* Both are what a server or client shows: the renewed one may have another subject. */
static bool
both_leaves(const struct object *a, const struct object *b)
{
	return a->cert != NULL && b->cert != NULL && !a->cert->is_ca && !b->cert->is_ca;
}

static bool
both_keys(const struct object *a, const struct object *b)
{
	return a->kind == b->kind && a->key != NULL && b->key != NULL;
}

static struct diff_pair *
add_pair(struct diff *d, const struct object *a, const struct object *b)
{
	d->pairs = arena_grow(d->arena, d->pairs, d->len, &d->cap, sizeof *d->pairs);
	d->pairs[d->len] = (struct diff_pair){ .a = a, .b = b };
	return &d->pairs[d->len++];
}

static const char *
key_words(const struct key *k, struct arena *a)
{
	char hex[SHA256_HEX];

	return arena_printf(a, "%s, SPKI %.16s…", k->pub.label, fingerprint_hex(&k->pub.spki, hex));
}

static void
compare(struct diff *d, const struct object *a, const struct object *b, int64_t now)
{
	struct diff_pair *pair = add_pair(d, a, b);

	if (a->cert != NULL && b->cert != NULL)
		diff_certificates(pair, a->cert, b->cert, now, d->arena);
	else if (a->key != NULL && b->key != NULL)
		diff_add(pair, d->arena, "key", key_words(a->key, d->arena), key_words(b->key, d->arena));
}

/* Pairs what is left on both sides and belongs together. */
static void
pair_by(struct diff *d, struct diff_side *a, struct diff_side *b, bool (*together)(const struct object *, const struct object *),
    bool report, int64_t now)
{
	for (size_t i = 0; i < a->len; i++) {
		for (size_t k = 0; k < b->len && !a->used[i]; k++) {
			if (b->used[k] || !together(&a->objects->items[i], &b->objects->items[k]))
				continue;
			a->used[i] = b->used[k] = true;
			if (report)
				compare(d, &a->objects->items[i], &b->objects->items[k], now);
			else
				d->same++;
		}
	}
}

static struct diff_side
side(struct diff *d, const struct objects *o)
{
	struct diff_side s = { .objects = o, .len = o->len };

	if (s.len > LIMIT_DIFF_OBJECTS) {
		s.len = LIMIT_DIFF_OBJECTS;
		d->capped = true;
	}
	s.used = arena_array(d->arena, s.len + 1, sizeof *s.used);
	return s;
}

/* All the same, yet not one after the other as on the other side: nginx and Java mind. */
static bool
order_differs(const struct objects *a, const struct objects *b)
{
	if (a->len != b->len)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		if (!same(&a->items[i], &b->items[i]))
			return true;
	}
	return false;
}

struct diff *
diff_objects(const struct objects *a, const struct objects *b, int64_t now)
{
	struct arena *arena = arena_new();
	struct diff *d = arena_alloc(arena, sizeof *d);

	d->arena = arena;
	struct diff_side x = side(d, a), y = side(d, b);
	pair_by(d, &x, &y, same, false, now);
	pair_by(d, &x, &y, same_subject, true, now);
	pair_by(d, &x, &y, both_leaves, true, now);
	pair_by(d, &x, &y, both_keys, true, now);
	for (size_t i = 0; i < x.len; i++) {
		if (!x.used[i])
			add_pair(d, &a->items[i], NULL);
	}
	for (size_t i = 0; i < y.len; i++) {
		if (!y.used[i])
			add_pair(d, NULL, &b->items[i]);
	}
	d->order_differs = d->len == 0 && order_differs(a, b);
	return d;
}

void
diff_free(struct diff *d)
{
	if (d != NULL)
		arena_free(d->arena);
}

static const char *
label(const struct object *x, struct arena *arena)
{
	char file[QUOTE_MAX];

	if (x->cert != NULL)
		return arena_printf(arena, "%s “%s”", x->cert->is_ca ? "CA certificate" : "certificate", cert_label(x->cert));
	if (x->csr != NULL)
		return arena_printf(arena, "%s for “%s”", object_kind_name(x->kind), x->csr->subject.safe);
	if (x->key != NULL)
		return arena_printf(arena, "%s, %s", object_kind_name(x->kind), x->key->pub.label);
	return arena_printf(arena, "%s in %s", object_kind_name(x->kind), quote_str(x->file, file));
}

static void
side_line(const struct page *p, bool second, const char *what, const char *value)
{
	enum { VALUE_COLUMN = 16 };

	if (value == NULL)
		return;
	page_tinted(p, second ? TINT_OK : TINT_FAIL, second ? "  + " : "  - ");
	page_text(p, what);
	page_pad(p, 4 + text_columns(what), VALUE_COLUMN);
	page_wrap(p, VALUE_COLUMN, VALUE_COLUMN, value);
}

void
diff_items(const struct diff_pair *pair, const struct page *p)
{
	for (size_t i = 0; i < pair->len; i++) {
		side_line(p, false, pair->items[i].what, pair->items[i].a);
		side_line(p, true, pair->items[i].what, pair->items[i].b);
	}
}

static void
one_pair(const struct diff_pair *pair, const char *name_a, const char *name_b, const struct page *p, struct arena *arena)
{
	const struct object *x = pair->a != NULL ? pair->a : pair->b;
	char shown[QUOTE_MAX];

	page_heading(p, label(x, arena));
	if (pair->a == NULL || pair->b == NULL) {
		page_tinted(p, pair->a != NULL ? TINT_FAIL : TINT_OK, pair->a != NULL ? "  - " : "  + ");
		page_textf(p, "only in %s\n", quote_str(pair->a != NULL ? name_a : name_b, shown));
		return;
	}
	diff_items(pair, p);
}

void
diff_pairs(const struct diff *d, const char *name_a, const char *name_b, const struct page *p)
{
	enum { SHOWN_PAIRS = 100 };
	struct arena *arena = arena_new();

	for (size_t i = 0; i < d->len && i < SHOWN_PAIRS; i++)
		one_pair(&d->pairs[i], name_a, name_b, p, arena);
	if (d->len > SHOWN_PAIRS)
		page_textf(p, "\nand %zu more that differ\n", d->len - SHOWN_PAIRS);
	arena_free(arena);
}

void
diff_page(const struct diff *d, const char *name_a, const char *name_b, const struct report_style *s, struct buf *out)
{
	struct page p = { .out = out, .style = s };
	char a[QUOTE_MAX], b[QUOTE_MAX];

	if (d->len == 0)
		page_textf(&p, "%s\n", d->order_differs ? "The same, in another order." : "No difference.");
	else
		page_textf(&p, "- %s\n+ %s\n", quote_str(name_a, a), quote_str(name_b, b));
	diff_pairs(d, name_a, name_b, &p);
	if (d->len > 0 && d->same > 0)
		page_textf(&p, "\n%zu %s the same on both sides.\n", d->same, d->same == 1 ? "object is" : "objects are");
	if (d->capped)
		page_textf(&p, "\nOnly the first %d objects of each side were compared.\n", LIMIT_DIFF_OBJECTS);
}
