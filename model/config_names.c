#include "model/config_names.h"

#include <stdlib.h>
#include <string.h>

#include "model/hash.h"
#include "model/memory.h"

struct slot {
	const char *name; /* NULL: free */
	size_t index;
};
struct config_names {
	struct slot *slots;
	size_t mask; /* slots - 1; a power of two, never more than half full */
};

struct config_names *
config_names_new(size_t len)
{
	struct config_names *n = mem_zero(1, sizeof *n);
	size_t slots = 16;

	while (slots < len * 2)
		slots *= 2;
	n->slots = mem_zero(slots, sizeof *n->slots);
	n->mask = slots - 1;
	return n;
}

void
config_names_free(struct config_names *n)
{
	if (n == NULL)
		return;
	free(n->slots);
	free(n);
}

/* The file is the user's own: nobody else chooses names that collide. */
static struct slot *
slot_of(const struct config_names *n, const char *name)
{
	size_t at;

	for (at = (size_t)hash_text(0, name) & n->mask; n->slots[at].name != NULL; at = (at + 1) & n->mask) {
		if (strcmp(n->slots[at].name, name) == 0)
			break;
	}
	return &n->slots[at];
}

size_t
config_names_add(struct config_names *n, const char *name, size_t index)
{
	struct slot *s = slot_of(n, name);

	if (s->name != NULL)
		return s->index;
	*s = (struct slot){ .name = name, .index = index };
	return SIZE_MAX;
}

size_t
config_names_find(const struct config_names *n, const char *name)
{
	const struct slot *s = slot_of(n, name);

	return s->name != NULL ? s->index : SIZE_MAX;
}
