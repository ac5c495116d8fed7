/* What the tabs of the endpoint share: looks, cutting, sentences. */
#ifndef TUI_TAB_PARTS_H
#define TUI_TAB_PARTS_H

#include "model/page.h"
#include "model/verdict_words.h"
#include "tui/tabs.h"

enum {
	TREES_SIDE_BY_SIDE = 78, /* columns of a screen that has room for two trees */
	TEXT_COLUMNS = 112       /* the widest that sentences are set: longer lines are hard to follow */
};

unsigned look_of_state(enum state s);
/* "✗ FAIL" at column 1 of the last line, what follows at column 9. */
void tab_state(struct document *d, enum state s, unsigned look, const char *text);
/* The text, cut with “…” where it takes more than `columns` of this terminal. Into the arena. */
const char *tab_cut(struct arena *a, const char *text, int columns);
/* The same sentence with a capital letter. Into the arena. */
const char *tab_sentence(struct arena *a, const char *text);
/* One labelled line each. */
void tab_lines(struct document *d, const struct word_lines *w);
/* The same for evidence, of which each may take some lines: a dot before each where there is more than one. */
void tab_evidence(struct document *d, const char *label, const char *const *texts, size_t len);
/*
 * Both chains: two trees side by side where there is room, else one under the other, the broken one
 * first. Nothing where no chain was seen.
 */
/* One handshake as a ladder, without a title; used by tab_handshake and client_view. */
void compose_ladder(struct document *d, const struct diagnosis *x, const struct handshake *h, int columns);
void compose_trees(struct document *d, const struct diagnosis *x, int columns);
/* would_send.c: would other clients have sent the certificate? Nothing where all would. */
void tab_would_send(struct document *d, const struct diagnosis *x, struct arena *a);

/* Where the verdict is about one of several addresses, as the trees show it: that what follows is of this one. Else nothing. */
void tab_where(struct document *d, const struct diagnosis *x);

#endif
