#include "model/judged.h"

#include <string.h>
#include <strings.h>

#include "model/limits.h"

/* The ids of fix actions: the one place that lists them for certificates. */
#define FIXES(...) ((const char *const[]){ __VA_ARGS__, NULL })
const char *const fixes_reissue_server[] = { "reissue-server", NULL };
const char *const fixes_match_key[] = { "match-key", NULL };
const char *const fixes_server_key[] = { "match-server-key", NULL };
const char *const fixes_protect_key[] = { "protect-key", NULL };

/*
 * One row a fault: its code on each side, what mends it there, and (ours) which servers refuse it,
 * from the measured matrix (knowledge "diagnosis", 3.2), for the case that this one accepts it.
 */
static const struct fault_row {
	enum code server, ours;
	const char *const *server_fixes, *const *our_fixes;
	const char *refused_by;
	bool of_path; /* depends on which paths were found: says so where a cap was met */
} rows[FAULT_COUNT] = {
	[FAULT_MISSING_INTERMEDIATE] = { CODE_CHAIN_MISSING_INTERMEDIATE, CODE_CLIENT_MISSING_INTERMEDIATE,
	    FIXES("complete-server-chain"), FIXES("complete-client-chain"),
	    "a server that holds only the root refuses it", true },
	[FAULT_WRONG_ORDER] = { CODE_CHAIN_WRONG_ORDER, CODE_CLIENT_WRONG_ORDER,
	    FIXES("order-chain"), FIXES("order-chain"), NULL, false },
	[FAULT_EXTRA_CERTIFICATE] = { CODE_CHAIN_EXTRA_CERTIFICATE, CODE_NONE, FIXES("order-chain"), NULL, NULL, true },
	[FAULT_ROOT_INCLUDED] = { CODE_CHAIN_ROOT_INCLUDED, CODE_NONE, FIXES("order-chain"), NULL, NULL, false },
	[FAULT_UNTRUSTED_ROOT] = { CODE_CHAIN_UNTRUSTED_ROOT, CODE_NONE,
	    FIXES("trust-add-ca", "reissue-server"), NULL, NULL, true },
	[FAULT_SELF_SIGNED] = { CODE_CHAIN_SELF_SIGNED, CODE_NONE, FIXES("reissue-server", "trust-add-ca"), NULL, NULL, false },
	[FAULT_BAD_SIGNATURE] = { CODE_CHAIN_BAD_SIGNATURE, CODE_CLIENT_BAD_CHAIN,
	    FIXES("complete-server-chain", "reissue-server"), FIXES("complete-client-chain", "reissue-client"),
	    "OpenSSL, nginx, Go, Java and GnuTLS servers refuse it", true },
	[FAULT_NOT_A_CA] = { CODE_CHAIN_NOT_A_CA, CODE_CLIENT_BAD_CHAIN, FIXES("renew-intermediate"),
	    FIXES("renew-intermediate"), "OpenSSL, nginx, Go, Java and GnuTLS servers refuse it", true },
	[FAULT_PATH_LENGTH] = { CODE_CHAIN_PATH_LENGTH, CODE_CLIENT_BAD_CHAIN, FIXES("renew-intermediate"),
	    FIXES("renew-intermediate"), "OpenSSL, nginx, Go, Java and GnuTLS servers refuse it", true },
	[FAULT_NAME_CONSTRAINT] = { CODE_CHAIN_NAME_CONSTRAINT, CODE_CLIENT_BAD_CHAIN,
	    FIXES("reissue-server", "renew-intermediate"), FIXES("reissue-client", "renew-intermediate"),
	    "OpenSSL, nginx, Go, Java and GnuTLS servers refuse it", true },
	[FAULT_UNKNOWN_CRITICAL] = { CODE_CHAIN_UNKNOWN_CRITICAL, CODE_CLIENT_BAD_CHAIN, FIXES("reissue-server"),
	    FIXES("reissue-client"), "a server that follows RFC 5280 4.2 refuses it", true },
	[FAULT_INVALID] = { CODE_CHAIN_INVALID, CODE_CLIENT_BAD_CHAIN, FIXES("reissue-server"),
	    FIXES("reissue-client"), "OpenSSL servers refuse it", true },
	[FAULT_INTERMEDIATE_EXPIRED] = { CODE_CHAIN_INTERMEDIATE_EXPIRED, CODE_CLIENT_INTERMEDIATE_EXPIRED,
	    FIXES("renew-intermediate", "complete-server-chain"), FIXES("renew-intermediate", "complete-client-chain"),
	    "OpenSSL, nginx, Go, Java and GnuTLS servers refuse it", true },
	[FAULT_LEAF_EXPIRED] = { CODE_CERT_EXPIRED, CODE_CLIENT_EXPIRED, FIXES("reissue-server"),
	    FIXES("reissue-client"), "OpenSSL, nginx, Go, Java and GnuTLS servers refuse it", false },
	[FAULT_LEAF_NOT_YET_VALID] = { CODE_CERT_NOT_YET_VALID, CODE_CLIENT_NOT_YET_VALID, FIXES("reissue-server"),
	    FIXES("reissue-client"), "OpenSSL, nginx, Go, Java and GnuTLS servers refuse it", false },
	[FAULT_LEAF_EXPIRING] = { CODE_CERT_EXPIRING, CODE_CLIENT_EXPIRING, FIXES("reissue-server"),
	    FIXES("reissue-client"), NULL, false },
	[FAULT_INTERMEDIATE_EXPIRING] = { CODE_CHAIN_INTERMEDIATE_EXPIRING, CODE_CLIENT_INTERMEDIATE_EXPIRING,
	    FIXES("renew-intermediate"), FIXES("renew-intermediate"), NULL, true },
	[FAULT_OUTLIVES_ISSUER] = { CODE_CERT_OUTLIVES_ISSUER, CODE_NONE, FIXES("renew-intermediate"), NULL, NULL, true },
	[FAULT_WEAK_KEY] = { CODE_CERT_WEAK_KEY, CODE_CLIENT_WEAK, FIXES("reissue-server"), FIXES("reissue-client"),
	    "OpenSSL at security level 2 (Debian's and OpenSSL 3.2's default) and nginx on it refuse it", false },
	[FAULT_WEAK_SIGNATURE] = { CODE_CERT_WEAK_SIGNATURE, CODE_CLIENT_WEAK, FIXES("reissue-server"),
	    FIXES("reissue-client"), "OpenSSL 3, nginx, Go and GnuTLS servers refuse it", false },
	/* A breach that peers let pass has no code of our own side: it is the same one, and says whose it is. */
	[FAULT_MALFORMED] = { CODE_CERT_MALFORMED, CODE_CERT_MALFORMED, FIXES("reissue-server"),
	    FIXES("reissue-client"), NULL, false },
	[FAULT_HOSTILE_NAME] = { CODE_CERT_HOSTILE_NAME, CODE_CLIENT_HOSTILE_NAME, FIXES("reissue-server"),
	    FIXES("reissue-client"), NULL, false },
	[FAULT_PURPOSE] = { CODE_EKU_NO_SERVER_AUTH, CODE_CLIENT_EKU, FIXES("reissue-server"), FIXES("reissue-client"),
	    "OpenSSL, nginx, Go and Java servers refuse it", false },
	[FAULT_KEY_USAGE] = { CODE_EKU_NO_SERVER_AUTH, CODE_CLIENT_EKU, FIXES("reissue-server"), FIXES("reissue-client"),
	    "OpenSSL, nginx, Java and GnuTLS servers refuse it", false },
	/* Which copy of the root the server trusts we cannot see: for our side it is a CA above us that has expired. */
	[FAULT_ROOT_EXPIRED] = { CODE_ROOT_EXPIRED, CODE_CLIENT_INTERMEDIATE_EXPIRED, FIXES("roll-root"),
	    FIXES("roll-root"), "OpenSSL and Go servers that trust this root refuse it", true },
	[FAULT_ROOT_EXPIRING] = { CODE_ROOT_EXPIRING, CODE_CLIENT_ROOT_EXPIRING, FIXES("roll-root"), FIXES("roll-root"),
	    NULL, true },
};

