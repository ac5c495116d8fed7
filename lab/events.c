/*
 * The lab's EventBridge: rules, their targets, and the events that the private CA sends. What matches is kept and counted in
 * the metrics MatchedEvents and TriggeredRules as AWS counts it; there is nobody to deliver it to. Source: the EventBridge API reference;
 * knowledge "aws" 4.6.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/cloudwatch.h"
#include "lab/event_pattern.h"
#include "lab/query.h"
#include "lab/sql.h"
#include "model/times.h"

enum { NAME_MOST = 64, PATTERN_MOST = 4096, TARGETS_MOST = 5, RULES_MOST = 300, PAGE = 100, EVENTS_KEPT = 1000 };

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS event_rules(account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, pattern TEXT, schedule TEXT,"
    " description TEXT, role TEXT, state TEXT NOT NULL, PRIMARY KEY(account, region, name));"
    "CREATE TABLE IF NOT EXISTS event_targets(account TEXT NOT NULL, region TEXT NOT NULL, rule TEXT NOT NULL, id TEXT NOT NULL, target TEXT NOT NULL,"
    " PRIMARY KEY(account, region, rule, id));"
    "CREATE TABLE IF NOT EXISTS event_log(seq INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, rule TEXT NOT NULL, event TEXT NOT NULL);";

struct call {
	struct cloud *c;
	const struct cloud_request *q;
	struct cloud_reply *p;
	sqlite3 *db;
};

static void
broken(struct call *k)
{
	cloud_fail(k->p, "InternalFailure", "This exception occurs due to unexpected causes.");
}

static bool
name_fits(const char *name)
{
	size_t len = name != NULL ? strlen(name) : 0;

	return len > 0 && len <= NAME_MOST && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") == len;
}

static char *
rule_arn(struct call *k, const char *name)
{
	return cloud_arn(k->q, "events", arena_printf(k->q->arena, "rule/%s", name));
}

/* False with *p: there is no such rule, or the bus is another than the default one. */
static bool
find_rule(struct call *k, const char *name)
{
	const char *bus = given_text(k->q->json, "EventBusName");

	if (bus != NULL && strcmp(bus, "default") != 0 && strstr(bus, ":event-bus/default") == NULL) {
		cloud_fail(k->p, "ResourceNotFoundException", "Event bus %s does not exist.", bus);
		return false;
	}
	if (name != NULL && sql_int(k->db, 0, "SELECT 1 FROM event_rules WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account, k->q->region,
	    name) == 1)
		return true;
	cloud_fail(k->p, "ResourceNotFoundException", "Rule %s does not exist on EventBus default.", name != NULL ? name : "");
	return false;
}

/* A pattern comes as a string with JSON in it. NULL with *p; the caller's. */
static cJSON *
read_pattern(struct call *k, const char *text)
{
	cJSON *pattern = cJSON_Parse(text);
	const char *why = "Event pattern is not valid JSON";

	if (strlen(text) <= PATTERN_MOST && pattern != NULL && event_pattern_valid(pattern, &why))
		return pattern;
	cJSON_Delete(pattern);
	cloud_fail(k->p, "InvalidEventPatternException", "Event pattern is not valid. Reason: %s", strlen(text) > PATTERN_MOST ? "it is too long" : why);
	return NULL;
}

