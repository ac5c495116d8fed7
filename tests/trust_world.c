#include "tests/trust_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/s3.h"
#include "fixes/plan_store.h"
#include "tests/aws_world.h"
#include "tests/program.h"

/* Ten seconds pass whenever it is asked: whoever waits for AWS has waited. */
static uint64_t
hurried(void *self)
{
	static uint64_t now = 1;

	(void)self;
	return now += 10u * 1000000u;
}

void
trust_hurry(struct aws_service_test *t)
{
	t->world->world.ticks_us = hurried;
}

/* That of the certificates: plans say of each whether it has expired. */
static int64_t
made_now_ms(void *self)
{
	(void)self;
	return MADE_NOW * 1000;
}

static const char *access_key, *secret;

static const char *
keys_only(void *self, const char *name)
{
	(void)self;
	if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0)
		return access_key;
	return strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0 ? secret : NULL;
}

struct aws_client *
trust_world_mortal(const struct trust_world *w, const struct world *clock)
{
	static struct world world;
	struct aws_client_options o = { .region = "us-east-1", .endpoint_url = cloud_url(w->lab.cloud), .world = &world };
	struct aws_error err = { .kind = AWS_FINE };
	struct aws_client *c;

	world = *clock;
	world.ticks_us = hurried;
	world.env = keys_only;
	access_key = cloud_access_key(w->lab.cloud);
	secret = cloud_secret(w->lab.cloud);
	if (aws_client_new(&o, &c, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return c;
}

void
trust_world_open(void *user, struct plan *p, const struct world *clock)
{
	p->place.client = trust_world_mortal(user, clock);
}

static char *
pem_of(const struct made *m)
{
	struct buf b = { 0 };

	cert_pem(m->cert, &b);
	return b.data;
}

void
trust_world_start(struct trust_world *w)
{
	struct buf both = { 0 };

	*w = (struct trust_world){ .lab = { .now = MADE_NOW }, .home = make_folder() };
	aws_lab_start(&w->lab);
	service_as(&w->t, cloud_url(w->lab.cloud), cloud_access_key(w->lab.cloud), cloud_secret(w->lab.cloud));
	trust_hurry(&w->t);
	mortal_init(&w->world, w->home, -1);
	w->world.world.now_ms = made_now_ms;
	w->record = mortal_record(&w->world);
	w->old_root = made_ca("Old Root", NULL);
	w->new_root = made_ca("New Root", NULL);
	w->issuing = made_ca("New Issuing", &w->new_root);
	w->old_pem = pem_of(&w->old_root);
	w->new_pem = pem_of(&w->new_root);
	buf_addf(&both, "%s%s", w->old_pem, w->new_pem);
	w->both = both.data;
}

void
trust_world_stop(struct trust_world *w)
{
	changes_close(w->record);
	service_stop(&w->t);
	aws_lab_stop(&w->lab);
	remove_folder(w->home);
	made_free(&w->issuing);
	made_free(&w->old_root);
	made_free(&w->new_root);
	free(w->old_pem);
	free(w->new_pem);
	free(w->both);
}

struct plan *
trust_world_plan(struct trust_world *w)
{
	struct plan *p = plan_new(&(struct plan_place){ .client = w->t.client }, "who may come in");

	w->t.world->random++; /* keys of objects are made of it */
	p->kind = "fix";
	p->record = w->record;
	p->world = &w->world.world;
	return p;
}

static void
take(struct trust_world *w, const char *text, const char *from, const char *until)
{
	const char *at = from[0] != '\0' ? strstr(text, from) : text;

	if (at == NULL)
		fail_msg("no %s in %s", from, text);
	at += strlen(from);
	snprintf(w->said, sizeof w->said, "%.*s", until != NULL ? (int)strcspn(at, until) : (int)sizeof w->said - 1, at);
}

const char *
trust_world_elb(struct trust_world *w, const char *element, const char *operation, const char *form, ...)
{
	const struct aws_answer *a;
	char body[2048], tag[64];
	va_list ap;

	va_start(ap, form);
	vsnprintf(body, sizeof body, form, ap);
	va_end(ap);
	a = aws_ask(&w->lab, &(struct aws_ask){ .service = &cloud_elbv2, .operation = operation, .body = body });
	if (a->code[0] != '\0')
		fail_msg("%s: %s", operation, a->text);
	snprintf(tag, sizeof tag, "%s%s%s", element != NULL ? "<" : "", element != NULL ? element : "", element != NULL ? ">" : "");
	take(w, a->text, tag, element != NULL ? "<" : NULL);
	return w->said;
}

const char *
trust_world_gateway(struct trust_world *w, const char *member, const char *method, const char *path, const char *body)
{
	const struct aws_answer *a = aws_ask(&w->lab, &(struct aws_ask){ .service = &cloud_apigateway, .method = method, .path = path, .body = body });

	if (a->code[0] != '\0')
		fail_msg("%s %s: %s", method, path, a->text);
	snprintf(w->said, sizeof w->said, "%s", member != NULL ? aws_text(a, member) : a->text);
	return w->said;
}

void
trust_world_bucket(struct trust_world *w, const char *name, bool versioned)
{
	char path[128];

	snprintf(path, sizeof path, "/%s", name);
	assert_string_equal(aws_ask(&w->lab, &(struct aws_ask){ .service = &cloud_s3, .method = "PUT", .path = path })->code, "");
	if (versioned)
		assert_string_equal(aws_ask(&w->lab, &(struct aws_ask){ .service = &cloud_s3, .method = "PUT", .path = path, .query = "versioning",
		    .body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>" })->code, "");
}

const char *
trust_world_put(struct trust_world *w, const char *bucket, const char *key, const char *text)
{
	struct aws_error err = { .kind = AWS_FINE };
	struct s3_stored stored;

	if (s3_put(w->t.client, bucket, key, text, strlen(text), NULL, w->t.arena, &stored, &err) != STATUS_OK)
		fail_msg("%s", err.message);
	return stored.version != NULL ? stored.version : "";
}

const char *
trust_world_get(struct trust_world *w, const char *bucket, const char *key, const char *version)
{
	struct aws_error err = { .kind = AWS_FINE };
	const unsigned char *bytes;
	size_t len;

	if (s3_get(w->t.client, bucket, key, version, 0, w->t.arena, &bytes, &len, NULL, &err) == STATUS_OK)
		return (const char *)bytes;
	if (err.kind != AWS_NOT_FOUND)
		fail_msg("%s", err.message);
	return NULL;
}

void
trust_must(status result, const struct error *err)
{
	if (result != STATUS_OK)
		fail_msg("%s", err->text);
}

void
trust_apply(struct plan *p)
{
	struct error err = { .code = ERROR_NONE };

	trust_must(plan_apply(p, NULL, &err), &err);
	assert_int_equal(p->state, PLAN_DONE);
	changes_unlock(p->record);
}

void
trust_back(struct trust_world *w, int64_t id)
{
	struct error err = { .code = ERROR_NONE };
	struct plan *p;

	trust_must(plan_recorded(w->record, id, &w->world.world, &p, &err), &err);
	assert_true(plan_can_go_back(p) && plan_wants_aws(p, true));
	p->place.client = w->t.client;
	trust_must(plan_go_back(p, NULL, &err), &err);
	changes_unlock(w->record);
	plan_free(p);
}

bool
trust_says(const char *const *texts, size_t len, const char *part)
{
	for (size_t i = 0; i < len; i++) {
		if (strstr(texts[i], part) != NULL)
			return true;
	}
	return false;
}
