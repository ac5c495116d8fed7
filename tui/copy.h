/* The `y` menu: what can be copied of the view's endpoint and certificate; and `:write`. */
#ifndef TUI_COPY_H
#define TUI_COPY_H

#include "tui/view.h"

/* What does not apply is shown with the reason. After copying, the message says by which way it went. */
void copy_menu(struct view *v);
/*
 * The view into a file: text, or JSON where the name ends in .json. Made beside it and renamed over it, on a
 * thread; an existing file needs a yes. "~/" is the user's folder. The message says how many bytes, and where.
 */
void write_view(struct view *v, const char *path);
/* The same with a text of the caller's, which is copied. `what` goes into the message: "of text", "of JSON". Static text. */
void write_bytes(struct console *k, const char *path, const char *bytes, size_t len, const char *what);
/* The same for nobody else to read: 0600. */
void write_private(struct console *k, const char *path, const char *bytes, size_t len, const char *what);

/* The view as plain text: a line that says what it is and of when, then every row. */
void view_text(struct view *v, struct buf *out);

#endif
