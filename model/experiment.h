/*
 * Experiments: the same question with one thing changed, and when the answer is worth a connection
 * (knowledge: "diagnosis", 5.1 to 5.3). One table; what an outcome proves is in model/rules_proof.c, rules_variants.c,
 * rules_offer.c, rules_places.c and rules_doors.c. Every experiment is a new connection, to the baseline's address and
 * without resumption unless its row says otherwise.
 */
#ifndef MODEL_EXPERIMENT_H
#define MODEL_EXPERIMENT_H

#include "model/diagnosis.h"

enum hello {
	HELLO_BASELINE, /* what OpenSSL compiles in, TLS 1.2 and 1.3, or what the options say */
	HELLO_WIDE      /* TLS 1.0 up, every cipher, group and signature algorithm; no certificate */
};

enum sends {
	SENDS_OURS,      /* the identity, exactly as its files have it */
	SENDS_COMPLETED, /* the same, and the CAs that it lacks (diagnosis.completed) */
	SENDS_LEAF,      /* our certificate alone, without what is above it */
	SENDS_ROOTLESS,  /* the identity without the roots that its file holds */
	SENDS_ORDERED,   /* the same certificates, each followed by its issuer */
	SENDS_WRONG_KEY, /* the identity, and a signature by another key */
	SENDS_GARBAGE,   /* our certificate with junk in its signature's field: it does not parse */
	SENDS_OTHER_CA,  /* our own key in a certificate of a CA that was made a moment ago */
	SENDS_THROWAWAY, /* a certificate that signs itself and that nobody knows */
	SENDS_THROWAWAY_RSA, /* the same with an RSA key */
	SENDS_NOTHING,   /* an empty Certificate */
	SENDS_OTHER      /* evidence.other: a second identity that the user gives to try */
};

/* Under which name the server is asked for (SNI, RFC 6066 3). Ours is never sent with another than the user's. */
enum asked_name {
	NAME_OURS,
	NAME_NONE,
	NAME_OTHER /* one that its certificate has beside ours: model/experiment_parts.h */
};

/* Where it goes. */
enum place_to {
	TO_THE_SAME,          /* the baseline's address */
	TO_THE_NEXT_ADDRESS,  /* of the name: places_next() */
	TO_THE_GUARDED,       /* the address that asks for a certificate where the baseline's does not: places_guarded() */
	TO_THE_LACKING,       /* the address that refuses our chain for what it lacks: places_lacking() */
	TO_THE_BYPASS         /* target.bypass: an endpoint that the user names */
};

struct variation {
	enum hello hello;
	enum sends sends;
	const char *method; /* "GET"; NULL: what brought the baseline's answer */
	bool late_auth;     /* lets itself be asked after the handshake: 1.3 post-handshake, 1.2 renegotiation */
	uint16_t version;   /* this version of TLS and no other; 0: as the baseline */
	enum asked_name name;
	const char *alpn;   /* this is offered, "" nothing; NULL: as the baseline */
	const char *path;   /* of the request; NULL: the target's */
	const char *http_host; /* of the request; NULL: the target's */
	bool again;         /* may be made more than once: worth() says whether one more is */
	enum place_to to;
	bool keeps_session; /* takes a ticket, to be offered again within the examination */
	const char *resumes; /* the experiment whose session it offers; or NULL */
};

/* How polite: which examinations may ask it (DESIGN section 6). */
enum tier {
	TIER_BASELINE, /* belongs to the baseline: with --quick too */
	TIER_ANY,      /* every target */
	TIER_ALONE,    /* a target that is examined by itself, and of many the one that proves a cause for all that share it */
	TIER_SINGLE,   /* a target that is examined by itself: what it shows is of this target only */
	TIER_DEEP      /* such a one, with --deep */
};

struct experiment {
	const char *name;  /* as in handshakes[].experiment and proof[].experiment */
	const char *words; /* for people: "as it is", "without a certificate" */
	struct variation variation;
	enum tier tier;
	/* Could its answer still change the verdict? NULL: it is where everything starts. */
	bool (*worth)(const struct diagnosis *so_far);
	/* With --deep: would it tell anything at all? NULL: then too only where it is worth it. */
	bool (*tells)(const struct diagnosis *so_far);
};
extern const struct experiment experiment_rows[];
extern const size_t experiment_rows_len;
extern const struct experiment *const experiment_baseline;

struct experiment_limits {
	bool quick; /* the baseline only */
	bool many;  /* one of many targets: TIER_ANY at most, unless it proves for others */
	bool deep;  /* every experiment, up to LIMIT_HANDSHAKES connections */
	bool proves; /* with `many`: the one that proves a cause for others: all of TIER_ALONE too */
};
/* The next one that could still change the verdict; NULL: none, or the budget of connections is spent. */
const struct experiment *experiment_next(const struct diagnosis *so_far, const struct experiment_limits *limits);

const struct experiment *experiment_named(const char *name); /* or NULL */
/*
 * The record of an experiment whose answer is one of the server to what was to be sent; NULL where it
 * was not made, was cut short, or a throwaway or a longer chain did not go out.
 */
const struct handshake *experiment_told(const struct evidence *e, const char *name);
/* The answer to a certificate of no CA that anybody knows, of whichever kind went out; or NULL. */
const struct handshake *experiment_told_throwaway(const struct evidence *e);

#endif
