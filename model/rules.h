/*
 * What a rule gets and what it gives. The tables at the end of model/rules_*.c are the only places that list rules;
 * diagnosis.c lists the tables, runs them all and then decides what explains what.
 */
#ifndef MODEL_RULES_H
#define MODEL_RULES_H

#include "model/diagnosis.h"
#include "model/refusal.h"

/* Computed once for each diagnosis, so that rules stay small and agree with each other. */
struct facts {
	const struct evidence *ev;
	const struct handshake *base;   /* the baseline; NULL when offline */
	const struct identity *us;      /* NULL: none given */
	const struct cert *our_leaf;    /* or NULL */
	bool judge_server;              /* there is a server chain to judge (presented, or offline with PURPOSE_SERVER/ANY) */
	bool judge_us;                  /* there is an identity to judge (given; offline: with PURPOSE_CLIENT only) */
	struct cert **chain;            /* the server's certificates as presented (offline: of the files), those that parse */
	size_t chain_len;
	const struct cert *leaf;        /* chain[0] or NULL */
	const char *host;               /* the name that the certificate must have, or NULL: not judged */
	struct path_set *paths;         /* of the server's chain; NULL without a leaf */
	struct path_set *our_paths;     /* of our chain, over identity, anchors; NULL without one */
	struct refusal refusal;
	bool accepted;
	bool refused;                   /* by the server, where our certificate could matter */
	enum code ending;               /* what ended the handshake: model/ending.h; CODE_NONE where nothing did */
	const struct handshake *wide;   /* the wide hello, where there was one */
	/* Experiments whose answers say something (model/experiment.h, experiment_told); else NULL. */
	const struct handshake *none, *throwaway, *completed, *late;
	const struct cert **lacking;    /* the CAs that our chain lacks, from below, where they are at hand and we were refused */
	size_t lacking_len;
	struct stack_guess stack;
	int64_t now, server_now;        /* seconds: our clock, the server's (ours where unknown) */
	bool clocks_differ;             /* beyond uncertainty and threshold */
	struct arena *arena;            /* the diagnosis' own: findings' texts live here */
	struct place *places;           /* other looks at the same service: model/places.h */
	size_t places_len;
};

struct findings {
	struct finding **items;
	size_t len, cap;
	const struct facts *facts;
};

struct rule {
	enum code code;                 /* what it may find (the first, where a rule finds kindred codes) */
	void (*look)(const struct facts *f, struct findings *to);
	const char *const *fixes;       /* ids of fix actions, NULL-terminated; or NULL */
};

struct rule_table {
	const char *name;
	const struct rule *rules;
	size_t len;
};
extern const struct rule_table rules_net, rules_tls, rules_clock, rules_chain, rules_cert, rules_key,
    rules_ours, rules_revocation, rules_client, rules_mtls, rules_proof, rules_variants, rules_offer, rules_places, rules_doors,
    rules_seen;

/* A new finding with the code's own severity, side and high confidence. */
struct finding *finding_add(struct findings *to, enum code code);
/* Texts are printf-like and must be given printable parts only (`safe` fields, numbers). */
void finding_title(struct findings *to, struct finding *f, const char *fmt, ...) PRINTF_LIKE(3, 4);
void finding_why(struct findings *to, struct finding *f, const char *fmt, ...) PRINTF_LIKE(3, 4);
void finding_cite(struct findings *to, struct finding *f, const char *fmt, ...) PRINTF_LIKE(3, 4); /* an evidence line */
void finding_cite_refusal(struct findings *to, struct finding *f);
/* One line of its proof: that handshake, and how it was taken ("refused, alert 48 unknown_ca", "accepted"). */
void finding_prove(struct findings *to, struct finding *f, const struct handshake *h);
void finding_prove_as(struct findings *to, struct finding *f, const struct handshake *h, const char *outcome); /* the same in other words */
void finding_explain(struct findings *to, struct finding *f, enum code code);
bool finding_explains(const struct finding *f, enum code code);
struct finding *findings_find(const struct findings *in, enum code code); /* the first, or NULL */
void finding_candidate(struct findings *to, struct finding *f, enum code code, enum confidence likelihood,
    const char *decided_by);
/* About this certificate: sets certificate, and shared_key to its fingerprint, shared_label to “its name”. */
void finding_at(struct findings *to, struct finding *f, const struct cert *c);
void finding_shares(struct findings *to, struct finding *f, const char *key, const char *label);

/*
 * Severity and confidence of a client.* fault found in our own files (CONTRACT section 4): ERROR where
 * the server refused us and it is not ruled out, WARNING where it accepted us, ERROR offline. Adds
 * the refusal as evidence and the explanation of client.rejected where it fits.
 */
void finding_judge_local(struct findings *to, struct finding *f);

#endif
