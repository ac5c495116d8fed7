#include "model/summary.h"

#include "model/alert.h"
#include "model/client.h"
#include "model/memory.h"

/* ---- headline ---- */

static const char *const headlines[CODE_COUNT] = {
	[CODE_NET_DNS_FAILURE] = "NETWORK: the name does not resolve",
	[CODE_NET_UNREACHABLE] = "NETWORK: the server cannot be reached",
	[CODE_NET_REFUSED] = "NETWORK: the connection is refused",
	[CODE_NET_TIMEOUT] = "NETWORK: the server does not answer",
	[CODE_NET_RESET] = "NETWORK: the connection is reset",
	[CODE_NET_CLOSED] = "NETWORK: the connection is closed",
	[CODE_NET_LOCAL] = "THIS MACHINE: the connection could not be made",
	[CODE_NET_NOT_TLS] = "NETWORK: the port does not speak TLS",
	[CODE_NET_ADDRESSES_DIFFER] = "NETWORK: the addresses behind the name differ",
	[CODE_TLS_NO_COMMON_VERSION] = "PROTOCOL: no TLS version in common",
	[CODE_TLS_NO_COMMON_CIPHER] = "PROTOCOL: no cipher in common",
	[CODE_TLS_NO_COMMON_GROUP] = "PROTOCOL: no group in common",
	[CODE_TLS_NO_COMMON_SIGALG] = "PROTOCOL: no signature algorithm in common",
	[CODE_TLS_NO_COMMON_ALPN] = "PROTOCOL: no application protocol in common",
	[CODE_TLS_REJECTED] = "THEIR SIDE?  refused before our certificate mattered, cause not proven",
	[CODE_TLS_SNI_REQUIRED] = "THEIR SIDE: what it does depends on the name that it is asked for",
	[CODE_TLS_BROKEN_PEER] = "THEIR SIDE: what the server sends is not TLS as it should be",
	[CODE_KEY_SERVER_MISMATCH] = "THEIR SIDE: the server's key does not belong to its certificate",
	[CODE_KEY_MISMATCH] = "OUR SIDE: our key does not belong to our certificate",
	[CODE_CLIENT_REQUIRED] = "OUR SIDE: the server wants a certificate, and none was given",
	[CODE_CLIENT_NOT_SENT] = "OUR SIDE: our certificate did not go out",
	[CODE_CLIENT_LATE_AUTH] = "OUR SIDE: the server asks for our certificate later than we can answer",
	[CODE_CLIENT_REJECTED] = "OUR SIDE?  refused, cause not proven",
	[CODE_CLIENT_UNPROVEN] = "OUR SIDE?  not refused, and nothing proves that we are accepted",
	[CODE_CLOCK_SERVER_SKEW] = "CLOCK: the server's and ours differ",
	[CODE_CLOCK_LOCAL_SKEW] = "CLOCK: ours is wrong",
	[CODE_MTLS_NOT_REQUESTED] = "POLICY: the server asks for no client certificate",
	[CODE_MTLS_OPTIONAL] = "POLICY: the server works without a client certificate",
};

static const char *
headline(const struct facts *f, const struct finding *root)
{
	if (root == NULL)
		return "nothing is wrong";
	if (root->code == CODE_TLS_BROKEN_PEER && root->severity != SEVERITY_ERROR)
		return "THEIR SIDE: TLS lets us in, and its answer does not end";
	if (headlines[root->code] != NULL)
		return headlines[root->code];
	switch (root->side) {
	case SIDE_CLIENT:
		if (finding_explains(root, CODE_CLIENT_REJECTED))
			return "OUR SIDE: the server refuses our certificate";
		return root->severity == SEVERITY_ERROR ? "OUR SIDE: our certificate is unfit" : "OUR SIDE: it works, and something is about to hurt";
	case SIDE_SERVER:
		if (root->severity != SEVERITY_ERROR)
			return "THEIR SIDE: it works, and something is about to hurt";
		return f->base == NULL ? "the certificate is unfit" : "THEIR SIDE: we do not accept the server's certificate";
	case SIDE_CLOCK: return "CLOCK";
	case SIDE_NETWORK: return "NETWORK";
	case SIDE_POLICY: return "POLICY";
	}
	return "";
}

/* ---- summary ---- */

