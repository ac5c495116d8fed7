#include "model/judged.h"

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
	    "Java and GnuTLS servers refuse it, OpenSSL and nginx only where keyAgreement is missing too", false }, /* measured */
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

/* ---- the two sides ---- */

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
	return f->judge_server && f->leaf != NULL && judged_reach(out);
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
	return f->judge_us && asked && judged_reach(out);
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

/* How this server took a certificate with a fault: no more than what is proven. */
static const char *
here(const struct judged *j)
{
	const struct handshake *h = j->facts->base;

	if (h->outcome == OUTCOME_NOT_ASKED)
		return "This server did not ask for it";
	switch (handshake_doubt(h)) {
	case DOUBT_NONE: return "It works here";
	case DOUBT_ANSWER:
		return arena_printf(j->facts->arena, "Here TLS let it pass, and the HTTP %d that followed may be its refusal", h->http.status);
	case DOUBT_UNASKED: return "Here TLS let it pass, and nothing was asked inside";
	case DOUBT_UNANSWERED: return "Here TLS let it pass, and no answer followed";
	case DOUBT_CLOSED: return "Here TLS let it pass, and the server closed on our request, which may be its refusal";
	case DOUBT_SILENT: break;
	}
	return "Here it was not refused as long as we listened";
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
		finding_why(to, f, "%s %s; %s.", f->why != NULL ? f->why : "", here(j), rows[fault].refused_by);
}
