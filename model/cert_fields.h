/*
 * The parts that certificates and certificate requests (CSRs) share, read from their DER. None of
 * these fails: what cannot be read is said in the part itself (`readable`, flags, a fault).
 */
#ifndef MODEL_CERT_FIELDS_H
#define MODEL_CERT_FIELDS_H

#include <stdbool.h>

#include "model/cert.h"
#include "model/memory.h"

/* Faults found while reading; grows in the arena, at most LIMIT_CERT_FAULTS are kept. */
struct faults {
	struct arena *arena;
	struct cert_fault *items;
	size_t len, cap;
};
/* The text is one sentence without a full stop; outside text in it went through text_safe(). */
void fault_add(struct faults *f, const char *rule, bool fatal, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* A Name, as name_parse() does, its faults noted; `of` is "subject", "issuer" or what else it names. */
bool name_read(struct arena *a, struct text der, struct name *out, const char *of, struct faults *faults);
/* A SubjectPublicKeyInfo, header included. `faults` may be NULL. */
void public_key_read(struct arena *a, struct text spki, struct public_key *out, struct faults *faults);
/* An AlgorithmIdentifier of a signature, header included. */
void signature_info_read(struct arena *a, struct text algorithm, struct signature_info *out);
/*
 * GeneralNames as they stand in a subjectAltName's OCTET STRING (a SEQUENCE, header included).
 * False where it does not parse to its end; what was read until there stays. `truncated` may be NULL.
 */
bool sans_read(struct arena *a, struct text names, struct san **out, size_t *len, bool *truncated,
    struct faults *faults);
/* "serverAuth", "sha256WithRSAEncryption" … of an OBJECT IDENTIFIER's content, or its dotted form. */
const char *oid_name(struct arena *a, struct text oid);

#endif
