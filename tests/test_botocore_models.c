/*
 * Botocore's service models, which this project did not write, judge what our client sends and what the lab answers: every
 * member, type, length, pattern and enum (tests/aws/shapes.py).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "tests/aws_server.h"
#include "tests/boto.h"
#include "tests/exchanges.h"
#include "tests/pca_calls.h"
#include "tests/program.h"
#include "tests/service_calls.h"

static void
put_base64(struct buf *out, const char *text)
{
	size_t len = strlen(text);
	unsigned char *code = mem_alloc(len / 3 * 4 + 5);

	EVP_EncodeBlock(code, (const unsigned char *)text, (int)len);
	buf_adds(out, (const char *)code);
	free(code);
}

/* An exchange as the recorder writes it. answer NULL: nobody answered. */
static void
put_exchange(struct buf *out, const char *target, const char *body, int http, const char *answer)
{
	buf_addf(out, "{\"method\":\"POST\",\"path\":\"/\",\"headers\":{\"x-amz-target\":\"%s\",\"content-type\":\"application/x-amz-json-1.1\"},\"body\":\"", target);
	put_base64(out, body);
	buf_addf(out, "\",\"answered\":%s,\"status\":%d,\"answer_headers\":{\"x-amzn-requestid\":\"1\"},\"answer\":\"", answer != NULL ? "true" : "false", http);
	put_base64(out, answer != NULL ? answer : "");
	buf_adds(out, "\"}\n");
}

#define DESCRIBE "ACMPrivateCA.DescribeCertificateAuthority"
#define ASKED "{\"CertificateAuthorityArn\":\"" PCA_CA "\"}"

/* A judge that finds nothing proves nothing: it is given faults of every kind first. */
static void
test_judge_sees(void **state)
{
	static const struct {
		const char *target, *body, *answer, *says;
		int status;
	} cases[] = {
		{ DESCRIBE, ASKED, "{\"CertificateAuthority\":{\"Arn\":\"" PCA_CA "\",\"Status\":\"ACTIVE\"}}", NULL, 200 },
		{ DESCRIBE, "{}", NULL, "lacks CertificateAuthorityArn", 200 },
		{ DESCRIBE, "{\"CertificateAuthorityArn\":\"arn\"}", NULL, "length 3, less than 5", 200 },
		{ DESCRIBE, "{\"CertificateAuthorityArn\":\"arn:aws:s3:::b\"}", NULL, "which its pattern does not match", 200 },
		{ DESCRIBE, "{\"CertificateAuthorityArn\":7}", NULL, "no text", 200 },
		{ DESCRIBE, "{\"CertificateAuthorityArn\":null}", NULL, "is null", 200 },
		{ DESCRIBE, "{\"CertificateAuthorityArn\":\"" PCA_CA "\",\"X\":1}", NULL, "has X, which the model does not know", 200 },
		{ DESCRIBE, ASKED, "{\"CertificateAuthority\":{\"Status\":\"SLEEPING\"}}", "none of its enum", 200 },
		{ DESCRIBE, ASKED, "{\"CertificateAuthority\":{\"CreatedAt\":\"2026-11-29T00:00:00Z\"}}", "no time as unixTimestamp", 200 },
		{ DESCRIBE, ASKED, "{\"CertificateAuthority\":{\"RevocationConfiguration\":{\"CrlConfiguration\":{}}}}", "lacks Enabled", 200 },
		{ DESCRIBE, ASKED, "{\"CertificateAuthority\":{\"OwnerAccount\":\"1\"}}", "length 1, less than 12", 200 },
		{ DESCRIBE, ASKED, "<html>", "does not parse", 200 },
		{ DESCRIBE, ASKED, "{\"__type\":\"ResourceNotFoundException\",\"message\":\"x\"}", NULL, 400 },
		{ DESCRIBE, ASKED, "{\"__type\":\"NoSuchThingException\",\"message\":\"x\"}", "which the operation's model does not know", 400 },
		{ DESCRIBE, ASKED, "{\"__type\":\"ResourceNotFoundException\"}", "has no message", 400 },
		{ DESCRIBE, ASKED, "{\"message\":\"x\"}", "has no code", 400 },
		{ "ACMPrivateCA.ListCertificates", "{}", NULL, "unknown operation", 200 },
		{ "ACMPrivateCA.IssueCertificate", "{\"CertificateAuthorityArn\":\"" PCA_CA "\",\"Csr\":\"----\",\"SigningAlgorithm\":\"SHA256WITHRSA\","
		    "\"Validity\":{\"Value\":0,\"Type\":\"DAYS\"}}", NULL, "Validity.Value has value 0, less than 1", 200 },
		{ "ACMPrivateCA.RestoreCertificateAuthority", ASKED, "{\"x\":1}", "has members where the operation gives none", 200 },
		{ "secretsmanager.PutSecretValue", "{\"SecretId\":\"a\",\"ClientRequestToken\":\"short\"}", NULL, "length 5, less than 32", 200 },
	};

	struct buf lines = { 0 };
	struct judged j;

	(void)state;
	if (boto_python() == NULL)
		skip();
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		put_exchange(&lines, cases[i].target, cases[i].body, cases[i].status, cases[i].answer);
	exchanges_judge_lines(buf_str(&lines), &j);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char number[16];
		const char *line;
		bool found = false;

		snprintf(number, sizeof number, "%zu: ", i + 1);
		for (line = j.text; line != NULL && !found; line = strchr(line, '\n')) {
			line += *line == '\n';
			found = strncmp(line, number, strlen(number)) == 0 &&
			    (cases[i].says == NULL || memmem(line, strcspn(line, "\n"), cases[i].says, strlen(cases[i].says)) != NULL);
		}
		if (found != (cases[i].says != NULL))
			fail_msg("%zu, %s %s: %s", i + 1, cases[i].body, cases[i].answer != NULL ? cases[i].answer : "", j.text);
	}
	judged_done(&j);
	buf_done(&lines);
}

