/* Keys: ours beside its certificate and in its file. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "tests/chains.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "leaf", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-renewed", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .key_of = "us" },
	{ .name = "stranger", .issuer = "issuing", .role = IS_CLIENT },
};

static const struct chain_case cases[] = {
	{ .what = "matches", .server = { "leaf", "issuing" }, .ours = { "us", "issuing" } },
	{ .what = "another certificate of the same key", .server = { "leaf", "issuing" }, .ours = { "us-renewed", "issuing" }, .our_key = "us" },
	{ .what = "another key, refused for it", .server = { "leaf", "issuing" }, .ours = { "us", "issuing" }, .our_key = "stranger",
	    .answer = REFUSED, .alert = 51, .expect = { "*E key.mismatch" }, .says = "another certificate" },
	{ .what = "another key, nobody asked: never right anywhere", .server = { "leaf", "issuing" }, .ours = { "us", "issuing" },
	    .our_key = "stranger", .answer = NOT_ASKED, .expect = { "*E key.mismatch" } },
	{ .what = "another key, refused for something else first", .server = { "leaf", "issuing" }, .ours = { "us", "issuing" },
	    .our_key = "stranger", .answer = REFUSED, .alert = 45, .expect = { "E key.mismatch" } },
	{ .what = "another key, in files", .ours = { "us", "issuing" }, .our_key = "stranger", .answer = OFFLINE_CLIENT,
	    .expect = { "*E key.mismatch" } },
};

static struct chains *chains;

static void
key_and_certificate(void **state)
{
	(void)state;
	chains_check(chains, cases, sizeof cases / sizeof cases[0]);
}

/* The files beside it are looked at by their public keys: the one that fits is named, no other. */
static void
the_file_that_matches(void **state)
{
	struct sibling siblings[] = {
		{ .file = "old.key", .is_key = true, .label = "EC P-256" },
		{ .file = "order-2.key", .is_key = true, .label = "EC P-256" },
		{ .file = "stranger.crt", .is_key = false, .label = "CN=stranger" },
	};
	struct evidence *e = chains_evidence(chains, &cases[2]);
	const struct finding *f;
	struct diagnosis *d;

	(void)state;
	siblings[0].spki = chains_cert(chains, "leaf")->key.spki;
	siblings[1].spki = chains_cert(chains, "us")->key.spki;
	siblings[2].spki = chains_cert(chains, "stranger")->key.spki;
	e->identity->siblings = siblings;
	e->identity->siblings_len = 3;
	d = diagnose(e);
	f = diagnosis_find(d, CODE_KEY_MISMATCH);
	assert_non_null(f);
	assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
	assert_non_null(strstr(f->why, "order-2.key"));
	assert_non_null(strstr(f->why, "stranger.crt"));
	assert_null(strstr(f->why, "old.key"));
	diagnosis_free(d);
	e->identity->siblings = NULL;
	e->identity->siblings_len = 0;
	evidence_free(e);
}

static void
the_key_s_file(void **state)
{
	struct evidence *e = chains_evidence(chains, &cases[0]);
	const struct finding *f;
	struct diagnosis *d;

	(void)state;
	e->identity->key_exposed = true;
	e->identity->key_mode = 0100644;
	e->identity->key_file = "order.key";
	d = diagnose(e);
	f = diagnosis_find(d, CODE_KEY_EXPOSED);
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_WARNING);
	assert_non_null(strstr(f->why, "order.key has mode 0644: everybody"));
	assert_null(diagnosis_find(d, CODE_KEY_UNREADABLE));
	diagnosis_free(d);

	e->identity->key_exposed = false;
	key_free(e->identity->key);
	e->identity->key = NULL;
	e->identity->matches = false;
	e->identity->key_problem = "order.key: the passphrase is wrong";
	d = diagnose(e);
	f = diagnosis_find(d, CODE_KEY_UNREADABLE);
	assert_non_null(f);
	assert_int_equal(f->severity, SEVERITY_ERROR);
	assert_null(diagnosis_find(d, CODE_KEY_EXPOSED));
	assert_null(diagnosis_find(d, CODE_KEY_MISMATCH));
	diagnosis_free(d);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_and_certificate),
		cmocka_unit_test(the_file_that_matches),
		cmocka_unit_test(the_key_s_file),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
