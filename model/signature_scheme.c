#include "model/signature_scheme.h"

#include <string.h>

#include "model/alert.h"
#include "model/memory.h"

enum { TLS13 = 0x0304, SCHEMES_SHOWN = 16 };

/* Those up to here are a hash and a kind of key, as TLS 1.2 has them; what stands above is whole numbers of TLS 1.3. */
enum { PAIRS_END = 0x0700, KIND_RSA = 1, KIND_ECDSA = 3 };

static bool
is_pair(uint16_t scheme, unsigned kind)
{
	return scheme < PAIRS_END && (scheme & 0xff) == kind;
}

static bool
is_for_curve(uint16_t scheme, const char *curve)
{
	static const struct {
		const char *curve;
		uint16_t scheme;
	} rows[] = { { "P-256", 0x0403 }, { "P-384", 0x0503 }, { "P-521", 0x0603 } };

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (rows[i].scheme == scheme)
			return curve != NULL && strcmp(curve, rows[i].curve) == 0;
	return false;
}

bool
key_signs(const struct public_key *key, uint16_t scheme, uint16_t version)
{
	switch (key->type) {
	case KEY_TYPE_RSA: return (scheme >= 0x0804 && scheme <= 0x0806) || (version < TLS13 && is_pair(scheme, KIND_RSA));
	case KEY_TYPE_RSA_PSS: return scheme >= 0x0809 && scheme <= 0x080b;
	case KEY_TYPE_EC: return version < TLS13 ? is_pair(scheme, KIND_ECDSA) : is_for_curve(scheme, key->curve);
	case KEY_TYPE_ED25519: return scheme == 0x0807;
	case KEY_TYPE_ED448: return scheme == 0x0808;
	case KEY_TYPE_UNKNOWN:
	case KEY_TYPE_DSA:
	case KEY_TYPE_DH: break;
	}
	return false;
}

bool
scheme_kind_known(const struct public_key *key)
{
	return key->type != KEY_TYPE_UNKNOWN && key->type != KEY_TYPE_DSA && key->type != KEY_TYPE_DH;
}

bool
key_signs_any(const struct public_key *key, const struct certificate_request *r, uint16_t version)
{
	for (size_t i = 0; i < r->sigalgs_len; i++)
		if (key_signs(key, r->sigalgs[i], version))
			return true;
	return r->sigalgs_len == 0;
}

const char *
schemes_asked(const struct certificate_request *r, struct arena *a)
{
	const char *list = "";

	for (size_t i = 0; i < r->sigalgs_len && i < SCHEMES_SHOWN; i++) {
		const char *name = sigalg_name(r->sigalgs[i]);

		list = arena_printf(a, "%s%s%s", list, i > 0 ? ", " : "", name != NULL ? name : arena_printf(a, "0x%04x", r->sigalgs[i]));
	}
	return list;
}
