/*
 * The plans of mtlscope pca, killed at every moment: before each call of AWS, after each answer, before each thing that is recorded.
 * Another run goes on with them, and in the end there is exactly one CA, one certificate, one key. The same when AWS has forgotten the
 * token in the meantime: then what is in doubt is looked for, or said to be in doubt, and never done blindly a second time.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/pca_create.h"
#include "fixes/pca_issue.h"
#include "fixes/pca_report.h"
#include "fixes/pca_revoke.h"
#include "fixes/plan_store.h"
#include "lab/sql.h"
#include "model/objects.h"
#include "model/times.h"
#include "probes/examine.h"
#include "probes/inventory_sync.h"
#include "tests/aws_server.h"
#include "tests/cloud_process.h"
#include "tests/program.h"

enum { LATE = 10 * 60, MOMENTS_MOST = 300 };

static struct cloud_process cloud;
static char *folder;
static int64_t start; /* ms: the clock stands still, but for `late` */
static bool late;
static char issuer[200];  /* ARN of a root that is ACTIVE */

/* ---- a world that kills the program when its clock has been asked so often ---- */

static int left = -1; /* questions until the kill; -1: for ever */

static int64_t
mortal_now_ms(void *self)
{
	(void)self;
	if (left >= 0 && left-- == 0)
		raise(SIGKILL);
	return start + (late ? LATE * 1000 : 0);
}

/* AWS judges signatures by the real clock. */
static int64_t
client_now_ms(void *self)
{
	(void)mortal_now_ms(self);
	return (int64_t)time(NULL) * 1000;
}

/* A second goes by between two looks at it, for the waiters; the lab's own threads get two milliseconds of it. */
static uint64_t
fast_ticks_us(void *self)
{
	static uint64_t gone;

	poll(NULL, 0, 2);
	gone += 1000 * 1000;
	return world_real()->ticks_us(self) + gone;
}

static int64_t
still_now_ms(void *self)
{
	(void)self;
	return start + (late ? LATE * 1000 : 0);
}

struct scene {
	struct world record, plan; /* the record's kills; the plan's own would only do so twice as often */
	struct test_client t;
	struct plan_place place;
	struct changes *changes;
	char state[300];
};

static void
open_scene(struct scene *s, const char *record)
{
	struct error err = { .code = ERROR_NONE };

	s->record = s->plan = *world_real();
	s->record.now_ms = mortal_now_ms;
	s->plan.now_ms = still_now_ms;
	snprintf(s->state, sizeof s->state, "XDG_STATE_HOME=%s/%s", folder, record);
	test_client_make(&s->t, cloud.url, cloud.key, cloud.secret, (const char *const[]){ s->state, NULL });
	s->t.world.now_ms = client_now_ms;
	s->t.world.ticks_us = fast_ticks_us;
	s->place = (struct plan_place){ .client = s->t.client, .account = "111122223333" };
	if (changes_open(in_folder(folder, record), &s->record, &s->changes, &err) != STATUS_OK)
		fail_msg("%s", err.text);
}

static void
close_scene(struct scene *s)
{
	changes_close(s->changes);
	test_client_done(&s->t);
}

/* ---- what there is in the cloud ---- */

static int64_t
cas_named(const char *name)
{
	char like[200];

	snprintf(like, sizeof like, "%%\"CommonName\":\"%s\"%%", name);
	return sql_int(cloud.db, -1, "SELECT count(*) FROM pca_ca WHERE configuration LIKE ? AND status <> 'DELETED'", "t", like);
}

static int64_t
certs_of(const char *name)
{
	char subject[200];

	snprintf(subject, sizeof subject, "CN=%s", name);
	return sql_int(cloud.db, -1, "SELECT count(*) FROM pca_cert WHERE subject = ? OR subject LIKE ? || ',%'", "tt", subject, subject);
}

static void
is_in_state(const char *name, const char *wanted)
{
	char like[200];

	snprintf(like, sizeof like, "%%\"CommonName\":\"%s\"%%", name);
	if (sql_int(cloud.db, -1, "SELECT count(*) FROM pca_ca WHERE configuration LIKE ? AND status = ?", "tt", like, wanted) != 1)
		fail_msg("%s is not %s", name, wanted);
}

/* ---- the plans ---- */

/* Everything is called by the run's number, so that each looks at its own. */
struct names {
	char root[64], sub[64], leaf[64], out[300];
};

