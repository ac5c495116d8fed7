/*
 * The private CA of the lab, asked by our own client through a recorder: every answer, and every refusal, is held against
 * botocore's service model (tests/aws/shapes.py).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/pca_wait.h"
#include "tests/boto.h"
#include "tests/pca_calls.h"
#include "tests/pca_wants.h"
#include "tests/recorded_lab.h"

/* The lab signs as fast as it can: 20 s for what takes a part of a second. */
static const struct pca_pace pace = { 50, 400 };

struct story {
	struct recorded_lab lab;
	const char *root, *issuing;
};

/* ---- the story ---- */

static const char *
create(struct story *s, const char *type, const char *name, const struct pca_revocation *revocation)
{
	static const struct pca_pair tags[] = { { "env", "test" }, { "empty", "" } };
	struct pca_create r = { .type = type, .key_algorithm = "EC_prime256v1", .signing_algorithm = "SHA256WITHECDSA", .revocation = revocation,
		.subject = { .country = "US", .organization = "Acme", .common_name = name, .locality = "Springfield", .serial_number = "7" },
		.usage_mode = "GENERAL_PURPOSE", .key_storage = "FIPS_140_2_LEVEL_3_OR_HIGHER", .tags = tags, .tags_len = 2 };
	const char *arn, *again;
	char token[33];

	aws_client_token(s->lab.t.client, token);
	r.token = token;
	lab_took(&s->lab, pca_create_ca(s->lab.t.client, &r, s->lab.a, &arn, &s->lab.err));
	lab_took(&s->lab, pca_create_ca(s->lab.t.client, &r, s->lab.a, &again, &s->lab.err));
	assert_string_equal(arn, again); /* the same token: the same CA */
	return arn;
}

static status
issue(struct story *s, const char *ca, const char *csr, const char *template, struct pca_validity validity, const char **arn)
{
	struct pca_issue r = { .ca = ca, .csr_pem = csr, .signing_algorithm = "SHA256WITHECDSA", .validity = validity };
	char token[33], name[PCA_ARN_MAX];

	aws_client_token(s->lab.t.client, token);
	r.token = token;
	if (template != NULL) {
		pca_template_arn("aws", template, name);
		r.template_arn = name;
	}
	return pca_issue_certificate(s->lab.t.client, &r, s->lab.a, arn, &s->lab.err);
}

static void
stand_up(struct story *s, const char *ca, const char *signer, const char *template, struct pca_validity validity)
{
	struct pca_certificate c;
	const char *csr, *arn;

	lab_took(&s->lab, pca_wait_csr_at(pace, s->lab.t.client, ca, NULL, NULL, s->lab.a, &csr, &s->lab.err));
	lab_refused(&s->lab, pca_get_ca_certificate(s->lab.t.client, ca, s->lab.a, &c, &s->lab.err), "InvalidStateException");
	lab_took(&s->lab, issue(s, signer, csr, template, validity, &arn));
	lab_took(&s->lab, pca_wait_certificate_at(pace, s->lab.t.client, signer, arn, NULL, NULL, s->lab.a, &c, &s->lab.err));
	lab_took(&s->lab, pca_import_ca_certificate(s->lab.t.client, ca, c.pem, c.chain, &s->lab.err));
	lab_took(&s->lab, pca_get_ca_certificate(s->lab.t.client, ca, s->lab.a, &c, &s->lab.err));
}

static void
expect_state(struct story *s, const char *ca, const char *state)
{
	struct pca_ca described;

	lab_took(&s->lab, pca_describe_ca(s->lab.t.client, ca, s->lab.a, &described, &s->lab.err));
	assert_string_equal(described.status, state);
}

static void
issued_and_revoked(struct story *s)
{
	struct pca_certificate leaf;
	const char *arn;
	X509 *x;

	lab_took(&s->lab, issue(s, s->issuing, wanted_csr(s->lab.a, "pay.internal", NULL), "EndEntityServerAuthCertificate", (struct pca_validity){ "DAYS", 7 }, &arn));
	lab_took(&s->lab, pca_wait_certificate_at(pace, s->lab.t.client, s->issuing, arn, NULL, NULL, s->lab.a, &leaf, &s->lab.err));
	x = x509_of_pem(leaf.pem);
	lab_took(&s->lab, pca_revoke_certificate(s->lab.t.client, s->issuing, serial_of(x, s->lab.a), "KEY_COMPROMISE", &s->lab.err));
	lab_refused(&s->lab, pca_revoke_certificate(s->lab.t.client, s->issuing, serial_of(x, s->lab.a), "KEY_COMPROMISE", &s->lab.err), "RequestAlreadyProcessedException");
	lab_took(&s->lab, pca_get_certificate(s->lab.t.client, s->issuing, arn, s->lab.a, &leaf, &s->lab.err)); /* as AWS does: still there */
	X509_free(x);
}

