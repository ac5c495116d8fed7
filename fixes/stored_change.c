#include "fixes/stored_change.h"

#include <stdlib.h>
#include <string.h>

#include "model/input.h"
#include "model/objects.h"

#define END_CERTIFICATE "-----END CERTIFICATE-----\n"
enum { KEY_MOST = 1 << 20 };

void
stored_clear(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_done(b);
}

static const char *
value(struct plan *p, const struct plan_step *s, const char *what)
{
	return plan_value(p, plan_text(p, "%s.%s", step_arg(s, "as"), what));
}

/* The leaf, or what follows it: where a chain is put right, the plan knows only the whole. */
static const char *
part_of_chain(struct plan *p, const struct plan_step *s, bool leaf)
{
	const char *whole = value(p, s, "fullchain"), *known = value(p, s, leaf ? "cert" : "chain"), *end;

	if (known != NULL || whole == NULL)
		return known;
	end = strstr(whole, END_CERTIFICATE);
	if (end == NULL)
		return NULL;
	end += strlen(END_CERTIFICATE);
	return leaf ? plan_text(p, "%.*s", (int)(end - whole), whole) : plan_text(p, "%s", end);
}

/* NULL with *err. The caller clears it. */
static char *
read_key(struct plan *p, const struct plan_step *s, struct error *err)
{
	struct input in = { .bytes = NULL };
	char *key = NULL;

	if (input_read(plan_private(p, plan_text(p, "%s.key", step_arg(s, "as"))), KEY_MOST, &in, err) == STATUS_OK)
		key = mem_strndup((const char *)in.bytes, in.len);
	input_free(&in);
	return key;
}

status
stored_change(struct plan *p, const struct plan_step *s, const char *text, size_t len, const char *name, struct buf *out, struct error *err)
{
	bool new_key = step_arg_true(s, "new_key");
	char *key = new_key ? read_key(p, s, err) : NULL;
	struct stored_new n = { .cert = part_of_chain(p, s, true), .chain = part_of_chain(p, s, false), .fullchain = value(p, s, "fullchain"), .root = value(p, s, "root"),
		.key = key };
	struct stored_identity old = { .len = 0 };
	status result = STATUS_FAILED;

	if (new_key && key == NULL)
		return STATUS_FAILED;
	if (n.cert == NULL || n.chain == NULL || n.fullchain == NULL)
		(void)error_set(err, ERROR_INTERNAL, "plan", "there is no certificate to put into %s", name);
	else
		result = stored_read(text, len, name, &old, err);
	if (result == STATUS_OK)
		result = stored_replace(&old, text, len, name, &n, out, err);
	stored_done(&old);
	if (key != NULL)
		explicit_bzero(key, strlen(key));
	free(key);
	return result;
}

/* ---- verifying ---- */

static status
parse(const struct buf *pem, const char *name, struct objects *o, struct error *err)
{
	struct read_options how = { .ask = NULL };
	struct error why = { .code = ERROR_NONE };

	if (objects_parse((const unsigned char *)pem->data, pem->len, name, &how, o, &why) == STATUS_OK || o->len > 0)
		return STATUS_OK;
	return error_set(err, ERROR_NOT_DONE, "verifying", "%s was read back, and cannot be used: %s", name, why.text);
}

static status
same_certificates(const struct objects *o, const char *expected, const char *name, struct error *err)
{
	struct buf found = { 0 };
	bool same;

	for (size_t i = 0; i < o->len; i++) {
		if (o->items[i].kind == OBJECT_CERT)
			buf_addf(&found, "%s%s", found.len > 0 ? " " : "", o->items[i].cert->sha256_hex);
	}
	same = strcmp(buf_str(&found), expected) == 0;
	buf_done(&found);
	return same ? STATUS_OK : error_set(err, ERROR_NOT_DONE, "verifying", "%s was read back, and holds other certificates than were put there", name);
}

static const struct cert *
leaf_of(const struct objects *o)
{
	for (size_t i = 0; i < o->len; i++) {
		if (o->items[i].kind == OBJECT_CERT)
			return o->items[i].cert;
	}
	return NULL;
}

static status
key_fits(const struct objects *keys, const struct cert *leaf, const char *name, struct error *err)
{
	for (size_t i = 0; i < keys->len; i++) {
		if (keys->items[i].kind == OBJECT_KEY && leaf != NULL && !key_matches(keys->items[i].key, leaf))
			return error_set(err, ERROR_NOT_DONE, "verifying", "the private key in %s does not belong to the new certificate", name);
	}
	return STATUS_OK;
}

status
stored_verify(struct plan *p, const struct plan_step *s, const char *text, size_t len, const char *name, struct error *err)
{
	const char *expected = value(p, s, "sent");
	struct stored_identity now = { .len = 0 };
	struct buf certs = { 0 }, key = { 0 };
	struct objects c = { .len = 0 }, k = { .len = 0 };
	status result = expected != NULL ? stored_read(text, len, name, &now, err) : error_set(err, ERROR_INTERNAL, "plan", "what was issued is not known");

	stored_certificates(&now, &certs);
	stored_key(&now, &key);
	if (result == STATUS_OK)
		result = parse(&certs, name, &c, err);
	if (result == STATUS_OK)
		result = same_certificates(&c, expected, name, err);
	if (result == STATUS_OK && key.len > 0)
		result = parse(&key, name, &k, err);
	if (result == STATUS_OK)
		result = key_fits(&k, leaf_of(&c), name, err);
	objects_done(&c);
	objects_done(&k);
	stored_clear(&certs);
	stored_clear(&key);
	stored_done(&now);
	return result;
}
