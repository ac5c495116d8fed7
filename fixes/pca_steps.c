#include "fixes/pca_steps.h"

#include <stdlib.h>
#include <string.h>

#include "fixes/aws_line.h"
#include "fixes/deeds.h"
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

/* A shell word for a CA in a command line: "$ROOT" where the plan makes it, its ARN where it is there. */
static const char *
ca_word(struct plan *p, const struct ca_making *ca)
{
	return ca->arn != NULL ? plan_word(p, ca->arn) : plan_text(p, "\"$%s\"", ca->variable);
}

const char *
validity_option(struct plan *p, const struct pca_validity *v)
{
	return plan_text(p, "Value=%lld,Type=%s", (long long)v->value, v->type);
}

/* ---- what the deeds get ---- */

static void
add(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

/* The ARN of a CA that is there; of one that the plan makes the value that will have it. */
static void
add_ca(struct plan *p, cJSON *o, const char *name, const struct ca_making *ca)
{
	if (ca->arn != NULL)
		cJSON_AddStringToObject(o, name, ca->arn);
	else
		cJSON_AddStringToObject(o, plan_text(p, "%s_from", name), plan_text(p, "%s.arn", ca->file));
}

static cJSON *
ca_args(struct plan *p, const struct ca_making *ca)
{
	cJSON *o = cJSON_CreateObject();

	add(o, "as", ca->file);
	add(o, "name", ca->name);
	cJSON_AddBoolToObject(o, "root", ca->root);
	add_ca(p, o, "ca", ca);
	if (ca->signer != NULL)
		add_ca(p, o, "signer", ca->signer);
	add(o, "issued", ca->issued);
	return o;
}

static cJSON *
creation_args(struct plan *p, const struct ca_making *ca)
{
	const struct pca_create *c = ca->create;
	cJSON *o = cJSON_CreateObject(), *r;

	add(o, "as", ca->file);
	add(o, "name", ca->name);
	add(o, "type", c->type);
	add(o, "key_algorithm", c->key_algorithm);
	add(o, "usage_mode", c->usage_mode);
	cJSON_AddItemToObject(o, "subject", pca_subject_json(&c->subject));
	if (ca->signer != NULL && ca->signer != ca)
		add_ca(p, o, "signer", ca->signer);
	if (c->revocation == NULL)
		return o;
	r = cJSON_AddObjectToObject(o, "revocation");
	add(r, "crl_bucket", c->revocation->crl_bucket);
	add(r, "crl_acl", c->revocation->crl_acl);
	cJSON_AddNumberToObject(r, "crl_days", c->revocation->crl_days);
	cJSON_AddBoolToObject(r, "ocsp", c->revocation->ocsp);
	return o;
}

static cJSON *
signing_args(struct plan *p, const struct ca_making *ca)
{
	cJSON *o = ca_args(p, ca);

	add(o, "template", ca->template_name);
	add(o, "signing_algorithm", pca_signing_algorithm(ca->signer->key_algorithm));
	add(o, "validity_type", ca->validity.type);
	cJSON_AddNumberToObject(o, "validity", (double)ca->validity.value);
	return o;
}

static cJSON *
status_args(struct plan *p, const struct ca_making *ca)
{
	cJSON *o = cJSON_CreateObject();

	add(o, "name", ca->name);
	add_ca(p, o, "ca", ca);
	add(o, "status", "DISABLED");
	return o;
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

/* The configuration that CreateCertificateAuthority takes, as the aws program wants it: JSON. */
static const char *
ca_configuration_json(struct plan *p, const struct pca_create *c)
{
	cJSON *o = cJSON_CreateObject();

	add(o, "KeyAlgorithm", c->key_algorithm);
	add(o, "SigningAlgorithm", c->signing_algorithm);
	cJSON_AddItemToObject(o, "Subject", pca_subject_json(&c->subject));
	return printed(p, o);
}

static const char *
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

void
ca_step_create(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add_deed(p, &deed_create_ca, creation_args(p, ca));
	const struct pca_create *c = ca->create;
	struct aws_line l;

	s->what = plan_text(p, "create %s", of_ca(p, ca));
	s->changes = plan_text(p, "a new %s CA “%s”, %s, in PENDING_CERTIFICATE", ca->root ? "root" : "subordinate", ca->name, ca->key_algorithm);
	s->call = "acm-pca CreateCertificateAuthority";
	s->cost = price_of_ca(p, ca->short_lived, 1);
	s->undo = "disable and delete it, unless a certificate that others had from it is known here to be valid (AWS lists none; mtlscope pca sync learns of them). It can "
	    "be restored for 30 days, and is not billed from its deletion on";
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
}

/* ---- CSR ---- */

void
ca_step_csr(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add_deed(p, &deed_ca_csr, ca_args(p, ca));
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
}

/* ---- sign ---- */

void
ca_step_sign(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add_deed(p, &deed_sign_ca, signing_args(p, ca));
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
}

/* ---- get and import ---- */

void
ca_step_import(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add_deed(p, &deed_import_ca, ca_args(p, ca));
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
}

/* ---- disable ---- */

void
ca_step_disable(struct plan *p, struct ca_making *ca)
{
	struct plan_step *s = plan_add_deed(p, &deed_set_ca_status, status_args(p, ca));
	struct aws_line l;

	s->what = plan_text(p, "disable %s: keep it offline", of_ca(p, ca));
	s->changes = plan_text(p, "%s becomes DISABLED", of_ca(p, ca));
	s->call = "acm-pca UpdateCertificateAuthority";
	s->undo = "the same command with --status ACTIVE";
	aws_line_begin(&l, &p->place, NULL, "acm-pca update-certificate-authority");
	aws_line_raw(&l, "--certificate-authority-arn", ca_word(p, ca));
	aws_line_raw(&l, "--status", "DISABLED");
	s->command = aws_line_end(&l, p, NULL);
}
