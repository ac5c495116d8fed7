/*
 * Real services through STARTTLS: the program is run against PostgreSQL and Exim, and what it says of our
 * certificate is what they do with it.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "tests/program.h"
#include "tests/services.h"

enum service { PG, PG_PLAIN, EXIM_MUST, EXIM_MAY, EXIM_NONE, EXIM_PLAIN, SOCKS, CONNECT, NGINX_H2, NGHTTPD, SSHD, DOVECOT, DOVECOT_POP3, SERVICES };

static char *folder;
static char path_variable[8192]; /* with the ssh that knows the key */
static struct {
	pid_t pid;
	int port;
} servers[SERVICES];

static int
set_up(void **state)
{
	const char *bin = NULL;

	(void)state;
	folder = make_folder();
	service_files(folder);
	servers[PG].pid = service_postgres(folder, true, &servers[PG].port);
	servers[PG_PLAIN].pid = service_postgres(folder, false, &servers[PG_PLAIN].port);
	servers[EXIM_MUST].pid = service_exim(folder, true, "must", &servers[EXIM_MUST].port);
	servers[EXIM_MAY].pid = service_exim(folder, true, "may", &servers[EXIM_MAY].port);
	servers[EXIM_NONE].pid = service_exim(folder, true, "none", &servers[EXIM_NONE].port);
	servers[EXIM_PLAIN].pid = service_exim(folder, false, "none", &servers[EXIM_PLAIN].port);
	servers[SOCKS].pid = service_socks(folder, &servers[SOCKS].port);
	servers[CONNECT].pid = service_connect_proxy(folder, &servers[CONNECT].port);
	servers[NGINX_H2].pid = service_nginx_h2(folder, &servers[NGINX_H2].port);
	servers[NGHTTPD].pid = service_nghttpd(folder, &servers[NGHTTPD].port);
	servers[SSHD].pid = service_sshd(folder, &servers[SSHD].port, &bin);
	snprintf(path_variable, sizeof path_variable, "PATH=%s:%s", bin, getenv("PATH"));
	servers[DOVECOT].pid = servers[DOVECOT_POP3].pid = service_dovecot(folder, &servers[DOVECOT].port, &servers[DOVECOT_POP3].port);
	for (int i = 0; i < SERVICES; i++)
		if (servers[i].pid == 0) {
			print_error("service %d did not start; its log is in %s\n", i, folder);
			return -1;
		}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (int i = 0; i < DOVECOT_POP3; i++)
		stop_server(servers[i].pid);
	remove_folder(folder);
	return 0;
}

/* One run of the program: what is sent, and what must be said of it. */
struct wanted {
	const char *what;
	enum service service;
	const char *protocol;
	const char *us;       /* "right", "other", "expired"; NULL: no certificate */
	const char *from;     /* --interface; or NULL */
	const char *versions; /* --tls-max; or NULL */
	const char *root;     /* root cause, alternatives blank-separated; NULL: none */
	const char *outcome;  /* of the baseline */
	const char *says;     /* a line of the dialogue has this; or NULL */
	int status;
};

static const char *
text_at(const cJSON *object, const char *name)
{
	const char *s = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));

	return s != NULL ? s : "null";
}

static bool
one_of(const char *word, const char *list)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)) != NULL; at += len)
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static bool
was_said(const cJSON *baseline, const char *words)
{
	const cJSON *line;

	cJSON_ArrayForEach(line, cJSON_GetObjectItemCaseSensitive(baseline, "dialogue"))
		if (strstr(text_at(line, "text"), words) != NULL)
			return true;
	return false;
}

