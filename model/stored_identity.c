#include "model/stored_identity.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/json_scan.h"
#include "model/memory.h"
#include "model/pem_blocks.h"
#include "model/text.h"

#define STAGE "reading"
enum { PLAIN_NAME_MOST = 40 };

/* ---- names ---- */

/* How people spell them: small letters, without what stands between words. */
static const struct {
	const char *name;
	enum stored_part part;
} spellings[] = {
	{ "certificate", STORED_CERT }, { "cert", STORED_CERT }, { "crt", STORED_CERT }, { "tlscrt", STORED_CERT }, { "tlscert", STORED_CERT },
	{ "clientcert", STORED_CERT }, { "clientcertificate", STORED_CERT }, { "clientcrt", STORED_CERT }, { "servercert", STORED_CERT },
	{ "servercertificate", STORED_CERT }, { "servercrt", STORED_CERT }, { "certpem", STORED_CERT }, { "certificatepem", STORED_CERT },
	{ "certificatebody", STORED_CERT }, { "publiccertificate", STORED_CERT }, { "sslcert", STORED_CERT }, { "sslcertificate", STORED_CERT },
	{ "leaf", STORED_CERT }, { "pem", STORED_CERT },
	{ "privatekey", STORED_KEY }, { "key", STORED_KEY }, { "tlskey", STORED_KEY }, { "clientkey", STORED_KEY }, { "serverkey", STORED_KEY },
	{ "clientprivatekey", STORED_KEY }, { "serverprivatekey", STORED_KEY }, { "keypem", STORED_KEY }, { "privatekeypem", STORED_KEY },
	{ "certkey", STORED_KEY }, { "certificatekey", STORED_KEY }, { "certificateprivatekey", STORED_KEY }, { "privkey", STORED_KEY }, { "sslkey", STORED_KEY },
	{ "chain", STORED_CHAIN }, { "certificatechain", STORED_CHAIN }, { "certchain", STORED_CHAIN }, { "cachain", STORED_CHAIN }, { "chainpem", STORED_CHAIN },
	{ "intermediate", STORED_CHAIN }, { "intermediates", STORED_CHAIN }, { "intermediateca", STORED_CHAIN }, { "intermediatecertificate", STORED_CHAIN },
	{ "fullchain", STORED_FULLCHAIN }, { "fullchainpem", STORED_FULLCHAIN }, { "certificatefullchain", STORED_FULLCHAIN },
	{ "rootca", STORED_ROOT }, { "root", STORED_ROOT }, { "ca", STORED_ROOT }, { "cacert", STORED_ROOT }, { "cacrt", STORED_ROOT }, { "capem", STORED_ROOT },
	{ "cacertificate", STORED_ROOT }, { "rootcert", STORED_ROOT }, { "rootcertificate", STORED_ROOT }, { "rootpem", STORED_ROOT }, { "rootcapem", STORED_ROOT },
	{ "trust", STORED_ROOT }, { "truststore", STORED_ROOT }, { "cabundle", STORED_ROOT },
};

static bool
part_named(const char *name, enum stored_part *out)
{
	char plain[PLAIN_NAME_MOST];
	size_t n = 0;

	for (const char *p = name; *p != '\0' && n + 1 < sizeof plain; p++) {
		if (strchr("_-. /", *p) == NULL)
			plain[n++] = *p >= 'A' && *p <= 'Z' ? (char)(*p | 0x20) : *p;
	}
	plain[n] = '\0';
	for (size_t i = 0; i < sizeof spellings / sizeof spellings[0]; i++) {
		if (strcmp(spellings[i].name, plain) != 0)
			continue;
		*out = spellings[i].part;
		return true;
	}
	return false;
}

/* ---- contents ---- */

static void
clear(struct buf *b)
{
	if (b->data != NULL)
		explicit_bzero(b->data, b->cap);
	buf_done(b);
}

static bool
has(const struct buf *b, const char *what)
{
	return b->len > 0 && memmem(b->data, b->len, what, strlen(what)) != NULL;
}

/* A shell's or a YAML file's doing: “\n” as two characters. */
static void
undo_two_characters(struct buf *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->len; i++) {
		if (b->data[i] == '\\' && i + 1 < b->len && (b->data[i + 1] == 'n' || b->data[i + 1] == 'r')) {
			i++;
			if (b->data[i] == 'n')
				b->data[n++] = '\n';
		} else {
			b->data[n++] = b->data[i];
		}
	}
	b->len = n;
	b->data[n] = '\0';
}

