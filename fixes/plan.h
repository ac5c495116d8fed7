/*
 * A plan: the ordered steps that change something outside our own state. Each step says what it does, what it reads and
 * changes, the AWS call and the same as an `aws` command line, what it costs and how it is undone. A plan is made without
 * changing anything, shown, and then applied; a step that fails stops it, and it says what stands and how to go on.
 *
 * Idempotency tokens are made with the plan, before the first try (DESIGN section 6). What a step gives (an ARN) is told to
 * the watcher before the next step begins.
 */
#ifndef FIXES_PLAN_H
#define FIXES_PLAN_H

#include <cJSON.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "aws/client.h"
#include "model/cert.h"
#include "model/error.h"
#include "model/memory.h"
#include "model/report.h"

struct plan;
struct plan_step;
struct changes;
struct deed;

/* UNDONE: it was done, and is as it was before; a plan that goes on does it again. */
enum step_state { STEP_WAITS, STEP_RUNS, STEP_DONE, STEP_FAILED, STEP_UNDONE };
/* RUNS: being applied, or whoever applied it was killed. */
enum plan_state { PLAN_MADE, PLAN_RUNS, PLAN_DONE, PLAN_STOPPED, PLAN_GOES_BACK, PLAN_UNDONE };

/* Where a plan acts. The client is borrowed and outlives the plan, which copies name, account and endpoint; texts are printable. */
struct plan_place {
	struct aws_client *client; /* NULL: the plan needs no AWS */
	const char *name;         /* of the configuration's section aws; or NULL */
	const char *account;      /* 12 digits, or NULL: not known */
	const char *endpoint_url; /* as it was given with an option or in the configuration; NULL: by the usual rules */
	const char *profile, *region; /* of a recorded plan, whose client is still to be made; else NULL */
	bool lab, local;          /* likewise: it was a practice lab's; its endpoint was on this machine (aws_client_is_local()) */
};

/* Text is printable (plan_text()), NULL where there is none. Everything lives in the plan's arena. */
struct plan_step {
	const char *what;    /* an order, small letters: "create the root CA “Acme Root CA”" */
	const char *reads;   /* what of the outside it looks at */
	const char *changes; /* what is different afterwards; NULL: nothing */
	const char *call;    /* "acm-pca CreateCertificateAuthority"; NULL: this machine only */
	const char *command; /* the same for a shell, perhaps several lines */
	const char *cost;    /* NULL: nothing */
	const char *undo;    /* how, or why it cannot be */
	const char *token;   /* its idempotency token; NULL: the call takes none */
	/*
	 * What it does, as data (fixes/deed.h): a row of a table, what that is to be done with, and what was there before. So a plan
	 * outlives the program: it is recorded, and goes on or back in another run.
	 */
	const struct deed *deed;
	cJSON *args, *before;      /* the plan's; before NULL: not looked yet */
	int64_t began, ended;      /* seconds since the epoch; 0: not yet. began: of the first try that is in doubt (unsettled) */
	enum step_state state;
	bool unsettled;      /* STEP_FAILED: AWS may have done it all the same; its answer did not come. STEP_RUNS: an earlier try may have */
	char error[640];     /* STEP_FAILED: one line, printable */
	const char *gave_name, *gave; /* "certificate", its ARN: what plan_keep() was told; NULL */
};

struct plan {
	/* What it is for, and what the record says of it. NULL where there is none. */
	const char *kind;    /* "fix", "renew", "pca create" */
	const char *target;  /* as it was typed */
	const char *code;    /* the finding that it mends */
	const char *typed;   /* the whole command, without --apply: for `resume` and for people */
	int64_t id;          /* in the record; 0: not recorded */
	struct changes *record; /* borrowed; NULL: nothing is recorded, and then nothing is applied */
	const struct world *world; /* its clock, for the record and for the names of old files; NULL: the real one */
	const char *folder;  /* of its private things, from the record: a key that waits for its certificate */
	cJSON *values;       /* what steps found out and later ones use: "client.arn"; strings. Never a private key */

	const char *title;   /* "a root CA and a subordinate, both activated" */
	struct plan_place place;
	const char *cost;    /* of all steps together; NULL: nothing */
	const char **notes;  /* what whoever applies it should know before: whole sentences, printable */
	size_t notes_len;
	struct plan_step *steps;
	size_t len, cap, notes_cap;
	size_t at;           /* the step that runs, or that stopped it */
	enum plan_state state;
	char seen[SHA256_HEX]; /* of its document in the record, as this program wrote or read it last; "": not recorded */
	const char *go_on;   /* PLAN_STOPPED: a sentence or two */
	const char *go_on_command; /* and lines for the shell; or NULL */
	/*
	 * Where it mends: lines for people, “/etc/ledger/tls.crt on ledger-1: the service reads it (serves)”. Then whether what runs
	 * has it: before it is applied that is what is known, afterwards what was seen.
	 */
	const char **reach;
	size_t reach_len, reach_cap;
	enum plan_reach { REACH_NONE, REACH_UNKNOWN, REACH_TOLD, REACH_SEEN } reached;
	const char **after;  /* PLAN_DONE: what is offered or worth knowing now: whole sentences */
	size_t after_len, after_cap;
	const struct plan_watch *watch;
	const atomic_bool *cancel; /* ends what is under way, beside the client's own; or NULL */
	struct arena *arena;
};