static void
reported(struct story *s)
{
	const char *const formats[] = { "JSON", "CSV" }, *const cas[] = { s->issuing, s->root };
	struct pca_report r;
	const char *id, *key;

	for (int i = 0; i < 2; i++) {
		lab_took(&s->lab, pca_create_report(s->lab.t.client, cas[i], CLOUD_BUCKET, formats[i], s->lab.a, &id, &key, &s->lab.err));
		lab_took(&s->lab, pca_wait_report_at(pace, s->lab.t.client, cas[i], id, NULL, NULL, s->lab.a, &r, &s->lab.err));
		assert_string_equal(r.key, key);
	}
}

static void
shared(struct story *s)
{
	static const char *const actions[] = { "IssueCertificate", "GetCertificate", "ListPermissions" };
	static const char policy[] = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"1\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"444455556666\"},"
	    "\"Action\":[\"acm-pca:DescribeCertificateAuthority\",\"acm-pca:GetCertificate\",\"acm-pca:GetCertificateAuthorityCertificate\","
	    "\"acm-pca:ListPermissions\",\"acm-pca:ListTags\"],\"Resource\":\"%s\"}]}";
	struct pca_permission *p;
	const char *back;
	size_t len;

	lab_took(&s->lab, pca_create_permission(s->lab.t.client, s->issuing, "acm.amazonaws.com", NULL, actions, 3, &s->lab.err));
	lab_refused(&s->lab, pca_create_permission(s->lab.t.client, s->issuing, "acm.amazonaws.com", NULL, actions, 3, &s->lab.err), "PermissionAlreadyExistsException");
	lab_took(&s->lab, pca_list_permissions(s->lab.t.client, s->issuing, s->lab.a, &p, &len, &s->lab.err));
	assert_true(len == 1 && p[0].actions_len == 3);
	lab_took(&s->lab, pca_delete_permission(s->lab.t.client, s->issuing, "acm.amazonaws.com", NULL, &s->lab.err));
	lab_refused(&s->lab, pca_get_policy(s->lab.t.client, s->issuing, s->lab.a, &back, &s->lab.err), "ResourceNotFoundException");
	lab_took(&s->lab, pca_put_policy(s->lab.t.client, s->issuing, arena_printf(s->lab.a, policy, s->issuing), &s->lab.err));
	lab_took(&s->lab, pca_get_policy(s->lab.t.client, s->issuing, s->lab.a, &back, &s->lab.err));
	lab_took(&s->lab, pca_delete_policy(s->lab.t.client, s->issuing, &s->lab.err));
}

static void
tagged(struct story *s)
{
	static const struct pca_pair tag = { "team", "payments" };
	struct pca_pair *tags;
	size_t len;

	lab_took(&s->lab, pca_tag_ca(s->lab.t.client, s->issuing, &tag, 1, &s->lab.err));
	lab_took(&s->lab, pca_list_tags(s->lab.t.client, s->issuing, s->lab.a, &tags, &len, &s->lab.err));
	assert_int_equal(len, 3);
	lab_took(&s->lab, pca_untag_ca(s->lab.t.client, s->issuing, &tag, 1, &s->lab.err));
}

static void
deleted_and_restored(struct story *s)
{
	static const struct pca_revocation both = { .crl = true, .crl_days = 7, .crl_bucket = CLOUD_BUCKET, .ocsp = true };
	struct pca_certificate c;
	struct pca_ca ca;
	const char *arn;

	lab_took(&s->lab, pca_update_ca(s->lab.t.client, s->issuing, NULL, &both, &s->lab.err));
	lab_refused(&s->lab, pca_delete_ca(s->lab.t.client, s->issuing, 7, &s->lab.err), "InvalidStateException");
	lab_took(&s->lab, pca_update_ca(s->lab.t.client, s->issuing, "DISABLED", NULL, &s->lab.err));
	lab_refused(&s->lab, issue(s, s->issuing, wanted_csr(s->lab.a, "x", NULL), NULL, (struct pca_validity){ "DAYS", 1 }, &arn), "InvalidStateException");
	lab_refused(&s->lab, pca_restore_ca(s->lab.t.client, s->issuing, &s->lab.err), "InvalidStateException");
	lab_took(&s->lab, pca_delete_ca(s->lab.t.client, s->issuing, 7, &s->lab.err));
	lab_took(&s->lab, pca_describe_ca(s->lab.t.client, s->issuing, s->lab.a, &ca, &s->lab.err));
	assert_string_equal(ca.status, "DELETED");
	assert_true(ca.restorable_until > ca.changed);
	lab_refused(&s->lab, pca_get_certificate(s->lab.t.client, s->issuing, arena_printf(s->lab.a, "%s/certificate/%032d", s->issuing, 1), s->lab.a, &c, &s->lab.err), "InvalidStateException");
	lab_took(&s->lab, pca_restore_ca(s->lab.t.client, s->issuing, &s->lab.err));
	expect_state(s, s->issuing, "DISABLED");
	lab_took(&s->lab, pca_update_ca(s->lab.t.client, s->issuing, "ACTIVE", NULL, &s->lab.err));
}

