#include "tui/action.h"

#include <stdio.h>
#include <string.h>

#include "tui/key.h"

static const struct action_info actions[ACTION_COUNT] = {
	[ACTION_NONE] = { .name = "", .keys = "", .label = "", .help = "" },
#define X(id, name_, keys_, scopes_, needs_, footer_, label_, argument_, help_) \
	[ACTION_##id] = { .name = name_, .keys = keys_, .scopes = scopes_, .needs = needs_, .footer = footer_, \
		.label = label_, .argument = argument_, .help = help_ },
#include "tui/action_table.h"
#undef X
};

static const struct {
	unsigned scope;
	const char *name;
} screens[] = {
	{ SCOPE_START, "start" },
	{ SCOPE_LAB, "practice lab" },
	{ SCOPE_FLEET, "fleet" },
	{ SCOPE_CAUSES, "fleet by cause" },
	{ SCOPE_ENDPOINT, "endpoint" },
	{ SCOPE_CERTIFICATE, "certificate" },
	{ SCOPE_EXPLAIN, "explain" },
	{ SCOPE_IDENTITIES, "identities" },
	{ SCOPE_LISTEN, "listen" },
	{ SCOPE_CLIENT, "client" },
	{ SCOPE_AUTHORITIES, "authorities" },
	{ SCOPE_ISSUED, "issued certificates" },
	{ SCOPE_ISSUED_CERT, "issued certificate" },
	{ SCOPE_ROLLOVER, "roll-over" },
	{ SCOPE_PLAN, "plan" },
	{ SCOPE_LOG, "record of changes" },
	{ SCOPE_MESSAGES, "messages" },
	{ SCOPE_HELP, "help" },
};
enum {
	SCREENS = sizeof screens / sizeof screens[0],
	FEW = 3 /* screens that can be named as exceptions */
};

/* One key of one action. The table's texts are read once; the test counts that all of them fit. */
enum { BINDINGS_MAX = 192 };
static struct binding {
	int key;
	enum action action;
} bindings[BINDINGS_MAX];
static size_t bindings_len;

const struct action_info *
action_info(enum action a)
{
	return &actions[a];
}

enum action
action_named(const char *name)
{
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++)
		if (strcmp(actions[a].name, name) == 0)
			return a;
	return ACTION_NONE;
}

size_t
action_key_at(enum action a, size_t n, const char **name)
{
	const char *at = actions[a].keys;

	for (;; n--) {
		size_t len;

		at += strspn(at, " ");
		len = strcspn(at, " ");
		if (n == 0 || len == 0) {
			*name = at;
			return len;
		}
		at += len;
	}
}

static void
read_bindings(void)
{
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const char *name;
		size_t len;

		for (size_t n = 0; (len = action_key_at(a, n, &name)) > 0 && bindings_len < BINDINGS_MAX; n++)
			bindings[bindings_len++] = (struct binding){ key_named(name, len), a };
	}
}

enum action
action_of_key(int key, unsigned scope)
{
	if (bindings_len == 0)
		read_bindings();
	if (key == KEY_NONE)
		return ACTION_NONE;
	for (size_t i = 0; i < bindings_len; i++)
		if (bindings[i].key == key && (actions[bindings[i].action].scopes & scope) != 0)
			return bindings[i].action;
	return ACTION_NONE;
}

const char *
action_key(enum action a, char *out, size_t size)
{
	const char *name;
	size_t len = action_key_at(a, 0, &name);

	snprintf(out, size, "%.*s", (int)len, name);
	return out;
}

const char *
action_completion(const char *start, unsigned scope, size_t n)
{
	size_t len = strlen(start);

	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		if ((actions[a].scopes & scope) == 0 || strncmp(actions[a].name, start, len) != 0)
			continue;
		if (n-- == 0)
			return actions[a].name;
	}
	return NULL;
}

void
action_screens(struct buf *out, unsigned scopes)
{
	size_t on = 0, len = 0;

	for (size_t i = 0; i < SCREENS; i++)
		on += (screens[i].scope & scopes) != 0;
	if (on == SCREENS) {
		buf_adds(out, "everywhere");
		return;
	}
	if (SCREENS - on <= FEW) {
		buf_adds(out, "everywhere but ");
		scopes = SCOPE_ALL & ~scopes;
	}
	for (size_t i = 0; i < SCREENS; i++)
		if ((screens[i].scope & scopes) != 0)
			buf_addf(out, "%s%s", len++ > 0 ? ", " : "", screens[i].name);
}

/* `q` `Esc`: each key as code. A backtick is no key. */
static void
readme_keys(struct buf *out, enum action a)
{
	const char *name;
	size_t len;

	for (size_t n = 0; (len = action_key_at(a, n, &name)) > 0; n++)
		buf_addf(out, "%s`%.*s`", n > 0 ? " " : "", (int)len, name);
}

void
action_readme(struct buf *out)
{
	buf_adds(out, "| key | command | where | what it does |\n| --- | --- | --- | --- |\n");
	for (enum action a = ACTION_NONE + 1; a < ACTION_COUNT; a++) {
		const struct action_info *info = &actions[a];

		buf_adds(out, "| ");
		readme_keys(out, a);
		buf_addf(out, " | `:%s%s%s` | ", info->name, info->argument != NULL ? " " : "",
		    info->argument != NULL ? info->argument : "");
		action_screens(out, info->scopes);
		buf_addf(out, " | %s |\n", info->help);
	}
}
