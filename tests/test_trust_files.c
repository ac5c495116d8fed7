/* A CA into a bundle file and out of it, as a plan: words, bytes, the way back, kills, what somebody else does in between. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "fixes/trust.h"
#include "model/input.h"
#include "tests/made.h"
#include "tests/mortal.h"
#include "tests/program.h"

static char *folder;
static struct made old_root, new_root, issuing;
static char *old_pem, *new_pem, *issuing_pem, *before, *both, *after;

static char *clients_pem, *none_pem;

static const char *
path(void)
{
	return clients_pem;
}

static void
put(const char *text)
{
	assert_true(write_file(path(), text, strlen(text)));
	assert_int_equal(chmod(path(), 0640), 0);
}

static void
holds(const char *text)
{
	struct error err = { .code = ERROR_NONE };
	struct input in = { .bytes = NULL };
	struct stat st;
	char *found;

	if (input_read(path(), 1 << 20, &in, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	found = mem_strndup((const char *)in.bytes, in.len);
	assert_string_equal(found, text);
	assert_int_equal(stat(path(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0640);
	free(found);
	input_free(&in);
}

/* The time of the certificates: plans say of each whether it has expired. */
static int64_t
made_now_ms(void *self)
{
	(void)self;
	return MADE_NOW * 1000;
}

static void
begin_world(struct mortal *m)
{
	mortal_init(m, folder, -1);
	m->world.now_ms = made_now_ms;
}

static struct plan *
new_plan(struct changes *c, const struct world *w)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = NULL }, "who may come in");

	p->kind = "fix";
	p->record = c;
	p->world = w;
	return p;
}

static char *
pem_of(const struct made *m)
{
	struct buf b = { 0 };

	cert_pem(m->cert, &b);
	return b.data;
}

static char *
text_of_parts(const char *a, const char *b, const char *c)
{
	struct buf out = { 0 };

	buf_addf(&out, "%s%s%s", a, b, c);
	return out.data;
}

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	clients_pem = mem_strdup(in_folder(folder, "clients.pem"));
	none_pem = mem_strdup(in_folder(folder, "none.pem"));
	old_root = made_ca("Old Root", NULL);
	new_root = made_ca("New Root", NULL);
	issuing = made_ca("New Issuing", &new_root);
	old_pem = pem_of(&old_root);
	new_pem = pem_of(&new_root);
	issuing_pem = pem_of(&issuing);
	before = text_of_parts("# who may come in\n\n", old_pem, "# the end - for now\n");
	both = text_of_parts(before, new_pem, "");
	after = text_of_parts("# who may come in\n\n# the end - for now\n", new_pem, "");
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	free(clients_pem);
	free(none_pem);
	made_free(&issuing);
	made_free(&old_root);
	made_free(&new_root);
	free(old_pem);
	free(new_pem);
	free(issuing_pem);
	free(before);
	free(both);
	free(after);
	return 0;
}

static void
must(status result, const struct error *err)
{
	if (result != STATUS_OK)
		fail_msg("%s", err->text);
}

/* One wish, applied; then the way back by another run. */
static void
on_and_back(void **state)
{
	const struct {
		const char *from;
		struct trust_wish wish;
		const char *to, *what;
	} cases[] = {
		{ before, { .where = path(), .add = new_root.cert }, both, "add “New Root” (" },
		{ both, { .where = path(), .remove = old_root.cert }, after, "take “Old Root” (" },
		{ before, { .where = path(), .add = new_root.cert, .remove = old_root.cert }, after, "out of it" },
	};
	struct mortal m;
	struct changes *c;

	(void)state;
	begin_world(&m);
	c = mortal_record(&m);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct plan *p = new_plan(c, &m.world), *again;
		struct error err = { .code = ERROR_NONE };

		put(cases[i].from);
		must(trust_steps(p, &cases[i].wish, &err), &err);
		holds(cases[i].from);
		assert_int_equal(p->len, 1);
		if (strstr(p->steps[0].what, cases[i].what) == NULL)
			fail_msg("%s", p->steps[0].what);
		assert_int_equal(p->reached, REACH_UNKNOWN);
		assert_non_null(strstr(p->reach[0], "UNKNOWN: whether the running service reads it; this mends the copy on"));
		must(plan_apply(p, NULL, &err), &err);
		holds(cases[i].to);
		changes_unlock(c);
		must(plan_recorded(c, p->id, &m.world, &again, &err), &err);
		must(plan_go_back(again, NULL, &err), &err);
		holds(cases[i].from);
		changes_unlock(c);
		plan_free(again);
		plan_free(p);
	}
	changes_close(c);
}

