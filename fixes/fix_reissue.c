/* A new certificate in the place of the old one: its names and purpose, what was wrong put right, from a CA that the other side trusts. */
#include <stdlib.h>
#include <string.h>

#include "fixes/aws_line.h"
#include "fixes/deed_target.h"
#include "fixes/deeds.h"
#include "fixes/fix_parts.h"
#include "fixes/openssl_line.h"
#include "fixes/prices.h"
#include "model/quote.h"
#include "model/text.h"
#include "model/times.h"

enum {
	DAY = 24 * 60 * 60,
	DAYS_USUAL = 30,
	DAYS_MOST = 397,         /* what browsers take; longer than anybody wants of a leaf that is renewed from here */
	SHORT_LIVED_MOST = 7 * DAY - 60, /* AWS counts from when it issues; its clock may be a little ahead of ours */
	NAMES_MOST = 1000,
	SHOWN_MOST = 6,          /* names in a sentence */
	SHOWN_PART = 64          /* of a subject's part, bytes */
};

struct wanted {
	const struct fix_authority *from;
	const struct cert *old;         /* NULL: there is none that can be read */
	const char *common_name, *organization, *organizational_unit, *country;
	const char *names[NAMES_MOST];
	size_t names_len;
	enum csr_key kind;
	bool same_key;
	const char *csr;                /* of the key that is there */
	struct csr_purpose purpose;
	const char *template_name;
	int64_t not_after;
};

/* ---- names ---- */

/* One that holds characters made to deceive is left out whole: what is left of it without them would deceive as well. */
static const char *
part(struct fixing *f, const struct name *n, const char *type)
{
	for (size_t i = 0; i < n->len; i++) {
		if (strcmp(n->parts[i].type, type) != 0)
			continue;
		if (text_flags(n->parts[i].value) == 0)
			return arena_strndup(f->arena, (const char *)n->parts[i].value.bytes, n->parts[i].value.len);
		plan_note(f->plan, "The old subject's %s, %s, holds characters that deceive; the new one lacks it.", type, text_safe_arena(f->arena, n->parts[i].value, SHOWN_PART, NULL));
		return NULL;
	}
	return NULL;
}

static bool
has_name(const struct wanted *w, const char *name)
{
	for (size_t i = 0; i < w->names_len; i++) {
		if (strcasecmp(w->names[i], name) == 0)
			return true;
	}
	return false;
}

static void
add_name(struct wanted *w, const char *name)
{
	if (name != NULL && name[0] != '\0' && w->names_len < NAMES_MOST && !has_name(w, name))
		w->names[w->names_len++] = name;
}

/* "DNS:payment.internal" → "payment.internal". Kinds that a request cannot ask for here are left out, and said. */
static void
old_names(struct fixing *f, struct wanted *w)
{
	for (size_t i = 0; w->old != NULL && i < w->old->san_len; i++) {
		const struct san *s = &w->old->san[i];
		const char *colon = strchr(s->safe, ':');

		if (s->flags != 0) {
			plan_note(f->plan, "The name %s of the old certificate holds characters that deceive; the new one lacks it.", s->safe);
			continue;
		}
		if (s->type == SAN_DNS || s->type == SAN_IP || s->type == SAN_URI || s->type == SAN_EMAIL)
			add_name(w, colon != NULL ? arena_strdup(f->arena, colon + 1) : NULL);
		else
			plan_note(f->plan, "The name %s of the old certificate is of a kind that this version does not ask for; the new one lacks it.", s->safe);
	}
}

/* Who goes by the whole subject (a rule for nginx's $ssl_client_s_dn, a mapping in a database) sees another one: said, not hidden. */
static void
note_subject(struct fixing *f, const struct wanted *w)
{
	static const char *const kept[] = { "CN", "O", "OU", "C" };
	const struct name *n = w->old != NULL ? &w->old->subject : NULL;
	bool seen[sizeof kept / sizeof kept[0]] = { false };
	struct buf lost = { 0 };

	for (size_t i = 0; n != NULL && i < n->len; i++) {
		size_t k = 0;

		while (k < sizeof kept / sizeof kept[0] && (strcmp(kept[k], n->parts[i].type) != 0 || seen[k]))
			k++;
		if (k < sizeof kept / sizeof kept[0])
			seen[k] = true;
		else
			buf_addf(&lost, "%s%s=%s", lost.len > 0 ? ", " : "", text_safe_arena(f->arena, text_of(n->parts[i].type), SHOWN_PART, NULL),
			    text_safe_arena(f->arena, n->parts[i].value, SHOWN_PART, NULL));
	}
	if (lost.len > 0)
		plan_note(f->plan, "The old subject has %s as well, which a request from here cannot ask for: who goes by the whole subject will not know the new one.", lost.data);
	buf_done(&lost);
}

