/*
 * `make bench`: the inventory with a million certificates (MTLSCOPE_BENCH_CERTS: another number): import, size on disk, memory,
 * and what a keystroke costs, beside grep over the report and a plain SQLite table that is scanned with LIKE, in the same run.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/audit_report.h"
#include "model/memory.h"
#include "model/times.h"
#include "tests/made_reports.h"
#include "tests/program.h"

enum { PAGE = 512 /* as the console reads them */, COUNTED = 10000, RUNS = 5, FILTER_MS = 50, MEMORY_MB = 150, DAY = 86400 };

static char *folder;
static size_t records = 1000 * 1000;
static bool missed;

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static double
megabytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (double)st.st_size / 1e6 : 0;
}

/* Of this process alone: what it takes, however many others want the processor. */
static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

/* The greatest resident size of this process so far, MB. */
static double
peak(void)
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

static const char *
const_env(void *self, const char *name)
{
	(void)self;
	return getenv(name);
}

static const struct world world = { .env = const_env };

static void
die(const struct error *err)
{
	fprintf(stderr, "bench: %s\n", err->text);
	exit(1);
}

static void
import(const char *db, const char *report, const char *what)
{
	struct error err = { .code = ERROR_NONE };
	struct inventory *i;
	struct report_import *r;
	static char piece[64 * 1024];
	double began = now_ms(), cpu = cpu_ms(), read_ms, done_ms;
	size_t added, changed;
	FILE *f = fopen(report, "r");
	size_t n;

	if (f == NULL || inventory_open(db, &world, &i, &err) != STATUS_OK ||
	    inventory_put_ca(i, &(struct inventory_ca){ .arn = MADE_CA, .name = "Bench", .created = TIME_UNKNOWN, .not_before = TIME_UNKNOWN,
	        .not_after = TIME_UNKNOWN, .restorable_until = TIME_UNKNOWN, .synced = TIME_UNKNOWN, .report_asked = TIME_UNKNOWN }, &err) != STATUS_OK ||
	    report_import_begin(i, MADE_CA, &r, &err) != STATUS_OK)
		die(&err);
	while ((n = fread(piece, 1, sizeof piece, f)) > 0)
		if (report_import_feed(r, piece, n, &err) != STATUS_OK)
			die(&err);
	if (report_import_end(r, true, MADE_NOW, &added, &changed, &err) != STATUS_OK)
		die(&err);
	read_ms = now_ms() - began;
	if (inventory_settle(i, &err) != STATUS_OK)
		die(&err);
	done_ms = now_ms() - began;
	inventory_close(i);
	fclose(f);
	printf("%-22s %7.2f s and %.2f s for orders: %.0f/s (of a processor alone: %.0f/s), %zu new, %zu changed; peak memory %.0f MB; on disk %.0f MB\n", what, read_ms / 1e3,
	    (done_ms - read_ms) / 1e3, (double)records / done_ms * 1e3, (double)records / (cpu_ms() - cpu) * 1e3, added, changed, peak(), megabytes(db));
	if (peak() > MEMORY_MB) {
		printf("MISSED: more than %d MB\n", MEMORY_MB);
		exit(1);
	}
}

/* In a process of its own, so that its memory is its own. */
static void
in_child(void (*run)(const char *, const char *, const char *), const char *a, const char *b, const char *c)
{
	int result = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		run(a, b, c);
		fflush(stdout);
		_exit(missed);
	}
	if (pid < 0 || waitpid(pid, &result, 0) != pid || result != 0)
		missed = true;
}

/* ---- queries ---- */

struct asked {
	const char *what;
	struct inventory_query q;
	size_t offset;
	const char *grep;   /* the same over the report, where grep can say it; NULL */
};

/* Of the last: what the page alone took, of a processor. The console draws it, and counts after that. */
static double page_cpu;

static double
once(struct inventory *i, const struct inventory_query *q, size_t offset, size_t *rows, size_t *count, bool *at_least)
{
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct inventory_cert *certs;
	double began = now_ms(), cpu = cpu_ms();

	if (inventory_certs(i, q, offset, PAGE, a, &certs, rows, &err) != STATUS_OK)
		die(&err);
	page_cpu = cpu_ms() - cpu;
	if (inventory_count(i, q, COUNTED, count, at_least, &err) != STATUS_OK)
		die(&err);
	arena_free(a);
	return now_ms() - began;
}

