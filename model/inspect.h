/*
 * inspect: what was read of files, sorted out. Which certificate is the leaf, what belongs to what,
 * and closed evidence for diagnose(), so that a chain in files is judged by the code that judges a
 * live one.
 */
#ifndef MODEL_INSPECT_H
#define MODEL_INSPECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/error.h"
#include "model/evidence.h"
#include "model/identity.h"
#include "model/objects.h"

enum belonging {
	BELONGS_KEY,      /* object is the key of the certificate `to` */
	BELONGS_REQUEST,  /* object is a request (CSR) for the certificate `to`: the same key */
	BELONGS_REQUEST_KEY, /* object is the key of the request `to` */
	BELONGS_ISSUER    /* object issued the certificate `to`: names, key identifiers and signature */
};

/* Two of struct objects' items, by index. The same certificate in two files is related twice. */
struct relation {
	enum belonging kind;
	size_t object, to;
};
const char *belonging_name(enum belonging b); /* "key of", "request for", "key of", "issuer of" */

struct inspect_options {
	const char *leaf_file;   /* --cert: as object.file spells it; or NULL */
	const char *first_file;  /* the first FILE as typed; a folder's files are none of them "the first" */
	const struct trust *trust; /* --cacert, --capath, or the system's; NULL: none */
	bool trust_named;        /* by the user; else the self-signed CAs among the files are trusted too */
	const char *servername;  /* or NULL: names are not judged */
	enum purpose purpose;    /* PURPOSE_ANY: what the leaf's extended key usage says, servers first */
	int64_t at;              /* seconds: now, or --at */
	bool at_named;           /* by --at */
	struct thresholds thresholds;
	const char *seen_from;   /* this host's name; borrowed, must outlive the evidence; or NULL */
};

struct inspection {
	const struct objects *objects; /* borrowed: must outlive the inspection */
	const struct object *leaf;     /* NULL where there is no certificate at all */
	const char *taken;             /* for the first line: “order-service” (order.crt, line 1): the first certificate of the first file */
	const struct object *key;      /* the leaf's key; or the one key that is there and does not match; or NULL */
	enum purpose purpose;          /* as judged */
	struct relation *relations;    /* by kind, then in the order of the objects */
	size_t relations_len;
	bool relations_capped;         /* LIMIT_RELATIONS or LIMIT_SIGNATURE_CHECKS reached: some are missing */
	struct evidence *evidence;     /* offline; NULL without a leaf */
	struct arena *arena;
};

/*
 * The leaf, as CONTRACT section 1 has it: what leaf_file names; else the first certificate of
 * first_file when that is no CA; else the one whose key is among the files; else the only one that is
 * no CA (or the only certificate there is). Else STATUS_FAILED, ERROR_INPUT, and the text lists the
 * candidates.
 *
 * The chain that is judged: the leaf, the other certificates of its file in their order, then what
 * other files give to reach a root. What is left is `found`, source "file". With PURPOSE_CLIENT the
 * chain and key are the evidence's identity; with any other purpose identity is set only where there
 * is a key, so that key.* can be judged.
 */
status inspect(const struct objects *o, const struct inspect_options *opt, struct inspection **out,
    struct error *err) MUST_USE;
void inspection_free(struct inspection *i);

#endif
