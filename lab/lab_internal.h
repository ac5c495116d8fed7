/* What lab.c and listing.c share. */
#ifndef LAB_LAB_INTERNAL_H
#define LAB_LAB_INTERNAL_H

#include <signal.h>

#include "lab/cloud.h"
#include "lab/endpoint.h"
#include "lab/lab.h"
#include "lab/responder.h"
#include "lab/services.h"

enum { LAB_SIGNALS = 3 };

struct lab {
	struct world const *world;
	struct variety variety;
	struct folder folder;
	struct authority *authority;
	struct services services;
	struct endpoint *endpoints;
	size_t len;
	struct servers servers;
	struct responder responder;
	struct cloud *cloud;
	uint64_t certificates;
	char *config; /* the path of config.yaml, once it is written */

	uv_loop_t loop;
	bool loop_open;
	uv_signal_t signals[LAB_SIGNALS];
	uv_poll_t stop_fd;
	volatile sig_atomic_t signal;
};

/* Once everything listens: the lab as a configuration (lab/configuration.c). */
status lab_write_configuration(struct lab *lab, struct error *err) MUST_USE;

#endif
