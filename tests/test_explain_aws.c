/*
 * Command lines of aws and what AWS answers: each mistake of knowledge "aws" 3 is named, with the line that is right; a
 * right line is called none, and what is printed as right is read again and found to be so.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <string.h>

#include "model/aws_command.h"
#include "model/explain_parts.h"
#include "model/limits.h"

#define CA "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/1f0c"
#define CERT CA "/certificate/a4e9c2aa2ccfab625b1b9136464cd3a6"

static struct explain *
explained(const char *text)
{
	struct explain *x = explain_new();

	explain_text(x, text_of(text));
	return x;
}

static const struct explanation *
with_id(const struct explain *x, const char *id)
{
	for (size_t i = 0; i < explain_len(x); i++)
		if (strcmp(explain_at(x, i)->row->id, id) == 0)
			return explain_at(x, i);
	return NULL;
}

static bool
is_remark(const struct explanation *e)
{
	return strncmp(e->row->id, "aws-cli.right", strlen("aws-cli.right")) == 0;
}

/* ---- mistakes ---- */

static const struct {
	int number;         /* in section 3 of the page */
	const char *typed, *row;
	const char *right;  /* stands in the line that is right; NULL: there is none */
} mistakes[] = {
	{ 1, "aws acm-pca request-certificate --domain-name order.internal --certificate-authority-arn " CA, "aws-cli.request-certificate", "--certificate-authority-arn " CA " \\\n    --csr fileb://request.csr" },
	{ 1, "Invalid choice: 'request-certificate', maybe you meant:", "aws-cli.request-certificate", "aws acm-pca wait certificate-issued" },
	{ 1, "aws acm-pca renew-certificate --certificate-arn x", "aws-cli.no-such-operation", "aws acm-pca issue-certificate" },
	{ 1, "aws acm-pca describe-certificate --certificate-arn " CERT, "aws-cli.no-such-operation", "--certificate-arn " CERT " \\\n    --query Certificate --output text" },
	{ 1, "aws acm-pca isue-certificate --csr fileb://x", "aws-cli.no-such-operation", "aws acm-pca issue-certificate" },
	{ 1, "aws acm-pca get-certificate-autority-csr --certificate-authority-arn " CA, "aws-cli.no-such-operation", "aws acm-pca get-certificate-authority-csr" },
	{ 1, "aws acm-pca frobnicate-everything-now", "aws-cli.no-such-operation", "aws acm-pca help" },
	{ 2, "aws apigateway create-domain-name --domain-name api.example.com --mutual-tls-authentication-source-arn s3://trust/roots.pem", "aws-cli.mutual-tls-source-arn", "--mutual-tls-authentication truststoreUri=s3://trust/roots.pem" },
	{ 2, "aws apigatewayv2 update-domain-name --domain-name api.example.com --mutual-tls-authentication-source-arn arn:aws:s3:::trust", "aws-cli.mutual-tls-source-arn", "--mutual-tls-authentication TruststoreUri=s3://BUCKET/KEY" },
	{ 2, "Unknown options: --mutual-tls-authentication-source-arn, arn:aws:s3:::trust", "aws-cli.mutual-tls-source-arn", "truststoreUri=s3://" },
	{ 2, "aws apigateway update-domain-name --domain-name api.example.com --mutual-tls-authentication truststoreUri=s3://trust/roots.pem", "aws-cli.mutual-tls-patch", "--patch-operations op=replace,path=/mutualTlsAuthentication/truststoreUri,value=s3://trust/roots.pem" },
	{ 2, "aws apigateway update-domain-name --mutual-tls-authentication 'truststoreUri=s3://b/$(reboot)'", "aws-cli.mutual-tls-patch", "value=s3://BUCKET/KEY" },
	{ 2, "Unknown options: --mutual-tls-authentication, truststoreUri=s3://b/k", "aws-cli.mutual-tls-patch", "--patch-operations" },
	{ 2, "aws apigatewayv2 update-domain-name --domain-name api.example.com --mutual-tls-authentication truststoreUri=s3://trust/roots.pem", "aws-cli.truststore-spelling", "TruststoreUri=s3://trust/roots.pem" },
	{ 2, "aws apigatewayv2 create-domain-name --domain-name api.example.com --mutual-tls-authentication '{\"truststoreUri\":\"s3://trust/roots.pem\"}'", "aws-cli.truststore-spelling", "TruststoreUri=s3://trust/roots.pem" },
	{ 2, "aws apigateway create-domain-name --domain-name api.example.com --mutual-tls-authentication TruststoreUri=s3://trust/roots.pem", "aws-cli.truststore-spelling", " truststoreUri=s3://trust/roots.pem" },
	{ 2, "Unknown parameter in MutualTlsAuthentication: \"truststoreUri\", must be one of: TruststoreUri, TruststoreVersion", "aws-cli.truststore-spelling", "TruststoreUri=" },
	{ 3, "aws acm-pca issue-certificate --certificate-authority-arn " CA " --csr file://order.csr --signing-algorithm SHA256WITHRSA --validity Value=30,Type=DAYS", "aws-cli.file-for-blob", "--csr fileb://order.csr" },
	{ 3, "aws acm-pca issue-certificate --csr=file://order.csr", "aws-cli.file-for-blob", "--csr=fileb://order.csr" },
	{ 3, "aws acm-pca issue-certificate --csr 'file://my order.csr'", "aws-cli.file-for-blob", "--csr 'fileb://my order.csr'" },
	{ 3, "aws acm import-certificate --certificate file://c.pem --private-key file://k.pem --certificate-chain fileb://ch.pem", "aws-cli.file-for-blob", "--private-key fileb://k.pem \\\n    --certificate-chain fileb://ch.pem" },
	{ 3, "aws --region eu-west-1 acm-pca import-certificate-authority-certificate --certificate-authority-arn " CA " --certificate file://ca.pem", "aws-cli.file-for-blob", "aws --region eu-west-1 acm-pca import-certificate-authority-certificate" },
	{ 3, "aws acm-pca issue-certificate \\\n  --certificate-authority-arn " CA " \\\n  --csr file://order.csr \\\n  --validity Value=30,Type=DAYS", "aws-cli.file-for-blob", "--csr fileb://order.csr" },
	{ 3, "Invalid base64: \"-----BEGIN CERTIFICATE REQUEST-----", "aws-cli.file-for-blob", "fileb://" },
	{ 4, "aws acm-pca get-certificate --certificate-authority-arn " CA " --certificate-arn " CERT " --output text > cert.pem", "aws-cli.several-fields", "--query Certificate --output text >cert.pem" },
	{ 4, "aws acm-pca get-certificate --certificate-arn " CERT " --query '[Certificate,CertificateChain]' --output text", "aws-cli.several-fields", "--query CertificateChain --output text >chain.pem" },
	{ 4, "aws acm-pca get-certificate-authority-certificate --output text --certificate-authority-arn " CA " | tee ca.pem", "aws-cli.several-fields", "--query Certificate --output text" },
	{ 4, "-----END CERTIFICATE-----\t-----BEGIN CERTIFICATE-----", "aws-cli.several-fields", "--query CertificateChain --output text" },
	{ 4, "-----END CERTIFICATE----- -----BEGIN CERTIFICATE-----", "aws-cli.several-fields", "--query CertificateChain --output text" },
	{ 4, "-----END CERTIFICATE----------BEGIN CERTIFICATE-----", "aws-cli.joined-pem", "sed " },
	{ 4, "aws acm-pca get-certificate --certificate-arn " CERT " >order.crt", "aws-cli.json-for-pem", "--query Certificate --output text >order.crt" },
	{ 4, "aws acm-pca get-certificate --certificate-arn " CERT " --output text >'my; cert.pem'", "aws-cli.several-fields", "--output text >'my; cert.pem'" },
	{ 5, "cat chain.pem cert.pem > fullchain.pem", "aws-cli.chain-first", "cat cert.pem chain.pem >fullchain.pem" },
	{ 5, "$ cat issuing-ca.pem order.crt >order-full.pem", "aws-cli.chain-first", "cat order.crt issuing-ca.pem >order-full.pem" },
	{ 5, "cat cert.pem issuing.pem root.pem > fullchain.pem", "aws-cli.root-served", "cat cert.pem issuing.pem >fullchain.pem" },
	{ 6, "aws acm-pca list-certificates --certificate-authority-arn " CA, "aws-cli.list-certificates", "create-certificate-authority-audit-report \\\n    --certificate-authority-arn " CA },
	{ 6, "Invalid choice: 'list-certificates', maybe you meant:", "aws-cli.list-certificates", "audit-report" },
	{ 7, "aws elbv2 create-listener --load-balancer-arn $LB --protocol HTTPS --port 443 --certificates CertificateArn=" CERT, "aws-cli.unmanaged", "aws acm import-certificate" },
	{ 7, "aws acm describe-certificate --certificate-arn " CERT, "aws-cli.unmanaged", "aws acm import-certificate" },
	{ 8, "aws acm-pca get-certificate --certificate-authority-arn $CA --certificate-arn $(aws acm-pca issue-certificate --csr fileb://x --query CertificateArn --output text) --query Certificate --output text", "aws-cli.get-at-once", "aws acm-pca wait certificate-issued" },
	{ 8, "ARN=$(aws acm-pca issue-certificate --csr fileb://x --query CertificateArn --output text) && aws acm-pca get-certificate --certificate-arn $ARN --query Certificate --output text", "aws-cli.get-at-once", "aws acm-pca wait certificate-issued" },
	{ 8, "An error occurred (RequestInProgressException) when calling the GetCertificate operation: The request to issue certificate is still in progress", "aws-cli.in-progress", "aws acm-pca wait certificate-issued" },
	{ 8, "An error occurred (RequestFailedException) when calling the GetCertificate operation: Certificate ARN is in a failed state.", "aws-cli.issue-failed", NULL },
	{ 9, "aws acm-pca revoke-certificate --certificate-authority-arn " CA " --certificate-arn " CERT " --revocation-reason SUPERSEDED", "aws-cli.revoke-serial", "--certificate-serial a4e9c2aa2ccfab625b1b9136464cd3a6 \\\n    --revocation-reason SUPERSEDED" },
	{ 9, "aws acm-pca revoke-certificate --certificate-authority-arn " CA " --certificate-serial " CERT " --revocation-reason KEY_COMPROMISE", "aws-cli.revoke-serial", "--certificate-serial a4e9c2aa2ccfab625b1b9136464cd3a6" },
	{ 9, "aws acm-pca revoke-certificate --certificate-authority-arn " CA " --certificate-serial 219206372190862309485039847529384752938 --revocation-reason KEY_COMPROMISE", "aws-cli.revoke-serial", "--certificate-serial \"$SERIAL_IN_HEX\"" },
	{ 9, "aws acm-pca revoke-certificate --certificate-authority-arn " CA " --certificate-serial a4e9 --revocation-reason keyCompromise", "aws-cli.revocation-reason", "--certificate-serial a4e9 \\\n    --revocation-reason KEY_COMPROMISE" },
	{ 9, "aws acm-pca revoke-certificate --certificate-arn '" CA "/certificate/a4;reboot'", "aws-cli.revoke-serial", "--certificate-serial \"$SERIAL_IN_HEX\"" },
	{ 9, "aws: error: the following arguments are required: --certificate-serial", "aws-cli.revoke-serial", "--certificate-serial" },
	{ 10, "aws acm-pca update-certificate-authority --certificate-authority-arn " CA " --status DELETED", "aws-cli.ca-status", "--status DISABLED\naws acm-pca delete-certificate-authority" },
	{ 10, "An error occurred (InvalidStateException) when calling the DeleteCertificateAuthority operation: The certificate authority is not in a valid state for deletion.", "aws-cli.ca-status", "--status DISABLED" },
	{ 10, "aws acm-pca update-certificate-authority --certificate-authority-arn " CA " --status ENABLED", "aws-cli.ca-status", "--status ACTIVE" },
	{ 12, "ClientTlsHandshakeError", "aws.invented-code", NULL },
	{ 12, "fields @message | filter tls_verify_status = 'ClientCertRevoked'", "aws.invented-code", NULL },
};

