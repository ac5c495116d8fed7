/* Painting: what gets into cells, and what never does. The cells are read back out of curses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* after its own needs */
#include <cmocka.h>

#include "tests/memory_terminal.h"
#include "tui/theme.h"
#include "tui/wrap.h"

enum { ROWS = 6, COLUMNS = 20 };

static struct memory_terminal terminal;

static void
open_terminal(bool ascii)
{
	memory_terminal_open(&terminal, ROWS, COLUMNS, &(struct terminal_options){ .ascii = ascii, .colours = 256 });
}

/* The n-th row of the screen into `out`. */
static const char *
row_of(int n, char out[256])
{
	struct buf b = { 0 };
	const char *s;

	paint_read(&b);
	s = buf_str(&b);
	for (; n > 0; n--)
		s = strchr(s, '\n') + 1;
	snprintf(out, 256, "%.*s", (int)strcspn(s, "\n"), s);
	buf_done(&b);
	return out;
}

static void
test_text_in_a_width(void **state)
{
	static const struct {
		const char *text;
		int width;          /* that is given */
		const char *utf8;   /* what stands there */
		int columns;
		const char *ascii;
		int ascii_columns;
	} cases[] = {
		{ "plain", -1, "plain", 5, "plain", 5 },
		{ "plain", 5, "plain", 5, "plain", 5 },
		{ "plain", 4, "pla…", 4, "p...", 4 },
		{ "plain", 3, "pl…", 3, "...", 3 },
		{ "plain", 2, "p…", 2, "..", 2 },
		{ "plain", 1, "…", 1, ".", 1 },
		{ "plain", 0, "", 0, "", 0 },
		{ "“ü” ✗", -1, "“ü” ✗", 5, "\"\\u{fc}\" X", 10 },
		/* The edge of the canvas is a width too. */
		{ "0123456789012345678901", -1, "0123456789012345678…", 20, "01234567890123456...", 20 },
		/* A wide character that does not fit whole is not there; its half is a blank. */
		{ "ab漢字", 6, "ab漢字", 6, "ab\\...", 6 },
		{ "ab漢字", 5, "ab漢…", 5, "ab...", 5 },
		{ "ab漢字", 4, "ab…", 3, "a...", 4 },
		/* Marks stay with their base, also where it is the last one. */
		{ "e\u0301e\u0301e", -1, "e\u0301e\u0301e", 3, "e\\u{301}e\\u{301}e", 17 },
		{ "e\u0301e\u0301e", 2, "e\u0301…", 2, "..", 2 },
		{ "\u0301x", -1, " \u0301x", 2, "\\u{301}x", 8 },
	};

	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		struct canvas screen;

		open_terminal(ascii != 0);
		screen = canvas_screen();
		for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
			char row[256];
			int taken;

			paint_clear(&screen, ROLE_TEXT);
			taken = paint(&screen, 1, 0, cases[i].width, ROLE_TEXT, cases[i].text);
			assert_string_equal(row_of(1, row), ascii ? cases[i].ascii : cases[i].utf8);
			assert_int_equal(taken, ascii ? cases[i].ascii_columns : cases[i].columns);
		}
		memory_terminal_close(&terminal);
	}
}

/* Callers make text printable; where one forgets, nothing moves, hides or reorders all the same. */
static void
test_harmful_text_is_spelled_out(void **state)
{
	static const struct {
		const char *text, *row;
	} cases[] = {
		{ "a\rb", "a\\x0db" },
		{ "a\nb", "a\\x0ab" },
		{ "a\tb\b", "a\\x09b\\x08" },
		{ "\033[31mred", "\\x1b[31mred" },
		{ "a\x7f", "a\\x7f" },
		{ "\u202egpj", "\\u{202e}gpj" },
		{ "a\u200bb\ufeff", "a\\u{200b}b\\u{feff}" },
		{ "\xc2\x85", "\\u{85}" },
		{ "\xff\xc0\x80", "\\xff\\xc0\\x80" },
		{ "\xe2\x82", "\\xe2\\x82" },
		{ "a\u0301\u0302\u0303\u0304", "a\u0301\u0302\\u{303}\\u{304}" },
		/* U+0378 is no character: no terminal and no C library agree on its width. */
		{ "a\u0378b", "a\\u{378}b" },
	};

	(void)state;
	open_terminal(false);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct canvas screen = canvas_screen();
		char row[256];

		paint_clear(&screen, ROLE_TEXT);
		paint(&screen, 0, 0, -1, ROLE_TEXT, cases[i].text);
		assert_string_equal(row_of(0, row), cases[i].row);
		assert_int_equal(text_width(cases[i].text), text_width(cases[i].row));
	}
	memory_terminal_close(&terminal);
}

