/* mtlscope pca activate: finishes a CA that waits for its certificate. */
#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "fixes/pca_create.h"

/* Without --parent: the only root that could be meant. */
static status
find_parent(struct pca_session *s, const struct pca_found *ca, struct pca_found *out, struct error *err)
{
	const char *word = s->o->pca.parent;
	size_t found = 0;

	if (word != NULL)
		return session_find_ca(s, word, out, err);
	if (strcmp(ca->ca.type, "ROOT") == 0 || session_list(s, ca->account, err) != STATUS_OK)
		return error_is_set(err) ? STATUS_FAILED : STATUS_OK;
	for (size_t i = 0; i < ca->account->len; i++) {
		const struct pca_ca *c = &ca->account->cas[i];

		if (strcmp(c->type, "ROOT") != 0 || strcmp(c->status, "ACTIVE") != 0)
			continue;
		found++;
		*out = (struct pca_found){ .account = ca->account, .ca = *c };
	}
	if (found != 1)
		out->account = NULL; /* the plan says what is needed */
	return STATUS_OK;
}

int
pca_activate_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct pca_activate_wish w = { .days = o->pca.days, .issued = o->pca.certificate };
	struct pca_found ca, parent = { .account = NULL };
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	bool applied;
	int result;

	if (o->operands_len != 1) {
		complain("pca activate needs one CA, by its ARN, id or name: mtlscope pca activate CA");
		return EXIT_STATUS_USAGE;
	}
	if (gate_check(o, &err) != STATUS_OK)
		return complain_error(&err);
	if (session_open(o, &s, &err) != STATUS_OK || session_find_ca(&s, o->operands[0], &ca, &err) != STATUS_OK ||
	    find_parent(&s, &ca, &parent, &err) != STATUS_OK)
		goto failed;
	w.ca = &ca.ca;
	w.parent = parent.account != NULL ? &parent.ca : NULL;
	w.now = s.world->now_ms(s.world->self) / 1000;
	if (pca_activate_plan(&ca.account->place, &w, &p, &err) != STATUS_OK)
		goto failed;
	result = session_carry_out(&s, p, o->json ? session_json("activate") : NULL, NULL, NULL, &applied);
	goto out;
failed:
	result = session_fail(&s, &err);
out:
	plan_free(p);
	session_close(&s);
	return output_status(result);
}
