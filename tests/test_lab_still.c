/*
 * The repeatable lab: with --at, --seed and --first-port it is the same in every run, byte for byte;
 * `check --at` of that time finds in it what it finds in a lab of today. And what --at must not do:
 * make anything but certificates repeatable, or have a real server's clock called wrong.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <arpa/inet.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lab/repeat.h"
#include "model/buf.h"
#include "model/memory.h"
#include "tests/lab_process.h"
#include "tests/program.h"

#define AT "2026-03-01T12:00:00Z"
enum { MOST_ARGS = 40, PORTS = 400 /* a row for one lab, and the port that says whose it is */ };

static char *folder;

static int
set_up(void **state)
{
	(void)state;
	folder = make_folder();
	return folder == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static const char *
text_of_item(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static const cJSON *
endpoints_of(const struct lab_process *lab)
{
	return cJSON_GetObjectItemCaseSensitive(lab->json, "endpoints");
}

/* The next row that nobody else who runs this test has: its last port is held until the end. 0: there is none. */
static int
claim_row(void)
{
	static int next = 20000;

	while (next + 2 * PORTS < 32768) {
		struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)(next + 2 * PORTS - 1)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

		next += PORTS;
		if (bind(fd, (const struct sockaddr *)&a, sizeof a) == 0)
			return next;
		close(fd);
	}
	return 0;
}

/* A lab at a place of its own below the ports that the kernel gives out: 32,768 and up on Linux. */
static void
start_at(struct lab_process *lab, const char *seed_dir, int seed, char first_port[16])
{
	for (int tries = 0; tries < 20; tries++) {
		const char *options[] = { "--at", AT, "--first-port", first_port, "--dir", seed_dir, NULL };
		if (first_port[0] == '\0' || tries > 0)
			snprintf(first_port, 16, "%d", claim_row());
		if (lab_process_start_with(lab, seed, options))
			return;
	}
	fail_msg("no free row of ports");
}

/* SHA-256 of every file that the JSON names, in its order. */
static char *
files_of(const struct lab_process *lab)
{
	static const char *const items[] = { "cert", "key", "cacert" };
	struct buf out = { 0 };
	const cJSON *e;

	cJSON_ArrayForEach(e, endpoints_of(lab)) {
		for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
			const char *path = text_of_item(e, items[i]);
			unsigned char bytes[65536], hash[SHA256_DIGEST_LENGTH];
			FILE *f = path != NULL ? fopen(path, "r") : NULL;
			if (f == NULL)
				continue;
			size_t len = fread(bytes, 1, sizeof bytes, f);
			fclose(f);
			assert_true(len > 0);
			SHA256(bytes, len, hash);
			buf_addf(&out, "%s ", path);
			for (size_t k = 0; k < sizeof hash; k++)
				buf_addf(&out, "%02x", hash[k]);
			buf_addc(&out, '\n');
		}
	}
	return out.data;
}

/* What one lab was: its JSON, and the files it named. */
struct lab_trace {
	char *json, *files;
};

static struct lab_trace
trace_of(int seed, const char *dir, char first_port[16])
{
	struct lab_process lab;
	struct lab_trace t;
	char *text;

	start_at(&lab, dir, seed, first_port);
	text = cJSON_PrintUnformatted(lab.json);
	t = (struct lab_trace){ .json = mem_strdup(text), .files = files_of(&lab) };
	cJSON_free(text);
	lab_process_stop(&lab);
	return t;
}

static void
trace_done(struct lab_trace *t)
{
	free(t->json);
	free(t->files);
}

/* The same seed, time and port: the same bytes. Another seed: other keys. */
static void
two_labs_are_one(void **state)
{
	static const int seeds[] = { 0, 1, 5 }; /* 5 has RSA keys, which two threads make */
	char port[16] = "";

	(void)state;
	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
		char dir[64];
		snprintf(dir, sizeof dir, "lab-%d", seeds[i]);
		const char *place = in_folder(folder, dir);
		struct lab_trace a = trace_of(seeds[i], place, port), b = trace_of(seeds[i], place, port);
		assert_string_equal(a.json, b.json);
		assert_string_equal(a.files, b.files);
		trace_done(&a);
		trace_done(&b);
	}
}

