/* Audit reports in pieces of any size: what AWS writes, what older ones look like, and what is none. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/audit_report.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/times.h"
#include "tests/made_reports.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])
#define HEADER "awsAccountId,requestedByServicePrincipal,certificateArn,serial,subject,notBefore,notAfter,issuedAt,revokedAt,revocationReason,templateArn\n"

static const char *
or_none(const char *s)
{
	return s != NULL ? s : "-";
}

static void
put_time(struct buf *out, int64_t t)
{
	if (t == TIME_UNKNOWN)
		buf_adds(out, "|-");
	else
		buf_addf(out, "|%lld", (long long)t);
}

static status
note(void *user, const struct inventory_record *r, struct error *err)
{
	struct buf *out = user;

	if (r->serial != NULL && strcmp(r->serial, "refused") == 0)
		return error_set(err, ERROR_INPUT, "test", "its serial is no number");
	if (r->serial != NULL && strcmp(r->serial, "broken disk") == 0)
		return error_set(err, ERROR_LOCAL, "test", "the disk is broken");
	buf_addf(out, "%s|%s|%s|%s|%s", or_none(r->serial), or_none(r->arn), or_none(r->subject), or_none(r->template_arn), or_none(r->requested_by));
	put_time(out, r->not_before);
	put_time(out, r->not_after);
	put_time(out, r->issued);
	put_time(out, r->revoked);
	buf_addf(out, "|%s\n", or_none(r->revocation_reason));
	return STATUS_OK;
}

/* What was told, then what went wrong. */
static void
read_in_pieces(const char *text, size_t len, size_t piece, struct buf *out)
{
	struct audit_report *r = audit_report_new(note, out);
	struct error err = { .code = ERROR_NONE };
	status done = STATUS_OK;

	for (size_t at = 0; at < len && done == STATUS_OK; at += piece) {
		/* Of its own size each, so that the sanitizer sees a byte too far. */
		size_t n = len - at < piece ? len - at : piece;
		char *own = mem_dup(text + at, n);

		done = audit_report_feed(r, own, n, &err);
		free(own);
	}
	if (done == STATUS_OK)
		done = audit_report_end(r, &err);
	if (done != STATUS_OK)
		buf_addf(out, "%s", err.text);
	audit_report_free(r);
}

