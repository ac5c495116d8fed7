/* "certificates" of a case: fingerprint to base64 DER. Each is decoded when something refers to it. */
#include "model/case_parts.h"

#include <stdlib.h>
#include <string.h>

#include "model/limits.h"

struct case_cert {
	const char *hex;
	const cJSON *value;
	struct text der;   /* len 0: not decoded yet */
	struct arena *arena; /* of der */
	struct cert *cert; /* a reference; NULL: not parsed yet */
};

static int
by_hex(const void *a, const void *b)
{
	return strcmp(((const struct case_cert *)a)->hex, ((const struct case_cert *)b)->hex);
}

bool
case_certs_read(struct case_reader *r, const cJSON *map)
{
	size_t before = get_enter(r, "certificates"), len = 0;
	const cJSON *item;

	if (!cJSON_IsObject(map))
		return get_refuse(r, "is missing, or no object");
	for (item = map->child; item != NULL; item = item->next)
		len++;
	if (len > LIMIT_CASE_CERTS)
		return get_refuse(r, "has %zu entries; at most %d are read", len, LIMIT_CASE_CERTS);
	r->certs = mem_zero(len + 1, sizeof *r->certs);
	for (item = map->child; item != NULL; item = item->next)
		r->certs[r->certs_len++] = (struct case_cert){ .hex = item->string != NULL ? item->string : "", .value = item };
	qsort(r->certs, r->certs_len, sizeof *r->certs, by_hex);
	get_leave(r, before);
	return true;
}

void
case_certs_done(struct case_reader *r)
{
	for (size_t i = 0; i < r->certs_len; i++) {
		cert_free(r->certs[i].cert);
		arena_free(r->certs[i].arena);
	}
	free(r->certs);
	r->certs = NULL;
	r->certs_len = 0;
}

/* Its bytes are what the fingerprint says: what the diagnosis compares is what was seen. */
static bool
decode(struct case_reader *r, struct case_cert *c)
{
	struct arena *outer = r->arena;
	struct fingerprint sha256;
	char hex[SHA256_HEX];
	struct text der = { NULL, 0 };
	bool ok;

	c->arena = r->arena = arena_new();
	ok = cJSON_IsString(c->value) ? get_base64(r, c->value->valuestring, &der) : get_refuse(r, "is no text; expected base64");
	r->arena = outer;
	if (!ok)
		return false;
	if (der.len == 0 || der.len > LIMIT_CERT_DER)
		return get_refuse(r, "certificate %.16s… has %zu bytes; expected 1 to %d", c->hex, der.len, LIMIT_CERT_DER);
	fingerprint_of(der.bytes, der.len, &sha256);
	if (strcmp(fingerprint_hex(&sha256, hex), c->hex) != 0)
		return get_refuse(r, "certificate %.16s… has the fingerprint %.16s…: its bytes were changed", c->hex, hex);
	c->der = der;
	return true;
}

static struct case_cert *
find(struct case_reader *r, const char *hex)
{
	const struct case_cert key = { .hex = hex };
	struct case_cert *c = NULL;
	size_t before;
	bool ok;

	if (r->certs_len > 0)
		c = bsearch(&key, r->certs, r->certs_len, sizeof *r->certs, by_hex);
	if (c == NULL) {
		(void)get_refuse(r, "refers to a certificate that is not among \"certificates\"");
		return NULL;
	}
	if (c->der.len > 0)
		return c;
	before = get_enter(r, " (of \"certificates\")");
	ok = decode(r, c);
	if (ok)
		get_leave(r, before);
	return ok ? c : NULL;
}

struct cert *
case_cert(struct case_reader *r, const char *hex)
{
	struct case_cert *c = find(r, hex);
	struct error why = { .code = ERROR_NONE };

	if (c == NULL)
		return NULL;
	if (c->cert == NULL)
		c->cert = cert_parse(c->der.bytes, c->der.len, &why);
	if (c->cert == NULL)
		(void)get_refuse(r, "certificate %.16s… cannot be read: %.200s", c->hex, why.text);
	return cert_ref(c->cert);
}

bool
case_der(struct case_reader *r, const char *hex, struct text *out)
{
	struct case_cert *c = find(r, hex);

	if (c == NULL)
		return false;
	*out = (struct text){ arena_dup(r->arena, c->der.bytes, c->der.len), c->der.len };
	return true;
}
