/*
 * The lab and its AWS together: its listing says how to reach it, its endpoints' chains lead to CAs there, a kept folder goes on
 * where it was, and --certificates fills it.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/cloud_calls.h"
#include "tests/lab_process.h"
#include "tests/program.h"

static char *folder;

static const char *
member(const cJSON *o, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, name));
}

static const char *
variable(const struct lab_process *lab, const char *name)
{
	return member(cJSON_GetObjectItemCaseSensitive(lab->json, "environment"), name);
}

static void
say(const struct lab_process *lab, struct cloud_said *said, const char *operation, const char *body)
{
	char target[96];

	snprintf(target, sizeof target, "ACMPrivateCA.%s", operation);
	cloud_say(NULL, &(struct cloud_ask){ .url = variable(lab, "AWS_ENDPOINT_URL"), .access_key = variable(lab, "AWS_ACCESS_KEY_ID"),
	    .secret = variable(lab, "AWS_SECRET_ACCESS_KEY"), .target = target, .body = body }, said);
}

static const char *
name_of(const cJSON *ca)
{
	return member(cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(ca, "CertificateAuthorityConfiguration"), "Subject"), "CommonName");
}

/* The CA of that name: a copy, or NULL. */
static cJSON *
ca_named(const struct lab_process *lab, const char *name)
{
	struct cloud_said said;
	const cJSON *ca = NULL;
	cJSON *found = NULL;

	say(lab, &said, "ListCertificateAuthorities", "{}");
	assert_int_equal(said.status, 200);
	cJSON_ArrayForEach(ca, cJSON_GetObjectItemCaseSensitive(said.json, "CertificateAuthorities"))
		if (name_of(ca) != NULL && strcmp(name_of(ca), name) == 0) {
			assert_null(found); /* names are there once */
			found = cJSON_Duplicate(ca, true);
		}
	cloud_said_done(&said);
	return found;
}

static X509 *
first_of(const char *path)
{
	FILE *f = fopen(path, "r");
	X509 *x = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;

	assert_non_null(x);
	fclose(f);
	return x;
}

static X509 *
certificate_of(const struct lab_process *lab, const char *arn)
{
	struct cloud_said said;
	char body[256];

	snprintf(body, sizeof body, "{\"CertificateAuthorityArn\":\"%s\"}", arn);
	say(lab, &said, "GetCertificateAuthorityCertificate", body);
	assert_int_equal(said.status, 200);
	BIO *in = BIO_new_mem_buf(member(said.json, "Certificate"), -1);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIO_free(in);
	cloud_said_done(&said);
	assert_non_null(x);
	return x;
}

static void
the_listing_says_how_to_reach_it(void **state)
{
	static const char *const names[] = { "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION",
		"AWS_EC2_METADATA_DISABLED", "MTLSCOPE_LAB_BUCKET" };
	struct lab_process lab;

	(void)state;
	assert_true(lab_process_start(&lab, 0));
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_non_null(variable(&lab, names[i]));
	cJSON *issuing = ca_named(&lab, "Acme Issuing CA 1"), *expired = ca_named(&lab, "Acme Issuing CA 2"), *root = ca_named(&lab, "Acme Root CA");
	assert_string_equal(member(issuing, "Status"), "ACTIVE");
	assert_string_equal(member(issuing, "Type"), "SUBORDINATE");
	assert_string_equal(member(expired, "Status"), "EXPIRED");
	assert_string_equal(member(root, "Type"), "ROOT");
	cJSON_Delete(issuing);
	cJSON_Delete(expired);
	cJSON_Delete(root);
	lab_process_stop(&lab);
}

/* What our side of the endpoints shows is a row of the CA that issued it, and the very same certificate. */
static void
chains_lead_to_their_ca(void **state)
{
	struct lab_process lab;
	struct cloud_said said;
	const cJSON *e = NULL;
	const char *cert = NULL;
	char body[512];

	(void)state;
	assert_true(lab_process_start(&lab, 0));
	cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(lab.json, "endpoints"))
		if (cert == NULL)
			cert = member(e, "cert");
	X509 *x = first_of(cert);
	cJSON *issuing = ca_named(&lab, "Acme Issuing CA 1");
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = BN_bn2hex(n);
	for (char *at = hex; *at != '\0'; at++)
		*at = (char)(*at >= 'A' ? *at | 0x20 : *at);
	snprintf(body, sizeof body, "{\"CertificateAuthorityArn\":\"%s\",\"CertificateArn\":\"%s/certificate/%s\"}", member(issuing, "Arn"), member(issuing, "Arn"), hex);
	say(&lab, &said, "GetCertificate", body);
	if (said.status != 200)
		fail_msg("%s: %s %s", body, said.code, said.message);
	BIO *in = BIO_new_mem_buf(member(said.json, "Certificate"), -1);
	X509 *same = PEM_read_bio_X509(in, NULL, NULL, NULL);
	assert_int_equal(X509_cmp(x, same), 0);
	assert_non_null(strstr(member(said.json, "CertificateChain"), "BEGIN CERTIFICATE"));
	X509_free(same);
	BIO_free(in);
	cloud_said_done(&said);
	OPENSSL_free(hex);
	BN_free(n);
	X509_free(x);
	cJSON_Delete(issuing);
	lab_process_stop(&lab);
}

