/* What is done alike on every screen; what views do themselves comes before it. */
#include <string.h>

#include "tui/console_parts.h"
#include "tui/copy.h"
#include "tui/fleet.h"
#include "tui/key.h"
#include "tui/plan_screen.h"
#include "tui/rollover.h"
#include "tui/save_case.h"
#include "tui/theme.h"

static bool
move(struct console *k, enum move m)
{
	struct body *b = k->top->body;

	if (b == NULL)
		return false;
	b->ops->move(b, m);
	return true;
}

#define MOVE(name, which)                                  \
	static bool name(struct console *k, const char *argument) \
	{                                                  \
		(void)argument;                            \
		return move(k, which);                     \
	}
MOVE(up, MOVE_UP)
MOVE(down, MOVE_DOWN)
MOVE(page_up, MOVE_PAGE_UP)
MOVE(page_down, MOVE_PAGE_DOWN)
MOVE(first, MOVE_FIRST)
MOVE(last, MOVE_LAST)
#undef MOVE

static bool
help(struct console *k, const char *argument)
{
	unsigned scope = k->top->ops->scope;

	(void)argument;
	console_push(k, &help_view, &scope);
	return true;
}

/* Esc takes away what lies over the list first; only q leaves the program. */
static bool
back(struct console *k, const char *argument)
{
	struct body *b = k->top->body;
	char key[16];

	(void)argument;
	if (k->key == KEY_ESCAPE && b != NULL && b->filter_text != NULL) {
		set_filter(k, NULL);
		console_say(k, ROLE_DIM, "all rows again");
	} else if (k->top->below != NULL) {
		console_pop(k);
	} else if (k->key == 'q') {
		console_quit(k);
	} else {
		console_say(k, ROLE_DIM, "this is the first screen; %s leaves the program", action_key(ACTION_BACK, key, sizeof key));
	}
	return true;
}

/* Where the view has no branch to go into. */
static bool
in(struct console *k, const char *argument)
{
	console_act(k, ACTION_OPEN, argument);
	return true;
}

static bool
filter(struct console *k, const char *argument)
{
	if (k->top->body == NULL)
		return false;
	if (argument != NULL)
		set_filter(k, argument);
	else
		ask_filter(k);
	return true;
}

static bool
check(struct console *k, const char *argument)
{
	if (argument != NULL)
		fleet_check_target(k, argument);
	else if (k->top->entry != NULL)
		console_check_aloud(k, &k->top->entry, 1);
	return argument != NULL || k->top->entry != NULL;
}

static bool
check_all(struct console *k, const char *argument)
{
	(void)argument;
	for_everything(k, console_check_aloud);
	return fleet_len(k->fleet) > 0;
}

static bool
add(struct console *k, const char *argument)
{
	if (argument != NULL)
		fleet_check_target(k, argument);
	else
		fleet_ask_target(k);
	return true;
}

static bool
cancel(struct console *k, const char *argument)
{
	(void)argument;
	console_cancel(k);
	return true;
}

static bool
identities(struct console *k, const char *argument)
{
	console_push(k, &identities_view, argument);
	return true;
}

static bool
authorities(struct console *k, const char *argument)
{
	(void)argument;
	console_push(k, &authorities_view, NULL);
	return true;
}

static bool
rollover(struct console *k, const char *argument)
{
	rollover_open_screen(k, argument);
	return true;
}

/* Of what is selected: its root cause. A plan is one endpoint's: of a cause's, the first is taken; the plan says how many have it besides. */
static bool
fix(struct console *k, const char *argument)
{
	(void)argument;
	plan_open(k, k->top->entry, CODE_NONE);
	return true;
}

static bool
log_of_changes(struct console *k, const char *argument)
{
	(void)argument;
	console_push(k, &changes_view, NULL);
	return true;
}

/* Without a place: to the screen, where it listens or did; there, or where it never did, the place is asked for. */
static bool
listen(struct console *k, const char *argument)
{
	/* It says why not. */
	if (console_practice_lab(k)) {
		console_listen(k, "");
		return true;
	}
	if (argument != NULL)
		console_listen(k, argument);
	else if (console_clients(k)->about == NULL || k->top->ops == &listen_view)
		listens_ask(k);
	else
		argument = "";
	if (argument != NULL && k->top->ops != &listen_view)
		console_push(k, &listen_view, NULL);
	return true;
}

static bool
copy(struct console *k, const char *argument)
{
	(void)argument;
	copy_menu(k->top);
	return true;
}

static bool
save_selected(struct console *k, const char *argument)
{
	if (k->top->entry == NULL)
		return false;
	save_case(k->top, argument);
	return true;
}

