/* The inventory: opening, importing, finding, fates, hierarchy; and against a plain search through the same rows. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <openssl/pem.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/pki.h"
#include "model/audit_report.h"
#include "model/bitmap.h"
#include "model/cert.h"
#include "model/memory.h"
#include "model/times.h"
#include "tests/made_reports.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])
#define CA_A "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/aaaaaaaa-0000-0000-0000-000000000001"
#define CA_B "arn:aws:acm-pca:eu-west-1:444455556666:certificate-authority/bbbbbbbb-0000-0000-0000-000000000002"
enum { DAY = 86400 };
#define NOW MADE_NOW

static char *folder;
static const char *state_home;

static const char *
env(void *self, const char *name)
{
	(void)self;
	return strcmp(name, "XDG_STATE_HOME") == 0 ? state_home : NULL;
}
static const struct world world = { .env = env };

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	return folder == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

/* A new database of this name. */
static struct inventory *
opened(const char *name)
{
	struct error err = { .code = ERROR_NONE };
	struct inventory *i;

	if (inventory_open(in_folder(folder, name), &world, &i, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return i;
}

#define OK(call) \
	do { \
		struct error err = { .code = ERROR_NONE }; \
		if ((call) != STATUS_OK) \
			fail_msg("%s:%d: %s", __FILE__, __LINE__, err.text); \
	} while (0)

static const struct inventory_ca no_ca = { .created = TIME_UNKNOWN, .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN,
	.restorable_until = TIME_UNKNOWN, .synced = TIME_UNKNOWN, .report_at = TIME_UNKNOWN, .report_asked = TIME_UNKNOWN };

static void
put_ca(struct inventory *i, const char *arn, const char *name, const char *pem)
{
	struct inventory_ca ca = no_ca;

	ca.arn = arn;
	ca.name = name;
	ca.pem = pem;
	OK(inventory_put_ca(i, &ca, &err));
}

static void
import(struct inventory *i, const char *ca, const struct inventory_record *r, size_t len)
{
	OK(inventory_import_begin(i, ca, &err));
	for (size_t k = 0; k < len; k++)
		OK(inventory_import_add(i, &r[k], &err));
	OK(inventory_import_end(i, true, NOW, NULL, NULL, &err));
}

static const struct inventory_query plain = { .now = NOW, .soon = NOW + 30 * DAY };

/* The names that a query finds, one blank between. */
static const char *
found(struct inventory *i, struct inventory_query q, struct arena *a)
{
	struct inventory_cert *certs;
	struct buf out = { 0 };
	size_t len, count;
	bool at_least;
	const char *text;

	q.now = q.now != 0 ? q.now : plain.now;
	q.soon = q.soon != 0 ? q.soon : plain.soon;
	OK(inventory_certs(i, &q, 0, 100, a, &certs, &len, &err));
	OK(inventory_count(i, &q, 0, &count, &at_least, &err));
	assert_int_equal(count, len);
	for (size_t k = 0; k < len; k++)
		buf_addf(&out, "%s%s", k > 0 ? " " : "", certs[k].name);
	text = arena_strdup(a, buf_str(&out));
	buf_done(&out);
	return text;
}

/* ---- opening ---- */

static void
makes_its_place(void **state)
{
	struct error why = { .code = ERROR_NONE };
	struct inventory *i;
	struct stat st;

	(void)state;
	state_home = in_folder(folder, "deep/state");
	OK(inventory_open(NULL, &world, &i, &err));
	assert_int_equal(stat(in_folder(folder, "deep/state/mtlscope"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(stat(in_folder(folder, "deep/state/mtlscope/inventory.db"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(stat(in_folder(folder, "deep/state/mtlscope/inventory.db-wal"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	inventory_close(i);
	state_home = NULL;
	assert_int_equal(inventory_open(NULL, &world, &i, &why), STATUS_FAILED);
	assert_string_equal(why.text, "neither XDG_STATE_HOME nor HOME is set: there is no place for the inventory");
	assert_null(i);
}

static void
sql(const char *file, const char *text)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void
refuses(const char *file, const char *why)
{
	struct error err = { .code = ERROR_NONE };
	struct inventory *i;

	assert_int_equal(inventory_open(file, &world, &i, &err), STATUS_FAILED);
	assert_null(i);
	assert_int_equal(err.code, ERROR_LOCAL);
	if (strstr(err.text, why) == NULL)
		fail_msg("%s\nwanted: %s", err.text, why);
}

static void
what_is_no_inventory(void **state)
{
	char garbage[20000];
	const char *file;
	struct stat before, after;

	(void)state;
	file = in_folder(folder, "newer.db");
	inventory_close(opened("newer.db"));
	sql(file, "PRAGMA user_version = 99");
	refuses(file, "a newer mtlscope wrote this inventory (version 99, this one knows 1); it stays as it is");
	file = in_folder(folder, "other.db");
	sql(file, "CREATE TABLE cookies (x)");
	assert_int_equal(stat(file, &before), 0);
	refuses(file, "a database of something else; it stays as it is");
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	memset(garbage, 'x', sizeof garbage);
	file = in_folder(folder, "garbage.db");
	assert_true(write_file(file, garbage, sizeof garbage));
	refuses(file, "the inventory is damaged; move it away, and `mtlscope pca sync` makes it anew");
	assert_int_equal(stat(file, &after), 0);
	assert_int_equal(after.st_size, sizeof garbage);
	refuses(folder, "Is a directory");
	assert_int_equal(mkfifo(in_folder(folder, "fifo"), 0600), 0);
	refuses(in_folder(folder, "fifo"), "no regular file");
	refuses(in_folder(folder, "no/such/folder/x.db"), "No such file or directory");
}

/* Pages in the middle overwritten: found when they are read, one line, no crash, and the file stays. */
static void
damaged_within(void **state)
{
	const char *file = in_folder(folder, "damaged.db");
	struct inventory_query q = { .now = NOW, .soon = NOW, .filter = "payments" };
	struct inventory *i = opened("damaged.db");
	struct error why = { .code = ERROR_NONE };
	struct inventory_cert *certs;
	struct arena *a = arena_new();
	struct buf report = { 0 };
	struct report_import *r;
	size_t len, failed = 0;

	(void)state;
	put_ca(i, MADE_CA, "made", NULL);
	made_report_begin(&report, true);
	for (size_t n = 0; n < 3000; n++)
		made_report_record(&report, true, n);
	made_report_end(&report, true);
	OK(report_import_begin(i, MADE_CA, &r, &err));
	OK(report_import_feed(r, report.data, report.len, &err));
	OK(report_import_end(r, true, NOW, NULL, NULL, &err));
	inventory_close(i);
	for (size_t page = 1; page < 40; page += 3) {
		FILE *f = fopen(file, "r+");

		assert_non_null(f);
		assert_int_equal(fseek(f, (long)page * 8192 + 100, SEEK_SET), 0);
		for (int k = 0; k < 4000; k++)
			fputc(k * 7, f);
		fclose(f);
		error_clear(&why);
		if (inventory_open(file, &world, &i, &why) != STATUS_OK) {
			failed++;
			continue;
		}
		if (inventory_certs(i, &q, 0, 50, a, &certs, &len, &why) != STATUS_OK) {
			failed++;
			assert_int_equal(why.code, ERROR_LOCAL);
		}
		inventory_close(i);
	}
	assert_true(failed > 0);
	buf_done(&report);
	arena_free(a);
}

/* ---- finding ---- */

static const struct inventory_record some[] = {
	{ .serial = "0a:00:00:00:00:00:00:00:00:00:00:00:00:00:be:ef", .subject = "CN=payment.internal,O=Acme", .template_arn =
	      "arn:aws:acm-pca:::template/EndEntityServerAuthCertificate/V1", .not_after = NOW + 10 * DAY, .issued = NOW - 300 * DAY },
	{ .serial = "1234567890abcdef1234567890abcdef", .subject = "CN=Order Service,O=Acme", .template_arn =
	      "arn:aws-cn:acm-pca:::template/EndEntityClientAuthCertificate_APIPassthrough/V1", .not_after = NOW + 20 * DAY, .issued = NOW - 200 * DAY },
	{ .serial = "2", .subject = "O=No common name,OU=x", .not_after = NOW + 30 * DAY, .issued = TIME_UNKNOWN },
	{ .arn = CA_A "/certificate/00ff00ff00ff00ff00ff00ff00ff00ff", .subject = "CN=\xc3\xa9t\xc3\xa9\\, hot,O=Acme", .not_after = NOW + 40 * DAY,
	    .issued = NOW - 100 * DAY },
	{ .serial = "77777777777777777777777777777777777777777777777777", .arn = CA_A "/certificate/odd-one", .subject = NULL, .not_after = TIME_UNKNOWN,
	    .issued = NOW },
};

static void
import_some(struct inventory *i)
{
	struct inventory_record all[LEN(some)];

	put_ca(i, CA_A, "Issuing A", NULL);
	put_ca(i, CA_B, "Issuing B", NULL);
	for (size_t k = 0; k < LEN(some); k++) {
		all[k] = some[k];
		all[k].not_before = TIME_UNKNOWN;
		all[k].revoked = TIME_UNKNOWN;
	}
	import(i, CA_A, all, LEN(some));
	all[0].serial = "99999999999999999999999999999999";
	all[0].subject = "CN=other,O=Beta";
	import(i, CA_B, all, 1);
}

static void
words(void **state)
{
	static const struct {
		const char *filter, *want;
	} cases[] = {
		{ "", "payment.internal other Order Service O=No common name,OU=x \xc3\xa9t\xc3\xa9, hot " },
		{ "acme", "payment.internal Order Service \xc3\xa9t\xc3\xa9, hot" },
		{ "  ACME \t payment  ", "payment.internal" },
		{ "payment order", "" },
		{ "order service", "Order Service" },
		{ "x", "O=No common name,OU=x" },
		{ "=x", "O=No common name,OU=x" },
		{ "ou=x", "O=No common name,OU=x" },
		{ "z", "" },
		{ "zz", "" },
		{ "zzz", "" },
		{ "\xc3\xa9t", "\xc3\xa9t\xc3\xa9, hot" },
		{ "be:ef", "payment.internal" },
		{ "BE:EF", "payment.internal" },
		{ "beef", "payment.internal" },
		{ "00beef", "payment.internal" },
		{ "0:be:e", "payment.internal" },
		{ "0a:00:00:00:00:00:00:00:00:00:00:00:00:00:be:ef", "payment.internal" },
		{ "12:34:56:78:90:ab:cd:ef:12:34:56:78:90:AB:CD:EF", "Order Service" },
		{ "f1234567", "Order Service" },
		{ "1234567890abcdef1234567890abcdef1", "" },
		{ "serverauth", "payment.internal other" },
		{ "certificate_api", "Order Service" },
		{ "certificate", "" },
		{ "aaaaaaaa-0000", "payment.internal Order Service O=No common name,OU=x \xc3\xa9t\xc3\xa9, hot " },
		{ "bbbbbbbb-0000 acme", "" },
		{ CA_B, "other" },
		{ CA_B "/certificate/99999999999999999999999999999999", "other" },
		{ CA_A "/certificate/0A0000", "payment.internal" },
		{ CA_A "/certificate/99999999999999999999999999999999", "" },
		{ "000001/certificate/00ff", "\xc3\xa9t\xc3\xa9, hot" },
		{ "eu-west-1:4444", "other" },
		{ "odd-one", "" }, /* the name of that one is empty, too: see the count below */
		{ "cn", "payment.internal other Order Service \xc3\xa9t\xc3\xa9, hot" },
	};
	struct inventory *i = opened("words.db");
	struct arena *a = arena_new();
	size_t count;
	bool at_least;

	(void)state;
	import_some(i);
	for (size_t k = 0; k < LEN(cases); k++) {
		const char *got = found(i, (struct inventory_query){ .filter = cases[k].filter }, a);

		if (strcmp(got, cases[k].want) != 0)
			fail_msg("“%s” found “%s”, wanted “%s”", cases[k].filter, got, cases[k].want);
	}
	OK(inventory_count(i, &(struct inventory_query){ .filter = "odd-one" }, 0, &count, &at_least, &err));
	assert_int_equal(count, 1);
	assert_string_equal(found(i, (struct inventory_query){ .ca = CA_B }, a), "other");
	assert_string_equal(found(i, (struct inventory_query){ .ca = "arn:nobody" }, a), "");
	OK(inventory_count(i, &(struct inventory_query){ .filter = NULL }, 2, &count, &at_least, &err));
	assert_int_equal(count, 6);
	arena_free(a);
	inventory_close(i);
}

static void
sorts(void **state)
{
	static const struct {
		enum inventory_sort sort;
		bool descending;
		const char *want;
	} cases[] = {
		{ BY_EXPIRY, false, "payment.internal Order Service O=No common name,OU=x \xc3\xa9t\xc3\xa9, hot " },
		{ BY_EXPIRY, true, " \xc3\xa9t\xc3\xa9, hot O=No common name,OU=x Order Service payment.internal" },
		{ BY_NAME, false, " O=No common name,OU=x Order Service payment.internal \xc3\xa9t\xc3\xa9, hot" },
		{ BY_ISSUED, false, "payment.internal Order Service \xc3\xa9t\xc3\xa9, hot  O=No common name,OU=x" },
		{ BY_SERIAL, false, "O=No common name,OU=x \xc3\xa9t\xc3\xa9, hot payment.internal Order Service " },
		{ BY_TEMPLATE, false, "Order Service payment.internal O=No common name,OU=x \xc3\xa9t\xc3\xa9, hot " },
		{ BY_FATE, false, "payment.internal Order Service O=No common name,OU=x \xc3\xa9t\xc3\xa9, hot " },
	};
	struct inventory *i = opened("sorts.db");
	struct arena *a = arena_new();

	(void)state;
	import_some(i);
	for (size_t k = 0; k < LEN(cases); k++) {
		const char *got = found(i, (struct inventory_query){ .ca = CA_A, .sort = cases[k].sort, .descending = cases[k].descending }, a);

		if (strcmp(got, cases[k].want) != 0)
			fail_msg("sort %d: “%s”, wanted “%s”", cases[k].sort, got, cases[k].want);
	}
	arena_free(a);
	inventory_close(i);
}

static void
one_certificate(void **state)
{
	static const struct {
		const char *name, *ca, *want; /* the serial; NULL: none */
	} cases[] = {
		{ CA_A "/certificate/0a00000000000000000000000000beef", NULL, "0a00000000000000000000000000beef" },
		{ "0A:00:00:00:00:00:00:00:00:00:00:00:00:00:BE:EF", CA_A, "0a00000000000000000000000000beef" },
		{ "0a00000000000000000000000000beef", NULL, "0a00000000000000000000000000beef" },
		{ "2", CA_A, "00000000000000000000000000000002" },
		{ "00:02", NULL, "00000000000000000000000000000002" },
		{ CA_A "/certificate/odd-one", NULL, "3537a1af58e6e9f58f72e1c71c71c71c71c71c71c71" },
		{ CA_B "/certificate/0a00000000000000000000000000beef", NULL, NULL },
		{ "0a00000000000000000000000000beef", CA_B, NULL },
		{ "not a serial", NULL, NULL },
		{ "", NULL, NULL },
	};
	struct inventory *i = opened("one.db");
	struct arena *a = arena_new();

	(void)state;
	import_some(i);
	for (size_t k = 0; k < LEN(cases); k++) {
		struct inventory_query q = { .ca = cases[k].ca, .now = NOW, .soon = NOW };
		struct inventory_cert *c;

		OK(inventory_cert(i, cases[k].name, &q, a, &c, &err));
		if ((c != NULL) != (cases[k].want != NULL))
			fail_msg("%s: %s", cases[k].name, c != NULL ? c->serial : "none");
		if (c != NULL && k != 5)
			assert_string_equal(c->serial, cases[k].want);
		if (c != NULL)
			assert_null(c->pem);
	}
	arena_free(a);
	inventory_close(i);
}

/* ---- against a plain search ---- */

struct plain_row {
	char serial[33], *subject, *name, *template;
	int64_t ends, issued;
	int64_t id;
};

static bool
plain_has(const struct plain_row *r, const char *word)
{
	char *subject = mem_strdup(r->subject), *template = mem_strdup(r->template);
	bool has;

	for (char *p = subject; *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
	for (char *p = template; *p != '\0'; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p | 0x20 : *p);
	has = strstr(subject, word) != NULL || (strlen(word) >= 3 && strstr("certificate", word) == NULL && strstr(template, word) != NULL) ||
	      (strlen(word) >= 4 && strspn(word, "0123456789abcdef") == strlen(word) && strstr(r->serial, word) != NULL);
	free(subject);
	free(template);
	return has;
}

/*
 * 70,000 rows, so that bitmaps have two pieces, imported in three reports that overlap. Every filter must find what a plain
 * search finds, in the order asked for, on every page.
 */
static void
agrees_with_a_plain_search(void **state)
{
	enum { ROWS = 70000 };
	static const char *const filters[] = { "p", "pa", "pay", "payments", "payments-01", "internal", "zz", "prod stage", "prod client", "00ff", "abcde",
		"69.prod", "o", "us", "=us", "serverauth 77", "ledger-0000" };
	struct inventory *i = opened("plain.db");
	struct inventory_cert *certs;
	struct arena *a = arena_new();
	struct inventory_query q = plain;
	size_t len, ends[] = { 30000, 65000, ROWS }, begins[] = { 0, 10000, 65000 };
	struct plain_row *rows;

	(void)state;
	put_ca(i, MADE_CA, "made", NULL);
	for (size_t part = 0; part < 3; part++) {
		struct report_import *r;
		struct buf report = { 0 };
		size_t added;

		made_report_begin(&report, part == 1);
		for (size_t n = begins[part]; n < ends[part]; n++)
			made_report_record(&report, part == 1, n);
		made_report_end(&report, part == 1);
		OK(report_import_begin(i, MADE_CA, &r, &err));
		OK(report_import_feed(r, report.data, report.len, &err));
		OK(report_import_end(r, true, NOW, &added, NULL, &err));
		assert_int_equal(added, part == 0 ? 30000 : part == 1 ? 35000 : 5000);
		buf_done(&report);
	}
	OK(inventory_certs(i, &q, 0, ROWS + 1, a, &certs, &len, &err));
	assert_int_equal(len, ROWS);
	rows = mem_zero(ROWS, sizeof *rows);
	for (size_t k = 0; k < len; k++) {
		snprintf(rows[k].serial, sizeof rows[k].serial, "%s", certs[k].serial);
		rows[k].subject = arena_strdup(a, certs[k].subject);
		rows[k].name = arena_strdup(a, certs[k].name);
		rows[k].template = arena_strdup(a, certs[k].template_name);
		rows[k].ends = certs[k].not_after;
		rows[k].issued = certs[k].issued;
		rows[k].id = certs[k].id;
		assert_true(k == 0 || rows[k - 1].ends <= rows[k].ends);
	}
	for (size_t f = 0; f < LEN(filters); f++) {
		struct arena *own = arena_new();
		size_t want = 0, count;
		bool at_least;

		q = plain;
		q.filter = filters[f];
		OK(inventory_certs(i, &q, 0, ROWS, own, &certs, &len, &err));
		for (size_t k = 0; k < ROWS; k++) {
			char word[64];
			bool all = true;

			for (const char *p = filters[f]; *p != '\0';) {
				size_t n = strcspn(p, " ");

				snprintf(word, sizeof word, "%.*s", (int)n, p);
				all = all && plain_has(&rows[k], word);
				p += n + (p[n] == ' ');
			}
			if (!all)
				continue;
			if (want >= len || certs[want].id != rows[k].id)
				fail_msg("“%s”: row %zu should be %s", filters[f], want, rows[k].subject);
			want++;
		}
		assert_int_equal(want, len);
		OK(inventory_count(i, &q, 0, &count, &at_least, &err));
		assert_int_equal(count, len);
		assert_false(at_least);
		OK(inventory_count(i, &(struct inventory_query){ .filter = filters[f], .sort = BY_NAME }, 5, &count, &at_least, &err));
		assert_true(count >= (len < 5 ? len : 5));
		if (len > 3) { /* a page further down, asked for first */
			int64_t id = certs[len / 2].id;

			q.filter = "x";
			OK(inventory_count(i, &q, 0, &count, &at_least, &err));
			q.filter = filters[f];
			OK(inventory_certs(i, &q, len / 2, 2, own, &certs, &count, &err));
			assert_int_equal(certs[0].id, id);
		}
		arena_free(own);
	}
	for (enum inventory_sort sort = BY_EXPIRY; sort <= BY_FATE; sort++)
		for (int down = 0; down < 2; down++) {
			struct arena *own = arena_new();

			q = (struct inventory_query){ .sort = sort, .descending = down, .now = NOW, .soon = NOW + 30 * DAY };
			OK(inventory_certs(i, &q, 0, ROWS, own, &certs, &len, &err));
			assert_int_equal(len, ROWS);
			for (size_t k = 1; k < len; k++) {
				const struct inventory_cert *x = &certs[down ? k : k - 1], *y = &certs[down ? k - 1 : k];
				int order = sort == BY_NAME ? strcmp(x->name, y->name) : sort == BY_SERIAL ? strcmp(x->serial, y->serial) :
				            sort == BY_TEMPLATE ? strcmp(x->template_name, y->template_name) : 0;

				if (order > 0 || (sort == BY_ISSUED && x->issued > y->issued) || (sort == BY_EXPIRY && x->not_after > y->not_after))
					fail_msg("sort %d: row %zu", sort, k);
			}
			arena_free(own);
		}
	free(rows);
	arena_free(a);
	inventory_close(i);
}

/* ---- fates ---- */

#define ACM "acm.amazonaws.com"
static void
fates(void **state)
{
	static const struct inventory_record records[] = {
		{ .serial = "01", .subject = "CN=valid", .not_after = NOW + 90 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "02", .subject = "CN=orphan", .not_after = NOW + 5 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "03", .subject = "CN=replaced", .not_after = NOW + 5 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "04", .subject = "cn=REPLACED", .not_after = NOW + 95 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "05", .subject = "CN=acm", .not_after = NOW + 5 * DAY, .requested_by = ACM, .revoked = TIME_UNKNOWN },
		{ .serial = "06", .subject = "CN=revoked", .not_after = NOW + 5 * DAY, .revoked = NOW - DAY, .revocation_reason = "SUPERSEDED" },
		{ .serial = "07", .subject = "CN=Renewed.Internal", .not_after = NOW + 5 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "08", .subject = "CN=just-ended", .not_after = NOW - 3 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "09", .subject = "CN=long-ended", .not_after = NOW - 300 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "0a", .subject = "CN=by-a-revoked-one", .not_after = NOW + 5 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "0b", .subject = "CN=by-a-revoked-one", .not_after = NOW + 95 * DAY, .revoked = NOW - DAY },
		{ .serial = "0c", .subject = "CN=twins", .not_after = NOW + 5 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "0d", .subject = "CN=twins", .not_after = NOW + 5 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "0e", .subject = "CN=no-date", .not_after = TIME_UNKNOWN, .revoked = TIME_UNKNOWN },
	};
	static const enum inventory_fate want[] = { FATE_VALID, FATE_ORPHAN, FATE_REPLACED, FATE_VALID, FATE_ACM, FATE_REVOKED, FATE_RENEWABLE,
		FATE_ORPHAN, FATE_EXPIRED, FATE_ORPHAN, FATE_REVOKED, FATE_ORPHAN, FATE_ORPHAN, FATE_VALID };
	static const char *const renewed[] = { "renewed.internal", "" };
	struct inventory_query q = { .sort = BY_SERIAL, .now = NOW, .soon = NOW + 30 * DAY, .renewed = renewed, .renewed_len = 2 };
	struct inventory *i = opened("fates.db");
	struct arena *a = arena_new();
	struct inventory_cert *certs;
	struct inventory_ca *cas;
	size_t len, counts[FATE_LEN], sum[FATE_LEN] = { 0 }, n;

	(void)state;
	put_ca(i, CA_A, "A", NULL);
	put_ca(i, CA_B, "B", NULL);
	import(i, CA_A, records, LEN(records));
	/* The same subject from another CA replaces nothing. */
	import(i, CA_B, &(struct inventory_record){ .serial = "ff", .subject = "CN=orphan", .not_after = NOW + 95 * DAY, .revoked = TIME_UNKNOWN }, 1);
	q.ca = CA_A;
	OK(inventory_certs(i, &q, 0, 100, a, &certs, &len, &err));
	assert_int_equal(len, LEN(records));
	for (size_t k = 0; k < len; k++) {
		if (certs[k].fate != want[k])
			fail_msg("%s: %s, wanted %s", certs[k].subject, fate_word(certs[k].fate), fate_word(want[k]));
		assert_int_equal(certs[k].by_subject_only, certs[k].fate == FATE_REPLACED);
		sum[want[k]]++;
	}
	OK(inventory_fates(i, &q, counts, &err));
	assert_memory_equal(counts, sum, sizeof sum);
	q.only_orphans = true;
	OK(inventory_certs(i, &q, 0, 100, a, &certs, &len, &err));
	assert_int_equal(len, sum[FATE_ORPHAN]);
	q.only_orphans = false;
	q.only_due = true;
	OK(inventory_certs(i, &q, 0, 100, a, &certs, &n, &err));
	assert_int_equal(n, sum[FATE_ORPHAN] + sum[FATE_REPLACED] + sum[FATE_ACM] + sum[FATE_RENEWABLE]);
	q.only_due = false;
	q.sort = BY_FATE;
	OK(inventory_certs(i, &q, 0, 100, a, &certs, &n, &err));
	assert_int_equal(certs[0].fate, FATE_ORPHAN);
	assert_int_equal(certs[n - 1].fate, FATE_VALID);
	q.expired_matters = 400 * DAY;
	OK(inventory_fates(i, &q, counts, &err));
	assert_int_equal(counts[FATE_EXPIRED], 0);
	assert_int_equal(counts[FATE_ORPHAN], sum[FATE_ORPHAN] + 1);
	OK(inventory_cas(i, NOW, NOW + 30 * DAY, a, &cas, &n, &err));
	assert_int_equal(n, 2);
	assert_int_equal(cas[0].issued, LEN(records));
	assert_int_equal(cas[0].active, 10);
	assert_int_equal(cas[0].expiring, 7);
	assert_int_equal(cas[0].report_at, NOW);
	assert_int_equal(inventory_next_report(&cas[0]), NOW + 1800);
	/* Revoking what replaced it makes an orphan of it again. */
	import(i, CA_A, &(struct inventory_record){ .serial = "04", .subject = "cn=REPLACED", .not_after = NOW + 95 * DAY, .revoked = NOW }, 1);
	OK(inventory_cert(i, "03", &q, a, &certs, &err));
	assert_int_equal(certs->fate, FATE_ORPHAN);
	arena_free(a);
	inventory_close(i);
}

/* ---- importing ---- */

static void
all_or_nothing(void **state)
{
	struct inventory *i = opened("nothing.db");
	struct arena *a = arena_new();
	struct report_import *r;
	struct error why = { .code = ERROR_NONE };
	int64_t before;
	size_t added = 7, changed = 7;
	static const char half[] = "[{\"serial\":\"01\",\"subject\":\"CN=a\"},{\"serial\":\"0", wrong[] = "serial,subject\n02,CN=b\nxyz,CN=c\n";

	(void)state;
	import_some(i);
	before = inventory_generation(i);
	assert_int_equal(inventory_import_begin(i, "arn:unknown", &why), STATUS_FAILED);
	OK(report_import_begin(i, CA_A, &r, &err));
	OK(report_import_feed(r, half, sizeof half - 1, &err));
	error_clear(&why);
	assert_int_equal(report_import_end(r, true, NOW, &added, &changed, &why), STATUS_FAILED);
	assert_string_equal(why.text, "audit report: record 2 (byte 46): it ends in the middle");
	assert_int_equal(added, 0);
	error_clear(&why);
	OK(report_import_begin(i, CA_A, &r, &err));
	assert_int_equal(report_import_feed(r, wrong, sizeof wrong - 1, &why), STATUS_FAILED);
	assert_string_equal(why.text, "audit report: record 2 (byte 23): its serial is no number");
	OK(report_import_end(r, false, NOW, &added, &changed, &err));
	assert_int_equal(inventory_generation(i), before);
	assert_string_equal(found(i, (struct inventory_query){ .filter = "cn=b" }, a), "");
	/* Left open, as when the program ends. */
	OK(inventory_import_begin(i, CA_A, &err));
	OK(inventory_import_add(i, &some[0], &err));
	inventory_close(i);
	i = opened("nothing.db");
	assert_int_equal(inventory_generation(i), before);
	arena_free(a);
	inventory_close(i);
}

/* Two handles, as two programs: what one imports the other sees, not before it is whole. */
static void
two_programs(void **state)
{
	struct inventory *one = opened("two.db"), *two = opened("two.db");
	struct arena *a = arena_new();
	struct inventory_record r = { .serial = "abcdef", .subject = "CN=new-one", .not_after = NOW, .revoked = TIME_UNKNOWN };
	int64_t before;

	(void)state;
	import_some(one);
	assert_string_equal(found(two, (struct inventory_query){ .filter = "beta" }, a), "other");
	before = inventory_generation(two);
	OK(inventory_import_begin(one, CA_A, &err));
	OK(inventory_import_add(one, &r, &err));
	assert_string_equal(found(two, (struct inventory_query){ .filter = "new-one" }, a), "");
	OK(inventory_import_end(one, true, TIME_UNKNOWN, NULL, NULL, &err));
	assert_true(inventory_generation(two) != before);
	assert_string_equal(found(two, (struct inventory_query){ .filter = "new-one" }, a), "new-one");
	assert_string_equal(found(two, (struct inventory_query){ .filter = "cdef cn=n" }, a), "new-one");
	arena_free(a);
	inventory_close(one);
	inventory_close(two);
}

static void *
interrupt_it(void *i)
{
	inventory_interrupt(i);
	return NULL;
}

/* An interrupted import is given up whole, and says that it was ended. */
static void
interrupted(void **state)
{
	struct inventory *i = opened("interrupted.db");
	struct error why = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	pthread_t other;

	(void)state;
	import_some(i);
	OK(inventory_import_begin(i, CA_A, &err));
	assert_int_equal(pthread_create(&other, NULL, interrupt_it, i), 0);
	pthread_join(other, NULL);
	assert_int_equal(inventory_import_add(i, &some[0], &why), STATUS_FAILED);
	assert_int_equal(why.code, ERROR_NOT_DONE);
	OK(inventory_import_end(i, false, NOW, NULL, NULL, &err));
	assert_string_equal(found(i, (struct inventory_query){ .filter = "beta" }, a), "other"); /* the next query is another one */
	arena_free(a);
	inventory_close(i);
}

/* ---- details ---- */

static char *
pem_of(const struct pki_cert *c, struct arena *a)
{
	BIO *b = BIO_new(BIO_s_mem());
	char *bytes, *text;
	long n;

	assert_int_equal(PEM_write_bio_X509(b, c->x509), 1);
	n = BIO_get_mem_data(b, &bytes);
	text = arena_strndup(a, bytes, (size_t)n);
	BIO_free(b);
	return text;
}

/* A certificate with this serial (its last byte) and names. */
static struct pki_cert
issued(unsigned char serial, const char *cn, const char *const *san, int64_t ends, const struct pki_cert *ca)
{
	return pki_issue(&(struct pki_request){ .cn = cn, .san = san, .serial = &serial, .serial_len = 1, .not_before = NOW - DAY, .not_after = ends }, ca);
}

static void
details(void **state)
{
	static const char *const ab[] = { "DNS:a.internal", "IP:10.0.0.1", NULL }, *const ba[] = { "IP:10.0.0.1", "DNS:A.internal", NULL },
	    *const c[] = { "DNS:c.internal", NULL };
	const struct inventory_record records[] = {
		{ .serial = "01", .subject = "CN=svc", .not_after = NOW + 5 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "02", .subject = "CN=svc", .not_after = NOW + 95 * DAY, .revoked = TIME_UNKNOWN },
		{ .serial = "03", .not_after = TIME_UNKNOWN, .revoked = TIME_UNKNOWN },
	};
	struct inventory *i = opened("details.db");
	struct arena *a = arena_new();
	struct inventory_query q = { .ca = CA_A, .now = NOW, .soon = NOW + 30 * DAY };
	struct pki_cert ca = pki_issue(&(struct pki_request){ .cn = "Issuing A", .ca = true }, NULL);
	struct pki_cert one = issued(1, "svc", ab, NOW + 5 * DAY, &ca), two = issued(2, "svc", ba, NOW + 95 * DAY, &ca),
	                other = issued(2, "svc", c, NOW + 95 * DAY, &ca), bare = issued(3, NULL, c, NOW + 50 * DAY, &ca);
	struct error why = { .code = ERROR_NONE };
	struct inventory_cert *cert;
	char key[SHA256_HEX];
	struct inventory_ca *cas;
	int64_t before;
	size_t n;

	(void)state;
	put_ca(i, CA_A, NULL, pem_of(&ca, a));
	import(i, CA_A, records, LEN(records));
	OK(inventory_cert(i, "01", &q, a, &cert, &err));
	assert_int_equal(cert->fate, FATE_REPLACED);
	assert_true(cert->by_subject_only);
	OK(inventory_put_details(i, CA_A "/certificate/00000000000000000000000000000001", pem_of(&one, a), pem_of(&ca, a), &err));
	OK(inventory_cert(i, "01", &q, a, &cert, &err));
	assert_string_equal(cert->sans, "DNS:a.internal, IP:10.0.0.1");
	assert_string_equal(cert->pem, pem_of(&one, a));
	assert_string_equal(cert->chain, pem_of(&ca, a));
	assert_int_equal(cert->fate, FATE_REPLACED);
	assert_true(cert->by_subject_only); /* the newer one's SANs are not known yet */
	OK(inventory_put_details(i, CA_A "/certificate/00000000000000000000000000000002", pem_of(&other, a), NULL, &err));
	OK(inventory_cert(i, "01", &q, a, &cert, &err));
	assert_int_equal(cert->fate, FATE_ORPHAN); /* that one has another name */
	OK(inventory_put_details(i, CA_A "/certificate/00000000000000000000000000000002", pem_of(&two, a), NULL, &err));
	OK(inventory_cert(i, "01", &q, a, &cert, &err));
	assert_int_equal(cert->fate, FATE_REPLACED);
	assert_false(cert->by_subject_only);
	assert_string_equal(found(i, (struct inventory_query){ .filter = "10.0.0.1 dns:" }, a), "svc svc");
	assert_string_equal(found(i, (struct inventory_query){ .filter = "c.internal" }, a), "");
	/* What no report said is taken from the certificate; the row is found, named and sorted by it. */
	OK(inventory_put_details(i, CA_A "/certificate/00000000000000000000000000000003", pem_of(&bare, a), NULL, &err));
	OK(inventory_cert(i, "03", &q, a, &cert, &err));
	assert_string_equal(cert->name, "c.internal");
	assert_int_equal(cert->not_after, NOW + 50 * DAY);
	assert_string_equal(found(i, (struct inventory_query){ .sort = BY_NAME }, a), "c.internal svc svc");
	assert_string_equal(found(i, (struct inventory_query){ .filter = "c.internal" }, a), "c.internal");

	assert_int_equal(inventory_put_details(i, CA_A "/certificate/00000000000000000000000000000001", pem_of(&two, a), NULL, &why), STATUS_FAILED);
	assert_string_equal(why.text, "the certificate that came has another serial than was asked for");
	error_clear(&why);
	assert_int_equal(inventory_put_details(i, CA_A "/certificate/00000000000000000000000000000001", "<html>", NULL, &why), STATUS_FAILED);
	assert_int_equal(why.code, ERROR_INPUT);
	error_clear(&why);
	assert_int_equal(inventory_put_details(i, CA_A "/certificate/00000000000000000000000000000009", pem_of(&one, a), NULL, &why), STATUS_FAILED);
	assert_string_equal(why.text, "the inventory does not have this certificate");

	OK(inventory_cas(i, NOW, NOW, a, &cas, &n, &err));
	snprintf(key, sizeof key, "%s", cas[0].public_key);
	OK(inventory_put_seen(i, "1", key, "svc.internal:8443", NOW - 5, &err));
	OK(inventory_put_seen(i, "1", key, "older:8443", NOW - 50, &err));
	before = inventory_generation(i);
	OK(inventory_put_seen(i, "2", "00ff", "nobody:8443", NOW, &err));
	OK(inventory_put_seen(i, "abcdef", NULL, "nobody:8443", NOW, &err));
	assert_int_equal(inventory_generation(i), before); /* nothing of ours was seen */
	OK(inventory_cert(i, "01", &q, a, &cert, &err));
	assert_string_equal(cert->seen_at, "svc.internal:8443");
	assert_int_equal(cert->seen, NOW - 5);
	OK(inventory_cert(i, "02", &q, a, &cert, &err));
	assert_null(cert->seen_at);
	/* A report that comes again leaves details as they are. */
	import(i, CA_A, records, LEN(records));
	OK(inventory_cert(i, "01", &q, a, &cert, &err));
	assert_string_equal(cert->sans, "DNS:a.internal, IP:10.0.0.1");
	for (size_t k = 0; k < 5; k++)
		pki_cert_free((struct pki_cert *[]){ &ca, &one, &two, &other, &bare }[k]);
	arena_free(a);
	inventory_close(i);
}

/* ---- hierarchy ---- */

static void
hierarchy(void **state)
{
	struct inventory *i = opened("hierarchy.db");
	struct arena *a = arena_new();
	struct pki_cert root = pki_issue(&(struct pki_request){ .cn = "Root", .ca = true }, NULL),
	                impostor = pki_issue(&(struct pki_request){ .cn = "Root", .ca = true }, NULL),
	                sub = pki_issue(&(struct pki_request){ .cn = "Sub", .ca = true }, &root),
	                deep = pki_issue(&(struct pki_request){ .cn = "Deep", .ca = true }, &sub);
	struct inventory_ca *cas, again = no_ca;
	struct buf out = { 0 };
	size_t n;

	(void)state;
	put_ca(i, "arn:4", "said otherwise", pem_of(&deep, a));
	put_ca(i, "arn:0", NULL, pem_of(&impostor, a));
	put_ca(i, "arn:3", NULL, pem_of(&sub, a));
	put_ca(i, "arn:1", NULL, pem_of(&root, a));
	put_ca(i, "arn:5", "A pending one", NULL);
	again.arn = "arn:1"; /* described again without its certificate: that stays, with all that was made of it */
	again.status = "DISABLED";
	OK(inventory_put_ca(i, &again, &err));
	OK(inventory_cas(i, NOW, NOW, a, &cas, &n, &err));
	for (size_t k = 0; k < n; k++)
		buf_addf(&out, "%s<%s ", cas[k].name, cas[k].parent != NULL ? cas[k].parent : "");
	assert_string_equal(out.data, "A pending one< Root< Root< Sub<arn:1 Deep<arn:3 ");
	assert_string_equal(cas[1].arn, "arn:0");
	assert_string_equal(cas[2].status, "DISABLED");
	assert_non_null(cas[2].pem);
	assert_true(inventory_next_report(&cas[0]) == TIME_UNKNOWN);
	buf_done(&out);
	for (size_t k = 0; k < 4; k++)
		pki_cert_free((struct pki_cert *[]){ &root, &impostor, &sub, &deep }[k]);
	arena_free(a);
	inventory_close(i);
}

/* ---- bitmaps ---- */

static void
pieces(void **state)
{
	static const unsigned densities[] = { 0, 1, 100, 20000, 50000, 64000, 65535, 65536 };

	(void)state;
	for (size_t d = 0; d < LEN(densities); d++)
		for (uint32_t limit = 1; limit <= BITMAP_PIECE; limit = limit * 5 + 3 < BITMAP_PIECE ? limit * 5 + 3 : limit == BITMAP_PIECE ? limit + 1 : BITMAP_PIECE) {
			uint64_t piece[BITMAP_PIECE_WORDS] = { 0 }, back[BITMAP_PIECE_WORDS] = { 0 };
			struct buf packed = { 0 };

			for (uint32_t n = 0; n < limit; n++)
				if ((n * 2654435761u >> 16) % 65536 < densities[d])
					piece[n / 64] |= UINT64_C(1) << (n % 64);
			bitmap_pack(piece, limit, &packed);
			assert_true(bitmap_unpack((const unsigned char *)packed.data, packed.len, back));
			assert_memory_equal(piece, back, sizeof piece);
			for (size_t cut = 1; cut < packed.len && cut < 40; cut++) /* cut or wrong: never beyond its own */
				(void)bitmap_unpack((const unsigned char *)packed.data + cut, packed.len - cut, back);
			buf_done(&packed);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces),
		cmocka_unit_test(makes_its_place),
		cmocka_unit_test(what_is_no_inventory),
		cmocka_unit_test(damaged_within),
		cmocka_unit_test(words),
		cmocka_unit_test(sorts),
		cmocka_unit_test(one_certificate),
		cmocka_unit_test(fates),
		cmocka_unit_test(all_or_nothing),
		cmocka_unit_test(two_programs),
		cmocka_unit_test(interrupted),
		cmocka_unit_test(details),
		cmocka_unit_test(hierarchy),
		cmocka_unit_test(agrees_with_a_plain_search),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
