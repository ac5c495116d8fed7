/*
 * The user's own ssh client as the way to a target: “ssh -W HOST:PORT BASTION”, whose standard input and output are the
 * stream. Their configuration, keys and known hosts hold; it asks nothing (BatchMode), has no terminal, and is ended
 * and reaped with the handshake.
 */
#ifndef PROBES_VIA_H
#define PROBES_VIA_H

#include <uv.h>

#include "model/proxy.h"
#include "model/text.h"

struct via;
/* Called once, when ssh has ended and all that it had to say is there. Not after via_end(). */
typedef void (*via_over)(void *user);
/*
 * *fd: our end of the stream, not blocking, the caller's. NULL: it cannot be started, *os_error says why. timeout_s: for
 * ssh's own attempt to connect.
 */
struct via *via_start(uv_loop_t *loop, const struct proxy *p, const char *host, uint16_t port, unsigned timeout_s, via_over over,
    void *user, int *fd, int *os_error);
bool via_is_over(const struct via *v);
/* What it said on standard error, bounded; borrowed. */
struct text via_words(const struct via *v);
/* Ends it. It frees itself in one of the loop's next turns, once the process is reaped. NULL is legal. */
void via_end(struct via *v);

#endif
