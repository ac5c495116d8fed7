#include "probes/proofs.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "model/hash.h"
#include "model/memory.h"

enum {
	HOLDS_S = 60,   /* seconds: a server that is asked later may have been mended */
	TRIES = 2,      /* provers that learnt nothing (cut off, no answer) before nobody waits for another */
	SLOTS = 256     /* lists of the table: a fleet has few causes */
};

struct cause {
	char *key;
	bool proving, there;
	unsigned failed;
	struct matched *matched; /* NULL though `there`: nobody could find out */
	uint64_t since_us;
	struct cause *next;
};

struct proofs {
	pthread_mutex_t lock;
	struct cause *slots[SLOTS];
};

struct proofs *
proofs_new(void)
{
	struct proofs *p = mem_zero(1, sizeof *p);

	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void
proofs_forget(struct proofs *p)
{
	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < SLOTS; i++) {
		while (p->slots[i] != NULL) {
			struct cause *c = p->slots[i];

			p->slots[i] = c->next;
			matched_free(c->matched);
			free(c->key);
			free(c);
		}
	}
	pthread_mutex_unlock(&p->lock);
}

void
proofs_free(struct proofs *p)
{
	if (p == NULL)
		return;
	proofs_forget(p);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Made where there is none. */
static struct cause *
cause_of(struct proofs *p, const char *key)
{
	struct cause **slot = &p->slots[hash_text(0, key) % SLOTS], *c = *slot;

	while (c != NULL && strcmp(c->key, key) != 0)
		c = c->next;
	if (c != NULL)
		return c;
	c = mem_zero(1, sizeof *c);
	c->key = mem_strdup(key);
	c->next = *slot;
	return *slot = c;
}

enum proofs_answer
proofs_ask(struct proofs *p, const char *key, uint64_t now_us, struct matched **out)
{
	enum proofs_answer answer = PROOFS_WAIT;
	struct cause *c;

	*out = NULL;
	pthread_mutex_lock(&p->lock);
	c = cause_of(p, key);
	if (c->there && now_us - c->since_us > (uint64_t)HOLDS_S * 1000000) {
		matched_free(c->matched);
		c->matched = NULL;
		c->there = false;
		c->failed = 0;
	}
	if (c->there) {
		answer = PROOFS_THERE;
		*out = c->matched != NULL ? matched_ref(c->matched) : NULL;
	} else if (!c->proving) {
		answer = PROOFS_YOURS;
		c->proving = true;
	}
	pthread_mutex_unlock(&p->lock);
	return answer;
}

void
proofs_tell(struct proofs *p, const char *key, uint64_t now_us, struct matched *m)
{
	struct cause *c;

	pthread_mutex_lock(&p->lock);
	c = cause_of(p, key);
	c->proving = false;
	c->matched = m;
	c->failed += m == NULL;
	c->there = m != NULL || c->failed >= TRIES;
	c->since_us = now_us;
	pthread_mutex_unlock(&p->lock);
}
