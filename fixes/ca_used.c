#include "fixes/ca_used.h"

#include <string.h>

#include "aws/pca.h"
#include "fixes/deed.h"
#include "fixes/pca_files.h"
#include "fixes/plan_store.h"
#include "model/inventory.h"
#include "model/times.h"
#include "probes/examine.h"

enum {
	NAMED = 3,            /* certificates that are named; the others are counted */
	LOOKED_AT = 1000      /* rows of the inventory: more than that is “1000 or more” */
};

struct search {
	struct plan *plan;
	const char *ca;
	size_t ca_len;
	int64_t now;
	struct inventory *inventory; /* NULL: there is none */
	cJSON *ours;          /* ARNs, as names of an object: of this plan, and of plans that were taken back */
	cJSON *seen;          /* likewise: counted, or known not to count */
	size_t found;
	struct buf names;
};

static const struct world *
world_of(const struct plan *p)
{
	return p->world != NULL ? p->world : world_real();
}

static bool
is_in(const cJSON *set, const char *arn)
{
	return cJSON_GetObjectItemCaseSensitive(set, arn) != NULL;
}

static void
put_in(cJSON *set, const char *arn)
{
	if (!is_in(set, arn))
		cJSON_AddTrueToObject(set, arn);
}

static bool
of_this_ca(const struct search *s, const char *arn)
{
	return strncmp(arn, s->ca, s->ca_len) == 0 && strncmp(arn + s->ca_len, "/certificate/", strlen("/certificate/")) == 0;
}

static void
count(struct search *s, const char *name)
{
	if (s->found++ < NAMED)
		buf_addf(&s->names, "%s%s", s->found > 1 ? ", " : "", plan_shown(s->plan, name));
}

/* ---- the record ---- */

/* Every certificate of the CA that a plan keeps among its values goes into the set. */
static void
gather(const struct search *s, const cJSON *values, cJSON *into)
{
	const cJSON *value;

	cJSON_ArrayForEach(value, values) {
		if (cJSON_IsString(value) && of_this_ca(s, value->valuestring))
			put_in(into, value->valuestring);
	}
}

