/* What one outcome shows, in a sentence: for each experiment, and nothing where its answer is none. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/experiment.h"
#include "model/experiment_shows.h"
#include "model/memory.h"
#include "tests/evidence_builder.h"

#define REFUSED(s, n) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent_message = true, .sent = s, \
	.by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, n } }
#define HTTP(s, n) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = (n) == 403 || (n) == 421 ? OUTCOME_REJECTED_HTTP : OUTCOME_ACCEPTED_APP, \
	.asked = true, .sent_message = true, .sent = s, .http_status = n }
#define DIED(n) { .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .how = END_ALERT, .by = PEER_SERVER, .alert = { true, PEER_SERVER, 2, n } }
#define SILENT { .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_TIMEOUT }
#define DEAD { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .how = END_TIMEOUT }

static const struct shows_case {
	struct built base;
	const char *experiment;
	struct built built;
	const char *says; /* NULL: nothing */
} cases[] = {
	{ HTTP(2, 200), "no-certificate", REFUSED(0, 116), "So it does want a certificate." },
	{ HTTP(2, 200), "no-certificate", HTTP(0, 200), "It works without one as well." },
	{ HTTP(2, 200), "no-certificate", DEAD, NULL },
	{ REFUSED(2, 48), "no-certificate", REFUSED(0, 116), "Another answer than to ours: so it looks at ours." },
	{ REFUSED(2, 42), "no-certificate", REFUSED(0, 42), "The same answer as to ours." },
	{ HTTP(2, 200), "throwaway", REFUSED(1, 48), "So it does look at who made it." },
	{ HTTP(2, 200), "throwaway", HTTP(1, 200), "It takes a certificate that nobody knows." },
	{ HTTP(2, 200), "throwaway", REFUSED(0, 116), "It did not go out: the server takes no key of its kind." },
	{ REFUSED(2, 48), "other-ca", REFUSED(1, 48), "As ours: either our CA is unknown too, or every fault is answered so." },
	{ REFUSED(2, 45), "throwaway", REFUSED(1, 48), "Another answer than to ours: not for want of our CA." },
	{ REFUSED(1, 48), "with-intermediate", HTTP(2, 200), "So that is what was missing." },
	{ REFUSED(1, 48), "with-intermediate", REFUSED(2, 48), "The same answer: so that is not why." },
	{ REFUSED(1, 48), "with-intermediate", REFUSED(2, 45), "Another answer: that was one reason, and there is a next." },
	{ REFUSED(1, 48), "with-intermediate", REFUSED(1, 48), NULL }, /* it did not go out */
	{ HTTP(2, 200), "leaf-only", HTTP(1, 200), "The server has what is above it: it would not miss it, and other servers would." },
	{ HTTP(2, 200), "leaf-only", REFUSED(1, 48), "So the server needs what is above it in our file." },
	{ HTTP(2, 200), "wrong-key", REFUSED(2, 51), "A wrong signature gets alert 51." },
	{ REFUSED(2, 48), "wrong-key", REFUSED(2, 48), "The same answer: either it is about a signature, or none was looked at." },
	{ HTTP(2, 200), "garbage", REFUSED(2, 50), "A certificate that does not parse gets alert 50." },
	{ HTTP(2, 200), "other-host", HTTP(2, 421), "It ties the request to the name of the handshake." },
	{ HTTP(2, 200), "other-host", HTTP(2, 200), "It does not mind that the request names another host." },
	{ HTTP(2, 403), "root-path", HTTP(2, 200), "Another answer than for the path that was given: that is the application's." },
	{ HTTP(2, 200), "tls13", DIED(70), "The server does not speak TLSv1.2." }, /* what the builder's hello begins with */
	{ REFUSED(0, 116), "tls12", REFUSED(0, 40), "In TLSv1.3 it is refused too, in other words." },
	{ REFUSED(0, 116), "tls12", HTTP(0, 200), "In TLSv1.3 another answer: the version matters." },
	{ HTTP(2, 200), "alpn-h2", HTTP(2, 200), "ALPN changes nothing." }, /* the builder's hello names none */
	{ DIED(120), "alpn-none", HTTP(2, 200), "So it is the protocol that was named." },
	{ DIED(120), "alpn-none", DIED(120), "Without a protocol in common it does not go on." },
	{ DIED(70), "wide-hello", DIED(70), "Offered all that we know, the server chooses nothing either: what it wants is not among it, or the offer is not the reason." },
	/* Our patience ended, or the way: “Without a protocol in common”, “does not speak TLSv1.2” were said of that. */
	{ HTTP(2, 200), "alpn-http1.1", SILENT, NULL },
	{ HTTP(2, 200), "alpn-none", DEAD, NULL },
	{ HTTP(2, 200), "tls12", SILENT, NULL },
	{ HTTP(2, 200), "tls13", DEAD, NULL },
	{ HTTP(2, 200), "sni-none", SILENT, NULL },
	{ DIED(70), "wide-hello", SILENT, NULL },
	{ HTTP(2, 200), "baseline", HTTP(2, 200), NULL },
	{ HTTP(2, 200), "no such thing", HTTP(2, 200), NULL },
};

static void
sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct shows_case *c = &cases[i];
		struct evidence *e = built_evidence(&c->base);
		struct arena *a = arena_new();
		struct diagnosis *d;
		const char *says;

		built_experiment(e, c->experiment, &c->built);
		d = diagnose(e);
		says = experiment_shows(d, strcmp(c->experiment, "baseline") == 0 ? e->handshakes[0] : e->handshakes[1], a);
		if (strcmp(says != NULL ? says : "nothing", c->says != NULL ? c->says : "nothing") != 0)
			fail_msg("case %zu, %s: %s", i, c->experiment, says != NULL ? says : "nothing");
		diagnosis_free(d);
		evidence_free(e);
		arena_free(a);
	}
}

/* Whatever was answered. */
static void
a_sentence_or_nothing(void **state)
{
	static const struct built answers[] = { REFUSED(0, 116), REFUSED(1, 48), REFUSED(2, 48), REFUSED(3, 48), HTTP(0, 200), HTTP(1, 200), HTTP(2, 421),
		HTTP(3, 200), DIED(70), DEAD };

	(void)state;
	for (size_t r = 1; r < experiment_rows_len; r++)
		for (size_t b = 0; b < sizeof answers / sizeof answers[0]; b++)
			for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
				struct evidence *e = built_evidence(&answers[b]);
				struct arena *a = arena_new();
				struct diagnosis *d;
				const char *says;

				built_experiment(e, experiment_rows[r].name, &answers[i]);
				d = diagnose(e);
				says = experiment_shows(d, e->handshakes[1], a);
				if (says != NULL && (strlen(says) < 10 || says[strlen(says) - 1] != '.'))
					fail_msg("%s: “%s” is no sentence", experiment_rows[r].name, says);
				diagnosis_free(d);
				evidence_free(e);
				arena_free(a);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences),
		cmocka_unit_test(a_sentence_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