/* False: it is no base64 of PEM, and stays as it is. */
static bool
undo_base64(struct buf *b)
{
	char *flat = mem_alloc(b->len + 1);
	unsigned char *bytes = mem_alloc(b->len + 4);
	size_t n = 0;
	int got = -1;
	bool good;

	for (size_t i = 0; i < b->len; i++) {
		if (strchr(" \t\r\n", b->data[i]) == NULL)
			flat[n++] = b->data[i];
	}
	if (n > 0 && n % 4 == 0)
		got = EVP_DecodeBlock(bytes, (const unsigned char *)flat, (int)n);
	for (size_t i = 0; i < 2 && got > 0 && i < n && flat[n - 1 - i] == '='; i++)
		got--;
	good = got > 0 && memmem(bytes, (size_t)got, "-----BEGIN ", 11) != NULL;
	if (good) {
		explicit_bzero(b->data, b->len);
		buf_reset(b);
		buf_add(b, bytes, (size_t)got);
	}
	explicit_bzero(flat, n);
	explicit_bzero(bytes, b->len + 4);
	free(flat);
	free(bytes);
	return good;
}

/* False: there is no PEM in it, in no form. */
static bool
to_pem(struct stored_member *m)
{
	if (has(&m->pem, "-----BEGIN ")) {
		if (!has(&m->pem, "\n") && has(&m->pem, "\\n")) {
			m->form = STORED_TWO_CHARACTERS;
			undo_two_characters(&m->pem);
		}
		return true;
	}
	m->form = STORED_BASE64;
	return undo_base64(&m->pem);
}

static size_t
count(const struct buf *pem, unsigned which)
{
	struct buf blocks = { 0 };
	size_t n = pem->len > 0 ? pem_blocks_copy(pem->data, pem->len, which, &blocks) : 0;

	clear(&blocks);
	return n;
}

/* A key proper: EC PARAMETERS alone are none, and OpenSSH's is for something else. */
static bool
holds_key(const struct stored_member *m)
{
	struct buf blocks = { 0 };
	bool good;

	if (m->pem.len > 0)
		(void)pem_blocks_copy(m->pem.data, m->pem.len, PEM_PRIVATE_KEYS, &blocks);
	good = has(&blocks, "PRIVATE KEY-----") && !has(&blocks, "OPENSSH PRIVATE KEY");
	clear(&blocks);
	return good;
}

/* What it is for: by what is in it, and by its name where that leaves a choice. False: not ours. */
static bool
classify(struct stored_member *m, bool has_name, enum stored_part named)
{
	bool certs = count(&m->pem, PEM_CERTIFICATES) > 0, key = holds_key(m);

	if (!certs && !key)
		return false;
	if (certs && key) {
		m->key_first = pem_blocks_first(m->pem.data, m->pem.len, PEM_PRIVATE_KEYS | PEM_CERTIFICATES) == PEM_PRIVATE_KEYS;
		m->part = STORED_COMBINED;
		return has_name && named != STORED_ROOT && named != STORED_CHAIN;
	}
	m->part = key ? STORED_KEY : named;
	return has_name && (named == STORED_KEY) == key;
}

/* ---- reading ---- */

/* Takes over m's bytes, or clears them. */
static bool
keep(struct stored_identity *k, struct stored_member *m)
{
	if (k->len == STORED_MEMBERS) {
		clear(&m->pem);
		return false;
	}
	k->locked = k->locked || has(&m->pem, "BEGIN ENCRYPTED PRIVATE KEY") || has(&m->pem, "Proc-Type: 4,ENCRYPTED");
	k->members[k->len++] = *m;
	return true;
}

static void
take_member(struct stored_identity *k, const char *text, const struct json_member *from)
{
	struct stored_member m = { .at = from->value, .len = from->value_len };
	enum stored_part named = STORED_CERT;
	struct buf name = { 0 };
	bool has_name;

	if (!from->is_string)
		return;
	json_scan_text(text + from->name, from->name_len, &name);
	has_name = part_named(buf_str(&name), &named);
	snprintf(m.name, sizeof m.name, "%s", has_name ? name.data : "");
	json_scan_text(text + from->value, from->value_len, &m.pem);
	if (!has_name || !to_pem(&m) || !classify(&m, has_name, named) || !keep(k, &m))
		clear(&m.pem);
	buf_done(&name);
}

