/* The trust store of a load balancer: its bundle fetched, changed, judged by what load balancing takes, and the listeners it affects. */
#include <stdlib.h>
#include <string.h>

#include "aws/elbv2.h"
#include "aws/s3.h"
#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/trust_parts.h"

#define STAGE "trust"

struct store {
	const char *arn, *name;      /* name: printable */
	const char *pem;             /* what is in use */
	size_t pem_len;
	struct bundle bundle;        /* of it, then as it will be */
	size_t before;               /* CAs */
	char was[SHA256_HEX];
	bool advertised;             /* a listener sends the CAs' names to clients */
	bool versioned;              /* the bucket keeps versions */
	const char *key, *old_key;
};

static status
asked(struct plan *p, status result, const struct aws_error *why, const char *doing, struct error *err)
{
	return result == STATUS_OK ? STATUS_OK : plan_failed(p, why, doing, err);
}

static status
find_store(struct plan *p, const struct trust_wish *w, struct store *st, struct error *err)
{
	bool by_arn = strncmp(w->where, "arn:", 4) == 0;
	struct aws_error why = { .kind = AWS_FINE };
	struct trust_store *found;
	size_t len;

	if (asked(p, elbv2_trust_stores(p->place.client, by_arn ? w->where : NULL, by_arn ? NULL : w->where, p->arena, &found, &len, &why), &why,
	    "look for the trust store", err) != STATUS_OK)
		return STATUS_FAILED;
	if (len != 1 || found[0].arn == NULL)
		return error_set(err, ERROR_INPUT, STAGE, "there is no trust store %s here", plan_shown(p, w->where));
	st->arn = found[0].arn;
	st->name = plan_shown(p, found[0].name != NULL ? found[0].name : w->where);
	return asked(p, elbv2_trust_store_bundle(p->place.client, st->arn, p->arena, &st->pem, &st->pem_len, &why), &why, "fetch the trust store's bundle",
	    err);
}

/* ---- whom it affects ---- */

/* "app/payments/50dc6c495c0c9188": its middle. */
static const char *
balancer_name(struct plan *p, const char *arn)
{
	const char *at = arn != NULL ? strrchr(arn, ':') : NULL, *slash = at != NULL ? strchr(at, '/') : NULL;

	slash = slash != NULL ? strchr(slash + 1, '/') : NULL;
	return slash == NULL ? plan_shown(p, arn != NULL ? arn : "?") : plan_shown(p, plan_text(p, "%.*s", (int)strcspn(slash + 1, "/"), slash + 1));
}

static void
reach_listener(struct plan *p, struct store *st, const struct listener *l)
{
	bool advertised = l->mutual.advertise != NULL && strcmp(l->mutual.advertise, "on") == 0;

	st->advertised = st->advertised || advertised;
	plan_reaches(p, "port %lld of load balancer “%s”, which judges clients by trust store “%s”%s", (long long)l->port, balancer_name(p, l->load_balancer),
	    st->name, advertised ? " and tells them its CAs' names" : "");
}

