/* OpenSSL's times as seconds: for model/, probes/ and lab/ only. */
#ifndef MODEL_ASN1_TIMES_H
#define MODEL_ASN1_TIMES_H

#include <openssl/asn1.h>
#include <stdint.h>

/* A UTCTime or GeneralizedTime; TIME_UNKNOWN where it is NULL or cannot be read. */
int64_t asn1_time(const ASN1_TIME *t);

#endif
