/*
 * A trust bundle: a PEM file of the CAs that a service trusts, and how a CA gets into it or out of it. Two ways, since two kinds of
 * readers: a file of a machine keeps what people wrote into it (bundle_text_*), a trust store of AWS gets a whole new bundle with
 * nothing but certificates (bundle_pem). Pure: no files, no network, no clock.
 */
#ifndef MODEL_BUNDLE_H
#define MODEL_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>

#include "model/cert.h"

/* In the order of the file, each certificate once. */
struct bundle {
	const struct cert **certs; /* a reference each */
	size_t len;
	size_t repeated;           /* that stand in it more than once, and are counted once */
	size_t cap;
};

/*
 * Reads one. ERROR_INPUT where it is no PEM bundle of certificates: DER, a keystore, a private key in it (an identity), a request, a
 * damaged block, nothing at all. `name` stands for it in messages. Text between, and CRLs, are no fault. *out needs bundle_done(),
 * also after a failure.
 */
status bundle_read(const char *bytes, size_t len, const char *name, struct bundle *out, struct error *err) MUST_USE;
void bundle_done(struct bundle *b);

bool bundle_has(const struct bundle *b, const struct cert *c);
/* False: it is in already (is not in it). */
bool bundle_add(struct bundle *b, const struct cert *c);
bool bundle_remove(struct bundle *b, const struct fingerprint *sha256);
/* Normalised: CERTIFICATE blocks with LF, nothing between and no blank line, as load balancers ask for (knowledge "aws" 4.1). */
void bundle_pem(const struct bundle *b, struct buf *out);
/* Equal where two bundles hold the same certificates, in whatever order and with whatever between them. Hex, SHA256_HEX bytes; returns out. */
char *bundle_hash(const struct bundle *b, char *out);

/*
 * The text with the certificate behind it, every byte that was there kept. *changed false: it was in, and out is the text as it is.
 * STATUS_FAILED as bundle_read().
 */
status bundle_text_add(const char *text, size_t len, const char *name, const struct cert *c, struct buf *out, bool *changed, struct error *err) MUST_USE;
/*
 * The text without the certificate's blocks, however often it stands there; comments and everything else stay. ERROR_INPUT too where
 * nobody would be trusted then.
 */
status bundle_text_remove(const char *text, size_t len, const char *name, const struct cert *c, struct buf *out, bool *changed, struct error *err) MUST_USE;

/* What a service takes. 0: any. */
struct bundle_rules {
	const char *who;              /* "a load balancer's trust store" */
	size_t certificates_most, bytes_most, certificate_bytes_most;
	int rsa_least, rsa_most;      /* bits */
	size_t subject_bytes_most;    /* of all CAs together; only where the names are sent to clients */
};
/* Load balancing: knowledge "aws" 4.1. API Gateway: 4.2; its 1,000 certificates and 1 MiB are from AWS's announcement, not measured. */
extern const struct bundle_rules bundle_of_alb, bundle_of_apigateway;

/* Would it take the whole? ERROR_INPUT says which limit, and how much there is of it. advertised: the CAs' names go out to clients. */
status bundle_fits(const struct bundle *b, const struct bundle_rules *r, bool advertised, struct error *err) MUST_USE;
/* Would it take this certificate: version 3, its key, its signature, its size? */
status bundle_takes(const struct bundle_rules *r, const struct cert *c, struct error *err) MUST_USE;

#endif