static void
choose_names(struct fixing *f, struct wanted *w)
{
	const struct target *t = &f->w->diagnosis->evidence->target;
	const char *asked = target_name(t);

	if (w->old != NULL) {
		w->common_name = part(f, &w->old->subject, "CN");
		w->organization = part(f, &w->old->subject, "O");
		w->organizational_unit = part(f, &w->old->subject, "OU");
		w->country = part(f, &w->old->subject, "C");
	}
	note_subject(f, w);
	old_names(f, w);
	if (f->ours)
		return;
	/* A server's must have the name that it is asked for by. */
	add_name(w, asked != NULL ? arena_strdup(f->arena, asked) : NULL);
	if (w->common_name == NULL && w->names_len > 0)
		w->common_name = w->names[0];
}

/* ---- key ---- */

static struct csr_wish
request_of(const struct wanted *w, const struct key *key)
{
	return (struct csr_wish){ .common_name = w->common_name, .organization = w->organization, .organizational_unit = w->organizational_unit,
		.country = w->country, .names = w->names, .names_len = w->names_len, .kind = w->kind, .key = key };
}

/*
 * The request is looked through before anything is asked for: with the key that stays, which is then the one that is used; else with a
 * key that is thrown away, since the real one is not made before the plan is applied.
 */
static status
try_request(struct fixing *f, struct wanted *w, struct error *err)
{
	const struct key *key = w->same_key ? f->identity->key : NULL;
	struct csr_context how = { .template = w->template_name };
	struct csr_wish wish = request_of(w, key);
	struct csr_findings found = { .len = 0 };
	struct csr_pair pair;

	if (csr_make(&wish, &pair, err) != STATUS_OK)
		return STATUS_FAILED;
	if (key != NULL)
		w->csr = plan_text(f->plan, "%s", pair.csr);
	if (csr_lint(pair.csr, pair.csr_len, &how, f->plan->arena, &found, err) != STATUS_OK) {
		csr_pair_done(&pair);
		return STATUS_FAILED;
	}
	csr_pair_done(&pair);
	if (csr_hopeless(&found))
		return fix_by_hand(f, "AWS would not issue what is needed: %s", found.items[0].text);
	for (size_t i = 0; i < found.len; i++) {
		if (found.items[i].weight != CSR_EXPECTED)
			plan_note(f->plan, "The request, %s (%s): %s", found.items[i].what, csr_weight_word(found.items[i].weight), found.items[i].text);
	}
	return STATUS_OK;
}

static status
choose_key(struct fixing *f, struct wanted *w)
{
	/* Where key and certificate do not belong together, the key at hand is what the service has: a certificate for it mends both. */
	bool wanted = f->w->same_key || f->finding->code == CODE_KEY_MISMATCH || (f->w->entry != NULL && !f->ours && f->w->entry->renew.given && !f->w->entry->renew.new_key);
	const struct key *key = f->identity != NULL ? f->identity->key : NULL;

	w->kind = fix_key_kind(f, w->old);
	if (f->w->same_key && (f->finding->code == CODE_CLIENT_WEAK || f->finding->code == CODE_CERT_WEAK_KEY || f->finding->code == CODE_KEY_SERVER_MISMATCH))
		plan_note(f->plan, "--same-key: the key itself is what is wrong, so that a new one is made all the same.");
	if (!wanted || f->finding->code == CODE_CLIENT_WEAK || f->finding->code == CODE_CERT_WEAK_KEY || f->finding->code == CODE_KEY_SERVER_MISMATCH)
		return STATUS_OK;
	if (key == NULL || !key->is_private) {
		if (f->w->same_key)
			return fix_by_hand(f, "--same-key: the private key cannot be read here.");
		plan_note(f->plan, "The configuration keeps the key (renew: new_key: false), and it cannot be read here: a new one is made.");
		return STATUS_OK;
	}
	if (!fix_key_is_taken(f, &key->pub))
		return fix_by_hand(f, "The server takes no signature of the key that is to stay (%s): it asks for %s. Without --same-key a new one of another kind is made.",
		    plan_shown(f->plan, key->pub.label), fix_signatures_asked(f));
	if (f->finding->code == CODE_CLIENT_REVOKED || f->finding->code == CODE_CERT_REVOKED)
		plan_note(f->plan, "The old certificate is revoked. Where that was because its key was exposed, a new one with the same key is no better.");
	w->same_key = true;
	return STATUS_OK;
}

