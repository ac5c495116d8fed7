/*
 * The seed story on the lab's private CA, by clients that this project did not write: both AWS CLIs, both boto3s, and the SDK for
 * JavaScript; and what they got, judged by openssl: its chains verify, and mutual TLS works with it and refuses the wrong ones.
 * Then the services beside it. All clients run at once. One that is not on this machine is left out and said; in CI that is a
 * failure.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lab/cloud_internal.h"
#include "lab/sql.h"
#include "tests/aws_cli.h"
#include "tests/aws_lab.h"
#include "tests/program.h"

/* The distribution's own, and those beside the python3 that comes first on PATH. */
#define DEBIAN_CLI "/usr/bin/aws"
#define DEBIAN_PYTHON "/usr/bin/python3"
#define SDK "build-servers/js"
#define JS_BUCKET "story-of-javascript"

enum { DEADLINE_S = 600, PROGRAM_MS = 20000, WORDS = 24 };

enum teller { CLI_1, CLI_2, BOTO_NEW, BOTO_OLD, SCRIPT, TELLERS };
static struct told {
	const char *name, *key, *algorithm;
	bool here;
	pid_t pid;
	char folder[4096], log[4096];
} told[TELLERS] = {
	[CLI_1] = { .name = "aws-cli-1", .key = "RSA_2048", .algorithm = "SHA256WITHRSA" },
	[CLI_2] = { .name = "aws-cli-2", .key = "EC_prime256v1", .algorithm = "SHA256WITHECDSA" },
	[BOTO_NEW] = { .name = "boto3-new", .key = "EC_secp384r1", .algorithm = "SHA384WITHECDSA" },
	[BOTO_OLD] = { .name = "boto3-old", .key = "RSA_2048", .algorithm = "SHA512WITHRSA" },
	[SCRIPT] = { .name = "javascript", .key = "EC_prime256v1", .algorithm = "SHA256WITHECDSA" },
};

static struct aws_lab lab;
static char our_cli[4096], our_python[4096]; /* "": none */
static struct aws_cli clis[2]; /* of CLI_1 and CLI_2 */
static struct run ran;

/* ---- what is on this machine ---- */

static bool
works(const char *const argv[])
{
	struct run r;

	run_program(argv, &(struct run_options){ .deadline_ms = PROGRAM_MS }, &r);
	bool good = r.status == 0;
	run_done(&r);
	return good;
}

static void
look_around(void)
{
	static const char *const ask[] = { "python3", "-c", "import sys, os, boto3\nif sys.executable != '" DEBIAN_PYTHON "': print(sys.executable, "
	    "os.path.join(os.path.dirname(sys.executable), 'aws'), sep='\\n')", NULL };
	struct run r;

	run_program(ask, &(struct run_options){ .deadline_ms = PROGRAM_MS }, &r);
	if (r.status == 0 && sscanf(buf_str(&r.out), "%4095[^\n]\n%4095[^\n]", our_python, our_cli) == 2 && access(our_cli, X_OK) != 0)
		our_cli[0] = '\0';
	run_done(&r);
	told[CLI_1].here = our_cli[0] != '\0';
	told[BOTO_NEW].here = our_python[0] != '\0';
	told[CLI_2].here = access(DEBIAN_CLI, X_OK) == 0;
	told[BOTO_OLD].here = works((const char *const[]){ DEBIAN_PYTHON, "-c", "import boto3", NULL });
	told[SCRIPT].here = access(SDK "/node_modules/@aws-sdk/client-acm-pca/package.json", R_OK) == 0 && works((const char *const[]){ "node", "--version", NULL });
}

/* ---- starting and waiting ---- */

/* Starts a client in the background, with the lab's keys and nothing of whoever runs the tests. words: NULL-terminated. */
static pid_t
start_client(const char *log, const char *const words[])
{
	char key[64], secret[128], deadline[16];
	const char *argv[WORDS] = { "timeout", deadline, "env", key, secret, "AWS_DEFAULT_REGION=" CLOUD_REGION, "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null" };
	size_t n = 10;

	snprintf(deadline, sizeof deadline, "%d", DEADLINE_S);
	snprintf(key, sizeof key, "AWS_ACCESS_KEY_ID=%s", cloud_access_key(lab.cloud));
	snprintf(secret, sizeof secret, "AWS_SECRET_ACCESS_KEY=%s", cloud_secret(lab.cloud));
	for (; *words != NULL; words++) {
		assert_true(n + 1 < WORDS);
		argv[n++] = *words;
	}
	return start_server(argv, log);
}

