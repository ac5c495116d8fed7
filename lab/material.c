#include "lab/material.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>

#include "model/objects.h"

#define STAGE "reading what is served"

static status
take(STACK_OF(X509) *out, const struct object *o, const char *name, struct error *err)
{
	const unsigned char *p;
	X509 *x;

	if (o->kind == OBJECT_DAMAGED)
		return error_set(err, ERROR_INPUT, STAGE, "%s", o->problem);
	if (o->kind != OBJECT_CERT)
		return STATUS_OK; /* a key that lies in the same file, as some servers want it */
	p = o->der.bytes;
	x = d2i_X509(NULL, &p, (long)o->der.len);
	if (x != NULL && sk_X509_push(out, x) > 0)
		return STATUS_OK;
	X509_free(x);
	ERR_clear_error();
	return error_set(err, ERROR_INPUT, STAGE, "%s:%zu: OpenSSL cannot read this certificate", name, o->line);
}

/* All certificates of a file, in its order; at least one. NULL: *err says why. */
static STACK_OF(X509) *
certificates(const char *name, const struct buf *pem, struct error *err)
{
	static const struct read_options lazily = { .lazy = true };
	struct objects found = { .items = NULL };
	STACK_OF(X509) *out = sk_X509_new_null();
	status result = STATUS_FAILED;

	if (pem->len == 0)
		error_set(err, ERROR_INPUT, STAGE, "%s: the file is empty; expected certificates in PEM", name);
	else if (out != NULL)
		result = objects_parse((const unsigned char *)pem->data, pem->len, name, &lazily, &found, err);
	for (size_t i = 0; i < found.len && result == STATUS_OK; i++)
		result = take(out, &found.items[i], name, err);
	if (result == STATUS_OK && sk_X509_num(out) == 0)
		result = error_set(err, ERROR_INPUT, STAGE, "%s: no certificate is in it", name);
	objects_done(&found);
	if (result == STATUS_OK)
		return out;
	sk_X509_pop_free(out, X509_free);
	return NULL;
}

/* A server of the lab is started by nobody who could be asked for a passphrase. */
static int
no_passphrase(char *out, int size, int writing, void *nothing)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)nothing;
	return -1;
}

static EVP_PKEY *
private_key(const char *name, const struct buf *pem, struct error *err)
{
	struct objects found = { .items = NULL };
	BIO *bio = BIO_new_mem_buf(pem->len > 0 ? pem->data : "", (int)pem->len);
	EVP_PKEY *key = bio != NULL ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	if (key != NULL)
		return key;
	ERR_clear_error();
	/* The program's own reader says where and why. */
	if (pem->len > 0 && objects_parse((const unsigned char *)pem->data, pem->len, name, &(struct read_options){ .lazy = true }, &found, err) == STATUS_OK &&
	    found.damaged > 0)
		for (size_t i = 0; i < found.len; i++)
			if (found.items[i].kind == OBJECT_DAMAGED)
				error_set(err, ERROR_INPUT, STAGE, "%s", found.items[i].problem);
	objects_done(&found);
	error_set(err, ERROR_INPUT, STAGE, "%s: expected a private key in PEM, without a passphrase", name);
	return NULL;
}

static status
belong_together(const struct material *m, const char *cert_name, const char *key_name, struct error *err)
{
	if (X509_check_private_key(m->leaf, m->key) == 1)
		return STATUS_OK;
	ERR_clear_error();
	return error_set(err, ERROR_INPUT, STAGE, "%s: the key does not belong to the first certificate of %s", key_name, cert_name);
}

status
material_shows(struct material *m, const char *cert_name, const struct buf *cert, const char *key_name, const struct buf *key, struct error *err)
{
	struct material found = { .above = certificates(cert_name, cert, err) };

	if (found.above == NULL)
		return STATUS_FAILED;
	found.leaf = sk_X509_shift(found.above);
	found.key = private_key(key_name, key, err);
	if (found.key == NULL || belong_together(&found, cert_name, key_name, err) != STATUS_OK) {
		material_done(&found);
		return STATUS_FAILED;
	}
	X509_free(m->leaf);
	EVP_PKEY_free(m->key);
	sk_X509_pop_free(m->above, X509_free);
	m->leaf = found.leaf;
	m->key = found.key;
	m->above = found.above;
	return STATUS_OK;
}

status
material_trusts(struct material *m, const char *name, const struct buf *pem, struct error *err)
{
	STACK_OF(X509) *anchors = certificates(name, pem, err);

	if (anchors == NULL)
		return STATUS_FAILED;
	sk_X509_pop_free(m->anchors, X509_free);
	m->anchors = anchors;
	return STATUS_OK;
}

void
material_done(struct material *m)
{
	X509_free(m->leaf);
	EVP_PKEY_free(m->key);
	sk_X509_pop_free(m->above, X509_free);
	sk_X509_pop_free(m->anchors, X509_free);
	*m = (struct material){ .leaf = NULL };
}
