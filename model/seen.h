/*
 * The rules about a client that `listen` saw, in three files: how it ended (rules_seen_end.c), what it
 * said of our certificate (rules_seen_alert.c), what it sent (rules_seen.c, with the table). No other file
 * includes this.
 */
#ifndef MODEL_SEEN_H
#define MODEL_SEEN_H

#include "model/client.h"
#include "model/judged.h"

/* NULL: the evidence is of something else than a client. */
static inline const struct client *
seen(const struct facts *f)
{
	return f->ev->client;
}
/* "client 3": the start of an evidence line. */
const char *seen_id(const struct facts *f);

void seen_end(const struct facts *f, struct findings *to);     /* net.*, tls.no-common-*, tls.broken-peer */
void seen_distrust(const struct facts *f, struct findings *to); /* its alert about our certificate; a silent end after it */
bool seen_refused_in_silence(const struct facts *f); /* as Node does, at everything, and curl at a wrong name */

#endif
