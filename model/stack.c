#include "model/stack.h"

#include <stdio.h>
#include <string.h>

#include "model/alert.h"
#include "model/calibration.h"
#include "model/memory.h"
#include "model/refusal.h"
#include "model/refusal_table.h"

enum { FINISHED = 20, BLINDING_MS = 9 * 1000 /* a little less than its least: clocks and loops are not exact */ };

const char *
stack_name(enum stack s)
{
	static const char *const names[] = {
		[STACK_UNKNOWN] = "unknown",
		[STACK_OPENSSL] = "OpenSSL family",
		[STACK_NGINX] = "nginx",
		[STACK_GO_OLD] = "Go (1.19 or older)",
		[STACK_GO_NEW] = "Go",
		[STACK_JAVA] = "Java",
		[STACK_NODE] = "Node.js",
		[STACK_GNUTLS] = "GnuTLS",
		[STACK_RUSTLS] = "rustls",
		[STACK_S2N] = "s2n-tls (AWS)",
		[STACK_SCHANNEL] = "Schannel (Windows)",
		[STACK_API_GATEWAY] = "Amazon API Gateway",
	};

	return names[s];
}

static const char *
source_of(enum stack s)
{
	static const char *const sources[] = {
		[STACK_UNKNOWN] = "",
		[STACK_OPENSSL] = "measured on s_server 3.0, Apache 2.4, HAProxy 2.6, stunnel 5.68, Python 3.11",
		[STACK_NGINX] = "measured on nginx 1.22",
		[STACK_GO_OLD] = "measured on Go 1.19",
		[STACK_GO_NEW] = "read in its source, not measured",
		[STACK_JAVA] = "measured on Java 17",
		[STACK_NODE] = "measured on Node 20",
		[STACK_GNUTLS] = "measured on gnutls-serv 3.7.9",
		[STACK_RUSTLS] = "read in its source, not measured",
		[STACK_S2N] = "read in its source, not measured",
		[STACK_SCHANNEL] = "read in its documents, not measured",
		[STACK_API_GATEWAY] = "read in its documents, not measured",
	};

	return sources[s];
}

/*
 * A header names the application, and what ends TLS may stand before it: so a name that says which
 * library it uses is high, never certain; one that leaves a choice is medium.
 */
static const struct server_header {
	const char *starts;
	enum stack stack;
	enum confidence confidence;
} server_headers[] = {
	{ "nginx", STACK_NGINX, CONFIDENCE_HIGH },
	{ "openresty", STACK_NGINX, CONFIDENCE_HIGH },
	{ "Tengine", STACK_NGINX, CONFIDENCE_HIGH },
	{ "Apache-Coyote", STACK_JAVA, CONFIDENCE_MEDIUM },
	{ "Apache Tomcat", STACK_JAVA, CONFIDENCE_MEDIUM },
	{ "Apache", STACK_OPENSSL, CONFIDENCE_HIGH },
	{ "envoy", STACK_OPENSSL, CONFIDENCE_HIGH },
	{ "istio-envoy", STACK_OPENSSL, CONFIDENCE_HIGH },
	{ "haproxy", STACK_OPENSSL, CONFIDENCE_HIGH },
	{ "lighttpd", STACK_OPENSSL, CONFIDENCE_MEDIUM },
	{ "BaseHTTP/", STACK_OPENSSL, CONFIDENCE_MEDIUM }, /* Python's ssl is OpenSSL */
	{ "SimpleHTTP/", STACK_OPENSSL, CONFIDENCE_MEDIUM },
	{ "gunicorn", STACK_OPENSSL, CONFIDENCE_MEDIUM },
	{ "uvicorn", STACK_OPENSSL, CONFIDENCE_MEDIUM },
	{ "Werkzeug/", STACK_OPENSSL, CONFIDENCE_MEDIUM },
	{ "Jetty", STACK_JAVA, CONFIDENCE_MEDIUM },
	{ "Undertow", STACK_JAVA, CONFIDENCE_MEDIUM },
	{ "Caddy", STACK_GO_NEW, CONFIDENCE_HIGH },
	{ "Microsoft-IIS", STACK_SCHANNEL, CONFIDENCE_HIGH },
	{ "Microsoft-HTTPAPI", STACK_SCHANNEL, CONFIDENCE_HIGH },
	{ "awselb/", STACK_S2N, CONFIDENCE_MEDIUM },
};

