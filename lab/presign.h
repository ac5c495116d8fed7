/* An address that whoever has it may fetch without a key, for a while: what GetTrustStoreCaCertificatesBundle answers. */
#ifndef LAB_PRESIGN_H
#define LAB_PRESIGN_H

#include "lab/cloud.h"

/* A presigned GET of an object of the lab's S3, by the administrator's key, in the arena; seconds: how long it holds. */
char *cloud_presign(struct cloud *c, const struct cloud_request *q, const char *bucket, const char *key, const char *version, int seconds);

#endif
