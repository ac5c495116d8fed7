/* What hangs on a CA: asked before one that a plan made is deleted again. */
#ifndef FIXES_CA_USED_H
#define FIXES_CA_USED_H

#include "fixes/plan.h"

/*
 * Certificates of the CA that are still valid and are not this plan's own, and CAs below it, as far as they are known here: in
 * the inventory and in the record of changes. AWS lists to nobody what a CA has issued (knowledge "aws" 1.1): NULL in *out says
 * that nothing is known, not that there is nothing. Else “2 certificates are valid: a.internal, b.internal”, printable, in the
 * plan's arena. One that the record alone knows is looked up in AWS.
 */
status ca_used(struct plan *p, const char *arn, const char **out, struct error *err) MUST_USE;

#endif
