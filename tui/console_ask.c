/* What is asked for: lines of input at the foot of the screen, and dialogs over it. They get keys before any action does. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/spelling.h"
#include "tui/console_parts.h"
#include "tui/key.h"

/* Work that is done may ask while another dialog is open: nobody's is taken away, the new one comes after it. */
void
console_dialog(struct console *k, struct dialog *d)
{
	if (k->dialog == NULL) {
		k->dialog = d;
	} else {
		k->later = mem_grow(k->later, k->later_len + 1, sizeof *k->later);
		k->later[k->later_len++] = d;
	}
	console_changed(k);
}

static void
next_dialog(struct console *k)
{
	if (k->dialog != NULL || k->later_len == 0)
		return;
	k->dialog = k->later[0];
	memmove(k->later, k->later + 1, --k->later_len * sizeof *k->later);
}

static void
stop_asking(struct console *k)
{
	k->asking = false;
	free(k->filter_before);
	k->filter_before = NULL;
}

static void
ask_with(struct console *k, const struct asking *a, struct history *h)
{
	k->asking = true;
	k->ask = *a;
	prompt_start(&k->prompt, a->label, a->text, h);
	k->prompt.complete = a->complete;
	k->prompt.user = a->user;
	console_changed(k);
}

void
console_ask(struct console *k, const struct asking *a)
{
	ask_with(k, a, &k->others);
}

static void
leave_prompt(struct console *k)
{
	struct asking a = k->ask;

	k->asking = false;
	if (a.left != NULL)
		a.left(k, a.user);
	if (!k->asking)
		stop_asking(k);
}

static void
dialog_takes(struct console *k, int key)
{
	struct dialog *d = k->dialog;

	if (!dialog_key(d, key))
		return;
	/* Its answer may open another one. */
	k->dialog = NULL;
	dialog_answer(d, k);
	dialog_free(d);
	next_dialog(k);
}

static void
prompt_takes(struct console *k, int key)
{
	struct asking a = k->ask;
	char text[PROMPT_MAX];

	/* An Esc that another key follows at once (a slow line hands over both) looks like Alt: it was meant to leave. */
	if ((key & KEY_META) != 0 && strchr("bfd", key & 0x7f) == NULL && key != (KEY_META | KEY_ERASE))
		key = KEY_ESCAPE;
	switch (prompt_key(&k->prompt, key)) {
	case PROMPT_GOES_ON: return;
	case PROMPT_CHANGED:
		if (a.changed != NULL)
			a.changed(k, k->prompt.text, a.user);
		return;
	case PROMPT_ENTERED:
		/* What is done with it may ask for the next thing. */
		snprintf(text, sizeof text, "%s", k->prompt.text);
		stop_asking(k);
		if (a.entered != NULL)
			a.entered(k, text, a.user);
		return;
	case PROMPT_LEFT:
		leave_prompt(k);
		return;
	}
}

/* What is about the terminal and not about what is asked. */
static bool
terminal_takes(struct console *k, int key)
{
	enum action a = action_of_key(key, k->top->ops->scope);

	return !k->in_paste && (a == ACTION_SUSPEND || a == ACTION_REDRAW) && action_for_all(k, a, NULL);
}

bool
asking_key(struct console *k, int key)
{
	/* A paste stays with whom it began with: a question that comes meanwhile is not answered by it. */
	bool dialog = k->dialog != NULL && !k->pasting && !(k->asking && k->prompt.pasting);

	if (!dialog && !k->asking)
		return false;
	/* An answer may be about what is selected, and that may be gone since the last frame. */
	bring_up_to_date(k);
	if (terminal_takes(k, key)) {
		;
	} else if (dialog && (key & KEY_META) != 0) {
		/* An Esc and a key right behind it: the first one closes it, the second one is for what lies below. */
		dialog_takes(k, KEY_ESCAPE);
		console_key(k, key & ~KEY_META);
	} else if (dialog) {
		dialog_takes(k, key);
	} else {
		prompt_takes(k, key);
	}
	console_changed(k);
	return true;
}

