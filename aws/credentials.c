#include "aws/credentials.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "aws/credentials_internal.h"
#include "model/memory.h"
#include "model/quote.h"
#include "model/times.h"

enum {
	REFRESH_S = 5 * 60,     /* before their end new ones are fetched */
	AGAIN_S = 60,           /* after a refresh that failed, while the old ones still last */
	TICK_MS = 100           /* a thread that waits for another's refresh looks at its cancel flag */
};

/*
 * botocore's order (botocore/credentials.py, create_credential_resolver). of_profile: what a role's source_profile may
 * have; the boto 2 files and the first EC2 tool's, which stand there as well, nobody has any more.
 */
static const struct {
	credential_provider *ask;
	bool of_profile;
} providers[] = {
	{ credentials_environment, false },
	{ credentials_role, false },
	{ credentials_web_identity, true },
	{ credentials_sso, true },
	{ credentials_shared, true },
	{ credentials_login, true },
	{ credentials_process, true },
	{ credentials_config, true },
	{ credentials_container, false },
	{ credentials_instance, false },
};

struct aws_credential_chain {
	const struct aws_profiles *profiles;
	const struct world *world;
	char *profile, *region;
	bool named, explicit_profile;

	pthread_mutex_t lock;
	pthread_cond_t done;        /* a refresh has ended */
	bool refreshing;
	uint64_t refreshes;
	struct aws_credentials kept; /* access_key "": none yet */
	int64_t again;               /* not before this second, where the last refresh failed */
	struct aws_error failure;    /* of the last refresh */
};

struct aws_credential_chain *
aws_credential_chain_new(const struct aws_profiles *p, const char *profile, bool explicit_profile, const char *region,
    const char *endpoint_url, const struct world *w)
{
	struct aws_credential_chain *c = mem_zero(1, sizeof *c);
	pthread_condattr_t monotonic;

	(void)endpoint_url; /* it is the called service's: STS goes where AWS_ENDPOINT_URL_STS and the profile say, as in botocore */
	c->profiles = p;
	c->world = w;
	c->profile = mem_strdup(aws_profile_in_force(w, profile, &c->named));
	c->region = region == NULL ? NULL : mem_strdup(region);
	c->explicit_profile = explicit_profile;
	pthread_mutex_init(&c->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&c->done, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return c;
}

void
aws_credential_chain_free(struct aws_credential_chain *c)
{
	if (c == NULL)
		return;
	aws_credentials_done(&c->kept);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->done);
	free(c->profile);
	free(c->region);
	free(c);
}

void
aws_credentials_done(struct aws_credentials *c)
{
	OPENSSL_cleanse(c, sizeof *c);
}

/* ---- the walk ---- */

static enum credential_found
ask_all(struct credential_ask *a, bool of_profile, struct aws_credentials *out, struct aws_error *err)
{
	enum credential_found found = CREDENTIAL_NOT_HERE;

	for (size_t i = 0; i < sizeof providers / sizeof providers[0] && found == CREDENTIAL_NOT_HERE; i++) {
		if (of_profile && !providers[i].of_profile)
			continue;
		if (a->cancel != NULL && atomic_load(a->cancel)) {
			(void)aws_error_set(err, AWS_CANCELLED, NULL, "cancelled");
			return CREDENTIAL_FAILED;
		}
		aws_credentials_done(out);
		found = providers[i].ask(a, out, err);
	}
	return found;
}

enum credential_found
credentials_of_profile(struct credential_ask *a, struct aws_credentials *out, struct aws_error *err)
{
	return ask_all(a, true, out, err);
}

static status
no_profile(const struct aws_credential_chain *c, struct aws_error *err)
{
	char shown[QUOTE_MAX];
	const char *files[2], *lacks[2];

	for (int i = 0; i < 2; i++) {
		files[i] = aws_profile_file_name(c->profiles, (enum aws_profile_file)i);
		lacks[i] = aws_profile_file_lacks(c->profiles, (enum aws_profile_file)i);
	}
	return aws_error_set(err, AWS_NO_CREDENTIALS, NULL, "there is no profile “%s” in %s%s%s%s or %s%s%s%s", quote_str(c->profile, shown),
	    files[0], lacks[0] != NULL ? " (" : "", lacks[0] != NULL ? lacks[0] : "", lacks[0] != NULL ? ")" : "", files[1],
	    lacks[1] != NULL ? " (" : "", lacks[1] != NULL ? lacks[1] : "", lacks[1] != NULL ? ")" : "");
}

