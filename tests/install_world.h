/*
 * What the tests of installing share: a certificate that is there, one that takes its place (with the old key or a new one), a plan that
 * knows it as `fetch` and `make-key` leave it, and clients of the lab's AWS or of moto.
 */
#ifndef TESTS_INSTALL_WORLD_H
#define TESTS_INSTALL_WORLD_H

#include <sys/types.h>

#include "fixes/plan.h"
#include "model/changes.h"
#include "tests/cloud_calls.h"
#include "tests/mortal.h"

struct install_side {
	char *cert, *chain, *fullchain, *root, *key; /* PEM */
	char *sent;                                  /* SHA-256 of fullchain, as the plan keeps it */
};
struct install_world {
	char *folder;             /* $HOME too */
	struct cloud_case cloud;  /* in this process; .cloud NULL: moto */
	char url[64];
	pid_t moto;
	struct install_side old, renewed, same_key; /* of the same CAs; same_key: with the old one's key */
	struct mortal immortal;
	struct changes *record;   /* of the immortal world */
};
/* moto where url is not the lab's: false where there is none. */
void install_world_lab(struct install_world *w);
bool install_world_moto(struct install_world *w);
void install_world_stop(struct install_world *w);
/* A new, empty record. */
void install_world_begin(struct install_world *w);

struct aws_client *install_world_client(const struct install_world *w, const struct world *world);
/* A plan in that world's record, with its client, its values and its private key; free it with install_world_free(). */
struct plan *install_world_plan(struct install_world *w, struct changes *c, const struct world *world, const char *as, bool new_key);
void install_world_free(struct plan *p);
/* A recorded one gets its client; user: the install_world. For mortal_everywhere(). */
void install_world_open(void *user, struct plan *p, const struct world *world);
/* It is applied, taken back; anything else fails the test. */
void install_world_applied(struct plan *p);
void install_world_goes_back(struct plan *p);
/* It is refused with that code, in words that hold these; then it is freed. */
void install_world_refused(struct plan *p, enum error_code code, const char *says);
/* A call of a JSON service as somebody else would make it; fails the test where it is refused. The caller's. */
cJSON *install_world_ask(const struct install_world *w, const struct aws_service *s, const char *operation, cJSON *in);

#endif
