/*
 * A private CA gets its certificate (knowledge "aws" 1.4, 6.4). `as` ("root", "sub") is what the plan's values are called by; "ca" and
 * "signer" are ARNs, "ca_from" and "signer_from" names of values; "root" says that it signs itself.
 *
 * ca-csr: {"as", "name", "root", "ca", "signer"}: AS.csr.
 * sign-ca: … and {"template", "signing_algorithm", "validity_type", "validity"}: AS.issued, an ARN.
 * import-ca: … and {"issued"}, or AS.issued.
 */
#include <string.h>

#include "aws/pca.h"
#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/pca_revoke.h"

static const char *
value_name(struct plan *p, const struct plan_step *s, const char *what)
{
	return plan_text(p, "%s.%s", step_arg(s, "as"), what);
}

static const char *
issued(struct plan *p, const struct plan_step *s)
{
	const char *known = step_arg(s, "issued");

	return known != NULL ? known : plan_value(p, value_name(p, s, "issued"));
}

/*
 * Has the CA its certificate: the one that was issued for it, or, where that is not known, any? An earlier try may have got that far,
 * or mtlscope pca activate. That it cannot be seen is no failure: what comes next says so.
 */
static bool
has_its_certificate(struct plan *p, const char *arn, const char *certificate)
{
	struct aws_error unimportant = { .kind = AWS_FINE };
	struct pca_ca ca = { .arn = NULL };
	const char *serial = certificate != NULL ? strrchr(certificate, '/') : NULL;

	if (pca_describe_ca(p->place.client, arn, p->arena, &ca, &unimportant) != STATUS_OK)
		return false;
	if (strcmp(ca.status, "ACTIVE") != 0 && strcmp(ca.status, "DISABLED") != 0)
		return false;
	return certificate == NULL || (serial != NULL && ca.serial != NULL && pca_same_serial(serial + 1, ca.serial));
}

/* ---- how to go on, of all three ---- */

static const char *
activate_later(struct plan *p, const struct plan_step *s)
{
	const char *arn = step_arg_value(p, s, "ca"), *signer = step_arg_value(p, s, "signer"), *certificate = issued(p, s);
	bool root = step_arg_true(s, "root");

	if (arn == NULL)
		return NULL;
	p->go_on_command = plan_text(p, "mtlscope pca activate %s%s%s%s%s%s --apply", plan_word(p, arn), root ? "" : " --parent ",
	    root ? "" : signer != NULL ? plan_word(p, signer) : "CA", certificate != NULL ? " --certificate " : "", certificate != NULL ? plan_word(p, certificate) : "",
	    own_line_account(p));
	if (s->unsettled && certificate == NULL && s->token != NULL)
		return plan_text(p, "“%s” exists and waits for its certificate; it is billed. That certificate may have been issued, AWS's answer did not come: within five "
		    "minutes going on finds it. After that the last line finishes it with another one, which is paid again.", step_arg(s, "name"));
	return plan_text(p, "“%s” exists and waits for its certificate; it is billed. Without this record the last line finishes it.", step_arg(s, "name"));
}

/* ---- ca-csr ---- */

static status
take_csr(struct plan *p, struct plan_step *s, struct error *err)
{
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct aws_error why = { .kind = AWS_FINE };
	const char *arn = step_arg_value(p, s, "ca"), *csr = NULL;

	if (arn == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no CA whose request could be taken");
	if (pca_wait_csr(p->place.client, arn, plan_waits, &waiter, p->arena, &csr, &why) != STATUS_OK)
		return plan_failed(p, &why, "take the CA's request (CSR)", err);
	return plan_set(p, s, value_name(p, s, "csr"), csr, err);
}

const struct deed deed_ca_csr = {
	.name = "ca-csr",
	.apply = take_csr,
	.go_on = activate_later,
	.aws = true,
};

/* ---- sign-ca ---- */

static status
sign_ca(struct plan *p, struct plan_step *s, struct error *err)
{
	char template_arn[PCA_ARN_MAX];
	const char *arn = NULL, *template = step_arg(s, "template");
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_issue call = {
		.ca = step_arg_value(p, s, "signer"),
		.csr_pem = plan_value(p, value_name(p, s, "csr")),
		.signing_algorithm = step_arg(s, "signing_algorithm"),
		.template_arn = template_arn,
		.validity = { .type = step_arg(s, "validity_type"), .value = step_arg_number(s, "validity", 0) },
		.token = s->token,
	};

	if (issued(p, s) != NULL)
		return STATUS_OK; /* of a run that was cut off after AWS's answer */
	if (call.ca == NULL || call.csr_pem == NULL || template == NULL || s->token == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no request, or nobody to sign it");
	/* Somebody has finished it in the meantime: then there is nothing to sign, and nothing to pay. */
	if (has_its_certificate(p, step_arg_value(p, s, "ca"), NULL))
		return STATUS_OK;
	if (step_token_forgotten(p, s))
		return error_set(err, ERROR_NOT_DONE, "plan", "it is not known whether AWS has issued the certificate: its answer did not come, and it keeps an order's token "
		    "for five minutes only. Ordered again there might be two");
	pca_template_arn(aws_client_partition(p->place.client), template, template_arn);
	if (pca_issue_certificate(p->place.client, &call, p->arena, &arn, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, step_arg_true(s, "root") ? "sign the root's own request" : "sign the subordinate's request", err);
	return plan_give(p, s, value_name(p, s, "issued"), arn, "certificate", err);
}

const struct deed deed_sign_ca = {
	.name = "sign-ca",
	.apply = sign_ca,
	.go_on = activate_later,
	.aws = true,
};

/* ---- import-ca ---- */

static status
import_ca(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *arn = step_arg_value(p, s, "ca"), *signer = step_arg_value(p, s, "signer"), *certificate = issued(p, s);
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct pca_certificate got = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };

	if (arn == NULL || signer == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no CA that something could be imported into");
	if (has_its_certificate(p, arn, certificate))
		return STATUS_OK;
	if (certificate == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no certificate to import");
	if (pca_wait_certificate(p->place.client, signer, certificate, plan_waits, &waiter, p->arena, &got, &why) != STATUS_OK)
		return plan_failed(p, &why, "fetch the CA's certificate", err);
	/* A root's takes no chain, a subordinate's must have one (knowledge "aws" 1.4). */
	if (pca_import_ca_certificate(p->place.client, arn, got.pem, step_arg_true(s, "root") ? NULL : got.chain, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "import the CA's certificate", err);
	return STATUS_OK;
}

/* AWS takes no certificate out of a CA again; one that is disabled issues as little as one that waits for it. */
static status
disable_imported(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *arn = step_arg_value(p, s, "ca");
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_ca ca = { .arn = NULL };

	if (arn == NULL)
		return STATUS_OK;
	if (pca_describe_ca(p->place.client, arn, p->arena, &ca, &why) != STATUS_OK)
		return why.kind == AWS_NOT_FOUND ? STATUS_OK : plan_failed(p, &why, "look at the CA", err);
	if (strcmp(ca.status, "ACTIVE") != 0)
		return STATUS_OK;
	return pca_update_ca(p->place.client, arn, "DISABLED", NULL, &why) == STATUS_OK ? STATUS_OK : plan_failed(p, &why, "disable the CA", err);
}

const struct deed deed_import_ca = {
	.name = "import-ca",
	.apply = import_ca,
	.undo = disable_imported,
	.go_on = activate_later,
	.aws = true,
};
