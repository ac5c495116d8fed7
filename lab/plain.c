#include "lab/plain.h"

#include <string.h>
#include <strings.h>

/* PostgreSQL's and MySQL's messages in bytes; everything else is lines. */
enum { PG_SSL_REQUEST = 8, MYSQL_SSL_REQUEST = 36 };

static const char pg_wants[] = "E\0\0\0\x6d"
			       "SFATAL\0VFATAL\0C28000\0Mconnection requires a valid client certificate\0"
			       "Fauth.c\0L415\0RClientAuthentication\0";
static const char pg_asks[] = "R\0\0\0\x17\0\0\0\x0aSCRAM-SHA-256\0"; /* and one NUL more, the literal's */

/* MySQL 8: protocol 10, a challenge, and what it is able to do, TLS among it or not. */
static const char mysql_greeting[] = "\x4a\0\0\0\x0a" "8.0.36\0" "\x2a\0\0\0" "abcdefgh\0" "\xff\xff\xff\x02\0\xff\xdf\x15"
				     "\0\0\0\0\0\0\0\0\0\0" "ijklmnopqrst\0" "caching_sha2_password";
enum { MYSQL_CAPABILITIES = 4 + 1 + 7 + 4 + 8 + 1 }; /* where their lower half begins */

static const char ldap_success[] = "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04";
static const char ldap_refusal[] = "\x30\x21\x02\x01\x01\x78\x1c\x0a\x01\x02\x04\0\x04\x15unsupported operation";

/* Of each protocol of lines: its greeting, what it is asked, and what it answers. */
static const struct lines {
	const char *greeting, *ehlo, *ehlo_without, *wish, *yes, *no, *inside;
} of_lines[] = {
	[STARTTLS_SMTP] = { "220 mail.internal ESMTP\r\n", "250-mail.internal\r\n250-STARTTLS\r\n250 8BITMIME\r\n",
	    "250-mail.internal\r\n250 8BITMIME\r\n", "STARTTLS", "220 2.0.0 Ready to start TLS\r\n",
	    "454 4.7.0 TLS not available due to local problem\r\n", "250-mail.internal\r\n250 8BITMIME\r\n" },
	[STARTTLS_IMAP] = { "* OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED] ready.\r\n", NULL, NULL, "a1 STARTTLS",
	    "a1 OK Begin TLS negotiation now.\r\n", "a1 BAD TLS support isn't enabled.\r\n",
	    "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\na2 OK Capability completed.\r\n" },
	[STARTTLS_POP3] = { "+OK ready.\r\n", NULL, NULL, "STLS", "+OK Begin TLS negotiation now.\r\n",
	    "-ERR TLS support isn't enabled.\r\n", "+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n" },
};
static const char injected[] = "250 mail.internal, put here by somebody in between\r\n";

static bool
has_lines(const struct story *s)
{
	return s->starttls == STARTTLS_SMTP || s->starttls == STARTTLS_IMAP || s->starttls == STARTTLS_POP3;
}

static void
take(struct buf *in, size_t n)
{
	memmove(in->data, in->data + n, in->len - n);
	in->len -= n;
}

void
plain_greet(const struct story *s, struct buf *out)
{
	if (has_lines(s))
		buf_adds(out, of_lines[s->starttls].greeting);
	if (s->starttls != STARTTLS_MYSQL)
		return;
	buf_add(out, mysql_greeting, sizeof mysql_greeting); /* with the NUL that ends it */
	if (s->plain == PLAIN_NOT_OFFERED)
		out->data[MYSQL_CAPABILITIES + 1] &= (char)~0x08; /* CLIENT_SSL */
}

static enum plain_result
hear_line(const struct story *s, const char *line, struct buf *out)
{
	const struct lines *l = &of_lines[s->starttls];

	if (l->ehlo != NULL && strncasecmp(line, "EHLO ", 5) == 0) {
		buf_adds(out, s->plain == PLAIN_NOT_OFFERED ? l->ehlo_without : l->ehlo);
		return PLAIN_WAITS;
	}
	if (strncasecmp(line, l->wish, strlen(l->wish)) != 0) {
		buf_adds(out, s->starttls == STARTTLS_SMTP ? "502 5.5.2 what?\r\n" : s->starttls == STARTTLS_IMAP ? "* BAD what?\r\n" : "-ERR what?\r\n");
		return PLAIN_ENDS;
	}
	buf_adds(out, s->plain == PLAIN_GOES_OVER || s->plain == PLAIN_INJECTS ? l->yes : l->no);
	if (s->plain == PLAIN_INJECTS)
		buf_adds(out, injected);
	return s->plain == PLAIN_GOES_OVER ? PLAIN_TLS : PLAIN_WAITS;
}

static enum plain_result
hear_lines(const struct story *s, struct buf *in, struct buf *out)
{
	enum plain_result result = PLAIN_WAITS;
	char *end;

	while (result == PLAIN_WAITS && in->len > 0 && (end = memchr(in->data, '\n', in->len)) != NULL) {
		*end = '\0';
		result = hear_line(s, in->data, out);
		take(in, (size_t)(end + 1 - in->data));
	}
	return result;
}

static enum plain_result
hear_packet(struct buf *in, size_t len, const char *answer, size_t answer_len, bool goes_over, struct buf *out)
{
	if (in->len < len)
		return PLAIN_WAITS;
	take(in, len);
	buf_add(out, answer, answer_len);
	return goes_over ? PLAIN_TLS : PLAIN_WAITS;
}

enum plain_result
plain_hear(const struct story *s, struct buf *in, struct buf *out)
{
	bool goes_over = s->plain == PLAIN_GOES_OVER;

	switch (s->starttls) {
	case STARTTLS_POSTGRES: return hear_packet(in, PG_SSL_REQUEST, goes_over ? "S" : "N", 1, goes_over, out);
	case STARTTLS_MYSQL: return hear_packet(in, MYSQL_SSL_REQUEST, "", 0, goes_over, out);
	case STARTTLS_LDAP:
		return hear_packet(in, in->len < 2 ? 2 : 2 + (size_t)(unsigned char)in->data[1], goes_over ? ldap_success : ldap_refusal,
		    goes_over ? sizeof ldap_success : sizeof ldap_refusal - 1, goes_over, out);
	default: return hear_lines(s, in, out);
	}
}

bool
plain_inside(const struct story *s, struct buf *in, bool certificate_came, struct buf *out, bool *ends)
{
	if (has_lines(s)) {
		if (in->len == 0 || memchr(in->data, '\n', in->len) == NULL)
			return false;
		buf_adds(out, of_lines[s->starttls].inside);
		return true;
	}
	if (s->starttls != STARTTLS_POSTGRES || in->len < 4 || in->len < (size_t)(unsigned char)in->data[3])
		return false;
	*ends = s->wants_inside && !certificate_came;
	if (*ends)
		buf_add(out, pg_wants, sizeof pg_wants);
	else
		buf_add(out, pg_asks, sizeof pg_asks);
	return true;
}
