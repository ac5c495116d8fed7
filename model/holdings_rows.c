/* Identities and what is left of a reading, as rows of a tree. */
#include <string.h>

#include "model/hash.h"
#include "model/holdings_internal.h"
#include "model/inspect_page.h"
#include "model/judged.h"
#include "model/memory.h"
#include "model/mend.h"
#include "model/quote.h"
#include "model/times.h"

enum { SHOWN_FINDINGS = 12, NAME_MOST = 60 };

/* Text, note and detail are in h's arena or live as long. `key` tells it from its sisters in every reading. */
static struct holding *
add(struct holdings *h, enum holding_kind kind, int depth, uint64_t parent, const char *key, const char *text)
{
	struct holding *row;
	uint64_t id = hash_text(hash_text(parent, key), (const char[]){ (char)('a' + (int)kind), '\0' });

	/* The same thing twice below one parent: the second is the second in every reading too. */
	for (size_t i = h->len; depth > 0 && i-- > 0 && h->rows[i].depth > 0;)
		if (h->rows[i].id == id)
			id++;
	h->rows = arena_grow(h->arena, h->rows, h->len, &h->rows_cap, sizeof *h->rows);
	row = &h->rows[h->len++];
	*row = (struct holding){ .kind = kind, .depth = depth, .id = depth == 0 ? parent : id, .text = text, .note = "", .detail = "",
		.ends = TIME_UNKNOWN };
	return row;
}

/* What is said of a file without the folder that it lies in: the whole path is for the detail. */
static const char *
in_its_folder(const char *text, const char *file)
{
	const char *slash = strrchr(file, '/');
	size_t folder = slash != NULL ? (size_t)(slash - file) + 1 : 0;

	return folder > 0 && strncmp(text, file, folder) == 0 ? text + folder : text;
}

static void
judged_as(struct holding *row, enum state s)
{
	row->judged = true;
	row->state = s;
}

static const char *
until_words(const struct cert *c, int64_t now, struct arena *a)
{
	char text[TIME_TEXT_MAX];

	return arena_strdup(a, time_validity(c->not_before, c->not_after, now, text));
}

static const struct object *
object_with(const struct objects *o, const struct cert *c)
{
	for (size_t i = 0; i < o->len; i++)
		if (o->items[i].kind == OBJECT_CERT && cert_same(o->items[i].cert, c))
			return &o->items[i];
	return NULL;
}

static const struct path *
path_of(const struct diagnosis *d)
{
	const struct path_set *set = d == NULL ? NULL : d->our_paths != NULL ? d->our_paths : d->server_paths;

	return set != NULL ? paths_best(set) : NULL;
}

/* ---- one identity ---- */

static void
finding_rows(struct holdings *h, const struct holdings_identity *i)
{
	const struct diagnosis *d = i->diagnosis;

	for (size_t k = 0; d != NULL && k < d->len && k < SHOWN_FINDINGS; k++) {
		const struct finding *f = &d->findings[k];
		const char *code = code_info(f->code)->name, *title = f->title != NULL ? f->title : code_phrase(f->code);
		struct holding *row = add(h, HOLDING_FINDING, 1, i->id, arena_printf(h->arena, "%s %s", code, title), title);

		judged_as(row, state_of_severity(f->severity));
		row->note = code;
		row->detail = arena_printf(h->arena, "%s Mend: %s.", f->why != NULL ? f->why : "", mend_words(d, f, h->arena));
		row->cert = f->certificate;
	}
}

static void
cert_row(struct holdings *h, const struct holdings_identity *i, const struct cert *c, const char *role, int64_t now)
{
	const struct object *x = object_with(i->part, c);
	struct holding *row = add(h, HOLDING_CERT, 1, i->id, c->sha256_hex,
	    arena_printf(h->arena, "%s “%s”", role, page_cut(h->arena, cert_label(c), NAME_MOST)));

	judged_as(row, time_between(c->not_before, c->not_after, now) ? STATE_OK : STATE_FAIL);
	row->cert = c;
	row->note = until_words(c, now, h->arena);
	row->detail = x != NULL ? arena_printf(h->arena, "%s: %s", object_place(x, h->arena), object_words(x, h->arena)) :
	    "It does not stand in these files: it is known from the trusted CAs.";
}

