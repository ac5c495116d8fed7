/* The faults of a chain as a whole: how far it leads, its order, what is too much, what OpenSSL has against its links. */
#include <openssl/x509_vfy.h>
#include <stdio.h>

#include "model/judged.h"
#include "model/text.h"
#include "model/times.h"

#define NAMES_SHOWN 8 /* certificates that one finding lists by name; more are counted */

/* ---- how far it leads ---- */

/* What targets share that lack the same CA: its key, as their certificates name it, else its name. */
static void
share_issuer(const struct judged *j, struct findings *to, struct finding *f)
{
	struct arena *a = j->facts->arena;
	const struct cert *top = j->top;
	char hex[2 * 64 + 1];

	if (top->aki.len == 0 || top->aki.len > 64) {
		finding_shares(to, f, top->issuer.safe, arena_printf(a, "“%s”", name_called(&top->issuer)));
		return;
	}
	for (size_t i = 0; i < top->aki.len; i++)
		snprintf(hex + 2 * i, 3, "%02x", top->aki.bytes[i]);
	finding_shares(to, f, arena_strdup(a, hex), arena_printf(a, "“%s”", name_called(&top->issuer)));
}

/* A file beside ours that may hold it: by its name alone, so it is only said. */
static const char *
sibling_named(const struct judged *j, const struct name *n)
{
	const struct identity *us = j->facts->us;

	for (size_t i = 0; us != NULL && i < us->siblings_len; i++) {
		const struct sibling *s = &us->siblings[i];

		if (!s->is_key && s->label != NULL &&
		    (text_equal(text_of(s->label), text_of(n->safe)) || text_equal(text_of(s->label), text_of(n->common_name))))
			return s->file;
	}
	return NULL;
}

/* The request for it, where one was made and brought nothing. */
static const struct fetch_note *
asked_for(const struct judged *j)
{
	const struct evidence *e = j->facts->ev;

	for (size_t i = 0; i < e->fetches_len; i++)
		for (size_t k = 0; e->fetches[i].kind == FETCH_ISSUER && k < j->top->ca_issuers_len; k++)
			if (text_equal(text_of(e->fetches[i].url), j->top->ca_issuers[k]))
				return &e->fetches[i];
	return NULL;
}

/* "It was found in X." or that it was not, with the address that the certificate names. */
static const char *
found_or_not(const struct judged *j)
{
	struct arena *a = j->facts->arena;
	const char *sibling = sibling_named(j, &j->top->issuer);
	const struct fetch_note *note;

	if (j->next != NULL && j->next_where != NULL)
		return arena_printf(a, "It was found %s %s.", text_starts(text_of(j->next_where), "http://") ? "at" : "in", j->next_where);
	if (sibling != NULL)
		return arena_printf(a, "A certificate of that name lies in %s.", sibling);
	if ((note = asked_for(j)) != NULL)
		return arena_printf(a, "The certificate names %s as the place to fetch it from (%s).", note->url,
		    note->problem != NULL ? note->problem : "another CA’s certificate lies there");
	if (j->top->ca_issuers_len > 0)
		return arena_printf(a, "It is not at hand here; the certificate names %s as the place to fetch it from.",
		    text_safe_arena(a, j->top->ca_issuers[0], TEXT_MAX_DEFAULT, NULL));
	return "It is not at hand here, and the certificate names no address to fetch it from.";
}

