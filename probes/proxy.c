#include "probes/proxy.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

static const struct text nothing = { NULL, 0 };

static bool
has_login(const struct dialogue *d)
{
	return d->wish.user != NULL;
}

/* ---- HTTP CONNECT, RFC 9110 9.3.6 ---- */

/* Basic, RFC 7617. What held the password on the way is cleared. */
static void
add_login(struct buf *out, const struct dialogue *d)
{
	struct buf plain = { 0 };
	unsigned char *coded;

	buf_addf(&plain, "%s:%s", d->wish.user, d->wish.password != NULL ? d->wish.password : "");
	coded = mem_zero(plain.len / 3 * 4 + 8, 1);
	EVP_EncodeBlock(coded, (const unsigned char *)plain.data, (int)plain.len);
	buf_addf(out, "Proxy-Authorization: Basic %s\r\n", (const char *)coded);
	OPENSSL_cleanse(plain.data, plain.len);
	OPENSSL_cleanse(coded, plain.len / 3 * 4 + 8);
	free(coded);
	buf_done(&plain);
}

static void
connect_begin(struct dialogue *d)
{
	struct buf b = { 0 }, place = { 0 }, shown = { 0 };

	buf_addf(&place, strchr(d->wish.host, ':') != NULL ? "[%s]:%u" : "%s:%u", d->wish.host, (unsigned)d->wish.port);
	buf_addf(&b, "CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: mtlscope\r\n", buf_str(&place), buf_str(&place));
	if (has_login(d))
		add_login(&b, d);
	buf_adds(&b, "\r\n");
	buf_addf(&shown, "CONNECT %s", buf_str(&place));
	dialogue_say(d, b.data, b.len, buf_str(&shown));
	OPENSSL_cleanse(b.data, b.len);
	buf_done(&b);
	buf_done(&place);
	buf_done(&shown);
	dialogue_await(d, "the proxy's answer to CONNECT");
}

/* What a status means that is no 2xx. */
static const char *
connect_problem(const struct dialogue *d)
{
	switch (d->status) {
	case 401:
	case 407: return has_login(d) ? "it does not take our user and password" : "it wants a user and password";
	case 403: return "it forbids the way";
	case 404: return "it does not find the server";
	case 400:
	case 405:
	case 501: return "it does not do CONNECT";
	case 502:
	case 503: return "it does not reach the server";
	case 504: return "it got no answer from the server";
	default: return "it refuses";
	}
}

static unsigned
status_of(struct text line)
{
	const unsigned char *p = line.bytes;
	size_t at = 8;

	if (line.len < 12 || !text_starts(line, "HTTP/1.") || p[at++] != ' ')
		return 0;
	for (size_t i = at; i < at + 3; i++)
		if (p[i] < '0' || p[i] > '9')
			return 0;
	return (unsigned)(p[at] - '0') * 100 + (unsigned)(p[at + 1] - '0') * 10 + (unsigned)(p[at + 2] - '0');
}

static bool
connect_hear(struct dialogue *d)
{
	struct text line;

	if (!dialogue_quiet_line(d, &line))
		return false;
	if (d->step == 0) {
		dialogue_note(d, line);
		d->status = status_of(line);
		if (d->status == 0) {
			dialogue_refuse(d, "it is no HTTP proxy", line);
			return true;
		}
		d->kept = text_safe_arena(d->h->arena, line, LIMIT_SPOKEN_TEXT, NULL);
		d->step = 1;
	} else if (line.len == 0) {
		d->step = 0; /* after a 1xx comes another answer */
		if (d->status >= 200 && d->status < 300)
			dialogue_agree(d, text_of(d->kept));
		else if (d->status >= 200)
			dialogue_refuse(d, connect_problem(d), text_of(d->kept));
	} else if (text_starts(line, "Proxy-Authenticate:") || text_starts(line, "Via:") || text_starts(line, "X-Squid-Error:")) {
		dialogue_note(d, line);
	}
	return true;
}

static const struct dialect http_connect = { .name = "HTTP", .begin = connect_begin, .hear = connect_hear };

/* ---- SOCKS 5, RFC 1928 and 1929 ---- */

enum { SOCKS_METHOD, SOCKS_LOGIN, SOCKS_REPLY };
enum { NO_LOGIN = 0, PASSWORD = 2, NO_METHOD = 0xff };
enum { IPV4 = 1, NAME = 3, IPV6 = 4 };

static void
socks_begin(struct dialogue *d)
{
	static const unsigned char with_login[] = { 5, 2, NO_LOGIN, PASSWORD }, without[] = { 5, 1, NO_LOGIN };

	if (has_login(d))
		dialogue_say(d, with_login, sizeof with_login, "SOCKS 5: no login, or password");
	else
		dialogue_say(d, without, sizeof without, "SOCKS 5: no login");
	dialogue_await(d, "the proxy's choice of a login");
}

