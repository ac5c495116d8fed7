/*
 * The roll-over of a root: an old root, a new one, and who of the fleet trusts the new one already. It lasts weeks, so that all
 * that is known of it is one document (schema mtlscope.rollover/1), which outlives the program and which somebody else may
 * pick up. The rules here are pure: what may be done next, what blocks it and why. No private key is ever in the document.
 *
 * The one promise: at no step does a healthy service fail. Trust in the new root comes first, everywhere; what is sent changes
 * only when everybody trusts it; the old root goes only when nobody sends what needs it. Unknown counts as NO.
 */
#ifndef MODEL_ROLLOVER_H
#define MODEL_ROLLOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"
#include "model/error.h"
#include "model/memory.h"

enum {
	ROLLOVER_FILE_MOST = 16 << 20,  /* bytes of a document: 1,000 services with reasons and chains are 1 MiB */
	ROLLOVER_SERVICES_MOST = 10000,
	ROLLOVER_CHILDREN_MOST = 64,    /* CAs right below the old root */
	ROLLOVER_PLANS_MOST = 1000,
	ROLLOVER_FRESH_S = 10 * 60      /* seconds: what was measured is as good as new for so long */
};

/* Knowledge "aws" 2.4: re-import keeps the key; a replacement is another CA. */
enum rollover_way {
	ROLLOVER_SAME_KEY, /* the old root's key, a later date: nothing is reissued, and nothing is measurable on the wire */
	ROLLOVER_CROSS,    /* a new root that also signs the issuing CAs' keys: leaves stay, chains change */
	ROLLOVER_NEW,      /* new root and new issuing CAs: leaves are reissued */
	ROLLOVER_WAYS
};

enum rollover_answer { ROLLOVER_UNKNOWN, ROLLOVER_NO, ROLLOVER_YES, ROLLOVER_NOT_ONE /* it is no server, or no client: "-" */ };

enum rollover_column {
	ROLLOVER_SERVER,  /* it lets in clients of the new root */
	ROLLOVER_CLIENT,  /* it trusts servers of the new root */
	ROLLOVER_SENDS,   /* what it sends leads to the new root */
	ROLLOVER_KEEPS,   /* its bundles still hold the old root */
	ROLLOVER_COLUMNS
};

enum rollover_step {
	ROLLOVER_MAKE_ROOT,
	ROLLOVER_MAKE_ISSUING, /* cross-signs the issuing CAs, or makes new ones */
	ROLLOVER_MEASURE,      /* a client certificate to show to services */
	ROLLOVER_TRUST,        /* old and new root into every bundle */
	ROLLOVER_MOVE,         /* what is sent leads to the new root */
	ROLLOVER_REMOVE,       /* the old root out of every bundle */
	ROLLOVER_RETIRE,       /* the old CA is disabled */
	ROLLOVER_STEPS,
	ROLLOVER_NO_STEP = ROLLOVER_STEPS
};

struct rollover_cell {
	enum rollover_answer answer;
	int64_t at;       /* when it was measured; TIME_UNKNOWN: never */
	const char *how;  /* printable, a clause: "refused a client certificate of the new root: alert 48 unknown_ca"; NULL: never measured */
};

struct rollover_service {
	const char *name;  /* of the fleet's entry or the identity; raw */
	bool identity;     /* an identity of the configuration that is no server */
	bool gone;         /* it is not in the configuration of who measured last: all of it is "??" */
	const char *issuer; /* ARN of the CA right below the old root that what it sends hangs on, or hung on; NULL: none was seen */
	struct rollover_cell cells[ROLLOVER_COLUMNS];
};

/* A CA, or what is known of it so far. */
struct rollover_ca {
	const char *arn;   /* NULL: it is not made yet */
	const char *name;  /* printable */
	const char *pem;   /* its certificate; NULL: not known yet */
	int64_t not_after; /* TIME_UNKNOWN */
};

