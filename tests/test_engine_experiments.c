/* Experiments on the wire: what goes out is what each says, on connections of their own, and no more of them than it takes. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "model/experiment.h"
#include "model/report.h"
#include "tests/engine.h"

static const struct script asks = { .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };
static const struct script refuses = { .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK,
	.error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY };

/* Examined by itself, or as one of many. */
static struct examination *
examine(const struct script *like, int version, const struct identity *id, bool quick, bool many, int *served)
{
	struct examine_options opt = quick ? engine_quick() : examine_defaults;
	struct script s = *like;
	struct script_server *server;
	struct examination *x;
	struct examiner *engine;
	struct target t;

	s.pki = &engine_pki;
	s.version = version;
	server = script_server_start(&s);
	engine = engine_start(&opt);
	engine_aim(&t, script_server_port(server));
	t.http = true;
	examiner_many(engine, many);
	x = engine_finish(engine, &t, id);
	*served = script_server_served(server);
	script_server_stop(server);
	return x;
}

static atomic_int visits;

static void
serve_then_silence(int fd, SSL_CTX *ctx, const struct script *s)
{
	if (atomic_fetch_add(&visits, 1) == 0)
		serve_http(fd, ctx, s);
	else
		serve_nothing(fd, ctx, s);
}

/* The one that waited took the time of all others, and the report was that of a server that was asked everything. */
static void
time_that_ran_out_is_said(void **state)
{
	static const unsigned times_ms[] = { 60000, 2000 };

	(void)state;
	for (size_t i = 0; i < sizeof times_ms / sizeof times_ms[0]; i++) {
		struct script s = asks;
		struct examine_options opt = examine_defaults;
		struct script_server *server;
		struct report_style style = { .columns = 100 };
		struct buf page = { 0 };
		struct examination *x;
		bool short_of_time = times_ms[i] < 60000;

		s.pki = &engine_pki;
		s.serve = short_of_time ? serve_then_silence : serve_http;
		atomic_store(&visits, 0);
		opt.max_time_ms = times_ms[i];
		server = script_server_start(&s);
		x = engine_examine_at(script_server_port(server), &opt, engine_pki.identity, true);
		assert_int_equal(x->evidence->cut_short, short_of_time);
		report_one(x->diagnosis, &style, &page);
		assert_int_equal(strstr(buf_str(&page), "--max-time") != NULL, short_of_time);
		buf_done(&page);
		examination_free(x);
		script_server_stop(server);
	}
}

static void
each_is_a_new_connection_to_the_same_address(const struct examination *x)
{
	const struct evidence *e = x->evidence;

	for (size_t i = 0; i < e->handshakes_len; i++) {
		assert_string_equal(e->handshakes[i]->address, e->handshakes[0]->address);
		assert_false(e->handshakes[i]->resumed);
		assert_non_null(experiment_named(e->handshakes[i]->experiment));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(e->handshakes[i]->id, e->handshakes[k]->id);
	}
}

static void
nothing_and_a_throwaway_go_out(void **state)
{
	(void)state;
	for (int v = 0; v < 2; v++) {
		int served;
		struct examination *x = examine(&asks, engine_versions[v], engine_pki.identity, false, false, &served);
		const struct handshake *base = engine_baseline(x), *none = evidence_experiment(x->evidence, "no-certificate");
		const struct handshake *throwaway = evidence_experiment(x->evidence, "throwaway");

		each_is_a_new_connection_to_the_same_address(x);
		assert_int_equal(served, 3);
		assert_int_equal(base->sent_certs_len, engine_pki.identity->len);
		assert_non_null(none);
		assert_true(none->sent_certificate_message);
		assert_int_equal(none->sent_certs_len, 0);
		assert_non_null(throwaway);
		assert_int_equal(throwaway->sent_certs_len, 1);
		assert_int_not_equal(throwaway->our_sigalg, 0);
		for (size_t i = 0; i < base->sent_certs_len; i++)
			assert_false(fingerprint_equal(&throwaway->sent_certs[0], &base->sent_certs[i]));
		/* The script finds no fault with any certificate. */
		assert_int_equal(x->diagnosis->root->code, CODE_MTLS_NOT_VERIFIED);
		examination_free(x);
	}
}

