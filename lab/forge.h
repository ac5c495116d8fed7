/* Changes to what OpenSSL sends, for faults that it cannot be made to commit. */
#ifndef LAB_FORGE_H
#define LAB_FORGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * In a flight of TLS 1.2 records in clear: the signature algorithm that ServerKeyExchange names
 * (RFC 8422 5.4, RFC 5246 7.4.1.4.1) becomes `scheme`. The signature stays as it is. What holds no
 * such message stays untouched.
 */
void forge_signature_algorithm(unsigned char *flight, size_t len, uint16_t scheme);

#endif
