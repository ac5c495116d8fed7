/*
 * The console: a stack of views over one fleet, in one poll loop (keyboard, signals, results, timer).
 * One thread owns the model and the screen; others hand over finished, immutable things. Nothing on it
 * resolves, connects, reads a file or waits.
 */
#ifndef TUI_CONSOLE_H
#define TUI_CONSOLE_H

#include "aws/client.h"
#include "model/config.h"
#include "model/fleet.h"
#include "model/world.h"
#include "probes/examine.h"
#include "probes/listen.h"
#include "tui/dialog.h"
#include "tui/message.h"
#include "tui/terminal.h"
#include "tui/view.h"

struct console;
struct plan_maker;
struct walkthrough;

/* The clients that came to us as a server, the newest last; the oldest are dropped, and counted. */
struct clients {
	struct seen_client **items;
	size_t len, dropped;
	size_t of[3];            /* of all that came: fine (notices too), with warnings, failing */
	const struct listening *about; /* where it listens, or did last; NULL: nowhere yet */
	bool open;               /* it listens */
	bool starting;
	unsigned long version;   /* goes up with every change */
};

struct console_setup {
	/* `mtlscope listen`: what is asked with, for :listen too; borrowed. NULL: with the defaults. */
	const struct listen_options *listen;
	struct listener *listener;             /* that runs already; the console takes it over */
	struct seen_client *const *seen;       /* clients that came before it opened; the console takes them over */
	size_t seen_len;
	struct terminal_options terminal;
	struct fleet *fleet;                   /* the console takes it over */
	const struct identity *identity;       /* for targets that are typed in: who we are; NULL: as the fleet's first is. Borrowed */
	const struct trust *trust;             /* and whom we trust; NULL: it is read when it is needed. Borrowed */
	struct examine_options examine;        /* for entries without options of their own; copied */
	const struct world *world;
	const struct config *config;           /* or NULL; borrowed */
	const struct aws_client_options *aws;  /* accounts and regions; borrowed */
	size_t aws_len;
	const char *inventory;                 /* its file; NULL: the state folder's own. Borrowed */
	const struct plan_maker *plans;        /* who makes plans (tui/plan_job.h); NULL: fixes/ does. Borrowed */
	const char *plans_config;              /* the configuration that plans go by; NULL: config_path, where config was given. Borrowed */
	const char *changes;                   /* the record's folder; NULL: the state folder's own. Borrowed */
	const char *report_bucket;             /* where audit reports are asked for; NULL: the CA's own. Borrowed */
	const char *config_path;               /* where it is or would be; for the start page */
	const struct view_ops *first;          /* NULL: start, endpoint or fleet, by how many entries there are */
	const void *first_argument;
	bool *demo_wanted;                     /* set where the start page's demo was chosen: the console has ended then, and the caller begins it. NULL: it cannot */
	bool practice_lab;                     /* PRACTICE LAB in the title; changes are allowed */
	bool allow_changes;
	bool is_case;                          /* the fleet is a saved case: CASE in the title, and nothing is ever contacted */
	int64_t case_ms;                       /* when it was seen, */
	const char *case_from;                 /* and from which host, printable; or NULL. Both for the title. Borrowed */
	bool check_at_start;                   /* everything, at once */
	const char *save;                      /* --save: the first result goes into this file; or NULL. Borrowed */
	const struct walkthrough *walkthrough; /* to begin with, or NULL; borrowed */
	bool walk_by_itself;                   /* --auto: it presses its own keys, and the program ends with it */
	unsigned walk_pace_ms;                 /* of it: how long a step is shown; 0: on at once */
	bool still;                            /* for pictures: no time that differs between runs is shown */
};

/*
 * Opens the terminal and runs until it is left. The exit status: 0, or 128 plus a signal. *err where the
 * terminal cannot be opened: then nothing was done, and the fleet is the caller's again. A walkthrough by
 * itself that did not come to its end: status 1, and *err says at which step.
 */
status console_run(const struct console_setup *s, int *exit_status, struct error *err) MUST_USE;

