/* The document of a roll-over: how it begins, and what plans that were applied or undone mean for it. */
#include <stdlib.h>
#include <string.h>

#include "aws/pca.h"
#include "fixes/deed.h"
#include "fixes/pca_create.h"
#include "fixes/prices.h"
#include "fixes/rollover_parts.h"
#include "model/text.h"
#include "model/times.h"

/* ---- the beginning ---- */

static const char *
printable(struct arena *a, const char *outside)
{
	return text_safe_arena(a, text_of(outside), 0, NULL);
}

static const char *
name_of(struct arena *a, const struct cert *c)
{
	return c->subject.common_name[0] != '\0' ? printable(a, c->subject.common_name) : printable(a, c->subject.safe);
}

static status
failed(const struct plan_place *place, const struct aws_error *why, const char *doing, struct error *err)
{
	return aws_error_say(why, doing, aws_client_where(place->client), err);
}

/* A CA with its certificate; *cert is the caller's reference, or NULL where `cert` is. */
static status
read_ca(const struct plan_place *place, const char *arn, struct arena *a, struct rollover_ca *out, struct cert **cert, struct error *err)
{
	struct pca_certificate got = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	struct cert **certs;
	size_t len;

	if (pca_get_ca_certificate(place->client, arn, a, &got, &why) != STATUS_OK)
		return failed(place, &why, "look at the CA's certificate", err);
	if (rollover_certs(got.pem, "AWS's certificate of the CA", a, &certs, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	*out = (struct rollover_ca){ .arn = arena_strdup(a, arn), .name = name_of(a, certs[0]), .pem = got.pem, .not_after = certs[0]->not_after };
	for (size_t i = cert != NULL ? 1 : 0; i < len; i++)
		cert_free(certs[i]);
	if (cert != NULL)
		*cert = certs[0];
	return STATUS_OK;
}

/* AWS's word. What has ended is nothing to go on with: whoever hangs on it fails already. */
static bool
has_certificate(const struct pca_ca *ca)
{
	return strcmp(ca->status, "ACTIVE") == 0 || strcmp(ca->status, "DISABLED") == 0;
}

static status
find_children(const struct plan_place *place, struct rollover *r, const struct cert *root, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_ca *cas = NULL;
	size_t len = 0;

	if (pca_list_cas(place->client, NULL, r->arena, &cas, &len, &why) != STATUS_OK)
		return failed(place, &why, "list the CAs", err);
	r->children = arena_array(r->arena, ROLLOVER_CHILDREN_MOST, sizeof *r->children);
	for (size_t i = 0; i < len && r->children_len < ROLLOVER_CHILDREN_MOST; i++) {
		struct rollover_child *c = &r->children[r->children_len];
		struct cert *cert = NULL;

		if (strcmp(cas[i].type, "SUBORDINATE") != 0 || !has_certificate(&cas[i]))
			continue;
		if (read_ca(place, cas[i].arn, r->arena, &c->old, &cert, err) != STATUS_OK)
			return STATUS_FAILED;
		if (cert_could_issue(root, cert) && cert_signed_by(cert, root, NULL)) {
			c->twin = (struct rollover_ca){ .not_after = TIME_UNKNOWN };
			r->children_len++;
		}
		cert_free(cert);
	}
	return STATUS_OK;
}

status
rollover_begin(const struct plan_place *place, const char *root_arn, enum rollover_way way, int64_t now, struct rollover **out, struct error *err)
{
	struct rollover *r = rollover_new();
	struct cert *root = NULL;
	status result = read_ca(place, root_arn, r->arena, &r->old_root, &root, err);

	r->id = rollover_id(root_arn, r->arena);
	r->way = way;
	r->began = now;
	if (result == STATUS_OK && !root->self_signed)
		result = error_set(err, ERROR_USAGE, "roll-over", "“%s” is no root: a CA below one is renewed (mtlscope pca activate), a root is rolled over", r->old_root.name);
	if (result == STATUS_OK)
		result = find_children(place, r, root, err);
	cert_free(root);
	if (result == STATUS_OK)
		*out = r;
	else
		rollover_free(r);
	return result;
}

/* ---- what a plan has made ---- */

static const char *
kept(struct rollover *r, const struct plan *p, const char *name)
{
	const char *value = plan_value(p, name);

	return value != NULL ? arena_strdup(r->arena, value) : NULL;
}

/* The CA that a plan of fixes/pca_create.h made: its first step gives the ARN. */
static status
made_ca(struct rollover *r, const struct plan *p, struct rollover_ca *out, struct error *err)
{
	const char *arn = p->len > 0 ? p->steps[0].gave : NULL;

	if (arn == NULL)
		return error_set(err, ERROR_INTERNAL, "roll-over", "the plan made no CA");
	return read_ca(&p->place, arn, r->arena, out, NULL, err);
}

/* An issued certificate as a CA's: AS.cert, AS.arn. */
static status
issued_ca(struct rollover *r, const struct plan *p, const char *as, const char *name, struct rollover_ca *out, struct error *err)
{
	const char *pem = kept(r, p, arena_printf(r->arena, "%s.cert", as));
	struct cert **certs;
	size_t len;

	if (pem == NULL)
		return STATUS_OK; /* not of this plan */
	if (rollover_certs(pem, "the certificate that was issued", r->arena, &certs, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	*out = (struct rollover_ca){ .arn = kept(r, p, arena_printf(r->arena, "%s.arn", as)), .name = name, .pem = pem, .not_after = certs[0]->not_after };
	for (size_t i = 0; i < len; i++)
		cert_free(certs[i]);
	return STATUS_OK;
}

static status
absorb_root(struct rollover *r, const struct plan *p, struct error *err)
{
	if (r->way != ROLLOVER_SAME_KEY)
		return made_ca(r, p, &r->new_root, err);
	if (issued_ca(r, p, "root", r->old_root.name, &r->new_root, err) != STATUS_OK)
		return STATUS_FAILED;
	r->new_root.arn = r->old_root.arn;
	return STATUS_OK;
}

static status
absorb_issuing(struct rollover *r, const struct plan *p, struct error *err)
{
	const char *child = plan_value(p, "rollover.child");

	for (size_t i = 0; i < r->children_len; i++) {
		struct rollover_child *c = &r->children[i];
		status result = STATUS_OK;

		if (r->way == ROLLOVER_CROSS)
			result = issued_ca(r, p, arena_printf(r->arena, "cross%zu", i), c->old.name, &c->twin, err);
		else if (child != NULL && strcmp(child, c->old.arn) == 0)
			result = made_ca(r, p, &c->twin, err);
		if (result != STATUS_OK)
			return STATUS_FAILED;
	}
	return STATUS_OK;
}

static status
absorb_pass(struct rollover *r, const struct plan *p, const struct rollover_done *done, struct error *err)
{
	struct rollover_ca ca = { .pem = NULL };

	if (issued_ca(r, p, "pass", NULL, &ca, err) != STATUS_OK)
		return STATUS_FAILED;
	r->pass = (struct rollover_pass){ .cert = kept(r, p, "pass.fullchain"), .key_file = kept(r, p, "rollover.pass_key"),
		.host = done->host != NULL ? arena_strdup(r->arena, done->host) : NULL, .not_after = ca.not_after };
	return STATUS_OK;
}

static struct rollover_done
copied(struct rollover *r, const struct rollover_done *d)
{
	return (struct rollover_done){ .at = d->at, .plan = d->plan, .who = d->who != NULL ? arena_strdup(r->arena, d->who) : NULL,
		.host = d->host != NULL ? arena_strdup(r->arena, d->host) : NULL, .confirmed = d->confirmed != NULL ? arena_strdup(r->arena, d->confirmed) : NULL };
}

status
rollover_absorb(struct rollover *r, struct plan *p, const struct rollover_done *done, struct error *err)
{
	enum rollover_step s;
	status result = STATUS_OK;

	if (rollover_of_plan(p, &s) == NULL || s == ROLLOVER_NO_STEP)
		return STATUS_OK;
	if (s == ROLLOVER_MAKE_ROOT)
		result = absorb_root(r, p, err);
	else if (s == ROLLOVER_MAKE_ISSUING)
		result = absorb_issuing(r, p, err);
	else if (s == ROLLOVER_MEASURE)
		result = absorb_pass(r, p, done, err);
	if (result != STATUS_OK)
		return STATUS_FAILED;
	r->done[s] = copied(r, done);
	r->busy = ROLLOVER_NO_STEP;
	rollover_let_go(r, done->confirmed);
	if (p->id != 0 && done->host != NULL)
		rollover_add_plan(r, p->id, done->host, s);
	return STATUS_OK;
}

/* Did this plan make what takes the place of the n-th CA? A step may have had several plans. */
static bool
made_twin(const struct rollover *r, const struct plan *p, size_t n)
{
	const char *made = plan_value(p, r->way == ROLLOVER_CROSS ? arena_printf(r->arena, "cross%zu.arn", n) : "rollover.child");
	const char *there = r->way == ROLLOVER_CROSS ? r->children[n].twin.arn : r->children[n].old.arn;

	return made != NULL && there != NULL && strcmp(made, there) == 0;
}

/* The plan of this step that was the last before it, and stands; at TIME_UNKNOWN: there is none. */
static struct rollover_done
still_done(const struct rollover *r, enum rollover_step s)
{
	struct rollover_done d = { .at = TIME_UNKNOWN };

	for (size_t i = 0; i < r->plans_len; i++) {
		if (r->plans[i].step == s)
			d = (struct rollover_done){ .at = r->done[s].at, .plan = r->plans[i].id, .who = r->done[s].who, .host = r->plans[i].host };
	}
	return d;
}

void
rollover_forget(struct rollover *r, const struct plan *p, int64_t began, const char *host)
{
	const struct rollover_ca nothing = { .not_after = TIME_UNKNOWN };
	const struct rollover_done *by = &r->busy_by;
	enum rollover_step s;
	bool last;

	if (rollover_of_plan(p, &s) == NULL || s == ROLLOVER_NO_STEP)
		return;
	/* It was begun, and taken back: nobody needs to go on with it. Its number may not have come into the document any more. */
	if (r->busy == s && by->host != NULL && strcmp(by->host, host) == 0 && (by->plan == p->id || (by->plan == 0 && began >= by->at)))
		r->busy = ROLLOVER_NO_STEP;
	/* Taken back before, and perhaps made anew since. */
	if (!rollover_has_plan(r, p->id, host))
		return;
	rollover_drop_plan(r, p->id, host);
	last = r->done[s].plan == p->id && r->done[s].host != NULL && strcmp(r->done[s].host, host) == 0;
	if (last)
		r->done[s] = still_done(r, s);
	if (s == ROLLOVER_MAKE_ROOT && last)
		r->new_root = nothing;
	if (s == ROLLOVER_MEASURE && last)
		r->pass = (struct rollover_pass){ .not_after = TIME_UNKNOWN };
	for (size_t i = 0; s == ROLLOVER_MAKE_ISSUING && i < r->children_len; i++) {
		if (made_twin(r, p, i))
			r->children[i].twin = nothing;
	}
}

/* ---- the three ways ---- */

void
rollover_offers(const struct plan_place *place, const struct rollover *facts, int64_t now, struct arena *a, struct rollover_offer out[ROLLOVER_WAYS])
{
	struct plan *p = plan_new(place, "");
	bool below = facts->children_len > 0;
	bool ended = facts->old_root.not_after != TIME_UNKNOWN && facts->old_root.not_after <= now;

	out[ROLLOVER_SAME_KEY] = (struct rollover_offer){ .possible = true,
		.what = "the root signs itself once more: the same name and key, a later date",
		.cost = arena_strdup(a, price_of_all(p, false, 0, 1)),
		.stays = "everything that was issued, and every chain; nothing is reissued",
		.needs = "the new certificate of the root in every bundle, before the old one ends; not for a key that is lost, weak or in wrong hands",
		.measured = "nothing on the wire: only where bundles can be read" };
	out[ROLLOVER_CROSS] = (struct rollover_offer){ .possible = below && !ended,
		.what = "a new root, which also signs the key of what issues",
		.cost = arena_printf(a, "at least %s", price_of_all(p, false, 1, 3)),
		.stays = "leaves and their keys; chains get another CA certificate",
		.needs = "the new root in every bundle; then the new CA certificate in every chain",
		.measured = "as a server: on the wire; as a client: its bundle" };
	out[ROLLOVER_NEW] = (struct rollover_offer){ .possible = below,
		.what = "a new root and a new issuing CA below it",
		.cost = arena_printf(a, "at least %s", price_of_all(p, false, 2, 3)),
		.stays = "nothing: every leaf is issued anew, 0.75 USD each (list price)",
		.needs = "the new root in every bundle; then a new certificate for every service and every client",
		.measured = "as a server: on the wire; as a client: its bundle" };
	if (!below)
		out[ROLLOVER_CROSS].why_not = out[ROLLOVER_NEW].why_not = "no CA right below it is in this account";
	else if (ended)
		out[ROLLOVER_CROSS].why_not = "the root has ended: what hangs on it fails already, and is mended with the same key";
	/* A fresh key where there is a choice, and as little as possible to be touched. */
	out[ended || !below ? ROLLOVER_SAME_KEY : ROLLOVER_CROSS].recommended = true;
	for (size_t i = 0; i < ROLLOVER_WAYS; i++)
		out[i].way = (enum rollover_way)i;
	plan_free(p);
}
