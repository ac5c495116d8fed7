#include "cli/renew_known.h"

#include "cli/option_values.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/times.h"

enum { ORPHANS_SHOWN = 20 };

struct known {
	size_t fates[FATE_LEN];
	struct inventory_cert *orphans; /* the first of them, soonest first */
	size_t len;
};

static bool
read_known(struct pca_session *s, size_t most, struct known *k)
{
	struct inventory_query q = { .only_due = true, .now = s->now, .soon = session_soon(s) };
	struct error unimportant = { .code = ERROR_NONE };

	*k = (struct known){ .len = 0 };
	if (!session_has_inventory(s) || session_inventory(s, &unimportant) != STATUS_OK)
		return false;
	session_renewed(s, &q);
	if (inventory_fates(s->inventory, &q, k->fates, &unimportant) != STATUS_OK)
		return false;
	q.only_orphans = true;
	return k->fates[FATE_ORPHAN] == 0 || inventory_certs(s->inventory, &q, 0, most, s->arena, &k->orphans, &k->len, &unimportant) == STATUS_OK;
}

void
renew_known_page(struct pca_session *s, struct buf *out)
{
	struct page page = { .out = out, .style = &s->style };
	struct known k;

	if (!read_known(s, ORPHANS_SHOWN, &k))
		return;
	buf_addc(out, '\n');
	page_wrap(&page, 0, 0, arena_printf(s->arena, "Of all that the private CAs issued and that is due: %zu replaced already, %zu renewed by ACM, %zu revoked, %zu renewable from here, %zu that nobody renews",
	    k.fates[FATE_REPLACED], k.fates[FATE_ACM], k.fates[FATE_REVOKED], k.fates[FATE_RENEWABLE], k.fates[FATE_ORPHAN]));
	for (size_t i = 0; i < k.len; i++) {
		char date[TIME_TEXT_MAX];

		page_textf(&page, "  nobody renews  %s  %s%s\n", time_date(k.orphans[i].not_after, date), inventory_cert_is_ca(&k.orphans[i]) ? "(CA) " : "", printable(k.orphans[i].name));
	}
	if (k.fates[FATE_ORPHAN] > k.len)
		page_textf(&page, "  and %zu more: mtlscope pca certs --orphans\n", k.fates[FATE_ORPHAN] - k.len);
}

void
renew_known_json(struct pca_session *s, struct cJSON *to)
{
	static const struct {
		enum inventory_fate fate;
		const char *name;
	} counts[] = { { FATE_REPLACED, "replaced" }, { FATE_ACM, "renewed_by_acm" }, { FATE_REVOKED, "revoked" }, { FATE_RENEWABLE, "renewable" }, { FATE_ORPHAN, "orphans" } };
	struct known k;
	cJSON *o, *list;

	if (!read_known(s, ORPHANS_SHOWN, &k))
		return;
	o = cJSON_AddObjectToObject(to, "inventory");
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		cJSON_AddNumberToObject(o, counts[i].name, (double)k.fates[counts[i].fate]);
	list = json_add_list(o, "nobody_renews");
	for (size_t i = 0; i < k.len; i++) {
		cJSON *one = cJSON_CreateObject();
		char time[TIME_TEXT_MAX];

		json_add_text(one, "name", k.orphans[i].name);
		json_add_text(one, "ends", time_rfc3339(k.orphans[i].not_after, time));
		json_add_text(one, "serial", k.orphans[i].serial);
		cJSON_AddBoolToObject(one, "ca_certificate", inventory_cert_is_ca(&k.orphans[i]));
		cJSON_AddItemToArray(list, one);
	}
}
