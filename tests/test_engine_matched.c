/*
 * One proof for each cause: many targets that are refused alike cost a baseline each and one proof, wait for each other
 * without standing still, come to the same verdict in whatever order, and say with whom they were matched.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "model/experiment.h"
#include "model/json.h"
#include "model/matched.h"
#include "model/memory.h"
#include "model/report.h"
#include "tests/engine.h"

enum { MANY = 40 };

static atomic_int visits[MANY]; /* of each server: the first is the baseline */

/* Finds its way to the root only by what the client sends. */
static int
wants_the_chain(X509_STORE_CTX *store, void *user)
{
	(void)user;
	if (sk_X509_num(X509_STORE_CTX_get0_untrusted(store)) > 1)
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
	return 0;
}

static void
prepare_to_want(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_cert_verify_callback(ctx, wants_the_chain, NULL);
}

static const struct script incomplete = { .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK,
	.prepare = prepare_to_want };
static const struct script refuses = { .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK,
	.error = X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY };
static const struct script lets_in = { .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };

struct crowd {
	struct script_server *servers[MANY];
	struct examiner *engine;
	struct examination *done[MANY];
	size_t len;
};

static int
served(const struct crowd *c)
{
	int n = 0;

	for (size_t i = 0; i < MANY; i++)
		n += script_server_served(c->servers[i]);
	return n;
}

static void
open_crowd(struct crowd *c, const struct script *like, const struct examine_options *opt)
{
	struct script s = *like;

	memset(c, 0, sizeof *c);
	s.pki = &engine_pki;
	s.version = TLS1_3_VERSION;
	for (size_t i = 0; i < MANY; i++) {
		atomic_store(&visits[i], 0);
		s.bytes = &visits[i];
		c->servers[i] = script_server_start(&s);
	}
	c->engine = engine_start(opt);
	examiner_many(c->engine, true);
}

static void
add(struct crowd *c, const struct identity *id, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct target t;

		engine_aim(&t, script_server_port(c->servers[i]));
		t.http = true;
		examiner_add(c->engine, &t, id, engine_pki.trust, NULL);
		target_done(&t);
	}
}

static void
collect(struct crowd *c)
{
	struct examination *x;

	while ((x = examiner_next(c->engine, -1)) != NULL)
		c->done[c->len++] = x;
}

static void
forget(struct crowd *c)
{
	while (c->len > 0)
		examination_free(c->done[--c->len]);
}

static void
close_crowd(struct crowd *c)
{
	forget(c);
	examiner_free(c->engine);
	for (size_t i = 0; i < MANY; i++)
		script_server_stop(c->servers[i]);
}

static struct identity *
leaf_only(void)
{
	return identity_from("order.crt", engine_pki.identity->certs, 1, engine_pki.identity->key);
}

/* All alike but for the one that was asked. */
static size_t
all_say(const struct crowd *c, enum code root)
{
	size_t asked = 0;

	for (size_t i = 0; i < c->len; i++) {
		const struct diagnosis *d = c->done[i]->diagnosis;
		const struct matched *m = d->evidence->matched;
		bool cited = false;

		assert_int_equal(d->verdict, VERDICT_ERROR);
		assert_int_equal(d->root->code, root);
		assert_string_equal(d->cause_key, c->done[0]->diagnosis->cause_key);
		assert_int_equal(d->class, c->done[0]->diagnosis->class);
		asked += m == NULL;
		assert_int_equal(d->evidence->handshakes_len > 1, m == NULL);
		for (size_t k = 0; k < d->root->evidence_len; k++)
			cited |= strstr(d->root->evidence[k], "matched with 127.0.0.1:") != NULL;
		assert_int_equal(cited, m != NULL);
		assert_true(m == NULL || d->root->confidence <= CONFIDENCE_HIGH);
	}
	return asked;
}

