/* A client whose handshake did not come to a certificate: no TLS at all, nothing in common, broken, or cut off. */
#include <string.h>

#include "model/alert.h"
#include "model/leave_out.h"
#include "model/memory.h"
#include "model/seen.h"

const char *
seen_id(const struct facts *f)
{
	return arena_printf(f->arena, "client %llu", (unsigned long long)seen(f)->number);
}

/* ---- not TLS ---- */

/* How what is no TLS begins, and what it is then. */
static const struct plain {
	const char *start;
	size_t len;
	const char *title, *what;
} plains[] = {
	{ "GET ", 4, "It speaks plain HTTP", "Its address begins with http:// where https:// is meant" },
	{ "HEAD ", 5, "It speaks plain HTTP", "Its address begins with http:// where https:// is meant" },
	{ "POST ", 5, "It speaks plain HTTP", "Its address begins with http:// where https:// is meant" },
	{ "PUT ", 4, "It speaks plain HTTP", "Its address begins with http:// where https:// is meant" },
	{ "DELETE ", 7, "It speaks plain HTTP", "Its address begins with http:// where https:// is meant" },
	{ "OPTIONS ", 8, "It speaks plain HTTP", "Its address begins with http:// where https:// is meant" },
	{ "PRI * HTTP/2", 12, "It speaks HTTP/2 without TLS", "It was told to use h2c, or plain-text gRPC" },
	{ "CONNECT ", 8, "It takes us for a proxy", "It asks for a tunnel: this address is configured as its HTTP proxy" },
	{ "PROXY TCP", 9, "A PROXY header comes before TLS", "A load balancer in front of it is set to send the PROXY protocol, which is not taken off here" },
	{ "\r\n\r\n\0\r\nQUIT\n", 12, "A PROXY header comes before TLS", "A load balancer in front of it is set to send the PROXY protocol, version 2, which is not taken off here" },
	{ "\0\0\0\x08\x04\xd2\x16\x2f", 8, "It is a PostgreSQL client", "It asks by SSLRequest whether TLS may begin: PostgreSQL clients do not begin with TLS unless sslnegotiation=direct" },
	{ "SSH-", 4, "It is an SSH client", "It speaks SSH" },
	{ "EHLO ", 5, "It speaks SMTP", "It expects STARTTLS" },
	{ "\x05\x01", 2, "It takes us for a SOCKS proxy", "It speaks SOCKS5: this address is configured as its proxy" },
	{ "\x05\x02", 2, "It takes us for a SOCKS proxy", "It speaks SOCKS5: this address is configured as its proxy" },
};

static const struct plain *
plain_of(struct text t)
{
	for (size_t i = 0; i < sizeof plains / sizeof plains[0]; i++)
		if (t.len >= plains[i].len && memcmp(t.bytes, plains[i].start, plains[i].len) == 0)
			return &plains[i];
	return NULL;
}

static void
not_tls(const struct facts *f, struct findings *to)
{
	const struct handshake *h = seen(f)->handshake;
	const struct plain *p = plain_of(h->plain);
	struct buf kept = { 0 };
	size_t line = 0;
	struct finding *n = finding_add(to, CODE_NET_NOT_TLS);

	n->confidence = CONFIDENCE_CERTAIN;
	finding_title(to, n, "%s", p != NULL ? p->title : "It does not speak TLS");
	finding_why(to, n, "%s: its first bytes are no TLS record.", p != NULL ? p->what : "It began with something else than a ClientHello");
	while (line < h->plain.len && h->plain.bytes[line] != '\r' && h->plain.bytes[line] != '\n')
		line++;
	/* Not what may be a secret: headers, and the values of a query. */
	keep_of_url((struct text){ h->plain.bytes, line }, &kept);
	finding_cite(to, n, "%s: it began with “%s”", seen_id(f), text_safe_arena(f->arena, (struct text){ (const unsigned char *)buf_str(&kept), kept.len }, 64, NULL));
	buf_done(&kept);
}

/* ---- without a word, or cut off ---- */

static void
cite_end(const struct facts *f, struct findings *to, struct finding *n)
{
	const struct handshake *h = seen(f)->handshake;

	if (h->ended.how != END_NOT_YET)
		finding_cite(to, n, "%s: %s, %.1f ms after it had connected", seen_id(f), end_how_name(h->ended.how), h->ended.at_ms);
}

static void
without_a_word(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	enum end_how how = c->handshake->ended.how;
	enum code code = how == END_TIMEOUT || how == END_US ? CODE_NET_TIMEOUT : how == END_RST ? CODE_NET_RESET : CODE_NET_CLOSED;
	struct finding *n = finding_add(to, code);

	n->confidence = CONFIDENCE_CERTAIN;
	if (code == CODE_NET_TIMEOUT) {
		finding_title(to, n, "It connected and said nothing");
		finding_why(to, n, "It connected and waited%s. A client of SMTP, IMAP, POP3 or MySQL does so: there the server speaks first, in plain text.",
		    c->made_room ? " until others needed its place" : "");
	} else {
		finding_title(to, n, "It connected and %s without a word", code == CODE_NET_RESET ? "broke off" : "closed");
		finding_why(to, n, "It connected and %s before it had sent anything. A health check or a port scan does so; a client that does has failed before it came to TLS.",
		    code == CODE_NET_RESET ? "reset the connection" : "closed");
	}
	cite_end(f, to, n);
}

