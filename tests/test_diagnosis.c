/*
 * From evidence to a diagnosis: the root cause, its class and side, what it explains, what it may be
 * instead, and the words. Chains are real certificates; what the server did is written by hand.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/memory.h"
#include "tests/chains.h"
#include "tests/evidence_builder.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "policy", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Policy CA", .org = "Acme" } },
	{ .name = "issuing-2", .issuer = "policy", .role = IS_CA, .r = { .cn = "Acme Issuing CA 2", .org = "Acme" } },
	{ .name = "other-root", .role = IS_CA, .r = { .cn = "Stranger Root CA", .org = "Stranger" } },
	{ .name = "other-issuing", .issuer = "other-root", .role = IS_CA, .r = { .cn = "Stranger Issuing CA", .org = "Stranger" } },
	{ .name = "leaf", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "leaf-expired", .issuer = "issuing", .role = IS_SERVER, .from = -90, .to = -5 },
	{ .name = "leaf-future", .issuer = "issuing", .role = IS_SERVER, .from = 2, .to = 90 },
	{ .name = "leaf-expiring", .issuer = "issuing", .role = IS_SERVER, .from = -90, .to = 9 },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-deep", .issuer = "issuing-2", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-other", .issuer = "other-issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-self", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
	{ .name = "us-expired-other", .issuer = "other-issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
	{ .name = "us-server-only", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .eku = "serverAuth" } },
	{ .name = "us-expired-server-only", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service", .eku = "serverAuth" },
	    .from = -90, .to = -4 },
	{ .name = "us-new", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -1, .to = 90 },
	{ .name = "stranger", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "stranger" } },
};

/* ---- what the rows of tests/chains.h do not say ---- */

static void
as_nginx(struct evidence *e, const char *page)
{
	struct handshake *h = e->handshakes[0];

	h->outcome = OUTCOME_REJECTED_HTTP;
	h->phase = PHASE_RESPONSE;
	h->alerts_len = 0;
	h->http.status = 400;
	h->http.server = text_of("nginx/1.22.1");
	h->http.body = text_of(page);
}

static void
nginx_error(struct evidence *e)
{
	as_nginx(e, "<center>The SSL certificate error</center>");
}

static void
nginx_none(struct evidence *e)
{
	as_nginx(e, "<center>No required SSL certificate was sent</center>");
}

static void
forbidden(struct evidence *e)
{
	struct handshake *h = e->handshakes[0];

	h->outcome = OUTCOME_REJECTED_HTTP;
	h->phase = PHASE_RESPONSE;
	h->alerts_len = 0;
	h->http.status = 403;
}

/* A Node application that lets TLS through and looks at socket.authorized itself. */
static void
unauthorized(struct evidence *e)
{
	forbidden(e);
	e->handshakes[0]->http.status = 401;
}

static void
closed(struct evidence *e)
{
	struct handshake *h = e->handshakes[0];

	h->outcome = OUTCOME_REJECTED_CLOSE;
	h->alerts_len = 0;
	h->ended.how = END_FIN;
}

static void
none_sent(struct evidence *e)
{
	e->handshakes[0]->sent_certs_len = 0;
	e->handshakes[0]->our_sigalg = 0;
}

static void
rsa_only(struct evidence *e)
{
	static uint16_t rsa[] = { 0x0804, 0x0401 };

	none_sent(e);
	e->handshakes[0]->request.sigalgs = rsa;
	e->handshakes[0]->request.sigalgs_len = 2;
}

static void
clock_not_kept(struct evidence *e)
{
	e->clocks.kept = CLOCK_NOT_KEPT;
}

static void
clock_within_error(struct evidence *e)
{
	e->clocks.server_offset_ms = 5900; /* 1 s uncertain, 5 s allowed */
	e->clocks.kept = CLOCK_NOT_KEPT;
}

static void
hello_request(struct evidence *e)
{
	struct handshake *h = e->handshakes[0];

	h->request.seen = false;
	h->sent_certificate_message = false;
	h->sent_certs_len = 0;
	h->phase = PHASE_REQUEST;
	h->messages = arena_array(h->arena, 1, sizeof *h->messages);
	h->messages[0] = (struct message){ .from = PEER_SERVER, .type = 0, .bytes = 4 };
	h->messages_len = 1;
}

static void
require_mtls(struct evidence *e)
{
	e->thresholds.require_mtls = true;
}

