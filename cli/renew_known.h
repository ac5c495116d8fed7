/* What the inventory knows besides what `renew` renews: how many that are due are taken care of, and which nobody renews. */
#ifndef CLI_RENEW_KNOWN_H
#define CLI_RENEW_KNOWN_H

#include "cli/pca.h"

/* Without an inventory, or one that cannot be read, nothing is said and nothing added. */
void renew_known_page(struct pca_session *s, struct buf *out);
/* "inventory": {"due", "replaced", "renewed_by_acm", "revoked", "renewable", "orphans", "nobody_renews": [{"name", "ends", "serial", "ca_certificate"}]} */
void renew_known_json(struct pca_session *s, struct cJSON *to);

#endif
