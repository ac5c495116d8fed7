/* A load balancer or API Gateway that does not ask for client certificates, or has a way around: one call of AWS each. */
#include <string.h>

#include "fixes/fix_parts.h"
#include "fixes/require.h"

/* "abc123" of abc123.execute-api.us-east-1.amazonaws.com; NULL: it is no default address of API Gateway. */
static const char *
api_of(struct fixing *f, const char *host)
{
	const char *at = host != NULL ? strstr(host, ".execute-api.") : NULL;

	return at != NULL && at > host && strstr(at, ".amazonaws.com") != NULL ? arena_strndup(f->arena, host, (size_t)(at - host)) : NULL;
}

/* The way around is an API's default address: what was looked at, or what was named as the other way; or those of a domain name. */
static const char *
way_around(struct fixing *f)
{
	const struct target *t = &f->w->diagnosis->evidence->target;
	const char *api = api_of(f, t->host);

	if (api == NULL && f->finding->code == CODE_MTLS_BYPASS)
		api = api_of(f, t->bypass);
	return api == NULL && f->finding->code == CODE_MTLS_BYPASS ? f->w->domain : api;
}

/* A domain name is to trust all the CAs above our own certificate, which is to get in. */
static status
trusted_by_domain(struct fixing *f, struct require_wish *r, struct error *err)
{
	const struct identity *id = f->w->diagnosis->evidence->identity;
	const struct cert **cas;

	if (r->bucket == NULL)
		return fix_by_hand(f, "API Gateway takes whom it trusts out of S3: --bucket NAME, one that keeps versions.");
	if (fix_cas_above(f, id != NULL ? identity_leaf(id) : NULL, &cas, &r->cas_len, err) != STATUS_OK)
		return STATUS_FAILED;
	if (r->cas_len == 0)
		return fix_by_hand(f, "Whom is %s to trust? The CAs above our certificate are not all at hand: give --cert with its chain, and --cacert with its root.",
		    plan_shown(f->plan, r->where));
	r->cas = cas;
	r->key = arena_printf(f->arena, "mtlscope/%s.pem", r->where);
	return STATUS_OK;
}

static status
wish_of(struct fixing *f, struct require_wish *r, struct error *err)
{
	const struct fix_wish *w = f->w;
	const char *around = way_around(f);

	*r = (struct require_wish){ .trust_store = w->trust_store, .bucket = w->bucket };
	if (around == NULL && w->listener == NULL && w->domain == NULL)
		return fix_by_hand(f, "%s", fix_words(f));
	if (w->place.client == NULL)
		return fix_by_hand(f, "It is a setting in AWS, which cannot be asked: %s", w->no_aws != NULL ? w->no_aws : "it is not configured.");
	r->kind = around != NULL ? REQUIRE_NO_WAY_AROUND : w->listener != NULL ? REQUIRE_LISTENER : REQUIRE_DOMAIN;
	r->where = around != NULL ? around : w->listener != NULL ? w->listener : w->domain;
	return r->kind == REQUIRE_DOMAIN ? trusted_by_domain(f, r, err) : STATUS_OK;
}

status
fix_require(struct fixing *f, struct error *err)
{
	struct require_wish r;

	if (wish_of(f, &r, err) != STATUS_OK)
		return STATUS_FAILED;
	if (f->by_hand != NULL)
		return STATUS_OK;
	f->plan->title = plan_text(f->plan, r.kind == REQUIRE_NO_WAY_AROUND ? "no way around %s" : "clients must show a certificate at %s", plan_shown(f->plan, r.where));
	if (require_steps(f->plan, &r, err) != STATUS_OK)
		return STATUS_FAILED;
	/* It is so already: what the plan would have noted is the answer. */
	return f->plan->len > 0 || f->plan->notes_len == 0 ? STATUS_OK : fix_by_hand(f, "%s", f->plan->notes[f->plan->notes_len - 1]);
}