static const struct {
	const char *what, *text, *want;
} cases[] = {
	{ "as AWS documents it",
	    "[{\"awsAccountId\":\"123456789012\",\"requestedByServicePrincipal\":\"acm.amazonaws.com\",\"certificateArn\":\"arn:a\",\"serial\":\"00:11:ff\","
	    "\"subject\":\"CN=a,2.5.4.5=#012345\",\"notBefore\":\"2020-02-26T18:39:57+0000\",\"notAfter\":\"2021-02-26T19:39:57+0000\","
	    "\"issuedAt\":\"2020-02-26T19:39:58+0000\",\"revokedAt\":\"2020-02-26T20:00:36+0000\",\"revocationReason\":\"UNSPECIFIED\","
	    "\"templateArn\":\"arn:aws:acm-pca:::template/EndEntityCertificate/V1\"}]",
	    "00:11:ff|arn:a|CN=a,2.5.4.5=#012345|arn:aws:acm-pca:::template/EndEntityCertificate/V1|acm.amazonaws.com|1582742397|1614368397|"
	    "1582745998|1582747236|UNSPECIFIED\n" },
	{ "an older one", "[\n  {\"Subject\":\"CN=b\", \"SERIAL\":\"0a\"} ,\n {\"serial\" : \"0b\"}\n]\n", "0a|-|CN=b|-|-|-|-|-|-|-\n0b|-|-|-|-|-|-|-|-|-\n" },
	{ "no certificate", "[]", "" },
	{ "keys that are not known", "[{\"x\":{\"serial\":[1,{\"y\":null}]},\"serial\":\"1\",\"z\":true,\"w\":[[]],\"subject\":\"s\"}]", "1|-|s|-|-|-|-|-|-|-\n" },
	{ "null is absent", "[{\"serial\":\"1\",\"revokedAt\":null,\"subject\":null}]", "1|-|-|-|-|-|-|-|-|-\n" },
	{ "a serial as a number", "[{\"serial\":123456789012345678901234567890}]", "123456789012345678901234567890|-|-|-|-|-|-|-|-|-\n" },
	{ "escapes", "[{\"serial\":\"1\",\"subject\":\"CN=\\\"\\u00e9\\ud83d\\ude00\\ud83d\\u0000\\n\\\\,\\/\"}]",
	    "1|-|CN=\"\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbd\xef\xbf\xbd\n\\,/|-|-|-|-|-|-|-\n" },
	{ "times in every form",
	    "[{\"serial\":\"1\",\"notBefore\":\"2020-02-26T18:39:57Z\",\"notAfter\":\"2020-02-26T20:39:57+02:00\",\"issuedAt\":\"2020-02-26T13:39:57.123-0500\","
	    "\"revokedAt\":1582742397}]",
	    "1|-|-|-|-|1582742397|1582742397|1582742397|1582742397|-\n" },
	{ "a mark in front", "\xef\xbb\xbf [{\"serial\":\"1\"}]", "1|-|-|-|-|-|-|-|-|-\n" },

	{ "empty", "", "audit report: it is empty" },
	{ "blanks", "\n \n", "audit report: it is empty" },
	{ "an object", "{\"serial\":\"1\"}", "audit report: record 1 (byte 0): a list of certificates was expected" },
	{ "a list of lists", "[[\"serial\"]]", "audit report: record 1 (byte 1): a list of certificates was expected" },
	{ "a list of texts", "[\"a\"]", "audit report: record 1 (byte 1): a list of certificates was expected" },
	{ "cut", "[{\"serial\":\"1\"},{\"seri", "1|-|-|-|-|-|-|-|-|-\naudit report: record 2 (byte 22): it ends in the middle" },
	{ "cut behind a record", "[{\"serial\":\"1\"}", "1|-|-|-|-|-|-|-|-|-\naudit report: record 2 (byte 15): it ends in the middle" },
	{ "something behind", "[] x", "audit report: record 1 (byte 3): something follows behind its end" },
	{ "a comma too many", "[{\"serial\":\"1\",}]", "audit report: record 1 (byte 15): a key in quotes was expected" },
	{ "no comma", "[{\"serial\":\"1\"}{]", "1|-|-|-|-|-|-|-|-|-\naudit report: record 2 (byte 15): a comma or a closing bracket was expected" },
	{ "the wrong bracket", "[{\"serial\":\"1\"]", "audit report: record 1 (byte 14): a bracket is closed that is not open" },
	{ "no such word", "[{\"x\":nul}]", "audit report: record 1 (byte 9): a word that JSON does not know" },
	{ "no such number", "[{\"x\":01}]", "audit report: record 1 (byte 8): this is no number" },
	{ "no such escape", "[{\"x\":\"\\q\"}]", "audit report: record 1 (byte 8): a backslash is followed by what JSON does not know" },
	{ "a control character", "[{\"x\":\"a\nb\"}]", "audit report: record 1 (byte 8): a control character stands in a string" },
	{ "brackets without end", "[{\"x\":[[[[[[[[[[[[[[[[[[[[[", "audit report: record 1 (byte 20): too many brackets within brackets" },
	{ "no serial, no ARN", "[{\"serial\":\"1\"},{\"subject\":\"CN=a\"}]",
	    "1|-|-|-|-|-|-|-|-|-\naudit report: record 2 (byte 16): it has neither certificateArn nor serial" },
	{ "a time that is none", "[{\"serial\":\"1\",\"notAfter\":\"2020-13-26T18:39:57+0000\"}]",
	    "audit report: record 1 (byte 1): notAfter is no time: “2020-13-26T18:39:57+0000”" },
	{ "a text that is none", "[{\"serial\":[\"1\"]}]", "audit report: record 1 (byte 11): serial is no text" },
	{ "what the taker refuses", "[{\"serial\":\"refused\"}]", "audit report: record 1 (byte 1): its serial is no number" },
	{ "what the machine refuses", "[{\"serial\":\"broken disk\"}]", "the disk is broken" },

	{ "CSV as AWS writes it",
	    HEADER "123456789012,acm.amazonaws.com,arn:a,00:11,\"CN=a,O=\"\"b\"\", c\",2020-02-26T18:39:57+0000,2021-02-26T19:39:57+0000,"
	           "2020-02-26T19:39:58+0000,,,arn:t\r\n123456789012,,arn:b,22,CN=c,,,,2020-02-26T20:00:36+0000,SUPERSEDED,\n",
	    "00:11|arn:a|CN=a,O=\"b\", c|arn:t|acm.amazonaws.com|1582742397|1614368397|1582745998|-|-\n22|arn:b|CN=c|-|-|-|-|-|1582747236|SUPERSEDED\n" },
	{ "a newline in quotes, columns in another order, no newline at the end", "\xef\xbb\xbfSubject,x,SERIAL\n\"CN=a\r\nb\",,1\n\n\"\",y,2",
	    "1|-|CN=a\r\nb|-|-|-|-|-|-|-\n2|-|-|-|-|-|-|-|-|-\n" },
	{ "fewer fields", "serial,subject,notAfter\n1\n2,b\n", "1|-|-|-|-|-|-|-|-|-\n2|-|b|-|-|-|-|-|-|-\n" },
	{ "a header alone", "serial\n", "" },
	{ "a header alone, cut", "serial,certificateArn", "" },
	{ "another CSV", "name,age\nx,1\n", "audit report: its first line names neither certificateArn nor serial: it is no audit report" },
	{ "HTML", "<html>\n<body>\n", "audit report: its first line names neither certificateArn nor serial: it is no audit report" },
	{ "quotes that do not end", "serial,subject\n1,\"abc\n", "audit report: record 1 (byte 22): it ends within quotes" },
	{ "behind a quote", "serial,subject\n1,\"a\"b\n", "audit report: record 1 (byte 20): something follows behind a closing quote" },
	{ "more fields", "serial,subject\n1,2,3\n", "audit report: record 1 (byte 19): it has more fields than the first line, 2" },
};

