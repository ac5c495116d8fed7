/* New certificates and a new key into the text that keeps them, every other byte as it was. */
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "model/json_scan.h"
#include "model/stored_identity.h"
#include "model/memory.h"
#include "model/pem_blocks.h"

static void
clear(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_done(b);
}

/* What stands between PEM's first and last line, without line ends: two texts of one certificate are equal so. */
static void
flat(const char *pem, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (strchr(" \t\r\n", pem[i]) == NULL)
			buf_addc(out, pem[i]);
	}
}

static bool
has_root(const struct buf *pem, const char *root)
{
	struct buf all = { 0 }, one = { 0 };
	bool found;

	flat(pem->data, pem->len, &all);
	flat(root, strlen(root), &one);
	found = one.len > 0 && all.len > 0 && memmem(all.data, all.len, one.data, one.len) != NULL;
	buf_done(&all);
	buf_done(&one);
	return found;
}

static void
add_key(const struct stored_member *m, const struct stored_new *n, struct buf *out)
{
	if (n->key != NULL)
		buf_adds(out, n->key);
	else
		(void)pem_blocks_copy(m->pem.data, m->pem.len, PEM_PRIVATE_KEYS, out);
}

static bool
chain_apart(const struct stored_identity *k, const struct stored_member *m)
{
	struct buf certs = { 0 };
	size_t n = pem_blocks_copy(m->pem.data, m->pem.len, PEM_CERTIFICATES, &certs);

	clear(&certs);
	return stored_has(k, STORED_CHAIN) && n == 1;
}

/* False: it stays as it is. */
static bool
new_pem(const struct stored_identity *k, const struct stored_member *m, const struct stored_new *n, struct buf *out)
{
	switch (m->part) {
	case STORED_CERT: buf_adds(out, chain_apart(k, m) ? n->cert : n->fullchain); return true;
	case STORED_FULLCHAIN: buf_adds(out, n->fullchain); return true;
	case STORED_CHAIN: buf_adds(out, n->chain); return true;
	case STORED_KEY: buf_adds(out, n->key != NULL ? n->key : ""); return n->key != NULL;
	case STORED_ROOT:
		if (n->root == NULL || n->root[0] == '\0' || has_root(&m->pem, n->root))
			return false;
		(void)pem_blocks_copy(m->pem.data, m->pem.len, PEM_CERTIFICATES | PEM_OTHERS, out);
		buf_adds(out, n->root);
		return true;
	case STORED_COMBINED:
		if (m->key_first)
			add_key(m, n, out);
		buf_adds(out, n->fullchain);
		if (!m->key_first)
			add_key(m, n, out);
		(void)pem_blocks_copy(m->pem.data, m->pem.len, PEM_OTHERS, out);
		return true;
	}
	return false;
}

/* As the old one ended: PEM in JSON often has no newline at its end. */
static void
end_alike(const struct stored_member *m, struct buf *pem)
{
	if (m->pem.len > 0 && m->pem.data[m->pem.len - 1] != '\n' && pem->len > 0 && pem->data[pem->len - 1] == '\n')
		pem->data[--pem->len] = '\0';
}

static void
into_form(enum stored_form form, const struct buf *pem, struct buf *out)
{
	size_t room = (pem->len + 2) / 3 * 4 + 1;

	if (form == STORED_BASE64) {
		char *code = mem_alloc(room);

		buf_add(out, code, (size_t)EVP_EncodeBlock((unsigned char *)code, (const unsigned char *)pem->data, (int)pem->len));
		explicit_bzero(code, room);
		free(code);
		return;
	}
	for (size_t i = 0; i < pem->len; i++) {
		if (form == STORED_TWO_CHARACTERS && pem->data[i] == '\n')
			buf_adds(out, "\\n");
		else
			buf_addc(out, pem->data[i]);
	}
}

static void
add_value(const struct stored_identity *k, const struct stored_member *m, const char *text, const struct stored_new *n, struct buf *out)
{
	struct buf pem = { 0 }, formed = { 0 };

	if (!new_pem(k, m, n, &pem)) {
		buf_add(out, text + m->at, m->len);
	} else if (pem.len == 0) {
		buf_adds(out, k->json ? "\"\"" : ""); /* a root signed it itself: it has no chain */
	} else {
		end_alike(m, &pem);
		into_form(m->form, &pem, &formed);
		if (k->json)
			json_scan_quote(formed.data, formed.len, out);
		else
			buf_add(out, formed.data, formed.len);
	}
	clear(&pem);
	clear(&formed);
}

status
stored_replace(const struct stored_identity *k, const char *text, size_t len, const char *name, const struct stored_new *n, struct buf *out,
    struct error *err)
{
	size_t at = 0;

	if (n->key != NULL && !stored_has(k, STORED_KEY) && !stored_has(k, STORED_COMBINED))
		return error_set(err, ERROR_INPUT, "writing", "%s has no private key in PEM that a new one could replace: expected a member private_key, or keep the key", name);
	for (size_t i = 0; i < k->len; i++) {
		const struct stored_member *m = &k->members[i];

		buf_add(out, text + at, m->at - at);
		add_value(k, m, text, n, out);
		at = m->at + m->len;
	}
	buf_add(out, text + at, len - at);
	return STATUS_OK;
}
