#include "tests/aws_cli.h"

#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/buf.h"
#include "tests/program.h"

/* The status of a call that did not come to its end; the CLI has none like it. */
enum { LOST = 125, WAITING = 64, FILES = 3, HEAD = 16 };

extern char **environ;

static char top[4096]; /* of the sources: where the tests start, and some do not stay */

/* ---- starting ---- */

bool
aws_cli_find(char *out, size_t size)
{
	static const char *const ask[2][4] = { { "python3", "-c", "import sys, os\nprint(os.path.join(os.path.dirname(sys.executable), 'aws'))" },
		{ "sh", "-c", "command -v aws" } };

	for (size_t i = 0; i < 2; i++) {
		struct run r;

		run_program(ask[i], NULL, &r);
		snprintf(out, size, "%.*s", (int)strcspn(buf_str(&r.out), "\n"), buf_str(&r.out));
		run_done(&r);
		if (out[0] == '/' && access(out, X_OK) == 0)
			return true;
	}
	return false;
}

/* The interpreter of a Python script, from its first line; false: it is no such script. */
static bool
interpreter(const char *cli, char *out, size_t size)
{
	char line[512] = "";
	FILE *f = fopen(cli, "re");
	bool is = f != NULL && fgets(line, sizeof line, f) != NULL && strncmp(line, "#!/", 3) == 0 && strstr(line, "python") != NULL;

	if (f != NULL)
		fclose(f);
	snprintf(out, size, "%.*s", is ? (int)strcspn(line + 2, " \n") : 0, line + 2);
	return is && access(out, X_OK) == 0;
}

static int
open_socket(const struct sockaddr_un *a, bool listening)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int result = fd == -1 ? -1 : listening ? bind(fd, (const struct sockaddr *)a, sizeof *a) : connect(fd, (const struct sockaddr *)a, sizeof *a);

	if (result == 0 && (!listening || listen(fd, WAITING) == 0))
		return fd;
	if (fd != -1)
		close(fd);
	return -1;
}

/* The socket beside a path that ends in "aws". */
static bool
address_beside(const char *path, struct sockaddr_un *a)
{
	a->sun_family = AF_UNIX;
	return snprintf(a->sun_path, sizeof a->sun_path, "%s.socket", path) < (int)sizeof a->sun_path;
}

static _Noreturn void
become_python(const char *python, const char *cli, int listener)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0); /* calls that are under way end with it */
	dup2(listener, 0);
	if (chdir(top) == 0)
		execl(python, python, "tests/aws/cli.py", cli, (char *)NULL);
	_exit(LOST);
}

void
aws_cli_start(struct aws_cli *c, const char *cli, const char *folder)
{
	struct sockaddr_un a = { 0 };
	char python[512], self[4096] = "";
	int listener;

	memset(c, 0, sizeof *c);
	snprintf(c->path, sizeof c->path, "%s", cli);
	if (!interpreter(cli, python, sizeof python))
		return;
	snprintf(c->path, sizeof c->path, "%s/aws", folder);
	if (!address_beside(c->path, &a) || readlink("/proc/self/exe", self, sizeof self - 1) < 0 || symlink(self, c->path) != 0)
		fail_msg("%s: no place for the AWS CLI", folder);
	listener = open_socket(&a, true);
	assert_int_not_equal(listener, -1);
	c->pid = fork();
	if (c->pid == 0)
		become_python(python, cli, listener);
	setpgid(c->pid, c->pid); /* whoever of the two comes first */
	close(listener);
}

void
aws_cli_stop(struct aws_cli *c)
{
	if (c->pid <= 0)
		return;
	kill(-c->pid, SIGKILL);
	waitpid(c->pid, NULL, 0);
	c->pid = 0;
}

/* ---- a call ---- */

static bool
send_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		bytes += n;
		len -= (size_t)n;
	}
	return true;
}

/* How many words and how long what follows is; with it go the three standard files. */
static bool
send_head(int fd, int words, size_t len)
{
	union {
		char bytes[CMSG_SPACE(FILES * sizeof(int))];
		struct cmsghdr aligned;
	} control = { .bytes = "" };
	char head[32];
	struct iovec part = { .iov_base = head, .iov_len = HEAD };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	const int files[FILES] = { 0, 1, 2 };

	snprintf(head, sizeof head, "%08u%08u", (unsigned)words % 100000000u, (unsigned)(len % 100000000u));
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof files);
	memcpy(CMSG_DATA(c), files, sizeof files);
	return sendmsg(fd, &m, MSG_NOSIGNAL) == HEAD;
}

static int
pass_on(int fd, int argc, char *argv[])
{
	struct buf b = { 0 };
	char folder[4096], text[16];
	ssize_t n;

	if (getcwd(folder, sizeof folder) == NULL)
		return LOST;
	buf_add(&b, folder, strlen(folder) + 1);
	for (int i = 1; i < argc; i++)
		buf_add(&b, argv[i], strlen(argv[i]) + 1);
	for (char **e = environ; *e != NULL; e++)
		buf_add(&b, *e, strlen(*e) + 1);
	bool sent = send_head(fd, argc - 1, b.len) && send_all(fd, b.data, b.len);
	buf_done(&b);
	n = sent ? recv(fd, text, sizeof text - 1, MSG_WAITALL) : 0;
	text[n > 0 ? n : 0] = '\0';
	return n > 0 ? (int)strtol(text, NULL, 10) : LOST;
}

bool
aws_cli_called(int argc, char *argv[], int *status)
{
	const char *path = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	const char *name = path != NULL ? strrchr(path, '/') : NULL;
	struct sockaddr_un a = { 0 };
	int fd;

	if (name == NULL || strcmp(name, "/aws") != 0) {
		if (getcwd(top, sizeof top) == NULL)
			top[0] = '\0';
		return false;
	}
	fd = address_beside(path, &a) ? open_socket(&a, false) : -1;
	*status = fd != -1 ? pass_on(fd, argc, argv) : LOST;
	if (fd != -1)
		close(fd);
	if (*status == LOST)
		fprintf(stderr, "%s: the AWS CLI's process did not answer\n", path);
	return true;
}
