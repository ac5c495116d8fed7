/* The extensions of a certificate: RFC 5280 4.2. */
#include <string.h>

#include "model/cert_internal.h"
#include "model/limits.h"

/* The extension that is being read: its frame, and where its own trouble goes. */
struct extension_reader {
	struct cert_reader *r;
	const struct extension *extension;
	struct der in; /* inside the OCTET STRING; bytes count from the certificate's start */
	struct der_trouble trouble;
};

static bool
read_key_usage(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct der_value v;
	const unsigned char *bits;

	c->has_key_usage = true;
	if (!der_expect(&x->in, DER_BIT_STRING, &v, "key usage, a BIT STRING"))
		return false;
	bits = v.content.bytes;
	for (size_t n = 0; n < 9 && 1 + n / 8 < v.content.len; n++)
		if ((bits[1 + n / 8] >> (7 - n % 8) & 1) != 0)
			c->key_usage |= 1u << n;
	if (v.content.len == 0 || bits[0] > 7)
		fault_add(&x->r->faults, "X.690 8.6.2", true, "the key usage is no valid BIT STRING");
	else if (c->key_usage == 0)
		fault_add(&x->r->faults, "RFC 5280 4.2.1.3", false, "the key usage allows nothing");
	return true;
}

static bool
read_basic_constraints(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct der inside;
	struct der_value v;
	uint32_t len;

	c->has_basic_constraints = true;
	x->r->basic_constraints_critical = x->extension->critical;
	if (!der_enter(&x->in, DER_SEQUENCE, &inside, "basic constraints, a SEQUENCE"))
		return false;
	if (der_optional(&inside, DER_BOOLEAN, &v, "cA, a BOOLEAN")) {
		c->is_ca = v.content.len == 1 && v.content.bytes[0] != 0;
		if (v.content.len != 1 || (v.content.bytes[0] != 0 && v.content.bytes[0] != 0xff))
			fault_add(&x->r->faults, "X.690 11.1", v.content.len != 1, "cA is a BOOLEAN that is neither TRUE nor FALSE");
	}
	if (der_optional(&inside, DER_INTEGER, &v, "pathLenConstraint, an INTEGER")) {
		x->r->has_path_len = true;
		if (der_small(v.content, 1000000, &len))
			c->path_len = (int)len;
		else
			fault_add(&x->r->faults, "RFC 5280 4.2.1.9", true, "the path length is negative or absurd");
	}
	return der_finish(&inside, "the basic constraints");
}

static bool
read_eku(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct der inside;
	struct der_value v;
	size_t cap = c->eku_len;

	c->has_eku = true;
	c->eku_critical = x->extension->critical;
	if (!der_enter(&x->in, DER_SEQUENCE, &inside, "extended key usage, a SEQUENCE"))
		return false;
	if (der_at_end(&inside))
		fault_add(&x->r->faults, "RFC 5280 4.2.1.12", false, "the extended key usage is empty");
	while (!der_at_end(&inside) && c->eku_len < LIMIT_EXTENSION_ITEMS) {
		if (!der_expect(&inside, DER_OID, &v, "a purpose, an OBJECT IDENTIFIER"))
			return false;
		c->eku = arena_grow(x->r->arena, c->eku, c->eku_len, &cap, sizeof *c->eku);
		c->eku[c->eku_len++] = oid_name(x->r->arena, v.content);
	}
	return true;
}

static bool
read_san(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct text names = { x->in.at, (size_t)(x->in.end - x->in.at) };
	bool good;

	c->has_san = true;
	c->san_critical = x->extension->critical;
	good = sans_read(x->r->arena, names, &c->san, &c->san_len, &c->san_truncated, &x->r->faults);
	if (good && c->san_len == 0)
		fault_add(&x->r->faults, "RFC 5280 4.2.1.6", false, "the subjectAltName is empty");
	for (size_t i = 0; i < c->san_len; i++)
		c->hostile |= c->san[i].flags & TEXT_HOSTILE;
	if (c->san_truncated)
		fault_add(&x->r->faults, "RFC 5280 4.2.1.6", false, "it has more than %d names; only the first %d were read",
		    LIMIT_SAN, LIMIT_SAN);
	x->in.at = x->in.end; /* sans_read() has said what was wrong */
	return true;
}

