/*
 * The way to TLS in plain text, each protocol against a server by script: what is said, what a refusal is taken for,
 * and hostile servers: endless lines, endless words, NULs, text behind the go-ahead, silence, an end in between.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/limits.h"
#include "model/memory.h"
#include "probes/starttls.h"
#include "tests/engine.h"

enum { TURNS = 6 };

/* What a server says, one turn after the other: before each but the first it hears something. */
struct turn {
	const char *bytes;
	size_t len;     /* 0: strlen(bytes) */
	unsigned times; /* said so often; 0: once */
};

struct plain_server {
	enum starttls protocol;
	bool waits;                 /* hears something before the first turn too */
	struct turn turns[TURNS];
	size_t hears_last;          /* bytes that it hears without an answer: MySQL's SSLRequest */
	bool tls;                   /* behind the last turn */
	const char *inside;         /* its answer to what comes inside TLS */
	size_t inside_len;
	const char *pg_error[3];    /* or PostgreSQL's, inside: code, message, routine; before TLS where tls is false */
	bool stays;                 /* until the client has gone; else it closes */
};

static bool
say(int fd, const struct turn *t)
{
	size_t len = t->len != 0 ? t->len : strlen(t->bytes);

	for (unsigned i = 0; i < (t->times != 0 ? t->times : 1); i++)
		for (size_t sent = 0; sent < len;) {
			ssize_t n = send(fd, t->bytes + sent, len - sent, MSG_NOSIGNAL);

			if (n <= 0)
				return false;
			sent += (size_t)n;
		}
	return true;
}

/* ErrorResponse: its length, then fields of a letter and a string. */
static struct buf
pg_error(const char *const fields[3])
{
	static const char letters[] = "CMR";
	struct buf b = { 0 };

	buf_add(&b, "E\0\0\0\0SFATAL\0VFATAL", 18);
	for (size_t i = 0; i < 3; i++) {
		buf_addc(&b, '\0');
		buf_addf(&b, "%c%s", letters[i], fields[i]);
	}
	buf_add(&b, "\0\0", 2);
	b.data[4] = (char)(b.len - 1);
	return b;
}

static void
go_over(int fd, SSL_CTX *ctx, const struct plain_server *p)
{
	SSL *ssl = SSL_new(ctx);
	char question[4096];
	struct buf b = { 0 };

	if (p->pg_error[0] != NULL)
		b = pg_error(p->pg_error);
	else if (p->inside != NULL)
		buf_add(&b, p->inside, p->inside_len != 0 ? p->inside_len : strlen(p->inside));
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && b.len > 0 && SSL_read(ssl, question, sizeof question) > 0)
		SSL_write(ssl, b.data, (int)b.len);
	buf_done(&b);
	if (p->stays)
		SSL_read(ssl, question, sizeof question);
	SSL_free(ssl);
}

static void
serve_plain(int fd, SSL_CTX *ctx, const struct script *s)
{
	const struct plain_server *p = s->bytes;
	char heard[4096];

	for (size_t i = 0; i < TURNS && p->turns[i].bytes != NULL; i++) {
		if ((i > 0 || p->waits) && recv(fd, heard, sizeof heard, 0) <= 0)
			return;
		if (!say(fd, &p->turns[i]))
			return;
	}
	if (p->hears_last > 0 && recv(fd, heard, p->hears_last, MSG_WAITALL) <= 0)
		return;
	if (p->pg_error[0] != NULL && !p->tls && recv(fd, heard, sizeof heard, 0) > 0) {
		struct buf b = pg_error(p->pg_error);

		send(fd, b.data, b.len, MSG_NOSIGNAL);
		buf_done(&b);
	}
	if (p->tls)
		go_over(fd, ctx, p);
	else if (p->stays)
		while (recv(fd, heard, sizeof heard, 0) > 0)
			continue;
}

