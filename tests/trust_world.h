/* A practice lab's AWS, a client of it, and CAs to trust: for the tests of plans that change trust stores. */
#ifndef TESTS_TRUST_WORLD_H
#define TESTS_TRUST_WORLD_H

#include "fixes/plan.h"
#include "tests/aws_lab.h"
#include "tests/aws_service.h"
#include "tests/made.h"
#include "tests/mortal.h"

struct trust_world {
	struct aws_lab lab;
	struct aws_service_test t;      /* its client has waited as soon as it begins to wait */
	char *home;                     /* the record's */
	struct mortal world;
	struct changes *record;
	struct made old_root, new_root, issuing;
	char *old_pem, *new_pem, *both; /* both: old, then new */
	char said[1024];                /* of trust_world_ask() */
};

void trust_world_start(struct trust_world *w);
void trust_world_stop(struct trust_world *w);
/* Another client of the same lab: with the clock of a world that kills, for mortal_everywhere(). Of one process at a time. */
struct aws_client *trust_world_mortal(const struct trust_world *w, const struct world *clock);
/* A recorded plan gets such a client; user: the trust_world. */
void trust_world_open(void *user, struct plan *p, const struct world *clock);
/* Waiting takes this client no time any more. */
void trust_hurry(struct aws_service_test *t);
/* A plan there, with the world's record. */
struct plan *trust_world_plan(struct trust_world *w);

/* A request past HTTP that must succeed; its text is in w->said, or of what XML element or member of JSON is named, or all (NULL). */
const char *trust_world_elb(struct trust_world *w, const char *element, const char *operation, const char *form, ...) PRINTF_LIKE(4, 5);
const char *trust_world_gateway(struct trust_world *w, const char *member, const char *method, const char *path, const char *body);
/* A bucket; versioned or not. */
void trust_world_bucket(struct trust_world *w, const char *name, bool versioned);
/* Puts it; its version, "" where there is none, in the client's arena. */
const char *trust_world_put(struct trust_world *w, const char *bucket, const char *key, const char *text);
/* The newest object's text; NULL: there is none. In the client's arena. */
const char *trust_world_get(struct trust_world *w, const char *bucket, const char *key, const char *version);

void trust_must(status result, const struct error *err);
/* Applies it; then frees it, and another run, from the record, takes it back. */
void trust_apply(struct plan *p);
void trust_back(struct trust_world *w, int64_t id);
/* Some note (or after) holds this. */
bool trust_says(const char *const *texts, size_t len, const char *part);

#endif
