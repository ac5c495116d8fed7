/* mtlscope pca bundle: what servers and clients are to trust. */
#include <stdlib.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/option_values.h"
#include "cli/output.h"
#include "cli/pca.h"
#include "fixes/pca_files.h"
#include "model/json_parts.h"
#include "model/save.h"
#include "model/times.h"

struct bundle {
	const struct cert **certs; /* the root first */
	size_t len, cap;
};

static void
bundle_done(struct bundle *b)
{
	for (size_t i = 0; i < b->len; i++)
		cert_free(b->certs[i]);
}

static void
add(struct pca_session *s, struct bundle *b, const struct cert *c)
{
	for (size_t i = 0; i < b->len; i++) {
		if (fingerprint_equal(&b->certs[i]->sha256, &c->sha256))
			return;
	}
	b->certs = arena_grow(s->arena, b->certs, b->len, &b->cap, sizeof *b->certs);
	b->certs[b->len++] = cert_ref(c);
}

static status
files_of(struct pca_session *s, const struct pca_account *a, const char *arn, struct pca_files *out, struct aws_error *why, struct error *err)
{
	struct pca_certificate got = { .pem = NULL };

	*out = (struct pca_files){ .leaf = NULL };
	if (pca_get_ca_certificate(a->place.client, arn, s->arena, &got, why) != STATUS_OK)
		return aws_error_say(why, "fetch the CA's certificate", aws_client_where(a->place.client), err);
	return pca_files_make(&got, s->arena, out, err);
}

/* Every CA of the account that leads to the same root: who has forgotten his intermediate is believed all the same. */
static status
add_intermediates(struct pca_session *s, struct pca_account *a, const struct cert *root, struct bundle *b, struct error *err)
{
	if (session_list(s, a, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < a->len; i++) {
		struct pca_files f;
		struct aws_error why = { .kind = AWS_FINE };
		struct error unimportant = { .code = ERROR_NONE };

		/* One that waits for its certificate, is deleted or shared without that right has none to give. */
		if (files_of(s, a, a->cas[i].arn, &f, &why, &unimportant) != STATUS_OK)
			continue;
		if (f.root != NULL && fingerprint_equal(&f.root->sha256, &root->sha256) && f.leaf->not_after >= s->now) {
			add(s, b, f.leaf);
			for (size_t k = 0; k < f.chain_len; k++)
				add(s, b, f.chain[k]);
		}
		pca_files_done(&f);
	}
	return STATUS_OK;
}

static status
gather(struct pca_session *s, const struct pca_found *ca, struct bundle *b, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_files f;
	status result = files_of(s, ca->account, ca->ca.arn, &f, &why, err);

	if (result == STATUS_OK && f.root == NULL)
		result = error_set(err, ERROR_AWS, "asking AWS", "the chain of “%s” does not reach a root: its root is outside AWS, and was not imported with it",
		    f.leaf->subject.common_name);
	if (result == STATUS_OK) {
		add(s, b, f.root);
		if (s->o->pca.intermediates)
			result = add_intermediates(s, ca->account, f.root, b, err);
	}
	pca_files_done(&f);
	return result;
}

static void
print_json(struct pca_session *s, const struct bundle *b, const char *pem)
{
	cJSON *o = session_json("bundle"), *list;
	struct buf out = { 0 };

	session_json_accounts(s, o);
	list = json_add_list(o, "certificates");
	for (size_t i = 0; i < b->len; i++) {
		cJSON *c = cJSON_CreateObject();

		json_add_hex(c, "sha256", b->certs[i]);
		json_add_text(c, "subject", b->certs[i]->subject.safe);
		json_add_time(c, "not_after", b->certs[i]->not_after);
		cJSON_AddItemToArray(list, c);
	}
	cJSON_AddStringToObject(o, "pem", pem);
	json_add_text(o, "file", s->o->pca.out);
	json_print(o, &out);
	session_print(s, &out);
}

static status
write_out(struct pca_session *s, const struct bundle *b, struct error *err)
{
	struct buf pem = { 0 };
	status result = STATUS_OK;

	for (size_t i = 0; i < b->len; i++)
		cert_pem(b->certs[i], &pem);
	if (s->o->pca.out != NULL && save_file(s->o->pca.out, pem.data, pem.len, true, NULL, err) != SAVED)
		result = STATUS_FAILED;
	else if (s->o->json)
		print_json(s, b, buf_str(&pem));
	else if (s->o->pca.out != NULL)
		complain("%zu certificate%s in %s", b->len, b->len == 1 ? "" : "s", printable(s->o->pca.out));
	else
		output_write(&pem);
	buf_done(&pem);
	return result;
}

int
pca_bundle_run(struct options *o)
{
	struct pca_session s = { .o = NULL };
	struct bundle b = { .len = 0 };
	struct pca_found ca;
	struct error err = { .code = ERROR_NONE };
	int result = EXIT_STATUS_DONE;

	if (o->operands_len != 1) {
		complain("pca bundle needs one CA, by its ARN, id or name: mtlscope pca bundle CA");
		return EXIT_STATUS_USAGE;
	}
	if (session_open(o, &s, &err) != STATUS_OK || session_find_ca(&s, o->operands[0], &ca, &err) != STATUS_OK || gather(&s, &ca, &b, &err) != STATUS_OK ||
	    write_out(&s, &b, &err) != STATUS_OK)
		result = session_fail(&s, &err);
	bundle_done(&b);
	session_close(&s);
	return output_status(result);
}