static void
one_is_asked_for_all(void **state)
{
	static const unsigned loops[] = { 1, 1, 3, 0 }, jobs[] = { 0, 1, 5, 0 };
	struct identity *id = leaf_only();

	(void)state;
	for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++) {
		struct examine_options opt = examine_defaults;
		struct crowd c;

		opt.loops = loops[i];
		opt.jobs = jobs[i];
		open_crowd(&c, &incomplete, &opt);
		add(&c, id, MANY);
		collect(&c);
		assert_int_equal(c.len, MANY);
		assert_int_equal(all_say(&c, CODE_CLIENT_MISSING_INTERMEDIATE), 1);
		/* A baseline each, and once with what is missing added. */
		print_message("%d targets of one cause, %u loops, %u jobs: %d connections\n", MANY, loops[i], jobs[i], served(&c));
		assert_int_equal(served(&c), MANY + 1);
		for (size_t k = 0; k < c.len; k++) {
			const struct diagnosis *d = c.done[k]->diagnosis;

			assert_int_equal(d->root->confidence, d->evidence->matched != NULL ? CONFIDENCE_HIGH : CONFIDENCE_CERTAIN);
			assert_int_equal(d->root->proof_len, 2);
		}
		close_crowd(&c);
	}
	identity_free(id);
}

/* Where no experiment isolates why, that is found out once, and all say so. */
static void
what_is_not_found_out_is_asked_once_too(void **state)
{
	struct crowd c;

	(void)state;
	open_crowd(&c, &refuses, &examine_defaults);
	add(&c, engine_pki.identity, MANY);
	collect(&c);
	assert_int_equal(all_say(&c, CODE_CLIENT_REJECTED), 1);
	assert_int_equal(served(&c), MANY + 2);
	close_crowd(&c);
}

/* The first one asked does not know our CA at all, all others lack the intermediate only: each says what is so with it. */
static void
who_refuses_for_another_reason_does_not_acquit_our_chain(void **state)
{
	struct examine_options opt = examine_defaults;
	struct script stranger = refuses;
	struct identity *id = leaf_only();
	struct crowd c;

	(void)state;
	opt.loops = opt.jobs = 1; /* in their order */
	open_crowd(&c, &incomplete, &opt);
	script_server_stop(c.servers[0]);
	stranger.pki = &engine_pki;
	stranger.version = TLS1_3_VERSION;
	c.servers[0] = script_server_start(&stranger);
	add(&c, id, 6);
	collect(&c);
	assert_int_equal(c.len, 6);
	for (size_t i = 0; i < c.len; i++) {
		const struct diagnosis *d = c.done[i]->diagnosis;

		assert_int_equal(d->root->code, c.done[i]->index == 0 ? CODE_CLIENT_REJECTED : CODE_CLIENT_MISSING_INTERMEDIATE);
		if (c.done[i]->index != 0)
			assert_non_null(evidence_experiment(c.done[i]->evidence, "with-intermediate"));
	}
	close_crowd(&c);
	identity_free(id);
}

/* What is right is not asked twice, and nothing is matched. */
static void
who_is_let_in_costs_one_connection(void **state)
{
	struct crowd c;

	(void)state;
	open_crowd(&c, &lets_in, &examine_defaults);
	add(&c, engine_pki.identity, MANY);
	collect(&c);
	assert_int_equal(served(&c), MANY);
	for (size_t i = 0; i < c.len; i++)
		assert_null(c.done[i]->evidence->matched);
	close_crowd(&c);
}

/* Another certificate is another cause. */
static void
another_identity_is_not_matched(void **state)
{
	struct identity *short_one = leaf_only();
	struct crowd c;
	size_t asked = 0;

	(void)state;
	open_crowd(&c, &refuses, &examine_defaults);
	add(&c, engine_pki.identity, MANY / 2);
	add(&c, short_one, MANY / 2);
	collect(&c);
	for (size_t i = 0; i < c.len; i++)
		asked += c.done[i]->evidence->matched == NULL;
	assert_int_equal(asked, 2);
	close_crowd(&c);
	identity_free(short_one);
}

/* Checked again later: what was proved before is no proof of now. */
static void
checking_again_asks_again(void **state)
{
	struct crowd c;

	(void)state;
	open_crowd(&c, &refuses, &examine_defaults);
	for (int round = 1; round <= 2; round++) {
		add(&c, engine_pki.identity, MANY / 2);
		collect(&c);
		assert_int_equal(all_say(&c, CODE_CLIENT_REJECTED), 1);
		assert_int_equal(served(&c), round * (MANY / 2 + 2));
		forget(&c);
	}
	close_crowd(&c);
}

/* ---- provers that do not come back ---- */

static bool
is_first(const struct script *s)
{
	return atomic_fetch_add((atomic_int *)(uintptr_t)s->bytes, 1) == 0;
}

static void
serve_once(int fd, SSL_CTX *ctx, const struct script *s)
{
	if (is_first(s))
		serve_http(fd, ctx, s);
}

