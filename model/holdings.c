#include "model/holdings.h"

#include <stdlib.h>
#include <string.h>

#include "model/hash.h"
#include "model/holdings_internal.h"
#include "model/inspect_internal.h"
#include "model/json.h"
#include "model/judged.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/times.h"

/* One reading while it is taken apart. */
struct sorting {
	struct holdings *h;
	const struct holdings_options *opt;
	const struct trust *trust;
	struct objects *o;
	struct inspection whole; /* relations over all of it */
	bool *used;              /* by object: an identity has it */
	bool *leaf;              /* by object: it is the leaf of one */
	bool *keyed;             /* by object: a certificate whose private key is here, or a key that belongs to something */
};

/* ---- names of files that go together ---- */

/* "certs/order" of "certs/order.crt", "certs/order.key" and "certs/order-key.pem". */
static size_t
stem_of(const char *file)
{
	static const char *const ends[] = { "-key", "_key", ".key" };
	const char *slash = strrchr(file, '/'), *name = slash != NULL ? slash + 1 : file, *dot = strrchr(name, '.');
	size_t len = dot != NULL && dot > name ? (size_t)(dot - file) : strlen(file);

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
		size_t n = strlen(ends[i]);
		if (len > n + (size_t)(name - file) && strncmp(file + len - n, ends[i], n) == 0)
			return len - n;
	}
	return len;
}

static bool
go_together(const char *a, const char *b)
{
	size_t len = stem_of(a);

	return strcmp(a, b) == 0 || (len == stem_of(b) && strncmp(a, b, len) == 0);
}

/* ---- what belongs to one leaf ---- */

/* A key, or what was to be one, that only its place beside the leaf's file speaks for. */
static bool
is_stray_key(const struct sorting *s, size_t index)
{
	const struct object *x = &s->o->items[index];

	if (x->kind == OBJECT_DAMAGED)
		return x->meant == OBJECT_KEY || x->needs_passphrase;
	return x->kind == OBJECT_KEY && x->key->is_private && !s->keyed[index];
}

static bool
stands_beside(const struct sorting *s, size_t leaf, size_t index)
{
	const struct object *x = &s->o->items[index];
	const char *file = s->o->items[leaf].file;

	if (strcmp(x->file, file) == 0 && x->kind != OBJECT_KEY)
		return !s->leaf[index] && x->kind != OBJECT_CRL;
	return is_stray_key(s, index) && go_together(x->file, file);
}

/* Marks the leaf, what stands beside it, what is related to it, and everything that issued something marked. */
static void
mark_part(const struct sorting *s, size_t leaf, bool *in)
{
	bool more = true;

	in[leaf] = true;
	for (size_t i = 0; i < s->o->len; i++)
		in[i] = in[i] || stands_beside(s, leaf, i);
	for (size_t k = 0; k < s->whole.relations_len; k++) {
		const struct relation *r = &s->whole.relations[k];
		if (r->kind != BELONGS_ISSUER && r->to == leaf)
			in[r->object] = true;
	}
	while (more) {
		more = false;
		for (size_t k = 0; k < s->whole.relations_len; k++) {
			const struct relation *r = &s->whole.relations[k];
			if (r->kind == BELONGS_ISSUER && in[r->to] && !in[r->object])
				more = in[r->object] = true;
		}
	}
}

static void
add_locked(struct sorting *s, struct holdings_identity *to, size_t *cap, const struct object *x)
{
	to->locked = arena_grow(s->h->arena, to->locked, to->locked_len, cap, sizeof *to->locked);
	to->locked[to->locked_len++] = x;
}

/* What is marked, the leaf first: inspect() takes the first certificate of its file for it. */
static void
take_part(struct sorting *s, size_t leaf, const bool *in, struct holdings_identity *to)
{
	size_t locked_cap = 0, marked = 0;

	for (size_t i = 0; i < s->o->len; i++)
		marked += in[i];
	to->part->items = arena_array(s->h->arena, marked + 1, sizeof *to->part->items);
	if (leaf != SIZE_MAX)
		to->part->items[to->part->len++] = s->o->items[leaf];
	for (size_t i = 0; i < s->o->len; i++) {
		if (!in[i])
			continue;
		s->used[i] = true;
		if (i == leaf)
			continue;
		if (s->o->items[i].kind == OBJECT_DAMAGED && s->o->items[i].needs_passphrase) {
			add_locked(s, to, &locked_cap, &s->o->items[i]);
			continue;
		}
		to->part->damaged += s->o->items[i].kind == OBJECT_DAMAGED;
		to->part->items[to->part->len++] = s->o->items[i];
	}
}

