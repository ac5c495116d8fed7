/*
 * The key log, which lets Wireshark read what was captured: NSS' format, and the very secrets that the other side
 * has. The server of the test keeps its own; with what both agree on, either can decrypt.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/input.h"
#include "model/memory.h"
#include "tests/engine.h"
#include "tests/program.h"

enum { LOG_MOST = 1024 * 1024 };

/* What the server's side has, a line each. */
static struct buf theirs;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
keep(const SSL *ssl, const char *line)
{
	(void)ssl;
	pthread_mutex_lock(&lock);
	buf_addf(&theirs, "%s\n", line);
	pthread_mutex_unlock(&lock);
}

static void
listen_in(SSL_CTX *ctx, const struct script *s)
{
	(void)s;
	SSL_CTX_set_keylog_callback(ctx, keep);
}

/* https://www.ietf.org/archive/id/draft-ietf-tls-keylogfile: LABEL, the client's random, the secret. */
static void
check_form(const char *line, int version)
{
	static const char *const v12[] = { "CLIENT_RANDOM", NULL };
	static const char *const v13[] = { "CLIENT_HANDSHAKE_TRAFFIC_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
		"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0", "EXPORTER_SECRET", NULL };
	const char *const *labels = version == TLS1_3_VERSION ? v13 : v12;
	size_t label = strcspn(line, " "), random, secret;
	bool known = false;

	for (; *labels != NULL; labels++)
		known = known || (strlen(*labels) == label && strncmp(*labels, line, label) == 0);
	if (!known || line[label] != ' ')
		fail_msg("no label of this version: %s", line);
	random = strspn(line + label + 1, "0123456789abcdef");
	assert_int_equal(random, 64);
	assert_int_equal(line[label + 65], ' ');
	secret = strspn(line + label + 66, "0123456789abcdefABCDEF");
	if (line[label + 66 + secret] != '\0' || (secret != 64 && secret != 96))
		fail_msg("no secret of 32 or 48 bytes: %s", line);
}

static size_t
lines_that_both_have(const char *path, int version)
{
	struct input in = { .len = 0 };
	struct error err = { .code = ERROR_NONE };
	size_t n = 0;
	char *text, *rest, *line;

	if (input_read(path, LOG_MOST, &in, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	text = rest = mem_strndup((const char *)in.bytes, in.len);
	input_free(&in);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '\0' || line[0] == '#')
			continue;
		check_form(line, version);
		if (strstr(buf_str(&theirs), line) == NULL)
			fail_msg("the server has no such line: %s\n%s", line, buf_str(&theirs));
		n++;
	}
	free(text);
	return n;
}

static void
both_sides_agree(void **state)
{
	char *folder = make_folder();

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct script s = { .pki = &engine_pki, .serve = serve_http, .prepare = listen_in, .version = engine_versions[i],
			.verify = ENGINE_MUST, .answer = ENGINE_OK, .tickets = -1 };
		struct script_server *server = script_server_start(&s);
		const char *file = in_folder(folder, i == 0 ? "keys-12" : "keys-13");
		struct examine_options opt = engine_quick();
		struct examination *x;
		size_t lines;

		opt.keylog_file = file;
		x = engine_examine_at(script_server_port(server), &opt, engine_pki.identity, true);
		script_server_stop(server);
		assert_int_equal(engine_baseline(x)->version, engine_versions[i]);
		lines = lines_that_both_have(file, engine_versions[i]);
		assert_true(engine_versions[i] == TLS1_3_VERSION ? lines >= 4 : lines == 1);
		examination_free(x);
		buf_reset(&theirs);
	}
	buf_done(&theirs);
	remove_folder(folder);
}

/* The program itself, by its option and by the variable that curl and browsers know. */
static void
by_option_and_by_variable(void **state)
{
	struct script s = { .pki = &engine_pki, .serve = serve_http, .prepare = listen_in, .version = TLS1_3_VERSION,
		.verify = SSL_VERIFY_PEER, .answer = ENGINE_OK, .tickets = -1 };
	char *folder = make_folder();

	(void)state;
	for (int by_variable = 0; by_variable < 2; by_variable++) {
		struct script_server *server = script_server_start(&s);
		char at[64], variable[4200], file[4096];
		const char *option[] = { mtlscope(), "check", "--quick", at, "--keylog", file, NULL };
		const char *const env[] = { variable, NULL };
		struct run r;

		snprintf(file, sizeof file, "%s", in_folder(folder, by_variable ? "variable" : "option"));
		snprintf(at, sizeof at, "127.0.0.1:%d", script_server_port(server));
		snprintf(variable, sizeof variable, "SSLKEYLOGFILE%s%s", by_variable ? "=" : "", by_variable ? file : "");
		if (by_variable)
			option[4] = NULL;
		run_program(option, &(struct run_options){ .env = env }, &r);
		script_server_stop(server);
		assert_true(lines_that_both_have(file, TLS1_3_VERSION) >= 4);
		assert_int_equal(strstr(buf_str(&r.err), "SSLKEYLOGFILE is set") != NULL, by_variable);
		run_done(&r);
		buf_reset(&theirs);
	}
	buf_done(&theirs);
	remove_folder(folder);
}

/* libcurl knows the variable too: what was said to AWS, tokens and secrets, could be read by whoever could read the file, and it made it for all. */
static void
not_of_what_goes_to_aws(void **state)
{
	struct script s = { .pki = &engine_pki, .serve = serve_http, .prepare = listen_in, .version = TLS1_3_VERSION, .answer = ENGINE_OK, .tickets = -1 };
	struct script_server *server = script_server_start(&s);
	char *folder = make_folder(), file[4096], variable[4200], endpoint[64], home[4200];
	const char *const env[] = { variable, endpoint, home, "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=x", "AWS_REGION=us-east-1", "AWS_MAX_ATTEMPTS=1",
		"AWS_EC2_METADATA_DISABLED=true", NULL };
	struct run r;

	(void)state;
	snprintf(file, sizeof file, "%s", in_folder(folder, "keys"));
	snprintf(variable, sizeof variable, "SSLKEYLOGFILE=%s", file);
	snprintf(home, sizeof home, "HOME=%s", folder);
	snprintf(endpoint, sizeof endpoint, "AWS_ENDPOINT_URL=https://127.0.0.1:%d", script_server_port(server));
	run_program((const char *const[]){ mtlscope(), "pca", "tree", NULL }, &(struct run_options){ .env = env }, &r);
	script_server_stop(server);
	assert_int_equal(r.status, 9);
	assert_true(theirs.len > 0); /* it did speak TLS */
	assert_int_not_equal(access(file, F_OK), 0);
	run_done(&r);
	buf_done(&theirs);
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides_agree),
		cmocka_unit_test(by_option_and_by_variable),
		cmocka_unit_test(not_of_what_goes_to_aws),
	};

	return cmocka_run_group_tests(tests, engine_set_up, engine_tear_down);
}
