/* The clipboard: through tmux where we are in it, else by the terminal itself. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/memory.h"
#include "tui/terminal.h"

enum {
	OSC52_MAX = 74994,      /* bytes of text: 100,000 of base64 with its frame; xterm takes no more */
	COPY_PATIENCE_MS = 1000 /* for tmux to take it */
};

extern char **environ;

static char *
base64(const char *text, size_t len, size_t *out_len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = mem_alloc((len + 2) / 3 * 4 + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i += 3) {
		unsigned b[3] = { (unsigned char)text[i], i + 1 < len ? (unsigned char)text[i + 1] : 0,
			i + 2 < len ? (unsigned char)text[i + 2] : 0 };

		out[n++] = digits[b[0] >> 2];
		out[n++] = digits[(b[0] & 3) << 4 | b[1] >> 4];
		out[n++] = i + 1 < len ? digits[(b[1] & 15) << 2 | b[2] >> 6] : '=';
		out[n++] = i + 2 < len ? digits[b[2] & 63] : '=';
	}
	out[n] = '\0';
	*out_len = n;
	return out;
}

static int
milliseconds_left(const struct timespec *until)
{
	struct timespec now;
	long long ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (until->tv_sec - now.tv_sec) * 1000LL + (until->tv_nsec - now.tv_nsec) / 1000000;
	return ms > 0 ? (int)ms : 0;
}

/* Writes all of it, then waits for the other end to close; false where the time is over or it failed. */
static bool
feed(int to, int from, const char *text, size_t len)
{
	struct timespec until;
	size_t done = 0;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += COPY_PATIENCE_MS / 1000;
	while (done < len) {
		struct pollfd p = { .fd = to, .events = POLLOUT };
		ssize_t n;

		if (poll(&p, 1, milliseconds_left(&until)) == 0) {
			close(to);
			return false;
		}
		n = write(to, text + done, len - done);
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			break; /* it went away: its status says whether it had enough */
		done += n > 0 ? (size_t)n : 0;
	}
	close(to);
	for (;;) {
		struct pollfd p = { .fd = from, .events = POLLIN };
		char rest[256];
		int ready = poll(&p, 1, milliseconds_left(&until));

		if (ready == 0)
			return false;
		if (ready > 0 && read(from, rest, sizeof rest) <= 0)
			return true;
	}
}

/* Its own signals at their defaults; its output into our pipe, whose end tells that it is done. */
static bool
start_tmux(pid_t *pid, int in, int out)
{
	static char *const argv[] = { "tmux", "load-buffer", "-w", "-", NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t all;
	int failed;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&files, out, STDERR_FILENO);
	posix_spawnattr_init(&attributes);
	sigfillset(&all);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	failed = posix_spawnp(pid, argv[0], &files, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	return failed == 0;
}

static bool
copy_by_tmux(const char *text, size_t len)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 }, status_of = -1;
	bool done = false;
	pid_t pid;

	if (pipe2(in, O_CLOEXEC) != 0)
		return false;
	if (pipe2(out, O_CLOEXEC) != 0) {
		close(in[0]);
		close(in[1]);
		return false;
	}
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	if (start_tmux(&pid, in[0], out[1])) {
		close(in[0]);
		close(out[1]);
		in[0] = out[1] = -1;
		if (!feed(in[1], out[0], text, len))
			kill(pid, SIGKILL);
		in[1] = -1;
		while (waitpid(pid, &status_of, 0) < 0 && errno == EINTR)
			;
		done = WIFEXITED(status_of) && WEXITSTATUS(status_of) == 0;
	}
	for (int i = 0; i < 2; i++) {
		if (in[i] >= 0)
			close(in[i]);
		if (out[i] >= 0)
			close(out[i]);
	}
	return done;
}

enum copied
terminal_copy(const char *text, size_t len)
{
	const char *tmux = getenv("TMUX");
	char *coded;
	size_t coded_len;
	bool sent;

	if (tmux != NULL && tmux[0] != '\0')
		return copy_by_tmux(text, len) ? COPIED_TMUX : COPIED_NOT;
	if (len > OSC52_MAX)
		return COPIED_NOT;
	coded = base64(text, len, &coded_len);
	sent = terminal_clipboard(coded, coded_len);
	free(coded);
	return sent ? COPIED_OSC52 : COPIED_NOT;
}
