/* Wrapping, composing, filtering, scrolling and selecting: documents by their text, without a screen. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tui/document.h"
#include "tui/wrap.h"

/* Lines are separated by "/", a line that is only cut off from the one before by "\n" in the text. */
static const struct {
	const char *what, *text;
	int width;
	const char *lines;
} wraps[] = {
	{ "fits", "one two", 10, "one two" },
	{ "fits exactly", "one two", 7, "one two" },
	{ "between words", "one two three", 8, "one two/three" },
	{ "the blank at the end takes no room", "one two", 3, "one/two" },
	{ "several blanks are one break", "one   two", 5, "one/two" },
	{ "blanks within a line stay", "a   b c", 5, "a   b/c" },
	{ "a word that is longer than a line is broken", "abcdefghij", 4, "abcd/efgh/ij" },
	{ "in the middle of others too", "ab abcdefghij c", 4, "ab/abcd/efgh/ij c" },
	{ "line ends", "one\ntwo", 10, "one/two" },
	{ "an empty line", "one\n\ntwo", 10, "one//two" },
	{ "a line end at the end is no further line", "one\n", 10, "one" },
	{ "wide letters take two columns", "東京東京", 4, "東京/東京" },
	{ "and are not cut in half", "東京東京", 5, "東京/東京" },
	{ "a wide letter in one column: one a line", "東京", 1, "東/京" },
	{ "marks stay with their letter", "e\xcc\x81" "e\xcc\x81", 1, "e\xcc\x81/e\xcc\x81" },
	{ "nothing", "", 5, "" },
	{ "one column", "ab c", 1, "a/b/c" },
};

static void
wraps_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wraps / sizeof wraps[0]; i++) {
		struct buf b = { 0 };
		size_t rest, lines = 0;

		for (const char *text = wraps[i].text; *text != '\0'; text += rest, lines++) {
			size_t len = wrap_line(text, wraps[i].width, wraps[i].width, &rest);

			assert_true(rest > 0 && rest >= len);
			buf_adds(&b, lines > 0 ? "/" : "");
			buf_add(&b, text, len);
		}
		if (strcmp(buf_str(&b), wraps[i].lines) != 0)
			fail_msg("%s: %s, expected %s", wraps[i].what, buf_str(&b), wraps[i].lines);
		assert_int_equal(wrap_lines(wraps[i].text, wraps[i].width), lines);
		buf_done(&b);
	}
}

