/* A certificate into ACM under the ARN that is there: on, back with the old key, killed anywhere, in somebody's way; and what the lab's ACM refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "aws/acm.h"
#include "fixes/acm_key.h"
#include "fixes/deeds.h"
#include "tests/install_world.h"
#include "tests/made.h"
#include "tests/program.h"
#include "tests/recorded_lab.h"

static struct install_world world;
static char arn[200];

static const char *
key_file(void)
{
	return in_folder(world.folder, "tls.key");
}

static void
import(const struct install_side *s, bool again)
{
	char *cert = cloud_base64(s->cert), *chain = cloud_base64(s->chain), *key = cloud_base64(s->key);
	cJSON *in = cJSON_CreateObject(), *out;

	if (again)
		cJSON_AddStringToObject(in, "CertificateArn", arn);
	cJSON_AddStringToObject(in, "Certificate", cert);
	cJSON_AddStringToObject(in, "CertificateChain", chain);
	cJSON_AddStringToObject(in, "PrivateKey", key);
	out = install_world_ask(&world, &aws_acm, "ImportCertificate", in);
	snprintf(arn, sizeof arn, "%s", cJSON_GetObjectItem(out, "CertificateArn")->valuestring);
	cJSON_Delete(out);
	free(cert);
	free(chain);
	free(key);
}

static void
holds(const struct install_side *s)
{
	cJSON *in = cJSON_CreateObject(), *out;

	cJSON_AddStringToObject(in, "CertificateArn", arn);
	out = install_world_ask(&world, &aws_acm, "GetCertificate", in);
	assert_string_equal(cJSON_GetObjectItem(out, "Certificate")->valuestring, s->cert);
	/* moto gives a chain of its own behind ours. */
	if (world.cloud.cloud != NULL)
		assert_string_equal(cJSON_GetObjectItem(out, "CertificateChain")->valuestring, s->chain);
	cJSON_Delete(out);
}

static struct plan *
make(struct changes *record, const struct world *w, const struct deed *deed, bool new_key)
{
	struct plan *p = install_world_plan(&world, record, w, "server", new_key);
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	cJSON_AddStringToObject(args, "arn", arn);
	cJSON_AddStringToObject(args, "as", "server");
	cJSON_AddBoolToObject(args, "new_key", new_key);
	if (deed == &deed_import_acm)
		cJSON_AddStringToObject(args, "key_file", key_file());
	s = plan_add_deed(p, deed, args);
	s->what = "import it";
	return p;
}

static struct plan *
fresh(const struct deed *deed, bool new_key)
{
	install_world_begin(&world);
	assert_true(write_file(key_file(), world.old.key, strlen(world.old.key)));
	return make(world.record, &world.immortal.world, deed, new_key);
}

static void
on_and_back(void **state)
{
	(void)state;
	for (int new_key = 0; new_key <= 1; new_key++) {
		struct error err = { .code = ERROR_NONE };
		struct plan *p;

		import(&world.old, new_key == 1);
		p = fresh(&deed_import_acm, new_key == 1);
		install_world_applied(p);
		holds(new_key == 1 ? &world.renewed : &world.same_key);
		/* The old key has left its file: no way back, and it says why; then it is there again. */
		assert_true(write_file(key_file(), world.renewed.key, strlen(world.renewed.key)));
		assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
		assert_non_null(strstr(err.text, "tls.key: the private key of what ACM had before was expected in it"));
		holds(new_key == 1 ? &world.renewed : &world.same_key);
		assert_true(write_file(key_file(), world.old.key, strlen(world.old.key)));
		error_clear(&err);
		if (plan_go_back(p, NULL, &err) != STATUS_OK)
			fail_msg("%s", err.text);
		holds(&world.old);
		install_world_free(p);
	}
}

static void
no_way_back(void **state)
{
	struct plan *p;

	(void)state;
	import(&world.old, true);
	p = fresh(&deed_import_acm_for_good, true);
	install_world_applied(p);
	holds(&world.renewed);
	assert_false(plan_can_go_back(p));
	install_world_free(p);
}

