/* model/characters.h, for every byte and at every length. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <ctype.h>
#include <stdlib.h>

#include "model/characters.h"

static void
digits(void **state)
{
	(void)state;
	for (int c = 0; c < 256; c++) {
		char text[2] = { (char)c, '\0' };

		assert_int_equal(hex_value((char)c), c < 128 && isxdigit(c) ? strtol(text, NULL, 16) : -1);
	}
}

static void
utf8(void **state)
{
	static const struct {
		uint32_t c;
		const char *bytes;
	} cases[] = {
		{ 'A', "A" }, { 0x7f, "\x7f" }, { 0x80, "\xc2\x80" }, { 0x7ff, "\xdf\xbf" }, { 0x800, "\xe0\xa0\x80" }, { 0xd800, "\xed\xa0\x80" },
		{ 0xffff, "\xef\xbf\xbf" }, { 0x10000, "\xf0\x90\x80\x80" }, { 0x10ffff, "\xf4\x8f\xbf\xbf" }, { 0x1fffff, "\xf7\xbf\xbf\xbf" },
	};
	struct buf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		buf_reset(&b);
		add_utf8(&b, cases[i].c);
		assert_string_equal(buf_str(&b), cases[i].bytes);
	}
	buf_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits),
		cmocka_unit_test(utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
