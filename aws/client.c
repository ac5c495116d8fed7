#include "aws/client.h"

#include <openssl/crypto.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/answer.h"
#include "aws/client_internal.h"
#include "aws/lab_key.h"
#include "model/limits.h"
#include "model/memory.h"
#include "model/text.h"

enum { SLICE_MS = 50 }; /* a wait looks so often whether it was cancelled */

/* ---- one account and region ---- */

static char *
copy(const char *text)
{
	return text != NULL ? mem_strdup(text) : NULL;
}

/* "account prod, profile prod-admin, us-east-1, 127.0.0.1:4566": what distinguishes it, and the place if it is not AWS. */
static char *
say_where(const struct aws_client *c, const struct aws_endpoint *e)
{
	struct buf raw = { 0 }, safe = { 0 };

	if (c->name != NULL && (c->profile == NULL || strcmp(c->name, c->profile) != 0))
		buf_addf(&raw, "account %s, ", c->name);
	if (c->profile != NULL)
		buf_addf(&raw, "profile %s, ", c->profile);
	buf_adds(&raw, c->region);
	if (e->configured)
		buf_addf(&raw, ", %s", e->host);
	text_safe(&safe, text_of(raw.data), TEXT_MAX_DEFAULT);
	buf_done(&raw);
	return safe.data;
}

/* The key that stands somewhere as it is; one that a role or a portal gives is not known before it is asked. */
static bool
has_lab_key(const struct aws_client *c, bool explicit_profile)
{
	const char *key = explicit_profile ? NULL : c->world->env(c->world->self, "AWS_ACCESS_KEY_ID");

	if (key == NULL || key[0] == '\0')
		key = aws_profile_get(c->profiles, c->place.profile, "aws_access_key_id");
	return key != NULL && strlen(key) > 4 && strncmp(key + 4, LAB_KEY_MARK, strlen(LAB_KEY_MARK)) == 0;
}

static status
settle(struct aws_client *c, const struct aws_client_options *o, struct aws_error *err)
{
	struct aws_endpoint e;
	bool is_named;
	const char *profile = aws_profile_in_force(c->world, o->profile, &is_named);

	if (aws_profiles_read(c->world, &c->profiles, err) != STATUS_OK)
		return STATUS_FAILED;
	if (is_named && strcmp(profile, "default") != 0 && !aws_profile_exists(c->profiles, profile))
		return aws_error_set(err, AWS_LOCAL, NULL, "there is no profile “%.64s” in %s or %s", profile,
		    aws_profile_file_name(c->profiles, AWS_FILE_CONFIG), aws_profile_file_name(c->profiles, AWS_FILE_CREDENTIALS));
	c->profile = is_named ? mem_strdup(profile) : NULL;
	c->place = (struct aws_place){ .world = c->world, .profiles = c->profiles, .profile = is_named ? c->profile : "default",
		.region = c->region, .endpoint_url = c->endpoint_url };
	if (aws_region_find(c->world, c->profiles, c->place.profile, o->region, c->region, err) != STATUS_OK ||
	    aws_endpoint_find(&c->place, &aws_acm_pca, NULL, &e, err) != STATUS_OK)
		return STATUS_FAILED;
	c->is_local = e.loopback;
	c->is_lab = e.loopback && has_lab_key(c, o->profile != NULL);
	c->endpoint = e.configured ? mem_strdup(e.host) : NULL;
	c->where = say_where(c, &e);
	c->ca_bundle = aws_ca_bundle(c->world, c->profiles, c->place.profile);
	c->attempts = aws_retry_attempts(c->world, c->profiles, c->place.profile);
	c->chain = aws_credential_chain_new(c->profiles, c->place.profile, o->profile != NULL, c->region, c->endpoint_url, c->world);
	return STATUS_OK;
}

status
aws_client_new(const struct aws_client_options *o, struct aws_client **out, struct aws_error *err)
{
	struct aws_client *c = mem_zero(1, sizeof *c);

	*out = NULL;
	c->world = o->world;
	c->cancel = o->cancel;
	c->name = copy(o->name);
	c->endpoint_url = copy(o->endpoint_url);
	aws_retry_init(&c->retry);
	if (settle(c, o, err) != STATUS_OK) {
		aws_client_free(c);
		return STATUS_FAILED;
	}
	*out = c;
	return STATUS_OK;
}

