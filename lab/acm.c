/*
 * The lab's Certificate Manager: what is imported, and imported again under the same ARN. Private keys are looked at and not kept: nobody gets
 * one out of it. Source: the ACM API reference; the guide's "Prerequisites for importing" and "Reimport a certificate".
 */
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/query.h"
#include "lab/sql.h"
#include "model/asn1_times.h"
#include "model/cert.h"
#include "model/limits.h"
#include "model/times.h"

enum { CERTIFICATE_MOST = 32768, KEY_MOST = 5120, CHAIN_MOST = 2097152, PAGE_MOST = 1000 };

static const char tables[] =
    "CREATE TABLE IF NOT EXISTS acm_certificates(seq INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, account TEXT NOT NULL, region TEXT NOT NULL,"
    " certificate TEXT NOT NULL, chain TEXT NOT NULL, created INTEGER NOT NULL, imported INTEGER NOT NULL);";

struct acm_call {
	struct cloud *c;
	const struct cloud_request *q;
	struct cloud_reply *p;
};

static bool
refuse(struct acm_call *k, const char *text)
{
	cloud_fail(k->p, "ValidationException", "%s", text);
	return false;
}

static int
no_passphrase(char *buf, int size, int rw, void *user)
{
	(void)buf;
	(void)size;
	(void)rw;
	(void)user;
	return 0;
}

/* ---- what is kept ---- */

/* NULL with *k->p. */
static const char *
arn_given(struct acm_call *k)
{
	const char *arn = given_text(k->q->json, "CertificateArn");

	if (arn == NULL || strncmp(arn, "arn:", 4) != 0 || strstr(arn, ":acm:") == NULL) {
		cloud_fail(k->p, "InvalidArnException", "The value %s is not an ARN of ACM.", arn != NULL ? arn : "null");
		return NULL;
	}
	if (sql_int(cloud_db(k->c), 0, "SELECT 1 FROM acm_certificates WHERE arn = ? AND account = ? AND region = ?", "ttt", arn, k->q->account, k->q->region) == 0) {
		cloud_fail(k->p, "ResourceNotFoundException", "Could not find certificate %s.", arn);
		return NULL;
	}
	return arn;
}

static const char *
kept(struct acm_call *k, const char *arn, bool chain)
{
	return sql_string(cloud_db(k->c), k->q->arena, chain ? "SELECT chain FROM acm_certificates WHERE arn = ?" : "SELECT certificate FROM acm_certificates WHERE arn = ?",
	    "t", arn);
}

static X509 *
parse_one(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *x = bio != NULL ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;

	BIO_free(bio);
	ERR_clear_error();
	return x;
}

/* ---- importing ---- */

struct imported {
	X509 *x;
	EVP_PKEY *key;
	STACK_OF(X509) *chain; /* NULL: none was given */
};

static void
imported_done(struct imported *i)
{
	X509_free(i->x);
	EVP_PKEY_free(i->key);
	sk_X509_pop_free(i->chain, X509_free);
	ERR_clear_error();
}

/* Every certificate of the PEM; NULL: none, or something else. */
static STACK_OF(X509) *
certificates(const unsigned char *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	STACK_OF(X509) *all = sk_X509_new_null();
	X509 *x;

	ERR_clear_error();
	while (bio != NULL && all != NULL && (x = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL)) != NULL) {
		if (sk_X509_push(all, x) <= 0)
			X509_free(x);
	}
	BIO_free(bio);
	if (all != NULL && sk_X509_num(all) > 0 && ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE)
		return all;
	sk_X509_pop_free(all, X509_free);
	return NULL;
}

/* A blob within its size; NULL with *len 0: not given. False: what is given is none, with *k->p. */
static bool
blob(struct acm_call *k, const char *name, size_t most, unsigned char **out, size_t *len)
{
	const cJSON *item = given(k->q->json, name);

	*len = 0;
	*out = NULL;
	if (item == NULL)
		return true;
	*out = cJSON_IsString(item) ? pca_base64(k->q->arena, item->valuestring, len) : NULL;
	if (*out == NULL) {
		cloud_fail(k->p, "SerializationException", "%s is no base64.", name);
		return false;
	}
	if (*len >= 1 && *len <= most)
		return true;
	cloud_fail(k->p, "ValidationException", "1 validation error detected: Value at '%s' failed to satisfy constraint: Member must have length between 1 and %zu.", name, most);
	return false;
}

static bool
signed_by(X509 *x, X509 *issuer)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);
	bool ok = key != NULL && EVP_PKEY_get_bits(key) <= LIMIT_RSA_BITS && X509_NAME_cmp(X509_get_issuer_name(x), X509_get_subject_name(issuer)) == 0 &&
	    X509_verify(x, key) == 1;

	ERR_clear_error();
	return ok;
}

