/*
 * What the screen of a roll-over shows, learnt on a worker: the document as it is, or the ways to begin one; measured anew; a step noted as
 * done; abandoned. The screen gets a picture of it each time, which nobody changes after that.
 */
#ifndef TUI_ROLLOVER_WORK_H
#define TUI_ROLLOVER_WORK_H

#include <pthread.h>

#include "fixes/rollover_hand.h"
#include "tui/accounts.h"

struct console;
struct waker;

enum rollover_deed {
	ROLLOVER_LOOK,    /* reads the document; where there is none, asks AWS what the ways would be. Contacts no service */
	ROLLOVER_ASK_ALL, /* measures */
	ROLLOVER_NOTE_IT, /* the next step is done, as far as it can be done from here */
	ROLLOVER_GIVE_UP  /* abandons it */
};

struct rollover_picture {
	struct arena *arena;            /* of all of it but the documents */
	struct rollover *r;             /* NULL: none has begun here */
	struct rollover *facts;         /* of the root, where none has begun or the last one is over */
	struct rollover_offer offers[ROLLOVER_WAYS];
	bool offered;
	const char *path, *host;        /* of the document; this machine. Printable */
	int64_t pending;                /* a plan of it that was interrupted here; 0 */
	bool pending_back;
	size_t gone;                    /* services that left the fleet */
	bool measured;                  /* just now */
	int64_t now;                    /* seconds, when it was made */
};
void rollover_picture_free(struct rollover_picture *p); /* NULL is legal */

/* A piece of such work, and what came of it. */
struct rollover_work {
	void *user;                     /* NULL: nobody waits for it any more */
	void (*done)(struct console *k, struct rollover_work *w, void *user);
	enum rollover_deed deed;
	struct rollover_picture *picture; /* NULL: there is none, err says why. Whoever wants it takes it */
	struct error err;               /* also beside a picture: what could not be done */

	/* The worker's. */
	char *ca, *confirm;
	char *config_path, *changes;
	struct examine_options examine;
	const struct world *world;
	struct accounts accounts;
	atomic_bool cancel;
	struct waker *waker;
	pthread_mutex_t lock;
	size_t at, of;                  /* behind it: services that have answered, of how many */
};

/*
 * Begins; done() comes once. ca: a name, an id or an ARN; NULL: the only one that is known here. confirm: the names that were typed; NULL.
 * NULL: there is no thread for it, which was said. rollover_work_leave() lets it go: what is being written is written, nothing else goes on.
 */
struct rollover_work *rollover_work_begin(struct console *k, enum rollover_deed deed, const char *ca, const char *confirm,
    void (*done)(struct console *k, struct rollover_work *w, void *user), void *user);
void rollover_work_leave(struct rollover_work *w);
/* How many of them have answered. False: nobody is being asked yet. */
bool rollover_work_progress(struct rollover_work *w, size_t *at, size_t *of);

/* ---- what the maker of its plans (tui/rollover_plan.c) does alike ---- */

/* For struct rollover_hand: asks the accounts for a CA. */
struct rollover_finder {
	const struct accounts *accounts;
	struct aws_client *client;      /* of the account that has it; the owner's to free, after the hand */
	struct arena *arena;
};
/* An identity that AWS keeps, by the account that the configuration names for it; the rest as in struct rollover_look. */
bool rollover_fetch_stored(struct rollover_finder *f, const struct config_identity *i, struct identity **sends, struct trust **trusts, const char **why);
status rollover_find_ca(struct rollover_finder *f, const char *word, struct plan_place *place, const char **arn, struct error *err) MUST_USE;

#endif
