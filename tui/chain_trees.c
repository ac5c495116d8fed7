/* Both chains as trees on the screen: side by side, or one under the other. */
#include <string.h>

#include "model/chain_rows.h"
#include "model/memory.h"
#include "tui/look.h"
#include "tui/tab_parts.h"

enum {
	NAME_COLUMN = 5,      /* "NO ✗ " stands before it */
	LEAST_NAME = 12,      /* columns that a name keeps, whatever stands beside it */
	WIDEST = 66,          /* a date further away from its name is hard to follow */
	FINGERPRINT_FROM = 60 /* where a tree is as wide as this, rows name the certificate's fingerprint */
};

static const struct {
	unsigned mark, note;
} looks[] = {
	[CHAIN_OK] = { ROLE_OK, ROLE_TEXT },
	[CHAIN_SOON] = { ROLE_WARN, ROLE_WARN },
	[CHAIN_BROKEN] = { ROLE_FAIL | LOOK_BOLD, ROLE_FAIL | LOOK_BOLD },
	[CHAIN_UNKNOWN] = { ROLE_WAIT, ROLE_TEXT },
};

struct tree {
	struct document *d;
	const struct chain_view *v;
	struct arena *a;
	int margin, width;
};

/*
 * What stands at the right end of a row: as much of note and date as there is room for beside the whole
 * name. Where that is not even the shortest form, the name is cut for the one of the two that matters.
 */
static const char *
right_end(const struct tree *t, const struct chain_row *r, int name)
{
	bool note_matters = r->brief[0] != '\0' && (r->mark == CHAIN_BROKEN || !r->dated);
	const char *gap = r->note[0] != '\0' && r->until[0] != '\0' ? " " : "";
	const char *forms[] = {
		arena_printf(t->a, "%s%s%s%s", r->note, gap, gap, r->until),
		arena_printf(t->a, "%s%s%s", r->note, gap, r->until),
		arena_printf(t->a, "%s%s%s", r->brief, r->brief[0] != '\0' ? gap : "", r->until),
		note_matters ? r->brief : r->until,
	};
	size_t i = 0;

	while (i < 3 && text_width(forms[i]) > t->width - name - 1)
		i++;
	/* Not sent, and expired besides: both must be seen. */
	if (i == 3 && note_matters && r->dated && text_width(forms[2]) <= t->width - NAME_COLUMN - LEAST_NAME)
		i = 2;
	return forms[i];
}

static const char *
with_fingerprint(const struct tree *t, const struct chain_row *r, const char *name, int at, const char *right)
{
	const char *longer = NULL;

	if (t->width < FINGERPRINT_FROM || r->cert == NULL)
		return name;
	longer = arena_printf(t->a, "%s  %.8s…", name, r->cert->sha256_hex);
	return at + text_width(longer) + 1 + text_width(right) <= t->width ? longer : name;
}

static void
tree_row(const struct tree *t, const struct chain_row *r)
{
	/* Deeper than a third of the width the tree would leave no room for names: the order still shows it. */
	int deepest = t->width / 6, depth = r->depth < (size_t)deepest ? (int)r->depth : deepest;
	int at = NAME_COLUMN + 2 * depth;
	const char *right = right_end(t, r, at + text_width(r->name));
	int room = t->width - at - (right[0] != '\0' ? text_width(right) + 1 : 0);
	const char *name = tab_cut(t->a, r->name, room > 4 ? room : 4);

	document_line(t->d);
	document_at(t->d, t->margin, looks[r->mark].mark, chain_mark_words[r->mark]);
	document_at(t->d, t->margin + 3, looks[r->mark].mark, chain_mark_glyphs[r->mark]);
	if (depth > 0)
		document_at(t->d, t->margin + at - 2, ROLE_DIM, "└─");
	document_at(t->d, t->margin + at, r->mark == CHAIN_BROKEN ? looks[r->mark].mark : ROLE_TEXT,
	    with_fingerprint(t, r, name, at, right));
	if (right[0] != '\0')
		document_at(t->d, t->margin + t->width - text_width(right), looks[r->mark].note, right);
}

static void
remark(const struct tree *t, unsigned look, const char *text)
{
	document_line(t->d);
	document_at(t->d, t->margin + NAME_COLUMN, look, "");
	document_wrap(t->d, t->margin + NAME_COLUMN, look, text);
}

