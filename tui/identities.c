/*
 * Identities: what files hold, sorted out into a tree. Reading is a job of its own on a worker; until it
 * is done the screen says what is being read, and it keeps what was read before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/holdings.h"
#include "model/memory.h"
#include "model/quote.h"
#include "tui/console.h"
#include "tui/identity_sources.h"
#include "tui/tab_parts.h"
#include "tui/tree.h"
#include "tui/wrap.h"

enum {
	DETAIL_ROWS = 3,
	DETAIL_FROM = 12, /* rows of the screen from which there is a place for it */
	OPEN_AT_FIRST = 4, /* identities at most that are open when they are read first */
	CODES_FROM = 60    /* columns of the screen from which a finding's code has room beside its words */
};

/* Of the worker while it runs; `view` is ours alone. */
struct reading {
	struct view *view; /* NULL: nobody waits for it any more */
	struct identity_sources sources;
	struct holdings_options options;
	struct holdings *result;
};

struct identities {
	struct view v;
	struct tree tree;
	struct holdings *h;      /* NULL: nothing was read yet */
	struct reading *reading; /* NULL: nothing is being read */
	char *path;              /* NULL: the identities of fleet and configuration */
	enum holdings_order order;
	bool reverse;
	int columns;             /* of the screen */
	bool nothing;            /* there is nothing to read: a path is asked for, once */
	bool asked;
};

static struct identities *
identities(struct view *v)
{
	return (struct identities *)v;
}

/* ---- reading ---- */

static void
reading_free(struct reading *r)
{
	identity_sources_done(&r->sources);
	holdings_free(r->result);
	free(r);
}

static void
read_files(void *job)
{
	struct reading *r = job;

	r->result = holdings_read(r->sources.items, r->sources.len, &r->options);
}

static void
drop(void *job)
{
	reading_free(job);
}

static void
done(struct console *k, void *job)
{
	struct reading *r = job;
	struct identities *s = r->view != NULL ? identities(r->view) : NULL;
	bool first, few;

	if (s == NULL) {
		reading_free(r);
		return;
	}
	first = s->h == NULL;
	holdings_free(s->h);
	s->h = r->result;
	r->result = NULL;
	s->h->not_judged += r->sources.left_out;
	s->reading = NULL;
	s->v.cert = NULL;
	reading_free(r);
	holdings_sort(s->h, s->order, s->reverse);
	tree_changed(&s->tree);
	/* What is wrong is open at first where that is not a list of its own, and what is alone. */
	few = s->h->of[STATE_FAIL] + s->h->of[STATE_WARN] <= OPEN_AT_FIRST;
	for (size_t i = 0; first && few && i < s->h->len; i++)
		if (s->h->rows[i].depth == 0 && (s->h->rows[i].state >= STATE_WARN || s->h->identities == 1))
			tree_open(&s->tree, s->h->rows[i].id);
	if (!first)
		console_say(k, ROLE_DIM, "read again: %zu file%s", s->h->files, s->h->files == 1 ? "" : "s");
	console_changed(k);
}

static void
start_reading(struct identities *s)
{
	struct console *k = s->v.console;
	const struct console_setup *setup = console_setup_of(k);
	struct reading *r;

	if (s->reading != NULL) {
		console_say(k, ROLE_DIM, "they are being read already");
		return;
	}
	r = mem_zero(1, sizeof *r);
	r->options = (struct holdings_options){ .at = setup->examine.at_set ? setup->examine.at : console_now_ms(k) / 1000,
		.at_named = setup->examine.at_set, .thresholds = setup->examine.thresholds };
	if (s->path != NULL)
		identity_sources_path(&r->sources, s->path);
	else
		identity_sources_known(&r->sources, console_config(k), console_fleet(k));
	s->nothing = r->sources.len == 0;
	if (s->nothing) {
		reading_free(r);
		return;
	}
	r->view = &s->v;
	s->reading = r;
	if (!console_work(k, read_files, done, drop, r))
		s->reading = NULL;
	console_changed(k);
}

/* Another file or folder from now on. */
static void
look_at(struct identities *s, const char *path)
{
	char *whole = console_path(s->v.console, path);

	if (whole == NULL)
		return;
	free(s->path);
	s->path = whole;
	if (s->reading != NULL)
		s->reading->view = NULL; /* its result is of no use here */
	s->reading = NULL;
	holdings_free(s->h);
	s->h = NULL;
	s->v.cert = NULL;
	tree_changed(&s->tree);
	start_reading(s);
}

static void
entered(struct console *k, const char *text, void *user)
{
	(void)k;
	if (text[0] != '\0')
		look_at(user, text);
}

