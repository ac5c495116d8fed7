#include <openssl/rand.h>
#include <stdlib.h>
#include <time.h>

#include "probes/examine.h"

static int64_t
real_now_ms(void *self)
{
	struct timespec t;

	(void)self;
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t
real_ticks_us(void *self)
{
	struct timespec t;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
real_random(void *self, unsigned char *out, size_t len)
{
	(void)self;
	if (RAND_bytes(out, (int)len) != 1)
		abort(); /* a generator that cannot give numbers must not be worked around */
}

static const char *
real_env(void *self, const char *name)
{
	(void)self;
	return getenv(name);
}

const struct world *
world_real(void)
{
	static const struct world world = {
		.now_ms = real_now_ms,
		.ticks_us = real_ticks_us,
		.random = real_random,
		.env = real_env,
	};

	return &world;
}

static int64_t
standing_now_ms(void *self)
{
	const struct standing_world *w = self;

	return w->at_ms;
}

const struct world *
world_standing(struct standing_world *w, int64_t at)
{
	*w = (struct standing_world){ .world = *world_real(), .at_ms = at * 1000 };
	w->world.now_ms = standing_now_ms;
	w->world.self = w; /* the others look at no self */
	return &w->world;
}
