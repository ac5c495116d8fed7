/* The commands: each takes what was typed and returns the exit status. One file a command. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/settings.h"

int check_run(struct options *o);
/* check, with everything read: there is at least one target. */
int check_targets(struct options *o, struct settings *settings);
/* No command was typed: the console where there is a terminal for it, else check. */
int console_open(struct options *o);
int fleet_run(struct options *o);
int open_run(struct options *o);
/* open, of the first operand; console: in the console, where there is a terminal. */
int open_case(struct options *o, bool console);
int inspect_run(struct options *o);
int diff_run(struct options *o);
int listen_run(struct options *o);
int lab_run_command(struct options *o);
int explain_run(struct options *o);
int demo_run(struct options *o);
int rollover_run(struct options *o);
int fix_run(struct options *o);
int renew_run(struct options *o);
int log_run(struct options *o);
int undo_run(struct options *o);
int resume_run(struct options *o);

/* `pca WORD`, one file each */
int pca_tree_run(struct options *o);
int pca_show_run(struct options *o);
int pca_certs_run(struct options *o);
int pca_sync_run(struct options *o);
int pca_create_run(struct options *o);
int pca_activate_run(struct options *o);
int pca_issue_run(struct options *o);
int pca_get_run(struct options *o);
int pca_revoke_run(struct options *o);
int pca_audit_run(struct options *o);
int pca_bundle_run(struct options *o);

#endif
