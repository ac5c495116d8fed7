/* What is known of one cause, for below the table of causes: sentences with labels, as many as there is room for. */
#ifndef TUI_CAUSE_DETAIL_H
#define TUI_CAUSE_DETAIL_H

#include "model/fleet.h"
#include "tui/paint.h"

struct cause_detail;

/* Copies all that it needs: it holds whatever becomes of the fleet. Times as of now_ms. */
struct cause_detail *cause_detail_new(const struct fleet *f, const struct fleet_cause *c, int64_t now_ms);
void cause_detail_free(struct cause_detail *d); /* NULL is legal */
/* Rows that all of it takes at that width. */
int cause_detail_rows(const struct cause_detail *d, int columns);
/* As much of it as there are rows for: what matters least is left out, whole. */
void cause_detail_draw(const struct cause_detail *d, const struct canvas *c);

#endif
