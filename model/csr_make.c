/* Making a key and a CSR: RFC 2986, RFC 5280 4.1.2.6 and 4.2.1.6. */
#include "model/csr.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/cert_openssl.h"
#include "model/host.h"
#include "model/limits.h"
#include "model/quote.h"

enum { COMMON_NAME_MAX = 64, EMAIL_MAX = 256 };
static const char making[] = "making a certificate request";

static const struct kind {
	const char *label, *curve; /* curve NULL: RSA */
	unsigned bits;
	const char *names[5];      /* lower case, without blanks and hyphens; AWS's and OpenSSL's too */
} kinds[] = {
	[CSR_KEY_P256] = { .label = "EC P-256", .curve = "P-256", .names = { "p256", "ecp256", "prime256v1", "ecprime256v1", "ec" } },
	[CSR_KEY_P384] = { .label = "EC P-384", .curve = "P-384", .names = { "p384", "ecp384", "secp384r1", "ecsecp384r1" } },
	[CSR_KEY_P521] = { .label = "EC P-521", .curve = "P-521", .names = { "p521", "ecp521", "secp521r1", "ecsecp521r1" } },
	[CSR_KEY_RSA2048] = { .label = "RSA 2048", .bits = 2048, .names = { "rsa2048", "rsa" } },
	[CSR_KEY_RSA3072] = { .label = "RSA 3072", .bits = 3072, .names = { "rsa3072" } },
	[CSR_KEY_RSA4096] = { .label = "RSA 4096", .bits = 4096, .names = { "rsa4096" } },
};

bool
csr_key_named(const char *text, enum csr_key *out)
{
	char bare[24];
	size_t n = 0;

	for (; *text != '\0' && n < sizeof bare - 1; text++)
		if (strchr(" -_:", *text) == NULL)
			bare[n++] = *text;
	bare[n] = '\0';
	for (size_t i = 0; *text == '\0' && i < sizeof kinds / sizeof kinds[0]; i++)
		for (size_t k = 0; k < sizeof kinds[i].names / sizeof kinds[i].names[0] && kinds[i].names[k] != NULL; k++)
			if (strcasecmp(kinds[i].names[k], bare) == 0) {
				*out = (enum csr_key)i;
				return true;
			}
	return false;
}

const char *
csr_key_label(enum csr_key k)
{
	return kinds[k].label;
}

static EVP_PKEY *
new_key(enum csr_key k)
{
	return kinds[k].curve != NULL ? EVP_EC_gen(kinds[k].curve) : EVP_RSA_gen(kinds[k].bits);
}

/* As strong as the key: the habit of CAs, and what AWS's own do. */
static const EVP_MD *
digest_of(const EVP_PKEY *key)
{
	switch (EVP_PKEY_get_base_id(key)) {
	case EVP_PKEY_ED25519:
	case EVP_PKEY_ED448:
		return NULL;
	case EVP_PKEY_EC:
		return EVP_PKEY_get_bits(key) > 384 ? EVP_sha512() : EVP_PKEY_get_bits(key) > 256 ? EVP_sha384() : EVP_sha256();
	default:
		return EVP_sha256();
	}
}

static status
no_memory(struct error *err)
{
	return error_set(err, ERROR_INTERNAL, making, "OpenSSL did not make the certificate request");
}

/* ---- names ---- */

static bool
printable_ascii(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text <= ' ' || (unsigned char)*text > '~')
			return false;
	return true;
}

static status
bad_name(struct error *err, const char *name, const char *why)
{
	char shown[QUOTE_MAX];

	return error_set(err, ERROR_USAGE, making, "“%s” is no name for a certificate: %s", quote_str(name, shown), why);
}

