/* The inventory out of AWS: the lab's private CA, in this process, asked by our own client. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "aws/pca.h"
#include "aws/s3.h"
#include "lab/cloud.h"
#include "lab/lab.h"
#include "lab/sql.h"
#include "model/memory.h"
#include "model/times.h"
#include "probes/examine.h"
#include "probes/inventory_sync.h"
#include "tests/aws_server.h"
#include "tests/program.h"

enum { ISSUED = 3000 };

static char *folder;
static struct lab *lab;
static struct test_client client, stranger, partner; /* partner: of another account */
static const struct world *real;

static const char *
environment(const cJSON *json, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(cJSON_GetObjectItem(json, "environment"), name));
}

static bool
add_partner(const char *lab_folder)
{
	sqlite3 *db = NULL;
	bool added = sqlite3_open(in_folder((char *)lab_folder, "cloud.db"), &db) == SQLITE_OK && sqlite3_busy_timeout(db, 10000) == SQLITE_OK &&
	    sql_do(db, "INSERT INTO cloud_keys VALUES ('AKIAPARTNER', 'secret', NULL, 0, '444455556666', 'arn:aws:iam::444455556666:user/else', 1)", "");

	sqlite3_close(db);
	return added;
}

/* The lab's AWS has a thread of its own; its endpoints wait for a loop that is not run here. */
static int
setup(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct buf text = { 0 };
	const char *url;
	cJSON *json;

	(void)state;
	real = world_real();
	folder = make_folder();
	if (lab_start(&(struct lab_options){ .seed = 7, .certificates = ISSUED }, real, &lab, &err) != STATUS_OK) {
		print_error("%s\n", err.text);
		return 1;
	}
	lab_json(lab, &text);
	json = cJSON_Parse(buf_str(&text));
	url = environment(json, "AWS_ENDPOINT_URL");
	if (url == NULL) {
		print_error("%s\n", text.data);
		return 1;
	}
	test_client_make(&client, url, environment(json, "AWS_ACCESS_KEY_ID"), environment(json, "AWS_SECRET_ACCESS_KEY"), NULL);
	if (!add_partner(cJSON_GetStringValue(cJSON_GetObjectItem(json, "folder"))))
		return 1;
	test_client_make(&partner, url, "AKIAPARTNER", "secret", NULL);
	test_client_make(&stranger, url, environment(json, "AWS_ACCESS_KEY_ID"), "wrong", NULL);
	cJSON_Delete(json);
	buf_done(&text);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	test_client_done(&client);
	test_client_done(&stranger);
	test_client_done(&partner);
	lab_free(lab);
	remove_folder(folder);
	return 0;
}

static int64_t
now(void)
{
	return real->now_ms(real->self) / 1000;
}

