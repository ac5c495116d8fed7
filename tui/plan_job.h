/*
 * A plan and what is done with it, beside the screen: it is made or read out of the record, applied, taken back. A worker
 * holds the plan while it works; the screen sees pictures of it. One plan is applied at a time. All functions are the
 * console's thread's.
 */
#ifndef TUI_PLAN_JOB_H
#define TUI_PLAN_JOB_H

#include "model/codes.h"
#include "model/fleet.h"
#include "probes/examine.h"
#include "tui/accounts.h"
#include "tui/plan_picture.h"

struct console;

/* What a plan is wanted for. Everything is borrowed, belongs to the worker, and lives as long as the plan does. */
struct plan_asked {
	const struct target *target; /* nothing of it is set where the plan is about no endpoint; then the name is NULL */
	const char *name;            /* as the screen calls it */
	const struct identity *identity; /* or NULL */
	const struct trust *trust;   /* or NULL */
	const struct examine_options *examine;
	enum code code;              /* the finding that is to be mended; CODE_NONE: the root cause */
	const char *typed;           /* what one types after `mtlscope fix`; or NULL */
	const struct accounts *accounts;
	const char *config_path;     /* of the configuration that this session goes by; NULL: none */
	const char *changes;         /* the record's folder; NULL: the state folder's own */
	struct arena *arena;         /* for what the plan borrows */
	struct aws_client **client;  /* of the plan: whoever applies it frees it after the plan */
	const struct world *world;
	const atomic_bool *cancel;   /* nobody waits for it any more */
};
/* Makes plans: changes nothing, may take long, runs on a worker. The console's set-up names it; a test has its own. */
struct plan_maker {
	/*
	 * *out is the caller's; NULL: there is none, and *words (static, or in the arena; printable) say what is to be done
	 * instead. STATUS_FAILED: it could not be found out, *err says why.
	 */
	status (*make)(void *user, const struct plan_asked *asked, struct plan **out, const char **words, struct error *err);
	/*
	 * For plans that are a part of something longer, on the worker; NULL: nothing. begins() is called before a plan of this maker is applied, and
	 * where it fails nothing is done; ended() after that, however far the plan came.
	 */
	status (*begins)(void *user, const struct plan_asked *asked, struct plan *p, struct error *err);
	void (*ended)(void *user, const struct plan_asked *asked, struct plan *p);
	void (*free)(void *user);    /* NULL: it is not the job's */
	void *user;
};
extern const struct plan_maker plan_maker_fixes; /* looks at the endpoint anew, and asks fixes/fix.h */

enum plan_phase {
	PHASE_MAKING,    /* or being read */
	PHASE_NONE,      /* there is none: problem says why */
	PHASE_SHOWN,     /* nothing is under way: it was made, or is as the record has it */
	PHASE_APPLYING,
	PHASE_GOING_BACK,
	PHASE_ENDED      /* what was under way is over, well or not: picture->state */
};
/* What an endpoint was found to be. */
struct plan_verdict {
	enum fleet_state state;
	enum code code;              /* of its root cause; CODE_NONE */
};
/* Did it help? By the look after it. */
enum plan_effect {
	EFFECT_NONE,     /* nobody looked: it is about no endpoint of this session, or was not applied to its end */
	EFFECT_WAITS,    /* it is being looked at */
	EFFECT_MENDED,
	EFFECT_HERE_ONLY, /* the finding is gone here; whether what runs has it is not known */
	EFFECT_NEXT,     /* the finding is gone, and now another one is in the way */
	EFFECT_UNSEEN,   /* it cannot be reached now: nothing was seen */
	EFFECT_NOT
};

struct plan_work;
struct plan_job {
	struct console *console;
	enum plan_phase phase;
	struct plan_picture *picture; /* the newest; NULL: none yet */
	char problem[640];           /* PHASE_NONE: it could not be found out; PHASE_ENDED: what kept it from its first step; "": nothing */
	const char *words;           /* PHASE_NONE: what is to be done instead; NULL */
	unsigned tries, of;          /* it waits for AWS: this look of so many; 0: it does not */
	uint64_t entry;              /* the endpoint's id; 0: none of this session */
	enum code code;              /* that it mends; CODE_NONE: not known */
	struct plan_verdict before;
	size_t checks;               /* of the endpoint, when it ended */
	unsigned long version;       /* goes up with every change */
	bool watched;                /* a screen shows it */
	struct plan_work *work;      /* what the worker has */
};

/* Begins to make a plan for a finding of this endpoint; NULL: it could not begin, and that was said. */
struct plan_job *plan_job_make(struct console *k, struct entry *e, enum code code);
/* The same for a plan that is about no endpoint; the maker's user is the job's from now on, in any case. */
struct plan_job *plan_job_make_by(struct console *k, const struct plan_maker *maker);
/* Begins to read one of the record; that which is under way in this console is handed out itself. NULL likewise. */
struct plan_job *plan_job_read(struct console *k, int64_t id);
/* Begins; false: it could not, and that was said. `back`: the way back. */
bool plan_job_apply(struct plan_job *j, bool back);
/* What is being applied stops before its next step; the way back goes to its end. */
void plan_job_halt(struct plan_job *j);
/* Why not, as a sentence; NULL: it can. */
const char *plan_job_refuses(const struct plan_job *j, bool back);
/* The newest of what the worker did. */
void plan_job_look(struct plan_job *j);
/* Its screen goes. What is being applied is applied to its end, and that is said; what is being made is dropped. */
void plan_job_leave(struct plan_job *j);
/* Is one being applied or taken back in this console? */
bool plan_under_way(const struct console *k);
/* How many other endpoints of this session have the cause that the endpoint of this plan has now: they are looked at again after it. */
size_t plan_job_alike(const struct plan_job *j);
enum plan_effect plan_job_effect(const struct plan_job *j, struct plan_verdict *now);

#endif
