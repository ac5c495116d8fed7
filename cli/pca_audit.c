/* mtlscope pca audit: asks for an audit report. */
#include "fixes/pca_report.h"

#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "model/json_parts.h"
#include "model/times.h"

/* What the inventory remembers of this CA's reports: the bucket of last time, when the next one may be asked for. */
static void
look_up(struct pca_session *s, const struct pca_ca *ca, struct pca_report_wish *w)
{
	struct inventory_ca *cas = NULL;
	struct error unimportant = { .code = ERROR_NONE };
	size_t len = 0;

	w->next = TIME_UNKNOWN;
	if (session_inventory(s, &unimportant) != STATUS_OK || inventory_cas(s->inventory, s->now, session_soon(s), s->arena, &cas, &len, &unimportant) != STATUS_OK)
		return;
	for (size_t i = 0; i < len; i++) {
		if (strcmp(cas[i].arn, ca->arn) != 0)
			continue;
		w->next = inventory_next_report(&cas[i]);
		if (w->bucket == NULL)
			w->bucket = cas[i].report_bucket;
	}
}

static void
add_place(void *user, cJSON *to)
{
	json_add_text(to, "report", pca_report_place(user));
}

int
pca_audit_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct pca_report_wish w = { .bucket = o->pca.bucket, .format = o->pca.format };
	struct pca_found ca;
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	bool applied;
	int result;

	if (o->operands_len != 1) {
		complain("pca audit needs one CA, by its ARN, id or name: mtlscope pca audit CA");
		return EXIT_STATUS_USAGE;
	}
	if (gate_check(o, &err) != STATUS_OK)
		return complain_error(&err);
	if (session_open(o, &s, &err) != STATUS_OK || session_find_ca(&s, o->operands[0], &ca, &err) != STATUS_OK)
		goto failed;
	look_up(&s, &ca.ca, &w);
	w.ca = &ca.ca;
	w.now = s.world->now_ms(s.world->self) / 1000;
	if (pca_report_plan(&ca.account->place, &w, &p, &err) != STATUS_OK)
		goto failed;
	result = session_carry_out(&s, p, o->json ? session_json("audit") : NULL, add_place, p, &applied);
	goto out;
failed:
	result = session_fail(&s, &err);
out:
	plan_free(p);
	session_close(&s);
	return output_status(result);
}
