/* PKCS#7 and CMS as carriers of certificates (RFC 5652 5.1, "certs-only"): each is read on its own. */
#include "model/objects_reader.h"

#include <openssl/err.h>
#include <openssl/pkcs7.h>

#define OID(s) { (const unsigned char *)(s), sizeof(s) - 1 }

static const struct text signed_data = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");

/* BER with indefinite lengths, as some tools write it, through OpenSSL into DER. NULL where OpenSSL cannot read it. */
static unsigned char *
to_der(struct text ber, size_t *len)
{
	const unsigned char *p = ber.bytes;
	PKCS7 *p7 = d2i_PKCS7(NULL, &p, (long)ber.len);
	unsigned char *der = NULL;
	int n = p7 == NULL ? -1 : i2d_PKCS7(p7, &der);

	PKCS7_free(p7);
	ERR_clear_error();
	*len = n < 0 ? 0 : (size_t)n;
	return n < 0 ? NULL : der;
}

static void
read_members(struct reader *r, struct der *members, enum blob kind, const char *what, const unsigned char *base)
{
	size_t start = r->byte;
	struct der_value v;

	while (!der_at_end(members) && der_next(members, &v, what)) {
		/* Attribute certificates and other choices carry context tags. */
		if (v.tag != DER_SEQUENCE)
			continue;
		if (r->line == 0)
			r->byte = start + (size_t)(v.whole.bytes - base);
		blob_read(r, kind, v.whole);
	}
	r->byte = start;
}

static bool
read_signed_data(struct reader *r, struct text der, struct der_trouble *trouble)
{
	struct der d = der_start(der, trouble), outer, explicit_tag, sd, members;
	struct der_value oid, version, algorithms, content;

	if (!der_enter(&d, DER_SEQUENCE, &outer, "the PKCS#7 container") ||
	    !der_expect(&outer, DER_OID, &oid, "the type of its content"))
		return false;
	if (!text_equal(oid.content, signed_data)) {
		reader_damaged(r, "a PKCS#7 container that carries no certificates; expected the type signedData");
		return true;
	}
	if (!der_enter(&outer, DER_CONTEXT_IN(0), &explicit_tag, "its content") ||
	    !der_enter(&explicit_tag, DER_SEQUENCE, &sd, "the signed data") ||
	    !der_expect(&sd, DER_INTEGER, &version, "the version") ||
	    !der_expect(&sd, DER_SET, &algorithms, "the digest algorithms") ||
	    !der_expect(&sd, DER_SEQUENCE, &content, "what is signed"))
		return false;
	if (der_peek(&sd) == DER_CONTEXT_IN(0)) {
		if (!der_enter(&sd, DER_CONTEXT_IN(0), &members, "the certificates"))
			return false;
		read_members(r, &members, BLOB_CERT, "a certificate", der.bytes);
	}
	if (der_peek(&sd) == DER_CONTEXT_IN(1)) {
		if (!der_enter(&sd, DER_CONTEXT_IN(1), &members, "the revocation lists"))
			return false;
		read_members(r, &members, BLOB_CRL, "a revocation list", der.bytes);
	}
	return trouble->why == DER_FINE;
}

void
pkcs7_read(struct reader *r, struct text der)
{
	size_t good = r->good, damaged = r->damaged, len;
	struct der_trouble trouble = { 0 };
	unsigned char *again = NULL;
	char why[DER_EXPLAIN_MAX];
	bool ok;

	r->container = "PKCS#7";
	ok = read_signed_data(r, der, &trouble);
	if (!ok && trouble.why == DER_INDEFINITE && r->good == good && r->damaged == damaged) {
		again = to_der(der, &len);
		if (again != NULL) {
			trouble = (struct der_trouble){ 0 };
			ok = read_signed_data(r, (struct text){ again, len }, &trouble);
		}
	}
	if (!ok)
		reader_damaged(r, "the PKCS#7 container is damaged: %s", der_explain(&trouble, why, sizeof why));
	else if (r->good == good && r->damaged == damaged)
		reader_damaged(r, "the PKCS#7 container is empty: it holds no certificate");
	OPENSSL_free(again);
}