static struct examination *
examine(const struct plain_server *p, int verify, const struct identity *id, const struct examine_options *opt)
{
	struct script_server *server = script_server_start(&(struct script){ .pki = &engine_pki, .serve = serve_plain,
	    .verify = verify, .tickets = -1, .bytes = p });
	struct examiner *x = engine_start(opt);
	struct examination *result;
	struct error err = { 0 };
	struct target t;

	engine_aim(&t, script_server_port(server));
	assert_int_equal(target_set_starttls(&t, p->protocol, &err), STATUS_OK);
	assert_false(t.http);
	result = engine_finish(x, &t, id);
	script_server_stop(server);
	return result;
}

static bool
said(const struct handshake *h, bool by_us, const char *words)
{
	for (size_t i = 0; i < h->spoken_len; i++)
		if (h->spoken[i].by_us == by_us && strstr(h->spoken[i].text, words) != NULL)
			return true;
	return false;
}

#define MYSQL_VERSION "\x0a" "8.0.36\0" "\x2a\0\0\0" "abcdefgh\0"
#define LDAP_SUCCESS "\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\0\x04\0\x04\0"

/* ---- it goes over ---- */

static const struct {
	const char *what;
	struct plain_server server;
	enum inside inside;
	enum outcome outcome; /* a certificate is asked for and sent */
	const char *we_said, *it_said;
} ways[] = {
	{ "postgres, a password", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .inside = "R\0\0\0\x08\0\0\0\x03", .inside_len = 9 },
	    INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, "StartupMessage", "asks for a password" },
	{ "postgres, trust", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .inside = "R\0\0\0\x08\0\0\0\0", .inside_len = 9 }, INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, "SSLRequest", "AuthenticationOk" },
	{ "postgres, a notice first", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .inside = "N\0\0\0\x05\0R\0\0\0\x08\0\0\0\x05", .inside_len = 15 }, INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, NULL, "MD5" },
	{ "postgres, who are you", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .pg_error = { "28000", "role \"mtlscope\" does not exist", "InitPost" } },
	    INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, NULL, "role \"mtlscope\" does not exist" },
	{ "postgres, no line for us, in another language", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .pg_error = { "28000", "kein pg_hba.conf-Eintrag", "ClientAuthentication" } },
	    INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, NULL, "kein pg_hba.conf-Eintrag" },
	/* It may be the certificate's fault, for all that is known. */
	{ "postgres, busy", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .pg_error = { "53300", "too many clients", "InitProcess" } },
	    INSIDE_DOUBTFUL, OUTCOME_ACCEPTED_APP, NULL, "too many clients" },
	{ "postgres, no certificate", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .pg_error = { "28000", "connection requires a valid client certificate", "ClientAuthentication" } },
	    INSIDE_REFUSED, OUTCOME_REJECTED_APP, NULL, "requires a valid client certificate" },
	{ "postgres, the same in another language", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .pg_error = { "28000", "Verbindung erfordert eines", "ClientAuthentication" } },
	    INSIDE_REFUSED, OUTCOME_REJECTED_APP, NULL, "Verbindung erfordert" },
	{ "postgres, no PostgreSQL inside", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
	    .inside = "HTTP/1.1 400 Bad Request\r\n\r\n" }, INSIDE_DOUBTFUL, OUTCOME_ACCEPTED_APP, NULL, NULL },
	{ "smtp", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220-one\r\n220 two\r\n" }, { .bytes = "250-a\r\n250-starttls\r\n250 b\r\n" }, { .bytes = "220 go\r\n" } },
	    .tls = true, .inside = "250-a\r\n250 b\r\n" }, INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, "STARTTLS", "220 go" },
	{ "smtp, bare line feeds", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 two\n" }, { .bytes = "250-a\n250 STARTTLS\n" }, { .bytes = "220\n" } },
	    .tls = true, .inside = "250\n" }, INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, "EHLO", "250 STARTTLS" },
	{ "smtp, refused inside", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 two\r\n" }, { .bytes = "250 STARTTLS\r\n" }, { .bytes = "220 go\r\n" } },
	    .tls = true, .inside = "550 5.7.1 Client certificate required\r\n" }, INSIDE_REFUSED, OUTCOME_REJECTED_APP, "EHLO", "550 5.7.1" },
	{ "smtp, busy inside", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 two\r\n" }, { .bytes = "250 STARTTLS\r\n" }, { .bytes = "220 go\r\n" } },
	    .tls = true, .inside = "421 4.3.2 too busy\r\n" }, INSIDE_DOUBTFUL, OUTCOME_ACCEPTED_APP, "EHLO", "421 4.3.2" },
	{ "imap", { .protocol = STARTTLS_IMAP, .turns = { { .bytes = "* OK ready\r\n" }, { .bytes = "* 3 EXISTS\r\na1 OK go\r\n" } }, .tls = true,
	    .inside = "* CAPABILITY IMAP4rev1\r\na2 OK done\r\n" }, INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, "a2 CAPABILITY", "a1 OK go" },
	{ "pop3", { .protocol = STARTTLS_POP3, .turns = { { .bytes = "+OK ready\r\n" }, { .bytes = "+OK go\r\n" } }, .tls = true, .inside = "+OK\r\n.\r\n" },
	    INSIDE_ACCEPTED, OUTCOME_ACCEPTED_APP, "STLS", "+OK go" },
	/* These two are asked nothing inside. */
	{ "mysql", { .protocol = STARTTLS_MYSQL, .turns = { { .bytes = "\x1e\0\0\0" MYSQL_VERSION "\xff\xff\x21\x02\0\xff\xff\x15", .len = 34 } }, .hears_last = 36, .tls = true, .stays = true },
	    INSIDE_NOT_ASKED, OUTCOME_ACCEPTED, "SSLRequest", "version 8.0.36" },
	{ "ldap", { .protocol = STARTTLS_LDAP, .waits = true, .turns = { { .bytes = LDAP_SUCCESS, .len = 14 } }, .tls = true, .stays = true },
	    INSIDE_NOT_ASKED, OUTCOME_ACCEPTED, "StartTLS", "success" },
	{ "ldap, lengths in four bytes", { .protocol = STARTTLS_LDAP, .waits = true,
	    .turns = { { .bytes = "\x30\x84\0\0\0\x10\x02\x01\x01\x78\x84\0\0\0\x07\x0a\x01\0\x04\0\x04\0", .len = 22 } }, .tls = true, .stays = true },
	    INSIDE_NOT_ASKED, OUTCOME_ACCEPTED, "StartTLS", "success" },
};

