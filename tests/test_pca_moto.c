/*
 * The seed story against moto, which this project did not write, with signatures checked: what is proven is our wire, not
 * what a CA signs (moto's subordinates are none: knowledge "aws" 6.1). Its HTML errors, missing operations and endless
 * RequestInProgress are part of the story.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "aws/pca_wait.h"
#include "tests/aws_server.h"
#include "tests/moto_user.h"
#include "tests/pca_wants.h"
#include "tests/program.h"

/* Once for all tests: moto takes its time to start. */
static struct moto_user moto;
static char *folder;
static bool here;

static int
start(void **state)
{
	(void)state;
	folder = make_folder();
	here = moto_user_start(&moto, folder);
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	moto_user_stop(&moto);
	remove_folder(folder);
	return 0;
}

static const struct pca_pace quick = { 10, 20 };

/* One try: moto's 500s do not pass, and waiting for them is the call layer's matter. */
static void
client(struct test_client *t, const char *key, const char *secret)
{
	test_client_make(t, moto.url, key, secret, (const char *const[]){ "AWS_MAX_ATTEMPTS=1", NULL });
}

static void
assert_ok(status s, const struct aws_error *err)
{
	if (s != STATUS_OK)
		fail_msg("%s: HTTP %d, %s: %s", err->operation, err->http_status, err->code, err->message);
}

/* ---- steps of the story ---- */

struct story {
	struct test_client t;
	struct arena *a;
	struct aws_error err;
	const char *root, *subordinate;
	struct pca_certificate root_certificate, subordinate_certificate;
};

static const char *
create(struct story *s, const char *type, const char *cn)
{
	static const struct pca_pair tags[] = { { "made-by", "story" } };
	struct pca_create r = { .type = type, .key_algorithm = "RSA_2048", .signing_algorithm = pca_signing_algorithm("RSA_2048"),
		.subject = { .country = "US", .organization = "Acme", .common_name = cn }, .tags = tags, .tags_len = 1 };
	char token[33];
	const char *arn = NULL;

	aws_client_token(s->t.client, token);
	r.token = token;
	assert_ok(pca_create_ca(s->t.client, &r, s->a, &arn, &s->err), &s->err);
	assert_int_equal(strncmp(arn, "arn:aws:acm-pca:us-east-1:", 26), 0);
	return arn;
}

static const char *
issue(struct story *s, const char *ca, const char *csr, const char *template)
{
	char name[PCA_ARN_MAX], token[33];
	struct pca_issue r = { .ca = ca, .csr_pem = csr, .signing_algorithm = "SHA256WITHRSA", .validity = { "DAYS", 30 } };
	const char *arn = NULL;

	aws_client_token(s->t.client, token);
	r.token = token;
	if (template != NULL) {
		pca_template_arn(aws_client_partition(s->t.client), template, name);
		r.template_arn = name;
	}
	assert_ok(pca_issue_certificate(s->t.client, &r, s->a, &arn, &s->err), &s->err);
	return arn;
}

static void
expect_state(struct story *s, const char *ca, const char *state)
{
	struct pca_ca described;

	assert_ok(pca_describe_ca(s->t.client, ca, s->a, &described, &s->err), &s->err);
	assert_string_equal(described.arn, ca);
	assert_string_equal(described.status, state);
	assert_string_equal(described.subject.organization, "Acme");
	assert_string_equal(described.key_algorithm, "RSA_2048");
	assert_true(described.created > 1600000000);
}

static void
root_stands_up(struct story *s)
{
	const char *csr, *arn;

	s->root = create(s, "ROOT", "Acme Root CA");
	expect_state(s, s->root, "PENDING_CERTIFICATE");
	assert_ok(pca_wait_csr_at(quick, s->t.client, s->root, NULL, NULL, s->a, &csr, &s->err), &s->err);
	arn = issue(s, s->root, csr, "RootCACertificate");
	assert_ok(pca_wait_certificate_at(quick, s->t.client, s->root, arn, NULL, NULL, s->a, &s->root_certificate, &s->err), &s->err);
	assert_null(s->root_certificate.chain);
	assert_ok(pca_import_ca_certificate(s->t.client, s->root, s->root_certificate.pem, NULL, &s->err), &s->err);
	expect_state(s, s->root, "ACTIVE");
}

