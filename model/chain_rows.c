/* Both chains as rows: root at the top, what is broken marked at its own link. */
#include "model/chain_rows.h"

#include <string.h>

#include "model/judged.h"
#include "model/memory.h"
#include "model/places.h"
#include "model/times.h"

enum { NAME_COLUMNS = 56, MOST_FAULTS = 4, MOST_STRAYS = 8 };

const char *const chain_mark_words[] = {
	[CHAIN_OK] = "OK",
	[CHAIN_SOON] = "OK",
	[CHAIN_BROKEN] = "NO",
	[CHAIN_UNKNOWN] = "??",
};

const char *const chain_mark_glyphs[] = {
	[CHAIN_OK] = "✓",
	[CHAIN_SOON] = "!",
	[CHAIN_BROKEN] = "✗",
	[CHAIN_UNKNOWN] = " ",
};

const char *
chain_title(bool ours)
{
	return ours ? "OUR CHAIN" : "SERVER'S CHAIN";
}

struct tree {
	const struct diagnosis *d;
	bool ours;
	const struct path_set *paths;
	int64_t now;
	struct arena *a;
	struct chain_view *out;
};

/* Is the handshake over before a Certificate message of ours went out? Then nothing of ours was sent. */
static bool
kept_at_home(const struct tree *t)
{
	const struct handshake *h = evidence_baseline(t->d->evidence);

	return t->ours && h != NULL && !h->sent_certificate_message;
}

/* Was it sent, or would it be (a file's chain; a handshake that did not come to it)? */
static bool
was_sent(const struct tree *t, const struct path_link *link)
{
	const struct evidence *e = t->d->evidence;
	const struct handshake *h = evidence_baseline(e);

	/* Nothing was sent: what the files give for a chain, whichever of them. */
	for (size_t i = 0; e->offline && i < e->offline_len; i++) {
		if (fingerprint_equal(&e->offline_chain[i]->sha256, &link->cert->sha256))
			return true;
	}
	if (!t->ours || h == NULL || kept_at_home(t))
		return link->source == (t->ours ? SOURCE_IDENTITY : SOURCE_PRESENTED);
	for (size_t i = 0; i < h->sent_certs_len; i++) {
		if (fingerprint_equal(&h->sent_certs[i], &link->cert->sha256))
			return true;
	}
	return false;
}

static bool
in_ca_list(const struct tree *t, const struct name *name)
{
	const struct handshake *h = evidence_baseline(t->d->evidence);

	for (size_t i = 0; t->ours && h != NULL && i < h->request.cas_len; i++) {
		if (name_equal(&h->request.cas[i], name))
			return true;
	}
	return false;
}

static bool
valid_now(const struct tree *t, const struct cert *c)
{
	return time_between(c->not_before, c->not_after, t->now);
}

static bool
ends_soon(const struct tree *t, const struct cert *c)
{
	const struct thresholds *limits = &t->d->evidence->thresholds;
	int days = c->is_ca && c->self_issued ? limits->root_expires_within : limits->expires_within;

	return valid_now(t, c) && c->not_after - t->now < (int64_t)days * 86400;
}

/* A name as a row shows it: cut where a hostile one would fill the page. */
static const char *
short_name(const struct tree *t, const char *name)
{
	return page_cut(t->a, name, NAME_COLUMNS);
}

static struct chain_row *
add(const struct tree *t, enum chain_mark mark, size_t depth, const char *name)
{
	struct chain_view *v = t->out;

	v->rows = arena_grow(t->a, v->rows, v->len, &v->cap, sizeof *v->rows);
	v->rows[v->len] = (struct chain_row){ .mark = mark, .depth = depth, .name = short_name(t, name), .note = "",
		.brief = "", .until = "" };
	return &v->rows[v->len++];
}

static void
note(struct chain_row *r, const char *text, const char *brief)
{
	r->note = text;
	r->brief = brief;
}

