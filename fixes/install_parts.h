/* What the makers of install_steps() share. */
#ifndef FIXES_INSTALL_PARTS_H
#define FIXES_INSTALL_PARTS_H

#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/install.h"
#include "model/stored_identity.h"

struct installing {
	struct plan *plan;
	const struct install_wish *w;
	const char *host;
	const char *cert_file, *key_file; /* that were written: for hook and reload; NULL: none */
	const char *key_at_hand;          /* a file that has the key which stays; NULL: none is known */
	bool places;                      /* anything was installed anywhere */
	bool one_way;                     /* something of it cannot be taken back: then nobody waits for the old one */
};

/* ERROR_USAGE unless the plan has a client, and it is the account `aws` of the configuration (NULL: whichever there is). */
status install_account(const struct installing *i, const char *aws, const char *thing, struct error *err) MUST_USE;
/* A place that is mended; reads: who is known to read it, with where that is said; NULL: nobody is known. */
void install_reaches(struct installing *i, const char *place, const char *reads);
/* What the command line of an edit does to a stored text: jq for JSON, a hint for the rest. old and new are names of files. */
const char *install_edit_line(struct installing *i, const struct stored_identity *s, const char *old, const char *fresh);

status install_secret(struct installing *i, const char *secret, const char *aws, const char *reads, struct error *err) MUST_USE;
status install_parameter(struct installing *i, const char *name, const char *aws, const char *reads, struct error *err) MUST_USE;
status install_acm(struct installing *i, const char *arn, const char *aws, const char *reads, struct error *err) MUST_USE;

#endif