static void
nothing_to_do_or_refused(void **state)
{
	const struct {
		const char *from;
		struct trust_wish wish;
		const char *note, *refused;
	} cases[] = {
		{ before, { .where = path(), .add = old_root.cert }, "trusts “Old Root” (", NULL },
		{ before, { .where = path(), .remove = new_root.cert }, "does not hold “New Root” (", NULL },
		{ before, { .where = path(), .remove = old_root.cert }, NULL, "is the only CA in it" },
		{ before, { .where = path(), .add = old_root.cert, .remove = old_root.cert }, NULL, "is the one to be taken out" },
		{ before, { .where = path() }, NULL, "without a place or a CA" },
		{ "no bundle\n", { .where = path(), .add = new_root.cert }, NULL, "expected a PEM bundle of CA certificates" },
		{ before, { .where = none_pem, .add = new_root.cert }, NULL, "none.pem" },
		{ before, { .where = folder, .add = new_root.cert }, NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct plan *p = new_plan(NULL, NULL);
		struct error err = { .code = ERROR_NONE };
		status result;

		put(cases[i].from);
		result = trust_steps(p, &cases[i].wish, &err);
		assert_int_equal(p->len, 0);
		assert_int_equal(result, cases[i].refused == NULL ? STATUS_OK : STATUS_FAILED);
		if (cases[i].refused != NULL && strstr(err.text, cases[i].refused) == NULL)
			fail_msg("case %zu: %s", i, err.text);
		if (cases[i].note != NULL && (p->notes_len != 1 || strstr(p->notes[0], cases[i].note) == NULL))
			fail_msg("case %zu: %s", i, p->notes_len > 0 ? p->notes[0] : "no note");
		holds(cases[i].from);
		plan_free(p);
	}
}

/* The words that make a difference: whose it is and whether it is read, that OpenSSL wants roots, that it has expired. */
static void
what_is_said(void **state)
{
	struct made late = made_issue(&(struct pki_request){ .cn = "Late Root", .ca = true, .not_before = MADE_NOW - 900 * MADE_DAY,
	    .not_after = MADE_NOW - 10 * MADE_DAY }, NULL);
	const struct cert *also[] = { issuing.cert };
	struct mortal m;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	begin_world(&m);
	put(before);
	p = new_plan(NULL, &m.world);
	must(trust_steps(p, &(struct trust_wish){ .where = path(), .service = "ledger", .read_by_service = true, .add = issuing.cert }, &err), &err);
	assert_int_equal(p->reached, REACH_TOLD);
	assert_non_null(strstr(p->reach[0], ": “ledger” reads it (serves)"));
	assert_int_equal(p->notes_len, 1);
	assert_non_null(strstr(p->notes[0], "is no root"));
	/* A second file that nobody is known to read: the whole is not known. */
	must(trust_steps(p, &(struct trust_wish){ .where = path(), .add = late.cert }, &err), &err);
	assert_int_equal(p->reached, REACH_UNKNOWN);
	assert_non_null(strstr(p->notes[1], "“Late Root” ("));
	assert_non_null(strstr(p->notes[1], "has expired"));
	plan_free(p);
	p = new_plan(NULL, &m.world);
	must(trust_steps(p, &(struct trust_wish){ .where = path(), .add = new_root.cert, .also = also, .also_len = 1 }, &err), &err);
	assert_non_null(strstr(p->steps[0].what, "and 1 CA below it"));
	assert_non_null(strstr(p->steps[0].changes, "3 CAs instead of 1"));
	plan_free(p);
	made_free(&late);
}

/* The lines for a shell do what the step does. */
static void
command_lines(void **state)
{
	const struct {
		const char *from;
		struct trust_wish wish;
		const char *to;
	} cases[] = {
		{ before, { .where = path(), .add = new_root.cert }, both },
		{ both, { .where = path(), .remove = old_root.cert }, new_pem },
		{ before, { .where = path(), .add = new_root.cert, .remove = old_root.cert }, new_pem },
	};

	(void)state;
	assert_true(write_file(in_folder(folder, "new-root.pem"), new_pem, strlen(new_pem)));
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct plan *p = new_plan(NULL, NULL);
		struct error err = { .code = ERROR_NONE };
		struct buf line = { 0 };
		struct run r;

		put(cases[i].from);
		must(trust_steps(p, &cases[i].wish, &err), &err);
		buf_addf(&line, "cd '%s' &&\n%s", folder, p->steps[0].command);
		run_program((const char *const[]){ "/bin/sh", "-c", line.data, NULL }, NULL, &r);
		if (r.status != 0)
			fail_msg("%s\n%s", line.data, buf_str(&r.err));
		run_done(&r);
		holds(cases[i].to);
		buf_done(&line);
		plan_free(p);
	}
}

