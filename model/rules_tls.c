/* Where TLS itself found no common ground, or ended before our certificate mattered. RFC 8446 4.1, 6.2. */
#include <string.h>

#include "model/alert.h"
#include "model/ending.h"
#include "model/memory.h"
#include "model/rules.h"

enum { TLS12 = 0x0303 };

static const char *
id_of(const struct handshake *h)
{
	return h->id != NULL ? h->id : "baseline";
}

static const char *
versions(const struct offer *o, struct arena *a)
{
	if (o->min_version == o->max_version)
		return tls_version_name(o->max_version);
	return arena_printf(a, "%s to %s", tls_version_name(o->min_version), tls_version_name(o->max_version));
}

/* "alert 40 handshake_failure from the server, after our ClientHello", or how else it ended. */
static const char *
how_it_ended(const struct facts *f)
{
	const struct handshake *h = f->base;
	const struct alert *theirs = handshake_fatal_alert(h, PEER_SERVER), *ours = handshake_fatal_alert(h, PEER_US);

	if (theirs != NULL)
		return arena_printf(f->arena, "alert %u %s from the server, %s", theirs->number, alert_info(theirs->number)->name,
		    phase_step(theirs->phase));
	if (ours != NULL)
		return arena_printf(f->arena, "alert %u %s from us, %s", ours->number, alert_info(ours->number)->name,
		    phase_step(ours->phase));
	switch (h->ended.how) {
	case END_CLOSE_NOTIFY: return arena_printf(f->arena, "the server said goodbye (close_notify) %s", phase_step(h->phase));
	case END_FIN: return arena_printf(f->arena, "the server closed the connection %s", phase_step(h->phase));
	case END_RST: return arena_printf(f->arena, "the connection was reset %s", phase_step(h->phase));
	case END_TIMEOUT: return arena_printf(f->arena, "the server fell silent %s", phase_step(h->phase));
	default: return arena_printf(f->arena, "it ended %s", phase_step(h->phase));
	}
}

/* What targets share that refuse in the same way. */
static const char *
ending_key(const struct facts *f)
{
	const struct alert *theirs = handshake_fatal_alert(f->base, PEER_SERVER);

	return theirs != NULL ? arena_printf(f->arena, "alert-%u", theirs->number) : end_how_name(f->base->ended.how);
}

/* Where everything was offered: what the server chose of it, or that it chose nothing. */
static void
cite_wide(const struct facts *f, struct findings *to, struct finding *n)
{
	const struct handshake *w = f->wide;

	if (w == NULL)
		return;
	if (w->version == 0) {
		const struct alert *alert = handshake_fatal_alert(w, PEER_SERVER);

		finding_cite(to, n, "%s: offered everything from %s on, and the server chose nothing%s", id_of(w),
		    tls_version_name(w->offer.min_version != 0 ? w->offer.min_version : 0x0301),
		    alert != NULL ? arena_printf(f->arena, ": alert %u %s", alert->number, alert_info(alert->number)->name) : "");
		return;
	}
	finding_cite(to, n, "%s: offered everything, and the server chose %s%s%s%s%s%s%s", id_of(w), tls_version_name(w->version),
	    w->cipher != NULL ? ", " : "", w->cipher != NULL ? w->cipher : "", w->group != NULL ? ", " : "",
	    w->group != NULL ? w->group : "", sigalg_name(w->server_sigalg) != NULL ? ", " : "",
	    sigalg_name(w->server_sigalg) != NULL ? sigalg_name(w->server_sigalg) : "");
}

/* ---- no common … ---- */

/*
 * A list that was offered, to be read: ", " between the names, the first `most` of them (0: all),
 * without the signalling values that are no ciphers (RFC 5746 3.3).
 */
