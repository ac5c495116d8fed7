/* Operations on who may use a CA, and on what it is labelled with: permissions, resource policies, tags. */
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"

enum { TAGS_MOST = 50, PAGE = 1000 };

/* ---- permissions: only ACM can be given one ---- */

static const char *
source_account(struct pca_call *k)
{
	const char *given = pca_in_text(k, "SourceAccount");

	return given != NULL ? given : k->ca->account;
}

void
pca_permission_create(struct pca_call *k)
{
	const char *principal = pca_in_text(k, "Principal");
	char *actions;

	if (strcmp(principal, "acm.amazonaws.com") != 0) {
		cloud_fail(k->p, "InvalidArgsException", "The principal %s is not valid. The only valid principal is acm.amazonaws.com.", principal);
		return;
	}
	if (sql_int(k->db, 0, "SELECT count(*) FROM pca_permission WHERE ca = ? AND principal = ? AND account = ?", "itt", k->ca->id, principal,
	    source_account(k)) > 0) {
		cloud_fail(k->p, "PermissionAlreadyExistsException", "The permission for principal %s already exists.", principal);
		return;
	}
	actions = cJSON_PrintUnformatted(pca_in(k, "Actions"));
	sql_do(k->db, "INSERT INTO pca_permission(ca, principal, account, actions, created) VALUES (?, ?, ?, ?, ?)", "ittti", k->ca->id, principal,
	    source_account(k), actions, k->q->now);
	cJSON_free(actions);
}

void
pca_permission_delete(struct pca_call *k)
{
	sql_do(k->db, "DELETE FROM pca_permission WHERE ca = ? AND principal = ? AND account = ?", "itt", k->ca->id, pca_in_text(k, "Principal"),
	    source_account(k));
	if (sqlite3_changes(k->db) == 0)
		cloud_fail(k->p, "ResourceNotFoundException", "Could not find a permission for principal %s.", pca_in_text(k, "Principal"));
}

/* A list in pages: `add` puts the present row into it, and the row's first column is its place. */
static void
list(struct pca_call *k, const char *what, const char *member, const char *text, void (*add)(struct pca_call *, sqlite3_stmt *, cJSON *))
{
	cJSON *o = cJSON_CreateObject(), *items = cJSON_AddArrayToObject(o, member);
	int64_t after, limit, n = 0, last = 0;
	sqlite3_stmt *s;

	what = arena_printf(k->a, "%s %lld", what, (long long)k->ca->id);
	if (!pca_page(k, what, PAGE, &after, &limit)) {
		cJSON_Delete(o);
		return;
	}
	s = sql(k->db, text, "ii", k->ca->id, after);
	while (sqlite3_step(s) == SQLITE_ROW) {
		if (n++ == limit) {
			pca_page_next(k, o, what, last);
			break;
		}
		add(k, s, items);
		last = sqlite3_column_int64(s, 0);
	}
	sqlite3_finalize(s);
	cloud_reply_json(k->p, o);
}

static void
add_permission(struct pca_call *k, sqlite3_stmt *s, cJSON *items)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "CertificateAuthorityArn", k->ca->arn);
	cJSON_AddNumberToObject(o, "CreatedAt", (double)sqlite3_column_int64(s, 4));
	cJSON_AddStringToObject(o, "Principal", sql_column(s, 1, k->a));
	cJSON_AddStringToObject(o, "SourceAccount", sql_column(s, 2, k->a));
	cJSON_AddItemToObject(o, "Actions", cJSON_Parse(sql_column(s, 3, k->a)));
	cJSON_AddItemToArray(items, o);
}

void
pca_permission_list(struct pca_call *k)
{
	list(k, "permissions", "Permissions", "SELECT id, principal, account, actions, created FROM pca_permission WHERE ca = ? AND id > ? ORDER BY id",
	    add_permission);
}

/* ---- policies ---- */

void
pca_policy_get(struct pca_call *k)
{
	cJSON *o;

	if (k->ca->policy == NULL) {
		cloud_fail(k->p, "ResourceNotFoundException", "Could not find a policy for the certificate authority with ARN: %s", k->ca->arn);
		return;
	}
	o = cJSON_CreateObject();
	cJSON_AddStringToObject(o, "Policy", k->ca->policy);
	cloud_reply_json(k->p, o);
}

/* A statement has an effect, somebody, something to do and something to do it to. */
static bool
is_statement(const cJSON *s)
{
	static const char *const needed[] = { "Effect", "Principal", "Action", "Resource" };

	for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
		if (cJSON_GetObjectItemCaseSensitive(s, needed[i]) == NULL)
			return false;
	return true;
}