static void
subordinate_stands_up(struct story *s)
{
	struct pca_certificate back;
	const char *csr, *arn;

	s->subordinate = create(s, "SUBORDINATE", "Acme Issuing CA 1");
	assert_ok(pca_get_csr(s->t.client, s->subordinate, s->a, &csr, &s->err), &s->err);
	arn = issue(s, s->root, csr, "SubordinateCACertificate_PathLen0");
	assert_ok(pca_get_certificate(s->t.client, s->root, arn, s->a, &s->subordinate_certificate, &s->err), &s->err);
	assert_string_equal(s->subordinate_certificate.chain, s->root_certificate.pem);
	assert_ok(pca_import_ca_certificate(s->t.client, s->subordinate, s->subordinate_certificate.pem, s->subordinate_certificate.chain, &s->err), &s->err);
	expect_state(s, s->subordinate, "ACTIVE");
	assert_ok(pca_get_ca_certificate(s->t.client, s->subordinate, s->a, &back, &s->err), &s->err);
	assert_string_equal(back.pem, s->subordinate_certificate.pem);
	assert_string_equal(back.chain, s->root_certificate.pem);
}

/* A leaf of the root, with the one template that moto signs rightly: OpenSSL accepts it, and it has our key. */
/* As moto looks it up: hex without zeros at the beginning, in pairs from the left, whatever its length. */
static const char *
motos_serial(const X509 *x, struct arena *a)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = BN_bn2hex(n), *digits = hex + strspn(hex, "0");
	struct buf out = { 0 };
	const char *kept;

	for (size_t i = 0; digits[i] != '\0'; i++) {
		if (i > 0 && i % 2 == 0)
			buf_addc(&out, ':');
		buf_addc(&out, digits[i]);
	}
	kept = arena_strdup(a, buf_str(&out));
	buf_done(&out);
	OPENSSL_free(hex);
	BN_free(n);
	return kept;
}

static void
leaf_is_issued_and_revoked(struct story *s)
{
	struct pca_certificate leaf, again;
	EVP_PKEY *key;
	const char *csr = wanted_csr(s->a, "order.internal", &key);
	const char *arn = issue(s, s->root, csr, NULL);
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *x, *root = x509_of_pem(s->root_certificate.pem);

	assert_ok(pca_wait_certificate_at(quick, s->t.client, s->root, arn, NULL, NULL, s->a, &leaf, &s->err), &s->err);
	x = x509_of_pem(leaf.pem);
	assert_int_equal(EVP_PKEY_eq(X509_get0_pubkey(x), key), 1);
	X509_STORE_add_cert(store, root);
	assert_true(X509_STORE_CTX_init(ctx, store, x, NULL));
	assert_int_equal(X509_verify_cert(ctx), 1);
	assert_string_equal(leaf.chain, s->root_certificate.pem);
	/* Afterwards moto says RequestInProgress for ever: a waiter ends all the same, and says what moto said. */
	assert_ok(pca_revoke_certificate(s->t.client, s->root, motos_serial(x, s->a), "SUPERSEDED", &s->err), &s->err);
	assert_int_equal(pca_wait_certificate_at(quick, s->t.client, s->root, arn, NULL, NULL, s->a, &again, &s->err), STATUS_FAILED);
	assert_int_equal(s->err.kind, AWS_IN_PROGRESS);
	assert_non_null(strstr(s->err.message, arn));
	assert_non_null(strstr(s->err.message, "revoked"));
	aws_error_clear(&s->err);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(x);
	X509_free(root);
	EVP_PKEY_free(key);
}

static void
leaf_of_the_subordinate(struct story *s)
{
	struct pca_certificate leaf;
	EVP_PKEY *key;
	const char *csr = wanted_csr(s->a, "pay.internal", &key);
	const char *arn = issue(s, s->subordinate, csr, "EndEntityServerAuthCertificate");
	X509 *x, *ca = x509_of_pem(s->subordinate_certificate.pem);

	assert_ok(pca_wait_certificate_at(quick, s->t.client, s->subordinate, arn, NULL, NULL, s->a, &leaf, &s->err), &s->err);
	x = x509_of_pem(leaf.pem);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(ca)), 1);
	X509_free(x);
	X509_free(ca);
	EVP_PKEY_free(key);
}

