/* What revocation comes to: sources weighed against each other and the clock, and the findings on both sides. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/json.h"
#include "model/memory.h"
#include "model/report.h"
#include "model/revocation.h"
#include "model/times.h"
#include "tests/chains.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "leaf", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
	{ .name = "us-expired", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -90, .to = -4 },
};

static struct chains *chains;

#define DAY CHAINS_DAY
enum { MOST = 4 };

/* One source about a certificate, in days from now; to 0: it says no end. */
struct source {
	const char *of;
	enum revocation_by by;
	enum revocation_status status;
	enum revocation_doubt doubt;
	const char *reason;
	int from, to;
};
#define GOOD(of, by) { of, by, REVOCATION_GOOD, REVOCATION_NO_DOUBT, NULL, -1, 6 }
#define REVOKED(of, by) { of, by, REVOCATION_REVOKED, REVOCATION_NO_DOUBT, "keyCompromise", -1, 6 }
#define HOLD(of, by, from, to) { of, by, REVOCATION_REVOKED, REVOCATION_NO_DOUBT, "certificateHold", from, to }
#define OLD(of, by) { of, by, REVOCATION_GOOD, REVOCATION_NO_DOUBT, NULL, -9, -2 }
#define DEAD(of, by) { of, by, REVOCATION_UNKNOWN, REVOCATION_NOT_HAD, NULL, 0, 0 }
#define LIMITED(of, by) { of, by, REVOCATION_UNKNOWN, REVOCATION_UNSUPPORTED, NULL, 0, 0 }
#define STAPLE REVOCATION_BY_STAPLE
#define OCSP REVOCATION_BY_OCSP
#define CRL REVOCATION_BY_CRL

static struct evidence *
evidence_for(const struct chain_case *t, const struct source sources[MOST])
{
	struct evidence *e = chains_evidence(chains, t);

	for (size_t i = 0; i < MOST && sources[i].of != NULL; i++) {
		const struct source *s = &sources[i];

		e->revocations = arena_grow(e->arena, e->revocations, e->revocations_len, &e->revocations_cap, sizeof *e->revocations);
		e->revocations[e->revocations_len++] = (struct revocation){
			.of = chains_cert(chains, s->of)->sha256,
			.by = s->by,
			.status = s->status,
			.doubt = s->doubt,
			.reason = s->status == REVOCATION_REVOKED ? s->reason : NULL,
			.why = s->status == REVOCATION_UNKNOWN ? "no connection could be made" : NULL,
			.revoked_at = s->status == REVOCATION_REVOKED ? CHAINS_NOW - 5 * DAY : TIME_UNKNOWN,
			.produced_at = TIME_UNKNOWN,
			.this_update = s->from != 0 ? CHAINS_NOW + s->from * DAY : TIME_UNKNOWN,
			.next_update = s->to != 0 ? CHAINS_NOW + s->to * DAY : TIME_UNKNOWN,
			.where = s->by == STAPLE ? NULL : "http://ca.internal/x",
		};
	}
	return e;
}

