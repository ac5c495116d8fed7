/*
 * The settings that mend a server: the table has no empty cell, every setting can be written with the facts at hand, aws
 * takes its lines; and on real servers with the fault, the setting put where it is said to belong ends it.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "fixes/enforce_table.h"
#include "tests/paste_run.h"
#include "tests/peer_clients.h"
#include "tests/program.h"

enum { READY_MS = 40000 };

static const struct paste_case facts = { .side = PASTE_SERVER, .cert = "/etc/tls/a.pem", .key = "/etc/tls/a.key", .trust = "/etc/tls/clients.pem", .crl = "/etc/tls/all.crl",
	.name = "payment.internal", .port = 8443, .depth = 2, .region = "eu-west-1", .listener_arn = "arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/a/b/c",
	.trust_store_arn = "arn:aws:elasticloadbalancing:eu-west-1:1:truststore/a/b", .s3_uri = "s3://bucket/clients.pem", .domain = "api.example", .api_id = "a1b2" };

/* ---- the table ---- */

static const enum code wanted[] = { CODE_MTLS_NOT_REQUESTED, CODE_MTLS_OPTIONAL, CODE_MTLS_NOT_VERIFIED, CODE_MTLS_BYPASS, CODE_MTLS_RESUMPTION_BYPASS,
	CODE_MTLS_REVOCATION_NOT_CHECKED, CODE_CLIENT_LATE_AUTH, CODE_CLIENT_DEPTH_EXCEEDED, CODE_CLIENT_PARTIAL_TRUST, CODE_CLIENT_SERVER_REVOCATION,
	CODE_TLS_NO_COMMON_VERSION, CODE_TLS_OLD_VERSION, CODE_TLS_NO_COMMON_CIPHER, CODE_TLS_NO_COMMON_GROUP, CODE_TLS_NO_COMMON_ALPN };

static void
no_cell_is_empty(void **state)
{
	struct arena *a = arena_new();
	size_t settings = 0;

	(void)state;
	assert_int_equal(enforce_rows_len, sizeof wanted / sizeof wanted[0]);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
		assert_true(enforce_knows(wanted[i]));
		for (int s = 0; s < ENFORCE_STACKS; s++) {
			struct error err = { .code = ERROR_NONE };
			struct enforcement e;

			if (enforce_make(wanted[i], (enum enforce_stack)s, &facts, a, &e, &err) != STATUS_OK)
				fail_msg("%s, stack %d: %s", code_info(wanted[i])->name, s, err.text);
			if (e.setting == NULL && e.remark == NULL)
				fail_msg("%s has nothing for %s", code_info(wanted[i])->name, e.title);
			assert_true(e.title != NULL && e.file != NULL && e.reload != NULL);
			assert_true(e.setting == NULL || (e.setting[0] != '\0' && strstr(e.setting, "/CHANGE-ME") == NULL && strchr(e.setting, '@') == NULL));
			settings += e.setting != NULL;
		}
	}
	print_message("%zu settings, %zu reasons why there is none\n", settings, sizeof wanted / sizeof wanted[0] * ENFORCE_STACKS - settings);
	assert_true(settings > 140);
	arena_free(a);
}

static void
others_have_none(void **state)
{
	static const enum code others[] = { CODE_CERT_EXPIRED, CODE_CLIENT_MISSING_INTERMEDIATE, CODE_NET_REFUSED, CODE_CLIENT_EKU };
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
		struct error err = { .code = ERROR_NONE };
		struct enforcement e;

		assert_false(enforce_knows(others[i]));
		assert_int_equal(enforce_make(others[i], ENFORCE_NGINX, &facts, a, &e, &err), STATUS_FAILED);
		assert_non_null(strstr(err.text, code_info(others[i])->name));
	}
	arena_free(a);
}

