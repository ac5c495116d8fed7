/*
 * see: {TARGET (fixes/deed_target.h), "sent" or "sent_from", "old", "seconds", "must"}: looks at the endpoint until it serves exactly these certificates
 * (SHA-256 in hex, leaf first, separated by blanks). Contacts it as `check --quick` does, without a certificate of ours. must false:
 * that it does not serve them is no failure, and the plan's reach stays unknown. On the way back it waits for “old”,
 * what was served before.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "fixes/deed_target.h"
#include "fixes/deeds.h"
#include "model/quote.h"
#include "probes/examine.h"

enum {
	SECONDS = 20,            /* a reload of HAProxy or of a Java service takes a few */
	PAUSE_MS = 250,
	IN_A_ROW = 3,            /* while a server reloads, old and new workers take connections in turn (seen with nginx) */
	AGAIN_MS = 100,
	ONE_LOOK_MS = 5000
};

static int64_t
ticks_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

const char *
deed_see_served(const struct evidence *e, struct arena *a)
{
	const struct handshake *h = evidence_baseline(e);
	struct buf b = { 0 };
	const char *out;

	for (size_t i = 0; h != NULL && i < h->server_certs_len; i++) {
		struct fingerprint print;
		char hex[SHA256_HEX];

		fingerprint_of(h->server_certs[i].der.bytes, h->server_certs[i].der.len, &print);
		buf_addf(&b, "%s%s", i > 0 ? " " : "", fingerprint_hex(&print, hex));
	}
	out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}

static status
look_once(const struct target *t, struct arena *a, const char **sent, struct error *err)
{
	struct examine_options how = examine_defaults;
	struct examiner *engine;
	struct examination *x;

	how.quick = true;
	how.connect_timeout_ms = how.max_time_ms = ONE_LOOK_MS;
	if (examiner_start(&how, world_real(), &engine, err) != STATUS_OK)
		return STATUS_FAILED;
	examiner_add(engine, t, NULL, NULL, NULL);
	x = examiner_next(engine, -1);
	*sent = x != NULL ? deed_see_served(x->evidence, a) : "";
	examination_free(x);
	examiner_free(engine);
	return STATUS_OK;
}

static status
not_seen(const char *target, const char *last, struct error *err)
{
	char shown[QUOTE_MAX];

	if (last[0] == '\0')
		return error_set(err, ERROR_NOT_DONE, "looking", "%s sends no certificate after the reload: look at the service's log", quote_str(target, shown));
	return error_set(err, ERROR_NOT_DONE, "looking", "%s does not serve what was written: it still sends a leaf with SHA-256 %.16s…", quote_str(target, shown), last);
}

/* Until it serves `expected` several times in a row, or the time is up; *last is what it sent. */
static status
wait_for(struct plan *p, struct plan_step *s, const char *expected, bool *seen, const char **last, struct error *err)
{
	int64_t seconds = step_arg_number(s, "seconds", SECONDS), end = ticks_ms() + seconds * 1000;
	unsigned tries = 0, in_a_row = 0;
	struct target t;
	status result = deed_target(s, &t, err);

	*last = "";
	if (result != STATUS_OK)
		return STATUS_FAILED;
	while (result == STATUS_OK) {
		result = look_once(&t, p->arena, last, err);
		in_a_row = result == STATUS_OK && strcmp(*last, expected) == 0 ? in_a_row + 1 : 0;
		if (result != STATUS_OK || in_a_row == IN_A_ROW || (in_a_row == 0 && ticks_ms() >= end))
			break;
		plan_tell(p, s, ++tries, (unsigned)(seconds * 1000 / PAUSE_MS));
		poll(NULL, 0, in_a_row > 0 ? AGAIN_MS : PAUSE_MS);
	}
	target_done(&t);
	*seen = in_a_row == IN_A_ROW;
	return result;
}

static status
see(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *expected = step_arg_value(p, s, "sent"), *last;
	bool seen;

	if (expected == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "what is to be seen is not known");
	if (wait_for(p, s, expected, &seen, &last, err) != STATUS_OK)
		return STATUS_FAILED;
	if (seen)
		p->reached = REACH_SEEN;
	return seen || !step_arg_true(s, "must") ? STATUS_OK : not_seen(step_arg(s, "target"), last, err);
}

/* The old files are back whether it is seen or not: that it is not is said, and is no failure. */
static status
see_old(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *before = step_arg(s, "old"), *last;
	bool seen;

	if (before == NULL || before[0] == '\0')
		return STATUS_OK;
	if (wait_for(p, s, before, &seen, &last, err) != STATUS_OK)
		return STATUS_FAILED;
	if (!seen)
		plan_after(p, "%s does not serve what it served before: has it been reloaded?", plan_shown(p, step_arg(s, "target")));
	return STATUS_OK;
}

const struct deed deed_see = {
	.name = "see",
	.apply = see,
	.undo = see_old,
	.last_back = true,
};
