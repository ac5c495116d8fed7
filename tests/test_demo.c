/*
 * mtlscope demo on a terminal: its first page, the walkthrough step by step and by itself, and that nothing of the lab is
 * left however it ends. The real program, real handshakes.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/lab_process.h"
#include "tests/program.h"
#include "tests/vtpty.h"
#include "tui/key.h"
#include "tui/walkthrough.h"

enum { END_MS = 120000 };

static char *home, *temporary;
static int endpoints, broken; /* of the plain lab, as it lists them itself */

static int
count_endpoints(void)
{
	struct lab_process lab;
	const cJSON *e;

	if (!lab_process_start(&lab, 0))
		return -1;
	cJSON_ArrayForEach(e, cJSON_GetObjectItemCaseSensitive(lab.json, "endpoints")) {
		endpoints++;
		broken += cJSON_IsString(cJSON_GetObjectItemCaseSensitive(e, "expect"));
	}
	lab_process_stop(&lab);
	return 0;
}

/* The words with those numbers put in: %e endpoints, %b broken. */
static const char *
counted(const char *words)
{
	static char text[256];
	const char *percent;
	size_t n = 0;

	for (; *words != '\0' && n < sizeof text - 12; words = percent + 2) {
		percent = strstr(words, "%");
		if (percent == NULL) {
			n += (size_t)snprintf(text + n, sizeof text - n, "%s", words);
			break;
		}
		n += (size_t)snprintf(text + n, sizeof text - n, "%.*s%d", (int)(percent - words), words, percent[1] == 'b' ? broken : endpoints);
	}
	return text;
}

static int
set_up(void **state)
{
	(void)state;
	if (count_endpoints() != 0)
		return -1;
	home = make_folder();
	temporary = make_folder();
	return home == NULL || temporary == NULL || setenv("TMPDIR", temporary, 1) != 0;
}

static int
tear_down(void **state)
{
	(void)state;
	remove_folder(home);
	remove_folder(temporary);
	return 0;
}

static struct vtpty *
open_demo(int rows, int columns, const char *const more[])
{
	const char *argv[16] = { mtlscope(), "demo" };
	struct vtpty_options opt = { .rows = rows, .columns = columns, .home = home };

	for (size_t i = 0; more != NULL && more[i] != NULL && i < 12; i++)
		argv[2 + i] = more[i];
	return vtpty_open(argv, &opt);
}

static bool
is_empty(const char *folder)
{
	DIR *d = opendir(folder);
	size_t n = 0;

	assert_non_null(d);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		n += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
	closedir(d);
	return n == 0;
}

/* Neither the lab's folder nor anything of the user's was left or made. */
static void
expect_nothing_left(const char *what)
{
	if (!is_empty(temporary))
		fail_msg("%s: the lab's folder is still there", what);
	if (!is_empty(home))
		fail_msg("%s: something was written to the user's folder", what);
}

static void
first_page(void **state)
{
	struct vtpty *p = open_demo(24, 80, NULL);

	(void)state;
	vtpty_wait(p, "servers are broken on purpose");
	assert_true(vtpty_has(p, "PRACTICE LAB"));
	assert_true(vtpty_has(p, counted("%b of these %e servers")));
	assert_true(vtpty_has(p, "Nothing is real, nothing leaves this machine"));
	assert_true(vtpty_has(p, "Walkthrough: a client that forgot its intermediate"));
	assert_true(vtpty_has(p, counted("Free play: all %e servers")));
	vtpty_keys(p, "Down Enter");
	vtpty_wait(p, "client-expired");
	vtpty_wait(p, counted("%e checked"));
	/* Nothing leaves this machine: a name that is typed is not even resolved. */
	vtpty_type(p, "apayment.example:443\r");
	vtpty_wait(p, "not in the practice lab");
	assert_true(vtpty_has(p, counted("%e endpoints")));
	vtpty_keys(p, "q");
	vtpty_wait(p, "broken on purpose");
	vtpty_keys(p, "q");
	assert_int_equal(vtpty_wait_end(p, END_MS), 0);
	assert_false(p->altscreen);
	vtpty_free(p);
	expect_nothing_left("q");
}

/* ---- the walkthrough ---- */

