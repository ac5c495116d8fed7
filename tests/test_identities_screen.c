/*
 * The identities on screen: folders of certificates with fixed dates, read by the real worker. Files are
 * named relative to their folder, so that screens can be compared.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/objects.h"
#include "tests/program.h"
#include "tests/screen.h"

#define NOW INT64_C(1795435200) /* 2026-11-23T12:00:00Z */
#define DAY INT64_C(86400)
#define SECRET "sesame-7"

static struct pki_cert root, issuing, order, payment, expired, hostile;
static EVP_PKEY *stray;
static char *folder, *home;

static struct pki_cert
issue(const char *cn, const struct pki_cert *issuer, bool ca, int from, int to)
{
	return pki_issue(&(struct pki_request){ .cn = cn, .ca = ca, .key_usage = ca ? "critical,keyCertSign" : "critical,digitalSignature",
	    .eku = ca ? NULL : "clientAuth", .not_before = NOW + from * DAY, .not_after = NOW + to * DAY }, issuer);
}

static void
put(const char *name, const struct pki_cert *a, const struct pki_cert *b)
{
	const struct pki_cert *certs[] = { a, b };

	assert_true(pki_write_certs(in_folder(folder, name), certs, b != NULL ? 2 : 1));
}

static void
put_key(const char *name, EVP_PKEY *key, const char *passphrase)
{
	assert_true(pki_write_key(in_folder(folder, name), key, passphrase));
}

static int
make(void **state)
{
	static const char cn[] = "order\033[31m\r\nOK\xe2\x80\xae";
	static const char junk[] = "-----BEGIN CERTIFICATE-----\nMIIBAAAA\n-----END CERTIFICATE-----\n";

	(void)state;
	root = issue("Acme Root CA", NULL, true, -900, 2000);
	issuing = issue("Acme Issuing CA 1", &root, true, -800, 1000);
	order = issue("order-service", &issuing, false, -2, 88);
	payment = issue("payment", &issuing, false, -70, 12);
	expired = issue("ledger", &issuing, false, -90, -4);
	hostile = pki_issue(&(struct pki_request){ .cn_bytes = (const unsigned char *)cn, .cn_bytes_len = sizeof cn - 1, .eku = "clientAuth",
	    .key_usage = "critical,digitalSignature", .not_before = NOW - DAY, .not_after = NOW + 60 * DAY }, &issuing);
	stray = pki_key(PKI_P256);
	home = getcwd(NULL, 0);
	folder = make_folder();
	put("order.crt", &order, &issuing);
	put_key("order.key", order.key, SECRET);
	put("payment.crt", &payment, &issuing);
	put_key("payment.key", stray, NULL);
	put("ledger.crt", &expired, NULL);
	put_key("ledger.key", expired.key, NULL);
	put("root.pem", &root, NULL);
	put_key("z-old.key", hostile.key, NULL);
	assert_true(pki_write_bytes(in_folder(folder, "bad.pem"), junk, sizeof junk - 1, 0644));
	return 0;
}

static int
unmake(void **state)
{
	struct pki_cert *all[] = { &root, &issuing, &order, &payment, &expired, &hostile };

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		pki_cert_free(all[i]);
	EVP_PKEY_free(stray);
	remove_folder(folder);
	free(home);
	return 0;
}

static void
go_to(const char *path)
{
	if (chdir(path) != 0)
		fail_msg("cannot go to %s", path);
}

/* While it reads, the first row of the screen says so, from the first frame on. */
static void
wait_until_read(struct screen *s)
{
	while (screen_has(s, "reading"))
		if (!console_turn(screen_console(s), -1))
			fail_msg("the console ended");
		else
			console_draw(screen_console(s));
}

/* The console on that path (NULL: what fleet and configuration have), with its files read. */
static struct screen *
open_on(const char *path, int rows, int columns, enum screen_kind kind, struct fleet *f, const struct config *config)
{
	struct console_setup setup = { .world = world_real(), .fleet = f != NULL ? f : fleet_new(), .first = &identities_view,
		.first_argument = path, .config = config, .still = true, .examine = { .at_set = true, .at = NOW, .thresholds = thresholds_default } };
	struct screen *s;

	go_to(folder);
	s = screen_open(rows, columns, kind, &setup);
	wait_until_read(s);
	go_to(home);
	return s;
}

static void
goldens(const char *name, const char *keys)
{
	static const struct {
		int rows, columns;
		enum screen_kind kind;
	} sizes[] = { { 12, 40, SCREEN_UTF8 }, { 24, 80, SCREEN_UTF8 }, { 40, 120, SCREEN_UTF8 }, { 24, 80, SCREEN_ASCII }, { 24, 80, SCREEN_MONO } };

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct screen *s = open_on(".", sizes[i].rows, sizes[i].columns, sizes[i].kind, NULL, NULL);

		screen_keys(s, keys);
		screen_golden(s, name);
		screen_close(s);
	}
}

