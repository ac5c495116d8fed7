/*
 * AWS's load balancers and API Gateway as command lines, and the ECS task. Facts: knowledge "aws" 4.1 to 4.3; which option
 * is spelled how, 3.
 */
#include "fixes/paste_lines.h"

static const struct paste_line alb[] = {
	{ IF_ALWAYS, "# The bundle of trusted CAs, root and intermediates: PEM without blank lines. A load balancer copies it: a new object changes nothing by itself." },
	{ IF_ALWAYS, "aws s3api put-object --region @region@ --bucket @bucket@ --key @object@ --body @trust@" },
	{ IF_NO_TRUST_STORE, "TRUST_STORE=$(aws elbv2 create-trust-store --region @region@ --name mtls-clients \\" },
	{ IF_NO_TRUST_STORE, "    --ca-certificates-bundle-s3-bucket @bucket@ --ca-certificates-bundle-s3-key @object@ \\" },
	{ IF_NO_TRUST_STORE, "    --query 'TrustStores[0].TrustStoreArn' --output text)" },
	{ IF_TRUST_STORE, "TRUST_STORE=@store@" },
	{ IF_TRUST_STORE | IF_NO_VERSION, "aws elbv2 modify-trust-store --region @region@ --trust-store-arn \"$TRUST_STORE\" \\" },
	{ IF_TRUST_STORE | IF_NO_VERSION, "    --ca-certificates-bundle-s3-bucket @bucket@ --ca-certificates-bundle-s3-key @object@" },
	{ IF_TRUST_STORE | IF_VERSION, "aws elbv2 modify-trust-store --region @region@ --trust-store-arn \"$TRUST_STORE\" \\" },
	{ IF_TRUST_STORE | IF_VERSION, "    --ca-certificates-bundle-s3-bucket @bucket@ --ca-certificates-bundle-s3-key @object@ --ca-certificates-bundle-s3-object-version @version@" },
	{ IF_REQUIRED, "# verify: without a good certificate the handshake fails. passthrough would verify nothing." },
	{ IF_REQUIRED, "aws elbv2 modify-listener --region @region@ --listener-arn @listener@ \\" },
	{ IF_REQUIRED, "    --mutual-authentication Mode=verify,TrustStoreArn=\"$TRUST_STORE\",IgnoreClientCertificateExpiry=false" },
	{ IF_OPTIONAL, "# passthrough: the load balancer verifies nothing, and hands the chain on in X-Amzn-Mtls-Clientcert: the application decides." },
	{ IF_OPTIONAL, "aws elbv2 modify-listener --region @region@ --listener-arn @listener@ --mutual-authentication Mode=passthrough" },
	{ IF_CRL | IF_REQUIRED, "# Revocation lists are given by themselves, and again whenever they change." },
	{ IF_CRL | IF_REQUIRED, "aws s3api put-object --region @region@ --bucket @bucket@ --key revoked.crl --body @crl@" },
	{ IF_CRL | IF_REQUIRED, "aws elbv2 add-trust-store-revocations --region @region@ --trust-store-arn \"$TRUST_STORE\" \\" },
	{ IF_CRL | IF_REQUIRED, "    --revocation-contents S3Bucket=@bucket@,S3Key=revoked.crl,RevocationType=CRL" },
};

status
paste_alb(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	out->remark = "At most 25 CAs in a trust store, chains of four, two verifying listeners a load balancer. The reason of a refusal is in the connection log only (off by default).";
	return PASTE_PART(c, FORMAT_SHELL, alb, "shell", out, a, err);
}

/* ---- API Gateway ---- */

static const struct paste_line upload[] = {
	{ IF_ALWAYS, "# Every intermediate of the clients belongs into the truststore, not the root alone. The bucket must keep versions." },
	{ IF_ALWAYS, "VERSION=$(aws s3api put-object --region @region@ --bucket @bucket@ --key @object@ --body @trust@ --query VersionId --output text)" },
};

