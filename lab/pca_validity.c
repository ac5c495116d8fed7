/* From when until when: knowledge "aws" 2.3. AWS clamps nothing, it refuses. */
#include "lab/pca_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "model/asn1_times.h"
#include "model/times.h"

enum { DAY = 86400, BACK_DATED = 3600, SHORT_LIVED_DAYS = 7, MONTHS_OF_YEAR = 12 };
#define LAST_MOMENT INT64_C(253402300799)     /* 9999-12-31T23:59:59Z: RFC 5280 4.1.2.5 knows no later one */
#define LONGEST INT64_C(4000000)              /* days, months or years: beyond that year all the same, and no sum overflows */

static bool
add_months(int64_t now, int64_t months, int64_t *out)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	time_t t = (time_t)now;
	struct tm tm = { 0 };
	int64_t count;
	int year, month, last;

	if (gmtime_r(&t, &tm) == NULL)
		return false;
	count = (int64_t)(tm.tm_year + 1900) * MONTHS_OF_YEAR + tm.tm_mon + months;
	if (count / MONTHS_OF_YEAR > 9999)
		return false;
	year = (int)(count / MONTHS_OF_YEAR);
	month = (int)(count % MONTHS_OF_YEAR);
	last = days[month];
	if (month == 1 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		last = 29;
	/* A month on from 31 January is the last day of February. */
	return time_from_civil(year, month + 1, tm.tm_mday < last ? tm.tm_mday : last, tm.tm_hour, tm.tm_min, tm.tm_sec, out);
}

static bool
by_days(int64_t now, int64_t value, int64_t *out)
{
	if (value > LONGEST)
		return false;
	*out = now + value * DAY;
	return true;
}

static bool
by_months(int64_t now, int64_t value, int64_t *out)
{
	return value <= LONGEST && add_months(now, value, out);
}

static bool
by_years(int64_t now, int64_t value, int64_t *out)
{
	return value <= LONGEST && add_months(now, value * MONTHS_OF_YEAR, out);
}

static bool
by_seconds(int64_t now, int64_t value, int64_t *out)
{
	(void)now;
	*out = value;
	return true;
}

/* YYMMDDHHMMSS, where YY from 50 on is 19YY, or YYYYMMDDHHMMSS: a number, so that its leading zeros are lost. */
static bool
by_date(int64_t now, int64_t value, int64_t *out)
{
	int64_t left = value, part[5];
	int year;

	(void)now;
	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
		part[i] = left % 100;
		left /= 100;
	}
	if (left > 9999)
		return false;
	year = (int)left;
	if (year < 100)
		year += year >= 50 ? 1900 : 2000;
	return time_from_civil(year, (int)part[4], (int)part[3], (int)part[2], (int)part[1], (int)part[0], out);
}

static const struct {
	const char *name;
	bool (*end)(int64_t now, int64_t value, int64_t *out);
} types[] = {
	{ "END_DATE", by_date }, { "ABSOLUTE", by_seconds }, { "DAYS", by_days }, { "MONTHS", by_months }, { "YEARS", by_years },
};

/* What AWS's front end says of a Validity before anybody computes with it. */
static bool
shape_holds(const struct pca_validity_given *v, const char *member, struct pca_fault *fault)
{
	bool known = false;
	char number[32], place[64];

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		known = known || strcmp(types[i].name, v->type) == 0;
	snprintf(place, sizeof place, "%s.%s", member, known ? "value" : "type");
	if (!known)
		return pca_constraint(fault, v->type, place,
		    "Member must satisfy enum value set: [END_DATE, ABSOLUTE, DAYS, MONTHS, YEARS]");
	snprintf(number, sizeof number, "%" PRId64, v->value);
	if (v->value < 1)
		return pca_constraint(fault, number, place, "Member must have value greater than or equal to 1");
	return true;
}

static bool
end_of(const struct pca_signing *s, int64_t *out, struct pca_fault *fault)
{
	if (s->validity.type == NULL)
		return pca_constraint(fault, "null", "validity", "Member must not be null");
	if (!shape_holds(&s->validity, "validity", fault))
		return false;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].name, s->validity.type) == 0 && !types[i].end(s->now, s->validity.value, out))
			return pca_refuse(fault, "ValidationException", "The validity value %" PRId64 " is no date that a certificate can carry",
			    s->validity.value);
	if (*out > LAST_MOMENT)
		return pca_refuse(fault, "ValidationException", "The validity value %" PRId64 " is no date that a certificate can carry",
		    s->validity.value);
	if (*out <= s->now)
		return pca_refuse(fault, "ValidationException", "The end of the certificate validity must be in the future");
	return true;
}

static bool
start_of(const struct pca_signing *s, int64_t *out, struct pca_fault *fault)
{
	if (s->not_before.type == NULL) {
		*out = s->now - BACK_DATED;
		return true;
	}
	if (!shape_holds(&s->not_before, "validityNotBefore", fault))
		return false;
	if (strcmp(s->not_before.type, "ABSOLUTE") != 0)
		return pca_refuse(fault, "InvalidArgsException", "ValidityNotBefore must be of type ABSOLUTE");
	*out = s->not_before.value;
	return true;
}

bool
pca_validity_of(const struct pca_signing *s, int64_t *not_before, int64_t *not_after, struct pca_fault *fault)
{
	int64_t limit = TIME_UNKNOWN;

	if (!start_of(s, not_before, fault) || !end_of(s, not_after, fault))
		return false;
	if (*not_before >= *not_after)
		return pca_refuse(fault, "ValidationException", "The certificate validity must begin before it ends");
	if (s->ca == NULL || s->template->root)
		return true; /* nobody is above a root: it limits itself, and may live longer than its own old certificate */
	limit = asn1_time(X509_get0_notAfter(s->ca));
	/* The guide: equal is allowed for end entities, and a CA must end before its parent. */
	if (limit != TIME_UNKNOWN && (*not_after > limit || (*not_after == limit && s->template->basic == PCA_BASIC_CA)))
		return pca_refuse(fault, "ValidationException",
		    "The certificate validity specified exceeds the certificate authority validity");
	if (s->short_lived && *not_after - s->now > (int64_t)SHORT_LIVED_DAYS * DAY)
		return pca_refuse(fault, "ValidationException",
		    "The certificate validity specified exceeds %d days, the maximum for a certificate authority in SHORT_LIVED_CERTIFICATE mode",
		    SHORT_LIVED_DAYS);
	return true;
}