/* Who looks on. Called on the thread that applies. Each may be NULL. */
struct plan_watch {
	void (*step)(void *user, const struct plan *p, const struct plan_step *s); /* its state has changed */
	/* It waits, for AWS or for the service to show what is new: the tries-th look of `of`. */
	void (*waits)(void *user, const struct plan *p, const struct plan_step *s, unsigned tries, unsigned of);
	/* A line on how far it is, to be written over. */
	void (*says)(void *user, const struct plan *p, const struct plan_step *s, const char *line);
	/*
	 * Something now exists outside: it must be noted before the next step (a file of what was changed belongs exactly
	 * here). False: it could not be noted, and the plan stops.
	 */
	bool (*kept)(void *user, const struct plan *p, const struct plan_step *s, const char *name, const char *value);
	void *user;
};

struct plan *plan_new(const struct plan_place *place, const char *title);
void plan_free(struct plan *p); /* NULL is legal */

/* A new last step, zeroed, for plan_add_deed() (fixes/deed.h). The pointer holds until the next one is added. */
struct plan_step *plan_add(struct plan *p);
/* A sentence for before, and one for after; the same one again is not said twice. */
void plan_note(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void plan_after(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Where it mends, a line. */
void plan_reaches(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Text of the plan's arena; every %s that comes from outside goes through plan_shown(). */
char *plan_text(struct plan *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The printable form of outside text, at most 120 bytes of it. */
const char *plan_shown(struct plan *p, const char *outside);
/* The same as a word for a shell: ARNs, file names; whole, quoted where it must be. */
const char *plan_word(struct plan *p, const char *outside);
/* A file as a step keeps it: from the root on, since a plan is gone on with, and undone, from another folder. */
const char *plan_path(struct plan *p, const char *path);
/* A token in the arena, from the client's randomness. */
const char *plan_token(struct plan *p);

/* From within a step. plan_keep(): its name and value are copied; STATUS_FAILED where it could not be noted. */
void plan_tell(struct plan *p, const struct plan_step *s, unsigned tries, unsigned of);
status plan_keep(struct plan *p, struct plan_step *s, const char *name, const char *value, struct error *err) MUST_USE;
/* For a waiter of aws/pca.h: struct plan_waiter is its user. */
struct plan_waiter {
	struct plan *plan;
	const struct plan_step *step;
};
void plan_waits(void *waiter, unsigned tries, unsigned of);
/* An error of AWS as the error of a step. Always STATUS_FAILED. */
status plan_failed(const struct plan *p, const struct aws_error *from, const char *doing, struct error *err);
/* The same of a call that changes something: s->unsettled too. */
status plan_change_failed(const struct plan *p, struct plan_step *s, const struct aws_error *from, const char *doing, struct error *err);

/*
 * Applies every step that is not done yet, in order. STATUS_FAILED: one failed, the plan is PLAN_STOPPED, *err says which
 * and why (its code is the step's own: ERROR_AWS and so on), p->go_on how to go on. watch may be NULL.
 */
status plan_apply(struct plan *p, const struct plan_watch *watch, struct error *err) MUST_USE;
/*
 * The way back: every step that was done or begun and whose deed can be undone, the last first; reloads come after the files that
 * they are to see. STATUS_FAILED: one could not be undone, the plan is PLAN_STOPPED and says so; the same again goes on with it.
 */
status plan_go_back(struct plan *p, const struct plan_watch *watch, struct error *err) MUST_USE;
/*
 * Asks all that is to be undone whether something speaks against it, before anything is; plan_go_back() asks too. place.client is
 * set (plan_wants_aws()). ERROR_NOT_DONE: something does, and *err says what.
 */
status plan_may_go_back(struct plan *p, struct error *err) MUST_USE;
/* Does anything of it remain to be undone that can be? */
bool plan_can_go_back(const struct plan *p);
/* Begun, and neither done nor taken back: where nothing of it can be undone it can at least be ended, by plan_go_back(). */
bool plan_can_end(const struct plan *p);
/* The key that it made and that waits in its folder: it goes with the plan. NULL: there is none. */
const char *plan_waiting_key(const struct plan *p, struct arena *a);
bool plan_step_goes_back(const struct plan_step *s); /* this one */
/* Does one of its steps write this file, by this name or through links? */
bool plan_changes_file(const struct plan *p, const char *path);
/* Do the steps that are still to be done (back: undone) call AWS? Then place.client must be set first. */
bool plan_wants_aws(const struct plan *p, bool back);

/* ---- how it is shown (fixes/plan_page.c) ---- */

/* "PRACTICE LAB · account 111122223333 · us-east-1" or "account prod (111122223333) · profile prod · us-east-1"; printable, into `a`. */
const char *plan_where(const struct plan_place *place, struct arena *a);
/* All of it, before it is applied. */
void plan_page(const struct plan *p, const struct report_style *s, struct buf *out);
/* The way back, before it is gone: which steps, the last first, and what stays as it is. */
void plan_page_back(const struct plan *p, const struct report_style *s, struct buf *out);
/* How it ended: what was done, what stands, how to go on. */
void plan_page_end(const struct plan *p, const struct report_style *s, struct buf *out);
/* Schema mtlscope.plan/1, before and after. The caller's. */
cJSON *plan_json(const struct plan *p);

#endif
