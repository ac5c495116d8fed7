#include "lab/pki.h"

#include <openssl/conf.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/buf.h"
#include "model/garbage_cert.h"
#include "model/wrong_key.h"

#define DAY INT64_C(86400)

/* A request is ours: one that OpenSSL does not take is a mistake in a table, and says which field. */
#define NEED(ok, field)                                                                               \
	do {                                                                                          \
		if (!(ok)) {                                                                          \
			fprintf(stderr, "lab/pki: OpenSSL did not take %s\n", (field));               \
			ERR_print_errors_fp(stderr);                                                  \
			abort();                                                                      \
		}                                                                                     \
	} while (0)

EVP_PKEY *
pki_key(enum pki_key type)
{
	static const struct {
		const char *curve;
		unsigned rsa_bits;
	} kinds[] = {
		[PKI_P256] = { .curve = "P-256" },
		[PKI_P384] = { .curve = "P-384" },
		[PKI_P521] = { .curve = "P-521" },
		[PKI_RSA1024] = { .rsa_bits = 1024 },
		[PKI_RSA2048] = { .rsa_bits = 2048 },
		[PKI_RSA3072] = { .rsa_bits = 3072 },
		[PKI_RSA4096] = { .rsa_bits = 4096 },
		[PKI_ED25519] = { .curve = NULL },
	};
	EVP_PKEY *key;

	if (kinds[type].curve != NULL)
		key = EVP_EC_gen(kinds[type].curve);
	else if (kinds[type].rsa_bits != 0)
		key = EVP_RSA_gen(kinds[type].rsa_bits);
	else
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	NEED(key != NULL, "a new key");
	return key;
}

static ASN1_TIME *
time_of(int64_t seconds, bool generalized, const char *raw)
{
	time_t t = (time_t)seconds;
	struct tm tm = { 0 };
	char text[64];
	bool utc;
	ASN1_TIME *out;

	NEED(gmtime_r(&t, &tm) != NULL, "a date");
	/* RFC 5280 4.1.2.5: UTCTime until 2049; it cannot say a year before 1950. */
	utc = raw != NULL || (!generalized && tm.tm_year >= 50 && tm.tm_year < 150);
	if (raw != NULL)
		snprintf(text, sizeof text, "%s", raw);
	else if (utc)
		snprintf(text, sizeof text, "%02d%02d%02d%02d%02d%02dZ", tm.tm_year % 100, tm.tm_mon + 1,
		    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	else
		snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
		    tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
	out = ASN1_STRING_type_new(utc ? V_ASN1_UTCTIME : V_ASN1_GENERALIZEDTIME);
	NEED(out != NULL && ASN1_STRING_set(out, text, -1) == 1, "a date");
	return out;
}

static void
set_validity(X509 *x, const struct pki_request *r)
{
	bool usual = r->not_before == 0 && r->not_after == 0;
	int64_t now = (int64_t)time(NULL);
	ASN1_TIME *from = time_of(usual ? now - DAY : r->not_before, r->generalized_time, r->raw_not_before);
	ASN1_TIME *to = time_of(usual ? now + 90 * DAY : r->not_after, r->generalized_time, r->raw_not_after);

	NEED(X509_set1_notBefore(x, from) == 1 && X509_set1_notAfter(x, to) == 1, "a date");
	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
}

static void
set_serial(X509 *x, const struct pki_request *r)
{
	unsigned char octets[16];
	unsigned char der[2 + 127];
	const unsigned char *content = r->serial, *p = der;
	size_t len = r->serial_len;
	ASN1_INTEGER *serial;

	if (content == NULL) {
		NEED(RAND_bytes(octets, sizeof octets) == 1, "a random serial number");
		octets[0] = (unsigned char)((octets[0] & 0x3f) | 0x40); /* positive, of full length */
		content = octets;
		len = sizeof octets;
	}
	NEED(len > 0 && len <= 127, "serial");
	der[0] = V_ASN1_INTEGER;
	der[1] = (unsigned char)len;
	memcpy(der + 2, content, len);
	serial = d2i_ASN1_INTEGER(NULL, &p, (long)(len + 2));
	NEED(serial != NULL && X509_set_serialNumber(x, serial) == 1, "serial");
	ASN1_INTEGER_free(serial);
}

static void
set_subject(X509 *x, const struct pki_request *r)
{
	X509_NAME *name = X509_NAME_new();

	NEED(name != NULL, "a name");
	if (r->subject != NULL) {
		NEED(X509_set_subject_name(x, r->subject) == 1, "subject");
		X509_NAME_free(name);
		return;
	}
	if (r->org != NULL)
		NEED(X509_NAME_add_entry_by_NID(name, NID_organizationName, V_ASN1_UTF8STRING,
		    (const unsigned char *)r->org, -1, -1, 0) == 1, "org");
	/* The type is given as it is to be encoded: OpenSSL then looks at no byte of it. */
	if (r->cn_bytes != NULL)
		NEED(X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING, r->cn_bytes,
		    (int)r->cn_bytes_len, -1, 0) == 1, "cn_bytes");
	else if (r->cn != NULL)
		NEED(X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING,
		    (const unsigned char *)r->cn, -1, -1, 0) == 1, "cn");
	NEED(X509_set_subject_name(x, name) == 1, "subject");
	X509_NAME_free(name);
}