static void
cut_off(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct handshake *h = c->handshake;
	bool late = h->ended.how == END_TIMEOUT || h->ended.how == END_US;
	struct finding *n = finding_add(to, late ? CODE_NET_TIMEOUT : h->ended.how == END_RST ? CODE_NET_RESET : CODE_NET_CLOSED);

	n->confidence = CONFIDENCE_HIGH;
	finding_title(to, n, "It %s in the middle of the handshake", late ? "stopped" : "left");
	finding_why(to, n, "It %s %s, without an alert%s.", late ? "sent nothing more" : h->ended.how == END_RST ? "reset the connection" : "closed the connection",
	    h->phase >= PHASE_SERVER_HELLO ? "after our answer to its hello" : "in the middle of its hello",
	    c->made_room ? "; others needed its place" : "");
	cite_end(f, to, n);
}

/* ---- nothing in common ---- */

static const char *
versions(const struct facts *f)
{
	const struct client_hello *h = &seen(f)->hello;
	const char *list = "";

	if (h->versions.len == 0)
		return arena_printf(f->arena, "up to %s", tls_version_name(h->legacy_version));
	for (size_t i = 0; i < h->versions.len && i < 8; i++)
		list = arena_printf(f->arena, "%s%s%s", list, i > 0 ? ", " : "", tls_version_name(h->versions.items[i]));
	return list;
}

static const char *
numbers(const struct facts *f, const struct numbers *n, const char *(*name)(uint16_t))
{
	const char *list = n->len == 0 ? "none" : "";

	for (size_t i = 0; i < n->len && i < 16; i++) {
		const char *known = name != NULL ? name(n->items[i]) : NULL;

		list = arena_printf(f->arena, "%s%s%s", list, i > 0 ? ", " : "",
		    known != NULL ? known : arena_printf(f->arena, "0x%04x", n->items[i]));
	}
	return n->len > 16 ? arena_printf(f->arena, "%s and %zu more", list, n->len - 16) : list;
}

static bool
no_common(const struct facts *f, struct findings *to)
{
	static const struct {
		enum local_failure local;
		enum code code;
		const char *what;
	} rows[] = {
		{ LOCAL_VERSION, CODE_TLS_NO_COMMON_VERSION, "TLS version" },
		{ LOCAL_CIPHER, CODE_TLS_NO_COMMON_CIPHER, "cipher" },
		{ LOCAL_GROUP, CODE_TLS_NO_COMMON_GROUP, "group" },
		{ LOCAL_SIGALG, CODE_TLS_NO_COMMON_SIGALG, "signature algorithm" },
	};
	const struct client *c = seen(f);
	const struct client_hello *h = &c->hello;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct finding *n;

		if (rows[i].local != c->handshake->local || c->handshake->phase >= PHASE_OUR_FLIGHT)
			continue;
		n = finding_add(to, rows[i].code);
		n->side = SIDE_CLIENT;
		n->confidence = CONFIDENCE_CERTAIN;
		finding_title(to, n, "It offers no %s that we accept", rows[i].what);
		finding_why(to, n, "It offers %s: %s.", rows[i].local == LOCAL_VERSION ? "these versions" :
		    rows[i].local == LOCAL_CIPHER ? "these ciphers" : rows[i].local == LOCAL_GROUP ? "these groups" : "these signature algorithms",
		    rows[i].local == LOCAL_VERSION ? versions(f) : rows[i].local == LOCAL_CIPHER ? numbers(f, &h->ciphers, NULL) :
		    rows[i].local == LOCAL_GROUP ? numbers(f, &h->groups, group_name) : numbers(f, &h->sigalgs, sigalg_name));
		if (c->handshake->detail != NULL)
			finding_cite(to, n, "%s: OpenSSL: %s", seen_id(f), c->handshake->detail);
		return true;
	}
	return false;
}

/* ---- broken ---- */

static void
broken(const struct facts *f, struct findings *to)
{
	const struct handshake *h = seen(f)->handshake;
	struct finding *n = finding_add(to, CODE_TLS_BROKEN_PEER);

	n->side = SIDE_CLIENT;
	n->confidence = CONFIDENCE_HIGH;
	finding_title(to, n, "What it sends breaks the protocol");
	finding_why(to, n, "%s: %s.", h->local == LOCAL_TOO_LARGE ? "It sends more than is taken" : "Its messages cannot be followed",
	    h->detail != NULL ? h->detail : "OpenSSL gave no reason");
	cite_end(f, to, n);
}

void
seen_end(const struct facts *f, struct findings *to)
{
	const struct client *c = seen(f);
	const struct handshake *h = c != NULL ? c->handshake : NULL;

	if (c == NULL || h->cancelled)
		return;
	if (h->not_tls) {
		not_tls(f, to);
	} else if (c->bytes_read == 0) {
		without_a_word(f, to);
	} else if (h->local != LOCAL_NONE) {
		/* A signature, or a certificate that does not parse, has a finding of its own. */
		if (!no_common(f, to) && findings_find(to, CODE_KEY_MISMATCH) == NULL && findings_find(to, CODE_CERT_MALFORMED) == NULL &&
		    findings_find(to, CODE_CLIENT_REQUIRED) == NULL && handshake_fatal_alert(h, PEER_US) == NULL)
			broken(f, to);
	} else if (h->tls_ms < 0 && handshake_fatal_alert(h, PEER_US) == NULL && !seen_refused_in_silence(f) &&
	    (h->ended.how == END_FIN || h->ended.how == END_RST || h->ended.how == END_TIMEOUT || h->ended.how == END_US)) {
		cut_off(f, to);
	}
}
