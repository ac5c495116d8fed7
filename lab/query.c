#include "lab/query.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/characters.h"

enum { FIELDS_MAX = 100 * 1000, DEPTH_MAX = 16, INDEX_MAX = 1000 }; /* PutMetricData: 1,000 metrics of 30 dimensions */

/* A NUL's escape is left as it is. */
static char *
decoded(const char *text, size_t len)
{
	char *out = mem_alloc(len + 1);
	size_t n = 0;

	for (size_t i = 0; i < len; i++) {
		int high = text[i] == '%' && i + 2 < len ? hex_value(text[i + 1]) : -1;
		int low = high >= 0 ? hex_value(text[i + 2]) : -1;
		if (low >= 0 && (high > 0 || low > 0)) {
			out[n++] = (char)(high << 4 | low);
			i += 2;
		} else {
			out[n++] = text[i] == '+' ? ' ' : text[i];
		}
	}
	out[n] = '\0';
	return out;
}

/* The object of that name within, made where it is not there; NULL: a value is in its place. */
static cJSON *
step_into(cJSON *at, const char *name)
{
	cJSON *next = cJSON_GetObjectItemCaseSensitive(at, name);

	if (next == NULL)
		next = cJSON_AddObjectToObject(at, name);
	return cJSON_IsObject(next) ? next : NULL;
}

static bool
add_field(cJSON *root, char *name, const char *value)
{
	cJSON *at = root;
	char *part = name, *dot;

	for (int depth = 0; (dot = strchr(part, '.')) != NULL; depth++, part = dot + 1) {
		*dot = '\0';
		if (depth == DEPTH_MAX || (at = step_into(at, part)) == NULL)
			return false;
	}
	return cJSON_GetObjectItemCaseSensitive(at, part) == NULL && cJSON_AddStringToObject(at, part, value) != NULL;
}

/* {"member":{"1":a,"2":b}} is [a,b]; gaps are closed. */
static cJSON *
members(cJSON *numbered)
{
	cJSON *list = cJSON_CreateArray(), *next;

	while (numbered->child != NULL) {
		next = NULL;
		for (cJSON *m = numbered->child; m != NULL; m = m->next)
			if (next == NULL || strtol(m->string, NULL, 10) < strtol(next->string, NULL, 10))
				next = m;
		cJSON_DetachItemViaPointer(numbered, next);
		cJSON_AddItemToArray(list, next);
	}
	return list;
}

static bool
is_list(const cJSON *o)
{
	const cJSON *m, *numbered = cJSON_IsObject(o) && o->child != NULL && o->child->next == NULL ?
	    cJSON_GetObjectItemCaseSensitive(o, "member") : NULL;

	if (!cJSON_IsObject(numbered))
		return false;
	cJSON_ArrayForEach(m, numbered)
		if (strtol(m->string, NULL, 10) < 1 || strtol(m->string, NULL, 10) > INDEX_MAX)
			return false;
	return true;
}

static void
make_lists(cJSON *o)
{
	cJSON *m = o->child, *next;

	for (; m != NULL; m = next) {
		next = m->next;
		if (is_list(m)) {
			cJSON *list = members(m->child), *name = m;
			cJSON_ReplaceItemInObjectCaseSensitive(o, name->string, list);
			m = list;
		}
		make_lists(m);
	}
}

cJSON *
query_form(const char *form)
{
	cJSON *root = cJSON_CreateObject();
	bool good = true;
	size_t fields = 0;

	while (good && *form != '\0') {
		size_t len = strcspn(form, "&"), equals = strcspn(form, "=&");
		char *name = decoded(form, equals), *value = decoded(form + equals + (equals < len), len - equals - (equals < len));
		good = ++fields <= FIELDS_MAX && (*name == '\0' || add_field(root, name, value));
		free(name);
		free(value);
		form += len + (form[len] == '&');
	}
	if (good) {
		make_lists(root);
		return root;
	}
	cJSON_Delete(root);
	return NULL;
}

static void
write_xml(struct buf *out, const cJSON *value)
{
	if (cJSON_IsString(value))
		cloud_xml(out, value->valuestring);
	else if (cJSON_IsBool(value))
		buf_adds(out, cJSON_IsTrue(value) ? "true" : "false");
	else if (cJSON_IsNumber(value))
		buf_addf(out, "%.15g", value->valuedouble);
	else
		for (const cJSON *m = value->child; m != NULL; m = m->next) {
			const char *name = cJSON_IsArray(value) ? "member" : m->string;
			buf_addf(out, "<%s>", name);
			write_xml(out, m);
			buf_addf(out, "</%s>", name);
		}
}

void
query_reply(const struct cloud_request *q, struct cloud_reply *p, const char *xmlns, cJSON *result)
{
	buf_reset(&p->body);
	p->content_type = "text/xml";
	buf_addf(&p->body, "<%sResponse xmlns=\"%s\">", q->operation, xmlns);
	if (result != NULL) {
		buf_addf(&p->body, "<%sResult>", q->operation);
		write_xml(&p->body, result);
		buf_addf(&p->body, "</%sResult>", q->operation);
	}
	buf_addf(&p->body, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>\n", p->request_id, q->operation);
	cJSON_Delete(result);
}

const cJSON *
given(const cJSON *from, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(from, name);
}

const char *
given_text(const cJSON *from, const char *name)
{
	const cJSON *value = given(from, name);

	return cJSON_IsString(value) && value->valuestring[0] != '\0' ? value->valuestring : NULL;
}

bool
given_number(const cJSON *from, const char *name, double *out)
{
	const cJSON *value = given(from, name);
	char *end;

	if (cJSON_IsNumber(value)) {
		*out = value->valuedouble;
	} else {
		if (!cJSON_IsString(value) || value->valuestring[0] == '\0')
			return false;
		*out = strtod(value->valuestring, &end);
		if (*end != '\0')
			return false;
	}
	return isfinite(*out) != 0;
}

bool
given_bool(const cJSON *from, const char *name, bool otherwise)
{
	const cJSON *value = given(from, name);

	if (cJSON_IsBool(value))
		return cJSON_IsTrue(value) != 0;
	if (!cJSON_IsString(value))
		return otherwise;
	return strcasecmp(value->valuestring, "true") == 0 || (strcasecmp(value->valuestring, "false") != 0 && otherwise);
}

char *
cloud_arn(const struct cloud_request *q, const char *service, const char *resource)
{
	return arena_printf(q->arena, "arn:aws:%s:%s:%s:%s", service, q->region, q->account, resource);
}
