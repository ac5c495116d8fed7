/* What the private CA would refuse, fail on or silently drop of a CSR: knowledge "aws" 1.1, 2.2, 7. */
#include "model/csr_internal.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/limits.h"

enum { COMMON_NAME_MAX = 64, RSA_LEAST = 2048, RSA_MOST = 4096, NAMES_COMPARED = 1000 };

/* One CSR under one template. */
struct linting {
	const struct csr *csr;
	struct csr_template_row t;
	const char *template;
	bool api_subject, api_names; /* and the template takes them */
	struct arena *a;
	struct csr_findings *out;
};

static void
lint_key(struct linting *l)
{
	static const char *const curves[] = { "P-256", "P-384", "P-521" };
	const struct public_key *k = &l->csr->key;
	bool taken = false;

	if (k->type == KEY_TYPE_RSA)
		taken = k->bits >= RSA_LEAST && k->bits <= RSA_MOST;
	else if (k->type == KEY_TYPE_EC)
		for (size_t i = 0; k->curve != NULL && i < sizeof curves / sizeof curves[0]; i++)
			taken = taken || strcmp(k->curve, curves[i]) == 0;
	if (!taken || k->explicit_curve || !k->readable)
		csr_note(l->out, l->a, CSR_REFUSED, "key", "Its key is %s; the private CA takes RSA of 2048 to 4096 bits, P-256, P-384 and P-521.", k->label);
	else if (!l->csr->signature_ok) /* an unusable key cannot have checked it */
		csr_note(l->out, l->a, CSR_REFUSED, "signature", "Its signature does not fit its key: it was changed, or cut, after it was signed.");
}

static void
lint_subject(struct linting *l)
{
	const struct csr *c = l->csr;

	for (size_t i = 0; i < c->subject.len; i++)
		if (strcmp(c->subject.parts[i].type, "CN") == 0 && c->subject.parts[i].value.len > COMMON_NAME_MAX)
			csr_note(l->out, l->a, CSR_REFUSED, "subject",
			    "Its common name has %zu bytes and may have %d: a longer name goes among the alternative names.",
			    c->subject.parts[i].value.len, COMMON_NAME_MAX);
	if ((c->subject.flags & TEXT_HOSTILE) != 0)
		csr_note(l->out, l->a, CSR_ODD, "subject", "Its subject holds %s.", text_kinds(l->a, c->subject.flags & TEXT_HOSTILE));
	if (c->subject.len > 0 || l->api_subject)
		return;
	if (l->t.base->ca)
		csr_note(l->out, l->a, CSR_LATE, "subject", "It is for a CA and its subject is empty: what such a CA issues would have no issuer's name.");
	else if (l->api_names)
		return;
	else if (!c->has_san)
		csr_note(l->out, l->a, CSR_LATE, "subject", "It has neither a subject nor alternative names: there is nobody to certify.");
	else if (!c->san_critical)
		csr_note(l->out, l->a, CSR_REFUSED, "subject",
		    "Its subject is empty and its alternative names are not marked critical: set a common name, or mark them critical.");
}

/* What is wrong with a dNSName, or NULL: RFC 1035 2.3.1, RFC 9525 6.3, and what people put there by mistake. */
static const char *
dns_oddity(struct text name, struct arena *a)
{
	char *text = arena_strndup(a, (const char *)name.bytes, name.len);
	unsigned char address[16];
	const char *host = text;
	size_t label = 0;

	if (name.len == 0)
		return "is empty";
	if (strlen(text) != name.len)
		return "holds a NUL byte";
	if (inet_pton(AF_INET, text, address) == 1 || inet_pton(AF_INET6, text, address) == 1)
		return "is an IP address as a DNS name: no client matches it; it belongs there as an IP";
	if (strstr(text, "://") != NULL)
		return "is a URL as a DNS name: only the host belongs there";
	if (strncmp(text, "*.", 2) == 0) {
		host += 2;
		if (strchr(host, '.') == NULL)
			return "is a wildcard for a whole top-level domain: clients refuse it";
	}
	if (name.len > LIMIT_HOST)
		return "is longer than 253 bytes";
	for (const char *p = host; *p != '\0'; p++) {
		unsigned char ch = (unsigned char)*p;

		if (ch > 127)
			return "is not ASCII: an international name goes there in its xn-- form";
		if (ch == '*')
			return "has a * that is not its whole first label: clients do not match it";
		if (ch == ':')
			return "has a port or a colon: only the host belongs there";
		if (ch == '.' && label == 0)
			return "has an empty label";
		if (ch != '.' && ch != '-' && ch != '_' && !(ch >= '0' && ch <= '9') && !((ch | 0x20) >= 'a' && (ch | 0x20) <= 'z'))
			return "has a character that no host name has";
		label = ch == '.' ? 0 : label + 1;
		if (label > LIMIT_LABEL)
			return "has a label of more than 63 bytes";
	}
	return label == 0 ? "ends in a dot: clients do not match it" : NULL;
}

