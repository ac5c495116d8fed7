/* The real program, listening: its lines and JSON, how it ends, what it says where it cannot begin; --like a real server. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/pki_files.h"
#include "model/buf.h"
#include "tests/program.h"

static char *folder;
static struct pki_cert root, leaf;

/* Starts it on a free port; its standard output goes to out.txt, waits until it listens. */
static pid_t
start(const char *const *more, int *port)
{
	const char *argv[24] = { "sh", "-c", "exec \"$0\" \"$@\" >\"$OUT\" 2>\"$ERR\"", mtlscope(), "listen", NULL };
	char number[16];
	size_t n = 6;
	pid_t pid;

	*port = reserve_port();
	snprintf(number, sizeof number, "%d", *port);
	argv[5] = number;
	for (; *more != NULL; more++)
		argv[n++] = *more;
	argv[n] = NULL;
	setenv("OUT", in_folder(folder, "out.txt"), 1);
	setenv("ERR", in_folder(folder, "err.txt"), 1);
	pid = start_server(argv, in_folder(folder, "log.txt"));
	assert_true(wait_for_port(*port, pid, 20000)); /* which is a client that says nothing */
	return pid;
}

static char *
contents(const char *name)
{
	struct run r;
	char *text;

	run_program((const char *const[]){ "cat", in_folder(folder, name), NULL }, NULL, &r);
	text = strdup(buf_str(&r.out));
	run_done(&r);
	return text;
}

static int
ended(pid_t pid)
{
	int how;

	assert_int_equal(waitpid(pid, &how, 0), pid);
	return WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how);
}

static void
call(int port, bool with_certificate)
{
	struct run r;
	char url[64];

	snprintf(url, sizeof url, "https://localhost:%d/", port);
	run_program(with_certificate ? (const char *const[]){ "curl", "-sk", "--cert", in_folder(folder, "leaf.pem"), url, NULL }
				     : (const char *const[]){ "curl", "-sk", url, NULL }, NULL, &r);
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(buf_str(&r.out), with_certificate ? "it came with CN=order-service" : "no client certificate came"));
	run_done(&r);
}

static const char *
text_at(const cJSON *o, const char *name)
{
	const cJSON *x = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(x) ? x->valuestring : "";
}

/* The last line of JSON, of the contract's shape. */
static void
json_lines(void **state)
{
	int port;
	pid_t pid = start((const char *const[]){ "--json", "--cacert", in_folder(folder, "root.pem"), NULL }, &port);
	char *text, *last;
	cJSON *o, *h, *message;

	(void)state;
	call(port, true);
	kill(pid, SIGTERM);
	assert_int_equal(ended(pid), 128 + SIGTERM);
	text = contents("out.txt");
	text[strlen(text) - 1] = '\0';
	last = strrchr(text, '\n') != NULL ? strrchr(text, '\n') + 1 : text;
	o = cJSON_Parse(last);
	assert_non_null(o);
	assert_string_equal(text_at(o, "schema"), "mtlscope.client/1");
	assert_string_equal(text_at(o, "verdict"), "ok");
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(o, "findings")), 0);
	assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(o, "chain")), 1);
	assert_string_equal(text_at(cJSON_GetObjectItemCaseSensitive(o, "stack"), "name"), "OpenSSL");
	h = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "handshakes"), 0);
	assert_string_equal(text_at(h, "outcome"), "accepted-app");
	message = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(h, "messages"), 0);
	assert_string_equal(text_at(message, "from"), "client");
	assert_string_equal(text_at(message, "type"), "ClientHello");
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(h, "sent_certificates")->valueint, 1);
	cJSON_Delete(o);
	free(text);
}

/* For people; --max-time ends it, and the status is the class of what was seen. */
static void
lines(void **state)
{
	int port;
	pid_t pid = start((const char *const[]){ "-m", "3", "--color", "never", NULL }, &port);
	char *out, *err;

	(void)state;
	call(port, false);
	assert_int_equal(ended(pid), 1); /* one said nothing (3), one sent nothing (6): their classes differ */
	out = contents("out.txt");
	err = contents("err.txt");
	assert_non_null(strstr(out, "client.required (high)"));
	assert_non_null(strstr(out, "net."));
	assert_non_null(strstr(out, "curl/"));
	assert_non_null(strstr(err, "only this machine reaches"));
	assert_non_null(strstr(err, "ca.pem"));
	free(out);
	free(err);
}

