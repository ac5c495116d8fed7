/*
 * Mistakes in command lines of aws, as people paste them from tutorials: which option or operation is wrong, and the
 * same line put right with what was typed. The knowledge behind each is knowledge "aws", section 3.
 */
#include "model/explain_aws.h"

#include <ctype.h>
#include <string.h>

#include "model/explain_match.h"
#include "model/memory.h"
#include "model/spelling.h"

enum { SERIAL_HEX = 32 };

/* ---- issuing ---- */

static void
right_issue(const struct aws_command *c, struct buf *b)
{
	buf_adds(b, "CERT=$(");
	right_go_on(b, c, "acm-pca issue-certificate");
	right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
	right_option(b, "--csr", "fileb://request.csr");
	right_keep(b, c, "--signing-algorithm", "SHA256WITHRSA");
	right_keep(b, c, "--validity", "Value=30,Type=DAYS");
	right_query(b, "CertificateArn", NULL);
	buf_addc(b, ')');
	right_begin(b, c, "acm-pca wait certificate-issued");
	right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
	right_option(b, "--certificate-arn", "\"$CERT\"");
	right_begin(b, c, "acm-pca get-certificate");
	right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
	right_option(b, "--certificate-arn", "\"$CERT\"");
	right_query(b, "Certificate", c->file != NULL ? c->file_raw : "cert.pem");
}

static bool
is_request(const struct aws_command *c)
{
	return aws_is(c, "acm-pca", "request-certificate");
}

static bool
is_list(const struct aws_command *c)
{
	return aws_is(c, "acm-pca", "list-certificates");
}

static void
right_report(const struct aws_command *c, struct buf *b)
{
	right_begin(b, c, "acm-pca create-certificate-authority-audit-report");
	right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
	right_option(b, "--s3-bucket-name", "\"$BUCKET\"");
	right_option(b, "--audit-report-response-format", "JSON");
}

/* All that the service has (its model of 2017-08-22), with the command line's own two. */
static const char *const pca_operations[] = {
	"create-certificate-authority", "create-certificate-authority-audit-report", "create-permission", "delete-certificate-authority", "delete-permission",
	"delete-policy", "describe-certificate-authority", "describe-certificate-authority-audit-report", "get-certificate", "get-certificate-authority-certificate",
	"get-certificate-authority-csr", "get-policy", "import-certificate-authority-certificate", "issue-certificate", "list-certificate-authorities",
	"list-permissions", "list-tags", "put-policy", "restore-certificate-authority", "revoke-certificate", "tag-certificate-authority",
	"untag-certificate-authority", "update-certificate-authority", "wait", "help",
};

/* What people look for, and where it is. */
static const struct {
	const char *typed, *meant;
} renamed[] = {
	{ "renew-certificate", "issue-certificate" }, { "create-certificate", "issue-certificate" }, { "sign-certificate", "issue-certificate" },
	{ "describe-certificate", "get-certificate" }, { "export-certificate", "get-certificate" }, { "delete-certificate", "revoke-certificate" },
	{ "import-certificate", "import-certificate-authority-certificate" }, { "list-cas", "list-certificate-authorities" },
	{ "get-ca-certificate", "get-certificate-authority-certificate" }, { "get-csr", "get-certificate-authority-csr" },
};

static bool
is_unknown(const struct aws_command *c)
{
	/* One word without a hyphen is prose: "aws acm-pca controller". */
	if (!aws_is(c, "acm-pca", NULL) || strchr(c->operation, '-') == NULL || is_request(c) || is_list(c))
		return false;
	for (size_t i = 0; i < sizeof pca_operations / sizeof pca_operations[0]; i++)
		if (strcmp(c->operation, pca_operations[i]) == 0)
			return false;
	return true;
}

static const char *
nearest_operation(const char *typed)
{
	const char *best = NULL;
	unsigned least = 8;

	for (size_t i = 0; i < sizeof renamed / sizeof renamed[0]; i++)
		if (strcmp(typed, renamed[i].typed) == 0)
			return renamed[i].meant;
	for (size_t i = 0; i < sizeof pca_operations / sizeof pca_operations[0]; i++) {
		unsigned far = spelling_distance(typed, pca_operations[i]);

		if (far < least) {
			least = far;
			best = pca_operations[i];
		}
	}
	return best;
}

