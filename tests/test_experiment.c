/* Experiments: the table itself, when each is worth a connection, and the bounds that politeness sets. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "model/experiment.h"
#include "model/experiment_parts.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/page.h"
#include "tests/chains.h"
#include "tests/evidence_builder.h"

enum { WORDS_MOST = 36 /* columns that the tab of experiments has for them */ };

#define SAN(...) ((const char *const[]){ __VA_ARGS__, NULL })
static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "elsewhere", .issuer = "issuing", .role = IS_SERVER, .r = { .san = SAN("DNS:*.elsewhere.internal", "DNS:Staging.internal") } },
	{ .name = "odd", .issuer = "issuing", .role = IS_SERVER,
	    .r = { .raw_san = (const struct pki_raw_san[]){ { 2, "good.internal\0.evil.example", 27 }, { 2, "a b.internal", 12 }, { 2, "..", 2 },
	        { 2, "localhost", 9 }, { 2, "*", 1 }, { 2, "*.*.internal", 12 }, { 2, "Payment.Internal", 16 }, { 2, "STAGING.internal", 16 }, { .type = -1 } } } },
	{ .name = "us", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" } },
};
static struct chains *chains;

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
#define THROWAWAY(n) { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent = 1, .by = PEER_SERVER, \
	.how = END_ALERT, .alert = { true, PEER_SERVER, 2, n } }
#define NO_CERT { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent_message = true, \
	.by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, 116 } }
#define OK(n) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_ACCEPTED_APP, .asked = true, .sent_message = true, .sent = n, \
	.http_status = 200 }
#define NOT_ASKED(n) { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = n }
#define FORBIDDEN { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_REJECTED_HTTP, .asked = true, .sent = 2, .http_status = 403 }
#define DIED(n) { .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .how = END_ALERT, .by = PEER_SERVER, .alert = { true, PEER_SERVER, 2, n } }
#define OFFERED_H2(n) { .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .how = END_ALERT, .by = PEER_SERVER, .alert = { true, PEER_SERVER, 2, n }, \
	.offered_alpn = "h2" }
#define DEAF { .wide_tried = true, .phase = PHASE_HELLO, .outcome = OUTCOME_NETWORK, .how = END_RST, .by = PEER_SERVER }
#define NOT_SENT { .phase = PHASE_OUR_FLIGHT, .version = 0x0303, .outcome = OUTCOME_REJECTED_CLOSE, .asked = true, .sent_message = true, .by = PEER_SERVER, \
	.how = END_FIN, .sigalg = 0x0804 }
#define WENT_DEAD { .phase = PHASE_FINISHED, .version = 0x0304, .outcome = OUTCOME_NETWORK, .asked = true, .sent = 1, .how = END_TIMEOUT }

