/* Which files hold identities: those of configuration and fleet, or one path. Nothing is opened here. */
#ifndef TUI_IDENTITY_SOURCES_H
#define TUI_IDENTITY_SOURCES_H

#include "model/config.h"
#include "model/fleet.h"
#include "model/holdings.h"

struct identity_sources {
	struct holdings_source *items; /* HOLDINGS_MOST at most; texts and references are its own */
	size_t len;
	size_t *uses;                  /* by item: endpoints that have it */
	uint64_t *hashes;              /* by item: of its files */
	size_t left_out;
	struct arena *arena;
};

void identity_sources_path(struct identity_sources *s, const char *path);
/* Each once, however many endpoints have it; the name in the configuration (c may be NULL) comes first. */
void identity_sources_known(struct identity_sources *s, const struct config *c, const struct fleet *f);
void identity_sources_done(struct identity_sources *s);

#endif
