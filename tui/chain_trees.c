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
	WIDEST_ALONE = 78,
	FINGERPRINTS = 140    /* columns of a screen that has room for the certificates' fingerprints */
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
	const struct diagnosis *x;
	const struct chain_view *v;
	struct arena *a;
	int margin, width;
	bool fingerprints;
};

/* The right end of a row: as much of note and date as it has room for, from all of both down to one word. */
enum form { FORM_WIDE, FORM_WHOLE, FORM_BRIEF, FORM_ONE, FORM_WORD };

/* Is it the note that the shortest form keeps? Else the date. */
static bool
note_matters(const struct chain_row *r)
{
	return r->brief[0] != '\0' && (r->mark == CHAIN_BROKEN || !r->dated);
}

/* "EXPIRED" of "EXPIRED 2026-11-18", "NOT YET" of "NOT YET 2026-11-20": as far as it is in capitals. */
static int
word_of(const char *until)
{
	size_t len = strspn(until, "ABCDEFGHIJKLMNOPQRSTUVWXYZ ");

	while (len > 0 && until[len - 1] == ' ')
		len--;
	return (int)(len > 0 ? len : strcspn(until, " "));
}

static const char *
formed(const struct tree *t, const struct chain_row *r, enum form form)
{
	const char *note = form <= FORM_WHOLE ? r->note : r->brief;

	if (form >= FORM_ONE && note_matters(r))
		return r->brief;
	/* "EXPIRED 2026-11-18": the word alone where the name has no room beside both. */
	if (form == FORM_WORD && r->mark == CHAIN_BROKEN && r->dated)
		return arena_printf(t->a, "%.*s", word_of(r->until), r->until);
	if (form >= FORM_ONE)
		return r->until;
	if (note[0] == '\0' || r->until[0] == '\0')
		return note[0] != '\0' ? note : r->until;
	/* A date is ten columns wide: notes stand below each other. */
	return arena_printf(t->a, form == FORM_WIDE ? "%s  %10s" : "%s %10s", note, r->until);
}

static int
name_column(const struct tree *t, const struct chain_row *r)
{
	/* Deeper than a fifth of the width the tree would leave no room for names: the order still shows it. */
	int deepest = t->width / 9;

	return NAME_COLUMN + 2 * (r->depth < (size_t)deepest ? (int)r->depth : deepest);
}

static enum form
fitting_form(const struct tree *t, const struct chain_row *r)
{
	int room = t->width - name_column(t, r) - text_width(r->name) - 1;
	enum form f = FORM_WIDE;

	while (f < FORM_WORD && text_width(formed(t, r, f)) > room)
		f++;
	/* Not sent, and expired besides: both must be seen, and the name gives way. */
	if (f >= FORM_ONE && note_matters(r) && r->dated && text_width(formed(t, r, FORM_BRIEF)) <= t->width - NAME_COLUMN - LEAST_NAME)
		f = FORM_BRIEF;
	return f;
}

/* Rows with nothing remarkable say all the same: “sent” on one only would read as if the others were not. */
static enum form
form_of(const struct tree *t, const struct chain_row *r)
{
	enum form f = fitting_form(t, r);

	for (size_t i = 0; r->brief[0] == '\0' && i < t->v->len; i++) {
		enum form other = t->v->rows[i].brief[0] == '\0' ? fitting_form(t, &t->v->rows[i]) : FORM_WIDE;
		f = other > f ? other : f;
	}
	return f;
}

static const char *
with_fingerprint(const struct tree *t, const struct chain_row *r, const char *name, int at, const char *right)
{
	const char *longer = NULL;

	if (!t->fingerprints || r->cert == NULL)
		return name;
	longer = arena_printf(t->a, "%s  %.8s…", name, r->cert->sha256_hex);
	return at + text_width(longer) + 1 + text_width(right) <= t->width ? longer : name;
}