/* Headers that only one service writes. */
static const struct {
	const char *name;
	enum stack stack;
	enum confidence confidence;
} other_headers[] = {
	{ "x-amz-apigw-id", STACK_API_GATEWAY, CONFIDENCE_HIGH },
	{ "x-amzn-errortype: forbiddenexception", STACK_API_GATEWAY, CONFIDENCE_HIGH },
	{ "apigw-requestid", STACK_API_GATEWAY, CONFIDENCE_HIGH },
	{ "x-powered-by: express", STACK_NODE, CONFIDENCE_MEDIUM },
};

/*
 * Alert numbers that one family alone sends about a client's certificate (measured). After our flight
 * only: before it they mean something else. OpenSSL sends 46 for a broken name constraint too.
 */
static const struct {
	uint8_t alert;
	enum stack stack;
	enum confidence confidence;
} tell_tale_alerts[] = {
	{ 46, STACK_JAVA, CONFIDENCE_MEDIUM },
	{ 49, STACK_GNUTLS, CONFIDENCE_MEDIUM },
	{ 114, STACK_OPENSSL, CONFIDENCE_MEDIUM }, /* Envoy: a pin */
	{ 43, STACK_OPENSSL, CONFIDENCE_LOW },     /* rustls too */
	{ 44, STACK_OPENSSL, CONFIDENCE_LOW },
};

/* Texts go into the arena; a caller that only wants the stack has none. */
static struct stack_guess
guess(enum stack s, enum confidence c, const char *because)
{
	return (struct stack_guess){ .stack = s, .confidence = c, .name = stack_name(s), .because = because, .source = source_of(s) };
}

static const char *
quoted(struct arena *a, const char *what, struct text t)
{
	if (a == NULL)
		return "";
	return arena_printf(a, "%s: %s", what, text_safe_arena(a, t, 80, NULL));
}

static struct stack_guess
by_http(const struct http_answer *http, struct arena *a)
{
	for (size_t i = 0; i < sizeof server_headers / sizeof server_headers[0]; i++) {
		const struct server_header *s = &server_headers[i];

		if (text_starts(http->server, s->starts))
			return guess(s->stack, s->confidence, quoted(a, "Server", http->server));
	}
	for (size_t i = 0; i < sizeof other_headers / sizeof other_headers[0]; i++)
		if (http_has_header(http, other_headers[i].name))
			return guess(other_headers[i].stack, other_headers[i].confidence,
			    a != NULL ? arena_printf(a, "the header “%s”", other_headers[i].name) : "");
	return guess(STACK_UNKNOWN, CONFIDENCE_LOW, "");
}

static struct stack_guess
by_marker(const struct refusal *r, struct arena *a)
{
	for (size_t i = 0; r->marker != NULL && i < refusal_markers_len; i++)
		if (strcmp(refusal_markers[i].text, r->marker) == 0)
			return guess(refusal_markers[i].stack, CONFIDENCE_HIGH,
			    a != NULL ? arena_printf(a, r->kind == REFUSAL_APP ? "it says “%s”" : "its page says “%s”", r->marker) : "");
	if (r->kind == REFUSAL_HTTP && (r->http_status == 495 || r->http_status == 496))
		return guess(STACK_NGINX, CONFIDENCE_MEDIUM,
		    a != NULL ? arena_printf(a, "HTTP %d is a status of nginx' own", r->http_status) : "");
	return guess(STACK_UNKNOWN, CONFIDENCE_LOW, "");
}

static struct stack_guess
by_alert(const struct refusal *r, struct arena *a)
{
	if (r->kind != REFUSAL_ALERT || r->phase < PHASE_OUR_FLIGHT)
		return guess(STACK_UNKNOWN, CONFIDENCE_LOW, "");
	for (size_t i = 0; i < sizeof tell_tale_alerts / sizeof tell_tale_alerts[0]; i++)
		if (tell_tale_alerts[i].alert == r->alert)
			return guess(tell_tale_alerts[i].stack, tell_tale_alerts[i].confidence, a == NULL ? "" :
			    arena_printf(a, "alert %u %s about a client's certificate", r->alert, alert_info(r->alert)->name));
	return guess(STACK_UNKNOWN, CONFIDENCE_LOW, "");
}

