/* What a finished handshake amounts to: one word for all that its record holds (CONTRACT section 3, "outcome"). */
#ifndef PROBES_OUTCOME_H
#define PROBES_OUTCOME_H

#include "model/handshake.h"

enum outcome outcome_of(const struct handshake *h);

#endif
