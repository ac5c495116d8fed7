/*
 * Totality: whatever a handshake ended with, there is a finding for it, and nothing that was not
 * accepted is ever called healthy. All of it is enumerated.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "model/ending.h"
#include "tests/evidence_builder.h"

static const enum outcome not_accepted[] = {
	OUTCOME_REJECTED_ALERT, OUTCOME_REJECTED_HTTP, OUTCOME_REJECTED_CLOSE, OUTCOME_FAILED_LOCAL, OUTCOME_NETWORK, OUTCOME_PROTOCOL,
};
#define NOT_ACCEPTED (sizeof not_accepted / sizeof not_accepted[0])

static uint16_t
version_at(enum phase p, uint16_t version)
{
	return p >= PHASE_SERVER_HELLO ? version : 0;
}

/* An error, with a class and words, whatever happened. */
static void
check_ended(const struct built *b, const char *what)
{
	struct evidence *e = built_evidence(b);
	struct diagnosis *d = diagnose(e);

	built_check_form(d, what);
	if (d->root == NULL || d->root->severity != SEVERITY_ERROR || (d->verdict != VERDICT_ERROR && d->verdict != VERDICT_UNREACHABLE))
		fail_msg("%s: not accepted, and the verdict is %s (%s)", what, verdict_name(d->verdict),
		    d->root != NULL ? code_info(d->root->code)->name : "nothing found");
	diagnosis_free(d);
	evidence_free(e);
}

/* 256 numbers, in every phase, from both sides, after a request for our certificate and without one. */
static void
every_alert_in_every_phase(void **state)
{
	char what[128];

	(void)state;
	for (int number = 0; number < 256; number++)
		for (int phase = PHASE_HELLO; phase <= PHASE_RESPONSE; phase++)
			for (int variant = 0; variant < 8; variant++) {
				bool asked = variant & 1, from_us = variant & 2, old = variant & 4;
				struct built b = {
					.phase = (enum phase)phase,
					.outcome = from_us ? OUTCOME_PROTOCOL : OUTCOME_REJECTED_ALERT,
					.version = version_at((enum phase)phase, old ? 0x0303 : 0x0304),
					.asked = asked && phase >= PHASE_SERVER_CERTIFICATE,
					.sent_message = asked && phase >= PHASE_OUR_FLIGHT,
					.alert = { true, from_us ? PEER_US : PEER_SERVER, 2, (uint8_t)number },
					.how = END_ALERT,
					.by = from_us ? PEER_US : PEER_SERVER,
				};

				snprintf(what, sizeof what, "alert %d from %s, %s, %s", number, from_us ? "us" : "the server",
				    phase_name((enum phase)phase), asked ? "asked" : "not asked");
				check_ended(&b, what);
			}
}

/* A warning alert ends nothing by itself; what followed did. */
static void
warnings_do_not_count_as_ends(void **state)
{
	(void)state;
	for (int number = 0; number < 256; number++) {
		struct built b = { .phase = PHASE_ACCEPTED, .outcome = OUTCOME_ACCEPTED, .version = 0x0304, .asked = true, .sent_message = true,
			.alert = { true, PEER_SERVER, 1, (uint8_t)number }, .how = END_CLOSE_NOTIFY };
		struct evidence *e = built_evidence(&b);
		struct diagnosis *d = diagnose(e);

		built_check_form(d, "a warning");
		assert_true(d->verdict != VERDICT_ERROR && d->verdict != VERDICT_UNREACHABLE);
		diagnosis_free(d);
		evidence_free(e);
	}
}

static void
every_way_to_end_in_every_phase(void **state)
{
	char what[128];

	(void)state;
	for (int how = END_NOT_YET; how <= END_US; how++)
		for (int phase = PHASE_RESOLVE; phase <= PHASE_RESPONSE; phase++)
			for (size_t o = 0; o < NOT_ACCEPTED; o++)
				for (int variant = 0; variant < 8; variant++) {
					bool asked = variant & 1 && phase >= PHASE_SERVER_CERTIFICATE;
					struct built b = {
						.phase = (enum phase)phase,
						.outcome = not_accepted[o],
						.version = version_at((enum phase)phase, variant & 4 ? 0x0303 : 0x0304),
						.asked = asked,
						.sent_message = asked && phase >= PHASE_OUR_FLIGHT,
						.how = (enum end_how)how,
						.by = how == END_US ? PEER_US : PEER_SERVER,
						.wide_tried = variant & 2,
					};

					snprintf(what, sizeof what, "%s, %s, %s", outcome_name(b.outcome), end_how_name(b.how), phase_name(b.phase));
					check_ended(&b, what);
				}
}

