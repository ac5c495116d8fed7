/* Sorting a table: the menu of its columns, a column by its name, the other way round. */
#ifndef TUI_SORT_H
#define TUI_SORT_H

#include "tui/table.h"
#include "tui/view.h"

/* ACTION_SORT and ACTION_REVERSE on a view whose body is this table; false: it is another action. */
bool sort_act(struct view *v, struct table *t, enum action a, const char *argument);

#endif
