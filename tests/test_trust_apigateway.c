/* A CA into the truststore of an API Gateway domain name and out of it, in both APIs: versions, warnings, kills, limits, somebody else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/apigateway.h"
#include "aws/s3.h"
#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "fixes/trust.h"
#include "tests/program.h"
#include "tests/trust_world.h"

#define DOMAIN "api.example.com"

static struct trust_world w;
static char *first; /* the old root, and what somebody wrote above it */
static const char *first_version;

static int
setup(void **state)
{
	struct buf b = { 0 };

	(void)state;
	trust_world_start(&w);
	buf_addf(&b, "who may come in - for now\n\n%s", w.old_pem);
	first = b.data;
	trust_world_bucket(&w, "stores", true);
	trust_world_bucket(&w, "plain", false);
	first_version = trust_world_put(&w, "stores", "ts.pem", first);
	trust_world_gateway(&w, NULL, "POST", "/domainnames", "{\"domainName\":\"" DOMAIN "\",\"regionalCertificateArn\":\"arn:x\","
	    "\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]},\"mutualTlsAuthentication\":{\"truststoreUri\":\"s3://stores/ts.pem\"}}");
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

static struct api_domain
now(void)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d;

	if (apigateway_wait_domain(w.t.client, API_REST, DOMAIN, w.t.arena, &d, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return d;
}

/* As somebody else would. version "": the newest. */
static void
set_domain(const char *uri, const char *version)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct api_domain d;

	/* Through the HTTP API an address without a version begins with the newest. */
	if (apigateway_set_truststore(w.t.client, API_HTTP, DOMAIN, uri, version[0] != '\0' ? version : NULL, w.t.arena, &d, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	(void)now();
}

static void
is(const char *uri, const char *version, const char *bytes)
{
	struct api_domain d = now();
	const char *slash = strchr(uri + 5, '/');
	char bucket[64];

	snprintf(bucket, sizeof bucket, "%.*s", (int)(slash - uri - 5), uri + 5);
	assert_string_equal(d.truststore, uri);
	if (version != NULL)
		assert_string_equal(d.version != NULL ? d.version : "", version);
	assert_string_equal(trust_world_get(&w, bucket, slash + 1, d.version), bytes);
}

static struct plan *
wished(const struct trust_wish *wish)
{
	struct plan *p = trust_world_plan(&w);
	struct trust_wish whole = *wish;
	struct error err = { .code = ERROR_NONE };

	whole.kind = TRUST_APIGATEWAY;
	whole.where = DOMAIN;
	trust_must(trust_steps(p, &whole, &err), &err);
	return p;
}

/* Both APIs; a domain that names a version and one that names none; a bucket without versions. */
static void
on_and_back(void **state)
{
	static const struct {
		const char *uri;
		bool names_version, http;
	} cases[] = {
		{ "s3://stores/ts.pem", true, false },
		{ "s3://stores/ts.pem", true, true },
		{ "s3://stores/ts.pem", false, false },
		{ "s3://stores/ts.pem", false, true },
		{ "s3://plain/ts.pem", false, false },
		{ "s3://plain/ts.pem", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		bool versioned = strstr(cases[i].uri, "plain") == NULL;
		const char *version = trust_world_put(&w, versioned ? "stores" : "plain", "ts.pem", first), *ours;
		struct plan *p;

		set_domain(cases[i].uri, cases[i].names_version ? version : "");
		is(cases[i].uri, cases[i].names_version ? version : "", first);
		p = wished(&(struct trust_wish){ .add = w.new_root.cert, .http_api = cases[i].http });
		assert_int_equal(p->len, 1);
		assert_int_equal(p->reached, REACH_TOLD);
		assert_true(trust_says(p->notes, p->notes_len, "names no version") == !cases[i].names_version);
		is(cases[i].uri, NULL, first);
		trust_apply(p);
		ours = plan_value(p, "trust1.version");
		assert_string_equal(now().status, "AVAILABLE");
		assert_true((ours[0] != '\0') == versioned && strcmp(ours, version[0] != '\0' ? version : "-") != 0);
		is(cases[i].uri, ours, w.both);
		trust_back(&w, p->id);
		is(cases[i].uri, cases[i].names_version ? version : NULL, first);
		/* Whoever takes the newest gets the old bytes too. */
		assert_string_equal(trust_world_get(&w, versioned ? "stores" : "plain", "ts.pem", NULL), first);
		plan_free(p);
	}
}

static void
removed(void **state)
{
	const char *version = trust_world_put(&w, "stores", "ts.pem", w.both);
	const struct cert *also[] = { w.issuing.cert };
	struct plan *p;
	struct buf all = { 0 };

	(void)state;
	set_domain("s3://stores/ts.pem", version);
	p = wished(&(struct trust_wish){ .remove = w.old_root.cert });
	trust_apply(p);
	is("s3://stores/ts.pem", NULL, w.new_pem);
	trust_back(&w, p->id);
	is("s3://stores/ts.pem", version, w.both);
	plan_free(p);
	/* The CA below comes along where the root is in already. */
	p = wished(&(struct trust_wish){ .add = w.new_root.cert, .also = also, .also_len = 1 });
	assert_false(trust_says(p->notes, p->notes_len, "wants every intermediate"));
	trust_apply(p);
	buf_adds(&all, w.both);
	cert_pem(w.issuing.cert, &all);
	is("s3://stores/ts.pem", NULL, all.data);
	plan_free(p);
	buf_done(&all);
}

static void
what_is_said(void **state)
{
	static const struct {
		bool http;
		const char *line;
	} lines[] = {
		{ false, "aws --region us-east-1 apigateway update-domain-name" },
		{ false, "--patch-operations \"op=replace,path=/mutualTlsAuthentication/truststoreVersion,value=$VERSION\"" },
		{ true, "aws --region us-east-1 apigatewayv2 update-domain-name" },
		{ true, "--mutual-tls-authentication TruststoreUri=s3://stores/ts.pem\",TruststoreVersion=$VERSION\"" },
	};
	const char *version = trust_world_put(&w, "stores", "ts.pem", first);
	struct plan *p;

	(void)state;
	set_domain("s3://stores/ts.pem", version);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		p = wished(&(struct trust_wish){ .add = w.new_root.cert, .http_api = lines[i].http });
		if (strstr(p->steps[0].command, lines[i].line) == NULL)
			fail_msg("no %s in\n%s", lines[i].line, p->steps[0].command);
		assert_true(trust_says(p->notes, p->notes_len, "wants every intermediate"));
		assert_non_null(strstr(p->steps[0].what, "to the truststore of " DOMAIN));
		assert_non_null(strstr(p->steps[0].undo, version));
		plan_free(p);
	}
	/* What somebody put there and never brought into use is not built on. */
	trust_world_put(&w, "stores", "ts.pem", w.new_pem);
	p = wished(&(struct trust_wish){ .add = w.issuing.cert });
	assert_true(trust_says(p->notes, p->notes_len, "is not the one that " DOMAIN " uses"));
	assert_null(strstr(step_arg(&p->steps[0], "text"), w.new_pem));
	plan_free(p);
	p = wished(&(struct trust_wish){ .add = w.old_root.cert });
	assert_int_equal(p->len, 0);
	assert_true(trust_says(p->notes, p->notes_len, "trusts “Old Root” ("));
	plan_free(p);
}

/* API Gateway takes an expired CA, and warns: before, after, and which warning is new. */
static void
warnings(void **state)
{
	struct made late = made_issue(&(struct pki_request){ .cn = "Late Root", .ca = true, .key_usage = "critical,keyCertSign",
	    .not_before = MADE_NOW - 900 * MADE_DAY, .not_after = MADE_NOW - 10 * MADE_DAY }, NULL);
	const char *version = trust_world_put(&w, "stores", "ts.pem", first);
	struct plan *p;

	(void)state;
	set_domain("s3://stores/ts.pem", version);
	p = wished(&(struct trust_wish){ .add = late.cert });
	assert_true(trust_says(p->notes, p->notes_len, "“Late Root” ("));
	trust_apply(p);
	assert_true(trust_says(p->after, p->after_len, "API Gateway warns of the truststore of " DOMAIN ": "));
	assert_true(trust_says(p->after, p->after_len, "Late Root"));
	plan_free(p);
	p = wished(&(struct trust_wish){ .add = w.new_root.cert });
	assert_true(trust_says(p->notes, p->notes_len, "API Gateway warns of the truststore as it is: "));
	trust_apply(p);
	assert_true(trust_says(p->after, p->after_len, "of " DOMAIN ", as before: "));
	plan_free(p);
	made_free(&late);
}

static void
refused_before(void **state)
{
	struct made weak = made_issue(&(struct pki_request){ .cn = "Weak Root", .ca = true, .key_usage = "critical,keyCertSign", .key_type = PKI_RSA1024 }, NULL);
	const struct {
		struct trust_wish wish;
		const char *says;
	} cases[] = {
		{ { .where = "none.example.com", .add = w.new_root.cert }, "look for the domain name" },
		{ { .where = "bare.example.com", .add = w.new_root.cert }, "asks for no client certificates" },
		{ { .where = DOMAIN, .add = weak.cert }, "the key of “Weak Root” is RSA 1024" },
		{ { .where = DOMAIN, .remove = w.old_root.cert }, "cannot be empty" },
	};
	const char *version = trust_world_put(&w, "stores", "ts.pem", first);

	(void)state;
	trust_world_gateway(&w, NULL, "POST", "/domainnames", "{\"domainName\":\"bare.example.com\",\"regionalCertificateArn\":\"arn:x\","
	    "\"endpointConfiguration\":{\"types\":[\"REGIONAL\"]}}");
	set_domain("s3://stores/ts.pem", version);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct trust_wish wish = cases[i].wish;
		struct plan *p = trust_world_plan(&w);
		struct error err = { .code = ERROR_NONE };

		wish.kind = TRUST_APIGATEWAY;
		assert_int_equal(trust_steps(p, &wish, &err), STATUS_FAILED);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("case %zu: %s", i, err.text);
		assert_int_equal(p->len, 0);
		plan_free(p);
	}
	is("s3://stores/ts.pem", version, first);
	made_free(&weak);
}

static void
others_changes_stay(void **state)
{
	const char *version = trust_world_put(&w, "stores", "ts.pem", first), *theirs = trust_world_put(&w, "stores", "theirs.pem", w.new_pem);
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	for (int after = 0; after <= 1; after++) {
		set_domain("s3://stores/ts.pem", version);
		p = wished(&(struct trust_wish){ .add = w.new_root.cert });
		if (after)
			trust_apply(p);
		set_domain("s3://stores/theirs.pem", theirs);
		assert_int_equal(after ? plan_go_back(p, NULL, &err) : plan_apply(p, NULL, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_NOT_DONE);
		assert_non_null(strstr(err.text, "has been changed by somebody else since"));
		is("s3://stores/theirs.pem", theirs, w.new_pem);
		changes_unlock(w.record);
		plan_free(p);
		error_clear(&err);
	}
	/* The domain names no version, and the object was replaced. */
	set_domain("s3://plain/ts.pem", "");
	trust_world_put(&w, "plain", "ts.pem", first);
	p = wished(&(struct trust_wish){ .add = w.new_root.cert });
	trust_world_put(&w, "plain", "ts.pem", w.both);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_string_equal(trust_world_get(&w, "plain", "ts.pem", NULL), w.both);
	changes_unlock(w.record);
	plan_free(p);
}

/* ---- killed at every moment ---- */

static void
begin(void *user)
{
	(void)user;
	first_version = trust_world_put(&w, "stores", "ts.pem", first);
	set_domain("s3://stores/ts.pem", first_version);
}

static struct plan *
make(void *user, struct changes *c, const struct world *world)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = trust_world_mortal(&w, world) }, "who may come in");
	struct error err = { .code = ERROR_NONE };

	(void)user;
	p->record = c;
	p->world = world;
	trust_must(trust_steps(p, &(struct trust_wish){ .kind = TRUST_APIGATEWAY, .where = DOMAIN, .add = w.new_root.cert }, &err), &err);
	return p;
}

