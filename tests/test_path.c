/* Paths: what is found, what each is judged to be, which goes first, and that it all ends. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/identity.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/path_text.h"
#include "model/times.h"
#include "tests/made.h"

#define SANS(...) (const char *const[]){ __VA_ARGS__, NULL }
#define POOL(...) (const struct made *const[]){ __VA_ARGS__ }, sizeof((const struct made *const[]){ __VA_ARGS__ }) / sizeof(struct made *)
#define NOTHING NULL, 0

/* ---- totality ---- */

static void
every_error_has_a_code(void **state)
{
	(void)state;
	assert_int_equal(path_error_code(0, 0, true), CODE_NONE);
	for (int error = -1; error <= 200; error++) {
		if (error == 0)
			continue;
		for (int depth = 0; depth < 3; depth++) {
			enum code code = path_error_code(error, depth, depth == 0);

			assert_true(code >= 0 && code < CODE_COUNT);
			assert_int_equal(code_info(code)->side, SIDE_SERVER);
			assert_true(code_info(code)->severity >= SEVERITY_WARNING);
		}
	}
}

/* Every number that this OpenSSL knows has words of ours; only later ones get the general sentence. */
static void
every_known_error_has_words(void **state)
{
	struct made root = made_ca("root", NULL), end = made_leaf(&root);
	struct path_link links[] = { { .cert = end.cert }, { .cert = root.cert } };
	struct arena *a = arena_new();

	(void)state;
	for (int error = 1; error <= 100; error++) {
		const char *text = path_error_text(a, links, 2, PURPOSE_SERVER, 0, error);
		bool known = strncmp(X509_verify_cert_error_string(error), "unknown", 7) != 0;

		assert_int_equal(strcmp(text, "OpenSSL refuses “leaf”") != 0, known);
		assert_null(strchr(text, '@'));
		assert_null(strchr(text, '^'));
	}
	arena_free(a);
	made_free(&end);
	made_free(&root);
}

/* ---- one path ---- */

static void
no_leaf_no_path(void **state)
{
	struct path_set *set = paths_find(&(struct path_question){ .at = MADE_NOW });

	(void)state;
	assert_int_equal(set->len, 0);
	assert_null(paths_best(set));
	assert_false(paths_any_valid_at(set, MADE_NOW));
	assert_int_equal(paths_last_valid(set), TIME_UNKNOWN);
	paths_free(set);
	paths_free(NULL);
	assert_null(paths_best(NULL));
}

static void
one_sound_path(void **state)
{
	struct made root = made_ca("root", NULL), mid = made_ca("CA", &root), end = made_leaf(&mid);
	struct path_set *set = made_find(&end, POOL(&mid), POOL(&root));
	const struct path *p = paths_best(set);

	(void)state;
	assert_int_equal(set->len, 1);
	assert_int_equal(p->len, 3);
	assert_ptr_equal(p->links[0].cert, end.cert);
	assert_ptr_equal(p->links[1].cert, mid.cert);
	assert_ptr_equal(p->links[2].cert, root.cert);
	assert_int_equal(p->links[1].source, SOURCE_PRESENTED);
	assert_int_equal(p->links[2].source, SOURCE_TRUST);
	assert_true(p->anchored && p->complete);
	assert_int_equal(p->errors_len, 0);
	assert_int_equal(set->signature_checks, 2);
	assert_false(set->paths_capped || set->checks_capped);
	assert_true(path_valid_at(p, MADE_NOW));
	assert_true(path_valid_at(p, p->not_after) && path_valid_at(p, p->not_before));
	assert_false(path_valid_at(p, p->not_after + 1) || path_valid_at(p, p->not_before - 1));
	assert_int_equal(paths_last_valid(set), p->not_after);
	paths_free(set);
	made_free(&end);
	made_free(&mid);
	made_free(&root);
}

