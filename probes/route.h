/* Where a target is reached: proxies, --connect-to, --resolve, literals and unix sockets, before any name is asked for. */
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

	/* Through a proxy the above is its place, and this is where it is to lead to. */
	const struct proxy *proxy; /* or NULL */
	const char *goal;          /* a name or literal; borrowed */
	uint16_t goal_port;
	bool goal_unresolved;      /* SOCKS 5 without “h”: we ask for the name, and tell it the address */
};

void route_find(const struct target *t, const struct examine_options *opt, struct route *out);
/* Is there a target whose way is ssh? Each examination has one of its own then. */
bool route_through_ssh(const struct examine_options *opt);
void route_done(struct route *r);

#endif