/* What is to be set, word for word, where it matters most. */
static const struct {
	enum code code;
	enum enforce_stack stack;
	const char *setting;
} said[] = {
	{ CODE_MTLS_OPTIONAL, ENFORCE_NGINX, "ssl_verify_client on;" },
	{ CODE_MTLS_OPTIONAL, ENFORCE_APACHE, "SSLVerifyClient require" },
	{ CODE_MTLS_OPTIONAL, ENFORCE_HAPROXY, "verify required" },
	{ CODE_MTLS_OPTIONAL, ENFORCE_ENVOY, "require_client_certificate: true" },
	{ CODE_MTLS_NOT_VERIFIED, ENFORCE_GO, "ClientAuth: tls.RequireAndVerifyClientCert," },
	{ CODE_MTLS_NOT_VERIFIED, ENFORCE_NODE, "rejectUnauthorized: true," },
	{ CODE_MTLS_NOT_REQUESTED, ENFORCE_JAVA, "setNeedClientAuth(true)" },
	{ CODE_MTLS_NOT_REQUESTED, ENFORCE_TOMCAT, "certificateVerification=\"required\"" },
	{ CODE_MTLS_NOT_REQUESTED, ENFORCE_ALB, "--mutual-authentication Mode=verify,TrustStoreArn=arn:aws:elasticloadbalancing:eu-west-1:1:truststore/a/b" },
	{ CODE_MTLS_BYPASS, ENFORCE_GATEWAY, "op=replace,path=/disableExecuteApiEndpoint,value=true" },
	{ CODE_CLIENT_DEPTH_EXCEEDED, ENFORCE_NGINX, "ssl_verify_depth 2;" },
	{ CODE_CLIENT_DEPTH_EXCEEDED, ENFORCE_APACHE, "SSLVerifyDepth 3" },
	{ CODE_MTLS_REVOCATION_NOT_CHECKED, ENFORCE_NGINX, "ssl_crl \"/etc/tls/all.crl\";" },
	{ CODE_TLS_OLD_VERSION, ENFORCE_NGINX, "ssl_protocols TLSv1.2 TLSv1.3;" },
};

static void
settings_are_exact(void **state)
{
	struct arena *a = arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++) {
		struct enforcement e;

		assert_int_equal(enforce_make(said[i].code, said[i].stack, &facts, a, &e, NULL), STATUS_OK);
		if (strstr(e.setting, said[i].setting) == NULL)
			fail_msg("“%s” is not in “%s”", said[i].setting, e.setting);
	}
	arena_free(a);
}

/* ---- which stack ---- */

static void
unknown_stacks_get_all(void **state)
{
	static const struct stack_guess unknown = { .stack = STACK_UNKNOWN, .name = "unknown" }, nginx = { .stack = STACK_NGINX, .name = "nginx" },
		family = { .stack = STACK_OPENSSL, .name = "OpenSSL family", .because = "Server: HAProxy" }, gnutls = { .stack = STACK_GNUTLS, .name = "GnuTLS" };
	enum enforce_stack stacks[ENFORCE_STACKS];
	struct arena *a = arena_new();
	const char *text;
	bool all;

	(void)state;
	assert_int_equal(enforce_for(&unknown, stacks, &all), ENFORCE_STACKS);
	assert_true(all);
	assert_int_equal(enforce_for(NULL, stacks, &all), ENFORCE_STACKS);
	assert_int_equal(enforce_for(&gnutls, stacks, &all), ENFORCE_STACKS);
	assert_int_equal(enforce_for(&nginx, stacks, &all), 1);
	assert_false(all);
	assert_int_equal(enforce_for(&family, stacks, &all), 4);
	assert_int_equal(stacks[0], ENFORCE_HAPROXY);
	text = enforce_text(CODE_MTLS_OPTIONAL, &unknown, &facts, a, NULL);
	assert_non_null(strstr(text, "was not recognised"));
	for (int s = 0; s < ENFORCE_STACKS; s++)
		assert_non_null(strstr(text, enforce_places[s].title));
	text = enforce_text(CODE_MTLS_OPTIONAL, &nginx, &facts, a, NULL);
	assert_non_null(strstr(text, "ssl_verify_client on;"));
	assert_non_null(strstr(text, "nginx -t && systemctl reload nginx"));
	assert_null(strstr(text, "not recognised"));
	assert_null(strstr(text, "Apache"));
	arena_free(a);
}

/* A fact that the stack cannot hold: no text, and the reason. */
static void
hostile_facts_are_refused(void **state)
{
	static const struct stack_guess nginx = { .stack = STACK_NGINX, .name = "nginx" };
	struct paste_case c = facts;
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();

	(void)state;
	c.trust = "/etc/$host/ca.pem";
	assert_null(enforce_text(CODE_MTLS_OPTIONAL, &nginx, &c, a, &err));
	assert_non_null(strstr(err.text, "(trust)"));
	arena_free(a);
}