static void
check_one(const struct wanted *w)
{
	char target[64], cert[4096], key[4096], ca[4096];
	const char *argv[24] = { mtlscope(), "check", "--json", "--starttls", w->protocol, target, "--cacert", ca };
	size_t n = 8;
	const cJSON *baseline;
	struct run r;
	cJSON *json;

	snprintf(target, sizeof target, "localhost:%d", servers[w->service].port);
	snprintf(ca, sizeof ca, "%s/root.pem", folder);
	if (w->us != NULL) {
		snprintf(cert, sizeof cert, "%s/%s.pem", folder, w->us);
		snprintf(key, sizeof key, "%s/%s.key", folder, w->us);
		argv[n++] = "--cert", argv[n++] = cert, argv[n++] = "--key", argv[n++] = key;
	}
	if (w->from != NULL)
		argv[n++] = "-4", argv[n++] = "--interface", argv[n++] = w->from;
	if (w->status == 3)
		argv[n++] = "--connect-timeout", argv[n++] = "2"; /* who waits for us to begin is silent */
	if (w->versions != NULL)
		argv[n++] = "--tls-max", argv[n++] = w->versions;
	run_program(argv, NULL, &r);
	json = cJSON_Parse(buf_str(&r.out));
	if (json == NULL)
		fail_msg("%s: status %d, no JSON: %s%s", w->what, r.status, buf_str(&r.out), buf_str(&r.err));
	baseline = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "handshakes"), 0);
	if (r.status != w->status || (w->root == NULL ? strcmp(text_at(json, "root_cause"), "null") != 0 : !one_of(text_at(json, "root_cause"), w->root)))
		fail_msg("%s: status %d, root cause %s, expected %d, %s\n%s", w->what, r.status, text_at(json, "root_cause"), w->status,
		    w->root != NULL ? w->root : "none", buf_str(&r.out));
	if (strcmp(text_at(baseline, "outcome"), w->outcome) != 0)
		fail_msg("%s: outcome %s, expected %s\n%s", w->what, text_at(baseline, "outcome"), w->outcome, buf_str(&r.out));
	if (w->says != NULL && !was_said(baseline, w->says))
		fail_msg("%s: nobody said “%s”\n%s", w->what, w->says, buf_str(&r.out));
	assert_string_equal(text_at(cJSON_GetObjectItemCaseSensitive(json, "target"), "starttls"), w->protocol);
	assert_true(cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(baseline, "http_status")));
	cJSON_Delete(json);
	run_done(&r);
}

static void
check_all(const struct wanted *list, size_t len)
{
	for (size_t i = 0; i < len; i++)
		check_one(&list[i]);
}
#define CHECK_ALL(list) check_all(list, sizeof(list) / sizeof(list)[0])

/*
 * A handshake without a certificate succeeds, in both versions: what PostgreSQL wants, it says only after our
 * StartupMessage (knowledge: “diagnosis”, 3.3). With one, the handshake itself judges it.
 */
static void
postgres(void **state)
{
	static const struct wanted list[] = {
		{ "no certificate, none needed", PG, "postgres", NULL, NULL, NULL, "mtls.optional", "accepted-app", "asks for a password", 0 },
		{ "right, none needed", PG, "postgres", "right", NULL, NULL, "mtls.optional", "accepted-app", "asks for a password", 0 },
		{ "right", PG, "postgres", "right", "127.0.0.2", NULL, NULL, "accepted-app", "AuthenticationOk", 0 },
		{ "right, TLS 1.2", PG, "postgres", "right", "127.0.0.2", "1.2", NULL, "accepted-app", "AuthenticationOk", 0 },
		{ "none", PG, "postgres", NULL, "127.0.0.2", NULL, "client.required", "rejected-app", "connection requires a valid client certificate", 6 },
		{ "none, TLS 1.2", PG, "postgres", NULL, "127.0.0.2", "1.2", "client.required", "rejected-app", "connection requires a valid client certificate", 6 },
		{ "other CA", PG, "postgres", "other", "127.0.0.2", NULL, "client.untrusted", "rejected-alert", NULL, 6 },
		{ "expired", PG, "postgres", "expired", "127.0.0.2", "1.2", "client.expired", "rejected-alert", NULL, 6 },
		/* TLS has taken it; that it names another user is the database's affair. */
		{ "right, not the user's", PG, "postgres", "right", "127.0.0.3", NULL, NULL, "accepted-app", "certificate authentication failed", 0 },
		{ "right, no line in pg_hba.conf", PG, "postgres", "right", "127.0.0.4", NULL, "mtls.optional", "accepted-app", "no pg_hba.conf entry", 0 },
		{ "no TLS", PG_PLAIN, "postgres", "right", NULL, NULL, "net.starttls-refused", "network", "N: no TLS here", 3 },
		{ "not SMTP", PG, "smtp", NULL, NULL, NULL, "net.timeout net.closed", "network", NULL, 3 },
	};

	(void)state;
	CHECK_ALL(list);
}

