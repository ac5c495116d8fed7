/*
 * What the fleet by cause says of itself, against random fleets counted here by hand: the sentence never claims more than
 * the diagnoses prove, and every number on the screens adds up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/report.h"
#include "tests/fleet_builder.h"
#include "tests/screen.h"

enum { FLEETS = 400, MOST = 14, KIND_REFUSED_42 = SHAPES, KIND_REFUSED_46, KINDS };

static struct fleet_builder *builder;
static uint64_t seed;

static size_t
below(size_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (size_t)(seed >> 11) % n;
}

/* Nothing is wrong with what we sent, and it is refused all the same: why is not known. */
static void
check_refused(struct fleet *f, struct entry *e, uint8_t alert)
{
	struct evidence *ev = fleet_builder_evidence(builder, e, SHAPE_OK, FLEET_NOW);
	struct handshake *h = ev->handshakes[0];
	struct diagnosis *d;

	h->phase = PHASE_FINISHED;
	h->outcome = OUTCOME_REJECTED_ALERT;
	h->tickets = 0;
	h->http.requested = false;
	h->http.status = 0;
	h->alerts = arena_array(h->arena, 1, sizeof *h->alerts);
	h->alerts_len = 1;
	h->alerts[0] = (struct alert){ .from = PEER_SERVER, .level = 2, .number = alert, .phase = h->phase, .at_ms = 5 };
	h->ended = (struct ended){ .by = PEER_SERVER, .how = END_ALERT, .phase = h->phase, .at_ms = 5 };
	d = diagnose(ev);
	assert_non_null(d->root);
	assert_int_equal(d->root->code, CODE_CLIENT_REJECTED);
	fleet_result(f, e, ev, d, FLEET_NOW * 1000);
}

static struct fleet *
some_fleet(void)
{
	struct fleet *f = fleet_new();
	size_t len = below(MOST) + 2, kinds = below(KINDS) + 1, first = below(KINDS);

	for (size_t i = 0; i < len; i++) {
		struct entry *e = fleet_builder_add(builder, f, "service");
		size_t kind = (first + below(kinds)) % KINDS;

		if (below(6) > 0 && kind >= SHAPES)
			check_refused(f, e, kind == KIND_REFUSED_42 ? 42 : 46);
		else if (below(6) > 0 && kind < SHAPES)
			fleet_builder_check(builder, f, e, (enum shape)kind, FLEET_NOW);
		if (below(8) == 0)
			fleet_waiting(f, e, true);
	}
	return f;
}

/* Counted from the diagnoses alone. */
struct truth {
	size_t broken, proven, causes, most;
};

static bool
counts(const struct entry *e)
{
	return e->diagnosis != NULL && fleet_known(e) <= FLEET_DOWN;
}

static struct truth
truth_of(const struct fleet *f)
{
	struct truth t = { 0 };

	for (size_t i = 0; i < fleet_len(f); i++) {
		const struct entry *e = fleet_at(f, i);
		size_t alike = 0, before = 0;

		if (!counts(e))
			continue;
		t.broken++;
		if (e->diagnosis->root->code == CODE_CLIENT_REJECTED || e->diagnosis->root->code == CODE_TLS_REJECTED)
			continue;
		t.proven++;
		for (size_t k = 0; k < fleet_len(f); k++) {
			const struct entry *o = fleet_at(f, k);

			if (!counts(o) || strcmp(o->diagnosis->cause_key, e->diagnosis->cause_key) != 0)
				continue;
			alike++;
			before += k < i;
		}
		t.causes += before == 0;
		t.most = alike > t.most ? alike : t.most;
	}
	return t;
}

