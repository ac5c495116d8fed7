/*
 * Clocks. A certificate is judged by the clock of whoever looks at it: ours for theirs, the server's
 * for ours. Where the two clocks give different verdicts, the clock is the finding.
 */
#include <stdlib.h>

#include "model/quote.h"
#include "model/rules.h"
#include "model/times.h"

/* Findings that a clock alone can make. */
static const enum code about_time[] = {
	CODE_CERT_EXPIRED, CODE_CERT_NOT_YET_VALID, CODE_CHAIN_INTERMEDIATE_EXPIRED, CODE_ROOT_EXPIRED, CODE_CHAIN_INVALID,
	CODE_CLIENT_EXPIRED, CODE_CLIENT_NOT_YET_VALID, CODE_CLIENT_INTERMEDIATE_EXPIRED, CODE_CLIENT_BAD_CHAIN,
};

static bool
is_about_time(const struct finding *f)
{
	for (size_t i = 0; i < sizeof about_time / sizeof about_time[0]; i++)
		if (f->code == about_time[i])
			return f->certificate != NULL;
	return false;
}

static bool
valid_at(const struct cert *c, int64_t t)
{
	return (c->not_before == TIME_UNKNOWN || t >= c->not_before) && (c->not_after == TIME_UNKNOWN || t <= c->not_after);
}

/* Would the other clock not have found it? */
static bool
depends_on_clock(const struct facts *f, const struct finding *n)
{
	return is_about_time(n) && valid_at(n->certificate, f->now) != valid_at(n->certificate, f->server_now);
}

/* A code is explained only where every finding of that code comes from the clock. */
static bool
all_depend(const struct facts *f, const struct findings *in, enum code code)
{
	for (size_t i = 0; i < in->len; i++)
		if (in->items[i]->code == code && !depends_on_clock(f, in->items[i]))
			return false;
	return true;
}

static void
explain_verdicts(const struct facts *f, struct findings *to, struct finding *n)
{
	for (size_t i = 0; i < to->len; i++) {
		const struct finding *other = to->items[i];

		if (other == n || !depends_on_clock(f, other) || !all_depend(f, to, other->code))
			continue;
		finding_explain(to, n, other->code);
		finding_cite(to, n, "valid by one clock and not by the other: %s", other->title != NULL ? other->title : code_info(other->code)->name);
		if (other->severity < SEVERITY_ERROR)
			continue;
		n->severity = SEVERITY_ERROR;
		if (finding_explains(other, CODE_CLIENT_REJECTED))
			finding_explain(to, n, CODE_CLIENT_REJECTED);
	}
}

static const char *
kept_words(enum kept k)
{
	switch (k) {
	case CLOCK_KEPT: return "This machine's kernel says that its clock is kept, so the server's is the wrong one.";
	case CLOCK_NOT_KEPT: return "Nothing keeps this machine's clock, so it may as well be ours that is wrong.";
	case CLOCK_KEPT_UNKNOWN: break;
	}
	return "Whether this machine's clock is kept is not known, so it may as well be ours that is wrong.";
}

/* To the nearest unit: an HTTP date has whole seconds, and three days less half a second are three days. */
static int64_t
size_of(const struct clocks *c)
{
	int64_t ms = llabs(c->server_offset_ms);

	return ms > 60000 ? (ms + c->server_uncertainty_ms) / 1000 : (ms + 500) / 1000;
}

/* Two clocks never prove which of them is wrong: certain it is not, in any case. */
static void
skew(const struct facts *f, struct findings *to)
{
	const struct clocks *c = &f->ev->clocks;
	char span[TIME_TEXT_MAX], ours[TIME_TEXT_MAX], theirs[TIME_TEXT_MAX], host[QUOTE_MAX];
	struct finding *n;

	if (f->base == NULL || !f->clocks_differ)
		return;
	n = finding_add(to, CODE_CLOCK_SERVER_SKEW);
	n->confidence = c->kept == CLOCK_KEPT ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM;
	time_span(size_of(c), span);
	finding_title(to, n, "The server's clock is %s %s ours", span, c->server_offset_ms > 0 ? "ahead of" : "behind");
	finding_cite(to, n, "ours says %s, the server's %s (%s, uncertain by %.1f s)", time_rfc3339(f->now, ours),
	    time_rfc3339(f->server_now, theirs), c->server_source != NULL ? c->server_source : "its answer",
	    (double)c->server_uncertainty_ms / 1000);
	explain_verdicts(f, to, n);
	finding_why(to, n, "The server's clock is %s %s ours. %s%s", span, c->server_offset_ms > 0 ? "ahead of" : "behind",
	    n->severity == SEVERITY_ERROR ? "The certificates themselves are in order: by one clock they are valid, by the other not. " :
	    "It changes no verdict yet, but short-lived certificates will feel it. ", kept_words(c->kept));
	quote_str(f->ev->target.host != NULL ? f->ev->target.host : "the server", host);
	finding_shares(to, n, host, host);
	if (c->kept != CLOCK_KEPT)
		finding_candidate(to, n, CODE_CLOCK_LOCAL_SKEW, CONFIDENCE_MEDIUM, "a third clock: “timedatectl” or “chronyc tracking” on this machine");
}

/*
 * Only where a clock is in play. In most containers and virtual machines the kernel says that nothing
 * keeps its clock (the host does it for them): a notice on every run would be noise, and a healthy
 * endpoint would never be called so.
 */
static void
unsynchronised(const struct facts *f, struct findings *to)
{
	struct finding *n;
	bool in_play = f->clocks_differ;

	if (f->ev->clocks.kept != CLOCK_NOT_KEPT || f->ev->clocks.local_set || f->base == NULL)
		return;
	for (size_t i = 0; i < to->len; i++)
		in_play |= is_about_time(to->items[i]) &&
		    (!valid_at(to->items[i]->certificate, f->now) || !valid_at(to->items[i]->certificate, f->server_now));
	if (!in_play)
		return;
	n = finding_add(to, CODE_CLOCK_UNSYNCHRONISED);
	finding_title(to, n, "Nothing keeps this machine's clock");
	finding_why(to, n, "The kernel says that no time service sets this machine's clock (STA_UNSYNC), and a verdict here depends on it.");
	finding_cite(to, n, "adjtimex: the clock is not synchronised");
	finding_shares(to, n, f->ev->seen_from != NULL ? f->ev->seen_from : "local", "this machine");
}

static const struct rule rules[] = {
	{ .code = CODE_CLOCK_SERVER_SKEW, .look = skew },
	{ .code = CODE_CLOCK_UNSYNCHRONISED, .look = unsynchronised },
};
const struct rule_table rules_clock = { "clock", rules, sizeof rules / sizeof rules[0] };
