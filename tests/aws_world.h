/* A world for the tests of AWS's client: its own environment and shared files, a clock that can be wrong, chance without chance. */
#ifndef TESTS_AWS_WORLD_H
#define TESTS_AWS_WORLD_H

#include "model/world.h"

struct aws_world {
	struct world world;
	const char *const *env;   /* "NAME=value", NULL at the end; NULL: none. HOME and the files' names are set besides */
	int64_t shift_ms;         /* of its clock, from the real one */
	unsigned char random;     /* every byte of it; 0: retries wait for nothing */
	char *folder;
	char home[256], config[256], credentials[256];
};

/* The texts of ~/.aws/config and ~/.aws/credentials; NULL: there is none. AWS_EC2_METADATA_DISABLED is set. */
struct aws_world *aws_world_new(const char *config, const char *credentials);
void aws_world_free(struct aws_world *w);

#endif
