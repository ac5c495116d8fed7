#include "tests/pages.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/path.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .from = -49, .to = 41 },
	{ .name = "client", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -2, .to = 88 },
};

struct pages {
	struct chains *chains;
	struct evidence *evidence;
	struct arena *arena; /* of the diagnosis */
	struct diagnosis d;
};

struct pages *
pages_make(void)
{
	struct pages *p = calloc(1, sizeof *p);

	p->chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	/* Keys are made anew in each run; what is shown of a certificate is not. */
	for (size_t i = 0; i < sizeof recipes / sizeof recipes[0]; i++) {
		struct fingerprint fixed;

		fingerprint_of((const unsigned char *)recipes[i].name, strlen(recipes[i].name), &fixed);
		fingerprint_hex(&fixed, chains_cert(p->chains, recipes[i].name)->sha256_hex);
	}
	return p;
}

static void
clear(struct pages *p)
{
	paths_free(p->d.server_paths);
	paths_free(p->d.our_paths);
	evidence_free(p->evidence);
	arena_free(p->arena);
	p->evidence = NULL;
	p->arena = NULL;
	p->d = (struct diagnosis){ 0 };
}

void
pages_free(struct pages *p)
{
	clear(p);
	chains_free(p->chains);
	free(p);
}

static struct path_set *
paths_of(const struct evidence *e, const struct cert *leaf, struct cert *const *rest, size_t len, enum path_source source,
    const struct trust *trust)
{
	struct path_link pool[CHAIN_MAX];
	struct path_question q = { .leaf = leaf, .pool = pool, .trust = trust, .at = evidence_now(e), .partial_chain = true,
		.purpose = source == SOURCE_IDENTITY ? PURPOSE_CLIENT : PURPOSE_SERVER };

	pool[q.pool_len++] = (struct path_link){ leaf, source };
	for (size_t i = 0; i < len && q.pool_len < CHAIN_MAX; i++)
		pool[q.pool_len++] = (struct path_link){ rest[i], source };
	return paths_find(&q);
}

static void
add_message(struct handshake *h, enum peer from, uint8_t type, double at, size_t bytes, const char *note)
{
	h->messages[h->messages_len++] = (struct message){ .from = from, .type = type, .bytes = bytes, .parsed_ms = at,
		.at_ms = at, .note = note };
}

/* TLS 1.3 as the design draws it. */
static void
fill_wire(struct handshake *h, bool leaf_only)
{
	h->group = "X25519";
	h->attempts = arena_array(h->arena, 1, sizeof *h->attempts);
	h->attempts[0] = (struct attempt){ .address = "127.0.0.1:8443", .result = CONNECT_OK, .start_ms = 0.1, .end_ms = 0.4 };
	h->attempts_len = 1;
	h->messages = arena_array(h->arena, 16, sizeof *h->messages);
	add_message(h, PEER_US, 1, 0.5, 230, "TLS 1.3");
	add_message(h, PEER_SERVER, 2, 1.9, 122, "TLS 1.3 X25519");
	add_message(h, PEER_SERVER, 8, 2.0, 10, NULL);
	add_message(h, PEER_SERVER, 13, 2.0, 80, "1 CA named");
	add_message(h, PEER_SERVER, 11, 2.1, 1200, "2 certificates");
	add_message(h, PEER_SERVER, 15, 2.1, 78, NULL);
	add_message(h, PEER_SERVER, 20, 2.1, 52, NULL);
	add_message(h, PEER_US, 11, 3.4, 600, leaf_only ? "1, leaf only" : "2 certificates");
	add_message(h, PEER_US, 15, 3.4, 78, NULL);
	add_message(h, PEER_US, 20, 3.4, 52, NULL);
	h->request.sigalgs = arena_array(h->arena, 2, sizeof *h->request.sigalgs);
	h->request.sigalgs[0] = 0x0403;
	h->request.sigalgs[1] = 0x0bad; /* nobody has it */
	h->request.sigalgs_len = 2;
	h->resolve_ms = 0.1;
	h->connect_ms = 0.2;
	h->tls_ms = 5.1234;
	h->verdict_ms = 7.4;
}

