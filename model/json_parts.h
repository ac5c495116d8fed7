/* The parts that check's and inspect's JSON share, and the few ways a value is written. */
#ifndef MODEL_JSON_PARTS_H
#define MODEL_JSON_PARTS_H

#include <cJSON.h>

#include "model/diagnosis.h"

/* Values. Text is made printable (what is printable stays as it is); NULL becomes null. */
cJSON *json_text(const char *s);
void json_add_text(cJSON *to, const char *name, const char *s);
void json_add_lines(cJSON *to, const char *name, const char *s);  /* the same, and lines stay lines: what is there to be run */
void json_add_time(cJSON *to, const char *name, int64_t t);       /* RFC 3339, or null */
void json_add_ms(cJSON *to, const char *name, double ms);         /* a tenth of a millisecond; negative: null */
void json_add_hex(cJSON *to, const char *name, const struct cert *c); /* SHA-256, or null */
cJSON *json_add_list(cJSON *to, const char *name);
/* Prints on one line with a newline, and frees. */
void json_print(cJSON *whole, struct buf *out);

/* verdict, class, side, root_cause, cause_key, summary. */
void json_add_verdict(cJSON *to, const struct diagnosis *d);
void json_add_findings(cJSON *to, const struct diagnosis *d);
void json_add_chain(cJSON *to, const struct diagnosis *d);
void json_add_paths(cJSON *to, const struct diagnosis *d);
/* "certificates": every one that something refers to, by SHA-256. */
void json_add_certificates(cJSON *to, const struct diagnosis *d);
/* "revocation" and "fetches". */
void json_add_fetched(cJSON *to, const struct evidence *e);
void json_add_handshakes(cJSON *to, const struct diagnosis *d);
/* d: whose experiment it is; NULL: of a client of ours. */
void json_add_handshake(cJSON *list, const struct diagnosis *d, const struct handshake *h);

#endif
