/*
 * The one error object. A function that can fail returns a `status` that must be used, and fills
 * a `struct error` that its caller owns. The first error stays: error_set() on an error that is
 * set already changes nothing, so that a general message never hides the specific one.
 */
#ifndef MODEL_ERROR_H
#define MODEL_ERROR_H

#include <stdbool.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))

typedef enum { STATUS_OK = 0, STATUS_FAILED = -1 } status;

/* What kind of failure it is: main maps each to an exit status (CONTRACT section 2). */
enum error_code {
	ERROR_NONE,
	ERROR_USAGE,   /* wrong words on the command line: 2 */
	ERROR_INPUT,   /* an input that cannot be read: 2; the text names file and line or byte */
	ERROR_NETWORK, /* 3 */
	ERROR_AWS,     /* AWS or the private CA refused or failed: 9 */
	ERROR_NOT_DONE, /* declined, read-only, or a plan that stopped: 10; the text says what stands */
	ERROR_LOCAL,   /* this machine: disk full, no descriptors: 11 */
	ERROR_INTERNAL /* a mistake of ours: 11 */
};

struct error {
	enum error_code code;
	const char *stage; /* static text: "reading", "parsing", "resolving" … */
	char text[640];    /* one line, already printable: outside text in it went through text_safe */
};

/* Fills *err unless it is NULL or set already. Always returns STATUS_FAILED, so that it can be returned. */
status error_set(struct error *err, enum error_code code, const char *stage, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

bool error_is_set(const struct error *err);
void error_clear(struct error *err);

#endif
