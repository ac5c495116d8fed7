#include "aws/retry.h"

#include <stdlib.h>
#include <string.h>

#include "model/limits.h"

enum { USUAL_ATTEMPTS = 3, LONGEST_MS = 20 * 1000 };

void
aws_retry_init(struct aws_retry *r)
{
	pthread_mutex_init(&r->lock, NULL);
	r->tokens = AWS_RETRY_TOKENS;
}

void
aws_retry_done(struct aws_retry *r)
{
	pthread_mutex_destroy(&r->lock);
}

bool
aws_retry_take(struct aws_retry *r, bool timed_out, unsigned *paid)
{
	unsigned cost = timed_out ? AWS_RETRY_TIMEOUT_COST : AWS_RETRY_COST;
	bool enough;

	pthread_mutex_lock(&r->lock);
	enough = r->tokens >= cost;
	if (enough) {
		r->tokens -= cost;
		*paid = cost;
	}
	pthread_mutex_unlock(&r->lock);
	return enough;
}

void
aws_retry_give(struct aws_retry *r, unsigned paid)
{
	unsigned back = paid > 0 ? paid : 1;

	pthread_mutex_lock(&r->lock);
	r->tokens = r->tokens + back < AWS_RETRY_TOKENS ? r->tokens + back : AWS_RETRY_TOKENS;
	pthread_mutex_unlock(&r->lock);
}

bool
aws_retry_wanted(const struct aws_service *s, const struct aws_error *failed)
{
	switch (failed->kind) {
	case AWS_NETWORK:
	case AWS_THROTTLED:
		return true;
	case AWS_SERVER: /* 501 and the like will not pass */
		return failed->http_status == 500 || failed->http_status == 502 || failed->http_status == 503 ||
		    failed->http_status == 504 || strncmp(failed->code, "RequestTimeout", 14) == 0;
	case AWS_QUOTA:
		return s != &aws_acm_pca && strcmp(failed->code, "LimitExceededException") == 0;
	default:
		return false;
	}
}

unsigned
aws_retry_delay_ms(unsigned failures, uint32_t random)
{
	uint64_t most = failures > 0 && failures < 6 ? 1000ull << (failures - 1) : LONGEST_MS;

	if (most > LONGEST_MS)
		most = LONGEST_MS;
	return (unsigned)((most * random) >> 32);
}

unsigned
aws_retry_attempts(const struct world *w, const struct aws_profiles *p, const char *profile)
{
	const char *value = w->env(w->self, "AWS_MAX_ATTEMPTS");
	long n;
	char *end;

	if (value == NULL || value[0] == '\0')
		value = aws_profile_get(p, profile, "max_attempts");
	if (value == NULL)
		return USUAL_ATTEMPTS;
	n = strtol(value, &end, 10);
	return *end != '\0' || n < 1 || n > LIMIT_AWS_ATTEMPTS ? USUAL_ATTEMPTS : (unsigned)n;
}