/* What somebody wrote after the plan was made, or after it was applied, is not ours to overwrite. */
static void
others_changes_stay(void **state)
{
	char *theirs = text_of_parts(before, issuing_pem, "");
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	begin_world(&m);
	c = mortal_record(&m);
	put(before);
	p = new_plan(c, &m.world);
	must(trust_steps(p, &(struct trust_wish){ .where = path(), .add = new_root.cert }, &err), &err);
	put(theirs);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_non_null(strstr(err.text, "has been changed by somebody else since the plan was made"));
	holds(theirs);
	error_clear(&err);
	put(before);
	must(plan_apply(p, NULL, &err), &err);
	put(theirs);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	holds(theirs);
	plan_free(p);
	changes_close(c);
	free(theirs);
}

/* ---- killed at every moment ---- */

static void
begin(void *user)
{
	(void)user;
	put(before);
}

static struct plan *
make(void *user, struct changes *c, const struct world *w)
{
	struct plan *p = new_plan(c, w);
	struct error err = { .code = ERROR_NONE };

	(void)user;
	must(trust_steps(p, &(struct trust_wish){ .where = path(), .add = new_root.cert, .remove = old_root.cert }, &err), &err);
	return p;
}

static bool
is(const char *text)
{
	struct error err = { .code = ERROR_NONE };
	struct input in = { .bytes = NULL };
	bool same;

	if (input_read(path(), 1 << 20, &in, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	same = in.len == strlen(text) && memcmp(in.bytes, text, in.len) == 0;
	input_free(&in);
	return same;
}

static void
is_whole(void *user, int at)
{
	(void)user;
	if (!is(before) && !is(after))
		fail_msg("killed at %d: neither the old file nor the new one", at);
}

static void
is_old(void *user)
{
	(void)user;
	assert_true(is(before));
}

static void
is_new(void *user)
{
	(void)user;
	assert_true(is(after));
}

static void
killed_anywhere(void **state)
{
	const struct mortal_case m = { .home = folder, .begin = begin, .make = make, .is_whole = is_whole, .is_old = is_old, .is_new = is_new };

	(void)state;
	assert_true(mortal_everywhere(&m) > 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_and_back),
		cmocka_unit_test(nothing_to_do_or_refused),
		cmocka_unit_test(what_is_said),
		cmocka_unit_test(command_lines),
		cmocka_unit_test(others_changes_stay),
		cmocka_unit_test(killed_anywhere),
	};

	return cmocka_run_group_tests_name("trust_files", tests, setup, teardown);
}
