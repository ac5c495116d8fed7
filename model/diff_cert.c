#include "model/diff_cert.h"

#include <string.h>

#include "model/memory.h"
#include "model/times.h"

enum { SHOWN_NAMES = 20 };

void
diff_add(struct diff_pair *pair, struct arena *arena, const char *what, const char *a, const char *b)
{
	pair->items = arena_grow(arena, pair->items, pair->len, &pair->cap, sizeof *pair->items);
	pair->items[pair->len++] = (struct difference){ .what = what, .a = a, .b = b };
}

static void
text(struct diff_pair *pair, struct arena *arena, const char *what, const char *a, const char *b)
{
	if (a == NULL)
		a = "";
	if (b == NULL)
		b = "";
	if (strcmp(a, b) != 0)
		diff_add(pair, arena, what, a[0] != '\0' ? a : NULL, b[0] != '\0' ? b : NULL);
}

static const char *
moment(int64_t t, bool end, int64_t now, struct arena *arena)
{
	char at[TIME_TEXT_MAX];

	if (t == TIME_UNKNOWN)
		return "no readable date";
	return arena_printf(arena, "%s%s", time_human(t, at),
	    end && t < now ? " (expired)" : !end && t > now ? " (not valid yet)" : "");
}

static void
validity(struct diff_pair *pair, const struct cert *a, const struct cert *b, int64_t now, struct arena *arena)
{
	if (a->not_after != b->not_after)
		diff_add(pair, arena, "until", moment(a->not_after, true, now, arena),
		    moment(b->not_after, true, now, arena));
	if (a->not_before != b->not_before)
		diff_add(pair, arena, "from", moment(a->not_before, false, now, arena),
		    moment(b->not_before, false, now, arena));
}

static void
key(struct diff_pair *pair, const struct cert *a, const struct cert *b, struct arena *arena)
{
	char x[SHA256_HEX], y[SHA256_HEX];

	if (fingerprint_equal(&a->key.spki, &b->key.spki))
		return;
	diff_add(pair, arena, "key",
	    arena_printf(arena, "%s, SPKI %.16s…", a->key.label, fingerprint_hex(&a->key.spki, x)),
	    arena_printf(arena, "%s, SPKI %.16s…", b->key.label, fingerprint_hex(&b->key.spki, y)));
}

static bool
has_name(const struct cert *c, const struct san *name)
{
	for (size_t i = 0; i < c->san_len; i++) {
		if (c->san[i].type == name->type && text_equal(c->san[i].value, name->value))
			return true;
	}
	return false;
}

/* The names of `c` that `other` has not, bounded; NULL where there are none. */
static const char *
names_apart(const struct cert *c, const struct cert *other, struct arena *arena)
{
	struct buf b = { 0 };
	size_t found = 0;
	const char *out = NULL;

	/* Each against each: looked at up to a bound, beyond it only the number is compared. */
	for (size_t i = 0; i < c->san_len && i < 1000 && other->san_len <= 1000; i++) {
		if (has_name(other, &c->san[i]))
			continue;
		if (++found <= SHOWN_NAMES)
			buf_addf(&b, "%s%s", found > 1 ? ", " : "", c->san[i].safe);
	}
	if (found > SHOWN_NAMES)
		buf_addf(&b, " and %zu more", found - SHOWN_NAMES);
	if (found > 0)
		out = arena_strdup(arena, buf_str(&b));
	buf_done(&b);
	return out;
}

static void
names(struct diff_pair *pair, const struct cert *a, const struct cert *b, struct arena *arena)
{
	const char *gone = names_apart(a, b, arena), *added = names_apart(b, a, arena);

	if (gone != NULL || added != NULL)
		diff_add(pair, arena, "names", gone, added);
	else if (a->san_len != b->san_len)
		diff_add(pair, arena, "names", arena_printf(arena, "%zu names", a->san_len),
		    arena_printf(arena, "%zu names", b->san_len));
}

