/* What the sources of revocation come to at a clock. Pure: the evidence alone decides. */
#ifndef MODEL_REVOCATION_H
#define MODEL_REVOCATION_H

#include "model/evidence.h"

/* Does it say something that holds at `at`: not past its end, not before its beginning? One that says "revoked" holds for good. */
bool revocation_holds(const struct revocation *r, int64_t at);

struct revocation_answer {
	enum revocation_status status;
	const struct revocation *from; /* the source that says so; NULL: nobody was asked */
};
/* Of all sources about one certificate: revoked before good before unknown. */
struct revocation_answer revocation_of(const struct evidence *e, const struct cert *c, int64_t at);
/*
 * A revocation list for our own chain that cannot be had from here, or that has expired: then it may be so at the
 * server, too. NULL: there is none such.
 */
const struct revocation *revocation_list_in_doubt(const struct evidence *e, int64_t at);
/* "the revocation list http://…", "the OCSP responder http://…", "the OCSP response that the server staples": into the arena. */
const char *revocation_source(const struct revocation *r, struct arena *a);
/* Why it does not tell, as a clause: its own, or "it ended at …". Into the arena. */
const char *revocation_why(const struct revocation *r, int64_t at, struct arena *a);

#endif