/* What is printed as right is read again: no mistake is in it. */
static void
right_is_right(const char *typed, const char *right)
{
	struct explain *x = explain_new();

	explain_feed(x, right, strlen(right));
	explain_end(x);
	for (size_t i = 0; i < explain_len(x); i++)
		if (strncmp(explain_at(x, i)->row->id, "aws-cli.", 8) == 0 && !is_remark(explain_at(x, i)))
			fail_msg("for “%s” this is called right, and is %s:\n%s", typed, explain_at(x, i)->row->id, right);
	explain_free(x);
}

static void
mistakes_are_named(void **state)
{
	int last = 0;

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		struct explain *x = explained(mistakes[i].typed);
		const struct explanation *e = with_id(x, mistakes[i].row);
		const char *right;

		if (e == NULL)
			fail_msg("“%s” is taken for %s", mistakes[i].typed, explain_len(x) > 0 ? explain_at(x, 0)->row->id : "nothing");
		assert_true(mistakes[i].number >= last && e->readings_len == 1 && e->readings[0].causes_len == 0);
		last = mistakes[i].number;
		right = e->readings[0].command;
		if ((mistakes[i].right == NULL) != (right == NULL) || (right != NULL && strstr(right, mistakes[i].right) == NULL))
			fail_msg("“%s”: right is said to be\n%s", mistakes[i].typed, right != NULL ? right : "(nothing)");
		if (right != NULL)
			right_is_right(mistakes[i].typed, right);
		explain_free(x);
	}
}

