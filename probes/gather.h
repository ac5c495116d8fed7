/*
 * What one examination learns from addresses in certificates and from the folders beside its files: the issuers
 * that a chain lacks, and whether what is in it is revoked. Only what can matter is asked for (DESIGN section 6),
 * never with --quick, and nobody who does not answer holds it up for more than LIMIT_FETCH_MS.
 */
#ifndef PROBES_GATHER_H
#define PROBES_GATHER_H

#include "model/evidence.h"
#include "probes/handshake.h"

struct gathering;
/* Nothing is under way any more, and the evidence has all of it. From the loop. */
typedef void (*gather_done)(void *user);
struct gather_how {
	bool many;         /* one of many targets */
	bool loopback;     /* the target is on this host */
	uint64_t until_us; /* by world->ticks_us: the target's own deadline */
};
/* The evidence must outlive it. NULL: nothing can be asked here. */
struct gathering *gathering_new(const struct ground *g, struct evidence *e, const struct gather_how *how, gather_done done, void *user);
void gathering_free(struct gathering *g); /* ends what is under way; no call-back comes. NULL is legal */

/* What the chains lack, one CA above the other. False: nothing is lacking, or there is nowhere to look. */
bool gathering_issuers(struct gathering *g);
/* Revocation of both chains. False: there is nothing to ask for (a stapled response has been read all the same). */
bool gathering_revocation(struct gathering *g);

#endif