static bool
is_true(const char *screen, const struct truth *t)
{
	const char *at = strstr(screen, "ONE cause explains");
	size_t a, b, c;

	if (at != NULL && sscanf(at, "ONE cause explains all %zu that", &a) == 1)
		return a == t->broken && t->most == a;
	if (at != NULL)
		return sscanf(at, "ONE cause explains %zu of the %zu that", &a, &b) == 2 && a == t->most && b == t->broken && a > 1;
	if ((at = strstr(screen, " explain the ")) != NULL || (at = strstr(screen, " explain ")) != NULL || (at = strstr(screen, " explains ")) != NULL) {
		while (at > screen && at[-1] != '\n')
			at--;
		if (sscanf(at, " %zu causes explain the %zu that", &a, &b) == 2)
			return a == t->causes && b == t->broken && t->proven == t->broken;
		return (sscanf(at, " %zu causes explain %zu of the %zu that", &a, &b, &c) == 3 ||
		    sscanf(at, " %zu cause explains %zu of the %zu that", &a, &b, &c) == 3) && a == t->causes && b == t->proven && c == t->broken;
	}
	if ((at = strstr(screen, " do not work, and of none")) != NULL)
		return t->causes == 0 && t->broken > 1;
	if (strstr(screen, "ONE does not work.") != NULL)
		return t->broken == 1;
	return t->broken == 0;
}

/* Every state that the head counts, and every row of the table: both are all there are. */
static void
assert_adds_up(struct screen *s, const char *text)
{
	struct fleet *f = console_fleet(screen_console(s));
	const struct fleet_cause *causes;
	size_t len = fleet_causes(f, &causes), rows = 0, listed = 0, n;

	for (size_t i = 0; i < len; i++)
		listed += causes[i].count;
	assert_int_equal(listed, fleet_len(f));
	for (const char *line = strstr(text, "STATE"); line != NULL && (line = strchr(line, '\n')) != NULL; line++) {
		char state[16], glyph[16];

		if (strncmp(line, "\n\n", 2) == 0)
			break;
		if (sscanf(line + 1, " %15s %15s %zu", glyph, state, &n) == 3 || sscanf(line + 1, " %15s %zu", state, &n) == 2)
			rows += n;
	}
	if (rows != fleet_len(f))
		fail_msg("rows of %zu endpoints, and there are %zu:\n%s", rows, fleet_len(f), text);
}

/* The report of many targets has one such sentence, or none. */
static void
assert_report_true(const struct fleet *f, const struct truth *t)
{
	static const struct report_style style = { .columns = 100 };
	struct causes *c = causes_new();
	struct buf out = { 0 };
	const char *at;
	size_t a = 0, b = 0;

	for (size_t i = 0; i < fleet_len(f); i++)
		if (fleet_at(f, i)->diagnosis != NULL)
			causes_add(c, fleet_at(f, i)->diagnosis);
	causes_report(c, &style, &out);
	at = strstr(buf_str(&out), "ONE cause explains");
	if (at != NULL && (sscanf(at, "ONE cause explains %zu of the %zu that", &a, &b) != 2 || a != t->most || b != t->broken))
		fail_msg("%zu broken, %zu of the most frequent:\n%s", t->broken, t->most, out.data);
	if (at == NULL && t->most > 1 && 2 * t->most > t->broken)
		fail_msg("what one cause explains is not said:\n%s", out.data);
	buf_done(&out);
	causes_free(c);
}

static void
no_sentence_says_more_than_is_so(void **state)
{
	(void)state;
	for (size_t i = 1; i <= FLEETS; i++) {
		struct fleet *f;
		struct console_setup setup = { .world = world_real(), .examine = examine_defaults, .first = &causes_view, .still = true };
		struct truth t;
		struct screen *s;
		char *text;

		seed = i * UINT64_C(0x9e3779b97f4a7c15);
		f = setup.fleet = some_fleet();
		t = truth_of(f);
		assert_report_true(f, &t);
		s = screen_open(50, 120, SCREEN_UTF8, &setup);
		text = screen_text(s);
		if (!is_true(text, &t))
			fail_msg("fleet %zu: %zu broken, %zu proven, %zu causes, %zu of the most frequent:\n%s", i, t.broken, t.proven, t.causes,
			    t.most, text);
		if (t.broken > 0 && (strstr(text, "Everything") != NULL || strstr(text, "nothing is wrong with these") != NULL))
			fail_msg("fleet %zu: not everything works:\n%s", i, text);
		assert_adds_up(s, text);
		free(text);
		screen_close(s);
	}
}

static int
make(void **state)
{
	(void)state;
	builder = fleet_builder_make();
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	fleet_builder_free(builder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_sentence_says_more_than_is_so),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