static void
name(struct names *n, const char *what, int number)
{
	snprintf(n->root, sizeof n->root, "%s %d Root CA", what, number);
	snprintf(n->sub, sizeof n->sub, "%s %d Issuing CA", what, number);
	snprintf(n->leaf, sizeof n->leaf, "%s-%d.internal", what, number);
	snprintf(n->out, sizeof n->out, "%s/%s-%d", folder, what, number);
}

struct kind {
	const char *what;
	/* What is there before; on this side of the fork, with a clock that does not kill. */
	void (*before)(struct scene *s, const struct names *n);
	struct plan *(*make)(struct scene *s, const struct names *n);
	/* After it went on to its end; or, where it had not begun, `nothing`. */
	void (*done)(struct scene *s, struct plan *p, const struct names *n);
	void (*nothing)(const struct names *n);
	/* It stopped in doubt (late): what must hold then. NULL: it never may. */
	void (*doubt)(struct scene *s, struct plan *p, const struct names *n);
	bool of_client; /* the plan's own world is the client's: it makes clients of its own */
	int moments; /* so many are there at least */
};

static void
taken(status result, const struct error *err)
{
	if (result != STATUS_OK)
		fail_msg("%s", err->text);
}

static struct plan *
make_hierarchy(struct scene *s, const struct names *n)
{
	struct pca_create_wish w = { .hierarchy = true, .subject = { .common_name = n->sub }, .root_subject = { .common_name = n->root }, .disable_root = true,
		.now = start / 1000 };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;

	taken(pca_create_plan(&s->place, &w, &p, &err), &err);
	return p;
}

static void
hierarchy_done(struct scene *s, struct plan *p, const struct names *n)
{
	(void)s;
	(void)p;
	assert_int_equal(cas_named(n->root), 1);
	assert_int_equal(cas_named(n->sub), 1);
	assert_int_equal(certs_of(n->root), 1);
	assert_int_equal(certs_of(n->sub), 1);
	is_in_state(n->root, "DISABLED");
	is_in_state(n->sub, "ACTIVE");
}

static void
no_hierarchy(const struct names *n)
{
	assert_int_equal(cas_named(n->root), 0);
	assert_int_equal(cas_named(n->sub), 0);
}

static struct plan *
make_root(struct scene *s, const struct names *n)
{
	struct pca_create_wish w = { .root = true, .subject = { .common_name = n->root }, .now = start / 1000 };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;

	taken(pca_create_plan(&s->place, &w, &p, &err), &err);
	return p;
}

static void
root_done(struct scene *s, struct plan *p, const struct names *n)
{
	(void)s;
	(void)p;
	assert_int_equal(cas_named(n->root), 1);
	assert_int_equal(certs_of(n->root), 1);
	is_in_state(n->root, "ACTIVE");
}

/* Whether it was signed is not known: it stays as it is, and is finished with mtlscope pca activate, after which the plan goes on to its end. */
static void
root_in_doubt(struct scene *s, struct plan *p, const struct names *n)
{
	const struct plan_step *stopped = &p->steps[p->at];
	struct pca_ca ca = { .arn = NULL };
	struct pca_activate_wish w = { .ca = &ca, .now = start / 1000 };
	struct aws_error why = { .kind = AWS_FINE };
	struct error err = { .code = ERROR_NONE };
	struct plan *other = NULL;

	assert_ptr_equal(stopped->deed, &deed_sign_ca);
	assert_true(stopped->unsettled);
	assert_non_null(strstr(stopped->error, "it is not known whether AWS has issued"));
	assert_non_null(strstr(p->go_on_command, "mtlscope pca activate arn:"));
	assert_int_equal(cas_named(n->root), 1);
	assert_true(certs_of(n->root) <= 1);
	assert_int_equal(pca_describe_ca(s->place.client, plan_value(p, "root.arn"), p->arena, &ca, &why), STATUS_OK);
	taken(pca_activate_plan(&s->place, &w, &other, &err), &err);
	other->record = s->changes;
	other->world = &s->plan;
	changes_unlock(s->changes);
	taken(plan_apply(other, NULL, &err), &err);
	plan_free(other);
	changes_unlock(s->changes);
	taken(plan_apply(p, NULL, &err), &err);
	assert_int_equal(cas_named(n->root), 1);
	is_in_state(n->root, "ACTIVE");
}

static void
no_root(const struct names *n)
{
	assert_int_equal(cas_named(n->root), 0);
}

/* ---- activate ---- */

