/*
 * A console that nobody uses: no thread of it wakes up and no byte is written, whatever stands on the screen; and
 * one whose screen went away, on a terminal other than the keyboard's, ends.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/launch.h"
#include "tests/program.h"
#include "tests/vtpty.h"

enum { IDLE_MS = 2000 };

/* How often threads of it gave the processor back by themselves: each poll() that returned is one. */
static unsigned long
wakeups(pid_t pid)
{
	char path[300], line[256];
	unsigned long all = 0, n;
	struct dirent *thread;
	DIR *threads;

	snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
	threads = opendir(path);
	assert_non_null(threads);
	while ((thread = readdir(threads)) != NULL) {
		snprintf(path, sizeof path, "/proc/%ld/task/%.20s/status", (long)pid, thread->d_name);
		FILE *f = fopen(path, "r");

		if (f == NULL)
			continue;
		while (fgets(line, sizeof line, f) != NULL)
			if (sscanf(line, "voluntary_ctxt_switches: %lu", &n) == 1)
				all += n;
		fclose(f);
	}
	closedir(threads);
	return all;
}

static void
idle_is_idle(void **state)
{
	static const struct {
		const char *keys, *waits_for;
	} screens[] = {
		{ "", "3 DOWN" }, { "Enter", "connection refused" }, { "6", "6 times" }, { "q g", "CAUSE" }, { "?", "On this screen" }, { "q y", "copy" },
		{ "Esc : z z", ":zz" }, { "Esc", "CAUSE" }, { "i", "file or folder" }, { "Esc", "› identities" }, { "q m", "› messages" },
	};
	const char *argv[] = { mtlscope(), "127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3", NULL };
	struct vtpty *p = vtpty_open(argv, NULL);

	(void)state;
	vtpty_wait(p, "3 DOWN");
	for (size_t i = 0; i < sizeof screens / sizeof screens[0]; i++) {
		unsigned long before, woken;
		size_t bytes;

		vtpty_keys(p, screens[i].keys);
		vtpty_wait(p, screens[i].waits_for);
		assert_true(vtpty_settle(p, 200, 5000));
		before = wakeups(p->pid);
		assert_true(before > 0);
		bytes = vtpty_listen(p, i == 0 ? IDLE_MS : IDLE_MS / 4);
		woken = wakeups(p->pid) - before;
		if (bytes > 0 || woken > 0)
			fail_msg("after “%s”: %zu bytes, woken %lu times", screens[i].keys, bytes, woken);
	}
	vtpty_keys(p, "q q");
	assert_int_equal(vtpty_wait_end(p, 30000), 0);
	vtpty_free(p);
}

/* Its own session, so that no signal tells it: keyboard and screen are two terminals. */
static pid_t
on_two_terminals(int *keyboard, int *screen)
{
	const char *argv[] = { mtlscope(), "127.0.0.1:1", "127.0.0.1:2", NULL };
	struct winsize size = { .ws_row = 24, .ws_col = 80 };
	struct launch launch;
	int in, out;
	pid_t pid;

	assert_int_equal(openpty(keyboard, &in, NULL, NULL, &size), 0);
	assert_int_equal(openpty(screen, &out, NULL, NULL, &size), 0);
	launch_make(&launch, argv, (const char *const[]){ "TERM=xterm-256color", NULL }, NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		setsid();
		dup2(in, STDIN_FILENO);
		dup2(out, STDOUT_FILENO);
		close(in);
		close(out);
		close(*keyboard);
		close(*screen);
		default_signals();
		launch_become(&launch, argv, 0);
	}
	launch_done(&launch);
	close(in);
	close(out);
	return pid;
}

static void
read_until(int fd, const char *text)
{
	struct buf all = { 0 };
	char bytes[4096];
	ssize_t n;

	while (strstr(buf_str(&all), text) == NULL) {
		n = read(fd, bytes, sizeof bytes);
		assert_true(n > 0);
		buf_add(&all, bytes, (size_t)n);
		buf_adds(&all, "");
	}
	buf_done(&all);
}

static void
a_screen_that_is_closed_ends_it(void **state)
{
	for (int which = 0; which < 2; which++) {
		int ends[2], status;
		pid_t pid = on_two_terminals(&ends[0], &ends[1]);

		(void)state;
		alarm(20);
		read_until(ends[1], "DOWN");
		close(ends[which]);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		alarm(0);
		close(ends[1 - which]);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 128 + SIGHUP);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(idle_is_idle),
		cmocka_unit_test(a_screen_that_is_closed_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
