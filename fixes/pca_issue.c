#include "fixes/pca_issue.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/pca_create.h"
#include "fixes/openssl_line.h"
#include "fixes/pca_files.h"
#include "fixes/pca_steps.h"
#include "fixes/prices.h"
#include "model/quote.h"
#include "model/times.h"

enum {
	DAYS = 30,
	DAY = 24 * 60 * 60,
	SHORT_LIVED_MOST = 7 * DAY - 60 /* AWS counts from when it issues; its clock may be a little ahead of ours */
};

/* While the plan is made. */
struct issuing {
	const char *template_name, *csr; /* csr NULL: it is made with its key, by the plan */
	const char *folder;        /* absolute: another run may go on from another place */
	struct pca_validity validity;
	bool folder_is_there;
	int64_t now;
};

/* What the plan's values and private files are called by. */
#define AS "cert"

/* ---- what came of it ---- */

static const struct plan_step *
step_of(const struct plan *p, const struct deed *deed)
{
	for (size_t i = 0; i < p->len; i++) {
		if (p->steps[i].deed == deed)
			return &p->steps[i];
	}
	return NULL;
}

static void
read_leaf(struct plan *p, struct pca_issued *out)
{
	const char *pem = plan_value(p, AS ".cert");
	const struct plan_step *fetched = step_of(p, &deed_fetch);
	struct error unimportant = { .code = ERROR_NONE };
	struct pca_files files;

	if (pem == NULL || fetched == NULL || pca_files_make(&(struct pca_certificate){ .pem = pem }, p->arena, &files, &unimportant) != STATUS_OK)
		return;
	out->leaf = cert_ref(files.leaf);
	pca_files_done(&files);
	/* They were found once already, when it was fetched. */
	(void)(deed_fetch_differences(p, fetched, out->leaf, &out->differences, &unimportant) == STATUS_OK);
}

static const char *
name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* Where the files are; of a plan that came no further where the key waits. */
static void
read_files(struct plan *p, struct pca_issued *out)
{
	const struct plan_step *s = step_of(p, &deed_write_files);
	const char *key = p->folder != NULL ? plan_private(p, AS ".key") : NULL;
	const cJSON *file;

	cJSON_ArrayForEach(file, cJSON_GetObjectItemCaseSensitive(s->before, "files")) {
		const char *path = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file, "path"));
		const char *kept = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(file, "kept"));

		if (s->state != STEP_DONE || path == NULL || out->files_len == sizeof out->files / sizeof out->files[0])
			continue;
		out->files[out->files_len++] = (struct pca_issued_file){ .name = name_in(path), .path = path,
			.kept = kept != NULL && access(kept, F_OK) == 0 ? kept : NULL };
	}
	if (out->files_len == 0 && key != NULL && access(key, F_OK) == 0)
		out->files[out->files_len++] = (struct pca_issued_file){ .name = "key.pem", .path = key };
}

void
pca_issue_result(struct plan *p, struct pca_issued *out)
{
	*out = (struct pca_issued){ .arn = plan_value(p, AS ".arn"), .template_name = step_arg(step_of(p, &deed_issue), "template") };
	read_leaf(p, out);
	read_files(p, out);
}

void
pca_issued_done(struct pca_issued *r)
{
	cert_free(r->leaf);
	*r = (struct pca_issued){ .arn = NULL };
}

/* ---- the plan ---- */

static const char *
validity_words(struct plan *p, const struct issuing *i)
{
	char until[TIME_TEXT_MAX], span[TIME_TEXT_MAX];

	return plan_text(p, "until %s (%s)", time_human(i->validity.value, until), time_span(i->validity.value - i->now, span));
}

