/* Where it ends before any certificate matters: no common ground in TLS, or no TLS at all. */
#include "lab/story.h"

/* The certificate is an elliptic one whatever the seed: which ciphers can be agreed on depends on it. */
#define ELLIPTIC .server = { .leaf = "server-p256" }

static const struct story protocol[] = {
	{ .name = "tls-1.1-only", .story = "The server speaks TLS 1.1 and nothing newer.",
	    .expect = "tls.no-common-version", ELLIPTIC, .min = 0x0302, .max = 0x0302 },
	{ .name = "tls-1.0-only", .story = "The server speaks TLS 1.0 and nothing newer.",
	    .expect = "tls.no-common-version", ELLIPTIC, .min = 0x0301, .max = 0x0301 },
	{ .name = "tls-1.3-only", .story = "The server speaks TLS 1.3 only, and the user stops at 1.2.",
	    .expect = "tls.no-common-version", ELLIPTIC, .min = 0x0304, .max = 0x0304, .args = { "--tls-max", "1.2" } },
	{ .name = "tls-cipher", .story = "The server has one cipher, and it is not the one that the user allows.",
	    .expect = "tls.no-common-cipher", ELLIPTIC, .max = 0x0303, .min = 0x0303, .ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384",
	    .args = { "--ciphers", "ECDHE-ECDSA-CHACHA20-POLY1305", "--tls-max", "1.2" } },
	{ .name = "tls-cipher-null", .story = "The server only knows a cipher that does not encrypt.",
	    .expect = "tls.no-common-cipher", ELLIPTIC, .max = 0x0303, .min = 0x0303, .ciphers = "ECDHE-ECDSA-NULL-SHA" },
	{ .name = "tls-group", .story = "The server only knows a Brainpool curve.",
	    .expect = "tls.no-common-group", ELLIPTIC, .max = 0x0303, .min = 0x0303, .groups = "brainpoolP256r1",
	    .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256" },
	{ .name = "tls-sigalg", .story = "The server signs with ECDSA and MD5, which nobody offers.",
	    .expect = "tls.no-common-sigalg", ELLIPTIC, .max = 0x0303, .min = 0x0303, .names_sigalg = 0x0103,
	    .ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256" },
	{ .name = "tls-alpn", .story = "The server speaks HTTP/1.1 only, and we offer HTTP/2.",
	    .expect = "tls.no-common-alpn", .refuses_alpn = true, .args = { "--alpn", "h2" } },
	{ .name = "tls-rejected", .story = "The server answers every hello with alert 80.",
	    .expect = "tls.rejected", .manner = MANNER_ALERT, .alert = 80 },
	{ .name = "tls-rejected-name", .story = "The server answers every hello with alert 112: it does not know the name.",
	    .expect = "tls.rejected", .manner = MANNER_ALERT, .alert = 112 },
	{ .name = "tls-garbage", .story = "The server's answer looks like TLS and is nonsense.",
	    .expect = "tls.broken-peer", .manner = MANNER_GARBAGE },
	{ .name = "tls-endless", .story = "The server sends handshake messages and never stops.",
	    .expect = "tls.broken-peer", .manner = MANNER_ENDLESS },
};

static const struct story network[] = {
	{ .name = "net-refused", .story = "Nobody listens on the port.", .expect = "net.refused", .manner = MANNER_NOBODY },
	{ .name = "net-unreachable", .story = "No way leads to the address.",
	    /* The broadcast address of the loopback net: no TCP goes there, and no packet leaves this machine. */
	    .expect = "net.unreachable", .manner = MANNER_NO_ROUTE, .address = "127.255.255.255" },
	{ .name = "net-no-such-name", .story = "The name does not exist.",
	    /* RFC 7686: no resolver may ask anybody about this domain, so the answer needs no network. */
	    .expect = "net.dns-failure", .manner = MANNER_NO_NAME, .address = "payment.onion" },
	{ .name = "net-http", .story = "The port speaks HTTP, not HTTPS.", .expect = "net.not-tls", .manner = MANNER_HTTP },
	{ .name = "net-ssh", .story = "The port belongs to SSH, which speaks first.", .expect = "net.not-tls", .manner = MANNER_BANNER },
	{ .name = "net-closes", .story = "The server closes when it sees our hello.", .expect = "net.closed", .manner = MANNER_CLOSE },
	{ .name = "net-resets", .story = "The server resets when it sees our hello.", .expect = "net.reset", .manner = MANNER_RESET },
	{ .name = "net-silent", .story = "The server takes the connection and never answers.",
	    .expect = "net.timeout", .manner = MANNER_SILENT, .args = { "--max-time", "1" } },
};

const struct story_table stories_protocol = { "Common ground in TLS", protocol, sizeof protocol / sizeof protocol[0] };
const struct story_table stories_network = { "The way there", network, sizeof network / sizeof network[0] };
