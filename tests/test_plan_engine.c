/* Plans as data: applied, recorded, killed anywhere and gone on with, on or back; files whole at every moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "fixes/deeds.h"
#include "fixes/placed_file.h"
#include "fixes/plan_store.h"
#include "model/buf.h"
#include "model/memory.h"
#include "model/input.h"
#include "probes/examine.h"
#include "tests/program.h"

#define OLD_CERT "old certificate\n"
#define NEW_CERT "new certificate\n"
#define KEYS "-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n"

static char *folder;

static const char *
in(const char *name)
{
	return in_folder(folder, name);
}

/* NULL: there is no such file. The caller's. */
static char *
read_text(const char *path)
{
	struct error err = { .code = ERROR_NONE };
	struct input file = { .bytes = NULL };
	char *text;

	if (access(path, F_OK) != 0)
		return NULL;
	if (input_read(path, 1 << 20, &file, &err) != STATUS_OK)
		return mem_strdup("");
	text = mem_strndup((const char *)file.bytes, file.len);
	input_free(&file);
	return text;
}

static void
shell(const char *line)
{
	struct run r;

	run_program((const char *const[]){ "/bin/sh", "-c", line, NULL }, NULL, &r);
	assert_int_equal(r.status, 0);
	run_done(&r);
}

static void
put(const char *name, const char *text, mode_t mode)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void
holds_exactly(const char *name, const char *text)
{
	char *found = read_text(in(name));

	if (text == NULL)
		assert_null(found);
	else
		assert_string_equal(found != NULL ? found : "(no file)", text);
	free(found);
}

/* ---- a world that kills the program when its clock has been asked so often ---- */

struct mortal {
	struct world world;
	int left; /* questions until the kill; -1: for ever */
};

static int64_t
mortal_now_ms(void *self)
{
	struct mortal *m = self;

	if (m->left >= 0 && m->left-- == 0)
		raise(SIGKILL);
	return 1764468000000;
}

static const char *
mortal_env(void *self, const char *name)
{
	(void)self;
	return strcmp(name, "HOME") == 0 ? folder : NULL;
}

static void
mortal_init(struct mortal *m, int left)
{
	*m = (struct mortal){ .world = *world_real(), .left = left };
	m->world.now_ms = mortal_now_ms;
	m->world.env = mortal_env;
	m->world.self = m;
}

static struct changes *
open_record(const struct world *w)
{
	struct error err = { .code = ERROR_NONE };
	struct changes *c;

	if (changes_open(NULL, w, &c, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	return c;
}

/* ---- a plan: two files and a mode, a command, then perhaps one that fails ---- */

static cJSON *
file(const char *path, bool secret, const char *kind, const char *what)
{
	cJSON *o = cJSON_CreateObject(), *part = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "path", path);
	cJSON_AddBoolToObject(o, "secret", secret);
	cJSON_AddStringToObject(part, kind, what);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(o, "parts"), part);
	return o;
}

static struct plan *
make_plan(struct changes *c, const struct world *w, bool fails)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = NULL }, "two files");
	cJSON *args = cJSON_CreateObject(), *files = cJSON_AddArrayToObject(args, "files");
	struct plan_step *s;

	p->kind = "fix";
	p->target = "payment.internal:8443";
	p->record = c;
	p->world = w;
	cJSON_AddItemToArray(files, file(in("tls.crt"), false, "text", NEW_CERT));
	cJSON_AddItemToArray(files, file(in("tls.key"), true, "old", "keys"));
	cJSON_AddItemToArray(files, file(in("fresh.pem"), false, "text", NEW_CERT));
	s = plan_add_deed(p, &deed_write_files, args);
	s->what = "write the files";
	args = cJSON_CreateObject();
	cJSON_AddStringToObject(args, "path", in("exposed.key"));
	cJSON_AddNumberToObject(args, "mode", 0600);
	s = plan_add_deed(p, &deed_set_mode, args);
	s->what = "close the key";
	args = cJSON_CreateObject();
	cJSON_AddStringToObject(args, "command", "cat \"$MTLSCOPE_CERT\" >>\"$MTLSCOPE_LOG\"");
	cJSON_AddStringToObject(cJSON_AddObjectToObject(args, "env"), "MTLSCOPE_CERT", in("tls.crt"));
	cJSON_AddStringToObject(cJSON_GetObjectItem(args, "env"), "MTLSCOPE_LOG", in("reloads"));
	s = plan_add_deed(p, &deed_run, args);
	s->what = "reload";
	if (fails) {
		args = cJSON_CreateObject();
		cJSON_AddStringToObject(args, "command", "echo words before; echo it is broken >&2; exit 3");
		s = plan_add_deed(p, &deed_run, args);
		s->what = "what fails";
	}
	return p;
}