/* ---- purpose and validity ---- */

static bool
had(const struct cert *old, const char *eku)
{
	for (size_t i = 0; old != NULL && i < old->eku_len; i++) {
		if (strcmp(old->eku[i], eku) == 0)
			return true;
	}
	return false;
}

static void
choose_purpose(struct fixing *f, struct wanted *w)
{
	w->purpose.client = f->ours || had(w->old, "clientAuth");
	w->purpose.server = !f->ours || had(w->old, "serverAuth");
	/* One that was for the wrong side alone is for the right one alone. */
	if (f->ours && !had(w->old, "clientAuth"))
		w->purpose.server = false;
	if (!f->ours && !had(w->old, "serverAuth"))
		w->purpose.client = false;
	w->template_name = csr_template(&w->purpose);
	for (size_t i = 0; w->old != NULL && i < w->old->eku_len; i++) {
		if (strcmp(w->old->eku[i], "clientAuth") != 0 && strcmp(w->old->eku[i], "serverAuth") != 0)
			plan_note(f->plan, "The old certificate is for %s as well; the new one is not.", plan_shown(f->plan, w->old->eku[i]));
	}
}

static unsigned
days_wanted(const struct fixing *f, const struct wanted *w)
{
	/* CAs take a second off, or put an hour before it: to the nearest day. */
	int64_t span = w->old != NULL && w->old->not_after > w->old->not_before ? w->old->not_after - w->old->not_before : 0;
	int64_t old = span > 0 && span < DAY ? 1 : (span + DAY / 2) / DAY;

	if (f->w->days > 0)
		return f->w->days;
	if (f->w->entry != NULL && !f->ours && f->w->entry->renew.validity_days > 0)
		return (unsigned)f->w->entry->renew.validity_days;
	return old >= 1 && old <= DAYS_MOST ? (unsigned)old : old > DAYS_MOST ? DAYS_MOST : DAYS_USUAL;
}

static void
choose_validity(struct fixing *f, struct wanted *w)
{
	unsigned days = days_wanted(f, w);
	int64_t last = w->from->cert->not_after, wanted = f->w->now + (int64_t)days * DAY;
	char date[TIME_TEXT_MAX];

	if (wanted > last) {
		plan_note(f->plan, "%u days would outlive “%s”, which ends on %s; AWS refuses that. It is shortened to that day.", days, w->from->name, time_human(last, date));
		wanted = last;
	}
	if (w->from->ca.usage_mode != NULL && strcmp(w->from->ca.usage_mode, "SHORT_LIVED_CERTIFICATE") == 0 && wanted > f->w->now + SHORT_LIVED_MOST) {
		plan_note(f->plan, "“%s” issues short-lived certificates only: %u days are shortened to seven, less a minute.", w->from->name, days);
		wanted = f->w->now + SHORT_LIVED_MOST;
	}
	w->not_after = wanted;
}

/* ---- steps ---- */

static void
add_text(cJSON *o, const char *name, const char *value)
{
	if (value != NULL)
		cJSON_AddStringToObject(o, name, value);
}

