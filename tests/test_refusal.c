/*
 * The table that decides whether a local fault may be called the cause, held against what servers
 * were measured to answer (tests/data/alert_matrix.txt: 915 handshakes), and case by case.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/refusal.h"
#include "model/refusal_table.h"
#include "tests/evidence_builder.h"
#include "tests/matrix.h"

static bool
none_sent_cause(enum code c)
{
	return c == CODE_CLIENT_REQUIRED || c == CODE_CLIENT_NOT_SENT;
}

/* The right cause is never ruled out, and no wrong one fits better. */
static void
check_at_its_stack(const struct matrix_row *row, void *nothing)
{
	struct evidence *e;
	struct refusal r;
	enum fit right;

	(void)nothing;
	e = built_evidence(&row->built);
	r = refusal_of(e);
	right = refusal_fits_stack(&r, row->stack, row->cause);
	if (row->cause == CODE_NONE || right == RULED_OUT)
		fail_msg("%s, TLS %x, %s: %s: %s is ruled out", row->server, row->version, row->fault, row->answer,
		    row->cause == CODE_NONE ? "no cause" : code_info(row->cause)->name);
	for (const enum code *c = refusal_causes; *c != CODE_NONE; c++)
		if (none_sent_cause(*c) == none_sent_cause(row->cause) && refusal_fits_stack(&r, row->stack, *c) > right)
			fail_msg("%s, TLS %x, %s: %s: %s fits better than %s", row->server, row->version, row->fault, row->answer,
			    code_info(*c)->name, code_info(row->cause)->name);
	evidence_free(e);
}

/* The same where nobody knows which stack it is: by the evidence alone. What fits best is then open. */
static void
check_by_evidence(const struct matrix_row *row, void *nothing)
{
	struct evidence *e = built_evidence(&row->built);

	(void)nothing;
	if (refusal_fits(e, row->cause) == RULED_OUT)
		fail_msg("%s, TLS %x, %s: %s: %s is ruled out by the evidence", row->server, row->version, row->fault, row->answer,
		    code_info(row->cause)->name);
	evidence_free(e);
}

static void
the_right_cause_is_never_ruled_out(void **state)
{
	(void)state;
	matrix_each(check_at_its_stack, NULL);
}

static void
nor_where_the_stack_is_unknown(void **state)
{
	(void)state;
	matrix_each(check_by_evidence, NULL);
}

/* ---- case by case ---- */

static const struct fit_case {
	const char *what;
	struct built built;
	enum code cause;
	enum fit fit;
} cases[] = {
#define ALERT_SENT(n) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent = 1, .how = END_ALERT, \
	.alert = { true, PEER_SERVER, 2, n } }
#define ALERT_NONE_SENT(v, n) { .phase = PHASE_OUR_FLIGHT, .version = v, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent_message = true, \
	.how = END_ALERT, .alert = { true, PEER_SERVER, 2, n } }
#define HTTP_SENT(n, m, s) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_REJECTED_HTTP, .asked = true, .sent = 1, .http_status = n, \
	.body = m, .server = s }
