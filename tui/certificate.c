/*
 * Certificates of an endpoint: a list of them all, then every field of each; and one certificate
 * whole, with its PEM, as a screen of its own.
 */
#include "tui/certificate.h"

#include <string.h>

#include "model/fetched_words.h"
#include "model/judged.h"
#include "model/places.h"
#include "model/limits.h"
#include "model/times.h"
#include "tui/tab_parts.h"

enum {
	LIST_LINE = 0xffff,    /* of a certificate's ids: its row in the list above; the fields count up from 0 */
	SHOWN_NAMES = 50,      /* of one certificate in the tab */
	DETAILED = 16,         /* certificates of one side whose fields stand in the tab; the rest is in the list */
	SIDE_COLUMN = 1, ROLE_COLUMN = 9, NAME_COLUMN = 22, UNTIL_WIDTH = 18, SENT_WIDTH = 10,
	SEEN_FROM = 96         /* columns from which the list says where each was seen */
};

uint64_t
certificate_id(const struct cert *c, bool ours)
{
	uint64_t id = 0;

	for (size_t i = 0; i < 6; i++)
		id = id << 8 | c->sha256.bytes[i];
	/* One bit for the side, one so that it is never 0. */
	return ((id & ~UINT64_C(3)) | (ours ? 2 : 0) | 1) << 16;
}

struct listing {
	const struct diagnosis *d; /* of the address that the verdict is about, as the trees show it */
	struct arena *a;
	struct shown_cert *items;
	size_t len, cap;
	size_t of_side;
};

static void
add(struct listing *l, const struct cert *c, bool ours, const char *role, const char *seen, const char *problem)
{
	if (l->of_side++ >= LIMIT_CHAIN_CERTS)
		return;
	l->items = arena_grow(l->a, l->items, l->len, &l->cap, sizeof *l->items);
	l->items[l->len++] = (struct shown_cert){ .cert = c, .problem = problem, .ours = ours, .role = role, .seen = seen,
		.id = c != NULL ? certificate_id(c, ours) : 0 };
}

/* From 1; 0: it was not sent. */
static size_t
place_in_theirs(const struct handshake *h, const struct cert *c)
{
	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++)
		if (cert_same(h->server_certs[i].cert, c))
			return i + 1;
	return 0;
}

static size_t
place_in_ours(const struct handshake *h, const struct cert *c)
{
	for (size_t i = 0; h != NULL && i < h->sent_certs_len; i++)
		if (fingerprint_equal(&h->sent_certs[i], &c->sha256))
			return i + 1;
	return 0;
}

static bool
in_identity(const struct identity *id, const struct cert *c)
{
	for (size_t i = 0; id != NULL && i < id->len; i++)
		if (cert_same(id->certs[i], c))
			return true;
	return false;
}

/* Where else it is known from: "in root.pem", "found at http://…". */
static const char *
found_words(const struct listing *l, const struct cert *c, bool ours)
{
	const struct evidence *e = l->d->evidence;

	if (ours && in_identity(e->identity, c))
		return arena_printf(l->a, "it stands in %s", e->identity->cert_file != NULL ? e->identity->cert_file : "our files");
	if (e->trust != NULL && trust_has(e->trust, c))
		return arena_printf(l->a, "it stands in %s", e->trust->from);
	for (size_t i = 0; i < e->found_len; i++)
		if (cert_same(e->found[i].cert, c))
			return arena_printf(l->a, "found through %s: %s", e->found[i].source, e->found[i].where);
	if (!ours && in_identity(e->identity, c))
		return "found in our own chain";
	if (ours && place_in_theirs(evidence_baseline(e), c) != 0)
		return "found in the server's chain";
	return "found in a chain that was seen";
}

static const char *
seen_words(const struct listing *l, const struct cert *c, bool ours, bool top_anchor)
{
	const struct handshake *h = evidence_baseline(l->d->evidence);
	size_t place = ours ? place_in_ours(h, c) : place_in_theirs(h, c);
	size_t of = h == NULL ? 0 : ours ? h->sent_certs_len : h->server_certs_len;
	bool sending = h != NULL && (!ours || h->sent_certificate_message);
	const char *anchor = top_anchor && !ours && l->d->evidence->trust != NULL ? l->d->evidence->trust->from : NULL;
	const char *trusted = anchor != NULL ? arena_printf(l->a, ", trusted by us (%s)", anchor) : "";

	if (place > 0)
		return arena_printf(l->a, "sent, %zu of %zu%s", place, of, trusted);
	if (anchor != NULL)
		return arena_printf(l->a, "not sent%s", trusted);
	if (top_anchor || c->self_issued || !sending)
		return arena_printf(l->a, "not sent, %s", found_words(l, c, ours));
	return arena_printf(l->a, "NOT SENT, %s", found_words(l, c, ours));
}