/* What each step is there to show: above the panel, in the words of that screen. */
static const struct {
	const char *view, *shows[3];
} expected[] = {
	{ "fleet", { "client-missing", NULL } },
	{ "causes", { "causes explain", "“Acme Issuing CA 5” expired", NULL } },
	{ "causes", { "our chain lacks “Acme Issuing CA 1”", "Selected: client.missing-intermediate", NULL } },
	{ "fleet", { "client-missing", "nginx-missing", NULL } },
	{ "why", { "OUR SIDE: the server refuses our certificate", "NOT SENT", "SERVER'S CHAIN: OK" } },
	{ "handshake", { "ClientHello", "ENDED BY THE SERVER", "alert 48 unknown_ca" } },
	{ "findings", { "client.missing-intermediate", "THE CAUSE", "seen" } },
	{ "certificate", { "THEIRS", "order-service", NULL } },
	{ "times", { "now", "WHAT ENDS", NULL } },
	{ "copy", { "summary for a chat", "openssl line", NULL } },
	{ "times again", { "WHAT ENDS", NULL } },
	{ "plan", { "nothing has been changed", "mends", NULL } },
	{ "question", { "apply this plan?", "Cancel", NULL } },
	{ "mended", { "MENDED HERE, NOT DEPLOYED", "before: FAIL", "now: OK" } },
	{ "the record, and the end", { "1 plan", NULL } },
};
enum { STEPS = sizeof expected / sizeof expected[0] };

static const struct walkthrough *
the_first(void)
{
	const struct walkthrough *w = walkthrough_named(walkthrough_names()[0]);

	assert_int_equal(w->len, STEPS);
	return w;
}

/* "1/11" stands in the panel, and the step's own words, whole. */
static void
expect_panel(struct vtpty *p, size_t i, bool whole)
{
	char title[64], first[24];
	const struct step *s = &the_first()->steps[i];

	snprintf(title, sizeof title, "Walkthrough %zu/%d: ", i + 1, STEPS);
	vtpty_wait(p, title);
	snprintf(first, sizeof first, "%.20s", s->say);
	if (!vtpty_has(p, first))
		fail_msg("step %zu does not say “%s”:\n%s", i + 1, first, vtpty_text(p));
	if (whole && !vtpty_has(p, strrchr(s->say, ' ')))
		fail_msg("step %zu is cut:\n%s", i + 1, vtpty_text(p));
}

static void
expect_screen(struct vtpty *p, size_t i, bool wide)
{
	for (size_t k = 0; k < 3 && expected[i].shows[k] != NULL; k++) {
		/* A narrow list cuts names. */
		char text[64];
		snprintf(text, sizeof text, "%.*s", wide ? 63 : 14, expected[i].shows[k]);
		vtpty_wait(p, text);
		if (vtpty_find(p, text) > vtpty_find(p, "Walkthrough "))
			fail_msg("step %zu: “%s” stands in the panel only:\n%s", i + 1, text, vtpty_text(p));
	}
}

/* In a menu a letter chooses, and no letter says yes to a question: there their own keys are pressed. */
static const char *
key_on(const char *view)
{
	return strcmp(view, "copy") == 0 ? "Esc" : strcmp(view, "question") == 0 ? "Right Enter" : "n";
}

/* `n` from the first step to the last, at two sizes: every screen shows what its step is about. */
static void
pressing_n(void **state)
{
	static const struct {
		int rows, columns;
	} sizes[] = { { 40, 120 }, { 24, 80 } };

	(void)state;
	for (size_t size = 0; size < sizeof sizes / sizeof sizes[0]; size++) {
		struct vtpty *p = open_demo(sizes[size].rows, sizes[size].columns, NULL);
		vtpty_wait(p, "broken on purpose");
		vtpty_keys(p, "Enter"); /* the walkthrough is what is selected at first */
		for (size_t i = 0; i < STEPS; i++) {
			expect_panel(p, i, true);
			expect_screen(p, i, sizes[size].columns >= 120);
			vtpty_keys(p, key_on(expected[i].view));
		}
		vtpty_wait_not(p, "Walkthrough ");
		assert_true(vtpty_has(p, "client-missing-intermediate"));
		vtpty_type(p, ":q\r");
		assert_int_equal(vtpty_wait_end(p, END_MS), 0);
		vtpty_free(p);
	}
}

/* Keys of a step as a person types them. */
static void
type_step(struct vtpty *p, const char *press)
{
	for (const char *word = press; *word != '\0'; word += strspn(word, " ")) {
		size_t len = strcspn(word, " ");
		char text[WALK_KEYS_MOST];
		snprintf(text, sizeof text, "%.*s", (int)len, word);
		if (key_named(word, len) != KEY_NONE)
			vtpty_keys(p, text);
		else
			vtpty_type(p, text);
		word += len;
	}
}

