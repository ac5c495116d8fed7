#include "probes/clock.h"

#include <stdlib.h>
#ifdef __linux__
#include <sys/timex.h>
#endif

#include "model/times.h"
#include "probes/examine.h"

/*
 * The kernel's word, set by whoever disciplines it (chrony, ntpd, systemd-timesyncd). Containers may
 * be forbidden to ask: then nothing is known, which is not the same as "not kept".
 */
enum kept
clock_kept(void)
{
#ifdef __linux__
	struct timex tx = { .modes = 0 };
	int state = adjtimex(&tx);

	if (state == -1)
		return CLOCK_KEPT_UNKNOWN;
	return state == TIME_ERROR || (tx.status & STA_UNSYNC) != 0 ? CLOCK_NOT_KEPT : CLOCK_KEPT;
#else
	return CLOCK_KEPT_UNKNOWN;
#endif
}

void
clock_of_server(const struct handshake *h, struct clocks *out)
{
	const struct http_answer *a = &h->http;

	if (a->status == 0 || a->date == TIME_UNKNOWN || a->age < 0 || a->status_ms < a->sent_ms)
		return;
	int64_t theirs = (a->date - a->age) * 1000;
	int64_t real = theirs - (h->started_ms + (int64_t)a->status_ms), then = theirs - out->local_ms;
	out->server_known = true;
	out->server_offset_ms = out->local_set && llabs(then) < llabs(real) ? then : real;
	out->server_uncertainty_ms = (int64_t)(a->status_ms - a->sent_ms) + 1000;
	out->server_source = "http-date";
}
