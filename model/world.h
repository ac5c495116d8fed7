/*
 * The clock, randomness and the environment, handed in from above so that tests, the lab and
 * `--at` can set them. model/ has no clock of its own.
 */
#ifndef MODEL_WORLD_H
#define MODEL_WORLD_H

#include <stddef.h>
#include <stdint.h>

struct world {
	int64_t (*now_ms)(void *self);                              /* wall clock, ms since the epoch */
	uint64_t (*ticks_us)(void *self);                           /* monotonic, microseconds */
	void (*random)(void *self, unsigned char *out, size_t len);
	const char *(*env)(void *self, const char *name);           /* NULL where not set */
	void *self;
};

#endif
