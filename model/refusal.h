/*
 * Does a refusal fit a cause? One table: stack × (alert, HTTP status, way of ending) × cause, from
 * the measured matrix (knowledge: "diagnosis", 3.1 to 3.3). It decides whether a local fault may be
 * called the cause. RULED_OUT explains nothing; POSSIBLE is at most medium.
 */
#ifndef MODEL_REFUSAL_H
#define MODEL_REFUSAL_H

#include "model/codes.h"
#include "model/evidence.h"
#include "model/stack.h"

enum refusal_kind { REFUSAL_NONE, REFUSAL_ALERT, REFUSAL_HTTP, REFUSAL_CLOSE };

struct refusal {
	enum refusal_kind kind;
	const struct handshake *in;
	uint8_t alert;          /* REFUSAL_ALERT */
	int http_status;        /* REFUSAL_HTTP */
	const char *marker;     /* "No required SSL certificate was sent" and its kin, or NULL */
	enum end_how how;       /* REFUSAL_CLOSE */
	enum phase phase;
};

/* How the baseline was refused. */
struct refusal refusal_of(const struct evidence *e);

enum fit { RULED_OUT, POSSIBLE, FITS };
enum fit refusal_fits(const struct evidence *e, enum code cause);
/* The same for a given stack: the table itself, for tests and for weighing several stacks. */
enum fit refusal_fits_stack(const struct refusal *r, enum stack s, enum code cause);

/* "alert 48 unknown_ca, 1.9 ms after our Finished": for evidence lines. */
const char *refusal_describe(const struct refusal *r, struct arena *a);

#endif
