#include "tui/cause_detail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/mend.h"
#include "model/page.h"
#include "model/times.h"
#include "tui/fleet.h"
#include "tui/wrap.h"

enum { ITEMS_MAX = 10, MEND_COMPARED = 32, NARROW = 60 };

/* What is left out first where there is little room: the last of these. */
enum weight { WEIGHT_HEAD, WEIGHT_MEND, WEIGHT_CHANGED, WEIGHT_WAITING, WEIGHT_CERTIFICATE, WEIGHT_OTHER, WEIGHT_PROOF, WEIGHT_WHY, WEIGHT_SEEN };

struct item {
	enum weight weight;
	const char *label; /* "": the head, which stands at the left */
	const char *text;
};

struct cause_detail {
	struct item items[ITEMS_MAX]; /* in the order in which they stand */
	size_t len;
	struct arena *arena;
	int64_t now_ms;
};

static void
add(struct cause_detail *d, enum weight weight, const char *label, const char *text)
{
	if (text != NULL && text[0] != '\0' && d->len < ITEMS_MAX)
		d->items[d->len++] = (struct item){ weight, label, text };
}

/* ---- sentences ---- */

static const char *
head(struct cause_detail *d, const struct fleet_cause *c, const struct cause_shared *s)
{
	const char *code;

	if (c->key == NULL) {
		if (c->state == FLEET_NEVER)
			return "Selected: ?? · never checked: R checks all";
		if (c->state == FLEET_WAIT)
			return "Selected: WAIT · being checked for the first time";
		return arena_printf(d->arena, "Selected: %s · nothing is wrong with %s", fleet_state_word(c->state),
		    c->count == 1 ? c->example->name : arena_printf(d->arena, "these %zu", c->count));
	}
	code = code_info(c->code)->name; /* whoever has no key has no code either */
	if (c->count == 1)
		return arena_printf(d->arena, "Selected: %s · %s", code, c->example->name);
	if (s->cert != NULL)
		return arena_printf(d->arena, "Selected: %s · the same certificate in all %zu", code, c->count);
	return arena_printf(d->arena, "Selected: %s", code);
}

/* "0a4f19c2…  issued by “Acme Root CA”, served by 30"; its name, too, where the cause's label does not say it. */
static const char *
certificate(struct cause_detail *d, const struct fleet_cause *c, const struct cause_shared *s)
{
	const char *issuer, *name, *where = "";

	if (s->cert == NULL)
		return NULL;
	issuer = s->cert->self_issued ? "itself" : s->cert->issuer.common_name != NULL && s->cert->issuer.common_name[0] != '\0' ?
	    arena_printf(d->arena, "“%s”", s->cert->issuer.common_name) : "a CA without a name";
	if (s->ours)
		where = ", ours";
	else if (s->presented > 0)
		where = s->count == 1 ? ", served there" : arena_printf(d->arena, ", served by %zu", s->presented);
	name = arena_printf(d->arena, "“%s” ", cert_label(s->cert));
	if (strstr(c->label, cert_label(s->cert)) != NULL)
		name = "";
	return arena_printf(d->arena, "%.8s…  %sissued by %s%s", s->cert->sha256_hex, name, issuer, where);
}

/* Only what checks of this session saw: what they were before, and whether the servers show other certificates since. */
static const char *
changed(struct cause_detail *d, const struct fleet_cause *c, const struct cause_shared *s)
{
	struct arena *a = d->arena;
	const char *were = NULL, *clock = "", *certs = "";
	char then[32], at[32];
	bool ended;

	if (s->looked_before == 0)
		return NULL;
	for (int i = 0; i < FLEET_STATES; i++) {
		const char *word = fleet_state_word((enum fleet_state)i);

		if (s->past_of[i] > 0 && s->count == 1)
			were = word;
		else if (s->past_of[i] > 0)
			were = arena_printf(a, "%s%s%zu %s", were != NULL ? were : "", were != NULL ? ", " : "", s->past_of[i], word);
	}
	ended = c->since_exact && s->cert != NULL && c->since_ms == s->cert->not_after * 1000 && c->since_ms > s->past_ms;
	if (ended)
		clock = arena_printf(a, ", the clock passed %s", fleet_minute(c->since_ms, d->now_ms, at));
	if (s->same_chain == s->looked_before)
		certs = "not the certificates: ";
	else if (s->presented > 0 && s->same_chain == 0)
		certs = "the certificates: ";
	else if (s->presented > 0)
		certs = arena_printf(a, "the certificates of %zu: ", s->looked_before - s->same_chain);
	return arena_printf(a, "%s%s at %s%s", certs, were, fleet_minute(s->past_ms, d->now_ms, then), clock);
}

/* Where the certificate that opens the other path was found. */
static const char *
found_at(struct cause_detail *d, const struct entry *e, const struct path_link *l)
{
	for (size_t i = 0; i < e->evidence->found_len; i++)
		if (e->evidence->found[i].cert == l->cert && e->evidence->found[i].where != NULL)
			return arena_printf(d->arena, ", from %s", e->evidence->found[i].where);
	return l->source == SOURCE_PRESENTED ? ", sent" : l->source == SOURCE_TRUST ? ", trusted here" : "";
}

