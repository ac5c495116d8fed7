/* Who may ask the private CA for what, how often, and what was asked for already: policies, rates, idempotency tokens. */
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "aws/arn.h"
#include "aws/sigv4.h"
#include "lab/pca_internal.h"
#include "lab/sql.h"

enum { TOKEN_MS = 5 * 60 * 1000 };

/* A string or a list of strings: is one of them this, "*", or "acm-pca:*"? */
static bool
names(const cJSON *value, const char *wanted)
{
	const cJSON *one = NULL;

	if (cJSON_IsString(value)) {
		size_t len = strlen(value->valuestring);
		if (len > 0 && value->valuestring[len - 1] == '*')
			return strncmp(value->valuestring, wanted, len - 1) == 0;
		return strcmp(value->valuestring, wanted) == 0;
	}
	cJSON_ArrayForEach(one, value)
		if (names(one, wanted))
			return true;
	return false;
}

static bool
names_account(const cJSON *principal, const char *account, const char *caller)
{
	const cJSON *aws = cJSON_IsObject(principal) ? cJSON_GetObjectItemCaseSensitive(principal, "AWS") : principal;
	char root[64];

	snprintf(root, sizeof root, "arn:aws:iam::%.12s:root", account);
	return names(aws, account) || names(aws, root) || (caller != NULL && names(aws, caller));
}

/* {"Condition":{"StringEquals":{"acm-pca:TemplateArn":…}}}: the only one there is here; any other is not met. */
static bool
meets(const cJSON *condition, const char *template_arn)
{
	const cJSON *test = NULL, *key = NULL;

	cJSON_ArrayForEach(test, condition) {
		if (strncmp(test->string, "String", 6) != 0)
			return false;
		cJSON_ArrayForEach(key, test)
			if (strcasecmp(key->string, "acm-pca:TemplateArn") != 0 || !names(key, template_arn))
				return false;
	}
	return true;
}

static bool
policy_allows(struct pca_call *k, const char *policy, const char *action, const char *arn)
{
	const char *template_arn = pca_in_text(k, "TemplateArn");
	cJSON *json = policy != NULL ? cJSON_Parse(policy) : NULL;
	const cJSON *statements = cJSON_GetObjectItemCaseSensitive(json, "Statement"), *s = NULL;
	bool allowed = false;

	if (template_arn == NULL)
		template_arn = "arn:aws:acm-pca:::template/EndEntityCertificate/V1";
	if (statements != NULL)
		s = cJSON_IsObject(statements) ? statements : statements->child;
	for (; s != NULL && !allowed; s = cJSON_IsObject(statements) ? NULL : s->next)
		allowed = names(cJSON_GetObjectItemCaseSensitive(s, "Effect"), "Allow") &&
		    names_account(cJSON_GetObjectItemCaseSensitive(s, "Principal"), k->q->account, k->q->caller) &&
		    names(cJSON_GetObjectItemCaseSensitive(s, "Action"), action) &&
		    names(cJSON_GetObjectItemCaseSensitive(s, "Resource"), arn) &&
		    meets(cJSON_GetObjectItemCaseSensitive(s, "Condition"), template_arn);
	cJSON_Delete(json);
	return allowed;
}

bool
pca_may(struct pca_call *k, const char *operation, const char *arn)
{
	struct arn parts;
	char action[80], all[128];
	bool ours = arn == NULL || !arn_parse(arn, &parts) || strcmp(parts.account, k->q->account) == 0;

	if (ours && k->q->may_all)
		return true;
	snprintf(action, sizeof action, "acm-pca:%s", operation);
	if (arn == NULL) {
		snprintf(all, sizeof all, "arn:aws:acm-pca:%.39s:%.12s:*", k->q->region, k->q->account);
		arn = all;
	} else if (!ours && policy_allows(k, sql_string(k->db, k->a, "SELECT policy FROM pca_ca WHERE arn = ?", "t", arn), action, arn)) {
		return true;
	}
	cloud_fail(k->p, "AccessDeniedException", "User: %s is not authorized to perform: %s on resource: %s because no %s policy allows the %s action",
	    k->q->caller, action, arn, ours ? "identity-based" : "resource-based", action);
	return false;
}

bool
pca_too_fast(struct pca *p, size_t operation, unsigned per_second)
{
	struct pca_bucket *b = &p->buckets[operation];
	struct timespec t;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
	if (b->at_us == 0)
		b->tokens = per_second;
	else
		b->tokens += (double)(now - b->at_us) / 1e6 * per_second;
	b->at_us = now;
	if (b->tokens > per_second)
		b->tokens = per_second;
	if (b->tokens < 1)
		return true;
	b->tokens -= 1;
	return false;
}

/* The request without its token: what “the same request” means. */
static void
request_hash(struct pca_call *k, char out[SIGV4_SHA256_HEX])
{
	cJSON *copy = cJSON_Duplicate(k->q->json, true);
	char *text;

	cJSON_DeleteItemFromObjectCaseSensitive(copy, "IdempotencyToken");
	text = cJSON_PrintUnformatted(copy);
	sigv4_hash(text != NULL ? text : "", text != NULL ? strlen(text) : 0, out);
	cJSON_free(text);
	cJSON_Delete(copy);
}

bool
pca_token_find(struct pca_call *k, const char **arn)
{
	const char *token = pca_in_text(k, "IdempotencyToken"), *before = NULL;
	char hash[SIGV4_SHA256_HEX];
	sqlite3_stmt *s;

	*arn = NULL;
	sql_do(k->db, "DELETE FROM pca_token WHERE at_ms < ?", "i", pca_ms() - TOKEN_MS);
	if (token == NULL)
		return true;
	s = sql(k->db, "SELECT request, arn FROM pca_token WHERE account = ? AND region = ? AND operation = ? AND token = ?", "tttt", k->q->account,
	    k->q->region, k->q->operation, token);
	if (sqlite3_step(s) == SQLITE_ROW) {
		before = sql_column(s, 0, k->a);
		*arn = sql_column(s, 1, k->a);
	}
	sqlite3_finalize(s);
	request_hash(k, hash);
	if (before == NULL || strcmp(before, hash) == 0)
		return true;
	cloud_fail(k->p, "InvalidArgsException", "The idempotency token was used for another request within the last five minutes.");
	return false;
}

bool
pca_token_keep(struct pca_call *k, const char *arn)
{
	const char *token = pca_in_text(k, "IdempotencyToken");
	char hash[SIGV4_SHA256_HEX];

	if (token == NULL)
		return true;
	request_hash(k, hash);
	return sql_do(k->db, "REPLACE INTO pca_token VALUES (?, ?, ?, ?, ?, ?, ?)", "tttttti", k->q->account, k->q->region, k->q->operation, token, hash,
	    arn, pca_ms());
}
