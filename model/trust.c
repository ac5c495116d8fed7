/*
 * The anchors, indexed by subject. A certificate costs 93 µs to parse (measured) and its subject is found in
 * less than one, so anchors are parsed when a path asks for them.
 */
#include "model/identity.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/der.h"
#include "model/memory.h"
#include "model/trust_internal.h"

struct anchor {
	struct text canonical; /* of its subject: struct name.canonical */
	struct text der;
	size_t rank;           /* among those of one subject; of a case: as the store that was saved had them */
	struct cert *cert;     /* NULL: not parsed yet */
	bool broken;           /* parsing failed */
};

/* `trust` is first: one casts to the other. */
struct trust_whole {
	struct trust trust;
	const struct trust *base; /* trust_with() */
	struct anchor *anchors;   /* by canonical subject, then by DER, each once */
	size_t cap;
	struct hashed *hashed;    /* folders that are looked into by subject hash, or NULL */
	pthread_mutex_t lock;     /* of every anchor's cert and of `hashed` */
	atomic_size_t refs;
	size_t notes_cap;
};

static struct trust_whole *
whole_of(const struct trust *t)
{
	return (struct trust_whole *)(uintptr_t)t;
}

struct trust *
trust_new(void)
{
	struct trust_whole *w = mem_zero(1, sizeof *w);

	atomic_init(&w->refs, 1);
	pthread_mutex_init(&w->lock, NULL);
	w->trust.arena = arena_new();
	return &w->trust;
}

void
trust_note(struct trust *t, const char *text)
{
	struct trust_whole *w = whole_of(t);

	t->notes = arena_grow(t->arena, t->notes, t->notes_len, &w->notes_cap, sizeof *t->notes);
	t->notes[t->notes_len++] = arena_strdup(t->arena, text);
}

void
trust_use_folders(struct trust *t, struct hashed *h)
{
	whole_of(t)->hashed = h;
}

/* The subject's Name of a certificate, header included; len 0 where its shape is not that of one. */
static struct text
subject_of(struct text der)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(der, &trouble), outer, tbs;
	struct der_value v, subject = { 0 };

	if (!der_enter(&d, DER_SEQUENCE, &outer, "the certificate") || !der_enter(&outer, DER_SEQUENCE, &tbs, "what is signed"))
		return subject.whole;
	(void)der_optional(&tbs, DER_CONTEXT_IN(0), &v, "the version");
	if (der_expect(&tbs, DER_INTEGER, &v, "the serial number") && der_expect(&tbs, DER_SEQUENCE, &v, "the algorithm") &&
	    der_expect(&tbs, DER_SEQUENCE, &v, "the issuer") && der_expect(&tbs, DER_SEQUENCE, &v, "the validity"))
		(void)der_expect(&tbs, DER_SEQUENCE, &subject, "the subject");
	return subject.whole;
}

static struct anchor *
anchor_slot(struct trust *t)
{
	struct trust_whole *w = whole_of(t);

	if (t->len == w->cap) {
		w->cap = w->cap == 0 ? 16 : w->cap * 2;
		w->anchors = mem_grow(w->anchors, w->cap, sizeof *w->anchors);
	}
	w->anchors[t->len] = (struct anchor){ .broken = false };
	return &w->anchors[t->len++];
}

bool
trust_add_der(struct trust *t, struct text der)
{
	struct text subject = subject_of(der);
	struct anchor *a;
	struct name name;

	if (subject.len == 0 || !name_parse(t->arena, subject, &name))
		return false;
	a = anchor_slot(t);
	a->canonical = name.canonical;
	a->der = der;
	return true;
}

static void
add_cert(struct trust *t, const struct cert *c)
{
	struct anchor *a = anchor_slot(t);

	a->cert = cert_ref(c);
	a->canonical = a->cert->subject.canonical;
	a->der = a->cert->der;
}

void
trust_add_saved(struct trust *t, const struct cert *c)
{
	add_cert(t, c);
	whole_of(t)->anchors[t->len - 1].rank = t->len;
}

static int
compare_texts(struct text a, struct text b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.bytes, b.bytes, len);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static int
compare_anchors(const void *a, const void *b)
{
	const struct anchor *x = a, *y = b;
	int order = compare_texts(x->canonical, y->canonical);

	if (order == 0)
		order = (x->rank > y->rank) - (x->rank < y->rank);
	return order != 0 ? order : compare_texts(x->der, y->der);
}

void
trust_finish(struct trust *t)
{
	struct trust_whole *w = whole_of(t);
	size_t kept = 0;

	if (t->len > 1)
		qsort(w->anchors, t->len, sizeof *w->anchors, compare_anchors);
	for (size_t i = 0; i < t->len; i++) {
		if (kept > 0 && text_equal(w->anchors[kept - 1].der, w->anchors[i].der))
			cert_free(w->anchors[i].cert);
		else
			w->anchors[kept++] = w->anchors[i];
	}
	t->len = t->all = kept;
}

