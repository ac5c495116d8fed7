/* What the parts of `mtlscope rollover` share: one run, its document, the record, and how it is shown. */
#ifndef CLI_ROLLOVER_H
#define CLI_ROLLOVER_H

#include "cli/pca.h"
#include "fixes/rollover.h"
#include "model/changes.h"

struct roller {
	struct options *o;
	struct pca_session s;
	struct pca_account *account;     /* the old root's; NULL: AWS was not asked */
	const char *root_arn;            /* of a root that has no document yet */
	const char *path;                /* of the document */
	struct rollover_file *file;      /* open; NULL: not yet */
	struct rollover *r;              /* NULL: there is none */
	bool locked;                     /* ours to change */
	struct changes *record;          /* NULL: there is none yet */
	int64_t pending;                 /* a plan of it that was interrupted: its number in the record here; 0 */
	bool pending_back;               /* and that is on its way back */
	struct identity *pass;           /* NULL: see no_pass */
	const char *no_pass;
	const char *who, *host;          /* printable */
	size_t gone;                     /* services that left the fleet since the last measuring */
};

/* ---- cli/rollover_state.c ---- */

/* Finds the document of the CA that was named, reads it and locks it where `for_change`. r->r NULL: there is none yet, and where it would be is r->path. */
status roller_open(struct roller *r, const char *word, bool for_change, struct error *err) MUST_USE;
void roller_close(struct roller *r);
/* The account of the old root, by its ARN. */
status roller_account(struct roller *r, const char *arn, struct error *err) MUST_USE;
/* What the record of this machine says of plans that the document does not know of yet: done, undone, interrupted. */
status roller_catch_up(struct roller *r, struct error *err) MUST_USE;
/* Asks the fleet; keeps what was seen where the document is ours to change. */
status roller_measure(struct roller *r, struct error *err) MUST_USE;
status roller_save(struct roller *r, struct error *err) MUST_USE;
/* An ended roll-over makes room for another of the same root. */
status roller_put_aside(struct roller *r, struct error *err) MUST_USE;

/* ---- cli/rollover_page.c ---- */

void rollover_page_offers(const struct roller *r, const struct rollover *facts, struct buf *out);
struct cJSON *rollover_json_offers(const struct roller *r, const struct rollover *facts);
/* The table, what blocks, what comes next. */
void rollover_page_status(const struct roller *r, struct buf *out);
void rollover_add_json(const struct roller *r, struct cJSON *to);
/* What stands, for --abandon. */
void rollover_page_stands(const struct roller *r, struct buf *out);

#endif
