#include "tests/program.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/memory.h"
#include "tests/launch.h"

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000.0 + (double)t.tv_nsec / 1e6;
}

void
default_signals(void)
{
	static const int numbers[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

	for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
		signal(numbers[i], SIG_DFL);
}

/* Takes what is readable; false at the end. What exceeds `most` is read and dropped. */
static bool
take(int fd, struct buf *b, size_t most)
{
	char piece[65536];
	ssize_t n = read(fd, piece, sizeof piece);

	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	if (n > 0 && b->len < most)
		buf_add(b, piece, (size_t)n);
	return n > 0;
}

static bool
give(int *fd, const char **input, size_t *left)
{
	ssize_t n = *left > 0 ? write(*fd, *input, *left) : 0;

	if (n > 0) {
		*input += n;
		*left -= (size_t)n;
	}
	if (*left == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(*fd);
		*fd = -1;
	}
	return *fd >= 0;
}

static void
talk(pid_t pid, int in, int out, int err, const struct run_options *opt, struct run *r)
{
	double end = now_ms() + (opt->deadline_ms > 0 ? opt->deadline_ms : 30000);
	size_t most = opt->most > 0 ? opt->most : 64u * 1024 * 1024, left = opt->input_len;
	const char *input = opt->input;
	bool out_open = true, err_open = true;

	while (out_open || err_open) {
		struct pollfd p[3] = { { .fd = out_open ? out : -1, .events = POLLIN },
			{ .fd = err_open ? err : -1, .events = POLLIN }, { .fd = in, .events = POLLOUT } };
		double wait = end - now_ms();

		if (wait <= 0 || poll(p, 3, (int)wait + 1) == 0) {
			kill(pid, SIGKILL);
			r->status = -1;
			break;
		}
		if (p[0].revents != 0)
			out_open = take(out, &r->out, most);
		if (p[1].revents != 0)
			err_open = take(err, &r->err, most);
		if (in >= 0 && p[2].revents != 0)
			give(&in, &input, &left);
	}
	if (in >= 0)
		close(in);
}

void
run_program(const char *const argv[], const struct run_options *opt, struct run *r)
{
	static const struct run_options defaults;
	double start = now_ms();
	struct rusage usage;
	int in[2], out[2], err[2], status = 0, null;
	struct launch launch;
	pid_t pid;

	opt = opt != NULL ? opt : &defaults;
	memset(r, 0, sizeof *r);
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0)
		abort();
	null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	launch_make(&launch, argv, opt->env, NULL);
	pid = fork();
	if (pid == 0) {
		dup2(opt->input != NULL ? in[0] : null, 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		setsid(); /* no terminal: a passphrase cannot be asked for */
		launch_become(&launch, argv, opt->uid);
	}
	launch_done(&launch);
	close(null);
	close(in[0]);
	close(out[1]);
	close(err[1]);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	if (opt->input == NULL) {
		close(in[1]);
		in[1] = -1;
	}
	talk(pid, in[1], out[0], err[0], opt, r);
	close(out[0]);
	close(err[0]);
	while (wait4(pid, &status, 0, &usage) < 0 && errno == EINTR)
		;
	if (r->status == 0)
		r->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	r->max_rss_kb = usage.ru_maxrss;
	r->cpu_ms = (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000.0 +
	    (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000.0;
	r->took_ms = now_ms() - start;
	buf_str(&r->out);
	buf_str(&r->err);
}

void
run_done(struct run *r)
{
	buf_done(&r->out);
	buf_done(&r->err);
}

const char *
mtlscope(void)
{
	const char *path = getenv("MTLSCOPE");

	return path != NULL ? path : "./mtlscope";
}

pid_t
start_server(const char *const argv[], const char *log)
{
	return start_server_as(argv, log, 0);
}

pid_t
start_server_as(const char *const argv[], const char *log, uid_t uid)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), null = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct launch launch;
	pid_t pid;

	launch_make(&launch, argv, NULL, NULL);
	pid = fork();
	if (pid == 0) {
		dup2(null, 0);
		dup2(fd >= 0 ? fd : null, 1);
		dup2(fd >= 0 ? fd : null, 2);
		launch_become(&launch, argv, uid);
	}
	launch_done(&launch);
	close(null);
	if (fd >= 0)
		close(fd);
	return pid;
}

static bool
accepts(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool yes = connect(fd, (struct sockaddr *)&a, sizeof a) == 0;

	close(fd);
	return yes;
}

bool
wait_for_port(int port, pid_t server, int deadline_ms)
{
	double end = now_ms() + deadline_ms;

	while (!accepts(port)) {
		if (now_ms() > end || waitpid(server, NULL, WNOHANG) == server)
			return false;
		poll(NULL, 0, 2); /* a server that others wrote tells nobody when it is ready */
	}
	return true;
}

void
stop_server(pid_t server)
{
	if (server <= 0)
		return;
	kill(server, SIGTERM);
	for (int i = 0; i < 500; i++) {
		if (waitpid(server, NULL, WNOHANG) != 0)
			return;
		poll(NULL, 0, 2);
	}
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
}

/* A socket bound to a port there that the kernel chose; close() gives it back. */
static int
bound(in_addr_t address, int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(address) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd == -1 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) != 0)
		abort();
	*port = ntohs(a.sin_port);
	return fd;
}

int
reserve_port(void)
{
	int port;

	(void)bound(INADDR_LOOPBACK, &port); /* never closed: that is the reservation */
	return port;
}

int
reserve_port_everywhere(void)
{
	int port;

	(void)bound(INADDR_ANY, &port);
	return port;
}

char *
make_folder(void)
{
	const char *tmp = getenv("TMPDIR");
	char path[4096];

	snprintf(path, sizeof path, "%s/mtlscope-test.XXXXXX", tmp != NULL ? tmp : "/tmp");
	if (mkdtemp(path) == NULL)
		abort();
	return mem_strdup(path);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	(void)st;
	(void)kind;
	(void)ftw;
	return remove(path);
}

void
remove_folder(char *path)
{
	if (path == NULL)
		return;
	nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(path);
}

const char *
in_folder(const char *dir, const char *name)
{
	static char ring[16][4096];
	static unsigned next;
	char *out = ring[next++ % 16];

	snprintf(out, sizeof ring[0], "%s/%s", dir, name);
	return out;
}

bool
write_file(const char *path, const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	bool ok = fd >= 0 && write(fd, bytes, len) == (ssize_t)len;

	if (fd >= 0)
		close(fd);
	return ok;
}