static void
missing_intermediate(const struct judged *j, struct findings *to)
{
	bool ours = j->side == SIDE_CLIENT;
	bool presumed = j->reach == REACH_UNKNOWN_CA;
	const char *who = !ours ? "The server" : j->facts->ev->client != NULL ? "The client's chain" : "Our chain";
	const char *issuer = name_called(&j->top->issuer);
	struct finding *f;

	/* Accepted, and nothing says that the issuer is an intermediate: then it is a root that they trust. */
	if (presumed && ours && j->facts->accepted)
		return;
	f = judged_found(j, to, FAULT_MISSING_INTERMEDIATE, j->top);
	if (f == NULL)
		return;
	finding_title(to, f, ours ? "%s lacks “%s”" : "%s does not send “%s”", who, issuer);
	finding_why(to, f, "%s “%s”: without it %s cannot get from “%s” to the root. %s",
	    arena_printf(j->facts->arena, ours ? "%s lacks" : "%s does not send", who), issuer,
	    ours && j->facts->refused ? "the server" : "whoever holds only the root", cert_called(j->top), found_or_not(j));
	finding_cite(to, f, "%s: issuer %s; RFC 8446 4.4.2: each certificate that follows certifies the one before it, and only the root may be left out",
	    judged_role(j, j->top), j->top->issuer.safe);
	if (j->next != NULL)
		finding_cite(to, f, "“%s” is no root: its own issuer is “%s”, and its key verifies the signature of “%s”",
		    cert_called(j->next), name_called(&j->next->issuer), cert_called(j->top));
	share_issuer(j, to, f);
	if (!ours)
		finding_explain(to, f, CODE_CHAIN_EXTRA_CERTIFICATE); /* another CA's certificate in its place is the same slip */
	judged_finish(j, to, f, FAULT_MISSING_INTERMEDIATE);
	if (!ours && j->next_trusted) {
		f->severity = SEVERITY_WARNING;
		finding_why(to, f, "%s Whoever trusts this file gets by, as we do; others do not.", f->why);
	}
	if (presumed) {
		if (f->confidence > CONFIDENCE_MEDIUM)
			f->confidence = CONFIDENCE_MEDIUM;
		finding_candidate(to, f, ours ? CODE_CLIENT_UNTRUSTED : CODE_CHAIN_UNTRUSTED_ROOT, CONFIDENCE_MEDIUM,
		    arena_printf(j->facts->arena, "the certificate of “%s”: one that signs itself is a root that is not trusted", issuer));
	}
}

static bool
note_namesake(const struct cert *anchor, void *user)
{
	*(const struct cert **)user = anchor;
	return false;
}

static void
untrusted_root(const struct judged *j, struct findings *to)
{
	struct arena *a = j->facts->arena;
	const struct trust *trust = j->facts->ev->trust;
	const char *store = trust != NULL && trust->from != NULL ? trust->from : "an empty trust store";
	const struct cert *root = j->top->self_signed ? j->top : j->next;
	const char *name = root != NULL ? cert_called(root) : name_called(&j->top->issuer);
	const struct cert *namesake = NULL;
	struct finding *f = judged_found(j, to, FAULT_UNTRUSTED_ROOT, root != NULL ? root : j->top);

	if (f == NULL)
		return;
	if (trust != NULL && root != NULL)
		trust_issuers(trust, root, note_namesake, &namesake);
	finding_title(to, f, "The chain leads to “%s”, which is not trusted", name);
	/* A hashed folder is not counted: nobody read all of it. */
	if (trust != NULL && trust->all > 0)
		store = arena_printf(a, "%s (%zu %s)", store, trust->all, trust->all == 1 ? "certificate" : "certificates");
	finding_why(to, f, "The chain of “%s” leads to “%s”, which is not in %s.%s", cert_called(j->leaf), name, store,
	    namesake != NULL ? " A CA of the same name is, with another key." : "");
	if (root != NULL)
		finding_cite(to, f, "root “%s”: sha256 %s, signs itself, not in %s", name, root->sha256_hex, store);
	else
		finding_cite(to, f, "%s: issuer %s, not in %s", judged_role(j, j->top), j->top->issuer.safe, store);
	if (root == NULL) {
		share_issuer(j, to, f);
		f->confidence = CONFIDENCE_MEDIUM;
		finding_candidate(to, f, CODE_CHAIN_MISSING_INTERMEDIATE, CONFIDENCE_MEDIUM,
		    arena_printf(a, "the certificate of “%s”: one that another CA issued is an intermediate that is missing", name));
	}
	judged_finish(j, to, f, FAULT_UNTRUSTED_ROOT);
}

static void
self_signed(const struct judged *j, struct findings *to)
{
	const struct trust *trust = j->facts->ev->trust;
	struct finding *f = judged_found(j, to, FAULT_SELF_SIGNED, j->leaf);

	if (f == NULL)
		return;
	finding_title(to, f, "“%s” signs itself and is not trusted", cert_called(j->leaf));
	finding_why(to, f, "No CA issued “%s”: it is signed with its own key, and it is not in %s.", cert_called(j->leaf),
	    trust != NULL && trust->from != NULL ? trust->from : "an empty trust store");
	finding_cite(to, f, "leaf: subject and issuer are %s, and its own key verifies its signature", j->leaf->subject.safe);
	judged_finish(j, to, f, FAULT_SELF_SIGNED);
}

