#include "lab/pca.h"

#include <string.h>

bool
pca_seed(struct cloud *c)
{
	(void)c;
	return true;
}

status
pca_start(struct cloud *c, struct error *err)
{
	(void)c;
	(void)err;
	return STATUS_OK;
}

void
pca_stop(struct cloud *c)
{
	(void)c;
}

bool
pca_public(struct cloud *c, const struct cloud_raw *raw, struct arena *a, struct cloud_reply *p)
{
	(void)c;
	(void)raw;
	(void)a;
	(void)p;
	return false;
}

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	(void)c;
	cloud_fail(p, "UnknownOperationException", "The operation %.64s is unknown.", q->operation);
}

const struct cloud_service cloud_acm_pca = {
	.signing = "acm-pca",
	.target = "ACMPrivateCA",
	.serve = serve,
};
