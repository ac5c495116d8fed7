/* Clocks: is this host's kept, and what a server's HTTP answer says of its own. */
#ifndef PROBES_CLOCK_H
#define PROBES_CLOCK_H

#include "model/evidence.h"

/*
 * The server's clock from a handshake's HTTP answer: (Date - Age) minus our clock when the answer
 * came; uncertain by the round trip of the request and the second that a Date is cut to. Changes
 * nothing where the answer carries no usable Date. Under --at our clock is taken to be out->local_ms.
 * A server's is real, so it is compared with the real one all the same; but one that lives at that time
 * as well (the practice lab's do) is compared with it: whichever is nearer.
 */
void clock_of_server(const struct handshake *h, struct clocks *out);

#endif
