/* Two cases compared: what differs is told, in the order of its weight, and what does not is not. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/diff_case.h"
#include "model/memory.h"
#include "tests/chains.h"
#include "tests/kept_case.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .r = { .cn = "payment.internal" } },
	{ .name = "renewed", .issuer = "issuing", .role = IS_SERVER, .r = { .cn = "payment.internal" }, .from = -1, .to = 90 },
	{ .name = "client", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
};

#define SEEN(...) { .server = { "server", "issuing" }, .ours = { "client", "issuing" }, __VA_ARGS__ }

static const struct {
	const char *what;
	struct chain_case a, b;
	const char *says[4];  /* in this order */
	const char *never[4];
} rows[] = {
	{ "the same", SEEN(.answer = ACCEPTED), SEEN(.answer = ACCEPTED), { "No difference but the times." }, { "What was seen", "verdict" } },
	{ "an intermediate that was forgotten", SEEN(.answer = ACCEPTED), { .server = { "server", "issuing" }, .ours = { "client" }, .answer = REFUSED },
	    { "+ verdict     error: client.missing-intermediate", "+ answer      rejected-alert, alert 48 unknown_ca", "Our certificates",
		"only in old.case" }, { "cipher", "The server's certificates" } },
	{ "a renewed certificate", SEEN(.answer = ACCEPTED), { .server = { "renewed", "issuing" }, .ours = { "client", "issuing" }, .answer = ACCEPTED },
	    { "The server's certificates", "certificate “payment.internal”", "until" }, { "Our certificates", "What was seen" } },
	{ "another order", SEEN(.answer = NOT_ASKED), { .server = { "issuing", "server" }, .ours = { "client", "issuing" }, .answer = NOT_ASKED },
	    { "The same certificates, in another order." }, { "only in" } },
	{ "another version", SEEN(.answer = ACCEPTED), SEEN(.answer = ACCEPTED, .cipher = "ECDHE-ECDSA-AES128-GCM-SHA256"),
	    { "- TLS         TLSv1.3", "+ TLS         TLSv1.2", "cipher" }, { "verdict", "address" } },
	{ "a clock", SEEN(.answer = ACCEPTED), SEEN(.answer = ACCEPTED, .clock_minutes = 120), { "+ clock       2 h ahead of ours" }, { "- target" } },
	{ "another list of CAs", SEEN(.answer = ACCEPTED), SEEN(.answer = ACCEPTED, .listed = { "issuing" }),
	    { "- names CAs   O=Acme,CN=Acme Root CA", "+ names CAs   O=Acme,CN=Acme Issuing CA 1" }, { "algorithms" } },
	{ "no client certificate asked for", SEEN(.answer = ACCEPTED), SEEN(.answer = NOT_ASKED), { "+ asks        no client certificate" }, { "- TLS" } },
	{ "files beside a server", SEEN(.answer = ACCEPTED), { .server = { "server", "issuing" }, .answer = OFFLINE_SERVER }, { "- answer", "+ answer      none" }, { "+ our key     belongs" } },
};

static struct chains *chains;

static struct evidence *
kept(const struct chain_case *t)
{
	struct evidence *seen = chains_evidence(chains, t), *e = kept_read(seen, "diff");

	evidence_free(seen);
	return e;
}

static void
what_differs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct evidence *a = kept(&rows[i].a), *b = kept(&rows[i].b);
		struct diagnosis *x = diagnose(a), *y = diagnose(b);
		struct report_style style = { .columns = 80 };
		struct buf page = { 0 };
		const char *at;

		diff_cases_page(x, y, "old.case", "new.case", &style, &page);
		at = buf_str(&page);
		assert_non_null(strstr(at, "- old.case: seen 2026-11-18 11:06 UTC from bastion-2\n+ new.case: seen"));
		for (size_t k = 0; k < 4 && rows[i].says[k] != NULL; k++) {
			at = strstr(at, rows[i].says[k]);
			if (at == NULL)
				fail_msg("%s: “%s” is not said, or not there:\n%s", rows[i].what, rows[i].says[k], buf_str(&page));
		}
		for (size_t k = 0; k < 4 && rows[i].never[k] != NULL; k++)
			if (strstr(buf_str(&page), rows[i].never[k]) != NULL)
				fail_msg("%s: “%s” is said:\n%s", rows[i].what, rows[i].never[k], buf_str(&page));
		buf_done(&page);
		diagnosis_free(x);
		diagnosis_free(y);
		evidence_free(a);
		evidence_free(b);
	}
}

static void
certificates_of_a_case(void **state)
{
	struct evidence *e = kept(&rows[0].a);
	struct objects o = { .len = 0 };

	(void)state;
	case_objects(e, "seen.case", &o);
	assert_int_equal(o.len, 4);
	assert_ptr_equal(o.items[0].cert, chains_cert(chains, "server"));
	assert_ptr_equal(o.items[2].cert, chains_cert(chains, "client"));
	assert_string_equal(o.items[3].file, "seen.case");
	objects_done(&o);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_differs),
		cmocka_unit_test(certificates_of_a_case),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
