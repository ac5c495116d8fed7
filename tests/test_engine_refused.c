/*
 * The engine against servers that refuse or do one thing wrong each: what is on record afterwards,
 * TLS 1.2 and 1.3 wherever both have it.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/memory.h"
#include "tests/engine.h"

/* What OpenSSL says of each fault of a client's certificate, in both versions (the measured matrix, 3.2). */
static void
refusal_alerts(void **state)
{
	static const struct {
		int error, alert;
	} cases[] = {
		{ X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, 48 },
		{ X509_V_ERR_CERT_HAS_EXPIRED, 45 },
		{ X509_V_ERR_CERT_NOT_YET_VALID, 42 },
		{ X509_V_ERR_INVALID_PURPOSE, 43 },
		{ X509_V_ERR_CERT_REVOKED, 44 },
		{ X509_V_ERR_PERMITTED_VIOLATION, 46 },
		{ X509_V_ERR_CERT_SIGNATURE_FAILURE, 51 },
		{ X509_V_ERR_OUT_OF_MEM, 80 },
		{ X509_V_ERR_APPLICATION_VERIFICATION, 40 },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		int version = engine_versions[i % 2], error = cases[i / 2].error;
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = version,
		    .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK, .error = error }, engine_pki.identity);
		const struct handshake *h = engine_baseline(x);
		const struct alert *alert = handshake_fatal_alert(h, PEER_SERVER);

		engine_expect("refusal", h, OUTCOME_REJECTED_ALERT);
		assert_non_null(alert);
		assert_int_equal(alert->number, cases[i / 2].alert);
		assert_int_equal(alert->phase, version == TLS1_3_VERSION ? PHASE_FINISHED : PHASE_OUR_FLIGHT);
		assert_int_equal(h->ended.by, PEER_SERVER);
		assert_int_equal(h->ended.how, END_ALERT);
		assert_int_equal(h->sent_certs_len, 2);
		assert_int_equal(h->server_certs_len, 2);
		examination_free(x);
	}
}

/* No certificate is given, and one is wanted: 40 and 116. An empty Certificate goes out. */
static void
none_given(void **state)
{
	(void)state;
	for (size_t v = 0; v < 2; v++) {
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = engine_versions[v],
		    .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK }, NULL);
		const struct handshake *h = engine_baseline(x);

		engine_expect("none given", h, OUTCOME_REJECTED_ALERT);
		assert_int_equal(handshake_fatal_alert(h, PEER_SERVER)->number, v == 0 ? 40 : 116);
		assert_true(h->sent_certificate_message);
		assert_int_equal(h->sent_certs_len, 0);
		examination_free(x);
	}
}

/* Refused and reset at once: the alert is seen every time. */
static void
alert_before_reset(void **state)
{
	struct examine_options opt = engine_quick();

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		struct script s = { .pki = &engine_pki, .serve = serve_http, .version = engine_versions[v], .verify = ENGINE_MUST, .tickets = -1,
			.error = X509_V_ERR_CERT_HAS_EXPIRED, .reset = true };
		struct script_server *server = script_server_start(&s);
		struct examiner *x = engine_start(&opt);
		struct examination *done;
		struct target t;

		engine_aim(&t, script_server_port(server));
		for (int i = 0; i < 100; i++)
			examiner_add(x, &t, engine_pki.identity, engine_pki.trust, NULL);
		while ((done = examiner_next(x, -1)) != NULL) {
			engine_expect("alert, then reset", engine_baseline(done), OUTCOME_REJECTED_ALERT);
			assert_int_equal(handshake_fatal_alert(engine_baseline(done), PEER_SERVER)->number, 45);
			examination_free(done);
		}
		target_done(&t);
		examiner_free(x);
		script_server_stop(server);
	}
}

