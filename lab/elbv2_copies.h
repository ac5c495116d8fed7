/* What load balancing copied: bundles and revocation lists, in a bucket of the service's own. */
#ifndef LAB_ELBV2_COPIES_H
#define LAB_ELBV2_COPIES_H

#include "lab/elbv2_parts.h"

#define ELB_COPIES "practice-lab-elasticloadbalancing-copies"
#define ELB_OWNER "elasticloadbalancing"

/* The copy's key in the arena; NULL: the disk. */
char *elb_keep(struct elb_call *k, const char *bytes, size_t len);
void elb_drop(struct elb_call *k, const char *copy); /* NULL is legal */

#endif
