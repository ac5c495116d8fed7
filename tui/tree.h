/* A tree: rows with a depth that open and close. What is open follows stable ids, as the selection does. */
#ifndef TUI_TREE_H
#define TUI_TREE_H

#include "tui/body.h"

/* All nodes, parents before their children (depth-first), whether open or not. */
struct tree_source {
	size_t (*count)(void *self);
	uint64_t (*id)(void *self, size_t node);    /* never 0 */
	int (*depth)(void *self, size_t node);      /* of the first: 0; of a child: its parent's plus one */
	/* The node's text into `out` (empty on entry), printable. Returns its look. */
	unsigned (*text)(void *self, size_t node, struct buf *out);
	/* What stands at the right end of its row, or nothing. */
	unsigned (*note)(void *self, size_t node, struct buf *out);
	void *self;
};

/* What a row needs to know of the tree around it. */
struct tree_row {
	size_t node;
	int depth;
	bool last;           /* no sister comes behind it */
	bool children;
};

struct tree {
	struct body body;
	struct tree_source source;
	struct position at;
	struct tree_row *rows; /* nodes that are visible, in order */
	size_t len, cap;
	uint64_t *open;      /* sorted ids */
	size_t open_len, open_cap;
	const char *empty;   /* what stands there without rows, with the next step in it; lines by \n */
};

void tree_start(struct tree *t, const struct tree_source *source, const char *empty);
void tree_done(struct tree *t);
void tree_changed(struct tree *t);
/* Opens or closes the selected node; false where it has no children, and while there is a filter. */
bool tree_toggle(struct tree *t);
/* Right: opens the selected node, or goes to its first child; false where it has none. */
bool tree_go_in(struct tree *t);
/* Left: closes the selected node, or goes to its parent; false where there is neither. */
bool tree_go_out(struct tree *t);
void tree_open(struct tree *t, uint64_t id);
void tree_open_all(struct tree *t, bool open);
bool tree_all_open(const struct tree *t);
uint64_t tree_selected(const struct tree *t); /* 0: none */
size_t tree_selected_node(const struct tree *t); /* SIZE_MAX: none */
void tree_select(struct tree *t, uint64_t id);

#endif
