/* The search for paths ends, whatever it is given; and what it could not look at, it says. */
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
#include "model/limits.h"
#include "model/memory.h"
#include "tests/made.h"

#define MESH 12

/* Every CA certifies every other one: walks without number. */
static void
mesh_of_cross_signs(void **state)
{
	struct made selves[MESH], issued[MESH * MESH] = { 0 }, root = made_ca("root", NULL), entry, end;
	const struct made *pool[MESH * MESH + 1], *anchor = &root;
	char names[MESH][8];
	size_t pool_len = 0;
	struct path_set *set;
	size_t checks;

	(void)state;
	for (size_t i = 0; i < MESH; i++) {
		snprintf(names[i], sizeof names[i], "CA %zu", i);
		selves[i] = made_ca(names[i], NULL);
	}
	for (size_t i = 0; i < MESH; i++)
		for (size_t k = 0; k < MESH; k++)
			if (i != k) {
				issued[i * MESH + k] = made_ca_again(names[k], &selves[k], &selves[i]);
				pool[pool_len++] = &issued[i * MESH + k];
			}
	end = made_leaf(&selves[0]);

	/* No way out: as many paths as the limit, and it says that there are more. */
	set = made_find(&end, pool, pool_len, &anchor, 1);
	assert_int_equal(set->len, LIMIT_PATHS);
	assert_true(set->paths_capped);
	assert_true(set->signature_checks <= LIMIT_SIGNATURE_CHECKS);
	assert_false(paths_any_valid_at(set, MADE_NOW));
	checks = set->signature_checks;
	paths_free(set);
	/* The same evidence meets the same bounds, whatever the cache has learnt since. */
	set = made_find(&end, pool, pool_len, &anchor, 1);
	assert_int_equal(set->signature_checks, checks);
	paths_free(set);

	/* One way out, at the far end: it is found, and it goes first. */
	entry = made_ca_again(names[MESH - 1], &selves[MESH - 1], &root);
	pool[pool_len++] = &entry;
	set = made_find(&end, pool, pool_len, &anchor, 1);
	assert_true(path_valid_at(paths_best(set), MADE_NOW));
	assert_int_equal(paths_best(set)->len, 4);
	assert_true(set->len <= LIMIT_PATHS && set->paths_capped);
	paths_free(set);

	made_free(&entry);
	made_free(&end);
	made_free(&root);
	for (size_t i = 0; i < MESH; i++)
		made_free(&selves[i]);
	for (size_t i = 0; i < MESH * MESH; i++)
		if (issued[i].cert != NULL)
			made_free(&issued[i]);
}

#define TWINS 60

/* CAs of one name and as many keys, none of which signed the next: all signatures must be tried. */
static void
signature_checks_are_bounded(void **state)
{
	struct made twins[TWINS], end;
	const struct made *pool[TWINS];
	struct path_set *set;

	(void)state;
	for (size_t i = 0; i < TWINS; i++) {
		twins[i] = made_issue(&(struct pki_request){ .cn = "CA", .ca = true, .no_aki = true, .no_ski = true },
		    i == 0 ? NULL : &twins[i - 1]);
		pool[i] = &twins[i];
	}
	end = made_leaf(&twins[TWINS - 1]);
	set = made_find(&end, pool, TWINS, NULL, 0);
	assert_true(set->checks_capped);
	assert_int_equal(set->signature_checks, LIMIT_SIGNATURE_CHECKS);
	assert_true(set->len >= 1 && set->len <= LIMIT_PATHS);
	assert_false(paths_any_valid_at(set, MADE_NOW));
	paths_free(set);
	made_free(&end);
	for (size_t i = 0; i < TWINS; i++)
		made_free(&twins[i]);
}

#define LONG (LIMIT_PATH_DEPTH + 8)

