#include "model/times.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY = 86400 };

/*
 * Days since 1970-01-01 of a proleptic Gregorian date. Years are counted from March, so that the
 * leap day is a year's last; 400 years are 146,097 days.
 */
static int64_t
days_of(int64_t year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t of_era = y - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

struct civil {
	int64_t year;
	int month, day, hour, minute, second;
};

static struct civil
civil_of(int64_t t)
{
	int64_t days = (t >= 0 ? t : t - (DAY - 1)) / DAY;
	int64_t rest = t - days * DAY;
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct civil c = {
		.day = (int)(doy - (153 * mp + 2) / 5 + 1),
		.month = (int)(mp < 10 ? mp + 3 : mp - 9),
		.hour = (int)(rest / 3600),
		.minute = (int)(rest / 60 % 60),
		.second = (int)(rest % 60),
	};

	c.year = yoe + era * 400 + (c.month <= 2 ? 1 : 0);
	return c;
}

static int
days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

bool
time_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *out)
{
	if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) ||
	    hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	*out = days_of(year, month, day) * DAY + hour * 3600 + minute * 60 + (second == 60 ? 59 : second);
	return true;
}

/* A certificate ends at the latest in 9999; beyond (and TIME_UNKNOWN) there is nothing to spell. */
static bool
spellable(int64_t t)
{
	int64_t first = days_of(0, 1, 1) * DAY, last = days_of(10000, 1, 1) * DAY - 1;

	return t >= first && t <= last;
}

static char *
spell(int64_t t, char *out, const char *fmt)
{
	struct civil c;

	if (!spellable(t)) {
		snprintf(out, TIME_TEXT_MAX, "unknown");
		return out;
	}
	c = civil_of(t);
	if (strcmp(fmt, "rfc3339") == 0)
		snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)c.year, c.month, c.day,
		    c.hour, c.minute, c.second);
	else if (strcmp(fmt, "human") == 0)
		snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02d %02d:%02d UTC", (int)c.year, c.month, c.day,
		    c.hour, c.minute);
	else
		snprintf(out, TIME_TEXT_MAX, "%04d-%02d-%02d", (int)c.year, c.month, c.day);
	return out;
}

char *
time_rfc3339(int64_t t, char *out)
{
	return spell(t, out, "rfc3339");
}

char *
time_human(int64_t t, char *out)
{
	return spell(t, out, "human");
}

char *
time_date(int64_t t, char *out)
{
	return spell(t, out, "date");
}

/* Reads exactly `digits` digits. */
static bool
number(const char **s, const char *end, int digits, int *out)
{
	int n = 0;

	if (end - *s < digits)
		return false;
	for (int i = 0; i < digits; i++) {
		char c = (*s)[i];

		if (c < '0' || c > '9')
			return false;
		n = n * 10 + (c - '0');
	}
	*s += digits;
	*out = n;
	return true;
}

static bool
literal(const char **s, const char *end, const char *want)
{
	size_t len = strlen(want);

	if ((size_t)(end - *s) < len || strncmp(*s, want, len) != 0)
		return false;
	*s += len;
	return true;
}