/* ---- no mistakes ---- */

static const struct {
	const char *typed;
	const char *row; /* the remark; NULL: nothing is said at all */
	const char *says;
} fine[] = {
	{ "aws acm request-certificate --domain-name order.internal --certificate-authority-arn " CA, "aws-cli.right", "No mistake" },
	{ "aws acm list-certificates", "aws-cli.right-list", "what ACM manages" },
	{ "aws acm-pca issue-certificate --certificate-authority-arn " CA " --csr fileb://order.csr --signing-algorithm SHA256WITHRSA --validity Value=30,Type=DAYS --api-passthrough file://names.json", "aws-cli.right-issue", "at once" },
	{ "aws acm-pca issue-certificate --csr file://order.csr --cli-binary-format raw-in-base64-out", "aws-cli.right-issue", "at once" },
	{ "aws acm-pca get-certificate --certificate-arn " CERT " --query Certificate --output text >cert.pem", "aws-cli.right-get", "ends with the root" },
	{ "aws acm-pca get-certificate --certificate-arn " CERT " --query CertificateChain --output text >chain.pem", "aws-cli.right-get", "ends with the root" },
	{ "aws acm-pca get-certificate --certificate-arn " CERT " --query '[Certificate]' --output text", "aws-cli.right-get", "" },
	{ "aws acm-pca get-certificate --certificate-arn " CERT " --output text | tr '\\t' '\\n' >full.pem", "aws-cli.right-get", "" },
	{ "aws acm-pca get-certificate --certificate-arn " CERT " --query \"join('\\n', [Certificate, CertificateChain])\" --output text", "aws-cli.right-get", "" },
	{ "aws acm-pca get-certificate --certificate-arn " CERT " >answer.json", "aws-cli.right-get", "" },
	{ "aws acm-pca get-certificate-authority-csr --certificate-authority-arn " CA " --output text >ca.csr", "aws-cli.right", "" },
	{ "aws acm-pca get-certificate-authority-certificate --certificate-authority-arn " CA " --query Certificate --output text", "aws-cli.right-ca-get", "missing for a root" },
	{ "aws acm-pca wait certificate-issued --certificate-authority-arn " CA " --certificate-arn " CERT, "aws-cli.right", "" },
	{ "A=$(aws acm-pca issue-certificate --csr fileb://x) && aws acm-pca wait certificate-issued --certificate-arn $A && aws acm-pca get-certificate --certificate-arn $A --query Certificate --output text", "aws-cli.right-issue", "" },
	{ "aws acm-pca revoke-certificate --certificate-authority-arn " CA " --certificate-serial a4:e9:c2 --revocation-reason KEY_COMPROMISE", "aws-cli.right-revoke", "CRL or OCSP" },
	{ "aws acm-pca revoke-certificate --certificate-authority-arn $CA --certificate-serial $SERIAL --revocation-reason $REASON", "aws-cli.right-revoke", "" },
	{ "aws acm-pca update-certificate-authority --certificate-authority-arn " CA " --status DISABLED", "aws-cli.right", "" },
	{ "aws acm-pca update-certificate-authority --certificate-authority-arn " CA " --revocation-configuration file://crl.json", "aws-cli.right-bucket", "look in the old one" }, /* 11 */
	{ "aws acm-pca list-certificate-authorities", "aws-cli.right", "" },
	{ "aws apigateway create-domain-name --domain-name a.b --mutual-tls-authentication truststoreUri=s3://b/k", "aws-cli.right", "" },
	{ "aws apigateway update-domain-name --domain-name a.b --patch-operations op=replace,path=/mutualTlsAuthentication/truststoreVersion,value=V", "aws-cli.right", "" },
	{ "aws apigatewayv2 update-domain-name --domain-name a.b --mutual-tls-authentication TruststoreUri=s3://b/k,TruststoreVersion=V", "aws-cli.right", "" },
	{ "aws elbv2 create-listener --certificates CertificateArn=arn:aws:acm:us-east-1:111122223333:certificate/1", "aws-cli.right", "" },
	{ "aws acm import-certificate --certificate fileb://c.pem --private-key fileb://k.pem --certificate-chain fileb://ch.pem", "aws-cli.right", "" },
	{ "aws secretsmanager put-secret-value --secret-id x --secret-string file://secret.json", "aws-cli.right", "" },
	{ "aws iam upload-server-certificate --certificate-body file://c.pem --private-key file://k.pem", NULL, NULL },
	{ "aws s3 cp file.pem s3://b/k", NULL, NULL },
	{ "cat cert.pem chain.pem > fullchain.pem", NULL, NULL },
	{ "cat root.pem issuing.pem > bundle.pem", NULL, NULL },
	{ "cat old-root.pem new-root.pem >clients.pem", NULL, NULL },
	{ "the aws acm-pca controller started", NULL, NULL },
	{ "we use aws acm certificate files", NULL, NULL },
	{ "laws acm-pca request-certificate", NULL, NULL },
	{ "aws", NULL, NULL },
	{ "aws --profile", NULL, NULL },
};