static const char *
in_home(void)
{
	static char home[256];

	snprintf(home, sizeof home, "HOME=%s", folder);
	return home;
}

static void
begin_files(void)
{
	static const char *const names[] = { "tls.crt", "tls.key", "fresh.pem", "exposed.key", "reloads" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		unlink(in(names[i]));
	put("tls.crt", OLD_CERT, 0640);
	put("tls.key", "comment\n" KEYS, 0600);
	put("exposed.key", KEYS, 0644);
}

static unsigned
mode_of(const char *name)
{
	struct stat st;

	assert_int_equal(stat(in(name), &st), 0);
	return st.st_mode & 07777;
}

static void
is_old(void)
{
	holds_exactly("tls.crt", OLD_CERT);
	holds_exactly("tls.key", "comment\n" KEYS);
	holds_exactly("fresh.pem", NULL);
	assert_int_equal(mode_of("tls.crt"), 0640);
	assert_int_equal(mode_of("exposed.key"), 0644);
}

static void
is_new(void)
{
	holds_exactly("tls.crt", NEW_CERT);
	holds_exactly("tls.key", KEYS);
	holds_exactly("fresh.pem", NEW_CERT);
	assert_int_equal(mode_of("tls.crt"), 0640);
	assert_int_equal(mode_of("tls.key"), 0600);
	assert_int_equal(mode_of("fresh.pem"), 0644);
	assert_int_equal(mode_of("exposed.key"), 0600);
}

/* Nothing that we made lies about: neither half a new file nor the second name of an old one. */
static size_t
left_over(void)
{
	char *list;
	size_t n = 0;

	shell("ls \"$DIR\" | grep -cE '\\.(new|old)-' >\"$DIR/count\"; true");
	list = read_text(in("count"));
	n = (size_t)strtoul(list, NULL, 10);
	free(list);
	return n;
}

/* ---- tests ---- */

static void
on_and_back(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p, *again;
	struct error err = { .code = ERROR_NONE };
	struct arena *a = arena_new();
	struct change *list;
	size_t len;

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	p = make_plan(c, &m.world, false);
	if (plan_apply(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	is_new();
	holds_exactly("reloads", NEW_CERT);
	assert_int_equal(p->state, PLAN_DONE);
	/* Another run finds it, done, and takes it back. */
	assert_int_equal(changes_list(c, false, 0, a, &list, &len, &err), STATUS_OK);
	assert_true(len >= 1);
	assert_string_equal(list[0].state, "done");
	assert_string_equal(list[0].target, "payment.internal:8443");
	assert_int_equal(list[0].done, 3);
	changes_unlock(c);
	assert_int_equal(plan_recorded(c, p->id, &m.world, &again, &err), STATUS_OK);
	assert_true(plan_can_go_back(again) && !plan_wants_aws(again, true));
	if (plan_go_back(again, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	is_old();
	/* The reload came after the files were back. */
	holds_exactly("reloads", NEW_CERT OLD_CERT);
	assert_int_equal(left_over(), 0);
	assert_int_equal(again->state, PLAN_UNDONE);
	assert_false(plan_can_go_back(again));
	plan_free(again);
	plan_free(p);
	changes_close(c);
	arena_free(a);
}

/* A step fails: what can be undone is, at once, and the same plan can be gone on with. */
static void
a_failure_takes_back(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	p = make_plan(c, &m.world, true);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "ended with status 3: it is broken"));
	assert_int_equal(p->state, PLAN_STOPPED);
	assert_int_equal(p->at, 3);
	is_old();
	assert_int_equal(p->steps[0].state, STEP_UNDONE);
	assert_non_null(p->go_on_command);
	plan_free(p);
	changes_close(c);
}

/* Killed at every moment that the clock is asked, which is before and after each thing that is recorded: on, and back. */
static void
killed_anywhere(void **state)
{
	int moments = 0;

	(void)state;
	for (int back = 0; back <= 1; back++) {
		for (int at = 0;; at++) {
			struct mortal m;
			struct error err = { .code = ERROR_NONE };
			struct arena *a = arena_new();
			struct change *open_one = NULL;
			struct changes *c;
			struct plan *p;
			int result;
			pid_t child;

			shell("rm -rf \"$DIR\"/.local");
			begin_files();
			child = fork();
			if (child == 0) {
				mortal_init(&m, at);
				c = open_record(&m.world);
				_exit(plan_apply(make_plan(c, &m.world, false), NULL, &err) == STATUS_OK ? 0 : 1);
			}
			assert_int_equal(waitpid(child, &result, 0), child);
			if (WIFEXITED(result)) {
				assert_int_equal(WEXITSTATUS(result), 0);
				moments = at;
				arena_free(a);
				break;
			}
			/* Whole, old or new, whatever the moment was. */
			{
				char *text = read_text(in("tls.crt"));

				assert_true(strcmp(text, OLD_CERT) == 0 || strcmp(text, NEW_CERT) == 0);
				free(text);
			}
			mortal_init(&m, -1);
			c = open_record(&m.world);
			assert_int_equal(changes_find(c, 0, a, &open_one, &err), STATUS_OK);
			if (open_one != NULL) {
				assert_int_equal(plan_recorded(c, open_one->id, &m.world, &p, &err), STATUS_OK);
				if ((back ? plan_go_back(p, NULL, &err) : plan_apply(p, NULL, &err)) != STATUS_OK)
					fail_msg("killed at %d: %s", at, err.text);
				if (back)
					is_old();
				else
					is_new();
				plan_free(p);
			} else {
				is_old(); /* it had not begun */
			}
			changes_close(c);
			arena_free(a);
			if (back)
				assert_int_equal(left_over(), 0);
			shell("rm -f \"$DIR\"/*.old-* \"$DIR\"/*.new-*");
		}
		shell("rm -f \"$DIR\"/*.old-* \"$DIR\"/*.new-*");
	}
	assert_true(moments > 12); /* so many are there at least */
}

/* What somebody else changed in the meantime is not ours to overwrite, on or back. */
static void
others_changes_stay(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	p = make_plan(c, &m.world, false);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	put("tls.crt", "by hand\n", 0640);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "has been changed by somebody else since"));
	holds_exactly("tls.crt", "by hand\n");
	plan_free(p);
	changes_close(c);
}

/*
 * Certificate and key go back together or not at all: somebody has renewed the certificate since, and the old key beside it would be worse than
 * anything. The way on from there is said.
 */
static void
what_belongs_together_stays_together(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	p = make_plan(c, &m.world, false);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	put("tls.crt", "by hand\n", 0640);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_FAILED);
	holds_exactly("tls.crt", "by hand\n");
	holds_exactly("tls.key", KEYS);
	holds_exactly("fresh.pem", NEW_CERT);
	assert_non_null(strstr(p->go_on_command, "mtlscope resume "));
	error_clear(&err);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	assert_int_equal(p->state, PLAN_DONE);
	plan_free(p);
	changes_close(c);
}

