/*
 * Several servers behind one name, and doors beside the one that is guarded. `check` reaches both
 * servers by --resolve, as it would by a name with two addresses.
 */
#include "lab/story.h"

#define BOTH "--resolve", "127.0.0.1:{port}:127.0.0.1,{twin}"

static const struct story trusts_others = { .name = "address-refuses", .trusts = { "other-root" } };
static const struct story has_expired = { .name = "address-expired", .server = { .leaf = "server-expired" } };
static const struct story lists_more = { .name = "address-list", .trusts = { "root", "other-root" } };

static const struct story places[] = {
	{ .name = "address-refuses", .story = "Two servers stand behind the name; the second one trusts another company's CA, not ours.",
	    .expect = "client.untrusted", .twin = &trusts_others, .args = { BOTH } },
	{ .name = "address-expired", .story = "Two servers stand behind the name; the second one's certificate has expired.",
	    .expect = "cert.expired", .twin = &has_expired, .args = { BOTH } },
	{ .name = "address-list", .story = "Two servers stand behind the name; the second one names one CA more.",
	    .expect = "net.addresses-differ", .twin = &lists_more, .args = { BOTH } },
	{ .name = "resumption-keeps", .story = "Who comes again with a ticket is not asked for the certificate again, as TLS intends.",
	    .expect = "mtls.resumption-keeps-identity", .resumes = true, .args = { "--deep" } },
	{ .name = "resumption-bypass", .story = "Who says no name is asked for no certificate, and the ticket that comes of it opens the guarded door.",
	    .expect = "mtls.resumption-bypass", .resumes = true, .nameless_get_in = true, .args = { "--deep" } },
};

const struct story_table stories_places = { "More than one way in", places, sizeof places / sizeof places[0] };
