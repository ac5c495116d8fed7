/*
 * From a key to a certificate. `as` ("client", "server") is what the plan's values and private files are called by:
 *
 * make-key: {"as", "kind", "common_name", "organization", "organizational_unit", "country", "names"}: AS.key in the plan's folder, AS.csr.
 * issue:    {"as", "ca", "signing_algorithm", "template", "not_after"}, AS.csr or {"csr"}: AS.arn.
 * fetch:    {"as", "ca", "template", "server", "client", "ca_certificate", "not_after"}: AS.cert, AS.chain, AS.fullchain, AS.root, AS.sent.
 *           "tell": that nothing differs, and what was added, is said too.
 * Both:     "out", the folder that it is for: for the line that fetches it without the record.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "aws/arn.h"
#include "aws/pca.h"
#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/pca_files.h"
#include "model/csr.h"
#include "model/input.h"
#include "model/limits.h"
#include "model/objects.h"
#include "model/save.h"
#include "model/times.h"

/* "client.arn" */
static const char *
value_name(struct plan *p, const struct plan_step *s, const char *what)
{
	return plan_text(p, "%s.%s", step_arg(s, "as"), what);
}

/* ---- make-key ---- */

static status
make_request(struct plan *p, const struct plan_step *s, const struct key *key, struct csr_pair *pair, struct error *err)
{
	const cJSON *names = cJSON_GetObjectItemCaseSensitive(s->args, "names"), *name;
	const char **list = arena_array(p->arena, (size_t)cJSON_GetArraySize(names) + 1, sizeof *list);
	struct csr_wish w = { .common_name = step_arg(s, "common_name"), .organization = step_arg(s, "organization"),
		.organizational_unit = step_arg(s, "organizational_unit"), .country = step_arg(s, "country"), .names = list, .key = key };
	const char *kind = step_arg(s, "kind");

	cJSON_ArrayForEach(name, names) {
		if (cJSON_IsString(name))
			list[w.names_len++] = name->valuestring;
	}
	if (key == NULL && (kind == NULL || !csr_key_named(kind, &w.kind)))
		return error_set(err, ERROR_INTERNAL, "plan", "a key of no known kind");
	return csr_make(&w, pair, err);
}

