/*
 * Several servers behind one name, and doors beside the one that is guarded. `check` reaches both
 * servers by --resolve, as it would by a name with two addresses.
 */
#include "lab/story.h"

#define BOTH "--resolve", "127.0.0.1:{port}:127.0.0.1,{twin}"

static const struct story trusts_others = { .name = "address-refuses", .trusts = { "other-root" } };
static const struct story has_expired = { .name = "address-expired", .server = { .leaf = "server-expired" } };
static const struct story lists_more = { .name = "address-list", .trusts = { "root", "other-root" } };

static const struct story asks_nobody = { .name = "bypass-address", .asks = ASKS_NOT };
static const struct story asks_everybody = { .name = "bypass-first", .trusts = { "root" } };
static const struct story beside = { .name = "bypass-endpoint", .asks = ASKS_NOT };

static const struct story places[] = {
	{ .name = "address-refuses", .story = "Two servers stand behind the name; the second one trusts another company's CA, not ours.",
	    .expect = "client.untrusted", .twin = &trusts_others, .args = { BOTH } },
	{ .name = "address-expired", .story = "Two servers stand behind the name; the second one's certificate has expired.",
	    .expect = "cert.expired", .twin = &has_expired, .args = { BOTH } },
	{ .name = "address-list", .story = "Two servers stand behind the name; the second one names one CA more.",
	    .expect = "net.addresses-differ", .twin = &lists_more, .args = { BOTH } },
	{ .name = "bypass-address", .story = "Two servers stand behind the name; the second one asks nobody for a certificate.",
	    .expect = "mtls.bypass", .twin = &asks_nobody, .args = { BOTH } },
	{ .name = "bypass-first", .story = "Two servers stand behind the name; the first one asks nobody for a certificate.",
	    .expect = "mtls.bypass", .asks = ASKS_NOT, .twin = &asks_everybody, .args = { BOTH } },
	{ .name = "bypass-endpoint", .story = "The service also answers at an internal endpoint, and asks for no certificate there.",
	    .expect = "mtls.bypass", .twin = &beside, .args = { "--bypass", "{twin}:{port}" } },
	{ .name = "resumption-keeps", .story = "Who comes again with a ticket is not asked for the certificate again, as TLS intends.",
	    .expect = "mtls.resumption-keeps-identity", .resumes = true, .args = { "--deep" } },
	{ .name = "resumption-bypass", .story = "Who says no name is asked for no certificate, and the ticket that comes of it opens the guarded door.",
	    .expect = "mtls.resumption-bypass", .resumes = true, .nameless_get_in = true, .args = { "--deep" } },
};

const struct story_table stories_places = { "More than one way in", places, sizeof places / sizeof places[0] };
