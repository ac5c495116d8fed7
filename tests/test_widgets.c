/*
 * Table, tree, document, menu, question and prompt as they are drawn, without a frame around them: golden
 * screens, and what golden screens do not show, attributes and how much is drawn.
 */
#include <stddef.h>
#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vterm.h>

#include "tests/memory_terminal.h"
#include "tests/screen.h"
#include "tui/dialog.h"
#include "tui/document.h"
#include "tui/key.h"
#include "tui/prompt.h"
#include "tui/table.h"
#include "tui/tree.h"

/* A table ---------------------------------------------------------------------------------------------- */

/* How many rows there are, and how often a cell was asked for. */
struct rows {
	size_t len, all, cells, marked;
};

static size_t
rows_count(void *self)
{
	return ((struct rows *)self)->len;
}

static size_t
rows_all(void *self)
{
	return ((struct rows *)self)->all;
}

static uint64_t
rows_id(void *self, size_t row)
{
	assert_true(row < ((struct rows *)self)->len);
	return row + 1;
}

static size_t
rows_find(void *self, uint64_t id)
{
	return id > 0 && id <= ((struct rows *)self)->len ? (size_t)id - 1 : SIZE_MAX;
}

static const struct column columns[] = {
	{ .title = "STATE", .name = "state", .width = 6 },
	{ .title = "NAME", .name = "name", .width = 14, .grows = 2 },
	{ .title = "ADDRESS", .width = 15, .from = 100, .grows = 1 },
	{ .title = "CAUSE", .width = 12, .grows = 3 },
	{ .title = "DAYS", .name = "days", .width = 12, .from = 60, .right = true },
	{ .title = NULL },
};

static unsigned
rows_cell(void *self, size_t row, size_t column, struct buf *out)
{
	static const struct {
		const char *word;
		unsigned look;
	} states[] = { { "✗ FAIL", ROLE_FAIL }, { "✓ OK", ROLE_OK }, { "! WARN", ROLE_WARN }, { "  WAIT", ROLE_WAIT } };
	struct rows *r = self;

	r->cells++;
	assert_true(row < r->len);
	switch (column) {
	case 0:
		buf_adds(out, states[row % 4].word);
		return states[row % 4].look;
	case 1: buf_addf(out, "service-%zu.payment.internal", row + 1); break;
	case 2: buf_addf(out, "10.0.0.%zu:8443", row % 256); break;
	case 3: buf_adds(out, row % 4 == 0 ? "“Acme Issuing CA 1” expired 02:05 UTC" : ""); break;
	default: buf_addf(out, "%zu d theirs", row * 37 % 400);
	}
	return ROLE_TEXT;
}

static bool
rows_marked(void *self, size_t row)
{
	return row == 2 && row < ((struct rows *)self)->marked;
}

static void
start_table(struct table *t, struct rows *r)
{
	const struct table_source source = { .columns = columns, .count = rows_count, .all = rows_all, .id = rows_id,
		.find = rows_find, .cell = rows_cell, .marked = rows_marked, .self = r };

	table_start(t, &source, "No endpoints.\nPress a to add one, or leave and start: mtlscope demo");
	t->sort_column = 0;
	table_changed(t);
}

/* A tree ----------------------------------------------------------------------------------------------- */

static const struct {
	int depth;
	const char *text, *note;
	unsigned look;
} nodes[] = {
	{ 0, "order.crt, order.key", "complete", ROLE_OK },
	{ 1, "Acme Root CA", "2034-03-01", ROLE_TEXT },
	{ 2, "Acme Issuing CA 1", "2029-03-01", ROLE_TEXT },
	{ 3, "order-service", "88 d left", ROLE_WARN },
	{ 2, "Acme Issuing CA 2, which has a name that is much longer than a narrow screen", "2029-03-01", ROLE_TEXT },
	{ 0, "ledger.key", "its certificate is missing", ROLE_FAIL },
	{ 0, "root.pem", NULL, ROLE_TEXT },
	{ 1, "Acme Root CA", "2034-03-01", ROLE_TEXT },
};
enum { NODES = sizeof nodes / sizeof nodes[0] };

static size_t
nodes_count(void *self)
{
	(void)self;
	return NODES;
}

