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
#include "lab/cloud.h"
#include "probes/examine.h"
#include "tests/aws_server.h"
#include "tests/boto.h"
#include "tests/exchanges.h"
#include "tests/pca_calls.h"
#include "tests/pca_wants.h"
#include "tests/program.h"

/* The lab signs as fast as it can: 20 s for what takes a part of a second. */
static const struct pca_pace pace = { 50, 400 };

struct story {
	char *folder;
	struct cloud *cloud;
	struct recorder recorder;
	struct test_client t;
	struct arena *a;
	struct aws_error err;
	const char *root, *issuing;
};

static void
assert_ok(status s, const struct aws_error *err)
{
	if (s != STATUS_OK)
		fail_msg("%s: HTTP %d, %s: %s", err->operation, err->http_status, err->code, err->message);
}

/* What must be refused, and with AWS's code. */
static void
assert_refused(status s, struct story *st, const char *code)
{
	if (s == STATUS_OK)
		fail_msg("it was taken; expected %s", code);
	if (strcmp(st->err.code, code) != 0)
		fail_msg("%s: %s (%s) instead of %s", st->err.operation, st->err.code, st->err.message, code);
	aws_error_clear(&st->err);
}

static void
begin(struct story *s, const char *name, bool raw)
{
	const struct cloud_options o = { .dir = s->folder = make_folder(), .world = world_real() };
	struct error err = { 0 };

	s->a = arena_new();
	if (cloud_start(&o, &s->cloud, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	recorder_start(&s->recorder, s->folder, name, cloud_url(s->cloud), raw);
	test_client_make(&s->t, s->recorder.url, cloud_access_key(s->cloud), cloud_secret(s->cloud), NULL);
}

/* Every exchange was as the model wants it. */
static void
end(struct story *s, const char *const operations[])
{
	struct judged j;

	test_client_done(&s->t);
	recorder_stop(&s->recorder);
	cloud_stop(s->cloud);
	exchanges_judge(s->recorder.file, &j);
	if (j.faults != 0)
		fail_msg("%s", j.text);
	for (size_t i = 0; operations[i] != NULL; i++)
		if (judged_count(&j, operations[i]) == 0)
			fail_msg("%s was not judged: %s", operations[i], j.text);
	print_message("%zu answers judged\n", j.answers);
	judged_done(&j);
	arena_free(s->a);
	remove_folder(s->folder);
}

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

	aws_client_token(s->t.client, token);
	r.token = token;
	assert_ok(pca_create_ca(s->t.client, &r, s->a, &arn, &s->err), &s->err);
	assert_ok(pca_create_ca(s->t.client, &r, s->a, &again, &s->err), &s->err);
	assert_string_equal(arn, again); /* the same token: the same CA */
	return arn;
}

static status
issue(struct story *s, const char *ca, const char *csr, const char *template, struct pca_validity validity, const char **arn)
{
	struct pca_issue r = { .ca = ca, .csr_pem = csr, .signing_algorithm = "SHA256WITHECDSA", .validity = validity };
	char token[33], name[PCA_ARN_MAX];

	aws_client_token(s->t.client, token);
	r.token = token;
	if (template != NULL) {
		pca_template_arn("aws", template, name);
		r.template_arn = name;
	}
	return pca_issue_certificate(s->t.client, &r, s->a, arn, &s->err);
}

static void
stand_up(struct story *s, const char *ca, const char *signer, const char *template, struct pca_validity validity)
{
	struct pca_certificate c;
	const char *csr, *arn;

	assert_ok(pca_wait_csr_at(pace, s->t.client, ca, NULL, NULL, s->a, &csr, &s->err), &s->err);
	assert_refused(pca_get_ca_certificate(s->t.client, ca, s->a, &c, &s->err), s, "InvalidStateException");
	assert_ok(issue(s, signer, csr, template, validity, &arn), &s->err);
	assert_ok(pca_wait_certificate_at(pace, s->t.client, signer, arn, NULL, NULL, s->a, &c, &s->err), &s->err);
	assert_ok(pca_import_ca_certificate(s->t.client, ca, c.pem, c.chain, &s->err), &s->err);
	assert_ok(pca_get_ca_certificate(s->t.client, ca, s->a, &c, &s->err), &s->err);
}

static void
expect_state(struct story *s, const char *ca, const char *state)
{
	struct pca_ca described;

	assert_ok(pca_describe_ca(s->t.client, ca, s->a, &described, &s->err), &s->err);
	assert_string_equal(described.status, state);
}

static void
issued_and_revoked(struct story *s)
{
	struct pca_certificate leaf;
	const char *arn;
	X509 *x;

	assert_ok(issue(s, s->issuing, wanted_csr(s->a, "pay.internal", NULL), "EndEntityServerAuthCertificate", (struct pca_validity){ "DAYS", 7 }, &arn), &s->err);
	assert_ok(pca_wait_certificate_at(pace, s->t.client, s->issuing, arn, NULL, NULL, s->a, &leaf, &s->err), &s->err);
	x = x509_of_pem(leaf.pem);
	assert_ok(pca_revoke_certificate(s->t.client, s->issuing, serial_of(x, s->a), "KEY_COMPROMISE", &s->err), &s->err);
	assert_refused(pca_revoke_certificate(s->t.client, s->issuing, serial_of(x, s->a), "KEY_COMPROMISE", &s->err), s, "RequestAlreadyProcessedException");
	assert_ok(pca_get_certificate(s->t.client, s->issuing, arn, s->a, &leaf, &s->err), &s->err); /* as AWS does: still there */
	X509_free(x);
}

static void
reported(struct story *s)
{
	const char *const formats[] = { "JSON", "CSV" }, *const cas[] = { s->issuing, s->root };
	struct pca_report r;
	const char *id, *key;

	for (int i = 0; i < 2; i++) {
		assert_ok(pca_create_report(s->t.client, cas[i], CLOUD_BUCKET, formats[i], s->a, &id, &key, &s->err), &s->err);
		assert_ok(pca_wait_report_at(pace, s->t.client, cas[i], id, NULL, NULL, s->a, &r, &s->err), &s->err);
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

	assert_ok(pca_create_permission(s->t.client, s->issuing, "acm.amazonaws.com", NULL, actions, 3, &s->err), &s->err);
	assert_refused(pca_create_permission(s->t.client, s->issuing, "acm.amazonaws.com", NULL, actions, 3, &s->err), s, "PermissionAlreadyExistsException");
	assert_ok(pca_list_permissions(s->t.client, s->issuing, s->a, &p, &len, &s->err), &s->err);
	assert_true(len == 1 && p[0].actions_len == 3);
	assert_ok(pca_delete_permission(s->t.client, s->issuing, "acm.amazonaws.com", NULL, &s->err), &s->err);
	assert_refused(pca_get_policy(s->t.client, s->issuing, s->a, &back, &s->err), s, "ResourceNotFoundException");
	assert_ok(pca_put_policy(s->t.client, s->issuing, arena_printf(s->a, policy, s->issuing), &s->err), &s->err);
	assert_ok(pca_get_policy(s->t.client, s->issuing, s->a, &back, &s->err), &s->err);
	assert_ok(pca_delete_policy(s->t.client, s->issuing, &s->err), &s->err);
}

static void
tagged(struct story *s)
{
	static const struct pca_pair tag = { "team", "payments" };
	struct pca_pair *tags;
	size_t len;

	assert_ok(pca_tag_ca(s->t.client, s->issuing, &tag, 1, &s->err), &s->err);
	assert_ok(pca_list_tags(s->t.client, s->issuing, s->a, &tags, &len, &s->err), &s->err);
	assert_int_equal(len, 3);
	assert_ok(pca_untag_ca(s->t.client, s->issuing, &tag, 1, &s->err), &s->err);
}

static void
deleted_and_restored(struct story *s)
{
	static const struct pca_revocation both = { .crl = true, .crl_days = 7, .crl_bucket = CLOUD_BUCKET, .ocsp = true };
	struct pca_certificate c;
	struct pca_ca ca;
	const char *arn;

	assert_ok(pca_update_ca(s->t.client, s->issuing, NULL, &both, &s->err), &s->err);
	assert_refused(pca_delete_ca(s->t.client, s->issuing, 7, &s->err), s, "InvalidStateException");
	assert_ok(pca_update_ca(s->t.client, s->issuing, "DISABLED", NULL, &s->err), &s->err);
	assert_refused(issue(s, s->issuing, wanted_csr(s->a, "x", NULL), NULL, (struct pca_validity){ "DAYS", 1 }, &arn), s, "InvalidStateException");
	assert_refused(pca_restore_ca(s->t.client, s->issuing, &s->err), s, "InvalidStateException");
	assert_ok(pca_delete_ca(s->t.client, s->issuing, 7, &s->err), &s->err);
	assert_ok(pca_describe_ca(s->t.client, s->issuing, s->a, &ca, &s->err), &s->err);
	assert_string_equal(ca.status, "DELETED");
	assert_true(ca.restorable_until > ca.changed);
	assert_refused(pca_get_certificate(s->t.client, s->issuing, arena_printf(s->a, "%s/certificate/%032d", s->issuing, 1), s->a, &c, &s->err), s,
	    "InvalidStateException");
	assert_ok(pca_restore_ca(s->t.client, s->issuing, &s->err), &s->err);
	expect_state(s, s->issuing, "DISABLED");
	assert_ok(pca_update_ca(s->t.client, s->issuing, "ACTIVE", NULL, &s->err), &s->err);
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
	begin(&s, "story.jsonl", false);
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
	assert_ok(pca_list_cas(s.t.client, NULL, s.a, &cas, &len, &s.err), &s.err);
	assert_int_equal(len, 2);
	assert_ok(pca_list_cas(s.t.client, "OTHER_ACCOUNTS", s.a, &cas, &len, &s.err), &s.err);
	/* All 23. */
	for (size_t i = 0; i < pca_operations_len; i++)
		names[i] = arena_printf(s.a, "acm-pca.%s", pca_operations[i].name);
	end(&s, names);
}

/* ---- refusals ---- */

/* A call as nobody's client makes it; its code, in the arena. */
static const char *
ask(struct story *s, const char *operation, const char *json)
{
	struct aws_error err = { 0 };
	cJSON *in = cJSON_Parse(json);

	assert_non_null(in);
	if (aws_call_json(s->t.client, &aws_acm_pca, operation, in, NULL, &err) == STATUS_OK)
		return "taken";
	return arena_strdup(s->a, err.code);
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
	begin(&s, "refusals.jsonl", true);
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
	test_client_make(&stranger, s.recorder.url, "AKIANOBODY", "secret", NULL);
	assert_int_equal(pca_describe_ca(stranger.client, s.root, s.a, &ca, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_BAD_CREDENTIALS);
	test_client_done(&stranger);
	test_client_make(&stranger, s.recorder.url, cloud_access_key(s.cloud), "wrong", NULL);
	aws_error_clear(&err);
	assert_int_equal(pca_describe_ca(stranger.client, s.root, s.a, &ca, &err), STATUS_FAILED);
	assert_int_equal(err.kind, AWS_BAD_CREDENTIALS);
	test_client_done(&stranger);
	end(&s, (const char *const[]){ "acm-pca.IssueCertificate", "acm-pca.PutPolicy", NULL });
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
