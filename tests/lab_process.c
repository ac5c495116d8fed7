#include "tests/lab_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "model/buf.h"
#include "tests/program.h"

enum { OPTIONS_MOST = 16, READY_MS = 60 * 1000 /* it takes one second, under a sanitizer on a busy machine ten */ };

static double
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1000.0 + (double)t.tv_nsec / 1e6;
}

/* One line, whole, or what came before the end or the deadline. */
static void
read_line(int fd, struct buf *line)
{
	double end = now_ms() + READY_MS;
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char piece[4096];

	while (line->len == 0 || line->data[line->len - 1] != '\n') {
		int left = (int)(end - now_ms());
		ssize_t n;

		if (left <= 0 || poll(&p, 1, left) <= 0 || (n = read(fd, piece, sizeof piece)) <= 0)
			return;
		buf_add(line, piece, (size_t)n);
	}
}

bool
lab_process_start(struct lab_process *lab, int seed)
{
	return lab_process_start_with(lab, seed, NULL);
}

bool
lab_process_start_with(struct lab_process *lab, int seed, const char *const options[])
{
	double start = now_ms();
	char number[16];
	struct buf line = { 0 };
	int out[2];

	memset(lab, 0, sizeof *lab);
	snprintf(number, sizeof number, "%d", seed);
	if (pipe2(out, O_CLOEXEC) != 0)
		return false;
	lab->pid = fork();
	if (lab->pid == 0) {
		const char *argv[5 + OPTIONS_MOST + 1] = { mtlscope(), "lab", "--json", "--seed", number };

		for (int i = 0; options != NULL && options[i] != NULL && i < OPTIONS_MOST; i++)
			argv[5 + i] = options[i];
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(out[1], 1);
		execv(argv[0], (char *const *)argv);
		_exit(127);
	}
	close(out[1]);
	read_line(out[0], &line);
	close(out[0]);
	lab->ready_ms = now_ms() - start;
	lab->json = cJSON_Parse(buf_str(&line));
	buf_done(&line);
	if (lab->json == NULL)
		lab_process_stop(lab);
	return lab->json != NULL;
}

void
lab_process_stop(struct lab_process *lab)
{
	cJSON_Delete(lab->json);
	lab->json = NULL;
	if (lab->pid > 0) {
		kill(lab->pid, SIGTERM);
		waitpid(lab->pid, NULL, 0);
		lab->pid = 0;
	}
}
