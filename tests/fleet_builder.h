/*
 * A fleet with evidence made by hand and real diagnoses of it: the forty endpoints of the design, of
 * which thirty share an intermediate that expired a few minutes ago. Fingerprints are fixed, so that
 * screens of it can be compared.
 */
#ifndef TESTS_FLEET_BUILDER_H
#define TESTS_FLEET_BUILDER_H

#include "model/fleet.h"
#include "tests/chains.h"

/* The intermediate ended at CHAINS_NOW, 2026-11-18 11:06:40 UTC; this is when the fleet is looked at. */
#define FLEET_NOW (CHAINS_NOW + 449)

enum shape {
	SHAPE_OK,
	SHAPE_INTERMEDIATE, /* the server's intermediate ends at CHAINS_NOW: expired or about to, by when it is checked */
	SHAPE_CROSSED,      /* the same, and a cross-signed one was found that gives another path */
	SHAPE_ROOT_EXPIRING,
	SHAPE_FORGOTTEN,    /* our chain lacks its intermediate, and we are refused */
	SHAPE_OUR_EXPIRED,
	SHAPE_WRONG_NAME,
	SHAPE_REFUSED_PORT,
	SHAPE_HTTP,         /* answers in plain HTTP */
	SHAPE_SSH,
	SHAPE_NOT_YET,
	SHAPES
};

struct fleet_builder;
struct fleet_builder *fleet_builder_make(void);
void fleet_builder_free(struct fleet_builder *b); /* after the fleets whose entries it checked */
struct cert *fleet_builder_cert(const struct fleet_builder *b, const char *name);

/* An entry "NAME.internal:8443" with the identity order-service. */
struct entry *fleet_builder_add(struct fleet_builder *b, struct fleet *f, const char *name);
/* A check at that moment (seconds) that finds this. */
void fleet_builder_check(struct fleet_builder *b, struct fleet *f, struct entry *e, enum shape shape, int64_t at);
/* What such a check hands over, for a cost of one's own; the diagnosis borrows the evidence. */
struct evidence *fleet_builder_evidence(struct fleet_builder *b, const struct entry *e, enum shape shape, int64_t at);

/* 30 FAIL, 1 DOWN, 1 WARN, 8 OK; checked ten minutes before as well, when none had failed. */
struct fleet *fleet_builder_design(struct fleet_builder *b);

#endif
