#include "model/starttls.h"

#include <stddef.h>
#include <strings.h>

/* One row a name; the first of a protocol is the one that is shown. */
static const struct {
	enum starttls protocol;
	const char *name, *label;
	uint16_t port;
} protocols[] = {
	{ STARTTLS_POSTGRES, "postgres", "PostgreSQL", 5432 },
	{ STARTTLS_MYSQL, "mysql", "MySQL", 3306 },
	{ STARTTLS_SMTP, "smtp", "SMTP", 25 },
	{ STARTTLS_IMAP, "imap", "IMAP", 143 },
	{ STARTTLS_POP3, "pop3", "POP3", 110 },
	{ STARTTLS_LDAP, "ldap", "LDAP", 389 },
	{ STARTTLS_POSTGRES, "postgresql", "PostgreSQL", 5432 },
	{ STARTTLS_POSTGRES, "pgsql", "PostgreSQL", 5432 },
	{ STARTTLS_MYSQL, "mariadb", "MySQL", 3306 },
};
enum { PROTOCOLS = sizeof protocols / sizeof protocols[0] };

static size_t
row_of(enum starttls s)
{
	size_t i = 0;

	while (i < PROTOCOLS && protocols[i].protocol != s)
		i++;
	return i;
}

const char *
starttls_name(enum starttls s)
{
	size_t row = row_of(s);

	return row < PROTOCOLS ? protocols[row].name : NULL;
}

const char *
starttls_label(enum starttls s)
{
	size_t row = row_of(s);

	return row < PROTOCOLS ? protocols[row].label : NULL;
}

uint16_t
starttls_port(enum starttls s)
{
	size_t row = row_of(s);

	return row < PROTOCOLS ? protocols[row].port : 0;
}

bool
starttls_named(const char *word, enum starttls *out)
{
	for (size_t i = 0; i < PROTOCOLS; i++) {
		if (strcasecmp(protocols[i].name, word) != 0)
			continue;
		*out = protocols[i].protocol;
		return true;
	}
	return false;
}