static void
each_protocol_goes_over(void **state)
{
	struct examine_options opt = engine_quick();

	(void)state;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		struct examination *x;
		const struct handshake *h;

		x = examine(&ways[i].server, ENGINE_MUST, engine_pki.identity, &opt);
		h = engine_baseline(x);
		if (h->inside.is != ways[i].inside)
			fail_msg("%s: inside %d, expected %d: %s", ways[i].what, h->inside.is, ways[i].inside, h->inside.text != NULL ? h->inside.text : "-");
		engine_expect(ways[i].what, h, ways[i].outcome);
		assert_int_equal(h->obstacle, OBSTACLE_NONE);
		assert_int_equal(h->http.status, 0);
		assert_true(h->starttls_ms >= 0);
		if ((ways[i].we_said != NULL && !said(h, true, ways[i].we_said)) || (ways[i].it_said != NULL && !said(h, false, ways[i].it_said)))
			fail_msg("%s: it is not on record what was said", ways[i].what);
		for (size_t k = 0; k < h->spoken_len; k++)
			assert_true(h->spoken[k].at_ms >= 0 && h->spoken[k].at_ms <= h->verdict_ms);
		examination_free(x);
	}
}

/* ---- it does not ---- */

static const char nuls[] = "220 a\0b\r\n250 \0STARTTLS\r\n";
static char endless_line[64 * 1024];

