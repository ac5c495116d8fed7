#include "model/revocation.h"

#include <string.h>

#include "model/crl.h"
#include "model/memory.h"
#include "model/times.h"

enum { CERTIFICATE_HOLD = 6 }; /* RFC 5280 5.3.1 */

const char *
fetch_kind_name(enum fetch_kind k)
{
	static const char *const names[] = { [FETCH_ISSUER] = "issuer", [FETCH_CRL] = "crl", [FETCH_OCSP] = "ocsp" };

	return names[k];
}

const char *
revocation_by_name(enum revocation_by by)
{
	static const char *const names[] = { [REVOCATION_BY_STAPLE] = "stapled", [REVOCATION_BY_OCSP] = "ocsp", [REVOCATION_BY_CRL] = "crl" };

	return names[by];
}

const char *
revocation_status_name(enum revocation_status s)
{
	static const char *const names[] = { [REVOCATION_GOOD] = "good", [REVOCATION_REVOKED] = "revoked", [REVOCATION_UNKNOWN] = "unknown" };

	return names[s];
}

/* It has an end, and that is past. */
static bool
expired(const struct revocation *r, int64_t at)
{
	return r->status != REVOCATION_UNKNOWN && r->next_update != TIME_UNKNOWN && at > r->next_update;
}

/* RFC 6960 3.2: a response whose thisUpdate lies ahead is no answer yet; a minute is nobody's clock. */
static bool
not_yet(const struct revocation *r, int64_t at)
{
	enum { SLACK = 300 };

	return r->status != REVOCATION_UNKNOWN && r->this_update != TIME_UNKNOWN && at < r->this_update - SLACK;
}

bool
revocation_holds(const struct revocation *r, int64_t at)
{
	/* RFC 5280 5.3.1: only a hold is ever taken back. What was on hold when an old list was made may be so no longer. */
	if (r->status == REVOCATION_REVOKED && (r->reason == NULL || strcmp(r->reason, crl_reason_name(CERTIFICATE_HOLD)) != 0))
		return true;
	return r->status != REVOCATION_UNKNOWN && !expired(r, at) && !not_yet(r, at);
}

static int
rank(const struct revocation *r, int64_t at)
{
	if (!revocation_holds(r, at))
		return 0;
	return r->status == REVOCATION_REVOKED ? 2 : 1;
}

struct revocation_answer
revocation_of(const struct evidence *e, const struct cert *c, int64_t at)
{
	struct revocation_answer best = { .status = REVOCATION_UNKNOWN };

	for (size_t i = 0; i < e->revocations_len; i++) {
		const struct revocation *r = &e->revocations[i];

		if (!fingerprint_equal(&r->of, &c->sha256) || (best.from != NULL && rank(r, at) <= rank(best.from, at)))
			continue;
		best.from = r;
		best.status = revocation_holds(r, at) ? r->status : REVOCATION_UNKNOWN;
	}
	return best;
}

static bool
is_ours(const struct evidence *e, const struct fingerprint *of)
{
	for (size_t i = 0; e->identity != NULL && i < e->identity->len; i++)
		if (fingerprint_equal(&e->identity->certs[i]->sha256, of))
			return true;
	return false;
}

const struct revocation *
revocation_list_in_doubt(const struct evidence *e, int64_t at)
{
	for (size_t i = 0; i < e->revocations_len; i++) {
		const struct revocation *r = &e->revocations[i];

		if (r->by == REVOCATION_BY_CRL && is_ours(e, &r->of) && (r->doubt == REVOCATION_NOT_HAD || expired(r, at)))
			return r;
	}
	return NULL;
}

const char *
revocation_source(const struct revocation *r, struct arena *a)
{
	switch (r->by) {
	case REVOCATION_BY_STAPLE: return "the OCSP response that the server staples";
	case REVOCATION_BY_OCSP: return arena_printf(a, "the OCSP responder %s", r->where != NULL ? r->where : "of its CA");
	case REVOCATION_BY_CRL: break;
	}
	return arena_printf(a, "the revocation list %s", r->where != NULL ? r->where : "of its CA");
}

const char *
revocation_why(const struct revocation *r, int64_t at, struct arena *a)
{
	char when[TIME_TEXT_MAX];

	if (r->status == REVOCATION_UNKNOWN)
		return r->why != NULL ? r->why : "it says nothing";
	if (expired(r, at))
		return arena_printf(a, "it is out of date since %s", time_human(r->next_update, when));
	if (not_yet(r, at))
		return arena_printf(a, "it begins only at %s", time_human(r->this_update, when));
	return "it holds";
}
