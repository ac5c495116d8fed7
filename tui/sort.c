#include "tui/sort.h"

#include <stdio.h>
#include <string.h>

#include "tui/console.h"

enum { CHOICES_MAX = 24, OWN_ORDER = -1 };

static void
chosen(struct console *k, int value, void *user)
{
	struct table *t = user;

	table_sort(t, value == OWN_ORDER ? SIZE_MAX : (size_t)value, false);
	console_changed(k);
}

/* A letter that no choice before it has; 0 where all of its letters are taken. */
static int
letter_for(const char *name, const struct choice *choices, size_t len)
{
	for (; *name != '\0'; name++) {
		bool taken = *name < 'a' || *name > 'z' || strchr("qjk", *name) != NULL;

		for (size_t i = 0; i < len; i++)
			taken = taken || choices[i].key == *name;
		if (!taken)
			return *name;
	}
	return 0;
}

static void
ask(struct view *v, struct table *t)
{
	struct choice choices[CHOICES_MAX] = { { .key = 'o', .label = "the list's own order", .value = OWN_ORDER } };
	size_t len = 1, selected = 0;

	for (size_t i = 0; t->source.columns[i].title != NULL && len < CHOICES_MAX; i++) {
		const char *name = t->source.columns[i].name;

		if (name == NULL)
			continue;
		if (i == t->sort_column)
			selected = len;
		choices[len] = (struct choice){ .key = letter_for(name, choices, len), .label = name, .value = (int)i };
		len++;
	}
	console_dialog(v->console, dialog_menu("sort by", choices, len, selected, chosen, t));
}

static void
by_name(struct view *v, struct table *t, const char *name)
{
	size_t column = table_column(t, name);

	if (column == SIZE_MAX) {
		console_say(v->console, ROLE_WARN, "there is no column of that name to sort by; s shows them");
		return;
	}
	table_sort(t, column, false);
	console_changed(v->console);
}

bool
sort_act(struct view *v, struct table *t, enum action a, const char *argument)
{
	if (a == ACTION_REVERSE) {
		table_sort(t, t->sort_column, !t->reverse);
		console_changed(v->console);
	} else if (a == ACTION_SORT && argument != NULL) {
		by_name(v, t, argument);
	} else if (a == ACTION_SORT) {
		ask(v, t);
	} else {
		return false;
	}
	return true;
}