/* A CA right below the old root, and what takes its place. */
struct rollover_child {
	struct rollover_ca old;
	/* ROLLOVER_CROSS: the certificate that the new root gave it (arn: the certificate's). ROLLOVER_NEW: the new issuing CA. */
	struct rollover_ca twin;
};

/* A client certificate of the new root. Its key lies on one machine only. */
struct rollover_pass {
	const char *cert;  /* PEM, leaf first, without the root; NULL: there is none */
	const char *key_file, *host;
	int64_t not_after;
};

/* A step that was done to its end. */
struct rollover_done {
	int64_t at;            /* TIME_UNKNOWN: not done */
	int64_t plan;          /* of the record on `host` */
	const char *who, *host;
	const char *confirmed; /* the names that were typed for it; NULL */
};

/* A plan in the record of the machine that applied it. One that was undone is taken off the list. */
struct rollover_plan_of {
	int64_t id;
	const char *host;
	enum rollover_step step; /* ROLLOVER_NO_STEP: an older version did not note it */
};

struct rollover {
	const char *id;        /* of the old root's ARN: a word for a file's name */
	enum rollover_way way;
	int64_t began, ended;  /* ended: abandoned, or done; TIME_UNKNOWN */
	bool abandoned;
	const char *who, *host;
	int64_t revision;      /* counted up at each saving: two people do not write over each other */
	struct rollover_ca old_root, new_root;
	struct rollover_child *children;
	size_t children_len;
	struct rollover_pass pass;
	bool pass_elsewhere;   /* its key is not on this machine: as good as none, here. Not part of the document */
	struct rollover_done done[ROLLOVER_STEPS];
	/* A step that was begun, and of which nothing was heard since: ROLLOVER_NO_STEP, none. */
	enum rollover_step busy;
	struct rollover_done busy_by;
	struct rollover_plan_of *plans; /* every plan of it */
	size_t plans_len, plans_cap;
	struct rollover_service *services;
	size_t services_len, services_cap;
	struct arena *arena;
};

struct rollover *rollover_new(void);
void rollover_free(struct rollover *r); /* NULL is legal */

/* "same-key", "cross", "new"; ROLLOVER_WAYS where it is none. */
const char *rollover_way_name(enum rollover_way w);
enum rollover_way rollover_way_named(const char *name);
const char *rollover_way_words(enum rollover_way w);   /* "a new root that also signs the issuing CA's key" */
const char *rollover_step_name(enum rollover_step s);  /* "make-root" */
const char *rollover_step_words(enum rollover_step s); /* "make the new root" */
/* What stands when this step is the next one: "chosen", "the new root is made", … "done". */
const char *rollover_phase(const struct rollover *r);
const char *rollover_answer_word(enum rollover_answer a); /* "YES", "NO", "??", "-" */

/* By name; a new one has "??" everywhere. */
struct rollover_service *rollover_service(struct rollover *r, const char *name);
const struct rollover_service *rollover_find(const struct rollover *r, const char *name); /* NULL: there is none */
/* Does anybody of the fleet hang on this CA? What nobody hangs on is left alone. */
bool rollover_in_use(const struct rollover *r, const struct rollover_child *c);
/* how is copied. */
void rollover_measured(struct rollover *r, struct rollover_service *s, enum rollover_column c, enum rollover_answer a, int64_t at, const char *how);
/*
 * The services that are there now, by name. One that is known and not among them is not known any more, but not forgotten: it may have left the fleet, or whoever
 * picked the roll-over up has another configuration, or a line of it was lost. Only what had no part in it goes. Returns how many are gone.
 */
size_t rollover_only(struct rollover *r, const char *const *names, size_t len);
/* A step is done for which these names were typed (NULL: none): of those that are gone somebody has said that they do not count. */
void rollover_let_go(struct rollover *r, const char *confirmed);
void rollover_add_plan(struct rollover *r, int64_t id, const char *host, enum rollover_step step);
void rollover_drop_plan(struct rollover *r, int64_t id, const char *host); /* nothing where it is not on the list */
bool rollover_has_plan(const struct rollover *r, int64_t id, const char *host);

