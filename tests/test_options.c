/*
 * What is typed: every spelling that CONTRACT section 1 promises, each mistake with the line that
 * answers it, the exit statuses of section 2, and the quoting of what is to be pasted again.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/option_table.h"
#include "model/memory.h"
#include "model/quote.h"
#include "tests/program.h"

enum { MOST = 24 };

/* Arguments are writable, as main's are. */
struct line {
	char *argv[MOST + 1];
	int argc;
};

static struct line
line_of(const char *const words[])
{
	struct line l = { .argc = 1 };

	l.argv[0] = mem_strdup("mtlscope");
	for (size_t i = 0; i < MOST - 1 && words[i] != NULL; i++)
		l.argv[l.argc++] = mem_strdup(words[i]);
	return l;
}

static void
line_done(struct line *l)
{
	for (int i = 0; i < l->argc; i++)
		free(l->argv[i]);
}

#define PARSED(o, ...)                                                                                \
	struct line l = line_of((const char *const[]){ __VA_ARGS__, NULL });                          \
	struct error err = { .code = ERROR_NONE };                                                    \
	struct options o;                                                                             \
	if (options_parse(l.argc, l.argv, &o, &err) != STATUS_OK)                                     \
		fail_msg("%s", err.text);

#define FORGET(o)                                                                                     \
	options_done(&o);                                                                             \
	line_done(&l)

static void
a_full_line(void **state)
{
	(void)state;
	PARSED(o, "check", "payment.internal:8443", "--cert", "order.crt", "--key=order.key", "--cacert", "root.pem",
	    "-m", "2.5", "--connect-timeout=0.25", "-4", "--json");
	assert_int_equal(o.command, COMMAND_CHECK);
	assert_int_equal(o.operands_len, 1);
	assert_string_equal(o.operands[0], "payment.internal:8443");
	assert_string_equal(o.cert, "order.crt");
	assert_string_equal(o.key, "order.key");
	assert_string_equal(o.cacert, "root.pem");
	assert_int_equal(o.examine.max_time_ms, 2500);
	assert_int_equal(o.examine.connect_timeout_ms, 250);
	assert_int_equal(o.examine.family, 4);
	assert_true(o.json);
	assert_int_equal(o.fail_on, SEVERITY_ERROR);
	/* What would be typed to check it again: no --json, no target. */
	assert_string_equal(o.retype.data,
	    "--cert order.crt --key order.key --cacert root.pem --max-time 2.5 --connect-timeout 0.25 --ipv4");
	FORGET(o);
}

static void
a_target_alone_is_checked(void **state)
{
	(void)state;
	PARSED(o, "payment.internal:8443", "inspect");
	assert_int_equal(o.command, COMMAND_CHECK);
	assert_int_equal(o.operands_len, 2); /* only the first word can be a command */
	FORGET(o);
}

static void
a_command_wins_over_a_host(void **state)
{
	(void)state;
	PARSED(o, "lab");
	assert_int_equal(o.command, COMMAND_LAB);
	FORGET(o);
}

static void
a_port_makes_it_a_host(void **state)
{
	(void)state;
	PARSED(o, "lab:443");
	assert_int_equal(o.command, COMMAND_CHECK);
	FORGET(o);
}

/* A pasted curl line: its own options are accepted, named, and not acted on. */
static void
a_curl_line(void **state)
{
	(void)state;
	PARSED(o, "curl", "-sSkv", "-Eorder.crt", "--key", "order.key", "-H", "Host: x", "-XPOST", "-d", "a=1", "-o", "/dev/null",
	    "https://payment.internal:8443/health");
	assert_int_equal(o.command, COMMAND_CHECK);
	assert_int_equal(o.operands_len, 1);
	assert_string_equal(o.operands[0], "https://payment.internal:8443/health");
	assert_string_equal(o.cert, "order.crt");
	assert_string_equal(o.ignored.data, "-s, -S, -k, -v, -H, -X, -d, -o");
	FORGET(o);
}

