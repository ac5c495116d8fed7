/* By the tables, out of JSON that anybody may have written: every value is looked at before it is taken. */
#include "model/case_parts.h"

#include <math.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/characters.h"
#include "model/evidence.h"
#include "model/identity_load.h"
#include "model/key_described.h"
#include "model/quote.h"
#include "model/times.h"
#include "model/trust_internal.h"

#define STAGE "case"
#define EXACT (INT64_C(1) << 53)
#define REAL_MOST 1e15 /* milliseconds: 30,000 years */

/* ---- where it is, and what is wrong there ---- */

size_t
get_enter(struct case_reader *r, const char *fmt, ...)
{
	size_t before = r->place_len, room = sizeof r->place - before;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(r->place + before, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		r->place_len += (size_t)n < room ? (size_t)n : room - 1;
	return before;
}

void
get_leave(struct case_reader *r, size_t before)
{
	r->place_len = before;
	r->place[before] = '\0';
}

bool
get_refuse(struct case_reader *r, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	(void)error_set(r->err, ERROR_INPUT, STAGE, "%s: %s%s%s", r->name, r->place, r->place_len > 0 ? ": " : "", text);
	return false;
}

/* What stands there instead: "a list", "“abc”". */
static const char *
found(const cJSON *v, char out[QUOTE_MAX])
{
	if (cJSON_IsString(v)) {
		char shown[QUOTE_MAX];

		snprintf(out, QUOTE_MAX, "“%.60s”", quote_str(v->valuestring, shown));
		return out;
	}
	if (cJSON_IsNumber(v)) {
		snprintf(out, QUOTE_MAX, "%.17g", v->valuedouble);
		return out;
	}
	return cJSON_IsArray(v) ? "a list" : cJSON_IsObject(v) ? "an object" : cJSON_IsBool(v) ? "true or false" : "null";
}

static bool
wrong(struct case_reader *r, const cJSON *v, const char *expected)
{
	char shown[QUOTE_MAX];

	return get_refuse(r, "is %s; expected %s", found(v, shown), expected);
}

/* ---- values ---- */

static bool
whole_number(struct case_reader *r, const cJSON *v, int64_t least, int64_t most, int64_t *out)
{
	char shown[QUOTE_MAX];
	double d = cJSON_IsNumber(v) ? v->valuedouble : NAN;

	/* Within ±2^53 a double is exact, and the conversion is defined. */
	if (!(d >= (double)least && d <= (double)most && d == (double)(int64_t)d))
		return get_refuse(r, "is %s; expected a whole number from %lld to %lld", found(v, shown), (long long)least,
		    (long long)most);
	*out = (int64_t)d;
	return true;
}

static int64_t
most_of(size_t size, bool is_signed)
{
	if (size >= sizeof(int64_t))
		return EXACT;
	return (INT64_C(1) << (size * 8 - (is_signed ? 1 : 0))) - 1;
}

static bool
get_number(struct case_reader *r, const cJSON *v, const struct field *f, void *at)
{
	bool is_signed = f->kind == FIELD_SIGNED, bounded = f->least != 0 || f->most != 0;
	int64_t most = bounded ? f->most : most_of(f->size, is_signed), n;

	if (!whole_number(r, v, bounded ? f->least : is_signed ? -most : 0, most, &n))
		return false;
	switch (f->size) {
	case 1: *(uint8_t *)at = (uint8_t)n; break;
	case 2: *(uint16_t *)at = (uint16_t)n; break;
	case 4: *(int32_t *)at = (int32_t)n; break; /* and unsigned: the same bytes */
	default: *(int64_t *)at = n; break;
	}
	return true;
}

static bool
get_real(struct case_reader *r, const cJSON *v, double *out)
{
	char shown[QUOTE_MAX];

	if (!cJSON_IsNumber(v) || !(v->valuedouble >= -REAL_MOST && v->valuedouble <= REAL_MOST))
		return get_refuse(r, "is %s; expected a number of milliseconds", found(v, shown));
	*out = v->valuedouble;
	return true;
}

static bool
get_enum(struct case_reader *r, const cJSON *v, const struct field *f, void *at)
{
	struct buf list = { 0 };
	char shown[QUOTE_MAX];
	bool ok = false;
	unsigned i;

	for (i = 0; cJSON_IsString(v) && f->word(i) != NULL; i++) {
		if (strcmp(f->word(i), v->valuestring) == 0) {
			*(unsigned *)at = i; /* an enum of ours is as large: tests/test_case_tables.c */
			return true;
		}
	}
	for (i = 0; f->word(i) != NULL; i++)
		buf_addf(&list, "%s%s", i > 0 ? ", " : "", f->word(i));
	ok = get_refuse(r, "is %s; expected one of %s", found(v, shown), buf_str(&list));
	buf_done(&list);
	return ok;
}

bool
get_base64(struct case_reader *r, const char *s, struct text *out)
{
	size_t len = strlen(s), pad = 0;
	unsigned char *bytes;
	int n;

	while (pad < 2 && len > pad && s[len - pad - 1] == '=')
		pad++;
	if (len % 4 != 0 || len > INT32_MAX ||
	    strspn(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") != len - pad)
		return get_refuse(r, "is not base64");
	*out = (struct text){ NULL, 0 };
	if (len == 0)
		return true;
	bytes = arena_alloc(r->arena, len / 4 * 3 + 1);
	n = EVP_DecodeBlock(bytes, (const unsigned char *)s, (int)len);
	if (n < 0 || (size_t)n < pad)
		return get_refuse(r, "is not base64");
	*out = (struct text){ bytes, (size_t)n - pad };
	return true;
}

bool
get_text(struct case_reader *r, const cJSON *v, struct text *out)
{
	const cJSON *coded = cJSON_IsObject(v) ? cJSON_GetObjectItemCaseSensitive(v, "base64") : NULL;

	if (cJSON_IsString(coded))
		return get_base64(r, coded->valuestring, out);
	if (!cJSON_IsString(v))
		return wrong(r, v, "text");
	*out = (struct text){ (const unsigned char *)arena_strdup(r->arena, v->valuestring), strlen(v->valuestring) };
	return true;
}

/* For a screen: whatever stands there, it is harmless then. */
static bool
get_string(struct case_reader *r, const cJSON *v, const char **out)
{
	struct text t;

	if (!get_text(r, v, &t))
		return false;
	*out = text_safe_arena(r->arena, t, 0, NULL);
	return true;
}

/* Every byte; one with NUL in it cannot have been typed. */
static bool
get_word(struct case_reader *r, const cJSON *v, const char **out)
{
	struct text t;

	if (!get_text(r, v, &t))
		return false;
	if (t.len > 0 && memchr(t.bytes, '\0', t.len) != NULL)
		return get_refuse(r, "has a NUL in it");
	*out = arena_strndup(r->arena, t.len > 0 ? (const char *)t.bytes : "", t.len);
	return true;
}

static bool
get_owned(struct case_reader *r, const cJSON *v, char **out)
{
	const char *s;

	if (!get_string(r, v, &s))
		return false;
	*out = mem_strdup(s);
	return true;
}

static bool
get_fingerprint(struct case_reader *r, const cJSON *v, struct fingerprint *out)
{
	const char *s = cJSON_IsString(v) ? v->valuestring : "";

	if (strlen(s) != 2 * SHA256_LEN || strspn(s, "0123456789abcdef") != 2 * SHA256_LEN)
		return wrong(r, v, "a SHA-256 in 64 lower-case hexadecimal digits");
	for (size_t i = 0; i < SHA256_LEN; i++)
		out->bytes[i] = (unsigned char)(hex_value(s[2 * i]) << 4 | hex_value(s[2 * i + 1]));
	return true;
}

static bool
get_stored(struct case_reader *r, const cJSON *v, struct text *out)
{
	return cJSON_IsString(v) ? case_der(r, v->valuestring, out) : wrong(r, v, "the SHA-256 of a certificate");
}

static bool
get_cert(struct case_reader *r, const cJSON *v, struct cert **out)
{
	if (!cJSON_IsString(v))
		return wrong(r, v, "the SHA-256 of a certificate");
	*out = case_cert(r, v->valuestring);
	return *out != NULL;
}

static bool
get_key(struct case_reader *r, const cJSON *v, const struct field *f, struct key **out)
{
	struct key what = { .is_private = false };

	if (!get_members(r, v, f->record, &what))
		return false;
	*out = key_described(&what);
	return true;
}

/* What has an arena of its own is read into that one. */
static bool
get_into(struct case_reader *r, struct arena *into, const cJSON *v, const struct field *f, void *at)
{
	struct arena *outer = r->arena;
	bool ok;

	r->arena = into;
	ok = get_members(r, v, f->record, at);
	r->arena = outer;
	return ok;
}

static bool
get_identity(struct case_reader *r, const cJSON *v, const struct field *f, struct identity **out)
{
	*out = identity_new();
	return get_into(r, (*out)->arena, v, f, *out);
}

static bool
get_trust(struct case_reader *r, const cJSON *v, const struct field *f, struct trust **out)
{
	*out = trust_new();
	return get_into(r, (*out)->arena, v, f, *out) &&
	    case_read_anchors(r, cJSON_GetObjectItemCaseSensitive(v, "anchors"), *out);
}

static bool
get_pointed(struct case_reader *r, const cJSON *v, const struct field *f, void **out)
{
	*out = f->make != NULL ? f->make(r) : arena_alloc(r->arena, f->record->size);
	return get_members(r, v, f->record, *out);
}

/* ---- lists ---- */

/* Its length, where it is a list that is not too long. */
static bool
list_length(struct case_reader *r, const cJSON *v, size_t most, size_t *len)
{
	if (!cJSON_IsArray(v))
		return wrong(r, v, "a list");
	*len = (size_t)cJSON_GetArraySize(v);
	return *len <= most || get_refuse(r, "has %zu entries; at most %zu are read", *len, most);
}

/* A name that cannot be read is told as such, as where it came over the wire. */
static bool
get_dn(struct case_reader *r, const cJSON *v, struct name *out)
{
	struct text der;

	if (!cJSON_IsString(v))
		return wrong(r, v, "base64");
	if (!get_base64(r, v->valuestring, &der))
		return false;
	if (!name_parse(r->arena, der, out)) {
		out->safe = out->common_name = "a name that cannot be read";
		out->canonical = (struct text){ NULL, 0 };
	}
	return true;
}

static bool
get_handshake(struct case_reader *r, const cJSON *v, const struct field *f, struct handshake **out)
{
	*out = handshake_new();
	return get_into(r, (*out)->arena, v, f, *out);
}

static bool
get_item(struct case_reader *r, const cJSON *v, const struct field *f, void *list, size_t i)
{
	int64_t n;

	switch (f->kind) {
	case FIELD_OCTETS:
		if (!whole_number(r, v, 0, UINT8_MAX, &n))
			return false;
		((uint8_t *)list)[i] = (uint8_t)n;
		return true;
	case FIELD_NUMBERS:
		if (!whole_number(r, v, 0, UINT16_MAX, &n))
			return false;
		((uint16_t *)list)[i] = (uint16_t)n;
		return true;
	case FIELD_STRINGS: return get_string(r, v, &((const char **)list)[i]);
	case FIELD_FINGERPRINTS: return get_fingerprint(r, v, &((struct fingerprint *)list)[i]);
	case FIELD_CERTS: return get_cert(r, v, &((struct cert **)list)[i]);
	case FIELD_NAMES: return get_dn(r, v, &((struct name *)list)[i]);
	case FIELD_RECORDS: return get_members(r, v, f->record, (char *)list + i * f->record->size);
	case FIELD_HANDSHAKES: return get_handshake(r, v, f, &((struct handshake **)list)[i]);
	default: return get_refuse(r, "is no list");
	}
}

static size_t
item_size(const struct field *f)
{
	switch (f->kind) {
	case FIELD_OCTETS: return sizeof(uint8_t);
	case FIELD_NUMBERS: return sizeof(uint16_t);
	case FIELD_FINGERPRINTS: return sizeof(struct fingerprint);
	case FIELD_NAMES: return sizeof(struct name);
	case FIELD_RECORDS: return f->record->size;
	default: return sizeof(void *);
	}
}

/* Counted up as they come: whoever frees the whole frees what is there. */
static bool
get_list(struct case_reader *r, const cJSON *v, const struct field *f, void *whole)
{
	size_t len = 0, *count = (size_t *)(void *)((char *)whole + f->count_offset), i = 0;
	void *list;
	const cJSON *item;

	if (!list_length(r, v, f->items, &len))
		return false;
	list = arena_array(r->arena, len + 1, item_size(f));
	*(void **)(void *)((char *)whole + f->offset) = list;
	*count = 0;
	for (item = v->child; item != NULL; item = item->next) {
		size_t before = get_enter(r, "[%zu]", i);
		bool ok;

		(*count)++;
		ok = get_item(r, item, f, list, i++);
		if (!ok)
			return false;
		get_leave(r, before);
	}
	return true;
}

bool
get_certs(struct case_reader *r, const cJSON *list, size_t most, struct cert ***out, size_t *len)
{
	struct hold {
		struct cert **certs;
		size_t len;
	} hold = { NULL, 0 };
	struct field f = { .kind = FIELD_CERTS, .offset = offsetof(struct hold, certs), .count_offset = offsetof(struct hold, len), .items = most };
	bool ok = get_list(r, list, &f, &hold);

	*out = hold.certs;
	*len = hold.len;
	return ok;
}

/* ---- members ---- */

static bool
get_member(struct case_reader *r, const cJSON *v, const struct field *f, void *whole)
{
	void *at = (char *)whole + f->offset;

	switch (f->kind) {
	case FIELD_BOOL:
		if (!cJSON_IsBool(v))
			return wrong(r, v, "true or false");
		*(bool *)at = cJSON_IsTrue(v);
		return true;
	case FIELD_TIME: return whole_number(r, v, -EXACT, EXACT, at);
	case FIELD_SIGNED:
	case FIELD_UNSIGNED: return get_number(r, v, f, at);
	case FIELD_REAL: return get_real(r, v, at);
	case FIELD_ENUM: return get_enum(r, v, f, at);
	case FIELD_STRING: return get_string(r, v, at);
	case FIELD_OWNED: return get_owned(r, v, at);
	case FIELD_WORD: return get_word(r, v, at);
	case FIELD_BYTES: return get_text(r, v, at);
	case FIELD_STORED: return get_stored(r, v, at);
	case FIELD_FINGERPRINT: return get_fingerprint(r, v, at);
	case FIELD_CERT: return get_cert(r, v, at);
	case FIELD_KEY: return get_key(r, v, f, at);
	case FIELD_RECORD: return get_members(r, v, f->record, at);
	case FIELD_POINTER: return get_pointed(r, v, f, at);
	case FIELD_IDENTITY: return get_identity(r, v, f, at);
	case FIELD_TRUST: return get_trust(r, v, f, at);
	default: return get_list(r, v, f, whole);
	}
}

bool
get_members(struct case_reader *r, const cJSON *object, const struct record *of, void *at)
{
	if (!cJSON_IsObject(object))
		return wrong(r, object, "an object");
	for (size_t i = 0; i < of->len; i++) {
		const struct field *f = &of->fields[i];
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(object, f->name);
		size_t before;

		if (f->kind == FIELD_LEFT_OUT || f->kind == FIELD_COUNT)
			continue;
		before = get_enter(r, "%s%s", r->place_len > 0 ? "." : "", f->name);
		if (v == NULL || cJSON_IsNull(v)) {
			if (f->needed)
				return get_refuse(r, "is missing");
			if (f->kind == FIELD_TIME)
				*(int64_t *)(void *)((char *)at + f->offset) = TIME_UNKNOWN;
		} else if (!get_member(r, v, f, at)) {
			return false;
		}
		get_leave(r, before);
	}
	return of->complete == NULL || of->complete(r, at);
}
