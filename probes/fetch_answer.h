/* An answer in the making: what a thread does for a question, away from any loop. */
#ifndef PROBES_FETCH_ANSWER_H
#define PROBES_FETCH_ANSWER_H

#include "probes/fetch.h"
#include "probes/fetch_transfer.h"

struct answer {
	struct fetched fetched;
	struct arena *arena;
	atomic_uint references;
};

struct answer *answer_new(enum fetch_kind kind);
struct answer *answer_ref(struct answer *a);
void answer_free(struct answer *a); /* gives a reference back; NULL is legal */
/* Copied. */
void answer_problem(struct answer *a, bool refused, const char *problem);
/* From what the transfer brought: read, and a list's signature looked at. */
void answer_from_transfer(struct answer *a, const struct transfer *t, const struct cert *issuer);
/* Every certificate of a CA in the files of a folder. */
void answer_from_folder(struct answer *a, const char *folder);

#endif
