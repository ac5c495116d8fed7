/* text_safe: what reaches a terminal, and what is flagged. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/text.h"

#define LITERAL(s) { (const unsigned char *)(s), sizeof(s) - 1 }

static const struct {
	const char *what;
	struct text in;
	size_t max;
	const char *out;
	unsigned flags;
} cases[] = {
	{ "plain ASCII stays", LITERAL("order-service"), 0, "order-service", 0 },
	{ "empty", LITERAL(""), 0, "", 0 },
	{ "a backslash stays as it is", LITERAL("a\\x1b"), 0, "a\\x1b", 0 },
	{ "letters of other scripts stay", LITERAL("Zürich 東京"), 0, "Zürich 東京", 0 },
	{ "ESC starts no sequence", LITERAL("a\033[31m"), 0, "a\\x1b[31m", TEXT_CONTROL },
	{ "CR LF make no line", LITERAL("a\r\nb"), 0, "a\\x0d\\x0ab", TEXT_CONTROL },
	{ "NUL is shown, not an end", LITERAL("good\0.evil"), 0, "good\\x00.evil", TEXT_NUL },
	{ "DEL", LITERAL("\x7f"), 0, "\\x7f", TEXT_CONTROL },
	{ "C1 as UTF-8: NEL", LITERAL("\xc2\x85"), 0, "\\u{85}", TEXT_CONTROL },
	{ "C1 as a bare byte is no UTF-8", LITERAL("\x9b" "31m"), 0, "\\x9b31m", TEXT_INVALID },
	{ "right-to-left override", LITERAL("\xe2\x80\xae" "moc"), 0, "\\u{202e}moc", TEXT_BIDI },
	{ "isolate", LITERAL("\xe2\x81\xa6"), 0, "\\u{2066}", TEXT_BIDI },
	{ "zero width space", LITERAL("a\xe2\x80\x8b" "b"), 0, "a\\u{200b}b", TEXT_INVISIBLE },
	{ "byte order mark", LITERAL("\xef\xbb\xbf" "a"), 0, "\\u{feff}a", TEXT_INVISIBLE },
	{ "tag character", LITERAL("\xf3\xa0\x81\x81"), 0, "\\u{e0041}", TEXT_INVISIBLE },
	{ "soft hyphen", LITERAL("\xc2\xad"), 0, "\\u{ad}", TEXT_INVISIBLE },
	{ "line separator", LITERAL("\xe2\x80\xa8"), 0, "\\u{2028}", TEXT_CONTROL },
	{ "Hangul filler", LITERAL("\xe3\x85\xa4"), 0, "\\u{3164}", TEXT_INVISIBLE },
	{ "private use", LITERAL("\xee\x80\x80"), 0, "\\u{e000}", TEXT_PRIVATE },
	{ "noncharacter at the end of a plane", LITERAL("\xf0\x9f\xbf\xbf"), 0, "\\u{1ffff}", TEXT_PRIVATE },
	{ "overlong slash", LITERAL("\xc0\xaf"), 0, "\\xc0\\xaf", TEXT_INVALID },
	{ "surrogate", LITERAL("\xed\xa0\x80"), 0, "\\xed\\xa0\\x80", TEXT_INVALID },
	{ "beyond U+10FFFF", LITERAL("\xf4\x90\x80\x80"), 0, "\\xf4\\x90\\x80\\x80", TEXT_INVALID },
	{ "cut in the middle", LITERAL("a\xe2\x82"), 0, "a\\xe2\\x82", TEXT_INVALID },
	{ "two marks may stand on a base", LITERAL("e\xcc\x81\xcc\x82"), 0, "e\xcc\x81\xcc\x82", 0 },
	{ "the third mark may not", LITERAL("e\xcc\x81\xcc\x82\xcc\x83"), 0, "e\xcc\x81\xcc\x82\\u{303}",
	    TEXT_COMBINING },
	{ "fits exactly: not cut", LITERAL("abcdef"), 6, "abcdef", 0 },
	{ "cut with an ellipsis within the limit", LITERAL("abcdefgh"), 6, "abc…", TEXT_TRUNCATED },
	{ "a harmful tail behind the cut is flagged", LITERAL("abcdefgh\033"), 6, "abc…",
	    TEXT_TRUNCATED | TEXT_CONTROL },
	{ "cut at a whole character", LITERAL("ab\xe2\x82\xac\xe2\x82\xac"), 7, "ab…", TEXT_TRUNCATED },
};

static void
makes_text_printable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = { 0 };
		unsigned flags = text_safe(&b, cases[i].in, cases[i].max);

		if (strcmp(buf_str(&b), cases[i].out) != 0 || flags != cases[i].flags)
			fail_msg("%s: got \"%s\" flags %#x, expected \"%s\" %#x", cases[i].what, buf_str(&b), flags,
			    cases[i].out, cases[i].flags);
		buf_done(&b);
	}
}

static void
safe_text_is_a_fixed_point(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = { 0 };

		assert_int_equal(text_safe(&b, text_of(cases[i].out), 0), 0);
		assert_string_equal(buf_str(&b), cases[i].out);
		buf_done(&b);
	}
}

/* Every byte value alone, and every pair with ESC: no control byte ever comes out. */
static void
no_control_byte_comes_out(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++)
		for (unsigned second = 0; second < 256; second++) {
			const unsigned char in[] = { (unsigned char)first, (unsigned char)second, 'x' };
			struct buf b = { 0 };

			text_safe(&b, (struct text){ in, sizeof in }, 0);
			for (size_t i = 0; i < b.len; i++)
				assert_true((unsigned char)b.data[i] >= 0x20 && b.data[i] != 0x7f);
			buf_done(&b);
		}
}

static void
ascii_and_columns(void **state)
{
	struct buf b = { 0 };

	(void)state;
	text_ascii(&b, "✗ “Acme” … 東");
	assert_string_equal(buf_str(&b), "X \"Acme\" ... \\u{6771}");
	buf_done(&b);
	assert_int_equal(text_columns("✗ “a”"), 5);
	assert_int_equal(text_columns("東京"), 4);
	assert_int_equal(text_columns("e\xcc\x81"), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_text_printable),
		cmocka_unit_test(safe_text_is_a_fixed_point),
		cmocka_unit_test(no_control_byte_comes_out),
		cmocka_unit_test(ascii_and_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
