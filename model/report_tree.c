/* Both chains as trees: root at the top, what is broken marked at its own link. */
#include <string.h>

#include "model/memory.h"
#include "model/report_parts.h"
#include "model/times.h"

enum { NAME_COLUMN = 5, NOTE_COLUMN = 41, UNTIL_COLUMN = 62, SOON_DAYS = 120 };

struct tree {
	const struct diagnosis *d;
	const struct page *p;
	bool ours;
	const struct path_set *paths;
	int64_t now;
	struct arena *a;
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

/* "41 d left", "2034-03-01", "EXPIRED 2026-08-15": 18 columns at most. */
static const char *
until(const struct tree *t, const struct cert *c)
{
	char date[TIME_TEXT_MAX], span[TIME_TEXT_MAX];

	if (c->not_after == TIME_UNKNOWN || c->not_before == TIME_UNKNOWN)
		return "no readable date";
	if (t->now > c->not_after)
		return arena_printf(t->a, "EXPIRED %s", time_date(c->not_after, date));
	if (t->now < c->not_before)
		return arena_printf(t->a, "NOT YET %s", time_date(c->not_before, date));
	if (c->not_after - t->now < (int64_t)SOON_DAYS * 86400)
		return arena_printf(t->a, "%s left", time_span(c->not_after - t->now, span));
	return arena_strdup(t->a, time_date(c->not_after, date));
}

static bool
valid_now(const struct tree *t, const struct cert *c)
{
	return c->not_after != TIME_UNKNOWN && c->not_before != TIME_UNKNOWN && t->now <= c->not_after &&
	    t->now >= c->not_before;
}

static bool
ends_soon(const struct tree *t, const struct cert *c)
{
	const struct thresholds *limits = &t->d->evidence->thresholds;
	int days = c->is_ca && c->self_issued ? limits->root_expires_within : limits->expires_within;

	return valid_now(t, c) && c->not_after - t->now < (int64_t)days * 86400;
}

enum mark { MARK_OK, MARK_SOON, MARK_BROKEN, MARK_UNKNOWN };

static const struct {
	const char *glyphs, *word;
	enum tint name, note;
} marks[] = {
	[MARK_OK] = { "OK ✓", "OK", TINT_OK, TINT_NONE },
	[MARK_SOON] = { "OK !", "OK", TINT_WARN, TINT_NONE },
	[MARK_BROKEN] = { "NO ✗", "NO", TINT_FAIL, TINT_FAIL },
	[MARK_UNKNOWN] = { "??  ", "??", TINT_NONE, TINT_NONE },
};

/* One row: state, indented name, where it came from, until when. */
static void
row(const struct tree *t, enum mark mark, size_t depth, const char *name, const char *note, const char *end)
{
	const struct page *p = t->p;
	size_t at = NAME_COLUMN;

	if (p->style->plain) {
		page_textf(p, "%s: %s, %s%s%s\n", name, marks[mark].word, note, end[0] != '\0' ? ", " : "", end);
		return;
	}
	page_tinted(p, marks[mark].name, marks[mark].glyphs);
	buf_addc(p->out, ' ');
	/* Deeper than this the tree would leave the page: the order still shows it. */
	if (depth > 0) {
		size_t blanks = (depth < 8 ? depth - 1 : 7) * 2;
		page_pad(p, 0, blanks);
		page_text(p, "└─");
		at += blanks + 2;
	}
	page_text(p, name);
	at += page_columns_of(p, name);
	if (at >= NOTE_COLUMN) {
		buf_addc(p->out, '\n');
		at = 0;
	}
	page_pad(p, at, NOTE_COLUMN);
	page_tinted(p, marks[mark].note, note);
	if (end[0] != '\0') {
		at = NOTE_COLUMN + page_columns_of(p, note);
		page_pad(p, at < UNTIL_COLUMN ? at : UNTIL_COLUMN - 1, UNTIL_COLUMN);
		page_text(p, end);
	}
	buf_addc(p->out, '\n');
}

/* A name as a row shows it: cut where a hostile one would fill the page. */
static const char *
short_name(const struct tree *t, const char *name)
{
	return page_cut(t->a, name, 56);
}

static const char *
note_of(const struct tree *t, const struct path *path, size_t i, bool *good)
{
	const struct path_link *link = &path->links[i];
	bool top = i + 1 == path->len;
	const struct trust *trust = t->d->evidence->trust;
	const char *sent = t->d->evidence->offline || kept_at_home(t) ? "in the files" : "sent";

	if (t->ours && in_ca_list(t, &link->cert->subject))
		return was_sent(t, link) ? arena_printf(t->a, "%s, in their CA list", sent) : top && link->cert->self_issued ? "in their CA list" : "NOT SENT";
	if (top && path->anchored)
		return was_sent(t, link) ? arena_printf(t->a, "%s, trusted", sent) : "trusted by us";
	if (was_sent(t, link) && top && link->cert->self_issued && !t->ours) {
		*good = false;
		return arena_printf(t->a, trust != NULL && trust->system ? "%s, not in store" : "%s, NOT TRUSTED", sent);
	}
	if (was_sent(t, link))
		return sent;
	if (top && link->cert->self_issued)
		return t->ours ? "need not be sent" : "NOT TRUSTED";
	if (t->d->evidence->offline)
		return "in another file";
	*good = false;
	return "NOT SENT";
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

/*
 * Where the path ends before a root: the certificate that is missing by its name, and what would
 * stand above it as far as anything that was seen tells. Returns how many rows.
 */
static size_t
missing_issuers(const struct tree *t, const struct path *path)
{
	enum { MOST = 6 };
	const struct cert *last = path->links[path->len - 1].cert, *above[MOST];
	const char *name = last->issuer.common_name != NULL && last->issuer.common_name[0] != '\0' ?
	    last->issuer.common_name : last->issuer.safe;
	size_t len = 0, depth = 0;

	if (path->complete || path->anchored || last->self_issued)
		return 0;
	for (const struct cert *c = last; len < MOST && !c->self_issued && (c = known_issuer(t, c)) != NULL;)
		above[len++] = c;
	for (size_t k = len; k > 0; k--, depth++) {
		const struct cert *c = above[k - 1];
		bool listed = t->ours && in_ca_list(t, &c->subject);
		bool trusted = t->d->evidence->trust != NULL && trust_has(t->d->evidence->trust, c);
		bool needed = !listed && !(c->self_issued && k > 1) && (t->ours || !trusted);
		row(t, needed ? MARK_BROKEN : MARK_OK, depth, short_name(t, cert_label(c)), needed ? "NOT SENT" :
		    listed ? "in their CA list" : t->ours ? "need not be sent" : "trusted by us", until(t, c));
	}
	if (len == 0 && t->ours && in_ca_list(t, &last->issuer)) {
		row(t, MARK_OK, depth++, short_name(t, name), "in their CA list", "");
	} else if (len == 0 && t->ours && !lacks_intermediate(t->d)) {
		/* A root need not be sent, and whether this is one nobody here can tell. */
		row(t, MARK_UNKNOWN, depth++, short_name(t, name), "not in our files", "");
	} else if (len == 0) {
		row(t, MARK_BROKEN, depth++, short_name(t, name), t->d->evidence->offline ? "not in the files" :
		    t->ours ? "NOT SENT, not in our files" : "NOT SENT, not found", "");
	}
	return depth;
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
path_rows(const struct tree *t, const struct path *path)
{
	size_t depth = missing_issuers(t, path);
	bool missing = depth > 0;

	for (size_t k = path->len; k > 0; k--, depth++) {
		const struct cert *c = path->links[k - 1].cert;
		bool good = valid_now(t, c);
		const char *note = note_of(t, path, k - 1, &good);
		for (size_t e = 0; e < path->errors_len; e++)
			good = good && (path->errors[e].depth != (int)(k - 1) || (missing && says_missing(&path->errors[e])));
		if (fault_of(t, c) != NULL) {
			good = false;
			note = arena_printf(t->a, "%s, %s", note, fault_of(t, c));
		}
		row(t, !good ? MARK_BROKEN : ends_soon(t, c) ? MARK_SOON : MARK_OK, depth, short_name(t, cert_label(c)), note, until(t, c));
	}
	for (size_t e = 0; e < path->errors_len && e < 4; e++) {
		if (missing && says_missing(&path->errors[e]))
			continue;
		page_text(t->p, "     ✗ ");
		page_wrap(t->p, 7, 7, path->errors[e].text);
	}
}

static bool
in_path(const struct path *path, const struct cert *c)
{
	for (size_t i = 0; i < path->len; i++) {
		if (fingerprint_equal(&path->links[i].cert->sha256, &c->sha256))
			return true;
	}
	return false;
}

/* What else was sent: bounded, a hostile chain has hundreds. */
static void
other_certificates(const struct tree *t, const struct path *path)
{
	const struct handshake *h = evidence_baseline(t->d->evidence);
	size_t shown = 0, more = 0;

	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++) {
		const struct wire_cert *w = &h->server_certs[i];
		if (w->cert != NULL && in_path(path, w->cert))
			continue;
		if (shown == 8) {
			more++;
			continue;
		}
		shown++;
		if (w->cert == NULL)
			row(t, MARK_BROKEN, 0, "(cannot be read)", "sent", "");
		else
			row(t, valid_now(t, w->cert) ? MARK_SOON : MARK_BROKEN, 0, short_name(t, cert_label(w->cert)), "sent, leads nowhere",
			    until(t, w->cert));
	}
	if (more > 0)
		page_textf(t->p, "     and %zu more\n", more);
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
		if (about && (found == NULL || f->severity > found->severity))
			found = f;
	}
	return found;
}

static void
title(const struct page *p, const char *whose, enum state s, const char *words)
{
	buf_addc(p->out, '\n');
	page_tinted(p, TINT_HEAD, whose);
	page_text(p, ": ");
	page_tinted(p, state_tint(s), state_word(s));
	page_textf(p, ", %s\n", words);
}

static bool
server_tree_is_broken(const struct diagnosis *d)
{
	const struct finding *f = worst(d, false);

	return f != NULL && f->severity == SEVERITY_ERROR;
}

static void
server_tree(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	struct tree t = { .d = d, .p = p, .paths = d->server_paths, .now = evidence_now(d->evidence), .a = a };
	const struct path *best = d->server_paths != NULL ? paths_best(d->server_paths) : NULL;
	const struct finding *f = worst(d, false);
	enum state s = f != NULL ? state_of_severity(f->severity) : STATE_OK;

	if (best == NULL) {
		const struct handshake *h = evidence_baseline(d->evidence);
		if (h != NULL && h->phase >= PHASE_HELLO && d->verdict != VERDICT_UNREACHABLE)
			title(p, "SERVER'S CHAIN", s == STATE_OK ? STATE_NOTE : s, "it was not seen");
		return;
	}
	title(p, "SERVER'S CHAIN", s,
	    s == STATE_FAIL ? "we do not accept it" : paths_any_valid_at(d->server_paths, t.now) ? "we trust it" : "see below");
	path_rows(&t, best);
	other_certificates(&t, best);
	if (d->server_paths->len > 1)
		page_textf(p, "     %zu other path%s to an end; this is the best\n", d->server_paths->len - 1,
		    d->server_paths->len == 2 ? "" : "s");
}

/* No more than what is proven (model/handshake.h, handshake_doubt). */
static const char *
accepted_words(const struct handshake *h)
{
	switch (handshake_doubt(h)) {
	case DOUBT_NONE: return "the server accepts it";
	case DOUBT_ANSWER:
	case DOUBT_UNANSWERED: return "TLS let us in with it";
	case DOUBT_SILENT:
	case DOUBT_CLOSED: break;
	}
	return "not refused; nothing proves that it is accepted";
}

static void
our_tree(const struct diagnosis *d, const struct page *p, struct arena *a)
{
	struct tree t = { .d = d, .p = p, .ours = true, .paths = d->our_paths, .now = evidence_now(d->evidence),
		.a = a };
	const struct path *best = d->our_paths != NULL ? paths_best(d->our_paths) : NULL;
	const struct handshake *h = evidence_baseline(d->evidence);
	const struct finding *f = worst(d, true);
	enum state s = f != NULL ? state_of_severity(f->severity) : STATE_OK;
	const char *words = "as far as our files show";

	if (best == NULL)
		return;
	if (h != NULL && evidence_refused(d->evidence))
		words = s == STATE_FAIL ? "the server refuses it" : "not the reason that it ended";
	else if (h != NULL && h->outcome == OUTCOME_NOT_ASKED)
		words = "the server did not ask for it";
	else if (h != NULL && evidence_accepted(d->evidence))
		words = accepted_words(h);
	else if (h != NULL)
		words = "as far as our files show: it was not sent";
	title(p, "OUR CHAIN", s, words);
	path_rows(&t, best);
}

void
report_trees(const struct diagnosis *d, const struct page *p)
{
	struct arena *a = arena_new();
	bool theirs_first = server_tree_is_broken(d) && !(d->root != NULL && d->root->side == SIDE_CLIENT);

	if (theirs_first)
		server_tree(d, p, a);
	our_tree(d, p, a);
	if (!theirs_first)
		server_tree(d, p, a);
	arena_free(a);
}
