#include "tui/change_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tui/console_parts.h"

enum { ROWS_MOST = 5000 /* the newest; whoever wants older ones has mtlscope log */ };

/* What it says of a plan that goes on, while somebody works on it; and where nobody does. */
static const struct change_state states[] = {
	{ "applying", " ", "applying", ROLE_WAIT, true },
	{ "undoing", " ", "undoing", ROLE_WAIT, true },
	{ "stopped", "✗", "STOPPED", ROLE_FAIL, true },
	{ "done", "✓", "done", ROLE_OK, false },
	{ "undone", " ", "undone", ROLE_NOTE, false },
	{ "made", " ", "made", ROLE_DIM, false },
};
static const struct change_state cut_off = { "cut off", "✗", "CUT OFF", ROLE_FAIL, true };
static const struct change_state unknown = { "", "?", "??", ROLE_WARN, false };

const struct change_state *
change_state(const struct change *c, bool cut)
{
	for (size_t i = 0; c->state != NULL && i < sizeof states / sizeof states[0]; i++) {
		if (strcmp(states[i].name, c->state) == 0)
			return cut && states[i].look == ROLE_WAIT ? &cut_off : &states[i];
	}
	return &unknown;
}

/* ---- on the worker ---- */

struct changes_reading {
	struct change_rows *rows; /* NULL: nobody waits for it any more */
	char *folder;
	const struct world *world;
	struct arena *arena;
	struct change *items;
	size_t len;
	bool *cut;
	struct error err;
};

static void
reading_free(void *job)
{
	struct changes_reading *r = job;

	arena_free(r->arena);
	free(r->folder);
	free(r);
}

bool
change_is_left(struct changes *c, const struct change *of)
{
	return change_state(of, false)->unfinished && changes_is_free(c, of->id);
}

static void
read_record(void *job)
{
	struct changes_reading *r = job;
	struct changes *c = NULL;

	if (!changes_exist(r->folder, r->world))
		return;
	if (changes_open(r->folder, r->world, &c, &r->err) == STATUS_OK &&
	    changes_list(c, false, ROWS_MOST, r->arena, &r->items, &r->len, &r->err) == STATUS_OK) {
		r->cut = arena_array(r->arena, r->len + 1, sizeof *r->cut);
		for (size_t i = 0; i < r->len; i++)
			r->cut[i] = change_is_left(c, &r->items[i]);
	} else {
		r->len = 0;
	}
	changes_close(c);
}

/* ---- on the console's thread ---- */

static void
take(struct console *k, void *job)
{
	struct changes_reading *r = job;
	struct change_rows *rows = r->rows;

	if (rows != NULL) {
		rows->reading = NULL;
		rows->read = true;
		arena_free(rows->arena);
		rows->arena = r->arena;
		r->arena = NULL;
		rows->items = r->items;
		rows->len = r->len;
		rows->cut = r->cut;
		snprintf(rows->problem, sizeof rows->problem, "%s", r->err.text);
		rows->changed(rows);
		console_urgent(k);
	}
	reading_free(r);
}

static void
begin(struct change_rows *rows)
{
	struct console *k = rows->console;
	struct changes_reading *r = mem_zero(1, sizeof *r);

	*r = (struct changes_reading){ .rows = rows, .folder = k->setup.changes != NULL ? mem_strdup(k->setup.changes) : NULL,
		.world = k->setup.world, .arena = arena_new() };
	rows->version = k->plan_moves;
	rows->reading = r;
	if (!console_work(k, read_record, take, reading_free, r)) {
		rows->reading = NULL;
		snprintf(rows->problem, sizeof rows->problem, "the record was not read: no thread or no descriptor is left on this machine");
	}
}

void
change_rows_start(struct change_rows *r, struct console *k)
{
	r->console = k;
	begin(r);
}

void
change_rows_done(struct change_rows *r)
{
	if (r->reading != NULL)
		r->reading->rows = NULL;
	arena_free(r->arena);
}

void
change_rows_follow(struct change_rows *r)
{
	if (r->reading == NULL && r->problem[0] == '\0' && r->version != r->console->plan_moves)
		begin(r);
}

bool
change_rows_cut(const struct change_rows *r, const struct change *c)
{
	return r->cut[c - r->items];
}

size_t
change_rows_left(const struct change_rows *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->len; i++)
		n += r->cut[i];
	return n;
}
