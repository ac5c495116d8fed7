/* What the roll-over's state and its lock share; for model/rollover*.c alone. */
#ifndef MODEL_ROLLOVER_PARTS_H
#define MODEL_ROLLOVER_PARTS_H

#include "model/rollover.h"

#define AS_BIT(column) (1u << (column))

/*
 * The steps in their order. needs: the columns that must be YES (or "-") for all before it; that is the lock. safe: why nobody who is
 * healthy fails by it. ways: a bit for each way that has it.
 */
struct rollover_step_row {
	const char *name, *words, *phase, *safe;
	unsigned ways, needs;
};
extern const struct rollover_step_row rollover_steps[ROLLOVER_STEPS];

bool rollover_among(const char *name, const char *const *list, size_t len);
bool rollover_was_done(const struct rollover *r, enum rollover_step s);
/* now: seconds; the certificate to measure with may have ended by then. */
bool rollover_is_over(const struct rollover *r, enum rollover_step s, int64_t now);
/* The worst that a service has in these columns. SENDS means nothing where the key stays: every chain leads to both roots. */
enum rollover_answer rollover_worst(const struct rollover *r, const struct rollover_service *s, unsigned columns);

#endif
