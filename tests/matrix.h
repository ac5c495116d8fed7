/*
 * What servers were measured to answer to 25 kinds of client certificate (tests/data/alert_matrix.txt:
 * 915 handshakes), row by row.
 */
#ifndef TESTS_MATRIX_H
#define TESTS_MATRIX_H

#include "tests/evidence_builder.h"

enum { MATRIX_ROWS = 915, MATRIX_PRODUCTS = 10 };

/* The ten servers. The rules were fit on five of them; the others are the test (tests/test_held_out.c). */
struct matrix_product {
	const char *server; /* the start of its name in the rows */
	enum stack stack;
	bool fit;
};
extern const struct matrix_product matrix_products[MATRIX_PRODUCTS];

struct matrix_row {
	char order;          /* 'r': the client read before it wrote its request; 'w': it wrote first */
	char server[64], fault[32], answer[32];
	uint16_t version;
	const struct matrix_product *product;
	enum stack stack;    /* the product's */
	enum code cause;     /* what the fault is called here; CODE_NONE: there is none */
	struct built built;  /* the handshake */
};

/* Calls check for each row that is a refusal. Fails the test where a row is lost. */
void matrix_each(void (*check)(const struct matrix_row *, void *), void *user);
/* The same for every row, refusal or not. */
void matrix_all(void (*look)(const struct matrix_row *, void *), void *user);
bool matrix_refused(const struct matrix_row *r);
/*
 * What the same server answered in the same version to that client certificate ("none", "selfsigned",
 * "good"), in the same order where that was measured; false where nobody tried.
 */
bool matrix_same(const struct matrix_row *as, const char *fault, struct matrix_row *out);

#endif