static void
add_general_name(GENERAL_NAMES *names, int type, const char *bytes, size_t len)
{
	GENERAL_NAME *g = GENERAL_NAME_new();
	ASN1_STRING *s = NULL;

	NEED(g != NULL, "a SAN");
	if (type == GEN_DIRNAME) { /* bytes: the common name */
		X509_NAME *dir = X509_NAME_new();
		NEED(dir != NULL && X509_NAME_add_entry_by_NID(dir, NID_commonName, V_ASN1_UTF8STRING,
		    (const unsigned char *)bytes, (int)len, -1, 0) == 1, "a SAN");
		GENERAL_NAME_set0_value(g, type, dir);
	} else if (type == GEN_RID) { /* bytes: dotted, NUL-terminated */
		ASN1_OBJECT *oid = OBJ_txt2obj(bytes, 1);
		NEED(oid != NULL, "a SAN");
		GENERAL_NAME_set0_value(g, type, oid);
	} else {
		s = ASN1_STRING_type_new(type == GEN_IPADD ? V_ASN1_OCTET_STRING : V_ASN1_IA5STRING);
		NEED(s != NULL && ASN1_STRING_set(s, bytes, (int)len) == 1, "a SAN");
		GENERAL_NAME_set0_value(g, type, s);
	}
	NEED(sk_GENERAL_NAME_push(names, g) > 0, "a SAN");
}

static void
add_san_text(GENERAL_NAMES *names, const char *text)
{
	static const struct {
		const char *prefix;
		int type;
	} kinds[] = {
		{ "DNS:", GEN_DNS }, { "URI:", GEN_URI }, { "email:", GEN_EMAIL }, { "IP:", GEN_IPADD },
		{ "dirName:", GEN_DIRNAME }, { "RID:", GEN_RID },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		size_t prefix = strlen(kinds[i].prefix);
		if (strncmp(text, kinds[i].prefix, prefix) != 0)
			continue;
		text += prefix;
		if (kinds[i].type == GEN_IPADD) {
			ASN1_OCTET_STRING *ip = a2i_IPADDRESS(text);
			NEED(ip != NULL, text);
			add_general_name(names, GEN_IPADD, (const char *)ip->data, (size_t)ip->length);
			ASN1_OCTET_STRING_free(ip);
		} else {
			add_general_name(names, kinds[i].type, text, strlen(text));
		}
		return;
	}
	NEED(false, text);
}

static void
add_san(X509 *x, const struct pki_request *r)
{
	GENERAL_NAMES *names;

	if (r->san == NULL && r->raw_san == NULL)
		return;
	names = GENERAL_NAMES_new();
	NEED(names != NULL, "a SAN");
	for (size_t i = 0; r->san != NULL && r->san[i] != NULL; i++)
		add_san_text(names, r->san[i]);
	for (size_t i = 0; r->raw_san != NULL && r->raw_san[i].type >= 0; i++)
		add_general_name(names, r->raw_san[i].type, r->raw_san[i].bytes, r->raw_san[i].len);
	NEED(X509_add1_ext_i2d(x, NID_subject_alt_name, names, r->san_critical, X509V3_ADD_APPEND) == 1, "a SAN");
	GENERAL_NAMES_free(names);
}

