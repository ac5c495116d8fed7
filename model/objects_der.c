/* What a piece of DER is, by its shape, and which reader takes it. */
#include "model/objects_reader.h"

#include <string.h>

#include "model/memory.h"

#define SHAPE_MAX 12 /* children looked at: a traditional RSA key has nine */

size_t
der_first_len(struct text bytes)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(bytes, &trouble);
	struct der_value v;

	return der_next(&d, &v, "a value") ? v.whole.len : 0;
}

/* One letter a child: S sequence, T set, I integer, O octet string, B bit string, N object identifier, t time, 0 to 3 context tags. */
static char
letter(unsigned char tag)
{
	switch (tag) {
	case DER_SEQUENCE: return 'S';
	case DER_SET: return 'T';
	case DER_INTEGER: return 'I';
	case DER_OCTET_STRING: return 'O';
	case DER_BIT_STRING: return 'B';
	case DER_OID: return 'N';
	case DER_UTC_TIME:
	case DER_GENERALIZED_TIME: return 't';
	case DER_CONTEXT_IN(0): return '0';
	case DER_CONTEXT_IN(1): return '1';
	case DER_CONTEXT_IN(2): return '2';
	case DER_CONTEXT_IN(3): return '3';
	default: return '?';
	}
}

static void
shape_of(struct der *d, char out[SHAPE_MAX + 1], struct der_value *first)
{
	struct der_value v;
	size_t n = 0;

	*first = (struct der_value){ 0 };
	while (n < SHAPE_MAX && !der_at_end(d) && der_next(d, &v, "a value")) {
		if (n == 0)
			*first = v;
		out[n++] = letter(v.tag);
	}
	out[n] = '\0';
}

/* What is signed: SEQUENCE { to be signed, algorithm, signature }. */
static enum blob
detect_signed(struct text tbs)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(tbs, &trouble);
	char shape[SHAPE_MAX + 1];
	struct der_value first;

	shape_of(&d, shape, &first);
	/* A CRL: version?, algorithm, issuer, thisUpdate (RFC 5280 5.1). */
	if (strncmp(shape, "ISSt", 4) == 0 || strncmp(shape, "SSt", 3) == 0)
		return BLOB_CRL;
	/* A request: version, subject, key, attributes (RFC 2986 4.1); a version 1 certificate goes on with three sequences. */
	if (strcmp(shape, "ISS0") == 0 || strcmp(shape, "ISS") == 0)
		return BLOB_CSR;
	return BLOB_CERT;
}

static const struct shape {
	const char *begins; /* with these children */
	enum blob kind;
} shapes[] = {
	{ "NS", BLOB_UNKNOWN }, /* an AlgorithmIdentifier: nothing of its own */
	{ "N0", BLOB_PKCS7 },
	{ "ISO", BLOB_PKCS8 },
	{ "ISS", BLOB_PKCS12 },
	{ "IIIIIIIII", BLOB_KEY_RSA },
	{ "IIIIII", BLOB_KEY_DSA },
	{ "IO", BLOB_KEY_EC },
	{ "SO", BLOB_PKCS8_ENCRYPTED },
	{ "SB", BLOB_PUBLIC_KEY },
};

/* BER with indefinite lengths: only containers come so, and how they begin tells which it is. */
static enum blob
detect_ber(struct text content)
{
	static const unsigned char signed_data[] = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
	static const unsigned char version_3[] = "\x02\x01\x03\x30";

	if (content.len > 11 && memcmp(content.bytes, signed_data, 11) == 0)
		return BLOB_PKCS7;
	if (content.len > 4 && memcmp(content.bytes, version_3, 4) == 0)
		return BLOB_PKCS12;
	return BLOB_UNKNOWN;
}

enum blob
blob_detect(struct text der)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(der, &trouble), inside;
	char shape[SHAPE_MAX + 1];
	struct der_value first;

	if (der.len > 2 && der.bytes[0] == DER_SEQUENCE && der.bytes[1] == 0x80)
		return detect_ber((struct text){ der.bytes + 2, der.len - 2 });
	if (!der_enter(&d, DER_SEQUENCE, &inside, "a SEQUENCE"))
		return BLOB_UNKNOWN;
	shape_of(&inside, shape, &first);
	if (shape[0] != '\0' && shape[1] == '\0')
		return detect_ber((struct text){ first.whole.bytes, (size_t)(inside.end - first.whole.bytes) });
	if (strcmp(shape, "SSB") == 0)
		return detect_signed(first.content);
	if (strcmp(shape, "IS") == 0)
		return BLOB_PKCS12; /* without a MAC */
	if (strcmp(shape, "II") == 0)
		return BLOB_PUBLIC_KEY_RSA;
	for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
		if (strncmp(shape, shapes[i].begins, strlen(shapes[i].begins)) == 0)
			return shapes[i].kind;
	}
	return BLOB_UNKNOWN;
}