/* The parts of it, for tests that drive it in one process: new, draw, key, turn, free. */
status console_new(const struct console_setup *s, struct console **out, struct error *err) MUST_USE;
void console_free(struct console *k);
void console_key(struct console *k, int key);          /* as if typed */
/* Waits up to timeout_ms (-1: for ever) for one of its events, deals with all that are there. False: it is to end. */
bool console_turn(struct console *k, int timeout_ms);
void console_draw(struct console *k);                  /* where something changed */
int console_exit_status(const struct console *k);

/* For views. */
void console_push(struct console *k, const struct view_ops *ops, const void *argument);
void console_replace(struct console *k, const struct view_ops *ops, const void *argument); /* the top one */
void console_pop(struct console *k);                   /* the last one stays */
struct view *console_top(struct console *k);
/* Something changed: there will be a frame. Keys are answered at once, results at most every 100 ms. */
void console_changed(struct console *k);
/* The same for what answers a key that was pressed: the frame does not wait for the others. */
void console_urgent(struct console *k);
/* A line for the user: on the message line, and kept. */
void console_say(struct console *k, unsigned look, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Shows it over the screen; the console takes it over. */
void console_dialog(struct console *k, struct dialog *d);
/* Asks for a line; entered() gets it. `changed`, or NULL, sees every keystroke; left() on Esc, or NULL. */
struct asking {
	const char *label, *text;
	const char *(*complete)(void *user, const char *text, size_t n);
	void (*changed)(struct console *k, const char *text, void *user);
	void (*entered)(struct console *k, const char *text, void *user);
	void (*left)(struct console *k, void *user);
	void *user;
};
void console_ask(struct console *k, const struct asking *a);
/* Does the action, as if its key had been pressed. */
void console_act(struct console *k, enum action a, const char *argument);

/* Begins to listen there (model/listen_place.h), beside the screen, in the place of where it listens now; says what is wrong with it. */
void console_listen(struct console *k, const char *place);
void console_listen_stop(struct console *k);
const struct clients *console_clients(struct console *k);

struct fleet *console_fleet(struct console *k);
const struct config *console_config(const struct console *k);
const char *console_config_path(const struct console *k);
const struct console_setup *console_setup_of(const struct console *k);
struct messages *console_messages(struct console *k);
int64_t console_now_ms(const struct console *k);       /* wall clock; in a still console that of --at */
bool console_practice_lab(const struct console *k);
bool console_allows_changes(const struct console *k);
/* Queues checks; entries that are being checked already are left out. Returns how many were queued. */
size_t console_check(struct console *k, struct entry *const *entries, size_t len);
/* The same, and says so: what is being checked from now on, or was already. */
size_t console_check_aloud(struct console *k, struct entry *const *entries, size_t len);
void console_cancel(struct console *k);                /* all that is under way */
size_t console_running(const struct console *k, size_t *of); /* how many are left of the *of that were queued */
/* A file as one types it: "~/" is the home, as a shell would take it. free() it. NULL: there is no home, and that was said. */
char *console_path(struct console *k, const char *typed);
/* Leaves the program. */
void console_quit(struct console *k);

/* Brings the inventory up to date with AWS, beside the screen; what it found is said at the end. console_sync.c */
void console_sync(struct console *k);
void console_sync_once(struct console *k); /* unless it was done before in this session */
/* The same for one CA, with a new audit report that AWS is asked for: a change outside. */
void console_sync_report(struct console *k, const char *ca);
void console_sync_stop(struct console *k);
bool console_syncing(const struct console *k);
const char *console_sync_problem(const struct console *k); /* why the last one could ask nobody, or not everybody; NULL */
unsigned long console_syncs(const struct console *k); /* how many ended: who shows the inventory reads it anew when that changed */
/* What is being fetched just now, printable. False: nothing is. */
bool console_sync_line(struct console *k, char *out, size_t size);

/*
 * Work that may take long (files) on a thread of its own: work() runs there and touches nothing of the
 * console; done() runs here when it is finished, and frees `job`. Not called after console_free(): drop() is, instead.
 * False: there was no thread or descriptor for it; that has been said, and drop() has been called.
 */
bool console_work(struct console *k, void (*work)(void *job), void (*done)(struct console *k, void *job),
    void (*drop)(void *job), void *job);
/* What a worker wakes the console with, so that it draws what the two share. The worker frees it; it may outlive the console. */
struct waker;
struct waker *console_waker(struct console *k);
void waker_wake(struct waker *w);
void waker_free(struct waker *w); /* NULL is legal */

#endif
