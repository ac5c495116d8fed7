/*
 * Both chains as rows, for chains with one fault each: which link is marked, what stands beside it, and
 * that a chain in order has no mark. A row is written "MARK depth name | note | brief | until", the date
 * with a "!" where it is what matters.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/chain_rows.h"
#include "model/memory.h"
#include "tests/chains.h"

static const struct recipe recipes[] = {
	{ .name = "root", .role = IS_CA, .r = { .cn = "Acme Root CA", .org = "Acme" } },
	{ .name = "issuing", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 1", .org = "Acme" } },
	{ .name = "expired-ca", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 3" }, .from = -700, .to = -3 },
	{ .name = "ending-ca", .issuer = "root", .role = IS_CA, .r = { .cn = "Acme Issuing CA 5" }, .from = -700, .to = 12 },
	{ .name = "other-root", .role = IS_CA, .r = { .cn = "Stranger Root CA", .org = "Stranger" } },
	{ .name = "other-ca", .issuer = "other-root", .role = IS_CA, .r = { .cn = "Stranger Issuing CA", .org = "Stranger" } },
	{ .name = "server", .issuer = "issuing", .role = IS_SERVER },
	{ .name = "server-ca-expired", .issuer = "expired-ca", .role = IS_SERVER },
	{ .name = "server-ca-ending", .issuer = "ending-ca", .role = IS_SERVER, .from = -30, .to = 11 },
	{ .name = "server-other", .issuer = "other-ca", .role = IS_SERVER },
	{ .name = "server-later", .issuer = "issuing", .role = IS_SERVER, .from = 2, .to = 90 },
	{ .name = "elsewhere", .issuer = "issuing", .role = IS_SERVER, .r = { .san = (const char *const[]){ "DNS:elsewhere.internal", NULL } } },
	{ .name = "client", .issuer = "issuing", .role = IS_CLIENT, .r = { .cn = "order-service" }, .from = -2, .to = 88 },
	{ .name = "client-other", .issuer = "other-ca", .role = IS_CLIENT, .r = { .cn = "order-service" } },
};

static struct chains *chains;

struct row_case {
	struct chain_case chain;
	bool ours;
	const char *heading;  /* "FAIL, the server refuses it"; NULL: there is nothing to say */
	const char *rows[8];
	bool theirs_first;
};

