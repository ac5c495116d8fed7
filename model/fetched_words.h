/* What addresses out of certificates gave, in lines: the report and the certificate tab say the same. */
#ifndef MODEL_FETCHED_WORDS_H
#define MODEL_FETCHED_WORDS_H

#include "model/evidence.h"

/* "good, by the OCSP responder http://…, until 2026-11-30 12:00 UTC": one source about one certificate. */
const char *revocation_line(const struct evidence *e, const struct revocation *r, struct arena *a);
/* "HTTP 200, 1,024 bytes, 2.1 ms", "not asked for: only http is asked for". */
const char *fetch_line(const struct fetch_note *f, struct arena *a);
/* What the certificate of that fingerprint is called, among all that the evidence holds. */
const char *revocation_called(const struct evidence *e, const struct revocation *r);

#endif
