/*
 * The help: what every key does, from the table of actions, first those of the screen it was asked on;
 * then what the words on the screens mean.
 */
#include "tui/document.h"
#include "tui/fleet.h"

enum {
	WIDE = 70,        /* from here on commands have a column of their own */
	COMMAND_AT = 14,  /* most keys are short; a longer one pushes its command along */
	HELP_AT = 30,
	WORD_AT = 14,     /* what the glossary explains stands before it */
	INDENT = 6,
	GENERAL = 8       /* on so many screens or more: of the frame rather than of a screen */
};

struct help {
	struct view view;
	struct document text;
	unsigned scope;   /* the screen that it was asked on */
};

/* Keys ------------------------------------------------------------------------------------------------ */

static void
add_keys(struct document *d, enum action a)
{
	const char *name;
	size_t len;

	document_at(d, 1, ROLE_KEY, "");
	for (size_t n = 0; (len = action_key_at(a, n, &name)) > 0; n++)
		document_textf(d, ROLE_KEY, "%s%.*s", n > 0 ? " " : "", (int)len, name);
}

static void
add_command(struct document *d, const struct action_info *info)
{
	document_textf(d, ROLE_TEXT, ":%s%s%s", info->name, info->argument != NULL ? " " : "",
	    info->argument != NULL ? info->argument : "");
}

static void
add_action(struct document *d, enum action a)
{
	const struct action_info *info = action_info(a);
	bool wide = d->columns >= WIDE;

	document_line(d);
	add_keys(d, a);
	if (wide)
		document_at(d, COMMAND_AT, ROLE_TEXT, "");
	else
		document_text(d, ROLE_TEXT, info->keys[0] != '\0' ? "  " : "");
	add_command(d, info);
	if (!wide)
		document_line_on(d);
	document_at(d, wide ? HELP_AT : INDENT, ROLE_TEXT, "");
	document_wrap(d, wide ? HELP_AT : INDENT, ROLE_TEXT, info->help);
}

static void
add_heading(struct document *d, const char *text)
{
	document_line(d);
	document_line(d);
	document_wrap(d, 1, ROLE_HEAD, text);
}

/* All actions of exactly these screens. */
static void
add_group(struct document *d, unsigned scopes)
{
	struct buf heading = { 0 };

	buf_adds(&heading, "On other screens: ");
	action_screens(&heading, scopes);
	add_heading(d, buf_str(&heading));
	buf_done(&heading);
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++)
		if (action_info(a)->scopes == scopes)
			add_action(d, a);
}

static void
add_other_screens(struct document *d, unsigned scope)
{
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		unsigned scopes = action_info(a)->scopes;
		enum action first = ACTION_NONE + 1;

		if ((scopes & scope) != 0)
			continue;
		while (action_info(first)->scopes != scopes)
			first++;
		if (first == a)
			add_group(d, scopes);
	}
}

/* Most screens have it: what tells this one from the others stands before. */
static bool
is_general(enum action a)
{
	unsigned scopes = action_info(a)->scopes, on = 0;

	for (; scopes != 0; scopes &= scopes - 1)
		on++;
	return on >= GENERAL;
}

static void
add_this_screen(struct document *d, unsigned scope)
{
	struct buf heading = { 0 };
	bool own = false;

	buf_adds(&heading, "On this screen: ");
	action_screens(&heading, scope);
	document_line(d);
	document_wrap(d, 1, ROLE_DIM, "/ finds a word. Below: the other screens, and what the words mean.");
	for (int general = 0; general < 2; general++) {
		for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
			if ((action_info(a)->scopes & scope) == 0 || is_general(a) != (general == 1))
				continue;
			if (!own)
				add_heading(d, buf_str(&heading));
			own = true;
			add_action(d, a);
		}
		if (general == 0 && own)
			add_heading(d, "On nearly every screen");
	}
	buf_done(&heading);
}

/* Words ----------------------------------------------------------------------------------------------- */

