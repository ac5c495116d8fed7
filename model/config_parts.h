/*
 * Reading the text of a configuration with libcyaml. A large fleet (ten thousand entries are a megabyte, 30 ms of
 * libyaml) is cut between entries and read by several threads; a text that cannot be cut so is read whole.
 */
#ifndef MODEL_CONFIG_PARTS_H
#define MODEL_CONFIG_PARTS_H

#include "model/config_schema.h"
#include "model/config_walk.h"

enum { CONFIG_PARTS = 4 };

/* What was read: all sections stand in the first, the fleet goes on in the others. */
struct config_parts {
	struct raw_config *raw[CONFIG_PARTS]; /* NULL: nothing stands there */
	size_t len;
};

cyaml_err_t config_parts_read(const struct config_text *t, struct config_parts *out);
void config_parts_done(struct config_parts *p);

#endif
