/* Times that are the same in every run: for pictures, where what was measured would differ each time. */
#ifndef MODEL_HANDSHAKE_PACE_H
#define MODEL_HANDSHAKE_PACE_H

#include "model/handshake.h"

/*
 * Gives every moment of the record a time by its place in the order of what happened, not by the
 * clock: 1.3 ms from one side's turn to the other's, the same time within a turn. Waits that ended by
 * a time-out keep their length, rounded. Before anything is concluded from the record: what was
 * concluded would quote the old times.
 */
void handshake_pace(struct handshake *h);

#endif