/* Within what the CA can give: AWS refuses what is longer, and does not shorten it (knowledge "aws" 2.3). */
static status
choose_validity(struct plan *p, struct issuing *i, const struct pca_issue_wish *w, struct error *err)
{
	unsigned days = w->days > 0 ? w->days : DAYS;
	/* A CA certificate must end before its parent's, others may end with it. */
	int64_t wanted = w->now + (int64_t)days * DAY, last = w->ca->not_after == TIME_UNKNOWN ? INT64_MAX : w->ca->not_after - (w->purpose.ca ? 1 : 0);
	char date[TIME_TEXT_MAX];
	const char *name = pca_name(p, &w->ca->subject);

	if (last <= w->now)
		return error_set(err, ERROR_USAGE, "plan", "“%s” has ended on %s: it issues nothing any more", name, time_date(w->ca->not_after, date));
	if (wanted > last) {
		plan_note(p, "%u days would outlive “%s”, which ends on %s; AWS refuses that. It is shortened to that day.", days, name,
		    time_human(w->ca->not_after, date));
		wanted = last;
	}
	if (w->ca->usage_mode != NULL && strcmp(w->ca->usage_mode, "SHORT_LIVED_CERTIFICATE") == 0 && wanted > w->now + SHORT_LIVED_MOST) {
		plan_note(p, "“%s” issues short-lived certificates only: %u days are shortened to seven, less a minute.", name, days);
		wanted = w->now + SHORT_LIVED_MOST;
	}
	i->validity = (struct pca_validity){ .type = "ABSOLUTE", .value = wanted };
	return STATUS_OK;
}

static status
look_at_ca(struct plan *p, const struct pca_issue_wish *w, struct error *err)
{
	const char *name = pca_name(p, &w->ca->subject);

	if (strcmp(w->ca->status, "PENDING_CERTIFICATE") == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” waits for its own certificate and can issue nothing: mtlscope pca activate %s%s", name, plan_word(p, w->ca->arn),
		    own_line_account(p));
	if (strcmp(w->ca->status, "EXPIRED") == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is EXPIRED: only an ACTIVE CA issues. It is renewed with the same key: mtlscope pca activate %s%s%s", name,
		    plan_word(p, w->ca->arn), strcmp(w->ca->type, "ROOT") == 0 ? "" : " --parent CA", own_line_account(p));
	if (strcmp(w->ca->status, "DISABLED") == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is DISABLED: only an ACTIVE CA issues. Enable it: %s", name,
		    aws_line_short(p, plan_text(p, "acm-pca update-certificate-authority --certificate-authority-arn %s --status ACTIVE", plan_word(p, w->ca->arn))));
	if (strcmp(w->ca->status, "ACTIVE") != 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is %s: only an ACTIVE CA issues", name, plan_shown(p, w->ca->status));
	if (strcmp(w->ca->type, "ROOT") == 0 && !w->purpose.ca)
		plan_note(p, "“%s” is a root. A root that issues leaves itself must stay online for it, and cannot be replaced without replacing trust "
		    "everywhere; a subordinate would do (mtlscope pca create --parent).", name);
	if (pca_signing_algorithm(w->ca->key_algorithm) == NULL)
		return error_set(err, ERROR_USAGE, "plan", "“%s” has a key of a kind that this version cannot ask to sign: %s", name, plan_shown(p, w->ca->key_algorithm));
	return STATUS_OK;
}

/* What the request would meet: refused here, or noted. */
static status
look_through(struct plan *p, const struct issuing *i, const struct pca_issue_wish *w, const char *csr, struct error *err)
{
	struct csr_context how = { .template = i->template_name };
	struct csr_findings f = { .len = 0 };
	char shown[QUOTE_MAX];

	if (csr_lint(csr, strlen(csr), &how, p->arena, &f, err) != STATUS_OK)
		return STATUS_FAILED;
	if (csr_hopeless(&f))
		return error_set(err, ERROR_INPUT, "plan", "%s%sAWS would not issue this: %s", w->csr_file != NULL ? quote_str(w->csr_file, shown) : "",
		    w->csr_file != NULL ? ": " : "", f.items[0].text);
	for (size_t k = 0; k < f.len; k++) {
		if (f.items[k].weight != CSR_EXPECTED)
			plan_note(p, "The request, %s (%s): %s", f.items[k].what, csr_weight_word(f.items[k].weight), f.items[k].text);
	}
	return STATUS_OK;
}

/*
 * Takes the CSR, or makes it with the key that is there; and looks through it. With a new key one is made only to be looked through:
 * the plan makes another, whose key is on disk before anything is asked for with it.
 */
static status
prepare_csr(struct plan *p, struct issuing *i, const struct pca_issue_wish *w, struct error *err)
{
	struct csr_pair pair = { .csr = NULL };
	status result;

	if (w->csr != NULL) {
		/* The request alone: what stands around it in the file stays here. That may be text of openssl's, or the private key. */
		return csr_clean(w->csr, w->csr_len, w->csr_file, p->arena, &i->csr, err) == STATUS_OK ? look_through(p, i, w, i->csr, err) : STATUS_FAILED;
	}
	if (csr_make(&w->make, &pair, err) != STATUS_OK)
		return STATUS_FAILED;
	result = look_through(p, i, w, pair.csr, err);
	if (w->make.key != NULL)
		i->csr = arena_strdup(p->arena, pair.csr);
	csr_pair_done(&pair);
	return result;
}

static const char *
get_lines(struct plan *p, const struct pca_issue_wish *w)
{
	static const struct {
		const char *query, *file;
	} parts[] = { { "Certificate", "cert.pem" }, { "CertificateChain", "chain-with-root.pem" } };
	struct buf b = { 0 };
	struct aws_line l;
	const char *out;

	aws_line_begin(&l, &p->place, NULL, "acm-pca wait certificate-issued");
	aws_line_option(&l, "--certificate-authority-arn", w->ca->arn);
	aws_line_raw(&l, "--certificate-arn", "\"$CERT\"");
	buf_adds(&b, aws_line_end(&l, p, NULL));
	for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
		aws_line_begin(&l, &p->place, NULL, "acm-pca get-certificate");
		aws_line_option(&l, "--certificate-authority-arn", w->ca->arn);
		aws_line_raw(&l, "--certificate-arn", "\"$CERT\"");
		aws_line_query(&l, parts[k].query);
		buf_addf(&b, " &&\n%s", aws_line_end(&l, p, parts[k].file));
	}
	out = arena_strdup(p->arena, buf_str(&b));
	buf_done(&b);
	return out;
}

