/* The way there, where another protocol than TLS is spoken first. RFC 3207, RFC 9110 9.3.6, RFC 1928. */
#include "model/rules_way.h"

#include <string.h>

#include "model/memory.h"
#include "model/quote.h"

static const char *
id_of(const struct facts *f)
{
	return f->base->id != NULL ? f->base->id : "baseline";
}

static const char *
address(const struct facts *f)
{
	char shown[QUOTE_MAX];

	return arena_strdup(f->arena, quote_str(f->base->address != NULL ? f->base->address : "the server", shown));
}

static void
cite_line(const struct facts *f, struct findings *to, struct finding *n, const struct spoken *s)
{
	const char *who = s->by_us ? "we said" : s->where == SPOKEN_TO_PROXY ? "the proxy said" : "it said";

	if (s->at_ms >= 0)
		finding_cite(to, n, "%s: %s “%s”, at %.1f ms", id_of(f), who, s->text, s->at_ms);
}

/* The last words, and then what was said before, for whoever wants to see how it came to that. */
static void
cite_dialogue(const struct facts *f, struct findings *to, struct finding *n)
{
	enum { MOST = 8 };
	const struct handshake *h = f->base;
	size_t from = h->spoken_len > MOST ? h->spoken_len - MOST : 0;

	if (h->spoken_len > 0)
		cite_line(f, to, n, &h->spoken[h->spoken_len - 1]);
	for (size_t i = from; i + 1 < h->spoken_len; i++)
		cite_line(f, to, n, &h->spoken[i]);
}

static const char *
its_words(const struct facts *f)
{
	return f->base->obstacle_answer != NULL ? arena_printf(f->arena, " It says: “%s”.", f->base->obstacle_answer) : "";
}

static const char *
why(const struct facts *f)
{
	return f->base->obstacle_why != NULL ? f->base->obstacle_why : "it does not go on";
}

void
way_starttls_refused(const struct facts *f, struct findings *to)
{
	struct finding *n = net_finding(f, to, CODE_NET_STARTTLS_REFUSED);
	const char *at = address(f), *label = starttls_label(f->ev->target.starttls);

	finding_title(to, n, "%s does not go over to TLS: %s", at, why(f));
	finding_why(to, n, "%s was asked in %s to go over to TLS, and %s.%s No certificate was looked at on either side.", at, label, why(f), its_words(f));
	cite_dialogue(f, to, n);
}

void
way_injected(const struct facts *f, struct findings *to)
{
	struct finding *n = net_finding(f, to, CODE_NET_NOT_TLS);
	const char *at = address(f), *label = starttls_label(f->ev->target.starttls);

	finding_title(to, n, "Plain text comes where %s was to begin with TLS", at);
	finding_why(to, n, "%s agreed in %s to go over to TLS, and in the same breath sent more in plain text: “%s”. A client that keeps it takes it for what comes inside TLS (STARTTLS injection, CVE-2021-23222 and others): somebody between us and the server has put it there, or the server has a fault. We went no further.",
	    at, label, f->base->obstacle_answer != NULL ? f->base->obstacle_answer : "");
	cite_dialogue(f, to, n);
}

void
way_proxy_failed(const struct facts *f, struct findings *to)
{
	const struct handshake *h = f->base;
	struct finding *n = net_finding(f, to, CODE_NET_PROXY_FAILED);
	const char *proxy = h->proxy != NULL ? h->proxy : "the proxy";
	const char *what = strncmp(proxy, "ssh:", 4) == 0 ? "" : "the proxy ";

	finding_title(to, n, "No way to %s through %s%s: %s", address(f), what, proxy, why(f));
	finding_why(to, n, "The way to %s leads through %s%s, and %s.%s The server itself was not reached.", address(f), what, proxy, why(f), its_words(f));
	finding_shares(to, n, proxy, proxy);
	cite_dialogue(f, to, n);
}
