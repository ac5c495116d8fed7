/*
 * The six tabs of the endpoint. Each composes a document from one entry; endpoint.c shows it, scrolls,
 * filters and copies. A tab of an entry that was never checked is not asked for.
 */
#ifndef TUI_TABS_H
#define TUI_TABS_H

#include "model/fleet.h"
#include "tui/document.h"

struct tab_place {
	int columns, rows;   /* that there are */
	int64_t now;         /* seconds */
};
typedef void tab_compose(struct document *d, const struct entry *e, const struct tab_place *at);

tab_compose tab_why, tab_findings, tab_handshake, tab_experiments, tab_certificate, tab_times;

/* Every field of one certificate, with its PEM; used by tab_certificate and certificate_view. */
void compose_certificate(struct document *d, const struct cert *c, const struct tab_place *at);

#endif
