#include "lab/event_pattern.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

enum { DEPTH_MOST = 32 };

/* ---- conditions: {"prefix": …} and the like; value NULL: the event has no such field ---- */

static bool
is_prefix(const cJSON *arg, const cJSON *value)
{
	return cJSON_IsString(arg) && cJSON_IsString(value) && strncmp(value->valuestring, arg->valuestring, strlen(arg->valuestring)) == 0;
}

static bool
is_suffix(const cJSON *arg, const cJSON *value)
{
	size_t a = cJSON_IsString(arg) ? strlen(arg->valuestring) : 0, v = cJSON_IsString(value) ? strlen(value->valuestring) : 0;

	return cJSON_IsString(arg) && cJSON_IsString(value) && v >= a && strcmp(value->valuestring + v - a, arg->valuestring) == 0;
}

static bool
same_but_case(const cJSON *arg, const cJSON *value)
{
	return cJSON_IsString(arg) && cJSON_IsString(value) && strcasecmp(arg->valuestring, value->valuestring) == 0;
}

static bool
equal(const cJSON *a, const cJSON *b)
{
	return cJSON_Compare(a, b, true) != 0;
}

static bool
anything_but(const cJSON *arg, const cJSON *value)
{
	const cJSON *one;

	if (value == NULL)
		return false;
	if (cJSON_IsObject(arg))
		return !is_prefix(cJSON_GetObjectItemCaseSensitive(arg, "prefix"), value);
	if (!cJSON_IsArray(arg))
		return !equal(arg, value);
	cJSON_ArrayForEach(one, arg)
		if (equal(one, value))
			return false;
	return true;
}

static bool
is_there(const cJSON *arg, const cJSON *value)
{
	return cJSON_IsTrue(arg) ? value != NULL : value == NULL;
}

/* [">", 0, "<=", 5] */
static bool
in_range(const cJSON *arg, const cJSON *value)
{
	const cJSON *op, *number;

	if (!cJSON_IsNumber(value))
		return false;
	for (op = arg->child; op != NULL && (number = op->next) != NULL; op = number->next) {
		double v = value->valuedouble, n = number->valuedouble;
		const char *sign = cJSON_IsString(op) ? op->valuestring : "";
		bool holds = strcmp(sign, "<") == 0 ? v < n : strcmp(sign, "<=") == 0 ? v <= n : strcmp(sign, ">") == 0 ? v > n :
		    strcmp(sign, ">=") == 0 ? v >= n : v <= n && v >= n;
		if (!holds)
			return false;
	}
	return arg->child != NULL;
}

static const struct condition {
	const char *name;
	bool (*holds)(const cJSON *arg, const cJSON *value);
} conditions[] = {
	{ "prefix", is_prefix },
	{ "suffix", is_suffix },
	{ "equals-ignore-case", same_but_case },
	{ "anything-but", anything_but },
	{ "exists", is_there },
	{ "numeric", in_range },
};

static const struct condition *
condition_of(const cJSON *o)
{
	for (size_t i = 0; cJSON_IsObject(o) && o->child != NULL && i < sizeof conditions / sizeof conditions[0]; i++)
		if (strcmp(conditions[i].name, o->child->string) == 0)
			return &conditions[i];
	return NULL;
}

/* Does one entry of the pattern's list fit the value? */
static bool
fits(const cJSON *entry, const cJSON *value)
{
	const struct condition *c = condition_of(entry);

	if (c != NULL)
		return c->holds(entry->child, value);
	return value != NULL && equal(entry, value);
}

static bool
list_matches(const cJSON *list, const cJSON *value)
{
	const cJSON *entry, *one;

	cJSON_ArrayForEach(entry, list) {
		if (!cJSON_IsArray(value)) {
			if (fits(entry, value))
				return true;
			continue;
		}
		/* A field that is a list matches where one of its members does. */
		cJSON_ArrayForEach(one, value)
			if (fits(entry, one))
				return true;
	}
	return false;
}

bool
event_pattern_matches(const cJSON *pattern, const cJSON *event)
{
	const cJSON *field;

	cJSON_ArrayForEach(field, pattern) {
		const cJSON *value = cJSON_IsObject(event) ? cJSON_GetObjectItemCaseSensitive(event, field->string) : NULL;
		if (cJSON_IsObject(field) ? !event_pattern_matches(field, value) : !list_matches(field, value))
			return false;
	}
	return true;
}

static bool
valid(const cJSON *pattern, int depth, const char **why)
{
	const cJSON *field, *entry;

	if (!cJSON_IsObject(pattern) || pattern->child == NULL || depth > DEPTH_MOST) {
		*why = "Event pattern must be a non-empty JSON object";
		return false;
	}
	cJSON_ArrayForEach(field, pattern) {
		if (cJSON_IsObject(field)) {
			if (!valid(field, depth + 1, why))
				return false;
			continue;
		}
		if (!cJSON_IsArray(field) || field->child == NULL) {
			*why = "Match value must be a non-empty array of String, number, true, false, or null, or of conditions";
			return false;
		}
		cJSON_ArrayForEach(entry, field)
			if (cJSON_IsArray(entry) || (cJSON_IsObject(entry) && condition_of(entry) == NULL)) {
				*why = "Unrecognized match type in an event pattern";
				return false;
			}
	}
	return true;
}

bool
event_pattern_valid(const cJSON *pattern, const char **why)
{
	return valid(pattern, 0, why);
}