static void
in_somebodys_way(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p;
	char kept[sizeof arn];

	(void)state;
	/* Between the look and the try. */
	import(&world.same_key, true);
	p = fresh(&deed_import_acm_for_good, true);
	p->steps[0].before = cJSON_CreateObject();
	cJSON_AddStringToObject(p->steps[0].before, "certificate", world.old.cert);
	cJSON_AddStringToObject(p->steps[0].before, "chain", world.old.chain);
	install_world_refused(p, ERROR_NOT_DONE, "has been changed by somebody else since the plan looked at it");
	holds(&world.same_key);

	/* Since. */
	import(&world.old, true);
	p = fresh(&deed_import_acm, true);
	install_world_applied(p);
	import(&world.same_key, true);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	holds(&world.same_key);
	install_world_free(p);

	/* The key of what is there is not in the file any more. */
	import(&world.old, true);
	p = fresh(&deed_import_acm, true);
	assert_true(write_file(key_file(), world.renewed.key, strlen(world.renewed.key)));
	install_world_refused(p, ERROR_NOT_DONE, "the private key of what ACM had before was expected in it");
	holds(&world.old);
	p = fresh(&deed_import_acm, true);
	unlink(plan_private(p, "server.key"));
	install_world_refused(p, ERROR_INPUT, "server.key");
	holds(&world.old);
	snprintf(kept, sizeof kept, "%s", arn);
	snprintf(arn, sizeof arn, "arn:aws:acm:us-east-1:111122223333:certificate/none");
	install_world_refused(fresh(&deed_import_acm, true), ERROR_AWS, "look at the certificate in ACM");
	snprintf(arn, sizeof arn, "arn:aws:s3:::a-bucket-of-mine");
	install_world_refused(fresh(&deed_import_acm, true), ERROR_AWS, "InvalidArnException");
	snprintf(arn, sizeof arn, "%s", kept);
}

static void
keys_at_hand(void **state)
{
	static const char *const names[] = { "right.pem", "wrong.pem", "locked.pem", "none.pem" };
	struct buf both = { 0 }, found = { 0 };

	(void)state;
	buf_addf(&both, "%s%s", world.old.fullchain, world.old.key);
	assert_true(write_file(in_folder(world.folder, names[0]), both.data, both.len));
	assert_true(write_file(in_folder(world.folder, names[1]), world.renewed.key, strlen(world.renewed.key)));
	assert_true(write_file(in_folder(world.folder, names[2]), "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n", 79));
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_int_equal(acm_key_at_hand(in_folder(world.folder, names[i]), world.old.cert, i == 0 ? &found : NULL), i == 0);
	assert_string_equal(buf_str(&found), world.old.key);
	assert_false(acm_key_at_hand(NULL, world.old.cert, NULL));
	assert_false(acm_key_at_hand(key_file(), "no certificate", NULL));
	buf_done(&both);
	buf_done(&found);
}

/* ---- killed at every moment ---- */

static void
begin(void *user)
{
	(void)user;
	import(&world.old, true);
	assert_true(write_file(key_file(), world.old.key, strlen(world.old.key)));
}

static struct plan *
make_killed(void *user, struct changes *c, const struct world *w)
{
	(void)user;
	return make(c, w, &deed_import_acm, true);
}

static void
is_old(void *user)
{
	(void)user;
	holds(&world.old);
}

static void
is_new(void *user)
{
	(void)user;
	holds(&world.renewed);
}

static void
killed_anywhere(void **state)
{
	(void)state;
	changes_close(world.record);
	world.record = NULL;
	assert_true(mortal_everywhere(&(struct mortal_case){ .home = world.folder, .begin = begin, .make = make_killed, .open = install_world_open,
	    .is_old = is_old, .is_new = is_new, .user = &world }) > 10);
}

static int
lab_starts(void **state)
{
	(void)state;
	install_world_lab(&world);
	return 0;
}

static int
stops(void **state)
{
	(void)state;
	install_world_stop(&world);
	return 0;
}

/* moto's ACM, which this project did not write. */
static void
moto_too(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	if (install_world_moto(&world)) {
		import(&world.old, false);
		p = fresh(&deed_import_acm, true);
		install_world_applied(p);
		holds(&world.renewed);
		if (plan_go_back(p, NULL, &err) != STATUS_OK)
			fail_msg("%s", err.text);
		holds(&world.old);
		install_world_free(p);
	}
	install_world_stop(&world);
}

/* ---- the lab's ACM, its answers judged by botocore's models ---- */

static void
refuses(struct recorded_lab *l, const struct acm_import *i, const char *says)
{
	const char *got;

	assert_int_equal(acm_import(l->t.client, i, l->a, &got, &l->err), STATUS_FAILED);
	if (strcmp(l->err.code, "ValidationException") != 0 || strstr(l->err.message, says) == NULL)
		fail_msg("%s: %s", l->err.code, l->err.message);
	aws_error_clear(&l->err);
}