static void
pressing_the_keys_oneself(void **state)
{
	struct vtpty *p = open_demo(24, 80, (const char *const[]){ "--ascii", NULL });
	const struct walkthrough *w = the_first();

	(void)state;
	vtpty_wait(p, "broken on purpose");
	vtpty_keys(p, "t");
	for (size_t i = 0; i < STEPS; i++) {
		expect_panel(p, i, false);
		if (i == 0)
			vtpty_wait(p, counted("%e checked"));
		type_step(p, w->steps[i].press);
	}
	/* N ends it, and one stays where one is. */
	vtpty_keys(p, "N");
	vtpty_wait_not(p, "Walkthrough ");
	assert_true(vtpty_has(p, "1 plan"));
	vtpty_type(p, ":q\r");
	assert_int_equal(vtpty_wait_end(p, END_MS), 0);
	assert_int_equal(p->wire.above, 0);
	vtpty_free(p);
}

/* Who wanders off finds the way back by `n`: the step's own screen, then its key. */
static void
n_leads_back(void **state)
{
	struct vtpty *p = open_demo(24, 80, NULL);

	(void)state;
	vtpty_wait(p, "broken on purpose");
	vtpty_keys(p, "t");
	for (size_t i = 0; i < 4; i++) {
		expect_panel(p, i, false);
		vtpty_keys(p, "n");
	}
	expect_panel(p, 4, false);
	vtpty_keys(p, "q q q");
	vtpty_wait(p, "broken on purpose"); /* nothing of the way here is open any more */
	expect_panel(p, 4, false);
	vtpty_keys(p, "n");
	expect_panel(p, 5, false);
	expect_screen(p, 5, false);
	vtpty_type(p, ":q\r");
	assert_int_equal(vtpty_wait_end(p, END_MS), 0);
	vtpty_free(p);
}

/* At 40×12 some steps bring what does not fit: `n` leads to the end all the same. */
static void
small_screens_come_to_the_end(void **state)
{
	struct vtpty *p = open_demo(12, 40, NULL);

	(void)state;
	vtpty_wait(p, "broken on");
	vtpty_keys(p, "t");
	vtpty_wait(p, "Walkthrough 1/");
	vtpty_wait_not(p, "WAIT");
	for (size_t i = 0; i < 3 * STEPS && vtpty_has(p, "Walkthrough "); i++) {
		vtpty_keys(p, vtpty_has(p, "summary for a chat") ? "Esc" : vtpty_has(p, "[ Cancel ]") ? "Right Enter" : "n");
		vtpty_settle(p, 150, 5000);
	}
	assert_false(vtpty_has(p, "Walkthrough "));
	vtpty_type(p, ":q\r");
	assert_int_equal(vtpty_wait_end(p, END_MS), 0);
	vtpty_free(p);
}

/* --auto: the whole of it without a key, and the program ends with it. */
static void
by_itself(void **state)
{
	static const struct {
		int rows, columns;
		const char *more[6];
	} cases[] = {
		{ 40, 120, { "--auto", "--pace", "0", NULL } },
		{ 24, 80, { "--auto", "--pace", "0", "--ascii", NULL } },
		{ 24, 80, { "--auto", "--pace", "0", "--seed", "3", NULL } }, /* other names, other texts */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct vtpty *p = open_demo(cases[i].rows, cases[i].columns, cases[i].more);
		int result = vtpty_wait_end(p, END_MS);
		if (result != 0)
			fail_msg("case %zu: status %d\n%s", i, result, vtpty_text(p));
		assert_false(p->altscreen);
		assert_true(p->cursor_visible);
		if (i == 1)
			assert_int_equal(p->wire.above, 0);
		assert_int_equal(p->wire.osc, 0); /* nobody's clipboard is written to */
		vtpty_free(p);
	}
	expect_nothing_left("--auto");
}

/* ---- how it ends ---- */

/* The lab's process, the child that the program has: 0 where it has none yet. */
static bool
has_lab(struct vtpty *p, void *user)
{
	pid_t *lab = user;
	char path[64], text[64] = "";
	FILE *f;

	snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)p->pid, (int)p->pid);
	f = fopen(path, "r");
	if (f == NULL)
		return false;
	if (fgets(text, sizeof text, f) != NULL)
		*lab = (pid_t)strtol(text, NULL, 10);
	fclose(f);
	return *lab > 0 && vtpty_has(p, "broken on purpose");
}

