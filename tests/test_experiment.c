/* Experiments: the table itself, when each is worth a connection, and the bounds that politeness sets. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/experiment.h"
#include "model/limits.h"
#include "model/page.h"
#include "tests/chains.h"
#include "tests/evidence_builder.h"

enum { WORDS_MOST = 36 /* columns that the tab of experiments has for them */ };

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
};
static struct chains *chains;

static int
set_up(void **state)
{
	(void)state;
	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	chains_free(chains);
	return 0;
}

static void
the_table_is_whole(void **state)
{
	(void)state;
	assert_ptr_equal(experiment_baseline, &experiment_rows[0]);
	for (size_t i = 0; i < experiment_rows_len; i++) {
		const struct experiment *x = &experiment_rows[i];

		assert_ptr_equal(experiment_named(x->name), x); /* so no name is there twice */
		assert_true(x->words != NULL && x->words[0] != '\0' && strlen(x->words) <= WORDS_MOST);
		assert_true((x->worth == NULL) == (x == experiment_baseline));
	}
	assert_null(experiment_named("no such thing"));
	assert_null(experiment_named(NULL));
	assert_true(experiment_rows_len <= LIMIT_HANDSHAKES);
}

#define ALERT(n) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent = 2, .by = PEER_SERVER, \
	.how = END_ALERT, .alert = { true, PEER_SERVER, 2, n } }
#define NO_CERT { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent_message = true, \
	.by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, 116 } }
#define OK(n) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_ACCEPTED_APP, .asked = true, .sent_message = true, .sent = n, \
	.http_status = 200 }
#define WENT_DEAD { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_NETWORK, .asked = true, .sent = 1, .how = END_TIMEOUT }

#define MOST 4
static const struct next_case {
	const char *what;
	const char *ours[CHAIN_MAX];
	struct built base;
	struct { const char *name; struct built built; } done[MOST];
	struct experiment_limits limits;
	const char *next; /* NULL: none */
} next_cases[] = {
	{ "refused: what is missing is added first", { "us" }, ALERT(48), { { .name = NULL } }, { 0 }, "with-intermediate" },
	{ "one of many too", { "us" }, ALERT(48), { { .name = NULL } }, { .many = true }, "with-intermediate" },
	{ "quick asks nothing", { "us" }, ALERT(48), { { .name = NULL } }, { .quick = true }, NULL },
	{ "it was accepted: settled", { "us" }, ALERT(48), { { "with-intermediate", OK(3) } }, { 0 }, NULL },
	{ "it was refused: go on", { "us" }, ALERT(48), { { "with-intermediate", { .phase = PHASE_FINISHED, .version = 0x0304,
	    .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent = 3, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, 48 } } } }, { 0 },
	    "no-certificate" },
	{ "refused, complete", { "us", "issuing" }, ALERT(48), { { .name = NULL } }, { 0 }, "no-certificate" },
	{ "one of many: nothing is proven", { "us", "issuing" }, ALERT(48), { { .name = NULL } }, { .many = true }, NULL },
	{ "of many, the one that proves it", { "us", "issuing" }, ALERT(48), { { .name = NULL } }, { .many = true, .proves = true }, "no-certificate" },
	{ "then a throwaway", { "us", "issuing" }, ALERT(48), { { "no-certificate", NO_CERT } }, { 0 }, "throwaway" },
	{ "then no more", { "us", "issuing" }, ALERT(48), { { "no-certificate", NO_CERT }, { "throwaway", ALERT(48) } }, { 0 }, NULL },
	{ "accepted: without one?", { "us", "issuing" }, OK(2), { { .name = NULL } }, { 0 }, "no-certificate" },
	{ "accepted, one of many", { "us", "issuing" }, OK(2), { { .name = NULL } }, { .many = true }, NULL },
	{ "accepted, quick", { "us", "issuing" }, OK(2), { { .name = NULL } }, { .quick = true }, NULL },
	{ "accepted without: a throwaway would tell nothing", { "us", "issuing" }, OK(2), { { "no-certificate", OK(0) } }, { 0 }, NULL },
	{ "refused without: any certificate?", { "us", "issuing" }, OK(2), { { "no-certificate", NO_CERT } }, { 0 }, "throwaway" },
	{ "went dead without: nothing is known", { "us", "issuing" }, OK(2), { { "no-certificate", WENT_DEAD } }, { 0 }, NULL },
	{ "none was given to us", { NULL }, NO_CERT, { { .name = NULL } }, { 0 }, NULL },
	{ "nobody asked", { "us", "issuing" }, { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 200 },
	    { { .name = NULL } }, { 0 }, NULL },
	{ "nobody asked, and forbidden: later?", { "us", "issuing" },
	    { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 403 }, { { .name = NULL } }, { 0 }, "late-auth" },
	{ "the same without an identity", { NULL },
	    { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 403 }, { { .name = NULL } }, { 0 }, NULL },
	{ "died after our hello", { "us", "issuing" }, { .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .how = END_ALERT, .by = PEER_SERVER,
	    .alert = { true, PEER_SERVER, 2, 70 } }, { { .name = NULL } }, { 0 }, "wide-hello" },
	{ "no connection", { "us", "issuing" }, { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .how = END_RST }, { { .name = NULL } }, { 0 }, NULL },
};

