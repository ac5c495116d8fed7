/* The `y` menu: what can be copied of the view's endpoint and certificate; and `:write`. */
#ifndef TUI_COPY_H
#define TUI_COPY_H

#include "tui/view.h"

void copy_menu(struct view *v);
/* The view into a file: text, or JSON where the name ends in .json. Made beside it and renamed over it; an existing file needs a yes. */
void write_view(struct view *v, const char *path);

#endif