/* From the leaf up, as far as files and trust store lead; then the name of who is missing. */
static void
chain_rows_of(struct holdings *h, const struct holdings_identity *i, int64_t now)
{
	const struct path *p = path_of(i->diagnosis);
	const struct cert *top = NULL;
	struct holding *row;

	for (size_t k = 0; p != NULL && k < p->len; k++) {
		top = p->links[k].cert;
		cert_row(h, i, top, k == 0 ? "leaf" : top->self_issued ? "root" : "issuer", now);
	}
	if (p == NULL && i->inspection != NULL && i->inspection->leaf != NULL)
		cert_row(h, i, i->inspection->leaf->cert, "leaf", now);
	if (top == NULL || p->complete || p->anchored || top->self_issued)
		return;
	row = add(h, HOLDING_MISSING, 1, i->id, top->issuer.safe, arena_printf(h->arena, "issuer “%s”", page_cut(h->arena,
	    top->issuer.common_name != NULL && top->issuer.common_name[0] != '\0' ? top->issuer.common_name : top->issuer.safe, NAME_MOST)));
	/* Whether it is a root, which need not be sent, only the findings can tell. */
	bool lacks = diagnosis_find(i->diagnosis, CODE_CLIENT_MISSING_INTERMEDIATE) != NULL ||
	    diagnosis_find(i->diagnosis, CODE_CHAIN_MISSING_INTERMEDIATE) != NULL;
	judged_as(row, lacks ? STATE_FAIL : STATE_NOTE);
	row->note = lacks ? "NOT HERE" : "not here";
	row->detail = lacks ? "It stands in none of these files, and it must be sent with the leaf." :
	    "It stands in none of these files. A root need not be sent; an intermediate must.";
}

static void
key_row(struct holdings *h, const struct holdings_identity *i, const struct object *x)
{
	const struct key *k = x->key;
	const struct object *leaf = i->inspection != NULL ? i->inspection->leaf : NULL;
	bool fits = leaf != NULL && key_matches(k, leaf->cert), exposed = object_exposed(x);
	/* Where the right key is here too, another one beside it does no harm. */
	char file[QUOTE_MAX];
	bool harmful = leaf != NULL && !fits && k->is_private && diagnosis_find(i->diagnosis, CODE_KEY_MISMATCH) != NULL;
	struct holding *row = add(h, HOLDING_KEY, 1, i->id, arena_printf(h->arena, "%s %s", x->file, k->pub.label),
	    arena_printf(h->arena, "%s %s in %s%s%s", k->is_private ? "key" : "public key", k->pub.label,
		in_its_folder(quote_str(x->file, file), x->file), k->was_encrypted ? ", encrypted" : "",
		leaf == NULL ? "" : fits ? ", of the leaf" : ", of another certificate"));

	judged_as(row, harmful ? STATE_FAIL : exposed ? STATE_WARN : fits ? STATE_OK : STATE_NOTE);
	if (k->is_private && x->mode != 0)
		row->note = arena_printf(h->arena, "mode %04o", x->mode);
	row->detail = arena_printf(h->arena, "%s%s", object_place(x, h->arena),
	    exposed ? ": others on this machine can read it. Mend: chmod 600." : "");
}

static void
other_part_rows(struct holdings *h, const struct holdings_identity *i, int64_t now)
{
	const struct path *p = path_of(i->diagnosis);
	bool any_key = i->locked_len > 0 || i->file_problem != NULL;

	for (size_t k = 0; k < i->part->len; k++) {
		const struct object *x = &i->part->items[k];
		struct holding *row;

		switch (x->kind) {
		case OBJECT_CERT:
			if ((p == NULL || !path_holds(p, x->cert)) && (p != NULL || x->cert != i->part->items[0].cert))
				cert_row(h, i, x->cert, "beside", now);
			break;
		case OBJECT_KEY:
			any_key = any_key || x->key->is_private;
			key_row(h, i, x);
			break;
		case OBJECT_PUBLIC_KEY: key_row(h, i, x); break;
		case OBJECT_CSR:
			row = add(h, HOLDING_REQUEST, 1, i->id, x->file, arena_printf(h->arena, "request for “%s”", x->csr->subject.safe));
			judged_as(row, x->csr->signature_ok ? STATE_OK : STATE_WARN);
			row->note = x->csr->signature_ok ? "the same key" : "bad signature";
			row->detail = object_place(x, h->arena);
			break;
		case OBJECT_CRL:
			add(h, HOLDING_OTHER, 1, i->id, x->file, object_kind_name(x->kind))->detail = object_place(x, h->arena);
			break;
		case OBJECT_DAMAGED:
			any_key = any_key || x->meant == OBJECT_KEY;
			row = add(h, HOLDING_DAMAGED, 1, i->id, x->problem, in_its_folder(x->problem, x->file));
			row->detail = x->problem;
			judged_as(row, STATE_FAIL);
			break;
		}
	}
	if (!any_key && i->inspection != NULL && i->inspection->leaf != NULL) {
		struct holding *row = add(h, HOLDING_MISSING, 1, i->id, "key", "private key");

		judged_as(row, STATE_NOTE);
		row->note = "not here";
		row->detail = "No private key that belongs to the leaf stands in these files.";
	}
}

