/*
 * The engine: what is on record of handshakes that succeed, of servers that only look odd, and of
 * targets that cannot be reached; many at once, and cancelled.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/alert.h"
#include "model/memory.h"
#include "tests/engine.h"
#include "tests/program.h"

/* Accepted: everything is on record, and every message has its times, in order for each side. */
static void
accepted(void **state)
{
	(void)state;
	for (size_t v = 0; v < 2; v++) {
		struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = engine_versions[v],
		    .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK }, engine_pki.identity);
		const struct handshake *h = engine_baseline(x);
		double last[2] = { 0, 0 };

		engine_expect("accepted", h, OUTCOME_ACCEPTED_APP);
		assert_int_equal(h->version, engine_versions[v]);
		assert_non_null(h->cipher);
		assert_string_equal(h->group, "X25519");
		assert_int_equal(h->server_certs_len, 2);
		assert_non_null(h->server_certs[0].cert);
		assert_true(h->request.seen);
		assert_false(h->request.after_finished);
		assert_int_equal(h->request.cas_len, 1);
		assert_true(h->request.sigalgs_len > 0);
		assert_int_equal(h->sent_certs_len, 2);
		assert_true(fingerprint_equal(&h->sent_certs[0], &engine_pki.identity->certs[0]->sha256));
		assert_true(h->our_sigalg != 0 && h->server_sigalg != 0);
		assert_int_equal(h->http.status, 200);
		assert_string_equal(h->http.method, "HEAD");
		assert_int_equal(h->phase, PHASE_RESPONSE);
		assert_string_equal(h->offer.sni, "payment.internal");
		assert_non_null(strstr(h->offer.ciphers, "TLS_AES_256_GCM_SHA384"));
		assert_int_equal(h->offer.min_version, TLS1_2_VERSION);
		assert_int_equal(h->offer.max_version, TLS1_3_VERSION);
		assert_true(x->evidence->clocks.server_known);
		assert_true(h->connect_ms >= 0 && h->tls_ms > 0 && h->verdict_ms >= h->tls_ms);
		if (engine_versions[v] == TLS1_3_VERSION)
			assert_true(h->tickets > 0 && h->ticket_ms > 0);
		for (size_t i = 0; i < h->messages_len; i++) {
			const struct message *m = &h->messages[i];

			assert_true(m->at_ms >= last[m->from] && m->at_ms <= h->verdict_ms);
			/* Ours are made before they leave; theirs arrive before they are read. */
			assert_true(m->from == PEER_US ? m->parsed_ms <= m->at_ms : m->parsed_ms >= m->at_ms);
			last[m->from] = m->at_ms;
		}
		examination_free(x);
	}
}

/* No ticket comes: we listen for a refusal, then ask, and the answer proves it. */
static void
no_ticket(void **state)
{
	struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = TLS1_3_VERSION,
	    .verify = ENGINE_MUST, .tickets = 0, .answer = ENGINE_OK }, engine_pki.identity);
	const struct handshake *h = engine_baseline(x);

	(void)state;
	engine_expect("no ticket", h, OUTCOME_ACCEPTED_APP);
	assert_int_equal(h->tickets, 0);
	assert_true(h->read_first_ms >= 300);
	examination_free(x);
}

/* Without HTTP: a ticket proves it; silence does not, and the phase says so. */
static void
no_http(void **state)
{
	struct examine_options opt = engine_quick();

	(void)state;
	for (int tickets = 0; tickets < 2; tickets++) {
		struct script s = { .pki = &engine_pki, .serve = serve_read_close, .version = TLS1_3_VERSION, .verify = ENGINE_MUST,
			.tickets = tickets };
		struct script_server *server = script_server_start(&s);
		struct examination *x = engine_examine_at(script_server_port(server), &opt, engine_pki.identity, false);
		const struct handshake *h = engine_baseline(x);

		engine_expect("without HTTP", h, OUTCOME_ACCEPTED);
		assert_int_equal(h->phase, tickets > 0 ? PHASE_ACCEPTED : PHASE_FINISHED);
		assert_int_equal(h->ended.by, PEER_US);
		assert_int_equal(h->http.status, 0);
		examination_free(x);
		script_server_stop(server);
	}
}

static void
only_p384(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set1_groups_list(ctx, "P-384");
}

static int
does_not_know(SSL *ssl, int *alert, void *user)
{
	(void)ssl;
	(void)user;
	*alert = SSL_AD_UNRECOGNIZED_NAME;
	return SSL_TLSEXT_ERR_ALERT_WARNING;
}

static void
warns_of_name(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_tlsext_servername_callback(ctx, does_not_know);
}

