/* mtlscope pca show: one CA, or one certificate. */
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "cli/pca_show_page.h"
#include "fixes/pca_files.h"
#include "model/json.h"
#include "model/json_parts.h"
#include "probes/inventory_sync.h"

/* The ARN of one, or hexadecimal digits only, a serial's number of them at least. */
static bool
is_certificate(const char *word)
{
	if (strncmp(word, "arn:", 4) == 0)
		return strstr(word, "/certificate/") != NULL;
	if (strpbrk(word, "./") != NULL && access(word, F_OK) == 0)
		return true; /* a file that holds it, as revoke takes it */
	return strlen(word) >= 12 && word[strspn(word, "0123456789abcdefABCDEF:")] == '\0';
}

static const struct inventory_ca *
known_ca(struct pca_session *s, const char *arn)
{
	struct inventory_ca *cas = NULL;
	struct error err = { .code = ERROR_NONE };
	size_t len = 0;

	if (session_inventory(s, &err) != STATUS_OK || inventory_cas(s->inventory, s->now, session_soon(s), s->arena, &cas, &len, &err) != STATUS_OK)
		return NULL;
	for (size_t i = 0; i < len; i++) {
		if (strcmp(cas[i].arn, arn) == 0)
			return &cas[i];
	}
	return NULL;
}

static const char *
parent_name(struct pca_session *s, const struct inventory_ca *known)
{
	const struct inventory_ca *parent = known != NULL && known->parent != NULL ? known_ca(s, known->parent) : NULL;

	return parent != NULL ? parent->name : NULL;
}

/* ---- a CA ---- */

static status
show_ca(struct pca_session *s, const char *word, struct error *err)
{
	struct pca_found found;
	struct ca_page page = { .now = s->now, .soon = session_root_soon(s) };
	struct pca_certificate got = { .pem = NULL };
	struct pca_files files = { .leaf = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	struct error unimportant = { .code = ERROR_NONE };
	struct inventory_ca row;
	struct buf out = { 0 };

	if (session_find_ca(s, word, &found, err) != STATUS_OK)
		return STATUS_FAILED;
	page.where = plan_where(&found.account->place, s->arena);
	page.live = &found.ca;
	/* What is refused, or not there in this state, is left out: the rest is worth seeing. */
	if (pca_get_ca_certificate(found.account->place.client, found.ca.arn, s->arena, &got, &why) == STATUS_OK &&
	    pca_files_make(&got, s->arena, &files, &unimportant) == STATUS_OK)
		page.certificate = files.leaf;
	aws_error_clear(&why);
	page.permissions_known = pca_list_permissions(found.account->place.client, found.ca.arn, s->arena, &page.permissions, &page.permissions_len, &why) == STATUS_OK;
	aws_error_clear(&why);
	page.tags_known = pca_list_tags(found.account->place.client, found.ca.arn, s->arena, &page.tags, &page.tags_len, &why) == STATUS_OK;
	row = session_known_ca(s, found.account, &found.ca, got.pem != NULL ? &got : NULL);
	if (session_inventory(s, err) != STATUS_OK || inventory_put_ca(s->inventory, &row, err) != STATUS_OK) {
		pca_files_done(&files);
		return STATUS_FAILED;
	}
	page.known = known_ca(s, found.ca.arn);
	page.parent = parent_name(s, page.known);
	page.fates_known = inventory_fates(s->inventory, &(struct inventory_query){ .ca = found.ca.arn, .now = s->now, .soon = session_soon(s) }, page.fates,
	    &unimportant) == STATUS_OK;
	if (s->o->json) {
		cJSON *o = session_json("show");

		session_json_accounts(s, o);
		cJSON_AddItemToObject(o, "ca", ca_page_json(&page));
		json_print(o, &out);
	} else {
		ca_page(&page, &s->style, &out);
	}
	session_print(s, &out);
	pca_files_done(&files);
	return STATUS_OK;
}

/* ---- a certificate ---- */

static status
show_certificate(struct pca_session *s, const char *word, struct error *err)
{
	struct pca_named n;
	struct inventory_cert *c = NULL;
	struct inventory_query q;
	struct inventory_ca row;
	struct buf out = { 0 };

	if (session_find_certificate(s, word, true, &n, err) != STATUS_OK || session_inventory(s, err) != STATUS_OK)
		return STATUS_FAILED;
	q = (struct inventory_query){ .ca = n.of.ca.arn, .now = s->now, .soon = session_soon(s) };
	row = session_known_ca(s, n.of.account, &n.of.ca, NULL);
	if (inventory_put_ca(s->inventory, &row, err) != STATUS_OK || inventory_cert(s->inventory, n.arn, &q, s->arena, &c, err) != STATUS_OK)
		return STATUS_FAILED;
	if (c == NULL)
		return error_set(err, ERROR_USAGE, "inventory", "%s is not in the inventory: mtlscope pca get %s fetches it, pca sync reads what the CA issued", printable(word), n.arn);
	/* Names and purposes stand in the certificate alone. */
	if (c->pem == NULL && (inventory_fetch(s->inventory, n.of.account->place.client, n.arn, err) != STATUS_OK ||
	    inventory_cert(s->inventory, n.arn, &q, s->arena, &c, err) != STATUS_OK || c == NULL))
		return STATUS_FAILED;
	if (s->o->json) {
		cJSON *o = session_json("show");

		session_json_accounts(s, o);
		cJSON_AddItemToObject(o, "certificate", inventory_cert_json(c));
		json_print(o, &out);
	} else {
		struct page page = { .out = &out, .style = &s->style };

		page_text(&page, "in  ");
		page_wrap(&page, 4, 4, plan_where(&n.of.account->place, s->arena));
		inventory_cert_page(c, row.subject, s->now, &s->style, &out);
	}
	session_print(s, &out);
	return STATUS_OK;
}

int
pca_show_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct error err = { .code = ERROR_NONE };
	int result = EXIT_STATUS_DONE;

	if (o->operands_len != 1) {
		complain("pca show needs one CA or one certificate: mtlscope pca show NAME");
		return EXIT_STATUS_USAGE;
	}
	if (session_open(o, &s, &err) != STATUS_OK ||
	    (is_certificate(o->operands[0]) ? show_certificate(&s, o->operands[0], &err) : show_ca(&s, o->operands[0], &err)) != STATUS_OK)
		result = session_fail(&s, &err);
	session_close(&s);
	return output_status(result);
}
