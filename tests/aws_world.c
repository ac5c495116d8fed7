#include "tests/aws_world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/memory.h"
#include "tests/program.h"

static int64_t
now_ms(void *self)
{
	const struct aws_world *w = self;
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000 + w->shift_ms;
}

static uint64_t
ticks_us(void *self)
{
	struct timespec t;

	(void)self;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void
chance(void *self, unsigned char *out, size_t len)
{
	memset(out, ((const struct aws_world *)self)->random, len);
}

static const char *
env(void *self, const char *name)
{
	const struct aws_world *w = self;
	size_t len = strlen(name);

	for (const char *const *e = w->env; e != NULL && *e != NULL; e++)
		if (strncmp(*e, name, len) == 0 && (*e)[len] == '=')
			return *e + len + 1;
	if (strcmp(name, "HOME") == 0)
		return w->home;
	if (strcmp(name, "AWS_CONFIG_FILE") == 0)
		return w->config;
	if (strcmp(name, "AWS_SHARED_CREDENTIALS_FILE") == 0)
		return w->credentials;
	return strcmp(name, "AWS_EC2_METADATA_DISABLED") == 0 ? "true" : NULL;
}

struct aws_world *
aws_world_new(const char *config, const char *credentials)
{
	struct aws_world *w = mem_zero(1, sizeof *w);

	w->folder = make_folder();
	snprintf(w->home, sizeof w->home, "%s", w->folder);
	snprintf(w->config, sizeof w->config, "%s", in_folder(w->folder, "config"));
	snprintf(w->credentials, sizeof w->credentials, "%s", in_folder(w->folder, "credentials"));
	if ((config != NULL && !write_file(w->config, config, strlen(config))) ||
	    (credentials != NULL && !write_file(w->credentials, credentials, strlen(credentials))))
		abort();
	w->world = (struct world){ .now_ms = now_ms, .ticks_us = ticks_us, .random = chance, .env = env, .self = w };
	return w;
}

void
aws_world_free(struct aws_world *w)
{
	remove_folder(w->folder);
	free(w);
}
