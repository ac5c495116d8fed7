/* Services that begin in plain text and go over to TLS when asked. */
#include "lab/story.h"

/* PostgreSQL takes every handshake without a certificate, and says inside TLS that it wants one. */
#define POSTGRES .starttls = STARTTLS_POSTGRES, .asks = ASKS_OPTIONAL, .wants_inside = true

/* LDAP and MySQL are asked nothing inside: in TLS 1.2 the server's Finished says that we are in. */
#define PROVEN .min = 0x0303, .max = 0x0303

static const struct story starttls[] = {
	{ .name = "postgres-healthy", .story = "A PostgreSQL that wants client certificates, and gets a right one.", POSTGRES },
	{ .name = "postgres-none", .story = "The same without a certificate: the handshake succeeds, and then it says what it wants.",
	    .expect = "client.required", POSTGRES, .no_identity = true },
	{ .name = "postgres-other-ca", .story = "A PostgreSQL that does not trust the CA of our certificate.",
	    .expect = "client.untrusted", .mendable = true, POSTGRES, .client = { .leaf = "client-other" }, .cacert = { "other-root" } },
	{ .name = "postgres-no-tls", .story = "A PostgreSQL whose TLS is switched off: it answers “N”.",
	    .expect = "net.starttls-refused", .starttls = STARTTLS_POSTGRES, .plain = PLAIN_NOT_OFFERED },
	{ .name = "smtp-healthy", .story = "A mail server that wants client certificates, and gets a right one.", .starttls = STARTTLS_SMTP },
	{ .name = "smtp-missing-intermediate", .story = "A mail server that cannot complete our chain: our file lacks the issuing CA.",
	    .expect = "client.missing-intermediate", .mendable = true, .starttls = STARTTLS_SMTP, .client = { .form = CHAIN_LEAF_ONLY } },
	{ .name = "smtp-not-offered", .story = "A mail server that does not offer STARTTLS.",
	    .expect = "net.starttls-refused", .starttls = STARTTLS_SMTP, .plain = PLAIN_NOT_OFFERED },
	{ .name = "smtp-454", .story = "A mail server that offers STARTTLS and then refuses it with 454.",
	    .expect = "net.starttls-refused", .starttls = STARTTLS_SMTP, .plain = PLAIN_REFUSES },
	{ .name = "smtp-injected", .story = "Plain text comes behind the go-ahead for TLS: somebody has put it there.",
	    .expect = "net.not-tls", .starttls = STARTTLS_SMTP, .plain = PLAIN_INJECTS },
	{ .name = "imap-healthy", .story = "An IMAP server that wants client certificates, and gets a right one.", .starttls = STARTTLS_IMAP },
	{ .name = "pop3-none", .story = "A POP3 server wants a client certificate, and we have none.",
	    .expect = "client.required", .starttls = STARTTLS_POP3, .no_identity = true },
	{ .name = "ldap-healthy", .story = "An LDAP server that wants client certificates, and gets a right one.", .starttls = STARTTLS_LDAP, PROVEN },
	{ .name = "ldap-refused", .story = "An LDAP server without TLS.",
	    .expect = "net.starttls-refused", .starttls = STARTTLS_LDAP, .plain = PLAIN_REFUSES },
	{ .name = "mysql-healthy", .story = "A MySQL that wants client certificates, and gets a right one.", .starttls = STARTTLS_MYSQL, PROVEN },
	{ .name = "mysql-no-tls", .story = "A MySQL without TLS.",
	    .expect = "net.starttls-refused", .starttls = STARTTLS_MYSQL, .plain = PLAIN_NOT_OFFERED },
};

const struct story_table stories_starttls = { "STARTTLS", starttls, sizeof starttls / sizeof starttls[0] };