static void
right_operation(const struct aws_command *c, struct buf *b)
{
	const char *meant = nearest_operation(c->operation);

	if (meant == NULL) {
		buf_adds(b, "aws acm-pca help");
	} else if (strcmp(meant, "issue-certificate") == 0) {
		right_issue(c, b);
	} else if (strcmp(meant, "get-certificate") == 0) {
		right_begin(b, c, "acm-pca get-certificate");
		right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
		right_keep(b, c, "--certificate-arn", "\"$CERT\"");
		right_query(b, "Certificate", c->file != NULL ? c->file_raw : "cert.pem");
	} else {
		right_begin(b, c, arena_printf(c->arena, "acm-pca %s", meant));
		right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
	}
}

/* ---- files ---- */

static bool
has_file_for_blob(const struct aws_command *c)
{
	const char *format = aws_option(c, "--cli-binary-format");

	/* With that, version 2 takes a blob as version 1 does. */
	if (format != NULL && strcmp(format, "raw-in-base64-out") == 0)
		return false;
	for (size_t i = 0; i < c->len; i++) {
		const char *plain = c->words[i].plain, *value;

		if (!aws_is_blob(c, plain))
			continue;
		value = strchr(plain, '=') != NULL ? strchr(plain, '=') + 1 : i + 1 < c->len ? c->words[i + 1].plain : "";
		if (strncmp(value, "file://", 7) == 0)
			return true;
	}
	return false;
}

static void
right_blob(const struct aws_command *c, struct buf *b)
{
	right_retype(b, c, NULL);
	if (c->file == NULL)
		return;
	buf_adds(b, " >");
	right_word(b, c->file_raw);
}

/* Operations whose answer has more than one field, a certificate first. */
static bool
gives_certificates(const struct aws_command *c)
{
	return aws_is(c, "acm-pca", "get-certificate") || aws_is(c, "acm-pca", "get-certificate-authority-certificate") ||
	    aws_is(c, "acm", "get-certificate") || aws_is(c, "acm", "export-certificate");
}

/* [A, B] and {a: A, b: B} are several fields; join() makes one of them. */
static bool
is_several(const char *query)
{
	return query == NULL || (strchr(query, ',') != NULL && strpbrk(query, "[{") != NULL && strstr(query, "join(") == NULL);
}

static bool
is_text(const char *output)
{
	return output != NULL && strcmp(output, "text") == 0;
}

/* Somebody who knows of the tab turns it into a line end. */
static bool
is_mended(const struct aws_command *c)
{
	static const char *const tools[] = { "tr ", "sed ", "awk ", "perl ", "cut " };

	if (c->rest.len == 0 || c->rest.bytes[0] != '|')
		return false;
	for (size_t i = 0; i < sizeof tools / sizeof tools[0]; i++)
		if (text_holds(c->rest, tools[i]))
			return true;
	return false;
}

static bool
is_tabbed(const struct aws_command *c)
{
	return gives_certificates(c) && is_text(aws_option(c, "--output")) && is_several(aws_option(c, "--query")) && !is_mended(c);
}

static bool
is_pem_file(const char *file)
{
	static const char *const ends[] = { ".pem", ".crt", ".cer", ".cert" };
	size_t len = file != NULL ? strlen(file) : 0;

	for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
		if (len > strlen(ends[i]) && strcmp(file + len - strlen(ends[i]), ends[i]) == 0)
			return true;
	return false;
}

static bool
is_json_for_pem(const struct aws_command *c)
{
	return (gives_certificates(c) || aws_is(c, "acm-pca", "get-certificate-authority-csr")) && is_pem_file(c->file) &&
	    aws_option(c, "--query") == NULL && !is_text(aws_option(c, "--output"));
}

static void
right_fields(const struct aws_command *c, struct buf *b)
{
	static const char *const without[] = { "--query", "--output", NULL };
	bool csr = aws_is(c, "acm-pca", "get-certificate-authority-csr");

	right_retype(b, c, without);
	right_query(b, csr ? "Csr" : "Certificate", c->file != NULL ? c->file_raw : "cert.pem");
	if (csr)
		return;
	right_retype(b, c, without);
	right_query(b, "CertificateChain", "chain.pem");
}

