/* The services that we speak to. Names and versions: knowledge "aws" 1.2, 4 and 5.2, out of botocore's service models. */
#include "aws/client.h"

const struct aws_service aws_acm_pca = {
	.id = "ACM_PCA",
	.prefix = "acm-pca",
	.signing = "acm-pca",
	.protocol = AWS_PROTOCOL_JSON,
	.target = "ACMPrivateCA",
	.json_version = "1.1",
};
const struct aws_service aws_acm = {
	.id = "ACM",
	.prefix = "acm",
	.signing = "acm",
	.protocol = AWS_PROTOCOL_JSON,
	.target = "CertificateManager",
	.json_version = "1.1",
};
const struct aws_service aws_secretsmanager = {
	.id = "SECRETS_MANAGER",
	.prefix = "secretsmanager",
	.signing = "secretsmanager",
	.protocol = AWS_PROTOCOL_JSON,
	.target = "secretsmanager",
	.json_version = "1.1",
};
const struct aws_service aws_ssm = {
	.id = "SSM",
	.prefix = "ssm",
	.signing = "ssm",
	.protocol = AWS_PROTOCOL_JSON,
	.target = "AmazonSSM",
	.json_version = "1.1",
};
const struct aws_service aws_s3 = {
	.id = "S3",
	.prefix = "s3",
	.signing = "s3",
	.protocol = AWS_PROTOCOL_REST,
	.path_encoded_once = true,
};
const struct aws_service aws_elbv2 = {
	.id = "ELASTIC_LOAD_BALANCING_V2",
	.prefix = "elasticloadbalancing",
	.signing = "elasticloadbalancing",
	.protocol = AWS_PROTOCOL_QUERY,
	.version = "2015-12-01",
};
const struct aws_service aws_apigateway = {
	.id = "API_GATEWAY",
	.prefix = "apigateway",
	.signing = "apigateway",
	.protocol = AWS_PROTOCOL_REST,
};
const struct aws_service aws_apigatewayv2 = {
	.id = "APIGATEWAYV2",
	.prefix = "apigateway",
	.signing = "apigateway",
	.protocol = AWS_PROTOCOL_REST,
};
/* Query is deprecated there, and JSON 1.0 is what every server takes (knowledge "aws" 4.5). */
const struct aws_service aws_cloudwatch = {
	.id = "CLOUDWATCH",
	.prefix = "monitoring",
	.signing = "monitoring",
	.protocol = AWS_PROTOCOL_JSON,
	.target = "GraniteServiceVersion20100801",
	.json_version = "1.0",
};
const struct aws_service aws_events = {
	.id = "EVENTBRIDGE",
	.prefix = "events",
	.signing = "events",
	.protocol = AWS_PROTOCOL_JSON,
	.target = "AWSEvents",
	.json_version = "1.1",
};
const struct aws_service aws_sts = {
	.id = "STS",
	.prefix = "sts",
	.signing = "sts",
	.protocol = AWS_PROTOCOL_QUERY,
	.version = "2011-06-15",
};
