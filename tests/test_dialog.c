/*
 * Menus and questions by their keys: what chooses, what leaves, and that no single key, typed, held
 * down or pasted, ever says yes.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tui/dialog.h"
#include "tui/key.h"

enum { NOT_CALLED = -1, UNDER_WAY = -2 };

static void
answered(struct console *k, int value, void *user)
{
	(void)k;
	*(int *)user = value;
}

/* Presses keys by name until one ends it; what was answered, NOT_CALLED, or UNDER_WAY. Frees it. */
static int
press(struct dialog *d, int *answer, const char *keys)
{
	*answer = NOT_CALLED;
	for (keys += strspn(keys, " "); *keys != '\0'; keys += strspn(keys, " ")) {
		size_t len = strcspn(keys, " ");
		int key = len == 5 && memcmp(keys, "PASTE", 5) == 0 ? KEY_PASTE :
		    len == 3 && memcmp(keys, "END", 3) == 0         ? KEY_PASTE_END :
								      key_named(keys, len);

		assert_int_not_equal(key, KEY_NONE);
		keys += len;
		if (!dialog_key(d, key))
			continue;
		dialog_answer(d, NULL);
		dialog_free(d);
		return *answer;
	}
	dialog_free(d);
	return UNDER_WAY;
}

static const struct choice choices[] = {
	{ .key = 's', .label = "summary", .note = "three lines for a chat", .value = 10 },
	{ .key = 'f', .label = "fingerprint", .value = 20 },
	{ .key = 'p', .label = "PEM", .disabled = "no certificate was sent", .value = 30 },
	{ .key = 'j', .label = "JSON", .value = 40 },
	{ .label = "without a letter", .value = 50 },
};
enum { CHOICES = sizeof choices / sizeof choices[0] };

static const struct {
	const char *what, *keys;
	size_t selected;
	int value;
} menus[] = {
	{ "Enter takes what is selected", "Enter", 0, 10 },
	{ "which can be another at first", "Enter", 1, 20 },
	{ "beyond the end: the first", "Enter", 99, 10 },
	{ "down", "Down Enter", 0, 20 },
	{ "up stops at the first", "Up Up Enter", 1, 10 },
	{ "down stops at the last", "Down Down Down Down Down Down Down Enter", 0, 50 },
	{ "Tab and Shift-Tab", "Tab Tab BackTab Enter", 0, 20 },
	{ "k is up, where no choice has the letter", "Down k Enter", 0, 10 },
	{ "j is a choice's letter here", "j", 0, 40 },
	{ "a letter chooses at once", "f", 0, 20 },
	{ "a capital is another letter", "F", 0, UNDER_WAY },
	{ "End and Home", "End Home Enter", 2, 10 },
	{ "End", "End Enter", 0, 50 },
	{ "what is disabled cannot be chosen by its letter", "p", 0, UNDER_WAY },
	{ "but it is selected then, so that its reason is seen", "p Up Enter", 0, 20 },
	{ "nor by Enter", "Down Down Enter", 0, UNDER_WAY },
	{ "Esc leaves", "Down Esc", 0, NOT_CALLED },
	{ "q leaves", "q", 0, NOT_CALLED },
	{ "C-c leaves", "C-c", 0, NOT_CALLED },
	{ "Esc with a key right behind it leaves too", "M-f", 0, NOT_CALLED },
	{ "other letters do nothing", "x y z 1 Space Backspace", 0, UNDER_WAY },
	{ "what is pasted does nothing", "PASTE f Enter END", 0, UNDER_WAY },
	{ "and is over then", "PASTE q END f", 0, 20 },
};

static void
menus_by_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof menus / sizeof menus[0]; i++) {
		int answer, got;

		got = press(dialog_menu("Copy", choices, CHOICES, menus[i].selected, answered, &answer), &answer, menus[i].keys);
		if (got != menus[i].value)
			fail_msg("%s: %d, expected %d", menus[i].what, got, menus[i].value);
	}
}

static void
a_menu_of_nothing(void **state)
{
	int answer;

	(void)state;
	assert_int_equal(press(dialog_menu("Empty", choices, 0, 0, answered, &answer), &answer, "Down Up Enter x"), UNDER_WAY);
	assert_int_equal(press(dialog_menu("Empty", choices, 0, 0, answered, &answer), &answer, "Esc"), NOT_CALLED);
}

static const struct {
	const char *what, *keys;
	int answer; /* 1: yes */
} questions[] = {
	{ "Enter is Cancel at first", "Enter", 0 },
	{ "Tab, Enter", "Tab Enter", 1 },
	{ "Right, Enter", "Right Enter", 1 },
	{ "there and back", "Tab Tab Enter", 0 },
	{ "Right and Left", "Right Left Enter", 0 },
	{ "Right does not go round", "Right Right Enter", 1 },
	{ "Shift-Tab", "BackTab Enter", 1 },
	{ "Esc is Cancel, wherever one is", "Tab Esc", 0 },
	{ "q is Cancel", "Tab q", 0 },
	{ "C-c is Cancel", "Tab C-c", 0 },
	{ "Esc with a key right behind it is Cancel", "Tab M-y", 0 },
	{ "y says nothing", "y Y", UNDER_WAY },
	{ "y and Enter: the default", "y Enter", 0 },
	{ "the letter of the button says nothing", "a A d D", UNDER_WAY },
	{ "Space presses nothing", "Tab Space", UNDER_WAY },
	{ "Down scrolls, and chooses nothing", "Down Down PgDn End Enter", 0 },
	{ "what is pasted says nothing", "PASTE Tab Enter y Enter END", UNDER_WAY },
};

static void
questions_by_key(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
		int answer, got;

		got = press(dialog_question("Renew", "This changes a server.", "Apply", answered, &answer), &answer,
		    questions[i].keys);
		if (got != questions[i].answer)
			fail_msg("%s: %d, expected %d", questions[i].what, got, questions[i].answer);
	}
}

/* dua-cli #248, k9s #3506: a key that was meant for something else deleted things. Each key there is, once and held down. */
static void
no_single_key_says_yes(void **state)
{
	(void)state;
	for (int key = 1; key < KEY_GONE; key += key == 0x300 ? KEYS_ABOVE - 0x300 : 1) {
		for (int meta = 0; meta <= KEY_META; meta += KEY_META) {
			int answer = NOT_CALLED;
			struct dialog *d = dialog_question("Renew", "This changes a server.", "Yes", answered, &answer);

			for (size_t times = 0; times < 5; times++)
				if (dialog_key(d, key | meta))
					break;
			dialog_answer(d, NULL);
			if (answer == 1)
				fail_msg("key %#x says yes", (unsigned)(key | meta));
			assert_int_equal(answer, 0);
			dialog_free(d);
		}
	}
}

/* The texts are the dialog's own: what they were made of may go. */
static void
texts_are_copied(void **state)
{
	char label[] = "label", note[] = "note";
	struct choice c = { .key = 'l', .label = label, .note = note, .value = 3 };
	int answer;
	struct dialog *d = dialog_menu(label, &c, 1, 0, answered, &answer);

	(void)state;
	memset(label, 'x', sizeof label);
	memset(note, 'x', sizeof note);
	c.value = 4;
	assert_int_equal(press(d, &answer, "Enter"), 3);
	dialog_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(menus_by_key),
		cmocka_unit_test(a_menu_of_nothing),
		cmocka_unit_test(questions_by_key),
		cmocka_unit_test(no_single_key_says_yes),
		cmocka_unit_test(texts_are_copied),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
