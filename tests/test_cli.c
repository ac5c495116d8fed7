/*
 * The real program: its own ways to end. Help and version, a standard output that is gone or full,
 * signals in the middle of a handshake, locale and colours, and that a wrong line contacts nobody.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "lab/pki.h"
#include "lab/pki_files.h"
#include "model/buf.h"
#include "model/text.h"
#include "tests/program.h"

enum { WAIT_MS = 20000 };

/* A server that accepts connections (the kernel does) and never says a word. */
static int
silent_server(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static bool
somebody_called(int fd, int wait_ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, wait_ms) == 1;
}

static void
run(const char *const argv[], const char *const env[], struct run *r)
{
	run_program(argv, &(struct run_options){ .env = env, .deadline_ms = WAIT_MS }, r);
}

static void
help_and_version(void **state)
{
	static const char *const lines[][4] = {
		{ "--help" }, { "-h" }, { "help" }, { "check", "--help" }, { "inspect", "--help" }, { "diff", "-h" },
		{ "lab", "--help" }, { "demo", "--help" }, { "help", "lab" }, { "--version" }, { "-V" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		const char *argv[6] = { mtlscope(), lines[i][0], lines[i][1], NULL };
		struct run r;
		run(argv, NULL, &r);
		assert_int_equal(r.status, 0);
		assert_true(r.out.len > 0);
		assert_int_equal(r.err.len, 0);
		assert_non_null(strstr(r.out.data, "mtlscope"));
		run_done(&r);
	}
}

/* Help for what does not exist, or not yet, is one line and no page (it was a crash). */
static void
help_for_what_there_is_not(void **state)
{
	static const struct {
		const char *name, *says;
	} cases[] = {
		{ "watch", "watch: not in this version yet" },
		{ "chekc", "did you mean check?" },
		{ "no-such-thing", "no such command; --help lists them" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *argv[] = { mtlscope(), "help", cases[i].name, NULL };
		struct run r;
		run(argv, NULL, &r);
		assert_int_equal(r.status, 2);
		assert_int_equal(r.out.len, 0);
		assert_non_null(strstr(buf_str(&r.err), cases[i].says));
		run_done(&r);
	}
}

/* Nothing typed: one line that says what to type, status 2. */
static void
nothing_typed(void **state)
{
	const char *argv[] = { mtlscope(), NULL };
	struct run r;

	(void)state;
	run(argv, NULL, &r);
	assert_int_equal(r.status, 2);
	assert_int_equal(r.out.len, 0);
	assert_non_null(strstr(r.err.data, "mtlscope HOST:PORT"));
	run_done(&r);
}

/* Where nothing was changed yet: the record is empty, and a plan that is asked for is not there, which is one line on standard error. */
static void
no_record_yet(void **state)
{
	static const struct {
		const char *words[4];
		int status;
	} cases[] = {
		{ { "log" }, 0 },
		{ { "log", "--json" }, 0 },
		{ { "log", "7" }, 2 },
		{ { "log", "7", "--json" }, 2 },
		{ { "undo", "7" }, 2 },
		{ { "resume", "7" }, 2 },
	};
	char *folder = make_folder(), state_home[400];

	(void)state;
	snprintf(state_home, sizeof state_home, "XDG_STATE_HOME=%s", folder);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *argv[6] = { mtlscope() }, *env[] = { state_home, NULL };
		struct run r;
		memcpy(argv + 1, cases[i].words, sizeof cases[i].words);
		run(argv, env, &r);
		if (r.status != cases[i].status || (r.out.len == 0) != (r.status == 2) || (r.err.len > 0) != (r.status == 2))
			fail_msg("%s %s: status %d: %s%s", argv[1], argv[2], r.status, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
	remove_folder(folder);
}

/* A bad line, a missing file: nothing is contacted, the good targets before it neither. */
static void
a_mistake_contacts_nobody(void **state)
{
	int port = 0, fd = silent_server(&port);
	char target[32];
	char *folder = make_folder(), list[400], named[400], text[200];
	struct run r;

	(void)state;
	snprintf(target, sizeof target, "127.0.0.1:%d", port);
	snprintf(text, sizeof text, "# ours\n%s\n%s colour=red\n", target, target);
	snprintf(list, sizeof list, "%s", in_folder(folder, "list"));
	assert_true(write_file(list, text, strlen(text)));
	snprintf(text, sizeof text, "%s\n\n%s identity=order\n", target, target);
	snprintf(named, sizeof named, "%s", in_folder(folder, "named"));
	assert_true(write_file(named, text, strlen(text)));
	const char *const mistakes[][6] = {
		{ "check", "--targets", list },
		{ "check", "--targets", named },
		{ "check", target, "--cert", "/nowhere/x.pem" },
		{ "check", target, "--cacert", "/nowhere/x.pem" },
		{ "check", target, "[::1" },
		{ target, "--no-such" },
		{ "check", target, target, "--deep" },
		{ target, "--proxy", "https://127.0.0.1:1" },
	};
	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		const char *argv[8] = { mtlscope() };
		for (size_t k = 0; k < 6 && mistakes[i][k] != NULL; k++)
			argv[k + 1] = mistakes[i][k];
		run(argv, NULL, &r);
		if (r.status != 2 || r.out.len != 0 || somebody_called(fd, 0))
			fail_msg("%s %s: status %d, %s", argv[1], argv[2], r.status, buf_str(&r.err));
		if (i < 2 && strstr(buf_str(&r.err), ":3: ") == NULL)
			fail_msg("%s: it does not say which line: %s", argv[3], buf_str(&r.err));
		run_done(&r);
	}
	close(fd);
	remove_folder(folder);
}

/* What this machine could not do is mended by what it was: “raise this machine's own limit” was said of an interface that is not there. */
static void
mends_of_this_machine(void **state)
{
	static const struct {
		const char *words[3], *says, *mend, *says_not;
	} cases[] = {
		{ { "127.0.0.1:1", "--interface", "nosuch0" }, "no such network interface", "correct --interface: ip link lists", "limit" },
		{ { "127.0.0.1:1", "--interface", "192.0.2.77" }, "that local address is not of this machine", "correct the address of --interface", "limit" },
		{ { "127.0.0.1:1", "-6" }, "the address is not IPv6, and -6 was given", "leave out the option that does not suit it", "DNS" },
		{ { "[fe80::1%nosuch0]:1" }, "this machine has no interface of the name", "correct the target's address", "DNS" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *argv[7] = { mtlscope(), "check" };
		struct buf words = { 0 };
		struct run r;
		memcpy(argv + 2, cases[i].words, sizeof cases[i].words);
		run(argv, NULL, &r);
		/* Lines are wrapped: what is looked for may stand on two. */
		for (const char *p = buf_str(&r.out); *p != '\0'; p++)
			if ((*p != ' ' && *p != '\n') || (words.len > 0 && words.data[words.len - 1] != ' '))
				buf_addc(&words, *p == '\n' ? ' ' : *p);
		if (r.status != 3 || strstr(buf_str(&words), cases[i].says) == NULL || strstr(words.data, cases[i].mend) == NULL ||
		    strstr(words.data, cases[i].says_not) != NULL)
			fail_msg("%s %s: status %d: %s", cases[i].words[0], cases[i].words[1], r.status, buf_str(&r.out));
		buf_done(&words);
		run_done(&r);
	}
}

/* The interface behind an IPv6 address: one that is not there was ignored, or the kernel called the whole invalid; a number was not taken. */
static void
zones_of_addresses(void **state)
{
	static const struct {
		const char *host, *says, *says_not;
	} cases[] = {
		{ "[::1%nosuch0]", "this machine has no interface of the name behind “%”", NULL },
		{ "[fe80::1%nosuch0]", "this machine has no interface of the name behind “%”", NULL },
		{ "[fe80::1%999999]", "this machine has no interface of the name behind “%”", NULL },
		{ "[fe80::1]", "needs its interface, as in [fe80::1%eth0]", NULL },
		{ "[::1%lo]", "net.", "interface" },
		{ "[::1%1]", "net.", "interface" }, /* the loopback's number on Linux */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char target[64];
		struct run r;
		snprintf(target, sizeof target, "%s:%d", cases[i].host, reserve_port());
		const char *argv[] = { mtlscope(), "check", target, "--json", NULL };
		run(argv, NULL, &r);
		if (r.status != 3 || strstr(buf_str(&r.out), cases[i].says) == NULL ||
		    (cases[i].says_not != NULL && strstr(r.out.data, cases[i].says_not) != NULL))
			fail_msg("%s: status %d: %s%s", target, r.status, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
}

/* Starts the program with its outputs where they are wanted. */
static pid_t
start(const char *const argv[], int out, int err)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(out, STDOUT_FILENO);
		dup2(err, STDERR_FILENO);
		execv(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

static int
status_of(pid_t pid)
{
	int status = 0;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
}

static void
read_all(int fd, struct buf *out)
{
	char piece[4096];
	ssize_t n;

	while ((n = read(fd, piece, sizeof piece)) > 0)
		buf_add(out, piece, (size_t)n);
	close(fd);
}

/* Closed by its reader, or full: status 11 and one line, for a page and for help alike. */
static void
standard_output_that_is_gone(void **state)
{
	static const char *const lines[][2] = { { "--help", NULL }, { "--version", NULL }, { "127.0.0.1:1", NULL } };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof lines / sizeof lines[0]; i++) {
		const char *argv[] = { mtlscope(), lines[i / 2][0], NULL };
		int broken[2], err[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);
		struct buf said = { 0 };
		assert_int_equal(pipe2(broken, O_CLOEXEC), 0);
		assert_int_equal(pipe2(err, O_CLOEXEC), 0);
		close(broken[0]);
		pid_t pid = start(argv, i % 2 == 0 ? broken[1] : full, err[1]);
		close(broken[1]);
		close(err[1]);
		close(full);
		read_all(err[0], &said);
		int status = status_of(pid);
		if (status != 11 || strstr(buf_str(&said), "standard output") == NULL ||
		    strchr(said.data, '\n') != said.data + said.len - 1)
			fail_msg("%s: status %d: %s", argv[1], status, buf_str(&said));
		buf_done(&said);
	}
}

/*
 * Descriptors that were closed by whoever started us (a daemon, a scheduler): nothing else may take their numbers. Reading from such
 * a standard input waited for ever (a pipe of ours had its number), a page went into a pipe and was called written, and
 * the event loop aborted.
 */
static void
streams_that_are_closed(void **state)
{
	static const struct {
		const char *shell;
		int status;
		const char *says;
	} cases[] = {
		{ "exec \"$0\" inspect - <&-", 2, "standard input: Bad file descriptor" },
		{ "exec \"$0\" check --targets - <&-", 2, "standard input" },
		{ "exec \"$0\" explain <&-", 2, "standard input: Bad file descriptor" },
		{ "exec \"$0\" explain 48 >&-", 11, "standard output: Bad file descriptor" },
		{ "exec \"$0\" explain 48 <&- >&- 2>&-", 11, "" },
		{ "exec \"$0\" --version <&- >&-", 11, "standard output: Bad file descriptor" },
		{ "exec \"$0\" check \"$1\" <&- >&- 2>&-", 11, "" },
		{ "exec \"$0\" check \"$1\" <&- 2>&-", 3, "" },
		{ "exec \"$0\" listen 0 -m 0.1 <&- >&- 2>&-", 3, "" },
	};
	char target[32];

	(void)state;
	snprintf(target, sizeof target, "127.0.0.1:%d", reserve_port());
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *argv[] = { "sh", "-c", cases[i].shell, mtlscope(), target, NULL };
		struct run r;
		run(argv, NULL, &r);
		if (r.status != cases[i].status || strstr(buf_str(&r.err), cases[i].says) == NULL)
			fail_msg("%s: status %d: %s", cases[i].shell, r.status, buf_str(&r.err));
		run_done(&r);
	}
}

/* In the middle of a handshake: what was found so far is printed, then 128 and the signal. */
static void
signals_print_what_was_found(void **state)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };

	(void)state;
	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
		int port = 0, fd = silent_server(&port), out[2], err[2];
		char target[32];
		struct buf page = { 0 }, said = { 0 };
		snprintf(target, sizeof target, "127.0.0.1:%d", port);
		const char *argv[] = { mtlscope(), "check", target, NULL };
		assert_int_equal(pipe2(out, O_CLOEXEC), 0);
		assert_int_equal(pipe2(err, O_CLOEXEC), 0);
		pid_t pid = start(argv, out[1], err[1]);
		close(out[1]);
		close(err[1]);
		assert_true(somebody_called(fd, WAIT_MS));
		kill(pid, numbers[i]);
		read_all(out[0], &page);
		read_all(err[0], &said);
		assert_int_equal(status_of(pid), 128 + numbers[i]);
		assert_non_null(strstr(buf_str(&page), target));
		assert_non_null(strstr(buf_str(&said), "stopped by a signal"));
		/* The server is not blamed for it, and neither is a limit of this machine. */
		assert_non_null(strstr(buf_str(&page), "was stopped while"));
		assert_null(strstr(buf_str(&page), "own limit"));
		buf_done(&page);
		buf_done(&said);
		close(fd);
	}
}

/* A nobody-listens target gives a page of the same words in every style; only the bytes differ. */
static void
locale_and_colours(void **state)
{
	static const struct {
		const char *what, *env[4], *option;
		bool ascii, colours;
	} cases[] = {
		{ "UTF-8", { "LC_ALL=C.UTF-8" }, "", false, false },
		{ "the C locale", { "LC_ALL=C" }, "", true, false },
		{ "--ascii", { "LC_ALL=C.UTF-8" }, "--ascii", true, false },
		{ "asked for colours", { "LC_ALL=C.UTF-8" }, "--color=256", false, true },
		{ "asked for none", { "LC_ALL=C.UTF-8" }, "--color=never", false, false },
		{ "NO_COLOR", { "LC_ALL=C.UTF-8", "NO_COLOR=1" }, "", false, false },
	};
	char target[32];

	(void)state;
	snprintf(target, sizeof target, "127.0.0.1:%d", reserve_port());
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *argv[] = { mtlscope(), target, cases[i].option[0] != '\0' ? cases[i].option : NULL, NULL };
		struct run r;
		bool ascii = true, escape = false;
		run(argv, cases[i].env, &r);
		for (size_t k = 0; k < r.out.len; k++) {
			ascii = ascii && (unsigned char)r.out.data[k] < 0x80;
			escape = escape || r.out.data[k] == '\033';
		}
		if (r.status != 3 || ascii != cases[i].ascii || escape != cases[i].colours ||
		    strstr(buf_str(&r.out), "net.refused") == NULL)
			fail_msg("%s: status %d\n%s%s", cases[i].what, r.status, buf_str(&r.out), buf_str(&r.err));
		run_done(&r);
	}
}

