/*
 * A session instead of a certificate: what servers make of a ticket that was given to somebody with a certificate, or
 * to somebody without. TLS 1.2 and 1.3; only with --deep.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/experiment.h"
#include "tests/engine.h"

/* Sessions of all names in one pot, as nginx had them before 1.27.4. */
static void
one_pot(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_session_id_context(ctx, (const unsigned char *)"test", 4);
	SSL_CTX_set_cert_verify_callback(ctx, engine_knows_ours, NULL);
}

static int
by_name(SSL *ssl, int *alert, void *user)
{
	(void)alert;
	(void)user;
	if (SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) == NULL)
		SSL_set_verify(ssl, SSL_VERIFY_NONE, NULL);
	return SSL_TLSEXT_ERR_OK;
}

/* Who says no name is asked for nothing. */
static void
lax_without_name(SSL_CTX *ctx, const struct script *s)
{
	one_pot(ctx, s);
	SSL_CTX_set_tlsext_servername_callback(ctx, by_name);
}

static int
pot_by_name(SSL *ssl, int *alert, void *user)
{
	const unsigned char *ext;
	size_t len;
	bool named = SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_server_name, &ext, &len) == 1;

	(void)alert;
	(void)user;
	SSL_set_session_id_context(ssl, (const unsigned char *)(named ? "yes" : "no!"), 3);
	return SSL_CLIENT_HELLO_SUCCESS;
}

/* The same, and a session holds under its own name only. */
static void
lax_and_careful(SSL_CTX *ctx, const struct script *s)
{
	lax_without_name(ctx, s);
	SSL_CTX_set_client_hello_cb(ctx, pot_by_name, NULL);
}

static void
no_sessions(SSL_CTX *ctx, const struct script *s)
{
	one_pot(ctx, s);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(ctx, 0);
}

/* The application wants the certificate in this very connection. */
static void
serve_new_sessions_only(int fd, SSL_CTX *ctx, const struct script *s)
{
	static const char no[] = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
	SSL *ssl = SSL_new(ctx);
	char request[4096];

	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1 && SSL_read(ssl, request, sizeof request) > 0) {
		const char *answer = SSL_session_reused(ssl) ? no : s->answer;

		SSL_write(ssl, answer, (int)strlen(answer));
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
}

static struct examination *
examine(void (*prepare)(SSL_CTX *, const struct script *), void (*serve)(int, SSL_CTX *, const struct script *), int version, bool deep,
    bool http)
{
	struct script s = { .pki = &engine_pki, .serve = serve, .prepare = prepare, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK,
		.version = version };
	struct examine_options opt = examine_defaults;
	struct script_server *server = script_server_start(&s);
	struct examination *x;

	opt.deep = deep;
	x = engine_examine_at(script_server_port(server), &opt, engine_pki.identity, http);
	script_server_stop(server);
	return x;
}

static bool
found(const struct examination *x, enum code code)
{
	return diagnosis_find(x->diagnosis, code) != NULL;
}

static const struct handshake *
did(const struct examination *x, const char *name)
{
	return evidence_experiment(x->evidence, name);
}

static void
a_session_keeps_our_identity(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct examination *x = examine(one_pot, serve_http, engine_versions[i % 2], true, i < 2);
		const struct handshake *h = did(x, "resumed");

		assert_non_null(h);
		assert_true(h->resumed);
		assert_int_equal(h->sent_certs_len, 0);
		assert_true(did(x, "session")->resumable);
		assert_false(engine_baseline(x)->resumed || did(x, "no-certificate")->resumed);
		assert_true(found(x, CODE_MTLS_RESUMPTION_KEEPS));
		assert_int_equal(diagnosis_find(x->diagnosis, CODE_MTLS_RESUMPTION_KEEPS)->severity, SEVERITY_NOTICE);
		assert_false(found(x, CODE_MTLS_RESUMPTION_BYPASS));
		/* Without a name it is refused like everybody else, so there is nothing to resume. */
		assert_false(handshake_accepted(did(x, "nameless-session")));
		assert_null(did(x, "nameless-resumed"));
		examination_free(x);
	}
}

static void
a_session_without_a_certificate_goes_round_it(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct examination *x = examine(lax_without_name, serve_http, engine_versions[i % 2], true, i < 2);
		const struct finding *n = diagnosis_find(x->diagnosis, CODE_MTLS_RESUMPTION_BYPASS);

		assert_null(did(x, "nameless-session")->offer.sni);
		assert_int_equal(did(x, "nameless-session")->sent_certs_len, 0);
		assert_string_equal(did(x, "nameless-resumed")->offer.sni, "payment.internal");
		assert_true(did(x, "nameless-resumed")->resumed);
		assert_non_null(n);
		assert_int_equal(n->severity, SEVERITY_ERROR);
		assert_int_equal(n->confidence, CONFIDENCE_CERTAIN);
		assert_int_equal(n->proof_len, 3);
		examination_free(x);
	}
}

static void
a_careful_server_is_not_accused(void **state)
{
	(void)state;
	for (int v = 0; v < 2; v++) {
		struct examination *x = examine(lax_and_careful, serve_http, engine_versions[v], true, true);

		assert_non_null(did(x, "nameless-resumed"));
		assert_false(did(x, "nameless-resumed")->resumed);
		assert_false(found(x, CODE_MTLS_RESUMPTION_BYPASS));
		examination_free(x);

		x = examine(one_pot, serve_new_sessions_only, engine_versions[v], true, true);
		assert_true(did(x, "resumed")->resumed);
		assert_int_equal(did(x, "resumed")->http.status, 403);
		assert_false(found(x, CODE_MTLS_RESUMPTION_KEEPS));
		examination_free(x);

		x = examine(no_sessions, serve_http, engine_versions[v], true, true);
		assert_false(did(x, "session")->resumable);
		assert_null(did(x, "resumed"));
		assert_false(found(x, CODE_MTLS_RESUMPTION_KEEPS));
		examination_free(x);
	}
}

static void
only_deep_asks(void **state)
{
	struct examination *x = examine(lax_without_name, serve_http, TLS1_3_VERSION, false, true);

	(void)state;
	assert_null(did(x, "session"));
	assert_null(did(x, "nameless-session"));
	assert_null(did(x, "repeat"));
	examination_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_keeps_our_identity),
		cmocka_unit_test(a_session_without_a_certificate_goes_round_it),
		cmocka_unit_test(a_careful_server_is_not_accused),
		cmocka_unit_test(only_deep_asks),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