const char *
name_called(const struct name *n)
{
	return n->common_name != NULL && n->common_name[0] != '\0' ? n->common_name : "a CA without a name";
}

const char *
cert_called(const struct cert *c)
{
	if (c->subject.common_name != NULL && c->subject.common_name[0] != '\0')
		return c->subject.common_name;
	if (c->san_len > 0 && c->san[0].safe != NULL && c->san[0].safe[0] != '\0')
		return c->san[0].safe;
	return "a certificate without a name";
}

const char *
judged_sentence(const struct judged *j, const char *text)
{
	char *sentence = arena_strdup(j->facts->arena, text != NULL ? text : "the path does not verify");

	if (sentence[0] >= 'a' && sentence[0] <= 'z')
		sentence[0] = (char)(sentence[0] - 'a' + 'A');
	return sentence;
}

bool
cert_same(const struct cert *a, const struct cert *b)
{
	return a == b || (a != NULL && b != NULL && fingerprint_equal(&a->sha256, &b->sha256));
}

bool
path_holds(const struct path *p, const struct cert *c)
{
	for (size_t i = 0; i < p->len; i++)
		if (cert_same(p->links[i].cert, c))
			return true;
	return false;
}

const struct path *
judged_other_path(const struct judged *j, int64_t at)
{
	for (size_t i = 0; j->paths != NULL && i < j->paths->len; i++)
		if (&j->paths->paths[i] != j->path && path_valid_at(&j->paths->paths[i], at))
			return &j->paths->paths[i];
	return NULL;
}

