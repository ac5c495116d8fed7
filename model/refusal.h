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

enum refusal_kind { REFUSAL_NONE, REFUSAL_ALERT, REFUSAL_HTTP, REFUSAL_CLOSE, REFUSAL_APP /* in the words of its own protocol */ };

struct refusal {
	enum refusal_kind kind;
	const struct handshake *in;
	uint8_t alert;          /* REFUSAL_ALERT */
	int http_status;        /* REFUSAL_HTTP */
	const char *marker;     /* "No required SSL certificate was sent" and its kin, or NULL */
	enum end_how how;       /* REFUSAL_CLOSE */
	enum phase phase;
};

/* How the server refused the baseline; REFUSAL_NONE where it did not. */
struct refusal refusal_of(const struct evidence *e);
/* The same for any handshake. */
struct refusal refusal_in(const struct handshake *h);
/* The same answer as far as a server means it: FIN, reset and close_notify change with the weather. Two that are none are alike. */
bool refusal_alike(const struct refusal *a, const struct refusal *b);
/* The one known stack that refuses all that was refused here (the baseline, no certificate, a throwaway) as it was; else STACK_UNKNOWN. */
enum stack refusal_only_stack(const struct evidence *e);
/* Would that stack have refused no certificate and a throwaway as they were refused here? True where nobody tried. */
bool refusal_agrees(const struct evidence *e, enum stack s);
/* Does it say that no certificate came at all (116, nginx's "No required …"; 40 in TLS 1.2 may)? */
bool refusal_says_none_sent(const struct refusal *r);

enum fit { RULED_OUT, POSSIBLE, FITS };
/*
 * Where the server is recognised, its rows decide; else every stack that could have refused like this
 * is weighed: FITS only where none of them rules the cause out. What was sent counts too: a
 * certificate that never went out is no cause, and one that did is not missing.
 */
enum fit refusal_fits(const struct evidence *e, enum code cause);
/* It fits, and no other cause does, on a stack that is recognised for sure. */
bool refusal_only_fits(const struct evidence *e, enum code cause);
/* Why the cause is ruled out: one clause, for evidence lines. */
const char *refusal_rules_out(const struct evidence *e, enum code cause, struct arena *a);
/* The same for a given stack: the table itself, for tests and for weighing several stacks. */
enum fit refusal_fits_stack(const struct refusal *r, enum stack s, enum code cause);

/* "alert 48 unknown_ca, 1.9 ms after our Finished": for evidence lines. */
const char *refusal_describe(const struct refusal *r, struct arena *a);
/* "alert 48 unknown_ca", without what differs from one handshake to the next: for causes that many share. */
const char *refusal_label(const struct refusal *r, struct arena *a);
/* "alert-48", "http-400", "close": for cause keys. */
const char *refusal_key(const struct refusal *r, struct arena *a);

#endif
