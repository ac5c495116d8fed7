/* The plans of a roll-over that change bundles: which files, which reloads, and what is left to its owners. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/rollover.h"
#include "model/times.h"
#include "probes/examine.h"
#include "tests/engine.h"
#include "tests/program.h"

static struct script_pki next;
static char *folder;

static char *
pem(const struct pki_cert *c)
{
	struct error err = { .code = ERROR_NONE };
	struct buf b = { 0 };
	size_t len;
	unsigned char *der = pki_der(c, &len);
	struct cert *parsed = cert_parse(der, len, &err);

	assert_non_null(parsed);
	cert_pem(parsed, &b);
	cert_free(parsed);
	free(der);
	return b.data;
}

static void
bundle(const char *name, const struct pki_cert *one, const struct pki_cert *two)
{
	char *first = pem(one), *second = two != NULL ? pem(two) : strdup("");
	struct buf b = { 0 };

	buf_addf(&b, "# kept by hand\n%s%s", first, second);
	assert_true(write_file(in_folder(folder, name), b.data, b.len));
	buf_done(&b);
	free(first);
	free(second);
}

static struct rollover *
begun(void)
{
	struct rollover *r = rollover_new();
	char *old = pem(&engine_pki.root), *new = pem(&next.root), *child = pem(&engine_pki.issuing);

	r->id = "x";
	r->way = ROLLOVER_CROSS;
	r->old_root = (struct rollover_ca){ .arn = "arn:old", .name = "Acme Root CA", .pem = arena_strdup(r->arena, old) };
	r->new_root = (struct rollover_ca){ .arn = "arn:new", .name = "Acme Root CA G2", .pem = arena_strdup(r->arena, new) };
	r->children = arena_array(r->arena, 1, sizeof *r->children);
	r->children_len = 1;
	r->children[0] = (struct rollover_child){ .old = { .arn = "arn:issuing", .name = "Acme Issuing CA 1", .pem = arena_strdup(r->arena, child) } };
	free(old);
	free(new);
	free(child);
	return r;
}

static struct config *
configured(const char *text)
{
	struct error err = { .code = ERROR_NONE };
	struct config *c = NULL;

	assert_true(write_file(in_folder(folder, "config.yaml"), text, strlen(text)));
	if (config_read(in_folder(folder, "config.yaml"), world_real(), &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return c;
}

/* What a plan is made of: its steps' orders, a line each, and "by hand: …". */
static char *
outline(enum rollover_step s, const struct rollover *r, const struct config *c, const char *only)
{
	struct rollover_wish w = { .r = r, .config = c, .host = "bastion-2", .now = 1764468000, .only = &only, .only_len = only != NULL };
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	const char **by_hand = NULL;
	size_t len = 0;
	struct plan *p = NULL;
	struct buf b = { 0 };

	if (rollover_plan(&w, s, a, &p, &by_hand, &len, &err) != STATUS_OK)
		buf_addf(&b, "error: %s\n", err.text);
	for (size_t i = 0; p != NULL && i < p->len; i++)
		buf_addf(&b, "%s\n", p->steps[i].what);
	for (size_t i = 0; i < len; i++)
		buf_addf(&b, "by hand: %s\n", by_hand[i]);
	plan_free(p);
	arena_free(a);
	buf_adds(&b, "");
	return b.data;
}

static size_t
count(const char *text, const char *what)
{
	size_t n = 0;

	for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what))
		n++;
	return n;
}

static void
has(const char *text, size_t times, const char *what)
{
	if (count(text, what) != times)
		fail_msg("“%s” stands %zu times, %zu were expected, in:\n%s", what, count(text, what), times, text);
}

static const char fleet[] =
    "identities:\n"
    "  - {name: order-service, cert: own.pem, trust: shared.pem}\n"
    "  - {name: in-aws, secret: s, aws: prod}\n"
    "aws:\n  - {name: prod, region: us-east-1}\n"
    "fleet:\n"
    "  - {name: old, target: \"a:1\", serves: {cert: x, key: x, trust: old.pem}, install: {files: serves, reload: \"systemctl reload proxy\"}}\n"
    "  - {name: child, target: \"a:2\", serves: {cert: x, key: x, trust: child.pem, upstreams: shared.pem}, install: {files: serves, reload: \"systemctl reload proxy\"}}\n"
    "  - {name: both, target: \"a:3\", serves: {cert: x, key: x, trust: both.pem}, install: {files: serves, reload: \"told $MTLSCOPE_NAME\"}}\n"
    "  - {name: other, target: \"a:4\", serves: {cert: x, key: x, trust: other.pem}, install: {files: serves, reload: \"other\"}}\n"
    "  - {name: far, target: \"a:5\", serves: {cert: x, key: x, trust: /nowhere/clients.pem}}\n"
    "  - {name: unsaid, target: \"a:6\"}\n"
    "  - {name: second, target: \"a:7\", serves: {cert: x, key: x, trust: second.pem}, install: {files: serves, reload: \"told $MTLSCOPE_NAME\"}}\n";

