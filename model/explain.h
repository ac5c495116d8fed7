/*
 * What an alert, an error text or a line of a log means: who said it, about whose certificate, what
 * the causes can be, what to try. A lookup in tables (explain_rows.h); no network, no files.
 *
 * Text comes in pieces of any size, line by line; memory stays bounded: what repeats is counted.
 */
#ifndef MODEL_EXPLAIN_H
#define MODEL_EXPLAIN_H

#include "model/buf.h"
#include "model/explain_rows.h"
#include "model/report.h"
#include "model/text.h"

/* One way to read it: whose words, about whom. */
struct reading {
	enum writer said_by;     /* who complains: the server's side, the client's; EITHER: no matter */
	enum side about;         /* SIDE_CLIENT: the client's certificate; SIDE_SERVER; SIDE_NETWORK: no certificate; SIDE_POLICY: a command line */
	const char *when;        /* how to tell that this reading is the right one; NULL: it is the only one */
	const char *says;
	struct cause *causes;    /* CODE_NONE ends; the likeliest first */
	size_t causes_len;
	const char **stacks;     /* "Go up to 1.19: client.untrusted, …": what it means where; may be empty */
	size_t stacks_len;
	const char *next;        /* what to try, or NULL */
	const char *command;     /* command lines to copy, each ended by a newline but the last; or NULL */
};

struct explanation {
	const struct explain_row *row;
	const char *origin;      /* "nginx, OpenSSL" */
	const char *source;      /* where the knowledge comes from */
	const char *title;       /* "alert 48 unknown_ca" */
	const char *quote;       /* the line, printable, cut */
	const char *note;        /* or NULL */
	struct { const char *name, *value; } details[8]; /* "now": what the text itself tells; printable */
	size_t details_len;
	struct reading readings[2];
	size_t readings_len;
	int alert;               /* its number, or -1 */
	int rank;                /* how telling */
	size_t line, times;      /* first seen where (1 is the first), how often */
};

struct explain;
struct explain *explain_new(void);
void explain_free(struct explain *x);
/* Feeds text; lines end with LF. */
void explain_feed(struct explain *x, const void *bytes, size_t len);
void explain_end(struct explain *x);
/* The same for one text by itself: a bare number or name is looked up too ("48", "bad_certificate", "curl 35"). */
void explain_text(struct explain *x, struct text t);

/* After explain_end() or explain_text(): the most telling first. */
size_t explain_len(const struct explain *x);
const struct explanation *explain_at(const struct explain *x, size_t i);
/*
 * The most telling words of a server's own log about a client's certificate, with the causes they leave:
 * what its owner's log line decides. NULL: there are none. An alert is no such word: the client has it too.
 */
const struct reading *explain_server_word(const struct explain *x);
struct explain_counts {
	size_t lines, explained; /* lines that are not empty; those of them that were recognised */
	size_t more;             /* explanations that were left out: there were too many different ones */
	size_t cut;              /* lines too long to be read whole */
};
struct explain_counts explain_counts(const struct explain *x);
/* Where nothing was explained: the known text that comes nearest, or NULL. */
const char *explain_nearest(const struct explain *x);

void explain_page(const struct explain *x, const struct report_style *style, struct buf *out);
/* Schema mtlscope.explain/1: one object on one line, with a newline. */
void explain_json(const struct explain *x, struct buf *out);

#endif
