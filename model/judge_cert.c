/* The faults of single certificates: purposes, strength, form, names that deceive. */
#include <string.h>

#include "model/judged.h"
#include "model/text.h"

#define LINES_SHOWN 8 /* evidence lines about one certificate; more are counted */

/*
 * The certificates of the path, then what is sent beside it: each of them once. The anchor is among
 * them: Python 3.13 and newer judge its form too.
 */
static const struct cert *
each(const struct judged *j, size_t i)
{
	size_t on_path = j->path != NULL ? j->path->len : 0;
	size_t beside = 0;

	if (i < on_path)
		return j->path->links[i].cert;
	for (size_t k = 0; k < j->sent_len; k++) {
		if (j->path != NULL && path_holds(j->path, j->sent[k]))
			continue;
		if (on_path + beside++ == i)
			return j->sent[k];
	}
	return NULL;
}

/* ---- purpose ---- */

static bool
eku_allows(const struct cert *c, enum purpose p)
{
	const char *wanted = p == PURPOSE_SERVER ? "serverAuth" : "clientAuth";

	if (!c->has_eku)
		return true;
	for (size_t i = 0; i < c->eku_len; i++)
		if (strcmp(c->eku[i], wanted) == 0 || strcmp(c->eku[i], "anyExtendedKeyUsage") == 0)
			return true;
	return false;
}

/* TLS 1.2 key exchange by RSA: OpenSSL's names of such ciphers begin with the cipher itself. */
static bool
rsa_key_exchange(const struct handshake *h)
{
	static const char *const others[] = { "ECDHE", "DHE", "EDH", "ECDH", "ADH", "AECDH", "TLS_", "PSK", "SRP" };

	if (h == NULL || h->cipher == NULL || h->version == 0 || h->version > 0x0303)
		return false;
	for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
		if (strncmp(h->cipher, others[i], strlen(others[i])) == 0)
			return false;
	return true;
}

/*
 * RFC 5280 4.2.1.3 and RFC 8446 4.4.2.2, 4.4.3: both sides sign, so digitalSignature must be set where
 * there is a key usage; with TLS 1.2's RSA key exchange the server decrypts instead. Java, GnuTLS and
 * BoringSSL refuse a server that breaks this, OpenSSL and Go do not look; a client that breaks it is
 * refused by OpenSSL (unless it has keyAgreement: crypto/x509/v3_purp.c, check_purpose_ssl_client) and
 * Java, and accepted by Go (measured).
 */
static const char *
key_usage_lacks(const struct judged *j)
{
	const struct cert *c = j->leaf;
	unsigned signing = USAGE_DIGITAL_SIGNATURE;

	if (!c->has_key_usage)
		return NULL;
	if (j->side == SIDE_SERVER && rsa_key_exchange(j->facts->base))
		return c->key_usage & USAGE_KEY_ENCIPHERMENT ? NULL : "keyEncipherment";
	if (j->side == SIDE_SERVER && j->facts->base == NULL)
		signing |= USAGE_KEY_ENCIPHERMENT | USAGE_KEY_AGREEMENT; /* no handshake yet: any exchange that it allows */
	return c->key_usage & signing ? NULL : "digitalSignature";
}

static bool
from_public_ca(const struct judged *j)
{
	const struct trust *t = j->facts->ev->trust;

	return t != NULL && t->system && j->path != NULL && j->path->anchored;
}

/* What OpenSSL has against the leaf's purpose and the fields do not show. */
static const struct path_error *
purpose_error(const struct judged *j)
{
	for (size_t i = 0; j->path != NULL && i < j->path->errors_len; i++)
		if (j->path->errors[i].depth == 0 && j->path->errors[i].code == CODE_EKU_NO_SERVER_AUTH)
			return &j->path->errors[i];
	return NULL;
}

