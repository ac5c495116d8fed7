#include "tui/terminal_signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

/*
 * A write to a terminal that takes nothing (a stalled ssh, a window that is being closed) never returns,
 * and endwin() waits besides until all of it was taken: after this the process ends all the same.
 */
enum { LEAVE_WITHIN_MS = 500 };

static void on_ending(int number), on_noted(int number), on_fatal(int number), on_alarm(int number);

static struct handled {
	int number;
	void (*handler)(int);
	bool installed;
	struct sigaction before;
} table[] = {
	{ .number = SIGINT, .handler = on_ending },
	{ .number = SIGTERM, .handler = on_ending },
	{ .number = SIGHUP, .handler = on_ending },
	{ .number = SIGQUIT, .handler = on_ending },
	{ .number = SIGALRM, .handler = on_alarm },
	{ .number = SIGWINCH, .handler = on_noted },
	{ .number = SIGTSTP, .handler = on_noted },
	{ .number = SIGCONT, .handler = on_noted },
	{ .number = SIGSEGV, .handler = on_fatal },
	{ .number = SIGBUS, .handler = on_fatal },
	{ .number = SIGABRT, .handler = on_fatal },
	{ .number = SIGFPE, .handler = on_fatal },
	{ .number = SIGILL, .handler = on_fatal },
};
enum { HANDLED = sizeof table / sizeof table[0] };

static struct last_rites rites;
static char handler_stack[32 * 1024]; /* where the stack itself ran over */
static int wake[2] = { -1, -1 };
static volatile sig_atomic_t ending; /* the first signal that asked for the end */

/* The terminal as it was found, with one write that cannot block. */
static void
restore_terminal(void)
{
	int flags = fcntl(rites.fd, F_GETFL);

	fcntl(rites.fd, F_SETFL, flags | O_NONBLOCK);
	if (write(rites.fd, rites.leave, rites.leave_len) < 0)
		errno = 0; /* it takes nothing: then it shows nothing either */
	fcntl(rites.fd, F_SETFL, flags);
	if (rites.has_termios)
		tcsetattr(rites.fd, TCSANOW, &rites.before);
	if (rites.stderr_before >= 0)
		dup2(rites.stderr_before, STDERR_FILENO);
}

static void
note(int number)
{
	unsigned char byte = (unsigned char)number;

	if (write(wake[1], &byte, 1) < 0)
		errno = 0; /* full: the loop has enough to read */
}

/* As alarm() is: one system call. */
void
signals_hurry(void)
{
	const struct itimerval soon = { .it_value.tv_usec = LEAVE_WITHIN_MS * 1000 };

	if (wake[0] >= 0)
		setitimer(ITIMER_REAL, &soon, NULL);
}

static void
on_ending(int number)
{
	int saved = errno;

	if (ending != 0) {
		restore_terminal();
		_exit(128 + number);
	}
	ending = number;
	signals_hurry();
	note(number);
	errno = saved;
}

static void
on_alarm(int number)
{
	(void)number;
	restore_terminal();
	_exit(128 + (ending != 0 ? ending : SIGHUP));
}

static void
on_noted(int number)
{
	int saved = errno;

	note(number);
	errno = saved;
}

/* What was there before (a sanitizer's report, the default's death) gets the signal on the way out. */
static void
on_fatal(int number)
{
	restore_terminal();
	for (size_t i = 0; i < HANDLED; i++)
		if (table[i].number == number)
			sigaction(number, &table[i].before, NULL);
	raise(number);
}

bool
signals_take(const struct last_rites *r)
{
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		return false;
	rites = *r;
	ending = 0;
	sigaltstack(&(stack_t){ .ss_sp = handler_stack, .ss_size = sizeof handler_stack }, NULL);
	for (size_t i = 0; i < HANDLED; i++) {
		struct sigaction action = { .sa_handler = table[i].handler, .sa_flags = SA_RESTART };

		/* nohup and background jobs of old shells ignore them on purpose. */
		sigaction(table[i].number, NULL, &table[i].before);
		table[i].installed = table[i].before.sa_handler != SIG_IGN;
		sigfillset(&action.sa_mask);
		if (table[i].handler == on_fatal)
			action.sa_flags = SA_ONSTACK;
		if (table[i].installed)
			sigaction(table[i].number, &action, NULL);
	}
	return true;
}

void
signals_learn(const struct last_rites *r)
{
	rites = *r;
}

void
signals_give_back(void)
{
	if (wake[0] < 0)
		return;
	setitimer(ITIMER_REAL, &(struct itimerval){ .it_value.tv_sec = 0 }, NULL);
	for (size_t i = 0; i < HANDLED; i++) {
		if (table[i].installed)
			sigaction(table[i].number, &table[i].before, NULL);
		table[i].installed = false;
	}
	sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, NULL);
	close(wake[0]);
	close(wake[1]);
	wake[0] = wake[1] = -1;
}

void
signals_rescue(void)
{
	if (wake[0] >= 0)
		restore_terminal();
}

int
signals_pipe(void)
{
	return wake[0];
}

int
signals_next(void)
{
	unsigned char byte;

	return wake[0] >= 0 && read(wake[0], &byte, 1) == 1 ? byte : 0;
}

void
signals_stop(bool group)
{
	struct sigaction stop = { .sa_handler = SIG_DFL }, ours;
	sigset_t set;

	sigemptyset(&stop.sa_mask);
	sigaction(SIGTSTP, &stop, &ours);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (group)
		kill(0, SIGTSTP);
	else
		raise(SIGTSTP);
	sigaction(SIGTSTP, &ours, NULL);
}
