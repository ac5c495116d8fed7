/* A CSR against the certificate that came back: every extension that was dropped, changed or added, and what else differs. */
#include "model/csr_internal.h"

#include <stdlib.h>
#include <string.h>

#include "model/times.h"

enum { NAMES_COMPARED = 1000, NAMES_SHOWN = 20 };

struct comparing {
	const struct csr *csr;
	const struct cert *c;
	const struct csr_asked *asked;
	struct csr_template_row t;
	const char *template;
	struct arena *a;
	struct csr_findings *out;
};

static void
compare_key(struct comparing *x)
{
	if (!fingerprint_equal(&x->csr->key.spki, &x->c->key.spki))
		csr_note(x->out, x->a, CSR_DIFFERS, "key", "The certificate is for another key (%s) than the request (%s): it is someone else's, and our key does not open it.",
		    x->c->key.label, x->csr->key.label);
}

static void
compare_subject(struct comparing *x)
{
	const struct name *wanted = &x->csr->subject, *got = &x->c->subject;

	if (text_equal(wanted->der, got->der))
		return;
	if (name_equal(wanted, got))
		csr_note(x->out, x->a, CSR_EXPECTED, "subject", "The subject is the same name in another encoding.");
	else
		csr_note(x->out, x->a, x->asked->api_subject && x->t.takes_api ? CSR_EXPECTED : CSR_DIFFERS, "subject",
		    "The request asks for the subject “%s”, and the certificate has “%s”%s.", wanted->safe, got->safe,
		    x->asked->api_subject && x->t.takes_api ? ", by the call" : "");
}

/* ---- alternative names ---- */

static bool
has_name(const struct san *all, size_t len, const struct san *name)
{
	for (size_t i = 0; i < len; i++)
		if (all[i].type == name->type && text_equal(all[i].value, name->value))
			return true;
	return false;
}

/* Names of one list that the other has not; NULL: none. */
static const char *
names_apart(const struct san *all, size_t len, const struct san *other, size_t other_len, struct arena *a)
{
	struct buf b = { 0 };
	size_t found = 0;
	const char *out = NULL;

	for (size_t i = 0; i < len && i < NAMES_COMPARED; i++)
		if (!has_name(other, other_len < NAMES_COMPARED ? other_len : NAMES_COMPARED, &all[i]) && ++found <= NAMES_SHOWN)
			buf_addf(&b, "%s%s", found > 1 ? ", " : "", all[i].safe);
	if (found > NAMES_SHOWN)
		buf_addf(&b, " and %zu more", found - NAMES_SHOWN);
	if (found > 0)
		out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}

static void
compare_names(struct comparing *x)
{
	bool by_call = x->asked->api_names && x->t.takes_api;
	const char *lost = names_apart(x->csr->san, x->csr->san_len, x->c->san, x->c->san_len, x->a);
	const char *added = names_apart(x->c->san, x->c->san_len, x->csr->san, x->csr->san_len, x->a);

	if (lost != NULL)
		csr_note(x->out, x->a, by_call ? CSR_EXPECTED : CSR_LOST, "subjectAltName", "The request asks for the names %s, and the certificate has them not%s.", lost,
		    by_call ? ": the call's stand in their place" : "");
	if (added != NULL)
		csr_note(x->out, x->a, by_call ? CSR_EXPECTED : CSR_DIFFERS, "subjectAltName", "The certificate has the names %s, and the request does not ask for them%s.",
		    added, by_call ? ": the call does" : "");
	if (lost == NULL && added == NULL && x->csr->san_len != x->c->san_len)
		csr_note(x->out, x->a, CSR_DIFFERS, "subjectAltName", "The request has %zu names, and the certificate %zu.", x->csr->san_len, x->c->san_len);
	if (x->csr->has_san && x->c->has_san && x->csr->san_critical != x->c->san_critical)
		csr_note(x->out, x->a, by_call ? CSR_EXPECTED : CSR_DIFFERS, "subjectAltName", "The names are %s in the request and %s in the certificate.",
		    x->csr->san_critical ? "critical" : "not critical", x->c->san_critical ? "critical" : "not critical");
}

/* ---- the other extensions ---- */