static void
dead_address(struct evidence *e)
{
	struct handshake *h = e->handshakes[0];

	h->attempts = arena_array(h->arena, 2, sizeof *h->attempts);
	h->attempts[0] = (struct attempt){ .address = "192.0.2.7:8443", .result = CONNECT_REFUSED };
	h->attempts[1] = (struct attempt){ .address = "192.0.2.8:8443", .result = CONNECT_OK };
	h->attempts_len = 2;
}

static void
no_ipv6_here(struct evidence *e)
{
	struct handshake *h = e->handshakes[0];

	dead_address(e);
	h->attempts[0].result = CONNECT_UNREACHABLE;
}

static void
garbage_leaf(struct evidence *e)
{
	struct handshake *h = e->handshakes[0];

	cert_free(h->server_certs[0].cert);
	h->server_certs[0].cert = NULL;
	h->server_certs[0].problem = "byte 4: a SEQUENCE was expected";
	h->outcome = OUTCOME_FAILED_LOCAL;
	h->local = LOCAL_UNDECODABLE;
	h->phase = PHASE_SERVER_CERTIFICATE;
	h->request.seen = h->sent_certificate_message = false;
	h->sent_certs_len = 0;
}

/* ---- cases ---- */

#define WHOLE .server = { "leaf", "issuing" }
#define US .ours = { "us", "issuing" }
#define REFUSES(n) .answer = REFUSED, .alert = n