/* An association names a load balancer, or a listener: both are taken. */
static status
reach_user(struct plan *p, struct store *st, const char *arn, struct error *err)
{
	bool is_listener = strstr(arn, ":listener/") != NULL;
	struct aws_error why = { .kind = AWS_FINE };
	struct listener *listeners;
	size_t len;

	if (asked(p, elbv2_listeners(p->place.client, is_listener ? NULL : arn, is_listener ? arn : NULL, p->arena, &listeners, &len, &why), &why,
	    "look at the listeners that use the trust store", err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++) {
		if (listeners[i].mutual.trust_store != NULL && strcmp(listeners[i].mutual.trust_store, st->arn) == 0)
			reach_listener(p, st, &listeners[i]);
	}
	return STATUS_OK;
}

static status
reach_users(struct plan *p, struct store *st, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	const char **users;
	size_t len, before = p->reach_len;

	if (asked(p, elbv2_trust_store_users(p->place.client, st->arn, p->arena, &users, &len, &why), &why, "ask who uses the trust store", err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < len; i++) {
		if (reach_user(p, st, users[i], err) != STATUS_OK)
			return STATUS_FAILED;
	}
	trust_reached(p, p->reach_len > before);
	if (p->reach_len == before)
		plan_reaches(p, "trust store “%s”. UNKNOWN: whether anything reads it; no listener uses it now", st->name);
	return STATUS_OK;
}

/* ---- where the new bundle goes ---- */

static status
look_at_bucket(struct plan *p, const struct trust_wish *w, struct store *st, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	const char *token = plan_token(p);

	if (w->bucket == NULL)
		return error_set(err, ERROR_USAGE, STAGE, "a load balancer takes its bundle out of S3 and does not tell from where: name a bucket for the new one");
	if (asked(p, s3_head_bucket(p->place.client, w->bucket, NULL, &why), &why, "look at the bucket for the new bundle", err) != STATUS_OK)
		return STATUS_FAILED;
	st->versioned = trust_versioned(p, w->bucket);
	st->key = w->key != NULL ? w->key : plan_text(p, "mtlscope/%s-%.8s.pem", st->name, token);
	st->old_key = plan_text(p, "mtlscope/%s-%.8s-before.pem", st->name, token);
	return STATUS_OK;
}

/* ---- the step ---- */

static cJSON *
args_of(struct plan *p, const struct trust_wish *w, const struct store *st)
{
	cJSON *args = cJSON_CreateObject();

	cJSON_AddStringToObject(args, "arn", st->arn);
	cJSON_AddStringToObject(args, "bucket", w->bucket);
	cJSON_AddStringToObject(args, "key", st->key);
	cJSON_AddStringToObject(args, "old_key", st->old_key);
	cJSON_AddStringToObject(args, "text", trust_text(p, &st->bundle));
	cJSON_AddStringToObject(args, "was", st->was);
	cJSON_AddStringToObject(args, "as", plan_text(p, "trust%zu", p->len + 1));
	return args;
}

static const char *
modify_line(struct plan *p, const struct trust_wish *w, const struct store *st)
{
	struct aws_line l;

	aws_line_begin(&l, &p->place, NULL, "elbv2 modify-trust-store");
	aws_line_option(&l, "--trust-store-arn", st->arn);
	aws_line_option(&l, "--ca-certificates-bundle-s3-bucket", w->bucket);
	aws_line_option(&l, "--ca-certificates-bundle-s3-key", st->key);
	if (st->versioned)
		aws_line_raw(&l, "--ca-certificates-bundle-s3-object-version", "\"$VERSION\"");
	return aws_line_end(&l, p, NULL);
}

static const char *
command_of(struct plan *p, const struct trust_wish *w, const struct store *st)
{
	const char *old = plan_word(p, plan_text(p, "%s-before.pem", st->name)), *fresh = plan_word(p, plan_text(p, "%s.pem", st->name));
	const char *location;
	struct aws_line l;

	aws_line_begin(&l, &p->place, "LOCATION", "elbv2 get-trust-store-ca-certificates-bundle");
	aws_line_option(&l, "--trust-store-arn", st->arn);
	aws_line_query(&l, "Location");
	location = aws_line_end(&l, p, NULL);
	return plan_text(p, "%s%s &&\ncurl -fsS -o %s \"$LOCATION\" &&\n%s &&\n%s %s%s >%s &&\n%s &&\n%s", trust_files_comment(p, w), location, old,
	    trust_put_line(p, NULL, w->bucket, st->old_key, plan_text(p, "%s-before.pem", st->name)), trust_filter(p, w), old, trust_added_files(p, w), fresh,
	    trust_put_line(p, st->versioned ? "VERSION" : NULL, w->bucket, st->key, plan_text(p, "%s.pem", st->name)), modify_line(p, w, st));
}

static void
add_step(struct plan *p, const struct trust_wish *w, const struct store *st)
{
	const char *old = plan_text(p, "s3://%s/%s", plan_shown(p, w->bucket), plan_shown(p, st->old_key));
	struct plan_step *s = plan_add_deed(p, &deed_put_trust_store, args_of(p, w, st));

	s->what = trust_order(p, w, plan_text(p, "the trust store “%s”", st->name));
	s->reads = plan_text(p, "the bundle that is in use, %zu CA%s", st->before, st->before == 1 ? "" : "s");
	s->changes = plan_text(p, "trust store “%s”: %zu CA%s instead of %zu, from s3://%s/%s; the old bundle is kept as %s", st->name, st->bundle.len,
	    st->bundle.len == 1 ? "" : "s", st->before, plan_shown(p, w->bucket), plan_shown(p, st->key), old);
	s->call = "s3 PutObject (twice), elasticloadbalancing ModifyTrustStore";
	s->command = command_of(p, w, st);
	s->undo = plan_text(p, "ModifyTrustStore with the old bundle, %s", old);
}

static status
make(struct plan *p, const struct trust_wish *w, struct store *st, struct error *err)
{
	if (bundle_read(st->pem, st->pem_len, plan_text(p, "the bundle of trust store “%s”", st->name), &st->bundle, err) != STATUS_OK)
		return STATUS_FAILED;
	bundle_hash(&st->bundle, st->was);
	st->before = st->bundle.len;
	if (!trust_do(w, &st->bundle)) {
		trust_as_wished(p, w, plan_text(p, "trust store “%s”", st->name));
		return STATUS_OK;
	}
	if (reach_users(p, st, err) != STATUS_OK || trust_limits(w, &st->bundle, &bundle_of_alb, st->advertised, err) != STATUS_OK ||
	    look_at_bucket(p, w, st, err) != STATUS_OK)
		return STATUS_FAILED;
	trust_notes(p, w);
	add_step(p, w, st);
	return STATUS_OK;
}

status
trust_alb_steps(struct plan *p, const struct trust_wish *w, struct error *err)
{
	struct store st = { .arn = NULL };
	status result = find_store(p, w, &st, err);

	if (result == STATUS_OK)
		result = make(p, w, &st, err);
	bundle_done(&st.bundle);
	return result;
}
