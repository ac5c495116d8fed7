/* Listening: every client that came, the newest on top; how many, where, and what they need to trust us. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/chain_rows.h"
#include "model/json.h"
#include "model/memory.h"
#include "tui/arrange.h"
#include "tui/console.h"
#include "tui/fleet.h"
#include "tui/tab_parts.h"
#include "tui/table.h"

enum column_of { COLUMN_STATE, COLUMN_TIME, COLUMN_FROM, COLUMN_CLIENT, COLUMN_SENT, COLUMN_CAUSE, COLUMN_END };

static const struct column columns[COLUMN_END + 1] = {
	[COLUMN_STATE] = { .title = "STATE", .width = 6 },
	[COLUMN_TIME] = { .title = "TIME", .width = 8, .from = 60 },
	[COLUMN_FROM] = { .title = "FROM", .width = 15, .from = 100 },
	[COLUMN_CLIENT] = { .title = "CLIENT", .width = 13 },
	[COLUMN_SENT] = { .title = "SENT", .width = 16, .from = 72, .grows = 1 },
	[COLUMN_CAUSE] = { .title = "CAUSE", .width = 14, .grows = 3 },
	[COLUMN_END] = { .title = NULL },
};

struct listen_screen {
	struct view view; /* first */
	struct table table;
	struct arena *arena;     /* texts of cells; emptied with each change */
	const struct clients *clients;
	uint32_t *rows;          /* places in clients->items, the newest first, that the filter lets through */
	size_t len;
	char *filter;
	unsigned long version;
	bool composed;
};

static struct listen_screen *
screen_of(struct view *v)
{
	return (struct listen_screen *)v;
}

/* ---- rows ---- */

static const struct seen_client *
client_at(const struct listen_screen *s, size_t row)
{
	return s->clients->items[s->rows[row]];
}

static const char *
sent_words(const struct client *c, struct arena *a)
{
	if (!c->handshake->sent_certificate_message)
		return "-";
	if (c->certs_len == 0)
		return "nothing";
	if (c->certs[0].cert == NULL)
		return "unreadable";
	return arena_printf(a, "%s, %zu", cert_label(c->certs[0].cert), c->certs_len);
}

/* What it calls itself, where it did; else its library. */
static const char *
called(const struct client *c, struct arena *a)
{
	if (c->agent != NULL)
		return arena_printf(a, "%.*s", (int)strcspn(c->agent, " "), c->agent);
	return c->hello.seen ? client_stack_guess(c).name : "-";
}

static const char *
cause_words(const struct diagnosis *d)
{
	return d->root == NULL || d->verdict == VERDICT_NOTICE ? "" : d->root->title != NULL ? d->root->title : code_info(d->root->code)->name;
}

static unsigned
cell(void *self, size_t row, size_t column, struct buf *out)
{
	struct listen_screen *s = self;
	const struct seen_client *seen = client_at(s, row);
	const struct client *c = seen->evidence->client;
	enum state state = state_of_verdict(seen->diagnosis->verdict);
	char text[32];

	switch ((enum column_of)column) {
	case COLUMN_STATE:
		buf_addf(out, "%s %s", state_glyph(state), state_word(state));
		return look_of_state(state);
	case COLUMN_TIME: buf_adds(out, fleet_moment(seen->evidence->started_ms, console_now_ms(s->view.console), text)); break;
	case COLUMN_FROM: buf_adds(out, c->from); break;
	case COLUMN_CLIENT: buf_adds(out, called(c, s->arena)); break;
	case COLUMN_SENT: buf_adds(out, sent_words(c, s->arena)); break;
	case COLUMN_CAUSE: buf_adds(out, cause_words(seen->diagnosis)); break;
	case COLUMN_END: break;
	}
	return ROLE_TEXT;
}

static size_t
count(void *self)
{
	return ((const struct listen_screen *)self)->len;
}

static size_t
all(void *self)
{
	return ((const struct listen_screen *)self)->clients->len;
}

static uint64_t
id(void *self, size_t row)
{
	return client_at(self, row)->evidence->client->number;
}

static size_t
find(void *self, uint64_t number)
{
	const struct listen_screen *s = self;

	for (size_t row = 0; row < s->len; row++)
		if (client_at(s, row)->evidence->client->number == number)
			return row;
	return SIZE_MAX;
}

/* Which rows there are, the newest first. */
static void
list(struct listen_screen *s)
{
	struct buf line = { 0 };

	free(s->rows);
	s->rows = mem_zero(s->clients->len + 1, sizeof *s->rows);
	s->len = 0;
	for (size_t i = s->clients->len; i-- > 0;) {
		s->rows[s->len++] = (uint32_t)i;
		buf_reset(&line);
		for (size_t column = 0; s->filter != NULL && column < COLUMN_END; column++) {
			cell(s, s->len - 1, column, &line);
			buf_addc(&line, ' ');
		}
		if (s->filter != NULL && !filter_matches(s->filter, buf_str(&line)))
			s->len--;
	}
	buf_done(&line);
}

