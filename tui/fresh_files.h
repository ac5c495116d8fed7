/*
 * An endpoint's identity and trust, read anew, from files or where AWS keeps them: after a mend what was read when the program
 * started is not what lies there any more.
 */
#ifndef TUI_FRESH_FILES_H
#define TUI_FRESH_FILES_H

#include "model/fleet.h"
#include "tui/accounts.h"

struct fresh_files {
	struct identity *was;      /* references are held; NULL: none */
	struct trust *was_trust;
	struct identity *identity; /* NULL: not read, or it cannot be */
	struct trust *trust;
	char problem[640];         /* why not; "" */
};

void fresh_files_of(struct fresh_files *f, const struct identity *id, const struct trust *t);
/* On a worker. config_path: of the configuration that says where an identity is kept; NULL: none. */
void fresh_files_read(struct fresh_files *f, const struct accounts *accounts, const char *config_path);
/* All endpoints that go by the old ones go by the new ones from now on. */
void fresh_files_take(struct fleet *fleet, const struct fresh_files *f);
void fresh_files_done(struct fresh_files *f);

#endif
