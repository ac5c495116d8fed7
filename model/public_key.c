/* Public keys and signature algorithms: what they are and whether they can be used. */
#include "model/public_key.h"

#include <openssl/objects.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/der.h"
#include "model/limits.h"

/* Key algorithms by the content of their OBJECT IDENTIFIER. */
static const struct algorithm {
	enum key_type type;
	unsigned char oid[10];
	size_t len;
	const char *label;
	int bits; /* of those that have one size */
} algorithms[] = {
	{ KEY_TYPE_RSA, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1 }, 9, "RSA", 0 },
	{ KEY_TYPE_RSA_PSS, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10 }, 9, "RSA-PSS", 0 },
	{ KEY_TYPE_EC, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1 }, 7, "EC", 0 },
	{ KEY_TYPE_ED25519, { 0x2b, 0x65, 0x70 }, 3, "Ed25519", 253 },
	{ KEY_TYPE_ED448, { 0x2b, 0x65, 0x71 }, 3, "Ed448", 456 },
	{ KEY_TYPE_DSA, { 0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1 }, 7, "DSA", 0 },
	{ KEY_TYPE_DH, { 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1 }, 9, "DH", 0 },
	{ KEY_TYPE_DH, { 0x2a, 0x86, 0x48, 0xce, 0x3e, 2, 1 }, 7, "DH", 0 },
};

static const struct curve {
	const char *name;
	unsigned char oid[10];
	size_t len;
	int bits;
} curves[] = {
	{ "P-256", { 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 }, 8, 256 },
	{ "P-384", { 0x2b, 0x81, 4, 0, 34 }, 5, 384 },
	{ "P-521", { 0x2b, 0x81, 4, 0, 35 }, 5, 521 },
	{ "P-224", { 0x2b, 0x81, 4, 0, 33 }, 5, 224 },
	{ "P-192", { 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1 }, 8, 192 },
	{ "secp256k1", { 0x2b, 0x81, 4, 0, 10 }, 5, 256 },
	{ "brainpoolP256r1", { 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 7 }, 9, 256 },
	{ "brainpoolP384r1", { 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 11 }, 9, 384 },
	{ "brainpoolP512r1", { 0x2b, 0x24, 3, 3, 2, 8, 1, 1, 13 }, 9, 512 },
};

/* The object of an OBJECT IDENTIFIER's content, NID_undef where OpenSSL has no name for it. */
static int
oid_nid(struct text oid)
{
	unsigned char der[64];
	const unsigned char *p = der;
	ASN1_OBJECT *object;
	int nid;

	if (oid.len > sizeof der - 2 || !der_oid_valid(oid))
		return NID_undef;
	der[0] = DER_OID;
	der[1] = (unsigned char)oid.len;
	memcpy(der + 2, oid.bytes, oid.len);
	object = d2i_ASN1_OBJECT(NULL, &p, (long)oid.len + 2);
	if (object == NULL)
		return NID_undef;
	nid = OBJ_obj2nid(object);
	ASN1_OBJECT_free(object);
	return nid;
}

const char *
oid_name(struct arena *a, struct text oid)
{
	int nid = oid_nid(oid);

	return nid == NID_undef ? der_oid_dotted(a, oid) : OBJ_nid2sn(nid);
}

/* The long name is the one that RFCs and other tools use here: sha256WithRSAEncryption. */
static const char *
oid_long_name(struct arena *a, struct text oid)
{
	int nid = oid_nid(oid);

	return nid == NID_undef ? der_oid_dotted(a, oid) : OBJ_nid2ln(nid);
}

struct key_reader {
	struct arena *arena;
	struct public_key *key;
	struct faults *faults;
	const char *label; /* "RSA" */
	bool over_limit;
};

