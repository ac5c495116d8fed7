/*
 * --certificates N: rows of the issuing CA as it has them after years of use, for demonstrations and measurements. None is
 * signed before it is asked for: a million would take a quarter of an hour. Names come back (one that was renewed has a newer
 * one), some are revoked, some were asked for by ACM; dates lie around now.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"
#include "lab/variety.h"

enum { DAY = 86400, HOUR = 3600, SUBJECT = 160 };

static const char *const services[] = { "api", "ledger", "payment", "orders", "search", "mail", "auth", "billing", "stock", "report", "edge", "batch" };
static const char *const teams[] = { "core", "retail", "logistics", "data", "platform", "risk", "mobile" };
static const int lifetimes[] = { 30, 90, 90, 180, 365, 395 };

#define LEN(a) (sizeof(a) / sizeof(a)[0])

/* The certificate of that number: what the report tells of it. */
struct bulk {
	unsigned char serial[16];
	char subject[SUBJECT];
	const char *template_name, *requested_by, *reason;
	int64_t issued, not_before, not_after, revoked;
};

static void
draw(struct bulk *b, uint64_t nonce, uint64_t number, uint64_t of, int64_t now, int64_t ca_not_after)
{
	static const char *const templates[] = { "EndEntityServerAuthCertificate", "EndEntityClientAuthCertificate", "EndEntityCertificate" };
	static const char *const reasons[] = { "KEY_COMPROMISE", "SUPERSEDED", "CESSATION_OF_OPERATION", "UNSPECIFIED" };
	/* Two of five names have been renewed: their second certificate has a number above. */
	uint64_t unique = of * 5 / 7 + 1, who = number % unique, a = variety_mix(nonce ^ number), d = variety_mix(a), e = variety_mix(who);
	bool newer = number >= unique, acm = e % 10 == 0;
	int days = acm ? 395 : lifetimes[e % LEN(lifetimes)];
	/* What is left of it: from two months ago to its whole life; of a renewed one more than half. */
	int64_t left = newer ? days / 2 + (int64_t)(d % (uint64_t)(days / 2)) : (int64_t)(d % (uint64_t)(days + 60)) - 60;

	memcpy(b->serial, &a, 8);
	memcpy(b->serial + 8, &d, 8);
	b->serial[0] = (unsigned char)((b->serial[0] & 0x7f) | 0x40);
	snprintf(b->subject, sizeof b->subject, "CN=%s-%llu.%s.internal,OU=%s", services[(e >> 8) % LEN(services)], (unsigned long long)who,
	    teams[(e >> 16) % LEN(teams)], teams[(e >> 16) % LEN(teams)]);
	b->template_name = acm ? "EndEntityCertificate" : templates[(e >> 24) % LEN(templates)];
	b->requested_by = acm ? "acm.amazonaws.com" : NULL;
	b->issued = now + (left - days) * DAY - (int64_t)(variety_mix(d) % DAY);
	b->not_before = b->issued - HOUR;
	b->not_after = b->issued + (int64_t)days * DAY;
	if (b->not_after > ca_not_after)
		b->not_after = ca_not_after;
	b->revoked = a % 300 == 0 && b->issued < now ? b->issued + (int64_t)(d % (uint64_t)(now - b->issued)) : 0;
	b->reason = b->revoked != 0 ? reasons[(d >> 8) % LEN(reasons)] : NULL;
}

static bool
insert(sqlite3_stmt *s, int64_t ca, const struct bulk *b)
{
	int i = 1;
	bool ok;

	sqlite3_bind_int64(s, i++, ca);
	sqlite3_bind_blob(s, i++, b->serial, sizeof b->serial, SQLITE_STATIC);
	sqlite3_bind_int64(s, i++, b->not_before);
	sqlite3_bind_int64(s, i++, b->not_after);
	sqlite3_bind_int64(s, i++, b->issued);
	if (b->revoked != 0)
		sqlite3_bind_int64(s, i, b->revoked);
	else
		sqlite3_bind_null(s, i);
	i++;
	sqlite3_bind_text(s, i++, b->reason, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, i++, b->subject, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, i++, b->template_name, -1, SQLITE_STATIC);
	sqlite3_bind_text(s, i++, b->requested_by, -1, SQLITE_STATIC);
	ok = sqlite3_step(s) == SQLITE_DONE;
	sqlite3_reset(s);
	return ok;
}