enum { MOST = 4 };
static const struct diagnosis_case {
	struct chain_case chain;
	void (*also)(struct evidence *);
	enum code root; /* CODE_NONE: nothing found */
	enum severity severity;
	enum confidence confidence;
	enum cause_class class;
	const char *key;   /* the start of the cause key; NULL: not looked at */
	enum code explains[MOST], candidates[MOST], also_found[MOST], not_found[MOST]; /* 0 ends: net.dns-failure is in none of them */
	const char *headline; /* a part of it */
} cases[] = {
	/* Nothing to find. */
	{ .chain = { .what = "healthy", WHOLE, US }, .root = CODE_NONE },
	{ .chain = { .what = "healthy, and nothing keeps our clock: no noise", WHOLE, US }, .also = clock_not_kept, .root = CODE_NONE },
	{ .chain = { .what = "no IPv6 on this machine is no fault of theirs", WHOLE, US }, .also = no_ipv6_here, .root = CODE_NONE },

	/* Local faults and the refusals that they fit. */
	{ .chain = { .what = "intermediate left out, 48", WHOLE, .ours = { "us" }, REFUSES(48) }, .root = CODE_CLIENT_MISSING_INTERMEDIATE,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT, .key = "client.missing-intermediate:",
	    .explains = { CODE_CLIENT_REJECTED }, .not_found = { CODE_CLIENT_REJECTED, CODE_CLIENT_UNTRUSTED }, .headline = "OUR SIDE: the server refuses our certificate" },
	{ .chain = { .what = "expired, 45", WHOLE, .ours = { "us-expired", "issuing" }, REFUSES(45) }, .root = CODE_CLIENT_EXPIRED,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT, .explains = { CODE_CLIENT_REJECTED } },
	{ .chain = { .what = "expired, but 48: not why", WHOLE, .ours = { "us-expired", "issuing" }, REFUSES(48) }, .root = CODE_CLIENT_REJECTED,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .key = "client.rejected:alert-48:",
	    .also_found = { CODE_CLIENT_EXPIRED }, .headline = "OUR SIDE?" },
	{ .chain = { .what = "purpose, 43", WHOLE, .ours = { "us-server-only", "issuing" }, REFUSES(43) }, .root = CODE_CLIENT_EKU,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT },
	{ .chain = { .what = "purpose and expired, 43: the alert decides", WHOLE, .ours = { "us-expired-server-only", "issuing" }, REFUSES(43) },
	    .root = CODE_CLIENT_EKU, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT, .also_found = { CODE_CLIENT_EXPIRED } },
	{ .chain = { .what = "purpose and expired, 45: the alert decides", WHOLE, .ours = { "us-expired-server-only", "issuing" }, REFUSES(45) },
	    .root = CODE_CLIENT_EXPIRED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT, .also_found = { CODE_CLIENT_EKU } },
	{ .chain = { .what = "purpose and expired, 46: Java would refuse either", WHOLE, .ours = { "us-expired-server-only", "issuing" }, REFUSES(46) },
	    .root = CODE_CLIENT_EXPIRED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .also_found = { CODE_CLIENT_EKU } },
	{ .chain = { .what = "expired, and the server just closes: at most medium", WHOLE, .ours = { "us-expired", "issuing" }, REFUSES(0) }, .also = closed,
	    .root = CODE_CLIENT_EXPIRED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT },
	{ .chain = { .what = "expired, 400 of nginx", WHOLE, .ours = { "us-expired", "issuing" }, REFUSES(0) }, .also = nginx_error,
	    .root = CODE_CLIENT_EXPIRED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT },
	{ .chain = { .what = "expired, and accepted: works here", WHOLE, .ours = { "us-expired", "issuing" } }, .root = CODE_CLIENT_EXPIRED,
	    .severity = SEVERITY_WARNING, .confidence = CONFIDENCE_CERTAIN, .class = CLASS_CLIENT },
	{ .chain = { .what = "another key, 51", WHOLE, US, .our_key = "stranger", REFUSES(51) }, .root = CODE_KEY_MISMATCH, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_CERTAIN, .class = CLASS_CLIENT, .explains = { CODE_CLIENT_REJECTED }, .not_found = { CODE_CLIENT_REJECTED } },
	/* HAProxy with ca-verify-file: it trusts a CA that it does not name. */
	{ .chain = { .what = "another key, 51, and our CA is not on the list: that is not why", WHOLE, .ours = { "us-other", "other-issuing" },
	    .trust = { "root", "other-root" }, .our_key = "stranger", REFUSES(51) }, .root = CODE_KEY_MISMATCH, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_CERTAIN, .class = CLASS_CLIENT, .also_found = { CODE_CLIENT_NOT_IN_CA_LIST }, .not_found = { CODE_CLIENT_UNTRUSTED } },
	{ .chain = { .what = "another key and expired, 45: the date came first", WHOLE, .ours = { "us-expired", "issuing" }, .our_key = "stranger", REFUSES(45) },
	    .root = CODE_CLIENT_EXPIRED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT, .also_found = { CODE_KEY_MISMATCH } },

	/* None went out. */
	{ .chain = { .what = "none given, 116", WHOLE, REFUSES(116) }, .root = CODE_CLIENT_REQUIRED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_CERTAIN, .class = CLASS_CLIENT, .not_found = { CODE_CLIENT_REJECTED, CODE_CLIENT_NOT_SENT } },
	{ .chain = { .what = "none given, 40 in TLS 1.2", WHOLE, REFUSES(40), .cipher = "ECDHE-ECDSA-AES128-GCM-SHA256" }, .root = CODE_CLIENT_REQUIRED,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT }, /* 40 has other meanings too */
	{ .chain = { .what = "none given, nginx", WHOLE, REFUSES(0) }, .also = nginx_none, .root = CODE_CLIENT_REQUIRED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_CERTAIN, .class = CLASS_CLIENT },
	{ .chain = { .what = "none given, and accepted", WHOLE }, .root = CODE_MTLS_OPTIONAL, .severity = SEVERITY_WARNING,
	    .confidence = CONFIDENCE_HIGH, .class = CLASS_POLICY },
	{ .chain = { .what = "given, withheld for its key type, 116", WHOLE, US, REFUSES(116) }, .also = rsa_only, .root = CODE_CLIENT_NOT_SENT,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_CERTAIN, .class = CLASS_CLIENT, .not_found = { CODE_CLIENT_REQUIRED } },
	{ .chain = { .what = "expired, and withheld: its date is not why", WHOLE, .ours = { "us-expired", "issuing" }, REFUSES(116) }, .also = none_sent,
	    .root = CODE_CLIENT_NOT_SENT, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_CERTAIN, .class = CLASS_CLIENT, .also_found = { CODE_CLIENT_EXPIRED } },
	{ .chain = { .what = "one went out, and 116 says none came", WHOLE, US, REFUSES(116) }, .root = CODE_CLIENT_REJECTED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .not_found = { CODE_CLIENT_REQUIRED, CODE_CLIENT_NOT_SENT } },

	/* 48 with a complete chain: CONTRACT section 4, below the table. */
	{ .chain = { .what = "our CA is not on the list", WHOLE, .ours = { "us-other", "other-issuing" }, .trust = { "root", "other-root" }, REFUSES(48) },
	    .root = CODE_CLIENT_UNTRUSTED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT, .key = "client.untrusted:",
	    .explains = { CODE_CLIENT_REJECTED, CODE_CLIENT_NOT_IN_CA_LIST }, .not_found = { CODE_CLIENT_REJECTED } },
	{ .chain = { .what = "we sign ourselves", WHOLE, .ours = { "us-self" }, REFUSES(48) }, .root = CODE_CLIENT_UNTRUSTED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT },
	{ .chain = { .what = "not on the list, and expired: 48 is the list", WHOLE, .ours = { "us-expired-other", "other-issuing" }, .trust = { "root", "other-root" }, REFUSES(48) },
	    .root = CODE_CLIENT_UNTRUSTED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT, .also_found = { CODE_CLIENT_EXPIRED } },
	{ .chain = { .what = "not on the list, but 45: not the list", WHOLE, .ours = { "us-other", "other-issuing" }, .trust = { "root", "other-root" }, REFUSES(45) },
	    .root = CODE_CLIENT_REJECTED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT,
	    .also_found = { CODE_CLIENT_NOT_IN_CA_LIST }, .not_found = { CODE_CLIENT_UNTRUSTED } },
	{ .chain = { .what = "not on the list, and accepted", WHOLE, .ours = { "us-other", "other-issuing" }, .trust = { "root", "other-root" } },
	    .root = CODE_CLIENT_NOT_IN_CA_LIST, .severity = SEVERITY_WARNING, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT },
	{ .chain = { .what = "the issuing CA is listed, its root not", WHOLE, US, .listed = { "issuing" }, REFUSES(48) }, .root = CODE_CLIENT_PARTIAL_TRUST,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .candidates = { CODE_CLIENT_SERVER_REVOCATION } },
	{ .chain = { .what = "the same at nginx, which wants the root", WHOLE, US, .listed = { "issuing" }, REFUSES(0) }, .also = nginx_error,
	    .root = CODE_CLIENT_PARTIAL_TRUST, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT },
	{ .chain = { .what = "two intermediates at nginx", WHOLE, .ours = { "us-deep", "issuing-2", "policy" }, REFUSES(0) }, .also = nginx_error,
	    .root = CODE_CLIENT_DEPTH_EXCEEDED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT },
	{ .chain = { .what = "one intermediate at nginx", WHOLE, US, REFUSES(0) }, .also = nginx_error, .root = CODE_CLIENT_REJECTED,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .candidates = { CODE_CLIENT_UNTRUSTED, CODE_CLIENT_SERVER_REVOCATION, CODE_CLIENT_REVOKED } },
	{ .chain = { .what = "listed, complete, 48: nothing tells", WHOLE, US, REFUSES(48) }, .root = CODE_CLIENT_REJECTED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .candidates = { CODE_CLIENT_UNTRUSTED, CODE_CLIENT_SERVER_REVOCATION },
	    .not_found = { CODE_CLIENT_UNTRUSTED, CODE_CLIENT_PARTIAL_TRUST, CODE_CLIENT_DEPTH_EXCEEDED } },
	{ .chain = { .what = "no list, complete, 48", WHOLE, US, .listed = { "" }, REFUSES(48) }, .root = CODE_CLIENT_REJECTED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .candidates = { CODE_CLIENT_UNTRUSTED, CODE_CLIENT_SERVER_REVOCATION, CODE_CLIENT_PARTIAL_TRUST } },
	{ .chain = { .what = "revoked, 44", WHOLE, US, REFUSES(44) }, .root = CODE_CLIENT_REVOKED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH,
	    .class = CLASS_CLIENT },
	{ .chain = { .what = "45, and nothing of ours has expired", WHOLE, US, REFUSES(45) }, .root = CODE_CLIENT_REJECTED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .candidates = { CODE_CLOCK_SERVER_SKEW, CODE_CLIENT_SERVER_REVOCATION } },
	{ .chain = { .what = "expired, 401 of an application", WHOLE, .ours = { "us-expired", "issuing" }, REFUSES(0) }, .also = unauthorized,
	    .root = CODE_CLIENT_EXPIRED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT },
	{ .chain = { .what = "403 with ours asked for and sent", WHOLE, US, REFUSES(0) }, .also = forbidden, .root = CODE_CLIENT_REJECTED,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_LOW, .class = CLASS_CLIENT, .candidates = { CODE_CLIENT_FORBIDDEN },
	    .not_found = { CODE_CLIENT_FORBIDDEN } },
	{ .chain = { .what = "closed without a word", WHOLE, US, REFUSES(0) }, .also = closed, .root = CODE_CLIENT_REJECTED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_LOW, .class = CLASS_CLIENT, .key = "client.rejected:close:" },
	{ .chain = { .what = "asked by renegotiation", WHOLE, US, REFUSES(40), .cipher = "ECDHE-ECDSA-AES128-GCM-SHA256" }, .also = hello_request,
	    .root = CODE_CLIENT_LATE_AUTH, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT,
	    .not_found = { CODE_CLIENT_REJECTED, CODE_MTLS_NOT_REQUESTED, CODE_CLIENT_NOT_SENT } },

	/* Two sides at fault: what ended the handshake comes first. */
	{ .chain = { .what = "both expired, 45", .server = { "leaf-expired", "issuing" }, .ours = { "us-expired", "issuing" }, REFUSES(45) },
	    .root = CODE_CLIENT_EXPIRED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLIENT, .also_found = { CODE_CERT_EXPIRED } },
	{ .chain = { .what = "theirs expired, ours refused for nothing known", .server = { "leaf-expired", "issuing" }, US, REFUSES(48) },
	    .root = CODE_CLIENT_REJECTED, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLIENT, .also_found = { CODE_CERT_EXPIRED } },
	{ .chain = { .what = "theirs expired, ours accepted", .server = { "leaf-expired", "issuing" }, US }, .root = CODE_CERT_EXPIRED,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_CERTAIN, .class = CLASS_SERVER, .key = "cert.expired:", .headline = "THEIR SIDE" },
	{ .chain = { .what = "their signature", WHOLE, US, .answer = BAD_SERVER_SIGNATURE }, .root = CODE_KEY_SERVER_MISMATCH, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_CERTAIN, .class = CLASS_SERVER, .not_found = { CODE_TLS_BROKEN_PEER, CODE_MTLS_NOT_REQUESTED } },
	{ .chain = { .what = "their certificate is garbage", WHOLE, US }, .also = garbage_leaf, .root = CODE_CERT_MALFORMED, .severity = SEVERITY_ERROR,
	    .confidence = CONFIDENCE_CERTAIN, .class = CLASS_SERVER, .not_found = { CODE_TLS_BROKEN_PEER, CODE_CHAIN_UNTRUSTED_ROOT } },

	/* Policy, addresses. */
	{ .chain = { .what = "not asked", WHOLE, US, .answer = NOT_ASKED }, .root = CODE_MTLS_NOT_REQUESTED, .severity = SEVERITY_WARNING,
	    .confidence = CONFIDENCE_CERTAIN, .class = CLASS_POLICY, .key = "mtls.not-requested" },
	{ .chain = { .what = "not asked, and it must", WHOLE, US, .answer = NOT_ASKED }, .also = require_mtls, .root = CODE_MTLS_NOT_REQUESTED,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_CERTAIN, .class = CLASS_POLICY },
	{ .chain = { .what = "one of two addresses is dead", WHOLE, US }, .also = dead_address, .root = CODE_NET_ADDRESSES_DIFFER, .severity = SEVERITY_WARNING,
	    .confidence = CONFIDENCE_CERTAIN, .class = CLASS_NETWORK },

	/* Clocks. */
	{ .chain = { .what = "7 minutes, nothing hangs on it", WHOLE, US, .clock_minutes = -7 }, .root = CODE_CLOCK_SERVER_SKEW, .severity = SEVERITY_WARNING,
	    .confidence = CONFIDENCE_HIGH, .class = CLASS_CLOCK, .key = "clock.server-skew:payment.internal" },
	{ .chain = { .what = "the same, and nothing keeps ours", WHOLE, US, .clock_minutes = -7 }, .also = clock_not_kept, .root = CODE_CLOCK_SERVER_SKEW,
	    .severity = SEVERITY_WARNING, .confidence = CONFIDENCE_MEDIUM, .class = CLASS_CLOCK, .candidates = { CODE_CLOCK_LOCAL_SKEW },
	    .also_found = { CODE_CLOCK_UNSYNCHRONISED } },
	{ .chain = { .what = "within the error", WHOLE, US, .clock_minutes = 1 }, .also = clock_within_error, .root = CODE_NONE },
	{ .chain = { .what = "theirs is valid by their clock only", .server = { "leaf-future", "issuing" }, US, .clock_minutes = 3 * 1440 },
	    .root = CODE_CLOCK_SERVER_SKEW, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLOCK,
	    .explains = { CODE_CERT_NOT_YET_VALID }, .also_found = { CODE_CERT_NOT_YET_VALID } },
	{ .chain = { .what = "theirs is not valid by either", .server = { "leaf-expired", "issuing" }, US, .clock_minutes = -60 }, .root = CODE_CERT_EXPIRED,
	    .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_CERTAIN, .class = CLASS_SERVER, .also_found = { CODE_CLOCK_SERVER_SKEW } },
	{ .chain = { .what = "ours is too new for their clock, 400 of nginx", WHOLE, .ours = { "us-new", "issuing" }, .clock_minutes = -3 * 1440, REFUSES(0) },
	    .also = nginx_error, .root = CODE_CLOCK_SERVER_SKEW, .severity = SEVERITY_ERROR, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLOCK,
	    .explains = { CODE_CLIENT_NOT_YET_VALID, CODE_CLIENT_REJECTED }, .not_found = { CODE_CLIENT_REJECTED } },
	{ .chain = { .what = "two warnings: the clock comes first", .server = { "leaf-expiring", "issuing" }, US, .clock_minutes = 10 },
	    .root = CODE_CLOCK_SERVER_SKEW, .severity = SEVERITY_WARNING, .confidence = CONFIDENCE_HIGH, .class = CLASS_CLOCK, .also_found = { CODE_CERT_EXPIRING } },
};

