/*
 * What is asked of the outside, once for all who ask it: questions with their answers, kept for as long as they are
 * good, and the threads that ask. Shared by probes/fetch_kept.c and probes/fetch.c, where they are asked from loops; for
 * nobody else.
 */
#ifndef PROBES_FETCH_KEPT_H
#define PROBES_FETCH_KEPT_H

#include <pthread.h>

#include "probes/fetch.h"
#include "probes/fetch_answer.h"

enum { FETCH_THREADS = 4 }; /* requests at once: an examination has about four, and they wait, not work */

enum fetch_stage { STAGE_RESOLVING, STAGE_QUEUED, STAGE_RUNNING, STAGE_DONE };

/* One question, however many ask it. The fetcher's lock guards all of it but what only a running thread touches. */
struct fetch_entry {
	struct fetch_entry *next;
	char *key;
	enum fetch_stage stage;
	struct fetch *waiting;      /* through next_waiting */
	struct transfer transfer;   /* the running thread's while it runs */
	const struct cert *about, *issuer; /* references */
	char *folder;
	unsigned char nonce[OCSP_NONCE_BYTES];
	enum fetch_kind kind;
	struct transfer_handle *handle; /* while it runs */
	bool cut_short;             /* nobody finds it any more */
	struct answer *answer;
	uint64_t began_us, done_us;
	size_t kept;                /* bytes */
};

struct fetch {
	struct fetch_desk *desk;
	struct fetch_entry *entry;        /* NULL once the answer is here */
	struct answer *answer;
	struct lookup *lookup;      /* while it resolves for all */
	bool resolves, shared;
	int family;
	fetch_done done;
	void *user;
	struct fetch *next_waiting; /* in the entry */
	struct fetch *next;         /* in the desk */
};

struct fetcher {
	const struct world *world;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct fetch_entry *entries;
	pthread_t threads[FETCH_THREADS];
	unsigned threads_len, idle;
	bool stop;
};

struct fetch_desk {
	struct fetcher *fetcher;
	struct resolver *resolver;
	uv_async_t tell;
	struct fetch *fetches; /* of this loop: all that are not over */
};

/* All of these: the lock is held. */

/* An answer to that question that is there or on its way; many: it may be older. NULL: none. */
struct fetch_entry *fetcher_find(const struct fetcher *f, const char *key, bool many);
/* A new one, not queued yet. Takes the place and the key. */
struct fetch_entry *fetcher_add(struct fetcher *f, const struct fetch_question *q, struct fetch_place *place, char *key);
/* To the threads. Where none can be had, those that are there do the work; without any it has failed. */
void fetcher_queue(struct fetcher *f, struct fetch_entry *e);
/* It is over, and nobody was asked: not allowed (refused), or not possible. */
void fetcher_refuse(struct fetcher *f, struct fetch_entry *e, bool refused, const char *why);
/* Takes it out, and frees it. */
void fetcher_forget(struct fetcher *f, struct fetch_entry *gone);
/* What has become old goes; and of what is kept the oldest, until there is room. */
void fetcher_tidy(struct fetcher *f);

#endif
