/* mtlscope pca issue: a certificate for a CSR, or key, CSR and certificate for names. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "fixes/pca_issue.h"
#include "fixes/pca_subject.h"
#include "model/csr.h"
#include "model/input.h"
#include "model/json_parts.h"
#include "model/limits.h"
#include "model/objects.h"
#include "model/times.h"

struct asking {
	struct pca_issue_wish wish;
	struct input csr;
	struct objects key;
};

/* No host is called so: a request that was named without --csr. */
static bool
looks_like_a_file(const char *word)
{
	const char *dot = strrchr(word, '.');
	bool named_so = dot != NULL && (strcmp(dot, ".csr") == 0 || strcmp(dot, ".pem") == 0 || strcmp(dot, ".req") == 0);

	return (named_so || strchr(word, '/') != NULL) && strstr(word, "://") == NULL && access(word, F_OK) == 0;
}

static status
read_words(const struct options *o, struct error *err)
{
	const struct pca_words *w = &o->pca;

	if (w->csr == NULL && o->operands_len == 0 && w->subject == NULL)
		return error_set(err, ERROR_USAGE, "options", "pca issue: for whom? mtlscope pca issue NAME… makes key and CSR, --csr FILE takes one that is there");
	if (w->csr != NULL && (o->operands_len > 0 || w->subject != NULL || w->key_algorithm != NULL || o->key != NULL))
		return error_set(err, ERROR_USAGE, "options", "--csr FILE has its names and its key already: NAME, --subject, --key and --key-algorithm have no place beside it");
	for (size_t i = 0; i < o->operands_len; i++) {
		if (looks_like_a_file(o->operands[i]))
			return error_set(err, ERROR_USAGE, "options", "%s is a file: --csr FILE takes it as the request", printable(o->operands[i]));
	}
	if (w->ca_path_length_given && (w->server || w->client))
		return error_set(err, ERROR_USAGE, "options", "--ca-path-length makes a CA: --server and --client have no place beside it");
	if (o->key != NULL && w->key_algorithm != NULL)
		return error_set(err, ERROR_USAGE, "options", "--key FILE is of a kind already: --key-algorithm has no place beside it");
	return gate_check(o, err);
}

static status
read_csr(struct asking *a, const struct options *o, struct error *err)
{
	struct arena *scratch;
	const char *pem;
	status result;

	if (input_read(o->pca.csr, LIMIT_CSR, &a->csr, err) != STATUS_OK)
		return STATUS_FAILED;
	a->wish.csr = (const char *)a->csr.bytes;
	a->wish.csr_len = a->csr.len;
	a->wish.csr_file = o->pca.csr;
	/* What is no request is refused before anybody is asked (CONTRACT section 2). */
	scratch = arena_new();
	result = csr_clean(a->csr.bytes, a->csr.len, o->pca.csr, scratch, &pem, err);
	arena_free(scratch);
	return result;
}

