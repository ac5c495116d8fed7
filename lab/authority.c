#include "lab/authority.h"

#include <openssl/asn1.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/repeat.h"
#include "model/error.h"
#include "model/memory.h"

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, NAME_MAX_BYTES = 200, SAN_MAX = 8 };

struct authority {
	struct variety variety;
	int64_t now;
	const struct recipe *more; /* beside the table */
	size_t more_len;
	struct pki_cert *made; /* one a recipe; x509 NULL: not yet */
	EVP_PKEY **kept;       /* the same; NULL: it gets a new one */
	/*
	 * An RSA key takes as long as all else together: one for all servers' leaves, one for all of ours,
	 * which a thread makes meanwhile.
	 */
	EVP_PKEY *server_rsa, *client_rsa;
	pthread_t maker;
	bool making;
	uint16_t web;
};

static const struct role_defaults {
	const char *key_usage, *eku;
	const char *san[3];
	int from, to;
} defaults[] = {
	[ROLE_CA] = { .key_usage = "critical,keyCertSign,cRLSign", .from = -700, .to = 1800 },
	[ROLE_SERVER] = { .key_usage = "critical,digitalSignature", .eku = "serverAuth",
	    .san = { "DNS:{host}", "IP:127.0.0.1" }, .from = -9, .to = 88 },
	[ROLE_CLIENT] = { .key_usage = "critical,digitalSignature", .eku = "clientAuth",
	    .san = { "URI:spiffe://practice.example/{client}" }, .from = -12, .to = 77 },
};

static const enum pki_key leaf_keys[] = { PKI_P256, PKI_P384, PKI_RSA2048, PKI_ED25519, PKI_P256 };
static const enum pki_key ca_keys[] = { PKI_P256, PKI_P384 };

/* The kind of key, by the seed. */
static enum pki_key
kind_of_key(const struct variety *v, const struct recipe *recipe)
{
	if (recipe->fixed_key)
		return recipe->r.key_type;
	if (recipe->role == ROLE_CA)
		return ca_keys[variety_draw(v, "key", recipe->name, sizeof ca_keys / sizeof ca_keys[0])];
	return leaf_keys[variety_draw(v, "key", recipe->name, sizeof leaf_keys / sizeof leaf_keys[0])];
}

static void *
make_client_rsa(void *data)
{
	struct authority *a = data;

	repeat_about("client rsa");
	a->client_rsa = pki_key(PKI_RSA2048);
	repeat_over();
	return NULL;
}

/* Of three primes: a third of the time, and what a server signs with it nobody can tell from two. */
static EVP_PKEY *
quick_rsa(void)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, NULL);
	EVP_PKEY *key = NULL;

	if (ctx == NULL || EVP_PKEY_keygen_init(ctx) <= 0 || EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 2048) <= 0 ||
	    EVP_PKEY_CTX_set_rsa_keygen_primes(ctx, 3) <= 0 || EVP_PKEY_keygen(ctx, &key) <= 0)
		key = pki_key(PKI_RSA2048);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

struct authority *
authority_new(const struct variety *v, int64_t now)
{
	struct authority *a = mem_zero(1, sizeof *a);

	a->variety = *v;
	a->now = now;
	a->made = mem_zero(recipes_len, sizeof *a->made);
	a->kept = mem_zero(recipes_len, sizeof(EVP_PKEY *));
	for (size_t i = 0; i < recipes_len && !a->making; i++)
		if (recipes[i].role == ROLE_CLIENT && kind_of_key(v, &recipes[i]) == PKI_RSA2048)
			a->making = pthread_create(&a->maker, NULL, make_client_rsa, a) == 0;
	return a;
}

void
authority_add(struct authority *a, const struct recipe *more, size_t len)
{
	free(a->made);
	free(a->kept);
	a->more = more;
	a->more_len = len;
	a->made = mem_zero(recipes_len + len, sizeof *a->made);
	a->kept = mem_zero(recipes_len + len, sizeof(EVP_PKEY *));
}

size_t
authority_len(const struct authority *a)
{
	return recipes_len + a->more_len;
}

const struct recipe *
authority_recipe(const struct authority *a, size_t i)
{
	return i < recipes_len ? &recipes[i] : &a->more[i - recipes_len];
}

void
authority_settle(struct authority *a)
{
	if (a->making)
		pthread_join(a->maker, NULL);
	a->making = false;
}

void
authority_free(struct authority *a)
{
	if (a == NULL)
		return;
	for (size_t i = 0; i < authority_len(a); i++) {
		pki_cert_free(&a->made[i]);
		EVP_PKEY_free(a->kept[i]);
	}
	free(a->kept);
	authority_settle(a);
	EVP_PKEY_free(a->server_rsa);
	EVP_PKEY_free(a->client_rsa);
	free(a->made);
	free(a);
}

static size_t
recipe_index(const struct authority *a, const char *name)
{
	for (size_t i = 0; i < authority_len(a); i++)
		if (strcmp(authority_recipe(a, i)->name, name) == 0)
			return i;
	fprintf(stderr, "lab: no recipe makes “%s”\n", name);
	abort();
}

