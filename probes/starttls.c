#include "probes/starttls.h"

static const struct {
	const struct dialect *before, *inside;
} dialects[] = {
	[STARTTLS_NONE] = { NULL, NULL },
	[STARTTLS_POSTGRES] = { &dialect_postgres, &dialect_postgres_inside },
	[STARTTLS_MYSQL] = { &dialect_mysql, NULL },
	[STARTTLS_SMTP] = { &dialect_smtp, &dialect_smtp_inside },
	[STARTTLS_IMAP] = { &dialect_imap, &dialect_imap_inside },
	[STARTTLS_POP3] = { &dialect_pop3, &dialect_pop3_inside },
	[STARTTLS_LDAP] = { &dialect_ldap, NULL },
};

const struct dialect *
starttls_dialect(enum starttls s)
{
	return dialects[s].before;
}

const struct dialect *
starttls_inside(enum starttls s)
{
	return dialects[s].inside;
}
