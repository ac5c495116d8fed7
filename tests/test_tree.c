/* The tree by its rows: what is open, what a filter shows, where the selection goes when nodes come and go. */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "tui/tree.h"

/* A node is a letter; its depth is how many dots stand before it: "a .b ..c .d e". Its id is the letter. */
struct wood {
	const char *nodes;
};

static const char *
node_at(const struct wood *w, size_t node)
{
	const char *at = w->nodes + strspn(w->nodes, " ");

	for (; node > 0; node--) {
		at += strcspn(at, " ");
		at += strspn(at, " ");
	}
	return at;
}

static size_t
wood_count(void *self)
{
	const struct wood *w = self;
	size_t n = 0;

	while (*node_at(w, n) != '\0')
		n++;
	return n;
}

static int
wood_depth(void *self, size_t node)
{
	return (int)strspn(node_at(self, node), ".");
}

static uint64_t
wood_id(void *self, size_t node)
{
	return (unsigned char)node_at(self, node)[wood_depth(self, node)];
}

static unsigned
wood_text(void *self, size_t node, struct buf *out)
{
	assert_int_equal(out->len, 0); /* as promised */
	buf_addc(out, (char)wood_id(self, node));
	return ROLE_TEXT;
}

static unsigned
wood_note(void *self, size_t node, struct buf *out)
{
	assert_int_equal(out->len, 0);
	if (wood_depth(self, node) == 0)
		buf_adds(out, "root");
	return ROLE_DIM;
}

#define FIR "a .b ..c ..d .e f .g ..h ...i j"

static struct tree_source
source_of(struct wood *w)
{
	return (struct tree_source){ wood_count, wood_id, wood_depth, wood_text, wood_note, w };
}

/* What is shown, as letters, the selected one in brackets. */
static void
expect(const struct tree *t, const char *what, const char *rows)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < t->len; i++) {
		char c = (char)t->source.id(t->source.self, t->rows[i].node);
		buf_addf(&b, i == t->at.selected ? "[%c]" : "%c", c);
	}
	if (strcmp(buf_str(&b), rows) != 0)
		fail_msg("%s: %s, expected %s", what, buf_str(&b), rows);
	buf_done(&b);
	assert_int_equal(t->at.count, t->len);
	if (t->len > 0)
		assert_true(tree_selected(t) == t->source.id(t->source.self, t->rows[t->at.selected].node));
}

/* u, d, h, e move; o toggles; < and > go out and in; + and - open and close all; a capital selects that node. */
static void
press(struct tree *t, const char *keys)
{
	for (; *keys != '\0'; keys++) {
		switch (*keys) {
		case 'u':
			t->body.ops->move(&t->body, MOVE_UP);
			break;
		case 'd':
			t->body.ops->move(&t->body, MOVE_DOWN);
			break;
		case 'h':
			t->body.ops->move(&t->body, MOVE_FIRST);
			break;
		case 'e':
			t->body.ops->move(&t->body, MOVE_LAST);
			break;
		case 'o':
			tree_toggle(t);
			break;
		case '<':
			tree_go_out(t);
			break;
		case '>':
			tree_go_in(t);
			break;
		case '+':
		case '-':
			tree_open_all(t, *keys == '+');
			break;
		default:
			tree_select(t, (uint64_t)(*keys + 'a' - 'A'));
		}
	}
}

static const struct {
	const char *what, *keys, *rows;
} cases[] = {
	{ "closed at first", "", "[a]fj" },
	{ "one opens", "o", "[a]befj" },
	{ "and closes", "oo", "[a]fj" },
	{ "its children stay closed", "odo", "a[b]cdefj" },
	{ "and open, where they were, when it opens again", "odouoo", "[a]bcdefj" },
	{ "a leaf does not open", "eo", "af[j]" },
	{ "all open", "+", "[a]bcdefghij" },
	{ "all closed", "+-", "[a]fj" },
	{ "the selection stays when all open", "d+", "abcde[f]ghij" },
	{ "what is selected in a branch that closes: its root", "I-", "a[f]j" },
	{ "in opens", ">", "[a]befj" },
	{ "and goes to the first child then", ">>", "a[b]efj" },
	{ "a leaf has nothing inside", "e>", "af[j]" },
	{ "out closes", "+<", "[a]fghij" },
	{ "out of a leaf goes to its parent", "+D<", "a[b]cdefghij" },
	{ "out of a closed node too", "+B<<", "[a]befghij" },
	{ "out of a root does nothing", "<", "[a]fj" },
	{ "selecting opens the way to it", "I", "afgh[i]j" },
	{ "and nothing else", "C", "ab[c]defj" },
	{ "what there is not is not selected", "dZ", "a[f]j" },
};

