/* mtlscope pca certs: what the inventory knows. Nothing is contacted. */
#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "cli/signals.h"
#include "model/json_parts.h"
#include "model/times.h"

enum { SHOWN = 100, PAGE = 1000, COUNTED_MOST = 10 * 1000 * 1000 };

static status
read_sort(const struct options *o, struct inventory_query *q, struct error *err)
{
	static const struct {
		const char *word;
		enum inventory_sort sort;
	} words[] = { { "expiry", BY_EXPIRY }, { "name", BY_NAME }, { "issued", BY_ISSUED }, { "serial", BY_SERIAL }, { "template", BY_TEMPLATE },
		{ "fate", BY_FATE } };

	q->descending = o->pca.reverse;
	q->sort = BY_EXPIRY;
	if (o->pca.sort == NULL)
		return STATUS_OK;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(o->pca.sort, words[i].word) != 0)
			continue;
		q->sort = words[i].sort;
		return STATUS_OK;
	}
	return error_set(err, ERROR_USAGE, "options", "--sort %s: expected expiry, name, issued, serial, template or fate", printable(o->pca.sort));
}

/* By ARN, id or name, out of the inventory: no account is asked for that. */
static status
read_ca(struct pca_session *s, struct inventory_query *q, struct error *err)
{
	const char *word = s->o->pca.ca;
	struct inventory_ca *cas = NULL;
	size_t len = 0, id;

	if (word == NULL)
		return STATUS_OK;
	if (inventory_cas(s->inventory, s->now, q->soon, s->arena, &cas, &len, err) != STATUS_OK)
		return STATUS_FAILED;
	id = strlen(word);
	for (size_t i = 0; i < len; i++) {
		size_t arn = strlen(cas[i].arn);

		if (strcmp(cas[i].arn, word) != 0 && strcmp(cas[i].name, word) != 0 &&
		    !(arn > id && cas[i].arn[arn - id - 1] == '/' && strcmp(cas[i].arn + arn - id, word) == 0))
			continue;
		if (q->ca != NULL)
			return error_set(err, ERROR_USAGE, "options", "--ca %s: several CAs have that name; name it by its ARN", printable(word));
		q->ca = cas[i].arn;
	}
	if (q->ca == NULL)
		return error_set(err, ERROR_USAGE, "options", "--ca %s: the inventory knows no such CA; pca tree and pca sync fill it", printable(word));
	return STATUS_OK;
}

static status
print_people(struct pca_session *s, const struct inventory_query *q, struct error *err)
{
	struct inventory_table t = { .orphans = q->only_orphans, .now = s->now };
	struct inventory_cert *certs = NULL;
	size_t fates[FATE_LEN];
	struct buf page = { 0 };

	if (inventory_certs(s->inventory, q, 0, s->o->pca.limit > 0 ? s->o->pca.limit : SHOWN, s->arena, &certs, &t.len, err) != STATUS_OK ||
	    inventory_count(s->inventory, q, COUNTED_MOST, &t.matches, &t.at_least, err) != STATUS_OK ||
	    inventory_fates(s->inventory, q, fates, err) != STATUS_OK)
		return STATUS_FAILED;
	t.certs = certs;
	t.fates = fates;
	inventory_certs_page(&t, &s->style, &page);
	session_print(s, &page);
	return STATUS_OK;
}

/* One object, written a page of rows at a time: a million of them are never in memory together. */
static status
print_json(struct pca_session *s, const struct inventory_query *q, struct error *err)
{
	size_t most = s->o->pca.limit > 0 ? s->o->pca.limit : SIZE_MAX, offset = 0, matches = 0, got = 0;
	bool at_least = false, going = true;
	struct buf page = { 0 };

	if (inventory_count(s->inventory, q, 0, &matches, &at_least, err) != STATUS_OK)
		return STATUS_FAILED;
	buf_addf(&page, "{\"schema\":\"mtlscope.pca-certs/1\",\"matches\":%zu,\"certificates\":[", matches);
	while (going && offset < most) {
		struct arena *a = arena_new();
		struct inventory_cert *certs = NULL;
		size_t want = most - offset < PAGE ? most - offset : PAGE;
		status result = inventory_certs(s->inventory, q, offset, want, a, &certs, &got, err);

		for (size_t i = 0; result == STATUS_OK && i < got; i++) {
			cJSON *o = inventory_cert_json(&certs[i]);
			char *text = cJSON_PrintUnformatted(o);

			buf_addf(&page, "%s%s", offset + i > 0 ? "," : "", text != NULL ? text : "null");
			cJSON_free(text);
			cJSON_Delete(o);
		}
		arena_free(a);
		offset += got;
		if (result != STATUS_OK) {
			buf_done(&page);
			return result;
		}
		going = got == want && output_write(&page) && signals_seen() == 0;
	}
	buf_adds(&page, "]}\n");
	session_print(s, &page);
	return STATUS_OK;
}

/* An empty inventory and an empty answer are two things. */
static status
say_if_empty(struct pca_session *s, bool *empty, struct error *err)
{
	struct inventory_query all = { .now = s->now, .soon = session_soon(s) };
	size_t n = 0;
	bool at_least;

	if (inventory_count(s->inventory, &all, 1, &n, &at_least, err) != STATUS_OK)
		return STATUS_FAILED;
	*empty = n == 0;
	if (*empty)
		complain("the inventory is empty: mtlscope pca sync reads the audit reports; AWS lists certificates in no other way");
	return STATUS_OK;
}

int
pca_certs_run(struct options *o)
{
	struct pca_session s;
	struct inventory_query q = { .filter = o->pca.filter, .only_due = o->pca.due, .only_orphans = o->pca.orphans };
	struct error err = { .code = ERROR_NONE };
	bool empty = false;
	int result = EXIT_STATUS_DONE;

	if (o->operands_len > 0) {
		complain("pca certs takes no argument: %s; --filter WORDS finds, pca show shows one", printable(o->operands[0]));
		return EXIT_STATUS_USAGE;
	}
	if (session_open_offline(o, &s, &err) != STATUS_OK)
		goto failed;
	q.now = s.now;
	q.soon = session_soon(&s);
	if (read_sort(o, &q, &err) != STATUS_OK || session_inventory(&s, &err) != STATUS_OK || read_ca(&s, &q, &err) != STATUS_OK)
		goto failed;
	session_renewed(&s, &q);
	if (say_if_empty(&s, &empty, &err) != STATUS_OK)
		goto failed;
	if (!(empty && !o->json) && (o->json ? print_json(&s, &q, &err) : print_people(&s, &q, &err)) != STATUS_OK)
		goto failed;
	goto out;
failed:
	result = session_fail(&s, &err);
out:
	session_close(&s);
	return output_status(result);
}
