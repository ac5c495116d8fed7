/*
 * Addresses out of certificates are a stranger's wishes (DESIGN section 6): which of them are followed. http only,
 * no user, and never an address of the link, of a cloud's metadata service, or of this host unless the target is there.
 */
#ifndef PROBES_FETCH_RULES_H
#define PROBES_FETCH_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "model/text.h"

/* What an address is taken apart into, by libcurl's own parser: it is what the request will use. */
struct fetch_place {
	char *url;  /* normalised; this is what is asked for */
	char *host; /* "127.0.0.1" where it was "0x7f.1"; IPv6 without brackets */
	uint16_t port;
};
/* NULL: it may be asked for, *out is filled in. Else why not, static: *out is empty. */
const char *fetch_place_of(struct text url, struct fetch_place *out);
void fetch_place_done(struct fetch_place *p);

/* May this address be connected? NULL: yes; else why not, static. loopback: the target is on loopback itself. */
const char *fetch_address_refused(const struct sockaddr *sa, bool loopback);
/* Is it one of this host's own loopback addresses? */
bool fetch_is_loopback(const struct sockaddr *sa);

#endif
