/*
 * The plans of a roll-over, one for each of its steps (model/rollover.h has the rules), and what a plan that was applied means for the
 * document. Making a plan changes nothing; it reads files and asks AWS, and so it blocks.
 */
#ifndef FIXES_ROLLOVER_H
#define FIXES_ROLLOVER_H

#include "fixes/plan.h"
#include "model/changes.h"
#include "model/config.h"
#include "model/rollover.h"

/* Borrowed until the plan is made; the plan keeps copies. */
struct rollover_wish {
	const struct rollover *r;        /* as it was just measured */
	const struct config *config;
	struct plan_place place;         /* of the old root's account; a client is there */
	const char *host;                /* this machine's name, printable */
	const char *pass_key;            /* absolute: where the key of the client certificate to measure with is kept */
	const char *name;                /* of the new root; NULL: made from the old one's */
	unsigned root_days, days;        /* 0: ten years; for what issues three */
	int64_t now;
	/*
	 * ROLLOVER_TRUST, ROLLOVER_REMOVE and the way back: instead of files, this load balancer's trust store (bucket: where the new bundle is put) or this
	 * domain's truststore of API Gateway. NULL: none.
	 */
	const char *trust_store, *domain, *bucket;
	/* Only these services; len 0: all of them. For fleets that are done in parts. */
	const char *const *only;
	size_t only_len;
};

/*
 * *out NULL: nothing of this step can be done from here. *by_hand: what its owners must do, a printable line each, in `a`; also beside a plan.
 * STATUS_FAILED: ERROR_AWS, ERROR_INPUT (a file), ERROR_USAGE (this way is not possible, and why).
 */
status rollover_plan(const struct rollover_wish *w, enum rollover_step s, struct arena *a, struct plan **out, const char ***by_hand, size_t *by_hand_len,
    struct error *err) MUST_USE;
/* The way back of ROLLOVER_TRUST, whoever wrote it: the new root out of every bundle of this machine. */
status rollover_plan_untrust(const struct rollover_wish *w, struct arena *a, struct plan **out, const char ***by_hand, size_t *by_hand_len,
    struct error *err) MUST_USE;

/* Which roll-over and which step is a plan of? NULL: of none. */
const char *rollover_of_plan(const struct plan *p, enum rollover_step *s);
/*
 * Takes into the document what a plan that is done has made, and that it is done. p->place.client is needed for new CAs. Again is the same as once.
 */
status rollover_absorb(struct rollover *r, struct plan *p, const struct rollover_done *done, struct error *err) MUST_USE;
/*
 * The same for a plan of `host` that was undone: what it had made is not there any more; what other plans of the same step made is. began: as the
 * record has it.
 */
void rollover_forget(struct rollover *r, const struct plan *p, int64_t began, const char *host);

/*
 * For `undo`: does a later step of the roll-over rest on this plan? ERROR_NOT_DONE says which, or that somebody else is changing the roll-over just now.
 * STATUS_OK for every plan that is of none, or whose document is not there any more. *held: as long as it is open nobody else does a step of the roll-over;
 * rollover_close() after the undo, in any case. NULL: there is nothing to be held.
 */
status rollover_undo_allowed(struct changes *c, const struct plan *p, const struct world *w, struct rollover_file **held, struct error *err) MUST_USE;
/*
 * For going on with a plan that was interrupted, perhaps weeks ago: is its step still safe? By the document, whose measuring must be ROLLOVER_FRESH_S old at
 * most. ERROR_NOT_DONE says what is in the way, or that the fleet is measured first. STATUS_OK and *held as above.
 */
status rollover_resume_allowed(const struct plan *p, const struct world *w, struct rollover_file **held, struct error *err) MUST_USE;

/* What AWS says of the old root, and the CAs right below it: the beginning of a document. ERROR_USAGE: it is no root, or has no certificate. */
status rollover_begin(const struct plan_place *place, const char *root_arn, enum rollover_way way, int64_t now, struct rollover **out, struct error *err) MUST_USE;

/* The three ways, for a person to choose. Texts in the arena. */
struct rollover_offer {
	enum rollover_way way;
	bool possible, recommended;
	const char *what, *cost, *stays, *needs, *measured; /* clauses */
	const char *why_not;            /* not possible */
};
void rollover_offers(const struct plan_place *place, const struct rollover *facts, int64_t now, struct arena *a, struct rollover_offer out[ROLLOVER_WAYS]);

#endif