static void
sources_weighed(void **state)
{
	static const struct {
		const char *what;
		struct source sources[MOST];
		enum revocation_status status;
	} cases[] = {
		{ "nobody was asked", { { 0 } }, REVOCATION_UNKNOWN },
		{ "good", { GOOD("leaf", OCSP) }, REVOCATION_GOOD },
		{ "another certificate's", { REVOKED("us", OCSP) }, REVOCATION_UNKNOWN },
		{ "one says revoked", { GOOD("leaf", OCSP), REVOKED("leaf", CRL) }, REVOCATION_REVOKED },
		{ "in any order", { REVOKED("leaf", CRL), GOOD("leaf", OCSP) }, REVOCATION_REVOKED },
		{ "one is silent", { DEAD("leaf", OCSP), GOOD("leaf", CRL) }, REVOCATION_GOOD },
		{ "old and good is nothing", { OLD("leaf", STAPLE) }, REVOCATION_UNKNOWN },
		{ "revoked is for good", { { "leaf", CRL, REVOCATION_REVOKED, REVOCATION_NO_DOUBT, NULL, -9, -2 } }, REVOCATION_REVOKED },
		/* A hold is taken back: an old list that had one was “revoked, certain” against a newer one that says good. */
		{ "on hold", { HOLD("leaf", CRL, -1, 6) }, REVOCATION_REVOKED },
		{ "on hold, and good elsewhere", { GOOD("leaf", OCSP), HOLD("leaf", CRL, -1, 6) }, REVOCATION_REVOKED },
		{ "on hold by an old list", { HOLD("leaf", CRL, -9, -2) }, REVOCATION_UNKNOWN },
		{ "on hold by an old list, and good now", { HOLD("leaf", CRL, -9, -2), GOOD("leaf", OCSP) }, REVOCATION_GOOD },
		{ "from tomorrow on", { { "leaf", CRL, REVOCATION_GOOD, REVOCATION_NO_DOUBT, NULL, 1, 6 } }, REVOCATION_UNKNOWN },
		{ "without an end", { { "leaf", CRL, REVOCATION_GOOD, REVOCATION_NO_DOUBT, NULL, -100, 0 } }, REVOCATION_GOOD },
	};
	const struct chain_case t = { .server = { "leaf", "issuing" }, .ours = { "us", "issuing" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct evidence *e = evidence_for(&t, cases[i].sources);
		struct revocation_answer a = revocation_of(e, chains_cert(chains, "leaf"), CHAINS_NOW);

		if (a.status != cases[i].status)
			fail_msg("%s: %s", cases[i].what, revocation_status_name(a.status));
		evidence_free(e);
	}
}

/* "E code": in any order; "*" before the root cause. Codes of revocation only. */
static const struct judged_case {
	const char *what;
	enum answer answer;
	uint8_t alert;
	const char *ours;
	struct source sources[MOST];
	const char *root;        /* the root cause's code, or NULL: none */
	enum confidence confidence;
	const char *also[3];     /* further codes that are there */
	const char *not[3];      /* and some that are not */
	const char *says;        /* in the root's why */
	const char *candidate;   /* of the root */
} judged_cases[] = {
	{ "nothing is known", ACCEPTED, 0, "us", { { 0 } }, NULL, 0, { NULL }, { "cert.revocation-unknown" }, NULL, NULL },
	{ "all is well", ACCEPTED, 0, "us", { GOOD("leaf", OCSP), GOOD("us", CRL), GOOD("issuing", CRL) }, NULL, 0, { NULL }, { NULL }, NULL, NULL },
	{ "the server's leaf", ACCEPTED, 0, "us", { REVOKED("leaf", OCSP) }, "cert.revoked", CONFIDENCE_CERTAIN, { NULL },
	    { "client.revoked", "mtls.revocation-not-checked" }, "reason keyCompromise", NULL },
	{ "its own staple says so", ACCEPTED, 0, "us", { REVOKED("leaf", STAPLE) }, "cert.revoked", CONFIDENCE_CERTAIN, { NULL }, { NULL },
	    "staples", NULL },
	{ "the CA of both", ACCEPTED, 0, "us", { REVOKED("issuing", CRL) }, "cert.revoked", CONFIDENCE_CERTAIN,
	    { "client.revoked", "mtls.revocation-not-checked" }, { NULL }, "Acme Issuing CA 1", NULL },
	{ "the responder is dead", ACCEPTED, 0, "us", { DEAD("leaf", OCSP) }, "cert.revocation-unknown", CONFIDENCE_HIGH, { NULL },
	    { "cert.revoked" }, "no connection could be made", NULL },
	{ "dead, and the list says it", ACCEPTED, 0, "us", { DEAD("leaf", OCSP), GOOD("leaf", CRL) }, NULL, 0, { NULL },
	    { "cert.revocation-unknown" }, NULL, NULL },
	{ "the list has ended", ACCEPTED, 0, "us", { OLD("leaf", CRL) }, "cert.revocation-unknown", CONFIDENCE_HIGH, { NULL }, { NULL },
	    "out of date since", NULL },
	{ "a stale staple", ACCEPTED, 0, "us", { OLD("leaf", STAPLE) }, "cert.revocation-unknown", CONFIDENCE_HIGH, { NULL }, { NULL }, "staples", NULL },
	{ "a stale staple, and the responder says good", ACCEPTED, 0, "us", { OLD("leaf", STAPLE), GOOD("leaf", OCSP) },
	    "cert.revocation-unknown", CONFIDENCE_HIGH, { NULL }, { NULL }, "staples", NULL },
	/* Ours. */
	{ "ours, and refused for it", REFUSED, 44, "us", { REVOKED("us", CRL) }, "client.revoked", CONFIDENCE_CERTAIN, { NULL },
	    { "mtls.revocation-not-checked", "client.rejected" }, "revoked on", NULL },
	{ "ours, and let in", ACCEPTED, 0, "us", { REVOKED("us", CRL) }, "mtls.revocation-not-checked", CONFIDENCE_CERTAIN,
	    { "client.revoked" }, { NULL }, "let us in", NULL },
	{ "ours, and not asked for", NOT_ASKED, 0, "us", { REVOKED("us", CRL) }, "client.revoked", CONFIDENCE_CERTAIN, { NULL },
	    { "mtls.revocation-not-checked" }, NULL, NULL },
	/* Only alert 44 says it: no list of ours was at hand. */
	{ "44 alone", REFUSED, 44, "us", { { 0 } }, "client.revoked", CONFIDENCE_HIGH, { NULL }, { NULL }, "alert 44", NULL },
	/* 45, and nothing has expired: E21. Never certain. */
	{ "45, our CA's list has ended", REFUSED, 45, "us", { OLD("us", CRL) }, "client.server-revocation", CONFIDENCE_MEDIUM,
	    { "cert.revocation-unknown" }, { "client.rejected" }, "out of date", "clock.server-skew" },
	{ "45, our CA's list cannot be had", REFUSED, 45, "us", { DEAD("us", CRL) }, "client.server-revocation", CONFIDENCE_MEDIUM, { NULL },
	    { "client.rejected" }, NULL, NULL },
	{ "45, and the list is good", REFUSED, 45, "us", { GOOD("us", CRL) }, "client.rejected", CONFIDENCE_MEDIUM, { NULL },
	    { "client.server-revocation" }, NULL, "client.server-revocation" },
	{ "45, and ours has expired", REFUSED, 45, "us-expired", { OLD("us-expired", CRL) }, "client.expired", CONFIDENCE_HIGH, { NULL },
	    { "client.server-revocation" }, NULL, NULL },
	{ "45, and only the responder is dead", REFUSED, 45, "us", { DEAD("us", OCSP) }, "client.rejected", CONFIDENCE_MEDIUM, { NULL },
	    { "client.server-revocation" }, NULL, "client.server-revocation" },
	/* 48 has too many causes: a candidate. */
	{ "48, our CA's list cannot be had", REFUSED, 48, "us", { DEAD("us", CRL) }, "client.rejected", CONFIDENCE_MEDIUM, { NULL },
	    { "client.server-revocation" }, NULL, "client.server-revocation" },
};

static const struct finding *
found(const struct diagnosis *d, const char *code)
{
	return diagnosis_find(d, code_named(code));
}

static void
judge(const struct judged_case *c)
{
	const struct chain_case t = { .server = { "leaf", "issuing" }, .ours = { c->ours, "issuing" }, .answer = c->answer, .alert = c->alert };
	struct evidence *e = evidence_for(&t, c->sources);
	struct diagnosis *d = diagnose(e);
	const char *root = d->root != NULL ? code_info(d->root->code)->name : NULL;
	bool candidate = c->candidate == NULL;

	/* That nobody is asked for a certificate is another matter here. */
	if (c->answer == NOT_ASKED) {
		assert_non_null(found(d, c->root));
	} else if ((root == NULL) != (c->root == NULL) || (root != NULL && strcmp(root, c->root) != 0)) {
		fail_msg("%s: root %s: %s", c->what, root != NULL ? root : "none", d->summary);
	}
	if (c->root != NULL && c->answer != NOT_ASKED) {
		if (d->root->confidence != c->confidence && !(c->confidence == CONFIDENCE_HIGH && d->root->confidence > CONFIDENCE_HIGH))
			fail_msg("%s: confidence %s", c->what, confidence_name(d->root->confidence));
		if (c->says != NULL && strstr(d->root->why, c->says) == NULL)
			fail_msg("%s: “%s”", c->what, d->root->why);
		for (size_t i = 0; i < d->root->candidates_len && !candidate; i++)
			candidate = d->root->candidates[i].code == code_named(c->candidate);
		if (!candidate)
			fail_msg("%s: %s is no candidate", c->what, c->candidate);
	}
	for (size_t i = 0; i < 3 && c->also[i] != NULL; i++)
		if (found(d, c->also[i]) == NULL)
			fail_msg("%s: %s is missing", c->what, c->also[i]);
	for (size_t i = 0; i < 3 && c->not[i] != NULL; i++)
		if (found(d, c->not[i]) != NULL)
			fail_msg("%s: %s: %s", c->what, c->not[i], found(d, c->not[i])->why);
	diagnosis_free(d);
	evidence_free(e);
}

static void
both_sides_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof judged_cases / sizeof judged_cases[0]; i++)
		judge(&judged_cases[i]);
}