/* Our chain lacks the intermediate, and the server shows it in its own. */
static void
exactly_what_is_missing_is_added(void **state)
{
	struct identity *leaf_only = identity_from("order.crt", engine_pki.identity->certs, 1, engine_pki.identity->key);

	(void)state;
	for (int v = 0; v < 2; v++) {
		int served;
		struct examination *x = examine(&refuses, engine_versions[v], leaf_only, false, true, &served);
		const struct handshake *with = evidence_experiment(x->evidence, "with-intermediate");

		each_is_a_new_connection_to_the_same_address(x);
		assert_int_equal(served, 4); /* of many, the one that is asked for all */
		assert_int_equal(engine_baseline(x)->sent_certs_len, 1);
		assert_non_null(with);
		assert_int_equal(with->sent_certs_len, 2);
		for (size_t i = 0; i < 2; i++)
			assert_true(fingerprint_equal(&with->sent_certs[i], &engine_pki.identity->certs[i]->sha256));
		assert_int_equal(x->diagnosis->root->code, CODE_CLIENT_REJECTED); /* with it the answer was the same */
		examination_free(x);
	}
	identity_free(leaf_only);
}

static void
no_more_than_it_takes(void **state)
{
	static const struct {
		const struct script *script;
		bool quick, many;
		int served;
	} cases[] = { { &asks, true, false, 1 }, { &asks, false, true, 1 }, { &refuses, true, false, 1 }, { &refuses, false, true, 3 },
		{ &refuses, false, false, 3 } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int served;
		struct examination *x = examine(cases[i].script, TLS1_3_VERSION, engine_pki.identity, cases[i].quick, cases[i].many, &served);

		if (served != cases[i].served || (int)x->evidence->handshakes_len != served)
			fail_msg("case %zu: %d connections, %zu handshakes", i, served, x->evidence->handshakes_len);
		examination_free(x);
	}
}

/* TLS 1.2, after the request: the certificate goes out then, and that it was asked for late is seen. */
static void
it_can_be_asked_late(void **state)
{
	const struct script late = { .serve = serve_renegotiation, .tickets = -1, .answer = ENGINE_OK };
	int served;
	struct examination *x = examine(&late, TLS1_2_VERSION, engine_pki.identity, false, false, &served);
	const struct handshake *h = evidence_experiment(x->evidence, "late-auth");

	(void)state;
	assert_int_equal(served, 2);
	assert_non_null(h);
	assert_true(handshake_asked_late(h));
	assert_int_equal(engine_baseline(x)->sent_certs_len, 0);
	assert_int_equal(x->diagnosis->root->code, CODE_CLIENT_LATE_AUTH);
	examination_free(x);
}

/* ---- with --deep ---- */

static struct examination *
examine_deeply(const struct script *like, int version, const struct identity *id)
{
	struct examine_options opt = examine_defaults;
	struct script s = *like;
	struct script_server *server;
	struct examination *x;
	struct examiner *engine;
	struct target t;

	opt.deep = true;
	s.pki = &engine_pki;
	s.version = version;
	server = script_server_start(&s);
	engine = engine_start(&opt);
	engine_aim(&t, script_server_port(server));
	t.http = true;
	assert_int_equal(target_set_servername(&t, "payment.internal", NULL), STATUS_OK);
	x = engine_finish(engine, &t, id);
	script_server_stop(server);
	return x;
}

static const struct handshake *
experiment(const struct examination *x, const char *name)
{
	const struct handshake *h = evidence_experiment(x->evidence, name);

	if (h == NULL)
		fail_msg("%s was not made", name);
	return h;
}

static bool
sent_ours(const struct handshake *h, size_t at)
{
	return fingerprint_equal(&h->sent_certs[at], &engine_pki.identity->certs[at]->sha256);
}

