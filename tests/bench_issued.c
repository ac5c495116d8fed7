/*
 * The console over a million issued certificates (MTLSCOPE_BENCH_CERTS: another number), in this process: what a key of
 * the live filter costs until the screen has its letter, and until its rows stand there; moving, sorting; peak memory.
 * Status 1 where a figure misses what was promised.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/audit_report.h"
#include "model/inventory.h"
#include "model/memory.h"
#include "model/times.h"
#include "tests/made_reports.h"
#include "tests/program.h"
#include "tests/screen.h"
#include "tui/issued.h"

enum { ROWS = 60, COLUMNS = 200, KEY_MS = 50, MEMORY_MB = 150, KEYS_MAX = 256 };

static size_t records = 1000 * 1000;
static int missed;

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000 + (double)t.tv_nsec / 1e6;
}

static double
peak_mb(void)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	double kb = 0;

	while (f != NULL && fgets(line, sizeof line, f) != NULL)
		if (strncmp(line, "VmHWM:", 6) == 0)
			kb = strtod(line + 6, NULL);
	if (f != NULL)
		fclose(f);
	return kb / 1024;
}

static int
by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
say(const char *what, double *ms, size_t len, double promised)
{
	qsort(ms, len, sizeof *ms, by_size);
	double median = ms[len / 2];
	bool late = promised > 0 && median > promised;

	printf("  %-58s median %7.2f ms   worst %7.2f ms", what, median, ms[len - 1]);
	if (promised > 0)
		printf("   %s the %.0f ms that are promised", late ? "MISSES" : "keeps", promised);
	printf("\n");
	missed += late;
}

/* In a process of its own: its memory is not the console's. */
static void
fill(const char *db, const char *csv)
{
	struct error err = { .code = ERROR_NONE };
	struct inventory *i = NULL;
	struct report_import *r;
	static char piece[64 * 1024];
	size_t added, changed, n;
	FILE *f;

	if (made_report_file(csv, false, records) == 0 || (f = fopen(csv, "r")) == NULL)
		exit(1);
	if (inventory_open(db, world_real(), &i, &err) != STATUS_OK ||
	    inventory_put_ca(i, &(struct inventory_ca){ .arn = MADE_CA, .account = "bench", .region = "us-east-1", .name = "Bench", .created = TIME_UNKNOWN,
	        .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN, .restorable_until = TIME_UNKNOWN, .synced = TIME_UNKNOWN,
	        .report_at = TIME_UNKNOWN, .report_asked = TIME_UNKNOWN }, &err) != STATUS_OK || report_import_begin(i, MADE_CA, &r, &err) != STATUS_OK)
		goto failed;
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		if (report_import_feed(r, piece, n, &err) != STATUS_OK)
			goto failed;
	if (report_import_end(r, true, MADE_NOW, &added, &changed, &err) != STATUS_OK || inventory_settle(i, &err) != STATUS_OK)
		goto failed;
	inventory_close(i);
	fclose(f);
	exit(0);
failed:
	fprintf(stderr, "bench: %s\n", err.text);
	exit(1);
}

/* Turns until the newest question is answered. */
static void
until_answered(struct screen *s)
{
	do {
		console_draw(screen_console(s));
		if (!screen_has(s, "searching"))
			return;
	} while (console_turn(screen_console(s), 10000));
	fprintf(stderr, "bench: the console ended\n");
	exit(1);
}

static void
filter_keys(struct screen *s, const char *word)
{
	double letter[KEYS_MAX], rows[KEYS_MAX];
	size_t len = 0;
	char what[80], key[2] = { 0 };

	screen_keys(s, "/");
	for (const char *c = word; *c != '\0'; c++) {
		double began = now_ms();

		key[0] = *c;
		screen_keys(s, *c == ' ' ? "Space" : key); /* draws */
		letter[len] = now_ms() - began;
		until_answered(s);
		rows[len++] = now_ms() - began;
	}
	snprintf(what, sizeof what, "filter “%s”: a key, until it is on the screen", word);
	say(what, letter, len, KEY_MS);
	snprintf(what, sizeof what, "filter “%s”: a key, until its rows are", word);
	say(what, rows, len, KEY_MS);
	screen_keys(s, "Enter");
	screen_keys(s, "Esc");
	until_answered(s);
}

static void
moves(struct screen *s)
{
	static const char *const keys[] = { "Down", "PgDn", "End", "PgUp", "Home" };

	for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++) {
		double ms[20];
		char what[64];

		for (size_t i = 0; i < 20; i++) {
			double began = now_ms();

			screen_keys(s, keys[k]);
			ms[i] = now_ms() - began;
			until_answered(s);
		}
		snprintf(what, sizeof what, "%s, until it is on the screen", keys[k]);
		say(what, ms, 20, KEY_MS);
	}
}

int
main(void)
{
	const char *wish = getenv("MTLSCOPE_BENCH_CERTS");
	char *folder = make_folder(), *db = mem_strdup(in_folder(folder, "inventory.db")), *csv = mem_strdup(in_folder(folder, "report.csv"));
	static const char *const words[] = { "payment", "service-77", "zzzz", "prod team" };
	char serial[33];
	struct issued_wish all = { .ca = NULL };
	struct console_setup setup = { .world = world_real(), .fleet = fleet_new(), .first = &issued_view, .first_argument = &all, .inventory = db,
		.still = true, .examine = { .at_set = true, .at = MADE_NOW, .thresholds = thresholds_default } };
	struct screen *s;
	double began;
	int ended = 1;
	pid_t child;

	if (wish != NULL)
		records = strtoul(wish, NULL, 10);
	printf("\nThe console over %zu issued certificates, 200×60\n", records);
	fflush(stdout);
	child = fork();
	if (child == 0)
		fill(db, csv);
	if (waitpid(child, &ended, 0) < 0 || ended != 0)
		return 1;
	began = now_ms();
	s = screen_open(ROWS, COLUMNS, SCREEN_UTF8, &setup);
	until_answered(s);
	printf("  opened, first rows on the screen after %.0f ms\n", now_ms() - began);
	screen_wait(s, "certificates");
	moves(s);
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		filter_keys(s, words[i]);
	made_report_serial(records / 2, serial);
	filter_keys(s, serial);
	screen_close(s);
	printf("  peak memory %.0f MB   %s the %d MB that are promised\n", peak_mb(), peak_mb() > MEMORY_MB ? "MISSES" : "keeps", MEMORY_MB);
	missed += peak_mb() > MEMORY_MB;
	remove_folder(folder);
	free(db);
	free(csv);
	return missed > 0;
}