static bool
chain_holds(struct acm_call *k, const struct imported *i)
{
	X509 *below = i->x;

	for (int n = 0; n < sk_X509_num(i->chain); n++) {
		X509 *above = sk_X509_value(i->chain, n);

		if (!signed_by(below, above)) {
			cloud_fail(k->p, "ValidationException", "Unable to validate certificate chain. The certificate chain must start with the immediate signing certificate, "
			    "followed by any intermediaries in order. The index within the chain of the invalid certificate is: %d", n);
			return false;
		}
		below = above;
	}
	return true;
}

/* The guide: "you cannot import a certificate before its validity period begins or after it expires". */
static bool
is_in_its_time(struct acm_call *k, X509 *x)
{
	int64_t from = asn1_time(X509_get0_notBefore(x)), until = asn1_time(X509_get0_notAfter(x));

	return (from != TIME_UNKNOWN && until != TIME_UNKNOWN && from <= k->q->now && k->q->now < until) ||
	    refuse(k, "The certificate is not in its validity period: it must be imported after that begins and before it ends.");
}

static bool
read_import(struct acm_call *k, struct imported *i)
{
	unsigned char *pem, *key, *chain;
	size_t pem_len, key_len, chain_len;
	STACK_OF(X509) *own;
	BIO *bio;
	int n;

	if (!blob(k, "Certificate", CERTIFICATE_MOST, &pem, &pem_len) || !blob(k, "PrivateKey", KEY_MOST, &key, &key_len) ||
	    !blob(k, "CertificateChain", CHAIN_MOST, &chain, &chain_len))
		return false;
	if (pem == NULL || key == NULL)
		return refuse(k, "1 validation error detected: Value null at 'certificate' or 'privateKey' failed to satisfy constraint: Member must not be null");
	own = certificates(pem, pem_len);
	n = own != NULL ? sk_X509_num(own) : 0;
	i->x = n == 1 ? sk_X509_shift(own) : NULL;
	sk_X509_pop_free(own, X509_free);
	if (n > 1)
		return refuse(k, "The certificate field contains more than one certificate. You can specify only one certificate in this field.");
	if (i->x == NULL)
		return refuse(k, "The certificate is not a valid PEM-encoded certificate.");
	bio = BIO_new_mem_buf(key, (int)key_len);
	i->key = PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
	BIO_free(bio);
	if (i->key == NULL || (!EVP_PKEY_is_a(i->key, "RSA") && !EVP_PKEY_is_a(i->key, "EC")))
		return refuse(k, "The private key is not supported. It must be PEM-encoded, unencrypted and of a supported algorithm.");
	if (EVP_PKEY_eq(X509_get0_pubkey(i->x), i->key) != 1)
		return refuse(k, "The private key does not match the certificate.");
	i->chain = chain != NULL ? certificates(chain, chain_len) : NULL;
	if (chain != NULL && i->chain == NULL)
		return refuse(k, "The certificate chain is not a valid list of PEM-encoded certificates.");
	return chain_holds(k, i);
}

static const char *
key_algorithm(X509 *x)
{
	static char rsa[16]; /* the server has one thread */
	EVP_PKEY *key = X509_get0_pubkey(x);
	char curve[40] = "";

	if (EVP_PKEY_is_a(key, "RSA")) {
		snprintf(rsa, sizeof rsa, "RSA_%d", EVP_PKEY_get_bits(key));
		return rsa;
	}
	(void)(EVP_PKEY_get_group_name(key, curve, sizeof curve, NULL) == 1);
	return strcmp(curve, "secp384r1") == 0 ? "EC_secp384r1" : strcmp(curve, "secp521r1") == 0 ? "EC_secp521r1" : "EC_prime256v1";
}

/* The guide: what is imported again has a key of the same type and size. */
static bool
may_replace(struct acm_call *k, const struct imported *i, const char *arn)
{
	X509 *old = parse_one(kept(k, arn, false));
	char before[16];

	snprintf(before, sizeof before, "%s", old != NULL ? key_algorithm(old) : "");
	X509_free(old);
	if (strcmp(before, key_algorithm(i->x)) == 0)
		return true;
	cloud_fail(k->p, "ValidationException", "The key type and size of a certificate cannot be changed when it is reimported: it was %s.", before);
	return false;
}

static char *
pem_text(struct acm_call *k, X509 *first, STACK_OF(X509) *all)
{
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes, *text;
	long len;

	if (first != NULL)
		PEM_write_bio_X509(out, first);
	for (int i = 0; i < sk_X509_num(all); i++)
		PEM_write_bio_X509(out, sk_X509_value(all, i));
	len = BIO_get_mem_data(out, &bytes);
	text = arena_strndup(k->q->arena, bytes, (size_t)len);
	BIO_free(out);
	return text;
}

