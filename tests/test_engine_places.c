/*
 * Where else, and again: every address of a name, an answer that is not always the same. On the wire,
 * against servers on 127.0.0.1 and its neighbours, and counted: no address is asked twice, no more than the budget.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/cert_openssl.h"
#include "model/experiment.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/places.h"
#include "model/rules.h"
#include "tests/engine.h"
#include "tests/program.h"

enum { MOST = 12 };

static const struct script lets_in = { .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };
static const struct script refuses = { .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK,
	.error = X509_V_ERR_CERT_HAS_EXPIRED };
static const struct script asks_nobody = { .serve = serve_http, .verify = SSL_VERIFY_NONE, .tickets = -1, .answer = ENGINE_OK };

/* A name with several addresses, each with a server of its own at the same port. */
struct somewhere {
	struct script_server *servers[MOST];
	char text[MOST][16];
	char *addresses[MOST + 1];
	struct redirect resolve;
	size_t len;
	int port;
};

static void
open_at(struct somewhere *w, const struct script *like)
{
	struct script s = *like;

	snprintf(w->text[w->len], sizeof w->text[0], "127.0.0.%zu", w->len + 1);
	w->addresses[w->len] = w->text[w->len];
	if (like->serve != NULL) {
		s.pki = &engine_pki;
		s.address = w->text[w->len];
		/* One that is free at all of them: other tests run beside, and their servers have ports as well. */
		if (w->port == 0)
			w->port = reserve_port_everywhere();
		s.port = w->port;
		w->servers[w->len] = script_server_start(&s);
	}
	w->len++;
	w->resolve = (struct redirect){ .addresses = w->addresses };
}

static struct examination *
examine(struct somewhere *w, bool many, bool deep, const struct identity *id)
{
	struct examine_options opt = examine_defaults;
	struct examiner *engine;
	struct error err = { 0 };
	struct target t;
	char name[64];

	opt.redirects = &w->resolve;
	opt.redirects_len = 1;
	opt.deep = deep;
	engine = engine_start(&opt);
	snprintf(name, sizeof name, "payment.internal:%d", w->port);
	assert_int_equal(target_parse(name, &t, &err), STATUS_OK);
	t.http = true;
	examiner_many(engine, many);
	return engine_finish(engine, &t, id);
}

static int
served(const struct somewhere *w, size_t i)
{
	return script_server_served(w->servers[i]);
}

static void
close_all(struct somewhere *w)
{
	for (size_t i = 0; i < w->len; i++)
		if (w->servers[i] != NULL)
			script_server_stop(w->servers[i]);
}

static bool
holds(const char *text, const char *part)
{
	return text != NULL && strstr(text, part) != NULL;
}

static bool
cites(const struct finding *f, const char *part)
{
	for (size_t i = 0; i < f->evidence_len; i++)
		if (holds(f->evidence[i], part))
			return true;
	return false;
}

static void
each_address_is_asked_once(void **state)
{
	struct somewhere w = { .port = 0 };
	struct examination *x;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		open_at(&w, &asks_nobody);
	x = examine(&w, false, false, NULL);
	/* Nobody asked for a certificate: so it was asked without a name as well, at the first. */
	assert_int_equal(x->evidence->handshakes_len, 4);
	assert_non_null(evidence_experiment(x->evidence, "sni-none"));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(served(&w, i), i == 0 ? 2 : 1);
	for (size_t i = 1; i < 3; i++) {
		const struct handshake *h = x->evidence->handshakes[i + 1];

		assert_string_equal(h->experiment, "address");
		assert_true(strncmp(h->address, w.text[i], strlen(w.text[i])) == 0);
	}
	/* All the same: nothing to say of them. */
	assert_null(diagnosis_find(x->diagnosis, CODE_NET_ADDRESSES_DIFFER));
	assert_int_equal(places_next(x->evidence), SIZE_MAX);
	examination_free(x);
	close_all(&w);
}