static const char *
name_oddity(const struct san *s, struct arena *a)
{
	if (s->type == SAN_DNS)
		return dns_oddity(s->value, a);
	if (s->type == SAN_IP && s->value.len != 4 && s->value.len != 16)
		return "is an IP address of neither 4 nor 16 bytes";
	if (s->value.len == 0 && s->type != SAN_DIRECTORY)
		return "is empty";
	if ((s->flags & TEXT_HOSTILE) != 0)
		return "holds characters that nobody can see or that are no text";
	return NULL;
}

static bool
named_before(const struct csr *c, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (c->san[i].type == c->san[at].type && text_equal(c->san[i].value, c->san[at].value))
			return true;
	return false;
}

static void
lint_names(struct linting *l)
{
	const struct csr *c = l->csr;
	bool server = l->t.base->purposes[0] != NULL && strcmp(l->t.base->purposes[0], "serverAuth") == 0, host = false;

	if (l->api_names)
		return; /* the call's take their place */
	if (c->san_damaged)
		csr_note(l->out, l->a, CSR_ODD, "subjectAltName", "Its alternative names do not parse to their end: the private CA copies them as they are.");
	else if (c->has_san && c->san_len == 0)
		csr_note(l->out, l->a, CSR_ODD, "subjectAltName", "It has an extension for alternative names, and none in it.");
	for (size_t i = 0; i < c->san_len && i < NAMES_COMPARED; i++) {
		const char *odd = name_oddity(&c->san[i], l->a);

		host = host || c->san[i].type == SAN_DNS || c->san[i].type == SAN_IP;
		if (odd != NULL)
			csr_note(l->out, l->a, CSR_ODD, "subjectAltName", "Its name “%s” %s.", c->san[i].safe, odd);
		else if (named_before(c, i))
			csr_note(l->out, l->a, CSR_ODD, "subjectAltName", "Its name “%s” is there twice.", c->san[i].safe);
	}
	if (server && !host)
		csr_note(l->out, l->a, CSR_ODD, "subjectAltName",
		    "It is for a server and has no DNS name and no IP address among its alternative names: no client looks at the common name.");
}

/* ---- extensions: what becomes of each ---- */

static const char *
keep_hint(const struct linting *l)
{
	if (l->t.base->root)
		return "";
	return arena_printf(l->a, "; %s%s would keep it", l->t.base->name,
	    l->t.path_len >= 0 ? arena_printf(l->a, "%d%s", l->t.path_len, l->t.takes_api ? "_APICSRPassthrough" : "_CSRPassthrough") :
	    l->t.takes_api ? "_APICSRPassthrough" : "_CSRPassthrough");
}

static void
lint_usage(struct linting *l, const struct extension *e)
{
	unsigned bits;

	if (!csr_usage(e, &bits))
		csr_note(l->out, l->a, CSR_ODD, e->name, "Its key usage cannot be read.");
	else if (l->t.base->usage == 0 && !l->t.takes_csr)
		csr_note(l->out, l->a, CSR_LOST, e->name, "It asks for the key usage %s: the template takes none from a request%s.", csr_usage_words(bits, l->a),
		    keep_hint(l));
	else if (l->t.base->usage != 0 && (bits & ~l->t.base->usage) != 0)
		csr_note(l->out, l->a, CSR_LOST, e->name, "It asks for the key usage %s, and the template's stands in its place: %s.",
		    csr_usage_words(bits & ~l->t.base->usage, l->a), csr_usage_words(l->t.base->usage, l->a));
}

static bool
template_has_purpose(const struct csr_base *b, const char *purpose)
{
	for (size_t i = 0; i < 2 && b->purposes[i] != NULL; i++)
		if (strcmp(b->purposes[i], purpose) == 0)
			return true;
	return false;
}