/* Whose parent is gone becomes ours (PR_SET_CHILD_SUBREAPER), so that its end can be waited for. */
static void
expect_end_of(pid_t lab)
{
	int how;

	while (waitpid(lab, &how, 0) < 0) {
		if (errno == ECHILD)
			return; /* the program itself has waited for it */
		assert_int_equal(errno, EINTR);
	}
}

static void
the_lab_goes_with_it(void **state)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGKILL, 0 /* the window is closed */ };

	(void)state;
	/* Where a test before this one failed, its demo is still there and would be waited for: not for ever. */
	alarm(5 * END_MS / 1000);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		struct vtpty *p = open_demo(24, 80, NULL);
		pid_t lab = 0;
		vtpty_until(p, has_lab, &lab, "the first page, and a lab");
		if (signals[i] != 0)
			vtpty_signal(p, signals[i]);
		else
			vtpty_hang_up(p);
		assert_int_equal(vtpty_wait_end(p, END_MS), 128 + (signals[i] != 0 ? signals[i] : SIGHUP));
		expect_end_of(lab);
		/* What tidies up after the lab is the last to go. */
		while (waitpid(-1, NULL, 0) > 0)
			continue;
		vtpty_free(p);
		char what[32];
		snprintf(what, sizeof what, "signal %d", signals[i]);
		expect_nothing_left(what);
	}
	prctl(PR_SET_CHILD_SUBREAPER, 0);
	alarm(0);
}

/* ---- without a terminal for it ---- */

static void
no_terminal(void **state)
{
	const char *argv[] = { mtlscope(), "demo", "--auto", NULL };
	struct run r;

	(void)state;
	run_program(argv, NULL, &r);
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(buf_str(&r.err), "needs a terminal"));
	assert_int_equal(r.out.len, 0);
	run_done(&r);
	expect_nothing_left("--auto without a terminal");
}

/* What the user has configured is not even read, be it broken. */
static void
the_users_own_has_no_part(void **state)
{
	const char *argv[] = { mtlscope(), "demo", NULL };
	char config[4200], xdg[4200];
	const char *env[] = { xdg, "AWS_ENDPOINT_URL=http://192.0.2.1/", "AWS_PROFILE=none", "SSL_CERT_FILE=/nonexistent",
		"OPENSSL_CONF=/nonexistent", NULL };
	char *folder = make_folder();
	struct run_options opt = { .env = env };
	struct run r;

	(void)state;
	snprintf(xdg, sizeof xdg, "XDG_CONFIG_HOME=%s", folder);
	snprintf(config, sizeof config, "%s/mtlscope", folder);
	assert_int_equal(mkdir(config, 0700), 0);
	assert_true(write_file(in_folder(config, "config.yaml"), "fleet: [", 8));
	run_program(argv, &opt, &r);
	assert_int_equal(r.status, 0);
	assert_non_null(strstr(buf_str(&r.out), counted("%e found as expected, 0 not.")));
	assert_int_equal(r.err.len, 0);
	run_done(&r);
	remove_folder(folder);
}

/* A terminal that cannot do it, and --plain: the report, as without a terminal. */
static void
a_terminal_that_cannot(void **state)
{
	const char *argv[] = { mtlscope(), "demo", "--plain", NULL };
	struct vtpty_options plain = { .rows = 200, .columns = 100, .home = home },
		dumb = { .rows = 200, .columns = 100, .home = home, .term = "dumb" };

	(void)state;
	for (int i = 0; i < 2; i++) {
		argv[2] = i == 0 ? "--plain" : NULL;
		struct vtpty *p = vtpty_open(argv, i == 0 ? &plain : &dumb);
		int ended = vtpty_wait_end(p, END_MS);
		if (ended != 0)
			fail_msg("status %d:\n%s", ended, buf_str(&p->raw));
		assert_true(vtpty_has(p, counted("%e endpoints, %e checked, %e found as expected, 0 not.")));
		assert_false(p->altscreen);
		vtpty_free(p);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_page),
		cmocka_unit_test(pressing_n),
		cmocka_unit_test(pressing_the_keys_oneself),
		cmocka_unit_test(n_leads_back),
		cmocka_unit_test(small_screens_come_to_the_end),
		cmocka_unit_test(by_itself),
		cmocka_unit_test(the_lab_goes_with_it),
		cmocka_unit_test(no_terminal),
		cmocka_unit_test(the_users_own_has_no_part),
		cmocka_unit_test(a_terminal_that_cannot),
	};

	default_signals();
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
