/*
 * A certificate as plain fields. Immutable once parsed, shared by reference count across threads.
 * Raw bytes stay raw (struct text); what is printable is made by text_safe() and ends in `safe`.
 */
#ifndef MODEL_CERT_H
#define MODEL_CERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/buf.h"
#include "model/error.h"
#include "model/text.h"

struct x509_st; /* OpenSSL's X509: model/cert_openssl.h hands it to those who may use it */

#define SHA256_LEN 32
#define SHA256_HEX 65

struct fingerprint {
	unsigned char bytes[SHA256_LEN];
};
bool fingerprint_equal(const struct fingerprint *a, const struct fingerprint *b);
/* SHA-256 of some bytes. */
void fingerprint_of(const unsigned char *bytes, size_t len, struct fingerprint *out);
/* Lower-case hex into out (SHA256_HEX bytes); returns out. */
char *fingerprint_hex(const struct fingerprint *f, char *out);

/* One attribute of a distinguished name, e.g. type "CN". */
struct name_part {
	const char *type;    /* "CN", "O", … or dotted OID */
	struct text value;   /* as encoded, converted to UTF-8 where the ASN.1 type says how */
	const char *safe;
};

struct name {
	struct text der;        /* the whole Name: compares equal byte for byte or by name_equal */
	struct text canonical;  /* equal names have equal bytes here: RFC 5280 7.1 as OpenSSL does it; len 0: an empty name */
	struct name_part *parts; /* in encoded order */
	size_t len;
	const char *safe;       /* "CN=order-service,O=Acme" in encoded order, RFC 4514 escapes, printable */
	const char *common_name; /* the last CN's safe form, or the safe form of the last part, or "" */
	unsigned flags;         /* TEXT_* of all its parts */
};

enum san_type { SAN_OTHER, SAN_EMAIL, SAN_DNS, SAN_X400, SAN_DIRECTORY, SAN_EDI, SAN_URI, SAN_IP, SAN_RID };
struct san {
	enum san_type type;
	struct text value;   /* the raw octets; an IP is 4 or 16 (constraints: 8 or 32) */
	const char *safe;    /* "DNS:payment.internal", "IP:127.0.0.1", "URI:spiffe://…", "DirName:CN=…" */
	unsigned flags;
};

enum key_usage { /* bit n of the extension is 1 << n: RFC 5280 4.2.1.3; not KU_…, which <openssl/x509v3.h> has with other values */
	USAGE_DIGITAL_SIGNATURE = 1 << 0,
	USAGE_NON_REPUDIATION = 1 << 1,
	USAGE_KEY_ENCIPHERMENT = 1 << 2,
	USAGE_DATA_ENCIPHERMENT = 1 << 3,
	USAGE_KEY_AGREEMENT = 1 << 4,
	USAGE_CERT_SIGN = 1 << 5,
	USAGE_CRL_SIGN = 1 << 6,
	USAGE_ENCIPHER_ONLY = 1 << 7,
	USAGE_DECIPHER_ONLY = 1 << 8
};

enum key_type { KEY_TYPE_UNKNOWN, KEY_TYPE_RSA, KEY_TYPE_RSA_PSS, KEY_TYPE_EC, KEY_TYPE_ED25519, KEY_TYPE_ED448, KEY_TYPE_DSA, KEY_TYPE_DH };

struct public_key {
	enum key_type type;
	int bits;                 /* modulus or field size */
	int exponent_bits;        /* RSA */
	const char *curve;        /* "P-256", "secp256k1", or NULL; explicit parameters: explicit_curve */
	bool explicit_curve;      /* curve by parameters, not by name: RFC 5480 2.1.1 forbids it */
	bool readable;            /* false: the key in it cannot be used (unsupported, damaged, over a limit) */
	int security_bits;        /* OpenSSL's measure; 0 unknown */
	const char *label;        /* "RSA 2048", "EC P-256", "Ed25519" */
	struct fingerprint spki;  /* SHA-256 of the SubjectPublicKeyInfo */
};

struct signature_info {
	const char *label;  /* "sha256WithRSAEncryption", or dotted OID */
	int hash_bits;      /* 256, 160 (SHA-1), 128 (MD5); 0 where the algorithm has none of its own */
	const char *hash;   /* "SHA-256", "SHA-1", "MD5", or NULL */
	int security_bits;  /* 0 unknown */
};