/* ---- the steps ---- */

static void
add(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

static void
step_folder(struct plan *p, const struct issuing *i, const char *out)
{
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	add(args, "path", i->folder);
	s = plan_add_deed(p, &deed_make_folder, args);
	s->what = i->folder_is_there ? plan_text(p, "look whether files can be written into %s", out) : plan_text(p, "make the folder %s", out);
	s->reads = i->folder_is_there ? "what we may do there" : NULL;
	s->changes = i->folder_is_there ? NULL : plan_text(p, "a new folder %s", out);
	s->undo = i->folder_is_there ? NULL : "remove it, where it is empty";
}

static void
step_key(struct plan *p, const struct pca_issue_wish *w)
{
	static const char *const kinds[] = { [CSR_KEY_P256] = "P-256", [CSR_KEY_P384] = "P-384", [CSR_KEY_P521] = "P-521",
		[CSR_KEY_RSA2048] = "RSA 2048", [CSR_KEY_RSA3072] = "RSA 3072", [CSR_KEY_RSA4096] = "RSA 4096" };
	cJSON *args = cJSON_CreateObject(), *names = cJSON_AddArrayToObject(args, "names");
	struct plan_step *s;

	add(args, "as", AS);
	add(args, "kind", kinds[w->make.kind]);
	add(args, "common_name", w->make.common_name);
	add(args, "organization", w->make.organization);
	add(args, "organizational_unit", w->make.organizational_unit);
	add(args, "country", w->make.country);
	for (size_t k = 0; k < w->make.names_len; k++)
		cJSON_AddItemToArray(names, cJSON_CreateString(w->make.names[k]));
	s = plan_add_deed(p, &deed_make_key, args);
	s->what = plan_text(p, "keep the new key (%s) on disk, in this plan's own folder, before anything is issued for it", csr_key_label(w->make.kind));
	s->command = openssl_request_line(p, &w->make, w->key_file, "key.pem");
}

/* What issue and fetch share. */
static cJSON *
order_args(const struct issuing *i, const struct pca_issue_wish *w)
{
	cJSON *args = cJSON_CreateObject();

	add(args, "as", AS);
	add(args, "ca", w->ca->arn);
	add(args, "template", i->template_name);
	add(args, "csr", i->csr);
	add(args, "out", i->folder);
	cJSON_AddNumberToObject(args, "not_after", (double)i->validity.value);
	return args;
}

static void
step_issue(struct plan *p, const struct issuing *i, const struct pca_issue_wish *w)
{
	const char *csr_file = w->csr_file != NULL && strcmp(w->csr_file, "-") != 0 ? w->csr_file : "request.csr";
	cJSON *args = order_args(i, w);
	char template_arn[PCA_ARN_MAX];
	struct plan_step *s;
	struct aws_line l;

	pca_template_arn(aws_client_partition(p->place.client), i->template_name, template_arn);
	add(args, "signing_algorithm", pca_signing_algorithm(w->ca->key_algorithm));
	s = plan_add_deed(p, &deed_issue, args);
	s->what = plan_text(p, "let “%s” issue the certificate", pca_name(p, &w->ca->subject));
	s->changes = plan_text(p, "a certificate %s, template %s, valid %s", csr_template_words(i->template_name), i->template_name, validity_words(p, i));
	s->call = "acm-pca IssueCertificate";
	s->cost = price_of_certificate(p, w->ca->usage_mode != NULL && strcmp(w->ca->usage_mode, "SHORT_LIVED_CERTIFICATE") == 0);
	s->undo = "revoke it: mtlscope pca revoke";
	s->token = plan_token(p);
	aws_line_begin(&l, &p->place, "CERT", "acm-pca issue-certificate");
	aws_line_option(&l, "--certificate-authority-arn", w->ca->arn);
	aws_line_raw(&l, "--csr", plan_word(p, plan_text(p, "fileb://%s", csr_file)));
	aws_line_option(&l, "--signing-algorithm", pca_signing_algorithm(w->ca->key_algorithm));
	aws_line_option(&l, "--template-arn", template_arn);
	aws_line_option(&l, "--validity", validity_option(p, &i->validity));
	aws_line_option(&l, "--idempotency-token", s->token);
	aws_line_query(&l, "CertificateArn");
	/* With a key that is there the request is made here, and nothing else is. */
	s->command = w->csr == NULL && w->make.key != NULL ? plan_text(p, "%s &&\n%s", openssl_request_line(p, &w->make, w->key_file, "key.pem"), aws_line_end(&l, p, NULL)) : aws_line_end(&l, p, NULL);
}

static void
step_fetch(struct plan *p, const struct issuing *i, const struct pca_issue_wish *w)
{
	cJSON *args = order_args(i, w);
	struct plan_step *s;

	cJSON_AddBoolToObject(args, "server", w->purpose.server);
	cJSON_AddBoolToObject(args, "client", w->purpose.client);
	cJSON_AddBoolToObject(args, "ca_certificate", w->purpose.ca);
	cJSON_AddBoolToObject(args, "tell", true);
	s = plan_add_deed(p, &deed_fetch, args);
	s->what = "fetch it, and compare it with the request";
	s->reads = "the certificate, as soon as it is issued";
	s->call = "acm-pca GetCertificate";
	s->command = get_lines(p, w);
}

static void
add_file(struct plan *p, cJSON *files, const struct issuing *i, const char *name, const char *kind, const char *what)
{
	cJSON *o = cJSON_CreateObject(), *part = cJSON_CreateObject();

	add(o, "path", plan_text(p, "%s/%s", strcmp(i->folder, "/") == 0 ? "" : i->folder, name));
	cJSON_AddBoolToObject(o, "secret", strcmp(kind, "private") == 0);
	cJSON_AddBoolToObject(o, "unless_empty", strcmp(name, "root.pem") == 0);
	add(part, kind, what);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(o, "parts"), part);
	cJSON_AddItemToArray(files, o);
}