static status
fetch(const struct aws_credential_chain *c, const atomic_bool *cancel, struct aws_credentials *out, struct aws_error *err)
{
	struct buf looked = { .data = NULL };
	struct credential_ask a = { .profiles = c->profiles, .world = c->world, .profile = c->profile, .in_force = c->profile,
	    .no_environment = c->explicit_profile, .region = c->region, .cancel = cancel,
	    .now = c->world->now_ms(c->world->self) / 1000, .looked = &looked };
	char shown[QUOTE_MAX], when[TIME_TEXT_MAX];
	status result = STATUS_FAILED;

	if (c->named && strcmp(c->profile, "default") != 0 && !aws_profile_exists(c->profiles, c->profile))
		return no_profile(c, err);
	switch (ask_all(&a, false, out, err)) {
	case CREDENTIAL_HERE:
		if (out->expires != 0 && out->expires <= a.now)
			(void)aws_error_set(err, AWS_BAD_CREDENTIALS, NULL, "the credentials of %s ended at %s by this machine's clock: renew them",
			    out->from, time_rfc3339(out->expires, when));
		else
			result = STATUS_OK;
		break;
	case CREDENTIAL_NOT_HERE:
		(void)aws_error_set(err, AWS_NO_CREDENTIALS, NULL, "no credentials for profile “%s”. Looked at: %s",
		    quote_str(c->profile, shown), buf_str(&looked));
		break;
	case CREDENTIAL_FAILED:
		(void)aws_error_set(err, AWS_LOCAL, NULL, "there are no credentials"); /* unless the provider said more */
		break;
	}
	if (result != STATUS_OK)
		aws_credentials_done(out);
	buf_done(&looked);
	return result;
}

/* ---- what is kept ---- */

static bool
lasts(const struct aws_credential_chain *c, int64_t now, int64_t margin)
{
	return c->kept.access_key[0] != '\0' && (c->kept.expires == 0 || now < c->kept.expires - margin);
}

/* With the lock held, which is given up meanwhile. */
static void
wait_for_other(struct aws_credential_chain *c)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_MS * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	(void)pthread_cond_timedwait(&c->done, &c->lock, &until);
}

/* With the lock held, which is given up while the chain is walked: others go on with what they have. */
static status
refresh(struct aws_credential_chain *c, const atomic_bool *cancel, struct aws_error *err)
{
	struct aws_credentials fresh = { .access_key = "" };
	struct aws_error why = { .kind = AWS_FINE };
	status result;

	c->refreshing = true;
	pthread_mutex_unlock(&c->lock);
	result = fetch(c, cancel, &fresh, &why);
	pthread_mutex_lock(&c->lock);
	c->refreshing = false;
	c->refreshes++;
	c->failure = why;
	if (result == STATUS_OK) {
		c->kept = fresh;
		c->again = 0;
	} else {
		c->again = c->world->now_ms(c->world->self) / 1000 + AGAIN_S;
		if (err->kind == AWS_FINE)
			*err = why;
	}
	pthread_cond_broadcast(&c->done);
	aws_credentials_done(&fresh);
	return result;
}

/* The result of the refresh that another thread was in the middle of. Its cancel flag is not ours: then we go ourselves. */
static bool
shared_result(struct aws_credential_chain *c, bool anew, int64_t now, status *result, struct aws_error *err)
{
	if (c->failure.kind == AWS_CANCELLED)
		return false;
	*result = c->failure.kind == AWS_FINE || (!anew && lasts(c, now, 0)) ? STATUS_OK : STATUS_FAILED;
	if (*result != STATUS_OK && err->kind == AWS_FINE)
		*err = c->failure;
	return true;
}

status
aws_credentials_get(struct aws_credential_chain *c, bool anew, const atomic_bool *cancel, struct aws_credentials *out,
    struct aws_error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	status result = STATUS_FAILED;
	int64_t now;
	bool waited = false;

	*out = (struct aws_credentials){ .access_key = "" };
	pthread_mutex_lock(&c->lock);
	for (;;) {
		uint64_t before = c->refreshes;
		now = c->world->now_ms(c->world->self) / 1000;
		if (!anew && (lasts(c, now, REFRESH_S) || (lasts(c, now, 0) && (c->refreshing || now < c->again)))) {
			result = STATUS_OK;
			break;
		}
		if (waited && shared_result(c, anew, now, &result, &why))
			break;
		if (!c->refreshing) {
			result = refresh(c, cancel, &why);
			if (result != STATUS_OK && !anew && why.kind != AWS_CANCELLED && lasts(c, now, 0))
				result = STATUS_OK; /* the old ones still do */
			break;
		}
		while (c->refreshing && c->refreshes == before && !(cancel != NULL && atomic_load(cancel)))
			wait_for_other(c);
		if (cancel != NULL && atomic_load(cancel)) {
			(void)aws_error_set(&why, AWS_CANCELLED, NULL, "cancelled");
			break;
		}
		waited = true;
	}
	if (result == STATUS_OK)
		*out = c->kept;
	else if (err->kind == AWS_FINE)
		*err = why;
	pthread_mutex_unlock(&c->lock);
	return result;
}

/* ---- for the providers ---- */

status
credential_pause(const struct credential_ask *a, unsigned ms, struct aws_error *err)
{
	const struct timespec tick = { .tv_nsec = TICK_MS * 1000000L };

	for (unsigned waited = 0; waited < ms; waited += TICK_MS) {
		if (a->cancel != NULL && atomic_load(a->cancel))
			return aws_error_set(err, AWS_CANCELLED, NULL, "cancelled");
		(void)nanosleep(&tick, NULL);
	}
	return STATUS_OK;
}
