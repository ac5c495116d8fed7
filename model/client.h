/*
 * A client that connected to `listen`: what it offered, what it sent, how it took our own certificate.
 * Plain data, immutable once handed over; probes/listen makes it, everything else reads it.
 *
 * Its handshake record is the client's own view of what happened: PEER_US in it is the client, and
 * PEER_SERVER is this program, so that phases, alerts and certificates mean what they mean everywhere else.
 */
#ifndef MODEL_CLIENT_H
#define MODEL_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/finding.h"
#include "model/handshake.h"

struct numbers { /* as the wire had them, in order; GREASE (RFC 8701) is left out */
	uint16_t *items;
	size_t len;
};
bool numbers_have(const struct numbers *n, uint16_t number);

struct client_hello {
	bool seen;
	bool whole;              /* it parsed to its end */
	uint16_t legacy_version;
	struct numbers versions; /* supported_versions; empty before TLS 1.3 */
	struct numbers ciphers, groups, shares, sigalgs, sigalgs_cert;
	struct numbers extensions; /* types, in order */
	const char *sni;         /* printable; NULL: no name was asked for */
	struct text sni_raw;
	const char *alpn;        /* comma-separated, printable; NULL: none offered */
	size_t grease;           /* GREASE values seen */
	struct fingerprint shape; /* SHA-256 of all but random, session, key shares and tickets: the same program makes the same one */
};
/* The best version that it offers. */
uint16_t client_hello_version(const struct client_hello *h);

/* The request that went out to it. */
enum client_asked {
	ASKED_AS_SET,   /* with the CA list and the algorithms of --like or --cacert */
	ASKED_FOR_ANY   /* without a list, for every algorithm: its last answer to the other was an empty Certificate */
};

/* What the same program (by address and the shape of its hello) did here before. */
struct client_earlier {
	bool seen;
	uint64_t number;         /* of that client */
	enum client_asked asked;
	size_t cas_len, sigalgs_len; /* of the request it got */
	size_t sent;             /* certificates */
};

/* What `listen` is and whom it plays: the same for all clients of a run. Shared by reference count. */
struct listening {
	const char *address;     /* "127.0.0.1:8443" */
	const char *like;        /* the TARGET whose request is repeated; or NULL */
	bool trust_named;        /* --cacert, --capath: a store whose judgement was asked for */
	bool requires;           /* --require-mtls: who sends none is refused, as a real server would */
	bool own_identity;       /* --cert: our certificate is the user's; else made at the start */
	const char *ca_file;     /* where the CA of the made one lies, printable; or NULL */
	struct certificate_request request; /* what ASKED_AS_SET asks with: the list of CAs, and the algorithms (none: OpenSSL's own) */
	struct arena *arena;
};
struct listening *listening_new(void);
const struct listening *listening_ref(const struct listening *l);
void listening_free(const struct listening *l); /* gives one reference back; NULL is legal */

struct client {
	uint64_t number;         /* 1, 2, … in the order in which they came */
	const char *from;        /* "127.0.0.1:51234" */
	const char *host;        /* without the port */
	const char *to;          /* which of our addresses it came to, without the port */
	struct client_hello hello;
	struct handshake *handshake;
	struct wire_cert *certs; /* its Certificate message */
	size_t certs_len;
	bool certs_truncated;
	bool signature_checked;  /* its CertificateVerify verified with the key in its certificate */
	enum client_asked asked;
	struct client_earlier earlier;
	const char *agent;       /* User-Agent, printable; or NULL */
	const char *request;     /* "GET /": printable; or NULL */
	uint64_t bytes_read;
	bool made_room;          /* closed by us, because others waited */
	const struct listening *listening;
};
/* With an empty handshake record; all of it lives in that record's arena. */
struct client *client_new(const struct listening *l);
void client_free(struct client *c); /* gives back its certificates' references; NULL is legal */

/* The library that it is built on, by its hello and what it said. */
enum client_family {
	CLIENT_UNKNOWN,
	CLIENT_OPENSSL,
	CLIENT_NODE,    /* OpenSSL too, but it judges after the handshake and sends no alert (measured) */
	CLIENT_GO,
	CLIENT_JAVA,
	CLIENT_GNUTLS,
	CLIENT_BORINGSSL,
	CLIENT_NSS,
	CLIENT_SCHANNEL,
	CLIENT_RUSTLS,
	CLIENT_FAMILIES
};
struct client_stack {
	enum client_family family;
	enum confidence confidence;
	const char *name;       /* "OpenSSL (curl)"; "unknown" */
	const char *because;
	bool minds_list;        /* sends nothing where the CA list does not name its issuer (measured: Go, Java) */
	bool list_is_known;     /* whether it minds is known of this family */
	bool alerts;            /* it says in an alert that it distrusts us (measured: all but Node) */
};
struct client_stack client_stack_guess(const struct client *c);

/*
 * May this client keep back a certificate that it has, because of what this request says? By the list of CAs, where
 * its library minds that or is not known; by the algorithms, where they leave out a usual kind of key.
 */
bool client_may_withhold(const struct client *c, const struct certificate_request *r);

struct diagnosis;
struct facts;
/* Fills in headline and summary for a client: model/summary.c's part for what `listen` saw. */
void client_summary(struct diagnosis *d, const struct facts *f);
/* What to do about a finding of a client, in words. Never NULL. Printable. */
const char *client_mend(const struct diagnosis *d, const struct finding *f, struct arena *a);
/* What a candidate's code says of a client: "its CA is not on the list". Never NULL. */
const char *client_phrase(enum code code);
/* "OpenSSL (curl/7.88.1)": the library, and what the program calls itself. */
const char *client_called(const struct client *c, struct arena *a);

#endif