/* What looks odd and is no failure. */
static void
oddities(void **state)
{
	struct examination *x;
	const struct handshake *h;
	size_t hellos = 0;

	(void)state;
	x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = TLS1_3_VERSION, .verify = ENGINE_MUST,
	    .tickets = -1, .answer = ENGINE_OK, .prepare = only_p384 }, engine_pki.identity);
	h = engine_baseline(x);
	engine_expect("another hello", h, OUTCOME_ACCEPTED_APP);
	for (size_t i = 0; i < h->messages_len; i++)
		hellos += h->messages[i].type == 1;
	assert_int_equal(hellos, 2);
	assert_string_equal(h->group, group_name(24));
	examination_free(x);

	x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_http, .version = TLS1_2_VERSION, .verify = ENGINE_MUST,
	    .tickets = -1, .answer = ENGINE_OK, .prepare = warns_of_name }, engine_pki.identity);
	h = engine_baseline(x);
	engine_expect("warning about the name", h, OUTCOME_ACCEPTED_APP);
	assert_int_equal(h->alerts[0].number, 112);
	assert_int_equal(h->alerts[0].level, 1);
	examination_free(x);

	x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_dribble, .version = TLS1_3_VERSION, .verify = ENGINE_MUST,
	    .tickets = -1, .answer = ENGINE_OK }, engine_pki.identity);
	engine_expect("a byte at a time", engine_baseline(x), OUTCOME_ACCEPTED_APP);
	examination_free(x);
}

/* TLS 1.2, asked again after the request: we refuse, the server ends it. */
static void
renegotiation(void **state)
{
	struct examination *x = engine_examine(&(struct script){ .pki = &engine_pki, .serve = serve_renegotiation,
	    .version = TLS1_2_VERSION, .tickets = -1 }, engine_pki.identity);
	const struct handshake *h = engine_baseline(x);

	(void)state;
	assert_true(engine_said(h, PEER_SERVER, 0));
	assert_true(handshake_asked_late(h));
	assert_false(handshake_accepted(h) && h->ended.how == END_US);
	assert_int_not_equal(x->diagnosis->verdict, VERDICT_OK);
	examination_free(x);
}

/* TLS 1.0 only: the baseline dies at the hello, the wide one learns what the server speaks. */
static void
old_tls(void **state)
{
	struct examine_options opt = examine_defaults;
	struct script s = { .pki = &engine_pki, .serve = serve_http, .version = TLS1_VERSION, .verify = ENGINE_MUST, .tickets = -1 };
	struct script_server *server = script_server_start(&s);
	struct examination *x = engine_examine_at(script_server_port(server), &opt, engine_pki.identity, true);
	const struct handshake *wide;

	(void)state;
	script_server_stop(server);
	engine_expect("TLS 1.0 only", engine_baseline(x), OUTCOME_PROTOCOL);
	assert_int_equal(x->evidence->handshakes_len, 2);
	wide = x->evidence->handshakes[1];
	assert_string_equal(wide->experiment, "wide-hello");
	assert_int_equal(wide->version, TLS1_VERSION);
	assert_int_equal(wide->offer.min_version, TLS1_VERSION);
	assert_int_equal(wide->server_certs_len, 2);
	assert_int_equal(wide->sent_certs_len, 0);
	assert_string_equal(code_info(x->diagnosis->root->code)->name, "tls.no-common-version");
	examination_free(x);
}

/* Nobody listens; no such name; no descriptor left. */
static void
no_connection(void **state)
{
	struct examine_options opt = engine_quick();
	struct script s = { .pki = &engine_pki, .serve = serve_nothing, .tickets = -1 };
	struct script_server *server = script_server_start(&s);
	int port = script_server_port(server), spare;
	struct rlimit limit, less;
	struct examination *x;
	struct examiner *engine;
	struct target t;

	(void)state;
	script_server_stop(server);
	x = engine_examine_at(port, &opt, engine_pki.identity, true);
	engine_expect("refused", engine_baseline(x), OUTCOME_NETWORK);
	assert_int_equal(engine_baseline(x)->phase, PHASE_CONNECT);
	assert_int_equal(engine_baseline(x)->attempts_len, 1);
	assert_int_equal(engine_baseline(x)->attempts[0].result, CONNECT_REFUSED);
	examination_free(x);

	engine = engine_start(&opt);
	engine_aim(&t, port);
	examiner_fd(engine);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	spare = dup(0);
	assert_int_not_equal(spare, -1);
	less = (struct rlimit){ .rlim_cur = (rlim_t)spare, .rlim_max = limit.rlim_max };
	close(spare);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &less), 0);
	examiner_add(engine, &t, NULL, engine_pki.trust, NULL);
	x = examiner_next(engine, -1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(engine_baseline(x)->attempts[0].result, CONNECT_LOCAL);
	assert_string_equal(code_info(x->diagnosis->root->code)->name, "net.local");
	examination_free(x);
	target_done(&t);
	examiner_free(engine);
}

