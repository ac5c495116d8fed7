/* The page that people read, and the line a target takes among many. Safe text only comes out. */
#ifndef MODEL_REPORT_H
#define MODEL_REPORT_H

#include "model/diagnosis.h"

struct report_style {
	bool ascii;     /* no byte above 0x7e */
	int colours;    /* 0, 16, 256 */
	int columns;    /* width to wrap at; 80 where unknown */
	bool plain;     /* --plain: line by line, no box drawing, for screen readers */
	const char *command; /* the user's own target and options, shell-quoted, for the mend line; or NULL */
};

void report_one(const struct diagnosis *d, const struct report_style *s, struct buf *out);
void report_line(const struct diagnosis *d, const struct report_style *s, struct buf *out);

/* A client that `listen` saw: a block of lines. And the line that stands for it where there is no room. */
void report_client(const struct diagnosis *d, const struct report_style *s, struct buf *out);
/* What it did, as lines for people: who it is, what it offered, sent and said. The console shows them too. */
struct word_lines;
/* Its verdict in one or two sentences; into `a`. */
const char *client_verdict(const struct diagnosis *d, struct arena *a);
void client_lines(const struct diagnosis *d, struct word_lines *w);

/* Groups of targets that share a cause: fed one diagnosis at a time, keeps only texts. */
struct causes;
struct causes *causes_new(void);
void causes_add(struct causes *c, const struct diagnosis *d);
void causes_report(const struct causes *c, const struct report_style *s, struct buf *out);
void causes_free(struct causes *c);

#endif