static void
rekeyed(const struct judged *j, struct findings *to)
{
	const char *issuer = name_called(&j->top->issuer);
	struct finding *f = judged_found(j, to, FAULT_BAD_SIGNATURE, j->top);

	if (f == NULL)
		return;
	finding_title(to, f, "“%s” was not signed by this “%s”", cert_called(j->top), issuer);
	finding_why(to, f, "“%s” names “%s” as its issuer. The CA of that name %s has another key, which does not verify the signature: most likely it was re-keyed.",
	    cert_called(j->top), issuer, judged_sent(j, j->next) ? "in the chain" : "that is trusted");
	finding_cite(to, f, "%s: the signature does not verify with the key of “%s”, sha256 %s", judged_role(j, j->top),
	    issuer, j->next->sha256_hex);
	if (j->top->aki.len > 0 && j->next->ski.len > 0 && !text_equal(j->top->aki, j->next->ski))
		finding_cite(to, f, "%s: its authority key identifier differs from that CA's subject key identifier; RFC 5280 4.2.1.1",
		    judged_role(j, j->top));
	share_issuer(j, to, f);
	judged_finish(j, to, f, FAULT_BAD_SIGNATURE);
}

void
judge_reach(const struct judged *j, struct findings *to)
{
	switch (j->reach) {
	case REACH_LACKS:
	case REACH_UNKNOWN_CA:
		missing_intermediate(j, to);
		break;
	case REACH_UNTRUSTED:
	case REACH_UNKNOWN_ROOT:
		/* Ours: which roots the server trusts is its own affair, and told by how it answers. */
		untrusted_root(j, to);
		break;
	case REACH_SELF_SIGNED:
		self_signed(j, to);
		break;
	case REACH_REKEYED:
		rekeyed(j, to);
		break;
	case REACH_NOTHING:
	case REACH_BROKEN:
	case REACH_TRUSTED:
		break;
	}
}

/* ---- order and surplus ---- */

/* The first place after `from` where c is sent; sent_len where it is not. */
static size_t
place_after(const struct judged *j, const struct cert *c, size_t from)
{
	while (from < j->sent_len && !cert_same(j->sent[from], c))
		from++;
	return from;
}

/*
 * RFC 5246 7.4.2: "Each following certificate MUST directly certify the one preceding it"; RFC 8446
 * 4.4.2 makes it SHOULD. OpenSSL, Go and Java sort for themselves (measured), small stacks do not.
 */
void
judge_order(const struct judged *j, struct findings *to)
{
	size_t at = 0;

	if (j->path == NULL)
		return;
	for (size_t i = 1; i < j->path->len; i++) {
		const struct cert *c = j->path->links[i].cert;
		size_t place = place_after(j, c, at + 1);
		struct finding *f;

		if (!judged_sent(j, c))
			continue;
		if (place < j->sent_len) {
			at = place;
			continue;
		}
		f = judged_found(j, to, FAULT_WRONG_ORDER, c);
		if (f == NULL)
			return;
		finding_title(to, f, "“%s” stands in the wrong place of the chain", cert_called(c));
		finding_why(to, f, "Each certificate should be followed by its issuer. “%s” issued “%s”, and stands at place %zu, before it at place %zu. OpenSSL, Go and Java put it right by themselves; small TLS libraries refuse the chain.",
		    cert_called(c), cert_called(j->path->links[i - 1].cert), place_after(j, c, 0) + 1, at + 1);
		finding_cite(to, f, "RFC 8446 4.4.2: each following certificate should directly certify the one preceding it (RFC 5246 7.4.2: must)");
		judged_finish(j, to, f, FAULT_WRONG_ORDER);
		return;
	}
}

enum surplus { NEEDED, TWICE, UNRELATED, OTHER_PATH_EXPIRED };

static enum surplus
surplus_of(const struct judged *j, size_t i)
{
	const struct cert *c = j->sent[i];
	bool elsewhere = false;

	if (place_after(j, c, 0) < i)
		return TWICE;
	if (path_holds(j->path, c))
		return NEEDED;
	for (size_t k = 0; k < j->paths->len; k++)
		elsewhere = elsewhere || path_holds(&j->paths->paths[k], c);
	if (elsewhere)
		return c->not_after != TIME_UNKNOWN && c->not_after < j->at ? OTHER_PATH_EXPIRED : NEEDED;
	return UNRELATED;
}

static const char *const surplus_text[] = {
	[TWICE] = "is sent twice",
	[UNRELATED] = "issued nothing in the chain",
	[OTHER_PATH_EXPIRED] = "belongs to another path that has expired; clients that do not look for a second path stumble over it",
};

