/* A CA into a load balancer's trust store and out of it: what is in use, where the old bundle is, kills, limits, somebody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/elbv2.h"
#include "aws/s3.h"
#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "fixes/trust.h"
#include "tests/program.h"
#include "tests/trust_world.h"

static struct trust_world w;
static char store[256], listener[256];

/* The load balancer's trust store holds the old root, with a comment that was in the file. */
static char *first;

static int
setup(void **state)
{
	struct buf b = { 0 };
	char balancer[256];

	(void)state;
	trust_world_start(&w);
	buf_addf(&b, "# the root of 2020\n%s", w.old_pem);
	first = b.data;
	trust_world_bucket(&w, "stores", true);
	trust_world_bucket(&w, "plain", false);
	trust_world_put(&w, "stores", "first.pem", first);
	snprintf(store, sizeof store, "%s", trust_world_elb(&w, "TrustStoreArn", "CreateTrustStore",
	    "Name=payments&CaCertificatesBundleS3Bucket=stores&CaCertificatesBundleS3Key=first.pem"));
	snprintf(balancer, sizeof balancer, "%s", trust_world_elb(&w, "LoadBalancerArn", "CreateLoadBalancer", "Name=front"));
	snprintf(listener, sizeof listener, "%s", trust_world_elb(&w, "ListenerArn", "CreateListener", "LoadBalancerArn=%s&Protocol=HTTPS&Port=8443&"
	    "Certificates.member.1.CertificateArn=arn:x&MutualAuthentication.Mode=verify&MutualAuthentication.TrustStoreArn=%s&"
	    "MutualAuthentication.AdvertiseTrustStoreCaNames=on", balancer, store));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	free(first);
	trust_world_stop(&w);
	return 0;
}

static const char *
in_use(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	const char *pem;
	size_t len;

	if (elbv2_trust_store_bundle(w.t.client, store, w.t.arena, &pem, &len, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return pem;
}

/* As somebody else would. */
static void
set_bundle(const char *text)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct trust_source from = { .bucket = "stores", .key = "theirs.pem" };
	struct trust_store out;

	trust_world_put(&w, "stores", "theirs.pem", text);
	if (elbv2_modify_trust_store(w.t.client, store, &from, w.t.arena, &out, &err) != STATUS_OK)
		fail_msg("%s", err.message);
}

static struct plan *
wished(const struct trust_wish *wish)
{
	struct plan *p = trust_world_plan(&w);
	struct error err = { .code = ERROR_NONE };

	trust_must(trust_steps(p, wish, &err), &err);
	return p;
}

/* With a key of its own and with the user's, in a bucket that keeps versions and in one that keeps none. */
static void
on_and_back(void **state)
{
	static const struct {
		const char *bucket, *key, *lay_there;
		bool by_name;
	} cases[] = {
		{ "stores", NULL, NULL, false },
		{ "stores", "clients.pem", "what lay there\n", true },
		{ "plain", "clients.pem", "what lay there\n", false },
		{ "plain", NULL, NULL, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *key, *old_key;
		struct plan *p;

		set_bundle(first);
		if (cases[i].lay_there != NULL)
			trust_world_put(&w, cases[i].bucket, cases[i].key, cases[i].lay_there);
		p = wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = cases[i].by_name ? "payments" : store, .add = w.new_root.cert,
		    .bucket = cases[i].bucket, .key = cases[i].key });
		assert_int_equal(p->len, 1);
		key = step_arg(&p->steps[0], "key");
		old_key = step_arg(&p->steps[0], "old_key");
		assert_string_equal(in_use(), first);
		assert_null(trust_world_get(&w, cases[i].bucket, old_key, NULL));
		trust_apply(p);
		/* Only certificates; the old ones too. What was in use lies beside it, to the byte. */
		assert_string_equal(in_use(), w.both);
		assert_string_equal(trust_world_get(&w, cases[i].bucket, key, NULL), w.both);
		assert_string_equal(trust_world_get(&w, cases[i].bucket, old_key, NULL), first);
		trust_back(&w, p->id);
		assert_string_equal(in_use(), first);
		if (cases[i].lay_there != NULL)
			assert_string_equal(trust_world_get(&w, cases[i].bucket, key, NULL), cases[i].lay_there);
		plan_free(p);
	}
}

