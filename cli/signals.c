#include "cli/signals.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "cli/passphrase.h"

static volatile sig_atomic_t seen;
static volatile sig_atomic_t deferred;
static atomic_bool cancelled; /* lock-free: a handler may set it */
static int wake[2] = { -1, -1 };

static void
on_signal(int number)
{
	int saved = errno;

	passphrase_restore_terminal();
	if (!deferred || seen != 0)
		_exit(EXIT_STATUS_SIGNAL + number);
	seen = number;
	atomic_store(&cancelled, true);
	if (wake[1] >= 0 && write(wake[1], "", 1) < 0)
		seen = number; /* full: it is readable already */
	errno = saved;
}

void
signals_start(void)
{
	static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = on_signal };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof caught / sizeof caught[0]; i++) {
		struct sigaction before;
		/* nohup and background jobs of old shells ignore them on purpose. */
		if (sigaction(caught[i], NULL, &before) == 0 && before.sa_handler == SIG_IGN)
			continue;
		sigaction(caught[i], &action, NULL);
	}
	action.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &action, NULL);
	if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0)
		wake[0] = wake[1] = -1;
}

void
signals_defer(bool defer)
{
	deferred = defer;
}

int
signals_seen(void)
{
	return seen;
}

const atomic_bool *
signals_cancel(void)
{
	return &cancelled;
}

int
signals_fd(void)
{
	return wake[0];
}