static void
fill_findings(struct pages *p, enum pages_story story)
{
	static const char *seen[] = { "h1: the server sent alert 48 unknown_ca, 1.9 ms after our Finished" };
	static const char *http_seen[] = { "h1: HTTP 400, “The SSL certificate error”" };
	static const char *dead[] = { "h1: 127.0.0.1:8443 refused the connection" };
	static enum code explained[] = { CODE_CLIENT_REJECTED };
	static const char *fixes[] = { "complete-client-chain", NULL };
	static struct proof proof[] = { { "as it is", "h1", "refused, alert 48 unknown_ca", "as it is" },
		{ "with-intermediate", "h3", "accepted", "with the missing CA added" } };
	static struct candidate candidates[] = { { CODE_CLIENT_UNTRUSTED, CONFIDENCE_MEDIUM, "the server's log line" },
		{ CODE_CLIENT_PARTIAL_TRUST, CONFIDENCE_LOW, "the server's trust file" } };
	struct finding *f = arena_array(p->arena, 2, sizeof *f);
	struct diagnosis *d = &p->d;

	d->findings = f;
	f[1] = (struct finding){ .code = CODE_CERT_OUTLIVES_ISSUER, .severity = SEVERITY_WARNING, .side = SIDE_SERVER,
		.confidence = CONFIDENCE_CERTAIN, .title = "“payment.internal” ends after its issuer",
		.why = "What is below an issuer ends with it.", .certificate = chains_cert(p->chains, "server") };
	if (story == PAGES_ACCEPTED)
		return;
	f[0] = (struct finding){ .code = CODE_CLIENT_MISSING_INTERMEDIATE, .severity = SEVERITY_ERROR, .side = SIDE_CLIENT,
		.root_cause = true, .confidence = CONFIDENCE_CERTAIN, .title = "our chain lacks “Acme Issuing CA 1”",
		.why = "The server knows only its root; without the intermediate it cannot get from “order-service” to it.",
		.evidence = seen, .evidence_len = 1, .proof = proof, .proof_len = 2, .explains = explained, .explains_len = 1,
		.certificate = chains_cert(p->chains, "client"), .fixes = fixes,
		.shared_key = "3b77", .shared_label = "“Acme Issuing CA 1”, missing in order.crt" };
	if (story == PAGES_NOT_PROVEN)
		f[0] = (struct finding){ .code = CODE_CLIENT_REJECTED, .severity = SEVERITY_ERROR, .side = SIDE_CLIENT,
			.root_cause = true, .confidence = CONFIDENCE_LOW, .title = "the server refuses our certificate",
			.why = "Nothing in our files is wrong.", .evidence = seen, .evidence_len = 1,
			.candidates = candidates, .candidates_len = 2 };
	if (story == PAGES_REFUSED_PORT)
		f[0] = (struct finding){ .code = CODE_NET_REFUSED, .severity = SEVERITY_ERROR, .side = SIDE_NETWORK,
			.root_cause = true, .confidence = CONFIDENCE_CERTAIN, .title = "nothing listens there",
			.why = "The connection was refused.", .evidence = dead, .evidence_len = 1,
			.shared_key = "127.0.0.1:8443", .shared_label = "127.0.0.1:8443" };
	if (story == PAGES_HTTP_400) {
		f[0].evidence = http_seen;
		f[0].proof_len = 0;
	}
	d->len = story == PAGES_FORGOTTEN ? 2 : 1;
	d->root = &f[0];
}

static void
fill_words(struct diagnosis *d, enum pages_story story)
{
	static const char *not_cause[] = { "version", "cipher", "the server's own certificate" };
	static const char *not_reached[] = { "our private key (here on this machine it matches)" };

	if (story == PAGES_ACCEPTED) {
		d->headline = "OK";
		d->summary = "The server accepts our certificate, and we trust its chain.";
		return;
	}
	d->verdict = VERDICT_ERROR;
	d->class = CLASS_CLIENT;
	d->side = SIDE_CLIENT;
	d->cause_key = "client.missing-intermediate:3b77";
	d->headline = "OUR SIDE: the server refuses our certificate";
	d->summary = "our chain lacks “Acme Issuing CA 1”; the server cannot get from “order-service” to the root it trusts.";
	d->not_the_cause = not_cause;
	d->not_the_cause_len = 3;
	d->not_reached = not_reached;
	d->not_reached_len = 1;
	if (story == PAGES_NOT_PROVEN) {
		d->headline = "OUR SIDE?  refused, cause not proven";
		d->cause_key = "client.rejected:alert-48";
		d->summary = "The server refused our certificate with alert 48 unknown_ca; our files do not show why.";
	}
	if (story == PAGES_REFUSED_PORT) {
		d->verdict = VERDICT_UNREACHABLE;
		d->class = CLASS_NETWORK;
		d->side = SIDE_NETWORK;
		d->cause_key = "net.refused:127.0.0.1:8443";
		d->headline = "NETWORK: nothing listens there";
		d->summary = "nothing listens at 127.0.0.1:8443.";
		d->not_the_cause_len = d->not_reached_len = 0;
	}
}