/* nginx's way: a perfect handshake, then 400. HEAD brings no page, so GET asks once more, on record as a handshake of its own. */
static void
http_refusals(void **state)
{
	static const char page[] = "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nContent-Length: 27\r\n\r\n"
				   "The SSL certificate error\r\n";
	static const struct {
		const char *answer, *get_answer;
		int verify, status, head_status;
		enum outcome outcome;
	} cases[] = {
		{ "HTTP/1.1 400 Bad Request\r\nContent-Length: 27\r\n\r\n", page, ENGINE_MUST, 400, 400, OUTCOME_REJECTED_HTTP },
		{ "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", NULL, ENGINE_MUST, 403, 0, OUTCOME_REJECTED_HTTP },
		{ "HTTP/1.1 401 Unauthorized\r\n\r\n", NULL, ENGINE_MUST, 401, 0, OUTCOME_REJECTED_HTTP },
		{ "HTTP/1.1 421 Misdirected Request\r\n\r\n", NULL, ENGINE_MUST, 421, 0, OUTCOME_REJECTED_HTTP },
		{ "HTTP/1.1 500 Oh\r\n\r\n", NULL, ENGINE_MUST, 500, 0, OUTCOME_ACCEPTED_APP },
		/* Nobody asked for a certificate: no status is about it … */
		{ "HTTP/1.1 403 Forbidden\r\n\r\n", NULL, SSL_VERIFY_NONE, 403, 0, OUTCOME_NOT_ASKED },
		{ ENGINE_OK, NULL, SSL_VERIFY_NONE, 200, 0, OUTCOME_NOT_ASKED },
		/* … but for nginx, which says so in words: another virtual host demands one. */
		{ "HTTP/1.1 400 Bad Request\r\n\r\n", page, SSL_VERIFY_NONE, 400, 400, OUTCOME_REJECTED_HTTP },
		/* HEAD is not served: the answer to GET counts. */
		{ "HTTP/1.1 405 No\r\n\r\n", ENGINE_OK, ENGINE_MUST, 200, 405, OUTCOME_ACCEPTED_APP },
		{ "HTTP/1.1 501 No\r\n\r\n", "HTTP/1.1 403 No\r\n\r\n", ENGINE_MUST, 403, 501, OUTCOME_REJECTED_HTTP },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		size_t c = i / 2;
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = engine_versions[i % 2],
		    .verify = cases[c].verify, .tickets = -1, .answer = cases[c].answer, .get_answer = cases[c].get_answer },
		    engine_pki.identity);
		const struct handshake *h = engine_baseline(x);

		engine_expect(cases[c].answer, h, cases[c].outcome);
		assert_int_equal(h->http.status, cases[c].status);
		assert_int_equal(h->http.head_status, cases[c].head_status);
		assert_int_equal(x->evidence->handshakes_len, cases[c].head_status != 0 ? 2 : 1);
		if (cases[c].head_status != 0) {
			assert_string_equal(h->http.method, "GET");
			assert_string_equal(h->http.answer_from, "h2");
			assert_string_equal(x->evidence->handshakes[1]->experiment, "baseline-get");
			assert_true(h->http.status_ms > h->verdict_ms);
		}
		examination_free(x);
	}
}

/* Closed where it should have gone on, in every way. */
static void
closes(void **state)
{
	static const struct {
		const char *what;
		void (*serve)(int, SSL_CTX *, const struct script *);
		int tickets, verify;
		bool reset;
		enum outcome outcome;
	} cases[] = {
		{ "gone when it saw our certificate", serve_silent_refusal, -1, ENGINE_MUST, false, OUTCOME_REJECTED_CLOSE },
		{ "the same with a reset", serve_silent_refusal, -1, ENGINE_MUST, true, OUTCOME_REJECTED_CLOSE },
		/* nginx's stream module, Node: after a handshake that seemed perfect */
		{ "gone after a ticket, the request unread", serve_close, -1, ENGINE_MUST, false, OUTCOME_REJECTED_CLOSE },
		{ "the same with a reset", serve_close, -1, ENGINE_MUST, true, OUTCOME_REJECTED_CLOSE },
		{ "gone after no ticket", serve_close, 0, ENGINE_MUST, false, OUTCOME_REJECTED_CLOSE },
		/* A server that speaks something else than HTTP reads, and hangs up: the handshake had said yes. */
		{ "read the request and left", serve_read_close, -1, ENGINE_MUST, false, OUTCOME_ACCEPTED },
		{ "read the request and left, not asked", serve_read_close, 0, SSL_VERIFY_NONE, false, OUTCOME_NOT_ASKED },
	};

	(void)state;
	for (size_t i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
		size_t c = i / 2;
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = cases[c].serve, .version = engine_versions[i % 2],
		    .verify = cases[c].verify, .tickets = cases[c].tickets, .reset = cases[c].reset }, engine_pki.identity);
		const struct handshake *h = engine_baseline(x);
		char where[128];

		snprintf(where, sizeof where, "%s, TLS 1.%d", cases[c].what, (int)(i % 2) + 2);
		engine_expect(where, h, cases[c].outcome);
		assert_int_equal(h->ended.by, PEER_SERVER);
		assert_true(h->ended.how == END_FIN || h->ended.how == END_RST);
		if (cases[c].outcome == OUTCOME_REJECTED_CLOSE)
			assert_true(x->diagnosis->verdict == VERDICT_ERROR || x->diagnosis->verdict == VERDICT_UNREACHABLE);
		examination_free(x);
	}
}