#define MOST 6
static const struct next_case {
	const char *what;
	const char *ours[CHAIN_MAX];
	struct built base;
	struct { const char *name; struct built built; } done[MOST];
	struct experiment_limits limits;
	const char *next; /* NULL: none */
	const char *server, *path; /* NULL: "server", "/" */
} next_cases[] = {
	{ "refused: what is missing is added first", { "us" }, ALERT(48), { { .name = NULL } }, { 0 }, .next = "with-intermediate" },
	{ "one of many too", { "us" }, ALERT(48), { { .name = NULL } }, { .many = true }, .next = "with-intermediate" },
	{ "quick asks nothing", { "us" }, ALERT(48), { { .name = NULL } }, { .quick = true }, .next = NULL },
	{ "it was accepted: settled", { "us" }, ALERT(48), { { "with-intermediate", OK(3) } }, { 0 }, .next = NULL },
	{ "it was refused: go on", { "us" }, ALERT(48), { { "with-intermediate", { .phase = PHASE_FINISHED, .version = 0x0304,
	    .outcome = OUTCOME_REJECTED_ALERT, .asked = true, .sent = 3, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, 48 } } } }, { 0 },
	    .next = "no-certificate" },
	{ "refused, complete", { "us", "issuing" }, ALERT(48), { { .name = NULL } }, { 0 }, .next = "no-certificate" },
	{ "one of many: nothing is proven", { "us", "issuing" }, ALERT(48), { { .name = NULL } }, { .many = true }, .next = NULL },
	{ "of many, the one that proves it", { "us", "issuing" }, ALERT(48), { { .name = NULL } }, { .many = true, .proves = true }, .next = "no-certificate" },
	{ "then a throwaway", { "us", "issuing" }, ALERT(48), { { "no-certificate", NO_CERT } }, { 0 }, .next = "throwaway" },
	{ "then no more", { "us", "issuing" }, ALERT(48), { { "no-certificate", NO_CERT }, { "throwaway", THROWAWAY(48) } }, { 0 }, .next = NULL },
	{ "accepted: without one?", { "us", "issuing" }, OK(2), { { .name = NULL } }, { 0 }, .next = "no-certificate" },
	{ "accepted, one of many", { "us", "issuing" }, OK(2), { { .name = NULL } }, { .many = true }, .next = NULL },
	{ "accepted, quick", { "us", "issuing" }, OK(2), { { .name = NULL } }, { .quick = true }, .next = NULL },
	{ "accepted without: a throwaway would tell nothing", { "us", "issuing" }, OK(2), { { "no-certificate", OK(0) } }, { 0 }, .next = NULL },
	{ "refused without: any certificate?", { "us", "issuing" }, OK(2), { { "no-certificate", NO_CERT } }, { 0 }, .next = "throwaway" },
	{ "went dead without: nothing is known", { "us", "issuing" }, OK(2), { { "no-certificate", WENT_DEAD } }, { 0 }, .next = NULL },
	{ "none was given to us", { NULL }, NO_CERT, { { .name = NULL } }, { 0 }, .next = NULL },
	{ "nobody asked", { "us", "issuing" }, { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 200 },
	    { { .name = NULL } }, { 0 }, .next = "sni-none" },
	{ "nobody asked, whatever the name", { "us", "issuing" }, NOT_ASKED(200), { { "sni-none", NOT_ASKED(200) } }, { 0 }, .next = NULL },
	{ "nor here, and its certificate has another name", { "us", "issuing" }, NOT_ASKED(200), { { "sni-none", NOT_ASKED(200) } }, { 0 }, .next = "sni-other",
	    .server = "elsewhere" },
	{ "one of many is not asked under another name", { "us", "issuing" }, NOT_ASKED(200), { { .name = NULL } }, { .many = true }, .next = NULL },
	{ "no name went out: another one, where there is one", { "us", "issuing" },
	    { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 200, .no_name = true }, { { .name = NULL } }, { 0 },
	    .next = "sni-other", .server = "elsewhere" },
	{ "nobody asked, and forbidden: later?", { "us", "issuing" },
	    { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 403 }, { { .name = NULL } }, { 0 }, .next = "late-auth" },
	/* Apache with the requirement on one path tells everybody so in TLS 1.3: what is wanted shows only to who lets himself be asked. */
	{ "the same without an identity", { NULL },
	    { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 403 }, { { .name = NULL } }, { 0 }, .next = "late-auth" },
	{ "a password is wanted: no late question", { NULL },
	    { .phase = PHASE_RESPONSE, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .http_status = 401 }, { { .name = NULL } }, { 0 }, .next = "sni-none" },
	{ "not even late, in TLS 1.3: then in 1.2?", { "us", "issuing" }, NOT_ASKED(403), { { "late-auth", NOT_ASKED(403) } }, { 0 }, .next = "tls12" },
	{ "forbidden at a path: everywhere?", { "us", "issuing" }, FORBIDDEN, { { "no-certificate", FORBIDDEN }, { "throwaway", FORBIDDEN } }, { 0 },
	    .next = "root-path", .path = "/orders" },
	{ "forbidden at /", { "us", "issuing" }, FORBIDDEN, { { "no-certificate", FORBIDDEN }, { "throwaway", FORBIDDEN } }, { 0 }, .next = NULL },
	{ "no protocol in common: without one?", { "us", "issuing" }, OFFERED_H2(120), { { .name = NULL } }, { 0 }, .next = "alpn-none" },
	{ "that is served", { "us", "issuing" }, OFFERED_H2(120), { { "alpn-none", OK(2) } }, { 0 }, .next = "wide-hello" },
	{ "nor that: with http/1.1?", { "us", "issuing" }, OFFERED_H2(120), { { "alpn-none", DIED(120) } }, { 0 }, .next = "alpn-http1.1" },
	{ "HTTP/2, and nobody asked", { "us", "issuing" }, { .phase = PHASE_ACCEPTED, .version = 0x0304, .outcome = OUTCOME_NOT_ASKED, .alpn = "h2",
	    .offered_alpn = "h2,http/1.1" }, { { .name = NULL } }, { 0 }, .next = "alpn-http1.1" },
	{ "reset on every hello: one without TLS 1.3?", { "us", "issuing" }, DEAF, { { .name = NULL } }, { 0 }, .next = "tls12" },
	{ "the same with --quick", { "us", "issuing" }, DEAF, { { .name = NULL } }, { .quick = true }, .next = NULL },
	{ "it does not know the name: without one?", { "us", "issuing" }, DIED(112), { { "wide-hello", DIED(112) }, { "tls12", DIED(112) } }, { 0 },
	    .next = "sni-none" },
	{ "the root is in our file", { "us", "issuing", "root" }, ALERT(48), { { .name = NULL } }, { 0 }, .next = "without-root" },
	{ "our file is in no order", { "us", "root", "issuing" }, ALERT(48), { { .name = NULL } }, { 0 }, .next = "in-order" },
	{ "a throwaway did not go out", { "us", "issuing" }, OK(2), { { "no-certificate", NO_CERT }, { "throwaway", NO_CERT } }, { 0 }, .next = "other-ca" },
	{ "it went out, and no answer came", { "us", "issuing" }, OK(2), { { "no-certificate", NO_CERT }, { "throwaway", WENT_DEAD } }, { 0 }, .next = NULL },
	{ "ours did not go out, and RSA is taken", { "us", "issuing" }, NOT_SENT, { { .name = NULL } }, { 0 }, .next = "throwaway-rsa" },
	{ "alert 40 of TLS 1.2, and no more allowed", { "us", "issuing" }, { .phase = PHASE_OUR_FLIGHT, .version = 0x0303, .outcome = OUTCOME_REJECTED_ALERT,
	    .asked = true, .sent = 2, .by = PEER_SERVER, .how = END_ALERT, .alert = { true, PEER_SERVER, 2, 40 }, .offered_max = 0x0303 },
	    { { .name = NULL } }, { 0 }, .next = "tls13" },
	{ "deep: all that is left", { "us", "issuing" }, OK(2), { { "alpn-http1.1", OK(2) }, { "tls12", OK(2) }, { "tls13", OK(2) },
	    { "no-certificate", NO_CERT }, { "throwaway", THROWAWAY(48) }, { "other-ca", THROWAWAY(48) } }, { .deep = true }, .next = "sni-none" },
	{ "deep, and one of many: as any of many", { "us", "issuing" }, OK(2), { { .name = NULL } }, { .many = true, .deep = true }, .next = NULL },
	{ "deep, and quick: quick", { "us", "issuing" }, OK(2), { { .name = NULL } }, { .quick = true, .deep = true }, .next = NULL },
	{ "died after our hello", { "us", "issuing" }, { .phase = PHASE_HELLO, .outcome = OUTCOME_PROTOCOL, .how = END_ALERT, .by = PEER_SERVER,
	    .alert = { true, PEER_SERVER, 2, 70 } }, { { .name = NULL } }, { 0 }, .next = "wide-hello" },
	{ "no connection", { "us", "issuing" }, { .phase = PHASE_CONNECT, .outcome = OUTCOME_NETWORK, .how = END_RST }, { { .name = NULL } }, { 0 }, .next = NULL },
};