/* The one that was connected first lets us in; that another one refuses us must never be "OK". */
static void
what_the_failing_address_has_is_the_cause(void **state)
{
	(void)state;
	for (int first = 0; first < 2; first++) {
		struct somewhere w = { .port = 0 };
		struct examination *x;
		const struct finding *n;

		open_at(&w, first == 0 ? &lets_in : &refuses);
		open_at(&w, first == 0 ? &refuses : &lets_in);
		x = examine(&w, false, false, engine_pki.identity);
		n = diagnosis_find(x->diagnosis, CODE_NET_ADDRESSES_DIFFER);
		assert_non_null(n);
		assert_int_equal(n->severity, SEVERITY_ERROR);
		assert_true(holds(n->why, "accepts us") && holds(n->why, "refuses us (alert 45"));
		assert_int_equal(x->diagnosis->verdict, VERDICT_ERROR);
		assert_int_equal(x->diagnosis->class, CLASS_CLIENT);
		assert_int_equal(code_info(x->diagnosis->root->code)->group, GROUP_CLIENT);
		assert_true(finding_explains(x->diagnosis->root, CODE_NET_ADDRESSES_DIFFER));
		assert_true(strncmp(x->diagnosis->root->address, w.text[first == 0 ? 1 : 0], 9) == 0);
		examination_free(x);
		close_all(&w);
	}
}

static void
another_certificate_is_a_warning(void **state)
{
	static const char *const names[] = { "DNS:payment.internal", NULL };
	struct pki_cert other = pki_issue(&(struct pki_request){ .cn = "payment-2", .san = names, .key_usage = "critical,digitalSignature",
	    .eku = "serverAuth" }, &engine_pki.issuing);
	struct script differs = asks_nobody;
	struct somewhere w = { .port = 0 };
	struct examination *x;
	const struct finding *n;

	(void)state;
	differs.certificate = other.x509;
	differs.key = other.key;
	open_at(&w, &asks_nobody);
	open_at(&w, &differs);
	x = examine(&w, false, false, NULL);
	n = diagnosis_find(x->diagnosis, CODE_NET_ADDRESSES_DIFFER);
	assert_non_null(n);
	assert_int_equal(n->severity, SEVERITY_WARNING);
	assert_true(holds(n->why, "another certificate (“payment-2”"));
	assert_ptr_equal(x->diagnosis->root, n);
	examination_free(x);
	close_all(&w);
	pki_cert_free(&other);
}

/* One that our own judgement fails: its handshake goes through, and no client of ours would go on. */
static void
a_certificate_that_we_refuse_is_an_error(void **state)
{
	static const char *const names[] = { "DNS:payment.internal", NULL };
	struct pki_cert expired = pki_issue(&(struct pki_request){ .cn = "payment.internal", .san = names, .key_usage = "critical,digitalSignature",
	    .eku = "serverAuth", .not_before = 1500000000, .not_after = 1600000000 }, &engine_pki.issuing);
	struct script old = asks_nobody;
	struct somewhere w = { .port = 0 };
	struct examination *x;

	(void)state;
	old.certificate = expired.x509;
	old.key = expired.key;
	open_at(&w, &asks_nobody);
	open_at(&w, &old);
	x = examine(&w, false, false, NULL);
	assert_int_equal(x->diagnosis->root->code, CODE_CERT_EXPIRED);
	assert_int_equal(x->diagnosis->class, CLASS_SERVER);
	assert_int_equal(x->diagnosis->verdict, VERDICT_ERROR);
	assert_true(holds(x->diagnosis->summary, w.text[1]));
	assert_true(holds(diagnosis_find(x->diagnosis, CODE_NET_ADDRESSES_DIFFER)->why, "we do not accept it"));
	examination_free(x);
	close_all(&w);
	pki_cert_free(&expired);
}

/* Nobody listens there: clients go on to the next one, so it is a warning. */
static void
an_address_without_a_server_is_a_warning(void **state)
{
	static const struct script nobody = { .serve = NULL };
	struct somewhere w = { .port = 0 };
	struct examination *x;
	const struct finding *n;

	(void)state;
	open_at(&w, &asks_nobody);
	open_at(&w, &nobody);
	x = examine(&w, false, false, NULL);
	n = diagnosis_find(x->diagnosis, CODE_NET_ADDRESSES_DIFFER);
	assert_non_null(n);
	assert_int_equal(n->severity, SEVERITY_WARNING);
	assert_true(holds(n->why, "refuses the connection"));
	assert_int_equal(evidence_experiment(x->evidence, "address")->outcome, OUTCOME_NETWORK);
	examination_free(x);
	close_all(&w);
}

