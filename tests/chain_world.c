#include "tests/chain_world.h"

#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int64_t
now_ms(void *self)
{
	struct chain_world *w = self;
	struct timespec t;

	if (atomic_load(&w->now_ms) != 0)
		return atomic_load(&w->now_ms);
	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static uint64_t
ticks_us(void *self)
{
	struct chain_world *w = self;
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000 + atomic_fetch_add(&w->hurried_us, atomic_load(&w->hurry_us));
}

static void
random_bytes(void *self, unsigned char *out, size_t len)
{
	(void)self;
	if (RAND_bytes(out, (int)len) != 1)
		abort();
}

static const char *
env(void *self, const char *name)
{
	const struct chain_world *w = self;
	size_t len = strlen(name);

	for (size_t i = 0; w->vars != NULL && w->vars[i] != NULL; i++) {
		if (strncmp(w->vars[i], name, len) == 0 && w->vars[i][len] == '=')
			return w->vars[i] + len + 1;
	}
	return strcmp(name, "HOME") == 0 ? w->home : NULL;
}

void
chain_world_init(struct chain_world *w, const char *home, const char *const vars[])
{
	memset(w, 0, sizeof *w);
	w->world = (struct world){ .now_ms = now_ms, .ticks_us = ticks_us, .random = random_bytes, .env = env, .self = w };
	w->home = home;
	w->vars = vars;
}

const char *
aws_var(const char *name, const char *value)
{
	static char ring[32][1024];
	static unsigned next;
	char *out = ring[next++ % 32];

	snprintf(out, sizeof ring[0], "%s=%s", name, value);
	return out;
}