/* It answers, but not in TLS: what it said is kept. */
static void
not_tls(void **state)
{
	static const struct {
		const char *bytes;
		bool first;
	} cases[] = {
		{ "HTTP/1.1 400 Bad Request\r\n\r\nThe plain HTTP request", false },
		{ "SSH-2.0-OpenSSH_9.2p1\r\n", true },
		{ "220 mail.example ESMTP\r\n", true },
		{ "E", false }, /* PostgreSQL */
		{ "\x15\x09\x09\x00\x02", false }, /* a record of no version there is */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_bytes, .tickets = -1,
		    .bytes = cases[i].bytes, .bytes_len = strlen(cases[i].bytes), .speaks_first = cases[i].first }, engine_pki.identity);
		const struct handshake *h = engine_baseline(x);

		engine_expect(cases[i].bytes, h, OUTCOME_NETWORK);
		assert_true(h->not_tls);
		assert_true(h->plain.len > 0 && memcmp(h->plain.bytes, cases[i].bytes, h->plain.len) == 0);
		assert_int_equal(x->evidence->handshakes_len, 1);
		examination_free(x);
	}
}

/* It accepts the connection and never says a word; and one that closes at once. */
static void
silence(void **state)
{
	struct examine_options opt = examine_defaults;
	struct script s = { .pki = &engine_pki, .serve = serve_nothing, .tickets = -1 };
	struct script_server *server = script_server_start(&s);
	struct examination *x;

	(void)state;
	opt.connect_timeout_ms = 300;
	x = engine_examine_at(script_server_port(server), &opt, engine_pki.identity, true);
	engine_expect("never answers", engine_baseline(x), OUTCOME_NETWORK);
	assert_int_equal(engine_baseline(x)->ended.how, END_TIMEOUT);
	assert_int_equal(engine_baseline(x)->ended.phase, PHASE_HELLO);
	assert_int_equal(x->evidence->handshakes_len, 1); /* a wide hello would only wait again */
	assert_int_equal(x->diagnosis->verdict, VERDICT_UNREACHABLE);
	examination_free(x);
	script_server_stop(server);

	/* The whole target's time is up before the step's. */
	server = script_server_start(&s);
	opt = engine_quick();
	opt.max_time_ms = 300;
	x = engine_examine_at(script_server_port(server), &opt, engine_pki.identity, true);
	assert_int_equal(engine_baseline(x)->ended.how, END_TIMEOUT);
	assert_true(x->evidence->took_ms < 3000);
	examination_free(x);
	script_server_stop(server);

	x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_bytes, .tickets = -1, .bytes = "" }, engine_pki.identity);
	engine_expect("closes at once", engine_baseline(x), OUTCOME_NETWORK);
	assert_int_equal(engine_baseline(x)->ended.how, END_FIN);
	examination_free(x);
}

/* A warning, and then it closes: that is a word of TLS, and the only reason there is. */
static void
closes_with_a_warning(void **state)
{
	struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_bytes, .tickets = -1,
	    .bytes = "\x15\x03\x03\x00\x02\x01\x70", .bytes_len = 7 }, engine_pki.identity);

	(void)state;
	engine_expect("112 as a warning", engine_baseline(x), OUTCOME_REJECTED_CLOSE);
	assert_int_equal(x->diagnosis->root->code, CODE_TLS_REJECTED);
	assert_non_null(strstr(x->diagnosis->summary, "alert 112 unrecognized_name"));
	assert_int_equal(x->diagnosis->root->candidates[0].code, CODE_TLS_SNI_REQUIRED);
	examination_free(x);
}