bool
judged_sent(const struct judged *j, const struct cert *c)
{
	for (size_t i = 0; i < j->sent_len; i++)
		if (cert_same(j->sent[i], c))
			return true;
	return false;
}

bool
judged_is_root(const struct path *p, size_t i)
{
	return i > 0 && i + 1 == p->len && (p->anchored || p->links[i].cert->self_signed);
}

const char *
judged_role(const struct judged *j, const struct cert *c)
{
	const char *role = c->self_issued ? "root" : "intermediate";

	if (cert_same(c, j->leaf))
		return "leaf";
	return arena_printf(j->facts->arena, "%s “%s”", role, cert_called(c));
}

/* ---- how far it leads ---- */

/* Does the server name this CA in its CertificateRequest? */
static bool
named_by_server(const struct facts *f, const struct name *n)
{
	if (f->base == NULL || !f->base->request.seen)
		return false;
	for (size_t i = 0; i < f->base->request.cas_len; i++)
		if (name_equal(&f->base->request.cas[i], n))
			return true;
	return false;
}

static size_t
leading_sent(const struct judged *j, const struct path *p)
{
	size_t k = 0;

	while (k < p->len && judged_sent(j, p->links[k].cert))
		k++;
	return k;
}

struct issuer_search {
	const struct cert *of;
	const struct cert *found, *namesake;
	size_t checks;
};

static void
try_issuer(struct issuer_search *s, const struct cert *c)
{
	if (c == NULL || s->found != NULL || cert_same(c, s->of) || !name_equal(&c->subject, &s->of->issuer))
		return;
	if (s->checks < LIMIT_SIGNATURE_CHECKS && cert_signed_by(s->of, c, &s->checks))
		s->found = c;
	else if (s->namesake == NULL)
		s->namesake = c;
}

static bool
try_anchor(const struct cert *anchor, void *user)
{
	try_issuer(user, anchor);
	return ((struct issuer_search *)user)->found == NULL;
}

/*
 * Any anchor that was given counts, a CA below the root too. Yet where the file holds that CA and its
 * root, the root is what others have, and the CA is what the server should have sent.
 */
