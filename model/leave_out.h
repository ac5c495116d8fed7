/*
 * What of outside text may be written down: the secrets that such text can hold are left out, and what a
 * diagnosis goes by is kept. Each function is told a whole text, appends what is kept, and leaves its own
 * output as it is: it may be applied twice.
 */
#ifndef MODEL_LEAVE_OUT_H
#define MODEL_LEAVE_OUT_H

#include "model/buf.h"
#include "model/text.h"

#define KEPT_OF_BODY 256 /* printable bytes of a body, and bytes of any one line */

/* URLs, paths, and lines with such in them: user and password, the values of a query and the fragment go. “https://host/p?token=…” */
void keep_of_url(struct text in, struct buf *out);
/* The status line and the headers: values by an allow-list; the others keep their name, with “(left out)”. */
void keep_of_head(struct text in, struct buf *out);
/* The first KEPT_OF_BODY bytes at most, what is not printable as dots. The words by which a refusal is known are among them wherever they stood. */
void keep_of_body(struct text in, struct buf *out);
/* The same of one line, every byte as it came. */
void keep_of_line(struct text in, struct buf *out);
/*
 * First bytes of a peer that speaks no TLS. As long as it was, for its length is told: of an HTTP answer the
 * values of headers that are not allowed, of anything what lies beyond KEPT_OF_BODY bytes become “*”.
 */
void keep_of_plain(struct text in, struct buf *out);

#endif
