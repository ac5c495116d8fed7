/*
 * Which TLS stack refuses like this? What it answers to no certificate, to one of a CA that it does not
 * know, to a wrong signature and to a certificate that does not parse (knowledge: "diagnosis", 5.4).
 */
#ifndef MODEL_CALIBRATION_H
#define MODEL_CALIBRATION_H

#include "model/stack.h"

enum { CALIBRATION_STACKS = 4 };

struct calibration {
	size_t answers;      /* of the vector, how many were seen: 0 to 4 */
	size_t len;          /* stacks that answer exactly so */
	enum stack stacks[CALIBRATION_STACKS]; /* measured ones first */
	const char *seen;    /* "none 40, throwaway 48, wrong key 51, junk 50"; NULL without an arena */
};
/* Needs three answers at least, else len is 0: two say too little. The arena may be NULL. */
struct calibration calibrate(const struct evidence *e, struct arena *a);

/* Was the row measured on the wire, or read in the stack's source? */
bool calibration_measured(enum stack s);

#endif
