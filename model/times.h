/*
 * Times. A moment is int64_t seconds since 1970-01-01T00:00:00Z, proleptic Gregorian, years 0000 to
 * 9999 (what a certificate can say, RFC 5280 4.1.2.5); no time_t, no time zone, no locale.
 */
#ifndef MODEL_TIMES_H
#define MODEL_TIMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TIME_TEXT_MAX 80 /* room for any int in any field */
#define TIME_UNKNOWN INT64_MIN

/* "2026-11-23T02:14:09Z" into out (TIME_TEXT_MAX bytes); returns out. */
char *time_rfc3339(int64_t t, char *out);
/* "2026-11-23 02:14 UTC" for people. */
char *time_human(int64_t t, char *out);
/* "2026-11-23" */
char *time_date(int64_t t, char *out);

/* RFC 3339 ("2026-01-01T00:00:00Z", with offset, fraction is dropped), a bare date, or epoch seconds. */
bool time_parse(const char *s, int64_t *out);
/* RFC 9110 5.6.7: the three forms of an HTTP date. len bytes, need not end in NUL. */
bool time_parse_http(const char *s, size_t len, int64_t *out);

bool time_from_civil(int year, int month, int day, int hour, int minute, int second, int64_t *out);

/* "41 d", "5 h", "12 min", "3 s": a length of time for people, rounded towards zero. out: TIME_TEXT_MAX. */
char *time_span(int64_t seconds, char *out);
/* The same, and from two years on in years: "9 y". */
char *time_span_long(int64_t seconds, char *out);
/*
 * What a row says of a certificate's validity (seconds; TIME_UNKNOWN: unreadable) at a moment: "41 d left" in the last
 * 120 days, else "2034-03-01"; "EXPIRED 2026-08-15", "NOT YET 2027-01-01", "no readable date". 18 columns at most.
 */
char *time_validity(int64_t from, int64_t until, int64_t at, char *out);
/* Is `at` between the two, both of them included (RFC 5280 4.1.2.5)? Not where one is unreadable. */
bool time_between(int64_t from, int64_t until, int64_t at);

#endif
