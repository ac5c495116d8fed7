/*
 * The one gate for changes (CONTRACT section 1): a plan is printed and nothing is changed without --apply; --apply asks once, on a
 * terminal; --yes answers it. What is applied is recorded before and after each step (model/changes.h).
 */
#ifndef CLI_GATE_H
#define CLI_GATE_H

#include "cli/options.h"
#include "fixes/plan.h"
#include "model/report.h"

struct cJSON;

struct gate {
	const struct options *o;
	const struct report_style *style;
	const struct world *world;
	bool back;             /* the plan is undone, not applied */
	/* After a person's yes, which may have come hours after the question: does all still hold that the plan was made for? NULL: nothing need be asked. */
	status (*agreed)(void *user, struct error *err);
	void *agreed_user;
	const char *nothing;   /* instead of “Nothing has been changed. This does it:” */
};

/* --apply without a terminal and without --yes: ERROR_USAGE, before anything is contacted. */
status gate_check(const struct options *o, struct error *err) MUST_USE;
/*
 * Prints the plan; without --apply that is all. With it: asks once, unless --yes; applies, telling each step; prints how it
 * ended. Returns the exit status. *applied says whether every step was done. With --json one object is printed at the end,
 * json (taken over) with "plan" in it, after `more` (may be NULL) added what came of it.
 */
int gate_carry_out(const struct gate *g, struct plan *p, struct cJSON *json, void (*more)(void *user, struct cJSON *to), void *user, bool *applied);
/* The doing alone, recorded and told step by step, of a plan that was shown and agreed to. The exit status; *err says why where it is not 0. */
int gate_apply(const struct gate *g, struct plan *p, struct error *err);
/* Asks on the terminal. False: no, or there is none. */
bool gate_ask(const char *question);
/* "mtlscope fix payment.internal:8443 --cert order.crt": what was typed, for a shell, without --apply. */
void gate_typed(const struct options *o, struct buf *out);
/* Prints on standard output, and frees what it held: it may be used again. */
void gate_print(struct buf *page);

#endif
