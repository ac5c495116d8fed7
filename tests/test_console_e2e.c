/*
 * The console as it is used: the real program on a pty, against the real lab, through its keys. What is looked
 * at is the screen; what is waited for stands on it.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/buf.h"
#include "tests/e2e.h"
#include "tests/program.h"

/* Two with one cause, four with others, two that work. */
static const char *const fleet_of_eight[] = { "refused-silently", "refused-reset", "client-missing-intermediate", "server-expired",
	"server-no-san", "client-expired", "healthy", "healthy-tls13", NULL };

static struct vtpty *
eight(const struct vtpty_options *opt)
{
	struct vtpty *p = e2e_fleet(fleet_of_eight, opt, NULL);

	vtpty_wait(p, "8 endpoints");
	vtpty_wait(p, "2 OK");
	vtpty_wait_not(p, "WAIT");
	return p;
}

/* ---- one endpoint ---- */

static void
one_endpoint(void **state)
{
	static const struct { const char *key, *shows; } tabs[] = { { "2", "RFC 8446 4.4.2" }, { "3", "ENDED BY THE SERVER" },
		{ "4", "nothing: as it was given" }, { "5", "order-service" }, { "6", "order-service" }, { "1", "proof" } };
	struct vtpty *p = e2e_open("client-missing-intermediate", NULL, NULL);

	(void)state;
	vtpty_wait(p, "✗ FAIL");
	vtpty_wait(p, "OUR SIDE: the server refuses our certificate");
	assert_true(p->altscreen);
	vtpty_wait(p, "client.missing-intermediate");
	vtpty_wait(p, "NOT SENT");
	assert_true(vtpty_has(p, "READ-ONLY"));
	assert_true(vtpty_has(p, "? help"));
	for (size_t i = 0; i < sizeof tabs / sizeof tabs[0] - 1; i++) {
		vtpty_keys(p, tabs[i].key);
		vtpty_wait(p, tabs[i].shows);
	}
	vtpty_keys(p, "1");
	vtpty_wait(p, "OUR SIDE: the server refuses our certificate");
	for (int i = 0; i < 3; i++) {
		vtpty_keys(p, "Esc");
		vtpty_settle(p, 60, 1000);
	}
	assert_false(p->eof); /* Esc never leaves the program */
	vtpty_keys(p, "q");
	assert_int_equal(vtpty_wait_end(p, 30000), 0);
	e2e_restored(p, "q on the first screen");
	vtpty_free(p);
}

/* ---- many: down and back ---- */

/* What one comes back to is what one left: filter, place and selection. */
static void
down_and_back(void **state)
{
	struct vtpty *p = eight(NULL);
	char before[256], after[256];

	(void)state;
	vtpty_keys(p, "Down Down Down");
	vtpty_settle(p, 50, 1000);
	e2e_selected(p, before, sizeof before);
	vtpty_keys(p, "Enter");
	vtpty_wait(p, "1 why");
	vtpty_keys(p, "3");
	vtpty_wait(p, "ClientHello");
	vtpty_keys(p, "q");
	vtpty_wait(p, "8 endpoints");
	e2e_selected(p, after, sizeof after);
	assert_string_equal(before, after);
	/* By cause, a cause's endpoints, one of them; and all the way back. */
	vtpty_keys(p, "g");
	vtpty_wait(p, "by cause");
	vtpty_wait(p, "COUNT");
	vtpty_keys(p, "Enter");
	vtpty_wait(p, "NAME");
	vtpty_keys(p, "Enter");
	vtpty_wait(p, "1 why");
	vtpty_keys(p, "Esc");
	vtpty_wait(p, "NAME");
	vtpty_keys(p, "Backspace");
	vtpty_wait(p, "COUNT");
	vtpty_keys(p, "g");
	vtpty_wait(p, "NAME");
	e2e_quit(p);
}

/* ---- filter, sort, marks ---- */

