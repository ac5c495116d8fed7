/*
 * The private CAs: accounts and regions, under each its CAs as a tree, with state, what ends when, and what hangs on
 * each. All of it is the inventory's; u brings that up to date with AWS.
 */
#include "tui/authorities.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/text.h"
#include "model/times.h"
#include "tui/authority_rows.h"
#include "tui/fleet.h"
#include "tui/issued.h"
#include "tui/rollover.h"
#include "tui/tree.h"
#include "tui/wrap.h"

enum {
	DETAIL_ROWS = 5,
	DETAIL_FROM = 16 /* rows of the screen from which there is a place for it */
};

struct authorities {
	struct view v; /* first */
	struct tree tree;
	struct authority_rows rows;
	struct authority_reading *reading; /* NULL: nothing is being read */
	const struct cert *issued; /* whose CA is wanted, until it is found or nobody looks any more; NULL: none */
	char *select;            /* the ARN of the CA that is wanted; NULL: none */
	unsigned long syncs;     /* of the console, when it was read */
	bool again;              /* what is being read is out of date already */
	bool touched;            /* branches were opened or closed by hand */
	int columns;
	char problem[320];
	struct buf nothing;      /* what stands there while the list is empty */
	char why[160];           /* the last refusal */
};

static struct authorities *
authorities(struct view *v)
{
	return (struct authorities *)v;
}

/* ---- reading the inventory ---- */

static void start_reading(struct authorities *s);

static void
select_wanted(struct authorities *s)
{
	uint64_t id = s->select != NULL ? authority_row_of(&s->rows, s->select) : 0;

	if (id == 0)
		return;
	tree_open_all(&s->tree, true);
	tree_select(&s->tree, id);
	free(s->select);
	s->select = NULL;
}

/* Whose certificate it is may come with what is being fetched. */
static void
issuer_answered(struct authorities *s, const struct authority_reading *r)
{
	if (s->issued == NULL || (r->issuer == NULL && console_syncing(s->v.console)))
		return;
	if (r->issuer == NULL)
		console_say(s->v.console, ROLE_WARN, "no CA of the inventory issued that certificate: u looks again in AWS");
	cert_free(s->issued);
	s->issued = NULL;
}

static void
read_done(struct console *k, struct authority_reading *r, void *user)
{
	struct authorities *s = user;
	bool first = s->rows.len == 0;

	s->reading = NULL;
	snprintf(s->problem, sizeof s->problem, "%s", r->problem);
	if (r->problem[0] == '\0') {
		authority_rows_take(&s->rows, r, console_setup_of(k));
		tree_changed(&s->tree);
		/* All is open until somebody closes something. */
		if (!s->touched)
			tree_open_all(&s->tree, true);
		if (first) {
			/* A CA says more than the account above it. */
			if (s->rows.len > 1)
				tree_select(&s->tree, s->rows.items[1].id);
		}
		if (r->issuer != NULL) {
			free(s->select);
			s->select = mem_strdup(r->issuer);
		}
		select_wanted(s);
		/* The first look asks AWS by itself: it only reads. */
		if (first && r->len == 0 && console_setup_of(k)->aws_len > 0)
			console_sync_once(k);
		issuer_answered(s, r);
	}
	console_urgent(k);
	if (s->again)
		start_reading(s);
}

static void
begin_reading(struct authorities *s)
{
	s->reading = authority_read(s->v.console, s->issued, read_done, s);
	if (s->reading == NULL)
		snprintf(s->problem, sizeof s->problem, "the inventory was not read: no thread or no descriptor is left on this machine");
}

static void
start_reading(struct authorities *s)
{
	s->syncs = console_syncs(s->v.console);
	s->again = s->reading != NULL;
	if (!s->again)
		begin_reading(s);
}

/* ---- the tree ---- */

static size_t
count(void *self)
{
	return ((const struct authorities *)self)->rows.len;
}

static uint64_t
id(void *self, size_t node)
{
	return ((const struct authorities *)self)->rows.items[node].id;
}

static int
depth(void *self, size_t node)
{
	return ((const struct authorities *)self)->rows.items[node].depth;
}

static unsigned
text(void *self, size_t node, struct buf *out)
{
	const struct authority_row *row = &((const struct authorities *)self)->rows.items[node];

	if (row->ca == NULL) {
		buf_adds(out, row->text);
		return ROLE_HEAD;
	}
	buf_addf(out, "%s %-4s  %s", state_glyph(row->state), state_word(row->state), row->text);
	return row->state >= STATE_WARN ? look_of_state(row->state) : ROLE_TEXT;
}

static unsigned
note(void *self, size_t node, struct buf *out)
{
	const struct authorities *s = self;
	const struct authority_row *row = &s->rows.items[node];

	buf_adds(out, s->columns >= 100 && row->long_note != NULL ? row->long_note : row->note);
	return ROLE_DIM;
}

