/*
 * What is known of error texts, as tables: explain_openssl.c, explain_verify.c, explain_curl.c,
 * explain_go.c, explain_java.c … each by who writes such texts. model/explain.c looks them up.
 */
#ifndef MODEL_EXPLAIN_ROWS_H
#define MODEL_EXPLAIN_ROWS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/codes.h"
#include "model/finding.h"
#include "model/stack.h"

struct cause {
	enum code code; /* CODE_NONE ends a list */
	enum confidence likelihood;
};
#define CAUSES(...) ((const struct cause[]){ __VA_ARGS__, { CODE_NONE, CONFIDENCE_LOW } })
#define SURE(c) { CODE_##c, CONFIDENCE_CERTAIN }
#define LIKELY(c) { CODE_##c, CONFIDENCE_HIGH }
#define MAYBE(c) { CODE_##c, CONFIDENCE_MEDIUM }
#define RARELY(c) { CODE_##c, CONFIDENCE_LOW }

/* Who wrote the text: the server's side of this connection, or the client's. */
enum writer { WRITER_EITHER, WRITER_SERVER, WRITER_CLIENT };

/* What the writer did. With the writer, this says whose certificate it is about. */
enum act {
	ACT_JUDGED, /* it judged the peer's certificate; of alerts: nobody knows who sent it */
	ACT_HEARD,  /* it received the peer's alert: the peer judged the writer's certificate */
	ACT_SENT,   /* it sent an alert about the peer */
	ACT_OWN,    /* it failed over files of its own */
	ACT_MET,    /* something of the connection; no certificate was judged */
	ACT_TYPED   /* a command line, or the answer to one: there was no handshake */
};

/* What is wrong, whoever's certificate it is: each with its sentences and codes for either side. */
enum fault {
	FAULT_NONE,
	FAULT_ANY,            /* some fault of the certificate or its chain; the text does not say which */
	FAULT_NO_ISSUER,      /* no path to a trusted CA */
	FAULT_UNTRUSTED_ROOT, /* the path ends in a root that is not trusted */
	FAULT_SELF_SIGNED,
	FAULT_PARTIAL_TRUST,  /* an issuer further up is missing: often a trust file without its root */
	FAULT_EXPIRED,
	FAULT_NOT_YET,
	FAULT_TIME,           /* one of the two */
	FAULT_PURPOSE,
	FAULT_SIGNATURE,
	FAULT_WEAK,
	FAULT_REVOKED,
	FAULT_CRL,            /* the judge's own revocation data is missing or old */
	FAULT_BAD_CHAIN,      /* a rule for CAs or names is broken */
	FAULT_DEPTH,
	FAULT_NAME,
	FAULT_MALFORMED,
	FAULT_WRONG_KEY,
	FAULT_NONE_SENT,
	FAULT_FORBIDDEN,
	FAULT_LATE_AUTH,
	FAULT_VERSION,
	FAULT_CIPHER,
	FAULT_GROUP,
	FAULT_SIGALG,
	FAULT_ALPN,
	FAULT_SNI,
	FAULT_PARAMETERS,     /* no common set, for whatever reason */
	FAULT_NOT_TLS,
	FAULT_BROKEN,         /* undecodable, out of order, a wrong MAC */
	FAULT_DNS,
	FAULT_REFUSED,
	FAULT_UNREACHABLE,
	FAULT_TIMEOUT,
	FAULT_RESET,
	FAULT_CLOSED,
	FAULT_PROXY,
	FAULT_STARTTLS,
	FAULT_LOCAL,
	FAULT_KEY_FILE,       /* a key or certificate file cannot be read */
	FAULT_KEY_PAIR,       /* our key and certificate do not belong together */
	FAULT_TRUST_FILE,     /* the file of trusted CAs cannot be read */
	FAULT_COUNT
};

struct fault_info {
	const char *client, *server, *either; /* a sentence: about the client's certificate, the server's, or no certificate */
	const struct cause *client_causes, *server_causes; /* either: as server_causes */
	const char *client_next, *server_next; /* what to try, or NULL */
};
extern const struct fault_info faults[FAULT_COUNT];

/* Which number or name a capture of the row is: it leads to another row. */
enum lookup {
	LOOKUP_NONE,
	LOOKUP_ALERT_NUMBER, /* {alert#} */
	LOOKUP_ALERT_NAME,   /* {alert}: "unknown ca", "UnknownCA", "unknown certificate authority" */
	LOOKUP_VERIFY,       /* {verify#}: OpenSSL's X509_V_ERR_… ; 0 is no error */
	LOOKUP_OPENSSL,      /* {code%}: error:0A000418 */
	LOOKUP_CURL          /* {curl#} */
};

enum { RANK_WRAPPER = 1, RANK_GENERAL = 3, RANK_TEXT = 5, RANK_PRECISE = 7, RANK_LINE = 9 };

struct explain_row {
	const char *id;         /* "openssl.bad-signature": for programs */
	const char *texts[4];   /* patterns: any of them */
	enum lookup lookup;
	int number;             /* verify error, OpenSSL reason, curl exit status; 0: none */
	enum writer writer;     /* where only one side writes this */
	enum act act;
	enum fault fault;
	int rank;               /* 0: RANK_TEXT */
	const struct cause *causes; /* instead of the fault's */
	const char *says;       /* instead of the fault's sentence */
	const char *note;       /* what else one must know */
	const char *next;       /* instead of the fault's */
	const char *command;    /* a command line that is right, ready to be copied: lines joined by backslashes; or NULL */
	const char *title;      /* instead of what its first text makes; a row without texts has one */
	const char *example;    /* a text with it; NULL: texts[0] is one */
};

struct explain_table {
	const char *origin;     /* "OpenSSL": who writes these */
	const char *source;     /* where the knowledge comes from */
	enum stack stack;       /* of whoever writes it, where that decides what an alert means */
	const struct explain_row *rows;
	size_t len;
};
extern const struct explain_table explain_openssl, explain_verify, explain_alerts, explain_curl, explain_go, explain_java,
    explain_node, explain_python, explain_browsers, explain_mbedtls, explain_gnutls, explain_rustls, explain_windows, explain_nginx, explain_haproxy, explain_apache,
    explain_stunnel, explain_envoy, explain_postgres, explain_aws, explain_aws_cli, explain_net;
extern const struct explain_table *const explain_tables[];
extern const size_t explain_tables_len;

/* A piece of a line that tells who wrote it. */
struct explain_context {
	const char *text;      /* a pattern */
	enum writer writer;
	const char *origin;    /* "nginx"; or NULL */
	enum stack stack;
};
extern const struct explain_context explain_contexts[];
extern const size_t explain_contexts_len;

#endif
