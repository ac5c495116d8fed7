#include "tui/issued_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"

enum { WINDOW = 512 /* rows read at a time: some screens around the one that is seen */ };

enum goal { READ_ROWS, READ_COUNT, READ_ALL };

/* One piece of the worker's. It owns the database's handle while it runs, and copies of what is asked. */
struct issued_reading {
	struct issued_rows *of;      /* NULL: nobody waits for it any more */
	struct inventory *inventory; /* NULL: to be opened */
	char *path, *ca, *filter;
	char **renewed;              /* of `query`: whoever asked may be gone, and the configuration with it */
	const struct world *world;
	struct inventory_query query;
	uint64_t version;
	enum goal goal;
	size_t first, wanted;        /* `wanted` of then */
	/* The answer. */
	struct arena *arena;
	struct inventory_cert *rows;
	size_t len, count;
	struct error err;
};

static void begin(struct issued_rows *r, struct inventory *handle);

static char *
copied(const char *s)
{
	return s != NULL ? mem_strdup(s) : NULL;
}

static void
reading_free(struct issued_reading *g)
{
	arena_free(g->arena);
	free(g->path);
	free(g->ca);
	free(g->filter);
	for (size_t i = 0; i < g->query.renewed_len; i++)
		free(g->renewed[i]);
	free(g->renewed);
	free(g);
}

static void
read_it(void *job)
{
	struct issued_reading *g = job;
	bool at_least;

	if (g->inventory == NULL && inventory_open(g->path, g->world, &g->inventory, &g->err) != STATUS_OK) {
		g->inventory = NULL;
		return;
	}
	if (g->goal == READ_ROWS &&
	    inventory_certs(g->inventory, &g->query, g->first, WINDOW, g->arena, &g->rows, &g->len, &g->err) != STATUS_OK)
		g->len = 0;
	if (g->goal != READ_ROWS && inventory_count(g->inventory, &g->query, 0, &g->count, &at_least, &g->err) != STATUS_OK)
		g->count = 0;
}

/* With the console gone, or where no thread could be had: then whoever asked still stands. */
static void
drop(void *job)
{
	struct issued_reading *g = job;

	if (g->of != NULL)
		g->of->reading = NULL;
	inventory_close(g->inventory);
	reading_free(g);
}

/* Rows that came: they take the place of those that were here. */
static void
take_rows(struct issued_rows *r, struct issued_reading *g)
{
	bool anew = r->answered != g->version;

	arena_free(r->arena);
	r->arena = g->arena;
	g->arena = NULL;
	r->rows = g->rows;
	r->len = g->len;
	r->first = g->first;
	r->answered = g->version;
	if (anew) {
		r->counted = g->first == 0 && g->len < WINDOW;
		r->count = r->counted ? g->len : 0;
	}
	/* One that was read for and did not come is there no more: it is not asked for again and again. */
	if (r->wanted == g->wanted || (r->wanted >= r->first && r->wanted < r->first + r->len))
		r->wanted = SIZE_MAX;
	r->answer(r, anew && !r->again);
}

static void
take(struct issued_rows *r, struct issued_reading *g)
{
	if (error_is_set(&g->err)) {
		/* One that was ended because another question came is no news. */
		if (g->version == r->version) {
			snprintf(r->problem, sizeof r->problem, "%.*s", (int)sizeof r->problem - 1, g->err.text);
			r->answered = r->version;
			r->counted = r->counted_all = true;
			r->len = r->count = 0;
			r->answer(r, true);
		}
		return;
	}
	if (g->version != r->version)
		return;
	r->problem[0] = '\0';
	if (g->goal == READ_ROWS) {
		take_rows(r, g);
	} else if (g->goal == READ_COUNT) {
		r->count = g->count;
		r->counted = true;
		r->answer(r, false);
	} else {
		r->all = g->count;
		r->counted_all = true;
		r->answer(r, false);
	}
}

