/* What relying parties ask of the private CA, without a signature: revocation lists at the address in the certificate, and OCSP. */
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"
#include "model/limits.h"

enum { HOUR = 3600 };

/* ---- lists ---- */

/* "/BUCKET/crl/UUID.crl" is a list of ours where that CA says so. */
static bool
give_list(struct cloud *c, const char *path, struct arena *a, struct cloud_reply *p)
{
	const char *slash = path[0] == '/' ? strchr(path + 1, '/') : NULL, *name = strrchr(path, '/');
	size_t len = name != NULL ? strlen(name + 1) : 0;
	struct pca_ca *ca = NULL;
	struct pca_lists l = { .crl = false };
	sqlite3_stmt *s;
	bool found;

	if (slash == NULL || len != 40 || strcmp(name + 37, ".crl") != 0)
		return false;
	s = sql(c->db, "SELECT " PCA_CA_COLUMNS " FROM pca_ca WHERE uuid = ?", "t", arena_strndup(a, name + 1, 36));
	if (sqlite3_step(s) == SQLITE_ROW)
		ca = pca_load_row(s, a, 0);
	sqlite3_finalize(s);
	if (ca != NULL) {
		cJSON *json = cJSON_Parse(ca->revocation);
		pca_lists_read(json, ca, a, &l);
		cJSON_Delete(json);
	}
	found = l.crl && l.bucket != NULL && strncmp(path + 1, l.bucket, strlen(l.bucket)) == 0 && path[1 + strlen(l.bucket)] == '/' &&
	    strcmp(slash + 1, l.key) == 0;
	if (!found || !cloud_exec(c, "BEGIN IMMEDIATE"))
		return false;
	pca_crl_settle(c);
	found = cloud_s3_get(c, l.bucket, l.key, NULL, &p->body);
	if (!cloud_exec(c, "COMMIT"))
		cloud_exec(c, "ROLLBACK");
	p->content_type = "application/pkix-crl";
	return found;
}

/* ---- OCSP ---- */

/* An answering CA. */
struct responder {
	X509 *x;
	EVP_PKEY *key;
	struct pca_ca *ca;
};

static void
responder_done(struct responder *r)
{
	X509_free(r->x);
	EVP_PKEY_free(r->key);
	*r = (struct responder){ .x = NULL };
}

/* The CA of ours whose key and name the question has. */
static bool
find_responder(struct cloud *c, struct arena *a, OCSP_CERTID *id, int64_t now, struct responder *out)
{
	sqlite3_stmt *s = sql(c->db, "SELECT " PCA_CA_COLUMNS " FROM pca_ca WHERE certificate IS NOT NULL AND status IN ('ACTIVE', 'DISABLED')", "");
	ASN1_OBJECT *digest = NULL;
	const EVP_MD *md;
	bool found = false;

	OCSP_id_get0_info(NULL, &digest, NULL, NULL, id);
	md = EVP_get_digestbyobj(digest);
	while (!found && md != NULL && sqlite3_step(s) == SQLITE_ROW) {
		struct pca_ca *ca = pca_load_row(s, a, now);
		X509 *x = ca != NULL && ca->state != PCA_EXPIRED ? pca_x509(ca->certificate) : NULL;
		OCSP_CERTID *of = x != NULL ? OCSP_cert_id_new(md, X509_get_subject_name(x), X509_get0_pubkey_bitstr(x), NULL) : NULL;
		found = of != NULL && OCSP_id_issuer_cmp(of, id) == 0;
		OCSP_CERTID_free(of);
		if (found)
			*out = (struct responder){ x, pca_key_of(c->db, ca->id), ca };
		else
			X509_free(x);
	}
	sqlite3_finalize(s);
	return found && out->key != NULL;
}

static bool
add_status(struct cloud *c, OCSP_BASICRESP *b, OCSP_CERTID *id, const struct responder *r, int64_t now)
{
	ASN1_INTEGER *serial = NULL;
	unsigned char bytes[16] = { 0 };
	struct arena *a = arena_new();
	struct pca_cert row;
	BIGNUM *n;
	bool known, revoked;
	int reason;
	ASN1_TIME *when, *from = ASN1_TIME_set(NULL, (time_t)(now - HOUR)), *to = ASN1_TIME_set(NULL, (time_t)(now + 24 * HOUR));
	OCSP_SINGLERESP *one;

	OCSP_id_get0_info(NULL, NULL, NULL, &serial, id);
	n = ASN1_INTEGER_to_BN(serial, NULL);
	known = n != NULL && BN_bn2binpad(n, bytes, sizeof bytes) == (int)sizeof bytes && pca_cert_load(c->db, a, r->ca->id, bytes, &row) &&
	    row.state != PCA_CERT_PENDING && row.state != PCA_CERT_FAILED;
	revoked = known && row.revoked != 0;
	when = ASN1_TIME_set(NULL, (time_t)(revoked ? row.revoked : now));
	reason = revoked ? pca_reason_code(sql_string(c->db, a, "SELECT reason FROM pca_cert WHERE id = ?", "i", row.id)) : -1;
	one = OCSP_basic_add1_status(b, id, !known ? V_OCSP_CERTSTATUS_UNKNOWN : revoked ? V_OCSP_CERTSTATUS_REVOKED : V_OCSP_CERTSTATUS_GOOD,
	    reason >= 0 ? reason : OCSP_REVOKED_STATUS_NOSTATUS, when, from, to);
	ASN1_TIME_free(when);
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	BN_free(n);
	arena_free(a);
	return one != NULL;
}