static void
check_lists(const struct diagnosis *d, const struct diagnosis_case *c)
{
	const struct finding *root = d->root;

	for (size_t i = 0; i < MOST && c->explains[i] != 0; i++) {
		bool there = false;

		for (size_t k = 0; k < root->explains_len; k++)
			there |= root->explains[k] == c->explains[i];
		if (!there)
			fail_msg("%s: does not explain %s", c->chain.what, code_info(c->explains[i])->name);
	}
	for (size_t i = 0; i < MOST && c->candidates[i] != 0; i++)
		if (i >= root->candidates_len || root->candidates[i].code != c->candidates[i])
			fail_msg("%s: candidate %zu is %s, not %s", c->chain.what, i,
			    i < root->candidates_len ? code_info(root->candidates[i].code)->name : "none", code_info(c->candidates[i])->name);
	for (size_t i = 0; i < root->candidates_len; i++)
		if (root->candidates[i].decided_by == NULL)
			fail_msg("%s: nothing decides on %s", c->chain.what, code_info(root->candidates[i].code)->name);
	for (size_t i = 0; i < MOST && c->also_found[i] != 0; i++)
		if (diagnosis_find(d, c->also_found[i]) == NULL)
			fail_msg("%s: %s is not found", c->chain.what, code_info(c->also_found[i])->name);
	for (size_t i = 0; i < MOST && c->not_found[i] != 0; i++)
		if (diagnosis_find(d, c->not_found[i]) != NULL)
			fail_msg("%s: %s is found", c->chain.what, code_info(c->not_found[i])->name);
}

