/*
 * put-trust-store: {"arn", "bucket", "key", "old_key", "text", "was", "as"}: the load balancer's trust store becomes the bundle `text`.
 * was: bundle_hash() of the bundle that the plan was made from. Values AS.version, AS.old_version.
 *
 * The load balancer copies a bundle out of S3 and does not say where it came from. So what it has now is put beside the new one first:
 * that is the way back.
 */
#include <stdlib.h>
#include <string.h>

#include "aws/elbv2.h"
#include "fixes/deeds.h"
#include "fixes/s3_object.h"
#include "model/bundle.h"

#define STAGE "trust"

/* The bundle that is in use: its bytes, and its hash. */
static status
in_use(struct plan *p, const struct plan_step *s, const char **pem, char hash[SHA256_HEX], struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct bundle b;
	size_t len;
	status result;

	if (elbv2_trust_store_bundle(p->place.client, step_arg(s, "arn"), p->arena, pem, &len, &why) != STATUS_OK)
		return plan_failed(p, &why, "fetch the trust store's bundle", err);
	result = bundle_read(*pem, len, "the trust store's bundle", &b, err);
	bundle_hash(&b, hash);
	bundle_done(&b);
	return result;
}

static void
hash_of(const char *text, char hash[SHA256_HEX])
{
	struct error unimportant = { .code = ERROR_NONE };
	struct bundle b;

	/* Ours, or one that was read before: what cannot be read is equal to nothing in use. */
	(void)(bundle_read(text, strlen(text), "bundle", &b, &unimportant) == STATUS_OK);
	bundle_hash(&b, hash);
	bundle_done(&b);
}

static status
somebody_elses(const struct plan_step *s, const char *since, struct error *err)
{
	const char *arn = step_arg(s, "arn"), *name = strstr(arn, ":truststore/");

	return error_set(err, ERROR_NOT_DONE, STAGE, "trust store %s has been changed by somebody else since %s; it stays as it is",
	    name != NULL ? name + strlen(":truststore/") : arn, since);
}

static status
look(struct plan *p, struct plan_step *s, struct error *err)
{
	char hash[SHA256_HEX];
	const char *pem, *was = step_arg(s, "was");
	cJSON *object;

	if (in_use(p, s, &pem, hash, err) != STATUS_OK)
		return STATUS_FAILED;
	if (was == NULL || strcmp(was, hash) != 0)
		return somebody_elses(s, "the plan was made", err);
	if (s3_object_look(p, step_arg(s, "bucket"), step_arg(s, "key"), &object, err) != STATUS_OK)
		return STATUS_FAILED;
	cJSON_AddStringToObject(s->before, "bundle", pem);
	cJSON_AddItemToObject(s->before, "object", object);
	return STATUS_OK;
}

/* From one bundle to another, and until it is in use. What is in use must be one of the two. */
static status
change_to(struct plan *p, struct plan_step *s, const char *from, const char *to, const struct trust_source *source, struct error *err)
{
	char now[SHA256_HEX], old[SHA256_HEX], wanted[SHA256_HEX];
	struct aws_error why = { .kind = AWS_FINE };
	struct trust_store store;
	const char *pem;

	hash_of(from, old);
	hash_of(to, wanted);
	if (in_use(p, s, &pem, now, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strcmp(now, old) != 0 && strcmp(now, wanted) != 0)
		return somebody_elses(s, "it was looked at", err);
	if (strcmp(now, wanted) != 0 && elbv2_modify_trust_store(p->place.client, step_arg(s, "arn"), source, p->arena, &store, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "give the trust store its new bundle", err);
	if (elbv2_wait_trust_store(p->place.client, step_arg(s, "arn"), p->arena, &store, &why) != STATUS_OK)
		return plan_failed(p, &why, "wait for the trust store", err);
	if (in_use(p, s, &pem, now, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strcmp(now, wanted) != 0)
		return error_set(err, ERROR_AWS, STAGE, "the trust store is ACTIVE with %lld CAs, and they are not the ones that it was given",
		    (long long)store.certificates);
	return STATUS_OK;
}

static const char *
value_name(struct plan *p, const struct plan_step *s, const char *which)
{
	return plan_text(p, "%s.%s", step_arg(s, "as"), which);
}

static status
put_old(struct plan *p, struct plan_step *s, struct trust_source *out, struct error *err)
{
	*out = (struct trust_source){ .bucket = step_arg(s, "bucket"), .key = step_arg(s, "old_key") };
	return s3_object_put(p, s, value_name(p, s, "old_version"), out->bucket, out->key, step_before(s, "bundle"), &out->version, err);
}

static status
apply(struct plan *p, struct plan_step *s, struct error *err)
{
	struct trust_source old, fresh = { .bucket = step_arg(s, "bucket"), .key = step_arg(s, "key") };

	if (put_old(p, s, &old, err) != STATUS_OK ||
	    s3_object_put(p, s, value_name(p, s, "version"), fresh.bucket, fresh.key, step_arg(s, "text"), &fresh.version, err) != STATUS_OK)
		return STATUS_FAILED;
	return change_to(p, s, step_before(s, "bundle"), step_arg(s, "text"), &fresh, err);
}

static status
undo(struct plan *p, struct plan_step *s, struct error *err)
{
	struct trust_source old;
	const char *version, *pem;
	char now[SHA256_HEX], before[SHA256_HEX];

	hash_of(step_before(s, "bundle"), before);
	if (in_use(p, s, &pem, now, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strcmp(now, before) != 0 &&
	    (put_old(p, s, &old, err) != STATUS_OK || change_to(p, s, step_arg(s, "text"), step_before(s, "bundle"), &old, err) != STATUS_OK))
		return STATUS_FAILED;
	return s3_object_put_back(p, s, step_arg(s, "bucket"), step_arg(s, "key"), step_arg(s, "text"),
	    cJSON_GetObjectItemCaseSensitive(s->before, "object"), &version, err);
}

const struct deed deed_put_trust_store = {
	.name = "put-trust-store",
	.look = look,
	.apply = apply,
	.undo = undo,
	.aws = true,
	.back_on_failure = true,
};
