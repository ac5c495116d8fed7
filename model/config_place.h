/* Where in the text of a configuration new entries of the fleet go. */
#ifndef MODEL_CONFIG_PLACE_H
#define MODEL_CONFIG_PLACE_H

#include "model/config_walk.h"

enum place_kind {
	PLACE_NO_FLEET, /* there is no `fleet:`: it goes there as well */
	PLACE_EMPTY,    /* `fleet:`, `fleet: []`: the lines go there, and the value goes away */
	PLACE_BLOCK,    /* a list of lines: more of them go there */
	PLACE_FLOW      /* [ … ]: right before the bracket */
};
struct config_place {
	enum place_kind kind;
	size_t at;               /* byte */
	size_t cut_from, cut_to; /* bytes to leave out before it; equal where there are none */
	size_t column;           /* PLACE_BLOCK: of the dashes */
};

/* The text is one that config_read() takes. ERROR_INPUT, with its line, where it is written so that nothing can be added. */
status config_place_find(const struct config_text *t, struct config_place *out, struct error *err) MUST_USE;

#endif
