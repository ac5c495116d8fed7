/* The clock and the environment of a test of AWS: nothing of the user's own comes through. */
#ifndef TESTS_CHAIN_WORLD_H
#define TESTS_CHAIN_WORLD_H

#include <stdatomic.h>

#include "aws/credentials.h"
#include "model/world.h"

struct chain_world {
	struct world world;        /* hand this out */
	const char *home;
	const char *const *vars;   /* "NAME=value", NULL-terminated; or NULL */
	_Atomic int64_t now_ms;    /* 0: the real clock */
	_Atomic uint64_t hurry_us; /* each look at the ticks moves them so far */
	_Atomic uint64_t hurried_us;
};

void chain_world_init(struct chain_world *w, const char *home, const char *const vars[]);

/* "NAME=" and a text in a ring of 32 buffers, for vars. */
const char *aws_var(const char *name, const char *value);

#endif