static void
done(struct console *k, void *job)
{
	struct issued_reading *g = job;
	struct issued_rows *r = g->of;
	struct inventory *handle = g->inventory;

	if (r == NULL) {
		drop(g);
		return;
	}
	r->reading = NULL;
	r->in_use = NULL;
	take(r, g);
	console_urgent(k);
	reading_free(g);
	begin(r, handle);
}

/* What is to be read next: rows before counts, the newest question's only. False: nothing. */
static bool
next_goal(struct issued_rows *r, enum goal *goal, size_t *first)
{
	*first = 0;
	if (r->answered != r->version) {
		*goal = READ_ROWS;
		*first = r->again ? r->first : 0;
	} else if (r->wanted != SIZE_MAX) {
		*goal = READ_ROWS;
		*first = r->wanted > WINDOW / 2 ? r->wanted - WINDOW / 2 : 0;
	} else if (!r->counted) {
		*goal = READ_COUNT;
	} else if (!r->counted_all) {
		*goal = READ_ALL;
	} else {
		return false;
	}
	return true;
}

/* Takes the handle over. */
static void
begin(struct issued_rows *r, struct inventory *handle)
{
	struct issued_reading *g;
	enum goal goal;
	size_t first;

	if (handle != NULL)
		r->kept = handle;
	if (r->reading != NULL || !next_goal(r, &goal, &first))
		return;
	g = mem_zero(1, sizeof *g);
	*g = (struct issued_reading){ .of = r, .inventory = r->kept, .path = copied(r->path), .ca = copied(r->ca),
		.filter = goal == READ_ALL ? NULL : copied(r->filter), .world = console_setup_of(r->console)->world, .query = r->query,
		.version = r->version, .goal = goal, .first = first, .wanted = r->answered == r->version ? r->wanted : SIZE_MAX, .arena = arena_new() };
	g->renewed = mem_zero(r->query.renewed_len + 1, sizeof *g->renewed);
	for (size_t i = 0; i < r->query.renewed_len; i++)
		g->renewed[i] = mem_strdup(r->query.renewed[i]);
	g->query.renewed = (const char *const *)g->renewed;
	/* It is opened once, and goes from one reading to the next. */
	r->in_use = r->kept;
	r->kept = NULL;
	g->query.ca = g->ca;
	g->query.filter = g->filter;
	g->query.only_due = goal != READ_ALL && r->query.only_due;
	g->query.only_orphans = goal != READ_ALL && r->query.only_orphans;
	r->reading = g;
	console_work(r->console, read_it, done, drop, g);
}

/* What is under way is of no use any more. */
static void
end_reading(struct issued_rows *r)
{
	if (r->reading != NULL && r->in_use != NULL)
		inventory_interrupt(r->in_use);
}

void
issued_rows_start(struct issued_rows *r, struct console *k, const char *path, const char *ca)
{
	r->console = k;
	r->path = copied(path);
	r->ca = copied(ca);
	r->wanted = SIZE_MAX;
	r->arena = arena_new();
}

void
issued_rows_done(struct issued_rows *r)
{
	end_reading(r);
	if (r->reading != NULL)
		r->reading->of = NULL;
	inventory_close(r->kept);
	arena_free(r->arena);
	free(r->path);
	free(r->ca);
	free(r->filter);
}

void
issued_rows_ask(struct issued_rows *r, const char *filter)
{
	char *copy = filter != NULL && filter[0] != '\0' ? mem_strdup(filter) : NULL;

	free(r->filter);
	r->filter = copy;
	r->version++;
	r->again = false;
	r->wanted = SIZE_MAX;
	end_reading(r);
	begin(r, NULL);
}

void
issued_rows_again(struct issued_rows *r)
{
	r->version++;
	r->again = true;
	r->counted_all = false;
	end_reading(r);
	begin(r, NULL);
}

const struct inventory_cert *
issued_rows_at(struct issued_rows *r, size_t row)
{
	if (row >= r->first && row < r->first + r->len)
		return &r->rows[row - r->first];
	if (r->answered == r->version) {
		r->wanted = row;
		begin(r, NULL);
	}
	return NULL;
}

bool
issued_rows_pending(const struct issued_rows *r)
{
	return r->answered != r->version;
}