static const char *
make_waiting(struct scene *s, const struct names *n, struct arena *a)
{
	struct pca_create wish = { .type = "SUBORDINATE", .key_algorithm = "EC_prime256v1", .signing_algorithm = "SHA256WITHECDSA", .subject = { .common_name = n->sub } };
	struct aws_error why = { .kind = AWS_FINE };
	const char *arn = NULL, *csr = NULL;
	char token[33];

	aws_client_token(s->place.client, token);
	wish.token = token;
	if (pca_create_ca(s->place.client, &wish, a, &arn, &why) != STATUS_OK || pca_wait_csr(s->place.client, arn, NULL, NULL, a, &csr, &why) != STATUS_OK)
		fail_msg("%s", why.message);
	return arn;
}

static void
before_activate(struct scene *s, const struct names *n)
{
	struct arena *a = arena_new();

	(void)make_waiting(s, n, a);
	arena_free(a);
}

static void
look_at(struct scene *s, const char *arn, struct arena *a, struct pca_ca *out)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_describe_ca(s->place.client, arn, a, out, &why) != STATUS_OK)
		fail_msg("%s", why.message);
}

static struct plan *
make_activate(struct scene *s, const struct names *n)
{
	struct arena *a = arena_new();
	struct pca_ca ca, parent;
	struct pca_activate_wish w = { .ca = &ca, .parent = &parent, .now = start / 1000 };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	char like[200], *arn;

	snprintf(like, sizeof like, "%%\"CommonName\":\"%s\"%%", n->sub);
	arn = sql_string(cloud.db, a, "SELECT arn FROM pca_ca WHERE configuration LIKE ?", "t", like);
	assert_non_null(arn);
	look_at(s, arn, a, &ca);
	look_at(s, issuer, a, &parent);
	taken(pca_activate_plan(&s->place, &w, &p, &err), &err);
	/* What is made out of the CAs is the plan's own: it must hold without them. */
	arena_free(a);
	return p;
}

static void
activate_done(struct scene *s, struct plan *p, const struct names *n)
{
	struct error err = { .code = ERROR_NONE };

	assert_int_equal(cas_named(n->sub), 1);
	assert_int_equal(certs_of(n->sub), 1);
	is_in_state(n->sub, "ACTIVE");
	/* Its certificate cannot be taken out again: what comes nearest is that it issues nothing. */
	changes_unlock(s->changes);
	taken(plan_go_back(p, NULL, &err), &err);
	is_in_state(n->sub, "DISABLED");
}

static void
still_waits(const struct names *n)
{
	is_in_state(n->sub, "PENDING_CERTIFICATE");
}

/* ---- issue ---- */

static struct plan *
make_issue(struct scene *s, const struct names *n)
{
	struct arena *a = arena_new();
	struct pca_ca ca;
	const char *const dns[] = { n->leaf };
	struct pca_issue_wish w = { .ca = &ca, .make = { .common_name = n->leaf, .names = dns, .names_len = 1 }, .purpose = { .server = true }, .out = n->out,
		.now = start / 1000 };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;

	look_at(s, issuer, a, &ca);
	taken(pca_issue_plan(&s->place, &w, &p, &err), &err);
	arena_free(a);
	return p;
}

/* The key in the folder belongs to the certificate there. */
static void
key_fits(const struct names *n)
{
	static const char *const files[] = { "cert.pem", "key.pem", "chain.pem", "fullchain.pem", "root.pem" };
	struct read_options how = { .ask = NULL };
	struct error err = { .code = ERROR_NONE };
	struct objects o = { .len = 0 }, k = { .len = 0 };

	for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
		assert_int_equal(access(in_folder(n->out, files[i]), F_OK), 0);
	taken(objects_read(in_folder(n->out, "cert.pem"), &how, &o, &err), &err);
	taken(objects_read(in_folder(n->out, "key.pem"), &how, &k, &err), &err);
	assert_int_equal(o.items[0].kind, OBJECT_CERT);
	assert_int_equal(k.items[0].kind, OBJECT_KEY);
	assert_true(key_matches(k.items[0].key, o.items[0].cert));
	objects_done(&o);
	objects_done(&k);
}

static void
issue_done(struct scene *s, struct plan *p, const struct names *n)
{
	struct pca_issued r;
	struct error err = { .code = ERROR_NONE };

	assert_int_equal(certs_of(n->leaf), 1);
	key_fits(n);
	pca_issue_result(p, &r);
	assert_non_null(r.leaf);
	assert_int_equal(r.files_len, 5);
	assert_string_equal(r.files[0].name, "key.pem");
	pca_issued_done(&r);
	/* And back: what was not there is not there. The certificate stays issued, which no way back changes. */
	changes_unlock(s->changes);
	taken(plan_go_back(p, NULL, &err), &err);
	assert_int_not_equal(access(n->out, F_OK), 0);
	assert_int_equal(certs_of(n->leaf), 1);
	assert_int_equal(p->after_len, 0);
}