static const struct row_case cases[] = {
	{ .chain = { .what = "all in order, theirs", .server = { "server", "issuing" }, .ours = { "client", "issuing" } },
	    .heading = "OK, we trust it",
	    .rows = { "OK 0 Acme Root CA | trusted by us |  | 2036-11-15", "OK 1 Acme Issuing CA 1 | sent |  | 2036-11-15",
		"OK 2 payment.internal | sent |  | 2027-11-18" } },
	{ .chain = { .what = "all in order, ours", .server = { "server", "issuing" }, .ours = { "client", "issuing" } }, .ours = true,
	    .heading = "OK, the server accepts it",
	    .rows = { "OK 0 Acme Root CA | in their CA list | in their CA list | 2036-11-15",
		"OK 1 Acme Issuing CA 1 | sent |  | 2036-11-15", "OK 2 order-service | sent |  | 88 d left" } },
	{ .chain = { .what = "our intermediate forgotten, and it is in the server's chain", .server = { "server", "issuing" },
		.ours = { "client" }, .answer = REFUSED }, .ours = true,
	    .heading = "FAIL, the server refuses it",
	    .rows = { "OK 0 Acme Root CA | in their CA list | in their CA list | 2036-11-15",
		"NO 1 Acme Issuing CA 1 | NOT SENT | NOT SENT | 2036-11-15", "OK 2 order-service | sent |  | 88 d left" } },
	{ .chain = { .what = "a stranger's chain of ours", .server = { "server", "issuing" }, .ours = { "client-other", "other-ca" },
		.answer = REFUSED }, .ours = true,
	    .heading = "FAIL, the server refuses it",
	    .rows = { "?? 0 Stranger Root CA | not in our files | not in our files | ", "OK 1 Stranger Issuing CA | sent |  | 2036-11-15",
		"OK 2 order-service | sent |  | 2027-11-18" } },
	{ .chain = { .what = "their intermediate forgotten, and nobody has it", .server = { "server" } },
	    .heading = "FAIL, we do not accept it", .theirs_first = true,
	    .rows = { "NO 0 Acme Issuing CA 1 | NOT SENT, not found | NOT SENT | ", "OK 1 payment.internal | sent |  | 2027-11-18" } },
	{ .chain = { .what = "their intermediate forgotten, and we have it", .server = { "server" }, .ours = { "client", "issuing" } },
	    .heading = "FAIL, we do not accept it", .theirs_first = true,
	    .rows = { "OK 0 Acme Root CA | trusted by us |  | 2036-11-15", "NO 1 Acme Issuing CA 1 | NOT SENT | NOT SENT | 2036-11-15",
		"OK 2 payment.internal | sent |  | 2027-11-18" } },
	{ .chain = { .what = "their intermediate expired", .server = { "server-ca-expired", "expired-ca" } },
	    .heading = "FAIL, we do not accept it", .theirs_first = true,
	    .rows = { "OK 0 Acme Root CA | trusted by us |  | 2036-11-15", "NO 1 Acme Issuing CA 3 | sent |  | EXPIRED 2026-11-15!",
		"OK 2 payment.internal | sent |  | 2027-11-18" } },
	{ .chain = { .what = "their intermediate ends soon", .server = { "server-ca-ending", "ending-ca" } },
	    .heading = "WARN, we trust it",
	    .rows = { "OK 0 Acme Root CA | trusted by us |  | 2036-11-15", "! 1 Acme Issuing CA 5 | sent |  | 12 d left!",
		"! 2 payment.internal | sent |  | 11 d left!" } },
	{ .chain = { .what = "not yet valid", .server = { "server-later", "issuing" } },
	    .heading = "FAIL, we do not accept it", .theirs_first = true,
	    .rows = { "OK 0 Acme Root CA | trusted by us |  | 2036-11-15", "OK 1 Acme Issuing CA 1 | sent |  | 2036-11-15",
		"NO 2 payment.internal | sent |  | NOT YET 2026-11-20!" } },
	{ .chain = { .what = "a root that we do not trust", .server = { "server-other", "other-ca", "other-root" } },
	    .heading = "FAIL, we do not accept it", .theirs_first = true,
	    .rows = { "NO 0 Stranger Root CA | sent, NOT TRUSTED | NOT TRUSTED | 2036-11-15",
		"OK 1 Stranger Issuing CA | sent |  | 2036-11-15", "OK 2 payment.internal | sent |  | 2027-11-18" } },
	{ .chain = { .what = "another name", .server = { "elsewhere", "issuing" } },
	    .heading = "FAIL, we do not accept it", .theirs_first = true,
	    .rows = { "OK 0 Acme Root CA | trusted by us |  | 2036-11-15", "OK 1 Acme Issuing CA 1 | sent |  | 2036-11-15",
		"NO 2 payment.internal | sent, WRONG NAME | WRONG NAME | 2027-11-18" } },
	{ .chain = { .what = "one too many", .server = { "server", "issuing", "other-ca" } },
	    .heading = "WARN, we trust it",
	    .rows = { "OK 0 Acme Root CA | trusted by us |  | 2036-11-15", "OK 1 Acme Issuing CA 1 | sent |  | 2036-11-15",
		"OK 2 payment.internal | sent |  | 2027-11-18",
		"stray ! 0 Stranger Issuing CA | sent, leads nowhere | leads nowhere | 2036-11-15" } },
	{ .chain = { .what = "no certificate of ours", .server = { "server", "issuing" }, .answer = NOT_ASKED }, .ours = true },
	{ .chain = { .what = "nothing of theirs was seen", .server = { NULL }, .ours = { "client", "issuing" } },
	    .heading = "NOTE, it was not seen" },
};

