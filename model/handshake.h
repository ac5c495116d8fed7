/*
 * The record of one handshake: an immutable snapshot of all that was on the wire, for one address
 * and one experiment. Plain data: no SSL object, no socket. probes/ makes it, everything else reads it.
 *
 * All times are milliseconds since this handshake's start (its first step: resolving, or
 * connecting). A message has two: when it was parsed or queued, and when its last byte left or
 * reached the socket. The ladder shows the second.
 */
#ifndef MODEL_HANDSHAKE_H
#define MODEL_HANDSHAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/cert.h"
#include "model/spoken.h"
#include "model/text.h"

enum peer { PEER_US, PEER_SERVER };

/* How far it had come: what an alert or an end is judged by. In the order in which they are reached. */
enum phase {
	PHASE_RESOLVE,           /* the name has no address yet */
	PHASE_CONNECT,           /* no connection yet */
	PHASE_PROXY,             /* connected to a proxy; it has not let us through yet */
	PHASE_STARTTLS,          /* connected; the service has not gone over to TLS yet */
	PHASE_HELLO,             /* connected; nothing from the server yet */
	PHASE_SERVER_HELLO,      /* ServerHello seen; its Certificate not */
	PHASE_SERVER_CERTIFICATE, /* its Certificate seen, its flight not ended */
	PHASE_SERVER_DONE,       /* its flight ended (ServerHelloDone, or 1.3 Finished), ours not sent */
	PHASE_OUR_FLIGHT,        /* our Certificate … Finished went out (wholly or in part); TLS 1.2: its Finished not seen */
	PHASE_FINISHED,          /* TLS 1.3: after our Finished, no ticket or answer yet; TLS 1.2: both Finished seen */
	PHASE_ACCEPTED,          /* a ticket (1.3) or its Finished (1.2) proved acceptance, no request sent */
	PHASE_REQUEST,           /* our HTTP request went out, or the first question of another protocol */
	PHASE_RESPONSE           /* an HTTP status line came back, or the answer to that question */
};

struct message {
	enum peer from;
	uint8_t type;      /* HandshakeType; ChangeCipherSpec is not one and not here */
	size_t bytes;      /* with its 4-byte header */
	double parsed_ms;
	double at_ms;
	const char *note;  /* what the ladder says beside the name: "TLS 1.3 X25519", "2 certificates"; or NULL */
};

struct alert {
	enum peer from;
	uint8_t level;     /* 1 warning, 2 fatal */
	uint8_t number;
	enum phase phase;  /* how far it had come when it was seen */
	double at_ms;
	bool plaintext_before_hello; /* an early alert, before any ServerHello */
};

enum end_how { END_NOT_YET, END_ALERT, END_CLOSE_NOTIFY, END_FIN, END_RST, END_TIMEOUT, END_US };
struct ended {
	enum peer by;
	enum end_how how;
	enum phase phase;
	double at_ms;
	int os_error;      /* errno that went with it, or 0 */
};

/* CONTRACT section 3. */
enum outcome {
	/*
	 * Proven by a ticket or TLS 1.2 Finished; nothing was asked at HTTP, or it did not answer (`ended` says how).
	 * Without HTTP and without a ticket: silence through the read-first window; `phase` then stays
	 * PHASE_FINISHED, which says that nothing proved it.
	 */
	OUTCOME_ACCEPTED,
	OUTCOME_ACCEPTED_APP,    /* an HTTP answer that is no refusal of the certificate */
	OUTCOME_REJECTED_ALERT,
	/* 400, 401, 403, 421, 495, 496 …; a 401 that asks for a login (WWW-Authenticate) is the application's own affair. */
	OUTCOME_REJECTED_HTTP,
	OUTCOME_REJECTED_CLOSE,  /* closed or reset where it should have gone on */
	OUTCOME_NOT_ASKED,       /* completed; no client certificate was asked for */
	OUTCOME_FAILED_LOCAL,    /* we could not go on: bad signature, undecodable, over a limit */
	OUTCOME_NETWORK,
	OUTCOME_PROTOCOL,
	OUTCOME_REJECTED_APP     /* refused after the handshake in the words of its own protocol (PostgreSQL's FATAL) */
};
const char *outcome_name(enum outcome o); /* "accepted-app" … */

