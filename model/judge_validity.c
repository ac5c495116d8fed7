/* Times: expired, not yet valid, soon to expire, and certificates that outlive their issuer. */
#include "model/judged.h"
#include "model/times.h"

#define DAY ((int64_t)86400)
#define MINUTE ((int64_t)60)

enum role { ROLE_LEAF, ROLE_INTERMEDIATE, ROLE_ROOT };
static const enum fault expired_fault[] = { FAULT_LEAF_EXPIRED, FAULT_INTERMEDIATE_EXPIRED, FAULT_ROOT_EXPIRED };
static const enum fault expiring_fault[] = { FAULT_LEAF_EXPIRING, FAULT_INTERMEDIATE_EXPIRING, FAULT_ROOT_EXPIRING };

/* RFC 5280 4.1.2.5: both ends belong to the validity. A date that cannot be read is a fault of form. */
static bool
expired_at(const struct cert *c, int64_t t)
{
	return c->not_after != TIME_UNKNOWN && t > c->not_after;
}

static bool
early_at(const struct cert *c, int64_t t)
{
	return c->not_before != TIME_UNKNOWN && t < c->not_before;
}

static enum role
role_of(const struct judged *j, size_t i)
{
	if (i == 0)
		return ROLE_LEAF;
	return judged_is_root(j->path, i) ? ROLE_ROOT : ROLE_INTERMEDIATE;
}

/* "", or what the other clock says, where the two differ: whoever reads this must know which one judged. */
static const char *
clock_note(const struct judged *j, const struct cert *c)
{
	char other[TIME_TEXT_MAX];
	const char *then;

	if (!j->facts->clocks_differ)
		return "";
	if (expired_at(c, j->other))
		then = "has expired";
	else
		then = early_at(c, j->other) ? "is not yet valid" : "is valid";
	return arena_printf(j->facts->arena, " That is by %s; by %s, which says %s, it %s.",
	    j->side == SIDE_SERVER ? "our clock" : "the server's clock",
	    j->side == SIDE_SERVER ? "the server's clock" : "our own clock", time_human(j->other, other), then);
}

static void
share_with_date(const struct judged *j, struct findings *to, struct finding *f, const struct cert *c, int64_t t)
{
	char when[TIME_TEXT_MAX];

	finding_shares(to, f, c->sha256_hex, arena_printf(j->facts->arena, "“%s”, %s", cert_called(c), time_human(t, when)));
}

/* Where a cross-sign or a renewed CA gives another path: which certificate it goes over. */
static const char *
other_path_note(const struct judged *j, int64_t at)
{
	const struct path *other = judged_other_path(j, at);
	char until[TIME_TEXT_MAX];

	if (other == NULL)
		return "No other path is known.";
	for (size_t i = 1; i < other->len; i++) {
		const struct cert *c = other->links[i].cert;

		if (!path_holds(j->path, c))
			return arena_printf(j->facts->arena, "Another path is valid until %s: over “%s”, issued by “%s” (%s).",
			    time_human(other->not_after, until), cert_called(c), name_called(&c->issuer),
			    judged_sent(j, c) ? "sent" : "not sent");
	}
	return "No other path is known.";
}

/* "“Acme Issuing CA 1” and “payment.internal”": what stands below certificate i of the path. */
static const char *
below(const struct judged *j, size_t i)
{
	const char *list = NULL;

	while (i-- > 0) {
		const char *name = cert_called(j->path->links[i].cert);

		if (list == NULL)
			list = arena_printf(j->facts->arena, "“%s”", name);
		else
			list = arena_printf(j->facts->arena, "%s%s“%s”", list, i == 0 ? " and " : ", ", name);
	}
	return list != NULL ? list : "nothing";
}

