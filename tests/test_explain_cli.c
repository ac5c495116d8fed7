/* mtlscope explain as it is typed: words, standard input, JSON, statuses, ASCII, a log of 100 MB. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "tests/program.h"

static const struct {
	const char *args[6], *input;
	int status;
	const char *says;
	const char *comment;
} lines[] = {
	{ { "48" }, NULL, 0, "alert 48 unknown_ca", "a number" },
	{ { "bad_certificate" }, NULL, 0, "alert 42 bad_certificate", "a name" },
	{ { "unknown", "ca" }, NULL, 0, "alert 48 unknown_ca", "words without quotation marks are one text" },
	{ { "x509:", "certificate", "signed by unknown authority" }, NULL, 0, "client.missing-intermediate", "so are these" },
	{ { NULL }, "48\n", 0, "alert 48 unknown_ca", "one line of standard input is like words" },
	{ { NULL }, "nothing\ncurl: (52) Empty reply from server\n", 0, "1 of 2 lines were recognised", "a log" },
	{ { NULL }, "", 2, "There is no text to explain", "nothing at all" },
	{ { "ECONNRESET" }, NULL, 0, "the network", "the name alone" },
	{ { "error:0A000412" }, NULL, 0, "alert 42 bad_certificate", "the code alone" },
	{ { "the", "quick", "fox" }, NULL, 2, "This text is not known here.", "an unknown text" },
	{ { NULL }, "one\ntwo\nthree\n", 2, "None of these 3 lines is known here.", "an unknown log" },
	{ { "--json", "48" }, NULL, 0, "\"schema\":\"mtlscope.explain/1\"", "JSON" },
	{ { "--json", "fox" }, NULL, 2, "\"explanations\":[]", "JSON of nothing" },
	{ { "aws acm-pca issue-certificate --csr file://order.csr" }, NULL, 0, "--csr fileb://order.csr", "a command line as one word" },
	{ { "aws", "acm-pca", "issue-certificate", "--csr", "file://my order.csr" }, NULL, 0, "--csr 'fileb://my order.csr'", "the same as it was typed: its options are not ours" },
	{ { "--json", "aws", "acm-pca", "get-certificate", "--output=text" }, NULL, 0, "\"aws-cli.several-fields\"", "ours stand before it" },
	{ { "aws" }, NULL, 2, "not known", "that word alone" },
	{ { "--", "-48" }, NULL, 2, "not known", "a text that begins like an option" },
};

static void
as_typed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		const char *argv[9] = { mtlscope(), "explain" };
		struct run_options opt = { .input = lines[i].input, .input_len = lines[i].input != NULL ? strlen(lines[i].input) : 0 };
		struct run r;

		memcpy(argv + 2, lines[i].args, sizeof lines[i].args);
		run_program(argv, &opt, &r);
		if (r.status != lines[i].status || strstr(buf_str(&r.out), lines[i].says) == NULL)
			fail_msg("%s: status %d, %s%s", lines[i].comment, r.status, buf_str(&r.out), buf_str(&r.err));
		assert_int_equal(r.err.len, 0);
		run_done(&r);
	}
}

/* The object is whole: every reading has its sides, every cause a code and a likelihood. */
static void
json_is_whole(void **state)
{
	const char *argv[] = { mtlscope(), "explain", "--json", "remote error: tls: bad certificate", NULL };
	struct run r;
	cJSON *o;
	const cJSON *e, *reading, *cause;
	int readings = 0;

	(void)state;
	run_program(argv, NULL, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.out.data[r.out.len - 1], '\n');
	o = cJSON_Parse(buf_str(&r.out));
	assert_non_null(o);
	e = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "explanations"), 0);
	assert_int_equal(cJSON_GetObjectItemCaseSensitive(e, "alert")->valueint, 42);
	cJSON_ArrayForEach(reading, cJSON_GetObjectItemCaseSensitive(e, "readings")) {
		static const char *const texts[] = { "said_by", "about", "when", "says", "next" };

		for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
			assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(reading, texts[i])));
		assert_true(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(reading, "causes")) > 0);
		cJSON_ArrayForEach(cause, cJSON_GetObjectItemCaseSensitive(reading, "causes")) {
			assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(cause, "code")));
			assert_true(cJSON_IsString(cJSON_GetObjectItemCaseSensitive(cause, "likelihood")));
		}
		readings++;
	}
	assert_int_equal(readings, 2);
	cJSON_Delete(o);
	run_done(&r);
}