static void
filter_with_its_inverse(void **state)
{
	struct vtpty *p = eight(NULL);

	(void)state;
	vtpty_type(p, "/server-");
	vtpty_wait(p, "2 of 8"); /* while it is typed */
	vtpty_wait_not(p, "client-expired");
	vtpty_keys(p, "Enter");
	assert_true(vtpty_has(p, "server-expired"));
	/* Keys are keys again. */
	vtpty_keys(p, "Down Enter");
	vtpty_wait(p, "1 why");
	vtpty_keys(p, "q");
	vtpty_wait(p, "server-no-san");
	assert_false(vtpty_has(p, "client-expired"));
	/* The inverse. */
	vtpty_keys(p, "/ C-u");
	vtpty_type(p, "!server-");
	vtpty_wait(p, "6 of 8");
	vtpty_wait_not(p, "server-expired");
	assert_true(vtpty_has(p, "client-expired"));
	vtpty_keys(p, "Enter");
	/* Nothing matches: it says so, and how to go on. */
	vtpty_keys(p, "/ C-u");
	vtpty_type(p, "nothing like it");
	vtpty_wait(p, "0 of 8");
	vtpty_keys(p, "Enter / C-u Enter");
	vtpty_wait(p, "server-expired");
	vtpty_wait(p, "client-expired");
	e2e_quit(p);
}

static int
row_of(struct vtpty *p, const char *name)
{
	int row = vtpty_find(p, name);

	if (row < 0)
		fail_msg("%s is not on the screen:\n%s", name, vtpty_text(p));
	return row;
}

static bool
name_order(struct vtpty *p, void *user)
{
	(void)user;
	return vtpty_find(p, "client-expired") >= 0 && vtpty_find(p, "client-expired") < vtpty_find(p, "healthy-tls13") &&
	    vtpty_find(p, "healthy-tls13") < vtpty_find(p, "server-no-san");
}

static bool
reverse_order(struct vtpty *p, void *user)
{
	(void)user;
	return vtpty_find(p, "server-no-san") >= 0 && vtpty_find(p, "healthy-tls13") < vtpty_find(p, "client-expired") &&
	    vtpty_find(p, "server-no-san") < vtpty_find(p, "healthy-tls13");
}

static void
sort_and_reverse(void **state)
{
	struct vtpty *p = eight(NULL);

	(void)state;
	/* Its own order: what fails comes first. */
	assert_true(row_of(p, "server-expired") < row_of(p, "healthy"));
	vtpty_type(p, ":sort name\r");
	vtpty_until(p, name_order, NULL, "the order of names");
	vtpty_keys(p, "S");
	vtpty_until(p, reverse_order, NULL, "the names the other way round");
	/* The picker does the same. */
	vtpty_keys(p, "s");
	vtpty_wait(p, "sort by");
	vtpty_keys(p, "Esc");
	vtpty_wait_not(p, "sort by");
	vtpty_keys(p, "s o");
	vtpty_wait_not(p, "sort by");
	vtpty_type(p, ":sort nonsense\r");
	vtpty_wait(p, "no column of that name");
	e2e_quit(p);
}

/* The name in the selected row, as far as it is shown; into out; returns out. */
static char *
selected_name(struct vtpty *p, char *out, size_t size)
{
	static const char *const begin[] = { "client-", "server-", "refused-", "healthy" };
	char row[256];

	e2e_selected(p, row, sizeof row);
	for (size_t i = 0; i < sizeof begin / sizeof begin[0]; i++) {
		const char *at = strstr(row, begin[i]);

		if (at == NULL)
			continue;
		snprintf(out, size, "%.*s", (int)strcspn(at, " "), at);
		return out;
	}
	fail_msg("no endpoint's name in: %s", row);
	return NULL;
}

