/* Keys: PKCS#8 (RFC 5958), traditional ones, both encrypted or not, public keys. */
#include "model/objects_reader.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "model/cert_openssl.h"
#include "model/limits.h"
#include "model/quote.h"

#define OID(s) { (const unsigned char *)(s), sizeof(s) - 1 }
#define DSA_WORK 100000 /* 50 ms of a modular power, in iterations: see LIMIT_DSA_BITS */
#define WALK_DEPTH 8

static const struct text slow_algorithms[] = {
	OID("\x2a\x86\x48\xce\x38\x04\x01"),         /* DSA */
	OID("\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01"), /* DH, PKCS#3 */
	OID("\x2a\x86\x48\xce\x3e\x02\x01"),         /* DH, X9.42 */
};

/* The algorithm of PKCS#8 stands after the version, that of a public key is the first thing in it. */
static bool
names_slow_algorithm(struct text der)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(der, &trouble), outer, algorithm;
	struct der_value version, oid;

	if (!der_enter(&d, DER_SEQUENCE, &outer, "the key"))
		return false;
	(void)der_optional(&outer, DER_INTEGER, &version, "the version");
	if (!der_enter(&outer, DER_SEQUENCE, &algorithm, "the algorithm") || !der_expect(&algorithm, DER_OID, &oid, "its name"))
		return false;
	for (size_t i = 0; i < sizeof slow_algorithms / sizeof slow_algorithms[0]; i++) {
		if (text_equal(slow_algorithms[i], oid.content))
			return true;
	}
	return false;
}

/* The largest INTEGER in it, in bits; octet and bit strings are looked into where they hold ASN.1. */
static int
largest_number(struct text bytes, int depth)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(bytes, &trouble);
	struct der_value v;
	int most = 0, bits;

	while (!der_at_end(&d) && der_next(&d, &v, "a value")) {
		struct text inside = v.content;

		bits = 0;
		if (v.tag == DER_INTEGER) {
			bits = der_integer_bits(v.content);
		} else if (depth < WALK_DEPTH) {
			if (v.tag == DER_BIT_STRING && inside.len > 0)
				inside = (struct text){ inside.bytes + 1, inside.len - 1 };
			if ((v.tag & 0x20) != 0 || v.tag == DER_OCTET_STRING || v.tag == DER_BIT_STRING)
				bits = largest_number(inside, depth + 1);
		}
		if (bits > most)
			most = bits;
	}
	return most;
}

/* OpenSSL computes the public half of a DSA or DH key while it reads the private one. */
static bool
is_affordable(struct reader *r, enum blob kind, struct text der)
{
	int bits;

	if (der.len > LIMIT_KEY_DER) {
		reader_damaged(r, "the key has %zu bytes; at most %d are read", der.len, LIMIT_KEY_DER);
		return false;
	}
	if (kind != BLOB_KEY_DSA && !names_slow_algorithm(der))
		return true;
	bits = largest_number(der, 0);
	if (bits > LIMIT_DSA_BITS) {
		reader_damaged(r, "a DSA or DH key with a number of %d bits; at most %d are read", bits, LIMIT_DSA_BITS);
		return false;
	}
	if (!reader_spend(r, DSA_WORK)) {
		reader_damaged(r, "too many keys that are slow to read; this one was left out");
		return false;
	}
	return true;
}

static EVP_PKEY *
from_pkcs8(const unsigned char *p, long len)
{
	PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, len);
	EVP_PKEY *pkey = info == NULL ? NULL : EVP_PKCS82PKEY(info);

	PKCS8_PRIV_KEY_INFO_free(info);
	return pkey;
}

static EVP_PKEY *
decode(enum blob kind, struct text der)
{
	const unsigned char *p = der.bytes;
	long len = (long)der.len;

	switch (kind) {
	case BLOB_PKCS8: return from_pkcs8(p, len);
	case BLOB_KEY_RSA: return d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, len);
	case BLOB_KEY_EC: return d2i_PrivateKey(EVP_PKEY_EC, NULL, &p, len);
	case BLOB_KEY_DSA: return d2i_PrivateKey(EVP_PKEY_DSA, NULL, &p, len);
	case BLOB_PUBLIC_KEY: return d2i_PUBKEY(NULL, &p, len);
	case BLOB_PUBLIC_KEY_RSA: return d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, len);
	default: return NULL;
	}
}

static void
set_container(struct reader *r, enum blob kind, bool was_encrypted)
{
	if (strcmp(r->container, "PKCS#12") == 0)
		return;
	if (kind == BLOB_PKCS8)
		r->container = was_encrypted ? "encrypted PKCS#8" : "PKCS#8";
	else if (blob_is_private_key(kind))
		r->container = was_encrypted ? "encrypted traditional" : "traditional";
}

void
key_read(struct reader *r, enum blob kind, struct text der, bool was_encrypted)
{
	bool is_private = blob_is_private_key(kind);
	EVP_PKEY *pkey = NULL;
	struct object *o;

	set_container(r, kind, was_encrypted);
	if (!is_affordable(r, kind, der))
		return;
	pkey = decode(kind, der);
	if (pkey == NULL) {
		const char *reason = ERR_reason_error_string(ERR_peek_last_error());

		reader_damaged(r, "%s that OpenSSL cannot use: %s", blob_name(kind), reason == NULL ? "no reason given" : reason);
		ERR_clear_error();
		return;
	}
	ERR_clear_error();
	o = reader_add(r, is_private ? OBJECT_KEY : OBJECT_PUBLIC_KEY);
	if (o == NULL)
		EVP_PKEY_free(pkey);
	else
		o->key = key_from_evp(pkey, is_private, was_encrypted);
}