static void
lay_out(void)
{
	bundle("old.pem", &engine_pki.root, NULL);
	bundle("shared.pem", &engine_pki.root, NULL);
	bundle("child.pem", &engine_pki.issuing, NULL);
	bundle("both.pem", &engine_pki.root, &next.root);
	bundle("other.pem", &next.issuing, NULL);
	bundle("second.pem", &engine_pki.root, NULL);
}

static void
the_new_root_beside_the_old_one(void **state)
{
	struct rollover *r = begun();
	struct config *c = configured(fleet);
	char *text;

	(void)state;
	lay_out();
	rollover_measured(r, rollover_service(r, "unsaid"), ROLLOVER_SERVER, ROLLOVER_NO, 1, "refused");
	rollover_measured(r, rollover_service(r, "both"), ROLLOVER_SERVER, ROLLOVER_NO, 1, "refused");
	rollover_measured(r, rollover_service(r, "in-aws"), ROLLOVER_CLIENT, ROLLOVER_NO, 1, "its secret holds the old root");
	text = outline(ROLLOVER_TRUST, r, c, NULL);
	has(text, 1, "/old.pem\n");
	has(text, 1, "/child.pem\n");
	/* Two read it, and it is written once. */
	has(text, 1, "/shared.pem\n");
	has(text, 1, "/second.pem\n");
	/* It has the new one already, and refuses: it must read it again. One that holds neither is left alone. */
	has(text, 0, "/both.pem\n");
	has(text, 0, "/other.pem\n");
	has(text, 0, "reload “other”");
	/* The same command runs once, unless it is told for whom. */
	has(text, 1, "reload “old”");
	has(text, 0, "reload “child”");
	has(text, 1, "reload “second”");
	has(text, 1, "reload “both”");
	has(text, 1, "by hand: far: add the new root to /nowhere/clients.pem, which cannot be read here");
	has(text, 1, "by hand: unsaid: where its bundle lies is not configured");
	has(text, 1, "by hand: in-aws: add the new root to what stands as its root in the secret s");
	free(text);
	text = outline(ROLLOVER_TRUST, r, c, "child");
	has(text, 1, "/child.pem\n");
	has(text, 0, "/old.pem\n");
	has(text, 0, "by hand");
	free(text);
	config_free(c);
	rollover_free(r);
}

static void
the_old_root_out_of_them(void **state)
{
	struct rollover *r = begun();
	struct config *c = configured(fleet);
	char *text;

	(void)state;
	lay_out();
	bundle("old.pem", &next.root, NULL);
	bundle("shared.pem", &engine_pki.root, &next.root);
	bundle("second.pem", &engine_pki.root, &next.root);
	rollover_measured(r, rollover_service(r, "in-aws"), ROLLOVER_KEEPS, ROLLOVER_YES, 1, "its secret holds the old root");
	text = outline(ROLLOVER_REMOVE, r, c, NULL);
	has(text, 0, "/old.pem\n");
	has(text, 3, "take “Acme Root CA”");
	has(text, 0, "error");
	has(text, 1, "by hand: in-aws: take the old root out of");
	free(text);
	/* One that lacks the new root would let nobody in then: it stays as it is, whatever the rules said, and whoever else is trusted in it. */
	bundle("second.pem", &engine_pki.root, NULL);
	bundle("both.pem", &engine_pki.root, &next.server);
	text = outline(ROLLOVER_REMOVE, r, c, NULL);
	has(text, 0, "error: ");
	has(text, 0, "second.pem\n");
	has(text, 0, "both.pem\n");
	has(text, 1, "by hand: second: ");
	has(text, 1, "both.pem does not hold “Acme Root CA G2”, and stays as it is until it does");
	free(text);
	config_free(c);
	rollover_free(r);
}