static void
nothing_issued(const struct names *n)
{
	assert_int_equal(certs_of(n->leaf), 0);
	assert_int_not_equal(access(n->out, F_OK), 0);
}

static const char *
arn_of(const char *subject_name, struct arena *a)
{
	char subject[200];
	const char *arn;

	snprintf(subject, sizeof subject, "CN=%s", subject_name);
	arn = sql_string(cloud.db, a, "SELECT a.arn || '/certificate/' || lower(hex(c.serial)) FROM pca_cert c JOIN pca_ca a ON a.id = c.ca WHERE c.subject = ?", "t", subject);
	assert_non_null(arn);
	return arn;
}

/* Its owner has looked: another's certificate is not taken for it, and with its own the plan goes on to its end. */
static void
found_in_the_report(struct scene *s, struct plan *p, const struct names *n)
{
	struct error err = { .code = ERROR_NONE };

	taken(deed_issue_told(p, arn_of("issuer 0 Root CA", p->arena), &err), &err);
	changes_unlock(s->changes);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "is for another key than this plan's request"));
	assert_true(p->steps[p->at].unsettled);
	error_clear(&err);
	changes_unlock(s->changes);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "it is not known whether AWS has issued"));
	error_clear(&err);
	taken(deed_issue_told(p, arn_of(n->leaf, p->arena), &err), &err);
	changes_unlock(s->changes);
	taken(plan_apply(p, NULL, &err), &err);
	assert_int_equal(certs_of(n->leaf), 1);
	assert_int_equal(access(in_folder(n->out, "cert.pem"), F_OK), 0);
	assert_int_equal(deed_issue_told(p, arn_of(n->leaf, p->arena), &err), STATUS_FAILED);
}

static void
issue_in_doubt(struct scene *s, struct plan *p, const struct names *n)
{
	const struct plan_step *stopped = &p->steps[p->at];
	struct error err = { .code = ERROR_NONE };

	assert_ptr_equal(stopped->deed, &deed_issue);
	assert_true(stopped->unsettled);
	assert_non_null(strstr(stopped->error, "it is not known whether AWS has issued"));
	assert_non_null(strstr(p->go_on, "issued anew there would be two"));
	assert_non_null(strstr(p->go_on_command, "mtlscope pca audit arn:"));
	assert_true(certs_of(n->leaf) <= 1);
	/* However often: it is not issued again, and the key is kept. */
	changes_unlock(s->changes);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_true(p->steps[p->at].unsettled);
	assert_true(certs_of(n->leaf) <= 1);
	assert_int_equal(access(plan_private(p, "cert.key"), F_OK), 0);
	if (certs_of(n->leaf) == 1)
		found_in_the_report(s, p, n);
}

/* ---- revoke ---- */

static void
before_revoke(struct scene *s, const struct names *n)
{
	struct plan *p = make_issue(s, n);
	struct error err = { .code = ERROR_NONE };

	p->record = s->changes;
	p->world = &s->plan;
	taken(plan_apply(p, NULL, &err), &err);
	plan_free(p);
	changes_unlock(s->changes);
}

static struct plan *
make_revoke(struct scene *s, const struct names *n)
{
	struct arena *a = arena_new();
	struct pca_ca ca;
	struct pca_revoke_wish w = { .ca = &ca, .reason = "superseded", .not_after = TIME_UNKNOWN, .now = start / 1000 };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	char subject[200];

	snprintf(subject, sizeof subject, "CN=%s", n->leaf);
	w.serial = sql_string(cloud.db, a, "SELECT lower(hex(serial)) FROM pca_cert WHERE subject = ?", "t", subject);
	assert_non_null(w.serial);
	look_at(s, issuer, a, &ca);
	taken(pca_revoke_plan(&s->place, &w, &p, &err), &err);
	assert_string_equal(pca_revoke_reason(p), "SUPERSEDED");
	arena_free(a);
	return p;
}

static int64_t
revoked(const struct names *n)
{
	char subject[200];

	snprintf(subject, sizeof subject, "CN=%s", n->leaf);
	return sql_int(cloud.db, -1, "SELECT count(*) FROM pca_cert WHERE subject = ? AND revoked IS NOT NULL AND revoked <> 0", "t", subject);
}

