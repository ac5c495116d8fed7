/* PostgreSQL (protocol 3.0), MySQL (protocol 4.1) and LDAP (RFC 4511, 4.14): packets. */
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/starttls.h"

static const struct text nothing = { NULL, 0 };

static size_t
big_endian(const unsigned char *p, size_t bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < bytes; i++)
		n = n << 8 | p[i];
	return n;
}

static bool
holds(struct text t, const char *word)
{
	return t.len > 0 && memmem(t.bytes, t.len, word, strlen(word)) != NULL;
}

/* ---- PostgreSQL: https://www.postgresql.org/docs/current/protocol-flow.html ---- */

enum { PG_HEADER = 5, PG_ANSWER_MAX = 30000 }; /* libpq takes no longer ErrorResponse before it is logged in either */

struct pg_error {
	struct text severity, code, message, routine;
};

/* ErrorResponse: fields of a letter and a string, ended by a zero. */
static struct pg_error
pg_error(struct text body)
{
	struct pg_error e = { nothing, nothing, nothing, nothing };

	while (body.len > 1 && body.bytes[0] != '\0') {
		const unsigned char *end = memchr(body.bytes + 1, '\0', body.len - 1);
		struct text value;

		if (end == NULL)
			break;
		value = (struct text){ body.bytes + 1, (size_t)(end - body.bytes) - 1 };
		switch (body.bytes[0]) {
		case 'S': e.severity = value; break;
		case 'C': e.code = value; break;
		case 'M': e.message = value; break;
		case 'R': e.routine = value; break;
		default: break;
		}
		body.len -= (size_t)(end + 1 - body.bytes);
		body.bytes = end + 1;
	}
	return e;
}

static struct text
pg_words(const struct dialogue *d, const struct pg_error *e)
{
	struct buf b = { 0 };
	struct text words;

	if (e->message.len == 0)
		return text_of("ErrorResponse without a message");
	buf_add(&b, e->severity.bytes, e->severity.len);
	if (e->severity.len > 0)
		buf_adds(&b, ": ");
	buf_add(&b, e->message.bytes, e->message.len);
	words = (struct text){ arena_dup(d->h->arena, b.data, b.len), b.len };
	buf_done(&b);
	return words;
}

/* A message with its type and length: *body is what it holds. False: not all there. */
static bool
pg_message(struct dialogue *d, unsigned char *type, struct text *body)
{
	struct text t = dialogue_heard(d);
	size_t len;

	if (t.len < PG_HEADER)
		return false;
	len = big_endian(t.bytes + 1, 4);
	if (len < 4 || len > PG_ANSWER_MAX) {
		dialogue_note(d, t);
		dialogue_refuse(d, "it does not speak PostgreSQL", t);
		return false;
	}
	if (t.len < 1 + len)
		return false;
	*type = t.bytes[0];
	*body = (struct text){ t.bytes + PG_HEADER, len - 4 };
	dialogue_take(d, 1 + len);
	return true;
}

static void
pg_begin(struct dialogue *d)
{
	static const unsigned char ssl_request[] = { 0, 0, 0, 8, 4, 210, 22, 47 }; /* 80877103 */

	dialogue_say(d, ssl_request, sizeof ssl_request, "SSLRequest");
	dialogue_await(d, "its answer to SSLRequest");
}

static bool
pg_hear(struct dialogue *d)
{
	struct text t = dialogue_heard(d), body;
	struct pg_error e;
	unsigned char type;

	switch (t.bytes[0]) {
	case 'S':
		dialogue_take(d, 1);
		dialogue_note(d, text_of("S: goes over to TLS"));
		dialogue_agree(d, text_of("S"));
		return true;
	case 'N':
		dialogue_take(d, 1);
		dialogue_note(d, text_of("N: no TLS here"));
		dialogue_refuse(d, "it has no TLS (ssl = off)", text_of("N"));
		return true;
	case 'E': /* before it has looked at the request: too many connections, starting up */
		if (!pg_message(d, &type, &body))
			return d->state != DIALOGUE_GOES_ON;
		e = pg_error(body);
		dialogue_note(d, pg_words(d, &e));
		dialogue_refuse(d, "it answers SSLRequest with an error", pg_words(d, &e));
		return true;
	default:
		dialogue_note(d, t);
		dialogue_refuse(d, "it does not speak PostgreSQL", t);
		return true;
	}
}