/* The template or the CA's configuration defines it, whatever was asked for. */
static bool
is_own(const struct comparing *x, const char *oid)
{
	if (strcmp(oid, OID_BASIC) == 0 || strcmp(oid, OID_SKI) == 0)
		return true;
	if (strcmp(oid, OID_AKI) == 0 || strcmp(oid, OID_CRL) == 0 || strcmp(oid, OID_AIA) == 0)
		return !x->t.base->root;
	if (strcmp(oid, OID_KEY_USAGE) == 0)
		return x->t.base->usage != 0;
	return strcmp(oid, OID_PURPOSES) == 0 && x->t.base->purposes[0] != NULL;
}

/* Does what came hold less than what was asked for? Of what is not understood, any change counts. */
static bool
takes_away(const struct extension *wanted, const struct extension *got, struct arena *a)
{
	const char **want, **have;
	size_t want_len, have_len;
	unsigned before, after;

	if (strcmp(wanted->oid, OID_SKI) == 0 || strcmp(wanted->oid, OID_AKI) == 0)
		return false;
	if (strcmp(wanted->oid, OID_BASIC) == 0)
		return csr_says_ca(wanted) != csr_says_ca(got);
	if (strcmp(wanted->oid, OID_KEY_USAGE) == 0 && csr_usage(wanted, &before) && csr_usage(got, &after))
		return (before & ~after) != 0;
	if (strcmp(wanted->oid, OID_PURPOSES) != 0 || !csr_purposes(wanted, a, &want, &want_len) || !csr_purposes(got, a, &have, &have_len))
		return !text_equal(wanted->value, got->value);
	for (size_t i = 0; i < want_len; i++) {
		bool there = false;
		for (size_t k = 0; k < have_len; k++)
			there = there || strcmp(want[i], have[k]) == 0;
		if (!there)
			return true;
	}
	return false;
}

static void
compare_asked(struct comparing *x, const struct extension *wanted)
{
	const struct extension *got = csr_find(x->c->extensions, x->c->extensions_len, wanted->oid);

	if (strcmp(wanted->oid, OID_SAN) == 0)
		return;
	if (got == NULL) {
		if (x->t.takes_csr || x->t.base->root)
			csr_note(x->out, x->a, CSR_LOST, wanted->name, "The request asks for the extension %s (%s), and the certificate has none.", wanted->name,
			    csr_value_words(wanted, x->a));
		else
			csr_note(x->out, x->a, CSR_LOST, wanted->name,
			    "The request asks for the extension %s (%s), and the certificate has none: the template %s takes only subject and names from a request.", wanted->name,
			    csr_value_words(wanted, x->a), x->template);
		return;
	}
	if (text_equal(wanted->value, got->value) && wanted->critical == got->critical)
		return;
	csr_note(x->out, x->a, takes_away(wanted, got, x->a) ? CSR_LOST : is_own(x, wanted->oid) ? CSR_EXPECTED : CSR_DIFFERS, wanted->name,
	    "The request asks for %s as %s, and the certificate has it as %s%s.", wanted->name, csr_value_words(wanted, x->a), csr_value_words(got, x->a),
	    is_own(x, wanted->oid) ? ": the template's own" : "");
}

static void
compare_added(struct comparing *x, const struct extension *got)
{
	const char *who = is_own(x, got->oid) ? (strcmp(got->oid, OID_CRL) == 0 || strcmp(got->oid, OID_AIA) == 0 ? "the CA's configuration" : "the template") :
	    x->t.takes_api ? "the call" : NULL;

	if (strcmp(got->oid, OID_SAN) == 0 || csr_find(x->csr->extensions, x->csr->extensions_len, got->oid) != NULL)
		return;
	if (who != NULL)
		csr_note(x->out, x->a, CSR_EXPECTED, got->name, "The certificate has %s (%s) by %s.", got->name, csr_value_words(got, x->a), who);
	else
		csr_note(x->out, x->a, CSR_DIFFERS, got->name, "The certificate has %s (%s), which neither the request nor the template %s asks for.", got->name,
		    csr_value_words(got, x->a), x->template);
}

static const char *
path_length(int n, struct arena *a)
{
	return n < 0 ? "none" : arena_printf(a, "%d", n);
}