static void
curl_after_check(void **state)
{
	(void)state;
	PARSED(o, "check", "curl", "--insecure", "--silent", "--show-error", "--location", "--include", "--head", "--fail",
	    "--output", "x", "https://h/");
	assert_int_equal(o.operands_len, 1);
	assert_string_equal(o.operands[0], "https://h/");
	FORGET(o);
}

static void
letters_stand_together_and_the_last_takes_a_value(void **state)
{
	(void)state;
	PARSED(o, "host", "-4kE", "a.pem", "-m3");
	assert_int_equal(o.examine.family, 4);
	assert_string_equal(o.cert, "a.pem");
	assert_int_equal(o.examine.max_time_ms, 3000);
	FORGET(o);
}

static void
thresholds_and_judgement(void **state)
{
	(void)state;
	PARSED(o, "host", "--at", "2026-01-31T12:00:00Z", "--expires-within", "10", "--root-expires-within=20",
	    "--require-mtls", "--fail-on", "warning", "--tlsv1.2", "--tls-max", "1.2", "--alpn", "h2,http/1.1", "--jobs", "7");
	assert_true(o.examine.at_set);
	assert_int_equal(o.examine.at, 1769860800);
	assert_int_equal(o.examine.thresholds.expires_within, 10);
	assert_int_equal(o.examine.thresholds.root_expires_within, 20);
	assert_true(o.examine.thresholds.require_mtls);
	assert_int_equal(o.fail_on, SEVERITY_WARNING);
	assert_int_equal(o.examine.min_version, 0x0303);
	assert_int_equal(o.examine.max_version, 0x0303);
	assert_string_equal(o.examine.alpn, "h2,http/1.1");
	assert_int_equal(o.examine.jobs, 7);
	FORGET(o);
}

static void
other_addresses(void **state)
{
	(void)state;
	PARSED(o, "host", "--resolve", "Payment.internal:8443:10.0.0.7,[::1]", "--connect-to", "::other:9443",
	    "--resolve", "+*:443:127.0.0.1");
	assert_int_equal(o.examine.redirects_len, 3);
	assert_string_equal(o.examine.redirects[0].host, "payment.internal");
	assert_int_equal(o.examine.redirects[0].port, 8443);
	assert_string_equal(o.examine.redirects[0].addresses[0], "10.0.0.7");
	assert_string_equal(o.examine.redirects[0].addresses[1], "::1");
	assert_null(o.examine.redirects[0].addresses[2]);
	assert_string_equal(o.examine.redirects[1].host, "*");
	assert_int_equal(o.examine.redirects[1].port, 0);
	assert_string_equal(o.examine.redirects[1].to_host, "other");
	assert_int_equal(o.examine.redirects[1].to_port, 9443);
	assert_string_equal(o.examine.redirects[2].host, "*");
	FORGET(o);
}

/* A literal passphrase is taken, and no longer stands where `ps` looks. */
static void
a_literal_passphrase_is_overwritten(void **state)
{
	(void)state;
	PARSED(o, "host", "--cert", "a", "--pass", "hunter2");
	assert_string_equal(o.passphrase.secret, "hunter2");
	assert_true(o.passphrase.literal);
	assert_string_equal(l.argv[5], "");
	assert_null(strstr(o.retype.data, "hunter2"));
	assert_null(strstr(o.retype.data, "--pass"));
	FORGET(o);
}

static void
passphrases_from_elsewhere(void **state)
{
	char *folder = make_folder();
	const char *file = in_folder(folder, "pass");

	(void)state;
	assert_true(write_file(file, "first line\r\nsecond\n", 20));
	setenv("MTLSCOPE_TEST_PASS", "from the environment", 1);
	{
		PARSED(o, "host", "--cert", "a", "--pass-file", file);
		assert_string_equal(o.passphrase.secret, "first line");
		assert_false(o.passphrase.literal);
		FORGET(o);
	}
	{
		PARSED(o, "host", "--cert", "a", "--pass", "env:MTLSCOPE_TEST_PASS");
		assert_string_equal(o.passphrase.secret, "from the environment");
		FORGET(o);
	}
	{
		int ends[2];
		char where[32];
		assert_int_equal(pipe(ends), 0);
		assert_int_equal(write(ends[1], "through a pipe\n", 15), 15);
		snprintf(where, sizeof where, "fd:%d", ends[0]);
		PARSED(o, "host", "--cert", "a", "--pass", where);
		assert_string_equal(o.passphrase.secret, "through a pipe");
		FORGET(o);
		close(ends[0]);
		close(ends[1]);
	}
	remove_folder(folder);
}