const struct dialect dialect_postgres = { .name = "PostgreSQL", .begin = pg_begin, .hear = pg_hear };

/* StartupMessage: protocol 3.0, a user that nobody has, no password. */
static void
pg_inside_begin(struct dialogue *d)
{
	static const char words[] = "\0\3\0\0user\0mtlscope\0database\0mtlscope\0application_name\0mtlscope\0";
	unsigned char message[4 + sizeof words];

	_Static_assert(4 + sizeof words < 256, "its length is one byte");
	memset(message, 0, 4);
	message[3] = (unsigned char)sizeof message;
	memcpy(message + 4, words, sizeof words); /* the literal's own NUL ends the list */
	dialogue_say(d, message, sizeof message, "StartupMessage: user mtlscope");
}

/*
 * Which errors are about the certificate: src/backend/libpq/auth.c, ClientAuthentication(), which has three of
 * code 28000 that come from there: no valid certificate, and two that name pg_hba.conf in every language. What
 * comes from auth_failed() is about the user: TLS has taken the certificate.
 */
static bool
pg_wants_certificate(const struct pg_error *e)
{
	if (holds(e->message, "requires a valid client certificate"))
		return true;
	return text_equal(e->code, text_of("28000")) && text_equal(e->routine, text_of("ClientAuthentication")) &&
	    !holds(e->message, "pg_hba.conf");
}

static void
pg_inside_error(struct dialogue *d, struct text body)
{
	struct pg_error e = pg_error(body);
	struct text words = pg_words(d, &e);

	dialogue_note(d, words);
	if (pg_wants_certificate(&e)) {
		dialogue_refuse(d, "it wants a valid client certificate", words);
		return;
	}
	/* Class 28 (who are you) and 3D (which database) come after TLS was looked at; of others that is not known. */
	d->doubtful = !text_starts(e.code, "28") && !text_starts(e.code, "3D");
	dialogue_agree(d, words);
}

static bool
pg_inside_hear(struct dialogue *d)
{
	static const char *const asks[] = { [0] = "AuthenticationOk", [2] = "asks for Kerberos", [3] = "asks for a password",
		[5] = "asks for a password (MD5)", [7] = "asks for GSSAPI", [9] = "asks for SSPI", [10] = "asks for a password (SASL)" };
	struct text body;
	unsigned char type;
	const char *words = "Authentication";
	size_t what;

	if (!pg_message(d, &type, &body)) {
		if (d->state == DIALOGUE_REFUSED) { /* nonsense is no refusal of a certificate */
			d->doubtful = true;
			dialogue_agree(d, text_of("bytes that are no PostgreSQL"));
		}
		return false;
	}
	switch (type) {
	case 'R':
		what = body.len >= 4 ? big_endian(body.bytes, 4) : sizeof asks;
		if (what < sizeof asks / sizeof asks[0] && asks[what] != NULL)
			words = asks[what];
		dialogue_note(d, text_of(words));
		dialogue_agree(d, text_of(words));
		break;
	case 'E':
		pg_inside_error(d, body);
		break;
	case 'N': /* a notice, and the protocol's own negotiation: the answer is still to come */
	case 'v':
		break;
	default:
		d->doubtful = true;
		dialogue_agree(d, text_of("a message that was not to be expected"));
	}
	return true;
}

const struct dialect dialect_postgres_inside = {
	.name = "PostgreSQL", .question = "StartupMessage", .begin = pg_inside_begin, .hear = pg_inside_hear,
};

/* ---- MySQL: https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_connection_phase.html ---- */

