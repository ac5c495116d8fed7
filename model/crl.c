#include "model/crl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "model/asn1_times.h"
#include "model/cert_openssl.h"
#include "model/times.h"

struct crl {
	X509_CRL *list;
	int64_t this_update, next_update;
	pthread_mutex_t lock; /* for the two below */
	struct fingerprint asked;
	enum { NOT_ASKED, SIGNED, NOT_SIGNED } answer;
};

/* ---- reading ---- */

static X509_CRL *
read_der(const unsigned char *bytes, size_t len)
{
	const unsigned char *p = bytes;
	X509_CRL *list = len <= INT32_MAX ? d2i_X509_CRL(NULL, &p, (long)len) : NULL;

	if (list != NULL && p != bytes + len) {
		X509_CRL_free(list); /* something stands behind it: it is not what was signed alone */
		list = NULL;
	}
	return list;
}

static X509_CRL *
read_pem(const unsigned char *bytes, size_t len)
{
	static const char begin[] = "-----BEGIN X509 CRL-----";
	BIO *bio;
	X509_CRL *list;

	if (memmem(bytes, len, begin, sizeof begin - 1) == NULL || (bio = BIO_new_mem_buf(bytes, (int)len)) == NULL)
		return NULL;
	list = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return list;
}

struct crl *
crl_parse(const unsigned char *bytes, size_t len, struct error *err)
{
	X509_CRL *list = read_der(bytes, len);
	struct crl *c;

	if (list == NULL && len <= INT32_MAX)
		list = read_pem(bytes, len);
	ERR_clear_error();
	if (list == NULL) {
		error_set(err, ERROR_INPUT, "parsing", "it is no revocation list: neither DER nor PEM of one");
		return NULL;
	}
	c = mem_zero(1, sizeof *c);
	c->list = list;
	c->this_update = asn1_time(X509_CRL_get0_lastUpdate(list));
	c->next_update = asn1_time(X509_CRL_get0_nextUpdate(list));
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
crl_free(struct crl *c)
{
	if (c == NULL)
		return;
	X509_CRL_free(c->list);
	pthread_mutex_destroy(&c->lock);
	free(c);
}

/* ---- whose it is ---- */

bool
crl_signed_by(struct crl *c, const struct cert *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(cert_x509(issuer));
	bool yes;

	pthread_mutex_lock(&c->lock);
	if (c->answer == NOT_ASKED || !fingerprint_equal(&c->asked, &issuer->sha256)) {
		c->asked = issuer->sha256;
		c->answer = key != NULL && X509_CRL_verify(c->list, key) == 1 ? SIGNED : NOT_SIGNED;
	}
	yes = c->answer == SIGNED;
	pthread_mutex_unlock(&c->lock);
	ERR_clear_error();
	return yes;
}

/* ---- what it covers ---- */

/* RFC 5280 5.2: what an implementation may not know and must not pass over. */
static const char *
unknown_critical(const X509_CRL *list)
{
	for (int i = 0; i < X509_CRL_get_ext_count(list); i++) {
		X509_EXTENSION *e = X509_CRL_get_ext(list, i);
		int nid = OBJ_obj2nid(X509_EXTENSION_get_object(e));

		if (nid == NID_delta_crl)
			return "it is a delta list, which is not judged here";
		if (X509_EXTENSION_get_critical(e) && nid != NID_issuing_distribution_point && nid != NID_authority_key_identifier &&
		    nid != NID_crl_number)
			return "it has a critical extension that is not known here";
	}
	return NULL;
}

static bool
names_point_of(const GENERAL_NAMES *names, const struct cert *c)
{
	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		struct text uri;

		if (n->type != GEN_URI)
			continue;
		uri = (struct text){ n->d.uniformResourceIdentifier->data, (size_t)n->d.uniformResourceIdentifier->length };
		for (size_t k = 0; k < c->crl_len; k++)
			if (text_equal(uri, c->crl[k]))
				return true;
	}
	return false;
}

