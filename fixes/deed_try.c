/*
 * try: shows an endpoint a certificate and says whether it is let in. {TARGET (fixes/deed_target.h), "cert" and "key": files, or "as": AS.fullchain and
 * the private file AS.key; "expects": "accepted" or "refused"}. Where it does not come as expected the plan stops, before anything that comes later
 * is touched: the positive control of a new certificate (knowledge "diagnosis" 5, E18). "must" false: what was seen is only said.
 */
#include <string.h>

#include "fixes/deed_target.h"
#include "fixes/deeds.h"
#include "model/identity.h"
#include "model/save.h"
#include "probes/examine.h"

enum { PATIENCE_MS = 15000 };

/* The certificate as a file beside its key: what identity_load() takes. */
static status
made_files(struct plan *p, const char *as, struct identity_source *source, struct error *err)
{
	const char *chain = plan_value(p, plan_text(p, "%s.fullchain", as)), *path = plan_private(p, plan_text(p, "%s.crt", as));

	if (chain == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no certificate to be tried");
	if (save_private_file(path, chain, strlen(chain), true, err) != SAVED)
		return STATUS_FAILED;
	source->cert = path;
	source->key = plan_private(p, plan_text(p, "%s.key", as));
	return STATUS_OK;
}

static status
load(struct plan *p, struct plan_step *s, struct identity **out, struct error *err)
{
	const char *as = step_arg(s, "as");
	struct identity_source source = { .cert = step_arg(s, "cert"), .key = step_arg(s, "key") };

	if (as != NULL && made_files(p, as, &source, err) != STATUS_OK)
		return STATUS_FAILED;
	return identity_load(&source, out, err);
}

/* What was seen, for who reads on: a server that could not be asked, or does not ask, has neither refused nor accepted. */
static void
tell(struct plan *p, const char *target, bool refuses, bool accepts, bool revoked, const char *said)
{
	if (refuses)
		plan_after(p, "Tried: %s refuses it now: %s.", target, said);
	else if (accepts && revoked)
		plan_after(p, "Tried: %s still accepts it. Revocation reaches only who looks: its CRL, OCSP, and sessions that were made before.", target);
	else if (accepts)
		plan_after(p, "Tried before any file was touched: %s accepts it.", target);
	else
		plan_after(p, "Tried, and it was not seen whether %s accepts it: %s.", target, said);
}

static status
judge(struct plan *p, struct plan_step *s, const struct examination *x, struct error *err)
{
	bool refused = strcmp(step_arg(s, "expects") != NULL ? step_arg(s, "expects") : "accepted", "refused") == 0;
	const struct handshake *h = evidence_baseline(x->evidence);
	bool refuses = evidence_refused(x->evidence), accepts = evidence_accepted(x->evidence) && h != NULL && h->outcome != OUTCOME_NOT_ASKED;
	const char *said = x->diagnosis->root != NULL ? x->diagnosis->root->title : x->diagnosis->headline;
	const char *target = plan_shown(p, step_arg(s, "target"));

	if (said == NULL)
		said = refuses ? "it does not say why" : "it did not say";
	if ((refused ? refuses : accepts) || !step_arg_true(s, "must")) {
		tell(p, target, refuses, accepts, refused, said);
		return STATUS_OK;
	}
	if (refuses)
		return error_set(err, ERROR_NOT_DONE, "trying", "%s does not accept the new certificate either (%s): the cause is another, and no file of yours was touched",
		    target, said);
	return error_set(err, ERROR_NOT_DONE, "trying", "whether %s accepts the new certificate could not be seen (%s); no file of yours was touched", target, said);
}

static status
try(struct plan *p, struct plan_step *s, struct error *err)
{
	struct examine_options how = examine_defaults;
	struct identity *id = NULL;
	struct examiner *engine = NULL;
	struct examination *x = NULL;
	struct target t;
	status result;

	if (deed_target(s, &t, err) != STATUS_OK)
		return STATUS_FAILED;
	how.quick = true;
	how.max_time_ms = PATIENCE_MS;
	result = load(p, s, &id, err);
	if (result == STATUS_OK)
		result = examiner_start(&how, world_real(), &engine, err);
	if (result == STATUS_OK) {
		examiner_add(engine, &t, id, NULL, NULL);
		x = examiner_next(engine, -1);
		result = x != NULL ? judge(p, s, x, err) : error_set(err, ERROR_NETWORK, "trying", "the endpoint could not be asked");
	}
	examination_free(x);
	examiner_free(engine);
	identity_free(id);
	target_done(&t);
	return result;
}

const struct deed deed_try = {
	.name = "try",
	.apply = try,
};
