/* One request over http to addresses that were looked up and allowed before, by libcurl, on the caller's own thread. */
#ifndef PROBES_FETCH_TRANSFER_H
#define PROBES_FETCH_TRANSFER_H

#include <stdatomic.h>

#include "model/buf.h"
#include "probes/fetch_rules.h"
#include "probes/resolve.h"

enum { TRANSFER_ADDRESSES = 8, TRANSFER_PROBLEM = 160 };

struct transfer {
	/* The question. */
	struct fetch_place place;
	struct address addresses[TRANSFER_ADDRESSES]; /* the only ones that are connected */
	size_t addresses_len;
	bool loopback;
	struct buf body;          /* POST, as an OCSP request; empty: GET */
	size_t most;              /* bytes of the answer */
	unsigned within_ms;
	/* The answer. */
	int status;
	struct buf answer;
	char problem[TRANSFER_PROBLEM]; /* empty: HTTP 200, and the whole of it is here */
	bool refused;             /* by our rules, at the last moment */
};

/* Once per process, after openssl_start(): it starts libcurl without any thread beside. */
void transfer_start(void);
/*
 * A handle by which another thread can end one that is under way: transfer_run() with it returns at once after
 * transfer_end(). Made before, freed after by its owner; serves one transfer.
 */
struct transfer_handle;
struct transfer_handle *transfer_handle_new(void);
void transfer_handle_free(struct transfer_handle *h);
void transfer_end(struct transfer_handle *h);
void transfer_run(struct transfer *t, struct transfer_handle *h);
void transfer_done(struct transfer *t); /* frees what it holds */

#endif
