/* Everything that was said in this session, the newest last. */
#include <stdio.h>

#include "tui/console.h"
#include "tui/document.h"

enum { TEXT_AT = 10 }; /* behind the time */

struct view_of_messages {
	struct view v;
	struct document doc;
	size_t len, dropped, times; /* as composed */
	int columns;
};

static struct view_of_messages *
self(struct view *v)
{
	return (struct view_of_messages *)v;
}

static void
open(struct view *v, const void *argument)
{
	(void)argument;
	document_start(&self(v)->doc);
	v->body = &self(v)->doc.body;
}

static void
close(struct view *v)
{
	document_done(&self(v)->doc);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	(void)v;
	(void)out;
	(void)size;
	return "messages";
}

static void
compose_one(struct document *d, const struct message_line *m)
{
	long long seconds = m->at_ms / 1000;

	document_line(d);
	document_textf(d, ROLE_DIM, " %02d:%02d:%02d", (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60), (int)(seconds % 60));
	document_at(d, TEXT_AT, ROLE_TEXT, "");
	document_wrap(d, TEXT_AT, m->look, m->text);
	if (m->times > 1)
		document_textf(d, ROLE_DIM, "  ×%zu", m->times);
}

static void
compose(struct view *v, const struct messages *m, int columns)
{
	struct document *d = &self(v)->doc;

	document_clear(d, columns);
	if (m->dropped > 0) {
		document_line(d);
		document_textf(d, ROLE_DIM, " %zu older ones are not kept", m->dropped);
	}
	if (m->len == 0) {
		document_line(d);
		document_text(d, ROLE_DIM, " Nothing was said yet.");
	}
	for (size_t i = 0; i < m->len; i++)
		compose_one(d, &m->items[i]);
	document_composed(d);
}

static void
refresh(struct view *v, int columns)
{
	struct view_of_messages *s = self(v);
	const struct messages *m = console_messages(v->console);
	size_t times = m->len > 0 ? m->items[m->len - 1].times : 0;
	bool first = s->columns == 0;

	if (m->len == s->len && m->dropped == s->dropped && times == s->times && columns == s->columns)
		return;
	compose(v, m, columns);
	s->len = m->len;
	s->dropped = m->dropped;
	s->times = times;
	s->columns = columns;
	if (first)
		v->body->ops->move(v->body, MOVE_LAST);
}

const struct view_ops messages_view = {
	.name = "messages",
	.scope = SCOPE_MESSAGES,
	.size = sizeof(struct view_of_messages),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
};