static bool
zone(const char **s, const char *end, int64_t *offset)
{
	int hours, minutes;
	int sign;

	*offset = 0;
	if (literal(s, end, "Z") || literal(s, end, "z"))
		return true;
	if (*s == end || (**s != '+' && **s != '-'))
		return false;
	sign = **s == '-' ? -1 : 1;
	(*s)++;
	if (!number(s, end, 2, &hours) || !literal(s, end, ":") || !number(s, end, 2, &minutes))
		return false;
	if (hours > 23 || minutes > 59)
		return false;
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

static bool
parse_epoch(const char *s, int64_t *out)
{
	char *end = NULL;
	long long n;

	if (*s != '-' && (*s < '0' || *s > '9'))
		return false;
	n = strtoll(s, &end, 10);
	if (*end != '\0' || end == s || !spellable(n))
		return false;
	*out = n;
	return true;
}

bool
time_parse(const char *s, int64_t *out)
{
	const char *end = s + strlen(s), *start = s;
	int year, month, day, hour = 0, minute = 0, second = 0;
	int64_t offset = 0;

	if (!number(&s, end, 4, &year) || !literal(&s, end, "-"))
		return parse_epoch(start, out);
	if (!number(&s, end, 2, &month) || !literal(&s, end, "-") || !number(&s, end, 2, &day))
		return false;
	if (s < end) {
		if (!literal(&s, end, "T") && !literal(&s, end, "t") && !literal(&s, end, " "))
			return false;
		if (!number(&s, end, 2, &hour) || !literal(&s, end, ":") || !number(&s, end, 2, &minute) ||
		    !literal(&s, end, ":") || !number(&s, end, 2, &second))
			return false;
		if (literal(&s, end, ".")) {
			if (s == end || *s < '0' || *s > '9')
				return false;
			while (s < end && *s >= '0' && *s <= '9')
				s++;
		}
		if (!zone(&s, end, &offset) || s != end)
			return false;
	}
	if (!time_from_civil(year, month, day, hour, minute, second, out))
		return false;
	*out -= offset;
	return true;
}

static bool
month_name(const char **s, const char *end, int *month)
{
	static const char *const names[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
		"Oct", "Nov", "Dec" };

	for (int i = 0; i < 12; i++)
		if (literal(s, end, names[i])) {
			*month = i + 1;
			return true;
		}
	return false;
}

static bool
clock_time(const char **s, const char *end, int *hour, int *minute, int *second)
{
	return number(s, end, 2, hour) && literal(s, end, ":") && number(s, end, 2, minute) &&
	    literal(s, end, ":") && number(s, end, 2, second);
}

/* "Sun, 06 Nov 1994 08:49:37 GMT" */
static bool
imf_fixdate(const char *s, const char *end, int64_t *out)
{
	int year, month, day, hour, minute, second;

	return literal(&s, end, ", ") && number(&s, end, 2, &day) && literal(&s, end, " ") &&
	    month_name(&s, end, &month) && literal(&s, end, " ") && number(&s, end, 4, &year) &&
	    literal(&s, end, " ") && clock_time(&s, end, &hour, &minute, &second) && literal(&s, end, " GMT") &&
	    s == end && time_from_civil(year, month, day, hour, minute, second, out);
}

/* "06-Nov-94 08:49:37 GMT", after "Sunday, "; two digits mean 1970 to 2069. */
static bool
rfc850_date(const char *s, const char *end, int64_t *out)
{
	int year, month, day, hour, minute, second;

	if (!number(&s, end, 2, &day) || !literal(&s, end, "-") || !month_name(&s, end, &month) ||
	    !literal(&s, end, "-") || !number(&s, end, 2, &year) || !literal(&s, end, " ") ||
	    !clock_time(&s, end, &hour, &minute, &second) || !literal(&s, end, " GMT") || s != end)
		return false;
	return time_from_civil(year + (year < 70 ? 2000 : 1900), month, day, hour, minute, second, out);
}

/* " Nov  6 08:49:37 1994", after "Sun". */
static bool
asctime_date(const char *s, const char *end, int64_t *out)
{
	int year, month, day, hour, minute, second;
	bool one_digit;

	if (!literal(&s, end, " ") || !month_name(&s, end, &month) || !literal(&s, end, " "))
		return false;
	one_digit = literal(&s, end, " ");
	if (!number(&s, end, one_digit ? 1 : 2, &day) || !literal(&s, end, " ") ||
	    !clock_time(&s, end, &hour, &minute, &second) || !literal(&s, end, " ") ||
	    !number(&s, end, 4, &year) || s != end)
		return false;
	return time_from_civil(year, month, day, hour, minute, second, out);
}

bool
time_parse_http(const char *s, size_t len, int64_t *out)
{
	const char *end = s + len;
	const char *comma;

	while (end > s && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	if (end - s < 4)
		return false;
	if (s[3] == ',')
		return imf_fixdate(s + 3, end, out);
	if (s[3] == ' ')
		return asctime_date(s + 3, end, out);
	comma = memchr(s, ',', (size_t)(end - s));
	if (comma == NULL || end - comma < 2 || comma[1] != ' ')
		return false;
	return rfc850_date(comma + 2, end, out);
}

char *
time_span(int64_t seconds, char *out)
{
	static const struct {
		int64_t unit;
		const char *name;
	} units[] = { { DAY, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
	size_t i = 0;

	while (i < 3 && seconds > -units[i].unit && seconds < units[i].unit)
		i++;
	snprintf(out, TIME_TEXT_MAX, "%" PRId64 " %s", seconds / units[i].unit, units[i].name);
	return out;
}

char *
time_span_long(int64_t seconds, char *out)
{
	static const int64_t year = 365 * DAY + DAY / 4;

	if (seconds > -2 * year && seconds < 2 * year)
		return time_span(seconds, out);
	snprintf(out, TIME_TEXT_MAX, "%" PRId64 " y", seconds / year);
	return out;
}

bool
time_between(int64_t from, int64_t until, int64_t at)
{
	return from != TIME_UNKNOWN && until != TIME_UNKNOWN && at >= from && at <= until;
}

char *
time_validity(int64_t from, int64_t until, int64_t at, char *out)
{
	static const int64_t counted = 120 * DAY; /* days are counted from here on; before, a date says more */
	char text[TIME_TEXT_MAX];

	if (from == TIME_UNKNOWN || until == TIME_UNKNOWN)
		snprintf(out, TIME_TEXT_MAX, "no readable date");
	else if (at > until)
		snprintf(out, TIME_TEXT_MAX, "EXPIRED %.10s", time_date(until, text));
	else if (at < from)
		snprintf(out, TIME_TEXT_MAX, "NOT YET %.10s", time_date(from, text));
	else if (until - at < counted)
		snprintf(out, TIME_TEXT_MAX, "%.13s left", time_span(until - at, text));
	else
		time_date(until, out);
	return out;
}
