/* A plan as the record keeps it, and back: schema mtlscope.recorded-plan/1. */
#ifndef FIXES_PLAN_STORE_H
#define FIXES_PLAN_STORE_H

#include "fixes/plan.h"
#include "model/changes.h"

/* Records the plan as it is now (it gets its id and folder the first time); event is one line for people. */
status plan_record(struct plan *p, const char *event, struct error *err) MUST_USE;
/*
 * The plan of a record, ready to go on or back, with record and world set; place.client is NULL (the caller opens it from the
 * place: plan_wants_aws()). ERROR_LOCAL: the document is damaged, or of a newer version. The caller's: plan_free().
 */
status plan_recorded(struct changes *c, int64_t id, const struct world *w, struct plan **out, struct error *err) MUST_USE;
/*
 * Is the record as this plan wrote or read it last? Asked while its lock is held. ERROR_NOT_DONE: another program has worked on it since, perhaps while
 * ours waited for an answer; what is in memory is not to be carried out.
 */
status plan_is_current(struct plan *p, struct error *err) MUST_USE;
const char *plan_state_word(enum plan_state s); /* "applying", "done", "stopped", "undoing", "undone" */

#endif