/* Undone, and then gone on with all the same: in a bucket without versions the key holds the old object by then. */
static void
on_back_and_on(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p, *again;

	(void)state;
	set_bundle(first);
	trust_world_put(&w, "plain", "again.pem", "what lay there\n");
	p = wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.new_root.cert, .bucket = "plain", .key = "again.pem" });
	trust_apply(p);
	trust_back(&w, p->id);
	trust_must(plan_recorded(w.record, p->id, &w.world.world, &again, &err), &err);
	again->place.client = w.t.client;
	trust_apply(again);
	assert_string_equal(in_use(), w.both);
	trust_back(&w, p->id);
	assert_string_equal(in_use(), first);
	plan_free(again);
	plan_free(p);
}

static void
removed(void **state)
{
	struct plan *p;

	(void)state;
	set_bundle(w.both);
	p = wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = store, .remove = w.old_root.cert, .bucket = "stores" });
	trust_apply(p);
	assert_string_equal(in_use(), w.new_pem);
	trust_back(&w, p->id);
	assert_string_equal(in_use(), w.both);
	plan_free(p);
	/* In and out in one step; whoever is there already is left out. */
	set_bundle(first);
	p = wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.new_root.cert, .remove = w.old_root.cert, .bucket = "stores" });
	trust_apply(p);
	assert_string_equal(in_use(), w.new_pem);
	trust_back(&w, p->id);
	plan_free(p);
}

static void
what_is_said(void **state)
{
	static const char *const lines[] = { "aws --region us-east-1 elbv2 get-trust-store-ca-certificates-bundle", "LOCATION=$(", "curl -fsS -o payments-before.pem",
		"s3api put-object", "--ca-certificates-bundle-s3-object-version \"$VERSION\"", "elbv2 modify-trust-store", "# new-root.pem: the certificate with" };
	struct plan *p;

	(void)state;
	set_bundle(first);
	p = wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.new_root.cert, .bucket = "stores" });
	assert_non_null(strstr(p->steps[0].what, "to the trust store “payments”"));
	assert_non_null(strstr(p->steps[0].changes, "2 CAs instead of 1"));
	assert_non_null(strstr(p->steps[0].undo, "-before.pem"));
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		if (strstr(p->steps[0].command, lines[i]) == NULL)
			fail_msg("no %s in\n%s", lines[i], p->steps[0].command);
	}
	assert_int_equal(p->reached, REACH_TOLD);
	assert_int_equal(p->reach_len, 1);
	assert_non_null(strstr(p->reach[0], "port 8443 of load balancer “front”, which judges clients by trust store “payments” and tells them its CAs' names"));
	assert_true(plan_wants_aws(p, false));
	plan_free(p);
	p = wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.old_root.cert });
	assert_int_equal(p->len, 0);
	assert_true(trust_says(p->notes, p->notes_len, "trusts “Old Root” ("));
	plan_free(p);
}

static void
refused_before(void **state)
{
	struct made weak = made_issue(&(struct pki_request){ .cn = "Weak Root", .ca = true, .key_usage = "critical,keyCertSign", .key_type = PKI_RSA1024 }, NULL);
	const struct {
		struct trust_wish wish;
		enum error_code code;
		const char *says;
	} cases[] = {
		{ { .where = store, .add = w.new_root.cert }, ERROR_USAGE, "name a bucket" },
		{ { .where = store, .add = w.new_root.cert, .bucket = "no-such-bucket" }, ERROR_AWS, "look at the bucket" },
		{ { .where = "none", .add = w.new_root.cert, .bucket = "stores" }, ERROR_AWS, "look for the trust store" },
		{ { .where = store, .add = weak.cert, .bucket = "stores" }, ERROR_INPUT, "the key of “Weak Root” is RSA 1024" },
		{ { .where = store, .remove = w.old_root.cert, .bucket = "stores" }, ERROR_INPUT, "cannot be empty" },
	};

	(void)state;
	set_bundle(first);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trust_wish wish = cases[i].wish;
		struct plan *p = trust_world_plan(&w);
		struct error err = { .code = ERROR_NONE };

		wish.kind = TRUST_ALB;
		assert_int_equal(trust_steps(p, &wish, &err), STATUS_FAILED);
		if (err.code != cases[i].code || strstr(err.text, cases[i].says) == NULL)
			fail_msg("case %zu: %d %s", i, (int)err.code, err.text);
		assert_int_equal(p->len, 0);
		plan_free(p);
	}
	assert_string_equal(in_use(), first);
	made_free(&weak);
}

