/*
 * What the private CA has from the start: the lab's own authorities, with their keys, and what they issued to the lab's
 * endpoints and clients, so that a chain that is seen there leads to its CA here. In a folder that is kept the CAs keep their
 * keys: each start imports their certificates anew, as a renewal does, and what they issued before stays good.
 */
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/authority.h"
#include "lab/pca_internal.h"
#include "lab/sql.h"

/* The ones that an inventory can hold: of two CAs with one name there is one. Issuers first. */
static const char *const inventory[] = { "root", "policy", "issuing", "single", "other-root", "other-issuing", "ca-expired", "ca-lapsed",
	"ca-expiring", "ca-short", "old-root", "old-issuing", "ending-root", "ending-issuing", "path0", "path0-below", "constrained", "deep-1", "deep-2",
	"fetched-upper", "fetched", "revoking" };
enum { INVENTORY = sizeof inventory / sizeof inventory[0] };

static const struct pki_cert *
made(const struct authority *a, const char *name)
{
	for (size_t i = 0; i < recipes_len; i++)
		if (strcmp(recipes[i].name, name) == 0)
			return authority_made(a, i);
	return NULL;
}

static const char *
origin_of(struct cloud *c, struct arena *a, const char *name)
{
	return arena_printf(a, "%llu %s", (unsigned long long)c->o.seed, name);
}

/* ---- a CA ---- */

static void
add_part(cJSON *subject, const X509_NAME *name, int nid, const char *member)
{
	int at = X509_NAME_get_index_by_NID(name, nid, -1);
	unsigned char *utf8 = NULL;

	if (at < 0)
		return;
	if (ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at))) >= 0)
		cJSON_AddStringToObject(subject, member, (const char *)utf8);
	OPENSSL_free(utf8);
}

static cJSON *
configuration_of(const struct pki_cert *c)
{
	bool p384 = EVP_PKEY_get_bits(c->key) == 384;
	const X509_NAME *name = X509_get_subject_name(c->x509);
	cJSON *o = cJSON_CreateObject(), *subject;

	cJSON_AddStringToObject(o, "KeyAlgorithm", p384 ? "EC_secp384r1" : "EC_prime256v1");
	cJSON_AddStringToObject(o, "SigningAlgorithm", p384 ? "SHA384WITHECDSA" : "SHA256WITHECDSA");
	subject = cJSON_AddObjectToObject(o, "Subject");
	add_part(subject, name, NID_organizationName, "Organization");
	add_part(subject, name, NID_commonName, "CommonName");
	return o;
}

static bool
insert_ca(struct cloud *c, struct arena *a, const char *name, const struct pki_cert *cert)
{
	static const char revocation[] = "{\"CrlConfiguration\":{\"Enabled\":true,\"ExpirationInDays\":7,\"S3BucketName\":\"" CLOUD_BUCKET
	    "\",\"S3ObjectAcl\":\"BUCKET_OWNER_FULL_CONTROL\"},\"OcspConfiguration\":{\"Enabled\":true}}";
	cJSON *json = configuration_of(cert);
	char *configuration = cJSON_PrintUnformatted(json), uuid[37];
	struct pca_fault fault;
	char *csr = pca_make_csr(cert->key, json, &fault);
	unsigned char *der = NULL;
	int64_t created = pca_time(X509_get0_notBefore(cert->x509));
	size_t len = 0;
	bool ok;

	cloud_uuid(uuid);
	ok = csr != NULL && pca_key_bytes(cert->key, &der, &len) &&
	    sql_do(c->db, "INSERT INTO pca_ca(uuid, arn, account, region, type, usage, storage, status, created, changed, configuration, revocation, key, csr,"
	    " origin) VALUES (?, ?, ?, ?, ?, 'GENERAL_PURPOSE', 'FIPS_140_2_LEVEL_3_OR_HIGHER', 'PENDING_CERTIFICATE', ?, ?, ?, ?, ?, ?, ?)",
	    "tttttiittbtt", uuid, arena_printf(a, "arn:aws:acm-pca:" CLOUD_REGION ":" CLOUD_ACCOUNT ":certificate-authority/%s", uuid), CLOUD_ACCOUNT,
	    CLOUD_REGION, authority_issuer(c->o.authority, name) == NULL ? "ROOT" : "SUBORDINATE", created, created, configuration, revocation, der, len,
	    csr, origin_of(c, a, name));
	if (der != NULL)
		OPENSSL_clear_free(der, len);
	free(csr);
	cJSON_free(configuration);
	cJSON_Delete(json);
	return ok;
}

/* Its issuers' certificates, the root last; NULL: it is a root. */
static const char *
chain_of(struct cloud *c, struct arena *a, const char *name)
{
	struct buf b = { 0 };
	const char *text = NULL;

	while ((name = authority_issuer(c->o.authority, name)) != NULL) {
		if (b.len > 0)
			buf_addc(&b, '\n');
		buf_adds(&b, pca_pem(authority_cert(c->o.authority, name)->x509, a));
	}
	if (b.len > 0)
		text = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return text;
}

static bool
seed_ca(struct cloud *c, struct arena *a, const char *name, int64_t now)
{
	const struct pki_cert *cert = made(c->o.authority, name);
	static const char find[] = "SELECT id FROM pca_ca WHERE origin = ?";
	struct pca_ca *ca;
	int64_t id;

	if (cert == NULL)
		return true;
	id = sql_int(c->db, 0, find, "t", origin_of(c, a, name));
	if (id == 0 && insert_ca(c, a, name, cert))
		id = sql_int(c->db, 0, find, "t", origin_of(c, a, name));
	ca = pca_load_id(c->db, a, id, 0);
	if (ca == NULL)
		return id != 0;
	return pca_put_certificate(c->db, a, ca, cert->x509, chain_of(c, a, name), ca->stored == PCA_PENDING ? "ACTIVE" : pca_state_word(ca->stored),
	    ca->stored == PCA_PENDING ? ca->created : now);
}