/* ---- real servers ---- */

/* A server with the fault, a client, and whether that one gets in before and after. */
static const struct real {
	const char *stack;
	enum enforce_stack is;
	enum code code;
	bool optional;
	unsigned depth;      /* at first */
	const char *client;  /* NULL: none */
	bool before, after;
	bool issuing;        /* it trusts the issuing CA alone */
	const char *without[3]; /* lines that begin like this are missing at first */
	bool late;           /* Apache: it asks in a Location, and a client that is asked in the handshake only comes */
} reals[] = {
	{ "nginx", ENFORCE_NGINX, CODE_MTLS_OPTIONAL, true, 2, NULL, true, false, false, { NULL }, false },
	{ "apache", ENFORCE_APACHE, CODE_MTLS_OPTIONAL, true, 2, NULL, true, false, false, { NULL }, false },
	{ "haproxy", ENFORCE_HAPROXY, CODE_MTLS_OPTIONAL, true, 2, NULL, true, false, false, { NULL }, false },
	{ "python", ENFORCE_PYTHON, CODE_MTLS_OPTIONAL, true, 2, NULL, true, false, false, { NULL }, false },
	{ "node", ENFORCE_NODE, CODE_MTLS_NOT_VERIFIED, true, 2, "other", true, false, false, { NULL }, false },
	{ "nginx", ENFORCE_NGINX, CODE_CLIENT_DEPTH_EXCEEDED, false, 1, "deep", false, true, false, { NULL }, false },
	{ "apache", ENFORCE_APACHE, CODE_CLIENT_DEPTH_EXCEEDED, false, 1, "deep", false, true, false, { NULL }, false },
	{ "nginx", ENFORCE_NGINX, CODE_MTLS_REVOCATION_NOT_CHECKED, false, 2, "right", true, false, false, { NULL }, false },
	{ "apache", ENFORCE_APACHE, CODE_MTLS_REVOCATION_NOT_CHECKED, false, 2, "right", true, false, false, { NULL }, false },
	{ "haproxy", ENFORCE_HAPROXY, CODE_MTLS_REVOCATION_NOT_CHECKED, false, 2, "right", true, false, false, { NULL }, false },
	{ "python", ENFORCE_PYTHON, CODE_MTLS_REVOCATION_NOT_CHECKED, false, 2, "right", true, false, false, { NULL }, false },
	{ "node", ENFORCE_NODE, CODE_MTLS_REVOCATION_NOT_CHECKED, false, 2, "right", true, false, false, { NULL }, false },
	{ "nginx", ENFORCE_NGINX, CODE_TLS_OLD_VERSION, false, 2, "right", true, true, false, { NULL }, false },
	{ "nginx", ENFORCE_NGINX, CODE_TLS_NO_COMMON_CIPHER, false, 2, "right", true, true, false, { NULL }, false },
	{ "nginx", ENFORCE_NGINX, CODE_TLS_NO_COMMON_GROUP, false, 2, "right", true, true, false, { NULL }, false },
	{ "apache", ENFORCE_APACHE, CODE_TLS_NO_COMMON_GROUP, false, 2, "right", true, true, false, { NULL }, false },
	{ "haproxy", ENFORCE_HAPROXY, CODE_TLS_NO_COMMON_CIPHER, false, 2, "right", true, true, false, { NULL }, false },
	{ "haproxy", ENFORCE_HAPROXY, CODE_MTLS_RESUMPTION_BYPASS, false, 2, "right", true, true, false, { NULL }, false },
	{ "python", ENFORCE_PYTHON, CODE_MTLS_RESUMPTION_BYPASS, false, 2, "right", true, true, false, { NULL }, false },
	{ "node", ENFORCE_NODE, CODE_TLS_NO_COMMON_GROUP, false, 2, "right", true, true, false, { NULL }, false },
	{ "python", ENFORCE_PYTHON, CODE_CLIENT_PARTIAL_TRUST, false, 2, "right", false, true, true, { NULL }, false },
	{ "nginx", ENFORCE_NGINX, CODE_CLIENT_PARTIAL_TRUST, false, 2, "right", false, true, true, { NULL }, false },
	{ "haproxy", ENFORCE_HAPROXY, CODE_CLIENT_PARTIAL_TRUST, false, 2, "right", false, true, true, { NULL }, false },
	{ "nginx", ENFORCE_NGINX, CODE_MTLS_RESUMPTION_BYPASS, false, 2, "right", true, true, false, { NULL }, false },
	{ "apache", ENFORCE_APACHE, CODE_TLS_OLD_VERSION, false, 2, "right", true, true, false, { NULL }, false },
	{ "apache", ENFORCE_APACHE, CODE_TLS_NO_COMMON_CIPHER, false, 2, "right", true, true, false, { NULL }, false },
	{ "haproxy", ENFORCE_HAPROXY, CODE_TLS_NO_COMMON_ALPN, false, 2, "right", true, true, false, { NULL }, false },
	{ "python", ENFORCE_PYTHON, CODE_TLS_NO_COMMON_CIPHER, false, 2, "right", true, true, false, { NULL }, false },
	{ "node", ENFORCE_NODE, CODE_TLS_NO_COMMON_CIPHER, false, 2, "right", true, true, false, { NULL }, false },
	{ "node", ENFORCE_NODE, CODE_MTLS_RESUMPTION_BYPASS, false, 2, "right", true, true, false, { NULL }, false },
	{ "nginx", ENFORCE_NGINX, CODE_MTLS_NOT_REQUESTED, false, 2, NULL, true, false, false, { "ssl_client_certificate", "ssl_verify" }, false },
	{ "apache", ENFORCE_APACHE, CODE_MTLS_NOT_REQUESTED, false, 2, NULL, true, false, false, { "SSLCACertificateFile", "SSLVerify" }, false },
	{ "python", ENFORCE_PYTHON, CODE_MTLS_NOT_REQUESTED, false, 2, NULL, true, false, false, { "context.verify_mode", "context.load_verify" }, false },
	{ "node", ENFORCE_NODE, CODE_MTLS_NOT_REQUESTED, false, 2, NULL, true, false, false, { "requestCert", "rejectUnauthorized", "ca:" }, false },
	{ "apache", ENFORCE_APACHE, CODE_CLIENT_LATE_AUTH, false, 2, "right", false, true, false, { NULL }, true },
};
enum { REALS = sizeof reals / sizeof reals[0] };