/* The certificate that a row stands for, and until when it is valid. */
static void
show(const struct tree *t, struct chain_row *r, const struct cert *c)
{
	char until[TIME_TEXT_MAX];

	r->cert = c;
	r->until = arena_strdup(t->a, time_validity(c->not_before, c->not_after, t->now, until));
	r->dated = !valid_now(t, c) || ends_soon(t, c);
}

/* And where it was found instead: by the address in the certificate below it, or beside our files. */
static const char *
not_sent(const struct path_link *link)
{
	return link->source == SOURCE_AIA ? "NOT SENT, fetched" : link->source == SOURCE_FILE ? "NOT SENT, in a file" : "NOT SENT";
}

/* Where a certificate of the path was seen, and what that means. False: that is what is wrong with it. */
static bool
note_link(const struct tree *t, const struct path *path, size_t i, struct chain_row *r)
{
	const struct path_link *link = &path->links[i];
	bool top = i + 1 == path->len, root = top && link->cert->self_issued, went = was_sent(t, link);
	const struct trust *trust = t->d->evidence->trust;
	bool listened = t->d->evidence->client != NULL;
	const char *sent = (t->d->evidence->offline && !listened) || kept_at_home(t) ? "in the files" : "sent";

	if (t->ours && in_ca_list(t, &link->cert->subject)) {
		if (went)
			note(r, arena_printf(t->a, "%s, in their CA list", sent), "in their CA list");
		else if (root)
			note(r, "in their CA list", "in their CA list");
		else
			note(r, not_sent(link), "NOT SENT");
	} else if (top && path->anchored) {
		note(r, went ? arena_printf(t->a, "%s, trusted", sent) : listened ? "in the trust store" : "trusted by us", "");
	} else if (went && root && !t->ours) {
		const char *lacks = trust != NULL && trust->system ? "not in store" : "NOT TRUSTED";
		note(r, arena_printf(t->a, "%s, %s", sent, lacks), lacks);
		return false;
	} else if (went) {
		note(r, sent, "");
	} else if (root) {
		const char *needless = t->ours ? "need not be sent" : "NOT TRUSTED";
		note(r, needless, needless);
	} else if (t->d->evidence->offline && !listened) {
		note(r, "in another file", "");
	} else {
		note(r, not_sent(link), "NOT SENT");
		return false;
	}
	return true;
}

/* Does `c` stand right above `below`, by its key too? */
static bool
issued(const struct cert *c, const struct cert *below)
{
	size_t checks = 0;

	return c != NULL && !fingerprint_equal(&c->sha256, &below->sha256) && cert_could_issue(c, below) &&
	    cert_signed_by(below, c, &checks);
}

static bool
take_anchor(const struct cert *c, void *user)
{
	*(const struct cert **)user = c;
	return false;
}

/* The issuer that was not sent, where something else that we have seen holds it: the other side's chain, a file, our trust. */
static const struct cert *
known_issuer(const struct tree *t, const struct cert *below)
{
	const struct evidence *e = t->d->evidence;
	const struct handshake *h = evidence_baseline(e);
	const struct cert *anchor = NULL;

	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++) {
		if (issued(h->server_certs[i].cert, below))
			return h->server_certs[i].cert;
	}
	for (size_t i = 0; e->identity != NULL && i < e->identity->len; i++) {
		if (issued(e->identity->certs[i], below))
			return e->identity->certs[i];
	}
	for (size_t i = 0; i < e->found_len; i++) {
		if (issued(e->found[i].cert, below))
			return e->found[i].cert;
	}
	if (e->trust != NULL)
		trust_issuers(e->trust, below, take_anchor, &anchor);
	return issued(anchor, below) ? anchor : NULL;
}

static bool
lacks_intermediate(const struct diagnosis *d)
{
	for (size_t i = 0; i < d->len; i++) {
		if (d->findings[i].code == CODE_CLIENT_MISSING_INTERMEDIATE)
			return true;
	}
	return false;
}