static void
add_path(struct listing *l, const struct path *p, bool ours)
{
	for (size_t i = 0; p != NULL && i < p->len; i++) {
		const struct cert *c = p->links[i].cert;
		bool top = i + 1 == p->len, root = top && i > 0 && (p->anchored || c->self_issued);

		add(l, c, ours, i == 0 ? "leaf" : root ? "root" : "intermediate", seen_words(l, c, ours, top && p->anchored), NULL);
	}
}

static void
add_theirs(struct listing *l)
{
	const struct handshake *h = evidence_baseline(l->d->evidence);
	const struct path_set *set = l->d->server_paths;
	const struct path *best = set != NULL ? paths_best(set) : NULL;

	l->of_side = 0;
	add_path(l, best, false);
	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++) {
		const struct wire_cert *w = &h->server_certs[i];

		if (best != NULL && w->cert != NULL && path_holds(best, w->cert))
			continue;
		add(l, w->cert, false, best == NULL && i == 0 ? "leaf" : "beside",
		    arena_printf(l->a, "sent, %zu of %zu%s", i + 1, h->server_certs_len, best != NULL ? ", leads nowhere" : ""), w->problem);
	}
}

static void
add_ours(struct listing *l)
{
	const struct identity *id = l->d->evidence->identity;
	const struct path_set *set = l->d->our_paths;
	const struct path *best = set != NULL ? paths_best(set) : NULL;

	l->of_side = 0;
	add_path(l, best, true);
	for (size_t i = 0; id != NULL && i < id->len; i++)
		if (best == NULL || !path_holds(best, id->certs[i]))
			add(l, id->certs[i], true, best == NULL && i == 0 ? "leaf" : "beside",
			    seen_words(l, id->certs[i], true, false), NULL);
}

/* Theirs, then ours; into the arena. At most LIMIT_CHAIN_CERTS of each side. */
static size_t
certificates_of(const struct entry *e, struct arena *a, struct shown_cert **out)
{
	struct listing l = { .a = a };
	const char *where;

	*out = NULL;
	if (e->diagnosis == NULL)
		return 0;
	l.d = places_shown(e->diagnosis, &where);
	add_theirs(&l);
	add_ours(&l);
	*out = l.items;
	return l.len;
}

const struct cert *
certificate_of_id(const struct entry *e, uint64_t id)
{
	struct arena *a = arena_new();
	struct shown_cert *items;
	size_t len = certificates_of(e, a, &items);
	const struct cert *found = NULL;

	for (size_t i = 0; i < len && found == NULL; i++)
		if (items[i].cert != NULL && items[i].id >> 16 == id >> 16)
			found = items[i].cert;
	arena_free(a);
	return found;
}

struct composing {
	struct document *d;
	const struct tab_place *at;
	struct arena *a;
	const struct evidence *evidence;
	struct shown_cert *items;
	size_t len;
};

/* One row each: side, role, name, until when; where it was seen, where there is room. */
static void
compose_list(const struct composing *c)
{
	int columns = c->at->columns, seen_column = columns - 36;
	bool with_seen = columns >= SEEN_FROM, narrow = columns < 60;
	int until_column = (with_seen ? seen_column - 2 : columns - 1) - UNTIL_WIDTH;
	int sent_column = until_column - SENT_WIDTH;
	bool with_sent = !with_seen && !narrow;
	int role_column = narrow ? SIDE_COLUMN : ROLE_COLUMN, name_column = narrow ? 8 : NAME_COLUMN;

	for (size_t i = 0; i < c->len; i++) {
		const struct shown_cert *s = &c->items[i];
		bool first = i == 0 || c->items[i - 1].ours != s->ours;
		char until[TIME_TEXT_MAX];

		if (first && narrow) {
			document_line(c->d);
			document_at(c->d, SIDE_COLUMN, ROLE_HEAD, s->ours ? "OURS" : "THEIRS");
		}
		if (s->cert != NULL)
			document_line_id(c->d, s->id + LIST_LINE);
		else
			document_line(c->d);
		if (first && !narrow)
			document_at(c->d, SIDE_COLUMN, ROLE_HEAD, s->ours ? "OURS" : "THEIRS");
		document_at(c->d, role_column, ROLE_DIM, narrow && strcmp(s->role, "intermediate") == 0 ? "CA" : s->role);
		if (s->cert == NULL) {
			document_at(c->d, name_column, ROLE_FAIL, "✗ cannot be read");
			continue;
		}
		document_at(c->d, name_column, ROLE_TEXT, tab_cut(c->a, cert_label(s->cert),
		    (with_sent ? sent_column : until_column) - name_column - 1));
		if (with_sent)
			document_at(c->d, sent_column, ROLE_DIM, arena_printf(c->a, "%.*s", (int)strcspn(s->seen, ","), s->seen));
		bool valid = time_between(s->cert->not_before, s->cert->not_after, c->at->now);
		document_at(c->d, until_column, valid ? ROLE_TEXT : ROLE_FAIL,
		    time_validity(s->cert->not_before, s->cert->not_after, c->at->now, until));
		if (with_seen)
			document_at(c->d, seen_column, ROLE_DIM, tab_cut(c->a, s->seen, 36));
	}
}

