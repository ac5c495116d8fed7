/*
 * What servers were measured to answer to 25 kinds of client certificate (tests/data/alert_matrix.txt:
 * 915 handshakes), row by row.
 */
#ifndef TESTS_MATRIX_H
#define TESTS_MATRIX_H

#include "tests/evidence_builder.h"

struct matrix_row {
	unsigned times;
	char server[64], fault[32], answer[32];
	uint16_t version;
	enum stack stack;
	enum code cause;     /* what the fault is called here; CODE_NONE: there is none */
	struct built built;  /* the handshake */
};

/* Calls check for each row that is a refusal. Fails the test where a row is lost. */
void matrix_each(void (*check)(const struct matrix_row *, void *), void *user);
/* The row of the same server and version with that client certificate ("none", "selfsigned", "good"), refusal or not: false where there is none. */
bool matrix_same(const struct matrix_row *as, const char *fault, struct matrix_row *out);

#endif
