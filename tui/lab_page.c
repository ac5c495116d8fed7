/*
 * The demo's first page: what this is, and two ways to begin. A document whose two choices are its
 * rows; what stands there comes from the fleet and from the walkthrough, nothing is counted twice.
 */
#include <stdio.h>

#include "model/memory.h"
#include "tui/console.h"
#include "tui/document.h"
#include "tui/walkthrough.h"

enum { ROOMY = 60 }; /* columns */
enum choice_id { CHOICE_WALKTHROUGH = 1, CHOICE_FREE };

struct lab_page {
	struct view view;
	struct document text;
	size_t broken;
};

static void
lab_open(struct view *v, const void *argument)
{
	struct lab_page *p = (struct lab_page *)v;

	p->broken = argument != NULL ? *(const size_t *)argument : 0;
	document_start(&p->text);
	p->text.columns = 0; /* composed for nothing yet */
	v->body = &p->text.body;
}

static void
lab_close(struct view *v)
{
	document_done(&((struct lab_page *)v)->text);
}

static const char *
lab_crumb(struct view *v, char *out, size_t size)
{
	(void)v;
	(void)out;
	(void)size;
	return "practice lab";
}

/* Narrow screens are short as well: there a choice is its title. */
static void
add_choice(struct document *d, enum choice_id id, enum action key, const char *title, const char *text)
{
	char name[16];

	document_line_id(d, id);
	document_at(d, 1, ROLE_KEY, action_key(key, name, sizeof name));
	document_at(d, 8, ROLE_HEAD | LOOK_BOLD, "");
	document_wrap(d, 8, ROLE_HEAD | LOOK_BOLD, title);
	if (d->columns >= ROOMY) {
		document_line_id(d, id);
		document_wrap(d, 8, ROLE_TEXT, text);
	}
	document_line(d);
}

static void
compose(struct lab_page *p, int columns)
{
	struct document *d = &p->text;
	const struct walkthrough *first = walkthrough_named(walkthrough_names()[0]);
	size_t all = fleet_len(console_fleet(p->view.console));
	char line[256];

	document_clear(d, columns);
	if (columns >= ROOMY)
		document_line(d);
	snprintf(line, sizeof line, "%zu of these %zu servers are broken on purpose.", p->broken, all);
	document_line(d);
	document_wrap(d, 1, ROLE_HEAD | LOOK_BOLD, line);
	document_line(d);
	document_wrap(d, 1, ROLE_TEXT, "Nothing is real, nothing leaves this machine.");
	document_line(d);
	snprintf(line, sizeof line, "Walkthrough: %s", first->title);
	char about[160];
	snprintf(about, sizeof about, "%zu steps through one failure: what it looks like, how it is proven, how it is mended.", first->len);
	add_choice(d, CHOICE_WALKTHROUGH, ACTION_WALKTHROUGH, line, about);
	snprintf(line, sizeof line, "Free play: all %zu servers", all);
	add_choice(d, CHOICE_FREE, ACTION_BY_NAME, line,
	    "Find out what is wrong with each. Press ? on any screen for what can be done there.");
	document_line(d);
	document_wrap(d, 1, ROLE_DIM, "The servers, their CAs and all certificates were made for this session, and go with it. "
	    "The handshakes are real ones.");
	document_composed(d);
}

static void
lab_refresh(struct view *v, int columns)
{
	struct lab_page *p = (struct lab_page *)v;

	if (p->text.columns != columns)
		compose(p, columns);
}

static bool
lab_act(struct view *v, enum action a, const char *argument)
{
	struct lab_page *p = (struct lab_page *)v;

	(void)argument;
	if (a == ACTION_OPEN && document_selected(&p->text) == CHOICE_WALKTHROUGH)
		console_act(v->console, ACTION_WALKTHROUGH, NULL);
	else if (a == ACTION_OPEN || a == ACTION_BY_NAME)
		console_push(v->console, &fleet_view, NULL);
	else
		return false;
	return true;
}

const struct view_ops lab_view = {
	.name = "lab",
	.scope = SCOPE_LAB,
	.size = sizeof(struct lab_page),
	.open = lab_open,
	.close = lab_close,
	.crumb = lab_crumb,
	.refresh = lab_refresh,
	.act = lab_act,
};
