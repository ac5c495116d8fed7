/*
 * Stacks, told by how they refuse: the measured matrix replayed (every server of it is to be recognised
 * from four answers), and what must not be made of fewer, of masked or of strange ones.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "model/calibration.h"
#include "model/memory.h"
#include "tests/evidence_builder.h"
#include "tests/matrix.h"

#define REFUSED(v, s, n) { .phase = (v) == 0x0304 ? PHASE_FINISHED : PHASE_OUR_FLIGHT, .version = v, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, \
	.sent_message = true, .sent = s, .by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, n } }
#define PAGE(s, text) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_REJECTED_HTTP, .asked = true, .sent_message = true, .sent = s, \
	.http_status = 400, .body = text }
#define ENDED(s, ms) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_CLOSE, .asked = true, .sent_message = true, .sent = s, \
	.by = PEER_SERVER, .how = END_CLOSE_NOTIFY, .late_ms = ms }
#define ACCEPTED { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_ACCEPTED_APP, .asked = true, .sent_message = true, .sent = 2, .http_status = 200 }
#define ACCEPTED_BY(header) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_ACCEPTED_APP, .asked = true, .sent_message = true, .sent = 2, \
	.http_status = 200, .server = header }

#define MOST 4
static const struct stack_case {
	const char *what;
	struct built base;
	struct { const char *name; struct built built; } did[MOST];
	enum stack stack;
	enum confidence confidence;
	const char *says; /* in its reason; NULL: not looked at */
} cases[] = {
	{ "OpenSSL, and Go by its source", ACCEPTED, { { "none-tls12", REFUSED(0x0303, 0, 40) }, { "throwaway", REFUSED(0x0304, 1, 48) },
	    { "wrong-key", REFUSED(0x0304, 2, 51) }, { "garbage", REFUSED(0x0304, 2, 50) } }, STACK_OPENSSL, CONFIDENCE_MEDIUM, "Go answers alike" },
	{ "a header tells these two apart", ACCEPTED_BY("Caddy"), { { "none-tls12", REFUSED(0x0303, 0, 40) }, { "throwaway", REFUSED(0x0304, 1, 48) },
	    { "wrong-key", REFUSED(0x0304, 2, 51) }, { "garbage", REFUSED(0x0304, 2, 50) } }, STACK_GO_NEW, CONFIDENCE_HIGH, NULL },
	{ "a header names what stands behind", ACCEPTED_BY("Jetty(9.4)"), { { "none-tls12", REFUSED(0x0303, 0, 40) }, { "throwaway", REFUSED(0x0304, 1, 48) },
	    { "wrong-key", REFUSED(0x0304, 2, 51) }, { "garbage", REFUSED(0x0304, 2, 50) } }, STACK_OPENSSL, CONFIDENCE_MEDIUM, "a wrong key: alert 51" },
	{ "rustls: by its source, never high", ACCEPTED, { { "no-certificate", REFUSED(0x0304, 0, 116) }, { "throwaway", REFUSED(0x0304, 1, 48) },
	    { "wrong-key", REFUSED(0x0304, 2, 51) }, { "garbage", REFUSED(0x0304, 2, 42) } }, STACK_RUSTLS, CONFIDENCE_MEDIUM, NULL },
	{ "an end without a word for everything", ACCEPTED, { { "no-certificate", ENDED(0, 12000) }, { "throwaway", ENDED(1, 15000) },
	    { "wrong-key", ENDED(2, 15000) }, { "garbage", ENDED(2, 29000) } }, STACK_S2N, CONFIDENCE_MEDIUM, NULL },
	{ "nginx, where the page is restyled", ACCEPTED, { { "no-certificate", PAGE(0, "<p>go away") }, { "throwaway", PAGE(1, "<p>go away") },
	    { "wrong-key", REFUSED(0x0304, 2, 51) }, { "garbage", REFUSED(0x0304, 2, 50) } }, STACK_NGINX, CONFIDENCE_MEDIUM, "ours, a throwaway certificate and none" },
	{ "two answers are too few", ACCEPTED, { { "wrong-key", REFUSED(0x0304, 2, 51) }, { "garbage", REFUSED(0x0304, 2, 42) } }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	/* Our certificate is refused before the signature is looked at: 48 says nothing of a wrong key. */
	{ "a wrong key behind a refusal", REFUSED(0x0304, 2, 48), { { "no-certificate", REFUSED(0x0304, 0, 116) }, { "throwaway", REFUSED(0x0304, 1, 48) },
	    { "wrong-key", REFUSED(0x0304, 2, 48) }, { "garbage", REFUSED(0x0304, 2, 42) } }, STACK_RUSTLS, CONFIDENCE_MEDIUM, NULL },
	{ "a throwaway that never went out says nothing", ACCEPTED, { { "none-tls12", REFUSED(0x0303, 0, 40) }, { "throwaway", REFUSED(0x0304, 0, 116) },
	    { "garbage", REFUSED(0x0304, 2, 50) } }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	{ "nobody answers so", ACCEPTED, { { "none-tls12", REFUSED(0x0303, 0, 80) }, { "throwaway", REFUSED(0x0304, 1, 80) },
	    { "wrong-key", REFUSED(0x0304, 2, 80) }, { "garbage", REFUSED(0x0304, 2, 80) } }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
	/* s2n-tls holds a refusal back for 10 to 30 s. */
	{ "late, without a word", ENDED(2, 14000), { { .name = NULL } }, STACK_S2N, CONFIDENCE_MEDIUM, "14 s after our certificate" },
	{ "at once, without a word", ENDED(2, 3), { { .name = NULL } }, STACK_UNKNOWN, CONFIDENCE_LOW, NULL },
};

static void
the_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct stack_case *c = &cases[i];
		struct evidence *e = built_evidence(&c->base);
		struct stack_guess g, same;

		for (size_t k = 0; k < MOST && c->did[k].name != NULL; k++)
			built_experiment(e, c->did[k].name, &c->did[k].built);
		g = stack_guess(e, e->arena);
		same = stack_guess(e, NULL);
		if (g.stack != c->stack || g.confidence != c->confidence || same.stack != g.stack)
			fail_msg("%s: %s (%s): %s", c->what, g.name, confidence_name(g.confidence), g.because);
		if (c->says != NULL && strstr(g.because, c->says) == NULL)
			fail_msg("%s: %s", c->what, g.because);
		assert_true(g.stack == STACK_UNKNOWN || g.source[0] != '\0');
		evidence_free(e);
	}
}

/* The four rows of one server in the matrix. */
static struct evidence *
four_of(const struct matrix_row *none)
{
	static const struct {
		const char *fault, *experiment;
	} rows[] = { { "selfsigned", "throwaway" }, { "keymismatch", "wrong-key" }, { "garbage", "garbage" } };
	struct evidence *e;
	struct matrix_row row;

	if (!matrix_same(none, "good", &row))
		return NULL;
	row.built.sent = 2;
	e = built_evidence(&row.built);
	built_experiment(e, none->version == 0x0303 ? "none-tls12" : "no-certificate", &none->built);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!matrix_same(none, rows[i].fault, &row)) {
			evidence_free(e);
			return NULL;
		}
		row.built.sent = i == 0 ? 1 : 2;
		built_experiment(e, rows[i].experiment, &row.built);
	}
	return e;
}