static void
start_story(struct told *t, const char *const before[2], const char *more)
{
	const char *words[WORDS] = { before[0], before[1] };
	size_t n = before[1] != NULL ? 2 : 1;

	if (!t->here)
		return;
	if (strstr(before[1], ".sh") != NULL)
		words[n++] = more;
	words[n++] = cloud_url(lab.cloud);
	words[n++] = t->folder;
	words[n++] = t->key;
	words[n++] = t->algorithm;
	if (t == &told[SCRIPT]) {
		words[n++] = more;
		words[n++] = JS_BUCKET;
	}
	t->pid = start_client(t->log, words);
}

/* Both command lines load once, and the story and the services call them. */
static void
start_clis(void)
{
	const char *const paths[2] = { our_cli, DEBIAN_CLI };

	for (size_t i = 0; i < 2; i++) {
		char folder[4096];

		snprintf(folder, sizeof folder, "%.4000s/cli-%zu", lab.folder, i + 1);
		assert_int_equal(mkdir(folder, 0700), 0);
		if (told[CLI_1 + i].here)
			aws_cli_start(&clis[i], paths[i], folder);
	}
}

static int
start_all(void **state)
{
	(void)state;
	look_around();
	aws_lab_start(&lab);
	start_clis();
	for (size_t i = 0; i < TELLERS; i++) {
		snprintf(told[i].folder, sizeof told[i].folder, "%s/%s", lab.folder, told[i].name);
		snprintf(told[i].log, sizeof told[i].log, "%s/%s.log", lab.folder, told[i].name);
		run_program((const char *const[]){ "mkdir", told[i].folder, NULL }, NULL, &ran);
		run_done(&ran);
	}
	/* JavaScript's SDK that is tested with has the private CA only: its bucket is there before. */
	assert_true(sql_do(cloud_db(lab.cloud), "INSERT INTO s3_buckets(name, region, owner, created) VALUES (?, ?, ?, 0)", "ttt", JS_BUCKET, CLOUD_REGION,
	    CLOUD_ACCOUNT));
	start_story(&told[CLI_2], (const char *const[]){ "bash", "tests/aws/story.sh" }, clis[1].path);
	start_story(&told[CLI_1], (const char *const[]){ "bash", "tests/aws/story.sh" }, clis[0].path);
	start_story(&told[BOTO_NEW], (const char *const[]){ our_python, "tests/aws/story.py" }, NULL);
	start_story(&told[BOTO_OLD], (const char *const[]){ DEBIAN_PYTHON, "tests/aws/story.py" }, NULL);
	start_story(&told[SCRIPT], (const char *const[]){ "node", "tests/aws/story.mjs" }, SDK);
	return 0;
}

static int
stop_all(void **state)
{
	(void)state;
	for (size_t i = 0; i < TELLERS; i++)
		if (told[i].pid > 0)
			stop_server(told[i].pid);
	for (size_t i = 0; i < 2; i++)
		aws_cli_stop(&clis[i]);
	aws_lab_stop(&lab);
	return 0;
}

static void
left_out(const char *name)
{
	if (getenv("CI") != NULL)
		fail_msg("%s is not on this machine", name);
	print_message("left out: %s is not on this machine\n", name);
	skip();
}

static void
print_log(const char *log)
{
	run_program((const char *const[]){ "tail", "-n", "30", log, NULL }, NULL, &ran);
	print_message("%s", buf_str(&ran.out));
	run_done(&ran);
}

static void
wait_for(pid_t pid, const char *name, const char *log)
{
	int how = 0;

	assert_int_equal(waitpid(pid, &how, 0), pid);
	print_log(log);
	if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
		fail_msg("%s: status %d (124: it took more than %d s)", name, WIFEXITED(how) ? WEXITSTATUS(how) : 128 + WTERMSIG(how), DEADLINE_S);
}

/* ---- what openssl says of what they got ---- */