static const char *
all_is_well(const struct facts *f)
{
	const struct handshake *h = f->base;

	if (h == NULL)
		return "Nothing is wrong with the chain.";
	if (h->inside.is == INSIDE_DOUBTFUL)
		return arena_printf(f->arena, "We trust the server, and TLS let us in; the service answers “%s”.", h->inside.text);
	if (h->http.status == 0 && h->http.ended != NULL)
		return arena_printf(f->arena, "We trust the server, and TLS let us in; in HTTP/2 it answers %s.", h->http.ended);
	if (h->http.status >= 300)
		return arena_printf(f->arena, "We trust the server, and TLS let us in; the application answers HTTP %d.", h->http.status);
	if (handshake_doubt(h) == DOUBT_UNANSWERED)
		return arena_printf(f->arena, "We trust the server, and TLS let us in; no answer came to our %s.", handshake_question(h));
	if (handshake_doubt(h) == DOUBT_UNASKED)
		return arena_printf(f->arena, "We trust the server, and TLS let us in%s; nothing was asked inside, where some servers (nginx) refuse.",
		    h->sent_certs_len > 0 ? " with our certificate" : "");
	if (h->request.seen && h->sent_certs_len > 0)
		return "We trust the server, and the server accepts our certificate.";
	return "We trust the server, and it lets us in.";
}

static const char *
summary(const struct facts *f, const struct finding *root)
{
	if (root == NULL)
		return all_is_well(f);
	if (root->why != NULL && root->why[0] != '\0')
		return root->why;
	return root->title != NULL ? root->title : code_info(root->code)->name;
}

/* ---- not the cause, not reached ---- */

struct phrases {
	struct arena *arena;
	const char **items;
	size_t len, cap;
};

static void
add(struct phrases *p, const char *phrase)
{
	p->items = arena_grow(p->arena, p->items, p->len, &p->cap, sizeof *p->items);
	p->items[p->len++] = phrase;
}

/* Where the handshake died is later than all that had been agreed on by then. */
static enum phase
died_at(const struct facts *f)
{
	return f->refusal.kind != REFUSAL_NONE ? f->refusal.phase : f->base->phase;
}

static bool
explained_by_root(const struct finding *root, enum code_group group)
{
	return root != NULL && code_info(root->code)->group == group;
}

/* The server verified our signature: a handshake that came to HTTP, or a TLS 1.2 Finished of its own. */
static bool
signature_was_verified(const struct facts *f)
{
	return f->base->our_sigalg != 0 && (f->refusal.kind == REFUSAL_HTTP || f->refusal.kind == REFUSAL_APP || f->base->phase >= PHASE_ACCEPTED);
}

static void
not_the_cause(const struct facts *f, const struct finding *root, struct phrases *p)
{
	enum phase at = died_at(f);

	if (at > PHASE_STARTTLS && !explained_by_root(root, GROUP_NET))
		add(p, "the network");
	if (f->base->version != 0 && !explained_by_root(root, GROUP_TLS)) {
		add(p, "version");
		add(p, "cipher");
		if (f->base->group != NULL)
			add(p, "group");
	}
	/* Our own distrust ends no handshake of ours: who ended it was the server, after it had shown its own. */
	if (f->refused && at >= PHASE_OUR_FLIGHT && f->base->server_certs_len > 0)
		add(p, "the server's own certificate");
	if (f->refused && signature_was_verified(f) && !explained_by_root(root, GROUP_KEY))
		add(p, "our private key");
}

static void
not_reached(const struct facts *f, struct phrases *p)
{
	enum phase at = died_at(f);

	if (at < PHASE_SERVER_HELLO)
		add(p, "version and cipher");
	if (f->base->server_certs_len == 0)
		add(p, "the server's certificate");
	if (f->our_leaf != NULL && (!f->refused || f->base->sent_certs_len == 0))
		add(p, "our certificate");
	if (f->our_leaf != NULL && (!f->refused || f->base->sent_certs_len > 0) && !signature_was_verified(f) &&
	    !(f->refusal.kind == REFUSAL_ALERT && f->refusal.alert == 51)) {
		if (f->us->key == NULL)
			add(p, "our private key");
		else
			add(p, f->us->matches ? "our private key (here on this machine it matches)" :
			    "our private key (here on this machine it does not match)");
	}
	if (f->base->http.status == 0 && f->ev->target.http)
		add(p, "the application");
}

void
summary_write(struct diagnosis *d, const struct facts *f)
{
	struct phrases cause = { .arena = d->arena }, reached = { .arena = d->arena };

	if (f->ev->client != NULL) {
		client_summary(d, f);
		return;
	}
	d->headline = headline(f, d->root);
	d->summary = summary(f, d->root);
	if (f->base == NULL || f->accepted)
		return;
	not_the_cause(f, d->root, &cause);
	not_reached(f, &reached);
	d->not_the_cause = cause.items;
	d->not_the_cause_len = cause.len;
	d->not_reached = reached.items;
	d->not_reached_len = reached.len;
}
