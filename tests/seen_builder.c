#include "tests/seen_builder.h"

#include <string.h>

#include "model/memory.h"

/* ---- hellos, as they were captured (extensions and how the ciphers begin) ---- */

const struct seen_shape seen_shapes[] = {
	/* s_client, curl with its own extensions between, Python: OpenSSL 3.0 */
	{ CLIENT_OPENSSL, { 11, 10, 35, 22, 23, 13, 43, 45, 51 }, { 0x1302, 0x1303, 0x1301, 0xc02c, 0xc030 }, 0 },
	{ CLIENT_OPENSSL, { 0xffff, 11, 10, 16, 22, 23, 49, 13, 43, 45, 51, 21 }, { 0x1302, 0x1303, 0x1301, 0xc02c }, 0 },
	/* s_client -tls1_2 */
	{ CLIENT_OPENSSL, { 11, 10, 35, 22, 23, 13 }, { 0xc02c, 0xc030, 0x009f }, 0 },
	{ CLIENT_NODE, { 11, 10, 35, 22, 23, 13, 43, 45, 51 }, { 0x1302, 0x1303, 0x1301, 0xc02f, 0xc02b, 0xc030, 0xc02c }, 0 },
	{ CLIENT_GO, { 5, 10, 11, 13, 65281, 18, 43, 51 }, { 0xc02b, 0xc02f }, 0 },
	{ CLIENT_JAVA, { 5, 10, 11, 17, 23, 35, 13, 43, 45, 50, 51 }, { 0x1302, 0x1301, 0x1303 }, 0 },
	{ CLIENT_GNUTLS, { 5, 10, 11, 13, 22, 23, 35, 51, 43, 65281, 45, 28 }, { 0x1302, 0x1303, 0x1301, 0x1304 }, 0 },
	/* wget: without encrypt_then_mac */
	{ CLIENT_GNUTLS, { 5, 10, 11, 13, 35, 51, 43, 49, 65281, 45, 28, 21 }, { 0x1302, 0x1303, 0x1301, 0x1304 }, 0 },
	/* its extensions in another order, as from 3.8 on */
	{ CLIENT_GNUTLS, { 28, 5, 43, 10, 51, 22, 13, 11, 23 }, { 0x1302, 0x1303, 0x1301, 0x1304 }, 0 },
	{ CLIENT_BORINGSSL, { 5, 10, 11, 13, 18, 43, 51 }, { 0x1301 }, 3 },
	{ CLIENT_UNKNOWN, { 10, 13 }, { 0x009c }, 0 },
	{ CLIENT_UNKNOWN, { 0 }, { 0 }, 0 },
};

const size_t seen_shapes_len = sizeof seen_shapes / sizeof seen_shapes[0];

static struct numbers
numbers(struct arena *a, const uint16_t *list, size_t most)
{
	struct numbers n = { .items = arena_array(a, most, sizeof *list) };

	while (n.len < most && list[n.len] != 0) {
		n.items[n.len] = list[n.len];
		n.len++;
	}
	return n;
}

void
seen_set_hello(struct client *c, const struct seen_shape *s)
{
	struct arena *a = c->handshake->arena;

	c->hello = (struct client_hello){ .seen = true, .whole = true, .legacy_version = 0x0303, .grease = s->grease,
		.extensions = numbers(a, s->extensions, 16), .ciphers = numbers(a, s->ciphers, 8) };
}

const struct seen_shape *
seen_shape_of(enum client_family f)
{
	for (size_t i = 0; i < seen_shapes_len; i++)
		if (seen_shapes[i].family == f)
			return &seen_shapes[i];
	return NULL;
}

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "leaf", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .org = "Acme" } },
	{ .name = "expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .org = "Acme" }, .from = -90, .to = -2 },
	{ .name = "early", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .org = "Acme" }, .from = 2, .to = 90 },
	{ .name = "wrongeku", .issuer = "issuing", .role = IS_SERVER, .r = { .cn = "order-service", .org = "Acme" } },
	{ .name = "strange-root", .role = IS_CA, .r = { .cn = "Other Root CA", .org = "Other" } },
	{ .name = "strange", .issuer = "strange-root", .role = IS_CLIENT, .r = { .cn = "other-service", .org = "Other" } },
	{ .name = "self", .role = IS_CLIENT, .r = { .cn = "self-made" } },
	{ .name = "server", .issuer = "root", .role = IS_SERVER, .r = { .cn = "localhost", .san = (const char *const[]){ "DNS:localhost", NULL } } },
	{ .name = "server-expired", .issuer = "root", .role = IS_SERVER,
	    .r = { .cn = "localhost", .san = (const char *const[]){ "DNS:localhost", NULL } }, .from = -90, .to = -2 },
	{ .name = "server-for-clients", .issuer = "root", .role = IS_CLIENT,
	    .r = { .cn = "localhost", .san = (const char *const[]){ "DNS:localhost", NULL } } },
};

struct chains *
seen_chains(void)
{
	return chains_make(recipes, sizeof recipes / sizeof recipes[0]);
}