/* A status line that only the end of the stream ends: it came when that was read, not before the hello. */
static void
status_cut_short(void **state)
{
	(void)state;
	for (size_t v = 0; v < 2; v++) {
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = engine_versions[v],
		    .verify = ENGINE_MUST, .tickets = -1, .answer = "HTTP/1.1 403 No" }, engine_pki.identity);
		const struct handshake *h = engine_baseline(x);

		engine_expect("a status line without its end", h, OUTCOME_REJECTED_HTTP);
		assert_int_equal(h->phase, PHASE_RESPONSE);
		assert_true(h->http.status_ms >= h->http.sent_ms);
		examination_free(x);
	}
}

/* It stops in the middle: a ServerHello's first half, then nothing. */
static void
stops_in_the_middle(void **state)
{
	static const unsigned char half[] = { 22, 3, 3, 0, 90, 2, 0, 0, 86, 3, 3, 1, 2, 3 };
	struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_bytes, .tickets = -1, .bytes = half,
	    .bytes_len = sizeof half }, engine_pki.identity);

	(void)state;
	assert_int_equal(engine_baseline(x)->ended.how, END_FIN);
	assert_int_not_equal(x->diagnosis->verdict, VERDICT_OK);
	assert_false(engine_baseline(x)->not_tls);
	examination_free(x);
}

/* An alert before any ServerHello. */
static void
early_alert(void **state)
{
	static const uint8_t numbers[] = { 40, 70, 80, 112 };

	(void)state;
	for (size_t i = 0; i < sizeof numbers; i++) {
		const unsigned char record[] = { 21, 3, 1, 0, 2, 2, numbers[i] };
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_bytes, .tickets = -1,
		    .bytes = record, .bytes_len = sizeof record }, engine_pki.identity);
		const struct handshake *h = engine_baseline(x);

		engine_expect("early alert", h, OUTCOME_PROTOCOL);
		assert_int_equal(h->alerts_len, 1);
		assert_int_equal(h->alerts[0].number, numbers[i]);
		assert_true(h->alerts[0].plaintext_before_hello);
		assert_int_equal(h->ended.how, END_ALERT);
		assert_int_equal(h->phase, PHASE_HELLO);
		examination_free(x);
	}
}

/* HelloRequests without an end (RFC 5246 7.4.1.1 lets a client skip them): we stop. */
static void
endless(void **state)
{
	unsigned char record[5 + 4 * 1000] = { 22, 3, 3, (4 * 1000) >> 8, (4 * 1000) & 0xff };
	struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_bytes_for_ever, .tickets = -1,
	    .bytes = record, .bytes_len = sizeof record }, engine_pki.identity);
	const struct handshake *h = engine_baseline(x);

	(void)state;
	engine_expect("endless", h, OUTCOME_FAILED_LOCAL);
	assert_true(h->messages_len <= LIMIT_MESSAGES);
	assert_true(h->local == LOCAL_TOO_LARGE || h->local == LOCAL_UNEXPECTED);
	assert_int_equal(h->ended.by, PEER_US);
	examination_free(x);
}

/* The server signs with a key that is not its certificate's. */
static void
wrong_signature(void **state)
{
	static const enum pki_key types[] = { PKI_P256, PKI_RSA2048, PKI_ED25519 };

	(void)state;
	for (size_t i = 0; i < 6; i++) {
		struct script_pki p = script_pki_make(types[i / 2]);
		EVP_PKEY *stranger = pki_key(types[i / 2]), *wrong = pki_wrong_key(p.server.key, stranger);
		struct examination *x = engine_examine(&(struct script){ .pki = &p, .serve = serve_http, .version = engine_versions[i % 2],
		    .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK, .key = wrong }, p.identity);
		const struct handshake *h = engine_baseline(x);

		engine_expect("wrong signature", h, OUTCOME_FAILED_LOCAL);
		assert_int_equal(h->local, LOCAL_BAD_SIGNATURE);
		assert_int_equal(h->server_certs_len, 2);
		assert_non_null(handshake_fatal_alert(h, PEER_US));
		assert_int_equal(handshake_fatal_alert(h, PEER_US)->number, 51);
		assert_true(handshake_fatal_alert(h, PEER_US)->at_ms >= 0);
		assert_int_equal(h->ended.by, PEER_US);
		assert_string_equal(code_info(x->diagnosis->root->code)->name, "key.server-mismatch");
		examination_free(x);
		EVP_PKEY_free(stranger);
		EVP_PKEY_free(wrong);
		script_pki_done(&p);
	}
}