/* "OUR CHAIN: FAIL, the server refuses it": the words below where the line does not hold them. */
static void
tree_heading(const struct tree *t)
{
	const struct chain_view *v = t->v;
	const char *words = arena_printf(t->a, ", %s", v->words);
	int at = text_width(chain_title(v->ours)) + 2 + text_width(state_word(v->state));

	document_line(t->d);
	document_at(t->d, t->margin, ROLE_HEAD, chain_title(v->ours));
	document_text(t->d, ROLE_HEAD, ": ");
	document_text(t->d, look_of_state(v->state) | LOOK_BOLD, state_word(v->state));
	if (at + text_width(words) <= t->width) {
		document_text(t->d, ROLE_TEXT, words);
		return;
	}
	document_line(t->d);
	document_wrap(t->d, t->margin, ROLE_TEXT, v->words);
}

/* A path of many that are all in order is told by its ends. */
static bool
left_out(const struct chain_view *v, size_t i)
{
	enum { AT_THE_ENDS = 4 };
	size_t path = 0;

	while (path < v->len && !v->rows[path].stray)
		path++;
	return i >= AT_THE_ENDS && i + AT_THE_ENDS < path && v->rows[i].mark == CHAIN_OK &&
	    v->rows[i - 1].mark == CHAIN_OK && v->rows[i + 1].mark == CHAIN_OK;
}

static void
compose_tree(const struct tree *t)
{
	const struct chain_view *v = t->v;
	size_t out = 0;
	bool faults = false;

	tree_heading(t);
	for (size_t i = 0; i < v->len; i++) {
		if (v->rows[i].stray && !faults)
			for (size_t k = 0; k < v->faults_len; k++)
				remark(t, ROLE_FAIL, v->faults[k]);
		faults = faults || v->rows[i].stray;
		if (left_out(v, i)) {
			out++;
			if (!left_out(v, i + 1))
				remark(t, ROLE_DIM, arena_printf(t->a, "… %zu more, all in order", out));
			out = left_out(v, i + 1) ? out : 0;
			continue;
		}
		tree_row(t, &v->rows[i]);
	}
	for (size_t k = 0; !faults && k < v->faults_len; k++)
		remark(t, ROLE_FAIL, v->faults[k]);
	if (v->strays_left_out > 0)
		remark(t, ROLE_DIM, arena_printf(t->a, "and %zu more that lead nowhere", v->strays_left_out));
	if (v->other_paths > 0)
		remark(t, ROLE_DIM, arena_printf(t->a, "%zu other path%s to an end; this is the best", v->other_paths,
		    v->other_paths == 1 ? "" : "s"));
}

/* A tree on its own sheet, of which the lines are taken. */
static void
on_a_sheet(struct document *sheet, const struct chain_view *v, int width, struct arena *a)
{
	struct tree t = { .d = sheet, .v = v, .a = a, .width = width };

	document_start(sheet);
	document_clear(sheet, width + 1); /* wrapping leaves the last column free */
	compose_tree(&t);
}

static void
copy_line(struct document *d, const struct document *sheet, size_t i, int left)
{
	if (i >= sheet->len)
		return;
	for (size_t k = 0; k < sheet->lines[i].len; k++) {
		const struct span *s = &sheet->lines[i].spans[k];
		document_at(d, s->column < 0 ? -1 : left + s->column, s->look, s->text);
	}
}

static void
side_by_side(struct document *d, const struct chain_view *theirs, const struct chain_view *ours, int columns, struct arena *a)
{
	int width = (columns - 4) / 2 < WIDEST ? (columns - 4) / 2 : WIDEST;
	struct document left, right;

	on_a_sheet(&left, theirs, width, a);
	on_a_sheet(&right, ours, width, a);
	for (size_t i = 0; i < left.len || i < right.len; i++) {
		document_line(d);
		copy_line(d, &left, i, 1);
		document_at(d, width + 2, ROLE_DIM, "│");
		copy_line(d, &right, i, width + 4);
	}
	document_done(&left);
	document_done(&right);
}

void
compose_trees(struct document *d, const struct diagnosis *x, int columns)
{
	struct chain_view chains[2]; /* theirs, ours */
	struct arena *a = arena_new();
	bool theirs_first = chain_theirs_first(x), both = false;
	int width = columns - 2 < WIDEST + 12 ? columns - 2 : WIDEST + 12;

	chain_rows(x, false, a, &chains[0]);
	chain_rows(x, true, a, &chains[1]);
	both = chains[0].words != NULL && chains[1].words != NULL;
	if (both && columns >= TREES_SIDE_BY_SIDE) {
		document_line(d);
		side_by_side(d, &chains[0], &chains[1], columns, a);
		arena_free(a);
		return;
	}
	for (int i = 0; i < 2; i++) {
		struct tree t = { .d = d, .v = &chains[theirs_first ? i : 1 - i], .a = a, .margin = 1, .width = width };
		if (t.v->words == NULL)
			continue;
		document_line(d);
		compose_tree(&t);
	}
	arena_free(a);
}
