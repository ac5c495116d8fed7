/*
 * The 81 situations of BetterTLS' path building suite (Netflix, Apache-2.0), made anew: who certifies
 * whom, which of the certificates are bad and in which way, and whether a valid path is left. What is
 * expected stands in the table, as the suite has it; nothing here computes it.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "tests/made.h"

#define NODES_MAX 32
#define ARROWS_MAX 48
#define SITUATIONS 81

/* One certificate: `from` signs for `to`. */
struct arrow {
	const char *from, *to;
};

struct web {
	const char *name;
	const struct arrow *arrows;
};

static const struct web line = { "line", (const struct arrow[]){
	{ "CA", "leaf" }, { "root", "CA" }, { 0 } } };

static const struct web two_roots = { "two roots", (const struct arrow[]){
	{ "CA", "leaf" }, { "root 1", "CA" }, { "root 2", "CA" }, { 0 } } };

/* RFC 4158 figure 7: two CAs under one root certify each other, and both certify B. */
static const struct web mesh = { "mesh", (const struct arrow[]){
	{ "B", "leaf" }, { "C", "B" }, { "A", "B" }, { "C", "A" }, { "A", "C" }, { "root", "C" },
	{ "root", "A" }, { 0 } } };

/* RFC 4158 figure 8: four hierarchies around a bridge; the suite leaves T out. */
static const struct web bridge = { "bridge", (const struct arrow[]){
	{ "F", "H" }, { "F", "G" }, { "G", "F" }, { "H", "I" }, { "I", "H" }, { "G", "I" },
	{ "W", "F" }, { "W", "G" },
	{ "J", "K" }, { "N", "leaf" }, { "L", "N" }, { "L", "M" }, { "X", "J" }, { "X", "L" },
	{ "B", "E" }, { "B", "D" }, { "A", "B" }, { "C", "B" }, { "A", "C" }, { "C", "A" },
	{ "Y", "A" }, { "Y", "C" },
	{ "R", "S" }, { "O", "R" }, { "O", "Q" }, { "P", "S" }, { "Z", "O" }, { "Z", "P" },
	{ "W", "bridge" }, { "bridge", "W" }, { "X", "bridge" }, { "bridge", "X" },
	{ "Y", "bridge" }, { "bridge", "Y" }, { "Z", "bridge" }, { "bridge", "Z" },
	{ 0 } } };

enum fault { SOUND, EXPIRED, CONSTRAINED, BAD_EKU, NO_BASIC_CONSTRAINTS, NOT_A_CA, DEPRECATED_CRYPTO, FAULTS };

static const struct {
	const char *name;
	enum code code; /* that says it, where there is but one path */
} faults[FAULTS] = {
	[SOUND] = { "sound", CODE_NONE },
	[EXPIRED] = { "expired", CODE_NONE }, /* a date, not an error of the path */
	[CONSTRAINED] = { "name constraints", CODE_CHAIN_NAME_CONSTRAINT },
	[BAD_EKU] = { "bad EKU", CODE_EKU_NO_SERVER_AUTH },
	[NO_BASIC_CONSTRAINTS] = { "no basic constraints", CODE_CHAIN_NOT_A_CA },
	[NOT_A_CA] = { "not a CA", CODE_CHAIN_NOT_A_CA },
	[DEPRECATED_CRYPTO] = { "deprecated crypto", CODE_CERT_WEAK_SIGNATURE },
};

struct situation {
	const struct web *web;
	const char *root; /* the one node that is trusted, by a self-signed certificate */
	const char *leaf;
	struct arrow bad[2];
	bool valid;
};

/* With bad certificates: six situations each, one for every way to be bad. */
static const struct situation situations[] = {
	/* The suite asks these first, to learn what a verifier can do at all. */
	{ &line, "root", "leaf", { { 0 } }, true },
	{ &two_roots, "root 1", "leaf", { { 0 } }, true },
	{ &two_roots, "root 2", "leaf", { { 0 } }, true },
	{ &line, "root", "leaf", { { "root", "CA" } }, false },
	/* Then the suite proper. */
	{ &line, "root", "leaf", { { 0 } }, true },
	{ &line, "root", "leaf", { { "root", "CA" } }, false },
	/* The CA itself is trusted: that its certificate from above is bad matters to nobody. */
	{ &line, "CA", "leaf", { { "root", "CA" } }, true },
	{ &two_roots, "root 1", "leaf", { { 0 } }, true },
	{ &two_roots, "root 2", "leaf", { { 0 } }, true },
	{ &two_roots, "root 1", "leaf", { { "root 2", "CA" } }, true },
	{ &two_roots, "root 2", "leaf", { { "root 1", "CA" } }, true },
	{ &two_roots, "root 1", "leaf", { { "root 1", "CA" } }, false },
	{ &two_roots, "root 2", "leaf", { { "root 2", "CA" } }, false },
	{ &mesh, "root", "leaf", { { 0 } }, true },
	/* The way around: root, A, C, B, leaf; and root, C, A, B, leaf. */
	{ &mesh, "root", "leaf", { { "A", "B" }, { "root", "C" } }, true },
	{ &mesh, "root", "leaf", { { "C", "B" }, { "root", "A" } }, true },
	{ &bridge, "Z", "D", { { 0 } }, true },
	{ &bridge, "Z", "leaf", { { 0 } }, true },
	{ &bridge, "Z", "leaf", { { "X", "bridge" } }, true },
	{ &bridge, "Z", "leaf", { { "bridge", "X" } }, false },
	{ &bridge, "Z", "leaf", { { "Z", "bridge" } }, false },
};

struct node {
	const char *name;
	struct made self_signed;
};

