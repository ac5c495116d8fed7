/* The console in this process, on a terminal whose output is a memfd: no pty buffer can fill up, no byte is lost. */
#include "tests/screen.h"

#include <curses.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
/* after its own needs */
#include <cmocka.h>

#include "model/memory.h"
#include "model/text.h"
#include "tests/memory_terminal.h"
#include "tui/key.h"

enum { WAIT_MS = 60 * 1000 };

struct screen {
	int rows, columns;
	enum screen_kind kind;
	struct memory_terminal terminal;
	struct console *console;
};

static const char *const kind_names[] = { [SCREEN_UTF8] = "", [SCREEN_ASCII] = ".ascii", [SCREEN_MONO] = ".mono" };

struct screen *
screen_open(int rows, int columns, enum screen_kind kind, struct console_setup *setup)
{
	struct screen *s = mem_zero(1, sizeof *s);
	struct error err = { .code = ERROR_NONE };

	s->rows = rows;
	s->columns = columns;
	s->kind = kind;
	setup->terminal = (struct terminal_options){ .ascii = kind == SCREEN_ASCII, .colours = kind == SCREEN_MONO ? 0 : 256 };
	memory_terminal_prepare(&s->terminal, rows, columns, &setup->terminal);
	if (console_new(setup, &s->console, &err) != STATUS_OK)
		fail_msg("the console does not open: %s", err.text);
	console_draw(s->console);
	return s;
}

void
screen_close(struct screen *s)
{
	console_free(s->console);
	memory_terminal_close(&s->terminal);
	free(s);
}

struct console *
screen_console(struct screen *s)
{
	return s->console;
}

void
screen_resize(struct screen *s, int rows, int columns)
{
	s->rows = rows;
	s->columns = columns;
	resizeterm(rows, columns);
	console_key(s->console, KEY_RESIZED);
	console_draw(s->console);
}

void
screen_keys(struct screen *s, const char *keys)
{
	for (const char *word = keys; *word != '\0';) {
		size_t len = strcspn(word, " ");
		int key = key_named(word, len);

		if (len > 0 && key == KEY_NONE)
			fail_msg("“%.*s” names no key", (int)len, word);
		console_key(s->console, key);
		console_draw(s->console);
		word += len;
		word += strspn(word, " ");
	}
}

void
screen_type(struct screen *s, const char *text)
{
	while (*text != '\0') {
		int len = mblen(text, MB_CUR_MAX);
		wchar_t c = 0;

		assert_true(len > 0 && mbtowc(&c, text, (size_t)len) > 0);
		console_key(s->console, (int)c);
		text += len;
	}
	console_draw(s->console);
}

char *
screen_text(struct screen *s)
{
	struct buf b = { 0 };

	(void)s;
	paint_read(&b);
	return b.data;
}

size_t
screen_bytes(struct screen *s)
{
	char *all = memory_terminal_output(&s->terminal);
	size_t len = strlen(all);

	free(all);
	return len;
}

bool
screen_has(struct screen *s, const char *text)
{
	char *all = screen_text(s);
	bool has = strstr(all, text) != NULL;

	free(all);
	return has;
}

static long long
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

void
screen_wait(struct screen *s, const char *text)
{
	long long until = now_ms() + WAIT_MS;

	console_draw(s->console);
	while (!screen_has(s, text)) {
		long long left = until - now_ms();
		char *all;

		if (left > 0 && console_turn(s->console, (int)left)) {
			console_draw(s->console);
			continue;
		}
		if (screen_has(s, text))
			return;
		all = screen_text(s);
		print_error("“%s” did not come onto the screen:\n%s", text, all);
		free(all);
		fail();
	}
}

/* ---- what every screen must be ---- */

static void
check_cell(enum screen_kind kind, int row, int column, const char *name)
{
	cchar_t cell;
	wchar_t text[CCHARW_MAX + 1] = { 0 };
	char bytes[CCHARW_MAX * 4 + 1] = "";
	attr_t attributes;
	short pair;

	assert_int_equal(mvwin_wch(stdscr, row, column, &cell), OK);
	assert_int_equal(getcchar(&cell, text, &attributes, &pair, NULL), OK);
	if (wcstombs(bytes, text, sizeof bytes) == (size_t)-1)
		fail_msg("%s: a cell that is no text at row %d, column %d", name, row, column);
	if ((text_flags(text_of(bytes)) & TEXT_HOSTILE) != 0)
		fail_msg("%s: a harmful character at row %d, column %d", name, row, column);
	if (kind == SCREEN_MONO && pair != 0)
		fail_msg("%s: a colour at row %d, column %d", name, row, column);
	if (kind == SCREEN_ASCII && (text[0] < 0x20 || text[0] > 0x7e || text[1] != L'\0'))
		fail_msg("%s: “%s” at row %d, column %d", name, bytes, row, column);
}

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf b = { 0 };
	char bytes[4096];
	size_t n;

	if (f == NULL)
		return NULL;
	while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
		buf_add(&b, bytes, n);
	fclose(f);
	buf_adds(&b, "");
	return b.data;
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

void
painted_golden(int rows, int columns, enum screen_kind kind, const char *name)
{
	char path[256], *was;
	const char *generate = getenv("GENERATE");
	struct buf is = { 0 };

	snprintf(path, sizeof path, "tests/screens/%s.%dx%d%s.txt", name, columns, rows, kind_names[kind]);
	for (int row = 0; row < rows; row++)
		for (int column = 0; column < columns; column++)
			check_cell(kind, row, column, path);
	paint_read(&is);
	if (generate != NULL && generate[0] == '1')
		write_file(path, buf_str(&is));
	was = read_file(path);
	if (was == NULL)
		print_error("%s is missing (GENERATE=1 writes it); the screen is:\n%s", path, buf_str(&is));
	else if (strcmp(buf_str(&is), was) != 0)
		print_error("%s has:\n%s---- the screen is:\n%s", path, was, buf_str(&is));
	assert_true(was != NULL && strcmp(buf_str(&is), was) == 0);
	free(was);
	buf_done(&is);
}

void
screen_golden(struct screen *s, const char *name)
{
	painted_golden(s->rows, s->columns, s->kind, name);
}

void
screen_goldens(const char *name, void (*make)(struct console_setup *setup, void *user), void *user, const char *keys)
{
	static const struct {
		int rows, columns;
		enum screen_kind kind;
	} sizes[] = {
		{ 12, 40, SCREEN_UTF8 }, { 24, 80, SCREEN_UTF8 }, { 40, 120, SCREEN_UTF8 }, { 24, 80, SCREEN_ASCII },
		{ 24, 80, SCREEN_MONO },
	};

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct console_setup setup = { .world = world_real() };
		struct screen *s;

		make(&setup, user);
		s = screen_open(sizes[i].rows, sizes[i].columns, sizes[i].kind, &setup);
		screen_keys(s, keys);
		screen_golden(s, name);
		screen_close(s);
	}
}