void
authority_keep_key(struct authority *a, const char *name, EVP_PKEY *key)
{
	size_t i = recipe_index(a, name);

	if (EVP_PKEY_up_ref(key) != 1)
		return;
	EVP_PKEY_free(a->kept[i]);
	a->kept[i] = key;
}

const struct pki_cert *
authority_made(const struct authority *a, size_t i)
{
	return a->made[i].x509 != NULL ? &a->made[i] : NULL;
}

static const char *
issuer_of(const struct authority *a, const struct recipe *r)
{
	return r->under_policy && a->variety.two_intermediates ? "policy" : r->issuer;
}

static EVP_PKEY *
client_rsa(struct authority *a)
{
	authority_settle(a);
	if (a->client_rsa == NULL)
		make_client_rsa(a);
	return a->client_rsa;
}

static EVP_PKEY *
server_rsa(struct authority *a)
{
	if (a->server_rsa == NULL) {
		repeat_about("server rsa");
		a->server_rsa = quick_rsa();
		repeat_over();
	}
	return a->server_rsa;
}

static void
choose_key(struct authority *a, const struct recipe *recipe, struct pki_request *r)
{
	r->key_type = kind_of_key(&a->variety, recipe);
	if (r->key_type == PKI_RSA2048 && !recipe->fixed_key)
		r->key = recipe->role == ROLE_CLIENT ? client_rsa(a) : server_rsa(a);
}

/* "{web}/crl/x.crl" → "http://127.0.0.1:8080/crl/x.crl" */
static const char *
at_web(const struct authority *a, const char *text, char out[NAME_MAX_BYTES])
{
	static const char web[] = "{web}";

	if (text == NULL)
		return NULL;
	if (strncmp(text, web, sizeof web - 1) == 0)
		snprintf(out, NAME_MAX_BYTES, "http://127.0.0.1:%u%s", a->web, text + sizeof web - 1);
	else
		snprintf(out, NAME_MAX_BYTES, "%s", text);
	return out;
}

static void
make(struct authority *a, size_t index)
{
	const struct recipe *recipe = authority_recipe(a, index);
	const struct role_defaults *usual = &defaults[recipe->role];
	const char *issuer = issuer_of(a, recipe);
	struct pki_request r = recipe->r;
	char cn[NAME_MAX_BYTES], org[NAME_MAX_BYTES], san_text[SAN_MAX][NAME_MAX_BYTES], address[3][NAME_MAX_BYTES];
	const char *san[SAN_MAX + 1] = { NULL };
	const char *const *names = r.san != NULL ? r.san : recipe->no_san ? NULL : usual->san;
	int from = recipe->from, to = recipe->to;

	if (from == 0 && to == 0) {
		from = usual->from;
		to = usual->to;
	}
	r.not_before = a->now + (int64_t)from * DAY;
	r.not_after = a->now + (int64_t)to * DAY + (int64_t)recipe->to_minutes * MINUTE;
	if (to > 0)
		r.not_after += HOUR; /* the days that are left are the same for as long as one looks */
	r.ca = r.ca || (recipe->role == ROLE_CA && !r.no_basic_constraints);
	r.key_usage = r.key_usage != NULL ? r.key_usage : usual->key_usage;
	r.eku = r.eku != NULL ? r.eku : usual->eku;
	if (r.cn != NULL)
		r.cn = variety_words(&a->variety, r.cn, cn, sizeof cn);
	r.org = variety_words(&a->variety, r.org != NULL ? r.org : "{org}", org, sizeof org);
	for (size_t i = 0; names != NULL && names[i] != NULL && i < SAN_MAX; i++)
		san[i] = variety_words(&a->variety, names[i], san_text[i], NAME_MAX_BYTES);
	r.san = san[0] != NULL ? san : NULL;
	r.aia = at_web(a, r.aia, address[0]);
	r.ocsp = at_web(a, r.ocsp, address[1]);
	r.crl = at_web(a, r.crl, address[2]);
	choose_key(a, recipe, &r);
	if (a->kept[index] != NULL)
		r.key = a->kept[index];
	/* Its issuer first: what is drawn for this one must not depend on whether that was there already. */
	const struct pki_cert *by = issuer != NULL ? authority_cert(a, issuer) : NULL;
	repeat_about(recipe->name);
	a->made[index] = pki_issue(&r, by);
	repeat_over();
}

const struct pki_cert *
authority_cert(struct authority *a, const char *name)
{
	size_t i = recipe_index(a, name);

	if (a->made[i].x509 == NULL)
		make(a, i);
	return &a->made[i];
}

