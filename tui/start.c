/*
 * The first screen where there is nothing to check yet: what this is, and the five ways on. Each has its
 * own key, and can be chosen with Enter.
 */
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/quote.h"
#include "tui/action.h"
#include "tui/console.h"
#include "tui/document.h"

enum {
	KEY_AT = 3,
	LABEL_AT = 6,
	ABOUT_AT = 22,
	WIDE = 60 /* from here on what a choice does stands beside it */
};

struct start {
	struct view view;
	struct document text;
	bool has_config; /* the file is there */
};

static bool
is_wide(const struct start *s)
{
	return s->text.columns >= WIDE;
}

/* Where the configuration is or would be; NULL: there is no place for it. */
static const char *
config_place(const struct start *s)
{
	return console_config_path(s->view.console);
}

/* As one types it: ~ for the home. */
static void
add_path(const struct console *k, const char *path, struct buf *out)
{
	const struct world *w = console_setup_of(k)->world;
	const char *home = w->env(w->self, "HOME");
	size_t len = home != NULL ? strlen(home) : 0;
	char shown[QUOTE_MAX];

	if (len > 1 && strncmp(path, home, len) == 0 && path[len] == '/')
		buf_addf(out, "~%s", quote_str(path + len, shown));
	else
		buf_adds(out, quote_str(path, shown));
}

static void
about_config(const struct start *s, struct buf *out)
{
	if (config_place(s) == NULL) {
		buf_adds(out, "no place for it: neither XDG_CONFIG_HOME nor HOME is set");
		return;
	}
	if (!s->has_config && is_wide(s))
		buf_adds(out, "write ");
	add_path(s->view.console, config_place(s), out);
	if (s->has_config)
		buf_adds(out, ": no endpoint in it yet (mtlscope fleet add)");
	else if (is_wide(s))
		buf_adds(out, ", to be filled in");
}

static void
about_demo(const struct start *s, struct buf *out)
{
	buf_adds(out, is_wide(s) ? "broken servers on this machine: nothing leaves it" : "broken servers here");
}

static void
about_address(const struct start *s, struct buf *out)
{
	buf_adds(out, is_wide(s) ? "HOST:PORT, checked at once" : "HOST:PORT");
}

static void
about_files(const struct start *s, struct buf *out)
{
	buf_adds(out, is_wide(s) ? "certificates and keys in this folder" : "keys and the like");
}

static void
about_client(const struct start *s, struct buf *out)
{
	buf_adds(out, is_wide(s) ? "be its server: who is it, what does it send, what keeps it from it" : "be its server");
}

static const struct way {
	enum action action;
	const char *label;
	void (*about)(const struct start *s, struct buf *out);
} ways[] = {
	{ ACTION_DEMO, "practice lab", about_demo },
	{ ACTION_ADD, "an address", about_address },
	{ ACTION_WRITE_CONFIG, "configuration", about_config },
	{ ACTION_IDENTITIES, "local files", about_files },
	{ ACTION_LISTEN, "a client", about_client },
};
enum { WAYS = sizeof ways / sizeof ways[0] };

/* What it shows --------------------------------------------------------------------------------------- */

static void
add_way(struct start *s, size_t i)
{
	struct document *d = &s->text;
	struct buf about = { 0 };
	char key[16];
	int at = ABOUT_AT;

	ways[i].about(s, &about);
	document_line_id(d, i + 1);
	document_at(d, KEY_AT, ROLE_KEY, action_key(ways[i].action, key, sizeof key));
	document_at(d, LABEL_AT, ROLE_TEXT | LOOK_BOLD, ways[i].label);
	/* On a narrow screen what is too long for the rest of the line has one of its own. */
	if (!is_wide(s) && ABOUT_AT + text_width(buf_str(&about)) > d->columns) {
		document_line_on(d);
		at = LABEL_AT;
	}
	document_at(d, at, ROLE_TEXT, "");
	document_wrap(d, at, ROLE_TEXT, buf_str(&about));
	buf_done(&about);
}

