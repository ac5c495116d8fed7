/*
 * Where a new certificate goes: the steps that put it into files, a secret, a parameter, ACM or a hook's hands, that let the service load it, and
 * that look for it on the wire; and whether the running service reads what was mended.
 */
#ifndef FIXES_INSTALL_H
#define FIXES_INSTALL_H

#include "fixes/plan.h"
#include "model/config.h"

/* All of it is borrowed until install_steps() has returned; the plan keeps copies. */
struct install_wish {
	/*
	 * The plan's values AS.fullchain and AS.sent, AS.cert, AS.chain and AS.root where they are known (a chain that is put right has the first
	 * two alone), and its private file AS.key.
	 */
	const char *as;
	bool new_key;                          /* false: the key that is there stays, wherever it is */
	const struct config_entry *entry;      /* serves, install: the service that is mended; or NULL */
	const struct config_identity *identity; /* an identity of the configuration: its files, its secret, its parameter; or NULL */
	const char *target, *servername;       /* where it is looked for on the wire; NULL: nowhere. An entry's own way there goes over it */
	const char *served;                    /* what is served there now, as the deed `see` has it: the way back looks for that; or NULL */
	const char *host;                      /* this machine's name, printable; NULL: it is asked for */
	const char *config_file;               /* printable: config->file; or NULL */
};

/*
 * Adds the steps, and sets p->reached: REACH_TOLD where `serves` or `install` says who reads it, else REACH_UNKNOWN. It looks at files and reads
 * secrets, so that what cannot be done is said before anything is issued, and changes nothing. ERROR_USAGE: it cannot be installed there, and what
 * to do instead; ERROR_INPUT: a file or a secret that cannot be read; ERROR_AWS; ERROR_NOT_DONE: somebody else is at work on it.
 */
status install_steps(struct plan *p, const struct install_wish *w, struct error *err) MUST_USE;

#endif
