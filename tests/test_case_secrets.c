/*
 * No secret goes into a case. The real program checks servers of the test; a canary of each kind that it could
 * have met is planted, and the case is searched for it, packed and unpacked.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lab/pki_files.h"
#include "model/diagnosis.h"
#include "model/input.h"
#include "model/leave_out.h"
#include "model/limits.h"
#include "model/memory.h"
#include "tests/engine.h"
#include "tests/program.h"

#define CANARY "canary7c1"
#define FILLER "0123456789012345678901234567890123456789012345678901234567890123456789"

static char *folder;

static int
set_up(void **state)
{
	folder = make_folder();
	return engine_set_up(state);
}

static int
tear_down(void **state)
{
	remove_folder(folder);
	return engine_tear_down(state);
}

static struct input
content(const char *path)
{
	struct input in = { .len = 0 };
	struct error err = { .code = ERROR_NONE };

	if (input_read(path, LIMIT_CASE_FILE, &in, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return in;
}

static bool
holds(const void *bytes, size_t len, const char *text)
{
	return memmem(bytes, len, text, strlen(text)) != NULL;
}

/* The case as JSON; free with buf_done(). */
static struct buf
unpacked(const char *path)
{
	struct input in = content(path);
	struct buf out = { 0 };
	struct run r;

	if (in.len > 2 && in.bytes[0] == 0x1f) {
		const char *argv[] = { "gzip", "-dc", NULL };

		run_program(argv, &(struct run_options){ .input = (const char *)in.bytes, .input_len = in.len }, &r);
		assert_int_equal(r.status, 0);
		buf_add(&out, r.out.data, r.out.len);
		run_done(&r);
	} else {
		buf_add(&out, in.bytes, in.len);
	}
	input_free(&in);
	return out;
}

/* ---- what must not be in it ---- */

static void
no_text(const char *path, const struct buf *json, const char *text)
{
	struct input raw = content(path);

	if (holds(raw.bytes, raw.len, text))
		fail_msg("“%s” is in %s as it lies on the disk", text, path);
	if (holds(json->data, json->len, text))
		fail_msg("“%s” is in %s", text, path);
	input_free(&raw);
}

/* Every line of the key's file. */
static void
no_key(const char *path, const struct buf *json, const char *file)
{
	struct input in = content(file);
	char *text = mem_strndup((const char *)in.bytes, in.len), *rest = text, *line;
	size_t lines = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (strlen(line) < 16 || strncmp(line, "-----", 5) == 0)
			continue;
		no_text(path, json, line);
		lines++;
	}
	assert_true(lines > 1);
	no_text(path, json, "PRIVATE KEY");
	free(text);
	input_free(&in);
}

/* The private number itself: its bytes, in hexadecimal, and in base64 wherever it begins in a group of three. */
static void
no_number(const char *path, const struct buf *json, EVP_PKEY *key)
{
	BIGNUM *n = NULL;
	unsigned char bytes[64];
	char text[3 * sizeof bytes];
	int len;

	assert_int_equal(EVP_PKEY_get_bn_param(key, "priv", &n), 1);
	len = BN_bn2bin(n, bytes);
	assert_true(len > 16);
	if (memmem(json->data, json->len, bytes, (size_t)len) != NULL)
		fail_msg("the private key is in %s", path);
	for (int i = 0; i < len; i++)
		snprintf(text + (size_t)i * 2, 3, "%02x", bytes[i]);
	no_text(path, json, text);
	for (int skip = 0; skip < 3; skip++) {
		unsigned char coded[128];

		EVP_EncodeBlock(coded, bytes + skip, (len - skip) / 3 * 3);
		no_text(path, json, (const char *)coded);
	}
	BN_free(n);
}

/* "LABEL random secret" of each line: the secrets, as hexadecimal of either case. Returns how many. */
static size_t
no_secrets(const char *path, const struct buf *json, const char *file)
{
	struct input in = content(file);
	char *text = mem_strndup((const char *)in.bytes, in.len), *rest = text, *line;
	size_t found = 0;

	while ((line = strsep(&rest, "\n")) != NULL) {
		char *secret = strrchr(line, ' ');

		if (secret == NULL || line[0] == '#')
			continue;
		no_text(path, json, secret + 1);
		for (char *p = secret + 1; *p != '\0'; p++)
			*p = (char)toupper((unsigned char)*p);
		no_text(path, json, secret + 1);
		found++;
	}
	free(text);
	input_free(&in);
	return found;
}

