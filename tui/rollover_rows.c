/* The services of a roll-over as rows of a table: those that are in the way of the next step first. */
#include <stdint.h>

#include "model/text.h"
#include "model/times.h"
#include "tui/console.h"
#include "tui/fleet.h"
#include "tui/rollover.h"
#include "tui/rollover_work.h"

enum column_of { COLUMN_SERVICE, COLUMN_SERVER, COLUMN_CLIENT, COLUMN_SENDS, COLUMN_KEEPS, COLUMN_WHY, COLUMN_MEASURED, COLUMN_END };

static const struct column columns[COLUMN_END + 1] = {
	[COLUMN_SERVICE] = { .title = "SERVICE", .width = 14, .grows = 2 },
	[COLUMN_SERVER] = { .title = "AS A SERVER", .width = 11 },
	[COLUMN_CLIENT] = { .title = "AS A CLIENT", .width = 11 },
	[COLUMN_SENDS] = { .title = "SENDS NEW", .width = 9, .from = 96 },
	[COLUMN_KEEPS] = { .title = "HOLDS OLD", .width = 9, .from = 108 },
	[COLUMN_WHY] = { .title = "WHY", .width = 20, .from = 70, .grows = 5 },
	[COLUMN_MEASURED] = { .title = "MEASURED", .width = 16, .from = 130 },
	[COLUMN_END] = { .title = NULL },
};

static const struct rollover_service *
service(const struct rollover_rows *r, size_t row)
{
	return &r->picture->r->services[r->shown.things[row]];
}

const struct rollover_service *
rollover_rows_at(const struct rollover_rows *r, size_t row)
{
	return row < r->shown.len ? service(r, row) : NULL;
}

/* Is it what the next step is there to change? */
static bool
is_due(const struct rollover_picture *p, const struct rollover_service *s)
{
	enum rollover_step next = rollover_next(p->r, p->now);

	return (next == ROLLOVER_MOVE && s->cells[ROLLOVER_SENDS].answer == ROLLOVER_NO) || (next == ROLLOVER_REMOVE && s->cells[ROLLOVER_KEEPS].answer == ROLLOVER_YES);
}

/* The cell that is said first: what is in the way; then what is to be changed; else where one is asked at all. */
static const struct rollover_cell *
telling(const struct rollover_picture *p, const struct rollover_service *s)
{
	unsigned blocks = rollover_blocks(p, s);

	for (unsigned pass = 0; pass < 2; pass++) {
		for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++) {
			if ((blocks & 1u << c) != 0 && s->cells[c].answer == (pass == 0 ? ROLLOVER_NO : ROLLOVER_UNKNOWN))
				return &s->cells[c];
		}
	}
	if (is_due(p, s))
		return &s->cells[rollover_next(p->r, p->now) == ROLLOVER_MOVE ? ROLLOVER_SENDS : ROLLOVER_KEEPS];
	return &s->cells[s->cells[ROLLOVER_SERVER].answer != ROLLOVER_NOT_ONE ? ROLLOVER_SERVER : ROLLOVER_CLIENT];
}

/* ---- order and filter ---- */

static int
rank(const struct rollover_picture *p, const struct rollover_service *s)
{
	if (rollover_blocks(p, s) == 0)
		return is_due(p, s) ? 2 : 3;
	return telling(p, s)->answer == ROLLOVER_NO ? 0 : 1;
}

static void
text_of_service(void *self, size_t thing, struct buf *out)
{
	const struct rollover_service *s = &((const struct rollover_rows *)self)->picture->r->services[thing];

	text_safe(out, text_of(s->name), 0);
	for (unsigned c = 0; c < ROLLOVER_COLUMNS; c++)
		buf_addf(out, " %s %s", rollover_answer_word(s->cells[c].answer), s->cells[c].how != NULL ? s->cells[c].how : "");
}

/* What is in the way first, then what is to be changed; within that the configuration's order. */
static int
compare(void *self, size_t a, size_t b, size_t column)
{
	const struct rollover_picture *p = ((const struct rollover_rows *)self)->picture;

	(void)column;
	return rank(p, &p->r->services[a]) - rank(p, &p->r->services[b]);
}

static size_t
all(void *self)
{
	const struct rollover_rows *r = self;

	return r->picture != NULL && r->picture->r != NULL ? r->picture->r->services_len : 0;
}

static void
order(void *self, const char *filter, size_t column, bool reverse)
{
	static const struct arrange_ops ops = { .text = text_of_service, .compare = compare };
	struct rollover_rows *r = self;

	arrange(&r->shown, &ops, r, all(r), filter, column, reverse);
}

void
rollover_rows_take(struct rollover_rows *r, const struct rollover_picture *p, const char *filter)
{
	r->picture = p;
	order(r, filter, SIZE_MAX, false);
}

void
rollover_rows_done(struct rollover_rows *r)
{
	arrange_done(&r->shown);
}

/* ---- for the table ---- */

static size_t
count(void *self)
{
	return ((const struct rollover_rows *)self)->shown.len;
}

/* A name is the same service in the next picture, wherever it stands there. */
static uint64_t
id_of(const char *name)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (const unsigned char *c = (const unsigned char *)name; *c != '\0'; c++)
		h = (h ^ *c) * UINT64_C(1099511628211);
	return h != 0 ? h : 1;
}

static uint64_t
id(void *self, size_t row)
{
	return id_of(service(self, row)->name);
}

static size_t
find(void *self, uint64_t wanted)
{
	const struct rollover_rows *r = self;

	for (size_t i = 0; i < r->shown.len; i++) {
		if (id_of(service(r, i)->name) == wanted)
			return i;
	}
	return SIZE_MAX;
}

/* "/etc/payment/clients.pem holds …" without the folder, which would take all the room; below the table it stands whole. */
static const char *
without_folder(const char *how)
{
	const char *name = how;

	for (const char *c = how; how[0] == '/' && *c != '\0' && *c != ' '; c++)
		name = *c == '/' ? c + 1 : name;
	return name;
}

static unsigned
cell(void *self, size_t row, size_t column, struct buf *out)
{
	static const enum rollover_column of[COLUMN_END] = {
		[COLUMN_SERVER] = ROLLOVER_SERVER, [COLUMN_CLIENT] = ROLLOVER_CLIENT, [COLUMN_SENDS] = ROLLOVER_SENDS, [COLUMN_KEEPS] = ROLLOVER_KEEPS };
	const struct rollover_rows *r = self;
	const struct rollover_service *s = service(r, row);
	const struct rollover_cell *c = telling(r->picture, s);
	char when[32];

	switch ((enum column_of)column) {
	case COLUMN_SERVICE:
		text_safe(out, text_of(s->name), 0);
		return ROLE_TEXT;
	case COLUMN_WHY:
		buf_adds(out, c->how != NULL ? without_folder(c->how) : "it was never measured");
		return rollover_blocks(r->picture, s) != 0 || is_due(r->picture, s) ? ROLE_TEXT : ROLE_DIM;
	case COLUMN_MEASURED:
		if (c->at != TIME_UNKNOWN)
			buf_adds(out, fleet_minute(c->at * 1000, console_now_ms(r->console), when));
		return ROLE_DIM;
	default: return rollover_cell(r->picture, of[column], s->cells[of[column]].answer, out);
	}
}

void
rollover_rows_source(struct rollover_rows *r, struct table_source *out)
{
	*out = (struct table_source){ .columns = columns, .count = count, .all = all, .id = id, .find = find, .cell = cell, .arrange = order, .self = r };
}