void
judge_purpose(const struct judged *j, struct findings *to)
{
	const char *role = j->side == SIDE_SERVER ? "server" : "client";
	const char *wanted = j->side == SIDE_SERVER ? "serverAuth" : "clientAuth";
	const struct path_error *e = purpose_error(j);
	bool eku_wrong = !eku_allows(j->leaf, j->purpose);
	const char *lacks = key_usage_lacks(j);
	enum fault fault = !eku_wrong && lacks != NULL ? FAULT_KEY_USAGE : FAULT_PURPOSE;
	struct finding *f;

	if (j->purpose == PURPOSE_ANY || (!eku_wrong && lacks == NULL && e == NULL))
		return;
	f = judged_found(j, to, fault, j->leaf);
	if (f == NULL)
		return;
	if (eku_wrong) {
		finding_title(to, f, "“%s” may not be used to authenticate a %s", cert_called(j->leaf), role);
		finding_why(to, f, "“%s” may be used for %s, not to authenticate a %s.%s", cert_called(j->leaf),
		    cert_purposes(j->leaf, j->facts->arena), role, j->side == SIDE_CLIENT && from_public_ca(j) ?
		    " Public CAs stopped issuing certificates for clients in 2026: a private CA is the way." : "");
		finding_cite(to, f, "leaf: RFC 5280 4.2.1.12: extendedKeyUsage without %s", wanted);
	} else if (lacks != NULL) {
		finding_title(to, f, "The key usage of “%s” forbids what a %s does with it", cert_called(j->leaf), role);
		finding_why(to, f, "The key usage of “%s” lacks %s, which this handshake needs of the %s's key.", cert_called(j->leaf),
		    lacks, role);
	} else {
		finding_title(to, f, "“%s” is not made for a %s", cert_called(j->leaf), role);
		finding_why(to, f, "%s.", judged_sentence(j, e->text));
	}
	if (lacks != NULL)
		finding_cite(to, f, "leaf: RFC 5280 4.2.1.3: keyUsage without %s", lacks);
	if (e != NULL)
		finding_cite(to, f, "leaf: OpenSSL: error %d, purpose", e->x509_error);
	judged_finish(j, to, f, fault);
}

/* ---- strength ---- */

struct weakness {
	bool weak, all_refuse;
	const char *who;
};

/*
 * Who refuses which key, at its defaults:
 *   OpenSSL   level 1 until 3.1 (80 bits: RSA 1,024, EC 160), level 2 on Debian, Ubuntu and from 3.2 on
 *             (112 bits: RSA 2,048, EC 224)
 *   Go        RSA below 1,024 since 1.24; of the curves it has P-224, P-256, P-384 and P-521 only
 *   Java      RSA and DSA below 1,024, EC below 224 (jdk.certpath.disabledAlgorithms)
 * An error is what all three refuse.
 */
static struct weakness
weak_key(const struct public_key *k)
{
	switch (k->type) {
	case KEY_TYPE_RSA:
	case KEY_TYPE_RSA_PSS:
		if (k->bits >= 2048)
			break;
		if (k->bits < 1024)
			return (struct weakness){ true, true, "OpenSSL, Go and Java refuse RSA below 1024 bits" };
		return (struct weakness){ true, false,
			"OpenSSL refuses RSA below 2048 bits on Debian, Ubuntu and from 3.2 on; Go and Java take 1024" };
	case KEY_TYPE_EC:
		if (k->bits == 0 || k->bits >= 224)
			break;
		return (struct weakness){ true, k->bits < 160, "Go and Java refuse curves below 224 bits, and so does OpenSSL on Debian" };
	case KEY_TYPE_DSA:
		return (struct weakness){ true, k->bits < 1024, "Go and TLS 1.3 have no DSA at all" };
	default:
		break;
	}
	return (struct weakness){ .weak = false };
}

/*
 * MD5 and older: OpenSSL's level 1, Go and Java refuse them everywhere. SHA-1: OpenSSL 3 (63 bits,
 * below level 1), Go since 1.18 and GnuTLS refuse it; Java does so only for servers whose root came
 * with the JDK, which a private CA is not (measured: a SHA-1 client certificate was accepted). So
 * SHA-1 is no error by this rule.
 */
static struct weakness
weak_signature(const struct signature_info *s)
{
	if (s->hash == NULL || s->hash_bits == 0 || s->hash_bits > 160)
		return (struct weakness){ .weak = false };
	if (s->hash_bits < 160)
		return (struct weakness){ true, true, "OpenSSL, Go and Java refuse it" };
	return (struct weakness){ true, false, "OpenSSL 3, Go and GnuTLS refuse it; Java refuses it under public roots" };
}