struct field {
	struct node nodes[NODES_MAX];
	size_t nodes_len;
	struct made issued[ARROWS_MAX];
	size_t issued_len;
	const struct made *leaf;
};

static struct node *
node_named(struct field *f, const char *name)
{
	struct node *n;

	for (size_t i = 0; i < f->nodes_len; i++)
		if (strcmp(f->nodes[i].name, name) == 0)
			return &f->nodes[i];
	assert_true(f->nodes_len < NODES_MAX);
	n = &f->nodes[f->nodes_len++];
	n->name = name;
	n->self_signed = made_issue(&(struct pki_request){ .cn = name, .org = "web", .ca = true,
	    .key_usage = "critical,keyCertSign" }, NULL);
	return n;
}

static void
spoil(struct pki_request *r, enum fault fault)
{
	/* 2.5.29.19 with an empty SEQUENCE: basic constraints that say CA:FALSE. */
	static const unsigned char no_ca[] = { 0x30, 0x00 };
	static const struct pki_extension says_no_ca[] = { { "2.5.29.19", true, no_ca, sizeof no_ca }, { 0 } };

	switch (fault) {
	case EXPIRED:
		r->not_before = MADE_NOW - MADE_DAY;
		r->not_after = MADE_NOW - 3600;
		break;
	case CONSTRAINED:
		r->name_constraints = "critical,permitted;DNS:bad.example.com";
		break;
	case BAD_EKU:
		r->eku = "emailProtection";
		break;
	case NO_BASIC_CONSTRAINTS:
		r->no_basic_constraints = true;
		break;
	case NOT_A_CA:
		r->ca = false;
		r->extra = says_no_ca;
		break;
	case DEPRECATED_CRYPTO:
		r->digest = "SHA1";
		break;
	case SOUND:
	case FAULTS:
		break;
	}
}

static bool
is_bad(const struct situation *s, const struct arrow *a)
{
	for (size_t i = 0; i < 2 && s->bad[i].from != NULL; i++)
		if (strcmp(s->bad[i].from, a->from) == 0 && strcmp(s->bad[i].to, a->to) == 0)
			return true;
	return false;
}

static void
field_make(struct field *f, const struct situation *s, enum fault fault)
{
	memset(f, 0, sizeof *f);
	for (const struct arrow *a = s->web->arrows; a->from != NULL; a++) {
		struct node *from = node_named(f, a->from), *to = node_named(f, a->to);
		bool leaf = strcmp(a->to, s->leaf) == 0;
		struct pki_request r = {
			.cn = a->to,
			.org = "web",
			.key = to->self_signed.pki.key,
			.ca = !leaf,
			.key_usage = leaf ? "critical,digitalSignature" : "critical,keyCertSign",
			.eku = leaf ? "serverAuth" : NULL,
			.san = leaf ? (const char *const[]){ "DNS:localhost", NULL } : NULL,
		};

		if (is_bad(s, a))
			spoil(&r, fault);
		assert_true(f->issued_len < ARROWS_MAX);
		f->issued[f->issued_len] = made_issue(&r, &from->self_signed);
		if (leaf)
			f->leaf = &f->issued[f->issued_len];
		f->issued_len++;
	}
}

static void
field_free(struct field *f)
{
	for (size_t i = 0; i < f->nodes_len; i++)
		made_free(&f->nodes[i].self_signed);
	for (size_t i = 0; i < f->issued_len; i++)
		made_free(&f->issued[i]);
}

static bool
as_expected(const struct situation *s, enum fault fault)
{
	struct field f;
	const struct made *pool[ARROWS_MAX], *anchor;
	size_t pool_len = 0;
	struct path_set *set;
	const struct path *best;
	bool ok;

	field_make(&f, s, fault);
	for (size_t i = 0; i < f.issued_len; i++)
		if (&f.issued[i] != f.leaf)
			pool[pool_len++] = &f.issued[i];
	anchor = &node_named(&f, s->root)->self_signed;
	set = made_paths(f.leaf, pool, pool_len, &anchor, 1, PURPOSE_SERVER, MADE_NOW);
	best = paths_best(set);

	ok = path_valid_at(best, MADE_NOW) == s->valid && paths_any_valid_at(set, MADE_NOW) == s->valid;
	/* The one path there is says what is wrong with it, and nothing else. */
	if (s->web == &line && !s->valid)
		ok = ok && (faults[fault].code == CODE_NONE ? best->errors_len == 0 && best->not_after < MADE_NOW :
		    best->errors_len == 1 && best->errors[0].code == faults[fault].code &&
		    best->anchored);
	if (!ok) {
		printf("  not as expected: %s, trusted is %s, %s: %zu paths\n", s->web->name, s->root,
		    faults[fault].name, set->len);
		for (size_t i = 0; i < best->errors_len; i++)
			printf("    %d %s: %s\n", best->errors[i].depth,
			    best->errors[i].code == CODE_NONE ? "none" : code_info(best->errors[i].code)->name,
			    best->errors[i].text);
	}
	paths_free(set);
	field_free(&f);
	return ok;
}

static void
bettertls_path_building(void **state)
{
	size_t right = 0, all = 0;

	(void)state;
	for (size_t i = 0; i < sizeof situations / sizeof situations[0]; i++) {
		const struct situation *s = &situations[i];
		bool sound = s->bad[0].from == NULL;

		for (int fault = sound ? SOUND : EXPIRED; fault < (sound ? EXPIRED : FAULTS); fault++) {
			all++;
			right += as_expected(s, (enum fault)fault);
		}
	}
	printf("BetterTLS path building: %zu of %zu\n", right, all);
	assert_int_equal(all, SITUATIONS);
	assert_int_equal(right, SITUATIONS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bettertls_path_building),
	};

	openssl_start();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
