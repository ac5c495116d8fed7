/*
 * A handshake with other tools: lines to paste into a shell that do the same, and what keeps a tool from it. What openssl s_client and curl send was measured with 3.0 and 7.88:
 * - s_client sends of -cert the leaf only; -cert_chain FILE adds all of FILE, the leaf a second time;
 *   -chainCAfile FILE lets it build the chain from that file and nothing else, which is what the file says
 *   where each certificate is issued by the next.
 * - Both fill in what our file lacks from the trusted certificates where no chain is given, and so hide the very fault:
 *   s_client does not with a -chainCAfile or -chainCApath of its own; curl cannot be told.
 */
#ifndef MODEL_REPRODUCE_H
#define MODEL_REPRODUCE_H

#include "model/diagnosis.h"

/*
 * Appends the line, without a newline; shell-quoted. False where the tool cannot do it: nothing is appended.
 * *remark: why it cannot, or what differs all the same, as a clause; NULL: nothing. Static text.
 */
bool reproduce_openssl_of(const struct evidence *e, const struct handshake *h, struct buf *out, const char **remark);
bool reproduce_curl_of(const struct evidence *e, const struct handshake *h, struct buf *out, const char **remark);
/* Every handshake: a comment that says what it was, then each tool's line, or a comment with the reason why there is none. */
void reproduce_every(const struct evidence *e, struct buf *out);
/* Of the baseline. */
bool reproduce_openssl(const struct evidence *e, struct buf *out, const char **remark);
bool reproduce_curl(const struct evidence *e, struct buf *out, const char **remark);

#endif
