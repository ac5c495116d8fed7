/*
 * The private CAs on screen, out of an inventory that is made here: the tree, what a CA issued, one certificate, and the
 * ways between them and an endpoint.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "lab/pki_files.h"
#include "model/config.h"
#include "model/inventory.h"
#include "model/memory.h"
#include "model/targets_file.h"
#include "model/times.h"
#include "probes/examine.h"
#include "tests/program.h"
#include "tests/screen.h"
#include "tui/accounts.h"
#include "tui/authorities.h"
#include "tui/issued.h"
#include "tui/issued_rows.h"
#include "tui/plan_job.h"

#define NOW INT64_C(1795435200) /* 2026-11-23T12:00:00Z */
#define DAY INT64_C(86400)
#define CA "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/"
#define ROOT CA "11111111-1111-4111-8111-111111111111"
#define ISSUING CA "22222222-2222-4222-8222-222222222222"
#define PENDING CA "33333333-3333-4333-8333-333333333333"
#define ENDED CA "44444444-4444-4444-8444-444444444444"
#define DELETED CA "55555555-5555-4555-8555-555555555555"
#define ELSEWHERE "arn:aws:acm-pca:eu-west-1:444455556666:certificate-authority/66666666-6666-4666-8666-666666666666"

static struct pki_cert root, issuing, payment;
static char *folder, *path;

static char *
pem_of(const struct pki_cert *c)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *bytes, *text;
	long len;

	assert_true(PEM_write_bio_X509(b, c->x509));
	len = BIO_get_mem_data(b, &bytes);
	text = mem_strndup(bytes, (size_t)len);
	BIO_free(b);
	return text;
}