size_t
authority_chain(struct authority *a, const char *leaf, enum chain_form form, const char *extra,
    const struct pki_cert **out)
{
	size_t n = 0;

	for (const char *name = leaf; name != NULL && n < CHAIN_MAX - 1;) {
		const struct recipe *recipe = authority_recipe(a, recipe_index(a, name));
		const char *up = issuer_of(a, recipe);
		bool root = up == NULL && n > 0;

		if (root && form != CHAIN_WITH_ROOT)
			break;
		out[n++] = authority_cert(a, name);
		if (form == CHAIN_LEAF_ONLY)
			break;
		name = recipe->shown_issuer != NULL ? recipe->shown_issuer : up;
	}
	if (form == CHAIN_REVERSED)
		for (size_t i = 1, k = n - 1; i < k; i++, k--) {
			const struct pki_cert *c = out[i];
			out[i] = out[k];
			out[k] = c;
		}
	if (extra != NULL && n < CHAIN_MAX)
		out[n++] = authority_cert(a, extra);
	return n;
}

bool
authority_knows(const char *name)
{
	for (size_t i = 0; i < recipes_len; i++)
		if (strcmp(recipes[i].name, name) == 0)
			return true;
	return false;
}

const char *
authority_issuer(const struct authority *a, const char *name)
{
	return issuer_of(a, authority_recipe(a, recipe_index(a, name)));
}

void
authority_at_web(struct authority *a, uint16_t port)
{
	a->web = port;
}

int64_t
authority_revoked_at(const struct authority *a)
{
	return a->now - 2 * DAY;
}

static bool
issued_by(const struct authority *a, size_t i, const char *ca)
{
	const char *issuer = issuer_of(a, authority_recipe(a, i));

	return issuer != NULL && strcmp(issuer, ca) == 0 && a->made[i].x509 != NULL;
}

bool
authority_issued(struct authority *a, const char *ca, const ASN1_INTEGER *serial, bool *revoked)
{
	for (size_t i = 0; i < authority_len(a); i++)
		if (issued_by(a, i, ca) && ASN1_INTEGER_cmp(X509_get0_serialNumber(a->made[i].x509), serial) == 0) {
			*revoked = authority_recipe(a, i)->revoked;
			return true;
		}
	return false;
}

static bool
add_revoked(const struct authority *a, X509_CRL *crl, size_t i)
{
	X509_REVOKED *entry = X509_REVOKED_new();
	ASN1_TIME *t = ASN1_TIME_set(NULL, (time_t)authority_revoked_at(a));
	ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
	bool ok = entry != NULL && t != NULL && reason != NULL && ASN1_ENUMERATED_set(reason, CRL_REASON_KEY_COMPROMISE) == 1 &&
	    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(a->made[i].x509)) == 1 &&
	    X509_REVOKED_set_revocationDate(entry, t) == 1 &&
	    X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, X509V3_ADD_APPEND) == 1 && X509_CRL_add0_revoked(crl, entry) == 1;

	ASN1_TIME_free(t);
	ASN1_ENUMERATED_free(reason);
	return ok;
}

X509_CRL *
authority_list(struct authority *a, const char *ca, int64_t now, int from, int to)
{
	const struct pki_cert *by = authority_cert(a, ca);
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();
	bool ok = crl != NULL && t != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(by->x509)) == 1 &&
	    ASN1_TIME_set(t, (time_t)(now + (int64_t)from * DAY)) != NULL && X509_CRL_set1_lastUpdate(crl, t) == 1 &&
	    ASN1_TIME_set(t, (time_t)(now + (int64_t)to * DAY)) != NULL && X509_CRL_set1_nextUpdate(crl, t) == 1;

	for (size_t i = 0; i < authority_len(a) && ok; i++)
		ok = !authority_recipe(a, i)->revoked || !issued_by(a, i, ca) || add_revoked(a, crl, i);
	if (!ok || X509_CRL_sign(crl, by->key, EVP_sha256()) <= 0) {
		fprintf(stderr, "lab: OpenSSL did not make a revocation list\n");
		abort();
	}
	ASN1_TIME_free(t);
	return crl;
}

X509_CRL *
authority_crl(struct authority *a, const char *issuer, const char *revoked, int from, int to)
{
	const struct pki_cert *ca = authority_cert(a, issuer);
	X509_CRL *crl = X509_CRL_new();
	ASN1_TIME *t = ASN1_TIME_new();
	bool ok = crl != NULL && t != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
	    X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca->x509)) == 1 &&
	    ASN1_TIME_set(t, (time_t)(a->now + (int64_t)from * DAY)) != NULL && X509_CRL_set1_lastUpdate(crl, t) == 1 &&
	    ASN1_TIME_set(t, (time_t)(a->now + (int64_t)to * DAY)) != NULL && X509_CRL_set1_nextUpdate(crl, t) == 1;

	if (ok && revoked != NULL) {
		X509_REVOKED *entry = X509_REVOKED_new();
		ok = entry != NULL && ASN1_TIME_set(t, (time_t)(a->now - DAY)) != NULL &&
		    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(authority_cert(a, revoked)->x509)) == 1 &&
		    X509_REVOKED_set_revocationDate(entry, t) == 1 && X509_CRL_add0_revoked(crl, entry) == 1;
	}
	if (!ok || X509_CRL_sign(crl, ca->key, EVP_sha256()) <= 0) {
		fprintf(stderr, "lab: OpenSSL did not make a revocation list\n");
		abort();
	}
	ASN1_TIME_free(t);
	return crl;
}