/* --like: what a real server asks for is asked here. */
static void
like_a_real_server(void **state)
{
	int server_port = reserve_port(), port;
	char place[32], target[40];
	pid_t server, pid;
	char *out, *err;

	(void)state;
	snprintf(place, sizeof place, "%d", server_port);
	snprintf(target, sizeof target, "localhost:%d", server_port);
	server = start_server((const char *const[]){ "openssl", "s_server", "-accept", place, "-cert", in_folder(folder, "leaf.pem"), "-Verify", "3",
	    "-CAfile", in_folder(folder, "root.pem"), "-client_sigalgs", "RSA+SHA256:rsa_pss_rsae_sha256", "-www", "-quiet", NULL }, in_folder(folder, "server.txt"));
	assert_true(wait_for_port(server_port, server, 20000));
	pid = start((const char *const[]){ "--json", "--like", target, "-m", "4", NULL }, &port);
	call(port, false);
	call(port, true); /* it has configured one since, and it is asked without limits: the difference is told */
	assert_int_equal(ended(pid), 1);
	stop_server(server);
	out = contents("out.txt");
	err = contents("err.txt");
	assert_non_null(strstr(err, "1 CA named, 2 signature algorithms"));
	assert_non_null(strstr(out, "\"signature_algorithms\":[\"rsa_pkcs1_sha256\",\"rsa_pss_rsae_sha256\"]"));
	assert_non_null(strstr(out, "\"acceptable_cas\":[\"CN=Acme Root CA\"]"));
	assert_non_null(strstr(out, "\"code\":\"client.not-sent\""));
	free(out);
	free(err);
}

static void
what_cannot_be(void **state)
{
	static const struct {
		const char *words[6];
		int status;
		const char *says;
	} cases[] = {
		{ { NULL }, 2, "needs a port" },
		{ { "abc" }, 2, "expected a port" },
		{ { "1", "2" }, 2, "too many" },
		{ { "203.0.113.9:0" }, 2, "no address of this machine" },
		{ { "0", "--cert", "nowhere.pem" }, 2, "nowhere.pem" },
		{ { "0", "--cacert", "nowhere.pem" }, 2, "nowhere.pem" },
		{ { "0", "--like", "localhost:1" }, 3, "--like localhost:1" },
		{ { "0", "--like", "a b" }, 2, NULL },
		{ { "0", "--servername", "x" }, 2, "--servername" },
		{ { "0", "-m", "0.2" }, 3, "no client came" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *argv[10] = { mtlscope(), "listen" };
		size_t n = 2;
		struct run r;

		for (size_t k = 0; cases[i].words[k] != NULL; k++)
			argv[n++] = cases[i].words[k];
		run_program(argv, NULL, &r);
		if (r.status != cases[i].status || (cases[i].says != NULL && strstr(buf_str(&r.err), cases[i].says) == NULL))
			fail_msg("case %zu: status %d: %s", i, r.status, buf_str(&r.err));
		assert_int_equal(r.out.len, 0);
		run_done(&r);
	}
}

static void
a_port_that_is_taken(void **state)
{
	int port;
	pid_t pid = start((const char *const[]){ NULL }, &port);
	char number[16];
	struct run r;

	(void)state;
	snprintf(number, sizeof number, "%d", port);
	run_program((const char *const[]){ mtlscope(), "listen", number, NULL }, NULL, &r);
	assert_int_equal(r.status, 11);
	assert_non_null(strstr(buf_str(&r.err), "is taken by another program"));
	run_done(&r);
	kill(pid, SIGTERM);
	assert_int_equal(ended(pid), 128 + SIGTERM);
}

static int
set_up(void **state)
{
	const struct pki_cert *roots[] = { &root }, *chain[] = { &leaf };

	(void)state;
	folder = make_folder();
	root = pki_issue(&(struct pki_request){ .cn = "Acme Root CA", .ca = true, .not_before = 1700000000, .not_after = 4000000000,
	    .key_usage = "critical,keyCertSign,cRLSign" }, NULL);
	leaf = pki_issue(&(struct pki_request){ .cn = "order-service", .eku = "clientAuth", .key_usage = "critical,digitalSignature",
	    .not_before = 1700000000, .not_after = 4000000000 }, &root);
	assert_true(pki_write_certs(in_folder(folder, "root.pem"), roots, 1));
	assert_true(pki_write_identity(in_folder(folder, "leaf.pem"), chain, 1));
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	pki_cert_free(&root);
	pki_cert_free(&leaf);
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(json_lines),
		cmocka_unit_test(lines),
		cmocka_unit_test(like_a_real_server),
		cmocka_unit_test(what_cannot_be),
		cmocka_unit_test(a_port_that_is_taken),
	};

	default_signals();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
