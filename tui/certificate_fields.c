/* Every field of a certificate, one under the other, each with its label. */
#include <string.h>

#include "model/buf.h"
#include "model/fetched_words.h"
#include "model/page.h"
#include "model/revocation.h"
#include "model/times.h"
#include "tui/certificate.h"

enum {
	LABEL_COLUMN = 1, VALUE_COLUMN = 13,
	SHOWN_OCTETS = 32, /* of an extension that we do not read */
	SHOWN_URI = 1024   /* printed bytes of one address */
};

struct fields {
	struct document *d;
	const struct cert *c;
	const struct tab_place *at;
	const struct field_options *o;
	struct arena *a;
	uint64_t id;
};

/* A line that can be selected, where lines can. */
static void
next_line(struct fields *f)
{
	if (f->id == 0)
		document_line(f->d);
	else
		document_line_id(f->d, f->id++);
}

/* A label ("": the one above goes on) and its value, wrapped beside it. */
static void
field(struct fields *f, const char *label, unsigned look, const char *value)
{
	next_line(f);
	document_at(f->d, LABEL_COLUMN, ROLE_DIM, label);
	document_wrap(f->d, VALUE_COLUMN, look, value);
}

static void
remark(struct fields *f, unsigned flags)
{
	if (flags & TEXT_HOSTILE)
		field(f, "", ROLE_WARN, arena_printf(f->a, "! it holds %s: shown here as \\x.. or \\u{....}", text_kinds(f->a, flags)));
}

static bool
critical(const struct cert *c, const char *oid)
{
	for (size_t i = 0; i < c->extensions_len; i++)
		if (strcmp(c->extensions[i].oid, oid) == 0)
			return c->extensions[i].critical;
	return false;
}

static const char *
hex(struct arena *a, struct text t, size_t most)
{
	struct buf b = { 0 };
	const char *out;

	for (size_t i = 0; i < t.len && i < most; i++)
		buf_addf(&b, "%02x", t.bytes[i]);
	if (t.len > most)
		buf_adds(&b, "…");
	out = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return out;
}

static void
name_field(struct fields *f, const char *label, const struct name *n)
{
	field(f, label, n->len > 0 ? ROLE_TEXT : ROLE_DIM, n->len > 0 ? n->safe : "(empty)");
	remark(f, n->flags);
}

static void
validity(struct fields *f)
{
	const struct cert *c = f->c;
	int64_t now = f->at->now;
	char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX], span[TIME_TEXT_MAX], left[TIME_TEXT_MAX];

	if (c->not_before == TIME_UNKNOWN || c->not_after == TIME_UNKNOWN) {
		field(f, "valid", ROLE_FAIL, arena_printf(f->a, "✗ from %s to %s",
		    c->not_before == TIME_UNKNOWN ? "an unreadable date" : time_human(c->not_before, from),
		    c->not_after == TIME_UNKNOWN ? "an unreadable date" : time_human(c->not_after, to)));
		return;
	}
	field(f, "valid", ROLE_TEXT,
	    arena_printf(f->a, "%s to %s", time_human(c->not_before, from), time_human(c->not_after, to)));
	time_span_long(c->not_after - c->not_before, span);
	if (now > c->not_after)
		field(f, "", ROLE_FAIL, arena_printf(f->a, "✗ EXPIRED %s ago; it was valid for %s", time_span_long(now - c->not_after, left), span));
	else if (now < c->not_before)
		field(f, "", ROLE_FAIL, arena_printf(f->a, "✗ NOT YET: begins in %s; then valid for %s", time_span_long(c->not_before - now, left), span));
	else
		field(f, "", ROLE_TEXT, arena_printf(f->a, "%s left of %s", time_span_long(c->not_after - now, left), span));
}

/* General names under one label, at most `names` of them. */
static void
names_field(struct fields *f, const char *label, const struct san *names, size_t len, const char *what)
{
	char left[32];
	size_t most = f->o->names > 0 && f->o->names < len ? f->o->names : len;

	for (size_t i = 0; i < most; i++) {
		field(f, i == 0 ? label : "", ROLE_TEXT, arena_printf(f->a, "%s%s", what, names[i].safe));
		remark(f, names[i].flags);
	}
	if (most < len)
		field(f, "", ROLE_NOTE, arena_printf(f->a, "and %s more: Enter opens the certificate with all of them", count_text(len - most, left, sizeof left)));
}

