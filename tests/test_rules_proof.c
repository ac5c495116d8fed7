/*
 * What experiments prove: each row of the verdict table (knowledge: "diagnosis", 5.3) that
 * experiments can settle, and what they must not claim. tests/test_matrix.c replays the
 * measured answers of servers.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/experiment.h"
#include "tests/answers.h"
#include "tests/faults.h"
#include "tests/verdicts.h"

static struct chains *chains;

/* ---- case by case ---- */

#define UNASKED(s) { .phase = PHASE_ACCEPTED, .version = 0x0303, .outcome = OUTCOME_ACCEPTED, .asked = true, .sent_message = true, .sent = s, \
	.by = PEER_US, .how = END_US }
#define UNANSWERED(s) { .phase = PHASE_REQUEST, .version = 0x0303, .outcome = OUTCOME_ACCEPTED, .asked = true, .sent_message = true, .sent = s, \
	.by = PEER_US, .how = END_TIMEOUT }
#define SILENT(s) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_ACCEPTED, .asked = true, .sent_message = true, .sent = s, .how = END_US }
#define NOT_ASKED(n) { .phase = PHASE_RESPONSE, .version = 0x0303, .outcome = OUTCOME_NOT_ASKED, .http_status = n }
#define ASKED_LATE { .phase = PHASE_RESPONSE, .version = 0x0303, .outcome = OUTCOME_ACCEPTED_APP, .asked_after = true, .sent = 2, .http_status = 200 }
#define DID(x, ...) { x, __VA_ARGS__ }

