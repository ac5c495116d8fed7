/* May the plan of a step of a roll-over be undone? Asked of its document, and of the record. */
#include <string.h>

#include "fixes/deed.h"
#include "fixes/plan_store.h"
#include "fixes/rollover.h"

/* Later steps that were undone here since the document was written. */
static unsigned
undone_since(struct changes *c, const struct rollover *d, const struct world *w)
{
	struct error unimportant = { .code = ERROR_NONE };
	unsigned undone = 0;

	for (unsigned s = 0; s < ROLLOVER_STEPS; s++) {
		struct plan *p = NULL;
		enum rollover_step of;
		const char *id = NULL;

		if (d->done[s].plan != 0 && plan_recorded(c, d->done[s].plan, w, &p, &unimportant) == STATUS_OK)
			id = rollover_of_plan(p, &of);
		if (id != NULL && strcmp(id, d->id) == 0 && of == (enum rollover_step)s && p->state == PLAN_UNDONE)
			undone |= 1u << s;
		plan_free(p);
		error_clear(&unimportant);
	}
	return undone;
}

static bool
knows(const struct rollover *d, int64_t id)
{
	for (size_t i = 0; i < d->plans_len; i++) {
		if (d->plans[i].id == id)
			return true;
	}
	return false;
}

status
rollover_undo_allowed(struct changes *c, const struct plan *p, const struct world *w, struct error *err)
{
	enum rollover_step s;
	const char *path = rollover_of_plan(p, &s) != NULL ? plan_value(p, "rollover.document") : NULL;
	struct rollover_file *file = NULL;
	struct rollover *d = NULL;
	struct rollover_may may = { .allowed = true };
	struct arena *a;
	status result;

	if (path == NULL || s == ROLLOVER_NO_STEP)
		return STATUS_OK;
	if (rollover_open(path, false, &file, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	a = arena_new();
	/* A document of a later roll-over of the same root does not know this plan. */
	if (d != NULL && strcmp(d->id, rollover_of_plan(p, &s)) == 0 && knows(d, p->id))
		rollover_may_go_back(d, s, undone_since(c, d, w), a, &may);
	result = may.allowed ? STATUS_OK : error_set(err, ERROR_NOT_DONE, "roll-over", "plan %lld is a step of a roll-over. %s", (long long)p->id, may.why);
	arena_free(a);
	rollover_free(d);
	rollover_close(file);
	return result;
}
