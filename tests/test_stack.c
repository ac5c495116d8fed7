/* Which stack it is, guessed from what was seen anyway. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/memory.h"
#include "model/stack.h"
#include "tests/evidence_builder.h"

#define ANSWER .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_ACCEPTED_APP, .asked = true, .sent = 1, .http_status = 200
#define REFUSED_HTTP(n) .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_REJECTED_HTTP, .asked = true, .sent = 1, .http_status = n
#define ALERT(n) .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent = 1, .how = END_ALERT, \
	.alert = { true, PEER_SERVER, 2, n }

static const struct stack_case {
	const char *what;
	struct built built;
	enum stack stack;
	enum confidence confidence;
	const char *because; /* a part of it, or NULL */
} cases[] = {
	{ "nginx' header", { ANSWER, .server = "nginx/1.22.1" }, STACK_NGINX, CONFIDENCE_HIGH, "Server: nginx/1.22.1" },
	{ "openresty", { ANSWER, .server = "openresty/1.25" }, STACK_NGINX, CONFIDENCE_HIGH, NULL },
	{ "Apache", { ANSWER, .server = "Apache/2.4.57 (Debian)" }, STACK_OPENSSL, CONFIDENCE_HIGH, NULL },
	{ "Tomcat is no Apache", { ANSWER, .server = "Apache-Coyote/1.1" }, STACK_JAVA, CONFIDENCE_MEDIUM, NULL },
	{ "IIS", { ANSWER, .server = "Microsoft-IIS/10.0" }, STACK_SCHANNEL, CONFIDENCE_HIGH, NULL },
	{ "Envoy", { ANSWER, .server = "envoy" }, STACK_OPENSSL, CONFIDENCE_HIGH, NULL },
	{ "API Gateway by its header", { REFUSED_HTTP(403), .head = "HTTP/1.1 403 Forbidden\r\nX-Amz-ApiGw-Id: abc\r\n" }, STACK_API_GATEWAY,
	    CONFIDENCE_HIGH, "x-amz-apigw-id" },
	{ "nobody known", { ANSWER, .server = "kiosk/0.1" }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	{ "a name within another", { ANSWER, .server = "not-nginx" }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	{ "a header's name in another line's value", { ANSWER, .head = "HTTP/1.1 200 OK\r\nX: x-amz-apigw-id\r\n" }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	{ "nothing", { ANSWER }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	/* The page decides before the header. */
	{ "nginx' page behind another's name", { REFUSED_HTTP(400), .body = "No required SSL certificate was sent", .server = "Apache" }, STACK_NGINX,
	    CONFIDENCE_HIGH, "No required SSL certificate was sent" },
	{ "496", { REFUSED_HTTP(496) }, STACK_NGINX, CONFIDENCE_MEDIUM, NULL },
	{ "IIS with its sub-status", { REFUSED_HTTP(403), .body = "HTTP Error 403.16 - Forbidden" }, STACK_SCHANNEL, CONFIDENCE_HIGH, NULL },
	/* Alerts that one family sends. */
	{ "49", { ALERT(49) }, STACK_GNUTLS, CONFIDENCE_MEDIUM, "access_denied" },
	{ "46", { ALERT(46) }, STACK_JAVA, CONFIDENCE_MEDIUM, NULL },
	{ "48 is everybody's", { ALERT(48) }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	{ "42 is everybody's", { ALERT(42) }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	{ "46 before our flight is about something else",
	    { .phase = PHASE_HELLO, .outcome = OUTCOME_REJECTED_ALERT, .alert = { true, PEER_SERVER, 2, 46 } }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	/* A stranger's header is printed as text, not as what it wants to be. */
	{ "a hostile header", { ANSWER, .server = "nginx\033[31m" }, STACK_NGINX, CONFIDENCE_HIGH, "nginx\\x1b[31m" },
};

static void
it_is_guessed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct evidence *e = built_evidence(&cases[i].built);
		struct arena *a = arena_new();
		struct stack_guess g = stack_guess(e, a), silent = stack_guess(e, NULL);

		if (g.stack != cases[i].stack || g.confidence != cases[i].confidence)
			fail_msg("%s: %s, %s", cases[i].what, g.name, confidence_name(g.confidence));
		if (cases[i].because != NULL && strstr(g.because, cases[i].because) == NULL)
			fail_msg("%s: because “%s”", cases[i].what, g.because);
		assert_non_null(g.because);
		assert_int_equal(silent.stack, g.stack);
		arena_free(a);
		evidence_free(e);
	}
}

static void
every_stack_has_a_name(void **state)
{
	(void)state;
	for (int s = STACK_UNKNOWN; s < STACK_COUNT; s++)
		assert_non_null(stack_name((enum stack)s));
}

/* OpenSSL sends 46 where a name constraint is broken, and then the throwaway's 48 shows that it is no Java. */
static void
an_alert_is_no_tell_tale_where_the_controls_differ(void **state)
{
	struct built ours = { ALERT(46) }, java = { ALERT(46) }, openssl = { ALERT(48) };

	(void)state;
	for (int is_java = 0; is_java < 2; is_java++) {
		struct evidence *e = built_evidence(&ours);

		built_experiment(e, "throwaway", is_java ? &java : &openssl);
		assert_int_equal(stack_guess(e, NULL).stack, is_java ? STACK_JAVA : STACK_UNKNOWN);
		evidence_free(e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_guessed),
		cmocka_unit_test(every_stack_has_a_name),
		cmocka_unit_test(an_alert_is_no_tell_tale_where_the_controls_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
