/* client.rejected: the server refused, and nothing that is known isolates why. */
#ifndef MODEL_REJECTED_H
#define MODEL_REJECTED_H

#include "model/judged.h"

/* Adds client.rejected with what is ruled out and the candidates; what explains it takes it away again. */
void rejected_look(const struct facts *f, struct findings *to);

/* How many CA certificates we send that are no roots. */
size_t rejected_intermediates(const struct judged *j);

/* Does a fault in our files that was found account for the refusal as well as anything can? */
bool rejected_by_local_fault(const struct facts *f, const struct findings *in);

#endif
