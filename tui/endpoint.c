/*
 * The endpoint: six tabs over one entry. Each is a document of its own, composed when it is looked at;
 * place and selection stay when a new result arrives.
 */
#include <stdio.h>
#include <string.h>

#include "model/memory.h"
#include "model/quote.h"
#include "tui/authorities.h"
#include "tui/certificate.h"
#include "tui/console.h"
#include "tui/document.h"
#include "tui/fleet.h"
#include "tui/plan_screen.h"
#include "tui/tab_parts.h"

enum { TABS = 6, EXPORT_COLUMNS = 100 };

static const struct tab {
	enum action action;
	const char *name;
	tab_compose *compose;
} tabs[TABS] = {
	{ ACTION_WHY, "why", tab_why },
	{ ACTION_FINDINGS, "findings", tab_findings },
	{ ACTION_HANDSHAKE, "handshake", tab_handshake },
	{ ACTION_EXPERIMENTS, "experiments", tab_experiments },
	{ ACTION_CERTIFICATE, "certificate", tab_certificate },
	{ ACTION_TIMES, "times", tab_times },
};

/* What a document was composed of: where that changed, it is composed anew. */
struct composed {
	const struct entry *entry;
	const struct diagnosis *diagnosis;
	bool waiting;
	int columns, rows;
	int64_t minute; /* of the wall clock: days and hours are counted */
};

struct endpoint {
	struct view v;
	struct document docs[TABS];
	struct composed of[TABS];
	size_t tab;
	int rows;                /* that were there when it was drawn last */
	size_t checks;           /* results that were seen */
	enum fleet_state state;  /* of the last one */
	enum code cause;
};

static struct endpoint *
endpoint(struct view *v)
{
	return (struct endpoint *)v;
}

static enum code
cause_of(const struct entry *e)
{
	return e->diagnosis != NULL && e->diagnosis->root != NULL ? e->diagnosis->root->code : CODE_NONE;
}

/* Looks at this entry from now on. */
static void
look_at(struct endpoint *s, struct entry *e)
{
	s->v.entry = e;
	s->checks = e->checks;
	s->state = fleet_known(e);
	s->cause = cause_of(e);
}

static void
open(struct view *v, const void *argument)
{
	struct endpoint *s = endpoint(v);

	for (size_t i = 0; i < TABS; i++)
		document_start(&s->docs[i]);
	v->body = &s->docs[0].body;
	/* An entry stays where it is as long as the fleet: model/fleet.h. */
	look_at(s, fleet_entry(console_fleet(v->console), ((const struct entry *)argument)->id));
}

static void
close(struct view *v)
{
	for (size_t i = 0; i < TABS; i++)
		document_done(&endpoint(v)->docs[i]);
}

static const char *
crumb(struct view *v, char *out, size_t size)
{
	snprintf(out, size, "%s", v->entry->name);
	return out;
}

/* A new result: what changed is said where it can be read, whichever tab is open. */
static void
say_what_changed(struct endpoint *s)
{
	struct entry *e = s->v.entry;
	enum fleet_state before = s->state;
	enum code cause = s->cause;
	bool first = s->checks == 0;

	if (e->checks == s->checks)
		return;
	look_at(s, e);
	if (first || e->diagnosis == NULL)
		return;
	unsigned look = fleet_state_look(s->state);
	/* What matters first: a narrow screen cuts the end. */
	if (before != s->state)
		console_say(s->v.console, look, "was %s, now %s: %s", fleet_state_word(before), fleet_state_word(s->state), e->name);
	else if (cause != s->cause && cause != CODE_NONE && s->cause != CODE_NONE)
		console_say(s->v.console, look, "still %s, now %s (was %s): %s", fleet_state_word(before), code_info(s->cause)->name,
		    code_info(cause)->name, e->name);
	else
		console_say(s->v.console, look, "still %s: %s was checked again", fleet_state_word(before), e->name);
}

/* Nothing is known yet: what is happening, or what to press. */
static void
compose_unknown(struct document *d, const struct entry *e, int columns)
{
	char key[16], label[320], shown[QUOTE_MAX];
	const char *address = quote_str(target_label(&e->target, label, sizeof label), shown);

	document_clear(d, columns);
	document_line(d);
	document_at(d, 1, ROLE_WAIT | LOOK_BOLD, fleet_state_word(e->waiting ? FLEET_WAIT : FLEET_NEVER));
	document_at(d, 9, ROLE_HEAD, "");
	if (e->waiting) {
		document_wrap(d, 9, ROLE_HEAD, "is being checked for the first time");
		document_line(d);
		document_textf(d, ROLE_TEXT, " ");
		document_wrap(d, 1, ROLE_TEXT, arena_printf(d->arena, "Connecting to %s, then a TLS handshake%s, and one "
		    "look at how the server takes it. It ends by itself.", address,
		    e->identity != NULL ? " with our certificate" : ""));
	} else {
		document_wrap(d, 9, ROLE_HEAD, "was not checked yet");
		document_line(d);
		document_at(d, 1, ROLE_TEXT, "Press ");
		document_text(d, ROLE_KEY, action_key(ACTION_CHECK, key, sizeof key));
		document_wrap(d, 1, ROLE_TEXT, arena_printf(d->arena, " to check %s.", address));
	}
	if (e->identity_problem != NULL)
		document_label(d, "but", ROLE_WARN, e->identity_problem);
	document_composed(d);
}

