/*
 * A certificate, its chain and its key into the PEM files that a service or a client reads, as one step: all are written beside their
 * places first, then renamed over the old ones, which are kept.
 */
#ifndef FIXES_INSTALL_FILES_H
#define FIXES_INSTALL_FILES_H

#include "fixes/plan.h"

struct install_files {
	const char *cert_path; /* gets AS.fullchain: leaf first, no root. NULL: nothing but the key is written */
	/*
	 * NULL, or the same file as cert_path: where that holds a key, it is combined, as HAProxy wants it. Keys and whatever else stands
	 * in it (DH PARAMETERS) stay there, before or behind the certificates as they were.
	 */
	const char *key_path;
	const char *as;        /* of the plan's value AS.fullchain, and of its private file AS.key */
	bool new_key;          /* AS.key is written; else a key file of its own is not touched */
};

/*
 * Can they be written? ERROR_USAGE: PKCS#12, DER, a Java keystore, a key on a token, a combined file without the key that is to stay; the text
 * says what to do instead. ERROR_INPUT: a file that cannot be read. Files that are not there yet are fine.
 */
status install_files_fit(const struct install_files *f, struct error *err) MUST_USE;
/*
 * May this user put them there? ERROR_USAGE: a folder that is missing or may not be written into, a file of somebody else's that could not stay his.
 * Asked before anything is issued. host: this machine's name, printable.
 */
status install_files_may(struct plan *p, const struct install_files *f, const char *host, struct error *err) MUST_USE;
/* Adds the step, with its texts. The files are those that install_files_fit() looked at. */
void install_files_step(struct plan *p, const struct install_files *f);

#endif
