/* The protocols that begin in plain text and go over to TLS when asked. */
#ifndef MODEL_STARTTLS_H
#define MODEL_STARTTLS_H

#include <stdbool.h>
#include <stdint.h>

enum starttls { STARTTLS_NONE, STARTTLS_POSTGRES, STARTTLS_MYSQL, STARTTLS_SMTP, STARTTLS_IMAP, STARTTLS_POP3, STARTTLS_LDAP };

const char *starttls_name(enum starttls s);  /* "postgres", as --starttls and JSON have it; NULL: none */
const char *starttls_label(enum starttls s); /* "PostgreSQL", for people; NULL: none */
uint16_t starttls_port(enum starttls s);     /* IANA's; 0: none */
/* The name, or another spelling that is in use ("postgresql", "mariadb"). False where there is no such protocol. */
bool starttls_named(const char *word, enum starttls *out);

#endif