static const char *
other_way(struct cause_detail *d, const struct fleet_cause *c, const struct cause_shared *s)
{
	const struct path_link *over = NULL;

	if (!cause_has_ways_round(c->code))
		return NULL;
	if (s->other_path == NULL)
		return "none among what was seen or is on file";
	for (size_t i = 1; i < s->other_path->len && over == NULL; i++)
		if (s->other_path->links[i].source != SOURCE_PRESENTED)
			over = &s->other_path->links[i];
	if (over == NULL)
		over = &s->other_path->links[s->other_path->len - 1];
	return arena_printf(d->arena, "%sover “%s” issued by “%s”%s",
	    s->other_ways == s->count ? "" : arena_printf(d->arena, "for %zu of %zu ", s->other_ways, s->count),
	    cert_label(over->cert), over->cert->issuer.common_name, found_at(d, s->other, over));
}

/* The sentence of one; where others of them get another (a file, an address of their own), it says so. */
static const char *
mend(struct cause_detail *d, const struct fleet *f, const struct fleet_cause *c)
{
	const char *words = mend_words(c->example->diagnosis, c->example->diagnosis->root, d->arena);
	size_t compared = 0;

	for (size_t i = 0; i < fleet_len(f) && compared < MEND_COMPARED && compared + 1 < c->count; i++) {
		const struct entry *e = fleet_at(f, i);

		if (e == c->example || entry_cause_id(e) != c->id)
			continue;
		compared++;
		if (strcmp(words, mend_words(e->diagnosis, e->diagnosis->root, d->arena)) != 0)
			return arena_printf(d->arena, "%s (%s; the others alike)", words, c->example->name);
	}
	return words;
}

static const char *
ends_first(struct cause_detail *d, const struct entry *e)
{
	char days[32];

	if (e == NULL)
		return NULL;
	return arena_printf(d->arena, "%s: “%s”, %s", e->name, cert_label(e->ends.cert),
	    entry_days(e, d->now_ms / 1000, days, sizeof days));
}

/* Of many that are refused alike, one was asked. */
static const char *
proof(struct cause_detail *d, const struct cause_shared *s)
{
	size_t asked = s->count - s->matched;

	if (s->matched == 0)
		return NULL;
	if (asked <= 1)
		return arena_printf(d->arena, "asked of %s; %zu matched with it, by certificate and refusal", s->matched_with, s->matched);
	return arena_printf(d->arena, "asked of %zu, %s first; %zu matched with these, by certificate and refusal", asked, s->matched_with, s->matched);
}

struct cause_detail *
cause_detail_new(const struct fleet *f, const struct fleet_cause *c, int64_t now_ms)
{
	struct cause_detail *d = mem_zero(1, sizeof *d);
	struct cause_shared s;

	d->arena = arena_new();
	d->now_ms = now_ms;
	cause_shared(f, c->id, &s);
	add(d, WEIGHT_HEAD, "", arena_strdup(d->arena, head(d, c, &s)));
	if (c->waiting > 0 && c->example->diagnosis != NULL)
		add(d, WEIGHT_WAITING, "checking", c->count == 1 ? "it is being checked again" :
		    arena_printf(d->arena, "%zu of %zu are being checked again", c->waiting, c->count));
	if (c->key == NULL) {
		add(d, WEIGHT_CERTIFICATE, "first end", ends_first(d, s.ends_first));
		return d;
	}
	if (c->count == 1)
		add(d, WEIGHT_WHY, "why", arena_strdup(d->arena, c->example->diagnosis->summary));
	add(d, WEIGHT_CERTIFICATE, "cert", certificate(d, c, &s));
	add(d, WEIGHT_PROOF, "proof", proof(d, &s));
	add(d, WEIGHT_CHANGED, "changed", changed(d, c, &s));
	add(d, WEIGHT_OTHER, "other way", other_way(d, c, &s));
	add(d, WEIGHT_MEND, "mend", mend(d, f, c));
	return d;
}

void
cause_detail_free(struct cause_detail *d)
{
	if (d == NULL)
		return;
	arena_free(d->arena);
	free(d);
}

/* ---- drawing ---- */

static int
label_at(int columns)
{
	return columns < NARROW ? 1 : 3;
}

static int
text_at(const struct item *i, int columns)
{
	enum { LABELS = 11 }; /* the longest and a blank */

	return i->label[0] == '\0' ? 1 : label_at(columns) + LABELS;
}

static int
rows_of(const struct item *i, int columns)
{
	return (int)wrap_lines(i->text, columns - 1 - text_at(i, columns));
}

int
cause_detail_rows(const struct cause_detail *d, int columns)
{
	int rows = 0;

	for (size_t i = 0; i < d->len; i++)
		rows += rows_of(&d->items[i], columns);
	return rows;
}

static void
draw_item(const struct item *item, const struct canvas *c, int row)
{
	int at = text_at(item, c->columns), room = c->columns - 1 - at;
	unsigned look = item->weight == WEIGHT_HEAD ? ROLE_HEAD : ROLE_TEXT;

	paint(c, row, label_at(c->columns), -1, ROLE_DIM, item->label);
	wrap_paint(c, row, at, c->rows - row, room, look, item->text);
}

void
cause_detail_draw(const struct cause_detail *d, const struct canvas *c)
{
	int least = WEIGHT_SEEN, rows;

	do {
		rows = 0;
		for (size_t i = 0; i < d->len; i++)
			rows += (int)d->items[i].weight <= least ? rows_of(&d->items[i], c->columns) : 0;
	} while (rows > c->rows && least-- > WEIGHT_HEAD);
	for (size_t i = 0, row = 0; i < d->len; i++) {
		if ((int)d->items[i].weight > least)
			continue;
		draw_item(&d->items[i], c, (int)row);
		row += (size_t)rows_of(&d->items[i], c->columns);
	}
}