/* One of many and --quick do not look; what was not looked at is known, and more than eight connections are not made. */
static void
the_budget_holds(void **state)
{
	struct somewhere w = { .port = 0 };
	struct examination *x;
	struct arena *a = arena_new();
	size_t left;

	(void)state;
	for (size_t i = 0; i < MOST; i++)
		open_at(&w, &asks_nobody);
	x = examine(&w, true, false, NULL);
	assert_int_equal(x->evidence->handshakes_len, 1);
	places_left(x->evidence, &left, a);
	assert_int_equal(left, MOST - 1);
	examination_free(x);
	x = examine(&w, false, false, NULL);
	assert_int_equal(x->evidence->handshakes_len, LIMIT_EXPERIMENTS);
	assert_true(holds(places_left(x->evidence, &left, a), w.text[MOST - 1]));
	assert_int_equal(left, MOST - (LIMIT_EXPERIMENTS - 1)); /* one of the eight was without a name */
	examination_free(x);
	x = examine(&w, false, true, NULL);
	assert_int_equal(evidence_count(x->evidence, "address"), MOST - 1);
	assert_null(places_left(x->evidence, &left, a));
	examination_free(x);
	arena_free(a);
	close_all(&w);
}

/* ---- our chain lacks what one of them has ---- */

static int
knows_our_leaf(X509_STORE_CTX *store, void *user)
{
	(void)user;
	if (X509_cmp(X509_STORE_CTX_get0_cert(store), engine_pki.client.x509) == 0)
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
	return 0;
}

static int
wants_the_chain(X509_STORE_CTX *store, void *user)
{
	if (sk_X509_num(X509_STORE_CTX_get0_untrusted(store)) > 1)
		return knows_our_leaf(store, user);
	X509_STORE_CTX_set_error(store, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY);
	return 0;
}

static void
has_the_ca(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_cert_verify_callback(ctx, knows_our_leaf, NULL);
}

static void
lacks_the_ca(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_cert_verify_callback(ctx, wants_the_chain, NULL);
}

static void
what_is_missing_is_proved_where_it_is_missed(void **state)
{
	static const struct script has = { .serve = serve_http, .prepare = has_the_ca, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };
	static const struct script lacks = { .serve = serve_http, .prepare = lacks_the_ca, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };
	struct identity *leaf_only = identity_from("order.crt", engine_pki.identity->certs, 1, engine_pki.identity->key);
	struct somewhere w = { .port = 0 };
	const struct handshake *h;
	struct examination *x;

	(void)state;
	open_at(&w, &has);
	open_at(&w, &lacks);
	x = examine(&w, false, false, leaf_only);
	h = evidence_experiment(x->evidence, "address-with-intermediate");
	assert_non_null(h);
	assert_true(strncmp(h->address, w.text[1], strlen(w.text[1])) == 0);
	assert_int_equal(h->sent_certs_len, 2);
	assert_int_equal(x->diagnosis->root->code, CODE_CLIENT_MISSING_INTERMEDIATE);
	assert_int_equal(x->diagnosis->root->severity, SEVERITY_ERROR);
	assert_int_equal(x->diagnosis->root->confidence, CONFIDENCE_CERTAIN);
	assert_string_equal(x->diagnosis->root->proof[1].experiment, "address-with-intermediate");
	examination_free(x);
	close_all(&w);
	identity_free(leaf_only);
}

/* ---- a door beside the guarded one ---- */

static void
guard(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_cert_verify_callback(ctx, engine_knows_ours, NULL);
}