static void
put_response(struct cloud_reply *p, int state, OCSP_BASICRESP *b)
{
	OCSP_RESPONSE *response = OCSP_response_create(state, b);
	unsigned char *der = NULL;
	int len = response != NULL ? i2d_OCSP_RESPONSE(response, &der) : 0;

	if (len > 0)
		buf_add(&p->body, der, (size_t)len);
	p->content_type = "application/ocsp-response";
	OPENSSL_free(der);
	OCSP_RESPONSE_free(response);
}

/* RFC 6960: all questions of one request are about one CA, whose key signs; one that no CA here has is not for us to answer. */
static void
give_status(struct cloud *c, const unsigned char *question, size_t len, struct arena *a, struct cloud_reply *p)
{
	const struct world *w = cloud_world(c);
	int64_t now = w->now_ms(w->self) / 1000;
	const unsigned char *at = question;
	OCSP_REQUEST *q = d2i_OCSP_REQUEST(NULL, &at, (long)len);
	OCSP_BASICRESP *b = OCSP_BASICRESP_new();
	struct responder r = { .x = NULL };
	int asked = q != NULL ? OCSP_request_onereq_count(q) : 0;
	bool ok = b != NULL;

	p->status = 200;
	if (asked <= 0 || asked > LIMIT_CLOUD_OCSP) {
		put_response(p, OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, NULL);
	} else if (!find_responder(c, a, OCSP_onereq_get0_id(OCSP_request_onereq_get0(q, 0)), now, &r)) {
		put_response(p, OCSP_RESPONSE_STATUS_UNAUTHORIZED, NULL);
	} else {
		for (int i = 0; i < asked && ok; i++)
			ok = add_status(c, b, OCSP_onereq_get0_id(OCSP_request_onereq_get0(q, i)), &r, now);
		ok = ok && OCSP_copy_nonce(b, q) >= 0 && OCSP_basic_sign(b, r.x, r.key, EVP_sha256(), NULL, OCSP_NOCERTS) == 1;
		put_response(p, ok ? OCSP_RESPONSE_STATUS_SUCCESSFUL : OCSP_RESPONSE_STATUS_INTERNALERROR, ok ? b : NULL);
	}
	responder_done(&r);
	OCSP_BASICRESP_free(b);
	OCSP_REQUEST_free(q);
	ERR_clear_error();
}

/* RFC 6960 A.1: a short question comes in the address, base64 and percent-encoded. */
static bool
question_in_path(const char *text, struct arena *a, unsigned char **out, size_t *len)
{
	/* A form's field decodes what a path's end has, but for '+', which base64 has and a path leaves as it is. */
	struct buf b = { 0 };
	const char *decoded;

	buf_adds(&b, "q=");
	for (; *text != '\0'; text++)
		buf_adds(&b, *text == '+' ? "%2B" : (const char[]){ *text, '\0' });
	decoded = cloud_field(buf_str(&b), "q", a);
	*out = decoded != NULL && strlen(decoded) % 4 == 0 && decoded[0] != '\0' ? pca_base64(a, decoded, len) : NULL;
	buf_done(&b);
	return *out != NULL;
}

bool
pca_public(struct cloud *c, const struct cloud_raw *raw, struct arena *a, struct cloud_reply *p)
{
	bool get = strcmp(raw->method, "GET") == 0 || strcmp(raw->method, "HEAD") == 0;
	unsigned char *question = NULL;
	size_t len = 0;

	if (cloud_raw_header(raw, "Authorization") != NULL || cloud_raw_header(raw, "X-Amz-Target") != NULL)
		return false;
	if (strcmp(raw->method, "POST") == 0 && (strcmp(raw->path, "/ocsp") == 0 || strcmp(raw->path, "/ocsp/") == 0)) {
		give_status(c, raw->body, raw->body_len, a, p);
		return true;
	}
	if (get && strncmp(raw->path, "/ocsp/", 6) == 0 && strlen(raw->path) < LIMIT_URL && question_in_path(raw->path + 6, a, &question, &len)) {
		give_status(c, question, len, a, p);
		return true;
	}
	return get && raw->query[0] == '\0' && give_list(c, raw->path, a, p);
}