static void
serve_then_silence(int fd, SSL_CTX *ctx, const struct script *s)
{
	if (is_first(s))
		serve_http(fd, ctx, s);
	else
		serve_nothing(fd, ctx, s);
}

/* Two have tried, without a certificate and with a throwaway, and got no answer: then nobody waits for a third. */
static void
nobody_waits_for_ever(void **state)
{
	struct script closes = refuses;
	struct crowd c;

	(void)state;
	closes.serve = serve_once;
	open_crowd(&c, &closes, &examine_defaults);
	add(&c, engine_pki.identity, MANY);
	collect(&c);
	assert_int_equal(c.len, MANY);
	for (size_t i = 0; i < c.len; i++) {
		assert_null(c.done[i]->evidence->matched);
		assert_int_equal(c.done[i]->diagnosis->root->code, CODE_CLIENT_REJECTED);
	}
	assert_int_equal(served(&c), MANY + 4);
	close_crowd(&c);
}

/* Until one of them is being asked, and waits for an answer. */
static void
until_one_is_asked(struct crowd *c)
{
	while (served(c) <= MANY)
		assert_null(examiner_next(c->engine, 5));
}

static void
a_cancel_ends_those_that_wait(void **state)
{
	struct script falls_silent = refuses;
	struct crowd c;
	struct examination *x;
	size_t cancelled = 0;

	(void)state;
	falls_silent.serve = serve_then_silence;
	open_crowd(&c, &falls_silent, &examine_defaults);
	add(&c, engine_pki.identity, MANY);
	until_one_is_asked(&c);
	examiner_cancel(c.engine);
	while ((x = examiner_next(c.engine, -1)) != NULL) {
		cancelled += x->cancelled;
		examination_free(x);
	}
	assert_int_equal(cancelled, MANY);
	close_crowd(&c);
}

/* The same with nobody to collect them. */
static void
an_end_while_they_wait(void **state)
{
	struct script falls_silent = refuses;
	struct crowd c;

	(void)state;
	falls_silent.serve = serve_then_silence;
	for (int round = 0; round < 5; round++) {
		open_crowd(&c, &falls_silent, &examine_defaults);
		add(&c, engine_pki.identity, MANY);
		until_one_is_asked(&c);
		close_crowd(&c);
	}
}

/* ---- how it is said ---- */

static void
the_causes_say_who_was_asked(void **state)
{
	struct report_style style = { .columns = 80 };
	struct buf page = { 0 }, json = { 0 };
	struct causes *causes = causes_new();
	struct identity *id = leaf_only();
	const struct examination *matched = NULL;
	char expected[64];
	struct crowd c;

	(void)state;
	open_crowd(&c, &incomplete, &examine_defaults);
	add(&c, id, 12);
	collect(&c);
	for (size_t i = 0; i < c.len; i++) {
		causes_add(causes, c.done[i]->diagnosis);
		if (c.done[i]->evidence->matched != NULL)
			matched = c.done[i];
	}
	causes_report(causes, &style, &page);
	snprintf(expected, sizeof expected, "asked for proof: %s; 11 matched with it", matched->evidence->matched->with);
	assert_non_null(strstr(buf_str(&page), expected));
	json_check(matched->diagnosis, &json);
	snprintf(expected, sizeof expected, "\"matched_with\":\"%s\"", matched->evidence->matched->with);
	assert_non_null(strstr(buf_str(&json), expected));
	snprintf(expected, sizeof expected, "\"handshake\":\"h2 of %s\"", matched->evidence->matched->with);
	assert_non_null(strstr(buf_str(&json), expected));
	buf_done(&page);
	buf_done(&json);
	causes_free(causes);
	close_crowd(&c);
	identity_free(id);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_is_asked_for_all),
		cmocka_unit_test(what_is_not_found_out_is_asked_once_too),
		cmocka_unit_test(who_refuses_for_another_reason_does_not_acquit_our_chain),
		cmocka_unit_test(who_is_let_in_costs_one_connection),
		cmocka_unit_test(another_identity_is_not_matched),
		cmocka_unit_test(checking_again_asks_again),
		cmocka_unit_test(nobody_waits_for_ever),
		cmocka_unit_test(a_cancel_ends_those_that_wait),
		cmocka_unit_test(an_end_while_they_wait),
		cmocka_unit_test(the_causes_say_who_was_asked),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
