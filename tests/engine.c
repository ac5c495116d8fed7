#include "tests/engine.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "model/cert_openssl.h"
#include "model/memory.h"

struct script_pki engine_pki;
const int engine_versions[2] = { TLS1_2_VERSION, TLS1_3_VERSION };

int
engine_set_up(void **state)
{
	(void)state;
	openssl_start();
	engine_pki = script_pki_make(PKI_P256);
	return 0;
}

int
engine_tear_down(void **state)
{
	(void)state;
	script_pki_done(&engine_pki);
	return 0;
}

void
engine_aim(struct target *t, int port)
{
	char text[32];
	struct error err = { 0 };

	snprintf(text, sizeof text, "127.0.0.1:%d", port);
	if (target_parse(text, t, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	t->servername = mem_strdup("payment.internal");
}

struct examiner *
engine_start(const struct examine_options *opt)
{
	struct examiner *x = NULL;
	struct error err = { 0 };

	if (examiner_start(opt, world_real(), &x, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return x;
}

struct examine_options
engine_quick(void)
{
	struct examine_options opt = examine_defaults;

	opt.quick = true;
	return opt;
}

struct examination *
engine_finish(struct examiner *x, struct target *t, const struct identity *id)
{
	struct examination *result;

	examiner_add(x, t, id, engine_pki.trust, NULL);
	target_done(t);
	result = examiner_next(x, -1);
	assert_non_null(result);
	assert_non_null(result->diagnosis);
	assert_int_equal(examiner_left(x), 0);
	assert_null(examiner_next(x, -1));
	examiner_free(x);
	return result;
}

struct examination *
engine_examine_at(int port, const struct examine_options *opt, const struct identity *id, bool http)
{
	struct examiner *x = engine_start(opt);
	struct target t;

	engine_aim(&t, port);
	t.http = http;
	return engine_finish(x, &t, id);
}

struct examination *
engine_examine(const struct script *s, const struct identity *id)
{
	struct examine_options opt = engine_quick();
	struct script_server *server = script_server_start(s);
	struct examination *x = engine_examine_at(script_server_port(server), &opt, id, true);

	script_server_stop(server);
	return x;
}

const struct handshake *
engine_baseline(const struct examination *x)
{
	assert_true(x->evidence->handshakes_len > 0);
	return x->evidence->handshakes[0];
}

void
engine_expect(const char *where, const struct handshake *h, enum outcome o)
{
	if (h->outcome != o)
		fail_msg("%s: outcome %s, expected %s (%s, ended by %s with %s, detail %s)", where, outcome_name(h->outcome),
		    outcome_name(o), phase_name(h->phase), h->ended.by == PEER_US ? "us" : "the server",
		    end_how_name(h->ended.how), h->detail != NULL ? h->detail : "none");
}

bool
engine_said(const struct handshake *h, enum peer from, uint8_t type)
{
	for (size_t i = 0; i < h->messages_len; i++)
		if (h->messages[i].from == from && h->messages[i].type == type)
			return true;
	return false;
}

int
engine_knows_ours(X509_STORE_CTX *store, void *user)
{
	(void)user;
	if (sk_X509_num(X509_STORE_CTX_get0_untrusted(store)) > 1)
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT);
	return 0;
}
