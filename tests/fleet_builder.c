#include "tests/fleet_builder.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/evidence_builder.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" }, .from = -360, .to = 0 },
	{ .name = "issuing-2", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2" } },
	{ .name = "old-root", .role = IS_CA, .r = { .cn = "Acme Root CA 2016" }, .from = -3600, .to = 63 },
	{ .name = "issuing-crossed", .issuer = "issuing-2", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" }, .key_of = "issuing" },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .from = -49, .to = 41 },
	{ .name = "server-2", .issuer = "issuing-2", .role = IS_SERVER, .from = -49, .to = 71 },
	{ .name = "server-old", .issuer = "old-root", .role = IS_SERVER, .from = -49, .to = 63 },
	{ .name = "server-future", .issuer = "issuing-2", .role = IS_SERVER, .from = 2, .to = 90 },
	{ .name = "client", .issuer = "issuing-2", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -2, .to = 88 },
	{ .name = "client-expired", .issuer = "issuing-2", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
};

static const struct chain_case cases[SHAPES] = {
	[SHAPE_OK] = { .server = { "server-2", "issuing-2" }, .ours = { "client", "issuing-2" } },
	[SHAPE_INTERMEDIATE] = { .server = { "server", "issuing" }, .ours = { "client", "issuing-2" } },
	[SHAPE_CROSSED] = { .server = { "server", "issuing" }, .ours = { "client", "issuing-2" },
	    .found = { "issuing-crossed", "issuing-2" } },
	[SHAPE_ROOT_EXPIRING] = { .server = { "server-old" }, .ours = { "client", "issuing-2" }, .trust = { "root", "old-root" } },
	[SHAPE_FORGOTTEN] = { .server = { "server-2", "issuing-2" }, .ours = { "client" }, .answer = REFUSED },
	[SHAPE_OUR_EXPIRED] = { .server = { "server-2", "issuing-2" }, .ours = { "client-expired", "issuing-2" },
	    .answer = REFUSED, .alert = 45 },
	[SHAPE_WRONG_NAME] = { .server = { "server-2", "issuing-2" }, .ours = { "client", "issuing-2" }, .host = "other.internal" },
	[SHAPE_REFUSED_PORT] = { .server = { "" }, .ours = { "client", "issuing-2" } },
	[SHAPE_HTTP] = { .server = { "" }, .ours = { "client", "issuing-2" } },
	[SHAPE_SSH] = { .server = { "" }, .ours = { "client", "issuing-2" } },
	[SHAPE_NOT_YET] = { .server = { "server-future", "issuing-2" }, .ours = { "client", "issuing-2" } },
};

static const struct built ends[SHAPES] = {
	[SHAPE_REFUSED_PORT] = { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .how = END_RST, .by = PEER_SERVER,
	    .connect = CONNECT_REFUSED, .os_error = ECONNREFUSED },
	[SHAPE_HTTP] = { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_FIN, .by = PEER_SERVER, .not_tls = true,
	    .plain = "HTTP/1.1 400 Bad Request\r\n" },
	[SHAPE_SSH] = { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_FIN, .by = PEER_SERVER, .not_tls = true,
	    .plain = "SSH-2.0-OpenSSH_9.2\r\n" },
};

struct fleet_builder {
	struct chains *chains;
	struct identity *identity;
	struct trust *trust;
};

struct fleet_builder *
fleet_builder_make(void)
{
	struct fleet_builder *b = calloc(1, sizeof *b);
	struct cert *ours[2], *root;

	b->chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	/* Keys are made anew in each run; what is shown of a certificate is not. */
	for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
		struct fingerprint fixed;

		fingerprint_of((const unsigned char *)recipes[i].name, strlen(recipes[i].name), &fixed);
		fingerprint_hex(&fixed, chains_cert(b->chains, recipes[i].name)->sha256_hex);
	}
	ours[0] = chains_cert(b->chains, "client");
	ours[1] = chains_cert(b->chains, "issuing-2");
	root = chains_cert(b->chains, "root");
	b->identity = identity_from("order.crt", ours, 2, NULL);
	b->identity->name = "order-service";
	b->trust = trust_from("root.pem", &root, 1);
	return b;
}

void
fleet_builder_free(struct fleet_builder *b)
{
	identity_free(b->identity);
	trust_free(b->trust);
	chains_free(b->chains);
	free(b);
}

struct cert *
fleet_builder_cert(const struct fleet_builder *b, const char *name)
{
	return chains_cert(b->chains, name);
}

struct entry *
fleet_builder_add(struct fleet_builder *b, struct fleet *f, const char *name)
{
	struct target t = { .name = NULL };
	struct error err = { 0 };
	char spelled[300];

	snprintf(spelled, sizeof spelled, "%s.internal:8443", name);
	assert_int_equal(target_parse(spelled, &t, &err), STATUS_OK);
	struct entry *e = fleet_add(f, name, &t, b->identity, b->trust, NULL);
	target_done(&t);
	return e;
}

struct evidence *
fleet_builder_evidence(struct fleet_builder *b, const struct entry *e, enum shape shape, int64_t at)
{
	struct evidence *ev = chains_evidence(b->chains, &cases[shape]);
	bool seen = ends[shape].outcome != OUTCOME_NETWORK;

	if (!seen) {
		handshake_free(ev->handshakes[0]);
		ev->handshakes_len = 0;
		built_into(ev, &ends[shape]);
		ev->clocks.kept = CLOCK_KEPT;
	}
	ev->clocks.local_ms = ev->started_ms = at * 1000;
	/* The name that is judged stays that of the case. */
	ev->target.servername = seen ? strdup(ev->target.host) : NULL;
	free(ev->target.host);
	free(ev->target.spelled);
	ev->target.host = strdup(e->target.host);
	ev->target.spelled = strdup(e->target.spelled);
	return ev;
}

void
fleet_builder_check(struct fleet_builder *b, struct fleet *f, struct entry *e, enum shape shape, int64_t at)
{
	struct evidence *ev = fleet_builder_evidence(b, e, shape, at);

	fleet_result(f, e, ev, diagnose(ev), at * 1000);
}

struct fleet *
fleet_builder_design(struct fleet_builder *b)
{
	static const char *const services[] = { "payment", "ledger", "orders", "billing", "stock", "search", "mail", "audit" };
	struct fleet *f = fleet_new();
	char name[32];

	for (size_t i = 0; i < 40; i++) {
		snprintf(name, sizeof name, "%s-%zu", services[i % 8], i / 8 + 1);
		fleet_builder_add(b, f, name);
	}
	for (size_t i = 0; i < 40; i++)
		fleet_builder_check(b, f, fleet_at(f, i), i % 4 < 3 ? SHAPE_INTERMEDIATE : i == 39 ? SHAPE_ROOT_EXPIRING : SHAPE_OK, FLEET_NOW - 600);
	for (size_t i = 0; i < 40; i++)
		fleet_builder_check(b, f, fleet_at(f, i), i % 4 < 3 ? SHAPE_INTERMEDIATE : i == 39 ? SHAPE_ROOT_EXPIRING :
		    i == 19 ? SHAPE_REFUSED_PORT : SHAPE_OK, FLEET_NOW - 4);
	return f;
}