static void
check_root(const struct diagnosis *d, const struct diagnosis_case *c)
{
	if (d->root == NULL || d->root->code != c->root)
		fail_msg("%s: the root cause is %s, not %s", c->chain.what, d->root != NULL ? code_info(d->root->code)->name : "nothing",
		    code_info(c->root)->name);
	if (d->root->severity != c->severity)
		fail_msg("%s: %s", c->chain.what, severity_name(d->root->severity));
	if (d->root->confidence != c->confidence)
		fail_msg("%s: %s", c->chain.what, confidence_name(d->root->confidence));
	if (d->class != c->class)
		fail_msg("%s: class %s", c->chain.what, class_name(d->class));
	if (d->side != d->root->side)
		fail_msg("%s: side %s", c->chain.what, side_name(d->side));
	if (c->key != NULL && strncmp(d->cause_key, c->key, strlen(c->key)) != 0)
		fail_msg("%s: cause key %s", c->chain.what, d->cause_key);
	if (c->headline != NULL && strstr(d->headline, c->headline) == NULL)
		fail_msg("%s: headline %s", c->chain.what, d->headline);
	check_lists(d, c);
}

static void
each_has_its_root_cause(void **state)
{
	const struct chains *chains = *state;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct evidence *e = chains_evidence(chains, &cases[i].chain);
		struct diagnosis *d;

		if (cases[i].also != NULL)
			cases[i].also(e);
		d = diagnose(e);
		built_check_form(d, cases[i].chain.what);
		if (cases[i].root != CODE_NONE)
			check_root(d, &cases[i]);
		else if (d->root != NULL)
			fail_msg("%s: %s is found", cases[i].chain.what, code_info(d->root->code)->name);
		diagnosis_free(d);
		evidence_free(e);
	}
}