static const struct script guarded = { .serve = serve_http, .prepare = guard, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };
static const struct script optional = { .serve = serve_http, .prepare = guard, .verify = SSL_VERIFY_PEER, .tickets = -1, .answer = ENGINE_OK };
static const struct script knows_nothing = { .serve = serve_http, .verify = SSL_VERIFY_NONE, .tickets = -1,
	.answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" };

static void
an_address_that_asks_nobody_goes_round_it(void **state)
{
	static const struct {
		const struct script *first, *second;
		bool bypass;
		int open; /* which one lets everybody in */
	} cases[] = {
		{ &guarded, &asks_nobody, true, 1 },
		{ &asks_nobody, &guarded, true, 0 },
		{ &guarded, &guarded, false, 0 },
		/* There is nothing to go round. */
		{ &optional, &asks_nobody, false, 0 },
		{ &asks_nobody, &optional, false, 0 },
		/* Something answers, and not as the service does. */
		{ &guarded, &knows_nothing, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct somewhere w = { .port = 0 };
		struct examination *x;
		const struct finding *n;

		open_at(&w, cases[i].first);
		open_at(&w, cases[i].second);
		x = examine(&w, false, false, engine_pki.identity);
		n = diagnosis_find(x->diagnosis, CODE_MTLS_BYPASS);
		if ((n != NULL) != cases[i].bypass)
			fail_msg("case %zu: %s", i, n != NULL ? n->why : "not found");
		if (n != NULL) {
			assert_int_equal(n->severity, SEVERITY_ERROR);
			assert_int_equal(n->confidence, CONFIDENCE_CERTAIN);
			assert_true(holds(n->title, w.text[cases[i].open]));
			assert_ptr_equal(x->diagnosis->root, n);
			assert_int_equal(x->diagnosis->class, CLASS_POLICY);
		}
		examination_free(x);
		close_all(&w);
	}
}

/* An endpoint that the user names: no certificate of ours goes there, whatever it asks for. */
static void
an_endpoint_that_is_named_is_tried_without_a_certificate(void **state)
{
	static const struct {
		const struct script *there;
		bool bypass;
	} cases[] = { { &asks_nobody, true }, { &optional, true }, { &guarded, false }, { &knows_nothing, false } };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct script here = guarded, there = *cases[i].there;
		struct script_server *a, *b;
		struct examiner *engine = engine_start(&examine_defaults);
		struct error err = { 0 };
		struct examination *x;
		const struct handshake *h;
		struct target t;
		char where[32];

		here.pki = there.pki = &engine_pki;
		there.address = "127.0.0.9";
		a = script_server_start(&here);
		b = script_server_start(&there);
		engine_aim(&t, script_server_port(a));
		t.http = true;
		snprintf(where, sizeof where, "127.0.0.9:%d", script_server_port(b));
		assert_int_equal(target_set_bypass(&t, where, &err), STATUS_OK);
		examiner_add(engine, &t, engine_pki.identity, engine_pki.trust, NULL);
		target_done(&t);
		x = examiner_next(engine, -1);
		h = evidence_experiment(x->evidence, "bypass");
		assert_non_null(h);
		assert_string_equal(h->address, where);
		assert_int_equal(h->sent_certs_len, 0);
		assert_int_equal(script_server_served(b), 1);
		assert_int_equal(diagnosis_find(x->diagnosis, CODE_MTLS_BYPASS) != NULL, cases[i].bypass);
		examination_free(x);
		examiner_free(engine);
		script_server_stop(a);
		script_server_stop(b);
	}
}

/* ---- who else is let in ---- */

static struct identity *
another_client(const struct pki_cert *issuer, const struct identity *like)
{
	struct pki_cert made = pki_issue(&(struct pki_request){ .cn = "reports", .key_usage = "critical,digitalSignature", .eku = "clientAuth" }, issuer);
	unsigned char *der;
	size_t len;
	struct cert *certs[2];
	struct identity *id;
	struct key *key;

	der = pki_der(&made, &len);
	certs[0] = cert_parse(der, len, NULL);
	certs[1] = like->certs[1];
	free(der);
	EVP_PKEY_up_ref(made.key);
	key = key_from_evp(made.key, true, false);
	id = identity_from("reports.crt", certs, 2, key);
	key_free(key);
	cert_free(certs[0]);
	pki_cert_free(&made);
	return id;
}

static int
knows_one(X509_STORE_CTX *store, void *user)
{
	if (X509_cmp(X509_STORE_CTX_get0_cert(store), engine_pki.client.x509) != 0)
		X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
	return X509_cmp(X509_STORE_CTX_get0_cert(store), engine_pki.client.x509) == 0 && engine_knows_ours(store, user);
}

static void
guard_for_one(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_cert_verify_callback(ctx, knows_one, NULL);
}

static const struct script picky = { .serve = serve_http, .prepare = guard_for_one, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };

static void
another_identity_of_the_same_ca(void **state)
{
	struct identity *akin = another_client(&engine_pki.issuing, engine_pki.identity);
	struct identity *stranger = another_client(&engine_pki.root, engine_pki.identity);
	const struct {
		const struct script *script;
		const struct identity *other;
		bool many, tried, found;
	} cases[] = {
		{ &guarded, akin, false, true, true },
		{ &picky, akin, false, true, false },
		/* Of another CA, ours itself, or nobody's: a certificate that tells nothing stays here. */
		{ &guarded, stranger, false, false, false },
		{ &guarded, engine_pki.identity, false, false, false },
		{ &guarded, NULL, false, false, false },
		{ &guarded, akin, true, false, false },
		/* Who needs no certificate, or is refused with ours. */
		{ &optional, akin, false, false, false },
		{ &refuses, akin, false, false, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct script s = *cases[i].script;
		struct examiner *engine = engine_start(&examine_defaults);
		struct script_server *server;
		struct examination *x;
		const struct finding *n;
		struct target t;

		s.pki = &engine_pki;
		server = script_server_start(&s);
		engine_aim(&t, script_server_port(server));
		t.http = true;
		examiner_many(engine, cases[i].many);
		examiner_other(engine, cases[i].other);
		examiner_add(engine, &t, engine_pki.identity, engine_pki.trust, NULL);
		target_done(&t);
		x = examiner_next(engine, -1);
		n = diagnosis_find(x->diagnosis, CODE_MTLS_ANY_CLIENT);
		if ((evidence_experiment(x->evidence, "other-identity") != NULL) != cases[i].tried || (n != NULL) != cases[i].found)
			fail_msg("case %zu", i);
		if (n != NULL) {
			assert_int_equal(n->severity, SEVERITY_NOTICE);
			assert_true(holds(n->why, "“reports”") && holds(n->why, "“Acme Issuing CA 1”"));
		}
		examination_free(x);
		examiner_free(engine);
		script_server_stop(server);
	}
	identity_free(akin);
	identity_free(stranger);
}

/* ---- again ---- */

static atomic_int turn;

/* Two servers behind one address: every second connection is dropped once our certificate has come. */
static void
serve_in_turns(int fd, SSL_CTX *ctx, const struct script *s)
{
	if (atomic_fetch_add(&turn, 1) % 2 == *(const int *)s->bytes)
		serve_close(fd, ctx, s);
	else
		serve_http(fd, ctx, s);
}

static void
an_answer_that_changes_names_no_cause(void **state)
{
	(void)state;
	for (int first_fails = 0; first_fails < 2; first_fails++) {
		const int which = first_fails ? 0 : 1;
		const struct script wavers = { .serve = serve_in_turns, .verify = ENGINE_MUST, .tickets = 0, .answer = ENGINE_OK, .reset = false,
			.bytes = &which };
		struct somewhere w = { .port = 0 };
		struct examination *x;
		const struct finding *root;

		atomic_store(&turn, 0);
		open_at(&w, &wavers);
		x = examine(&w, false, true, engine_pki.identity);
		root = x->diagnosis->root;
		assert_int_equal(evidence_count(x->evidence, "repeat"), 4);
		assert_int_equal(x->diagnosis->verdict, VERDICT_ERROR);
		assert_non_null(root);
		assert_int_equal(root->confidence, CONFIDENCE_LOW);
		assert_true(holds(root->why, "Of 5 tries"));
		assert_int_equal(root->candidates_len, 0);
		examination_free(x);
		close_all(&w);
	}
}

static void
one_more_look_where_it_was_closed_without_a_word(void **state)
{
	static const struct script closes = { .serve = serve_silent_refusal, .verify = ENGINE_MUST, .tickets = 0 };
	struct somewhere w = { .port = 0 };
	struct examination *x;

	(void)state;
	open_at(&w, &closes);
	x = examine(&w, false, false, engine_pki.identity);
	assert_int_equal(evidence_count(x->evidence, "repeat"), 1);
	assert_int_equal(x->diagnosis->root->code, CODE_CLIENT_REJECTED);
	assert_true(cites(x->diagnosis->root, "2 of 2 tries ended like this"));
	examination_free(x);
	close_all(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_is_asked_once),
		cmocka_unit_test(what_the_failing_address_has_is_the_cause),
		cmocka_unit_test(another_certificate_is_a_warning),
		cmocka_unit_test(a_certificate_that_we_refuse_is_an_error),
		cmocka_unit_test(an_address_without_a_server_is_a_warning),
		cmocka_unit_test(the_budget_holds),
		cmocka_unit_test(what_is_missing_is_proved_where_it_is_missed),
		cmocka_unit_test(an_address_that_asks_nobody_goes_round_it),
		cmocka_unit_test(an_endpoint_that_is_named_is_tried_without_a_certificate),
		cmocka_unit_test(another_identity_of_the_same_ca),
		cmocka_unit_test(an_answer_that_changes_names_no_cause),
		cmocka_unit_test(one_more_look_where_it_was_closed_without_a_word),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