static void
expect_clean(const struct recorder *r, struct judged *j)
{
	exchanges_judge(r->file, j);
	if (j->faults != 0)
		fail_msg("%s", j->text);
}

/* All 23 operations, each with everything that it can send. */
static void
test_our_pca_requests(void **state)
{
	char *folder;
	struct test_client t;
	struct recorder r;
	struct judged j;

	(void)state;
	if (boto_python() == NULL)
		skip();
	folder = make_folder();
	recorder_start(&r, folder, "pca.jsonl", NULL, false);
	test_client_make(&t, r.url, "AKIDEXAMPLE", "secret", (const char *const[]){ "AWS_MAX_ATTEMPTS=1", NULL });
	for (size_t i = 0; i < pca_operations_len; i++) {
		struct aws_error err = { 0 };
		struct arena *a = arena_new();
		struct buf said = { 0 };

		/* {} is no answer to most of them: only what goes out matters here. */
		if (pca_operations[i].call(&(struct pca_asked){ t.client, a, &said, &err }) != STATUS_OK)
			assert_int_equal(err.kind, AWS_ANSWER);
		buf_done(&said);
		arena_free(a);
	}
	test_client_done(&t);
	recorder_stop(&r);
	expect_clean(&r, &j);
	assert_int_equal(j.exchanges, pca_operations_len);
	for (size_t i = 0; i < pca_operations_len; i++) {
		char name[128];

		snprintf(name, sizeof name, "acm-pca.%s", pca_operations[i].name);
		if (judged_count(&j, name) == 0)
			fail_msg("%s was not judged: %s", name, j.text);
	}
	judged_done(&j);
	remove_folder(folder);
}

/* The other services', each in its own protocol. */
static void
test_our_other_requests(void **state)
{
	char *folder;
	struct test_client t;
	struct recorder r;
	struct judged j;

	(void)state;
	if (boto_python() == NULL)
		skip();
	folder = make_folder();
	recorder_start(&r, folder, "services.jsonl", NULL, false);
	test_client_make(&t, r.url, "AKIDEXAMPLE", "secret", (const char *const[]){ "AWS_MAX_ATTEMPTS=1", "AWS_SESSION_TOKEN=token", NULL });
	for (size_t i = 0; i < service_calls_len; i++) {
		struct aws_error err = { 0 };
		struct arena *a = arena_new();

		/* {} is what nobody but JSON services says: only what goes out matters here. */
		if (service_call(&service_calls[i], t.client, a, &err) != STATUS_OK && err.kind != AWS_ANSWER)
			fail_msg("%s: %s", service_calls[i].name, err.message);
		arena_free(a);
	}
	test_client_done(&t);
	recorder_stop(&r);
	expect_clean(&r, &j);
	for (size_t i = 0; i < service_calls_len; i++)
		if (judged_count(&j, service_calls[i].name) == 0)
			fail_msg("%s was not judged: %s", service_calls[i].name, j.text);
	judged_done(&j);
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_judge_sees),
		cmocka_unit_test(test_our_pca_requests),
		cmocka_unit_test(test_our_other_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
