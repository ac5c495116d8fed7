/*
 * A command line for the aws program, as it works with versions 1 and 2 (knowledge "aws" 3): fileb:// for what is a blob,
 * --query … --output text for what goes into a file or a variable. One option a line, so that it is read and copied easily.
 */
#ifndef FIXES_AWS_LINE_H
#define FIXES_AWS_LINE_H

#include "fixes/plan.h"

/* "aws --profile prod --region us-east-1 acm-pca issue-certificate". variable: "ROOT" begins it with ROOT=$(…); or NULL. */
struct aws_line {
	struct buf text;
	bool in_variable;
};
void aws_line_begin(struct aws_line *l, const struct plan_place *place, const char *variable, const char *operation);
/* "aws --profile prod --region us-east-1 REST" on one line, for a sentence; into the plan's arena. REST is ours, its words quoted. */
const char *aws_line_short(struct plan *p, const char *rest);
/*
 * What a line of ours needs to ask the same account: " --aws prod", " --profile prod", or "" where neither was named. A region is in
 * every ARN. Into the plan's arena.
 */
const char *own_line_account(struct plan *p);
/* A value that is quoted for the shell; NULL: the option takes none. */
void aws_line_option(struct aws_line *l, const char *option, const char *value);
/* A value that the shell is to see: "$ROOT", fileb://root.csr, Value=365,Type=DAYS. Ours, never outside text. */
void aws_line_raw(struct aws_line *l, const char *option, const char *value);
/* `--query WHAT --output text`, for a file's or a variable's sake. */
void aws_line_query(struct aws_line *l, const char *what);
/* The line, into the plan's arena; file: where its output goes, or NULL. The line is empty afterwards. */
const char *aws_line_end(struct aws_line *l, struct plan *p, const char *file);

#endif
