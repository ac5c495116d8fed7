/* One client that came while we were the server: the verdict, what to do, its chain, its handshake. */
#include <stdio.h>
#include <string.h>

#include "model/client.h"
#include "model/json.h"
#include "model/memory.h"
#include "model/report.h"
#include "tui/console.h"
#include "tui/document.h"
#include "tui/tab_parts.h"

struct client_screen {
	struct view view; /* first */
	struct document doc;
	uint64_t number;
	bool gone;        /* as composed: it is not kept any more */
	int columns;      /* as composed; 0: not yet */
};

static struct client_screen *
screen_of(struct view *v)
{
	return (struct client_screen *)v;
}

/* NULL: so many came since that it was dropped. */
static const struct seen_client *
client_of(const struct client_screen *s)
{
	const struct clients *c = console_clients(s->view.console);

	for (size_t i = c->len; i-- > 0;)
		if (c->items[i]->evidence->client->number == s->number)
			return c->items[i];
	return NULL;
}

static void
open_client(struct view *v, const void *argument)
{
	screen_of(v)->number = *(const uint64_t *)argument;
	document_start(&screen_of(v)->doc);
	v->body = &screen_of(v)->doc.body;
}

static void
close_client(struct view *v)
{
	document_done(&screen_of(v)->doc);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	const struct seen_client *s = client_of(screen_of(v));

	snprintf(out, size, "%s", s != NULL ? s->evidence->client->from : "client");
	return out;
}

/* What else was found; who looks for the cause has read it by then. */
static void
also(struct document *d, const struct diagnosis *x, struct arena *a)
{
	bool first = true;

	for (size_t i = 1; i < x->len; i++) {
		const struct finding *f = &x->findings[i];

		if (diagnosis_cause_of(x, f) != NULL)
			continue;
		document_label(d, first ? "also" : "", look_of_state(state_of_severity(f->severity)),
		    arena_printf(a, "%s %s: %s", state_word(state_of_severity(f->severity)), code_info(f->code)->name, f->title != NULL ? f->title : ""));
		first = false;
	}
}

static void
compose_seen(struct document *d, const struct seen_client *s, int columns)
{
	const struct diagnosis *x = s->diagnosis;
	struct arena *a = arena_new();
	struct word_lines w = { .arena = a };
	enum state state = state_of_verdict(x->verdict);

	const char *title = x->root != NULL && x->verdict != VERDICT_NOTICE ? x->root->title : "it sends what it should";

	/* A sentence that says what its title says stands for both. */
	if (strncmp(x->summary, title, strlen(title)) == 0) {
		tab_state(d, state, look_of_state(state), x->summary);
	} else {
		tab_state(d, state, look_of_state(state) | LOOK_BOLD, title);
		document_line(d);
		document_wrap(d, 1, ROLE_TEXT, x->summary);
	}
	if (x->root != NULL && x->verdict != VERDICT_NOTICE) {
		document_label(d, "mend", ROLE_TEXT, client_mend(x, x->root, a));
		document_label(d, "cause", ROLE_TEXT, arena_printf(a, "%s · %s", code_info(x->root->code)->name, confidence_name(x->root->confidence)));
	}
	client_lines(x, &w);
	tab_lines(d, &w);
	also(d, x, a);
	if (s->evidence->offline_len > 0) {
		document_line(d);
		compose_trees(d, x, columns);
	}
	if (s->evidence->client->hello.seen) {
		document_line(d);
		compose_ladder(d, x, s->evidence->client->handshake, columns);
	}
	arena_free(a);
}

static void
refresh(struct view *v, int columns)
{
	struct client_screen *s = screen_of(v);
	const struct seen_client *seen = client_of(s);

	/* What was seen of it does not change. */
	if (s->columns == columns && s->gone == (seen == NULL))
		return;
	s->columns = columns;
	s->gone = seen == NULL;
	document_clear(&s->doc, columns);
	if (seen != NULL) {
		compose_seen(&s->doc, seen, columns);
	} else {
		document_line(&s->doc);
		document_wrap(&s->doc, 1, ROLE_DIM, "This record is not kept any more: many clients came since.");
	}
	document_composed(&s->doc);
}

static void
json(struct view *v, struct buf *out)
{
	const struct seen_client *s = client_of(screen_of(v));

	if (s != NULL)
		json_client(s->diagnosis, out);
}

const struct view_ops client_view = {
	.name = "client",
	.scope = SCOPE_CLIENT,
	.size = sizeof(struct client_screen),
	.open = open_client,
	.close = close_client,
	.crumb = crumb,
	.refresh = refresh,
	.json = json,
};
