#include "fixes/pca_issue.h"

#include <stdlib.h>
#include <string.h>

#include "aws/arn.h"
#include "fixes/aws_line.h"
#include "fixes/pca_create.h"
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

struct issuing {
	struct pca_issued result;  /* first: pca_issue_result() */
	const struct pca_ca *ca;
	const char *csr;
	size_t csr_len;
	struct csr_pair pair;      /* made here; empty else */
	struct pca_files files;
	struct pca_validity validity;
	struct csr_purpose purpose;
	const char *out, *token;
	int64_t now;
};

static void
issuing_done(void *subject)
{
	struct issuing *i = subject;

	csr_pair_done(&i->pair);
	pca_files_done(&i->files);
}

const struct pca_issued *
pca_issue_result(const struct plan *p)
{
	const struct issuing *i = p->subject;

	return &i->result;
}

/* ---- the steps ---- */

static status
stage_key(struct plan *p, struct plan_step *s, struct error *err)
{
	struct issuing *i = s->subject;

	(void)p;
	return file_set_stage(&i->result.files, "key.pem", i->pair.key, i->pair.key_len, true, err);
}

/* A CA that another account shares is used by its permission, which names templates; AWS's refusal does not say so. */
static status
refused(struct plan *p, struct plan_step *s, const struct issuing *i, const struct aws_error *why, struct error *err)
{
	struct error said = { .code = ERROR_NONE };
	struct arn arn;

	(void)plan_change_failed(p, s, why, "issue the certificate", &said);
	if (why->kind == AWS_DENIED && arn_parse(i->ca->arn, &arn) && p->place.account != NULL && strcmp(arn.account, p->place.account) != 0)
		return error_set(err, ERROR_AWS, "plan", "account %s shares this CA, and what it allows names templates: the usual permission has EndEntityCertificate, "
		    "EndEntityServerAuthCertificate, EndEntityClientAuthCertificate, the Blank… ones and SubordinateCACertificate_PathLen0; this is %s. %.300s",
		    plan_shown(p, arn.account), i->result.template_name, said.text);
	return error_set(err, said.code, "plan", "%s", said.text);
}

static status
issue(struct plan *p, struct plan_step *s, struct error *err)
{
	struct issuing *i = s->subject;
	char template_arn[PCA_ARN_MAX];
	struct aws_error why = { .kind = AWS_FINE };
	struct pca_issue call = {
		.ca = i->ca->arn,
		.csr_pem = i->csr,
		.signing_algorithm = pca_signing_algorithm(i->ca->key_algorithm),
		.template_arn = template_arn,
		.validity = i->validity,
		.token = i->token,
	};

	pca_template_arn(aws_client_partition(p->place.client), i->result.template_name, template_arn);
	if (pca_issue_certificate(p->place.client, &call, p->arena, &i->result.arn, &why) != STATUS_OK) {
		/* A key without a certificate is of no use: what was done for it is taken back. Not where there may be a certificate. */
		if (!aws_error_unsettled(&why)) {
			file_set_drop(&i->result.files);
			if (p->at > 0)
				p->steps[p->at - 1].state = STEP_WAITS;
		}
		return refused(p, s, i, &why, err);
	}
	return plan_keep(p, s, "certificate", i->result.arn, err);
}

