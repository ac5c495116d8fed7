/* mtlscope pca create: a CA, or root and subordinate in one go. */
#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "fixes/pca_create.h"
#include "fixes/pca_subject.h"
#include "model/page.h"

/* One subject: what was typed, and NAME where that has no common name. */
static status
read_subject(struct pca_session *s, const char *typed, const char *common_name, struct pca_subject *out, struct error *err)
{
	if (typed != NULL && pca_subject_read(typed, s->arena, out, err) != STATUS_OK)
		return STATUS_FAILED;
	if (out->common_name == NULL)
		out->common_name = common_name;
	if (out->common_name == NULL)
		return error_set(err, ERROR_USAGE, "options", "pca create: what is it called? mtlscope pca create NAME, or --subject “CN=…, O=…”");
	if (strlen(out->common_name) > 64)
		return error_set(err, ERROR_USAGE, "options", "%s: a common name has 64 characters at most", printable(out->common_name));
	return STATUS_OK;
}

static status
read_names(struct pca_session *s, struct pca_create_wish *w, struct error *err)
{
	const struct options *o = s->o;
	const char *name = o->operands_len > 0 ? o->operands[0] : NULL;

	if (!w->hierarchy)
		return read_subject(s, o->pca.subject, name, &w->subject, err);
	/* The root has the same organisation and so on, unless it is given a subject of its own. */
	if (read_subject(s, o->pca.subject, name != NULL ? arena_printf(s->arena, "%s Issuing CA 1", name) : NULL, &w->subject, err) != STATUS_OK)
		return STATUS_FAILED;
	if (o->pca.root_subject == NULL && name == NULL)
		return error_set(err, ERROR_USAGE, "options", "--hierarchy: what is the root called? mtlscope pca create NAME --hierarchy, or --root-subject “CN=…”");
	if (o->pca.root_subject == NULL) {
		w->root_subject = w->subject;
		w->root_subject.common_name = NULL;
	}
	return read_subject(s, o->pca.root_subject, name != NULL ? arena_printf(s->arena, "%s Root CA", name) : NULL, &w->root_subject, err);
}

static status
read_words(const struct options *o, struct error *err)
{
	const struct pca_words *w = &o->pca;

	if (o->operands_len > 1)
		return error_set(err, ERROR_USAGE, "options", "pca create takes one name; a name with blanks needs quotation marks");
	if (w->hierarchy && (w->root || w->parent != NULL))
		return error_set(err, ERROR_USAGE, "options", "--hierarchy makes both: --root and --parent have no place beside it");
	if (w->root && w->parent != NULL)
		return error_set(err, ERROR_USAGE, "options", "--root and --parent exclude each other: a root signs itself");
	if (!w->hierarchy && !w->root && w->parent == NULL)
		return error_set(err, ERROR_USAGE, "options", "pca create: --hierarchy (root and subordinate), --root (a root alone), or --parent CA (a subordinate of it)?");
	if (!w->hierarchy && (w->root_subject != NULL || w->root_days > 0 || w->disable_root))
		return error_set(err, ERROR_USAGE, "options", "--root-subject, --root-days and --disable-root belong to --hierarchy");
	if (w->key_algorithm != NULL && pca_signing_algorithm(w->key_algorithm) == NULL)
		return error_set(err, ERROR_USAGE, "options", "--key-algorithm %s: expected RSA_2048, RSA_3072, RSA_4096, EC_prime256v1, EC_secp384r1 or EC_secp521r1",
		    printable(w->key_algorithm));
	if (w->root && w->short_lived)
		return error_set(err, ERROR_USAGE, "options", "--short-lived is for the CA that issues; a root alone is not such a one");
	return gate_check(o, err);
}

/* After the hierarchy stands the root is not needed any more: on a terminal it is asked, else it is said how. */
static int
offer_offline(struct pca_session *s, struct pca_account *a, const struct plan *done, const char *root, int result)
{
	const char *arn = done->len > 0 ? done->steps[0].gave : NULL;
	struct buf out = { 0 };
	struct page page = { .out = &out, .style = &s->style };
	struct plan *p;
	bool applied;

	if (s->o->json || s->o->pca.disable_root || arn == NULL)
		return result;
	p = pca_disable_plan(&a->place, arn, root);
	if (!s->o->pca.yes && gate_ask("Disable the root now (keep it offline)? The plan is shown first. [y/N] ")) {
		result = session_carry_out(s, p, NULL, NULL, NULL, &applied);
	} else {
		page_text(&page, "  This disables it:\n");
		page_text(&page, p->steps[0].command);
		buf_addc(&out, '\n');
		session_print(s, &out);
	}
	plan_free(p);
	return result;
}

int
pca_create_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct pca_create_wish w = { .hierarchy = o->pca.hierarchy, .root = o->pca.root, .key_algorithm = o->pca.key_algorithm, .days = o->pca.days,
		.root_days = o->pca.root_days, .short_lived = o->pca.short_lived, .crl_bucket = o->pca.crl_bucket, .ocsp = o->pca.ocsp,
		.disable_root = o->pca.disable_root };
	struct pca_found parent = { .account = NULL };
	struct error err = { .code = ERROR_NONE };
	struct pca_account *a;
	struct plan *p = NULL;
	bool applied = false;
	int result;

	if (read_words(o, &err) != STATUS_OK)
		return complain_error(&err);
	if (session_open(o, &s, &err) != STATUS_OK || read_names(&s, &w, &err) != STATUS_OK)
		goto failed;
	if (o->pca.parent != NULL && session_find_ca(&s, o->pca.parent, &parent, &err) != STATUS_OK)
		goto failed;
	a = parent.account != NULL ? parent.account : s.accounts[0];
	if (parent.account == NULL && s.len > 1) {
		(void)error_set(&err, ERROR_USAGE, "options", "in which account? --aws NAME: the configuration has %zu", s.len);
		goto failed;
	}
	/* The account is looked at before anything is planned: wrong credentials show here, and equal names. */
	if (session_list(&s, a, &err) != STATUS_OK)
		goto failed;
	session_account_number(&s, a);
	w.parent = parent.account != NULL ? &parent.ca : NULL;
	w.known = a->cas;
	w.known_len = a->len;
	w.now = s.world->now_ms(s.world->self) / 1000;
	if (w.parent != NULL && strcmp(w.parent->status, "ACTIVE") != 0) {
		(void)error_set(&err, ERROR_USAGE, "options", "--parent %s is %s: only an ACTIVE CA signs", printable(o->pca.parent), w.parent->status);
		goto failed;
	}
	if (pca_create_plan(&a->place, &w, &p, &err) != STATUS_OK)
		goto failed;
	result = session_carry_out(&s, p, o->json ? session_json("create") : NULL, NULL, NULL, &applied);
	if (applied && w.hierarchy)
		result = offer_offline(&s, a, p, w.root_subject.common_name, result);
	goto out;
failed:
	result = session_fail(&s, &err);
out:
	plan_free(p);
	session_close(&s);
	return output_status(result);
}
