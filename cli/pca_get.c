/* mtlscope pca get: an issued certificate, as files or on standard output. */
#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "fixes/pca_files.h"
#include "model/json_parts.h"
#include "model/page.h"
#include "model/times.h"

static void
waits(void *user, unsigned tries, unsigned of)
{
	(void)user;
	progress_waits("waiting for AWS", tries, of);
}

static status
fetch(struct pca_session *s, const struct pca_named *n, struct pca_files *out, struct error *err)
{
	struct pca_certificate got = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	struct error unimportant = { .code = ERROR_NONE };

	if (pca_wait_certificate(n->of.account->place.client, n->of.ca.arn, n->arn, waits, NULL, s->arena, &got, &why) != STATUS_OK)
		return aws_error_say(&why, "fetch the certificate", aws_client_where(n->of.account->place.client), err);
	/* Where the inventory has it, its names are known from now on. */
	if (session_inventory(s, &unimportant) == STATUS_OK)
		(void)(inventory_put_details(s->inventory, n->arn, got.pem, got.chain, &unimportant) == STATUS_OK);
	return pca_files_make(&got, s->arena, out, err);
}

static void
print_files(struct pca_session *s, const struct pca_named *n, const struct pca_files *f, const struct file_set *set)
{
	struct buf out = { 0 };
	struct page page = { .out = &out, .style = &s->style };
	char ends[TIME_TEXT_MAX];

	page_state(&page, f->doubt == NULL ? STATE_OK : STATE_WARN, false);
	page_text(&page, "  ");
	page_wrap(&page, 6, 6, arena_printf(s->arena, "“%s”, serial %s, until %s", cert_label(f->leaf), f->leaf->serial_hex,
	    time_human(f->leaf->not_after, ends)));
	page_text(&page, "  in  ");
	page_wrap(&page, 6, 6, plan_where(&n->of.account->place, s->arena));
	for (size_t i = 0; i < set->len; i++) {
		const struct set_file *file = &set->files[i];

		page_textf(&page, "      %s%s%s\n", text_safe_arena(s->arena, text_of(file->path), 0, NULL), file->kept != NULL ? "  (the old one is kept as " : "",
		    file->kept != NULL ? arena_printf(s->arena, "%s)", text_safe_arena(s->arena, text_of(file->kept), 0, NULL)) : "");
	}
	if (f->root == NULL)
		page_text(&page, "      no root.pem: AWS's chain does not reach a root\n");
	if (f->doubt != NULL)
		page_wrap(&page, 0, 2, arena_printf(s->arena, "The chain does not hold: %s.", f->doubt));
	session_print(s, &out);
}

static void
print_json(struct pca_session *s, const struct pca_named *n, const struct pca_files *f, const struct file_set *set)
{
	cJSON *o = session_json("get"), *files;
	struct buf out = { 0 };

	session_json_accounts(s, o);
	json_add_text(o, "certificate", n->arn);
	json_add_text(o, "ca", n->of.ca.arn);
	json_add_text(o, "serial", f->leaf->serial_hex);
	json_add_text(o, "subject", f->leaf->subject.safe);
	json_add_time(o, "not_before", f->leaf->not_before);
	json_add_time(o, "not_after", f->leaf->not_after);
	json_add_text(o, "doubt", f->doubt);
	/* PEM keeps its line ends: it was written by us. */
	cJSON_AddStringToObject(o, "cert_pem", f->cert_pem);
	cJSON_AddStringToObject(o, "chain_pem", f->chain_pem);
	if (f->root_pem != NULL)
		cJSON_AddStringToObject(o, "root_pem", f->root_pem);
	else
		cJSON_AddNullToObject(o, "root_pem");
	files = json_add_list(o, "files");
	for (size_t i = 0; i < set->len; i++)
		cJSON_AddItemToArray(files, json_text(set->files[i].path));
	json_print(o, &out);
	session_print(s, &out);
}

int
pca_get_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct pca_named n;
	struct pca_files files = { .leaf = NULL };
	struct file_set set = { .len = 0 };
	struct error err = { .code = ERROR_NONE };
	struct buf pem = { 0 };
	char tag[33];
	int result = EXIT_STATUS_DONE;

	if (o->operands_len != 1) {
		complain("pca get needs one certificate, by its ARN or its serial: mtlscope pca get ARN");
		return EXIT_STATUS_USAGE;
	}
	if (session_open(o, &s, &err) != STATUS_OK || session_find_certificate(&s, o->operands[0], false, &n, &err) != STATUS_OK ||
	    fetch(&s, &n, &files, &err) != STATUS_OK)
		goto failed;
	if (o->pca.out != NULL) {
		aws_client_token(n.of.account->place.client, tag);
		file_set_init(&set, o->pca.out, tag, s.arena);
		if (pca_files_stage(&files, &set, &err) != STATUS_OK || file_set_place(&set, s.world->now_ms(s.world->self) / 1000, &err) != STATUS_OK) {
			file_set_drop(&set);
			goto failed;
		}
	}
	if (o->json) {
		print_json(&s, &n, &files, &set);
	} else if (o->pca.out != NULL) {
		print_files(&s, &n, &files, &set);
	} else {
		buf_adds(&pem, files.fullchain_pem);
		session_print(&s, &pem);
	}
	goto out;
failed:
	result = session_fail(&s, &err);
out:
	pca_files_done(&files);
	session_close(&s);
	return output_status(result);
}
