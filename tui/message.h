/* Everything that was said: the newest stands on the screen's message line, all of them in :messages. */
#ifndef TUI_MESSAGE_H
#define TUI_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

enum { MESSAGES_MAX = 1000 }; /* kept; the oldest go first */

struct message_line {
	int64_t at_ms;    /* wall clock */
	unsigned look;
	char *text;       /* printable */
	size_t times;     /* the same again and again */
};
struct messages {
	struct message_line *items;
	size_t len, cap, dropped;
};
void messages_add(struct messages *m, int64_t at_ms, unsigned look, const char *text);
void messages_done(struct messages *m);

#endif