/* One name by its form, or by a prefix as OpenSSL has them. type, and its text into value. */
static status
name_form(const char *name, int *type, char *value, size_t size, struct error *err)
{
	static const struct {
		const char *prefix;
		int type;
	} prefixes[] = {
		{ "DNS:", GEN_DNS }, { "IP:", GEN_IPADD }, { "URI:", GEN_URI }, { "email:", GEN_EMAIL },
	};
	const char *bare = name;
	char why[HOST_WHY_MAX];
	struct host host;
	bool wild;

	*type = -1;
	for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0] && *type < 0; i++)
		if (strncasecmp(name, prefixes[i].prefix, strlen(prefixes[i].prefix)) == 0) {
			*type = prefixes[i].type;
			bare = name + strlen(prefixes[i].prefix);
		}
	if (*type < 0)
		*type = strstr(bare, "://") != NULL || strncmp(bare, "urn:", 4) == 0 ? GEN_URI : strchr(bare, '@') != NULL ? GEN_EMAIL : GEN_DNS;
	if (*type == GEN_URI || *type == GEN_EMAIL) {
		if (bare[0] == '\0' || !printable_ascii(bare))
			return bad_name(err, name, "it is empty or has a character that is not printable ASCII");
		if (strlen(bare) > (*type == GEN_URI ? LIMIT_HOST : EMAIL_MAX) || strlen(bare) >= size)
			return bad_name(err, name, *type == GEN_URI ? "the private CA takes 253 bytes at most" : "the private CA takes 256 bytes at most");
		if (*type == GEN_URI && (strchr(bare, ':') == NULL || bare[0] == ':'))
			return bad_name(err, name, "a URI begins with a scheme and a colon");
		if (*type == GEN_EMAIL && (bare[0] == '@' || strchr(bare, '@') == NULL || strchr(bare, '@')[1] == '\0'))
			return bad_name(err, name, "an e-mail address has something on both sides of its @");
		memcpy(value, bare, strlen(bare) + 1);
		return STATUS_OK;
	}
	wild = *type == GEN_DNS && strncmp(bare, "*.", 2) == 0;
	if (!host_read(bare + (wild ? 2 : 0), strlen(bare) - (wild ? 2 : 0), &host, why))
		return bad_name(err, name, why);
	if ((wild && host.is_ip) || (host.is_ip != (*type == GEN_IPADD) && bare != name))
		return bad_name(err, name, host.is_ip ? "it is an IP address" : "it is no IP address");
	*type = host.is_ip ? GEN_IPADD : GEN_DNS;
	if (strlen(host.name) + 3 > size || strlen(host.name) + (wild ? 2 : 0) > LIMIT_HOST)
		return bad_name(err, name, "it is longer than 253 bytes");
	memcpy(value, "*.", 2);
	memcpy(value + (wild ? 2 : 0), host.name, strlen(host.name) + 1);
	return STATUS_OK;
}

static GENERAL_NAME *
general_name(int type, const char *value)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_STRING *s = type == GEN_IPADD ? a2i_IPADDRESS(value) : ASN1_IA5STRING_new();

	if (g == NULL || s == NULL || (type != GEN_IPADD && ASN1_STRING_set(s, value, -1) != 1)) {
		GENERAL_NAME_free(g);
		ASN1_STRING_free(s);
		return NULL;
	}
	GENERAL_NAME_set0_value(g, type, s);
	return g;
}

static bool
has_name(const GENERAL_NAMES *names, GENERAL_NAME *g)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++)
		if (GENERAL_NAME_cmp(sk_GENERAL_NAME_value(names, i), g) == 0)
			return true;
	return false;
}

static status
add_names(X509_REQ *csr, const struct csr_wish *w, bool critical, struct error *err)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	STACK_OF(X509_EXTENSION) *list = NULL;
	status st = names != NULL ? STATUS_OK : no_memory(err);

	for (size_t i = 0; i < w->names_len && st == STATUS_OK; i++) {
		char value[LIMIT_HOST + EMAIL_MAX];
		GENERAL_NAME *g;
		int type;

		st = name_form(w->names[i], &type, value, sizeof value, err);
		if (st != STATUS_OK)
			break;
		g = general_name(type, value);
		if (g != NULL && has_name(names, g))
			GENERAL_NAME_free(g); /* named twice is meant once */
		else if (g == NULL || sk_GENERAL_NAME_push(names, g) <= 0) {
			GENERAL_NAME_free(g);
			st = no_memory(err);
		}
	}
	if (st == STATUS_OK && (X509V3_add1_i2d(&list, NID_subject_alt_name, names, critical, X509V3_ADD_APPEND) != 1 ||
	    X509_REQ_add_extensions(csr, list) != 1))
		st = no_memory(err);
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	GENERAL_NAMES_free(names);
	return st;
}

static bool
given(const char *text)
{
	return text != NULL && text[0] != '\0';
}

