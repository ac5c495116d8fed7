/* Percent-encoding (RFC 3986 2.1) and the paths it stands in; the way there is sigv4_encode() of aws/sigv4.h. All append. */
#ifndef AWS_PERCENT_H
#define AWS_PERCENT_H

#include <stdbool.h>
#include <stddef.h>

#include "model/buf.h"

/* A percent sign that begins no escape stands for itself. form: a plus is a blank, as those who read forms have it. */
void percent_decode(struct buf *out, const char *text, size_t len, bool form);
/* However the other side chose to write it: decoded, and encoded as AWS wants it. path: slashes stay, a plus is one. */
void percent_again(struct buf *out, const char *text, size_t len, bool path);
/*
 * A path on the wire, encoded once more, without what leads nowhere: empty and "." segments go, ".." takes one with it
 * (RFC 3986 5.2.4). So AWS signs everybody's path but S3's.
 */
void percent_path(struct buf *out, const char *path);

/* The next of the items that these separators stand between; empty ones are passed over. False at the end. */
bool next_item(const char **p, const char *separators, const char **item, size_t *len);

#endif
