/*
 * Identities on a token: a real PKCS#11 module (SoftHSM) with a token of its own, in a folder of its own. The key never
 * leaves it; the handshake is with a real server that requires our certificate.
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/identity.h"
#include "model/memory.h"
#include "model/token.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])
#define PIN "1234"
#define TOKEN "pkcs11:token=test"

enum { KEYS = 2 };
/* RSA signs with PSS in TLS 1.3, which a token is asked for in another way than ECDSA. */
static const struct {
	const char *label;
	enum pki_key type;
} keys[KEYS] = { { "rsa", PKI_RSA2048 }, { "ec", PKI_P256 } };

static struct pki_cert root, issuing, leaves[KEYS], server;
static char *folder;

static const char *
in(const char *name)
{
	return in_folder(folder, name);
}

static bool
tool(const char *const argv[])
{
	struct run r;
	bool ok;

	run_program(argv, NULL, &r);
	ok = r.status == 0;
	if (!ok)
		print_error("%s: status %d: %s%s\n", argv[0], r.status, buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
	return ok;
}

static bool
put_on_token(int k)
{
	static const char *const ids[KEYS] = { "01", "02" };
	char *key = mem_strdup(in("a.key")), *cert = mem_strdup(in("a.crt"));
	const char *const put_key[] = { "softhsm2-util", "--import", key, "--token", "test", "--pin", PIN, "--label", keys[k].label,
		"--id", ids[k], NULL };
	const char *const put_cert[] = { "p11tool", "--provider=/usr/lib/softhsm/libsofthsm2.so", "--login", "--set-pin=" PIN, "--write",
		"--load-certificate", cert, "--label", keys[k].label, "--id", ids[k], TOKEN, NULL };
	bool ok = pki_write_key(key, leaves[k].key, NULL) && pki_write_certs(cert, (const struct pki_cert *const[]){ &leaves[k] }, 1) &&
	    tool(put_key) && tool(put_cert);

	remove(key); /* from here on only the token has it */
	free(key);
	free(cert);
	return ok;
}

static int
setup(void **state)
{
	const char *const make[] = { "softhsm2-util", "--init-token", "--free", "--label", "test", "--pin", PIN, "--so-pin", "5678", NULL };
	char text[4096];

	(void)state;
	folder = make_folder();
	snprintf(text, sizeof text, "directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n", folder);
	if (!write_file(in("softhsm2.conf"), text, strlen(text)))
		return -1;
	setenv("SOFTHSM2_CONF", in("softhsm2.conf"), 1);
	root = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .ca = true, .path_len = -1 }, NULL);
	issuing = pki_issue(&(struct pki_request){ .cn = "Acme Issuing CA 1", .ca = true, .path_len = -1 }, &root);
	server = pki_issue(&(struct pki_request){ .cn = "payment.internal", .san = (const char *const[]){ "DNS:payment.internal", NULL } }, &issuing);
	if (!pki_write_certs(in("issuing.pem"), (const struct pki_cert *const[]){ &issuing }, 1) ||
	    !pki_write_certs(in("root.pem"), (const struct pki_cert *const[]){ &root }, 1) ||
	    !pki_write_certs(in("server.pem"), (const struct pki_cert *const[]){ &server }, 1) || !pki_write_key(in("server.key"), server.key, NULL) ||
	    !tool(make))
		return -1;
	for (int k = 0; k < KEYS; k++) {
		leaves[k] = pki_issue(&(struct pki_request){ .cn = keys[k].label, .key_type = keys[k].type }, &issuing);
		if (!put_on_token(k))
			return -1;
		snprintf(text, sizeof text, "%s.pem", keys[k].label);
		if (!pki_write_certs(in(text), (const struct pki_cert *const[]){ &leaves[k], &issuing }, 2))
			return -1;
	}
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	pki_cert_free(&root);
	pki_cert_free(&issuing);
	pki_cert_free(&server);
	for (int k = 0; k < KEYS; k++)
		pki_cert_free(&leaves[k]);
	remove_folder(folder);
	return 0;
}

/* What the PIN is asked with, and how often. */
struct asked {
	const char *pin;
	int times;
};

static bool
answer(void *user, const char *what, char *out, size_t size)
{
	struct asked *a = user;

	assert_non_null(strstr(what, "pkcs11:"));
	a->times++;
	if (a->pin != NULL)
		snprintf(out, size, "%s", a->pin);
	return a->pin != NULL;
}