/* The same words as LIKE over a table of the same rows, with an index that holds all that is searched. */
static double
like(sqlite3 *db, const char *filter)
{
	sqlite3_stmt *s;
	char sql[512], pattern[256];
	double began = now_ms();

	snprintf(sql, sizeof sql, "SELECT id FROM plain WHERE subject || serial || template LIKE ?1 ORDER BY not_after LIMIT %d", PAGE);
	snprintf(pattern, sizeof pattern, "%%%s%%", filter);
	if (sqlite3_prepare_v2(db, sql, -1, &s, NULL) != SQLITE_OK)
		return 0;
	sqlite3_bind_text(s, 1, pattern, -1, SQLITE_TRANSIENT);
	while (sqlite3_step(s) == SQLITE_ROW)
		;
	sqlite3_finalize(s);
	return now_ms() - began;
}

static sqlite3 *
make_plain(const char *from)
{
	sqlite3 *db;
	char sql[1024];

	if (sqlite3_open(in_folder(folder, "plain.db"), &db) != SQLITE_OK)
		return NULL;
	snprintf(sql, sizeof sql, "ATTACH '%s' AS i; CREATE TABLE plain (id INTEGER PRIMARY KEY, serial TEXT, subject TEXT, not_after INT, template TEXT);"
	                          "INSERT INTO plain SELECT id, lower(hex(serial)), subject, not_after, (SELECT text FROM i.word WHERE word.id = template) FROM i.cert;"
	                          "CREATE INDEX by_end ON plain (not_after, subject, serial, template); DETACH i", from);
	(void)sqlite3_exec(db, sql, NULL, NULL, NULL);
	return db;
}

static double
grep(const char *word, const char *report)
{
	const char *const argv[] = { "/usr/bin/grep", "-c", "-i", "-F", "--", word, report, NULL };
	struct run r;
	double took;

	run_program(argv, NULL, &r);
	took = r.took_ms;
	run_done(&r);
	return took;
}

