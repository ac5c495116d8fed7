/*
 * One handshake with one address, on one loop: resolve, connect, TLS, listen for a refusal, one HTTP
 * request, and the record of it all. Every step has a deadline, and a deadline is believed only after
 * the socket was looked at once more.
 */
#ifndef PROBES_HANDSHAKE_H
#define PROBES_HANDSHAKE_H

#include <uv.h>

#include "model/experiment.h"
#include "model/handshake.h"
#include "model/identity.h"
#include "model/target.h"
#include "model/world.h"
#include "probes/examine.h"
#include "probes/resolve.h"
#include "probes/tls_context.h"

/* What handshakes of one loop share. */
struct ground {
	uv_loop_t *loop;
	struct resolver *resolver;
	struct fetch_desk *desk;
	struct tls_contexts *contexts;
	const struct examine_options *opt;
	const struct world *world;
	unsigned char *scratch; /* what is read lies here for a moment */
	size_t scratch_len;
};

struct handshake_request {
	const char *id, *experiment; /* static or as long-lived as the record */
	const struct target *target; /* these three must outlive the handshake */
	const struct identity *identity;
	const struct address *address; /* connect here and nowhere else; NULL: find the way */
	struct address_list *found;  /* every address of that way, as in the record's attempts, is put here; or NULL */
	const struct variation *vary; /* what is changed; its method is not looked at */
	const struct cert *const *chain; /* what goes out instead of the identity's, leaf first; NULL: that */
	size_t chain_len;
	const char *other_name;      /* NAME_OTHER: what the server is asked for */
	struct ssl_session_st *resume; /* is offered; or NULL */
	struct ssl_session_st **keep;  /* a session to be offered later is put here, the receiver's to free; or NULL */
	const char *method;          /* "HEAD", "GET"; NULL: no request */
	uint64_t until_us;           /* by world->ticks_us: the whole target's deadline */
};

/* The record is the receiver's. to: the address that was connected, or NULL. Called once, from the loop or from handshake_cancel(). */
typedef void (*handshake_done)(void *user, struct handshake *record, const struct address *to);
struct handshake_run;
/* NULL: it is over already, and `done` was called. */
struct handshake_run *handshake_start(const struct ground *g, const struct handshake_request *req, handshake_done done,
    void *user);
/* Ends it now; what is known is handed over before this returns. */
void handshake_cancel(struct handshake_run *r);

#endif
