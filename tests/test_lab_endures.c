/*
 * What a lab endures that is kept, and runs for days: another one in the same folder, a database that is not its own, visitors who say
 * nothing. Full disks and kills: test_lab_s3, test_pca_states, test_pca_kill.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <limits.h>
#include <netinet/in.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/input.h"
#include "tests/lab_process.h"
#include "tests/program.h"

enum { SILENT = 300, PATIENCE_S = 30 };

static char *folder;

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

/* A second lab there is one line, status 2, and this text in it. */
static void
is_refused(const char *dir, const char *says)
{
	struct run r;

	run_program((const char *const[]){ mtlscope(), "lab", "--json", "--dir", dir, NULL }, NULL, &r);
	if (r.status != 2 || strstr(buf_str(&r.err), says) == NULL || strchr(buf_str(&r.err), '\n') != strrchr(buf_str(&r.err), '\n'))
		fail_msg("%d: %s", r.status, buf_str(&r.err));
	assert_int_equal(r.out.len, 0);
	run_done(&r);
}

static void
contents(const char *path, struct input *out)
{
	struct error err = { .code = ERROR_NONE };

	if (input_read(path, 1u << 20, out, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

/* config.yaml and the root are what they were. */
static void
is_untouched(const char *dir, const struct input before[2])
{
	static const char *const names[] = { "config.yaml", "root.pem" };

	for (size_t i = 0; i < 2; i++) {
		struct input now = { 0 };
		contents(in_folder(dir, names[i]), &now);
		assert_int_equal(now.len, before[i].len);
		assert_memory_equal(now.bytes, before[i].bytes, now.len);
		input_free(&now);
	}
}

/* A second lab would take the first one's files, port and database from under it; after a kill there is no first one any more. */
static void
a_folder_has_one_lab(void **state)
{
	char dir[PATH_MAX];
	const char *options[] = { "--dir", dir, NULL };
	struct input before[2] = { { 0 }, { 0 } };
	struct lab_process lab;

	(void)state;
	snprintf(dir, sizeof dir, "%s/one", folder);
	assert_true(lab_process_start_with(&lab, 0, options));
	contents(in_folder(dir, "config.yaml"), &before[0]);
	contents(in_folder(dir, "root.pem"), &before[1]);
	is_refused(dir, "another lab is running in this folder");
	is_untouched(dir, before);
	assert_int_equal(kill(lab.pid, SIGKILL), 0);
	assert_int_equal(waitpid(lab.pid, NULL, 0), lab.pid);
	lab.pid = 0;
	lab_process_stop(&lab);
	assert_true(lab_process_start_with(&lab, 0, options));
	lab_process_stop(&lab);
	for (size_t i = 0; i < 2; i++)
		input_free(&before[i]);
}

/* What a bad disk does: the page where this table begins is no page any more. */
static void
break_page(const char *file, const char *table)
{
	enum { PAGE = 4096 };
	char page[PAGE];
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	FILE *f;
	long at;

	assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "SELECT rootpage FROM sqlite_master WHERE name = ?", -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(s, 1, table, -1, SQLITE_STATIC), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	at = (long)(sqlite3_column_int64(s, 0) - 1) * PAGE;
	sqlite3_finalize(s);
	sqlite3_close(db);
	memset(page, 0xa5, sizeof page);
	f = fopen(file, "r+e");
	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(page, 1, sizeof page, f), sizeof page);
	assert_int_equal(fclose(f), 0);
}

/* A database that this version cannot go on with is said to be one before anything in the folder is changed. */
static void
a_foreign_database_is_left_alone(void **state)
{
	static const struct {
		const char *change, *says;
	} cases[] = {
		{ "ALTER TABLE pca_ca DROP COLUMN origin", "is of another version of the lab: its table pca_ca has other columns" },
		{ "ALTER TABLE s3_buckets ADD COLUMN colour TEXT", "is of another version of the lab: its table s3_buckets has other columns" },
		{ NULL, "is damaged: it is no whole database of SQLite's. Name another folder with --dir, or move cloud.db away" },
		{ NULL, "is damaged: it is no whole database of SQLite's. Name another folder with --dir, or move cloud.db away" },
	};
	char dir[PATH_MAX], file[PATH_MAX + 16];
	const char *options[] = { "--dir", dir, NULL };
	struct lab_process lab;

	(void)state;
	snprintf(dir, sizeof dir, "%s/foreign", folder);
	snprintf(file, sizeof file, "%s/cloud.db", dir);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct input before[2] = { { 0 }, { 0 } };
		sqlite3 *db = NULL;

		(void)unlink(file);
		assert_true(lab_process_start_with(&lab, 0, options));
		lab_process_stop(&lab);
		contents(in_folder(dir, "config.yaml"), &before[0]);
		contents(in_folder(dir, "root.pem"), &before[1]);
		if (cases[i].change != NULL) {
			assert_int_equal(sqlite3_open(file, &db), SQLITE_OK);
			assert_int_equal(sqlite3_exec(db, cases[i].change, NULL, NULL, NULL), SQLITE_OK);
			sqlite3_close(db);
		} else if (i == 2) {
			assert_true(write_file(file, "This is no database, and was none before.\n", 42));
		} else {
			break_page(file, "pca_cert");
		}
		is_refused(dir, cases[i].says);
		is_untouched(dir, before);
		for (size_t k = 0; k < 2; k++)
			input_free(&before[k]);
	}
}

/* The port of the lab's own web server, by a certificate that names it. */
static int
web_port(const struct lab_process *lab)
{
	const cJSON *e;
	int port = 0;

	cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(lab->json, "endpoints")) {
		const char *path = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(e, "cert"));
		FILE *f = path != NULL && port == 0 ? fopen(path, "re") : NULL;
		X509 *x = f != NULL ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
		STACK_OF(OPENSSL_STRING) *urls = x != NULL ? X509_get1_ocsp(x) : NULL;

		if (sk_OPENSSL_STRING_num(urls) > 0)
			(void)sscanf(sk_OPENSSL_STRING_value(urls, 0), "http://127.0.0.1:%d/", &port);
		X509_email_free(urls);
		X509_free(x);
		if (f != NULL)
			fclose(f);
	}
	return port;
}

static int
connected(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port) };
	struct timeval patience = { .tv_sec = PATIENCE_S };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof to), 0);
	return fd;
}

/* Who connects and says nothing keeps nobody out: lists and OCSP are there for as long as the lab is. */
static void
silent_visitors_keep_nobody_out(void **state)
{
	static const char request[] = "GET /crl/revoking.crl HTTP/1.1\r\nHost: lab\r\n\r\n";
	char answer[64] = "";
	struct lab_process lab;
	int silent[SILENT], port, fd;

	(void)state;
	assert_true(lab_process_start(&lab, 0));
	port = web_port(&lab);
	assert_true(port > 0);
	for (int i = 0; i < SILENT; i++)
		silent[i] = connected(port);
	fd = connected(port);
	assert_int_equal(send(fd, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
	assert_true(recv(fd, answer, sizeof answer - 1, MSG_WAITALL) > 0);
	assert_non_null(strstr(answer, "HTTP/1.1 200 OK"));
	close(fd);
	for (int i = 0; i < SILENT; i++)
		close(silent[i]);
	lab_process_stop(&lab);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_has_one_lab),
		cmocka_unit_test(a_foreign_database_is_left_alone),
		cmocka_unit_test(silent_visitors_keep_nobody_out),
	};

	return cmocka_run_group_tests_name("lab_endures", tests, setup, teardown);
}
