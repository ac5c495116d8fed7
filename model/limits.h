/* Every size, depth, count and time that the outside can influence, with the reason for its value. */
#ifndef MODEL_LIMITS_H
#define MODEL_LIMITS_H

#include <stddef.h>

enum {
	LIMIT_INPUT_FILE = 16 * 1024 * 1024, /* bytes of one file: a CA bundle is 250 KB, a PKCS#12 a few KB */
	LIMIT_FOLDER_FILES = 4096,           /* files looked at in one folder; the rest is said to be left out */
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
	LIMIT_HTTP2_BYTES = 1024 * 1024, /* of all frames of one answer: beyond is endless */
	LIMIT_HTTP_BODY = 16 * 1024,  /* bytes of its body kept, to recognise an error page */
	LIMIT_DIALOGUE_LINE = 4096,   /* bytes of a line or packet before TLS: SMTP's have 512 (RFC 5321 4.5.3.1.5), a proxy's header a few KB */
	LIMIT_DIALOGUE_BYTES = 64 * 1024, /* of all of them: a greeting has a few lines, a proxy's page of refusal some KB */
	LIMIT_SPOKEN = 64,            /* lines of them kept for the ladder */
	LIMIT_SPOKEN_TEXT = 300,      /* printed bytes of each */
	LIMIT_PLAIN_BYTES = 512,      /* first bytes kept of a peer that does not speak TLS */
	LIMIT_ANSWER_BYTES = 1024 * 1024, /* read of a peer after our request, records and all: of an answer 80 KiB are looked at */
	LIMIT_HANDSHAKE_BYTES = 4 * 1024 * 1024, /* read of a peer before the handshake ends: beyond is endless */
	LIMIT_EXPERIMENTS = 8,        /* connections to one target, the baseline counted: each may leave a line in its log */
	LIMIT_HANDSHAKES = 64,        /* the same with --deep, where the user asked for them */
	LIMIT_HELLO_TEXT = 1024,      /* bytes kept of the protocol names of one ClientHello */
	LIMIT_LISTEN_CLIENTS = 256,   /* clients of listen at once; more wait in the kernel, and the oldest that says nothing makes room */
	LIMIT_LISTEN_CERTIFICATE = 256 * 1024, /* bytes of a client's Certificate message: with the line above 64 MB in all */
	LIMIT_LISTEN_HANDSHAKE_BYTES = 512 * 1024, /* read of a client before its handshake ends */
	LIMIT_LISTEN_HANDSHAKE_MS = 15 * 1000, /* its handshake: a client at the end of a satellite link takes 3 s */
	LIMIT_LISTEN_TALK_MS = 3 * 1000, /* from then on until its request is here: after that it has nothing to say in HTTP */
	LIMIT_LISTEN_LINGER_MS = 1000, /* after our goodbye: what it still says is read, so that no alert is lost */
	LIMIT_LISTEN_REQUEST = 16 * 1024, /* bytes of its HTTP request that are read */
	LIMIT_LISTEN_NAMES = 64,      /* server names that a certificate is made for; the others get the general one */
	LIMIT_LISTEN_EARLIER = 1024,  /* programs remembered by address and hello, so that the second connection asks otherwise */
	LIMIT_LISTEN_QUEUE = 1024,    /* records that wait to be judged or printed; then the oldest are dropped and counted */
	LIMIT_LISTEN_KEPT = 1000,     /* records that the console keeps: about 20 KB each */
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
	LIMIT_AWS_PROFILE_FILE = 4 * 1024 * 1024, /* bytes of ~/.aws/config: an organisation of 5,000 accounts takes 1 MB */
	LIMIT_AWS_PROFILES = 50 * 1000,      /* sections of it */
	LIMIT_AWS_SECRET_FILE = 64 * 1024,   /* bytes of a web identity's token, an SSO token, a container's: they have 2 KB */
	LIMIT_AWS_PROCESS_BYTES = 64 * 1024, /* bytes that a credential_process prints: it has one object of 2 KB to print */
	LIMIT_AWS_PROCESS_MS = 60 * 1000,    /* its time: it may ask a vault, or somebody to touch a key */
	LIMIT_AWS_ROLES = 16,                /* roles one through the other: AWS allows chains, sensible ones have two */
	LIMIT_XML_DEPTH = 32,                /* elements within elements: AWS's answers have eight */
	LIMIT_XML_NODES = 200 * 1000,        /* of one answer: a page of 1,000 objects has 8,000 */
	LIMIT_PATH_BYTES = 2048,      /* of a request's path: servers take 4 to 8 KiB for the whole line */
	LIMIT_EXPLAIN_LINE = 16 * 1024, /* bytes looked at of one line of a log: a Java exception with its causes takes 4 KB */
	LIMIT_EXPLANATIONS = 64,      /* different ones kept of one log; what is less telling is counted only */
	LIMIT_CASE_FILE = 16 * 1024 * 1024,  /* bytes of a case: a usual one has 20 KB */
	LIMIT_CASE_UNPACKED = 64 * 1024 * 1024, /* the same out of gzip: 64 handshakes with long lists of CAs take 40 MB */
	LIMIT_CASE_DEPTH = 16,        /* brackets within brackets: its own structure has eight */
	LIMIT_CASE_VALUES = 1024 * 1024, /* of its JSON: each costs 64 bytes of memory; 64 full handshakes have half as many */
	LIMIT_CASE_CERTS = 64 * 256,  /* certificates: every handshake with another chain of the greatest length */
	LIMIT_CASE_ANCHORS = 256,     /* of a named store that is kept whole: a bundle has 140 */
	LIMIT_CASE_NUMBERS = 32768,   /* of one list: what two bytes of length allow on the wire */
	LIMIT_CASE_ATTEMPTS = 256,    /* connections tried for one handshake: two turns over LIMIT_ADDRESSES, and some */
	LIMIT_CASE_SIBLINGS = 4096,   /* objects in LIMIT_SIBLINGS files */
	LIMIT_CASE_FETCHES = 1024,    /* requests, and what they said: forty times LIMIT_FETCHES */
	LIMIT_CASE_NOTES = 256,       /* remarks on what was skipped of a trust store */
	LIMIT_PRESIGNED_SECONDS = 7 * 24 * 3600, /* X-Amz-Expires: AWS takes no more */
	LIMIT_CSR = 64 * 1024,        /* bytes of a request's file: AWS takes 32 KiB of request, and text may stand around it */
	LIMIT_AWS_ANSWER = 8 * 1024 * 1024,  /* bytes of one AWS answer that is kept: a page of 100 CAs takes 150 KB */
	LIMIT_AWS_CONNECT_MS = 5000,  /* to a region on the other side of the world, TLS included, it takes one second */
	LIMIT_AWS_CALL_MS = 60 * 1000, /* one try of a call: botocore waits that long for an answer */
	LIMIT_AWS_STREAM_MS = 3600 * 1000, /* a report of a million certificates: 800 MB, at 2 Mbit/s */
	LIMIT_AWS_STALL_S = 30,       /* of that, without a byte */
	LIMIT_AWS_PAGES = 500,        /* of one list: AWS gives 100 CAs a page, and 200 CAs an account; beyond is endless */
	LIMIT_PCA_CAS = 20 * 1000,    /* read of one list: a hundred times AWS's quota of 2020, which can be raised */
	LIMIT_PCA_LIST = 1024,        /* items of any shorter list in an answer: 150 attributes of a subject, 50 tags, 3 actions */
	LIMIT_PCA_TEXT = 2048,        /* bytes of a text in an answer: an ARN has 200, an attribute 256 characters of 4 bytes */
	LIMIT_PCA_TOKEN = 48 * 1024,  /* bytes of NextToken: AWS's own bound is 43,739 characters */
	LIMIT_PCA_POLICY = 4 * 81920, /* bytes of a resource policy: 81,920 characters */
	LIMIT_PCA_BLOB = 32768,       /* bytes of PEM of a CSR or of the CA's certificate that AWS takes */
	LIMIT_PCA_CHAIN = 2 * 1024 * 1024, /* bytes of PEM of the chain that is imported with it: AWS's own bound */
	LIMIT_PCA_WAITS = 60,         /* times that a waiter asks: AWS's own waiters' number */
	LIMIT_PCA_ISSUE_MS = 1000,    /* between two questions for a certificate: AWS's own CertificateIssued */
	LIMIT_PCA_SLOW_MS = 3000,     /* for a CSR or a report: AWS's own waiters */
	LIMIT_PCA_CSR = 32768,        /* bytes of a CSR or a CA certificate that is sent to the private CA: its own bound */
	LIMIT_PCA_CHAIN = 2 * 1024 * 1024, /* of a certificate chain: its own bound */
	LIMIT_PCA_LIST = 150,         /* names, custom extensions, custom attributes of one call: its own bound */
	LIMIT_PCA_SHORT_LIST = 20,    /* purposes, policies: its own bound */
	LIMIT_PCA_EXTENSION = 4096,   /* characters of a custom extension in base64: its own bound */
	LIMIT_PCA_OID = 64,           /* characters of an object identifier there: its own bound */
	LIMIT_HOST = 253,             /* RFC 1035 2.3.4, without the last dot */
	LIMIT_LABEL = 63
};

#endif
