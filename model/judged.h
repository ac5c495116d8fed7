/*
 * A chain that is judged: the server's or ours. The rules about certificates are written once, over
 * this; one table says which code a fault has on which side.
 */
#ifndef MODEL_JUDGED_H
#define MODEL_JUDGED_H

#include "model/rules.h"

enum fault {
	FAULT_MISSING_INTERMEDIATE,
	FAULT_WRONG_ORDER,
	FAULT_EXTRA_CERTIFICATE,
	FAULT_ROOT_INCLUDED,
	FAULT_UNTRUSTED_ROOT,
	FAULT_SELF_SIGNED,
	FAULT_BAD_SIGNATURE,
	FAULT_NOT_A_CA,
	FAULT_PATH_LENGTH,
	FAULT_NAME_CONSTRAINT,
	FAULT_UNKNOWN_CRITICAL,
	FAULT_INVALID,
	FAULT_INTERMEDIATE_EXPIRED,
	FAULT_LEAF_EXPIRED,
	FAULT_LEAF_NOT_YET_VALID,
	FAULT_LEAF_EXPIRING,
	FAULT_INTERMEDIATE_EXPIRING,
	FAULT_OUTLIVES_ISSUER,
	FAULT_WEAK_KEY,
	FAULT_WEAK_SIGNATURE,
	FAULT_MALFORMED,
	FAULT_HOSTILE_NAME,
	FAULT_PURPOSE,
	FAULT_KEY_USAGE,
	FAULT_ROOT_EXPIRED,
	FAULT_ROOT_EXPIRING,
	FAULT_COUNT
};

/* How far the certificates that go over the wire lead. */
enum reach {
	REACH_NOTHING,      /* no leaf */
	REACH_TRUSTED,      /* theirs: to an anchor of ours; ours: to a root, or to a name in the server's CA list */
	REACH_UNTRUSTED,    /* theirs only: to a self-signed certificate that is no anchor */
	REACH_SELF_SIGNED,  /* theirs only: the leaf signs itself and is no anchor */
	REACH_LACKS,        /* a certificate in the middle is known, and not sent */
	REACH_REKEYED,      /* the issuer's namesake is here, and its key does not fit */
	REACH_UNKNOWN_ROOT, /* the next issuer is nowhere to be found: most likely a root */
	REACH_BROKEN,       /* its last certificate is at fault itself, or the path is endless: the path's errors say it */
	REACH_UNKNOWN_CA    /* the next issuer is nowhere to be found: most likely an intermediate */
};

struct judged {
	const struct facts *facts;
	enum side side;              /* SIDE_SERVER or SIDE_CLIENT */
	enum purpose purpose;
	struct cert *const *sent;    /* leaf first, as on the wire or in the files */
	size_t sent_len;
	const struct cert *leaf;
	const struct path_set *paths; /* may be NULL */
	const struct path *path;     /* by which it is judged: the best of those that reach farthest; may be NULL */
	enum reach reach;
	const struct cert *top;      /* the last sent certificate on that path */
	const struct cert *next;     /* its issuer where it is known and not sent (REACH_REKEYED: the namesake) */
	const char *next_where;      /* where that was found, for people */
	bool next_trusted;           /* it was found in our trust store, and so is a root above it */
	int64_t at;                  /* the clock of whoever judges: ours for theirs, the server's for ours */
	int64_t other;               /* the other of the two */
};

/* Fix actions for the findings that are no fault of the table. NULL-terminated. */
extern const char *const fixes_reissue_server[], *const fixes_match_key[], *const fixes_server_key[],
    *const fixes_protect_key[];

/* False where there is nothing to judge on that side. */
bool judged_server(const struct facts *f, struct judged *out);
bool judged_ours(const struct facts *f, struct judged *out);

/* Fills in path, reach, top and next of a chain whose other fields are set; false where nothing is sent. */
bool judged_reach(struct judged *j);

/* The code of a fault on the side of j; CODE_NONE: no fault there. */
enum code judged_code(const struct judged *j, enum fault fault);

/*
 * A finding about `about` (NULL: about no certificate) with code, fixes and confidence of the fault.
 * NULL where the fault has no code on this side, or where the same is found of it already.
 */
struct finding *judged_found(const struct judged *j, struct findings *to, enum fault fault,
    const struct cert *about);
/*
 * To be called when title, why and evidence are set: our faults get their severity from how the
 * server took them, and where it accepted them a sentence about who would not.
 */
void judged_finish(const struct judged *j, struct findings *to, struct finding *f, enum fault fault);

bool cert_same(const struct cert *a, const struct cert *b); /* the very same certificate; NULL equals NULL only */
bool path_holds(const struct path *p, const struct cert *c);
bool judged_sent(const struct judged *j, const struct cert *c);
/* Does a valid path at that moment exist that this one is not? The best, or NULL. */
const struct path *judged_other_path(const struct judged *j, int64_t at);
/* Is certificate i of p an anchor or a self-signed certificate above a leaf: a root? */
bool judged_is_root(const struct path *p, size_t i);
/* What a certificate is called: its common name, else its first SAN. Printable, never empty. */
const char *cert_called(const struct cert *c);
/* The same for the name of an issuer. */
const char *name_called(const struct name *n);
/* "leaf", "intermediate “Acme Issuing CA 1”", "root “Acme Root CA”": the start of an evidence line. */
const char *judged_role(const struct judged *j, const struct cert *c);
/* A path error's text as the beginning of a sentence, without its full stop. */
const char *judged_sentence(const struct judged *j, const char *text);

/* The faults. Each looks at the whole of a chain and adds what it finds. */
void judge_reach(const struct judged *j, struct findings *to);       /* missing-intermediate, untrusted-root, self-signed, bad-signature of namesakes */
void judge_order(const struct judged *j, struct findings *to);       /* wrong-order */
void judge_surplus(const struct judged *j, struct findings *to);     /* extra-certificate, root-included */
void judge_path_errors(const struct judged *j, struct findings *to); /* all that OpenSSL has against the path, but times and trust */
void judge_validity(const struct judged *j, struct findings *to);    /* expired, not yet valid, expiring: leaf, intermediates, root */
void judge_lifetimes(const struct judged *j, struct findings *to);   /* outlives-issuer */
void judge_purpose(const struct judged *j, struct findings *to);     /* extended key usage and key usage of the leaf */
void judge_strength(const struct judged *j, struct findings *to);    /* weak keys and signatures */
void judge_form(const struct judged *j, struct findings *to);        /* malformed certificates, hostile names */

#endif