/* Names every difference; none is worth a word too. */
static status
compare(struct plan *p, struct issuing *i, struct error *err)
{
	struct csr_asked asked = { .template = i->result.template_name, .server = i->purpose.server, .client = i->purpose.client,
		.ca = i->purpose.ca, .not_before = TIME_UNKNOWN, .not_after = i->validity.value };
	struct csr_findings *d = &i->result.differences;
	struct buf expected = { 0 };
	size_t told = 0;

	if (csr_compare(i->csr, i->csr_len, i->files.leaf, &asked, p->arena, d, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t k = 0; k < d->len; k++) {
		if (d->items[k].weight == CSR_EXPECTED) {
			buf_addf(&expected, "%s%s", expected.len > 0 ? ", " : "", d->items[k].what);
			continue;
		}
		told++;
		plan_after(p, "%s, %s: %s", csr_weight_word(d->items[k].weight), d->items[k].what, d->items[k].text);
	}
	if (told == 0)
		plan_after(p, "The certificate is what was asked for: nothing was dropped, nothing changed.");
	if (expected.len > 0)
		plan_after(p, "Added by the template and the CA's configuration: %s.", expected.data);
	buf_done(&expected);
	if (i->files.doubt != NULL)
		plan_after(p, "The chain that AWS gave does not hold: %s.", i->files.doubt);
	if (i->files.root == NULL)
		plan_after(p, "AWS's chain does not reach a root: there is no root.pem.");
	return STATUS_OK;
}

static status
fetch(struct plan *p, struct plan_step *s, struct error *err)
{
	struct issuing *i = s->subject;
	struct plan_waiter waiter = { .plan = p, .step = s };
	struct pca_certificate got = { .pem = NULL };
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_wait_certificate(p->place.client, i->ca->arn, i->result.arn, plan_waits, &waiter, p->arena, &got, &why) != STATUS_OK)
		return plan_failed(p, &why, "fetch the certificate", err);
	if (pca_files_make(&got, p->arena, &i->files, err) != STATUS_OK)
		return STATUS_FAILED;
	i->result.leaf = i->files.leaf;
	if (pca_files_stage(&i->files, &i->result.files, err) != STATUS_OK || file_set_place(&i->result.files, i->now, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t k = 0; k < i->result.files.len; k++) {
		const struct set_file *f = &i->result.files.files[k];

		if (f->kept != NULL)
			plan_after(p, "The old %s is kept as %s.", f->name, plan_shown(p, f->kept));
	}
	return compare(p, i, err);
}

static const char *
fetch_later(struct plan *p, const struct plan_step *s)
{
	const struct issuing *i = s->subject;
	const char *key = NULL;

	if (i->result.arn == NULL && !s->unsettled)
		return NULL;
	for (size_t k = 0; k < i->result.files.len; k++) {
		if (i->result.files.files[k].secret && !i->result.files.files[k].placed)
			key = i->result.files.files[k].staged;
	}
	if (i->result.arn == NULL) {
		p->go_on_command = plan_text(p, "mtlscope pca audit %s --apply", plan_word(p, i->ca->arn));
		return plan_text(p, "It may be issued, and then it is paid: AWS's answer did not come.%s%s%s The CA's next audit report lists it with its ARN, "
		    "and mtlscope pca get ARN fetches it; issued anew there would be two. This asks for the report:",
		    key != NULL ? " Its key waits in " : "", key != NULL ? plan_word(p, key) : "", key != NULL ? ", to be renamed to key.pem then." : "");
	}
	p->go_on_command = plan_text(p, "mtlscope pca get %s --out %s", plan_word(p, i->result.arn), plan_word(p, i->out));
	return plan_text(p, "It is issued and paid: do not issue it again.%s%s%s This fetches it as soon as AWS gives it:",
	    key != NULL ? " Its key waits in " : "", key != NULL ? plan_word(p, key) : "", key != NULL ? ", to be renamed to key.pem then." : "");
}

/* ---- the plan ---- */

/* "openssl req -new …": what is done here, for who wants to do it by hand. */
static const char *
openssl_line(struct plan *p, const struct pca_issue_wish *w)
{
	static const char *const kinds[] = {
		[CSR_KEY_P256] = "ec -pkeyopt ec_paramgen_curve:P-256",
		[CSR_KEY_P384] = "ec -pkeyopt ec_paramgen_curve:P-384",
		[CSR_KEY_P521] = "ec -pkeyopt ec_paramgen_curve:P-521",
		[CSR_KEY_RSA2048] = "rsa:2048",
		[CSR_KEY_RSA3072] = "rsa:3072",
		[CSR_KEY_RSA4096] = "rsa:4096",
	};
	const struct {
		const char *type, *value;
	} parts[] = { { "C", w->make.country }, { "O", w->make.organization }, { "OU", w->make.organizational_unit }, { "CN", w->make.common_name } };
	struct buf line = { 0 }, subject = { 0 };
	const char *out;

	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		if (parts[i].value == NULL || parts[i].value[0] == '\0')
			continue;
		buf_addf(&subject, "/%s=", parts[i].type);
		for (const char *c = parts[i].value; *c != '\0'; c++) {
			if (*c == '/' || *c == '\\' || *c == '+')
				buf_addc(&subject, '\\');
			buf_addc(&subject, *c);
		}
	}
	if (w->key_file != NULL) {
		buf_adds(&line, "openssl req -new -key ");
		shell_quote(&line, w->key_file);
	} else {
		buf_addf(&line, "openssl req -new -newkey %s -nodes -keyout key.pem", kinds[w->make.kind]);
	}
	buf_adds(&line, " \\\n    -subj ");
	shell_quote(&line, subject.len > 0 ? buf_str(&subject) : "/");
	buf_done(&subject);
	for (size_t i = 0; i < w->make.names_len; i++) {
		const char *n = w->make.names[i];
		bool ip = strchr(n, ':') != NULL ? strstr(n, "://") == NULL : n[strspn(n, "0123456789.")] == '\0';

		buf_addf(&subject, "%s%s:%s", i > 0 ? "," : "subjectAltName=", ip ? "IP" : strstr(n, "://") != NULL ? "URI" : strchr(n, '@') != NULL ? "email" : "DNS", n);
	}
	if (subject.len > 0) {
		buf_adds(&line, " \\\n    -addext ");
		shell_quote(&line, buf_str(&subject));
	}
	buf_adds(&line, " -out request.csr");
	out = arena_strdup(p->arena, buf_str(&line));
	buf_done(&line);
	buf_done(&subject);
	return out;
}

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
		return error_set(err, ERROR_USAGE, "plan", "“%s” waits for its own certificate and can issue nothing: mtlscope pca activate %s", name, plan_word(p, w->ca->arn));
	if (strcmp(w->ca->status, "EXPIRED") == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is EXPIRED: only an ACTIVE CA issues. It is renewed with the same key: mtlscope pca activate %s%s", name,
		    plan_word(p, w->ca->arn), strcmp(w->ca->type, "ROOT") == 0 ? "" : " --parent CA");
	if (strcmp(w->ca->status, "DISABLED") == 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is DISABLED: only an ACTIVE CA issues. Enable it: aws acm-pca update-certificate-authority "
		    "--certificate-authority-arn %s --status ACTIVE", name, plan_word(p, w->ca->arn));
	if (strcmp(w->ca->status, "ACTIVE") != 0)
		return error_set(err, ERROR_USAGE, "plan", "“%s” is %s: only an ACTIVE CA issues", name, plan_shown(p, w->ca->status));
	if (strcmp(w->ca->type, "ROOT") == 0 && !w->purpose.ca)
		plan_note(p, "“%s” is a root. A root that issues leaves itself must stay online for it, and cannot be replaced without replacing trust "
		    "everywhere; a subordinate would do (mtlscope pca create --parent).", name);
	if (pca_signing_algorithm(w->ca->key_algorithm) == NULL)
		return error_set(err, ERROR_USAGE, "plan", "“%s” has a key of a kind that this version cannot ask to sign: %s", name, plan_shown(p, w->ca->key_algorithm));
	return STATUS_OK;
}

