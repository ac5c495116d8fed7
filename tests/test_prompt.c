/*
 * The prompt: readline's keys, history, completion, pasting, UTF-8. Each case types keys by name into a
 * line and looks at it; "|" shows where the cursor is.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/buf.h"
#include "tui/key.h"
#include "tui/prompt.h"

/* A key of a case: a name of tui/key.h, or one of these. */
static int
key_of(const char *name, size_t len)
{
	if (len == 5 && memcmp(name, "PASTE", 5) == 0)
		return KEY_PASTE;
	if (len == 3 && memcmp(name, "END", 3) == 0)
		return KEY_PASTE_END;
	if (len == 2 && memcmp(name, "LF", 2) == 0)
		return '\n';
	int key = key_named(name, len);
	if (key == KEY_NONE)
		fail_msg("no key is called \"%.*s\"", (int)len, name);
	return key;
}

/* Presses them; gives what the last one did. */
static enum prompted
press(struct prompt *p, const char *keys)
{
	enum prompted last = PROMPT_GOES_ON;

	for (keys += strspn(keys, " "); *keys != '\0'; keys += strspn(keys, " ")) {
		size_t len = strcspn(keys, " ");

		last = prompt_key(p, key_of(keys, len));
		assert_true(p->len < PROMPT_MAX && p->text[p->len] == '\0' && strlen(p->text) == p->len);
		assert_true(p->cursor <= p->len && ((unsigned char)p->text[p->cursor] & 0xc0) != 0x80);
		keys += len;
	}
	return last;
}

static void
expect(const struct prompt *p, const char *what, const char *line)
{
	char seen[PROMPT_MAX + 2];

	snprintf(seen, sizeof seen, "%.*s|%s", (int)p->cursor, p->text, p->text + p->cursor);
	if (strcmp(seen, line) != 0)
		fail_msg("%s: \"%s\", expected \"%s\"", what, seen, line);
}