static void
a_folder(void **state)
{
	(void)state;
	goldens("identities", "");
	goldens("identities-open", "+ Down Down");
}

static void
assert_on(struct screen *s, const char *text)
{
	char *all;

	if (screen_has(s, text))
		return;
	all = screen_text(s);
	print_error("“%s” is not on the screen:\n%s", text, all);
	free(all);
	fail();
}

/* Enter opens what has branches, and shows a certificate whole; a key has nothing more to show than where it stands. */
static void
enter(void **state)
{
	struct screen *s = open_on("order.crt", 30, 100, SCREEN_UTF8, NULL, NULL);

	(void)state;
	assert_on(s, "1 identity");
	assert_on(s, "leaf “order-service”"); /* alone, it is open at first */
	screen_keys(s, "Enter");
	assert_false(screen_has(s, "leaf “order-service”"));
	screen_keys(s, "Enter Down Enter");
	assert_string_equal(console_top(screen_console(s))->ops->name, "certificate");
	assert_on(s, "CN=order-service");
	screen_keys(s, "q");
	assert_string_equal(console_top(screen_console(s))->ops->name, "identities");
	screen_close(s);
}

static size_t
row_with(struct screen *s, const char *text)
{
	char *all = screen_text(s), *at = strstr(all, text);
	size_t row = 0;

	if (at == NULL)
		fail_msg("“%s” is not on the screen:\n%s", text, all);
	for (const char *p = all; p < at; p++)
		row += *p == '\n';
	free(all);
	return row;
}

static void
sorting(void **state)
{
	struct screen *s = open_on(".", 40, 120, SCREEN_UTF8, NULL, NULL);

	(void)state;
	screen_keys(s, "+"); /* all open */
	assert_on(s, "leaf");
	screen_keys(s, "+"); /* all closed */
	assert_false(screen_has(s, "leaf"));
	assert_true(row_with(s, "payment, payment.crt") < row_with(s, "order-service, order.crt"));
	screen_keys(s, "s n");
	assert_true(row_with(s, "ledger") < row_with(s, "order-service, order.crt"));
	assert_true(row_with(s, "order-service, order.crt") < row_with(s, "payment, payment.crt"));
	screen_keys(s, "S");
	assert_true(row_with(s, "payment, payment.crt") < row_with(s, "order-service, order.crt"));
	screen_keys(s, ":");
	screen_type(s, "sort ends");
	screen_keys(s, "Enter");
	assert_true(row_with(s, "ledger") < row_with(s, "payment, payment.crt"));
	assert_true(row_with(s, "payment, payment.crt") < row_with(s, "order-service, order.crt"));
	screen_keys(s, ":");
	screen_type(s, "sort colour");
	screen_keys(s, "Enter");
	assert_on(s, "identities sort by name, state or ends");
	screen_close(s);
}

/* What was mended meanwhile is seen with r, and the selection stays where it was. */
static void
read_again(void **state)
{
	struct screen *s;

	(void)state;
	put("mended.crt", &order, NULL);
	s = open_on("mended.crt", 30, 100, SCREEN_UTF8, NULL, NULL);
	assert_on(s, "NOT HERE");
	screen_keys(s, "End Up");
	put("mended.crt", &order, &issuing);
	go_to(folder);
	screen_keys(s, "r");
	wait_until_read(s);
	assert_on(s, "read again: 1 file");
	go_to(home);
	assert_false(screen_has(s, "NOT HERE"));
	remove(in_folder(folder, "mended.crt"));
	screen_close(s);
}

/* Nothing configured: it asks for a path; Esc leaves a screen that says what to do; i asks again. */
static void
nothing_is_configured(void **state)
{
	struct screen *s = open_on(NULL, 24, 80, SCREEN_UTF8, NULL, NULL);

	(void)state;
	assert_on(s, "file or folder:");
	screen_keys(s, "Esc");
	assert_on(s, "No identity is configured");
	screen_keys(s, "i");
	screen_type(s, "/nonexistent/order.crt");
	screen_keys(s, "Enter");
	wait_until_read(s);
	assert_on(s, "no such file");
	screen_close(s);
}