static const char *
names_shown(struct fixing *f, const struct wanted *w)
{
	struct buf b = { 0 };
	const char *out;

	if (w->common_name != NULL)
		buf_addf(&b, "“%s”%s", plan_shown(f->plan, w->common_name), w->names_len > 0 ? ", " : "");
	for (size_t i = 0; i < w->names_len && i < SHOWN_MOST; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", plan_shown(f->plan, w->names[i]));
	if (w->names_len > SHOWN_MOST)
		buf_addf(&b, " and %zu more", w->names_len - SHOWN_MOST);
	out = plan_text(f->plan, "%s", buf_str(&b));
	buf_done(&b);
	return out;
}

static void
key_step(struct fixing *f, const struct wanted *w)
{
	cJSON *args = cJSON_CreateObject(), *names;
	struct plan_step *s;

	add_text(args, "as", f->as);
	add_text(args, "kind", csr_key_label(w->kind));
	add_text(args, "common_name", w->common_name);
	add_text(args, "organization", w->organization);
	add_text(args, "organizational_unit", w->organizational_unit);
	add_text(args, "country", w->country);
	names = cJSON_AddArrayToObject(args, "names");
	for (size_t i = 0; i < w->names_len; i++)
		cJSON_AddItemToArray(names, cJSON_CreateString(w->names[i]));
	s = plan_add_deed(f->plan, &deed_make_key, args);
	s->what = plan_text(f->plan, "make a new key (%s) and a request for %s", csr_key_label(w->kind), names_shown(f, w));
	s->changes = "a file in mtlscope's own folder, 0600: the key is on disk before anything is issued for it";
	s->undo = "it stays there until the plan is done";
	s->command = openssl_request_line(f->plan, &(struct csr_wish){ .common_name = w->common_name, .organization = w->organization,
	    .organizational_unit = w->organizational_unit, .country = w->country, .names = w->names, .names_len = w->names_len, .kind = w->kind },
	    NULL, plan_text(f->plan, "%s.key", f->as));
}

static void
issue_step(struct fixing *f, const struct wanted *w)
{
	struct plan *p = f->plan;
	cJSON *args = cJSON_CreateObject();
	char template_arn[PCA_ARN_MAX], until[TIME_TEXT_MAX], span[TIME_TEXT_MAX];
	struct plan_step *s;
	struct aws_line l;

	add_text(args, "as", f->as);
	add_text(args, "ca", w->from->ca.arn);
	add_text(args, "signing_algorithm", pca_signing_algorithm(w->from->ca.key_algorithm));
	add_text(args, "template", w->template_name);
	add_text(args, "csr", w->csr);
	cJSON_AddNumberToObject(args, "not_after", (double)w->not_after);
	pca_template_arn(aws_client_partition(p->place.client), w->template_name, template_arn);
	s = plan_add_deed(p, &deed_issue, args);
	s->token = plan_token(p);
	s->what = plan_text(p, "let “%s” issue the certificate", w->from->name);
	s->changes = plan_text(p, "a certificate %s, template %s, valid until %s (%s)", csr_template_words(w->template_name), w->template_name,
	    time_human(w->not_after, until), time_span(w->not_after - f->w->now, span));
	s->call = "acm-pca IssueCertificate";
	s->cost = price_of_certificate(p, w->from->ca.usage_mode != NULL && strcmp(w->from->ca.usage_mode, "SHORT_LIVED_CERTIFICATE") == 0);
	s->undo = "it stays issued; mtlscope pca revoke revokes it";
	aws_line_begin(&l, &p->place, "CERT", "acm-pca issue-certificate");
	aws_line_option(&l, "--certificate-authority-arn", w->from->ca.arn);
	aws_line_raw(&l, "--csr", "fileb://request.csr");
	aws_line_option(&l, "--signing-algorithm", pca_signing_algorithm(w->from->ca.key_algorithm));
	aws_line_option(&l, "--template-arn", template_arn);
	aws_line_option(&l, "--validity", plan_text(p, "Value=%lld,Type=ABSOLUTE", (long long)w->not_after));
	aws_line_option(&l, "--idempotency-token", s->token);
	aws_line_query(&l, "CertificateArn");
	s->command = aws_line_end(&l, p, NULL);
	if (w->same_key && f->key_path != NULL) {
		struct csr_wish request = request_of(w, NULL);

		s->command = plan_text(p, "%s &&\n%s", openssl_request_line(p, &request, f->key_path, NULL), s->command);
	}
}

static void
fetch_step(struct fixing *f, const struct wanted *w)
{
	struct plan *p = f->plan;
	cJSON *args = cJSON_CreateObject();
	const char *wait;
	struct plan_step *s;
	struct aws_line l;

	add_text(args, "as", f->as);
	add_text(args, "ca", w->from->ca.arn);
	add_text(args, "template", w->template_name);
	add_text(args, "csr", w->csr);
	cJSON_AddBoolToObject(args, "server", w->purpose.server);
	cJSON_AddBoolToObject(args, "client", w->purpose.client);
	cJSON_AddNumberToObject(args, "not_after", (double)w->not_after);
	s = plan_add_deed(p, &deed_fetch, args);
	s->what = "fetch it and compare it with the request";
	s->reads = "the certificate and its chain, as soon as it is issued";
	s->call = "acm-pca GetCertificate";
	/* Issuing takes AWS seconds, and who asks earlier is refused. */
	aws_line_begin(&l, &p->place, NULL, "acm-pca wait certificate-issued");
	aws_line_option(&l, "--certificate-authority-arn", w->from->ca.arn);
	aws_line_raw(&l, "--certificate-arn", "\"$CERT\"");
	wait = aws_line_end(&l, p, NULL);
	aws_line_begin(&l, &p->place, NULL, "acm-pca get-certificate");
	aws_line_option(&l, "--certificate-authority-arn", w->from->ca.arn);
	aws_line_raw(&l, "--certificate-arn", "\"$CERT\"");
	/* AWS's chain ends in the root, which is not sent. */
	s->command = plan_text(p, "%s &&\n%s &&\n{ jq -r .Certificate issued.json; jq -r .CertificateChain issued.json |\n"
	    "    awk '/BEGIN/ { n++ } { c[n] = c[n] $0 \"\\n\" } END { for (i = 1; i < n; i++) printf \"%%s\", c[i] }'; } >%s-fullchain.pem",
	    wait, aws_line_end(&l, p, "issued.json"), f->as);
}

/* The cause is not certain: the new certificate is shown to the server before a file is touched. */
static void
try_step(struct fixing *f)
{
	struct plan *p = f->plan;
	cJSON *args = cJSON_CreateObject();
	struct plan_step *s;

	deed_target_args(args, &f->w->diagnosis->evidence->target);
	add_text(args, "as", f->as);
	add_text(args, "expects", "accepted");
	cJSON_AddTrueToObject(args, "must");
	s = plan_add_deed(p, &deed_try, args);
	s->what = "show it to the server, before any file is touched";
	s->reads = plan_text(p, "whether %s accepts it: the cause is not certain (%s), and one that it refuses too mends nothing", plan_shown(p, f->w->target),
	    confidence_name(f->finding->confidence));
}

/* ---- the whole ---- */

static status
add_steps(struct fixing *f, struct wanted *w, struct error *err)
{
	bool short_lived = w->from->ca.usage_mode != NULL && strcmp(w->from->ca.usage_mode, "SHORT_LIVED_CERTIFICATE") == 0;
	struct plan *p = f->plan;

	p->title = plan_text(p, "a new certificate for %s, issued by “%s”%s", names_shown(f, w), w->from->name, w->same_key ? ", with the same key" : "");
	p->cost = price_of_all(p, short_lived, 0, 1);
	if (f->unread != NULL)
		plan_note(p, "What is there now cannot be used, and is written anew: %s. The names are those it is asked for by.", f->unread);
	/* Many servers may share it: then one plan for the CA does what otherwise takes one for each of them. */
	if ((f->finding->code == CODE_CHAIN_INTERMEDIATE_EXPIRED || f->finding->code == CODE_CLIENT_INTERMEDIATE_EXPIRED) && f->finding->certificate != NULL)
		plan_note(p, "If %s is a private CA of yours, there is another way: mtlscope pca activate renews it with the same key, what it issued stays, and only chains are put right.",
		    fix_named(f, f->finding->certificate));
	if (!w->same_key)
		key_step(f, w);
	issue_step(f, w);
	fetch_step(f, w);
	if (f->ours && !w->same_key && f->w->direct && f->finding->severity == SEVERITY_ERROR && f->finding->confidence != CONFIDENCE_CERTAIN)
		try_step(f);
	return fix_install(f, !w->same_key, err);
}

status
fix_reissue(struct fixing *f, struct error *err)
{
	struct wanted w = { .old = f->identity != NULL ? identity_leaf(f->identity) : NULL };

	if (fix_choose_authority(f, w.old, &w.from, err) != STATUS_OK)
		return STATUS_FAILED;
	if (f->by_hand != NULL)
		return STATUS_OK;
	fix_note_others(f, w.old, w.from->cert);
	if (pca_signing_algorithm(w.from->ca.key_algorithm) == NULL)
		return fix_by_hand(f, "“%s” has a key of a kind that this version cannot ask to sign.", w.from->name);
	choose_names(f, &w);
	if (w.common_name == NULL && w.names_len == 0)
		return fix_by_hand(f, "The old certificate has no name that a new one could have: mtlscope pca issue NAME issues one.");
	choose_purpose(f, &w);
	choose_validity(f, &w);
	if (choose_key(f, &w) != STATUS_OK || f->by_hand != NULL)
		return STATUS_OK;
	if (!w.same_key && fix_key_shared_with(f) != NULL)
		return fix_by_hand(f, "%s is the key of “%s” too, whose certificate a new key would not fit. --same-key keeps it; or give each its own.",
		    plan_shown(f->plan, f->key_path), plan_shown(f->plan, fix_key_shared_with(f)));
	if (try_request(f, &w, err) != STATUS_OK)
		return STATUS_FAILED;
	return f->by_hand != NULL ? STATUS_OK : add_steps(f, &w, err);
}