static const struct {
	const char *what, *text, *keys, *line;
	enum prompted last;
} cases[] = {
	{ "typing", "", "a b c", "abc|", PROMPT_CHANGED },
	{ "a blank is a letter", "a", "Space b", "a b|", PROMPT_CHANGED },
	{ "letters that are actions elsewhere", "", "q ? : / r x j k", "q?:/rxjk|", PROMPT_CHANGED },
	{ "left", "abc", "Left", "ab|c", PROMPT_GOES_ON },
	{ "left beyond the beginning", "ab", "Left Left Left Left", "|ab", PROMPT_GOES_ON },
	{ "right beyond the end", "ab", "Right Right", "ab|", PROMPT_GOES_ON },
	{ "C-b and C-f", "abc", "C-b C-b C-f", "ab|c", PROMPT_GOES_ON },
	{ "insert in the middle", "ac", "Left b", "ab|c", PROMPT_CHANGED },
	{ "C-a", "abc", "C-a", "|abc", PROMPT_GOES_ON },
	{ "Home and End", "abc", "Home End", "abc|", PROMPT_GOES_ON },
	{ "C-e", "abc", "C-a C-e", "abc|", PROMPT_GOES_ON },
	{ "Backspace", "abc", "Backspace", "ab|", PROMPT_CHANGED },
	{ "C-h is Backspace", "abc", "C-h", "ab|", PROMPT_CHANGED },
	{ "Backspace at the beginning of a line with text", "abc", "C-a Backspace", "|abc", PROMPT_GOES_ON },
	{ "Backspace in an empty line leaves", "", "Backspace", "|", PROMPT_LEFT },
	{ "C-d erases what is under the cursor", "abc", "C-a C-d", "|bc", PROMPT_CHANGED },
	{ "Delete too", "abc", "Left Del", "ab|", PROMPT_CHANGED },
	{ "Delete at the end does nothing", "abc", "Del", "abc|", PROMPT_GOES_ON },
	{ "C-w erases the word before", "one two three", "C-w", "one two |", PROMPT_CHANGED },
	{ "C-w with blanks behind it", "one two  ", "C-w", "one |", PROMPT_CHANGED },
	{ "C-w in a word takes its beginning", "one two", "Left C-w", "one |o", PROMPT_CHANGED },
	{ "C-w takes a path whole", "add /etc/ssl/x.pem", "C-w", "add |", PROMPT_CHANGED },
	{ "C-w at the beginning", "one", "C-a C-w", "|one", PROMPT_GOES_ON },
	{ "C-u", "one two", "M-b C-u", "|two", PROMPT_CHANGED },
	{ "C-k", "one two", "M-b C-k", "one |", PROMPT_CHANGED },
	{ "C-k at the end", "one", "C-k", "one|", PROMPT_GOES_ON },
	{ "M-b", "one two three", "M-b M-b", "one |two three", PROMPT_GOES_ON },
	{ "M-f", "one two three", "C-a M-f M-f", "one two| three", PROMPT_GOES_ON },
	{ "M-d", "one two three", "C-a M-d", "| two three", PROMPT_CHANGED },
	{ "M-d takes the blanks before the word", "one two three", "C-a M-f M-d", "one| three", PROMPT_CHANGED },
	{ "letters of two and three bytes", "", "ü 東", "ü東|", PROMPT_CHANGED },
	{ "they are stepped over whole", "aü東", "Left Left", "a|ü東", PROMPT_GOES_ON },
	{ "and erased whole", "aü東", "Backspace Backspace", "a|", PROMPT_CHANGED },
	{ "a mark goes with its letter", "ae\xcc\x81", "Backspace", "a|", PROMPT_CHANGED },
	{ "a mark is not stood between", "ae\xcc\x81", "Left", "a|e\xcc\x81", PROMPT_GOES_ON },
	{ "Enter", "abc", "Enter", "abc|", PROMPT_ENTERED },
	{ "Esc leaves", "abc", "Esc", "abc|", PROMPT_LEFT },
	{ "C-c leaves", "abc", "C-c", "abc|", PROMPT_LEFT },
	{ "function and page keys do nothing", "abc", "F1 PgUp PgDn", "abc|", PROMPT_GOES_ON },
	{ "other control keys do nothing", "abc", "C-g C-t C-y", "abc|", PROMPT_GOES_ON },
	{ "other keys with Alt do nothing", "abc", "M-x", "abc|", PROMPT_GOES_ON },
	{ "Tab without completion does nothing", "abc", "Tab BackTab", "abc|", PROMPT_GOES_ON },
	{ "the history where there is none", "abc", "Up Down C-p C-n", "abc|", PROMPT_GOES_ON },
	{ "pasted letters are no actions", "", "PASTE a q b END c", "aqbc|", PROMPT_CHANGED },
	{ "a pasted line end enters nothing", "", "PASTE a Enter b LF c END", "a b c|", PROMPT_GOES_ON },
	{ "a pasted tab completes nothing", "", "PASTE a Tab b END", "a b|", PROMPT_GOES_ON },
	{ "a pasted Esc is left out", "", "PASTE a Esc b END", "ab|", PROMPT_GOES_ON },
	{ "pasted C-u, C-c and Backspace are left out", "", "PASTE a C-u C-c Backspace END", "a|", PROMPT_GOES_ON },
	{ "behind the paste Enter is Enter", "", "PASTE a END Enter", "a|", PROMPT_ENTERED },
};

static void
edits(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct prompt p;

		prompt_start(&p, ":", cases[i].text, NULL);
		enum prompted last = press(&p, cases[i].keys);
		expect(&p, cases[i].what, cases[i].line);
		if (last != cases[i].last)
			fail_msg("%s: the last key gave %d, expected %d", cases[i].what, (int)last, (int)cases[i].last);
	}
}

/* What reorders, hides or controls does not get into the line, typed or pasted. */
static void
what_cannot_be_seen_is_left_out(void **state)
{
	static const int keys[] = { 0x7f, 0x85, 0x9b, 0xad, 0x200b, 0x202e, 0x2066, 0xfeff, 0xe0041, 0xe000, 0x10ffff, 0xd800 };

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct prompt p;

		prompt_start(&p, ":", "", NULL);
		prompt_key(&p, keys[i]);
		prompt_key(&p, KEY_PASTE);
		prompt_key(&p, keys[i]);
		prompt_key(&p, KEY_PASTE_END);
		if (p.len != 0)
			fail_msg("U+%04X is in the line", (unsigned)keys[i]);
	}
}