static const char *
locked_words(struct holdings *h, const struct object *x)
{
	return arena_printf(h->arena, "%s needs its passphrase", in_its_folder(object_place(x, h->arena), x->file));
}

static void
locked_row(struct holdings *h, uint64_t parent, const struct object *x)
{
	char file[QUOTE_MAX];
	struct holding *row = add(h, HOLDING_LOCKED, 1, parent, x->problem != NULL ? x->problem : x->file, locked_words(h, x));

	judged_as(row, STATE_NOTE);
	row->note = "locked";
	row->detail = arena_printf(h->arena, "mtlscope inspect %s asks for it.", quote_str(x->file, file));
}

/* When the first certificate of the chain ends. */
static int64_t
ends_at(const struct holdings_identity *i)
{
	const struct path *p = path_of(i->diagnosis);
	int64_t first = TIME_UNKNOWN;

	for (size_t k = 0; p != NULL && k < p->len; k++) {
		int64_t end = p->links[k].cert->not_after;
		if (end != TIME_UNKNOWN && (first == TIME_UNKNOWN || end < first))
			first = end;
	}
	return first;
}

static const char *
ends_words(int64_t at, int64_t now, struct arena *a)
{
	char text[TIME_TEXT_MAX];

	if (at == TIME_UNKNOWN)
		return "";
	if (at < now)
		return arena_printf(a, "ended %s ago", time_span_long(now - at, text));
	return arena_printf(a, "%s left", time_span_long(at - now, text));
}

/*
 * "order-service, order.crt": many certificates have the same name. Where identities come from all over
 * the place, files of the same name do too: then the folder says which.
 */
static const char *
with_file(struct holdings *h, const struct holdings_identity *i, const char *called)
{
	const char *file = i->inspection->leaf->file, *from = file, *last = file;
	char shown[QUOTE_MAX];

	for (const char *p = file; *p != '\0'; p++) {
		if (*p != '/')
			continue;
		from = last;
		last = p + 1;
	}
	return arena_printf(h->arena, "%s, %s", called, quote_str(i->by_files ? from : last, shown));
}

void
holdings_identity_rows(struct holdings *h, const struct holdings_identity *i, int64_t now)
{
	const struct cert *leaf = i->inspection != NULL && i->inspection->leaf != NULL ? i->inspection->leaf->cert : NULL;
	const char *called = leaf != NULL ? page_cut(h->arena, cert_label(leaf), NAME_MOST) : NULL;
	const char *text = i->name == NULL ? called != NULL ? with_file(h, i, called) : "no certificate" :
	    called == NULL || strcmp(i->name, called) == 0 ? i->name : arena_printf(h->arena, "%s: “%s”", i->name, called);
	size_t head = h->len;
	struct holding *row = add(h, HOLDING_IDENTITY, 0, i->id, "", text);

	judged_as(row, i->problem != NULL || i->diagnosis == NULL ? STATE_FAIL : state_of_verdict(i->diagnosis->verdict));
	/* Not locked out for good, and not looked at either. */
	if (leaf == NULL && i->locked_len > 0)
		row->state = STATE_NOTE;
	row->cert = leaf;
	row->ends = ends_at(i);
	row->note = leaf != NULL ? ends_words(row->ends, now, h->arena) : i->locked_len > 0 ? "locked" : "";
	row->detail = i->problem != NULL ? i->problem : i->diagnosis != NULL && i->diagnosis->summary != NULL ? i->diagnosis->summary : "";
	/* What is locked, or damaged, is said by a row of its own. */
	if (i->problem != NULL && i->locked_len + i->part->damaged == 0)
		judged_as(add(h, HOLDING_DAMAGED, 1, i->id, i->problem, i->problem), STATE_FAIL);
	if (i->file_problem != NULL) {
		judged_as(add(h, HOLDING_DAMAGED, 1, i->id, i->file_problem, i->file_problem), STATE_FAIL);
		row = &h->rows[head];
		row->state = STATE_FAIL;
	}
	finding_rows(h, i);
	chain_rows_of(h, i, now);
	other_part_rows(h, i, now);
	for (size_t k = 0; k < i->locked_len; k++)
		locked_row(h, i->id, i->locked[k]);
	if (i->used_by != NULL)
		add(h, HOLDING_REMARK, 1, i->id, "used", i->used_by);
}

