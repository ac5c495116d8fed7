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

/* ---- the measured rows ---- */

static const struct {
	const char *server; /* the start of its name */
	enum stack stack;
} servers[] = {
	{ "haproxy", STACK_OPENSSL }, { "stunnel", STACK_OPENSSL }, { "Python", STACK_OPENSSL }, { "openssl", STACK_OPENSSL },
	{ "apache", STACK_OPENSSL }, { "nginx", STACK_NGINX }, { "Go 1.19", STACK_GO_OLD }, { "Java 17", STACK_JAVA },
	{ "Node 20", STACK_NODE }, { "gnutls", STACK_GNUTLS },
};

static const struct {
	const char *name;
	enum code cause;
} faults[] = {
	{ "none", CODE_CLIENT_REQUIRED },
	{ "leafonly", CODE_CLIENT_MISSING_INTERMEDIATE },
	{ "unknownca", CODE_CLIENT_UNTRUSTED },
	{ "unknownca_withroot", CODE_CLIENT_UNTRUSTED },
	{ "selfsigned", CODE_CLIENT_UNTRUSTED },
	{ "expired", CODE_CLIENT_EXPIRED },
	{ "notyet", CODE_CLIENT_NOT_YET_VALID },
	{ "wrongeku", CODE_CLIENT_EKU },
	{ "wrongku", CODE_CLIENT_EKU },
	{ "ca_as_leaf", CODE_CLIENT_EKU },
	{ "keymismatch", CODE_KEY_MISMATCH },
	{ "badcertsig", CODE_CLIENT_BAD_CHAIN },
	{ "garbage", CODE_CLIENT_BAD_CHAIN },
	{ "sha1", CODE_CLIENT_WEAK },
	{ "rsa1024", CODE_CLIENT_WEAK },
	{ "expiredinter", CODE_CLIENT_INTERMEDIATE_EXPIRED },
	{ "pathlen", CODE_CLIENT_BAD_CHAIN },
	{ "ncviolate", CODE_CLIENT_BAD_CHAIN },
	{ "issuernotca", CODE_CLIENT_BAD_CHAIN },
	{ "revoked", CODE_CLIENT_REVOKED },
	{ "twointer", CODE_CLIENT_DEPTH_EXCEEDED },
	{ "twointer_reversed", CODE_CLIENT_DEPTH_EXCEEDED },
};

struct row {
	unsigned times;
	char server[64], fault[32], answer[32];
	uint16_t version;
	enum stack stack;
	enum code cause;
	struct built built;
};

static bool
is_refusal(const struct row *r)
{
	return r->built.outcome != OUTCOME_ACCEPTED_APP;
}

static void
read_answer(struct row *r)
{
	struct built *b = &r->built;
	char marker[16] = "";
	int number = 0;

	*b = (struct built){ .phase = r->version == 0x0304 ? PHASE_FINISHED : PHASE_OUR_FLIGHT, .version = r->version, .asked = true,
		.sent_message = true, .sent = strcmp(r->fault, "none") != 0 };
	if (sscanf(r->answer, "alert %d", &number) == 1) {
		b->outcome = OUTCOME_REJECTED_ALERT;
		b->how = END_ALERT;
		b->alert = (struct built_alert){ true, PEER_SERVER, 2, (uint8_t)number };
	} else if (sscanf(r->answer, "http %d %15s", &number, marker) == 2) {
		b->phase = PHASE_RESPONSE;
		b->http_status = number;
		b->outcome = number == 400 || number == 403 ? OUTCOME_REJECTED_HTTP : OUTCOME_ACCEPTED_APP;
		b->body = strcmp(marker, "cert") == 0 ? "<h1>The SSL certificate error</h1>" :
		    strcmp(marker, "none") == 0 ? "<center>No required SSL certificate was sent</center>" : NULL;
	} else {
		b->outcome = OUTCOME_REJECTED_CLOSE;
		b->how = strcmp(r->answer, "close rst") == 0 ? END_RST : END_FIN;
	}
}

/* What the fault is called here; three servers refuse for a reason of their own, whatever was sent. */
static enum code
cause_of_row(const struct row *r)
{
	bool late = strncmp(r->server, "apache Location", 15) == 0 && r->version == 0x0304;
	bool no_crl = strstr(r->server, "crl_check_all") != NULL && r->built.alert.there && r->built.alert.number == 48;

	if (late)
		return CODE_CLIENT_LATE_AUTH;
	/* Its CRL is missing for these issuers: that hides an expired intermediate and a broken constraint. */
	if (no_crl && (strcmp(r->fault, "expiredinter") == 0 || strcmp(r->fault, "ncviolate") == 0 || strncmp(r->fault, "twointer", 8) == 0))
		return CODE_CLIENT_SERVER_REVOCATION;
	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
		if (strcmp(faults[i].name, r->fault) == 0)
			return faults[i].cause;
	return CODE_NONE;
}

static bool
read_row(const char *line, struct row *r)
{
	char version[8];

	memset(r, 0, sizeof *r);
	if (sscanf(line, "%u|%63[^|]|%7[^|]|%31[^|]|%31[^\n]", &r->times, r->server, version, r->fault, r->answer) != 5)
		return false;
	r->version = strcmp(version, "1.3") == 0 ? 0x0304 : 0x0303;
	for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
		if (strncmp(servers[i].server, r->server, strlen(servers[i].server)) == 0)
			r->stack = servers[i].stack;
	read_answer(r);
	r->cause = cause_of_row(r);
	if (r->cause == CODE_CLIENT_LATE_AUTH) {
		r->built.asked = r->built.sent_message = false;
		r->built.sent = 0;
	}
	return true;
}

static void
each_row(void (*check)(const struct row *))
{
	FILE *f = fopen("tests/data/alert_matrix.txt", "r");
	char line[256];
	unsigned times = 0;

	assert_non_null(f);
	while (fgets(line, sizeof line, f) != NULL) {
		struct row r;

		if (line[0] == '#')
			continue;
		assert_true(read_row(line, &r));
		assert_int_not_equal(r.stack, STACK_UNKNOWN);
		times += r.times;
		if (is_refusal(&r))
			check(&r);
	}
	fclose(f);
	assert_int_equal(times, 915); /* none was lost */
}

static bool
none_sent_cause(enum code c)
{
	return c == CODE_CLIENT_REQUIRED || c == CODE_CLIENT_NOT_SENT;
}

/* The right cause is never ruled out, and no wrong one fits better. */
static void
check_at_its_stack(const struct row *row)
{
	struct evidence *e = built_evidence(&row->built);
	struct refusal r = refusal_of(e);
	enum fit right = refusal_fits_stack(&r, row->stack, row->cause);

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
check_by_evidence(const struct row *row)
{
	struct evidence *e = built_evidence(&row->built);

	if (refusal_fits(e, row->cause) == RULED_OUT)
		fail_msg("%s, TLS %x, %s: %s: %s is ruled out by the evidence", row->server, row->version, row->fault, row->answer,
		    code_info(row->cause)->name);
	evidence_free(e);
}

static void
the_right_cause_is_never_ruled_out(void **state)
{
	(void)state;
	each_row(check_at_its_stack);
}

static void
nor_where_the_stack_is_unknown(void **state)
{
	(void)state;
	each_row(check_by_evidence);
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
