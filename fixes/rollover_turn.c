#include "fixes/rollover_hand.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixes/deed.h"
#include "model/text.h"
#include "model/times.h"
#include "probes/rollover_look.h"

/* ---- measuring ---- */

static bool
add_key(const char *path, struct objects *to, struct error *err)
{
	struct read_options how = { .type = NULL };

	return objects_read(path, &how, to, err) == STATUS_OK;
}

/* The certificate is the document's, the key lies on the machine where it was made. */
static void
load_pass(struct rollover_hand *h)
{
	const struct rollover_pass *pass = &h->r->pass;
	struct objects keys = { .len = 0 };
	struct error err = { .code = ERROR_NONE };
	struct cert **certs = NULL;
	size_t len = 0;
	char day[TIME_TEXT_MAX];

	identity_free(h->pass);
	h->pass = NULL;
	h->no_pass = NULL;
	h->r->pass_elsewhere = false;
	if (h->r->way == ROLLOVER_SAME_KEY)
		h->no_pass = "the wire does not show it: the root's key stays";
	else if (pass->cert == NULL)
		h->no_pass = "there is no client certificate of the new root to show it yet";
	else if (pass->not_after <= h->now)
		h->no_pass = arena_printf(h->arena, "the client certificate to measure with ended on %s", time_date(pass->not_after, day));
	else if (pass->key_file == NULL || access(pass->key_file, R_OK) != 0)
		h->no_pass = arena_printf(h->arena, "the key of the client certificate to measure with lies on %s", pass->host != NULL ? pass->host : "another machine");
	if (h->no_pass == NULL && add_key(pass->key_file, &keys, &err) && rollover_certs(pass->cert, "the certificate to measure with", h->arena, &certs, &len, &err) == STATUS_OK) {
		for (size_t i = 0; i < keys.len && h->pass == NULL; i++) {
			if (keys.items[i].key != NULL && key_matches(keys.items[i].key, certs[0]))
				h->pass = identity_from("mtlscope roll-over", certs, len, keys.items[i].key);
		}
	}
	if (h->no_pass == NULL && h->pass == NULL)
		h->no_pass = arena_printf(h->arena, "the key of the client certificate to measure with cannot be used: %s", error_is_set(&err) ? err.text : "it is another's");
	h->r->pass_elsewhere = h->pass == NULL;
	for (size_t i = 0; i < len; i++)
		cert_free(certs[i]);
	objects_done(&keys);
}

status
rollover_hand_measure(struct rollover_hand *h, struct error *err)
{
	struct rollover_look how = { .config = h->config, .options = h->examine, .world = h->world, .fetch = h->fetch, .fetch_user = h->user,
		.cancel = h->cancel, .tell = h->tell, .tell_user = h->user };

	if (how.config == NULL || how.config->fleet_len == 0)
		return error_set(err, ERROR_USAGE, "roll-over", "no fleet is configured: nobody would know who still needs the old root. mtlscope fleet add, or --config FILE");
	load_pass(h);
	how.pass = h->pass;
	how.no_pass = h->no_pass;
	if (rollover_look(&how, h->r, &h->gone, err) != STATUS_OK)
		return STATUS_FAILED;
	return rollover_hand_save(h, err);
}

/* ---- beginning ---- */

status
rollover_hand_begin(struct rollover_hand *h, enum rollover_way way, struct rollover **out, struct error *err)
{
	if (h->root_arn == NULL)
		return error_set(err, ERROR_INTERNAL, "roll-over", "which root is meant is not known");
	if (rollover_hand_account(h, h->root_arn, err) != STATUS_OK || rollover_begin(&h->place, h->root_arn, way, h->now, out, err) != STATUS_OK)
		return STATUS_FAILED;
	(*out)->who = arena_strdup((*out)->arena, h->who);
	(*out)->host = arena_strdup((*out)->arena, h->host);
	return STATUS_OK;
}

/* ---- a step ---- */

struct rollover_wish
rollover_hand_wish(struct rollover_hand *h)
{
	char *state = NULL;
	struct error unimportant = { .code = ERROR_NONE };
	struct rollover_wish w = { .r = h->r, .config = h->config, .place = h->place, .host = h->host, .name = h->name, .root_days = h->root_days,
		.days = h->days, .trust_store = h->trust_store, .domain = h->domain, .bucket = h->bucket, .now = h->now };

	/* Beside our own state, wherever the document is: a key is not for a shared place. */
	if (rollover_path(h->r->id, h->changes, h->world, &state, &unimportant) == STATUS_OK)
		w.pass_key = arena_printf(h->arena, "%.*s-pass.key", (int)(strlen(state) - strlen(".json")), state);
	free(state);
	return w;
}

bool
rollover_begun_elsewhere(const struct rollover *r, const char *host)
{
	const struct rollover_done *b = &r->busy_by;

	return r->busy < ROLLOVER_STEPS && b->host != NULL && strcmp(b->host, host) != 0;
}

void
rollover_hand_is_busy(struct rollover_hand *h, enum rollover_step s, const char *confirm)
{
	/* What was typed when it was begun goes with it to its end. */
	if (confirm == NULL && h->r->busy == s)
		confirm = h->r->busy_by.confirmed;
	h->r->busy = s;
	h->r->busy_by = (struct rollover_done){ .at = h->now, .who = h->who, .host = h->host, .confirmed = confirm };
}

void
rollover_hand_keep_path(const struct rollover_hand *h, struct plan *p)
{
	char *real = realpath(h->path, NULL);

	if (plan_value(p, "rollover.document") == NULL)
		cJSON_AddStringToObject(p->values, "rollover.document", real != NULL ? real : h->path);
	free(real);
}

status
rollover_hand_result(struct rollover_hand *h, struct plan *p, enum rollover_step s, const char *confirm, struct error *err)
{
	struct rollover_done done = { .at = h->world->now_ms(h->world->self) / 1000, .plan = p->id, .who = h->who, .host = h->host,
		.confirmed = confirm != NULL || h->r->busy != s ? confirm : h->r->busy_by.confirmed };

	if (p->state == PLAN_DONE)
		return rollover_absorb(h->r, p, &done, err) == STATUS_OK ? rollover_hand_save(h, err) : STATUS_FAILED;
	h->r->busy = p->id != 0 ? s : ROLLOVER_NO_STEP;
	h->r->busy_by.plan = p->id;
	return rollover_hand_save(h, err);
}

status
rollover_hand_note(struct rollover_hand *h, enum rollover_step s, const char *confirm, struct error *err)
{
	h->r->done[s] = (struct rollover_done){ .at = h->now, .who = h->who, .host = h->host, .confirmed = confirm };
	h->r->busy = ROLLOVER_NO_STEP;
	rollover_let_go(h->r, confirm);
	return rollover_hand_save(h, err);
}

status
rollover_hand_abandon(struct rollover_hand *h, struct error *err)
{
	h->r->abandoned = true;
	h->r->ended = h->now;
	h->r->busy = ROLLOVER_NO_STEP;
	return rollover_hand_save(h, err);
}