/* A file of a story, or "file!" as an option's value that is left as it is. */
static int
openssl_in(const struct told *t, const char *const argv[], const char *input)
{
	const char *words[32] = { "sh", "-c", "cd \"$0\" && exec \"$@\"", t->folder, "openssl" };
	size_t n = 5;

	for (; *argv != NULL; argv++)
		words[n++] = *argv;
	run_program(words, &(struct run_options){ .deadline_ms = PROGRAM_MS, .input = input, .input_len = input != NULL ? strlen(input) : 0 }, &ran);
	return ran.status;
}

static void
chains_verify(const struct told *t)
{
	static const struct {
		const char *purpose, *leaf, *chain;
		bool good;
	} cases[] = {
		{ "sslserver", "server.pem", "server-chain.pem", true },
		{ "sslclient", "client.pem", "client-chain.pem", true },
		{ "sslclient", "revoked.pem", "client-chain.pem", true }, /* no list was asked */
		{ "sslclient", "server.pem", "server-chain.pem", false },
		{ "sslserver", "client.pem", "client-chain.pem", false },
		{ "sslserver", "server.pem", "root.pem", false }, /* the issuing CA is missing */
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int result = openssl_in(t, (const char *const[]){ "verify", "-x509_strict", "-purpose", cases[i].purpose, "-CAfile", "root.pem", "-untrusted",
		    cases[i].chain, cases[i].leaf, NULL }, NULL);
		if ((result == 0) != cases[i].good)
			fail_msg("%s: %s as %s: %s%s", t->name, cases[i].leaf, cases[i].purpose, buf_str(&ran.out), buf_str(&ran.err));
		run_done(&ran);
	}
	/* The list is the issuing CA's own, and names the one that was revoked. */
	assert_int_equal(openssl_in(t, (const char *const[]){ "verify", "-crl_check", "-CRLfile", "crl.der", "-CAfile", "root.pem", "-untrusted",
	    "client-chain.pem", "client.pem", NULL }, NULL), 0);
	run_done(&ran);
	assert_int_not_equal(openssl_in(t, (const char *const[]){ "verify", "-crl_check", "-CRLfile", "crl.der", "-CAfile", "root.pem", "-untrusted",
	    "client-chain.pem", "revoked.pem", NULL }, NULL), 0);
	if (strstr(buf_str(&ran.err), "revoked") == NULL)
		fail_msg("%s: %s", t->name, buf_str(&ran.err));
	run_done(&ran);
}

/* A client's request over TLS to the server of the story, which asks for a certificate: is it answered? */
static bool
gets_through(const struct told *t, const char *to, const char *identity, const char *trust)
{
	char cert[64], key[64], chain[64];
	const char *argv[] = { "s_client", "-quiet", "-connect", to, "-CAfile", trust, "-verify_return_error", "-verify_hostname", "localhost",
		identity != NULL ? "-cert" : NULL, cert, "-key", key, "-cert_chain", chain, NULL };

	snprintf(cert, sizeof cert, "%s.pem", identity != NULL ? identity : "");
	snprintf(key, sizeof key, "%s.key", identity != NULL ? identity : "");
	snprintf(chain, sizeof chain, "%s-chain.pem", identity != NULL ? identity : "");
	openssl_in(t, argv, "GET / HTTP/1.0\r\n\r\n");
	bool through = strstr(buf_str(&ran.out), "HTTP/1.0 200") != NULL;
	run_done(&ran);
	return through;
}

