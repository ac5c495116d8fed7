/* What the list of issued certificates and the page of one share. */
#include <stdlib.h>
#include <string.h>

#include "model/memory.h"
#include "model/times.h"
#include "tui/console.h"
#include "tui/issued.h"

void
issued_renewed_of(struct issued_renewed *r, const struct config *config)
{
	size_t len = config != NULL ? config->fleet_len : 0;

	*r = (struct issued_renewed){ .names = mem_zero(len * CONFIG_RENEWED_NAMES + 1, sizeof *r->names) };
	for (size_t i = 0; i < len; i++)
		r->len += config_renewed_names(&config->fleet[i], &r->names[r->len]);
}

void
issued_renewed_done(struct issued_renewed *r)
{
	free(r->names);
}

enum state
issued_state(const struct inventory_cert *c, int64_t now)
{
	if (c->revoked != TIME_UNKNOWN)
		return STATE_NOTE;
	if (c->fate == FATE_ORPHAN)
		return c->not_after < now ? STATE_FAIL : STATE_WARN;
	if (c->fate == FATE_RENEWABLE)
		return STATE_WARN;
	return c->not_after < now ? STATE_NOTE : STATE_OK;
}

const char *
issued_fate(const struct inventory_cert *c)
{
	static const char *const words[] = {
		[FATE_VALID] = "not due",
		[FATE_REPLACED] = "replaced",
		[FATE_ACM] = "ACM",
		[FATE_REVOKED] = "revoked",
		[FATE_RENEWABLE] = "mtlscope renew",
		[FATE_ORPHAN] = "NOBODY",
		[FATE_EXPIRED] = "ended long ago",
	};

	return c->fate == FATE_REPLACED && c->by_subject_only ? "replaced, by subject" : words[c->fate];
}

void
issued_go_to_endpoint(struct console *k, const char *seen_at)
{
	struct entry *e = seen_at != NULL ? fleet_named(console_fleet(k), seen_at) : NULL;

	if (seen_at == NULL)
		console_say(k, ROLE_DIM, "no probe of this inventory has seen it: r on an endpoint that shows it tells");
	else if (e == NULL)
		console_say(k, ROLE_WARN, "it was seen at %s, which is not in this fleet: a adds it", seen_at);
	else
		console_push(k, &endpoint_view, e);
}
