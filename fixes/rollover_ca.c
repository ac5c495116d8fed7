/* The steps of a roll-over that are done in the private CA alone: nobody of the fleet sees anything of them. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixes/aws_line.h"
#include "fixes/deeds.h"
#include "fixes/pca_create.h"
#include "fixes/pca_subject.h"
#include "fixes/prices.h"
#include "fixes/rollover_parts.h"
#include "model/csr.h"
#include "model/times.h"

static void
add_text(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

static int64_t
at_most(int64_t wanted, int64_t last)
{
	return last != TIME_UNKNOWN && wanted > last ? last : wanted;
}

static bool
is_short_lived(const struct pca_ca *ca)
{
	return ca->usage_mode != NULL && strcmp(ca->usage_mode, "SHORT_LIVED_CERTIFICATE") == 0;
}

/* ---- asking AWS ---- */

static status
describe(struct rolling *m, const char *arn, struct pca_ca *out, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_describe_ca(m->plan->place.client, arn, m->arena, out, &why) != STATUS_OK)
		return plan_failed(m->plan, &why, "look at the CA", err);
	return STATUS_OK;
}

static status
signs_if(struct rolling *m, const struct rollover_ca *ca, bool ended_too, struct pca_ca *out, struct error *err)
{
	if (describe(m, ca->arn, out, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strcmp(out->status, "ACTIVE") != 0 && !(ended_too && strcmp(out->status, "EXPIRED") == 0))
		return error_set(err, ERROR_USAGE, "roll-over", "“%s” is %s: only an ACTIVE CA signs", ca->name != NULL ? ca->name : ca->arn, plan_shown(m->plan, out->status));
	if (out->key_algorithm == NULL || pca_signing_algorithm(out->key_algorithm) == NULL)
		return error_set(err, ERROR_USAGE, "roll-over", "“%s” has a key of a kind that this version cannot ask to sign", ca->name != NULL ? ca->name : ca->arn);
	return STATUS_OK;
}

/* One that can sign now. */
static status
signer(struct rolling *m, const struct rollover_ca *ca, struct pca_ca *out, struct error *err)
{
	return signs_if(m, ca, false, out, err);
}

/* A root that has ended still signs itself (knowledge "aws" 1.4). */
static status
self_signer(struct rolling *m, struct pca_ca *out, struct error *err)
{
	return signs_if(m, &m->w->r->old_root, true, out, err);
}

static status
request_of(struct rolling *m, const char *arn, const char **csr, struct error *err)
{
	struct aws_error why = { .kind = AWS_FINE };

	if (pca_get_csr(m->plan->place.client, arn, m->arena, csr, &why) != STATUS_OK)
		return plan_failed(m->plan, &why, "take the CA's request (CSR)", err);
	return STATUS_OK;
}

/* ---- a certificate ---- */

static void
issue_step(struct plan *p, const struct rollover_issue *i, int64_t now)
{
	cJSON *args = cJSON_CreateObject();
	char template_arn[PCA_ARN_MAX], until[TIME_TEXT_MAX], span[TIME_TEXT_MAX];
	struct plan_step *s;
	struct aws_line l;

	add_text(args, "as", i->as);
	add_text(args, "ca", i->ca);
	add_text(args, "signing_algorithm", pca_signing_algorithm(i->key_algorithm));
	add_text(args, "template", i->template_name);
	add_text(args, "csr", i->csr);
	cJSON_AddNumberToObject(args, "not_after", (double)i->not_after);
	pca_template_arn(aws_client_partition(p->place.client), i->template_name, template_arn);
	s = plan_add_deed(p, &deed_issue, args);
	s->token = plan_token(p);
	s->what = i->what;
	s->changes = plan_text(p, "a certificate, template %s, valid until %s (%s)", i->template_name, time_human(i->not_after, until),
	    time_span_long(i->not_after - now, span));
	s->call = "acm-pca IssueCertificate";
	s->cost = price_of_certificate(p, i->short_lived);
	s->undo = i->undo;
	aws_line_begin(&l, &p->place, "CERT", "acm-pca issue-certificate");
	aws_line_option(&l, "--certificate-authority-arn", i->ca);
	aws_line_raw(&l, "--csr", "fileb://request.csr");
	aws_line_option(&l, "--signing-algorithm", pca_signing_algorithm(i->key_algorithm));
	aws_line_option(&l, "--template-arn", template_arn);
	aws_line_option(&l, "--validity", plan_text(p, "Value=%lld,Type=ABSOLUTE", (long long)i->not_after));
	aws_line_option(&l, "--idempotency-token", s->token);
	aws_line_query(&l, "CertificateArn");
	s->command = aws_line_end(&l, p, NULL);
}

void
rollover_issue_steps(struct plan *p, const struct rollover_issue *i, int64_t now)
{
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;
	struct aws_line l;

	issue_step(p, i, now);
	add_text(args, "as", i->as);
	add_text(args, "ca", i->ca);
	add_text(args, "template", i->template_name);
	add_text(args, "csr", i->csr);
	cJSON_AddBoolToObject(args, "server", i->server);
	cJSON_AddBoolToObject(args, "client", i->client);
	cJSON_AddNumberToObject(args, "not_after", (double)i->not_after);
	s = plan_add_deed(p, &deed_fetch, args);
	s->what = "fetch it and compare it with the request";
	s->reads = "the certificate and its chain, as soon as it is issued";
	s->call = "acm-pca GetCertificate";
	aws_line_begin(&l, &p->place, NULL, "acm-pca get-certificate");
	aws_line_option(&l, "--certificate-authority-arn", i->ca);
	aws_line_raw(&l, "--certificate-arn", "\"$CERT\"");
	s->command = aws_line_end(&l, p, "issued.json");
}

static void
reimport_step(struct plan *p, const char *arn, const char *name, cJSON *args, const char *becomes)
{
	struct plan_step *s;
	struct aws_line l;

	add_text(args, "ca", arn);
	add_text(args, "name", name);
	s = plan_add_deed(p, &deed_reimport_ca, args);
	s->what = plan_text(p, "import that certificate into “%s”, whose key it is of", name);
	s->reads = "the certificate that it has now";
	s->changes = becomes;
	s->call = "acm-pca ImportCertificateAuthorityCertificate";
	s->undo = "the old certificate is imported again; its key never changed";
	aws_line_begin(&l, &p->place, NULL, "acm-pca import-certificate-authority-certificate");
	aws_line_option(&l, "--certificate-authority-arn", arn);
	aws_line_raw(&l, "--certificate", "fileb://certificate.pem");
	if (cJSON_HasObjectItem(args, "chain"))
		aws_line_raw(&l, "--certificate-chain", "fileb://chain.pem");
	s->command = aws_line_end(&l, p, NULL);
}

/* ---- the new root ---- */

/* “Acme Root CA” → “Acme Root CA G2” → “Acme Root CA G3”: names must differ, else chains and trust stores cannot be told apart. */
static const char *
next_name(struct rolling *m, const char *old)
{
	const char *last = strrchr(old, ' ');
	char *end = NULL;
	unsigned long n = last != NULL && last[1] == 'G' && isdigit((unsigned char)last[2]) ? strtoul(last + 2, &end, 10) : 0;

	if (n > 0 && n < 1000 && *end == '\0')
		return arena_printf(m->arena, "%.*s G%lu", (int)(last - old), old, n + 1);
	return arena_printf(m->arena, "%s G2", old);
}

/* The plan that another maker made, in the place of ours. */
static void
adopt_plan(struct rolling *m, struct plan *made)
{
	plan_free(m->plan);
	m->plan = made;
}

static status
same_key(struct rolling *m, struct error *err)
{
	struct plan *p = m->plan;
	struct pca_ca ca = { .arn = NULL };
	struct rollover_issue i = { .as = "root", .ca = m->w->r->old_root.arn, .ca_name = m->w->r->old_root.name, .template_name = "RootCACertificate",
		.undo = "it does nothing before it is imported and trusted" };
	unsigned days = m->w->root_days > 0 ? m->w->root_days : ROLLOVER_ROOT_DAYS;
	cJSON *args = cJSON_CreateObject();

	if (self_signer(m, &ca, err) != STATUS_OK || request_of(m, i.ca, &i.csr, err) != STATUS_OK) {
		cJSON_Delete(args);
		return STATUS_FAILED;
	}
	i.key_algorithm = ca.key_algorithm;
	i.not_after = m->w->now + (int64_t)days * ROLLOVER_DAY;
	i.what = plan_text(p, "let “%s” sign itself once more, with the same key", i.ca_name);
	p->title = plan_text(p, "a later date for the root “%s”: the same name, the same key", i.ca_name);
	p->cost = price_of_all(p, false, 0, 1);
	plan_note(p, "Who trusts the old certificate of the root goes on until that ends; the new one must be in every bundle by then. Nothing on the wire shows who has it.");
	rollover_issue_steps(p, &i, m->w->now);
	add_text(args, "cert_from", "root.cert");
	reimport_step(p, i.ca, i.ca_name, args, "the CA goes on after the old date; what it signed stays valid");
	return STATUS_OK;
}

status
rollover_make_root(struct rolling *m, struct error *err)
{
	struct pca_ca old = { .arn = NULL };
	struct pca_create_wish w = { .root = true, .root_days = 0, .now = m->w->now };
	struct plan *made = NULL;

	if (m->w->r->way == ROLLOVER_SAME_KEY)
		return same_key(m, err);
	if (describe(m, m->w->r->old_root.arn, &old, err) != STATUS_OK)
		return STATUS_FAILED;
	w.subject = old.subject;
	w.subject.common_name = m->w->name != NULL ? m->w->name : next_name(m, old.subject.common_name != NULL ? old.subject.common_name : "Root CA");
	if (old.subject.common_name != NULL && strcmp(w.subject.common_name, old.subject.common_name) == 0)
		return error_set(err, ERROR_USAGE, "roll-over", "the new root must have another name than the old one, “%s”: chains could not be told apart",
		    plan_shown(m->plan, old.subject.common_name));
	w.key_algorithm = old.key_algorithm;
	w.days = m->w->root_days;
	w.crl_bucket = old.revocation.crl ? old.revocation.crl_bucket : NULL;
	w.ocsp = old.revocation.ocsp;
	if (pca_create_plan(&m->w->place, &w, &made, err) != STATUS_OK)
		return STATUS_FAILED;
	made->title = plan_text(made, "a new root “%s” for “%s”; nobody is shown it yet", plan_shown(made, w.subject.common_name), plan_shown(made, m->w->r->old_root.name));
	adopt_plan(m, made);
	return STATUS_OK;
}

/* ---- what issues ---- */

static status
cross_sign(struct rolling *m, const struct pca_ca *root, size_t n, struct error *err)
{
	const struct rollover_child *c = &m->w->r->children[n];
	const struct cert *old = m->anchors.children[n];
	struct plan *p = m->plan;
	unsigned days = m->w->days > 0 ? m->w->days : ROLLOVER_ISSUING_DAYS;
	int path_len = old->path_len < 0 || old->path_len > 3 ? 3 : old->path_len; /* AWS has no template without one */
	struct rollover_issue i = { .as = plan_text(p, "cross%zu", n), .ca = m->w->r->new_root.arn, .ca_name = m->w->r->new_root.name,
		.key_algorithm = root->key_algorithm, .template_name = plan_text(p, "SubordinateCACertificate_PathLen%d", path_len),
		.undo = "it does nothing before it stands in chains; mtlscope pca revoke revokes it" };

	if (request_of(m, c->old.arn, &i.csr, err) != STATUS_OK)
		return STATUS_FAILED;
	i.what = plan_text(p, "let “%s” sign the key of “%s”", i.ca_name, c->old.name);
	/* As long as the old one at least, so that no leaf outlives it; shorter than the root, as AWS wants it (knowledge "aws" 2.3). */
	i.not_after = m->w->now + (int64_t)days * ROLLOVER_DAY;
	if (c->old.not_after != TIME_UNKNOWN && c->old.not_after > i.not_after)
		i.not_after = c->old.not_after;
	i.not_after = at_most(i.not_after, root->not_after != TIME_UNKNOWN ? root->not_after - 1 : TIME_UNKNOWN);
	if (old->path_len < 0)
		plan_note(p, "“%s” has no limit of CAs below it; the certificate of the new root allows three, AWS's most.", c->old.name);
	rollover_issue_steps(p, &i, m->w->now);
	return STATUS_OK;
}

/* Other CAs below the old root: nobody of the fleet hangs on them, and who else does was not measured. */
static void
note_left_alone(struct rolling *m)
{
	const struct rollover *r = m->w->r;
	struct buf names = { 0 };
	size_t n = 0;

	for (size_t i = 0; i < r->children_len; i++) {
		if (rollover_in_use(r, &r->children[i]))
			continue;
		if (n++ < 3)
			buf_addf(&names, "%s“%s”", n > 1 ? ", " : "", r->children[i].old.name);
	}
	if (n > 3)
		buf_addf(&names, " and %zu more", n - 3);
	if (n > 0)
		plan_note(m->plan, "%s stand%s below the old root too, and nobody of the fleet hangs on %s: %s left alone, and what hangs on %s needs the old root for ever.",
		    buf_str(&names), n == 1 ? "s" : "", n == 1 ? "it" : "them", n == 1 ? "it is" : "they are", n == 1 ? "it" : "them");
	buf_done(&names);
}

static status
new_issuing(struct rolling *m, const struct pca_ca *root, size_t n, struct error *err)
{
	const struct rollover_child *c = &m->w->r->children[n];
	struct pca_ca old = { .arn = NULL };
	struct pca_create_wish w = { .parent = root, .days = m->w->days, .now = m->w->now };
	struct plan *made = NULL;

	if (describe(m, c->old.arn, &old, err) != STATUS_OK)
		return STATUS_FAILED;
	w.subject = old.subject;
	w.subject.common_name = next_name(m, old.subject.common_name != NULL ? old.subject.common_name : "Issuing CA");
	w.key_algorithm = old.key_algorithm;
	w.short_lived = is_short_lived(&old);
	w.crl_bucket = old.revocation.crl ? old.revocation.crl_bucket : NULL;
	w.ocsp = old.revocation.ocsp;
	if (pca_create_plan(&m->w->place, &w, &made, err) != STATUS_OK)
		return STATUS_FAILED;
	cJSON_AddStringToObject(made->values, "rollover.child", c->old.arn);
	adopt_plan(m, made);
	note_left_alone(m);
	return STATUS_OK;
}

status
rollover_make_issuing(struct rolling *m, struct error *err)
{
	const struct rollover *r = m->w->r;
	struct pca_ca root = { .arn = NULL };
	unsigned made = 0;

	if (r->children_len == 0)
		return error_set(err, ERROR_USAGE, "roll-over", "no CA right below “%s” is in this account: there is nothing that the new root could sign", r->old_root.name);
	if (signer(m, &r->new_root, &root, err) != STATUS_OK)
		return STATUS_FAILED;
	for (size_t i = 0; i < r->children_len; i++) {
		if (r->children[i].twin.pem != NULL || !rollover_in_use(r, &r->children[i]))
			continue;
		if (r->way == ROLLOVER_NEW)
			return new_issuing(m, &root, i, err);
		if (cross_sign(m, &root, i, err) != STATUS_OK)
			return STATUS_FAILED;
		made++;
	}
	if (made == 0)
		return error_set(err, ERROR_USAGE, "roll-over", "nobody of the fleet was seen to hang on a CA below “%s”: there is nothing that the new root would sign",
		    r->old_root.name);
	m->plan->title = plan_text(m->plan, "what issues, signed by the new root “%s” as well", r->new_root.name);
	m->plan->cost = price_of_all(m->plan, false, 0, made);
	note_left_alone(m);
	plan_note(m->plan, "The certificate is not imported yet: what is issued until then comes with the old chain, which everybody trusts.");
	return STATUS_OK;
}

/* ---- a client certificate to measure with ---- */

/* What a service must trust to let it in is the new root alone, whatever else stands in its bundle. A CA that nobody hangs on has no twin. */
static const struct rollover_ca *
pass_issuer(const struct rollover *r)
{
	for (size_t i = 0; r->way == ROLLOVER_NEW && i < r->children_len; i++) {
		if (r->children[i].twin.arn != NULL && r->children[i].twin.pem != NULL)
			return &r->children[i].twin;
	}
	return &r->new_root;
}

static void
key_step(struct rolling *m)
{
	struct plan *p = m->plan;
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	add_text(args, "as", "pass");
	add_text(args, "kind", csr_key_label(CSR_KEY_P256));
	add_text(args, "common_name", "mtlscope roll-over");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(args, "names"), cJSON_CreateString("mtlscope-rollover.invalid"));
	s = plan_add_deed(p, &deed_make_key, args);
	s->what = "make a key and a request for “mtlscope roll-over”";
	s->changes = "a file in mtlscope's own folder, 0600";
	s->undo = "it stays there until the plan is done";
}