static uint64_t
nodes_id(void *self, size_t node)
{
	(void)self;
	return node + 1;
}

static int
nodes_depth(void *self, size_t node)
{
	(void)self;
	return nodes[node].depth;
}

static unsigned
nodes_text(void *self, size_t node, struct buf *out)
{
	(void)self;
	buf_adds(out, nodes[node].text);
	return nodes[node].look;
}

static unsigned
nodes_note(void *self, size_t node, struct buf *out)
{
	(void)self;
	buf_adds(out, nodes[node].note != NULL ? nodes[node].note : "");
	return ROLE_DIM;
}

static const struct tree_source wood = { nodes_count, nodes_id, nodes_depth, nodes_text, nodes_note, NULL };

/* A document ------------------------------------------------------------------------------------------- */

static void
compose(struct document *d, int width)
{
	document_clear(d, width);
	document_line(d);
	document_text(d, ROLE_FAIL | LOOK_BOLD, " ✗ FAIL");
	document_text(d, ROLE_HEAD, "  OUR SIDE: the server refuses our certificate");
	document_line(d);
	document_wrap(d, 1, ROLE_TEXT, "Our chain lacks “Acme Issuing CA 1”: without it the server cannot get from "
	    "“order-service” to the root it trusts.");
	document_label(d, "mend", ROLE_TEXT, "put “Acme Issuing CA 1” into order.crt (the private CA has it)");
	document_label(d, "proof", ROLE_TEXT, "as it is: refused, alert 48 unknown_ca · with it added: accepted");
	document_label(d, "file", ROLE_TEXT, "/etc/ssl/a-path-that-is-longer-than-any-narrow-screen-has-columns/order.crt");
	for (uint64_t id = 1; id <= 9; id++) {
		document_line(d);
		document_line_id(d, id);
		document_at(d, 1, ROLE_KEY, "finding");
		document_textf(d, ROLE_TEXT, " %d", (int)id);
		document_at(d, 14, ROLE_TEXT, "");
		document_wrap(d, 14, ROLE_TEXT, "which is said in so many words that it takes more than one line where columns are few");
	}
	document_composed(d);
}

/* Golden screens --------------------------------------------------------------------------------------- */

static const struct size {
	int rows, columns;
	enum screen_kind kind;
} sizes[] = {
	{ 12, 40, SCREEN_UTF8 }, { 24, 80, SCREEN_UTF8 }, { 40, 120, SCREEN_UTF8 }, { 24, 80, SCREEN_ASCII },
	{ 24, 80, SCREEN_MONO },
};
enum { SIZES = sizeof sizes / sizeof sizes[0] };

static struct canvas
open_terminal(struct memory_terminal *m, const struct size *s)
{
	struct terminal_options opt = { .ascii = s->kind == SCREEN_ASCII, .colours = s->kind == SCREEN_MONO ? 0 : 256 };

	memory_terminal_open(m, s->rows, s->columns, &opt);
	return canvas_screen();
}

/* What draws, with its own data, on each size. */
static void
goldens(const char *name, void (*draw)(const struct canvas *c, const void *data), const void *data)
{
	for (size_t i = 0; i < SIZES; i++) {
		struct memory_terminal m = { 0 };
		struct canvas c = open_terminal(&m, &sizes[i]);

		draw(&c, data);
		painted_golden(sizes[i].rows, sizes[i].columns, sizes[i].kind, name);
		memory_terminal_close(&m);
	}
}

/* Draws, as a console does before the first key; moves (u, d, U, D, h, e) and filters; draws again. */
static void
draw_moved(struct body *b, const struct canvas *c, const char *moves, const char *filter)
{
	static const char letters[] = "udUDhe";
	static const enum move of[] = { MOVE_UP, MOVE_DOWN, MOVE_PAGE_UP, MOVE_PAGE_DOWN, MOVE_FIRST, MOVE_LAST };

	b->ops->draw(b, c);
	for (; *moves != '\0'; moves++)
		b->ops->move(b, of[strchr(letters, *moves) - letters]);
	if (filter != NULL)
		b->ops->filter(b, filter);
	paint_clear(c, ROLE_TEXT);
	b->ops->draw(b, c);
}