/* curl's FILE:PASSPHRASE, only where FILE is there and the whole is not a file's name. */
static void
curls_file_and_passphrase(void **state)
{
	char *folder = make_folder();
	char both[600];

	(void)state;
	assert_true(write_file(in_folder(folder, "a.p12"), "x", 1));
	snprintf(both, sizeof both, "%s:hunter2", in_folder(folder, "a.p12"));
	PARSED(o, "host", "-E", both);
	assert_string_equal(o.cert, in_folder(folder, "a.p12"));
	assert_string_equal(o.passphrase.secret, "hunter2");
	assert_null(strstr(l.argv[3], "hunter2"));
	assert_null(strstr(o.retype.data, "hunter2"));
	FORGET(o);
	remove_folder(folder);
}

static void
help_is_given_whatever_else_is_there(void **state)
{
	(void)state;
	PARSED(o, "check", "--help", "--cert", "x");
	assert_true(o.help);
	assert_int_equal(o.command, COMMAND_CHECK);
	FORGET(o);
}

/* Each is answered with one line that says this. */
static const struct {
	const char *what;
	const char *words[MOST];
	const char *says;
} mistakes[] = {
	{ "a command, mistyped, and a port", { "listn", "8443" }, "did you mean listen? (a host and its port are written as listn:8443)" },
	{ "a slip of letters", { "h", "--cacret", "x" }, "did you mean --cacert?" },
	{ "a missing letter", { "h", "--conect-timeout", "3" }, "did you mean --connect-timeout?" },
	{ "the beginning of a word", { "h", "--expires", "3" }, "did you mean --expires-within?" },
	{ "nothing near", { "h", "--frobnicate" }, "--frobnicate: no such option; --help lists them" },
	{ "an ESC in an option", { "h", "--\033[31m" }, "\\x1b[31m" },
	{ "an unknown letter", { "h", "-Z" }, "-Z: no such option" },
	{ "one dash too few", { "h", "-cacert", "x" }, "did you mean --cacert?" },
	{ "openssl's connect", { "-connect", "payment:8443" }, "the target itself, payment:8443" },
	{ "openssl's CAfile", { "h", "-CAfile", "ca.pem" }, "--cacert ca.pem" },
	{ "openssl's cert", { "h", "-cert", "c.pem" }, "--cert c.pem" },
	{ "openssl's key", { "h", "-key", "c.key" }, "--key c.key" },
	{ "openssl's pass is not repeated", { "h", "-pass", "pass:hunter2" }, "--pass file:NAME" },
	{ "openssl's servername", { "h", "-servername", "x" }, "--servername x" },
	{ "openssl's starttls", { "h", "-starttls", "smtp" }, "-starttls is openssl's spelling; here it is --starttls smtp" },
	{ "host and port apart", { "check", "payment", "8443" }, "payment:8443" },
	{ "the same without a command", { "payment", "8443" }, "payment:8443" },
	{ "no value", { "h", "--cert" }, "--cert needs a value: --cert FILE" },
	{ "no value for a letter", { "h", "-E" }, "-E needs a value" },
	{ "an empty value", { "h", "--cert=" }, "the value is empty" },
	{ "a value for a flag", { "h", "--json=yes" }, "--json takes no value" },
	{ "a key alone", { "h", "--key", "k" }, "--key without --cert" },
	{ "both trusts", { "h", "--cacert", "a", "--capath", "b" }, "exclude each other" },
	{ "quick and deep", { "h", "--quick", "--deep" }, "--quick and --deep exclude each other" },
	{ "both families", { "h", "-4", "-6" }, "exclude each other" },
	{ "versions crossed", { "h", "--tlsv1.3", "--tls-max", "1.2" }, "below the lowest" },
	{ "no version", { "h", "--tls-max", "2" }, "expected 1.0, 1.1, 1.2 or 1.3" },
	{ "no time", { "h", "--at", "yesterday" }, "2026-01-31T12:00:00Z" },
	{ "no seconds", { "h", "-m", "soon" }, "expected seconds" },
	{ "zero seconds", { "h", "-m", "0" }, "expected seconds" },
	{ "endless seconds", { "h", "-m", "99999999999999999999" }, "expected seconds" },
	{ "negative days", { "h", "--expires-within", "-1" }, "whole number" },
	{ "too many jobs", { "h", "--jobs", "5000" }, "from 1 to 4096" },
	{ "no severity", { "h", "--fail-on", "maybe" }, "error, warning, notice or never" },
	{ "no colour", { "h", "--color", "red" }, "auto, never, 16 or 256" },
	{ "no purpose", { "inspect", "f", "--purpose", "both" }, "server or client" },
	{ "an empty protocol", { "h", "--alpn", "h2,,x" }, "--alpn" },
	{ "no address", { "h", "--resolve", "h:443:nowhere" }, "no IP address" },
	{ "no port", { "h", "--resolve", "h:0:127.0.0.1" }, "HOST:PORT:ADDRESS" },
	{ "half a redirect", { "h", "--connect-to", "a:1:b" }, "HOST1:PORT1:HOST2:PORT2" },
	{ "a later command", { "watch", "x" }, "watch: not in this version yet" },
	{ "a later option", { "h", "--shard", "1/2" }, "--shard: not in this version yet" },
	{ "a proxy that cannot be", { "h", "-x", "socks4://p" }, "socks4://: SOCKS 4 knows neither names nor IPv6" },
	{ "a proxy's password is not repeated", { "h", "-x", "http://me:hunter2@:1" }, "the proxy has no host" },
	{ "an empty proxy", { "h", "--proxy", "" }, "--proxy: the value is empty" },
	{ "no protocol", { "h", "--starttls", "gopher" }, "--starttls gopher: expected postgres, mysql, smtp, imap, pop3 or ldap" },
	{ "another command's option", { "lab", "--cert", "x" }, "--cert: lab has no such option; check has" },
	{ "curl's option elsewhere", { "lab", "-k" }, "-k: lab has no such option" },
	{ "an option of two others", { "h", "--purpose", "client" }, "--purpose: check has no such option; inspect, fix have" },
	{ "an option of one other", { "h", "--paste", "nginx" }, "--paste: check has no such option; fix has" },
	{ "an option of many others", { "h", "--apply" }, "--apply: check has no such option; pca sync, pca create, pca activate and others have" },
	/* It was left out without a word, and the server was said to want a certificate. */
	{ "a key alone, to be mended", { "fix", "h", "--key", "k" }, "--key without --cert" },
	{ "a key alone, to listen with", { "listen", "8443", "--key", "k" }, "--key without --cert" },
	{ "host and port apart, to be mended", { "fix", "payment", "8443" }, "write host and port as payment:8443" },
	{ "a missing variable", { "h", "--pass", "env:MTLSCOPE_NOT_SET" }, "no such environment variable" },
	{ "no descriptor", { "h", "--pass", "fd:x" }, "fd:3" },
	{ "a closed descriptor", { "h", "--pass", "fd:97" }, "fd:97" },
	{ "no passphrase file", { "h", "--pass-file", "/nowhere/x" }, "/nowhere/x" },
};

