/* Both chains as trees on the page: the rows of model/chain_rows.h, one a line. */
#include "model/chain_rows.h"
#include "model/memory.h"
#include "model/report_parts.h"

enum { NAME_COLUMN = 5, NOTE_COLUMN = 41, UNTIL_COLUMN = 62 };

static const struct {
	enum tint name, note;
} tints[] = {
	[CHAIN_OK] = { TINT_OK, TINT_NONE },
	[CHAIN_SOON] = { TINT_WARN, TINT_NONE },
	[CHAIN_BROKEN] = { TINT_FAIL, TINT_FAIL },
	[CHAIN_UNKNOWN] = { TINT_NONE, TINT_NONE },
};

static void
plain_row(const struct page *p, const struct chain_row *r)
{
	page_textf(p, "%s: %s, %s%s%s\n", r->name, chain_mark_words[r->mark], r->note, r->until[0] != '\0' ? ", " : "",
	    r->until);
}

/* One row: state, indented name, where it came from, until when. */
static void
row(const struct page *p, const struct chain_row *r, struct arena *a)
{
	size_t at = NAME_COLUMN;

	page_tinted(p, tints[r->mark].name, arena_printf(a, "%s %s", chain_mark_words[r->mark], chain_mark_glyphs[r->mark]));
	buf_addc(p->out, ' ');
	/* Deeper than this the tree would leave the page: the order still shows it. */
	if (r->depth > 0) {
		size_t blanks = (r->depth < 8 ? r->depth - 1 : 7) * 2;
		page_pad(p, 0, blanks);
		page_text(p, "└─");
		at += blanks + 2;
	}
	page_text(p, r->name);
	at += page_columns_of(p, r->name);
	if (at >= NOTE_COLUMN) {
		buf_addc(p->out, '\n');
		at = 0;
	}
	page_pad(p, at, NOTE_COLUMN);
	page_tinted(p, tints[r->mark].note, r->note);
	if (r->until[0] != '\0') {
		at = NOTE_COLUMN + page_columns_of(p, r->note);
		page_pad(p, at < UNTIL_COLUMN ? at : UNTIL_COLUMN - 1, UNTIL_COLUMN);
		page_text(p, r->until);
	}
	buf_addc(p->out, '\n');
}

static void
rows(const struct page *p, const struct chain_view *v, bool strays, struct arena *a)
{
	for (size_t i = 0; i < v->len; i++) {
		if (v->rows[i].stray != strays)
			continue;
		if (p->style->plain)
			plain_row(p, &v->rows[i]);
		else
			row(p, &v->rows[i], a);
	}
}

static void
tree(const struct diagnosis *d, bool ours, const struct page *p, struct arena *a)
{
	struct chain_view v;

	chain_rows(d, ours, a, &v);
	if (v.words == NULL)
		return;
	buf_addc(p->out, '\n');
	page_tinted(p, TINT_HEAD, chain_title(ours));
	page_text(p, ": ");
	page_tinted(p, state_tint(v.state), state_word(v.state));
	page_textf(p, ", %s\n", v.words);
	rows(p, &v, false, a);
	for (size_t i = 0; i < v.faults_len; i++) {
		page_text(p, "     ✗ ");
		page_wrap(p, 7, 7, v.faults[i]);
	}
	rows(p, &v, true, a);
	if (v.strays_left_out > 0)
		page_textf(p, "     and %zu more\n", v.strays_left_out);
	if (v.other_paths > 0)
		page_textf(p, "     %zu other path%s to an end; this is the best\n", v.other_paths, v.other_paths == 1 ? "" : "s");
}

void
report_trees(const struct diagnosis *d, const struct page *p)
{
	struct arena *a = arena_new();
	bool theirs_first = chain_theirs_first(d);

	tree(d, !theirs_first, p, a);
	tree(d, theirs_first, p, a);
	arena_free(a);
}