/* Every way of sending, as it was on the wire; OpenSSL's own server answers the last two as was measured. */
static void
each_sends_what_it_says(void **state)
{
	(void)state;
	for (int v = 0; v < 2; v++) {
		struct examination *x = examine_deeply(&asks, engine_versions[v], engine_pki.identity);
		const struct handshake *leaf = experiment(x, "leaf-only"), *other_ca = experiment(x, "other-ca");
		const struct handshake *wrong = experiment(x, "wrong-key"), *garbage = experiment(x, "garbage");

		each_is_a_new_connection_to_the_same_address(x);
		assert_int_equal(leaf->sent_certs_len, 1);
		assert_true(sent_ours(leaf, 0));
		assert_int_equal(other_ca->sent_certs_len, 1);
		assert_false(sent_ours(other_ca, 0));
		assert_int_not_equal(other_ca->our_sigalg, 0); /* signed with our key: the server had nothing against it */
		assert_true(handshake_accepted(other_ca));
		assert_int_equal(wrong->sent_certs_len, 2);
		assert_true(sent_ours(wrong, 0) && sent_ours(wrong, 1));
		assert_int_equal(handshake_fatal_alert(wrong, PEER_SERVER)->number, 51);
		assert_int_equal(garbage->sent_certs_len, 2);
		assert_true(!sent_ours(garbage, 0) && sent_ours(garbage, 1));
		assert_int_equal(handshake_fatal_alert(garbage, PEER_SERVER)->number, 50);
		examination_free(x);
	}
}

static void
each_offers_what_it_says(void **state)
{
	struct examination *x = examine_deeply(&asks, 0, engine_pki.identity);
	const struct handshake *sni = experiment(x, "sni-none"), *none12 = experiment(x, "none-tls12");

	(void)state;
	assert_string_equal(engine_baseline(x)->offer.sni, "payment.internal");
	assert_null(engine_baseline(x)->offer.alpn);
	assert_null(sni->offer.sni);
	assert_int_equal(sni->sent_certs_len, 0); /* nothing of ours goes where the user did not say */
	assert_false(sni->http.requested);
	assert_int_equal(experiment(x, "tls12")->version, TLS1_2_VERSION);
	assert_int_equal(experiment(x, "tls13")->version, TLS1_3_VERSION);
	assert_int_equal(experiment(x, "tls13")->offer.min_version, TLS1_3_VERSION);
	assert_int_equal(none12->version, TLS1_2_VERSION);
	assert_int_equal(none12->sent_certs_len, 0);
	assert_string_equal(experiment(x, "alpn-http1.1")->offer.alpn, "http/1.1");
	assert_string_equal(experiment(x, "alpn-h2")->offer.alpn, "h2");
	examination_free(x);
}

/* A root in our file, and all of it the wrong way round. */
static void
our_chain_is_put_in_order(void **state)
{
	unsigned char *der;
	struct identity *messy;
	struct cert *certs[3];
	size_t len;

	(void)state;
	der = pki_der(&engine_pki.root, &len);
	certs[0] = engine_pki.identity->certs[0];
	certs[1] = cert_parse(der, len, NULL);
	certs[2] = engine_pki.identity->certs[1];
	messy = identity_from("order.crt", certs, 3, engine_pki.identity->key);
	struct examination *x = examine_deeply(&asks, TLS1_3_VERSION, messy);
	const struct handshake *ordered = experiment(x, "in-order"), *rootless = experiment(x, "without-root");

	assert_int_equal(ordered->sent_certs_len, 3);
	for (size_t i = 0; i < 2; i++)
		assert_true(sent_ours(ordered, i));
	assert_true(fingerprint_equal(&ordered->sent_certs[2], &certs[1]->sha256));
	assert_int_equal(rootless->sent_certs_len, 2);
	for (size_t i = 0; i < 2; i++)
		assert_true(sent_ours(rootless, i));
	examination_free(x);
	identity_free(messy);
	cert_free(certs[1]);
	free(der);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_that_ran_out_is_said),
		cmocka_unit_test(nothing_and_a_throwaway_go_out),
		cmocka_unit_test(exactly_what_is_missing_is_added),
		cmocka_unit_test(no_more_than_it_takes),
		cmocka_unit_test(it_can_be_asked_late),
		cmocka_unit_test(each_sends_what_it_says),
		cmocka_unit_test(each_offers_what_it_says),
		cmocka_unit_test(our_chain_is_put_in_order),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
