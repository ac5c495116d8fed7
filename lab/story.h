/*
 * A story: one endpoint of the lab, what is wrong there, and what `check` must find. The tables
 * (lab/stories_*.c) are the only place that knows `expect`; nothing computes it.
 */
#ifndef LAB_STORY_H
#define LAB_STORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lab/authority.h"
#include "model/starttls.h"

/* How the other side behaves. */
enum manner {
	MANNER_TLS,          /* an OpenSSL server: refuses a certificate with the alert that OpenSSL has for it */
	MANNER_NGINX,        /* completes every handshake, then answers HTTP 400 */
	MANNER_NODE,         /* completes every handshake, then ends the connection without a word */
	MANNER_CLOSE_NOTIFY, /* the same, with close_notify (s2n-tls and kin) */
	MANNER_HANG_UP,      /* the same, with a reset */
	MANNER_LATE,         /* asks for a certificate after the request: TLS 1.2 by renegotiation; 1.3 where the client lets itself be asked, else 403 */
	MANNER_GATEWAY,      /* Amazon API Gateway: none ends in TLS, one that it does not trust gets HTTP 403 */
	/* From here on no TLS library listens. */
	MANNER_HTTP,         /* answers in plain HTTP */
	MANNER_BANNER,       /* speaks first, and not TLS */
	MANNER_SILENT,       /* reads, never answers */
	MANNER_CLOSE,        /* closes on the ClientHello */
	MANNER_RESET,        /* resets on the ClientHello */
	MANNER_ALERT,        /* answers the ClientHello with the alert `alert` */
	MANNER_GARBAGE,      /* answers it with a handshake record of nonsense */
	MANNER_ENDLESS,      /* answers it with handshake messages that never end */
	MANNER_NOBODY,       /* the port is closed */
	MANNER_NO_ROUTE,     /* the address cannot be reached */
	MANNER_NO_NAME       /* the name does not resolve */
};

/* How a service that begins in plain text takes the wish for TLS. */
enum plain { PLAIN_GOES_OVER, PLAIN_NOT_OFFERED, PLAIN_REFUSES, PLAIN_INJECTS /* puts words behind its go-ahead */ };
enum asks { ASKS_REQUIRED, ASKS_NOT, ASKS_OPTIONAL, ASKS_ANY /* any certificate will do */ };
enum lists { LISTS_TRUSTED, LISTS_OTHER /* the other root only */, LISTS_NONE };
/* The OCSP response that it staples: of now, or one that has ended. */
enum staple { STAPLE_NONE, STAPLE_CURRENT, STAPLE_OLD };
/* What a picky server has against a chain that verifies. */
enum minds { MINDS_NOTHING, MINDS_ROOT, MINDS_ORDER };
enum crl { CRL_NONE, CRL_REVOKES_US /* client.leaf, which must be given */, CRL_MISSING, CRL_EXPIRED };

/* A chain as its owner shows it. */
struct shown {
	const char *leaf;    /* a recipe; NULL: "server", "client" */
	enum chain_form form;
	const char *extra;   /* one more certificate at the end */
	bool garbage;        /* the leaf does not parse */
};

enum { STORY_LIST = 3, STORY_ARGS = 6 };

struct story {
	const char *name, *story;
	const char *expect;      /* a finding code, or NULL: nothing to find */
	/*
	 * It lies in our own files or in the server's, and goes away when they hold the right certificates, keys and CAs; the lab's
	 * private CA can issue what is needed.
	 */
	bool mendable;

	enum manner manner;
	enum starttls starttls;  /* begins in that protocol */
	enum plain plain;
	bool wants_inside;       /* that it wants a certificate, it says inside TLS (PostgreSQL) */
	struct shown server;
	enum staple staple;
	bool wrong_key;          /* the server signs with a key that is not its certificate's */
	uint16_t min, max;       /* TLS versions; 0: by the seed */
	const char *ciphers;     /* TLS 1.2 and older */
	const char *groups;
	uint16_t names_sigalg;   /* TLS 1.2: what its signature claims to be made with, whatever was offered */
	bool refuses_alpn;       /* speaks http/1.1 only, and says so by alert 120 */
	uint8_t alert;

	enum asks asks;
	const char *trusts[STORY_LIST]; /* recipes; none: "root" */
	enum lists lists;
	const char *client_sigalgs;     /* of our signature; NULL: all */
	int depth;                      /* 0: OpenSSL's own */
	bool strict;                    /* security level 2, as Debian has it */
	enum minds minds;
	bool by_name;                   /* asks for a certificate only where the hello names it */
	bool drops_tls13;               /* resets the connection on a hello that offers TLS 1.3 */
	enum crl crl;
	bool distrusts_all;             /* MANNER_NODE and kin: refuses whatever comes, for a reason of its own */

	int http_status;         /* 0: one that lets us in, by the seed */
	int clock_seconds;       /* the server's clock minus ours */

	bool no_identity;        /* we are not given a certificate */
	struct shown client;
	const char *client_key;  /* the recipe whose key is handed out instead of the leaf's own */
	unsigned key_mode;       /* 0: 0600 */
	const char *cacert[STORY_LIST]; /* recipes that we trust beside "root" */
	const char *host;        /* the name that it is asked by; NULL: the seed's */
	bool by_address;         /* no --servername: the certificate must have the address */
	const char *address;     /* MANNER_NO_NAME, MANNER_NO_ROUTE: HOST, port 443 */
	const char *args[STORY_ARGS]; /* may hold {port}, and {twin}: the twin's address */

	const struct story *twin; /* who else stands behind the name: at TWIN_ADDRESS, the same port; with the same `name` */
	bool resumes;             /* gives tickets whatever the seed */
	bool nameless_get_in;     /* asks nobody for a certificate who says no name */
	bool calls;               /* a service that is a client of others as well */
};
#define TWIN_ADDRESS "127.0.0.2"

/* The recipe of the i-th CA that its server trusts; NULL: there are no more. */
const char *story_trusts(const struct story *story, size_t i);

struct story_table {
	const char *title;
	const struct story *stories;
	size_t len;
};
extern const struct story_table stories_healthy, stories_server, stories_client, stories_policy, stories_protocol, stories_network;
extern const struct story_table stories_places, stories_offer, stories_starttls;
/* One cause for many: of the plain lab only, where a seed has nothing to vary. */
extern const struct story_table stories_fleet;
/* Last of all: what stands before keeps its port. */
extern const struct story_table stories_revocation;
/* Two independent faults each; every seed takes STORIES_DOUBLE of them. */
extern const struct story_table stories_double;
enum { STORIES_DOUBLE = 10 };

#endif
