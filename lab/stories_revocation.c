/* What the addresses in certificates hold: the CA that a chain lacks, revocation lists, OCSP. The lab serves them itself. */
#include "lab/story.h"

static const struct story fetched[] = {
	{ .name = "looked-up-good", .story = "Nothing is wrong: list and responder, asked for both chains, have nothing against them.",
	    .server = { .leaf = "server-ocsp-good" }, .client = { .leaf = "client-list-good" } },
	{ .name = "server-fetched-intermediate", .story = "The server sends its own certificate only; the CAs above it are where the certificates say.",
	    .expect = "chain.missing-intermediate", .mendable = true, .server = { .leaf = "server-aia", .form = CHAIN_LEAF_ONLY } },
	{ .name = "server-not-fetched", .story = "The server sends its own certificate only, and nothing is where that says its CA is.",
	    .expect = "chain.missing-intermediate", .mendable = true, .server = { .leaf = "server-aia-gone", .form = CHAIN_LEAF_ONLY } },
	{ .name = "client-fetched-intermediate", .story = "Our file holds our certificate only; the two CAs above it are where the certificates say.",
	    .expect = "client.missing-intermediate", .mendable = true, .client = { .leaf = "client-aia", .form = CHAIN_LEAF_ONLY } },
	{ .name = "server-revoked-list", .story = "The server's certificate is on its CA's revocation list.",
	    .expect = "cert.revoked", .mendable = true, .server = { .leaf = "server-revoked-list" } },
	{ .name = "server-revoked-ocsp", .story = "The CA's responder says that the server's certificate is revoked.",
	    .expect = "cert.revoked", .mendable = true, .server = { .leaf = "server-revoked-ocsp" } },
	{ .name = "server-revoked-stapled", .story = "The server itself hands out the response that says it is revoked.",
	    .expect = "cert.revoked", .mendable = true, .server = { .leaf = "server-revoked-stapled" }, .staple = STAPLE_CURRENT },
	{ .name = "server-stale-staple", .story = "The server hands out an OCSP response that ended two days ago.",
	    .expect = "cert.revocation-unknown", .server = { .leaf = "server-no-address" }, .staple = STAPLE_OLD },
	{ .name = "server-responder-down", .story = "The CA's responder hangs up on everybody.",
	    .expect = "cert.revocation-unknown", .server = { .leaf = "server-responder-down" } },
	{ .name = "server-responder-busy", .story = "The CA's responder tells everybody to come back later.",
	    .expect = "cert.revocation-unknown", .server = { .leaf = "server-responder-busy" } },
	{ .name = "server-old-list", .story = "The revocation list of the server's CA ended two days ago.",
	    .expect = "cert.revocation-unknown", .server = { .leaf = "server-old-list" } },
	{ .name = "client-revoked-refused", .story = "Our certificate is on its CA's revocation list, and the server looks there.",
	    .expect = "client.revoked", .mendable = true, .client = { .leaf = "client-revoked-list" }, .crl = CRL_REVOKES_US },
	{ .name = "client-revoked-accepted", .story = "Our certificate is on its CA's revocation list, and the server lets us in.",
	    .expect = "mtls.revocation-not-checked", .client = { .leaf = "client-revoked-list" } },
	{ .name = "client-old-list", .story = "The revocation list of our CA has ended, and with it the copy that the server goes by: alert 45.",
	    .expect = "client.server-revocation", .client = { .leaf = "client-old-list" }, .crl = CRL_EXPIRED },
};

const struct story_table stories_revocation = { "What the addresses in certificates hold", fetched, sizeof fetched / sizeof fetched[0] };
