/* Memory, strings, times, codes and names: the ground that everything stands on. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/alert.h"
#include "model/buf.h"
#include "model/codes.h"
#include "model/error.h"
#include "model/memory.h"
#include "model/times.h"

static void
the_first_error_stays(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_int_equal(error_set(&err, ERROR_INPUT, "reading", "line %d", 7), STATUS_FAILED);
	assert_int_equal(error_set(&err, ERROR_INTERNAL, "later", "general"), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_INPUT);
	assert_string_equal(err.text, "line 7");
	assert_int_equal(error_set(NULL, ERROR_INPUT, "reading", "nobody listens"), STATUS_FAILED);
}

static void
an_arena_holds_small_and_large(void **state)
{
	struct arena *a = arena_new();
	size_t cap = 0;
	int *numbers = NULL;
	char *large = arena_alloc(a, 100000);

	(void)state;
	memset(large, 'x', 100000);
	for (size_t i = 0; i < 1000; i++) {
		numbers = arena_grow(a, numbers, i, &cap, sizeof *numbers);
		numbers[i] = (int)i;
		assert_int_equal((uintptr_t)arena_alloc(a, 1 + i % 40) % _Alignof(max_align_t), 0);
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(numbers[i], i);
	assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
	arena_free(a);
	arena_free(NULL);
}

/* Moments that certificates really carry, and the edges of the calendar. */
static const struct {
	const char *text;
	int64_t seconds;
} moments[] = {
	{ "1970-01-01T00:00:00Z", 0 },
	{ "1969-12-31T23:59:59Z", -1 },
	{ "2000-02-29T12:00:00Z", 951825600 },
	{ "2026-11-23T02:14:09Z", 1795400049 },
	{ "2038-01-19T03:14:08Z", 2147483648 },
	{ "2100-03-01T00:00:00Z", 4107542400 },
	{ "0000-01-01T00:00:00Z", -62167219200 },
	{ "9999-12-31T23:59:59Z", 253402300799 },
};

static void
times_are_spelt_and_read_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof moments / sizeof moments[0]; i++) {
		char out[TIME_TEXT_MAX];
		int64_t back = 1;

		assert_string_equal(time_rfc3339(moments[i].seconds, out), moments[i].text);
		assert_true(time_parse(moments[i].text, &back));
		assert_int_equal(back, moments[i].seconds);
	}
}

static const struct {
	const char *what, *text;
	bool ok;
	int64_t seconds;
} spellings[] = {
	{ "a bare date", "2026-01-01", true, 1767225600 },
	{ "an offset", "2026-01-01T01:30:00+01:30", true, 1767225600 },
	{ "a negative offset", "2025-12-31T23:00:00-01:00", true, 1767225600 },
	{ "a fraction is dropped", "2026-01-01T00:00:00.999Z", true, 1767225600 },
	{ "epoch seconds", "1767225600", true, 1767225600 },
	{ "a leap second is the one before", "2016-12-31T23:59:60Z", true, 1483228799 },
	{ "no 30 February", "2026-02-30", false, 0 },
	{ "no leap day in 2100", "2100-02-29", false, 0 },
	{ "no zone", "2026-01-01T00:00:00", false, 0 },
	{ "hour 24", "2026-01-01T24:00:00Z", false, 0 },
	{ "text behind", "2026-01-01T00:00:00Zx", false, 0 },
	{ "empty", "", false, 0 },
	{ "a word", "tomorrow", false, 0 },
	{ "too large to spell", "99999999999999", false, 0 },
	{ "an empty fraction", "2026-01-01T00:00:00.Z", false, 0 },
};

static void
spellings_of_time(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
		int64_t t = 0;
		bool ok = time_parse(spellings[i].text, &t);

		if (ok != spellings[i].ok || (ok && t != spellings[i].seconds))
			fail_msg("%s: %s", spellings[i].what, spellings[i].text);
	}
}

