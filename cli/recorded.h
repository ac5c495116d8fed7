/* What `undo` and `resume` share: a plan out of the record, with its AWS account open. */
#ifndef CLI_RECORDED_H
#define CLI_RECORDED_H

#include "cli/options.h"
#include "fixes/plan.h"
#include "model/changes.h"

/* "7"; ERROR_USAGE for what is no number. */
status recorded_id(const char *word, int64_t *id, struct error *err) MUST_USE;
/* Shows it, asks, does it: the whole of both commands. id 0: the newest unfinished one. */
int recorded_carry_out(struct options *o, int64_t id, bool back);

#endif