static struct inventory *
opened(void)
{
	struct inventory *i = NULL;
	struct error err = { .code = ERROR_NONE };

	if (inventory_open(path, world_real(), &i, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return i;
}

static void
put_ca(struct inventory *i, const struct inventory_ca *ca)
{
	struct error err = { .code = ERROR_NONE };

	if (inventory_put_ca(i, ca, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

static const struct inventory_ca shape = { .account = "prod", .region = "us-east-1", .type = "SUBORDINATE", .status = "ACTIVE", .usage_mode = "GENERAL_PURPOSE",
	.key_algorithm = "EC_prime256v1", .created = NOW - 900 * DAY, .not_before = NOW - 800 * DAY, .not_after = NOW + 1000 * DAY,
	.restorable_until = TIME_UNKNOWN, .synced = NOW - 300, .report_at = TIME_UNKNOWN, .report_asked = TIME_UNKNOWN };

static void
put_cas(struct inventory *i)
{
	struct inventory_ca ca = shape;
	char *root_pem = pem_of(&root), *issuing_pem = pem_of(&issuing);

	ca.arn = ROOT, ca.type = "ROOT", ca.subject = "CN=Acme Root CA,O=Acme", ca.pem = root_pem, ca.not_after = NOW + 2000 * DAY;
	put_ca(i, &ca);
	ca = shape;
	ca.arn = ISSUING, ca.subject = "CN=Acme Issuing CA 1,O=Acme", ca.pem = issuing_pem, ca.chain = root_pem;
	put_ca(i, &ca);
	ca = shape;
	ca.arn = PENDING, ca.subject = "CN=Acme Issuing CA 2,O=Acme", ca.status = "PENDING_CERTIFICATE", ca.not_before = ca.not_after = TIME_UNKNOWN;
	put_ca(i, &ca);
	ca = shape;
	ca.arn = ENDED, ca.subject = "CN=Acme Root CA 2016,O=Acme", ca.type = "ROOT", ca.status = "EXPIRED", ca.not_after = NOW - 12 * DAY;
	put_ca(i, &ca);
	ca = shape;
	ca.arn = DELETED, ca.subject = "CN=Scratch CA,O=Acme", ca.status = "DELETED", ca.restorable_until = NOW + 9 * DAY;
	put_ca(i, &ca);
	ca = shape;
	ca.arn = ELSEWHERE, ca.account = "lab-eu", ca.region = "eu-west-1", ca.subject = "CN=Europe\033[31m CA,O=Acme", ca.status = "DISABLED", ca.type = "ROOT";
	put_ca(i, &ca);
	free(root_pem);
	free(issuing_pem);
}

static const struct made {
	const char *serial, *name, *template, *by;
	int from, to, revoked; /* days; 0: not revoked */
} made[] = {
	{ "01a0", "payment.internal", "EndEntityServerAuthCertificate", NULL, -70, 12, 0 },
	{ "01a1", "ledger.internal", "EndEntityServerAuthCertificate", NULL, -90, -4, 0 },
	{ "01a2", "stock.internal", "EndEntityCertificate", NULL, -80, 5, 0 },
	{ "01a3", "stock.internal", "EndEntityCertificate", NULL, -3, 87, 0 }, /* the one before is replaced */
	{ "01a4", "web.internal", "EndEntityServerAuthCertificate", "acm.amazonaws.com", -380, 15, 0 },
	{ "01a5", "stolen-laptop", "EndEntityClientAuthCertificate", NULL, -20, 70, 2 },
	{ "01a6", "order-service", "EndEntityClientAuthCertificate", NULL, -2, 88, 0 },
	{ "01a7", "evil\033]0;x\007 name", "EndEntityClientAuthCertificate", NULL, -2, 200, 0 },
};

static void
put_certificates(struct inventory *i)
{
	struct error err = { .code = ERROR_NONE };
	size_t added, changed;

	assert_int_equal(inventory_import_begin(i, ISSUING, &err), STATUS_OK);
	for (size_t n = 0; n < sizeof made / sizeof made[0]; n++) {
		const struct made *m = &made[n];
		char subject[80], arn[200], template[120];

		snprintf(subject, sizeof subject, "CN=%s,O=Acme", m->name);
		snprintf(arn, sizeof arn, ISSUING "/certificate/%s", m->serial);
		snprintf(template, sizeof template, "arn:aws:acm-pca:::template/%s/V1", m->template);
		if (inventory_import_add(i, &(struct inventory_record){ .arn = arn, .serial = m->serial, .subject = subject, .template_arn = template,
		    .requested_by = m->by, .revocation_reason = m->revoked ? "KEY_COMPROMISE" : NULL, .not_before = NOW + m->from * DAY,
		    .not_after = NOW + m->to * DAY, .issued = NOW + m->from * DAY, .revoked = m->revoked ? NOW - m->revoked * DAY : TIME_UNKNOWN }, &err) != STATUS_OK)
			fail_msg("%s", err.text);
	}
	assert_int_equal(inventory_import_end(i, true, NOW - 600, &added, &changed, &err), STATUS_OK);
	assert_int_equal(added, sizeof made / sizeof made[0]);
}

static int
make(void **state)
{
	struct inventory *i;

	(void)state;
	folder = make_folder();
	path = mem_strdup(in_folder(folder, "inventory.db"));
	root = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .org = "Acme", .ca = true, .key_usage = "critical,keyCertSign",
	    .not_before = NOW - 900 * DAY, .not_after = NOW + 2000 * DAY }, NULL);
	issuing = pki_issue(&(struct pki_request){ .cn = "Acme Issuing CA 1", .org = "Acme", .ca = true, .key_usage = "critical,keyCertSign",
	    .not_before = NOW - 800 * DAY, .not_after = NOW + 1000 * DAY }, &root);
	payment = pki_issue(&(struct pki_request){ .cn = "payment.internal", .serial = (const unsigned char *)"\x01\xa0", .serial_len = 2,
	    .not_before = NOW - 70 * DAY, .not_after = NOW + 12 * DAY }, &issuing);
	i = opened();
	put_cas(i);
	put_certificates(i);
	inventory_close(i);
	return 0;
}

static int
unmake(void **state)
{
	(void)state;
	pki_cert_free(&root);
	pki_cert_free(&issuing);
	pki_cert_free(&payment);
	remove_folder(folder);
	free(path);
	return 0;
}

static void
make_setup(struct console_setup *setup, void *user)
{
	(void)user;
	*setup = (struct console_setup){ .world = world_real(), .fleet = fleet_new(), .first = &authorities_view, .inventory = path, .still = true,
		.examine = { .at_set = true, .at = NOW, .thresholds = thresholds_default } };
}

static struct screen *
open_screen(int rows, int columns)
{
	struct console_setup setup;
	struct screen *s;

	make_setup(&setup, NULL);
	s = screen_open(rows, columns, SCREEN_UTF8, &setup);
	screen_wait(s, "6 CAs");
	return s;
}

/* As screen_goldens(), once the worker has read the inventory. */
static void
goldens(const char *name, const char *keys, const char *there)
{
	static const struct {
		int rows, columns;
		enum screen_kind kind;
	} kinds[] = { { 12, 40, SCREEN_UTF8 }, { 24, 80, SCREEN_UTF8 }, { 40, 120, SCREEN_UTF8 }, { 24, 80, SCREEN_ASCII }, { 24, 80, SCREEN_MONO } };

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct console_setup setup;
		struct screen *s;

		make_setup(&setup, NULL);
		s = screen_open(kinds[i].rows, kinds[i].columns, kinds[i].kind, &setup);
		screen_wait(s, "6 CAs");
		screen_keys(s, keys);
		screen_wait(s, there);
		screen_golden(s, name);
		screen_close(s);
	}
}

static void
test_the_tree(void **state)
{
	(void)state;
	goldens("authorities", "", "Acme Root CA");
}

static void
test_each_state_says_what_to_do(void **state)
{
	static const struct {
		const char *keys, *words;
	} cases[] = {
		{ "Home Down", "pca activate" },
		{ "Home Down Down", "No certificate of it is known" },
		{ "Home Down Down Down", "3 of these ending within 30 d" },
		{ "Home Down Down Down Down", "with it everything that it issued" },
		{ "Home Down Down Down Down Down", "It can be restored until 2026-12-02" },
		{ "Home Down Down Down Down", "AWS makes none of a CA in this state" },
		{ "End", "what it issued stays valid" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct screen *s = open_screen(24, 80);
		screen_keys(s, cases[i].keys);
		screen_wait(s, cases[i].words);
		screen_close(s);
	}
}

/* Asked for in vain, and told so before a dialog is answered. */
static void
test_reports_that_aws_refuses(void **state)
{
	static const struct {
		const char *keys, *words;
	} cases[] = {
		{ "Home Down R", "of ACTIVE and DISABLED CAs only" },
		{ "Home Down Down Down Down R", "of ACTIVE and DISABLED CAs only" },
		{ "Home Down Down R", "Ask for it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct console_setup setup;
		struct screen *s;

		make_setup(&setup, NULL);
		setup.allow_changes = true;
		s = screen_open(24, 80, SCREEN_UTF8, &setup);
		screen_wait(s, "6 CAs");
		screen_keys(s, cases[i].keys);
		screen_wait(s, cases[i].words);
		screen_close(s);
	}
}

/* Nobody could be asked: why, and what to do, stands on the screen whole, also where the line at the bottom is too short. */
static void
test_asked_in_vain(void **state)
{
	const struct aws_client_options account = { .endpoint_url = "nonsense", .region = "us-east-1", .world = world_real() };
	struct console_setup setup;
	struct screen *s;

	(void)state;
	make_setup(&setup, NULL);
	setup.inventory = in_folder(folder, "nobody.db");
	setup.aws = &account;
	setup.aws_len = 1;
	s = screen_open(24, 60, SCREEN_UTF8, &setup);
	screen_keys(s, "u");
	screen_wait(s, "u asks again");
	assert_true(screen_has(s, "one is like"));
	screen_close(s);
}

static void
test_what_a_ca_issued(void **state)
{
	(void)state;
	goldens("issued", "Home Down Down Down Enter", "8 cert");
}

static void
test_filter_and_orphans(void **state)
{
	struct screen *s = open_screen(24, 80);

	(void)state;
	screen_keys(s, "Home o");
	screen_wait(s, "nobody renews (o");
	screen_wait(s, "2 of 8");
	assert_true(screen_has(s, "ledger.internal"));
	assert_false(screen_has(s, "web.internal"));
	screen_keys(s, "o");
	screen_wait(s, "8 certificates");
	screen_keys(s, "/");
	screen_type(s, "01:a5");
	screen_wait(s, "1 of 8");
	assert_true(screen_has(s, "stolen-laptop"));
	screen_keys(s, "Enter");
	screen_close(s);
}

static void
test_one_certificate(void **state)
{
	struct screen *s = open_screen(30, 100);

	(void)state;
	screen_keys(s, "Home o");
	screen_wait(s, "2 of 8");
	screen_keys(s, "Enter");
	screen_wait(s, "NOBODY: no newer one");
	screen_wait(s, "none of the accounts");
	screen_keys(s, "p");
	screen_wait(s, "authorities");
	screen_wait(s, "6 CAs");
	screen_close(s);
}

/* ---- what the configuration renews ---- */

static const char renews[] =
    "aws: [{name: prod, region: us-east-1}]\n"
    "identities: [{name: order-service, cert: o.crt, key: o.key}]\n"
    "fleet:\n"
    "  - {name: pay, target: \"payment.internal:8443\", serves: {cert: p.crt, key: p.key}, renew: {aws: prod, ca: x}}\n"
    "  - {name: stock, target: \"unix:/run/stock\", serves: {cert: s.crt}, renew: {aws: prod, ca: x}}\n"
    "  - {name: shop, target: \"shop.internal\", identity: order-service, renew: {aws: prod, ca: x}}\n"
    "  - {name: books, target: \"10.0.0.7:8443\", servername: ledger.internal, serves: {cert: l.crt}, renew: {aws: prod, ca: x}}\n";

static struct config *
configured(struct targets *taken)
{
	struct config *c = NULL;
	struct error err = { .code = ERROR_NONE };
	const char *file = in_folder(folder, "config.yaml");

	assert_true(write_file(file, renews, sizeof renews - 1));
	if (config_read(file, world_real(), &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	/* As the command line does before the console begins. */
	for (size_t i = 0; i < c->fleet_len; i++)
		targets_add(taken, &c->fleet[i].parsed);
	return c;
}

/* By the entry's name, its server's name, its host: what mtlscope renew would renew, and nothing else. A path of a socket is no name. */
static void
test_names_that_are_renewed(void **state)
{
	static const char *const expected[] = { "pay", "payment.internal", "stock", "books", "ledger.internal", "10.0.0.7" };
	struct targets taken = { .len = 0 };
	struct config *c = configured(&taken);
	struct arena *a = arena_new();
	const char *const *names;

	(void)state;
	assert_int_equal(config_renewed(c, a, &names), sizeof expected / sizeof expected[0]);
	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++)
		assert_string_equal(names[i], expected[i]);
	assert_int_equal(config_renewed(NULL, a, &names), 0);
	arena_free(a);
	targets_done(&taken);
	config_free(c);
}

/* Its entry names no server: the list of what was issued ended the program once. */
static void
test_the_list_under_a_configuration(void **state)
{
	struct targets taken = { .len = 0 };
	struct config *c = configured(&taken);
	struct console_setup setup;
	struct screen *s;

	(void)state;
	make_setup(&setup, NULL);
	setup.config = c;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_wait(s, "6 CAs");
	screen_keys(s, "Home Down Down Down Enter");
	screen_wait(s, "8 certificates");
	assert_true(screen_has(s, "payment.internal              12 d left           mtlscope renew"));
	assert_true(screen_has(s, "ledger.internal               EXPIRED 2026-11-19  mtlscope renew"));
	screen_keys(s, "/");
	screen_type(s, "payment");
	screen_wait(s, "1 of 8");
	screen_keys(s, "Enter Enter");
	screen_wait(s, "f shows the plan");
	screen_close(s);
	targets_done(&taken);
	config_free(c);
}

/* A plan that says for whom and why it was asked. */
static status
say_what_was_asked(void *user, const struct plan_asked *asked, struct plan **out, const char **words, struct error *err)
{
	(void)user;
	(void)err;
	*out = NULL;
	*words = arena_printf(asked->arena, "asked for %s of %s", code_info(asked->code)->name, asked->name);
	return STATUS_OK;
}

/* f on one that is due: the plan of the entry that renews it, or why there is none. */
static void
test_renewing_from_the_list(void **state)
{
	static const struct plan_maker maker = { .make = say_what_was_asked };
	static const struct {
		const char *filter, *says;
	} cases[] = {
		{ "payment", "asked for cert.expiring of pay" },
		{ "ledger", "asked for cert.expired of books" },
		{ "stock 01a2", "renew: a newer one is there already" },
		{ "web", "renew: ACM renews it" },
		{ "laptop", "renew: it is revoked" },
		{ "order", "renew: it is not due yet" },
		{ "nobody", "renew: no row is selected" },
	};
	static const char *const fleet[] = { "pay", "books" };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct targets taken = { .len = 0 };
		struct config *c = configured(&taken);
		struct console_setup setup;
		struct screen *s;

		make_setup(&setup, NULL);
		setup.config = c;
		setup.plans = &maker;
		for (size_t k = 0; k < sizeof fleet / sizeof fleet[0]; k++)
			fleet_add(setup.fleet, fleet[k], &taken.items[k == 0 ? 0 : 3], NULL, NULL, NULL);
		s = screen_open(24, 80, SCREEN_UTF8, &setup);
		screen_wait(s, "6 CAs");
		screen_keys(s, "Home Down Down Down Enter");
		screen_wait(s, "8 certificates");
		screen_keys(s, "/");
		screen_type(s, cases[i].filter);
		screen_wait(s, i + 1 < sizeof cases / sizeof cases[0] ? "1 of 8" : "0 of 8");
		screen_keys(s, "Enter f");
		screen_wait(s, cases[i].says);
		screen_close(s);
		targets_done(&taken);
		config_free(c);
	}
}

/* Nobody renews it: what can be done about it stands on its page. */
static void
test_what_nobody_renews(void **state)
{
	struct screen *s = open_screen(24, 80);

	(void)state;
	screen_keys(s, "Home o");
	screen_wait(s, "2 of 8");
	screen_keys(s, "f");
	assert_true(screen_has(s, "renew: no entry of the configuration renews it: one with serves and renew does"));
	screen_keys(s, "Enter");
	screen_wait(s, "give the entry of whoever has it");
	screen_close(s);
}

/* From an endpoint's certificate to the CA that issued it: by signature, not by name. */
static void
test_the_ca_of_a_certificate(void **state)
{
	size_t len;
	unsigned char *der = pki_der(&payment, &len);
	struct error err = { .code = ERROR_NONE };
	const struct cert *c = cert_parse(der, len, &err);
	struct authorities_wish wish = { .issued = c };
	struct console_setup setup;
	struct screen *s;

	(void)state;
	assert_non_null(c);
	make_setup(&setup, NULL);
	setup.first_argument = &wish;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_wait(s, "3 of these ending");
	screen_keys(s, "Enter");
	screen_wait(s, "issued by Acme Issuing CA 1");
	screen_close(s);
	cert_free(c);
	free(der);
}

/*
 * k9s #87: an action that is forbidden must say so, and what allows it. All that change something are on this screen so
 * far: one that comes elsewhere is to be tried there.
 */
static void
complaint_k9s_87_read_only_says_why(void **state)
{
	struct screen *s = open_screen(24, 80);
	size_t tried = 0;

	(void)state;
	assert_true(screen_has(s, "READ-ONLY"));
	for (int a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_info *info = action_info((enum action)a);

		/* Those of other screens: test_plan_screens.c. */
		if ((info->needs & NEED_CHANGES) == 0 || (info->scopes & SCOPE_AUTHORITIES) == 0)
			continue;
		screen_type(s, ":");
		screen_type(s, info->name);
		screen_keys(s, "Enter");
		screen_wait(s, "--allow-changes");
		tried++;
	}
	assert_true(tried > 0);
	screen_close(s);
}

/* v: of a root; of everything else it says what is done instead. */
static void
test_the_roll_over_of_a_root(void **state)
{
	struct screen *s = open_screen(24, 80);

	(void)state;
	screen_keys(s, "Home v");
	assert_true(screen_has(s, "select a CA first"));
	screen_keys(s, "Down v"); /* below it in the list: “Acme Issuing CA 2” */
	assert_true(screen_has(s, "it is no root"));
	screen_keys(s, "Down v");
	assert_ptr_equal(console_top(screen_console(s))->ops, &rollover_view);
	screen_wait(s, "no account of AWS is configured");
	screen_keys(s, "q");
	assert_ptr_equal(console_top(screen_console(s))->ops, &authorities_view);
	screen_close(s);
}

static void
test_an_inventory_that_cannot_be_read(void **state)
{
	struct console_setup setup;
	struct screen *s;

	(void)state;
	make_setup(&setup, NULL);
	setup.inventory = in_folder(folder, "bad.db");
	assert_true(pki_write_bytes(setup.inventory, "this is no database, and it is long enough to be one of them: SQLite says so", 70, 0600));
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	screen_wait(s, "bad.db");
	screen_close(s);
}

/* ---- rows, without a screen around them ---- */

static int answers;

static void
take_answer(struct issued_rows *r, bool new_question)
{
	(void)r;
	(void)new_question;
	answers++;
}

static void
turn_until(struct console *k, const bool *there)
{
	while (!*there)
		assert_true(console_turn(k, 1000));
}

/* What a worker reads with is its own: a view that is closed takes its names with it. */
static void
test_names_of_a_view_that_is_gone(void **state)
{
	struct screen *s = open_screen(24, 80);
	struct console *k = screen_console(s);
	char name[] = "payment.internal", *names[] = { name };
	struct issued_rows r = { .query = { .sort = BY_EXPIRY, .renewed = (const char *const *)names, .renewed_len = 1, .now = NOW, .soon = NOW + 30 * DAY },
		.answer = take_answer };
	const struct inventory_cert *c = NULL;

	(void)state;
	issued_rows_start(&r, k, path, ISSUING);
	issued_rows_ask(&r, "payment");
	names[0] = memset(name, 'x', sizeof name - 1);
	turn_until(k, &r.counted_all);
	c = issued_rows_at(&r, 0);
	assert_non_null(c);
	assert_int_equal(c->fate, FATE_RENEWABLE);
	issued_rows_done(&r);
	screen_close(s);
}

/* The list got shorter meanwhile: the row that was looked at is asked for once, and then no more. */
static void
test_a_row_that_is_no_more(void **state)
{
	struct screen *s = open_screen(24, 80);
	struct console *k = screen_console(s);
	struct issued_rows r = { .query = { .sort = BY_EXPIRY, .now = NOW, .soon = NOW + 30 * DAY }, .answer = take_answer };

	(void)state;
	issued_rows_start(&r, k, path, ISSUING);
	issued_rows_ask(&r, NULL);
	turn_until(k, &r.counted_all);
	answers = 0;
	assert_null(issued_rows_at(&r, 5000));
	while (r.reading != NULL && answers < 3)
		assert_true(console_turn(k, 1000));
	assert_int_equal(answers, 1);
	assert_null(r.reading);
	issued_rows_done(&r);
	screen_close(s);
}

/* ---- no thread to be had ---- */

static void
keep_descriptors(rlim_t most)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = most != 0 ? most : limit.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* Whoever asked for a worker and got none does not go on waiting for it, nor point at what is gone. */
static void
test_no_descriptor_is_left(void **state)
{
	static const struct aws_client_options account = { .name = "prod" };
	const struct inventory_cert cert = { .arn = ISSUING "/certificate/01a0", .ca = ISSUING, .serial = "01:a0", .subject = "CN=payment.internal",
		.name = "payment.internal", .not_before = NOW - DAY, .not_after = NOW + DAY, .revoked = TIME_UNKNOWN, .issued = TIME_UNKNOWN };
	struct console_setup setup;
	struct screen *s;
	struct console *k;

	(void)state;
	make_setup(&setup, NULL);
	setup.first = &start_view;
	setup.aws = &account;
	setup.aws_len = 1;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	k = screen_console(s);
	keep_descriptors(1);
	console_sync(k);
	assert_false(console_syncing(k));
	console_push(k, &authorities_view, NULL);
	screen_wait(s, "was not read");
	console_push(k, &issued_cert_view, &cert);
	screen_wait(s, "not fetched");
	keep_descriptors(0);
	screen_close(s);
}

/* Whose credentials ask: of another account's CA it is said which account that is, and a plan stays where it was made. */
static void
test_which_account_asks(void **state)
{
	static const struct inventory_ca other = { .arn = "arn:aws:acm-pca:eu-west-1:999900001111:certificate-authority/x", .account = "999900001111", .region = "eu-west-1" };
	struct aws_client_options own = { .name = "prod", .region = "eu-west-1", .world = world_real() };
	struct accounts a = { .items = &own, .len = 1, .world = world_real() };
	struct plan_place place = { .name = "prod", .region = "eu-west-1", .local = true };
	struct error err = { .code = ERROR_NONE };
	struct aws_client *c;

	(void)state;
	unsetenv("AWS_ENDPOINT_URL");
	assert_null(accounts_client_of(&a, &other, &err));
	assert_non_null(strstr(err.text, "this CA is of account 999900001111, as the inventory has it"));
	error_clear(&err);
	/* It was made at an emulator, and this is AWS. */
	assert_null(accounts_client_at(&a, &place, &err));
	assert_non_null(strstr(err.text, "made at another endpoint"));
	error_clear(&err);
	own.endpoint_url = "http://127.0.0.1:1";
	c = accounts_client_at(&a, &place, &err);
	assert_non_null(c);
	aws_client_free(c);
	place.local = false;
	assert_null(accounts_client_at(&a, &place, &err));
	assert_int_equal(err.code, ERROR_NOT_DONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_a_view_that_is_gone),
		cmocka_unit_test(test_a_row_that_is_no_more),
		cmocka_unit_test(test_no_descriptor_is_left),
		cmocka_unit_test(test_the_tree),
		cmocka_unit_test(test_each_state_says_what_to_do),
		cmocka_unit_test(test_reports_that_aws_refuses),
		cmocka_unit_test(test_asked_in_vain),
		cmocka_unit_test(test_what_a_ca_issued),
		cmocka_unit_test(test_filter_and_orphans),
		cmocka_unit_test(test_one_certificate),
		cmocka_unit_test(test_names_that_are_renewed),
		cmocka_unit_test(test_the_list_under_a_configuration),
		cmocka_unit_test(test_renewing_from_the_list),
		cmocka_unit_test(test_what_nobody_renews),
		cmocka_unit_test(test_the_ca_of_a_certificate),
		cmocka_unit_test(test_the_roll_over_of_a_root),
		cmocka_unit_test(complaint_k9s_87_read_only_says_why),
		cmocka_unit_test(test_an_inventory_that_cannot_be_read),
		cmocka_unit_test(test_which_account_asks),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