static void
san(struct fields *f)
{
	const struct cert *c = f->c;

	if (!c->has_san) {
		field(f, "SAN", ROLE_DIM, "none");
		return;
	}
	if (c->san_len == 0)
		field(f, "SAN", ROLE_WARN, "there, and empty");
	names_field(f, "SAN", c->san, c->san_len, "");
	if (c->san_truncated)
		field(f, "", ROLE_WARN, arena_printf(f->a, "! more than %zu names: the rest was not read", c->san_len));
	if (c->san_critical)
		field(f, "", ROLE_TEXT, "(critical)");
}

static void
key(struct fields *f)
{
	const struct public_key *k = &f->c->key;
	const char *label = k->label != NULL ? k->label : "of an unknown kind";
	char pin[SHA256_HEX];

	if (!k->readable)
		field(f, "key", ROLE_FAIL, arena_printf(f->a, "✗ %s: it cannot be used", label));
	else if (k->security_bits > 0)
		field(f, "key", ROLE_TEXT, arena_printf(f->a, "%s, %d bits of security", label, k->security_bits));
	else
		field(f, "key", ROLE_TEXT, label);
	if (k->explicit_curve)
		field(f, "", ROLE_WARN, "! its curve is spelled out, not named: RFC 5480 2.1.1 forbids it");
	field(f, "key SHA-256", ROLE_DIM, fingerprint_hex(&k->spki, pin));
}

static void
key_usage(struct fields *f)
{
	static const char *const usages[] = { "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment",
		"keyAgreement", "keyCertSign", "cRLSign", "encipherOnly", "decipherOnly" };
	const char *list = "";

	if (!f->c->has_key_usage) {
		field(f, "key usage", ROLE_DIM, "not said: any");
		return;
	}
	for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++)
		if (f->c->key_usage & (1u << i))
			list = arena_printf(f->a, "%s%s%s", list, list[0] != '\0' ? ", " : "", usages[i]);
	field(f, "key usage", ROLE_TEXT, arena_printf(f->a, "%s%s", list[0] != '\0' ? list : "none",
	    critical(f->c, "2.5.29.15") ? " (critical)" : ""));
}

static void
list_field(struct fields *f, const char *label, const char *const *items, size_t len, const char *end)
{
	struct buf b = { 0 };

	for (size_t i = 0; i < len; i++)
		buf_addf(&b, "%s%s", i > 0 ? ", " : "", items[i]);
	buf_adds(&b, end);
	field(f, label, ROLE_TEXT, buf_str(&b));
	buf_done(&b);
}

static void
purposes(struct fields *f)
{
	const struct cert *c = f->c;

	if (!c->has_eku)
		field(f, "EKU", ROLE_DIM, "not said: any purpose");
	else
		list_field(f, "EKU", c->eku, c->eku_len, c->eku_critical ? " (critical)" : "");
}

static void
constraints(struct fields *f)
{
	const struct cert *c = f->c;
	const char *flag = critical(c, "2.5.29.19") ? " (critical)" : "";

	if (!c->has_basic_constraints)
		field(f, "CA", ROLE_TEXT, "not said: no");
	else if (!c->is_ca)
		field(f, "CA", ROLE_TEXT, arena_printf(f->a, "no%s", flag));
	else if (c->path_len < 0)
		field(f, "CA", ROLE_TEXT, arena_printf(f->a, "yes, any depth below it%s", flag));
	else
		field(f, "CA", ROLE_TEXT, arena_printf(f->a, "yes, path length %d: at most that many CAs below it%s", c->path_len, flag));
	if (!c->has_name_constraints)
		return;
	names_field(f, "constraints", c->permitted, c->permitted_len, "only ");
	names_field(f, c->permitted_len == 0 ? "constraints" : "", c->excluded, c->excluded_len, "never ");
}

static void
uris(struct fields *f, const char *label, const struct text *items, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned flags = 0;
		const char *safe = text_safe_arena(f->a, items[i], SHOWN_URI, &flags);

		field(f, i == 0 ? label : "", ROLE_TEXT, safe);
		remark(f, flags);
	}
}

/* What each source says of its revocation. */
static void
revocation(struct fields *f)
{
	const struct evidence *e = f->o->evidence;
	bool first = true;

	for (size_t i = 0; e != NULL && i < e->revocations_len; i++) {
		const struct revocation *r = &e->revocations[i];
		bool holds = revocation_holds(r, evidence_now(e));

		if (!fingerprint_equal(&r->of, &f->c->sha256))
			continue;
		field(f, first ? "revocation" : "", !holds ? ROLE_WARN : r->status == REVOCATION_REVOKED ? ROLE_FAIL : ROLE_TEXT,
		    revocation_line(e, r, f->a));
		first = false;
	}
}

