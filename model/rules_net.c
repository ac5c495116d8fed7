/* The way there: names, addresses, connections that end without a word of TLS. RFC 1035, RFC 9293. */
#include <stdio.h>
#include <string.h>

#include "model/ending.h"
#include "model/leave_out.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/rules.h"
#include "model/rules_way.h"

/* "10.0.0.5" of "10.0.0.5:8443": what targets on one host share. */
static const char *
host_part(const char *address, struct arena *a)
{
	const char *colon = address != NULL ? strrchr(address, ':') : NULL;

	if (address == NULL || strncmp(address, "unix:", 5) == 0 || colon == NULL)
		return address;
	return arena_printf(a, "%.*s", (int)(colon - address), address);
}

static const char *
where(const struct facts *f, char out[QUOTE_MAX])
{
	char label[320];

	if (f->base->address != NULL)
		return quote_str(f->base->address, out);
	return quote_str(target_label(&f->ev->target, label, sizeof label), out);
}

static const char *
attempt_words(const struct attempt *at, struct arena *a)
{
	switch (at->result) {
	case CONNECT_OK: return "connected";
	case CONNECT_REFUSED: return "connection refused";
	case CONNECT_TIMEOUT: return "no answer";
	case CONNECT_UNREACHABLE: return at->os_error != 0 ? errno_words(at->os_error, a) : "unreachable";
	case CONNECT_RESET: return "connection reset";
	case CONNECT_NOT_TRIED: return "not tried";
	case CONNECT_LOCAL:
	case CONNECT_OTHER: break;
	}
	return errno_words(at->os_error, a);
}

static void
cite_attempts(const struct facts *f, struct findings *to, struct finding *n)
{
	char address[QUOTE_MAX];

	for (size_t i = 0; i < f->base->attempts_len; i++) {
		const struct attempt *at = &f->base->attempts[i];

		if (at->result == CONNECT_NOT_TRIED)
			continue;
		finding_cite(to, n, "%s: %s: %s%s", f->base->id != NULL ? f->base->id : "baseline", quote_str(at->address, address),
		    attempt_words(at, f->arena),
		    at->end_ms > at->start_ms ? arena_printf(f->arena, ", after %.1f ms", at->end_ms - at->start_ms) : "");
	}
}

struct finding *
net_finding(const struct facts *f, struct findings *to, enum code code)
{
	struct finding *n = finding_add(to, code);
	char at[QUOTE_MAX];

	where(f, at);
	n->confidence = CONFIDENCE_CERTAIN; /* it is what this machine saw */
	/* The host: what the ports on it share. */
	finding_shares(to, n, host_part(at, f->arena), host_part(at, f->arena));
	cite_attempts(f, to, n);
	return n;
}

static void
dns(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	char host[QUOTE_MAX], text[QUOTE_MAX];
	struct finding *n = finding_add(to, CODE_NET_DNS_FAILURE);

	n->confidence = CONFIDENCE_CERTAIN;
	quote_str(f->ev->target.host != NULL ? f->ev->target.host : "the name", host);
	quote_str(h->dns_error_text != NULL ? h->dns_error_text : "no address came", text);
	if (f->ev->target.is_ip) {
		/* Nothing was looked up: an option, or the zone in it, does not suit it. */
		finding_title(to, n, "“%s” cannot be connected to as it is", host);
		finding_why(to, n, "“%s” cannot be connected to as it is: %s. Nothing was connected to.", host, text);
		n->mend = "correct the target's address, or leave out the option that does not suit it";
	} else {
		finding_title(to, n, "“%s” does not resolve", host);
		finding_why(to, n, "The name “%s” gave no address: %s. Nothing was connected to.", host, text);
	}
	finding_cite(to, n, "%s: resolver: %s", h->id != NULL ? h->id : "baseline", text);
	finding_shares(to, n, host, host);
}

/* "connecting", "waiting for its ServerHello" … */
static const char *
waited_for(enum phase p)
{
	static const char *const of[] = {
		[PHASE_RESOLVE] = "its name to resolve",
		[PHASE_CONNECT] = "the connection",
		[PHASE_PROXY] = "the proxy's answer",
		[PHASE_STARTTLS] = "its go-ahead for TLS",
		[PHASE_HELLO] = "an answer to our ClientHello",
		[PHASE_SERVER_HELLO] = "its Certificate",
		[PHASE_SERVER_CERTIFICATE] = "the rest of its flight",
		[PHASE_SERVER_DONE] = "our own flight to go out",
		[PHASE_OUR_FLIGHT] = "an answer to our Certificate and Finished",
		[PHASE_FINISHED] = "a sign that it accepts us",
		[PHASE_ACCEPTED] = "the connection to go on",
		[PHASE_REQUEST] = "an answer to our HTTP request",
		[PHASE_RESPONSE] = "the rest of its HTTP answer",
	};

	return of[p];
}

