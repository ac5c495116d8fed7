/*
 * The reader of objects on any bytes, without a passphrase. The first byte chooses the type option, so that DER
 * and PKCS#12 are reached without a BEGIN line too. Work is bounded by spending most of it beforehand: a fuzzer
 * looks for mistakes, not for long key derivations.
 */
#include <stdint.h>
#include <stdlib.h>

#include "model/limits.h"
#include "model/objects.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
answer(void *user, const char *what, char *out, size_t size)
{
	(void)user;
	(void)what;
	if (size < 2)
		return false;
	out[0] = 'x';
	out[1] = '\0';
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const types[] = { NULL, "PEM", "DER", "P12" };
	struct read_options opt = { .type = NULL };
	struct objects o = { .work = LIMIT_KDF_TOTAL - 100000 };
	struct error err = { 0 };

	if (size == 0)
		return 0;
	opt.type = types[data[0] & 3];
	opt.ask = (data[0] & 4) != 0 ? answer : NULL;
	opt.lazy = (data[0] & 8) != 0;
	if (objects_parse(data + 1, size - 1, "fuzz", &opt, &o, &err) != STATUS_OK && !error_is_set(&err))
		abort();
	for (size_t i = 0; i < o.len; i++) {
		if (o.items[i].kind == OBJECT_DAMAGED && o.items[i].problem == NULL)
			abort();
		if (o.items[i].kind == OBJECT_CERT && o.items[i].cert == NULL && !opt.lazy)
			abort();
	}
	objects_done(&o);
	return 0;
}
