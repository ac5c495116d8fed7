/* What a finished handshake amounts to: one word for all that its record holds (CONTRACT section 3, "outcome"). */
#ifndef PROBES_OUTCOME_H
#define PROBES_OUTCOME_H

#include "model/handshake.h"

enum outcome outcome_of(const struct handshake *h);
/* It says in words that a certificate was missing or refused, whatever its status. */
bool outcome_page_refuses(struct text body);

#endif
