/* The states of a private CA as a table: every operation in every state, as knowledge "aws" 1.4 has it. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lab/cloud_internal.h"
#include "lab/sql.h"
#include "tests/cloud_calls.h"

static struct cloud_case f;
static sqlite3 *db;
static char *ca, *csr, *root_csr, *certificate, *leaf, *serial;

/* In the order of the columns below. */
static const char *const states[] = { "CREATING", "PENDING_CERTIFICATE", "ACTIVE", "DISABLED", "EXPIRED", "DELETED", "FAILED" };
enum { STATES = 7 };

#define CA "'CertificateAuthorityArn':'%s'"
#define RESOURCE "'ResourceArn':'%s'"
#define ISSUE(template, what) \
	CA ",'Csr':'" what "','SigningAlgorithm':'SHA256WITHECDSA','TemplateArn':'arn:aws:acm-pca:::template/" template "/V1','Validity':{'Type':'DAYS','Value':1}"

/* + done · - InvalidStateException · p RequestInProgressException · g nothing of it is left afterwards */
static const struct {
	const char *operation, *json, *expected, *text;
} rows[] = {
	{ "DescribeCertificateAuthority", CA, "+++++++", NULL },
	{ "GetCertificateAuthorityCsr", CA, "p++++--", NULL },
	{ "GetCertificateAuthorityCertificate", CA, "--+++--",
	    "The certificate authority ARN is not in the correct state to have a certificate signing request." },
	{ "GetCertificate", CA ",'CertificateArn':'LEAF'", "-++++--", "The certificate authority ARN is not in the correct state to have issued certificates." },
	{ "IssueCertificate", ISSUE("EndEntityCertificate", "CSR"), "--+----",
	    "The certificate authority is not in a valid state for issuing certificates" },
	{ "IssueCertificate", ISSUE("RootCACertificate", "ROOT"), "-++-+--", "The certificate authority is not in a valid state for issuing certificates" },
	{ "ImportCertificateAuthorityCertificate", CA ",'Certificate':'CERTIFICATE'", "-++-+--", NULL },
	{ "RevokeCertificate", CA ",'CertificateSerial':'SERIAL','RevocationReason':'SUPERSEDED'", "--++---", NULL },
	{ "UpdateCertificateAuthority", CA ",'Status':'DISABLED'", "--++---",
	    "The certificate authority must be in the ACTIVE or DISABLED state to be updated" },
	{ "UpdateCertificateAuthority", CA ",'RevocationConfiguration':{'OcspConfiguration':{'Enabled':true}}", "--++---",
	    "The certificate authority must be in the ACTIVE or DISABLED state to be updated" },
	{ "DeleteCertificateAuthority", CA, "g+-++-g", "The certificate authority is not in a valid state for deletion." },
	{ "RestoreCertificateAuthority", CA, "-----+-", "The certificate authority is not in a valid state for restoration." },
	{ "CreateCertificateAuthorityAuditReport", CA ",'S3BucketName':'mtlscope-lab','AuditReportResponseFormat':'JSON'", "--++---", NULL },
	{ "CreatePermission", CA ",'Principal':'acm.amazonaws.com','Actions':['IssueCertificate']", "-++++--", NULL },
	{ "ListPermissions", CA, "-++++--", NULL },
	{ "PutPolicy", RESOURCE ",'Policy':'{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"AWS\\\":\\\"444455556666\\\"},"
	    "\\\"Action\\\":\\\"acm-pca:GetCertificate\\\",\\\"Resource\\\":\\\"*\\\"}]}'", "-++++--", NULL },
	{ "DeletePolicy", RESOURCE, "-++++--", NULL },
	{ "TagCertificateAuthority", CA ",'Tags':[{'Key':'a','Value':'b'}]", "+++++++", NULL },
	{ "ListTags", CA, "+++++++", NULL },
	{ "UntagCertificateAuthority", CA ",'Tags':[{'Key':'a'}]", "+++++++", NULL },
};

static int
start(void **state)
{
	struct cloud_options o = { .no_report_limit = true };

	(void)state;
	cloud_case_start(&f, &o);
	ca = cloud_active_ca(&f, "States Root", "EC_prime256v1", NULL, 0);
	char *pem = cloud_get_csr(&f, ca);
	root_csr = cloud_base64(pem);
	free(pem);
	csr = cloud_csr("leaf.internal");
	leaf = cloud_pca_text(&f, "CertificateArn", "IssueCertificate",
	    "{" CA ",'Csr':'%s','SigningAlgorithm':'SHA256WITHECDSA','Validity':{'Type':'DAYS','Value':5}}", ca, csr);
	free(cloud_get_certificate(&f, ca, leaf));
	serial = strrchr(leaf, '/') + 1;
	pem = cloud_pca_text(&f, "Certificate", "GetCertificateAuthorityCertificate", "{" CA "}", ca);
	certificate = cloud_base64(pem);
	free(pem);
	db = cloud_case_database(&f);
	assert_true(sql_do(db, "CREATE TABLE kept AS SELECT * FROM pca_ca", ""));
	assert_true(sql_do(db, "CREATE TABLE kept_certs AS SELECT * FROM pca_cert", ""));
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	sqlite3_close(db);
	cloud_case_stop(&f);
	free(ca);
	free(csr);
	free(root_csr);
	free(certificate);
	free(leaf);
	return 0;
}

