/*
 * Certificates put together byte by byte, for what no library would encode. Their signatures are
 * junk: they can be read, not verified.
 */
#ifndef TESTS_HAND_CERT_H
#define TESTS_HAND_CERT_H

#include <stddef.h>

#include "model/buf.h"
#include "model/cert.h"

/* DER of one value, header included; NULL bytes: the usual one. `none`: left out. */
struct piece {
	const char *bytes;
	size_t len;
	bool none;
};
#define PIECE(s) { s, sizeof(s) - 1, false }
#define NO_PIECE { NULL, 0, true }

struct hand_cert {
	struct piece version, serial, algorithm, issuer, validity, subject, spki;
	struct piece unique_ids;  /* usually none */
	struct piece extensions;  /* what is in [3]; usually none */
	struct piece outer_algorithm, signature;
	struct piece trailing;    /* inside the certificate, behind the signature; usually none */
};

/* Appends a value: tag, shortest length, content. */
void hand_value(struct buf *out, unsigned char tag, const void *content, size_t len);
struct cert *hand_cert_parse(const struct hand_cert *c, struct error *err);

#endif