/* A pasted line runs; what it asked for and did not get is said once. */
static void
curl_lines_say_what_is_not_acted_on(void **state)
{
	char target[40];
	struct run r;

	(void)state;
	snprintf(target, sizeof target, "https://127.0.0.1:%d/x", reserve_port());
	const char *argv[] = { mtlscope(), "curl", "-sSk", "-H", "X-Secret: 1", target, "--compressed", "-w", "%{http_code}",
		"-u", "me:X-Secret", NULL };
	run(argv, NULL, &r);
	assert_int_equal(r.status, 3);
	assert_non_null(strstr(r.err.data, "-s, -S, -k, -H, --compressed, -w, -u: "));
	assert_null(strstr(r.err.data, "X-Secret"));
	assert_null(strstr(r.out.data, "X-Secret"));
	run_done(&r);
}

/* The lab as a process of its own, every endpoint checked, and nothing left behind. */
static void
the_demo_finds_every_fault(void **state)
{
	const char *argv[] = { mtlscope(), "demo", NULL };
	char *folder = make_folder(), tmp[400];
	struct run r;

	(void)state;
	snprintf(tmp, sizeof tmp, "TMPDIR=%s", folder);
	/* The user's own settings play no part. */
	const char *env[] = { "LC_ALL=C", tmp, "AWS_PROFILE=none", "SSL_CERT_FILE=/nowhere", "XDG_CONFIG_HOME=/nowhere", NULL };
	run_program(argv, &(struct run_options){ .env = env, .deadline_ms = 60000 }, &r);
	if (r.status != 0 || strstr(buf_str(&r.out), " found as expected, 0 not.\n") == NULL ||
	    strstr(r.out.data, "NOT FOUND") != NULL)
		fail_msg("status %d: %s%s", r.status, r.out.len > 2000 ? r.out.data + r.out.len - 2000 : buf_str(&r.out), buf_str(&r.err));
	run_done(&r);
	/* Empty again: rmdir takes no other. */
	assert_int_equal(rmdir(folder), 0);
	remove_folder(folder);
}