static void
expired(const struct judged *j, struct findings *to, const struct cert *c, size_t i)
{
	enum role role = role_of(j, i);
	enum fault fault = expired_fault[role];
	struct finding *f = judged_found(j, to, fault, c);
	char when[TIME_TEXT_MAX], ago[TIME_TEXT_MAX], span[TIME_TEXT_MAX];

	if (f == NULL)
		return;
	time_human(c->not_after, when);
	time_span(j->at - c->not_after, ago);
	time_span(c->not_after - c->not_before, span);
	if (role == ROLE_LEAF) {
		finding_title(to, f, "“%s” expired %s ago", cert_called(c), ago);
		finding_why(to, f, "“%s” was valid until %s, and that is %s ago.%s", cert_called(c), when, ago, clock_note(j, c));
	} else {
		finding_title(to, f, "The %s “%s” expired %s ago", role == ROLE_ROOT ? "root" : "intermediate", cert_called(c), ago);
		finding_why(to, f, "“%s” was valid until %s, and with it everything below: %s.%s %s", cert_called(c), when,
		    below(j, i), clock_note(j, c), other_path_note(j, j->at));
	}
	finding_cite(to, f, "%s: notAfter %s, valid for %s altogether; RFC 5280 6.1.3 (a)(2)", judged_role(j, c), when, span);
	share_with_date(j, to, f, c, c->not_after);
	judged_finish(j, to, f, fault);
}

static void
early(const struct judged *j, struct findings *to, const struct cert *c, size_t i)
{
	enum fault fault = i == 0 ? FAULT_LEAF_NOT_YET_VALID : FAULT_INVALID;
	struct finding *f = judged_found(j, to, fault, c);
	char when[TIME_TEXT_MAX], in[TIME_TEXT_MAX];

	if (f == NULL)
		return;
	time_human(c->not_before, when);
	time_span(c->not_before - j->at, in);
	finding_title(to, f, "“%s” is not yet valid, for %s still", cert_called(c), in);
	finding_why(to, f, "“%s” is valid from %s on, and that is in %s.%s", cert_called(c), when, in, clock_note(j, c));
	finding_cite(to, f, "%s: notBefore %s; RFC 5280 6.1.3 (a)(2)", judged_role(j, c), when);
	share_with_date(j, to, f, c, c->not_before);
	judged_finish(j, to, f, fault);
}

/*
 * Ours, out of its time by our clock only: the server, which judges it, sees it valid. So this is no
 * cause of a refusal, whatever the server answered.
 */
static void
out_of_time_here(const struct judged *j, struct findings *to, const struct cert *c, size_t i)
{
	enum role role = role_of(j, i);
	bool over = expired_at(c, j->other);
	enum fault fault = over ? expired_fault[role] : FAULT_LEAF_NOT_YET_VALID;
	struct finding *f;
	char when[TIME_TEXT_MAX], server[TIME_TEXT_MAX];

	if (!over && role != ROLE_LEAF)
		return;
	f = judged_found(j, to, fault, c);
	if (f == NULL)
		return;
	time_human(over ? c->not_after : c->not_before, when);
	f->severity = SEVERITY_WARNING;
	finding_title(to, f, "“%s” %s by our clock only", cert_called(c), over ? "has expired" : "is not yet valid");
	finding_why(to, f, "“%s” is valid %s %s. By the server's clock, which says %s and judges it, it is valid.", cert_called(c),
	    over ? "until" : "from", when, time_human(j->at, server));
	finding_cite(to, f, "%s: %s %s", judged_role(j, c), over ? "notAfter" : "notBefore", when);
	share_with_date(j, to, f, c, over ? c->not_after : c->not_before);
}

/* One CA under both chains is said once, on the server's side. */
static void
explain_ours(const struct judged *j, struct findings *to, struct finding *f, enum fault fault, const struct cert *c)
{
	struct judged ours;

	if (j->side == SIDE_SERVER && judged_ours(j->facts, &ours) && ours.path != NULL && path_holds(ours.path, c) &&
	    !cert_same(ours.leaf, c))
		finding_explain(to, f, judged_code(&ours, fault));
}

