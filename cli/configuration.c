#include "cli/configuration.h"

#include <stdlib.h>

#include "model/memory.h"

char *
configuration_path(const struct options *o)
{
	return o->config_file != NULL ? mem_strdup(o->config_file) : config_default_path(world_real());
}

status
configuration_read(const struct options *o, struct configuration *out, struct error *err)
{
	*out = (struct configuration){ .path = configuration_path(o) };
	if (o->config_file == NULL && !config_exists(out->path))
		return STATUS_OK;
	return config_read(out->path, world_real(), &out->config, err);
}

void
configuration_done(struct configuration *c)
{
	config_free(c->config);
	free(c->path);
	*c = (struct configuration){ .path = NULL };
}

void
configuration_thresholds(const struct configuration *c, struct options *o)
{
	const struct config *from = c->config;
	struct thresholds *to = &o->examine.thresholds;

	if (from == NULL)
		return;
	if (from->has_expires_within && !o->expires_within_given)
		to->expires_within = from->thresholds.expires_within;
	if (from->has_root_expires_within && !o->root_expires_within_given)
		to->root_expires_within = from->thresholds.root_expires_within;
	if (from->has_clock_skew)
		to->clock_skew = from->thresholds.clock_skew;
}

status
configuration_heed(struct options *o, struct error *err)
{
	struct configuration c;
	status result = configuration_read(o, &c, err);

	if (result == STATUS_OK)
		configuration_thresholds(&c, o);
	configuration_done(&c);
	return result;
}
