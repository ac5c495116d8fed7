/*
 * Everything that can be done, in one table: its name for `:`, its keys, on which screens, what it needs,
 * how it stands in the footer, one line of help. Footer, `?`, completion, the README's key table and the
 * test for duplicate keys all come from it. Movement is in it too: there is no other place where a key means something.
 */
#ifndef TUI_ACTION_H
#define TUI_ACTION_H

#include <stdbool.h>
#include <stddef.h>

#include "model/buf.h"

/* The screens. An action applies on each whose bit it has. */
enum scope {
	SCOPE_START = 1 << 0,
	SCOPE_FLEET = 1 << 1,      /* by name */
	SCOPE_CAUSES = 1 << 2,     /* by cause */
	SCOPE_ENDPOINT = 1 << 3,
	SCOPE_IDENTITIES = 1 << 4,
	SCOPE_MESSAGES = 1 << 5,
	SCOPE_HELP = 1 << 6,
	SCOPE_LAB = 1 << 7,        /* the demo's first page */
	SCOPE_CERTIFICATE = 1 << 8, /* one certificate, whole */
	SCOPE_EXPLAIN = 1 << 9,    /* what a text means */
	SCOPE_LISTEN = 1 << 10,    /* the clients that came to us as a server */
	SCOPE_CLIENT = 1 << 11,    /* one of them */
	SCOPE_AUTHORITIES = 1 << 12, /* the private CAs */
	SCOPE_ISSUED = 1 << 13,    /* what they issued */
	SCOPE_ISSUED_CERT = 1 << 14, /* one of those */
	SCOPE_PLAN = 1 << 15,      /* what mends something, before, while and after it does */
	SCOPE_LOG = 1 << 16,       /* the record of changes */
	SCOPE_ROLLOVER = 1 << 17,  /* the roll-over of a root */
	SCOPE_ALL = (1 << 18) - 1,
	SCOPE_FLEETS = SCOPE_FLEET | SCOPE_CAUSES,
	SCOPE_PCA = SCOPE_AUTHORITIES | SCOPE_ISSUED | SCOPE_ISSUED_CERT,
	SCOPE_THINGS = SCOPE_FLEETS | SCOPE_ENDPOINT | SCOPE_IDENTITIES, /* whose rows can be opened */
	SCOPE_ROWS = SCOPE_ALL & ~SCOPE_LAB & ~SCOPE_START
};

/* What must be so for it to be done; where it is not, its reason is shown and nothing happens. */
enum need {
	NEED_ROW = 1 << 0,     /* a row is selected */
	NEED_CHANGES = 1 << 1, /* --allow-changes */
	NEED_RUNNING = 1 << 2, /* something is being checked */
	NEED_WALKTHROUGH = 1 << 3, /* one is under way */
	NEED_LIVE = 1 << 4     /* it contacts somebody, or reads files that are named: not in a saved case */
};

enum action {
	ACTION_NONE,
	/* X(identifier, scopes, needs, footer, …): tui/action_table.h */
#define X(id, name, keys, scopes, needs, footer, label, argument, help) ACTION_##id,
#include "tui/action_table.h"
#undef X
	ACTION_COUNT
};

struct action_info {
	const char *name;     /* for `:` */
	const char *keys;     /* "q Left": separated by one blank; "": by its name only */
	unsigned scopes, needs;
	int footer;           /* 0: not in the footer; else its priority: 1 stays longest, `?` is 1 */
	const char *label;    /* in the footer: "check again"; "…" at its end where it opens something that asks */
	const char *argument; /* "FILE": what `:name` takes; "[TEXT]" may be left out; NULL: nothing */
	const char *help;     /* one line */
};
const struct action_info *action_info(enum action a);
enum action action_named(const char *name);                /* ACTION_NONE where there is none */
enum action action_of_key(int key, unsigned scope);        /* ACTION_NONE where it means nothing there */
/* The first key, for the footer and for texts like "press %s": "f"; "" where it has none. */
const char *action_key(enum action a, char *out, size_t size);
/* Its n-th key as the table spells it, not ended by NUL: *name gets its beginning. Returns its length, 0 beyond the last. */
size_t action_key_at(enum action a, size_t n, const char **name);
/* The n-th name, in the order of the table, that starts with `start` and applies there; NULL beyond the last. */
const char *action_completion(const char *start, unsigned scope, size_t n);

/* The screens of these scopes, in words: "fleet, endpoint", "everywhere but help". */
void action_screens(struct buf *out, unsigned scopes);
/* The README's table of keys, as Markdown. */
void action_readme(struct buf *out);

#endif
