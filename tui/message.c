#include "tui/message.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"

void
messages_add(struct messages *m, int64_t at_ms, unsigned look, const char *text)
{
	struct message_line *last = m->len > 0 ? &m->items[m->len - 1] : NULL;

	if (last != NULL && last->look == look && strcmp(last->text, text) == 0) {
		last->times++;
		last->at_ms = at_ms;
		return;
	}
	if (m->len == MESSAGES_MAX) {
		free(m->items[0].text);
		memmove(m->items, m->items + 1, --m->len * sizeof *m->items);
		m->dropped++;
	}
	if (m->len == m->cap) {
		m->cap = m->cap == 0 ? 16 : m->cap * 2;
		m->items = mem_grow(m->items, m->cap, sizeof *m->items);
	}
	m->items[m->len++] = (struct message_line){ .at_ms = at_ms, .look = look, .text = mem_strdup(text), .times = 1 };
}

void
messages_done(struct messages *m)
{
	for (size_t i = 0; i < m->len; i++)
		free(m->items[i].text);
	free(m->items);
	*m = (struct messages){ 0 };
}