static void
every_form(void **state)
{
	static const size_t pieces[] = { 1, 2, 7, 100000 };

	(void)state;
	for (size_t k = 0; k < LEN(cases); k++)
		for (size_t p = 0; p < LEN(pieces); p++) {
			struct buf out = { 0 };

			read_in_pieces(cases[k].text, strlen(cases[k].text), pieces[p], &out);
			if (strcmp(buf_str(&out), cases[k].want) != 0)
				fail_msg("%s, in pieces of %zu:\n%s\nwanted:\n%s", cases[k].what, pieces[p], buf_str(&out), cases[k].want);
			buf_done(&out);
		}
}

/* Too long: refused where the limit is passed, however it comes. */
static void
limits(void **state)
{
	struct buf text = { 0 }, out = { 0 };

	(void)state;
	buf_adds(&text, "[{\"serial\":\"");
	for (size_t k = 0; k <= LIMIT_REPORT_VALUE; k++)
		buf_addc(&text, '1');
	read_in_pieces(text.data, text.len, 1000, &out);
	assert_non_null(strstr(buf_str(&out), "a value is longer than is read"));
	buf_reset(&text);
	buf_reset(&out);
	buf_adds(&text, "[{\"serial\":\"1\"");
	for (size_t k = 0; k <= LIMIT_REPORT_RECORD / 10; k++)
		buf_adds(&text, ",\"x\":\"123456789\"");
	read_in_pieces(text.data, text.len, 1000, &out);
	assert_non_null(strstr(buf_str(&out), "it is longer than 256 KiB"));
	buf_reset(&text);
	buf_reset(&out);
	buf_adds(&text, "serial,subject\n1,\"");
	for (size_t k = 0; k <= LIMIT_REPORT_VALUE; k++)
		buf_addc(&text, '1');
	read_in_pieces(text.data, text.len, 1000, &out);
	assert_non_null(strstr(buf_str(&out), "a value is longer than is read"));
	buf_reset(&text);
	buf_reset(&out);
	buf_adds(&text, "serial");
	for (size_t k = 0; k <= LIMIT_REPORT_COLUMNS; k++)
		buf_adds(&text, ",x");
	read_in_pieces(text.data, text.len, 1000, &out);
	assert_non_null(strstr(buf_str(&out), "its first line has more than 256 fields"));
	buf_done(&text);
	buf_done(&out);
}

/* Both forms of the same certificates say the same. */
static void
both_forms_agree(void **state)
{
	struct buf report[2] = { { 0 }, { 0 } }, out[2] = { { 0 }, { 0 } };

	(void)state;
	for (int json = 0; json < 2; json++) {
		made_report_begin(&report[json], json);
		for (size_t n = 0; n < 500; n++)
			made_report_record(&report[json], json, n);
		made_report_end(&report[json], json);
		read_in_pieces(report[json].data, report[json].len, 333, &out[json]);
	}
	assert_string_equal(buf_str(&out[0]), buf_str(&out[1]));
	assert_non_null(strstr(out[0].data, "SUPERSEDED"));
	for (int json = 0; json < 2; json++) {
		buf_done(&report[json]);
		buf_done(&out[json]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form),
		cmocka_unit_test(limits),
		cmocka_unit_test(both_forms_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
