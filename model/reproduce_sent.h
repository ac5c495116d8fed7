/* Inside of model/reproduce*.c: what a handshake showed of us, and whether another tool can be made to show the same. */
#ifndef MODEL_REPRODUCE_SENT_H
#define MODEL_REPRODUCE_SENT_H

#include "model/evidence.h"

enum line_sends { LINE_OURS, LINE_LEAF, LINE_NOTHING, LINE_THROWAWAY, LINE_THROWAWAY_RSA };

struct line_plan {
	enum line_sends sends;
	const char *cannot;      /* why no tool can do it: a clause, static; NULL: one can */
	const char *curl_cannot; /* why curl alone cannot */
	const char *path, *host; /* in the place of the target's, where the experiment asked for another; or NULL */
	bool wide;               /* everything was offered */
	bool late;               /* it lets itself be asked after the handshake */
};

/* By the experiment's name, and for one that has no row by what went out. */
struct line_plan line_plan_of(const struct evidence *e, const struct handshake *h);

/* Signature algorithms as we name them, "a:b", in the words that -sigalgs takes. */
void openssl_sigalgs(const char *list, struct buf *out);

#endif