/* ---- judging ---- */

static void
judge(struct sorting *s, struct holdings_identity *to, const char *leaf_file, enum purpose purpose)
{
	struct error err = { .code = ERROR_NONE };
	struct inspect_options how = {
		.leaf_file = leaf_file,
		.trust = s->trust,
		.trust_named = s->trust != NULL && !s->trust->system,
		.purpose = purpose,
		.at = s->opt->at,
		.at_named = s->opt->at_named,
		.thresholds = s->opt->thresholds,
		.seen_from = s->opt->seen_from,
	};

	if (inspect(to->part, &how, &to->inspection, &err) != STATUS_OK)
		to->problem = arena_strdup(s->h->arena, err.text);
	else if (to->inspection->evidence != NULL)
		to->diagnosis = diagnose(to->inspection->evidence);
}

static struct holdings_identity *
add_identity(struct holdings *h, const char *name, const char *key)
{
	struct holdings_identity *to;

	h->judged = arena_grow(h->arena, h->judged, h->judged_len, &h->judged_cap, sizeof *h->judged);
	to = &h->judged[h->judged_len++];
	*to = (struct holdings_identity){ .name = name, .id = hash_text(hash_text(0, name != NULL ? name : ""), key),
		.part = arena_array(h->arena, 1, sizeof *to->part) };
	return to;
}

/* ---- identities that are to be found ---- */

static void
find_keyed(struct sorting *s)
{
	for (size_t k = 0; k < s->whole.relations_len; k++) {
		const struct relation *r = &s->whole.relations[k];
		const struct object *x = &s->o->items[r->object];

		if (x->kind != OBJECT_KEY || !x->key->is_private)
			continue;
		s->keyed[r->object] = true;
		s->keyed[r->to] = true;
	}
}

/* The leaves: what is no CA; where there is none, a CA whose key is here, or the one that is alone. The same one twice is one. */
static void
find_leaves(struct sorting *s)
{
	size_t found = 0, certs = 0;

	for (size_t i = 0; i < s->o->len; i++)
		certs += s->o->items[i].kind == OBJECT_CERT;
	for (int ca = 0; ca < 2 && found == 0; ca++) {
		for (size_t i = 0; i < s->o->len; i++) {
			const struct object *x = &s->o->items[i];
			bool again = false;

			if (x->kind != OBJECT_CERT || (ca == 0 ? x->cert->is_ca : !s->keyed[i] && certs > 1))
				continue;
			if (found >= HOLDINGS_MOST) {
				s->h->not_judged++;
				continue;
			}
			for (size_t k = 0; k < i && !again; k++)
				again = s->leaf[k] && cert_same(s->o->items[k].cert, x->cert);
			s->leaf[i] = !again;
			found += !again;
		}
	}
}

static void
identities_in(struct sorting *s)
{
	bool *in = mem_zero(s->o->len + 1, sizeof *in);

	find_leaves(s);
	for (size_t i = 0; i < s->o->len; i++) {
		struct holdings_identity *to;

		if (!s->leaf[i])
			continue;
		memset(in, 0, s->o->len * sizeof *in);
		mark_part(s, i, in);
		to = add_identity(s->h, NULL, s->o->items[i].cert->sha256_hex);
		take_part(s, i, in, to);
		judge(s, to, s->o->items[i].file, PURPOSE_ANY);
	}
	free(in);
}

/* ---- identities that are named ---- */

/* The program was started with the passphrase: what it opened then stands for what is locked now. */
static void
fill_from_known(struct objects *o, const struct identity *known)
{
	bool chain_here = false, key_here = false;

	for (size_t i = 0; known != NULL && i < o->len; i++) {
		chain_here = chain_here || o->items[i].kind == OBJECT_CERT;
		key_here = key_here || o->items[i].kind == OBJECT_KEY;
	}
	for (size_t i = 0; known != NULL && i < o->len; i++) {
		struct object *x = &o->items[i];

		if (x->kind != OBJECT_DAMAGED || !x->needs_passphrase)
			continue;
		if (known->key != NULL && !key_here && (x->meant == OBJECT_KEY || chain_here)) {
			x->kind = OBJECT_KEY;
			x->key = key_ref(known->key);
		} else if (!chain_here && known->len > 0) {
			/* A PKCS#12: it hid both. */
			x->kind = OBJECT_CERT;
			x->cert = cert_ref(known->certs[0]);
			for (size_t k = 1; k < known->len + (known->key != NULL && !key_here ? 1 : 0); k++) {
				struct object copy = o->items[i];

				o->items = arena_grow(o->arena, o->items, o->len, &o->cap, sizeof *o->items);
				copy.kind = k < known->len ? OBJECT_CERT : OBJECT_KEY;
				copy.cert = k < known->len ? cert_ref(known->certs[k]) : NULL;
				copy.key = k < known->len ? NULL : key_ref(known->key);
				o->items[o->len++] = copy;
			}
		} else {
			continue;
		}
		o->damaged -= o->damaged > 0;
		return;
	}
}