static size_t
names_of(const char *const *list)
{
	size_t n = 0;

	while (n < SEEN_MOST && list[n] != NULL)
		n++;
	return n;
}

static struct listening *
listening_of(const struct chains *chains, const struct seen_case *t)
{
	struct listening *l = listening_new();
	struct certificate_request *r = &l->request;

	l->address = "127.0.0.1:8443";
	l->like = "payment.internal:8443";
	l->trust_named = t->trust[0] != NULL;
	r->cas = arena_array(l->arena, SEEN_MOST, sizeof *r->cas);
	for (size_t i = 0; i < names_of(t->listed); i++)
		r->cas[r->cas_len++] = chains_cert(chains, t->listed[i])->subject;
	r->sigalgs = arena_array(l->arena, SEEN_MOST, sizeof *r->sigalgs);
	while (r->sigalgs_len < SEEN_MOST && t->sigalgs[r->sigalgs_len] != 0) {
		r->sigalgs[r->sigalgs_len] = t->sigalgs[r->sigalgs_len];
		r->sigalgs_len++;
	}
	return l;
}

static void
send_chain(const struct chains *chains, struct client *c, const struct seen_case *t)
{
	struct arena *a = c->handshake->arena;

	c->handshake->sent_certificate_message = true;
	c->handshake->phase = PHASE_FINISHED;
	c->handshake->tls_ms = t->local == LOCAL_NONE ? 2 : -1;
	c->certs = arena_array(a, SEEN_MOST, sizeof *c->certs);
	for (size_t i = 0; i < names_of(t->sent); i++)
		c->certs[c->certs_len++] = (struct wire_cert){ .cert = (struct cert *)cert_ref(chains_cert(chains, t->sent[i])) };
	if (t->garbage) {
		cert_free(c->certs[0].cert);
		c->certs[0] = (struct wire_cert){ .problem = "it is no SEQUENCE" };
	}
	c->request = t->local == LOCAL_NONE ? "GET / HTTP/1.1" : NULL;
}

struct evidence *
seen_evidence(const struct chains *chains, const struct seen_case *t)
{
	struct evidence *e = evidence_new();
	struct listening *l = listening_of(chains, t);
	struct client *c = client_new(l);
	struct handshake *h = c->handshake;
	struct cert *anchors[SEEN_MOST];

	listening_free(l);
	seen_set_hello(c, seen_shape_of(t->who));
	c->number = 2;
	c->from = "127.0.0.1:51234";
	c->host = c->to = "127.0.0.1";
	c->hello.sni = t->sni != NULL ? t->sni : "localhost";
	c->bytes_read = 500;
	c->asked = t->for_any ? ASKED_FOR_ANY : ASKED_AS_SET;
	if (t->for_any || t->was_for_any)
		c->earlier = (struct client_earlier){ .seen = true, .number = 1, .asked = t->was_for_any ? ASKED_FOR_ANY : ASKED_AS_SET, .sent = t->earlier_sent };
	h->id = "c2";
	h->version = 0x0304;
	h->phase = PHASE_SERVER_DONE;
	h->local = t->local;
	h->request = c->listening->request;
	if (t->for_any)
		h->request.cas_len = h->request.sigalgs_len = 0;
	h->request.seen = true;
	h->server_certs = arena_array(h->arena, 1, sizeof *h->server_certs);
	h->server_certs[h->server_certs_len++].cert = (struct cert *)cert_ref(chains_cert(chains, t->ours != NULL ? t->ours : "server"));
	h->ended = (struct ended){ .by = PEER_US, .how = END_FIN };
	if (t->alert != 0) {
		h->alerts = arena_array(h->arena, 1, sizeof *h->alerts);
		h->alerts[h->alerts_len++] = (struct alert){ .from = PEER_US, .level = 2, .number = (uint8_t)t->alert, .phase = PHASE_SERVER_DONE };
		h->ended.how = END_ALERT;
	} else if (!t->silent_end) {
		send_chain(chains, c, t);
		if (t->local == LOCAL_NONE)
			h->ended.how = END_CLOSE_NOTIFY;
		if (t->goodbye) {
			c->request = NULL;
			h->alerts = arena_array(h->arena, 1, sizeof *h->alerts);
			h->alerts[h->alerts_len++] = (struct alert){ .from = PEER_US, .level = 1, .phase = PHASE_FINISHED };
		}
	}
	e->client = c;
	e->offline = true;
	e->offline_purpose = PURPOSE_CLIENT;
	e->clocks.local_ms = CHAINS_NOW * 1000;
	for (size_t i = 0; i < names_of(t->trust); i++)
		anchors[i] = chains_cert(chains, t->trust[i]);
	if (t->trust[0] != NULL)
		e->trust = trust_from("root.pem", anchors, names_of(t->trust));
	e->offline_chain = arena_array(e->arena, SEEN_MOST, sizeof *e->offline_chain);
	for (size_t i = 0; c->certs_len > 0 && c->certs[0].cert != NULL && i < c->certs_len; i++)
		e->offline_chain[e->offline_len++] = (struct cert *)cert_ref(c->certs[i].cert);
	return e;
}