/* The issuer's alternative names are of no use to a TLS peer; they are read for hostile text only. */
static bool
read_issuer_alt_name(struct extension_reader *x)
{
	struct text names = { x->in.at, (size_t)(x->in.end - x->in.at) };
	struct san *sans;
	size_t len;

	if (!sans_read(x->r->arena, names, &sans, &len, NULL, NULL))
		fault_add(&x->r->faults, "RFC 5280 4.2.1.7", true, "the issuerAltName cannot be read");
	for (size_t i = 0; i < len; i++)
		x->r->cert->hostile |= sans[i].flags & TEXT_HOSTILE;
	x->in.at = x->in.end;
	return true;
}

static bool
read_subtrees(struct extension_reader *x, unsigned char tag, struct san **out, size_t *len)
{
	struct arena *a = x->r->arena;
	struct der list, tree;
	struct der_value name;
	size_t cap = *len;

	if (der_peek(&x->in) != tag)
		return x->trouble.why == DER_FINE;
	if (!der_enter(&x->in, tag, &list, "a list of subtrees"))
		return false;
	while (!der_at_end(&list) && *len < LIMIT_SAN) {
		if (!der_enter(&list, DER_SEQUENCE, &tree, "a subtree, a SEQUENCE") ||
		    !der_next(&tree, &name, "the base of a subtree"))
			return false;
		if (!der_at_end(&tree))
			fault_add(&x->r->faults, "RFC 5280 4.2.1.10", false, "a name constraint has a minimum or maximum");
		*out = arena_grow(a, *out, *len, &cap, sizeof **out);
		general_name_read(a, &name, true, &(*out)[*len], &x->r->faults);
		x->r->cert->hostile |= (*out)[*len].flags & TEXT_HOSTILE;
		(*len)++;
	}
	return true;
}

static bool
read_name_constraints(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct der inside;

	c->has_name_constraints = true;
	x->r->name_constraints_critical = x->extension->critical;
	if (!der_enter(&x->in, DER_SEQUENCE, &inside, "name constraints, a SEQUENCE") ||
	    !der_finish(&x->in, "the name constraints"))
		return false;
	x->in = inside;
	if (!read_subtrees(x, DER_CONTEXT_IN(0), &c->permitted, &c->permitted_len) ||
	    !read_subtrees(x, DER_CONTEXT_IN(1), &c->excluded, &c->excluded_len))
		return false;
	if (c->permitted_len == 0 && c->excluded_len == 0)
		fault_add(&x->r->faults, "RFC 5280 4.2.1.10", false, "the name constraints are empty");
	return true;
}

static bool
read_ski(struct extension_reader *x)
{
	struct der_value v;

	if (!der_expect(&x->in, DER_OCTET_STRING, &v, "a key identifier, an OCTET STRING"))
		return false;
	x->r->cert->ski = v.content;
	return true;
}

static bool
read_aki(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct der inside;
	struct der_value v, issuer;
	struct buf hex = { 0 };
	bool has_issuer, has_serial;

	if (!der_enter(&x->in, DER_SEQUENCE, &inside, "an authority key identifier, a SEQUENCE"))
		return false;
	if (der_optional(&inside, DER_CONTEXT(0), &v, "a key identifier, [0]"))
		c->aki = v.content;
	has_issuer = der_optional(&inside, DER_CONTEXT_IN(1), &issuer, "the issuer's issuer, [1]");
	has_serial = der_optional(&inside, DER_CONTEXT(2), &v, "the issuer's serial number, [2]");
	if (has_serial) {
		size_t i = 0;
		while (i + 1 < v.content.len && v.content.bytes[i] == 0)
			i++;
		for (size_t n = 0; i < v.content.len && n < 64; i++, n++)
			buf_addf(&hex, "%02x", v.content.bytes[i]);
		c->aki_serial_hex = arena_strdup(x->r->arena, buf_str(&hex));
		buf_done(&hex);
	}
	if (has_issuer != has_serial)
		fault_add(&x->r->faults, "RFC 5280 4.2.1.1", false,
		    "the authority key identifier has an issuer without a serial number, or the reverse");
	return der_finish(&inside, "the authority key identifier");
}

