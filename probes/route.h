/* Where a target is reached: --connect-to, --resolve, literals and unix sockets, before any name is asked for. */
#ifndef PROBES_ROUTE_H
#define PROBES_ROUTE_H

#include "model/target.h"
#include "probes/examine.h"
#include "probes/resolve.h"

struct route {
	const char *host; /* to be resolved; borrowed from target or options */
	uint16_t port;
	struct address *list; /* addresses known without asking; malloc'd; NULL: ask for host */
	size_t len;
	const char *problem;  /* why there is no way at all, static text; or NULL */
};

void route_find(const struct target *t, const struct examine_options *opt, struct route *out);
void route_done(struct route *r);

#endif
