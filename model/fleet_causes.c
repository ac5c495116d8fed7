/* Many endpoints, few causes: groups by cause_key, made anew in one pass over the fleet. */
#include <stdlib.h>
#include <string.h>

#include "model/fleet_internal.h"
#include "model/hash.h"
#include "model/memory.h"

static const char *
key_of(const struct entry *e)
{
	return e->diagnosis != NULL ? e->diagnosis->cause_key : NULL;
}

/* What an entry without a cause counts under: nothing is known of one that is being checked for the first time. */
static enum fleet_state
state_of(const struct entry *e)
{
	return e->diagnosis == NULL ? fleet_state(e) : fleet_known(e);
}

uint64_t
entry_cause_id(const struct entry *e)
{
	uint64_t known = ((const struct member *)e)->cause;

	return known != 0 ? known : hash_text(0, fleet_state_word(state_of(e)));
}

static size_t *
slot_of(const struct fleet *f, uint64_t id)
{
	size_t at = (size_t)id & (f->slots_cap - 1);

	while (f->slots[at] != 0 && f->causes[f->slots[at] - 1].id != id)
		at = (at + 1) & (f->slots_cap - 1);
	return &f->slots[at];
}

static void
grow(struct fleet *f)
{
	if (f->causes_len < f->causes_cap)
		return;
	f->causes_cap = f->causes_cap > 0 ? f->causes_cap * 2 : 32;
	f->causes = mem_grow(f->causes, f->causes_cap, sizeof *f->causes);
	f->slots_cap = f->causes_cap * 2;
	free(f->slots);
	f->slots = mem_zero(f->slots_cap, sizeof *f->slots);
	for (size_t i = 0; i < f->causes_len; i++)
		*slot_of(f, f->causes[i].id) = i + 1;
}

static struct fleet_cause *
cause_for(struct fleet *f, const struct entry *e)
{
	uint64_t id = entry_cause_id(e);
	const struct diagnosis *d = e->diagnosis;
	bool known = d != NULL && d->root != NULL;

	grow(f);
	size_t *slot = slot_of(f, id);
	if (*slot == 0) {
		f->causes[f->causes_len] = (struct fleet_cause){ .id = id, .key = key_of(e), .state = state_of(e),
			.code = known ? d->root->code : CODE_NONE, .side = known ? d->side : SIDE_CLIENT,
			.label = entry_cause(e), .since_exact = true, .example = e };
		*slot = ++f->causes_len;
	}
	return &f->causes[*slot - 1];
}

/* `label` is the example's words as long as all say the same, then NULL: it is made of what they share at the end. */
static void
add(struct fleet *f, const struct entry *e)
{
	struct fleet_cause *c = cause_for(f, e);

	c->count++;
	c->failing += fleet_known(e) <= FLEET_DOWN;
	c->waiting += e->waiting;
	if (state_of(e) < c->state) {
		c->state = state_of(e);
		c->example = e;
	}
	if (c->label != NULL && c->label != entry_cause(e) && strcmp(c->label, entry_cause(e)) != 0)
		c->label = NULL;
	if (e->since_ms != 0 && (c->since_ms == 0 || e->since_ms < c->since_ms))
		c->since_ms = e->since_ms;
	c->since_exact = c->since_exact && e->since_exact;
}

/* What is worst, then most frequent; of equals, the one that was met first (they come in that order). */
static int
by_weight(const void *a, const void *b)
{
	const struct fleet_cause *x = a, *y = b;

	if ((x->key == NULL) != (y->key == NULL))
		return x->key == NULL ? 1 : -1;
	if (x->state != y->state)
		return x->state < y->state ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	return x->example->id < y->example->id ? -1 : x->example->id > y->example->id;
}

static void
name_them(struct fleet *f)
{
	for (size_t i = 0; i < f->causes_len; i++) {
		struct fleet_cause *c = &f->causes[i];

		if (c->key == NULL)
			c->label = "";
		else
			c->label = fleet_label(c->example->diagnosis, entry_cause(c->example), c->label != NULL, f->labels);
		c->since_exact = c->since_exact && c->since_ms != 0;
	}
}

size_t
fleet_causes(struct fleet *f, const struct fleet_cause **out)
{
	if (f->causes_version != f->version) {
		arena_free(f->labels);
		f->labels = arena_new();
		f->causes_len = 0;
		if (f->slots != NULL)
			memset(f->slots, 0, f->slots_cap * sizeof *f->slots);
		for (size_t i = 0; i < f->len; i++)
			add(f, &f->items[i]->e);
		name_them(f);
		if (f->causes_len > 0)
			qsort(f->causes, f->causes_len, sizeof *f->causes, by_weight);
		f->causes_version = f->version;
	}
	*out = f->causes;
	return f->causes_len;
}
