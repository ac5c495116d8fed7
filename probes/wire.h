/*
 * TLS handshake messages as bytes, parsed and bounded by us: what the message callback gave, header
 * included. Nothing here trusts a length. `version` is the negotiated one (0x0303, 0x0304).
 * Each returns false where the message does not parse; what was read until there stays in *out.
 */
#ifndef PROBES_WIRE_H
#define PROBES_WIRE_H

#include "model/handshake.h"

/*
 * Certificate (RFC 8446 4.4.2, RFC 5246 7.4.2): every entry, parsed where it parses. Its DER is that of
 * the certificate, to which the caller owns a reference then, else a copy in the arena. stapled_ocsp: of the leaf.
 */
bool wire_certificate(struct arena *a, const unsigned char *msg, size_t len, uint16_t version,
    struct wire_cert **certs, size_t *certs_len, bool *truncated, bool *stapled_ocsp);
/*
 * The OCSP response for the leaf (RFC 6066 8): in TLS 1.3's Certificate message, or TLS 1.2's CertificateStatus. It lies in
 * the message. False: there is none that parses.
 */
bool wire_stapled_ocsp(const unsigned char *msg, size_t len, uint16_t version, struct text *out);
/* CertificateRequest (RFC 8446 4.3.2, RFC 5246 7.4.4): CAs, signature algorithms, signature_algorithms_cert, types. */
bool wire_certificate_request(struct arena *a, const unsigned char *msg, size_t len, uint16_t version,
    struct certificate_request *out);
/* Only the fingerprints of a Certificate message of ours. */
bool wire_sent_certificates(struct arena *a, const unsigned char *msg, size_t len, uint16_t version,
    struct fingerprint **out, size_t *out_len);
/* The signature scheme of a CertificateVerify, or of a TLS 1.2 ServerKeyExchange (ECDHE or DHE). */
bool wire_certificate_verify(const unsigned char *msg, size_t len, uint16_t *scheme);

/* ServerHello: version (supported_versions honoured), cipher number, group of key_share, is it a HelloRetryRequest. */
struct wire_server_hello {
	uint16_t version, cipher, group;
	bool retry;
};
bool wire_server_hello(const unsigned char *msg, size_t len, struct wire_server_hello *out);

/* Do the first bytes of a peer look like a TLS record (type 20 to 24, version 3.0 to 3.4)? needs 5; fewer: true so far. */
bool wire_looks_like_tls(const unsigned char *bytes, size_t len);

#endif
