/*
 * One proof for each cause: of many targets that are refused in the same way, one is asked what proves
 * why, and the others wait for it (DESIGN section 6). Shared by all loops of an examiner; thread-safe.
 */
#ifndef PROBES_PROOFS_H
#define PROBES_PROOFS_H

#include <stdint.h>

#include "model/matched.h"

struct proofs;
struct proofs *proofs_new(void);
void proofs_free(struct proofs *p); /* NULL is legal */
/* Forgets what was proved: what is checked again is proved again. Nobody may be proving or waiting. */
void proofs_forget(struct proofs *p);

enum proofs_answer {
	PROOFS_YOURS, /* nobody has proved it: whoever asked does, and proofs_tell() must follow */
	PROOFS_WAIT,  /* somebody is at it: ask again once woken */
	PROOFS_THERE  /* *out is it, with a reference for the caller; NULL: it could not be found out */
};
/* key: what such targets share. now_us: monotonic. */
enum proofs_answer proofs_ask(struct proofs *p, const char *key, uint64_t now_us, struct matched **out);
/* The one who had PROOFS_YOURS is done. Takes the reference; NULL: nothing was learnt, the next one may try. Wake all who wait. */
void proofs_tell(struct proofs *p, const char *key, uint64_t now_us, struct matched *m);

#endif
