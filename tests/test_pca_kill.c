/*
 * The lab is killed in the middle of a thousand orders, three times. What was answered is there afterwards, nothing is there
 * twice, and a token that was sent before the kill still stands for the same certificate.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>

#include "lab/cloud_internal.h"
#include "lab/sql.h"
#include "tests/cloud_calls.h"
#include "tests/lab_process.h"
#include "tests/program.h"

enum { ORDERS = 1000, KILLS = 3, SENDERS = 3 };

static char *folder;
static struct lab_process lab;
static char *ca, *csr, *signing;
static char *arns[ORDERS];      /* what the last answer for this order was */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	int next, answered;         /* the next order to be sent; how many have been answered */
	int kill_at;                /* … when the lab is killed; -1: it is not */
} shared = { .lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER };

static const char *
variable(const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(lab.json, "environment"), name));
}

static void
start_lab(void)
{
	const char *options[] = { "--dir", folder, NULL };

	assert_true(lab_process_start_with(&lab, 0, options));
	assert_non_null(variable("AWS_ENDPOINT_URL"));
}

static void
say(const char *operation, const char *body, struct cloud_said *said)
{
	char target[96];

	snprintf(target, sizeof target, "ACMPrivateCA.%s", operation);
	cloud_say(NULL, &(struct cloud_ask){ .url = variable("AWS_ENDPOINT_URL"), .access_key = variable("AWS_ACCESS_KEY_ID"),
	    .secret = variable("AWS_SECRET_ACCESS_KEY"), .target = target, .body = body }, said);
}

/* An order of that number: its own token. NULL: no answer. */
static char *
order(int number)
{
	struct cloud_said said;
	char *body = NULL, *arn = NULL;

	assert_true(asprintf(&body, "{\"CertificateAuthorityArn\":\"%s\",\"Csr\":\"%s\",\"SigningAlgorithm\":\"%s\","
	    "\"Validity\":{\"Type\":\"DAYS\",\"Value\":5},\"IdempotencyToken\":\"order-%d\"}", ca, csr, signing, number) >= 0);
	say("IssueCertificate", body, &said);
	if (said.status == 200)
		arn = strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(said.json, "CertificateArn")));
	else if (said.status != 0)
		fail_msg("order %d: %d %s: %s", number, said.status, said.code, said.message);
	cloud_said_done(&said);
	free(body);
	return arn;
}

/* Sends what is next until there is no answer any more, or nothing left. */
static void *
sender(void *nothing)
{
	bool there = true;

	(void)nothing;
	while (there) {
		pthread_mutex_lock(&shared.lock);
		int number = shared.next < ORDERS ? shared.next++ : -1;
		pthread_mutex_unlock(&shared.lock);
		if (number < 0)
			break;
		char *arn = order(number);
		there = arn != NULL;
		pthread_mutex_lock(&shared.lock);
		if (arn != NULL) {
			arns[number] = arn;
			shared.answered++;
		}
		pthread_cond_signal(&shared.moved);
		pthread_mutex_unlock(&shared.lock);
	}
	return NULL;
}

/* Some orders, and in the middle of them the kill. */
static void
send_until(int kill_at)
{
	pthread_t threads[SENDERS];

	shared.kill_at = kill_at;
	for (int i = 0; i < SENDERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, sender, NULL), 0);
	if (kill_at >= 0) {
		pthread_mutex_lock(&shared.lock);
		while (shared.answered < kill_at)
			pthread_cond_wait(&shared.moved, &shared.lock);
		pthread_mutex_unlock(&shared.lock);
		kill(lab.pid, SIGKILL);
		waitpid(lab.pid, NULL, 0);
		lab.pid = 0;
	}
	for (int i = 0; i < SENDERS; i++)
		pthread_join(threads[i], NULL);
	if (lab.pid == 0)
		lab_process_stop(&lab); /* only what it printed is left of it */
}

/* A certificate that has been answered for: signed, and by this CA's key. */
static void
stands(int number, X509 *issuer)
{
	char body[512];
	struct cloud_said said;

	snprintf(body, sizeof body, "{\"CertificateAuthorityArn\":\"%s\",\"CertificateArn\":\"%s\"}", ca, arns[number]);
	say("GetCertificate", body, &said);
	if (strcmp(said.code, "RequestInProgressException") == 0) {
		cloud_said_done(&said);
		say("GetCertificate", body, &said);
	}
	if (said.status != 200)
		fail_msg("certificate %d: %d %s: %s", number, said.status, said.code, said.message);
	BIO *in = BIO_new_mem_buf(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(said.json, "Certificate")), -1);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = BN_bn2hex(n);
	assert_int_equal(strcasecmp(hex, strrchr(arns[number], '/') + 1), 0);
	assert_int_equal(X509_verify(x, X509_get0_pubkey(issuer)), 1);
	OPENSSL_free(hex);
	BN_free(n);
	X509_free(x);
	BIO_free(in);
	cloud_said_done(&said);
}

