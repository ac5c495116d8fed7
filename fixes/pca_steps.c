#include "fixes/pca_steps.h"

#include <stdlib.h>
#include <string.h>

#include "fixes/aws_line.h"
#include "fixes/pca_subject.h"
#include "fixes/prices.h"
#include "model/text.h"

const char *const root_offline[] = {
	"It stops: signing further subordinates, and importing anything into it, until somebody enables it again.",
	"It does not stop: what it signed stays valid, its subordinates go on issuing, its revocation list and OCSP are still served, revoking works, and it is billed as before.",
	"It protects from mistakes and from those who may issue but not update; who may call UpdateCertificateAuthority can enable it again.",
};
const size_t root_offline_len = sizeof root_offline / sizeof root_offline[0];

static const char *
of_ca(struct plan *p, const struct ca_making *ca)
{
	return plan_text(p, "the %s “%s”", ca->root ? "root" : "subordinate", ca->name);
}

const char *
ca_word(struct plan *p, const struct ca_making *ca)
{
	return ca->arn != NULL ? plan_word(p, ca->arn) : plan_text(p, "\"$%s\"", ca->variable);
}

const char *
validity_option(struct plan *p, const struct pca_validity *v)
{
	return plan_text(p, "Value=%lld,Type=%s", (long long)v->value, v->type);
}

/* ---- create ---- */

static const char *
printed(struct plan *p, cJSON *o)
{
	char *text = cJSON_PrintUnformatted(o);
	const char *out = arena_strdup(p->arena, text != NULL ? text : "{}");

	cJSON_free(text);
	cJSON_Delete(o);
	return out;
}

static void
add(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

const char *
ca_configuration_json(struct plan *p, const struct pca_create *c)
{
	cJSON *o = cJSON_CreateObject(), *s;

	add(o, "KeyAlgorithm", c->key_algorithm);
	add(o, "SigningAlgorithm", c->signing_algorithm);
	s = cJSON_AddObjectToObject(o, "Subject");
	add(s, "Country", c->subject.country);
	add(s, "Organization", c->subject.organization);
	add(s, "OrganizationalUnit", c->subject.organizational_unit);
	add(s, "DistinguishedNameQualifier", c->subject.dn_qualifier);
	add(s, "State", c->subject.state);
	add(s, "CommonName", c->subject.common_name);
	add(s, "SerialNumber", c->subject.serial_number);
	add(s, "Locality", c->subject.locality);
	add(s, "Title", c->subject.title);
	add(s, "Surname", c->subject.surname);
	add(s, "GivenName", c->subject.given_name);
	add(s, "Initials", c->subject.initials);
	add(s, "Pseudonym", c->subject.pseudonym);
	add(s, "GenerationQualifier", c->subject.generation_qualifier);
	return printed(p, o);
}

const char *
revocation_json(struct plan *p, const struct pca_revocation *r)
{
	cJSON *o = cJSON_CreateObject();

	if (r->crl) {
		cJSON *crl = cJSON_AddObjectToObject(o, "CrlConfiguration");
		cJSON_AddTrueToObject(crl, "Enabled");
		if (r->crl_days > 0)
			cJSON_AddNumberToObject(crl, "ExpirationInDays", r->crl_days);
		add(crl, "S3BucketName", r->crl_bucket);
		add(crl, "S3ObjectAcl", r->crl_acl);
	}
	if (r->ocsp)
		cJSON_AddTrueToObject(cJSON_AddObjectToObject(o, "OcspConfiguration"), "Enabled");
	return printed(p, o);
}

static const char *
activate_later(struct plan *p, const struct plan_step *s)
{
	const struct ca_making *ca = s->subject;

	if (ca->arn == NULL)
		return NULL;
	p->go_on_command = plan_text(p, "mtlscope pca activate %s%s%s%s%s --apply", plan_word(p, ca->arn), ca->root ? "" : " --parent ",
	    ca->root || ca->signer == NULL || ca->signer->arn == NULL ? ca->root ? "" : "CA" : plan_word(p, ca->signer->arn),
	    ca->issued != NULL ? " --certificate " : "", ca->issued != NULL ? plan_word(p, ca->issued) : "");
	return plan_text(p, "“%s” exists and waits for its certificate; it is billed. %sMend the reason, then this finishes it:", ca->name,
	    s->unsettled && ca->issued == NULL ? "That certificate may have been issued, AWS's answer did not come; the next one is paid again. " : "");
}

static status
create(struct plan *p, struct plan_step *s, struct error *err)
{
	struct ca_making *ca = s->subject;
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_create_ca(p->place.client, ca->create, p->arena, &ca->arn, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "create the CA", err);
	return plan_keep(p, s, "CA", ca->arn, err);
}

/* A root exists already, and its subordinate could not be made: then only that is missing. */
static const char *
create_later(struct plan *p, const struct plan_step *s)
{
	const struct ca_making *ca = s->subject;

	if (ca->arn != NULL)
		return activate_later(p, s);
	if (s->unsettled) {
		p->go_on_command = "mtlscope pca tree";
		return plan_text(p, "%s may have been created, AWS's answer did not come; it is billed then. This shows what is there; what waits for its "
		    "certificate is finished with mtlscope pca activate, not made again:", of_ca(p, ca));
	}
	if (ca->signer != NULL && ca->signer != ca && ca->signer->arn != NULL) {
		p->go_on_command = plan_text(p, "mtlscope pca create --subject %s --parent %s --apply",
		    plan_word(p, pca_subject_text(&ca->create->subject, p->arena)), plan_word(p, ca->signer->arn));
		return "The root stands and is active. Mend the reason, then this makes the subordinate alone:";
	}
	return "Nothing was made. Mend the reason, then the same command again.";
}

void
ca_step_create(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add(p);
	const struct pca_create *c = ca->create;
	struct aws_line l;

	s->what = plan_text(p, "create %s", of_ca(p, ca));
	s->changes = plan_text(p, "a new %s CA “%s”, %s, in PENDING_CERTIFICATE", ca->root ? "root" : "subordinate", ca->name, ca->key_algorithm);
	s->call = "acm-pca CreateCertificateAuthority";
	s->cost = price_of_ca(p, ca->short_lived, 1);
	s->undo = "disable and delete it; it can be restored for 7 to 30 days, and is not billed from its deletion on";
	s->token = c->token;
	aws_line_begin(&l, &p->place, ca->variable, "acm-pca create-certificate-authority");
	aws_line_option(&l, "--certificate-authority-type", c->type);
	aws_line_option(&l, "--certificate-authority-configuration", ca_configuration_json(p, c));
	if (c->revocation != NULL)
		aws_line_option(&l, "--revocation-configuration", revocation_json(p, c->revocation));
	if (c->usage_mode != NULL)
		aws_line_option(&l, "--usage-mode", c->usage_mode);
	aws_line_option(&l, "--idempotency-token", c->token);
	aws_line_query(&l, "CertificateAuthorityArn");
	s->command = aws_line_end(&l, p, NULL);
	s->apply = create;
	s->go_on = create_later;
	s->subject = ca;
}

/* ---- CSR ---- */

static status
take_csr(struct plan *p, struct plan_step *s, struct error *err)
{
	struct ca_making *ca = s->subject;
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_wait_csr(p->place.client, ca->arn, plan_waits, &waiter, p->arena, &ca->csr, &why) != STATUS_OK)
		return plan_failed(p, &why, "take the CA's request (CSR)", err);
	return STATUS_OK;
}