static void
socks_connect(struct dialogue *d)
{
	struct buf b = { 0 }, shown = { 0 };
	unsigned char address[16];

	buf_add(&b, "\5\1\0", 3); /* version, CONNECT, reserved */
	if (inet_pton(AF_INET, d->wish.host, address) == 1) {
		buf_addc(&b, IPV4);
		buf_add(&b, address, 4);
	} else if (inet_pton(AF_INET6, d->wish.host, address) == 1) {
		buf_addc(&b, IPV6);
		buf_add(&b, address, 16);
	} else {
		buf_addc(&b, NAME);
		buf_addc(&b, (char)strlen(d->wish.host)); /* LIMIT_HOST is 253 */
		buf_adds(&b, d->wish.host);
	}
	buf_addc(&b, (char)(d->wish.port >> 8));
	buf_addc(&b, (char)(d->wish.port & 0xff));
	buf_addf(&shown, strchr(d->wish.host, ':') != NULL ? "CONNECT [%s]:%u" : "CONNECT %s:%u", d->wish.host, (unsigned)d->wish.port);
	dialogue_say(d, b.data, b.len, buf_str(&shown));
	buf_done(&b);
	buf_done(&shown);
	dialogue_await(d, "the proxy's answer to CONNECT");
	d->step = SOCKS_REPLY;
}

static void
socks_login(struct dialogue *d)
{
	const char *password = d->wish.password != NULL ? d->wish.password : "";
	struct buf b = { 0 };

	buf_addc(&b, 1);
	buf_addc(&b, (char)strlen(d->wish.user)); /* CREDENTIAL_MAX of model/proxy.c */
	buf_adds(&b, d->wish.user);
	buf_addc(&b, (char)strlen(password));
	buf_adds(&b, password);
	dialogue_say(d, b.data, b.len, "user and password");
	OPENSSL_cleanse(b.data, b.len);
	buf_done(&b);
	dialogue_await(d, "the proxy's answer to our password");
	d->step = SOCKS_LOGIN;
}

static void
socks_method(struct dialogue *d, unsigned char method)
{
	if (method == NO_LOGIN) {
		dialogue_note(d, text_of("no login is needed"));
		socks_connect(d);
	} else if (method == PASSWORD && has_login(d)) {
		dialogue_note(d, text_of("a password is needed"));
		socks_login(d);
	} else {
		dialogue_note(d, text_of("no login that we offer will do"));
		dialogue_refuse(d, has_login(d) ? "it takes no login by password" : "it wants a login", nothing);
	}
}

/* RFC 1928 section 6. */
static const char *
socks_problem(unsigned char reply)
{
	static const char *const words[] = { NULL, "general SOCKS server failure", "connection not allowed by ruleset",
		"Network unreachable", "Host unreachable", "Connection refused", "TTL expired", "Command not supported", "Address type not supported" };

	return reply < sizeof words / sizeof words[0] ? words[reply] : "a reply that RFC 1928 does not know";
}

/* The address that it connects from comes with its reply, and is of no concern. */
static bool
socks_reply(struct dialogue *d, struct text t)
{
	struct buf b = { 0 };
	size_t len;

	if (t.len < 5)
		return false;
	len = t.bytes[3] == IPV4 ? 4 : t.bytes[3] == IPV6 ? 16 : (size_t)t.bytes[4] + 1;
	if (t.bytes[1] == 0 && t.len < 4 + len + 2)
		return false;
	dialogue_take(d, t.bytes[1] == 0 ? 4 + len + 2 : t.len);
	if (t.bytes[1] == 0) {
		dialogue_note(d, text_of("succeeded"));
		dialogue_agree(d, text_of("succeeded"));
		return true;
	}
	buf_addf(&b, "%u: %s", t.bytes[1], socks_problem(t.bytes[1]));
	dialogue_note(d, text_of(buf_str(&b)));
	dialogue_refuse(d, "it does not reach the server", text_of(buf_str(&b)));
	buf_done(&b);
	return true;
}

static bool
socks_hear(struct dialogue *d)
{
	struct text t = dialogue_heard(d);

	if (t.bytes[0] != (d->step == SOCKS_LOGIN ? 1 : 5)) {
		dialogue_note(d, t);
		dialogue_refuse(d, "it is no SOCKS 5 proxy", t);
		return true;
	}
	if (d->step == SOCKS_REPLY)
		return socks_reply(d, t);
	if (t.len < 2)
		return false;
	dialogue_take(d, 2);
	if (d->step == SOCKS_METHOD) {
		socks_method(d, t.bytes[1]);
	} else if (t.bytes[1] == 0) {
		dialogue_note(d, text_of("the password is right"));
		socks_connect(d);
	} else {
		dialogue_note(d, text_of("the password is refused"));
		dialogue_refuse(d, "it does not take our user and password", nothing);
	}
	return true;
}

static const struct dialect socks5 = { .name = "SOCKS 5", .begin = socks_begin, .hear = socks_hear };

const struct dialect *
proxy_dialect(enum proxy_kind kind)
{
	switch (kind) {
	case PROXY_HTTP: return &http_connect;
	case PROXY_SOCKS5:
	case PROXY_SOCKS5H: return &socks5;
	default: return NULL;
	}
}
