/*
 * A private CA comes to be, and is switched off and on. `as` ("root", "sub") is what the plan's values are called by.
 *
 * create-ca: {"as", "name", "type", "key_algorithm", "subject", "usage_mode", "revocation": {"crl_days", "crl_bucket", "crl_acl", "ocsp"},
 *   "signer" or "signer_from"}: AS.arn.
 * set-ca-status: {"name", "ca" or "ca_from", "status"}.
 */
#include <string.h>

#include "aws/pca.h"
#include "fixes/aws_line.h"
#include "fixes/ca_used.h"
#include "fixes/deeds.h"
#include "fixes/pca_subject.h"

enum {
	CLOCKS_APART = 5 * 60,   /* AWS's and ours, when its CreatedAt is judged by our clock: SigV4 allows no more */
	RESTORABLE_DAYS = 30     /* AWS's longest: an undone CA can be restored for so long */
};

/* “the root “Acme Root CA”” */
static const char *
of_ca(struct plan *p, const struct plan_step *s)
{
	const char *type = step_arg(s, "type");

	return plan_text(p, "the %s “%s”", type != NULL && strcmp(type, "ROOT") == 0 ? "root" : "subordinate", step_arg(s, "name"));
}

static const char *
arn_name(struct plan *p, const struct plan_step *s)
{
	return plan_text(p, "%s.arn", step_arg(s, "as"));
}

/* ---- create-ca ---- */

static void
read_revocation(const struct plan_step *s, struct pca_revocation *r)
{
	const cJSON *o = cJSON_GetObjectItemCaseSensitive(s->args, "revocation");
	const cJSON *days = cJSON_GetObjectItemCaseSensitive(o, "crl_days");

	*r = (struct pca_revocation){
		.crl_bucket = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "crl_bucket")),
		.crl_acl = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(o, "crl_acl")),
		.crl_days = cJSON_IsNumber(days) ? days->valueint : 0,
		.ocsp = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(o, "ocsp")),
	};
	r->crl = r->crl_bucket != NULL;
}

/*
 * Would it be the CA that an earlier try of this step made? Mostly it waits for its certificate; somebody may have finished it since, and
 * then it must be younger than the step by both clocks: one of the same name may be there by right.
 */
static bool
may_be_ours(struct plan *p, const struct plan_step *s, const struct pca_subject *subject, const struct pca_ca *ca)
{
	bool waits = strcmp(ca->status, "CREATING") == 0 || strcmp(ca->status, "PENDING_CERTIFICATE") == 0;
	bool gone = strcmp(ca->status, "DELETED") == 0 || strcmp(ca->status, "FAILED") == 0;

	return !gone && ca->created >= s->began - (waits ? CLOCKS_APART : 0) && strcmp(ca->type, step_arg(s, "type")) == 0 && ca->key_algorithm != NULL &&
	    strcmp(ca->key_algorithm, step_arg(s, "key_algorithm")) == 0 && ca->subject.custom_len == 0 &&
	    strcmp(pca_subject_text(&ca->subject, p->arena), pca_subject_text(subject, p->arena)) == 0;
}

/* What an earlier try made whose answer did not come. *out NULL: nothing. */
static status
find_ours(struct plan *p, struct plan_step *s, const char **out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_subject subject;
	struct pca_ca *cas = NULL;
	size_t len = 0, found = 0;

	*out = NULL;
	pca_subject_of_json(cJSON_GetObjectItemCaseSensitive(s->args, "subject"), p->arena, &subject);
	if (pca_list_cas(p->place.client, NULL, p->arena, &cas, &len, &why) != STATUS_OK)
		return plan_failed(p, &why, "look whether the CA has been created", err);
	for (size_t i = 0; i < len; i++) {
		if (!may_be_ours(p, s, &subject, &cas[i]))
			continue;
		found++;
		*out = cas[i].arn;
	}
	if (found > 1)
		return error_set(err, ERROR_NOT_DONE, "plan", "%zu CAs “%s” have been created since, and one of them may be this plan's: it is not known which. "
		    "mtlscope pca tree lists them; delete those that nobody needs", found, step_arg(s, "name"));
	return STATUS_OK;
}