static void
weak(const struct judged *j, struct findings *to, const struct cert *c, enum fault fault, struct weakness w)
{
	bool key = fault == FAULT_WEAK_KEY;
	struct finding *f;

	if (!w.weak)
		return;
	f = judged_found(j, to, fault, c);
	if (f == NULL)
		return;
	if (key) {
		finding_title(to, f, "The key of “%s” is weak: %s", cert_called(c), c->key.label);
		finding_why(to, f, "“%s” has an %s key. %s.", cert_called(c), c->key.label, w.who);
		finding_cite(to, f, "%s: %s, %d bits of security", judged_role(j, c), c->key.label, c->key.security_bits);
	} else {
		finding_title(to, f, "“%s” is signed with %s", cert_called(c), c->signature.hash);
		finding_why(to, f, "The signature on “%s” is %s: collisions can be made. %s.", cert_called(c), c->signature.label, w.who);
		finding_cite(to, f, "%s: signatureAlgorithm %s", judged_role(j, c), c->signature.label);
	}
	if (w.all_refuse && j->side == SIDE_SERVER)
		f->severity = SEVERITY_ERROR;
	judged_finish(j, to, f, fault);
}

void
judge_strength(const struct judged *j, struct findings *to)
{
	size_t len = j->path != NULL ? j->path->len : 1;

	for (size_t i = 0; i < len; i++) {
		const struct cert *c = j->path != NULL ? j->path->links[i].cert : j->leaf;

		if (c->key.readable)
			weak(j, to, c, FAULT_WEAK_KEY, weak_key(&c->key));
		/* A root is trusted for what it is: nobody looks at its signature. */
		if (!c->self_signed && !(j->path != NULL && judged_is_root(j->path, i)))
			weak(j, to, c, FAULT_WEAK_SIGNATURE, weak_signature(&c->signature));
	}
}

/* ---- form ---- */

static bool
has_fatal(const struct cert *c)
{
	for (size_t i = 0; i < c->faults_len; i++)
		if (c->faults[i].fatal)
			return true;
	return !c->key.readable;
}

/* A name that is made to deceive breaks the rules about names too: that is one fault, not two. */
static bool
hostile_names_only(const struct cert *c)
{
	static const char *const of_names[] = { "RFC 5280 4.1.2.4", "RFC 5280 4.1.2.6", "RFC 5280 4.2.1.6", "RFC 5280 A.1",
		"X.680 41.4", "X.680 41.16" };

	if (!(c->hostile & TEXT_HOSTILE) || has_fatal(c))
		return false;
	for (size_t i = 0; i < c->faults_len; i++) {
		bool of_name = false;

		for (size_t k = 0; k < sizeof of_names / sizeof of_names[0]; k++)
			of_name = of_name || strcmp(c->faults[i].rule, of_names[k]) == 0;
		if (!of_name)
			return false;
	}
	return true;
}

/* An error about the same certificate: what breaks the path is not let pass, and its form is part of it. */
static struct finding *
error_about(const struct judged *j, const struct findings *in, const struct cert *c)
{
	for (size_t i = 0; i < in->len; i++)
		if (in->items[i]->side == j->side && code_info(in->items[i]->code)->severity == SEVERITY_ERROR &&
		    in->items[i]->code != judged_code(j, FAULT_LEAF_EXPIRED) && cert_same(in->items[i]->certificate, c))
			return in->items[i];
	return NULL;
}