/* What we cannot judge is our limit: it is said, and no more. */
static void
our_own_limits(void **state)
{
	const struct chain_case t = { .server = { "leaf", "issuing" }, .ours = { "us", "issuing" } };
	const struct source sources[MOST] = { LIMITED("leaf", CRL) };
	struct evidence *e = evidence_for(&t, sources);
	struct diagnosis *d = diagnose(e);

	(void)state;
	assert_non_null(d->root);
	assert_int_equal(d->root->code, CODE_CERT_REVOCATION_UNKNOWN);
	assert_int_equal(d->root->severity, SEVERITY_NOTICE);
	diagnosis_free(d);
	evidence_free(e);
}

/* A list's time is arithmetic: the same evidence at another clock. */
static void
at_another_clock(void **state)
{
	const struct chain_case t = { .server = { "leaf", "issuing" }, .ours = { "us", "issuing" } };
	const struct source sources[MOST] = { GOOD("leaf", CRL) };
	struct evidence *e = evidence_for(&t, sources);
	struct diagnosis *d;

	(void)state;
	e->clocks.local_ms += 7 * DAY * 1000;
	d = diagnose(e);
	assert_non_null(diagnosis_find(d, CODE_CERT_REVOCATION_UNKNOWN));
	diagnosis_free(d);
	evidence_free(e);
}

