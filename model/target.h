/* Where to: a target as a user spells it, taken apart, and how to get there. */
#ifndef MODEL_TARGET_H
#define MODEL_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/starttls.h"

struct target {
	char *name;        /* of a fleet entry, or NULL */
	char *spelled;     /* as typed, printable */
	char *host;        /* A-label form, lower case, or an IP literal without brackets; NULL for unix:.
	                      A last dot ("no search domain") and an IPv6 zone stay, for the resolver; then
	                      servername is set to the name without them */
	uint16_t port;
	bool port_given;   /* else it is the scheme's */
	bool is_url;       /* its scheme says how it begins */
	bool is_ip;
	char *unix_path;   /* or NULL */
	char *servername;  /* what is sent as SNI and checked in the certificate; NULL: host. It may be an IP:
	                      checked then, never sent */
	char *path;        /* "/" */
	enum starttls starttls;
	bool http;         /* one HTTP request is sent */
	char *group, *identity; /* from --targets or the fleet; or NULL */
	char *bypass;      /* "HOST:PORT" where the same service may answer without a certificate; or NULL */
	char *place;       /* the line of --targets that it stands in, "list.txt:3"; NULL: typed */
};

/*
 * CONTRACT section 1: HOST[:PORT], [IPV6]:PORT, a URL, unix:/path. Errors are ERROR_USAGE with what
 * was expected: port 0 and 65536, an unclosed bracket, a label over 63 bytes, a leading "-", an
 * empty host, user:password@ in a URL. A Unicode host is turned into its A-label (IDNA 2008 through libidn2 where built in).
 */
status target_parse(const char *text, struct target *out, struct error *err) MUST_USE;
/*
 * The same for a word of the command line: a word that is an existing file is not resolved, the error
 * names `inspect` (CONTRACT section 1); cases were looked for before (cli/case_file.h). Lines of --targets and fleet entries are never taken for files.
 */
status target_from_word(const char *word, struct target *out, struct error *err) MUST_USE;
/* Is this word an existing regular file, and not host:port, URL or unix:? */
bool target_is_file(const char *word);
/* --path, path=: replaces the path; it begins with "/" and holds neither blanks nor control characters. */
status target_set_path(struct target *t, const char *path, struct error *err) MUST_USE;
/* --servername, servername=: replaces the name; IDNA as for the host. */
status target_set_servername(struct target *t, const char *name, struct error *err) MUST_USE;
/* --bypass, bypass=: HOST[:PORT], another way to the same service that is tried without a certificate. */
status target_set_bypass(struct target *t, const char *where, struct error *err) MUST_USE;
/*
 * --starttls: HOST[:PORT] and unix:/path begin in that protocol; the port is its own where none was given. ERROR_USAGE
 * where the target's URL says otherwise.
 */
status target_set_starttls(struct target *t, enum starttls s, struct error *err) MUST_USE;
/* What a port is, for --connect-to, --resolve and others too. False where it is none from 1 to 65535. */
bool target_read_port(const char *digits, size_t len, uint16_t *out);
void target_done(struct target *t);
void target_copy(struct target *to, const struct target *from);
/*
 * The name that SNI and the name check use: servername, else host (an IP is never sent as SNI, RFC 6066 3).
 * NULL for unix: without a servername.
 */
const char *target_name(const struct target *t);
/* "payment.internal:8443", "[::1]:443", "unix:/run/x": into an arena-free static-size buffer of `size` bytes. */
char *target_label(const struct target *t, char *out, size_t size);

#endif