static void
rearrange(void *self, const char *filter, size_t column, bool reverse)
{
	struct listen_screen *s = self;

	(void)column;
	(void)reverse;
	free(s->filter);
	s->filter = filter != NULL && filter[0] != '\0' ? mem_strdup(filter) : NULL;
	list(s);
}

/* ---- the view ---- */

static void
open_listen(struct view *v, const void *argument)
{
	struct listen_screen *s = screen_of(v);
	struct table_source source = { .columns = columns, .count = count, .all = all, .id = id, .find = find, .cell = cell, .arrange = rearrange, .self = s };

	(void)argument;
	s->clients = console_clients(v->console);
	s->arena = arena_new();
	list(s);
	table_start(&s->table, &source, "");
	v->body = &s->table.body;
}

static void
close_listen(struct view *v)
{
	struct listen_screen *s = screen_of(v);

	table_done(&s->table);
	arena_free(s->arena);
	free(s->rows);
	free(s->filter);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	const struct clients *c = screen_of(v)->clients;

	if (c->about == NULL || !c->open)
		return "listen";
	snprintf(out, size, "listen on %s", c->about->address);
	return out;
}

static const char *
nothing(const struct listen_screen *s)
{
	if (s->clients->starting)
		return "It is being started.";
	if (!s->clients->open)
		return "It does not listen.\nType :listen PORT to begin.";
	return "No client came yet.\nPoint the one that fails at this address.";
}

static void
refresh(struct view *v, int width)
{
	struct listen_screen *s = screen_of(v);

	(void)width;
	if (s->version != s->clients->version || !s->composed) {
		bool on_top = s->table.at.selected == 0;

		arena_free(s->arena);
		s->arena = arena_new();
		list(s);
		table_changed(&s->table);
		/* Who looks at the newest goes on looking at the newest. */
		if (on_top)
			s->table.body.ops->move(&s->table.body, MOVE_FIRST);
		s->version = s->clients->version;
		s->composed = true;
	}
	s->table.empty = nothing(s);
}

/* "3 clients   1 FAIL  2 OK", and what clients have to trust. */
static int
draw_head(const struct listen_screen *s, const struct canvas *c)
{
	static const struct {
		enum state state;
		size_t of;
	} states[] = { { STATE_FAIL, 2 }, { STATE_WARN, 1 }, { STATE_OK, 0 } };
	const struct clients *k = s->clients;
	size_t came = k->of[0] + k->of[1] + k->of[2];
	char text[96];
	int column = 1, row = 0;

	snprintf(text, sizeof text, "%zu client%s", came, came == 1 ? "" : "s");
	column += paint(c, row, column, -1, ROLE_HEAD, text) + 3;
	for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
		if (k->of[states[i].of] == 0)
			continue;
		snprintf(text, sizeof text, "%zu %s", k->of[states[i].of], state_word(states[i].state));
		column += paint(c, row, column, -1, look_of_state(states[i].state), text) + 2;
	}
	if (k->dropped > 0) {
		snprintf(text, sizeof text, "(the oldest %zu are not kept)", k->dropped);
		paint(c, row, column + 1, -1, ROLE_DIM, text);
	}
	row++;
	if (k->about != NULL && k->open && k->about->ca_file != NULL) {
		column = 1 + paint(c, row, 1, -1, ROLE_DIM, "our CA ") ;
		paint(c, row++, column, -1, ROLE_TEXT, k->about->ca_file);
	}
	if (k->about != NULL && k->open && k->about->like != NULL) {
		column = 1 + paint(c, row, 1, -1, ROLE_DIM, "asking as ");
		paint(c, row++, column, -1, ROLE_TEXT, k->about->like);
	}
	return row;
}

enum { ROOMY = 16 };

static void
draw(struct view *v, const struct canvas *c)
{
	struct listen_screen *s = screen_of(v);
	int used = draw_head(s, c) + (c->rows >= ROOMY);
	struct canvas rest = canvas_part(c, used, 0, -1, -1);

	s->table.body.ops->draw(&s->table.body, &rest);
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct listen_screen *s = screen_of(v);
	uint64_t number = table_selected(&s->table);

	(void)argument;
	switch (a) {
	case ACTION_OPEN:
		if (number != 0)
			console_push(v->console, &client_view, &number);
		return true;
	case ACTION_STOP: console_listen_stop(v->console); return true;
	default: return false;
	}
}

static const char *
refuses(struct view *v, enum action a)
{
	return a == ACTION_STOP && !screen_of(v)->clients->open ? "it does not listen" : NULL;
}

static void
json(struct view *v, struct buf *out)
{
	const struct listen_screen *s = screen_of(v);

	for (size_t row = 0; row < s->len; row++)
		json_client(client_at(s, row)->diagnosis, out);
}

const struct view_ops listen_view = {
	.name = "listen",
	.scope = SCOPE_LISTEN,
	.size = sizeof(struct listen_screen),
	.open = open_listen,
	.close = close_listen,
	.crumb = crumb,
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.refuses = refuses,
	.json = json,
};
