/* The lab of the demo: this program again, as a process of its own that ends with us. */
#ifndef CLI_DEMO_LAB_H
#define CLI_DEMO_LAB_H

#include <cJSON.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/error.h"
#include "model/world.h"

struct demo_lab {
	pid_t pid;   /* 0: none */
	cJSON *json; /* what it printed */
};

/* What the lab is asked for. */
struct demo_lab_options {
	uint64_t seed;
	bool at_set;
	int64_t at;          /* seconds */
	unsigned first_port; /* 0: any */
	const char *dir;     /* NULL: a temporary folder */
	bool throttle, no_throttle;
	unsigned certificates, services;
};

/* Starts it and waits, ten seconds at most, for its JSON. A signal that comes meanwhile ends the wait. */
status demo_lab_start(struct demo_lab *lab, const struct demo_lab_options *opt, struct error *err) MUST_USE;
/*
 * The real world with the lab's environment in the place of the user's: AWS_ENDPOINT_URL, credentials, region, and
 * nothing else. It lives as long as the process: a worker may still ask when the demo is over.
 */
const struct world *demo_lab_world(const struct demo_lab *lab);
const char *demo_lab_variable(const struct demo_lab *lab, const char *name); /* one of those; NULL: the lab sets none. Lives as the world does */
char *demo_lab_file(const struct demo_lab *lab, const char *name);           /* in the lab's folder, which goes with it; free() it */
void demo_lab_stop(struct demo_lab *lab); /* and waits for its end */

#endif