/* Keys are answered while results come in and rows change places; what they select stays selected. */
static void
check_again_while_moving(void **state)
{
	static const char *const rounds[][2] = { { "R", "Down" }, { "r", "Up" }, { "R", "End" }, { "R", "Up Up" }, { "r", "Home Down" } };
	struct vtpty *p = eight(NULL);

	(void)state;
	vtpty_type(p, ":sort seen\r");
	vtpty_keys(p, "Down Down Space Down Space");
	for (size_t i = 0; i < sizeof rounds / sizeof rounds[0]; i++) {
		char before[64], after[64];

		vtpty_keys(p, rounds[i][0]); /* all, or the marked ones */
		vtpty_keys(p, rounds[i][1]);
		vtpty_type(p, ":here"); /* when this stands there, all keys before it were answered */
		vtpty_wait(p, ":here");
		selected_name(p, before, sizeof before);
		vtpty_keys(p, "C-c");
		vtpty_wait_not(p, ":here");
		vtpty_wait_not(p, "WAIT");
		vtpty_settle(p, 150, 3000);
		if (strcmp(before, selected_name(p, after, sizeof after)) != 0)
			fail_msg("%s %s: the selection slipped from %s to %s", rounds[i][0], rounds[i][1], before, after);
	}
	e2e_quit(p);
}

static void
only_failing(void **state)
{
	struct vtpty *p = eight(NULL);

	(void)state;
	assert_true(vtpty_has(p, "healthy-tls13"));
	vtpty_keys(p, "!");
	vtpty_wait_not(p, "healthy-tls13");
	assert_true(vtpty_has(p, "server-expired"));
	vtpty_keys(p, "!");
	vtpty_wait(p, "healthy-tls13");
	e2e_quit(p);
}

/* ---- copying ---- */

static int
digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* What "52;c;BASE64" carries; free() it. NULL where it is no such thing. */
static char *
clipboard(struct vtpty *p)
{
	const char *s = buf_str(&p->wire.last_osc);
	struct buf out = { 0 };
	unsigned bits = 0;
	int have = 0;

	if (strncmp(s, "52;c;", 5) != 0)
		return NULL;
	for (s += 5; digit(*s) >= 0; s++) {
		bits = bits << 6 | (unsigned)digit(*s);
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_addc(&out, (char)(bits >> have));
		}
	}
	return out.data;
}

static bool
sent_osc(struct vtpty *p, void *user)
{
	return p->wire.osc == *(const unsigned *)user && p->scanning == 0;
}

/* Each choice that is there, by its letter; what arrives begins or goes on like this. */
static const struct {
	const char *letter, *holds;
} copied[] = {
	{ "s", "✗ FAIL 127.0.0.1:" },
	{ "s", "\ntested: " },
	{ "c", "client.missing-intermediate\nclient.missing-intermediate:" },
	{ "a", "127.0.0.1:" },
	{ "p", "-----BEGIN CERTIFICATE-----\n" },
	{ "h", "-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n" },
	{ "i", "-----BEGIN CERTIFICATE-----\n" },
	{ "l", "openssl s_client -connect 127.0.0.1:" },
	{ "u", "curl -v -I --cert " },
	{ "m", "mtlscope check " },
	{ "t", "mtlscope › " },
};

static void
copy_by_osc52(void **state)
{
	struct vtpty *p = e2e_open("client-missing-intermediate", NULL, NULL);
	unsigned sent = 0;

	(void)state;
	vtpty_wait(p, "✗ FAIL");
	assert_int_equal(p->wire.osc, 0);
	for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
		char *text;

		vtpty_keys(p, "y");
		vtpty_wait(p, "summary for a chat");
		vtpty_keys(p, copied[i].letter);
		sent++;
		vtpty_until(p, sent_osc, &sent, "OSC 52");
		vtpty_wait(p, "OSC 52");
		text = clipboard(p);
		if (text == NULL || strstr(text, copied[i].holds) == NULL)
			fail_msg("%s: “%s” is not in\n%s", copied[i].letter, copied[i].holds, text);
		for (const char *c = text; *c != '\0'; c++)
			assert_true((unsigned char)*c >= ' ' || *c == '\n');
		free(text);
	}
	/* A choice that does not apply says why, and does nothing. */
	vtpty_keys(p, "y");
	vtpty_wait(p, "the verdict is settled");
	vtpty_keys(p, "o");
	vtpty_settle(p, 100, 1000);
	assert_int_equal(p->wire.osc, sent);
	e2e_quit(p);
}