enum {
	MYSQL_HEADER = 4,
	MYSQL_VERSION = 10,
	MYSQL_ERROR = 0xff,
	MYSQL_BEHIND_VERSION = 4 + 8 + 1, /* thread id, part of the challenge, filler; then the capabilities' lower half */
	MYSQL_CLIENT_SSL = 0x0800
};

static void
mysql_begin(struct dialogue *d)
{
	dialogue_await(d, "its greeting");
}

static void
mysql_greeting(struct dialogue *d, struct text body)
{
	/* CLIENT_PROTOCOL_41, CLIENT_SSL, CLIENT_SECURE_CONNECTION, CLIENT_PLUGIN_AUTH; 16 MB packets; utf8 */
	static const unsigned char ssl_request[MYSQL_HEADER + 32] = { 32, 0, 0, 1, 0x00, 0x8a, 0x08, 0x00, 0, 0, 0, 1, 33 };
	const unsigned char *end = memchr(body.bytes + 1, '\0', body.len - 1);
	struct text version, rest;
	struct buf b = { 0 };

	if (end == NULL || (size_t)(body.bytes + body.len - end) < 1 + MYSQL_BEHIND_VERSION + 2) {
		dialogue_refuse(d, "its greeting is cut short", body);
		return;
	}
	version = (struct text){ body.bytes + 1, (size_t)(end - body.bytes) - 1 };
	rest = (struct text){ end + 1, body.len - version.len - 2 };
	buf_adds(&b, "version ");
	buf_add(&b, version.bytes, version.len);
	dialogue_note(d, (struct text){ (const unsigned char *)b.data, b.len });
	if (((unsigned)rest.bytes[MYSQL_BEHIND_VERSION] | (unsigned)rest.bytes[MYSQL_BEHIND_VERSION + 1] << 8) & MYSQL_CLIENT_SSL) {
		dialogue_say(d, ssl_request, sizeof ssl_request, "SSLRequest");
		dialogue_agree(d, nothing); /* no answer comes: TLS follows at once */
	} else {
		dialogue_refuse(d, "it does not offer TLS", (struct text){ (const unsigned char *)b.data, b.len });
	}
	buf_done(&b);
}

static bool
mysql_hear(struct dialogue *d)
{
	struct text t = dialogue_heard(d), body;
	size_t len;

	if (t.len < MYSQL_HEADER + 1)
		return false;
	len = (size_t)t.bytes[0] | (size_t)t.bytes[1] << 8 | (size_t)t.bytes[2] << 16;
	if (len < 1 || len > LIMIT_DIALOGUE_LINE || t.bytes[3] != 0 ||
	    (t.bytes[MYSQL_HEADER] != MYSQL_VERSION && t.bytes[MYSQL_HEADER] != MYSQL_ERROR)) {
		dialogue_note(d, t);
		dialogue_refuse(d, "it does not speak MySQL", t);
		return true;
	}
	if (t.len < MYSQL_HEADER + len)
		return false;
	body = (struct text){ t.bytes + MYSQL_HEADER, len };
	dialogue_take(d, MYSQL_HEADER + len);
	if (body.bytes[0] == MYSQL_ERROR) { /* the code, and words: "Host '…' is not allowed to connect" */
		struct text words = { body.bytes + (body.len < 3 ? body.len : 3), body.len < 3 ? 0 : body.len - 3 };

		dialogue_note(d, words);
		dialogue_refuse(d, "it greets with an error", words);
		return true;
	}
	mysql_greeting(d, body);
	return true;
}

const struct dialect dialect_mysql = { .name = "MySQL", .begin = mysql_begin, .hear = mysql_hear };

/* ---- LDAP ---- */

enum { BER_SEQUENCE = 0x30, BER_INTEGER = 0x02, BER_ENUMERATED = 0x0a, BER_STRING = 0x04, LDAP_EXTENDED_RESPONSE = 0x78 };

/*
 * The next element of *from: its tag, and what it holds. RFC 4511 5.1 wants definite lengths; Active Directory
 * writes them in four bytes where one would do. Negative: nonsense, 0: not all there.
 */
