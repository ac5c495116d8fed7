/* How each protocol goes over to TLS, and what it is asked inside: one row each. */
#ifndef PROBES_STARTTLS_H
#define PROBES_STARTTLS_H

#include "probes/dialogue.h"

/* The way to TLS in plain text; NULL for STARTTLS_NONE. */
const struct dialect *starttls_dialect(enum starttls s);
/*
 * The first question inside TLS: its answer shows whether the service accepts us, which a TLS 1.3 handshake does not, and
 * PostgreSQL's in no version. AGREED: it speaks with us (doubtful: with an error); REFUSED: it names the certificate.
 * NULL: the protocol is asked nothing (LDAP, MySQL).
 */
const struct dialect *starttls_inside(enum starttls s);

/* The binary protocols (probes/starttls_binary.c). */
extern const struct dialect dialect_postgres, dialect_postgres_inside, dialect_mysql, dialect_ldap;
/* The protocols of lines (probes/starttls_mail.c). */
extern const struct dialect dialect_smtp, dialect_smtp_inside, dialect_imap, dialect_imap_inside, dialect_pop3, dialect_pop3_inside;

#endif
