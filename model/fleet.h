/*
 * The fleet: endpoints and what is known of each, for lists, counts and causes. Plain data, one owner,
 * one thread. An entry stays where it is: its address and id hold as long as the fleet.
 */
#ifndef MODEL_FLEET_H
#define MODEL_FLEET_H

#include "model/diagnosis.h"

struct examine_options; /* probes/examine.h: how this entry is examined; only handed through here */

/* In the order in which they are shown and counted: what is worst first. CONTRACT, DESIGN section 5. */
enum fleet_state { FLEET_FAIL, FLEET_DOWN, FLEET_WARN, FLEET_NOTE, FLEET_OK, FLEET_WAIT, FLEET_OLD, FLEET_NEVER, FLEET_STATES };
const char *fleet_state_word(enum fleet_state s);  /* "FAIL" … "WAIT", "OLD", "??" */
const char *fleet_state_glyph(enum fleet_state s); /* "✗", "!", "✓"; " " where there is none */

/* What ends first: theirs or ours, and what it is. */
struct first_end {
	int64_t at;              /* seconds; TIME_UNKNOWN: nothing known */
	enum side side;          /* SIDE_SERVER, SIDE_CLIENT */
	const struct cert *cert; /* borrowed of the diagnosis */
};

/* What it was at the last check that did not show the cause of today. */
struct entry_past {
	enum fleet_state state;  /* FLEET_NEVER: every check so far showed it */
	int64_t checked_ms;      /* when that check was; 0: there was none */
	bool same_chain;         /* the server presents the very certificates that it presented then */
};

struct entry {
	uint64_t id;             /* from 1 */
	struct target target;
	char *name;              /* as shown: the entry's name, else the target's label */
	char *address;           /* its label: "127.0.0.1:8443" */
	struct identity *identity; /* NULL: none; references are held */
	struct trust *trust;
	char *identity_problem;  /* it was to have one, and that cannot be read: one line; or NULL */
	const struct examine_options *options; /* borrowed; NULL: the console's */
	char *command;           /* what one types after `mtlscope check` for it, shell-quoted; or NULL */
	char *story;             /* the lab's: what was broken on purpose; printable; or NULL */

	struct evidence *evidence; /* of the last check; NULL: never */
	struct diagnosis *diagnosis;
	bool waiting;            /* is being checked */
	bool marked;
	int64_t checked_ms;      /* wall clock; 0: never */
	int64_t since_ms;        /* when this cause was first seen here, or when it began by a certificate's own dates; 0: no cause */
	bool since_exact;        /* the latter */
	struct first_end ends;
	enum fleet_state before; /* of the check before this one; FLEET_NEVER: there was none */
	struct entry_past past;
	size_t checks;           /* how many */
};

/* Entries that share a cause_key; and, without a key, one for each state. */
struct fleet_cause {
	uint64_t id;             /* stable: a hash of the key, never 0 */
	const char *key;         /* NULL: those without a cause (OK, WAIT, ??) */
	enum fleet_state state;  /* the worst of them */
	enum code code;          /* CODE_NONE without a cause */
	enum side side;
	const char *label;       /* “Acme Issuing CA 1” expired 02:05 UTC; printable */
	size_t count;
	size_t failing;          /* of these: FAIL or DOWN by the last check (a cause may be an error here, a warning there) */
	size_t waiting;          /* of these: being checked again */
	int64_t since_ms;        /* the earliest of theirs; 0: unknown */
	bool since_exact;
	const struct entry *example; /* the first one in that state; with a key: with its diagnosis */
};

struct fleet_counts {
	size_t all, of[FLEET_STATES];
	int64_t last_ms;         /* the newest check; 0: none */
};

struct fleet;
struct fleet *fleet_new(void);
void fleet_free(struct fleet *f); /* NULL is legal */
/* Copies the target, takes references. name may be NULL. */
struct entry *fleet_add(struct fleet *f, const char *name, const struct target *t, const struct identity *id,
    const struct trust *trust, const struct examine_options *options);