static void
lists_and_tags(struct story *s)
{
	static const struct pca_pair more[] = { { "team", "payments “β”" } };
	struct pca_pair *tags;
	struct pca_ca *cas;
	size_t len, found = 0;

	assert_ok(pca_list_cas(s->t.client, NULL, s->a, &cas, &len, &s->err), &s->err);
	for (size_t i = 0; i < len; i++)
		found += strcmp(cas[i].arn, s->root) == 0 || strcmp(cas[i].arn, s->subordinate) == 0;
	assert_int_equal(found, 2);
	assert_ok(pca_tag_ca(s->t.client, s->root, more, 1, &s->err), &s->err);
	assert_ok(pca_list_tags(s->t.client, s->root, s->a, &tags, &len, &s->err), &s->err);
	assert_int_equal(len, 2);
	assert_string_equal(tags[1].value, "payments “β”");
	assert_ok(pca_untag_ca(s->t.client, s->root, more, 1, &s->err), &s->err);
	assert_ok(pca_list_tags(s->t.client, s->root, s->a, &tags, &len, &s->err), &s->err);
	assert_int_equal(len, 1);
	assert_string_equal(tags[0].name, "made-by");
}

static void
policies(struct story *s)
{
	static const char policy[] = "{\"Version\":\"2012-10-17\",\"Statement\":[]}";
	const char *back = NULL;

	assert_ok(pca_put_policy(s->t.client, s->root, policy, &s->err), &s->err);
	assert_ok(pca_get_policy(s->t.client, s->root, s->a, &back, &s->err), &s->err);
	assert_string_equal(back, policy);
	assert_ok(pca_delete_policy(s->t.client, s->root, &s->err), &s->err);
	assert_int_equal(pca_get_policy(s->t.client, s->root, s->a, &back, &s->err), STATUS_FAILED);
	assert_int_equal(s->err.kind, AWS_NOT_FOUND);
	aws_error_clear(&s->err);
}

/* What moto has no code for is an HTML page with 500: one error each, and the next call is as good as any. */
static void
missing_operations(struct story *s)
{
	static const char *const actions[] = { "IssueCertificate" };
	struct pca_permission *p;
	struct pca_report report;
	const char *id, *key;
	size_t len;

	for (int i = 0; i < 7; i++) {
		struct aws_error e = { 0 };
		char unknown[PCA_ARN_MAX];
		struct pca_certificate c;
		status got = STATUS_OK;

		snprintf(unknown, sizeof unknown, "%.120s/certificate/0", s->root);
		if (i == 0)
			got = pca_create_permission(s->t.client, s->root, "acm.amazonaws.com", NULL, actions, 1, &e);
		else if (i == 1)
			got = pca_list_permissions(s->t.client, s->root, s->a, &p, &len, &e);
		else if (i == 2)
			got = pca_delete_permission(s->t.client, s->root, "acm.amazonaws.com", NULL, &e);
		else if (i == 3)
			got = pca_create_report(s->t.client, s->root, "reports", "JSON", s->a, &id, &key, &e);
		else if (i == 4)
			got = pca_describe_report(s->t.client, s->root, "11111111-2222-3333-4444-555555555555", s->a, &report, &e);
		else if (i == 5)
			got = pca_restore_ca(s->t.client, s->root, &e);
		else
			got = pca_get_certificate(s->t.client, s->root, unknown, s->a, &c, &e);
		assert_int_equal(got, STATUS_FAILED);
		assert_int_equal(e.kind, AWS_SERVER);
		assert_int_equal(e.http_status, 500);
		assert_null(strchr(e.message, '\n'));
		assert_true(strlen(e.message) > 0);
	}
	expect_state(s, s->root, "ACTIVE");
}

