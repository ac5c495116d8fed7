/* The report's part on what was looked up beside the handshakes: issuers, revocation, and every request for it. */
#include "model/fetched_words.h"
#include "model/memory.h"
#include "model/report_parts.h"

enum { SHOWN = 24 };

void
report_fetched(const struct diagnosis *d, const struct page *p)
{
	const struct evidence *e = d->evidence;
	struct arena *a;

	if (e->fetches_len == 0 && e->revocations_len == 0)
		return;
	a = arena_new();
	page_heading(p, "LOOKED UP");
	for (size_t i = 0; i < e->revocations_len && i < SHOWN; i++) {
		page_text(p, "  ");
		page_wrap(p, 2, 6, arena_printf(a, "“%s”: %s", revocation_called(e, &e->revocations[i]), revocation_line(e, &e->revocations[i], a)));
	}
	for (size_t i = 0; i < e->fetches_len && i < SHOWN; i++) {
		page_text(p, "  ");
		page_wrap(p, 2, 6, arena_printf(a, "%s: %s", e->fetches[i].url, fetch_line(&e->fetches[i], a)));
	}
	arena_free(a);
}