/* CONNECT_NOT_TRIED: another address was faster; start_ms is negative where it was not even begun. */
enum connect_result { CONNECT_OK, CONNECT_REFUSED, CONNECT_TIMEOUT, CONNECT_UNREACHABLE, CONNECT_RESET, CONNECT_LOCAL, CONNECT_OTHER, CONNECT_NOT_TRIED };
struct attempt {
	const char *address; /* "127.0.0.1:8443", "[::1]:443", "unix:/run/x" */
	enum connect_result result;
	int os_error;
	double start_ms, end_ms;
};

/* One certificate as the wire had it; cert is NULL where it does not parse, `problem` says why. */
struct wire_cert {
	struct text der;
	struct cert *cert;
	const char *problem;
};

struct certificate_request {
	bool seen;
	bool after_finished;      /* late: TLS 1.3 post-handshake, or a TLS 1.2 renegotiation */
	struct name *cas;         /* acceptable CAs; empty list: cas_len 0 */
	size_t cas_len;
	bool cas_truncated;
	uint16_t *sigalgs;        /* signature_algorithms, in order */
	size_t sigalgs_len;
	uint16_t *sigalgs_cert;   /* signature_algorithms_cert (TLS 1.3) */
	size_t sigalgs_cert_len;
	uint8_t *types;           /* TLS 1.2 certificate types */
	size_t types_len;
};

/* What we said in the ClientHello: tls.no-common-* quotes it. */
struct offer {
	uint16_t min_version, max_version;
	const char *ciphers;  /* names, colon-separated, both kinds */
	const char *groups;
	const char *sigalgs;
	const char *alpn;     /* comma-separated, or NULL */
	const char *sni;      /* or NULL */
};

enum local_failure { /* OUTCOME_FAILED_LOCAL and OUTCOME_PROTOCOL: why we, or our library, stopped */
	LOCAL_NONE,
	LOCAL_BAD_SIGNATURE,    /* the server's CertificateVerify or ServerKeyExchange does not verify */
	LOCAL_UNDECODABLE,      /* a message does not parse */
	LOCAL_TOO_LARGE,        /* over a limit of ours; `detail` names it */
	LOCAL_VERSION,          /* the server chose a version we do not speak */
	LOCAL_CIPHER,           /* a cipher, group or signature algorithm we did not offer */
	LOCAL_GROUP,
	LOCAL_SIGALG,
	LOCAL_UNEXPECTED,       /* a message out of order, a bad Finished or MAC */
	LOCAL_OTHER             /* any other error of the library; `detail` has its reason */
};

struct http_answer {
	bool requested;      /* our request went out (wholly) */
	const char *method;  /* "HEAD" or "GET": the last one sent */
	int head_status;     /* what HEAD got, where a GET followed it (400, 405, 501); else 0 */
	const char *answer_from; /* id of the handshake whose GET brought this answer, where it was another connection; or NULL */
	int status;          /* 0: none came */
	const char *ended;   /* HTTP/2: how the server ended it in words, "RST_STREAM HTTP_1_1_REQUIRED"; or NULL */
	bool malformed;      /* bytes came, no HTTP status line */
	const char *endless; /* it did not end within a limit of ours: which; or NULL */
	struct text reason;
	struct text server;  /* Server header */
	struct text head;    /* status line and headers as they came, bounded */
	struct text body;    /* first bytes of the body */
	int64_t date;        /* Date header, seconds; TIME_UNKNOWN */
	int64_t age;         /* Age header, seconds; 0 */
	double sent_ms, status_ms;
};

struct handshake {
	const char *id;          /* "h1" */
	const char *experiment;  /* "baseline", "baseline-get" (the same again, with GET: its answer is the baseline's), "wide-hello" */
	const char *address;     /* where it was connected, or where it was last tried; "127.0.0.1:8443" */
	enum phase phase;        /* how far it came */
	enum outcome outcome;
	struct attempt *attempts; /* every address tried, in order */
	size_t attempts_len;
	int dns_error;           /* c-ares status, 0 fine */
	const char *dns_error_text;

	struct offer offer;
	uint16_t version;        /* negotiated; 0 none */
	const char *cipher, *group, *alpn;
	uint16_t server_sigalg;  /* of the server's signature; 0 unknown */
	bool resumed;
	struct message *messages;
	size_t messages_len;
	struct alert *alerts;    /* close_notify (number 0) is one of them */
	size_t alerts_len;
	struct wire_cert *server_certs; /* as presented */
	size_t server_certs_len;
	bool server_certs_truncated;
	struct certificate_request request;
	/* What we sent, read from the outgoing message. */
	bool sent_certificate_message;
	size_t sent_certs_len;
	struct fingerprint *sent_certs;
	uint16_t our_sigalg;     /* of our CertificateVerify; 0: none sent */
	unsigned tickets;        /* NewSessionTicket messages */
	double ticket_ms;        /* of the first */
	bool resumable;          /* where that was to be found out: a session came that can be offered again (it is in no record) */
	unsigned long ticket_s;  /* how long it may be, as the server says; 0: it does not */
	bool has_stapled_ocsp;
	struct text stapled_ocsp; /* the response itself, at most LIMIT_FETCH_SMALL bytes; what it says is in evidence.revocations */

