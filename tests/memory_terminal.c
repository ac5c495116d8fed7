#include "tests/memory_terminal.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
/* after its own needs */
#include <cmocka.h>

#include "model/memory.h"

static void
set_size(const char *name, int n)
{
	char text[16];

	snprintf(text, sizeof text, "%d", n);
	setenv(name, text, 1);
}

void
memory_terminal_prepare(struct memory_terminal *m, int rows, int columns, struct terminal_options *opt)
{
	int ends[2];

	setlocale(LC_CTYPE, "C.UTF-8");
	set_size("LINES", rows);
	set_size("COLUMNS", columns);
	assert_int_equal(pipe(ends), 0);
	m->in = fdopen(ends[0], "r");
	m->keyboard = ends[1];
	m->out = fdopen(memfd_create("terminal", MFD_CLOEXEC), "w+");
	assert_non_null(m->in);
	assert_non_null(m->out);
	opt->in = m->in;
	opt->out = m->out;
	if (opt->type == NULL)
		opt->type = "xterm-256color";
}

void
memory_terminal_open(struct memory_terminal *m, int rows, int columns, struct terminal_options *opt)
{
	struct error err = { .code = ERROR_NONE };

	memory_terminal_prepare(m, rows, columns, opt);
	if (terminal_open(opt, &err) != STATUS_OK)
		fail_msg("the terminal does not open: %s", err.text);
}

void
memory_terminal_close(struct memory_terminal *m)
{
	terminal_close();
	fclose(m->in);
	fclose(m->out);
	if (m->keyboard >= 0)
		close(m->keyboard);
	unsetenv("LINES");
	unsetenv("COLUMNS");
}

char *
memory_terminal_output(struct memory_terminal *m)
{
	struct stat st;
	char *bytes;

	assert_int_equal(fstat(fileno(m->out), &st), 0);
	bytes = mem_zero((size_t)st.st_size + 1, 1);
	assert_int_equal(pread(fileno(m->out), bytes, (size_t)st.st_size, 0), st.st_size);
	return bytes;
}
