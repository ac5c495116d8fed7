/* A load balancer or API Gateway that does not ask for client certificates, or has a way around: one call of AWS each. */
#include "fixes/fix_parts.h"
#include "fixes/require.h"

static bool
wish_of(const struct fixing *f, struct require_wish *r)
{
	const struct fix_wish *w = f->w;

	*r = (struct require_wish){ .trust_store = w->trust_store, .bucket = w->bucket };
	if (f->finding->code == CODE_MTLS_BYPASS && w->domain != NULL) {
		r->kind = REQUIRE_NO_WAY_AROUND;
		r->where = w->domain;
		return true;
	}
	if (w->listener != NULL) {
		r->kind = REQUIRE_LISTENER;
		r->where = w->listener;
		return true;
	}
	return false;
}

status
fix_require(struct fixing *f, struct error *err)
{
	struct require_wish r;

	if (!wish_of(f, &r))
		return fix_by_hand(f, "%s", fix_words(f));
	if (f->w->place.client == NULL)
		return fix_by_hand(f, "It is a setting in AWS, which cannot be asked: %s", f->w->no_aws != NULL ? f->w->no_aws : "it is not configured.");
	f->plan->title = plan_text(f->plan, r.kind == REQUIRE_LISTENER ? "clients must show a certificate at %s" : "no way around %s", plan_shown(f->plan, r.where));
	return require_steps(f->plan, &r, err);
}
