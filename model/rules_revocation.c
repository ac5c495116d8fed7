/*
 * Revocation: what CRLs and OCSP say of the server's chain and of ours. What gives no address is no finding.
 * Run after what our files say, because a revoked certificate of ours is such a fault, and before what the
 * refusal says.
 */
#include "model/judged.h"
#include "model/memory.h"
#include "model/rejected.h"
#include "model/revocation.h"
#include "model/times.h"

enum { SOURCES_CITED = 8 };

static const char *const fixes_reissue_client[] = { "reissue-client", NULL };

/* The certificate of that fingerprint on this side; NULL: it is the other side's, or nobody's. */
static const struct cert *
on_side(const struct judged *j, const struct fingerprint *of)
{
	for (size_t i = 0; i < j->sent_len; i++)
		if (fingerprint_equal(&j->sent[i]->sha256, of))
			return j->sent[i];
	for (size_t i = 0; j->path != NULL && i < j->path->len; i++)
		if (fingerprint_equal(&j->path->links[i].cert->sha256, of))
			return j->path->links[i].cert;
	return NULL;
}

/* Is it the first record about that certificate? Each is judged once, by all that is known of it. */
static bool
first_about(const struct evidence *e, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (fingerprint_equal(&e->revocations[k].of, &e->revocations[i].of))
			return false;
	return true;
}

/* ---- revoked ---- */

static const char *
because(const struct revocation *r, struct arena *a)
{
	char when[TIME_TEXT_MAX];
	const char *on = r->revoked_at != TIME_UNKNOWN ? arena_printf(a, " on %s", time_human(r->revoked_at, when)) : "";

	if (r->reason == NULL)
		return arena_printf(a, "%s, without a reason", on);
	return arena_printf(a, "%s, reason %s", on, r->reason);
}

static void
cite_source(const struct judged *j, struct findings *to, struct finding *n, const struct revocation *r, const struct cert *c)
{
	struct arena *a = j->facts->arena;
	const char *source = revocation_source(r, a);

	if (r->status == REVOCATION_REVOKED)
		finding_cite(to, n, "%s: %s: revoked%s", judged_role(j, c), source, because(r, a));
	else if (revocation_holds(r, j->facts->now))
		finding_cite(to, n, "%s: %s: good", judged_role(j, c), source);
	else
		finding_cite(to, n, "%s: %s: %s", judged_role(j, c), source, revocation_why(r, j->facts->now, a));
}

static void
cite_sources(const struct judged *j, struct findings *to, struct finding *n, const struct cert *c)
{
	const struct evidence *e = j->facts->ev;
	size_t cited = 0;

	for (size_t i = 0; i < e->revocations_len && cited < SOURCES_CITED; i++)
		if (fingerprint_equal(&e->revocations[i].of, &c->sha256)) {
			cite_source(j, to, n, &e->revocations[i], c);
			cited++;
		}
}

static const char *
says_revoked(const struct judged *j, const struct cert *c, const struct revocation *r)
{
	struct arena *a = j->facts->arena;
	const char *source = judged_sentence(j, revocation_source(r, a));
	bool hold = r->reason != NULL && r->reason[0] == 'c' && r->reason[1] == 'e' && r->reason[2] == 'r';

	return arena_printf(a, "%s says that “%s” was revoked%s%s.", source, cert_called(c), because(r, a),
	    hold ? ", which may be taken back" : "");
}

static void
server_revoked(const struct judged *j, struct findings *to, const struct cert *c, const struct revocation *r)
{
	struct finding *n = finding_add(to, CODE_CERT_REVOKED);

	n->confidence = CONFIDENCE_CERTAIN;
	finding_at(to, n, c);
	finding_title(to, n, c == j->leaf ? "The server's certificate “%s” is revoked" : "“%s”, a CA of the server's chain, is revoked",
	    cert_called(c));
	finding_why(to, n, "%s Clients that look at revocation refuse the server; many do not look.", says_revoked(j, c, r));
	cite_sources(j, to, n, c);
}

static bool
was_taken(const struct facts *f)
{
	return f->accepted && f->base != NULL && f->base->request.seen && f->base->sent_certs_len > 0;
}

