/*
 * A service that is a client as well: `GET /upstream` has it call the service after it, with its own certificate, trusting
 * whom its upstreams.pem names at that moment. The call is made by a thread: the one who is called lives on the same loop.
 */
#ifndef LAB_UPSTREAM_H
#define LAB_UPSTREAM_H

#include <stdbool.h>

#include "lab/server.h"

struct upstream_call;

/* What came of it: `why` is one line, "" where it went well. */
typedef void (*upstream_done)(void *user, bool well, const char *why);

/* Is this request for it, and does this server call anybody? */
bool upstream_wanted(const struct server *s, const char *request);
/* `done` is called later, on the loop, unless upstream_forget() came first. NULL: there is no memory or thread for it. */
struct upstream_call *upstream_start(struct server *s, upstream_done done, void *user);
void upstream_forget(struct upstream_call *call); /* nobody waits for it any more; NULL is legal */

#endif