static void __attribute__((format(printf, 4, 5)))
note(struct key_reader *r, const char *rule, bool fatal, const char *fmt, ...)
{
	char text[200];
	va_list args;

	if (r->faults == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	fault_add(r->faults, rule, fatal, "%s", text);
}

/* RFC 8017 A.1.1: SEQUENCE of modulus and exponent. */
static void
read_rsa(struct key_reader *r, struct text bits)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(bits, &trouble), inside;
	struct der_value modulus, exponent;
	char why[DER_EXPLAIN_MAX];
	struct public_key *k = r->key;

	if (!der_enter(&d, DER_SEQUENCE, &inside, "an RSA key, a SEQUENCE") ||
	    !der_expect(&inside, DER_INTEGER, &modulus, "the RSA modulus, an INTEGER") ||
	    !der_expect(&inside, DER_INTEGER, &exponent, "the RSA exponent, an INTEGER")) {
		note(r, "RFC 8017 A.1.1", true, "the RSA key cannot be read: %s",
		    der_explain(&trouble, why, sizeof why));
		return;
	}
	k->bits = der_integer_bits(modulus.content);
	k->exponent_bits = der_integer_bits(exponent.content);
	if (k->bits > LIMIT_RSA_BITS) {
		r->over_limit = true;
		note(r, "RFC 8017 3.1", true, "the RSA modulus has %d bits, more than the %d that are checked here", k->bits,
		    LIMIT_RSA_BITS);
	}
	if (k->exponent_bits > LIMIT_RSA_EXPONENT_BITS) {
		r->over_limit = true;
		note(r, "RFC 8017 3.1", true, "the RSA exponent has %d bits, more than the %d that are checked here",
		    k->exponent_bits, LIMIT_RSA_EXPONENT_BITS);
	}
	if (k->exponent_bits < 2 || (exponent.content.bytes[exponent.content.len - 1] & 1) == 0)
		note(r, "RFC 8017 3.1", false, "the RSA exponent is even or below 3");
	if (k->bits == 0 || (modulus.content.bytes[modulus.content.len - 1] & 1) == 0 ||
	    (modulus.content.bytes[0] & 0x80) != 0)
		note(r, "RFC 8017 3.1", false, "the RSA modulus is even, negative or zero");
}

/* RFC 5480 2.1.1: namedCurve; X9.62 has SpecifiedECDomain: version, FieldID { type, prime } … */
static void
read_curve(struct key_reader *r, struct der *algorithm)
{
	struct der_value v, oid;
	struct der explicit, field;
	struct public_key *k = r->key;

	switch (der_peek(algorithm)) {
	case DER_OID:
		if (!der_next(algorithm, &v, "a curve"))
			return;
		for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
			if (curves[i].len == v.content.len && memcmp(curves[i].oid, v.content.bytes, v.content.len) == 0) {
				k->curve = curves[i].name;
				k->bits = curves[i].bits;
				return;
			}
		}
		k->curve = oid_name(r->arena, v.content);
		return;
	case DER_SEQUENCE:
		k->explicit_curve = true;
		note(r, "RFC 5480 2.1.1", false,
		    "the curve is given by its parameters, not by its name; OpenSSL, Go and Java refuse that in a chain");
		if (der_enter(algorithm, DER_SEQUENCE, &explicit, "a curve") &&
		    der_expect(&explicit, DER_INTEGER, &v, "a version") &&
		    der_enter(&explicit, DER_SEQUENCE, &field, "a field") &&
		    der_expect(&field, DER_OID, &oid, "a field type") &&
		    der_optional(&field, DER_INTEGER, &v, "a prime"))
			k->bits = der_integer_bits(v.content);
		return;
	default:
		note(r, "RFC 5480 2.1.1", true, "the key does not say which curve it is on");
		return;
	}
}

/* RFC 3279 2.3.2, 2.3.3: the prime comes first. */
static void
read_prime(struct key_reader *r, struct der *algorithm)
{
	struct der parameters;
	struct der_value prime;

	if (der_peek(algorithm) == DER_SEQUENCE &&
	    der_enter(algorithm, DER_SEQUENCE, &parameters, "domain parameters") &&
	    der_expect(&parameters, DER_INTEGER, &prime, "a prime"))
		r->key->bits = der_integer_bits(prime.content);
}