static void
not_checked(const struct judged *j, struct findings *to, const struct cert *c, const struct revocation *r)
{
	enum doubt doubt = handshake_doubt(j->facts->base);
	struct finding *n;

	if (!was_taken(j->facts))
		return;
	n = finding_add(to, CODE_MTLS_REVOCATION_NOT_CHECKED);
	n->confidence = doubt == DOUBT_NONE ? CONFIDENCE_CERTAIN : CONFIDENCE_MEDIUM;
	finding_at(to, n, c);
	finding_title(to, n, "The server accepts our certificate, which is revoked");
	finding_why(to, n, "%s The server let us in all the same%s: it does not look at revocation, or its list is older than that.",
	    says_revoked(j, c, r), doubt == DOUBT_NONE ? "" : ", as far as we saw");
	cite_sources(j, to, n, c);
	finding_cite(to, n, "%s: our certificate went out, and the server went on", j->facts->base->id != NULL ? j->facts->base->id : "baseline");
	finding_explain(to, n, CODE_CLIENT_REVOKED);
}

static void
ours_revoked(const struct judged *j, struct findings *to, const struct cert *c, const struct revocation *r)
{
	struct finding *n = finding_add(to, CODE_CLIENT_REVOKED);

	n->confidence = CONFIDENCE_CERTAIN;
	n->fixes = fixes_reissue_client;
	finding_at(to, n, c);
	finding_title(to, n, c == j->leaf ? "Our certificate “%s” is revoked" : "“%s”, a CA of our chain, is revoked", cert_called(c));
	finding_why(to, n, "%s%s", says_revoked(j, c, r), j->facts->accepted ? " A server that looks at revocation refuses it." : "");
	cite_sources(j, to, n, c);
	finding_judge_local(to, n);
	/* Alert 44 has one meaning, on every stack that sends it; and here is what it means. */
	if (j->facts->refused && j->facts->refusal.kind == REFUSAL_ALERT && j->facts->refusal.alert == 44)
		n->confidence = CONFIDENCE_CERTAIN;
	not_checked(j, to, c, r);
}

static void
revoked(const struct judged *j, struct findings *to)
{
	const struct evidence *e = j->facts->ev;

	for (size_t i = 0; i < e->revocations_len; i++) {
		const struct cert *c = on_side(j, &e->revocations[i].of);
		struct revocation_answer answer;

		if (c == NULL || !first_about(e, i))
			continue;
		answer = revocation_of(e, c, j->facts->now);
		if (answer.status != REVOCATION_REVOKED)
			continue;
		if (j->side == SIDE_SERVER)
			server_revoked(j, to, c, answer.from);
		else
			ours_revoked(j, to, c, answer.from);
	}
}

static void
server_revoked_look(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		revoked(&j, to);
}

static void
ours_revoked_look(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_ours(f, &j))
		revoked(&j, to);
}

/* ---- unknown ---- */

/* A kind of list that is not judged here is our limit, not theirs. */
static bool
beyond_us(const struct evidence *e, const struct cert *c)
{
	for (size_t i = 0; i < e->revocations_len; i++)
		if (fingerprint_equal(&e->revocations[i].of, &c->sha256) && e->revocations[i].doubt != REVOCATION_UNSUPPORTED)
			return false;
	return true;
}

/* One finding a side: what cannot be looked up for one certificate can mostly not be for its CA either. */
static void
unknown(const struct judged *j, struct findings *to)
{
	const struct evidence *e = j->facts->ev;
	struct arena *a = j->facts->arena;
	struct finding *n = NULL;

	for (size_t i = 0; i < e->revocations_len; i++) {
		const struct cert *c = on_side(j, &e->revocations[i].of);
		struct revocation_answer answer;

		if (c == NULL || !first_about(e, i))
			continue;
		answer = revocation_of(e, c, j->facts->now);
		if (answer.status != REVOCATION_UNKNOWN || answer.from == NULL)
			continue;
		if (n == NULL) {
			n = finding_add(to, CODE_CERT_REVOCATION_UNKNOWN);
			n->side = j->side;
			if (beyond_us(e, c))
				n->severity = SEVERITY_NOTICE;
			finding_at(to, n, c);
			finding_title(to, n, "Nobody can tell from here whether “%s” is revoked", cert_called(c));
			finding_why(to, n, "%s does not tell whether “%s” is revoked: %s. %s",
			    judged_sentence(j, revocation_source(answer.from, a)), cert_called(c),
			    revocation_why(answer.from, j->facts->now, a),
			    j->side == SIDE_SERVER ? "Clients that insist on an answer refuse the server." : "A server that insists on an answer refuses us.");
			/* What targets share is who does not answer. */
			if (answer.from->where != NULL)
				finding_shares(to, n, answer.from->where, answer.from->where);
		}
		cite_sources(j, to, n, c);
	}
}

