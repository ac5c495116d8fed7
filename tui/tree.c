#include "tui/tree.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "tui/arrange.h"

enum {
	DEPTH_DRAWN = 32, /* branches deeper than this stand in one column: a chain has ten links at most */
	INDENT = 2        /* columns of one branch */
};

/* What is open ---------------------------------------------------------------------------------------- */

/* Where the id stands among those that are open, or would. */
static size_t
open_place(const struct tree *t, uint64_t id)
{
	size_t low = 0, high = t->open_len;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->open[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_open(const struct tree *t, uint64_t id)
{
	size_t at = open_place(t, id);

	return at < t->open_len && t->open[at] == id;
}

static void
set_open(struct tree *t, uint64_t id, bool open)
{
	size_t at = open_place(t, id);

	if (is_open(t, id) == open)
		return;
	if (!open) {
		t->open_len--;
		memmove(t->open + at, t->open + at + 1, (t->open_len - at) * sizeof *t->open);
		return;
	}
	if (t->open_len == t->open_cap) {
		t->open_cap = t->open_cap > 0 ? 2 * t->open_cap : 64;
		t->open = mem_grow(t->open, t->open_cap, sizeof *t->open);
	}
	memmove(t->open + at + 1, t->open + at, (t->open_len - at) * sizeof *t->open);
	t->open[at] = id;
	t->open_len++;
}

/* What is shown --------------------------------------------------------------------------------------- */

static size_t
nodes_of(const struct tree *t)
{
	return t->source.count(t->source.self);
}

static uint64_t
id_of(const struct tree *t, size_t node)
{
	return t->source.id(t->source.self, node);
}

static int
depth_of(const struct tree *t, size_t node)
{
	return t->source.depth(t->source.self, node);
}

static bool
has_children(const struct tree *t, size_t node)
{
	return node + 1 < nodes_of(t) && depth_of(t, node + 1) > depth_of(t, node);
}

/* Name and note, as a file and a filter see them. */
static void
add_text(const struct tree *t, size_t node, struct buf *out)
{
	struct buf part = { 0 };

	t->source.text(t->source.self, node, &part);
	buf_adds(out, buf_str(&part));
	buf_reset(&part);
	if (t->source.note != NULL)
		t->source.note(t->source.self, node, &part);
	if (part.len > 0)
		buf_addf(out, "  %s", buf_str(&part));
	buf_done(&part);
}

static bool
node_matches(const struct tree *t, size_t node, struct buf *text)
{
	buf_reset(text);
	add_text(t, node, text);
	return filter_matches(t->body.filter_text, buf_str(text));
}

/* With a filter, what matches and what leads to it is shown, open or not. From the end: children come before parents. */
static bool *
filtered(const struct tree *t)
{
	size_t nodes = nodes_of(t);
	bool *keep = mem_zero(nodes + 1, sizeof *keep);
	struct buf text = { 0 };
	int wanted = 0; /* a node of less depth than this has a kept child */

	for (size_t node = nodes; node-- > 0;) {
		int depth = depth_of(t, node);

		keep[node] = depth < wanted || node_matches(t, node, &text);
		if (keep[node])
			wanted = depth;
	}
	buf_done(&text);
	return keep;
}

static void
add_row(struct tree *t, size_t node, int depth)
{
	if (t->len == t->cap) {
		t->cap = t->cap > 0 ? 2 * t->cap : 64;
		t->rows = mem_grow(t->rows, t->cap, sizeof *t->rows);
	}
	t->rows[t->len++] = (struct tree_row){ .node = node, .depth = depth, .children = has_children(t, node) };
}

static void
choose_rows(struct tree *t)
{
	bool *keep = t->body.filter_text != NULL ? filtered(t) : NULL;
	size_t nodes = nodes_of(t);
	int shut = -1; /* the depth of a closed node whose branch one is in; -1: none */

	t->len = 0;
	for (size_t node = 0; node < nodes; node++) {
		int depth = depth_of(t, node);

		if (keep != NULL ? !keep[node] : shut >= 0 && depth > shut)
			continue;
		add_row(t, node, depth);
		shut = is_open(t, id_of(t, node)) ? -1 : depth;
	}
	/* Children that the filter hides cannot be gone to. */
	for (size_t i = 0; keep != NULL && i < t->len; i++)
		t->rows[i].children = i + 1 < t->len && t->rows[i + 1].depth > t->rows[i].depth;
	free(keep);
}

/* Which rows are the last of their branch. From the end: a sister was met since the last shallower row, or not. */
static void
find_last(struct tree *t)
{
	bool met[DEPTH_DRAWN + 1] = { false };

	for (size_t i = t->len; i-- > 0;) {
		int depth = t->rows[i].depth < DEPTH_DRAWN ? t->rows[i].depth : DEPTH_DRAWN;

		t->rows[i].last = !met[depth];
		met[depth] = true;
		for (int deeper = depth + 1; deeper <= DEPTH_DRAWN; deeper++)
			met[deeper] = false;
	}
}

static int
by_id(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static size_t
row_of(const struct tree *t, uint64_t id)
{
	for (size_t i = 0; id != 0 && i < t->len; i++)
		if (id_of(t, t->rows[i].node) == id)
			return i;
	return SIZE_MAX;
}

static void
keep_id(struct tree *t)
{
	if (t->at.count > 0)
		t->at.id = id_of(t, t->rows[t->at.selected].node);
}

/* The row of the parent of a row; SIZE_MAX for a root. */
static size_t
parent_of(const struct tree *t, size_t row)
{
	for (size_t i = row; i-- > 0;)
		if (t->rows[i].depth < t->rows[row].depth)
			return i;
	return SIZE_MAX;
}

void
tree_changed(struct tree *t)
{
	choose_rows(t);
	find_last(t);
	position_follow(&t->at, t->len, row_of(t, t->at.id));
	keep_id(t);
}

/* Drawing --------------------------------------------------------------------------------------------- */

/* Every row's ancestors that have further sisters draw a line down past it. */
static void
add_branches(const struct tree *t, size_t row, struct buf *out)
{
	bool more[DEPTH_DRAWN] = { false };
	int depth = t->rows[row].depth < DEPTH_DRAWN ? t->rows[row].depth : DEPTH_DRAWN - 1;

	for (size_t up = parent_of(t, row); up != SIZE_MAX; up = parent_of(t, up))
		if (t->rows[up].depth < DEPTH_DRAWN)
			more[t->rows[up].depth] = !t->rows[up].last;
	for (int level = 1; level < depth; level++)
		buf_adds(out, more[level] ? "│ " : "  ");
	if (depth > 0)
		buf_adds(out, t->rows[row].last ? "└─" : "├─");
}

static const char *
sign_of(const struct tree *t, const struct tree_row *row)
{
	if (!row->children)
		return row->depth == 0 ? "  " : "";
	/* A filter opens what it needs. */
	return t->body.filter_text != NULL || is_open(t, id_of(t, row->node)) ? "▾ " : "▸ ";
}

static void
draw_row(const struct tree *t, const struct canvas *c, int y, size_t row)
{
	bool selected = row == t->at.selected;
	unsigned over = ROLE_TEXT | LOOK_SELECTED;
	struct buf text = { 0 };
	/* A tree that is longer than the screen has arrows in its last column. */
	int at = 1, end = c->columns - (t->len > t->at.height ? 2 : 1);

	if (selected)
		paint_padded(c, y, 0, c->columns, over, false, "");
	if (t->source.note != NULL) {
		unsigned look = t->source.note(t->source.self, t->rows[row].node, &text);
		int width = text_width(buf_str(&text));

		/* A note takes half of the row at most: the name is what one looks for. */
		width = width < c->columns / 2 ? width : c->columns / 2;
		if (width > 0) {
			end -= width;
			paint(c, y, end, width, selected ? over : look, buf_str(&text));
			end--;
		}
	}
	buf_reset(&text);
	add_branches(t, row, &text);
	buf_adds(&text, sign_of(t, &t->rows[row]));
	at += paint(c, y, at, end - at, selected ? over : ROLE_DIM, buf_str(&text));
	buf_reset(&text);
	unsigned look = t->source.text(t->source.self, t->rows[row].node, &text);
	paint(c, y, at, end - at, selected ? look | LOOK_SELECTED : look, buf_str(&text));
	if (!selected)
		body_draw_match(&t->body, c, y, at, end - at, buf_str(&text));
	buf_done(&text);
}

/* Whether more stands above or below: in the last column, which names and notes leave free then. */
static void
draw_arrows(const struct tree *t, const struct canvas *c)
{
	size_t end = t->at.top + t->at.height;
	unsigned looks[] = { ROLE_DIM, ROLE_TEXT | LOOK_SELECTED };

	if (t->at.height == 0)
		return;
	if (t->at.top > 0)
		paint(c, 0, c->columns - 1, 1, looks[t->at.selected == t->at.top], "▲");
	if (end < t->len)
		paint(c, c->rows - 1, c->columns - 1, 1, looks[t->at.selected == end - 1], "▼");
}

static void
tree_draw(struct body *b, const struct canvas *c)
{
	struct tree *t = (struct tree *)b;

	position_fit(&t->at, c->rows > 0 ? (size_t)c->rows : 0);
	if (t->len == 0)
		body_draw_empty(b, c, 0, nodes_of(t), t->empty);
	for (size_t i = 0; i < t->at.height && t->at.top + i < t->len; i++)
		draw_row(t, c, (int)i, t->at.top + i);
	draw_arrows(t, c);
}

/* Moving ---------------------------------------------------------------------------------------------- */

static void
tree_move(struct body *b, enum move m)
{
	struct tree *t = (struct tree *)b;

	position_move(&t->at, m);
	keep_id(t);
}

static void
go_to(struct tree *t, size_t row)
{
	t->at.selected = row;
	keep_id(t);
	position_fit(&t->at, t->at.height);
}

bool
tree_toggle(struct tree *t)
{
	/* A filter shows what it found, open or not. */
	if (t->len == 0 || t->body.filter_text != NULL || !t->rows[t->at.selected].children)
		return false;
	set_open(t, t->at.id, !is_open(t, t->at.id));
	tree_changed(t);
	return true;
}

bool
tree_go_in(struct tree *t)
{
	if (t->len == 0 || !t->rows[t->at.selected].children)
		return false;
	if (t->body.filter_text == NULL && !is_open(t, t->at.id))
		return tree_toggle(t);
	go_to(t, t->at.selected + 1);
	return true;
}

bool
tree_go_out(struct tree *t)
{
	size_t parent;

	if (t->len == 0)
		return false;
	if (t->body.filter_text == NULL && t->rows[t->at.selected].children && is_open(t, t->at.id))
		return tree_toggle(t);
	parent = parent_of(t, t->at.selected);
	if (parent == SIZE_MAX)
		return false;
	go_to(t, parent);
	return true;
}

void
tree_open(struct tree *t, uint64_t id)
{
	set_open(t, id, true);
	tree_changed(t);
}

void
tree_open_all(struct tree *t, bool open)
{
	size_t nodes = nodes_of(t), selected = t->at.selected;

	/* What is selected may vanish into a branch that closes: its root is selected then. */
	while (!open && t->len > 0 && parent_of(t, selected) != SIZE_MAX)
		selected = parent_of(t, selected);
	if (t->len > 0)
		t->at.id = id_of(t, t->rows[selected].node);
	t->open_len = 0;
	if (open && t->open_cap < nodes) {
		t->open_cap = nodes;
		t->open = mem_grow(t->open, t->open_cap, sizeof *t->open);
	}
	for (size_t node = 0; open && node < nodes; node++)
		if (has_children(t, node))
			t->open[t->open_len++] = id_of(t, node);
	if (t->open_len > 0)
		qsort(t->open, t->open_len, sizeof *t->open, by_id);
	tree_changed(t);
}

bool
tree_all_open(const struct tree *t)
{
	for (size_t node = 0; node < nodes_of(t); node++)
		if (has_children(t, node) && !is_open(t, id_of(t, node)))
			return false;
	return true;
}

uint64_t
tree_selected(const struct tree *t)
{
	return t->at.count > 0 ? t->at.id : 0;
}

size_t
tree_selected_node(const struct tree *t)
{
	return t->at.count > 0 ? t->rows[t->at.selected].node : SIZE_MAX;
}

void
tree_select(struct tree *t, uint64_t id)
{
	size_t nodes = nodes_of(t), node = 0;

	while (node < nodes && id_of(t, node) != id)
		node++;
	if (node == nodes)
		return;
	/* The way to it is opened. */
	for (int depth = depth_of(t, node); node-- > 0 && depth > 0;) {
		if (depth_of(t, node) >= depth)
			continue;
		depth = depth_of(t, node);
		set_open(t, id_of(t, node), true);
	}
	tree_changed(t);
	if (row_of(t, id) != SIZE_MAX)
		go_to(t, row_of(t, id));
}

/* The body -------------------------------------------------------------------------------------------- */

static void
tree_filter(struct body *b, const char *text)
{
	struct tree *t = (struct tree *)b;

	uint64_t id = t->at.id;

	body_filter(b, text);
	tree_changed(t);
	if (t->at.id != id)
		tree_move(b, MOVE_FIRST);
}

static void
tree_count(const struct body *b, size_t *shown, size_t *all)
{
	const struct tree *t = (const struct tree *)b;

	*shown = t->len;
	*all = nodes_of(t);
}

static bool
tree_has_row(const struct body *b)
{
	return ((const struct tree *)b)->len > 0;
}

/* All of it, whether open or not: a file has no branches to open. */
static void
tree_write(struct body *b, struct buf *out)
{
	const struct tree *t = (const struct tree *)b;
	bool *keep = t->body.filter_text != NULL ? filtered(t) : NULL;

	for (size_t node = 0; node < nodes_of(t); node++) {
		if (keep != NULL && !keep[node])
			continue;
		for (int i = 0; i < INDENT * depth_of(t, node); i++)
			buf_addc(out, ' ');
		add_text(t, node, out);
		buf_addc(out, '\n');
	}
	free(keep);
}

static const struct body_ops tree_ops = {
	.draw = tree_draw,
	.move = tree_move,
	.filter = tree_filter,
	.count = tree_count,
	.has_row = tree_has_row,
	.write = tree_write,
};

void
tree_start(struct tree *t, const struct tree_source *source, const char *empty)
{
	*t = (struct tree){ .body.ops = &tree_ops, .source = *source, .empty = empty };
}

void
tree_done(struct tree *t)
{
	body_filter(&t->body, NULL);
	free(t->rows);
	free(t->open);
	*t = (struct tree){ 0 };
}