/* An extension in the form of OpenSSL's configuration files. */
static void
add_text(X509 *x, int nid, const char *prefix, const char *value)
{
	struct buf text = { 0 }; /* 10,000 name constraints are 300 KB */
	CONF *conf;
	X509V3_CTX ctx;
	X509_EXTENSION *ext;

	if (value == NULL)
		return;
	buf_addf(&text, "%s%s", prefix, value);
	X509V3_set_ctx(&ctx, x, x, NULL, NULL, 0);
	/* Policies are only read beside a configuration, be it an empty one. */
	conf = NCONF_new(NULL);
	NEED(conf != NULL, value);
	X509V3_set_nconf(&ctx, conf);
	ext = X509V3_EXT_nconf_nid(conf, &ctx, nid, buf_str(&text));
	NEED(ext != NULL && X509_add_ext(x, ext, -1) == 1, value);
	X509_EXTENSION_free(ext);
	NCONF_free(conf);
	buf_done(&text);
}

static void
add_information_access(X509 *x, const struct pki_request *r)
{
	char text[1024];

	if (r->aia != NULL && r->ocsp != NULL)
		snprintf(text, sizeof text, "caIssuers;URI:%s,OCSP;URI:%s", r->aia, r->ocsp);
	else if (r->aia != NULL)
		snprintf(text, sizeof text, "caIssuers;URI:%s", r->aia);
	else if (r->ocsp != NULL)
		snprintf(text, sizeof text, "OCSP;URI:%s", r->ocsp);
	else
		return;
	add_text(x, NID_info_access, "", text);
}

static void
add_basic_constraints(X509 *x, const struct pki_request *r)
{
	char text[64];

	if (!r->ca || r->no_basic_constraints)
		return;
	if (r->has_path_len)
		snprintf(text, sizeof text, "critical,CA:TRUE,pathlen:%d", r->path_len);
	else
		snprintf(text, sizeof text, "critical,CA:TRUE");
	add_text(x, NID_basic_constraints, "", text);
}

static void
add_key_ids(X509 *x, const struct pki_request *r, X509 *issuer)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	ASN1_OCTET_STRING *ski = ASN1_OCTET_STRING_new();
	const ASN1_OCTET_STRING *of_issuer;

	NEED(ski != NULL && X509_pubkey_digest(x, EVP_sha1(), hash, &len) == 1 &&
	    ASN1_OCTET_STRING_set(ski, hash, (int)len) == 1, "a key identifier");
	if (!r->no_ski)
		NEED(X509_add1_ext_i2d(x, NID_subject_key_identifier, ski, 0, X509V3_ADD_APPEND) == 1, "SKI");
	of_issuer = issuer != NULL ? X509_get0_subject_key_id(issuer) : r->no_ski ? NULL : ski;
	if (!r->no_aki && of_issuer != NULL) {
		AUTHORITY_KEYID *aki = AUTHORITY_KEYID_new();
		NEED(aki != NULL && (aki->keyid = ASN1_OCTET_STRING_dup(of_issuer)) != NULL, "AKI");
		NEED(X509_add1_ext_i2d(x, NID_authority_key_identifier, aki, 0, X509V3_ADD_APPEND) == 1, "AKI");
		AUTHORITY_KEYID_free(aki);
	}
	ASN1_OCTET_STRING_free(ski);
}

static void
add_extra(X509 *x, const struct pki_extension *extra)
{
	for (; extra != NULL && extra->oid != NULL; extra++) {
		ASN1_OBJECT *oid = OBJ_txt2obj(extra->oid, 1);
		ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
		X509_EXTENSION *ext;

		NEED(oid != NULL && value != NULL &&
		    ASN1_OCTET_STRING_set(value, extra->der, (int)extra->len) == 1, extra->oid);
		ext = X509_EXTENSION_create_by_OBJ(NULL, oid, extra->critical, value);
		NEED(ext != NULL && X509_add_ext(x, ext, -1) == 1, extra->oid);
		X509_EXTENSION_free(ext);
		ASN1_OCTET_STRING_free(value);
		ASN1_OBJECT_free(oid);
	}
}

