/* The parts of explain that read command lines of aws: what can be wrong, and the same line put right. */
#ifndef MODEL_EXPLAIN_AWS_H
#define MODEL_EXPLAIN_AWS_H

#include "model/aws_command.h"
#include "model/buf.h"

/* explain_aws_right.c: the right line, piece by piece; all that was typed comes out printable. */

/* "aws --region R acm-pca issue-certificate", with the profile, region and endpoint that were typed; on a line of its own. */
void right_begin(struct buf *b, const struct aws_command *c, const char *what);
/* The same where the line has begun: "CERT=$(". */
void right_go_on(struct buf *b, const struct aws_command *c, const char *what);
void right_word(struct buf *b, const char *word);
void right_option(struct buf *b, const char *name, const char *value);
/* What was typed for it, else a placeholder. */
void right_keep(struct buf *b, const struct aws_command *c, const char *name, const char *otherwise);
/* --query FIELD --output text, and the file that it goes into or NULL. */
void right_query(struct buf *b, const char *field, const char *file);
/* The whole line as it was typed, with fileb:// for blobs, and without those options and their values (NULL ends them). */
void right_retype(struct buf *b, const struct aws_command *c, const char *const without[]);

/* Is the option, or option=value, of that command one that takes bytes? */
bool aws_is_blob(const struct aws_command *c, const char *option);

/* explain_aws_mistakes.c */
struct aws_mistake {
	const char *row;                                           /* that tells of it */
	bool (*holds)(const struct aws_command *c);
	void (*right)(const struct aws_command *c, struct buf *b); /* NULL: the row's own line */
};
extern const struct aws_mistake aws_mistakes[];
extern const size_t aws_mistakes_len;

#endif