/* The key of a run that was cut off after it was written; NULL: there is none. */
static status
key_of_before(const char *path, struct objects *o, const struct key **key, struct error *err)
{
	struct read_options how = { .ask = NULL };

	*key = NULL;
	if (access(path, F_OK) != 0)
		return STATUS_OK;
	if (objects_read(path, &how, o, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < o->len; i++) {
		if (o->items[i].kind == OBJECT_KEY)
			*key = o->items[i].key;
	}
	return *key != NULL ? STATUS_OK : error_set(err, ERROR_LOCAL, "plan", "%s: the key that waits there was expected in it", path);
}

static status
make_key(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *path = plan_private(p, value_name(p, s, "key"));
	struct objects before = { .len = 0 };
	struct csr_pair pair = { .csr = NULL };
	const struct key *key = NULL;
	status result = key_of_before(path, &before, &key, err);

	if (result == STATUS_OK)
		result = make_request(p, s, key, &pair, err);
	/* The key is on disk before anything is asked for with it. */
	if (result == STATUS_OK && key == NULL && save_private_file(path, pair.key, pair.key_len, true, err) != SAVED)
		result = STATUS_FAILED;
	if (result == STATUS_OK)
		result = plan_set(p, s, value_name(p, s, "csr"), pair.csr, err);
	csr_pair_done(&pair);
	objects_done(&before);
	return result;
}

const struct deed deed_make_key = {
	.name = "make-key",
	.apply = make_key,
};

/* ---- how to go on, of issue and fetch ---- */

/* " Its key waits in …", or nothing where it was not made here. */
static const char *
where_the_key_waits(struct plan *p, const struct plan_step *s)
{
	const char *path = plan_private(p, value_name(p, s, "key"));

	return access(path, F_OK) == 0 ? plan_text(p, " Its key waits in %s.", plan_word(p, path)) : "";
}

static const char *
fetch_later(struct plan *p, const struct plan_step *s)
{
	const char *arn = plan_value(p, value_name(p, s, "arn")), *out = step_arg(s, "out"), *key = where_the_key_waits(p, s);

	if (arn == NULL && !s->unsettled)
		return NULL;
	if (arn == NULL) {
		p->go_on_command = plan_text(p, "mtlscope pca audit %s --apply", plan_word(p, step_arg(s, "ca")));
		return plan_text(p, "It may be issued, and then it is paid: AWS's answer did not come.%s Within five minutes going on gets the same one. After that only the "
		    "CA's next audit report tells: where it lists the certificate, mtlscope resume %lld --certificate ARN --apply goes on with it; issued anew there would "
		    "be two. The last line asks for the report.", key, (long long)p->id);
	}
	p->go_on_command = plan_text(p, "mtlscope pca get %s%s%s%s", plan_word(p, arn), out != NULL ? " --out " : "", out != NULL ? plan_word(p, out) : "",
	    own_line_account(p));
	return plan_text(p, "It is issued and paid: do not issue it again.%s Without this record the last line fetches it as soon as AWS gives it.", key);
}

/* ---- issue ---- */

/* A CA that another account shares is used by its permission, which names templates; AWS's refusal does not say so. */
static status
refused(struct plan *p, struct plan_step *s, const struct aws_error *why, struct error *err)
{
	struct error said = { .code = ERROR_NONE };
	struct arn arn;

	(void)plan_change_failed(p, s, why, "issue the certificate", &said);
	if (why->kind == AWS_DENIED && arn_parse(step_arg(s, "ca"), &arn) && p->place.account != NULL && strcmp(arn.account, p->place.account) != 0)
		return error_set(err, ERROR_AWS, "plan", "account %s shares this CA, and what it allows names templates: the usual permission has EndEntityCertificate, "
		    "EndEntityServerAuthCertificate, EndEntityClientAuthCertificate, the Blank… ones and SubordinateCACertificate_PathLen0; this is %s. %.300s",
		    plan_shown(p, arn.account), step_arg(s, "template"), said.text);
	return error_set(err, said.code, "plan", "%s", said.text);
}

/* Only the plan's own request tells that it is the plan's: the same name may have been issued to others. */
static status
is_of_request(struct plan *p, struct plan_step *s, const char *arn, struct error *err)
{
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct pca_certificate got = { .pem = NULL };
	struct pca_files files = { .leaf = NULL };
	struct csr_findings d = { .len = 0 };
	struct aws_error why = { .kind = AWS_FINE };
	status result;

	if (pca_wait_certificate(p->place.client, step_arg(s, "ca"), arn, plan_waits, &waiter, p->arena, &got, &why) != STATUS_OK)
		return plan_failed(p, &why, "fetch the certificate", err);
	result = pca_files_make(&got, p->arena, &files, err);
	if (result == STATUS_OK)
		result = deed_fetch_differences(p, s, files.leaf, &d, err);
	for (size_t i = 0; result == STATUS_OK && i < d.len; i++) {
		if (strcmp(d.items[i].what, "key") == 0)
			result = error_set(err, ERROR_NOT_DONE, "plan", "%s is for another key than this plan's request: it is not the one", plan_shown(p, arn));
	}
	pca_files_done(&files);
	return result;
}

status
deed_issue_told(struct plan *p, const char *arn, struct error *err)
{
	for (size_t i = 0; i < p->len; i++) {
		struct plan_step *s = &p->steps[i];

		if (s->deed != &deed_issue || (s->state != STEP_RUNS && !(s->state == STEP_FAILED && s->unsettled)) || plan_value(p, value_name(p, s, "arn")) != NULL)
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(p->values, value_name(p, s, "told"));
		cJSON_AddStringToObject(p->values, value_name(p, s, "told"), arn);
		return STATUS_OK;
	}
	return error_set(err, ERROR_USAGE, "options", "--certificate: plan %lld has no certificate on order whose answer did not come", (long long)p->id);
}

/* What the user has told is asked for once: where it is not the one, the plan is in doubt as before. */
static status
take_told(struct plan *p, struct plan_step *s, const char *told, struct error *err)
{
	const char *arn = plan_text(p, "%s", told);

	cJSON_DeleteItemFromObjectCaseSensitive(p->values, value_name(p, s, "told"));
	if (is_of_request(p, s, arn, err) != STATUS_OK)
		return STATUS_FAILED;
	return plan_give(p, s, value_name(p, s, "arn"), arn, "certificate", err);
}

static status
issue(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *csr = step_arg(s, "csr"), *template = step_arg(s, "template"), *told = plan_value(p, value_name(p, s, "told")), *arn = NULL;
	char template_arn[PCA_ARN_MAX];
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_issue call = {
		.ca = step_arg(s, "ca"),
		.csr_pem = csr != NULL ? csr : plan_value(p, value_name(p, s, "csr")),
		.signing_algorithm = step_arg(s, "signing_algorithm"),
		.template_arn = template_arn,
		.validity = { .type = "ABSOLUTE", .value = step_arg_number(s, "not_after", 0) },
		.token = s->token,
	};

	if (plan_value(p, value_name(p, s, "arn")) != NULL)
		return STATUS_OK; /* of a run that was cut off after AWS's answer */
	if (call.csr_pem == NULL || call.ca == NULL || template == NULL || s->token == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no request, or nobody to issue for it");
	if (told != NULL)
		return take_told(p, s, told, err);
	/* AWS has no list of what it issued: blindly again it might be issued, and paid, twice. */
	if (step_token_forgotten(p, s))
		return error_set(err, ERROR_NOT_DONE, "plan", "it is not known whether AWS has issued the certificate: its answer did not come, and it keeps an order's token "
		    "for five minutes only. If the CA's audit report lists it, mtlscope resume %lld --certificate ARN --apply goes on with it; if not, mtlscope undo %lld "
		    "--apply ends this plan, and a new one may issue", (long long)p->id, (long long)p->id);
	pca_template_arn(aws_client_partition(p->place.client), template, template_arn);
	if (pca_issue_certificate(p->place.client, &call, p->arena, &arn, &why) != STATUS_OK)
		return refused(p, s, &why, err);
	return plan_give(p, s, value_name(p, s, "arn"), arn, "certificate", err);
}

const struct deed deed_issue = {
	.name = "issue",
	.apply = issue,
	.go_on = fetch_later,
	.aws = true,
};

/* ---- fetch ---- */

/* Hex SHA-256 of what goes out, leaf first: for the deed `see`. */
static const char *
sent(const struct pca_files *f, struct arena *a)
{
	struct buf b = { 0 };
	const char *out;

	buf_adds(&b, f->leaf->sha256_hex);
	for (size_t i = 0; i < f->chain_len; i++)
		buf_addf(&b, " %s", f->chain[i]->sha256_hex);
	out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}

/* Every difference, that there is none, and what the template added. */
static void
tell_all(struct plan *p, const struct pca_files *f, const struct csr_findings *d)
{
	struct buf expected = { 0 };
	size_t told = 0;

	for (size_t i = 0; i < d->len; i++) {
		if (d->items[i].weight == CSR_EXPECTED) {
			buf_addf(&expected, "%s%s", expected.len > 0 ? ", " : "", d->items[i].what);
			continue;
		}
		told++;
		plan_after(p, "%s, %s: %s", csr_weight_word(d->items[i].weight), d->items[i].what, d->items[i].text);
	}
	if (told == 0)
		plan_after(p, "The certificate is what was asked for: nothing was dropped, nothing changed.");
	if (expected.len > 0)
		plan_after(p, "Added by the template and the CA's configuration: %s.", expected.data);
	buf_done(&expected);
	if (f->root == NULL)
		plan_after(p, "AWS's chain does not reach a root: there is no root.pem.");
}

static void
tell_differences(struct plan *p, const struct csr_findings *d)
{
	for (size_t i = 0; i < d->len; i++) {
		if (d->items[i].weight != CSR_EXPECTED)
			plan_after(p, "The certificate, %s (%s): %s", d->items[i].what, csr_weight_word(d->items[i].weight), d->items[i].text);
	}
}

status
deed_fetch_differences(struct plan *p, const struct plan_step *s, const struct cert *leaf, struct csr_findings *out, struct error *err)
{
	const char *csr = step_arg(s, "csr") != NULL ? step_arg(s, "csr") : plan_value(p, value_name(p, s, "csr"));
	struct csr_asked asked = { .template = step_arg(s, "template"), .server = step_arg_true(s, "server"), .client = step_arg_true(s, "client"),
		.ca = step_arg_true(s, "ca_certificate"), .not_before = TIME_UNKNOWN, .not_after = step_arg_number(s, "not_after", TIME_UNKNOWN) };

	return csr != NULL ? csr_compare(csr, strlen(csr), leaf, &asked, p->arena, out, err) : STATUS_OK;
}

/* Names every difference between what was asked for and what came. */
static status
compare(struct plan *p, struct plan_step *s, const struct pca_files *f, struct error *err)
{
	struct csr_findings d = { .len = 0 };

	if (deed_fetch_differences(p, s, f->leaf, &d, err) != STATUS_OK)
		return STATUS_FAILED;
	if (step_arg_true(s, "tell"))
		tell_all(p, f, &d);
	else
		tell_differences(p, &d);
	if (f->doubt != NULL)
		plan_after(p, "The chain that AWS gave does not hold: %s.", f->doubt);
	return STATUS_OK;
}

static status
keep_fetched(struct plan *p, struct plan_step *s, const struct pca_files *f, struct error *err)
{
	const struct {
		const char *name, *value;
	} values[] = { { "cert", f->cert_pem }, { "chain", f->chain_pem }, { "fullchain", f->fullchain_pem },
		{ "root", f->root_pem != NULL ? f->root_pem : "" }, { "sent", sent(f, p->arena) } };

	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		if (plan_set(p, s, value_name(p, s, values[i].name), values[i].value, err) != STATUS_OK)
			return STATUS_FAILED;
	}
	return compare(p, s, f, err);
}

static status
fetch(struct plan *p, struct plan_step *s, struct error *err)
{
	const char *arn = plan_value(p, value_name(p, s, "arn"));
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct pca_certificate got = { .pem = NULL };
	struct pca_files files = { .leaf = NULL };
	struct aws_error why = { .kind = AWS_FINE };
	status result;

	if (arn == NULL)
		return error_set(err, ERROR_INTERNAL, "plan", "there is no certificate to fetch");
	if (pca_wait_certificate(p->place.client, step_arg(s, "ca"), arn, plan_waits, &waiter, p->arena, &got, &why) != STATUS_OK)
		return plan_failed(p, &why, "fetch the certificate", err);
	result = pca_files_make(&got, p->arena, &files, err);
	if (result == STATUS_OK)
		result = keep_fetched(p, s, &files, err);
	pca_files_done(&files);
	return result;
}

const struct deed deed_fetch = {
	.name = "fetch",
	.apply = fetch,
	.go_on = fetch_later,
	.aws = true,
};