static void
tree_row(const struct tree *t, const struct chain_row *r)
{
	int at = name_column(t, r);
	const char *right = formed(t, r, form_of(t, r));
	int room = t->width - at - (right[0] != '\0' ? text_width(right) + 1 : 0);
	const char *name = tab_cut(t->a, r->name, room > 4 ? room : 4);

	document_line(t->d);
	document_at(t->d, t->margin, looks[r->mark].mark, chain_mark_words[r->mark]);
	document_at(t->d, t->margin + 3, looks[r->mark].mark, chain_mark_glyphs[r->mark]);
	if (at > NAME_COLUMN)
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
	const char *words = arena_printf(t->a, ", %s", v->words), *state = state_word(v->state), *title = t->v->title;
	int rest = text_width(": ") + text_width(state) + text_width(words);

	if (!v->ours && text_width(title) + rest > t->width)
		title = "THEIR CHAIN";
	document_line(t->d);
	document_at(t->d, t->margin, ROLE_HEAD, title);
	document_text(t->d, ROLE_HEAD, ": ");
	document_text(t->d, look_of_state(v->state) | LOOK_BOLD, state);
	if (text_width(title) + rest <= t->width) {
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
	enum { AT_THE_ENDS = 3 };
	size_t path = 0;

	while (path < v->len && !v->rows[path].stray)
		path++;
	return i >= AT_THE_ENDS && i + AT_THE_ENDS < path && v->rows[i].mark == CHAIN_OK &&
	    v->rows[i - 1].mark == CHAIN_OK && v->rows[i + 1].mark == CHAIN_OK;
}

/* Do the rows, or the summary above, say already what is wrong with the path? Then the sentence is left out. */
static bool
said_already(const struct tree *t)
{
	const struct chain_view *v = t->v;
	const struct finding *root = t->x->root;

	if (root != NULL && root->severity == SEVERITY_ERROR && root->side == (v->ours ? SIDE_CLIENT : SIDE_SERVER))
		return true;
	for (size_t i = 0; i < v->len; i++) {
		if (!v->rows[i].stray && v->rows[i].mark == CHAIN_BROKEN && (v->rows[i].brief[0] != '\0' || v->rows[i].dated))
			return true;
	}
	return false;
}

static void
tree_rows(const struct tree *t, bool strays)
{
	size_t out = 0;

	for (size_t i = 0; i < t->v->len; i++) {
		if (t->v->rows[i].stray != strays)
			continue;
		if (!left_out(t->v, i)) {
			tree_row(t, &t->v->rows[i]);
			continue;
		}
		out++;
		if (!left_out(t->v, i + 1))
			remark(t, ROLE_DIM, arena_printf(t->a, "… %zu more, all in order", out));
	}
}

static void
tree_body(const struct tree *t)
{
	const struct chain_view *v = t->v;

	tree_rows(t, false);
	for (size_t i = 0; !said_already(t) && i < v->faults_len; i++)
		remark(t, ROLE_FAIL, v->faults[i]);
	tree_rows(t, true);
	if (v->strays_left_out > 0)
		remark(t, ROLE_DIM, arena_printf(t->a, "and %zu more that lead nowhere", v->strays_left_out));
	if (v->other_paths > 0)
		remark(t, ROLE_DIM, arena_printf(t->a, "%zu other path%s to an end; this is the best", v->other_paths,
		    v->other_paths == 1 ? "" : "s"));
}

/* Each tree on a sheet of its own; headings are made equally high, so that rows stand beside rows. */
static void
on_sheets(struct document sheets[2], struct tree trees[2])
{
	for (int i = 0; i < 2; i++) {
		document_start(&sheets[i]);
		document_clear(&sheets[i], trees[i].width + 1); /* wrapping leaves the last column free */
		trees[i].d = &sheets[i];
		tree_heading(&trees[i]);
	}
	while (sheets[0].len < sheets[1].len)
		document_line(&sheets[0]);
	while (sheets[1].len < sheets[0].len)
		document_line(&sheets[1]);
	tree_body(&trees[0]);
	tree_body(&trees[1]);
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
side_by_side(struct document *d, struct tree trees[2])
{
	struct document sheets[2];

	on_sheets(sheets, trees);
	for (size_t i = 0; i < sheets[0].len || i < sheets[1].len; i++) {
		document_line(d);
		copy_line(d, &sheets[0], i, 1);
		document_at(d, trees[0].width + 2, ROLE_DIM, "│");
		copy_line(d, &sheets[1], i, trees[0].width + 4);
	}
	document_done(&sheets[0]);
	document_done(&sheets[1]);
}

void
compose_trees(struct document *d, const struct diagnosis *x, int columns)
{
	struct chain_view chains[2];
	struct tree trees[2]; /* theirs, ours */
	struct arena *a = arena_new();
	bool theirs_first = chain_theirs_first(x), beside = columns >= TREES_SIDE_BY_SIDE;

	for (int i = 0; i < 2; i++) {
		chain_rows(x, i == 1, a, &chains[i]);
		beside = beside && chains[i].words != NULL;
		trees[i] = (struct tree){ .d = d, .x = x, .v = &chains[i], .a = a, .margin = 1, .fingerprints = columns >= FINGERPRINTS };
	}
	int room = beside ? (columns - 4) / 2 : columns - 2, widest = beside ? WIDEST : WIDEST_ALONE;
	trees[0].width = trees[1].width = room < widest ? room : widest;
	if (beside) {
		trees[0].margin = trees[1].margin = 0;
		side_by_side(d, trees);
	}
	bool second = false;
	for (int i = 0; !beside && i < 2; i++) {
		const struct tree *t = &trees[theirs_first ? i : 1 - i];
		if (t->v->words == NULL)
			continue;
		if (second)
			document_line(d);
		second = true;
		tree_heading(t);
		tree_body(t);
	}
	arena_free(a);
}