static void
named_identity(struct sorting *s, const struct holdings_source *src, const char *problem, const char *file_problem)
{
	const char *name = src->name != NULL ? arena_strdup(s->h->arena, src->name) : NULL;
	struct holdings_identity *to = add_identity(s->h, name, src->cert);
	bool *in = mem_zero(s->o->len + 1, sizeof *in), any = false;
	char file[QUOTE_MAX];

	to->by_files = true;
	if (src->used_by != NULL)
		to->used_by = arena_printf(s->h->arena, "used by %s", src->used_by);
	for (size_t i = 0; i < s->o->len; i++)
		in[i] = true;
	to->file_problem = file_problem != NULL ? arena_strdup(s->h->arena, file_problem) : NULL;
	take_part(s, SIZE_MAX, in, to);
	for (size_t i = 0; i < to->part->len; i++)
		any = any || to->part->items[i].kind == OBJECT_CERT;
	if (any)
		judge(s, to, src->cert, PURPOSE_CLIENT);
	else if (problem != NULL)
		to->problem = arena_strdup(s->h->arena, problem);
	else
		to->problem = arena_printf(s->h->arena, "%s holds no certificate that can be read", quote_str(src->cert, file));
	if (to->name == NULL && !any)
		to->name = arena_strdup(s->h->arena, quote_str(src->cert, file));
	free(in);
}

/* ---- sources ---- */

static const struct trust *
trust_of(struct holdings *h, const struct holdings_source *src, const struct trust **system, struct error *err)
{
	struct trust *t = NULL;

	if (src->trust != NULL)
		return src->trust;
	if (src->trust_file == NULL && *system != NULL)
		return *system;
	if (trust_load(src->trust_file, NULL, &t, err) != STATUS_OK)
		return NULL;
	h->trusts[h->trusts_len++] = t;
	if (src->trust_file == NULL)
		*system = t;
	return t;
}

static void
read_source(struct holdings *h, const struct holdings_source *src, const struct holdings_options *opt, const struct trust **system)
{
	struct objects *o = &h->readings[h->readings_len++];
	struct sorting s = { .h = h, .opt = opt, .o = o, .whole = { .objects = o, .arena = arena_new() } };
	struct read_options how = { .folders = src->path != NULL };
	struct error err = { .code = ERROR_NONE }, key_err = err, trust_err = err;
	bool read = objects_read(src->path != NULL ? src->path : src->cert, &how, o, &err) == STATUS_OK;
	const char *file_problem = NULL;
	char label[QUOTE_MAX];
	size_t before = o->len, judged_before = h->judged_len;

	/* Damaged objects say what is wrong with them themselves. */
	if (src->path == NULL && src->key != NULL && strcmp(src->key, src->cert) != 0 &&
	    objects_read(src->key, &how, o, &key_err) != STATUS_OK && o->len == before)
		file_problem = key_err.text;
	if (src->path == NULL)
		fill_from_known(o, src->known);
	s.used = mem_zero(o->len + 1, sizeof *s.used);
	s.leaf = mem_zero(o->len + 1, sizeof *s.leaf);
	s.trust = trust_of(h, src, system, &trust_err);
	if (file_problem == NULL && trust_err.code != ERROR_NONE && src->trust_file != NULL)
		file_problem = trust_err.text;
	s.keyed = mem_zero(o->len + 1, sizeof *s.keyed);
	inspect_relate(&s.whole);
	find_keyed(&s);
	if (src->path == NULL)
		named_identity(&s, src, read ? NULL : err.text, file_problem);
	else if (read)
		identities_in(&s);
	else
		add_identity(h, arena_strdup(h->arena, quote_str(src->path, label)), src->path)->problem = arena_strdup(h->arena, err.text);
	h->files += o->files;
	h->objects += o->len;
	/* Rows of the identities come when all are judged; what is left of this source waits in `rows` until then. */
	holdings_rest_rows(h, o, s.used, &s.whole, src->path != NULL ? src->path : src->cert,
	    h->judged_len == judged_before, opt->at);
	free(s.used);
	free(s.leaf);
	free(s.keyed);
	arena_free(s.whole.arena);
}