static const struct {
	const char *what;
	struct plain_server server;
	const char *why;    /* obstacle_why; NULL: no obstacle */
	const char *answer; /* part of obstacle_answer; NULL: none */
	enum code code;
} refusals[] = {
	{ "postgres without TLS", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "N" } }, .stays = true }, "it has no TLS", "N", CODE_NET_STARTTLS_REFUSED },
	{ "postgres is starting", { .protocol = STARTTLS_POSTGRES, .stays = true,
	    .pg_error = { "57P03", "the database is starting up", "x" } }, "it answers SSLRequest with an error", "FATAL: the database is starting up", CODE_NET_STARTTLS_REFUSED },
	{ "no postgres", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "HTTP/1.1 400 Bad Request\r\n\r\n" } } }, "it does not speak PostgreSQL", "HTTP/1.1 400", CODE_NET_STARTTLS_REFUSED },
	{ "postgres, an error without an end", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "E\x7f\xff\xff\xff", .len = 5 } }, .stays = true }, "it does not speak PostgreSQL", "E", CODE_NET_STARTTLS_REFUSED },
	{ "postgres, text behind the S", { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "Sinjected" } }, .stays = true }, "plain text behind", "injected", CODE_NET_NOT_TLS },
	{ "smtp greets with 554", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "554-No\r\n554 5.3.2 no service\r\n" } }, .stays = true }, "it greets with a refusal", "554 5.3.2 no service", CODE_NET_STARTTLS_REFUSED },
	{ "smtp does not offer it", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 a\r\n" }, { .bytes = "250-STARTLS\r\n250 8BITMIME\r\n" } }, .stays = true }, "it does not offer STARTTLS", "250 8BITMIME", CODE_NET_STARTTLS_REFUSED },
	{ "smtp knows no EHLO", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 a\r\n" }, { .bytes = "502 what?\r\n" } }, .stays = true }, "it refuses EHLO", "502 what?", CODE_NET_STARTTLS_REFUSED },
	{ "smtp 454", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 a\r\n" }, { .bytes = "250 STARTTLS\r\n" }, { .bytes = "454 4.7.0 later\r\n" } }, .stays = true }, "it refuses STARTTLS", "454 4.7.0 later", CODE_NET_STARTTLS_REFUSED },
	{ "smtp, text behind the go-ahead", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 a\r\n" }, { .bytes = "250 STARTTLS\r\n" }, { .bytes = "220 go\r\n250 mine\r\n" } }, .stays = true }, "plain text behind", "250 mine", CODE_NET_NOT_TLS },
	{ "no smtp", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "SSH-2.0-OpenSSH_9.2\r\n" } }, .stays = true }, "it does not speak SMTP", "SSH-2.0", CODE_NET_STARTTLS_REFUSED },
	{ "smtp, NULs", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = nuls, .len = 9 }, { .bytes = nuls + 9, .len = sizeof nuls - 1 - 9 } }, .stays = true }, "it does not offer STARTTLS", NULL, CODE_NET_STARTTLS_REFUSED },
	{ "smtp, an endless greeting", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220-again\r\n", .times = 1000000 } }, .stays = true }, "its words do not end", NULL, CODE_NET_STARTTLS_REFUSED },
	{ "smtp, a line of a megabyte", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = endless_line, .len = sizeof endless_line, .times = 16 } }, .stays = true }, "a line of it does not end", "220 xxxx", CODE_NET_STARTTLS_REFUSED },
	{ "smtp, cut off within its words", { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "554 go aw" } } }, "it ends the connection within its answer", "554 go aw", CODE_NET_STARTTLS_REFUSED },
	{ "smtp, gone at once", { .protocol = STARTTLS_SMTP }, NULL, NULL, CODE_NET_CLOSED },
	{ "imap, logged in already", { .protocol = STARTTLS_IMAP, .turns = { { .bytes = "* PREAUTH hello\r\n" } }, .stays = true }, "logged in already", "* PREAUTH", CODE_NET_STARTTLS_REFUSED },
	{ "imap, goodbye", { .protocol = STARTTLS_IMAP, .turns = { { .bytes = "* BYE overloaded\r\n" } }, .stays = true }, "it greets with a refusal", "* BYE overloaded", CODE_NET_STARTTLS_REFUSED },
	{ "imap says no", { .protocol = STARTTLS_IMAP, .turns = { { .bytes = "* OK\r\n" }, { .bytes = "a1 NO not here\r\n" } }, .stays = true }, "it refuses STARTTLS", "a1 NO not here", CODE_NET_STARTTLS_REFUSED },
	{ "imap, untagged for ever", { .protocol = STARTTLS_IMAP, .turns = { { .bytes = "* OK\r\n" }, { .bytes = "* 1 EXISTS\r\n", .times = 1000000 } }, .stays = true }, "its words do not end", NULL, CODE_NET_STARTTLS_REFUSED },
	{ "imap, words behind the go-ahead", { .protocol = STARTTLS_IMAP, .turns = { { .bytes = "* OK\r\n" }, { .bytes = "a1 OK\r\n* PREAUTH\r\n" } }, .stays = true }, "plain text behind", "* PREAUTH", CODE_NET_NOT_TLS },
	{ "pop3 says no", { .protocol = STARTTLS_POP3, .turns = { { .bytes = "+OK\r\n" }, { .bytes = "-ERR not here\r\n" } }, .stays = true }, "it refuses STLS", "-ERR not here", CODE_NET_STARTTLS_REFUSED },
	{ "no pop3", { .protocol = STARTTLS_POP3, .turns = { { .bytes = "* OK\r\n" } }, .stays = true }, "it does not speak POP3", "* OK", CODE_NET_STARTTLS_REFUSED },
	{ "mysql without TLS", { .protocol = STARTTLS_MYSQL, .turns = { { .bytes = "\x1e\0\0\0" MYSQL_VERSION "\xff\xf7\x21\x02\0\xff\xff\x15", .len = 34 } }, .stays = true }, "it does not offer TLS", "8.0.36", CODE_NET_STARTTLS_REFUSED },
	{ "mysql lets nobody in", { .protocol = STARTTLS_MYSQL, .turns = { { .bytes = "\x1a\0\0\0\xff\x6a\x04Host 'x' is not allowed", .len = 30 } }, .stays = true }, "it greets with an error", "is not allowed", CODE_NET_STARTTLS_REFUSED },
	{ "mysql, a greeting cut short", { .protocol = STARTTLS_MYSQL, .turns = { { .bytes = "\x05\0\0\0\x0a" "8.0.", .len = 9 } }, .stays = true }, "its greeting is cut short", NULL, CODE_NET_STARTTLS_REFUSED },
	{ "no mysql", { .protocol = STARTTLS_MYSQL, .turns = { { .bytes = "220 mail\r\n" } }, .stays = true }, "it does not speak MySQL", "220 mail", CODE_NET_STARTTLS_REFUSED },
	{ "ldap does not know it", { .protocol = STARTTLS_LDAP, .waits = true, .stays = true,
	    .turns = { { .bytes = "\x30\x14\x02\x01\x01\x78\x0f\x0a\x01\x02\x04\0\x04\x08no such\n", .len = 22 } } }, "it refuses StartTLS", "protocolError (2): no such", CODE_NET_STARTTLS_REFUSED },
	{ "ldap, another message", { .protocol = STARTTLS_LDAP, .waits = true, .turns = { { .bytes = "\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\0\x04\0\x04\0", .len = 14 } }, .stays = true }, "it does not speak LDAP", NULL, CODE_NET_STARTTLS_REFUSED },
	{ "ldap, a length of four gigabytes", { .protocol = STARTTLS_LDAP, .waits = true, .turns = { { .bytes = "\x30\x84\xff\xff\xff\xff", .len = 6 } }, .stays = true }, "it does not speak LDAP", NULL, CODE_NET_STARTTLS_REFUSED },
	{ "ldap, words behind it", { .protocol = STARTTLS_LDAP, .waits = true, .turns = { { .bytes = LDAP_SUCCESS "x", .len = 15 } }, .stays = true }, "plain text behind", "x", CODE_NET_NOT_TLS },
};