static void
lint_purposes(struct linting *l, const struct extension *e)
{
	const char **all;
	size_t len;
	struct buf lost = { 0 };
	bool own = l->t.base->purposes[0] != NULL;

	if (!csr_purposes(e, l->a, &all, &len)) {
		csr_note(l->out, l->a, CSR_ODD, e->name, "Its extended key usage cannot be read.");
		return;
	}
	for (size_t i = 0; i < len; i++)
		if (!template_has_purpose(l->t.base, all[i]))
			buf_addf(&lost, "%s%s", lost.len > 0 ? ", " : "", all[i]);
	if (!own && !l->t.takes_csr)
		csr_note(l->out, l->a, CSR_LOST, e->name, "It asks for the purpose %s: the template takes none from a request%s.", buf_str(&lost), keep_hint(l));
	else if (own && lost.len > 0)
		csr_note(l->out, l->a, CSR_LOST, e->name, "It asks for the purpose %s, and the template's own stand in its place: %s%s%s.", buf_str(&lost),
		    l->t.base->purposes[0], l->t.base->purposes[1] != NULL ? ", " : "", l->t.base->purposes[1] != NULL ? l->t.base->purposes[1] : "");
	buf_done(&lost);
}

static void
lint_basic(struct linting *l, const struct extension *e)
{
	bool ca = csr_says_ca(e);

	if (ca && !l->t.base->ca)
		csr_note(l->out, l->a, CSR_LOST, e->name, "It asks to be a CA, and the template %s makes none.", l->template);
	else if (!ca && l->t.base->ca)
		csr_note(l->out, l->a, CSR_ODD, e->name, "It asks to be no CA, and the template %s makes one.", l->template);
}

/* Judged by their content, since the template has an own one in their place; NULL: silently, it is of no consequence. */
static const struct {
	const char *oid;
	void (*judge)(struct linting *l, const struct extension *e);
} own_kinds[] = {
	{ OID_BASIC, lint_basic }, { OID_KEY_USAGE, lint_usage }, { OID_PURPOSES, lint_purposes }, { OID_SAN, NULL }, { OID_SKI, NULL }, { OID_AKI, NULL },
};

static void
lint_extension(struct linting *l, const struct extension *e)
{
	for (size_t i = 0; i < sizeof own_kinds / sizeof own_kinds[0]; i++)
		if (strcmp(own_kinds[i].oid, e->oid) == 0) {
			if (own_kinds[i].judge != NULL)
				own_kinds[i].judge(l, e);
			return;
		}
	if (!l->t.takes_csr)
		csr_note(l->out, l->a, CSR_LOST, e->name, "It asks for the extension %s%s: the template %s takes only subject and names from a request%s.", e->name,
		    e->critical ? " (critical)" : "", l->template, keep_hint(l));
}

static void
lint_extensions(struct linting *l)
{
	const struct csr *c = l->csr;

	for (size_t i = 0; i < c->extensions_len; i++) {
		if (csr_find(c->extensions, i, c->extensions[i].oid) != NULL)
			csr_note(l->out, l->a, CSR_REFUSED, c->extensions[i].name, "It asks for the extension %s twice.", c->extensions[i].name);
		else
			lint_extension(l, &c->extensions[i]);
	}
}

status
csr_lint(const char *pem, size_t len, const struct csr_context *c, struct arena *a, struct csr_findings *out, struct error *err)
{
	struct linting l = { .a = a, .out = out, .template = c->template != NULL ? c->template : "EndEntityCertificate" };
	struct objects o = { 0 };
	const struct object *x;
	status st = csr_parse(pem, len, "the request", &o, &x, err);

	*out = (struct csr_findings){ 0 };
	if (st == STATUS_OK && !csr_template_find(c->template, &l.t))
		st = error_set(err, ERROR_USAGE, "choosing a template", "the private CA has no template of that name");
	if (st == STATUS_OK) {
		l.csr = x->csr;
		l.api_subject = c->api_subject && l.t.takes_api;
		l.api_names = c->api_names && l.t.takes_api;
		if (strcmp(x->container, "PEM") != 0)
			csr_note(out, a, CSR_REFUSED, "encoding", "It is %s, and the private CA takes PEM alone.", x->container);
		lint_key(&l);
		lint_subject(&l);
		lint_names(&l);
		lint_extensions(&l);
		csr_sort(out);
	}
	objects_done(&o);
	return st;
}
