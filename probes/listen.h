/*
 * To be the server: listens, asks every client for a certificate, lets all of them through as far as they
 * come, and hands back what each did, with its diagnosis. Its sockets have a loop on a thread of their own, judging
 * has another; what is finished comes through one queue. Nothing that a client does ends it or makes it wait.
 */
#ifndef PROBES_LISTEN_H
#define PROBES_LISTEN_H

#include "model/client.h"
#include "model/diagnosis.h"
#include "model/error.h"
#include "model/world.h"

struct listen_options {
	const char *address;       /* an IP address without brackets; NULL: loopback, IPv4 and IPv6; "*": every address */
	uint16_t port;             /* 0: one that is free */
	const struct identity *identity; /* our certificate and key; NULL: made at the start */
	const struct trust *trust; /* whose judgement is shown; NULL: none was named */
	const char *like;          /* where `request` was captured; or NULL */
	const struct certificate_request *request; /* whose CA list and algorithms are asked with; NULL: the names of `trust`, every algorithm */
	uint16_t min_version, max_version; /* 0: TLS 1.2 and 1.3 */
	const char *ciphers;       /* TLS 1.2 list, or NULL */
	bool requires;             /* refuse who sends none, or one that `trust` does not accept */
	struct thresholds thresholds;
	bool at_set;
	int64_t at;                /* --at, seconds: the clock that certificates are judged by */
};

/* One client, as it is handed back: both immutable, the evidence holds the client. */
struct seen_client {
	struct evidence *evidence;
	struct diagnosis *diagnosis;
};
void seen_client_free(struct seen_client *s); /* NULL is legal */

struct listener;
/*
 * Binds, and starts. ERROR_LOCAL: the port is taken, or not ours to take; ERROR_USAGE: an address that is not this
 * machine's, ciphers that OpenSSL does not know; ERROR_INPUT: an identity that cannot be used. Options are copied.
 */
status listener_start(const struct listen_options *opt, const struct world *w, struct listener **out, struct error *err) MUST_USE;
const struct listening *listener_about(const struct listener *l);
/* The next client that is over, in the order in which they ended; NULL: none yet within timeout_ms (-1: for ever), or `fd` (-1: none) is readable. Thread: the caller's. */
struct seen_client *listener_wait(struct listener *l, int fd, int timeout_ms);
int listener_fd(const struct listener *l);       /* readable while one waits */
size_t listener_open(const struct listener *l);  /* clients that are connected */
size_t listener_dropped(const struct listener *l); /* records that nobody took in time */
/* Takes no new clients; those that are there are cut short and handed back as they are. Do not wait yet. */
void listener_stop(struct listener *l);
void listener_free(struct listener *l);          /* stops, waits, removes the CA's file; NULL is legal */

#endif
