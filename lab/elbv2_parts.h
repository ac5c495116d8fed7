/* The lab's load balancers and their trust stores: what lab/elbv2.c and lab/elbv2_stores.c share. */
#ifndef LAB_ELBV2_PARTS_H
#define LAB_ELBV2_PARTS_H

#include "lab/query.h"

#define ELBV2_XMLNS "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"

struct elb_call {
	struct cloud *c;
	const struct cloud_request *q;
	struct cloud_reply *p;
	const cJSON *in; /* the form */
	sqlite3 *db;
};

/* A resource's random end: sixteen hex digits. */
void elb_id(char out[17]);
void elb_reply(struct elb_call *k, cJSON *result);
void elb_broken(struct elb_call *k); /* the disk: nothing of it is kept */

/* ---- lab/elbv2_stores.c ---- */
void elb_create_store(struct elb_call *k);
void elb_modify_store(struct elb_call *k);
void elb_describe_stores(struct elb_call *k);
void elb_delete_store(struct elb_call *k);
void elb_get_bundle(struct elb_call *k);
void elb_describe_associations(struct elb_call *k);
bool elb_has_store(struct elb_call *k, const char *arn);
/* ---- lab/elbv2_revocations.c ---- */
void elb_add_revocations(struct elb_call *k);
void elb_describe_revocations(struct elb_call *k);
void elb_remove_revocations(struct elb_call *k);
void elb_get_revocation(struct elb_call *k);
/* ---- lab/elbv2_listeners.c ---- */
void elb_create_balancer(struct elb_call *k);
void elb_describe_balancers(struct elb_call *k);
void elb_delete_balancer(struct elb_call *k);
void elb_create_listener(struct elb_call *k);
void elb_modify_listener(struct elb_call *k);
void elb_describe_listeners(struct elb_call *k);
void elb_delete_listener(struct elb_call *k);

#endif
