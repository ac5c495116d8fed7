/* The lab's private CA: what lab/cloud.c asks of it beside its service (cloud_acm_pca). */
#ifndef LAB_PCA_H
#define LAB_PCA_H

#include "lab/cloud_internal.h"

/* In the transaction that makes a new database: the lab's own authorities, and --certificates. */
bool pca_seed(struct cloud *c);
/* Its worker makes keys, signs, writes reports: what a killed lab left undone first. */
status pca_start(struct cloud *c, struct error *err) MUST_USE;
void pca_stop(struct cloud *c);
/* Before each request: what the worker has finished becomes objects and events. After its commit: the worker hears of new work. */
void pca_settle(struct cloud *c);
void pca_committed(struct cloud *c);
/* Writes the revocation lists that are stale into their buckets. In a transaction of the server's thread. */
void pca_crl_settle(struct cloud *c);
/* Revocation lists and OCSP are for everybody, unsigned. False: the request is for nothing of that. */
bool pca_public(struct cloud *c, const struct cloud_raw *raw, struct arena *a, struct cloud_reply *p);

#endif