static const struct authority_row *
selected(const struct authorities *s)
{
	size_t node = tree_selected_node(&s->tree);

	return node < s->rows.len ? &s->rows.items[node] : NULL;
}

/* ---- the screen ---- */

static void
open(struct view *v, const void *argument)
{
	struct authorities *s = authorities(v);
	const struct authorities_wish *wish = argument;
	struct tree_source source = { .count = count, .id = id, .depth = depth, .text = text, .note = note, .self = s };

	if (wish != NULL && wish->ca != NULL)
		s->select = mem_strdup(wish->ca);
	if (wish != NULL)
		s->issued = cert_ref(wish->issued);
	tree_start(&s->tree, &source, NULL);
	v->body = &s->tree.body;
	s->syncs = console_syncs(v->console);
	begin_reading(s);
}

static void
close(struct view *v)
{
	struct authorities *s = authorities(v);

	if (s->reading != NULL)
		s->reading->user = NULL;
	tree_done(&s->tree);
	authority_rows_done(&s->rows);
	free(s->select);
	cert_free(s->issued);
	buf_done(&s->nothing);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	const struct console_setup *setup = console_setup_of(v->console);

	if (setup->aws_len != 1 || setup->practice_lab)
		return "authorities";
	snprintf(out, size, "authorities of %s", authority_account(&setup->aws[0]));
	return out;
}

/* An empty list says what to do; where AWS was asked in vain, why, whole: the line at the bottom is too short for that. */
static void
nothing(struct authorities *s, int columns)
{
	const char *why = console_sync_problem(s->v.console);
	struct report_style style = { .columns = columns > 24 ? columns - 2 : 22 };
	struct page p = { .out = &s->nothing, .style = &style };

	buf_reset(&s->nothing);
	buf_adds(&s->nothing, "No private CA is known yet.\n\n");
	if (why != NULL)
		page_wrap(&p, 0, 0, why);
	buf_adds(&s->nothing, why != NULL ? "\nu asks again."
	    : "Press u to ask AWS, with the credentials that the aws command would use;\n"
	      "or add `aws:` to the configuration, for several accounts and regions.");
}

static void
refresh(struct view *v, int columns)
{
	struct authorities *s = authorities(v);

	s->columns = columns;
	/* A minute later every age and every "in 27 min" is another one. */
	if (s->syncs != console_syncs(v->console) || (s->reading == NULL && s->problem[0] == '\0' && s->rows.len > 0 && console_now_ms(v->console) / 1000 - s->rows.now >= 60))
		start_reading(s);
	nothing(s, columns);
	s->tree.empty = s->reading != NULL || s->problem[0] != '\0' || console_syncing(v->console) ? NULL : buf_str(&s->nothing);
}

/* How old all of it is; of several CAs the oldest. */
static void
sync_age(const struct authorities *s, char *out, size_t size, unsigned *look)
{
	char when[32];

	*look = ROLE_DIM;
	if (s->rows.synced == TIME_UNKNOWN || console_setup_of(s->v.console)->still)
		snprintf(out, size, "%s", "");
	else
		snprintf(out, size, "as of %s UTC", fleet_minute(s->rows.synced * 1000, console_now_ms(s->v.console), when));
}

/* "4 CAs   1 WARN  3 OK", and on the right what is being fetched, or how old it is. */
static void
draw_summary(const struct authorities *s, const struct canvas *c)
{
	static const enum state order[] = { STATE_FAIL, STATE_WARN, STATE_NOTE, STATE_OK };
	char line[160];
	unsigned look = ROLE_WAIT;
	int at = 1;

	if (s->problem[0] != '\0') {
		paint(c, 0, 1, c->columns - 2, ROLE_FAIL, s->problem);
		return;
	}
	snprintf(line, sizeof line, "%zu CA%s", s->rows.cas, s->rows.cas == 1 ? "" : "s");
	at += paint(c, 0, at, -1, ROLE_HEAD, line) + 3;
	for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
		if (s->rows.of[order[i]] == 0)
			continue;
		snprintf(line, sizeof line, "%s %zu %s", state_glyph(order[i]), s->rows.of[order[i]], state_word(order[i]));
		at += paint(c, 0, at, -1, look_of_state(order[i]), line) + 2;
	}
	if (!console_sync_line(s->v.console, line, sizeof line))
		sync_age(s, line, sizeof line, &look);
	at = c->columns - 1 - text_width(line) > at ? c->columns - 1 - text_width(line) : at;
	paint(c, 0, at, -1, look, line);
}

static void
draw_detail(const struct authority_row *row, const struct canvas *c)
{
	int at = 1;

	paint_line(c, 0, 0, c->columns, ROLE_DIM, "─");
	for (size_t i = 0; i < row->details && at < c->rows; i++)
		at += wrap_paint(c, at, 1, c->rows - at, c->columns - 2, row->detail[i].look, row->detail[i].text);
}