/* What would stand above the last one, as far as anything that was seen tells. Returns how many rows. */
static size_t
rows_above(const struct tree *t, const struct cert *last)
{
	enum { MOST = 6 };
	const struct cert *above[MOST];
	const struct trust *trust = t->d->evidence->trust;
	size_t len = 0;

	for (const struct cert *c = last; len < MOST && !c->self_issued && (c = known_issuer(t, c)) != NULL;)
		above[len++] = c;
	for (size_t k = len; k > 0; k--) {
		const struct cert *c = above[k - 1];
		bool listed = t->ours && in_ca_list(t, &c->subject);
		bool needed = !listed && !(c->self_issued && k > 1) && (t->ours || trust == NULL || !trust_has(trust, c));
		struct chain_row *r = add(t, needed ? CHAIN_BROKEN : CHAIN_OK, len - k, cert_label(c));
		const char *words = needed ? "NOT SENT" : listed ? "in their CA list" : t->ours ? "need not be sent" : "trusted by us";
		note(r, words, needed || t->ours ? words : "");
		show(t, r, c);
	}
	return len;
}

/* Where the path ends before a root: what is missing, by its name where nothing that was seen holds it. Returns how many rows. */
static size_t
missing_issuers(const struct tree *t, const struct path *path)
{
	const struct cert *last = path->links[path->len - 1].cert;
	const struct name *issuer = &last->issuer;
	const char *name = issuer->common_name != NULL && issuer->common_name[0] != '\0' ? issuer->common_name : issuer->safe;
	bool listened = t->d->evidence->client != NULL;
	const char *nowhere = listened ? "NOT SENT" : t->d->evidence->offline ? "not in the files" :
	    t->ours ? "NOT SENT, not in our files" : "NOT SENT, not found";
	size_t known = 0;

	if (path->complete || path->anchored || last->self_issued)
		return 0;
	known = rows_above(t, last);
	if (known > 0)
		return known;
	if (t->ours && in_ca_list(t, issuer))
		note(add(t, CHAIN_OK, 0, name), "in their CA list", "in their CA list");
	else if (t->ours && !lacks_intermediate(t->d)) /* A root need not be sent, and whether this is one nobody here can tell. */
		note(add(t, CHAIN_UNKNOWN, 0, name), listened ? "not sent" : "not in our files",
		    listened ? "not sent" : "not in our files");
	else
		note(add(t, CHAIN_BROKEN, 0, name), nowhere, t->d->evidence->offline ? nowhere : "NOT SENT");
	return 1;
}

/* “Its issuer was not found”: the row of the missing issuer says it already. */
static bool
says_missing(const struct path_error *e)
{
	enum { ISSUER_NOT_FOUND = 2, ISSUER_NOT_LOCAL = 20, LEAF_NOT_VERIFIED = 21 }; /* X509_V_ERR_* */

	return e->x509_error == ISSUER_NOT_FOUND || e->x509_error == ISSUER_NOT_LOCAL ||
	    e->x509_error == LEAF_NOT_VERIFIED;
}

/* What a row says of a certificate whose fault is no fault of the path: in a word, the findings have the sentence. */
static const struct {
	enum code code;
	const char *words;
} leaf_faults[] = {
	{ CODE_NAME_MISMATCH, "WRONG NAME" },
	{ CODE_NAME_NO_SAN, "NO NAME IN IT" },
	{ CODE_EKU_NO_SERVER_AUTH, "WRONG PURPOSE" },
	{ CODE_CLIENT_EKU, "WRONG PURPOSE" },
	{ CODE_CERT_REVOKED, "REVOKED" },
	{ CODE_CLIENT_REVOKED, "REVOKED" },
	{ CODE_KEY_MISMATCH, "WRONG KEY" },
	{ CODE_KEY_SERVER_MISMATCH, "WRONG KEY" },
	{ CODE_CERT_WEAK_KEY, "WEAK KEY" },
	{ CODE_CERT_WEAK_SIGNATURE, "WEAK SIGNATURE" },
	{ CODE_CLIENT_WEAK, "TOO WEAK" },
	{ CODE_CHAIN_SELF_SIGNED, "SIGNS ITSELF" },
};