static void
is_whole(void *user, int at)
{
	struct api_domain d = now();
	const char *bytes = trust_world_get(&w, "stores", "ts.pem", d.version);

	(void)user;
	if (strcmp(bytes, first) != 0 && strcmp(bytes, w.both) != 0)
		fail_msg("killed at %d: %s", at, bytes);
}

static void
is_old(void *user)
{
	(void)user;
	is("s3://stores/ts.pem", first_version, first);
	assert_string_equal(trust_world_get(&w, "stores", "ts.pem", NULL), first);
}

static void
is_new(void *user)
{
	(void)user;
	is("s3://stores/ts.pem", NULL, w.both);
	assert_string_equal(trust_world_get(&w, "stores", "ts.pem", NULL), w.both);
}

static void
killed_anywhere(void **state)
{
	const struct mortal_case m = { .home = w.home, .begin = begin, .make = make, .open = trust_world_open, .is_whole = is_whole,
	    .is_old = is_old, .is_new = is_new, .user = &w };

	(void)state;
	assert_true(mortal_everywhere(&m) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_and_back),
		cmocka_unit_test(removed),
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(warnings),
		cmocka_unit_test(refused_before),
		cmocka_unit_test(others_changes_stay),
		cmocka_unit_test(killed_anywhere),
	};

	return cmocka_run_group_tests_name("trust_apigateway", tests, setup, teardown);
}