static void
each_refusal_says_what_was_answered(void **state)
{
	struct examine_options opt = engine_quick();

	(void)state;
	memset(endless_line, 'x', sizeof endless_line);
	memcpy(endless_line, "220 ", 4);
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		struct examination *x = examine(&refusals[i].server, ENGINE_MUST, engine_pki.identity, &opt);
		const struct handshake *h = engine_baseline(x);

		engine_expect(refusals[i].what, h, OUTCOME_NETWORK);
		if (x->diagnosis->root == NULL || x->diagnosis->root->code != refusals[i].code)
			fail_msg("%s: root cause %s", refusals[i].what, x->diagnosis->root != NULL ? code_info(x->diagnosis->root->code)->name : "none");
		if (refusals[i].code == CODE_NET_CLOSED && strstr(x->diagnosis->root->why, "then --starttls is not for it") == NULL)
			fail_msg("%s: %s", refusals[i].what, x->diagnosis->root->why);
		if (refusals[i].why == NULL ? h->obstacle != OBSTACLE_NONE : h->obstacle_why == NULL || strstr(h->obstacle_why, refusals[i].why) == NULL)
			fail_msg("%s: why “%s”", refusals[i].what, h->obstacle_why != NULL ? h->obstacle_why : "-");
		if (refusals[i].answer != NULL && (h->obstacle_answer == NULL || strstr(h->obstacle_answer, refusals[i].answer) == NULL ||
		    strstr(x->diagnosis->summary, refusals[i].answer) == NULL))
			fail_msg("%s: answer “%s”, summary: %s", refusals[i].what, h->obstacle_answer != NULL ? h->obstacle_answer : "-", x->diagnosis->summary);
		assert_int_equal(x->evidence->handshakes_len, 1);
		assert_int_equal(h->messages_len, 0);
		assert_true(h->spoken_len <= LIMIT_SPOKEN);
		for (size_t k = 0; k < h->spoken_len; k++)
			assert_true(strlen(h->spoken[k].text) <= LIMIT_SPOKEN_TEXT + 4 && text_flags(text_of(h->spoken[k].text)) == 0);
		examination_free(x);
	}
}

