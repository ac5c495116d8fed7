/* mtlscope pca tree: the CAs as trees, read from AWS and kept in the inventory. */
#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "model/json_parts.h"

enum { LEAVES_LOOKED_AT = 200 };

/* What the inventory has of a CA, or NULL. */
static const struct inventory_ca *
known(const struct inventory_ca *cas, size_t len, const char *arn)
{
	for (size_t i = 0; i < len; i++) {
		if (strcmp(cas[i].arn, arn) == 0)
			return &cas[i];
	}
	return NULL;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Puts one into the inventory; its certificate is fetched where it is new or another one. */
static status
keep(struct pca_session *s, struct pca_account *a, const struct pca_ca *ca, const struct inventory_ca *before, struct error *err)
{
	struct pca_certificate got = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	struct inventory_ca row;
	/* One that waits for its certificate has none; one that is deleted does not give it any more. */
	bool has_one = strcmp(ca->status, "PENDING_CERTIFICATE") != 0 && strcmp(ca->status, "CREATING") != 0 && strcmp(ca->status, "FAILED") != 0 &&
	    strcmp(ca->status, "DELETED") != 0;
	bool fetch = has_one && (before == NULL || before->pem == NULL || !same(before->serial, ca->serial) || before->not_after != ca->not_after);

	/* Where it cannot be fetched the CA stands all the same, only its parent is not known. */
	if (fetch && pca_get_ca_certificate(a->place.client, ca->arn, s->arena, &got, &why) != STATUS_OK)
		got = (struct pca_certificate){ .pem = NULL };
	row = session_known_ca(s, a, ca, got.pem != NULL ? &got : NULL);
	return inventory_put_ca(s->inventory, &row, err);
}

/* Lists every account and keeps what it has. One that cannot be asked is a problem of its own. */
static status
refresh(struct pca_session *s, int *asked, struct error *err)
{
	struct inventory_ca *before = NULL;
	size_t len = 0;

	if (session_inventory(s, err) != STATUS_OK || inventory_cas(s->inventory, s->now, session_soon(s), s->arena, &before, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < s->len; i++) {
		struct pca_account *a = s->accounts[i];
		struct error why = { .code = ERROR_NONE };

		if (session_list(s, a, &why) != STATUS_OK)
			continue;
		(*asked)++;
		session_account_number(s, a);
		for (size_t k = 0; k < a->len; k++) {
			if (keep(s, a, &a->cas[k], known(before, len, a->cas[k].arn), err) != STATUS_OK)
				return STATUS_FAILED;
		}
	}
	return STATUS_OK;
}

/* Is it of what was asked now: listed, or of an account that could not be asked? */
static bool
belongs(const struct pca_session *s, const struct inventory_ca *ca)
{
	for (size_t i = 0; i < s->len; i++) {
		const struct pca_account *a = s->accounts[i];

		for (size_t k = 0; k < a->len; k++) {
			if (strcmp(a->cas[k].arn, ca->arn) == 0)
				return true;
		}
		if (!a->listed && same(ca->account, account_label(a)) && same(ca->region, aws_client_region(a->place.client)))
			return true;
	}
	return false;
}

static size_t
leaves_of(struct pca_session *s, const struct inventory_ca *ca)
{
	struct inventory_query q = { .ca = ca->arn, .sort = BY_TEMPLATE, .now = s->now, .soon = session_soon(s) };
	struct inventory_cert *certs = NULL;
	struct error err = { .code = ERROR_NONE };
	size_t len = 0, leaves = 0;

	if (!inventory_ca_is_root(ca) || inventory_certs(s->inventory, &q, 0, LEAVES_LOOKED_AT, s->arena, &certs, &len, &err) != STATUS_OK)
		return 0;
	for (size_t i = 0; i < len; i++) {
		const char *t = certs[i].template_name;

		if (t != NULL && strstr(t, "CACertificate") == NULL && strncmp(t, "OCSPSigning", 11) != 0)
			leaves++;
	}
	return leaves;
}

static status
gather(struct pca_session *s, struct inventory_tree *t, struct error *err)
{
	struct inventory_place *places = arena_array(s->arena, s->len, sizeof *places);
	struct inventory_ca *all = NULL, *cas;
	size_t len = 0, *leaves;

	if (inventory_cas(s->inventory, s->now, session_soon(s), s->arena, &all, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	cas = arena_array(s->arena, len + 1, sizeof *cas);
	leaves = arena_array(s->arena, len + 1, sizeof *leaves);
	for (size_t i = 0; i < len; i++) {
		if (!belongs(s, &all[i]))
			continue;
		leaves[t->len] = leaves_of(s, &all[i]);
		cas[t->len++] = all[i];
	}
	for (size_t i = 0; i < s->len; i++) {
		struct pca_account *a = s->accounts[i];

		places[i] = (struct inventory_place){ .account = account_label(a), .region = aws_client_region(a->place.client),
			.where = plan_where(&a->place, s->arena), .problem = a->problem };
	}
	t->places = places;
	t->places_len = s->len;
	t->cas = cas;
	t->leaves = leaves;
	t->now = s->now;
	t->soon = session_root_soon(s);
	return STATUS_OK;
}

static void
print(struct pca_session *s, const struct inventory_tree *t)
{
	struct inventory_notice *notices = NULL;
	struct buf page = { 0 };
	cJSON *o, *list;
	size_t len;

	if (!s->o->json) {
		inventory_tree_page(t, &s->style, &page);
		session_print(s, &page);
		return;
	}
	o = session_json("tree");
	session_json_accounts(s, o);
	list = json_add_list(o, "cas");
	for (size_t i = 0; i < t->len; i++)
		cJSON_AddItemToArray(list, inventory_ca_json(&t->cas[i], t->now, t->soon));
	list = json_add_list(o, "notices");
	len = inventory_notices(t, s->arena, &notices);
	for (size_t i = 0; i < len; i++) {
		cJSON *n = cJSON_CreateObject();

		json_add_text(n, "state", state_word(notices[i].state));
		json_add_text(n, "ca", notices[i].ca);
		json_add_text(n, "text", notices[i].text);
		cJSON_AddItemToArray(list, n);
	}
	json_print(o, &page);
	session_print(s, &page);
}

int
pca_tree_run(struct options *o)
{
	struct pca_session s;
	struct inventory_tree tree = { .len = 0 };
	struct error err = { .code = ERROR_NONE };
	int result = EXIT_STATUS_DONE, asked = 0;

	if (o->operands_len > 0) {
		complain("pca tree takes no argument: %s; pca show CA shows one", printable(o->operands[0]));
		return EXIT_STATUS_USAGE;
	}
	if (session_open(o, &s, &err) != STATUS_OK || refresh(&s, &asked, &err) != STATUS_OK) {
		result = session_fail(&s, &err);
		goto out;
	}
	/* Nobody could be asked, and nothing is known: the one line says it all. */
	if (gather(&s, &tree, &err) != STATUS_OK) {
		result = session_fail(&s, &err);
		goto out;
	}
	if (asked == 0 && tree.len == 0 && !o->json && s.len == 1) {
		complain("%s", s.accounts[0]->problem);
		result = EXIT_STATUS_AWS;
		goto out;
	}
	print(&s, &tree);
	for (size_t i = 0; i < s.len; i++) {
		if (s.accounts[i]->problem == NULL)
			continue;
		result = EXIT_STATUS_AWS;
		complain("%s", s.accounts[i]->problem);
	}
out:
	session_close(&s);
	return output_status(result);
}
