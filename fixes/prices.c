#include "fixes/prices.h"

/*
 * Hundredths of a US dollar. General-purpose certificates: the first 1,000 of a month; short-lived ones: the same for any
 * number. What a CA costs begins when it is created, not when it is activated (knowledge "aws" 1.4).
 */
static const struct {
	unsigned ca_month, certificate_thousandth;
} prices[] = {
	[false] = { 400, 750 },
	[true] = { 50, 58 },
};

static const char reserve[] = "list price, us-east-1, may differ";

/* Nothing is billed in the lab; what it would cost is worth learning there. */
static const char *
free_here(const struct plan *p)
{
	return aws_client_is_lab(p->place.client) ? "; nothing here: PRACTICE LAB" : "";
}

const char *
price_of_ca(struct plan *p, bool short_lived, unsigned how_many)
{
	return plan_text(p, "%u USD a month%s, from its creation on (list price)", prices[short_lived].ca_month, how_many > 1 ? " each" : "");
}

static const char *
dollars(struct plan *p, unsigned thousandths)
{
	return thousandths % 10 == 0 ? plan_text(p, "%u.%02u", thousandths / 1000, thousandths % 1000 / 10)
	                             : plan_text(p, "%u.%03u", thousandths / 1000, thousandths % 1000);
}

const char *
price_of_certificate(struct plan *p, bool short_lived)
{
	return plan_text(p, "%s USD once (list price)", dollars(p, prices[short_lived].certificate_thousandth));
}

const char *
price_of_all(struct plan *p, bool short_lived, unsigned cas, unsigned certificates)
{
	unsigned month = prices[short_lived].ca_month * cas;
	const char *once = dollars(p, prices[short_lived].certificate_thousandth * certificates);

	if (cas == 0)
		return plan_text(p, "%s USD once (%s%s)", once, reserve, free_here(p));
	if (certificates == 0)
		return plan_text(p, "%u USD a month from today on (%s%s)", month, reserve, free_here(p));
	return plan_text(p, "%u USD a month from today on, and %s USD once for %u certificate%s (%s%s)", month, once, certificates,
	    certificates > 1 ? "s" : "", reserve, free_here(p));
}
