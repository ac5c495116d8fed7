#include "probes/via.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model/buf.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/text.h"

enum { ARGUMENT = 320 };

struct via {
	uv_process_t process;
	uv_pipe_t words;   /* its standard error */
	struct buf text;
	char piece[1024];
	bool running, talking, ended; /* the process is there; so is its standard error; nobody is interested any more */
	int handles;       /* of the loop, not closed yet */
	via_over over;
	void *user;
};

static void
on_closed(uv_handle_t *handle)
{
	struct via *v = handle->data;

	if (--v->handles > 0)
		return;
	buf_done(&v->text);
	free(v);
}

/* Once both are over, whoever waits is told; once nobody waits, all is closed. */
static void
settle(struct via *v)
{
	if (v->running || v->talking)
		return;
	if (v->over != NULL && !v->ended) {
		via_over over = v->over;

		v->over = NULL;
		over(v->user);
	}
}

static void
close_words(struct via *v)
{
	if (!uv_is_closing((uv_handle_t *)&v->words))
		uv_close((uv_handle_t *)&v->words, on_closed);
	v->talking = false;
}

static void
on_exit_of(uv_process_t *process, int64_t exit_status, int sig)
{
	struct via *v = process->data;

	(void)exit_status;
	(void)sig;
	v->running = false;
	if (v->ended)
		close_words(v);
	uv_close((uv_handle_t *)&v->process, on_closed);
	settle(v);
}

static void
on_room(uv_handle_t *handle, size_t hint, uv_buf_t *out)
{
	struct via *v = handle->data;

	(void)hint;
	*out = uv_buf_init(v->piece, sizeof v->piece);
}

static void
on_words(uv_stream_t *stream, ssize_t n, const uv_buf_t *b)
{
	struct via *v = stream->data;
	size_t room = LIMIT_DIALOGUE_LINE - v->text.len;

	if (n > 0)
		buf_add(&v->text, b->base, (size_t)n < room ? (size_t)n : room); /* the rest is dropped */
	if (n >= 0)
		return;
	uv_read_stop(stream);
	v->talking = false;
	settle(v);
}

static int
spawn(uv_loop_t *loop, struct via *v, char **argv, int stream)
{
	uv_stdio_container_t stdio[3] = {
		{ .flags = UV_INHERIT_FD, .data.fd = stream },
		{ .flags = UV_INHERIT_FD, .data.fd = stream },
		{ .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&v->words },
	};
	/* A session of its own: no terminal to ask on. */
	uv_process_options_t options = { .file = argv[0], .args = argv, .exit_cb = on_exit_of, .flags = UV_PROCESS_DETACHED,
		.stdio = stdio, .stdio_count = 3 };

	return uv_spawn(loop, &v->process, &options);
}

struct via *
via_start(uv_loop_t *loop, const struct proxy *p, const char *host, uint16_t port, unsigned timeout_s, via_over over, void *user,
    int *fd, int *os_error)
{
	char goal[ARGUMENT], timeout[64], number[16];
	/* LogLevel: why a channel does not open is said at INFO, and a user's configuration may ask for less. */
	char *argv[16] = { "ssh", "-o", "BatchMode=yes", "-o", timeout, "-o", "LogLevel=INFO", "-W", goal };
	struct via *v = NULL;
	int pair[2], result;
	size_t n = 9;

	snprintf(goal, sizeof goal, strchr(host, ':') != NULL ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
	snprintf(timeout, sizeof timeout, "ConnectTimeout=%u", timeout_s > 0 ? timeout_s : 1);
	if (p->port != 0) {
		snprintf(number, sizeof number, "%u", (unsigned)p->port);
		argv[n++] = "-p";
		argv[n++] = number;
	}
	argv[n++] = "--";
	argv[n] = p->host; /* model/proxy.c lets nothing pass that begins with "-" */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
		*os_error = errno;
		return NULL;
	}
	v = mem_zero(1, sizeof *v);
	v->over = over;
	v->user = user;
	uv_pipe_init(loop, &v->words, 0);
	v->words.data = v->process.data = v;
	v->handles = 2;
	result = spawn(loop, v, argv, pair[1]);
	close(pair[1]);
	if (result != 0) {
		*os_error = -result;
		close(pair[0]);
		v->over = NULL;
		close_words(v);
		uv_close((uv_handle_t *)&v->process, on_closed); /* libuv has initialised it all the same */
		return NULL;
	}
	fcntl(pair[0], F_SETFL, O_NONBLOCK);
	v->running = true;
	v->talking = uv_read_start((uv_stream_t *)&v->words, on_room, on_words) == 0;
	*fd = pair[0];
	return v;
}

bool
via_is_over(const struct via *v)
{
	return !v->running && !v->talking;
}

struct text
via_words(const struct via *v)
{
	return (struct text){ (const unsigned char *)v->text.data, v->text.len };
}

void
via_end(struct via *v)
{
	if (v == NULL)
		return;
	v->ended = true;
	v->over = NULL;
	if (v->running)
		uv_process_kill(&v->process, SIGKILL); /* its exit closes the rest, and leaves no zombie */
	else
		close_words(v);
}
