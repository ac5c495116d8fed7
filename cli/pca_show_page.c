#include "cli/pca_show_page.h"

#include <string.h>

#include "fixes/pca_subject.h"
#include "model/json_parts.h"
#include "model/times.h"

enum { LABEL_AT = 13 };

static const char *
shown(struct arena *a, const char *raw)
{
	return text_safe_arena(a, text_of(raw), 1024, NULL);
}

static void
labelled(const struct page *p, struct arena *a, const char *label, const char *raw)
{
	if (raw != NULL && raw[0] != '\0')
		page_labelled_at(p, LABEL_AT, label, shown(a, raw));
}

static void
timed(const struct page *p, const char *label, int64_t t)
{
	char text[TIME_TEXT_MAX];

	if (t != TIME_UNKNOWN)
		page_labelled_at(p, LABEL_AT, label, time_human(t, text));
}

/* What the state means for who wants to use it (knowledge "aws" 1.4). */
static const char *
status_words(const struct pca_ca *ca)
{
	static const struct {
		const char *status, *words;
	} words[] = {
		{ "CREATING", "AWS is making it" },
		{ "PENDING_CERTIFICATE", "it waits for its certificate and can issue nothing; it is billed" },
		{ "ACTIVE", "it issues" },
		{ "DISABLED", "it issues nothing until it is enabled; what it issued stays valid" },
		{ "EXPIRED", "its certificate has ended, and all below it with it" },
		{ "FAILED", "AWS could not create it: delete it" },
		{ "DELETED", "it can be restored for a while; GetCertificate gives nothing" },
	};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(ca->status, words[i].status) == 0)
			return words[i].words;
	}
	return "a state that this version does not know";
}

static void
revocation(const struct page *p, struct arena *a, const struct pca_revocation *r)
{
	struct buf b = { 0 };

	if (r->crl)
		buf_addf(&b, "a list in the bucket %s%s%s", shown(a, r->crl_bucket), r->crl_days > 0 ? arena_printf(a, ", each for %d days", r->crl_days) : "",
		    r->omit_extension ? ", of which its certificates do not tell" : "");
	if (r->ocsp)
		buf_addf(&b, "%sOCSP", r->crl ? ", and " : "");
	page_labelled_at(p, LABEL_AT, "revoked", b.len > 0 ? buf_str(&b) : "is told to nobody: neither a list nor OCSP");
	buf_done(&b);
}

static void
permissions(const struct page *p, struct arena *a, const struct ca_page *c)
{
	for (size_t i = 0; c->permissions_known && i < c->permissions_len; i++) {
		const struct pca_permission *one = &c->permissions[i];
		struct buf b = { 0 };

		buf_addf(&b, "%s may ", shown(a, one->principal));
		for (size_t k = 0; k < one->actions_len; k++)
			buf_addf(&b, "%s%s", k > 0 ? ", " : "", shown(a, one->actions[k]));
		page_labelled_at(p, LABEL_AT, i == 0 ? "allowed" : "", buf_str(&b));
		buf_done(&b);
	}
	if (!c->permissions_known && strcmp(c->live->type, "SUBORDINATE") == 0)
		page_labelled_at(p, LABEL_AT, "allowed", "not known: AWS did not say (acm-pca:ListPermissions)");
	if (c->permissions_known && c->permissions_len == 0 && strcmp(c->live->type, "SUBORDINATE") == 0)
		page_labelled_at(p, LABEL_AT, "allowed", "nobody besides: ACM can renew nothing here (acm.amazonaws.com has no permission)");
}

static void
issued(const struct page *p, struct arena *a, const struct ca_page *c)
{
	char at[TIME_TEXT_MAX];
	struct buf b = { 0 };
	int64_t next;

	if (c->known == NULL)
		return;
	if (c->known->report_at == TIME_UNKNOWN && c->known->issued == 0) {
		page_labelled_at(p, LABEL_AT, "issued", "not known: no audit report has been read (mtlscope pca sync)");
	} else {
		buf_addf(&b, "%lld known, %lld of them live, %lld ending soon", (long long)c->known->issued, (long long)c->known->active,
		    (long long)c->known->expiring);
		for (int f = 0; c->fates_known && f < FATE_LEN; f++) {
			if (c->fates[f] > 0 && f != FATE_VALID)
				buf_addf(&b, ", %zu %s", c->fates[f], fate_word((enum inventory_fate)f));
		}
		page_labelled_at(p, LABEL_AT, "issued", buf_str(&b));
		buf_done(&b);
	}
	timed(p, "report", c->known->report_at);
	next = inventory_next_report(c->known);
	if (next != TIME_UNKNOWN && next > c->now)
		page_labelled_at(p, LABEL_AT, "", arena_printf(a, "the next one may be asked for at %s", time_human(next, at)));
}

static void
notices(const struct page *p, const struct ca_page *c)
{
	struct inventory_notice *list = NULL;
	struct inventory_tree t = { .cas = c->known, .len = c->known != NULL ? 1 : 0, .now = c->now, .soon = c->soon };
	struct arena *a = arena_new();
	size_t len = inventory_notices(&t, a, &list);

	for (size_t i = 0; i < len; i++) {
		page_state(p, list[i].state, true);
		page_text(p, "  ");
		page_wrap(p, 8, 8, list[i].text);
	}
	arena_free(a);
}

