/* `c`: what is known of an endpoint, into a case file. */
#ifndef TUI_SAVE_CASE_H
#define TUI_SAVE_CASE_H

#include "tui/view.h"

/* The endpoint that is selected in the view, into `path`; NULL: asks for a name. Says where it went. */
void save_case(struct view *v, const char *path);
/* Of an entry that was checked. */
void save_case_of(struct console *k, const struct entry *e, const char *path);

#endif