static void
revoke_done(struct scene *s, struct plan *p, const struct names *n)
{
	(void)s;
	assert_int_equal(revoked(n), 1);
	/* It cannot be taken back, and says so. */
	assert_false(plan_can_go_back(p));
	assert_non_null(strstr(p->steps[0].undo, "cannot be undone"));
}

static void
not_revoked(const struct names *n)
{
	assert_int_equal(revoked(n), 0);
}

/* ---- report ---- */

/* As if half an hour had gone by. */
static void
before_report(struct scene *s, const struct names *n)
{
	(void)s;
	(void)n;
	assert_true(sql_do(cloud.db, "DELETE FROM pca_report", "") && sql_do(cloud.db, "UPDATE pca_ca SET report_at = NULL", ""));
}

static struct plan *
make_report(struct scene *s, const struct names *n)
{
	struct arena *a = arena_new();
	struct pca_ca ca;
	struct pca_report_wish w = { .ca = &ca, .bucket = "mtlscope-lab", .next = TIME_UNKNOWN, .now = start / 1000 };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;

	(void)n;
	look_at(s, issuer, a, &ca);
	taken(pca_report_plan(&s->place, &w, &p, &err), &err);
	arena_free(a);
	return p;
}

static int64_t
reports(void)
{
	return sql_int(cloud.db, -1, "SELECT count(*) FROM pca_report", "");
}

static void
report_done(struct scene *s, struct plan *p, const struct names *n)
{
	(void)s;
	(void)n;
	assert_int_equal(reports(), 1);
	assert_memory_equal(pca_report_place(p), "s3://mtlscope-lab/audit-report/", 31);
}

static void
no_report(const struct names *n)
{
	(void)n;
	assert_int_equal(reports(), 0);
}

/* The call takes no token: one that was asked for is there, a second one AWS refuses, and it is said where the first lies. */
static void
report_in_doubt(struct scene *s, struct plan *p, const struct names *n)
{
	(void)s;
	(void)n;
	assert_ptr_equal(p->steps[p->at].deed, &deed_ask_report);
	assert_non_null(strstr(p->steps[p->at].error, "mtlscope pca sync reads it"));
	assert_int_equal(reports(), 1);
}

/* ---- sync ---- */

/* As mtlscope pca sync --apply makes it, of one CA. */
static struct plan *
make_sync(struct scene *s, const struct names *n)
{
	struct plan *p = plan_new(&s->place, "a new audit report, read into the inventory");
	cJSON *args = cJSON_CreateObject(), *account = cJSON_CreateObject();
	struct plan_step *step;

	(void)n;
	cJSON_AddStringToObject(args, "only_ca", issuer);
	cJSON_AddStringToObject(args, "bucket", "mtlscope-lab");
	cJSON_AddStringToObject(account, "region", "us-east-1");
	cJSON_AddStringToObject(account, "endpoint_url", cloud.url);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(args, "accounts"), account);
	step = plan_add_deed(p, &deed_sync_reports, args);
	step->what = "ask for a report";
	step->changes = "a file in a bucket";
	return p;
}

static void
sync_done(struct scene *s, struct plan *p, const struct names *n)
{
	struct sync_result r;

	(void)s;
	(void)n;
	/* What was asked for by the run that was killed is not asked for again: it is read. */
	assert_int_equal(reports(), 1);
	assert_true(deed_sync_result(p, p->arena, &r));
	assert_int_equal(r.len, 1);
	assert_string_equal(r.cas[0].arn, issuer);
	assert_null(r.cas[0].problem);
	assert_true(r.cas[0].report_at != TIME_UNKNOWN);
	assert_int_equal(r.problems_len, 0);
	assert_false(r.cancelled);
}

/* ---- killed, and gone on with ---- */

/* True: it came to its end before it was to be killed. */
static bool
run_until(const struct kind *k, const struct names *n, const char *record, int at)
{
	int result;
	pid_t child = fork();

	if (child == 0) {
		struct scene s;
		struct error err = { .code = ERROR_NONE };
		struct plan *p;

		open_scene(&s, record);
		p = k->make(&s, n);
		p->record = s.changes;
		p->world = k->of_client ? &s.t.world : &s.plan;
		left = at;
		if (plan_apply(p, NULL, &err) != STATUS_OK) {
			fprintf(stderr, "%s: %s\n", k->what, err.text);
			_exit(1);
		}
		_exit(0);
	}
	assert_int_equal(waitpid(child, &result, 0), child);
	if (WIFEXITED(result))
		assert_int_equal(WEXITSTATUS(result), 0);
	return WIFEXITED(result);
}

