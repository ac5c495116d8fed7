/* An endpoint in the arguments of a deed: {"target", "servername", "starttls", "path", "no_http"}. */
#ifndef FIXES_DEED_TARGET_H
#define FIXES_DEED_TARGET_H

#include "fixes/plan.h"
#include "model/target.h"

void deed_target_args(cJSON *args, const struct target *t);
/* target_done() in any case where it is STATUS_OK. */
status deed_target(const struct plan_step *s, struct target *out, struct error *err) MUST_USE;

#endif