/* With the lock held. */
static const struct cert *
parsed(struct anchor *a)
{
	if (a->cert == NULL && !a->broken) {
		a->cert = cert_parse(a->der.bytes, a->der.len, NULL);
		a->broken = a->cert == NULL;
	}
	return a->cert;
}

const struct cert *
trust_anchor(const struct trust *t, size_t i)
{
	struct trust_whole *w = whole_of(t);
	const struct cert *c;

	if (i >= t->len)
		return NULL;
	pthread_mutex_lock(&w->lock);
	c = parsed(&w->anchors[i]);
	pthread_mutex_unlock(&w->lock);
	return c;
}

/* The first anchor of that subject, or where it would stand. */
static size_t
first_of(const struct trust_whole *w, struct text canonical)
{
	size_t low = 0, high = w->trust.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_texts(w->anchors[middle].canonical, canonical) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
has_der(const struct trust_whole *w, const struct cert *c)
{
	for (size_t i = first_of(w, c->subject.canonical);
	     i < w->trust.len && compare_texts(w->anchors[i].canonical, c->subject.canonical) == 0; i++) {
		if (text_equal(w->anchors[i].der, c->der))
			return true;
	}
	return false;
}

/* What the hashed folders hold under that name: what they once gave stays alive with the store. */
static size_t
find_hashed(struct trust_whole *w, const struct cert *c, enum hashed_name which, const struct cert *found[HASHED_MAX])
{
	size_t len = 0;

	if (w->hashed == NULL)
		return 0;
	pthread_mutex_lock(&w->lock);
	len = hashed_find(w->hashed, c, which, found);
	pthread_mutex_unlock(&w->lock);
	return len;
}

bool
trust_has(const struct trust *t, const struct cert *c)
{
	struct trust_whole *w = whole_of(t);
	const struct cert *found[HASHED_MAX];
	size_t len;

	if (t == NULL)
		return false;
	if (has_der(w, c) || (w->base != NULL && trust_has(w->base, c)))
		return true;
	len = find_hashed(w, c, HASHED_SUBJECT, found);
	for (size_t i = 0; i < len; i++) {
		if (fingerprint_equal(&found[i]->sha256, &c->sha256))
			return true;
	}
	return false;
}

/* True where the caller wants no more. `visit` is called without the lock: it may ask the store again. */
static bool
visit_issuers(const struct trust *t, const struct cert *c, bool (*visit)(const struct cert *, void *), void *user)
{
	struct trust_whole *w = whole_of(t);
	const struct cert *found[HASHED_MAX];
	size_t len;

	for (size_t i = first_of(w, c->issuer.canonical);
	     i < t->len && compare_texts(w->anchors[i].canonical, c->issuer.canonical) == 0; i++) {
		const struct cert *anchor = trust_anchor(t, i);

		if (anchor != NULL && !visit(anchor, user))
			return true;
	}
	len = find_hashed(w, c, HASHED_ISSUER, found);
	for (size_t i = 0; i < len; i++) {
		if (!has_der(w, found[i]) && !visit(found[i], user))
			return true;
	}
	return w->base != NULL && visit_issuers(w->base, c, visit, user);
}

void
trust_issuers(const struct trust *t, const struct cert *c, bool (*visit)(const struct cert *, void *), void *user)
{
	if (t != NULL)
		(void)visit_issuers(t, c, visit, user);
}

struct trust *
trust_from(const char *label, struct cert *const *anchors, size_t len)
{
	return trust_with(NULL, label, anchors, len);
}

struct trust *
trust_with(const struct trust *base, const char *label, struct cert *const *anchors, size_t len)
{
	struct trust *t = trust_new();

	t->from = text_safe_arena(t->arena, text_of(label), 0, NULL);
	t->system = base != NULL && base->system;
	whole_of(t)->base = trust_ref(base);
	for (size_t i = 0; i < len; i++)
		add_cert(t, anchors[i]);
	trust_finish(t);
	return t;
}

struct trust *
trust_ref(const struct trust *t)
{
	struct trust_whole *w = whole_of(t);

	if (w == NULL)
		return NULL;
	atomic_fetch_add(&w->refs, 1);
	return &w->trust;
}

void
trust_free(const struct trust *t)
{
	struct trust_whole *w = whole_of(t);

	if (w == NULL || atomic_fetch_sub(&w->refs, 1) > 1)
		return;
	for (size_t i = 0; i < t->len; i++)
		cert_free(w->anchors[i].cert);
	free(w->anchors);
	hashed_free(w->hashed);
	trust_free(w->base);
	pthread_mutex_destroy(&w->lock);
	arena_free(t->arena);
	free(w);
}