static void
go_on(const struct kind *k, const struct names *n, const char *record, int at)
{
	struct scene s;
	struct arena *a = arena_new();
	struct error err = { .code = ERROR_NONE };
	struct change *of = NULL;
	struct plan *p;

	open_scene(&s, record);
	assert_int_equal(changes_find(s.changes, 0, a, &of, &err), STATUS_OK);
	if (of == NULL) {
		k->nothing(n);
	} else {
		taken(plan_recorded(s.changes, of->id, k->of_client ? &s.t.world : &s.plan, &p, &err), &err);
		p->place.client = s.t.client;
		if (plan_apply(p, NULL, &err) == STATUS_OK)
			k->done(&s, p, n);
		else if (k->doubt != NULL)
			k->doubt(&s, p, n);
		else
			fail_msg("%s, killed at %d: %s", k->what, at, err.text);
		plan_free(p);
	}
	close_scene(&s);
	arena_free(a);
}

static void
killed_everywhere(const struct kind *k, bool forgotten)
{
	int at;

	for (at = 0; at < MOMENTS_MOST; at++) {
		char what[60], record[80];
		struct names n;
		bool ended;

		snprintf(what, sizeof what, "%s%s", k->what, forgotten ? "-late" : "");
		name(&n, what, at);
		snprintf(record, sizeof record, "%s-record-%d", what, at);
		if (k->before != NULL) {
			struct scene s;

			open_scene(&s, "before");
			k->before(&s, &n);
			close_scene(&s);
		}
		ended = run_until(k, &n, record, at);
		if (ended)
			break;
		late = forgotten;
		if (forgotten)
			assert_true(sql_do(cloud.db, "DELETE FROM pca_token", ""));
		go_on(k, &n, record, at);
		late = false;
	}
	print_message("%s: %d moments\n", k->what, at);
	assert_true(at >= k->moments && at < MOMENTS_MOST);
}

static void
hierarchies(void **state)
{
	static const struct kind k = { .what = "hierarchy", .make = make_hierarchy, .done = hierarchy_done, .nothing = no_hierarchy, .moments = 40 };

	(void)state;
	killed_everywhere(&k, false);
}

static void
roots_of_which_the_token_is_forgotten(void **state)
{
	static const struct kind k = { .what = "root", .make = make_root, .done = root_done, .nothing = no_root, .doubt = root_in_doubt, .moments = 15 };

	(void)state;
	killed_everywhere(&k, true);
}

static void
activations(void **state)
{
	static const struct kind k = { .what = "activate", .before = before_activate, .make = make_activate, .done = activate_done, .nothing = still_waits, .moments = 12 };

	(void)state;
	killed_everywhere(&k, false);
}

static void
certificates(void **state)
{
	static const struct kind k = { .what = "issue", .make = make_issue, .done = issue_done, .nothing = nothing_issued, .moments = 15 };

	(void)state;
	killed_everywhere(&k, false);
}

static void
certificates_of_which_the_token_is_forgotten(void **state)
{
	static const struct kind k = { .what = "issue", .make = make_issue, .done = issue_done, .nothing = nothing_issued, .doubt = issue_in_doubt, .moments = 15 };

	(void)state;
	killed_everywhere(&k, true);
}

static void
revocations(void **state)
{
	static const struct kind k = { .what = "revoke", .before = before_revoke, .make = make_revoke, .done = revoke_done, .nothing = not_revoked, .moments = 4 };

	(void)state;
	killed_everywhere(&k, false);
}

static void
audit_reports(void **state)
{
	static const struct kind k = { .what = "report", .before = before_report, .make = make_report, .done = report_done, .nothing = no_report,
		.doubt = report_in_doubt, .moments = 6 };

	(void)state;
	killed_everywhere(&k, false);
}

static void
syncs(void **state)
{
	static const struct kind k = { .what = "sync", .before = before_report, .make = make_sync, .done = sync_done, .nothing = no_report, .of_client = true, .moments = 12 };

	(void)state;
	killed_everywhere(&k, false);
}