static void
keep_uri(struct extension_reader *x, const struct der_value *name, struct text **list, size_t *len)
{
	size_t cap = *len;

	if (name->tag != DER_CONTEXT(6) || *len >= LIMIT_EXTENSION_ITEMS)
		return;
	/* An array of unknown capacity: grown at powers of two from 8 on, as arena_grow() doubles. */
	cap = *len == 0 ? 0 : 8;
	while (cap < *len)
		cap *= 2;
	*list = arena_grow(x->r->arena, *list, *len, &cap, sizeof **list);
	(*list)[(*len)++] = name->content;
	x->r->cert->hostile |= text_flags(name->content) & TEXT_HOSTILE;
}

/* RFC 5280 4.2.2.1. */
static bool
read_aia(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct der list, one;
	struct der_value method, name;
	const char *what;

	if (!der_enter(&x->in, DER_SEQUENCE, &list, "authority information access, a SEQUENCE"))
		return false;
	if (der_at_end(&list))
		fault_add(&x->r->faults, "RFC 5280 4.2.2.1", false, "the authority information access is empty");
	while (!der_at_end(&list)) {
		if (!der_enter(&list, DER_SEQUENCE, &one, "an access description, a SEQUENCE") ||
		    !der_expect(&one, DER_OID, &method, "an access method, an OBJECT IDENTIFIER") ||
		    !der_next(&one, &name, "an access location"))
			return false;
		what = oid_name(x->r->arena, method.content);
		if (strcmp(what, "caIssuers") == 0)
			keep_uri(x, &name, &c->ca_issuers, &c->ca_issuers_len);
		else if (strcmp(what, "OCSP") == 0)
			keep_uri(x, &name, &c->ocsp, &c->ocsp_len);
	}
	return true;
}

/* RFC 5280 4.2.1.13: the full names of each distribution point. */
static bool
read_cdp(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct der list, point, name, full;
	struct der_value v;

	if (!der_enter(&x->in, DER_SEQUENCE, &list, "CRL distribution points, a SEQUENCE"))
		return false;
	while (!der_at_end(&list)) {
		if (!der_enter(&list, DER_SEQUENCE, &point, "a distribution point, a SEQUENCE"))
			return false;
		if (der_peek(&point) != DER_CONTEXT_IN(0)) {
			if (der_peek(&point) != DER_CONTEXT_IN(2))
				fault_add(&x->r->faults, "RFC 5280 4.2.1.13", false,
				    "a CRL distribution point says neither where nor by whom");
			continue;
		}
		if (!der_enter(&point, DER_CONTEXT_IN(0), &name, "a distribution point's name, [0]"))
			return false;
		if (der_peek(&name) != DER_CONTEXT_IN(0))
			continue;
		if (!der_enter(&name, DER_CONTEXT_IN(0), &full, "a distribution point's full name, [0]"))
			return false;
		while (!der_at_end(&full)) {
			if (!der_next(&full, &v, "a name"))
				return false;
			keep_uri(x, &v, &c->crl, &c->crl_len);
		}
	}
	return true;
}

