/*
 * Which row is selected and which is on top: movement, pages, and rows that come, go and move under it.
 * What is selected is a thing, never a line on the screen.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "tui/body.h"

/* u, d: a row; U, D: a page; h, e: first and last. 100 rows on a screen of 10, unless the case says otherwise. */
static const struct {
	const char *what;
	size_t count, height;
	const char *moves;
	size_t selected, top;
} moves[] = {
	{ "it starts at the first", 100, 10, "", 0, 0 },
	{ "down stays on the page", 100, 10, "ddd", 3, 0 },
	{ "up from the first does nothing", 100, 10, "uu", 0, 0 },
	{ "the page moves only when the selection leaves it", 100, 10, "dddddddddd", 10, 1 },
	{ "and up again only at its upper edge", 100, 10, "dddddddddduuuuuuuuu", 1, 1 },
	{ "a page down keeps one row of the one before", 100, 10, "D", 9, 9 },
	{ "the selection keeps its line on the screen", 100, 10, "ddD", 11, 9 },
	{ "a page down and up is where one was", 100, 10, "ddDU", 2, 0 },
	{ "a page up on the first page goes to the first row", 100, 10, "dddU", 0, 0 },
	{ "the last page is full", 100, 10, "e", 99, 90 },
	{ "down from the last does nothing", 100, 10, "ed", 99, 90 },
	{ "a page down on the last page goes to the last row", 100, 10, "euuuD", 99, 90 },
	{ "pages end at the last page", 100, 10, "DDDDDDDDDDDDD", 99, 90 },
	{ "up from the last stays on the page", 100, 10, "euuu", 96, 90 },
	{ "home", 100, 10, "eh", 0, 0 },
	{ "fewer rows than the screen has", 4, 10, "dd", 2, 0 },
	{ "a page down there is the last row", 4, 10, "D", 3, 0 },
	{ "end there scrolls nothing", 4, 10, "e", 3, 0 },
	{ "one row of height", 5, 1, "dd", 2, 2 },
	{ "pages of one row", 5, 1, "DDU", 1, 1 },
	{ "two rows of height: a page is one", 5, 2, "DD", 2, 2 },
	{ "no rows at all", 0, 10, "dDeuUh", 0, 0 },
	{ "no height yet: the selection moves", 100, 0, "ddd", 3, 0 },
};

static void
press(struct position *p, const char *keys)
{
	static const char letters[] = "udUDhe";
	static const enum move of[] = { MOVE_UP, MOVE_DOWN, MOVE_PAGE_UP, MOVE_PAGE_DOWN, MOVE_FIRST, MOVE_LAST };

	for (; *keys != '\0'; keys++)
		position_move(p, of[strchr(letters, *keys) - letters]);
}

static void
moves_as_expected(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
		struct position p = { 0 };

		position_follow(&p, moves[i].count, SIZE_MAX);
		position_fit(&p, moves[i].height);
		press(&p, moves[i].moves);
		if (moves[i].height > 0)
			position_fit(&p, moves[i].height);
		if (p.selected != moves[i].selected || (moves[i].height > 0 && p.top != moves[i].top))
			fail_msg("%s: selected %zu, top %zu; expected %zu, %zu", moves[i].what, p.selected, p.top,
			    moves[i].selected, moves[i].top);
	}
}

/* From a place in 100 rows on a screen of 10, rows change; `row` is where the selected one stands then. */
static const struct {
	const char *what;
	size_t selected, top, count, row, new_selected, new_top;
} changes[] = {
	{ "nothing changed", 15, 10, 100, 15, 15, 10 },
	{ "a row came above: it and its page move on together", 15, 10, 101, 16, 16, 11 },
	{ "a row came below", 15, 10, 101, 15, 15, 10 },
	{ "a row above went", 15, 10, 99, 14, 14, 9 },
	{ "on the first page the page stays", 3, 0, 101, 4, 4, 0 },
	{ "until the row would leave it", 3, 0, 150, 50, 50, 47 },
	{ "sorted to the front", 50, 45, 100, 2, 2, 0 },
	{ "sorted to the end: the last page is full", 50, 45, 100, 99, 99, 90 },
	{ "it went: the row at its place", 15, 10, 99, SIZE_MAX, 15, 10 },
	{ "it went, and was the last", 99, 90, 99, SIZE_MAX, 98, 89 },
	{ "all but three went", 50, 45, 3, SIZE_MAX, 2, 0 },
	{ "all went", 50, 45, 0, SIZE_MAX, 0, 0 },
	{ "a row that there is not counts as gone", 5, 0, 3, 7, 2, 0 },
};