/* What is left of a line: a word goes on the next one, unless no line would hold it. */
static void
wraps_the_rest_of_a_line(void **state)
{
	static const struct {
		const char *text;
		int room, full;
		size_t len, rest;
	} cases[] = {
		{ "word", 3, 10, 0, 0 },
		{ "word", 4, 10, 4, 4 },
		{ "a word", 3, 10, 1, 2 },
		{ " word", 3, 10, 0, 0 },
		{ "abcdefghijklm", 3, 10, 3, 3 },
		{ " abcdefghijklm", 3, 10, 3, 3 },
		{ "x", 0, 10, 0, 0 },
		{ "x", -5, 10, 0, 0 },
		{ "\nx", 0, 10, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		size_t rest, len = wrap_line(cases[i].text, cases[i].room, cases[i].full, &rest);

		if (len != cases[i].len || rest != cases[i].rest)
			fail_msg("\"%s\" in %d: %zu, rest %zu", cases[i].text, cases[i].room, len, rest);
	}
}

static void
expect(struct document *d, const char *text)
{
	struct buf b = { 0 };

	d->body.ops->write(&d->body, &b);
	assert_string_equal(buf_str(&b), text);
	buf_done(&b);
}

static void
composes(void **state)
{
	struct document d;

	(void)state;
	document_start(&d);
	document_clear(&d, 30);
	document_text(&d, ROLE_FAIL, "FAIL"); /* begins the first line */
	document_text(&d, ROLE_TEXT, "  it fails");
	document_line(&d);
	document_line(&d);
	document_at(&d, 4, ROLE_TEXT, "four");
	document_at(&d, 12, ROLE_TEXT, "twelve");
	document_at(&d, 15, ROLE_TEXT, "pushed");
	document_label(&d, "mend", ROLE_TEXT, "put it into the file and look again");
	document_label(&d, "a long label", ROLE_TEXT, "is pushed along, and its text goes on below");
	document_label(&d, "seventy", ROLE_TEXT, "fits");
	document_label(&d, "eightieth", ROLE_TEXT, "no");
	document_label(&d, "eight ab", ROLE_TEXT, "keeps a blank");
	document_label(&d, "none", ROLE_TEXT, "");
	document_line(&d);
	document_wrap(&d, 2, ROLE_TEXT, "a paragraph that begins at its indent");
	document_line(&d);
	document_text(&d, ROLE_TEXT, "• ");
	document_wrap(&d, 2, ROLE_TEXT, "a point whose text");
	document_wrap(&d, 2, ROLE_OK, " goes on in another look");
	document_textf(&d, ROLE_TEXT, " and %d%s", 7, "!");
	document_composed(&d);
	expect(&d,
	    "FAIL  it fails\n"
	    "\n"
	    "    four    twelve pushed\n"
	    " mend    put it into the file\n"
	    "         and look again\n"
	    " a long label is pushed\n"
	    "         along, and its text\n"
	    "         goes on below\n"
	    " seventy fits\n"
	    " eightieth no\n"
	    " eight ab keeps a blank\n"
	    " none\n"
	    "  a paragraph that begins at\n"
	    "  its indent\n"
	    "• a point whose text goes on\n"
	    "  in another look and 7!\n");
	document_done(&d);
}

/* Whatever the text and the width, no line is wider than the document, and no word is lost. */
static void
no_line_is_too_wide(void **state)
{
	static const char text[] = "“order-service” leads to CN=Acme Root CA, which 0a4f19c2f0e0b3a1c4d5e6f70819 東京 signed in 2019: it ends";

	(void)state;
	for (int columns = 24; columns < 130; columns++) {
		struct document d;
		struct buf whole = { 0 };

		document_start(&d);
		document_clear(&d, columns);
		document_label(&d, "cause", ROLE_TEXT, text);
		document_composed(&d);
		for (size_t i = 0; i < d.len; i++) {
			int end = 0;

			for (size_t s = 0; s < d.lines[i].len; s++) {
				const struct span *span = &d.lines[i].spans[s];
				end = (span->column > end ? span->column : end) + text_width(span->text);
				if (s > 0 || i > 0)
					buf_adds(&whole, span->text);
			}
			if (end >= columns)
				fail_msg("%d columns: line %zu has %d", columns, i, end);
		}
		/* The same letters in the same order, blanks aside. */
		const char *a = buf_str(&whole), *b = text;
		while (*a != '\0' || *b != '\0') {
			a += strspn(a, " ");
			b += strspn(b, " ");
			assert_int_equal(*a, *b);
			a += *a != '\0';
			b += *b != '\0';
		}
		buf_done(&whole);
		document_done(&d);
	}
}

static void
filters_by_paragraph(void **state)
{
	struct document d;
	size_t shown, all;

	(void)state;
	document_start(&d);
	document_clear(&d, 20);
	document_label(&d, "one", ROLE_TEXT, "alpha beta gamma");
	document_label(&d, "two", ROLE_TEXT, "delta");
	document_label(&d, "three", ROLE_TEXT, "epsilon");
	document_composed(&d);
	expect(&d, " one     alpha beta\n         gamma\n two     delta\n three   epsilon\n");
	d.body.ops->filter(&d.body, "GAMMA"); /* what was wrapped away belongs to its line */
	expect(&d, " one     alpha beta\n         gamma\n");
	d.body.ops->count(&d.body, &shown, &all);
	assert_int_equal(shown, 2);
	assert_int_equal(all, 4);
	d.body.ops->filter(&d.body, "beta gamma"); /* also across the break */
	expect(&d, " one     alpha beta\n         gamma\n");
	d.body.ops->filter(&d.body, "!gamma");
	expect(&d, " two     delta\n three   epsilon\n");
	d.body.ops->filter(&d.body, "nothing");
	expect(&d, "");
	/* It stays when the document is composed anew. */
	d.body.ops->filter(&d.body, "e");
	document_clear(&d, 40);
	document_label(&d, "four", ROLE_TEXT, "eta");
	document_label(&d, "five", ROLE_TEXT, "zhi");
	document_label(&d, "six", ROLE_TEXT, "xi");
	document_composed(&d);
	expect(&d, " four    eta\n five    zhi\n");
	d.body.ops->filter(&d.body, NULL);
	expect(&d, " four    eta\n five    zhi\n six     xi\n");
	document_done(&d);
}

/* A document of `lines` lines; those whose number is in `ids` can be selected, by that number plus one. */
static void
compose_lines(struct document *d, size_t lines, const size_t *ids)
{
	document_clear(d, 80);
	for (size_t i = 0; i < lines; i++) {
		size_t at = 0;

		while (ids[at] != SIZE_MAX && ids[at] != i)
			at++;
		if (ids[at] == i)
			document_line_id(d, i + 1);
		else
			document_line(d);
		document_textf(d, ROLE_TEXT, "line %zu", i);
	}
	document_composed(d);
}

static void
press(struct document *d, const char *keys)
{
	static const char letters[] = "udUDhe";
	static const enum move of[] = { MOVE_UP, MOVE_DOWN, MOVE_PAGE_UP, MOVE_PAGE_DOWN, MOVE_FIRST, MOVE_LAST };

	for (; *keys != '\0'; keys++)
		d->body.ops->move(&d->body, of[strchr(letters, *keys) - letters]);
}

/* Thirty lines on a screen of ten. `selected` is a line's number, -1 where none is. */
static const struct {
	const char *what;
	size_t ids[6];
	const char *moves;
	size_t top;
	int selected;
} scrolls[] = {
	{ "without anything to select: a line at a time", { SIZE_MAX }, "ddd", 3, -1 },
	{ "pages keep a line", { SIZE_MAX }, "D", 9, -1 },
	{ "the end", { SIZE_MAX }, "e", 20, -1 },
	{ "not beyond it", { SIZE_MAX }, "eddD", 20, -1 },
	{ "nor before the beginning", { SIZE_MAX }, "duuuU", 0, -1 },
	{ "the next thing in sight is selected, nothing scrolls", { 0, 3, 7, SIZE_MAX }, "dd", 0, 7 },
	{ "and back", { 0, 3, 7, SIZE_MAX }, "ddu", 0, 3 },
	{ "the next is far: it scrolls by lines", { 0, 25, SIZE_MAX }, "ddd", 3, -1 },
	{ "until it is in sight, and selects it", { 0, 15, SIZE_MAX }, "dddddd", 6, 15 },
	{ "up above the first thing: it scrolls", { 5, 15, SIZE_MAX }, "Du", 8, 15 },
	{ "a page takes the selection along", { 0, 3, 12, 15, SIZE_MAX }, "D", 9, 12 },
	{ "and back up: the last in sight", { 0, 3, 12, 15, SIZE_MAX }, "DU", 0, 3 },
	{ "behind the last thing the rest can be read", { 0, SIZE_MAX }, "dddddddddddddddddddddddddd", 20, -1 },
	{ "the end selects the last thing, where it is in sight", { 0, 27, SIZE_MAX }, "e", 20, 27 },
	{ "where it is not, none", { 0, 5, SIZE_MAX }, "e", 20, -1 },
	{ "home", { 2, 27, SIZE_MAX }, "eh", 0, 2 },
	{ "a page up on the first page: the first thing", { 0, 3, 7, SIZE_MAX }, "ddU", 0, 0 },
	{ "a page down on the last: the last thing", { 21, 22, 28, SIZE_MAX }, "eD", 20, 28 },
};

static void
scrolls_and_selects(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof scrolls / sizeof scrolls[0]; i++) {
		struct document d;

		document_start(&d);
		compose_lines(&d, 30, scrolls[i].ids);
		d.height = 10; /* as drawn */
		press(&d, scrolls[i].moves);
		int selected = (int)document_selected(&d) - 1;
		if (d.top != scrolls[i].top || selected != scrolls[i].selected)
			fail_msg("%s: top %zu, selected %d; expected %zu, %d", scrolls[i].what, d.top, selected, scrolls[i].top,
			    scrolls[i].selected);
		document_done(&d);
	}
}

