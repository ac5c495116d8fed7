/* Operations on certificates: issue, get, revoke. */
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lab/pca_internal.h"
#include "lab/sql.h"

/* One that is asked for so soon after it was ordered hears “in progress” once, ready or not: as with AWS. */
enum { IN_PROGRESS_MS = 3000 };

/* ---- issue ---- */

/* A root may sign its own certificate before it is active, and after it has expired; nobody else may anything then. */
static bool
may_issue(struct pca_call *k, const struct pca_template *t)
{
	if (k->ca->state == PCA_ACTIVE || (t->root && strcmp(k->ca->type, "ROOT") == 0))
		return true;
	cloud_fail(k->p, "InvalidStateException", "The certificate authority is not in a valid state for issuing certificates");
	return false;
}

static void
reply_arn(struct pca_call *k, const char *arn)
{
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "CertificateArn", arn);
	cloud_reply_json(k->p, o);
}

/* 128 bits, and the top one 0: a positive number of 16 octets. */
static void
draw_serial(unsigned char out[16])
{
	if (RAND_bytes(out, 16) != 1)
		abort(); /* a broken OpenSSL */
	out[0] = (unsigned char)((out[0] & 0x7f) | 0x40); /* never short: the ARN has 32 digits, and so has the number */
}

/* The row: what it takes to sign it whenever. */
static bool
order(struct pca_call *k, const struct pca_order *o, bool fails, const struct pca_fault *fault, const char *arn)
{
	cJSON *json = cJSON_Duplicate(k->q->json, true);
	int64_t from = 0, to = 0;
	struct pca_fault ignored;
	char *request;
	bool kept;

	cJSON_DeleteItemFromObjectCaseSensitive(json, "IdempotencyToken");
	cJSON_DeleteItemFromObjectCaseSensitive(json, "CertificateAuthorityArn");
	request = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	(void)pca_validity_of(&o->s, &from, &to, &ignored);
	kept = sql_do(k->db, "INSERT INTO pca_cert(ca, serial, state, not_before, not_after, issued, template, request, fault, asked_for_ms)"
	    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", "ibiiiittti", k->ca->id, o->s.serial, sizeof o->s.serial,
	    (int64_t)(fails ? PCA_CERT_FAILED : PCA_CERT_PENDING), from, to, k->q->now, o->s.template->name, request, fails ? fault->message : NULL,
	    pca_ms()) && pca_token_keep(k, arn);
	cJSON_free(request);
	return kept;
}

void
pca_issue(struct pca_call *k)
{
	const struct pca_template *t = pca_template_of(pca_in_text(k, "TemplateArn"));
	struct pca_fault fault = { .code = "" };
	struct pca_order o;
	unsigned char serial[16];
	char hex[33];
	const char *arn;
	bool late = false, good;

	if (t == NULL) {
		cloud_fail(k->p, "InvalidArgsException", "The template ARN %s is not valid.", pca_in_text(k, "TemplateArn"));
		return;
	}
	if (!pca_token_find(k, &arn))
		return;
	if (arn != NULL) {
		reply_arn(k, arn);
		return;
	}
	if (!may_issue(k, t))
		return;
	draw_serial(serial);
	pca_order_read(&o, k->db, k->a, k->ca, k->q->json, k->q->now, serial);
	good = pca_check_request(&o.s, &fault, &late);
	if (!good && !late) {
		pca_fault_reply(k, &fault);
		goto out;
	}
	pca_hex(serial, sizeof serial, "", hex);
	arn = arena_printf(k->a, "%s/certificate/%s", k->ca->arn, hex);
	if (order(k, &o, !good, &fault, arn)) {
		pca_worker_wants(k);
		reply_arn(k, arn);
	} else {
		cloud_fail(k->p, "InternalFailure", "The request could not be stored.");
	}
out:
	pca_order_done(&o);
}

/* ---- get ---- */

static bool
serial_of_arn(struct pca_call *k, unsigned char serial[16])
{
	const char *arn = pca_in_text(k, "CertificateArn"), *rest;
	size_t len = strlen(k->ca->arn);

	if (strncmp(arn, k->ca->arn, len) == 0 && strncmp(arn + len, "/certificate/", 13) == 0) {
		rest = arn + len + 13;
		if (strlen(rest) == 32 && pca_serial_parse(rest, serial))
			return true;
	}
	cloud_fail(k->p, "InvalidArnException", "The ARN %s is not the ARN of a certificate of this certificate authority.", arn);
	return false;
}