/* Without --at nothing is repeatable: nobody may know the keys of a lab that was not asked to be known. */
static void
without_at_keys_are_new(void **state)
{
	const char *place = in_folder(folder, "new");
	const char *options[] = { "--dir", place, NULL };
	char *files[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct lab_process lab;
		assert_true(lab_process_start_with(&lab, 0, options));
		files[i] = files_of(&lab);
		lab_process_stop(&lab);
	}
	assert_string_not_equal(files[0], files[1]);
	free(files[0]);
	free(files[1]);
}

/* Endpoints that listen do so one port after the other, in the table's order. */
static void
ports_follow_the_table(void **state)
{
	struct lab_process lab;
	char port[16] = "";
	const cJSON *e;
	long next;

	(void)state;
	start_at(&lab, in_folder(folder, "ports"), 0, port);
	next = strtol(port, NULL, 10);
	cJSON_ArrayForEach(e, endpoints_of(&lab)) {
		char expected[32];
		snprintf(expected, sizeof expected, "127.0.0.1:%ld", next);
		if (strncmp(text_of_item(e, "address"), "127.0.0.1:", 10) != 0)
			continue; /* a name or an address that leads nowhere */
		assert_string_equal(text_of_item(e, "address"), expected);
		next++;
	}
	lab_process_stop(&lab);
}

static void
a_port_that_is_taken(void **state)
{
	struct lab_process lab;
	char port[16] = "";
	struct run r;

	(void)state;
	start_at(&lab, in_folder(folder, "taken"), 0, port);
	const char *argv[] = { mtlscope(), "lab", "--first-port", port, NULL };
	run_program(argv, NULL, &r);
	assert_int_equal(r.status, 11);
	assert_non_null(strstr(buf_str(&r.err), port));
	assert_non_null(strstr(buf_str(&r.err), "--first-port"));
	assert_int_equal(r.out.len, 0);
	run_done(&r);
	lab_process_stop(&lab);

	const char *high[] = { mtlscope(), "lab", "--first-port", "65530", NULL };
	run_program(high, NULL, &r);
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(buf_str(&r.err), "--first-port"));
	run_done(&r);
}

/* The line that the JSON stands for, judged at `at` (NULL: now). */
static void
check_endpoint(const cJSON *e, const char *at, struct run *r)
{
	static const char *const items[][2] = { { "cert", "--cert" }, { "key", "--key" }, { "cacert", "--cacert" },
		{ "servername", "--servername" }, { "starttls", "--starttls" } };
	const char *argv[MOST_ARGS] = { mtlscope(), "check", "--json" };
	const cJSON *arg;
	size_t n = 3;

	for (size_t i = 0; i < sizeof items / sizeof items[0]; i++) {
		if (text_of_item(e, items[i][0]) == NULL)
			continue;
		argv[n++] = items[i][1];
		argv[n++] = text_of_item(e, items[i][0]);
	}
	cJSON_ArrayForEach(arg, cJSON_GetObjectItemCaseSensitive(e, "args"))
		if (n < MOST_ARGS - 4)
			argv[n++] = cJSON_GetStringValue(arg);
	if (at != NULL) {
		argv[n++] = "--at";
		argv[n++] = at;
	}
	argv[n] = text_of_item(e, "address");
	run_program(argv, NULL, r);
}

static void
expect_root(const cJSON *e, struct run *r, const char *expect, int *wrong)
{
	cJSON *answer = cJSON_Parse(buf_str(&r->out));
	const char *root = answer != NULL ? text_of_item(answer, "root_cause") : "no JSON";

	if (answer == NULL || (root == NULL) != (expect == NULL) || (root != NULL && strcmp(root, expect) != 0)) {
		print_error("%s: expected %s, found %s: %s%s\n", text_of_item(e, "name"), expect != NULL ? expect : "nothing",
		    root != NULL ? root : "nothing", answer != NULL ? text_of_item(answer, "summary") : "", buf_str(&r->err));
		++*wrong;
	}
	cJSON_Delete(answer);
}

