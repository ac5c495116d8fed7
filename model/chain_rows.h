/* Both chains as rows of a tree, root first: what the report prints and the console draws. */
#ifndef MODEL_CHAIN_ROWS_H
#define MODEL_CHAIN_ROWS_H

#include "model/page.h"

enum chain_mark { CHAIN_OK, CHAIN_SOON, CHAIN_BROKEN, CHAIN_UNKNOWN };

struct chain_row {
	enum chain_mark mark;
	size_t depth;
	const char *name;    /* printable, 56 columns at most */
	const char *note;    /* "NOT SENT", "in their CA list", "sent, WRONG NAME" */
	const char *brief;   /* the part of the note that a narrow row keeps: "WRONG NAME"; "" where it can be left out */
	const char *until;   /* "41 d left", "2034-03-01", "EXPIRED 2026-08-15", or "" */
	bool dated;          /* it is the date that matters: it has ended, has not begun, or ends soon */
	const struct cert *cert; /* NULL: known by its name only */
	bool stray;          /* sent, and no part of the path; these come last */
};
struct chain_view {
	bool ours;
	bool seen;           /* false: there is nothing but `words` to show */
	enum state state;
	const char *title;   /* "OUR CHAIN"; of a client that was seen "ITS CHAIN" */
	const char *words;   /* "we trust it", "the server refuses it"; NULL: there is nothing to say of this side at all */
	struct chain_row *rows;
	size_t len, cap;
	const char **faults; /* sentences: what is wrong with the path as a whole */
	size_t faults_len;
	size_t strays_left_out;
	size_t other_paths;  /* that lead to an end as well */
};

/* Into the arena. Its certificates are borrowed of the diagnosis. */
void chain_rows(const struct diagnosis *d, bool ours, struct arena *a, struct chain_view *out);
/* Which of the two is to be shown first, where one stands under the other: the broken one. */
bool chain_theirs_first(const struct diagnosis *d);
const char *chain_title(bool ours); /* "OUR CHAIN" */
extern const char *const chain_mark_words[];  /* "OK", "OK", "NO", "??" */
extern const char *const chain_mark_glyphs[]; /* "✓", "!", "✗", " " */

#endif
