/*
 * Names to addresses, within a loop: c-ares, because libuv's own resolver holds up the exit by a
 * whole DNS time-out and queues on four threads (measured). Nothing is set up before the first name:
 * an IP literal costs nothing.
 */
#ifndef PROBES_RESOLVE_H
#define PROBES_RESOLVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <uv.h>

struct address {
	union {
		struct sockaddr sa;
		struct sockaddr_storage any;
		struct sockaddr_un local;
	};
	socklen_t len;
};

struct address_list {
	struct address *items; /* free() them */
	size_t len;
};

enum { ADDRESS_TEXT_MAX = 160 }; /* "unix:" and a path of 108 bytes, each printable */

/* "10.0.0.1", "::1", "fe80::1%eth0" without brackets. False: it is a name. */
bool address_from_literal(const char *host, uint16_t port, struct address *out);
/* False: the path is longer than a socket's may be. */
bool address_from_path(const char *path, struct address *out);
/* "127.0.0.1:8443", "[::1]:443", "unix:/run/x"; returns out (ADDRESS_TEXT_MAX bytes). */
char *address_text(const struct address *a, char *out);

/* The address alone, "127.0.0.1", "::1"; "" for a socket's path. Returns out (ADDRESS_TEXT_MAX bytes). */
char *address_host(const struct address *a, char *out);

struct resolver;
struct resolver *resolver_new(uv_loop_t *loop);
/* Drops what is under way (no callback). Its handles are closed by the loop's next turns. */
void resolver_close(struct resolver *r);

/*
 * error: a c-ares status, 0 for success; error_text is static. The list is borrowed for the call,
 * in the order to be tried (RFC 6724, then interleaved).
 */
typedef void (*resolve_done)(void *user, int error, const char *error_text, const struct address *list, size_t len);
struct lookup;
/* family: 0 both, 4 or 6. The callback may come before this returns; then NULL is returned. */
struct lookup *resolve_start(struct resolver *r, const char *host, uint16_t port, int family, resolve_done done,
    void *user);
/* The callback will not come. */
void resolve_abandon(struct lookup *l);

#endif