/* NULL where no error is said of it. */
static const char *
fault_of(const struct tree *t, const struct cert *c)
{
	for (size_t i = 0; i < t->d->len; i++) {
		const struct finding *f = &t->d->findings[i];

		if (f->severity != SEVERITY_ERROR || f->certificate == NULL ||
		    !fingerprint_equal(&f->certificate->sha256, &c->sha256))
			continue;
		for (size_t k = 0; k < sizeof leaf_faults / sizeof leaf_faults[0]; k++) {
			if (leaf_faults[k].code == f->code)
				return leaf_faults[k].words;
		}
	}
	return NULL;
}

static void
path_faults(const struct tree *t, const struct path *path, bool missing)
{
	struct chain_view *v = t->out;

	v->faults = arena_array(t->a, MOST_FAULTS, sizeof *v->faults);
	for (size_t e = 0; e < path->errors_len && e < MOST_FAULTS; e++) {
		if (!missing || !says_missing(&path->errors[e]))
			v->faults[v->faults_len++] = path->errors[e].text;
	}
}

static void
path_rows(const struct tree *t, const struct path *path)
{
	size_t depth = missing_issuers(t, path);
	bool missing = depth > 0;

	for (size_t k = path->len; k > 0; k--, depth++) {
		const struct cert *c = path->links[k - 1].cert;
		const char *fault = fault_of(t, c);
		struct chain_row *r = add(t, CHAIN_OK, depth, cert_label(c));
		bool good = note_link(t, path, k - 1, r) && valid_now(t, c) && fault == NULL;
		show(t, r, c);
		for (size_t e = 0; e < path->errors_len; e++)
			good = good && (path->errors[e].depth != (int)(k - 1) || (missing && says_missing(&path->errors[e])));
		if (fault != NULL)
			note(r, arena_printf(t->a, "%s, %s", r->note, fault), fault);
		r->mark = !good ? CHAIN_BROKEN : ends_soon(t, c) ? CHAIN_SOON : CHAIN_OK;
	}
	path_faults(t, path, missing);
}

/* What else was sent: bounded, a hostile chain has hundreds. */
static void
other_certificates(const struct tree *t, const struct path *path)
{
	const struct handshake *h = evidence_baseline(t->d->evidence);
	size_t shown = 0;

	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++) {
		const struct wire_cert *w = &h->server_certs[i];
		if (w->cert != NULL && path_holds(path, w->cert))
			continue;
		if (shown == MOST_STRAYS) {
			t->out->strays_left_out++;
			continue;
		}
		shown++;
		bool good = w->cert != NULL && valid_now(t, w->cert);
		struct chain_row *r = add(t, good ? CHAIN_SOON : CHAIN_BROKEN, 0, w->cert != NULL ? cert_label(w->cert) : "(cannot be read)");
		r->stray = true;
		note(r, w->cert != NULL ? "sent, leads nowhere" : "sent", w->cert != NULL ? "leads nowhere" : "");
		if (w->cert != NULL)
			show(t, r, w->cert);
	}
}

/* Findings of the client's group that are about what is done with our chain, and leave it as good as it is. */
static bool
spares_the_chain(enum code c)
{
	return c == CODE_CLIENT_FORBIDDEN || c == CODE_CLIENT_LATE_AUTH;
}

/* The worst finding about this side's certificates. */
static const struct finding *
worst(const struct diagnosis *d, bool ours)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < d->len; i++) {
		const struct finding *f = &d->findings[i];
		enum code_group g = code_info(f->code)->group;
		bool about = ours ? g == GROUP_CLIENT || f->code == CODE_KEY_MISMATCH : g == GROUP_SERVER || f->code == CODE_KEY_SERVER_MISMATCH;
		if (about && !spares_the_chain(f->code) && (found == NULL || f->severity > found->severity))
			found = f;
	}
	return found;
}

