/*
 * What things cost at AWS: list prices of us-east-1 as generally known, not read from AWS. They may differ by region and
 * contract, and every text says so.
 */
#ifndef FIXES_PRICES_H
#define FIXES_PRICES_H

#include "fixes/plan.h"

/* Of one step: "400 USD a month, from its creation on (list price)". In the arena. */
const char *price_of_ca(struct plan *p, bool short_lived, unsigned how_many);
const char *price_of_certificate(struct plan *p, bool short_lived);
/* Everything that a plan makes: CAs by the month, certificates once, with every reserve; in the lab, that nothing is billed. */
const char *price_of_all(struct plan *p, bool short_lived, unsigned cas, unsigned certificates);

#endif