static void
step_files(struct plan *p, const struct issuing *i, const char *out)
{
	static const struct {
		const char *name, *value;
	} parts[] = { { "cert.pem", AS ".cert" }, { "chain.pem", AS ".chain" }, { "fullchain.pem", AS ".fullchain" }, { "root.pem", AS ".root" } };
	cJSON *args = cJSON_CreateObject(), *files = cJSON_AddArrayToObject(args, "files");
	struct plan_step *s;

	cJSON_AddBoolToObject(args, "tell", true);
	if (i->csr == NULL)
		add_file(p, files, i, "key.pem", "private", AS ".key");
	for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++)
		add_file(p, files, i, parts[k].name, "value", parts[k].value);
	s = plan_add_deed(p, &deed_write_files, args);
	s->what = "write the files";
	s->changes = plan_text(p, "files in %s: cert.pem, chain.pem (without the root), fullchain.pem, root.pem%s; old ones are kept", out, i->csr == NULL ? ", key.pem" : "");
	s->undo = "put the old files back";
}

static void
add_steps(struct plan *p, const struct issuing *i, const struct pca_issue_wish *w)
{
	const char *out = strcmp(w->out, ".") == 0 ? "this folder" : plan_shown(p, w->out);

	step_folder(p, i, out);
	if (i->csr == NULL)
		step_key(p, w);
	step_issue(p, i, w);
	step_fetch(p, i, w);
	step_files(p, i, out);
}

