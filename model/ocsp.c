#include "model/ocsp.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "model/asn1_times.h"
#include "model/cert_openssl.h"
#include "model/crl.h"
#include "model/times.h"

/* ---- the question ---- */

static OCSP_REQUEST *
make_question(const struct cert *c, const struct cert *issuer, const unsigned char *nonce)
{
	OCSP_REQUEST *q = OCSP_REQUEST_new();
	/* SHA-1 is no secret here: RFC 5019 2.1.1 asks for it, and many responders know no other. */
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), cert_x509(c), cert_x509(issuer));
	unsigned char bytes[OCSP_NONCE_BYTES];

	if (q == NULL || id == NULL || OCSP_request_add0_id(q, id) == NULL) {
		OCSP_CERTID_free(id);
		OCSP_REQUEST_free(q);
		return NULL;
	}
	memcpy(bytes, nonce, sizeof bytes);
	if (OCSP_request_add1_nonce(q, bytes, (int)sizeof bytes) != 1) {
		OCSP_REQUEST_free(q);
		return NULL;
	}
	return q;
}

bool
ocsp_question(const struct cert *c, const struct cert *issuer, const unsigned char nonce[OCSP_NONCE_BYTES], struct buf *out)
{
	OCSP_REQUEST *q = make_question(c, issuer, nonce);
	unsigned char *der = NULL;
	int len = q != NULL ? i2d_OCSP_REQUEST(q, &der) : 0;

	if (len > 0)
		buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	OCSP_REQUEST_free(q);
	ERR_clear_error();
	return len > 0;
}

/* ---- the response ---- */

struct reading {
	const struct cert *c, *issuer;
	const unsigned char *nonce;
	struct arena *arena;
	struct revocation *out;
	OCSP_RESPONSE *response;
	OCSP_BASICRESP *basic;
};

static bool
doubt(struct reading *r, enum revocation_doubt kind, const char *why)
{
	r->out->status = REVOCATION_UNKNOWN;
	r->out->doubt = kind;
	r->out->why = why;
	return false;
}

static bool
parse(struct reading *r, struct text bytes)
{
	const unsigned char *p = bytes.bytes;
	int answer;

	r->response = bytes.len > 0 && bytes.len <= INT32_MAX ? d2i_OCSP_RESPONSE(NULL, &p, (long)bytes.len) : NULL;
	if (r->response == NULL || p != bytes.bytes + bytes.len)
		return doubt(r, REVOCATION_BROKEN, "it is no OCSP response");
	answer = OCSP_response_status(r->response);
	if (answer != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		/* One of OpenSSL's own words; "(UNKNOWN)" for a number that RFC 6960 does not have. */
		return doubt(r, REVOCATION_NOT_SAID, arena_printf(r->arena, "the responder answers “%s”", OCSP_response_status_str(answer)));
	r->basic = OCSP_response_get1_basic(r->response);
	return r->basic != NULL || doubt(r, REVOCATION_UNSUPPORTED, "it is an OCSP response of a kind that is not known here");
}

/* The certificate that signed it, where it is the CA's own or came along; borrowed. */
static const X509 *
signer_of(struct reading *r)
{
	STACK_OF(X509) *ca = sk_X509_new_null();
	X509 *signer = NULL;

	if (ca != NULL && sk_X509_push(ca, cert_x509(r->issuer)) > 0 && OCSP_resp_get0_signer(r->basic, &signer, ca) != 1)
		signer = NULL;
	sk_X509_free(ca);
	return signer;
}

/*
 * RFC 6960 4.2.2.2: the CA itself, or a certificate that the CA issued for this. OpenSSL checks both, and
 * the path between them; the CA is the end of that path, root or not. Times are judged with the response's own.
 */
static bool
signed_rightly(struct reading *r)
{
	X509_STORE *store = X509_STORE_new();
	STACK_OF(X509) *ca = sk_X509_new_null();
	bool ok = store != NULL && ca != NULL && sk_X509_push(ca, cert_x509(r->issuer)) > 0 &&
	    X509_STORE_add_cert(store, cert_x509(r->issuer)) == 1 &&
	    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME) == 1 &&
	    OCSP_basic_verify(r->basic, ca, store, 0) == 1;

	sk_X509_free(ca);
	X509_STORE_free(store);
	return ok || doubt(r, REVOCATION_BROKEN, "neither the CA nor a responder that it appointed has signed it");
}