/* A plan that could not begin for somebody's change has nothing to bring back, and leaves nothing: it can be given up. */
static void
given_up_beside_somebodys_change(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p, *again;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	p = make_plan(c, &m.world, true);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	/* A key, and one that a killed run was writing. */
	shell("cp \"$DIR\"/exposed.key \"$DIR\"/.local/state/mtlscope/plans/1/client.key");
	shell("cp \"$DIR\"/exposed.key \"$DIR\"/.local/state/mtlscope/plans/1/client.key.77-0.new");
	put("tls.key", "by hand\n" KEYS, 0600);
	error_clear(&err);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_non_null(strstr(err.text, "tls.key has been changed by somebody else"));
	if (strstr(p->go_on, "could not be undone") != NULL)
		fail_msg("%s", p->go_on);
	changes_unlock(c);
	error_clear(&err);
	assert_int_equal(plan_recorded(c, p->id, &m.world, &again, &err), STATUS_OK);
	if (plan_go_back(again, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(again->state, PLAN_UNDONE);
	assert_int_equal(again->after_len, 1); /* the command that never worked has failed once more: no reason to keep the plan open */
	assert_false(plan_can_go_back(again));
	holds_exactly("tls.crt", OLD_CERT);
	holds_exactly("tls.key", "by hand\n" KEYS);
	holds_exactly("fresh.pem", NULL);
	assert_int_equal(left_over(), 0);
	shell("test \"$(ls \"$DIR\"/.local/state/mtlscope/plans/1)\" = lock");
	plan_free(again);
	plan_free(p);
	changes_close(c);
}

static void
bad_places_are_said_before(void **state)
{
	static const struct {
		const char *path, *says;
	} cases[] = { { "no-such-folder/tls.crt", "No such file or directory" }, { "sub", "is no regular file" } };
	struct mortal m;
	struct changes *c;

	(void)state;
	mortal_init(&m, -1);
	c = open_record(&m.world);
	mkdir(in("sub"), 0700);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct plan *p = plan_new(&(struct plan_place){ .client = NULL }, "one file");
		cJSON *args = cJSON_CreateObject();
		struct error err = { .code = ERROR_NONE };
		struct plan_step *s;

		cJSON_AddItemToArray(cJSON_AddArrayToObject(args, "files"), file(in(cases[i].path), false, "text", NEW_CERT));
		p->record = c;
		p->world = &m.world;
		s = plan_add_deed(p, &deed_write_files, args);
		s->what = "write";
		assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
		if (strstr(err.text, cases[i].says) == NULL)
			fail_msg("%s", err.text);
		plan_free(p);
	}
	changes_close(c);
}

/* Two programs do not work on one plan. */
static void
one_program_a_plan(void **state)
{
	struct mortal m;
	struct changes *c, *other;
	struct plan *p, *again;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	p = make_plan(c, &m.world, true);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	error_clear(&err);
	other = open_record(&m.world);
	assert_int_equal(plan_recorded(other, p->id, &m.world, &again, &err), STATUS_OK);
	assert_int_equal(plan_apply(again, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_non_null(strstr(err.text, "another mtlscope is working on plan"));
	plan_free(again);
	changes_close(other);
	plan_free(p);
	changes_close(c);
}

/* Somebody is asked whether a plan goes on or back, and while he thinks another program does it: his answer is to what is not there any more. */
static void
an_answer_that_came_too_late(void **state)
{
	struct mortal m;
	struct changes *c, *other;
	struct plan *p, *late;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	other = open_record(&m.world);
	p = make_plan(c, &m.world, true);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	error_clear(&err);
	assert_int_equal(plan_recorded(other, p->id, &m.world, &late, &err), STATUS_OK);
	assert_int_equal(plan_go_back(p, NULL, &err), STATUS_OK);
	changes_unlock(c);
	assert_int_equal(plan_apply(late, NULL, &err), STATUS_FAILED);
	assert_int_equal(err.code, ERROR_NOT_DONE);
	assert_non_null(strstr(err.text, "another program has worked on plan"));
	is_old();
	plan_free(late);
	error_clear(&err);
	/* What it says stays in the record. */
	assert_int_equal(plan_recorded(other, p->id, &m.world, &late, &err), STATUS_OK);
	assert_int_equal(late->state, PLAN_UNDONE);
	plan_free(late);
	plan_free(p);
	changes_close(other);
	changes_close(c);
}

/* The record was moved away, as its error says where it is damaged: the keys that wait in the folders of its plans are not the next plan's. */
static void
keys_outlive_the_record(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	p = make_plan(c, &m.world, true);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	shell("cp \"$DIR\"/exposed.key \"$DIR\"/.local/state/mtlscope/plans/1/client.key");
	plan_free(p);
	changes_close(c);
	shell("cd \"$DIR\"/.local/state/mtlscope && mkdir away && mv changes.* away");
	c = open_record(&m.world);
	p = make_plan(c, &m.world, false);
	error_clear(&err);
	if (plan_apply(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(p->id, 2);
	assert_int_equal(access(in(".local/state/mtlscope/plans/1/client.key"), F_OK), 0);
	plan_free(p);
	changes_close(c);
}

static bool was_in_doubt;

static status
ask_whether_in_doubt(struct plan *p, struct plan_step *s, struct error *err)
{
	(void)p;
	(void)err;
	was_in_doubt = s->unsettled;
	return STATUS_OK;
}

/* A run that is ended before the step begins knows no more of it than the one that was killed within it. */
static void
an_interrupt_settles_nothing(void **state)
{
	static const struct deed asks = { .name = "asks", .apply = ask_whether_in_doubt, .aws = true };
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct plan_step *s;
	struct error err = { .code = ERROR_NONE };
	atomic_bool cancel = true;

	(void)state;
	mortal_init(&m, -1);
	c = open_record(&m.world);
	p = plan_new(&(struct plan_place){ .client = NULL }, "an order");
	p->record = c;
	p->world = &m.world;
	p->cancel = &cancel;
	s = plan_add_deed(p, &asks, NULL);
	s->what = "order it";
	s->changes = "it is ordered";
	s->state = STEP_RUNS; /* as a killed run leaves it */
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_FAILED);
	assert_true(s->unsettled);
	cancel = false;
	was_in_doubt = false;
	error_clear(&err);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	assert_true(was_in_doubt);
	plan_free(p);
	changes_close(c);
}

/* A worker's thread of the console takes no signals, and we ignore SIGPIPE: a service that a command starts must not inherit that. */
static void
commands_have_the_usual_signals(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p = plan_new(&(struct plan_place){ .client = NULL }, "a command");
	struct error err = { .code = ERROR_NONE };
	cJSON *args = cJSON_CreateObject();
	sigset_t all, before;
	void (*pipe_before)(int) = signal(SIGPIPE, SIG_IGN);

	(void)state;
	mortal_init(&m, -1);
	c = open_record(&m.world);
	p->record = c;
	p->world = &m.world;
	cJSON_AddStringToObject(args, "command", "grep ^SigBlk /proc/self/status >\"$DIR\"/signals; sh -c 'kill -PIPE $$; echo ignored' >>\"$DIR\"/signals; true");
	plan_add_deed(p, &deed_run, args)->what = "look";
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	sigprocmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, pipe_before);
	holds_exactly("signals", "SigBlk:\t0000000000000000\n");
	plan_free(p);
	changes_close(c);
}

/* Half a line of a full disk stays half a line, and takes no other with it. */
static void
lines_stay_lines(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	shell("printf '{\"schema\":\"mtlscope.ch' >\"$DIR\"/.local/state/mtlscope/changes.jsonl");
	p = make_plan(c, &m.world, false);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	shell("test \"$(head -1 \"$DIR\"/.local/state/mtlscope/changes.jsonl)\" = '{\"schema\":\"mtlscope.ch'");
	shell("test \"$(grep -c '}$' \"$DIR\"/.local/state/mtlscope/changes.jsonl)\" -ge 9");
	plan_free(p);
	changes_close(c);
}

/* A way back that was cut off: `resume` goes on with it, and `log` does not say otherwise. */
static void
a_way_back_is_gone_on_with(void **state)
{
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };
	pid_t child;
	int result, at = 0;

	(void)state;
	mortal_init(&m, -1);
	begin_files();
	c = open_record(&m.world);
	p = make_plan(c, &m.world, false);
	assert_int_equal(plan_apply(p, NULL, &err), STATUS_OK);
	plan_free(p);
	changes_close(c);
	for (bool begun = false; !begun; at++) {
		struct arena *a = arena_new();
		struct change *of = NULL;

		child = fork();
		if (child == 0) {
			mortal_init(&m, at);
			c = open_record(&m.world);
			if (plan_recorded(c, 1, &m.world, &p, &err) == STATUS_OK)
				(void)(plan_go_back(p, NULL, &err) == STATUS_OK);
			_exit(0);
		}
		assert_int_equal(waitpid(child, &result, 0), child);
		assert_true(WIFSIGNALED(result));
		c = open_record(&m.world);
		assert_int_equal(changes_find(c, 1, a, &of, &err), STATUS_OK);
		begun = strcmp(of->state, "undoing") == 0;
		changes_close(c);
		arena_free(a);
	}
	{
		const struct run_options home = { .env = (const char *const[]){ in_home(), "XDG_STATE_HOME", NULL } };
		struct run r;

		run_program((const char *const[]){ mtlscope(), "log", "1", NULL }, &home, &r);
		assert_int_equal(r.status, 0);
		if (strstr(buf_str(&r.out), "mtlscope resume 1 goes on with the way back.") == NULL || strstr(buf_str(&r.out), "goes on with it.") != NULL)
			fail_msg("%s", buf_str(&r.out));
		run_done(&r);
		run_program((const char *const[]){ mtlscope(), "resume", "--apply", "--yes", NULL }, &home, &r);
		if (r.status != 0)
			fail_msg("%s%s", buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
	is_old();
}

/* The new key's access list is the old one's, and not what its folder gives to new files: who could read the one can read the other, and nobody else. */
static void
access_lists_stay(void **state)
{
	/* As the kernel keeps them (linux/posix_acl_xattr.h): version 2; tag, permissions, id. User 33 reads it, the group does not. */
	static const struct entry {
		uint16_t tag, may;
		uint32_t id;
	} entries[] = { { 1, 6, ~0u }, { 2, 4, 33 }, { 4, 0, ~0u }, { 16, 4, ~0u }, { 32, 0, ~0u } };
	struct {
		uint32_t version;
		struct entry entries[5];
	} list = { .version = 2 };
	struct mortal m;
	struct changes *c;
	struct plan *p;
	struct error err = { .code = ERROR_NONE };
	char now[256];

	(void)state;
	memcpy(list.entries, entries, sizeof entries);
	mortal_init(&m, -1);
	begin_files();
	if (setxattr(in("tls.key"), "system.posix_acl_access", &list, sizeof list, 0) != 0 && errno == ENOTSUP)
		skip();
	assert_int_equal(setxattr(folder, "system.posix_acl_default", &list, sizeof list, 0), 0);
	c = open_record(&m.world);
	p = make_plan(c, &m.world, false);
	if (plan_apply(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	assert_int_equal(getxattr(in("tls.key"), "system.posix_acl_access", now, sizeof now), (ssize_t)sizeof list);
	assert_memory_equal(now, &list, sizeof list);
	assert_int_equal(mode_of("tls.key"), 0640);
	assert_int_equal(getxattr(in("tls.crt"), "system.posix_acl_access", now, sizeof now), -1);
	assert_int_equal(mode_of("tls.crt"), 0640);
	plan_free(p);
	changes_close(c);
}

/* Nothing can be renamed over what a container mounts as a single file: said before anything is issued for it. */
static void
a_mounted_file_is_said_before(void **state)
{
	int result;
	pid_t child;

	(void)state;
	begin_files();
	child = fork();
	if (child == 0) {
		struct error err = { .code = ERROR_NONE };
		struct arena *a = arena_new();
		struct placed_file f;

		if (unshare(geteuid() == 0 ? CLONE_NEWNS : CLONE_NEWNS | CLONE_NEWUSER) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
		    mount(in("exposed.key"), in("tls.key"), NULL, MS_BIND, NULL) != 0)
			_exit(77);
		if (placed_file_look(in("tls.crt"), false, 0, "look", a, &f, &err) != STATUS_OK)
			_exit(1);
		result = placed_file_look(in("tls.key"), true, 0, "look", a, &f, &err) == STATUS_FAILED && strstr(err.text, "mounted by itself") != NULL ? 0 : 2;
		arena_free(a);
		_exit(result);
	}
	assert_int_equal(waitpid(child, &result, 0), child);
	if (WIFEXITED(result) && WEXITSTATUS(result) == 77)
		skip();
	assert_int_equal(result, 0);
}

/* A record that somebody has written into, or half of one: a line that says so, and nothing is done. */
static void
damaged_documents_are_said(void **state)
{
	static const struct {
		const char *document, *says;
	} cases[] = {
		{ "{\"schema\":\"mtlscope.recorded-pl", "it is no JSON" },
		{ "[]", "it is none of mtlscope.recorded-plan/1" },
		{ "{\"schema\":\"mtlscope.recorded-plan/2\",\"state\":\"stopped\",\"title\":\"t\"}", "it is none of mtlscope.recorded-plan/1" },
		{ "{\"schema\":\"mtlscope.recorded-plan/1\",\"state\":\"stopped\"}", "it has no title" },
		{ "{\"schema\":\"mtlscope.recorded-plan/1\",\"state\":\"stopped\",\"title\":\"t\",\"steps\":[{\"state\":\"done\"}]}", "a step without a state" },
		{ "{\"schema\":\"mtlscope.recorded-plan/1\",\"state\":\"stopped\",\"title\":\"t\",\"steps\":[{\"state\":\"done\",\"what\":\"w\",\"deed\":\"fly\"}]}", "a newer mtlscope" },
	};
	const struct run_options home = { .env = (const char *const[]){ in_home(), "XDG_STATE_HOME", NULL } };
	struct mortal m;
	struct changes *c;

	(void)state;
	mortal_init(&m, -1);
	c = open_record(&m.world);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct change of = { .state = "stopped", .document = cases[i].document };
		struct error err = { .code = ERROR_NONE };
		struct run r;

		assert_int_equal(changes_put(c, &of, "by hand", &err), STATUS_OK);
		run_program((const char *const[]){ mtlscope(), "resume", NULL }, &home, &r);
		if (r.status == 0 || r.status > 100 || strstr(buf_str(&r.err), cases[i].says) == NULL)
			fail_msg("case %zu: %d %s", i, r.status, buf_str(&r.err));
		run_done(&r);
	}
	changes_close(c);
}

static bool
check_speaks_of_a_cut(int port)
{
	const struct run_options home = { .env = (const char *const[]){ in_home(), "XDG_STATE_HOME", NULL } };
	char target[32];
	struct run r;
	bool said;

	snprintf(target, sizeof target, "127.0.0.1:%d", port);
	run_program((const char *const[]){ mtlscope(), "check", target, "--cert", in("tls.crt"), "--key", in("link.key"), NULL }, &home, &r);
	if (strstr(buf_str(&r.out), "net.") == NULL)
		fail_msg("%s%s", buf_str(&r.out), buf_str(&r.err));
	said = strstr(buf_str(&r.err), "plan 1 changes these files and was cut off; they may not belong together now: mtlscope resume 1 --apply") != NULL;
	run_done(&r);
	return said;
}

/* Between two renames certificate and key do not belong together, and a kill leaves it so: whoever looks at them hears it at once. */
static void
a_cut_is_said_to_who_looks(void **state)
{
	int port = reserve_port(), result;
	struct mortal m;
	struct changes *c;
	struct plan *p = NULL;
	struct error err = { .code = ERROR_NONE };
	bool begun = false;

	(void)state;
	begin_files();
	shell("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=x -keyout \"$DIR\"/tls.key -out \"$DIR\"/tls.crt 2>/dev/null");
	shell("ln -s tls.key \"$DIR\"/link.key");
	assert_false(check_speaks_of_a_cut(port));
	for (int at = 0; !begun; at++) {
		pid_t child = fork();

		if (child == 0) {
			mortal_init(&m, at);
			c = open_record(&m.world);
			_exit(plan_apply(make_plan(c, &m.world, false), NULL, &err) == STATUS_OK ? 0 : 1);
		}
		assert_int_equal(waitpid(child, &result, 0), child);
		assert_true(WIFSIGNALED(result));
		mortal_init(&m, -1);
		c = open_record(&m.world);
		if (plan_recorded(c, 1, &m.world, &p, &err) == STATUS_OK)
			begun = plan_changes_file(p, in("tls.key"));
		if (!begun) {
			plan_free(p);
			p = NULL;
			changes_close(c);
			error_clear(&err);
			shell("rm -rf \"$DIR\"/.local");
		}
	}
	assert_true(check_speaks_of_a_cut(port));
	/* Not while somebody is at it, and not when it is over. */
	assert_int_equal(changes_lock(c, 1, &err), STATUS_OK);
	assert_false(check_speaks_of_a_cut(port));
	if (plan_go_back(p, NULL, &err) != STATUS_OK)
		fail_msg("%s", err.text);
	changes_unlock(c);
	assert_false(check_speaks_of_a_cut(port));
	plan_free(p);
	changes_close(c);
}

static int
setup(void **state)
{
	(void)state;
	folder = make_folder();
	setenv("DIR", folder, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(on_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(a_failure_takes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(killed_anywhere, setup, teardown),
		cmocka_unit_test_setup_teardown(others_changes_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(what_belongs_together_stays_together, setup, teardown),
		cmocka_unit_test_setup_teardown(given_up_beside_somebodys_change, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_places_are_said_before, setup, teardown),
		cmocka_unit_test_setup_teardown(one_program_a_plan, setup, teardown),
		cmocka_unit_test_setup_teardown(an_answer_that_came_too_late, setup, teardown),
		cmocka_unit_test_setup_teardown(keys_outlive_the_record, setup, teardown),
		cmocka_unit_test_setup_teardown(an_interrupt_settles_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(commands_have_the_usual_signals, setup, teardown),
		cmocka_unit_test_setup_teardown(access_lists_stay, setup, teardown),
		cmocka_unit_test_setup_teardown(a_mounted_file_is_said_before, setup, teardown),
		cmocka_unit_test_setup_teardown(a_cut_is_said_to_who_looks, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_documents_are_said, setup, teardown),
		cmocka_unit_test_setup_teardown(lines_stay_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(a_way_back_is_gone_on_with, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