static void
endless_chain(void **state)
{
	struct made chain[LONG];
	const struct made *pool[LONG], *anchor = &chain[0];
	struct path_set *set;
	const struct path *p;
	char name[16];

	(void)state;
	for (size_t i = 0; i < LONG; i++) {
		snprintf(name, sizeof name, "CA %zu", i);
		chain[i] = i + 1 < LONG ? made_ca(name, i == 0 ? NULL : &chain[i - 1]) : made_leaf(&chain[i - 1]);
		pool[i] = &chain[i];
	}
	set = made_find(&chain[LONG - 1], pool, LONG, &anchor, 1);
	p = paths_best(set);
	assert_int_equal(p->len, LIMIT_PATH_DEPTH);
	assert_false(p->anchored);
	assert_int_equal(p->errors_len, 1);
	assert_int_equal(p->errors[0].x509_error, X509_V_ERR_CERT_CHAIN_TOO_LONG);
	assert_int_equal(p->errors[0].code, CODE_CHAIN_INVALID);
	paths_free(set);
	/* One that just fits. */
	anchor = &chain[8];
	set = made_find(&chain[LONG - 1], pool, LONG, &anchor, 1);
	assert_true(path_valid_at(paths_best(set), MADE_NOW));
	assert_int_equal(paths_best(set)->len, LIMIT_PATH_DEPTH);
	paths_free(set);
	for (size_t i = 0; i < LONG; i++)
		made_free(&chain[i]);
}

#define MANY 10000

/* As OpenSSL's own many-names case: names × constraints is refused for its size, not worked through. */
static void
many_names_under_many_constraints(void **state)
{
	struct pki_raw_san *sans = mem_zero(MANY + 1, sizeof *sans);
	char (*names)[16] = mem_zero(MANY, sizeof *names);
	NAME_CONSTRAINTS *limits = NAME_CONSTRAINTS_new();
	unsigned char *der = NULL;
	struct pki_extension extra[2] = { { .oid = "2.5.29.30", .critical = true }, { 0 } };
	struct made root, end;
	const struct made *anchor = &root;
	struct path_set *set;
	int len;

	(void)state;
	limits->excludedSubtrees = sk_GENERAL_SUBTREE_new_null();
	for (size_t i = 0; i < MANY; i++) {
		GENERAL_SUBTREE *t = GENERAL_SUBTREE_new();

		snprintf(names[i], sizeof names[i], "t%zu.test", i);
		sans[i] = (struct pki_raw_san){ .type = GEN_DNS, .bytes = names[i], .len = strlen(names[i]) };
		t->base->type = GEN_DNS;
		t->base->d.ia5 = ASN1_IA5STRING_new();
		names[i][0] = 'x';
		ASN1_STRING_set(t->base->d.ia5, names[i], -1);
		names[i][0] = 't';
		sk_GENERAL_SUBTREE_push(limits->excludedSubtrees, t);
	}
	sans[MANY].type = -1;
	len = ASN1_item_i2d((ASN1_VALUE *)limits, &der, ASN1_ITEM_rptr(NAME_CONSTRAINTS));
	assert_true(len > 0);
	extra[0].der = der;
	extra[0].len = (size_t)len;
	root = made_issue(&(struct pki_request){ .cn = "root", .ca = true, .extra = extra }, NULL);
	end = made_issue(&(struct pki_request){ .cn = "leaf", .raw_san = sans, .eku = "serverAuth" }, &root);
	set = made_find(&end, NULL, 0, &anchor, 1);
	assert_int_equal(set->len, 1);
	assert_false(paths_any_valid_at(set, MADE_NOW));
	assert_true(made_has_error(paths_best(set), CODE_CHAIN_INVALID));
	paths_free(set);
	made_free(&end);
	made_free(&root);
	OPENSSL_free(der);
	NAME_CONSTRAINTS_free(limits);
	free(names);
	free(sans);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mesh_of_cross_signs),
		cmocka_unit_test(signature_checks_are_bounded),
		cmocka_unit_test(endless_chain),
		cmocka_unit_test(many_names_under_many_constraints),
	};

	openssl_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