static void
queries(const char *db, const char *csv, const char *unused)
{
	static char serial[33], colons[60];
	struct inventory_query any = { .now = MADE_NOW, .soon = MADE_NOW + 30 * DAY };
	const struct asked asked[] = {
		{ "no filter", { .filter = NULL }, 0, NULL },
		{ "1 letter", { .filter = "p" }, 0, NULL },
		{ "2 letters", { .filter = "pa" }, 0, NULL },
		{ "2 letters, none", { .filter = "zq" }, 0, "zq" },
		{ "3 letters", { .filter = "pay" }, 0, "pay" },
		{ "frequent", { .filter = "internal" }, 0, "internal" },
		{ "frequent, by name down", { .filter = "internal", .sort = BY_NAME, .descending = true }, 0, NULL },
		{ "a twelfth", { .filter = "payments" }, 0, "payments" },
		{ "a twelfth, last in order", { .filter = "stock", .sort = BY_NAME }, 0, NULL },
		{ "rare", { .filter = "payments-0123" }, 0, "payments-0123" },
		{ "none", { .filter = "zzzz" }, 0, "zzzz" },
		{ "three words", { .filter = "pay prod client" }, 0, NULL },
		{ "template", { .filter = "serverauth" }, 0, "serverauth" },
		{ "serial, 5 digits", { .filter = "00ff0" }, 0, "00ff0" },
		{ "serial, with colons", { .filter = colons }, 0, colons },
		{ "ARN", { .filter = MADE_CA "/certificate/" }, 0, NULL },
		{ "half down the list", { .filter = NULL, .sort = BY_NAME }, records / 2, NULL },
		{ "half down, filtered", { .filter = "prod", .sort = BY_NAME }, records / 8, NULL },
		{ "by issue", { .sort = BY_ISSUED, .descending = true }, 0, NULL },
		{ "by serial", { .sort = BY_SERIAL }, 0, NULL },
		{ "by template", { .sort = BY_TEMPLATE }, 0, NULL },
		{ "by fate", { .sort = BY_FATE }, 0, NULL },
		{ "orphans", { .only_orphans = true }, 0, NULL },
		{ "due, filtered", { .only_due = true, .filter = "pay" }, 0, NULL },
	};
	struct error err = { .code = ERROR_NONE };
	sqlite3 *plain = make_plain(db);
	struct inventory *i;
	size_t fates[FATE_LEN];
	double began;

	(void)unused;
	made_report_serial(records / 2, serial);
	for (size_t k = 0; k < 16; k++)
		snprintf(colons + k * 3, sizeof colons - k * 3, "%c%c%s", serial[k * 2] >= 'a' ? serial[k * 2] - 32 : serial[k * 2],
		    serial[k * 2 + 1] >= 'a' ? serial[k * 2 + 1] - 32 : serial[k * 2 + 1], k < 15 ? ":" : "");
	if (inventory_open(db, &world, &i, &err) != STATUS_OK)
		die(&err);
	printf("%-26s %9s %8s %8s %8s %10s %10s  %s\n", "a page, and its count", "first", "median", "cpu", "page", "LIKE", "grep", "found");
	for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
		struct inventory_query q = asked[k].q;
		double took[RUNS], first, cpu = 0, least = 1e9, page = 1e9;
		size_t rows, count;
		bool at_least;
		char scanned[32] = "", grepped[32] = "";

		q.now = any.now;
		q.soon = any.soon;
		first = once(i, &q, asked[k].offset, &rows, &count, &at_least);
		for (size_t n = 0; n < RUNS; n++) {
			struct inventory_query other = q;
			size_t dummy;
			bool dummy_too;

			other.filter = "0"; /* so that the last list is another one */
			(void)once(i, &other, 0, &dummy, &dummy, &dummy_too);
			cpu = cpu_ms();
			took[n] = once(i, &q, asked[k].offset, &rows, &count, &at_least);
			cpu = cpu_ms() - cpu;
			if (cpu < least)
				least = cpu;
			if (page_cpu < page)
				page = page_cpu;
		}
		for (size_t n = 1; n < RUNS; n++) /* the median of five */
			for (size_t m = n; m > 0 && took[m] < took[m - 1]; m--) {
				double swap = took[m];

				took[m] = took[m - 1];
				took[m - 1] = swap;
			}
		if (asked[k].grep != NULL) {
			snprintf(grepped, sizeof grepped, "%.0f ms", grep(asked[k].grep, csv));
			snprintf(scanned, sizeof scanned, "%.0f ms", like(plain, asked[k].grep));
		}
		printf("%-26s %6.1f ms %5.1f ms %5.1f ms %5.1f ms %10s %10s  %s%zu\n", asked[k].what, first, took[RUNS / 2], least, page, scanned, grepped, at_least ? "more than " : "", count);
		if (page > FILTER_MS && asked[k].offset == 0) { /* a keystroke; the machine may have others to serve */
			printf("MISSED: more than %d ms\n", FILTER_MS);
			missed = true;
		}
	}
	began = now_ms();
	if (inventory_fates(i, &any, fates, &err) != STATUS_OK)
		die(&err);
	printf("%-26s %5.1f ms ", "fates of all", now_ms() - began);
	for (size_t k = 0; k < FATE_LEN; k++)
		printf(" %s %zu", fate_word((enum inventory_fate)k), fates[k]);
	inventory_close(i);
	sqlite3_close(plain);
	printf("\npeak memory %.0f MB, the plain table's cache included\n", peak());
	if (peak() > MEMORY_MB)
		missed = true;
}

int
main(void)
{
	const char *many = getenv("MTLSCOPE_BENCH_CERTS");
	char json[4096], csv[4096], db[4096], other[4096];
	double began;

	if (many != NULL)
		records = (size_t)strtoull(many, NULL, 10);
	folder = make_folder();
	snprintf(json, sizeof json, "%s", in_folder(folder, "report.json"));
	snprintf(csv, sizeof csv, "%s", in_folder(folder, "report.csv"));
	snprintf(db, sizeof db, "%s", in_folder(folder, "inventory.db"));
	snprintf(other, sizeof other, "%s", in_folder(folder, "other.db"));
	if (made_report_file(json, true, records) == 0 || made_report_file(csv, false, records) == 0) {
		fprintf(stderr, "bench: no room for the reports in %s\n", folder);
		return 1;
	}
	printf("\nThe inventory: %zu certificates, a report of %.0f MB in JSON, %.0f MB in CSV\n", records, megabytes(json), megabytes(csv));
	in_child(import, db, json, "import of JSON");
	in_child(import, other, csv, "import of CSV");
	in_child(import, other, csv, "the same again");
	in_child(queries, db, csv, NULL);
	began = now_ms();
	(void)grep("zzzz", json);
	printf("(grep reads the JSON in %.0f ms)\n", now_ms() - began);
	remove_folder(folder);
	return missed;
}