static void
right_lines_are_no_mistakes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
		struct explain *x = explained(fine[i].typed);

		if ((fine[i].row == NULL) != (explain_len(x) == 0))
			fail_msg("“%s” is taken for %s", fine[i].typed, explain_len(x) > 0 ? explain_at(x, 0)->row->id : "nothing");
		if (fine[i].row != NULL) {
			assert_int_equal(explain_len(x), 1);
			assert_string_equal(explain_at(x, 0)->row->id, fine[i].row);
			assert_non_null(strstr(explain_at(x, 0)->readings[0].says, fine[i].says));
			if (explain_at(x, 0)->readings[0].command != NULL)
				right_is_right(fine[i].typed, explain_at(x, 0)->readings[0].command);
		}
		explain_free(x);
	}
}

/* Several mistakes in one line are all told; lines of a log around it are what they were. */
static void
several_at_once(void **state)
{
	struct explain *x = explained("aws acm-pca revoke-certificate --certificate-arn " CERT " --revocation-reason CERTIFICATE_HOLD");

	(void)state;
	assert_int_equal(explain_len(x), 2);
	assert_non_null(with_id(x, "aws-cli.revoke-serial"));
	assert_non_null(with_id(x, "aws-cli.revocation-reason"));
	explain_free(x);
	x = explained("Connection refused\naws acm-pca issue-certificate \\\n --csr file://a.csr \\\n --validity Value=1,Type=DAYS\nalert 48\naws acm-pca issue-certificate --csr file://b.csr");
	assert_int_equal(explain_counts(x).lines, 4);
	assert_int_equal(explain_counts(x).explained, 4);
	assert_int_equal(explain_len(x), 4); /* two lines to be put right: two explanations */
	assert_non_null(with_id(x, "net.refused"));
	explain_free(x);
}