static void
ask_path(struct identities *s)
{
	console_ask(s->v.console, &(struct asking){ .label = "file or folder: ", .text = s->path != NULL ? s->path : "",
	    .entered = entered, .user = s });
}

/* ---- the tree ---- */

static size_t
count(void *self)
{
	const struct identities *s = self;

	return s->h != NULL ? s->h->len : 0;
}

static uint64_t
id(void *self, size_t node)
{
	return ((const struct identities *)self)->h->rows[node].id;
}

static int
depth(void *self, size_t node)
{
	return ((const struct identities *)self)->h->rows[node].depth;
}

/* "✗ FAIL  order-service"; what has no state stands where the others' texts do. */
static unsigned
text(void *self, size_t node, struct buf *out)
{
	const struct holding *row = &((const struct identities *)self)->h->rows[node];

	if (row->judged)
		buf_addf(out, "%s %-4s  ", state_glyph(row->state), state_word(row->state));
	buf_adds(out, row->text);
	if (!row->judged)
		return ROLE_DIM;
	return row->state == STATE_OK || row->state == STATE_NOTE ? ROLE_TEXT : look_of_state(row->state);
}

static unsigned
note(void *self, size_t node, struct buf *out)
{
	const struct identities *s = self;
	const struct holding *row = &s->h->rows[node];

	if (row->kind != HOLDING_FINDING || s->columns >= CODES_FROM)
		buf_adds(out, row->note);
	return row->judged && row->state >= STATE_WARN ? look_of_state(row->state) : ROLE_DIM;
}

static const struct holding *
selected(const struct identities *s)
{
	size_t node = tree_selected_node(&s->tree);

	return s->h != NULL && node < s->h->len ? &s->h->rows[node] : NULL;
}

/* ---- the screen ---- */

static void
open(struct view *v, const void *argument)
{
	struct identities *s = identities(v);
	struct tree_source source = { .count = count, .id = id, .depth = depth, .text = text, .note = note, .self = s };

	s->path = argument != NULL ? console_path(v->console, argument) : NULL;
	s->order = HOLDINGS_BY_STATE;
	tree_start(&s->tree, &source, NULL);
	v->body = &s->tree.body;
	start_reading(s);
}

static void
close(struct view *v)
{
	struct identities *s = identities(v);

	if (s->reading != NULL)
		s->reading->view = NULL;
	tree_done(&s->tree);
	holdings_free(s->h);
	free(s->path);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	const struct identities *s = identities(v);
	char shown[QUOTE_MAX];

	if (s->path == NULL)
		return "identities";
	snprintf(out, size, "identities in %s", quote_str(s->path, shown));
	return out;
}

static void
refresh(struct view *v, int columns)
{
	struct identities *s = identities(v);
	const struct holding *row = selected(s);

	s->columns = columns;
	v->cert = row != NULL ? row->cert : NULL;
	s->tree.empty = s->reading != NULL ? NULL : s->nothing ?
	    "No identity is configured, and none was given.\n\n"
	    "Press i and name a file or a folder with certificates and keys;\nor add `identities:` to the configuration." :
	    "Nothing was found.\n\nPress i and name another file or folder.";
	if (s->nothing && !s->asked) {
		s->asked = true;
		ask_path(s);
	}
}

/* "3 identities  1 FAIL  2 OK"; what is being read, while it is. */
static void
draw_summary(const struct identities *s, const struct canvas *c)
{
	static const enum state order[] = { STATE_FAIL, STATE_WARN, STATE_NOTE, STATE_OK };
	char line[96];
	int at = 1;

	if (s->h != NULL) {
		snprintf(line, sizeof line, "%zu identit%s", s->h->identities, s->h->identities == 1 ? "y" : "ies");
		at += paint(c, 0, at, -1, ROLE_HEAD, line) + 3;
		for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
			if (s->h->of[order[i]] == 0)
				continue;
			snprintf(line, sizeof line, "%s %zu %s", state_glyph(order[i]), s->h->of[order[i]], state_word(order[i]));
			at += paint(c, 0, at, -1, look_of_state(order[i]), line) + 3;
		}
		if (s->h->not_judged > 0) {
			snprintf(line, sizeof line, "%zu more not judged", s->h->not_judged);
			at += paint(c, 0, at, -1, ROLE_NOTE, line) + 3;
		}
	}
	if (s->reading != NULL && s->reading->sources.len == 1)
		snprintf(line, sizeof line, "reading …");
	else if (s->reading != NULL)
		snprintf(line, sizeof line, "reading %zu identities …", s->reading->sources.len);
	else if (s->h != NULL)
		snprintf(line, sizeof line, "%zu file%s read", s->h->files, s->h->files == 1 ? "" : "s");
	else
		return;
	if (s->h == NULL)
		paint(c, 0, at, -1, ROLE_WAIT, line);
	else if (at + text_width(line) < c->columns)
		paint(c, 0, c->columns - 1 - text_width(line), -1, s->reading != NULL ? ROLE_WAIT : ROLE_DIM, line);
}

