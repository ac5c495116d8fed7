/* The inventory as people read it: the CAs as trees, certificates as a table. Pure: no database, no clock, no network. */
#ifndef MODEL_INVENTORY_PAGE_H
#define MODEL_INVENTORY_PAGE_H

#include "model/inventory.h"
#include "model/page.h"

/* An account and region that was asked, or that the inventory knows. Printable, borrowed. */
struct inventory_place {
	const char *account, *region; /* as in inventory_ca */
	const char *where;            /* "account prod (111122223333) · profile prod · us-east-1" */
	const char *problem;          /* it could not be asked: one line; NULL */
};

struct inventory_tree {
	const struct inventory_place *places;
	size_t places_len;
	const struct inventory_ca *cas;
	size_t len;
	const size_t *leaves;         /* of each CA: certificates known that are no CAs; NULL: not counted */
	int64_t now, soon;            /* CAs that end before `soon` are warned about */
};

/* What one CA's line says of its state, and the state. */
enum state inventory_ca_state(const struct inventory_ca *ca, int64_t now, int64_t soon);
bool inventory_ca_is_root(const struct inventory_ca *ca);

void inventory_tree_page(const struct inventory_tree *t, const struct report_style *s, struct buf *out);
/*
 * What deserves a sentence: CAs that wait for their certificate, roots that issue leaves themselves, ones that end or have
 * ended. Printable sentences into `a`; the number of them.
 */
struct inventory_notice {
	enum state state;
	const char *ca;               /* ARN, raw */
	const char *text;
};
size_t inventory_notices(const struct inventory_tree *t, struct arena *a, struct inventory_notice **out);

struct inventory_table {
	const struct inventory_cert *certs;
	size_t len;
	size_t offset;                /* of the first in all that match */
	size_t matches;               /* all that match */
	bool at_least;                /* matches is a lower bound */
	const size_t *fates;          /* FATE_LEN of them, or NULL: not counted */
	bool orphans;                 /* only these were asked for */
	int64_t now;
};
/* By its template: a CA's own certificate, in the report of the CA above it. Due, it is renewed by activating the CA anew. */
bool inventory_cert_is_ca(const struct inventory_cert *c);
void inventory_certs_page(const struct inventory_table *t, const struct report_style *s, struct buf *out);
/* One certificate, all that is known. */
void inventory_cert_page(const struct inventory_cert *c, const char *ca_name, int64_t now, const struct report_style *s, struct buf *out);

/* JSON of the same: what programs read. Each is the caller's. */
struct cJSON;
struct cJSON *inventory_ca_json(const struct inventory_ca *ca, int64_t now, int64_t soon);
struct cJSON *inventory_cert_json(const struct inventory_cert *c);

#endif