/* ---- API Gateway ---- */

static const char *
truststore(const struct aws_command *c)
{
	const char *value = aws_option(c, "--mutual-tls-authentication"), *at;
	size_t len;

	if (value == NULL)
		value = aws_option(c, "--mutual-tls-authentication-source-arn");
	at = value != NULL ? strstr(value, "s3://") : NULL;
	/* It stands without quotation marks in what is printed: only what needs none. */
	len = at != NULL ? strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/._-") : 0;
	return len > strlen("s3://") && strchr(",\"'} ", at[len]) != NULL ? arena_strndup(c->arena, at, len) : "s3://BUCKET/KEY";
}

static void
right_mutual_tls(const struct aws_command *c, struct buf *b)
{
	bool http = aws_is(c, "apigatewayv2", NULL), update = strcmp(c->operation, "update-domain-name") == 0;
	const char *uri = truststore(c);

	right_begin(b, c, arena_printf(c->arena, "%s %s", http ? "apigatewayv2" : "apigateway", update ? "update-domain-name" : "create-domain-name"));
	right_keep(b, c, "--domain-name", "\"$NAME\"");
	if (update && !http) {
		right_option(b, "--patch-operations", arena_printf(c->arena,
		    "op=replace,path=/mutualTlsAuthentication/truststoreUri,value=%s op=replace,path=/mutualTlsAuthentication/truststoreVersion,value=VERSION", uri));
		return;
	}
	if (!update && http)
		right_keep(b, c, "--domain-name-configurations", "CertificateArn=\"$CERT\",EndpointType=REGIONAL,SecurityPolicy=TLS_1_2");
	if (!update && !http) {
		right_keep(b, c, "--regional-certificate-arn", "\"$CERT\"");
		right_option(b, "--endpoint-configuration", "types=REGIONAL");
		right_option(b, "--security-policy", "TLS_1_2");
	}
	right_option(b, "--mutual-tls-authentication", arena_printf(c->arena, "%sruststoreUri=%s,%sruststoreVersion=VERSION", http ? "T" : "t", uri, http ? "T" : "t"));
}

static bool
has_source_arn(const struct aws_command *c)
{
	return aws_option(c, "--mutual-tls-authentication-source-arn") != NULL;
}

static bool
is_rest_update(const struct aws_command *c)
{
	return aws_is(c, "apigateway", "update-domain-name") && aws_option(c, "--mutual-tls-authentication") != NULL;
}

static bool
is_misspelt(const struct aws_command *c)
{
	const char *value = aws_option(c, "--mutual-tls-authentication");

	if (value == NULL || is_rest_update(c))
		return false;
	if (aws_is(c, "apigatewayv2", NULL))
		return strstr(value, "truststore") != NULL;
	return aws_is(c, "apigateway", NULL) && strstr(value, "Truststore") != NULL;
}

/* ---- certificates that ACM does not have ---- */

static bool
is_unmanaged(const struct aws_command *c)
{
	static const char *const takers[] = { "acm", "elbv2", "elb", "apigateway", "apigatewayv2", "cloudfront" };
	bool takes = false;

	for (size_t i = 0; i < sizeof takers / sizeof takers[0]; i++)
		takes = takes || aws_is(c, takers[i], NULL);
	for (size_t i = 0; takes && i < c->len; i++) {
		const char *at = strstr(c->words[i].plain, ":acm-pca:");

		if (at != NULL && strstr(at, "/certificate/") != NULL)
			return true;
	}
	return false;
}

/* ---- revocation, states ---- */

static bool
is_hex_serial(const char *s)
{
	size_t digits = 0;

	for (; *s != '\0'; s++) {
		if (!isxdigit((unsigned char)*s) && *s != ':')
			return false;
		digits += *s != ':';
	}
	return digits <= SERIAL_HEX;
}

static bool
revokes_by_other(const struct aws_command *c)
{
	const char *serial = aws_option(c, "--certificate-serial");

	if (!aws_is(c, "acm-pca", "revoke-certificate"))
		return false;
	if (serial == NULL || *serial == '\0')
		return aws_option(c, "--certificate-arn") != NULL;
	/* A variable, a bracket: nobody knows what is in it. */
	return strpbrk(serial, "$<`") == NULL && !is_hex_serial(serial);
}

