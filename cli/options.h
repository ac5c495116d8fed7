/*
 * What is typed: one table of commands and one of options (CONTRACT section 1). Both live in
 * cli/option_table.c; parsing, help and the “did you mean” all come from them.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/passphrase.h"
#include "cli/pca_words.h"
#include "cli/rollover_words.h"
#include "model/buf.h"
#include "model/codes.h"
#include "model/cert.h"
#include "model/error.h"
#include "model/starttls.h"
#include "probes/examine.h"

enum command {
	COMMAND_NONE,
	COMMAND_CHECK,
	COMMAND_INSPECT,
	COMMAND_DIFF,
	COMMAND_LAB,
	COMMAND_DEMO,
	COMMAND_FLEET,
	COMMAND_EXPLAIN,
	COMMAND_OPEN,
	COMMAND_LISTEN,
	COMMAND_PCA,
	COMMAND_PCA_TREE, /* two words: "pca tree" */
	COMMAND_PCA_SHOW,
	COMMAND_PCA_CERTS,
	COMMAND_PCA_SYNC,
	COMMAND_PCA_CREATE,
	COMMAND_PCA_ACTIVATE,
	COMMAND_PCA_ISSUE,
	COMMAND_PCA_GET,
	COMMAND_PCA_REVOKE,
	COMMAND_PCA_AUDIT,
	COMMAND_PCA_BUNDLE,
	COMMAND_FIX,
	COMMAND_RENEW,
	COMMAND_LOG,
	COMMAND_UNDO,
	COMMAND_RESUME,
	COMMAND_ROLLOVER,
	COMMAND_HELP,
	COMMAND_LATER /* a name of the contract that this version does not have */
};
#define FOR(command) ((uint64_t)1 << (command))

struct command_info {
	enum command command;
	const char *name;      /* "check"; a word of another command after it: "pca tree" */
	const char *arguments; /* "TARGET…" */
	const char *help;      /* one line */
	const char *about;     /* further lines of its own --help, or NULL */
};
extern const struct command_info command_table[];
extern const size_t command_table_len;
const struct command_info *command_named(const char *name); /* NULL where there is none */

enum colour_choice { COLOUR_AUTO, COLOUR_NEVER, COLOUR_16, COLOUR_256 };

/* What was typed, taken apart. Strings point into the argument list or into memory that options_done() frees. */
struct options {
	enum command command;
	bool help, version;
	const char *maybe_command; /* the first target is spelled nearly like this command; or NULL */
	bool console;          /* no command was typed: the console opens where there is a terminal */
	const char **operands; /* targets, files; without the command */
	size_t operands_len;
	const char **targets_files; /* --targets, as often as given */
	size_t targets_files_len;

	const char *cert, *key, *cert_type, *key_type;
	const char *cacert, *capath;
	const char *config_file; /* --config */
	const char *identity, *group; /* names from the configuration */
	struct passphrase passphrase;

	const char *servername, *path, *unix_socket, *bypass, *other_identity;
	const char *like;       /* listen --like */
	bool max_time_given;    /* listen runs for ever without it */
	bool no_http;
	struct examine_options examine; /* begins as examine_defaults */
	enum starttls starttls;
	bool http11, http2;
	const char *save;       /* --save: the case's file */
	bool expires_within_given, root_expires_within_given; /* else the configuration's hold */
	bool allow_changes;
	struct proxy proxy;         /* --proxy, --via, ALL_PROXY; examine.proxy points here or at the next */
	struct proxy https_proxy;   /* HTTPS_PROXY */
	struct redirect *redirects; /* owned; examine.redirects points here */
	size_t redirects_len;

	enum purpose purpose;
	bool purpose_given;
	enum severity fail_on;  /* SEVERITY_NONE: never */
	bool json;
	enum colour_choice colour;
	bool ascii, plain;

	struct pca_words pca;
	struct rollover_words rollover;
	bool same_key;          /* fix: the certificate alone is new */
	bool add_trust;
	bool list;              /* renew: what is due, no plan */
	const char *trust_store, *domain, *listener;
	const char *paste;      /* fix --paste STACK: configuration for it */

	uint64_t seed;
	const char *dir;
	unsigned first_port;
	bool throttle, no_throttle; /* the lab's private CA */
	unsigned certificates, services;
	bool by_itself, still;  /* demo: --auto, --still */
	unsigned pace_ms;

	struct buf ignored;     /* curl's options that were accepted and not acted on: "-k, -s" */
	struct buf retype;      /* this run's options, shell-quoted, without targets and secrets: the mend line */
	char **owned;           /* copies to free */
	size_t owned_len;
};

/*
 * Parses argv (argc of them, [0] is the program). A literal passphrase in it is overwritten.
 * Fails with ERROR_USAGE and one line. *out is initialised in any case: call options_done().
 */
status options_parse(int argc, char **argv, struct options *out, struct error *err) MUST_USE;
void options_done(struct options *o);

/* --help of the program (COMMAND_NONE) or of one command; columns to wrap at. */
void options_help(enum command c, size_t columns, struct buf *out);

const char *nearest_command(const char *typed);

#endif
