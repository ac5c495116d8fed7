/*
 * A folder of trusted certificates as OpenSSL reads it: by the hash of the subject, when one is asked for. So a
 * store of hundreds of files costs nothing until a path needs one of them, and what OpenSSL does not find there
 * (a file that was never rehashed) is not found by us either.
 */
#include "model/trust_internal.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/cert_openssl.h"
#include "model/memory.h"
#include "model/objects.h"

struct found {
	unsigned long hash;
	struct cert *cert; /* NULL: there is none of this hash, or no more */
};

struct hashed {
	char **folders;
	size_t folders_len;
	struct found *found; /* all that was looked up, in order */
	size_t len, cap;
};

struct hashed *
hashed_new(void)
{
	return mem_zero(1, sizeof(struct hashed));
}

void
hashed_add_folder(struct hashed *h, const char *path)
{
	h->folders = mem_grow(h->folders, h->folders_len + 1, sizeof *h->folders);
	h->folders[h->folders_len++] = mem_strdup(path);
}

static void
remember(struct hashed *h, unsigned long hash, const struct cert *cert)
{
	if (h->len == h->cap) {
		h->cap = h->cap == 0 ? 16 : h->cap * 2;
		h->found = mem_grow(h->found, h->cap, sizeof *h->found);
	}
	h->found[h->len++] = (struct found){ .hash = hash, .cert = cert_ref(cert) };
}

static bool
was_looked_up(const struct hashed *h, unsigned long hash)
{
	for (size_t i = 0; i < h->len; i++) {
		if (h->found[i].hash == hash)
			return true;
	}
	return false;
}

static void
read_file(struct hashed *h, unsigned long hash, const char *path)
{
	struct objects o = { .len = 0 };
	struct error ignored = { 0 };

	if (objects_read(path, NULL, &o, &ignored) == STATUS_OK) {
		for (size_t i = 0; i < o.len; i++) {
			if (o.items[i].kind == OBJECT_CERT)
				remember(h, hash, o.items[i].cert);
		}
	}
	objects_done(&o);
}

static void
look_up(struct hashed *h, unsigned long hash)
{
	remember(h, hash, NULL);
	for (size_t f = 0; f < h->folders_len; f++) {
		for (int n = 0; n < HASHED_MAX; n++) {
			size_t size = strlen(h->folders[f]) + 32;
			char *path = mem_alloc(size);
			bool there;

			snprintf(path, size, "%s/%08lx.%d", h->folders[f], hash, n);
			there = access(path, F_OK) == 0;
			if (there)
				read_file(h, hash, path);
			free(path);
			if (!there)
				break;
		}
	}
}

size_t
hashed_find(struct hashed *h, const struct cert *c, enum hashed_name which, const struct cert *out[HASHED_MAX])
{
	const X509_NAME *name =
	    which == HASHED_ISSUER ? X509_get_issuer_name(cert_x509(c)) : X509_get_subject_name(cert_x509(c));
	const struct name *wanted = which == HASHED_ISSUER ? &c->issuer : &c->subject;
	int ok = 0;
	unsigned long hash = X509_NAME_hash_ex(name, NULL, NULL, &ok);
	size_t len = 0;

	if (!ok)
		return 0;
	if (!was_looked_up(h, hash))
		look_up(h, hash);
	for (size_t i = 0; i < h->len && len < HASHED_MAX; i++) {
		if (h->found[i].hash == hash && h->found[i].cert != NULL && name_equal(&h->found[i].cert->subject, wanted))
			out[len++] = h->found[i].cert;
	}
	return len;
}

void
hashed_free(struct hashed *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->folders_len; i++)
		free(h->folders[i]);
	for (size_t i = 0; i < h->len; i++)
		cert_free(h->found[i].cert);
	free(h->folders);
	free(h->found);
	free(h);
}