static void
put_rule(struct call *k)
{
	const cJSON *in = k->q->json;
	const char *name = given_text(in, "Name"), *pattern = given_text(in, "EventPattern"), *schedule = given_text(in, "ScheduleExpression");
	const char *state = given_text(in, "State"), *bus = given_text(in, "EventBusName");
	cJSON *read;

	if (!name_fits(name)) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular "
		    "expression pattern: [\\.\\-_A-Za-z0-9]+", name != NULL ? name : "");
		return;
	}
	if (bus != NULL && strcmp(bus, "default") != 0) {
		cloud_fail(k->p, "ResourceNotFoundException", "Event bus %s does not exist.", bus);
		return;
	}
	if (pattern == NULL && schedule == NULL) {
		cloud_fail(k->p, "ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.");
		return;
	}
	if (state != NULL && strcmp(state, "ENABLED") != 0 && strcmp(state, "DISABLED") != 0) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value '%s' at 'state' failed to satisfy constraint: Member must satisfy enum value "
		    "set: [ENABLED, DISABLED]", state);
		return;
	}
	if (pattern != NULL) {
		if ((read = read_pattern(k, pattern)) == NULL)
			return;
		cJSON_Delete(read);
	}
	if (sql_int(k->db, 0, "SELECT count(*) FROM event_rules WHERE account = ? AND region = ? AND name != ?", "ttt", k->q->account, k->q->region, name) >=
	    RULES_MOST) {
		cloud_fail(k->p, "LimitExceededException", "The requested resource exceeds the maximum number allowed.");
		return;
	}
	/* What is not given is not kept from before. */
	if (!sql_do(k->db, "REPLACE INTO event_rules VALUES (?, ?, ?, ?, ?, ?, ?, ?)", "tttttttt", k->q->account, k->q->region, name, pattern, schedule,
	    given_text(in, "Description"), given_text(in, "RoleArn"), state != NULL ? state : "ENABLED")) {
		broken(k);
		return;
	}
	cJSON *out = cJSON_CreateObject();
	cJSON_AddStringToObject(out, "RuleArn", rule_arn(k, name));
	cloud_reply_json(k->p, out);
}

static cJSON *
described(struct call *k, sqlite3_stmt *s)
{
	static const char *const names[] = { "Name", "EventPattern", "ScheduleExpression", "Description", "RoleArn", "State" };
	cJSON *out = cJSON_CreateObject();

	for (int i = 0; i < (int)(sizeof names / sizeof names[0]); i++)
		if (sqlite3_column_type(s, i) != SQLITE_NULL)
			cJSON_AddStringToObject(out, names[i], sql_column(s, i, k->q->arena));
	cJSON_AddStringToObject(out, "Arn", rule_arn(k, sql_column(s, 0, k->q->arena)));
	cJSON_AddStringToObject(out, "EventBusName", "default");
	return out;
}

#define RULES "SELECT name, pattern, schedule, description, role, state FROM event_rules WHERE account = ? AND region = ?"

static void
describe_rule(struct call *k)
{
	const char *name = given_text(k->q->json, "Name");

	if (!find_rule(k, name))
		return;
	sqlite3_stmt *s = sql(k->db, RULES " AND name = ?", "ttt", k->q->account, k->q->region, name);
	if (sqlite3_step(s) == SQLITE_ROW)
		cloud_reply_json(k->p, described(k, s));
	sqlite3_finalize(s);
}

static void
list_rules(struct call *k)
{
	const char *prefix = given_text(k->q->json, "NamePrefix"), *after = given_text(k->q->json, "NextToken"), *last = "";
	double most = PAGE;
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "Rules");
	sqlite3_stmt *s = sql(k->db, RULES " AND name > ? ORDER BY name", "ttt", k->q->account, k->q->region, after != NULL ? after : "");

	if (!given_number(k->q->json, "Limit", &most) || most < 1 || most > PAGE)
		most = PAGE;
	while (sqlite3_step(s) == SQLITE_ROW) {
		char *name = sql_column(s, 0, k->q->arena);
		if (prefix != NULL && strncmp(name, prefix, strlen(prefix)) != 0)
			continue;
		if (cJSON_GetArraySize(list) == (int)most) {
			cJSON_AddStringToObject(out, "NextToken", last);
			break;
		}
		cJSON_AddItemToArray(list, described(k, s));
		last = name;
	}
	sqlite3_finalize(s);
	cloud_reply_json(k->p, out);
}

static void
set_state(struct call *k, const char *state)
{
	const char *name = given_text(k->q->json, "Name");

	if (!find_rule(k, name))
		return;
	if (sql_do(k->db, "UPDATE event_rules SET state = ? WHERE account = ? AND region = ? AND name = ?", "tttt", state, k->q->account, k->q->region, name))
		cloud_reply_json(k->p, cJSON_CreateObject());
	else
		broken(k);
}