static void
test_story(void **state)
{
	static const struct pca_revocation lists = { .crl = true, .crl_days = 7, .crl_bucket = CLOUD_BUCKET };
	const char *names[64] = { NULL };
	struct story s = { 0 };
	struct pca_ca *cas;
	size_t len;

	(void)state;
	if (boto_python() == NULL)
		skip();
	recorded_lab_start(&s.lab, false);
	s.root = create(&s, "ROOT", "Acme Root", NULL);
	stand_up(&s, s.root, s.root, "RootCACertificate", (struct pca_validity){ "YEARS", 10 });
	s.issuing = create(&s, "SUBORDINATE", "Acme Issuing", &lists);
	stand_up(&s, s.issuing, s.root, "SubordinateCACertificate_PathLen0", (struct pca_validity){ "MONTHS", 36 });
	expect_state(&s, s.issuing, "ACTIVE");
	issued_and_revoked(&s);
	reported(&s);
	shared(&s);
	tagged(&s);
	deleted_and_restored(&s);
	lab_took(&s.lab, pca_list_cas(s.lab.t.client, NULL, s.lab.a, &cas, &len, &s.lab.err));
	assert_int_equal(len, 2);
	lab_took(&s.lab, pca_list_cas(s.lab.t.client, "OTHER_ACCOUNTS", s.lab.a, &cas, &len, &s.lab.err));
	/* All 23. */
	for (size_t i = 0; i < pca_operations_len; i++)
		names[i] = arena_printf(s.lab.a, "acm-pca.%s", pca_operations[i].name);
	recorded_lab_judge(&s.lab, names);
}

/* ---- refusals ---- */

/* A call as nobody's client makes it; its code, in the arena. */
static const char *
ask(struct story *s, const char *operation, const char *json)
{
	struct aws_error err = { 0 };
	cJSON *in = cJSON_Parse(json);

	assert_non_null(in);
	if (aws_call_json(s->lab.t.client, &aws_acm_pca, operation, in, NULL, &err) == STATUS_OK)
		return "taken";
	return arena_strdup(s->lab.a, err.code);
}

#define NO_SUCH "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/00000000-0000-0000-0000-000000000000"
#define ISSUE(more) "{\"CertificateAuthorityArn\":\"%s\",\"SigningAlgorithm\":\"SHA256WITHECDSA\"," more "}"

