/* Several addresses on the screens of an endpoint: which one fails, its chains, its handshake. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/memory.h"
#include "model/report.h"
#include "tests/chains.h"
#include "tests/endpoint_screen.h"
#include "tests/evidence_builder.h"
#include "tests/screen.h"
#include "tui/view.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER, .r = { .cn = "payment.internal" } },
	{ .name = "ended", .issuer = "issuing", .role = IS_SERVER, .r = { .cn = "payment.internal" }, .from = -100, .to = -10 },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
};
static struct chains *chains;

#define FIRST "192.0.2.7:8443"
#define SECOND "[2001:db8::8]:8443"
#define LONG "[2001:db8:1234:5678:9abc:def0:1234:5678]:8443"

/* The first lets us in, the second has no such CA; a third was not looked at. */
static struct evidence *
two_addresses(const char *second)
{
	static const struct chain_case t = { .server = { "server", "issuing" }, .ours = { "us", "issuing" } };
	static const struct built refused = { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true,
		.sent = 2, .by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, 48 } };
	const char *const all[] = { FIRST, second, "192.0.2.9:8443" };
	struct evidence *e = chains_evidence(chains, &t);
	struct handshake *base = e->handshakes[0], *other;

	base->address = all[0];
	base->attempts = arena_array(base->arena, 3, sizeof *base->attempts);
	base->attempts_len = 3;
	for (size_t i = 0; i < 3; i++)
		base->attempts[i] = (struct attempt){ .address = all[i], .result = i == 0 ? CONNECT_OK : CONNECT_NOT_TRIED, .start_ms = i == 0 ? 0 : -1,
			.end_ms = i == 0 ? 1 : -1 };
	built_experiment(e, "address", &refused);
	other = e->handshakes[1];
	other->address = other->attempts[0].address = second;
	other->server_certs = arena_dup(other->arena, base->server_certs, base->server_certs_len * sizeof *base->server_certs);
	other->server_certs_len = base->server_certs_len;
	for (size_t i = 0; i < other->server_certs_len; i++)
		other->server_certs[i].cert = cert_ref(base->server_certs[i].cert);
	other->sent_certs = arena_dup(other->arena, base->sent_certs, base->sent_certs_len * sizeof *base->sent_certs);
	other->sent_certs_len = base->sent_certs_len;
	other->request.cas = base->request.cas; /* they end together */
	other->request.cas_len = base->request.cas_len;
	return e;
}

/* Both let us in; the second serves a certificate that has ended. */
static struct evidence *
another_certificate(void)
{
	static const struct chain_case there = { .server = { "ended", "issuing" }, .ours = { "us", "issuing" } };
	struct evidence *e = two_addresses(SECOND), *second = chains_evidence(chains, &there);
	struct handshake *was = e->handshakes[1], *is = second->handshakes[0];

	is->id = arena_strdup(is->arena, was->id);
	is->experiment = was->experiment;
	is->address = SECOND;
	is->attempts = arena_array(is->arena, 1, sizeof *is->attempts);
	is->attempts[0] = (struct attempt){ .address = SECOND, .result = CONNECT_OK, .end_ms = 1 };
	is->attempts_len = 1;
	e->handshakes[1] = is;
	second->handshakes[0] = was;
	evidence_free(second);
	return e;
}

/* What the tabs say of certificates and dates is of the address that fails, as the page's trees are: the other one's would all be well. */
static void
tabs_are_of_the_address_that_fails(void **state)
{
	static const struct {
		const char *key, *says;
	} tabs[] = {
		{ "5", "THEIRS  leaf         payment.internal             sent      EXPIRED" },
		{ "6", "THEIRS  FAIL" },
		{ "4", "BY THE CLOCK ALONE, AT " SECOND },
		{ "4", "theirs FAIL ours OK    now" },
	};
	struct console_setup setup = { .world = NULL };
	struct screen *s;

	(void)state;
	endpoint_screen(&setup, another_certificate());
	s = screen_open(40, 80, SCREEN_UTF8, &setup);
	for (size_t i = 0; i < sizeof tabs / sizeof tabs[0]; i++) {
		screen_keys(s, tabs[i].key);
		screen_wait(s, tabs[i].says);
		assert_true(screen_has(s, i >= 2 ? "AT " SECOND : "at " SECOND ", one of the addresses"));
	}
	/* And Enter on what has ended opens just that. */
	screen_keys(s, "5 Enter");
	screen_wait(s, "EXPIRED 10 d ago");
	screen_close(s);
}

static void
show(struct console_setup *setup, void *user)
{
	endpoint_screen(setup, two_addresses(user));
}

static void
the_page_says_which_address_fails(void **state)
{
	(void)state;
	screen_goldens("address", show, SECOND, "1");
}

static void
every_address_has_its_ladder(void **state)
{
	(void)state;
	screen_goldens("address-handshake", show, SECOND, "3");
}

/* Long addresses are not written over what stands beside them. */
static void
no_row_of_the_experiments_runs_into_the_next(void **state)
{
	struct console_setup setup = { .world = NULL };
	struct screen *s;

	(void)state;
	show(&setup, LONG);
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_keys(s, "4");
	assert_true(screen_has(s, "at " LONG));
	assert_true(screen_has(s, "✗ refused, alert 48 unknown_ca"));
	screen_close(s);
}

static void
the_report_says_so_too(void **state)
{
	struct report_style style = { .columns = 80 };
	struct evidence *e = two_addresses(LONG);
	struct diagnosis *d = diagnose(e);
	struct buf page = { 0 };

	(void)state;
	built_check_form(d, "two addresses");
	report_one(d, &style, &page);
	assert_non_null(strstr(buf_str(&page), "1 other address of the name was not looked at: 192.0.2.9:8443"));
	assert_non_null(strstr(buf_str(&page), "OUR CHAIN: FAIL, the server refuses it at [2001:db8:"));
	assert_non_null(strstr(buf_str(&page), "SERVER'S CHAIN: OK"));
	buf_done(&page);
	diagnosis_free(d);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_page_says_which_address_fails),
		cmocka_unit_test(every_address_has_its_ladder),
		cmocka_unit_test(no_row_of_the_experiments_runs_into_the_next),
		cmocka_unit_test(the_report_says_so_too),
		cmocka_unit_test(tabs_are_of_the_address_that_fails),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