/* ---- a server that says what it should not, and is asked with all that is secret ---- */

static const char answer[] =
    "HTTP/1.1 400 Bad Request\r\n"
    "Server: nginx/1.22.1\r\n"
    "Set-Cookie: sid=" CANARY "-set-cookie; HttpOnly\r\n"
    "Cookie: sid=" CANARY "-cookie\r\n"
    "Authorization: Bearer " CANARY "-authorization\r\n"
    "Proxy-Authorization: Basic " CANARY "-proxy-authorization\r\n"
    "X-Amz-Security-Token: " CANARY "-token\r\n"
    "X-Custom: one\r\n"
    "\t" CANARY "-folded\r\n"
    CANARY "-without-a-colon\r\n"
    CANARY " two words: value\r\n"
    "WWW-Authenticate: Bearer realm=\"" CANARY "-realm\"\r\n"
    "Location: https://me:" CANARY "-user@login.internal/x?code=" CANARY "-location&b=2#" CANARY "-fragment\r\n"
    "Via: 1.1 gate\r\n"
    "Connection: close\r\n\r\n"
    "<html>" FILLER FILLER FILLER FILLER FILLER CANARY "-body" FILLER
    "<center>The SSL certificate error</center>" FILLER CANARY "-behind</html>";

static void
write_files(void)
{
	enum { MORE = 60 };
	static const struct pki_cert *roots[MORE + 1];
	static struct pki_cert made[MORE];
	const struct pki_cert *ours[] = { &engine_pki.client, &engine_pki.issuing };

	/* As large as a bundle: such a case is packed. */
	roots[0] = &engine_pki.root;
	for (size_t i = 0; i < MORE; i++) {
		made[i] = pki_issue(&(struct pki_request){ .cn = "Another Root CA", .ca = true, .path_len = -1 }, NULL);
		roots[i + 1] = &made[i];
	}
	assert_true(pki_write_certs(in_folder(folder, "roots.pem"), roots, MORE + 1));
	for (size_t i = 0; i < MORE; i++)
		pki_cert_free(&made[i]);
	assert_true(pki_write_certs(in_folder(folder, "order.crt"), ours, 2));
	assert_true(pki_write_key(in_folder(folder, "order.key"), engine_pki.client.key, CANARY "-passphrase"));
}

static void
nothing_secret_of_tls_and_http(void **state)
{
	struct script s = { .pki = &engine_pki, .serve = serve_http, .verify = ENGINE_MUST, .answer = answer };
	struct script_server *server = script_server_start(&s);
	static const char *const env[] = { "ORDER_PASS=" CANARY "-passphrase", "ORDER_ENV=" CANARY "-environment", NULL };
	char url[128], key[4096], crt[4096], roots[4096], file[4096], log[4096];
	const char *argv[] = { mtlscope(), "check", url, "--servername", "payment.internal", "--cert", crt, "--key", key, "--pass",
		"env:ORDER_PASS", "--cacert", roots, "--keylog", log, "--save", file, "-H", "Authorization: Bearer " CANARY "-header",
		"-b", "sid=" CANARY "-typed-cookie", "-u", "me:" CANARY "-typed-user", NULL };
	struct stat sb;
	struct buf json;
	struct run r;

	(void)state;
	write_files();
	snprintf(url, sizeof url, "https://127.0.0.1:%d/p?token=" CANARY "-query&plain=1", script_server_port(server));
	snprintf(crt, sizeof crt, "%s", in_folder(folder, "order.crt"));
	snprintf(key, sizeof key, "%s", in_folder(folder, "order.key"));
	snprintf(roots, sizeof roots, "%s", in_folder(folder, "roots.pem"));
	snprintf(file, sizeof file, "%s", in_folder(folder, "seen.case"));
	snprintf(log, sizeof log, "%s", in_folder(folder, "keys.log"));
	run_program(argv, &(struct run_options){ .env = env }, &r);
	script_server_stop(server);
	if (stat(file, &sb) != 0)
		fail_msg("no case: status %d, %s%s", r.status, buf_str(&r.out), buf_str(&r.err));
	assert_int_equal(sb.st_mode & 07777, 0600);
	json = unpacked(file);
	no_text(file, &json, CANARY);
	no_key(file, &json, key);
	no_number(file, &json, engine_pki.client.key);
	assert_true(no_secrets(file, &json, log) >= 2);
	/* It is no empty file that holds no secrets: what a diagnosis goes by is there. */
	assert_true(holds(json.data, json.len, "Server: nginx/1.22.1"));
	assert_true(holds(json.data, json.len, "Set-Cookie: (left out)"));
	assert_true(holds(json.data, json.len, "https://login.internal/x?code=…&b=…#…"));
	assert_true(holds(json.data, json.len, "The SSL certificate error"));
	assert_true(holds(json.data, json.len, "/p?token=…&plain=…"));
	assert_true(holds(json.data, json.len, "order.key"));
	buf_done(&json);
	run_done(&r);
}