static void
compose(struct endpoint *s, size_t tab, const struct composed *of, int64_t now)
{
	struct document *d = &s->docs[tab];
	struct tab_place at = { .columns = of->columns, .rows = of->rows - 1, .now = now };

	if (s->of[tab].entry != of->entry)
		d->top = 0;
	if (s->v.entry->diagnosis == NULL)
		compose_unknown(d, s->v.entry, of->columns);
	else
		tabs[tab].compose(d, s->v.entry, &at);
	s->of[tab] = *of;
}

static bool
is_composed(const struct composed *a, const struct composed *b)
{
	return a->entry == b->entry && a->diagnosis == b->diagnosis && a->waiting == b->waiting &&
	    a->columns == b->columns && a->rows == b->rows && a->minute == b->minute;
}

/* That the selected line stands for, or its finding is about; NULL: none. */
static const struct cert *
certificate(const struct endpoint *s)
{
	const struct entry *e = s->v.entry;
	uint64_t id = document_selected(&s->docs[s->tab]);

	if (e->diagnosis == NULL || id == 0)
		return NULL;
	if (tabs[s->tab].action == ACTION_FINDINGS)
		return id <= e->diagnosis->len ? e->diagnosis->findings[id - 1].certificate : NULL;
	return certificate_of_id(e, id);
}

/* The same, else the server's leaf: what is asked about when nothing is selected. NULL: nothing was seen. */
static const struct cert *
certificate_in_question(const struct endpoint *s)
{
	const struct handshake *h = s->v.entry->evidence != NULL ? evidence_baseline(s->v.entry->evidence) : NULL;
	const struct cert *c = certificate(s);

	return c != NULL ? c : h != NULL && h->server_certs_len > 0 ? h->server_certs[0].cert : NULL;
}

static void
refresh(struct view *v, int columns)
{
	struct endpoint *s = endpoint(v);
	int64_t now = console_now_ms(v->console) / 1000;

	say_what_changed(s);
	struct composed of = { v->entry, v->entry->diagnosis, v->entry->waiting && v->entry->diagnosis == NULL, columns,
		s->rows, now / 60 };
	if (!is_composed(&s->of[s->tab], &of))
		compose(s, s->tab, &of, now);
	v->body = &s->docs[s->tab].body;
	v->cert = certificate(s);
}

/* "[1 why]" is the one that is open: mono and ASCII show it too. On a narrow screen only that one has its name. */
static void
draw_tabs(const struct endpoint *s, const struct canvas *c, int row)
{
	bool narrow = c->columns < 72;
	int at = 0;

	for (size_t i = 0; i < TABS; i++) {
		char text[32], key[16];
		bool here = i == s->tab;
		action_key(tabs[i].action, key, sizeof key);
		snprintf(text, sizeof text, narrow ? "%s%s%s" : "%s%s %s%s", here ? "[" : " ", key, narrow ? here ? "]" : " " : tabs[i].name,
		    narrow ? "" : here ? "]" : " ");
		at += paint(c, row, at, -1, here ? ROLE_HEAD | LOOK_SELECTED : ROLE_DIM, text);
	}
	if (narrow)
		paint(c, row, at + 1, -1, ROLE_HEAD, tabs[s->tab].name);
}

/* At the right end of the tabs: that it is being checked, or when it was. */
static void
draw_when(const struct endpoint *s, const struct canvas *c, int row)
{
	const struct entry *e = s->v.entry;
	enum fleet_state state = fleet_state(e);
	bool still = console_setup_of(s->v.console)->still;
	char text[64] = "", when[32];

	if (e->waiting || state == FLEET_OLD)
		snprintf(text, sizeof text, "%s", fleet_state_word(e->waiting ? FLEET_WAIT : FLEET_OLD));
	else if (e->checked_ms != 0 && !still && c->columns >= 100)
		snprintf(text, sizeof text, "checked %s UTC", fleet_moment(e->checked_ms, console_now_ms(s->v.console), when));
	paint(c, row, c->columns - text_width(text) - 1, -1, e->waiting ? ROLE_WAIT : ROLE_DIM, text);
}

