#include "tui/copy.h"

#include <stdint.h>

#include "model/memory.h"
#include "tui/console.h"
#include "tui/copy_texts.h"

/* What is asked for next carries its row of the table: the text itself is composed when it is needed, out of what is known then. */
static void *
row_as_user(const struct copyable *c)
{
	return (void *)(uintptr_t)(size_t)(c - copyables);
}

static const struct copyable *
user_as_row(void *user)
{
	return &copyables[(size_t)(uintptr_t)user];
}

static size_t
lines_of(const struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return b->len > 0 && b->data[b->len - 1] != '\n' ? n + 1 : n;
}

static void file_entered(struct console *k, const char *path, void *user);

/* The terminal takes nothing: a file is the way that is left. */
static void
offer_file(struct console *k, const struct copyable *c)
{
	console_say(k, ROLE_WARN, "this terminal takes no copy of %s (no tmux, no OSC 52, or too long): a file?", c->label);
	console_ask(k, &(struct asking){
		.label = "write it to: ",
		.text = "mtlscope-copy.txt",
		.entered = file_entered,
		.user = row_as_user(c),
	});
}

static void
copy(struct console *k, const struct copyable *c, const struct buf *text)
{
	size_t lines = lines_of(text);
	const char *plural = lines == 1 ? "" : "s";

	switch (terminal_copy(text->data, text->len)) {
	case COPIED_TMUX:
		console_say(k, ROLE_OK, "copied by tmux: %s, %zu line%s", c->label, lines, plural);
		break;
	case COPIED_OSC52:
		console_say(k, ROLE_OK, "sent to the terminal as OSC 52 (the terminal must allow it): %s, %zu line%s", c->label, lines,
		    plural);
		break;
	case COPIED_NOT:
		offer_file(k, c);
		break;
	}
}

/* To a file where there is a path. Composed now: a check may have come in since it was offered. */
static void
hand_out(struct console *k, const struct copyable *c, const char *path)
{
	struct arena *a = arena_new();
	struct buf text = { 0 };
	const char *note = NULL, *why = c->compose(console_top(k), a, &text, &note);

	if (why != NULL)
		console_say(k, ROLE_WARN, "%s: %s", c->label, why);
	else if (path != NULL)
		write_bytes(k, path, buf_str(&text), text.len, "of text");
	else
		copy(k, c, &text);
	buf_done(&text);
	arena_free(a);
}

static void
file_entered(struct console *k, const char *path, void *user)
{
	hand_out(k, user_as_row(user), path);
}

static void
chosen(struct console *k, int value, void *user)
{
	(void)user;
	hand_out(k, &copyables[value], NULL);
}

void
copy_menu(struct view *v)
{
	struct arena *a = arena_new();
	struct choice *choices = arena_array(a, copyables_len, sizeof *choices);
	struct buf text = { 0 };
	size_t first = SIZE_MAX, len = 0;

	for (size_t i = 0; i < copyables_len; i++) {
		struct choice *choice = &choices[len];

		if (!copy_is_for(v, &copyables[i]))
			continue;
		*choice = (struct choice){ .key = copyables[i].key, .label = copyables[i].label, .value = (int)i };
		const char *why = NULL;

		buf_reset(&text);
		if (copy_is_long(v, &copyables[i]))
			choice->note = "every row of it";
		else
			why = copyables[i].compose(v, a, &text, &choice->note);
		/* Without colours a reason looks like a note: it says no in words. */
		choice->disabled = why != NULL ? arena_printf(a, "no: %s", why) : NULL;
		if (why == NULL && first == SIZE_MAX)
			first = len;
		len++;
	}
	console_dialog(v->console, dialog_menu("copy", choices, len, first, chosen, NULL));
	buf_done(&text);
	arena_free(a);
}
