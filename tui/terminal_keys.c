#include "tui/terminal_keys.h"

#include <curses.h>
#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "tui/key.h"
#include "tui/terminal.h"

enum {
	CODE_PASTE = 0x1000, /* above every code that terminfo's keys get */
	CODE_PASTE_END,
	SEQUENCE_MAX = 32    /* bytes of an unknown key that are swallowed */
};

static unsigned char pending[4]; /* bytes of a character that is not whole yet */
static size_t pending_len;

void
terminal_keys_start(void)
{
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	define_key("\033[200~", CODE_PASTE);
	define_key("\033[201~", CODE_PASTE_END);
	pending_len = 0;
}

static const struct {
	int code, key;
} codes[] = {
	{ KEY_UP, KEY_ARROW_UP }, { KEY_DOWN, KEY_ARROW_DOWN }, { KEY_LEFT, KEY_ARROW_LEFT },
	{ KEY_RIGHT, KEY_ARROW_RIGHT }, { KEY_PPAGE, KEY_PAGE_UP }, { KEY_NPAGE, KEY_PAGE_DOWN },
	{ KEY_HOME, KEY_TO_HOME }, { KEY_END, KEY_TO_END }, { KEY_FIND, KEY_TO_HOME }, { KEY_SELECT, KEY_TO_END },
	{ KEY_BACKSPACE, KEY_ERASE }, { KEY_DC, KEY_DELETE }, { KEY_IC, KEY_INSERT }, { KEY_BTAB, KEY_BACK_TAB },
	{ KEY_ENTER, KEY_RETURN }, { KEY_RESIZE, KEY_RESIZED }, { CODE_PASTE, KEY_PASTE },
	{ CODE_PASTE_END, KEY_PASTE_END }, { '\n', KEY_RETURN }, { '\b', KEY_ERASE }, { 0x7f, KEY_ERASE },
};

static int
key_of_code(int code)
{
	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
		if (codes[i].code == code)
			return codes[i].key;
	if (code >= KEY_F(1) && code <= KEY_F(63))
		return KEY_FUNCTION + code - KEY_F(0);
	return code < KEY_MIN ? code : KEY_NONE; /* others mean nothing here */
}

/* Bytes beyond ASCII are gathered here and not by get_wch(), which forgets half a character between two reads. */
static int
gather(int byte)
{
	static const struct {
		unsigned char mask, lead;
	} forms[] = { { 0xe0, 0xc0 }, { 0xf0, 0xe0 }, { 0xf8, 0xf0 } };
	unsigned char first;
	int c;

	if ((byte & 0xc0) != 0x80)
		pending_len = 0;
	else if (pending_len == 0)
		return KEY_NONE;
	pending[pending_len++] = (unsigned char)byte;
	first = pending[0];
	for (size_t more = 1; more <= 3; more++) {
		if ((first & forms[more - 1].mask) != forms[more - 1].lead)
			continue;
		if (pending_len <= more)
			return KEY_NONE;
		c = first & ~forms[more - 1].mask;
		for (size_t i = 1; i <= more; i++)
			c = c << 6 | (pending[i] & 0x3f);
		pending_len = 0;
		return c >= 0xa0 && c < KEYS_ABOVE ? c : KEY_NONE;
	}
	pending_len = 0;
	return KEY_NONE;
}

/* After an Esc: Alt with a key, or a key that terminfo does not know, whose bytes mean nothing one by one. */
static int
after_escape(void)
{
	int c = getch();

	if (c == ERR)
		return KEY_ESCAPE;
	if (c != '[' && c != 'O') {
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || key_of_code(c) == KEY_ERASE)
			return KEY_META | key_of_code(c);
		ungetch(c);
		return KEY_ESCAPE;
	}
	for (int i = 0; i < SEQUENCE_MAX; i++) {
		c = getch();
		if (c == ERR || (c >= '@' && c <= '~'))
			break;
	}
	return KEY_NONE;
}

/* Nothing came although something was there to be read: the other end is gone. */
static bool
gone(void)
{
	struct pollfd p = { .fd = terminal_fd(), .events = POLLIN };
	int bytes = 0;

	if (poll(&p, 1, 0) <= 0)
		return false;
	if ((p.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
		return true;
	return ioctl(p.fd, FIONREAD, &bytes) != 0 || bytes == 0;
}

int
terminal_key(void)
{
	for (;;) {
		int code, key;

		errno = 0;
		code = getch();
		if (code == ERR)
			return errno == EIO || gone() ? KEY_GONE : KEY_NONE;
		if (code >= 0x80 && code < KEY_MIN) {
			key = gather(code);
		} else {
			pending_len = 0;
			key = code == KEY_ESCAPE ? after_escape() : key_of_code(code);
		}
		if (key != KEY_NONE)
			return key;
	}
}
