/* What the parts of the console know of each other: console.c, console_*.c, plan_job.c and change_rows.c, and nobody else. */
#ifndef TUI_CONSOLE_PARTS_H
#define TUI_CONSOLE_PARTS_H

#include "tui/console.h"
#include "tui/prompt.h"
#include "tui/walkthrough.h"

enum {
	VIEWS_MAX = 32,          /* views on the stack: going back and forth between two of them must end somewhere */
	FRAME_PACE_MS = 100,     /* between frames that no key asked for */
	KEYS_A_TURN = 256,       /* keys dealt with before the next frame: a held key must not run behind */
	STDERR_LINE_MAX = 1024   /* bytes of a line on standard error that are kept */
};

/* What is being checked. `user` of an examination is its place in `jobs`, plus one. */
struct job {
	struct entry *entry; /* NULL: cancelled, what comes is not wanted any more */
};
struct checks {
	struct examiner *examiner; /* NULL until the first check */
	struct mode_of {
		const struct examine_options *options;
		const struct examine_mode *mode;
	} *modes;
	size_t modes_len;
	struct job *jobs;
	size_t jobs_len, jobs_cap;
	size_t left, of;         /* of this batch */
	struct entry **batch;    /* what came back, for the summary */
	size_t batch_len, batch_cap;
};

struct listens { /* console_listen.c */
	struct listener *listener; /* NULL: none runs */
	struct clients clients;
	char *wanted;              /* where it is to listen once the one before is gone; or NULL */
	bool stopping;
};

struct work;     /* console_work.c */
struct sync_job; /* console_sync.c */
struct plan_job; /* plan_job.c */

struct console {
	struct console_setup setup;
	struct fleet *fleet;
	struct view *top, *dead;  /* dead: closed while one of their own functions runs; freed after it */
	size_t depth;

	struct messages messages;
	struct buf said;          /* on the message line; empty: nothing */
	unsigned said_look;
	bool said_seen;           /* it was in a frame: the next key takes it away */
	struct buf stderr_line;

	struct dialog *dialog;
	struct dialog **later;    /* those that wait until it is answered */
	size_t later_len;
	bool asking;
	struct asking ask;
	struct prompt prompt;
	char *filter_before;      /* of the view, while its filter is asked for */
	struct history commands, filters, others;

	int key;                  /* whose action is being done; KEY_NONE: it came by name */
	bool in_paste;            /* what comes is text, whoever takes it */
	bool pasting;             /* text outside of a prompt: ignored, and said so */
	bool more_keys;           /* some may be left, out of sight of poll() */

	struct checks checks;
	struct listens listens;
	struct work *work;
	struct sync_job *sync;    /* NULL: nothing is being fetched from AWS */
	bool sync_begun;          /* it was, once */
	char sync_problem[sizeof ((struct error *)NULL)->text]; /* of the last one; "": none */
	unsigned long syncs;      /* how often it was */
	struct plan_job *plan_job; /* that is being applied or taken back; NULL: none */
	struct identity *identity; /* of targets that are typed in, where it was read anew; NULL: the set-up's */
	struct {
		size_t len;            /* plans of the record that are neither done nor undone */
		bool said;
	} unfinished;
	unsigned long plan_moves;  /* goes up when one began or ended: who shows the record reads it anew */
	struct walk walk;

	bool changed, urgent, whole; /* a frame is due: at once, of every cell */
	bool stale;               /* the view was not told yet */
	uint64_t drawn_us;        /* when the last frame was */
	int64_t frame_ms;         /* wall clock of it */
	bool over;
	int exit_status;
};

uint64_t ticks_us(void);              /* of a clock that nobody sets */
void reap_views(struct console *k);   /* frees those that were closed; between two events */
void end_with(struct console *k, int number); /* leaves with 128 + the signal's number */

/* console_keys.c: the view's refresh(), where something changed since the last one. */
void bring_up_to_date(struct console *k);

/* Why it cannot be done right now; NULL: it can. */
const char *action_refused(const struct console *k, enum action a);

/* console_frame.c */
void frame_draw(struct console *k);

/* console_actions.c: what is done on every screen alike. False: nothing is. */
bool action_for_all(struct console *k, enum action a, const char *argument);

/* console_ask.c: true where a prompt or a dialog took the key. */
bool asking_key(struct console *k, int key);
void ask_command(struct console *k);
void ask_filter(struct console *k);
void set_filter(struct console *k, const char *text);
void asking_leave(struct console *k); /* as by Esc, whatever is asked; nothing where nothing is */
void asking_done(struct console *k);

/* console_check.c */
void for_everything(struct console *k, size_t (*act)(struct console *k, struct entry *const *entries, size_t len));
int checks_fd(struct console *k);     /* -1: nothing to wait for */
void checks_collect(struct console *k);
void checks_done(struct console *k);

/* console_listen.c */
void listens_start(struct console *k);   /* with the listener of the set-up, where there is one */
int listens_fd(const struct console *k); /* -1: nothing to wait for */
void listens_collect(struct console *k);
void listens_done(struct console *k);
void listens_ask(struct console *k);     /* for a place */

/* console_seen.c: what these show, into the inventory. */
void seen_keep(struct console *k, struct entry *const *entries, size_t len);

/* console_work.c */
int work_fd(const struct console *k); /* -1: nothing to wait for */
void work_collect(struct console *k);
void work_done(struct console *k);

/* console_plans.c: what the record says is unfinished, read beside the screen; and that nobody leaves in the middle of a step by mistake. */
void console_unfinished(struct console *k);
bool unfinished_note(const struct console *k, char *out, size_t size);
bool plans_keep(struct console *k); /* a plan is under way, and it was asked for: true */
void plans_done(struct console *k);

/* console_walk.c */
void walk_press_next(struct console *k);
void walk_turn(struct console *k);    /* by itself, where it is due */
int walk_wait_ms(const struct console *k);
void walk_begin(struct console *k, const char *name);
void walk_leave(struct console *k);

#endif
