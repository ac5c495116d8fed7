/*
 * A handshake as rungs: order, joined and counted messages, the one row where it died and who ended it,
 * what that rules out. A rung is written "time side text", with "=" for the same moment as the row
 * above, "-" for one without an arrow, and what stands on the row where it ended behind "✗".
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/ladder.h"
#include "model/memory.h"
#include "tests/evidence_builder.h"
#include "tests/pages.h"

static struct pages *pages;

static void
rung_text(const struct rung *r, struct buf *out)
{
	if (r->shown_ms)
		buf_addf(out, "%.1f", r->ms);
	else
		buf_addc(out, '=');
	buf_addf(out, " %s%s %s", r->from == PEER_US ? "us" : "srv", r->quiet ? "-" : "", r->text);
	if (r->mark != NULL)
		buf_addf(out, " ✗ %s", r->mark);
}

static void
assert_rungs(const struct ladder *l, const char *const *expected)
{
	struct buf found = { 0 }, wanted = { 0 };

	for (size_t i = 0; i < l->len; i++) {
		rung_text(&l->rungs[i], &found);
		buf_addc(&found, '\n');
		assert_int_equal(l->rungs[i].ends, l->rungs[i].mark != NULL);
	}
	for (size_t i = 0; expected[i] != NULL; i++)
		buf_addf(&wanted, "%s\n", expected[i]);
	if (strcmp(buf_str(&found), buf_str(&wanted)) != 0) {
		print_error("found:\n%s\n", buf_str(&found));
		print_error("expected:\n%s\n", buf_str(&wanted));
		fail();
	}
	buf_done(&found);
	buf_done(&wanted);
}

/* DESIGN section 5; a message with its note takes two rows where its side has no room. */
static void
the_ladder_of_the_design(void **state)
{
	static const char *const usual[] = { "0.4 us- connected to 127.0.0.1:8443", "0.5 us ClientHello TLS 1.3",
		"1.9 srv ServerHello TLS 1.3 X25519", "2.0 srv EncryptedExtensions", "= srv CertificateRequest: 1 CA named",
		"2.1 srv Certificate: 2 certificates", "= srv CertificateVerify, Finished", "3.4 us Certificate: 1, leaf only",
		"= us CertificateVerify, Finished", "5.3 srv alert 48 unknown_ca, fatal ✗ ENDED BY THE SERVER", NULL };
	static const char *const narrow[] = { "0.4 us- connected to 127.0.0.1:8443", "0.5 us ClientHello TLS 1.3",
		"1.9 srv ServerHello:", "= srv-   TLS 1.3 X25519", "2.0 srv EncryptedExtensions", "= srv CertificateRequest:",
		"= srv-   1 CA named", "2.1 srv Certificate:", "= srv-   2 certificates", "= srv CertificateVerify", "= srv Finished",
		"3.4 us- Certificate:", "= us   1, leaf only", "= us CertificateVerify", "= us Finished",
		"5.3 srv alert 48 unknown_ca ✗ ENDED BY THE SERVER", NULL };
	const struct diagnosis *d = pages_diagnosis(pages, PAGES_FORGOTTEN);
	struct arena *a = arena_new();
	struct ladder l;

	(void)state;
	ladder_of(d, evidence_baseline(d->evidence), 28, 36, a, &l);
	assert_rungs(&l, usual);
	assert_string_equal(l.us, "order-service");
	assert_string_equal(l.server, "payment.internal:8443");
	assert_string_equal(l.ended, "It ended after our Finished, when the server looked at our Certificate.");
	assert_string_equal(l.not_the_cause, "Not the cause: version, cipher, the server's own certificate.");
	assert_string_equal(l.not_reached, "Not reached:   our private key (here on this machine it matches).");
	assert_int_equal(strncmp(l.not_reached + LADDER_LEAD, "our private key", 15), 0);
	assert_int_equal(l.rungs[2].message, 1);
	assert_true(l.rungs[0].message == SIZE_MAX);
	ladder_of(d, evidence_baseline(d->evidence), 20, 18, a, &l);
	assert_rungs(&l, narrow);
	arena_free(a);
}

static void
others_of_the_pages(void **state)
{
	static const struct {
		enum pages_story story;
		const char *last, *ended;
		bool rules_out;
	} cases[] = {
		{ PAGES_ACCEPTED, NULL, NULL, false },
		{ PAGES_REFUSED_PORT, "0.4 us- refused by 127.0.0.1:8443", "It ended before there was a connection.", false },
		{ PAGES_HTTP_400, "6.2 srv HTTP 400 Bad Request ✗ REFUSED BY THE SERVER",
		    "The handshake was completed; the HTTP answer refuses us.", true },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct diagnosis *d = pages_diagnosis(pages, cases[i].story);
		struct ladder l;
		bool found = cases[i].last == NULL;

		ladder_of(d, evidence_baseline(d->evidence), 28, 36, a, &l);
		for (size_t k = 0; k < l.len; k++) {
			struct buf b = { 0 };
			rung_text(&l.rungs[k], &b);
			found = found || strcmp(buf_str(&b), cases[i].last) == 0;
			assert_false(cases[i].last == NULL && l.rungs[k].ends);
			buf_done(&b);
		}
		assert_true(found);
		if (cases[i].ended == NULL)
			assert_null(l.ended);
		else
			assert_string_equal(l.ended, cases[i].ended);
		assert_int_equal(l.not_the_cause != NULL, cases[i].rules_out);
	}
	arena_free(a);
}