size_t fleet_len(const struct fleet *f);
struct entry *fleet_at(const struct fleet *f, size_t i);
struct entry *fleet_entry(const struct fleet *f, uint64_t id); /* NULL: there is none */
struct entry *fleet_named(const struct fleet *f, const char *name); /* by name, else by address */
/* Of each entry, by its place: its rank among the names in natural order. Made anew where entries came; holds until then. */
const uint32_t *fleet_ranks(struct fleet *f);

/* WAIT while it is being checked. There is no interval in this version: OLD is not produced. */
enum fleet_state fleet_state(const struct entry *e);
/* By the last check, also while the next one is under way: what lists are ordered by, so that a check that shows the same moves nothing. */
enum fleet_state fleet_known(const struct entry *e);
void fleet_waiting(struct fleet *f, struct entry *e, bool waiting);
/* A check is over. Takes evidence and diagnosis over, frees the old ones. */
void fleet_result(struct fleet *f, struct entry *e, struct evidence *ev, struct diagnosis *d, int64_t now_ms);
/* Goes up with every change: who keeps something derived looks at it. */
unsigned long fleet_version(const struct fleet *f);

struct fleet_counts fleet_counts(const struct fleet *f);
/* The same by what is known: of[] as fleet_known() has it. */
struct fleet_counts fleet_counts_known(const struct fleet *f);
/*
 * Causes by the last check of each: what is worst, then most frequent, then first met comes first; those
 * without a cause last. Made anew where something changed (about 1 ms for 10,000 entries); holds until
 * the next call after a change.
 */
size_t fleet_causes(struct fleet *f, const struct fleet_cause **out);
/* What all entries of a cause have in common, and what is known of how it came. Pointers borrow of their diagnoses. */
struct cause_shared {
	size_t count;
	const struct cert *cert;  /* that it is about, where that is the very same in all of them; or NULL */
	size_t presented;         /* of these: the server presents it */
	bool ours;                /* it is in our chain in all of them */
	size_t looked_before;     /* of these: a check of this session saw them without this cause */
	size_t past_of[FLEET_STATES]; /* what they were then */
	int64_t past_ms;          /* the last of those checks */
	size_t same_chain;        /* of them: present the very certificates that they presented then */
	size_t other_ways;        /* of these: another path that is valid is known, past the certificate */
	const struct entry *other; /* one with such a path */
	const struct path *other_path;
	size_t matched;           /* of these: what proves the cause was asked of another target: model/matched.h */
	const char *matched_with; /* the first such target; or NULL */
	const struct entry *ends_first; /* where nothing is wrong: the one that ends first; or NULL */
};
void cause_shared(const struct fleet *f, uint64_t cause, struct cause_shared *out);
/* Is it a cause that another path could go round: a certificate above the leaf of the server's chain, out of its time or nearly? */
bool cause_has_ways_round(enum code code);
/*
 * The columns that all names and addresses fit into, and nine of ten causes: 64 at most. Kept as entries
 * and results come, as lists ask at every change.
 */
struct fleet_widths {
	int name, address, cause;
	bool named; /* some names are not their address */
};
struct fleet_widths fleet_widths(const struct fleet *f);
/* The id of the cause that the entry counts under. */
uint64_t entry_cause_id(const struct entry *e);
/* What the entry's line says of its cause: “Acme Issuing CA 1” expired 02:05 UTC; "" where nothing is wrong. Printable. */
const char *entry_cause(const struct entry *e);
/* "41 d theirs": days left of the first thing to end, and whose it is; "" where nothing is known. Into out (32 bytes). */
const char *entry_days(const struct entry *e, int64_t now, char *out, size_t size);
/* One JSON object on one line: that of `check --json` (CONTRACT section 3); before the first check name, address and state, schema mtlscope.fleet/1. */
void entry_json(const struct entry *e, struct buf *out);

#endif