/* Exim is built with GnuTLS here and with OpenSSL elsewhere: where the alerts differ, either is right. */
static void
exim(void **state)
{
	static const struct wanted list[] = {
		{ "right", EXIM_MUST, "smtp", "right", NULL, NULL, NULL, "accepted-app", "250 HELP", 0 },
		{ "right, TLS 1.2", EXIM_MUST, "smtp", "right", NULL, "1.2", NULL, "accepted-app", "250 HELP", 0 },
		{ "none", EXIM_MUST, "smtp", NULL, NULL, NULL, "client.required", "rejected-alert", "220 TLS go ahead", 6 },
		{ "none, TLS 1.2", EXIM_MUST, "smtp", NULL, NULL, "1.2", "client.required client.rejected", "rejected-alert", "220 TLS go ahead", 6 },
		{ "other CA", EXIM_MUST, "smtp", "other", NULL, NULL, "client.untrusted client.rejected", "rejected-alert", NULL, 6 },
		{ "expired", EXIM_MUST, "smtp", "expired", NULL, NULL, "client.expired", "rejected-alert", NULL, 6 },
		{ "optional", EXIM_MAY, "smtp", "right", NULL, NULL, "mtls.optional", "accepted-app", "250 HELP", 0 },
		{ "not asked for", EXIM_NONE, "smtp", "right", NULL, NULL, "mtls.not-requested", "not-asked", "250 HELP", 0 },
		{ "STARTTLS not offered", EXIM_PLAIN, "smtp", "right", NULL, NULL, "net.starttls-refused", "network", "250 HELP", 3 },
		{ "not PostgreSQL", EXIM_MUST, "postgres", NULL, NULL, NULL, "net.starttls-refused", "network", "220", 3 },
		{ "not IMAP", EXIM_MUST, "imap", NULL, NULL, NULL, "net.starttls-refused", "network", "220", 3 },
	};

	(void)state;
	CHECK_ALL(list);
}

/* Dovecot: a certificate that does not verify is let through TLS as well as none; who logs in is judged. */
static void
dovecot(void **state)
{
	static const struct wanted list[] = {
		{ "IMAP, right", DOVECOT, "imap", "right", NULL, NULL, "mtls.optional", "accepted-app", "a2 CAPABILITY", 0 },
		{ "IMAP, none", DOVECOT, "imap", NULL, NULL, "1.2", "mtls.optional", "accepted-app", "a1 OK", 0 },
		{ "POP3, right", DOVECOT_POP3, "pop3", "right", NULL, NULL, "mtls.optional", "accepted-app", "CAPA", 0 },
		{ "POP3 is no IMAP", DOVECOT_POP3, "imap", NULL, NULL, NULL, "net.starttls-refused", "network", "+OK", 3 },
	};

	(void)state;
	CHECK_ALL(list);
}

/* ---- proxies ---- */

/*
 * Through a real SOCKS 5 and a real CONNECT proxy, and through ssh. {S}, {C} and {H} are their places, {F} is a port where nobody listens; the
 * target is Exim, which speaks first, or PostgreSQL, which does not.
 */
