/*
 * Certificates that probes saw, for the inventory: "where each was seen". Gathered while results come in, written in one
 * go by whoever has a thread for it.
 */
#ifndef MODEL_SIGHTINGS_H
#define MODEL_SIGHTINGS_H

#include "model/evidence.h"
#include "model/inventory.h"

struct sighting {
	char *serial;      /* lower-case hex */
	char *issuer_key;  /* hex SHA-256 of the issuer's SubjectPublicKeyInfo; NULL: its certificate was not seen */
	char *endpoint;
	int64_t at;        /* seconds */
};
struct sightings {
	struct sighting *items;
	size_t len, cap;
};

/* What the server showed at this endpoint (its name in the fleet, else its address), and the leaf that went out to it. */
void sightings_add(struct sightings *s, const struct evidence *ev, const char *endpoint, int64_t at);
/* Into the inventory, where there is one: none is made for this. path NULL: the state folder's own. */
status sightings_write(const struct sightings *s, const char *path, const struct world *w, struct error *err) MUST_USE;
void sightings_done(struct sightings *s);

#endif