static int
ber_next(struct text *from, unsigned char *tag, struct text *body)
{
	size_t header = 2, len;

	if (from->len < 2)
		return 0;
	len = from->bytes[1];
	if (len & 0x80) {
		size_t bytes = len & 0x7f;

		if (bytes == 0 || bytes > 4)
			return -1;
		if (from->len < 2 + bytes)
			return 0;
		header += bytes;
		len = big_endian(from->bytes + 2, bytes);
	}
	if (len > LIMIT_DIALOGUE_LINE)
		return -1;
	if (from->len < header + len)
		return 0;
	*tag = from->bytes[0];
	*body = (struct text){ from->bytes + header, len };
	from->bytes += header + len;
	from->len -= header + len;
	return 1;
}

static void
ldap_begin(struct dialogue *d)
{
	static const unsigned char request[] = { BER_SEQUENCE, 29, BER_INTEGER, 1, 1, 0x77, 24, 0x80, 22, '1', '.', '3', '.', '6', '.',
		'1', '.', '4', '.', '1', '.', '1', '4', '6', '6', '.', '2', '0', '0', '3', '7' };

	dialogue_say(d, request, sizeof request, "StartTLS request");
	dialogue_await(d, "its answer to StartTLS");
}

/* RFC 4511 appendix A.2 and 4.14.2: what a server answers StartTLS with. */
static const char *
ldap_result_name(size_t code)
{
	static const struct {
		size_t code;
		const char *name;
	} names[] = { { 1, "operationsError" }, { 2, "protocolError" }, { 8, "strongerAuthRequired" }, { 10, "referral" },
		{ 13, "confidentialityRequired" }, { 50, "insufficientAccessRights" }, { 51, "busy" }, { 52, "unavailable" },
		{ 53, "unwillingToPerform" }, { 80, "other" } };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (names[i].code == code)
			return names[i].name;
	return "result";
}

/* LDAPMessage: an id, then ExtendedResponse: resultCode, matchedDN, diagnosticMessage, … */
static bool
ldap_response(struct dialogue *d, struct text message)
{
	struct text part, response, code, words = nothing;
	unsigned char tag;
	struct buf b = { 0 };

	if (ber_next(&message, &tag, &part) != 1 || tag != BER_INTEGER || ber_next(&message, &tag, &response) != 1 ||
	    tag != LDAP_EXTENDED_RESPONSE || ber_next(&response, &tag, &code) != 1 || tag != BER_ENUMERATED || code.len == 0 || code.len > 4)
		return false;
	if (ber_next(&response, &tag, &part) == 1 && tag == BER_STRING && ber_next(&response, &tag, &part) == 1 && tag == BER_STRING)
		words = part;
	if (big_endian(code.bytes, code.len) == 0) {
		dialogue_note(d, text_of("success: goes over to TLS"));
		dialogue_agree(d, text_of("success"));
		return true;
	}
	buf_addf(&b, "%s (%zu)%s", ldap_result_name(big_endian(code.bytes, code.len)), big_endian(code.bytes, code.len), words.len > 0 ? ": " : "");
	buf_add(&b, words.bytes, words.len);
	dialogue_note(d, (struct text){ (const unsigned char *)b.data, b.len });
	dialogue_refuse(d, "it refuses StartTLS", (struct text){ (const unsigned char *)b.data, b.len });
	buf_done(&b);
	return true;
}

static bool
ldap_hear(struct dialogue *d)
{
	struct text t = dialogue_heard(d), whole = t, message = nothing;
	unsigned char tag = BER_SEQUENCE;
	int is = t.bytes[0] != BER_SEQUENCE ? -1 : ber_next(&t, &tag, &message);

	if (is == 0)
		return false;
	if (is == 1) {
		dialogue_take(d, whole.len - t.len);
		if (ldap_response(d, message))
			return true;
	}
	dialogue_note(d, whole);
	dialogue_refuse(d, "it does not speak LDAP", whole);
	return true;
}

const struct dialect dialect_ldap = { .name = "LDAP", .begin = ldap_begin, .hear = ldap_hear };
