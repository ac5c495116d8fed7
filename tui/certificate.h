/* The certificates of an endpoint as the console shows them, and the lines that stand for them. */
#ifndef TUI_CERTIFICATE_H
#define TUI_CERTIFICATE_H

#include "model/fleet.h"
#include "tui/tabs.h"

/* One certificate of one side, in the order of its path from the leaf up; then what stands in no path. */
struct shown_cert {
	const struct cert *cert; /* NULL: it came over the wire and cannot be read */
	const char *problem;     /* why not */
	bool ours;
	const char *role;        /* "leaf", "intermediate", "root", "beside" */
	const char *seen;        /* "sent as the 2nd of 2, trusted by us", "NOT SENT, found in trust": printable */
	uint64_t id;             /* of its first line; the lines below count up from it */
};

/*
 * Lines of documents carry the certificate that they stand for in their id: this one and the
 * 65,535 after it. It depends on the certificate and the side only, so a selection outlives a check.
 */
uint64_t certificate_id(const struct cert *c, bool ours);
/* The certificate of such a line among those of the entry; NULL: none of them. */
const struct cert *certificate_of_id(const struct entry *e, uint64_t id);

struct field_options {
	uint64_t id;        /* of the first line; 0: lines cannot be selected */
	size_t names;       /* subject alternative names and constraints shown at most; 0: all */
	const char *seen;   /* where it was seen; or NULL */
	const struct evidence *evidence; /* what is known of its revocation stands there; or NULL */
	bool pem;           /* and PEM at the end */
};
/* Every field, each with its label. Begins a new line. Returns the id after that of its last line. */
uint64_t certificate_fields(struct document *d, const struct cert *c, const struct tab_place *at,
    const struct field_options *o);

#endif