/* The command lines go out whole, a line each, however narrow the page is; and as JSON. */
static void
commands_are_there_to_be_copied(void **state)
{
	struct explain *x = explained("aws acm-pca issue-certificate --certificate-authority-arn " CA " --csr file://order.csr");
	struct buf page = { 0 };
	cJSON *o, *reading;

	(void)state;
	explain_page(x, &(struct report_style){ .columns = 40 }, &page);
	assert_non_null(strstr(buf_str(&page), "\n        --certificate-authority-arn " CA " \\\n        --csr fileb://order.csr\n"));
	buf_reset(&page);
	explain_json(x, &page);
	o = cJSON_Parse(buf_str(&page));
	reading = cJSON_GetArrayItem(cJSON_GetObjectItem(cJSON_GetArrayItem(cJSON_GetObjectItem(o, "explanations"), 0), "readings"), 0);
	assert_string_equal(cJSON_GetObjectItem(reading, "about")->valuestring, "policy");
	assert_non_null(strstr(cJSON_GetObjectItem(reading, "command")->valuestring, "fileb://order.csr"));
	cJSON_Delete(o);
	buf_done(&page);
	explain_free(x);
}

/* Escape sequences, quotes that never end, thousands of words, a command that never ends: bounded and printable. */
static void
hostile_commands(void **state)
{
	struct explain *x = explained("aws acm-pca issue-certificate --csr 'file://\x1b[31m\xe2\x80\xae x\" $(( ");
	struct buf line = { 0 }, page = { 0 };

	(void)state;
	explain_page(x, &(struct report_style){ .columns = 80 }, &page);
	for (size_t i = 0; i < page.len; i++)
		assert_true(page.data[i] == '\n' || (unsigned char)page.data[i] >= ' ');
	assert_null(strstr(buf_str(&page), "\xe2\x80\xae"));
	assert_non_null(with_id(x, "aws-cli.file-for-blob"));
	explain_free(x);
	x = explain_new();
	for (int i = 0; i < 20000; i++)
		explain_feed(x, "aws acm-pca issue-certificate --csr file://x \\\n", 47);
	explain_end(x);
	assert_true(explain_len(x) <= LIMIT_EXPLANATIONS);
	assert_true(explain_counts(x).lines < 20000);
	explain_free(x);
	buf_adds(&line, "aws acm-pca issue-certificate");
	for (int i = 0; i < 3000; i++)
		buf_adds(&line, " \"$(\"");
	x = explained(buf_str(&line));
	assert_true(explain_len(x) <= LIMIT_EXPLANATIONS);
	explain_free(x);
	buf_done(&line);
	buf_done(&page);
}

