#include "model/asn1_times.h"

#include <time.h>

#include "model/times.h"

int64_t
asn1_time(const ASN1_TIME *t)
{
	struct tm tm = { 0 };
	int64_t out;

	if (t == NULL || ASN1_TIME_to_tm(t, &tm) != 1 ||
	    !time_from_civil(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, &out))
		return TIME_UNKNOWN;
	return out;
}
