/* The names of one list of the configuration: each once, found at once. */
#ifndef MODEL_CONFIG_NAMES_H
#define MODEL_CONFIG_NAMES_H

#include <stddef.h>

struct config_names;
/* For at most `len` names; they are borrowed. */
struct config_names *config_names_new(size_t len);
void config_names_free(struct config_names *n); /* NULL is legal */
/* SIZE_MAX where it is new; else the index of who has it already. */
size_t config_names_add(struct config_names *n, const char *name, size_t index);
/* Its index; SIZE_MAX: there is none. */
size_t config_names_find(const struct config_names *n, const char *name);

#endif