static const struct {
	const char *what;
	enum service service;
	const char *protocol;
	const char *host;      /* of the target */
	const char *options[6];
	const char *env[3];
	const char *root, *through, *says;
	int status;
} through[] = {
	{ "CONNECT", EXIM_MUST, "smtp", "localhost", { "-x", "http://me:secret@{C}" }, { NULL }, NULL, "http://{C}", "CONNECT localhost:", 0 },
	{ "CONNECT to a database", PG, "postgres", "localhost", { "-x", "http://me:secret@{C}" }, { NULL }, "mtls.optional", "http://{C}", "asks for a password", 0 },
	{ "CONNECT, no password", EXIM_MUST, "smtp", "localhost", { "-x", "{C}" }, { NULL }, "net.proxy-failed", "http://{C}", "407", 3 },
	{ "CONNECT, a wrong password", EXIM_MUST, "smtp", "localhost", { "-x", "http://me:wrong@{C}" }, { NULL }, "net.proxy-failed", "http://{C}", "401", 3 },
	{ "CONNECT, nobody there", EXIM_MUST, "smtp", "127.0.0.1:{F}", { "-x", "http://me:secret@{C}" }, { NULL }, "net.proxy-failed", "http://{C}", "50", 3 },
	{ "SOCKS, the proxy resolves", EXIM_MUST, "smtp", "localhost", { "-x", "socks5h://me:secret@{S}" }, { NULL }, NULL, "socks5h://{S}", "CONNECT localhost:", 0 },
	{ "SOCKS, we resolve", EXIM_MUST, "smtp", "localhost", { "-4", "-x", "socks5://me:secret@{S}" }, { NULL }, NULL, "socks5://{S}", "CONNECT 127.0.0.1:", 0 },
	{ "SOCKS, --resolve", PG, "postgres", "localhost", { "--resolve", "*:{P}:127.0.0.1", "-x", "socks5://me:secret@{S}" }, { NULL }, "mtls.optional", "socks5://{S}", "CONNECT 127.0.0.1:", 0 },
	{ "SOCKS, --connect-to", EXIM_MUST, "smtp", "localhost:9", { "--connect-to", "localhost:9:127.0.0.1:{P}", "-x", "socks5h://me:secret@{S}" }, { NULL }, NULL, "socks5h://{S}", "CONNECT 127.0.0.1:", 0 },
	{ "SOCKS, a wrong password", EXIM_MUST, "smtp", "localhost", { "-x", "socks5h://me:wrong@{S}" }, { NULL }, "net.proxy-failed", "socks5h://{S}", "password is refused", 3 },
	{ "SOCKS, no password", EXIM_MUST, "smtp", "localhost", { "-x", "socks5h://{S}" }, { NULL }, "net.proxy-failed", "socks5h://{S}", NULL, 3 },
	{ "SOCKS, nobody there", EXIM_MUST, "smtp", "127.0.0.1:{F}", { "-x", "socks5h://me:secret@{S}" }, { NULL }, "net.proxy-failed", "socks5h://{S}", "5: Connection refused", 3 },
	{ "ssh", EXIM_MUST, "smtp", "localhost", { "--via", "ssh:{H}" }, { "PATH" }, NULL, "ssh:{H}", "ssh -W localhost:", 0 },
	{ "ssh to a database", PG, "postgres", "localhost", { "--quick", "--via", "ssh:{H}" }, { "PATH" }, NULL, "ssh:{H}", "asks for a password", 0 },
	{ "ssh, nobody there", EXIM_MUST, "smtp", "127.0.0.1:{F}", { "--via", "ssh:{H}" }, { "PATH" }, "net.proxy-failed", "ssh:{H}", "open failed: connect failed: Connection refused", 3 },
	{ "ssh, no sshd", EXIM_MUST, "smtp", "localhost", { "--via", "ssh:127.0.0.1:{F}" }, { "PATH" }, "net.proxy-failed", "ssh:127.0.0.1:{F}", "Connection refused", 3 },
	{ "ssh, another user", EXIM_MUST, "smtp", "localhost", { "--via", "ssh:not-a-user@{H}" }, { "PATH" }, "net.proxy-failed", "ssh:not-a-user@{H}", "Permission denied", 3 },
	{ "no ssh", EXIM_MUST, "smtp", "localhost", { "--via", "ssh:{H}" }, { "PATH=/nowhere" }, "net.proxy-failed", "ssh:{H}", NULL, 3 },
	{ "the environment", EXIM_MUST, "smtp", "localhost", { NULL }, { "ALL_PROXY=socks5h://me:secret@{S}", NULL }, NULL, "socks5h://{S}", NULL, 0 },
	{ "the environment, for https only", EXIM_MUST, "smtp", "localhost", { NULL }, { "HTTPS_PROXY=socks5h://me:secret@{S}", NULL }, NULL, NULL, NULL, 0 },
	{ "NO_PROXY", EXIM_MUST, "smtp", "localhost", { NULL }, { "all_proxy=socks5h://me:secret@{S}", "NO_PROXY=x,localhost", NULL }, NULL, NULL, NULL, 0 },
	{ "--noproxy", EXIM_MUST, "smtp", "localhost", { "-x", "socks5h://me:secret@{S}", "--noproxy", "*" }, { NULL }, NULL, NULL, NULL, 0 },
};