static bool
goes_on_to_root(const struct judged *j, const struct cert *anchor)
{
	struct issuer_search s = { .of = anchor };

	if (anchor == NULL || anchor->self_signed || j->facts->ev->trust == NULL)
		return false;
	trust_issuers(j->facts->ev->trust, anchor, try_anchor, &s);
	return s.found != NULL;
}

/* Where one path leads, by what of it is sent. `k` certificates are sent, then `next` is not. */
static enum reach
reach_of(const struct judged *j, const struct path *p, size_t k)
{
	const struct cert *top = p->links[k - 1].cert;
	const struct cert *next = k < p->len ? p->links[k].cert : NULL;

	if (j->side == SIDE_SERVER && p->anchored && k + 1 >= p->len)
		return goes_on_to_root(j, next) ? REACH_LACKS : REACH_TRUSTED;
	if (j->side == SIDE_CLIENT) {
		/* An intermediate in our own trust store is not in the server's: only a root, or a CA that it names, ends the path. */
		for (size_t i = 0; i < k; i++)
			if (named_by_server(j->facts, &p->links[i].cert->issuer))
				return REACH_TRUSTED;
		if (next == NULL ? top->self_signed : next->self_signed)
			return REACH_TRUSTED;
	}
	if (next != NULL)
		return next->self_signed ? REACH_UNTRUSTED : REACH_LACKS;
	if (top->self_signed)
		return k == 1 ? REACH_SELF_SIGNED : REACH_UNTRUSTED;
	return REACH_UNKNOWN_CA;
}

/* Of several paths the one that leads farthest decides; paths of one rank stand best first. */
static int
rank(enum reach r, bool anchored)
{
	switch (r) {
	case REACH_TRUSTED:
		return 4;
	case REACH_LACKS:
		return anchored ? 3 : 1;
	case REACH_UNTRUSTED:
	case REACH_SELF_SIGNED:
		return 2;
	default:
		return 0;
	}
}

/*
 * The issuer of a certificate, in all that the evidence holds: what was fetched, the trust store,
 * the other side's chain. For ours a namesake in the trust store proves nothing, because the server's
 * store is not ours; so namesakes count among the sent ones only.
 */
static void
look_for_issuer(struct judged *j)
{
	const struct facts *f = j->facts;
	struct issuer_search s = { .of = j->top };
	const struct cert *sent_namesake;

	for (size_t i = 0; i < j->sent_len; i++)
		try_issuer(&s, j->sent[i]);
	sent_namesake = s.namesake;
	for (size_t i = 0; i < f->ev->found_len && s.found == NULL; i++) {
		try_issuer(&s, f->ev->found[i].cert);
		if (s.found != NULL)
			j->next_where = f->ev->found[i].where;
	}
	if (s.found == NULL && f->ev->trust != NULL) {
		trust_issuers(f->ev->trust, j->top, try_anchor, &s);
		if (s.found != NULL)
			j->next_where = f->ev->trust->from;
	}
	for (size_t i = 0; j->side == SIDE_SERVER && f->us != NULL && i < f->us->len && s.found == NULL; i++) {
		try_issuer(&s, f->us->certs[i]);
		if (s.found != NULL)
			j->next_where = f->us->cert_file;
	}
	for (size_t i = 0; j->side == SIDE_CLIENT && i < f->chain_len && s.found == NULL; i++) {
		try_issuer(&s, f->chain[i]);
		if (s.found != NULL)
			j->next_where = "the server's own chain";
	}
	j->next = s.found;
	if (s.found == NULL) {
		j->next = j->side == SIDE_SERVER ? s.namesake : sent_namesake;
		if (j->next != NULL)
			j->reach = REACH_REKEYED;
	}
}

static bool
says_root(const char *s)
{
	for (; *s != '\0'; s++)
		if (strncasecmp(s, "root", 4) == 0)
			return true;
	return false;
}

