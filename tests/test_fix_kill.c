/*
 * `fix` killed at every moment: before each call of AWS and before and after everything that is recorded. Another run goes on with the plan or
 * back: never is a file half written or a key lost, and the private CA has issued one certificate, not two.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/fix.h"
#include "fixes/plan_store.h"
#include "model/config.h"
#include "model/identity.h"
#include "model/input.h"
#include "model/memory.h"
#include "probes/examine.h"
#include "tests/lab_fix.h"
#include "tests/mortal.h"

static struct lab_fix l;

struct subject {
	const cJSON *endpoint;
	bool server;                    /* its files; else ours */
	const char *cert, *key;         /* that are mended */
	struct input old_cert, old_key;
	struct config *config;
	struct examination *seen;       /* before anything was changed */
	struct arena *arena;
	int64_t issued;                 /* by the private CA, before this run */
	bool issues;                    /* the mend wants a certificate */
};

/* ---- what the private CA has issued: in the lab's own database ---- */

static int64_t
issued(void)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	int64_t n = -1;
	const char *folder = lab_fix_text(l.lab.json, "folder");

	assert_int_equal(sqlite3_open_v2(in_folder(folder, "cloud.db"), &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_busy_timeout(db, 5000), SQLITE_OK);
	if (sqlite3_prepare_v2(db, "SELECT count(*) FROM pca_cert", -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	assert_true(n >= 0);
	return n;
}

/* ---- looking, once ---- */

static struct examination *
look(const struct subject *s)
{
	struct identity_source source = { .cert = lab_fix_text(s->endpoint, "cert"), .key = lab_fix_text(s->endpoint, "key") };
	struct identity *id = NULL;
	struct trust *trust = NULL;
	struct examiner *engine = NULL;
	struct error err = { .code = ERROR_NONE };
	struct examination *x;
	struct target t;

	if (identity_load(&source, &id, &err) != STATUS_OK || trust_load(lab_fix_text(s->endpoint, "cacert"), NULL, &trust, &err) != STATUS_OK ||
	    target_parse(lab_fix_text(s->endpoint, "address"), &t, &err) != STATUS_OK || target_set_servername(&t, lab_fix_text(s->endpoint, "servername"), &err) != STATUS_OK ||
	    examiner_start(&examine_defaults, world_real(), &engine, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	examiner_add(engine, &t, id, trust, NULL);
	x = examiner_next(engine, -1);
	assert_non_null(x);
	examiner_free(engine);
	target_done(&t);
	identity_free(id);
	trust_free(trust);
	return x;
}

/* ---- a case of mortal_everywhere() ---- */

static void
begin(void *user)
{
	struct subject *s = user;

	assert_true(write_file(s->cert, s->old_cert.bytes, s->old_cert.len) && write_file(s->key, s->old_key.bytes, s->old_key.len));
	s->issued = issued();
}

static void
open_client(void *user, struct plan *p, const struct world *w)
{
	struct aws_client_options how = { .endpoint_url = p->place.endpoint_url, .region = "us-east-1", .world = w };
	struct aws_error err = { .kind = AWS_FINE };

	(void)user;
	if (!plan_wants_aws(p, false) && !plan_wants_aws(p, true))
		return;
	assert_int_equal(aws_client_new(&how, &p->place.client, &err), STATUS_OK);
}

static struct plan *
make(void *user, struct changes *c, const struct world *w)
{
	struct subject *s = user;
	struct fix_wish wish = { .diagnosis = s->seen->diagnosis, .target = lab_fix_text(s->endpoint, "address"), .config = s->config, .host = "test",
		.now = w->now_ms(w->self) / 1000, .direct = true };
	struct aws_client_options how = { .world = w };
	struct aws_error why = { .kind = AWS_FINE };
	struct error err = { .code = ERROR_NONE };
	enum fix_outcome outcome;
	struct plan *p = NULL;
	const char *words;

	assert_int_equal(aws_client_new(&how, &wish.place.client, &why), STATUS_OK);
	wish.entry = s->server ? config_entry(s->config, lab_fix_text(s->endpoint, "name")) : NULL;
	if (fix_plan(&wish, s->arena, &outcome, &p, &words, &err) != STATUS_OK || p == NULL)
		fail_msg("%s: %s", lab_fix_text(s->endpoint, "name"), p == NULL && words != NULL ? words : err.text);
	p->record = c;
	p->world = w;
	return p;
}

/* The leaf and the key that lie there belong together, or the key of the new certificate still waits in the plan's folder. */
static void
is_whole(void *user, int at)
{
	struct subject *s = user;
	struct identity_source source = { .cert = s->cert, .key = s->key, .tolerate_bad_key = true };
	struct error err = { .code = ERROR_NONE };
	struct identity *id = NULL;

	if (identity_load(&source, &id, &err) != STATUS_OK || id->key == NULL)
		fail_msg("killed at %d: %s", at, err.text);
	identity_free(id);
}

static bool
same(const char *path, const struct input *old)
{
	struct input now = { .bytes = NULL };
	bool result;

	assert_int_equal(input_read(path, 1 << 20, &now, NULL), STATUS_OK);
	result = now.len == old->len && memcmp(now.bytes, old->bytes, now.len) == 0;
	input_free(&now);
	return result;
}

static void
is_old(void *user)
{
	struct subject *s = user;

	assert_true(same(s->cert, &s->old_cert) && same(s->key, &s->old_key));
	assert_true(issued() <= s->issued + 1);
}

static void
is_new(void *user)
{
	struct subject *s = user;
	struct identity_source source = { .cert = s->cert, .key = s->key };
	struct error err = { .code = ERROR_NONE };
	struct identity *id = NULL;

	assert_false(same(s->cert, &s->old_cert) && same(s->key, &s->old_key));
	if (identity_load(&source, &id, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_true(id->matches);
	identity_free(id);
	assert_int_equal(issued(), s->issued + (s->issues ? 1 : 0));
}

static void
killed_everywhere(const char *name, bool server, bool issues, int least)
{
	struct subject s = { .endpoint = lab_fix_endpoint(&l, name), .server = server, .issues = issues, .arena = arena_new() };
	const cJSON *files = server ? cJSON_GetObjectItem(s.endpoint, "serves") : s.endpoint;
	struct error err = { .code = ERROR_NONE };

	s.cert = lab_fix_text(files, "cert");
	s.key = lab_fix_text(files, "key");
	assert_int_equal(input_read(s.cert, 1 << 20, &s.old_cert, NULL), STATUS_OK);
	assert_int_equal(input_read(s.key, 1 << 20, &s.old_key, NULL), STATUS_OK);
	if (config_read(lab_fix_text(l.lab.json, "config"), world_real(), &s.config, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	s.seen = look(&s);
	assert_true(mortal_everywhere(&(struct mortal_case){ .home = l.folder, .begin = begin, .make = make, .open = open_client,
	    .is_whole = is_whole, .is_old = is_old, .is_new = is_new, .user = &s }) > least);
	begin(&s);
	examination_free(s.seen);
	config_free(s.config);
	input_free(&s.old_cert);
	input_free(&s.old_key);
	arena_free(s.arena);
}

static void
our_certificate_issued_anew(void **state)
{
	(void)state;
	killed_everywhere("client-expired", false, true, 10);
}

static void
our_chain(void **state)
{
	(void)state;
	killed_everywhere("client-missing-intermediate", false, false, 3);
}

static void
our_key(void **state)
{
	(void)state;
	killed_everywhere("client-key-mismatch", false, false, 3); /* the right key lies beside it */
}

static void
a_servers_certificate(void **state)
{
	(void)state;
	killed_everywhere("server-expired", true, true, 10);
}

static int
set_up(void **state)
{
	(void)state;
	if (!lab_fix_start(&l, NULL))
		return -1;
	/* This process asks the lab's AWS itself. */
	for (size_t i = 0; l.env[i] != NULL; i++) {
		if (strncmp(l.env[i], "AWS_", 4) == 0)
			putenv((char *)(uintptr_t)l.env[i]);
	}
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; l.env[i] != NULL; i++) {
		if (strncmp(l.env[i], "AWS_", 4) == 0) {
			char *name = mem_strndup(l.env[i], strcspn(l.env[i], "="));

			unsetenv(name);
			free(name);
		}
	}
	lab_fix_stop(&l);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_certificate_issued_anew),
		cmocka_unit_test(our_chain),
		cmocka_unit_test(our_key),
		cmocka_unit_test(a_servers_certificate),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