/* Only plans that came after the CA's own can have had something issued by it. */
static status
read_record(const struct search *s, cJSON *issued, struct error *err)
{
	struct plan *p = s->plan;
	struct change *changes = NULL;
	size_t len = 0;

	gather(s, p->values, s->ours);
	if (p->record == NULL)
		return STATUS_OK;
	if (changes_list(p->record, false, 0, p->arena, &changes, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++) {
		struct error unreadable = { .code = ERROR_NONE };
		struct plan *other = NULL;

		/* One that cannot be read (of a newer version, damaged) is said by `log`; it keeps nothing else from being looked at. */
		if (changes[i].id <= p->id || plan_recorded(p->record, changes[i].id, world_of(p), &other, &unreadable) != STATUS_OK)
			continue;
		gather(s, other->values, other->state == PLAN_UNDONE ? s->ours : issued);
		plan_free(other);
	}
	return STATUS_OK;
}

/* ---- the inventory ---- */

static status
open_inventory(struct search *s, struct error *err)
{
	const struct world *w = world_of(s->plan);
	struct buf path = { 0 };
	status result = inventory_path(w, aws_client_is_lab(s->plan->place.client), &path, err);

	if (result == STATUS_OK && inventory_exists(path.data, w))
		result = inventory_open(path.data, w, &s->inventory, err);
	buf_done(&path);
	return result;
}

/* The last to end first: what follows the first that has ended has ended as well. */
static status
read_certificates(struct search *s, struct error *err)
{
	struct inventory_query q = { .ca = s->ca, .sort = BY_EXPIRY, .descending = true, .now = s->now, .soon = s->now };
	struct inventory_cert *certs = NULL;
	size_t len = 0;

	if (inventory_certs(s->inventory, &q, 0, LOOKED_AT, s->plan->arena, &certs, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++) {
		const struct inventory_cert *c = &certs[i];

		if (c->arn == NULL)
			continue;
		put_in(s->seen, c->arn);
		if (c->not_after != TIME_UNKNOWN && c->not_after > s->now && c->revoked == TIME_UNKNOWN && !is_in(s->ours, c->arn))
			count(s, c->name != NULL ? c->name : c->serial);
	}
	return STATUS_OK;
}

static bool
made_by_plan(const struct plan *p, const char *ca)
{
	const cJSON *value;

	cJSON_ArrayForEach(value, p->values) {
		if (cJSON_IsString(value) && strcmp(value->valuestring, ca) == 0)
			return true;
	}
	return false;
}

/* Of a CA below it, its certificate need not be known: the tree is. */
static status
read_children(struct search *s, struct error *err)
{
	struct inventory_ca *cas = NULL;
	size_t len = 0;

	if (inventory_cas(s->inventory, s->now, s->now, s->plan->arena, &cas, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++) {
		const struct inventory_ca *c = &cas[i];
		bool gone = c->status != NULL && strcmp(c->status, "DELETED") == 0;

		if (c->parent != NULL && strcmp(c->parent, s->ca) == 0 && !gone && c->not_after > s->now && !made_by_plan(s->plan, c->arn))
			count(s, c->name);
	}
	return STATUS_OK;
}

/* ---- what the record alone knows ---- */

/* AWS gives out a certificate that was revoked like any other: one that the record does not know as revoked counts. */
static status
look_up(struct search *s, const char *arn, struct error *err)
{
	struct pca_certificate got = { .pem = NULL };
	struct pca_files files = { .leaf = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	struct error unreadable = { .code = ERROR_NONE };

	if (pca_get_certificate(s->plan->place.client, s->ca, arn, s->plan->arena, &got, &why) != STATUS_OK) {
		if (why.kind == AWS_NOT_FOUND || (why.kind == AWS_STATE && strncmp(why.code, "RequestFailed", 13) == 0))
			return STATUS_OK; /* it was never issued */
		return plan_failed(s->plan, &why, "look at a certificate that the CA has issued", err);
	}
	if (pca_files_make(&got, s->plan->arena, &files, &unreadable) != STATUS_OK)
		count(s, arn);
	else if (files.leaf->not_after > s->now)
		count(s, files.leaf->subject.safe);
	pca_files_done(&files);
	return STATUS_OK;
}

static status
search(struct search *s, cJSON *issued, struct error *err)
{
	const cJSON *one;

	if (read_record(s, issued, err) != STATUS_OK || open_inventory(s, err) != STATUS_OK)
		return STATUS_FAILED;
	if (s->inventory != NULL && read_certificates(s, err) != STATUS_OK)
		return STATUS_FAILED;
	cJSON_ArrayForEach(one, issued) {
		if (!is_in(s->ours, one->string) && !is_in(s->seen, one->string) && look_up(s, one->string, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	/* Where certificates are known those of the CAs below are among them. */
	return s->inventory != NULL && s->found == 0 ? read_children(s, err) : STATUS_OK;
}

status
ca_used(struct plan *p, const char *arn, const char **out, struct error *err)
{
	struct search s = { .plan = p, .ca = arn, .ca_len = strlen(arn), .now = plan_now(p), .ours = cJSON_CreateObject(), .seen = cJSON_CreateObject() };
	cJSON *issued = cJSON_CreateObject();
	status result = search(&s, issued, err);

	*out = NULL;
	if (result == STATUS_OK && s.found > 0)
		*out = plan_text(p, "%zu%s certificate%s valid: %s%s", s.found, s.found >= LOOKED_AT ? " or more" : "", s.found == 1 ? " of it is" : "s of it are",
		    buf_str(&s.names), s.found > NAMED ? " and others" : "");
	inventory_close(s.inventory);
	buf_done(&s.names);
	cJSON_Delete(issued);
	cJSON_Delete(s.seen);
	cJSON_Delete(s.ours);
	return result;
}
