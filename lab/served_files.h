/*
 * The files that an endpoint's server reads, in FOLDER/endpoints/NAME: its chain as it sends it, its key, the CAs that it
 * trusts. At first they say what the story says. Once somebody has changed one, its content counts, for every connection
 * that is accepted after the change; put back as it was, the story counts again.
 */
#ifndef LAB_SERVED_FILES_H
#define LAB_SERVED_FILES_H

#include <stdbool.h>

#include "lab/folder.h"
#include "lab/material.h"
#include "model/error.h"

enum served_file { SERVED_CERT, SERVED_KEY, SERVED_TRUST, SERVED_FILES };
enum { SERVED_MOST = 1 << 20 /* bytes that are read of one of them */ };

struct story;
struct authority;

/* What was found at a path. */
struct content {
	int failed;        /* errno of opening or reading it; 0: `bytes` is all of it */
	struct buf bytes;
};

struct served {
	const char *name;              /* the story's; borrowed */
	char *path[SERVED_FILES];      /* [SERVED_TRUST] NULL: it asks nobody for a certificate */
	char *upstreams;               /* the CAs that it trusts when it calls others; NULL: it calls nobody */
	struct content upstreams_seen;
	struct material calls;         /* its anchors are those of `upstreams`, as they were last good */
	struct content first[SERVED_FILES], seen[SERVED_FILES];
	struct content now;            /* memory to read into */
};

/* Does this story's server show a certificate of its own, to whoever gets that far? */
bool served_by(const struct story *story);
/* Writes them, the key 0600, and remembers what was written. *out starts zeroed. */
status served_start(struct served *out, const struct story *story, const struct folder *folder, struct authority *a, struct error *err) MUST_USE;
/*
 * Reads them again: a few kilobytes for each connection, so that no change can be missed, however quick and however alike in
 * size and time. False: nothing is new, or what is new cannot be served, which one line on standard error has said. Else *out
 * is what to serve from now on, the caller's.
 */
bool served_changed(struct served *s, struct material *out);
/* Whom it trusts when it calls others, by what stands in its file now, or stood there when that was last good. Borrowed. */
const STACK_OF(X509) *served_upstreams(struct served *s);
/* "mtlscope lab: NAME: …" on standard error. */
void served_complain(const struct served *s, const char *what);
void served_done(struct served *s); /* a zeroed one is legal */

#endif