/* The way back of a hierarchy: both are deleted, restorable, in the right order; what is deleted already is no failure. */
static void
a_hierarchy_goes_back(void **state)
{
	struct scene s;
	struct names n;
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	name(&n, "back", 0);
	open_scene(&s, "back");
	p = make_hierarchy(&s, &n);
	p->record = s.changes;
	p->world = &s.plan;
	taken(plan_apply(p, NULL, &err), &err);
	hierarchy_done(&s, p, &n);
	changes_unlock(s.changes);
	taken(plan_go_back(p, NULL, &err), &err);
	assert_int_equal(p->state, PLAN_UNDONE);
	no_hierarchy(&n);
	is_in_state(n.root, "DELETED");
	is_in_state(n.sub, "DELETED");
	plan_free(p);
	close_scene(&s);
}

/* The CA signs its own request once more: another certificate of the same key. */
static const char *
renewed_root(struct scene *s, const char *ca, int years, struct arena *a)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_certificate got = { .pem = NULL };
	struct pca_issue call = { .ca = ca, .signing_algorithm = "SHA256WITHECDSA", .template_arn = "arn:aws:acm-pca:::template/RootCACertificate/V1",
		.validity = { .type = "YEARS", .value = years } };
	const char *arn = NULL;
	char token[33];

	aws_client_token(s->place.client, token);
	call.token = token;
	if (pca_wait_csr(s->place.client, ca, NULL, NULL, a, &call.csr_pem, &why) != STATUS_OK || pca_issue_certificate(s->place.client, &call, a, &arn, &why) != STATUS_OK ||
	    pca_wait_certificate(s->place.client, ca, arn, NULL, NULL, a, &got, &why) != STATUS_OK)
		fail_msg("%s", why.message);
	return got.pem;
}

static void
has_certificate(struct scene *s, const char *ca, const char *pem, struct arena *a)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_certificate got = { .pem = NULL };

	assert_int_equal(pca_get_ca_certificate(s->place.client, ca, a, &got, &why), STATUS_OK);
	if (strncmp(got.pem, pem, 400) != 0) /* past the serial number and the dates */
		fail_msg("%s\nis not\n%s", got.pem, pem);
}

/* Somebody has renewed the CA after the plan did: neither the way back nor going on puts an older certificate over his. */
static void
a_renewal_of_somebody_elses_stays(void **state)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	const char *ours, *theirs;
	struct scene s;
	struct plan *p;
	struct plan_step *step;
	cJSON *args = cJSON_CreateObject();

	(void)state;
	open_scene(&s, "renewal");
	ours = renewed_root(&s, issuer, 11, a);
	theirs = renewed_root(&s, issuer, 12, a);
	p = plan_new(&s.place, "a CA is renewed");
	cJSON_AddStringToObject(args, "ca", issuer);
	cJSON_AddStringToObject(args, "name", "issuer 0 Root CA");
	cJSON_AddStringToObject(args, "cert", ours);
	step = plan_add_deed(p, &deed_reimport_ca, args);
	step->what = step->changes = "import it";
	p->record = s.changes;
	p->world = &s.plan;
	taken(plan_apply(p, NULL, &err), &err);
	has_certificate(&s, issuer, ours, a);
	if (pca_import_ca_certificate(s.place.client, issuer, theirs, NULL, &why) != STATUS_OK)
		fail_msg("%s", why.message);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "“issuer 0 Root CA” has been given another certificate by somebody else"));
	has_certificate(&s, issuer, theirs, a);
	error_clear(&err);
	p->steps[0].state = STEP_UNDONE;
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	has_certificate(&s, issuer, theirs, a);
	plan_free(p);
	close_scene(&s);
	arena_free(a);
}

/* A certificate of the CA as an audit report tells of it. revoked TIME_UNKNOWN: it is not. */
static void
inventory_learns(const struct scene *s, const char *ca, const char *subject, int64_t revoked)
{
	const struct inventory_record record = { .serial = "0123456789abcdef0123456789abcdef", .subject = subject, .not_before = start / 1000 - 60,
		.not_after = start / 1000 + 3600, .issued = start / 1000, .revoked = revoked };
	const struct inventory_ca row = { .arn = ca, .account = "111122223333", .region = "us-east-1", .subject = "CN=sub", .type = "SUBORDINATE",
		.status = "ACTIVE", .created = TIME_UNKNOWN, .not_before = TIME_UNKNOWN, .not_after = TIME_UNKNOWN, .restorable_until = TIME_UNKNOWN,
		.synced = start / 1000, .report_at = TIME_UNKNOWN, .report_asked = TIME_UNKNOWN };
	struct error err = { .code = ERROR_NONE };
	struct inventory *i = NULL;
	struct buf path = { 0 };
	size_t added, changed;

	taken(inventory_path(&s->plan, aws_client_is_lab(s->place.client), &path, &err), &err);
	taken(inventory_open(path.data, &s->plan, &i, &err), &err);
	taken(inventory_put_ca(i, &row, &err), &err);
	taken(inventory_import_begin(i, ca, &err), &err);
	taken(inventory_import_add(i, &record, &err), &err);
	taken(inventory_import_end(i, true, start / 1000, &added, &changed, &err), &err);
	inventory_close(i);
	buf_done(&path);
}