static struct evidence *
evidence_for(const struct next_case *c)
{
	struct chain_case t = { .server = { "server", "issuing" } };
	struct evidence *e;

	memcpy(t.ours, c->ours, sizeof t.ours);
	e = chains_evidence(chains, &t);
	built_into(e, &c->base);
	for (size_t i = 0; i < MOST && c->done[i].name != NULL; i++)
		built_experiment(e, c->done[i].name, &c->done[i].built);
	return e;
}

static void
it_is_asked_while_it_may_change_the_verdict(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof next_cases / sizeof next_cases[0]; i++) {
		struct evidence *e = evidence_for(&next_cases[i]);
		struct diagnosis *d = diagnose(e);
		const struct experiment *next = experiment_next(d, &next_cases[i].limits);
		const char *name = next != NULL ? next->name : "none", *right = next_cases[i].next != NULL ? next_cases[i].next : "none";

		if (strcmp(name, right) != 0)
			fail_msg("%s: %s, not %s", next_cases[i].what, name, right);
		diagnosis_free(d);
		evidence_free(e);
	}
}

static void
eight_connections_are_the_most(void **state)
{
	const struct next_case c = { .ours = { "us", "issuing" }, .base = ALERT(48) };
	const struct built again = ALERT(48);
	const struct experiment_limits none = { 0 };
	struct evidence *e = evidence_for(&c);

	(void)state;
	for (int i = 1; i < LIMIT_EXPERIMENTS; i++) {
		struct diagnosis *d = diagnose(e);

		assert_non_null(experiment_next(d, &none));
		diagnosis_free(d);
		built_experiment(e, "something else", &again);
	}
	struct diagnosis *d = diagnose(e);
	assert_null(experiment_next(d, &none));
	diagnosis_free(d);
	evidence_free(e);
}

static void
nothing_after_it_was_cancelled(void **state)
{
	const struct next_case c = { .ours = { "us", "issuing" }, .base = ALERT(48) };
	const struct experiment_limits none = { 0 };
	struct evidence *e = evidence_for(&c);
	struct diagnosis *d;

	(void)state;
	e->handshakes[0]->cancelled = true;
	d = diagnose(e);
	assert_null(experiment_next(d, &none));
	diagnosis_free(d);
	evidence_free(e);
}

static void
only_an_answer_tells(void **state)
{
	static const struct {
		const char *name;
		struct built built;
		bool told;
	} cases[] = {
		{ "no-certificate", NO_CERT, true }, { "no-certificate", WENT_DEAD, false },
		{ "throwaway", { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent = 1, .how = END_ALERT,
		    .alert = { true, PEER_SERVER, 2, 48 } }, true },
		{ "throwaway", NO_CERT, false }, /* the server takes no key of its kind: it is the answer to nothing */
		{ "with-intermediate", ALERT(48), false }, { "with-intermediate", OK(3), true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct next_case c = { .ours = { "us", "issuing" }, .base = ALERT(48) };
		struct evidence *e = evidence_for(&c);

		assert_null(experiment_told(e, cases[i].name));
		built_experiment(e, cases[i].name, &cases[i].built);
		if ((experiment_told(e, cases[i].name) != NULL) != cases[i].told)
			fail_msg("case %zu, %s", i, cases[i].name);
		evidence_free(e);
	}
}

static void
what_is_missing_is_added_in_its_place(void **state)
{
	struct chain_case t = { .server = { "server", "issuing" }, .ours = { "us" }, .answer = REFUSED };
	struct evidence *e = chains_evidence(chains, &t);
	struct diagnosis *d = diagnose(e);

	(void)state;
	assert_int_equal(d->completed_len, 2);
	assert_ptr_equal(d->completed[0], e->identity->certs[0]);
	assert_string_equal(d->completed[1]->sha256_hex, chains_cert(chains, "issuing")->sha256_hex);
	diagnosis_free(d);
	evidence_free(e);
	t = (struct chain_case){ .server = { "server", "issuing" }, .ours = { "us", "root" }, .answer = REFUSED };
	e = chains_evidence(chains, &t);
	d = diagnose(e);
	assert_int_equal(d->completed_len, 3);
	assert_string_equal(d->completed[1]->sha256_hex, chains_cert(chains, "issuing")->sha256_hex);
	assert_string_equal(d->completed[2]->sha256_hex, chains_cert(chains, "root")->sha256_hex);
	diagnosis_free(d);
	evidence_free(e);
	t = (struct chain_case){ .server = { "server", "issuing" }, .ours = { "us", "issuing" }, .answer = REFUSED };
	e = chains_evidence(chains, &t);
	d = diagnose(e);
	assert_int_equal(d->completed_len, 0); /* nothing is missing */
	diagnosis_free(d);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_whole),
		cmocka_unit_test(it_is_asked_while_it_may_change_the_verdict),
		cmocka_unit_test(eight_connections_are_the_most),
		cmocka_unit_test(nothing_after_it_was_cancelled),
		cmocka_unit_test(only_an_answer_tells),
		cmocka_unit_test(what_is_missing_is_added_in_its_place),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
