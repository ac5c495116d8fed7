/*
 * Making certificates, right and wrong ones: for the lab's endpoints and for the tests. Every field
 * that a fault needs can be set; nothing is checked, that is the point.
 */
#ifndef LAB_PKI_H
#define LAB_PKI_H

#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pki_key { PKI_P256, PKI_P384, PKI_P521, PKI_RSA1024, PKI_RSA2048, PKI_RSA3072, PKI_RSA4096, PKI_ED25519 };
EVP_PKEY *pki_key(enum pki_key type); /* owned by the caller; never NULL (aborts: a broken OpenSSL) */

/* An extension by hand: OID and DER, for what the fields below cannot say. */
struct pki_extension {
	const char *oid;
	bool critical;
	const unsigned char *der;
	size_t len;
};

struct pki_raw_san {
	int type; /* GEN_DNS, GEN_URI, …; -1 ends the list */
	const char *bytes;
	size_t len;
};

struct pki_request {
	const char *cn;             /* or NULL: an empty subject, unless `subject` is set */
	const char *org;            /* O=, or NULL */
	const unsigned char *cn_bytes; /* raw UTF8String instead of cn (hostile names) */
	size_t cn_bytes_len;
	const X509_NAME *subject;   /* instead of cn and org; borrowed */
	const X509_NAME *issuer;    /* instead of the issuer's subject; borrowed */
	const char *const *san;     /* "DNS:x", "IP:127.0.0.1", "URI:…", "email:…", NULL-terminated; or NULL */
	const struct pki_raw_san *raw_san; /* or NULL */
	bool san_critical;
	int64_t not_before, not_after; /* seconds since the epoch; years 0000 to 9999; both 0: a day back to 90 days on */
	bool generalized_time;      /* GeneralizedTime before 2050 too: a breach of RFC 5280 4.1.2.5 */
	const char *raw_not_before, *raw_not_after; /* UTCTime content as it stands ("7001010000Z": no seconds); or NULL */
	const char *key_usage;      /* OpenSSL config form "critical,digitalSignature"; or NULL */
	const char *eku;            /* "serverAuth,clientAuth"; or NULL */
	bool ca;                    /* basicConstraints critical,CA:TRUE */
	bool no_basic_constraints;  /* a CA without them */
	bool has_path_len;          /* with ca: pathlen:path_len */
	int path_len;
	const char *name_constraints; /* "critical,permitted;DNS:internal"; or NULL */
	const char *aia, *ocsp, *crl; /* URIs; or NULL */
	const char *policies;       /* OpenSSL config form; or NULL */
	bool no_ski, no_aki;        /* no AKI either where the issuer has no SKI */
	int version;                /* 0: v3; 1: v1, without extensions */
	const unsigned char *serial; /* content octets, as short as DER wants them; NULL: 16 random ones */
	size_t serial_len;
	const char *digest;         /* "MD5", "SHA1", "SHA256" …, NULL: SHA256 (none for Ed25519) */
	bool pss;                   /* RSA issuers: RSASSA-PSS */
	bool corrupt_signature;     /* one bit flipped after signing */
	const struct pki_extension *extra; /* oid NULL ends */
	EVP_PKEY *key;              /* the subject's; borrowed; NULL: a new one of key_type */
	enum pki_key key_type;
};

struct pki_cert {
	X509 *x509;
	EVP_PKEY *key;
};

/*
 * Issues; issuer NULL: self-signed. Never fails short of no memory (aborts, and says which field was
 * wrong): requests are ours. The key is the new certificate's own (a reference, where r->key was
 * given). A self-signed one names itself in its AKI unless no_aki.
 */
struct pki_cert pki_issue(const struct pki_request *r, const struct pki_cert *issuer);
void pki_cert_free(struct pki_cert *c); /* clears *c; twice is legal */

/* model/wrong_key.h, and never NULL: public_half's public key, another private one (stranger may be NULL). */
EVP_PKEY *pki_wrong_key(EVP_PKEY *public_half, EVP_PKEY *stranger);

/*
 * A copy of c's certificate with junk where its signature algorithm's parameters were: its encoding
 * does not parse at a peer, yet OpenSSL still loads it here (knowledge "openssl"). Owned by the caller.
 */
X509 *pki_garbage(const struct pki_cert *c);

/* DER, malloc'd. */
unsigned char *pki_der(const struct pki_cert *c, size_t *len);

#endif
