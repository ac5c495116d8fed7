/* PEM blocks as they stand in a file, byte for byte: to keep what is not ours to change. */
#ifndef MODEL_PEM_BLOCKS_H
#define MODEL_PEM_BLOCKS_H

#include <stddef.h>

#include "model/buf.h"

enum pem_which {
	PEM_PRIVATE_KEYS = 1 << 0, /* "PRIVATE KEY" of any kind, encrypted or not, and the EC PARAMETERS before one */
	PEM_CERTIFICATES = 1 << 1, /* CERTIFICATE, X509 CERTIFICATE, TRUSTED CERTIFICATE */
	PEM_OTHERS = 1 << 2        /* DH PARAMETERS and whatever else */
};
/* Copies whole blocks, each from its BEGIN line to the end of its END line. Returns how many. What has no end of the same label is no block. */
size_t pem_blocks_copy(const char *text, size_t len, unsigned which, struct buf *out);
/* The kind of the first of them; 0: there is none. */
unsigned pem_blocks_first(const char *text, size_t len, unsigned which);

#endif