static void
draw(struct view *v, const struct canvas *c)
{
	struct authorities *s = authorities(v);
	const struct authority_row *row = selected(s);
	bool roomy = c->rows >= DETAIL_FROM && row != NULL && row->details > 0;
	struct canvas body = canvas_part(c, roomy ? 2 : 1, 0, c->rows - (roomy ? 3 + DETAIL_ROWS : 1), -1);
	struct canvas detail = canvas_part(c, c->rows - 1 - DETAIL_ROWS, 0, -1, -1);

	draw_summary(s, c);
	s->tree.body.ops->draw(&s->tree.body, &body);
	if (roomy)
		draw_detail(row, &detail);
}

/* ---- actions ---- */

static void
list_issued(struct authorities *s, bool only_orphans)
{
	const struct authority_row *row = selected(s);
	struct issued_wish wish = { .only_orphans = only_orphans };

	if (row != NULL && row->ca != NULL) {
		wish.ca = row->ca->arn;
		wish.name = row->ca->name;
	}
	console_push(s->v.console, &issued_view, &wish);
}

struct report_wish {
	char *ca;
};

static void
report_answered(struct console *k, int yes, void *user)
{
	struct report_wish *w = user;

	if (yes)
		console_sync_report(k, w->ca);
	free(w->ca);
	free(w);
}

/* It writes an object into a bucket of theirs: asked for, as every change. */
static void
ask_report(struct authorities *s, const struct inventory_ca *ca)
{
	struct report_wish *w = mem_zero(1, sizeof *w);
	struct buf text = { 0 };

	w->ca = mem_strdup(ca->arn);
	buf_adds(&text, "AWS writes a list of all that this CA issued into the CA's S3 bucket:\n\n  ");
	text_safe(&text, text_of(ca->name), TEXT_MAX_DEFAULT);
	buf_adds(&text, "\n  create-certificate-authority-audit-report, JSON\n\n"
	    "One each half hour; it costs nothing but the storage.");
	console_dialog(s->v.console, dialog_question("new audit report", buf_str(&text), "Ask for it", report_answered, w));
	buf_done(&text);
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct authorities *s = authorities(v);
	const struct authority_row *row = selected(s);

	(void)argument;
	switch (a) {
	case ACTION_OPEN: list_issued(s, false); return true;
	case ACTION_ORPHANS: list_issued(s, true); return true;
	case ACTION_IN: s->touched = true; return tree_go_in(&s->tree);
	case ACTION_OUT: s->touched = true; return tree_go_out(&s->tree);
	case ACTION_EXPAND: s->touched = true; tree_open_all(&s->tree, !tree_all_open(&s->tree)); return true;
	case ACTION_SYNC: console_sync(v->console); return true;
	case ACTION_SYNC_STOP: console_sync_stop(v->console); return true;
	case ACTION_REPORT: ask_report(s, row->ca); return true;
	case ACTION_ROLL_OVER: rollover_open_screen(v->console, row->ca->arn); return true;
	case ACTION_CA_CERTIFICATE:
		if (row != NULL && row->ca != NULL)
			authority_show_certificate(v->console, row->ca);
		return true;
	default: return false;
	}
}

static const char *
refuses(struct view *v, enum action a)
{
	struct authorities *s = authorities(v);
	const struct authority_row *row = selected(s);

	if ((a == ACTION_REPORT || a == ACTION_CA_CERTIFICATE || a == ACTION_ROLL_OVER) && (row == NULL || row->ca == NULL))
		return "select a CA first";
	if (a == ACTION_REPORT)
		return authority_no_report(row->ca, console_now_ms(v->console) / 1000, s->why, sizeof s->why);
	if (a == ACTION_CA_CERTIFICATE && row->ca->pem == NULL)
		return "it has no certificate yet, or that was not fetched: u fetches it";
	if (a == ACTION_ROLL_OVER && strcmp(row->ca->type, "ROOT") != 0)
		return "it is no root: a CA below one is renewed, a root is rolled over";
	if (a == ACTION_SYNC && console_syncing(v->console))
		return "it is being brought up to date already";
	if (a == ACTION_SYNC_STOP && !console_syncing(v->console))
		return "nothing is being fetched";
	return NULL;
}

void
authorities_go_to_ca(struct console *k, const char *ca)
{
	console_push(k, &authorities_view, &(struct authorities_wish){ .ca = ca });
}

void
authorities_go_to_issuer(struct console *k, const struct cert *c)
{
	console_push(k, &authorities_view, &(struct authorities_wish){ .issued = c });
}

const struct view_ops authorities_view = {
	.name = "authorities",
	.scope = SCOPE_AUTHORITIES,
	.size = sizeof(struct authorities),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.refuses = refuses,
};
