/*
 * A roll-over in the hands of one program: its document found and opened, brought up to date with the record, measured; the step that
 * comes next, its plan, and what came of it written down. The command line and the console do it with this, each in its own manner. All of
 * it may block: the console calls it on a worker.
 */
#ifndef FIXES_ROLLOVER_HAND_H
#define FIXES_ROLLOVER_HAND_H

#include <stdatomic.h>

#include "fixes/rollover.h"
#include "model/changes.h"
#include "probes/examine.h"

struct rollover_hand {
	/* Set by whoever holds it, and borrowed. */
	const struct world *world;
	const struct config *config;             /* NULL: there is none, and nobody can be measured */
	const struct examine_options *examine;
	const char *state;                       /* the document's file; NULL: it is looked for beside the record */
	const char *changes;                     /* the record's folder; NULL: the state folder */
	const char *name;                        /* of the new root; NULL: made from the old one's */
	unsigned root_days, days;                /* 0: ten years, three years */
	const char *trust_store, *domain, *bucket; /* as struct rollover_wish */
	int64_t now;                             /* seconds */
	/* The CA that is meant, in AWS: *place with a client and *arn hold as long as the hand. */
	status (*find)(void *user, const char *word, struct plan_place *place, const char **arn, struct error *err);
	/* As struct rollover_look; NULL: what AWS keeps is not read. */
	bool (*fetch)(void *user, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why);
	const atomic_bool *cancel;               /* of measuring; NULL: nobody ends it */
	void (*tell)(void *user, size_t done, size_t of); /* of measuring; NULL: nobody wants to know */
	void *user;
	struct arena *arena;

	/* What came of it. */
	struct plan_place place;                 /* the old root's account; place.client NULL: AWS was not asked */
	const char *root_arn;                    /* of a root that has no document yet */
	const char *path;                        /* of the document */
	struct rollover_file *file;              /* open; NULL: not yet */
	struct rollover *r;                      /* NULL: there is none */
	bool locked;                             /* ours to change */
	struct changes *record;                  /* NULL: there is none yet */
	int64_t pending;                         /* a plan of it that was interrupted: its number in the record here; 0 */
	bool pending_back;                       /* and that is on its way back */
	struct identity *pass;                   /* NULL: see no_pass */
	const char *no_pass;
	const char *who, *host;                  /* printable */
	size_t gone;                             /* services of the document that are not in the configuration */
};

/* ---- the document and the record: fixes/rollover_hand.c ---- */

/*
 * Finds the document of the CA that was named (NULL: the only one), reads it and locks it where `for_change`. r NULL: there is none yet, and
 * where it would be is `path`. rollover_hand_close() in any case.
 */
status rollover_hand_open(struct rollover_hand *h, const char *word, bool for_change, struct error *err) MUST_USE;
/* For who only looks: where somebody else is changing it just now, or it is not ours to write, it is looked at all the same. */
status rollover_hand_look(struct rollover_hand *h, const char *word, struct error *err) MUST_USE;
void rollover_hand_close(struct rollover_hand *h);
/* The account of the old root, by its ARN. */
status rollover_hand_account(struct rollover_hand *h, const char *arn, struct error *err) MUST_USE;
/* What the record of this machine says of plans that the document does not know of yet: done, undone, interrupted. */
status rollover_hand_catch_up(struct rollover_hand *h, struct error *err) MUST_USE;
/* Nothing where it is not locked. */
status rollover_hand_save(struct rollover_hand *h, struct error *err) MUST_USE;
/* An ended roll-over makes room for another of the same root. */
status rollover_hand_put_aside(struct rollover_hand *h, struct error *err) MUST_USE;

/* ---- measuring and steps: fixes/rollover_turn.c ---- */

/* Asks the fleet; keeps what was seen where the document is ours to change. ERROR_NOT_DONE: it was cancelled. */
status rollover_hand_measure(struct rollover_hand *h, struct error *err) MUST_USE;
/* A document of the root that `find` found, with who begins it and where; not saved. */
status rollover_hand_begin(struct rollover_hand *h, enum rollover_way way, struct rollover **out, struct error *err) MUST_USE;
/* What its plans are made for. */
struct rollover_wish rollover_hand_wish(struct rollover_hand *h);
/* A step that another machine began: its record is there, and only it knows how far it came. */
bool rollover_begun_elsewhere(const struct rollover *r, const char *host);
/* This step is being done by us, from now on: said before its plan is applied. confirm: the names that were typed; NULL. */
void rollover_hand_is_busy(struct rollover_hand *h, enum rollover_step s, const char *confirm);
/* Whoever undoes the plan looks there first, for what rests on it. */
void rollover_hand_keep_path(const struct rollover_hand *h, struct plan *p);
/* What came of a plan, into the document: done, or still to be gone on with, or nothing at all. */
status rollover_hand_result(struct rollover_hand *h, struct plan *p, enum rollover_step s, const char *confirm, struct error *err) MUST_USE;
/* A step of which nothing is left to be done from here, as a person says. */
status rollover_hand_note(struct rollover_hand *h, enum rollover_step s, const char *confirm, struct error *err) MUST_USE;
/* What stands, stands. */
status rollover_hand_abandon(struct rollover_hand *h, struct error *err) MUST_USE;

#endif