static void
enable_rule(struct call *k)
{
	set_state(k, "ENABLED");
}

static void
disable_rule(struct call *k)
{
	set_state(k, "DISABLED");
}

static void
delete_rule(struct call *k)
{
	const char *name = given_text(k->q->json, "Name");

	if (name != NULL && sql_int(k->db, 0, "SELECT 1 FROM event_targets WHERE account = ? AND region = ? AND rule = ? LIMIT 1", "ttt", k->q->account,
	    k->q->region, name) == 1)
		cloud_fail(k->p, "ValidationException", "Rule can't be deleted since it has targets.");
	else if (sql_do(k->db, "DELETE FROM event_rules WHERE account = ? AND region = ? AND name = ?", "ttt", k->q->account, k->q->region, name))
		cloud_reply_json(k->p, cJSON_CreateObject());
	else
		broken(k);
}

/* ---- targets ---- */

/* EventBridge has a target for these; an ARN of anything else fails alone, in a reply that is otherwise good. */
static bool
target_service_fits(const char *arn)
{
	static const char *const services[] = { "lambda", "sqs", "sns", "logs", "kinesis", "firehose", "states", "ssm", "events", "ecs", "batch", "codebuild",
		"codepipeline", "execute-api", "sagemaker", "redshift" };
	const char *service = strncmp(arn, "arn:aws", 7) == 0 ? strchr(arn + 4, ':') : NULL;

	for (size_t i = 0; service != NULL && i < sizeof services / sizeof services[0]; i++)
		if (strncmp(service + 1, services[i], strlen(services[i])) == 0 && service[1 + strlen(services[i])] == ':')
			return true;
	return false;
}

static void
failed_entry(cJSON *list, const char *id, const char *code, const char *message)
{
	cJSON *one = cJSON_CreateObject();

	cJSON_AddStringToObject(one, "TargetId", id);
	cJSON_AddStringToObject(one, "ErrorCode", code);
	cJSON_AddStringToObject(one, "ErrorMessage", message);
	cJSON_AddItemToArray(list, one);
}

static void
reply_entries(struct call *k, cJSON *failed)
{
	cJSON *out = cJSON_CreateObject();

	cJSON_AddNumberToObject(out, "FailedEntryCount", cJSON_GetArraySize(failed));
	cJSON_AddItemToObject(out, "FailedEntries", failed);
	cloud_reply_json(k->p, out);
}

/* False with *p: one of them is no target, or there are too many; then none is put. */
static bool
targets_hold(struct call *k, const char *rule, const cJSON *targets)
{
	const cJSON *one;
	int64_t there = sql_int(k->db, 0, "SELECT count(*) FROM event_targets WHERE account = ? AND region = ? AND rule = ?", "ttt", k->q->account, k->q->region,
	    rule);

	cJSON_ArrayForEach(one, targets) {
		const char *id = given_text(one, "Id"), *arn = given_text(one, "Arn");

		if (!name_fits(id) || arn == NULL) {
			cloud_fail(k->p, "ValidationException", "Parameter %s is not valid.", arn == NULL ? "Arn" : "Id");
			return false;
		}
		/* One with the id of another takes its place. */
		there += target_service_fits(arn) && sql_int(k->db, 0, "SELECT count(*) FROM event_targets WHERE account = ? AND region = ? AND rule = ? AND id = ?",
		    "tttt", k->q->account, k->q->region, rule, id) == 0;
	}
	if (there <= TARGETS_MOST)
		return true;
	cloud_fail(k->p, "LimitExceededException", "The requested resource exceeds the maximum number allowed.");
	return false;
}

