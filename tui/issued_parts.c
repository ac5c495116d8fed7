/* What the list of issued certificates and the page of one share. */
#include <string.h>

#include "model/inventory_page.h"
#include "model/memory.h"
#include "model/times.h"
#include "tui/console.h"
#include "tui/fleet.h"
#include "tui/issued.h"
#include "tui/plan_screen.h"

void
issued_renewed_of(struct issued_renewed *r, const struct config *config)
{
	*r = (struct issued_renewed){ .arena = arena_new() };
	r->len = config_renewed(config, r->arena, &r->names);
}

void
issued_renewed_done(struct issued_renewed *r)
{
	arena_free(r->arena);
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

/* Of several entries that may have it the one that showed it last, else the first. NULL: none. */
static const struct config_entry *
renewer_of(const struct console *k, const struct inventory_cert *c)
{
	const struct config *config = console_setup_of(k)->config;
	const struct config_entry *first = NULL;

	for (size_t i = 0; config != NULL && i < config->fleet_len; i++) {
		const struct config_entry *e = &config->fleet[i];
		const char *names[CONFIG_NAMES_MAX];

		if (!inventory_is_named(names, config_entry_renews(e, names), c->name, c->sans))
			continue;
		if (c->seen_at != NULL && strcmp(c->seen_at, e->name) == 0)
			return e;
		first = first != NULL ? first : e;
	}
	return first;
}

const char *
issued_no_renewal(struct console *k, const struct inventory_cert *c)
{
	static const char *const words[FATE_LEN] = {
		[FATE_VALID] = "it is not due yet",
		[FATE_REPLACED] = "a newer one is there already",
		[FATE_ACM] = "ACM renews it",
		[FATE_REVOKED] = "it is revoked",
	};
	const struct config_entry *e = renewer_of(k, c);

	if (words[c->fate] != NULL)
		return words[c->fate];
	if (e == NULL && inventory_cert_is_ca(c))
		return "it is a CA's own: mtlscope pca tree says how the CA is renewed";
	if (e == NULL)
		return "no entry of the configuration renews it: one with serves and renew does";
	return fleet_named(console_fleet(k), e->name) == NULL ? "its entry is not in this session: mtlscope renew does it" : NULL;
}

void
issued_renew(struct console *k, const struct inventory_cert *c)
{
	const struct config_entry *e = renewer_of(k, c);
	struct entry *of = e != NULL ? fleet_named(console_fleet(k), e->name) : NULL;

	if (of != NULL)
		plan_open(k, of, c->not_after < console_now_ms(k) / 1000 ? CODE_CERT_EXPIRED : CODE_CERT_EXPIRING);
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