static const char *
organisation(const struct name *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (n->parts[i].type != NULL && strcmp(n->parts[i].type, "O") == 0)
			return n->parts[i].safe;
	return NULL;
}

static bool
same_organisation(const char *org, const struct name *n)
{
	const char *theirs = organisation(n);

	return theirs != NULL && strcmp(theirs, org) == 0;
}

/*
 * Of one organisation with a CA that whoever judges wants: an anchor that the user named, or for our
 * chain a name on the server's list. Then what is missing lies most likely below that one.
 */
static bool
organisation_is_wanted(const struct judged *j, const struct name *n)
{
	const struct trust *t = j->facts->ev->trust;
	const struct handshake *h = j->facts->base;
	const char *org = organisation(n);

	if (org == NULL)
		return false;
	if (j->side == SIDE_CLIENT && h != NULL && h->request.cas_len > 0) {
		for (size_t i = 0; i < h->request.cas_len; i++)
			if (same_organisation(org, &h->request.cas[i]))
				return true;
		return false;
	}
	for (size_t i = 0; t != NULL && !t->system && i < t->len; i++) {
		const struct cert *anchor = trust_anchor(t, i);

		if (anchor != NULL && same_organisation(org, &anchor->subject))
			return true;
	}
	return false;
}

/*
 * The issuer of the last certificate is nowhere. Is it a root that nobody trusts or an intermediate
 * that was left out? The wire cannot tell; what is usual can: a root signs intermediates, an
 * intermediate signs leaves. What follows says so at medium confidence, with the other as candidate.
 */
static enum reach
guess_unknown(const struct judged *j)
{
	if (says_root(name_called(&j->top->issuer)))
		return REACH_UNKNOWN_ROOT;
	if (j->top != j->leaf && !organisation_is_wanted(j, &j->top->issuer))
		return REACH_UNKNOWN_ROOT;
	return REACH_UNKNOWN_CA;
}

static const char *
where_of(const struct judged *j, const struct path_link *link)
{
	const struct facts *f = j->facts;

	for (size_t i = 0; i < f->ev->found_len; i++)
		if (cert_same(f->ev->found[i].cert, link->cert))
			return f->ev->found[i].where;
	switch (link->source) {
	case SOURCE_TRUST:
		return f->ev->trust != NULL ? f->ev->trust->from : "the trust store";
	case SOURCE_IDENTITY:
		return f->us != NULL && f->us->cert_file != NULL ? f->us->cert_file : "our identity";
	case SOURCE_PRESENTED:
		return "the server's own chain";
	default:
		return path_source_name(link->source);
	}
}

static void
choose_path(struct judged *j)
{
	int best = -1;

	for (size_t i = 0; j->paths != NULL && i < j->paths->len; i++) {
		const struct path *p = &j->paths->paths[i];
		size_t k = p->len > 0 ? leading_sent(j, p) : 0;
		enum reach r;

		if (k == 0)
			continue;
		r = reach_of(j, p, k);
		if (rank(r, p->anchored) <= best)
			continue;
		best = rank(r, p->anchored);
		j->path = p;
		j->reach = r;
		j->top = p->links[k - 1].cert;
		j->next = k < p->len ? p->links[k].cert : NULL;
		j->next_where = k < p->len ? where_of(j, &p->links[k]) : NULL;
		j->next_trusted = k < p->len && p->anchored && j->facts->ev->trust != NULL &&
		    trust_has(j->facts->ev->trust, p->links[k].cert);
	}
}

/* Not for want of an issuer: a root whose own signature is wrong, or a chain without end. */
static bool
ends_badly(const struct path *p)
{
	if (p == NULL || p->complete || p->errors_len == 0)
		return false;
	for (size_t i = 0; i < p->errors_len; i++)
		if (p->errors[i].code == CODE_CHAIN_MISSING_INTERMEDIATE || p->errors[i].code == CODE_CHAIN_UNTRUSTED_ROOT)
			return false;
	return true;
}