static void
write_to(struct console *k, const char *text, void *user)
{
	(void)user;
	if (text[0] != '\0')
		write_view(k->top, text);
}

static bool
write_file(struct console *k, const char *argument)
{
	if (argument != NULL)
		write_view(k->top, argument);
	else
		console_ask(k, &(struct asking){ .label = "write to: ", .text = "", .entered = write_to });
	return true;
}

static void
explain_entered(struct console *k, const char *text, void *user)
{
	(void)user;
	if (text[strspn(text, " ")] != '\0')
		console_push(k, &explain_view, text);
}

static bool
explain(struct console *k, const char *argument)
{
	if (argument != NULL)
		explain_entered(k, argument, NULL);
	else
		console_ask(k, &(struct asking){ .label = "explain: ", .text = "", .entered = explain_entered });
	return true;
}

static bool
messages(struct console *k, const char *argument)
{
	(void)argument;
	console_push(k, &messages_view, NULL);
	return true;
}

static bool
command(struct console *k, const char *argument)
{
	(void)argument;
	ask_command(k);
	return true;
}

static void
say_themes(struct console *k, unsigned look)
{
	const char *const *names = theme_names();
	struct buf list = { 0 };

	for (size_t i = 0; names[i] != NULL; i++)
		buf_addf(&list, "%s%s", i == 0 ? "" : names[i + 1] != NULL ? ", " : " and ", names[i]);
	console_say(k, look, "themes are %s; this is %s", buf_str(&list), theme_used());
	buf_done(&list);
}

static bool
theme(struct console *k, const char *argument)
{
	if (argument == NULL || !theme_known(argument)) {
		say_themes(k, argument == NULL ? ROLE_TEXT : ROLE_WARN);
	} else if (terminal_colours() == 0 && strcmp(argument, "mono") != 0) {
		console_say(k, ROLE_WARN, "no colours here: NO_COLOR, --color=never, or a terminal that has none");
	} else {
		terminal_theme(argument);
		k->whole = true;
	}
	return true;
}

static bool
redraw(struct console *k, const char *argument)
{
	(void)argument;
	k->whole = true;
	return true;
}

static bool
suspend(struct console *k, const char *argument)
{
	(void)argument;
	terminal_suspend();
	k->whole = true;
	return true;
}

static bool
quit(struct console *k, const char *argument)
{
	(void)argument;
	console_quit(k);
	return true;
}

static bool
walkthrough(struct console *k, const char *argument)
{
	walk_begin(k, argument);
	return true;
}

static bool
walk_on(struct console *k, const char *argument)
{
	(void)argument;
	walk_press_next(k);
	return true;
}

static bool
walk_end(struct console *k, const char *argument)
{
	(void)argument;
	walk_leave(k);
	return true;
}

/* False: there was nothing that it could be done to. */
static bool (*const for_all[ACTION_COUNT])(struct console *k, const char *argument) = {
	[ACTION_HELP] = help,
	[ACTION_BACK] = back,
	[ACTION_IN] = in,
	[ACTION_OUT] = back,
	[ACTION_UP] = up,
	[ACTION_DOWN] = down,
	[ACTION_PAGE_UP] = page_up,
	[ACTION_PAGE_DOWN] = page_down,
	[ACTION_FIRST] = first,
	[ACTION_LAST] = last,
	[ACTION_FILTER] = filter,
	[ACTION_CHECK] = check,
	[ACTION_CHECK_ALL] = check_all,
	[ACTION_CANCEL] = cancel,
	[ACTION_ADD] = add,
	[ACTION_IDENTITIES] = identities,
	[ACTION_AUTHORITIES] = authorities,
	[ACTION_ROLLOVER] = rollover,
	[ACTION_FIX] = fix,
	[ACTION_LOG] = log_of_changes,
	[ACTION_LISTEN] = listen,
	[ACTION_COPY] = copy,
	[ACTION_SAVE_CASE] = save_selected,
	[ACTION_WRITE] = write_file,
	[ACTION_WRITE_SHORT] = write_file,
	[ACTION_EXPLAIN] = explain,
	[ACTION_MESSAGES] = messages,
	[ACTION_WALKTHROUGH] = walkthrough,
	[ACTION_WALK_ON] = walk_on,
	[ACTION_WALK_END] = walk_end,
	[ACTION_COMMAND] = command,
	[ACTION_THEME] = theme,
	[ACTION_REDRAW] = redraw,
	[ACTION_SUSPEND] = suspend,
	[ACTION_QUIT] = quit,
	[ACTION_QUIT_SHORT] = quit,
};

bool
action_for_all(struct console *k, enum action a, const char *argument)
{
	return for_all[a] != NULL && for_all[a](k, argument);
}