static void
follows_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct position p = { .count = 100, .selected = changes[i].selected, .top = changes[i].top, .height = 10 };

		position_follow(&p, changes[i].count, changes[i].row);
		if (p.selected != changes[i].new_selected || p.top != changes[i].new_top)
			fail_msg("%s: selected %zu, top %zu; expected %zu, %zu", changes[i].what, p.selected, p.top,
			    changes[i].new_selected, changes[i].new_top);
	}
}

/* A screen that shrinks and grows again never loses the selected row, nor shows room below the last one. */
static void
fits_every_height(void **state)
{
	(void)state;
	for (size_t count = 1; count < 30; count++) {
		for (size_t selected = 0; selected < count; selected++) {
			struct position p = { .count = count, .selected = selected };

			for (size_t i = 0; i < 50; i++) {
				size_t height = 1 + i * 7 % 31;

				position_fit(&p, height);
				assert_int_equal(p.selected, selected);
				assert_true(p.top <= selected && selected < p.top + height);
				assert_true(p.top == 0 || p.top + height <= count);
			}
		}
	}
}

/*
 * Ten thousand changes at random: rows come, go and change places. The selected id stays selected for as
 * long as it is there, and on screen always. (k9s, htop #237: the cursor slips to another row.)
 */
static void
never_slips(void **state)
{
	enum { ROWS_MAX = 60 };
	uint64_t ids[ROWS_MAX + 1], next = 1;
	size_t count = 0;
	struct position p = { .height = 8 };

	(void)state;
	srand(7);
	for (size_t turn = 0; turn < 10000; turn++) {
		size_t at = count > 0 ? (size_t)rand() % count : 0, row = SIZE_MAX;
		uint64_t was = count > 0 && p.count > 0 ? ids[p.selected] : 0;
		int deed = rand() % 4;

		if (deed == 0 && count < ROWS_MAX) {
			memmove(ids + at + 1, ids + at, (count - at) * sizeof ids[0]);
			ids[at] = next++;
			count++;
		} else if (deed == 1 && count > 0) {
			memmove(ids + at, ids + at + 1, (count - at - 1) * sizeof ids[0]);
			count--;
		} else if (deed == 2 && count > 1) {
			uint64_t other = ids[0];
			ids[0] = ids[at];
			ids[at] = other;
		} else if (count > 0) {
			position_move(&p, (enum move)(rand() % 6));
			was = ids[p.selected];
		}
		for (size_t i = 0; i < count; i++)
			row = ids[i] == was ? i : row;
		position_follow(&p, count, row);
		if (row != SIZE_MAX)
			assert_true(ids[p.selected] == was);
		if (count > 0)
			assert_true(p.selected < count && p.top <= p.selected && p.selected < p.top + p.height);
	}
	assert_true(next > 1000);
}

static void
counts_have_their_commas(void **state)
{
	static const struct {
		size_t n;
		const char *text;
	} cases[] = {
		{ 0, "0" }, { 7, "7" }, { 999, "999" }, { 1000, "1,000" }, { 10000, "10,000" }, { 999999, "999,999" },
		{ 1000000, "1,000,000" }, { SIZE_MAX, "18,446,744,073,709,551,615" },
	};
	char text[32];

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(count_text(cases[i].n, text, sizeof text), cases[i].text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_as_expected),
		cmocka_unit_test(follows_its_row),
		cmocka_unit_test(fits_every_height),
		cmocka_unit_test(never_slips),
		cmocka_unit_test(counts_have_their_commas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