/* The CA as it was, and then in that state, however it would have come there. */
static void
put_into(const char *state)
{
	const char *stored = strcmp(state, "EXPIRED") == 0 ? "ACTIVE" : state;

	assert_true(sql_do(db, "BEGIN IMMEDIATE", ""));
	assert_true(sql_do(db, "DELETE FROM pca_ca", ""));
	assert_true(sql_do(db, "INSERT INTO pca_ca SELECT * FROM kept", ""));
	assert_true(sql_do(db, "DELETE FROM pca_cert", ""));
	assert_true(sql_do(db, "INSERT INTO pca_cert SELECT * FROM kept_certs", ""));
	assert_true(sql_do(db, "DELETE FROM pca_permission", ""));
	assert_true(sql_do(db, "UPDATE pca_ca SET status = ?", "t", stored));
	if (strcmp(state, "EXPIRED") == 0)
		assert_true(sql_do(db, "UPDATE pca_ca SET not_after = ?", "i", (int64_t)time(NULL) - 60));
	if (strcmp(state, "DELETED") == 0)
		assert_true(sql_do(db, "UPDATE pca_ca SET before = 'DISABLED', restorable_until = ?", "i", (int64_t)time(NULL) + 86400));
	if (strcmp(state, "PENDING_CERTIFICATE") == 0)
		assert_true(sql_do(db, "UPDATE pca_ca SET certificate = NULL, chain = NULL, serial = NULL, not_before = NULL, not_after = NULL", ""));
	assert_true(sql_do(db, "COMMIT", ""));
}

/* The row's JSON with what stands for things put in. */
static void
fill(const char *json, char *out, size_t size)
{
	const struct {
		const char *word, *value;
	} words[] = { { "%s", ca }, { "CERTIFICATE", certificate }, { "LEAF", leaf }, { "SERIAL", serial }, { "ROOT", root_csr }, { "CSR", csr } };
	size_t n = 0;

	out[n++] = '{';
	while (*json != '\0') {
		size_t i = 0, len = sizeof words / sizeof words[0];
		while (i < len && (strncmp(json, words[i].word, strlen(words[i].word)) != 0 || json[strlen(words[i].word)] != '\''))
			i++;
		if (i < len) {
			n += (size_t)snprintf(out + n, size - n, "%s", words[i].value);
			json += strlen(words[i].word);
		} else {
			out[n++] = *json++;
		}
	}
	snprintf(out + n, size - n, "}");
}

static void
every_operation_in_every_state(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t s = 0; s < STATES; s++) {
			struct cloud_said said;
			char json[32768], expected = rows[i].expected[s];
			const char *code = expected == '-' ? "InvalidStateException" : expected == 'p' ? "RequestInProgressException" : "";

			put_into(states[s]);
			fill(rows[i].json, json, sizeof json);
			cloud_pca(&f, &said, rows[i].operation, "%s", json);
			if (strcmp(said.code, code) != 0 || (said.status == 200) != (code[0] == '\0'))
				fail_msg("%s, %s: %d %s: %s", rows[i].operation, states[s], said.status, said.code, said.message);
			if (expected == '-' && rows[i].text != NULL)
				assert_string_equal(said.message, rows[i].text);
			cloud_said_done(&said);
			if (expected == 'g')
				cloud_pca_refuses(&f, "ResourceNotFoundException", NULL, "DescribeCertificateAuthority", "{" CA "}", ca);
			/* Who asks has it made: by now or while the next row is tried, which wants a CA that nobody works on. */
			if (expected == 'p')
				free(cloud_get_csr(&f, ca));
		}
}

static void
is(const char *wanted)
{
	struct cloud_said said;
	const cJSON *o = cJSON_GetObjectItemCaseSensitive(cloud_pca(&f, &said, "DescribeCertificateAuthority", "{" CA "}", ca), "CertificateAuthority");

	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "Status")), wanted);
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(o, "RestorableUntil") != NULL, strcmp(wanted, "DELETED") == 0);
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(o, "NotAfter") != NULL, strcmp(wanted, "PENDING_CERTIFICATE") != 0);
	cloud_said_done(&said);
}

