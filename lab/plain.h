/* The server's side of STARTTLS: what a service says in plain text, and its first words inside TLS. */
#ifndef LAB_PLAIN_H
#define LAB_PLAIN_H

#include <stdbool.h>

#include "lab/story.h"
#include "model/buf.h"

enum plain_result { PLAIN_WAITS, PLAIN_TLS /* what comes now is TLS */, PLAIN_ENDS };

/* What it says before it was asked anything; nothing where it waits. */
void plain_greet(const struct story *story, struct buf *out);
/* in: what was heard and not taken yet; what is taken leaves it. */
enum plain_result plain_hear(const struct story *story, struct buf *in, struct buf *out);
/* The same inside TLS. False: not all of the question is there. *ends: it closes after this answer. */
bool plain_inside(const struct story *story, struct buf *in, bool certificate_came, struct buf *out, bool *ends);

#endif