static void
root_included(const struct judged *j, struct findings *to)
{
	for (size_t i = 1; i < j->sent_len; i++) {
		const struct cert *c = j->sent[i];
		struct finding *f;

		if (!c->self_signed || !path_holds(j->path, c) || cert_same(c, j->leaf))
			continue;
		f = judged_found(j, to, FAULT_ROOT_INCLUDED, c);
		if (f == NULL)
			continue;
		finding_title(to, f, "The server sends its root “%s”", cert_called(c));
		finding_why(to, f, "A client uses its own copy of the root or none: the %zu bytes go over the wire in every handshake for nothing.",
		    c->der.len);
		finding_cite(to, f, "root “%s”: place %zu of %zu; RFC 8446 4.4.2: a self-signed root may be left out", cert_called(c),
		    i + 1, j->sent_len);
		judged_finish(j, to, f, FAULT_ROOT_INCLUDED);
	}
}

void
judge_surplus(const struct judged *j, struct findings *to)
{
	struct finding *f = NULL;
	const char *first = NULL;
	size_t count = 0;

	/* Beyond the cap nobody knows which certificates belong to a path. */
	if (j->path == NULL || j->paths->paths_capped || judged_code(j, FAULT_EXTRA_CERTIFICATE) == CODE_NONE)
		return;
	root_included(j, to);
	for (size_t i = 1; i < j->sent_len; i++) {
		const struct cert *c = j->sent[i];
		enum surplus s = surplus_of(j, i);

		if (s == NEEDED)
			continue;
		if (f == NULL) {
			f = judged_found(j, to, FAULT_EXTRA_CERTIFICATE, c);
			first = arena_printf(j->facts->arena, "“%s” (place %zu) %s", cert_called(c), i + 1, surplus_text[s]);
		}
		if (f == NULL)
			return;
		if (++count <= NAMES_SHOWN)
			finding_cite(to, f, "place %zu of %zu: “%s” %s", i + 1, j->sent_len, cert_called(c), surplus_text[s]);
	}
	if (f == NULL)
		return;
	if (count > NAMES_SHOWN)
		finding_cite(to, f, "and %zu more", count - NAMES_SHOWN);
	if (count == 1)
		finding_title(to, f, "The server sends one certificate too many");
	else
		finding_title(to, f, "The server sends %zu certificates too many", count);
	finding_why(to, f, "%s%s.", first, count > 1 ? ", and so with others" : "");
	judged_finish(j, to, f, FAULT_EXTRA_CERTIFICATE);
}

/* ---- errors of the path ---- */

/*
 * What OpenSSL says of a path, by the code of the server's side. Times, trust, strength and form are
 * judged by rules of their own, from the fields: they are left out here.
 */
static const struct path_fault {
	enum code code;
	enum fault fault;
	const char *title; /* with the certificate's name */
	const char *rule;
} path_faults[] = {
	{ CODE_CHAIN_BAD_SIGNATURE, FAULT_BAD_SIGNATURE, "The signature of “%s” does not verify", "RFC 5280 6.1.3 (a)(1)" },
	{ CODE_CHAIN_NOT_A_CA, FAULT_NOT_A_CA, "“%s” issued a certificate and is no CA", "RFC 5280 4.2.1.9, 4.2.1.3" },
	{ CODE_CHAIN_PATH_LENGTH, FAULT_PATH_LENGTH, "“%s” allows fewer CAs below it than there are", "RFC 5280 4.2.1.9" },
	{ CODE_CHAIN_NAME_CONSTRAINT, FAULT_NAME_CONSTRAINT, "A CA above “%s” does not allow its names", "RFC 5280 4.2.1.10" },
	{ CODE_CHAIN_UNKNOWN_CRITICAL, FAULT_UNKNOWN_CRITICAL, "“%s” has a critical extension that nobody knows", "RFC 5280 4.2" },
	{ CODE_CHAIN_INVALID, FAULT_INVALID, "“%s” makes the path invalid", "RFC 5280 6.1" },
	{ CODE_EKU_NO_SERVER_AUTH, FAULT_PURPOSE, "“%s” does not allow this purpose for what it issues", "RFC 5280 4.2.1.12" },
};

static const enum code judged_elsewhere[] = {
	CODE_CHAIN_MISSING_INTERMEDIATE, CODE_CHAIN_UNTRUSTED_ROOT, CODE_CHAIN_SELF_SIGNED, CODE_CHAIN_INTERMEDIATE_EXPIRED,
	CODE_CERT_EXPIRED, CODE_CERT_NOT_YET_VALID, CODE_ROOT_EXPIRED, CODE_CERT_WEAK_KEY, CODE_CERT_WEAK_SIGNATURE,
	CODE_CERT_MALFORMED, CODE_CERT_REVOKED, CODE_CERT_REVOCATION_UNKNOWN, CODE_NAME_MISMATCH, CODE_NAME_NO_SAN,
};