struct shown {
	const char *name;
	size_t rows, marked;
	const char *moves, *filter;
};

static void
draw_table(const struct canvas *c, const void *data)
{
	const struct shown *s = data;
	struct rows r = { .len = s->filter != NULL ? 0 : s->rows, .all = s->rows, .marked = s->marked };
	struct table t;

	start_table(&t, &r);
	draw_moved(&t.body, c, s->moves, s->filter);
	table_done(&t);
}

static void
tables(void **state)
{
	static const struct shown cases[] = {
		{ "widget-table", 10000, 10000, "ddd", NULL },
		{ "widget-table-end", 10000, 0, "eu", NULL },
		{ "widget-table-few", 3, 3, "d", NULL },
		{ "widget-table-none", 0, 0, "", NULL },
		{ "widget-table-nothing", 1234, 0, "", "what nothing has" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		goldens(cases[i].name, draw_table, &cases[i]);
}

static void
draw_tree(const struct canvas *c, const void *data)
{
	const struct shown *s = data;
	struct tree t;

	tree_start(&t, &wood, NULL);
	tree_open_all(&t, s->marked > 0);
	draw_moved(&t.body, c, s->moves, s->filter);
	tree_done(&t);
}

static void
trees(void **state)
{
	static const struct shown cases[] = {
		{ "widget-tree-closed", 0, 0, "", NULL },
		{ "widget-tree", 0, 1, "dd", NULL },
		{ "widget-tree-filter", 0, 0, "", "88 d" },
		{ "widget-tree-nothing", 0, 0, "", "xyz" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		goldens(cases[i].name, draw_tree, &cases[i]);
}

static void
draw_document(const struct canvas *c, const void *data)
{
	const struct shown *s = data;
	struct document d;

	document_start(&d);
	compose(&d, c->columns);
	draw_moved(&d.body, c, s->moves, s->filter);
	document_done(&d);
}

static void
documents(void **state)
{
	static const struct shown cases[] = {
		{ "widget-document", 0, 0, "", NULL },
		{ "widget-document-end", 0, 0, "e", NULL },
		{ "widget-document-filter", 0, 0, "", "chain" },
		{ "widget-document-nothing", 0, 0, "", "xyz" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		goldens(cases[i].name, draw_document, &cases[i]);
}

/* A line that is longer than the row: the cursor is always in it, what it stands behind is to be read. */
static void
prompts_scroll(void **state)
{
	static const struct {
		const char *text, *keys, *note, *row; /* 40 columns wide */
	} cases[] = {
		{ "check", "", NULL, ":check" },
		{ "check", "", "3 of 40", ":check                          3 of 40" },
		{ "", "", "40 of 40", ":                              40 of 40" },
		{ "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü", "", NULL, ":…stuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü" },
		{ "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü", "Home", NULL, ":abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJK…" },
		{ "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü", "Left Left", NULL, ":…stuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü" },
		{ "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü", "", "3 of 40", ":…ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü  3 of 40" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct memory_terminal m = { 0 };
		struct canvas c = open_terminal(&m, &(struct size){ 2, 40, SCREEN_UTF8 });
		struct buf b = { 0 };
		struct prompt p;

		prompt_start(&p, ":", cases[i].text, NULL);
		for (const char *key = cases[i].keys; *key != '\0'; key += strcspn(key, " "), key += strspn(key, " "))
			prompt_key(&p, key_named(key, strcspn(key, " ")));
		prompt_draw(&p, &c, 0, cases[i].note);
		paint_read(&b);
		if (strncmp(buf_str(&b), cases[i].row, strlen(cases[i].row)) != 0 || buf_str(&b)[strlen(cases[i].row)] != '\n')
			fail_msg("case %zu:\n%s, expected\n%s", i, buf_str(&b), cases[i].row);
		buf_done(&b);
		memory_terminal_close(&m);
	}
}

static void
chosen(struct console *k, int value, void *user)
{
	(void)k;
	(void)value;
	(void)user;
}

static struct dialog *
copy_menu_like(void)
{
	static const struct choice choices[] = {
		{ .key = 's', .label = "summary", .note = "three lines for a chat", .value = 1 },
		{ .key = 'f', .label = "fingerprint", .note = "SHA-256 of the server's certificate", .value = 2 },
		{ .key = 'p', .label = "PEM of the certificate", .disabled = "no certificate was sent: the connection was refused", .value = 3 },
		{ .key = 'o', .label = "openssl line", .value = 4 },
		{ .key = 'c', .label = "curl line", .note = "runs the same handshake", .value = 5 },
	};

	return dialog_menu("Copy", choices, 5, 0, chosen, NULL);
}

static struct dialog *
write_question(void)
{
	return dialog_question("Write over it?",
	    "/home/ops/fleet.json is there already: 1,204 bytes.\n\nIts old content is lost.", "Write over it", chosen, NULL);
}

static struct dialog *
long_question(void)
{
	return dialog_question("A question whose title is longer than the box that it stands on can be",
	    "One\nTwo\nThree\nFour\nFive\nSix\nSeven\nEight\nNine\nTen\nEleven\nTwelve\nThirteen\nFourteen\nFifteen", "Go on",
	    chosen, NULL);
}

struct over {
	const char *name;
	struct dialog *(*make)(void);
	int keys[3];
};

/* Over a table, so that its edges are seen. */
static void
draw_over(const struct canvas *c, const void *data)
{
	static const struct shown below = { "", 10000, 10000, "", NULL };
	const struct over *o = data;
	struct dialog *d = o->make();

	draw_table(c, &below);
	dialog_draw(d, c);
	for (size_t i = 0; i < 3 && o->keys[i] != 0; i++)
		assert_false(dialog_key(d, o->keys[i]));
	dialog_draw(d, c);
	dialog_free(d);
}

static void
dialogs(void **state)
{
	static const struct over cases[] = {
		{ "widget-menu", copy_menu_like, { KEY_ARROW_DOWN, KEY_ARROW_DOWN } },
		{ "widget-question", write_question, { 0 } },
		{ "widget-question-yes", write_question, { KEY_TAB } },
		{ "widget-question-long", long_question, { KEY_TO_END } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		goldens(cases[i].name, draw_over, &cases[i]);
}

static bool
painted(const char *text)
{
	struct buf b = { 0 };

	paint_read(&b);
	bool there = strstr(buf_str(&b), text) != NULL;
	buf_done(&b);
	return there;
}

/* At any size what is selected is on the screen: a button, or the choice with its letter. */
static void
dialogs_at_every_size(void **state)
{
	(void)state;
	for (int rows = 4; rows <= 24; rows += 2) {
		for (int width = 20; width <= 90; width += 7) {
			struct memory_terminal m = { 0 };
			struct canvas c = open_terminal(&m, &(struct size){ rows, width, SCREEN_UTF8 });
			struct dialog *d = write_question();

			dialog_draw(d, &c);
			if (!painted("[ Cancel ]"))
				fail_msg("%dx%d: no button", width, rows);
			dialog_key(d, KEY_TAB);
			dialog_draw(d, &c);
			assert_true(painted("[ Write over"));
			dialog_free(d);
			d = copy_menu_like();
			dialog_draw(d, &c);
			dialog_key(d, KEY_TO_END);
			dialog_draw(d, &c);
			if (!painted(" c  curl line"))
				fail_msg("%dx%d: the last choice is not there", width, rows);
			dialog_free(d);
			memory_terminal_close(&m);
		}
	}
}

/* What golden screens do not show ---------------------------------------------------------------------- */

/* Draws a body on a terminal in memory, and what its bytes make of a libvterm screen. */
static VTerm *
drawn(struct memory_terminal *m, struct body *b, int rows, int width, int colours)
{
	struct terminal_options opt = { .colours = colours };
	VTerm *vt = vterm_new(rows, width);

	memory_terminal_open(m, rows, width, &opt);
	struct canvas screen = canvas_screen();
	paint_clear(&screen, ROLE_TEXT);
	b->ops->draw(b, &screen);
	terminal_update(true);
	char *bytes = memory_terminal_output(m);
	vterm_set_utf8(vt, 1);
	vterm_screen_reset(vterm_obtain_screen(vt), 1);
	vterm_input_write(vt, bytes, strlen(bytes));
	free(bytes);
	return vt;
}

static VTermScreenCell
cell_at(VTerm *vt, int row, int column)
{
	VTermScreenCell cell;

	assert_true(vterm_screen_get_cell(vterm_obtain_screen(vt), (VTermPos){ row, column }, &cell));
	return cell;
}

/* The selected row is one bar from edge to edge, in one colour; no other row is. Also without colours. */
static void
selected_row_is_one_bar(void **state)
{
	(void)state;
	for (int colours = 0; colours <= 256; colours += 256) {
		struct memory_terminal m = { 0 };
		struct rows r = { .len = 100, .all = 100, .marked = 100 };
		struct table t;

		start_table(&t, &r);
		t.body.ops->move(&t.body, MOVE_DOWN);
		t.body.ops->move(&t.body, MOVE_DOWN);
		VTerm *vt = drawn(&m, &t.body, 10, 80, colours);
		for (int row = 0; row < 10; row++) {
			for (int column = 0; column < 80; column++) {
				VTermScreenCell cell = cell_at(vt, row, column), first = cell_at(vt, row, 0);

				if ((cell.attrs.reverse != 0) != (row == 3))
					fail_msg("row %d, column %d", row, column);
				if (row == 3)
					assert_true(vterm_color_is_equal(&cell.fg, &first.fg) && vterm_color_is_equal(&cell.bg, &first.bg));
			}
		}
		vterm_free(vt);
		memory_terminal_close(&m);
		table_done(&t);
	}
}

/* What the filter found looks unlike what is around it, also without colours; what it did not find does not. */
static void
matches_are_marked(void **state)
{
	(void)state;
	for (int colours = 0; colours <= 256; colours += 256) {
		struct memory_terminal m = { 0 };
		struct rows r = { .len = 5, .all = 5 };
		struct table t;

		start_table(&t, &r);
		t.body.ops->filter(&t.body, "VICE-2");
		VTerm *vt = drawn(&m, &t.body, 10, 80, colours);
		/* " ✓ OK    service-2.…": the name begins at column 9. */
		assert_int_equal(cell_at(vt, 2, 9).chars[0], 's');
		for (int column = 9; column < 20; column++) {
			VTermScreenCell cell = cell_at(vt, 2, column), plain = cell_at(vt, 3, column);
			bool marked = memcmp(&cell.attrs, &plain.attrs, sizeof cell.attrs) != 0 ||
			    !vterm_color_is_equal(&cell.fg, &plain.fg) || !vterm_color_is_equal(&cell.bg, &plain.bg);

			if (marked != (column >= 12 && column < 18))
				fail_msg("column %d, %d colours", column, colours);
		}
		vterm_free(vt);
		memory_terminal_close(&m);
		table_done(&t);
	}
}

/* Lines that fill the last row leave room for an arrow, or for nothing: no letter is covered. */
static void
hints_cover_nothing(void **state)
{
	static const struct {
		enum screen_kind kind;
		int columns;             /* of every line */
		const char *first, *end; /* how the last row ends on the first page, and on the last */
	} cases[] = {
		{ SCREEN_UTF8, 20, "lines 1–5 of 30", "lines 26–30 of 30" },
		{ SCREEN_UTF8, 32, "5/30", "30/30" },
		{ SCREEN_UTF8, 38, "x ▼", "x ▲" },
		{ SCREEN_UTF8, 39, "x▼", "x▲" },
		{ SCREEN_UTF8, 40, "xx", "xx" },
		{ SCREEN_ASCII, 20, "lines 1-5 of 30", "lines 26-30 of 30" },
		{ SCREEN_ASCII, 38, "x v", "x ^" },
		{ SCREEN_ASCII, 39, "xx", "xx" }, /* “xv” would be a word */
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct memory_terminal m = { 0 };
		struct canvas screen = open_terminal(&m, &(struct size){ 5, 40, cases[i].kind });
		struct document d;
		char line[64] = "";

		memset(line, 'x', (size_t)cases[i].columns);
		document_start(&d);
		document_clear(&d, 40);
		for (size_t n = 0; n < 30; n++) {
			document_line(&d);
			document_text(&d, ROLE_TEXT, line);
		}
		document_composed(&d);
		for (int end = 0; end < 2; end++) {
			struct buf b = { 0 };

			paint_clear(&screen, ROLE_TEXT);
			d.body.ops->draw(&d.body, &screen);
			d.body.ops->move(&d.body, MOVE_LAST);
			paint_read(&b);
			const char *want = end ? cases[i].end : cases[i].first, *row = strrchr(buf_str(&b), 'x');
			size_t len = strlen(buf_str(&b)) - 1; /* without its \n */
			assert_non_null(row);
			while (row > buf_str(&b) && row[-1] == 'x')
				row--;
			assert_int_equal(strspn(row, "x"), cases[i].columns);
			if (len < strlen(want) || memcmp(buf_str(&b) + len - strlen(want), want, strlen(want)) != 0)
				fail_msg("%d columns: %s", cases[i].columns, buf_str(&b));
			buf_done(&b);
		}
		document_done(&d);
		memory_terminal_close(&m);
	}
}

/* A tree that is longer than its screen says so in the column that nothing else takes. */
static void
trees_say_that_there_is_more(void **state)
{
	static const struct {
		const char *moves;
		bool above, below;
	} cases[] = { { "", false, true }, { "ddd", true, true }, { "e", true, false } };
	struct memory_terminal m = { 0 };
	struct canvas c = open_terminal(&m, &(struct size){ 3, 40, SCREEN_UTF8 });

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct tree t;

		tree_start(&t, &wood, NULL);
		tree_open_all(&t, true);
		draw_moved(&t.body, &c, cases[i].moves, NULL);
		assert_true(painted(" ▲\n") == cases[i].above);
		assert_true(painted(" ▼\n") == cases[i].below);
		tree_done(&t);
	}
	memory_terminal_close(&m);
}

/* k9s #663, #1462: what is not on the screen costs nothing. */
static void
only_visible_cells_are_asked_for(void **state)
{
	struct memory_terminal m = { 0 };
	struct rows r = { .len = 1000000, .all = 1000000 };
	struct table t;

	(void)state;
	start_table(&t, &r);
	t.body.ops->move(&t.body, MOVE_LAST);
	assert_int_equal(r.cells, 0);
	vterm_free(drawn(&m, &t.body, 60, 200, 256));
	assert_true(r.cells > 0 && r.cells <= 60 * 5);
	memory_terminal_close(&m);
	table_done(&t);
}

/* Fifty sizes one after the other: what is selected stays, and is on the screen. */
static void
survives_every_size(void **state)
{
	struct memory_terminal m = { 0 };
	struct terminal_options opt = { .colours = 256 };
	struct rows r = { .len = 10000, .all = 10000 };
	struct table t;

	(void)state;
	memory_terminal_open(&m, 60, 200, &opt);
	start_table(&t, &r);
	table_select(&t, 5001);
	srand(2);
	for (size_t i = 0; i < 50; i++) {
		struct canvas c = { .rows = rand() % 61, .columns = rand() % 201 };
		struct buf b = { 0 };

		paint_clear(&(struct canvas){ .rows = 60, .columns = 200 }, ROLE_TEXT);
		t.body.ops->draw(&t.body, &c);
		assert_int_equal(table_selected(&t), 5001);
		if (c.rows >= 2 && c.columns >= 30) {
			paint_read(&b);
			if (strstr(buf_str(&b), "service-5001") == NULL && strstr(buf_str(&b), "servic") == NULL)
				fail_msg("%dx%d:\n%s", c.columns, c.rows, buf_str(&b));
			assert_true(t.at.top <= 5000 && 5000 < t.at.top + (size_t)c.rows);
		}
		buf_done(&b);
	}
	memory_terminal_close(&m);
	table_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables),
		cmocka_unit_test(trees),
		cmocka_unit_test(documents),
		cmocka_unit_test(prompts_scroll),
		cmocka_unit_test(dialogs),
		cmocka_unit_test(dialogs_at_every_size),
		cmocka_unit_test(selected_row_is_one_bar),
		cmocka_unit_test(matches_are_marked),
		cmocka_unit_test(hints_cover_nothing),
		cmocka_unit_test(trees_say_that_there_is_more),
		cmocka_unit_test(only_visible_cells_are_asked_for),
		cmocka_unit_test(survives_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