/* The interval is what all of the path's certificates have in common. */
static void
interval_is_the_intersection(void **state)
{
	struct made root = made_ca("root", NULL);
	struct made mid = made_issue(&(struct pki_request){ .cn = "CA", .ca = true,
	    .not_before = MADE_NOW - 10, .not_after = MADE_NOW + 1000 }, &root);
	struct made end = made_issue(&(struct pki_request){ .cn = "leaf",
	    .not_before = MADE_NOW - 1000, .not_after = MADE_NOW + 10 }, &mid);
	struct path_set *set = made_find(&end, POOL(&mid), POOL(&root));

	(void)state;
	assert_int_equal(paths_best(set)->not_before, MADE_NOW - 10);
	assert_int_equal(paths_best(set)->not_after, MADE_NOW + 10);
	paths_free(set);
	made_free(&end);
	made_free(&mid);
	made_free(&root);
}

struct distrust_case {
	const char *name;
	bool send_ca, send_root, trust_root;
	bool self_signed_leaf;
	size_t len;
	bool complete;
	int depth;
	enum code code;
};

static const struct distrust_case distrust_cases[] = {
	{ "leaf alone, its CA not sent", false, false, true, false, 1, false, 0, CODE_CHAIN_MISSING_INTERMEDIATE },
	{ "complete, the root is sent and not trusted", true, true, false, false, 3, true, 2, CODE_CHAIN_UNTRUSTED_ROOT },
	{ "the root is not sent and not trusted", true, false, false, false, 2, false, 1, CODE_CHAIN_UNTRUSTED_ROOT },
	{ "the leaf signs itself", false, false, true, true, 1, true, 0, CODE_CHAIN_SELF_SIGNED },
};

static void
without_an_anchor(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof distrust_cases / sizeof distrust_cases[0]; i++) {
		const struct distrust_case *c = &distrust_cases[i];
		struct made root = made_ca("root", NULL), mid = made_ca("CA", &root);
		struct made end = made_leaf(c->self_signed_leaf ? NULL : &mid);
		const struct made *pool[2], *anchor = &root;
		size_t pool_len = 0;
		struct path_set *set;
		const struct path *p;

		if (c->send_ca)
			pool[pool_len++] = &mid;
		if (c->send_root)
			pool[pool_len++] = &root;
		set = made_find(&end, pool, pool_len, &anchor, c->trust_root ? 1 : 0);
		p = paths_best(set);
		if (set->len != 1 || p->len != c->len || p->complete != c->complete || p->anchored ||
		    p->errors_len != 1 || p->errors[0].depth != c->depth || p->errors[0].code != c->code)
			fail_msg("%s: %zu paths, %zu long, %zu errors, the first at %d: %s", c->name, set->len,
			    p->len, p->errors_len, p->errors[0].depth, p->errors[0].text);
		paths_free(set);
		made_free(&end);
		made_free(&mid);
		made_free(&root);
	}
}

/* Without an anchor OpenSSL says nothing of an intermediate's faults: measured. We do. */
static void
faults_show_without_an_anchor(void **state)
{
	struct made root = made_ca("root", NULL);
	struct made mid = made_issue(&(struct pki_request){ .cn = "CA", .ca = true, .has_path_len = true,
	    .path_len = 0, .eku = "clientAuth" }, &root);
	struct made low = made_ca("CA 2", &mid), end = made_leaf(&low);
	struct path_set *set = made_find(&end, POOL(&mid, &low), NOTHING);
	const struct path *p = paths_best(set);

	(void)state;
	assert_int_equal(p->len, 3);
	assert_false(p->anchored || p->complete);
	assert_int_equal(p->errors_len, 3);
	assert_true(made_has_error(p, CODE_CHAIN_PATH_LENGTH));
	assert_true(made_has_error(p, CODE_EKU_NO_SERVER_AUTH));
	assert_true(made_has_error(p, CODE_CHAIN_UNTRUSTED_ROOT));
	for (size_t i = 0; i < p->errors_len; i++) {
		assert_int_equal(p->errors[i].depth, 2);
		if (p->errors[i].code == CODE_CHAIN_PATH_LENGTH)
			assert_string_equal(p->errors[i].text, "“CA” allows no CA below it, and there is 1");
	}
	paths_free(set);
	made_free(&end);
	made_free(&low);
	made_free(&mid);
	made_free(&root);
}