static void
cut_down_to_a_refused_port(struct handshake *h)
{
	h->messages_len = h->alerts_len = h->server_certs_len = h->request.cas_len = 0;
	h->request = (struct certificate_request){ .seen = false };
	h->sent_certificate_message = false;
	h->version = 0;
	h->cipher = h->group = NULL;
	h->phase = PHASE_CONNECT;
	h->outcome = OUTCOME_NETWORK;
	h->attempts[0].result = CONNECT_REFUSED;
	h->ended = (struct ended){ .by = PEER_SERVER, .how = END_RST, .phase = PHASE_CONNECT, .at_ms = 0.4 };
	h->http = (struct http_answer){ .status = 0 };
}

struct diagnosis *
pages_diagnosis(struct pages *p, enum pages_story story)
{
	bool good = story == PAGES_ACCEPTED;
	struct chain_case t = { .what = "a page", .server = { "server", "issuing" }, .ours = { "client", good ? "issuing" : NULL },
		.answer = good ? ACCEPTED : REFUSED };
	struct diagnosis *d = &p->d;

	clear(p);
	p->arena = arena_new();
	p->evidence = chains_evidence(p->chains, &t);
	struct evidence *e = p->evidence;
	struct handshake *h = e->handshakes[0];
	e->seen_from = "bastion-2";
	e->identity->cert_file = "order.crt";
	e->identity->key_file = "order.key";
	e->trust->from = "root.pem";
	e->started_ms = CHAINS_NOW * 1000;
	e->took_ms = 41.66;
	fill_wire(h, !good);
	h->alerts_len = good || story == PAGES_HTTP_400 ? 0 : h->alerts_len;
	if (!good && story != PAGES_HTTP_400)
		h->alerts[0].at_ms = h->ended.at_ms = 5.3;
	h->http.sent_ms = 4.1;
	h->http.status_ms = 6.2;
	if (story == PAGES_HTTP_400) {
		h->phase = PHASE_RESPONSE;
		h->outcome = OUTCOME_REJECTED_HTTP;
		h->http = (struct http_answer){ .requested = true, .method = "GET", .status = 400,
			.reason = text_of("Bad Request"), .sent_ms = 4.1, .status_ms = 6.2 };
		h->ended = (struct ended){ .by = PEER_SERVER, .how = END_FIN, .phase = PHASE_RESPONSE, .at_ms = 6.3 };
	}
	if (story == PAGES_REFUSED_PORT)
		cut_down_to_a_refused_port(h);
	d->evidence = e;
	d->arena = p->arena;
	fill_findings(p, story);
	fill_words(d, story);
	d->stack = (struct stack_guess){ .stack = STACK_OPENSSL, .confidence = CONFIDENCE_HIGH, .name = "OpenSSL family" };
	if (story != PAGES_REFUSED_PORT) {
		struct cert *shown[] = { chains_cert(p->chains, "issuing") };
		d->server_paths = paths_of(e, chains_cert(p->chains, "server"), shown, 1, SOURCE_PRESENTED, e->trust);
	}
	d->our_paths = paths_of(e, e->identity->certs[0], e->identity->certs + 1, e->identity->len - 1, SOURCE_IDENTITY, e->trust);
	return d;
}

struct diagnosis *
pages_give(struct pages *p, enum pages_story story, struct evidence **evidence)
{
	struct diagnosis *made = pages_diagnosis(p, story), *d = arena_dup(p->arena, made, sizeof *d);

	*evidence = p->evidence;
	p->evidence = NULL;
	p->arena = NULL;
	p->d = (struct diagnosis){ 0 };
	return d;
}