static void
addresses(struct fields *f)
{
	const struct cert *c = f->c;

	if (c->ski.len > 0)
		field(f, "SKI", ROLE_TEXT, hex(f->a, c->ski, 64));
	if (c->aki.len > 0)
		field(f, "AKI", ROLE_TEXT, hex(f->a, c->aki, 64));
	if (c->aki_serial_hex != NULL)
		field(f, c->aki.len > 0 ? "" : "AKI", ROLE_TEXT, arena_printf(f->a, "serial %s", c->aki_serial_hex));
	uris(f, "AIA issuer", c->ca_issuers, c->ca_issuers_len);
	uris(f, "AIA OCSP", c->ocsp, c->ocsp_len);
	uris(f, "CRL", c->crl, c->crl_len);
	if (c->policies_len > 0)
		list_field(f, "policies", c->policies, c->policies_len, "");
}

/* What the fields above do not say. */
static void
other_extensions(struct fields *f)
{
	static const char *const said[] = { "2.5.29.17", "2.5.29.15", "2.5.29.37", "2.5.29.19", "2.5.29.30", "2.5.29.14",
		"2.5.29.35", "1.3.6.1.5.5.7.1.1", "2.5.29.31", "2.5.29.32" };
	bool first = true;

	for (size_t i = 0; i < f->c->extensions_len; i++) {
		const struct extension *x = &f->c->extensions[i];
		bool shown = false, unknown = x->critical && !x->known;

		for (size_t k = 0; k < sizeof said / sizeof said[0]; k++)
			shown = shown || strcmp(said[k], x->oid) == 0;
		if (shown)
			continue;
		field(f, first ? "other" : "", unknown ? ROLE_FAIL : ROLE_TEXT,
		    arena_printf(f->a, "%s%s%s%s%s: %zu octets %s", unknown ? "✗ " : "", x->name,
			strcmp(x->name, x->oid) != 0 ? arena_printf(f->a, " (%s)", x->oid) : "", x->critical ? ", critical" : "",
			unknown ? " and not known: it is refused" : "", x->value.len, hex(f->a, x->value, SHOWN_OCTETS)));
		first = false;
	}
}

static void
faults(struct fields *f)
{
	for (size_t i = 0; i < f->c->faults_len; i++) {
		const struct cert_fault *x = &f->c->faults[i];

		field(f, i == 0 ? "faults" : "", x->fatal ? ROLE_FAIL : ROLE_WARN,
		    arena_printf(f->a, "%s %s: %s", x->fatal ? "✗" : "!", x->rule, x->text));
	}
}

/* Line by line as it is: not wrapped, so that what is copied from the screen is PEM too. */
static void
pem(struct fields *f)
{
	struct buf b = { 0 };
	char *line, *end;

	cert_pem(f->c, &b);
	document_line(f->d);
	for (line = b.data; line != NULL && *line != '\0'; line = end + 1) {
		end = strchr(line, '\n');
		if (end != NULL)
			*end = '\0';
		next_line(f);
		document_text(f->d, ROLE_TEXT, line);
		if (end == NULL)
			break;
	}
	buf_done(&b);
}

static const char *
kind_of(const struct cert *c, struct arena *a)
{
	const char *signs = c->self_signed ? "signs itself" : c->self_issued ? "names itself as its issuer, another key signed it" : "";

	return arena_printf(a, "%s%s%s%s", c->is_ca ? "CA certificate" : "certificate, no CA", signs[0] != '\0' ? ", " : "", signs,
	    c->version != 3 ? arena_printf(a, ", version %d", c->version) : "");
}

uint64_t
certificate_fields(struct document *d, const struct cert *c, const struct tab_place *at, const struct field_options *o)
{
	struct fields f = { .d = d, .c = c, .at = at, .o = o, .a = arena_new(), .id = o->id };
	const struct signature_info *s = &c->signature;

	if (o->seen != NULL)
		field(&f, "seen", ROLE_TEXT, o->seen);
	field(&f, "kind", ROLE_TEXT, kind_of(c, f.a));
	name_field(&f, "subject", &c->subject);
	name_field(&f, "issuer", &c->issuer);
	validity(&f);
	revocation(&f);
	san(&f);
	key(&f);
	key_usage(&f);
	purposes(&f);
	constraints(&f);
	field(&f, "signature", ROLE_TEXT, s->security_bits > 0 ?
	    arena_printf(f.a, "%s, %d bits of security", s->label, s->security_bits) : s->label);
	field(&f, "serial", ROLE_TEXT, c->serial_hex);
	addresses(&f);
	other_extensions(&f);
	faults(&f);
	field(&f, "SHA-256", ROLE_TEXT, c->sha256_hex);
	field(&f, "SHA-1", ROLE_DIM, c->sha1_hex);
	if (o->pem)
		pem(&f);
	arena_free(f.a);
	return f.id;
}
