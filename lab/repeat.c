/* RAND_set_rand_method is how a whole process draws from elsewhere; OpenSSL 3 would rather have a provider for it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lab/repeat.h"

#include <openssl/evp.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 32 }; /* SHA-256 */

/* Set before there are threads. */
static struct {
	bool started;
	uint64_t seed;
	int64_t at;
} repeat;

/* One thread's numbers: SHA-256 of (seed, time, word), then of that with 0, 1, 2 … */
static _Thread_local struct {
	bool drawing;
	unsigned char key[BLOCK], block[BLOCK];
	uint64_t blocks;
	size_t left; /* bytes of `block` not given out yet */
} stream;

static void
digest(unsigned char out[BLOCK], const void *a, size_t a_len, const void *b, size_t b_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();

	if (ctx == NULL || EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) != 1 || EVP_DigestUpdate(ctx, a, a_len) != 1 ||
	    EVP_DigestUpdate(ctx, b, b_len) != 1 || EVP_DigestFinal_ex(ctx, out, NULL) != 1) {
		fprintf(stderr, "lab: OpenSSL has no SHA-256\n");
		abort();
	}
	EVP_MD_CTX_free(ctx);
}

static int
draw(unsigned char *out, int len)
{
	if (!stream.drawing)
		return RAND_OpenSSL()->bytes(out, len);
	for (int i = 0; i < len; i++) {
		if (stream.left == 0) {
			digest(stream.block, stream.key, BLOCK, &stream.blocks, sizeof stream.blocks);
			stream.blocks++;
			stream.left = BLOCK;
		}
		out[i] = stream.block[BLOCK - stream.left--];
	}
	return 1;
}

static int
ready(void)
{
	return 1;
}

void
repeat_start(uint64_t seed, int64_t at)
{
	static const RAND_METHOD method = { .bytes = draw, .pseudorand = draw, .status = ready };

	repeat.seed = seed;
	repeat.at = at;
	repeat.started = RAND_set_rand_method(&method) == 1;
}

void
repeat_about(const char *what)
{
	char about[48];

	if (!repeat.started)
		return;
	int len = snprintf(about, sizeof about, "%llu %lld ", (unsigned long long)repeat.seed, (long long)repeat.at);
	digest(stream.key, about, (size_t)len, what, strlen(what));
	stream.blocks = 0;
	stream.left = 0;
	stream.drawing = true;
}

void
repeat_over(void)
{
	OPENSSL_cleanse(&stream, sizeof stream);
}

void
repeat_stop(void)
{
	if (repeat.started)
		RAND_set_rand_method(NULL); /* OpenSSL's own again */
	repeat.started = false;
}
