/*
 * The console with 10,000 endpoints on a terminal of 200×60, in this process: how long until there is
 * something to see, how long a key takes, what a result costs, what an endpoint takes of memory. Status 1
 * where a figure misses what was promised.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/fleet_builder.h"
#include "tests/screen.h"

enum { ENDPOINTS = 10000, ROWS = 60, COLUMNS = 200, TIMES = 60, FIRST_PAINT_MS = 50, KEY_MS = 16 };

static int missed;

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* promised: milliseconds for the median; 0: nothing is. */
static void
say(const char *what, double *ms, size_t len, double promised)
{
	qsort(ms, len, sizeof *ms, by_size);
	double median = ms[len / 2];
	bool late = promised > 0 && median > promised;

	printf("  %-46s median %7.2f ms   worst %7.2f ms", what, median, ms[len - 1]);
	if (promised > 0)
		printf("   %s the %.0f ms that are promised", late ? "MISSES" : "keeps", promised);
	printf("\n");
	missed += late;
}

/* ---- the fleet ---- */

static enum shape
shape_of(size_t i)
{
	static const enum shape shapes[] = { SHAPE_OK, SHAPE_OK, SHAPE_INTERMEDIATE, SHAPE_OK, SHAPE_REFUSED_PORT, SHAPE_FORGOTTEN,
		SHAPE_OK, SHAPE_ROOT_EXPIRING, SHAPE_OK, SHAPE_WRONG_NAME };

	return shapes[i * 7919 % (sizeof shapes / sizeof shapes[0])];
}

static struct fleet *
fleet_of(struct fleet_builder *b, bool checked)
{
	struct fleet *f = fleet_new();
	char name[64];

	for (size_t i = 0; i < ENDPOINTS; i++) {
		snprintf(name, sizeof name, "service-%zu-of-team-%zu", i, i % 97);
		struct entry *e = fleet_builder_add(b, f, name);
		if (checked)
			fleet_builder_check(b, f, e, shape_of(i), FLEET_NOW - 60);
	}
	return f;
}

static struct screen *
open_console(struct fleet *f, const struct view_ops *first)
{
	struct console_setup setup = { .fleet = f, .world = world_real(), .examine = examine_defaults, .first = first };

	return screen_open(ROWS, COLUMNS, SCREEN_UTF8, &setup);
}

/* ---- what is measured ---- */

static void
first_paint(struct fleet_builder *b, const char *what, bool checked, const struct view_ops *first)
{
	double ms[5];

	for (size_t i = 0; i < 5; i++) {
		struct fleet *f = fleet_of(b, checked);
		double start = now_ms();
		struct screen *s = open_console(f, first);

		ms[i] = now_ms() - start;
		screen_close(s);
	}
	say(what, ms, 5, FIRST_PAINT_MS);
}

/* `each` is timed, again and again; `before` is not. */
static void
keys(struct screen *s, const char *what, const char *before, const char *each)
{
	double ms[TIMES];

	screen_keys(s, before);
	for (size_t i = 0; i < TIMES; i++) {
		double start = now_ms();

		screen_keys(s, each);
		ms[i] = now_ms() - start;
	}
	say(what, ms, TIMES, KEY_MS);
}

/* A filter that is typed: each letter narrows ten thousand names, each Backspace widens them again. */
static void
filter_keys(struct screen *s)
{
	static const char text[] = "team-42 expired";
	double ms[2 * sizeof text];
	size_t n = 0;

	screen_keys(s, "Home /");
	for (size_t i = 0; i + 1 < 2 * (sizeof text - 1); i++) {
		double start = now_ms();

		if (i + 1 < sizeof text)
			screen_type(s, (char[]){ text[i], '\0' });
		else
			screen_keys(s, "Backspace");
		ms[n++] = now_ms() - start;
	}
	screen_keys(s, "Esc");
	say("a letter of the filter", ms, n, KEY_MS);
}

/* A result, and the frame that shows it; what it took to come to the diagnosis is not counted. */
static void
results(struct fleet_builder *b, struct screen *s)
{
	struct console *k = screen_console(s);
	struct fleet *f = console_fleet(k);
	double taken[TIMES], drawn[TIMES];

	screen_keys(s, "PgDn");
	uint64_t id = console_top(k)->entry->id;
	for (size_t i = 0; i < TIMES; i++) {
		struct entry *e = fleet_at(f, i * 131 % ENDPOINTS);
		struct evidence *ev = fleet_builder_evidence(b, e, shape_of(i), FLEET_NOW);
		struct diagnosis *d = diagnose(ev);
		double start = now_ms();

		fleet_result(f, e, ev, d, FLEET_NOW * 1000);
		console_changed(k);
		taken[i] = now_ms() - start;
		console_draw(k);
		drawn[i] = now_ms() - start - taken[i];
		missed += console_top(k)->entry->id != id;
	}
	say("a result that comes in", taken, TIMES, 1);
	say("the frame that shows it (at most every 100 ms)", drawn, TIMES, KEY_MS);
}

static void
causes(struct fleet *f)
{
	const struct fleet_cause *all;
	double ms[TIMES];
	size_t len = 0;

	for (size_t i = 0; i < TIMES; i++) {
		fleet_waiting(f, fleet_at(f, 0), i % 2 == 0);
		double start = now_ms();
		len = fleet_causes(f, &all);
		ms[i] = now_ms() - start;
	}
	char what[64];
	snprintf(what, sizeof what, "10,000 endpoints grouped into %zu causes", len);
	say(what, ms, TIMES, 3);
}

static void
memory(struct fleet_builder *b)
{
	struct mallinfo2 before = mallinfo2();
	struct fleet *f = fleet_of(b, true);
	struct mallinfo2 after = mallinfo2();

	printf("  %-46s %zu bytes each, evidence and diagnosis included\n", "an endpoint in memory",
	    (after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / ENDPOINTS);
	fleet_free(f);
}

int
main(void)
{
	struct fleet_builder *b = fleet_builder_make();
	struct screen *s;

	printf("the console, %d endpoints, %d×%d\n", ENDPOINTS, COLUMNS, ROWS);
	memory(b);
	first_paint(b, "first paint, none checked yet", false, &fleet_view);
	first_paint(b, "first paint, all checked, by name", true, &fleet_view);
	first_paint(b, "first paint, all checked, by cause", true, &causes_view);
	s = open_console(fleet_of(b, true), &fleet_view);
	keys(s, "one row down", "Home", "Down");
	keys(s, "a page down", "Home", "PgDn");
	keys(s, "the last row", "Home", "End");
	keys(s, "only failing, or all again", "Home", "!");
	keys(s, "the other order", "Home", "S");
	keys(s, "mark every row", "Home", "*");
	keys(s, "from name to cause and back", "Home", "g");
	keys(s, "the copy menu, and away", "Home", "y Esc");
	keys(s, "the identities of the fleet, and back", "Home", "i q");
	filter_keys(s);
	results(b, s);
	causes(console_fleet(screen_console(s)));
	screen_close(s);
	fleet_builder_free(b);
	return missed > 0;
}