/* The certificate stands above already, on the other side. */
static bool
detailed_above(const struct composing *c, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (cert_same(c->items[k].cert, c->items[i].cert))
			return true;
	return false;
}

static void
compose_one(const struct composing *c, size_t i)
{
	const struct shown_cert *s = &c->items[i];
	struct field_options o = { .id = s->id + 1, .names = SHOWN_NAMES, .seen = s->seen, .evidence = c->evidence };

	document_line(c->d);
	if (s->cert != NULL)
		document_line_id(c->d, s->id);
	else
		document_line(c->d);
	document_at(c->d, SIDE_COLUMN, ROLE_HEAD, s->ours ? "OURS" : "THEIRS");
	document_at(c->d, ROLE_COLUMN, ROLE_HEAD, arena_printf(c->a, "%s  ", s->role));
	document_wrap(c->d, ROLE_COLUMN, ROLE_HEAD | LOOK_BOLD, s->cert != NULL ? cert_label(s->cert) : "a certificate that cannot be read");
	if (s->cert == NULL) {
		document_line(c->d);
		document_at(c->d, SIDE_COLUMN, ROLE_FAIL, "✗ ");
		document_wrap(c->d, 3, ROLE_FAIL, s->problem != NULL ? s->problem : "its bytes are no certificate");
	} else if (detailed_above(c, i)) {
		document_line_id(c->d, s->id + 1);
		document_wrap(c->d, SIDE_COLUMN, ROLE_TEXT, arena_printf(c->a, "%s; the same certificate as above", s->seen));
	} else {
		certificate_fields(c->d, s->cert, c->at, &o);
	}
}

/* Every request to an address in one of them. */
static void
compose_requests(const struct composing *c)
{
	const struct evidence *e = c->evidence;

	if (e == NULL || e->fetches_len == 0)
		return;
	document_line(c->d);
	document_line(c->d);
	document_at(c->d, SIDE_COLUMN, ROLE_HEAD, "ASKED FOR, at addresses in these certificates");
	for (size_t i = 0; i < e->fetches_len; i++) {
		document_line(c->d);
		document_at(c->d, SIDE_COLUMN, ROLE_TEXT, "");
		document_wrap(c->d, 3, e->fetches[i].problem != NULL ? ROLE_WARN : ROLE_TEXT,
		    arena_printf(c->a, "%s: %s", e->fetches[i].url, fetch_line(&e->fetches[i], c->a)));
	}
}

void
tab_certificate(struct document *d, const struct entry *e, const struct tab_place *at)
{
	struct composing c = { .d = d, .at = at, .a = arena_new(), .evidence = e->evidence };
	size_t of_side = 0;

	document_clear(d, at->columns);
	tab_where(d, e->diagnosis);
	c.len = certificates_of(e, c.a, &c.items);
	compose_list(&c);
	if (c.len == 0) {
		document_line(d);
		document_wrap(d, SIDE_COLUMN, ROLE_TEXT, "No certificate was seen: it did not come so far, and none of ours is configured.");
	}
	for (size_t i = 0; i < c.len; i++) {
		of_side = i > 0 && c.items[i].ours == c.items[i - 1].ours ? of_side + 1 : 1;
		if (of_side <= DETAILED)
			compose_one(&c, i);
	}
	compose_requests(&c);
	document_composed(d);
	arena_free(c.a);
}

void
compose_certificate(struct document *d, const struct cert *c, const struct tab_place *at)
{
	struct field_options o = { .pem = true };

	document_clear(d, at->columns);
	document_line(d);
	document_wrap(d, SIDE_COLUMN, ROLE_HEAD | LOOK_BOLD, cert_label(c));
	certificate_fields(d, c, at, &o);
	document_composed(d);
}