bool
pca_bulk(struct cloud *c, const struct pca_ca *ca, uint64_t certificates)
{
	const struct world *w = cloud_world(c);
	int64_t now = w->now_ms(w->self) / 1000;
	uint64_t there = (uint64_t)sql_int(c->db, 0, "SELECT value FROM cloud_meta WHERE name = 'certificates'", ""), nonce;
	bool ok = true;
	sqlite3_stmt *s = NULL;

	if (there >= certificates)
		return true;
	if (RAND_bytes((unsigned char *)&nonce, sizeof nonce) != 1)
		abort(); /* a broken OpenSSL */
	/* An index of random numbers is sorted once at the end, not kept in order a million times. */
	ok = cloud_exec(c, "DROP INDEX IF EXISTS pca_cert_serial");
	if (sqlite3_prepare_v2(c->db, "INSERT INTO pca_cert(ca, serial, state, not_before, not_after, issued, revoked, reason, subject, template, requested_by)"
	    " VALUES (?, ?, 3, ?, ?, ?, ?, ?, ?, ?, ?)", -1, &s, NULL) != SQLITE_OK)
		return false;
	for (uint64_t i = there; i < certificates && ok; i++) {
		struct bulk b;
		draw(&b, nonce, i, certificates, now, ca->not_after);
		ok = insert(s, ca->id, &b);
	}
	sqlite3_finalize(s);
	return ok && cloud_exec(c, "CREATE UNIQUE INDEX pca_cert_serial ON pca_cert(ca, serial)") &&
	    sql_do(c->db, "REPLACE INTO cloud_meta(name, value) VALUES ('certificates', ?)", "i", (int64_t)certificates);
}

/* ---- one that is asked for after all ---- */

/* "CN=NAME,OU=TEAM": as draw() writes it. */
static bool
read_subject(const char *subject, char name[SUBJECT], char team[SUBJECT])
{
	size_t len = strcspn(subject, ",");

	if (strncmp(subject, "CN=", 3) != 0 || strncmp(subject + len, ",OU=", 4) != 0 || len >= SUBJECT || strlen(subject + len) >= SUBJECT)
		return false;
	snprintf(name, SUBJECT, "%.*s", (int)(len - 3), subject + 3);
	snprintf(team, SUBJECT, "%s", subject + len + 4);
	return true;
}

static bool
add_names(X509_REQ *csr, const char *name, const char *team)
{
	X509_NAME *subject = X509_REQ_get_subject_name(csr);
	STACK_OF(X509_EXTENSION) *list = sk_X509_EXTENSION_new_null();
	X509_EXTENSION *san;
	char text[SUBJECT + 8];
	bool ok;

	snprintf(text, sizeof text, "DNS:%s", name);
	san = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, text);
	ok = list != NULL && san != NULL && sk_X509_EXTENSION_push(list, san) > 0;
	if (!ok)
		X509_EXTENSION_free(san);
	ok = ok && X509_REQ_add_extensions(csr, list) == 1 &&
	    X509_NAME_add_entry_by_NID(subject, NID_organizationalUnitName, MBSTRING_UTF8, (const unsigned char *)team, -1, -1, 0) == 1 &&
	    X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0) == 1;
	sk_X509_EXTENSION_pop_free(list, X509_EXTENSION_free);
	return ok;
}

/* PEM in base64, as the blob of a request; the caller's. */
static char *
make_csr(const char *name, const char *team)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509_REQ *csr = X509_REQ_new();
	BIO *out = BIO_new(BIO_s_mem());
	char *pem, *text = NULL;
	long len;

	if (key != NULL && csr != NULL && out != NULL && X509_REQ_set_pubkey(csr, key) == 1 && add_names(csr, name, team) &&
	    X509_REQ_sign(csr, key, EVP_sha256()) > 0 && PEM_write_bio_X509_REQ(out, csr) == 1 && (len = BIO_get_mem_data(out, &pem)) > 0) {
		text = mem_alloc((size_t)len / 3 * 4 + 8);
		EVP_EncodeBlock((unsigned char *)text, (const unsigned char *)pem, (int)len);
	}
	BIO_free(out);
	X509_REQ_free(csr);
	EVP_PKEY_free(key);
	ERR_clear_error();
	return text;
}

static void
add_validity(cJSON *o, const char *name, int64_t at)
{
	cJSON *v = cJSON_AddObjectToObject(o, name);

	cJSON_AddStringToObject(v, "Type", "ABSOLUTE");
	cJSON_AddNumberToObject(v, "Value", (double)at);
}

cJSON *
pca_bulk_request(const struct pca_cert *row, const struct pca_ca *ca)
{
	cJSON *configuration = cJSON_Parse(ca->configuration), *o = NULL;
	char name[SUBJECT], team[SUBJECT], *csr = NULL, arn[200];

	if (row->subject != NULL && row->template_name != NULL && read_subject(row->subject, name, team) && (csr = make_csr(name, team)) != NULL) {
		o = cJSON_CreateObject();
		snprintf(arn, sizeof arn, "arn:aws:acm-pca:::template/%s/V1", row->template_name);
		cJSON_AddStringToObject(o, "Csr", csr);
		cJSON_AddStringToObject(o, "TemplateArn", arn);
		cJSON_AddStringToObject(o, "SigningAlgorithm", cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(configuration, "SigningAlgorithm")));
		add_validity(o, "Validity", row->not_after);
		add_validity(o, "ValidityNotBefore", row->not_before);
	}
	free(csr);
	cJSON_Delete(configuration);
	return o;
}
