/* From what libcyaml read to a configuration: values, names and references, each judged with its line. */
#ifndef MODEL_CONFIG_FILL_H
#define MODEL_CONFIG_FILL_H

#include "model/config.h"
#include "model/config_names.h"
#include "model/config_parts.h"
#include "model/config_walk.h"

struct config_source {
	struct config_text text;
	struct config_parts parts;
	struct config_names *aws, *identities, *fleet;
};

/* A file of that name and these bytes; without a home. */
status config_from_bytes(const char *path, const void *bytes, size_t len, struct config **out, struct error *err) MUST_USE;
/* c->source, c->arena and c->file are set. `folder` is what relative file names begin with ("" or "…/"); home may be NULL. */
status config_fill(struct config *c, const char *folder, const char *home, struct error *err) MUST_USE;

#endif
