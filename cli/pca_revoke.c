/* mtlscope pca revoke: a certificate by its ARN, its serial, or the file that holds it. */
#include "fixes/pca_revoke.h"

#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "model/identity.h"
#include "model/times.h"

/* Who asks to revoke sees whose it is: out of the inventory, else from AWS, else by its serial alone. */
static void
look_up(struct pca_session *s, const struct pca_named *n, struct pca_revoke_wish *w)
{
	struct inventory_query q = { .ca = n->of.ca.arn, .now = s->now, .soon = session_soon(s) };
	struct inventory_cert *known = NULL;
	struct error unimportant = { .code = ERROR_NONE };

	w->not_after = TIME_UNKNOWN;
	if (session_inventory(s, &unimportant) != STATUS_OK || inventory_cert(s->inventory, n->arn, &q, s->arena, &known, &unimportant) != STATUS_OK || known == NULL)
		return;
	w->name = known->name;
	w->not_after = known->not_after;
}

/* The inventory knows it at once, and not only from the next report. */
static void
remember(struct pca_session *s, const struct pca_named *n, const char *reason)
{
	struct inventory_query q = { .ca = n->of.ca.arn, .now = s->now, .soon = session_soon(s) };
	struct inventory_cert *known = NULL;
	struct inventory_record record = { .arn = n->arn, .serial = n->serial, .revocation_reason = reason };
	char template_arn[PCA_ARN_MAX];
	struct error err = { .code = ERROR_NONE };
	size_t added, changed;
	bool good;

	if (s->inventory == NULL || inventory_cert(s->inventory, n->arn, &q, s->arena, &known, &err) != STATUS_OK || known == NULL)
		return;
	record.subject = known->subject;
	record.requested_by = known->requested_by;
	record.not_before = known->not_before;
	record.not_after = known->not_after;
	record.issued = known->issued;
	record.revoked = known->revoked != TIME_UNKNOWN ? known->revoked : s->world->now_ms(s->world->self) / 1000;
	if (known->template_name != NULL) {
		pca_template_arn(aws_client_partition(n->of.account->place.client), known->template_name, template_arn);
		record.template_arn = template_arn;
	}
	if (inventory_import_begin(s->inventory, n->of.ca.arn, &err) != STATUS_OK)
		return;
	good = inventory_import_add(s->inventory, &record, &err) == STATUS_OK;
	if (inventory_import_end(s->inventory, good, TIME_UNKNOWN, &added, &changed, &err) != STATUS_OK || !good)
		complain("it is revoked; the inventory could not note it: %s", err.text);
}

/* Shown with another's key it would be refused for that, and the refusal taken for the revocation's. Before anything is revoked. */
static status
check_pair(const char *cert, const char *key, struct error *err)
{
	struct identity_source source = { .cert = cert, .key = key };
	struct identity *id = NULL;
	status result = identity_load(&source, &id, err);

	if (result == STATUS_OK && !id->matches)
		result = error_set(err, ERROR_USAGE, "options", "--try: the key in %s does not belong to the certificate in %s, and no server would accept the two", printable(key),
		    printable(cert));
	identity_free(id);
	return result;
}

/* --try TARGET wants the certificate's file and its key. */
static status
read_try(const struct options *o, struct pca_revoke_wish *w, struct target *at, struct error *err)
{
	if (o->pca.try_at == NULL)
		return STATUS_OK;
	if (o->key == NULL || access(o->operands[0], R_OK) != 0)
		return error_set(err, ERROR_USAGE, "options", "--try shows the certificate to %s: name its file, and its key with --key FILE", printable(o->pca.try_at));
	if (check_pair(o->operands[0], o->key, err) != STATUS_OK || target_parse(o->pca.try_at, at, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->servername != NULL && target_set_servername(at, o->servername, err) != STATUS_OK)
		return STATUS_FAILED;
	w->try_at = at;
	w->cert = o->operands[0];
	w->key = o->key;
	return STATUS_OK;
}

int
pca_revoke_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct pca_revoke_wish w = { .reason = o->pca.reason };
	struct pca_named n;
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	struct target try_at = { .host = NULL };
	bool applied;
	int result;

	if (o->operands_len != 1) {
		complain("pca revoke needs one certificate, by its ARN, its serial or a file: mtlscope pca revoke cert.pem");
		return EXIT_STATUS_USAGE;
	}
	if (gate_check(o, &err) != STATUS_OK)
		return complain_error(&err);
	if (session_open(o, &s, &err) != STATUS_OK || session_find_certificate(&s, o->operands[0], true, &n, &err) != STATUS_OK)
		goto failed;
	look_up(&s, &n, &w);
	w.ca = &n.of.ca;
	w.serial = n.serial;
	w.now = s.world->now_ms(s.world->self) / 1000;
	if (read_try(o, &w, &try_at, &err) != STATUS_OK)
		goto failed;
	if (pca_revoke_plan(&n.of.account->place, &w, &p, &err) != STATUS_OK)
		goto failed;
	result = session_carry_out(&s, p, o->json ? session_json("revoke") : NULL, NULL, NULL, &applied);
	/* Revoked is revoked, whatever came after it. */
	if (applied || p->steps[0].state == STEP_DONE)
		remember(&s, &n, pca_revoke_reason(p));
	goto out;
failed:
	result = session_fail(&s, &err);
out:
	target_done(&try_at);
	plan_free(p);
	session_close(&s);
	return output_status(result);
}