static const struct paste_line rest_api[] = {
	{ IF_ALWAYS, "aws apigateway update-domain-name --region @region@ --domain-name @domain@ --patch-operations \\" },
	{ IF_ALWAYS, "    op=replace,path=/mutualTlsAuthentication/truststoreUri,value=@bundle@ \\" },
	{ IF_ALWAYS, "    op=replace,path=/mutualTlsAuthentication/truststoreVersion,value=\"$VERSION\"" },
	{ IF_ALWAYS, "# The default endpoint asks for no certificate: it goes round all this." },
	{ IF_ALWAYS, "aws apigateway update-rest-api --region @region@ --rest-api-id @api@ --patch-operations op=replace,path=/disableExecuteApiEndpoint,value=true" },
	{ IF_ALWAYS, "aws apigateway create-deployment --region @region@ --rest-api-id @api@ --stage-name \"$STAGE\"" },
	{ IF_ALWAYS, "# AVAILABLE, and no warnings:" },
	{ IF_ALWAYS, "aws apigateway get-domain-name --region @region@ --domain-name @domain@ --query '[domainNameStatus,mutualTlsAuthentication.truststoreWarnings]'" },
};

static const struct paste_line http_api[] = {
	{ IF_ALWAYS, "aws apigatewayv2 update-domain-name --region @region@ --domain-name @domain@ \\" },
	{ IF_ALWAYS, "    --mutual-tls-authentication TruststoreUri=@bundle@,TruststoreVersion=\"$VERSION\"" },
	{ IF_ALWAYS, "# The default endpoint asks for no certificate: it goes round all this." },
	{ IF_ALWAYS, "aws apigatewayv2 update-api --region @region@ --api-id @api@ --disable-execute-api-endpoint" },
	{ IF_ALWAYS, "aws apigatewayv2 create-deployment --region @region@ --api-id @api@" },
	{ IF_ALWAYS, "# AVAILABLE, and no warnings:" },
	{ IF_ALWAYS, "aws apigatewayv2 get-domain-name --region @region@ --domain-name @domain@ --query '[DomainNameConfigurations[0].DomainNameStatus,MutualTlsAuthentication.TruststoreWarnings]'" },
};

static const struct paste_line gateway_client[] = {
	{ IF_ALWAYS, "# API Gateway makes the key and a certificate that signs itself: the backend must trust that certificate, not a CA." },
	{ IF_ALWAYS, "ID=$(aws apigateway generate-client-certificate --region @region@ --query clientCertificateId --output text)" },
	{ IF_ALWAYS, "aws apigateway get-client-certificate --region @region@ --client-certificate-id \"$ID\" --query pemEncodedCertificate --output text >gateway.pem" },
	{ IF_ALWAYS, "aws apigateway update-stage --region @region@ --rest-api-id @api@ --stage-name \"$STAGE\" \\" },
	{ IF_ALWAYS, "    --patch-operations op=replace,path=/clientCertificateId,value=\"$ID\"" },
};

status
paste_apigateway(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	if (c->side == PASTE_CLIENT) {
		out->remark = "REST APIs only. The certificate lasts a year; a new one is made and shown to the backend before the stage changes.";
		return PASTE_PART(c, FORMAT_SHELL, gateway_client, "shell", out, a, err);
	}
	out->remark = "One of the two, as the API is. The domain name must be regional; revocation is never looked at here: that takes a Lambda authorizer.";
	if (PASTE_PART(c, FORMAT_SHELL, upload, "shell", out, a, err) != STATUS_OK || PASTE_PART(c, FORMAT_SHELL, rest_api, "shell, REST API", out, a, err) != STATUS_OK)
		return STATUS_FAILED;
	return PASTE_PART(c, FORMAT_SHELL, http_api, "shell, HTTP API", out, a, err);
}

/* ---- ECS ---- */

#define LOOP_FILES "umask 077; printf '%s\\\\n' \\\"$TLS_CERTIFICATE\\\" >/tls/tls.crt && printf '%s\\\\n' \\\"$TLS_KEY\\\" >/tls/tls.key && printf '%s\\\\n' \\\"$TLS_TRUST\\\" >/tls/trust.pem && chmod 0440 /tls/*"