static void
each_mistake_says_what_was_meant(void **state)
{
	int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		struct line l = line_of(mistakes[i].words);
		struct error err = { .code = ERROR_NONE };
		struct options o;
		status result = options_parse(l.argc, l.argv, &o, &err);
		if (result == STATUS_OK || strstr(err.text, mistakes[i].says) == NULL || strchr(err.text, '\n') != NULL ||
		    strstr(err.text, "hunter2") != NULL || exit_status_of_error(err.code) != EXIT_STATUS_USAGE) {
			print_error("%s: \"%s\", expected \"%s\"\n", mistakes[i].what, err.text, mistakes[i].says);
			wrong++;
		}
		options_done(&o);
		line_done(&l);
	}
	assert_int_equal(wrong, 0);
}

/* A slip in the command makes it a host: it is checked, and the slip is remarked. */
static void
a_slip_in_a_command(void **state)
{
	(void)state;
	{
		PARSED(o, "chekc", "payment.internal:8443");
		assert_int_equal(o.command, COMMAND_CHECK);
		assert_int_equal(o.operands_len, 2);
		assert_string_equal(o.maybe_command, "check");
		FORGET(o);
	}
	{
		PARSED(o, "lap:443", "payment.internal:8443");
		assert_null(o.maybe_command);
		FORGET(o);
	}
	{
		PARSED(o, "check", "chekc", "payment.internal:8443");
		assert_null(o.maybe_command);
		FORGET(o);
	}
}