static const char *
names(const char *list, char separator, size_t most, struct arena *a)
{
	const char *out = NULL;
	size_t n = 0;

	while (list != NULL && *list != '\0') {
		size_t len = strcspn(list, (const char[]){ separator, '\0' });
		bool signal = len > 5 && memcmp(list + len - 5, "_SCSV", 5) == 0;

		if (!signal && (most == 0 || n < most))
			out = arena_printf(a, "%s%s%.*s", out != NULL ? out : "", out != NULL ? ", " : "", (int)len, list);
		n += !signal;
		list += len + (list[len] != '\0');
	}
	return most != 0 && n > most ? arena_printf(a, "%s and %zu more", out, n - most) : out;
}

enum { NAMES_IN_WHY = 6 };

struct common {
	enum code code;
	const char *what;
	const char *offered, *chosen; /* NULL: not known */
	char separator;               /* of offered; 0: one text */
};

static struct common
common_of(const struct facts *f)
{
	const struct offer *o = &f->base->offer;
	const struct handshake *w = f->wide != NULL && f->wide->version != 0 ? f->wide : NULL;

	switch (f->ending) {
	case CODE_TLS_NO_COMMON_VERSION:
		return (struct common){ f->ending, "TLS version", o->max_version != 0 ? versions(o, f->arena) : NULL,
		    w != NULL ? tls_version_name(w->version) : NULL, 0 };
	case CODE_TLS_NO_COMMON_CIPHER: return (struct common){ f->ending, "cipher", o->ciphers, w != NULL ? w->cipher : NULL, ':' };
	case CODE_TLS_NO_COMMON_GROUP: return (struct common){ f->ending, "group", o->groups, w != NULL ? w->group : NULL, ':' };
	case CODE_TLS_NO_COMMON_SIGALG:
		return (struct common){ f->ending, "signature algorithm", o->sigalgs, w != NULL ? sigalg_name(w->server_sigalg) : NULL, ':' };
	case CODE_TLS_NO_COMMON_ALPN: return (struct common){ f->ending, "application protocol (ALPN)", o->alpn, NULL, ',' };
	default: return (struct common){ .code = CODE_NONE };
	}
}

/* Did the server's own choice in the baseline show that it lies outside of what we offered? */
static bool
is_shown(const struct facts *f)
{
	const struct alert *theirs = handshake_fatal_alert(f->base, PEER_SERVER);

	return f->base->local != LOCAL_NONE || ending_wide(f->base, f->wide) == f->ending ||
	    (theirs != NULL && (theirs->number == 70 || theirs->number == 120));
}

static void
no_common(const struct facts *f, struct findings *to)
{
	struct common c = f->base != NULL ? common_of(f) : (struct common){ .code = CODE_NONE };
	const char *offered = c.separator != 0 ? names(c.offered, c.separator, NAMES_IN_WHY, f->arena) : c.offered;
	const char *who;
	struct finding *n;

	if (c.code == CODE_NONE)
		return;
	who = f->base->local != LOCAL_NONE ? "We cannot go on with what the server chose."
					   : "The server ended the handshake before any certificate was looked at.";
	n = finding_add(to, c.code);
	if (!is_shown(f))
		n->confidence = CONFIDENCE_MEDIUM;
	finding_title(to, n, "We and the server have no %s in common", c.what);
	if (c.chosen != NULL)
		finding_why(to, n, "%s When everything was offered, it chose %s, which is not among what we offer: %s.",
		    who, c.chosen, offered != NULL ? offered : "nothing of that kind");
	else if (f->wide != NULL)
		finding_why(to, n, "%s We offer %s; when everything was offered, it chose nothing either.",
		    who, offered != NULL ? offered : "nothing of that kind");
	else
		finding_why(to, n, "%s We offer %s.", who,
		    offered != NULL ? offered : "nothing of that kind");
	finding_cite(to, n, "%s: %s", id_of(f->base), how_it_ended(f));
	if (f->base->detail != NULL)
		finding_cite(to, n, "%s: OpenSSL: %s", id_of(f->base), f->base->detail);
	if (c.offered != NULL)
		finding_cite(to, n, "%s: we offered %s", id_of(f->base), c.separator != 0 ? names(c.offered, c.separator, 0, f->arena) : c.offered);
	cite_wide(f, to, n);
	finding_shares(to, n, c.chosen != NULL ? c.chosen : ending_key(f), c.chosen != NULL ? c.chosen : c.what);
	finding_explain(to, n, CODE_TLS_REJECTED);
}

