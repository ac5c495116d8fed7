/* Many targets, few causes: groups by cause_key. Keeps texts only, so that a million targets fit. */
#include <stdlib.h>
#include <string.h>

#include "model/hash.h"
#include "model/memory.h"
#include "model/matched.h"
#include "model/mend.h"
#include "model/page.h"
#include "model/quote.h"
#include "model/verdict_words.h"

enum {
	SHOWN_TARGETS = 6, /* of a cause; the rest is a number */
	SHOWN_CAUSES = 40,
	STATES = STATE_DOWN + 1
};

struct cause {
	char *key;
	char *label;   /* for people, or NULL */
	enum code code;
	enum severity severity;
	size_t count;
	size_t explained; /* of these: they do not work, and this is proven to be why */
	char *targets[SHOWN_TARGETS];
	char *proved_at; /* the target that was asked what proves it, where others are matched with it; or NULL */
	size_t matched;
	size_t order;  /* in which it was met first */
};

struct causes {
	struct cause *items;
	size_t len, cap;
	size_t *index; /* open addressing over items, +1; 0 is free */
	size_t index_cap;
	size_t all, of_state[STATES];
};

struct causes *
causes_new(void)
{
	return mem_zero(1, sizeof(struct causes));
}

void
causes_free(struct causes *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->len; i++) {
		free(c->items[i].key);
		free(c->items[i].label);
		free(c->items[i].proved_at);
		for (size_t k = 0; k < SHOWN_TARGETS; k++)
			free(c->items[i].targets[k]);
	}
	free(c->items);
	free(c->index);
	free(c);
}

static size_t *
slot_of(const struct causes *c, const char *key)
{
	size_t at = (size_t)hash_text(0, key) & (c->index_cap - 1);

	while (c->index[at] != 0 && strcmp(c->items[c->index[at] - 1].key, key) != 0)
		at = (at + 1) & (c->index_cap - 1);
	return &c->index[at];
}

static void
grow(struct causes *c)
{
	if (c->len < c->cap)
		return;
	c->cap = c->cap == 0 ? 16 : c->cap * 2;
	c->items = mem_grow(c->items, c->cap, sizeof *c->items);
	c->index_cap = c->cap * 2;
	free(c->index);
	c->index = mem_zero(c->index_cap, sizeof *c->index);
	for (size_t i = 0; i < c->len; i++)
		*slot_of(c, c->items[i].key) = i + 1;
}

void
causes_add(struct causes *c, const struct diagnosis *d)
{
	char shown[QUOTE_MAX];

	c->all++;
	c->of_state[state_of_verdict(d->verdict)]++;
	if (d->root == NULL || d->cause_key == NULL)
		return;
	grow(c);
	size_t *slot = slot_of(c, d->cause_key);
	if (*slot == 0) {
		const char *says = d->root->shared_label != NULL ? d->root->shared_label : code_phrase(d->root->code);
		c->items[c->len] = (struct cause){ .key = mem_strdup(d->cause_key), .label = mem_strdup(says),
			.code = d->root->code, .severity = d->root->severity, .order = c->len };
		*slot = ++c->len;
	}
	struct cause *cause = &c->items[*slot - 1];
	if (d->root->severity > cause->severity)
		cause->severity = d->root->severity;
	if (cause->count < SHOWN_TARGETS)
		cause->targets[cause->count] = mem_strdup(verdict_label(d, shown));
	cause->count++;
	if (d->evidence->matched != NULL) {
		cause->matched++;
		if (cause->proved_at == NULL)
			cause->proved_at = mem_strdup(d->evidence->matched->with);
	}
	cause->explained += state_of_verdict(d->verdict) >= STATE_FAIL && !verdict_not_proven(d);
}

/* What breaks first, then what breaks most. */
static int
by_weight(const void *a, const void *b)
{
	const struct cause *x = *(const struct cause *const *)a, *y = *(const struct cause *const *)b;

	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void
heading(const struct causes *c, const struct page *p)
{
	page_textf(p, "\n%zu target%s  ", c->all, c->all == 1 ? "" : "s");
	for (size_t i = STATES; i > 0; i--) {
		enum state s = (enum state)(i - 1);
		if (c->of_state[s] == 0)
			continue;
		buf_addf(p->out, "  %zu ", c->of_state[s]);
		page_tinted(p, state_tint(s), state_word(s));
	}
	buf_addc(p->out, '\n');
}

static void
one_cause(const struct cause *cause, const struct page *p)
{
	struct buf who = { 0 };

	page_textf(p, "%6zu  ", cause->count);
	page_tinted(p, state_tint(state_of_severity(cause->severity)), code_info(cause->code)->name);
	buf_adds(p->out, "  ");
	page_wrap(p, 8 + strlen(code_info(cause->code)->name) + 2, 8, cause->label);
	for (size_t i = 0; i < cause->count && i < SHOWN_TARGETS; i++)
		buf_addf(&who, "%s%s", i > 0 ? ", " : "", cause->targets[i]);
	if (cause->count > SHOWN_TARGETS)
		buf_addf(&who, " and %zu more", cause->count - SHOWN_TARGETS);
	/* One address that stands there already is not said twice. */
	if (strcmp(buf_str(&who), cause->label) != 0) {
		page_pad(p, 0, 8);
		page_wrap(p, 8, 8, buf_str(&who));
	}
	if (cause->matched > 0) {
		page_pad(p, 0, 8);
		buf_reset(&who);
		if (cause->count - cause->matched > 1)
			buf_addf(&who, "asked for proof: %zu of them, %s first; %zu matched with these, by certificate and refusal",
			    cause->count - cause->matched, cause->proved_at, cause->matched);
		else
			buf_addf(&who, "asked for proof: %s; %zu matched with it, by certificate and refusal", cause->proved_at, cause->matched);
		page_wrap(p, 8, 8, buf_str(&who));
	}
	buf_done(&who);
}

void
causes_report(const struct causes *c, const struct report_style *s, struct buf *out)
{
	struct page p = { .out = out, .style = s };
	const struct cause **sorted = mem_zero(c->len + 1, sizeof(const struct cause *));
	size_t broken = c->of_state[STATE_FAIL] + c->of_state[STATE_DOWN], most = 0;

	for (size_t i = 0; i < c->len; i++) {
		sorted[i] = &c->items[i];
		most = sorted[i]->explained > most ? sorted[i]->explained : most;
	}
	qsort(sorted, c->len, sizeof *sorted, by_weight);
	heading(c, &p);
	if (most > 1 && 2 * most > broken)
		page_textf(&p, "ONE cause explains %zu of the %zu that do not work.\n", most, broken);
	if (c->len > 0)
		buf_addc(out, '\n');
	for (size_t i = 0; i < c->len && i < SHOWN_CAUSES; i++)
		one_cause(sorted[i], &p);
	if (c->len > SHOWN_CAUSES)
		page_textf(&p, "        and %zu more causes\n", c->len - SHOWN_CAUSES);
	free(sorted);
}
