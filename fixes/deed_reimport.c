/*
 * reimport-ca: {"ca", "name", "cert" or "cert_from", "chain" or "chain_from"}: another certificate of the same key into a private CA that has
 * one (knowledge "aws" 1.4, 2.4: a re-import renews). The old one is looked at first, and imported again on the way back.
 */
#include <string.h>

#include "aws/pca.h"
#include "fixes/deeds.h"
#include "model/pem_blocks.h"

static status
ca_now(struct plan *p, const struct plan_step *s, struct pca_certificate *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (step_arg(s, "ca") == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "which CA is meant is not known");
	if (pca_get_ca_certificate(p->place.client, step_arg(s, "ca"), p->arena, out, &why) != STATUS_OK)
		return plan_failed(p, &why, "look at the CA's certificate", err);
	return STATUS_OK;
}

static status
look(struct plan *p, struct plan_step *s, struct error *err)
{
	struct pca_certificate now = { .pem = NULL };

	if (ca_now(p, s, &now, err) != STATUS_OK)
		return STATUS_FAILED;
	cJSON_AddStringToObject(s->before, "cert", now.pem);
	if (now.chain != NULL)
		cJSON_AddStringToObject(s->before, "chain", now.chain);
	return STATUS_OK;
}

/* The same certificate, whatever stands around the blocks? */
static bool
same(const char *a, const char *b)
{
	struct buf one = { 0 }, two = { 0 };
	bool equal;

	pem_blocks_copy(a, strlen(a), PEM_CERTIFICATES, &one);
	pem_blocks_copy(b, strlen(b), PEM_CERTIFICATES, &two);
	equal = one.len > 0 && one.len == two.len && memcmp(one.data, two.data, one.len) == 0;
	buf_done(&one);
	buf_done(&two);
	return equal;
}

/* What it has now is what was there before, or what this step puts there; else it is somebody's, who has renewed it meanwhile. */
static bool
is_known(const struct plan *p, const struct plan_step *s, const char *now)
{
	const char *before = step_before(s, "cert"), *after = step_arg_value(p, s, "cert");

	return (before != NULL && same(now, before)) || (after != NULL && same(now, after));
}

static status
import(struct plan *p, struct plan_step *s, const char *pem, const char *chain, struct error *err)
{
	struct pca_certificate now = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };

	if (pem == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no certificate to import");
	if (ca_now(p, s, &now, err) != STATUS_OK)
		return STATUS_FAILED;
	if (same(now.pem, pem))
		return STATUS_OK;
	if (!is_known(p, s, now.pem))
		return error_set(err, ERROR_NOT_DONE, "plan", "“%s” has been given another certificate by somebody else since; it stays as it is",
		    step_arg(s, "name") != NULL ? step_arg(s, "name") : plan_shown(p, step_arg(s, "ca")));
	if (pca_import_ca_certificate(p->place.client, step_arg(s, "ca"), pem, chain, &why) != STATUS_OK)
		return plan_change_failed(p, s, &why, "import the CA's certificate", err);
	return STATUS_OK;
}

static status
apply(struct plan *p, struct plan_step *s, struct error *err)
{
	return import(p, s, step_arg_value(p, s, "cert"), step_arg_value(p, s, "chain"), err);
}

static status
undo(struct plan *p, struct plan_step *s, struct error *err)
{
	return import(p, s, step_before(s, "cert"), step_before(s, "chain"), err);
}

const struct deed deed_reimport_ca = {
	.name = "reimport-ca",
	.look = look,
	.apply = apply,
	.undo = undo,
	.aws = true,
	.back_on_failure = true,
};