const char *
blob_name(enum blob b)
{
	static const char *const names[] = {
		[BLOB_UNKNOWN] = "something unknown",
		[BLOB_CERT] = "a certificate",
		[BLOB_CSR] = "a certificate request",
		[BLOB_CRL] = "a revocation list",
		[BLOB_PKCS7] = "a PKCS#7 container",
		[BLOB_PKCS12] = "a PKCS#12 container",
		[BLOB_PKCS8] = "a private key (PKCS#8)",
		[BLOB_PKCS8_ENCRYPTED] = "an encrypted private key (PKCS#8)",
		[BLOB_KEY_RSA] = "a traditional RSA private key",
		[BLOB_KEY_EC] = "a traditional EC private key",
		[BLOB_KEY_DSA] = "a traditional DSA private key",
		[BLOB_PUBLIC_KEY] = "a public key",
		[BLOB_PUBLIC_KEY_RSA] = "a traditional RSA public key",
	};

	return names[b];
}

bool
blob_is_private_key(enum blob b)
{
	return b == BLOB_PKCS8 || b == BLOB_PKCS8_ENCRYPTED || b == BLOB_KEY_RSA || b == BLOB_KEY_EC || b == BLOB_KEY_DSA;
}

enum object_kind
blob_object(enum blob b)
{
	if (blob_is_private_key(b))
		return OBJECT_KEY;
	switch (b) {
	case BLOB_CERT: return OBJECT_CERT;
	case BLOB_CSR: return OBJECT_CSR;
	case BLOB_CRL: return OBJECT_CRL;
	case BLOB_PUBLIC_KEY:
	case BLOB_PUBLIC_KEY_RSA: return OBJECT_PUBLIC_KEY;
	default: return OBJECT_DAMAGED;
	}
}

static void
cert_read(struct reader *r, struct text der)
{
	bool lazy = r->opt != NULL && r->opt->lazy && blob_detect(der) == BLOB_CERT;
	struct error err = { 0 };
	struct cert *cert = lazy ? NULL : cert_parse(der.bytes, der.len, &err);
	struct object *o;

	if (lazy) {
		o = reader_add(r, OBJECT_CERT);
		if (o != NULL)
			o->der = (struct text){ arena_dup(r->out->arena, der.bytes, der.len), der.len };
		return;
	}
	if (cert == NULL) {
		reader_damaged(r, "%s", err.text);
		return;
	}
	o = reader_add(r, OBJECT_CERT);
	if (o == NULL)
		cert_free(cert);
	else
		o->cert = cert;
}

/* Only that it is one: what it revokes is looked at where revocation is. */
static void
crl_read(struct reader *r, struct text der)
{
	if (blob_detect(der) == BLOB_CRL)
		(void)reader_add(r, OBJECT_CRL);
	else
		reader_damaged(r, "the revocation list is damaged: its ASN.1 does not parse");
}

static void
unknown_read(struct reader *r, struct text der)
{
	struct der_trouble trouble = { 0 };
	struct der d = der_start(der, &trouble), inside;
	char why[DER_EXPLAIN_MAX];

	if (der_enter(&d, DER_SEQUENCE, &inside, "a SEQUENCE, as a certificate or a key begins"))
		reader_damaged(r, "well-formed ASN.1, but no certificate, key, request, list or container that is known here");
	else
		reader_damaged(r, "%s", der_explain(&trouble, why, sizeof why));
}

void
blob_read(struct reader *r, enum blob kind, struct text der)
{
	r->meant = blob_object(kind);
	switch (kind) {
	case BLOB_CERT: cert_read(r, der); break;
	case BLOB_CSR: csr_read(r, der); break;
	case BLOB_CRL: crl_read(r, der); break;
	case BLOB_PKCS7: pkcs7_read(r, der); break;
	case BLOB_PKCS12: pkcs12_read(r, der); break;
	case BLOB_PKCS8_ENCRYPTED: key_read_encrypted(r, der); break;
	case BLOB_PKCS8:
	case BLOB_KEY_RSA:
	case BLOB_KEY_EC:
	case BLOB_KEY_DSA:
	case BLOB_PUBLIC_KEY:
	case BLOB_PUBLIC_KEY_RSA: key_read(r, kind, der, false); break;
	case BLOB_UNKNOWN: unknown_read(r, der); break;
	}
}