/* We stopped it: whatever it waited for, no name, route or server is blamed. */
static void
stopped_in_every_phase(void **state)
{
	(void)state;
	for (int phase = PHASE_RESOLVE; phase <= PHASE_FINISHED; phase++) {
		struct built b = { .phase = (enum phase)phase, .outcome = OUTCOME_NETWORK, .how = END_US, .by = PEER_US,
			.version = version_at((enum phase)phase, 0x0304), .connect = phase > PHASE_CONNECT ? CONNECT_OK : CONNECT_OTHER };
		struct evidence *e = built_evidence(&b);

		e->handshakes[0]->cancelled = true;
		struct diagnosis *d = diagnose(e);
		built_check_form(d, "stopped");
		/* Down only where no TLS was reached. */
		assert_int_equal(d->verdict, phase <= PHASE_HELLO ? VERDICT_UNREACHABLE : VERDICT_ERROR);
		assert_int_equal(d->root->code, CODE_NET_LOCAL);
		assert_non_null(strstr(d->root->why, "was stopped while it waited for"));
		diagnosis_free(d);
		evidence_free(e);
	}
}

/* What is one cause for many targets has one name, and that name is true of each. */
static void
one_cause_has_one_name(void **state)
{
	static const struct {
		struct built built;
		const char *address;
	} rows[] = {
		{ { .phase = PHASE_FINISHED, .outcome = OUTCOME_REJECTED_CLOSE, .version = 0x0304, .asked = true,
		      .sent_message = true, .how = END_FIN, .by = PEER_SERVER }, "10.0.0.5:8443" },
		{ { .phase = PHASE_FINISHED, .outcome = OUTCOME_REJECTED_CLOSE, .version = 0x0304, .asked = true,
		      .sent_message = true, .how = END_RST, .by = PEER_SERVER }, "10.0.0.5:8443" },
		{ { .phase = PHASE_FINISHED, .outcome = OUTCOME_REJECTED_CLOSE, .version = 0x0304, .asked = true,
		      .sent_message = true, .how = END_CLOSE_NOTIFY, .by = PEER_SERVER }, "10.0.0.5:8443" },
		{ { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .connect = CONNECT_REFUSED, .how = END_RST,
		      .by = PEER_SERVER }, "10.0.0.5:8443" },
		{ { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .connect = CONNECT_REFUSED, .how = END_RST,
		      .by = PEER_SERVER }, "10.0.0.5:9443" },
	};
	struct evidence *e[5];
	struct diagnosis *d[5];
	size_t shared = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		e[i] = built_evidence(&rows[i].built);
		e[i]->handshakes[0]->address = rows[i].address;
		d[i] = diagnose(e[i]);
	}
	for (size_t i = 0; i < 5; i++)
		for (size_t k = i + 1; k < 5; k++) {
			if (strcmp(d[i]->cause_key, d[k]->cause_key) != 0)
				continue;
			shared++;
			assert_string_equal(d[i]->root->shared_label, d[k]->root->shared_label);
		}
	assert_int_equal(shared, 4); /* the three ends, the two ports */
	for (size_t i = 0; i < 5; i++) {
		diagnosis_free(d[i]);
		evidence_free(e[i]);
	}
}

/* Far beyond the numbers that Linux has, and some that no system has. */
static void
every_errno(void **state)
{
	char what[128];

	(void)state;
	for (int os_error = -1; os_error < 600; os_error++)
		for (int phase = PHASE_RESOLVE; phase <= PHASE_HELLO; phase++) {
			struct built b = { .phase = (enum phase)phase, .outcome = OUTCOME_NETWORK, .connect = phase == PHASE_HELLO ? CONNECT_OK : CONNECT_OTHER,
				.os_error = os_error };

			snprintf(what, sizeof what, "errno %d, %s", os_error, phase_name(b.phase));
			check_ended(&b, what);
			assert_int_equal(code_info(ending_errno(os_error))->group, GROUP_NET);
		}
}