static void
timeout(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	struct finding *n = net_finding(f, to, CODE_NET_TIMEOUT);
	const char *waited = h->awaited != NULL && h->phase < PHASE_HELLO ? h->awaited : waited_for(h->phase);
	char at[QUOTE_MAX];

	finding_title(to, n, "%s does not answer", where(f, at));
	if (h->phase <= PHASE_CONNECT)
		finding_why(to, n, "%s did not answer the attempt to connect: a firewall that drops packets, a wrong address, or a host that is down.", at);
	else if (h->phase < PHASE_OUR_FLIGHT && h->detail != NULL)
		finding_why(to, n, "%s took the connection and answers too slowly: we waited for %s, and when time was up, %s.", at, waited_for(h->phase),
		    h->detail);
	else if (h->phase == PHASE_STARTTLS)
		finding_why(to, n, "%s took the connection and then fell silent: we waited in vain for %s. A port that begins with TLS at once is silent too: then --starttls is not for it.", at, waited);
	else if (h->phase < PHASE_OUR_FLIGHT)
		finding_why(to, n, "%s took the connection and then fell silent: we waited in vain for %s.", at, waited);
	else
		finding_why(to, n, "%s fell silent after our flight: we waited in vain for %s.%s", at, waited,
		    h->request.seen ? " Some servers (s2n-tls, AWS load balancers) hold a refusal back for up to 30 seconds: a longer --max-time would show it." : "");
	finding_cite(to, n, "%s: waited for %s, %.0f ms", h->id != NULL ? h->id : "baseline", waited, h->ended.at_ms);
}

static void
not_tls(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	struct finding *n = net_finding(f, to, CODE_NET_NOT_TLS);
	char at[QUOTE_MAX], said[QUOTE_MAX], first_line[QUOTE_MAX];
	struct text line = { h->plain.bytes, 0 };
	const unsigned char *b = h->plain.bytes;
	const char *speaks = "something else";
	struct buf kept = { 0 };

	where(f, at);
	/* It is printed and copied about: what may be a cookie is not. */
	keep_of_plain(h->plain, &kept);
	quote((struct text){ (const unsigned char *)buf_str(&kept), kept.len }, said);
	buf_done(&kept);
	while (line.len < h->plain.len && b[line.len] != '\r' && b[line.len] != '\n')
		line.len++;
	quote(line, first_line);
	if (h->plain.len >= 5 && memcmp(b, "HTTP/", 5) == 0)
		speaks = "plain HTTP";
	else if (h->plain.len >= 4 && memcmp(b, "SSH-", 4) == 0)
		speaks = "SSH";
	else if (h->plain.len >= 4 && (memcmp(b, "220 ", 4) == 0 || memcmp(b, "220-", 4) == 0))
		speaks = "SMTP or FTP";
	else if (h->plain.len >= 4 && memcmp(b, "* OK", 4) == 0)
		speaks = "IMAP";
	else if (h->plain.len >= 3 && memcmp(b, "+OK", 3) == 0)
		speaks = "POP3";
	finding_title(to, n, "%s does not speak TLS, but %s", at, speaks);
	if (line.len > 0)
		finding_why(to, n, "%s answers, but not in TLS. It says: “%s”.", at, first_line);
	else
		finding_why(to, n, "%s answers, but not in TLS.", at);
	finding_cite(to, n, "%s: its first %zu bytes: “%s”", h->id != NULL ? h->id : "baseline", h->plain.len, said);
}

static const char *
step(const struct handshake *h)
{
	switch (h->phase) {
	case PHASE_RESOLVE:
	case PHASE_CONNECT: return "the attempt to connect";
	case PHASE_STARTTLS: return h->spoken_len > 0 ? "our words before TLS" : "our connecting";
	default: return "our ClientHello";
	}
}