static const char plain_answer[] =
    "HTTP/1.0 400 Bad Request\r\nSet-Cookie: " CANARY "-cookie\r\nServer: old\r\n " CANARY "\r\n" CANARY " x: y\r\n\r\n"
    FILLER FILLER FILLER FILLER CANARY "-body";

/* What answers without TLS is quoted in the findings: the report holds no cookie either. */
static void
nothing_secret_of_a_peer_without_tls(void **state)
{
	struct script s = { .pki = &engine_pki, .serve = serve_bytes, .bytes = plain_answer, .bytes_len = sizeof plain_answer - 1,
		.speaks_first = true };
	struct script_server *server = script_server_start(&s);
	char at[64], file[4096];
	const char *argv[] = { mtlscope(), "check", "--json", at, "--save", file, NULL };
	const char *open[] = { mtlscope(), "open", "--json", file, NULL };
	struct run r, again;
	struct buf json;

	(void)state;
	snprintf(at, sizeof at, "127.0.0.1:%d", script_server_port(server));
	snprintf(file, sizeof file, "%s", in_folder(folder, "plain.case"));
	run_program(argv, NULL, &r);
	script_server_stop(server);
	run_program(open, NULL, &again);
	json = unpacked(file);
	no_text(file, &json, CANARY "-");
	assert_false(holds(r.out.data, r.out.len, CANARY "-"));
	assert_true(holds(r.out.data, r.out.len, "net.not-tls"));
	assert_string_equal(buf_str(&r.out), buf_str(&again.out));
	assert_int_equal(r.status, again.status);
	buf_done(&json);
	run_done(&r);
	run_done(&again);
}

/* ---- each rule by itself ---- */

typedef void keep_function(struct text in, struct buf *out);