static void
test_refusals(void **state)
{
	static const struct {
		const char *operation, *json, *code, *or_code; /* %s in it: the CA; or_code: where AWS's documents leave it open */
	} cases[] = {
		{ "DescribeCertificateAuthority", "{}", "ValidationException", NULL },
		{ "DescribeCertificateAuthority", "{\"CertificateAuthorityArn\":7}", "SerializationException", "ValidationException" },
		{ "DescribeCertificateAuthority", "{\"CertificateAuthorityArn\":\"arn:aws:s3:::bucket\"}", "InvalidArnException", "ValidationException" },
		{ "DescribeCertificateAuthority", "{\"CertificateAuthorityArn\":\"" NO_SUCH "\"}", "ResourceNotFoundException", NULL },
		{ "GetCertificateAuthorityCsr", "{\"CertificateAuthorityArn\":\"" NO_SUCH "\"}", "ResourceNotFoundException", NULL },
		{ "ListCertificateAuthorities", "{\"NextToken\":\"no such token\"}", "InvalidNextTokenException", NULL },
		{ "ListCertificateAuthorities", "{\"MaxResults\":0}", "ValidationException", NULL },
		{ "CreateCertificateAuthority", "{\"CertificateAuthorityType\":\"ROOT\",\"CertificateAuthorityConfiguration\":{\"KeyAlgorithm\":\"RSA_1024\","
		    "\"SigningAlgorithm\":\"SHA256WITHRSA\",\"Subject\":{\"CommonName\":\"x\"}}}", "ValidationException", NULL },
		{ "CreateCertificateAuthority", "{\"CertificateAuthorityType\":\"ROOT\",\"CertificateAuthorityConfiguration\":{\"KeyAlgorithm\":\"RSA_2048\","
		    "\"SigningAlgorithm\":\"SHA256WITHECDSA\",\"Subject\":{\"CommonName\":\"x\"}}}", "InvalidArgsException", "ValidationException" },
		{ "IssueCertificate", ISSUE("\"Csr\":\"" PCA_CSR_BLOB "\",\"Validity\":{\"Type\":\"DAYS\",\"Value\":1}"), "MalformedCSRException", NULL },
		{ "IssueCertificate", ISSUE("\"Csr\":\"" PCA_CSR_BLOB "\",\"Validity\":{\"Type\":\"DAYS\",\"Value\":0}"), "ValidationException", NULL },
		{ "IssueCertificate", ISSUE("\"Csr\":\"" PCA_CSR_BLOB "\",\"Validity\":{\"Type\":\"WEEKS\",\"Value\":1}"), "ValidationException", NULL },
		{ "IssueCertificate", ISSUE("\"Csr\":\"!\",\"Validity\":{\"Type\":\"DAYS\",\"Value\":1}"), "SerializationException", "ValidationException" },
		{ "GetCertificate", "{\"CertificateAuthorityArn\":\"%s\",\"CertificateArn\":\"%s/certificate/00000000000000000000000000000000\"}", "ResourceNotFoundException", NULL },
		{ "RevokeCertificate", "{\"CertificateAuthorityArn\":\"%s\",\"CertificateSerial\":\"00\",\"RevocationReason\":\"CERTIFICATE_HOLD\"}", "ValidationException", NULL },
		{ "RevokeCertificate", "{\"CertificateAuthorityArn\":\"%s\",\"CertificateSerial\":\"0123\",\"RevocationReason\":\"SUPERSEDED\"}", "ResourceNotFoundException", NULL },
		{ "ImportCertificateAuthorityCertificate", "{\"CertificateAuthorityArn\":\"%s\",\"Certificate\":\"" PCA_ONE_BLOB "\"}", "MalformedCertificateException", NULL },
		{ "TagCertificateAuthority", "{\"CertificateAuthorityArn\":\"%s\",\"Tags\":[]}", "ValidationException", NULL },
		{ "TagCertificateAuthority", "{\"CertificateAuthorityArn\":\"%s\",\"Tags\":[{\"Key\":\"aws:x\"}]}", "InvalidTagException", NULL },
		{ "PutPolicy", "{\"ResourceArn\":\"%s\",\"Policy\":\"no policy\"}", "InvalidPolicyException", NULL },
		{ "DeleteCertificateAuthority", "{\"CertificateAuthorityArn\":\"%s\",\"PermanentDeletionTimeInDays\":3}", "ValidationException", NULL },
		{ "CreatePermission", "{\"CertificateAuthorityArn\":\"%s\",\"Principal\":\"acm.amazonaws.com\",\"Actions\":[\"Everything\"]}", "ValidationException", NULL },
		{ "CreateCertificateAuthorityAuditReport", "{\"CertificateAuthorityArn\":\"%s\",\"S3BucketName\":\"no-such-bucket\",\"AuditReportResponseFormat\":\"JSON\"}",
		    "ResourceNotFoundException", NULL },
		{ "DescribeCertificateAuthorityAuditReport", "{\"CertificateAuthorityArn\":\"%s\",\"AuditReportId\":\"00000000-0000-0000-0000-000000000000\"}",
		    "ResourceNotFoundException", NULL },
	};
	struct story s = { 0 };
	struct aws_error err = { 0 };
	struct test_client stranger;
	struct pca_ca ca;

	(void)state;
	if (boto_python() == NULL)
		skip();
	recorded_lab_start(&s.lab, true);
	s.root = create(&s, "ROOT", "Acme Root", NULL);
	stand_up(&s, s.root, s.root, "RootCACertificate", (struct pca_validity){ "YEARS", 10 });
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf json = { 0 };
		const char *code;

		for (const char *p = cases[i].json; *p != '\0'; p++)
			if (p[0] == '%' && p[1] == 's') {
				buf_adds(&json, s.root);
				p++;
			} else
				buf_addc(&json, *p);
		code = ask(&s, cases[i].operation, buf_str(&json));
		if (strcmp(code, cases[i].code) != 0 && (cases[i].or_code == NULL || strcmp(code, cases[i].or_code) != 0))
			fail_msg("%s %s: %s instead of %s", cases[i].operation, buf_str(&json), code, cases[i].code);
		buf_done(&json);
	}
	/* Whom it does not know. */
	test_client_make(&stranger, s.lab.recorder.url, "AKIANOBODY", "secret", NULL);
	assert_int_equal(pca_describe_ca(stranger.client, s.root, s.lab.a, &ca, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_BAD_CREDENTIALS);
	test_client_done(&stranger);
	test_client_make(&stranger, s.lab.recorder.url, cloud_access_key(s.lab.cloud), "wrong", NULL);
	aws_error_clear(&err);
	assert_int_equal(pca_describe_ca(stranger.client, s.root, s.lab.a, &ca, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_BAD_CREDENTIALS);
	test_client_done(&stranger);
	recorded_lab_judge(&s.lab, (const char *const[]){ "acm-pca.IssueCertificate", "acm-pca.PutPolicy", NULL });
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
