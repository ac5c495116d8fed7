#include "tests/forge.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SECRET = 32, RANDOM = 32, TAG = 16, HEADER = 5 };

/* A server's connections are served one after the other, each on its server's thread. */
static _Thread_local unsigned char traffic_secret[SECRET];

static void
need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "forge: %s\n", what);
	abort();
}

static void
on_keylog(const SSL *ssl, const char *line)
{
	static const char label[] = "SERVER_TRAFFIC_SECRET_0 ";
	const char *hex;

	(void)ssl;
	if (strncmp(line, label, sizeof label - 1) != 0)
		return;
	hex = strrchr(line, ' ') + 1;
	for (size_t i = 0; i < SECRET; i++) {
		unsigned byte = 0;

		need(sscanf(hex + 2 * i, "%2x", &byte) == 1, "a key log line");
		traffic_secret[i] = (unsigned char)byte;
	}
}

void
forge_prepare(SSL_CTX *ctx)
{
	need(SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256") == 1, "ciphersuite");
	need(SSL_CTX_set_cipher_list(ctx, "ECDHE-ECDSA-AES128-GCM-SHA256:@SECLEVEL=0") == 1, "cipher");
	SSL_CTX_set_num_tickets(ctx, 0);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_keylog_callback(ctx, on_keylog);
}

static void
derive(const char *kdf_name, OSSL_PARAM *params, unsigned char *out, size_t len)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, kdf_name, NULL);
	EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);

	need(ctx != NULL && EVP_KDF_derive(ctx, out, len, params) == 1, kdf_name);
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
}

/* RFC 8446 7.1, HKDF-Expand-Label without a context */
static void
expand_label(const char *label, unsigned char *out, size_t len)
{
	unsigned char info[64];
	int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
	size_t name = strlen(label), n = 0;

	info[n++] = 0;
	info[n++] = (unsigned char)len;
	info[n++] = (unsigned char)(6 + name);
	memcpy(info + n, "tls13 ", 6);
	memcpy(info + n + 6, label, name);
	n += 6 + name;
	info[n++] = 0;
	derive("HKDF", (OSSL_PARAM[]){ OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
	    OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, traffic_secret, SECRET),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, n), OSSL_PARAM_END }, out, len);
}

/* RFC 5246 6.3: the client's key, the server's, and then both halves of the nonces. */
static void
expand_block(struct forge *f, SSL *ssl)
{
	static const char label[] = "key expansion";
	unsigned char master[48], seed[sizeof label - 1 + 2 * (size_t)RANDOM], block[40];

	need(SSL_SESSION_get_master_key(SSL_get_session(ssl), master, sizeof master) == sizeof master, "the master secret");
	memcpy(seed, label, sizeof label - 1);
	SSL_get_server_random(ssl, seed + sizeof label - 1, RANDOM);
	SSL_get_client_random(ssl, seed + sizeof label - 1 + RANDOM, RANDOM);
	derive("TLS1-PRF", (OSSL_PARAM[]){ OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SECRET, master, sizeof master),
	    OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SEED, seed, sizeof seed), OSSL_PARAM_END }, block, sizeof block);
	memcpy(f->key, block + 16, 16);
	memcpy(f->iv, block + 36, 4);
}

static void
use_secret(struct forge *f)
{
	expand_label("key", f->key, sizeof f->key);
	expand_label("iv", f->iv, sizeof f->iv);
	f->sequence = 0;
}

/* RFC 8446 7.2 */
void
forge_next_keys(struct forge *f)
{
	unsigned char next[SECRET];

	expand_label("traffic upd", next, sizeof next);
	memcpy(traffic_secret, next, sizeof next);
	use_secret(f);
	need(EVP_EncryptInit_ex(f->cipher, NULL, NULL, f->key, NULL) == 1, "the next key");
}

void
forge_begin(struct forge *f, SSL *ssl)
{
	memset(f, 0, sizeof *f);
	f->tls13 = SSL_version(ssl) == TLS1_3_VERSION;
	if (f->tls13) {
		use_secret(f);
	} else {
		expand_block(f, ssl);
		f->sequence = 1; /* its Finished was the first */
	}
	f->cipher = EVP_CIPHER_CTX_new();
	need(f->cipher != NULL && EVP_EncryptInit_ex(f->cipher, EVP_aes_128_gcm(), NULL, f->key, NULL) == 1, "the cipher");
}

void
forge_done(struct forge *f)
{
	EVP_CIPHER_CTX_free(f->cipher);
	f->cipher = NULL;
}

static void
number_to(unsigned char *out, uint64_t n, size_t octets)
{
	for (size_t i = 0; i < octets; i++)
		out[i] = (unsigned char)(n >> 8 * (octets - 1 - i));
}

static void
seal(struct forge *f, const unsigned char nonce[12], const unsigned char *about, size_t about_len, const unsigned char *plain, size_t len,
    unsigned char *out)
{
	int n = 0;

	need(EVP_EncryptInit_ex(f->cipher, NULL, NULL, NULL, nonce) == 1 && EVP_EncryptUpdate(f->cipher, NULL, &n, about, (int)about_len) == 1 &&
	    EVP_EncryptUpdate(f->cipher, out, &n, plain, (int)len) == 1 && EVP_EncryptFinal_ex(f->cipher, out + n, &n) == 1 &&
	    EVP_CIPHER_CTX_ctrl(f->cipher, EVP_CTRL_GCM_GET_TAG, TAG, out + len) == 1, "a record");
}

/* RFC 8446 5.2 */
static size_t
record_1_3(struct forge *f, uint8_t type, const unsigned char *content, size_t len, unsigned char *out)
{
	unsigned char nonce[12], inner[16 * 1024 + 1], sequence[8];

	memcpy(inner, content, len);
	inner[len] = type;
	memcpy(nonce, f->iv, sizeof nonce);
	number_to(sequence, f->sequence++, 8);
	for (size_t i = 0; i < 8; i++)
		nonce[4 + i] ^= sequence[i];
	memcpy(out, "\x17\x03\x03", 3);
	number_to(out + 3, len + 1 + TAG, 2);
	seal(f, nonce, out, HEADER, inner, len + 1, out + HEADER);
	return HEADER + len + 1 + TAG;
}

/* RFC 5246 6.2.3.3 and RFC 5288 3 */
static size_t
record_1_2(struct forge *f, uint8_t type, const unsigned char *content, size_t len, unsigned char *out)
{
	unsigned char nonce[12], about[13];

	memcpy(nonce, f->iv, 4);
	number_to(nonce + 4, f->sequence, 8);
	number_to(about, f->sequence++, 8);
	about[8] = type;
	memcpy(about + 9, "\x03\x03", 2);
	number_to(about + 11, len, 2);
	out[0] = type;
	memcpy(out + 1, "\x03\x03", 2);
	number_to(out + 3, 8 + len + TAG, 2);
	memcpy(out + HEADER, nonce + 4, 8);
	seal(f, nonce, about, sizeof about, content, len, out + HEADER + 8);
	return HEADER + 8 + len + TAG;
}

size_t
forge_record(struct forge *f, uint8_t type, const unsigned char *content, size_t len, unsigned char *out)
{
	need(len <= 16 * 1024, "a record that is too long");
	return f->tls13 ? record_1_3(f, type, content, len, out) : record_1_2(f, type, content, len, out);
}