/* Every way to end has its own mark, on one row only. */
static void
who_ended_it(void **state)
{
	static const struct {
		struct built built;
		const char *mark, *text;
		bool quiet;
	} cases[] = {
		{ { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_TIMEOUT, .by = PEER_SERVER }, "NO ANSWER",
		    "no answer came in time", true },
		{ { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_FIN, .by = PEER_SERVER, .not_tls = true, .plain = "SSH-2.0" },
		    "THIS IS NOT TLS", "bytes that are no TLS", false },
		{ { .phase = PHASE_FINISHED, .outcome = OUTCOME_REJECTED_CLOSE, .version = 0x0304, .how = END_FIN, .by = PEER_SERVER,
			.asked = true, .sent_message = true, .sent = 1 }, "ENDED BY THE SERVER", "closed the connection (FIN)", false },
		{ { .phase = PHASE_FINISHED, .outcome = OUTCOME_REJECTED_CLOSE, .version = 0x0304, .how = END_RST, .by = PEER_SERVER },
		    "ENDED BY THE SERVER", "reset the connection (RST)", false },
		{ { .phase = PHASE_SERVER_HELLO, .outcome = OUTCOME_FAILED_LOCAL, .how = END_US, .by = PEER_US, .local = LOCAL_OTHER },
		    "ENDED BY US", "a reason", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct evidence *e = built_evidence(&cases[i].built);
		struct diagnosis *d = diagnose(e);
		struct arena *a = arena_new();
		struct ladder l;
		size_t ends = 0;

		ladder_of(d, evidence_baseline(e), 28, 36, a, &l);
		for (size_t k = 0; k < l.len; k++) {
			if (!l.rungs[k].ends)
				continue;
			ends++;
			assert_string_equal(l.rungs[k].mark, cases[i].mark);
			assert_string_equal(l.rungs[k].text, cases[i].text);
			assert_int_equal(l.rungs[k].quiet, cases[i].quiet);
		}
		if (ends != 1)
			fail_msg("%s: %zu rows where it ended", cases[i].mark, ends);
		assert_non_null(l.ended);
		arena_free(a);
		diagnosis_free(d);
		evidence_free(e);
	}
}

/* A server that sends the same message for ever takes one row. */
static void
the_same_again_is_counted(void **state)
{
	static const char *const expected[] = { "1.0 us ClientHello", "2.0 srv NewSessionTicket × 300", "= srv KeyUpdate",
		"3.0 srv NewSessionTicket", NULL };
	struct diagnosis *d = pages_diagnosis(pages, PAGES_ACCEPTED);
	struct handshake *h = d->evidence->handshakes[0];
	struct arena *a = arena_new();
	struct ladder l;

	(void)state;
	h->attempts_len = h->alerts_len = h->messages_len = 0;
	h->http = (struct http_answer){ .status = 0 };
	h->ended = (struct ended){ .how = END_NOT_YET };
	h->messages = arena_array(h->arena, 303, sizeof *h->messages);
	h->messages[h->messages_len++] = (struct message){ .from = PEER_US, .type = 1, .at_ms = 1 };
	for (size_t i = 0; i < 300; i++)
		h->messages[h->messages_len++] = (struct message){ .from = PEER_SERVER, .type = 4, .at_ms = 2 };
	h->messages[h->messages_len++] = (struct message){ .from = PEER_SERVER, .type = 24, .at_ms = 2 };
	h->messages[h->messages_len++] = (struct message){ .from = PEER_SERVER, .type = 4, .at_ms = 3 };
	ladder_of(d, h, 28, 36, a, &l);
	assert_rungs(&l, expected);
	arena_free(a);
}

static void
a_line_a_handshake(void **state)
{
	static const struct {
		struct handshake h;
		const char *words;
	} cases[] = {
		{ { .outcome = OUTCOME_ACCEPTED_APP, .phase = PHASE_RESPONSE, .version = 0x0304, .http = { .status = 200 } }, "TLSv1.3, accepted, HTTP 200" },
		{ { .outcome = OUTCOME_REJECTED_CLOSE, .phase = PHASE_FINISHED, .version = 0x0303 }, "TLSv1.2, refused by closing" },
		{ { .outcome = OUTCOME_NETWORK, .phase = PHASE_CONNECT }, "no connection" },
		{ { .outcome = OUTCOME_NETWORK, .phase = PHASE_HELLO }, "connected, no TLS" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(handshake_words(&cases[i].h, a), cases[i].words);
	assert_string_equal(experiment_words("baseline"), "as it is");
	assert_string_equal(experiment_words("of a later version"), "of a later version");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ladder_of_the_design),
		cmocka_unit_test(others_of_the_pages),
		cmocka_unit_test(who_ended_it),
		cmocka_unit_test(the_same_again_is_counted),
		cmocka_unit_test(a_line_a_handshake),
	};
	int failed;

	pages = pages_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	pages_free(pages);
	return failed;
}