/* Not proven: the question for the owner is what one wants. */
static void
copy_the_question(void **state)
{
	struct vtpty *p = e2e_open("refused-clock", NULL, NULL);
	unsigned sent = 1;
	char *text;

	(void)state;
	vtpty_wait(p, "cause not proven");
	vtpty_keys(p, "y");
	vtpty_wait(p, "question for the server's owner");
	vtpty_keys(p, "o");
	vtpty_until(p, sent_osc, &sent, "OSC 52");
	text = clipboard(p);
	assert_non_null(strstr(text, "To the owner of 127.0.0.1:"));
	assert_non_null(strstr(text, "alert 42 bad_certificate"));
	assert_non_null(strstr(text, "either "));
	free(text);
	e2e_quit(p);
}

/* The marked ones; and by cause, the cause with its endpoints. */
static void
copy_of_many(void **state)
{
	struct vtpty *p = eight(NULL);
	unsigned sent = 1;
	char *text;

	(void)state;
	vtpty_type(p, ":sort name\r");
	vtpty_keys(p, "Home Space Space y");
	vtpty_wait(p, "2 marked");
	vtpty_keys(p, "s");
	vtpty_until(p, sent_osc, &sent, "OSC 52");
	text = clipboard(p);
	if (strstr(text, "2 endpoints: 2 FAIL\n") == NULL)
		fail_msg("%s", text);
	assert_non_null(strstr(text, "client-expired (127.0.0.1:"));
	assert_non_null(strstr(text, ": client.missing-intermediate: "));
	free(text);
	vtpty_keys(p, "g");
	vtpty_wait(p, "COUNT");
	vtpty_keys(p, "Home y s");
	sent++;
	vtpty_until(p, sent_osc, &sent, "OSC 52");
	text = clipboard(p);
	if (strstr(text, "✗ FAIL 2 of 8 endpoints, one cause: ") == NULL || strstr(text, "\nseen at: ") == NULL)
		fail_msg("%s", text);
	free(text);
	e2e_quit(p);
}

/* A Linux console takes nothing: a file is offered, and written. */
static void
copy_where_none_can_be(void **state)
{
	const struct vtpty_options opt = { .term = "linux" };
	struct vtpty *p = e2e_open("client-missing-intermediate", &opt, NULL);
	struct stat st;

	(void)state;
	vtpty_wait(p, "FAIL");
	vtpty_keys(p, "y s");
	vtpty_wait(p, "write it to: ");
	vtpty_keys(p, "C-u");
	vtpty_type(p, "~/copied.txt\r");
	vtpty_wait(p, "bytes of text");
	assert_int_equal(stat(in_folder(e2e_home, "copied.txt"), &st), 0);
	assert_true(st.st_size > 100);
	assert_int_equal(p->wire.osc, 0);
	e2e_quit(p);
}

/* One of this test's own, whatever else runs on this machine. */
static struct run
tmux(const char *const words[])
{
	const char *argv[32] = { "tmux", "-S", in_folder(e2e_home, "tmux"), "-f", "/dev/null" };
	struct run r;

	for (size_t i = 0; words[i] != NULL && i < 24; i++)
		argv[i + 5] = words[i];
	run_program(argv, NULL, &r);
	return r;
}
static bool
tmux_ends_saying(const char *const words[], const char *text)
{
	struct run r = tmux(words);
	bool there = strstr(buf_str(&r.out), text) != NULL;

	run_done(&r);
	return there;
}