#define CLOSE_SENT(h) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_CLOSE, .asked = true, .sent = 1, .how = h }
	/* Alerts that say what they mean, on every stack that sends them. */
	{ "48, no path", ALERT_SENT(48), CODE_CLIENT_MISSING_INTERMEDIATE, FITS },
	{ "48, other CA", ALERT_SENT(48), CODE_CLIENT_UNTRUSTED, FITS },
	{ "48 is no expiry", ALERT_SENT(48), CODE_CLIENT_EXPIRED, RULED_OUT },
	{ "48 is no purpose", ALERT_SENT(48), CODE_CLIENT_EKU, RULED_OUT },
	{ "48 comes before the key is looked at", ALERT_SENT(48), CODE_KEY_MISMATCH, RULED_OUT },
	{ "48, the root is missing there: OpenSSL only", ALERT_SENT(48), CODE_CLIENT_PARTIAL_TRUST, POSSIBLE },
	{ "45, expired", ALERT_SENT(45), CODE_CLIENT_EXPIRED, FITS },
	{ "45, an intermediate", ALERT_SENT(45), CODE_CLIENT_INTERMEDIATE_EXPIRED, FITS },
	{ "45, their revocation list", ALERT_SENT(45), CODE_CLIENT_SERVER_REVOCATION, POSSIBLE },
	{ "45, their clock", ALERT_SENT(45), CODE_CLOCK_SERVER_SKEW, FITS },
	{ "45 is no untrusted CA", ALERT_SENT(45), CODE_CLIENT_UNTRUSTED, RULED_OUT },
	{ "45, too early: Go and rustls", ALERT_SENT(45), CODE_CLIENT_NOT_YET_VALID, POSSIBLE },
	{ "43, purpose", ALERT_SENT(43), CODE_CLIENT_EKU, FITS },
	{ "43 is no expiry", ALERT_SENT(43), CODE_CLIENT_EXPIRED, RULED_OUT },
	{ "44, revoked", ALERT_SENT(44), CODE_CLIENT_REVOKED, FITS },
	{ "51, key", ALERT_SENT(51), CODE_KEY_MISMATCH, FITS },
	{ "51, a signature in the chain: OpenSSL", ALERT_SENT(51), CODE_CLIENT_BAD_CHAIN, POSSIBLE },
	{ "51 is no expiry", ALERT_SENT(51), CODE_CLIENT_EXPIRED, RULED_OUT },
	/* Alerts of coarse stacks. */
	{ "42, expired: old Go would, OpenSSL not", ALERT_SENT(42), CODE_CLIENT_EXPIRED, POSSIBLE },
	{ "42, too early", ALERT_SENT(42), CODE_CLIENT_NOT_YET_VALID, POSSIBLE },
	{ "46, expired: Java", ALERT_SENT(46), CODE_CLIENT_EXPIRED, FITS },
	{ "49, expired: GnuTLS", ALERT_SENT(49), CODE_CLIENT_EXPIRED, FITS },
	{ "49, purpose: GnuTLS takes it", ALERT_SENT(49), CODE_CLIENT_EKU, RULED_OUT },
	{ "40 with one sent, key: Java", ALERT_SENT(40), CODE_KEY_MISMATCH, FITS },
	/* None was sent, and one was. */
	{ "116, none given", ALERT_NONE_SENT(0x0304, 116), CODE_CLIENT_REQUIRED, FITS },
	{ "116, none given, so none withheld", ALERT_NONE_SENT(0x0304, 116), CODE_CLIENT_NOT_SENT, RULED_OUT },
	{ "40 in TLS 1.2, none given", ALERT_NONE_SENT(0x0303, 40), CODE_CLIENT_REQUIRED, FITS },
	{ "50 in TLS 1.2, none given: GnuTLS", ALERT_NONE_SENT(0x0303, 50), CODE_CLIENT_REQUIRED, FITS },
	{ "42, none given: Go, Java", ALERT_NONE_SENT(0x0303, 42), CODE_CLIENT_REQUIRED, FITS },
	{ "48 is not about none", ALERT_NONE_SENT(0x0304, 48), CODE_CLIENT_REQUIRED, RULED_OUT },
	{ "what did not go out cannot be expired", ALERT_NONE_SENT(0x0304, 45), CODE_CLIENT_EXPIRED, RULED_OUT },
	{ "116 although one went out", ALERT_SENT(116), CODE_CLIENT_REQUIRED, RULED_OUT },
	{ "116 although one went out is no expiry", ALERT_SENT(116), CODE_CLIENT_EXPIRED, RULED_OUT },
	/* HTTP. */
	{ "nginx 400, expired", HTTP_SENT(400, "The SSL certificate error", "nginx/1.22.1"), CODE_CLIENT_EXPIRED, FITS },
	{ "nginx 400, depth", HTTP_SENT(400, "The SSL certificate error", "nginx"), CODE_CLIENT_DEPTH_EXCEEDED, FITS },
	{ "nginx 400: the key was verified", HTTP_SENT(400, "The SSL certificate error", "nginx"), CODE_KEY_MISMATCH, RULED_OUT },
	{ "nginx 400 restyled", HTTP_SENT(400, "Sorry", "nginx"), CODE_CLIENT_EXPIRED, POSSIBLE },
	{ "the marker alone makes it nginx", HTTP_SENT(400, "The SSL certificate error", NULL), CODE_CLIENT_UNTRUSTED, FITS },
	{ "400 of nobody known", HTTP_SENT(400, NULL, NULL), CODE_CLIENT_EXPIRED, POSSIBLE },
	{ "403, forbidden", HTTP_SENT(403, NULL, NULL), CODE_CLIENT_FORBIDDEN, POSSIBLE },
	{ "403, expired", HTTP_SENT(403, NULL, NULL), CODE_CLIENT_EXPIRED, POSSIBLE },
	{ "403: the key was verified", HTTP_SENT(403, NULL, NULL), CODE_KEY_MISMATCH, RULED_OUT },
	{ "421 is about names", HTTP_SENT(421, NULL, "nginx"), CODE_CLIENT_EXPIRED, RULED_OUT },
	{ "495", HTTP_SENT(495, NULL, NULL), CODE_CLIENT_EXPIRED, FITS },
	/* Silence fits nothing, and rules out little. */
	{ "closed, expired", CLOSE_SENT(END_FIN), CODE_CLIENT_EXPIRED, POSSIBLE },
	{ "goodbye, other CA", CLOSE_SENT(END_CLOSE_NOTIFY), CODE_CLIENT_UNTRUSTED, POSSIBLE },
	{ "reset, key: s2n", CLOSE_SENT(END_RST), CODE_KEY_MISMATCH, POSSIBLE },
	/* Numbers that no server was seen to use for this. */
	{ "alert 200", ALERT_SENT(200), CODE_CLIENT_EXPIRED, RULED_OUT },
	{ "no refusal at all", { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_ACCEPTED_APP, .asked = true, .sent = 1, .http_status = 200 },
	    CODE_CLIENT_EXPIRED, RULED_OUT },
};

static void
case_by_case(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct evidence *e = built_evidence(&cases[i].built);
		enum fit fit = refusal_fits(e, cases[i].cause);

		if (fit != cases[i].fit)
			fail_msg("%s: %s is %d, not %d", cases[i].what, code_info(cases[i].cause)->name, fit, cases[i].fit);
		evidence_free(e);
	}
}

static void
it_is_described(void **state)
{
	struct built alert = ALERT_SENT(48), page = HTTP_SENT(400, "The SSL certificate error", "nginx"), end = CLOSE_SENT(END_FIN);
	const struct {
		struct built built;
		const char *words, *key;
	} described[] = {
		{ alert, "alert 48 unknown_ca, 1.9 ms after our Finished", "alert-48" },
		{ page, "HTTP 400 “The SSL certificate error”", "http-400" },
		{ end, "a closed connection, 1.9 ms after our Finished", "close" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct evidence *e = built_evidence(&described[i].built);
		struct refusal r = refusal_of(e);

		assert_string_equal(refusal_describe(&r, a), described[i].words);
		assert_string_equal(refusal_key(&r, a), described[i].key);
		evidence_free(e);
	}
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_right_cause_is_never_ruled_out),
		cmocka_unit_test(nor_where_the_stack_is_unknown),
		cmocka_unit_test(case_by_case),
		cmocka_unit_test(it_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