/* Certificates, verification and HTTP dates are of that time: checked then, each endpoint has its own cause. */
static void
check_at_finds_what_is_expected(void **state)
{
	static const int seeds[] = { 0, 1 };
	char port[16] = "";
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
		struct lab_process lab;
		const cJSON *e;
		start_at(&lab, in_folder(folder, "then"), seeds[i], port);
		cJSON_ArrayForEach(e, endpoints_of(&lab)) {
			struct run r;
			check_endpoint(e, AT, &r);
			expect_root(e, &r, text_of_item(e, "expect"), &wrong);
			run_done(&r);
		}
		lab_process_stop(&lab);
	}
	assert_int_equal(wrong, 0);
}

static const cJSON *
named(const struct lab_process *lab, const char *name)
{
	const cJSON *e;

	cJSON_ArrayForEach(e, endpoints_of(lab))
		if (strcmp(text_of_item(e, "name"), name) == 0)
			return e;
	fail_msg("no endpoint %s", name);
	return NULL;
}

/*
 * A server of today, looked at as of another time: its clock is right, and 7 minutes slow is still 7
 * minutes. In ten days our usual certificate is still good.
 */
static void
at_leaves_a_real_clock_alone(void **state)
{
	static const struct {
		const char *name, *expect;
	} cases[] = { { "healthy", NULL }, { "server-clock-slow", "clock.server-skew" } };
	struct lab_process lab;
	char at[32];
	int wrong = 0;

	(void)state;
	assert_true(lab_process_start(&lab, 0));
	snprintf(at, sizeof at, "%lld", (long long)time(NULL) + 10 * 86400);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const cJSON *e = named(&lab, cases[i].name);
		struct run r;
		check_endpoint(e, at, &r);
		expect_root(e, &r, cases[i].expect, &wrong);
		run_done(&r);
	}
	lab_process_stop(&lab);
	assert_int_equal(wrong, 0);
}

static void
draw(unsigned char out[80], const char *about)
{
	repeat_about(about);
	assert_int_equal(RAND_bytes(out, 5), 1); /* in pieces: only the order of bytes counts */
	assert_int_equal(RAND_priv_bytes(out + 5, 75), 1);
	repeat_over();
}

/* Numbers follow from seed, time and word; between and after they are OpenSSL's own. */
static void
only_between_about_and_over(void **state)
{
	unsigned char a[80], b[80];

	(void)state;
	repeat_start(1, 1000);
	draw(a, "root");
	draw(b, "issuing");
	assert_memory_not_equal(a, b, sizeof a);
	draw(b, "root");
	assert_memory_equal(a, b, sizeof a);
	/* Started, and nothing is being made: a handshake's numbers. */
	assert_int_equal(RAND_bytes(a, sizeof a), 1);
	assert_int_equal(RAND_bytes(b, sizeof b), 1);
	assert_memory_not_equal(a, b, sizeof a);
	draw(a, "root");
	repeat_stop();
	repeat_start(2, 1000);
	draw(b, "root");
	assert_memory_not_equal(a, b, sizeof a);
	repeat_stop();
	repeat_start(1, 1001);
	draw(b, "root");
	assert_memory_not_equal(a, b, sizeof a);
	repeat_stop();
	repeat_stop();
	/* Not started: asked for all the same, they are not ours. */
	draw(b, "root");
	assert_memory_not_equal(a, b, sizeof a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_labs_are_one),
		cmocka_unit_test(without_at_keys_are_new),
		cmocka_unit_test(ports_follow_the_table),
		cmocka_unit_test(a_port_that_is_taken),
		cmocka_unit_test(check_at_finds_what_is_expected),
		cmocka_unit_test(at_leaves_a_real_clock_alone),
		cmocka_unit_test(only_between_about_and_over),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