/* Inside tmux as it comes, where OSC 52 does nothing: its buffer has the text. The client is a pty of ours. */
static void
copy_inside_tmux(void **state)
{
	static const char *const show[] = { "show-buffer", NULL };
	const char *argv[64] = { "tmux", "-S", in_folder(e2e_home, "tmux"), "-f", "/dev/null", "new-session", mtlscope() };
	const struct vtpty_options opt = { .home = e2e_home, .rows = 25 };
	struct vtpty *p;

	(void)state;
	e2e_words("client-missing-intermediate", argv + 7, 40);
	p = vtpty_open(argv, &opt);
	vtpty_wait(p, "✗ FAIL");
	vtpty_keys(p, "y");
	vtpty_wait(p, "summary for a chat");
	vtpty_keys(p, "s");
	vtpty_wait(p, "copied by tmux");
	if (!tmux_ends_saying(show, "client.missing-intermediate"))
		fail_msg("tmux has no such buffer");
	vtpty_type(p, ":q\r");
	vtpty_wait_end(p, 30000);
	vtpty_free(p);
}

/* tmux leaves its terminal and would outlive a test that failed. */
static int
tear_down(void **state)
{
	static const char *const kill[] = { "kill-server", NULL };
	struct run r = tmux(kill);

	run_done(&r);
	return e2e_tear_down(state);
}

/* ---- writing ---- */

static void
write_text_and_json(void **state)
{
	struct vtpty *p = e2e_open("client-missing-intermediate", NULL, NULL);
	char *text = NULL;
	cJSON *json;

	(void)state;
	vtpty_wait(p, "✗ FAIL");
	text = e2e_written(p, "why.txt");
	assert_non_null(strstr(text, "mtlscope › "));
	assert_non_null(strstr(text, "client.missing-intermediate"));
	assert_null(strchr(text, '\033'));
	free(text);
	text = e2e_written(p, "all.json");
	json = cJSON_Parse(text);
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "schema")), "mtlscope.check/1");
	assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "root_cause")), "client.missing-intermediate");
	cJSON_Delete(json);
	free(text);
	/* It is there already: Cancel is what Enter presses. */
	vtpty_type(p, ":w ~/all.json\r");
	vtpty_wait(p, "is there already");
	vtpty_keys(p, "Enter");
	vtpty_wait(p, "nothing was written");
	vtpty_type(p, ":w ~/all.json\r");
	vtpty_wait(p, "is there already");
	vtpty_keys(p, "Tab Enter");
	vtpty_wait(p, "bytes of JSON");
	/* What cannot be is one line. */
	vtpty_type(p, ":w /nonexistent/x.txt\r");
	vtpty_wait(p, "No such file or directory");
	vtpty_type(p, ":w ~/\r");
	vtpty_wait(p, "is a folder");
	vtpty_keys(p, "m");
	vtpty_wait(p, "is a folder"); /* and stays among the messages */
	vtpty_type(p, ":w ~/messages.json\r");
	vtpty_wait(p, "has no JSON");
	e2e_quit(p);
}

/* ---- sizes ---- */

static unsigned
next(unsigned *seed)
{
	return *seed = (*seed * 1103515245u + 12345u) & 0x7fffffffu;
}