/* An anchor that is not self-signed counts, or does not: as the question has it. */
static void
partial_chain(void **state)
{
	struct made root = made_ca("root", NULL), mid = made_ca("CA", &root), end = made_leaf(&mid);
	struct trust *trust = trust_from("test", &mid.cert, 1);
	struct path_question q = { .leaf = end.cert, .trust = trust, .purpose = PURPOSE_SERVER, .at = MADE_NOW };
	struct path_set *set;

	(void)state;
	q.partial_chain = true;
	set = paths_find(&q);
	assert_true(paths_any_valid_at(set, MADE_NOW));
	paths_free(set);
	q.partial_chain = false;
	set = paths_find(&q);
	assert_false(paths_any_valid_at(set, MADE_NOW));
	assert_int_equal(paths_best(set)->len, 2);
	assert_int_equal(paths_best(set)->errors[0].x509_error, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT);
	paths_free(set);
	trust_free(trust);
	made_free(&end);
	made_free(&mid);
	made_free(&root);
}

/* Which source closes the gap is what tells a missing intermediate. */
static void
sources_are_kept(void **state)
{
	struct made root = made_ca("root", NULL), mid = made_ca("CA", &root), end = made_leaf(&mid);
	struct trust *trust = trust_from("test", &root.cert, 1);
	struct path_link pool[] = {
		{ .cert = end.cert, .source = SOURCE_PRESENTED },
		{ .cert = mid.cert, .source = SOURCE_AIA },
		{ .cert = mid.cert, .source = SOURCE_FILE },
		{ .cert = root.cert, .source = SOURCE_PRESENTED },
	};
	struct path_set *set = paths_find(&(struct path_question){ .leaf = end.cert, .pool = pool,
	    .pool_len = 4, .trust = trust, .purpose = PURPOSE_SERVER, .at = MADE_NOW, .partial_chain = true });
	const struct path *p = paths_best(set);

	(void)state;
	assert_int_equal(set->len, 1);
	assert_int_equal(p->links[0].source, SOURCE_PRESENTED);
	assert_int_equal(p->links[1].source, SOURCE_AIA);
	assert_int_equal(p->links[2].source, SOURCE_TRUST);
	for (enum path_source s = SOURCE_PRESENTED; s <= SOURCE_FILE; s++)
		assert_non_null(path_source_name(s));
	paths_free(set);
	trust_free(trust);
	made_free(&end);
	made_free(&mid);
	made_free(&root);
}

/* ---- several paths ---- */

/* x509-limbo, pathological: a cross-sign that has expired must not hide the root that has not. */
static void
chain_of_pain(void **state)
{
	struct made old = made_ca("old root", NULL), root = made_ca("root", NULL), mid = made_ca("CA", &root), end = made_leaf(&mid);
	struct made cross = made_issue(&(struct pki_request){ .cn = "root", .ca = true, .key = root.pki.key,
	    .not_before = MADE_NOW - 100, .not_after = MADE_NOW - 1 }, &old);
	struct path_set *set = made_find(&end, POOL(&mid, &cross), POOL(&old, &root));

	(void)state;
	assert_int_equal(set->len, 2);
	assert_true(path_valid_at(&set->paths[0], MADE_NOW));
	assert_int_equal(set->paths[0].len, 3);
	assert_int_equal(set->paths[1].len, 4);
	assert_int_equal(set->paths[1].errors_len, 0);
	assert_int_equal(set->paths[1].not_after, MADE_NOW - 1);
	paths_free(set);
	/* At a moment when both held, the one that lives longer goes first; the shorter among equals. */
	set = made_paths(&end, POOL(&mid, &cross), POOL(&old, &root), PURPOSE_SERVER, MADE_NOW - 50);
	assert_int_equal(set->paths[0].len, 3);
	assert_true(path_valid_at(&set->paths[1], MADE_NOW - 50));
	paths_free(set);
	made_free(&cross);
	made_free(&end);
	made_free(&mid);
	made_free(&root);
	made_free(&old);
}