static bool
read_json(struct stored_identity *k, const char *text, size_t len)
{
	struct json_members *members = mem_zero(1, sizeof *members);
	bool good = json_scan(text, len, members);

	for (size_t i = 0; good && i < members->len; i++)
		take_member(k, text, &members->items[i]);
	free(members);
	return good;
}

static void
read_pem(struct stored_identity *k, const char *text, size_t len)
{
	struct stored_member m = { .len = len };

	buf_add(&m.pem, text, len);
	if (!to_pem(&m) || !classify(&m, true, STORED_CERT) || m.part == STORED_KEY || !keep(k, &m))
		clear(&m.pem);
}

static bool
begins_with(const char *text, size_t len, char c)
{
	size_t i = 0;

	while (i < len && strchr(" \t\r\n", text[i]) != NULL && text[i] != '\0')
		i++;
	return i < len && text[i] == c;
}

status
stored_read(const char *text, size_t len, const char *name, struct stored_identity *out, struct error *err)
{
	*out = (struct stored_identity){ .json = begins_with(text, len, '{') };
	if (out->json && !read_json(out, text, len)) {
		stored_done(out);
		return error_set(err, ERROR_INPUT, STAGE, "%s begins as JSON, and is none that can be read (RFC 8259): expected an object with a certificate in PEM", name);
	}
	if (!out->json)
		read_pem(out, text, len);
	if (stored_has(out, STORED_CERT) || stored_has(out, STORED_FULLCHAIN) || stored_has(out, STORED_COMBINED))
		return STATUS_OK;
	stored_done(out);
	if (len >= 4 && memcmp(text, "\xfe\xed\xfe\xed", 4) == 0)
		return error_set(err, ERROR_INPUT, STAGE, "%s is a Java keystore: expected JSON or PEM", name);
	if (len > 2 && (unsigned char)text[0] == 0x30 && (unsigned char)text[1] >= 0x80)
		return error_set(err, ERROR_INPUT, STAGE, "%s is DER or PKCS#12: expected JSON or PEM", name);
	return error_set(err, ERROR_INPUT, STAGE, "%s holds no certificate that can be found: expected JSON with the members certificate and private_key (PEM), or PEM", name);
}

void
stored_done(struct stored_identity *k)
{
	for (size_t i = 0; i < k->len; i++)
		clear(&k->members[i].pem);
	*k = (struct stored_identity){ .len = 0 };
}

bool
stored_has(const struct stored_identity *k, enum stored_part part)
{
	for (size_t i = 0; i < k->len; i++) {
		if (k->members[i].part == part)
			return true;
	}
	return false;
}

void
stored_names(const struct stored_identity *k, struct buf *out)
{
	for (size_t i = 0; i < k->len && k->json; i++) {
		buf_adds(out, i > 0 ? ", " : "");
		text_safe(out, text_of(k->members[i].name), 0);
	}
	if (!k->json)
		buf_adds(out, "the PEM text");
}

static void
copy(const struct stored_identity *k, enum stored_part part, unsigned which, struct buf *out)
{
	for (size_t i = 0; i < k->len; i++) {
		if (k->members[i].part == part)
			(void)pem_blocks_copy(k->members[i].pem.data, k->members[i].pem.len, which, out);
	}
}

/* Which member says what is sent, the first that is there: one that has all of it before one that has the leaf. */
void
stored_certificates(const struct stored_identity *k, struct buf *out)
{
	static const enum stored_part whole[] = { STORED_FULLCHAIN, STORED_COMBINED, STORED_CERT };
	const struct stored_member *from = NULL;

	for (size_t w = 0; from == NULL && w < sizeof whole / sizeof whole[0]; w++) {
		for (size_t i = 0; from == NULL && i < k->len; i++)
			from = k->members[i].part == whole[w] ? &k->members[i] : NULL;
	}
	if (from == NULL)
		return;
	(void)pem_blocks_copy(from->pem.data, from->pem.len, PEM_CERTIFICATES, out);
	if (from->part != STORED_FULLCHAIN && count(&from->pem, PEM_CERTIFICATES) == 1)
		copy(k, STORED_CHAIN, PEM_CERTIFICATES, out);
}

void
stored_key(const struct stored_identity *k, struct buf *out)
{
	copy(k, stored_has(k, STORED_KEY) ? STORED_KEY : STORED_COMBINED, PEM_PRIVATE_KEYS, out);
}

void
stored_roots(const struct stored_identity *k, struct buf *out)
{
	copy(k, STORED_ROOT, PEM_CERTIFICATES, out);
}
