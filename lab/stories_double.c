/*
 * Two independent faults: `expect` is the one that CONTRACT section 3 makes the root cause. That is
 * the most severe; among equals what ended the handshake; then the order of the groups (net, tls,
 * clock, server's side, key, client, mtls) and of the table.
 */
#include "lab/story.h"

enum { MINUTE = 60 };

static const struct story doubles[] = {
	/* The table's order: cert before name. */
	{ .name = "two-expired-and-name", .story = "The server's certificate has expired, and it is for other names.",
	    .expect = "cert.expired", .mendable = true, .server = { .leaf = "server-expired-elsewhere" } },
	/* The table's order: expired before weak. */
	{ .name = "two-expired-and-sha1", .story = "The server's certificate has expired, and it is signed with SHA-1.",
	    .expect = "cert.expired", .mendable = true, .server = { .leaf = "server-expired-sha1" } },
	/* The table's order: chain before name. */
	{ .name = "two-incomplete-and-name", .story = "The server leaves out its intermediate, and its certificate is for other names.",
	    .expect = "chain.missing-intermediate", .server = { .leaf = "server-elsewhere", .form = CHAIN_LEAF_ONLY } },
	/* The table's order: name before eku. */
	{ .name = "two-no-san-and-purpose", .story = "The server's certificate has no alternative name, and it is for clients only.",
	    .expect = "name.no-san", .mendable = true, .server = { .leaf = "server-no-san-client-only" } },
	/* The table's order: self-signed before expired. */
	{ .name = "two-self-signed-and-expired", .story = "The server's certificate signs itself, and it has expired.",
	    .expect = "chain.self-signed", .mendable = true, .server = { .leaf = "server-self-expired" } },
	/* An error before a warning. */
	{ .name = "two-expired-and-order", .story = "Our certificate has expired, and our intermediates are in the wrong order.",
	    .expect = "client.expired", .mendable = true, .client = { .leaf = "client-expired-deep", .form = CHAIN_REVERSED } },
	/* The server finds no path before it looks at any date: alert 48, which no expiry gives. */
	{ .name = "two-incomplete-and-expired", .story = "Our file lacks the issuing CA, and our certificate has expired.",
	    .expect = "client.missing-intermediate", .client = { .leaf = "client-expired", .form = CHAIN_LEAF_ONLY } },
	/* OpenSSL looks at the purpose before the dates: alert 43, which no expiry gives. */
	{ .name = "two-purpose-and-expired", .story = "Our certificate is for servers only, and it has expired.",
	    .expect = "client.eku", .mendable = true, .client = { .leaf = "client-expired-server-only" } },
	/* What ended the handshake comes first. */
	{ .name = "two-both-expired", .story = "The server's certificate has expired, and ours too: the server refuses us.",
	    .expect = "client.expired", .server = { .leaf = "server-expired" }, .client = { .leaf = "client-expired" } },
	{ .name = "two-name-and-incomplete", .story = "The server's certificate is for other names, and it refuses ours: no issuing CA.",
	    .expect = "client.missing-intermediate", .server = { .leaf = "server-elsewhere" }, .client = { .form = CHAIN_LEAF_ONLY } },
	/* Alert 45 comes before the server looks at our signature. */
	{ .name = "two-expired-and-key", .story = "Our certificate has expired, and the key is another one's.",
	    .expect = "client.expired", .mendable = true, .client = { .leaf = "client-expired" }, .client_key = "stranger" },
	/* An error before a warning. */
	{ .name = "two-incomplete-and-not-asked", .story = "The server leaves out its intermediate, and it asks nobody for a certificate.",
	    .expect = "chain.missing-intermediate", .server = { .form = CHAIN_LEAF_ONLY }, .asks = ASKS_NOT },
	/* Two warnings: the server's side before ours. */
	{ .name = "two-roots-and-leaf", .story = "The root above the server expires in 60 days, our certificate in 7.",
	    .expect = "root.expiring", .server = { .leaf = "server-ending-root" }, .client = { .leaf = "client-expiring" },
	    .cacert = { "ending-root" } },
	/* Two warnings: the clock first. */
	{ .name = "two-clock-and-expiring", .story = "The server's clock is 10 minutes fast, and its certificate expires in 9 days.",
	    .expect = "clock.server-skew", .server = { .leaf = "server-expiring" }, .clock_seconds = 10 * MINUTE },
	/* Two warnings: the key before our certificate. */
	{ .name = "two-exposed-and-expiring", .story = "Everybody can read our key, and our certificate expires in 7 days.",
	    .expect = "key.exposed", .client = { .leaf = "client-expiring" }, .key_mode = 0644 },
	/* The server finds no path before it looks at any date. */
	{ .name = "two-other-ca-and-expired", .story = "Our certificate is from a CA that the server does not name, and it has expired.",
	    .expect = "client.untrusted", .client = { .leaf = "client-expired-other" }, .cacert = { "other-root" } },
	/* The table's order: expiring before hostile. */
	{ .name = "two-expiring-and-hostile", .story = "The server's certificate expires in 9 days, and its name would paint on a terminal.",
	    .expect = "cert.expiring", .mendable = true, .server = { .leaf = "server-expiring-hostile" } },
	/* The table's order: wrong order before extra. */
	{ .name = "two-order-and-extra", .story = "The server sends its chain in the wrong order, and a certificate too many.",
	    .expect = "chain.wrong-order", .mendable = true, .server = { .leaf = "server-deep", .form = CHAIN_REVERSED, .extra = "other-issuing" } },
};

const struct story_table stories_double = { "Two faults at once", doubles, sizeof doubles / sizeof doubles[0] };