/* ---- rejected ---- */

/* What the phase alone proves: what came before it was agreed on. */
static const char *
ruled_out(enum phase p)
{
	if (p >= PHASE_SERVER_CERTIFICATE)
		return "It was not the version, the cipher or our certificate, which had not been asked for or not been sent.";
	if (p >= PHASE_SERVER_HELLO)
		return "It was not the version, and not our certificate, which had not been sent.";
	/* The server's own may well be why: one that has none, or none that fits our lists, says 40 here (measured). */
	return "It was not our certificate, which had not been sent.";
}

/* The last warning of the server before it ended: it may be its only reason. */
static const struct alert *
their_warning(const struct handshake *h)
{
	for (size_t i = h->alerts_len; i > 0; i--)
		if (h->alerts[i - 1].from == PEER_SERVER && h->alerts[i - 1].level == 1 && h->alerts[i - 1].number != 0)
			return &h->alerts[i - 1];
	return NULL;
}

static void
add_candidates(const struct facts *f, struct findings *to, struct finding *n)
{
	const struct alert *theirs = handshake_fatal_alert(f->base, PEER_SERVER);
	const struct alert *last = theirs != NULL ? theirs : their_warning(f->base);
	unsigned number = last != NULL ? last->number : 0;
	const char *log = "the server's own log line of this moment";

	if (number == 112) {
		finding_candidate(to, n, CODE_TLS_SNI_REQUIRED, CONFIDENCE_MEDIUM, "the same with another --servername, or with none");
		return;
	}
	if (f->base->phase >= PHASE_SERVER_HELLO || (number != 40 && number != 0 && number != 47 && number != 109))
		return;
	finding_candidate(to, n, CODE_TLS_NO_COMMON_CIPHER, CONFIDENCE_LOW, log);
	finding_candidate(to, n, CODE_TLS_NO_COMMON_GROUP, CONFIDENCE_LOW, log);
	finding_candidate(to, n, CODE_TLS_NO_COMMON_SIGALG, CONFIDENCE_LOW, log);
	if (f->wide == NULL || f->wide->version == 0)
		finding_candidate(to, n, CODE_TLS_SNI_REQUIRED, CONFIDENCE_LOW, "the same with another --servername, or with none");
}

static void
rejected(const struct facts *f, struct findings *to)
{
	const struct alert *theirs, *warning;
	struct finding *n;

	if (f->ending != CODE_TLS_REJECTED)
		return;
	theirs = handshake_fatal_alert(f->base, PEER_SERVER);
	n = finding_add(to, CODE_TLS_REJECTED);
	n->confidence = theirs != NULL ? CONFIDENCE_MEDIUM : CONFIDENCE_LOW;
	finding_title(to, n, "The server ended the handshake before our certificate mattered");
	warning = theirs == NULL ? their_warning(f->base) : NULL;
	finding_why(to, n, "How: %s. %s%s%s", how_it_ended(f), theirs != NULL ? alert_info(theirs->number)->meaning :
	    warning != NULL ? arena_printf(f->arena, "Its last word was a warning: alert %u %s.", warning->number, alert_info(warning->number)->name) :
	    "It gave no reason.", " ", ruled_out(f->base->phase));
	finding_cite(to, n, "%s: %s", id_of(f->base), how_it_ended(f));
	if (f->base->offer.max_version != 0)
		finding_cite(to, n, "%s: we offered %s%s%s", id_of(f->base), versions(&f->base->offer, f->arena),
		    f->base->offer.sni != NULL ? ", server name " : "", f->base->offer.sni != NULL ? f->base->offer.sni : "");
	cite_wide(f, to, n);
	finding_shares(to, n, ending_key(f), how_it_ended(f));
	add_candidates(f, to, n);
}