static const char *
usage(const struct cert *c, struct arena *arena)
{
	static const char *const bits[] = { "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
		"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly" };
	struct buf b = { 0 };

	if (!c->has_key_usage)
		return "any (no such extension)";
	for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++) {
		if ((c->key_usage & (1u << i)) != 0)
			buf_addf(&b, "%s%s", b.len > 0 ? ", " : "", bits[i]);
	}
	const char *out = arena_strdup(arena, buf_str(&b));
	buf_done(&b);
	return out;
}

static const char *
authority(const struct cert *c, struct arena *arena)
{
	if (!c->is_ca)
		return "no CA";
	return c->path_len >= 0 ? arena_printf(arena, "a CA, path length %d", c->path_len) : "a CA";
}

static const char *
constraints(const struct cert *c, struct arena *arena)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < c->permitted_len && i < SHOWN_NAMES; i++)
		buf_addf(&b, "%spermitted %s", b.len > 0 ? ", " : "", c->permitted[i].safe);
	for (size_t i = 0; i < c->excluded_len && i < SHOWN_NAMES; i++)
		buf_addf(&b, "%sexcluded %s", b.len > 0 ? ", " : "", c->excluded[i].safe);
	const char *out = arena_strdup(arena, buf_str(&b));
	buf_done(&b);
	return out;
}

static const char *
hex(struct text bytes, struct arena *arena)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < bytes.len && i < 32; i++)
		buf_addf(&b, "%02x", bytes.bytes[i]);
	const char *out = arena_strdup(arena, buf_str(&b));
	buf_done(&b);
	return out;
}

static const char *
addresses(const struct text *list, size_t len, struct arena *arena)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < len && i < SHOWN_NAMES; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", text_safe_arena(arena, list[i], TEXT_MAX_DEFAULT, NULL));
	const char *out = arena_strdup(arena, buf_str(&b));
	buf_done(&b);
	return out;
}

/* Extensions that only one of them has, by name. */
static const char *
extensions_apart(const struct cert *c, const struct cert *other, struct arena *arena)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < c->extensions_len; i++) {
		bool both = false;
		for (size_t k = 0; k < other->extensions_len; k++)
			both = both || strcmp(c->extensions[i].oid, other->extensions[k].oid) == 0;
		if (!both)
			buf_addf(&b, "%s%s%s", b.len > 0 ? ", " : "", c->extensions[i].name,
			    c->extensions[i].critical ? " (critical)" : "");
	}
	const char *out = arena_strdup(arena, buf_str(&b));
	buf_done(&b);
	return out;
}

void
diff_certificates(struct diff_pair *pair, const struct cert *a, const struct cert *b, int64_t now, struct arena *arena)
{
	/* What breaks a handshake first, what only tells them apart last. */
	validity(pair, a, b, now, arena);
	key(pair, a, b, arena);
	names(pair, a, b, arena);
	text(pair, arena, "subject", a->subject.safe, b->subject.safe);
	text(pair, arena, "issuer", a->issuer.safe, b->issuer.safe);
	text(pair, arena, "purposes", cert_purposes(a, arena), cert_purposes(b, arena));
	text(pair, arena, "key usage", usage(a, arena), usage(b, arena));
	text(pair, arena, "authority", authority(a, arena), authority(b, arena));
	text(pair, arena, "constraints", constraints(a, arena), constraints(b, arena));
	text(pair, arena, "signature", a->signature.label, b->signature.label);
	text(pair, arena, "issuer's key", hex(a->aki, arena), hex(b->aki, arena));
	text(pair, arena, "extensions", extensions_apart(a, b, arena), extensions_apart(b, a, arena));
	text(pair, arena, "CA issuers", addresses(a->ca_issuers, a->ca_issuers_len, arena),
	    addresses(b->ca_issuers, b->ca_issuers_len, arena));
	text(pair, arena, "OCSP", addresses(a->ocsp, a->ocsp_len, arena), addresses(b->ocsp, b->ocsp_len, arena));
	text(pair, arena, "CRL", addresses(a->crl, a->crl_len, arena), addresses(b->crl, b->crl_len, arena));
	text(pair, arena, "serial", a->serial_hex, b->serial_hex);
	text(pair, arena, "SHA-256", a->sha256_hex, b->sha256_hex);
}
