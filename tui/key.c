#include "tui/key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	int key;
} names[] = {
	{ "Enter", KEY_RETURN },
	{ "Esc", KEY_ESCAPE },
	{ "Space", KEY_SPACE },
	{ "Tab", KEY_TAB },
	{ "BackTab", KEY_BACK_TAB },
	{ "Backspace", KEY_ERASE },
	{ "Up", KEY_ARROW_UP },
	{ "Down", KEY_ARROW_DOWN },
	{ "Left", KEY_ARROW_LEFT },
	{ "Right", KEY_ARROW_RIGHT },
	{ "PgUp", KEY_PAGE_UP },
	{ "PgDn", KEY_PAGE_DOWN },
	{ "Home", KEY_TO_HOME },
	{ "End", KEY_TO_END },
	{ "Del", KEY_DELETE },
	{ "Ins", KEY_INSERT },
};
enum { NAMES = sizeof names / sizeof names[0], FUNCTION_KEYS = 63 };

/* The one character that `name` is, or KEY_NONE. Names come from our own tables: valid UTF-8. */
static int
character(const char *name, size_t len)
{
	static const struct {
		unsigned char mask, lead;
	} forms[] = { { 0x80, 0x00 }, { 0xe0, 0xc0 }, { 0xf0, 0xe0 }, { 0xf8, 0xf0 } };
	unsigned char first = (unsigned char)name[0];
	int c;

	if (len == 0 || len > 4 || (first & forms[len - 1].mask) != forms[len - 1].lead)
		return KEY_NONE;
	c = first & ~forms[len - 1].mask;
	for (size_t i = 1; i < len; i++)
		c = c << 6 | (name[i] & 0x3f);
	return c > ' ' && c != 0x7f ? c : KEY_NONE;
}

static int
function_key(const char *name, size_t len)
{
	int n = 0;

	if (len < 2 || len > 3 || name[0] != 'F')
		return KEY_NONE;
	for (size_t i = 1; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return KEY_NONE;
		n = n * 10 + name[i] - '0';
	}
	return n >= 1 && n <= FUNCTION_KEYS ? KEY_FUNCTION + n : KEY_NONE;
}

int
key_named(const char *name, size_t len)
{
	for (size_t i = 0; i < NAMES; i++)
		if (strlen(names[i].name) == len && memcmp(names[i].name, name, len) == 0)
			return names[i].key;
	if (len == 3 && name[0] == 'C' && name[1] == '-' && name[2] >= 'a' && name[2] <= 'z')
		return KEY_CONTROL(name[2]);
	if (len > 2 && name[0] == 'M' && name[1] == '-') {
		int below = key_named(name + 2, len - 2);
		return below != KEY_NONE ? KEY_META | below : KEY_NONE;
	}
	return function_key(name, len) != KEY_NONE ? function_key(name, len) : character(name, len);
}

size_t
key_utf8(int key, char out[4])
{
	unsigned u = (unsigned)key;

	if (u < 0x80) {
		out[0] = (char)u;
		return 1;
	}
	size_t n = u < 0x800 ? 2 : u < 0x10000 ? 3 : 4;
	for (size_t i = n; i-- > 1; u >>= 6)
		out[i] = (char)(0x80 | (u & 0x3f));
	out[0] = (char)((0xf00u >> n & 0xff) | u);
	return n;
}

const char *
name_of_key(int key, char *out, size_t size)
{
	char bytes[4];

	out[0] = '\0';
	if ((key & KEY_META) != 0) {
		char below[16];
		snprintf(out, size, "M-%s", name_of_key(key & ~KEY_META, below, sizeof below));
		return out;
	}
	for (size_t i = 0; i < NAMES; i++) {
		if (names[i].key == key) {
			snprintf(out, size, "%s", names[i].name);
			return out;
		}
	}
	if (key > KEY_FUNCTION && key <= KEY_FUNCTION + FUNCTION_KEYS)
		snprintf(out, size, "F%d", key - KEY_FUNCTION);
	else if (key > 0 && key < ' ')
		snprintf(out, size, "C-%c", key + 'a' - 1);
	else if (key > ' ' && key < KEYS_ABOVE && key != 0x7f)
		snprintf(out, size, "%.*s", (int)key_utf8(key, bytes), bytes);
	return out;
}