static void
import_certificate(struct acm_call *k)
{
	bool again = given(k->q->json, "CertificateArn") != NULL;
	const char *arn = again ? arn_given(k) : NULL;
	struct imported i = { .x = NULL };
	char id[37];

	if (again && arn == NULL)
		return;
	if (again && given(k->q->json, "Tags") != NULL)
		(void)refuse(k, "You cannot apply resource tags when you reimport a certificate.");
	else if (read_import(k, &i) && (!again || may_replace(k, &i, arn)) && is_in_its_time(k, i.x)) {
		const char *pem = pem_text(k, i.x, NULL), *chain = pem_text(k, NULL, i.chain);
		bool done;

		cloud_uuid(id);
		arn = again ? arn : cloud_arn(k->q, "acm", arena_printf(k->q->arena, "certificate/%s", id));
		done = again ? sql_do(cloud_db(k->c), "UPDATE acm_certificates SET certificate = ?, chain = ?, imported = ? WHERE arn = ?", "ttit", pem, chain, k->q->now, arn)
		             : sql_do(cloud_db(k->c), "INSERT INTO acm_certificates(arn, account, region, certificate, chain, created, imported) VALUES (?, ?, ?, ?, ?, ?6, ?6)",
		                   "ttttti", arn, k->q->account, k->q->region, pem, chain, k->q->now);
		if (done) {
			cJSON *out = cJSON_CreateObject();

			cJSON_AddStringToObject(out, "CertificateArn", arn);
			cloud_reply_json(k->p, out);
		} else {
			cloud_fail(k->p, "InternalFailure", "An error occurred on the server side.");
		}
	}
	imported_done(&i);
}

/* ---- looking ---- */

static void
add_names(cJSON *out, X509 *x)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	cJSON *list = cJSON_CreateArray();

	for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);
		const ASN1_STRING *text = n->type == GEN_DNS ? n->d.dNSName : NULL;
		char name[254];

		if (text == NULL || ASN1_STRING_length(text) >= (int)sizeof name)
			continue;
		snprintf(name, sizeof name, "%.*s", ASN1_STRING_length(text), (const char *)ASN1_STRING_get0_data(text));
		/* AWS's own pattern wants two labels. */
		if (strchr(name, '.') != NULL)
			cJSON_AddItemToArray(list, cJSON_CreateString(name));
	}
	GENERAL_NAMES_free(names);
	if (cJSON_GetArraySize(list) > 0) {
		cJSON_AddStringToObject(out, "DomainName", cJSON_GetArrayItem(list, 0)->valuestring);
		cJSON_AddItemToObject(out, "SubjectAlternativeNames", list);
	} else {
		cJSON_Delete(list);
	}
}

static void
add_serial(cJSON *out, X509 *x)
{
	const ASN1_INTEGER *serial = X509_get0_serialNumber(x);
	const unsigned char *bytes = ASN1_STRING_get0_data(serial);
	int len = ASN1_STRING_length(serial);
	char text[80] = "";

	for (int i = 0; i < len && i < 20; i++)
		snprintf(text + strlen(text), sizeof text - strlen(text), "%s%02x", i > 0 ? ":" : "", bytes[i]);
	cJSON_AddStringToObject(out, "Serial", text);
}

/* As our own reader prints names: OpenSSL's let control bytes through. */
static void
add_subjects(cJSON *out, X509 *x)
{
	struct error unimportant = { .code = ERROR_NONE };
	unsigned char *der = NULL;
	int len = i2d_X509(x, &der);
	struct cert *c = len > 0 ? cert_parse(der, (size_t)len, &unimportant) : NULL;

	if (c != NULL) {
		cJSON_AddStringToObject(out, "Subject", c->subject.safe);
		cJSON_AddStringToObject(out, "Issuer", c->issuer.safe);
	}
	cert_free(c);
	OPENSSL_free(der);
}

static void
describe(struct acm_call *k)
{
	const char *arn = arn_given(k);
	cJSON *out, *c;
	int64_t from, until;
	X509 *x;

	if (arn == NULL)
		return;
	x = parse_one(kept(k, arn, false));
	out = cJSON_CreateObject();
	c = cJSON_AddObjectToObject(out, "Certificate");
	cJSON_AddStringToObject(c, "CertificateArn", arn);
	add_names(c, x);
	add_serial(c, x);
	add_subjects(c, x);
	cJSON_AddNumberToObject(c, "CreatedAt", (double)sql_int(cloud_db(k->c), 0, "SELECT created FROM acm_certificates WHERE arn = ?", "t", arn));
	cJSON_AddNumberToObject(c, "ImportedAt", (double)sql_int(cloud_db(k->c), 0, "SELECT imported FROM acm_certificates WHERE arn = ?", "t", arn));
	from = asn1_time(X509_get0_notBefore(x));
	until = asn1_time(X509_get0_notAfter(x));
	cJSON_AddStringToObject(c, "Status", until <= k->q->now ? "EXPIRED" : "ISSUED");
	cJSON_AddNumberToObject(c, "NotBefore", (double)from);
	cJSON_AddNumberToObject(c, "NotAfter", (double)until);
	cJSON_AddStringToObject(c, "KeyAlgorithm", key_algorithm(x));
	cJSON_AddArrayToObject(c, "InUseBy");
	cJSON_AddStringToObject(c, "Type", "IMPORTED");
	cJSON_AddStringToObject(c, "RenewalEligibility", "INELIGIBLE");
	X509_free(x);
	cloud_reply_json(k->p, out);
}