/* Takes the CSR or makes it, and looks through it. */
static status
prepare_csr(struct plan *p, struct issuing *i, const struct pca_issue_wish *w, struct error *err)
{
	struct csr_context how = { .template = i->result.template_name };
	struct csr_findings *f = &i->result.lint;
	char shown[QUOTE_MAX];

	if (w->csr != NULL) {
		/* The request alone: what stands around it in the file stays here. That may be text of openssl's, or the private key. */
		if (csr_clean(w->csr, w->csr_len, w->csr_file, p->arena, &i->csr, err) != STATUS_OK)
			return STATUS_FAILED;
		i->csr_len = strlen(i->csr);
	} else {
		if (csr_make(&w->make, &i->pair, err) != STATUS_OK)
			return STATUS_FAILED;
		i->csr = i->pair.csr;
		i->csr_len = i->pair.csr_len;
	}
	if (csr_lint(i->csr, i->csr_len, &how, p->arena, f, err) != STATUS_OK)
		return STATUS_FAILED;
	if (csr_hopeless(f))
		return error_set(err, ERROR_INPUT, "plan", "%s%sAWS would not issue this: %s", w->csr_file != NULL ? quote_str(w->csr_file, shown) : "",
		    w->csr_file != NULL ? ": " : "", f->items[0].text);
	for (size_t k = 0; k < f->len; k++) {
		if (f->items[k].weight != CSR_EXPECTED)
			plan_note(p, "The request, %s (%s): %s", f->items[k].what, csr_weight_word(f->items[k].weight), f->items[k].text);
	}
	return STATUS_OK;
}

static const char *
get_lines(struct plan *p, const struct issuing *i)
{
	static const struct {
		const char *query, *file;
	} parts[] = { { "Certificate", "cert.pem" }, { "CertificateChain", "chain-with-root.pem" } };
	struct buf b = { 0 };
	struct aws_line l;
	const char *out;

	aws_line_begin(&l, &p->place, NULL, "acm-pca wait certificate-issued");
	aws_line_option(&l, "--certificate-authority-arn", i->ca->arn);
	aws_line_raw(&l, "--certificate-arn", "\"$CERT\"");
	buf_adds(&b, aws_line_end(&l, p, NULL));
	for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
		aws_line_begin(&l, &p->place, NULL, "acm-pca get-certificate");
		aws_line_option(&l, "--certificate-authority-arn", i->ca->arn);
		aws_line_raw(&l, "--certificate-arn", "\"$CERT\"");
		aws_line_query(&l, parts[k].query);
		buf_addf(&b, " &&\n%s", aws_line_end(&l, p, parts[k].file));
	}
	out = arena_strdup(p->arena, buf_str(&b));
	buf_done(&b);
	return out;
}