/* The ways from state to state. */
static void
states_change_as_aws_has_it(void **state)
{
	(void)state;
	put_into("ACTIVE");
	cloud_pca_text(&f, NULL, "UpdateCertificateAuthority", "{" CA ",'Status':'DISABLED'}", ca);
	is("DISABLED");
	cloud_pca_text(&f, NULL, "DeleteCertificateAuthority", "{" CA ",'PermanentDeletionTimeInDays':7}", ca);
	is("DELETED");
	cloud_pca_text(&f, NULL, "RestoreCertificateAuthority", "{" CA "}", ca);
	is("DISABLED"); /* not active: it comes back as it went */
	cloud_pca_text(&f, NULL, "UpdateCertificateAuthority", "{" CA ",'Status':'ACTIVE'}", ca);
	is("ACTIVE");
	/* Expired hides both; a new certificate brings back what it was. */
	assert_true(sql_do(db, "UPDATE pca_ca SET not_after = 1000", ""));
	is("EXPIRED");
	cloud_pca_text(&f, NULL, "ImportCertificateAuthorityCertificate", "{" CA ",'Certificate':'%s'}", ca, certificate);
	is("ACTIVE");
	assert_true(sql_do(db, "UPDATE pca_ca SET not_after = 1000, status = 'DISABLED'", ""));
	is("EXPIRED");
	cloud_pca_text(&f, NULL, "ImportCertificateAuthorityCertificate", "{" CA ",'Certificate':'%s'}", ca, certificate);
	is("DISABLED");
	/* Deleted wins over expired. */
	assert_true(sql_do(db, "UPDATE pca_ca SET not_after = 1000", ""));
	cloud_pca_text(&f, NULL, "DeleteCertificateAuthority", "{" CA "}", ca);
	is("DELETED");
	/* One that was never finished comes back unfinished. */
	put_into("PENDING_CERTIFICATE");
	cloud_pca_text(&f, NULL, "DeleteCertificateAuthority", "{" CA "}", ca);
	cloud_pca_text(&f, NULL, "RestoreCertificateAuthority", "{" CA "}", ca);
	is("PENDING_CERTIFICATE");
	cloud_pca_text(&f, NULL, "ImportCertificateAuthorityCertificate", "{" CA ",'Certificate':'%s'}", ca, certificate);
	is("ACTIVE");
}

static void
what_can_no_longer_be_restored_is_gone(void **state)
{
	(void)state;
	put_into("DELETED");
	assert_true(sql_do(db, "UPDATE pca_ca SET restorable_until = 1000", ""));
	cloud_pca_refuses(&f, "ResourceNotFoundException", NULL, "RestoreCertificateAuthority", "{" CA "}", ca);
	cloud_pca_refuses(&f, "ResourceNotFoundException", NULL, "DescribeCertificateAuthority", "{" CA "}", ca);
}

/* The quota is 200: deleted ones count while they can be restored, and no longer. */
static void
what_is_gone_takes_no_place(void **state)
{
	static const char many[] = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 199) INSERT INTO pca_ca(uuid, arn, account, region, type, usage,"
	    " storage, status, before, created, changed, restorable_until, configuration, revocation) SELECT 'gone-' || i, 'arn:gone:' || i, account, region, type, usage,"
	    " storage, status, before, created, changed, restorable_until, configuration, revocation FROM pca_ca, n WHERE arn NOT LIKE 'arn:gone:%'";
	static const char one_more[] = "{'CertificateAuthorityType':'ROOT','CertificateAuthorityConfiguration':{'KeyAlgorithm':'EC_prime256v1',"
	    "'SigningAlgorithm':'SHA256WITHECDSA','Subject':{'CommonName':'One more'}}}";

	(void)state;
	put_into("DELETED");
	assert_true(sql_do(db, many, ""));
	cloud_pca_refuses(&f, "LimitExceededException", NULL, "CreateCertificateAuthority", "%s", one_more);
	assert_true(sql_do(db, "UPDATE pca_ca SET restorable_until = 1000", ""));
	cloud_pca_text(&f, NULL, "CreateCertificateAuthority", "%s", one_more);
	put_into("ACTIVE");
}

/* A key that is still being made when the lab is stopped is made by the next one. */
static void
creating_outlives_the_lab(void **state)
{
	char *slow, *pem;

	(void)state;
	put_into("ACTIVE");
	slow = cloud_pca_text(&f, "CertificateAuthorityArn", "CreateCertificateAuthority", "{'CertificateAuthorityType':'ROOT',"
	    "'CertificateAuthorityConfiguration':{'KeyAlgorithm':'RSA_4096','SigningAlgorithm':'SHA512WITHRSA','Subject':{'CommonName':'Slow'}}}");
	cloud_case_restart(&f, &(struct cloud_options){ .no_report_limit = true });
	pem = cloud_get_csr(&f, slow);
	assert_non_null(strstr(pem, "BEGIN CERTIFICATE REQUEST"));
	free(pem);
	free(slow);
}

/* What a full disk kept from being made is made once there is room and somebody asks for it: no other order is needed to wake the worker. */
static void
creating_goes_on_for_who_asks(void **state)
{
	char *pem;

	(void)state;
	put_into("CREATING");
	pem = cloud_get_csr(&f, ca);
	assert_non_null(strstr(pem, "BEGIN CERTIFICATE REQUEST"));
	free(pem);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_operation_in_every_state),
		cmocka_unit_test(states_change_as_aws_has_it),
		cmocka_unit_test(what_can_no_longer_be_restored_is_gone),
		cmocka_unit_test(what_is_gone_takes_no_place),
		cmocka_unit_test(creating_outlives_the_lab),
		cmocka_unit_test(creating_goes_on_for_who_asks),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