/* Silence has its time, and what was waited for is said. */
static void
silence(void **state)
{
	static const struct {
		struct plain_server server;
		const char *awaited;
	} cases[] = {
		{ { .protocol = STARTTLS_SMTP, .stays = true }, "its greeting" },
		{ { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 a\r\n" } }, .stays = true }, "its answer to EHLO" },
		{ { .protocol = STARTTLS_SMTP, .turns = { { .bytes = "220 a\r\n" }, { .bytes = "250-STARTTLS\r\n" } }, .stays = true }, "its answer to EHLO" },
		{ { .protocol = STARTTLS_POSTGRES, .stays = true }, "its answer to SSLRequest" },
		{ { .protocol = STARTTLS_LDAP, .waits = true, .turns = { { .bytes = "\x30\x0c\x02", .len = 3 } }, .stays = true }, "its answer to StartTLS" },
	};
	struct examine_options opt = engine_quick();

	(void)state;
	opt.connect_timeout_ms = 600; /* its handshake comes first, on a busy machine too */
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct examination *x = examine(&cases[i].server, ENGINE_MUST, engine_pki.identity, &opt);
		const struct handshake *h = engine_baseline(x);

		engine_expect(cases[i].awaited, h, OUTCOME_NETWORK);
		assert_int_equal(h->ended.how, END_TIMEOUT);
		assert_string_equal(h->awaited, cases[i].awaited);
		assert_int_equal(x->diagnosis->root->code, CODE_NET_TIMEOUT);
		assert_non_null(strstr(x->diagnosis->root->why, cases[i].awaited));
		examination_free(x);
	}
}

/* TLS 1.2 and 1.3, no certificate: the handshake is complete, and only then comes the refusal. */
static void
postgres_refuses_inside(void **state)
{
	static const struct plain_server server = { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
		.pg_error = { "28000", "connection requires a valid client certificate", "ClientAuthentication" } };
	struct examine_options opt = engine_quick();

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		struct examination *x;

		opt.max_version = (uint16_t)engine_versions[v];
		x = examine(&server, SSL_VERIFY_PEER, NULL, &opt);
		engine_expect("without a certificate", engine_baseline(x), OUTCOME_REJECTED_APP);
		assert_int_equal(x->diagnosis->root->code, CODE_CLIENT_REQUIRED);
		assert_int_equal(x->diagnosis->root->confidence, CONFIDENCE_CERTAIN);
		assert_int_equal(x->diagnosis->class, CLASS_CLIENT);
		examination_free(x);
	}
}