static void
stays_because(struct plan *p, const struct names *n, const char *why)
{
	struct error err = { .code = ERROR_NONE };

	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	if (strstr(err.text, why) == NULL || strstr(err.text, "is not deleted: 1 certificate of it is valid") == NULL || strstr(err.text, "--status DISABLED") == NULL)
		fail_msg("%s", err.text);
	/* Nothing of it went back: not the subordinate's deletion either, nor what disables it before. */
	assert_int_equal(p->state, PLAN_DONE);
	is_in_state(n->root, "DISABLED"); /* as the plan has left it */
	is_in_state(n->sub, "ACTIVE");
}

/* Undoing pca create once deleted CAs that had issued to others in the meantime. */
static void
a_hierarchy_that_others_use(void **state)
{
	struct scene s;
	struct names n;
	struct arena *a = arena_new();
	struct error err = { .code = ERROR_NONE };
	struct plan *p, *issue = NULL;
	struct pca_ca ca;
	const char *const dns[] = { "ledger.internal" };
	struct pca_issue_wish w = { .ca = &ca, .make = { .common_name = dns[0], .names = dns, .names_len = 1 }, .purpose = { .server = true }, .now = start / 1000 };

	(void)state;
	name(&n, "used", 0);
	open_scene(&s, "used");
	p = make_hierarchy(&s, &n);
	p->record = s.changes;
	p->world = &s.plan;
	taken(plan_apply(p, NULL, &err), &err);
	changes_unlock(s.changes);
	/* The record alone knows it: no inventory is there. */
	look_at(&s, plan_value(p, "sub.arn"), a, &ca);
	w.out = n.out;
	taken(pca_issue_plan(&s.place, &w, &issue, &err), &err);
	issue->record = s.changes;
	issue->world = &s.plan;
	taken(plan_apply(issue, NULL, &err), &err);
	changes_unlock(s.changes);
	stays_because(p, &n, "ledger.internal");
	/* Taken back, its key is gone: nobody uses it. */
	taken(plan_go_back(issue, NULL, &err), &err);
	changes_unlock(s.changes);
	/* The inventory knows another one, of somebody else. */
	inventory_learns(&s, plan_value(p, "sub.arn"), "CN=stranger.internal", TIME_UNKNOWN);
	stays_because(p, &n, "stranger.internal");
	inventory_learns(&s, plan_value(p, "sub.arn"), "CN=stranger.internal", start / 1000);
	taken(plan_may_go_back(p, &err), &err);
	taken(plan_go_back(p, NULL, &err), &err);
	is_in_state(n.root, "DELETED");
	is_in_state(n.sub, "DELETED");
	plan_free(issue);
	plan_free(p);
	close_scene(&s);
	arena_free(a);
}

static int
set_up(void **state)
{
	struct scene s;
	struct names n;
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	(void)state;
	start = (int64_t)time(NULL) * 1000;
	folder = make_folder();
	setenv("XDG_STATE_HOME", in_folder(folder, "state"), 1);
	cloud_process_start(&cloud);
	/* A root that is not killed, for what is issued. */
	name(&n, "issuer", 0);
	open_scene(&s, "before");
	p = make_root(&s, &n);
	p->record = s.changes;
	p->world = &s.plan;
	taken(plan_apply(p, NULL, &err), &err);
	snprintf(issuer, sizeof issuer, "%s", plan_value(p, "root.arn"));
	plan_free(p);
	close_scene(&s);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	cloud_process_stop(&cloud);
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hierarchy_goes_back),
		cmocka_unit_test(a_renewal_of_somebody_elses_stays),
		cmocka_unit_test(a_hierarchy_that_others_use),
		cmocka_unit_test(hierarchies),
		cmocka_unit_test(roots_of_which_the_token_is_forgotten),
		cmocka_unit_test(activations),
		cmocka_unit_test(certificates),
		cmocka_unit_test(certificates_of_which_the_token_is_forgotten),
		cmocka_unit_test(revocations),
		cmocka_unit_test(audit_reports),
		cmocka_unit_test(syncs),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