static void
opens_and_closes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct wood w = { FIR };
		struct tree_source s = source_of(&w);
		struct tree t;

		tree_start(&t, &s, NULL);
		tree_changed(&t);
		press(&t, cases[i].keys);
		expect(&t, cases[i].what, cases[i].rows);
		tree_done(&t);
	}
}

static void
says_whether_it_did(void **state)
{
	struct wood w = { FIR };
	struct tree_source s = source_of(&w);
	struct tree t;

	(void)state;
	tree_start(&t, &s, NULL);
	tree_changed(&t);
	assert_false(tree_all_open(&t));
	assert_false(tree_go_out(&t));
	assert_true(tree_toggle(&t));
	press(&t, "e");
	assert_false(tree_toggle(&t));
	assert_false(tree_go_in(&t));
	press(&t, "+");
	assert_true(tree_all_open(&t));
	assert_int_equal(tree_selected_node(&t), 9);
	press(&t, "h<");
	assert_false(tree_all_open(&t));
	tree_done(&t);
}

static void
filters_with_the_way_to_it(void **state)
{
	static const struct {
		const char *filter, *rows;
	} filters[] = {
		{ "i", "[f]ghi" },      /* opened, though all was closed; the first row, since what was selected is gone */
		{ "d", "[a]bd" },
		{ "root", "[a]fj" },    /* the note counts */
		{ "!root", "[a]bcdefghi" },
		{ "b", "[a]b" },
		{ "nothing", "" },
		{ "", "[a]fj" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
		struct wood w = { FIR };
		struct tree_source s = source_of(&w);
		struct tree t;
		size_t shown, all;

		tree_start(&t, &s, NULL);
		tree_changed(&t);
		t.body.ops->filter(&t.body, filters[i].filter);
		expect(&t, filters[i].filter, filters[i].rows);
		t.body.ops->count(&t.body, &shown, &all);
		assert_int_equal(shown, t.len);
		assert_int_equal(all, 10);
		assert_true(t.body.ops->has_row(&t.body) == (t.len > 0));
		t.body.ops->filter(&t.body, NULL); /* and nothing of it stays open */
		assert_int_equal(t.len, 3);
		tree_done(&t);
	}
}

/* The selection follows its id; what was open stays open, though every node has another number. */
static void
nodes_come_and_go(void **state)
{
	struct wood w = { FIR };
	struct tree_source s = source_of(&w);
	struct tree t;

	(void)state;
	tree_start(&t, &s, NULL);
	tree_changed(&t);
	press(&t, "G");
	expect(&t, "selected", "af[g]j");
	w.nodes = "x .y f .z .g ..h a .b j";
	tree_changed(&t);
	expect(&t, "moved", "xfz[g]aj");
	w.nodes = "x f .z a j";
	tree_changed(&t);
	expect(&t, "gone: what stands at its place", "xfz[a]j");
	w.nodes = "";
	tree_changed(&t);
	expect(&t, "all gone", "");
	assert_int_equal(tree_selected(&t), 0);
	assert_int_equal(tree_selected_node(&t), SIZE_MAX);
	assert_false(tree_toggle(&t));
	press(&t, "du<>oehA");
	w.nodes = FIR;
	tree_changed(&t);
	expect(&t, "back again: it too", "[a]fgj");
	tree_done(&t);
}

static void
sisters_are_known(void **state)
{
	/* For each row of the open tree: is it the last of its branch? */
	static const char last[] = "nnnyynyyyy";
	struct wood w = { FIR };
	struct tree_source s = source_of(&w);
	struct tree t;

	(void)state;
	tree_start(&t, &s, NULL);
	tree_open_all(&t, true);
	for (size_t i = 0; i < t.len; i++)
		if (t.rows[i].last != (last[i] == 'y'))
			fail_msg("row %zu", i);
	tree_done(&t);
}

static void
writes_all_of_it(void **state)
{
	struct wood w = { "a .b ..c d" };
	struct tree_source s = source_of(&w);
	struct tree t;
	struct buf b = { 0 };

	(void)state;
	tree_start(&t, &s, NULL);
	tree_changed(&t);
	t.body.ops->write(&t.body, &b);
	assert_string_equal(buf_str(&b), "a  root\n  b\n    c\nd  root\n");
	buf_reset(&b);
	t.body.ops->filter(&t.body, "c");
	t.body.ops->write(&t.body, &b);
	assert_string_equal(buf_str(&b), "a  root\n  b\n    c\n");
	buf_done(&b);
	tree_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_and_closes),
		cmocka_unit_test(says_whether_it_did),
		cmocka_unit_test(filters_with_the_way_to_it),
		cmocka_unit_test(nodes_come_and_go),
		cmocka_unit_test(sisters_are_known),
		cmocka_unit_test(writes_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