/* The issuing CA, then those above it, the root last. A root's own certificate has nothing above it. */
static const char *
chain_of(struct pca_call *k, const struct pca_cert *row)
{
	const struct pca_template *t = row->template_name != NULL ?
	    pca_template_of(arena_printf(k->a, "arn:aws:acm-pca:::template/%s/V1", row->template_name)) : NULL;

	if ((t != NULL && t->root) || k->ca->certificate == NULL)
		return NULL;
	return k->ca->chain != NULL ? arena_printf(k->a, "%s\n%s", k->ca->certificate, k->ca->chain) : k->ca->certificate;
}

static void
give(struct pca_call *k, const struct pca_cert *row)
{
	const char *chain = chain_of(k, row);
	cJSON *o = cJSON_CreateObject();

	cJSON_AddStringToObject(o, "Certificate", row->pem);
	if (chain != NULL)
		cJSON_AddStringToObject(o, "CertificateChain", chain);
	cloud_reply_json(k->p, o);
}

void
pca_get(struct pca_call *k)
{
	unsigned char serial[16];
	struct pca_cert row;
	bool early;

	if (!serial_of_arn(k, serial))
		return;
	if (!pca_cert_load(k->db, k->a, k->ca->id, serial, &row)) {
		cloud_fail(k->p, "ResourceNotFoundException", "Could not find Certificate with ARN: %s", pca_in_text(k, "CertificateArn"));
		return;
	}
	early = !row.asked && row.state != PCA_CERT_UNSIGNED && row.asked_for_ms != 0 && pca_ms() - row.asked_for_ms < IN_PROGRESS_MS;
	if (early)
		sql_do(k->db, "UPDATE pca_cert SET asked = 1 WHERE id = ?", "i", row.id);
	/* Nobody waits for the worker twice: what it has not come to yet is signed here. */
	if (!early && (row.state == PCA_CERT_UNSIGNED || row.state == PCA_CERT_PENDING) && pca_sign_row(k->c, k->db, &row))
		(void)pca_cert_load(k->db, k->a, k->ca->id, serial, &row);
	if (early || row.state == PCA_CERT_PENDING)
		cloud_fail(k->p, "RequestInProgressException", "The request to issue certificate %s is in progress.", pca_in_text(k, "CertificateArn"));
	else if (row.state == PCA_CERT_FAILED)
		cloud_fail(k->p, "RequestFailedException", "Certificate ARN is in a failed state.");
	else if (row.state == PCA_CERT_ISSUED)
		give(k, &row);
	else
		cloud_fail(k->p, "InternalFailure", "The certificate could not be stored.");
}

/* ---- revoke ---- */

/* False: refused. */
static bool
may_be_revoked(struct pca_call *k, const struct pca_cert *row)
{
	const struct pca_template *t = pca_template_of(row->template_name != NULL ?
	    arena_printf(k->a, "arn:aws:acm-pca:::template/%s/V1", row->template_name) : NULL);

	if (t != NULL && t->root)
		cloud_fail(k->p, "InvalidRequestException", "Self-signed certificate can not be revoked");
	else if (row->state == PCA_CERT_PENDING)
		cloud_fail(k->p, "RequestInProgressException", "The certificate is still being issued.");
	else if (row->state == PCA_CERT_FAILED)
		cloud_fail(k->p, "RequestFailedException", "Certificate ARN is in a failed state.");
	else if (row->revoked != 0)
		cloud_fail(k->p, "RequestAlreadyProcessedException", "The certificate has already been revoked.");
	else if (row->not_after < k->q->now)
		cloud_fail(k->p, "InvalidRequestException", "An expired certificate can not be revoked");
	else
		return true;
	return false;
}

void
pca_revoke(struct pca_call *k)
{
	const char *text = pca_in_text(k, "CertificateSerial");
	unsigned char serial[16];
	struct pca_cert row;
	char hex[33];

	if (!pca_serial_parse(text, serial)) {
		cloud_fail(k->p, "InvalidRequestException", "The certificate serial number %s is not a hexadecimal number.", text);
		return;
	}
	if (!pca_cert_load(k->db, k->a, k->ca->id, serial, &row)) {
		cloud_fail(k->p, "ResourceNotFoundException", "Could not find Certificate with serial number %s.", text);
		return;
	}
	if (!may_be_revoked(k, &row))
		return;
	pca_hex(serial, sizeof serial, "", hex);
	if (!sql_do(k->db, "UPDATE pca_cert SET revoked = ?, reason = ? WHERE id = ?", "iti", k->q->now, pca_in_text(k, "RevocationReason"), row.id)) {
		cloud_fail(k->p, "InternalFailure", "The revocation could not be stored.");
		return;
	}
	pca_crl_stale(k->db, k->ca->id);
	pca_tell(k->db, "ACM Private CA Certificate Revocation", k->ca->arn, arena_printf(k->a, "%s/certificate/%s", k->ca->arn, hex), true, NULL);
	k->c->pca->finished = true;
}
