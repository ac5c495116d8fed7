#include "aws/pca_pem.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "model/buf.h"
#include "model/limits.h"

enum { PEM_LINE = 64, DER_SEQUENCE = 0x30 };

#define PEM_DASHES "-----"
#define PEM_BLANKS " \t\r\n\v\f"

/* What a block may be called: the first name of a kind is the one that is written. */
static const struct {
	enum pca_pem_kind kind;
	const char *label;
} labels[] = {
	{ PCA_PEM_CERTIFICATE, "CERTIFICATE" },
	{ PCA_PEM_CERTIFICATE, "X509 CERTIFICATE" },
	{ PCA_PEM_CSR, "CERTIFICATE REQUEST" },
	{ PCA_PEM_CSR, "NEW CERTIFICATE REQUEST" },
};
static const size_t labels_len = sizeof labels / sizeof labels[0];

static const char *
label_of(enum pca_pem_kind kind)
{
	size_t i = 0;

	while (labels[i].kind != kind)
		i++;
	return labels[i].label;
}

static bool
wanted(enum pca_pem_kind kind, const char *label, size_t len)
{
	for (size_t i = 0; i < labels_len; i++)
		if (labels[i].kind == kind && strlen(labels[i].label) == len && memcmp(labels[i].label, label, len) == 0)
			return true;
	return false;
}

/* A block as it was found: its label and what is between its two lines; both borrowed. */
struct found {
	const char *label, *body;
	size_t label_len, body_len;
	const char *after;
};

/* The next BEGIN line's label; false where there is none. */
static bool
next_begin(const char *text, struct found *f)
{
	static const char begin[] = PEM_DASHES "BEGIN ";
	const char *at, *end;

	while ((at = strstr(text, begin)) != NULL) {
		at += sizeof begin - 1;
		end = strstr(at, PEM_DASHES);
		if (end == NULL)
			return false;
		f->label = at;
		f->label_len = (size_t)(end - at);
		f->body = end + strlen(PEM_DASHES);
		if (memchr(at, '\n', f->label_len) == NULL)
			return true;
		text = at; /* a line that only begins like one */
	}
	return false;
}

/* To the END line of the same label; false where it is missing. */
static bool
find_end(struct found *f)
{
	static const char end[] = PEM_DASHES "END ";
	const char *at = f->body;

	while ((at = strstr(at, end)) != NULL) {
		const char *label = at + sizeof end - 1;

		if (strncmp(label, f->label, f->label_len) == 0 && strncmp(label + f->label_len, PEM_DASHES, strlen(PEM_DASHES)) == 0) {
			f->body_len = (size_t)(at - f->body);
			f->after = label + f->label_len + strlen(PEM_DASHES);
			return true;
		}
		at = label;
	}
	return false;
}

/* The base64 without its blanks, NUL after it; its length. */
static size_t
squeeze(const struct found *f, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < f->body_len; i++)
		if (f->body[i] != '\0' && strchr(PEM_BLANKS, f->body[i]) == NULL)
			out[n++] = f->body[i];
	out[n] = '\0';
	return n;
}

/* Base64, whole, of something that begins as a DER structure does. */
static bool
is_der(const char *code, size_t len)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned char first[4];
	size_t plain = strspn(code, alphabet);

	if (len < 4 || len % 4 != 0 || len - plain > 2 || strspn(code + plain, "=") != len - plain)
		return false;
	return EVP_DecodeBlock(first, (const unsigned char *)code, 4) == 3 && first[0] == DER_SEQUENCE;
}

static const char *
rewritten(struct arena *a, enum pca_pem_kind kind, const char *code, size_t len)
{
	struct buf b = { 0 };
	const char *text;

	buf_addf(&b, PEM_DASHES "BEGIN %s" PEM_DASHES "\n", label_of(kind));
	for (size_t i = 0; i < len; i += PEM_LINE) {
		buf_add(&b, code + i, len - i < PEM_LINE ? len - i : PEM_LINE);
		buf_addc(&b, '\n');
	}
	buf_addf(&b, PEM_DASHES "END %s" PEM_DASHES "\n", label_of(kind));
	text = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return text;
}

bool
pca_pem_split(const char *text, enum pca_pem_kind kind, struct arena *a, const char ***out, size_t *len, const char **why)
{
	struct found f;
	size_t cap = 0;

	*out = NULL;
	*len = 0;
	while (next_begin(text, &f)) {
		char *code;
		size_t n;

		if (!find_end(&f)) {
			*why = "is cut: its END line is missing";
			return false;
		}
		text = f.after;
		if (!wanted(kind, f.label, f.label_len))
			continue;
		if (*len == LIMIT_CHAIN_CERTS) {
			*why = "has more blocks than are taken";
			return false;
		}
		code = mem_alloc(f.body_len + 1);
		n = squeeze(&f, code);
		if (!is_der(code, n)) {
			free(code);
			*why = "is damaged: what is between its lines is no base64 of DER";
			return false;
		}
		*out = arena_grow(a, *out, *len, &cap, sizeof **out);
		(*out)[(*len)++] = rewritten(a, kind, code, n);
		free(code);
	}
	if (*len == 0)
		*why = kind == PCA_PEM_CSR ? "has no -----BEGIN CERTIFICATE REQUEST-----" : "has no -----BEGIN CERTIFICATE-----";
	return *len > 0;
}

const char *
pca_pem_join(const char *text, enum pca_pem_kind kind, struct arena *a, size_t *len, const char **why)
{
	struct buf b = { 0 };
	const char **blocks, *joined;

	if (!pca_pem_split(text, kind, a, &blocks, len, why))
		return NULL;
	for (size_t i = 0; i < *len; i++)
		buf_adds(&b, blocks[i]);
	joined = arena_strndup(a, b.data, b.len);
	buf_done(&b);
	return joined;
}
