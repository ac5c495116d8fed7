#include "aws/fields.h"

#include <stdlib.h>
#include <string.h>

#include "aws/sigv4.h"
#include "model/limits.h"
#include "model/times.h"

const char *
field_text(struct arena *a, const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsString(item) ? arena_strdup(a, item->valuestring) : NULL;
}

const char **
field_texts(struct arena *a, const cJSON *o, const char *name, size_t *len)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(o, name), *item;
	const char **out = arena_array(a, (size_t)cJSON_GetArraySize(list) + 1, sizeof *out);

	*len = 0;
	cJSON_ArrayForEach(item, list) {
		if (cJSON_IsString(item))
			out[(*len)++] = arena_strdup(a, item->valuestring);
	}
	return out;
}

int64_t
field_number(const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);

	return cJSON_IsNumber(item) && item->valuedouble > -9e15 && item->valuedouble < 9e15 ? (int64_t)item->valuedouble : 0;
}

bool
field_true(const cJSON *o, const char *name)
{
	return cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, name));
}

int64_t
field_time(const cJSON *o, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(o, name);
	int64_t t;

	if (cJSON_IsNumber(item) && item->valuedouble > -62167219200.0 && item->valuedouble < 253402300800.0) /* years 0 to 9999 */
		return (int64_t)item->valuedouble;
	return cJSON_IsString(item) && time_parse(item->valuestring, &t) ? t : TIME_UNKNOWN;
}

void
field_add(cJSON *to, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(to, name, value);
}

void
field_add_list(cJSON *to, const char *name, const char *const values[], size_t len)
{
	cJSON *list = len == 0 ? NULL : cJSON_AddArrayToObject(to, name);

	for (size_t i = 0; i < len; i++)
		cJSON_AddItemToArray(list, cJSON_CreateString(values[i]));
}

void
query_add(struct buf *b, const char *name, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(b, "%s%s=", b->len > 0 ? "&" : "", name);
	sigv4_encode(b, value, strlen(value), false);
}

status
paging_next(struct paging *p, const char *token, size_t items, struct aws_error *err)
{
	p->more = token != NULL && token[0] != '\0';
	p->items += items;
	if (p->items > LIMIT_AWS_LISTED)
		return aws_error_set(err, AWS_ANSWER, NULL, "the list has more than %d items", LIMIT_AWS_LISTED);
	if (p->more && ((p->token != NULL && strcmp(p->token, token) == 0) || ++p->pages > LIMIT_AWS_PAGES))
		return aws_error_set(err, AWS_ANSWER, NULL, "the list goes in a circle: it names the same next page twice");
	free(p->token);
	p->token = p->more ? mem_strdup(token) : NULL;
	return STATUS_OK;
}

void
paging_done(struct paging *p)
{
	free(p->token);
	p->token = NULL;
}