/* Every line can be brought on screen, whatever can be selected: nothing is out of reach. */
static void
every_line_can_be_reached(void **state)
{
	(void)state;
	srand(5);
	for (size_t turn = 0; turn < 200; turn++) {
		size_t ids[8] = { 0 }, lines = 1 + (size_t)rand() % 60;
		struct document d;
		bool seen[64] = { false };

		for (size_t i = 0; i < 7; i++)
			ids[i] = (size_t)rand() % lines;
		ids[rand() % 8] = SIZE_MAX;
		ids[7] = SIZE_MAX;
		document_start(&d);
		compose_lines(&d, lines, ids);
		d.height = 1 + (size_t)rand() % 12;
		press(&d, turn % 2 == 0 ? "h" : "e");
		for (size_t key = 0; key < 2 * lines + 8; key++) {
			for (size_t i = d.top; i < d.top + d.height && i < lines; i++)
				seen[i] = true;
			press(&d, turn % 2 == 0 ? "d" : "u");
		}
		for (size_t i = 0; i < lines; i++)
			if (!seen[i])
				fail_msg("turn %zu: line %zu of %zu was never on a screen of %zu", turn, i, lines, d.height);
		document_done(&d);
	}
}

/* What is selected, and what is on top, stay when the document is composed anew. */
static void
stays_when_composed_anew(void **state)
{
	static const size_t before[] = { 2, 5, 8, SIZE_MAX }, after[] = { 3, 5, 20, SIZE_MAX };
	struct document d;

	(void)state;
	document_start(&d);
	compose_lines(&d, 30, before);
	d.height = 10;
	press(&d, "d");
	assert_int_equal(document_selected(&d), 6);
	compose_lines(&d, 40, after); /* its id is the second thing's again */
	assert_int_equal(document_selected(&d), 6);
	assert_int_equal(d.top, 0);
	press(&d, "DD");
	assert_int_equal(d.top, 18);
	compose_lines(&d, 40, after);
	assert_int_equal(d.top, 18);
	compose_lines(&d, 12, before); /* shorter: the last page */
	assert_int_equal(d.top, 2);
	compose_lines(&d, 3, before + 3); /* nothing to select */
	assert_int_equal(document_selected(&d), 0);
	assert_true(d.body.ops->has_row(&d.body)); /* then it is itself what one acts on */
	document_clear(&d, 80);
	document_composed(&d);
	assert_false(d.body.ops->has_row(&d.body));
	document_done(&d);
}

