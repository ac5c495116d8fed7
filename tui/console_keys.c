/* Keys, and the one place where an action is done: what it needs, what the view has against it, the view, what all screens share. */
#include <signal.h>

#include "tui/console_parts.h"
#include "tui/key.h"
#include "tui/plan_screen.h"

/* What a key changed is known to the view before the next one is dealt with, whether a frame lies between them or not. */
void
bring_up_to_date(struct console *k)
{
	if (k->stale && k->top->ops->refresh != NULL)
		k->top->ops->refresh(k->top, terminal_columns());
	k->stale = false;
}

/* What must be so, said the other way round: why it is not. */
static const char *
unmet_need(const struct console *k, unsigned needs)
{
	const struct view *v = k->top;
	bool row = v->entry != NULL || v->cert != NULL || (v->body != NULL && v->body->ops->has_row(v->body));

	if ((needs & NEED_LIVE) != 0 && k->setup.is_case)
		return "this is a saved case: nothing is contacted, and no other file is read; mtlscope check looks again";
	if ((needs & NEED_ROW) != 0 && !row)
		return "no row is selected";
	if ((needs & NEED_CHANGES) != 0 && !console_allows_changes(k))
		return "this console is read-only: start it with --allow-changes";
	if ((needs & NEED_RUNNING) != 0 && console_running(k, NULL) == 0)
		return "nothing is being checked";
	if ((needs & NEED_WALKTHROUGH) != 0 && k->walk.of == NULL)
		return "no walkthrough is under way";
	return NULL;
}

const char *
action_refused(const struct console *k, enum action a)
{
	const char *why = unmet_need(k, action_info(a)->needs);

	/* The endpoint has findings to choose from. */
	if (why == NULL && a == ACTION_FIX && k->top->ops->scope != SCOPE_ENDPOINT)
		why = plan_none_for(k->top->entry, CODE_NONE);
	return why == NULL && k->top->ops->refuses != NULL ? k->top->ops->refuses(k->top, a) : why;
}

void
console_act(struct console *k, enum action a, const char *argument)
{
	const struct action_info *info = action_info(a);
	const char *why;

	bring_up_to_date(k);
	if ((info->scopes & k->top->ops->scope) == 0) {
		console_say(k, ROLE_WARN, "%s is not for this screen", info->name);
		return;
	}
	/* What a command names itself needs no row, and it is not the row that may have reasons against it. */
	why = argument != NULL && info->argument != NULL ? unmet_need(k, info->needs & ~(unsigned)NEED_ROW) : action_refused(k, a);
	if (why != NULL) {
		console_say(k, ROLE_WARN, "%s: %s", info->name, why);
		return;
	}
	console_changed(k);
	if ((k->top->ops->act == NULL || !k->top->ops->act(k->top, a, argument)) && !action_for_all(k, a, argument))
		console_say(k, ROLE_DIM, "%s: there is nothing to do here", info->name);
}

/* Text that lands outside of a prompt would be a row of actions: it is none. */
static bool
pasted_key(struct console *k, int key)
{
	if (key == KEY_PASTE) {
		k->pasting = true;
		return true;
	}
	if (!k->pasting)
		return false;
	if (key == KEY_PASTE_END) {
		k->pasting = false;
		console_say(k, ROLE_WARN, "pasted text is only taken where text is asked for: press : or / or a before it");
	}
	return true;
}

static void
say_unknown_key(struct console *k, int key)
{
	char name[16], help[16];

	if (key < KEY_META)
		console_say(k, ROLE_DIM, "%s does nothing here; %s lists what the keys do", name_of_key(key, name, sizeof name),
		    action_key(ACTION_HELP, help, sizeof help));
}

static void
plain_key(struct console *k, int key)
{
	enum action a = action_of_key(key, k->top->ops->scope);

	if (key == KEY_CONTROL('c')) {
		end_with(k, SIGINT);
	} else if (key == KEY_CONTROL('\\')) {
		end_with(k, SIGQUIT);
	} else if (a != ACTION_NONE) {
		k->key = key;
		console_act(k, a, NULL);
		k->key = KEY_NONE;
	} else if ((key & KEY_META) != 0) {
		/* An Esc and a key right behind it look like Alt with that key. */
		console_key(k, KEY_ESCAPE);
		console_key(k, key & ~KEY_META);
	} else {
		say_unknown_key(k, key);
	}
}

void
console_key(struct console *k, int key)
{
	if (key == KEY_NONE || k->over)
		return;
	if (k->said_seen) {
		buf_reset(&k->said);
		k->said_seen = false;
	}
	k->urgent = k->changed = true;
	if (key == KEY_PASTE || key == KEY_PASTE_END)
		k->in_paste = key == KEY_PASTE;
	if (key == KEY_GONE)
		end_with(k, SIGHUP);
	else if (key == KEY_RESIZED)
		k->whole = k->stale = true;
	else if (!asking_key(k, key) && !pasted_key(k, key))
		plain_key(k, key);
	reap_views(k);
}
