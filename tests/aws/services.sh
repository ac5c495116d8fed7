#!/bin/bash
# The services beside the private CA through the real AWS CLI, a call or two each: services.sh CLI ENDPOINT FOLDER
# FOLDER holds a root.pem of a story that is over.
set -euo pipefail
cli=$1 endpoint=$2 out=$3 mine=cli-$$
cd "$out"
aws() { "$cli" --endpoint-url "$endpoint" "$@"; }
fail() { echo "services.sh: $*" >&2; exit 1; }
is() { [ "$1" = "$2" ] || fail "$3 is “$1”, not “$2”"; }

aws s3 mb "s3://$mine" >/dev/null
aws s3api put-bucket-versioning --bucket "$mine" --versioning-configuration Status=Enabled
aws s3 cp --quiet root.pem "s3://$mine/trust/bundle.pem"
is "$(aws s3 ls "s3://$mine/trust/" | awk '{ print $4 }')" bundle.pem "the listing"
aws s3 cp --quiet "s3://$mine/trust/bundle.pem" back.pem
cmp root.pem back.pem || fail "what comes back is another file"

{
	aws secretsmanager create-secret --name "$mine" --secret-string one >/dev/null
	is "$(aws secretsmanager get-secret-value --secret-id "$mine" --query SecretString --output text)" one "the secret"
} & secrets=$!
{
	aws cloudwatch put-metric-data --namespace "$mine" --metric-name Days --value 9 --dimensions Identity=order
	aws cloudwatch put-metric-alarm --alarm-name "$mine" --namespace "$mine" --metric-name Days --dimensions Name=Identity,Value=order --statistic Minimum \
		--period 86400 --evaluation-periods 1 --threshold 30 --comparison-operator LessThanOrEqualToThreshold
	is "$(aws cloudwatch describe-alarms --alarm-names "$mine" --query 'MetricAlarms[0].StateValue' --output text)" ALARM "the alarm"
} & watch=$!
aws apigatewayv2 create-domain-name --domain-name "$mine.example.com" --domain-name-configurations CertificateArn=arn:aws:acm:us-east-1:111122223333:certificate/x \
	--mutual-tls-authentication "TruststoreUri=s3://$mine/trust/bundle.pem" >/dev/null
is "$(aws apigateway get-domain-name --domain-name "$mine.example.com" --query mutualTlsAuthentication.truststoreUri --output text)" \
	"s3://$mine/trust/bundle.pem" "the domain's trust store"
aws events put-rule --name "$mine" --event-pattern '{"source":["aws.acm-pca"]}' >/dev/null
is "$(aws events put-targets --rule "$mine" --targets Id=1,Arn=arn:aws:sqs:us-east-1:111122223333:q --query FailedEntryCount --output text)" 0 "failed targets"
aws ssm put-parameter --name "/$mine/a" --value b --type String >/dev/null
is "$(aws ssm get-parameter --name "/$mine/a" --query Parameter.Value --output text)" b "the parameter"
is "$(aws sts get-caller-identity --query Account --output text)" 111122223333 "the account"
wait "$secrets" || fail "secrets"
wait "$watch" || fail "alarms"