static const struct {
	const char *what;
	keep_function *keep;
	const char *in, *out;
} kept[] = {
	{ "no URL", keep_of_url, "payment.internal:8443", "payment.internal:8443" },
	{ "a query's values", keep_of_url, "https://h/p?a=1&b=&c=3", "https://h/p?a=…&b=&c=…" },
	{ "a value without a name", keep_of_url, "/p?secret", "/p?…" },
	{ "an empty query", keep_of_url, "/p?", "/p?" },
	{ "separated by semicolons", keep_of_url, "/p?a=1;b=2", "/p?a=…;b=…" },
	{ "a question mark in a value", keep_of_url, "/p?a=1?b=2", "/p?a=…" },
	{ "a fragment of a URL", keep_of_url, "https://h/p#tok", "https://h/p#…" },
	{ "a # in a file's name is none", keep_of_url, "--cert a#b.crt", "--cert a#b.crt" },
	{ "user and password", keep_of_url, "https://me:pw@h:8443/p", "https://h:8443/p" },
	{ "a user alone", keep_of_url, "https://me@h/p", "https://h/p" },
	{ "a password with @ and =", keep_of_url, "socks5://me:p@a=b@h:1080", "socks5://h:1080" },
	{ "without a scheme", keep_of_url, "--proxy me:pw@h:3128 x", "--proxy h:3128 x" },
	{ "behind =", keep_of_url, "--proxy=me:pw@h:3128", "--proxy=h:3128" },
	{ "in quotes", keep_of_url, "'https://h/p?t=1&u=2' --cert 'a b'", "'https://h/p?t=…&u=…' --cert 'a b'" },
	{ "an @ in a path is no user", keep_of_url, "https://h/a:b@c", "https://h/a:b@c" },
	{ "nothing", keep_of_url, "", "" },
	{ "a status line alone", keep_of_head, "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n" },
	{ "bare line ends", keep_of_head, "HTTP/1.1 200 OK\nServer: x\nSet-Cookie: y\n\n", "HTTP/1.1 200 OK\r\nServer: x\r\nSet-Cookie: (left out)\r\n\r\n" },
	{ "in capitals", keep_of_head, "HTTP/1.1 200 OK\r\nSERVER: x\r\n", "HTTP/1.1 200 OK\r\nSERVER: x\r\n" },
	{ "a name with a blank", keep_of_head, "HTTP/1.1 200 OK\r\nServer : x\r\n", "HTTP/1.1 200 OK\r\n(left out)\r\n" },
	{ "no name", keep_of_head, "HTTP/1.1 200 OK\r\n: x\r\n", "HTTP/1.1 200 OK\r\n(left out)\r\n" },
	{ "a scheme alone", keep_of_head, "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=x\r\n", "HTTP/1.1 401 No\r\nWWW-Authenticate: Basic\r\n" },
	{ "a body", keep_of_body, "a\nb\x1b[31m\x80", "a.b.[31m." },
	{ "a line, every byte", keep_of_line, "a\x1b\xff", "a\x1b\xff" },
	{ "a banner", keep_of_plain, "220 mail ready\r\n", "220 mail ready\r\n" },
	{ "a cookie of a server without TLS", keep_of_plain, "HTTP/1.1 400 x\r\nA: bc\r\nServer: d\r\n\r\nxyz", "HTTP/1.1 400 x\r\nA:***\r\nServer: d\r\n\r\nxyz" },
};

static void
each_rule(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
		struct buf once = { 0 }, twice = { 0 };

		kept[i].keep(text_of(kept[i].in), &once);
		if (strcmp(buf_str(&once), kept[i].out) != 0)
			fail_msg("%s: “%s” became “%s”, expected “%s”", kept[i].what, kept[i].in, buf_str(&once), kept[i].out);
		kept[i].keep((struct text){ (const unsigned char *)once.data, once.len }, &twice);
		if (strcmp(buf_str(&once), buf_str(&twice)) != 0)
			fail_msg("%s: applied twice, “%s” became “%s”", kept[i].what, buf_str(&once), buf_str(&twice));
		buf_done(&once);
		buf_done(&twice);
	}
}

/* However far back its words stand in a long page, a refusal is still known by them. */
static void
words_of_a_refusal_are_kept(void **state)
{
	static const size_t before[] = { 0, 1, KEPT_OF_BODY - 10, KEPT_OF_BODY, 5000, LIMIT_HTTP_BODY - 100 };

	(void)state;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		struct buf page = { 0 }, out = { 0 };

		for (size_t k = 0; k < before[i]; k++)
			buf_addc(&page, 'x');
		buf_adds(&page, "The SSL certificate error");
		for (size_t k = 0; k < 300; k++)
			buf_addc(&page, 'y');
		keep_of_body((struct text){ (const unsigned char *)page.data, page.len }, &out);
		assert_int_equal(out.len, KEPT_OF_BODY);
		assert_non_null(strstr(out.data, "The SSL certificate error"));
		buf_done(&page);
		buf_done(&out);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_rule),
		cmocka_unit_test(words_of_a_refusal_are_kept),
		cmocka_unit_test(nothing_secret_of_tls_and_http),
		cmocka_unit_test(nothing_secret_of_a_peer_without_tls),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
