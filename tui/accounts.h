/*
 * AWS accounts and regions as the console was given them, copied for a worker that may outlive it. Clients are made from
 * them there: reading credentials may take long.
 */
#ifndef TUI_ACCOUNTS_H
#define TUI_ACCOUNTS_H

#include "aws/client.h"
#include "fixes/plan.h"
#include "model/inventory.h"

struct console;
struct accounts {
	struct aws_client_options *items; /* owned, their strings too */
	size_t len;
	char *inventory;                  /* its file; NULL: the state folder's own */
	char *bucket;                     /* of audit reports; NULL */
	const struct world *world;        /* the real one: it lives as long as the process */
};

void accounts_copy(struct accounts *out, const struct console *k, const atomic_bool *cancel);
void accounts_done(struct accounts *a);
/* A client of the i-th; NULL: *err says why, in people's words. Freed by the caller. */
struct aws_client *accounts_client(const struct accounts *a, size_t i, struct error *err);
/* The same for whoever has this CA: by the account's name, and the region in its ARN. */
struct aws_client *accounts_client_of(const struct accounts *a, const struct inventory_ca *ca, struct error *err);
/*
 * The same for where a recorded plan acts. A practice lab's plan never goes anywhere else, and no other one to a practice lab; nor one
 * of an endpoint on this machine (an emulator) to AWS, and back.
 */
struct aws_client *accounts_client_at(const struct accounts *a, const struct plan_place *place, struct error *err);

#endif