/* ---- what it issued ---- */

static const char *
template_of(const struct recipe *r, X509 *x)
{
	uint32_t purposes = X509_get_extension_flags(x) & EXFLAG_XKUSAGE ? X509_get_extended_key_usage(x) : 0;

	if (r->role == ROLE_CA)
		return r->issuer == NULL ? "RootCACertificate" : "SubordinateCACertificate_PathLen0";
	if (purposes == XKU_SSL_SERVER)
		return "EndEntityServerAuthCertificate";
	if (purposes == (XKU_SSL_SERVER | XKU_SSL_CLIENT))
		return "EndEntityCertificate";
	if (purposes == XKU_SSL_CLIENT)
		return "EndEntityClientAuthCertificate";
	return purposes == XKU_OCSP_SIGN ? "OCSPSigningCertificate" : "BlankEndEntityCertificate_APICSRPassthrough";
}

static bool
seed_certificate(struct cloud *c, struct arena *a, const struct recipe *r, X509 *x, int64_t ca, int64_t now)
{
	unsigned char serial[16] = { 0 };
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	int64_t from = pca_time(X509_get0_notBefore(x)), issued = from + 3600 < now ? from + 3600 : now;
	bool fits = n != NULL && BN_bn2binpad(n, serial, sizeof serial) >= 0, ok;

	BN_free(n);
	if (!fits)
		return true;
	ok = sql_do(c->db, "INSERT OR IGNORE INTO pca_cert(ca, serial, state, not_before, not_after, issued, revoked, reason, subject, template, pem, asked)"
	    " VALUES (?, ?, 1, ?, ?, ?, nullif(?, 0), ?, ?, ?, ?, 1)", "ibiiiitttt", ca, serial, sizeof serial, from, pca_time(X509_get0_notAfter(x)), issued,
	    r->revoked ? authority_revoked_at(c->o.authority) : (int64_t)0, r->revoked ? "KEY_COMPROMISE" : NULL,
	    pca_name_text(X509_get_subject_name(x), a), template_of(r, x), pca_pem(x, a));
	ERR_clear_error();
	return ok;
}

static bool
seed_certificates(struct cloud *c, struct arena *a, int64_t now)
{
	bool ok = true;

	for (size_t i = 0; ok && i < authority_len(c->o.authority); i++) {
		const struct recipe *r = authority_recipe(c->o.authority, i);
		const struct pki_cert *cert = authority_made(c->o.authority, i);
		const char *issuer = authority_issuer(c->o.authority, r->name);
		int64_t ca = cert != NULL ? sql_int(c->db, 0, "SELECT id FROM pca_ca WHERE origin = ?", "t",
		    origin_of(c, a, issuer != NULL ? issuer : r->name)) : 0;
		if (ca != 0)
			ok = seed_certificate(c, a, r, cert->x509, ca, now);
	}
	return ok;
}

static bool
seed_bucket(struct cloud *c, int64_t now)
{
	return cloud_s3_has_bucket(c, CLOUD_BUCKET) || sql_do(c->db, "INSERT INTO s3_buckets(name, region, owner, created, versioning) VALUES (?, ?, ?, ?, 1)",
	    "ttti", CLOUD_BUCKET, CLOUD_REGION, CLOUD_ACCOUNT, now);
}

bool
pca_seed(struct cloud *c)
{
	const struct world *w = cloud_world(c);
	int64_t now = w->now_ms(w->self) / 1000;
	struct arena *a = arena_new();
	struct pca_ca *issuing;
	bool ok = seed_bucket(c, now);

	for (size_t i = 0; ok && c->o.authority != NULL && i < INVENTORY; i++)
		ok = seed_ca(c, a, inventory[i], now);
	if (ok && c->o.authority != NULL) {
		ok = seed_certificates(c, a, now);
		issuing = pca_load_id(c->db, a, sql_int(c->db, 0, "SELECT id FROM pca_ca WHERE origin = ?", "t", origin_of(c, a, "issuing")), now);
		if (ok && c->o.certificates > 0 && issuing != NULL)
			ok = pca_bulk(c, issuing, c->o.certificates);
	}
	arena_free(a);
	return ok;
}

void
cloud_kept_keys(const char *dir, uint64_t seed, struct authority *authority)
{
	struct error ignored = { .code = ERROR_NONE };
	sqlite3 *db = cloud_open_database(dir, &ignored);
	char origin[96];

	/* What it cannot be opened for, cloud_look() has told. A new one has no tables yet. */
	if (db != NULL && sql_int(db, 0, "SELECT count(*) FROM sqlite_master WHERE name = 'pca_ca'", "") > 0)
		for (size_t i = 0; i < INVENTORY; i++) {
			snprintf(origin, sizeof origin, "%llu %s", (unsigned long long)seed, inventory[i]);
			EVP_PKEY *key = pca_key_of(db, sql_int(db, 0, "SELECT id FROM pca_ca WHERE origin = ?", "t", origin));
			if (key != NULL)
				authority_keep_key(authority, inventory[i], key);
			EVP_PKEY_free(key);
		}
	sqlite3_close(db);
}