static void
expiring(const struct judged *j, struct findings *to, const struct cert *c, size_t i)
{
	enum role role = role_of(j, i);
	const struct thresholds *t = &j->facts->ev->thresholds;
	int days = role == ROLE_ROOT ? t->root_expires_within : t->expires_within;
	int64_t left = c->not_after - j->at;
	char when[TIME_TEXT_MAX], in[TIME_TEXT_MAX];
	struct finding *f;

	if (c->not_after == TIME_UNKNOWN || left > days * DAY)
		return;
	f = judged_found(j, to, expiring_fault[role], c);
	if (f == NULL)
		return;
	time_human(c->not_after, when);
	time_span(left, in);
	finding_title(to, f, "“%s” expires in %s", cert_called(c), in);
	if (role == ROLE_LEAF)
		finding_why(to, f, "“%s” is valid until %s.", cert_called(c), when);
	else
		finding_why(to, f, "“%s” is valid until %s, and with it ends what hangs on it: %s. %s", cert_called(c), when,
		    below(j, i), other_path_note(j, c->not_after + 1));
	finding_cite(to, f, "%s: notAfter %s, within %d days", judged_role(j, c), when, days);
	share_with_date(j, to, f, c, c->not_after);
	explain_ours(j, to, f, expiring_fault[role], c);
	judged_finish(j, to, f, expiring_fault[role]);
}

void
judge_validity(const struct judged *j, struct findings *to)
{
	size_t len = j->path != NULL ? j->path->len : 1;

	for (size_t i = 0; i < len; i++) {
		const struct cert *c = j->path != NULL ? j->path->links[i].cert : j->leaf;

		if (expired_at(c, j->at))
			expired(j, to, c, i);
		else if (early_at(c, j->at))
			early(j, to, c, i);
		else if (j->side == SIDE_CLIENT && (expired_at(c, j->other) || early_at(c, j->other)))
			out_of_time_here(j, to, c, i);
		else
			expiring(j, to, c, i);
	}
}

/* Where the issuer's own end is a finding already, that finding says what hangs on it. */
static bool
ends_soon(const struct judged *j, size_t i)
{
	const struct thresholds *t = &j->facts->ev->thresholds;
	int days = role_of(j, i) == ROLE_ROOT ? t->root_expires_within : t->expires_within;

	return j->path->links[i].cert->not_after - j->at <= days * DAY;
}

/* A tool that issues a whole chain for the same number of days and takes the time anew for each certificate
 * ends each some seconds after its issuer. Nobody is helped by hearing of that; a minute is what is printed. */
void
judge_lifetimes(const struct judged *j, struct findings *to)
{
	if (j->path == NULL)
		return;
	for (size_t i = 0; i + 1 < j->path->len; i++) {
		const struct cert *c = j->path->links[i].cert, *issuer = j->path->links[i + 1].cert;
		char own[TIME_TEXT_MAX], above[TIME_TEXT_MAX];
		struct finding *f;

		if (c->not_after == TIME_UNKNOWN || issuer->not_after == TIME_UNKNOWN ||
		    c->not_after - issuer->not_after < MINUTE || expired_at(c, j->at) || ends_soon(j, i + 1))
			continue;
		f = judged_found(j, to, FAULT_OUTLIVES_ISSUER, c);
		if (f == NULL)
			continue;
		time_human(c->not_after, own);
		time_human(issuer->not_after, above);
		finding_title(to, f, "“%s” says that it is valid longer than its issuer is", cert_called(c));
		finding_why(to, f, "“%s” names %s as its end, but its issuer “%s” ends at %s: then the chain ends, whatever the certificate says.",
		    cert_called(c), own, cert_called(issuer), above);
		finding_cite(to, f, "%s: notAfter %s; %s: notAfter %s", judged_role(j, c), own, judged_role(j, issuer), above);
		judged_finish(j, to, f, FAULT_OUTLIVES_ISSUER);
	}
}
