/*
 * What things cost at AWS: list prices of us-east-1 as generally known, not read from AWS. They may differ by region and
 * contract, and every text says so.
 */
#ifndef FIXES_PRICES_H
#define FIXES_PRICES_H

#include "fixes/plan.h"

/* "400 USD a month each (list price, us-east-1, may differ)"; in the lab it says that nothing is billed. In the arena. */
const char *price_of_ca(struct plan *p, bool short_lived, unsigned how_many);
const char *price_of_certificate(struct plan *p, bool short_lived);
/* Everything that a plan makes: CAs by the month, certificates once. */
const char *price_of_all(struct plan *p, bool short_lived, unsigned cas, unsigned certificates);

#endif
