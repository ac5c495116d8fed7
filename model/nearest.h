/* Which name of a certificate comes nearest to the one that was asked for, and what the difference is. */
#ifndef MODEL_NEAREST_H
#define MODEL_NEAREST_H

#include "model/cert.h"

struct nearest {
	const struct san *name; /* NULL: none comes near */
	const char *difference; /* a sentence without a full stop, printable, about name and host; or NULL */
};

/* `host` is a DNS name or an IP in text form. Looks at the first NEAREST_NAMES names only. */
#define NEAREST_NAMES 1000
struct nearest nearest_name(const struct cert *c, const char *host, struct arena *a);

#endif
