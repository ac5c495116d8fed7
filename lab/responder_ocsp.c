/* OCSP as a CA's responder speaks it: signed by the CA itself, which answers with the nonce, or by a delegate, which does not. */
#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "lab/responder.h"

enum { HOUR = 3600, DAY = 86400 };

static ASN1_TIME *
at(int64_t t)
{
	return ASN1_TIME_set(NULL, (time_t)t);
}

/* Of the certificates that this CA issued here; others are not known to it. */
static bool
add_status(OCSP_BASICRESP *b, struct authority *a, const char *ca, OCSP_CERTID *id, int64_t from, int64_t to)
{
	ASN1_INTEGER *serial = NULL;
	bool revoked = false, known;
	ASN1_TIME *when = at(authority_revoked_at(a)), *begin = at(from), *end = at(to);
	OCSP_SINGLERESP *one;

	OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
	known = authority_issued(a, ca, serial, &revoked);
	one = OCSP_basic_add1_status(b, id, !known ? V_OCSP_CERTSTATUS_UNKNOWN : revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
	    OCSP_REVOKED_STATUS_KEYCOMPROMISE, when, begin, end);
	ASN1_TIME_free(when);
	ASN1_TIME_free(begin);
	ASN1_TIME_free(end);
	return one != NULL;
}

static bool
sign(OCSP_BASICRESP *b, struct authority *a, const char *ca, enum ocsp_kind kind)
{
	const struct pki_cert *by = authority_cert(a, kind == OCSP_DELEGATED ? "responder" : ca);

	return OCSP_basic_sign(b, by->x509, by->key, EVP_sha256(), NULL, kind == OCSP_DELEGATED ? 0 : OCSP_NOCERTS) == 1;
}

static bool
put(OCSP_RESPONSE *response, struct buf *out)
{
	unsigned char *der = NULL;
	int len = response != NULL ? i2d_OCSP_RESPONSE(response, &der) : 0;

	if (len > 0)
		buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
	return len > 0;
}

static OCSP_CERTID *
id_of(struct authority *a, const char *ca, const char *about)
{
	return OCSP_cert_to_id(EVP_sha1(), authority_cert(a, about)->x509, authority_cert(a, ca)->x509);
}

bool
responder_ocsp(struct authority *a, const char *ca, enum ocsp_kind kind, const unsigned char *question, size_t len,
    const char *about, int64_t now, struct buf *out)
{
	int64_t from = now - (kind == OCSP_OUT_OF_DATE ? 9 * DAY : HOUR), to = now + (kind == OCSP_OUT_OF_DATE ? -2 * DAY : 6 * DAY);
	const unsigned char *p = question;
	OCSP_REQUEST *q = question != NULL ? d2i_OCSP_REQUEST(NULL, &p, (long)len) : NULL;
	OCSP_BASICRESP *b = OCSP_BASICRESP_new();
	OCSP_CERTID *id = about != NULL ? id_of(a, ca, about) : NULL;
	bool ok = b != NULL && (q != NULL || id != NULL);

	if (kind == OCSP_TRY_LATER || (question != NULL && q == NULL)) {
		OCSP_BASICRESP_free(b);
		OCSP_REQUEST_free(q);
		ERR_clear_error();
		return put(OCSP_response_create(kind == OCSP_TRY_LATER ? OCSP_RESPONSE_STATUS_TRYLATER : OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, NULL), out);
	}
	for (int i = 0; ok && q != NULL && i < OCSP_request_onereq_count(q); i++)
		ok = add_status(b, a, ca, OCSP_onereq_get0_id(OCSP_request_onereq_get0(q, i)), from, to);
	if (id != NULL)
		ok = ok && add_status(b, a, ca, id, from, to);
	if (ok && q != NULL && kind == OCSP_DIRECT)
		OCSP_copy_nonce(b, q);
	ok = ok && sign(b, a, ca, kind) && put(OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, b), out);
	OCSP_CERTID_free(id);
	OCSP_BASICRESP_free(b);
	OCSP_REQUEST_free(q);
	return ok;
}