static void
put_targets(struct call *k)
{
	const char *rule = given_text(k->q->json, "Rule");
	const cJSON *targets = given(k->q->json, "Targets"), *one;

	if (!find_rule(k, rule))
		return;
	if (!cJSON_IsArray(targets) || cJSON_GetArraySize(targets) == 0) {
		cloud_fail(k->p, "ValidationException", "1 validation error detected: Value at 'targets' failed to satisfy constraint: Member must have length greater "
		    "than or equal to 1");
		return;
	}
	if (!targets_hold(k, rule, targets))
		return;
	cJSON *failed = cJSON_CreateArray();
	cJSON_ArrayForEach(one, targets) {
		const char *id = given_text(one, "Id"), *arn = given_text(one, "Arn");

		if (!target_service_fits(arn)) {
			failed_entry(failed, id, "ValidationException", "Provided Arn is not in correct format.");
			continue;
		}
		char *text = cJSON_PrintUnformatted(one);
		if (!sql_do(k->db, "REPLACE INTO event_targets VALUES (?, ?, ?, ?, ?)", "ttttt", k->q->account, k->q->region, rule, id, text))
			failed_entry(failed, id, "InternalException", "This exception occurs due to unexpected causes.");
		cJSON_free(text);
	}
	reply_entries(k, failed);
}

static void
remove_targets(struct call *k)
{
	const char *rule = given_text(k->q->json, "Rule");
	const cJSON *ids = given(k->q->json, "Ids"), *id;

	if (!find_rule(k, rule))
		return;
	cJSON *failed = cJSON_CreateArray();
	cJSON_ArrayForEach(id, ids) {
		const char *text = cJSON_IsString(id) ? id->valuestring : "";
		if (sql_int(k->db, 0, "SELECT 1 FROM event_targets WHERE account = ? AND region = ? AND rule = ? AND id = ?", "tttt", k->q->account, k->q->region, rule,
		    text) == 0)
			failed_entry(failed, text, "ResourceNotFoundException", "The target does not exist on the rule.");
		else
			sql_do(k->db, "DELETE FROM event_targets WHERE account = ? AND region = ? AND rule = ? AND id = ?", "tttt", k->q->account, k->q->region, rule, text);
	}
	reply_entries(k, failed);
}

static void
list_targets(struct call *k)
{
	const char *rule = given_text(k->q->json, "Rule");

	if (!find_rule(k, rule))
		return;
	cJSON *out = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(out, "Targets");
	sqlite3_stmt *s = sql(k->db, "SELECT target FROM event_targets WHERE account = ? AND region = ? AND rule = ? ORDER BY id", "ttt", k->q->account,
	    k->q->region, rule);
	while (sqlite3_step(s) == SQLITE_ROW)
		cJSON_AddItemToArray(list, cJSON_Parse(sql_column(s, 0, k->q->arena)));
	sqlite3_finalize(s);
	cloud_reply_json(k->p, out);
}

/* ---- events ---- */

static void
test_pattern(struct call *k)
{
	const char *pattern_text = given_text(k->q->json, "EventPattern"), *event_text = given_text(k->q->json, "Event");
	cJSON *pattern = pattern_text != NULL ? read_pattern(k, pattern_text) : NULL, *event = event_text != NULL ? cJSON_Parse(event_text) : NULL, *out;

	if (pattern_text != NULL && pattern == NULL) {
		cJSON_Delete(event);
		return;
	}
	if (pattern == NULL || !cJSON_IsObject(event)) {
		cloud_fail(k->p, "ValidationException", "Parameter %s is not valid.", pattern == NULL ? "EventPattern" : "Event");
	} else {
		out = cJSON_CreateObject();
		cJSON_AddBoolToObject(out, "Result", event_pattern_matches(pattern, event));
		cloud_reply_json(k->p, out);
	}
	cJSON_Delete(pattern);
	cJSON_Delete(event);
}

