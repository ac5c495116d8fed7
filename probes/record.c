#include "probes/record.h"

#include <string.h>

#include "model/alert.h"
#include "model/limits.h"
#include "model/memory.h"
#include "probes/wire.h"

/* RFC 8446 B.3 and RFC 5246 7.4 */
enum {
	MSG_CLIENT_HELLO = 1,
	MSG_SERVER_HELLO = 2,
	MSG_TICKET = 4,
	MSG_CERTIFICATE = 11,
	MSG_SERVER_KEY_EXCHANGE = 12,
	MSG_CERTIFICATE_REQUEST = 13,
	MSG_SERVER_HELLO_DONE = 14,
	MSG_CERTIFICATE_VERIFY = 15,
	MSG_CLIENT_KEY_EXCHANGE = 16,
	MSG_FINISHED = 20,
	MSG_CERTIFICATE_STATUS = 22,
	HEADER = 4,
	CURVE_NAMED = 3, /* RFC 8422 5.4 */
	TLS13 = 0x0304
};

void
record_phase(struct handshake *h, enum phase phase)
{
	if (phase > h->phase)
		h->phase = phase;
}

static unsigned
u16(const unsigned char *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static const char *
counted(struct arena *a, size_t n, const char *one, const char *many)
{
	return n == 0 ? arena_printf(a, "no %s", one) : arena_printf(a, "%zu %s", n, n == 1 ? one : many);
}

/* "TLS 1.3" for the ladder: people read it so; JSON has "TLSv1.3". */
static const char *
version_words(struct arena *a, uint16_t version)
{
	const char *name = tls_version_name(version);

	return strncmp(name, "TLSv", 4) == 0 ? arena_printf(a, "TLS %s", name + 4) : name;
}

static const char *
server_hello(struct recorder *r, const unsigned char *msg, size_t len)
{
	struct handshake *h = r->h;
	struct wire_server_hello hello = { 0 };
	const char *group;

	if (!wire_server_hello(msg, len, &hello))
		return "undecodable";
	group = group_name(hello.group);
	if (hello.retry)
		return group != NULL ? arena_printf(h->arena, "asks for another hello, with %s", group)
				     : "asks for another hello";
	r->server_hello = true;
	h->version = hello.version;
	if (group != NULL)
		h->group = group;
	record_phase(h, PHASE_SERVER_HELLO);
	return group != NULL ? arena_printf(h->arena, "%s %s", version_words(h->arena, hello.version), group)
			     : version_words(h->arena, hello.version);
}

/*
 * TLS up to 1.2: ECDHE says its curve, and from 1.2 on its signature scheme stands behind the public
 * key; so it does behind the three numbers of DHE. The cipher says which of the two it is.
 */
static const char *
server_key_exchange(struct handshake *h, const unsigned char *msg, size_t len)
{
	const unsigned char *p = msg + HEADER;
	size_t left = len - HEADER, skip;
	bool ec;

	if (left < 4)
		return NULL;
	ec = h->cipher != NULL && strstr(h->cipher, "ECDH") != NULL;
	if (ec) {
		if (p[0] != CURVE_NAMED)
			return NULL;
		h->group = group_name((uint16_t)u16(p + 1));
		skip = 4 + (size_t)p[3];
	} else {
		skip = 0;
		for (int number = 0; number < 3; number++) {
			if (skip + 2 > left)
				return NULL;
			skip += 2 + u16(p + skip);
		}
		if (h->group == NULL)
			h->group = arena_printf(h->arena, "DH %u", u16(p) * 8);
	}
	if (h->version >= 0x0303 && h->server_sigalg == 0 && skip + 2 <= left)
		h->server_sigalg = (uint16_t)u16(p + skip);
	return h->group;
}

static void
keep_stapled(struct handshake *h, const unsigned char *msg, size_t len)
{
	struct text response;

	h->has_stapled_ocsp = true;
	if (h->stapled_ocsp.len == 0 && wire_stapled_ocsp(msg, len, h->version, &response) && response.len <= LIMIT_FETCH_SMALL)
		h->stapled_ocsp = (struct text){ arena_dup(h->arena, response.bytes, response.len), response.len };
}

static const char *
server_certificate(struct handshake *h, const unsigned char *msg, size_t len)
{
	bool whole;

	if (h->server_certs_len > 0)
		return NULL; /* a second one is out of order: OpenSSL says so */
	whole = wire_certificate(h->arena, msg, len, h->version, &h->server_certs, &h->server_certs_len,
	    &h->server_certs_truncated, &h->has_stapled_ocsp);
	if (h->has_stapled_ocsp)
		keep_stapled(h, msg, len);
	record_phase(h, PHASE_SERVER_CERTIFICATE);
	if (!whole)
		return "undecodable";
	return counted(h->arena, h->server_certs_len, "certificate", "certificates");
}

static const char *
certificate_request(struct handshake *h, const unsigned char *msg, size_t len)
{
	bool late = h->phase >= PHASE_FINISHED;
	bool whole = wire_certificate_request(h->arena, msg, len, h->version, &h->request);

	h->request.seen = true;
	h->request.after_finished = late;
	if (!whole)
		return "undecodable";
	return arena_printf(h->arena, "%s named", counted(h->arena, h->request.cas_len, "CA", "CAs"));
}

static const char *
ticket(struct recorder *r, double at_ms)
{
	struct handshake *h = r->h;

	if (h->tickets++ == 0)
		h->ticket_ms = at_ms;
	if (h->version >= TLS13)
		record_phase(h, PHASE_ACCEPTED);
	return NULL;
}

/* The server's messages; returns the note for the ladder. */
static const char *
from_server(struct recorder *r, uint8_t type, const unsigned char *msg, size_t len)
{
	struct handshake *h = r->h;
	uint16_t scheme = 0;

	switch (type) {
	case MSG_SERVER_HELLO: return server_hello(r, msg, len);
	case MSG_CERTIFICATE: return server_certificate(h, msg, len);
	case MSG_SERVER_KEY_EXCHANGE: return server_key_exchange(h, msg, len);
	case MSG_CERTIFICATE_REQUEST: return certificate_request(h, msg, len);
	case MSG_TICKET: return ticket(r, r->read_ms);
	case MSG_CERTIFICATE_STATUS: keep_stapled(h, msg, len); return NULL;
	case MSG_SERVER_HELLO_DONE: record_phase(h, PHASE_SERVER_DONE); return NULL;
	case MSG_CERTIFICATE_VERIFY:
		if (wire_certificate_verify(msg, len, &scheme))
			h->server_sigalg = scheme;
		return sigalg_name(scheme);
	case MSG_FINISHED:
		/* Up to TLS 1.2 the server finishes last: that is its yes to our certificate. */
		record_phase(h, h->version >= TLS13 ? PHASE_SERVER_DONE : PHASE_ACCEPTED);
		return NULL;
	default: return NULL;
	}
}

/* At the server's end the client's flight is what comes in, not what leaves. */
static void
client_came_so_far(struct handshake *h, uint8_t type)
{
	if (type == MSG_CERTIFICATE || type == MSG_CLIENT_KEY_EXCHANGE || type == MSG_FINISHED)
		record_phase(h, PHASE_OUR_FLIGHT);
	if (type == MSG_FINISHED && h->version >= TLS13)
		record_phase(h, PHASE_FINISHED);
}

static const char *
from_us(struct recorder *r, uint8_t type, const unsigned char *msg, size_t len)
{
	struct handshake *h = r->h;
	uint16_t scheme = 0;

	if (h->listened)
		client_came_so_far(h, type);
	switch (type) {
	case MSG_CLIENT_HELLO: return version_words(h->arena, h->offer.max_version);
	case MSG_CERTIFICATE:
		h->sent_certificate_message = true;
		if (!wire_sent_certificates(h->arena, msg, len, h->version, &h->sent_certs, &h->sent_certs_len))
			return NULL;
		return h->sent_certs_len == 0 ? "empty" : counted(h->arena, h->sent_certs_len, "certificate", "certificates");
	case MSG_CERTIFICATE_VERIFY:
		/* Before TLS 1.2 it names no scheme: what stands there is the signature's length. */
		if (h->version < 0x0303 || !wire_certificate_verify(msg, len, &scheme))
			return NULL;
		h->our_sigalg = scheme;
		return sigalg_name(scheme);
	default: return NULL;
	}
}

/* Does it leave through our socket? At the server's end that is what PEER_SERVER says. */
static bool
leaves(const struct handshake *h, enum peer from)
{
	return (from == PEER_US) != h->listened;
}

static void
wait_for_socket(struct recorder *r, bool alert, size_t index, uint8_t type)
{
	if (r->pending_len < RECORD_PENDING)
		r->pending[r->pending_len++] =
		    (struct pending){ .end = r->queued, .index = index, .alert = alert, .type = type };
}

void
record_message(struct recorder *r, enum peer from, const unsigned char *msg, size_t len, double now_ms)
{
	struct handshake *h = r->h;
	const char *note;
	uint8_t type;

	if (len < HEADER)
		return;
	type = msg[0];
	note = from == PEER_SERVER ? from_server(r, type, msg, len) : from_us(r, type, msg, len);
	if (h->messages_len == LIMIT_MESSAGES)
		return;
	h->messages = arena_grow(h->arena, h->messages, h->messages_len, &r->messages_cap, sizeof *h->messages);
	if (leaves(h, from))
		wait_for_socket(r, false, h->messages_len, type);
	h->messages[h->messages_len++] = (struct message){
		.from = from,
		.type = type,
		.bytes = len,
		.parsed_ms = now_ms,
		.at_ms = leaves(h, from) ? -1 : r->read_ms,
		.note = note,
	};
}

void
record_alert(struct recorder *r, enum peer from, uint8_t level, uint8_t number, double now_ms)
{
	struct handshake *h = r->h;

	(void)now_ms;
	if (h->alerts_len == LIMIT_ALERTS)
		return;
	/* RFC 8446 6: the level means nothing in TLS 1.3; all but close_notify and user_canceled end it. */
	if (h->version >= TLS13)
		level = number == 0 || number == 90 ? 1 : 2;
	h->alerts = arena_grow(h->arena, h->alerts, h->alerts_len, &r->alerts_cap, sizeof *h->alerts);
	if (leaves(h, from))
		wait_for_socket(r, true, h->alerts_len, 0);
	h->alerts[h->alerts_len++] = (struct alert){
		.from = from,
		.level = level,
		.number = number,
		.phase = h->phase,
		.at_ms = leaves(h, from) ? -1 : r->read_ms,
		.plaintext_before_hello = from == PEER_SERVER && !r->server_hello,
	};
}

/* Our last flight is what the server judges us by: it counts from its first byte on the wire. */
static void
left(struct recorder *r, const struct pending *p, double at_ms)
{
	struct handshake *h = r->h;

	if (p->alert) {
		h->alerts[p->index].at_ms = at_ms;
		return;
	}
	h->messages[p->index].at_ms = at_ms;
	if (p->type == MSG_FINISHED && h->version >= TLS13 && !h->listened)
		record_phase(h, PHASE_FINISHED);
}

void
record_sent(struct recorder *r, size_t n, double at_ms)
{
	size_t done = 0;

	r->sent += n;
	for (size_t i = 0; n > 0 && !r->h->listened && i < r->pending_len; i++)
		if (!r->pending[i].alert && r->pending[i].type != MSG_CLIENT_HELLO)
			record_phase(r->h, PHASE_OUR_FLIGHT);
	while (done < r->pending_len && r->pending[done].end <= r->sent)
		left(r, &r->pending[done++], at_ms);
	r->pending_len -= done;
	memmove(r->pending, r->pending + done, r->pending_len * sizeof r->pending[0]);
}