/* What the template promises: an imitation of AWS may not keep it. */
static void
compare_promised(struct comparing *x)
{
	const struct {
		const char *oid, *name;
		bool promised;
	} all[] = {
		{ OID_BASIC, "basicConstraints", true },
		{ OID_SKI, "subjectKeyIdentifier", true },
		{ OID_AKI, "authorityKeyIdentifier", !x->t.base->root },
		{ OID_KEY_USAGE, "keyUsage", x->t.base->usage != 0 },
		{ OID_PURPOSES, "extendedKeyUsage", x->t.base->purposes[0] != NULL },
	};
	const struct csr_base *b = x->t.base;

	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		if (all[i].promised && csr_find(x->c->extensions, x->c->extensions_len, all[i].oid) == NULL)
			csr_note(x->out, x->a, CSR_DIFFERS, all[i].name, "The template %s puts %s in, and the certificate has none: this is not what AWS issues.", x->template,
			    all[i].name);
	if (b->ca != x->c->is_ca)
		csr_note(x->out, x->a, CSR_DIFFERS, "basicConstraints", "The template %s makes %s, and the certificate is %s.", x->template, b->ca ? "a CA" : "no CA",
		    x->c->is_ca ? "one" : "none");
	else if (b->ca && x->c->path_len != x->t.path_len)
		csr_note(x->out, x->a, CSR_DIFFERS, "basicConstraints", "The template's path length is %s, and the certificate's %s.",
		    path_length(x->t.path_len, x->a), path_length(x->c->path_len, x->a));
}

/* ---- what was asked for besides ---- */

static void
compare_purpose(struct comparing *x)
{
	const char *may = cert_purposes(x->c, x->a);

	if (x->asked->server && !cert_allows(x->c, PURPOSE_SERVER))
		csr_note(x->out, x->a, CSR_DIFFERS, "purpose", "It was to be for a server, and the certificate is for %s.", may);
	if (x->asked->client && !cert_allows(x->c, PURPOSE_CLIENT))
		csr_note(x->out, x->a, CSR_DIFFERS, "purpose", "It was to be for a client, and the certificate is for %s.", may);
	if (x->asked->ca && !x->c->is_ca)
		csr_note(x->out, x->a, CSR_DIFFERS, "purpose", "It was to be a CA, and the certificate is none.");
}

static void
compare_moment(struct comparing *x, const char *verb, int64_t asked, int64_t got)
{
	char a[TIME_TEXT_MAX], b[TIME_TEXT_MAX];

	if (asked == TIME_UNKNOWN || asked == got)
		return;
	csr_note(x->out, x->a, CSR_DIFFERS, "validity", "It was to %s %s, and the certificate does %s.", verb, time_rfc3339(asked, a),
	    got == TIME_UNKNOWN ? "at no readable date" : time_rfc3339(got, b));
}

status
csr_compare(const char *pem, size_t len, const struct cert *c, const struct csr_asked *asked, struct arena *a, struct csr_findings *out,
    struct error *err)
{
	struct comparing x = { .c = c, .asked = asked, .a = a, .out = out, .template = asked->template != NULL ? asked->template : "EndEntityCertificate" };
	struct objects o = { 0 };
	const struct object *object;
	status st = csr_parse(pem, len, "the request", &o, &object, err);

	*out = (struct csr_findings){ 0 };
	if (st == STATUS_OK && !csr_template_find(asked->template, &x.t))
		st = error_set(err, ERROR_USAGE, "choosing a template", "the private CA has no template of that name");
	if (st == STATUS_OK) {
		x.csr = object->csr;
		compare_key(&x);
		compare_subject(&x);
		compare_names(&x);
		for (size_t i = 0; i < x.csr->extensions_len; i++)
			compare_asked(&x, &x.csr->extensions[i]);
		for (size_t i = 0; i < c->extensions_len; i++)
			compare_added(&x, &c->extensions[i]);
		compare_promised(&x);
		compare_purpose(&x);
		compare_moment(&x, "begin", asked->not_before, c->not_before);
		compare_moment(&x, "end", asked->not_after, c->not_after);
		csr_sort(out);
	}
	objects_done(&o);
	return st;
}
