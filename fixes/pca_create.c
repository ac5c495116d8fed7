#include "fixes/pca_create.h"

#include <string.h>

#include "fixes/pca_steps.h"
#include "fixes/pca_subject.h"
#include "fixes/prices.h"
#include "model/times.h"

enum { ROOT_DAYS = 3650, SUBORDINATE_DAYS = 1095, CRL_DAYS = 7, DAY = 24 * 60 * 60 };

const char *
pca_name(struct plan *p, const struct pca_subject *s)
{
	return plan_shown(p, s->common_name != NULL ? s->common_name : pca_subject_text(s, p->arena));
}

status
ca_validity(struct plan *p, struct ca_making *ca, unsigned days, int64_t parent_ends, int64_t now, struct error *err)
{
	char date[TIME_TEXT_MAX];
	int64_t wanted = now + (int64_t)days * DAY;

	if (parent_ends == TIME_UNKNOWN || wanted < parent_ends) {
		ca->validity = (struct pca_validity){ .type = "DAYS", .value = days };
		ca->validity_words = plan_text(p, "%u days", days);
		return STATUS_OK;
	}
	/* A CA certificate must end before its parent's (knowledge "aws" 2.3); AWS does not shorten it, we do. */
	if (parent_ends - 1 <= now)
		return error_set(err, ERROR_USAGE, "plan", "“%s” has ended on %s: it can sign nothing", ca->signer->name, time_date(parent_ends, date));
	ca->validity = (struct pca_validity){ .type = "ABSOLUTE", .value = parent_ends - 1 };
	ca->validity_words = plan_text(p, "less than the %u days asked for: until %s, a second before its parent ends", days,
	    time_human(parent_ends - 1, date));
	plan_note(p, "“%s” would outlive “%s”, which ends on %s; AWS refuses that. It is shortened to a second before.", ca->name,
	    ca->signer->name, time_date(parent_ends, date));
	return STATUS_OK;
}

static const struct pca_create *
creation(struct plan *p, const struct pca_create_wish *w, const struct pca_subject *subject, bool root)
{
	struct pca_create *c = arena_alloc(p->arena, sizeof *c);
	struct pca_revocation *r = NULL;

	/* A root signs a few subordinates: its list is as useful, and OCSP too. Both get what was asked for. */
	if (w->crl_bucket != NULL || w->ocsp) {
		r = arena_alloc(p->arena, sizeof *r);
		/* AWS's default would make the list public, and fails where the bucket blocks that (knowledge "aws" 7, 12). */
		*r = (struct pca_revocation){ .crl = w->crl_bucket != NULL, .ocsp = w->ocsp, .crl_days = w->crl_bucket != NULL ? CRL_DAYS : 0,
			.crl_bucket = w->crl_bucket, .crl_acl = w->crl_bucket != NULL ? "BUCKET_OWNER_FULL_CONTROL" : NULL };
	}
	*c = (struct pca_create){
		.type = root ? "ROOT" : "SUBORDINATE",
		.key_algorithm = w->key_algorithm != NULL ? w->key_algorithm : "EC_prime256v1",
		.subject = *subject,
		.revocation = r,
		.usage_mode = w->short_lived && !root ? "SHORT_LIVED_CERTIFICATE" : NULL,
		.token = plan_token(p),
	};
	c->signing_algorithm = pca_signing_algorithm(c->key_algorithm);
	return c;
}

static struct ca_making *
new_ca(struct plan *p, const struct pca_create_wish *w, const struct pca_subject *subject, bool root)
{
	struct ca_making *ca = arena_alloc(p->arena, sizeof *ca);

	*ca = (struct ca_making){
		.root = root,
		.name = pca_name(p, subject),
		.variable = root ? "ROOT" : "SUB",
		.file = root ? "root" : "sub",
		.short_lived = w->short_lived && !root,
		.create = creation(p, w, subject, root),
		.template_name = root ? "RootCACertificate" : "SubordinateCACertificate_PathLen0",
		.token = plan_token(p),
	};
	ca->key_algorithm = ca->create->key_algorithm;
	return ca;
}

/* A CA that is there, as a signer. */
static struct ca_making *
known_ca(struct plan *p, const struct pca_ca *from)
{
	struct ca_making *ca = arena_alloc(p->arena, sizeof *ca);

	*ca = (struct ca_making){ .root = strcmp(from->type, "ROOT") == 0, .name = pca_name(p, &from->subject), .variable = "PARENT",
		.file = "parent", .key_algorithm = from->key_algorithm, .arn = from->arn,
		.short_lived = from->usage_mode != NULL && strcmp(from->usage_mode, "SHORT_LIVED_CERTIFICATE") == 0 };
	return ca;
}

static void
note_equal_names(struct plan *p, const struct pca_create_wish *w, const struct pca_subject *subject)
{
	const char *wanted = pca_name(p, subject);

	for (size_t i = 0; i < w->known_len; i++) {
		const struct pca_ca *ca = &w->known[i];

		if (strcmp(ca->status, "DELETED") == 0 || strcmp(pca_name(p, &ca->subject), wanted) != 0)
			continue;
		plan_note(p, "A CA of the name “%s” is there already (%s, %s). AWS does not mind, but chains and trust stores are easier to read "
		    "when names differ.", pca_name(p, subject), plan_shown(p, ca->status), plan_word(p, ca->arn));
		return;
	}
}