/* Several lines that follow each other with one id are one thing; so are the lines that it was wrapped into. */
static void
things_of_several_lines(void **state)
{
	struct document d;

	(void)state;
	document_start(&d);
	document_clear(&d, 24);
	for (uint64_t id = 1; id <= 3; id++) {
		document_line_id(&d, id);
		document_wrap(&d, 2, ROLE_TEXT, "a text that takes three lines of this width: so long");
		document_line_on(&d);
		document_text(&d, ROLE_DIM, "    and one more");
	}
	document_composed(&d);
	d.height = 5;
	assert_int_equal(d.len, 12);
	assert_int_equal(d.at.count, 3);
	press(&d, "d");
	assert_int_equal(document_selected(&d), 2);
	assert_int_equal(d.top, 3); /* all of it is on screen */
	press(&d, "d");
	assert_int_equal(document_selected(&d), 3);
	assert_int_equal(d.top, 7);
	press(&d, "u");
	assert_int_equal(d.top, 4);
	document_select(&d, 1);
	assert_int_equal(document_selected(&d), 1);
	assert_int_equal(d.top, 0);
	document_select(&d, 99);
	assert_int_equal(document_selected(&d), 1);
	document_done(&d);
}

/* Leaving a filter, the line that was on top is there again. */
static void
a_filter_keeps_the_place(void **state)
{
	static const size_t none[] = { SIZE_MAX };
	struct document d;

	(void)state;
	document_start(&d);
	compose_lines(&d, 100, none);
	d.height = 10;
	press(&d, "DDDDD");
	assert_int_equal(d.top, 45);
	d.body.ops->filter(&d.body, "line"); /* all */
	assert_int_equal(d.top, 45);
	d.body.ops->filter(&d.body, "line 5");
	assert_int_equal(d.shown_len, 19); /* both words: 5, 15 … 45, 50 … 59, 65 … 95 */
	assert_int_equal(d.top, 4);
	d.body.ops->filter(&d.body, "");
	assert_int_equal(d.top, 45);
	document_done(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wraps_text),
		cmocka_unit_test(wraps_the_rest_of_a_line),
		cmocka_unit_test(composes),
		cmocka_unit_test(no_line_is_too_wide),
		cmocka_unit_test(filters_by_paragraph),
		cmocka_unit_test(scrolls_and_selects),
		cmocka_unit_test(every_line_can_be_reached),
		cmocka_unit_test(stays_when_composed_anew),
		cmocka_unit_test(things_of_several_lines),
		cmocka_unit_test(a_filter_keeps_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
