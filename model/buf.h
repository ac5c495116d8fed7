/* A growing string: what reports and JSON are written into before they are printed in one go. */
#ifndef MODEL_BUF_H
#define MODEL_BUF_H

#include <stddef.h>

struct buf {
	char *data; /* NUL-terminated once anything was added; NULL before */
	size_t len;
	size_t cap;
};

void buf_add(struct buf *b, const void *bytes, size_t len);
void buf_adds(struct buf *b, const char *s);
void buf_addc(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_reset(struct buf *b);     /* len = 0, keeps the memory */
void buf_done(struct buf *b);      /* frees; the struct may be used again */
const char *buf_str(struct buf *b); /* never NULL */

#endif