/* Fifty sizes as fast as they can be set; the frame in the end is the one that the size would have given at once. */
static void
resize_storm(void **state)
{
	struct vtpty *p = e2e_open("client-missing-intermediate", NULL, NULL);
	unsigned seed = 7;
	char *before, *after;

	(void)state;
	vtpty_wait(p, "✗ FAIL");
	vtpty_settle(p, 100, 2000);
	before = vtpty_text(p);
	for (int i = 0; i < 50; i++)
		vtpty_resize(p, (int)(3 + next(&seed) % 70), (int)(8 + next(&seed) % 230));
	vtpty_resize(p, 24, 80);
	vtpty_wait(p, "OUR SIDE: the server refuses our certificate");
	assert_true(vtpty_settle(p, 200, 5000));
	after = vtpty_text(p);
	assert_string_equal(strchr(before, '\n'), strchr(after, '\n'));
	free(before);
	free(after);
	/* In a list, with a dialog open, with a prompt open: nothing is lost. */
	vtpty_keys(p, "y");
	vtpty_wait(p, "summary for a chat");
	vtpty_resize(p, 12, 40);
	vtpty_wait(p, "summary for a chat");
	vtpty_resize(p, 40, 120);
	vtpty_wait(p, "this screen as text");
	vtpty_keys(p, "Esc");
	vtpty_wait_not(p, "this screen as text");
	vtpty_type(p, ":messa");
	vtpty_wait(p, ":messa");
	vtpty_resize(p, 24, 80);
	vtpty_wait(p, ":messa");
	vtpty_keys(p, "Esc");
	e2e_quit(p);
}

/* ---- the rest of the grammar ---- */

static void
help_and_commands(void **state)
{
	struct vtpty *p = eight(NULL);

	(void)state;
	vtpty_keys(p, "?");
	vtpty_wait(p, "check again");
	vtpty_keys(p, "q");
	vtpty_wait(p, "8 endpoints");
	/* Completion, history, a slip. */
	vtpty_type(p, ":mess\t\r");
	vtpty_wait(p, "messages");
	vtpty_keys(p, "q");
	vtpty_wait(p, "8 endpoints");
	vtpty_type(p, ":mesages\r");
	vtpty_wait(p, "mesages");
	vtpty_keys(p, ": Up C-c");
	/* Pasted text is never a command: bracketed, outside of a prompt. */
	vtpty_type(p, "\033[200~q\rq\r:q\r\033[201~");
	vtpty_settle(p, 100, 1000);
	assert_false(p->eof);
	assert_true(vtpty_has(p, "8 endpoints"));
	e2e_quit(p);
}

static void
targets_from_a_file(void **state)
{
	static const char *const endpoints[] = { "healthy", "server-expired", "server-wrong-name" };
	struct buf list = { 0 };
	const char *file = in_folder(e2e_home, "list.txt");
	const char *words[] = { "--targets", file, "--cert", e2e_item("healthy", "cert"), "--key", e2e_item("healthy", "key"),
		"--cacert", e2e_item("healthy", "cacert"), NULL };
	struct vtpty *p;

	(void)state;
	buf_adds(&list, "# the three\n");
	for (size_t i = 0; i < 3; i++)
		buf_addf(&list, "%s servername=payment.internal\n", e2e_item(endpoints[i], "address"));
	assert_true(write_file(file, list.data, list.len));
	buf_done(&list);
	p = e2e_run(words, NULL);
	vtpty_wait(p, "3 endpoints");
	vtpty_wait(p, "1 OK");
	vtpty_wait(p, "2 FAIL");
	assert_true(vtpty_has(p, e2e_item("server-expired", "address")));
	e2e_quit(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_endpoint),
		cmocka_unit_test(down_and_back),
		cmocka_unit_test(filter_with_its_inverse),
		cmocka_unit_test(sort_and_reverse),
		cmocka_unit_test(check_again_while_moving),
		cmocka_unit_test(only_failing),
		cmocka_unit_test(copy_by_osc52),
		cmocka_unit_test(copy_the_question),
		cmocka_unit_test(copy_of_many),
		cmocka_unit_test(copy_where_none_can_be),
		cmocka_unit_test(copy_inside_tmux),
		cmocka_unit_test(write_text_and_json),
		cmocka_unit_test(resize_storm),
		cmocka_unit_test(help_and_commands),
		cmocka_unit_test(targets_from_a_file),
	};

	return cmocka_run_group_tests(tests, e2e_set_up, tear_down);
}