static void
add_extensions(X509 *x, const struct pki_request *r, X509 *issuer)
{
	add_basic_constraints(x, r);
	add_text(x, NID_key_usage, "", r->key_usage);
	add_text(x, NID_ext_key_usage, "", r->eku);
	add_key_ids(x, r, issuer);
	add_san(x, r);
	add_text(x, NID_name_constraints, "", r->name_constraints);
	add_information_access(x, r);
	add_text(x, NID_crl_distribution_points, "URI:", r->crl);
	add_text(x, NID_certificate_policies, "", r->policies);
	add_extra(x, r->extra);
}

static void
sign(X509 *x, const struct pki_request *r, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *pctx = NULL; /* belongs to ctx */
	const EVP_MD *md = r->digest != NULL ? EVP_get_digestbyname(r->digest) : EVP_sha256();
	int type = EVP_PKEY_get_base_id(key);

	NEED(ctx != NULL && md != NULL, "digest");
	if (type == EVP_PKEY_ED25519 || type == EVP_PKEY_ED448)
		md = NULL;
	NEED(EVP_DigestSignInit(ctx, &pctx, md, NULL, key) == 1, "the issuer's key");
	if (r->pss)
		NEED(EVP_PKEY_CTX_set_rsa_padding(pctx, RSA_PKCS1_PSS_PADDING) == 1 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(pctx, RSA_PSS_SALTLEN_DIGEST) == 1, "pss");
	NEED(X509_sign_ctx(x, ctx) > 0, "a signature");
	EVP_MD_CTX_free(ctx);
}

/* Reads it back, so that nothing OpenSSL remembers of the making differs from what the bytes say. */
static X509 *
fresh(X509 *made)
{
	unsigned char *der = NULL;
	int len = i2d_X509(made, &der);
	const unsigned char *p = der;
	X509 *x = len > 0 ? d2i_X509(NULL, &p, len) : NULL;

	NEED(x != NULL, "the certificate as a whole");
	OPENSSL_free(der);
	X509_free(made);
	return x;
}

struct pki_cert
pki_issue(const struct pki_request *r, const struct pki_cert *issuer)
{
	X509 *x = X509_new();
	EVP_PKEY *key = r->key;
	X509 *issuer_x509 = issuer != NULL ? issuer->x509 : NULL;
	const X509_NAME *issuer_name = r->issuer;
	long version = r->version > 0 ? r->version : 3;

	if (key == NULL)
		key = pki_key(r->key_type);
	else
		EVP_PKEY_up_ref(key);
	NEED(x != NULL && X509_set_version(x, version - 1) == 1, "version");
	set_serial(x, r);
	set_validity(x, r);
	set_subject(x, r);
	if (issuer_name == NULL)
		issuer_name = X509_get_subject_name(issuer_x509 != NULL ? issuer_x509 : x);
	NEED(X509_set_issuer_name(x, issuer_name) == 1, "issuer");
	NEED(X509_set_pubkey(x, key) == 1, "key");
	if (version == 3)
		add_extensions(x, r, issuer_x509);
	sign(x, r, issuer != NULL ? issuer->key : key);
	if (r->corrupt_signature) {
		const ASN1_BIT_STRING *signature = NULL;
		X509_get0_signature(&signature, NULL, x);
		/* The last byte is a number's, not a tag's, for every algorithm here. */
		signature->data[signature->length - 1] ^= 1;
	}
	return (struct pki_cert){ .x509 = fresh(x), .key = key };
}

void
pki_cert_free(struct pki_cert *c)
{
	X509_free(c->x509);
	EVP_PKEY_free(c->key);
	*c = (struct pki_cert){ 0 };
}

EVP_PKEY *
pki_wrong_key(EVP_PKEY *public_half, EVP_PKEY *stranger)
{
	EVP_PKEY *key = wrong_key(public_half, stranger);

	NEED(key != NULL, "the halves of a wrong key");
	return key;
}

X509 *
pki_garbage(const struct pki_cert *c)
{
	X509 *x = garbage_cert(c->x509);

	NEED(x != NULL, "junk");
	return x;
}

unsigned char *
pki_der(const struct pki_cert *c, size_t *len)
{
	int size = i2d_X509(c->x509, NULL);
	unsigned char *der = size > 0 ? malloc((size_t)size) : NULL, *p = der;

	NEED(der != NULL && i2d_X509(c->x509, &p) == size, "DER");
	*len = (size_t)size;
	return der;
}
