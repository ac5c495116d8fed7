/*
 * A handshake that is cut: after every so many bytes, in both directions, with FIN and with RST, TLS 1.2
 * and 1.3. Whatever the cut, a server from which no answer came is never called healthy, and our
 * certificate is never blamed for what the wire does not show.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "model/memory.h"
#include "tests/cut_proxy.h"
#include "tests/engine.h"

enum {
	STRIDE = 41,  /* prime: over the two versions, every message and every record header is cut somewhere */
	AT_ONCE = 32, /* connections */
	MOST = 4 * 256
};

/* What may be said of a handshake that was cut without an answer. */
static bool
honest(const struct diagnosis *d, const struct handshake *h)
{
	static const enum code codes[] = { CODE_NET_CLOSED, CODE_NET_RESET, CODE_TLS_REJECTED, CODE_CLIENT_REJECTED, CODE_CLIENT_UNPROVEN };

	if (h->http.status != 0)
		return h->http.status == 200 && d->verdict != VERDICT_ERROR; /* the script's Date is of another day */
	if (d->verdict == VERDICT_OK || d->root == NULL)
		return false;
	/* Refused by closing says little: never more than low; and only where our flight had begun to go out. */
	if (d->root->code == CODE_CLIENT_REJECTED && (d->root->confidence != CONFIDENCE_LOW || h->phase < PHASE_OUR_FLIGHT))
		return false;
	if (d->root->code == CODE_TLS_REJECTED && h->phase >= PHASE_OUR_FLIGHT)
		return false;
	if (d->root->code == CODE_CLIENT_UNPROVEN && h->phase < PHASE_REQUEST)
		return false;
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (d->root->code == codes[i])
			return true;
	return false;
}

static void
look(const struct examination *x, const struct cut *c)
{
	const struct handshake *h = engine_baseline(x);
	const struct diagnosis *d = x->diagnosis;

	if (!honest(d, h))
		fail_msg("%s cut after %zu bytes from the %s: %s %s, outcome %s, %s, HTTP %d", c->reset ? "RST" : "FIN", c->after,
		    c->from_server ? "server" : "client", verdict_name(d->verdict), d->root != NULL ? code_info(d->root->code)->name : "-",
		    outcome_name(h->outcome), phase_name(h->phase), h->http.status);
	assert_true(h->ended.how != END_TIMEOUT); /* each of these ends was seen */
}

static size_t
plan(const size_t whole[2], struct cut *cuts)
{
	size_t n = 0;

	for (int kind = 0; kind < 4; kind++)
		for (size_t after = 0; after < whole[kind & 1] && n < MOST; after += STRIDE)
			cuts[n++] = (struct cut){ .from_server = kind & 1, .reset = kind & 2, .after = after };
	return n;
}

static void
examine_all(struct cut *cuts, size_t len)
{
	struct examine_options opt = engine_quick();
	struct examination *done;
	struct examiner *x;

	opt.jobs = AT_ONCE;
	x = engine_start(&opt);
	for (size_t i = 0; i < len; i++) {
		struct target t;

		engine_aim(&t, cuts[i].port);
		examiner_add(x, &t, engine_pki.identity, engine_pki.trust, &cuts[i]);
		target_done(&t);
	}
	while ((done = examiner_next(x, -1)) != NULL) {
		look(done, done->user);
		examination_free(done);
	}
	examiner_free(x);
}

static void
cut_everywhere(void **state)
{
	struct cut *cuts = mem_zero(MOST, sizeof *cuts);

	(void)state;
	for (size_t v = 0; v < 2; v++) {
		struct script s = { .pki = &engine_pki, .serve = serve_http, .version = engine_versions[v], .verify = ENGINE_MUST,
			.tickets = -1, .answer = ENGINE_OK };
		struct script_server *server = script_server_start(&s);
		struct cut whole = { .never = true };
		struct cut_proxy *proxy = cut_proxy_start(script_server_port(server), &whole, 1);

		examine_all(&whole, 1);
		cut_proxy_stop(proxy);
		assert_true(whole.passed[0] > 1000 && whole.passed[1] > 1000);
		size_t len = plan(whole.passed, cuts);
		proxy = cut_proxy_start(script_server_port(server), cuts, len);
		examine_all(cuts, len);
		cut_proxy_stop(proxy);
		script_server_stop(server);
	}
	free(cuts);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_everywhere),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
