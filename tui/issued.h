/* Issued certificates on screen: what the table and the page of one share. */
#ifndef TUI_ISSUED_H
#define TUI_ISSUED_H

#include "model/config.h"
#include "model/inventory.h"
#include "tui/tab_parts.h"
#include "tui/view.h"

/* What is to be listed: argument of issued_view. */
struct issued_wish {
	const char *ca;          /* its ARN; NULL: of all CAs. Copied, as the others are */
	const char *name;        /* for the crumb */
	const char *filter;      /* or NULL */
	bool only_orphans;
};

/* The names that the configuration renews (its entries with `renew`): inventory_query.renewed. */
struct issued_renewed {
	const char *const *names; /* of the configuration, which outlives this */
	size_t len;
	struct arena *arena;
};
void issued_renewed_of(struct issued_renewed *r, const struct config *config); /* config may be NULL */
void issued_renewed_done(struct issued_renewed *r);

/* OK: valid and not due. NOTE: revoked, or ended and cared for. WARN: due. FAIL: it ended, and nobody renewed it. */
enum state issued_state(const struct inventory_cert *c, int64_t now);
/* Who renews it: "NOBODY", "ACM", "replaced". */
const char *issued_fate(const struct inventory_cert *c);
/* Why no plan can renew it from here, as a sentence; NULL: one can. */
const char *issued_no_renewal(struct console *k, const struct inventory_cert *c);
/* Opens the plan of the fleet entry that renews it. */
void issued_renew(struct console *k, const struct inventory_cert *c);
/* Opens the endpoint that showed it last; says why where that is not in this fleet. seen_at may be NULL. */
void issued_go_to_endpoint(struct console *k, const char *seen_at);

#endif