static void
test_padded(void **state)
{
	struct canvas screen;
	char row[256];

	(void)state;
	open_terminal(false);
	screen = canvas_screen();
	paint_line(&screen, 0, 0, -1, ROLE_TEXT, "#");
	assert_int_equal(paint_padded(&screen, 0, 2, 6, ROLE_TEXT, false, "ab"), 6);
	assert_string_equal(row_of(0, row), "##ab    ############");
	assert_int_equal(paint_padded(&screen, 0, 2, 6, ROLE_TEXT, true, "漢"), 6);
	assert_string_equal(row_of(0, row), "##    漢############");
	assert_int_equal(paint_padded(&screen, 0, 2, 6, ROLE_TEXT, true, "0123456"), 6);
	assert_string_equal(row_of(0, row), "##01234…############");
	memory_terminal_close(&terminal);
}

static void
test_nothing_outside_of_a_canvas(void **state)
{
	static const int places[][2] = { { -1, 0 }, { 2, 0 }, { 0, -1 }, { 0, 5 }, { 1000, 1000 } };
	struct canvas screen, part;
	char row[256];

	(void)state;
	open_terminal(false);
	screen = canvas_screen();
	part = canvas_part(&screen, 2, 3, 2, 5);
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		assert_int_equal(paint(&part, places[i][0], places[i][1], -1, ROLE_TEXT, "text"), 0);
		paint_line(&part, places[i][0], places[i][1], -1, ROLE_TEXT, "─");
	}
	paint(&part, 1, 1, 100, ROLE_TEXT, "abcdefgh");
	for (int i = 0; i < ROWS; i++)
		assert_string_equal(row_of(i, row), i == 3 ? "    abc…" : "");
	/* Parts beyond their whole are empty, not negative. */
	part = canvas_part(&screen, ROWS + 1, 0, -1, -1);
	assert_int_equal(part.rows, 0);
	part = canvas_part(&screen, 0, -3, 4, 4);
	assert_int_equal(part.rows, 0);
	paint_box(&part, ROLE_TEXT, "title");
	memory_terminal_close(&terminal);
}

static void
test_a_wide_character_in_the_last_column(void **state)
{
	struct canvas screen;
	char row[256];

	(void)state;
	open_terminal(false);
	screen = canvas_screen();
	paint(&screen, ROWS - 1, COLUMNS - 1, -1, ROLE_TEXT, "漢");
	assert_string_equal(row_of(ROWS - 1, row), "                   …");
	paint(&screen, ROWS - 1, COLUMNS - 2, -1, ROLE_TEXT, "漢");
	assert_string_equal(row_of(ROWS - 1, row), "                  漢");
	/* Half of it painted over: the other half is a blank, nothing is shifted. */
	paint(&screen, ROWS - 1, COLUMNS - 1, 1, ROLE_TEXT, "x");
	assert_string_equal(row_of(ROWS - 1, row), "                   x");
	memory_terminal_close(&terminal);
}

static void
test_boxes(void **state)
{
	static const char *const drawn[2][4] = {
		{ "┌ title ─┐", "│        │", "│        │", "└────────┘" },
		{ "+ title -+", "|        |", "|        |", "+--------+" },
	};

	(void)state;
	for (int ascii = 0; ascii < 2; ascii++) {
		struct canvas screen, box;
		char row[256];

		open_terminal(ascii != 0);
		screen = canvas_screen();
		paint_line(&screen, 1, 0, -1, ROLE_TEXT, "#");
		box = canvas_part(&screen, 0, 0, 4, 10);
		paint_box(&box, ROLE_TEXT, "title");
		for (int i = 0; i < 4; i++)
			assert_memory_equal(row_of(i, row), drawn[ascii][i], strlen(drawn[ascii][i]));
		for (int rows = 0; rows < 3; rows++) {
			box = canvas_part(&screen, 0, 0, rows, rows);
			paint_box(&box, ROLE_TEXT, "a title that is too long");
		}
		memory_terminal_close(&terminal);
	}
}