bool
chain_theirs_first(const struct diagnosis *d)
{
	const struct finding *f = worst(d, false);

	return f != NULL && f->severity == SEVERITY_ERROR && !(d->root != NULL && d->root->side == SIDE_CLIENT);
}

static const char *
server_words(const struct tree *t)
{
	if (t->out->state == STATE_FAIL)
		return "we do not accept it";
	return paths_any_valid_at(t->paths, t->now) ? "we trust it" : "see below";
}

static void
server_chain(const struct tree *t)
{
	const struct path *best = t->paths != NULL ? paths_best(t->paths) : NULL;
	const struct handshake *h = evidence_baseline(t->d->evidence);
	struct chain_view *v = t->out;

	if (best != NULL) {
		v->seen = true;
		v->words = server_words(t);
		path_rows(t, best);
		other_certificates(t, best);
		v->other_paths = t->paths->len - 1;
	} else if (h != NULL && h->phase >= PHASE_HELLO && t->d->verdict != VERDICT_UNREACHABLE) {
		v->words = "it was not seen";
		if (v->state == STATE_OK)
			v->state = STATE_NOTE;
	}
}

/* No more than what is proven (model/handshake.h, handshake_doubt). */
static const char *
accepted_words(const struct handshake *h)
{
	switch (handshake_doubt(h)) {
	case DOUBT_NONE: return "the server accepts it";
	case DOUBT_ANSWER:
	case DOUBT_UNASKED:
	case DOUBT_UNANSWERED: return "TLS let us in with it";
	case DOUBT_SILENT:
	case DOUBT_CLOSED: break;
	}
	return "not refused; nothing proves that it is accepted";
}

static const char *
our_words(const struct tree *t)
{
	const struct handshake *h = evidence_baseline(t->d->evidence);

	if (t->d->evidence->client != NULL)
		return "as it was sent";
	if (h == NULL)
		return "as far as our files show";
	if (h->sent_certs_len == 0 && evidence_refused(t->d->evidence))
		return t->out->state == STATE_FAIL ? "it was not sent" : "as far as our files show: it was not sent";
	if (t->d->root != NULL && t->d->root->code == CODE_CLIENT_FORBIDDEN)
		return "TLS lets us in with it; the application refuses us";
	if (evidence_refused(t->d->evidence))
		return t->out->state == STATE_FAIL ? "the server refuses it" : "not the reason that it ended";
	if (h->outcome == OUTCOME_NOT_ASKED)
		return "the server did not ask for it";
	if (evidence_accepted(t->d->evidence))
		return accepted_words(h);
	return "as far as our files show: it was not sent";
}

static void
our_chain(const struct tree *t)
{
	const struct path *best = t->paths != NULL ? paths_best(t->paths) : NULL;

	if (best == NULL)
		return;
	t->out->seen = true;
	t->out->words = our_words(t);
	path_rows(t, best);
}

void
chain_rows(const struct diagnosis *d, bool ours, struct arena *a, struct chain_view *out)
{
	const char *where;
	const struct diagnosis *shown = places_shown(d, &where);
	const struct finding *f = worst(shown, ours);
	struct tree t = { .d = shown, .ours = ours, .paths = ours ? shown->our_paths : shown->server_paths,
		.now = evidence_now(d->evidence), .a = a, .out = out };

	*out = (struct chain_view){ .ours = ours, .title = ours && d->evidence->client != NULL ? "ITS CHAIN" : chain_title(ours),
		.state = f != NULL ? state_of_severity(f->severity) : STATE_OK };
	if (ours)
		our_chain(&t);
	else
		server_chain(&t);
	if (where != NULL && out->words != NULL)
		out->words = arena_printf(a, "%s at %s", out->words, where);
}
