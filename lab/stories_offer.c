/* Where the verdict depends on how one asks: what shows it is the same question with one thing changed. */
#include "lab/story.h"

static const struct story offer[] = {
	{ .name = "sni-required", .story = "The server wants a certificate of those only who ask for it by its name, and we ask by its address.",
	    .expect = "tls.sni-required", .by_name = true, .by_address = true },
	{ .name = "late-tls13", .story = "TLS 1.3: the server asks for the certificate after the request, and whoever cannot be asked gets 403.",
	    .expect = "client.late-auth", .manner = MANNER_LATE, .asks = ASKS_NOT, .min = 0x0304, .max = 0x0304 },
	{ .name = "tls-1.3-dropped", .story = "Something on the way resets every connection whose hello offers TLS 1.3.",
	    .expect = "tls.no-common-version", .drops_tls13 = true, .min = 0x0303, .max = 0x0303 },
	{ .name = "client-root-refused", .story = "Our file holds the root too, and this server takes no chain with a root in it.",
	    .expect = "client.bad-chain", .mendable = true, .client = { .form = CHAIN_WITH_ROOT }, .minds = MINDS_ROOT },
	{ .name = "client-order-refused", .story = "Our intermediates are in the wrong order, and this server minds.",
	    .expect = "client.wrong-order", .mendable = true, .client = { .leaf = "client-deep", .form = CHAIN_REVERSED }, .minds = MINDS_ORDER },
	{ .name = "client-other-key-there", .story = "The server has our root's name with another key: alert 51, and our own key is right.",
	    .expect = "client.bad-chain", .client = { .leaf = "client-twin" }, .trusts = { "twin-root-new" }, .cacert = { "twin-root" } },
	{ .name = "refused-depth", .story = "Our chain has two intermediates, and the server's verify depth is 1: alert 48.",
	    .expect = "client.rejected", .client = { .leaf = "client-deep" }, .depth = 1 },
	{ .name = "gateway-untrusted", .story = "An API gateway answers 403 to our certificate: its truststore lacks our CA.",
	    .expect = "client.rejected", .manner = MANNER_GATEWAY, .client = { .leaf = "client-other" }, .cacert = { "other-root" },
	    .lists = LISTS_NONE },
	{ .name = "gateway-missing-intermediate", .story = "An API gateway answers 403: our file holds our certificate only.",
	    .expect = "client.missing-intermediate", .mendable = true, .manner = MANNER_GATEWAY, .client = { .form = CHAIN_LEAF_ONLY },
	    .lists = LISTS_NONE },
};

const struct story_table stories_offer = { "What shows only when one asks in another way", offer, sizeof offer / sizeof offer[0] };
