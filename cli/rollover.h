/* What the parts of `mtlscope rollover` share: one run, and how it is shown. */
#ifndef CLI_ROLLOVER_H
#define CLI_ROLLOVER_H

#include "cli/pca.h"
#include "fixes/rollover_hand.h"

struct roller {
	struct options *o;
	struct pca_session s;
	struct rollover_hand h;
	enum rollover_step step;   /* whose plan is being carried out */
};

/* Behind the reason of a lock that a person may open. */
#define ROLLOVER_TYPE_NAMES " Whoever knows better types the names: --confirm \"…\"."

/* ---- cli/rollover_page.c ---- */

void rollover_page_offers(const struct roller *r, const struct rollover *facts, struct buf *out);
struct cJSON *rollover_json_offers(const struct roller *r, const struct rollover *facts);
/* The table, what blocks, what comes next. */
void rollover_page_status(const struct roller *r, struct buf *out);
void rollover_add_json(const struct roller *r, struct cJSON *to);
/* What stands, for --abandon. */
void rollover_page_stands(const struct roller *r, struct buf *out);

#endif