/* ---- what is not the cause, what nobody looked at ---- */

static bool
holds(const char *const *list, size_t len, const char *part)
{
	for (size_t i = 0; i < len; i++)
		if (strstr(list[i], part) != NULL)
			return true;
	return false;
}

static void
what_the_wire_rules_out(void **state)
{
	static const struct chain_case forgot = { WHOLE, .ours = { "us" }, REFUSES(48) };
	struct evidence *e = chains_evidence(*state, &forgot);
	struct diagnosis *d = diagnose(e);
	const char *const *no = d->not_the_cause, *const *open = d->not_reached;

	assert_true(holds(no, d->not_the_cause_len, "version"));
	assert_true(holds(no, d->not_the_cause_len, "cipher"));
	assert_true(holds(no, d->not_the_cause_len, "the server's own certificate"));
	assert_true(holds(open, d->not_reached_len, "our private key (here on this machine it matches)"));
	diagnosis_free(d);

	/* nginx has verified our signature by the time it answers. */
	nginx_error(e);
	d = diagnose(e);
	assert_true(holds(d->not_the_cause, d->not_the_cause_len, "our private key"));
	assert_false(holds(d->not_reached, d->not_reached_len, "our private key"));
	diagnosis_free(d);
	evidence_free(e);
}

static void
the_same_evidence_gives_the_same_words(void **state)
{
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct evidence *e = chains_evidence(*state, &cases[i].chain);
		struct diagnosis *a, *b;

		if (cases[i].also != NULL)
			cases[i].also(e);
		a = diagnose(e);
		b = diagnose(e);
		assert_int_equal(a->len, b->len);
		assert_string_equal(a->summary, b->summary);
		for (size_t k = 0; k < a->len; k++)
			assert_string_equal(a->findings[k].why, b->findings[k].why);
		if (a->cause_key != NULL)
			assert_string_equal(a->cause_key, b->cause_key);
		diagnosis_free(a);
		diagnosis_free(b);
		evidence_free(e);
	}
}