/* ---- the reader ---- */

static void
words_of_a_shell(void **state)
{
	static const char line[] = "X=$(/usr/bin/aws --no-verify-ssl --region eu-west-1 acm-pca get-certificate --certificate-arn \"$A\" --query 'a b' 2>/dev/null >>\"my file\"); ls";
	struct arena *a = arena_new();
	struct aws_command c;
	size_t at = 0;

	(void)state;
	assert_true(aws_command_next(text_of(line), &at, &c, a));
	assert_true(aws_is(&c, "acm-pca", "get-certificate"));
	assert_string_equal(aws_option(&c, "--certificate-arn"), "$A");
	assert_string_equal(aws_option_raw(&c, "--certificate-arn"), "\"$A\"");
	assert_string_equal(aws_option(&c, "--query"), "a b");
	assert_string_equal(aws_option(&c, "--region"), "eu-west-1");
	assert_string_equal(c.file, "my file");
	assert_null(aws_option(&c, "--certificate"));
	assert_true(text_equal(c.rest, text_of("); ls")));
	assert_false(aws_command_next(text_of(line), &at, &c, a));
	arena_free(a);
}

/* Every row that no text leads to is reached by a command line above. */
static void
every_row_is_reached(void **state)
{
	(void)state;
	for (size_t i = 0; i < explain_aws_cli.len; i++) {
		const struct explain_row *row = &explain_aws_cli.rows[i];
		bool reached = row->texts[0] != NULL;

		for (size_t k = 0; k < sizeof mistakes / sizeof mistakes[0]; k++)
			reached = reached || strcmp(mistakes[k].row, row->id) == 0;
		for (size_t k = 0; k < sizeof fine / sizeof fine[0]; k++)
			reached = reached || (fine[k].row != NULL && strcmp(fine[k].row, row->id) == 0);
		if (!reached)
			fail_msg("%s is never said", row->id);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_a_shell),
		cmocka_unit_test(mistakes_are_named),
		cmocka_unit_test(right_lines_are_no_mistakes),
		cmocka_unit_test(several_at_once),
		cmocka_unit_test(commands_are_there_to_be_copied),
		cmocka_unit_test(hostile_commands),
		cmocka_unit_test(every_row_is_reached),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
