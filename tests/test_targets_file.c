/* --targets FILE: good lines, wrong lines, and files that are no list of targets. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/buf.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/targets_file.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

static char *folder;

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	return folder == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

static status
read_bytes(const void *bytes, size_t len, struct targets *out, struct error *err)
{
	const char *path = in_folder(folder, "targets.txt");

	*out = (struct targets){ .len = 0 };
	assert_true(write_file(path, bytes, len));
	return targets_read(path, out, err);
}

static void
good_file(void **state)
{
	static const char text[] = "\xef\xbb\xbf# the fleet\r\n"
	                           "\n"
	                           "payment:8443 identity=order servername=Payment.internal path=/health group=prod bypass=Inner.internal # note\r\n"
	                           "\t [::1]:1\t\n"
	                           "https://h/#part\n"
	                           "last.example";
	struct error err = { 0 };
	struct targets t;

	(void)state;
	if (read_bytes(text, sizeof text - 1, &t, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(t.len, 4);
	assert_string_equal(t.items[0].host, "payment");
	assert_int_equal(t.items[0].port, 8443);
	assert_string_equal(t.items[0].identity, "order");
	assert_string_equal(t.items[0].servername, "payment.internal");
	assert_string_equal(t.items[0].path, "/health");
	assert_string_equal(t.items[0].group, "prod");
	assert_string_equal(t.items[0].bypass, "inner.internal:443");
	assert_null(t.items[1].bypass);
	assert_string_equal(t.items[1].host, "::1");
	assert_string_equal(t.items[2].host, "h");
	assert_string_equal(t.items[3].host, "last.example");
	targets_done(&t);
}

static const struct bad {
	const char *text;
	size_t len;
	const char *says; /* behind the file's name */
} bad[] = {
#define TEXT(s) s, sizeof(s) - 1
	{ TEXT("a\nb:0\n"), ":2: “b:0”: “0” is no port" },
	{ TEXT("a b\n"), ":1: “b”: expected identity=, servername=, path=, group= or bypass=" },
	{ TEXT("payment 8443\n"), ":1: host and port are joined by a colon: payment:8443" },
	{ TEXT("a colour=red\n"), ":1: “colour=” is not known" },
	{ TEXT("a =red\n"), ":1: “=” is not known" },
	{ TEXT("a group=\n"), ":1: “group=” has no value" },
	{ TEXT("a group=x group=y\n"), ":1: “group=” is given twice" },
	{ TEXT("a path=health\n"), ":1: “health” is no path" },
	{ TEXT("a bypass=unix:/run/x\n"), ":1: “unix:/run/x”: the way round is HOST or HOST:PORT" },
	{ TEXT("a:1 bypass=A:1\n"), ":1: “A:1” is the target itself" },
	{ TEXT("a bypass=b:0\n"), ":1: “b:0”: “0” is no port" },
	{ TEXT("a servername=b..c\n"), ":1: server name “b..c”" },
	{ TEXT("\n\na\0b\n"), ":3: byte 2 is NUL" },
	{ TEXT("\xff\xfe" "a\0\n\0"), ":1: the file is UTF-16" },
	{ TEXT("a\x1b[2J\n"), ":1: “a" },
	{ TEXT("# nothing\n\n"), ": holds no target" },
	{ TEXT("x"  "\xff"), ":1: “x" },
	{ TEXT(""), ": holds no target" },
#undef TEXT
};

static void
bad_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < LEN(bad); i++) {
		struct error err = { 0 };
		struct targets t;

		assert_int_equal(read_bytes(bad[i].text, bad[i].len, &t, &err), STATUS_FAILED);
		assert_int_equal(err.code, ERROR_INPUT);
		if (strstr(err.text, bad[i].says) == NULL)
			fail_msg("expected “%s” in: %s", bad[i].says, err.text);
		assert_non_null(strstr(err.text, "targets.txt"));
		assert_null(strpbrk(err.text, "\x1b\n"));
		targets_done(&t);
	}
}

/* A line of 1 MB, and one that is just as long as allowed, across the borders of the reads. */
static void
long_lines(void **state)
{
	size_t len = 1024 * 1024;
	char *text = mem_alloc(len);
	struct error err = { 0 };
	struct targets t;

	(void)state;
	memset(text, 'a', len);
	memcpy(text, "ok\n", 3);
	assert_int_equal(read_bytes(text, len, &t, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, ":2: the line has more than 4096 bytes"));
	targets_done(&t);

	error_clear(&err);
	memset(text, ' ', len);
	for (size_t i = 0; i + LIMIT_TARGETS_LINE < len; i += LIMIT_TARGETS_LINE + 1) {
		text[i + 7] = 'h';
		text[i + LIMIT_TARGETS_LINE] = '\n';
	}
	if (read_bytes(text, len, &t, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(t.len, len / (LIMIT_TARGETS_LINE + 1));
	targets_done(&t);
	free(text);
}

/* 50,000 targets, in the order of the file. */
static void
many_lines(void **state)
{
	struct buf text = { 0 };
	struct error err = { 0 };
	struct targets t;

	(void)state;
	for (int i = 0; i < 50000; i++)
		buf_addf(&text, "h%d:%d\n", i, i % 60000 + 1);
	if (read_bytes(text.data, text.len, &t, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(t.len, 50000);
	assert_string_equal(t.items[49999].host, "h49999");
	targets_done(&t);
	buf_done(&text);
}

static void
no_files(void **state)
{
	const char *fifo = in_folder(folder, "fifo");
	static const struct {
		const char *path, *says;
	} cases[] = {
		{ "/nonexistent/targets", "no such file" },
		{ "/", "is a folder" },
		{ "/dev/zero", "is a device" },
	};
	struct error err = { 0 };
	struct targets t = { .len = 0 };

	(void)state;
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(targets_read(fifo, &t, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "a pipe (FIFO)"));
	for (size_t i = 0; i < LEN(cases); i++) {
		error_clear(&err);
		assert_int_equal(targets_read(cases[i].path, &t, &err), STATUS_FAILED);
		assert_non_null(strstr(err.text, cases[i].says));
	}
}

/* Standard input, in drips. */
static void
standard_input(void **state)
{
	struct error err = { 0 };
	struct targets t = { .len = 0 };
	int ends[2], saved = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], "a\nb", 3), 3);
	close(ends[1]);
	assert_true(dup2(ends[0], STDIN_FILENO) >= 0);
	assert_int_equal(targets_read("-", &t, &err), STATUS_OK);
	assert_int_equal(t.len, 2);
	targets_done(&t);
	dup2(saved, STDIN_FILENO);
	close(saved);
	close(ends[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_file),
		cmocka_unit_test(bad_files),
		cmocka_unit_test(long_lines),
		cmocka_unit_test(many_lines),
		cmocka_unit_test(no_files),
		cmocka_unit_test(standard_input),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