/* ---- the rules ---- */

struct rollover_may {
	bool allowed;
	const char *why;            /* one sentence, allowed or not */
	bool confirmable;           /* not allowed, and a person who knows better may type the names of those that are not known */
	const char **no, **unknown; /* who blocks it, by name: those that are known to fail, and those that are not known */
	size_t no_len, unknown_len;
};
/*
 * The step that comes next; ROLLOVER_NO_STEP: all is done, or it was abandoned. now: seconds, for the end of the client certificate
 * that services are measured with.
 */
enum rollover_step rollover_next(const struct rollover *r, int64_t now);
/*
 * May it be done now? confirm: the names that a person typed, separated by commas; NULL: none. They must be exactly those of the services
 * that are not known; who is known to fail cannot be confirmed away. Texts and lists into `a`.
 */
void rollover_may(const struct rollover *r, enum rollover_step s, const char *confirm, int64_t now, struct arena *a, struct rollover_may *out);
/*
 * May a step that was interrupted be gone on with? As above; confirm NULL: what was typed when it was begun holds still, for those of whom nothing more
 * is known since.
 */
void rollover_may_go_on(const struct rollover *r, enum rollover_step s, const char *confirm, int64_t now, struct arena *a, struct rollover_may *out);
/* Does what services say keep this step locked? */
bool rollover_has_lock(enum rollover_step s);
/* When somebody of the fleet was measured last; TIME_UNKNOWN: never. */
int64_t rollover_measured_at(const struct rollover *r);
/*
 * May the new root be taken out of the bundles again? Not once anything that is sent needs it, or will with the next renewal. Once chains were moved who is not
 * known counts as one that needs it: confirm as above.
 */
void rollover_may_undo_trust(const struct rollover *r, const char *confirm, struct arena *a, struct rollover_may *out);
/*
 * May the plan of this step be undone? Not while a later one stands that rests on it, or is under way: trust is not taken away from under chains that
 * need it. A step may have had several plans: each of them counts.
 */
void rollover_may_go_back(const struct rollover *r, enum rollover_step s, struct arena *a, struct rollover_may *out);
/* Does this way have this step at all? */
bool rollover_has_step(enum rollover_way w, enum rollover_step s);

/* ---- the document (model/rollover_store.c) ---- */

void rollover_write(const struct rollover *r, struct buf *out);
/* name: the file's, for messages. ERROR_INPUT says what was expected where; ERROR_LOCAL: a newer version's. */
status rollover_parse(const char *text, size_t len, const char *name, struct rollover **out, struct error *err) MUST_USE;

struct rollover_file;
/*
 * Opens the document at `path`, and keeps others from changing it until rollover_close(); for_change false: only looks, and does not wait.
 * *out: NULL where there is no such file. ERROR_NOT_DONE: somebody else is changing it just now.
 */
status rollover_open(const char *path, bool for_change, struct rollover_file **file, struct rollover **out, struct error *err) MUST_USE;
/*
 * Writes it, whole or not at all, one revision on; 0600, or with the group and the mode that somebody gave it. ERROR_NOT_DONE: what is there is not what was read (a shared place without locks); it
 * stays as it is.
 */
status rollover_save(struct rollover_file *file, struct rollover *r, struct error *err) MUST_USE;
void rollover_close(struct rollover_file *file); /* NULL is legal */
/* "FOLDER/rollover-ID.json", of folder NULL "STATE/mtlscope/rollover-ID.json"; the folder is made. The caller's to free. */
struct world;
status rollover_path(const char *id, const char *folder, const struct world *w, char **out, struct error *err) MUST_USE;
/* A word for file names out of an ARN: the first twelve letters and digits of what it ends in. */
const char *rollover_id(const char *arn, struct arena *a);

#endif
