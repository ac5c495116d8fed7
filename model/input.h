/*
 * Bytes from files and from standard input. Regular files only: a FIFO, a device, a socket or a folder
 * is an error at once and nothing is waited for. What is read may be a private key: input_free() clears it.
 */
#ifndef MODEL_INPUT_H
#define MODEL_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/error.h"

struct input {
	unsigned char *bytes;
	size_t len;
	unsigned mode; /* permission bits; 0 for standard input */
};

/* "order.crt", "standard input": how messages call it, printable; out has QUOTE_MAX bytes (model/quote.h). */
char *input_name(const char *path, char *out);

/* Opens for reading, never blocking; "-" is a duplicate of standard input. mode may be NULL. */
status input_open(const char *path, int *fd, unsigned *mode, struct error *err) MUST_USE;
/* The whole of it, at most `max` bytes. An empty file is an error. */
status input_read(const char *path, size_t max, struct input *out, struct error *err) MUST_USE;
void input_free(struct input *in);

#endif
