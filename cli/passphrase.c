#include "cli/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "model/memory.h"
#include "model/quote.h"

enum { PASSPHRASE_WAIT_MS = 5000 }; /* a pipe that nobody writes into: an error, not a hang */

/* The terminal while its echo is off; read by the signal handlers. */
static volatile sig_atomic_t echo_off;
static int terminal_fd = -1;
static struct termios terminal_before;

void
passphrase_restore_terminal(void)
{
	if (!echo_off)
		return;
	echo_off = 0;
	tcsetattr(terminal_fd, TCSANOW, &terminal_before);
}

static void
forget(char **secret)
{
	if (*secret != NULL)
		explicit_bzero(*secret, strlen(*secret));
	free(*secret);
	*secret = NULL;
}

static void
keep(struct passphrase *p, const char *secret)
{
	forget(&p->secret);
	p->secret = mem_strdup(secret);
	p->given = true;
}

/* The first line of what fd gives, without its end. Never waits longer than PASSPHRASE_WAIT_MS for more. */
static status
read_line(int fd, const char *name, char out[PASSPHRASE_MAX], struct error *err)
{
	size_t len = 0;
	char shown[QUOTE_MAX];

	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		char c = 0;
		int ready = poll(&wait, 1, PASSPHRASE_WAIT_MS);
		if (ready == 0)
			return error_set(err, ERROR_INPUT, "passphrase",
			    "%s: no passphrase came within %d seconds", quote_str(name, shown),
			    PASSPHRASE_WAIT_MS / 1000);
		ssize_t n = ready < 0 ? -1 : read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, ERROR_INPUT, "passphrase", "%s: %s", quote_str(name, shown),
			    strerror(errno));
		if (n == 0 || c == '\n')
			break;
		if (c == '\0' || len + 1 >= PASSPHRASE_MAX)
			return error_set(err, ERROR_INPUT, "passphrase",
			    "%s: its first line is no passphrase (it has a NUL byte or over %d bytes)",
			    quote_str(name, shown), PASSPHRASE_MAX - 1);
		out[len++] = c;
	}
	if (len > 0 && out[len - 1] == '\r')
		len--;
	out[len] = '\0';
	return STATUS_OK;
}

static status
take_descriptor(struct passphrase *p, int fd, const char *name, struct error *err)
{
	char line[PASSPHRASE_MAX];
	status result = read_line(fd, name, line, err);

	if (result == STATUS_OK)
		keep(p, line);
	explicit_bzero(line, sizeof line);
	return result;
}

status
passphrase_take_file(struct passphrase *p, const char *path, struct error *err)
{
	char shown[QUOTE_MAX];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0)
		return error_set(err, ERROR_INPUT, "passphrase", "passphrase file %s: %s", quote_str(path, shown),
		    strerror(errno));
	status result = take_descriptor(p, fd, path, err);
	close(fd);
	return result;
}

void
passphrase_take_literal(struct passphrase *p, char *value)
{
	keep(p, value);
	p->literal = true;
	explicit_bzero(value, strlen(value)); /* `ps` shows the argument list to everyone */
}

status
passphrase_take(struct passphrase *p, char *value, struct error *err)
{
	char shown[QUOTE_MAX];

	if (strncmp(value, "file:", 5) == 0)
		return passphrase_take_file(p, value + 5, err);
	if (strncmp(value, "env:", 4) == 0) {
		const char *secret = getenv(value + 4);
		if (secret == NULL)
			return error_set(err, ERROR_INPUT, "passphrase",
			    "--pass env:%s: there is no such environment variable", quote_str(value + 4, shown));
		if (strlen(secret) >= PASSPHRASE_MAX)
			return error_set(err, ERROR_INPUT, "passphrase", "--pass env:%s: over %d bytes",
			    quote_str(value + 4, shown), PASSPHRASE_MAX - 1);
		keep(p, secret);
		return STATUS_OK;
	}
	if (strncmp(value, "fd:", 3) == 0) {
		size_t digits = strspn(value + 3, "0123456789");
		if (digits == 0 || digits > 5 || value[3 + digits] != '\0')
			return error_set(err, ERROR_USAGE, "passphrase", "--pass %s: expected a number, as fd:3",
			    quote_str(value, shown));
		return take_descriptor(p, (int)strtol(value + 3, NULL, 10), value, err);
	}
	if (strlen(value) >= PASSPHRASE_MAX)
		return error_set(err, ERROR_USAGE, "passphrase", "--pass: over %d bytes", PASSPHRASE_MAX - 1);
	passphrase_take_literal(p, value);
	return STATUS_OK;
}

static void
say(int fd, const char *s)
{
	/* A prompt that cannot be written is no reason to fail: the answer may come all the same. */
	if (write(fd, s, strlen(s)) < 0)
		return;
}

/* False where there is no terminal, or where we are in its background and would be stopped by it. */
static bool
ask_terminal(const char *what, char out[PASSPHRASE_MAX])
{
	char shown[QUOTE_MAX];
	struct termios silent;
	size_t len = 0;
	int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return false;
	if (tcgetpgrp(fd) != getpgrp() || tcgetattr(fd, &terminal_before) != 0) {
		close(fd);
		return false;
	}
	silent = terminal_before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	terminal_fd = fd;
	echo_off = 1;
	tcsetattr(fd, TCSAFLUSH, &silent);
	say(fd, "Passphrase for ");
	say(fd, quote_str(what, shown));
	say(fd, ": ");
	for (;;) {
		char c = 0;
		ssize_t n = read(fd, &c, 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0 || c == '\n')
			break;
		if (len + 1 < PASSPHRASE_MAX)
			out[len++] = c;
	}
	out[len] = '\0';
	passphrase_restore_terminal();
	say(fd, "\n");
	close(fd);
	terminal_fd = -1;
	return true;
}

bool
passphrase_answer(void *user, const char *what, char *out, size_t size)
{
	struct passphrase *p = user;
	char typed[PASSPHRASE_MAX];

	/* One file is read twice where it holds certificate and key: it is asked for once. */
	if (!p->given && (p->secret == NULL || p->asked_for == NULL || strcmp(p->asked_for, what) != 0)) {
		if (!ask_terminal(what, typed)) {
			p->no_terminal = true;
			return false;
		}
		forget(&p->secret);
		free(p->asked_for);
		p->secret = mem_strdup(typed);
		p->asked_for = mem_strdup(what);
		explicit_bzero(typed, sizeof typed);
	}
	size_t len = strlen(p->secret);
	if (len + 1 > size)
		return false;
	memcpy(out, p->secret, len + 1);
	return true;
}

void
passphrase_done(struct passphrase *p)
{
	forget(&p->secret);
	free(p->asked_for);
	*p = (struct passphrase){ 0 };
}