/* The table itself: no name or letter twice, everything that is acted on has help. */
static void
the_table_is_sound(void **state)
{
	(void)state;
	for (size_t i = 0; i < option_table_len; i++) {
		const struct option_row *r = &option_table[i];
		for (size_t k = i + 1; k < option_table_len; k++) {
			assert_string_not_equal(r->name, option_table[k].name);
			assert_false(r->letter != 0 && r->letter == option_table[k].letter);
		}
		if (r->kind == OPTION_IGNORED || r->kind == OPTION_LATER)
			assert_null(r->help);
		else
			assert_non_null(r->help);
		if (r->kind == OPTION_SPECIAL)
			assert_non_null(r->apply);
		/* Neither dropped nor refused by accident: openssl's words never shadow a letter group of ours. */
		if (r->kind != OPTION_LATER)
			assert_true(r->commands != 0);
	}
}

static void
words_for_a_shell(void **state)
{
	static const struct {
		const char *word, *quoted;
	} cases[] = {
		{ "order.crt", "order.crt" },
		{ "https://h:1/a?b", "'https://h:1/a?b'" },
		{ "", "''" },
		{ "my file", "'my file'" },
		{ "it's", "'it'\\''s'" },
		{ "$(reboot)", "'$(reboot)'" },
		{ "a\nb", "$'a\\012b'" },
		{ "a\033'\\", "$'a\\033\\'\\\\'" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = { 0 };
		shell_quote(&b, cases[i].word);
		assert_string_equal(buf_str(&b), cases[i].quoted);
		buf_done(&b);
	}
}

/* Every command's help names every option that the command takes, within the width. */
static void
help_names_every_option(void **state)
{
	(void)state;
	for (size_t i = 0; i < command_table_len; i++) {
		struct buf b = { 0 };
		if (command_table[i].command == COMMAND_LATER || command_table[i].command == COMMAND_HELP)
			continue;
		options_help(command_table[i].command, 80, &b);
		for (size_t k = 0; k < option_table_len; k++) {
			char name[64];
			snprintf(name, sizeof name, "--%s ", option_table[k].name);
			bool takes = (option_table[k].commands & FOR(command_table[i].command)) != 0;
			if (option_table[k].help != NULL && takes && strstr(buf_str(&b), name) == NULL)
				fail_msg("%s --help does not name %s", command_table[i].name, name);
		}
		for (const char *line = buf_str(&b); *line != '\0'; line += strcspn(line, "\n") + 1) {
			char copy[512];
			snprintf(copy, sizeof copy, "%.*s", (int)strcspn(line, "\n"), line);
			if (text_columns(copy) > 80)
				fail_msg("%s --help: too wide: %s", command_table[i].name, copy);
		}
		buf_done(&b);
	}
}

/* CONTRACT section 2. */
static void
statuses_of_targets(void **state)
{
	struct finding error = { .code = CODE_CLIENT_EXPIRED, .severity = SEVERITY_ERROR, .root_cause = true };
	struct finding warning = { .code = CODE_CERT_EXPIRING, .severity = SEVERITY_WARNING, .root_cause = true };
	struct finding notice = { .code = CODE_CHAIN_ROOT_INCLUDED, .severity = SEVERITY_NOTICE, .root_cause = true };
	struct diagnosis bad = { .findings = &error, .len = 1, .root = &error, .class = CLASS_CLIENT };
	struct diagnosis soon = { .findings = &warning, .len = 1, .root = &warning, .class = CLASS_SERVER };
	struct diagnosis mild = { .findings = &notice, .len = 1, .root = &notice, .class = CLASS_SERVER };
	struct diagnosis good = { .len = 0 };
	int sum = 0;

	(void)state;
	assert_int_equal(exit_status_of(&good, SEVERITY_NOTICE), 0);
	assert_int_equal(exit_status_of(&bad, SEVERITY_ERROR), 6);
	assert_int_equal(exit_status_of(&bad, SEVERITY_NONE), 0);
	assert_int_equal(exit_status_of(&soon, SEVERITY_ERROR), 0);
	assert_int_equal(exit_status_of(&soon, SEVERITY_WARNING), 5);
	assert_int_equal(exit_status_of(&mild, SEVERITY_WARNING), 0);
	assert_int_equal(exit_status_of(&mild, SEVERITY_NOTICE), 5);

	exit_status_add(&sum, 0);
	assert_int_equal(sum, 0);
	exit_status_add(&sum, 5);
	exit_status_add(&sum, 0);
	exit_status_add(&sum, 5);
	assert_int_equal(sum, 5); /* one shared class; those that pass do not count */
	exit_status_add(&sum, 6);
	assert_int_equal(sum, 1);
	exit_status_add(&sum, 5);
	assert_int_equal(sum, 1);

	assert_int_equal(exit_status_of_error(ERROR_USAGE), 2);
	assert_int_equal(exit_status_of_error(ERROR_INPUT), 2);
	assert_int_equal(exit_status_of_error(ERROR_LOCAL), 11);
	assert_int_equal(exit_status_of_error(ERROR_INTERNAL), 11);
}

/* Each command's help lists every status that it can end with: those of listen, open, fix and renew were left out. */
static void
help_lists_the_statuses(void **state)
{
	static const struct {
		enum command command;
		const char *has[5], *has_not;
	} cases[] = {
		{ COMMAND_NONE, { "\n  1 ", "\n  7 ", "\n  9 ", "\n  10 " }, " to 8" },
		{ COMMAND_CHECK, { "\n  1 ", "\n  3 ", "\n  8 " }, "\n  10 " },
		{ COMMAND_OPEN, { "\n  3 ", "\n  8 " }, "\n  9 " },
		{ COMMAND_INSPECT, { "\n  5 ", "\n  6 " }, "\n  3 " },
		{ COMMAND_LISTEN, { "\n  1 ", "\n  3 to 8 ", "where none came" }, "\n  9 " },
		{ COMMAND_FIX, { "\n  0              a plan was shown", "\n  3 to 8 ", "\n  9 ", "\n  10 " }, "\n  1 " },
		{ COMMAND_RENEW, { "\n  0 ", "\n  9 ", "\n  10 " }, "\n  3 " },
		{ COMMAND_ROLLOVER, { "\n  9 ", "\n  10 " }, "\n  3 " },
		{ COMMAND_UNDO, { "\n  9 ", "\n  10 " }, "\n  3 " },
		{ COMMAND_RESUME, { "\n  9 ", "\n  10 " }, "\n  3 " },
		{ COMMAND_PCA_TREE, { "\n  9 " }, "\n  10 " },
		{ COMMAND_PCA_ISSUE, { "\n  9 ", "\n  10 " }, "\n  3 " },
		{ COMMAND_DEMO, { "\n  1              with --auto" }, "\n  9 " },
		{ COMMAND_DIFF, { "\n  0              done\n" }, "\n  10 " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf b = { 0 };
		options_help(cases[i].command, 80, &b);
		const char *statuses = strstr(buf_str(&b), "\nExit status:\n");
		assert_non_null(statuses);
		assert_non_null(strstr(statuses, "\n  2 "));
		for (size_t k = 0; k < 5 && cases[i].has[k] != NULL; k++)
			if (strstr(statuses, cases[i].has[k]) == NULL)
				fail_msg("case %zu: no \"%s\" in%s", i, cases[i].has[k], statuses);
		if (strstr(statuses, cases[i].has_not) != NULL)
			fail_msg("case %zu: \"%s\" in%s", i, cases[i].has_not, statuses);
		buf_done(&b);
	}
}

/* Without a command it is the console, on targets or not; whatever else stands there. */
static void
the_console_or_a_command(void **state)
{
	static const struct {
		const char *words[5];
		enum command command;
		bool console;
		size_t operands;
	} cases[] = {
		{ { NULL }, COMMAND_CHECK, true, 0 },
		{ { "--group", "prod" }, COMMAND_CHECK, true, 0 },
		{ { "--targets", "list.txt" }, COMMAND_CHECK, true, 0 },
		{ { "payment" }, COMMAND_CHECK, true, 1 },
		{ { "payment:8443", "ledger" }, COMMAND_CHECK, true, 2 },
		{ { "curl", "-k", "https://payment/" }, COMMAND_CHECK, true, 1 },
		{ { "check" }, COMMAND_CHECK, false, 0 },
		{ { "--config", "x.yaml", "check" }, COMMAND_CHECK, false, 0 },
		{ { "check", "curl", "https://payment/" }, COMMAND_CHECK, false, 1 },
		{ { "fix", "curl", "-k", "https://payment/" }, COMMAND_FIX, false, 1 },
		{ { "fleet", "add", "payment:8443" }, COMMAND_FLEET, false, 2 },
		{ { "inspect", "x.pem" }, COMMAND_INSPECT, false, 1 },
		{ { "--help" }, COMMAND_NONE, true, 0 },
		{ { "--version" }, COMMAND_NONE, true, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct line l = line_of(cases[i].words);
		struct error err = { .code = ERROR_NONE };
		struct options o;
		if (options_parse(l.argc, l.argv, &o, &err) != STATUS_OK)
			fail_msg("case %zu: %s", i, err.text);
		if (o.command != cases[i].command || o.console != cases[i].console || o.operands_len != cases[i].operands)
			fail_msg("case %zu: command %d, console %d, %zu operands", i, o.command, o.console, o.operands_len);
		options_done(&o);
		line_done(&l);
	}
}

/* What goes over the configuration, and what the line that repeats it says of it. */
static void
names_of_the_configuration(void **state)
{
	(void)state;
	PARSED(o, "payment", "--identity", "order service", "--config", "my.yaml", "--group=prod", "--expires-within", "30",
	    "--allow-changes");
	assert_string_equal(o.identity, "order service");
	assert_string_equal(o.config_file, "my.yaml");
	assert_string_equal(o.group, "prod");
	assert_true(o.allow_changes);
	/* The default itself, said: it goes over the configuration too. */
	assert_true(o.expires_within_given);
	assert_false(o.root_expires_within_given);
	assert_string_equal(buf_str(&o.retype), "--identity 'order service' --config my.yaml --expires-within 30");
	FORGET(o);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_line),
		cmocka_unit_test(a_target_alone_is_checked),
		cmocka_unit_test(a_command_wins_over_a_host),
		cmocka_unit_test(a_port_makes_it_a_host),
		cmocka_unit_test(a_curl_line),
		cmocka_unit_test(curl_after_check),
		cmocka_unit_test(letters_stand_together_and_the_last_takes_a_value),
		cmocka_unit_test(thresholds_and_judgement),
		cmocka_unit_test(other_addresses),
		cmocka_unit_test(a_literal_passphrase_is_overwritten),
		cmocka_unit_test(passphrases_from_elsewhere),
		cmocka_unit_test(curls_file_and_passphrase),
		cmocka_unit_test(help_is_given_whatever_else_is_there),
		cmocka_unit_test(a_slip_in_a_command),
		cmocka_unit_test(each_mistake_says_what_was_meant),
		cmocka_unit_test(the_table_is_sound),
		cmocka_unit_test(words_for_a_shell),
		cmocka_unit_test(help_names_every_option),
		cmocka_unit_test(statuses_of_targets),
		cmocka_unit_test(help_lists_the_statuses),
		cmocka_unit_test(the_console_or_a_command),
		cmocka_unit_test(names_of_the_configuration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