static bool
judged_start(struct judged *j)
{
	if (j->sent_len == 0)
		return false;
	j->leaf = j->top = j->sent[0];
	j->reach = REACH_UNKNOWN_CA;
	choose_path(j);
	if (j->reach != REACH_UNKNOWN_CA)
		return true;
	if (ends_badly(j->path)) {
		j->reach = REACH_BROKEN;
		return true;
	}
	if (j->side == SIDE_CLIENT &&
	    named_by_server(j->facts, &j->top->issuer)) {
		j->reach = REACH_TRUSTED;
		return true;
	}
	look_for_issuer(j);
	if (j->reach == REACH_REKEYED)
		return true;
	if (j->next == NULL)
		j->reach = guess_unknown(j);
	else if (!j->next->self_signed)
		j->reach = REACH_LACKS;
	else
		j->reach = j->side == SIDE_CLIENT ? REACH_TRUSTED : REACH_UNTRUSTED;
	return true;
}

bool
judged_server(const struct facts *f, struct judged *out)
{
	*out = (struct judged){
		.facts = f,
		.side = SIDE_SERVER,
		.purpose = f->ev->offline ? f->ev->offline_purpose : PURPOSE_SERVER,
		.sent = f->chain,
		.sent_len = f->chain_len,
		.paths = f->paths,
		.at = f->now,
		.other = f->server_now,
	};
	return f->judge_server && f->leaf != NULL && judged_start(out);
}

bool
judged_ours(const struct facts *f, struct judged *out)
{
	bool have_identity = f->us != NULL && f->us->len > 0;
	bool asked = !f->ev->offline || f->ev->offline_purpose == PURPOSE_CLIENT; /* a server's files with their key are no client */

	*out = (struct judged){
		.facts = f,
		.side = SIDE_CLIENT,
		.purpose = PURPOSE_CLIENT,
		.sent = have_identity ? f->us->certs : f->ev->offline_chain,
		.sent_len = have_identity ? f->us->len : f->ev->offline_len,
		.paths = f->our_paths,
		.at = f->server_now,
		.other = f->now,
	};
	return f->judge_us && asked && judged_start(out);
}

/* ---- findings ---- */

enum code
judged_code(const struct judged *j, enum fault fault)
{
	return j->side == SIDE_SERVER ? rows[fault].server : rows[fault].ours;
}

struct finding *
judged_found(const struct judged *j, struct findings *to, enum fault fault, const struct cert *about)
{
	enum code code = judged_code(j, fault);
	struct finding *f;

	if (code == CODE_NONE)
		return NULL;
	for (size_t i = 0; i < to->len; i++)
		if (to->items[i]->code == code && to->items[i]->side == j->side && cert_same(to->items[i]->certificate, about))
			return NULL;
	f = finding_add(to, code);
	f->side = j->side;
	f->confidence = CONFIDENCE_CERTAIN;
	f->fixes = j->side == SIDE_SERVER ? rows[fault].server_fixes : rows[fault].our_fixes;
	if (about != NULL)
		finding_at(to, f, about);
	return f;
}

void
judged_finish(const struct judged *j, struct findings *to, struct finding *f, enum fault fault)
{
	if (rows[fault].of_path && j->paths != NULL) {
		if (j->paths->paths_capped)
			finding_cite(to, f, "Only the first %d candidate paths were judged; there are more.", LIMIT_PATHS);
		if (j->paths->checks_capped)
			finding_cite(to, f, "Only %d signatures were checked; there are more candidates.",
			    LIMIT_SIGNATURE_CHECKS);
	}
	if (j->side != SIDE_CLIENT || code_info(f->code)->severity != SEVERITY_ERROR)
		return;
	finding_judge_local(to, f);
	if (j->facts->accepted && rows[fault].refused_by != NULL)
		finding_why(to, f, "%s %s; %s.", f->why != NULL ? f->why : "",
		    j->facts->base->outcome == OUTCOME_NOT_ASKED ? "This server did not ask for it" : "It works here",
		    rows[fault].refused_by);
}