/* Whoever asked hears that there is no answer: what they keep for it is theirs to free. */
void
asking_leave(struct console *k)
{
	while (k->dialog != NULL) {
		struct dialog *d = k->dialog;

		k->dialog = NULL;
		dialog_answer(d, k);
		dialog_free(d);
		next_dialog(k);
	}
	if (k->asking)
		leave_prompt(k);
}

void
asking_done(struct console *k)
{
	asking_leave(k);
	free(k->later);
	history_done(&k->commands);
	history_done(&k->filters);
	history_done(&k->others);
}

/* ---- the filter ---- */

void
set_filter(struct console *k, const char *text)
{
	struct body *b = k->top->body;

	if (b == NULL)
		return;
	b->ops->filter(b, text != NULL && text[0] != '\0' ? text : NULL);
	console_changed(k);
}

static void
filter_changed(struct console *k, const char *text, void *user)
{
	(void)user;
	set_filter(k, text);
}

static void
filter_left(struct console *k, void *user)
{
	(void)user;
	set_filter(k, k->filter_before);
}

void
ask_filter(struct console *k)
{
	const char *before = k->top->body->filter_text;

	free(k->filter_before);
	k->filter_before = mem_strdup(before != NULL ? before : "");
	ask_with(k, &(struct asking){ .label = "/", .text = k->filter_before, .changed = filter_changed,
	    .entered = filter_changed, .left = filter_left }, &k->filters);
}

/* ---- commands ---- */

/* Words that an action's argument is one of; NULL: it may be anything. */
static const char *const *
words_of(enum action a)
{
	return a == ACTION_THEME ? theme_names() : a == ACTION_WALKTHROUGH ? walkthrough_names() : NULL;
}

/* "theme da" becomes "theme dark". */
static const char *
complete_argument(const char *text, size_t name_len, size_t n, char *out, size_t size)
{
	const char *start = text + name_len + strspn(text + name_len, " ");
	const char *const *words;
	char name[64];

	snprintf(name, sizeof name, "%.*s", (int)name_len, text);
	words = words_of(action_named(name));
	for (size_t i = 0; words != NULL && words[i] != NULL; i++) {
		if (strncmp(words[i], start, strlen(start)) != 0 || n-- > 0)
			continue;
		snprintf(out, size, "%s %s", name, words[i]);
		return out;
	}
	return NULL;
}

static const char *
complete_command(void *user, const char *text, size_t n)
{
	static char line[PROMPT_MAX];
	const struct console *k = user;
	size_t name_len = strcspn(text, " ");

	if (text[name_len] == ' ')
		return complete_argument(text, name_len, n, line, sizeof line);
	return action_completion(text, k->top->ops->scope, n);
}

static void
say_unknown(struct console *k, const char *name)
{
	const char *nearest = NULL;
	unsigned least = spelling_near(name) + 1;

	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		unsigned far = spelling_distance_to(name, action_info(a)->name);

		if (far < least) {
			least = far;
			nearest = action_info(a)->name;
		}
	}
	if (nearest != NULL)
		console_say(k, ROLE_WARN, "there is no command “%s”; :%s is one", name, nearest);
	else
		console_say(k, ROLE_WARN, "there is no command “%s”; Tab shows those that there are", name);
}

static void
command_entered(struct console *k, const char *text, void *user)
{
	const char *argument;
	char name[64];
	enum action a;

	(void)user;
	text += strspn(text, " ");
	if (text[0] == '\0')
		return;
	snprintf(name, sizeof name, "%.*s", (int)strcspn(text, " "), text);
	argument = text + strcspn(text, " ");
	argument += strspn(argument, " ");
	a = action_named(name);
	if (a == ACTION_NONE)
		say_unknown(k, name);
	else if (argument[0] != '\0' && action_info(a)->argument == NULL)
		console_say(k, ROLE_WARN, "%s takes nothing behind its name", name);
	else
		console_act(k, a, argument[0] != '\0' ? argument : NULL);
}

void
ask_command(struct console *k)
{
	ask_with(k, &(struct asking){ .label = ":", .text = "", .complete = complete_command, .entered = command_entered,
	    .user = k }, &k->commands);
}
