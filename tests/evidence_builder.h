/*
 * Evidence of one baseline handshake, made from a row of plain values: for the tests of diagnosis.
 * No certificate is in it; tests/chains.h has those.
 */
#ifndef TESTS_EVIDENCE_BUILDER_H
#define TESTS_EVIDENCE_BUILDER_H

#include "model/diagnosis.h"

struct built {
	enum phase phase;
	enum outcome outcome;
	uint16_t version;           /* negotiated; 0 none */
	bool asked, asked_after;    /* CertificateRequest; after Finished */
	size_t sent;                /* certificates in our message, where one was sent */
	bool sent_message;
	struct built_alert {
		bool there;
		enum peer from;
		uint8_t level, number;
	} alert;
	enum end_how how;
	enum peer by;
	int os_error;
	enum local_failure local;
	enum connect_result connect;
	int dns_error;
	bool not_tls;
	const char *plain;
	int http_status;
	const char *body, *server, *head;
	bool hello_request;         /* TLS 1.2, after Finished */
	/* What was offered and chosen; 0 and NULL: TLS 1.2 and 1.3, no ALPN, the name payment.internal, no list of algorithms. */
	uint16_t offered_max;
	const char *offered_alpn, *alpn;
	bool no_name;
	uint16_t sigalg;            /* the one that the server takes of us */
	double late_ms;             /* how long after our Finished it ended */
	/* The wide hello; version 0: none was made, unless wide_tried. */
	bool wide_tried;
	uint16_t wide_version;
	const char *wide_cipher, *wide_group;
	uint16_t wide_sigalg;
	/* Clocks */
	int64_t server_offset_ms, server_uncertainty_ms;
	bool server_clock;
	enum kept kept;
};

struct evidence *built_evidence(const struct built *b);
/* Writes the row into the baseline of evidence that is there: chains' certificates stay. */
void built_into(struct evidence *e, const struct built *b);
/* One more handshake: an experiment of that name that was answered so. */
void built_experiment(struct evidence *e, const char *name, const struct built *b);

/* Fails the test where a diagnosis breaks what every diagnosis must keep; `what` goes into the message. */
void built_check_form(const struct diagnosis *d, const char *what);

#endif