/* The report and JSON list each source and each request, refused ones too. */
static void
it_is_all_shown(void **state)
{
	const struct chain_case t = { .server = { "leaf", "issuing" }, .ours = { "us", "issuing" } };
	const struct source sources[MOST] = { REVOKED("leaf", OCSP), DEAD("issuing", CRL), OLD("leaf", STAPLE) };
	static const char *const json_parts[] = {
		"\"status\":\"revoked\",\"by\":\"ocsp\",\"url\":\"http://ca.internal/x\",\"reason\":\"keyCompromise\",\"revoked_at\":\"2026-11-13T11:06:40Z\"",
		"\"status\":\"unknown\",\"by\":\"crl\"",
		"\"status\":\"unknown\",\"by\":\"stapled\",\"url\":null",
		"\"fetches\":[{\"for\":\"ocsp\",\"url\":\"http://ca.internal/x\",\"status\":200,\"bytes\":1024,\"ms\":2.5,\"shared\":true,\"refused\":false,\"problem\":null}",
		"\"status\":null,\"bytes\":0,\"ms\":null,\"shared\":false,\"refused\":true,\"problem\":\"only http is asked for\"",
	};
	static const char *const report_parts[] = {
		"LOOKED UP", "REVOKED on 2026-11-13 11:06 UTC, reason keyCompromise", "http://ca.internal/x: HTTP 200, 1024 bytes, 2.5 ms, asked for another", "ldap://dc1/x: not asked: only http is asked for",
	};
	struct fetch_note notes[] = {
		{ .kind = FETCH_OCSP, .url = "http://ca.internal/x", .status = 200, .bytes = 1024, .ms = 2.5, .shared = true },
		{ .kind = FETCH_CRL, .url = "ldap://dc1/x", .refused = true, .problem = "only http is asked for" },
	};
	const struct report_style style = { .columns = 200 };
	struct evidence *e = evidence_for(&t, sources);
	struct buf json = { 0 }, report = { 0 };
	struct diagnosis *d;

	(void)state;
	e->fetches = notes;
	e->fetches_len = sizeof notes / sizeof notes[0];
	d = diagnose(e);
	json_check(d, &json);
	report_one(d, &style, &report);
	for (size_t i = 0; i < sizeof json_parts / sizeof json_parts[0]; i++)
		if (strstr(buf_str(&json), json_parts[i]) == NULL)
			fail_msg("no %s in %s", json_parts[i], buf_str(&json));
	for (size_t i = 0; i < sizeof report_parts / sizeof report_parts[0]; i++)
		if (strstr(buf_str(&report), report_parts[i]) == NULL)
			fail_msg("no %s in %s", report_parts[i], buf_str(&report));
	buf_done(&json);
	buf_done(&report);
	diagnosis_free(d);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_weighed),
		cmocka_unit_test(both_sides_judged),
		cmocka_unit_test(our_own_limits),
		cmocka_unit_test(at_another_clock),
		cmocka_unit_test(it_is_all_shown),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