static bool
read_policies(struct extension_reader *x)
{
	struct cert *c = x->r->cert;
	struct der list, one;
	struct der_value oid;
	size_t cap = c->policies_len;

	if (!der_enter(&x->in, DER_SEQUENCE, &list, "certificate policies, a SEQUENCE"))
		return false;
	if (der_at_end(&list))
		fault_add(&x->r->faults, "RFC 5280 4.2.1.4", false, "the certificate policies are empty");
	while (!der_at_end(&list) && c->policies_len < LIMIT_EXTENSION_ITEMS) {
		if (!der_enter(&list, DER_SEQUENCE, &one, "a policy, a SEQUENCE") ||
		    !der_expect(&one, DER_OID, &oid, "a policy, an OBJECT IDENTIFIER"))
			return false;
		c->policies = arena_grow(x->r->arena, c->policies, c->policies_len, &cap, sizeof *c->policies);
		c->policies[c->policies_len] = der_oid_dotted(x->r->arena, oid.content);
		for (size_t i = 0; i < c->policies_len; i++) {
			if (strcmp(c->policies[i], c->policies[c->policies_len]) == 0) {
				fault_add(&x->r->faults, "RFC 5280 4.2.1.4", false, "the policy %s is there twice", c->policies[i]);
				break;
			}
		}
		c->policies_len++;
	}
	return true;
}

static bool
read_policy_constraints(struct extension_reader *x)
{
	struct der inside;

	if (!der_enter(&x->in, DER_SEQUENCE, &inside, "policy constraints, a SEQUENCE"))
		return false;
	if (der_at_end(&inside))
		fault_add(&x->r->faults, "RFC 5280 4.2.1.11", false, "the policy constraints are empty");
	return true;
}

enum critical_rule { MAY, MUST, MUST_NOT };

static const struct extension_kind {
	unsigned char oid[8];
	size_t len;
	const char *rule;
	enum critical_rule critical;
	bool (*read)(struct extension_reader *x); /* NULL: only listed */
} kinds[] = {
	{ { 0x55, 0x1d, 9 }, 3, "RFC 5280 4.2.1.8", MUST_NOT, NULL },
	{ { 0x55, 0x1d, 14 }, 3, "RFC 5280 4.2.1.2", MUST_NOT, read_ski },
	{ { 0x55, 0x1d, 15 }, 3, "RFC 5280 4.2.1.3", MAY, read_key_usage },
	{ { 0x55, 0x1d, 17 }, 3, "RFC 5280 4.2.1.6", MAY, read_san },
	{ { 0x55, 0x1d, 18 }, 3, "RFC 5280 4.2.1.7", MAY, read_issuer_alt_name },
	{ { 0x55, 0x1d, 19 }, 3, "RFC 5280 4.2.1.9", MAY, read_basic_constraints },
	{ { 0x55, 0x1d, 30 }, 3, "RFC 5280 4.2.1.10", MUST, read_name_constraints },
	{ { 0x55, 0x1d, 31 }, 3, "RFC 5280 4.2.1.13", MAY, read_cdp },
	{ { 0x55, 0x1d, 32 }, 3, "RFC 5280 4.2.1.4", MAY, read_policies },
	{ { 0x55, 0x1d, 35 }, 3, "RFC 5280 4.2.1.1", MUST_NOT, read_aki },
	{ { 0x55, 0x1d, 36 }, 3, "RFC 5280 4.2.1.11", MUST, read_policy_constraints },
	{ { 0x55, 0x1d, 37 }, 3, "RFC 5280 4.2.1.12", MAY, read_eku },
	{ { 0x55, 0x1d, 46 }, 3, "RFC 5280 4.2.1.15", MUST_NOT, NULL },
	{ { 0x55, 0x1d, 54 }, 3, "RFC 5280 4.2.1.14", MUST, NULL },
	{ { 0x2b, 6, 1, 5, 5, 7, 1, 1 }, 8, "RFC 5280 4.2.2.1", MUST_NOT, read_aia },
	{ { 0x2b, 6, 1, 5, 5, 7, 1, 11 }, 8, "RFC 5280 4.2.2.2", MUST_NOT, NULL },
};

static const struct extension_kind *
find_kind(struct text oid)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
		if (kinds[i].len == oid.len && memcmp(kinds[i].oid, oid.bytes, oid.len) == 0)
			return &kinds[i];
	return NULL;
}