/* The decrypted PKCS#8 goes the same way as one that never was encrypted. */
static void
read_opened(struct reader *r, PKCS8_PRIV_KEY_INFO *info)
{
	unsigned char *der = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);

	if (len <= 0)
		reader_damaged(r, "the private key is damaged");
	else
		key_read(r, BLOB_PKCS8, (struct text){ der, (size_t)len }, true);
	if (len > 0)
		OPENSSL_clear_free(der, (size_t)len);
}

void
key_read_encrypted(struct reader *r, struct text der)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(der, &trouble), outer;
	struct der_value algorithm, data;
	const unsigned char *p = der.bytes;
	char why[KDF_WHY_MAX], explained[DER_EXPLAIN_MAX];
	const char *passphrase;
	PKCS8_PRIV_KEY_INFO *info = NULL;
	X509_SIG *sig = NULL;
	struct kdf kdf;

	if (strcmp(r->container, "PKCS#12") != 0)
		r->container = "encrypted PKCS#8";
	if (!der_enter(&d, DER_SEQUENCE, &outer, "the encrypted key") ||
	    !der_expect(&outer, DER_SEQUENCE, &algorithm, "how it is encrypted") ||
	    !der_expect(&outer, DER_OCTET_STRING, &data, "the encrypted bytes")) {
		reader_damaged(r, "the encrypted private key is damaged: %s", der_explain(&trouble, explained, sizeof explained));
		return;
	}
	if (!kdf_read(algorithm.whole, &kdf, why)) {
		reader_damaged(r, "the encrypted private key is not opened: %s", why);
		return;
	}
	if (kdf.legacy && legacy_context() == NULL) {
		reader_damaged(r, LEGACY_MISSING, "the private key", kdf.name);
		return;
	}
	passphrase = reader_passphrase(r);
	if (passphrase == NULL) {
		reader_locked(r, "the private key", false);
		return;
	}
	if (!reader_spend(r, kdf.work)) {
		reader_damaged(r, TOO_DEAR, "the encrypted private key", LIMIT_KDF_TOTAL);
		return;
	}
	sig = d2i_X509_SIG(NULL, &p, (long)der.len);
	if (sig != NULL)
		info = PKCS8_decrypt_ex(sig, passphrase, (int)strlen(passphrase), kdf.legacy ? legacy_context() : NULL, NULL);
	if (info == NULL)
		reader_locked(r, "the private key", true);
	else
		read_opened(r, info);
	PKCS8_PRIV_KEY_INFO_free(info);
	X509_SIG_free(sig);
	ERR_clear_error();
}

/* RFC 1421's encryption as OpenSSL does it: MD5 once over passphrase and IV, and a block cipher. Decrypts in place. */
static bool
decrypt_legacy_pem(const EVP_CIPHER *cipher, const EVP_CIPHER_INFO *info, const char *passphrase, unsigned char *data,
    int *len)
{
	unsigned char key[EVP_MAX_KEY_LENGTH];
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0, last = 0;
	bool ok;

	ok = ctx != NULL &&
	    EVP_BytesToKey(cipher, EVP_md5(), info->iv, (const unsigned char *)passphrase, (int)strlen(passphrase), 1, key,
	        NULL) > 0 &&
	    EVP_DecryptInit_ex2(ctx, cipher, key, info->iv, NULL) == 1 && EVP_DecryptUpdate(ctx, data, &n, data, *len) == 1 &&
	    EVP_DecryptFinal_ex(ctx, data + n, &last) == 1;
	*len = n + last;
	EVP_CIPHER_CTX_free(ctx);
	OPENSSL_cleanse(key, sizeof key);
	return ok;
}

/* NULL where neither provider has it. */
static EVP_CIPHER *
fetch_cipher(const char *name)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);

	if (cipher == NULL && legacy_context() != NULL)
		cipher = EVP_CIPHER_fetch(legacy_context(), name, NULL);
	return cipher;
}

void
key_read_legacy_pem(struct reader *r, enum blob kind, char *headers, unsigned char *data, size_t len)
{
	EVP_CIPHER_INFO info = { .cipher = NULL };
	char shown[QUOTE_MAX];
	const char *passphrase;
	EVP_CIPHER *cipher = NULL;
	int n = (int)len;

	r->container = "encrypted traditional";
	if (len > LIMIT_KEY_DER) {
		reader_damaged(r, "the key has %zu bytes; at most %d are read", len, LIMIT_KEY_DER);
		return;
	}
	if (PEM_get_EVP_CIPHER_INFO(headers, &info) != 1 || info.cipher == NULL) {
		reader_damaged(r, "the private key's encryption is not understood; expected “Proc-Type: 4,ENCRYPTED” and “DEK-Info: CIPHER,IV”");
		goto out;
	}
	cipher = fetch_cipher(EVP_CIPHER_get0_name(info.cipher));
	if (cipher == NULL) {
		reader_damaged(r, LEGACY_MISSING, "the private key", quote_str(EVP_CIPHER_get0_name(info.cipher), shown));
		goto out;
	}
	passphrase = reader_passphrase(r);
	if (passphrase == NULL)
		reader_locked(r, "the private key", false);
	else if (!decrypt_legacy_pem(cipher, &info, passphrase, data, &n) ||
	    !blob_is_private_key(blob_detect((struct text){ data, (size_t)n })))
		reader_locked(r, "the private key", true);
	else
		key_read(r, kind == BLOB_PKCS8 ? kind : blob_detect((struct text){ data, (size_t)n }),
		    (struct text){ data, (size_t)n }, true);
out:
	EVP_CIPHER_free(cipher);
	OPENSSL_cleanse(info.iv, sizeof info.iv);
	ERR_clear_error();
}