/* Reads what the terminal shows until `text` stands there, or the program has ended. */
static bool
terminal_shows(int terminal, const char *text, struct buf *seen)
{
	char piece[512];
	struct pollfd p = { .fd = terminal, .events = POLLIN };

	while (strstr(buf_str(seen), text) == NULL) {
		ssize_t n = poll(&p, 1, WAIT_MS) == 1 ? read(terminal, piece, sizeof piece) : -1;
		if (n <= 0)
			return false;
		buf_add(seen, piece, (size_t)n);
	}
	return true;
}

static bool
echoes(int terminal)
{
	struct termios now;

	assert_int_equal(tcgetattr(terminal, &now), 0);
	return (now.c_lflag & ECHO) != 0;
}

/* On a terminal it is asked for, without an echo; right, wrong and Ctrl-C, after which the echo is back. */
static void
a_passphrase_is_asked_for(void **state)
{
	static const struct {
		const char *what, *typed, *shows;
		int status;
	} cases[] = {
		{ "the right one", "secret\n", "net.refused", 3 },
		{ "a wrong one", "wrong\n", "locked.key", 2 },
		{ "Ctrl-C", "\003", "", 130 },
		{ "no answer", "\004", "locked.key", 2 },
	};
	char *folder = make_folder(), target[32], cert[400], key[400];
	struct pki_cert c = pki_issue(&(struct pki_request){ .cn = "order-service" }, NULL);
	const struct pki_cert *chain[] = { &c };

	(void)state;
	snprintf(cert, sizeof cert, "%s", in_folder(folder, "order.crt"));
	snprintf(key, sizeof key, "%s", in_folder(folder, "locked.key"));
	assert_true(pki_write_certs(cert, chain, 1));
	assert_true(pki_write_key(key, c.key, "secret"));
	snprintf(target, sizeof target, "127.0.0.1:%d", reserve_port());
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *argv[] = { mtlscope(), "check", target, "--cert", cert, "--key", key, NULL };
		struct buf seen = { 0 };
		int terminal = -1;
		pid_t pid = forkpty(&terminal, NULL, NULL, NULL);
		if (pid == 0) {
			execv(argv[0], (char *const *)(uintptr_t)argv);
			_exit(127);
		}
		assert_true(terminal_shows(terminal, "Passphrase for", &seen));
		assert_true(terminal_shows(terminal, "locked.key: ", &seen));
		assert_false(echoes(terminal));
		buf_reset(&seen);
		assert_int_equal(write(terminal, cases[i].typed, strlen(cases[i].typed)), strlen(cases[i].typed));
		bool shown = cases[i].shows[0] == '\0' || terminal_shows(terminal, cases[i].shows, &seen);
		while (terminal_shows(terminal, "never shown", &seen))
			continue;
		int status = status_of(pid);
		if (!shown || status != cases[i].status || !echoes(terminal) || strstr(buf_str(&seen), "secret") != NULL)
			fail_msg("%s: status %d: %s", cases[i].what, status, buf_str(&seen));
		close(terminal);
		buf_done(&seen);
	}
	pki_cert_free(&c);
	remove_folder(folder);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_and_version),
		cmocka_unit_test(help_for_what_there_is_not),
		cmocka_unit_test(nothing_typed),
		cmocka_unit_test(no_record_yet),
		cmocka_unit_test(a_mistake_contacts_nobody),
		cmocka_unit_test(mends_of_this_machine),
		cmocka_unit_test(zones_of_addresses),
		cmocka_unit_test(standard_output_that_is_gone),
		cmocka_unit_test(streams_that_are_closed),
		cmocka_unit_test(signals_print_what_was_found),
		cmocka_unit_test(locale_and_colours),
		cmocka_unit_test(curl_lines_say_what_is_not_acted_on),
		cmocka_unit_test(the_demo_finds_every_fault),
		cmocka_unit_test(a_passphrase_is_asked_for),
	};

	default_signals();
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
