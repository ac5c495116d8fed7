/*
 * The configuration from any bytes: it is taken, or refused with one printable line that is ours and no
 * library's. What is taken has a place for new entries, or a line that says why not.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/config_fill.h"
#include "model/config_place.h"
#include "model/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { .code = ERROR_NONE };
	struct config_place place;
	struct config *c = NULL;

	if (config_from_bytes("conf/config.yaml", data, size, &c, &err) != STATUS_OK) {
		if (!error_is_set(&err) || (text_flags(text_of(err.text)) & (TEXT_CONTROL | TEXT_INVALID)) != 0 ||
		    strncmp(err.text, "conf/config.yaml: ", 18) == 0) /* libcyaml alone knew: no line */
			abort();
		return 0;
	}
	for (size_t i = 0; i < c->fleet_len; i++) {
		if (config_entry(c, c->fleet[i].name) != &c->fleet[i] || c->fleet[i].parsed.spelled == NULL)
			abort();
	}
	if (c->fleet_len > 0 && config_line(c, "fleet", c->fleet_len - 1, NULL) == 0)
		abort();
	if (config_place_find(&c->source->text, &place, &err) == STATUS_OK &&
	    (place.at > size || place.cut_from > place.cut_to || place.cut_to > place.at))
		abort();
	config_free(c);
	return 0;
}