static status
read_key(struct asking *a, struct options *o, struct error *err)
{
	struct read_options how = { .ask = passphrase_answer, .ask_user = &o->passphrase };

	if (objects_read(o->key, &how, &a->key, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < a->key.len && a->wish.make.key == NULL; i++) {
		if (a->key.items[i].kind == OBJECT_KEY)
			a->wish.make.key = a->key.items[i].key;
	}
	a->wish.key_file = o->key;
	return a->wish.make.key != NULL ? STATUS_OK : error_set(err, ERROR_INPUT, "reading", "%s: there is no private key in it", printable(o->key));
}

/* AWS's names of key algorithms, and the usual ones. */
static status
read_key_kind(struct asking *a, const char *typed, struct error *err)
{
	static const struct {
		const char *word;
		enum csr_key kind;
	} words[] = { { "RSA_2048", CSR_KEY_RSA2048 }, { "RSA_3072", CSR_KEY_RSA3072 }, { "RSA_4096", CSR_KEY_RSA4096 }, { "EC_prime256v1", CSR_KEY_P256 },
		{ "EC_secp384r1", CSR_KEY_P384 }, { "EC_secp521r1", CSR_KEY_P521 } };

	a->wish.make.kind = CSR_KEY_P256;
	for (size_t i = 0; typed != NULL && i < sizeof words / sizeof words[0]; i++) {
		if (strcmp(typed, words[i].word) != 0)
			continue;
		a->wish.make.kind = words[i].kind;
		return STATUS_OK;
	}
	if (typed != NULL && !csr_key_named(typed, &a->wish.make.kind))
		return error_set(err, ERROR_USAGE, "options", "--key-algorithm %s: expected EC_prime256v1, EC_secp384r1, EC_secp521r1, RSA_2048, RSA_3072 or RSA_4096",
		    printable(typed));
	return STATUS_OK;
}

/* The first name is the common name too, where it is one that fits there. */
static status
read_names(struct asking *a, struct pca_session *s, struct error *err)
{
	const struct options *o = s->o;
	struct pca_subject subject = { .common_name = NULL };
	struct csr_wish *make = &a->wish.make;

	if (o->pca.subject != NULL && pca_subject_read(o->pca.subject, s->arena, &subject, err) != STATUS_OK)
		return STATUS_FAILED;
	if (subject.locality != NULL || subject.state != NULL || subject.serial_number != NULL || subject.dn_qualifier != NULL || subject.title != NULL ||
	    subject.surname != NULL || subject.given_name != NULL || subject.initials != NULL || subject.pseudonym != NULL || subject.generation_qualifier != NULL)
		return error_set(err, ERROR_USAGE, "options", "--subject: CN, O, OU and C are made here; a CSR of your own (--csr) may have others");
	make->common_name = subject.common_name;
	make->organization = subject.organization;
	make->organizational_unit = subject.organizational_unit;
	make->country = subject.country;
	if (make->common_name == NULL && o->operands_len > 0 && strlen(o->operands[0]) <= 64 && strstr(o->operands[0], "://") == NULL)
		make->common_name = o->operands[0];
	make->names = o->operands;
	make->names_len = o->operands_len;
	/* A CA has a name for people, and no alternative ones. */
	if (o->pca.ca_path_length_given)
		make->names_len = 0;
	return STATUS_OK;
}

static status
read_request(struct asking *a, struct pca_session *s, struct error *err)
{
	struct options *o = s->o;
	bool neither = !o->pca.server && !o->pca.client && !o->pca.ca_path_length_given;

	a->wish.purpose = (struct csr_purpose){ .server = o->pca.server || neither, .client = o->pca.client || neither, .ca = o->pca.ca_path_length_given,
		.path_len = o->pca.ca_path_length, .keep_extensions = o->pca.keep_extensions };
	a->wish.days = o->pca.days;
	a->wish.out = o->pca.out != NULL ? o->pca.out : ".";
	a->wish.now = s->world->now_ms(s->world->self) / 1000;
	if (o->pca.csr != NULL)
		return read_csr(a, o, err);
	if (o->key != NULL && read_key(a, o, err) != STATUS_OK)
		return STATUS_FAILED;
	return read_key_kind(a, o->pca.key_algorithm, err) == STATUS_OK ? read_names(a, s, err) : STATUS_FAILED;
}

/* What the inventory learns at once: it need not wait for the next report. That it cannot is no failure of the issuing. */
static void
remember(struct pca_session *s, const struct pca_account *account, const struct pca_ca *ca, struct plan *p)
{
	struct inventory_ca row = session_known_ca(s, account, ca, NULL);
	struct error err = { .code = ERROR_NONE };
	struct inventory_record record = { .template_arn = NULL, .revoked = TIME_UNKNOWN, .issued = s->world->now_ms(s->world->self) / 1000 };
	char template_arn[PCA_ARN_MAX];
	struct pca_issued issued, *r = &issued;
	struct buf pem = { 0 };
	size_t added, changed;
	bool kept = false;

	pca_issue_result(p, r);
	if (r->arn == NULL || r->leaf == NULL) {
		pca_issued_done(r);
		return;
	}
	record.arn = r->arn;
	pca_template_arn(aws_client_partition(account->place.client), r->template_name, template_arn);
	record.template_arn = template_arn;
	record.serial = r->leaf->serial_hex;
	record.subject = r->leaf->subject.safe;
	record.not_before = r->leaf->not_before;
	record.not_after = r->leaf->not_after;
	cert_pem(r->leaf, &pem);
	if (session_inventory(s, &err) == STATUS_OK && inventory_put_ca(s->inventory, &row, &err) == STATUS_OK &&
	    inventory_import_begin(s->inventory, ca->arn, &err) == STATUS_OK) {
		bool added_one = inventory_import_add(s->inventory, &record, &err) == STATUS_OK;

		kept = inventory_import_end(s->inventory, added_one, TIME_UNKNOWN, &added, &changed, &err) == STATUS_OK && added_one &&
		    inventory_put_details(s->inventory, r->arn, pem.data, NULL, &err) == STATUS_OK;
	}
	if (!kept)
		complain("the certificate is issued; the inventory could not note it: %s", err.text);
	buf_done(&pem);
	pca_issued_done(r);
}

static void
add_result(void *user, cJSON *to)
{
	struct pca_issued issued, *r = &issued;
	cJSON *files = json_add_list(to, "files"), *differences;

	pca_issue_result(user, r);
	json_add_text(to, "certificate", r->arn);
	json_add_text(to, "serial", r->leaf != NULL ? r->leaf->serial_hex : NULL);
	json_add_time(to, "not_after", r->leaf != NULL ? r->leaf->not_after : TIME_UNKNOWN);
	json_add_text(to, "template", r->template_name);
	for (size_t i = 0; i < r->files_len; i++) {
		cJSON *o = cJSON_CreateObject();

		json_add_text(o, "name", r->files[i].name);
		json_add_text(o, "path", r->files[i].path);
		json_add_text(o, "kept", r->files[i].kept);
		cJSON_AddItemToArray(files, o);
	}
	differences = json_add_list(to, "differences");
	for (size_t i = 0; i < r->differences.len; i++) {
		cJSON *o = cJSON_CreateObject();

		json_add_text(o, "weight", csr_weight_word(r->differences.items[i].weight));
		json_add_text(o, "what", r->differences.items[i].what);
		json_add_text(o, "text", r->differences.items[i].text);
		cJSON_AddItemToArray(differences, o);
	}
	pca_issued_done(r);
}

int
pca_issue_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct asking a = { .csr = { .bytes = NULL } };
	struct pca_found ca;
	struct error err = { .code = ERROR_NONE };
	struct plan *p = NULL;
	bool applied = false;
	int result;

	if (read_words(o, &err) != STATUS_OK)
		return complain_error(&err);
	/* The files are read before anybody is asked. */
	if (session_open(o, &s, &err) != STATUS_OK || read_request(&a, &s, &err) != STATUS_OK || session_find_ca(&s, o->pca.ca, &ca, &err) != STATUS_OK)
		goto failed;
	a.wish.ca = &ca.ca;
	if (pca_issue_plan(&ca.account->place, &a.wish, &p, &err) != STATUS_OK)
		goto failed;
	result = session_carry_out(&s, p, o->json ? session_json("issue") : NULL, add_result, p, &applied);
	remember(&s, ca.account, &ca.ca, p);
	goto out;
failed:
	result = session_fail(&s, &err);
out:
	plan_free(p);
	objects_done(&a.key);
	input_free(&a.csr);
	session_close(&s);
	return output_status(result);
}