/* What the selected row has no room for. */
static void
draw_detail(const struct holding *row, const struct canvas *c)
{
	const char *words = row->detail[0] != '\0' ? row->detail : row->text;

	paint_line(c, 0, 0, c->columns, ROLE_DIM, "─");
	wrap_paint(c, 1, 1, c->rows - 1, c->columns - 2, ROLE_TEXT, words);
}

static void
draw(struct view *v, const struct canvas *c)
{
	struct identities *s = identities(v);
	const struct holding *row = selected(s);
	bool roomy = c->rows >= DETAIL_FROM && row != NULL;
	struct canvas body = canvas_part(c, roomy ? 2 : 1, 0, c->rows - (roomy ? 3 + DETAIL_ROWS : 1), -1);
	struct canvas detail = canvas_part(c, c->rows - 1 - DETAIL_ROWS, 0, -1, -1);

	draw_summary(s, c);
	if (s->h != NULL || s->nothing)
		s->tree.body.ops->draw(&s->tree.body, &body);
	if (roomy)
		draw_detail(row, &detail);
}

/* ---- actions ---- */

static const struct {
	const char *name, *label;
} orders[HOLDINGS_ORDERS] = {
	[HOLDINGS_BY_NAME] = { "name", "name" },
	[HOLDINGS_BY_STATE] = { "state", "state, the worst first" },
	[HOLDINGS_BY_END] = { "ends", "what ends first" },
};

static void
sort(struct identities *s, enum holdings_order by, bool reverse)
{
	s->order = by;
	s->reverse = reverse;
	if (s->h != NULL)
		holdings_sort(s->h, by, reverse);
	tree_changed(&s->tree);
	console_changed(s->v.console);
}

static void
sort_chosen(struct console *k, int value, void *user)
{
	(void)k;
	sort(user, (enum holdings_order)value, false);
}

static void
choose_order(struct identities *s, const char *argument)
{
	struct choice choices[HOLDINGS_ORDERS];

	for (size_t i = 0; i < HOLDINGS_ORDERS; i++) {
		choices[i] = (struct choice){ .key = orders[i].name[0], .label = orders[i].label, .value = (int)i };
		if (argument != NULL && strcmp(argument, orders[i].name) == 0) {
			sort(s, (enum holdings_order)i, false);
			return;
		}
	}
	if (argument != NULL)
		console_say(s->v.console, ROLE_WARN, "identities sort by name, state or ends");
	else
		console_dialog(s->v.console, dialog_menu("sort by", choices, HOLDINGS_ORDERS, s->order, sort_chosen, s));
}

/* What has branches opens or closes; a certificate is shown whole. */
static void
open_row(struct identities *s)
{
	const struct holding *row = selected(s);

	if (row == NULL || tree_toggle(&s->tree))
		return;
	if (row->cert != NULL)
		console_push(s->v.console, &certificate_view, row->cert);
	else
		console_say(s->v.console, ROLE_DIM, "%s", row->detail[0] != '\0' ? row->detail : row->text);
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct identities *s = identities(v);

	switch (a) {
	case ACTION_OPEN: open_row(s); return true;
	case ACTION_IN: return tree_go_in(&s->tree);
	case ACTION_OUT: return tree_go_out(&s->tree);
	case ACTION_CHECK:
		if (argument != NULL)
			return false;
		start_reading(s);
		return true;
	case ACTION_SORT: choose_order(s, argument); return true;
	case ACTION_REVERSE: sort(s, s->order, !s->reverse); return true;
	case ACTION_EXPAND: tree_open_all(&s->tree, !tree_all_open(&s->tree)); return true;
	case ACTION_IDENTITIES:
		if (argument != NULL)
			look_at(s, argument);
		else
			ask_path(s);
		return true;
	default: return false;
	}
}

static void
json(struct view *v, struct buf *out)
{
	const struct identities *s = identities(v);

	if (s->h != NULL)
		holdings_json(s->h, out);
}

const struct view_ops identities_view = {
	.name = "identities",
	.scope = SCOPE_IDENTITIES,
	.size = sizeof(struct identities),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.json = json,
};