/* ---- before any certificate ---- */

#define HELLO .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .how = END_ALERT
#define SAYS(n) .alert = { true, PEER_SERVER, 2, n }

static const struct early_case {
	const char *what;
	struct built built;
	enum code root;
	enum verdict verdict;
	const char *says; /* in why */
	enum code also;   /* 0: not looked at */
} early[] = {
	{ "TLS 1.0 only", { HELLO, SAYS(70), .wide_version = 0x0301, .wide_cipher = "AES128-SHA" }, CODE_TLS_NO_COMMON_VERSION, VERDICT_ERROR,
	    "it chose TLSv1.0, which is not among what we offer: TLSv1.2 to TLSv1.3", CODE_TLS_OLD_VERSION },
	{ "alert 70, and nothing at all is chosen", { HELLO, SAYS(70), .wide_tried = true }, CODE_TLS_NO_COMMON_VERSION, VERDICT_ERROR, "it chose nothing either", 0 },
	{ "TLS 1.0 only, and it just closes", { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_FIN, .wide_version = 0x0301 },
	    CODE_TLS_NO_COMMON_VERSION, VERDICT_ERROR, NULL, CODE_TLS_OLD_VERSION },
	{ "another cipher", { HELLO, SAYS(40), .wide_version = 0x0303, .wide_cipher = "ECDHE-ECDSA-NULL-SHA" }, CODE_TLS_NO_COMMON_CIPHER, VERDICT_ERROR,
	    "ECDHE-ECDSA-NULL-SHA", 0 },
	{ "another group", { HELLO, SAYS(40), .wide_version = 0x0303, .wide_cipher = "ECDHE-ECDSA-AES128-GCM-SHA256", .wide_group = "brainpoolP256r1" },
	    CODE_TLS_NO_COMMON_GROUP, VERDICT_ERROR, "brainpoolP256r1", 0 },
	{ "a group by its other name is the same", { HELLO, SAYS(40), .wide_version = 0x0303, .wide_cipher = "ECDHE-ECDSA-AES128-GCM-SHA256",
	    .wide_group = "P-256" }, CODE_TLS_REJECTED, VERDICT_ERROR, NULL, 0 },
	{ "another signature algorithm", { HELLO, SAYS(40), .wide_version = 0x0303, .wide_cipher = "ECDHE-ECDSA-AES128-GCM-SHA256", .wide_sigalg = 0x0401 },
	    CODE_TLS_NO_COMMON_SIGALG, VERDICT_ERROR, "rsa_pkcs1_sha256", 0 },
	{ "ALPN", { HELLO, SAYS(120) }, CODE_TLS_NO_COMMON_ALPN, VERDICT_ERROR, NULL, 0 },
	{ "40, and nothing is chosen", { HELLO, SAYS(40), .wide_tried = true }, CODE_TLS_REJECTED, VERDICT_ERROR, NULL, 0 },
	{ "80", { HELLO, SAYS(80), .wide_tried = true }, CODE_TLS_REJECTED, VERDICT_ERROR, "It was not our certificate", 0 },
	{ "112", { HELLO, SAYS(112) }, CODE_TLS_REJECTED, VERDICT_ERROR, NULL, 0 },
	{ "alert 40 after our flight, and nobody asked", { .phase = PHASE_OUR_FLIGHT, .version = 0x0303, .outcome = OUTCOME_REJECTED_ALERT, SAYS(40) },
	    CODE_TLS_REJECTED, VERDICT_ERROR, NULL, 0 },
	{ "garbage", { .phase = PHASE_HELLO, .outcome = OUTCOME_FAILED_LOCAL, .local = LOCAL_UNDECODABLE, .how = END_US }, CODE_TLS_BROKEN_PEER, VERDICT_ERROR,
	    "a reason", 0 },
	{ "not TLS", { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .not_tls = true, .plain = "HTTP/1.1 400 Bad Request\r\n" }, CODE_NET_NOT_TLS,
	    VERDICT_UNREACHABLE, "says: “HTTP/1.1 400 Bad Request”", 0 },
	{ "closed", { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_FIN }, CODE_NET_CLOSED, VERDICT_UNREACHABLE, "our ClientHello", 0 },
	{ "reset", { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_RST }, CODE_NET_RESET, VERDICT_UNREACHABLE, NULL, 0 },
	{ "silent", { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_TIMEOUT }, CODE_NET_TIMEOUT, VERDICT_UNREACHABLE, "our ClientHello", 0 },
	{ "silent after our certificate", { .phase = PHASE_FINISHED, .version = 0x0304, .asked = true, .sent = 1, .outcome = OUTCOME_NETWORK, .how = END_TIMEOUT },
	    CODE_NET_TIMEOUT, VERDICT_ERROR, "up to 30 seconds", 0 },
	{ "refused", { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .connect = CONNECT_REFUSED }, CODE_NET_REFUSED, VERDICT_UNREACHABLE, NULL, 0 },
	{ "no name", { .phase = PHASE_RESOLVE, .outcome = OUTCOME_NETWORK, .dns_error = 4 }, CODE_NET_DNS_FAILURE, VERDICT_UNREACHABLE, "payment.internal", 0 },
};

static void
before_any_certificate(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof early / sizeof early[0]; i++) {
		struct evidence *e = built_evidence(&early[i].built);
		struct diagnosis *d = diagnose(e);

		built_check_form(d, early[i].what);
		if (d->root == NULL || d->root->code != early[i].root)
			fail_msg("%s: the root cause is %s", early[i].what, d->root != NULL ? code_info(d->root->code)->name : "nothing");
		if (d->verdict != early[i].verdict)
			fail_msg("%s: %s", early[i].what, verdict_name(d->verdict));
		if (early[i].says != NULL && strstr(d->root->why, early[i].says) == NULL)
			fail_msg("%s: says “%s”", early[i].what, d->root->why);
		if (early[i].also != 0 && diagnosis_find(d, early[i].also) == NULL)
			fail_msg("%s: %s is not found", early[i].what, code_info(early[i].also)->name);
		diagnosis_free(d);
		evidence_free(e);
	}
}

static int
make(void **state)
{
	*state = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	return 0;
}

static int
unmake(void **state)
{
	chains_free(*state);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_root_cause),
		cmocka_unit_test(what_the_wire_rules_out),
		cmocka_unit_test(the_same_evidence_gives_the_same_words),
		cmocka_unit_test(before_any_certificate),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