/* RFC 5280 6.3.3 (b)(2): the list is for a part of what its CA issued; is the certificate in that part? NULL: it is. */
static const char *
outside(const ISSUING_DIST_POINT *p, const struct cert *c)
{
	if (p->indirectCRL)
		return "it is an indirect list, which is not judged here";
	if (p->onlysomereasons != NULL)
		return "it covers some reasons only, which is not judged here";
	if (p->onlyattr)
		return "it is for attribute certificates";
	if (p->onlyuser && c->is_ca)
		return "it is for other certificates than those of CAs";
	if (p->onlyCA && !c->is_ca)
		return "it is for certificates of CAs only";
	if (p->distpoint == NULL)
		return NULL;
	if (p->distpoint->type != 0)
		return "it names its place relative to its issuer, which is not judged here";
	return names_point_of(p->distpoint->name.fullname, c) ? NULL : "it is for another distribution point than the certificate names";
}

static const char *
not_covered(const X509_CRL *list, const struct cert *c)
{
	const char *why = unknown_critical(list);
	int critical = -1;
	ISSUING_DIST_POINT *p;

	if (why != NULL)
		return why;
	p = X509_CRL_get_ext_d2i(list, NID_issuing_distribution_point, &critical, NULL);
	if (p == NULL)
		return critical == -1 ? NULL : "its issuing distribution point cannot be read"; /* -1: there is none */
	why = outside(p, c);
	ISSUING_DIST_POINT_free(p);
	return why;
}

/* ---- one certificate ---- */

const char *
crl_reason_name(long reason)
{
	static const char *const names[] = { NULL, "keyCompromise", "cACompromise", "affiliationChanged", "superseded",
		"cessationOfOperation", "certificateHold", NULL, "removeFromCRL", "privilegeWithdrawn", "aACompromise" };

	return reason >= 0 && (size_t)reason < sizeof names / sizeof names[0] ? names[reason] : NULL;
}

static void
unknown(struct revocation *out, enum revocation_doubt doubt, const char *why)
{
	out->status = REVOCATION_UNKNOWN;
	out->doubt = doubt;
	out->why = why;
}

static void
read_entry(const X509_REVOKED *entry, struct revocation *out)
{
	ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);

	out->status = REVOCATION_REVOKED;
	out->revoked_at = asn1_time(X509_REVOKED_get0_revocationDate(entry));
	if (reason != NULL)
		out->reason = crl_reason_name(ASN1_ENUMERATED_get(reason));
	ASN1_ENUMERATED_free(reason);
}

void
crl_look_up(struct crl *crl, const struct cert *c, const struct cert *issuer, struct arena *a, struct revocation *out)
{
	X509_CRL *list = crl->list;
	X509_REVOKED *entry = NULL;
	const char *why;
	int found;

	(void)a;
	*out = (struct revocation){ .of = c->sha256, .by = REVOCATION_BY_CRL, .revoked_at = TIME_UNKNOWN,
		.produced_at = TIME_UNKNOWN, .this_update = crl->this_update, .next_update = crl->next_update };
	if (X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_issuer_name(cert_x509(c))) != 0) {
		why = not_covered(list, c); /* an indirect list is another CA's by right */
		unknown(out, why != NULL ? REVOCATION_UNSUPPORTED : REVOCATION_BROKEN, why != NULL ? why : "it is another CA's list");
		return;
	}
	if (issuer->has_key_usage && !(issuer->key_usage & USAGE_CRL_SIGN)) {
		unknown(out, REVOCATION_BROKEN, "its CA's certificate does not allow signing revocation lists");
		return;
	}
	if (!crl_signed_by(crl, issuer)) {
		unknown(out, REVOCATION_BROKEN, "its signature does not verify with the CA's key");
		return;
	}
	why = not_covered(list, c);
	if (why != NULL) {
		unknown(out, REVOCATION_UNSUPPORTED, why);
		ERR_clear_error();
		return;
	}
	found = X509_CRL_get0_by_serial(list, &entry, X509_get0_serialNumber(cert_x509(c)));
	if (found == 1)
		read_entry(entry, out);
	else /* 2: removeFromCRL, it was on hold and is no longer */
		out->status = REVOCATION_GOOD;
	ERR_clear_error();
}
