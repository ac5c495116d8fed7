/*
 * Would another client have sent this certificate at all? From the CertificateRequest and our own
 * chain, without a network; the rules were measured (knowledge page "diagnosis", 3.5).
 */
#ifndef MODEL_WOULD_SEND_H
#define MODEL_WOULD_SEND_H

#include "model/evidence.h"

struct would_send {
	const char *client;
	bool sends;
	const char *because; /* why not; or why it would */
};

enum { WOULD_SEND_CLIENTS = 4 };
/* Fills out; returns how many: 0 where no certificate was asked for, or none is configured. */
size_t would_send(const struct evidence *e, struct would_send out[WOULD_SEND_CLIENTS]);

#endif
