/*
 * Which TLS library a client is built on: the extensions and ciphers of its ClientHello, against a table.
 * Measured: OpenSSL 3.0 (s_client, curl 7.88, wget, Python 3.11), Node 20, Go 1.19, Java 17, GnuTLS 3.7.9.
 * The others are from their sources, and say so in their confidence.
 */
#include <string.h>

#include "model/client.h"

enum { SHAPE_NUMBERS = 12 };

/* Lists end at a 0: extension 0, the server name, tells nothing, and cipher 0 does not exist. */
struct shape {
	enum client_family family;
	enum confidence confidence;
	uint16_t order[SHAPE_NUMBERS];   /* extensions that must come, in this order; others may stand between them */
	uint16_t lacks[SHAPE_NUMBERS];   /* extensions that must not come */
	uint16_t ciphers[SHAPE_NUMBERS]; /* how the list of ciphers begins */
	bool grease;
	const char *because;
};

/* The first that fits is taken: what is more special stands above. */
static const struct shape shapes[] = {
	{ CLIENT_BORINGSSL, CONFIDENCE_HIGH, .grease = true, .because = "GREASE values in its hello (RFC 8701)" },
	{ CLIENT_JAVA, CONFIDENCE_HIGH, { 5, 10, 11, 17, 43 }, { 22, 28 }, .because = "status_request_v2 in its hello, which only Java offers" },
	{ CLIENT_JAVA, CONFIDENCE_HIGH, { 10, 11, 13, 17, 23 }, { 22, 28, 43 }, .because = "status_request_v2 in its hello, which only Java offers" },
	{ CLIENT_GNUTLS, CONFIDENCE_HIGH, { 22, 28 }, { 17 }, .because = "record_size_limit and encrypt_then_mac in its hello" },
	{ CLIENT_GNUTLS, CONFIDENCE_HIGH, { 13, 28 }, { 34 }, { 0x1302, 0x1303, 0x1301, 0x1304 },
	    .because = "record_size_limit and its list of ciphers" },
	{ CLIENT_NSS, CONFIDENCE_MEDIUM, { 28 }, { 22 }, .because = "record_size_limit without encrypt_then_mac in its hello" },
	{ CLIENT_GO, CONFIDENCE_HIGH, { 5, 10, 11, 13, 65281, 18, 43, 51 }, { 17, 22, 28 }, .because = "the extensions of its hello and their order" },
	{ CLIENT_GO, CONFIDENCE_MEDIUM, { 5, 10, 11, 13, 65281, 18 }, { 17, 22, 28, 35 }, .because = "the extensions of its hello and their order" },
	{ CLIENT_NODE, CONFIDENCE_HIGH, { 11, 10, 22, 23, 13, 43, 45, 51 }, { 5, 17, 28 }, { 0x1302, 0x1303, 0x1301, 0xc02f, 0xc02b, 0xc030, 0xc02c },
	    .because = "OpenSSL's extensions with Node's own list of ciphers" },
	{ CLIENT_NODE, CONFIDENCE_MEDIUM, { 11, 10, 22, 23, 13 }, { 5, 17, 28, 43 }, { 0xc02f, 0xc02b, 0xc030, 0xc02c, 0x009e },
	    .because = "OpenSSL's extensions with Node's own list of ciphers" },
	{ CLIENT_OPENSSL, CONFIDENCE_HIGH, { 11, 10, 22, 23, 13, 43, 45, 51 }, { 17, 28 }, .because = "the extensions of its hello and their order" },
	{ CLIENT_OPENSSL, CONFIDENCE_HIGH, { 11, 10, 22, 23, 13 }, { 17, 28, 43 }, .because = "the extensions of its hello and their order" },
	/* From here on: read in their sources, not run. */
	{ CLIENT_RUSTLS, CONFIDENCE_MEDIUM, .ciphers = { 0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9 }, .lacks = { 22, 18 },
	    .because = "its list of ciphers" },
	{ CLIENT_SCHANNEL, CONFIDENCE_MEDIUM, .ciphers = { 0x1302, 0x1301, 0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e }, .lacks = { 22, 18 },
	    .because = "its list of ciphers" },
};

static const struct family {
	const char *name;
	bool minds_list, list_is_known, alerts;
} families[CLIENT_FAMILIES] = {
	[CLIENT_UNKNOWN] = { "unknown", false, false, true },
	[CLIENT_OPENSSL] = { "OpenSSL", false, true, true },
	[CLIENT_NODE] = { "Node.js", false, true, false },
	[CLIENT_GO] = { "Go", true, true, true },
	[CLIENT_JAVA] = { "Java", true, true, true },
	[CLIENT_GNUTLS] = { "GnuTLS", false, true, true },
	[CLIENT_BORINGSSL] = { "BoringSSL (Chrome, Envoy, gRPC)", false, false, true },
	[CLIENT_NSS] = { "NSS (Firefox)", false, false, true },
	[CLIENT_RUSTLS] = { "rustls", false, false, true },
	[CLIENT_SCHANNEL] = { "Schannel (Windows, .NET)", true, false, true },
};

static bool
in_order(const struct numbers *have, const uint16_t *order)
{
	size_t at = 0;

	for (size_t i = 0; i < SHAPE_NUMBERS && order[i] != 0; i++) {
		while (at < have->len && have->items[at] != order[i])
			at++;
		if (at++ == have->len)
			return false;
	}
	return true;
}

static bool
lacks_all(const struct numbers *have, const uint16_t *none)
{
	for (size_t i = 0; i < SHAPE_NUMBERS && none[i] != 0; i++)
		if (numbers_have(have, none[i]))
			return false;
	return true;
}

static bool
begins(const struct numbers *have, const uint16_t *with)
{
	for (size_t i = 0; i < SHAPE_NUMBERS && with[i] != 0; i++)
		if (i >= have->len || have->items[i] != with[i])
			return false;
	return true;
}

static bool
fits(const struct client_hello *h, const struct shape *s)
{
	if (s->grease)
		return h->grease > 0;
	return in_order(&h->extensions, s->order) && lacks_all(&h->extensions, s->lacks) && begins(&h->ciphers, s->ciphers);
}

/* GnuTLS from 3.8 on sends its extensions in any order, so do some others: an order of two numbers is tried both ways. */
static const struct shape *
shape_of(const struct client_hello *h)
{
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		struct shape turned = shapes[i];

		if (fits(h, &shapes[i]))
			return &shapes[i];
		if (turned.order[1] == 0 || turned.order[2] != 0)
			continue;
		turned.order[0] = shapes[i].order[1];
		turned.order[1] = shapes[i].order[0];
		if (fits(h, &turned))
			return &shapes[i];
	}
	return NULL;
}

struct client_stack
client_stack_guess(const struct client *c)
{
	const struct shape *s = c->hello.whole ? shape_of(&c->hello) : NULL;
	const struct family *f = &families[s != NULL ? s->family : CLIENT_UNKNOWN];
	struct client_stack g = {
		.family = s != NULL ? s->family : CLIENT_UNKNOWN,
		.confidence = s != NULL ? s->confidence : CONFIDENCE_LOW,
		.name = f->name,
		.because = s != NULL ? s->because : "nothing in its hello tells",
		.minds_list = f->minds_list,
		.list_is_known = f->list_is_known,
		.alerts = f->alerts,
	};

	return g;
}