void
pca_policy_put(struct pca_call *k)
{
	const char *policy = pca_in_text(k, "Policy"), *effect;
	cJSON *json = cJSON_Parse(policy);
	const cJSON *statements = cJSON_GetObjectItemCaseSensitive(json, "Statement"), *s = NULL;
	bool fine = cJSON_IsArray(statements) && cJSON_GetArraySize(statements) > 0, locks = false;

	cJSON_ArrayForEach(s, statements) {
		effect = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(s, "Effect"));
		fine = fine && is_statement(s) && effect != NULL && (strcmp(effect, "Allow") == 0 || strcmp(effect, "Deny") == 0);
		locks = locks || (effect != NULL && strcmp(effect, "Deny") == 0);
	}
	if (!fine)
		cloud_fail(k->p, "InvalidPolicyException", "The resource policy is not valid: each of its statements must have Effect, Principal, Action and Resource.");
	else if (locks)
		cloud_fail(k->p, "LockoutPreventedException", "The policy would prevent the owner of the certificate authority from accessing it.");
	else
		sql_do(k->db, "UPDATE pca_ca SET policy = ? WHERE id = ?", "ti", policy, k->ca->id);
	cJSON_Delete(json);
}

void
pca_policy_delete(struct pca_call *k)
{
	sql_do(k->db, "UPDATE pca_ca SET policy = NULL WHERE id = ?", "i", k->ca->id);
}

/* ---- tags ---- */

static bool
tags_hold(struct pca_call *k, const cJSON *tags)
{
	const cJSON *t = NULL, *other = NULL;

	cJSON_ArrayForEach(t, tags) {
		const char *key = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(t, "Key"));
		if (strncmp(key, "aws:", 4) == 0) {
			cloud_fail(k->p, "InvalidTagException", "The tag key %s is not valid: tag keys must not start with aws:.", key);
			return false;
		}
		for (other = t->next; other != NULL; other = other->next)
			if (strcmp(key, cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(other, "Key"))) == 0) {
				cloud_fail(k->p, "InvalidTagException", "The tag key %s is given twice.", key);
				return false;
			}
	}
	return true;
}

bool
pca_tags_add(struct pca_call *k, int64_t ca, const cJSON *tags)
{
	const cJSON *t = NULL;
	int64_t added = 0;

	if (!tags_hold(k, tags))
		return false;
	/* What is there already is counted once. */
	cJSON_ArrayForEach(t, tags) {
		added += sql_int(k->db, 0, "SELECT count(*) FROM pca_tag WHERE ca = ? AND key = ?", "it", ca,
		    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(t, "Key"))) == 0;
	}
	if (sql_int(k->db, 0, "SELECT count(*) FROM pca_tag WHERE ca = ?", "i", ca) + added > TAGS_MOST) {
		cloud_fail(k->p, "TooManyTagsException", "A certificate authority can have up to %d tags.", TAGS_MOST);
		return false;
	}
	cJSON_ArrayForEach(t, tags) {
		sql_do(k->db, "INSERT INTO pca_tag(ca, key, value) VALUES (?, ?, ?) ON CONFLICT(ca, key) DO UPDATE SET value = excluded.value", "itt", ca,
		    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(t, "Key")), cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(t, "Value")));
	}
	return true;
}

void
pca_tag(struct pca_call *k)
{
	(void)pca_tags_add(k, k->ca->id, pca_in(k, "Tags"));
}

/* A tag with a value goes only where it has that value. */
void
pca_untag(struct pca_call *k)
{
	const cJSON *t = NULL;

	cJSON_ArrayForEach(t, pca_in(k, "Tags")) {
		const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(t, "Value"));
		sql_do(k->db, "DELETE FROM pca_tag WHERE ca = ? AND key = ? AND (? IS NULL OR value = ?)", "ittt", k->ca->id,
		    cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(t, "Key")), value, value);
	}
}

static void
add_tag(struct pca_call *k, sqlite3_stmt *s, cJSON *items)
{
	const char *value = sql_column(s, 2, k->a);
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "Key", sql_column(s, 1, k->a));
	if (value != NULL)
		cJSON_AddStringToObject(o, "Value", value);
	cJSON_AddItemToArray(items, o);
}

void
pca_tags(struct pca_call *k)
{
	list(k, "tags", "Tags", "SELECT id, key, value FROM pca_tag WHERE ca = ? AND id > ? ORDER BY id", add_tag);
}
