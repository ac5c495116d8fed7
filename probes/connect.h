/*
 * A connection to one of several addresses, as RFC 8305 has it: in order, the next one begun after
 * 250 ms or as soon as one has failed, the first to connect wins. Every attempt is recorded.
 */
#ifndef PROBES_CONNECT_H
#define PROBES_CONNECT_H

#include <uv.h>

#include "model/handshake.h"
#include "probes/resolve.h"

/* A socket watched by a loop. It outlives its owner until libuv has closed the handle. */
struct link {
	uv_poll_t poll; /* poll.data belongs to the owner */
	int fd;
};
/* A link for a descriptor that is connected already, which it takes over; NULL and errno where the loop does not take it: then it is closed. */
struct link *link_new(uv_loop_t *loop, int fd);
/* Stops watching, closes the socket, frees the link in one of the loop's next turns. NULL is legal. */
void link_close(struct link *l);

struct connect_options {
	const char *interface; /* --interface: an address or a device; or NULL */
	uint64_t (*ticks_us)(void *); /* monotonic */
	void *ticks_user;
	uint64_t zero_us;      /* what the attempts' times are counted from */
};

/*
 * link: the winner, now the caller's; NULL where all failed. Either way `*attempts` in the arena are complete.
 * The callback may come before connect_start() returns.
 */
typedef void (*connect_done)(void *user, struct link *link, const struct address *to);
struct connector;
struct connector *connect_start(uv_loop_t *loop, const struct connect_options *opt, const struct address *list,
    size_t len, struct handshake *record, connect_done done, void *user);
/* Ends what is under way, as `result` with `os_error`; no callback comes. To be called as well once the callback has come. */
void connect_end(struct connector *c, enum connect_result result, int os_error);

#endif
