/*
 * Table, tree, document, menu, question and prompt as they are drawn: golden screens of views that are
 * made for it, in the real frame; and what golden screens do not show, attributes and how much is drawn.
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
#include "tui/document.h"
#include "tui/table.h"
#include "tui/tree.h"

static const char *
crumb(struct view *v, char *out, size_t size)
{
	(void)out;
	(void)size;
	return v->ops->name;
}

static void
refresh_nothing(struct view *v, int columns)
{
	(void)v;
	(void)columns;
}

static bool
act_nothing(struct view *v, enum action a, const char *argument)
{
	(void)v;
	(void)a;
	(void)argument;
	return false;
}

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

struct table_view {
	struct view view;
	struct table table;
	struct rows rows;
};

static void
start_table(struct table *t, struct rows *r)
{
	const struct table_source source = { .columns = columns, .count = rows_count, .all = rows_all, .id = rows_id,
		.find = rows_find, .cell = rows_cell, .marked = rows_marked, .self = r };

	table_start(t, &source, "No endpoints.\nPress a to add one, or leave and start: mtlscope demo");
	t->sort_column = 0;
	table_changed(t);
}

/* The argument: struct rows. */
static void
table_open(struct view *v, const void *argument)
{
	struct table_view *t = (struct table_view *)v;

	t->rows = *(const struct rows *)argument;
	start_table(&t->table, &t->rows);
	v->body = &t->table.body;
}

static void
table_close(struct view *v)
{
	table_done(&((struct table_view *)v)->table);
}

static const struct view_ops table_view = { .name = "table", .scope = SCOPE_FLEET, .size = sizeof(struct table_view),
	.open = table_open, .close = table_close, .crumb = crumb, .refresh = refresh_nothing, .act = act_nothing };

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

struct tree_view {
	struct view view;
	struct tree tree;
};

static void
tree_view_open(struct view *v, const void *argument)
{
	static const struct tree_source source = { nodes_count, nodes_id, nodes_depth, nodes_text, nodes_note, NULL };
	struct tree_view *t = (struct tree_view *)v;

	(void)argument;
	tree_start(&t->tree, &source, NULL);
	tree_changed(&t->tree);
	v->body = &t->tree.body;
}

static void
tree_view_close(struct view *v)
{
	tree_done(&((struct tree_view *)v)->tree);
}

static bool
tree_view_act(struct view *v, enum action a, const char *argument)
{
	struct tree *t = &((struct tree_view *)v)->tree;

	(void)argument;
	if (a == ACTION_EXPAND)
		tree_open_all(t, !tree_all_open(t));
	else if (a == ACTION_OPEN)
		tree_toggle(t);
	else if (a == ACTION_IN || a == ACTION_OUT)
		return a == ACTION_IN ? tree_go_in(t) : tree_go_out(t);
	else
		return false;
	console_changed(v->console);
	return true;
}

static const struct view_ops tree_view = { .name = "tree", .scope = SCOPE_IDENTITIES, .size = sizeof(struct tree_view),
	.open = tree_view_open, .close = tree_view_close, .crumb = crumb, .refresh = refresh_nothing, .act = tree_view_act };

/* A document ------------------------------------------------------------------------------------------- */

struct document_view {
	struct view view;
	struct document text;
};

static void
document_view_open(struct view *v, const void *argument)
{
	(void)argument;
	document_start(&((struct document_view *)v)->text);
	v->body = &((struct document_view *)v)->text.body;
}

static void
document_view_close(struct view *v)
{
	document_done(&((struct document_view *)v)->text);
}