/* The 26th CA, before anything is put anywhere. */
static void
too_many(void **state)
{
	struct buf all = { 0 };
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	for (int i = 0; i < 25; i++) {
		char cn[32];
		struct made m;

		snprintf(cn, sizeof cn, "Root %d", i);
		m = made_ca(cn, NULL);
		cert_pem(m.cert, &all);
		made_free(&m);
	}
	set_bundle(all.data);
	p = trust_world_plan(&w);
	assert_int_equal(trust_steps(p, &(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.new_root.cert, .bucket = "stores" }, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "takes 25 certificates, and this would be 26"));
	assert_string_equal(in_use(), all.data);
	plan_free(p);
	buf_done(&all);
	set_bundle(first);
}

/* Somebody else's change in between: before the first step, and between step and undo. */
static void
others_changes_stay(void **state)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	set_bundle(first);
	p = wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.new_root.cert, .bucket = "stores" });
	set_bundle(w.new_pem);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_non_null(strstr(err.text, "has been changed by somebody else since the plan was made"));
	assert_string_equal(in_use(), w.new_pem);
	changes_unlock(w.record);
	plan_free(p);
	error_clear(&err);

	set_bundle(first);
	p = wished(&(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.new_root.cert, .bucket = "stores" });
	trust_apply(p);
	set_bundle(w.new_pem);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_string_equal(in_use(), w.new_pem);
	changes_unlock(w.record);
	plan_free(p);
}

/* ---- killed at every moment ---- */

static void
begin(void *user)
{
	(void)user;
	set_bundle(first);
	trust_world_put(&w, "stores", "killed.pem", "what lay there\n");
}

static struct plan *
make(void *user, struct changes *c, const struct world *world)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = trust_world_mortal(&w, world) }, "who may come in");
	struct error err = { .code = ERROR_NONE };

	(void)user;
	p->record = c;
	p->world = world;
	trust_must(trust_steps(p, &(struct trust_wish){ .kind = TRUST_ALB, .where = store, .add = w.new_root.cert, .bucket = "stores", .key = "killed.pem" },
	    &err), &err);
	return p;
}

static void
is_whole(void *user, int at)
{
	const char *now = in_use();

	(void)user;
	if (strcmp(now, first) != 0 && strcmp(now, w.both) != 0)
		fail_msg("killed at %d: %s", at, now);
}

static void
is_old(void *user)
{
	(void)user;
	assert_string_equal(in_use(), first);
	assert_string_equal(trust_world_get(&w, "stores", "killed.pem", NULL), "what lay there\n");
}

static void
is_new(void *user)
{
	(void)user;
	assert_string_equal(in_use(), w.both);
	assert_string_equal(trust_world_get(&w, "stores", "killed.pem", NULL), w.both);
}

static bool
count(void *user, const struct s3_object *o)
{
	*(size_t *)user += o->size == (int64_t)strlen(w.both);
	return true;
}

static size_t
versions(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	size_t n = 0;

	if (s3_list_versions(w.t.client, "stores", "killed.pem", 0, count, &n, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return n;
}

static void
killed_anywhere(void **state)
{
	const struct mortal_case m = { .home = w.home, .begin = begin, .make = make, .open = trust_world_open, .is_whole = is_whole,
	    .is_old = is_old, .is_new = is_new, .user = &w };
	size_t before = versions(), moments;

	(void)state;
	moments = (size_t)mortal_everywhere(&m);
	assert_true(moments > 12);
	/* Each run, on or back, puts the new bundle at most once, wherever it was cut off. */
	assert_true(versions() - before <= 2 * (moments + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_and_back),
		cmocka_unit_test(on_back_and_on),
		cmocka_unit_test(removed),
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(refused_before),
		cmocka_unit_test(too_many),
		cmocka_unit_test(others_changes_stay),
		cmocka_unit_test(killed_anywhere),
	};

	return cmocka_run_group_tests_name("trust_alb", tests, setup, teardown);
}