/* --bypass of a database was asked in TLS at once, which tells nothing there: it begins as the target does. */
static void
a_way_round_begins_in_the_same_protocol(void **state)
{
	static const struct plain_server server = { .protocol = STARTTLS_POSTGRES, .waits = true, .turns = { { .bytes = "S" } }, .tls = true,
		.inside = "R\0\0\0\x08\0\0\0\0", .inside_len = 9 };
	struct script like = { .pki = &engine_pki, .serve = serve_plain, .verify = ENGINE_MUST, .tickets = -1, .bytes = &server };
	struct script_server *here = script_server_start(&like), *there;
	struct examiner *x = engine_start(&examine_defaults);
	struct examination *result;
	const struct handshake *h;
	struct error err = { 0 };
	struct target t;
	char where[32];

	(void)state;
	like.verify = SSL_VERIFY_NONE;
	like.address = "127.0.0.9";
	there = script_server_start(&like);
	engine_aim(&t, script_server_port(here));
	assert_int_equal(target_set_starttls(&t, STARTTLS_POSTGRES, &err), STATUS_OK);
	snprintf(where, sizeof where, "127.0.0.9:%d", script_server_port(there));
	assert_int_equal(target_set_bypass(&t, where, &err), STATUS_OK);
	examiner_add(x, &t, engine_pki.identity, engine_pki.trust, NULL);
	target_done(&t);
	result = examiner_next(x, -1);
	h = evidence_experiment(result->evidence, "bypass");
	assert_non_null(h);
	assert_int_equal(h->inside.is, INSIDE_ACCEPTED);
	assert_int_equal(h->sent_certs_len, 0);
	assert_non_null(diagnosis_find(result->diagnosis, CODE_MTLS_BYPASS));
	examination_free(result);
	examiner_free(x);
	script_server_stop(here);
	script_server_stop(there);
}

/* Every byte of a dialogue in a read of its own comes to the same. */
static void
a_byte_at_a_time(void **state)
{
	static const char smtp[] = "220-one\r\n220 two\r\n250-a\r\n250 STARTTLS\r\n220 go\r\n";
	static const char ldap[] = LDAP_SUCCESS;

	(void)state;
	for (int which = 0; which < 2; which++) {
		struct handshake *h = handshake_new();
		struct dialogue d;
		const char *bytes = which == 0 ? smtp : ldap;
		size_t len = which == 0 ? sizeof smtp - 1 : 14;

		dialogue_begin(&d, starttls_dialect(which == 0 ? STARTTLS_SMTP : STARTTLS_LDAP), SPOKEN_BEFORE_TLS, NULL, h, 0);
		for (size_t i = 0; i < len; i++) {
			assert_int_equal(d.state, DIALOGUE_GOES_ON);
			dialogue_feed(&d, (const unsigned char *)bytes + i, 1, (double)i);
		}
		assert_int_equal(d.state, DIALOGUE_AGREED);
		assert_int_equal(dialogue_rest(&d).len, 0);
		dialogue_done(&d);
		handshake_free(h);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_protocol_goes_over),
		cmocka_unit_test(each_refusal_says_what_was_answered),
		cmocka_unit_test(silence),
		cmocka_unit_test(postgres_refuses_inside),
		cmocka_unit_test(a_way_round_begins_in_the_same_protocol),
		cmocka_unit_test(a_byte_at_a_time),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
