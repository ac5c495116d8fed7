/* The fleet's own side of its entries; fleet.c and its parts only. */
#ifndef MODEL_FLEET_INTERNAL_H
#define MODEL_FLEET_INTERNAL_H

#include "model/fleet.h"

/* An entry with what is remembered about it. */
struct member {
	struct entry e;       /* first: an entry is its member */
	enum fleet_state known; /* by the last check */
	uint64_t cause;       /* id of its cause_key; 0: it has none */
	const char *words;    /* entry_cause(); in the diagnosis' arena, or static */
};

/* How many texts are how wide; those without any text are not counted. */
enum { WIDTH_MAX = 64 };
struct widths {
	size_t of[WIDTH_MAX + 1], all;
};

struct fleet {
	struct member **items;  /* each stays where it is */
	size_t len, cap;
	unsigned long version;
	uint32_t *ranks;      /* by name */
	size_t ranked;        /* entries that have one */
	struct fleet_counts shown, known;
	struct widths names, addresses, cause_words;
	bool named;

	struct fleet_cause *causes;
	size_t causes_len, causes_cap;
	unsigned long causes_version; /* that they were made from */
	size_t *slots;        /* open addressing over causes, +1; 0 is free */
	size_t slots_cap;
	struct arena *labels; /* of the causes */
};

/* What the entry's line says of its cause; into the diagnosis' arena, or static. */
const char *fleet_cause_words(struct diagnosis *d);
/* When the cause began by a certificate's own date: seconds, or TIME_UNKNOWN. */
int64_t fleet_cause_began(const struct diagnosis *d);
struct first_end fleet_first_end(const struct diagnosis *d);
/* For a cause of several: true of all of them. `same`: all of them say what the example says. Into `a`. */
const char *fleet_label(const struct diagnosis *example, const char *words, bool same, struct arena *a);

#endif