/* What ended the way there. Each of net.* that the baseline can show. */
static void
ended(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	struct finding *n;
	char at[QUOTE_MAX];

	switch (f->ending) {
	case CODE_NET_DNS_FAILURE: dns(f, to); return;
	case CODE_NET_TIMEOUT: timeout(f, to); return;
	case CODE_NET_STARTTLS_REFUSED: way_starttls_refused(f, to); return;
	case CODE_NET_PROXY_FAILED: way_proxy_failed(f, to); return;
	case CODE_NET_NOT_TLS:
		if (f->base->obstacle == OBSTACLE_INJECTED)
			way_injected(f, to);
		else
			not_tls(f, to);
		return;
	case CODE_NET_REFUSED:
		n = net_finding(f, to, f->ending);
		finding_title(to, n, "%s refuses the connection", where(f, at));
		finding_why(to, n, "%s refuses the connection: the host is up, and nothing listens on that port, or a firewall says so.", at);
		return;
	case CODE_NET_RESET:
		n = net_finding(f, to, f->ending);
		finding_title(to, n, "%s resets the connection", where(f, at));
		finding_why(to, n, "%s answered %s with a reset, without a word of TLS: no certificate was looked at on either side.", at, step(h));
		break;
	case CODE_NET_CLOSED:
		n = net_finding(f, to, f->ending);
		finding_title(to, n, "%s closes the connection", where(f, at));
		finding_why(to, n, "%s closed the connection after %s, without a word of TLS: no certificate was looked at on either side.%s", at, step(h),
		    h->phase == PHASE_STARTTLS ? " A port that begins with TLS at once does so too: then --starttls is not for it." : "");
		break;
	case CODE_NET_UNREACHABLE:
		n = net_finding(f, to, f->ending);
		finding_title(to, n, "%s cannot be reached", where(f, at));
		finding_why(to, n, "No way leads from this machine to %s%s%s.", at, h->ended.os_error != 0 ? ": " : "",
		    h->ended.os_error != 0 ? errno_words(h->ended.os_error, f->arena) : "");
		return;
	case CODE_NET_LOCAL:
		n = net_finding(f, to, f->ending);
		if (h->cancelled) {
			finding_title(to, n, "The check was stopped");
			finding_why(to, n, "The check of %s was stopped while it waited for %s: what the server would have said is not known.",
			    where(f, at), waited_for(h->phase));
			return;
		}
		finding_title(to, n, "This machine could not make the connection");
		n->mend = h->detail == NULL ? errno_mend(h->ended.os_error) : NULL;
		finding_why(to, n, "The connection to %s failed on this machine: %s. The server was not asked.", where(f, at),
		    h->detail != NULL ? h->detail : h->ended.os_error != 0 ? errno_words(h->ended.os_error, f->arena) : "we ended it ourselves");
		return;
	default: return;
	}
	finding_cite(to, n, "%s: %s after %s, at %.1f ms", h->id != NULL ? h->id : "baseline",
	    f->ending == CODE_NET_RESET ? "reset" : "closed", step(h), h->ended.at_ms);
}

/* On loopback it is ordinary that a service listens on one of the two families. */
static bool
is_loopback(const char *address)
{
	return address != NULL && (strncmp(address, "127.", 4) == 0 || strncmp(address, "[::1]", 5) == 0);
}

/*
 * Only what the other side did counts: that this machine has no IPv6 says nothing about the service.
 */
static bool
is_dead(const struct attempt *at)
{
	return (at->result == CONNECT_REFUSED || at->result == CONNECT_RESET || at->result == CONNECT_TIMEOUT) &&
	    !is_loopback(at->address);
}

static void
addresses(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	struct finding *n = NULL;
	const char *names = NULL;
	char address[QUOTE_MAX];
	size_t dead = 0;
	bool works = false;

	/* Behind a proxy the attempts are the proxy's addresses. */
	for (size_t i = 0; h != NULL && h->proxy == NULL && i < h->attempts_len; i++) {
		works |= h->attempts[i].result == CONNECT_OK;
		if (!is_dead(&h->attempts[i]))
			continue;
		dead++;
		quote_str(h->attempts[i].address, address);
		names = names == NULL ? arena_strdup(f->arena, address) : arena_printf(f->arena, "%s, %s", names, address);
	}
	if (!works || dead == 0)
		return;
	n = net_finding(f, to, CODE_NET_ADDRESSES_DIFFER);
	finding_shares(to, n, names, names);
	finding_title(to, n, "Some addresses behind the name do not answer");
	finding_why(to, n, "%zu of the addresses behind the name %s not take the connection: %s. Clients that do not try another one fail there.",
	    dead, dead == 1 ? "does" : "do", names);
}

static const struct rule rules[] = {
	{ .code = CODE_NET_DNS_FAILURE, .look = ended },
	{ .code = CODE_NET_ADDRESSES_DIFFER, .look = addresses },
};
const struct rule_table rules_net = { "net", rules, sizeof rules / sizeof rules[0] };