/* RFC 9110 5.6.7: all three forms mean the same second. */
static void
http_dates(void **state)
{
	static const char *const good[] = { "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994", " Sun, 06 Nov 1994 08:49:37 GMT " };
	static const char *const bad[] = { "", "Sun", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT", "0", "Sunday, x",
		"Sun, 06 Nov 1994 08:49:37 GMT+1" };
	int64_t t;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(time_parse_http(good[i], strlen(good[i]), &t));
		assert_int_equal(t, 784111777);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(time_parse_http(bad[i], strlen(bad[i]), &t));
}

static void
spans(void **state)
{
	char out[TIME_TEXT_MAX];

	(void)state;
	assert_string_equal(time_span(41 * 86400 + 5, out), "41 d");
	assert_string_equal(time_span(86399, out), "23 h");
	assert_string_equal(time_span(-125, out), "-2 min");
	assert_string_equal(time_span(0, out), "0 s");
	assert_string_equal(time_human(1795400049, out), "2026-11-23 02:14 UTC");
	assert_string_equal(time_rfc3339(TIME_UNKNOWN, out), "unknown");
}

static void
validities(void **state)
{
	enum { from = 1795400049, until = from + 200 * 86400 };
	static const struct {
		int64_t from, until, at;
		const char *words;
		bool inside;
	} cases[] = {
		{ from, until, until - 120 * 86400, "2027-06-11", true },
		{ from, until, until - 120 * 86400 + 1, "119 d left", true },
		{ from, until, until, "0 s left", true }, /* RFC 5280 4.1.2.5: both ends belong to it */
		{ from, until, from, "2027-06-11", true },
		{ from, until, until + 1, "EXPIRED 2027-06-11", false },
		{ from, until, from - 1, "NOT YET 2026-11-23", false },
		{ TIME_UNKNOWN, until, from, "no readable date", false },
		{ from, TIME_UNKNOWN, from, "no readable date", false },
	};
	char out[TIME_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_string_equal(time_validity(cases[i].from, cases[i].until, cases[i].at, out), cases[i].words);
		assert_int_equal(time_between(cases[i].from, cases[i].until, cases[i].at), cases[i].inside);
	}
}

static void
codes_have_names_and_find_back(void **state)
{
	(void)state;
	for (int i = 0; i < CODE_COUNT; i++) {
		assert_non_null(code_info((enum code)i)->name);
		assert_int_equal(code_named(code_info((enum code)i)->name), i);
	}
	assert_int_equal(code_named("client.nothing"), CODE_NONE);
	assert_int_equal(code_info(CODE_KEY_SERVER_MISMATCH)->class, CLASS_SERVER);
	assert_int_equal(code_info(CODE_ROOT_EXPIRED)->class, 5);
	assert_string_equal(class_name(CLASS_POLICY), "policy");
}

static void
tls_numbers_have_names(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 256; i++)
		assert_non_null(alert_info((uint8_t)i));
	assert_string_equal(alert_info(48)->name, "unknown_ca");
	assert_string_equal(alert_info(116)->name, "certificate_required");
	assert_string_equal(alert_info(7)->name, "unassigned");
	assert_string_equal(tls_version_name(0x0304), "TLSv1.3");
	assert_string_equal(tls_version_name(0x7f17), "unknown");
	assert_string_equal(handshake_type_name(13), "CertificateRequest");
	assert_string_equal(sigalg_name(0x0403), "ecdsa_secp256r1_sha256");
	assert_null(sigalg_name(0xffff));
	assert_string_equal(group_name(29), "X25519");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_error_stays),
		cmocka_unit_test(an_arena_holds_small_and_large),
		cmocka_unit_test(times_are_spelt_and_read_back),
		cmocka_unit_test(spellings_of_time),
		cmocka_unit_test(http_dates),
		cmocka_unit_test(spans),
		cmocka_unit_test(validities),
		cmocka_unit_test(codes_have_names_and_find_back),
		cmocka_unit_test(tls_numbers_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
