/* Of what kind a new key is: like the old one's, where that is good enough, and for us one that the server takes signatures of. */
#include <string.h>

#include "fixes/fix_parts.h"
#include "model/signature_scheme.h"

enum { RSA_LEAST = 2048 };

/* What can be asked for, the usual first. */
static const struct {
	enum csr_key kind;
	struct public_key as; /* as much of it as decides what it signs */
} kinds[] = {
	{ CSR_KEY_P256, { .type = KEY_TYPE_EC, .bits = 256, .curve = "P-256" } },
	{ CSR_KEY_RSA2048, { .type = KEY_TYPE_RSA, .bits = RSA_LEAST } },
	{ CSR_KEY_P384, { .type = KEY_TYPE_EC, .bits = 384, .curve = "P-384" } },
	{ CSR_KEY_P521, { .type = KEY_TYPE_EC, .bits = 521, .curve = "P-521" } },
	{ CSR_KEY_RSA3072, { .type = KEY_TYPE_RSA, .bits = 3072 } },
	{ CSR_KEY_RSA4096, { .type = KEY_TYPE_RSA, .bits = 4096 } },
};

/* The smallest of its type that is as big; a weak RSA key becomes a good one of its kind: who verifies it may know no other. */
static enum csr_key
key_like(const struct cert *old)
{
	enum csr_key like = CSR_KEY_P256;
	int bits = 0;

	if (old != NULL && old->key.type == KEY_TYPE_RSA)
		like = CSR_KEY_RSA2048;
	for (size_t i = 0; old != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
		if (old->key.type != kinds[i].as.type || old->key.bits < kinds[i].as.bits || kinds[i].as.bits <= bits)
			continue;
		like = kinds[i].kind;
		bits = kinds[i].as.bits;
	}
	return like;
}

/* What the server asked our signature for; NULL: it asked for no certificate, or it is not ours that is made. */
static const struct handshake *
asked(const struct fixing *f)
{
	const struct handshake *h = evidence_baseline(f->w->diagnosis->evidence);

	return f->ours && h != NULL && h->request.seen ? h : NULL;
}

bool
fix_key_is_taken(const struct fixing *f, const struct public_key *key)
{
	const struct handshake *h = asked(f);

	return h == NULL || !scheme_kind_known(key) || key_signs_any(key, &h->request, h->version);
}

const char *
fix_signatures_asked(struct fixing *f)
{
	const struct handshake *h = asked(f);

	return h != NULL ? schemes_asked(&h->request, f->arena) : "";
}

static bool
kind_is_taken(const struct fixing *f, enum csr_key kind)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (kinds[i].kind == kind)
			return fix_key_is_taken(f, &kinds[i].as);
	}
	return true;
}

enum csr_key
fix_key_kind(struct fixing *f, const struct cert *old)
{
	enum csr_key like = f->w->kind_given ? f->w->kind : key_like(old);

	if (kind_is_taken(f, like))
		return like;
	if (f->w->kind_given) {
		plan_note(f->plan, "--key-algorithm: the server takes no signature of such a key: it asks for %s.", fix_signatures_asked(f));
		return like;
	}
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (!fix_key_is_taken(f, &kinds[i].as))
			continue;
		plan_note(f->plan, "The server takes no signature of a key like the old one's: it asks for %s. The new key is %s.", fix_signatures_asked(f), csr_key_label(kinds[i].kind));
		return kinds[i].kind;
	}
	plan_note(f->plan, "The server asks for %s, and no key that can be made here signs so.", fix_signatures_asked(f));
	return like;
}