static void
row_text(const struct chain_row *r, struct buf *out)
{
	const char *mark = r->mark == CHAIN_SOON ? chain_mark_glyphs[r->mark] : chain_mark_words[r->mark];

	buf_addf(out, "%s%s %zu %s | %s | %s | %s%s", r->stray ? "stray " : "", mark, r->depth, r->name, r->note, r->brief, r->until,
	    r->dated ? "!" : "");
}

static size_t
differences(const struct row_case *c)
{
	struct evidence *e = chains_evidence(chains, &c->chain);
	struct diagnosis *d = diagnose(e);
	struct arena *a = arena_new();
	struct chain_view v;
	size_t wrong = 0, expected = 0;

	chain_rows(d, c->ours, a, &v);
	const char *heading = v.words != NULL ? arena_printf(a, "%s, %s", state_word(v.state), v.words) : "";
	wrong += strcmp(heading, c->heading != NULL ? c->heading : "") != 0;
	while (c->rows[expected] != NULL)
		expected++;
	wrong += v.len != expected || v.seen != (expected > 0) || chain_theirs_first(d) != c->theirs_first;
	for (size_t i = 0; i < v.len; i++) {
		struct buf b = { 0 };
		row_text(&v.rows[i], &b);
		wrong += i >= expected || strcmp(buf_str(&b), c->rows[i]) != 0;
		buf_done(&b);
	}
	if (wrong > 0) {
		print_message("“%s”: %s, theirs first: %d\n", c->chain.what, heading, chain_theirs_first(d));
		for (size_t i = 0; i < v.len; i++) {
			struct buf b = { 0 };
			row_text(&v.rows[i], &b);
			print_message("    \"%s\"\n", buf_str(&b));
			buf_done(&b);
		}
	}
	arena_free(a);
	diagnosis_free(d);
	evidence_free(e);
	return wrong;
}

static void
each_fault_is_marked_at_its_link(void **state)
{
	size_t failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		failed += differences(&cases[i]) > 0;
	assert_int_equal(failed, 0);
}

/* A hostile chain has hundreds: eight are shown, the rest is counted. */
static void
what_leads_nowhere_is_bounded(void **state)
{
	struct chain_case t = { .what = "many", .server = { "server", "issuing", "other-ca", "other-root", "ending-ca", "expired-ca",
		"client" } };
	enum { OTHERS = 5, UNREADABLE = 40 };
	struct evidence *e = chains_evidence(chains, &t);
	struct handshake *h = e->handshakes[0];
	struct wire_cert *all = arena_array(h->arena, h->server_certs_len + UNREADABLE, sizeof *all);
	struct arena *a = arena_new();
	struct chain_view v;
	size_t strays = 0;

	(void)state;
	memcpy(all, h->server_certs, h->server_certs_len * sizeof *all);
	for (size_t i = 0; i < UNREADABLE; i++)
		all[h->server_certs_len++] = (struct wire_cert){ .problem = "it cannot be read" };
	h->server_certs = all;
	struct diagnosis *d = diagnose(e);
	chain_rows(d, false, a, &v);
	for (size_t i = 0; i < v.len; i++)
		strays += v.rows[i].stray;
	assert_int_equal(strays, 8);
	assert_int_equal(v.strays_left_out, OTHERS + UNREADABLE - 8);
	assert_string_equal(v.rows[v.len - 1].name, "(cannot be read)");
	assert_null(v.rows[v.len - 1].cert);
	arena_free(a);
	diagnosis_free(d);
	evidence_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_marked_at_its_link),
		cmocka_unit_test(what_leads_nowhere_is_bounded),
	};
	int failed;

	chains = chains_make(recipes, sizeof recipes / sizeof recipes[0]);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	chains_free(chains);
	return failed;
}
