/* The rows of the tree of private CAs: read from the inventory beside the screen, put into words here. */
#ifndef TUI_AUTHORITY_ROWS_H
#define TUI_AUTHORITY_ROWS_H

#include "model/page.h"
#include "tui/authorities.h"

enum { AUTHORITY_DETAILS = 6 };

struct authority_row {
	uint64_t id;
	int depth;
	const struct inventory_ca *ca; /* NULL: an account and region */
	enum state state;
	const char *text;          /* printable, as all here is */
	const char *note;          /* at the right end */
	const char *long_note;     /* where there is room; NULL: the same */
	struct {
		unsigned look;
		const char *text;
	} detail[AUTHORITY_DETAILS];
	size_t details;
};

struct authority_rows {
	struct arena *arena;       /* NULL: nothing was read yet */
	struct authority_row *items;
	size_t len, cap;
	size_t cas;
	size_t of[4];              /* by state */
	int64_t synced;            /* the oldest of them; TIME_UNKNOWN: none */
	int64_t now;               /* epoch seconds that its ages are as of */
	unsigned long syncs;       /* how many were finished when it was read */
};

struct authority_reading {
	void *user;                /* NULL: nobody waits for it any more */
	void (*done)(struct console *k, struct authority_reading *r, void *user);
	char *path;
	const struct world *world;
	int64_t now, soon;
	const struct cert *asked;  /* whose issuer is wanted; or NULL */
	/* The answer. */
	struct arena *arena;
	struct inventory_ca *cas;
	size_t len;
	const char *issuer;        /* the ARN of the CA that issued it; NULL: none of them did */
	char problem[320];
};

/* Reads all CAs on a worker; done() comes once, or never where `user` was set to NULL before. NULL: there was no thread for it. */
struct authority_reading *authority_read(struct console *k, const struct cert *issued,
    void (*done)(struct console *k, struct authority_reading *r, void *user), void *user);
/* Takes what was read. */
void authority_rows_take(struct authority_rows *rows, struct authority_reading *r, const struct console_setup *setup);
/* Why AWS would make no audit report of it now, for “R: …”: a literal, or written to `out`; NULL: it would. */
const char *authority_no_report(const struct inventory_ca *ca, int64_t now, char *out, size_t size);
void authority_rows_done(struct authority_rows *rows);
uint64_t authority_row_of(const struct authority_rows *rows, const char *arn); /* its id; 0: none has it */

#endif
