#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/exit_status.h"
#include "model/memory.h"
#include "model/page.h"
#include "model/text.h"

static bool broken;         /* standard output failed, and it was said */
static bool progress_shown;
static uint64_t progress_at;

void
output_streams(void)
{
	/* By number: open() gives the lowest that is free, and those below it are taken by then. */
	static const int modes[] = { [STDIN_FILENO] = O_WRONLY, [STDOUT_FILENO] = O_RDONLY, [STDERR_FILENO] = O_WRONLY };

	for (int fd = 0; fd < (int)(sizeof modes / sizeof modes[0]); fd++) {
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF && open("/dev/null", modes[fd]) != fd)
			_exit(EXIT_STATUS_LOCAL); /* nowhere to say it, and nothing is safe to open */
	}
}

static void
write_error_stream(const struct buf *b)
{
	size_t done = 0;

	while (done < b->len) {
		ssize_t n = write(STDERR_FILENO, b->data + done, b->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* nobody is left to be told */
		done += (size_t)n;
	}
}

static bool
locale_is_utf8(void)
{
	static int known = -1;

	if (known < 0) {
		setlocale(LC_CTYPE, "");
		const char *set = nl_langinfo(CODESET);
		known = strcasecmp(set, "UTF-8") == 0 || strcasecmp(set, "utf8") == 0;
	}
	return known == 1;
}

static void
complain_line(const char *prefix, const char *text)
{
	struct buf raw = { 0 }, line = { 0 };

	progress_clear();
	text_safe(&raw, text_of(text), 0);
	buf_adds(&line, prefix);
	if (locale_is_utf8())
		buf_adds(&line, buf_str(&raw));
	else
		text_ascii(&line, buf_str(&raw));
	buf_addc(&line, '\n');
	write_error_stream(&line);
	buf_done(&raw);
	buf_done(&line);
}

void
complain(const char *fmt, ...)
{
	va_list ap;
	char *text = NULL;

	va_start(ap, fmt);
	int n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n >= 0)
		complain_line("mtlscope: ", text);
	free(text);
}

int
complain_error(const struct error *err)
{
	complain("%s", err->text);
	return exit_status_of_error(err->code);
}

bool
output_write(struct buf *b)
{
	size_t done = 0;

	progress_clear();
	while (done < b->len && !broken) {
		ssize_t n = write(STDOUT_FILENO, b->data + done, b->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || (n == 0 && b->len > done)) {
			broken = true;
			complain("standard output: %s", n < 0 ? strerror(errno) : "nothing more can be written");
			break;
		}
		done += (size_t)n;
	}
	buf_reset(b);
	return !broken;
}

int
output_status(int otherwise)
{
	return broken ? EXIT_STATUS_LOCAL : otherwise;
}

static int
colours_of_terminal(void)
{
	const char *no = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	const char *more = getenv("COLORTERM");

	if (no != NULL && no[0] != '\0')
		return 0;
	if (!isatty(STDOUT_FILENO) || term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0 ||
	    strncmp(term, "vt1", 3) == 0 || strncmp(term, "vt2", 3) == 0)
		return 0;
	return strstr(term, "256") != NULL || more != NULL ? 256 : 16;
}

static int
columns_of_terminal(void)
{
	struct winsize size;

	if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
		return 80;
	/* Wider text is harder to read; narrower than 40 nothing stays on its line. */
	return size.ws_col < 40 ? 40 : size.ws_col > 100 ? 100 : size.ws_col;
}

struct report_style
output_style(const struct options *o)
{
	static const int colours[] = { [COLOUR_NEVER] = 0, [COLOUR_16] = 16, [COLOUR_256] = 256 };

	return (struct report_style){
		.ascii = o->ascii || !locale_is_utf8(),
		.colours = o->colour == COLOUR_AUTO ? colours_of_terminal() : colours[o->colour],
		.columns = columns_of_terminal(),
		.plain = o->plain,
	};
}

void
progress_show(size_t done, size_t all, uint64_t now_us)
{
	struct buf b = { 0 };

	if (!isatty(STDERR_FILENO) || (progress_shown && now_us - progress_at < 100000))
		return;
	buf_addf(&b, "\r%zu of %zu checked ", done, all);
	write_error_stream(&b);
	buf_done(&b);
	progress_shown = true;
	progress_at = now_us;
}

void
progress_line(const char *text)
{
	struct buf b = { 0 };
	struct arena *a;
	const char *cut;

	if (!isatty(STDERR_FILENO))
		return;
	a = arena_new();
	cut = page_cut(a, text, 78);
	buf_addc(&b, '\r');
	if (locale_is_utf8())
		buf_adds(&b, cut);
	else
		text_ascii(&b, cut);
	/* What stood there may have been longer. */
	for (size_t n = text_columns(cut); n < 78; n++)
		buf_addc(&b, ' ');
	write_error_stream(&b);
	buf_done(&b);
	arena_free(a);
	progress_shown = true;
}

void
progress_waits(const char *what, size_t done, size_t all)
{
	struct buf b = { 0 };

	buf_addf(&b, "%s, %zu of %zu", what, done, all);
	progress_line(buf_str(&b));
	buf_done(&b);
}

void
progress_clear(void)
{
	struct buf b = { 0 };

	if (!progress_shown)
		return;
	/* Carriage return and blanks: understood by every terminal. */
	buf_addf(&b, "\r%78s\r", "");
	write_error_stream(&b);
	buf_done(&b);
	progress_shown = false;
}