/* Puts the places in. */
static const char *
placed(const char *words, enum service service, int free)
{
	static char ring[16][256];
	static unsigned next;
	char *out = ring[next++ % 16];
	size_t n = 0;

	for (; *words != '\0' && n < 200; words++) {
		if (*words != '{') {
			out[n++] = *words;
			continue;
		}
		n += (size_t)snprintf(out + n, 40, words[1] == 'F' || words[1] == 'P' ? "%d" : "127.0.0.1:%d",
		    words[1] == 'S' ? servers[SOCKS].port : words[1] == 'C' ? servers[CONNECT].port : words[1] == 'H' ? servers[SSHD].port : words[1] == 'F' ? free : servers[service].port);
		words += 2;
	}
	out[n] = '\0';
	return out;
}

static void
go_through(size_t i)
{
	char target[300], cert[4096], key[4096], ca[4096];
	const char *argv[24] = { mtlscope(), "check", "--json", "--starttls", through[i].protocol, target, "--cacert", ca, "--cert", cert,
		"--key", key };
	const char *env[8] = { "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY" }; /* whoever runs the tests may have some */
	const cJSON *baseline;
	size_t n = 12;
	int free = reserve_port();
	struct run r;
	cJSON *json;

	snprintf(ca, sizeof ca, "%s/root.pem", folder);
	snprintf(cert, sizeof cert, "%s/right.pem", folder);
	snprintf(key, sizeof key, "%s/right.key", folder);
	if (strchr(through[i].host, ':') != NULL)
		snprintf(target, sizeof target, "%s", placed(through[i].host, through[i].service, free));
	else
		snprintf(target, sizeof target, "%s:%d", through[i].host, servers[through[i].service].port);
	for (size_t k = 0; k < 6 && through[i].options[k] != NULL; k++)
		argv[n++] = placed(through[i].options[k], through[i].service, free);
	for (size_t k = 0; k < 3 && through[i].env[k] != NULL; k++)
		env[3 + k] = strcmp(through[i].env[k], "PATH") == 0 ? path_variable : placed(through[i].env[k], through[i].service, free);
	run_program(argv, &(struct run_options){ .env = env }, &r);
	json = cJSON_Parse(buf_str(&r.out));
	if (json == NULL)
		fail_msg("%s: status %d, no JSON: %s%s", through[i].what, r.status, buf_str(&r.out), buf_str(&r.err));
	baseline = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "handshakes"), 0);
	if (r.status != through[i].status || strcmp(text_at(json, "root_cause"), through[i].root != NULL ? through[i].root : "null") != 0)
		fail_msg("%s: status %d, root cause %s\n%s", through[i].what, r.status, text_at(json, "root_cause"), buf_str(&r.out));
	assert_string_equal(text_at(baseline, "proxy"), through[i].through != NULL ? placed(through[i].through, through[i].service, free) : "null");
	if (through[i].says != NULL && !was_said(baseline, through[i].says))
		fail_msg("%s: nobody said “%s”\n%s", through[i].what, through[i].says, buf_str(&r.out));
	if (strstr(buf_str(&r.out), "secret") != NULL || strstr(buf_str(&r.out), "wrong") != NULL || strstr(buf_str(&r.err), "secret") != NULL)
		fail_msg("%s: the password is shown: %s%s", through[i].what, buf_str(&r.out), buf_str(&r.err));
	cJSON_Delete(json);
	run_done(&r);
}

static void
through_proxies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof through / sizeof through[0]; i++)
		go_through(i);
}