static void
judge_critical(struct cert_reader *r, const struct extension_kind *kind, const struct extension *e)
{
	if (kind->critical == MUST && !e->critical)
		fault_add(&r->faults, kind->rule, false, "the extension %s is not critical and must be", e->name);
	if (kind->critical == MUST_NOT && e->critical)
		fault_add(&r->faults, kind->rule, false, "the extension %s is critical and must not be", e->name);
}

/* What an extension says; the first of its kind counts, as a second one is a fault already. */
static void
read_value(struct cert_reader *r, const struct der *frame, const struct extension_kind *kind,
    const struct extension *e)
{
	struct extension_reader x = { .r = r, .extension = e };
	char why[DER_EXPLAIN_MAX];

	x.in = der_inside(frame, e->value);
	x.in.trouble = &x.trouble;
	if ((!kind->read(&x) || !der_finish(&x.in, "the extension")) && x.trouble.why != DER_FINE)
		fault_add(&r->faults, kind->rule, true, "the extension %s cannot be read: %s", e->name,
		    der_explain(&x.trouble, why, sizeof why));
	if (x.trouble.sloppy && !r->trouble.sloppy) {
		r->trouble.sloppy = true;
		r->trouble.sloppy_byte = x.trouble.sloppy_byte;
	}
}

static bool
seen_before(const struct cert *c, const char *oid)
{
	for (size_t i = 0; i < c->extensions_len; i++)
		if (strcmp(c->extensions[i].oid, oid) == 0)
			return true;
	return false;
}

static bool
read_one(struct cert_reader *r, struct der *list, size_t *cap)
{
	struct cert *c = r->cert;
	struct der one;
	struct der_value oid, critical, value;
	const struct extension_kind *kind;
	struct extension *e;
	bool again;

	if (!der_enter(list, DER_SEQUENCE, &one, "an extension, a SEQUENCE") ||
	    !der_expect(&one, DER_OID, &oid, "the type of an extension, an OBJECT IDENTIFIER"))
		return false;
	(void)der_optional(&one, DER_BOOLEAN, &critical, "whether an extension is critical, a BOOLEAN");
	if (!der_expect(&one, DER_OCTET_STRING, &value, "the value of an extension, an OCTET STRING") ||
	    !der_finish(&one, "an extension"))
		return false;
	c->extensions = arena_grow(r->arena, c->extensions, c->extensions_len, cap, sizeof *c->extensions);
	e = &c->extensions[c->extensions_len];
	*e = (struct extension){
		.oid = der_oid_dotted(r->arena, oid.content),
		.name = oid_name(r->arena, oid.content),
		.critical = critical.content.len > 0 && critical.content.bytes[0] != 0,
		.value = value.content,
	};
	again = seen_before(c, e->oid);
	c->extensions_len++;
	if (again) {
		fault_add(&r->faults, "RFC 5280 4.2", false, "the extension %s is there twice", e->name);
		return true;
	}
	kind = find_kind(oid.content);
	if (kind == NULL)
		return true;
	judge_critical(r, kind, e);
	if (kind->read != NULL)
		read_value(r, list, kind, e);
	return true;
}

void
cert_read_extensions(struct cert_reader *r, struct der *inside)
{
	struct der list;
	size_t cap = 0;

	if (!der_enter(inside, DER_SEQUENCE, &list, "the extensions, a SEQUENCE") ||
	    !der_finish(inside, "the extensions"))
		return;
	if (der_at_end(&list))
		fault_add(&r->faults, "RFC 5280 4.1.2.9", false, "the list of extensions is empty");
	while (!der_at_end(&list)) {
		if (r->cert->extensions_len == LIMIT_EXTENSIONS) {
			fault_add(&r->faults, "RFC 5280 4.2", false, "it has more than %d extensions; only those were read",
			    LIMIT_EXTENSIONS);
			return;
		}
		if (!read_one(r, &list, &cap))
			return;
	}
}