/* The lab's own issuing CA. */
static void
find_ca(void)
{
	struct cloud_said said;
	const cJSON *o = NULL;

	say("ListCertificateAuthorities", "{}", &said);
	assert_int_equal(said.status, 200);
	cJSON_ArrayForEach(o, cJSON_GetObjectItemCaseSensitive(said.json, "CertificateAuthorities")) {
		const cJSON *c = cJSON_GetObjectItemCaseSensitive(o, "CertificateAuthorityConfiguration");
		const char *cn = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(c, "Subject"), "CommonName"));
		if (cn != NULL && strcmp(cn, "Acme Issuing CA 1") == 0) {
			ca = strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "Arn")));
			signing = strdup(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(c, "SigningAlgorithm")));
		}
	}
	cloud_said_done(&said);
	assert_non_null(ca);
}

static X509 *
ca_certificate(void)
{
	struct cloud_said said;
	char body[256];

	snprintf(body, sizeof body, "{\"CertificateAuthorityArn\":\"%s\"}", ca);
	say("GetCertificateAuthorityCertificate", body, &said);
	assert_int_equal(said.status, 200);
	BIO *in = BIO_new_mem_buf(cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(said.json, "Certificate")), -1);
	X509 *x = PEM_read_bio_X509(in, NULL, NULL, NULL);
	assert_non_null(x);
	BIO_free(in);
	cloud_said_done(&said);
	return x;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
nothing_is_lost_or_doubled(void **state)
{
	struct cloud_case f = { .folder = folder };
	char *sorted[ORDERS];
	sqlite3 *db;
	X509 *issuer;
	int64_t rows;

	(void)state;
	start_lab();
	find_ca();
	csr = cloud_csr("killed.internal");
	db = cloud_case_database(&f);
	rows = sql_int(db, 0, "SELECT count(*) FROM pca_cert c JOIN pca_ca a ON a.id = c.ca WHERE a.arn = ?", "t", ca);
	sqlite3_close(db);
	for (int k = 0; k < KILLS; k++) {
		int more = (k + 1) * ORDERS / (KILLS + 1);
		char *before[ORDERS];
		send_until(more);
		memcpy(before, arns, sizeof before);
		start_lab();
		/* The same tokens again, answered or not: the same certificates. */
		for (int i = 0; i < shared.next; i++) {
			char *again = order(i);
			assert_non_null(again);
			if (before[i] != NULL)
				assert_string_equal(again, before[i]);
			else
				shared.answered++;
			free(arns[i]);
			arns[i] = again;
		}
	}
	send_until(-1);
	for (int i = 0; i < ORDERS; i++)
		assert_non_null(arns[i]);
	/* A thousand different ones, and no row more than that. */
	memcpy(sorted, arns, sizeof sorted);
	qsort(sorted, ORDERS, sizeof sorted[0], by_text);
	for (int i = 1; i < ORDERS; i++)
		assert_string_not_equal(sorted[i - 1], sorted[i]);
	issuer = ca_certificate();
	for (int i = 0; i < ORDERS; i++)
		stands(i, issuer);
	X509_free(issuer);
	lab_process_stop(&lab);
	db = cloud_case_database(&f);
	/* Each start of the lab adds what its endpoints show; a CSR of ours has this name. */
	assert_int_equal(sql_int(db, 0, "SELECT count(*) FROM pca_cert WHERE subject = 'CN=killed.internal' AND state = 1", ""), ORDERS);
	assert_int_equal(sql_int(db, 0, "SELECT count(*) FROM pca_cert WHERE state = 0", ""), 0);
	assert_true(sql_int(db, 0, "SELECT count(*) FROM pca_cert c JOIN pca_ca a ON a.id = c.ca WHERE a.arn = ?", "t", ca) >= rows + ORDERS);
	sqlite3_close(db);
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
	lab_process_stop(&lab);
	for (int i = 0; i < ORDERS; i++)
		free(arns[i]);
	free(ca);
	free(csr);
	free(signing);
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nothing_is_lost_or_doubled) };

	return cmocka_run_group_tests(tests, start, stop);
}
