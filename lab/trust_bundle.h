/* Is this file a bundle of CA certificates that a load balancer or API Gateway takes? Source: knowledge "aws" 4.1 and 4.2. */
#ifndef LAB_TRUST_BUNDLE_H
#define LAB_TRUST_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/memory.h"

/* What each of the two asks of it. */
struct trust_bundle_rules {
	bool plain_file;    /* nothing but certificates and comments: no blank lines, no text of openssl's */
	size_t certificates_most, certificate_bytes; /* 0: any */
	int rsa_least, rsa_most;                     /* bits; most 0: any */
};
extern const struct trust_bundle_rules trust_bundle_of_elb, trust_bundle_of_gateway;

struct trust_bundle {
	size_t certificates, subject_bytes;
	char why[256];          /* not "": it is refused, and why */
	const char **warnings;  /* in the arena: what is taken and will not work, as of `now` */
	size_t warnings_len;
};
/* False: refused. */
bool trust_bundle_read(const char *bytes, size_t len, const struct trust_bundle_rules *rules, int64_t now, struct arena *a,
    struct trust_bundle *out);

#endif