static void
document_view_refresh(struct view *v, int width)
{
	struct document *d = &((struct document_view *)v)->text;

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

static const struct view_ops document_view = { .name = "document", .scope = SCOPE_ENDPOINT,
	.size = sizeof(struct document_view), .open = document_view_open, .close = document_view_close, .crumb = crumb,
	.refresh = document_view_refresh, .act = act_nothing };

/* Golden screens --------------------------------------------------------------------------------------- */

struct shown {
	const struct view_ops *ops;
	const void *argument;
};

static void
show(struct console_setup *setup, void *user)
{
	const struct shown *s = user;

	setup->fleet = fleet_new();
	setup->first = s->ops;
	setup->first_argument = s->argument;
	setup->still = true;
	setup->examine.at_set = true;
	setup->examine.at = 1798000000;
}

static const struct rows many = { .len = 10000, .all = 10000, .marked = 10000 }, few = { .len = 3, .all = 3 },
	none = { .len = 0, .all = 0 };

static void
goldens(const char *name, const struct view_ops *ops, const void *argument, const char *keys)
{
	struct shown s = { ops, argument };

	screen_goldens(name, show, &s, keys);
}

static void
tables(void **state)
{
	(void)state;
	goldens("widget-table", &table_view, &many, "Down Down Down");
	goldens("widget-table-end", &table_view, &many, "End Up");
	goldens("widget-table-few", &table_view, &few, "Down");
	goldens("widget-table-none", &table_view, &none, "");
}

static void
trees(void **state)
{
	(void)state;
	goldens("widget-tree-closed", &tree_view, NULL, "");
	goldens("widget-tree", &tree_view, NULL, "+ Down Down");
	goldens("widget-tree-walked", &tree_view, NULL, "Right Right Right Right Left Left Left Right");
	goldens("widget-tree-filter", &tree_view, NULL, "/ 8 8 Space d Enter");
	goldens("widget-tree-nothing", &tree_view, NULL, "/ x y z Enter");
}

static void
documents(void **state)
{
	(void)state;
	goldens("widget-document", &document_view, NULL, "");
	goldens("widget-document-end", &document_view, NULL, "End");
	goldens("widget-document-filter", &document_view, NULL, "/ c h a i n");
}

static void
prompts(void **state)
{
	(void)state;
	goldens("widget-prompt", &table_view, &few, ": q u Tab");
}

/* A line that is longer than the row: the cursor is always in it, what it stands behind is to be read. */
static void
long_prompts_scroll(void **state)
{
	static const struct {
		const char *keys, *row; /* the prompt's, 40 columns wide */
	} cases[] = {
		{ "", ":…stuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü" },
		{ "Home", ":abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJK…" },
		{ "Home Right Right", ":abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJK…" },
		{ "M-b", ":abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJK…" },
		{ "Left Left", ":…stuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct console_setup setup = { .world = world_real() };
		struct shown s = { &table_view, &few };

		show(&setup, &s);
		struct screen *screen = screen_open(12, 40, SCREEN_UTF8, &setup);
		screen_keys(screen, ":");
		screen_type(screen, "abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ-ü");
		screen_keys(screen, cases[i].keys);
		if (!screen_has(screen, cases[i].row))
			fail_msg("%s:\n%s", cases[i].keys, screen_text(screen));
		screen_close(screen);
	}
}

static void
chosen(struct console *k, int value, void *user)
{
	(void)user;
	console_say(k, ROLE_TEXT, "value %d", value);
}

static void
over_a_table(const char *name, struct dialog *(*make)(void), const char *keys)
{
	static const struct {
		int rows, columns;
		enum screen_kind kind;
	} sizes[] = { { 12, 40, SCREEN_UTF8 }, { 24, 80, SCREEN_UTF8 }, { 40, 120, SCREEN_UTF8 }, { 24, 80, SCREEN_ASCII } };

	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct console_setup setup = { .world = world_real() };
		struct shown s = { &table_view, &many };

		show(&setup, &s);
		struct screen *screen = screen_open(sizes[i].rows, sizes[i].columns, sizes[i].kind, &setup);
		console_dialog(screen_console(screen), make());
		console_draw(screen_console(screen));
		screen_keys(screen, keys);
		screen_golden(screen, name);
		screen_close(screen);
	}
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

static void
dialogs(void **state)
{
	(void)state;
	over_a_table("widget-menu", copy_menu_like, "Down Down");
	over_a_table("widget-question", write_question, "");
	over_a_table("widget-question-yes", write_question, "Tab");
	over_a_table("widget-question-long", long_question, "End");
}

/* Where a dialog fits at all, its title, what is selected and the way out are on the screen. */
static void
dialogs_at_every_size(void **state)
{
	(void)state;
	for (int rows = 4; rows <= 24; rows += 2) {
		for (int width = 20; width <= 90; width += 7) {
			struct console_setup setup = { .world = world_real() };
			struct shown s = { &table_view, &many };

			show(&setup, &s);
			struct screen *screen = screen_open(rows, width, SCREEN_UTF8, &setup);
			console_dialog(screen_console(screen), write_question());
			console_draw(screen_console(screen));
			if (!screen_has(screen, "[ Cancel ]"))
				fail_msg("%dx%d: no button in\n%s", width, rows, screen_text(screen));
			screen_keys(screen, "Tab");
			assert_true(screen_has(screen, "[ Write over"));
			screen_keys(screen, "Esc");
			assert_true(screen_has(screen, "value 0"));
			console_dialog(screen_console(screen), copy_menu_like());
			screen_keys(screen, "End");
			assert_true(screen_has(screen, " c  curl line"));
			screen_close(screen);
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
		int columns;         /* of every line */
		const char *first, *end; /* how the last row ends on the first page, and on the last */
	} cases[] = {
		{ 20, "lines 1–5 of 30", "lines 26–30 of 30" },
		{ 32, "5/30", "30/30" },
		{ 38, "▼", "▲" },
		{ 39, "x▼", "x▲" },
		{ 40, "xx", "xx" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct memory_terminal m = { 0 };
		struct terminal_options opt = { .colours = 256 };
		struct document d;
		char line[64] = "";

		memset(line, 'x', (size_t)cases[i].columns);
		memory_terminal_open(&m, 5, 40, &opt);
		document_start(&d);
		document_clear(&d, 40);
		for (size_t n = 0; n < 30; n++) {
			document_line(&d);
			document_text(&d, ROLE_TEXT, line);
		}
		document_composed(&d);
		for (int end = 0; end < 2; end++) {
			struct canvas screen = canvas_screen();
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
		cmocka_unit_test(prompts),
		cmocka_unit_test(long_prompts_scroll),
		cmocka_unit_test(dialogs),
		cmocka_unit_test(dialogs_at_every_size),
		cmocka_unit_test(selected_row_is_one_bar),
		cmocka_unit_test(matches_are_marked),
		cmocka_unit_test(hints_cover_nothing),
		cmocka_unit_test(only_visible_cells_are_asked_for),
		cmocka_unit_test(survives_every_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