static struct inventory *
opened(const char *name)
{
	struct error err = { .code = ERROR_NONE };
	struct inventory *i;

	if (inventory_open(in_folder(folder, name), real, &i, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return i;
}

struct watched {
	size_t steps[SYNC_STEPS];
	enum sync_step cancel_at; /* SYNC_STEPS: not */
	atomic_bool cancel;
};

static void
watch(void *user, const struct sync_progress *p)
{
	struct watched *w = user;

	assert_true(p->what != NULL && p->index <= p->cas);
	w->steps[p->step]++;
	if (p->step == w->cancel_at)
		atomic_store(&w->cancel, true);
}

static void
sync_with(struct inventory *i, struct sync_options o, const struct sync_account *accounts, size_t len, struct arena *a, struct sync_result *out)
{
	struct error err = { .code = ERROR_NONE };

	o.accounts = accounts;
	o.len = len;
	o.world = real;
	if (inventory_sync(i, &o, a, out, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}


static size_t
all_certificates(struct inventory *i, const char *filter, const char *ca)
{
	struct error err = { .code = ERROR_NONE };
	size_t n;
	bool at_least;

	if (inventory_count(i, &(struct inventory_query){ .ca = ca, .filter = filter }, 0, &n, &at_least, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return n;
}

/* The CA that was given ISSUED certificates: found by the size of its report. */
static const char *
the_issuing_ca(struct inventory *i, struct arena *a)
{
	struct error err = { .code = ERROR_NONE };
	struct inventory_ca *cas;
	size_t len;

	if (inventory_cas(i, now(), now(), a, &cas, &len, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	for (size_t k = 0; k < len; k++)
		if (cas[k].issued >= ISSUED)
			return cas[k].arn;
	fail_msg("no CA has them");
	return NULL;
}

/* CAs and hierarchy; nothing is asked for, so there is no report yet. Then with asking: every CA's report, read once. */
static void
whole(void **state)
{
	struct sync_account account = { .client = client.client, .bucket = CLOUD_BUCKET };
	struct watched w = { .cancel_at = SYNC_STEPS };
	struct inventory *i = opened("whole.db");
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct sync_result out;
	struct inventory_ca *cas;
	const char *issuing;
	size_t len, parents = 0, read = 0, count;

	(void)state;
	sync_with(i, (struct sync_options){ .tell = watch, .user = &w }, &account, 1, a, &out);
	assert_true(out.len > 10);
	assert_int_equal(out.problems_len, 0);
	for (size_t k = 0; k < out.len; k++) {
		if (out.cas[k].problem != NULL)
			fail_msg("%s: %s", out.cas[k].name, out.cas[k].problem);
		assert_false(out.cas[k].read || out.cas[k].asked);
		assert_non_null(out.cas[k].note);
		assert_true(strstr(out.cas[k].note, "no audit report lies in the bucket") != NULL || strstr(out.cas[k].note, "none of a CA that is EXPIRED") != NULL);
	}
	assert_true(w.steps[SYNC_LISTING] == 1 && w.steps[SYNC_CA] == out.len && w.steps[SYNC_READING] == 0 && w.steps[SYNC_SETTLING] == 1);
	assert_int_equal(all_certificates(i, NULL, NULL), 0);
	if (inventory_cas(i, now(), now(), a, &cas, &len, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(len, out.len);
	for (size_t k = 0; k < len; k++) {
		assert_non_null(cas[k].pem);
		assert_string_equal(cas[k].region, CLOUD_REGION);
		assert_string_equal(cas[k].account, CLOUD_ACCOUNT);
		assert_true(cas[k].synced > now() - 600);
		if (cas[k].parent != NULL)
			parents++;
		else
			assert_string_equal(cas[k].type, "ROOT");
	}
	assert_true(parents > 5);

	sync_with(i, (struct sync_options){ .ask = true, .tell = watch, .user = &w }, &account, 1, a, &out);
	for (size_t k = 0; k < out.len; k++) {
		if (out.cas[k].problem != NULL)
			fail_msg("%s: %s", out.cas[k].name, out.cas[k].problem);
		read += out.cas[k].read;
		assert_int_equal(out.cas[k].asked, out.cas[k].read);
		if (out.cas[k].read) {
			assert_true(out.cas[k].report_at > now() - 600);
			assert_true(out.cas[k].next_report > now() + 1000);
		}
	}
	assert_true(read > 10 && w.steps[SYNC_READING] >= read && w.steps[SYNC_ASKING] >= read);
	count = all_certificates(i, NULL, NULL);
	assert_true(count >= ISSUED);
	issuing = the_issuing_ca(i, a);
	assert_true(all_certificates(i, NULL, issuing) >= ISSUED);
	assert_int_equal(all_certificates(i, issuing, NULL), all_certificates(i, NULL, issuing));

	/* Again: nothing is newer, and AWS is not asked before half an hour is over. */
	sync_with(i, (struct sync_options){ .ask = true }, &account, 1, a, &out);
	for (size_t k = 0; k < out.len; k++) {
		if (out.cas[k].problem != NULL)
			fail_msg("%s: %s", out.cas[k].name, out.cas[k].problem);
		assert_true(!out.cas[k].read && out.cas[k].added == 0);
		assert_true(!out.cas[k].asked);
	}
	assert_int_equal(all_certificates(i, NULL, NULL), count);
	arena_free(a);
	inventory_close(i);
}

/* Another inventory, without a word of where: the bucket of the CA's CRL, or nothing. The reports are there from before. */
static void
cancelled(void **state)
{
	struct sync_account account = { .client = client.client, .bucket = CLOUD_BUCKET, .name = "prod" };
	struct watched w = { .cancel_at = SYNC_READING };
	struct inventory *i = opened("cancelled.db");
	struct arena *a = arena_new();
	struct sync_result out;

	(void)state;
	sync_with(i, (struct sync_options){ .tell = watch, .user = &w, .cancel = &w.cancel }, &account, 1, a, &out);
	assert_true(out.cancelled);
	assert_int_equal(all_certificates(i, NULL, NULL), 0);
	assert_null(out.cas[out.len - 1].problem);
	atomic_store(&w.cancel, false);
	w.cancel_at = SYNC_STEPS;
	sync_with(i, (struct sync_options){ .tell = watch, .user = &w, .cancel = &w.cancel }, &account, 1, a, &out);
	assert_false(out.cancelled);
	assert_true(all_certificates(i, NULL, NULL) >= ISSUED);
	arena_free(a);
	inventory_close(i);
}

/* A newer object that is no report: that CA has a problem and keeps what it had, the others go on. */
static void
wrong_report(void **state)
{
	static const char html[] = "[{\"serial\":\"01\",\"subject\":\"CN=half\"},{\"ser";
	struct sync_account account = { .client = client.client, .bucket = CLOUD_BUCKET };
	struct inventory *i = opened("wrong.db");
	struct aws_error failed = { .kind = AWS_FINE };
	struct arena *a = arena_new();
	struct sync_result out;
	const char *issuing;
	char key[256];
	size_t before, problems = 0;

	(void)state;
	sync_with(i, (struct sync_options){ .ask = false }, &account, 1, a, &out);
	issuing = the_issuing_ca(i, a);
	before = all_certificates(i, NULL, NULL);
	/* S3 dates objects by the second: one of the second of the report is not newer. */
	for (int64_t began = now(); now() <= began + 1;)
		(void)all_certificates(i, "x", NULL);
	snprintf(key, sizeof key, "audit-report/%s/zz.json", arn_ca_id(issuing));
	if (s3_put(client.client, CLOUD_BUCKET, key, html, sizeof html - 1, "application/json", NULL, NULL, &failed) != STATUS_OK)
		fail_msg("%s", failed.message);
	sync_with(i, (struct sync_options){ .ask = false }, &account, 1, a, &out);
	for (size_t k = 0; k < out.len; k++) {
		if (out.cas[k].problem == NULL)
			continue;
		problems++;
		assert_string_equal(out.cas[k].arn, issuing);
		assert_string_equal(out.cas[k].problem, "audit report: record 2 (byte 42): it ends in the middle");
		assert_false(out.cas[k].read);
	}
	assert_int_equal(problems, 1);
	assert_int_equal(all_certificates(i, NULL, NULL), before);
	assert_int_equal(all_certificates(i, "cn=half", NULL), 0);
	arena_free(a);
	inventory_close(i);
}

/* One account that AWS refuses does not end the rest; where all are refused, it says why. */
static void
refused(void **state)
{
	const struct sync_account both[] = { { .client = stranger.client, .name = "wrong" }, { .client = client.client, .name = "prod" } };
	struct inventory *i = opened("refused.db");
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct sync_result out;

	(void)state;
	sync_with(i, (struct sync_options){ .ask = false }, both, 2, a, &out);
	assert_int_equal(out.problems_len, 1);
	assert_non_null(strstr(out.problems[0], "list the CAs"));
	assert_true(out.len > 10);
	assert_int_equal(inventory_sync(i, &(struct sync_options){ .accounts = both, .len = 1, .world = real }, a, &out, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_AWS);
	error_clear(&err);
	sync_with(i, (struct sync_options){ .only_ca = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/00000000-0000-0000-0000-000000000000" },
	    (const struct sync_account[]){ both[1], both[1] }, 0, a, &out);
	assert_int_equal(out.len, 0);
	assert_int_equal(inventory_sync(i,
	                     &(struct sync_options){ .accounts = &both[1], .len = 1, .world = real,
	                         .only_ca = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/00000000-0000-0000-0000-000000000000" },
	                     a, &out, &err),
	    STATUS_FAILED);
	assert_non_null(strstr(err.text, "describe the CA"));
	arena_free(a);
	inventory_close(i);
}

/* RAM's default permission. Its reports are the owner's alone: every sync of who may use the CA once failed, with status 9. */
static void
shared_by_another_account(void **state)
{
	struct sync_account account = { .client = partner.client, .bucket = CLOUD_BUCKET };
	struct inventory *i = opened("owner.db"), *theirs = opened("partner.db");
	struct arena *a = arena_new();
	struct aws_error err = { .kind = AWS_FINE };
	struct sync_result out;
	const char *ca;

	(void)state;
	sync_with(i, (struct sync_options){ .ask = false }, &(struct sync_account){ .client = client.client, .bucket = CLOUD_BUCKET }, 1, a, &out);
	ca = the_issuing_ca(i, a);
	if (pca_put_policy(client.client, ca, arena_printf(a, "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"444455556666\"},"
	        "\"Action\":[\"acm-pca:DescribeCertificateAuthority\",\"acm-pca:GetCertificate\",\"acm-pca:GetCertificateAuthorityCertificate\",\"acm-pca:ListPermissions\","
	        "\"acm-pca:ListTags\"],\"Resource\":\"%s\"},{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"444455556666\"},\"Action\":[\"acm-pca:IssueCertificate\"],"
	        "\"Resource\":\"%s\",\"Condition\":{\"StringEquals\":{\"acm-pca:TemplateArn\":\"arn:aws:acm-pca:::template/EndEntityCertificate/V1\"}}}]}", ca, ca), &err) != STATUS_OK)
		fail_msg("%s", err.message);
	for (int ask = 0; ask < 2; ask++) {
		sync_with(theirs, (struct sync_options){ .ask = ask == 1 }, &account, 1, a, &out);
		assert_int_equal(out.problems_len, 0);
		assert_int_equal(out.len, 1);
		assert_string_equal(out.cas[0].arn, ca);
		if (out.cas[0].problem != NULL)
			fail_msg("%s", out.cas[0].problem);
		assert_false(out.cas[0].asked);
		assert_string_equal(out.cas[0].note, "it is shared by account 111122223333, and only that account has audit reports of it");
	}
	arena_free(a);
	inventory_close(i);
	inventory_close(theirs);
}

static void
details_on_demand(void **state)
{
	struct sync_account account = { .client = client.client, .bucket = CLOUD_BUCKET };
	struct inventory_query q = { .now = now(), .soon = now() };
	struct inventory *i = opened("details.db");
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct inventory_cert *certs;
	struct sync_result out;
	size_t len;

	(void)state;
	sync_with(i, (struct sync_options){ .ask = false }, &account, 1, a, &out);
	q.ca = the_issuing_ca(i, a);
	if (inventory_certs(i, &q, ISSUED / 2, 1, a, &certs, &len, &err) != STATUS_OK || len != 1)
		fail_msg("%s", err.text);
	assert_null(certs[0].sans);
	if (inventory_fetch(i, client.client, certs[0].arn, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	if (inventory_fetch(i, stranger.client, certs[0].arn, &err) != STATUS_OK) /* it is there: nobody is asked */
		fail_msg("%s", err.text);
	if (inventory_cert(i, certs[0].arn, &q, a, &certs, &err) != STATUS_OK || certs == NULL)
		fail_msg("%s", err.text);
	assert_non_null(certs->pem);
	assert_non_null(certs->chain);
	assert_non_null(certs->sans);
	assert_int_equal(inventory_fetch(i, client.client, "not a serial", &err), STATUS_FAILED);
	assert_string_equal(err.text, "the inventory does not have this certificate");
	arena_free(a);
	inventory_close(i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole), /* first: it has the reports made that the others read */
		cmocka_unit_test(cancelled),
		cmocka_unit_test(details_on_demand),
		cmocka_unit_test(shared_by_another_account),
		cmocka_unit_test(wrong_report),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
