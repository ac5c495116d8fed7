/* Certificates of the inventory: as a table, as a page of one, as JSON. */
#include "model/inventory_page.h"

#include <stdio.h>
#include <string.h>

#include "model/json_parts.h"
#include "model/times.h"

/* At 80: fate 9, end 18, name 33, serial 17. Wider pages give the rest to the name. */
enum { FATE_WIDE = 11, END_WIDE = 18, SERIAL_WIDE = 16, LABEL_AT = 13 };

static const struct {
	enum state state;
	const char *words;
} fates[FATE_LEN] = {
	[FATE_VALID] = { STATE_OK, "not due" },
	[FATE_REPLACED] = { STATE_OK, "replaced: one with the same names that ends later is there" },
	[FATE_ACM] = { STATE_OK, "due, and ACM renews it" },
	[FATE_REVOKED] = { STATE_NOTE, "revoked" },
	[FATE_RENEWABLE] = { STATE_NOTE, "due, and an entry of the configuration renews it" },
	[FATE_ORPHAN] = { STATE_WARN, "due, and nobody renews it" },
	[FATE_EXPIRED] = { STATE_NOTE, "ended long ago" },
};

bool
inventory_cert_is_ca(const struct inventory_cert *c)
{
	return c->template_name != NULL && strstr(c->template_name, "CACertificate") != NULL;
}

static const char *
shown(struct arena *a, const char *raw)
{
	return text_safe_arena(a, text_of(raw), TEXT_MAX_DEFAULT, NULL);
}

static void
cell(const struct page *p, struct arena *a, enum tint tint, const char *text, size_t wide)
{
	const char *cut = page_cut(a, text, wide);

	page_tinted(p, tint, cut);
	page_pad(p, page_columns_of(p, cut), wide + 1);
}

/* "✗ ORPHAN": glyph and word of its fate. */
static const char *
fate_text(struct arena *a, const struct inventory_cert *c)
{
	return arena_printf(a, "%s %s%s", state_glyph(fates[c->fate].state), fate_word(c->fate), c->by_subject_only ? "?" : "");
}

static void
row(const struct page *p, struct arena *a, const struct inventory_cert *c, size_t name_wide, int64_t now)
{
	char ends[TIME_TEXT_MAX];
	const char *serial = shown(a, c->serial);

	cell(p, a, state_tint(fates[c->fate].state), fate_text(a, c), FATE_WIDE);
	cell(p, a, TINT_NONE, time_validity(c->not_before, c->not_after, now, ends), END_WIDE);
	cell(p, a, TINT_NONE, inventory_cert_is_ca(c) ? arena_printf(a, "(CA) %s", shown(a, c->name)) : shown(a, c->name), name_wide);
	page_textf(p, "%.*s", SERIAL_WIDE, serial); /* so many name it: pca show takes them */
	buf_addc(p->out, '\n');
}

static void
summary(const struct page *p, struct arena *a, const struct inventory_table *t)
{
	struct buf b = { 0 };

	if (t->len < t->matches)
		buf_addf(&b, "%zu to %zu of %s%zu; --limit N shows more, --filter WORDS fewer.", t->offset + 1, t->offset + t->len,
		    t->at_least ? "at least " : "", t->matches);
	else
		buf_addf(&b, "%zu certificate%s.", t->matches, t->matches == 1 ? "" : "s");
	for (int f = 0, any = 0; t->fates != NULL && f < FATE_LEN; f++) {
		if (t->fates[f] > 0)
			buf_addf(&b, "%s %zu %s", any++ == 0 ? "" : ",", t->fates[f], fate_word((enum inventory_fate)f));
	}
	page_wrap(p, 0, 0, shown(a, buf_str(&b)));
	buf_done(&b);
}

void
inventory_certs_page(const struct inventory_table *t, const struct report_style *style, struct buf *out)
{
	struct page p = { .out = out, .style = style };
	struct arena *a = arena_new();
	size_t columns = style->columns > 0 ? (size_t)style->columns : 80, fixed = FATE_WIDE + END_WIDE + SERIAL_WIDE + 3;
	size_t name_wide = columns > fixed + 16 ? columns - fixed : 16;
	bool by_subject = false, due_ca = false;

	if (t->matches == 0) {
		page_text(&p, t->orphans ? "No orphan: everything that ends soon is replaced, revoked, or renewed by somebody.\n"
		                         : "No certificate matches.\n");
		arena_free(a);
		return;
	}
	cell(&p, a, TINT_DIM, "FATE", FATE_WIDE);
	cell(&p, a, TINT_DIM, "ENDS", END_WIDE);
	cell(&p, a, TINT_DIM, "NAME", name_wide);
	page_tinted(&p, TINT_DIM, "SERIAL");
	buf_addc(out, '\n');
	for (size_t i = 0; i < t->len; i++) {
		row(&p, a, &t->certs[i], name_wide, t->now);
		due_ca = due_ca || (t->certs[i].fate == FATE_ORPHAN && inventory_cert_is_ca(&t->certs[i]));
		by_subject = by_subject || t->certs[i].by_subject_only;
	}
	buf_addc(out, '\n');
	summary(&p, a, t);
	if (t->orphans)
		page_wrap(&p, 0, 0, "ORPHAN: it ends soon, no newer one with its names is there, ACM does not renew it, and no entry of the configuration does.");
	if (due_ca)
		page_wrap(&p, 0, 0, "(CA): a CA's own certificate. Everything it issued ends with it; mtlscope pca tree says how the CA is renewed.");
	if (by_subject)
		page_wrap(&p, 0, 0, "REPLACED?: compared by subject only, because its SANs have not been fetched: mtlscope pca show SERIAL fetches them.");
	arena_free(a);
}

