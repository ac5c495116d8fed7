/* The parts of explain, shared by its own files only. */
#ifndef MODEL_EXPLAIN_PARTS_H
#define MODEL_EXPLAIN_PARTS_H

#include "model/explain.h"
#include "model/explain_match.h"
#include "model/memory.h"

/* What was recognised in one line. */
struct found {
	const struct explain_table *table;  /* of the row that stands in the line */
	const struct explain_row *row;
	const struct explain_row *meaning;  /* the row that a number or name in it leads to; else the same */
	const struct explain_table *meaning_table;
	const char *pattern;                /* the one of the row's that stands there */
	const struct explain_context *context; /* who wrote it; or NULL */
	struct match match;
	int alert;                          /* or -1 */
	size_t score;                       /* 0: nothing */
	const char *right;                  /* of a command line: what is right instead, printable; or NULL */
	const struct explain_row *rival;    /* another row that says as much: the tables must not let that be */
};

/* explain_lookup.c: all patterns of all tables, and what a line has of them. */
struct lookups;
struct lookups *lookups_new(void);
void lookups_free(struct lookups *l);
struct found lookups_best(struct lookups *l, struct text line);
const struct explain_context *lookups_context(struct text line);
/* A bare number or name: the n-th thing that it can be; score 0 beyond the last. */
struct found lookups_bare(struct text t, size_t n);
const struct explain_row *row_called(const char *id, const struct explain_table **table);

/* explain_alb.c: a load balancer's connection-log line, field by field. False where it is none. */
struct alb_line {
	const char *status;     /* "ClientCertUntrusted", "Success" */
	struct { const char *name; struct text value; } fields[10];
	size_t len;
	bool no_certificate;    /* its subject is "-" */
};
bool alb_read(struct text line, struct alb_line *out, char *code, size_t size);

/*
 * explain_aws_typed.c: a command line of aws, or of cat for certificates: the mistakes in it, each as the row that tells of
 * it and the line that is right; where there is none, one row that says so. Returns how many; 0: it is no such line. Into `a`.
 */
enum { TYPED_MISTAKES = 8 };
struct typed {
	const char *row, *right; /* right: NULL where the row's own is as good */
};
size_t aws_typed(struct text line, struct typed out[TYPED_MISTAKES], struct arena *a);
/* Does one begin here whose rest stands in the next line? */
bool aws_typed_goes_on(struct text line);

/* explain_compose.c: one explanation. A line, a load balancer's or NULL, and the depth that the line before it named or "". */
struct heard {
	struct text line;
	const struct alb_line *alb;
	const char *depth;
};
void explanation_fill(struct explanation *e, const struct found *f, enum writer writer, const struct heard *h, struct arena *a);
/* Two lines with one key say the same. free() it. */
char *explanation_key(const struct found *f, enum writer writer, const struct alb_line *alb, const char *depth);
enum writer found_writer(const struct found *f); /* who wrote it, as far as that is known */
int found_rank(const struct found *f);

/* explain_reading.c: whose words, about whom; fills readings. */
void readings_make(struct explanation *e, const struct found *f, enum writer writer, struct arena *a);
/* explain_alert.c: what an alert can be when that side sent it. */
void alert_reading(struct reading *r, int alert, enum writer sender, struct arena *a);
/* Adds a cause, or raises its likelihood. */
void reading_cause(struct reading *r, enum code code, enum confidence likelihood, struct arena *a);
void reading_causes(struct reading *r, const struct cause *list, struct arena *a);
void reading_sort(struct reading *r);

/* explain_nearest.c: the known text with the most words in common, or NULL; a pattern as people read it: “valid for …, not …”. */
void pattern_readable(const char *pattern, char *out, size_t size);
const char *nearest_text(struct text t, struct arena *a);

const char *writer_name(enum writer w); /* "server", "client", "either" */
/* "said by the server, about the client's certificate" */
const char *reading_whose(const struct reading *r);

#endif