static const char *
broken_how(enum local_failure l)
{
	switch (l) {
	case LOCAL_UNDECODABLE: return "a message of it does not parse";
	case LOCAL_TOO_LARGE: return "what it sends is over a limit of ours";
	case LOCAL_UNEXPECTED: return "a message came out of order, or does not decrypt";
	default: return "what it sends is not what TLS says";
	}
}

/* TLS let us in, and what answers our request never comes to an end. */
static void
endless_answer(const struct facts *f, struct findings *to)
{
	const struct http_answer *http = &f->base->http;
	struct finding *n = finding_add(to, CODE_TLS_BROKEN_PEER);

	n->severity = SEVERITY_WARNING;
	finding_title(to, n, "The server's answer to our HTTP request does not end");
	finding_why(to, n, "TLS let us in. Then its answer went over a limit of ours: %s. We left without it.", http->endless);
	finding_cite(to, n, "%s: HTTP: %s", id_of(f->base), http->endless);
	finding_shares(to, n, "endless-answer", "an HTTP answer without end");
}

static void
broken(const struct facts *f, struct findings *to)
{
	struct finding *n;

	if (f->ending != CODE_TLS_BROKEN_PEER) {
		if (f->base != NULL && f->base->http.endless != NULL)
			endless_answer(f, to);
		return;
	}
	n = finding_add(to, CODE_TLS_BROKEN_PEER);
	finding_title(to, n, "We cannot go on with this server: %s", broken_how(f->base->local));
	finding_why(to, n, "The handshake was ended by us, %s: %s%s%s.%s", phase_step(f->base->phase),
	    broken_how(f->base->local), f->base->detail != NULL ? ": " : "", f->base->detail != NULL ? f->base->detail : "",
	    f->base->phase < PHASE_OUR_FLIGHT ? " Our certificate was not looked at." : "");
	finding_cite(to, n, "%s: %s", id_of(f->base), how_it_ended(f));
	if (f->base->detail != NULL)
		finding_cite(to, n, "%s: %s: %s", id_of(f->base), f->base->local == LOCAL_TOO_LARGE ? "a limit" : "OpenSSL", f->base->detail);
	finding_shares(to, n, f->base->detail, f->base->detail);
}

/* The best that it speaks: what it chose when it could choose. RFC 8996 retires TLS 1.0 and 1.1. */
static void
old_version(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->wide != NULL && f->wide->version != 0 ? f->wide : f->base;
	struct finding *n;

	if (h == NULL || h->version == 0 || h->version >= TLS12 || h->offer.max_version < TLS12)
		return;
	n = finding_add(to, CODE_TLS_OLD_VERSION);
	finding_title(to, n, "The best that the server speaks is %s", tls_version_name(h->version));
	finding_why(to, n, "The server was offered %s and chose %s. RFC 8996 retired TLS 1.0 and 1.1 in 2021; today's clients refuse them.",
	    tls_version_name(h->offer.max_version), tls_version_name(h->version));
	finding_cite(to, n, "%s: ServerHello %s", id_of(h), tls_version_name(h->version));
	finding_shares(to, n, tls_version_name(h->version), tls_version_name(h->version));
}

static const struct rule rules[] = {
	{ .code = CODE_TLS_NO_COMMON_VERSION, .look = no_common },
	{ .code = CODE_TLS_REJECTED, .look = rejected },
	{ .code = CODE_TLS_BROKEN_PEER, .look = broken },
	{ .code = CODE_TLS_OLD_VERSION, .look = old_version },
};
const struct rule_table rules_tls = { "tls", rules, sizeof rules / sizeof rules[0] };
