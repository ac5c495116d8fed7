/* Reading a CSR for those who judge it, and the findings that they write down. */
#include "model/csr_internal.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_fields.h"
#include "model/der.h"
#include "model/limits.h"
#include "model/quote.h"

static const char reading[] = "reading a certificate request";

const char *
csr_weight_word(enum csr_weight w)
{
	static const char *const words[] = {
		[CSR_REFUSED] = "refused", [CSR_LATE] = "fails later", [CSR_DIFFERS] = "differs", [CSR_LOST] = "dropped", [CSR_ODD] = "odd",
		[CSR_EXPECTED] = "by template",
	};

	return words[w];
}

bool
csr_hopeless(const struct csr_findings *f)
{
	for (size_t i = 0; i < f->len; i++)
		if (f->items[i].weight == CSR_REFUSED || f->items[i].weight == CSR_LATE)
			return true;
	return false;
}

void
csr_note(struct csr_findings *f, struct arena *a, enum csr_weight weight, const char *what, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list args;
	char *made = NULL;

	va_start(args, fmt);
	if (vasprintf(&made, fmt, args) >= 0)
		buf_adds(&text, made);
	va_end(args);
	f->items = arena_grow(a, f->items, f->len, &f->cap, sizeof *f->items);
	f->items[f->len++] = (struct csr_finding){ .weight = weight, .what = arena_strdup(a, what), .text = arena_strdup(a, buf_str(&text)) };
	free(made);
	buf_done(&text);
}

void
csr_sort(struct csr_findings *f)
{
	/* By insertion: there are few, and equal ones stay as they came. */
	for (size_t i = 1; i < f->len; i++)
		for (size_t k = i; k > 0 && f->items[k - 1].weight > f->items[k].weight; k--) {
			struct csr_finding swap = f->items[k];
			f->items[k] = f->items[k - 1];
			f->items[k - 1] = swap;
		}
}

status
csr_parse(const void *bytes, size_t len, const char *name, struct objects *o, const struct object **out, struct error *err)
{
	const struct read_options opt = { .type = NULL };
	char shown[QUOTE_MAX];
	struct error ours = { 0 };

	*out = NULL;
	if (len > LIMIT_PCA_CSR)
		return error_set(err, ERROR_INPUT, reading, "%s has %zu bytes, and the private CA takes a certificate request of %d at most",
		    quote_str(name, shown), len, LIMIT_PCA_CSR);
	if (objects_parse(bytes, len, name, &opt, o, &ours) == STATUS_OK) {
		for (size_t i = 0; i < o->len && *out == NULL; i++)
			if (o->items[i].kind == OBJECT_CSR)
				*out = &o->items[i];
		if (*out != NULL)
			return STATUS_OK;
		return error_set(err, ERROR_INPUT, reading, "%s holds no certificate request but %s %s", quote_str(name, shown),
		    o->len > 1 ? "first a" : "a", object_kind_name(o->items[0].kind));
	}
	return error_set(err, ERROR_INPUT, reading, "%s", ours.text);
}

status
csr_clean(const void *bytes, size_t len, const char *name, struct arena *a, const char **pem, struct error *err)
{
	struct objects o = { 0 };
	const struct object *csr;
	status st = csr_parse(bytes, len, name, &o, &csr, err);
	BIO *bio = NULL;
	char *text = NULL;
	long n;

	if (st == STATUS_OK) {
		bio = BIO_new(BIO_s_mem());
		if (bio == NULL || PEM_write_bio(bio, PEM_STRING_X509_REQ, "", csr->csr->der.bytes, (long)csr->csr->der.len) <= 0)
			st = error_set(err, ERROR_INTERNAL, reading, "OpenSSL did not write the certificate request");
	}
	if (st == STATUS_OK) {
		n = BIO_get_mem_data(bio, &text);
		*pem = arena_strndup(a, text, (size_t)n);
	}
	BIO_free(bio);
	objects_done(&o);
	ERR_clear_error();
	return st;
}

const struct extension *
csr_find(const struct extension *all, size_t len, const char *oid)
{
	for (size_t i = 0; i < len; i++)
		if (strcmp(all[i].oid, oid) == 0)
			return &all[i];
	return NULL;
}

bool
csr_usage(const struct extension *e, unsigned *bits)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(e->value, &trouble);
	struct der_value v;

	*bits = 0;
	if (!der_expect(&d, DER_BIT_STRING, &v, "key usage, a BIT STRING") || !der_finish(&d, "the key usage") || v.content.len == 0)
		return false;
	for (size_t n = 0; n < 9 && 1 + n / 8 < v.content.len; n++)
		if ((v.content.bytes[1 + n / 8] >> (7 - n % 8) & 1) != 0)
			*bits |= 1u << n;
	return true;
}

const char *
csr_usage_words(unsigned bits, struct arena *a)
{
	static const char *const names[] = { "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
		"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly" };
	struct buf b = { 0 };
	const char *out;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((bits & (1u << i)) != 0)
			buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", names[i]);
	out = b.len > 0 ? arena_strdup(a, buf_str(&b)) : "nothing";
	buf_done(&b);
	return out;
}

bool
csr_purposes(const struct extension *e, struct arena *a, const char ***out, size_t *len)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(e->value, &trouble), inside;
	struct der_value v;
	size_t cap = 0;

	*out = NULL;
	*len = 0;
	if (!der_enter(&d, DER_SEQUENCE, &inside, "extended key usage, a SEQUENCE") || !der_finish(&d, "the extended key usage"))
		return false;
	while (!der_at_end(&inside) && *len < LIMIT_EXTENSION_ITEMS) {
		if (!der_expect(&inside, DER_OID, &v, "a purpose, an OBJECT IDENTIFIER"))
			return false;
		*out = arena_grow(a, *out, *len, &cap, sizeof **out);
		(*out)[(*len)++] = oid_name(a, v.content);
	}
	return true;
}

bool
csr_says_ca(const struct extension *e)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(e->value, &trouble), inside;
	struct der_value v;

	return der_enter(&d, DER_SEQUENCE, &inside, "basic constraints, a SEQUENCE") && der_optional(&inside, DER_BOOLEAN, &v, "cA, a BOOLEAN") &&
	    v.content.len == 1 && v.content.bytes[0] != 0;
}