struct holdings *
holdings_read(const struct holdings_source *sources, size_t len, const struct holdings_options *opt)
{
	struct holdings *h = mem_zero(1, sizeof *h);
	const struct trust *system = NULL;
	struct holding *rest;
	size_t rest_len;

	h->arena = arena_new();
	h->readings = arena_array(h->arena, len + 1, sizeof *h->readings);
	h->trusts = arena_array(h->arena, len + 1, sizeof *h->trusts);
	for (size_t i = 0; i < len; i++)
		read_source(h, &sources[i], opt, &system);
	rest = h->rows;
	rest_len = h->len;
	h->rows = NULL;
	h->len = h->rows_cap = 0;
	for (size_t i = 0; i < h->judged_len; i++)
		holdings_identity_rows(h, &h->judged[i], opt->at);
	for (size_t i = 0; i < rest_len; i++) {
		h->rows = arena_grow(h->arena, h->rows, h->len, &h->rows_cap, sizeof *h->rows);
		h->rows[h->len++] = rest[i];
	}
	for (size_t i = 0; i < h->len; i++) {
		if (h->rows[i].kind != HOLDING_IDENTITY)
			continue;
		h->identities++;
		h->of[h->rows[i].state]++;
	}
	return h;
}

void
holdings_free(struct holdings *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->judged_len; i++) {
		diagnosis_free(h->judged[i].diagnosis);
		inspection_free(h->judged[i].inspection);
	}
	for (size_t i = 0; i < h->readings_len; i++)
		objects_done(&h->readings[i]);
	for (size_t i = 0; i < h->trusts_len; i++)
		trust_free(h->trusts[i]);
	arena_free(h->arena);
	free(h);
}

void
holdings_json(const struct holdings *h, struct buf *out)
{
	for (size_t i = 0; i < h->judged_len; i++)
		json_inspect(h->judged[i].part, h->judged[i].inspection, h->judged[i].diagnosis, out);
}

/* ---- order ---- */

struct group {
	size_t from, len;
	const struct holding *head;
	enum holdings_order by;
	bool reverse;
};

static int
compare(const struct holding *a, const struct holding *b, enum holdings_order by)
{
	int64_t x = a->ends != TIME_UNKNOWN ? a->ends : INT64_MAX, y = b->ends != TIME_UNKNOWN ? b->ends : INT64_MAX;

	switch (by) {
	case HOLDINGS_BY_STATE: return (int)b->state - (int)a->state;
	case HOLDINGS_BY_END: return x < y ? -1 : x > y;
	case HOLDINGS_BY_NAME:
	case HOLDINGS_ORDERS: break;
	}
	return strcmp(a->text, b->text);
}

static int
by_order(const void *a, const void *b)
{
	const struct group *x = a, *y = b;
	int order;

	/* The rest stands last, whichever way round. */
	if (x->head->kind != y->head->kind)
		return x->head->kind == HOLDING_REST ? 1 : -1;
	order = compare(x->head, y->head, x->by);
	if (order != 0)
		return x->reverse ? -order : order;
	order = x->by != HOLDINGS_BY_NAME ? strcmp(x->head->text, y->head->text) : 0;
	return order != 0 ? order : x->from < y->from ? -1 : x->from > y->from;
}

void
holdings_sort(struct holdings *h, enum holdings_order by, bool reverse)
{
	struct group *groups = mem_zero(h->len + 1, sizeof *groups);
	struct holding *rows = mem_zero(h->len + 1, sizeof *rows);
	size_t len = 0, to = 0;

	for (size_t i = 0; i < h->len; i++) {
		if (h->rows[i].depth == 0)
			groups[len++] = (struct group){ .from = i, .head = &h->rows[i], .by = by, .reverse = reverse };
		groups[len - 1].len++;
	}
	if (len > 1)
		qsort(groups, len, sizeof *groups, by_order);
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < groups[i].len; k++)
			rows[to++] = h->rows[groups[i].from + k];
	if (to > 0)
		memcpy(h->rows, rows, to * sizeof *rows);
	free(rows);
	free(groups);
}
