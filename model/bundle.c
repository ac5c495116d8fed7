#include "model/bundle.h"

#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/objects.h"
#include "model/pem_blocks.h"
#include "model/quote.h"

#define STAGE "trust"

const struct bundle_rules bundle_of_alb = {
	.who = "a load balancer's trust store",
	.certificates_most = 25,
	.certificate_bytes_most = 16 * 1024,
	.rsa_least = 2048,
	.rsa_most = 8192,
	.subject_bytes_most = 10000,
};
const struct bundle_rules bundle_of_apigateway = {
	.who = "API Gateway's truststore",
	.certificates_most = 1000,
	.bytes_most = 1 << 20,
	.rsa_least = 2048,
};

/* ---- reading ---- */

static bool
has(const char *bytes, size_t len, const char *word)
{
	return memmem(bytes, len, word, strlen(word)) != NULL;
}

/* What has no PEM in it, by its first bytes: a keystore has a program of its own, which is named. */
static status
no_pem(const char *bytes, size_t len, const char *shown, struct error *err)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *says;
	} kinds[] = {
		{ "\xfe\xed\xfe\xed", 4, "it is a Java keystore: keytool -importcert adds a CA to it, keytool -delete removes one" },
		{ "\xce\xce\xce\xce", 4, "it is a Java keystore (JCEKS): keytool -importcert adds a CA to it, keytool -delete removes one" },
		{ "0\x82", 2, "it is binary: DER, or a PKCS#12 keystore, to which keytool -importcert adds a CA" },
		{ "0\x83", 2, "it is binary: a large PKCS#12 keystore, to which keytool -importcert adds a CA" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (len >= kinds[i].len && memcmp(bytes, kinds[i].magic, kinds[i].len) == 0)
			return error_set(err, ERROR_INPUT, STAGE, "%s: expected a PEM bundle of CA certificates; %s", shown, kinds[i].says);
	}
	return error_set(err, ERROR_INPUT, STAGE, "%s: expected a PEM bundle of CA certificates, found no “-----BEGIN CERTIFICATE-----”", shown);
}

/* Keys are looked for before anything is parsed: what has one is somebody's identity, and no list of who is trusted. */
static bool
has_key(const char *bytes, size_t len)
{
	struct buf keys = { 0 };
	size_t n = pem_blocks_copy(bytes, len, PEM_PRIVATE_KEYS, &keys);

	if (keys.data != NULL)
		explicit_bzero(keys.data, keys.len);
	buf_done(&keys);
	return n > 0;
}

static status
take(struct bundle *b, const struct object *o, const char *shown, struct error *err)
{
	if (o->kind == OBJECT_CRL)
		return STATUS_OK; /* OpenSSL reads lists of revoked certificates from the same file */
	if (o->kind == OBJECT_DAMAGED)
		return error_set(err, ERROR_INPUT, STAGE, "%s; mend that first", o->problem);
	if (o->kind != OBJECT_CERT)
		return error_set(err, ERROR_INPUT, STAGE, "%s:%zu: expected certificates only in a trust bundle, found a %s", shown, o->line,
		    object_kind_name(o->kind));
	if (!bundle_add(b, o->cert))
		b->repeated++;
	return STATUS_OK;
}

static status
parse(const char *bytes, size_t len, const char *name, struct objects *out, struct error *err)
{
	const struct read_options options = { .type = "PEM" };
	char shown[QUOTE_MAX];

	quote_str(name, shown);
	if (!has(bytes, len, "-----BEGIN "))
		return no_pem(bytes, len, shown, err);
	if (has_key(bytes, len))
		return error_set(err, ERROR_INPUT, STAGE, "%s: holds a private key, so it is an identity; a trust bundle holds CA certificates only", shown);
	return objects_parse((const unsigned char *)bytes, len, name, &options, out, err);
}