/* The folder as it is called from everywhere. */
static status
find_folder(struct plan *p, struct issuing *i, const char *out, struct error *err)
{
	char here[PATH_MAX];
	struct stat st;

	i->folder_is_there = stat(out, &st) == 0;
	i->folder = out;
	if (out[0] == '/')
		return STATUS_OK;
	if (getcwd(here, sizeof here) == NULL)
		return error_set(err, ERROR_LOCAL, "plan", "this folder cannot be named: %s", strerror(errno));
	i->folder = strcmp(out, ".") == 0 ? arena_strdup(p->arena, here) : plan_text(p, "%s/%s", strcmp(here, "/") == 0 ? "" : here, out);
	return STATUS_OK;
}

static status
fill(struct plan *p, struct issuing *i, const struct pca_issue_wish *w, struct error *err)
{
	const char *name;

	i->template_name = csr_template(&w->purpose);
	if (i->template_name == NULL)
		return error_set(err, ERROR_USAGE, "plan", "AWS has no template for that");
	if (look_at_ca(p, w, err) != STATUS_OK || prepare_csr(p, i, w, err) != STATUS_OK || choose_validity(p, i, w, err) != STATUS_OK ||
	    find_folder(p, i, w->out, err) != STATUS_OK)
		return STATUS_FAILED;
	name = w->csr_file != NULL ? plan_shown(p, w->csr_file)
	    : plan_shown(p, w->make.common_name != NULL ? w->make.common_name : w->make.names_len > 0 ? w->make.names[0] : "");
	p->title = plan_text(p, "a certificate for %s, issued by “%s”", name, pca_name(p, &w->ca->subject));
	add_steps(p, i, w);
	return STATUS_OK;
}

status
pca_issue_plan(const struct plan_place *place, const struct pca_issue_wish *w, struct plan **out, struct error *err)
{
	struct plan *p = plan_new(place, "");
	struct issuing i = { .now = w->now };
	status result = fill(p, &i, w, err);

	*out = result == STATUS_OK ? p : NULL;
	if (result != STATUS_OK)
		plan_free(p);
	return result;
}
