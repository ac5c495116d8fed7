#include "fixes/pca_files.h"

#include <string.h>

#include "model/objects.h"

static status
read_pem(const char *pem, const char *what, struct arena *a, const struct cert ***list, size_t *len, size_t *cap, struct error *err)
{
	struct objects objects = { .len = 0 };
	struct read_options how = { .folders = false };
	struct error why = { .code = ERROR_NONE };
	status result = objects_parse((const unsigned char *)pem, strlen(pem), what, &how, &objects, &why);

	for (size_t i = 0; result == STATUS_OK && i < objects.len; i++) {
		if (objects.items[i].kind != OBJECT_CERT)
			continue;
		*list = arena_grow(a, *list, *len, cap, sizeof **list);
		(*list)[(*len)++] = cert_ref(objects.items[i].cert);
	}
	if (result != STATUS_OK)
		result = error_set(err, ERROR_AWS, "asking AWS", "what AWS gave as %s cannot be read: %s", what, why.text);
	objects_done(&objects);
	return result;
}

static const char *
pem_of(struct arena *a, const struct cert *const *certs, size_t len)
{
	struct buf b = { 0 };
	const char *out;

	for (size_t i = 0; i < len; i++)
		cert_pem(certs[i], &b);
	out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}

/* Each signs the one before it. */
static const char *
doubt_of(struct arena *a, const struct cert *const *all, size_t len)
{
	size_t checks = 0;

	for (size_t i = 0; i + 1 < len; i++) {
		if (!cert_signed_by(all[i], all[i + 1], &checks))
			return arena_printf(a, "“%s” is not signed by “%s”, which follows it in AWS's chain", all[i]->subject.common_name,
			    all[i + 1]->subject.common_name);
	}
	return NULL;
}

status
pca_files_make(const struct pca_certificate *from, struct arena *a, struct pca_files *out, struct error *err)
{
	const struct cert **all = NULL;
	size_t len = 0, cap = 0, upto;

	*out = (struct pca_files){ .leaf = NULL };
	if (read_pem(from->pem, "the certificate", a, &all, &len, &cap, err) != STATUS_OK)
		return STATUS_FAILED;
	if (len != 1) {
		for (size_t i = 0; i < len; i++)
			cert_free(all[i]);
		return error_set(err, ERROR_AWS, "asking AWS", "AWS gave %zu certificates where one was expected", len);
	}
	if (from->chain != NULL && from->chain[0] != '\0' && read_pem(from->chain, "the chain", a, &all, &len, &cap, err) != STATUS_OK) {
		cert_free(all[0]);
		return STATUS_FAILED;
	}
	out->leaf = all[0];
	upto = len;
	if (all[len - 1]->self_signed) {
		out->root = len == 1 ? cert_ref(all[0]) : all[len - 1];
		upto = len == 1 ? 1 : len - 1;
	}
	out->chain = all + 1;
	out->chain_len = upto - 1;
	out->cert_pem = pem_of(a, all, 1);
	out->chain_pem = pem_of(a, out->chain, out->chain_len);
	out->fullchain_pem = pem_of(a, all, upto);
	out->root_pem = out->root != NULL ? pem_of(a, &out->root, 1) : NULL;
	out->doubt = doubt_of(a, all, len);
	return STATUS_OK;
}

void
pca_files_done(struct pca_files *f)
{
	cert_free(f->leaf);
	for (size_t i = 0; i < f->chain_len; i++)
		cert_free(f->chain[i]);
	cert_free(f->root);
	*f = (struct pca_files){ .leaf = NULL };
}

status
pca_files_stage(const struct pca_files *f, struct file_set *to, struct error *err)
{
	if (file_set_stage(to, "cert.pem", f->cert_pem, strlen(f->cert_pem), false, err) != STATUS_OK ||
	    file_set_stage(to, "chain.pem", f->chain_pem, strlen(f->chain_pem), false, err) != STATUS_OK ||
	    file_set_stage(to, "fullchain.pem", f->fullchain_pem, strlen(f->fullchain_pem), false, err) != STATUS_OK)
		return STATUS_FAILED;
	return f->root_pem == NULL ? STATUS_OK : file_set_stage(to, "root.pem", f->root_pem, strlen(f->root_pem), false, err);
}
