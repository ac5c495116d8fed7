/*
 * A TCP proxy on loopback that makes a far server of a near one: what comes is passed on half a round
 * trip later, and a new connection carries its first bytes one round trip late, as a real one does
 * whose SYN had to travel. A process of its own; single-threaded, any number of connections.
 */
#ifndef TESTS_DELAY_PROXY_H
#define TESTS_DELAY_PROXY_H

#include <sys/types.h>

/* Listens on *port (chosen), forwards to 127.0.0.1:to. Ends with the test, or by stop_server(). 0 on failure. */
pid_t delay_proxy_start(int to, int round_trip_ms, int *port);

#endif