static struct {
	char *folder;
	char cert[4096], key[4096], trust[4096], issuing[4096], crl[4096];
	char backend_name[32];
	pid_t backend;
} world;

/* A setting's first word is what it sets: "ssl_crl", "requestCert". Of HAProxy it is a keyword of the bind line. */
static size_t
key_len(const char *line)
{
	return strcspn(line, " =:(");
}

/* Where a server of that stack takes settings: behind the line that begins like this. */
static const char *const anchors[ENFORCE_STACKS] = { [ENFORCE_NGINX] = "ssl_certificate_key", [ENFORCE_APACHE] = "SSLCertificateKeyFile",
	[ENFORCE_PYTHON] = "context.load_cert_chain", [ENFORCE_NODE] = "key:" };

static void
add_settings(struct buf *out, const char *setting)
{
	buf_addf(out, "%s\n", setting);
}

/* The configuration with the setting in it: lines that set the same go, and it stands behind the anchor. */
static void
set_lines(const struct real *r, const char *text, const char *setting, struct buf *out)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n"), blank = strspn(text, " \t");
		const char *line = text + blank, *anchor = anchors[r->is];
		bool replaced = false;

		for (const char *s = setting; *s != '\0'; s += strcspn(s, "\n"), s += *s == '\n')
			replaced = replaced || (key_len(line) == key_len(s) && strncmp(line, s, key_len(s)) == 0 && strncmp(s, "context.load", 12) != 0);
		if (!replaced)
			buf_addf(out, "%.*s\n", (int)len, text);
		if (strncmp(line, anchor, strlen(anchor)) == 0)
			add_settings(out, setting);
		text += len + (text[len] == '\n');
	}
}

