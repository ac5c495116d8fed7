/* Keys as numbers and as names: "q", "Esc", "Enter", "Space", "PgDn", "C-l", "M-b". */
#ifndef TUI_KEY_H
#define TUI_KEY_H

#include <stdbool.h>
#include <stddef.h>

/* Characters are their code point; the rest stands above all of Unicode. */
enum {
	KEY_NONE = 0,
	KEY_TAB = 9, KEY_RETURN = 13, KEY_ESCAPE = 27, KEY_SPACE = 32, /* KEY_RETURN: Enter of any kind */
	KEYS_ABOVE = 0x110000,
	KEY_ARROW_UP, KEY_ARROW_DOWN, KEY_ARROW_LEFT, KEY_ARROW_RIGHT,
	KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_TO_HOME, KEY_TO_END, KEY_ERASE /* Backspace */, KEY_DELETE, KEY_BACK_TAB, KEY_INSERT,
	KEY_FUNCTION, /* + n: F1 is KEY_FUNCTION + 1 */
	KEY_PASTE = KEY_FUNCTION + 64, /* a paste begins: what follows until KEY_PASTE_END is text, never an action */
	KEY_PASTE_END,
	KEY_RESIZED,  /* the size changed */
	KEY_GONE,     /* the terminal is closed */
	KEY_META = 1 << 24 /* Alt with the key below it */
};
#define KEY_CONTROL(letter) ((letter) & 0x1f)

/* KEY_NONE where the name is none. */
int key_named(const char *name, size_t len);
/* UTF-8 of a key that is a character; its length. */
size_t key_utf8(int key, char out[4]);
/* For footer and help; into out (16 bytes are enough); returns out. */
const char *name_of_key(int key, char *out, size_t size);

#endif