/* Expired, but without an error, is nearer to the truth than a path with one. */
static void
expired_before_untrusted(void **state)
{
	struct made root = made_ca("root", NULL), other = made_ca("other root", NULL);
	struct made mid = made_issue(&(struct pki_request){ .cn = "CA", .ca = true,
	    .not_before = MADE_NOW - 100, .not_after = MADE_NOW - 1 }, &root);
	struct made cross = made_ca_again("CA", &mid, &other), end = made_leaf(&mid);
	struct path_set *set = made_find(&end, POOL(&cross, &mid, &other), POOL(&root));

	(void)state;
	assert_int_equal(set->len, 2);
	assert_true(set->paths[0].anchored);
	assert_int_equal(set->paths[0].errors_len, 0);
	assert_false(set->paths[1].anchored);
	assert_false(paths_any_valid_at(set, MADE_NOW));
	assert_int_equal(paths_last_valid(set), MADE_NOW - 1);
	paths_free(set);
	made_free(&end);
	made_free(&cross);
	made_free(&mid);
	made_free(&other);
	made_free(&root);
}

/* Two CAs of one name with different keys: the signature tells which, whatever stands first. */
static void
rekeyed_ca_of_the_same_name(void **state)
{
	struct made root = made_ca("root", NULL), wrong = made_ca("CA", &root), right = made_ca("CA", &root);

	(void)state;
	for (int with_aki = 0; with_aki < 2; with_aki++) {
		struct made end = made_issue(&(struct pki_request){ .cn = "leaf", .eku = "serverAuth",
		    .no_aki = !with_aki }, &right);
		struct path_set *set = made_find(&end, POOL(&wrong, &right), POOL(&root));

		assert_int_equal(set->len, 1);
		assert_ptr_equal(set->paths[0].links[1].cert, right.cert);
		assert_true(path_valid_at(&set->paths[0], MADE_NOW));
		paths_free(set);

		/* Only the wrong one at hand: the link does not hold, and that is said. */
		set = made_find(&end, POOL(&wrong), POOL(&root));
		assert_int_equal(set->len, 1);
		assert_int_equal(set->paths[0].len, 3);
		assert_true(made_has_error(&set->paths[0], CODE_CHAIN_BAD_SIGNATURE));
		assert_int_equal(set->paths[0].errors[0].depth, 0);
		assert_string_equal(set->paths[0].errors[0].text,
		    "the signature of “leaf” does not verify with the key of “CA”");
		paths_free(set);
		made_free(&end);
	}
	made_free(&right);
	made_free(&wrong);
	made_free(&root);
}