static void
speaks_mutual_tls(const struct told *t)
{
	char to[32], log[4200];
	int port = reserve_port();
	static const struct {
		const char *identity, *trust, *what;
		bool good;
	} cases[] = {
		{ "client", "root.pem", "the client's own", true },
		{ NULL, "root.pem", "no certificate", false },
		{ "server", "root.pem", "a server's certificate", false },
		{ "revoked", "root.pem", "a revoked one", false },
		{ "stranger", "root.pem", "a stranger's", false },
		{ "client", "stranger-chain.pem", "who trusts another root", false },
	};

	/* A stranger has a CA of the same name, and all else right. */
	assert_int_equal(openssl_in(t, (const char *const[]){ "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
	    "stranger.key", "-out", "stranger.pem", "-subj", "/CN=client.story", "-addext", "extendedKeyUsage=clientAuth", NULL }, NULL), 0);
	run_done(&ran);
	assert_int_equal(openssl_in(t, (const char *const[]){ "x509", "-in", "stranger.pem", "-out", "stranger-chain.pem", NULL }, NULL), 0);
	run_done(&ran);
	/* s_server reads lists in PEM where it is told nothing else, and from its trust file. */
	assert_int_equal(openssl_in(t, (const char *const[]){ "crl", "-inform", "DER", "-in", "crl.der", "-out", "crl.pem", NULL }, NULL), 0);
	run_done(&ran);
	snprintf(to, sizeof to, "127.0.0.1:%d", port);
	snprintf(log, sizeof log, "%s/s_server.log", t->folder);
	pid_t server = start_server((const char *const[]){ "sh", "-c", "cd \"$0\" && exec \"$@\"", t->folder, "openssl", "s_server", "-accept", to, "-cert",
	    "server.pem", "-key", "server.key", "-cert_chain", "server-chain.pem", "-CAfile", "root.pem", "-chainCAfile", "root.pem", "-Verify", "4",
	    "-verify_return_error", "-crl_check", "-CRL", "crl.pem", "-www", "-quiet", NULL }, log);
	if (!wait_for_port(port, server, PROGRAM_MS))
		fail_msg("%s: openssl's server does not start", t->name);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		if (gets_through(t, to, cases[i].identity, cases[i].trust) != cases[i].good) {
			print_log(log);
			fail_msg("%s: %s %s", t->name, cases[i].what, cases[i].good ? "does not get through" : "gets through");
		}
	stop_server(server);
}

static void
tell(enum teller which)
{
	struct told *t = &told[which];
	pid_t pid = t->pid;

	if (!t->here)
		left_out(t->name);
	t->pid = 0;
	wait_for(pid, t->name, t->log);
	chains_verify(t);
	speaks_mutual_tls(t);
}

static void
boto3_of_the_image(void **state)
{
	(void)state;
	tell(BOTO_NEW);
}

static void
boto3_of_debian(void **state)
{
	(void)state;
	tell(BOTO_OLD);
}

static void
sdk_for_javascript(void **state)
{
	(void)state;
	tell(SCRIPT);
}

static void
cli_of_the_image(void **state)
{
	(void)state;
	tell(CLI_1);
}

static void
cli_of_debian(void **state)
{
	(void)state;
	tell(CLI_2);
}

/* The services beside it want a root and a list of a story that is over. */
static void
services_beside(void **state)
{
	const struct told *over = told[BOTO_NEW].here ? &told[BOTO_NEW] : &told[BOTO_OLD];
	pid_t pids[3] = { 0 };
	char logs[3][4200];
	const char *const commands[3][2] = { { our_python, "tests/aws/services.py" }, { DEBIAN_PYTHON, "tests/aws/services.py" }, { "bash", "tests/aws/services.sh" } };
	const bool here[3] = { told[BOTO_NEW].here, told[BOTO_OLD].here, told[CLI_1].here };

	(void)state;
	if (!over->here)
		left_out("boto3");
	for (size_t i = 0; i < 3; i++) {
		snprintf(logs[i], sizeof logs[i], "%s/services-%zu.log", lab.folder, i);
		if (here[i])
			pids[i] = i < 2 ? start_client(logs[i], (const char *const[]){ commands[i][0], commands[i][1], cloud_url(lab.cloud), over->folder, NULL }) :
			    start_client(logs[i], (const char *const[]){ commands[i][0], commands[i][1], clis[0].path, cloud_url(lab.cloud), over->folder, NULL });
	}
	for (size_t i = 0; i < 3; i++)
		if (here[i])
			wait_for(pids[i], commands[i][1], logs[i]);
}

int
main(int argc, char *argv[])
{
	int cli;

	if (aws_cli_called(argc, argv, &cli))
		return cli;
	/* The quick ones first: the services start while the command lines are still at it. */
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boto3_of_the_image),
		cmocka_unit_test(boto3_of_debian),
		cmocka_unit_test(sdk_for_javascript),
		cmocka_unit_test(services_beside),
		cmocka_unit_test(cli_of_the_image),
		cmocka_unit_test(cli_of_debian),
	};

	return cmocka_run_group_tests_name("aws_clients", tests, start_all, stop_all);
}