/* A certificate that does not parse: the library has none, the record has its bytes. */
static void
garbage_certificate(void **state)
{
	X509 *garbage = pki_garbage(&engine_pki.server);

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = engine_versions[v],
		    .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK, .certificate = garbage }, engine_pki.identity);
		const struct handshake *h = engine_baseline(x);

		engine_expect("garbage certificate", h, OUTCOME_FAILED_LOCAL);
		assert_int_equal(h->local, LOCAL_UNDECODABLE);
		assert_int_equal(h->server_certs_len, 2);
		assert_null(h->server_certs[0].cert);
		assert_non_null(h->server_certs[0].problem);
		assert_true(h->server_certs[0].der.len > 100);
		assert_non_null(h->server_certs[1].cert);
		examination_free(x);
	}
	X509_free(garbage);
}

/* A Certificate message over our limit. */
static void
too_large(void **state)
{
	size_t len = LIMIT_CERTIFICATE_MESSAGE + 100;
	unsigned char *junk = mem_zero(1, len + 5);
	struct pki_extension extra[] = { { "1.2.3.4.5", false, junk, len + 5 }, { 0 } };
	struct pki_cert big;

	(void)state;
	junk[0] = 4; /* an OCTET STRING */
	junk[1] = 0x83;
	junk[2] = (unsigned char)(len >> 16);
	junk[3] = (unsigned char)(len >> 8);
	junk[4] = (unsigned char)len;
	big = pki_issue(&(struct pki_request){ .cn = "big", .extra = extra, .key = engine_pki.server.key }, &engine_pki.issuing);
	for (size_t v = 0; v < 2; v++) {
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = engine_versions[v],
		    .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK, .certificate = big.x509 }, engine_pki.identity);

		engine_expect("over the limit", engine_baseline(x), OUTCOME_FAILED_LOCAL);
		assert_int_equal(engine_baseline(x)->local, LOCAL_TOO_LARGE);
		examination_free(x);
	}
	pki_cert_free(&big);
	free(junk);
}

/* Key and certificate of ours do not belong together: they go out all the same, and the server says what it thinks. */
static void
wrong_key_of_ours(void **state)
{
	static const enum pki_key types[] = { PKI_P256, PKI_RSA2048, PKI_ED25519, PKI_P384 };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof types / sizeof types[0]; i++) {
		struct key *key = key_from_evp(pki_key(types[i / 2]), true, false);
		struct identity *id = identity_from("wrong", engine_pki.identity->certs, 2, key);
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = engine_versions[i % 2],
		    .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK }, id);
		const struct handshake *h = engine_baseline(x);

		assert_false(id->matches);
		engine_expect("wrong key", h, OUTCOME_REJECTED_ALERT);
		assert_int_equal(handshake_fatal_alert(h, PEER_SERVER)->number, 51);
		assert_int_equal(h->sent_certs_len, 2);
		assert_true(h->our_sigalg != 0);
		assert_string_equal(code_info(x->diagnosis->root->code)->name, "key.mismatch");
		examination_free(x);
		identity_free(id);
		key_free(key);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusal_alerts),
		cmocka_unit_test(none_given),
		cmocka_unit_test(alert_before_reset),
		cmocka_unit_test(http_refusals),
		cmocka_unit_test(closes),
		cmocka_unit_test(not_tls),
		cmocka_unit_test(silence),
		cmocka_unit_test(closes_with_a_warning),
		cmocka_unit_test(status_cut_short),
		cmocka_unit_test(stops_in_the_middle),
		cmocka_unit_test(early_alert),
		cmocka_unit_test(endless),
		cmocka_unit_test(wrong_signature),
		cmocka_unit_test(garbage_certificate),
		cmocka_unit_test(too_large),
		cmocka_unit_test(wrong_key_of_ours),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