static void
keep_key_step(struct rolling *m)
{
	struct plan *p = m->plan;
	cJSON *args = cJSON_CreateObject(), *file = cJSON_CreateObject(), *part = cJSON_CreateObject();
	struct plan_step *s;

	add_text(file, "path", m->w->pass_key != NULL ? plan_path(p, m->w->pass_key) : NULL);
	cJSON_AddTrueToObject(file, "secret");
	add_text(part, "private", "pass.key");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(file, "parts"), part);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(args, "files"), file);
	s = plan_add_deed(p, &deed_write_files, args);
	s->what = plan_text(p, "keep its key in %s", plan_shown(p, m->w->pass_key));
	s->changes = "that file, 0600: services are measured from this machine";
	s->undo = "the file is removed, or the one before it gets its name back";
	cJSON_AddStringToObject(p->values, "rollover.pass_key", m->w->pass_key);
}

status
rollover_make_pass(struct rolling *m, struct error *err)
{
	const struct rollover_ca *from = pass_issuer(m->w->r);
	struct plan *p = m->plan;
	struct pca_ca ca = { .arn = NULL };
	struct rollover_issue i = { .as = "pass", .ca = from->arn, .ca_name = from->name, .template_name = "EndEntityClientAuthCertificate", .client = true,
		.undo = "it stays issued; mtlscope pca revoke revokes it" };

	if (signer(m, from, &ca, err) != STATUS_OK)
		return STATUS_FAILED;
	i.key_algorithm = ca.key_algorithm;
	i.short_lived = is_short_lived(&ca);
	i.not_after = at_most(m->w->now + (i.short_lived ? ROLLOVER_SHORT_LIVED : ROLLOVER_PASS_DAYS * ROLLOVER_DAY), ca.not_after);
	i.what = plan_text(p, "let “%s” issue a client certificate for it", from->name);
	p->title = "a client certificate of the new root, to see who lets it in";
	p->cost = price_of_all(p, i.short_lived, 0, 1);
	plan_note(p, "It is shown to every service of the fleet, as a client without a right to anything: its name is “mtlscope roll-over”. Each sees one more connection at every measuring.");
	key_step(m);
	rollover_issue_steps(p, &i, m->w->now);
	keep_key_step(m);
	return STATUS_OK;
}

/* ---- the end ---- */

status
rollover_retire(struct rolling *m, struct error *err)
{
	const struct rollover *r = m->w->r;
	struct pca_ca old = { .arn = NULL };

	if (describe(m, r->old_root.arn, &old, err) != STATUS_OK)
		return STATUS_FAILED;
	if (strcmp(old.status, "ACTIVE") != 0)
		return STATUS_OK; /* it signs nothing already */
	adopt_plan(m, pca_disable_plan(&m->w->place, r->old_root.arn, r->old_root.name));
	plan_note(m->plan, "It can be enabled again. A disabled CA is billed; deleting it ends that, and takes its revocation list and OCSP with it: do that when nothing of it is valid any more.");
	note_left_alone(m);
	if (r->way == ROLLOVER_NEW)
		plan_note(m->plan, "The old issuing CAs stay as they are: disable them too once nobody renews there.");
	return STATUS_OK;
}