/* Names, as the hosts file has them, and --resolve, --connect-to, -4, -6. */
static void
ways(void **state)
{
	char *addresses[] = { (char[]){ "::1" }, (char[]){ "127.0.0.1" }, NULL };
	struct script s = { .pki = &engine_pki, .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };
	struct script_server *server = script_server_start(&s);
	uint16_t port = (uint16_t)script_server_port(server);
	struct redirect redirects[] = {
		{ .host = (char[]){ "payment.internal" }, .port = 443, .to_host = (char[]){ "other.internal" }, .to_port = port },
		{ .host = (char[]){ "other.internal" }, .port = port, .addresses = addresses },
	};
	struct examine_options opt = engine_quick();
	struct error err = { 0 };
	struct examiner *engine;
	struct examination *x;
	struct target t;

	(void)state;
	opt.redirects = redirects;
	opt.redirects_len = 2;
	engine = engine_start(&opt);
	assert_int_equal(target_parse("payment.internal", &t, &err), STATUS_OK);
	examiner_add(engine, &t, engine_pki.identity, engine_pki.trust, &t);
	x = examiner_next(engine, -1);
	engine_expect("by --connect-to and --resolve", engine_baseline(x), OUTCOME_ACCEPTED_APP);
	assert_ptr_equal(x->user, &t);
	assert_int_equal(engine_baseline(x)->attempts_len, 2);
	assert_int_equal(engine_baseline(x)->attempts[1].result, CONNECT_OK);
	assert_string_equal(engine_baseline(x)->offer.sni, "payment.internal");
	examination_free(x);
	target_done(&t);
	examiner_free(engine);

	opt = engine_quick();
	opt.family = 4;
	engine = engine_start(&opt);
	assert_int_equal(target_parse("localhost", &t, &err), STATUS_OK);
	t.port = port;
	examiner_add(engine, &t, engine_pki.identity, engine_pki.trust, NULL);
	x = examiner_next(engine, -1);
	engine_expect("localhost", engine_baseline(x), OUTCOME_ACCEPTED_APP);
	assert_true(engine_baseline(x)->resolve_ms > 0);
	examination_free(x);
	target_done(&t);
	examiner_free(engine);

	opt.family = 6;
	x = engine_examine_at(port, &opt, engine_pki.identity, true);
	assert_int_equal(engine_baseline(x)->phase, PHASE_RESOLVE);
	assert_int_not_equal(engine_baseline(x)->dns_error, 0);
	examination_free(x);
	script_server_stop(server);
}

/* Cancelled: what is under way comes back as it is, what waits does not. */
static void
cancel(void **state)
{
	struct examine_options opt = examine_defaults;
	struct script s = { .pki = &engine_pki, .serve = serve_nothing, .tickets = -1 };
	struct script_server *server = script_server_start(&s);
	struct examiner *engine;
	struct examination *x;
	struct target t;
	size_t came = 0;

	(void)state;
	opt.jobs = 3;
	opt.loops = 1;
	engine = engine_start(&opt);
	engine_aim(&t, script_server_port(server));
	for (int i = 0; i < 10; i++)
		examiner_add(engine, &t, engine_pki.identity, engine_pki.trust, NULL);
	while (script_server_served(server) == 0)
		assert_null(examiner_next(engine, 1));
	examiner_cancel(engine);
	while ((x = examiner_next(engine, -1)) != NULL) {
		assert_true(x->cancelled);
		came++;
		examination_free(x);
	}
	assert_true(came > 0 && came <= 3);
	/* It goes on being usable; and what is never collected is freed. */
	examiner_add(engine, &t, engine_pki.identity, engine_pki.trust, NULL);
	target_done(&t);
	examiner_free(engine);
	script_server_stop(server);
}

/* Many at once, on all loops: each comes back once, with its own number. */
static void
many(void **state)
{
	enum { MANY = 200 };
	struct examine_options opt = engine_quick();
	struct script s = { .pki = &engine_pki, .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };
	struct script_server *server = script_server_start(&s);
	struct examiner *engine;
	bool seen[MANY] = { false };
	struct examination *x;
	struct target t;

	(void)state;
	opt.loops = 3;
	/* Client and server share this machine's cores: on a busy one the last of them waits long. */
	opt.connect_timeout_ms = 60 * 1000;
	opt.max_time_ms = 120 * 1000;
	engine = engine_start(&opt);
	engine_aim(&t, script_server_port(server));
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(examiner_add(engine, &t, engine_pki.identity, engine_pki.trust, NULL), i);
	while ((x = examiner_next(engine, -1)) != NULL) {
		engine_expect("one of many", engine_baseline(x), OUTCOME_ACCEPTED_APP);
		assert_false(seen[x->index]);
		seen[x->index] = true;
		examination_free(x);
	}
	for (size_t i = 0; i < MANY; i++)
		assert_true(seen[i]);
	target_done(&t);
	examiner_free(engine);
	script_server_stop(server);
}