static status
load(const char *cert, const char *key, struct asked *a, struct identity **id, struct error *err)
{
	struct identity_source src = { .cert = cert, .key = key, .ask = answer, .ask_user = a };

	*err = (struct error){ .code = ERROR_NONE };
	return identity_load(&src, id, err);
}

/* What a URI says that finds nothing, or is none. Before any log-in: that one lasts as long as the module. */
static const struct bad {
	const char *uri, *pin, *says;
	enum error_code code;
} bad[] = {
	{ "pkcs11:nonsense", PIN, "expected as in pkcs11:token=", ERROR_USAGE },
	{ "pkcs11:token=test;colour=red", PIN, "a part that nobody knows", ERROR_USAGE },
	{ "pkcs11:token=other;object=ec", PIN, "no such token here", ERROR_INPUT },
	{ "pkcs11:object=ec?module-path=/nowhere/lib.so", PIN, "/nowhere/lib.so cannot be loaded", ERROR_INPUT },
	{ TOKEN ";object=ec", NULL, "the token wants its PIN, and there is none", ERROR_INPUT },
	{ TOKEN ";object=ec?pin-source=/nowhere", NULL, "/nowhere” cannot be read", ERROR_INPUT },
	{ TOKEN ";object=nothing", PIN, "no such certificate or key", ERROR_INPUT },
};

static void
bad_uris(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		struct asked a = { .pin = bad[i].pin };
		struct identity *id = NULL;
		struct error err;

		assert_int_equal(load(bad[i].uri, NULL, &a, &id, &err), STATUS_FAILED);
		assert_null(id);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("%s: expected “%s” in: %s", bad[i].uri, bad[i].says, err.text);
		assert_int_equal(err.code, bad[i].code);
		assert_null(strstr(err.text, "9999")); /* a PIN is never shown */
		assert_true(a.times <= 1);             /* three wrong ones lock a card */
	}
}

static void
the_pin_is_not_shown(void **state)
{
	static const struct {
		const char *uri, *shown;
	} cases[] = {
		{ "pkcs11:token=a;object=b", "pkcs11:token=a;object=b" },
		{ "pkcs11:token=a?pin-value=1234", "pkcs11:token=a?pin-value=…" },
		{ "pkcs11:token=a?pin-value=1234&module-path=/x", "pkcs11:token=a?pin-value=…&module-path=/x" },
		{ "pkcs11:token=a?PIN-VALUE=1234", "pkcs11:token=a?PIN-VALUE=…" },
		{ "pkcs11:pin-value=1234", "pkcs11:pin-value=…" },
		{ "pkcs11:", "pkcs11:" },
	};
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++)
		assert_string_equal(token_uri_shown(cases[i].uri, a), cases[i].shown);
	arena_free(a);
}

/* Certificate and key on the token; a chain in a file and its key on the token; one by its id. */
static void
identities(void **state)
{
	static const struct {
		const char *cert, *key;
		const char *leaf;
		size_t len;
	} cases[] = {
		{ TOKEN ";object=ec", NULL, "ec", 1 },
		{ TOKEN ";object=rsa", NULL, "rsa", 1 },
		{ TOKEN ";id=%02;type=cert", TOKEN ";id=%02;type=private", "ec", 1 },
		{ "rsa.pem", TOKEN ";object=rsa", "rsa", 2 },
		{ TOKEN ";object=ec?module-path=/usr/lib/softhsm/libsofthsm2.so", NULL, "ec", 1 },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct asked a = { .pin = PIN };
		struct identity *id = NULL;
		struct error err;

		if (load(strchr(cases[i].cert, ':') != NULL ? cases[i].cert : in(cases[i].cert), cases[i].key, &a, &id, &err) != STATUS_OK)
			fail_msg("%s: %s", cases[i].cert, err.text);
		assert_int_equal(id->len, cases[i].len);
		assert_string_equal(identity_leaf(id)->subject.common_name, cases[i].leaf);
		assert_true(id->matches);
		assert_false(id->key_exposed);
		assert_null(id->key_path); /* nothing to type for a tool that knows files only */
		identity_free(id);
	}
}

/* The key of another certificate is seen as that, without looking for others in the folder one is in. */
static void
another_key(void **state)
{
	struct asked a = { .pin = PIN };
	struct identity *id = NULL;
	struct error err;

	(void)state;
	assert_int_equal(load(in("rsa.pem"), TOKEN ";object=ec;type=private", &a, &id, &err), STATUS_OK);
	assert_false(id->matches);
	identity_free(id);
}

/*
 * A wrong PIN is one line with status 2, is not shown, and is tried once: of two names on one token the second one finds
 * the door closed. Each in a process of its own.
 */