/* PKCS#8; the caller's. */
static char *
key_pem(const struct made *m)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes, *text;
	long len;

	assert_int_equal(PEM_write_bio_PKCS8PrivateKey(out, m->pki.key, NULL, NULL, 0, NULL, NULL), 1);
	len = BIO_get_mem_data(out, &bytes);
	text = mem_strndup(bytes, (size_t)len);
	BIO_free(out);
	return text;
}

static void
the_labs_own(void **state)
{
	struct pki_request rsa = { .cn = "ledger.internal", .key_type = PKI_RSA2048 }, ed = { .cn = "ledger.internal", .key_type = PKI_ED25519 };
	const struct install_side *o = &world.old, *n = &world.renewed;
	const struct acm_import good = { .certificate = o->cert, .chain = o->chain, .key = o->key, .key_len = strlen(o->key) };
	const char *got, *certificate, *chain;
	struct acm_about about;
	struct recorded_lab l;
	struct acm_import i;

	(void)state;
	recorded_lab_start(&l, false);
	lab_took(&l, acm_import(l.t.client, &good, l.a, &got, &l.err));
	lab_took(&l, acm_describe(l.t.client, got, l.a, &about, &l.err));
	assert_string_equal(about.type, "IMPORTED");
	assert_string_equal(about.domain, "ledger.internal");
	assert_string_equal(about.key_algorithm, "EC_prime256v1");
	assert_int_equal(about.in_use_by_len, 0);
	lab_took(&l, acm_get(l.t.client, got, l.a, &certificate, &chain, &l.err));
	assert_string_equal(certificate, o->cert);
	i = good;
	i.arn = got;
	i.certificate = n->cert;
	refuses(&l, &i, "The private key does not match the certificate");
	i.key = n->key;
	i.key_len = strlen(n->key);
	i.chain = n->root;
	refuses(&l, &i, "The index within the chain of the invalid certificate is: 0");
	i.chain = "no PEM";
	refuses(&l, &i, "not a valid list");
	i.chain = NULL;
	i.certificate = n->fullchain;
	refuses(&l, &i, "more than one certificate");
	i.certificate = "no PEM";
	refuses(&l, &i, "not a valid PEM-encoded certificate");
	lab_took(&l, acm_get(l.t.client, got, l.a, &certificate, &chain, &l.err));
	assert_string_equal(certificate, o->cert);
	lab_refused(&l, acm_get(l.t.client, "arn:aws:acm:us-east-1:111122223333:certificate/none", l.a, &certificate, &chain, &l.err), "ResourceNotFoundException");
	/* What is over, and what has not begun: AWS takes neither, so that going back to it is no way back there. */
	for (int k = 0; k < 2; k++) {
		struct pki_request p256 = { .cn = "ledger.internal", .key_type = PKI_P256, .not_before = time(NULL) + (k == 0 ? -9 : 1) * MADE_DAY,
			.not_after = time(NULL) + (k == 0 ? -1 : 9) * MADE_DAY };
		struct made m = made_issue(&p256, NULL);
		char *key = key_pem(&m);
		struct buf cert = { 0 };

		cert_pem(m.cert, &cert);
		i.certificate = cert.data;
		i.key = key;
		i.key_len = strlen(key);
		refuses(&l, &i, "not in its validity period");
		free(key);
		buf_done(&cert);
		made_free(&m);
	}
	/* Another type of key under the same ARN; one that ACM does not take at all. */
	for (int k = 0; k < 2; k++) {
		struct made m = made_issue(k == 0 ? &rsa : &ed, NULL);
		struct buf cert = { 0 };
		char *key = key_pem(&m);

		cert_pem(m.cert, &cert);
		i.certificate = cert.data;
		i.key = key;
		i.key_len = strlen(key);
		refuses(&l, &i, k == 0 ? "The key type and size of a certificate cannot be changed" : "The private key is not supported");
		free(key);
		buf_done(&cert);
		made_free(&m);
	}
	recorded_lab_judge(&l, (const char *const[]){ "acm.ImportCertificate", "acm.DescribeCertificate", "acm.GetCertificate", NULL });
}

int
main(void)
{
	const struct CMUnitTest of_lab[] = {
		cmocka_unit_test(on_and_back),
		cmocka_unit_test(no_way_back),
		cmocka_unit_test(in_somebodys_way),
		cmocka_unit_test(keys_at_hand),
		cmocka_unit_test(killed_anywhere),
		cmocka_unit_test(the_labs_own),
	};
	const struct CMUnitTest of_moto[] = { cmocka_unit_test(moto_too) };
	int failed = cmocka_run_group_tests(of_lab, lab_starts, stops);

	return failed + cmocka_run_group_tests(of_moto, NULL, NULL);
}
