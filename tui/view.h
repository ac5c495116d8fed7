/*
 * A view is one screen: a table of functions, and its own state behind a struct view. Views never
 * paint outside of the canvas they are given, never read keys (the action table does), never wait.
 */
#ifndef TUI_VIEW_H
#define TUI_VIEW_H

#include "tui/action.h"
#include "tui/body.h"

struct console;
struct view;

struct view_ops {
	const char *name;    /* "fleet": for tests and :write's first line */
	unsigned scope;      /* one SCOPE_ bit */
	size_t size;         /* of the view's own struct, whose first member is its struct view */
	/* Its own struct is zeroed. `argument` is what console_push() was given, borrowed for the call. Sets v->body. */
	void (*open)(struct view *v, const void *argument);
	void (*close)(struct view *v);                 /* or NULL */
	/* Its place in the title: "payment.internal:8443"; printable, into out; returns out or static text. */
	const char *(*crumb)(struct view *v, char *out, size_t size);
	/* The model changed, or the width: bring the body up to date. At most once before each key and each frame, and only where something changed. */
	void (*refresh)(struct view *v, int columns);
	void (*draw)(struct view *v, const struct canvas *c); /* NULL: the body fills all of it */
	/* False: not mine, the frame does what it does for all. `argument`: what followed `:name `, or NULL. */
	bool (*act)(struct view *v, enum action a, const char *argument);
	/* Why this action cannot be done right now, as a sentence; NULL: it can. Over and above action_info.needs. */
	const char *(*refuses)(struct view *v, enum action a); /* or NULL */
	/* The whole of it as JSON, for :write FILE.json; NULL: it has none. */
	void (*json)(struct view *v, struct buf *out);
	/* As text, where the body is not all of it; NULL: the body's. */
	void (*text)(struct view *v, struct buf *out);
};

struct view {
	const struct view_ops *ops;
	struct console *console;
	struct view *below;   /* what q goes back to */
	struct body *body;    /* NULL: nothing to move in */
	struct entry *entry;  /* the endpoint it is about or that is selected in it; NULL: none. Set in refresh and act. */
	const struct cert *cert; /* the certificate that is selected likewise; NULL: copying takes the one that the cause is about */
};

extern const struct view_ops fleet_view;      /* argument: NULL, or struct fleet_wish */
extern const struct view_ops causes_view;
extern const struct view_ops endpoint_view;   /* argument: struct entry */
extern const struct view_ops rollover_view;   /* argument: the root's name, id or ARN; NULL: the only one that is known here */
extern const struct view_ops certificate_view; /* argument: struct cert: every field, PEM */
extern const struct view_ops identities_view; /* argument: path of a file or folder, or NULL: those of the fleet */
extern const struct view_ops listen_view;     /* the clients that came while we were the server */
extern const struct view_ops client_view;     /* argument: const uint64_t *: the number of one of them */
extern const struct view_ops authorities_view; /* argument: NULL, or struct authorities_wish */
extern const struct view_ops issued_view;     /* argument: struct issued_wish */
extern const struct view_ops issued_cert_view; /* argument: struct inventory_cert, of the list that it was chosen from */
extern const struct view_ops plan_view;       /* argument: plan_screen.c's own: plan_open(), plan_open_recorded() */
extern const struct view_ops changes_view;    /* the record of changes */
extern const struct view_ops messages_view;
extern const struct view_ops help_view;       /* argument: const unsigned *: the scope it was asked on */
extern const struct view_ops explain_view;    /* argument: const char *: the text */
extern const struct view_ops start_view;
extern const struct view_ops lab_view;        /* the demo's first page; argument: const size_t *: how many are broken on purpose */

/* The fleet as a drill-down from a cause: those that have it when it is opened, and whoever gets it while it is open. */
struct fleet_wish {
	uint64_t cause;        /* fleet_cause.id */
	const char *label;     /* for the crumb; copied */
};

#endif