#define MOST 3
static const struct proof_case {
	const char *what;
	const char *ours[CHAIN_MAX];
	const char *listed[CHAIN_MAX];
	struct built base;
	struct { const char *name; struct built built; } did[MOST];
	enum code root;            /* CODE_NONE: nothing is wrong */
	enum confidence confidence;
	const char *proof[2];      /* of the root: experiment and outcome of its last line; NULL: it has none */
	enum code also;            /* another finding, or a candidate of the root; CODE_NONE: not looked at */
	enum code never;           /* neither a finding nor a candidate; CODE_NONE: not looked at */
} cases[] = {
	/* The first rows of 5.3: the chain completed. */
	{ "48, with it accepted", { "us" }, { NULL }, ALERT(1, 48), { DID("with-intermediate", HTTP(2, 200)) }, CODE_CLIENT_MISSING_INTERMEDIATE,
	    CONFIDENCE_CERTAIN, { "with-intermediate", "accepted" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "48, with it 45", { "us" }, { NULL }, ALERT(1, 48), { DID("with-intermediate", ALERT(2, 45)) }, CODE_CLIENT_MISSING_INTERMEDIATE,
	    CONFIDENCE_HIGH, { "with-intermediate", "refused, alert 45 certificate_expired" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "48, with it the same; our root is named", { "us" }, { NULL }, ALERT(1, 48), { DID("with-intermediate", ALERT(2, 48)) }, CODE_CLIENT_REJECTED,
	    CONFIDENCE_MEDIUM, { NULL }, CODE_CLIENT_UNTRUSTED, CODE_NONE },
	{ "48, with it the same; our root is not named", { "us" }, { "other-root" }, ALERT(1, 48), { DID("with-intermediate", ALERT(2, 48)) },
	    CODE_CLIENT_UNTRUSTED, CONFIDENCE_HIGH, { NULL }, CODE_CLIENT_MISSING_INTERMEDIATE, CODE_CLIENT_REJECTED },
	{ "closed, with it accepted: Node", { "us" }, { NULL }, CLOSE(1), { DID("with-intermediate", HTTP(2, 200)) }, CODE_CLIENT_MISSING_INTERMEDIATE,
	    CONFIDENCE_CERTAIN, { "with-intermediate", "accepted" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "not proven by silence", { "us" }, { NULL }, ALERT(1, 48), { DID("with-intermediate", SILENT(2)) }, CODE_CLIENT_MISSING_INTERMEDIATE,
	    CONFIDENCE_HIGH, { NULL }, CODE_NONE, CODE_NONE },
	/* A throwaway is refused in another way: the server tells faults apart. */
	{ "45 and 48", { "us-expired", "issuing" }, { NULL }, ALERT(2, 45), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_EXPIRED, CONFIDENCE_CERTAIN, { "throwaway", "refused, alert 48 unknown_ca" }, CODE_NONE, CODE_CLIENT_UNTRUSTED },
	{ "43 and 48", { "us-server-only", "issuing" }, { NULL }, ALERT(2, 43), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_EKU, CONFIDENCE_CERTAIN, { "throwaway", "refused, alert 48 unknown_ca" }, CODE_NONE, CODE_NONE },
	{ "42 and 48: high", { "us-future", "issuing" }, { NULL }, ALERT(2, 42), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_NOT_YET_VALID, CONFIDENCE_HIGH, { "throwaway", "refused, alert 48 unknown_ca" }, CODE_NONE, CODE_NONE },
	/* One answer for every fault: nothing is proven. */
	{ "46 for both: Java", { "us-expired", "issuing" }, { NULL }, ALERT(2, 46), { DID("no-certificate", ALERT(0, 42)), DID("throwaway", ALERT(1, 46)) },
	    CODE_CLIENT_EXPIRED, CONFIDENCE_HIGH, { NULL }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "42 for all: old Go", { "us", "issuing" }, { NULL }, ALERT(2, 42), { DID("no-certificate", ALERT(0, 42)), DID("throwaway", ALERT(1, 42)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_MEDIUM, { NULL }, CODE_CLIENT_UNTRUSTED, CODE_NONE },
	/* 48 for ours and 46 for a throwaway: it is not for want of a CA. */
	{ "refused otherwise: not our CA", { "us", "issuing" }, { "" }, CLOSE(2), { DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_CLIENT_UNTRUSTED },
	/* The last row of 5.3. */
	{ "403, and others not even that", { "us", "issuing" }, { NULL }, HTTP(2, 403), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_FORBIDDEN, CONFIDENCE_HIGH, { "no-certificate", "refused, alert 116 certificate_required" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "403 without too", { "us", "issuing" }, { NULL }, HTTP(2, 403), { DID("no-certificate", HTTP(0, 403)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_FORBIDDEN, CONFIDENCE_MEDIUM, { "no-certificate", "refused, HTTP 403" }, CODE_NONE, CODE_CLIENT_REJECTED },
	{ "403 for everybody: not about us", { "us", "issuing" }, { NULL }, HTTP(2, 403), { DID("no-certificate", HTTP(0, 403)), DID("throwaway", HTTP(1, 403)) },
	    CODE_CLIENT_REJECTED, CONFIDENCE_LOW, { NULL }, CODE_CLIENT_FORBIDDEN, CODE_NONE },
	/* Accepted. */
	{ "a certificate is wanted, and not any", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_NONE, CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_MTLS_NOT_VERIFIED },
	{ "in without", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", HTTP(0, 200)) }, CODE_MTLS_OPTIONAL,
	    CONFIDENCE_CERTAIN, { "no-certificate", "accepted" }, CODE_NONE, CODE_NONE },
	/* nginx without a request: TLS goes on with anything. It was “certain”. */
	{ "in TLS without, and nothing was asked", { "us", "issuing" }, { NULL }, UNASKED(2), { DID("no-certificate", UNASKED(0)) }, CODE_MTLS_OPTIONAL,
	    CONFIDENCE_MEDIUM, { "no-certificate", "accepted" }, CODE_NONE, CODE_NONE },
	{ "in TLS without, and no answer came", { "us", "issuing" }, { NULL }, UNANSWERED(2), { DID("no-certificate", UNANSWERED(0)) }, CODE_MTLS_OPTIONAL,
	    CONFIDENCE_MEDIUM, { "no-certificate", "accepted" }, CODE_NONE, CODE_NONE },
	{ "in TLS with anything, and nothing was asked", { "us", "issuing" }, { NULL }, UNASKED(2), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", UNASKED(1)) },
	    CODE_MTLS_NOT_VERIFIED, CONFIDENCE_MEDIUM, { "no-certificate", "refused, alert 116 certificate_required" }, CODE_NONE, CODE_MTLS_OPTIONAL },
	{ "in without, and 401 there", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", HTTP(0, 401)) }, CODE_NONE,
	    CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_MTLS_OPTIONAL },
	{ "in without, 404 as with ours", { "us", "issuing" }, { NULL }, HTTP(2, 404), { DID("no-certificate", HTTP(0, 404)) }, CODE_MTLS_OPTIONAL,
	    CONFIDENCE_MEDIUM, { "no-certificate", "accepted" }, CODE_NONE, CODE_NONE },
	{ "in with anything", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", HTTP(1, 200)) },
	    CODE_MTLS_NOT_VERIFIED, CONFIDENCE_CERTAIN, { "no-certificate", "refused, alert 116 certificate_required" }, CODE_NONE, CODE_MTLS_OPTIONAL },
	{ "silence proves nothing", { "us", "issuing" }, { NULL }, HTTP(2, 200), { DID("no-certificate", SILENT(0)) }, CODE_NONE,
	    CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_MTLS_OPTIONAL },
	{ "silence for us, refusals for others", { "us", "issuing" }, { NULL }, SILENT(2), { DID("no-certificate", ALERT(0, 116)), DID("throwaway", ALERT(1, 48)) },
	    CODE_NONE, CONFIDENCE_LOW, { NULL }, CODE_NONE, CODE_CLIENT_UNPROVEN },
	{ "refused with, in without", { "us-expired", "issuing" }, { NULL }, ALERT(2, 45), { DID("no-certificate", HTTP(0, 200)), DID("throwaway", ALERT(1, 48)) },
	    CODE_CLIENT_EXPIRED, CONFIDENCE_CERTAIN, { "throwaway", "refused, alert 48 unknown_ca" }, CODE_MTLS_OPTIONAL, CODE_NONE },
	/* Asked late. */
	{ "403, and asked late", { "us", "issuing" }, { NULL }, NOT_ASKED(403), { DID("late-auth", ASKED_LATE) }, CODE_CLIENT_LATE_AUTH,
	    CONFIDENCE_CERTAIN, { "late-auth", "accepted" }, CODE_NONE, CODE_MTLS_NOT_REQUESTED },
	{ "403, and nobody tried whether it asks late", { "us", "issuing" }, { NULL }, NOT_ASKED(403), { { .name = NULL } }, CODE_MTLS_NOT_REQUESTED,
	    CONFIDENCE_MEDIUM, { NULL }, CODE_CLIENT_LATE_AUTH, CODE_NONE },
	{ "403, and not asked late either", { "us", "issuing" }, { NULL }, NOT_ASKED(403), { DID("late-auth", NOT_ASKED(403)) }, CODE_MTLS_NOT_REQUESTED,
	    CONFIDENCE_CERTAIN, { NULL }, CODE_NONE, CODE_CLIENT_LATE_AUTH },
};

static const char *
wrong_with(const struct proof_case *c, const struct diagnosis *d)
{
	const struct finding *root = d->root;
	const struct proof *last = root != NULL && root->proof_len > 0 ? &root->proof[root->proof_len - 1] : NULL;

	if ((root != NULL ? root->code : CODE_NONE) != c->root)
		return "another root cause";
	if (root != NULL && root->confidence != c->confidence)
		return "another confidence";
	if ((last != NULL) != (c->proof[0] != NULL))
		return last != NULL ? "a proof" : "no proof";
	if (last != NULL && (strcmp(last->experiment, c->proof[0]) != 0 || strcmp(last->outcome, c->proof[1]) != 0))
		return "another proof";
	if (c->also != CODE_NONE && !verdict_names(d, c->also))
		return "what is also to be named";
	if (c->never != CODE_NONE && verdict_names(d, c->never))
		return "what is not to be named";
	return NULL;
}

static void
the_verdict_table(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct proof_case *c = &cases[i];
		struct chain_case t = { .server = { "server", "issuing" } };
		struct evidence *e;
		struct diagnosis *d;

		memcpy(t.ours, c->ours, sizeof t.ours);
		memcpy(t.listed, c->listed, sizeof t.listed);
		e = chains_evidence(chains, &t);
		built_into(e, &c->base);
		for (size_t k = 0; k < MOST && c->did[k].name != NULL; k++)
			built_experiment(e, c->did[k].name, &c->did[k].built);
		d = diagnose(e);
		built_check_form(d, c->what);
		if (wrong_with(c, d) != NULL) {
			print_message("“%s”: %s. Found:\n", c->what, wrong_with(c, d));
			verdict_print(d);
			failed++;
		}
		diagnosis_free(d);
		evidence_free(e);
	}
	assert_int_equal(failed, 0);
}

/*
 * Apache with the requirement on one path answers 403 in TLS 1.3 and never looks at our key: that the key
 * is another certificate's is true, and not why it refused.
 */
static void
asked_late_comes_before_a_fault_that_nobody_looked_at(void **state)
{
	struct chain_case t = { .server = { "server", "issuing" }, .ours = { "us", "issuing" }, .our_key = "us-other" };
	struct built base = NOT_ASKED(403), late = ASKED_LATE;
	struct evidence *e = chains_evidence(chains, &t);
	struct diagnosis *d;

	(void)state;
	((struct identity *)e->identity)->matches = false;
	built_into(e, &base);
	built_experiment(e, "late-auth", &late);
	d = diagnose(e);
	assert_int_equal(d->root->code, CODE_CLIENT_LATE_AUTH);
	assert_non_null(diagnosis_find(d, CODE_KEY_MISMATCH));
	diagnosis_free(d);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_verdict_table),
		cmocka_unit_test(asked_late_comes_before_a_fault_that_nobody_looked_at),
	};
	int failed;

	chains = faults_make();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