static void
a_line_that_is_full(void **state)
{
	struct prompt p;

	(void)state;
	prompt_start(&p, ":", "", NULL);
	for (size_t i = 0; i < 2 * PROMPT_MAX; i++)
		prompt_key(&p, 'a');
	assert_int_equal(p.len, PROMPT_MAX - 1);
	assert_int_equal(prompt_key(&p, 'a'), PROMPT_GOES_ON);
	prompt_key(&p, KEY_ERASE);
	assert_int_equal(prompt_key(&p, 0x6771), PROMPT_GOES_ON); /* one byte is left: no part of a letter gets in */
	assert_int_equal(p.len, PROMPT_MAX - 2);

	/* A text that is too long is cut at a whole letter: each of these has two bytes, one does not fit. */
	struct buf b = { 0 };
	for (size_t i = 0; i < PROMPT_MAX; i++)
		buf_adds(&b, "ü");
	prompt_start(&p, ":", buf_str(&b), NULL);
	assert_int_equal(p.len, PROMPT_MAX - 2);
	buf_done(&b);
}

static void
history_is_looked_through(void **state)
{
	struct history h = { 0 };
	struct prompt p;

	(void)state;
	history_add(&h, "first");
	history_add(&h, "second");
	history_add(&h, "second"); /* once is enough */
	history_add(&h, "");
	assert_int_equal(h.len, 2);

	prompt_start(&p, ":", "new", &h);
	assert_int_equal(press(&p, "Up"), PROMPT_CHANGED);
	expect(&p, "up", "second|");
	press(&p, "C-p C-p C-p");
	expect(&p, "up to the first", "first|");
	press(&p, "Down");
	expect(&p, "down", "second|");
	press(&p, "x Down");
	expect(&p, "down to what was typed", "new|");
	assert_int_equal(press(&p, "Down"), PROMPT_GOES_ON);
	press(&p, "Up Enter");
	assert_int_equal(h.len, 2); /* the last one again */
	prompt_start(&p, ":", "third", &h);
	press(&p, "Enter");
	assert_int_equal(h.len, 3);
	prompt_start(&p, ":", "dropped", &h);
	press(&p, "Esc");
	assert_int_equal(h.len, 3);

	for (size_t i = 0; i < 2 * HISTORY_MAX; i++) {
		char line[32];

		snprintf(line, sizeof line, "line %zu", i);
		history_add(&h, line);
	}
	assert_int_equal(h.len, HISTORY_MAX);
	assert_string_equal(h.lines[HISTORY_MAX - 1], "line 199");
	history_done(&h);
	assert_int_equal(h.len, 0);
}

static const char *
complete(void *user, const char *text, size_t n)
{
	static const char *const names[] = { "check", "check-all", "copy", "quit" };

	(void)user;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(names[i], text, strlen(text)) == 0 && n-- == 0)
			return names[i];
	return NULL;
}

static const struct {
	const char *what, *text, *keys, *line;
} completions[] = {
	{ "the first", "ch", "Tab", "check|" },
	{ "the second", "ch", "Tab Tab", "check-all|" },
	{ "behind the last: what was typed", "ch", "Tab Tab Tab", "ch|" },
	{ "and round", "ch", "Tab Tab Tab Tab", "check|" },
	{ "backwards begins at the last", "c", "BackTab", "copy|" },
	{ "back and forth", "c", "Tab Tab BackTab", "check|" },
	{ "back to what was typed", "c", "Tab BackTab", "c|" },
	{ "round backwards", "c", "Tab BackTab BackTab", "copy|" },
	{ "none: it stays", "x", "Tab Tab", "x|" },
	{ "of an empty line: all", "", "Tab", "check|" },
	{ "any other key takes it", "ch", "Tab x", "checkx|" },
	{ "then Tab begins anew", "q", "Tab C-u c o Tab", "copy|" },
	{ "what stands behind the cursor does not count", "chx", "Left Tab", "check|" },
};

static void
completes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof completions / sizeof completions[0]; i++) {
		struct prompt p;

		prompt_start(&p, ":", completions[i].text, NULL);
		p.complete = complete;
		press(&p, completions[i].keys);
		expect(&p, completions[i].what, completions[i].line);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits),
		cmocka_unit_test(what_cannot_be_seen_is_left_out),
		cmocka_unit_test(a_line_that_is_full),
		cmocka_unit_test(history_is_looked_through),
		cmocka_unit_test(completes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
