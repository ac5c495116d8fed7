/* The few ways a value is written. */
#include <stdlib.h>
#include <string.h>

#include "model/json_parts.h"
#include "model/text.h"
#include "model/times.h"

cJSON *
json_text(const char *s)
{
	struct buf b = { 0 };
	cJSON *out;

	if (s == NULL)
		return cJSON_CreateNull();
	text_safe(&b, text_of(s), 0);
	out = cJSON_CreateString(buf_str(&b));
	buf_done(&b);
	return out;
}

void
json_add_text(cJSON *to, const char *name, const char *s)
{
	cJSON_AddItemToObject(to, name, json_text(s));
}

void
json_add_lines(cJSON *to, const char *name, const char *s)
{
	struct buf b = { 0 };

	if (s == NULL) {
		cJSON_AddNullToObject(to, name);
		return;
	}
	for (const char *at = s; *at != '\0';) {
		size_t len = strcspn(at, "\n");

		text_safe(&b, (struct text){ (const unsigned char *)at, len }, 0);
		if (at[len] == '\n')
			buf_addc(&b, '\n');
		at += len + (at[len] == '\n');
	}
	cJSON_AddStringToObject(to, name, buf_str(&b));
	buf_done(&b);
}

void
json_add_time(cJSON *to, const char *name, int64_t t)
{
	char text[TIME_TEXT_MAX];

	json_add_text(to, name, t == TIME_UNKNOWN ? NULL : time_rfc3339(t, text));
}

void
json_add_ms(cJSON *to, const char *name, double ms)
{
	/* Above a year nothing was measured; and the conversion below must not overflow. */
	if (!(ms >= 0 && ms < 3.2e10))
		cJSON_AddNullToObject(to, name);
	else
		cJSON_AddNumberToObject(to, name, (double)(int64_t)(ms * 10 + 0.5) / 10);
}

void
json_add_hex(cJSON *to, const char *name, const struct cert *c)
{
	json_add_text(to, name, c != NULL ? c->sha256_hex : NULL);
}

cJSON *
json_add_list(cJSON *to, const char *name)
{
	return cJSON_AddArrayToObject(to, name);
}

void
json_print(cJSON *whole, struct buf *out)
{
	char *text = cJSON_PrintUnformatted(whole);

	if (text != NULL) {
		buf_adds(out, text);
		buf_addc(out, '\n');
	}
	cJSON_free(text);
	cJSON_Delete(whole);
}
