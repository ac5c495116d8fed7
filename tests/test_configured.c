/*
 * The real program with a configuration: the fleet, its names, groups, identities and thresholds; what is wrong with
 * them is one line and status 2, and nobody is contacted. And which way in is taken: console, start page, or a report.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "tests/e2e.h"
#include "tests/program.h"

#define LEN(a) (sizeof(a) / sizeof(a)[0])

enum { MOST = 16 };

static char *config; /* its path */

static void
identity(struct buf *b, const char *name, const char *endpoint)
{
	buf_addf(b, "  - {name: %s, cert: \"%s\", key: \"%s\", trust: \"%s\"}\n", name, e2e_item(endpoint, "cert"),
	    e2e_item(endpoint, "key"), e2e_item(endpoint, "cacert"));
}

static void
entry(struct buf *b, const char *name, const char *endpoint, const char *more)
{
	buf_addf(b, "  - {name: %s, target: \"%s\", servername: \"%s\"%s}\n", name, e2e_item(endpoint, "address"),
	    e2e_item(endpoint, "servername") != NULL ? e2e_item(endpoint, "servername") : "payment.internal", more);
}

/* good and lacking belong to prod, bad to test; `more` goes to the end of the fleet. */
static void
write_config(const char *before, const char *more)
{
	struct buf b = { 0 };

	buf_adds(&b, before);
	buf_adds(&b, "identities:\n");
	identity(&b, "whole", "healthy");
	identity(&b, "short", "client-missing-intermediate");
	buf_addf(&b, "  - {name: damaged, cert: \"%s\"}\n", config);
	buf_adds(&b, "  - {name: gone, cert: gone.crt}\n  - {name: cloud, secret: x}\nfleet:\n");
	entry(&b, "good", "healthy", ", identity: whole, group: prod");
	entry(&b, "lacking", "client-missing-intermediate", ", identity: short, group: prod");
	entry(&b, "bad", "healthy", ", identity: damaged, group: test");
	buf_adds(&b, more);
	assert_true(write_file(config, b.data, b.len));
	buf_done(&b);
}

static void
run(const char *const words[], struct run *r)
{
	const char *argv[MOST + 2] = { mtlscope() };
	char home[512], xdg[600];

	for (size_t i = 0; words[i] != NULL && i < MOST; i++)
		argv[1 + i] = words[i];
	snprintf(home, sizeof home, "HOME=%s", e2e_home);
	snprintf(xdg, sizeof xdg, "XDG_CONFIG_HOME=%s/.config", e2e_home);
	const char *env[] = { "LC_ALL=C.UTF-8", home, xdg, "SSLKEYLOGFILE", NULL };
	run_program(argv, &(struct run_options){ .env = env }, r);
}

/* Where the program looks by itself. */
static int
set_up(void **state)
{
	if (e2e_set_up(state) != 0)
		return -1;
	mkdir(in_folder(e2e_home, ".config"), 0700);
	mkdir(in_folder(e2e_home, ".config/mtlscope"), 0700);
	config = strdup(in_folder(e2e_home, ".config/mtlscope/config.yaml"));
	return config == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	free(config);
	return e2e_tear_down(state);
}

struct line {
	const char *words[MOST];
	int status;
	const char *says[4];   /* on standard output */
	const char *silent;    /* not there; or NULL */
};

