/* May a certificate be put into this secret now? Asked before the plan is shown and again when the step begins (fixes/deed_secret.c). */
#ifndef FIXES_SECRET_STATE_H
#define FIXES_SECRET_STATE_H

#include "aws/secretsmanager.h"
#include "fixes/plan.h"

/*
 * token: of our own version; NULL: there is none yet. ERROR_AWS: it cannot be seen. ERROR_NOT_DONE: it is marked for deletion, has no value yet, or
 * somebody else rotates it.
 */
status secret_state(struct plan *p, const char *secret, const char *token, struct secret_about *out, struct error *err) MUST_USE;

#endif
