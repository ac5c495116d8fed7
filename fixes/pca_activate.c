/* Finishing a CA that waits for its certificate: CSR, signature, import. */
#include <string.h>

#include "fixes/aws_line.h"
#include "fixes/pca_create.h"
#include "fixes/pca_steps.h"
#include "fixes/prices.h"
#include "model/times.h"

enum { ROOT_DAYS = 3650, SUBORDINATE_DAYS = 1095 };

/* May it be imported into (knowledge "aws" 1.4)? */
static status
may_be_activated(struct plan *p, const struct pca_ca *ca, struct error *err)
{
	const char *name = pca_name(p, &ca->subject);

	if (strcmp(ca->status, "PENDING_CERTIFICATE") == 0 || strcmp(ca->status, "EXPIRED") == 0)
		return STATUS_OK;
	if (strcmp(ca->status, "ACTIVE") == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is ACTIVE already: there is nothing to finish", name);
	if (strcmp(ca->status, "CREATING") == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is still being created: try again in a minute", name);
	if (strcmp(ca->status, "DISABLED") == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is DISABLED, it has its certificate; enable it: %s", name,
		    aws_line_short(p, plan_text(p, "acm-pca update-certificate-authority --certificate-authority-arn %s --status ACTIVE", plan_word(p, ca->arn))));
	return error_set(err, ERROR_USAGE, "plan", "“%s” is %s: no certificate can be imported into it", name, plan_shown(p, ca->status));
}

static status
may_sign(struct plan *p, const struct pca_activate_wish *w, struct error *err)
{
	const char *name = pca_name(p, &w->ca->subject);

	if (w->parent == NULL)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is a subordinate: --parent CA says who signs it. A CA outside AWS signs its request, "
		    "which this prints: %s", name,
		    aws_line_short(p, plan_text(p, "acm-pca get-certificate-authority-csr --certificate-authority-arn %s --query Csr --output text", plan_word(p, w->ca->arn))));
	if (strcmp(w->parent->status, "ACTIVE") != 0)
		return error_set(err, ERROR_USAGE, "plan", "the parent “%s” is %s: only an ACTIVE one signs", pca_name(p, &w->parent->subject),
		    plan_shown(p, w->parent->status));
	if (strcmp(w->parent->arn, w->ca->arn) == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is a subordinate and cannot sign itself", name);
	return STATUS_OK;
}

static struct ca_making *
making(struct plan *p, const struct pca_ca *from, const char *variable, const char *file)
{
	struct ca_making *ca = arena_alloc(p->arena, sizeof *ca);
	bool root = strcmp(from->type, "ROOT") == 0;

	*ca = (struct ca_making){
		.root = root,
		.name = pca_name(p, &from->subject),
		.variable = variable,
		.file = file,
		.key_algorithm = from->key_algorithm,
		.short_lived = from->usage_mode != NULL && strcmp(from->usage_mode, "SHORT_LIVED_CERTIFICATE") == 0,
		.arn = from->arn,
		.template_name = root ? "RootCACertificate" : "SubordinateCACertificate_PathLen0",
		.token = plan_token(p),
	};
	return ca;
}

static status
fill(struct plan *p, const struct pca_activate_wish *w, struct error *err)
{
	bool root = strcmp(w->ca->type, "ROOT") == 0;
	struct ca_making *ca = making(p, w->ca, "CA", "ca");
	unsigned days = w->days > 0 ? w->days : root ? ROOT_DAYS : SUBORDINATE_DAYS;

	p->title = plan_text(p, "“%s” activated: its request signed, its certificate imported", ca->name);
	if (may_be_activated(p, w->ca, err) != STATUS_OK || (!root && may_sign(p, w, err) != STATUS_OK))
		return STATUS_FAILED;
	ca->signer = root ? ca : making(p, w->parent, "PARENT", "parent");
	ca->issued = w->issued;
	if (ca->issued != NULL) {
		plan_note(p, "The certificate that an earlier run had issued is used: nothing is issued or paid twice.");
		ca_step_import(p, ca);
		return STATUS_OK;
	}
	if (ca_validity(p, ca, days, root ? TIME_UNKNOWN : w->parent->not_after, w->now, err) != STATUS_OK)
		return STATUS_FAILED;
	p->cost = price_of_all(p, ca->signer->short_lived, 0, 1);
	ca_step_csr(p, ca);
	ca_step_sign(p, ca);
	ca_step_import(p, ca);
	if (strcmp(w->ca->status, "EXPIRED") == 0)
		plan_note(p, "It has expired and keeps its key: what it issued is valid again as soon as the new CA certificate is where the old one was.");
	return STATUS_OK;
}

status
pca_activate_plan(const struct plan_place *place, const struct pca_activate_wish *w, struct plan **out, struct error *err)
{
	struct plan *p = plan_new(place, "");
	status result = fill(p, w, err);

	*out = result == STATUS_OK ? p : NULL;
	if (result != STATUS_OK)
		plan_free(p);
	return result;
}
