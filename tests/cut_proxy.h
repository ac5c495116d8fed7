/*
 * A TCP proxy on loopback that cuts: each of its ports passes on exactly so many bytes in one direction
 * and then ends both connections, with FIN or with RST. A thread of its own; connections side by side.
 */
#ifndef TESTS_CUT_PROXY_H
#define TESTS_CUT_PROXY_H

#include <stdbool.h>
#include <stddef.h>

struct cut {
	bool from_server; /* which direction is counted */
	bool reset;       /* ends with RST, else with FIN */
	bool never;       /* passes everything: to learn how much there is */
	size_t after;     /* bytes */
	int port;         /* filled in */
	size_t passed[2]; /* of the last connection: client to server, server to client; read after cut_proxy_stop() */
};

struct cut_proxy;
/* Listens on a port for each cut, forwards to 127.0.0.1:to. cuts stay the caller's and must outlive it. */
struct cut_proxy *cut_proxy_start(int to, struct cut *cuts, size_t len);
void cut_proxy_stop(struct cut_proxy *p);

#endif
