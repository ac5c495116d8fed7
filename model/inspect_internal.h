/* The parts of inspect, each in a file of its own: model/inspect.h is for everybody else. */
#ifndef MODEL_INSPECT_INTERNAL_H
#define MODEL_INSPECT_INTERNAL_H

#include "model/inspect.h"

/* Sets leaf and taken; both stay NULL where there is no certificate. Wants the relations. */
status inspect_choose_leaf(struct inspection *i, const struct inspect_options *opt,
    struct error *err) MUST_USE;
/* Sets relations. */
void inspect_relate(struct inspection *i);
/* “order-service” (order.crt, line 1), into the arena. */
const char *inspect_place(struct arena *a, const struct object *o);

#endif