static status
take_all(const struct objects *objects, const char *name, struct bundle *out, struct error *err)
{
	char shown[QUOTE_MAX];

	quote_str(name, shown);
	for (size_t i = 0; i < objects->len; i++) {
		if (take(out, &objects->items[i], shown, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return out->len > 0 ? STATUS_OK : error_set(err, ERROR_INPUT, STAGE, "%s: expected CA certificates, found none", shown);
}

/* Its objects too, which say where each stands. */
static status
read_both(const char *bytes, size_t len, const char *name, struct objects *objects, struct bundle *out, struct error *err)
{
	*objects = (struct objects){ 0 };
	*out = (struct bundle){ 0 };
	return parse(bytes, len, name, objects, err) == STATUS_OK ? take_all(objects, name, out, err) : STATUS_FAILED;
}

status
bundle_read(const char *bytes, size_t len, const char *name, struct bundle *out, struct error *err)
{
	struct objects objects;
	status result = read_both(bytes, len, name, &objects, out, err);

	objects_done(&objects);
	return result;
}

void
bundle_done(struct bundle *b)
{
	for (size_t i = 0; i < b->len; i++)
		cert_free(b->certs[i]);
	free(b->certs);
	*b = (struct bundle){ 0 };
}

/* ---- what is in it ---- */

static size_t
place_of(const struct bundle *b, const struct fingerprint *sha256)
{
	size_t i = 0;

	while (i < b->len && !fingerprint_equal(&b->certs[i]->sha256, sha256))
		i++;
	return i;
}

bool
bundle_has(const struct bundle *b, const struct cert *c)
{
	return place_of(b, &c->sha256) < b->len;
}

bool
bundle_add(struct bundle *b, const struct cert *c)
{
	if (bundle_has(b, c))
		return false;
	if (b->len == b->cap) {
		b->cap = b->cap > 0 ? 2 * b->cap : 8;
		b->certs = mem_grow(b->certs, b->cap, sizeof *b->certs);
	}
	b->certs[b->len++] = cert_ref(c);
	return true;
}

bool
bundle_remove(struct bundle *b, const struct fingerprint *sha256)
{
	size_t i = place_of(b, sha256);

	if (i == b->len)
		return false;
	cert_free(b->certs[i]);
	memmove(&b->certs[i], &b->certs[i + 1], (b->len - i - 1) * sizeof *b->certs);
	b->len--;
	return true;
}

void
bundle_pem(const struct bundle *b, struct buf *out)
{
	for (size_t i = 0; i < b->len; i++)
		cert_pem(b->certs[i], out);
}

static int
by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, SHA256_LEN);
}

char *
bundle_hash(const struct bundle *b, char *out)
{
	struct fingerprint *all = mem_zero(b->len + 1, sizeof *all), f;

	for (size_t i = 0; i < b->len; i++)
		all[i] = b->certs[i]->sha256;
	qsort(all, b->len, sizeof *all, by_bytes);
	fingerprint_of((const unsigned char *)all, b->len * sizeof *all, &f);
	free(all);
	return fingerprint_hex(&f, out);
}

/* ---- files that people keep ---- */

status
bundle_text_add(const char *text, size_t len, const char *name, const struct cert *c, struct buf *out, bool *changed, struct error *err)
{
	struct bundle b;
	status result = bundle_read(text, len, name, &b, err);

	*changed = result == STATUS_OK && !bundle_has(&b, c);
	bundle_done(&b);
	if (result != STATUS_OK)
		return STATUS_FAILED;
	buf_add(out, text, len);
	if (!*changed)
		return STATUS_OK;
	/* Without it the new BEGIN would stand on the line of the last END, and neither be read. */
	if (text[len - 1] != '\n')
		buf_addc(out, '\n');
	cert_pem(c, out);
	return STATUS_OK;
}

/* The first byte behind the block that begins at `at`: behind its END line. */
static size_t
block_end(const char *text, size_t len, size_t at)
{
	const char *end = memmem(text + at, len - at, "-----END ", 9), *stop = text + len;

	while (end != NULL && end < stop && *end != '\n' && *end != '\r')
		end++;
	if (end == NULL || end == stop)
		return len;
	if (*end == '\r' && end + 1 < stop && end[1] == '\n')
		end++;
	return (size_t)(end - text) + 1;
}

static bool
copy_without(const char *text, size_t len, const struct objects *objects, const struct cert *c, struct buf *out)
{
	size_t kept = 0;
	bool changed = false;

	for (size_t i = 0; i < objects->len; i++) {
		const struct object *o = &objects->items[i];

		if (o->kind != OBJECT_CERT || !fingerprint_equal(&o->cert->sha256, &c->sha256) || o->byte < kept)
			continue;
		buf_add(out, text + kept, o->byte - kept);
		kept = block_end(text, len, o->byte);
		changed = true;
	}
	buf_add(out, text + kept, len - kept);
	return changed;
}

status
bundle_text_remove(const char *text, size_t len, const char *name, const struct cert *c, struct buf *out, bool *changed, struct error *err)
{
	struct objects objects;
	struct bundle b;
	char shown[QUOTE_MAX];
	status result = read_both(text, len, name, &objects, &b, err);

	*changed = false;
	if (result == STATUS_OK && bundle_has(&b, c) && b.len == 1)
		result = error_set(err, ERROR_INPUT, STAGE, "%s: “%s” is the only CA in it, and without it nobody would be trusted; add the new one first",
		    quote_str(name, shown), c->subject.common_name);
	if (result == STATUS_OK)
		*changed = copy_without(text, len, &objects, c, out);
	bundle_done(&b);
	objects_done(&objects);
	return result;
}

/* ---- limits ---- */

static size_t
subject_bytes(const struct bundle *b)
{
	size_t sum = 0;

	for (size_t i = 0; i < b->len; i++)
		sum += b->certs[i]->subject.der.len;
	return sum;
}

static size_t
pem_bytes(const struct bundle *b)
{
	struct buf pem = { 0 };
	size_t len;

	bundle_pem(b, &pem);
	len = pem.len;
	buf_done(&pem);
	return len;
}

status
bundle_fits(const struct bundle *b, const struct bundle_rules *r, bool advertised, struct error *err)
{
	const struct {
		size_t is, most;
		const char *of;
	} limits[] = {
		{ b->len, r->certificates_most, "certificates" },
		{ pem_bytes(b), r->bytes_most, "bytes" },
		{ advertised ? subject_bytes(b) : 0, r->subject_bytes_most, "bytes of CA names, which its listener sends to clients" },
	};

	if (b->len == 0)
		return error_set(err, ERROR_INPUT, STAGE, "%s cannot be empty: nobody would be trusted; add the new CA first", r->who);
	for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
		if (limits[i].most > 0 && limits[i].is > limits[i].most)
			return error_set(err, ERROR_INPUT, STAGE, "%s takes %zu %s, and this would be %zu", r->who, limits[i].most, limits[i].of, limits[i].is);
	}
	return STATUS_OK;
}