/* sshd drops connections where more than ten are on their way in: healthy targets were said to be down. */
static void
many_through_one_sshd(void **state)
{
	enum { MANY = 40 };
	char ca[4096], file[4096];
	const char *env[] = { path_variable, NULL };
	const char *argv[] = { mtlscope(), "check", "--quick", "--json", "--starttls", "postgres", "--cacert", ca, "--targets", file,
		"--via", placed("ssh:{H}", PG, 0), NULL };
	struct buf lines = { 0 };
	struct run r;

	(void)state;
	snprintf(ca, sizeof ca, "%s/root.pem", folder);
	snprintf(file, sizeof file, "%s/many", folder);
	for (int i = 0; i < MANY; i++)
		buf_addf(&lines, "localhost:%d\n", servers[PG].port);
	assert_true(write_file(file, buf_str(&lines), lines.len));
	buf_done(&lines);
	run_program(argv, &(struct run_options){ .env = env }, &r);
	if (strstr(buf_str(&r.out), "net.proxy-failed") != NULL || strstr(buf_str(&r.out), "postgres") == NULL)
		fail_msg("status %d: %.2000s%s", r.status, buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
}

/* ---- HTTP/2 ---- */

static const struct {
	const char *what;
	enum service service;
	const char *us;
	const char *options[4];
	const char *root, *alpn;
	int http_status, status;
} over_http2[] = {
	{ "nginx, right", NGINX_H2, "right", { "--http2" }, NULL, "h2", 200, 0 },
	{ "nginx, none", NGINX_H2, NULL, { "--http2" }, "client.required", "h2", 400, 6 },
	{ "nginx, other CA", NGINX_H2, "other", { "--http2", "--tls-max", "1.2" }, "client.untrusted", "h2", 400, 6 },
	{ "nginx, HTTP/1.1", NGINX_H2, "right", { "--http1.1" }, NULL, "http/1.1", 200, 0 },
	{ "nghttpd, not found", NGHTTPD, "right", { "--alpn", "h2", "--path", "/nothing" }, "mtls.not-verified mtls.optional chain.root-included", "h2", 404, 0 },
	{ "nghttpd, found", NGHTTPD, "right", { "--http2", "--path", "/root.pem" }, "mtls.not-verified mtls.optional", "h2", 200, 0 },
};

static void
http2(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof over_http2 / sizeof over_http2[0]; i++) {
		char target[64], cert[4096], key[4096], ca[4096];
		const char *argv[24] = { mtlscope(), "check", "--json", target, "--cacert", ca };
		const cJSON *baseline;
		size_t n = 6;
		struct run r;
		cJSON *json;

		snprintf(target, sizeof target, "localhost:%d", servers[over_http2[i].service].port);
		snprintf(ca, sizeof ca, "%s/root.pem", folder);
		snprintf(cert, sizeof cert, "%s/%s.pem", folder, over_http2[i].us != NULL ? over_http2[i].us : "");
		snprintf(key, sizeof key, "%s/%s.key", folder, over_http2[i].us != NULL ? over_http2[i].us : "");
		if (over_http2[i].us != NULL)
			argv[n++] = "--cert", argv[n++] = cert, argv[n++] = "--key", argv[n++] = key;
		for (size_t k = 0; k < 4 && over_http2[i].options[k] != NULL; k++)
			argv[n++] = over_http2[i].options[k];
		run_program(argv, NULL, &r);
		json = cJSON_Parse(buf_str(&r.out));
		if (json == NULL)
			fail_msg("%s: status %d, no JSON: %s%s", over_http2[i].what, r.status, buf_str(&r.out), buf_str(&r.err));
		baseline = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(json, "handshakes"), 0);
		if ((over_http2[i].status != 0 && r.status != over_http2[i].status) || (over_http2[i].root == NULL ? strcmp(text_at(json, "root_cause"), "null") != 0 :
		    !one_of(text_at(json, "root_cause"), over_http2[i].root)))
			fail_msg("%s: status %d, root cause %s\n%s", over_http2[i].what, r.status, text_at(json, "root_cause"), buf_str(&r.out));
		assert_string_equal(text_at(baseline, "alpn"), over_http2[i].alpn);
		assert_int_equal(cJSON_GetObjectItemCaseSensitive(baseline, "http_status")->valueint, over_http2[i].http_status);
		cJSON_Delete(json);
		run_done(&r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(postgres),
		cmocka_unit_test(exim),
		cmocka_unit_test(dovecot),
		cmocka_unit_test(through_proxies),
		cmocka_unit_test(many_through_one_sshd),
		cmocka_unit_test(http2),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
