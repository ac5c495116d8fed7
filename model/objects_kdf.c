/*
 * What it costs to open an encrypted key or store. OpenSSL runs as many iterations as the file asks for (2^31
 * take an hour), so the count is read from the ASN.1 and judged before OpenSSL sees a passphrase.
 */
#include "model/objects_reader.h"

#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "model/limits.h"
#include "model/memory.h"

#define SCRYPT_BLOCK 128                 /* bytes for each of N × r: RFC 7914 2 */
#define SCRYPT_MEMORY (32 * 1024 * 1024) /* OpenSSL's own bound (SCRYPT_MAX_MEM) */
#define OID(s) { (const unsigned char *)(s), sizeof(s) - 1 }

static const struct text pbes2 = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0d");
static const struct text pbkdf2 = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0c");
static const struct text scrypt = OID("\x2b\x06\x01\x04\x01\xda\x47\x04\x0b");

/* RFC 8018 A.3 and RFC 7292 C: one OID names derivation and cipher; salt and iterations follow. */
static const struct pbe {
	struct text oid;
	const char *legacy; /* the cipher, where only OpenSSL's legacy provider has it */
} pbes[] = {
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x01"), "DES and MD2" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x03"), "DES" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x04"), "RC2 and MD2" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x06"), "RC2" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0a"), "DES" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x05\x0b"), "RC2" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x01"), "RC4" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x02"), "RC4 (40 bits)" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x03"), NULL }, /* three-key 3DES: in the default provider */
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x04"), NULL }, /* two-key 3DES */
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x05"), "RC2" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01\x06"), "RC2 (40 bits)" },
};

/* Ciphers that PBES2 may name and that moved to the legacy provider. */
static const struct pbe old_ciphers[] = {
	{ OID("\x2b\x0e\x03\x02\x07"), "DES" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x03\x02"), "RC2" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x03\x04"), "RC4" },
	{ OID("\x2a\x86\x48\x86\xf7\x0d\x03\x09"), "RC5" },
};

static bool
unreadable(char *why)
{
	snprintf(why, KDF_WHY_MAX, "the parameters of its encryption are damaged");
	return false;
}

bool
kdf_count(struct text integer, struct kdf *out, char *why)
{
	uint32_t n;

	if (integer.len == 0 || (integer.bytes[0] & 0x80) != 0)
		return unreadable(why);
	if (!der_small(integer, LIMIT_KDF_ITERATIONS, &n)) {
		int bits = der_integer_bits(integer);

		if (der_small(integer, UINT32_MAX, &n))
			snprintf(why, KDF_WHY_MAX, "it asks for %u iterations of key derivation; at most %d are done", n,
			    LIMIT_KDF_ITERATIONS);
		else
			snprintf(why, KDF_WHY_MAX, "it asks for 2^%d iterations of key derivation or more; at most %d are done",
			    bits - 1, LIMIT_KDF_ITERATIONS);
		return false;
	}
	out->work = n;
	return true;
}

/* PBKDF2-params: salt, iterationCount, keyLength and prf optional (RFC 8018 A.2). */
static bool
read_pbkdf2(struct der *params, struct kdf *out, char *why)
{
	struct der_value salt, count;

	if (!der_next(params, &salt, "the salt") || !der_expect(params, DER_INTEGER, &count, "the iteration count"))
		return unreadable(why);
	return kdf_count(count.content, out, why);
}

/* scrypt-params: salt, N, r, p (RFC 7914 7.1). The work is N × r × p, which is near enough to iterations of PBKDF2. */
static bool
read_scrypt(struct der *params, struct kdf *out, char *why)
{
	struct der_value salt, v;
	uint64_t work = 1;
	uint32_t cost[3];

	if (!der_expect(params, DER_OCTET_STRING, &salt, "the salt"))
		return unreadable(why);
	for (int i = 0; i < 3; i++) {
		if (!der_expect(params, DER_INTEGER, &v, "a cost parameter"))
			return unreadable(why);
		if (!der_small(v.content, LIMIT_KDF_ITERATIONS, &cost[i]) || (work *= cost[i]) > LIMIT_KDF_ITERATIONS) {
			snprintf(why, KDF_WHY_MAX, "its scrypt parameters cost more than %d steps, which is the most that is done",
			    LIMIT_KDF_ITERATIONS);
			return false;
		}
	}
	if ((uint64_t)cost[0] * cost[1] * SCRYPT_BLOCK > SCRYPT_MEMORY) {
		snprintf(why, KDF_WHY_MAX, "its scrypt parameters take more than %d MiB of memory, and OpenSSL refuses that",
		    SCRYPT_MEMORY / 1024 / 1024);
		return false;
	}
	out->work = (size_t)work;
	return true;
}