/* The identities of endpoints and of the configuration; the same files once, under their configured name. */
static void
of_fleet_and_configuration(void **state)
{
	struct config_identity configured[] = { { .name = "orders", .cert = "order.crt", .key = "order.key", .trust = "root.pem" },
		{ .name = "secret", .secret = "payment-service-cert" } };
	struct config config = { .file = "config.yaml", .identities = configured, .identities_len = 2 };
	struct identity_source sources[] = { { .cert = "order.crt", .key = "order.key", .tolerate_bad_key = true },
		{ .cert = "ledger.crt", .key = "ledger.key" } };
	struct fleet *f = fleet_new();
	struct screen *s;

	(void)state;
	go_to(folder);
	for (int i = 1; i <= 8; i++) {
		struct identity *id = NULL;
		char target[32];
		struct target t = { .name = NULL };
		struct error err = { .code = ERROR_NONE };

		snprintf(target, sizeof target, "127.0.0.1:%d", i);
		if (identity_load(&sources[i == 8], &id, &err) != STATUS_OK)
			fail_msg("%s", err.text);
		assert_int_equal(target_parse(target, &t, &err), STATUS_OK);
		fleet_add(f, NULL, &t, id, NULL, NULL);
		target_done(&t);
		identity_free(id);
	}
	go_to(home);
	s = open_on(NULL, 40, 100, SCREEN_UTF8, f, &config);
	assert_on(s, "2 identities");
	assert_on(s, "orders: “order-service”");
	screen_keys(s, "+");
	if (!screen_has(s, "used by"))
		screen_keys(s, "+");
	assert_on(s, "used by 127.0.0.1:1, 127.0.0.1:2, 127.0.0.1:3, 127.0.0.1:4, 127.0.0.1:5 and 2 more");
	assert_on(s, "used by 127.0.0.1:8");
	assert_on(s, "ledger");
	screen_close(s);
}

/* A view that is left while its files are read: the result is dropped when it comes. */
static void
left_while_reading(void **state)
{
	struct console_setup setup = { .world = world_real(), .fleet = fleet_new(), .first = &messages_view, .still = true,
		.examine = { .at_set = true, .at = NOW, .thresholds = thresholds_default } };
	struct screen *s;

	(void)state;
	s = screen_open(24, 80, SCREEN_UTF8, &setup);
	for (size_t i = 0; i < 20; i++) {
		console_push(screen_console(s), &identities_view, folder);
		console_draw(screen_console(s));
		assert_on(s, "reading");
		screen_keys(s, "q");
	}
	console_push(screen_console(s), &identities_view, folder);
	console_draw(screen_console(s));
	wait_until_read(s);
	assert_on(s, "FAIL");
	console_push(screen_console(s), &identities_view, folder);
	screen_close(s); /* and the last one ends with the console */
}

static void
hostile_names(void **state)
{
	struct screen *s;

	(void)state;
	put("hostile.crt", &hostile, &issuing);
	s = open_on("hostile.crt", 24, 80, SCREEN_UTF8, NULL, NULL);
	assert_on(s, "order\\x1b[31m\\x0d\\x0aOK\\u{202e}");
	remove(in_folder(folder, "hostile.crt"));
	screen_golden(s, "identities-hostile");
	screen_close(s);
}

static void
written_as_json(void **state)
{
	struct screen *s = open_on(".", 24, 80, SCREEN_UTF8, NULL, NULL);
	struct view *v = console_top(screen_console(s));
	struct buf out = { 0 };

	(void)state;
	v->ops->json(v, &out);
	assert_non_null(strstr(out.data, "\"schema\":\"mtlscope.inspect/1\""));
	assert_non_null(strstr(out.data, "key.mismatch"));
	assert_null(strstr(out.data, "PRIVATE KEY"));
	buf_done(&out);
	screen_close(s);
}

/* No shell was there to know it: on the way in and from the screen itself. */
static void
the_home_is_written_as_everywhere(void **state)
{
	const char *before = getenv("HOME");
	char *kept = before != NULL ? strdup(before) : NULL;
	struct screen *s;

	(void)state;
	setenv("HOME", folder, 1);
	s = open_on("~/order.crt", 24, 80, SCREEN_UTF8, NULL, NULL);
	assert_true(screen_has(s, "1 identity"));
	screen_type(s, ":identities ~/payment.crt");
	screen_keys(s, "Enter");
	wait_until_read(s);
	assert_true(screen_has(s, "“payment”"));
	unsetenv("HOME");
	screen_type(s, ":identities ~/order.crt");
	screen_keys(s, "Enter");
	assert_true(screen_has(s, "HOME is not set"));
	assert_true(screen_has(s, "“payment”"));
	screen_close(s);
	if (kept != NULL)
		setenv("HOME", kept, 1);
	free(kept);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_home_is_written_as_everywhere),
		cmocka_unit_test(a_folder),
		cmocka_unit_test(enter),
		cmocka_unit_test(sorting),
		cmocka_unit_test(read_again),
		cmocka_unit_test(nothing_is_configured),
		cmocka_unit_test(of_fleet_and_configuration),
		cmocka_unit_test(left_while_reading),
		cmocka_unit_test(hostile_names),
		cmocka_unit_test(written_as_json),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