static status
create_ca(struct plan *p, struct plan_step *s, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_revocation revocation;
	struct pca_create c = { .type = step_arg(s, "type"), .key_algorithm = step_arg(s, "key_algorithm"), .usage_mode = step_arg(s, "usage_mode"), .token = s->token };
	const char *arn = NULL;

	if (plan_value(p, arn_name(p, s)) != NULL)
		return STATUS_OK; /* of a run that was cut off after AWS's answer */
	if (c.type == NULL || c.key_algorithm == NULL || s->token == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "a CA of no known kind");
	/* The token alone would do for five minutes; looking does for ever. */
	if (s->unsettled && find_ours(p, s, &arn, err) != STATUS_OK)
		return STATUS_FAILED;
	if (arn != NULL)
		return plan_give(p, s, arn_name(p, s), arn, "CA", err);
	c.signing_algorithm = pca_signing_algorithm(c.key_algorithm);
	pca_subject_of_json(cJSON_GetObjectItemCaseSensitive(s->args, "subject"), p->arena, &c.subject);
	read_revocation(s, &revocation);
	c.revocation = revocation.crl || revocation.ocsp ? &revocation : NULL;
	if (pca_create_ca(p->place.client, &c, p->arena, &arn, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "create the CA", err);
	return plan_give(p, s, arn_name(p, s), arn, "CA", err);
}

/* AWS deletes no CA that is ACTIVE. */
static status
delete_ca(struct plan *p, const char *arn, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_ca ca = { .arn = NULL };

	if (pca_describe_ca(p->place.client, arn, p->arena, &ca, &why) != STATUS_OK)
		return why.kind == AWS_NOT_FOUND ? STATUS_OK : plan_failed(p, &why, "look at the CA", err);
	if (strcmp(ca.status, "DELETED") == 0)
		return STATUS_OK;
	if (strcmp(ca.status, "ACTIVE") == 0 && pca_update_ca(p->place.client, arn, "DISABLED", NULL, &why) != STATUS_OK)
		return plan_failed(p, &why, "disable the CA, to delete it", err);
	if (pca_delete_ca(p->place.client, arn, RESTORABLE_DAYS, &why) != STATUS_OK)
		return plan_failed(p, &why, "delete the CA", err);
	return STATUS_OK;
}

/* Others may have had certificates issued by it since: these would lose whoever renews and revokes them. */
static status
not_used(struct plan *p, const struct plan_step *s, const char *arn, struct error *err)
{
	const char *used = NULL;
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_ca ca = { .arn = NULL };

	if (pca_describe_ca(p->place.client, arn, p->arena, &ca, &why) != STATUS_OK)
		return why.kind == AWS_NOT_FOUND ? STATUS_OK : plan_failed(p, &why, "look at the CA", err);
	if (strcmp(ca.status, "ACTIVE") != 0 && strcmp(ca.status, "DISABLED") != 0)
		return STATUS_OK; /* it never issued, has ended, or is deleted already */
	if (ca_used(p, arn, &used, err) != STATUS_OK)
		return STATUS_FAILED;
	if (used == NULL)
		return STATUS_OK;
	return error_set(err, ERROR_NOT_DONE, "plan", "“%s” is not deleted: %s. A deleted CA renews and revokes nothing, and nobody learns any more what it "
	    "revoked. Replace what it issued and revoke that first (mtlscope pca revoke). To stop it from issuing, this is enough: %s", step_arg(s, "name"), used,
	    aws_line_short(p, plan_text(p, "acm-pca update-certificate-authority --certificate-authority-arn %s --status DISABLED", plan_word(p, arn))));
}

static status
may_delete(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *arn = plan_value(p, arn_name(p, s));

	return arn != NULL ? not_used(p, s, arn, err) : STATUS_OK; /* one whose answer was lost is looked for when it is deleted */
}

static status
delete_created(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *arn = plan_value(p, arn_name(p, s));

	if (arn == NULL && (s->state == STEP_RUNS || s->unsettled) && find_ours(p, s, &arn, err) != STATUS_OK)
		return STATUS_FAILED;
	if (arn != NULL && (not_used(p, s, arn, err) != STATUS_OK || delete_ca(p, arn, err) != STATUS_OK))
		return STATUS_FAILED;
	/* Made once more, it is another one: the old token would bring back the one that is deleted. */
	cJSON_DeleteItemFromObjectCaseSensitive(p->values, arn_name(p, s));
	s->gave_name = s->gave = NULL;
	s->token = plan_token(p);
	return STATUS_OK;
}

/* A root exists already, and its subordinate could not be made: then only that is missing. */
static const char *
create_later(struct plan *p, const struct plan_step *s)
{
	const char *signer = step_arg_value(p, s, "signer");
	struct pca_subject subject;

	if (plan_value(p, arn_name(p, s)) != NULL)
		return plan_text(p, "“%s” exists and waits for its certificate; it is billed.", step_arg(s, "name"));
	if (s->unsettled) {
		p->go_on_command = plan_text(p, "mtlscope pca tree%s", own_line_account(p));
		return plan_text(p, "%s may have been created, AWS's answer did not come; it is billed then. Going on looks for it before it makes one. The last line "
		    "shows what is there; what waits for its certificate is finished with mtlscope pca activate, not made again.", of_ca(p, s));
	}
	if (signer == NULL)
		return "Nothing was made.";
	pca_subject_of_json(cJSON_GetObjectItemCaseSensitive(s->args, "subject"), p->arena, &subject);
	p->go_on_command = plan_text(p, "mtlscope pca create --subject %s --parent %s%s --apply", plan_word(p, pca_subject_text(&subject, p->arena)),
	    plan_word(p, signer), own_line_account(p));
	return "The root stands and is active. Without this record the last line makes the subordinate alone.";
}

const struct deed deed_create_ca = {
	.name = "create-ca",
	.apply = create_ca,
	.undo = delete_created,
	.may_undo = may_delete,
	.go_on = create_later,
	.aws = true,
};

/* ---- set-ca-status ---- */

static status
status_now(struct plan *p, const struct plan_step *s, const char **out, struct error *err)
{
	const char *arn = step_arg_value(p, s, "ca");
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_ca ca = { .arn = NULL };

	if (arn == NULL || step_arg(s, "status") == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "which CA is meant, and what for, is not known");
	if (pca_describe_ca(p->place.client, arn, p->arena, &ca, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the CA", err);
	*out = ca.status;
	return STATUS_OK;
}

static status
look_at_status(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *now = NULL;

	if (status_now(p, s, &now, err) != STATUS_OK)
		return STATUS_FAILED;
	cJSON_AddStringToObject(s->before, "status", now);
	return STATUS_OK;
}

static status
switch_to(struct plan *p, struct plan_step *s, const char *to, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	const char *now = NULL;

	if (status_now(p, s, &now, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strcmp(now, to) == 0)
		return STATUS_OK;
	if (pca_update_ca(p->place.client, step_arg_value(p, s, "ca"), to, NULL, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, strcmp(to, "DISABLED") == 0 ? "disable the CA" : "enable the CA", err);
	return STATUS_OK;
}

static status
set_status(struct plan *p, struct plan_step *s, struct error *err)
{
	return switch_to(p, s, step_arg(s, "status"), err);
}

/* Only ACTIVE and DISABLED can be set (knowledge "aws" 1.4); of another one there is no way back, and nothing was changed either. */
static status
set_status_back(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *old = step_before(s, "status");

	if (old == NULL || (strcmp(old, "ACTIVE") != 0 && strcmp(old, "DISABLED") != 0))
		return STATUS_OK;
	return switch_to(p, s, old, err);
}

static const char *
status_later(struct plan *p, const struct plan_step *s)
{
	return plan_text(p, "Everything else of this plan stands and works; only the status of “%s” is not changed yet.", step_arg(s, "name"));
}

const struct deed deed_set_ca_status = {
	.name = "set-ca-status",
	.look = look_at_status,
	.apply = set_status,
	.undo = set_status_back,
	.go_on = status_later,
	.aws = true,
};