static bool
nonce_fits(struct reading *r)
{
	OCSP_REQUEST *q;
	int answer;

	if (r->nonce == NULL)
		return true;
	q = make_question(r->c, r->issuer, r->nonce);
	answer = q != NULL ? OCSP_check_nonce(q, r->basic) : 0;
	OCSP_REQUEST_free(q);
	/* -1: none came back, which most responders do. */
	return answer == 1 || answer == -1 || doubt(r, REVOCATION_BROKEN, "it answers somebody else's question: its nonce is not ours");
}

/* Does this answer name our certificate? By the hash that it was made with. */
static bool
names_it(const struct reading *r, OCSP_CERTID *id)
{
	ASN1_OBJECT *algorithm = NULL;
	const EVP_MD *md;
	OCSP_CERTID *ours;
	bool same;

	if (OCSP_id_get0_info(NULL, &algorithm, NULL, NULL, id) != 1 || (md = EVP_get_digestbyobj(algorithm)) == NULL)
		return false;
	ours = OCSP_cert_to_id(md, cert_x509(r->c), cert_x509(r->issuer));
	same = ours != NULL && OCSP_id_cmp(ours, id) == 0;
	OCSP_CERTID_free(ours);
	return same;
}

static OCSP_SINGLERESP *
answer_about(const struct reading *r)
{
	for (int i = 0; i < OCSP_resp_count(r->basic); i++) {
		OCSP_SINGLERESP *one = OCSP_resp_get0(r->basic, i);

		/* The cast: OpenSSL 3.0 compares what it does not change, and does not say so in its types. */
		if (one != NULL && names_it(r, (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(one)))
			return one;
	}
	return NULL;
}

/* A delegated responder's word ends with its certificate. */
static void
end_with_signer(struct reading *r)
{
	const X509 *signer = signer_of(r);
	int64_t end;

	if (signer == NULL || X509_cmp(signer, cert_x509(r->issuer)) == 0)
		return;
	end = asn1_time(X509_get0_notAfter(signer));
	if (end != TIME_UNKNOWN && (r->out->next_update == TIME_UNKNOWN || end < r->out->next_update))
		r->out->next_update = end;
}

static bool
take(struct reading *r)
{
	struct revocation *out = r->out;
	OCSP_SINGLERESP *one = answer_about(r);
	ASN1_GENERALIZEDTIME *revoked = NULL, *this_update = NULL, *next_update = NULL;
	int reason = -1, says;

	if (one == NULL)
		return doubt(r, REVOCATION_BROKEN, "it is about another certificate");
	says = OCSP_single_get0_status(one, &reason, &revoked, &this_update, &next_update);
	out->produced_at = asn1_time(OCSP_resp_get0_produced_at(r->basic));
	out->this_update = asn1_time(this_update);
	out->next_update = asn1_time(next_update);
	end_with_signer(r);
	if (says == V_OCSP_CERTSTATUS_GOOD) {
		out->status = REVOCATION_GOOD;
	} else if (says == V_OCSP_CERTSTATUS_REVOKED) {
		out->status = REVOCATION_REVOKED;
		out->revoked_at = asn1_time(revoked);
		out->reason = crl_reason_name(reason);
	} else {
		return doubt(r, REVOCATION_NOT_SAID, "the responder does not know the certificate");
	}
	return true;
}

void
ocsp_read(struct text response, const struct cert *c, const struct cert *issuer, const unsigned char *nonce, struct arena *a,
    struct revocation *out)
{
	struct reading r = { .c = c, .issuer = issuer, .nonce = nonce, .arena = a, .out = out };

	*out = (struct revocation){ .of = c->sha256, .by = nonce != NULL ? REVOCATION_BY_OCSP : REVOCATION_BY_STAPLE,
		.revoked_at = TIME_UNKNOWN, .produced_at = TIME_UNKNOWN, .this_update = TIME_UNKNOWN, .next_update = TIME_UNKNOWN };
	(void)(parse(&r, response) && signed_rightly(&r) && nonce_fits(&r) && take(&r));
	OCSP_BASICRESP_free(r.basic);
	OCSP_RESPONSE_free(r.response);
	ERR_clear_error();
}