static void
get(struct acm_call *k)
{
	const char *arn = arn_given(k), *chain;
	cJSON *out;

	if (arn == NULL)
		return;
	out = cJSON_CreateObject();
	cJSON_AddStringToObject(out, "Certificate", kept(k, arn, false));
	chain = kept(k, arn, true);
	if (chain[0] != '\0')
		cJSON_AddStringToObject(out, "CertificateChain", chain);
	cloud_reply_json(k->p, out);
}

static void
delete(struct acm_call *k)
{
	const char *arn = arn_given(k);

	if (arn == NULL)
		return;
	if (sql_do(cloud_db(k->c), "DELETE FROM acm_certificates WHERE arn = ?", "t", arn))
		cloud_reply_json(k->p, cJSON_CreateObject());
	else
		cloud_fail(k->p, "InternalFailure", "An error occurred on the server side.");
}

static void
list(struct acm_call *k)
{
	const char *after = given_text(k->q->json, "NextToken");
	double most = PAGE_MOST;
	cJSON *out, *found;
	sqlite3_stmt *s;
	int64_t last = 0;

	if (given_number(k->q->json, "MaxItems", &most) && (most < 1 || most > PAGE_MOST)) {
		cloud_fail(k->p, "InvalidArgsException", "MaxItems must be between 1 and %d.", PAGE_MOST);
		return;
	}
	out = cJSON_CreateObject();
	found = cJSON_AddArrayToObject(out, "CertificateSummaryList");
	s = sql(cloud_db(k->c), "SELECT seq, arn, certificate FROM acm_certificates WHERE account = ? AND region = ? AND seq > ? ORDER BY seq LIMIT ?", "ttii", k->q->account,
	    k->q->region, after != NULL ? strtoll(after, NULL, 10) : 0, (int64_t)most + 1);
	for (int n = 0; sqlite3_step(s) == SQLITE_ROW; n++) {
		X509 *x = parse_one(sql_column(s, 2, k->q->arena));
		cJSON *one = cJSON_CreateObject(), *names;

		if (n == (int)most) {
			cJSON_AddStringToObject(out, "NextToken", arena_printf(k->q->arena, "%lld", (long long)last));
			cJSON_Delete(one);
			X509_free(x);
			break;
		}
		last = sqlite3_column_int64(s, 0);
		cJSON_AddStringToObject(one, "CertificateArn", sql_column(s, 1, k->q->arena));
		add_names(one, x);
		names = cJSON_DetachItemFromObject(one, "SubjectAlternativeNames");
		if (names != NULL)
			cJSON_AddItemToObject(one, "SubjectAlternativeNameSummaries", names);
		cJSON_AddStringToObject(one, "Type", "IMPORTED");
		cJSON_AddStringToObject(one, "KeyAlgorithm", key_algorithm(x));
		cJSON_AddItemToArray(found, one);
		X509_free(x);
	}
	sqlite3_finalize(s);
	cloud_reply_json(k->p, out);
}

static const struct {
	const char *name;
	void (*run)(struct acm_call *k);
} operations[] = {
	{ "DeleteCertificate", delete },
	{ "DescribeCertificate", describe },
	{ "GetCertificate", get },
	{ "ImportCertificate", import_certificate },
	{ "ListCertificates", list },
};

static void
serve(struct cloud *c, const struct cloud_request *q, struct cloud_reply *p)
{
	struct acm_call k = { .c = c, .q = q, .p = p };

	for (size_t i = 0; q->operation != NULL && i < sizeof operations / sizeof operations[0]; i++) {
		if (strcmp(operations[i].name, q->operation) != 0)
			continue;
		if (cloud_may(q, "acm", p))
			operations[i].run(&k);
		return;
	}
	cloud_fail(p, "UnknownOperationException", "The operation is unknown.");
}

const struct cloud_service cloud_acm = {
	.signing = "acm",
	.protocol = CLOUD_JSON,
	.target = "CertificateManager",
	.tables = tables,
	.serve = serve,
};