static void
label(struct key_reader *r)
{
	struct public_key *k = r->key;

	if (k->type == KEY_TYPE_EC && k->curve != NULL)
		k->label = arena_printf(r->arena, "EC %s", k->curve);
	else if (k->type == KEY_TYPE_EC)
		k->label = arena_printf(r->arena, "EC %d, explicit parameters", k->bits);
	else if (k->type == KEY_TYPE_ED25519 || k->type == KEY_TYPE_ED448 || k->bits == 0)
		k->label = r->label;
	else
		k->label = arena_printf(r->arena, "%s %d", r->label, k->bits);
}

/* RFC 3279 2.3.1: rsaEncryption's parameters MUST be NULL. RFC 8410 3: Ed25519's and Ed448's MUST be absent. */
static void
judge_parameters(struct key_reader *r, const struct der *algorithm)
{
	if (r->key->type == KEY_TYPE_RSA && der_peek(algorithm) != DER_NULL)
		note(r, "RFC 3279 2.3.1", false, "the RSA key's algorithm parameters are not NULL");
	if ((r->key->type == KEY_TYPE_ED25519 || r->key->type == KEY_TYPE_ED448) && !der_at_end(algorithm))
		note(r, "RFC 8410 3", false, "the key's algorithm has parameters, %s has none", r->label);
}

static bool
read_spki(struct key_reader *r, struct text spki, struct der_trouble *trouble)
{
	struct der d = der_start(spki, trouble), inside, algorithm;
	struct der_value oid, bits;
	struct text content;
	struct public_key *k = r->key;

	if (!der_enter(&d, DER_SEQUENCE, &inside, "the public key, a SEQUENCE") ||
	    !der_enter(&inside, DER_SEQUENCE, &algorithm, "the public key's algorithm, a SEQUENCE") ||
	    !der_expect(&algorithm, DER_OID, &oid, "the public key's algorithm, an OBJECT IDENTIFIER") ||
	    !der_expect(&inside, DER_BIT_STRING, &bits, "the public key's bits, a BIT STRING") ||
	    !der_finish(&inside, "the public key"))
		return false;
	r->label = NULL;
	for (size_t i = 0; i < sizeof algorithms / sizeof algorithms[0]; i++) {
		if (algorithms[i].len == oid.content.len &&
		    memcmp(algorithms[i].oid, oid.content.bytes, oid.content.len) == 0) {
			k->type = algorithms[i].type;
			k->bits = algorithms[i].bits;
			r->label = algorithms[i].label;
		}
	}
	if (r->label == NULL)
		r->label = oid_name(r->arena, oid.content);
	content = bits.content;
	if (content.len == 0 || content.bytes[0] != 0) {
		note(r, "RFC 5280 4.1.2.7", true, "the public key's BIT STRING is not whole octets");
		return true;
	}
	content.bytes++;
	content.len--;
	judge_parameters(r, &algorithm);
	if (k->type == KEY_TYPE_RSA || k->type == KEY_TYPE_RSA_PSS)
		read_rsa(r, content);
	else if (k->type == KEY_TYPE_EC)
		read_curve(r, &algorithm);
	else if (k->type == KEY_TYPE_DSA || k->type == KEY_TYPE_DH)
		read_prime(r, &algorithm);
	return true;
}

void
public_key_fields(struct arena *a, struct text spki, struct public_key *out, bool *over_limit,
    struct faults *faults)
{
	struct der_trouble trouble = { 0 };
	struct key_reader r = { .arena = a, .key = out, .faults = faults, .label = "unknown key" };
	char why[DER_EXPLAIN_MAX];

	*out = (struct public_key){ 0 };
	SHA256(spki.bytes, spki.len, out->spki.bytes);
	if (!read_spki(&r, spki, &trouble))
		note(&r, "RFC 5280 4.1.2.7", true, "the public key cannot be read: %s",
		    der_explain(&trouble, why, sizeof why));
	label(&r);
	*over_limit = r.over_limit;
}