void
aws_client_free(struct aws_client *c)
{
	if (c == NULL)
		return;
	aws_credential_chain_free(c->chain);
	aws_profiles_free(c->profiles);
	aws_retry_done(&c->retry);
	free(c->name);
	free(c->profile);
	free(c->endpoint_url);
	free(c->where);
	free(c->endpoint);
	free(c);
}

const char *
aws_client_name(const struct aws_client *c)
{
	return c->name != NULL ? c->name : c->place.profile;
}

const char *
aws_client_profile(const struct aws_client *c)
{
	return c->profile;
}

const char *
aws_client_region(const struct aws_client *c)
{
	return c->region;
}

const char *
aws_client_where(const struct aws_client *c)
{
	return c->where;
}

bool
aws_client_is_lab(const struct aws_client *c)
{
	return c->is_lab;
}

bool
aws_client_is_local(const struct aws_client *c)
{
	return c->is_local;
}

const char *
aws_client_endpoint(const struct aws_client *c)
{
	return c->endpoint;
}

const char *
aws_client_partition(const struct aws_client *c)
{
	return aws_partition(c->region);
}

void
aws_client_token(struct aws_client *c, char out[33])
{
	unsigned char random[16];

	c->world->random(c->world->self, random, sizeof random);
	for (size_t i = 0; i < sizeof random; i++)
		snprintf(out + 2 * i, 3, "%02x", random[i]);
}

status
aws_client_wait(struct aws_client *c, unsigned ms, struct aws_error *err)
{
	uint64_t until = c->world->ticks_us(c->world->self) + (uint64_t)ms * 1000;

	for (;;) {
		uint64_t now = c->world->ticks_us(c->world->self);

		if (c->cancel != NULL && atomic_load(c->cancel))
			return aws_error_set(err, AWS_CANCELLED, NULL, "cancelled");
		if (now >= until)
			return STATUS_OK;
		poll(NULL, 0, until - now > SLICE_MS * 1000 ? SLICE_MS : (int)((until - now) / 1000) + 1);
	}
}

status
aws_client_wait_change(struct aws_client *c, unsigned tries, struct aws_error *err)
{
	unsigned ms = tries > 5 ? LIMIT_AWS_CHANGE_PAUSE_MS : 250u << (tries - (tries > 0));

	if (tries == 0)
		return STATUS_OK;
	return aws_client_wait(c, ms < LIMIT_AWS_CHANGE_PAUSE_MS ? ms : LIMIT_AWS_CHANGE_PAUSE_MS, err);
}

/* ---- JSON ---- */

status
aws_call_json(struct aws_client *c, const struct aws_service *s, const char *operation, cJSON *in, cJSON **out, struct aws_error *err)
{
	char *body = in != NULL ? cJSON_PrintUnformatted(in) : mem_strdup("{}");
	struct aws_http_answer answer = { .status = 0 };
	cJSON *got = NULL;
	status result = STATUS_FAILED;

	aws_json_forget(in);
	if (out != NULL)
		*out = NULL;
	if (body == NULL)
		return aws_error_set(err, AWS_LOCAL, NULL, "no memory for the request");
	if (aws_call(c, &(struct aws_call){ .service = s, .operation = operation, .body = body, .body_len = strlen(body) }, &answer, err) ==
	    STATUS_OK) {
		bool fresh = err == NULL || err->kind == AWS_FINE;

		result = aws_answer_json(&answer, &got, err);
		if (result != STATUS_OK && fresh && err != NULL) {
			err->http_status = answer.status;
			snprintf(err->operation, sizeof err->operation, "%s %s", s->prefix, operation);
		}
	}
	if (out != NULL)
		*out = got;
	else
		aws_json_forget(got);
	aws_http_answer_done(&answer);
	OPENSSL_cleanse(body, strlen(body)); /* secrets go this way too */
	free(body);
	return result;
}