static void
a_wrong_pin(void **state)
{
	static const struct {
		const char *words[3];
		const char *says;
	} cases[] = {
		{ { TOKEN ";object=ec?pin-value=9999" }, "the token refuses the PIN" },
		{ { TOKEN ";object=ec", "--pass", "env:WRONG" }, "the token refuses the PIN" },
	};
	static const char *const env[] = { "WRONG=9999", NULL };

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		const char *const argv[] = { mtlscope(), "inspect", cases[i].words[0], cases[i].words[1], cases[i].words[2], NULL };
		struct run r;

		run_program(argv, &(struct run_options){ .env = env }, &r);
		assert_int_equal(r.status, 2);
		assert_non_null(strstr(buf_str(&r.err), cases[i].says));
		assert_null(strstr(buf_str(&r.err), "9999"));
		assert_ptr_equal(strchr(buf_str(&r.err), '\n') + 1, r.err.data + r.err.len);
		run_done(&r);
	}
}

static void
one_try_in_a_run(void **state)
{
	pid_t pid = fork();
	int ended = 0;

	(void)state;
	assert_true(pid >= 0);
	if (pid == 0) {
		struct asked a = { .pin = "9999" };
		struct identity *id = NULL;
		struct error err;
		bool first = load(TOKEN ";object=ec", NULL, &a, &id, &err) == STATUS_FAILED && strstr(err.text, "refuses the PIN") != NULL;
		bool second = load(TOKEN ";object=rsa", NULL, &a, &id, &err) == STATUS_FAILED && strstr(err.text, "no second one") != NULL;

		_exit(first && second && a.times == 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &ended, 0), pid);
	assert_int_equal(ended, 0);
}

/* A handshake with a server that wants our certificate, in both versions: the token signs. */
static void
handshakes(void **state)
{
	char accept[64], port_text[64];
	int port = reserve_port();
	char *chain = mem_strdup(in("server.pem")), *key = mem_strdup(in("server.key")), *ca = mem_strdup(in("root.pem")),
	     *issuer = mem_strdup(in("issuing.pem")), *log = mem_strdup(in("log"));
	const char *const argv[] = { "openssl", "s_server", "-accept", accept, "-cert", chain, "-key", key, "-cert_chain", issuer,
		"-CAfile", ca, "-Verify", "3", "-verify_return_error", "-www", NULL };
	pid_t pid;

	(void)state;
	snprintf(accept, sizeof accept, "127.0.0.1:%d", port);
	snprintf(port_text, sizeof port_text, "127.0.0.1:%d", port);
	pid = start_server(argv, log);
	assert_true(wait_for_port(port, pid, 10000));
	for (int k = 0; k < KEYS; k++)
		for (int version = 2; version <= 3; version++) {
			char uri[128], cert[64];
			char *file;
			struct run r;
			cJSON *json, *first;

			snprintf(cert, sizeof cert, "%s.pem", keys[k].label);
			snprintf(uri, sizeof uri, TOKEN ";object=%s?pin-value=" PIN, keys[k].label);
			file = mem_strdup(in(cert));
			const char *const check[] = { mtlscope(), "check", "--json", "--quick", "--no-http", "--cert", file, "--key", uri, "--cacert", ca,
				"--servername", "payment.internal", version == 2 ? "--tls-max" : "--tlsv1.3", version == 2 ? "1.2" : port_text,
				version == 2 ? port_text : NULL, NULL };

			run_program(check, NULL, &r);
			json = cJSON_Parse(buf_str(&r.out));
			first = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "handshakes"), 0);
			if (first == NULL || strcmp(cJSON_GetStringValue(cJSON_GetObjectItem(first, "outcome")), "accepted") != 0 ||
			    cJSON_GetObjectItem(first, "sent_certificates")->valueint != 2)
				fail_msg("%s, TLS 1.%d: %s%s", keys[k].label, version, buf_str(&r.out), buf_str(&r.err));
			assert_null(strstr(buf_str(&r.out), "pin-value=" PIN));
			cJSON_Delete(json);
			run_done(&r);
			free(file);
		}
	stop_server(pid);
	free(chain);
	free(key);
	free(ca);
	free(issuer);
	free(log);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First, while this process has loaded no module: a child of it may not use one. */
		cmocka_unit_test(a_wrong_pin),
		cmocka_unit_test(one_try_in_a_run),
		cmocka_unit_test(bad_uris),
		cmocka_unit_test(the_pin_is_not_shown),
		cmocka_unit_test(identities),
		cmocka_unit_test(another_key),
		cmocka_unit_test(handshakes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
