/*
 * What another target proved of a cause that several share (DESIGN section 6): the experiments that were
 * made there, to be read beside a baseline that was refused in the same way with the same certificate.
 * Immutable; shared between evidence and threads.
 */
#ifndef MODEL_MATCHED_H
#define MODEL_MATCHED_H

#include <stddef.h>

struct diagnosis;
struct handshake;

struct matched {
	const char *with;              /* the target that was asked, as it is called; printable */
	struct handshake **handshakes; /* its experiments; each id says whose it is: "h3 of ledger:8443" */
	size_t len;
};

/* All experiments of a finished examination that got an answer; NULL: there is none. The diagnosis may go after this. */
struct matched *matched_from(const struct diagnosis *d);
/* The same, of a case: takes the handshakes over, and copies the rest. */
struct matched *matched_kept(const char *with, struct handshake *const *handshakes, size_t len);
struct matched *matched_ref(const struct matched *m);
void matched_free(const struct matched *m); /* gives a reference back; NULL is legal */

#endif