/* Targets of one examiner, each with options of its own: versions, thresholds and the clock are those of its mode. */
static void
modes(void **state)
{
	struct examine_options opt = engine_quick();
	struct script s = { .pki = &engine_pki, .serve = serve_http, .verify = ENGINE_MUST, .tickets = -1, .answer = ENGINE_OK };
	struct script_server *server = script_server_start(&s);
	const struct examine_mode *old = NULL, *bad = NULL;
	struct error err = { 0 };
	struct examiner *engine = engine_start(&opt);
	struct examination *x;
	struct target t;
	size_t came = 0;

	(void)state;
	opt.max_version = TLS1_2_VERSION;
	opt.at_set = true;
	opt.at = 1700000000;
	assert_int_equal(examiner_mode(engine, &opt, &old, &err), STATUS_OK);
	opt.ciphers = "NO-SUCH-CIPHER";
	assert_int_equal(examiner_mode(engine, &opt, &bad, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	assert_null(bad);
	engine_aim(&t, script_server_port(server));
	for (size_t i = 0; i < 6; i++)
		examiner_add_as(engine, i % 2 == 0 ? old : NULL, &t, engine_pki.identity, engine_pki.trust, NULL);
	while ((x = examiner_next(engine, -1)) != NULL) {
		bool is_old = x->index % 2 == 0;

		assert_int_equal(engine_baseline(x)->version, is_old ? TLS1_2_VERSION : TLS1_3_VERSION);
		assert_int_equal(x->evidence->clocks.local_set, is_old);
		came++;
		examination_free(x);
	}
	assert_int_equal(came, 6);
	target_done(&t);
	examiner_free(engine);
	script_server_stop(server);
}

/* Options that OpenSSL does not take are the user's mistake. */
static void
bad_options(void **state)
{
	struct examine_options opt = examine_defaults;
	struct examiner *x = NULL;
	struct error err = { 0 };

	(void)state;
	opt.ciphers = "NO-SUCH-CIPHER";
	assert_int_equal(examiner_start(&opt, world_real(), &x, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	error_clear(&err);
	opt = examine_defaults;
	opt.alpn = "h2,,http/1.1";
	assert_int_equal(examiner_start(&opt, world_real(), &x, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_USAGE);
	error_clear(&err);
	opt = examine_defaults;
	opt.keylog_file = "/nonexistent/keys";
	assert_int_equal(examiner_start(&opt, world_real(), &x, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_INPUT);
}

/* A disk that is full ends no handshake, and is not kept quiet either; the file is ours alone. */
static void
key_log(void **state)
{
	struct script s = { .pki = &engine_pki, .serve = serve_http, .verify = ENGINE_MUST, .answer = ENGINE_OK, .tickets = -1 };
	char *folder = make_folder(), *kept = mem_strdup(in_folder(folder, "keys"));
	const struct {
		const char *file;
		int error;
	} cases[] = { { "/dev/full", ENOSPC }, { kept, 0 }, { NULL, 0 } };
	struct stat st;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct examine_options opt = engine_quick();
		struct script_server *server = script_server_start(&s);
		struct target t;

		opt.keylog_file = cases[i].file;
		struct examiner *engine = engine_start(&opt);
		engine_aim(&t, script_server_port(server));
		examiner_add(engine, &t, engine_pki.identity, engine_pki.trust, NULL);
		target_done(&t);
		struct examination *x = examiner_next(engine, -1);
		assert_true(handshake_accepted(engine_baseline(x)));
		assert_int_equal(examiner_keylog_error(engine), cases[i].error);
		examination_free(x);
		examiner_free(engine);
		script_server_stop(server);
	}
	assert_int_equal(stat(kept, &st), 0);
	assert_true(st.st_size > 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	free(kept);
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(no_ticket),
		cmocka_unit_test(no_http),
		cmocka_unit_test(oddities),
		cmocka_unit_test(renegotiation),
		cmocka_unit_test(old_tls),
		cmocka_unit_test(no_connection),
		cmocka_unit_test(ways),
		cmocka_unit_test(cancel),
		cmocka_unit_test(many),
		cmocka_unit_test(modes),
		cmocka_unit_test(bad_options),
		cmocka_unit_test(key_log),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
