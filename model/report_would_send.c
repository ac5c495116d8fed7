/* Would other clients have sent this certificate to this server? Where all would, one line says so. */
#include "model/memory.h"
#include "model/report_parts.h"
#include "model/would_send.h"

void
report_would_send(const struct diagnosis *d, const struct page *p)
{
	struct would_send clients[WOULD_SEND_CLIENTS];
	size_t len = would_send(d->evidence, clients), kept = 0;
	struct arena *a;
	const char *others = NULL;

	for (size_t i = 0; i < len; i++)
		kept += clients[i].sends != SENDS_IT;
	if (kept == 0)
		return;
	a = arena_new();
	page_heading(p, "WOULD OTHER CLIENTS HAVE SENT IT");
	for (size_t i = 0; i < len; i++) {
		if (clients[i].sends == SENDS_IT) {
			others = others == NULL ? clients[i].client : arena_printf(a, "%s, %s", others, clients[i].client);
			continue;
		}
		page_text(p, "  ");
		page_wrap(p, 2, 4, arena_printf(a, "%s (%s, %s)", would_send_sentence(&clients[i], a), clients[i].version, clients[i].source));
	}
	if (others != NULL) {
		page_text(p, "  ");
		page_wrap(p, 2, 4, arena_printf(a, "%s would send it", others));
	}
	arena_free(a);
}
