/*
 * When a call is made again: the SDKs' standard mode (botocore/retries/standard.py; knowledge "aws" 5.3). Thread-safe.
 */
#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <pthread.h>
#include <stdbool.h>

#include "aws/client.h"

enum {
	AWS_RETRY_TOKENS = 500,     /* of a full bucket */
	AWS_RETRY_COST = 5,         /* of a try that follows an answer or none */
	AWS_RETRY_TIMEOUT_COST = 10 /* of one that follows a time-out: the service is under water */
};

/* One a client: when everything fails, all its callers together stop trying again. */
struct aws_retry {
	pthread_mutex_t lock;
	unsigned tokens;
};

void aws_retry_init(struct aws_retry *r);
void aws_retry_done(struct aws_retry *r);
/* False: the bucket is empty, the failure stands. Else *paid is to be given back by aws_retry_give() when a later try goes well. */
bool aws_retry_take(struct aws_retry *r, bool timed_out, unsigned *paid);
/* After a success: what the last retry cost, or 1 where there was none, up to the bucket's size. */
void aws_retry_give(struct aws_retry *r, unsigned paid);

/*
 * May this failure pass by itself? Never a quota of acm-pca (its LimitExceededException is none of throttling), never
 * RequestInProgress: who waits for something asks again in its own time.
 */
bool aws_retry_wanted(const struct aws_service *s, const struct aws_error *failed);
/* After the first failure `failures` is 1: a random part of min(2^(failures-1), 20) seconds, in ms. random: any 32 bits. */
unsigned aws_retry_delay_ms(unsigned failures, uint32_t random);
/* AWS_MAX_ATTEMPTS, the profile's max_attempts; 3. */
unsigned aws_retry_attempts(const struct world *w, const struct aws_profiles *p, const char *profile);

#endif
