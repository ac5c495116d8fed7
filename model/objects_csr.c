/* Certificate requests: RFC 2986. */
#include "model/objects_reader.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "model/cert_fields.h"
#include "model/limits.h"
#include "model/memory.h"

#define OID(s) { (const unsigned char *)(s), sizeof(s) - 1 }
#define CSR_CHECK_WORK 1000 /* of a signature check, in iterations: see LIMIT_KDF_TOTAL */

static const struct text extension_request = OID("\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e");           /* RFC 2985 5.4.2 */
static const struct text extension_request_ms = OID("\x2b\x06\x01\x04\x01\x82\x37\x02\x01\x0e");    /* Microsoft's older one */
static const struct text subject_alt_name = OID("\x55\x1d\x11");

/* Extensions ::= SEQUENCE OF SEQUENCE { OID, critical?, OCTET STRING } */
static void
read_extensions(struct reader *r, struct der *extensions, struct csr *csr)
{
	struct der one;
	struct der_value oid, critical, value;
	size_t cap = csr->extensions_len;

	while (!der_at_end(extensions) && csr->extensions_len < LIMIT_EXTENSION_ITEMS &&
	    der_enter(extensions, DER_SEQUENCE, &one, "an extension")) {
		bool is_critical;

		if (!der_expect(&one, DER_OID, &oid, "its name"))
			return;
		is_critical = der_optional(&one, DER_BOOLEAN, &critical, "critical") && critical.content.len == 1 && critical.content.bytes[0] != 0;
		if (!der_expect(&one, DER_OCTET_STRING, &value, "its value"))
			return;
		csr->extensions = arena_grow(r->out->arena, csr->extensions, csr->extensions_len, &cap, sizeof *csr->extensions);
		csr->extensions[csr->extensions_len++] = (struct extension){
			.oid = der_oid_dotted(r->out->arena, oid.content),
			.name = oid_name(r->out->arena, oid.content),
			.critical = is_critical,
			.value = value.content,
		};
		if (!text_equal(oid.content, subject_alt_name) || csr->has_san)
			continue;
		csr->has_san = true;
		csr->san_critical = is_critical;
		if (!sans_read(r->out->arena, value.content, &csr->san, &csr->san_len, NULL, NULL)) {
			csr->san_damaged = true;
			reader_note(r, "the request's subject alternative names do not parse to their end");
		}
	}
}

/* Attributes ::= SET OF SEQUENCE { OID, SET OF value } */
static void
read_attributes(struct reader *r, struct der *attributes, struct csr *csr)
{
	struct der one, values, extensions;
	struct der_value oid;

	while (!der_at_end(attributes) && der_enter(attributes, DER_SEQUENCE, &one, "an attribute")) {
		if (!der_expect(&one, DER_OID, &oid, "its name") || !der_enter(&one, DER_SET, &values, "its values"))
			return;
		if (!text_equal(oid.content, extension_request) && !text_equal(oid.content, extension_request_ms))
			continue;
		if (der_enter(&values, DER_SEQUENCE, &extensions, "the extensions"))
			read_extensions(r, &extensions, csr);
	}
}

/* Proof that whoever made it has the key. */
static bool
signature_holds(struct reader *r, struct text der, const struct csr *csr)
{
	const unsigned char *p = der.bytes;
	X509_REQ *req = NULL;
	bool ok = false;

	if (!csr->key.readable || !reader_spend(r, CSR_CHECK_WORK))
		return false;
	req = d2i_X509_REQ(NULL, &p, (long)der.len);
	if (req != NULL && X509_REQ_get0_pubkey(req) != NULL)
		ok = X509_REQ_verify(req, X509_REQ_get0_pubkey(req)) == 1;
	X509_REQ_free(req);
	ERR_clear_error();
	return ok;
}

void
csr_read(struct reader *r, struct text der)
{
	struct der_trouble trouble = { 0 };
	struct der d, outer, info, attributes;
	struct der_value version, subject, key, algorithm, signature;
	char why[DER_EXPLAIN_MAX];
	struct object *o;
	struct csr *csr;

	/* Names and alternative names point into it, and the file's bytes go. */
	der.bytes = arena_dup(r->out->arena, der.bytes, der.len);
	d = der_start(der, &trouble);
	if (!der_enter(&d, DER_SEQUENCE, &outer, "the request") || !der_enter(&outer, DER_SEQUENCE, &info, "what it asks for") ||
	    !der_expect(&info, DER_INTEGER, &version, "the version") ||
	    !der_expect(&info, DER_SEQUENCE, &subject, "the subject") ||
	    !der_expect(&info, DER_SEQUENCE, &key, "the public key") ||
	    !der_expect(&outer, DER_SEQUENCE, &algorithm, "the signature algorithm") ||
	    !der_expect(&outer, DER_BIT_STRING, &signature, "the signature") || !der_finish(&outer, "the request") ||
	    !der_finish(&d, "the request")) {
		reader_damaged(r, "the certificate request is damaged: %s", der_explain(&trouble, why, sizeof why));
		return;
	}
	csr = arena_alloc(r->out->arena, sizeof *csr);
	if (!name_parse(r->out->arena, (struct text){ subject.whole.bytes, subject.whole.len }, &csr->subject)) {
		reader_damaged(r, "the certificate request is damaged: its subject does not parse");
		return;
	}
	public_key_read(r->out->arena, key.whole, &csr->key, NULL);
	signature_info_read(r->out->arena, algorithm.whole, &csr->signature);
	if (der_peek(&info) == DER_CONTEXT_IN(0) && der_enter(&info, DER_CONTEXT_IN(0), &attributes, "the attributes"))
		read_attributes(r, &attributes, csr);
	csr->der = der;
	csr->signature_ok = signature_holds(r, der, csr);
	o = reader_add(r, OBJECT_CSR);
	if (o != NULL)
		o->csr = csr;
}