struct score {
	unsigned servers, wrong;
};

static void
one_server(const struct matrix_row *row, void *user)
{
	struct score *s = user;
	struct evidence *e;
	struct calibration c;

	/* Apache with the requirement on one path, in TLS 1.3: it never comes to ask. */
	if (strcmp(row->fault, "none") != 0 || row->cause == CODE_CLIENT_LATE_AUTH || (e = four_of(row)) == NULL)
		return;
	s->servers++;
	c = calibrate(e, e->arena);
	if (c.len == 0 || c.stacks[0] != row->stack || !calibration_measured(c.stacks[0])) {
		print_message("%s, TLS %x: %s: %s, not %s\n", row->server, row->version, c.seen, c.len > 0 ? stack_name(c.stacks[0]) : "none", stack_name(row->stack));
		s->wrong++;
	}
	evidence_free(e);
}

/* Fit on these rows, so this is no proof; it is that all six families are told apart. */
static void
every_measured_server(void **state)
{
	struct score s = { 0 };

	(void)state;
	matrix_each(one_server, &s);
	print_message("%u servers of the matrix, %u not recognised\n", s.servers, s.wrong);
	assert_true(s.servers >= 15);
	assert_int_equal(s.wrong, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cases),
		cmocka_unit_test(every_measured_server),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