static void
malformed(const struct judged *j, struct findings *to, const struct cert *c)
{
	struct finding *stronger = error_about(j, to, c);
	struct finding *f;
	const char *then;

	if ((c->faults_len == 0 && c->key.readable) || (hostile_names_only(c) && judged_sent(j, c)))
		return;
	f = judged_found(j, to, FAULT_MALFORMED, c);
	if (f == NULL)
		return;
	then = stronger == NULL ? " OpenSSL, Go and Java let that pass." : "";
	if (has_fatal(c) && !(j->side == SIDE_CLIENT && j->facts->accepted)) {
		f->severity = SEVERITY_ERROR;
		then = " That part of it cannot be read.";
	}
	finding_title(to, f, "“%s” is not well-formed", cert_called(c));
	if (c->faults_len > 0)
		finding_why(to, f, "“%s” breaks %s: %s.%s", cert_called(c), c->faults[0].rule, c->faults[0].text, then);
	else
		finding_why(to, f, "The public key in “%s” cannot be used.", cert_called(c));
	for (size_t i = 0; i < c->faults_len && i < LINES_SHOWN; i++)
		finding_cite(to, f, "%s: %s: %s", judged_role(j, c), c->faults[i].rule, c->faults[i].text);
	if (c->faults_len > LINES_SHOWN)
		finding_cite(to, f, "and %zu more", c->faults_len - LINES_SHOWN);
	if (!c->key.readable)
		finding_cite(to, f, "%s: the public key (%s) cannot be used", judged_role(j, c),
		    c->key.label != NULL ? c->key.label : "of an unknown kind");
	if (stronger != NULL)
		finding_explain(to, stronger, f->code);
	judged_finish(j, to, f, FAULT_MALFORMED);
}

/* A breach that only OpenSSL's pass over the path noticed. */
static void
malformed_by_path(const struct judged *j, struct findings *to)
{
	for (size_t i = 0; j->path != NULL && i < j->path->errors_len; i++) {
		const struct path_error *e = &j->path->errors[i];
		const struct cert *c = j->path->links[e->depth >= 0 && (size_t)e->depth < j->path->len ? e->depth : 0].cert;
		struct finding *f;

		if (e->code != CODE_CERT_MALFORMED)
			continue;
		f = judged_found(j, to, FAULT_MALFORMED, c);
		if (f == NULL)
			continue;
		finding_title(to, f, "“%s” is not well-formed", cert_called(c));
		finding_why(to, f, "%s.", judged_sentence(j, e->text));
		finding_cite(to, f, "%s: OpenSSL: error %d", judged_role(j, c), e->x509_error);
		judged_finish(j, to, f, FAULT_MALFORMED);
	}
}

static void
hostile_name(const struct judged *j, struct findings *to, const struct cert *c)
{
	struct finding *f;
	size_t shown = 0;

	if (!(c->hostile & TEXT_HOSTILE))
		return;
	f = judged_found(j, to, FAULT_HOSTILE_NAME, c);
	if (f == NULL)
		return;
	finding_title(to, f, "A name in “%s” is made to deceive or damaged", cert_called(c));
	finding_why(to, f, "A name in the certificate holds %s. Here they are shown as \\x.. or \\u{....}; a log or a terminal that takes them as they are shows something else.",
	    text_kinds(j->facts->arena, c->hostile));
	if (c->subject.flags & TEXT_HOSTILE)
		finding_cite(to, f, "%s: subject %s", judged_role(j, c), c->subject.safe);
	if (c->issuer.flags & TEXT_HOSTILE)
		finding_cite(to, f, "%s: issuer %s", judged_role(j, c), c->issuer.safe);
	for (size_t i = 0; i < c->san_len && shown < LINES_SHOWN; i++) {
		if (!(c->san[i].flags & TEXT_HOSTILE))
			continue;
		finding_cite(to, f, "%s: subjectAltName %s", judged_role(j, c), c->san[i].safe);
		shown++;
	}
	for (size_t i = 0; hostile_names_only(c) && i < c->faults_len && i < LINES_SHOWN; i++)
		finding_cite(to, f, "%s: %s: %s", judged_role(j, c), c->faults[i].rule, c->faults[i].text);
	judged_finish(j, to, f, FAULT_HOSTILE_NAME);
}

void
judge_form(const struct judged *j, struct findings *to)
{
	const struct cert *c;

	for (size_t i = 0; (c = each(j, i)) != NULL; i++) {
		malformed(j, to, c);
		/* A root in our own store was put there by us: its name deceives nobody on the wire. */
		if (judged_sent(j, c))
			hostile_name(j, to, c);
	}
	malformed_by_path(j, to);
}