void
ca_step_csr(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add(p);
	const char *word = ca_word(p, ca);
	struct aws_line wait, l;

	s->what = plan_text(p, "take the request (CSR) of %s", of_ca(p, ca));
	s->reads = "its CSR, as soon as AWS has made it";
	s->call = "acm-pca GetCertificateAuthorityCsr";
	aws_line_begin(&wait, &p->place, NULL, "acm-pca wait certificate-authority-csr-created");
	aws_line_raw(&wait, "--certificate-authority-arn", word);
	aws_line_begin(&l, &p->place, NULL, "acm-pca get-certificate-authority-csr");
	aws_line_raw(&l, "--certificate-authority-arn", word);
	aws_line_query(&l, "Csr");
	s->command = plan_text(p, "%s &&\n%s", aws_line_end(&wait, p, NULL), aws_line_end(&l, p, plan_text(p, "%s.csr", ca->file)));
	s->apply = take_csr;
	s->go_on = activate_later;
	s->subject = ca;
}

/* ---- sign ---- */

static status
sign(struct plan *p, struct plan_step *s, struct error *err)
{
	struct ca_making *ca = s->subject;
	char template_arn[PCA_ARN_MAX];
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_issue issue = {
		.ca = ca->signer->arn,
		.csr_pem = ca->csr,
		.signing_algorithm = pca_signing_algorithm(ca->signer->key_algorithm),
		.template_arn = template_arn,
		.validity = ca->validity,
		.token = ca->token,
	};

	/* Issued by an earlier run: a second one would be paid twice. */
	if (ca->issued != NULL)
		return STATUS_OK;
	pca_template_arn(aws_client_partition(p->place.client), ca->template_name, template_arn);
	if (pca_issue_certificate(p->place.client, &issue, p->arena, &ca->issued, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, ca->root ? "sign the root's own request" : "sign the subordinate's request", err);
	return plan_keep(p, s, "certificate", ca->issued, err);
}

void
ca_step_sign(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add(p);
	char template_arn[PCA_ARN_MAX];
	struct aws_line l;

	pca_template_arn(aws_client_partition(p->place.client), ca->template_name, template_arn);
	s->what = ca->root ? plan_text(p, "let %s sign itself", of_ca(p, ca))
	                   : plan_text(p, "let “%s” sign %s", ca->signer->name, of_ca(p, ca));
	s->changes = plan_text(p, "a certificate for %s: template %s, valid for %s", of_ca(p, ca), ca->template_name, ca->validity_words);
	s->call = "acm-pca IssueCertificate";
	s->cost = price_of_certificate(p, ca->signer->short_lived);
	s->undo = ca->root ? "a root's own certificate cannot be revoked; delete the CA"
	                   : "revoke it; it does nothing before it is imported";
	s->token = ca->token;
	aws_line_begin(&l, &p->place, plan_text(p, "%s_CERT", ca->variable), "acm-pca issue-certificate");
	aws_line_raw(&l, "--certificate-authority-arn", ca_word(p, ca->signer));
	aws_line_raw(&l, "--csr", plan_text(p, "fileb://%s.csr", ca->file));
	aws_line_option(&l, "--signing-algorithm", pca_signing_algorithm(ca->signer->key_algorithm));
	aws_line_option(&l, "--template-arn", template_arn);
	aws_line_option(&l, "--validity", validity_option(p, &ca->validity));
	aws_line_option(&l, "--idempotency-token", ca->token);
	aws_line_query(&l, "CertificateArn");
	s->command = aws_line_end(&l, p, NULL);
	s->apply = sign;
	s->go_on = activate_later;
	s->subject = ca;
}

/* ---- get and import ---- */

static status
import(struct plan *p, struct plan_step *s, struct error *err)
{
	struct ca_making *ca = s->subject;
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct pca_certificate got = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_wait_certificate(p->place.client, ca->signer->arn, ca->issued, plan_waits, &waiter, p->arena, &got, &why) != STATUS_OK)
		return plan_failed(p, &why, "fetch the CA's certificate", err);
	/* A root's takes no chain, a subordinate's must have one (knowledge "aws" 1.4). */
	if (pca_import_ca_certificate(p->place.client, ca->arn, got.pem, ca->root ? NULL : got.chain, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "import the CA's certificate", err);
	return STATUS_OK;
}

void
ca_step_import(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add(p);
	const char *certificate = plan_text(p, "%s.pem", ca->file), *chain = plan_text(p, "%s-chain.pem", ca->file);
	const char *issued = ca->issued != NULL ? plan_word(p, ca->issued) : plan_text(p, "\"$%s_CERT\"", ca->variable);
	struct buf b = { 0 };
	struct aws_line l;

	s->what = plan_text(p, "import that certificate into %s", of_ca(p, ca));
	s->reads = "the certificate, as soon as it is issued";
	s->changes = plan_text(p, "%s becomes ACTIVE", of_ca(p, ca));
	s->call = "acm-pca GetCertificate, ImportCertificateAuthorityCertificate";
	s->undo = "disable it";
	aws_line_begin(&l, &p->place, NULL, "acm-pca wait certificate-issued");
	aws_line_raw(&l, "--certificate-authority-arn", ca_word(p, ca->signer));
	aws_line_raw(&l, "--certificate-arn", issued);
	buf_addf(&b, "%s &&\n", aws_line_end(&l, p, NULL));
	for (int part = 0; part < (ca->root ? 1 : 2); part++) {
		aws_line_begin(&l, &p->place, NULL, "acm-pca get-certificate");
		aws_line_raw(&l, "--certificate-authority-arn", ca_word(p, ca->signer));
		aws_line_raw(&l, "--certificate-arn", issued);
		aws_line_query(&l, part == 0 ? "Certificate" : "CertificateChain");
		buf_addf(&b, "%s &&\n", aws_line_end(&l, p, part == 0 ? certificate : chain));
	}
	aws_line_begin(&l, &p->place, NULL, "acm-pca import-certificate-authority-certificate");
	aws_line_raw(&l, "--certificate-authority-arn", ca_word(p, ca));
	aws_line_raw(&l, "--certificate", plan_text(p, "fileb://%s", certificate));
	if (!ca->root)
		aws_line_raw(&l, "--certificate-chain", plan_text(p, "fileb://%s", chain));
	buf_adds(&b, aws_line_end(&l, p, NULL));
	s->command = arena_strdup(p->arena, buf_str(&b));
	buf_done(&b);
	s->apply = import;
	s->go_on = activate_later;
	s->subject = ca;
}

/* ---- disable ---- */

static status
disable(struct plan *p, struct plan_step *s, struct error *err)
{
	struct ca_making *ca = s->subject;
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_update_ca(p->place.client, ca->arn, "DISABLED", NULL, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "disable the root", err);
	return STATUS_OK;
}

static const char *
disable_later(struct plan *p, const struct plan_step *s)
{
	(void)p;
	(void)s;
	return "Everything else of this plan stands and works; only the root is still enabled. Its command line above can be used at any time.";
}

void
ca_step_disable(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add(p);
	struct aws_line l;

	s->what = plan_text(p, "disable %s: keep it offline", of_ca(p, ca));
	s->changes = plan_text(p, "%s becomes DISABLED", of_ca(p, ca));
	s->call = "acm-pca UpdateCertificateAuthority";
	s->undo = "the same command with --status ACTIVE";
	aws_line_begin(&l, &p->place, NULL, "acm-pca update-certificate-authority");
	aws_line_raw(&l, "--certificate-authority-arn", ca_word(p, ca));
	aws_line_raw(&l, "--status", "DISABLED");
	s->command = aws_line_end(&l, p, NULL);
	s->apply = disable;
	s->go_on = disable_later;
	s->subject = ca;
}