/* A plan is recorded whole with each of its steps: of a large fleet it does a part. */
static void
a_large_fleet(void **state)
{
	enum { MANY = 300, MOST = 250 };
	struct rollover *r = begun();
	struct buf text = { 0 };
	struct config *c;
	char *lines, name[32];

	(void)state;
	buf_adds(&text, "fleet:\n");
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof name, "many-%d.pem", i);
		bundle(name, &engine_pki.root, NULL);
		buf_addf(&text, "  - {name: s%d, target: \"a:%d\", serves: {cert: x, key: x, trust: %s}}\n", i, i + 1, name);
	}
	c = configured(text.data);
	lines = outline(ROLLOVER_TRUST, r, c, NULL);
	has(lines, MOST, "add “");
	/* Nothing makes them read it again: one line says so for all. */
	has(lines, 1, "by hand: s0, s1, s2, s3, s4 and 245 more: let them read the bundles again");
	has(lines, 0, "error");
	free(lines);
	buf_done(&text);
	config_free(c);
	rollover_free(r);
}

/* Nothing of a plan, and nothing to be done by hand: the step is over. */
static void
nothing_to_do(void **state)
{
	struct rollover *r = begun();
	struct config *c = configured("fleet:\n  - {name: both, target: \"a:3\", serves: {cert: x, key: x, trust: both.pem}}\n");
	char *text;

	(void)state;
	lay_out();
	text = outline(ROLLOVER_TRUST, r, c, NULL);
	assert_string_equal(text, "");
	free(text);
	/* It refuses all the same, and nothing here makes it read its file again. */
	rollover_measured(r, rollover_service(r, "both"), ROLLOVER_SERVER, ROLLOVER_NO, 1, "refused");
	text = outline(ROLLOVER_TRUST, r, c, NULL);
	has(text, 1, "by hand: both: its bundle holds the new root, and it still refuses");
	free(text);
	config_free(c);
	rollover_free(r);
}

/* A plan says whose it is, so that whoever finds it in the record knows. */
static void
whose_plan_it_is(void **state)
{
	struct rollover *r = begun();
	struct config *c = configured(fleet);
	struct rollover_wish w = { .r = r, .config = c, .host = "bastion-2", .now = 1764468000 };
	struct rollover_done done = { .at = 5, .plan = 7, .who = "anna", .host = "bastion-2" };
	struct error err = { .code = ERROR_NONE };
	const char **by_hand = NULL;
	size_t len = 0;
	enum rollover_step s;
	struct plan *p = NULL;

	(void)state;
	lay_out();
	assert_int_equal(rollover_plan(&w, ROLLOVER_TRUST, r->arena, &p, &by_hand, &len, &err), STATUS_OK);
	assert_string_equal(rollover_of_plan(p, &s), "x");
	assert_int_equal(s, ROLLOVER_TRUST);
	assert_string_equal(p->kind, "rollover");
	assert_string_equal(p->code, "trust");
	p->id = 7;
	assert_int_equal(rollover_absorb(r, p, &done, &err), STATUS_OK);
	assert_int_equal(r->done[ROLLOVER_TRUST].at, 5);
	assert_string_equal(r->done[ROLLOVER_TRUST].who, "anna");
	assert_true(rollover_has_plan(r, 7, "bastion-2"));
	/* Another plan of the same step, undone: ours stands. */
	p->id = 6;
	rollover_forget(r, p, 4, "bastion-2");
	assert_int_equal(r->done[ROLLOVER_TRUST].at, 5);
	p->id = 7;
	rollover_forget(r, p, 4, "bastion-3");
	assert_int_equal(r->done[ROLLOVER_TRUST].at, 5);
	rollover_forget(r, p, 4, "bastion-2");
	assert_true(r->done[ROLLOVER_TRUST].at == TIME_UNKNOWN);
	p->kind = "fix";
	assert_null(rollover_of_plan(p, &s));
	plan_free(p);
	config_free(c);
	rollover_free(r);
}

static int
set_up(void **state)
{
	folder = make_folder();
	engine_set_up(state);
	next = script_pki_make(PKI_P256);
	return 0;
}

static int
tear_down(void **state)
{
	script_pki_done(&next);
	remove_folder(folder);
	return engine_tear_down(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_new_root_beside_the_old_one),
		cmocka_unit_test(the_old_root_out_of_them),
		cmocka_unit_test(a_large_fleet),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(whose_plan_it_is),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