/* Every rule of its account and region is asked. */
static void
route(struct cloud *c, const char *account, const char *region, const cJSON *event)
{
	sqlite3 *db = cloud_db(c);
	struct arena *a = arena_new();
	char *text = cJSON_PrintUnformatted(event);
	bool any = false;
	sqlite3_stmt *s = sql(db, "SELECT name, pattern FROM event_rules WHERE account = ? AND region = ? AND state = 'ENABLED' AND pattern IS NOT NULL", "tt",
	    account, region);

	while (sqlite3_step(s) == SQLITE_ROW) {
		const char *rule = sql_column(s, 0, a);
		cJSON *pattern = cJSON_Parse(sql_column(s, 1, a));
		if (pattern != NULL && event_pattern_matches(pattern, event)) {
			any = true;
			(void)sql_do(db, "INSERT INTO event_log(account, region, rule, event) VALUES (?, ?, ?, ?)", "tttt", account, region, rule, text);
			(void)cloudwatch_publish(c, account, region, "AWS/Events", "TriggeredRules", "RuleName", rule, 1);
		}
		cJSON_Delete(pattern);
	}
	sqlite3_finalize(s);
	if (any) {
		(void)cloudwatch_publish(c, account, region, "AWS/Events", "MatchedEvents", NULL, NULL, 1);
		(void)sql_do(db, "DELETE FROM event_log WHERE seq <= (SELECT max(seq) FROM event_log) - ?", "i", (int64_t)EVENTS_KEPT);
	}
	cJSON_free(text);
	arena_free(a);
}

/* "arn:aws:acm-pca:REGION:ACCOUNT:…": a part between colons, from 0, in the arena. */
static char *
arn_part(struct arena *a, const char *arn, int which)
{
	while (which-- > 0 && arn != NULL)
		arn = strchr(arn, ':') != NULL ? strchr(arn, ':') + 1 : NULL;
	return arn != NULL ? arena_strndup(a, arn, strcspn(arn, ":")) : arena_strdup(a, "");
}

void
cloud_event(struct cloud *c, const char *detail_type, const char *const resources[], size_t len, bool success, const char *reason)
{
	struct arena *a = arena_new();
	const char *region = len > 0 ? arn_part(a, resources[0], 3) : CLOUD_REGION, *account = len > 0 ? arn_part(a, resources[0], 4) : CLOUD_ACCOUNT;
	cJSON *event = cJSON_CreateObject(), *list, *detail;
	char id[37], at[TIME_TEXT_MAX];

	cloud_uuid(id);
	cJSON_AddStringToObject(event, "version", "0");
	cJSON_AddStringToObject(event, "id", id);
	cJSON_AddStringToObject(event, "detail-type", detail_type);
	cJSON_AddStringToObject(event, "source", "aws.acm-pca");
	cJSON_AddStringToObject(event, "account", account);
	cJSON_AddStringToObject(event, "time", time_rfc3339(cloud_world(c)->now_ms(cloud_world(c)->self) / 1000, at));
	cJSON_AddStringToObject(event, "region", region);
	list = cJSON_AddArrayToObject(event, "resources");
	for (size_t i = 0; i < len; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(resources[i]));
	detail = cJSON_AddObjectToObject(event, "detail");
	cJSON_AddStringToObject(detail, "result", success ? "success" : "failure");
	if (reason != NULL)
		cJSON_AddStringToObject(detail, "reason", reason);
	route(c, account, region, event);
	cJSON_Delete(event);
	arena_free(a);
}

static const struct {
	const char *name;
	void (*run)(struct call *k);
} operations[] = {
	{ "DeleteRule", delete_rule },
	{ "DescribeRule", describe_rule },
	{ "DisableRule", disable_rule },
	{ "EnableRule", enable_rule },
	{ "ListRules", list_rules },
	{ "ListTargetsByRule", list_targets },
	{ "PutRule", put_rule },
	{ "PutTargets", put_targets },
	{ "RemoveTargets", remove_targets },
	{ "TestEventPattern", test_pattern },
};

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	struct call k = { .c = c, .q = q, .p = p, .db = cloud_db(c) };

	for (size_t i = 0; q->operation != NULL && i < sizeof operations / sizeof operations[0]; i++) {
		if (strcmp(operations[i].name, q->operation) != 0)
			continue;
		if (cloud_may(q, "events", p))
			operations[i].run(&k);
		return;
	}
	cloud_fail(p, "UnknownOperationException", "The operation is unknown.");
}

const struct cloud_service cloud_events = {
	.signing = "events",
	.protocol = CLOUD_JSON,
	.target = "AWSEvents",
	.tables = tables,
	.serve = serve,
};
