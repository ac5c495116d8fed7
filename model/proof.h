/* What the rules about experiments have in common: how an answer compares with the baseline's. */
#ifndef MODEL_PROOF_H
#define MODEL_PROOF_H

#include "model/rules.h"

/* Our certificate went out in the baseline. */
bool proof_sent_ours(const struct facts *f);
bool proof_refused(const struct handshake *h); /* NULL: no */
/* The server means the same by it as by its answer to the baseline. */
bool proof_same_answer(const struct facts *f, const struct handshake *h);
/* The server went on, and nothing leaves that in doubt: a handshake alone proves little (model/handshake.h). NULL: no. */
bool proof_let_in(const struct handshake *h);
/* Two lines of proof: the baseline, and this one. */
void proof_by(struct findings *to, struct finding *n, const struct handshake *h);
/* An evidence line: what was different, and the answer to it. NULL: none. */
void proof_cite(const struct facts *f, struct findings *to, struct finding *n, const struct handshake *h);

#endif
