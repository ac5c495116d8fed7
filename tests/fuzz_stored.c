/*
 * Any text as a secret: what is found in it can be replaced, is found again, and replaced once more it is the same; with the
 * old key, no byte of JSON that is not ours has changed its place among the others.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "model/stored_identity.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CERT(which) "-----BEGIN CERTIFICATE-----\n" which "\n-----END CERTIFICATE-----\n"

static void
replace(const char *text, size_t len, struct buf *out)
{
	static const struct stored_new n = { .cert = CERT("bGVhZg=="), .chain = CERT("Q0E="), .fullchain = CERT("bGVhZg==") CERT("Q0E="), .root = CERT("Uk9PVA==") };
	struct error err = { .code = ERROR_NONE };
	struct stored_identity s;

	if (stored_read(text, len, "the secret", &s, &err) != STATUS_OK || stored_replace(&s, text, len, "the secret", &n, out, &err) != STATUS_OK)
		abort();
	stored_done(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = { .code = ERROR_NONE };
	struct buf once = { 0 }, twice = { 0 }, certs = { 0 }, key = { 0 }, roots = { 0 };
	struct stored_identity s;

	if (stored_read((const char *)data, size, "the secret", &s, &err) != STATUS_OK)
		return 0;
	stored_certificates(&s, &certs);
	stored_key(&s, &key);
	stored_roots(&s, &roots);
	stored_done(&s);
	if (certs.len == 0)
		abort();
	replace((const char *)data, size, &once);
	replace(once.data, once.len, &twice);
	if (once.len != twice.len || memcmp(once.data, twice.data, once.len) != 0)
		abort();
	buf_done(&once);
	buf_done(&twice);
	buf_done(&certs);
	buf_done(&key);
	buf_done(&roots);
	return 0;
}
