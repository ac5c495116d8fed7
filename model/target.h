/* Where to: a target as a user spells it, taken apart, and how to get there. */
#ifndef MODEL_TARGET_H
#define MODEL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"

enum starttls { STARTTLS_NONE, STARTTLS_POSTGRES, STARTTLS_MYSQL, STARTTLS_SMTP, STARTTLS_IMAP, STARTTLS_POP3, STARTTLS_LDAP };

struct target {
	char *name;        /* of a fleet entry, or NULL */
	char *spelled;     /* as typed, printable */
	char *host;        /* A-label form, lower case, or an IP literal without brackets; NULL for unix: */
	uint16_t port;
	bool is_ip;
	char *unix_path;   /* or NULL */
	char *servername;  /* what is sent as SNI and checked in the certificate; NULL: host */
	char *path;        /* "/" */
	enum starttls starttls;
	bool http;         /* one HTTP request is sent */
	char *group, *identity; /* from --targets or the fleet; or NULL */
};

/*
 * CONTRACT section 1: HOST[:PORT], [IPV6]:PORT, a URL, unix:/path. Errors are ERROR_USAGE with what
 * was expected: port 0 and 65536, an unclosed bracket, a label over 63 bytes, a leading "-", an
 * empty host, user:password@ in a URL. A Unicode host is turned into its A-label (IDNA 2008 through libidn2 where built in).
 */
status target_parse(const char *text, struct target *out, struct error *err) MUST_USE;
void target_done(struct target *t);
void target_copy(struct target *to, const struct target *from);
/* The name that SNI and the name check use: servername, else host (an IP is never sent as SNI, RFC 6066 3). */
const char *target_name(const struct target *t);
/* "payment.internal:8443", "[::1]:443", "unix:/run/x": into an arena-free static-size buffer of `size` bytes. */
char *target_label(const struct target *t, char *out, size_t size);

#endif