static void
updates_and_deletion(struct story *s)
{
	static const struct pca_revocation lists = { .crl = true, .crl_days = 7, .crl_bucket = "lists" };
	struct pca_ca ca;

	assert_ok(pca_update_ca(s->t.client, s->subordinate, NULL, &lists, &s->err), &s->err);
	assert_ok(pca_describe_ca(s->t.client, s->subordinate, s->a, &ca, &s->err), &s->err);
	assert_true(ca.revocation.crl && !ca.revocation.ocsp && ca.revocation.crl_days == 7);
	assert_string_equal(ca.revocation.crl_bucket, "lists");
	assert_string_equal(ca.revocation.crl_acl, "BUCKET_OWNER_FULL_CONTROL");
	assert_ok(pca_update_ca(s->t.client, s->subordinate, "DISABLED", NULL, &s->err), &s->err);
	expect_state(s, s->subordinate, "DISABLED");
	assert_ok(pca_delete_ca(s->t.client, s->subordinate, 7, &s->err), &s->err);
	expect_state(s, s->subordinate, "DELETED");
}

static void
test_story(void **state)
{
	struct story s = { 0 };

	(void)state;
	if (!here)
		skip();
	client(&s.t, moto.key, moto.secret);
	s.a = arena_new();
	root_stands_up(&s);
	subordinate_stands_up(&s);
	leaf_is_issued_and_revoked(&s);
	leaf_of_the_subordinate(&s);
	lists_and_tags(&s);
	policies(&s);
	missing_operations(&s);
	updates_and_deletion(&s);
	arena_free(s.a);
	test_client_done(&s.t);
}

/* moto checks: each of these is refused, in XML, and what it was is told apart from everything else. */
static void
test_signatures_are_checked(void **state)
{
	char wrong[128];
	const struct {
		const char *key, *secret, *more[2], *code;
		enum aws_kind kind;
	} cases[] = {
		{ moto.key, wrong, { NULL }, "SignatureDoesNotMatch", AWS_BAD_CREDENTIALS },
		{ "AKIAIOSFODNN7EXAMPLE", moto.secret, { NULL }, "InvalidClientTokenId", AWS_BAD_CREDENTIALS },
	};

	(void)state;
	if (!here)
		skip();
	snprintf(wrong, sizeof wrong, "%s", moto.secret);
	wrong[0] = wrong[0] == 'a' ? 'b' : 'a';
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct arena *a = arena_new();
		struct aws_error err = { 0 };
		struct test_client t;
		struct pca_ca *cas;
		size_t len;

		client(&t, cases[i].key, cases[i].secret);
		assert_int_equal(pca_list_cas(t.client, NULL, a, &cas, &len, &err), STATUS_FAILED);
		if (err.kind != cases[i].kind || strcmp(err.code, cases[i].code) != 0)
			fail_msg("%s instead of %s: %s", err.code, cases[i].code, err.message);
		assert_int_equal(err.http_status, 403);
		test_client_done(&t);
		arena_free(a);
	}
}

/* A role's credentials: the client asks STS for them, and each call is signed with their session token. */
static void
test_role(void **state)
{
	const char *config = NULL, *shared = NULL;
	char text[1024], env[2][4200];
	struct arena *a = arena_new();
	struct aws_error err = { 0 };
	struct test_client t;
	struct pca_ca *cas;
	size_t len;

	(void)state;
	if (!here)
		skip();
	config = in_folder(folder, "config");
	shared = in_folder(folder, "credentials");
	snprintf(text, sizeof text, "[profile story]\nrole_arn = %s\nsource_profile = user\n", moto.role_arn);
	assert_true(write_file(config, text, strlen(text)));
	snprintf(text, sizeof text, "[user]\naws_access_key_id = %s\naws_secret_access_key = %s\n", moto.key, moto.secret);
	assert_true(write_file(shared, text, strlen(text)));
	snprintf(env[0], sizeof env[0], "AWS_CONFIG_FILE=%s", config);
	snprintf(env[1], sizeof env[1], "AWS_SHARED_CREDENTIALS_FILE=%s", shared);
	test_client_make(&t, moto.url, NULL, NULL, (const char *const[]){ env[0], env[1], "AWS_PROFILE=story", NULL });
	assert_ok(pca_list_cas(t.client, NULL, a, &cas, &len, &err), &err);
	test_client_done(&t);
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_story),
		cmocka_unit_test(test_signatures_are_checked),
		cmocka_unit_test(test_role),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
