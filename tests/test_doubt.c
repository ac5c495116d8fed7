/* Not refused is not accepted: what is said where a server that asked for a certificate proves nothing. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tests/evidence_builder.h"

static const struct row {
	const char *what;
	struct built built;
	enum doubt doubt;
	enum verdict verdict;
	enum code root;
	const char *says; /* in the summary */
} rows[] = {
	/* nginx with error_page 495 =444: the refused and the accepted look alike to whoever stops at the handshake. */
	{ "closed on our request, TLS 1.2", { .phase = PHASE_REQUEST, .outcome = OUTCOME_ACCEPTED, .version = 0x0303, .asked = true, .sent_message = true,
	    .sent = 2, .how = END_FIN, .by = PEER_SERVER }, DOUBT_CLOSED, VERDICT_WARNING, CODE_CLIENT_UNPROVEN, "closed the connection without an answer" },
	{ "closed with a close_notify", { .phase = PHASE_REQUEST, .outcome = OUTCOME_ACCEPTED, .version = 0x0304, .asked = true, .sent_message = true,
	    .sent = 2, .how = END_CLOSE_NOTIFY, .by = PEER_SERVER }, DOUBT_CLOSED, VERDICT_WARNING, CODE_CLIENT_UNPROVEN, "accepts our certificate" },
	/* None was given: that it closes is no sign that it works without. */
	{ "closed, and none sent", { .phase = PHASE_REQUEST, .outcome = OUTCOME_ACCEPTED, .version = 0x0303, .asked = true, .sent_message = true,
	    .how = END_FIN, .by = PEER_SERVER }, DOUBT_CLOSED, VERDICT_WARNING, CODE_CLIENT_UNPROVEN, "accepts us without a certificate" },
	{ "silent after our request", { .phase = PHASE_REQUEST, .outcome = OUTCOME_ACCEPTED, .version = 0x0304, .asked = true, .sent_message = true,
	    .sent = 2, .how = END_TIMEOUT, .by = PEER_US }, DOUBT_UNANSWERED, VERDICT_OK, CODE_NONE, "no answer came" },
	{ "no request, no ticket", { .phase = PHASE_FINISHED, .outcome = OUTCOME_ACCEPTED, .version = 0x0304, .asked = true, .sent_message = true,
	    .sent = 2, .how = END_US, .by = PEER_US }, DOUBT_SILENT, VERDICT_NOTICE, CODE_CLIENT_UNPROVEN, "as long as we listened" },
	/* --no-http, unix: nginx completes TLS with any certificate and refuses the request that never came (measured): both were “accepts our certificate”. */
	{ "no request, a ticket", { .phase = PHASE_ACCEPTED, .outcome = OUTCOME_ACCEPTED, .version = 0x0304, .asked = true, .sent_message = true,
	    .sent = 2, .how = END_US, .by = PEER_US }, DOUBT_UNASKED, VERDICT_OK, CODE_NONE, "nothing was asked inside" },
	{ "no request, TLS 1.2", { .phase = PHASE_ACCEPTED, .outcome = OUTCOME_ACCEPTED, .version = 0x0303, .asked = true, .sent_message = true,
	    .sent = 2, .how = END_US, .by = PEER_US }, DOUBT_UNASKED, VERDICT_OK, CODE_NONE, "nothing was asked inside" },
	/* nginx with error_page 495 =302 or =404 */
	{ "HTTP 302", { .phase = PHASE_RESPONSE, .outcome = OUTCOME_ACCEPTED_APP, .version = 0x0303, .asked = true, .sent_message = true, .sent = 2,
	    .http_status = 302, .how = END_US, .by = PEER_US }, DOUBT_ANSWER, VERDICT_OK, CODE_NONE, "the application answers HTTP 302" },
	{ "HTTP 404", { .phase = PHASE_RESPONSE, .outcome = OUTCOME_ACCEPTED_APP, .version = 0x0303, .asked = true, .sent_message = true, .sent = 2,
	    .http_status = 404, .how = END_US, .by = PEER_US }, DOUBT_ANSWER, VERDICT_OK, CODE_NONE, "the application answers HTTP 404" },
	{ "HTTP 200", { .phase = PHASE_RESPONSE, .outcome = OUTCOME_ACCEPTED_APP, .version = 0x0303, .asked = true, .sent_message = true, .sent = 2,
	    .http_status = 200, .how = END_US, .by = PEER_US }, DOUBT_NONE, VERDICT_OK, CODE_NONE, "accepts our certificate" },
	/* Nobody asked: there is nothing to prove. */
	{ "closed, and not asked", { .phase = PHASE_REQUEST, .outcome = OUTCOME_NOT_ASKED, .version = 0x0303, .how = END_FIN, .by = PEER_SERVER },
	    DOUBT_NONE, VERDICT_WARNING, CODE_MTLS_NOT_REQUESTED, "" },
	{ "refused", { .phase = PHASE_FINISHED, .outcome = OUTCOME_REJECTED_CLOSE, .version = 0x0304, .asked = true, .sent_message = true, .sent = 2,
	    .how = END_FIN, .by = PEER_SERVER }, DOUBT_NONE, VERDICT_ERROR, CODE_CLIENT_REJECTED, "" },
};

static void
no_more_than_is_proven(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct row *r = &rows[i];
		struct evidence *e = built_evidence(&r->built);
		struct diagnosis *d = diagnose(e);
		enum code root = d->root != NULL ? d->root->code : CODE_NONE;

		if (handshake_doubt(evidence_baseline(e)) != r->doubt || d->verdict != r->verdict || root != r->root ||
		    strstr(d->summary, r->says) == NULL)
			fail_msg("%s: doubt %d, %s, %s: %s", r->what, handshake_doubt(evidence_baseline(e)), verdict_name(d->verdict),
			    root != CODE_NONE ? code_info(root)->name : "no cause", d->summary);
		built_check_form(d, r->what);
		diagnosis_free(d);
		evidence_free(e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_more_than_is_proven),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