static void
draw(struct view *v, const struct canvas *c)
{
	struct endpoint *s = endpoint(v);
	struct document *d = &s->docs[s->tab];
	/* An empty row above the tabs where nothing is lost by it. */
	bool apart = d->shown_len + 2 <= (size_t)c->rows;
	struct canvas body = canvas_part(c, 0, 0, c->rows - 1 - apart, -1);

	/* How high the screen is decides how much a tab says: composed again once where it changed. */
	if (s->rows != c->rows) {
		s->rows = c->rows;
		refresh(v, c->columns);
	}
	d->body.ops->draw(&d->body, &body);
	draw_tabs(s, c, c->rows - 1);
	draw_when(s, c, c->rows - 1);
}

static void
show_tab(struct endpoint *s, size_t tab)
{
	s->tab = tab;
	s->v.body = &s->docs[tab].body;
	console_changed(s->v.console);
}

static void
neighbour(struct endpoint *s, int step)
{
	struct entry *e = fleet_view_neighbour(s->v.below, s->v.entry, step);

	if (e == NULL) {
		bool listed = s->v.below != NULL && (s->v.below->ops->scope & SCOPE_FLEET) != 0;
		console_say(s->v.console, ROLE_DIM, !listed ? "it was not opened from a list of endpoints" :
		    step > 0 ? "this is the last one of the list" : "this is the first one of the list");
		return;
	}
	look_at(s, e);
	console_changed(s->v.console);
}

/* The finding that is selected, in the tab that lists them; else the root cause. */
static enum code
to_be_mended(const struct endpoint *s)
{
	const struct diagnosis *d = s->v.entry->diagnosis;
	uint64_t id = document_selected(&s->docs[s->tab]);

	return d != NULL && tabs[s->tab].action == ACTION_FINDINGS && id >= 1 && id <= d->len ? d->findings[id - 1].code : CODE_NONE;
}

static bool
act(struct view *v, enum action a, const char *argument)
{
	struct endpoint *s = endpoint(v);

	(void)argument;
	for (size_t i = 0; i < TABS; i++) {
		if (tabs[i].action == a) {
			show_tab(s, i);
			return true;
		}
	}
	switch (a) {
	case ACTION_NEXT_TAB: show_tab(s, (s->tab + 1) % TABS); return true;
	case ACTION_PREVIOUS_TAB: show_tab(s, (s->tab + TABS - 1) % TABS); return true;
	case ACTION_NEXT: neighbour(s, 1); return true;
	case ACTION_PREVIOUS: neighbour(s, -1); return true;
	case ACTION_OPEN: console_push(v->console, &certificate_view, certificate(s)); return true;
	case ACTION_FIX: plan_open(v->console, v->entry, to_be_mended(s)); return true;
	case ACTION_ISSUER: authorities_go_to_issuer(v->console, certificate_in_question(s)); return true;
	default: return false;
	}
}

static const char *
refuses(struct view *v, enum action a)
{
	struct endpoint *s = endpoint(v);

	if (a == ACTION_CHECK && v->entry->waiting)
		return "it is being checked already";
	if (a == ACTION_FIX)
		return plan_none_for(v->entry, to_be_mended(s));
	if (a == ACTION_ISSUER && certificate_in_question(s) == NULL)
		return "no certificate was seen here";
	if (a != ACTION_OPEN)
		return NULL;
	if (v->entry->diagnosis == NULL)
		return "it was not checked yet";
	if (document_selected(&s->docs[s->tab]) == 0)
		return "nothing can be opened here: findings and certificates can";
	return certificate(s) == NULL ? "this finding is about no certificate" : NULL;
}

static void
json(struct view *v, struct buf *out)
{
	entry_json(v->entry, out);
}

/* The report has the first three tabs in the same words; the others follow as they are drawn. */
static void
text(struct view *v, struct buf *out)
{
	const struct entry *e = v->entry;
	struct report_style style = { .ascii = terminal_ascii(), .columns = EXPORT_COLUMNS, .command = e->command };
	struct tab_place at = { .columns = EXPORT_COLUMNS, .rows = 1000, .now = console_now_ms(v->console) / 1000 };

	if (e->diagnosis == NULL) {
		buf_addf(out, "%s was not checked yet\n", e->name);
		return;
	}
	report_one(e->diagnosis, &style, out);
	for (size_t i = 3; i < TABS; i++) {
		struct document d;
		document_start(&d);
		tabs[i].compose(&d, e, &at);
		buf_addf(out, "\n%s\n", tabs[i].name);
		d.body.ops->write(&d.body, out);
		document_done(&d);
	}
}

const struct view_ops endpoint_view = {
	.name = "endpoint",
	.scope = SCOPE_ENDPOINT,
	.size = sizeof(struct endpoint),
	.open = open,
	.close = close,
	.crumb = crumb,
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.refuses = refuses,
	.json = json,
	.text = text,
};