static struct evidence *
evidence_for(const struct next_case *c)
{
	struct chain_case t = { .server = { c->server != NULL ? c->server : "server", "issuing" } };
	struct evidence *e;

	memcpy(t.ours, c->ours, sizeof t.ours);
	e = chains_evidence(chains, &t);
	if (c->path != NULL) {
		free(e->target.path);
		e->target.path = mem_strdup(c->path);
	}
	e->target.http = true;
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

/* With --deep nothing is asked twice, and it comes to an end. */
static void
deep_asks_everything_once(void **state)
{
	static const char *const calibration[] = { "none-tls12", "throwaway", "wrong-key", "garbage", "other-ca", "leaf-only", "sni-none", "tls12", "tls13" };
	const struct next_case c = { .ours = { "us", "issuing" }, .base = OK(2) };
	const struct experiment_limits deep = { .deep = true };
	struct evidence *e = evidence_for(&c);
	const struct built refused = THROWAWAY(48);
	const struct experiment *next;
	struct diagnosis *d;

	(void)state;
	do {
		d = diagnose(e);
		next = experiment_next(d, &deep);
		if (next != NULL)
			built_experiment(e, next->name, &refused);
		diagnosis_free(d);
		assert_true(e->handshakes_len <= experiment_rows_len);
	} while (next != NULL);
	for (size_t i = 0; i < sizeof calibration / sizeof calibration[0]; i++)
		assert_non_null(evidence_experiment(e, calibration[i]));
	evidence_free(e);
}

static void
names_chain(const char *what, const struct diagnosis *d, enum sends sends, const char *const *right)
{
	struct arena *a = arena_new();
	const struct cert *const *chain;
	size_t len, n = 0;

	chain = experiment_chain(d, sends, a, &len);
	while (right[n] != NULL)
		n++;
	if (len != n || (chain == NULL) != (n == 0))
		fail_msg("%s: %zu certificates, not %zu", what, len, n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(chain[i]->sha256_hex, chains_cert(chains, right[i])->sha256_hex) != 0)
			fail_msg("%s: certificate %zu is not “%s”", what, i, right[i]);
	arena_free(a);
}

static void
what_goes_out_instead(void **state)
{
	static const struct {
		const char *what, *ours[5], *leaf[5], *rootless[5], *ordered[5];
	} cases[] = {
		{ "as it should be", { "us", "issuing" }, { "us" }, { NULL }, { NULL } },
		{ "the leaf alone", { "us" }, { NULL }, { NULL }, { NULL } },
		{ "with its root", { "us", "issuing", "root" }, { "us" }, { "us", "issuing" }, { NULL } },
		{ "the wrong way round", { "us", "root", "issuing" }, { "us" }, { "us", "issuing" }, { "us", "issuing", "root" } },
		{ "and a stranger among them", { "us", "server", "root", "issuing" }, { "us" }, { "us", "server", "issuing" },
		    { "us", "issuing", "root", "server" } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct chain_case t = { .server = { "server", "issuing" }, .answer = REFUSED };
		struct evidence *e;
		struct diagnosis *d;

		memcpy(t.ours, cases[i].ours, sizeof cases[i].ours);
		e = chains_evidence(chains, &t);
		d = diagnose(e);
		names_chain(cases[i].what, d, SENDS_LEAF, cases[i].leaf);
		names_chain(cases[i].what, d, SENDS_ROOTLESS, cases[i].rootless);
		names_chain(cases[i].what, d, SENDS_ORDERED, cases[i].ordered);
		names_chain(cases[i].what, d, SENDS_OURS, (const char *const[]){ NULL });
		diagnosis_free(d);
		evidence_free(e);
	}
}

/* It goes on the wire: a name with anything else than a name's characters never does. */
static void
another_name_is_a_host_name(void **state)
{
	static const struct {
		const char *server, *name;
	} cases[] = { { "server", NULL }, { "elsewhere", "www.elsewhere.internal" }, { "odd", "staging.internal" } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct chain_case t = { .server = { cases[i].server, "issuing" }, .ours = { "us", "issuing" } };
		struct evidence *e = chains_evidence(chains, &t);
		struct diagnosis *d = diagnose(e);
		struct arena *a = arena_new();
		const char *name = experiment_other_name(d, a);

		if (strcmp(name != NULL ? name : "none", cases[i].name != NULL ? cases[i].name : "none") != 0)
			fail_msg("%s: %s", cases[i].server, name != NULL ? name : "none");
		arena_free(a);
		diagnosis_free(d);
		evidence_free(e);
	}
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
		cmocka_unit_test(deep_asks_everything_once),
		cmocka_unit_test(what_goes_out_instead),
		cmocka_unit_test(another_name_is_a_host_name),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