/* A command of several lines is there to be run: its line ends were written as “\\x0a”. */
static void
json_keeps_the_lines_of_a_command(void **state)
{
	const char *argv[] = { mtlscope(), "explain", "--json",
		"An error occurred (RequestInProgressException) when calling the GetCertificate operation: x", NULL };
	struct run r;
	cJSON *o;
	const cJSON *e, *command;

	(void)state;
	run_program(argv, NULL, &r);
	assert_int_equal(r.status, 0);
	o = cJSON_Parse(buf_str(&r.out));
	assert_non_null(o);
	e = cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(o, "explanations"), 0);
	command = cJSON_GetObjectItemCaseSensitive(cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(e, "readings"), 0), "command");
	assert_true(cJSON_IsString(command));
	assert_non_null(strstr(command->valuestring, "certificate-issued \\\n    --certificate-authority-arn"));
	assert_null(strstr(command->valuestring, "x0a"));
	cJSON_Delete(o);
	run_done(&r);
}

static void
ascii_is_ascii(void **state)
{
	const char *argv[] = { mtlscope(), "explain", "--ascii", "valid for \xe2\x80\xae x509: certificate is valid for \xc3\xa4.test, not b", NULL };
	struct run r;

	(void)state;
	run_program(argv, NULL, &r);
	assert_int_equal(r.status, 0);
	for (size_t i = 0; i < r.out.len; i++)
		assert_true(r.out.data[i] == '\n' || (r.out.data[i] >= ' ' && r.out.data[i] <= '~'));
	run_done(&r);
}

/* A log of 100 MB, with and without line ends: it is read through, in memory that does not grow with it. */
static void
large_logs(void **state)
{
	static const char *const repeated[] = {
		"2026/11/23 09:46:04 [info] 1#1: *3 client SSL certificate verify error: (21:unable to verify the first certificate) while reading client request headers\n",
		"10.0.0.7 - - [23/Nov/2026:09:46:04 +0000] \"GET /orders/17 HTTP/1.1\" 200 512 \"-\" \"curl/7.88.1\"", /* no line ends */
	};
	enum { BYTES = 100 * 1000 * 1000, MOST_KB = 600 * 1000 };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		const char *argv[] = { mtlscope(), "explain", NULL };
		size_t len = strlen(repeated[k]), n = BYTES / len;
		char *log = malloc(n * len);
		struct run r;

		assert_non_null(log);
		for (size_t i = 0; i < n; i++)
			memcpy(log + i * len, repeated[k], len);
		run_program(argv, &(struct run_options){ .input = log, .input_len = n * len, .deadline_ms = 240000 }, &r);
		assert_int_equal(r.status, k == 0 ? 0 : 2);
#if !defined(__SANITIZE_ADDRESS__)
		/* A child's peak begins as what its parent had when it was made: with the log, about 100 MB. */
		assert_true(r.max_rss_kb < MOST_KB);
#endif
		if (k == 0)
			assert_non_null(strstr(buf_str(&r.out), "verify error 21"));
		run_done(&r);
		free(log);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_typed),
		cmocka_unit_test(json_is_whole),
		cmocka_unit_test(json_keeps_the_lines_of_a_command),
		cmocka_unit_test(ascii_is_ascii),
		cmocka_unit_test(large_logs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
