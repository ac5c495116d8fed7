/*
 * Would another client have sent this certificate at all? From the CertificateRequest and our own
 * chain, without a network. Each client compares in its own way; tests/test_would_send.c holds the
 * rules against what was measured.
 */
#ifndef MODEL_WOULD_SEND_H
#define MODEL_WOULD_SEND_H

#include "model/evidence.h"

enum sends { SENDS_NOTHING, SENDS_IT, SENDS_UNKNOWN };
enum withheld { WITHHELD_NOT, WITHHELD_ALGORITHM, WITHHELD_LIST, WITHHELD_PURPOSE, WITHHELD_USAGE };

struct would_send {
	const char *client;  /* "Java 17" */
	const char *version; /* what the rule holds for: "1.19", "SunX509" */
	const char *source;  /* "measured", "from documents" */
	enum sends sends;
	enum withheld withheld; /* by what, where it does not send, or might not */
	const char *because; /* a clause: why not, or why it would */
};

enum { WOULD_SEND_CLIENTS = 8 };
/* Fills out; returns how many: 0 where no certificate was asked for, or none is configured. */
size_t would_send(const struct evidence *e, struct would_send out[WOULD_SEND_CLIENTS]);
/* The same for any request of a server, in that TLS version. */
size_t would_send_for(const struct certificate_request *r, uint16_t version, const struct identity *us,
    struct would_send out[WOULD_SEND_CLIENTS]);
/* "Java 17 would send nothing: no acceptable CA matches your issuer" */
const char *would_send_sentence(const struct would_send *w, struct arena *a);

#endif