/* x509-limbo: of two certificates of one CA, the one under constraints fails and the other leads home. */
static void
constraints_on_one_of_two_paths(void **state)
{
	struct made root_a = made_ca("root A", NULL), root_b = made_ca("root B", NULL);
	struct made above = made_issue(&(struct pki_request){ .cn = "CA A", .ca = true,
	    .key_usage = "critical,keyCertSign", .name_constraints = "critical,excluded;DNS:forbidden.example.com" }, &root_a);
	struct made low_a = made_issue(&(struct pki_request){ .cn = "CA", .ca = true,
	    .key_usage = "critical,keyCertSign", .san = SANS("DNS:forbidden.example.com") }, &above);
	struct made low_b = made_issue(&(struct pki_request){ .cn = "CA", .ca = true, .key = low_a.pki.key,
	    .key_usage = "critical,keyCertSign", .san = SANS("DNS:free.example.com") }, &root_b);
	struct made end = made_leaf(&low_a);
	struct path_set *set = made_find(&end, POOL(&above, &low_a, &low_b), POOL(&root_a, &root_b));

	(void)state;
	assert_int_equal(set->len, 2);
	assert_true(path_valid_at(&set->paths[0], MADE_NOW));
	assert_ptr_equal(set->paths[0].links[1].cert, low_b.cert);
	assert_true(made_has_error(&set->paths[1], CODE_CHAIN_NAME_CONSTRAINT));
	assert_int_equal(set->paths[1].errors[0].depth, 1);
	assert_string_equal(set->paths[1].errors[0].text,
	    "“CA” has the name “DNS:forbidden.example.com”, which “CA A” above it excludes");
	paths_free(set);
	made_free(&end);
	made_free(&low_b);
	made_free(&low_a);
	made_free(&above);
	made_free(&root_b);
	made_free(&root_a);
}

/* x509-limbo, pathological: two CAs that certify each other, and no way to a root. */
static void
cycles_end(void **state)
{
	(void)state;
	for (int same_name = 0; same_name < 2; same_name++) {
		const char *second = same_name ? "CA 1" : "CA 2";
		struct made root = made_ca("root", NULL), seed = made_ca(second, NULL), one = made_ca("CA 1", &seed);
		struct made two = made_ca_again(second, &seed, &one), end = made_leaf(&one);
		struct path_set *set = made_find(&end, POOL(&one, &two), POOL(&root));

		assert_int_equal(set->len, 1);
		assert_int_equal(set->paths[0].len, 3);
		assert_false(set->paths[0].complete);
		assert_true(set->signature_checks <= 6);
		paths_free(set);
		made_free(&end);
		made_free(&two);
		made_free(&one);
		made_free(&seed);
		made_free(&root);
	}
}

/* CVE-2024-0567: A, B and C certify each other, and A is also a trusted root. */
static void
cross_signed_roots(void **state)
{
	struct made a = made_ca("A", NULL), b = made_ca("B", NULL), c = made_ca("C", NULL), mid = made_ca("A 1", &a), end = made_leaf(&mid);
	struct made a_b = made_ca_again("A", &a, &b), a_c = made_ca_again("A", &a, &c), b_a = made_ca_again("B", &b, &a);
	struct made b_c = made_ca_again("B", &b, &c), c_a = made_ca_again("C", &c, &a), c_b = made_ca_again("C", &c, &b);
	struct path_set *set = made_find(&end, POOL(&a_b, &a_c, &b_a, &b_c, &c_a, &c_b, &mid), POOL(&a));
	struct made *all[] = { &end, &mid, &a_b, &a_c, &b_a, &b_c, &c_a, &c_b, &a, &b, &c };

	(void)state;
	/* A key that the path has already leads nowhere new: the only path is the straight one. */
	assert_int_equal(set->len, 1);
	assert_int_equal(set->paths[0].len, 3);
	assert_true(path_valid_at(&set->paths[0], MADE_NOW));
	paths_free(set);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		made_free(all[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_a_code),
		cmocka_unit_test(every_known_error_has_words),
		cmocka_unit_test(no_leaf_no_path),
		cmocka_unit_test(one_sound_path),
		cmocka_unit_test(interval_is_the_intersection),
		cmocka_unit_test(without_an_anchor),
		cmocka_unit_test(faults_show_without_an_anchor),
		cmocka_unit_test(partial_chain),
		cmocka_unit_test(sources_are_kept),
		cmocka_unit_test(chain_of_pain),
		cmocka_unit_test(expired_before_untrusted),
		cmocka_unit_test(rekeyed_ca_of_the_same_name),
		cmocka_unit_test(constraints_on_one_of_two_paths),
		cmocka_unit_test(cycles_end),
		cmocka_unit_test(cross_signed_roots),
	};

	openssl_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