static status
set_subject(X509_REQ *csr, const struct csr_wish *w, struct error *err)
{
	const struct {
		const char *what, *value;
		int nid;
		size_t max;
	} parts[] = {
		{ "country", w->country, NID_countryName, 2 },
		{ "organization", w->organization, NID_organizationName, 64 },
		{ "organizational unit", w->organizational_unit, NID_organizationalUnitName, 64 },
		{ "common name", w->common_name, NID_commonName, COMMON_NAME_MAX },
	};
	X509_NAME *name = X509_NAME_new();
	status st = name != NULL ? STATUS_OK : no_memory(err);
	char shown[QUOTE_MAX];

	for (size_t i = 0; i < sizeof parts / sizeof parts[0] && st == STATUS_OK; i++) {
		if (!given(parts[i].value))
			continue;
		if (strlen(parts[i].value) > parts[i].max)
			st = error_set(err, ERROR_USAGE, making, "the %s “%s” has %zu bytes, and a certificate takes %zu at most%s", parts[i].what,
			    quote_str(parts[i].value, shown), strlen(parts[i].value), parts[i].max,
			    parts[i].nid == NID_commonName ? ": a longer name goes among the alternative names" : "");
		else if (text_flags(text_of(parts[i].value)) & TEXT_HOSTILE)
			st = error_set(err, ERROR_USAGE, making, "the %s “%s” holds characters that nobody can see or that are no UTF-8", parts[i].what,
			    quote_str(parts[i].value, shown));
		else if (X509_NAME_add_entry_by_NID(name, parts[i].nid, MBSTRING_UTF8, (const unsigned char *)parts[i].value, -1, -1, 0) != 1)
			st = error_set(err, ERROR_USAGE, making, "the %s “%s” cannot be written in a certificate%s", parts[i].what,
			    quote_str(parts[i].value, shown), parts[i].nid == NID_countryName ? ": it has two letters" : "");
	}
	if (st == STATUS_OK && X509_REQ_set_subject_name(csr, name) != 1)
		st = no_memory(err);
	X509_NAME_free(name);
	return st;
}

/* ---- the whole ---- */

/* What is in the BIO, which is cleansed as it goes. */
static char *
take(BIO *bio, size_t *len)
{
	char *bytes = NULL;
	long n = BIO_get_mem_data(bio, &bytes);

	*len = n > 0 ? (size_t)n : 0;
	return mem_strndup(bytes, *len);
}

status
csr_make(const struct csr_wish *w, struct csr_pair *out, struct error *err)
{
	bool named = given(w->common_name) || given(w->organization) || given(w->organizational_unit) || given(w->country);
	X509_REQ *csr = X509_REQ_new();
	EVP_PKEY *key = NULL;
	BIO *text = BIO_new(BIO_s_mem()), *secret = BIO_new(BIO_s_secmem());
	status st = STATUS_OK;

	*out = (struct csr_pair){ 0 };
	if (csr == NULL || text == NULL || secret == NULL)
		st = no_memory(err);
	else if (!named && w->names_len == 0)
		st = error_set(err, ERROR_USAGE, making, "a certificate needs a common name or an alternative name, and there is neither");
	else if (w->key != NULL && (!w->key->is_private || key_evp(w->key) == NULL))
		st = error_set(err, ERROR_USAGE, making, "the key for the request is not a private key");
	/* Names first: a key of 4,096 bits takes seconds. */
	if (st == STATUS_OK)
		st = set_subject(csr, w, err);
	if (st == STATUS_OK && w->names_len > 0)
		st = add_names(csr, w, !named, err);
	if (st == STATUS_OK) {
		if (w->key != NULL) {
			key = key_evp(w->key);
			EVP_PKEY_up_ref(key);
		} else {
			key = new_key(w->kind);
		}
		if (key == NULL || X509_REQ_set_version(csr, X509_REQ_VERSION_1) != 1 || X509_REQ_set_pubkey(csr, key) != 1 ||
		    X509_REQ_sign(csr, key, digest_of(key)) <= 0 || PEM_write_bio_X509_REQ(text, csr) != 1 ||
		    (w->key == NULL && PEM_write_bio_PKCS8PrivateKey(secret, key, NULL, NULL, 0, NULL, NULL) != 1))
			st = no_memory(err);
	}
	if (st == STATUS_OK) {
		out->csr = take(text, &out->csr_len);
		if (w->key == NULL)
			out->key = take(secret, &out->key_len);
	}
	BIO_free(secret);
	BIO_free(text);
	EVP_PKEY_free(key);
	X509_REQ_free(csr);
	ERR_clear_error();
	return st;
}

void
csr_pair_done(struct csr_pair *p)
{
	free(p->csr);
	if (p->key != NULL)
		OPENSSL_cleanse(p->key, p->key_len);
	free(p->key);
	*p = (struct csr_pair){ 0 };
}