static void
expect_lines(const struct line *lines, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		struct run r;
		run(lines[i].words, &r);
		for (size_t k = 0; k < 4 && lines[i].says[k] != NULL; k++) {
			if (strstr(buf_str(&r.out), lines[i].says[k]) == NULL)
				fail_msg("line %zu: “%s” is not in\n%s%s", i, lines[i].says[k], buf_str(&r.out), buf_str(&r.err));
		}
		if (r.status != lines[i].status || (lines[i].silent != NULL && strstr(buf_str(&r.out), lines[i].silent) != NULL))
			fail_msg("line %zu: status %d\n%s%s", i, r.status, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
}

static void
fleets_groups_and_names(void **state)
{
	const char *address = e2e_item("client-missing-intermediate", "address");
	char full[64];

	(void)state;
	write_config("", "");
	snprintf(full, sizeof full, "%s", address);
	const struct line lines[] = {
		{ { "check" }, 6, { "3 targets", "FAIL  lacking (", "key.unreadable", "OK    good (" }, NULL },
		/* Standard output is no terminal: the console's line does the same. */
		{ { NULL }, 6, { "3 targets", "FAIL  lacking (" }, NULL },
		{ { "--json" }, 6, { "\"name\":\"lacking\"", "\"name\":\"good\"", "\"name\":\"bad\"" }, NULL },
		{ { "check", "--group", "prod" }, 6, { "2 targets", "client.missing-intermediate" }, "key.unreadable" },
		{ { "check", "--group", "test" }, 6, { "FAIL  bad (", "key.unreadable (certain)", "Nothing of the identity “damaged” can be used" }, "lacking" },
		{ { "check", "good" }, 0, { "OK    good (" }, "targets" },
		{ { "good" }, 0, { "OK    good (" }, NULL },
		{ { "check", "good", "lacking" }, 6, { "2 targets" }, NULL },
		{ { "check", "lacking" }, 6, { "client.missing-intermediate (certain)", "again   mtlscope check lacking\n" }, NULL },
		/* Options win over the entry; host:port is a host, without the entry's identity. */
		{ { "check", "lacking", "--identity", "whole" }, 0, { "OK    lacking (" }, NULL },
		{ { "check", "lacking", "--cert", e2e_item("healthy", "cert"), "--key", e2e_item("healthy", "key"), "--cacert",
		      e2e_item("healthy", "cacert") }, 0, { "OK    lacking (" }, NULL },
		{ { "check", full, "--servername", "payment.internal" }, 6, { "client.required" }, "lacking" },
		{ { "check", full, "--servername", "payment.internal", "--identity", "whole" }, 0, { "OK " }, "lacking" },
	};
	expect_lines(lines, LEN(lines));
}

static void
identities_in_a_list(void **state)
{
	char list[256], text[512];

	(void)state;
	write_config("", "");
	snprintf(list, sizeof list, "%s", in_folder(e2e_home, "list.txt"));
	snprintf(text, sizeof text, "%s servername=payment.internal identity=whole group=a\n%s servername=payment.internal identity=short group=b\n",
	    e2e_item("healthy", "address"), e2e_item("client-missing-intermediate", "address"));
	assert_true(write_file(list, text, strlen(text)));
	const struct line lines[] = {
		{ { "check", "--targets", list }, 6, { "2 targets    1 FAIL  1 OK", "client.missing-intermediate" }, NULL },
		/* Its own line goes over the option, as it does for every other setting. */
		{ { "check", "--targets", list, "--identity", "whole" }, 6, { "2 targets    1 FAIL  1 OK" }, NULL },
		{ { "check", "--targets", list, "--group", "a" }, 0, { "1 target    1 OK" }, NULL },
	};
	expect_lines(lines, LEN(lines));
}

static void
thresholds(void **state)
{
	const char *const far = "thresholds: {expires_within: 30000, root_expires_within: 36500}\n";
	const struct line lines[] = {
		{ { "check", "good", "--fail-on", "warning" }, 5, { "cert.expiring" }, NULL },
		{ { "check", "good", "--fail-on", "warning", "--expires-within", "0", "--root-expires-within", "0" }, 0, { "OK " }, "expiring" },
		{ { "inspect", e2e_item("healthy", "cert"), "--cacert", e2e_item("healthy", "cacert"), "--fail-on", "warning" }, 6, { "client.expiring" }, NULL },
		{ { "inspect", e2e_item("healthy", "cert"), "--cacert", e2e_item("healthy", "cacert"), "--fail-on", "warning", "--config", "/dev/null" }, 2, { NULL }, NULL },
	};

	(void)state;
	write_config(far, "");
	expect_lines(lines, LEN(lines));
}

/* One line, status 2, and nothing on standard output. */
static void
mistakes(void **state)
{
	static const struct {
		const char *before, *more;
		const char *words[MOST];
		const char *says;
	} cases[] = {
		{ "", "", { "check", "good", "--identity", "nobody" }, "no identity is called “nobody” in " },
		{ "", "", { "check", "good", "--identity", "gone" }, "config.yaml:5: identities: cert: " },
		{ "", "  - {name: z, target: a, identity: gone}\n", { "check" }, "config.yaml:5: identities: cert: " },
		{ "", "  - {name: z, target: a, trust: gone.pem}\n", { "check" }, "config.yaml:11: fleet: trust: " },
		{ "", "  - {name: z, target: 'smtp://a'}\n", { "check", "--starttls", "imap" }, "config.yaml:11: z: smtp://a: its scheme says how it begins, and --starttls imap says otherwise" },
		{ "", "", { "check", "--group", "none" }, "--group none: none of 3 targets is in that group" },
		{ "", "", { "check", "good", "--group", "prod" }, "good is a target already" },
		{ "", "", { "check", "good", "--cert", "x", "--identity", "whole" }, "--cert and --identity exclude each other" },
		{ "flet: []\n", "", { "check", "good" }, "config.yaml:1: no such key: “flet”; did you mean fleet?" },
		{ "flet: []\n", "", { NULL }, "config.yaml:1: no such key" },
		{ "flet: []\n", "", { "inspect", "/dev/null" }, "config.yaml:1: no such key" },
		{ "", "", { "check", "--config", "/nowhere/config.yaml" }, "/nowhere/config.yaml: no such file" },
		{ "", "", { "check", "--config", "/tmp" }, "/tmp: is a folder" },
		{ "", "", { "--config", "" }, "--config: the value is empty" },
	};

	(void)state;
	for (size_t i = 0; i < LEN(cases); i++) {
		struct run r;
		write_config(cases[i].before, cases[i].more);
		run(cases[i].words, &r);
		if (r.status != 2 || r.out.len != 0 || strstr(buf_str(&r.err), cases[i].says) == NULL ||
		    strchr(buf_str(&r.err), '\n') != r.err.data + r.err.len - 1)
			fail_msg("case %zu: status %d\n%s%s", i, r.status, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
}

static void
nothing_configured(void **state)
{
	static const struct {
		const char *words[MOST];
		const char *says;
	} cases[] = {
		{ { NULL }, "no target and no command: mtlscope HOST:PORT" },
		{ { "check" }, "no target, and no fleet in " },
		{ { "check", "--group", "x" }, "--group x: there is no configuration with a fleet" },
		{ { "check", "a:1", "--identity", "x" }, "no identity is called “x”: there is no configuration" },
		{ { "fleet", "add", "a:1", "--identity", "x" }, "config.yaml: no such file; mtlscope on a terminal writes one" },
	};

	(void)state;
	unlink(config);
	for (size_t i = 0; i < LEN(cases); i++) {
		struct run r;
		run(cases[i].words, &r);
		if (r.status != 2 || strstr(buf_str(&r.err), cases[i].says) == NULL)
			fail_msg("case %zu: status %d: %s", i, r.status, buf_str(&r.err));
		run_done(&r);
	}
}

static void
fleet_add(void **state)
{
	static const struct {
		const char *words[MOST];
		int status;
		const char *says;
	} cases[] = {
		{ { "fleet" }, 2, "fleet needs a word: expected mtlscope fleet add TARGET" },
		{ { "fleet", "rename" }, 2, "fleet rename: expected mtlscope fleet add" },
		{ { "fleet", "add" }, 2, "fleet add: which target?" },
		{ { "fleet", "add", "a:1" }, 2, "fleet add: as whom? --identity NAME" },
		{ { "fleet", "add", "a:1", "--identity", "nobody" }, 2, "no identity is called “nobody”; there are whole, short" },
		{ { "fleet", "add", "a:0", "--identity", "whole" }, 2, "a:0" },
		{ { "fleet", "add", "a:1", "--identity", "whole", "--cert", "x" }, 2, "--cert: fleet has no such option; check has" },
		{ { "fleet", "add", "a:1", "b.example:8443", "--identity", "whole", "--group", "new" }, 0, "added a (a:1) to " },
		{ { "fleet", "add", "a:1", "--identity", "whole" }, 2, "a:1: is in the fleet already, as “a”" },
	};
	struct run r;

	(void)state;
	write_config("", "");
	for (size_t i = 0; i < LEN(cases); i++) {
		run(cases[i].words, &r);
		const char *where = cases[i].status == 0 ? buf_str(&r.out) : buf_str(&r.err);
		if (r.status != cases[i].status || strstr(where, cases[i].says) == NULL)
			fail_msg("case %zu: status %d\n%s%s", i, r.status, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
	run((const char *const[]){ "--json", "--group", "new", "--max-time", "0.2", NULL }, &r);
	assert_int_equal(r.status, 3);
	assert_non_null(strstr(r.out.data, "\"name\":\"b.example\""));
	run_done(&r);
}

/* ---- on a terminal ---- */

static struct vtpty *
on_terminal(const char *const words[], const char *term)
{
	const char *argv[MOST + 2] = { mtlscope() };

	for (size_t i = 0; words[i] != NULL && i < MOST; i++)
		argv[1 + i] = words[i];
	return vtpty_open(argv, &(struct vtpty_options){ .term = term, .home = e2e_home });
}

static void
which_way_in(void **state)
{
	static const struct {
		const char *words[MOST];
		const char *shows;
	} cases[] = {
		{ { NULL }, "› fleet" },
		{ { "--group", "prod" }, "2 endpoints" },
		{ { "good" }, "› good" },
		{ { "good", "lacking" }, "2 endpoints" },
		{ { "--allow-changes" }, "CHANGES ON" },
		{ { "--ascii" }, "> fleet" },
	};

	(void)state;
	write_config("", "");
	for (size_t i = 0; i < LEN(cases); i++) {
		struct vtpty *p = on_terminal(cases[i].words, NULL);
		vtpty_wait(p, cases[i].shows);
		assert_true(p->altscreen);
		e2e_quit(p);
	}
}

/* Printed on the main screen, with the status of check; where the terminal is to blame, one line says so. */
static void
a_report_instead(void **state)
{
	static const struct {
		const char *words[MOST], *term, *says;
		int status;
	} cases[] = {
		{ { "good" }, "dumb", "TERM", 0 },
		{ { "lacking" }, "no-such-terminal", "no-such-terminal", 6 },
		{ { NULL }, "dumb", "TERM", 6 },
		{ { "good", "--plain" }, NULL, "OK", 0 },
		{ { "good", "--json" }, NULL, "mtlscope.check/1", 0 },
		{ { "check", "good" }, NULL, "OK", 0 },
	};

	(void)state;
	write_config("", "");
	for (size_t i = 0; i < LEN(cases); i++) {
		struct vtpty *p = on_terminal(cases[i].words, cases[i].term);
		int status = vtpty_wait_end(p, 30000);
		if (status != cases[i].status || strstr(buf_str(&p->raw), cases[i].says) == NULL ||
		    strstr(buf_str(&p->raw), "\033[?1049h") != NULL)
			fail_msg("case %zu: status %d: %s", i, status, buf_str(&p->raw));
		vtpty_free(p);
	}
}

/* A wrong configuration ends the program before the screen is touched. */
static void
mistakes_on_a_terminal(void **state)
{
	struct vtpty *p;

	(void)state;
	write_config("flet: []\n", "");
	p = on_terminal((const char *const[]){ NULL }, NULL);
	assert_int_equal(vtpty_wait_end(p, 30000), 2);
	assert_non_null(strstr(buf_str(&p->raw), "config.yaml:1: no such key"));
	assert_null(strstr(buf_str(&p->raw), "\033[?1049h"));
	vtpty_free(p);
}

static void
the_start_page(void **state)
{
	struct vtpty *p;
	struct stat sb;

	(void)state;
	unlink(config);
	p = on_terminal((const char *const[]){ NULL }, NULL);
	vtpty_wait(p, "practice lab");
	vtpty_keys(p, "w");
	vtpty_wait(p, "written: ~/.config/mtlscope/config.yaml");
	assert_int_equal(stat(config, &sb), 0);
	e2e_quit(p);
	/* What it wrote is taken; there is no fleet in it yet. */
	p = on_terminal((const char *const[]){ NULL }, NULL);
	vtpty_wait(p, "no endpoint in it yet");
	/* The demo follows in the same terminal, and ends with status 0. */
	vtpty_keys(p, "d");
	vtpty_wait(p, "PRACTICE LAB");
	e2e_quit(p);
}

/* Keys with a passphrase are asked for on the plain terminal, before the console opens. */
static void
a_passphrase_first(void **state)
{
	struct pki_cert c = pki_issue(&(struct pki_request){ .cn = "order-service" }, NULL);
	const struct pki_cert *chain[] = { &c };
	struct buf b = { 0 };
	struct vtpty *p;

	(void)state;
	assert_true(pki_write_certs(in_folder(e2e_home, "locked.crt"), chain, 1));
	assert_true(pki_write_key(in_folder(e2e_home, "locked.key"), c.key, "secret"));
	buf_addf(&b, "identities: [{name: locked, cert: ~/locked.crt, key: ~/locked.key}]\nfleet: [{name: one, target: \"%s\", identity: locked}]\n",
	    e2e_item("healthy", "address"));
	assert_true(write_file(config, b.data, b.len));
	p = on_terminal((const char *const[]){ NULL }, NULL);
	vtpty_wait(p, "Passphrase for");
	assert_false(p->altscreen);
	vtpty_type(p, "secret\r");
	vtpty_wait(p, "› one");
	assert_null(strstr(buf_str(&p->raw), "secret"));
	e2e_quit(p);
	buf_done(&b);
	pki_cert_free(&c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fleets_groups_and_names),
		cmocka_unit_test(identities_in_a_list),
		cmocka_unit_test(thresholds),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(nothing_configured),
		cmocka_unit_test(fleet_add),
		cmocka_unit_test(which_way_in),
		cmocka_unit_test(a_report_instead),
		cmocka_unit_test(mistakes_on_a_terminal),
		cmocka_unit_test(the_start_page),
		cmocka_unit_test(a_passphrase_first),
	};

	default_signals();
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
