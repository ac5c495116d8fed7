/* Which services the lab's AWS has. */
#include "lab/cloud_internal.h"

const struct cloud_service *const cloud_services[] = {
	&cloud_acm_pca, &cloud_s3, &cloud_secretsmanager, &cloud_ssm, &cloud_elbv2, &cloud_apigateway, &cloud_cloudwatch, &cloud_events,
	&cloud_sts, &cloud_acm,
};
const size_t cloud_services_len = sizeof cloud_services / sizeof cloud_services[0];
