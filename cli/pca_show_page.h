/* One CA with all that is known: for people and as JSON. Pure: what it shows was gathered before. */
#ifndef CLI_PCA_SHOW_PAGE_H
#define CLI_PCA_SHOW_PAGE_H

#include <cJSON.h>

#include "aws/pca.h"
#include "model/cert.h"
#include "model/inventory_page.h"

struct ca_page {
	const char *where;                 /* plan_where(); printable */
	const struct pca_ca *live;         /* as AWS says now */
	const struct cert *certificate;    /* NULL: it has none, or it was not given */
	const struct inventory_ca *known;  /* as the inventory has it; NULL */
	const char *parent;                /* its name, raw; NULL: a root, or not known */
	struct pca_permission *permissions;
	size_t permissions_len;
	bool permissions_known;
	struct pca_pair *tags;
	size_t tags_len;
	bool tags_known;
	size_t fates[FATE_LEN];
	bool fates_known;
	int64_t now, soon;
};
void ca_page(const struct ca_page *c, const struct report_style *style, struct buf *out);
cJSON *ca_page_json(const struct ca_page *c);

#endif