/* NULL: a rule of its own looks at this. A code that nobody knows here is an error of the path all the same. */
static const struct path_fault *
path_fault_of(const struct path_error *e)
{
	const struct path_fault *other = NULL;

	for (size_t i = 0; i < sizeof judged_elsewhere / sizeof judged_elsewhere[0]; i++)
		if (judged_elsewhere[i] == e->code)
			return NULL;
	for (size_t i = 0; i < sizeof path_faults / sizeof path_faults[0]; i++) {
		if (path_faults[i].code == e->code)
			return &path_faults[i];
		if (path_faults[i].fault == FAULT_INVALID)
			other = &path_faults[i];
	}
	return other;
}

/* A re-keyed CA of the same name shows by its date or its key identifier; a flipped bit shows by nothing. */
static const char *
why_signature_fails(const struct judged *j, const struct cert *c, const struct cert *issuer)
{
	const char *name = cert_called(issuer);

	if (c->aki.len > 0 && issuer->ski.len > 0 && !text_equal(c->aki, issuer->ski))
		return arena_printf(j->facts->arena,
		    " It names another key as its issuer's: “%s” was re-keyed, and this is not the certificate that belongs here.", name);
	if (issuer->not_before > c->not_before)
		return arena_printf(j->facts->arena, " “%s” is of a later date than what it should have issued: most likely it was re-keyed.",
		    name);
	return arena_printf(j->facts->arena, " Either the certificate was damaged, or “%s” is another CA of that name.", name);
}

/* The names that a name constraint forbids, or why a signature may fail: the fact that the sentence lacks. */
static const char *
detail_of(const struct judged *j, const struct path_fault *pf, const struct cert *c, size_t depth)
{
	struct arena *a = j->facts->arena;

	if (pf->fault == FAULT_BAD_SIGNATURE && depth + 1 < j->path->len)
		return why_signature_fails(j, c, j->path->links[depth + 1].cert);
	if (pf->fault != FAULT_NAME_CONSTRAINT)
		return "";
	for (size_t i = depth + 1; i < j->path->len; i++) {
		const struct cert *ca = j->path->links[i].cert;

		if (ca->has_name_constraints)
			return arena_printf(a, " “%s” has name constraints: %s%s%s%s%s.", cert_called(ca),
			    ca->permitted_len > 0 ? "permitted " : "", ca->permitted_len > 0 ? ca->permitted[0].safe : "",
			    ca->permitted_len > 0 && ca->excluded_len > 0 ? ", " : "", ca->excluded_len > 0 ? "excluded " : "",
			    ca->excluded_len > 0 ? ca->excluded[0].safe : "");
	}
	return "";
}

/* Key identifiers that do not fit are how a re-keyed CA shows: where the signature is wrong, that says it. */
static bool
said_by_signature(const struct path *p, const struct path_error *e)
{
	if (e->x509_error != X509_V_ERR_AKID_SKID_MISMATCH && e->x509_error != X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH)
		return false;
	for (size_t i = 0; i < p->errors_len; i++)
		if (p->errors[i].depth == e->depth && p->errors[i].code == CODE_CHAIN_BAD_SIGNATURE)
			return true;
	return false;
}

void
judge_path_errors(const struct judged *j, struct findings *to)
{
	if (j->path == NULL)
		return;
	for (size_t i = 0; i < j->path->errors_len; i++) {
		const struct path_error *e = &j->path->errors[i];
		const struct path_fault *pf = path_fault_of(e);
		size_t depth = e->depth < 0 || (size_t)e->depth >= j->path->len ? 0 : (size_t)e->depth;
		const struct cert *c = j->path->links[depth].cert;
		struct finding *f;

		/* The leaf's own purposes have their rule; here it is a CA that restricts what it issues. */
		if (pf == NULL || (pf->fault == FAULT_PURPOSE && (depth == 0 || j->purpose == PURPOSE_ANY)) ||
		    said_by_signature(j->path, e))
			continue;
		f = judged_found(j, to, pf->fault, c);
		if (f == NULL)
			continue;
		finding_title(to, f, "%s", arena_printf(j->facts->arena, pf->title, cert_called(c)));
		finding_why(to, f, "%s.%s", judged_sentence(j, e->text), detail_of(j, pf, c, depth));
		finding_cite(to, f, "%s: %s", judged_role(j, c), pf->rule);
		if (e->x509_error != 0)
			finding_cite(to, f, "OpenSSL: error %d at depth %zu of the path", e->x509_error, depth);
		judged_finish(j, to, f, pf->fault);
	}
}