static void
compose(struct start *s, int columns)
{
	struct document *d = &s->text;

	document_clear(d, columns);
	if (is_wide(s)) {
		document_line(d);
		document_line(d);
		document_wrap(d, 1, ROLE_HEAD, "Says why a mutual-TLS handshake fails, and what shows it.");
		document_line(d);
		document_wrap(d, 1, ROLE_TEXT, "It changes nothing. Your certificate goes only where you send it.");
		document_line(d);
	} else {
		/* All five ways stay on a screen of twelve lines. */
		document_line(d);
		document_wrap(d, 1, ROLE_HEAD, "Says why mutual-TLS handshakes fail.");
		document_line(d);
		document_wrap(d, 1, ROLE_TEXT, "It changes nothing.");
	}
	for (size_t i = 0; i < WAYS; i++)
		add_way(s, i);
	document_line(d);
	document_line(d);
	document_wrap(d, 1, ROLE_DIM, "In the shell: mtlscope HOST:PORT --cert FILE --key FILE --cacert FILE");
	document_composed(d);
}

/* What it does ---------------------------------------------------------------------------------------- */

/* The file is written beside the screen: its folder may lie on another machine. */
struct writing {
	char *path;
	struct error err;
	bool failed;
};

static void
write_it(void *job)
{
	struct writing *w = job;

	w->failed = config_write_example(w->path, &w->err) != STATUS_OK;
}

static void
drop_it(void *job)
{
	struct writing *w = job;

	free(w->path);
	free(w);
}

static void
written(struct console *k, void *job)
{
	struct writing *w = job;
	struct view *top = console_top(k);
	struct buf where = { 0 };

	add_path(k, w->path, &where);
	if (w->failed)
		console_say(k, ROLE_FAIL, "%s", w->err.text);
	else
		console_say(k, ROLE_OK, "written: %s; fill it in, then start again", buf_str(&where));
	buf_done(&where);
	if (top->ops == &start_view) {
		struct start *s = (struct start *)top;
		s->has_config = s->has_config || !w->failed;
		s->text.columns = 0;
	}
	drop_it(w);
}

static void
write_config(struct start *s)
{
	struct writing *w = mem_zero(1, sizeof *w);

	w->path = mem_strdup(config_place(s));
	console_work(s->view.console, write_it, written, drop_it, w);
}

static void
start_demo(struct start *s)
{
	*console_setup_of(s->view.console)->demo_wanted = true;
	console_quit(s->view.console);
}

static void
open_selected(struct start *s)
{
	uint64_t id = document_selected(&s->text);

	if (id >= 1 && id <= WAYS)
		console_act(s->view.console, ways[id - 1].action, NULL);
}

static const char *
start_refuses(struct view *v, enum action a)
{
	const struct start *s = (const struct start *)v;

	if (a == ACTION_DEMO && console_setup_of(v->console)->demo_wanted == NULL)
		return "the practice lab is started from the shell: mtlscope demo";
	if (a == ACTION_WRITE_CONFIG && config_place(s) == NULL)
		return "there is no place for a configuration: neither XDG_CONFIG_HOME nor HOME is set";
	if (a == ACTION_WRITE_CONFIG && s->has_config)
		return "the configuration is there already, and is not written over";
	return NULL;
}

static bool
start_act(struct view *v, enum action a, const char *argument)
{
	struct start *s = (struct start *)v;

	switch (a) {
	case ACTION_OPEN: open_selected(s); return true;
	case ACTION_DEMO: start_demo(s); return true;
	case ACTION_WRITE_CONFIG: write_config(s); return true;
	case ACTION_IDENTITIES:
		/* There is no fleet whose identities could be meant. */
		console_push(v->console, &identities_view, argument != NULL ? argument : ".");
		return true;
	default: return false;
	}
}

/* The view -------------------------------------------------------------------------------------------- */

static void
start_open(struct view *v, const void *argument)
{
	struct start *s = (struct start *)v;

	(void)argument;
	s->has_config = console_config(v->console) != NULL;
	document_start(&s->text);
	s->text.columns = 0; /* composed for nothing yet */
	document_select(&s->text, 1);
	v->body = &s->text.body;
}

static void
start_close(struct view *v)
{
	document_done(&((struct start *)v)->text);
}

static const char *
start_crumb(struct view *v, char *out, size_t size)
{
	(void)v;
	(void)out;
	(void)size;
	return "start";
}

static void
start_refresh(struct view *v, int columns)
{
	struct start *s = (struct start *)v;

	if (s->text.columns != columns)
		compose(s, columns);
}

const struct view_ops start_view = {
	.name = "start",
	.scope = SCOPE_START,
	.size = sizeof(struct start),
	.open = start_open,
	.close = start_close,
	.crumb = start_crumb,
	.refresh = start_refresh,
	.act = start_act,
	.refuses = start_refuses,
};