/* The CA has the same ARN and the same key when the lab is started again; so what it issued is still good. */
static void
a_kept_folder_goes_on(void **state)
{
	const char *options[] = { "--dir", folder, NULL };
	struct lab_process lab;
	char arn[256], key[64];
	X509 *before, *after;

	(void)state;
	assert_true(lab_process_start_with(&lab, 0, options));
	cJSON *ca = ca_named(&lab, "Acme Issuing CA 1");
	snprintf(arn, sizeof arn, "%s", member(ca, "Arn"));
	snprintf(key, sizeof key, "%s", variable(&lab, "AWS_ACCESS_KEY_ID"));
	cJSON_Delete(ca);
	before = certificate_of(&lab, arn);
	lab_process_stop(&lab);
	assert_true(lab_process_start_with(&lab, 0, options));
	ca = ca_named(&lab, "Acme Issuing CA 1");
	assert_string_equal(member(ca, "Arn"), arn);
	assert_string_equal(variable(&lab, "AWS_ACCESS_KEY_ID"), key);
	cJSON_Delete(ca);
	after = certificate_of(&lab, arn);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(before), X509_get0_pubkey(after)), 1);
	X509_free(before);
	X509_free(after);
	lab_process_stop(&lab);
}

/* --certificates: all of them in the report, and each a certificate once it is asked for. */
static void
certificates_fill_it(void **state)
{
	const char *options[] = { "--certificates", "2000", "--no-throttle", NULL };
	struct lab_process lab;
	struct cloud_said said;
	char body[512], path[256], id[40], *arn = NULL;
	size_t rows = 0;

	(void)state;
	assert_true(lab_process_start_with(&lab, 0, options));
	cJSON *ca = ca_named(&lab, "Acme Issuing CA 1");
	for (int i = 0; i < 2; i++) { /* --no-throttle: twice at once */
		snprintf(body, sizeof body, "{\"CertificateAuthorityArn\":\"%s\",\"S3BucketName\":\"%s\",\"AuditReportResponseFormat\":\"JSON\"}", member(ca, "Arn"),
		    variable(&lab, "MTLSCOPE_LAB_BUCKET"));
		say(&lab, &said, "CreateCertificateAuthorityAuditReport", body);
		if (said.status != 200)
			fail_msg("%s: %s", said.code, said.message);
		snprintf(path, sizeof path, "/%s/%s", variable(&lab, "MTLSCOPE_LAB_BUCKET"), member(said.json, "S3Key"));
		snprintf(id, sizeof id, "%s", member(said.json, "AuditReportId"));
		cloud_said_done(&said);
	}
	snprintf(body, sizeof body, "{\"CertificateAuthorityArn\":\"%s\",\"AuditReportId\":\"%s\"}", member(ca, "Arn"), id);
	for (int i = 0; i < 300; i++) {
		say(&lab, &said, "DescribeCertificateAuthorityAuditReport", body);
		bool done = strcmp(member(said.json, "AuditReportStatus"), "SUCCESS") == 0;
		cloud_said_done(&said);
		if (done)
			break;
		poll(NULL, 0, 50);
	}
	cloud_say(NULL, &(struct cloud_ask){ .url = variable(&lab, "AWS_ENDPOINT_URL"), .access_key = variable(&lab, "AWS_ACCESS_KEY_ID"),
	    .secret = variable(&lab, "AWS_SECRET_ACCESS_KEY"), .method = "GET", .path = path, .service = "s3" }, &said);
	assert_int_equal(said.status, 200);
	rows = (size_t)cJSON_GetArraySize(said.json);
	assert_true(rows >= 2000);
	arn = strdup(member(cJSON_GetArrayItem(said.json, (int)rows - 1), "certificateArn"));
	cloud_said_done(&said);
	snprintf(body, sizeof body, "{\"CertificateAuthorityArn\":\"%s\",\"CertificateArn\":\"%s\"}", member(ca, "Arn"), arn);
	say(&lab, &said, "GetCertificate", body);
	if (said.status != 200)
		fail_msg("%s: %s", said.code, said.message);
	X509 *issuer = certificate_of(&lab, member(ca, "Arn"));
	BIO *in = BIO_new_mem_buf(member(said.json, "Certificate"), -1);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(issuer)), 1);
	X509_free(x);
	X509_free(issuer);
	BIO_free(in);
	cloud_said_done(&said);
	free(arn);
	cJSON_Delete(ca);
	lab_process_stop(&lab);
}

static int
start(void **state)
{
	(void)state;
	folder = make_folder();
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_listing_says_how_to_reach_it),
		cmocka_unit_test(chains_lead_to_their_ca),
		cmocka_unit_test(a_kept_folder_goes_on),
		cmocka_unit_test(certificates_fill_it),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