static void
right_revoke(const struct aws_command *c, struct buf *b)
{
	const char *serial = aws_option(c, "--certificate-serial"), *arn = serial;
	const char *reason = aws_option(c, "--revocation-reason");

	if (arn == NULL || strncmp(arn, "arn:", 4) != 0)
		arn = aws_option(c, "--certificate-arn");
	if (serial == NULL || !is_hex_serial(serial) || *serial == '\0')
		serial = arn != NULL && strstr(arn, "/certificate/") != NULL ? strstr(arn, "/certificate/") + strlen("/certificate/") : "";
	if (!is_hex_serial(serial) || *serial == '\0')
		serial = "\"$SERIAL_IN_HEX\"";
	right_begin(b, c, "acm-pca revoke-certificate");
	right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
	right_option(b, "--certificate-serial", serial);
	right_option(b, "--revocation-reason", reason != NULL && strcmp(reason, "SUPERSEDED") == 0 ? reason : "KEY_COMPROMISE");
}

static bool
is_one_of(const char *value, const char *const list[])
{
	for (size_t i = 0; list[i] != NULL; i++)
		if (strcmp(value, list[i]) == 0)
			return true;
	return strpbrk(value, "$<`") != NULL; /* a variable may hold any of them */
}

static bool
has_other_reason(const struct aws_command *c)
{
	static const char *const reasons[] = { "UNSPECIFIED", "KEY_COMPROMISE", "CERTIFICATE_AUTHORITY_COMPROMISE", "AFFILIATION_CHANGED", "SUPERSEDED",
		"CESSATION_OF_OPERATION", "PRIVILEGE_WITHDRAWN", "A_A_COMPROMISE", NULL };
	const char *reason = aws_option(c, "--revocation-reason");

	return aws_is(c, "acm-pca", "revoke-certificate") && reason != NULL && !is_one_of(reason, reasons);
}

static bool
has_other_status(const struct aws_command *c)
{
	static const char *const states[] = { "ACTIVE", "DISABLED", NULL };
	const char *state = aws_option(c, "--status");

	return aws_is(c, "acm-pca", "update-certificate-authority") && state != NULL && !is_one_of(state, states);
}

static void
right_status(const struct aws_command *c, struct buf *b)
{
	const char *state = aws_option(c, "--status");

	right_begin(b, c, "acm-pca update-certificate-authority");
	right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
	right_option(b, "--status", strncmp(state, "ENABLE", 6) == 0 ? "ACTIVE" : "DISABLED");
	if (strncmp(state, "DELETE", 6) != 0)
		return;
	right_begin(b, c, "acm-pca delete-certificate-authority");
	right_keep(b, c, "--certificate-authority-arn", "\"$CA_ARN\"");
	right_option(b, "--permanent-deletion-time-in-days", "30");
}

/* ---- all of them ---- */

const struct aws_mistake aws_mistakes[] = {
	{ "aws-cli.request-certificate", is_request, right_issue },
	{ "aws-cli.list-certificates", is_list, right_report },
	{ "aws-cli.no-such-operation", is_unknown, right_operation },
	{ "aws-cli.mutual-tls-source-arn", has_source_arn, right_mutual_tls },
	{ "aws-cli.mutual-tls-patch", is_rest_update, right_mutual_tls },
	{ "aws-cli.truststore-spelling", is_misspelt, right_mutual_tls },
	{ "aws-cli.file-for-blob", has_file_for_blob, right_blob },
	{ "aws-cli.several-fields", is_tabbed, right_fields },
	{ "aws-cli.json-for-pem", is_json_for_pem, right_fields },
	{ "aws-cli.unmanaged", is_unmanaged, NULL },
	{ "aws-cli.revoke-serial", revokes_by_other, right_revoke },
	{ "aws-cli.revocation-reason", has_other_reason, right_revoke },
	{ "aws-cli.ca-status", has_other_status, right_status },
};
const size_t aws_mistakes_len = sizeof aws_mistakes / sizeof aws_mistakes[0];
