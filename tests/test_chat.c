/*
 * What is pasted into a chat: whole texts compared, for a cause that is proven, one that is not, what works and
 * what is not reached; and that it stays short whatever the evidence.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/chat.h"
#include "tests/pages.h"

#define TESTED "tested: order.crt on bastion-2, not what the running service sends\nseen at: 2026-11-18 11:06:40 UTC\n"
#define CANDIDATES \
	"either client.untrusted: the server does not trust our CA (medium); what decides: the server's log line\n" \
	"or client.partial-trust: the server trusts only the issuing CA, not its root (low); what decides: the server's trust file\n"

static const struct {
	enum pages_story story;
	const char *summary;
} cases[] = {
	{ PAGES_FORGOTTEN, "✗ FAIL payment.internal:8443: client.missing-intermediate (certain)\n"
	    "OUR SIDE: our chain lacks “Acme Issuing CA 1”; the server cannot get from “order-service” to the root it trusts.\n"
	    "proof: as it is (h1): refused, alert 48 unknown_ca\n"
	    "  and with the missing CA added (h3): accepted\n" TESTED },
	{ PAGES_ACCEPTED, "✓ OK payment.internal:8443\nThe server accepts our certificate, and we trust its chain.\n" TESTED },
	{ PAGES_NOT_PROVEN, "✗ FAIL payment.internal:8443: client.rejected (low)\n"
	    "OUR SIDE? refused, cause not proven. The server refused our certificate with alert 48 unknown_ca; our files do not show why.\n"
	    "seen: h1: the server sent alert 48 unknown_ca, 1.9 ms after our Finished\n" CANDIDATES TESTED },
	{ PAGES_REFUSED_PORT, "✗ DOWN payment.internal:8443: net.refused (certain)\n"
	    "NETWORK: nothing listens at 127.0.0.1:8443.\n"
	    "seen: h1: 127.0.0.1:8443 refused the connection\n" TESTED },
};

static void
summaries(void **state)
{
	struct pages *p = pages_make();

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = { 0 };

		summary_for_chat(pages_diagnosis(p, cases[i].story), &b);
		assert_string_equal(buf_str(&b), cases[i].summary);
		buf_done(&b);
	}
	pages_free(p);
}

/* Nothing is asked where the cause is known, or where nobody is there to be asked. */
static void
questions(void **state)
{
	static const enum pages_story none[] = { PAGES_FORGOTTEN, PAGES_ACCEPTED, PAGES_REFUSED_PORT, PAGES_HTTP_400 };
	static const char *const parts[] = { "To the owner of payment.internal:8443:\n",
		"At 2026-11-18 11:06:40 UTC your server refused us: alert 48 unknown_ca, 1.9 ms after our Finished. We came from bastion-2 to 127.0.0.1:8443.\n",
		"We sent “order-service”, issued by “Acme Issuing CA 1”, serial ", ", SHA-256 ", CANDIDATES,
		"What does your server's log say of that moment?" };
	struct pages *p = pages_make();
	struct buf b = { 0 };
	const char *at;

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_false(question_for_owner(pages_diagnosis(p, none[i]), &b));
	assert_int_equal(b.len, 0);
	assert_true(question_for_owner(pages_diagnosis(p, PAGES_NOT_PROVEN), &b));
	at = buf_str(&b);
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		at = strstr(at, parts[i]);
		if (at == NULL)
			fail_msg("not there, or not in its place: %s\n%s", parts[i], b.data);
	}
	buf_done(&b);
	pages_free(p);
}

/* Eight lines at most, whatever there is to say: five candidates, four proofs. */
static void
stays_short(void **state)
{
	static const enum code codes[] = { CODE_CLIENT_UNTRUSTED, CODE_CLIENT_REVOKED, CODE_CLIENT_FORBIDDEN, CODE_CLIENT_PARTIAL_TRUST,
		CODE_CLOCK_SERVER_SKEW };
	struct pages *p = pages_make();
	struct diagnosis *d = pages_diagnosis(p, PAGES_NOT_PROVEN);
	struct candidate many[5];
	struct finding *root = (struct finding *)(uintptr_t)d->root;
	struct buf b = { 0 };
	size_t lines = 0;

	(void)state;
	for (size_t i = 0; i < 5; i++)
		many[i] = (struct candidate){ .code = codes[i], .likelihood = CONFIDENCE_LOW, .decided_by = "a log" };
	root->candidates = many;
	root->candidates_len = 5;
	summary_for_chat(d, &b);
	for (const char *c = buf_str(&b); *c != '\0'; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 8);
	assert_non_null(strstr(b.data, "or client.forbidden"));
	assert_non_null(strstr(b.data, " (2 more: mtlscope check says which)\n"));
	assert_null(strstr(b.data, "partial-trust"));
	assert_null(strstr(b.data, "what decides: a log; what decides"));
	buf_done(&b);
	pages_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(summaries),
		cmocka_unit_test(questions),
		cmocka_unit_test(stays_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
