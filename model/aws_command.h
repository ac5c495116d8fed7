/*
 * A command line of the aws program, as somebody typed or pasted it, taken apart: its service, operation and options.
 * For explain: nothing is run. Quoting is a POSIX shell's; what is in $(…) stays as it is.
 */
#ifndef MODEL_AWS_COMMAND_H
#define MODEL_AWS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "model/memory.h"
#include "model/text.h"

enum { AWS_WORDS = 96 /* of one command that are kept: a create-domain-name with all its options has 60 */ };

struct aws_command {
	struct { const char *raw, *plain; } words[AWS_WORDS]; /* behind “aws”: as typed, and without the shell's quotation marks */
	size_t len;
	const char *service, *operation; /* "acm-pca", "get-certificate" */
	const char *file;                /* where its output goes, or NULL */
	const char *file_raw;            /* the same as it was typed */
	struct text rest;                /* what follows: "| tr …", "&& aws …"; within the line */
	struct arena *arena;             /* that holds it */
};

/*
 * The next one in the line at or behind *at, which is moved into it, so that a command within $(…) is found as well.
 * False where there is none; words that only look like one ("the aws acm certificate") are none. Into `a`.
 */
bool aws_command_next(struct text line, size_t *at, struct aws_command *out, struct arena *a);

/* An option's value, "" where it has none; NULL where the option is not there. --name=value counts too. */
const char *aws_option(const struct aws_command *c, const char *name);
/* The same as it was typed, with its quotation marks and variables. */
const char *aws_option_raw(const struct aws_command *c, const char *name);
bool aws_is(const struct aws_command *c, const char *service, const char *operation);

#endif