/* An extension as it stands, for the certificate view and for unknown critical ones. */
struct extension {
	const char *oid;   /* dotted */
	const char *name;  /* "keyUsage" … or the dotted OID */
	bool critical;
	bool known;        /* OpenSSL's path validation processes it (X509_supported_extension) */
	struct text value; /* DER inside the OCTET STRING */
};

/* A rule of RFC 5280 or X.690 that the certificate breaks, found while reading it. */
struct cert_fault {
	const char *rule; /* "RFC 5280 4.1.2.2" */
	const char *text; /* "the serial number is negative" */
	bool fatal;       /* the field cannot be read at all */
};

struct cert {
	struct text der;
	struct fingerprint sha256;
	char sha256_hex[SHA256_HEX];
	char sha1_hex[41];
	int version;            /* 1, 2, 3 */
	struct name subject, issuer;
	struct text serial;     /* content octets of the INTEGER */
	const char *serial_hex; /* lower-case, no leading zeros, "-" before a negative one */
	int64_t not_before, not_after; /* seconds; TIME_UNKNOWN where unreadable */
	struct public_key key;
	struct signature_info signature;

	struct san *san;
	size_t san_len;
	bool has_san, san_critical;
	bool san_truncated;     /* more than LIMIT_SAN */
	bool has_key_usage;
	unsigned key_usage;
	bool has_eku, eku_critical;
	const char **eku;       /* "serverAuth", "clientAuth", "anyExtendedKeyUsage", … or dotted OID */
	size_t eku_len;
	bool has_basic_constraints, is_ca;
	int path_len;           /* -1 none */
	struct san *permitted, *excluded;
	size_t permitted_len, excluded_len;
	bool has_name_constraints;
	struct text ski, aki;   /* key identifiers; len 0: none */
	const char *aki_serial_hex; /* or NULL */
	struct text *ca_issuers, *ocsp, *crl; /* URIs */
	size_t ca_issuers_len, ocsp_len, crl_len;
	const char **policies;  /* dotted OIDs */
	size_t policies_len;
	struct extension *extensions;
	size_t extensions_len;

	bool self_issued;       /* subject equals issuer */
	bool self_signed;       /* and the signature verifies with its own key: tried at parse time */
	struct cert_fault *faults;
	size_t faults_len;
	unsigned hostile;       /* TEXT_* of every name in it */
};

/*
 * Parses one DER certificate (exactly `len` bytes). NULL and *err where it cannot be read at all;
 * the text says at which byte and what was expected. Equal DER gives the same object while one is
 * alive (a shared table behind a mutex), so that 1,000 targets with one chain parse it once.
 */
struct cert *cert_parse(const unsigned char *der, size_t len, struct error *err);
struct cert *cert_ref(const struct cert *c); /* NULL stays NULL */
void cert_free(const struct cert *c);        /* gives one reference back; NULL is legal */

enum purpose { PURPOSE_ANY, PURPOSE_SERVER, PURPOSE_CLIENT };

/* RFC 5280 4.2.1.12, 4.2.1.3: do extended key usage (none or any: yes) and key usage allow it? */
bool cert_allows(const struct cert *c, enum purpose p);
/* RFC 5280 7.1: names compare equal after the canonicalisation that OpenSSL applies. */
bool name_equal(const struct name *a, const struct name *b);
/* Could `issuer` have issued `c`: names, key identifiers, keyCertSign. No signature is checked. */
bool cert_could_issue(const struct cert *issuer, const struct cert *c);
/* The signature of c with issuer's key (X509_verify), from a shared cache. *checks is counted up where it had to be computed. */
bool cert_signed_by(const struct cert *c, const struct cert *issuer, size_t *checks);

/* "serverAuth", "serverAuth and clientAuth", "anything" for people; into an arena. */
const char *cert_purposes(const struct cert *c, struct arena *a);
/* PEM of it, appended. */
void cert_pem(const struct cert *c, struct buf *out);

/* A distinguished name outside a certificate (a CertificateRequest): parsed into `a`. False where undecodable. */
bool name_parse(struct arena *a, struct text der, struct name *out);

enum name_match { NAME_MATCHES, NAME_DIFFERS, NAME_NO_SAN };
/*
 * RFC 9525: does the certificate name `host` (a DNS name, or an IP in text form)? Wildcards as the
 * left-most whole label only; the common name is never looked at. NAME_NO_SAN: no dNSName and no iPAddress.
 */
enum name_match cert_matches_host(const struct cert *c, const char *host);

#endif
