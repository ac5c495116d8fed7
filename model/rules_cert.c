/* The server's certificates one by one: purpose, strength, form, and whether the leaf has the name. */
#include "model/buf.h"
#include "model/judged.h"
#include "model/nearest.h"

#define NAMES_IN_WHY 8      /* names in a sentence; more are counted */
#define NAMES_IN_EVIDENCE 100 /* and in the evidence: 10,000 names are no help to anyone */

static void
purpose(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_purpose(&j, to);
}

static void
strength(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_strength(&j, to);
}

static void
form(const struct facts *f, struct findings *to)
{
	struct judged j;

	if (judged_server(f, &j))
		judge_form(&j, to);
}

/* What was presented and is no certificate at all. */
static void
unreadable(const struct facts *f, struct findings *to)
{
	for (size_t i = 0; f->base != NULL && i < f->base->server_certs_len; i++) {
		const struct wire_cert *w = &f->base->server_certs[i];
		struct finding *n;

		if (w->cert != NULL)
			continue;
		n = finding_add(to, CODE_CERT_MALFORMED);
		n->severity = SEVERITY_ERROR;
		n->confidence = CONFIDENCE_CERTAIN;
		n->fixes = fixes_reissue_server;
		finding_title(to, n, "Certificate %zu of the server's chain cannot be read", i + 1);
		finding_why(to, n, "The server presents %zu bytes at place %zu of its chain that are no certificate: %s.", w->der.len,
		    i + 1, w->problem != NULL ? w->problem : "they do not parse");
		finding_cite(to, n, "%s: place %zu of %zu, %zu bytes; RFC 5280 4.1", f->base->id != NULL ? f->base->id : "baseline",
		    i + 1, f->base->server_certs_len, w->der.len);
		if (f->base->local == LOCAL_UNDECODABLE)
			finding_explain(to, n, CODE_TLS_BROKEN_PEER);
	}
}

/* ---- names ---- */

static const char *
names_of(const struct cert *c, size_t most, struct arena *a)
{
	struct buf b = { 0 };
	size_t shown = c->san_len < most ? c->san_len : most;
	const char *list;

	for (size_t i = 0; i < shown; i++)
		buf_addf(&b, "%s“%s”", i > 0 ? ", " : "", c->san[i].safe);
	if (shown < c->san_len)
		buf_addf(&b, " and %zu more", c->san_len - shown);
	list = arena_strdup(a, buf_str(&b));
	buf_done(&b);
	return list;
}

static const char *
nearest_sentence(const struct facts *f, const char *host)
{
	struct nearest n = nearest_name(f->leaf, f->host, f->arena);

	if (n.name == NULL || (n.difference == NULL && f->leaf->san_len == 1))
		return "";
	if (n.difference == NULL)
		return arena_printf(f->arena, " The nearest is “%s”.", n.name->safe);
	return arena_printf(f->arena, " The nearest to “%s” is “%s”: %s.", host, n.name->safe, n.difference);
}

/* RFC 9525 6: the name is looked for among the subject alternative names, and nowhere else. */
static void
name(const struct facts *f, struct findings *to)
{
	struct judged j;
	enum name_match match;
	const char *host;
	struct finding *n;

	if (!judged_server(f, &j) || f->host == NULL || j.purpose == PURPOSE_CLIENT)
		return;
	match = cert_matches_host(j.leaf, f->host);
	if (match == NAME_MATCHES)
		return;
	host = text_safe_arena(f->arena, text_of(f->host), TEXT_MAX_DEFAULT, NULL);
	n = finding_add(to, match == NAME_NO_SAN ? CODE_NAME_NO_SAN : CODE_NAME_MISMATCH);
	n->confidence = CONFIDENCE_CERTAIN;
	n->fixes = fixes_reissue_server;
	finding_at(to, n, j.leaf);
	if (match == NAME_DIFFERS) {
		finding_title(to, n, "The certificate is not for “%s”", host);
		finding_why(to, n, "The certificate has %zu %s, and “%s” is not among them: %s.%s", j.leaf->san_len,
		    j.leaf->san_len == 1 ? "name" : "names", host, names_of(j.leaf, NAMES_IN_WHY, f->arena),
		    nearest_sentence(f, host));
		finding_cite(to, n, "leaf: RFC 9525 6.3: subjectAltName %s", names_of(j.leaf, NAMES_IN_EVIDENCE, f->arena));
		return;
	}
	finding_title(to, n, j.leaf->san_len > 0 ? "The certificate names no host" : "The certificate has no subject alternative name");
	if (j.leaf->san_len > 0)
		finding_why(to, n, "The certificate names no host and no address: it has only %s. Clients look for “%s” there and nowhere else.",
		    names_of(j.leaf, NAMES_IN_WHY, f->arena), host);
	else if (j.leaf->subject.common_name != NULL && j.leaf->subject.common_name[0] != '\0')
		finding_why(to, n, "The certificate has only a common name, “%s”. Clients look for “%s” among the subject alternative names and nowhere else.",
		    j.leaf->subject.common_name, host);
	else
		finding_why(to, n, "The certificate has no name at all. Clients look for “%s” among the subject alternative names.", host);
	finding_cite(to, n, "leaf: RFC 9525 2, 6.3: no dNSName and no iPAddress; the common name is never looked at");
}

/* The fix actions of the judged faults stand in the table of judged.c. */
static const struct rule rules[] = {
	{ .code = CODE_CERT_WEAK_KEY, .look = strength },
	{ .code = CODE_CERT_MALFORMED, .look = unreadable },
	{ .code = CODE_CERT_MALFORMED, .look = form },
	{ .code = CODE_NAME_MISMATCH, .look = name },
	{ .code = CODE_EKU_NO_SERVER_AUTH, .look = purpose },
};
const struct rule_table rules_cert = { "cert", rules, sizeof rules / sizeof rules[0] };