void
ca_page(const struct ca_page *c, const struct report_style *style, struct buf *out)
{
	struct page p = { .out = out, .style = style };
	struct arena *a = arena_new();
	const struct pca_ca *ca = c->live;
	char ends[TIME_TEXT_MAX];

	if (c->known != NULL)
		page_state(&p, inventory_ca_state(c->known, c->now, c->soon), false);
	page_text(&p, "  ");
	page_wrap(&p, 8, 8, arena_printf(a, "“%s”  %s%s", shown(a, ca->subject.common_name != NULL ? ca->subject.common_name : pca_subject_text(&ca->subject, a)),
	    strcmp(ca->type, "ROOT") == 0 ? "root" : "subordinate",
	    ca->not_after != TIME_UNKNOWN ? arena_printf(a, ", %s", time_validity(ca->not_before, ca->not_after, c->now, ends)) : ""));
	page_labelled_at(&p, LABEL_AT, "in", c->where);
	page_labelled_at(&p, LABEL_AT, "state", arena_printf(a, "%s: %s", shown(a, ca->status), status_words(ca)));
	labelled(&p, a, "failure", ca->failure);
	labelled(&p, a, "subject", pca_subject_text(&ca->subject, a));
	labelled(&p, a, "signed by", strcmp(ca->type, "ROOT") == 0 ? "itself" : c->parent != NULL ? c->parent
	    : c->certificate != NULL ? c->certificate->issuer.safe : NULL);
	timed(&p, "from", ca->not_before);
	timed(&p, "until", ca->not_after);
	labelled(&p, a, "serial", ca->serial);
	labelled(&p, a, "key", arena_printf(a, "%s, signs with %s", ca->key_algorithm != NULL ? ca->key_algorithm : "?",
	    ca->signing_algorithm != NULL ? ca->signing_algorithm : "?"));
	labelled(&p, a, "kept by", ca->key_storage);
	if (ca->usage_mode != NULL)
		page_labelled_at(&p, LABEL_AT, "mode", strcmp(ca->usage_mode, "SHORT_LIVED_CERTIFICATE") == 0 ? "short-lived certificates: seven days at most" : shown(a, ca->usage_mode));
	if (c->certificate != NULL && c->certificate->path_len >= 0)
		page_labelled_at(&p, LABEL_AT, "depth", arena_printf(a, "%d CAs below it at most", c->certificate->path_len));
	revocation(&p, a, &ca->revocation);
	issued(&p, a, c);
	permissions(&p, a, c);
	for (size_t i = 0; c->tags_known && i < c->tags_len; i++)
		page_labelled_at(&p, LABEL_AT, i == 0 ? "tags" : "", arena_printf(a, "%s = %s", shown(a, c->tags[i].name), shown(a, c->tags[i].value)));
	timed(&p, "created", ca->created);
	timed(&p, "restore", ca->restorable_until);
	labelled(&p, a, "owner", ca->owner);
	page_copied(&p, LABEL_AT, "arn", shown(a, ca->arn));
	notices(&p, c);
	arena_free(a);
}

cJSON *
ca_page_json(const struct ca_page *c)
{
	struct arena *a = arena_new();
	const struct pca_ca *ca = c->live;
	struct inventory_ca none = { .arn = ca->arn, .type = ca->type, .status = ca->status, .subject = pca_subject_text(&ca->subject, a), .serial = ca->serial,
		.created = ca->created, .not_before = ca->not_before, .not_after = ca->not_after, .restorable_until = ca->restorable_until,
		.report_at = TIME_UNKNOWN, .report_asked = TIME_UNKNOWN, .synced = TIME_UNKNOWN };
	cJSON *o = inventory_ca_json(c->known != NULL ? c->known : &none, c->now, c->soon), *list, *r;

	json_add_text(o, "signing_algorithm", ca->signing_algorithm);
	json_add_text(o, "key_storage", ca->key_storage);
	json_add_text(o, "owner", ca->owner);
	json_add_text(o, "failure", ca->failure);
	r = cJSON_AddObjectToObject(o, "revocation");
	cJSON_AddBoolToObject(r, "crl", ca->revocation.crl);
	cJSON_AddBoolToObject(r, "ocsp", ca->revocation.ocsp);
	json_add_text(r, "crl_bucket", ca->revocation.crl_bucket);
	json_add_hex(o, "certificate_sha256", c->certificate);
	/* What may not be asked is null: an empty list would say that there are none. */
	list = c->permissions_known ? json_add_list(o, "permissions") : cJSON_AddNullToObject(o, "permissions");
	for (size_t i = 0; c->permissions_known && i < c->permissions_len; i++) {
		cJSON *one = cJSON_CreateObject(), *actions;

		json_add_text(one, "principal", c->permissions[i].principal);
		actions = json_add_list(one, "actions");
		for (size_t k = 0; k < c->permissions[i].actions_len; k++)
			cJSON_AddItemToArray(actions, json_text(c->permissions[i].actions[k]));
		cJSON_AddItemToArray(list, one);
	}
	list = c->tags_known ? json_add_list(o, "tags") : cJSON_AddNullToObject(o, "tags");
	for (size_t i = 0; c->tags_known && i < c->tags_len; i++) {
		cJSON *one = cJSON_CreateObject();

		json_add_text(one, "key", c->tags[i].name);
		json_add_text(one, "value", c->tags[i].value);
		cJSON_AddItemToArray(list, one);
	}
	arena_free(a);
	return o;
}