static const char *const states[FLEET_STATES] = {
	[FLEET_FAIL] = "the handshake fails, or what it rests on is broken",
	[FLEET_DOWN] = "no TLS was reached: name, network or port",
	[FLEET_WARN] = "it works, and something will break it",
	[FLEET_NOTE] = "it works; something is worth knowing",
	[FLEET_OK] = "it works, in both directions",
	[FLEET_WAIT] = "it is being checked now",
	[FLEET_OLD] = "the result is older than its interval",
	[FLEET_NEVER] = "it was never checked",
};

static const struct {
	const char *word, *meaning;
} words[] = {
	{ "READ-ONLY", "nothing is changed, on no server and in no account. --allow-changes, when the program is started, "
		       "lets it ask; every change is then asked for by itself, and the answer at first is Cancel." },
	{ "CHANGES ON", "the program was started with --allow-changes." },
	{ "PRACTICE LAB", "servers on this machine that are broken on purpose: nothing is real, nothing leaves the machine." },
	{ "the time", "in the title is when this screen was drawn last: an idle one is not drawn again, so it stands still." },
	{ "copying", "y copies to the machine you sit at, through SSH too: the terminal does it (OSC 52), inside tmux "
		     "tmux does, and the message says which. Where neither can, :write FILE. The mouse is the terminal's: "
		     "it selects text as everywhere." },
	{ "filter", "several words: all of them; !word: only what is without it." },
	{ "theirs, ours", "whose certificate ends first, in days: the server's chain or our own." },
};

/* A word and what it means; beneath it where columns are few. */
static void
add_meaning(struct document *d, const char *meaning)
{
	bool wide = d->columns >= WIDE;

	if (!wide)
		document_line_on(d);
	document_at(d, wide ? WORD_AT + 2 : INDENT, ROLE_TEXT, "");
	document_wrap(d, wide ? WORD_AT + 2 : INDENT, ROLE_TEXT, meaning);
}

static void
add_glossary(struct document *d)
{
	add_heading(d, "What the words mean");
	for (enum fleet_state state = 0; state < FLEET_STATES; state++) {
		/* States are short enough for one line everywhere. */
		int at = d->columns >= WIDE ? WORD_AT + 2 : INDENT + 2;

		document_line(d);
		document_at(d, 1, fleet_state_look(state), fleet_state_glyph(state));
		document_at(d, 3, fleet_state_look(state), fleet_state_word(state));
		document_at(d, at, ROLE_TEXT, "");
		document_wrap(d, at, ROLE_TEXT, states[state]);
	}
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		document_line(d);
		document_at(d, 1, ROLE_HEAD, words[i].word);
		add_meaning(d, words[i].meaning);
	}
}

/* The view -------------------------------------------------------------------------------------------- */

static void
help_open(struct view *v, const void *argument)
{
	struct help *h = (struct help *)v;
	const unsigned *scope = argument;

	h->scope = scope != NULL ? *scope : SCOPE_HELP;
	document_start(&h->text);
	h->text.columns = 0; /* composed for nothing yet */
	v->body = &h->text.body;
}

static void
help_close(struct view *v)
{
	document_done(&((struct help *)v)->text);
}

static const char *
help_crumb(struct view *v, char *out, size_t size)
{
	(void)v;
	(void)out;
	(void)size;
	return "help";
}

static void
help_refresh(struct view *v, int columns)
{
	struct help *h = (struct help *)v;

	if (h->text.columns == columns)
		return;
	document_clear(&h->text, columns);
	add_this_screen(&h->text, h->scope);
	add_other_screens(&h->text, h->scope);
	add_glossary(&h->text);
	document_composed(&h->text);
}

const struct view_ops help_view = {
	.name = "help",
	.scope = SCOPE_HELP,
	.size = sizeof(struct help),
	.open = help_open,
	.close = help_close,
	.crumb = help_crumb,
	.refresh = help_refresh,
};