void
public_key_usable(struct public_key *key, EVP_PKEY *pkey, bool over_limit)
{
	key->readable = pkey != NULL && !over_limit;
	if (pkey == NULL)
		return;
	if (key->bits == 0)
		key->bits = EVP_PKEY_get_bits(pkey);
	key->security_bits = EVP_PKEY_get_security_bits(pkey);
	if (key->security_bits < 0)
		key->security_bits = 0;
}

void
public_key_read(struct arena *a, struct text spki, struct public_key *out, struct faults *faults)
{
	const unsigned char *p = spki.bytes;
	EVP_PKEY *pkey = NULL;
	bool over_limit;

	public_key_fields(a, spki, out, &over_limit, faults);
	if (!over_limit && spki.len <= LIMIT_CERT_DER)
		pkey = d2i_PUBKEY(NULL, &p, (long)spki.len);
	public_key_usable(out, pkey, over_limit);
	if (!over_limit && pkey == NULL && faults != NULL)
		fault_add(faults, "RFC 5280 4.1.2.7", true, "the public key (%s) is damaged or of a kind that OpenSSL has not",
		    out->label);
	EVP_PKEY_free(pkey);
}

/* The hashes that signatures use; the strengths are those of OpenSSL's security levels. */
static const struct hash {
	int nid;
	const char *name;
	int bits;
	int security_bits;
} hashes[] = {
	{ NID_sha256, "SHA-256", 256, 128 },
	{ NID_sha384, "SHA-384", 384, 192 },
	{ NID_sha512, "SHA-512", 512, 256 },
	{ NID_sha1, "SHA-1", 160, 63 }, /* OpenSSL 3.0: collisions cost 2^63 */
	{ NID_md5, "MD5", 128, 39 },
	{ NID_md2, "MD2", 128, 39 },
	{ NID_md4, "MD4", 128, 39 },
	{ NID_sha224, "SHA-224", 224, 112 },
	{ NID_sha512_256, "SHA-512/256", 256, 128 },
	{ NID_sha3_256, "SHA3-256", 256, 128 },
	{ NID_sha3_384, "SHA3-384", 384, 192 },
	{ NID_sha3_512, "SHA3-512", 512, 256 },
};

static void
set_hash(struct signature_info *out, int nid)
{
	for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
		if (hashes[i].nid == nid) {
			out->hash = hashes[i].name;
			out->hash_bits = hashes[i].bits;
			out->security_bits = hashes[i].security_bits;
		}
	}
}

/* RFC 4055 3.1: hashAlgorithm is [0] EXPLICIT; SHA-1 where it is absent. */
static int
pss_hash(struct der *algorithm)
{
	struct der parameters, hash, identifier;
	struct der_value oid;

	if (der_peek(algorithm) != DER_SEQUENCE ||
	    !der_enter(algorithm, DER_SEQUENCE, &parameters, "PSS parameters") ||
	    der_peek(&parameters) != DER_CONTEXT_IN(0))
		return NID_sha1;
	if (!der_enter(&parameters, DER_CONTEXT_IN(0), &hash, "PSS hash") ||
	    !der_enter(&hash, DER_SEQUENCE, &identifier, "PSS hash") ||
	    !der_expect(&identifier, DER_OID, &oid, "PSS hash"))
		return NID_undef;
	return oid_nid(oid.content);
}

void
signature_info_read(struct arena *a, struct text algorithm, struct signature_info *out)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(algorithm, &trouble), inside;
	struct der_value oid;
	int nid, hash = NID_undef;

	*out = (struct signature_info){ .label = "unreadable" };
	if (!der_enter(&d, DER_SEQUENCE, &inside, "a signature algorithm, a SEQUENCE") ||
	    !der_expect(&inside, DER_OID, &oid, "a signature algorithm, an OBJECT IDENTIFIER"))
		return;
	out->label = oid_long_name(a, oid.content);
	nid = oid_nid(oid.content);
	if (nid == NID_ED25519)
		out->security_bits = 128;
	else if (nid == NID_ED448)
		out->security_bits = 224;
	else if (nid == NID_rsassaPss)
		set_hash(out, pss_hash(&inside));
	else if (nid != NID_undef && OBJ_find_sigid_algs(nid, &hash, NULL))
		set_hash(out, hash);
}
