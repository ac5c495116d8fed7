/* Would other clients have sent this certificate to this server? A line each, on the tab of experiments, where not all would. */
#include "model/would_send.h"

#include "tui/tab_parts.h"

enum { INDENT = 3, FURTHER = 5 };

static void
one(struct document *d, const struct would_send *w, struct arena *a)
{
	static const struct {
		const char *glyph;
		unsigned look;
	} looks[] = { [SENDS_NOTHING] = { "✗", ROLE_WARN }, [SENDS_IT] = { "✓", ROLE_OK }, [SENDS_UNKNOWN] = { "·", ROLE_NOTE } };

	document_line(d);
	document_at(d, 1, looks[w->sends].look, looks[w->sends].glyph);
	document_at(d, INDENT, ROLE_TEXT, "");
	document_wrap(d, FURTHER, ROLE_TEXT, arena_printf(a, "%s (%s, %s)", would_send_sentence(w, a), w->version, w->source));
}

void
tab_would_send(struct document *d, const struct diagnosis *dg, struct arena *a)
{
	struct would_send clients[WOULD_SEND_CLIENTS];
	size_t len = would_send(dg->evidence, clients), kept = 0;
	const char *others = NULL;

	for (size_t i = 0; i < len; i++)
		kept += clients[i].sends != SENDS_IT;
	if (kept == 0)
		return;
	document_line(d);
	document_line(d);
	document_at(d, 1, ROLE_HEAD, "WOULD OTHER CLIENTS HAVE SENT IT");
	for (size_t i = 0; i < len; i++) {
		if (clients[i].sends == SENDS_IT) {
			others = others == NULL ? clients[i].client : arena_printf(a, "%s, %s", others, clients[i].client);
			continue;
		}
		one(d, &clients[i], a);
	}
	if (others == NULL)
		return;
	document_line(d);
	document_at(d, 1, ROLE_OK, "✓");
	document_at(d, INDENT, ROLE_TEXT, "");
	document_wrap(d, FURTHER, ROLE_TEXT, arena_printf(a, "%s would send it", others));
}