static bool
key_fits(const struct bundle_rules *r, const struct public_key *k)
{
	static const char *const curves[] = { "P-256", "P-384", "P-521" };

	if (k->type == KEY_TYPE_RSA || k->type == KEY_TYPE_RSA_PSS)
		return k->bits >= r->rsa_least && (r->rsa_most == 0 || k->bits <= r->rsa_most);
	for (size_t i = 0; k->type == KEY_TYPE_EC && k->curve != NULL && i < sizeof curves / sizeof curves[0]; i++) {
		if (strcmp(k->curve, curves[i]) == 0)
			return true;
	}
	return false;
}

status
bundle_takes(const struct bundle_rules *r, const struct cert *c, struct error *err)
{
	const char *name = c->subject.common_name;

	if (c->version != 3)
		return error_set(err, ERROR_INPUT, STAGE, "%s takes X.509 version 3 only, and “%s” is of version %d", r->who, name, c->version);
	if (r->certificate_bytes_most > 0 && c->der.len > r->certificate_bytes_most)
		return error_set(err, ERROR_INPUT, STAGE, "%s takes certificates of %zu bytes, and “%s” has %zu", r->who, r->certificate_bytes_most, name,
		    c->der.len);
	if (!key_fits(r, &c->key))
		return error_set(err, ERROR_INPUT, STAGE, "%s takes RSA of %d bits and more%s, P-256, P-384 and P-521, and the key of “%s” is %s", r->who,
		    r->rsa_least, r->rsa_most > 0 ? " up to 8192" : "", name, c->key.label);
	if (c->signature.hash_bits < 256)
		return error_set(err, ERROR_INPUT, STAGE, "%s takes signatures with SHA-256, 384 and 512, and that of “%s” is %s", r->who, name,
		    c->signature.label);
	return STATUS_OK;
}