static void
every_connect_result(void **state)
{
	/* What each one is called; CONNECT_OTHER goes by its error number. */
	static const enum code expect[] = {
		[CONNECT_OK] = CODE_NET_TIMEOUT,
		[CONNECT_REFUSED] = CODE_NET_REFUSED,
		[CONNECT_TIMEOUT] = CODE_NET_TIMEOUT,
		[CONNECT_UNREACHABLE] = CODE_NET_UNREACHABLE,
		[CONNECT_RESET] = CODE_NET_RESET,
		[CONNECT_LOCAL] = CODE_NET_LOCAL,
		[CONNECT_OTHER] = CODE_NET_UNREACHABLE,
		[CONNECT_NOT_TRIED] = CODE_NET_TIMEOUT,
	};

	(void)state;
	for (int result = CONNECT_OK; result <= CONNECT_NOT_TRIED; result++) {
		struct built b = { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .connect = (enum connect_result)result, .how = END_TIMEOUT };
		struct evidence *e;

		check_ended(&b, "a connect result");
		e = built_evidence(&b);
		if (result != CONNECT_OTHER)
			assert_int_equal(ending_code(e), expect[result]);
		evidence_free(e);
	}
}

static void
every_local_failure(void **state)
{
	char what[128];

	(void)state;
	for (int local = LOCAL_NONE; local <= LOCAL_OTHER; local++)
		for (int phase = PHASE_HELLO; phase <= PHASE_RESPONSE; phase++)
			for (int protocol = 0; protocol < 2; protocol++) {
				struct built b = { .phase = (enum phase)phase, .outcome = protocol ? OUTCOME_PROTOCOL : OUTCOME_FAILED_LOCAL,
					.local = (enum local_failure)local, .how = END_US, .by = PEER_US,
					.version = version_at((enum phase)phase, 0x0303) };

				snprintf(what, sizeof what, "local failure %d, %s", local, phase_name(b.phase));
				check_ended(&b, what);
			}
}

static void
every_http_status(void **state)
{
	char what[128];

	(void)state;
	for (int number = 0; number < 1000; number++)
		for (int variant = 0; variant < 4; variant++) {
			struct built b = { .phase = PHASE_RESPONSE, .outcome = OUTCOME_REJECTED_HTTP, .version = 0x0304, .asked = variant & 1,
				.sent_message = variant & 1, .http_status = number, .body = variant & 2 ? "The SSL certificate error" : NULL };

			snprintf(what, sizeof what, "HTTP %d, %s", number, b.asked ? "asked" : "not asked");
			check_ended(&b, what);
		}
}

static void
every_dns_error(void **state)
{
	(void)state;
	for (int number = 0; number < 64; number++) {
		struct built b = { .phase = PHASE_RESOLVE, .outcome = OUTCOME_NETWORK, .dns_error = number };

		check_ended(&b, "a DNS error");
	}
}

static void
accepted_is_no_error(void **state)
{
	static const enum outcome accepted[] = { OUTCOME_ACCEPTED, OUTCOME_ACCEPTED_APP, OUTCOME_NOT_ASKED };

	(void)state;
	for (size_t i = 0; i < 3; i++)
		for (int phase = PHASE_FINISHED; phase <= PHASE_RESPONSE; phase++) {
			struct built b = { .phase = (enum phase)phase, .outcome = accepted[i], .version = 0x0304, .asked = accepted[i] != OUTCOME_NOT_ASKED,
				.sent = 1, .how = END_CLOSE_NOTIFY };
			struct evidence *e = built_evidence(&b);
			struct diagnosis *d = diagnose(e);

			built_check_form(d, "accepted");
			assert_true(d->verdict == VERDICT_OK || d->verdict == VERDICT_NOTICE || d->verdict == VERDICT_WARNING);
			diagnosis_free(d);
			evidence_free(e);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_alert_in_every_phase),
		cmocka_unit_test(warnings_do_not_count_as_ends),
		cmocka_unit_test(every_way_to_end_in_every_phase),
		cmocka_unit_test(stopped_in_every_phase),
		cmocka_unit_test(one_cause_has_one_name),
		cmocka_unit_test(every_errno),
		cmocka_unit_test(every_connect_result),
		cmocka_unit_test(every_local_failure),
		cmocka_unit_test(every_http_status),
		cmocka_unit_test(every_dns_error),
		cmocka_unit_test(accepted_is_no_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
