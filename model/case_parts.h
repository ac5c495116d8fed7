/* Inside of model/case*.c: writing and reading by the tables of case_fields.h. */
#ifndef MODEL_CASE_PARTS_H
#define MODEL_CASE_PARTS_H

#include <cJSON.h>

#include "model/case.h"
#include "model/case_fields.h"
#include "model/cert.h"
#include "model/identity.h"
#include "model/memory.h"

/* ---- writing: case_put.c ---- */

/* Certificates by fingerprint: gathered while the rest is written, then written once each. */
struct case_stored {
	struct fingerprint sha256;
	struct text der; /* borrowed */
};
struct case_writer {
	struct buf *out;
	const struct evidence *evidence; /* the whole */
	struct case_stored *stored;
	size_t stored_len, stored_cap;
	bool more; /* the next member of the object at hand needs a comma before it */
};
void put_name(struct case_writer *w, const char *name);     /* and what comes before it */
void put_open(struct case_writer *w, char bracket);         /* "{", "[" */
void put_close(struct case_writer *w, char bracket);
void put_string(struct case_writer *w, struct text t);      /* a JSON string where it is UTF-8 without NUL, else {"base64":…} */
void put_number(struct case_writer *w, int64_t n);
void put_base64(struct buf *out, struct text t);
void put_record(struct case_writer *w, const struct record *of, const void *at);

/* ---- reading: case_get.c ---- */

struct case_cert; /* one of "certificates" */
struct case_reader {
	const char *name;    /* of the file, for messages; printable */
	struct arena *arena; /* of what is being read */
	const cJSON *whole;
	struct case_cert *certs; /* by fingerprint */
	size_t certs_len;
	char place[240];     /* "evidence.handshakes[2].alerts[0]": where it is */
	size_t place_len;
	struct error *err;
};
/* "FILE: evidence.handshakes[2].phase: …"; always false. */
bool get_refuse(struct case_reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* Goes one level in: ".name", "[3]". Returns what get_leave() wants back. */
size_t get_enter(struct case_reader *r, const char *fmt, ...) PRINTF_LIKE(2, 3);
void get_leave(struct case_reader *r, size_t before);
/* Fills what the object has; what it lacks stays as it is. False: refused. What was filled until then is for the caller to free. */
bool get_members(struct case_reader *r, const cJSON *object, const struct record *of, void *at);
bool get_certs(struct case_reader *r, const cJSON *list, size_t most, struct cert ***out, size_t *len);
bool get_base64(struct case_reader *r, const char *s, struct text *out); /* strictly; into the arena at hand */
/* A string as it stands in the case: every byte. False: refused. */
bool get_text(struct case_reader *r, const cJSON *value, struct text *out);

/* ---- the parts of reading that know no table ---- */

/* case_scan.c: bounds of the JSON, before anything is allocated for it. False: refused. */
bool case_scan(struct case_reader *r, const char *json, size_t len);
/* case_certs.c: "certificates", and one of them by its fingerprint. */
bool case_certs_read(struct case_reader *r, const cJSON *map);
void case_certs_done(struct case_reader *r);
/* A reference. NULL: refused. */
struct cert *case_cert(struct case_reader *r, const char *hex);
/* Its bytes, in the arena at hand; false: refused. */
bool case_der(struct case_reader *r, const char *hex, struct text *out);

/* case_pack.c. Packed where that is shorter and it is large; out is appended to. */
status case_pack(const struct buf *json, struct buf *out, struct error *err) MUST_USE;
bool case_is_packed(const unsigned char *bytes, size_t len);
void case_peek(const unsigned char *bytes, size_t len, struct buf *out); /* what the first bytes of a packed one hold */
bool case_unpack(struct case_reader *r, const unsigned char *bytes, size_t len, size_t most, struct buf *out);

/* case_trust.c: the anchors that a diagnosis of this evidence can ask the store for, borrowed of it; the list lies in the arena. */
size_t case_anchors(const struct evidence *e, const struct trust *t, struct arena *a, const struct cert ***out);
/* case_read.c: "anchors" into a store that is new. */
bool case_read_anchors(struct case_reader *r, const cJSON *list, struct trust *t);

#endif