/* Widths without a terminal are those of a UTF-8 one: documents are written into files too. */
static void
test_width_without_a_terminal(void **state)
{
	(void)state;
	assert_false(terminal_is_open());
	assert_int_equal(text_width("“ü” 漢…"), 7);
}

/* What has no room any more is never left out without a sign. */
static void
test_lines_in_so_many_rows(void **state)
{
	static const struct {
		const char *text;
		int rows, taken;
		const char *last; /* of the rows taken */
	} cases[] = {
		{ "", 3, 0, NULL },
		{ "one two", 3, 1, " one two" },
		{ "one two three", 3, 2, " three" },
		{ "one two three", 1, 1, " one two…" },
		{ "one\ntwo", 2, 2, " two" },
		{ "one\ntwo", 1, 1, " one …" },
		{ "one two three\nfour", 2, 2, " three …" },
		{ "one", 0, 0, NULL },
	};
	char row[256];

	(void)state;
	open_terminal(false);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct canvas screen = canvas_screen();

		paint_clear(&screen, ROLE_TEXT);
		assert_int_equal(wrap_paint(&screen, 0, 1, cases[i].rows, 8, ROLE_TEXT, cases[i].text), cases[i].taken);
		if (cases[i].last != NULL)
			assert_string_equal(row_of(cases[i].taken - 1, row), cases[i].last);
		assert_string_equal(row_of(cases[i].taken, row), "");
	}
	memory_terminal_close(&terminal);
}

static void
test_a_large_frame_is_painted_fast(void **state)
{
	enum { FRAMES = 50, MOST_US = 10000 }; /* 2 ms without sanitizers; machines of tests are busy */
	char text[512];
	struct timespec from, to;
	struct canvas screen;
	long long us;

	(void)state;
	memory_terminal_open(&terminal, 60, 200, &(struct terminal_options){ .colours = 256 });
	screen = canvas_screen();
	memset(text, 0, sizeof text);
	for (size_t i = 0; i < 100; i++)
		strncat(text, i % 10 == 0 ? "│é" : "ab", sizeof text - strlen(text) - 1);
	clock_gettime(CLOCK_MONOTONIC, &from);
	for (int frame = 0; frame < FRAMES; frame++) {
		paint_clear(&screen, ROLE_TEXT);
		for (int row = 0; row < 60; row++)
			paint(&screen, row, 0, -1, row % 3 ? ROLE_FAIL : ROLE_TEXT, text);
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	us = ((to.tv_sec - from.tv_sec) * 1000000LL + (to.tv_nsec - from.tv_nsec) / 1000) / FRAMES;
	print_message("a frame of 200x60: %lld us\n", us);
	assert_true(us < MOST_US);
	memory_terminal_close(&terminal);
}

/* Many terminals draw bold black as grey: CASE and PRACTICE LAB were grey on green with 16 colours. */
static void
test_black_is_never_bold(void **state)
{
	static const char *const names[] = { "dark", "light", "colour-blind" };

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		for (int colours = 8; colours <= 16; colours += 8)
			for (enum role role = 0; role < ROLE_COUNT; role++) {
				struct style s;

				theme_use(names[i], colours);
				s = theme_style(role);
				if (s.foreground == 0 && (s.attributes & STYLE_BOLD) != 0)
					fail_msg("%s, %d colours, role %d", names[i], colours, (int)role);
			}
	theme_use("dark", 256);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_in_a_width),
		cmocka_unit_test(test_harmful_text_is_spelled_out),
		cmocka_unit_test(test_padded),
		cmocka_unit_test(test_nothing_outside_of_a_canvas),
		cmocka_unit_test(test_a_wide_character_in_the_last_column),
		cmocka_unit_test(test_boxes),
		cmocka_unit_test(test_width_without_a_terminal),
		cmocka_unit_test(test_lines_in_so_many_rows),
		cmocka_unit_test(test_black_is_never_bold),
		cmocka_unit_test(test_a_large_frame_is_painted_fast),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