static void
note_revocation(struct plan *p, const struct pca_create_wish *w)
{
	if (w->crl_bucket == NULL && !w->ocsp)
		plan_note(p, "Neither a revocation list (--crl-bucket NAME) nor OCSP (--ocsp) is asked for: nobody will learn of revocations. "
		    "Turned on later, it reaches only certificates that are issued after that.");
	if (w->crl_bucket != NULL)
		plan_note(p, "The bucket %s must let acm-pca.amazonaws.com write (s3:PutObject, s3:PutObjectAcl, s3:GetBucketAcl, "
		    "s3:GetBucketLocation), else AWS refuses to create the CA.", plan_shown(p, w->crl_bucket));
}

/* From creation to ACTIVE. */
static void
all_steps(struct plan *p, struct ca_making *ca)
{
	ca_step_create(p, ca);
	ca_step_csr(p, ca);
	ca_step_sign(p, ca);
	ca_step_import(p, ca);
}

static void
offer_offline(struct plan *p)
{
	plan_after(p, "Keep the root offline? It has signed its subordinate and is not needed until the next one.");
	for (size_t i = 0; i < root_offline_len; i++)
		plan_after(p, "%s", root_offline[i]);
}

static status
hierarchy(struct plan *p, const struct pca_create_wish *w, struct error *err)
{
	struct ca_making *root = new_ca(p, w, &w->root_subject, true), *sub = new_ca(p, w, &w->subject, false);
	unsigned root_days = w->root_days > 0 ? w->root_days : ROOT_DAYS, days = w->days > 0 ? w->days : SUBORDINATE_DAYS;

	if (strcmp(pca_subject_text(&w->root_subject, p->arena), pca_subject_text(&w->subject, p->arena)) == 0)
		return error_set(err, ERROR_USAGE, "plan", "root and subordinate would have the same name, “%s”: chains could not be told apart", root->name);
	root->signer = root;
	sub->signer = root;
	if (ca_validity(p, root, root_days, TIME_UNKNOWN, w->now, err) != STATUS_OK ||
	    ca_validity(p, sub, days, w->now + (int64_t)root_days * DAY, w->now, err) != STATUS_OK)
		return STATUS_FAILED;
	p->cost = w->short_lived ? plan_text(p, "%s. The root: %s", price_of_all(p, true, 1, 1), price_of_all(p, false, 1, 1)) : price_of_all(p, false, 2, 2);
	all_steps(p, root);
	all_steps(p, sub);
	if (w->disable_root) {
		ca_step_disable(p, root);
		for (size_t i = 0; i < root_offline_len; i++)
			plan_note(p, "Disabling the root. %s", root_offline[i]);
	} else {
		offer_offline(p);
	}
	return STATUS_OK;
}

static status
one(struct plan *p, const struct pca_create_wish *w, struct error *err)
{
	struct ca_making *ca = new_ca(p, w, &w->subject, w->root);
	unsigned days = w->days > 0 ? w->days : w->root ? ROOT_DAYS : SUBORDINATE_DAYS;

	ca->signer = w->root ? ca : w->parent != NULL ? known_ca(p, w->parent) : NULL;
	p->cost = price_of_all(p, ca->short_lived, 1, ca->signer != NULL ? 1 : 0);
	if (ca->signer == NULL) {
		ca_step_create(p, ca);
		plan_note(p, "No --parent: the CA stays in PENDING_CERTIFICATE, and can issue nothing until a CA has signed its request. It is billed all the same.");
		plan_after(p, "It waits for its certificate: mtlscope pca activate CA --parent PARENT --apply");
		return STATUS_OK;
	}
	if (ca_validity(p, ca, days, w->root ? TIME_UNKNOWN : w->parent->not_after, w->now, err) != STATUS_OK)
		return STATUS_FAILED;
	all_steps(p, ca);
	return STATUS_OK;
}

static const char *
title_of(struct plan *p, const struct pca_create_wish *w)
{
	if (w->hierarchy)
		return plan_text(p, "a root CA “%s” and a subordinate “%s”, both created and activated", pca_name(p, &w->root_subject),
		    pca_name(p, &w->subject));
	return plan_text(p, "a %s CA “%s”, created%s", w->root ? "root" : "subordinate", pca_name(p, &w->subject),
	    w->root || w->parent != NULL ? " and activated" : "");
}

status
pca_create_plan(const struct plan_place *place, const struct pca_create_wish *w, struct plan **out, struct error *err)
{
	struct plan *p = plan_new(place, "");
	status result;

	p->title = title_of(p, w);
	result = w->hierarchy ? hierarchy(p, w, err) : one(p, w, err);
	note_revocation(p, w);
	note_equal_names(p, w, &w->subject);
	if (w->hierarchy)
		note_equal_names(p, w, &w->root_subject);
	*out = result == STATUS_OK ? p : NULL;
	if (result != STATUS_OK)
		plan_free(p);
	return result;
}

struct plan *
pca_disable_plan(const struct plan_place *place, const char *arn, const char *name)
{
	struct plan *p = plan_new(place, "");
	struct ca_making *ca = arena_alloc(p->arena, sizeof *ca);

	*ca = (struct ca_making){ .root = true, .name = plan_shown(p, name), .variable = "ROOT", .file = "root", .arn = arena_strdup(p->arena, arn) };
	p->title = plan_text(p, "the root “%s” disabled: kept offline", ca->name);
	ca_step_disable(p, ca);
	return p;
}