/* HAProxy: words of the bind line; "verify optional" gives way to "verify required". */
static void
set_words(const char *text, const char *setting, struct buf *out)
{
	const char *bind = strstr(text, "    bind "), *end = bind + strcspn(bind, "\n"), *verify = strstr(bind, " verify ");
	const char *rest = verify + strlen(" verify ") + strcspn(verify + strlen(" verify "), " ");

	assert_true(verify != NULL && verify < end);
	/* A file of CAs stands there once: the last one would count all the same. */
	if (strstr(setting, "verify ") != NULL)
		buf_addf(out, "%.*s%.*s %s%s", (int)(verify - text), text, (int)(end - rest), rest, setting, end);
	else
		buf_addf(out, "%.*s %s%s", (int)(end - text), text, setting, end);
}

static const char *
config_of(const struct real *r)
{
	static const char *const names[ENFORCE_STACKS] = { [ENFORCE_NGINX] = "localhost.conf", [ENFORCE_APACHE] = "localhost.conf", [ENFORCE_HAPROXY] = "haproxy.cfg",
		[ENFORCE_PYTHON] = "server.py", [ENFORCE_NODE] = "server.js" };

	return names[r->is];
}

static void
read_config(const struct real *r, const struct paste_run *run, char *out, size_t size)
{
	FILE *f = fopen(in_folder(run->own, config_of(r)), "re");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, size - 1, f);
	assert_true(n > 0);
	out[n] = '\0';
	fclose(f);
}

/* The fault that is no fact: lines that are missing, or stand where it is too late. */
static void
spoil(const struct real *r, const struct paste_run *run)
{
	char was[16384];
	struct buf text = { 0 };

	read_config(r, run, was, sizeof was);
	for (const char *at = was; *at != '\0';) {
		size_t len = strcspn(at, "\n"), blank = strspn(at, " \t");
		bool missing = false, late = r->late && strncmp(at + blank, "SSLVerifyClient", 15) == 0;

		for (size_t i = 0; i < 3 && r->without[i] != NULL; i++)
			missing = missing || strncmp(at + blank, r->without[i], strlen(r->without[i])) == 0;
		if (!missing)
			buf_addf(&text, "%s%.*s\n%s", late ? "<Location />\n" : "", (int)len, at, late ? "</Location>\n" : "");
		at += len + (at[len] == '\n');
	}
	assert_true(text.len != strlen(was) || (r->without[0] == NULL && !r->late));
	assert_true(write_file(in_folder(run->own, config_of(r)), text.data, text.len));
	buf_done(&text);
}

