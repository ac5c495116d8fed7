/* What the checks saw goes into the inventory, where there is one: which endpoint shows which certificate. */
#include <stdlib.h>

#include "model/memory.h"
#include "model/sightings.h"
#include "tui/console_parts.h"

struct seen_job {
	struct sightings sightings;
	char *path;
	const struct world *world;
	struct error err;
};

static void
drop(void *job)
{
	struct seen_job *j = job;

	sightings_done(&j->sightings);
	free(j->path);
	free(j);
}

static void
run(void *job)
{
	struct seen_job *j = job;

	/* What is wrong with the inventory is said where it is looked at. */
	if (sightings_write(&j->sightings, j->path, j->world, &j->err) != STATUS_OK)
		error_clear(&j->err);
}

static void
done(struct console *k, void *job)
{
	k->syncs++;
	drop(job);
}

void
seen_keep(struct console *k, struct entry *const *entries, size_t len)
{
	const struct console_setup *setup = console_setup_of(k);
	struct seen_job *j;

	if (setup->is_case || setup->aws_len == 0)
		return;
	j = mem_zero(1, sizeof *j);
	j->path = setup->inventory != NULL ? mem_strdup(setup->inventory) : NULL;
	j->world = setup->world;
	for (size_t i = 0; i < len; i++)
		if (entries[i]->evidence != NULL)
			sightings_add(&j->sightings, entries[i]->evidence, entries[i]->name, entries[i]->checked_ms / 1000);
	if (j->sightings.len > 0)
		console_work(k, run, done, drop, j);
	else
		drop(j);
}