/*
 * RFC 6066 8: a client that was handed a response looks at it, and at an old one some refuse, whatever they could
 * learn elsewhere.
 */
static void
stale_staple(const struct judged *j, struct findings *to)
{
	const struct evidence *e = j->facts->ev;

	for (size_t i = 0; i < e->revocations_len; i++) {
		const struct revocation *r = &e->revocations[i];
		struct arena *a = j->facts->arena;
		struct finding *n;

		if (r->by != REVOCATION_BY_STAPLE || revocation_holds(r, j->facts->now) || !fingerprint_equal(&r->of, &j->leaf->sha256))
			continue;
		if (revocation_of(e, j->leaf, j->facts->now).status == REVOCATION_UNKNOWN)
			return; /* that is said already, with this among the reasons */
		n = finding_add(to, CODE_CERT_REVOCATION_UNKNOWN);
		finding_at(to, n, j->leaf);
		finding_title(to, n, "The server staples an OCSP response that does not hold");
		finding_why(to, n, "The OCSP response that the server staples to its certificate tells nothing: %s. Clients that go by it refuse the server.",
		    revocation_why(r, j->facts->now, a));
		cite_sources(j, to, n, j->leaf);
		return;
	}
}

static void
unknown_look(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j)) {
		unknown(&j, to);
		stale_staple(&j, to);
	}
	if (judged_ours(f, &j))
		unknown(&j, to);
}

/* ---- the server's own list ---- */

/*
 * Knowledge 3.1 and E21: OpenSSL answers an expired list of its own with 45, as if something of ours had expired.
 * Where the list of our CA is expired or cannot be had from here, it is likely no better over there; no more than
 * that. On 48 (no list at all) it is one candidate among others (model/rejected.c).
 */
static void
server_revocation(const struct facts *f, struct findings *to)
{
	const struct revocation *r = revocation_list_in_doubt(f->ev, f->now);
	struct finding *n;

	if (r == NULL || !f->refused || f->base->sent_certs_len == 0 || f->refusal.kind != REFUSAL_ALERT || f->refusal.alert != 45)
		return;
	if (refusal_fits(f->ev, CODE_CLIENT_SERVER_REVOCATION) == RULED_OUT || rejected_by_local_fault(f, to))
		return;
	n = finding_add(to, CODE_CLIENT_SERVER_REVOCATION);
	n->confidence = CONFIDENCE_MEDIUM;
	finding_title(to, n, "The server most likely holds a revocation list of our CA that has expired");
	finding_why(to, n, "The server says that something has expired, and nothing of ours has. What it checks us by may have: %s is no good from here either, %s. A server that goes by it refuses everybody.",
	    revocation_source(r, f->arena), revocation_why(r, f->now, f->arena));
	finding_cite_refusal(to, n);
	finding_cite(to, n, "%s: %s", revocation_source(r, f->arena), revocation_why(r, f->now, f->arena));
	finding_shares(to, n, r->where, r->where);
	finding_explain(to, n, CODE_CLIENT_REJECTED);
	finding_explain(to, n, CODE_CERT_REVOCATION_UNKNOWN);
	if (!f->ev->clocks.server_known)
		finding_candidate(to, n, CODE_CLOCK_SERVER_SKEW, CONFIDENCE_LOW, "the server's clock: “date” on its host");
}

static const struct rule rules[] = {
	{ .code = CODE_CERT_REVOKED, .look = server_revoked_look },
	{ .code = CODE_CLIENT_REVOKED, .look = ours_revoked_look },
	{ .code = CODE_CERT_REVOCATION_UNKNOWN, .look = unknown_look },
	{ .code = CODE_CLIENT_SERVER_REVOCATION, .look = server_revocation },
};
const struct rule_table rules_revocation = { "revocation", rules, sizeof rules / sizeof rules[0] };