/* As somebody mends it: the file, the setting, saved. */
static void
mend(const struct real *r, const struct paste_run *run)
{
	struct arena *a = arena_new();
	struct paste_case c = run->c;
	struct error err = { .code = ERROR_NONE };
	struct enforcement e;
	struct buf text = { 0 };
	const char *path = in_folder(run->own, config_of(r));
	char was[16384];

	read_config(r, run, was, sizeof was);
	c.depth = 2;
	c.trust = world.trust;
	c.crl = world.crl;
	if (enforce_make(r->code, r->is, &c, a, &e, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	if (r->is == ENFORCE_HAPROXY)
		set_words(was, e.setting, &text);
	else
		set_lines(r, was, e.setting, &text);
	assert_non_null(strstr(buf_str(&text), e.setting));
	assert_true(write_file(path, text.data, text.len));
	buf_done(&text);
	arena_free(a);
}

/* curl answers a late request too; Python does not, as most clients. */
static int
ask_early(const struct paste_run *server)
{
	char cert[4096], key[4096];
	struct paste_run python = { .folder = world.folder, .stack = "python",
		.c = { .side = PASTE_CLIENT, .cert = cert, .key = key, .trust = world.trust, .name = "localhost", .port = server->c.port } };

	snprintf(cert, sizeof cert, "%s/right.pem", world.folder);
	snprintf(key, sizeof key, "%s/right.key", world.folder);
	paste_run_write(&python);
	return paste_run_ask(&python) ? 200 : 403;
}

static void
judge(const struct real *r, const struct paste_run *run, bool expected, const char *when)
{
	char cert[64], key[64];
	int answer;

	if (!wait_for_port(run->port, run->pid, READY_MS))
		fail_msg("%s does not start %s %s: see %s/out", r->stack, when, code_info(r->code)->name, run->own);
	snprintf(cert, sizeof cert, "%s.pem", r->client != NULL ? r->client : "");
	snprintf(key, sizeof key, "%s.key", r->client != NULL ? r->client : "");
	answer = r->late ? ask_early(run) : paste_ask(run->port, in_folder(world.folder, "root.pem"), r->client != NULL ? in_folder(world.folder, cert) : NULL, in_folder(world.folder, key));
	if ((answer == 200) != expected)
		fail_msg("%s %s %s is mended: %s gets %d", r->stack, when, code_info(r->code)->name, r->client != NULL ? r->client : "nobody", answer);
}

static struct paste_case
faulty_case(const struct real *r)
{
	return (struct paste_case){ .side = PASTE_SERVER, .cert = world.cert, .key = world.key, .trust = r->issuing ? world.issuing : world.trust, .name = "localhost", .address = "127.0.0.1", .port = (unsigned)reserve_port_everywhere(), .backend = world.backend_name,
	    .optional = r->optional, .depth = r->depth };
}

static void
settings_mend_real_servers(void **state)
{
	static struct paste_run runs[REALS];

	(void)state;
	for (size_t i = 0; i < REALS; i++) {
		if (paste_run_missing(reals[i].stack) != NULL || (reals[i].late && paste_run_missing("python") != NULL)) {
			print_message("%s is left out: %s\n", reals[i].stack, paste_run_missing(reals[i].stack));
			continue;
		}
		runs[i] = (struct paste_run){ .folder = world.folder, .stack = reals[i].stack, .c = faulty_case(&reals[i]) };
		runs[i].port = (int)runs[i].c.port;
		paste_run_write(&runs[i]);
		spoil(&reals[i], &runs[i]);
		paste_run_again(&runs[i]);
	}
	for (size_t i = 0; i < REALS; i++) {
		if (runs[i].pid <= 0)
			continue;
		judge(&reals[i], &runs[i], reals[i].before, "before");
		paste_run_stop(&runs[i]);
		mend(&reals[i], &runs[i]);
		paste_run_again(&runs[i]);
	}
	for (size_t i = 0; i < REALS; i++) {
		if (runs[i].pid <= 0)
			continue;
		judge(&reals[i], &runs[i], reals[i].after, "after");
		paste_run_stop(&runs[i]);
	}
}

static int
start_world(void **state)
{
	struct buf b = { 0 };
	const char *conf;
	int port = reserve_port();

	(void)state;
	world.folder = make_folder();
	chmod(world.folder, 0755);
	peer_clients_write(world.folder);
	snprintf(world.cert, sizeof world.cert, "%s/server.pem", world.folder);
	snprintf(world.key, sizeof world.key, "%s/server.pem.key", world.folder);
	snprintf(world.trust, sizeof world.trust, "%s/root.pem", world.folder);
	snprintf(world.issuing, sizeof world.issuing, "%s/issuing.pem", world.folder);
	snprintf(world.crl, sizeof world.crl, "%s/revoked.crl", world.folder);
	snprintf(world.backend_name, sizeof world.backend_name, "127.0.0.1:%d", port);
	if (paste_run_missing("nginx") != NULL)
		return 0;
	conf = in_folder(world.folder, "backend.conf");
	buf_addf(&b, "daemon off; master_process off; pid %s/backend.pid; error_log %s/backend.log;\nevents { }\nhttp { access_log off;\n", world.folder, world.folder);
	buf_addf(&b, "server { listen %s; location / { return 200 \"ok\\n\"; } } }\n", world.backend_name);
	assert_true(write_file(conf, b.data, b.len));
	buf_done(&b);
	world.backend = start_server((const char *const[]){ "nginx", "-e", "/dev/null", "-p", world.folder, "-c", conf, NULL }, in_folder(world.folder, "backend.out"));
	assert_true(wait_for_port(port, world.backend, READY_MS));
	return 0;
}

static int
stop_world(void **state)
{
	(void)state;
	stop_server(world.backend);
	remove_folder(world.folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_cell_is_empty),
		cmocka_unit_test(others_have_none),
		cmocka_unit_test(settings_are_exact),
		cmocka_unit_test(unknown_stacks_get_all),
		cmocka_unit_test(hostile_facts_are_refused),
		cmocka_unit_test(settings_mend_real_servers),
	};

	return cmocka_run_group_tests(tests, start_world, stop_world);
}
