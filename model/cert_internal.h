/* What the files of model/cert*.c share. Nobody else includes it. */
#ifndef MODEL_CERT_INTERNAL_H
#define MODEL_CERT_INTERNAL_H

#include <openssl/x509.h>
#include <stdatomic.h>

#include "model/cert.h"
#include "model/cert_fields.h"
#include "model/der.h"

/* The certificate as others see it, and what keeps it alive. `cert` is first: one casts to the other. */
struct cert_whole {
	struct cert cert;
	struct arena *arena;
	X509 *x509;
	atomic_size_t refs;
	struct cert_whole *next; /* in the shared table's bucket */
};

/* One certificate while it is read. */
struct cert_reader {
	struct cert *cert;
	struct arena *arena;
	struct faults faults;
	struct der_trouble trouble; /* of the certificate's own frame; an extension's inside has its own */
	bool has_issuer_unique_id, has_subject_unique_id;
	bool basic_constraints_critical, name_constraints_critical;
	bool has_path_len;
	bool key_over_limit;
};

/* One GeneralName, as a subjectAltName holds it, or (`constraint`) as nameConstraints do. */
void general_name_read(struct arena *a, const struct der_value *v, bool constraint, struct san *out,
    struct faults *faults);
/* The frame and the fields before the extensions. False: cannot be read, trouble says why. */
bool cert_read_fields(struct cert_reader *r);
/* [3] EXPLICIT's content: every extension, the known ones as fields. Faults, never failure. */
void cert_read_extensions(struct cert_reader *r, struct der *inside);
/* What RFC 5280 says about fields together, once all are read. */
void cert_judge(struct cert_reader *r);

#endif
