/*
 * Measuring a roll-over: who of the fleet lets in clients of the new root, who trusts servers of it, what each sends, and whose bundles
 * still hold the old root. Services are contacted as `check --quick` does, all at once, at every address of their names; bundles are read where they lie on this machine.
 * Nothing is changed. What cannot be seen for sure is “??”, with the reason.
 */
#ifndef PROBES_ROLLOVER_LOOK_H
#define PROBES_ROLLOVER_LOOK_H

#include <stdatomic.h>

#include "model/config.h"
#include "model/rollover.h"
#include "probes/examine.h"

/* All of it is borrowed for the call. */
struct rollover_look {
	const struct config *config;
	const struct examine_options *options; /* time-outs, proxies, jobs; quick is set here */
	const struct world *world;
	/*
	 * The client certificate of the new root that services are shown; NULL: there is none here, and no_pass says why, a printable clause. Where
	 * the key stays nobody can be asked on the wire, and it is NULL too.
	 */
	const struct identity *pass;
	const char *no_pass;
	/*
	 * An identity that AWS keeps: what it sends and whom it trusts (NULL: no root is kept beside it) become ours. False: *why, a printable clause.
	 * fetch NULL: they are not read.
	 */
	bool (*fetch)(void *user, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why);
	void *fetch_user;
	bool no_wire;             /* only files are read: for a first page, or where there is no network */
	const atomic_bool *cancel; /* a signal came, or it is left: it ends, and nothing of it counts; NULL: never */
	/* So many services have answered, or not in time; NULL: nobody wants to know. Called on the caller's thread. */
	void (*tell)(void *user, size_t done, size_t of);
	void *tell_user;
};

/*
 * Fills the services and their cells in *r, in the order of the configuration: its fleet, then the identities that are no entry's.
 * Services of the document that are not in the configuration are "??" (rollover_only): *gone says how many. ERROR_NOT_DONE: it was cancelled, and *r is as it was. ERROR_LOCAL: there are no descriptors or threads. ERROR_INPUT:
 * the document's own certificates cannot be read.
 */
status rollover_look(const struct rollover_look *how, struct rollover *r, size_t *gone, struct error *err) MUST_USE;

/* Certificates out of PEM, each one reference, into `a`. ERROR_INPUT: there is none. */
status rollover_certs(const char *pem, const char *name, struct arena *a, struct cert ***out, size_t *len, struct error *err) MUST_USE;
/*
 * The CAs that a bundle is searched for: the old root's and the new one's certificate, and the CAs right below the old one, which some
 * bundles hold instead (knowledge "diagnosis" 3.4).
 */
struct rollover_anchors {
	const struct cert *old_root, *new_root; /* new_root NULL: it is not made yet */
	struct cert **children, **twins;        /* twins[i] NULL: not signed yet */
	size_t children_len;
};
status rollover_anchors(const struct rollover *r, struct rollover_anchors *out, struct error *err) MUST_USE;
void rollover_anchors_done(struct rollover_anchors *a);
/* Is the identity the client's side of an entry? */
bool rollover_is_of_entry(const struct config *c, const struct config_identity *i);
/* The bundle that it reads as a client; NULL: none is configured. */
const char *rollover_upstreams(const struct config *c, const struct config_entry *e);

#endif
