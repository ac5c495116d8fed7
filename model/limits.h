/* Every size, depth, count and time that the outside can influence, with the reason for its value. */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

#include <stddef.h>

enum {
	LIMIT_INPUT_FILE = 16 * 1024 * 1024, /* bytes of one file: a CA bundle is 250 KB, a PKCS#12 a few KB */
	LIMIT_FOLDER_FILES = 4096,           /* files looked at in one folder; the rest is said to be left out */
	LIMIT_FOLDER_DEPTH = 1,              /* a folder's own files; what lies deeper is not ours to guess */
	LIMIT_OBJECTS = 65536,               /* objects of one input */
	LIMIT_CERT_DER = 1024 * 1024,        /* bytes of one certificate: 10,000 SANs are about 250 KB */
	LIMIT_KDF_ITERATIONS = 10 * 1000 * 1000, /* PBKDF2 of a PKCS#12 or PKCS#8: ~5 s at 2 M/s; OpenSSL writes 2,048 */
	LIMIT_KDF_TOTAL = 20 * 1000 * 1000,  /* of all objects of one reading together */
	LIMIT_PASSPHRASE = 1024,             /* bytes of a passphrase, with its NUL: OpenSSL's PEM_BUFSIZE */
	LIMIT_KEY_DER = 256 * 1024,          /* bytes of one key: RSA 16,384 takes 9 KB */
	LIMIT_DSA_BITS = 4096,               /* reading a DSA or DH key computes its public half: 50 ms at this size */
	LIMIT_FOLDER_NAMES = 200 * 1000,     /* names read of one folder, to take the first files by name and count the rest */
	LIMIT_FOLDER_BYTES = 256 * 1024 * 1024, /* bytes read of one folder's files together */
	LIMIT_NESTED_BAGS = 4,               /* PKCS#12 bags in bags; nobody nests them */
	LIMIT_SIBLINGS = 64,                 /* files looked at beside a key that does not match */
	LIMIT_SIBLING_NAMES = 4096,          /* names read of that folder */
	LIMIT_SIBLING_BYTES = 64 * 1024,     /* of each of them: a chain and its key take 8 KB */
	LIMIT_NOTES = 64,                    /* remarks kept of one reading */
	LIMIT_RSA_BITS = 16384,              /* above that one verification takes longer than a handshake may */
	LIMIT_RSA_EXPONENT_BITS = 64,        /* OpenSSL's own bound for large moduli; Go's is 31 */
	LIMIT_EXTENSIONS = 256,              /* extensions read of one certificate; 10 are usual, 20 are many */
	LIMIT_EXTENSION_ITEMS = 1024,        /* purposes, policies or addresses read of one extension */
	LIMIT_SAN = 16384,                   /* names read of one certificate */
	LIMIT_CERT_FAULTS = 64,              /* breaches of rules kept of one certificate; the rest repeats them */
	LIMIT_NAME_CONSTRAINT_CHECKS = 1 << 20, /* SANs × constraints, as OpenSSL (CVE-2018-12121's family) */

	LIMIT_DIFF_OBJECTS = 2048,    /* of each side of diff: they are compared each with each */

	LIMIT_PATHS = 256,            /* candidate paths kept for one leaf */
	LIMIT_SIGNATURE_CHECKS = 2000, /* X509_verify calls for one target */
	LIMIT_PATH_DEPTH = 32,        /* certificates of one path, leaf and anchor included */
	LIMIT_PATH_STEPS = 100 * 1000, /* steps of the search for them: a web of cross-signs has walks without number */
	LIMIT_RELATIONS = 65536,      /* “belongs to” between objects of one inspect */

	LIMIT_CERTIFICATE_MESSAGE = 1024 * 1024, /* bytes of one TLS Certificate message we take */
	LIMIT_CHAIN_CERTS = 256,      /* certificates read of it */
	LIMIT_CA_LIST = 4096,         /* names read of one CertificateRequest */
	LIMIT_MESSAGES = 512,         /* handshake messages recorded; a tenth of it is a renegotiating peer */
	LIMIT_ALERTS = 64,
	LIMIT_HTTP_HEAD = 64 * 1024,  /* bytes of an HTTP response's status line and headers */
	LIMIT_HTTP_BODY = 16 * 1024,  /* bytes of its body kept, to recognise an error page */
	LIMIT_PLAIN_BYTES = 512,      /* first bytes kept of a peer that does not speak TLS */
	LIMIT_HANDSHAKE_BYTES = 4 * 1024 * 1024, /* read of a peer before the handshake ends: beyond is endless */
	LIMIT_EXPERIMENTS = 8,        /* connections to one target, the baseline counted: each may leave a line in its log */
	LIMIT_HANDSHAKES = 64,        /* the same with --deep, where the user asked for them */
	LIMIT_ADDRESSES = 64,         /* addresses tried behind one name */
	LIMIT_FETCH_SMALL = 64 * 1024,     /* bytes of what a caIssuers address or an OCSP responder answers: certificates take 2 KB */
	LIMIT_FETCH_CRL = 32 * 1024 * 1024, /* of a revocation list: a million entries; public CAs' have up to 10 MB */
	LIMIT_FETCH_KEPT = 64 * 1024 * 1024, /* of all that is kept for the next target together */
	LIMIT_FETCHES = 24,           /* requests of one target to addresses out of certificates: two chains of four, two each */
	LIMIT_FETCH_MS = 3000,        /* nobody's dead responder holds a verdict longer than this */
	LIMIT_FETCH_CRL_MS = 30 * 1000, /* a long list may come after that, for the targets that follow */
	LIMIT_FETCH_ISSUERS_MS = 1500, /* of that, what the issuers of a chain may take: revocation waits for them */
	LIMIT_FETCH_CONNECT_MS = 1500, /* who does not take a connection in that time does not exist: half of it */
	LIMIT_ISSUER_LEVELS = 6,      /* CAs fetched one above the other: chains of four are long */
	LIMIT_ISSUERS = 32,           /* certificates read of one answer */
	LIMIT_URL = 2048,             /* bytes of an address in a certificate */
	LIMIT_TARGETS_LINE = 4096,    /* bytes of a line in --targets */
	LIMIT_TARGETS = 1000 * 1000,  /* lines of it */
	LIMIT_CONFIG_FILE = 16 * 1024 * 1024, /* bytes of the configuration: 10,000 endpoints take 1 MB */
	LIMIT_CONFIG_ENTRIES = 100 * 1000,   /* of each of its lists: about 60 MB once read */
	LIMIT_PATH_BYTES = 2048,      /* of a request's path: servers take 4 to 8 KiB for the whole line */
	LIMIT_HOST = 253,             /* RFC 1035 2.3.4, without the last dot */
	LIMIT_LABEL = 63
};

#endif
