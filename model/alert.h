/* TLS alerts: RFC 8446 section 6 and the older ones, as a table. */
#ifndef MODEL_ALERT_H
#define MODEL_ALERT_H

#include <stdint.h>

struct alert_info {
	uint8_t number;
	const char *name;    /* "unknown_ca", as in RFC 8446 B.2; "unassigned" for numbers nobody has */
	const char *meaning; /* one sentence for people */
};
/* Never NULL: numbers that nobody has give the one row "unassigned" (its own number is 255). */
const struct alert_info *alert_info(uint8_t number);

const char *tls_version_name(uint16_t version); /* 0x0304 → "TLSv1.3" */
const char *handshake_type_name(uint8_t type);  /* 1 → "ClientHello" … "handshake message 99" as "unknown" */
const char *sigalg_name(uint16_t scheme);       /* 0x0403 → "ecdsa_secp256r1_sha256"; NULL unknown */
const char *group_name(uint16_t group);         /* 29 → "X25519"; NULL unknown */

#endif