	struct ended ended;
	enum local_failure local;
	const char *detail;      /* OpenSSL's reason, or which limit; safe; or NULL */
	bool cancelled;          /* we were told to stop: how it ended says nothing about the server */
	bool listened;           /* recorded by listen, at the server's end: PEER_US is then the client, PEER_SERVER this program */
	bool not_tls;            /* the first bytes were no TLS record */
	struct text plain;       /* those bytes, at most LIMIT_PLAIN_BYTES */
	bool write_failed;       /* a write failed before the end was read */
	int write_error;
	bool request_unread;     /* a reset showed that the server closed without reading our request */
	struct http_answer http;
	struct spoken *spoken;   /* other protocols than TLS and HTTP, in order */
	size_t spoken_len;
	enum obstacle obstacle;  /* what kept us from TLS */
	const char *obstacle_why;    /* what is wrong with the answer, a clause: "it does not offer STARTTLS"; or NULL */
	const char *obstacle_answer; /* the answer itself, printable; or NULL */
	const char *awaited;     /* PHASE_PROXY, PHASE_STARTTLS: what we waited for last: "its greeting"; or NULL */
	struct inside_answer inside;
	const char *proxy;       /* through which proxy: "http://proxy:3128", without credentials; or NULL */
	bool proxy_login;        /* a user and a password were there for it */

	/* Durations in ms; negative: that step was not reached. */
	double resolve_ms, connect_ms, tls_ms, verdict_ms;
	double proxy_ms, starttls_ms; /* how long the proxy, and the way to TLS in plain text, took */
	double read_first_ms;    /* how long we listened for a refusal before the request went out (RFC 8446: it comes after our Finished) */
	int64_t started_ms;      /* wall clock, ms since the epoch */

	struct arena *arena;     /* all of the above lives here; certs are referenced */
};

/* With its arena; all else zero or unknown: durations and http.date say "not reached", ended says "not yet". */
struct handshake *handshake_new(void);
struct handshake *handshake_ref(const struct handshake *h); /* one more owner */
void handshake_free(struct handshake *h); /* the last owner gives back the references of its certificates; NULL is legal */
bool handshake_accepted(const struct handshake *h);  /* OUTCOME_ACCEPTED, _ACCEPTED_APP, _NOT_ASKED */
/*
 * A server that asked for a certificate and did not refuse: what keeps that from being proof that it
 * accepts us. A handshake alone is none from a server that judges later (nginx: by HTTP, or by closing).
 */
enum doubt {
	DOUBT_NONE,
	DOUBT_ANSWER,     /* HTTP 300 and above: a refusal may look like that (nginx with error_page) */
	DOUBT_SILENT,     /* TLS 1.3 without a ticket, and nothing was asked */
	DOUBT_UNASKED,    /* TLS said yes, and nothing was asked inside, where nginx would refuse: --no-http */
	DOUBT_UNANSWERED, /* TLS said yes, and no answer came to our request */
	DOUBT_CLOSED      /* TLS said yes, and on our request it closed without an answer (nginx with "return 444") */
};
enum doubt handshake_doubt(const struct handshake *h);
const struct alert *handshake_fatal_alert(const struct handshake *h, enum peer from); /* the first fatal one, or NULL */
/*
 * Did the server ask for our certificate, or try to, after the handshake: a late CertificateRequest,
 * a TLS 1.2 HelloRequest (RFC 5246 7.4.1.1), or our refusal of one (alert 100)?
 */
bool handshake_asked_late(const struct handshake *h);
/* Does a header line of the answer start like this? Case does not count: "x-powered-by: express". */
bool http_has_header(const struct http_answer *http, const char *start);
/* What was asked inside TLS: "HTTP request", "StartupMessage". */
const char *handshake_question(const struct handshake *h);
double handshake_asked_ms(const struct handshake *h); /* when it went out; negative: it did not */
const char *phase_name(enum phase p);   /* as in JSON "when": "after-finished" … */
const char *phase_step(enum phase p);   /* for people: "after our Finished" … */
const char *end_how_name(enum end_how e);

#endif
