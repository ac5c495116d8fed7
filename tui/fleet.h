/* The fleet's list, as other screens need it. */
#ifndef TUI_FLEET_H
#define TUI_FLEET_H

#include "model/fleet.h"
#include "tui/view.h"

/*
 * The entry `step` rows below (above, where negative) of `e` in the list that it was opened from: in that list's
 * order and filter. `list` is the view below; where it is NULL or lists no endpoints, the order of the fleet counts.
 * NULL: there is none.
 */
struct entry *fleet_view_neighbour(struct view *list, const struct entry *e, int step);

#endif