/* ---- what belongs to none ---- */

/* What it goes with, though with no identity: "key of the request for …"; "" nothing. */
static const char *
goes_with(struct holdings *h, const struct objects *o, const struct inspection *relations, size_t index)
{
	for (size_t k = 0; k < relations->relations_len; k++) {
		const struct relation *r = &relations->relations[k];

		if (r->object == index)
			return arena_printf(h->arena, "%s %s", belonging_name(r->kind), object_words(&o->items[r->to], h->arena));
	}
	return "";
}

/* The date that ends the words of a certificate stands at the right end of its row. */
static const char *
without_date(const char *words, struct arena *a)
{
	const char *until = NULL;

	for (const char *p = words; (p = strstr(p, ", until ")) != NULL; p++)
		until = p;
	return until != NULL ? arena_printf(a, "%.*s", (int)(until - words), words) : words;
}

static void
rest_row(struct holdings *h, const struct objects *o, const struct inspection *relations, size_t index, uint64_t parent, int64_t now)
{
	const struct object *x = &o->items[index];
	const char *with = goes_with(h, o, relations, index), *place = object_place(x, h->arena);
	struct holding *row;

	if (x->kind == OBJECT_DAMAGED && x->needs_passphrase) {
		locked_row(h, parent, x);
		return;
	}
	if (x->kind == OBJECT_DAMAGED) {
		row = add(h, HOLDING_DAMAGED, 1, parent, x->problem, in_its_folder(x->problem, x->file));
		row->detail = x->problem;
		judged_as(row, STATE_FAIL);
		return;
	}
	row = add(h, HOLDING_OTHER, 1, parent, place, without_date(object_words(x, h->arena), h->arena));
	row->detail = arena_printf(h->arena, "%s%s%s", place, with[0] != '\0' ? ": " : "", with);
	switch (x->kind) {
	case OBJECT_CERT:
		row->cert = x->cert;
		row->note = until_words(x->cert, now, h->arena);
		judged_as(row, x->cert->not_after != TIME_UNKNOWN && now > x->cert->not_after ? STATE_WARN : STATE_NOTE);
		break;
	case OBJECT_KEY:
		judged_as(row, object_exposed(x) ? STATE_WARN : STATE_NOTE);
		row->note = with[0] != '\0' ? "" : object_exposed(x) ? arena_printf(h->arena, "exposed, mode %04o", x->mode) : "matches nothing here";
		break;
	case OBJECT_CSR:
	case OBJECT_PUBLIC_KEY:
	case OBJECT_CRL:
	case OBJECT_DAMAGED:
		judged_as(row, STATE_NOTE);
		break;
	}
}

void
holdings_rest_rows(struct holdings *h, const struct objects *o, const bool *used, const struct inspection *relations,
    const char *source, bool alone, int64_t now)
{
	uint64_t id = hash_text(hash_text(0, "rest"), source);
	size_t left = 0, shown = 0, head = h->len;
	char file[QUOTE_MAX];

	for (size_t i = 0; i < o->len; i++)
		left += !used[i];
	if (left + o->notes_len == 0)
		return;
	add(h, HOLDING_REST, 0, id, "", arena_printf(h->arena, alone ? "%s" : "the rest of %s", quote_str(source, file)));
	for (size_t i = 0; i < o->len && shown < HOLDINGS_REST; i++) {
		if (used[i])
			continue;
		rest_row(h, o, relations, i, id, now);
		shown++;
	}
	if (shown < left)
		add(h, HOLDING_REMARK, 1, id, "more", arena_printf(h->arena, "and %zu more", left - shown));
	for (size_t i = 0; i < o->notes_len; i++)
		add(h, HOLDING_REMARK, 1, id, o->notes[i], o->notes[i]);
	for (size_t i = head + 1; i < h->len; i++)
		if (h->rows[i].judged && h->rows[i].state > h->rows[head].state)
			judged_as(&h->rows[head], h->rows[i].state);
	h->rows[head].note = left == 0 ? "remarks" : arena_printf(h->arena, "%zu object%s", left, left == 1 ? "" : "s");
}