static bool
read_pbes2(struct der *params, struct kdf *out, char *why)
{
	struct der kdf, cipher;
	struct der_value oid, cipher_oid;
	struct der kdf_params;

	if (!der_enter(params, DER_SEQUENCE, &kdf, "the key derivation") || !der_expect(&kdf, DER_OID, &oid, "its name") ||
	    !der_enter(&kdf, DER_SEQUENCE, &kdf_params, "its parameters") ||
	    !der_enter(params, DER_SEQUENCE, &cipher, "the cipher") || !der_expect(&cipher, DER_OID, &cipher_oid, "its name"))
		return unreadable(why);
	for (size_t i = 0; i < sizeof old_ciphers / sizeof old_ciphers[0]; i++) {
		if (text_equal(old_ciphers[i].oid, cipher_oid.content)) {
			out->legacy = true;
			out->name = old_ciphers[i].legacy;
		}
	}
	if (text_equal(oid.content, pbkdf2))
		return read_pbkdf2(&kdf_params, out, why);
	if (text_equal(oid.content, scrypt))
		return read_scrypt(&kdf_params, out, why);
	snprintf(why, KDF_WHY_MAX, "its key derivation is neither PBKDF2 nor scrypt");
	return false;
}

static bool
read_pbe(const struct pbe *pbe, struct der *params, struct kdf *out, char *why)
{
	struct der_value salt, count;

	out->legacy = pbe->legacy != NULL;
	out->name = pbe->legacy;
	if (!der_expect(params, DER_OCTET_STRING, &salt, "the salt") ||
	    !der_expect(params, DER_INTEGER, &count, "the iteration count"))
		return unreadable(why);
	return kdf_count(count.content, out, why);
}

bool
kdf_read(struct text algorithm, struct kdf *out, char *why)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(algorithm, &trouble), inside, params;
	struct der_value oid;
	struct arena *a;

	*out = (struct kdf){ .work = 0 };
	if (!der_enter(&d, DER_SEQUENCE, &inside, "the algorithm") || !der_expect(&inside, DER_OID, &oid, "its name") ||
	    !der_enter(&inside, DER_SEQUENCE, &params, "its parameters"))
		return unreadable(why);
	if (text_equal(oid.content, pbes2))
		return read_pbes2(&params, out, why);
	for (size_t i = 0; i < sizeof pbes / sizeof pbes[0]; i++) {
		if (text_equal(pbes[i].oid, oid.content))
			return read_pbe(&pbes[i], &params, out, why);
	}
	a = arena_new();
	snprintf(why, KDF_WHY_MAX, "it is encrypted in a way that is not known here (OID %.80s)", der_oid_dotted(a, oid.content));
	arena_free(a);
	return false;
}

/*
 * In a context of its own: loaded into the common one, the legacy provider could add ciphers to what we offer
 * in a handshake. Kept for the life of the process.
 */
static OSSL_LIB_CTX *legacy;
static pthread_once_t legacy_once = PTHREAD_ONCE_INIT;

static void
load_legacy(void)
{
	OSSL_LIB_CTX *ctx = OSSL_LIB_CTX_new();

	if (ctx == NULL)
		return;
	if (OSSL_PROVIDER_load(ctx, "default") == NULL || OSSL_PROVIDER_load(ctx, "legacy") == NULL) {
		OSSL_LIB_CTX_free(ctx);
		return;
	}
	legacy = ctx;
}

OSSL_LIB_CTX *
legacy_context(void)
{
	pthread_once(&legacy_once, load_legacy);
	return legacy;
}