static void
add_steps(struct plan *p, struct issuing *i, const struct pca_issue_wish *w)
{
	char template_arn[PCA_ARN_MAX];
	const char *csr_file = w->csr_file != NULL && strcmp(w->csr_file, "-") != 0 ? w->csr_file : "request.csr";
	struct plan_step *s;
	struct aws_line l;

	if (i->pair.key != NULL) {
		s = plan_add(p);
		s->what = plan_text(p, "keep the new key (%s) on disk, before anything is issued for it", csr_key_label(w->make.kind));
		s->changes = plan_text(p, "a new file beside %s/key.pem, 0600", plan_shown(p, i->out));
		s->undo = "remove it";
		s->command = openssl_line(p, w);
		s->apply = stage_key;
		s->subject = i;
	}
	pca_template_arn(aws_client_partition(p->place.client), i->result.template_name, template_arn);
	s = plan_add(p);
	s->what = plan_text(p, "let “%s” issue the certificate", pca_name(p, &w->ca->subject));
	s->changes = plan_text(p, "a certificate %s, template %s, valid %s", csr_template_words(i->result.template_name), i->result.template_name, validity_words(p, i));
	s->call = "acm-pca IssueCertificate";
	s->cost = price_of_certificate(p, w->ca->usage_mode != NULL && strcmp(w->ca->usage_mode, "SHORT_LIVED_CERTIFICATE") == 0);
	s->undo = "revoke it: mtlscope pca revoke";
	s->token = i->token;
	aws_line_begin(&l, &p->place, "CERT", "acm-pca issue-certificate");
	aws_line_option(&l, "--certificate-authority-arn", w->ca->arn);
	aws_line_raw(&l, "--csr", plan_word(p, plan_text(p, "fileb://%s", csr_file)));
	aws_line_option(&l, "--signing-algorithm", pca_signing_algorithm(w->ca->key_algorithm));
	aws_line_option(&l, "--template-arn", template_arn);
	aws_line_option(&l, "--validity", validity_option(p, &i->validity));
	aws_line_option(&l, "--idempotency-token", i->token);
	aws_line_query(&l, "CertificateArn");
	s->command = w->csr == NULL && i->pair.key == NULL ? plan_text(p, "%s &&\n%s", openssl_line(p, w), aws_line_end(&l, p, NULL)) : aws_line_end(&l, p, NULL);
	s->apply = issue;
	s->go_on = fetch_later;
	s->subject = i;
	s = plan_add(p);
	s->what = "fetch it, compare it with the request, write the files";
	s->reads = "the certificate, as soon as it is issued";
	s->changes = plan_text(p, "files in %s: cert.pem, chain.pem (without the root), fullchain.pem, root.pem%s; old ones are kept",
	    strcmp(i->out, ".") == 0 ? "this folder" : plan_shown(p, i->out), i->pair.key != NULL ? ", key.pem" : "");
	s->call = "acm-pca GetCertificate";
	s->undo = "put the old files back";
	s->command = get_lines(p, i);
	s->apply = fetch;
	s->go_on = fetch_later;
	s->subject = i;
}

static status
fill(struct plan *p, struct issuing *i, const struct pca_issue_wish *w, struct error *err)
{
	const char *name;

	i->result.template_name = csr_template(&w->purpose);
	if (i->result.template_name == NULL)
		return error_set(err, ERROR_USAGE, "plan", "AWS has no template for that");
	if (look_at_ca(p, w, err) != STATUS_OK || prepare_csr(p, i, w, err) != STATUS_OK || choose_validity(p, i, w, err) != STATUS_OK)
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
	struct issuing *i = arena_alloc(p->arena, sizeof *i);
	status result;

	*i = (struct issuing){ .ca = w->ca, .purpose = w->purpose, .out = w->out, .now = w->now, .token = plan_token(p) };
	file_set_init(&i->result.files, w->out, i->token, p->arena);
	p->subject = i;
	p->subject_done = issuing_done;
	result = fill(p, i, w, err);
	*out = result == STATUS_OK ? p : NULL;
	if (result != STATUS_OK)
		plan_free(p);
	return result;
}
