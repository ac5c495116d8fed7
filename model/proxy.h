/* The proxy between us and a target: as a user spells it, and whom it is not for. */
#ifndef MODEL_PROXY_H
#define MODEL_PROXY_H

#include <stdbool.h>
#include <stdint.h>

#include "model/error.h"

enum proxy_kind {
	PROXY_NONE,
	PROXY_HTTP,    /* CONNECT (RFC 9110 9.3.6) */
	PROXY_SOCKS5,  /* RFC 1928; we resolve the name */
	PROXY_SOCKS5H, /* the proxy does */
	PROXY_SSH      /* ssh -W: the user's own client */
};

struct proxy {
	enum proxy_kind kind;
	char *host;      /* A-label form or a literal without brackets; PROXY_SSH: [USER@]HOST as ssh takes it */
	uint16_t port;   /* PROXY_SSH: 0 where ssh's own configuration says it */
	char *user, *password; /* or NULL; never printed */
	char *shown;     /* "http://proxy:3128", without them */
};

/*
 * http://, socks5://, socks5h:// with USER:PASSWORD@ or without; no scheme: http; no port: 1080, as curl has it.
 * ERROR_USAGE with what was expected; it holds no user and no password.
 */
status proxy_parse(const char *text, struct proxy *out, struct error *err) MUST_USE;
/* "ssh:[USER@]HOST[:PORT]". */
status proxy_parse_via(const char *text, struct proxy *out, struct error *err) MUST_USE;
void proxy_done(struct proxy *p); /* clears the password */
void proxy_copy(struct proxy *to, const struct proxy *from);

/*
 * NO_PROXY as curl reads it (lib/noproxy.c of 7.86 and later): "*", or names and addresses separated by commas or blanks;
 * a name stands for itself and for what lies below it, a leading dot counts for nothing, an address may be a CIDR block.
 * Besides, NAME:PORT is for that port only, as Go has it. list may be NULL.
 */
bool proxy_bypassed(const char *list, const char *host, uint16_t port);

#endif