/*
 * s2n-tls holds every refusal back for 10 to 30 s, and then says goodbye without a reason
 * (s2n_connection.c, S2N_DEFAULT_BLINDING_MIN and _MAX).
 */
static struct stack_guess
by_blinding(const struct handshake *h, const struct refusal *r, struct arena *a)
{
	double finished = -1;

	for (size_t i = 0; i < h->messages_len; i++)
		if (h->messages[i].from == PEER_US && h->messages[i].type == FINISHED)
			finished = h->messages[i].at_ms;
	if (r->kind != REFUSAL_CLOSE || finished < 0 || h->ended.at_ms - finished < BLINDING_MS)
		return guess(STACK_UNKNOWN, CONFIDENCE_LOW, "");
	return guess(STACK_S2N, CONFIDENCE_MEDIUM, a == NULL ? "" :
	    arena_printf(a, "it ended without a word, %.0f s after our certificate", (h->ended.at_ms - finished) / 1000));
}

/*
 * What ends TLS, shown by how it refuses: that comes before a header, which names what stands behind. Where
 * two stacks answer alike, the header may tell them apart; nothing else said, the measured one is named.
 */
static struct stack_guess
by_vector(const struct evidence *e, struct stack_guess header, struct arena *a)
{
	struct calibration c = calibrate(e, a);
	const char *also = "";
	enum stack s;

	if (c.len == 0)
		return header;
	s = c.stacks[0];
	for (size_t i = 0; i < c.len; i++)
		if (c.stacks[i] == header.stack)
			s = header.stack;
	for (size_t i = 0; a != NULL && i < c.len; i++)
		if (c.stacks[i] != s && s != header.stack)
			also = arena_printf(a, "%s; %s answers alike (%s)", also, stack_name(c.stacks[i]), source_of(c.stacks[i]));
	return guess(s, s == header.stack || (c.len == 1 && calibration_measured(s)) ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
	    a != NULL ? arena_printf(a, "how it refuses: %s%s", c.seen, also) : "");
}

/* Nothing, a throwaway and ours: the ways in which these are refused differ from stack to stack (measured). */
static struct stack_guess
by_controls(const struct evidence *e, struct stack_guess otherwise)
{
	enum stack only = refusal_only_stack(e);

	return only == STACK_UNKNOWN ? otherwise :
	    guess(only, CONFIDENCE_MEDIUM, "how it refuses ours, a throwaway certificate and none");
}

struct stack_guess
stack_guess(const struct evidence *e, struct arena *a)
{
	const struct handshake *h = evidence_baseline(e);
	struct stack_guess g = guess(STACK_UNKNOWN, CONFIDENCE_LOW, "nothing that was seen tells");
	struct refusal r;

	if (h == NULL)
		return g;
	r = refusal_of(e);
	g = by_marker(&r, a);
	if (g.stack == STACK_UNKNOWN && h->http.status != 0)
		g = by_vector(e, by_http(&h->http, a), a);
	else if (g.stack == STACK_UNKNOWN)
		g = by_vector(e, g, a);
	/* It has no other TLS library than that; a pooler in front of it may (postgresql.org: "SSL Support"). */
	if (g.stack == STACK_UNKNOWN && e->target.starttls == STARTTLS_POSTGRES && h->phase > PHASE_HELLO)
		g = guess(STACK_OPENSSL, CONFIDENCE_MEDIUM, "PostgreSQL takes TLS from OpenSSL");
	if (g.stack == STACK_UNKNOWN) {
		g = by_alert(&r, a);
		/* 46 for a broken name constraint, and 48 for a throwaway: OpenSSL, not Java. */
		if (!refusal_agrees(e, g.stack))
			g = guess(STACK_UNKNOWN, CONFIDENCE_LOW, "");
	}
	if (g.stack == STACK_UNKNOWN)
		g = by_blinding(h, &r, a);
	if (g.stack == STACK_UNKNOWN || g.confidence < CONFIDENCE_MEDIUM)
		g = by_controls(e, g);
	if (g.stack == STACK_UNKNOWN)
		g.because = "nothing that was seen tells";
	return g;
}