static void
timed(const struct page *p, const char *label, int64_t t)
{
	char text[TIME_TEXT_MAX];

	if (t != TIME_UNKNOWN)
		page_labelled_at(p, LABEL_AT, label, time_human(t, text));
}

static void
labelled(const struct page *p, struct arena *a, const char *label, const char *raw)
{
	if (raw != NULL && raw[0] != '\0')
		page_labelled_at(p, LABEL_AT, label, text_safe_arena(a, text_of(raw), 4096, NULL));
}

void
inventory_cert_page(const struct inventory_cert *c, const char *ca_name, int64_t now, const struct report_style *style, struct buf *out)
{
	struct page p = { .out = out, .style = style };
	struct arena *a = arena_new();
	char ends[TIME_TEXT_MAX];

	page_state(&p, fates[c->fate].state, false);
	page_text(&p, "  ");
	page_wrap(&p, 8, 8, arena_printf(a, "“%s”  %s", shown(a, c->name), time_validity(c->not_before, c->not_after, now, ends)));
	page_labelled_at(&p, LABEL_AT, "fate", arena_printf(a, "%s: %s%s", fate_word(c->fate), fates[c->fate].words,
	    c->by_subject_only ? " (by subject only: the SANs have not been compared)" : ""));
	labelled(&p, a, "subject", c->subject);
	if (c->sans != NULL)
		labelled(&p, a, "names", c->sans);
	else
		page_labelled_at(&p, LABEL_AT, "names", "not fetched");
	labelled(&p, a, "serial", c->serial);
	labelled(&p, a, "issuer", ca_name);
	labelled(&p, a, "template", c->template_name);
	if (inventory_cert_is_ca(c))
		page_labelled_at(&p, LABEL_AT, "kind", "a CA's own certificate: everything that the CA issued ends with it");
	timed(&p, "from", c->not_before);
	timed(&p, "until", c->not_after);
	timed(&p, "issued", c->issued);
	timed(&p, "revoked", c->revoked);
	labelled(&p, a, "reason", c->revocation_reason);
	labelled(&p, a, "asked by", c->requested_by);
	labelled(&p, a, "seen at", c->seen_at);
	timed(&p, "seen", c->seen_at != NULL ? c->seen : TIME_UNKNOWN);
	page_copied(&p, LABEL_AT, "arn", shown(a, c->arn));
	arena_free(a);
}

cJSON *
inventory_ca_json(const struct inventory_ca *ca, int64_t now, int64_t soon)
{
	cJSON *o = cJSON_CreateObject();

	json_add_text(o, "arn", ca->arn);
	json_add_text(o, "name", ca->name);
	json_add_text(o, "account", ca->account);
	json_add_text(o, "region", ca->region);
	json_add_text(o, "parent", ca->parent);
	json_add_text(o, "type", ca->type);
	json_add_text(o, "status", ca->status);
	json_add_text(o, "state", state_word(inventory_ca_state(ca, now, soon)));
	json_add_text(o, "usage_mode", ca->usage_mode);
	json_add_text(o, "key_algorithm", ca->key_algorithm);
	json_add_text(o, "subject", ca->subject);
	json_add_text(o, "serial", ca->serial);
	json_add_time(o, "created", ca->created);
	json_add_time(o, "not_before", ca->not_before);
	json_add_time(o, "not_after", ca->not_after);
	json_add_time(o, "restorable_until", ca->restorable_until);
	json_add_time(o, "report_at", ca->report_at);
	json_add_time(o, "next_report", inventory_next_report(ca));
	cJSON_AddNumberToObject(o, "issued", (double)ca->issued);
	cJSON_AddNumberToObject(o, "live", (double)ca->active);
	cJSON_AddNumberToObject(o, "ending_soon", (double)ca->expiring);
	return o;
}

cJSON *
inventory_cert_json(const struct inventory_cert *c)
{
	cJSON *o = cJSON_CreateObject();

	json_add_text(o, "arn", c->arn);
	json_add_text(o, "ca", c->ca);
	json_add_text(o, "serial", c->serial);
	json_add_text(o, "name", c->name);
	json_add_text(o, "subject", c->subject);
	json_add_text(o, "sans", c->sans);
	json_add_text(o, "template", c->template_name);
	cJSON_AddBoolToObject(o, "ca_certificate", inventory_cert_is_ca(c));
	json_add_text(o, "fate", fate_word(c->fate));
	cJSON_AddBoolToObject(o, "by_subject_only", c->by_subject_only);
	json_add_text(o, "requested_by", c->requested_by);
	json_add_time(o, "not_before", c->not_before);
	json_add_time(o, "not_after", c->not_after);
	json_add_time(o, "issued", c->issued);
	json_add_time(o, "revoked", c->revoked);
	json_add_text(o, "revocation_reason", c->revocation_reason);
	json_add_text(o, "seen_at", c->seen_at);
	json_add_time(o, "seen", c->seen);
	return o;
}