static const struct paste_line task[] = {
	{ IF_ALWAYS, "{" },
	{ IF_ALWAYS, "  \"family\": \"CHANGE-ME-SERVICE\"," },
	{ IF_ALWAYS, "  \"requiresCompatibilities\": [\"FARGATE\"]," },
	{ IF_ALWAYS, "  \"networkMode\": \"awsvpc\"," },
	{ IF_ALWAYS, "  \"cpu\": \"256\"," },
	{ IF_ALWAYS, "  \"memory\": \"512\"," },
	{ IF_ALWAYS, "  \"executionRoleArn\": \"arn:@partition@:iam::@account@:role/CHANGE-ME-EXECUTION-ROLE\"," },
	{ IF_ALWAYS, "  \"volumes\": [{ \"name\": \"tls\" }]," },
	{ IF_ALWAYS, "  \"containerDefinitions\": [" },
	{ IF_ALWAYS, "    {" },
	{ IF_ALWAYS, "      \"name\": \"tls-files\"," },
	{ IF_ALWAYS, "      \"image\": \"public.ecr.aws/docker/library/busybox:stable\"," },
	{ IF_ALWAYS, "      \"essential\": false," },
	{ IF_ALWAYS, "      \"command\": [\"sh\", \"-c\", \"" LOOP_FILES "\"]," },
	{ IF_ALWAYS, "      \"secrets\": [" },
	{ IF_ALWAYS, "        { \"name\": \"TLS_CERTIFICATE\", \"valueFrom\": \"@secret@:certificate::\" }," },
	{ IF_ALWAYS, "        { \"name\": \"TLS_KEY\", \"valueFrom\": \"@secret@:private_key::\" }," },
	{ IF_ALWAYS, "        { \"name\": \"TLS_TRUST\", \"valueFrom\": \"@secret@:root_ca::\" }" },
	{ IF_ALWAYS, "      ]," },
	{ IF_ALWAYS, "      \"mountPoints\": [{ \"sourceVolume\": \"tls\", \"containerPath\": \"/tls\" }]" },
	{ IF_ALWAYS, "    }," },
	{ IF_ALWAYS, "    {" },
	{ IF_ALWAYS, "      \"name\": \"app\"," },
	{ IF_ALWAYS, "      \"image\": \"CHANGE-ME-IMAGE\"," },
	{ IF_ALWAYS, "      \"essential\": true," },
	{ IF_ALWAYS, "      \"dependsOn\": [{ \"containerName\": \"tls-files\", \"condition\": \"SUCCESS\" }]," },
	{ IF_ALWAYS, "      \"mountPoints\": [{ \"sourceVolume\": \"tls\", \"containerPath\": \"/tls\", \"readOnly\": true }]" },
	{ IF_ALWAYS, "    }" },
	{ IF_ALWAYS, "  ]" },
	{ IF_ALWAYS, "}" },
};

static const struct paste_line run_task[] = {
	{ IF_ALWAYS, "aws ecs register-task-definition --region @region@ --cli-input-json file://task.json" },
	{ IF_ALWAYS, "# A task reads the secret when it starts: after a renewal the service starts new ones." },
	{ IF_ALWAYS, "aws ecs update-service --region @region@ --cluster \"$CLUSTER\" --service \"$SERVICE\" --task-definition CHANGE-ME-SERVICE --force-new-deployment" },
};

status
paste_ecs(const struct paste_case *c, struct paste *out, struct arena *a, struct error *err)
{
	out->remark = "Why not the application's environment, why not the image: an environment is seen by every child process, crash report and debugger, an image keeps "
	    "the key for whoever can pull it, and neither changes with a renewal. Here a container that ends at once writes the files, and the application has files "
	    "alone. They belong to root and its group: where the application is another user, add `chown UID /tls/*` to that command. The execution role needs "
	    "secretsmanager:GetSecretValue on this secret.";
	if (PASTE_PART(c, FORMAT_PLAIN, task, "task.json", out, a, err) != STATUS_OK)
		return STATUS_FAILED;
	return PASTE_PART(c, FORMAT_SHELL, run_task, "shell", out, a, err);
}
